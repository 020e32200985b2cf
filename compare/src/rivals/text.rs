//! Rules as text, for engines whose conditions are expressions.

use crate::account::{CentsAccount, Field};
use crate::rules::{Condition, Op, Rules};

/// How an engine writes a comparison that is false where the fact is missing, and joins them. What is given here is for
/// engines in which nothing is in an order with what is missing.
pub(super) trait Syntax {
    const AND: &'static str = " && ";
    const OR: &'static str = " || ";
    const NULL: &'static str = "null";

    fn compare(field: Field, op: Op, units: i64) -> String {
        plain(field.name(), op, units)
    }

    fn region_in(within: &[&str]) -> String {
        regions(within, "region", "==", Self::OR)
    }

    fn region_not_in(without: &[&str]) -> String {
        format!("(region != {}{}{})", Self::NULL, Self::AND, regions(without, "region", "!=", Self::AND))
    }
}

/// A condition of which `not` is pushed down.
pub(super) fn condition<S: Syntax>(of: &Condition) -> String {
    match of {
        Condition::Compare(field, op, units) => S::compare(*field, *op, *units),
        Condition::RegionIn(regions) => S::region_in(regions),
        Condition::Not(inner) => match &**inner {
            Condition::RegionIn(regions) => S::region_not_in(regions),
            other => unreachable!("`not` is pushed down: {other:?}"),
        },
        Condition::And(parts) => joined::<S>(parts, S::AND),
        Condition::Or(parts) => joined::<S>(parts, S::OR),
    }
}

fn joined<S: Syntax>(parts: &[Condition], by: &str) -> String {
    let parts: Vec<String> = parts.iter().map(condition::<S>).collect();
    format!("({})", parts.join(by))
}

/// Each rule as a text and its tier.
pub(super) fn conditions<S: Syntax>(rules: &Rules) -> Vec<(String, usize)> {
    rules.pushed_down().rules.iter().map(|(of, tier)| (condition::<S>(of), *tier)).collect()
}

/// A comparison in the way of most languages.
pub(super) fn plain(name: &str, op: Op, units: i64) -> String {
    format!("{name} {} {units}", op.sign())
}

/// `region == "north" || region == "east"`, by the signs of the language.
pub(super) fn regions(regions: &[&str], name: &str, sign: &str, by: &str) -> String {
    let each: Vec<String> = regions.iter().map(|region| format!("{name} {sign} \"{region}\"")).collect();
    format!("({})", each.join(by))
}

/// The numbers that are known, by name.
pub(super) fn numbers(account: &CentsAccount) -> impl Iterator<Item = (&'static str, Option<i64>)> + '_ {
    Field::numeric().iter().map(|field| (field.name(), account.units(*field)))
}

/// A rule as alternatives of conjunctions, for engines whose rules have no `or`. No part has parts of its own.
pub(super) fn alternatives(of: &Condition) -> Vec<Vec<Condition>> {
    match of {
        Condition::Or(parts) => parts.iter().flat_map(alternatives).collect(),
        Condition::And(parts) => parts.iter().fold(vec![Vec::new()], |all, part| {
            let more = alternatives(part);
            all.iter().flat_map(|one| more.iter().map(move |other| [&one[..], other].concat())).collect()
        }),
        leaf => vec![vec![leaf.clone()]],
    }
}
