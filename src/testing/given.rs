//! From the facts of a test to a customer.

use std::sync::Arc;

use crate::check::{Case, Facts, Given};
use crate::model::{Customer, Datum};
use crate::syntax::{grouped, print_name, print_text};
use crate::value::canonical;

/// The customer of a test, as a host would supply it.
pub(crate) fn customer(case: &Case) -> Customer {
    record(&case.given)
}

pub(super) fn record(given: &Facts) -> Customer {
    given.iter().fold(Customer::new(), |customer, (name, value)| customer.with(name, datum(value)))
}

fn datum(value: &Given) -> Datum {
    match value {
        Given::Missing => Datum::Missing,
        Given::Boolean(value) => Datum::Boolean(*value),
        Given::Number(number) => Datum::Number(*number),
        Given::Date(day) => Datum::Date(*day),
        Given::Text(text) => Datum::Text(text.to_string()),
        Given::Set(members) => Datum::List(members.iter().map(datum).collect()),
        Given::Records(records) => Datum::List(records.iter().map(|given| Datum::Object(record(given))).collect()),
    }
}

/// A fact as a test writes it.
pub(super) fn written(value: &Given) -> String {
    let list = |values: Vec<String>| values.join(", ");
    match value {
        Given::Missing => "missing".to_owned(),
        Given::Boolean(value) => value.to_string(),
        Given::Number(number) => grouped(&canonical(*number)),
        Given::Date(day) => day.to_string(),
        Given::Text(text) => print_text(text),
        Given::Set(members) => format!("({})", list(members.iter().map(written).collect())),
        Given::Records(records) => {
            let entry = |(name, value): &(Arc<str>, Given)| format!("{}: {}", print_name(name), written(value));
            let record = |record: &Facts| format!("{{{}}}", list(record.iter().map(entry).collect()));
            format!("[{}]", list(records.iter().map(record).collect()))
        }
    }
}
