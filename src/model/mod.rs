//! The customer model: facts by name, filled by hand or from anything that can be serialised.

mod portfolio;
mod serialize;

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;

use crate::diagnostics::Term;
use crate::facts::{CollectionRef, FactError, Facts, FieldRef};
use crate::value::{AN_OBJECT, Currency, Fact, Members, Money, parse_number};
pub(crate) use portfolio::{Link, Links};
pub use portfolio::{Portfolio, PortfolioFinding};

/// A customer's facts by name, as a spreadsheet row or a JSON object has them.
///
/// Nested names are reached by dots: the fact of `address.city` is the entry of that name, or the entry `city` of the
/// entry `address`.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse("annual_spend > 200K => A\notherwise => B").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
///
/// let by_hand = Customer::new().with("annual_spend", "200000.01");
/// let from_json = Customer::from_serialize(&serde_json::json!({ "annual_spend": 200000.01 })).unwrap();
/// for customer in [by_hand, from_json] {
///     assert_eq!(policy.classify(&customer, today).unwrap().settled(), Some("A"));
/// }
/// ```
#[derive(Clone, Default)]
pub struct Customer {
    entries: BTreeMap<String, Datum>,
}

/// A fact that a [`Customer`] owns.
#[derive(Clone)]
#[non_exhaustive]
pub enum Datum {
    /// Not known.
    Missing,
    /// True or false.
    Boolean(bool),
    /// An exact decimal.
    Number(Decimal),
    /// A binary float, taken by its shortest text.
    Float(f64),
    /// A number as text, such as a JSON number that is to be taken exactly.
    Numeral(String),
    /// A text.
    Text(String),
    /// A civil date.
    Date(NaiveDate),
    /// An amount with its currency.
    Money(Money),
    /// A list: a set's members, or records.
    List(Vec<Datum>),
    /// Nested facts.
    Object(Customer),
    /// A name that was given twice; using it is an error.
    Twice,
}

impl Customer {
    /// A customer of whom nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads anything that serialises to an object: a host's own struct, a JSON value, a map.
    ///
    /// # Errors
    ///
    /// Where it serialises to something else than named facts, or nests deeper than 64 levels.
    pub fn from_serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, FactError> {
        serialize::customer(value)
    }

    /// With a fact; a name that is given twice is an error when a policy uses it.
    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Datum>) -> Self {
        self.insert(name, fact);
        self
    }

    /// Adds a fact; a name that is given twice is an error when a policy uses it.
    pub fn insert(&mut self, name: &str, fact: impl Into<Datum>) {
        let fact = fact.into();
        self.entries.entry(name.to_owned()).and_modify(|known| *known = Datum::Twice).or_insert(fact);
    }

    /// The fact of a name, or of a dotted path into nested facts; not both.
    fn find(&self, name: &str) -> Option<&Datum> {
        let nested = |(dot, _): (usize, &str)| match self.entries.get(name.get(..dot)?)? {
            Datum::Object(nested) => nested.find(name.get(dot + 1..)?),
            _ => None,
        };
        let mut found = self.entries.get(name).into_iter().chain(name.match_indices('.').filter_map(nested));
        let first = found.next();
        if found.next().is_some() { Some(&Datum::Twice) } else { first }
    }
}

impl Facts for Customer {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        self.find(field.name()).map_or(Ok(Fact::Missing), Datum::fact)
    }

    fn records(&self, collection: CollectionRef<'_>, each: &mut dyn FnMut(&dyn Facts)) -> Result<bool, FactError> {
        let records = match self.find(collection.name()) {
            None | Some(Datum::Missing) => return Ok(false),
            Some(Datum::List(records)) => records,
            Some(Datum::Twice) => return Err(FactError::known(Term::GivenTwice)),
            Some(_) => return Err(FactError::known(Term::NoRecords)),
        };
        for record in records {
            match record {
                Datum::Object(record) => each(record),
                _ => return Err(FactError::known(Term::NoRecords)),
            }
        }
        Ok(true)
    }
}

impl Datum {
    fn fact(&self) -> Result<Fact<'_>, FactError> {
        Ok(match self {
            Self::Missing => Fact::Missing,
            Self::Boolean(value) => Fact::Boolean(*value),
            Self::Number(value) => Fact::Number(*value),
            Self::Float(value) => Fact::Float(*value),
            Self::Numeral(text) => Fact::Numeral(text),
            Self::Text(text) => Fact::Text(text),
            Self::Date(date) => Fact::Date(*date),
            Self::Money(money) => Fact::Money(*money),
            Self::List(members) => Fact::Set(members),
            Self::Object(nested) => {
                nested.money().map_or(Ok(Fact::Other(AN_OBJECT)), |money| money.map(Fact::Money))?
            }
            Self::Twice => return Err(FactError::known(Term::GivenTwice)),
        })
    }
}

impl Customer {
    /// `{"amount": …, "currency": …}` is money.
    fn money(&self) -> Option<Result<Money, FactError>> {
        let (amount, currency) = (self.entries.get("amount")?, self.entries.get("currency")?);
        if self.entries.len() != 2 {
            return None;
        }
        let Datum::Text(code) = currency else {
            return Some(Err(FactError::known(Term::CurrencyNoText)));
        };
        let Some(currency) = Currency::from_code(code) else {
            return Some(Err(FactError::known(Term::CurrencyNoCode)));
        };
        let amount = amount.fact().ok().and_then(|fact| match fact {
            Fact::Text(text) => parse_number(text).ok(),
            fact => fact.number(),
        });
        Some(amount.map(|amount| Money::new(amount, currency)).ok_or_else(|| FactError::known(Term::AmountNoNumber)))
    }
}

impl Members for Vec<Datum> {
    fn each(&self, visit: &mut dyn FnMut(Fact<'_>)) {
        for member in self {
            visit(member.fact().unwrap_or(Fact::Other("a fact that cannot be read")));
        }
    }
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be sensitive; which ones are is for a policy to say.
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

impl fmt::Debug for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("Missing"),
            Self::Twice => f.write_str("Twice"),
            Self::List(members) => write!(f, "List of {}", members.len()),
            Self::Object(nested) => nested.fmt(f),
            _ => f.write_str("Datum(..)"),
        }
    }
}

macro_rules! datum_from {
    ($($ty:ty, $value:ident => $datum:expr;)*) => {
        $(impl From<$ty> for Datum {
            fn from($value: $ty) -> Self {
                $datum
            }
        })*
    };
}

datum_from! {
    bool, value => Self::Boolean(value);
    i32, value => Self::Number(value.into());
    i64, value => Self::Number(value.into());
    u32, value => Self::Number(value.into());
    u64, value => Self::Number(value.into());
    f64, value => Self::Float(value);
    Decimal, value => Self::Number(value);
    NaiveDate, value => Self::Date(value);
    Money, value => Self::Money(value);
    String, value => Self::Text(value);
    &str, value => Self::Text(value.to_owned());
    Customer, value => Self::Object(value);
}

impl<T: Into<Datum>> From<Option<T>> for Datum {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Missing, Into::into)
    }
}

impl<T: Into<Datum>> From<Vec<T>> for Datum {
    fn from(values: Vec<T>) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

/// A number in its text form, kept as text where it does not fit, so that the error can show it.
fn numeral(text: &str) -> Datum {
    parse_number(text).map_or_else(|_| Datum::Numeral(text.to_owned()), Datum::Number)
}
