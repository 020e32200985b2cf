//! Values: what facts become once they are checked, and what conditions compare.

mod calendar;
mod exact;
mod extent;
mod fact;
mod interval;
mod money;
mod ordinal;
mod rates;
mod text;
mod total;
mod window;
mod words;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

pub(crate) use calendar::{days_between, days_of_the_calendar, in_range, months_between, parse_date, shift, within};
pub(crate) use exact::{add, decimal, divide, multiply, negate, subtract};
pub(crate) use extent::Extent;
pub(crate) use fact::{AN_OBJECT, amount_and_code};
pub use fact::{Fact, Members};
pub(crate) use interval::Interval;
pub use money::{Currency, Money};
pub use ordinal::Encoding;
pub(crate) use ordinal::{BEYOND, Encoded, Kind as EncodedAs, LEAST, MISSING, MOST, ODD, UNDEFINED};
pub(crate) use rates::Exchange;
pub use rates::Rates;
pub use text::canonical;
pub(crate) use text::{NotExact, from_float, parse_number};
pub(crate) use total::Total;
pub(crate) use window::{JANUARY, Period, Stretch, Window, YearStart, periods, whole_periods};

/// A length of time: days, or months that clamp to the end of a month; in benefits hours and minutes too. `Display` gives
/// `90 days`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Duration {
    /// Days; a week is seven.
    Days(u32),
    /// Months; a quarter is three, a year twelve.
    Months(u32),
    /// Hours, in benefits.
    Hours(u32),
    /// Minutes, in benefits.
    Minutes(u32),
}

impl std::fmt::Display for Duration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (count, unit) = match self {
            Self::Days(count) => (count, "day"),
            Self::Months(count) => (count, "month"),
            Self::Hours(count) => (count, "hour"),
            Self::Minutes(count) => (count, "minute"),
        };
        write!(f, "{count} {unit}{}", if *count == 1 { "" } else { "s" })
    }
}

/// A text value; `lower(text)` is carried as a mark, so that evaluation need not allocate.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    text: &'a str,
    lower: bool,
}

fn lower_chars(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

impl<'a> Text<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, lower: false }
    }

    pub(crate) fn lower(self) -> Self {
        Self { lower: true, ..self }
    }

    /// The order of code points, as texts in a sorted list have it.
    pub(crate) fn compare(self, other: &str) -> Ordering {
        if self.lower { lower_chars(self.text).cmp(other.chars()) } else { self.text.cmp(other) }
    }

    /// The text itself; allocates only for `lower`, which maps each character alone.
    pub(crate) fn read(self) -> Cow<'a, str> {
        if self.lower { lower_chars(self.text).collect::<String>().into() } else { self.text.into() }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self.lower, other.lower) {
            (false, false) => self.text == other.text,
            (true, false) => lower_chars(self.text).eq(other.text.chars()),
            (false, true) => other == self,
            (true, true) => lower_chars(self.text).eq(lower_chars(other.text)),
        }
    }
}

/// A known value of one evaluation.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Number(Decimal),
    Boolean(bool),
    Date(NaiveDate),
    Duration(Duration),
    Text(Text<'a>),
    /// A member of a closed set, by its place in the set.
    Member(u32),
    Set(&'a dyn Members),
}

impl Value<'_> {
    /// The order of two values of one type; `None` for types without an order and for a mix.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Some(a.cmp(b)),
            (Self::Date(a), Self::Date(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }

    /// Whether two values of one type are equal.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Date(a), Self::Date(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Member(a), Self::Member(b)) => a == b,
            _ => false,
        }
    }
}

/// A constant of a policy or a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Constant {
    Number(Decimal),
    Boolean(bool),
    Date(NaiveDate),
    Duration(Duration),
    Text(Arc<str>),
    Member(u32),
}

impl Value<'_> {
    /// The same, owned; a set is no constant.
    pub(crate) fn constant(&self) -> Option<Constant> {
        Some(match self {
            Self::Number(number) => Constant::Number(*number),
            Self::Boolean(boolean) => Constant::Boolean(*boolean),
            Self::Date(date) => Constant::Date(*date),
            Self::Duration(length) => Constant::Duration(*length),
            Self::Text(text) => Constant::Text(Arc::from(&*text.read())),
            Self::Member(member) => Constant::Member(*member),
            Self::Set(_) => return None,
        })
    }
}

impl Constant {
    pub(crate) fn value(&self) -> Value<'_> {
        match self {
            Self::Number(number) => Value::Number(*number),
            Self::Boolean(boolean) => Value::Boolean(*boolean),
            Self::Date(date) => Value::Date(*date),
            Self::Duration(duration) => Value::Duration(*duration),
            Self::Text(text) => Value::Text(Text::new(text)),
            Self::Member(member) => Value::Member(*member),
        }
    }
}
