//! Kleene's logic over regions: what a condition can be for the customers of a region.

/// A set of what a condition can be. Unlike in an evaluation, where what is missing leaves a condition open, what is missing
/// for a customer of a region settles the condition: it is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kleene(u8);

impl Kleene {
    pub(super) const NOTHING: Self = Self(0);
    pub(super) const TRUE: Self = Self(1);
    pub(super) const FALSE: Self = Self(2);
    /// Unknown, because a fact is missing.
    pub(super) const MISSING: Self = Self(4);
    /// Unknown, because something has no result.
    pub(super) const UNDEFINED: Self = Self(8);
    pub(super) const EITHER: Self = Self(3);
    pub(super) const ANY: Self = Self(15);

    pub(super) fn of(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }

    pub(super) fn can_be(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing else is left than what `other` has.
    pub(super) fn is_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(super) fn is_settled(self) -> bool {
        self.0.count_ones() <= 1
    }

    pub(super) fn or_else(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) fn when(self, holds: bool) -> Self {
        if holds { self } else { Self::NOTHING }
    }

    /// What both have.
    pub(super) fn only(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) fn not(self) -> Self {
        Self((self.0 & 12) | ((self.0 & 1) << 1) | ((self.0 & 2) >> 1))
    }

    /// False decides; beside it the unknown do. What is missing and what has no result leave both open.
    pub(super) fn and(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        let unknown = |bit: u8| (a & bit != 0 && b & 13 != 0) || (b & bit != 0 && a & 13 != 0);
        Self((a & b & 1) | ((a | b) & 2) | if unknown(4) { 4 } else { 0 } | if unknown(8) { 8 } else { 0 })
    }

    pub(super) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// Whether at least so many of the parts are true.
    pub(super) fn at_least(wanted: usize, parts: impl Iterator<Item = Self>) -> Self {
        let (mut all, mut sure, mut can, mut fails, mut cannot, mut open) = (0, 0, 0, 0, 0, Self::NOTHING);
        for part in parts {
            all += 1;
            sure += usize::from(part == Self::TRUE);
            can += usize::from(part.can_be(Self::TRUE));
            fails += usize::from(part == Self::FALSE);
            cannot += usize::from(part.can_be(Self::FALSE));
            open = open.or_else(part.only(Self(12)));
        }
        let spare = all - wanted.min(all);
        let unknown = sure < wanted && fails <= spare;
        Self::TRUE.when(can >= wanted).or_else(Self::FALSE.when(cannot > spare)).or_else(open.when(unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Kleene; 4] = [Kleene::TRUE, Kleene::FALSE, Kleene::MISSING, Kleene::UNDEFINED];

    fn outcomes(set: Kleene) -> impl Iterator<Item = Kleene> + Clone {
        ALL.into_iter().filter(move |outcome| set.can_be(*outcome))
    }

    #[test]
    fn sets_hold_what_their_outcomes_give() {
        let sets = || (1..16).map(Kleene);
        for (a, b) in sets().flat_map(|a| sets().map(move |b| (a, b))) {
            for (x, y) in outcomes(a).flat_map(|x| outcomes(b).map(move |y| (x, y))) {
                assert!(x.and(y).is_within(a.and(b)), "{x:?} and {y:?} in {a:?} and {b:?}");
                assert!(x.or(y).is_within(a.or(b)), "{x:?} or {y:?} in {a:?} or {b:?}");
                for wanted in 1..=2 {
                    let single = Kleene::at_least(wanted, [x, y].into_iter());
                    assert!(single.is_within(Kleene::at_least(wanted, [a, b].into_iter())), "{wanted} of {x:?}, {y:?}");
                }
            }
            let pairs = outcomes(a).flat_map(|x| outcomes(b).map(move |y| x.and(y)));
            let all = pairs.reduce(Kleene::or_else).unwrap();
            assert_eq!(all.only(Kleene::EITHER), a.and(b).only(Kleene::EITHER), "{a:?} and {b:?}");
        }
    }

    #[test]
    fn single_outcomes_follow_kleene() {
        let unknown = Kleene::MISSING.or_else(Kleene::UNDEFINED);
        for x in ALL {
            assert_eq!(x.and(Kleene::FALSE), Kleene::FALSE);
            assert_eq!(x.and(Kleene::TRUE), x);
            assert_eq!(x.not().not(), x);
            assert_eq!(Kleene::at_least(1, [x, Kleene::TRUE].into_iter()), Kleene::TRUE);
            assert!(Kleene::at_least(2, [x, Kleene::TRUE].into_iter()).is_within(x.or_else(x)));
        }
        assert!(Kleene::MISSING.and(Kleene::UNDEFINED).is_within(unknown));
    }
}
