//! Why a statement has no form that the grammar knows: a walk over its tokens that knows where an operand and where an
//! operator must stand, and what people usually mean instead.

use super::cut::{is_infix, is_not, is_reserved};
use super::expression::Place;
use super::parser::Kind;
use super::scan::{Kind as TokenKind, Token};
use super::write_as;
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::source::Span;

/// The diagnostic for a statement that does not parse as `kind`.
pub(super) fn diagnose(place: Place<'_>, kind: Kind) -> Diagnostic {
    let tokens: Vec<Token> = place.tokens.iter().filter(|token| token.kind != TokenKind::Newline).copied().collect();
    let walk = Walk { place, tokens: &tokens };
    let found = match kind {
        Kind::rule => walk.rule(),
        Kind::adjust => walk.adjust(),
        Kind::binding => walk.binding(),
        Kind::assume => walk.to_end(1),
        Kind::field => walk.field(),
        Kind::tiers => walk.tiers(),
        Kind::currency => Some(walk.expected(1, "a currency code such as `CNY`")),
        _ => None,
    };
    found.unwrap_or_else(|| walk.form(kind))
}

struct Walk<'a> {
    place: Place<'a>,
    tokens: &'a [Token],
}

/// Where a walk over an expression came to its end.
type Walked = Result<usize, Diagnostic>;

/// What is open while an expression is walked.
#[derive(Default)]
struct Open {
    /// Brackets, each with whether it belongs to a call, which may be empty.
    brackets: Vec<bool>,
    between: usize,
    choices: usize,
    /// An `if` may stand here.
    start: bool,
}

impl<'a> Walk<'a> {
    fn text(&self, at: usize) -> &'a str {
        let token = self.tokens.get(at);
        token.and_then(|token| self.place.twin.text().get(token.start()..token.end())).unwrap_or_default()
    }

    fn is(&self, at: usize, kind: TokenKind) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == kind)
    }

    /// The span of a token, or of the end of the statement.
    fn span(&self, at: usize) -> Span {
        let end = self.tokens.last().map_or(0, Token::end);
        match self.tokens.get(at) {
            Some(token) => self.place.twin.span(token.start(), token.end()),
            None => self.place.twin.span(end, end),
        }
    }

    fn expected(&self, at: usize, expected: &str) -> Diagnostic {
        let found =
            if at < self.tokens.len() { format!("`{}`", self.text(at)) } else { "the end of the line".to_owned() };
        Diagnostic::new(Code::Expected, self.span(at)).with("expected", expected).with("found", found)
    }

    fn keyword(&self, at: usize) -> Diagnostic {
        let word = self.text(at);
        Diagnostic::new(Code::KeywordAsName, self.span(at))
            .with("text", word)
            .hint(Note::new(Hint::Backticks).with("text", word))
    }

    fn between(&self, at: usize) -> Diagnostic {
        Diagnostic::new(Code::BetweenWithoutAnd, self.span(at)).hint(Hint::BetweenForm)
    }

    fn rule(&self) -> Option<Diagnostic> {
        let statement = matches!(
            self.text(0),
            "policy" | "tiers" | "currency" | "field" | "let" | "cap" | "floor" | "score" | "segment" | "table"
        );
        if statement && self.is(1, TokenKind::Word) && is_reserved(self.text(1)) {
            return Some(self.keyword(1));
        }
        let named = self.is(0, TokenKind::Text);
        if named
            && !self.is(1, TokenKind::Colon)
            && !self.is(1, TokenKind::Operator)
            && !is_infix(self.text(1))
            && !is_not(self.text(1))
        {
            let error = Diagnostic::new(Code::MissingColon, self.span(0)).with("text", self.text(0));
            return Some(error.hint(write_as(format!("{}:", self.text(0)))));
        }
        let from = if named && self.is(1, TokenKind::Colon) { 2 } else { 0 };
        if self.text(from) == "otherwise" {
            return self.arrow(from + 1);
        }
        match self.expression(from) {
            Err(diagnostic) => Some(diagnostic),
            Ok(at) => self.arrow(at),
        }
    }

    /// `=> TIER` and nothing behind it.
    fn arrow(&self, at: usize) -> Option<Diagnostic> {
        if !self.is(at, TokenKind::Arrow) {
            return Some(self.missing_arrow(at));
        }
        if at + 1 >= self.tokens.len() {
            return Some(Diagnostic::new(Code::MissingTier, self.span(at)).hint(Hint::NameTier));
        }
        if self.is(at + 1, TokenKind::Word) && is_reserved(self.text(at + 1)) {
            return Some(self.keyword(at + 1));
        }
        if !self.is(at + 1, TokenKind::Word) {
            let error = self.expected(at + 1, "a tier");
            // `frequency => 12` is how some write "at least", and tiers are names and no texts.
            return Some(match self.tokens.get(at + 1).map(|token| token.kind) {
                Some(TokenKind::Number) => error.hint(write_as(">=")),
                Some(TokenKind::Text) => error.hint(write_as(format!("=> {}", self.text(at + 1).trim_matches('"')))),
                _ => error,
            });
        }
        (at + 2 < self.tokens.len()).then(|| self.expected(at + 2, "the end of the rule"))
    }

    fn missing_arrow(&self, at: usize) -> Diagnostic {
        let last = at.saturating_sub(1);
        let code = self.text(last);
        if self.is(at, TokenKind::Comma) {
            return self.expected(at, "`and`, `or` or `=>`").hint(Hint::NoComma);
        }
        let error = Diagnostic::new(Code::MissingArrow, self.span(at));
        let tight = format!("{code}{}", self.text(at));
        if self.is(last, TokenKind::Number) && super::literal::read(&tight).is_ok() && at < self.tokens.len() {
            return self.expected(at, "an operator or `=>`").hint(write_as(tight));
        }
        if self.is(at, TokenKind::Range) || (self.is(at + 1, TokenKind::Range) && self.is(at, TokenKind::Number)) {
            return self.expected(at, "an operator or `=>`").hint(Hint::BetweenForm);
        }
        if at >= self.tokens.len()
            && super::literal::is_code(code)
            && self.is(last.saturating_sub(1), TokenKind::Number)
        {
            return error.hint(Note::new(Hint::ArrowMissingToo).with("text", code));
        }
        error.hint(Hint::WriteArrow)
    }

    fn adjust(&self) -> Option<Diagnostic> {
        let from = if self.is(0, TokenKind::Text) { 2 } else { 0 };
        if self.text(from + 2) != "when" {
            return Some(self.expected(from + 2, "`when`").hint(write_as(format!(
                "{} {} when …",
                self.text(from),
                self.text(from + 1)
            ))));
        }
        self.to_end(from + 3)
    }

    fn binding(&self) -> Option<Diagnostic> {
        if self.text(2) != "=" {
            return Some(self.expected(2, "`=`").hint(write_as(format!("let {} = …", self.text(1)))));
        }
        self.to_end(3)
    }

    /// An expression from `from` to the end of the statement.
    fn to_end(&self, from: usize) -> Option<Diagnostic> {
        match self.expression(from) {
            Err(diagnostic) => Some(diagnostic),
            Ok(at) if at < self.tokens.len() => Some(self.expected(at, "an operator or the end of the line")),
            Ok(_) => None,
        }
    }

    fn field(&self) -> Option<Diagnostic> {
        let at = if self.is(2, TokenKind::Text) { 3 } else { 2 };
        if !self.is(at, TokenKind::Colon) {
            return Some(self.expected(at, "`:` and a type").hint(write_as(format!("field {}: number", self.text(1)))));
        }
        if !self.is(at + 1, TokenKind::Word) {
            return Some(self.expected(at + 1, "a type").hint(Hint::KnownTypes));
        }
        let reserved = |at: &usize| self.is(*at, TokenKind::Word) && is_reserved(self.text(*at));
        if let Some(at) = (at + 2..self.tokens.len()).find(reserved) {
            return Some(self.keyword(at));
        }
        if [self.text(at + 1), self.text(at + 2), self.text(at + 3)] == ["set", "of", "set"] {
            let span = self.span(at + 1).to(self.span(at + 3));
            let error = Diagnostic::new(Code::UnknownType, span).with("text", "set of set");
            return Some(error.hint(Hint::KnownTypes));
        }
        if matches!(self.text(at + 1), "one" | "set") {
            let behind = if self.text(at + 2) == "of" {
                (at + 3, "`(` and the members")
            } else {
                (at + 2, "`of` and what it is of")
            };
            return Some(self.expected(behind.0, behind.1).hint(Hint::KnownTypes));
        }
        let error = Diagnostic::new(Code::BadFieldOption, self.span(at + 2)).with("text", self.text(at + 2));
        (at + 2 < self.tokens.len()).then(|| error.hint(Hint::FieldOptions))
    }

    /// Names, perhaps with labels, and `>` between them.
    fn tiers(&self) -> Option<Diagnostic> {
        let mut at = 1;
        loop {
            if !self.is(at, TokenKind::Word) {
                return Some(self.expected(at, "a tier"));
            }
            if is_reserved(self.text(at)) {
                return Some(self.keyword(at));
            }
            at += 1 + usize::from(self.is(at + 1, TokenKind::Text));
            if self.text(at) != ">" {
                return Some(self.expected(at, "`>`").hint(write_as("tiers BEST > … > WORST")));
            }
            at += 1;
        }
    }

    /// The form of a statement of which nothing better can be said.
    fn form(&self, kind: Kind) -> Diagnostic {
        let form = match kind {
            Kind::version => "`tierwise 1`",
            Kind::policy => "`policy \"NAME\" version \"VERSION\" effective DATE`",
            Kind::currency => "`currency` and a code such as `CNY`",
            Kind::tiers => "`tiers BEST > … > WORST`",
            Kind::field => "`field NAME: TYPE`",
            Kind::best => "`match best`",
            _ => "`CONDITION => TIER`",
        };
        let last = self.tokens.len().saturating_sub(1);
        let span = self.span(0).to(self.span(last));
        Diagnostic::new(Code::Expected, span).with("expected", form).with("found", "something else")
    }

    /// Walks an expression; gives the token behind it, or what is wrong inside.
    fn expression(&self, from: usize) -> Walked {
        let mut open = Open { start: true, ..Open::default() };
        let mut at = from;
        let mut operand = true;
        loop {
            let step = if operand { self.operand(at, &mut open) } else { self.infix(at, &mut open) }?;
            match step {
                Step::Operand(next) => (at, operand) = (next, true),
                Step::Infix(next) => (at, operand) = (next, false),
                Step::End => return Ok(at),
            }
        }
    }

    fn operand(&self, at: usize, open: &mut Open) -> Result<Step, Diagnostic> {
        let start = std::mem::take(&mut open.start);
        let word = self.text(at);
        let Some(token) = self.tokens.get(at) else {
            return Err(self.expected(at, "a value"));
        };
        match token.kind {
            TokenKind::Number | TokenKind::Date | TokenKind::Text => Ok(Step::Infix(self.behind_measure(at))),
            TokenKind::Operator if word == "-" => Ok(Step::Operand(at + 1)),
            TokenKind::Open if word == "(" => {
                open.brackets.push(false);
                open.start = true;
                Ok(Step::Operand(at + 1))
            }
            // `f()` and a comma before the closing bracket.
            TokenKind::Close
                if open.brackets.last() == Some(&true) || self.is(at.wrapping_sub(1), TokenKind::Comma) =>
            {
                open.brackets.pop();
                Ok(Step::Infix(at + 1))
            }
            TokenKind::Word => self.word(at, word, start, open),
            _ => Err(self.expected(at, "a value")),
        }
    }

    /// Behind a number, and behind the currency or unit that belongs to it.
    fn behind_measure(&self, at: usize) -> usize {
        let next = self.text(at + 1);
        let measure = super::literal::is_code(next) && !is_reserved(next) || super::literal::unit(next).is_some();
        at + 1 + usize::from(self.is(at, TokenKind::Number) && measure)
    }

    fn word(&self, at: usize, word: &str, start: bool, open: &mut Open) -> Result<Step, Diagnostic> {
        let called = self.text(at + 1) == "("
            && self.tokens.get(at + 1).map(Token::start) == self.tokens.get(at).map(Token::end);
        match word {
            "not" | "NOT" => Ok(Step::Operand(at + 1)),
            "true" | "false" | "today" => Ok(Step::Infix(at + 1)),
            "if" if start => {
                open.choices += 1;
                Ok(Step::Operand(at + 1))
            }
            "if" => Err(Diagnostic::new(Code::NeedsParentheses, self.span(at))
                .with("text", "`if`")
                .hint(Hint::Parenthesise)),
            "at" if self.text(at + 1) == "least" => self.at_least(at, open),
            "missing" | "present" if matches!(self.text(at.wrapping_sub(1)), "=" | "==" | "!=" | "<>") => {
                Err(self.expected(at, "a value").hint(write_as(format!("… is {word}"))))
            }
            _ if is_infix(word) || matches!(word, "then" | "else" | "otherwise") => Err(self.expected(at, "a value")),
            _ if word.split('.').next().is_some_and(is_reserved) => Err(self.keyword(at)),
            _ if called => {
                open.brackets.push(true);
                open.start = true;
                Ok(Step::Operand(at + 2))
            }
            _ => Ok(Step::Infix(at + 1)),
        }
    }

    fn at_least(&self, at: usize, open: &mut Open) -> Result<Step, Diagnostic> {
        let form = || write_as("at least 2 of (…, …, …)");
        if !self.is(at + 2, TokenKind::Number) {
            return Err(self.expected(at + 2, "a number").hint(form()));
        }
        if self.text(at + 3) != "of" {
            return Err(self.expected(at + 3, "`of`").hint(form()));
        }
        if self.text(at + 4) != "(" {
            return Err(self.expected(at + 4, "`(`").hint(form()));
        }
        open.brackets.push(false);
        open.start = true;
        Ok(Step::Operand(at + 5))
    }

    fn infix(&self, at: usize, open: &mut Open) -> Result<Step, Diagnostic> {
        let word = self.text(at);
        let inside = !open.brackets.is_empty();
        let Some(token) = self.tokens.get(at) else {
            return if open.choices > 0 { Err(self.expected(at, "`then` or `else`")) } else { Ok(Step::End) };
        };
        match token.kind {
            TokenKind::Operator => Ok(Step::Operand(at + 1)),
            TokenKind::Comma if inside => {
                open.start = true;
                Ok(Step::Operand(at + 1))
            }
            TokenKind::Close if inside => {
                open.brackets.pop();
                Ok(Step::Infix(at + 1))
            }
            TokenKind::Word => self.infix_word(at, word, open),
            TokenKind::Open if word == "(" => Err(self.expected(at, "an operator").hint(Hint::FunctionForm)),
            TokenKind::Comma if open.between > 0 => Err(self.between(at)),
            _ if inside => Err(self.expected(at, "an operator, `,` or `)`")),
            _ => Ok(Step::End),
        }
    }

    fn infix_word(&self, at: usize, word: &str, open: &mut Open) -> Result<Step, Diagnostic> {
        let next = self.text(at + 1);
        match word {
            "and" | "AND" => {
                open.between = open.between.saturating_sub(1);
                Ok(Step::Operand(at + 1))
            }
            "between" => {
                open.between += 1;
                Ok(Step::Operand(at + 1))
            }
            "or" | "OR" | "in" | "IN" | "within" | "matches" => Ok(Step::Operand(at + 1)),
            "contains" => Ok(Step::Operand(at + 1 + usize::from(matches!(next, "any" | "all")))),
            "starts" if next == "with" => Ok(Step::Operand(at + 2)),
            "starts" => Err(self.expected(at + 1, "`with`").hint(write_as("starts with \"…\""))),
            "is" => {
                let value = at + 1 + usize::from(matches!(next, "not" | "NOT"));
                match self.text(value) {
                    "missing" | "present" => Ok(Step::Infix(value + 1)),
                    other => Err(self.expected(value, "`missing` or `present`").hint(write_as(format!("= {other}")))),
                }
            }
            "not" | "NOT" if is_infix(next) => Ok(Step::Infix(at + 1)),
            "not" | "NOT" => {
                let expected = "`in`, `between`, `contains`, `starts with`, `matches` or `within`";
                Err(self.expected(at + 1, expected).hint(write_as("not (…)")))
            }
            "then" | "else" if open.choices > 0 => {
                open.start = word == "else";
                open.choices -= usize::from(word == "else");
                Ok(Step::Operand(at + 1))
            }
            _ if open.between > 0 => Err(self.between(at)),
            _ if !open.brackets.is_empty() => Err(self.expected(at, "an operator, `,` or `)`")),
            _ => Ok(Step::End),
        }
    }
}

enum Step {
    /// An operand must stand at the token.
    Operand(usize),
    /// An operator may stand at the token.
    Infix(usize),
    End,
}
