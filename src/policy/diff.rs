//! What becomes of customers under another policy, and with more of a fact.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Policy;
use super::analysis::{Inquiry, day_of};
use super::people::{CustomerBox, Plans, Witness};
use super::recourse::{NotUsed, named};
use crate::eval::{Outcome, with_nobody};
use crate::schema::Type;
use crate::search::{Differences, Monotone, Moved, Unknown, differences, monotone};

/// The answer to a question about everybody.
#[derive(Clone, Debug)]
pub enum Verdict<W> {
    /// It holds of everybody.
    Proved,
    /// It does not: these show it.
    Refuted(W),
    /// That was not found out.
    Unknown(Unknown),
}

/// Whether more of a fact never lowers the tier: [`Policy::monotone`].
#[derive(Clone, Debug)]
pub struct Monotonicity {
    verdict: Verdict<[Witness; 2]>,
    steps: u32,
    as_of: Option<NaiveDate>,
}

impl Monotonicity {
    /// Proved, or refuted by one customer and one like that with more of the fact and a lower tier.
    pub fn verdict(&self) -> &Verdict<[Witness; 2]> {
        &self.verdict
    }

    /// How many steps the search took.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The day for which it was asked, where the policy asks for today.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }
}

/// Why [`Policy::monotone`] cannot be asked of a fact.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MonotoneError {
    /// No rule, cap or floor uses a fact of this name.
    #[error(transparent)]
    NotUsed(#[from] NotUsed),
    /// There is no more and less of it.
    #[error("`{name}` is {ty}, and neither a number nor a date")]
    NoOrder {
        /// The name.
        name: String,
        /// Its type.
        ty: Type,
    },
}

impl Policy {
    /// Whether more of a fact never lowers the tier, everything else being equal: proved, or refuted by two customers who
    /// differ in the fact alone, the second with more of it and a lower tier. Of a date, later is more. Who breaks an
    /// `assume` is left out.
    ///
    /// ```
    /// use tierwise::{Budget, Policy, Verdict};
    ///
    /// let policy = Policy::parse("annual_spend > 1M and complaints < 3 => A\notherwise => B")?;
    /// assert!(matches!(policy.monotone("annual_spend", Budget::default())?.verdict(), Verdict::Proved));
    /// let complaints = policy.monotone("complaints", Budget::default())?;
    /// let Verdict::Refuted([less, more]) = complaints.verdict() else { panic!() };
    /// assert_eq!((less.tier(), more.tier()), (Some("A"), Some("B")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Where the policy does not use the fact, or it is neither a number nor a date.
    pub fn monotone(&self, fact: &str, inquiry: impl Into<Inquiry>) -> Result<Monotonicity, MonotoneError> {
        let inquiry = inquiry.into();
        let (at, slot) = named(&self.plan, fact, |slot| !slot.derived)?;
        if !slot.field.ty().is_numeric() && *slot.field.ty() != Type::Date {
            return Err(MonotoneError::NoOrder { name: fact.to_owned(), ty: slot.field.ty().clone() });
        }
        let as_of = day_of(inquiry.as_of, &[self]);
        let (found, steps) = with_nobody(&self.plan, as_of, |machine| monotone(machine, at, inquiry.budget.steps()));
        let plans: Plans = [Arc::clone(&self.plan)].into();
        let verdict = match found {
            Monotone::Never => Verdict::Proved,
            Monotone::Lowers(people) => Verdict::Refuted(people.map(|person| Witness::new(&plans, 0, person))),
            Monotone::Unknown(unknown) => Verdict::Unknown(unknown),
        };
        Ok(Monotonicity { verdict, steps, as_of: self.plan.uses_today().then_some(as_of) })
    }

    /// Whose tier another version of a policy changes: nobody's, proved, or that of these boxes of customers, each as wide
    /// as it goes and with a customer who was decided under both. Tiers are the same where their names are. Looked at are
    /// customers whom both policies take, with numbers on the grid of the [types](crate::language::analysis); who breaks an
    /// `assume` of either is left out.
    ///
    /// ```
    /// use tierwise::{Budget, Policy};
    ///
    /// let old = Policy::parse("annual_spend > 1M and frequency >= 12 => A\notherwise => B")?;
    /// let new = Policy::parse("annual_spend > 800K and frequency >= 12 => A\notherwise => B")?;
    /// let diff = Policy::diff(&old, &new, Budget::default());
    /// assert!(diff.is_complete() && !diff.is_equal());
    /// assert_eq!(diff.to_string(), "annual_spend 800_000.01..1_000_000, frequency >= 12: B → A\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn diff(old: &Self, new: &Self, inquiry: impl Into<Inquiry>) -> PolicyDiff {
        let inquiry = inquiry.into();
        let (steps, as_of) = (inquiry.budget.steps(), day_of(inquiry.as_of, &[old, new]));
        let Differences { moved, unknown, steps } =
            with_nobody(&old.plan, as_of, |one| with_nobody(&new.plan, as_of, |two| differences([one, two], steps)));
        let plans: Plans = [Arc::clone(&old.plan), Arc::clone(&new.plan)].into();
        let change = |Moved { boxed, people: [one, two], whole }: Moved| TierChange {
            customers: CustomerBox::new(&plans, boxed),
            old: Witness::new(&plans, 0, one),
            new: Witness::new(&plans, 1, two),
            whole,
        };
        let asks = old.plan.uses_today() || new.plan.uses_today();
        let in_minor_units = [old, new].iter().any(|policy| policy.plan.has_plain_money());
        PolicyDiff {
            changes: moved.into_iter().map(change).collect(),
            unknown,
            steps,
            as_of: asks.then_some(as_of),
            in_minor_units,
        }
    }
}

/// Whose tier differs under two policies.
#[derive(Clone, Debug)]
pub struct PolicyDiff {
    changes: Vec<TierChange>,
    unknown: Option<Unknown>,
    steps: u32,
    as_of: Option<NaiveDate>,
    in_minor_units: bool,
}

/// Customers who get another tier.
#[derive(Clone, Debug)]
pub struct TierChange {
    customers: CustomerBox,
    old: Witness,
    new: Witness,
    whole: bool,
}

impl PolicyDiff {
    /// The boxes of customers whose tier changes, at most twenty; some may be in several.
    pub fn changes(&self) -> &[TierChange] {
        &self.changes
    }

    /// Whether it is proved that both policies give everybody the same tier.
    pub fn is_equal(&self) -> bool {
        self.changes.is_empty() && self.is_complete()
    }

    /// Whether there are no other changes.
    pub fn is_complete(&self) -> bool {
        self.unknown.is_none()
    }

    /// Why there may be more.
    pub fn unknown(&self) -> Option<Unknown> {
        self.unknown
    }

    /// The day for which it holds; `None` where no day matters to the policies.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// Whether amounts were taken in whole minor units of their currency, as
    /// [`Analysis::in_minor_units`](crate::Analysis::in_minor_units) says.
    pub fn in_minor_units(&self) -> bool {
        self.in_minor_units
    }

    /// How many steps it took.
    pub fn steps(&self) -> u32 {
        self.steps
    }
}

impl TierChange {
    /// Who they are.
    pub fn customers(&self) -> &CustomerBox {
        &self.customers
    }

    /// The tier under the old policy.
    pub fn from(&self) -> Option<&str> {
        self.old.tier()
    }

    /// The tier under the new one.
    pub fn to(&self) -> Option<&str> {
        self.new.tier()
    }

    /// One of them, as the old policy and as the new one decides.
    pub fn witness(&self) -> [&Witness; 2] {
        [&self.old, &self.new]
    }

    /// Whether everybody in the box moves like this; else one does for sure.
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

fn tier_name(tier: Option<&str>) -> &str {
    tier.unwrap_or("none")
}

impl fmt::Display for TierChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customers: &dyn fmt::Display = if self.whole { &self.customers } else { &self.old };
        write!(f, "{customers}: {} → {}", tier_name(self.from()), tier_name(self.to()))
    }
}

impl fmt::Display for PolicyDiff {
    /// A line for each change.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.changes.iter().try_for_each(|change| writeln!(f, "{change}"))
    }
}

impl Serialize for TierChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("customers", &self.customers)?;
        map.serialize_entry("whole", &self.whole)?;
        map.serialize_entry("from", &self.from())?;
        map.serialize_entry("to", &self.to())?;
        map.serialize_entry("lines", &[self.old.line(), self.new.line()])?;
        map.serialize_entry("witness", &self.old)?;
        map.end()
    }
}

impl Serialize for PolicyDiff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("equal", &self.is_equal())?;
        map.serialize_entry("complete", &self.is_complete())?;
        map.serialize_entry("reason", &self.unknown.map(Unknown::as_str))?;
        map.serialize_entry("as_of", &self.as_of.map(|day| day.to_string()))?;
        map.serialize_entry("in_minor_units", &self.in_minor_units)?;
        map.serialize_entry("changes", &self.changes)?;
        map.end()
    }
}

/// How customers move between tiers: the counts of a from-to table, as of a migration matrix.
///
/// ```
/// use tierwise::{Customer, Migration, Policy};
///
/// let old = Policy::parse("annual_spend > 1M => A\notherwise => B")?;
/// let new = Policy::parse("annual_spend > 800K => A\notherwise => B")?;
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let mut migration = Migration::default();
/// for spend in [500_000, 900_000, 2_000_000] {
///     let customer = Customer::new().with("annual_spend", spend);
///     migration.add(&old.classify(&customer, today)?, &new.classify(&customer, today)?);
/// }
/// assert_eq!((migration.moved(), migration.total()), (1, 3));
/// assert_eq!(migration.count(Some("B"), Some("A")), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Migration {
    counts: BTreeMap<(Option<String>, Option<String>), u64>,
}

impl Migration {
    /// Counts a customer under both; whether the tier is another.
    pub fn add(&mut self, old: &Outcome, new: &Outcome) -> bool {
        let own = |outcome: &Outcome| outcome.tier().map(str::to_owned);
        *self.counts.entry((own(old), own(new))).or_default() += 1;
        old.tier() != new.tier()
    }

    /// How many went from one tier to another; `None` is no tier.
    pub fn count(&self, from: Option<&str>, to: Option<&str>) -> u64 {
        self.counts.get(&(from.map(str::to_owned), to.map(str::to_owned))).copied().unwrap_or(0)
    }

    /// How many have another tier.
    pub fn moved(&self) -> u64 {
        self.counts.iter().filter(|((from, to), _)| from != to).map(|(_, count)| count).sum()
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The counts above zero: from, to, how many.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, Option<&str>, u64)> {
        self.counts.iter().map(|((from, to), count)| (from.as_deref(), to.as_deref(), *count))
    }
}
