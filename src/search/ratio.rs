//! Exact fractions of 128-bit integers; what does not fit is `None`.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// A fraction in lowest terms, its denominator above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ratio {
    over: i128,
    under: i128,
}

pub(super) fn common(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a).unwrap_or(1).max(1)
}

impl Ratio {
    pub(super) const ZERO: Self = Self { over: 0, under: 1 };
    pub(super) const ONE: Self = Self { over: 1, under: 1 };

    pub(super) fn whole(over: i128) -> Self {
        Self { over, under: 1 }
    }

    pub(super) fn new(over: i128, under: i128) -> Option<Self> {
        if under == 0 {
            return None;
        }
        let common = common(over, under);
        let (over, under) = (over / common, under / common);
        if under < 0 {
            Some(Self { over: over.checked_neg()?, under: under.checked_neg()? })
        } else {
            Some(Self { over, under })
        }
    }

    pub(super) fn of(number: Decimal) -> Option<Self> {
        let number = number.normalize();
        Self::new(number.mantissa(), 10_i128.checked_pow(number.scale())?)
    }

    pub(super) fn under(self) -> i128 {
        self.under
    }

    pub(super) fn is_zero(self) -> bool {
        self.over == 0
    }

    pub(super) fn is_negative(self) -> bool {
        self.over < 0
    }

    pub(super) fn is_whole(self) -> bool {
        self.under == 1
    }

    pub(super) fn negate(self) -> Self {
        // Coefficients stay far from the least integer: every operation is checked.
        Self { over: self.over.saturating_neg(), under: self.under }
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        let shared = common(self.under, other.under);
        let (a, b) = (other.under / shared, self.under / shared);
        let over = self.over.checked_mul(a)?.checked_add(other.over.checked_mul(b)?)?;
        Self::new(over, self.under.checked_mul(a)?)
    }

    pub(super) fn subtract(self, other: Self) -> Option<Self> {
        self.add(other.negate())
    }

    pub(super) fn multiply(self, other: Self) -> Option<Self> {
        let (a, b) = (common(self.over, other.under), common(other.over, self.under));
        let over = (self.over / a).checked_mul(other.over / b)?;
        Self::new(over, (self.under / b).checked_mul(other.under / a)?)
    }

    pub(super) fn divide(self, other: Self) -> Option<Self> {
        self.multiply(Self::new(other.under, other.over)?)
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        Some(self.subtract(other)?.over.cmp(&0))
    }

    pub(super) fn floor(self) -> i128 {
        self.over.div_euclid(self.under)
    }

    pub(super) fn ceil(self) -> i128 {
        let floor = self.floor();
        if self.is_whole() { floor } else { floor.saturating_add(1) }
    }
}
