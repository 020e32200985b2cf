//! The tiers that some completion of the missing facts reaches, from one pass in possible mode. It may be a superset:
//! conditions are taken as independent of each other.

use super::decide::bound;
use super::machine::{Machine, Val};
use crate::plan::{Adjustment, Bound, Truth};

/// A set of tiers; "no tier" stands behind the worst.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TierSet {
    tiers: u32,
    few: u128,
    /// The words behind the first 128 tiers.
    many: Vec<u128>,
}

impl TierSet {
    pub(crate) fn empty(tiers: u32) -> Self {
        // Only ladders of 128 tiers and more need the heap.
        Self { tiers, few: 0, many: vec![0; (tiers / 128) as usize] }
    }

    fn place(&self, tier: Option<u32>) -> (usize, u128) {
        let at = tier.unwrap_or(self.tiers).min(self.tiers);
        ((at / 128) as usize, 1 << (at % 128))
    }

    pub(crate) fn insert(&mut self, tier: Option<u32>) {
        let (word, bit) = self.place(tier);
        match word.checked_sub(1) {
            None => self.few |= bit,
            Some(word) => self.many.get_mut(word).into_iter().for_each(|word| *word |= bit),
        }
    }

    pub(crate) fn contains(&self, tier: Option<u32>) -> bool {
        let (word, bit) = self.place(tier);
        let word = word.checked_sub(1).map_or(Some(&self.few), |word| self.many.get(word));
        word.is_some_and(|word| word & bit != 0)
    }

    /// Best first, no tier last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<u32>> + '_ {
        (0..self.tiers).map(Some).chain([None]).filter(|tier| self.contains(*tier))
    }

    pub(crate) fn is_only(&self, tier: Option<u32>) -> bool {
        let count = self.few.count_ones() + self.many.iter().map(|word| word.count_ones()).sum::<u32>();
        count == 1 && self.contains(tier)
    }
}

/// Every tier that is still possible. `machine` is in possible mode.
pub(super) fn possible(machine: &Machine<'_, '_>) -> TierSet {
    let bases = bases(machine);
    let adjustments = Adjustments::new(machine);
    let mut finals = TierSet::empty(machine.plan.tiers());
    for base in bases.iter() {
        adjustments.apply(base, &mut |tier| finals.insert(tier));
    }
    finals
}

/// The tiers that rules can give, before caps and floors.
pub(super) fn bases(machine: &Machine<'_, '_>) -> TierSet {
    let mut bases = TierSet::empty(machine.plan.tiers());
    if machine.plan.match_best() {
        best(machine, &mut bases);
        return bases;
    }
    for rule in machine.plan.rules() {
        let truth = rule.condition.map_or(Truth::TRUE, |condition| machine.truth(condition));
        if truth.can_be(Truth::TRUE) {
            bases.insert(Some(rule.tier));
        }
        if truth.is_surely_true() {
            return bases;
        }
    }
    bases.insert(None);
    bases
}

/// The best tier that is surely given, every better one that can be, and `otherwise` where nothing is sure.
fn best(machine: &Machine<'_, '_>, bases: &mut TierSet) {
    let sure = best_sure(machine);
    for rule in machine.plan.rules() {
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
    let sure =
        |rule: &&crate::plan::Rule| rule.condition.is_some_and(|condition| machine.truth(condition).is_surely_true());
    machine.plan.rules().iter().filter(sure).map(|rule| rule.tier).min()
}

/// What floors and caps can still do: the sure one of each, and every open one that reaches beyond it.
pub(super) struct Adjustments {
    pub(super) floors: Levels,
    pub(super) caps: Levels,
}

/// Tiers to which a kind of adjustment can limit.
pub(super) struct Levels {
    cap: bool,
    pub(super) sure: Option<u32>,
    open: TierSet,
}

impl Adjustments {
    pub(super) fn new(machine: &Machine<'_, '_>) -> Self {
        let levels = |cap| Levels { cap, sure: None, open: TierSet::empty(machine.plan.tiers()) };
        let (mut floors, mut caps) = (levels(false), levels(true));
        for adjustment in machine.plan.adjustments() {
            let levels = if adjustment.cap { &mut caps } else { &mut floors };
            let truth = machine.truth(adjustment.condition);
            if !truth.can_be(Truth::TRUE) {
                continue;
            }
            match bound(machine, adjustment) {
                Some(tier) if !levels.reaches(tier) => {}
                Some(tier) if truth.is_surely_true() => levels.sure = Some(tier),
                Some(tier) => levels.open.insert(Some(tier)),
                None if is_open(machine, adjustment) => {
                    (0..machine.plan.tiers()).for_each(|tier| levels.open.insert(Some(tier)));
                }
                None => {}
            }
        }
        Self { floors, caps }
    }

    /// Calls `visit` with every tier that `base` can become.
    pub(super) fn apply(&self, base: Option<u32>, visit: &mut dyn FnMut(Option<u32>)) {
        for floor in self.floors.all() {
            let lifted = match (base, floor) {
                (Some(base), Some(floor)) => Some(base.min(floor)),
                (base, floor) => base.or(floor),
            };
            for cap in self.caps.all() {
                visit(lifted.map(|tier| cap.map_or(tier, |cap| tier.max(cap))));
            }
        }
    }
}

impl Levels {
    /// Whether a further level does more than the sure one.
    pub(super) fn reaches(&self, tier: u32) -> bool {
        self.sure.is_none_or(|sure| if self.cap { tier > sure } else { tier < sure })
    }

    /// The sure level, or none; then the open ones that do more.
    pub(super) fn all(&self) -> impl Iterator<Item = Option<u32>> + '_ {
        [self.sure].into_iter().chain(self.open.iter().filter(|tier| tier.is_some_and(|tier| self.reaches(tier))))
    }
}

/// Whether the tier that a cap or floor names is a missing fact.
pub(super) fn is_open(machine: &Machine<'_, '_>, adjustment: &Adjustment) -> bool {
    match adjustment.bound {
        Bound::Tier(_) => false,
        Bound::Slot(slot) => matches!(machine.fact(slot), Val::Missing),
    }
}
