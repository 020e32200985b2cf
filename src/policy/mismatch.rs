//! What keeps a policy from being bound to a host's struct and tiers.

use std::collections::BTreeSet;
use std::fmt;

use super::Policy;
use crate::diagnostics::nearest;
use crate::host::{Described, DescribedField, Place, Shape, Tier};
use crate::plan::Records;
use crate::schema::Field;

/// Everything in which a policy and a host's struct and tiers do not agree. `Display` has one of them a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct BindError {
    account: &'static str,
    mismatches: Vec<Mismatch>,
}

/// One thing in which they do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    name: String,
    message: String,
    help: Option<String>,
}

impl Mismatch {
    fn new(name: &str, message: String) -> Self {
        Self { name: name.to_owned(), message, help: None }
    }

    fn help(self, help: impl Into<Option<String>>) -> Self {
        Self { help: help.into(), ..self }
    }

    /// The fact, collection or tier that it is about.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What does not agree.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How to cure it.
    pub fn cure(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl BindError {
    pub(super) fn new(account: &'static str, mismatches: Vec<Mismatch>) -> Self {
        Self { account, mismatches }
    }

    /// Everything that does not agree: facts in the order of the policy's slots, then collections, then tiers.
    pub fn mismatches(&self) -> &[Mismatch] {
        &self.mismatches
    }

    fn text(&self) -> String {
        let lines = self.mismatches.iter().map(|mismatch| format!("\n  {mismatch}"));
        format!("the policy does not fit `{}`:{}", self.account, lines.collect::<String>())
    }
}

/// Everything in which a policy, a struct and tiers do not agree.
pub(super) fn mismatches<L: Tier>(policy: &Policy, described: &Described) -> Vec<Mismatch> {
    let plan = &*policy.plan;
    let mut found = twice(described);
    for (at, slot) in (0..).zip(plan.slots()) {
        let known = described.fields.iter().find(|field| field.name == slot.field.name());
        match known {
            Some(known) => found.extend(wrong(&slot.field, known, slot.field.name())),
            // Absent without being unknown, or only there for others.
            None if slot.field.standing || slot.derived || slot.is_parent_tier() => {}
            None if slot.computed.is_some() && can_compute(policy, at, described) => {}
            None => found.push(lacking(slot.field.name(), slot.field.name(), &described.fields)),
        }
    }
    for records in plan.records() {
        found.extend(records_of(records, described));
    }
    found.extend(tiers::<L>(policy));
    found
}

/// Whether the struct has something from which the fact of a slot is computed.
fn can_compute(policy: &Policy, slot: u32, described: &Described) -> bool {
    let (facts, records) = policy.plan.computed_from(slot);
    let slots = facts.iter().filter_map(|at| policy.plan.slots().get(*at as usize));
    let collections = records.iter().filter_map(|at| policy.plan.records().get(*at as usize));
    let has_field = |name: &str| described.fields.iter().any(|field| field.name == name);
    let has_records = |name: &str| described.collections.iter().any(|collection| collection.name == name);
    slots.into_iter().any(|slot| has_field(slot.field.name()))
        || collections.into_iter().any(|known| has_records(&known.name))
}

/// In what a fact of the struct does not agree with the policy's field.
fn wrong(field: &Field, known: &DescribedField, name: &str) -> Option<Mismatch> {
    if known.place == Place::NOWHERE {
        let message = format!("`{name}` stands in more than four structs");
        return Some(Mismatch::new(name, message).help("bring it nearer with `#[facts(with = …)]`".to_owned()));
    }
    if !known.shape.fits(field.ty()) {
        let message = format!("`{name}` is {} for the policy, and the struct has {}", field.ty(), known.shape.word());
        return Some(Mismatch::new(name, message).help("convert it with `#[facts(with = …)]`".to_owned()));
    }
    (known.marks.sensitive && !field.sensitive).then(|| {
        let message = format!("`{name}` is sensitive in the struct and not for the policy");
        Mismatch::new(name, message)
            .help("parse the policy with the schema of the struct, or declare the field `sensitive`".to_owned())
    })
}

/// A fact that `fields` lack, which has the name `own` among them.
fn lacking(name: &str, own: &str, fields: &[DescribedField]) -> Mismatch {
    let rename = format!("with `#[facts(rename = \"{own}\")]`");
    let help = match nearest(own, fields.iter().map(|field| &*field.name)).names.first() {
        Some(near) => format!("where its `{near}` is meant, give that the name {rename}"),
        None => format!("add it, or give it the name {rename}"),
    };
    Mismatch::new(name, format!("the policy uses `{name}`, which the struct does not have")).help(help)
}

/// Names that several fields have, which `rename` and nested structs can bring about.
fn twice(described: &Described) -> Vec<Mismatch> {
    let fields = described.fields.iter().map(|field| &*field.name);
    let names = fields.chain(described.collections.iter().map(|collection| &*collection.name));
    let mut known = BTreeSet::new();
    let twice: BTreeSet<&str> = names.filter(|name| !known.insert(*name)).collect();
    let mismatch = |name: &str| {
        let help = "give one of them another with `#[facts(rename = …)]`, or leave it out with `#[facts(skip)]`";
        Mismatch::new(name, format!("several fields of the struct have the name `{name}`")).help(help.to_owned())
    };
    twice.into_iter().map(mismatch).collect()
}

/// In what a collection of the struct does not agree.
fn records_of(records: &Records, described: &Described) -> Vec<Mismatch> {
    let known = described.collections.iter().find(|collection| *collection.name == *records.name);
    let Some(known) = known else {
        let mismatch = || {
            let message = format!("the policy uses the collection `{}`, which the struct does not have", records.name);
            Mismatch::new(&records.name, message).help("a `Vec` of structs that derive `Facts` is one".to_owned())
        };
        return records.used.then(mismatch).into_iter().collect();
    };
    let mut found = Vec::new();
    for (at, element) in records.fields.iter().enumerate() {
        let (name, field) = (element.field.name(), &element.field);
        match known.fields.iter().find(|known| known.name == *element.name) {
            // The ids of orders may be numbers.
            Some(known) if records.id == Some(at) && known.shape == Shape::Integer => {}
            Some(known) => found.extend(wrong(field, known, name)),
            // They only tell which are given twice.
            None if records.id == Some(at) && !records.asks_id => {}
            None => found.push(lacking(name, &element.name, &known.fields)),
        }
    }
    found
}

/// Tiers that only the ladder or only the enum has.
fn tiers<L: Tier>(policy: &Policy) -> Vec<Mismatch> {
    let own = || L::TIERS.iter().map(|(name, _)| *name);
    let ladder = policy.tiers().collect::<Vec<_>>().join(" > ");
    let lacks = |name: &&str| !own().any(|known| known == *name);
    let only_ladder = policy.tiers().filter(lacks).map(|name| {
        let message = format!("the ladder has the tier `{name}`, which `{}` does not have", L::NAME);
        Mismatch::new(name, message)
            .help(format!("add a variant, with `#[tier(rename = \"{name}\")]` where it has another name"))
    });
    let only_enum = own().filter(|name| !policy.tiers().any(|known| known == *name)).map(|name| {
        let (message, help) = match &*ladder {
            "" => (format!("`{}` has the tier `{name}`, and the policy has no tiers", L::NAME), "bind it to `()`"),
            ladder => (
                format!("`{}` has the tier `{name}`, which is not on the ladder {ladder}", L::NAME),
                "the enum has the tiers of the ladder and no others",
            ),
        };
        Mismatch::new(name, message).help(help.to_owned())
    });
    only_ladder.chain(only_enum).collect()
}
