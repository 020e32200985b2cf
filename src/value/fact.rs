//! Facts as a host gives them, before they are checked against the field's type.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Constant, Money, from_float, parse_date, parse_number};
use crate::schema::Type;

/// What a nested object is called that is no amount of money.
pub(crate) const AN_OBJECT: &str = "an object";

/// One fact of a customer as the host has it. The engine checks and converts it by the field's type; numbers may come
/// as any of the number forms or as text.
///
/// ```
/// use tierwise::Fact;
///
/// assert!(matches!(Fact::from(None::<i64>), Fact::Missing));
/// assert!(matches!(Fact::from(Some(12_i64)), Fact::Integer(12)));
/// assert!(matches!(Fact::from("retail"), Fact::Text("retail")));
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Fact<'a> {
    /// Not known: never zero, never empty, never false.
    Missing,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Number(Decimal),
    /// A binary float, taken by its shortest text: `0.1` is one tenth.
    Float(f64),
    /// A number as text that was not read yet, such as a JSON number with more digits than a float holds.
    Numeral(&'a str),
    /// A text, a member of a closed set, a date as `YYYY-MM-DD`, or a number in text form.
    Text(&'a str),
    /// A civil date.
    Date(NaiveDate),
    /// An amount with its currency.
    Money(Money),
    /// A set of values, without an order.
    Set(&'a dyn Members),
    /// Something that no field type takes; the text says what it is, such as `an object`.
    Other(&'a str),
}

impl Fact<'_> {
    /// The exact number or amount that the fact is or spells, its currency left aside.
    pub(crate) fn number(&self) -> Option<Decimal> {
        match self {
            Self::Integer(value) => Some(Decimal::from(*value)),
            Self::Number(value) => Some(*value),
            Self::Float(value) => from_float(*value).ok(),
            Self::Money(money) => Some(money.amount()),
            Self::Numeral(text) => parse_number(text).ok(),
            Self::Text(text) => parse_number(amount_and_code(text).map_or(*text, |(amount, _)| amount)).ok(),
            _ => None,
        }
    }

    /// A member of a set as the value of the element type that it is or spells; that of a closed set is its text.
    pub(crate) fn element(&self, ty: &Type) -> Option<Constant> {
        match (self, ty) {
            (Self::Text(text), Type::Date) => parse_date(text).map(Constant::Date),
            (member, ty) if ty.is_numeric() => member.number().map(Constant::Number),
            (member, _) => member.constant(),
        }
    }

    /// A member of a set as it is kept.
    pub(crate) fn constant(&self) -> Option<Constant> {
        Some(match self {
            Self::Boolean(boolean) => Constant::Boolean(*boolean),
            Self::Date(date) => Constant::Date(*date),
            Self::Text(text) | Self::Numeral(text) => Constant::Text(Arc::from(*text)),
            member => Constant::Number(member.number()?),
        })
    }
}

/// An amount in words with its currency behind it: `600 JPY`.
pub(crate) fn amount_and_code(text: &str) -> Option<(&str, &str)> {
    let is_code = |code: &str| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    text.rsplit_once(' ').filter(|(_, code)| is_code(code))
}

impl fmt::Debug for Fact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Facts may be sensitive, and a fact does not know whether it is: only its kind is shown.
        f.write_str(match self {
            Self::Missing => "Missing",
            Self::Boolean(_) => "Boolean(..)",
            Self::Integer(_) | Self::Number(_) | Self::Float(_) | Self::Numeral(_) => "Number(..)",
            Self::Text(_) => "Text(..)",
            Self::Date(_) => "Date(..)",
            Self::Money(_) => "Money(..)",
            Self::Set(_) => "Set(..)",
            Self::Other(_) => "Other(..)",
        })
    }
}

/// The members of a set-valued fact. Implemented for vectors, slices and the standard sets of strings.
pub trait Members {
    /// Calls `visit` once for every member.
    fn each(&self, visit: &mut dyn FnMut(Fact<'_>));
}

macro_rules! members {
    ($($(#[$attr:meta])* <$($generic:ident: $bound:path),*> $ty:ty;)*) => {
        $($(#[$attr])* impl<$($generic: $bound),*> Members for $ty {
            fn each(&self, visit: &mut dyn FnMut(Fact<'_>)) {
                for member in self {
                    visit(Fact::Text(member.as_ref()));
                }
            }
        })*
    };
}

members! {
    <T: AsRef<str>> [T];
    <T: AsRef<str>> Vec<T>;
    <T: AsRef<str>> BTreeSet<T>;
}

impl<T: AsRef<str>, S> Members for HashSet<T, S> {
    fn each(&self, visit: &mut dyn FnMut(Fact<'_>)) {
        self.iter().for_each(|member| visit(Fact::Text(member.as_ref())));
    }
}

impl<'a, T: Into<Fact<'a>>> From<Option<T>> for Fact<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Fact::Missing, Into::into)
    }
}

macro_rules! from {
    ($($ty:ty => $variant:ident;)*) => {
        $(impl<'a> From<$ty> for Fact<'a> {
            fn from(value: $ty) -> Self {
                Fact::$variant(value.into())
            }
        })*
    };
}

from! {
    bool => Boolean;
    i64 => Integer;
    i32 => Integer;
    u32 => Integer;
    u64 => Number;
    Decimal => Number;
    f64 => Float;
    NaiveDate => Date;
    Money => Money;
}

impl<'a> From<&'a str> for Fact<'a> {
    fn from(value: &'a str) -> Self {
        Fact::Text(value)
    }
}

impl<'a> From<&'a String> for Fact<'a> {
    fn from(value: &'a String) -> Self {
        Fact::Text(value)
    }
}
