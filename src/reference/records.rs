//! Collections by the book: every record is looked at for every aggregate, every day for every window.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::value;
use crate::check::Checked;
use crate::diagnostics::Refusal;
use crate::facts::{CollectionRef, Converted, CustomerError, Facts, FieldRef, convert};
use crate::schema::{CollectionKind, Field, Type};
use crate::value::{Constant, Exchange, Fact, Money, Rates, Value};

/// A record: the values of the fields that are used, by the place of the field; `None` is missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Element {
    pub(super) values: Vec<Option<Constant>>,
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

/// Reads every collection, orders and refunds apart. What is noticed is told by code, with the name of the collection.
pub(super) fn load(
    book: Book<'_>,
    facts: &dyn Facts,
    computes: bool,
    noticed: &mut Vec<(String, Option<String>)>,
) -> Result<Loaded, CustomerError> {
    let known = book.checked.collections();
    let mut loaded: Loaded = known.iter().map(|_| None).collect();
    let asked = known.iter().any(|known| known.used) || computes;
    let mut orders_done = false;
    for (at, records) in known.iter().enumerate().filter(|_| asked) {
        let kind = records.collection.kind;
        if !(records.used || records.computed) || (kind.is_orders() && std::mem::replace(&mut orders_done, true)) {
            continue;
        }
        if kind == CollectionKind::Group {
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
    let mut element = Element { values: vec![None; collection.fields.len()], date: None };
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
        let value = match fact {
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

fn plain(
    book: Book<'_>,
    field: &Field,
    fact: Fact<'_>,
    day: Option<NaiveDate>,
) -> Result<Option<Constant>, CustomerError> {
    let exchange = Exchange { own: book.checked.currency(), rates: book.rates, day };
    Ok(match convert(field, exchange, fact)? {
        Converted::Known(Value::Number(number)) => Some(Constant::Number(number)),
        Converted::Known(Value::Boolean(boolean)) => Some(Constant::Boolean(boolean)),
        Converted::Known(Value::Date(date)) => Some(Constant::Date(date)),
        Converted::Known(Value::Member(member)) => Some(Constant::Member(member)),
        Converted::Known(value @ Value::Text(_)) => Some(Constant::Text(value::text(&value).into())),
        _ => None,
    })
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
