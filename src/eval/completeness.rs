//! What a batch of customers lacks, field by field.

use std::fmt;
use std::sync::Arc;

use super::Outcome;
use crate::plan::Plan;

/// How complete the data of a batch of customers is: by each fact that the policy uses, how many lack it, and of how many
/// the tier hangs on it.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse("annual_spend > 200K and nps >= 50 => A\notherwise => B")?;
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let mut completeness = policy.completeness();
/// for customer in [
///     Customer::new().with("annual_spend", 300_000),
///     Customer::new().with("annual_spend", 100),
///     Customer::new().with("annual_spend", 300_000).with("nps", 60),
/// ] {
///     completeness.add(&policy.classify(&customer, today)?);
/// }
/// let nps = completeness.fields().find(|field| field.name() == "nps").unwrap();
/// assert_eq!((nps.absent(), nps.decisive(), completeness.customers()), (2, 1, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Completeness {
    plan: Arc<Plan>,
    customers: u64,
    counts: Vec<Count>,
}

#[derive(Clone, Copy)]
struct Count {
    /// As missing things are numbered.
    number: u32,
    absent: u64,
    decisive: u64,
}

/// What a batch lacks of one field.
#[derive(Clone, Copy)]
pub struct FieldCompleteness<'c> {
    plan: &'c Plan,
    customers: u64,
    count: Count,
}

impl Completeness {
    pub(crate) fn new(plan: &Arc<Plan>) -> Self {
        let counts = plan.expected().map(|number| Count { number, absent: 0, decisive: 0 }).collect();
        Self { plan: Arc::clone(plan), customers: 0, counts }
    }

    /// Counts a customer. The outcome of another policy, clones apart, is not counted, and `false` is given back.
    pub fn add(&mut self, outcome: &Outcome) -> bool {
        if !outcome.is_of(&self.plan) {
            return false;
        }
        self.customers += 1;
        for number in outcome.absent_places() {
            self.count(*number).for_each(|count| count.absent += 1);
        }
        for number in outcome.missing_slots() {
            self.count(number).for_each(|count| count.decisive += 1);
        }
        true
    }

    fn count(&mut self, number: u32) -> impl Iterator<Item = &mut Count> {
        let at = self.counts.binary_search_by_key(&number, |count| count.number);
        at.ok().and_then(|at| self.counts.get_mut(at)).into_iter()
    }

    /// How many customers were counted.
    pub fn customers(&self) -> u64 {
        self.customers
    }

    /// The facts that the policy uses, in the order in which they are asked for; a collection, then the fields of its
    /// records, by the names under which a host supplies them.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldCompleteness<'_>> {
        self.counts.iter().map(|count| FieldCompleteness { plan: &self.plan, customers: self.customers, count: *count })
    }
}

impl<'c> FieldCompleteness<'c> {
    /// The name, such as `nps`, `orders` or `orders.amount`.
    pub fn name(&self) -> &'c str {
        self.plan.missing_name(self.count.number)
    }

    /// How many customers lack it; of a field of records, how many have a record that lacks it.
    pub fn absent(&self) -> u64 {
        self.count.absent
    }

    /// Of how many of them the tier hangs on it.
    pub fn decisive(&self) -> u64 {
        self.count.decisive
    }
}

impl fmt::Debug for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields()).finish()
    }
}

impl fmt::Debug for FieldCompleteness<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Count { absent, decisive, .. } = self.count;
        write!(f, "{}: {absent} of {} lack it, {decisive} hang on it", self.name(), self.customers)
    }
}
