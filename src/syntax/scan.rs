//! Text in, tokens out: one pass that refuses what no statement may contain and keeps comments and blank lines.
//!
//! A token knows its kind and its place in the twin. What is wrong with a token is reported here, once, with the cure;
//! the statement it stands in is then not parsed.

use super::ast::{Trivia, TriviaKind};
use super::literal::{self, Malformed, is_blank};
use super::parser::{is_name_continue, is_name_start};
use super::twin::Twin;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Reports, year_first};
use crate::limits::Limits;
use crate::source::is_forbidden;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    Number,
    Date,
    Text,
    Open,
    Close,
    Comma,
    Colon,
    Semicolon,
    Arrow,
    Operator,
    /// `..`
    Range,
    Newline,
    /// Reported already.
    Bad,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Token {
    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    pub(super) fn end(&self) -> usize {
        self.end as usize
    }
}

/// The tokens of a source.
#[derive(Default)]
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
    pub(super) trivia: Vec<Trivia>,
    pub(super) diagnostics: Reports,
}

/// Scans a twin. Stops at the token limit.
pub(super) fn scan(twin: &Twin<'_>, limits: &Limits) -> Tokens {
    let mut scanner = Scanner { twin, text: twin.text(), at: 0, line_empty: true, out: Tokens::default() };
    while let Some(c) = scanner.peek() {
        if scanner.out.tokens.len() >= limits.tokens {
            scanner.report(
                Diagnostic::new(Code::TooManyTokens, twin.span(scanner.at, scanner.at + c.len_utf8()))
                    .with("limit", limits.tokens)
                    .hint(Hint::HostLimit),
            );
            break;
        }
        scanner.step(c, limits);
    }
    scanner.out
}

struct Scanner<'t> {
    twin: &'t Twin<'t>,
    text: &'t str,
    at: usize,
    line_empty: bool,
    out: Tokens,
}

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.out.tokens.push(Token { kind, start: narrow(self.at), end: narrow(self.at + length) });
        self.at += length;
        self.line_empty = kind == Kind::Newline;
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.out.diagnostics.push(diagnostic);
    }

    fn error(&self, code: Code, length: usize) -> Diagnostic {
        let text = self.twin.written(self.at, self.at + length);
        Diagnostic::new(code, self.twin.span(self.at, self.at + length)).with("text", shorten(text))
    }

    fn bad(&mut self, diagnostic: Diagnostic, length: usize) {
        self.report(diagnostic);
        self.push(Kind::Bad, length);
    }

    fn trivia(&mut self, kind: TriviaKind, length: usize) {
        let span = self.twin.span(self.at, self.at + length);
        self.out.trivia.push(Trivia { span, kind });
    }

    fn step(&mut self, c: char, limits: &Limits) {
        match c {
            c if is_blank(c) => self.at += c.len_utf8(),
            '\n' | '\r' => self.newline(),
            '#' => self.comment(),
            '"' => self.text(c, '"'),
            '“' => self.text(c, '”'),
            '(' | '[' | '{' => self.push(Kind::Open, 1),
            ')' | ']' | '}' => self.push(Kind::Close, 1),
            ',' => self.push(Kind::Comma, 1),
            ':' => self.push(Kind::Colon, 1),
            ';' => self.push(Kind::Semicolon, 1),
            '0'..='9' => self.number(),
            '`' => self.word(limits),
            c if is_name_start(c) => self.word(limits),
            _ => self.sign(c),
        }
    }

    fn newline(&mut self) {
        let length = if self.rest().starts_with("\r\n") { 2 } else { 1 };
        if self.line_empty {
            self.trivia(TriviaKind::BlankLine, length);
            // A blank line joins and separates nothing that its neighbours' line ends do not.
            self.at += length;
            return;
        }
        self.push(Kind::Newline, length);
    }

    fn comment(&mut self) {
        let length = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
        self.forbidden(length, false);
        self.trivia(TriviaKind::Comment, length);
        self.at += length;
        // A line of its own for a comment is no blank line, but ends no statement either.
        if self.line_empty {
            self.at += match self.rest().as_bytes() {
                [b'\r', b'\n', ..] => 2,
                [_, ..] => 1,
                [] => 0,
            };
        }
    }

    /// Reports control and bidirectional characters in the next `length` bytes.
    fn forbidden(&mut self, length: usize, in_text: bool) -> bool {
        let start = self.at;
        let text = self.rest().get(..length).unwrap_or_default();
        let mut found = false;
        // A run of them is one mistake.
        let mut expected = usize::MAX;
        for (offset, c) in text.char_indices().filter(|(_, c)| is_forbidden(*c)) {
            if offset != expected {
                let span = self.twin.span(start + offset, start + offset + c.len_utf8());
                self.report(forbidden_character(c, span, in_text));
            }
            expected = offset + c.len_utf8();
            found = true;
        }
        found
    }

    fn text(&mut self, open: char, close: char) {
        let body = self.rest().get(open.len_utf8()..).unwrap_or_default();
        let Some(length) = closing(body, close) else {
            let line = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
            let error =
                self.error(Code::UnclosedText, line).hint(Note::new(Hint::CloseText).with("close", close.to_string()));
            return self.bad(error, line);
        };
        let whole = open.len_utf8() + length + close.len_utf8();
        let mut wrong = self.forbidden(whole, true);
        let inner = body.get(..length).unwrap_or_default();
        if let Err((offset, width)) = super::text::unescape(inner) {
            let start = self.at + open.len_utf8() + offset;
            let escape = inner.get(offset..offset + width).unwrap_or_default();
            self.report(
                Diagnostic::new(Code::BadEscape, self.twin.span(start, start + width))
                    .with("text", escape)
                    .hint(Note::new(Hint::Escapes).with("form", "\\u{…}")),
            );
            wrong = true;
        }
        self.push(if wrong { Kind::Bad } else { Kind::Text }, whole);
    }

    fn number(&mut self) {
        let rest = self.rest();
        if let Some((length, parts)) = super::text::date_attempt(rest) {
            let [year, month, day] = parts;
            if month.len() == 2 && day.len() == 2 {
                return self.push(Kind::Date, length);
            }
            let padded = format!("{year}-{month:0>2}-{day:0>2}");
            let error = self.error(Code::DateForm, length).hint(Note::new(Hint::PaddedDate).with("date", padded));
            return self.bad(error, length);
        }
        let length = number_length(rest);
        // A unit that makes the number a duration may stand behind a blank; the grammar reads both as one literal.
        match literal::read(rest.get(..length + measure_length(rest, length)).unwrap_or_default()) {
            Ok(_) => self.push(Kind::Number, length),
            Err(malformed) => {
                // A duration is shown with its unit.
                let unit = if malformed == Malformed::Duration { measure_length(rest, length) } else { 0 };
                let error = self.malformed(malformed, length + unit);
                self.bad(error, length + unit);
            }
        }
    }

    fn malformed(&self, malformed: Malformed, length: usize) -> Diagnostic {
        let text = self.rest().get(..length).unwrap_or_default();
        match malformed {
            Malformed::Grouped => {
                let hint = Note::new(Hint::GroupedDigits)
                    .with("number", text.replace(',', "_"))
                    .with("list", text.replace(',', ", "));
                self.error(Code::GroupedDigits, length).hint(hint)
            }
            Malformed::Ambiguous => {
                let digits = text.trim_end_matches(['m', 'b']);
                if text.ends_with('m') && digits.contains('.') {
                    let note = Note::new(Hint::WriteAs).with("text", format!("{digits}M"));
                    return self.error(Code::AmbiguousSuffix, length).hint(note);
                }
                let hint = if text.ends_with('m') { Hint::MillionOrMonths } else { Hint::BillionOrDuration };
                let months = format!("{digits} month{}", if digits == "1" { "" } else { "s" });
                let note = Note::new(hint).with("digits", digits).with("months", months);
                self.error(Code::AmbiguousSuffix, length).hint(note)
            }
            Malformed::Duration => self.error(Code::BadDuration, length).hint(Hint::WholeDuration),
            Malformed::Number(Some(meant)) => {
                self.error(Code::BadNumber, length).hint(Note::new(Hint::WriteAs).with("text", meant))
            }
            Malformed::Number(None) => {
                let groups = || literal::groups(text).map(|number| Note::new(Hint::WriteAs).with("text", number));
                let hint = year_first(text).or_else(groups).unwrap_or(Hint::NumberUnit.into());
                self.error(Code::BadNumber, length).hint(hint)
            }
        }
    }

    fn word(&mut self, limits: &Limits) {
        let Some(length) = word_length(self.rest()) else {
            let line = self.rest().find(['\n', '\r']).unwrap_or(self.rest().len());
            let code = if self.rest().starts_with("``") { Code::EmptyName } else { Code::UnclosedBacktick };
            let shown = self.rest().chars().take(2).map(char::len_utf8).sum::<usize>().min(line);
            let error = self.error(code, shown).hint(Hint::CloseBacktick);
            return self.bad(error, line);
        };
        if length > limits.name_bytes {
            let error = self.error(Code::NameTooLong, length).with("limit", limits.name_bytes).hint(Hint::HostLimit);
            return self.bad(error, length);
        }
        let wrong = self.forbidden(length, false);
        self.push(if wrong { Kind::Bad } else { Kind::Word }, length);
    }

    fn sign(&mut self, c: char) {
        const OPERATORS: [&str; 13] = ["??", "==", "!=", "<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/"];
        let rest = self.rest();
        if let Some((wrong, meant)) = WRONG_OPERATORS.iter().find(|(wrong, _)| rest.starts_with(wrong))
            && (*wrong != "!" || !rest.starts_with("!="))
        {
            let error =
                self.error(Code::UnknownOperator, wrong.len()).hint(Note::new(Hint::WriteAs).with("text", *meant));
            return self.bad(error, wrong.len());
        }
        if rest.starts_with("=>") {
            return self.push(Kind::Arrow, 2);
        }
        if rest.starts_with("..") {
            return self.push(Kind::Range, 2);
        }
        if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            return self.push(Kind::Operator, operator.len());
        }
        let length = c.len_utf8();
        if is_forbidden(c) {
            let span = self.twin.span(self.at, self.at + length);
            return self.bad(forbidden_character(c, span, false), length);
        }
        if c == '.' && rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            let length = 1 + number_length(rest.get(1..).unwrap_or_default());
            let meant = format!("0{}", rest.get(..length).unwrap_or_default());
            let error = self.error(Code::BadNumber, length).hint(Note::new(Hint::WriteAs).with("text", meant));
            return self.bad(error, length);
        }
        if matches!(c, '\'' | '‘' | '’' | '”') {
            return self.other_quotes(c);
        }
        // What leaves no ink is named by its code.
        let invisible = c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}');
        let text = if invisible { format!("U+{:04X}", u32::from(c)) } else { c.to_string() };
        let error =
            Diagnostic::new(Code::UnexpectedCharacter, self.twin.span(self.at, self.at + length)).with("text", text);
        let error = match c {
            '$' | '€' | '£' | '¥' | '￥' | '¢' => error.hint(Hint::CurrencySign),
            _ => error.hint(Hint::RemoveIt),
        };
        self.bad(error, length);
    }
    /// A text in other quotes is one mistake, not two.
    fn other_quotes(&mut self, c: char) {
        let body = self.rest().get(c.len_utf8()..).unwrap_or_default();
        let before = self.text.get(..self.at).unwrap_or_default();
        let head = before.rsplit(|d: char| !d.is_ascii_digit()).next().unwrap_or_default();
        if !head.is_empty() && head.len() <= 3 && body.starts_with(|d: char| d.is_ascii_digit()) {
            let length = c.len_utf8() + body.find(|d: char| !d.is_ascii_digit() && d != c).unwrap_or(body.len());
            let number = format!("{head}{}", self.rest().get(..length).unwrap_or_default().replace(c, "_"));
            let error = Diagnostic::new(Code::UnexpectedCharacter, self.twin.span(self.at, self.at + length));
            let error = error.with("text", c.to_string()).hint(Note::new(Hint::WriteAs).with("text", shorten(&number)));
            return self.bad(error, length);
        }
        let inner = other_closing(body);
        let close = inner.and_then(|inner| body.get(inner.len()..)).and_then(|behind| behind.chars().next());
        let length = c.len_utf8() + inner.map_or(0, str::len) + close.map_or(0, char::len_utf8);
        let error = Diagnostic::new(Code::UnexpectedCharacter, self.twin.span(self.at, self.at + length));
        let meant = format!("\"{}\"", shorten(inner.unwrap_or("…")));
        let error = error.with("text", c.to_string()).hint(Note::new(Hint::WriteAs).with("text", meant));
        self.bad(error, length);
    }
}

/// A text up to a closing quote of any kind on the same line, where nothing in it needs an escape.
fn other_closing(body: &str) -> Option<&str> {
    let end = body.find(['\'', '‘', '’', '”', '"', '\\', '\n', '\r'])?;
    let (inner, behind) = body.split_at_checked(end)?;
    let closed = behind.starts_with(['\'', '’', '”']) && !inner.is_empty();
    closed.then_some(inner)
}

/// Signs of other languages, with what they are here; longer ones first.
const WRONG_OPERATORS: [(&str, &str); 13] = [
    ("//", "#"),
    ("==>", "=>"),
    ("===", "="),
    ("!==", "!="),
    ("=<", "<="),
    ("<=>", "="),
    ("&&", "and"),
    ("||", "or"),
    ("&", "and"),
    ("|", "or"),
    ("->", "=>"),
    ("**", "*"),
    ("!", "not"),
];

fn forbidden_character(c: char, span: crate::source::Span, in_text: bool) -> Diagnostic {
    let code = u32::from(c);
    let escape = Note::new(Hint::WriteEscape).with("escape", format!("\\u{{{code:x}}}"));
    let cure = if in_text { escape } else { Hint::RemoveIt.into() };
    Diagnostic::new(Code::ForbiddenCharacter, span).with("code", format!("U+{code:04X}")).hint(cure)
}

/// At most so much of the source as a message quotes.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// The length of a text up to its closing sign, which stands on the same line and not behind a backslash.
pub(super) fn closing(body: &str, close: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            '\n' | '\r' => return None,
            c if c == close && !escaped => return Some(at),
            c => escaped = c == '\\' && !escaped,
        }
    }
    None
}

/// Digits, a fraction, comma groups of three, and the letters that stand directly behind.
pub(super) fn number_length(rest: &str) -> usize {
    let digits = |from: usize| {
        let tail = rest.get(from..).unwrap_or_default();
        from + tail.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(tail.len())
    };
    let mut end = digits(0);
    if end <= 3 {
        while is_group(rest.get(end..).unwrap_or_default()) {
            end += 4;
        }
    }
    let bytes = rest.as_bytes();
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
        end = digits(end + 1);
        // `1.000.000` and `31.03.2026` are one mistake each.
        while bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
            end = digits(end + 1);
        }
    }
    let tail = rest.get(end..).unwrap_or_default();
    let suffix = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '%' | '千' | '百' | '万' | '亿' | '元');
    end + tail.find(|c| !suffix(c)).unwrap_or(tail.len())
}

/// A comma and exactly three digits.
fn is_group(rest: &str) -> bool {
    let bytes = rest.as_bytes();
    matches!(bytes, [b',', a, b, c, ..] if [a, b, c].iter().all(|byte| byte.is_ascii_digit()))
        && !bytes.get(4).is_some_and(u8::is_ascii_digit)
}

/// The length of a blank and a unit behind a number; a currency behind a blank cannot be malformed.
fn measure_length(rest: &str, number: usize) -> usize {
    let behind = rest.get(number..).unwrap_or_default();
    let tight = behind.trim_start_matches(is_blank);
    let word = tight.get(..tight.find(|c| !is_name_continue(c)).unwrap_or(tight.len())).unwrap_or_default();
    if literal::unit(word).is_some() { behind.len() - tight.len() + word.len() } else { 0 }
}

/// A name with its dots; `None` for a backtick that is not closed on its line, or closes at once.
pub(super) fn word_length(rest: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let part = rest.get(at..)?;
        at += match part.strip_prefix('`') {
            Some(quoted) => {
                quoted.find(['`', '\n', '\r']).filter(|end| *end > 0 && quoted.as_bytes().get(*end) == Some(&b'`'))? + 2
            }
            None => part.find(|c| !is_name_continue(c)).unwrap_or(part.len()),
        };
        let behind = rest.get(at..)?;
        let next = behind.strip_prefix('.').and_then(|part| part.chars().next());
        if !next.is_some_and(|c| c == '`' || is_name_start(c)) {
            return Some(at);
        }
        at += 1;
    }
}
