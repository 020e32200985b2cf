//! Why a statement has no form that the grammar knows: a walk over its tokens that knows where an operand and where an
//! operator must stand, and what people usually mean instead.

mod block;
mod case;
mod declaration;
mod expression;
mod foreign;
mod rule;

use super::expression::Place;
use super::parser::Kind;
use super::scan::{Kind as TokenKind, Token};
use super::write_as;
use crate::diagnostics::{Arg, Code, Diagnostic, Hint, Note, Term};
use crate::source::Span;
pub(super) use case::no_heading;
pub(super) use declaration::option_hint;

/// As many characters of the policy as a proposal repeats.
const REPEATED: usize = 100;

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
        Kind::currency => Some(walk.currency()),
        Kind::policy => walk.policy(),
        Kind::score | Kind::segment | Kind::table | Kind::benefits => walk.block_head(kind),
        Kind::score_line => walk.score_line(),
        Kind::score_end => walk.score_end(),
        Kind::segment_line => walk.segment_line(),
        Kind::table_head | Kind::table_row => walk.cells(kind),
        Kind::benefit => walk.benefit(),
        Kind::case => walk.case(),
        Kind::case_table => walk.case_table(),
        Kind::case_head => walk.case_head(),
        Kind::case_row => walk.case_row(),
        Kind::use_file => Some(walk.use_file()),
        _ => None,
    };
    found.unwrap_or_else(|| walk.form(kind))
}

struct Walk<'a> {
    place: Place<'a>,
    tokens: &'a [Token],
}

impl<'a> Walk<'a> {
    fn text(&self, at: usize) -> &'a str {
        let token = self.tokens.get(at);
        token.and_then(|token| self.place.twin.text().get(token.start()..token.end())).unwrap_or_default()
    }

    /// A token as the author knows it: a keyword in the language in which it stands in the policy.
    fn shown(&self, at: usize) -> &'a str {
        self.tokens.get(at).map(|token| self.place.twin.written(token.start(), token.end())).unwrap_or_default()
    }

    fn is(&self, at: usize, kind: TokenKind) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == kind)
    }

    /// The first token from `at` on that is of a kind.
    fn find(&self, at: usize, kind: TokenKind) -> Option<usize> {
        (at..self.tokens.len()).find(|at| self.is(*at, kind))
    }

    /// The span of a token, or of the end of the statement.
    fn span(&self, at: usize) -> Span {
        let end = self.tokens.last().map_or(0, Token::end);
        match self.tokens.get(at) {
            Some(token) => self.place.twin.span(token.start(), token.end()),
            None => self.place.twin.span(end, end),
        }
    }

    /// The span of the tokens `from..to`.
    fn spans(&self, from: usize, to: usize) -> Span {
        self.span(from).to(self.span(to.saturating_sub(1).max(from)))
    }

    /// What the author wrote in the tokens `from..to`, where it is short enough to be repeated.
    fn written(&self, from: usize, to: usize) -> &'a str {
        let to = to.min(self.tokens.len());
        if from >= to {
            return "…";
        }
        let text = self.place.twin.source_text(self.spans(from, to));
        let short = text.char_indices().nth(REPEATED).is_none() && !text.contains(['\n', '\r']);
        if short { text } else { "…" }
    }

    fn rest(&self, from: usize) -> &'a str {
        self.written(from, self.tokens.len())
    }

    fn expected(&self, at: usize, expected: impl Into<Arg>) -> Diagnostic {
        let found: Arg =
            if at < self.tokens.len() { format!("`{}`", self.shown(at)).into() } else { Term::EndOfLine.into() };
        Diagnostic::new(Code::Expected, self.span(at)).with("expected", expected).with("found", found)
    }

    fn keyword(&self, at: usize) -> Diagnostic {
        let word = self.shown(at);
        Diagnostic::new(Code::KeywordAsName, self.span(at))
            .with("text", word)
            .hint(Note::new(Hint::Backticks).with("text", word))
    }

    fn between(&self, at: usize) -> Diagnostic {
        let ends = [at.saturating_sub(1), at + 1];
        let literals = ends.iter().all(|at| self.is(*at, TokenKind::Number) || self.is(*at, TokenKind::Date));
        let [low, high] = ends.map(|at| self.shown(at));
        let form = write_as(format!("between {low} and {high}"));
        let hint = if literals { form } else { Hint::BetweenForm.into() };
        Diagnostic::new(Code::BetweenWithoutAnd, self.span(at)).hint(hint)
    }

    /// The form of a statement of which nothing better can be said.
    fn form(&self, kind: Kind) -> Diagnostic {
        let (form, hint): (Arg, Note) = match kind {
            Kind::version => ("`tierwise 1`".into(), write_as("tierwise 1")),
            Kind::best => ("`match best`".into(), write_as("match best")),
            Kind::case => (Term::TestForm.into(), case::test_values()),
            _ => (Term::RuleForm.into(), Hint::WriteRule.into()),
        };
        let error = Diagnostic::new(Code::Expected, self.spans(0, self.tokens.len()));
        error.with("expected", form).with("found", Term::SomethingElse).hint(hint)
    }
}
