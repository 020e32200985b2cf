//! [`Plan`], facts and an as-of date in, [`Outcome`] out. Facts are validated first and completely; then the decision,
//! and, where a used fact is missing, what is still possible.

mod aggregate;
mod assess;
mod classified;
mod decide;
mod ends;
mod finding;
mod findings;
mod given;
mod history;
mod machine;
mod measure;
mod missing;
mod observer;
mod outcome;
mod possible;
mod question;
mod score;
mod wire;

use std::sync::Arc;

use chrono::NaiveDate;

pub use classified::{Benefit, LineOutcome, ScoreOutcome, SegmentOutcome};
pub use finding::{DataFinding, FindingSeverity};
pub(crate) use observer::{Observer, Record, Recorder, Seen};
pub use outcome::{AdjustedBy, Decided, Outcome, RuleId, TierId};
pub(crate) use possible::TierSet;
pub(crate) use wire::Masked;

use crate::facts::{CustomerError, Facts};
use crate::plan::Plan;
use crate::value::Rates;
use machine::Pass;

/// What is neither policy nor customer: the date for which a customer is classified, and, as the language grows, the
/// standing, exchange rates and population cut-offs. Never a clock.
///
/// ```
/// use tierwise::At;
///
/// let at = At::on(chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap());
/// assert_eq!(at.date().to_string(), "2026-03-31");
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct At<'a> {
    date: NaiveDate,
    rates: Option<&'a Rates>,
    strict: bool,
}

impl<'a> At<'a> {
    /// As of a date, that day included.
    pub fn on(date: NaiveDate) -> Self {
        Self { date, rates: None, strict: false }
    }

    /// With exchange rates: amounts in other currencies are converted at the rate of their day.
    #[must_use]
    pub fn rates(self, rates: &'a Rates) -> Self {
        Self { rates: Some(rates), ..self }
    }

    /// Whatever is noticed about the data with the weight of a warning refuses the customer, and facts are checked too
    /// that the policy does not use.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    pub(crate) fn is_strict(&self) -> bool {
        self.strict
    }

    /// The as-of date.
    pub fn date(&self) -> NaiveDate {
        self.date
    }
}

impl From<NaiveDate> for At<'_> {
    fn from(date: NaiveDate) -> Self {
        Self::on(date)
    }
}

/// Decides one customer. Allocates nothing for policies of up to 512 fields, 512 lets and 127 tiers.
pub(crate) fn decide(plan: &Plan, facts: &(impl Facts + ?Sized), at: At<'_>) -> Result<Decided, CustomerError> {
    machine::with_machine(plan, facts, at, Pass::Deciding, &mut (), |machine, ()| {
        let decision = decide::decide(machine, &mut ());
        let only = |open: &machine::Machine<'_, '_>| possible::possible(open).is_only(decision.tier());
        let certain = !machine.any_missing() || machine.in_possible_mode(only);
        Decided::new(decision.tier(), decision.rule, certain)
    })
}

/// Classifies one customer, and tells the observer what is evaluated for the decision.
pub(crate) fn classify(
    plan: &Arc<Plan>,
    facts: &(impl Facts + ?Sized),
    at: At<'_>,
    observer: &mut impl Observer,
) -> Result<Outcome, CustomerError> {
    if at.strict {
        given::check_unused(plan, facts, at)?;
    }
    let outcome = machine::with_machine(plan, facts, at, Pass::Whole, observer, |machine, observer| {
        Outcome::new(Arc::clone(plan), at.date(), assess::assess(machine, observer))
    })?;
    let weighty = |finding: &DataFinding<'_>| finding.severity() == FindingSeverity::Warning;
    let refusal = outcome.findings().find(weighty).filter(|_| at.strict).map(|finding| finding.refusal());
    refusal.map_or(Ok(outcome), Err)
}
