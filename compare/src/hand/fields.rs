//! The two structs by one set of names, so that a policy is written once for both.

use rust_decimal::Decimal;

use crate::account::{Account, CentsAccount};
use crate::customers::Pair;

/// Money or satisfaction, with the thresholds that the explicit policies compare with.
pub trait Amount: Copy + PartialOrd {
    const ZERO: Self;
    /// Satisfaction.
    const POINTS_5: Self;
    const POINTS_6_5: Self;
    const POINTS_7: Self;
    const POINTS_10: Self;
    /// Money, in thousands.
    const K200: Self;
    const K250: Self;
    const K400: Self;
    const K500: Self;
    const K1000: Self;
    const K2000: Self;
    const K5000: Self;
}

macro_rules! amount {
    ($ty:ty, $units:expr) => {
        impl Amount for $ty {
            const ZERO: Self = $units(0);
            const POINTS_5: Self = $units(500);
            const POINTS_6_5: Self = $units(650);
            const POINTS_7: Self = $units(700);
            const POINTS_10: Self = $units(1_000);
            const K200: Self = $units(20_000_000);
            const K250: Self = $units(25_000_000);
            const K400: Self = $units(40_000_000);
            const K500: Self = $units(50_000_000);
            const K1000: Self = $units(100_000_000);
            const K2000: Self = $units(200_000_000);
            const K5000: Self = $units(500_000_000);
        }
    };
}

const fn hundredths(units: u32) -> Decimal {
    Decimal::from_parts(units, 0, 0, false, 2)
}

const fn cents(units: u32) -> i64 {
    units as i64
}

amount!(Decimal, hundredths);
amount!(i64, cents);

/// A service's struct.
pub trait Profile: Clone {
    type Amount: Amount;

    fn of(customer: &Pair) -> &Self;
    fn annual_spend(&self) -> Option<Self::Amount>;
    fn lifetime_value(&self) -> Option<Self::Amount>;
    fn satisfaction(&self) -> Option<Self::Amount>;
    fn frequency(&self) -> Option<i64>;
    fn employees(&self) -> Option<i64>;
    fn overdue_days(&self) -> Option<i64>;
    fn points(&self) -> Option<i64>;
    fn complaints(&self) -> Option<i64>;
    fn region(&self) -> Option<&str>;
}

macro_rules! profile {
    ($ty:ty, $amount:ty, $form:ident: $($name:ident -> $fact:ty),*) => {
        impl Profile for $ty {
            type Amount = $amount;

            fn of(customer: &Pair) -> &Self {
                &customer.$form
            }

            $(#[inline]
            fn $name(&self) -> Option<$fact> {
                self.$name
            })*

            #[inline]
            fn region(&self) -> Option<&str> {
                self.region.as_deref()
            }
        }
    };
}

profile!(Account, Decimal, exact: annual_spend -> Decimal, lifetime_value -> Decimal, satisfaction -> Decimal,
    frequency -> i64, employees -> i64, overdue_days -> i64, points -> i64, complaints -> i64);
profile!(CentsAccount, i64, cents: annual_spend -> i64, lifetime_value -> i64, satisfaction -> i64,
    frequency -> i64, employees -> i64, overdue_days -> i64, points -> i64, complaints -> i64);
