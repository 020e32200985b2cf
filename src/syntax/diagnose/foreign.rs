//! Words and signs where an operator must stand: what other languages, and plain English, write instead.

use super::super::cut::is_reserved;
use super::super::literal;
use super::super::scan::Kind as TokenKind;
use super::super::write_as;
use super::Walk;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};

/// Words for comparisons, with the sign or word that is meant; the second word may be empty.
const WORDS: [(&str, &str, &str); 24] = [
    ("greater", "than", ">"),
    ("more", "than", ">"),
    ("higher", "than", ">"),
    ("larger", "than", ">"),
    ("bigger", "than", ">"),
    ("over", "", ">"),
    ("above", "", ">"),
    ("exceeds", "", ">"),
    ("less", "than", "<"),
    ("fewer", "than", "<"),
    ("lower", "than", "<"),
    ("smaller", "than", "<"),
    ("below", "", "<"),
    ("under", "", "<"),
    ("at", "least", ">="),
    ("at", "most", "<="),
    ("equals", "", "="),
    ("equal", "to", "="),
    ("has", "", "contains"),
    ("includes", "", "contains"),
    ("like", "", "contains"),
    ("plus", "", "+"),
    ("minus", "", "-"),
    ("times", "", "*"),
];

/// Words for a power of ten or a share, with the suffix that is meant.
const SCALES: [(&str, &str); 11] = [
    ("hundred", "00"),
    ("thousand", "K"),
    ("tsd", "K"),
    ("million", "M"),
    ("millions", "M"),
    ("mio", "M"),
    ("mn", "M"),
    ("billion", "B"),
    ("billions", "B"),
    ("bn", "B"),
    ("percent", "%"),
];

impl Walk<'_> {
    /// The comparison that words from `at` on spell: how many words, and the sign.
    fn spelt(&self, at: usize) -> Option<(usize, String)> {
        let row = WORDS
            .iter()
            .find(|(first, second, _)| self.text(at) == *first && (second.is_empty() || self.text(at + 1) == *second));
        let (_, second, sign) = row?;
        let mut length = 1 + usize::from(!second.is_empty());
        let mut sign = (*sign).to_owned();
        if self.text(at + length) == "or" && self.text(at + length + 1) == "equal" {
            length += 2 + usize::from(self.text(at + length + 2) == "to");
            sign.push('=');
        }
        Some((length, sign))
    }

    /// Words in the place of an operator, from `from`, the comparison itself beginning at `at`.
    pub(super) fn word_operator(&self, from: usize, at: usize) -> Option<Diagnostic> {
        let (length, sign) = self.spelt(at)?;
        let value = self.tokens.get(at + length).map(|token| token.kind);
        if !matches!(
            value,
            Some(TokenKind::Number | TokenKind::Date | TokenKind::Text | TokenKind::Word | TokenKind::Open)
        ) {
            return None;
        }
        let error = Diagnostic::new(Code::UnknownOperator, self.spans(from, at + length));
        Some(error.with("text", self.written(from, at + length)).hint(write_as(sign)))
    }

    /// `2 million`, `40 percent`.
    pub(super) fn word_scale(&self, at: usize) -> Option<Diagnostic> {
        let number = at.checked_sub(1).filter(|number| self.is(*number, TokenKind::Number))?;
        let word = self.text(at).to_lowercase();
        let (_, suffix) = SCALES.iter().find(|(known, _)| *known == word)?;
        let error = Diagnostic::new(Code::BadNumber, self.spans(number, at + 1));
        let meant = format!("{}{suffix}", self.text(number));
        Some(error.with("text", self.written(number, at + 1)).hint(write_as(meant)))
    }

    /// `nps in 10..50` and `nps 10..50`, where only a field's declaration has a range of this form.
    fn bare_range(&self, at: usize) -> Option<Diagnostic> {
        let dots = if self.is(at, TokenKind::Range) { at } else { at + 1 };
        let low = dots.checked_sub(1)?;
        let end = |at| self.is(at, TokenKind::Number) || self.is(at, TokenKind::Date);
        if !self.is(dots, TokenKind::Range) || !end(low) || !end(dots + 1) {
            return None;
        }
        let from = low.saturating_sub(usize::from(low > 0 && matches!(self.text(low - 1), "in" | "=" | "between")));
        let form = format!("between {} and {}", self.text(low), self.text(dots + 1));
        let error = Diagnostic::new(Code::BetweenWithoutAnd, self.spans(from, dots + 2));
        Some(error.hint(write_as(form)))
    }

    /// `1 000 000`.
    fn blank_groups(&self, at: usize) -> Option<Diagnostic> {
        let first = at.checked_sub(1).filter(|first| self.is(*first, TokenKind::Number))?;
        let group = |at: usize| {
            let text = self.text(at);
            text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let end = (at..at + 6).find(|at| !group(*at)).filter(|end| *end > at)?;
        let number = (first..end).map(|at| self.text(at)).collect::<Vec<_>>().join("_");
        let error = Diagnostic::new(Code::BadNumber, self.spans(first, end));
        Some(error.with("text", self.written(first, end)).hint(write_as(number)))
    }

    /// `2 years ago`.
    fn ago(&self, at: usize) -> Option<Diagnostic> {
        let unit = at.checked_sub(1).filter(|_| self.text(at) == "ago")?;
        let number = if self.is(unit, TokenKind::Number) { unit } else { unit.checked_sub(1)? };
        let form = format!("today - {}", self.written(number, at));
        Some(self.expected(at, Term::OperatorOrArrow).hint(write_as(form)))
    }

    /// What is wrong where an operator must stand at `at`.
    pub(super) fn no_operator(&self, at: usize, expected: Term) -> Diagnostic {
        let error = self.expected(at, expected);
        let last = at.saturating_sub(1);
        if let Some(error) = self.blank_groups(at).or_else(|| self.ago(at)) {
            return error;
        }
        let tight = format!("{}{}", self.text(last), self.text(at));
        if self.is(last, TokenKind::Number) && at < self.tokens.len() && literal::read(&tight).is_ok() {
            return error.hint(write_as(tight));
        }
        if literal::is_code(self.text(last)) && self.is(at, TokenKind::Number) {
            return error.hint(write_as(format!("{} {}", self.shown(at), self.shown(last))));
        }
        if let Some(error) = self.bare_range(at) {
            return error;
        }
        if literal::is_code(self.text(at)) && self.is(last, TokenKind::Word) {
            return error.hint(Hint::CodeBehindNumber);
        }
        match self.tokens.get(at).map(|token| token.kind) {
            None => error.hint(Hint::WriteArrow),
            Some(TokenKind::Range) => error.hint(Hint::BetweenForm),
            Some(TokenKind::Comma) => error.hint(Hint::NoComma),
            Some(TokenKind::Arrow) if self.is(at + 1, TokenKind::Number) => error.hint(Hint::WriteAtLeast),
            Some(TokenKind::Arrow) => error.hint(Hint::ArrowOfRule),
            Some(TokenKind::Open) if self.text(at) == "(" && self.is(last, TokenKind::Word) => {
                error.hint(Hint::FunctionForm)
            }
            Some(TokenKind::Word) if matches!(self.text(at), "missing" | "present") => {
                error.hint(write_as(format!("is {}", self.shown(at))))
            }
            Some(TokenKind::Word) if matches!(self.text(at), "then" | "else") => error.hint(Hint::ChoiceForm),
            Some(TokenKind::Word | TokenKind::Number | TokenKind::Date | TokenKind::Text | TokenKind::Open) => {
                let inside = expected == Term::OperatorCommaOrBracket;
                let hint = if inside { Hint::CommaBefore } else { Hint::OperatorBefore };
                let error = error.hint(Note::new(hint).with("text", self.shown(at)));
                if !self.is(last, TokenKind::Word)
                    || !self.is(at, TokenKind::Word)
                    || [last, at].iter().any(|at| is_reserved(self.text(*at)))
                {
                    return error;
                }
                let name = format!("{}_{}", self.text(last), self.text(at)).to_lowercase();
                error.hint(Note::new(Hint::NameWithoutBlanks).with("text", name))
            }
            Some(_) => error.hint(Hint::RemoveIt),
        }
    }
}
