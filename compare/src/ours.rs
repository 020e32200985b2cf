//! tierwise: bound to the service's own structs, from one by slot, from a `Customer`, and from JSON.

use std::fmt::Debug;
use std::marker::PhantomData;

use tierwise::chrono::NaiveDate;
use tierwise::{Bound, Customer, Decided, Fact, FactError, Facts, FieldRef, Host, Policy, Tier};

use crate::account::{Account, Field};
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::hand::Profile;
use crate::rules::Rules;

/// A loaded policy, and which fact each of its slots asks for.
pub struct Loaded {
    policy: Policy,
    fields: Box<[Field]>,
}

/// An account whose facts are asked for by slot.
struct BySlot<'a> {
    account: &'a Account,
    fields: &'a [Field],
}

impl Facts for BySlot<'_> {
    #[inline]
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        let Some(known) = self.fields.get(field.slot()) else { return Ok(Fact::Missing) };
        let account = self.account;
        Ok(match known {
            Field::AnnualSpend => account.annual_spend.into(),
            Field::LifetimeValue => account.lifetime_value.into(),
            Field::Satisfaction => account.satisfaction.into(),
            Field::Frequency => account.frequency.into(),
            Field::Employees => account.employees.into(),
            Field::OverdueDays => account.overdue_days.into(),
            Field::Points => account.points.into(),
            Field::Complaints => account.complaints.into(),
            Field::Region => account.region.as_deref().into(),
        })
    }
}

impl Loaded {
    fn new(text: &str) -> Result<Self, String> {
        let policy = Policy::parse(text).map_err(|error| error.report("rules.tier").to_string())?;
        let known = |name: &str| Field::ALL.into_iter().find(|field| field.name() == name).ok_or(name.to_owned());
        let fields = policy.needs().fields().map(|field| known(field.name())).collect::<Result<_, _>>()?;
        Ok(Self { policy, fields })
    }

    #[inline]
    fn decide(&self, facts: &(impl Facts + ?Sized)) -> Option<Answer> {
        self.policy.decide(facts, NaiveDate::default()).ok().and_then(answer)
    }
}

fn answer(decided: Decided) -> Option<Answer> {
    Some(Answer::with_certainty(decided.tier()?.index(), decided.is_certain()))
}

/// `bound.decide` on a service's own struct that derives `Facts`, with tiers that derive `Tier`.
pub struct OwnBound<A, L> {
    bound: Bound<A, L>,
    today: NaiveDate,
}

/// The tiers of a policy of three.
#[derive(Clone, Copy, Debug, Tier)]
pub enum Tiers3 {
    A,
    B,
    C,
}

#[derive(Clone, Copy, Debug, Tier)]
pub enum Tiers4 {
    A,
    B,
    C,
    D,
}

#[derive(Clone, Copy, Debug, Tier)]
pub enum Tiers5 {
    A,
    B,
    C,
    D,
    E,
}

/// The place of a tier.
pub trait Placed {
    fn place(self) -> usize;
}

macro_rules! placed {
    ($($tiers:ty)*) => {
        $(impl Placed for $tiers {
            #[inline]
            fn place(self) -> usize {
                self as usize
            }
        })*
    };
}

placed! { Tiers3 Tiers4 Tiers5 }

impl<A: Host + Profile, L: Tier + Placed + Debug> Engine for OwnBound<A, L> {
    type Source = String;
    type Input = A;

    const CONVERTS: bool = false;

    fn write(rules: &Rules) -> Result<String, String> {
        Ok(rules.policy_text())
    }

    fn load(text: &String) -> Result<Self, String> {
        let policy = Policy::parse(text).map_err(|error| error.report("rules.tier").to_string())?;
        let bound = policy.bind().map_err(|error| error.to_string())?;
        Ok(Self { bound, today: NaiveDate::default() })
    }

    fn convert(&self, customer: &Pair) -> A {
        A::of(customer).clone()
    }

    #[inline]
    fn decide(&mut self, account: &A) -> Option<Answer> {
        let decided = self.bound.decide(account, self.today).ok()?;
        Some(Answer::with_certainty(decided.tier()?.place(), decided.is_certain()))
    }
}

/// How `policy.decide` gets its customers.
pub trait Given {
    type Input;

    const CONVERTS: bool = true;

    fn convert(customer: &Pair) -> Self::Input;

    fn decide(loaded: &Loaded, input: &Self::Input) -> Option<Answer>;
}

/// `policy.decide` on the service's own struct, by slot.
pub struct OwnStruct;

impl Given for OwnStruct {
    type Input = Account;

    const CONVERTS: bool = false;

    fn convert(customer: &Pair) -> Account {
        customer.exact.clone()
    }

    #[inline]
    fn decide(loaded: &Loaded, account: &Account) -> Option<Answer> {
        loaded.decide(&BySlot { account, fields: &loaded.fields })
    }
}

/// `policy.decide` on a `Customer`, which is filled fact by fact.
pub struct ByName;

impl Given for ByName {
    type Input = Customer;

    fn convert(customer: &Pair) -> Customer {
        let account = &customer.exact;
        Customer::new()
            .with("annual_spend", account.annual_spend)
            .with("lifetime_value", account.lifetime_value)
            .with("satisfaction", account.satisfaction)
            .with("frequency", account.frequency)
            .with("employees", account.employees)
            .with("overdue_days", account.overdue_days)
            .with("points", account.points)
            .with("complaints", account.complaints)
            .with("region", account.region.as_deref())
    }

    #[inline]
    fn decide(loaded: &Loaded, customer: &Customer) -> Option<Answer> {
        loaded.decide(customer)
    }
}

/// `policy.decide` on a `Customer` that is made of a JSON value.
pub struct FromJson;

impl Given for FromJson {
    type Input = Customer;

    fn convert(customer: &Pair) -> Customer {
        Customer::from_serialize(&customer.json).unwrap_or_default()
    }

    #[inline]
    fn decide(loaded: &Loaded, customer: &Customer) -> Option<Answer> {
        loaded.decide(customer)
    }
}

/// A policy that is not bound.
pub struct Unbound<G>(Loaded, PhantomData<G>);

impl<G: Given> Engine for Unbound<G> {
    type Source = String;
    type Input = G::Input;

    const CONVERTS: bool = G::CONVERTS;

    fn write(rules: &Rules) -> Result<String, String> {
        Ok(rules.policy_text())
    }

    fn load(text: &String) -> Result<Self, String> {
        Ok(Self(Loaded::new(text)?, PhantomData))
    }

    fn convert(&self, customer: &Pair) -> G::Input {
        G::convert(customer)
    }

    #[inline]
    fn decide(&mut self, input: &G::Input) -> Option<Answer> {
        G::decide(&self.0, input)
    }
}
