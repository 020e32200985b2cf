//! Kleene's three values, and sets of them for what is still open.

use std::fmt;

/// The outcomes that a condition can still have: a set of true, false and unknown.
///
/// A condition over missing facts has several; it is *surely true* when only true is left, *surely false* when only
/// false is. In the decision, what is not settled is unknown; what can only be unknown has no result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth(u8);

impl Truth {
    pub(crate) const TRUE: Self = Self(1);
    pub(crate) const FALSE: Self = Self(2);
    pub(crate) const UNKNOWN: Self = Self(4);
    /// True or false, once the missing facts are known.
    pub(crate) const OPEN: Self = Self(3);
    /// Nothing is ruled out.
    pub(crate) const ANY: Self = Self(7);

    pub(crate) fn of(value: bool) -> Self {
        if value { Self::TRUE } else { Self::FALSE }
    }

    pub(crate) fn is_surely_true(self) -> bool {
        self == Self::TRUE
    }

    pub(crate) fn is_surely_false(self) -> bool {
        self == Self::FALSE
    }

    pub(crate) fn can_be(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether only one outcome is left.
    pub(crate) fn is_settled(self) -> bool {
        self.0.is_power_of_two()
    }

    /// In the decision: what is not settled is unknown.
    pub(crate) fn decided(self) -> Self {
        if self.is_settled() { self } else { Self::UNKNOWN }
    }

    pub(crate) fn or_else(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn not(self) -> Self {
        Self((self.0 & 4) | ((self.0 & 1) << 1) | ((self.0 & 2) >> 1))
    }

    /// Kleene's `and`, for every pair of outcomes.
    pub(crate) fn and(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        let unknown = (a & 4 != 0 && b & 5 != 0) || (b & 4 != 0 && a & 5 != 0);
        Self((a & b & 1) | ((a | b) & 2) | if unknown { 4 } else { 0 })
    }

    /// Kleene's `or`, for every pair of outcomes.
    pub(crate) fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// Whether at least `wanted` of so many conditions are true.
    pub(crate) fn at_least(wanted: usize, parts: impl Iterator<Item = Self>) -> Self {
        let (mut all, mut sure, mut impossible, mut can, mut cannot, mut free) = (0, 0, 0, 0, 0, 0);
        for part in parts {
            all += 1;
            sure += usize::from(part == Self::TRUE);
            impossible += usize::from(part == Self::FALSE);
            free += usize::from(part == Self::OPEN);
            can += usize::from(part.can_be(Self::TRUE));
            cannot += usize::from(part.can_be(Self::FALSE));
        }
        // Enough false ones decide as well: more than `all - wanted` of them leave too few.
        let spare = all - wanted.min(all);
        let holds = can >= wanted;
        let fails = cannot > spare;
        // Neither decided: fewer than `wanted` true and at most `spare` false, the open ones shared out between both.
        let unknown = sure < wanted && impossible <= spare && free <= (wanted - 1 - sure) + (spare - impossible);
        Self(u8::from(holds) | (u8::from(fails) << 1) | (u8::from(unknown) << 2))
    }
}

impl fmt::Debug for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcomes = [(Self::TRUE, "true"), (Self::FALSE, "false"), (Self::UNKNOWN, "unknown")];
        f.debug_set().entries(outcomes.iter().filter(|(truth, _)| self.can_be(*truth)).map(|(_, name)| *name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KLEENE: [Truth; 3] = [Truth::TRUE, Truth::FALSE, Truth::UNKNOWN];

    fn single_and(a: Truth, b: Truth) -> Truth {
        match (a, b) {
            (Truth::FALSE, _) | (_, Truth::FALSE) => Truth::FALSE,
            (Truth::TRUE, Truth::TRUE) => Truth::TRUE,
            _ => Truth::UNKNOWN,
        }
    }

    fn single_at_least(wanted: usize, parts: &[Truth]) -> Truth {
        let count = |wanted| parts.iter().filter(|part| **part == wanted).count();
        if count(Truth::TRUE) >= wanted {
            Truth::TRUE
        } else if count(Truth::TRUE) + count(Truth::UNKNOWN) < wanted {
            Truth::FALSE
        } else {
            Truth::UNKNOWN
        }
    }

    fn outcomes(set: Truth) -> impl Iterator<Item = Truth> + Clone {
        KLEENE.into_iter().filter(move |truth| set.can_be(*truth))
    }

    fn union(outcomes: impl Iterator<Item = Truth>) -> Truth {
        outcomes.fold(Truth(0), Truth::or_else)
    }

    #[test]
    fn sets_combine_as_their_outcomes_do() {
        for (a, b) in (1..8).flat_map(|a| (1..8).map(move |b| (Truth(a), Truth(b)))) {
            let pairs = || outcomes(a).flat_map(|x| outcomes(b).map(move |y| (x, y)));
            assert_eq!(a.and(b), union(pairs().map(|(x, y)| single_and(x, y))), "{a:?} and {b:?}");
            assert_eq!(a.or(b), union(pairs().map(|(x, y)| single_and(x.not(), y.not()).not())), "{a:?} or {b:?}");
        }
    }

    #[test]
    fn at_least_agrees_with_every_choice_of_outcomes() {
        for code in 0..343_u32 {
            let parts = [code % 7 + 1, code / 7 % 7 + 1, code / 49 + 1].map(|set| Truth(u8::try_from(set).unwrap()));
            for wanted in 1..=3 {
                let [a, b, c] = parts;
                let choices =
                    outcomes(a).flat_map(|x| outcomes(b).flat_map(move |y| outcomes(c).map(move |z| [x, y, z])));
                let expected = union(choices.map(|choice| single_at_least(wanted, &choice)));
                assert_eq!(Truth::at_least(wanted, parts.into_iter()), expected, "{wanted} of {parts:?}");
            }
        }
    }
}
