//! A host's own structs as customers: what `#[derive(Facts)]` and `#[derive(Tier)]` generate, and what a field can be.
//!
//! A field of a struct is a whole number, a [`Decimal`], a float, a `bool`, a [`NaiveDate`], a text, [`Money`], a set of
//! texts, an `Option` of these where it may be missing, another struct that derives `Facts`, whose facts get dotted names,
//! or a `Vec` of such structs, which is a collection of records. At most four structs stand in each other. Whatever else a
//! host has becomes one of these by `#[facts(with = path)]`.
//!
//! [`Decimal`]: rust_decimal::Decimal
//! [`NaiveDate`]: chrono::NaiveDate
//! [`Money`]: crate::Money

mod described;
mod fields;

pub use described::{Describe, Marks, Shape};
pub(crate) use described::{Described, DescribedField};
pub use fields::{Amount, HostElement, HostFact, HostField, MinorUnits, amount, minor_fact, minor_measure};

use crate::facts::Facts;
use crate::schema::Schema;

/// Where a field stands in a host's struct: its number, and behind it that of a field of the struct that stands there. At
/// most four structs stand in each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u64);

impl Place {
    /// Of a value that is no struct.
    pub const HERE: Self = Self(0);
    /// Of nothing.
    pub(crate) const NOWHERE: Self = Self(u64::MAX);

    /// The number of the field; 0 is none.
    #[inline]
    pub fn number(self) -> u64 {
        self.0 & 0xffff
    }

    /// The place within that field.
    #[inline]
    pub fn rest(self) -> Self {
        Self(self.0 >> 16)
    }

    /// The place in the field of a number; nowhere, where too many structs stand in each other.
    pub fn within(self, number: u64) -> Self {
        if self.0 >> 48 == 0 && number < 0xffff { Self(self.0 << 16 | number) } else { Self::NOWHERE }
    }
}

/// What is left of a dotted name behind its first part, where that is `own`.
#[doc(hidden)]
pub fn behind<'n>(name: &'n str, own: &str) -> Option<&'n str> {
    match name.strip_prefix(own)? {
        "" => Some(""),
        rest => rest.strip_prefix('.').filter(|rest| !rest.is_empty()),
    }
}

/// A host's struct whose fields are facts. Implemented by `#[derive(Facts)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no customer",
    note = "derive `Facts` for it: `#[derive(tierwise::Facts)]`"
)]
pub trait Host: HostField + Facts {
    /// The fields and collections of the struct, for policies that are to use them alone. A field or collection that has
    /// the name of one of the standard model is that one, with its type and range, where its values can be.
    fn schema() -> Schema
    where
        Self: Sized,
    {
        Described::of::<Self>().schema()
    }
}

impl<T: HostField + Facts> Host for T {}

/// A host's own tiers: a fieldless enum whose variants are named as those of a ladder. Implemented by `#[derive(Tier)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tier",
    note = "derive `Tier` for it: `#[derive(Clone, Copy, tierwise::Tier)]`"
)]
pub trait Tier: Copy + 'static {
    /// What the enum is called.
    const NAME: &'static str;
    /// The variants with the names of their tiers.
    const TIERS: &'static [(&'static str, Self)];
}

/// Of policies without a ladder, which have segments or scores alone.
impl Tier for () {
    const NAME: &'static str = "()";
    const TIERS: &'static [(&'static str, Self)] = &[];
}
