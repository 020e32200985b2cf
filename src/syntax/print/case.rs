//! Tests as text.

use std::fmt::Write as _;

use super::{expr, name, quote};
use crate::syntax::ast::{Case, Datum, DatumKind, Expected, Given, Name};

/// Prints `test "NAME" as of DATE: FACTS => EXPECTED`.
pub(super) fn print(text: &mut String, case: &Case) {
    let _ = write!(text, "test {}:", head(&case.name, case.as_of.as_ref()));
    for (at, given) in case.given.iter().enumerate() {
        text.push_str(if at == 0 { " " } else { ", " });
        entry(text, given, " = ");
    }
    text.push_str(" => ");
    let wanted = match &case.expected {
        Expected::Refused(field) => return text.push_str(&refused(field)),
        Expected::Outcome(wanted) => wanted,
    };
    text.push_str(&name(&wanted.tier.node));
    if let Some(rule) = &wanted.rule {
        let _ = write!(text, " by {}", quote(&rule.node));
    }
    if let Some(tiers) = &wanted.possible {
        let tiers: Vec<_> = tiers.iter().map(|tier| name(&tier.node)).collect();
        let _ = write!(text, " possible ({})", tiers.join(", "));
    }
    if wanted.certain.is_some() {
        text.push_str(" certain");
    }
    for value in &wanted.values {
        text.push_str(", ");
        entry(text, value, " = ");
    }
}

/// The name, and the day.
pub(super) fn head(case: &Name, as_of: Option<&Name>) -> String {
    let day = as_of.map(|day| format!(" as of {}", day.node)).unwrap_or_default();
    quote(&case.node) + &day
}

/// `error "FIELD"`.
pub(super) fn refused(field: &Name) -> String {
    format!("error {}", quote(&field.node))
}

fn entry(text: &mut String, given: &Given, between: &str) {
    let _ = write!(text, "{}{between}", name(&given.name.node));
    datum(text, &given.value);
}

fn datum(text: &mut String, value: &Datum) {
    match &value.node {
        DatumKind::Missing => text.push_str("missing"),
        DatumKind::Value(value) => expr(text, value),
        DatumKind::Members(members) => list(text, ["(", ")"], members, expr),
        DatumKind::Records(records) => list(text, ["[", "]"], records, |text, record| {
            list(text, ["{", "}"], &record.node, |text, given| entry(text, given, ": "));
        }),
    }
}

fn list<T>(text: &mut String, [open, close]: [&str; 2], parts: &[T], mut print: impl FnMut(&mut String, &T)) {
    text.push_str(open);
    for (at, part) in parts.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { ", " });
        print(text, part);
    }
    text.push_str(close);
}
