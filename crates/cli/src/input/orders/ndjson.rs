//! Orders as NDJSON: one object a line, whose keys are the customer and the fields.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;

use serde_json::value::RawValue;
use tierwise::Datum;

use super::super::bytes::Bytes;
use super::super::json::{Refused, fact};
use super::super::lines::{Entries, Lines, id};
use super::super::wanted::Key;
use super::{Columns, Field, Orders, warn_of_none};
use crate::escape::{brief, escape};
use crate::failure::Failure;

/// Reads a file.
pub(super) fn read(
    file: &str,
    bytes: Bytes,
    fields: &[Field],
    columns: &Columns<'_>,
    orders: &mut Orders,
) -> Result<(), Failure> {
    let (mut seen, mut named) = (HashSet::new(), false);
    let mut lines = Lines::new(bytes);
    while lines.read().map_err(|error: io::Error| Failure::reading(file, &error))? {
        let unreadable = |why: String| {
            // Whose order it is cannot be told: nobody may be classified as if it were not there.
            Failure::unusable(format!("line {} of the orders cannot be read: {why}", lines.number()))
        };
        let Entries(entries) = lines.object("one order").map_err(|(_, why)| unreadable(why))?;
        named |= given(&entries, columns.customer).next().is_some();
        let mapped = columns.map.iter().map(|(_, key)| key.as_str());
        for key in fields.iter().map(|field| field.column.as_str()).chain(mapped) {
            if given(&entries, key).next().is_some() && !seen.contains(key) {
                seen.insert(key.to_owned());
            }
        }
        let customer = id(&entries, columns.customer).map_err(|(_, why)| unreadable(why))?;
        let Some(customer) = customer else {
            orders.without.push(lines.number());
            continue;
        };
        let mut fault = None;
        let mut values = Vec::with_capacity(fields.len());
        for Field { column, .. } in fields {
            let value = one(given(&entries, column)).unwrap_or_else(|why| {
                let place = lines.number();
                fault.get_or_insert(format!("line {place} of the file of orders: `{}` {why}", brief(column, 80)));
                Datum::Missing
            });
            values.push(value);
        }
        orders.begin(&customer, lines.number(), fault)?;
        values.into_iter().for_each(|value| orders.push(value));
    }
    let none = lines.number() == 0;
    drop(lines);
    if none {
        return Ok(());
    }
    if !named {
        let message = format!("no line of `{}` has the key `{}`", escape(file), brief(columns.customer, 80));
        return Err(Failure::unusable(message).help("name the key of the customers with `--customer-column`"));
    }
    if let Some((field, key)) = columns.map.iter().find(|(_, key)| !seen.contains(key)) {
        let message = format!("no line of `{}` has the key `{}`", escape(file), brief(key, 80));
        return Err(Failure::unusable(message).help(&format!("`--map {field}=…` names a key of that file")));
    }
    fields.iter().filter(|field| !seen.contains(&field.column)).for_each(|field| warn_of_none(file, field, "key"));
    Ok(())
}

/// Everything that is given under a key.
fn given<'e>(entries: &'e [(Cow<'_, str>, &'e RawValue)], key: &str) -> impl Iterator<Item = &'e RawValue> {
    entries.iter().filter(move |(name, _)| name.as_ref() == key).map(|(_, value)| *value)
}

/// The value of a key, or why there is none.
fn one<'v>(mut given: impl Iterator<Item = &'v RawValue>) -> Result<Datum, String> {
    let Some(value) = given.next() else { return Ok(Datum::Missing) };
    if given.next().is_some() {
        return Err("is given twice".to_owned());
    }
    let key = Key { fact: true, inner: Vec::new() };
    fact(value, &key).map(|value| value.unwrap_or(Datum::Missing)).map_err(|refused| match refused {
        Refused::TooDeep => "is nested deeper than 64 levels".to_owned(),
        Refused::Unreadable(why) => format!("is not readable: {why}"),
    })
}
