//! From the tree of a policy to trees that differ from it in one place, as somebody might have mistaken it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::Serialize;

use super::mutator::{Change, Mutator};
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::plan::Plan;
use crate::source::{Lines, Span};
use crate::syntax::Ast;
use crate::syntax::ast::StatementKind;

/// What is mistaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MutantKind {
    /// A comparison with the threshold left out, or taken in; `=` for `!=`.
    Comparison,
    /// A threshold one step of the grid off, or ten-fold.
    Threshold,
    /// `and` for `or`.
    Connective,
    /// A condition left out beside others.
    ConditionDropped,
    /// A condition that holds where it did not.
    ConditionNegated,
    /// A rule, a cap, a floor, a line or a bin left out.
    RuleDropped,
    /// Two neighbours in the wrong order.
    Swapped,
    /// Another tier, or another value of a segment.
    Tier,
    /// A window of another length.
    Window,
    /// Other points, weights or ends of a score.
    Points,
    /// What is missing taken for something else.
    Missing,
}

/// A policy with one mistake.
#[derive(Clone, Debug)]
pub struct Mutant {
    number: usize,
    kind: MutantKind,
    span: Span,
    line: u32,
    before: String,
    /// Nothing where something is left out.
    after: Option<String>,
}

impl Mutant {
    /// What is mistaken.
    pub fn kind(&self) -> MutantKind {
        self.kind
    }

    /// Where it stands in the policy.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The line on which that begins.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// What the policy has there.
    pub fn before(&self) -> &str {
        &self.before
    }

    /// What stands there instead; `None` where nothing does. Of two that are swapped, the one that then comes first.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// Its number among those of the policy.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// The mistake, as text.
    pub fn text(&self, lang: Lang) -> String {
        let template = match (self.kind, &self.after) {
            (_, None) => Phrase::MutantDropped,
            (MutantKind::Swapped, Some(_)) => Phrase::MutantSwapped,
            _ => Phrase::MutantChanged,
        };
        let args = [
            ("line", self.line.to_string()),
            ("before", self.before.clone()),
            ("after", self.after.clone().unwrap_or_default()),
        ];
        phrase(template, &args, lang)
    }
}

/// One step of what a condition compares, by where the condition stands.
pub(crate) type Grid = BTreeMap<(usize, usize), Decimal>;

/// The mutants of a policy, each by its number.
pub(crate) struct Mutants<'p> {
    ast: &'p Ast,
    source: &'p str,
    lines: Lines,
    tiers: &'p [Arc<str>],
    best: bool,
    grid: Grid,
}

impl<'p> Mutants<'p> {
    pub(crate) fn new(ast: &'p Ast, source: &'p str, plan: &'p Plan, grid: Grid) -> Self {
        Self { ast, source, lines: Lines::new(source), tiers: &plan.names().tiers, best: plan.match_best(), grid }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.walked(usize::MAX).0.next
    }

    /// The tree with the mistake of a number; `None` where there are not so many.
    pub(crate) fn nth(&self, number: usize) -> Option<(Mutant, Ast)> {
        let (mutator, ast) = self.walked(number);
        let Change { kind, span, after } = mutator.done?;
        let text = |span: Span| self.source.get(span.start()..span.end()).unwrap_or_default();
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let before = plain(text(span));
        let after = after.map(|after| after.unwrap_or_else(|span| plain(text(span))));
        Some((Mutant { number, kind, span, line: self.lines.line(span.start()), before, after }, ast))
    }

    fn walked(&self, wanted: usize) -> (Mutator<'_>, Ast) {
        let mut ast = self.ast.clone();
        // Tests are those of the policy as it is.
        let is_test = |kind: &StatementKind| matches!(kind, StatementKind::Case(_) | StatementKind::CaseTable(_));
        ast.statements.retain(|statement| !is_test(&statement.node));
        let mut mutator = Mutator::new(self.tiers, &self.grid, wanted);
        mutator.statements(&mut ast, self.best);
        (mutator, ast)
    }
}
