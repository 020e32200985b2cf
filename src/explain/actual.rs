//! Values as a reader sees them: exact in the tree, grouped and with their currency in the text.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

use crate::eval::Seen;
use crate::plan::Plan;
use crate::schema::Type;
use crate::value::{Constant, Currency, Duration, canonical};

/// A value that an evaluation found.
///
/// As JSON numbers, dates and texts are texts, booleans are booleans and sets are lists; what is missing is null, what is
/// without a result is `{"undefined": true}`, an open score `{"min": …, "max": …}`, and what is masked is `{"masked": true}`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Actual {
    /// Not known.
    Missing,
    /// Without a result, such as a division by zero.
    Undefined,
    /// Not shown: it is a sensitive fact, or follows from one.
    Masked,
    /// An exact number.
    Number(Decimal),
    /// A score that missing facts leave open, by its ends; an end that is absent has no bound.
    Between {
        /// The least that it can be.
        low: Option<Decimal>,
        /// The most that it can be.
        high: Option<Decimal>,
    },
    /// True or false.
    Boolean(bool),
    /// A civil date.
    Date(chrono::NaiveDate),
    /// A length of time.
    Duration(Duration),
    /// A text, or a member of a closed set.
    Text(String),
    /// The members of a set.
    Set(Vec<Actual>),
}

impl Actual {
    /// What was seen of a value of a type.
    pub(super) fn of(seen: &Seen, ty: Option<&Type>) -> Self {
        match seen {
            Seen::Missing => Self::Missing,
            Seen::Undefined => Self::Undefined,
            Seen::Sensitive => Self::Masked,
            Seen::Number(number) => Self::Number(*number),
            Seen::Boolean(boolean) => Self::Boolean(*boolean),
            Seen::Date(date) => Self::Date(*date),
            Seen::Duration(duration) => Self::Duration(*duration),
            Seen::Text(text) => Self::Text(text.to_string()),
            Seen::Member(place) => Self::member(*place, ty),
            Seen::Between(low, high) => Self::Between { low: *low, high: *high },
            Seen::Set(members) => Self::Set(members.iter().map(|member| Self::of(member, None)).collect()),
        }
    }

    /// A constant that is compared with a value of a type.
    pub(crate) fn constant(constant: &Constant, ty: Option<&Type>) -> Self {
        match constant {
            Constant::Number(number) => Self::Number(*number),
            Constant::Boolean(boolean) => Self::Boolean(*boolean),
            Constant::Date(date) => Self::Date(*date),
            Constant::Duration(duration) => Self::Duration(*duration),
            Constant::Text(text) => Self::Text(text.to_string()),
            Constant::Member(place) => Self::member(*place, ty),
        }
    }

    fn member(place: u32, ty: Option<&Type>) -> Self {
        let name = match ty {
            Some(Type::OneOf(members)) => members.name(place).map(|name| name.to_string()),
            _ => None,
        };
        Self::Text(name.unwrap_or_default())
    }

    /// The number, where it is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether there is something to show.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Missing | Self::Undefined | Self::Masked)
    }
}

impl Serialize for Actual {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Missing => serializer.serialize_none(),
            Self::Undefined => serializer.collect_map([("undefined", true)]),
            Self::Masked => serializer.collect_map([("masked", true)]),
            Self::Number(number) => serializer.serialize_str(&canonical(*number)),
            Self::Between { low, high } => {
                serializer.collect_map([("min", low.map(canonical)), ("max", high.map(canonical))])
            }
            Self::Boolean(boolean) => serializer.serialize_bool(*boolean),
            Self::Date(date) => serializer.collect_str(date),
            Self::Duration(length) => serializer.collect_str(length),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Set(members) => members.serialize(serializer),
        }
    }
}

/// How numbers are written.
#[derive(Clone, Copy)]
pub(super) struct Amounts {
    currency: Option<Currency>,
}

impl Amounts {
    pub(super) fn of(plan: &Plan) -> Self {
        Self { currency: plan.currency() }
    }

    /// The places of the grid on which money lies.
    pub(super) fn minor_places(self) -> u32 {
        self.currency.map_or(2, |currency| currency.minor_places())
    }

    /// A number as it is, grouped by thousands, and with its currency where it is money.
    pub(super) fn exact(self, number: Decimal, money: bool) -> String {
        let number = number.normalize();
        let places = if money { self.minor_places() as usize } else { 0 };
        let mut text = grouped(&canonical(number));
        if let Some(behind) = text.split_once('.').map(|(_, behind)| behind.len()) {
            text.push_str(&"0".repeat(places.saturating_sub(behind)));
        }
        if let Some(currency) = self.currency.filter(|_| money) {
            text.push(' ');
            text.push_str(currency.code());
        }
        text
    }

    /// A calculated number, which can have 28 places, of which nobody reads more than a few: at least three digits that
    /// count, and so many that it lies on the same side of `beside` as before.
    pub(super) fn round(self, number: Decimal, money: bool, beside: Option<Decimal>) -> Decimal {
        let least = if money { self.minor_places().max(2) } else { 2 };
        let tells = |rounded: &Decimal| {
            let digits = rounded.normalize().mantissa().unsigned_abs() >= 100;
            digits && beside.is_none_or(|beside| rounded.cmp(&beside) == number.cmp(&beside))
        };
        (least..number.scale())
            .map(|places| number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
            .find(tells)
            .unwrap_or(number)
    }
}

/// `1234567.5` as `1,234,567.5`.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let whole = digits.split('.').next().unwrap_or_default();
    let mut out = sign.to_owned();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(digits.get(whole.len()..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_and_carry_their_currency() {
        for (code, number, expected) in [
            ("EUR", "1250000", "1,250,000 EUR"),
            ("EUR", "20000.1", "20,000.10 EUR"),
            ("EUR", "-999.999", "-999.999 EUR"),
            ("JPY", "1000000", "1,000,000 JPY"),
            ("KWD", "0.5", "0.500 KWD"),
            ("", "100", "100"),
            ("", "0.000012", "0.000012"),
        ] {
            let amounts = Amounts { currency: Currency::from_code(code) };
            assert_eq!(amounts.exact(number.parse().unwrap(), true), expected);
        }
    }

    #[test]
    fn what_is_rounded_stays_on_its_side_of_the_bound() {
        let amounts = Amounts { currency: None };
        for (number, beside, expected) in [
            ("1672.7727272727", None, "1,672.77"),
            ("0.3333333333333333333333333333", None, "0.333"),
            ("0.9999995", Some("1"), "0.9999995"),
            ("0.99999912345", Some("1"), "0.999999"),
            ("0.0000012345", None, "0.00000123"),
            ("12.5", Some("12"), "12.5"),
        ] {
            let beside = beside.map(|beside| beside.parse().unwrap());
            let rounded = amounts.round(number.parse().unwrap(), false, beside);
            assert_eq!(amounts.exact(rounded, false), expected, "{number}");
        }
    }
}
