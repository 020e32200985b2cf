//! Facts that are computed from orders, by the book.

use super::records::{Book, Element};
use super::score::Span;
use super::value::Maybe;
use super::{Base, Customer};
use crate::check::{Checked, FieldIndex};
use crate::facts::{Converted, CustomerError, convert};
use crate::value::{Constant, Fact, Value};

/// Computes the facts that are absent, each behind what it uses.
pub(super) fn compute<'a>(
    book: Book<'a>,
    absent: &[FieldIndex],
    given: &mut [Maybe<'a>],
    records: &[Option<Vec<Element>>],
    opens: &mut [Option<Span>],
) -> Result<(), CustomerError> {
    let checked = book.checked;
    for computed in checked.computed().iter().filter(|computed| absent.contains(&computed.field)) {
        let (result, span) = {
            let base = Base { checked, as_of: book.as_of, given: &*given, records, opens: &[] };
            let customer = Customer::with_lets(base, |_| false);
            let since = |name: &str| {
                let at = checked.fields().iter().position(|field| field.name() == name);
                at.and_then(|at| customer.given.get(at)).is_some_and(|value| matches!(value, Maybe::Missing))
            };
            let number = match customer.value(&computed.value) {
                Maybe::Known(Value::Number(number)) => Some(Some(Constant::Number(number))),
                Maybe::Known(Value::Date(date)) => Some(Some(Constant::Date(date))),
                // The tenure of a customer without orders is missing, not without a result.
                Maybe::Undefined if since("customer_since") && is_named(checked, computed.field, "tenure_months") => {
                    None
                }
                Maybe::Undefined => Some(None),
                _ => None,
            };
            (number, customer.open_count(&computed.value))
        };
        let Some(field) = checked.fields().get(computed.field.at()) else { continue };
        let whole = crate::schema::Field { scale: None, ..field.clone() };
        let value = match result {
            Some(Some(Constant::Number(number))) => {
                convert(&whole, book.exchange(), Fact::Number(number))?;
                Maybe::Known(Value::Number(number))
            }
            Some(Some(Constant::Date(date))) => {
                convert(&whole, book.exchange(), Fact::Date(date))?;
                Maybe::Known(Value::Date(date))
            }
            Some(_) => Maybe::Undefined,
            None => match convert(field, book.exchange(), Fact::Missing)? {
                Converted::Known(value) => Maybe::Known(value),
                _ => {
                    opens.iter_mut().skip(computed.field.at()).take(1).for_each(|open| *open = span);
                    Maybe::Missing
                }
            },
        };
        given.iter_mut().skip(computed.field.at()).take(1).for_each(|place| *place = value);
    }
    Ok(())
}

fn is_named(checked: &Checked, field: FieldIndex, name: &str) -> bool {
    checked.fields().get(field.at()).is_some_and(|field| field.name() == name)
}
