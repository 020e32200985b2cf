//! Everything that an outcome says: the decision, what is possible, what is missing, what was noticed.

use super::classified::ScoreParts;
use super::machine::{Bound, Machine, Val};
use super::outcome::{Adjusted, Parts, RuleId};
use super::{Observer, decide, findings, missing, possible};
use crate::plan::TierSet;
use crate::value::{Constant, Interval, Value};
use rust_decimal::Decimal;

pub(super) fn assess(machine: &Machine<'_, '_>, observer: &mut impl Observer) -> Parts {
    let decision = decide::decide(machine, observer);
    everything(machine, observer);
    let only = || {
        let mut only = TierSet::empty(machine.plan.tiers());
        only.insert(decision.tier());
        only
    };
    let absent = if machine.any_missing() { machine.absent() } else { Vec::new() };
    let (possible, missing) = if machine.any_missing() {
        machine.in_possible_mode(|open| {
            let possible = possible::possible(open);
            let certain = possible.is_only(decision.tier());
            let missing = if certain { Vec::new() } else { missing::missing(machine, open) };
            (possible, missing)
        })
    } else {
        (only(), Vec::new())
    };
    let adjusted = decision.moved.iter().flatten().map(|at| Adjusted::new(*at)).collect();
    let plan = machine.plan;
    let score = |score| {
        let (lines, total) = machine.lines(score);
        ScoreParts { lines, total }
    };
    let benefits = decision.tier().map_or(&[][..], |tier| plan.benefits(tier));
    let scores: Vec<ScoreParts> = plan.scores().map(|(_, _, known)| score(known)).collect();
    Parts {
        findings: findings::findings(machine, &scores),
        scores,
        segments: segments(machine),
        benefits: benefits.iter().map(|benefit| (benefit.key, owned(machine.value(benefit.value)))).collect(),
        tier: decision.tier(),
        rule: decision.rule,
        adjusted,
        possible,
        missing,
        absent,
    }
}

/// The members that the segments come to, in the order of the plan's.
fn segments(machine: &Machine<'_, '_>) -> Vec<Option<u32>> {
    let member = |bound| match machine.bound(bound) {
        Bound::Value(Val::Known(Value::Member(member))) => Some(member),
        _ => None,
    };
    machine.plan.segments().map(|(bound, ..)| member(bound)).collect()
}

/// What a test can hold a customer to, each in the order of the plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Said {
    pub(crate) tier: Option<u32>,
    pub(crate) rule: Option<RuleId>,
    /// The floor and the cap that moved the tier.
    pub(crate) moved: [Option<usize>; 2],
    pub(crate) segments: Vec<Option<u32>>,
    /// The points, where they are settled.
    pub(crate) scores: Vec<Option<Decimal>>,
}

/// What is said of one customer, by which outcomes are told apart.
pub(crate) fn said(machine: &Machine<'_, '_>) -> Said {
    let decision = decide::decide(machine, &mut ());
    let points = |score| machine.lines(score).1.and_then(Interval::single);
    Said {
        tier: decision.tier(),
        rule: decision.rule,
        moved: decision.moved,
        segments: segments(machine),
        scores: machine.plan.scores().map(|(_, _, score)| points(score)).collect(),
    }
}

/// Which conditions were evaluated may hang on a sensitive fact: whoever listens hears of all, or could tell.
fn everything<O: Observer>(machine: &Machine<'_, '_>, observer: &mut O) {
    let plan = machine.plan;
    if !O::WHOLE || plan.sensitive().is_empty() {
        return;
    }
    for node in plan.node_ids().filter(|node| !plan.sensitive().condition(*node)) {
        if !observer.heard(node) {
            machine.truth_of(node, observer);
        }
    }
    for value in plan.expr_ids().filter(|value| !plan.sensitive().value(*value)) {
        if !observer.heard_value(value) {
            machine.value_of(value, observer);
        }
    }
}

/// A value that outlives the customer; a set has no place among benefits.
fn owned(value: Val<'_>) -> Option<Constant> {
    match value {
        Val::Known(value) => value.constant(),
        Val::Missing | Val::Undefined => None,
    }
}
