//! What is noticed about a customer's data: calculations without a result, tiers that are not on the ladder, caps and
//! floors that could not be applied, assumptions that do not hold.
//!
//! A calculation is reported once per let, rule, cap, floor or assumption in whose own text it stands, whether or not
//! the decision came to it; the branch of an `if` and the right side of `??` only where it is taken. Nothing is reported
//! that would tell of the value of a sensitive fact.

use std::collections::BTreeSet;

use super::classified::ScoreParts;
use super::decide::bound;
use super::finding::{RawFinding, Whereabouts};
use super::machine::{Bound, Machine, Val};
use crate::diagnostics::Finding;
use crate::plan::{self, Expr, ExprId, Node, NodeId, Root, ScoreLine, Slot, Test, Truth};

pub(super) fn findings(machine: &Machine<'_, '_>, scores: &[ScoreParts]) -> Vec<RawFinding> {
    let mut findings = Vec::new();
    facts(machine, &mut findings);
    records(machine, &mut findings);
    if machine.plan.can_be_undefined() {
        calculations(machine, scores, &mut findings);
    }
    adjustments(machine, &mut findings);
    for (at, assumption) in machine.plan.assumptions().iter().enumerate() {
        if machine.truth(*assumption).is_surely_false() && !tells(machine, Root::Condition(*assumption)) {
            findings.push(RawFinding::new(Finding::AssumptionBroken, Whereabouts::Assumption(at)));
        }
    }
    findings
}

/// Whether a finding about something would tell of the value of a sensitive fact. That a fact is missing is no secret.
fn tells(machine: &Machine<'_, '_>, root: Root) -> bool {
    let plan = machine.plan;
    let sensitive = match root {
        Root::Value(value) => plan.sensitive().value(value),
        Root::Condition(node) => plan.sensitive().condition(node),
        // Looked up below; scores and segments are few.
        Root::Score(_) | Root::Segment(_) => true,
    };
    let secret = |at: &u32| match plan.slots().get(*at as usize) {
        Some(slot) => slot.field.sensitive && matches!(machine.fact(*at), Val::Known(_)),
        None => plan.missing_element(*at).is_some_and(|element| element.field.sensitive),
    };
    sensitive && plan.facts_of(root, usize::MAX).0.iter().any(secret)
}

fn facts(machine: &Machine<'_, '_>, findings: &mut Vec<RawFinding>) {
    for (at, (given, slot)) in machine.facts.iter().zip(machine.plan.slots()).enumerate() {
        let finding = match given.value {
            _ if given.not_on_ladder => Finding::UnknownTier,
            Val::Undefined if slot.field.standing => Finding::NoStanding,
            _ => continue,
        };
        findings.push(RawFinding::new(finding, Whereabouts::Field(at)));
    }
}

/// What was noticed while collections were read.
fn records(machine: &Machine<'_, '_>, findings: &mut Vec<RawFinding>) {
    for ((at, records), history) in (0..).zip(machine.plan.records()).zip(machine.histories) {
        let noticed = history.noticed;
        let empty = u32::from(history.supplied && records.amount.is_some() && history.len() == 0);
        let all = [
            (Finding::RepeatedRecord, noticed.repeated),
            (Finding::ConflictingRecord, noticed.conflicting),
            (Finding::FutureRecord, noticed.future),
            (Finding::UnknownCode, noticed.unknown_currency),
            (Finding::NoRecords, empty),
        ];
        let found = all.into_iter().filter(|(_, count)| *count > 0);
        findings.extend(found.map(|(finding, count)| RawFinding::new(finding, Whereabouts::Records(at, count))));
    }
}

fn adjustments(machine: &Machine<'_, '_>, findings: &mut Vec<RawFinding>) {
    for (at, adjustment) in machine.plan.adjustments().iter().enumerate() {
        let truth = machine.truth(adjustment.condition);
        let unknown = !truth.is_settled() || truth == Truth::UNKNOWN;
        let nowhere = bound(machine, adjustment).is_none() && !is_without_parent(machine, adjustment);
        let open = unknown || (truth.is_surely_true() && nowhere);
        if open && !tells(machine, Root::Condition(adjustment.condition)) {
            let finding = if adjustment.cap { Finding::CapUnknown } else { Finding::FloorUnknown };
            findings.push(RawFinding::new(finding, Whereabouts::Adjustment(at)));
        }
    }
}

/// Whether a cap or floor hangs on the tier of a parent that there is not.
fn is_without_parent(machine: &Machine<'_, '_>, adjustment: &plan::Adjustment) -> bool {
    let plan::Bound::Slot(at) = adjustment.bound else { return false };
    let slot = machine.plan.slots().get(at as usize);
    slot.is_some_and(Slot::is_parent_tier) && matches!(machine.fact(at), Val::Undefined)
}

fn calculations(machine: &Machine<'_, '_>, scores: &[ScoreParts], findings: &mut Vec<RawFinding>) {
    let plan = machine.plan;
    let (mut rows, mut cells) = (BTreeSet::new(), BTreeSet::new());
    let mut walk = |root: Root, place: Whereabouts| {
        let mut walk = Walk { machine, undefined: false, rows: Vec::new(), cells: Vec::new() };
        walk.root(root);
        if walk.undefined && !tells(machine, root) {
            findings.push(RawFinding::new(Finding::Undefined, place));
        }
        rows.extend(walk.rows);
        cells.extend(walk.cells);
    };
    plan.lets().iter().enumerate().for_each(|(at, root)| walk(*root, Whereabouts::Let(at)));
    for (at, rule) in plan.rules().iter().enumerate() {
        if let Some(condition) = rule.condition {
            walk(Root::Condition(condition), Whereabouts::Rule(at));
        }
    }
    for (at, adjustment) in plan.adjustments().iter().enumerate() {
        walk(Root::Condition(adjustment.condition), Whereabouts::Adjustment(at));
    }
    for (at, assumption) in plan.assumptions().iter().enumerate() {
        walk(Root::Condition(*assumption), Whereabouts::Assumption(at));
    }
    lookups(machine, rows, cells, findings);
    blocks(machine, scores, findings);
}

/// Keys without a row, then cells that are `missing`, in the order of the policy.
fn lookups(machine: &Machine<'_, '_>, rows: BTreeSet<u32>, cells: BTreeSet<u32>, findings: &mut Vec<RawFinding>) {
    let plan = machine.plan;
    let line = |table: u32| plan.names().tables.get(table as usize).map(|table| table.line);
    let secret = |table: u32| plan.tables().get(table as usize).is_some_and(|t| tells(machine, Root::Value(t.key)));
    let mut rows: Vec<u32> = rows.into_iter().filter(|table| !secret(*table)).collect();
    rows.sort_by_key(|table| line(*table));
    findings.extend(rows.iter().map(|table| RawFinding::new(Finding::NoRow, Whereabouts::Table(*table))));
    let place = |column: &u32| plan.column(*column).map(|column| (line(column.table), column.table, column.place));
    let mut cells: Vec<u32> = cells.into_iter().collect();
    cells.retain(|column| place(column).is_some_and(|(_, table, _)| !secret(table)));
    cells.sort_by_key(place);
    cells.dedup_by_key(|column| place(column));
    findings.extend(cells.iter().map(|column| RawFinding::new(Finding::EmptyCell, Whereabouts::Column(*column))));
}

/// Scores of which a line fits no bin, and segments of which no line fits.
fn blocks(machine: &Machine<'_, '_>, scores: &[ScoreParts], findings: &mut Vec<RawFinding>) {
    let plan = machine.plan;
    for ((bound, at, score), parts) in plan.scores().zip(scores) {
        for (line, (seen, plan_line)) in parts.lines.iter().zip(&score.lines).enumerate() {
            let known = matches!(machine.value(plan_line.value), Val::Known(_));
            let nothing = !plan_line.bins.is_empty() && known && machine.fits_no_bin(plan_line);
            if nothing && seen.points.is_none() && !tells(machine, Root::Score(at)) {
                findings.push(RawFinding::new(Finding::NoBin, Whereabouts::Line(bound as usize, line)));
            }
        }
    }
    for (bound, at, _) in plan.segments() {
        let nothing = matches!(machine.bound(bound), Bound::Value(Val::Undefined));
        if nothing && !tells(machine, Root::Segment(at)) {
            findings.push(RawFinding::new(Finding::NoSegment, Whereabouts::Let(bound as usize)));
        }
    }
}

/// Looks at every calculation of one statement, lets not opened.
struct Walk<'m, 'a> {
    machine: &'m Machine<'m, 'a>,
    undefined: bool,
    /// Tables without a row for the customer's key.
    rows: Vec<u32>,
    /// Columns whose cell is `missing`.
    cells: Vec<u32>,
}

impl Walk<'_, '_> {
    fn root(&mut self, root: Root) {
        let plan = self.machine.plan;
        match root {
            Root::Value(value) => self.value(value),
            Root::Condition(node) => self.condition(node),
            Root::Score(at) => {
                for line in plan.score(at).into_iter().flat_map(|score| &score.lines) {
                    self.line(line);
                }
            }
            Root::Segment(at) => {
                for line in plan.segment(at).into_iter().flat_map(|segment| &segment.lines) {
                    let Some(condition) = line.condition else { return };
                    self.condition(condition);
                    if self.machine.truth(condition).is_surely_true() {
                        return;
                    }
                }
            }
        }
    }

    /// The parts of an `and` or `or`. What is looked up behind the part that decides surprises nobody by an empty cell:
    /// `size.staff is missing or employees >= size.staff` asks before.
    fn joined(&mut self, parts: &[NodeId], decides: fn(Truth) -> bool) {
        let asks = !self.machine.plan.tables().is_empty();
        let mut decided = false;
        for part in parts {
            let cells = self.cells.len();
            self.condition(*part);
            if decided {
                self.cells.truncate(cells);
            }
            decided = decided || (asks && decides(self.machine.truth(*part)));
        }
    }

    /// The value of a line, and its bins up to the first that fits.
    fn line(&mut self, line: &ScoreLine) {
        self.value(line.value);
        let value = self.machine.value(line.value);
        if !matches!(value, Val::Known(_)) {
            return;
        }
        let outer = self.machine;
        let inner = outer.with_subject(line.value, value);
        for bin in line.bins.iter().filter(|bin| !bin.missing) {
            let truth = match bin.condition {
                Some(condition) => {
                    let mut walk = Walk { machine: &inner, undefined: false, rows: Vec::new(), cells: Vec::new() };
                    walk.condition(condition);
                    self.undefined |= walk.undefined;
                    self.rows.append(&mut walk.rows);
                    self.cells.append(&mut walk.cells);
                    inner.truth(condition)
                }
                None => Truth::TRUE,
            };
            if truth.is_surely_true() {
                self.value(bin.points);
                return;
            }
        }
    }

    /// A column whose customer's key has no row, or whose cell is `missing`.
    fn lookup(&mut self, at: u32) {
        let plan = self.machine.plan;
        let Some(column) = plan.column(at) else { return };
        let Some(table) = plan.tables().get(column.table as usize) else { return };
        self.value(table.key);
        if let Val::Known(key) = self.machine.value(table.key) {
            match table.row(&key) {
                None => self.rows.push(column.table),
                Some(row) if column.cell(row).is_none() => self.cells.push(at),
                Some(_) => {}
            }
        }
    }

    /// A part of `??` that another one stands in for, and what is asked by `is missing`: an empty cell is no surprise.
    fn expected(&mut self, id: ExprId) {
        match self.machine.plan.expr(id) {
            Expr::Lookup(column) => {
                let cells = self.cells.len();
                self.lookup(*column);
                self.cells.truncate(cells);
            }
            _ => self.value(id),
        }
    }

    fn condition(&mut self, id: NodeId) {
        let plan = self.machine.plan;
        match plan.node(id) {
            Node::Constant(_) | Node::Let(_) => {}
            Node::Not(inner) => self.condition(*inner),
            Node::And(parts) => self.joined(parts, Truth::is_surely_false),
            Node::Or(parts) => self.joined(parts, Truth::is_surely_true),
            Node::AtLeast(_, parts) => parts.iter().for_each(|part| self.condition(*part)),
            Node::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    let truth = self.machine.truth(*condition);
                    if truth.is_surely_true() {
                        self.condition(*value);
                    }
                    if !truth.is_surely_false() {
                        return;
                    }
                }
                self.condition(*otherwise);
            }
            Node::Chained(first, rest) => {
                self.value(*first);
                rest.iter().for_each(|(_, part)| self.value(*part));
            }
            Node::Atom(atom) => {
                let asks = plan.atom(*atom).is_some_and(|atom| atom.test == Test::Missing);
                plan.values(*atom).for_each(|value| if asks { self.expected(value) } else { self.value(value) });
            }
        }
    }

    fn value(&mut self, id: ExprId) {
        if self.machine.is_subject(id) {
            return;
        }
        match self.machine.plan.expr(id) {
            Expr::Constant(_) | Expr::Fact(_) | Expr::Let(_) | Expr::Today | Expr::Element(..) => {}
            Expr::Aggregate(_) => self.undefined |= matches!(self.machine.value(id), Val::Undefined),
            Expr::Lookup(column) => self.lookup(*column),
            Expr::Unary(op, inner) => {
                self.value(*inner);
                if let Val::Known(value) = self.machine.value(*inner) {
                    self.undefined |= op.unary(value).is_none();
                }
            }
            Expr::Chain(first, rest) => {
                self.value(*first);
                let mut so_far = self.machine.value(*first);
                for (op, part) in rest {
                    self.value(*part);
                    so_far = match (so_far, self.machine.value(*part)) {
                        (Val::Known(left), Val::Known(right)) => match op.binary(left, right) {
                            Some(value) => Val::Known(value),
                            None => {
                                self.undefined = true;
                                Val::Undefined
                            }
                        },
                        _ => Val::Missing,
                    };
                }
            }
            Expr::Coalesce(parts) => {
                let known = parts.iter().any(|part| matches!(self.machine.value(*part), Val::Known(_)));
                for part in parts {
                    if known {
                        self.expected(*part)
                    } else {
                        self.value(*part)
                    }
                    if matches!(self.machine.value(*part), Val::Known(_)) {
                        break;
                    }
                }
            }
            Expr::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    let truth = self.machine.truth(*condition);
                    if truth.is_surely_true() {
                        self.value(*value);
                    }
                    if !truth.is_surely_false() {
                        return;
                    }
                }
                self.value(*otherwise);
            }
            Expr::Truth(node) => self.condition(*node),
        }
    }
}
