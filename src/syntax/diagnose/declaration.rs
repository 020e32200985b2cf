//! Declarations that are written in another form: tiers, fields, lets, the currency, the policy's name.

use super::super::cut::is_reserved;
use super::super::scan::Kind as TokenKind;
use super::super::write_as;
use super::Walk;
use super::rule::as_tier;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};

/// As many tiers as a proposal repeats.
const TIERS: usize = 12;

impl Walk<'_> {
    /// `field "x": text`, `let "x" = 5`.
    fn name_in_quotes(&self) -> Diagnostic {
        let name = as_tier(self.shown(1));
        let behind = if self.text(2) == ":" { "" } else { " " };
        self.expected(1, Term::Name).hint(write_as(format!("{} {name}{behind}{}", self.shown(0), self.rest(2))))
    }

    pub(super) fn binding(&self) -> Option<Diagnostic> {
        if self.is(1, TokenKind::Text) {
            return Some(self.name_in_quotes());
        }
        if self.text(2) != "=" {
            let instead = matches!(self.text(2), ":" | "=>" | "==" | "is" | "be");
            let value = self.rest(2 + usize::from(instead));
            return Some(self.expected(2, "`=`").hint(write_as(format!("let {} = {value}", self.shown(1)))));
        }
        self.to_end(3)
    }

    pub(super) fn currency(&self) -> Diagnostic {
        let quoted = self.text(1).trim_matches(['"', '“', '”']);
        let code = if super::super::literal::is_code(quoted) { quoted } else { "EUR" };
        let at = if self.is(1, TokenKind::Word) { 2 } else { 1 };
        let expected = if at == 1 { Term::CurrencyCode } else { Term::EndOfLine };
        self.expected(at, expected).hint(write_as(format!("currency {code}")))
    }

    /// `policy "NAME" version "VERSION" effective DATE`.
    pub(super) fn policy(&self) -> Option<Diagnostic> {
        if !self.is(1, TokenKind::Text) {
            let end = (1..self.tokens.len()).find(|at| matches!(self.text(*at), "version" | "effective"));
            let end = end.unwrap_or(self.tokens.len());
            let mut form = format!("policy \"{}\"", self.written(1, end));
            if self.text(end) == "version" {
                let quote = if self.is(end + 1, TokenKind::Text) { "" } else { "\"" };
                form = format!("{form} version {quote}{}{quote}", self.shown(end + 1));
            }
            return Some(self.expected(1, Term::QuotedName).hint(write_as(form)));
        }
        let mut at = 2;
        if self.text(at) == "version" {
            if !self.is(at + 1, TokenKind::Text) {
                let form = format!("version \"{}\"", self.shown(at + 1));
                return Some(self.expected(at + 1, Term::QuotedVersion).hint(write_as(form)));
            }
            at += 2;
        }
        if self.text(at) == "effective" {
            if !self.is(at + 1, TokenKind::Date) {
                return Some(self.expected(at + 1, Term::Date).hint(write_as("effective 2026-01-01")));
            }
            at += 2;
        }
        (at < self.tokens.len()).then(|| {
            let expected = Term::VersionOrEnd;
            self.expected(at, expected)
                .hint(write_as(format!("policy {} version \"1\" effective 2026-01-01", self.shown(1))))
        })
    }

    /// Names, perhaps with labels, and `>` between them.
    pub(super) fn tiers(&self) -> Option<Diagnostic> {
        let mut at = 1;
        loop {
            if self.is(at, TokenKind::Word) && is_reserved(self.text(at)) {
                return Some(self.keyword(at));
            }
            if !self.is(at, TokenKind::Word) {
                return Some(self.whole_ladder(self.expected(at, Term::Tier)));
            }
            at += 1 + usize::from(self.is(at + 1, TokenKind::Text));
            if self.text(at) != ">" {
                return Some(self.whole_ladder(self.expected(at, "`>`")));
            }
            at += 1;
        }
    }

    /// Proposes the ladder with `>` between its tiers; one that climbs is turned round.
    fn whole_ladder(&self, error: Diagnostic) -> Diagnostic {
        let mut names: Vec<String> = Vec::new();
        let mut labelled = true;
        for at in 1..self.tokens.len().min(4 * TIERS) {
            if self.is(at, TokenKind::Word) {
                names.push(self.shown(at).to_owned());
                labelled = false;
            } else if self.is(at, TokenKind::Text) {
                match names.last_mut().filter(|_| !labelled) {
                    Some(name) => *name = format!("{name} {}", self.shown(at)),
                    None => names.push(as_tier(self.shown(at))),
                }
                labelled = true;
            }
        }
        if names.len() < 2 || names.len() > TIERS || self.tokens.len() > 4 * TIERS {
            return error.hint(Hint::StateTiers);
        }
        let climbs = (1..self.tokens.len()).any(|at| matches!(self.text(at), "<" | "<="));
        if climbs {
            names.reverse();
        }
        let error = error.hint(write_as(format!("tiers {}", names.join(" > "))));
        if climbs { error.hint(Hint::BestFirst) } else { error }
    }

    pub(super) fn field(&self) -> Option<Diagnostic> {
        if self.is(1, TokenKind::Text) {
            return Some(self.name_in_quotes());
        }
        let at = if self.is(2, TokenKind::Text) { 3 } else { 2 };
        if !self.is(at, TokenKind::Colon) {
            let instead = matches!(self.text(at), "=" | "is" | "as");
            let ty = self.rest(at + usize::from(instead));
            let ty = if ty == "…" { "number" } else { ty };
            let form = format!("field {}: {ty}", self.shown(1));
            return Some(self.expected(at, Term::ColonAndType).hint(write_as(form)));
        }
        if !self.is(at + 1, TokenKind::Word) {
            return Some(self.expected(at + 1, Term::Type).hint(Hint::KnownTypes));
        }
        if matches!(self.text(at + 2), "between" | "in" | "from" | ">" | ">=" | "<" | "<=" | "min" | "max") {
            let error = Diagnostic::new(Code::BadFieldOption, self.spans(at + 2, self.tokens.len()));
            return Some(error.with("text", self.rest(at + 2)).hint(self.range_meant(at + 2)));
        }
        let reserved = |at: &usize| self.is(*at, TokenKind::Word) && is_reserved(self.text(*at));
        let truth = |at: &usize| matches!(self.text(*at), "true" | "false");
        if let Some(at) = (at + 2..self.tokens.len()).find(|at| reserved(at) && !truth(at)) {
            return Some(self.keyword(at));
        }
        if [self.text(at + 1), self.text(at + 2), self.text(at + 3)] == ["set", "of", "set"] {
            let error = Diagnostic::new(Code::UnknownType, self.spans(at + 1, at + 4)).with("text", "set of set");
            return Some(error.hint(Hint::KnownTypes));
        }
        if matches!(self.text(at + 1), "one" | "set") {
            return Some(self.members(at + 1));
        }
        if matches!(self.text(at + 1), "enum" | "choice") && self.text(at + 2) == "(" {
            let error = Diagnostic::new(Code::UnknownType, self.span(at + 1)).with("text", self.shown(at + 1));
            return Some(error.hint(write_as(format!("one of {}", self.rest(at + 2)))));
        }
        self.options(at + 2)
    }

    /// The range that words or signs of a comparison mean.
    fn range_meant(&self, from: usize) -> Note {
        let mut ends: Vec<String> = Vec::new();
        for at in from..self.tokens.len().min(from + 8) {
            if self.is(at, TokenKind::Number) || self.is(at, TokenKind::Date) {
                let minus = if self.text(at - 1) == "-" { "-" } else { "" };
                ends.push(format!("{minus}{}", self.text(at)));
            }
        }
        match (self.text(from), ends.as_slice()) {
            (_, [low, high]) => write_as(format!("{low}..{high}")),
            (">" | ">=" | "min" | "from", [low]) => write_as(format!("{low}..")),
            ("<" | "<=" | "max", [high]) => write_as(format!("..{high}")),
            _ => Hint::RangeForm.into(),
        }
    }

    /// `one of (…)` and `set of …`.
    fn members(&self, at: usize) -> Diagnostic {
        if self.text(at) == "one" && self.text(at + 1) == "(" {
            let form = format!("one of {}", self.rest(at + 1));
            return self.expected(at + 1, Term::OfAndMembers).hint(write_as(form));
        }
        if self.text(at) == "set" {
            return self.expected(at + 2, Term::Type).hint(Hint::KnownTypes);
        }
        if self.text(at + 1) != "of" {
            return self.expected(at + 1, Term::OfAndWhat).hint(Hint::KnownTypes);
        }
        if self.text(at) == "one" && self.text(at + 2) != "(" {
            let form = format!("one of ({})", self.rest(at + 2));
            return self.expected(at + 2, Term::BracketAndMembers).hint(write_as(form));
        }
        let wrong = (at + 3..self.tokens.len()).find(|at| {
            !matches!(
                self.tokens.get(*at).map(|token| token.kind),
                Some(TokenKind::Word | TokenKind::Text | TokenKind::Comma)
            )
        });
        self.expected(wrong.unwrap_or(at + 2), Term::Member).hint(Hint::MemberForm)
    }

    /// The range and the options behind a type.
    fn options(&self, from: usize) -> Option<Diagnostic> {
        let of_range = |at: &usize| {
            matches!(
                self.tokens.get(*at).map(|token| token.kind),
                Some(TokenKind::Number | TokenKind::Date | TokenKind::Range)
            ) || matches!(self.text(*at), "-" | "to" | "(" | ")")
        };
        let mut at = (from..).find(|at| !of_range(at)).unwrap_or(from);
        if at > from {
            let error = Diagnostic::new(Code::BadFieldOption, self.spans(from, at));
            let error = error.with("text", self.written(from, at)).hint(Hint::RangeForm);
            let only_range = (from..at).any(|at| self.is(at, TokenKind::Range))
                && !(from..at).any(|at| matches!(self.text(at), "to" | "(" | ")"));
            if !only_range || at == self.tokens.len() {
                return Some(error);
            }
        }
        while at < self.tokens.len() {
            match self.text(at) {
                "scale" | "default" | "cost" => {
                    let value = at + 1 + usize::from(self.text(at + 1) == "-");
                    let literal = matches!(
                        self.tokens.get(value).map(|token| token.kind),
                        Some(TokenKind::Number | TokenKind::Date | TokenKind::Text | TokenKind::Word)
                    );
                    if !literal {
                        let form = format!("{} 0", self.shown(at));
                        return Some(self.expected(value, Term::Value).hint(write_as(form)));
                    }
                    at = value + 1;
                }
                "required" | "sensitive" | "protected" | "fixed" | "rising" | "falling" => at += 1,
                _ => {
                    let error = Diagnostic::new(Code::BadFieldOption, self.span(at)).with("text", self.shown(at));
                    return Some(error.hint(option_hint(self.text(at))));
                }
            }
        }
        None
    }
}

/// What may stand where an unknown option does.
pub(in crate::syntax) fn option_hint(word: &str) -> Note {
    const OPTIONS: [&str; 9] =
        ["scale", "default", "cost", "required", "sensitive", "protected", "fixed", "rising", "falling"];
    if matches!(word, "optional" | "nullable") {
        return Hint::EveryFactOptional.into();
    }
    if matches!(word, "mandatory") {
        return write_as("required");
    }
    match crate::diagnostics::nearest(word, OPTIONS).names.first() {
        Some(near) => Note::new(Hint::DidYouMean).with("text", *near),
        None => Hint::FieldOptions.into(),
    }
}
