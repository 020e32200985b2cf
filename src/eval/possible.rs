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

    /// Every tier, and no tier too.
    fn full(tiers: u32) -> Self {
        Self { tiers, few: u128::MAX, many: vec![u128::MAX; (tiers / 128) as usize] }
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
    if machine.plan.adjustments().is_empty() { bases } else { Adjustments::new(machine).finals(&bases) }
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
    /// The level that does most, the sure one or an open one.
    most: Option<u32>,
}

impl Adjustments {
    pub(super) fn new(machine: &Machine<'_, '_>) -> Self {
        let levels = |cap| Levels { cap, sure: None, open: TierSet::empty(machine.plan.tiers()), most: None };
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
                None if is_open(machine, adjustment) => levels.open = TierSet::full(machine.plan.tiers()),
                None => {}
            }
        }
        floors.most = floors.all().min();
        caps.most = caps.all().max();
        Self { floors, caps }
    }

    /// Every tier that one of `bases` can become.
    fn finals(&self, bases: &TierSet) -> TierSet {
        let tiers = bases.tiers;
        let (mut lifted, mut finals) = (TierSet::empty(tiers), TierSet::empty(tiers));
        let unlifted = |tier: &Option<u32>| self.floors.sure.is_none_or(|sure| tier.is_some_and(|tier| tier <= sure));
        bases.iter().filter(unlifted).for_each(|tier| lifted.insert(tier));
        let worst = bases.iter().last().flatten();
        let lifts = |floor: &u32| worst.is_none_or(|worst| *floor < worst);
        self.floors.all().filter(lifts).for_each(|floor| lifted.insert(Some(floor)));
        let uncapped = |tier: &Option<u32>| tier.is_none_or(|tier| self.caps.sure.is_none_or(|sure| tier >= sure));
        lifted.iter().filter(uncapped).for_each(|tier| finals.insert(tier));
        let best = lifted.iter().flatten().next();
        let lowers = |cap: &u32| best.is_some_and(|best| *cap > best);
        self.caps.all().filter(lowers).for_each(|cap| finals.insert(Some(cap)));
        finals
    }

    /// What a tier ends in, where that is the same whatever the open caps and floors do. No tier is `None`.
    pub(super) fn end(&self, tier: Option<u32>) -> Option<Option<u32>> {
        // No tier is worse than every tier. The best and the worst end bound all others.
        const NONE: u32 = u32::MAX;
        let level = |level: Option<u32>, without: u32| level.unwrap_or(without);
        let tier = tier.unwrap_or(NONE);
        let (best, worst) = (tier.min(level(self.floors.most, NONE)), tier.min(level(self.floors.sure, NONE)));
        let capped = |tier: u32, cap: Option<u32>| if tier == NONE { NONE } else { tier.max(level(cap, 0)) };
        let (best, worst) = (capped(best, self.caps.sure), capped(worst, self.caps.most));
        (best == worst).then_some(Some(best).filter(|end| *end != NONE))
    }
}

impl Levels {
    /// Whether a further level does more than the sure one.
    pub(super) fn reaches(&self, tier: u32) -> bool {
        self.sure.is_none_or(|sure| if self.cap { tier > sure } else { tier < sure })
    }

    /// The sure level, and the open ones that do more.
    pub(super) fn all(&self) -> impl Iterator<Item = u32> + '_ {
        self.sure.into_iter().chain(self.open.iter().flatten().filter(|tier| self.reaches(*tier)))
    }
}

/// Whether the tier that a cap or floor names is a missing fact.
pub(super) fn is_open(machine: &Machine<'_, '_>, adjustment: &Adjustment) -> bool {
    match adjustment.bound {
        Bound::Tier(_) => false,
        Bound::Slot(slot) => matches!(machine.fact(slot), Val::Missing),
    }
}
