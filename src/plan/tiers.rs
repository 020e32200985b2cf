//! Tiers that are possible, and what caps and floors make of them.

use super::Truth;

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
    pub(crate) fn full(tiers: u32) -> Self {
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

    pub(crate) fn remove(&mut self, tier: Option<u32>) {
        let (word, bit) = self.place(tier);
        match word.checked_sub(1) {
            None => self.few &= !bit,
            Some(word) => self.many.get_mut(word).into_iter().for_each(|word| *word &= !bit),
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

/// What floors and caps can still do: the sure one of each, and every open one that reaches beyond it.
pub(crate) struct Adjustments {
    pub(crate) floors: Levels,
    pub(crate) caps: Levels,
}

/// Tiers to which a kind of adjustment can limit.
pub(crate) struct Levels {
    cap: bool,
    pub(crate) sure: Option<u32>,
    open: TierSet,
    /// The level that does most, the sure one or an open one.
    most: Option<u32>,
}

/// A cap or floor as a customer meets it.
#[derive(Clone, Copy)]
pub(crate) struct Adjusting {
    pub(crate) cap: bool,
    pub(crate) truth: Truth,
    /// The tier that it names, where it is known, and whether that is a missing fact.
    pub(crate) tier: Option<u32>,
    pub(crate) is_open: bool,
}

/// What caps and floors make of a tier: floors first, the best of them; then caps, the worst of them. With the places of
/// the floor and the cap that moved it.
pub(crate) fn adjusted(tier: Option<u32>, all: impl Iterator<Item = Adjusting>) -> (Option<u32>, [Option<usize>; 2]) {
    let mut floor: Option<(u32, usize)> = None;
    let mut cap: Option<(u32, usize)> = None;
    for (at, adjusting) in all.enumerate() {
        let Some(tier) = adjusting.tier.filter(|_| adjusting.truth.is_surely_true()) else { continue };
        if adjusting.cap {
            if cap.is_none_or(|(worst, _)| tier > worst) {
                cap = Some((tier, at));
            }
        } else if floor.is_none_or(|(best, _)| tier < best) {
            floor = Some((tier, at));
        }
    }
    let (mut tier, mut moved) = (tier, [None; 2]);
    if let Some((floor, at)) = floor
        && tier.is_none_or(|tier| floor < tier)
    {
        (tier, moved[0]) = (Some(floor), Some(at));
    }
    if let Some((cap, at)) = cap
        && tier.is_some_and(|tier| cap > tier)
    {
        (tier, moved[1]) = (Some(cap), Some(at));
    }
    (tier, moved)
}

impl Adjustments {
    pub(crate) fn new(tiers: u32, all: impl Iterator<Item = Adjusting>) -> Self {
        let levels = |cap| Levels { cap, sure: None, open: TierSet::empty(tiers), most: None };
        let (mut floors, mut caps) = (levels(false), levels(true));
        for adjusting in all.filter(|adjusting| adjusting.truth.can_be(Truth::TRUE)) {
            let levels = if adjusting.cap { &mut caps } else { &mut floors };
            match adjusting.tier {
                Some(tier) if !levels.reaches(tier) => {}
                Some(tier) if adjusting.truth.is_surely_true() => levels.sure = Some(tier),
                Some(tier) => levels.open.insert(Some(tier)),
                None if adjusting.is_open => levels.open = TierSet::full(tiers),
                None => {}
            }
        }
        floors.most = floors.all().min();
        caps.most = caps.all().max();
        Self { floors, caps }
    }

    /// Every tier that one of `bases` can become.
    pub(crate) fn finals(&self, bases: &TierSet) -> TierSet {
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
    pub(crate) fn end(&self, tier: Option<u32>) -> Option<Option<u32>> {
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
    pub(crate) fn reaches(&self, tier: u32) -> bool {
        self.sure.is_none_or(|sure| if self.cap { tier > sure } else { tier < sure })
    }

    /// The sure level, and the open ones that do more.
    pub(crate) fn all(&self) -> impl Iterator<Item = u32> + '_ {
        self.sure.into_iter().chain(self.open.iter().flatten().filter(|tier| self.reaches(*tier)))
    }
}
