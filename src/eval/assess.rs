//! Everything that an outcome says: the decision, what is possible, what is missing, what was noticed.

use super::classified::ScoreParts;
use super::machine::{Bound, Machine, Val};
use super::outcome::{Adjusted, Parts};
use super::{Observer, decide, findings, missing, possible};
use crate::plan::TierSet;
use crate::value::{Constant, Value};

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
    let member = |bound| match machine.bound(bound) {
        Bound::Value(Val::Known(Value::Member(member))) => Some(member),
        _ => None,
    };
    let score = |score| {
        let (lines, total) = machine.lines(score);
        ScoreParts { lines, total }
    };
    let benefits = decision.tier().map_or(&[][..], |tier| plan.benefits(tier));
    let scores: Vec<ScoreParts> = plan.scores().map(|(_, _, known)| score(known)).collect();
    Parts {
        findings: findings::findings(machine, &scores),
        scores,
        segments: plan.segments().map(|(bound, ..)| member(bound)).collect(),
        benefits: benefits.iter().map(|benefit| (benefit.key, owned(machine.value(benefit.value)))).collect(),
        tier: decision.tier(),
        rule: decision.rule,
        adjusted,
        possible,
        missing,
        absent,
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
