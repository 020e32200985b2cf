//! What the engine asks of a customer, and the conversion of what it gets.

mod convert;
mod error;

use std::fmt;

pub(crate) use convert::{Converted, convert};
pub(crate) use error::Member;
pub use error::{CustomerError, FactError};

use crate::schema::Type;
use crate::value::Fact;

/// A field as the engine asks for it: by slot for a host that knows it, by name for one that does not.
#[derive(Clone, Copy, Debug)]
pub struct FieldRef<'p> {
    name: &'p str,
    ty: &'p Type,
    slot: usize,
}

impl<'p> FieldRef<'p> {
    pub(crate) fn new(name: &'p str, ty: &'p Type, slot: usize) -> Self {
        Self { name, ty, slot }
    }

    /// The name, dots included: `address.city`.
    pub fn name(&self) -> &'p str {
        self.name
    }

    /// The type that the policy expects.
    pub fn ty(&self) -> &'p Type {
        self.ty
    }

    /// The place among the fields of [`Needs`](crate::Needs), counted from 0; the same for every customer of a policy.
    pub fn slot(&self) -> usize {
        self.slot
    }
}

/// A collection as the engine asks for it.
#[derive(Clone, Copy, Debug)]
pub struct CollectionRef<'p> {
    name: &'p str,
    slot: usize,
}

impl<'p> CollectionRef<'p> {
    pub(crate) fn new(name: &'p str, slot: usize) -> Self {
        Self { name, slot }
    }

    /// The name, such as `orders`.
    pub fn name(&self) -> &'p str {
        self.name
    }

    /// The place among the collections of [`Needs`](crate::Needs), counted from 0.
    pub fn slot(&self) -> usize {
        self.slot
    }
}

/// The facts of one customer. Implement it for your own type, or fill a [`Customer`](crate::Customer).
///
/// ```
/// use tierwise::{Fact, FactError, Facts, FieldRef, Policy};
///
/// struct Account {
///     spend_cents: i64,
///     orders: Option<u32>,
/// }
///
/// impl Facts for Account {
///     fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
///         Ok(match field.name() {
///             "annual_spend" => rust_decimal::Decimal::new(self.spend_cents, 2).into(),
///             "frequency" => self.orders.into(),
///             _ => Fact::Missing,
///         })
///     }
/// }
///
/// let policy = Policy::parse("annual_spend > 1M and frequency >= 12 => A\notherwise => B").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let account = Account { spend_cents: 100_000_001, orders: Some(12) };
/// let decided = policy.decide(&account, today).unwrap();
/// assert_eq!(decided.settled().map(|tier| policy.tier_name(tier)), Some("A"));
/// ```
pub trait Facts {
    /// The fact of a field; [`Fact::Missing`] where it is not known.
    ///
    /// # Errors
    ///
    /// Where the host cannot tell: the customer is refused, as for a fact of the wrong type.
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError>;

    /// Calls `each` with every record of a collection, in any order, and says whether the collection is supplied: an
    /// empty one is known, one that is not supplied is missing. Records may be made on the fly.
    ///
    /// # Errors
    ///
    /// Where the host cannot tell: the customer is refused.
    fn records(&self, collection: CollectionRef<'_>, each: &mut dyn FnMut(&dyn Facts)) -> Result<bool, FactError> {
        let _ = (collection, each);
        Ok(false)
    }
}

impl<F: Facts + ?Sized> Facts for &F {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        (**self).fact(field)
    }

    fn records(&self, collection: CollectionRef<'_>, each: &mut dyn FnMut(&dyn Facts)) -> Result<bool, FactError> {
        (**self).records(collection, each)
    }
}

impl fmt::Debug for dyn Facts + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Facts { .. }")
    }
}
