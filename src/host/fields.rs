//! What a field of a host's struct can be.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Describe, Place, Shape};
use crate::facts::Facts;
use crate::value::{Encoding, Fact, MISSING, Money};

/// A field of a host's struct. Implemented for numbers, texts, dates and booleans, for `Option`, `Box` and sets of texts,
/// and by `#[derive(Facts)]`. Not to be implemented by hand, since what one of its functions tells the others have to keep:
/// `#[facts(with = path)]` makes a fact of anything else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no fact",
    label = "neither a number, text, date, boolean or set of texts, nor a struct that derives `Facts`",
    note = "derive `Facts` for a struct, make a fact of anything else with `#[facts(with = path::to::function)]`, or leave it out with `#[facts(skip)]`"
)]
pub trait HostField {
    /// Tells what it is.
    fn describe(to: &mut Describe<'_>);

    /// The fact at a place.
    fn fact(&self, place: Place) -> Fact<'_>;

    /// The fact at a place as a bound policy measures it: a whole number in its own units, everything else by its encoding.
    fn measure(&self, place: Place, encoding: &Encoding) -> i64;

    /// The place of a name, dots included; of itself, where the name is empty.
    fn find(name: &str) -> Option<Place>;

    /// Calls `each` with every record at a place, and says whether the collection is supplied.
    fn records(&self, place: Place, each: &mut dyn FnMut(&dyn Facts)) -> bool {
        let _ = (place, each);
        false
    }
}

/// A value that is a fact by itself. What the function of `#[facts(with = …)]` returns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no fact",
    label = "neither a number, a borrowed text, a date nor a boolean",
    note = "the function of `#[facts(with = …)]` returns a number, `&str`, date, boolean, `Money`, or an `Option` or `Result` of one"
)]
pub trait HostFact<'a> {
    /// What it gives.
    const SHAPE: Shape;

    /// The fact that it is.
    fn into_fact(self) -> Fact<'a>;
}

/// What a `Vec` can hold: texts, which are a set, or structs that derive `Facts`, which are records.
#[diagnostic::on_unimplemented(
    message = "a `Vec` of `{Self}` is no fact",
    label = "neither a text nor a struct that derives `Facts`",
    note = "make a fact of it with `#[facts(with = path::to::function)]`, or leave it out with `#[facts(skip)]`"
)]
pub trait HostElement: Sized {
    /// Tells what the list is.
    fn describe_list(to: &mut Describe<'_>);

    /// The list as a fact.
    #[expect(clippy::ptr_arg, reason = "a slice has no place for the members of a set")]
    fn set(list: &Vec<Self>) -> Fact<'_>;

    /// Calls `each` with every record, and says whether the list is one of records.
    fn each(list: &[Self], each: &mut dyn FnMut(&dyn Facts)) -> bool;
}

/// Whole numbers that count units of a decimal place, as cents do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot count minor units",
    label = "neither one of `i8` to `i64` nor of `u8` to `u32`",
    note = "`#[facts(minor_units = 2)]` is for whole numbers of cents"
)]
pub trait MinorUnits {
    /// How many there are, where that is known.
    fn units(&self) -> Option<i64>;
}

/// Numbers that can be amounts of money.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no amount of money",
    label = "neither a number nor `Money`",
    note = "`#[facts(money)]` is for numbers in the policy's currency"
)]
pub trait Amount {}

impl<T: Amount> Amount for Option<T> {}

/// Says that a type is one of amounts.
#[doc(hidden)]
pub fn amount<T: Amount>() {}

macro_rules! amounts {
    ($($ty:ty)*) => {
        $(impl Amount for $ty {})*
    };
}

amounts! { i8 i16 i32 i64 u8 u16 u32 u64 isize usize f32 f64 Decimal Money }

/// So many units of a decimal place as a fact.
pub fn minor_fact<'a>(value: &impl MinorUnits, places: u32) -> Fact<'a> {
    let decimal = |units: i64| {
        Decimal::try_from_i128_with_scale(units.into(), places).map_or(Fact::Other("too fine"), Fact::Number)
    };
    value.units().map_or(Fact::Missing, decimal)
}

/// So many units of a decimal place as they are measured.
#[inline]
pub fn minor_measure(value: &impl MinorUnits) -> i64 {
    value.units().map_or(MISSING, own_units)
}

/// A whole number; the least of all stands for what is missing, and no constant is near it.
#[inline]
fn own_units(value: i64) -> i64 {
    value.max(MISSING + 1)
}

/// What every value is that is no struct.
macro_rules! field {
    ($ty:ty, $shape:ident, $value:ident => $fact:expr, $encoding:ident => $measure:expr) => {
        impl HostField for $ty {
            fn describe(to: &mut Describe<'_>) {
                to.own(Shape::$shape);
            }

            #[inline]
            fn fact(&self, _: Place) -> Fact<'_> {
                let $value = self;
                $fact
            }

            #[inline]
            fn measure(&self, _: Place, $encoding: &Encoding) -> i64 {
                let $value = self;
                $measure
            }

            fn find(name: &str) -> Option<Place> {
                name.is_empty().then_some(Place::HERE)
            }
        }
    };
}

macro_rules! copied {
    ($($($ty:ty)+, $shape:ident, $value:ident => $fact:expr, $encoding:ident => $measure:expr;)*) => {
        $($(
        field! { $ty, $shape, this => HostFact::into_fact(*this), $encoding => { let $value = *this; $measure } }

        impl<'a> HostFact<'a> for $ty {
            const SHAPE: Shape = Shape::$shape;

            #[inline]
            fn into_fact(self) -> Fact<'a> {
                let $value = self;
                $fact
            }
        })+)*
    };
}

copied! {
    i64, Integer, value => Fact::Integer(value), _encoding => own_units(value);
    i8 i16 i32 u8 u16 u32, Integer, value => Fact::Integer(value.into()), _encoding => value.into();
    u64 isize usize, Integer, value => Fact::Number(value.into()), _encoding => own_units(value.try_into().unwrap_or(i64::MAX));
    f32, Number, value => Fact::Float(shortest(value)), encoding => encoding.fact(Fact::Float(shortest(value)));
    f64, Number, value => Fact::Float(value), encoding => encoding.fact(Fact::Float(value));
    Decimal, Number, value => Fact::Number(value), encoding => encoding.decimal(value);
    Money, Money, value => Fact::Money(value), encoding => encoding.fact(Fact::Money(value));
    bool, Boolean, value => Fact::Boolean(value), encoding => encoding.boolean(value);
    NaiveDate, Date, value => Fact::Date(value), encoding => encoding.date(value);
}

macro_rules! texts {
    ($($ty:ty)*) => {
        $(field! { $ty, Text, value => Fact::Text(value), encoding => encoding.text(value) }

        impl HostElement for $ty {
            fn describe_list(to: &mut Describe<'_>) {
                to.shape(Shape::Set);
            }

            fn set(list: &Vec<Self>) -> Fact<'_> {
                Fact::Set(list)
            }

            fn each(_: &[Self], _: &mut dyn FnMut(&dyn Facts)) -> bool {
                false
            }
        })*
    };
}

texts! { String &str Box<str> Arc<str> Cow<'_, str> }

field! { BTreeSet<String>, Set, value => Fact::Set(value), encoding => encoding.fact(Fact::Set(value)) }
field! { HashSet<String>, Set, value => Fact::Set(value), encoding => encoding.fact(Fact::Set(value)) }

impl<'a> HostFact<'a> for &'a str {
    const SHAPE: Shape = Shape::Text;

    fn into_fact(self) -> Fact<'a> {
        Fact::Text(self)
    }
}

impl<'a, T: HostFact<'a>> HostFact<'a> for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    #[inline]
    fn into_fact(self) -> Fact<'a> {
        self.map_or(Fact::Missing, T::into_fact)
    }
}

/// The `f64` of the same shortest text: `0.1_f32` is one tenth.
fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::NAN)
}

/// What cannot be told is refused, with the reason.
impl<'a, T: HostFact<'a>> HostFact<'a> for Result<T, &'a str> {
    const SHAPE: Shape = T::SHAPE;

    #[inline]
    fn into_fact(self) -> Fact<'a> {
        self.map_or_else(Fact::Other, T::into_fact)
    }
}

macro_rules! minor_units {
    ($($ty:ty)*) => {
        $(impl MinorUnits for $ty {
            #[inline]
            fn units(&self) -> Option<i64> {
                Some((*self).into())
            }
        })*
    };
}

minor_units! { i8 i16 i32 u8 u16 u32 }

impl MinorUnits for i64 {
    #[inline]
    fn units(&self) -> Option<i64> {
        Some(*self)
    }
}

impl<T: MinorUnits> MinorUnits for Option<T> {
    #[inline]
    fn units(&self) -> Option<i64> {
        self.as_ref().and_then(T::units)
    }
}

impl<T: HostField> HostField for Option<T> {
    fn describe(to: &mut Describe<'_>) {
        T::describe(to);
    }

    #[inline]
    fn fact(&self, place: Place) -> Fact<'_> {
        self.as_ref().map_or(Fact::Missing, |value| value.fact(place))
    }

    #[inline]
    fn measure(&self, place: Place, encoding: &Encoding) -> i64 {
        self.as_ref().map_or(MISSING, |value| value.measure(place, encoding))
    }

    fn find(name: &str) -> Option<Place> {
        T::find(name)
    }

    fn records(&self, place: Place, each: &mut dyn FnMut(&dyn Facts)) -> bool {
        self.as_ref().is_some_and(|value| value.records(place, each))
    }
}

impl<T: HostField + ?Sized> HostField for Box<T> {
    fn describe(to: &mut Describe<'_>) {
        T::describe(to);
    }

    #[inline]
    fn fact(&self, place: Place) -> Fact<'_> {
        (**self).fact(place)
    }

    #[inline]
    fn measure(&self, place: Place, encoding: &Encoding) -> i64 {
        (**self).measure(place, encoding)
    }

    fn find(name: &str) -> Option<Place> {
        T::find(name)
    }

    fn records(&self, place: Place, each: &mut dyn FnMut(&dyn Facts)) -> bool {
        (**self).records(place, each)
    }
}

impl<T: HostElement> HostField for Vec<T> {
    fn describe(to: &mut Describe<'_>) {
        T::describe_list(to);
    }

    fn fact(&self, _: Place) -> Fact<'_> {
        T::set(self)
    }

    fn measure(&self, place: Place, encoding: &Encoding) -> i64 {
        encoding.measure(self.fact(place))
    }

    fn find(name: &str) -> Option<Place> {
        name.is_empty().then_some(Place::HERE)
    }

    fn records(&self, _: Place, each: &mut dyn FnMut(&dyn Facts)) -> bool {
        T::each(self, each)
    }
}
