//! Exchange rates that the host gives: by pair and date.

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Currency;

/// Exchange rates by pair and date. The rate of a day is the last one known on or before it; a pair is never turned round
/// nor joined with another, since that would round.
///
/// ```
/// use tierwise::{At, Currency, Customer, Money, Policy, Rates};
///
/// let policy = Policy::parse("currency CNY\nannual_spend > 700 => A\notherwise => B").unwrap();
/// let [eur, cny] = ["EUR", "CNY"].map(|code| Currency::from_code(code).unwrap());
/// let day = |text: &str| text.parse().unwrap();
/// let rates = Rates::new().with(eur, cny, day("2026-01-02"), "7.8".parse().unwrap());
/// let customer = Customer::new().with("annual_spend", Money::new(100.into(), eur));
/// let outcome = policy.classify(&customer, At::on(day("2026-03-31")).rates(&rates)).unwrap();
/// assert_eq!(outcome.settled(), Some("A"));
/// let error = policy.classify(&customer, At::on(day("2026-01-01")).rates(&rates)).unwrap_err();
/// assert_eq!(error.to_string(), "`annual_spend`: no rate from EUR to CNY is known on 2026-01-01 or before");
/// ```
#[derive(Clone, Default)]
pub struct Rates {
    known: BTreeMap<(Currency, Currency, NaiveDate), Decimal>,
}

impl Rates {
    /// No rates.
    pub fn new() -> Self {
        Self::default()
    }

    /// With the rate from a day on: one unit of `from` is so many of `to`. A later one for the same day replaces it.
    #[must_use]
    pub fn with(mut self, from: Currency, to: Currency, day: NaiveDate, rate: Decimal) -> Self {
        self.insert(from, to, day, rate);
        self
    }

    /// Adds the rate from a day on, and gives the one that it replaces.
    pub fn insert(&mut self, from: Currency, to: Currency, day: NaiveDate, rate: Decimal) -> Option<Decimal> {
        self.known.insert((from, to, day), rate)
    }

    /// The last rate of a pair on or before a day.
    pub fn rate(&self, from: Currency, to: Currency, day: NaiveDate) -> Option<Decimal> {
        let first = (from, to, NaiveDate::MIN);
        self.known.range(first..=(from, to, day)).next_back().map(|(_, rate)| *rate)
    }

    /// How many there are for the days up to one, that day included.
    pub(crate) fn known_until(&self, day: NaiveDate) -> usize {
        self.known.keys().filter(|(.., known)| *known <= day).count()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rates({})", self.known.len())
    }
}

/// The policy's currency, and how amounts in others become amounts in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'r> {
    pub(crate) own: Option<Currency>,
    pub(crate) rates: Option<&'r Rates>,
    /// The day of the fact; `None` where it is not known.
    pub(crate) day: Option<NaiveDate>,
}
