//! Conditions as steps: each asks in which range one ordinal lies, and says where to go on. A decision is one walk from the
//! first rule to the one that fires.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;

use super::formula::{Formula, Literal};
use super::{Adjusting, Adjustments, Bound, Plan, TierSet, Truth};
use crate::value::{BEYOND, MISSING};

/// Where a walk ends: at the rule of a place, or at none.
const FIRES: u32 = 1 << 31;
const NONE: u32 = u32::MAX;

/// As many ranges of one question as are asked one after the other.
const IN_A_ROW: usize = 3;

/// So many steps a condition has at most, and times its parts.
const FEW: usize = 64;
const A_FEW_TIMES: usize = 4;

#[derive(Clone, Copy, Debug)]
struct Step {
    /// The range, as its low end and how far it reaches from there.
    low: i64,
    reach: u64,
    yes: u32,
    no: u32,
    slot: u32,
    /// Whether the question can be, and is, true of a missing fact that may become known.
    can: bool,
    sure: bool,
}

/// What is asked of a fact that is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// What is known: nothing.
    Now,
    /// Whether it can become true.
    Can,
    /// Whether it will be true in any case.
    Sure,
}

/// The conditions of a policy as steps.
#[derive(Debug)]
pub(super) struct Program {
    steps: Vec<Step>,
    /// Where each rule begins, in the order in which they are asked, and behind them where a walk ends without any.
    rules: Vec<u32>,
    adjustments: Vec<u32>,
    /// The rules in the order in which they are asked: as they are written, or the best first.
    order: Arc<[u32]>,
    /// So many steps there are at most, of all formulas and of the one that is made.
    most: usize,
    end: usize,
    /// So many parts of the one that is made may still be looked at.
    left: usize,
}

/// A decision in one word, so that it is handed on in a register: the rule and the tier, counted from 1, where there are
/// any, and whether it is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict(NonZeroU64);

impl Verdict {
    const CERTAIN: u64 = 1 << 62;
    const RULES: u64 = (1 << 31) - 1;
    const TIERS: u64 = (1 << 30) - 1;

    pub(crate) fn new(rule: Option<u32>, tier: Option<u32>, certain: bool) -> Self {
        let counted = |at: Option<u32>| at.map_or(0, |at| u64::from(at) + 1);
        let tier = counted(tier).min(Self::TIERS);
        let certain = if certain { Self::CERTAIN } else { 0 };
        // The lowest bit says that there is a decision, if only of no tier.
        Self(NonZeroU64::MIN | (counted(rule).min(Self::RULES) << 1 | tier << 32 | certain))
    }

    /// The rule, counted from 1.
    #[inline]
    pub(crate) fn rule(self) -> Option<NonZeroU32> {
        NonZeroU32::new((self.0.get() >> 1 & Self::RULES) as u32)
    }

    /// The tier, counted from 1.
    #[inline]
    pub(crate) fn tier(self) -> Option<NonZeroU32> {
        NonZeroU32::new((self.0.get() >> 32 & Self::TIERS) as u32)
    }

    /// The same where it is not certain.
    #[inline]
    pub(crate) fn uncertain(self) -> Self {
        Self(NonZeroU64::MIN | self.0.get() & !Self::CERTAIN)
    }

    #[inline]
    pub(crate) fn is_certain(self) -> bool {
        self.0.get() & Self::CERTAIN != 0
    }
}

impl Step {
    #[inline]
    fn ordinal(&self, ordinals: &[i64]) -> i64 {
        ordinals.get(self.slot as usize).copied().unwrap_or(MISSING)
    }

    #[inline]
    fn holds(&self, ordinal: i64) -> bool {
        ordinal.wrapping_sub(self.low).cast_unsigned() <= self.reach
    }
}

impl Program {
    /// Without rules yet; `most` bytes of steps at most.
    pub(super) fn new(order: Arc<[u32]>, most: usize) -> Self {
        let most = (most / size_of::<Step>()).min((FIRES - 1) as usize);
        Self { steps: Vec::new(), rules: vec![NONE], adjustments: Vec::new(), order, most, end: 0, left: 0 }
    }

    /// Puts a rule before those that are known. `None` where its steps would be too many.
    pub(super) fn before(&mut self, formula: &Formula) -> Option<()> {
        let place = u32::try_from(self.order.len() - self.rules.len()).ok()?;
        let behind = self.rules.last().copied()?;
        let entry = self.whole(formula, FIRES | place, behind)?;
        self.rules.push(entry);
        Some(())
    }

    /// Adds the condition of a cap or floor.
    pub(super) fn adjustment(&mut self, formula: &Formula) -> Option<()> {
        let entry = self.whole(formula, FIRES, NONE)?;
        self.adjustments.push(entry);
        Some(())
    }

    /// Puts everything in the order of the walk.
    pub(super) fn finish(mut self) -> Self {
        let last = u32::try_from(self.steps.len()).unwrap_or(NONE).saturating_sub(1);
        let turn = |at: &mut u32| {
            if *at < FIRES {
                *at = last - *at;
            }
        };
        self.steps.reverse();
        self.rules.reverse();
        self.steps.iter_mut().flat_map(|step| [&mut step.yes, &mut step.no]).for_each(turn);
        self.rules.iter_mut().chain(&mut self.adjustments).for_each(turn);
        self.steps.shrink_to_fit();
        self
    }

    fn push(&mut self, step: Step) -> Option<u32> {
        let at = u32::try_from(self.steps.len()).ok().filter(|_| self.steps.len() < self.end)?;
        self.steps.push(step);
        Some(at)
    }

    /// The steps of a condition: at most a few times as many as it has parts, though each count of an `at least` has its own.
    fn whole(&mut self, formula: &Formula, yes: u32, no: u32) -> Option<u32> {
        self.left = FEW + formula.size() * A_FEW_TIMES;
        self.end = (self.steps.len() + self.left).min(self.most);
        self.formula(formula, yes, no)
    }

    /// The steps of a formula, made from the last to the first; where they begin.
    fn formula(&mut self, formula: &Formula, yes: u32, no: u32) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        match formula {
            Formula::Constant(value) => Some(if *value { yes } else { no }),
            Formula::Literal(literal) => self.literal(literal, literal.region.ranges(), yes, no),
            Formula::All(parts) => parts.iter().rev().try_fold(yes, |yes, part| self.formula(part, yes, no)),
            Formula::Any(parts) => parts.iter().rev().try_fold(no, |no, part| self.formula(part, yes, no)),
            Formula::AtLeast(wanted, parts) => self.at_least(*wanted, parts, yes, no),
            Formula::Ask => None,
        }
    }

    fn literal(&mut self, literal: &Literal, ranges: &[(i64, i64)], yes: u32, no: u32) -> Option<u32> {
        let Literal { slot, can, sure, .. } = *literal;
        let step = |low: i64, high: i64, yes: u32, no: u32| Step {
            low,
            reach: high.wrapping_sub(low).cast_unsigned(),
            yes,
            no,
            slot,
            can,
            sure,
        };
        if ranges.is_empty() {
            // Never true of what is known, not of what stands for a cell either, and yet it may become true.
            return self.push(step(BEYOND, BEYOND, yes, no));
        }
        if ranges.len() <= IN_A_ROW {
            return ranges.iter().rev().try_fold(no, |no, (low, high)| self.push(step(*low, *high, yes, no)));
        }
        let (below, above) = ranges.split_at(ranges.len() / 2);
        let (_, middle) = *below.last()?;
        let above = self.literal(literal, above, yes, no)?;
        let below = self.literal(literal, below, yes, no)?;
        self.push(step(MISSING, middle, below, above))
    }

    /// Counts: by part, and by how many held before it.
    fn at_least(&mut self, wanted: usize, parts: &[Formula], yes: u32, no: u32) -> Option<u32> {
        // Behind the last part, as many as wanted held only where the last of them led to `yes`.
        let mut behind = vec![no; wanted];
        for part in parts.iter().rev() {
            let counted = |count: usize| behind.get(count + 1).copied().unwrap_or(yes);
            let targets: Vec<(u32, u32)> = behind.iter().enumerate().map(|(at, no)| (counted(at), *no)).collect();
            behind = targets.into_iter().map(|(yes, no)| self.formula(part, yes, no)).collect::<Option<_>>()?;
        }
        behind.first().copied()
    }

    /// Walks from a step until the walk ends, or comes to `stop`.
    #[inline]
    fn walk(&self, from: u32, stop: u32, ask: Ask, ordinals: &[i64]) -> u32 {
        let mut at = from;
        while at != stop
            && let Some(step) = self.steps.get(at as usize)
        {
            let ordinal = step.ordinal(ordinals);
            let holds = match ask {
                Ask::Now => step.holds(ordinal),
                Ask::Can if ordinal == MISSING => step.can,
                Ask::Sure if ordinal == MISSING => step.sure,
                Ask::Can | Ask::Sure => step.holds(ordinal),
            };
            at = if holds { step.yes } else { step.no };
        }
        at
    }

    /// The place of the first rule that fires.
    #[inline]
    pub(super) fn first(&self, ordinals: &[i64]) -> Option<usize> {
        let mut at = self.rules.first().copied().unwrap_or(NONE);
        while let Some(step) = self.steps.get(at as usize) {
            at = if step.holds(step.ordinal(ordinals)) { step.yes } else { step.no };
        }
        (at != NONE).then_some((at ^ FIRES) as usize)
    }

    /// Whether the rule of a place fires.
    #[inline]
    pub(super) fn fires(&self, place: usize, ask: Ask, ordinals: &[i64]) -> bool {
        let (Some(entry), Some(behind)) = (self.rules.get(place), self.rules.get(place + 1)) else { return false };
        self.walk(*entry, *behind, ask, ordinals) == FIRES | u32::try_from(place).unwrap_or(NONE)
    }

    fn adjusts(&self, entry: u32, ask: Ask, ordinals: &[i64]) -> bool {
        self.walk(entry, NONE, ask, ordinals) == FIRES
    }

    /// The rule of a place, with its tier.
    #[inline]
    pub(super) fn rule(&self, plan: &Plan, place: usize) -> Option<(u32, u32)> {
        let rule = *self.order.get(place)?;
        plan.rules.get(rule as usize).map(|known| (rule, known.tier))
    }

    /// The decision where the rule of a place fires; `open` is whether a fact is missing. `candidates` are the places at which
    /// a rule may become true then, each with whether it surely can.
    #[inline]
    pub(super) fn verdict<I: Iterator<Item = (usize, bool)>>(
        &self,
        plan: &Plan,
        place: Option<usize>,
        (ordinals, open): (&[i64], bool),
        candidates: impl FnOnce() -> I,
    ) -> Verdict {
        let rule = place.and_then(|place| self.rule(plan, place));
        let (rule, mut tier) = (rule.map(|(rule, _)| rule), rule.map(|(_, tier)| tier));
        if plan.adjustments.is_empty() {
            let certain = !open || self.is_certain(plan, tier, ordinals, candidates());
            return Verdict::new(rule, tier, certain);
        }
        let all = |ask| {
            plan.adjustments.iter().zip(&self.adjustments).map(move |(adjustment, entry)| (adjustment, *entry, ask))
        };
        let adjusting = |(adjustment, entry, ask): (&super::Adjustment, u32, Ask)| {
            let truth = match ask {
                Ask::Now => Truth::of(self.adjusts(entry, ask, ordinals)),
                _ if self.adjusts(entry, Ask::Sure, ordinals) => Truth::TRUE,
                _ if self.adjusts(entry, Ask::Can, ordinals) => Truth::OPEN,
                _ => Truth::FALSE,
            };
            let (tier, is_open) = match adjustment.bound {
                Bound::Tier(tier) => (Some(tier), false),
                Bound::Slot(slot) => {
                    let ordinal = ordinals.get(slot as usize).copied().unwrap_or(MISSING);
                    (u32::try_from(ordinal).ok(), ordinal == MISSING)
                }
            };
            Adjusting { cap: adjustment.cap, truth, tier, is_open }
        };
        (tier, _) = super::tiers::adjusted(tier, all(Ask::Now).map(adjusting));
        let certain = !open || {
            let bases = self.bases(plan, ordinals, candidates());
            Adjustments::new(plan.tiers, all(Ask::Can).map(adjusting)).finals(&bases).is_only(tier)
        };
        Verdict::new(rule, tier, certain)
    }

    /// Whether every rule that can decide gives this tier.
    fn is_certain(
        &self,
        plan: &Plan,
        tier: Option<u32>,
        ordinals: &[i64],
        candidates: impl Iterator<Item = (usize, bool)>,
    ) -> bool {
        for (place, _) in candidates.filter(|(place, can)| *can || self.fires(*place, Ask::Can, ordinals)) {
            if self.rule(plan, place).map(|(_, tier)| tier) != tier {
                return false;
            }
            if self.fires(place, Ask::Sure, ordinals) {
                return true;
            }
        }
        tier.is_none()
    }

    /// The tiers that rules can give, before caps and floors.
    fn bases(&self, plan: &Plan, ordinals: &[i64], candidates: impl Iterator<Item = (usize, bool)>) -> TierSet {
        let mut bases = TierSet::empty(plan.tiers);
        for (place, _) in candidates.filter(|(place, can)| *can || self.fires(*place, Ask::Can, ordinals)) {
            bases.insert(self.rule(plan, place).map(|(_, tier)| tier));
            if self.fires(place, Ask::Sure, ordinals) {
                return bases;
            }
        }
        bases.insert(None);
        bases
    }

    /// Every place; of none is it known that its rule can become true.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, bool)> + use<> {
        (0..self.order.len()).map(|place| (place, false))
    }

    /// How many steps there are.
    pub(super) fn steps(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.steps.len() * size_of::<Step>() + (self.rules.len() + self.adjustments.len() + self.order.len()) * 4
    }
}
