//! Tests that are written in another form.

use super::super::cut::is_reserved;
use super::super::expression::Place;
use super::super::parser::Kind;
use super::super::scan::Kind as TokenKind;
use super::super::write_as;
use super::Walk;
use super::rule::as_tier;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};

/// A block of tests in which nothing stands.
pub(in crate::syntax) fn no_heading(head: Place<'_>) -> Diagnostic {
    let end = head.tokens.last().map_or(head.base, super::Token::end);
    let error = Diagnostic::new(Code::Expected, head.twin.span(end, end));
    error.with("expected", Term::ColumnName).with("found", Term::EndOfLine).hint(Hint::TestHeading)
}

/// What a fact of a test may be.
pub(super) fn test_values() -> Note {
    Note::new(Hint::TestValues).with("text", "[{placed_on: 2026-05-01, amount: 300}]")
}

impl Walk<'_> {
    /// `test "NAME" as of DATE: FACTS => EXPECTED`.
    pub(super) fn case(&self) -> Option<Diagnostic> {
        let at = match self.case_name(1) {
            Ok(at) => at,
            Err(diagnostic) => return Some(diagnostic),
        };
        if !self.is(at, TokenKind::Colon) {
            return Some(self.expected(at, "`:`").hint(Hint::TestForm));
        }
        let mut at = at + 1;
        while !self.is(at, TokenKind::Arrow) {
            at = match self.given(at, Term::FactOrArrow) {
                Ok(at) => at,
                Err(diagnostic) => return Some(diagnostic),
            };
            if self.is(at, TokenKind::Comma) {
                at += 1;
            } else if !self.is(at, TokenKind::Arrow) {
                return Some(self.expected(at, Term::CommaOrArrow).hint(Hint::TestForm));
            }
        }
        self.wanted(at + 1)
    }

    /// `test table "NAME" as of DATE`.
    pub(super) fn case_table(&self) -> Option<Diagnostic> {
        if !self.is(2, TokenKind::Text) {
            let form = write_as("test table \"boundaries\" as of 2026-06-30 {");
            return Some(self.expected(2, Term::QuotedName).hint(form));
        }
        match self.case_name(2) {
            Ok(at) => (at < self.tokens.len()).then(|| self.expected(at, "`{`").hint(Hint::RemoveIt)),
            Err(diagnostic) => Some(diagnostic),
        }
    }

    /// `use "FILE"`.
    pub(super) fn use_file(&self) -> Diagnostic {
        let at = if self.is(1, TokenKind::Text) { 2 } else { 1 };
        let expected = if at == 1 { Term::QuotedName } else { Term::EndOfLine };
        self.expected(at, expected).hint(write_as("use \"key_accounts.tier\""))
    }

    /// The name and the day; the token behind them.
    fn case_name(&self, at: usize) -> Result<usize, Diagnostic> {
        if !self.is(at, TokenKind::Text) {
            return Err(self.expected(at, Term::QuotedName).hint(Hint::TestForm));
        }
        if self.text(at + 1) != "as" {
            return Ok(at + 1);
        }
        if self.text(at + 2) == "of" && self.is(at + 3, TokenKind::Date) {
            return Ok(at + 4);
        }
        let wrong = if self.text(at + 2) == "of" { at + 3 } else { at + 2 };
        let expected = if wrong == at + 2 { "`of`".into() } else { crate::diagnostics::Arg::from(Term::Date) };
        Err(self.expected(wrong, expected).hint(write_as("as of 2026-06-30")))
    }

    /// `NAME = VALUE` from `at`; the token behind it.
    fn given(&self, at: usize, expected: Term) -> Result<usize, Diagnostic> {
        if !self.is(at, TokenKind::Word) {
            return Err(self.expected(at, expected).hint(Hint::TestForm));
        }
        if is_reserved(self.text(at)) {
            return Err(self.keyword(at));
        }
        if self.text(at + 1) != "=" {
            let value = at + 1 + usize::from(self.is(at + 1, TokenKind::Colon) || self.is(at + 1, TokenKind::Operator));
            let plain = [TokenKind::Word, TokenKind::Number, TokenKind::Date, TokenKind::Text];
            let form = match plain.iter().any(|kind| self.is(value, *kind)) {
                true => write_as(format!("{} = {}", self.shown(at), self.shown(value))),
                false => Hint::TestForm.into(),
            };
            return Err(self.expected(at + 1, "`=`").hint(form));
        }
        self.test_value(at + 2)
    }

    /// A value from `at`; the token behind it.
    fn test_value(&self, at: usize) -> Result<usize, Diagnostic> {
        let at = at + usize::from(self.text(at) == "-");
        match self.tokens.get(at).map(|token| token.kind) {
            Some(TokenKind::Open) => self.bracket(at),
            Some(TokenKind::Word) if is_reserved(self.text(at)) => match self.text(at) {
                "missing" | "true" | "false" => Ok(at + 1),
                _ => Err(self.expected(at, Term::Value).hint(test_values())),
            },
            Some(TokenKind::Word | TokenKind::Number | TokenKind::Date | TokenKind::Text) => Ok(at + 1),
            _ => Err(self.expected(at, Term::Value).hint(test_values())),
        }
    }

    /// Members, records or a record, from the bracket that opens at `at`; the token behind it.
    fn bracket(&self, at: usize) -> Result<usize, Diagnostic> {
        let (open, mut at) = (self.text(at), at + 1);
        let close = match open {
            "(" => ")",
            "[" => "]",
            _ => return Err(self.expected(at - 1, Term::Value).hint(test_values())),
        };
        while self.text(at) != close {
            at = match (open, self.text(at)) {
                ("[", "{") => self.record(at)?,
                ("[", _) => return Err(self.expected(at, "`{`").hint(test_values())),
                (_, "(" | "[" | "{") => return Err(self.expected(at, Term::Value).hint(test_values())),
                _ => self.test_value(at)?,
            };
            match self.is(at, TokenKind::Comma) {
                true => at += 1,
                false if self.text(at) == close => {}
                false => return Err(self.expected(at, "`,`").hint(test_values())),
            }
        }
        Ok(at + 1)
    }

    /// `{NAME: VALUE, …}` from its bracket; the token behind it. Line ends, which separate entries too, are not seen.
    fn record(&self, at: usize) -> Result<usize, Diagnostic> {
        let mut at = at + 1;
        while self.text(at) != "}" {
            if !self.is(at, TokenKind::Word) {
                return Err(self.expected(at, Term::Name).hint(test_values()));
            }
            if !self.is(at + 1, TokenKind::Colon) {
                let form = match self.text(at + 1) {
                    "=" => write_as(format!("{}: {}", self.shown(at), self.shown(at + 2))),
                    _ => test_values(),
                };
                return Err(self.expected(at + 1, "`:`").hint(form));
            }
            at = self.test_value(at + 2)?;
            at += usize::from(self.is(at, TokenKind::Comma));
        }
        Ok(at + 1)
    }

    /// What stands behind `=>`.
    fn wanted(&self, from: usize) -> Option<Diagnostic> {
        if self.is(from, TokenKind::Text) {
            let tier = write_as(format!("=> {}", as_tier(self.shown(from))));
            return Some(self.expected(from, Term::Tier).hint(tier));
        }
        if !self.is(from, TokenKind::Word) {
            return Some(self.expected(from, Term::Tier).hint(Hint::TestForm));
        }
        if self.text(from) == "error" {
            let at = from + 1 + usize::from(self.is(from + 1, TokenKind::Text));
            return Some(match at == from + 1 {
                true => self.expected(at, Term::QuotedName).hint(write_as("error \"vat_id\"")),
                false => self.expected(at, Term::EndOfLine).hint(Hint::RemoveIt),
            });
        }
        if is_reserved(self.text(from)) {
            return Some(self.keyword(from));
        }
        let mut at = from + 1;
        if self.text(at) == "by" {
            if !self.is(at + 1, TokenKind::Text) {
                let form = match self.is(at + 1, TokenKind::Word) {
                    true => write_as(format!("by \"{}\"", self.shown(at + 1))),
                    false => Hint::TestOrder.into(),
                };
                return Some(self.expected(at + 1, Term::QuotedName).hint(form));
            }
            at += 2;
        }
        if self.text(at) == "possible" {
            if self.text(at + 1) != "(" {
                return Some(self.expected(at + 1, "`(`").hint(write_as("possible (A, B, none)")));
            }
            let tier = |at: usize| self.is(at, TokenKind::Word) && !is_reserved(self.text(at));
            let mut end = at + 2;
            while tier(end) && self.is(end + 1, TokenKind::Comma) {
                end += 2;
            }
            // A comma may stand before the bracket.
            if !tier(end) && (end == at + 2 || self.text(end) != ")") {
                return Some(self.expected(end, Term::Tier).hint(write_as("possible (A, B, none)")));
            }
            end += usize::from(tier(end));
            if self.text(end) != ")" {
                return Some(self.expected(end, "`,`").hint(write_as("possible (A, B, none)")));
            }
            at = end + 1;
        }
        at += usize::from(self.text(at) == "certain");
        while self.is(at, TokenKind::Comma) {
            at = match self.given(at + 1, Term::Name) {
                Ok(at) => at,
                Err(diagnostic) => return Some(diagnostic),
            };
        }
        (at < self.tokens.len()).then(|| self.expected(at, Term::CommaOrEnd).hint(Hint::TestOrder))
    }

    /// A heading: names, one `=>`, and names.
    pub(super) fn case_head(&self) -> Option<Diagnostic> {
        let arrows = (0..self.tokens.len()).filter(|at| self.is(*at, TokenKind::Arrow)).collect::<Vec<_>>();
        if let [_, second, ..] = *arrows {
            return Some(self.expected(second, Term::ColumnName).hint(Hint::TestHeading));
        }
        let wrong = (0..self.tokens.len())
            .find(|at| !arrows.contains(at) && (!self.is(*at, TokenKind::Word) || is_reserved(self.text(*at))));
        match wrong {
            Some(at) if self.is(at, TokenKind::Word) => Some(self.keyword(at)),
            Some(at) => Some(self.expected(at, Term::ColumnName).hint(Hint::CellsByBlanks)),
            None if arrows.is_empty() => {
                let form = write_as(format!("{} =>", self.rest(0)));
                Some(self.expected(self.tokens.len(), "`=>`").hint(form))
            }
            None => None,
        }
    }

    /// A row: the cells of a table, and perhaps `error "FIELD"`, whose text is a cell too.
    pub(super) fn case_row(&self) -> Option<Diagnostic> {
        let found = self.cells(Kind::table_row)?;
        let arrow = (0..self.tokens.len()).find(|at| self.is(*at, TokenKind::Arrow));
        match arrow {
            Some(at) => {
                let error = self.expected(at, Term::Cell);
                Some(error.hint(Hint::TestRow))
            }
            None => Some(found),
        }
    }
}
