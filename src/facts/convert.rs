//! From a raw fact to a value of the field's type: exact, or refused with the reason.

use rust_decimal::Decimal;

use super::CustomerError;
use crate::diagnostics::{Arg, Hint, Note, Refusal, Term, nearest};
use crate::schema::{ClosedSet, Field, Type};
use crate::value::{
    AN_OBJECT, Constant, Currency, Exchange, Fact, Money, NotExact, Text, Value, canonical, from_float, in_range,
    multiply, parse_date, parse_number,
};

/// As many members as a message shows, and as many as the nearest one is looked for among.
const SHOWN: usize = 12;
const CANDIDATES: usize = 200;

/// A longer text is no misspelt member.
const LONGEST: usize = 256;

/// What a fact turned out to be.
pub(crate) enum Converted<'a> {
    Known(Value<'a>),
    Missing,
    /// Absent, and nothing that could become known.
    Undefined,
    /// A tier that the ladder does not have: missing, with a finding.
    NotOnLadder,
}

/// Checks a fact against its field.
pub(crate) fn convert<'a>(
    field: &'a Field,
    exchange: Exchange<'_>,
    fact: Fact<'a>,
) -> Result<Converted<'a>, CustomerError> {
    let case = Case { field, exchange };
    let value = match (field.ty(), fact) {
        (_, Fact::Missing) => return case.absent(),
        (Type::Number | Type::Integer | Type::Money, fact) => Value::Number(case.numeric(fact)?),
        (Type::Boolean, Fact::Boolean(value)) => Value::Boolean(value),
        (Type::Text, Fact::Text(text)) => Value::Text(Text::new(text)),
        (Type::Date, Fact::Date(date)) => match in_range(date) {
            Some(date) => Value::Date(date),
            None => return Err(case.refuse(Refusal::NotADate, &date.to_string())),
        },
        (Type::Date, Fact::Text(text)) => match parse_date(text) {
            Some(date) => Value::Date(date),
            None => return Err(case.refuse(Refusal::NotADate, text)),
        },
        (Type::OneOf(names), Fact::Text(text)) => match names.place(text) {
            Some(member) => Value::Member(member),
            None if field.ladder => return Ok(Converted::NotOnLadder),
            None => {
                return Err(case.not_a_member(names, text));
            }
        },
        (Type::SetOf(element), Fact::Set(set)) => {
            case.members(element, set)?;
            Value::Set(set)
        }
        (_, fact) => return Err(case.wrong_type(fact)),
    };
    case.range(&value)?;
    Ok(Converted::Known(value))
}

struct Case<'a, 'r> {
    field: &'a Field,
    exchange: Exchange<'r>,
}

impl<'a> Case<'a, '_> {
    fn absent(&self) -> Result<Converted<'a>, CustomerError> {
        match &self.field.default {
            Some(default) => Ok(Converted::Known(default.value())),
            None if self.field.required => Err(CustomerError::new(Refusal::RequiredMissing, self.field.name())),
            None if self.field.standing => Ok(Converted::Undefined),
            None => Ok(Converted::Missing),
        }
    }

    fn refuse(&self, refusal: Refusal, value: &str) -> CustomerError {
        let shown: Arg = if self.field.is_sensitive() { Term::Hidden.into() } else { shorten(value).into() };
        CustomerError::new(refusal, self.field.name()).with("value", shown).with("type", self.field.ty().clone())
    }

    /// A text that no member has, with the nearest one; of a sensitive text that would say too much.
    fn not_a_member(&self, names: &ClosedSet, text: &str) -> CustomerError {
        let known: Vec<String> = names.names().take(SHOWN).map(str::to_owned).collect();
        let error = self.refuse(Refusal::NotAMember, text).with("list", known);
        if self.field.is_sensitive() || text.len() > LONGEST {
            return error;
        }
        match nearest(text, names.names().take(CANDIDATES)).names.first() {
            Some(near) => error.hint(Note::new(Hint::DidYouMean).with("text", *near)),
            None => error,
        }
    }

    /// A refusal that names a currency code, which may be the last word of a sensitive text.
    fn coded(&self, refusal: Refusal, code: &str) -> CustomerError {
        let shown: Arg = if self.field.is_sensitive() { Term::Hidden.into() } else { code.into() };
        CustomerError::new(refusal, self.field.name()).with("currency", shown)
    }

    fn wrong_type(&self, fact: Fact<'_>) -> CustomerError {
        let error = CustomerError::new(Refusal::WrongType, self.field.name());
        error.with("type", self.field.ty().clone()).with("found", kind(fact))
    }

    fn numeric(&self, fact: Fact<'_>) -> Result<Decimal, CustomerError> {
        let money = *self.field.ty() == Type::Money;
        let (number, currency) = match fact {
            Fact::Integer(value) => (Decimal::from(value), None),
            Fact::Number(value) => (value, None),
            Fact::Float(value) => {
                (from_float(value).map_err(|error| self.inexact(error, &format!("{value:?}")))?, None)
            }
            Fact::Numeral(text) => (parse_number(text).map_err(|error| self.inexact(error, text))?, None),
            Fact::Money(amount) if money => (amount.amount(), Some(amount.currency())),
            Fact::Text(text) => match text.rsplit_once(' ').filter(|(_, code)| money && is_code(code)) {
                Some((amount, code)) => {
                    let amount = parse_number(amount.trim_end()).map_err(|error| self.inexact(error, text))?;
                    let unknown = || self.coded(Refusal::UnknownCurrency, code);
                    (amount, Some(Currency::from_code(code).ok_or_else(unknown)?))
                }
                None => (parse_number(text).map_err(|error| self.inexact(error, text))?, None),
            },
            fact => return Err(self.wrong_type(fact)),
        };
        if *self.field.ty() == Type::Integer && number.scale() > 0 && !number.fract().is_zero() {
            return Err(self.refuse(Refusal::NotWhole, &canonical(number)));
        }
        match self.field.scale {
            Some(scale) if number.scale() > scale && number.normalize().scale() > scale => {
                Err(self.refuse(Refusal::TooFine, &canonical(number)).with("scale", scale as usize))
            }
            _ => currency.map_or(Ok(number), |currency| self.own_currency(Money::new(number, currency))),
        }
    }

    fn inexact(&self, error: NotExact, text: &str) -> CustomerError {
        match error {
            NotExact::NotANumber => self.refuse(Refusal::NotANumber, text),
            NotExact::DoesNotFit => self.refuse(Refusal::DoesNotFit, text),
        }
    }

    /// Money in another currency than the policy's is converted at the rate of its day.
    fn own_currency(&self, money: Money) -> Result<Decimal, CustomerError> {
        let Exchange { own, rates, day } = self.exchange;
        if own == Some(money.currency()) {
            return Ok(money.amount());
        }
        let (Some(own), Some(rates), Some(day)) = (own, rates, day) else {
            let refusal = if own.is_some() { Refusal::ForeignCurrency } else { Refusal::NoCurrency };
            let own = own.as_ref().map_or("", Currency::code);
            return Err(self.coded(refusal, money.currency().code()).with("own", own));
        };
        let no_rate = || {
            let error = self.coded(Refusal::NoRate, money.currency().code());
            error.with("own", own.code()).with("date", day.to_string())
        };
        let rate = rates.rate(money.currency(), own, day).ok_or_else(no_rate)?;
        let does_not_fit = || self.refuse(Refusal::DoesNotFit, &money.to_string());
        multiply(money.amount(), rate).ok_or_else(does_not_fit)
    }

    fn range(&self, value: &Value<'_>) -> Result<(), CustomerError> {
        if self.field.range.is_open() {
            return Ok(());
        }
        let constant = match value {
            Value::Number(number) => Constant::Number(*number),
            Value::Date(date) => Constant::Date(*date),
            _ => return Ok(()),
        };
        if self.field.range.contains(&constant) {
            return Ok(());
        }
        let text = match value {
            Value::Number(number) => canonical(*number),
            Value::Date(date) => date.to_string(),
            _ => String::new(),
        };
        Err(self.refuse(Refusal::OutOfRange, &text).with("range", &self.field.range))
    }

    fn wrong_member(&self, member: Fact<'_>) -> CustomerError {
        let error = CustomerError::new(Refusal::WrongType, self.field.name()).with("type", self.field.ty().clone());
        error.with("found", list_with(member))
    }

    /// Checks every member of a set against the element type.
    fn members(&self, element: &Type, set: &dyn crate::value::Members) -> Result<(), CustomerError> {
        let plain = Field { ty: element.clone(), range: Default::default(), scale: None, ..self.field.clone() };
        let mut wrong = None;
        set.each(&mut |member| {
            if wrong.is_none() {
                let converted = match member {
                    Fact::Missing => Err(self.wrong_member(member)),
                    member => convert(&plain, self.exchange, member).map(|_| ()).map_err(|error| {
                        if error.code() == Refusal::WrongType.as_str() { self.wrong_member(member) } else { error }
                    }),
                };
                wrong = converted.err();
            }
        });
        wrong.map_or(Ok(()), Err)
    }
}

/// What a fact is, for a message.
fn kind(fact: Fact<'_>) -> Arg {
    let term = match fact {
        Fact::Missing => Term::Missing,
        Fact::Boolean(_) => Term::ABoolean,
        Fact::Integer(_) | Fact::Number(_) | Fact::Float(_) | Fact::Numeral(_) => Term::ANumber,
        Fact::Text(_) => Term::AText,
        Fact::Date(_) => Term::ADate,
        Fact::Money(_) => Term::AnAmount,
        Fact::Set(_) => Term::AList,
        Fact::Other(AN_OBJECT) => Term::AnObject,
        Fact::Other(what) => return what.into(),
    };
    term.into()
}

/// What a list is of which one member is wrong, for a message.
fn list_with(member: Fact<'_>) -> Term {
    match member {
        Fact::Missing => Term::ListWithMissing,
        Fact::Boolean(_) => Term::ListWithBoolean,
        Fact::Integer(_) | Fact::Number(_) | Fact::Float(_) | Fact::Numeral(_) => Term::ListWithNumber,
        Fact::Text(_) => Term::ListWithText,
        Fact::Date(_) => Term::ListWithDate,
        Fact::Money(_) => Term::ListWithAmount,
        Fact::Set(_) => Term::ListWithList,
        Fact::Other(AN_OBJECT) => Term::ListWithObject,
        Fact::Other(_) => Term::ListWithOther,
    }
}

/// At most so much of a value as a message quotes.
fn shorten(value: &str) -> String {
    match value.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", value.get(..at).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn is_code(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}
