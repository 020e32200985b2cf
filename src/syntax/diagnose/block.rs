//! Heads and entries of blocks: scores, segments, tables, benefits.

use super::super::cut::{is_infix, is_not, is_reserved};
use super::super::parser::Kind;
use super::super::scan::Kind as TokenKind;
use super::super::write_as;
use super::Walk;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};

impl Walk<'_> {
    /// `score NAME`, `segment NAME`, `table NAME by KEY`, `benefits TIER`.
    pub(super) fn block_head(&self, kind: Kind) -> Option<Diagnostic> {
        if !self.is(1, TokenKind::Word) {
            let error = self.expected(1, if kind == Kind::benefits { Term::Tier } else { Term::Name });
            let word = self.text(1).trim_matches(['"', '“', '”']).replace([' ', '-'], "_");
            return Some(error.hint(write_as(format!("{} {word}", self.shown(0)))));
        }
        if is_reserved(self.text(1)) {
            return Some(self.keyword(1));
        }
        if kind == Kind::table && (self.text(2) != "by" || !self.is(3, TokenKind::Word)) {
            let key = if self.is(3, TokenKind::Word) { self.text(3) } else { "sector" };
            let form = write_as(format!("table {} by {key} {{", self.shown(1)));
            return Some(
                if self.text(2) == "by" { self.expected(3, Term::Fact) } else { self.expected(2, "`by`") }.hint(form),
            );
        }
        let at = if kind == Kind::table { 4 } else { 2 };
        (at < self.tokens.len()).then(|| self.expected(at, "`{`").hint(Hint::RemoveIt))
    }

    pub(super) fn score_line(&self) -> Option<Diagnostic> {
        let from = if self.is(0, TokenKind::Text) && self.is(1, TokenKind::Colon) { 2 } else { 0 };
        let mut at = match self.expression(from) {
            Ok(at) => at,
            Err(diagnostic) => return Some(diagnostic),
        };
        if self.is(at, TokenKind::Colon) {
            loop {
                at = match self.bin(at + 1) {
                    Ok(at) => at,
                    Err(diagnostic) => return Some(diagnostic),
                };
                let more = self.is(at, TokenKind::Comma) && at + 1 < self.tokens.len() && self.text(at + 1) != "weight";
                if !more {
                    break;
                }
            }
            at += usize::from(self.is(at, TokenKind::Comma));
        } else if self.is(at, TokenKind::Arrow) {
            return Some(self.missing_colon(from, at));
        }
        match self.text(at) {
            "weight" if self.find(at, TokenKind::Arrow).is_some() => {
                Some(self.expected(at, Term::CommaOrEnd).hint(Hint::WeightLast))
            }
            "weight" if self.is(at + 1, TokenKind::Number) || self.text(at + 1) == "-" => None,
            "weight" => Some(self.expected(at + 1, Term::Number).hint(write_as("weight 40%"))),
            "otherwise" | "missing" => {
                let note = Note::new(Hint::CommaBefore).with("text", self.shown(at));
                Some(self.expected(at, Term::CommaOrEnd).hint(note))
            }
            _ if at < self.tokens.len() => Some(self.no_operator(at, Term::CommaOrEnd)),
            _ => None,
        }
    }

    /// `frequency >= 5 => 10`: a fact, and a bin without a colon between them.
    fn missing_colon(&self, from: usize, arrow: usize) -> Diagnostic {
        let sign = |at: &usize| self.is(*at, TokenKind::Operator) && !matches!(self.text(*at), "+" | "-" | "*" | "/");
        let compared = (from..arrow).find(|at| sign(at) || is_infix(self.text(*at)));
        match compared.filter(|at| *at > from) {
            Some(at) => {
                let form = write_as(format!("{}: {}", self.written(from, at), self.rest(at)));
                self.expected(at, "`:`").hint(form)
            }
            None => {
                let form = write_as(format!("{}: otherwise => {}", self.written(from, arrow), self.rest(arrow + 1)));
                self.expected(arrow, "`:`").hint(form)
            }
        }
    }

    /// One bin from `at`; the token behind it.
    fn bin(&self, at: usize) -> Result<usize, Diagnostic> {
        let word = self.text(at);
        self.joined(at)?;
        let arrow = match word {
            "otherwise" | "missing" | "present" => at + 1,
            "is" => (at + 1..).find(|at| !is_not(self.text(*at))).map_or(at, |at| at + 1),
            _ if self.is(at, TokenKind::Operator) || is_infix(word) || is_not(word) => self.comparison_from(at)?,
            _ => {
                let error = Diagnostic::new(Code::BinForm, self.span(at));
                let error = match at < self.tokens.len() {
                    true => error.with("found", format!("`{word}`")),
                    false => error.with("found", Term::EndOfLine),
                };
                if matches!(word, "else" | "default" | "other" | "others") {
                    let end = self.find(at, TokenKind::Comma).unwrap_or(self.tokens.len());
                    let points = self.find(at, TokenKind::Arrow).map_or("0", |arrow| self.written(arrow + 1, end));
                    return Err(error.hint(write_as(format!("otherwise => {points}"))));
                }
                if self.text(at + 1) == ".." && self.is(at + 2, TokenKind::Number) {
                    return Err(error.hint(write_as(format!("between {word} and {}", self.text(at + 2)))));
                }
                return Err(match (self.tokens.get(at).map(|token| token.kind), self.find(at, TokenKind::Arrow)) {
                    (Some(TokenKind::Number | TokenKind::Text | TokenKind::Date), Some(arrow)) => {
                        error.hint(write_as(format!("= {}", self.written(at, arrow))))
                    }
                    _ => error.hint(Hint::BinForms),
                });
            }
        };
        if !self.is(arrow, TokenKind::Arrow) {
            let error = self.expected(arrow, "`=>`");
            let sign = self.is(arrow, TokenKind::Colon) || self.is(arrow, TokenKind::Operator);
            let points = arrow + usize::from(sign);
            let points = if points < self.tokens.len() { self.text(points) } else { "0" };
            return Err(error.hint(write_as(format!("{} => {points}", self.written(at, arrow)))));
        }
        self.expression(arrow + 1)
    }

    /// A bin that joins comparisons by `and` or `or`, outside of brackets.
    fn joined(&self, at: usize) -> Result<(), Diagnostic> {
        let end = self.find(at, TokenKind::Arrow).unwrap_or(at);
        let start = at + usize::from(is_not(self.text(at)));
        let skip = if self.text(start) == "between" { 1 } else { 0 };
        let joins = |at: &usize| matches!(self.text(*at), "and" | "AND" | "or" | "OR");
        let (mut depth, mut words) = (0_usize, Vec::new());
        for at in start..end {
            match self.tokens.get(at).map(|token| token.kind) {
                Some(TokenKind::Open) => depth += 1,
                Some(TokenKind::Close) => depth = depth.saturating_sub(1),
                _ if depth == 0 && joins(&at) => words.push(at),
                _ => {}
            }
        }
        let Some(word) = words.get(skip).copied() else { return Ok(()) };
        let error = Diagnostic::new(Code::BinForm, self.span(word)).with("found", format!("`{}`", self.text(word)));
        let within = matches!((self.text(at), self.text(word + 1)), (">=", "<=")) && word == at + 2 && word + 3 == end;
        Err(if within {
            error.hint(write_as(format!("between {} and {}", self.text(at + 1), self.text(word + 2))))
        } else {
            error.hint(Hint::OneComparison)
        })
    }

    /// A comparison whose left side is left out: the sign, and what stands behind it.
    fn comparison_from(&self, at: usize) -> Result<usize, Diagnostic> {
        let at = at + usize::from(is_not(self.text(at)));
        match self.text(at) {
            "between" => {
                let end = self.find(at, TokenKind::Arrow).unwrap_or(self.tokens.len());
                let bounds = (at..end).any(|at| matches!(self.text(at), "and" | "AND"));
                if bounds { Ok(end) } else { Err(self.between_what(at)) }
            }
            "contains" => self.expression(at + 1 + usize::from(matches!(self.text(at + 1), "any" | "all"))),
            "starts" => self.expression(at + 2),
            _ => self.expression(at + 1),
        }
    }

    fn between_what(&self, at: usize) -> Diagnostic {
        Diagnostic::new(Code::BetweenWithoutAnd, self.span(at)).hint(Hint::BetweenForm)
    }

    pub(super) fn score_end(&self) -> Option<Diagnostic> {
        let at = (0..self.tokens.len()).find(|at| {
            let limit = matches!(self.text(*at), "min" | "max");
            let value = self.is(*at, TokenKind::Number) || self.text(*at) == "-";
            !limit && !value
        });
        let error = self.expected(at.unwrap_or(0), Term::LimitsOrEnd);
        Some(error.hint(write_as("} min 0 max 100")))
    }

    pub(super) fn segment_line(&self) -> Option<Diagnostic> {
        let arrow = self.find(0, TokenKind::Arrow).unwrap_or(self.tokens.len());
        if self.is(arrow + 2, TokenKind::Comma) {
            return Some(self.expected(arrow + 2, Term::EndOfLine).hint(Hint::LineEach));
        }
        if self.text(0) == "otherwise" {
            return self.arrow(0, 1);
        }
        if self.is(0, TokenKind::Text) && self.is(1, TokenKind::Colon) {
            return Some(self.expected(1, Term::Operator).hint(Hint::RemoveIt));
        }
        match self.expression(0) {
            Err(diagnostic) => Some(diagnostic),
            Ok(at) => self.arrow(0, at),
        }
    }

    /// A heading or a row: names, or literals without blanks.
    pub(super) fn cells(&self, kind: Kind) -> Option<Diagnostic> {
        let head = kind == Kind::table_head;
        let wrong = (0..self.tokens.len()).find(|at| {
            let token = self.tokens.get(*at).map(|token| token.kind);
            let word = self.text(*at);
            match token {
                Some(TokenKind::Word) => is_reserved(word) && (head || !matches!(word, "missing" | "true" | "false")),
                Some(TokenKind::Number | TokenKind::Date | TokenKind::Text) => head,
                Some(TokenKind::Operator) => head || word != "-" || !self.is(at + 1, TokenKind::Number),
                _ => true,
            }
        });
        let at = wrong?;
        if self.is(at, TokenKind::Word) {
            return Some(self.keyword(at));
        }
        let error = self.expected(at, if head { Term::ColumnName } else { Term::Cell });
        Some(match self.tokens.get(at).map(|token| token.kind) {
            Some(TokenKind::Comma | TokenKind::Colon | TokenKind::Arrow) => error.hint(Hint::CellsByBlanks),
            _ => error.hint(Hint::CellForms),
        })
    }

    pub(super) fn benefit(&self) -> Option<Diagnostic> {
        if !self.is(0, TokenKind::Word) || is_reserved(self.text(0)) {
            let error = self.expected(0, Term::Name);
            if self.is(0, TokenKind::Word) {
                return Some(self.keyword(0));
            }
            let name = self.shown(0).trim_matches(['"', '“', '”']).replace([' ', '-'], "_");
            let plain = self.is(0, TokenKind::Text) && self.is(1, TokenKind::Colon);
            let form = if plain { format!("{name}: {}", self.rest(2)) } else { "discount: 10%".to_owned() };
            return Some(error.hint(write_as(form)));
        }
        if self.is(1, TokenKind::Word) && self.is(2, TokenKind::Colon) {
            let form = write_as(format!("{}_{}: {}", self.text(0), self.text(1), self.rest(3)));
            return Some(self.expected(1, "`:`").hint(form));
        }
        if !self.is(1, TokenKind::Colon) {
            let form =
                write_as(format!("{}: {}", self.text(0), self.rest(1 + usize::from(self.is(1, TokenKind::Operator)))));
            return Some(self.expected(1, "`:`").hint(form));
        }
        self.to_end(2).map(|diagnostic| match self.text(2) {
            "" => diagnostic.hint(Note::new(Hint::SuchAs).with("text", "10%")),
            _ => diagnostic,
        })
    }
}
