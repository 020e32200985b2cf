//! What is asked of a distance: which tier, and which facts may change besides numbers.

use super::Policy;
use crate::diagnostics::nearest;
use crate::plan::{Plan, Slot};
use crate::schema::{CHINESE_NAMES, Direction};

/// Which tier is to be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target<'t> {
    /// Any tier that is better than the one that is decided.
    #[default]
    Better,
    /// The tier of this name; nothing leads to a name that is not on the ladder.
    Tier(&'t str),
    /// Any tier that is worse, or no tier: what is left until then is the margin.
    Worse,
}

/// Which tier is to be reached, and which facts may change on the way besides numbers (actionable recourse: Ustun, Spangher
/// and Liu, *Actionable Recourse in Linear Classification*, 2019). A [`Target`] alone is one that lists nothing.
#[derive(Clone, Debug)]
pub struct Recourse<'t> {
    pub(super) target: Target<'t>,
    listed: Vec<Box<str>>,
}

/// A name under which a policy uses no fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the policy uses no fact `{name}`{}", near.as_deref().map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
pub struct NotUsed {
    name: String,
    near: Option<String>,
}

impl NotUsed {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// One that is used and much like it.
    pub fn near(&self) -> Option<&str> {
        self.near.as_deref()
    }
}

/// Why a fact cannot be listed as one that may change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecourseError {
    /// The policy uses no fact of this name.
    #[error(transparent)]
    NotUsed(#[from] NotUsed),
    /// Its field is declared to be one that never changes.
    #[error(
        "`{name}` is declared `fixed`, and does not change: leave it out of the list, or take `fixed` from the field"
    )]
    Fixed {
        /// The name.
        name: String,
    },
}

impl Policy {
    /// A target with facts that may change besides numbers: texts, closed sets and sets, dates and booleans. Each is listed
    /// by its name; a number may change without being listed.
    ///
    /// ```
    /// use tierwise::{Budget, Customer, Policy, RecourseError, Target};
    ///
    /// let policy = Policy::parse(
    ///     "field certified: boolean
    ///      annual_spend > 1M                    => A
    ///      annual_spend > 200K and certified    => A
    ///      otherwise                            => B",
    /// )?;
    /// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    /// let customer = Customer::new().with("annual_spend", 400_000).with("certified", false);
    /// let far = policy.distance(&customer, today, Target::Better, Budget::default())?;
    /// assert_eq!(far.ways()[0].to_string(), "annual spend 1,000,000.01 (600,000.01 more)");
    ///
    /// let recourse = policy.recourse(Target::Better, &["certified"])?;
    /// let far = policy.distance(&customer, today, &recourse, Budget::default())?;
    /// let ways: Vec<String> = far.ways().iter().map(ToString::to_string).collect();
    /// assert_eq!(ways, ["annual spend 1,000,000.01 (600,000.01 more)", "certified true instead of false"]);
    ///
    /// let error = policy.recourse(Target::Better, &["certifed"]).unwrap_err();
    /// assert_eq!(error.to_string(), "the policy uses no fact `certifed`: did you mean `certified`?");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the policy does not use one of them, or its field is declared `fixed`.
    pub fn recourse<'t>(&self, target: Target<'t>, listed: &[&str]) -> Result<Recourse<'t>, RecourseError> {
        for name in listed {
            let (_, slot) = named(&self.plan, name, |_| true)?;
            if slot.field.direction == Direction::Fixed {
                return Err(RecourseError::Fixed { name: (*name).to_owned() });
            }
        }
        Ok(Recourse { target, listed: listed.iter().map(|name| Box::from(*name)).collect() })
    }
}

impl Recourse<'_> {
    pub(super) fn lists(&self) -> bool {
        !self.listed.is_empty()
    }

    /// The slots of the facts that are listed, as far as a policy uses them.
    pub(super) fn slots(&self, plan: &Plan) -> Vec<u32> {
        self.listed.iter().filter_map(|name| named(plan, name, |_| true).ok()).map(|(at, _)| at).collect()
    }
}

impl<'t> From<Target<'t>> for Recourse<'t> {
    fn from(target: Target<'t>) -> Self {
        Self { target, listed: Vec::new() }
    }
}

impl<'t> From<&Self> for Recourse<'t> {
    fn from(recourse: &Self) -> Self {
        recourse.clone()
    }
}

/// The fact of a name, English or Chinese, that a policy uses; else the one that is spelt much like it.
pub(super) fn named<'p>(
    plan: &'p Plan,
    name: &str,
    wanted: impl Fn(&Slot) -> bool,
) -> Result<(u32, &'p Slot), NotUsed> {
    let slots = || (0..).zip(plan.slots()).filter(|(_, slot)| wanted(slot));
    let own = |wanted: &str| slots().find(|(_, slot)| slot.field.name() == wanted);
    let chinese = || CHINESE_NAMES.iter().find(|(chinese, _)| *chinese == name).and_then(|(_, standard)| own(standard));
    own(name).or_else(chinese).ok_or_else(|| {
        let near = nearest(name, slots().map(|(_, slot)| slot.field.name()));
        let near = near.names.first().filter(|_| near.by_spelling).map(|near| (*near).to_owned());
        NotUsed { name: name.to_owned(), near }
    })
}
