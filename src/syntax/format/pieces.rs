//! A printed statement as words and signs, with what the author put between them.

use std::borrow::Cow;

use super::super::ast::StatementKind;
use super::super::literal::{is_code, unit};
use super::super::scan::{Kind, Token, scan};
use super::super::twin::Twin;
use super::align::{Class, Row};
use crate::limits::Limits;

/// A word, a sign, or a literal with its measure.
pub(super) struct Piece {
    /// In English.
    pub(super) text: String,
    /// What is shown instead.
    pub(super) shown: Option<String>,
    /// `内` is shown behind it.
    pub(super) closes_window: bool,
    /// Where it stands in the printed statement.
    pub(super) start: usize,
    pub(super) kind: Kind,
    /// No blank stands before it.
    pub(super) glued: bool,
    /// Where the other bracket of a bracket stands.
    pub(super) partner: usize,
    /// Of an opening bracket: what stands directly in it.
    pub(super) level: Level,
    /// `and`, `or` or `then`; not the `and` of `between`.
    pub(super) logic: bool,
}

impl Piece {
    /// What is shown.
    pub(super) fn written(&self) -> Cow<'_, str> {
        let text = self.shown.as_deref().unwrap_or(&self.text);
        if self.closes_window { Cow::Owned(format!("{text} 内")) } else { Cow::Borrowed(text) }
    }
}

/// What stands directly in a bracket, or outside all.
#[derive(Clone, Copy, Default)]
pub(super) struct Level {
    /// Commas: a list.
    pub(super) list: bool,
    /// An `if`.
    pub(super) choice: bool,
}

/// What the author put before a piece.
#[derive(Default)]
pub(super) struct Gap {
    /// The comment behind the piece before.
    pub(super) behind: Option<String>,
    /// Comments on lines of their own, and blank lines as empty texts.
    pub(super) own: Vec<String>,
}

impl Gap {
    /// Puts another gap behind this one.
    fn append(&mut self, later: Self) {
        if self.behind.is_none() && self.own.iter().all(String::is_empty) {
            self.behind = later.behind;
        } else {
            self.own.extend(later.behind);
        }
        self.own.extend(later.own);
        // One blank line is enough.
        self.own.dedup_by(|line, before| line.is_empty() && before.is_empty());
    }
}

/// The pieces of a statement.
pub(super) struct Pieces {
    pub(super) all: Vec<Piece>,
    /// What stands outside all brackets.
    pub(super) level: Level,
    /// Where the `=` of a `let` stands.
    pub(super) binding: Option<usize>,
    /// It is a test.
    pub(super) case: bool,
    /// Where the bins of a line of a score begin.
    pub(super) bins: Option<usize>,
    /// Where the `weight` of a line of a score stands.
    pub(super) weight: Option<usize>,
    /// Before which pieces the author's line break stays; empty where none does.
    pub(super) breaks: Vec<bool>,
    /// By the piece that they stand before.
    pub(super) gaps: Vec<(usize, Gap)>,
}

impl Pieces {
    /// The pieces of a statement that is printed on one line.
    pub(super) fn new(printed: &str, is_let: bool) -> Self {
        let twin = Twin::new(printed);
        let mut all: Vec<Piece> = Vec::new();
        let mut end = 0;
        for token in merged(&twin, &scan(&twin, &unlimited()).tokens) {
            let text = token_text(&twin, &token).to_owned();
            let glued = token.start() == end;
            all.push(Piece {
                text,
                shown: None,
                closes_window: false,
                start: token.start(),
                kind: token.kind,
                glued,
                partner: 0,
                level: Level::default(),
                logic: false,
            });
            end = token.end();
        }
        let binding = is_let.then(|| all.iter().position(|piece| piece.kind == Kind::Operator)).flatten();
        let mut pieces = Self {
            all,
            level: Level::default(),
            binding,
            case: false,
            bins: None,
            weight: None,
            breaks: Vec::new(),
            gaps: Vec::new(),
        };
        pieces.pair();
        pieces.find_logic();
        pieces
    }

    /// Finds the `and`s of conditions. Parts of a `between` stand at one depth.
    fn find_logic(&mut self) {
        let mut between = vec![0_usize];
        for piece in &mut self.all {
            match (piece.kind, &*piece.text, between.last_mut()) {
                (Kind::Open, _, _) => between.push(0),
                (Kind::Close, _, _) => drop(between.pop()),
                (Kind::Word, "between", Some(open)) => *open += 1,
                (Kind::Word, "and", Some(open)) if *open > 0 => *open -= 1,
                (Kind::Word, "and" | "or" | "then", _) => piece.logic = true,
                _ => {}
            }
        }
    }

    /// Finds the partners of brackets, and what stands in them.
    fn pair(&mut self) {
        let mut open: Vec<(usize, Level)> = Vec::new();
        for at in 0..self.all.len() {
            let (comma, choice) = (self.kind(at) == Some(Kind::Comma), self.is(at, "if"));
            let level = open.last_mut().map_or(&mut self.level, |(_, level)| level);
            level.list |= comma;
            level.choice |= choice;
            match self.kind(at) {
                Some(Kind::Open) => open.push((at, Level::default())),
                Some(Kind::Close) => {
                    let Some((partner, level)) = open.pop() else { continue };
                    if let Some(opening) = self.all.get_mut(partner) {
                        (opening.partner, opening.level) = (at, level);
                    }
                    if let Some(closing) = self.all.get_mut(at) {
                        closing.partner = partner;
                    }
                }
                _ => {}
            }
        }
    }

    pub(super) fn is(&self, at: usize, text: &str) -> bool {
        self.all.get(at).is_some_and(|piece| piece.kind != Kind::Text && piece.text == text)
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.all.get(at).map(|piece| piece.kind)
    }

    /// Whether a line that goes on begins best with the word at `at`.
    pub(super) fn leads(&self, at: usize) -> bool {
        (self.is(at, "else") && !self.trails(at)) || self.all.get(at).is_some_and(|piece| piece.logic)
    }

    /// Whether a line must not begin with the word at `at`: `否则` would be `otherwise` there.
    pub(super) fn trails(&self, at: usize) -> bool {
        self.is(at, "else") && self.all.get(at).is_some_and(|piece| piece.shown.is_some())
    }

    /// Moves what the author put before words that must not begin a line behind them.
    pub(super) fn keep_trailing(&mut self) {
        for at in (0..self.all.len()).filter(|at| self.trails(*at)).collect::<Vec<_>>() {
            if self.breaks.get_mut(at).is_some_and(std::mem::take)
                && let Some(behind) = self.breaks.get_mut(at + 1)
            {
                *behind = true;
            }
        }
        for (at, gap) in std::mem::take(&mut self.gaps) {
            let at = at + usize::from(self.trails(at));
            match self.gaps.last_mut().filter(|(last, _)| *last == at) {
                Some((_, last)) => last.append(gap),
                None => self.gaps.push((at, gap)),
            }
        }
    }

    /// The place behind the bracket that begins at `at`, or behind the piece.
    pub(super) fn behind(&self, at: usize) -> usize {
        let partner = self.all.get(at).filter(|piece| piece.kind == Kind::Open).map(|piece| piece.partner);
        partner.filter(|partner| *partner > at).unwrap_or(at) + 1
    }

    /// The pieces of `from..to` outside all brackets; for a pair of brackets stands the one that opens.
    pub(super) fn top(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(from), |at| Some(self.behind(*at))).take_while(move |at| *at < to)
    }

    /// The pieces `from..to` on one line.
    pub(super) fn flat(&self, from: usize, to: usize) -> String {
        let mut text = String::new();
        for piece in self.all.get(from..to).unwrap_or_default() {
            if !text.is_empty() && !piece.glued {
                text.push(' ');
            }
            text.push_str(&piece.written());
        }
        text
    }

    /// Whether a list stands at `from..to` whose members are a word or a literal each.
    pub(super) fn single_values(&self, from: usize, to: usize) -> bool {
        let mut alone = true;
        self.all.get(from..to).unwrap_or_default().iter().all(|piece| {
            let fine = match piece.kind {
                Kind::Comma => true,
                Kind::Operator => alone && piece.text == "-",
                Kind::Open | Kind::Close => false,
                _ => alone,
            };
            alone = matches!(piece.kind, Kind::Comma | Kind::Operator);
            fine
        })
    }

    /// Finds the parts of a line of a score: its last colon stands before the bins, and `weight` before its last value.
    pub(super) fn score(&mut self, bins: bool, weight: bool) {
        let colon = self.all.iter().rposition(|piece| piece.kind == Kind::Colon);
        self.bins = colon.filter(|_| bins).map(|colon| colon + 1);
        let value = self.all.len().saturating_sub(1);
        let signed = value.checked_sub(1).is_some_and(|sign| self.is(sign, "-"));
        self.weight = value.checked_sub(1 + usize::from(signed)).filter(|_| weight);
    }

    /// What the author put before piece `at`.
    pub(super) fn gap(&self, at: usize) -> Option<&Gap> {
        let found = self.gaps.binary_search_by_key(&at, |(at, _)| *at).ok()?;
        self.gaps.get(found).map(|(_, gap)| gap)
    }

    /// The statement on one line, cut where it can be aligned with its neighbours.
    pub(super) fn row(&self, kind: &StatementKind) -> Row {
        let first = |wanted: Kind| self.all.iter().position(|piece| piece.kind == wanted);
        let named = if self.kind(0) == Some(Kind::Text) && self.kind(1) == Some(Kind::Colon) { 2 } else { 0 };
        let end = self.all.len();
        let (class, lead, tail) = match kind {
            StatementKind::Rule { .. } => {
                let arrow = self.all.iter().rposition(|piece| piece.kind == Kind::Arrow);
                (Class::Rule, named, arrow.unwrap_or(end))
            }
            StatementKind::Adjust { .. } => (Class::Rule, named, end),
            StatementKind::Let { .. } => (Class::Let, 0, self.binding.unwrap_or(end)),
            StatementKind::Field(_) => (Class::Field, 0, first(Kind::Colon).map_or(end, |colon| colon + 1)),
            StatementKind::Case(_) => {
                let arrow = self.all.iter().position(|piece| piece.kind == Kind::Arrow);
                (Class::Case, first(Kind::Colon).map_or(0, |colon| colon + 1), arrow.unwrap_or(end))
            }
            _ => (Class::Other, 0, end),
        };
        Row { class, lead: self.flat(0, lead), body: self.flat(lead, tail), tail: self.flat(tail, end), comment: None }
    }
}

/// The limits were the parser's to keep.
pub(super) fn unlimited() -> Limits {
    Limits::default().max_tokens(usize::MAX).max_name_bytes(usize::MAX)
}

pub(super) fn token_text<'t>(twin: &'t Twin<'_>, token: &Token) -> &'t str {
    twin.text().get(token.start()..token.end()).unwrap_or_default()
}

/// The tokens without line ends, a number and its measure as one.
pub(super) fn merged(twin: &Twin<'_>, tokens: &[Token]) -> Vec<Token> {
    let mut merged: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens.iter().filter(|token| token.kind != Kind::Newline) {
        let text = token_text(twin, token);
        let measure = token.kind == Kind::Word && (unit(text).is_some() || is_code(text) || text == "元");
        match merged.last_mut() {
            Some(number) if measure && number.kind == Kind::Number => number.end = token.end,
            _ => merged.push(*token),
        }
    }
    merged
}
