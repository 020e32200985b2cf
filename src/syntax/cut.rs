//! Tokens in, statements out: which lines belong together, which brackets are open, which statement begins.
//!
//! A line is a statement, unless its end or the beginning of the next one says that it goes on, or a `{` block is open.
//! Brackets alone join nothing, so that a missing one spoils one statement and not the file.

use super::scan::{Kind, Token};
use super::twin::Twin;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Reports};
use crate::limits::Limits;

/// The tokens of one statement.
pub(super) struct Cut<'t> {
    pub(super) tokens: &'t [Token],
    /// Something in it was reported already; it is not parsed.
    pub(super) damaged: bool,
}

/// Cuts the tokens into statements.
pub(super) fn cut<'t>(twin: &'t Twin<'t>, tokens: &'t [Token], limits: &'t Limits) -> (Vec<Cut<'t>>, Reports) {
    let closed = closed(tokens);
    let mut cutter = Cutter { twin, tokens, limits, closed, cuts: Vec::new(), diagnostics: Reports::default() };
    let mut at = 0;
    while at < tokens.len() {
        at = cutter.statement(at);
    }
    (cutter.cuts, cutter.diagnostics)
}

struct Cutter<'t, 's> {
    twin: &'t Twin<'s>,
    tokens: &'t [Token],
    limits: &'t Limits,
    /// Where every bracket that opens has one that closes, by its place; the last that is open comes first.
    closed: Vec<bool>,
    cuts: Vec<Cut<'t>>,
    diagnostics: Reports,
}

impl<'t> Cutter<'t, '_> {
    fn text(&self, token: &Token) -> &str {
        self.twin.text().get(token.start()..token.end()).unwrap_or_default()
    }

    /// Takes the statement that begins at token `from`; returns where the next one begins.
    fn statement(&mut self, from: usize) -> usize {
        let mut open: Vec<Token> = Vec::new();
        let mut damaged = false;
        let mut deep = false;
        let mut at = from;
        let mut end = None;
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                Kind::Newline | Kind::Semicolon if !self.goes_on(from, at, &open) => {
                    end = Some(at);
                    break;
                }
                // Beyond the limit brackets are no longer followed.
                Kind::Open | Kind::Close if deep => {}
                Kind::Open if open.len() == self.limits.depth => {
                    self.too_deep(token);
                    open.clear();
                    (deep, damaged) = (true, true);
                }
                Kind::Open => open.push(*token),
                Kind::Close => damaged |= !self.close(token, &mut open),
                Kind::Bad => damaged = true,
                _ => {}
            }
            at += 1;
            if self.block_is_abandoned(&open, at) {
                end = Some(at);
                break;
            }
        }
        let end = end.unwrap_or(at);
        // One message for each statement is enough.
        if let Some(bracket) = open.first() {
            self.unclosed(bracket);
            damaged = true;
        }
        if let Some(tokens) = self.tokens.get(from..end).filter(|tokens| !tokens.is_empty()) {
            self.cuts.push(Cut { tokens, damaged });
        }
        end + usize::from(
            self.tokens.get(end).is_some_and(|token| matches!(token.kind, Kind::Newline | Kind::Semicolon)),
        )
    }

    /// Whether the statement goes on behind the line end or semicolon at `at`.
    fn goes_on(&self, from: usize, at: usize, open: &[Token]) -> bool {
        if open.iter().any(|bracket| self.text(bracket) == "{") {
            return true;
        }
        goes_on(self.twin.text(), self.tokens, from, at)
    }

    /// Takes the bracket that `token` closes off the stack; a wrong one is reported.
    fn close(&mut self, token: &Token, open: &mut Vec<Token>) -> bool {
        let wanted = match self.text(token) {
            ")" => "(",
            "]" => "[",
            _ => "{",
        };
        if open.last().is_some_and(|bracket| self.text(bracket) == wanted) {
            open.pop();
            return true;
        }
        let span = self.twin.span(token.start(), token.end());
        let mut error = Diagnostic::new(Code::UnmatchedBracket, span).with("text", self.text(token));
        error = match open.pop() {
            Some(bracket) => {
                let opened = self.twin.span(bracket.start(), bracket.end());
                let here = Note::new(Hint::OpenedHere).with("text", self.text(&bracket));
                error.label(opened, here).hint(Note::new(Hint::WriteAs).with("text", closing(self.text(&bracket))))
            }
            None => error.hint(Hint::RemoveIt),
        };
        self.diagnostics.push(error);
        false
    }

    fn too_deep(&mut self, token: &Token) {
        let span = self.twin.span(token.start(), token.end());
        let error = Diagnostic::new(Code::TooDeep, span).with("limit", self.limits.depth);
        self.diagnostics.push(error.hint(Hint::LetOfFact));
    }

    fn unclosed(&mut self, bracket: &Token) {
        let span = self.twin.span(bracket.start(), bracket.end());
        let close = closing(self.text(bracket));
        let error = Diagnostic::new(Code::UnclosedBracket, span).with("text", self.text(bracket));
        self.diagnostics.push(error.hint(Note::new(Hint::CloseBracket).with("close", close)));
    }

    /// A block that is never closed ends before the next line that begins a statement with braces of its own.
    fn block_is_abandoned(&self, open: &[Token], at: usize) -> bool {
        let [only] = open else { return false };
        let at_line_end = self.tokens.get(at).is_some_and(|token| token.kind == Kind::Newline);
        let closed = self.tokens.binary_search_by_key(&only.start(), Token::start);
        at_line_end
            && self.text(only) == "{"
            && closed.is_ok_and(|place| self.closed.get(place) != Some(&true))
            && self.tokens.get(at + 1..).is_some_and(|behind| statement_word(self.twin.text(), behind).is_some())
    }
}

/// Which tokens are brackets that open and are closed somewhere.
fn closed(tokens: &[Token]) -> Vec<bool> {
    let mut closed = vec![false; tokens.len()];
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Open => open.push(at),
            Kind::Close => open.pop().and_then(|at| closed.get_mut(at)).into_iter().for_each(|closed| *closed = true),
            _ => {}
        }
    }
    closed
}

fn text_of<'s>(text: &'s str, token: &Token) -> &'s str {
    text.get(token.start()..token.end()).unwrap_or_default()
}

/// Whether what begins at token `from` goes on behind the line end at `at`.
fn goes_on(text: &str, tokens: &[Token], from: usize, at: usize) -> bool {
    let newline = tokens.get(at).is_some_and(|token| token.kind == Kind::Newline);
    let before = at.checked_sub(1).filter(|before| *before >= from).and_then(|before| tokens.get(before));
    let behind = tokens.get(at + 1);
    let ends_open = |token: &Token| match token.kind {
        Kind::Open | Kind::Comma | Kind::Colon | Kind::Operator => true,
        Kind::Word => is_joining(text_of(text, token)),
        _ => false,
    };
    let begins_inside = |token: &Token| match token.kind {
        Kind::Close | Kind::Comma | Kind::Arrow => true,
        Kind::Open => text_of(text, token) == "{",
        Kind::Operator => text_of(text, token) != "-",
        Kind::Word => {
            let word = text_of(text, token);
            is_joining(word) && !is_not(word) && word != "if"
        }
        _ => false,
    };
    newline && (before.is_some_and(ends_open) || behind.is_some_and(begins_inside))
}

/// The entries of a block: its lines, as far as they do not go on, cut at semicolons too, and with `commas` at commas
/// outside of brackets. Empty ones are left out.
pub(super) fn entries<'t>(text: &str, tokens: &'t [Token], commas: bool) -> Vec<&'t [Token]> {
    let (mut entries, mut from, mut open) = (Vec::new(), 0, 0_usize);
    let mut cut = |from: usize, to: usize| entries.extend(tokens.get(from..to).filter(|entry| !entry.is_empty()));
    for (at, token) in tokens.iter().enumerate() {
        let ends = match token.kind {
            Kind::Newline => !goes_on(text, tokens, from, at),
            Kind::Semicolon => true,
            Kind::Comma => commas && open == 0,
            _ => false,
        };
        match token.kind {
            Kind::Open => open += 1,
            Kind::Close => open = open.saturating_sub(1),
            _ => {}
        }
        if ends {
            cut(from, at);
            from = at + 1;
        }
    }
    cut(from, tokens.len());
    entries
}

fn closing(bracket: &str) -> &'static str {
    match bracket {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

/// Words that stand between two operands, or behind one.
const INFIX: [&str; 12] =
    ["and", "AND", "or", "OR", "in", "IN", "between", "is", "within", "contains", "starts", "matches"];

/// Words of clauses and choices.
const CLAUSES: [&str; 5] = ["where", "when", "if", "then", "else"];

/// Reserved words that neither join nor negate.
const OTHERS: [&str; 9] = ["missing", "present", "otherwise", "true", "false", "today", "last", "this", "previous"];

pub(super) fn is_infix(word: &str) -> bool {
    INFIX.contains(&word)
}

pub(super) fn is_not(word: &str) -> bool {
    matches!(word, "not" | "NOT")
}

/// Words that leave a line open at its end, and that continue the line before.
fn is_joining(word: &str) -> bool {
    is_infix(word) || is_not(word) || CLAUSES.contains(&word)
}

/// The words that are keywords everywhere.
pub(super) fn is_reserved(word: &str) -> bool {
    is_joining(word) || OTHERS.contains(&word)
}

/// The word that begins a statement other than a rule, where `tokens` begin one: a statement word counts only when a
/// name stands behind it, or a text, or for `status` a `{`.
pub(super) fn statement_word<'s>(text: &'s str, tokens: &[Token]) -> Option<&'s str> {
    let word_of = |token: &Token| text.get(token.start()..token.end()).unwrap_or_default();
    let tokens = tokens.split_at(tokens.iter().take_while(|token| token.kind == Kind::Newline).count()).1;
    let [first, rest @ ..] = tokens else { return None };
    let next = rest.first();
    if first.kind != Kind::Word {
        return None;
    }
    let word = word_of(first);
    let followed_by = |kind: Kind| next.is_some_and(|token| token.kind == kind);
    let by_name = || {
        next.is_some_and(|token| token.kind == Kind::Word && !is_reserved(word_of(token)) && token.start > first.end)
    };
    let begins = match word {
        "status" => next.is_some_and(|token| word_of(token) == "{"),
        "match" => next.is_some_and(|token| word_of(token) == "best"),
        "tierwise" => next.is_some_and(|token| token.kind == Kind::Number && token.start > first.end),
        "assume" => match next {
            Some(token) => match token.kind {
                Kind::Arrow => false,
                Kind::Operator => word_of(token) == "-",
                Kind::Word => !is_infix(word_of(token)),
                Kind::Newline => false,
                _ => true,
            },
            None => false,
        },
        "policy" | "tiers" | "currency" | "field" | "let" | "cap" | "floor" | "score" | "segment" | "table"
        | "benefits" | "test" | "collection" | "use" => by_name() || followed_by(Kind::Text),
        _ => false,
    };
    begins.then_some(word)
}
