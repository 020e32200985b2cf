//! Values of the reference evaluator. Arithmetic on numbers is the shared table's; everything about dates, comparisons
//! and sets is done here again.

use std::collections::HashSet;

use super::calendar;
use crate::builtins::{Compare, Contains, Op};
use crate::value::{Constant, Fact, Value, canonical};

/// A value, or why there is none.
#[derive(Clone, Copy)]
pub(super) enum Maybe<'a> {
    Known(Value<'a>),
    Missing,
    Undefined,
}

pub(super) fn unary(op: Op, value: Value<'_>) -> Option<Value<'_>> {
    match (op, value) {
        (Op::Year, Value::Date(date)) => Some(Value::Number(calendar::parts(date).0.into())),
        (Op::Month, Value::Date(date)) => Some(Value::Number(calendar::parts(date).1.into())),
        _ => op.unary(value),
    }
}

pub(super) fn binary<'a>(op: Op, left: Value<'a>, right: Value<'a>) -> Option<Value<'a>> {
    match (op, left, right) {
        (Op::Add, Value::Date(date), Value::Duration(length))
        | (Op::Add, Value::Duration(length), Value::Date(date)) => calendar::shift(date, length, true).map(Value::Date),
        (Op::Subtract, Value::Date(date), Value::Duration(length)) => {
            calendar::shift(date, length, false).map(Value::Date)
        }
        (Op::Subtract, Value::Date(a), Value::Date(b)) => Some(Value::Number(calendar::days_between(b, a).into())),
        (Op::DaysBetween, Value::Date(a), Value::Date(b)) => Some(Value::Number(calendar::days_between(a, b).into())),
        (Op::MonthsBetween, Value::Date(a), Value::Date(b)) => {
            Some(Value::Number(calendar::months_between(a, b).into()))
        }
        _ => op.binary(left, right),
    }
}

pub(super) fn text(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => text.read().into_owned(),
        _ => String::new(),
    }
}

/// The text of a value by which equal ones are told, whatever their scale.
pub(super) fn spelling(value: &Value<'_>) -> String {
    match value {
        Value::Number(number) => canonical(*number),
        Value::Boolean(value) => value.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Member(at) => at.to_string(),
        value => text(value),
    }
}

pub(super) fn compare(op: Compare, a: &Value<'_>, b: &Value<'_>) -> bool {
    let less = |a: &Value<'_>, b: &Value<'_>| match (a, b) {
        (Value::Number(a), Value::Number(b)) => a < b,
        (Value::Date(a), Value::Date(b)) => calendar::parts(*a) < calendar::parts(*b),
        _ => false,
    };
    let equal = spelling(a) == spelling(b);
    match op {
        Compare::Equal => equal,
        Compare::NotEqual => !equal,
        Compare::Less => less(a, b),
        Compare::LessOrEqual => less(a, b) || equal,
        Compare::Greater => less(b, a),
        Compare::GreaterOrEqual => less(b, a) || equal,
    }
}

/// The members of a set, spelt out as values like the wanted one are.
fn members(set: &Value<'_>, wanted: Option<&Value<'_>>) -> HashSet<String> {
    let mut known = HashSet::new();
    if let Value::Set(set) = set {
        set.each(&mut |member| {
            known.insert(match member {
                member if matches!(wanted, Some(Value::Number(_))) => {
                    member.number().map(canonical).unwrap_or_default()
                }
                Fact::Text(text) => text.to_owned(),
                Fact::Date(date) => date.to_string(),
                Fact::Boolean(value) => value.to_string(),
                _ => return,
            });
        });
    }
    known
}

pub(super) fn contains(mode: Contains, set: &Value<'_>, wanted: &[Constant]) -> bool {
    let known = members(set, wanted.first().map(Constant::value).as_ref());
    let mut wanted = wanted.iter().map(|member| known.contains(&spelling(&member.value())));
    match mode {
        Contains::All => wanted.all(|found| found),
        Contains::One | Contains::Any => wanted.any(|found| found),
    }
}

/// Whether a text has a part, or a set a member.
pub(super) fn has(value: &Value<'_>, part: &Value<'_>) -> bool {
    match value {
        Value::Set(_) => members(value, Some(part)).contains(&spelling(part)),
        value => text(value).contains(&text(part)),
    }
}
