//! The walk over an expression: operands and operators in turn, brackets and choices counted.

use super::super::cut::{is_infix, is_not, is_reserved};
use super::super::literal;
use super::super::scan::{Kind as TokenKind, Token};
use super::super::write_as;
use super::Walk;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};

/// Where a walk over an expression came to its end.
pub(super) type Walked = Result<usize, Diagnostic>;

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

enum Step {
    /// An operand must stand at the token.
    Operand(usize),
    /// An operator may stand at the token.
    Infix(usize),
    End,
}

impl Walk<'_> {
    /// An expression from `from` to the end of the statement.
    pub(super) fn to_end(&self, from: usize) -> Option<Diagnostic> {
        match self.expression(from) {
            Err(diagnostic) => Some(diagnostic),
            Ok(at) if at < self.tokens.len() => Some(self.no_operator(at, Term::OperatorOrEnd)),
            Ok(_) => None,
        }
    }

    /// Walks an expression; gives the token behind it, or what is wrong inside.
    pub(super) fn expression(&self, from: usize) -> Walked {
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
            return Err(self.no_value(at));
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
            _ => Err(self.no_value(at)),
        }
    }

    /// What is wrong where a value must stand at `at`.
    fn no_value(&self, at: usize) -> Diagnostic {
        let error = self.expected(at, Term::Value);
        let Some(before) = at.checked_sub(1).map(|before| self.text(before)) else {
            return error.hint(Hint::ConditionBefore);
        };
        if before == ":" {
            return error.hint(Hint::ConditionBefore);
        }
        let here = self.text(at);
        let operator =
            |word: &str| is_infix(word) || matches!(word, "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=");
        let kind = self.tokens.get(at).map(|token| token.kind);
        match kind {
            Some(TokenKind::Open) => match self.find(at, TokenKind::Close) {
                Some(close) if close > at + 1 => error.hint(write_as(format!("({})", self.written(at + 1, close)))),
                _ => error.hint(Hint::ListInParentheses),
            },
            Some(TokenKind::Range) => error.hint(Hint::BetweenForm),
            Some(TokenKind::Arrow) if before == "=" => error.hint(write_as("=>")),
            Some(TokenKind::Operator) if before == "=" && here == "<" => error.hint(write_as("<=")),
            Some(TokenKind::Operator) if matches!(before, ">" | "<") && matches!(here, "=" | "==") => {
                error.hint(write_as(format!("{before}=")))
            }
            Some(TokenKind::Operator) if before == "=" && here == ">" => error.hint(write_as(">=")),
            _ if operator(before) && operator(here) => error.hint(Hint::OneOperator),
            _ if matches!(before, "and" | "AND" | "or" | "OR" | "not" | "NOT" | "when" | "if") => {
                error.hint(Note::new(Hint::ConditionBehind).with("text", self.shown(at - 1)))
            }
            _ => error.hint(Note::new(Hint::ValueBehind).with("text", self.shown(at - 1))),
        }
    }

    /// Behind a number, and behind the currency or unit that belongs to it.
    fn behind_measure(&self, at: usize) -> usize {
        let next = self.text(at + 1);
        let measure = literal::is_code(next) && !is_reserved(next) || literal::unit(next).is_some();
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
                let not = matches!(self.text(at.wrapping_sub(1)), "!=" | "<>");
                Err(self
                    .expected(at, Term::Value)
                    .hint(write_as(self.asks(at.wrapping_sub(1), not != (word == "missing")))))
            }
            "last" | "past" if self.text(at.wrapping_sub(1)) == "within" && self.is(at + 1, TokenKind::Number) => {
                let length = self.written(at + 1, self.behind_measure(at + 1));
                Err(self.expected(at, Term::Duration).hint(write_as(format!("within {length}"))))
            }
            _ if is_infix(word) || matches!(word, "then" | "else" | "otherwise" | "when") => Err(self.no_value(at)),
            _ if word.split('.').next().is_some_and(is_reserved) => Err(self.keyword(at)),
            _ if called => {
                open.brackets.push(true);
                open.start = true;
                Ok(Step::Operand(at + 2))
            }
            _ => Ok(Step::Infix(at + 1)),
        }
    }

    /// The question whether the fact before the operator at `at` is known.
    fn asks(&self, at: usize, missing: bool) -> String {
        let fact =
            at.checked_sub(1).filter(|fact| self.is(*fact, TokenKind::Word)).map_or("…", |fact| self.shown(fact));
        format!("{fact} is {}", if missing { "missing" } else { "present" })
    }

    fn at_least(&self, at: usize, open: &mut Open) -> Result<Step, Diagnostic> {
        let form = || write_as("at least 2 of (…, …, …)");
        if !self.is(at + 2, TokenKind::Number) {
            return Err(self.expected(at + 2, Term::Number).hint(form()));
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
            let choice = || self.expected(at, Term::ThenOrElse).hint(Hint::ChoiceForm);
            return if open.choices > 0 { Err(choice()) } else { Ok(Step::End) };
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
            TokenKind::Open if word == "(" => Err(self.no_operator(at, Term::Operator)),
            TokenKind::Comma if open.between > 0 => Err(self.between(at)),
            _ if inside => Err(self.no_operator(at, Term::OperatorCommaOrBracket)),
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
            "is" => self.is_what(at),
            "not" | "NOT" if is_infix(next) => Ok(Step::Infix(at + 1)),
            "not" | "NOT" => Err(self.not_what(at)),
            "then" | "else" if open.choices > 0 => {
                open.start = word == "else";
                open.choices -= usize::from(word == "else");
                Ok(Step::Operand(at + 1))
            }
            _ if open.between > 0 => Err(self.between(at)),
            _ => match self.word_scale(at).or_else(|| self.word_operator(at, at)) {
                Some(diagnostic) => Err(diagnostic),
                None if !open.brackets.is_empty() => Err(self.no_operator(at, Term::OperatorCommaOrBracket)),
                None => Ok(Step::End),
            },
        }
    }

    /// `not` behind a value, and no word for a comparison behind it.
    fn not_what(&self, at: usize) -> Diagnostic {
        let expected = Term::Comparisons;
        let form = match (at.checked_sub(1), self.text(at + 1)) {
            (_, "=" | "==") => "!=".to_owned(),
            (Some(fact), sign) if self.is(at + 1, TokenKind::Operator) => {
                format!("not {} {sign} {}", self.shown(fact), self.shown(at + 2))
            }
            _ => "not (…)".to_owned(),
        };
        self.expected(at + 1, expected).hint(write_as(form))
    }

    /// `is missing` and `is present`; anything else is what some write for `=`, `>` or these two.
    fn is_what(&self, at: usize) -> Result<Step, Diagnostic> {
        let not = is_not(self.text(at + 1));
        let value = at + 1 + usize::from(not);
        let other = self.text(value);
        if matches!(other, "missing" | "present") {
            return Ok(Step::Infix(value + 1));
        }
        if let Some(diagnostic) = self.word_operator(at, value) {
            return Err(diagnostic);
        }
        let error = self.expected(value, Term::MissingOrPresent);
        let form = match other.to_lowercase().as_str() {
            "null" | "none" | "nil" | "empty" | "blank" | "unknown" | "undefined" => self.asks(at, !not),
            "known" | "given" | "set" => self.asks(at, not),
            "" => self.asks(at, !not),
            "in" | "between" | "within" => format!("{}{other}", if not { "not " } else { "" }),
            _ => format!("{} {other}", if not { "!=" } else { "=" }),
        };
        Err(error.hint(write_as(form)))
    }
}
