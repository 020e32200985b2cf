//! A small reader of policies that shares nothing with the engine: tokens, comments, and where a line may end, after the
//! language's own text.

/// The kinds of what a policy consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    Text,
    Open,
    Close,
    Comma,
    Colon,
    Arrow,
    Operator,
    Semicolon,
    Newline,
    Comment,
}

/// A token as it was written, and as its ASCII twin.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) text: String,
    pub(crate) twin: String,
    /// A blank stands before it.
    pub(crate) spaced: bool,
}

const WIDE: &str = "（），、：；＞＜＝！？＃．％＋－×÷｛｝［］０１２３４５６７８９";
const NARROW: &str = "(),,:;><=!?#.%+-*/{}[]0123456789";

fn narrow(c: char) -> String {
    match c {
        '≥' => ">=".into(),
        '≤' => "<=".into(),
        '≠' => "!=".into(),
        c => WIDE.chars().position(|wide| wide == c).and_then(|at| NARROW.chars().nth(at)).unwrap_or(c).into(),
    }
}

/// The tokens of a policy without mistakes; a number and its measure are one.
pub(crate) fn lex(source: &str) -> Vec<Token> {
    let chars: Vec<char> =
        source.trim_start_matches('\u{FEFF}').replace("\r\n", "\n").replace('\r', "\n").chars().collect();
    let mut tokens: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut spaced = false;
    while at < chars.len() {
        let c = chars[at];
        if matches!(c, ' ' | '\t' | '\u{A0}' | '\u{3000}') {
            (at, spaced) = (at + 1, true);
            continue;
        }
        let (kind, length) = next(&chars[at..]);
        assert!(length > 0, "no token: {}", chars[at..].iter().take(20).collect::<String>());
        let text: String = chars[at..at + length].iter().collect();
        let twin: String = match kind {
            Kind::Text | Kind::Comment => text.clone(),
            _ => text.chars().map(narrow).collect(),
        };
        at += length;
        let measure =
            matches!(twin.trim_end_matches('s'), "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year")
                || twin == "元"
                || (twin.len() == 3
                    && twin.bytes().all(|byte| byte.is_ascii_uppercase())
                    && twin != "AND"
                    && twin != "NOT");
        match tokens.last_mut() {
            Some(number) if kind == Kind::Word && measure && number.kind == Kind::Number => {
                number.text = format!("{} {text}", number.text);
                number.twin.clone_from(&number.text);
            }
            _ => tokens.push(Token { kind, text, twin, spaced }),
        }
        spaced = false;
    }
    tokens
}

fn next(rest: &[char]) -> (Kind, usize) {
    let twin = |at: usize| rest.get(at).map(|c| narrow(*c)).unwrap_or_default();
    let until = |close: char| {
        let mut at = 1;
        while rest[at] != close {
            at += if rest[at] == '\\' { 2 } else { 1 };
        }
        at + 1
    };
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    let run = |from: usize| {
        from + rest[from..]
            .iter()
            .take_while(|c| is_word(c) && narrow(**c).chars().all(|n| n == **c || n.is_ascii_digit()))
            .count()
    };
    match twin(0).as_str() {
        "\n" => (Kind::Newline, 1),
        "#" => (Kind::Comment, rest.iter().take_while(|c| **c != '\n').count()),
        "\"" => (Kind::Text, until('"')),
        "“" => (Kind::Text, until('”')),
        "(" | "[" | "{" => (Kind::Open, 1),
        ")" | "]" | "}" => (Kind::Close, 1),
        "," => (Kind::Comma, 1),
        ":" => (Kind::Colon, 1),
        ";" => (Kind::Semicolon, 1),
        "." => (Kind::Operator, 2),
        digit if digit.bytes().all(|byte| byte.is_ascii_digit()) => {
            let mut end = run(0);
            let is_digit = |at: usize| twin(at).bytes().next().is_some_and(|byte| byte.is_ascii_digit());
            while (twin(end) == "." || (twin(end) == "-" && end >= 4)) && is_digit(end + 1) {
                end = run(end + 1);
            }
            (Kind::Number, end + usize::from(twin(end) == "%"))
        }
        ">=" | "<=" | "!=" => (Kind::Operator, 1),
        // `%` behind a Chinese keyword that runs into its number.
        sign if "=<>!+-*/?%".contains(sign) => match (sign, twin(1).as_str()) {
            ("=", ">") => (Kind::Arrow, 2),
            ("=" | "<" | ">" | "!", "=") | ("<", ">") | ("?", "?") => (Kind::Operator, 2),
            _ => (Kind::Operator, 1),
        },
        _ => {
            let part = |from: usize| {
                if rest[from] == '`' {
                    from + 2 + rest[from + 1..].iter().take_while(|c| **c != '`').count()
                } else {
                    run(from)
                }
            };
            let mut end = part(0);
            while twin(end) == "." && rest.get(end + 1).is_some_and(|c| is_word(c) || *c == '`') {
                end = part(end + 1);
            }
            (Kind::Word, end)
        }
    }
}

const JOINING: [&str; 19] = [
    "and", "AND", "or", "OR", "not", "NOT", "in", "IN", "between", "is", "within", "contains", "starts", "matches",
    "where", "when", "if", "then", "else",
];

/// Whether a line may end between two tokens of one statement.
pub(crate) fn may_break(before: &Token, behind: &Token) -> bool {
    let word = |token: &Token| token.kind == Kind::Word && JOINING.contains(&token.twin.as_str());
    let range = |token: &Token| token.twin == "..";
    let ends = matches!(before.kind, Kind::Open | Kind::Comma | Kind::Colon | Kind::Operator) && !range(before);
    let begins = match behind.kind {
        Kind::Close | Kind::Comma | Kind::Arrow => true,
        Kind::Operator => behind.twin != "-" && !range(behind),
        Kind::Word => word(behind) && !matches!(behind.twin.as_str(), "not" | "NOT" | "if"),
        _ => false,
    };
    ends || word(before) || begins
}

/// A comment, and its place: behind how many tokens, commas and separators apart, and whether one is on its line. A
/// comma counts only where no other comment stands behind its member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) text: String,
    pub(crate) tokens: usize,
    pub(crate) behind: bool,
}

/// The comments of a policy with their places.
pub(crate) fn comments(source: &str) -> Vec<Comment> {
    let (mut tokens, mut behind, mut comma) = (0, false, false);
    let mut comments: Vec<Comment> = Vec::new();
    for token in lex(source) {
        match token.kind {
            Kind::Newline => (behind, comma) = (false, false),
            Kind::Comma => comma = true,
            Kind::Semicolon => {}
            Kind::Comment => {
                let text = format!("#{}", token.text.trim_end().get(token.twin_sign()..).unwrap_or_default());
                let first = comments.last().is_none_or(|last| last.tokens < tokens);
                comments.push(Comment { text, tokens, behind: behind || (comma && first) });
            }
            _ => (tokens, behind) = (tokens + 1, true),
        }
    }
    comments
}

impl Token {
    /// The length of a comment's sign.
    fn twin_sign(&self) -> usize {
        self.text.chars().next().map_or(0, char::len_utf8)
    }
}
