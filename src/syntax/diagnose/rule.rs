//! Rules, caps and floors that are written in another form than `CONDITION => TIER` and `cap TIER when CONDITION`.

use super::super::cut::{is_infix, is_not, is_reserved};
use super::super::literal;
use super::super::scan::Kind as TokenKind;
use super::super::write_as;
use super::Walk;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};

impl Walk<'_> {
    pub(super) fn rule(&self) -> Option<Diagnostic> {
        if let Some(diagnostic) = self.statement() {
            return Some(diagnostic);
        }
        let named = self.is(0, TokenKind::Text);
        if named
            && !self.is(1, TokenKind::Colon)
            && !self.is(1, TokenKind::Operator)
            && !is_infix(self.text(1))
            && !is_not(self.text(1))
        {
            let error = Diagnostic::new(Code::MissingColon, self.span(0)).with("text", self.shown(0));
            return Some(error.hint(write_as(format!("{}:", self.shown(0)))));
        }
        let from = if named && self.is(1, TokenKind::Colon) { 2 } else { 0 };
        if let Some(diagnostic) = self.other_form(from) {
            return Some(diagnostic);
        }
        if self.text(from) == "otherwise" {
            return self.arrow(from, from + 1);
        }
        match self.expression(from) {
            Err(diagnostic) => Some(diagnostic),
            Ok(at) => self.arrow(from, at),
        }
    }

    /// A statement whose name is a keyword, or that has a colon behind its first word.
    fn statement(&self) -> Option<Diagnostic> {
        let word = self.text(0);
        let statement = matches!(
            word,
            "policy" | "tiers" | "currency" | "field" | "let" | "cap" | "floor" | "score" | "segment" | "table"
        );
        if !statement {
            return None;
        }
        if self.text(1) == "{" {
            return match word {
                "score" | "segment" => Some(self.expected(1, "a name").hint(write_as(format!("{word} value {{")))),
                "table" => Some(self.expected(1, "a name").hint(write_as("table size by sector {"))),
                _ => None,
            };
        }
        if self.tokens.len() == 1 {
            let form = match word {
                "policy" => "policy \"Key accounts\"",
                "tiers" => "tiers A > B > C",
                "currency" => "currency EUR",
                "field" => "field seats: integer 0..",
                "let" => "let loyal = tenure_months >= 24",
                "cap" => "cap B when overdue_days > 60",
                "floor" => "floor B when points > 1000",
                "score" => "score value { annual_spend: >= 1M => 40, otherwise => 0 }",
                "segment" => "segment stage { frequency = 0 => prospect; otherwise => customer }",
                "table" => "table size by sector { … }",
                _ => return None,
            };
            return Some(self.expected(1, Term::Name).hint(write_as(form)));
        }
        if self.is(1, TokenKind::Colon) {
            return Some(self.expected(1, Term::Name).hint(write_as(format!("{word} {}", self.rest(2)))));
        }
        if matches!(word, "cap" | "floor") && self.text(1) == "when" {
            let arrow = self.find(1, TokenKind::Arrow);
            let (end, tier) = arrow.map_or((self.tokens.len(), "B"), |arrow| (arrow, self.tier_at(arrow + 1)));
            let form = format!("{word} {tier} when {}", self.written(2, end));
            return Some(self.expected(1, Term::Tier).hint(write_as(form)));
        }
        (self.is(1, TokenKind::Word) && is_reserved(self.text(1))).then(|| self.keyword(1))
    }

    /// The tier at a token, or what stands for one.
    fn tier_at(&self, at: usize) -> &str {
        if self.is(at, TokenKind::Word) && !is_reserved(self.text(at)) { self.text(at) } else { "A" }
    }

    /// A rule as other languages write it.
    fn other_form(&self, from: usize) -> Option<Diagnostic> {
        let behind = self.tokens.get(from + 1).map(|token| token.kind);
        match self.text(from) {
            "when" | "if" => self.behind_words(from, 1),
            "elif" | "elseif" | "elsif" if matches!(behind, Some(TokenKind::Word)) => self.behind_words(from, 1),
            "else" if self.text(from + 1) == "if" => self.behind_words(from, 2),
            "else" => Some(self.instead_of_otherwise(from)),
            "*" if behind == Some(TokenKind::Arrow) => Some(self.instead_of_otherwise(from)),
            _ => self.name_in_front(from).or_else(|| self.tier_in_front(from)),
        }
    }

    /// `if A then B`, `when A => B`, `else if A => B`.
    fn behind_words(&self, from: usize, words: usize) -> Option<Diagnostic> {
        let begin = from + words;
        let arrow = self.find(begin, TokenKind::Arrow);
        let then = (begin..self.tokens.len()).find(|at| self.text(*at) == "then");
        let end = match (arrow, then) {
            (Some(end), None) | (None, Some(end)) => end,
            _ => return None,
        };
        let form = format!("{} => {}", self.written(begin, end), self.tier_at(end + 1));
        let error = Diagnostic::new(Code::OtherRuleForm, self.spans(from, begin));
        let error = error.with("text", self.written(from, begin)).hint(write_as(form));
        if self.text(end + 2) == "else" {
            return Some(error.hint(self.write_otherwise(end + 3)));
        }
        Some(if matches!(self.text(from), "if" | "when") { error } else { error.hint(Hint::RulesInOrder) })
    }

    fn write_otherwise(&self, tier: usize) -> Note {
        Note::new(Hint::WriteOtherwise).with("tier", self.tier_at(tier))
    }

    /// `else => C`, on the line of the rule before or on its own.
    fn instead_of_otherwise(&self, at: usize) -> Diagnostic {
        let error = Diagnostic::new(Code::OtherRuleForm, self.span(at)).with("text", self.shown(at));
        error.hint(self.write_otherwise(self.tokens.len().saturating_sub(1)))
    }

    /// `Key account: CONDITION => A`.
    fn name_in_front(&self, from: usize) -> Option<Diagnostic> {
        let colon = (from..from + 6).find(|at| !self.is(*at, TokenKind::Word)).filter(|at| *at > from)?;
        if !self.is(colon, TokenKind::Colon) || self.find(colon, TokenKind::Arrow).is_none() {
            return None;
        }
        let name = self.written(from, colon);
        let error = Diagnostic::new(Code::NameWithoutQuotes, self.spans(from, colon)).with("text", name);
        Some(error.hint(write_as(format!("\"{name}\": {}", self.rest(colon + 1)))))
    }

    /// `A: CONDITION`, `A => CONDITION`, `A = CONDITION`, `A if CONDITION`.
    fn tier_in_front(&self, from: usize) -> Option<Diagnostic> {
        if !self.is(from, TokenKind::Word) || is_reserved(self.text(from)) {
            return None;
        }
        let begin = from + 2;
        let condition = |at: usize| self.is(at, TokenKind::Operator) || is_infix(self.text(at));
        let otherwise = self.text(begin) == "otherwise";
        let whole = match self.text(from + 1) {
            ":" | "if" | "when" => self.find(begin, TokenKind::Arrow).is_none(),
            "=>" => otherwise || condition(begin + 1),
            "=" => {
                let later = (begin + 1..self.tokens.len()).any(condition);
                (otherwise || later) && self.find(begin, TokenKind::Arrow).is_none()
            }
            _ => false,
        };
        if !whole || begin >= self.tokens.len() {
            return None;
        }
        let tier = self.text(from);
        let error = Diagnostic::new(Code::TierInFront, self.span(from)).with("text", tier);
        Some(error.hint(write_as(format!("{} => {tier}", self.rest(begin)))))
    }

    /// `=> TIER` and nothing behind it.
    pub(super) fn arrow(&self, from: usize, at: usize) -> Option<Diagnostic> {
        if !self.is(at, TokenKind::Arrow) {
            return Some(self.missing_arrow(from, at));
        }
        if at + 1 >= self.tokens.len() {
            return Some(Diagnostic::new(Code::MissingTier, self.span(at)).hint(Hint::NameTier));
        }
        if self.is(at + 1, TokenKind::Word) && is_reserved(self.text(at + 1)) {
            if self.text(at + 1) == "otherwise" {
                let error = Diagnostic::new(Code::KeywordAsName, self.span(at + 1));
                return Some(error.with("text", self.shown(at + 1)).hint(Hint::NameTier));
            }
            return Some(self.keyword(at + 1));
        }
        if !self.is(at + 1, TokenKind::Word) {
            let error = self.expected(at + 1, Term::Tier);
            // `frequency => 12` is how some write "at least", and tiers are names and no texts.
            return Some(match self.tokens.get(at + 1).map(|token| token.kind) {
                Some(TokenKind::Number) => error.hint(Hint::WriteAtLeast),
                Some(TokenKind::Text) => error.hint(write_as(format!("=> {}", as_tier(self.shown(at + 1))))),
                _ => error.hint(Hint::NameTier),
            });
        }
        (at + 2 < self.tokens.len()).then(|| self.behind_tier(from, at))
    }

    /// What stands behind `=> TIER`.
    fn behind_tier(&self, from: usize, arrow: usize) -> Diagnostic {
        let at = arrow + 2;
        let error = self.expected(at, Term::EndOfRule);
        match self.text(at) {
            // A line that begins with one of these continues the line before it.
            "else" if self.text(at + 1) != "if" => self.instead_of_otherwise(at),
            "when" | "if" | "else" if self.find(at, TokenKind::Arrow).is_some() => {
                let words = 1 + usize::from(self.text(at) == "else");
                self.behind_words(at, words).unwrap_or(error.hint(Hint::OneTier))
            }
            "when" | "if" => {
                let form =
                    format!("{} and {} => {}", self.written(from, arrow), self.rest(at + 1), self.shown(arrow + 1));
                error.hint(write_as(form))
            }
            "=>" => error.hint(Hint::OneArrow),
            _ if self.is(at, TokenKind::Word) && at + 1 == self.tokens.len() => {
                let name = self.written(arrow + 1, at + 1);
                error.hint(Note::new(Hint::TierOneWord).with("text", format!("`{name}`")))
            }
            _ => error.hint(Hint::OneTier),
        }
    }

    fn missing_arrow(&self, from: usize, at: usize) -> Diagnostic {
        let last = at.saturating_sub(1);
        let code = self.text(last);
        let count = self.tokens.len();
        let error = || Diagnostic::new(Code::MissingArrow, self.span(at));
        let form = |end: usize, tier: usize| write_as(format!("{} => {}", self.written(from, end), self.shown(tier)));
        let tight = self.is(last, TokenKind::Number) && literal::read(&format!("{code}{}", self.text(at))).is_ok();
        if self.is(at, TokenKind::Comma) {
            return self.expected(at, Term::JoinOrArrow).hint(Hint::NoComma);
        }
        if at < count && (tight || self.find(at, TokenKind::Arrow).is_some()) {
            return self.no_operator(at, Term::OperatorOrArrow);
        }
        if at + 1 == count && self.is(at, TokenKind::Word) {
            return error().hint(form(at, at));
        }
        if at + 2 == count
            && self.is(at + 1, TokenKind::Word)
            && matches!(self.text(at), "then" | ":" | "is" | "return")
        {
            return error().hint(form(at, at + 1));
        }
        if at < count && !self.is(at, TokenKind::Word) {
            return self.no_operator(at, Term::OperatorOrArrow);
        }
        if at >= count && literal::is_code(code) && self.is(last.saturating_sub(1), TokenKind::Number) {
            return error().hint(Note::new(Hint::ArrowMissingToo).with("text", code));
        }
        error().hint(Hint::WriteArrow)
    }

    pub(super) fn adjust(&self) -> Option<Diagnostic> {
        let from = if self.is(0, TokenKind::Text) { 2 } else { 0 };
        let (word, tier) = (self.shown(from), self.text(from + 1));
        if self.text(from + 2) == "when" {
            return self.to_end(from + 3);
        }
        if matches!(tier, "at" | "to") && self.is(from + 2, TokenKind::Word) {
            let when = if self.text(from + 3) == "when" { self.rest(from + 4) } else { "…" };
            let form = format!("{word} {} when {when}", self.shown(from + 2));
            return Some(self.expected(from + 1, Term::Tier).hint(write_as(form)));
        }
        let instead = matches!(self.text(from + 2), "if" | ":" | "=>" | "where" | "=");
        let condition = self.rest(from + 2 + usize::from(instead));
        Some(self.expected(from + 2, "`when`").hint(write_as(format!("{word} {tier} when {condition}"))))
    }
}

/// A quoted text as the name of a tier.
pub(super) fn as_tier(quoted: &str) -> String {
    let name = quoted.trim_matches(['"', '“', '”']);
    let word = name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_numeric());
    if word { name.to_owned() } else { format!("`{name}`") }
}
