//! The tiers that some completion of the missing facts reaches, from one pass in possible mode. It may be a superset:
//! conditions are taken as independent of each other.

use super::decide::bound;
use super::machine::{Machine, Val};
use super::narrowed::{Rules, with_rules};
use crate::plan::{Adjusting, Adjustment, Adjustments, Bound, TierSet, Truth};

/// Every tier that is still possible. `machine` is in possible mode.
pub(super) fn possible(machine: &Machine<'_, '_>) -> TierSet {
    let bases = bases(machine);
    if machine.plan.adjustments().is_empty() { bases } else { adjustments(machine).finals(&bases) }
}

/// The tiers that rules can give, before caps and floors.
pub(super) fn bases(machine: &Machine<'_, '_>) -> TierSet {
    with_rules(machine, |rules| {
        let mut bases = TierSet::empty(machine.plan.tiers());
        if machine.plan.match_best() {
            best(machine, rules, &mut bases)
        } else {
            first(machine, rules, &mut bases)
        }
        bases
    })
}

fn first(machine: &Machine<'_, '_>, rules: Rules<'_>, bases: &mut TierSet) {
    for rule in rules.iter().filter_map(|at| machine.plan.rules().get(at)) {
        let truth = rule.condition.map_or(Truth::TRUE, |condition| machine.truth(condition));
        if truth.can_be(Truth::TRUE) {
            bases.insert(Some(rule.tier));
        }
        if truth.is_surely_true() {
            return;
        }
    }
    bases.insert(None);
}

/// The best tier that is surely given, every better one that can be, and `otherwise` where nothing is sure.
fn best(machine: &Machine<'_, '_>, rules: Rules<'_>, bases: &mut TierSet) {
    let sure = sure(machine, rules);
    for rule in rules.iter().filter_map(|at| machine.plan.rules().get(at)) {
        let Some(condition) = rule.condition else { continue };
        let better = sure.is_none_or(|sure| rule.tier <= sure);
        if better && machine.truth(condition).can_be(Truth::TRUE) {
            bases.insert(Some(rule.tier));
        }
    }
    if sure.is_none() {
        let otherwise = machine.plan.rules().iter().find(|rule| rule.condition.is_none());
        bases.insert(otherwise.map(|rule| rule.tier));
    }
}

pub(super) fn best_sure(machine: &Machine<'_, '_>) -> Option<u32> {
    with_rules(machine, |rules| sure(machine, rules))
}

fn sure(machine: &Machine<'_, '_>, rules: Rules<'_>) -> Option<u32> {
    let sure =
        |rule: &&crate::plan::Rule| rule.condition.is_some_and(|condition| machine.truth(condition).is_surely_true());
    let rules = rules.iter().filter_map(|at| machine.plan.rules().get(at));
    rules.filter(sure).map(|rule| rule.tier).min()
}

/// What floors and caps can still do to a customer.
pub(super) fn adjustments(machine: &Machine<'_, '_>) -> Adjustments {
    let adjusting = |adjustment: &Adjustment| {
        let truth = machine.truth(adjustment.condition);
        let (tier, is_open) = (bound(machine, adjustment), is_open(machine, adjustment));
        Adjusting { cap: adjustment.cap, truth, tier, is_open }
    };
    Adjustments::new(machine.plan.tiers(), machine.plan.adjustments().iter().map(adjusting))
}

/// Whether the tier that a cap or floor names is a missing fact.
pub(super) fn is_open(machine: &Machine<'_, '_>, adjustment: &Adjustment) -> bool {
    match adjustment.bound {
        Bound::Tier(_) => false,
        Bound::Slot(slot) => matches!(machine.fact(slot), Val::Missing),
    }
}
