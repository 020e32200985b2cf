//! [`Plan`], facts and an as-of date in, [`Outcome`] out. Facts are validated first and completely; then the decision,
//! and, where a used fact is missing, what is still possible.

mod aggregate;
mod apart;
mod assess;
mod classified;
mod completeness;
mod decide;
mod ends;
mod finding;
mod findings;
mod given;
mod group;
mod history;
mod machine;
mod measure;
mod missing;
mod narrowed;
mod observer;
mod outcome;
mod passing;
mod possible;
mod question;
mod quick;
mod reader;
mod reasons;
mod replay;
mod score;
mod wire;

use std::sync::Arc;

use chrono::NaiveDate;

pub(crate) use aggregate::Result as Folded;
pub(crate) use assess::{Said, said};
pub use classified::{Benefit, LineOutcome, ScoreOutcome, SegmentOutcome};
pub use completeness::{Completeness, FieldCompleteness};
pub(crate) use ends::{of_one, of_two};
pub use finding::{DataFinding, FindingSeverity};
pub(crate) use group::Group;
pub(crate) use machine::{Machine, Val};
pub(crate) use observer::{Observer, Record, Recorder, Seen};
pub use outcome::{AdjustedBy, Decided, Outcome, RuleId, TierId};
pub(crate) use passing::{Day, Next, Passing};
pub(crate) use quick::decide_by;
pub(crate) use reasons::{Reason, Recorded};
pub(crate) use replay::{Instead, with_nobody};
pub(crate) use wire::Masked;

use crate::diagnostics::Finding;
pub(crate) use crate::facts::CustomerError;
use crate::facts::Facts;
use crate::plan::{Plan, Slot};
use crate::value::Rates;
use finding::{RawFinding, Whereabouts};
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
    place: Option<Place<'a>>,
}

/// What a portfolio knows of one of its customers.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) parent: Parent,
    pub(crate) noticed: &'a [Finding],
    /// None where the policy does not look at groups.
    pub(crate) group: Option<&'a Group>,
}

/// The tier of a customer's parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    /// There is no parent.
    Nobody,
    /// The parent is outside of the portfolio.
    Outside,
    /// It has this tier, or none, for certain.
    Tier(Option<TierId>),
    /// The portfolio cannot tell.
    Unknown,
}

impl std::fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Place").field("parent", &self.parent).finish_non_exhaustive()
    }
}

impl<'a> At<'a> {
    /// As of a date, that day included.
    pub fn on(date: NaiveDate) -> Self {
        Self { date, rates: None, strict: false, place: None }
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

    /// With what a portfolio knows of the customer.
    pub(crate) fn place(self, place: Place<'a>) -> Self {
        Self { place: Some(place), ..self }
    }

    /// The same where the parent, whose tier the portfolio cannot tell, turns out to have none; `None` where it has one for
    /// sure, or that does not matter.
    pub(crate) fn without_tier(self, plan: &Plan) -> Option<Self> {
        let place = self.place.filter(|place| place.parent == Parent::Unknown)?;
        let asks = plan.slots().iter().any(|slot| slot.is_parent_tier() && !slot.derived);
        let always = plan.rules().iter().any(|rule| rule.condition.is_none());
        (asks && !always).then_some(Self { place: Some(Place { parent: Parent::Tier(None), ..place }), ..self })
    }

    /// Whether a portfolio tells things that hold on this day alone.
    pub(crate) fn is_fixed(&self, plan: &Plan) -> bool {
        let asks = plan.looks_at_groups() || plan.slots().iter().any(Slot::is_parent_tier);
        self.place.is_some() && asks
    }

    pub(crate) fn has_rates(&self) -> bool {
        self.rates.is_some()
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
    match quick::decide(plan, facts, at) {
        Some(verdict) => Ok(Decided::of(verdict)),
        None => decide_whole(plan, facts, at),
    }
}

/// The same by the whole evaluation, for what takes more than ordinals.
pub(crate) fn decide_whole(plan: &Plan, facts: &(impl Facts + ?Sized), at: At<'_>) -> Result<Decided, CustomerError> {
    let decide = |at: At<'_>| {
        machine::with_machine(plan, facts, at, Pass::Deciding, &mut (), |machine, ()| {
            let decision = decide::decide(machine, &mut ());
            let only = |open: &machine::Machine<'_, '_>| possible::possible(open).is_only(decision.tier());
            let certain = !machine.any_missing() || machine.in_possible_mode(only);
            Decided::new(decision.tier(), decision.rule, certain)
        })
    };
    let decided = decide(at)?;
    match at.without_tier(plan).filter(|_| decided.is_certain()) {
        Some(at) => Ok(decided.certain_if(decide(at)?)),
        None => Ok(decided),
    }
}

/// Runs `work` on a customer as it is decided.
pub(crate) fn with_decided<R>(
    plan: &Plan,
    facts: &(impl Facts + ?Sized),
    at: At<'_>,
    work: impl FnOnce(&Machine<'_, '_>) -> R,
) -> Result<R, CustomerError> {
    machine::with_machine(plan, facts, at, Pass::Deciding, &mut (), |machine, ()| work(machine))
}

/// The same with everything worked out that the policy names.
pub(crate) fn with_classified<R>(
    plan: &Plan,
    facts: &(impl Facts + ?Sized),
    at: At<'_>,
    work: impl FnOnce(&Machine<'_, '_>) -> R,
) -> Result<R, CustomerError> {
    machine::with_machine(plan, facts, at, Pass::Whole, &mut (), |machine, ()| work(machine))
}

/// A customer as it is decided, and as it may turn out.
pub(crate) fn with_both<R>(
    plan: &Plan,
    facts: &(impl Facts + ?Sized),
    at: At<'_>,
    work: impl FnOnce(&Machine<'_, '_>, &Machine<'_, '_>) -> R,
) -> Result<R, CustomerError> {
    with_decided(plan, facts, at, |machine| machine.in_possible_mode(|open| work(machine, open)))
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
    let mut parts = machine::with_machine(plan, facts, at, Pass::Whole, observer, assess::assess)?;
    if let Some(at) = at.without_tier(plan) {
        let other = machine::with_machine(plan, facts, at, Pass::Whole, &mut (), assess::assess)?;
        parts.may_be(other, plan.slots().iter().position(Slot::is_parent_tier));
    }
    let noticed = at.place.iter().flat_map(|place| place.noticed);
    parts.findings.splice(0..0, noticed.map(|finding| RawFinding::new(*finding, Whereabouts::Parent)));
    let outcome = Outcome::new(Arc::clone(plan), at.date(), parts);
    let weighty = |finding: &DataFinding<'_>| finding.severity() == FindingSeverity::Warning;
    let refusal = outcome.findings().find(weighty).filter(|_| at.strict).map(|finding| finding.refusal());
    refusal.map_or(Ok(outcome), Err)
}
