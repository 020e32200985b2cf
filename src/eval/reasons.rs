//! Why a tier changes from one day to the next: records that come into windows or leave them, dates that run out, values
//! that pass what they are compared with.

use std::ops::Range;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::history::{Cell, History};
use super::machine::{Machine, Val};
use super::outcome::RuleId;
use crate::plan::{Aggregate, Expr, ExprId, Kind, Node, NodeId, Part, Plan, Root, Source, Subject, Test, Truth};
use crate::value::{Constant, Duration, Stretch, Value, within};

/// So many records of a kind are named.
const NAMED: usize = 2;

/// So deep is looked into values and conditions.
const DEPTH: usize = 32;

/// What lets go of a tier, or brings another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A record comes into the window of an aggregate, or leaves it.
    Record { aggregate: u32, comes: bool, record: Recorded },
    /// So many more do.
    More { aggregate: u32, comes: bool, count: usize },
    /// The window of an aggregate over periods moves.
    Window { aggregate: u32, days: Stretch },
    /// A date runs out of a length of time; or it comes.
    Date { value: ExprId, date: NaiveDate, length: Duration, comes: bool },
    /// A value rises or falls by itself.
    Value { value: ExprId, before: Option<Constant>, now: Option<Constant> },
    /// Something that follows from a sensitive fact.
    Hidden,
}

/// What is told of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) id: Option<Constant>,
    pub(crate) on: Option<NaiveDate>,
    /// What it adds.
    pub(crate) adds: Option<Decimal>,
}

/// Two days of one customer.
struct Days<'d, 'm, 'a> {
    before: &'d Machine<'m, 'a>,
    now: &'d Machine<'m, 'a>,
    plan: &'a Plan,
    reasons: Vec<Reason>,
    lets: Vec<bool>,
}

/// Why what is decided now is another than before.
pub(super) fn reasons<'m, 'a>(
    before: (&Machine<'m, 'a>, Option<RuleId>),
    now: (&Machine<'m, 'a>, Option<RuleId>),
) -> Vec<Reason> {
    let plan = now.0.plan;
    let lets = vec![false; plan.lets().len()];
    let mut days = Days { before: before.0, now: now.0, plan, reasons: Vec::new(), lets };
    let rules = [before.1, now.1].into_iter().flatten();
    let mut rules: Vec<usize> = rules.map(|rule| rule.index()).collect();
    rules.dedup();
    let rules = rules.into_iter().filter_map(|rule| plan.rules().get(rule)?.condition);
    let all = rules.chain(plan.adjustments().iter().map(|adjustment| adjustment.condition));
    all.for_each(|condition| {
        days.condition(condition, DEPTH);
    });
    days.reasons
}

impl<'a> Days<'_, '_, 'a> {
    fn add(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Whether a record is told of already, by another aggregate over the same window; what it adds is told once.
    fn knows(&mut self, at: u32, comes: bool, record: &Recorded) -> bool {
        let window = |at: u32| self.plan.aggregate(at).map(|aggregate| (aggregate.source, aggregate.window));
        let own = window(at).map(|(source, window)| (collection(source), window));
        for known in &mut self.reasons {
            let Reason::Record { aggregate, comes: known_comes, record: known } = known else { continue };
            let same = window(*aggregate).map(|(source, window)| (collection(source), window)) == own
                && *known_comes == comes
                && (&known.id, known.on) == (&record.id, record.on);
            if same && (known.adds.is_none() || record.adds.is_none()) && record.id.is_some() {
                known.adds = known.adds.or(record.adds);
                *aggregate = if record.adds.is_some() { at } else { *aggregate };
                return true;
            }
        }
        false
    }

    /// Looks into a condition that has changed; whether it moves by itself with the day.
    fn condition(&mut self, id: NodeId, depth: usize) -> bool {
        if self.before.truth(id) == self.now.truth(id) {
            return false;
        }
        let Some(depth) = depth.checked_sub(1) else { return true };
        if self.plan.sensitive().condition(id) {
            self.add(Reason::Hidden);
            return false;
        }
        match self.plan.node(id) {
            Node::Atom(atom) => {
                let Some(atom) = self.plan.atom(*atom) else { return false };
                let subject = self.plan.dimension(atom).map(|dimension| dimension.subject);
                if let (Some(Subject::Value(value)), Test::Within(length)) = (subject, &atom.test) {
                    self.date(value, *length);
                }
                let values: Vec<ExprId> = self.plan.values_of(atom).collect();
                values.into_iter().for_each(|value| self.operand(value, depth));
            }
            Node::Chained(first, rest) => {
                let values = std::iter::once(*first).chain(rest.iter().map(|(_, part)| *part));
                values.for_each(|value| self.operand(value, depth));
            }
            _ => return self.parts(Root::Condition(id), depth),
        }
        false
    }

    /// A value that is compared: what moves by itself is told as the author wrote it.
    fn operand(&mut self, value: ExprId, depth: usize) {
        if self.value(value, depth) {
            self.moved(value);
        }
    }

    fn moved(&mut self, value: ExprId) {
        let constant = |value: Val<'_>| match value {
            Val::Known(value) => value.constant(),
            _ => None,
        };
        let (before, now) = (constant(self.before.value(value)), constant(self.now.value(value)));
        self.add(Reason::Value { value, before, now });
    }

    /// Looks into a value that has changed; whether it moves by itself with the day.
    fn value(&mut self, id: ExprId, depth: usize) -> bool {
        let same = match (self.before.value(id), self.now.value(id)) {
            (Val::Known(a), Val::Known(b)) => a.same(&b),
            (Val::Missing, Val::Missing) | (Val::Undefined, Val::Undefined) => true,
            _ => false,
        };
        // An open count may change and stay missing.
        if same && !matches!(self.plan.expr(id), Expr::Aggregate(_)) {
            return false;
        }
        let Some(depth) = depth.checked_sub(1) else { return true };
        if self.plan.sensitive().value(id) {
            self.add(Reason::Hidden);
            return false;
        }
        match self.plan.expr(id) {
            Expr::Today => true,
            Expr::Aggregate(at) => {
                self.aggregate(*at);
                false
            }
            Expr::Fact(slot) => {
                let computed = self.plan.slots().get(*slot as usize).and_then(|slot| slot.computed);
                if computed.is_some_and(|computed| self.value(computed, depth)) {
                    self.moved(id);
                }
                false
            }
            _ => self.parts(Root::Value(id), depth),
        }
    }

    fn parts(&mut self, root: Root, depth: usize) -> bool {
        let mut parts = Vec::new();
        self.plan.each_part(root, &mut |part| parts.push(part));
        let mut moves = false;
        for part in parts {
            moves |= match part {
                Part::Inner(Root::Value(value)) => self.value(value, depth),
                Part::Inner(Root::Condition(node)) => self.condition(node, depth),
                Part::Let(at) => self.bound(at, depth),
                Part::Fact(_) | Part::Records(_) | Part::Inner(_) => false,
            };
        }
        moves
    }

    fn bound(&mut self, at: u32, depth: usize) -> bool {
        let first = self.lets.get_mut(at as usize).is_some_and(|seen| !std::mem::replace(seen, true));
        match self.plan.lets().get(at as usize).filter(|_| first) {
            Some(Root::Value(value)) => self.value(*value, depth),
            Some(Root::Condition(node)) => self.condition(*node, depth),
            Some(root) => depth.checked_sub(1).is_none_or(|depth| self.parts(*root, depth)),
            None => false,
        }
    }

    fn date(&mut self, value: ExprId, length: ExprId) {
        if let (Val::Known(Value::Date(date)), Val::Known(Value::Duration(length))) =
            (self.now.value(value), self.now.value(length))
        {
            let comes = within(date, self.now.as_of, length);
            self.add(Reason::Date { value, date, length, comes });
        }
    }

    fn aggregate(&mut self, at: u32) {
        let Some(aggregate) = self.plan.aggregate(at) else { return };
        let (records, kind) = match aggregate.source {
            Source::Records(records, kind) => (records, kind),
            Source::Periods(_) => {
                let days = self.now.days(aggregate);
                return days.into_iter().for_each(|days| self.add(Reason::Window { aggregate: at, days }));
            }
        };
        let history = |machine: &Machine<'_, 'a>| machine.histories.get(records as usize);
        let (Some(before), Some(now)) = (history(self.before), history(self.now)) else { return };
        let (old, _) = before.within(self.before.days(aggregate));
        let (new, _) = now.within(self.now.days(aggregate));
        let first = self.now.days(aggregate).map(|days| days.from);
        let last = self.before.days(aggregate).map_or(self.before.as_of, |days| days.to);
        let date = |history: &History, row: usize| history.date(row);
        let leaves = |row: &usize| date(before, *row).zip(first).is_some_and(|(date, first)| date < first);
        let comes = |row: &usize| date(now, *row).is_some_and(|date| date > last);
        let gone = counted(self.before, aggregate, (records, kind), old).into_iter().filter(leaves).collect();
        self.records((at, records), self.before, false, gone);
        let came = counted(self.now, aggregate, (records, kind), new).into_iter().filter(comes).collect();
        self.records((at, records), self.now, true, came);
    }

    fn records(&mut self, (at, records): (u32, u32), machine: &Machine<'_, 'a>, comes: bool, rows: Vec<usize>) {
        let plan = self.plan;
        let (Some(aggregate), Some(known)) = (plan.aggregate(at), plan.records().get(records as usize)) else { return };
        let Some(history) = machine.histories.get(records as usize) else { return };
        let Some(measure) = plan.measure(aggregate.measure) else { return };
        let shown = |field: &usize| known.fields.get(*field).is_some_and(|field| !field.field.sensitive);
        let argument = measure.argument.filter(|value| !plan.sensitive().value(*value));
        for row in rows.iter().copied().take(NAMED) {
            let id = match known.id.filter(shown).and_then(|id| history.cell(row, id)) {
                Some(Cell::Known(id)) => Some(id.clone()),
                _ => None,
            };
            let adds = argument.and_then(|argument| match machine.at_element(measure, row).value(argument) {
                Val::Known(Value::Number(number)) => Some(number),
                _ => None,
            });
            let record = Recorded { id, on: known.date.filter(shown).and_then(|_| history.date(row)), adds };
            if !self.knows(at, comes, &record) {
                self.add(Reason::Record { aggregate: at, comes, record });
            }
        }
        if let Some(count) = rows.len().checked_sub(NAMED).filter(|more| *more > 0) {
            self.add(Reason::More { aggregate: at, comes, count });
        }
    }
}

fn collection(source: Source) -> Option<u32> {
    match source {
        Source::Records(records, _) => Some(records),
        Source::Periods(_) => None,
    }
}

/// The records of some that may count.
fn counted(
    machine: &Machine<'_, '_>,
    aggregate: &Aggregate,
    (records, kind): (u32, Kind),
    rows: Range<usize>,
) -> Vec<usize> {
    let history = machine.histories.get(records as usize);
    let measure = machine.plan.measure(aggregate.measure);
    let Some((history, measure)) = history.zip(measure) else { return Vec::new() };
    let measured = machine.measured(aggregate.measure, measure, history);
    let takes_refunds = measure.argument.is_some() && kind == Kind::Purchases;
    let counts =
        |row: &usize| (takes_refunds || history.is(*row, kind)) && measured.truths.get(*row) != Some(&Truth::FALSE);
    rows.filter(counts).collect()
}
