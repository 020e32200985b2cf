//! The decision: the first rule that is true, or the best; then floors, then caps.

use super::machine::{Machine, Val};
use super::outcome::RuleId;
use super::{Observer, narrowed};
use crate::plan::{Adjusting, Adjustment, Bound, Truth, adjusted};
use crate::value::Value;

/// What was decided, and what moved it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Decision {
    pub(super) rule: Option<RuleId>,
    tier: Option<u32>,
    /// The floor and the cap that moved the tier.
    pub(super) moved: [Option<usize>; 2],
}

impl Decision {
    pub(super) fn tier(&self) -> Option<u32> {
        self.tier
    }
}

pub(super) fn decide<O: Observer>(machine: &Machine<'_, '_>, observer: &mut O) -> Decision {
    // Whoever listens hears of every rule.
    let rule = match O::WHOLE {
        true => among(machine, 0..machine.plan.rules().len(), observer),
        false => narrowed::with_rules(machine, |rules| among(machine, rules.iter(), observer)),
    };
    let tier = rule.and_then(|rule| machine.plan.rules().get(rule)).map(|rule| rule.tier);
    let mut decision = Decision { rule: rule.map(RuleId::new), tier, moved: [None; 2] };
    if !machine.plan.adjustments().is_empty() {
        adjust(machine, observer, &mut decision);
    }
    decision
}

fn among<O: Observer>(
    machine: &Machine<'_, '_>,
    rules: impl Iterator<Item = usize>,
    observer: &mut O,
) -> Option<usize> {
    if machine.plan.match_best() { best(machine, rules, observer) } else { first(machine, rules, observer) }
}

fn first<O: Observer>(
    machine: &Machine<'_, '_>,
    rules: impl Iterator<Item = usize>,
    observer: &mut O,
) -> Option<usize> {
    for (at, rule) in rules.filter_map(|at| Some((at, machine.plan.rules().get(at)?))) {
        let truth = match rule.condition {
            Some(condition) => machine.truth_of(condition, observer),
            None => Truth::TRUE,
        };
        observer.rule(at, truth);
        if truth.is_surely_true() {
            if O::WHOLE {
                behind(machine, observer, at, rule.tier);
            }
            return Some(at);
        }
    }
    None
}

/// Rules of better tiers behind the one that decides count for nothing; a listener may want to say what they would give.
fn behind(machine: &Machine<'_, '_>, observer: &mut impl Observer, decided: usize, tier: u32) {
    for (at, rule) in machine.plan.rules().iter().enumerate().skip(decided + 1) {
        if let Some(condition) = rule.condition.filter(|_| rule.tier < tier) {
            let truth = machine.truth_of(condition, observer);
            observer.rule(at, truth);
        }
    }
}

fn best(machine: &Machine<'_, '_>, rules: impl Iterator<Item = usize>, observer: &mut impl Observer) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    let mut otherwise = None;
    for (at, rule) in rules.filter_map(|at| Some((at, machine.plan.rules().get(at)?))) {
        let Some(condition) = rule.condition else {
            otherwise = Some(at);
            continue;
        };
        let truth = machine.truth_of(condition, observer);
        observer.rule(at, truth);
        if truth.is_surely_true() && best.is_none_or(|(tier, _)| rule.tier < tier) {
            best = Some((rule.tier, at));
        }
    }
    best.map(|(_, at)| at).or_else(|| otherwise.inspect(|at| observer.rule(*at, Truth::TRUE)))
}

/// What caps and floors make of the tier.
fn adjust(machine: &Machine<'_, '_>, observer: &mut impl Observer, decision: &mut Decision) {
    let adjusting = |(at, adjustment): (usize, &Adjustment)| {
        let truth = machine.truth_of(adjustment.condition, observer);
        let tier = bound(machine, adjustment);
        observer.adjustment(at, truth, tier);
        Adjusting { cap: adjustment.cap, truth, tier, is_open: false }
    };
    let all = machine.plan.adjustments().iter().enumerate().map(adjusting);
    (decision.tier, decision.moved) = adjusted(decision.tier, all);
}

impl Machine<'_, '_> {
    /// The tier and the rule that decides.
    pub(crate) fn decided(&self) -> (Option<u32>, Option<RuleId>) {
        let decision = decide(self, &mut ());
        (decision.tier(), decision.rule)
    }

    /// The floor and the cap that moved the tier.
    pub(crate) fn moved(&self) -> [Option<usize>; 2] {
        decide(self, &mut ()).moved
    }

    /// The tier where a cap or floor is left out.
    pub(crate) fn decided_without(&self, left_out: usize) -> Option<u32> {
        let rule = among(self, 0..self.plan.rules().len(), &mut ());
        let tier = rule.and_then(|rule| self.plan.rules().get(rule)).map(|rule| rule.tier);
        let all = self.plan.adjustments().iter().enumerate().filter(|(at, _)| *at != left_out);
        let all = all.map(|(_, adjustment)| {
            let truth = self.truth(adjustment.condition);
            Adjusting { cap: adjustment.cap, truth, tier: bound(self, adjustment), is_open: false }
        });
        adjusted(tier, all).0
    }
}

/// The tier that a cap or floor names, where it is known.
pub(super) fn bound(machine: &Machine<'_, '_>, adjustment: &Adjustment) -> Option<u32> {
    match adjustment.bound {
        Bound::Tier(tier) => Some(tier),
        Bound::Slot(slot) => match machine.fact(slot) {
            Val::Known(Value::Member(tier)) => Some(tier),
            _ => None,
        },
    }
}
