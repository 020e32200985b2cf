//! Collections by the book: every record is looked at for every aggregate, every day for every window.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::value::{self, Maybe};
use crate::check::Checked;
use crate::diagnostics::Refusal;
use crate::facts::{CollectionRef, Converted, CustomerError, FactError, Facts, FieldRef, convert};
use crate::schema::{CollectionKind, Field, Type};
use crate::value::{Constant, Exchange, Fact, Money, Rates, Value};

/// A record: the values of the fields that are used, by the place of the field; `None` is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) values: Vec<Option<Constant>>,
    /// Places of those that have no result.
    pub(super) undefined: Vec<usize>,
    pub(super) date: Option<NaiveDate>,
}

/// By collection, the records of a customer; `None` where the collection is not supplied.
pub(super) type Loaded = Vec<Option<Vec<Element>>>;

/// What is looked at, and by which rates.
#[derive(Clone, Copy)]
pub(super) struct Book<'a> {
    pub(super) checked: &'a Checked,
    pub(super) as_of: NaiveDate,
    pub(super) rates: Option<&'a Rates>,
}

impl<'a> Book<'a> {
    pub(super) fn exchange(self) -> Exchange<'a> {
        Exchange { own: self.checked.currency(), rates: self.rates, day: Some(self.as_of) }
    }
}

/// Whose records are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The customer's, and whether facts are computed from them.
    Customer { computes: bool },
    /// Those of a member of the group, from which facts are computed.
    Member,
}

/// Reads every collection, orders and refunds apart. What is noticed is told by code, with the name of the collection.
pub(super) fn load(
    book: Book<'_>,
    facts: &dyn Facts,
    whose: Whose,
    noticed: &mut Vec<(String, Option<String>)>,
) -> Result<Loaded, CustomerError> {
    let known = book.checked.collections();
    let mut loaded: Loaded = known.iter().map(|_| None).collect();
    let asked = known.iter().any(|known| known.used) || whose != Whose::Customer { computes: false };
    let mut orders_done = false;
    for (at, records) in known.iter().enumerate().filter(|_| asked) {
        let kind = records.collection.kind;
        let computes = records.computed && whose != Whose::Customer { computes: false };
        // Orders and refunds are read as one.
        let used = known.iter().any(|other| {
            let joint = kind.is_orders() && other.collection.kind.is_orders();
            other.used && (joint || other.collection.name() == records.collection.name())
        });
        let wanted = computes || (used && whose != Whose::Member);
        if !wanted || (kind.is_orders() && std::mem::replace(&mut orders_done, true)) {
            continue;
        }
        if kind == CollectionKind::Group {
            let group = members(book, at, facts, noticed)?;
            loaded.iter_mut().skip(at).take(1).for_each(|place| *place = group.clone());
            continue;
        }
        let name = if kind.is_orders() { "orders" } else { records.collection.name() };
        let mut rows: Vec<Element> = Vec::new();
        let mut failed = None;
        let mut unknown_codes = 0;
        let supplied =
            facts.records(
                CollectionRef::new(name, at),
                &mut |record| match row(book, at, record, &mut unknown_codes) {
                    Ok(element) => rows.push(element),
                    Err(error) => failed = failed.take().or(Some(error)),
                },
            );
        let supplied =
            supplied.map_err(|error| CustomerError::new(Refusal::Unreadable, name).with("reason", error.reason()))?;
        if let Some(error) = failed {
            return Err(error);
        }
        if !supplied {
            continue;
        }
        let kept = tidy(&records.collection, rows, book.as_of, kind.is_orders(), name, unknown_codes, noticed);
        for (other, known) in known.iter().enumerate() {
            let amount = known.collection.place("amount");
            let refund = |element: &Element| matches!(amount.and_then(|at| element.values.get(at)), Some(Some(Constant::Number(n))) if *n < Decimal::ZERO);
            let rows = match known.collection.kind {
                CollectionKind::Orders if kind.is_orders() => kept.iter().filter(|row| !refund(row)).cloned().collect(),
                CollectionKind::Refunds if kind.is_orders() => kept.iter().filter(|row| refund(row)).cloned().collect(),
                _ if other == at => kept.clone(),
                _ => continue,
            };
            loaded.iter_mut().skip(other).take(1).for_each(|place| *place = Some(rows.clone()));
        }
    }
    Ok(loaded)
}

/// Duplicates and the future taken out, the rest by date.
fn tidy(
    collection: &crate::schema::Collection,
    rows: Vec<Element>,
    as_of: NaiveDate,
    orders: bool,
    name: &str,
    unknown_codes: usize,
    noticed: &mut Vec<(String, Option<String>)>,
) -> Vec<Element> {
    let id = collection.place("id").filter(|_| orders);
    let id_of = |row: &Element| id.and_then(|at| row.values.get(at).cloned().flatten());
    let (mut kept, mut repeated, mut conflicting, mut future) = (Vec::<Element>::new(), 0, 0, 0);
    let mut seen: Vec<Element> = Vec::new();
    for row in rows {
        let earlier = seen.iter().find(|other| id_of(&row).is_some() && id_of(other) == id_of(&row));
        match earlier {
            Some(earlier) if earlier.values == row.values => repeated += 1,
            Some(_) => conflicting += 1,
            None => {
                seen.push(row.clone());
                if row.date.is_some_and(|date| date > as_of) {
                    future += 1;
                } else {
                    kept.push(row);
                }
            }
        }
    }
    let counts = [("F0111", repeated), ("F0112", conflicting), ("F0113", future), ("F0114", unknown_codes)];
    let empty = ("F0115", usize::from(kept.is_empty() && orders));
    for (code, count) in counts.into_iter().chain([empty]) {
        if count > 0 {
            noticed.push((code.to_owned(), Some(name.to_owned())));
        }
    }
    kept.sort_by_key(|row| row.date.map_or(NaiveDate::MAX, |date| date));
    kept
}

fn row(book: Book<'_>, at: usize, record: &dyn Facts, unknown: &mut usize) -> Result<Element, CustomerError> {
    let Some(known) = book.checked.collections().get(at) else { return Ok(Element::default()) };
    let (collection, orders) = (&known.collection, known.collection.kind.is_orders());
    let used = |place: usize| {
        let others = book.checked.collections().iter().filter(|other| orders && other.collection.kind.is_orders());
        let mut all = others.chain([known]);
        let special = [collection.date(), collection.place("id").filter(|_| orders)].contains(&Some(place));
        let amount = orders && collection.place("amount") == Some(place);
        special || amount || all.any(|known| known.used_fields.get(place) == Some(&true))
    };
    let mut element = Element { values: vec![None; collection.fields.len()], ..Element::default() };
    // The date comes first: amounts are converted at its rate.
    let mut places: Vec<usize> = (0..collection.fields.len()).filter(|place| used(*place)).collect();
    places.sort_by_key(|place| collection.date() != Some(*place));
    for place in places {
        let Some(field) = collection.fields.get(place) else { continue };
        let fact = record
            .fact(FieldRef::new(field.name(), field.ty(), place))
            .map_err(|error| CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason()))?;
        let amount = orders && field.name() == "amount";
        let counts = book.checked.collections().iter().filter(|known| known.collection.kind.is_orders());
        let matters = counts.into_iter().any(|known| known.used_fields.get(place) == Some(&true) || known.computed);
        let number = if orders && field.name() == "id" && *field.ty() == Type::Text { fact.number() } else { None };
        let value = match fact {
            // A number is an id by its digits.
            Fact::Integer(_) | Fact::Number(_) | Fact::Float(_) | Fact::Numeral(_) if number.is_some() => {
                let digits = |number| crate::value::canonical(number);
                let text = if let Fact::Numeral(text) = fact { Some(text.to_owned()) } else { number.map(digits) };
                text.map(|text| Constant::Text(text.into()))
            }
            fact if amount => self::amount(book, field, fact, record, element.date, matters, unknown)?,
            fact => plain(book, field, fact, element.date)?,
        };
        if collection.date() == Some(place)
            && let Some(Constant::Date(date)) = &value
        {
            element.date = Some(*date);
        }
        element.values.iter_mut().skip(place).take(1).for_each(|slot| *slot = value.clone());
    }
    Ok(element)
}

/// What the facts of the standard model are computed from that are not computed from orders directly.
const PARTS: [(&str, &[&str]); 3] = [
    ("average_order_value", &["annual_spend", "frequency"]),
    ("days_since_last_order", &["last_order_on"]),
    ("tenure_months", &["customer_since", "first_order_on"]),
];

/// The members of the customer's group, where they are supplied.
fn members(
    book: Book<'_>,
    at: usize,
    facts: &dyn Facts,
    noticed: &mut Vec<(String, Option<String>)>,
) -> Result<Option<Vec<Element>>, CustomerError> {
    let (mut all, mut failed, mut found) = (Vec::new(), None, Vec::new());
    let supplied =
        facts.records(CollectionRef::new("group", at), &mut |facts| match member(book, at, facts, &mut found) {
            Ok(element) => all.push(element),
            Err(error) => failed = failed.take().or(Some(error)),
        });
    let unreadable = |error: FactError| CustomerError::new(Refusal::Unreadable, "group").with("reason", error.reason());
    let supplied = supplied.map_err(unreadable)?;
    // That one of them has no orders is nothing to be told of the group.
    let mut codes: Vec<String> = found.into_iter().map(|(code, _)| code).filter(|code| code != "F0115").collect();
    codes.sort();
    codes.dedup();
    noticed.extend(codes.into_iter().map(|code| (code, Some("group.orders".to_owned()))));
    failed.map_or(Ok(supplied.then_some(all)), Err)
}

/// A member of a group: its own facts, and those that are computed from its own orders.
fn member(
    book: Book<'_>,
    at: usize,
    facts: &dyn Facts,
    noticed: &mut Vec<(String, Option<String>)>,
) -> Result<Element, CustomerError> {
    let checked = book.checked;
    let asked =
        |place: usize| checked.collections().get(at).is_some_and(|group| group.used_fields.get(place) == Some(&true));
    let computed = |place: usize| checked.computed().iter().any(|computed| computed.field.at() == place);
    let name = |place: usize| checked.fields().get(place).map(Field::name).unwrap_or_default();
    let wanted = |place: usize| {
        let of = |whole: usize| {
            let parts = PARTS.iter().find(|(known, _)| *known == name(whole) && computed(whole));
            asked(whole) && parts.is_some_and(|(_, parts)| parts.contains(&name(place)))
        };
        asked(place) || (0..checked.fields().len()).any(of)
    };
    let mut given = vec![Maybe::Missing; checked.fields().len()];
    let mut absent = Vec::new();
    for (place, field) in checked.fields().iter().enumerate().filter(|(place, _)| wanted(*place)) {
        let fact = facts
            .fact(FieldRef::new(field.name(), field.ty(), place))
            .map_err(|error| CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason()))?;
        if computed(place) && matches!(fact, Fact::Missing) {
            let of = checked.computed().iter().find(|computed| computed.field.at() == place);
            absent.extend(of.map(|computed| computed.field));
            continue;
        }
        let value = match convert(field, book.exchange(), fact)? {
            Converted::Known(value) => Maybe::Known(value),
            Converted::Undefined => Maybe::Undefined,
            Converted::Missing | Converted::NotOnLadder => Maybe::Missing,
        };
        given.iter_mut().skip(place).take(1).for_each(|slot| *slot = value);
    }
    let records = if absent.is_empty() {
        checked.collections().iter().map(|_| None).collect()
    } else {
        load(book, facts, Whose::Member, noticed)?
    };
    let mut opens = vec![None; checked.fields().len()];
    super::computed::compute(book, &absent, &mut given, &records, &mut opens)?;
    let undefined = (0..given.len()).filter(|place| matches!(given.get(*place), Some(Maybe::Undefined)));
    let known = |value: &Maybe<'_>| match value {
        Maybe::Known(value) => constant(*value),
        _ => None,
    };
    Ok(Element { values: given.iter().map(known).collect(), undefined: undefined.collect(), date: None })
}

fn plain(
    book: Book<'_>,
    field: &Field,
    fact: Fact<'_>,
    day: Option<NaiveDate>,
) -> Result<Option<Constant>, CustomerError> {
    let exchange = Exchange { own: book.checked.currency(), rates: book.rates, day };
    Ok(match convert(field, exchange, fact)? {
        Converted::Known(value) => constant(value),
        _ => None,
    })
}

fn constant(value: Value<'_>) -> Option<Constant> {
    match value {
        Value::Number(number) => Some(Constant::Number(number)),
        Value::Boolean(boolean) => Some(Constant::Boolean(boolean)),
        Value::Date(date) => Some(Constant::Date(date)),
        Value::Member(member) => Some(Constant::Member(member)),
        Value::Text(_) => Some(Constant::Text(value::text(&value).into())),
        _ => None,
    }
}

/// The amount of an order, in the currency that stands beside it.
fn amount(
    book: Book<'_>,
    field: &Field,
    fact: Fact<'_>,
    record: &dyn Facts,
    day: Option<NaiveDate>,
    matters: bool,
    unknown: &mut usize,
) -> Result<Option<Constant>, CustomerError> {
    let code = match record.fact(FieldRef::new("currency", &Type::Text, usize::MAX)) {
        Ok(Fact::Text(code)) => Some(code.to_owned()),
        Ok(Fact::Missing) | Err(_) => None,
        Ok(_) => Some(String::new()),
    };
    // "600 JPY" tells its currency itself.
    let words = match fact {
        Fact::Text(text) => {
            text.rsplit_once(' ').filter(|(_, own)| own.len() == 3 && own.chars().all(|c| c.is_ascii_uppercase()))
        }
        _ => None,
    };
    let (fact, code) = match (words, code) {
        (Some((_, own)), Some(code)) if own != code => {
            let reason = crate::diagnostics::Arg::from(crate::diagnostics::Term::TwoCurrencies);
            return Err(CustomerError::new(Refusal::Unreadable, field.name()).with("reason", reason));
        }
        (Some((amount, own)), _) => (Fact::Text(amount), Some(own.to_owned())),
        (None, code) => (fact, code),
    };
    let money = match (fact, code) {
        (Fact::Missing, _) => return Ok(None),
        (Fact::Money(money), _) => Some(money),
        (fact, Some(code)) => match (fact.number(), crate::value::Currency::from_code(&code)) {
            (_, None) => {
                *unknown += 1;
                return Ok(None);
            }
            (Some(number), Some(currency)) => Some(Money::new(number, currency)),
            (None, _) => None,
        },
        (_, None) => None,
    };
    let Some(money) = money else { return plain(book, field, fact, day) };
    if !matters {
        return Ok(Some(Constant::Number(money.amount())));
    }
    let foreign = book.checked.currency().is_some_and(|own| own != money.currency());
    if foreign && book.rates.is_some() && day.is_none() {
        return Ok(None);
    }
    plain(book, field, Fact::Money(money), day)
}
