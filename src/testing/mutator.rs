//! One mistake in the statements of a policy: rules and their order, tiers, lines, bins and points.

use std::sync::Arc;

use super::mutants::{Grid, MutantKind};
use super::mutated::{is_condition, number_of, printed, step_of, with_number};
use crate::source::Span;
use crate::syntax::Ast;
use crate::syntax::ast::{
    BinKind, Condition, Expr, ExprKind, FieldOptionKind, Literal, Name, Score, SegmentLine, StatementKind, Table,
    TestKind,
};
use crate::value::add;

/// A mistake as it was made.
pub(super) struct Change {
    pub(super) kind: MutantKind,
    pub(super) span: Span,
    /// What stands there instead: a text, or what stood in another place.
    pub(super) after: Option<Result<String, Span>>,
}

pub(super) struct Mutator<'p> {
    tiers: &'p [Arc<str>],
    pub(super) grid: &'p Grid,
    /// The number of the mistake to make, and that of the next.
    wanted: usize,
    pub(super) next: usize,
    pub(super) done: Option<Change>,
    /// The bin whose condition it is: it has no `not`, and leaves its value out.
    pub(super) bin: Option<Span>,
}

impl<'p> Mutator<'p> {
    pub(super) fn new(tiers: &'p [Arc<str>], grid: &'p Grid, wanted: usize) -> Self {
        Self { tiers, grid, wanted, next: 0, done: None, bin: None }
    }

    /// Whether it is the turn of the next mistake.
    pub(super) fn hit(&mut self) -> bool {
        let hit = self.next == self.wanted;
        self.next += 1;
        hit
    }

    pub(super) fn record(&mut self, kind: MutantKind, span: Span, after: Option<String>) {
        self.done = Some(Change { kind, span, after: after.map(Ok) });
    }

    /// What stood first behind what came next.
    fn swapped(&mut self, span: Span, behind: Span) {
        self.done = Some(Change { kind: MutantKind::Swapped, span, after: Some(Err(behind)) });
    }

    /// Puts another expression in the place of one.
    pub(super) fn put(&mut self, kind: MutantKind, expr: &mut Expr, node: ExprKind) {
        expr.node = node;
        self.record(kind, expr.span, Some(printed(expr)));
    }

    fn name(&mut self, kind: MutantKind, name: &mut Name, other: &str) {
        name.node = other.into();
        self.record(kind, name.span, Some(crate::syntax::print_name(other)));
    }

    pub(super) fn statements(&mut self, ast: &mut Ast, best: bool) {
        let mut at = 0;
        while at < ast.statements.len() && self.done.is_none() {
            if let Some(statement) = ast.statements.get_mut(at) {
                self.statement(&mut statement.node);
            }
            let kind = ast.statements.get(at).map(|statement| (&statement.node, statement.span));
            let (is_rule, drops, span) = match kind {
                Some((StatementKind::Rule { condition, .. }, span)) => {
                    (matches!(condition, Condition::When(_)), true, span)
                }
                Some((StatementKind::Adjust { .. }, span)) => (false, true, span),
                _ => (false, false, Span::default()),
            };
            if self.done.is_none() && drops && self.hit() {
                ast.statements.remove(at);
                return self.record(MutantKind::RuleDropped, span, None);
            }
            if self.done.is_none() && is_rule && !best {
                self.swap_rules(ast, at);
            }
            at += 1;
        }
    }

    /// A rule behind the next one, where something can tell them apart.
    fn swap_rules(&mut self, ast: &mut Ast, at: usize) {
        let said = |at: usize| match ast.statements.get(at).map(|statement| &statement.node) {
            Some(StatementKind::Rule { name, condition: Condition::When(_), tier }) => {
                Some((name.clone(), tier.clone()))
            }
            _ => None,
        };
        let is_rule =
            |at: &usize| matches!(ast.statements.get(*at).map(|it| &it.node), Some(StatementKind::Rule { .. }));
        let Some(next) = (at + 1..ast.statements.len()).find(is_rule) else { return };
        let (one, two) = (said(at), said(next));
        if one.is_none() || two.is_none() || one == two || !self.hit() {
            return;
        }
        let spans = [at, next].map(|at| ast.statements.get(at).map(|statement| statement.span).unwrap_or_default());
        ast.statements.swap(at, next);
        let [span, behind] = spans;
        self.swapped(span, behind);
    }

    fn statement(&mut self, statement: &mut StatementKind) {
        match statement {
            StatementKind::Rule { condition, tier, .. } => {
                self.line_condition(condition);
                self.tier(tier);
            }
            StatementKind::Adjust { tier, when, .. } => {
                self.condition(when);
                self.tier(tier);
            }
            StatementKind::Let { value, .. } if is_condition(value) => self.condition(value),
            StatementKind::Let { value, .. } => {
                self.value(value);
                self.results(value);
            }
            StatementKind::Score(score) => self.score(score),
            StatementKind::Segment { lines, .. } => self.segment(lines),
            StatementKind::Table(table) => self.table(table),
            StatementKind::Field(field) => {
                for (at, option) in field.options.iter_mut().enumerate() {
                    let FieldOptionKind::Default(value) = &mut option.node else { continue };
                    if self.done.is_some() || !self.hit() {
                        continue;
                    }
                    if let ExprKind::Literal(literal) = &mut value.node
                        && let Literal::Boolean(truth) = &mut **literal
                    {
                        *truth = !*truth;
                        return self.record(MutantKind::Missing, value.span, Some(printed(value)));
                    }
                    let span = option.span;
                    field.options.remove(at);
                    return self.record(MutantKind::Missing, span, None);
                }
            }
            _ => {}
        }
    }

    /// The next tier down the ladder, or up from the last.
    fn tier(&mut self, tier: &mut Name) {
        let Some(at) = self.tiers.iter().position(|known| **known == *tier.node) else { return };
        let other = self.tiers.get(at + 1).or_else(|| self.tiers.get(at.checked_sub(1)?));
        if let Some(other) = other.cloned()
            && self.done.is_none()
            && self.hit()
        {
            self.name(MutantKind::Tier, tier, &other);
        }
    }

    fn line_condition(&mut self, condition: &mut Condition) {
        if let Condition::When(condition) = condition {
            self.condition(condition);
        }
    }

    fn segment(&mut self, lines: &mut Vec<SegmentLine>) {
        let values: Vec<Box<str>> = lines.iter().map(|line| line.node.value.node.clone()).collect();
        let mut at = 0;
        while at < lines.len() && self.done.is_none() {
            let Some(line) = lines.get_mut(at) else { return };
            self.line_condition(&mut line.node.condition);
            let value = &mut line.node.value;
            let behind =
                values.iter().skip(at + 1).chain(values.iter().take(at).rev()).find(|other| **other != value.node);
            if let Some(other) = behind
                && self.done.is_none()
                && self.hit()
            {
                return self.name(MutantKind::Tier, value, other);
            }
            let span = line.span;
            if self.done.is_none() && lines.len() > 1 && self.hit() {
                lines.remove(at);
                return self.record(MutantKind::RuleDropped, span, None);
            }
            let is_open =
                |line: Option<&SegmentLine>| line.is_some_and(|line| matches!(line.node.condition, Condition::When(_)));
            let (next, value) = (lines.get(at + 1), lines.get(at).map(|line| &line.node.value.node));
            let told = next.map(|line| &line.node.value.node) != value;
            if self.done.is_none() && told && is_open(lines.get(at)) && is_open(next) && self.hit() {
                let behind = lines.get(at + 1).map_or(span, |line| line.span);
                lines.swap(at, at + 1);
                return self.swapped(span, behind);
            }
            at += 1;
        }
    }

    fn score(&mut self, score: &mut Score) {
        for line in &mut score.lines {
            let mut at = 0;
            self.value(&mut line.node.value);
            while at < line.node.bins.len() && self.done.is_none() {
                let bins = &mut line.node.bins;
                let Some(bin) = bins.get_mut(at) else { break };
                self.bin = Some(bin.span);
                self.line_condition(&mut bin.node.condition);
                self.bin = None;
                self.points(&mut bin.node.points);
                let span = bin.span;
                let is_missing = |bin: &BinKind| matches!(&bin.condition, Condition::When(when) if matches!(&when.node, ExprKind::Test(test) if test.kind == TestKind::Missing));
                let kind = if is_missing(&bin.node) { MutantKind::Missing } else { MutantKind::RuleDropped };
                if self.done.is_none() && bins.len() > 1 && self.hit() {
                    bins.remove(at);
                    return self.record(kind, span, None);
                }
                let is_open = |at: usize| {
                    bins.get(at)
                        .is_some_and(|bin| matches!(bin.node.condition, Condition::When(_)) && !is_missing(&bin.node))
                };
                let points = |at: usize| bins.get(at).map(|bin| &bin.node.points);
                if self.done.is_none() && is_open(at) && is_open(at + 1) && points(at) != points(at + 1) && self.hit() {
                    let behind = bins.get(at + 1).map_or(span, |bin| bin.span);
                    bins.swap(at, at + 1);
                    return self.swapped(span, behind);
                }
                at += 1;
            }
            if let Some(weight) = &mut line.node.weight {
                self.points(weight);
            }
        }
        for end in [&mut score.low, &mut score.high].into_iter().flatten() {
            self.points(end);
        }
    }

    /// One more in the last place that is written.
    fn points(&mut self, points: &mut Expr) {
        let Some(number) = number_of(points).filter(|_| self.done.is_none()) else { return };
        if let Some(more) = step_of(number).and_then(|step| add(number, step))
            && self.hit()
        {
            let node = with_number(points, more);
            self.put(MutantKind::Points, points, node);
        }
    }

    fn table(&mut self, table: &mut Table) {
        for cell in table.rows.iter_mut().flat_map(|row| row.node.iter_mut().skip(1)) {
            if let Some(value) = &mut cell.node {
                self.threshold(value, None);
            }
        }
    }
}
