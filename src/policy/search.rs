//! Questions that take a search.

use std::fmt;
use std::sync::Arc;

use super::Policy;
use crate::eval::{At, Outcome, TierId, with_both};
use crate::facts::{CustomerError, Facts};
use crate::plan::{Plan, Slot};
use crate::search::{Budget, Completed, Unknown, complete};

/// The steps that a classification takes for the tiers that are possible.
const STEPS: u32 = 2_000;

impl Policy {
    /// The tiers that completions of the missing facts reach, each on its grid and within its declared range; which of the
    /// missing facts matter, and which to ask for. [`classify`](Self::classify) tells the same after a short search; this one
    /// takes as many steps as the budget has, where they are needed.
    ///
    /// # Errors
    ///
    /// As [`classify`](Self::classify).
    pub fn possible<'a>(
        &self,
        facts: &(impl Facts + ?Sized),
        at: impl Into<At<'a>>,
        budget: Budget,
    ) -> Result<Possible, CustomerError> {
        let at = at.into();
        let outcome = crate::eval::classify(&self.plan, facts, at, &mut ())?;
        let completed = self.completed(&outcome, facts, at, (budget.steps(), true))?;
        Ok(Possible { plan: Arc::clone(&self.plan), tier: outcome.tier_id(), completed })
    }

    /// What is possible and what matters, exactly as far as a short search tells.
    pub(super) fn searched(
        &self,
        outcome: Outcome,
        facts: &(impl Facts + ?Sized),
        at: At<'_>,
    ) -> Result<Outcome, CustomerError> {
        if outcome.is_certain() {
            return Ok(outcome);
        }
        let Completed { tiers, unknown, matters, .. } = self.completed(&outcome, facts, at, (STEPS, false))?;
        Ok(outcome.searched(tiers, matters, unknown.is_some()))
    }

    /// The completions of what a customer lacks; where the tier of the parent is not told, also of one who has none.
    fn completed(
        &self,
        outcome: &Outcome,
        facts: &(impl Facts + ?Sized),
        at: At<'_>,
        budget: (u32, bool),
    ) -> Result<Completed, CustomerError> {
        let search = |at: At<'_>| {
            with_both(&self.plan, facts, at, |decided, open| complete(decided, open, outcome.at_first_look(), budget))
        };
        let mut completed = search(at)?;
        if let Some(at) = at.without_tier(&self.plan) {
            // Whether there is a tier at all may matter as well as which.
            let other = search(at)?;
            let parent =
                self.plan.slots().iter().position(Slot::is_parent_tier).filter(|_| other.tiers != completed.tiers);
            completed.matters.extend(other.matters.into_iter().chain(parent.and_then(|slot| u32::try_from(slot).ok())));
            completed.matters.sort_unstable();
            completed.matters.dedup();
            completed.settles.clone_from(&completed.matters);
            other.tiers.iter().for_each(|tier| completed.tiers.insert(tier));
            completed.unknown = completed.unknown.or(other.unknown);
            completed.steps += other.steps;
        }
        Ok(completed)
    }
}

/// What the missing facts of a customer leave open.
///
/// ```
/// use tierwise::{Budget, Customer, Policy};
///
/// let policy = Policy::parse(
///     "annual_spend > 1M and frequency >= 12 => A
///      annual_spend > 200K                   => B
///      otherwise                             => C",
/// )?;
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let possible = policy.possible(&Customer::new(), today, Budget::default())?;
/// assert_eq!(possible.tiers().collect::<Vec<_>>(), [Some("A"), Some("B"), Some("C")]);
/// assert_eq!(possible.matters().collect::<Vec<_>>(), ["annual_spend", "frequency"]);
/// // Who spends 100K is in C, however often.
/// assert_eq!(possible.settles().collect::<Vec<_>>(), ["annual_spend"]);
/// assert_eq!(possible.ask_first(), Some("annual_spend"));
/// assert!(possible.unknown().is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Possible {
    plan: Arc<Plan>,
    tier: Option<TierId>,
    completed: Completed,
}

impl Possible {
    /// The tiers, best first, `None` for no tier last. Each but those that [`unknown`](Self::unknown) leaves in doubt is
    /// reached by some completion; none that is reached is left out.
    pub fn tiers(&self) -> impl Iterator<Item = Option<&str>> {
        let name = |tier: u32| self.plan.names().tier(tier as usize);
        self.completed.tiers.iter().map(move |tier| tier.and_then(name))
    }

    /// Why there may be a tier or a fact too many; `None` where there is none.
    pub fn unknown(&self) -> Option<Unknown> {
        self.completed.unknown
    }

    /// Whether the decided tier is the only one.
    pub fn is_certain(&self) -> bool {
        self.completed.tiers.is_only(self.tier.and_then(|tier| u32::try_from(tier.index()).ok()))
    }

    /// The missing facts whose value can change the tier, alone or together with others; whoever knows them all knows the
    /// tier.
    pub fn matters(&self) -> impl Iterator<Item = &str> {
        self.completed.matters.iter().map(|at| self.plan.missing_name(*at))
    }

    /// A few of them that settle the tier for some of their values, none of which can be left out; the one to ask for first
    /// stands in front.
    pub fn settles(&self) -> impl Iterator<Item = &str> {
        self.completed.settles.iter().map(|at| self.plan.missing_name(*at))
    }

    /// The missing fact to ask for first; `None` where the tier is certain.
    pub fn ask_first(&self) -> Option<&str> {
        self.settles().next()
    }

    /// How many steps the search took.
    pub fn steps(&self) -> u32 {
        self.completed.steps
    }
}

impl fmt::Debug for Possible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Possible")
            .field("tiers", &self.tiers().collect::<Vec<_>>())
            .field("matters", &self.matters().collect::<Vec<_>>())
            .field("settles", &self.settles().collect::<Vec<_>>())
            .field("unknown", &self.unknown())
            .finish()
    }
}
