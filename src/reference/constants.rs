//! The constants of a policy.

use crate::check::{Checked, Typed, TypedKind};
use crate::value::Constant;

/// Every constant of the policy, for completions and for tests that want values beside its cuts.
pub(super) fn constants(checked: &Checked) -> Vec<Constant> {
    let mut found = Vec::new();
    let conditions = checked.rules().iter().filter_map(|rule| rule.condition.as_ref());
    let adjustments = checked.adjustments().iter().map(|adjustment| &adjustment.condition);
    let assumptions = checked.assumptions().iter().map(|assumption| &assumption.condition);
    let lets = checked.lets().iter().map(|bound| &bound.value);
    for table in checked.tables() {
        found.extend(table.keys.iter().cloned());
        found.extend(table.columns.iter().flat_map(|column| &column.cells).flatten().cloned());
    }
    conditions.chain(adjustments).chain(assumptions).chain(lets).for_each(|typed| collect(typed, &mut found));
    found
}

pub(super) fn collect(typed: &Typed, found: &mut Vec<Constant>) {
    match &typed.kind {
        TypedKind::Constant(constant) => found.push(constant.clone()),
        TypedKind::Field(_) | TypedKind::Let(_) | TypedKind::Today | TypedKind::Subject => {}
        // Cells are collected with their table.
        TypedKind::Lookup(..) | TypedKind::Element(..) => {}
        TypedKind::Aggregate(_) => typed.parts().into_iter().for_each(|part| collect(part, found)),
        TypedKind::Score(_) | TypedKind::Segment(_) => typed.parts().into_iter().for_each(|part| collect(part, found)),
        TypedKind::Unary(_, a) | TypedKind::Not(a) | TypedKind::Missing(a) => collect(a, found),
        TypedKind::StartsWith(a, prefix) => {
            collect(a, found);
            found.push(Constant::Text(prefix.clone()));
        }
        // A pattern of plain letters matches itself.
        TypedKind::Matches(a, pattern) => {
            collect(a, found);
            found.push(Constant::Text(pattern.text().into()));
        }
        TypedKind::In(a, members) | TypedKind::SetContains(_, a, members) => {
            collect(a, found);
            found.extend(members.iter().cloned());
        }
        TypedKind::Chain(first, rest) => {
            collect(first, found);
            rest.iter().for_each(|(_, part)| collect(part, found));
        }
        TypedKind::Chained(first, rest) => {
            collect(first, found);
            rest.iter().for_each(|(_, part)| collect(part, found));
        }
        TypedKind::Compare(_, a, b) | TypedKind::Has(a, b) | TypedKind::Within(a, b) => {
            collect(a, found);
            collect(b, found);
        }
        TypedKind::And(parts) | TypedKind::Or(parts) | TypedKind::AtLeast(_, parts) | TypedKind::Coalesce(parts) => {
            parts.iter().for_each(|part| collect(part, found));
        }
        TypedKind::If(arms, otherwise) => {
            for (condition, value) in arms {
                collect(condition, found);
                collect(value, found);
            }
            collect(otherwise, found);
        }
    }
}
