//! Until when a tier holds, and which tiers change on the way.

use std::sync::Arc;

use chrono::{Months, NaiveDate};

use super::Policy;
use crate::eval::{At, Day, Next, Passing, TierId};
use crate::explain::{Change, Holds};
use crate::facts::{CustomerError, Facts};
use crate::plan::{Clock, Plan};
use crate::value::days_of_the_calendar;

/// How far ahead is looked; ten years by default.
///
/// ```
/// use tierwise::Horizon;
///
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// assert_eq!(Horizon::default().last(today).to_string(), "2036-03-31");
/// assert_eq!(Horizon::months(6).last(today).to_string(), "2026-09-30");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Horizon(Ahead);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ahead {
    Months(u32),
    Until(NaiveDate),
}

impl Horizon {
    /// So many months.
    pub fn months(months: u32) -> Self {
        Self(Ahead::Months(months))
    }

    /// So many years.
    pub fn years(years: u32) -> Self {
        Self(Ahead::Months(years.saturating_mul(12)))
    }

    /// Up to a day, that day included.
    pub fn until(day: NaiveDate) -> Self {
        Self(Ahead::Until(day))
    }

    /// The last day that is looked at.
    pub fn last(self, as_of: NaiveDate) -> NaiveDate {
        let (_, last) = days_of_the_calendar();
        let ahead = match self.0 {
            Ahead::Months(months) => as_of.checked_add_months(Months::new(months)).unwrap_or(last),
            Ahead::Until(day) => day,
        };
        ahead.min(last)
    }
}

/// So many days are looked at for one customer, at the most, and so many for an explanation.
const LOOKS: u32 = 100_000;
const FEW_LOOKS: u32 = 500;
/// So many records are read for an explanation, one look after the other.
const FEW_RECORDS: u32 = 200_000;

impl Default for Horizon {
    fn default() -> Self {
        Self::years(10)
    }
}

impl Policy {
    /// The last day on which the decided tier stays if no fact changes and only time passes, and what comes then. Records
    /// that are dated later come in on their day.
    ///
    /// ```
    /// use tierwise::{Customer, Horizon, Policy};
    ///
    /// let policy = Policy::parse("last_order_on within 12 months => A\notherwise => B").unwrap();
    /// let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    /// let customer = Customer::new().with("last_order_on", day("2026-02-28"));
    /// let holds = policy.holds_until(&customer, day("2026-03-31"), Horizon::default())?;
    /// assert_eq!((holds.tier(), holds.until()), (Some("A"), Some(day("2027-02-27"))));
    /// let change = holds.change().unwrap();
    /// assert_eq!((change.on(), change.to(), change.line()), (day("2027-02-28"), Some("B"), Some(2)));
    /// # Ok::<(), tierwise::CustomerError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`classify`](Self::classify) on the as-of date. Where the customer cannot be classified on a later day, the
    /// change of that day says so.
    pub fn holds_until<'a>(
        &self,
        facts: &(impl Facts + ?Sized),
        at: impl Into<At<'a>>,
        horizon: Horizon,
    ) -> Result<Holds, CustomerError> {
        let at = at.into();
        let clock = self.plan.clock();
        Walk::new(&self.plan, &clock, facts, at, (horizon.last(at.date()), LOOKS)).map(Walk::first)
    }

    /// The same after a short look, where something moves with the as-of date.
    pub(super) fn holds(&self, facts: &(impl Facts + ?Sized), at: At<'_>) -> Result<Option<Holds>, CustomerError> {
        let clock = self.plan.clock();
        let still = clock.is_still(&self.plan) && !at.has_rates();
        if still || at.is_fixed(&self.plan) {
            return Ok(None);
        }
        let ahead = (Horizon::default().last(at.date()), FEW_LOOKS);
        let walk = Walk::new(&self.plan, &clock, facts, at, ahead)?;
        walk.passing.limit(FEW_RECORDS / walk.now.1.weight.max(1));
        Ok(Some(walk).filter(|walk| walk.hidden || walk.now.1.moves || at.has_rates()).map(Walk::first))
    }

    /// Every change of tier that the calendar alone causes to customers behind the as-of date and up to a last day, in the
    /// order of the days and, on one day, of the customers.
    ///
    /// ```
    /// use tierwise::{Customer, Policy};
    ///
    /// let policy = Policy::parse("last_order_on within 90 days => A\notherwise => B").unwrap();
    /// let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    /// let customers = ["2026-03-01", "2026-01-15", "2025-01-01"].map(|last| Customer::new().with("last_order_on", day(last)));
    /// let forecast = policy.forecast(&customers, day("2026-03-31"), day("2026-06-30"));
    /// let changes: Vec<_> = forecast.changes().map(|(customer, change)| (customer, change.on().to_string())).collect();
    /// assert_eq!(changes, [(1, "2026-04-15".to_owned()), (0, "2026-05-30".to_owned())]);
    /// ```
    pub fn forecast<'a, F: Facts>(
        &self,
        customers: impl IntoIterator<Item = F>,
        at: impl Into<At<'a>>,
        last: NaiveDate,
    ) -> Forecast {
        let (at, clock) = (at.into(), self.plan.clock());
        let mut forecast = Forecast::default();
        for facts in customers {
            let customer = forecast.customers;
            forecast.customers += 1;
            match Walk::new(&self.plan, &clock, &facts, at, (Horizon::until(last).last(at.date()), LOOKS)) {
                Ok(walk) => forecast.changes.extend(walk.map(|change| (customer, change))),
                Err(error) => forecast.refused.push((customer, error)),
            }
        }
        forecast.changes.sort_by_key(|(customer, change)| (change.on(), *customer));
        forecast
    }
}

/// The changes of one customer's tier, one after the other.
struct Walk<'w, F: ?Sized> {
    plan: &'w Arc<Plan>,
    passing: Passing<'w, 'w, F>,
    now: (NaiveDate, Day),
    last: NaiveDate,
    done: bool,
    /// Days are told to no reader.
    hidden: bool,
}

impl<'w, F: Facts + ?Sized> Walk<'w, F> {
    fn new(
        plan: &'w Arc<Plan>,
        clock: &'w Clock,
        facts: &'w F,
        at: At<'w>,
        (last, most): (NaiveDate, u32),
    ) -> Result<Self, CustomerError> {
        let passing = Passing::new(plan, clock, facts, at, most);
        let now = (at.date(), passing.day(at.date())?);
        Ok(Self { plan, passing, now, last, done: false, hidden: clock.sensitive })
    }

    /// Until when the first tier holds.
    fn first(mut self) -> Holds {
        let (plan, tier) = (Arc::clone(self.plan), self.now.1.tier);
        let change = self.next();
        Holds::new(plan, tier.map(TierId::new), self.last, change, self.hidden)
    }
}

impl<F: Facts + ?Sized> Iterator for Walk<'_, F> {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        if self.done {
            return None;
        }
        let (on, found) = match self.passing.change((self.now.0, &self.now.1), self.last) {
            Next::Change(on, found) => (on, found),
            Next::Stays(last) => {
                (self.last, self.done) = (last, true);
                return None;
            }
        };
        let from = self.now.1.tier.map(TierId::new);
        let change = Change::new(self.plan, on, from, self.hidden);
        // What cannot be told of why leaves the change as it is.
        let reasons = |day: &Day| self.passing.reasons((on, day)).unwrap_or_default();
        Some(match found {
            Ok(day) => {
                let change = change.becomes(day.tier.map(TierId::new), day.rule, reasons(&day));
                self.now = (on, day);
                change
            }
            Err(error) => {
                self.done = true;
                change.refused(error)
            }
        })
    }
}

/// The changes of tier of many customers.
#[derive(Clone, Debug, Default)]
pub struct Forecast {
    customers: usize,
    changes: Vec<(usize, Change)>,
    refused: Vec<(usize, CustomerError)>,
}

impl Forecast {
    /// Every change with the place of the customer, in the order of the days.
    pub fn changes(&self) -> impl ExactSizeIterator<Item = (usize, &Change)> {
        self.changes.iter().map(|(customer, change)| (*customer, change))
    }

    /// The customers that cannot be classified as of the date, by their places.
    pub fn refused(&self) -> impl ExactSizeIterator<Item = (usize, &CustomerError)> {
        self.refused.iter().map(|(customer, error)| (*customer, error))
    }

    /// How many customers were looked at.
    pub fn customers(&self) -> usize {
        self.customers
    }
}
