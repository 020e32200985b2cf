//! From one number to another: what an unknown value can still be.

use std::cmp::Ordering;

use rust_decimal::{Decimal, RoundingStrategy};

use super::{add, divide, multiply, negate};

/// All numbers from one end to the other; an end that is absent is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) low: Option<Decimal>,
    pub(crate) high: Option<Decimal>,
    /// It may also have no result.
    pub(crate) undefined: bool,
    /// At most so many decimal places, as far as is known; what has many may not fit into a sum.
    pub(crate) places: u32,
}

/// Decimal places of a number that is open and has no declared scale.
const OPEN_PLACES: u32 = 6;

/// Decimal places of a quotient.
const QUOTIENT_PLACES: u32 = 28;

impl Interval {
    /// Any number.
    pub(crate) const ANY: Self = Self { low: None, high: None, undefined: false, places: OPEN_PLACES };

    pub(crate) fn point(value: Decimal) -> Self {
        Self { low: Some(value), high: Some(value), undefined: false, places: value.normalize().scale() }
    }

    /// The only number that it can be.
    pub(crate) fn single(self) -> Option<Decimal> {
        self.low.filter(|low| self.high == Some(*low) && !self.undefined)
    }

    /// From the lower of both to the higher.
    pub(crate) fn hull(self, other: Self) -> Self {
        let end = |a: Option<Decimal>, b: Option<Decimal>, pick: fn(Decimal, Decimal) -> Decimal| Some(pick(a?, b?));
        Self {
            low: end(self.low, other.low, Decimal::min),
            high: end(self.high, other.high, Decimal::max),
            ..self.with(other)
        }
    }

    /// Not below `low` and not above `high`.
    pub(crate) fn clamp(self, low: Option<Decimal>, high: Option<Decimal>) -> Self {
        let into = |end: Option<Decimal>, open: Option<Decimal>| match end {
            None => open,
            Some(end) => Some(low.map_or(end, |low| end.max(low))).map(|end| high.map_or(end, |high| end.min(high))),
        };
        Self { low: into(self.low, low), high: into(self.high, high), ..self }
    }

    pub(crate) fn negate(self) -> Self {
        Self { low: self.high.map(negate), high: self.low.map(negate), ..self }
    }

    pub(crate) fn add(self, other: Self) -> Self {
        let sum = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).map(|(a, b)| add(a, b));
        match (sum(self.low, other.low), sum(self.high, other.high)) {
            // What does not fit exactly has no result.
            (Some(None), _) | (_, Some(None)) => Self { undefined: true, ..Self::ANY },
            (low, high) => Self { low: low.flatten(), high: high.flatten(), ..self.with(other) },
        }
    }

    pub(crate) fn multiply(self, other: Self) -> Self {
        let factor =
            other.single().map(|factor| (factor, self)).or_else(|| self.single().map(|factor| (factor, other)));
        Self { places: self.places + other.places, ..self.corners(other, factor, multiply) }
    }

    pub(crate) fn divide(self, other: Self) -> Self {
        let positive = other.low.is_some_and(|low| low > Decimal::ZERO);
        let negative = other.high.is_some_and(|high| high < Decimal::ZERO);
        if !positive && !negative {
            return Self { undefined: true, places: QUOTIENT_PLACES, ..Self::ANY };
        }
        let whole = other.single().and_then(|divisor| zeros(divisor.abs()));
        let places = whole.map_or(QUOTIENT_PLACES, |zeros| self.places + zeros);
        Self { places, ..self.corners(other, other.single().map(|divisor| (divisor, self)), divide) }
    }

    /// Whether every number of so many places between the ends is one; an end that is open does not count.
    pub(crate) fn fits(self) -> bool {
        let fits = |end: Option<Decimal>| {
            let whole = end.map_or(0, |end| end.abs().ceil().mantissa());
            let most = 10_i128.checked_pow(self.places).and_then(|unit| whole.checked_mul(unit));
            most.is_some_and(|most| most <= Decimal::MAX.mantissa())
        };
        fits(self.low) && fits(self.high)
    }

    /// The least and the greatest of what the ends give. An open end leaves both open, unless one side is a number, or
    /// both are at least 0.
    fn corners(
        self,
        other: Self,
        factor: Option<(Decimal, Self)>,
        op: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Self {
        let open = Self::ANY.with(self).with(other);
        if let (Some(a), Some(b), Some(c), Some(d)) = (self.low, self.high, other.low, other.high) {
            let [Some(w), Some(x), Some(y), Some(z)] = [op(a, c), op(a, d), op(b, c), op(b, d)] else {
                return Self { undefined: true, ..open };
            };
            return Self { low: Some(w.min(x).min(y.min(z))), high: Some(w.max(x).max(y.max(z))), ..open };
        }
        if let Some((factor, ends)) = factor {
            let at = |end: Option<Decimal>| end.map(|end| op(end, factor));
            let (a, b) = match (at(ends.low), at(ends.high)) {
                (Some(None), _) | (_, Some(None)) => return Self { undefined: true, ..open },
                (a, b) => (a.flatten(), b.flatten()),
            };
            return match factor.cmp(&Decimal::ZERO) {
                Ordering::Less => Self { low: b, high: a, ..open },
                Ordering::Equal => Self { low: Some(Decimal::ZERO), high: Some(Decimal::ZERO), ..open },
                Ordering::Greater => Self { low: a, high: b, ..open },
            };
        }
        let positive = self.low >= Some(Decimal::ZERO) && other.low >= Some(Decimal::ZERO);
        if positive { Self { low: Some(Decimal::ZERO), ..open } } else { open }
    }

    pub(crate) fn min(self, other: Self) -> Self {
        self.negate().max(other.negate()).negate()
    }

    pub(crate) fn max(self, other: Self) -> Self {
        let low = match (self.low, other.low) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        let high = Some(self.high).zip(Some(other.high)).and_then(|(a, b)| Some(a?.max(b?)));
        Self { low, high, ..self.with(other) }
    }

    pub(crate) fn abs(self) -> Self {
        let zero = Self::point(Decimal::ZERO);
        match (self.low, self.high) {
            (Some(low), _) if low >= Decimal::ZERO => self,
            (_, Some(high)) if high <= Decimal::ZERO => self.negate(),
            _ => Self { low: zero.low, ..self.max(self.negate()) },
        }
    }

    pub(crate) fn floor(self) -> Self {
        Self { places: 0, ..self.map(|end| end.floor()) }
    }

    pub(crate) fn ceil(self) -> Self {
        Self { places: 0, ..self.map(|end| end.ceil()) }
    }

    pub(crate) fn round(self, places: u32) -> Self {
        let rounded = Self { places: self.places.min(places), ..self };
        rounded.map(|end| end.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
    }

    /// What keeps the order of numbers.
    fn map(self, end: impl Fn(Decimal) -> Decimal) -> Self {
        Self { low: self.low.map(&end), high: self.high.map(&end), ..self }
    }

    fn with(self, other: Self) -> Self {
        let places = self.places.max(other.places);
        Self { undefined: self.undefined || other.undefined, places, ..self }
    }

    /// Whether some number of this can be less than, equal to, greater than some number of another.
    pub(crate) fn orders(self, other: Self) -> [(Ordering, bool); 3] {
        let below = |a: Option<Decimal>, b: Option<Decimal>| match (a, b) {
            (Some(a), Some(b)) => a < b,
            _ => true,
        };
        let apart = |a: Option<Decimal>, b: Option<Decimal>| matches!((a, b), (Some(a), Some(b)) if a < b);
        [
            (Ordering::Less, below(self.low, other.high)),
            (Ordering::Equal, !apart(self.high, other.low) && !apart(other.high, self.low)),
            (Ordering::Greater, below(other.low, self.high)),
        ]
    }
}

/// How many zeros a power of ten ends in, 1 and above.
fn zeros(number: Decimal) -> Option<u32> {
    let number = number.normalize();
    let (mut rest, mut zeros) = (number.mantissa(), 0);
    while rest > 1 && rest % 10 == 0 {
        (rest, zeros) = (rest / 10, zeros + 1);
    }
    (rest == 1 && number.scale() == 0).then_some(zeros)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(low: Option<i64>, high: Option<i64>) -> Interval {
        Interval { low: low.map(Decimal::from), high: high.map(Decimal::from), undefined: false, places: 0 }
    }

    const ENDS: [Option<i64>; 7] = [None, Some(-7), Some(-2), Some(0), Some(1), Some(3), Some(12)];

    /// Numbers of an interval, those far out for open ends.
    fn members(of: Interval) -> Vec<Decimal> {
        let all = (-40..=40).map(Decimal::from);
        all.filter(|n| of.low.is_none_or(|low| low <= *n) && of.high.is_none_or(|high| *n <= high)).collect()
    }

    #[test]
    fn every_result_of_members_lies_in_the_result_of_intervals() {
        let all: Vec<Interval> = ENDS.iter().flat_map(|low| ENDS.iter().map(|high| interval(*low, *high))).collect();
        let sound: Vec<Interval> = all.into_iter().filter(|of| !members(*of).is_empty()).collect();
        type Whole = fn(Interval, Interval) -> Interval;
        type Single = fn(Decimal, Decimal) -> Option<Decimal>;
        let ops: [(Whole, Single); 5] = [
            (Interval::add, |a, b| Some(a + b)),
            (Interval::multiply, |a, b| Some(a * b)),
            (Interval::divide, divide),
            (Interval::min, |a, b| Some(a.min(b))),
            (Interval::max, |a, b| Some(a.max(b))),
        ];
        for (a, b) in sound.iter().flat_map(|a| sound.iter().map(move |b| (*a, *b))) {
            for (at, (whole, single)) in ops.iter().enumerate() {
                let result = whole(a, b);
                for (x, y) in members(a).into_iter().flat_map(|x| members(b).into_iter().map(move |y| (x, y))) {
                    let inside =
                        |n: Decimal| result.low.is_none_or(|low| low <= n) && result.high.is_none_or(|high| n <= high);
                    assert!(single(x, y).map_or(result.undefined, inside), "{at}: {a:?} {b:?} at {x}, {y}: {result:?}");
                }
            }
            let can = |order| members(a).iter().any(|x| members(b).iter().any(|y| x.cmp(y) == order));
            for (order, possible) in a.orders(b) {
                assert_eq!(possible, can(order), "{a:?} {order:?} {b:?}");
            }
        }
    }

    #[test]
    fn one_sided_values_keep_their_bound() {
        let ends =
            |of: Interval| (of.low.map(|low| low.to_string()), of.high.map(|high| high.to_string()), of.undefined);
        let assert_eq = |a: Interval, b: Interval| assert_eq!(ends(a), ends(b));
        let open = interval(Some(0), None);
        assert_eq(open.divide(interval(Some(1000), Some(1000))), open);
        assert_eq(open.multiply(interval(Some(-2), Some(-2))), interval(None, Some(0)));
        assert_eq(interval(Some(2), Some(2)).multiply(open), open);
        assert_eq(interval(Some(-3), Some(5)).abs(), interval(Some(0), Some(5)));
        assert_eq(interval(None, Some(-3)).abs(), interval(Some(3), None));
        assert_eq(open.clamp(None, Some(Decimal::TEN)), interval(Some(0), Some(10)));
        assert_eq(interval(None, Some(-3)).clamp(Some(Decimal::ZERO), None), interval(Some(0), Some(0)));
    }
}
