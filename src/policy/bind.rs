//! A policy bound to a host's own struct and tiers: names, types and the ladder are compared once, and a decision looks
//! nothing up.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;

use super::{Policy, mismatch::BindError, mismatch::mismatches};
use crate::eval::{At, Decided, Outcome, decide_by, decide_whole};
use crate::explain::Explanation;
use crate::facts::{CollectionRef, CustomerError, FactError, Facts, FieldRef};
use crate::host::{Described, DescribedField, Host, HostField, Place, Tier};
use crate::plan::{Gauges, Plan, Verdict};
use crate::value::{Encoding, Fact, MISSING};

/// A policy for customers that are `A`s, whose tiers are `L`s. Shared freely between threads.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use rust_decimal::Decimal;
/// use tierwise::{Facts, Policy, Tier};
///
/// #[derive(Facts)]
/// struct Account {
///     annual_spend: Option<Decimal>,
///     #[facts(rename = "frequency")]
///     orders: u32,
/// }
///
/// #[derive(Tier, Clone, Copy, Debug, PartialEq)]
/// enum Level {
///     A,
///     B,
/// }
///
/// let policy = Policy::parse("annual_spend > 1M and frequency >= 12 => A\notherwise => B").unwrap();
/// let bound = policy.bind::<Account, Level>().unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let account = Account { annual_spend: Some(Decimal::from(1_200_000)), orders: 15 };
/// assert_eq!(bound.decide(&account, today).unwrap().settled(), Some(Level::A));
/// # }
/// ```
pub struct Bound<A, L> {
    policy: Policy,
    /// By slot; empty where deciding takes more than facts against constants.
    facts: Vec<BoundFact>,
    gauges: Option<Gauges<BoundFact>>,
    places: Vec<Place>,
    /// By collection.
    collections: Vec<Place>,
    /// By tier of the ladder.
    tiers: Vec<L>,
    account: PhantomData<fn(&A)>,
}

/// Where a fact stands, and how it is measured.
#[derive(Clone, Debug)]
struct BoundFact {
    place: Place,
    encoding: Encoding,
    /// The decimal places of its units; `None` where it is measured in ordinals.
    units: Option<u32>,
}

impl Policy {
    /// Binds the policy to a host's own struct and tiers.
    ///
    /// # Errors
    ///
    /// With everything that does not agree: facts that the policy uses and the struct lacks or has in another type, and
    /// tiers that only the ladder or only the enum has.
    pub fn bind<A: Host, L: Tier>(&self) -> Result<Bound<A, L>, BindError> {
        let described = Described::of::<A>();
        let found = mismatches::<L>(self, &described);
        if !found.is_empty() {
            return Err(BindError::new(std::any::type_name::<A>(), found));
        }
        let fields: HashMap<&str, &DescribedField> =
            described.fields.iter().map(|field| (&*field.name, field)).collect();
        let collection = |name: &str| {
            let known = described.collections.iter().find(|collection| collection.name == name);
            known.map_or(Place::NOWHERE, |collection| collection.place)
        };
        let plan = &*self.plan;
        let fields = || plan.slots().iter().map(|slot| fields.get(slot.field.name()));
        let places: Vec<Place> = fields().map(|field| field.map_or(Place::NOWHERE, |field| field.place)).collect();
        let collections: Vec<Place> = plan.records().iter().map(|records| collection(&records.name)).collect();
        let tier = |name: &str| L::TIERS.iter().find(|(known, _)| *known == name).map(|(_, tier)| *tier);
        let tiers = self.tiers().filter_map(tier).collect();
        let units = fields().map(|field| field.and_then(|field| field.units));
        let encodings = encodings(plan, &places, &collections);
        let facts = places.iter().zip(units).zip(encodings);
        let facts = facts.map(|((place, units), encoding)| BoundFact { place: *place, encoding, units });
        let facts: Vec<BoundFact> = facts.collect();
        let gauges = Gauges::new(plan, &facts, |fact| (&fact.encoding, fact.units));
        Ok(Bound { policy: self.clone(), facts, gauges, places, collections, tiers, account: PhantomData })
    }
}

/// How the facts of the host are taken: one that could be computed stands for itself where the host has nothing else.
fn encodings(plan: &Plan, places: &[Place], collections: &[Place]) -> Vec<Encoding> {
    if plan.strategy().scalar().is_none() {
        return Vec::new();
    }
    let known = plan.strategy().encodings();
    let has = |places: &[Place], at: &u32| places.get(*at as usize).is_some_and(|place| *place != Place::NOWHERE);
    let encoding = |(slot, encoding): (u32, &Encoding)| {
        let (facts, records) = plan.computed_from(slot);
        let known = |at: &u32| {
            let known = known.get(*at as usize).and_then(Option::as_ref);
            has(places, at) || known.is_none_or(|encoding| encoding.bare() != MISSING)
        };
        match facts.iter().any(known) || records.iter().any(|at| has(collections, at)) {
            true => encoding.clone(),
            false => encoding.clone().with_nothing_else(),
        }
    };
    (0..).zip(known.iter().flatten()).map(encoding).collect()
}

impl<A: Host, L: Tier> Bound<A, L> {
    /// Decides one customer: tier, rule and certainty. Looks no name up and allocates nothing, but for floats, which are
    /// taken by their shortest text.
    ///
    /// # Errors
    ///
    /// Where a fact that the policy uses cannot be taken: outside its range, finer than its scale, required and missing.
    #[inline]
    pub fn decide<'a>(&self, account: &A, at: impl Into<At<'a>>) -> Result<Decided<L>, CustomerError> {
        let at = at.into();
        let measure = |fact: &BoundFact| account.measure(fact.place, &fact.encoding);
        let gauges = self.gauges.as_ref().filter(|_| !at.is_strict());
        let verdict = match gauges.and_then(|gauges| gauges.verdict(measure)) {
            Some(verdict) => verdict,
            None => self.decide_by_ordinals(account, at)?,
        };
        Ok(Decided::with_tiers(verdict, &self.tiers))
    }

    #[inline(never)]
    fn decide_by_ordinals(&self, account: &A, at: At<'_>) -> Result<Verdict, CustomerError> {
        let plan = &*self.policy.plan;
        let quick = plan.strategy().scalar().filter(|_| !at.is_strict()).and_then(|scalar| {
            let ordinal =
                |fact: &BoundFact| fact.encoding.of_measure(account.measure(fact.place, &fact.encoding), fact.units);
            decide_by(plan, scalar, at, self.facts.iter().map(ordinal))
        });
        quick.map_or_else(|| self.decide_whole(account, at), Ok)
    }

    #[cold]
    #[inline(never)]
    fn decide_whole(&self, account: &A, at: At<'_>) -> Result<Verdict, CustomerError> {
        let placed = Placed { account, bound: self };
        let decided = match at.is_strict() {
            true => self.policy.decide(&placed, at),
            false => decide_whole(&self.policy.plan, &placed, at),
        };
        decided.map(Decided::verdict)
    }

    /// Classifies one customer, as [`Policy::classify`].
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide).
    pub fn classify<'a>(&self, account: &A, at: impl Into<At<'a>>) -> Result<Outcome, CustomerError> {
        self.policy.classify(&Placed { account, bound: self }, at)
    }

    /// Classifies one customer and says why, as [`Policy::explain`].
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide).
    pub fn explain<'a>(&self, account: &A, at: impl Into<At<'a>>) -> Result<Explanation, CustomerError> {
        self.policy.explain(&Placed { account, bound: self }, at)
    }

    /// The host's tier of an outcome of this policy.
    pub fn tier(&self, outcome: &Outcome) -> Option<L> {
        outcome.tier_id().and_then(|tier| self.tiers.get(tier.index())).copied()
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// A host's struct whose facts are asked for by slot.
struct Placed<'b, A, L> {
    account: &'b A,
    bound: &'b Bound<A, L>,
}

impl<A: Host, L: Tier> Facts for Placed<'_, A, L> {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        match self.bound.places.get(field.slot()) {
            Some(place) => Ok(HostField::fact(self.account, *place)),
            // Checked in strict mode alone.
            None => Facts::fact(self.account, field),
        }
    }

    fn records(&self, collection: CollectionRef<'_>, each: &mut dyn FnMut(&dyn Facts)) -> Result<bool, FactError> {
        let place = self.bound.collections.get(collection.slot());
        Ok(place.is_some_and(|place| HostField::records(self.account, *place, each)))
    }
}

impl<A, L: Clone> Clone for Bound<A, L> {
    fn clone(&self) -> Self {
        Self {
            policy: self.policy.clone(),
            facts: self.facts.clone(),
            gauges: self.gauges.clone(),
            places: self.places.clone(),
            collections: self.collections.clone(),
            tiers: self.tiers.clone(),
            account: PhantomData,
        }
    }
}

impl<A, L> fmt::Debug for Bound<A, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bound")
            .field("policy", &self.policy)
            .field("account", &std::any::type_name::<A>())
            .field("tier", &std::any::type_name::<L>())
            .field("at_once", &self.gauges.is_some())
            .finish()
    }
}
