//! From checked collections and aggregates to those of the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Expr;
use super::lower::{Lowering, id};
use super::records::{Aggregate, ElementField, Kind, Measure, Records, Source};
use crate::check::{self, CollectionIndex, FieldIndex};
use crate::schema::{CollectionKind, Field};

/// What is known of collections while a policy is compiled.
#[derive(Default)]
pub(super) struct Compiled {
    /// By collection: its place in the plan.
    places: BTreeMap<CollectionIndex, u32>,
    /// By collection and field: the place among the fields that are asked for.
    fields: BTreeMap<(CollectionIndex, u32), u32>,
    aggregates: BTreeMap<Aggregate, u32>,
    measures: BTreeMap<Measure, u32>,
}

impl Lowering<'_> {
    /// The collections that are used; orders and refunds are asked for as one.
    pub(super) fn collections(&mut self) {
        let checked = self.checked;
        let mut orders = None;
        for (at, known) in (0..).zip(checked.collections()) {
            if !known.used && !known.computed {
                continue;
            }
            let collection = &known.collection;
            let joint = collection.kind.is_orders();
            let group = collection.kind == CollectionKind::Group;
            let place = match orders.filter(|_| joint) {
                Some(place) => place,
                None => {
                    let name = if joint { Arc::from("orders") } else { Arc::clone(&collection.name) };
                    let members = group.then(Vec::new);
                    self.plan.records.push(Records { name, members, ..Records::default() });
                    id(self.plan.records.len() - 1)
                }
            };
            if joint {
                orders = Some(place);
            }
            self.compiled.places.insert(CollectionIndex(at), place);
            let special = |name: &str| if joint { collection.place(name) } else { None };
            let [amount, order] = ["amount", "id"].map(special);
            for (field_at, field) in collection.fields.iter().enumerate() {
                let used = known.used_fields.get(field_at) == Some(&true) || (field.required && !group);
                let used = used || (known.computed && Some(field_at) == amount);
                let special = [amount, order, collection.date()].contains(&Some(field_at));
                if used || special {
                    let slot = group.then(|| self.slot(FieldIndex(id(field_at))));
                    self.element_field(place, CollectionIndex(at), field_at, field, (used, slot));
                } else if let Some(records) = self.plan.records.get_mut(place as usize).filter(|_| !group) {
                    let qualified = Field { name: format!("{}.{}", records.name, field.name).into(), ..field.clone() };
                    let name = Arc::clone(&field.name);
                    records.unused.push(ElementField { field: qualified, name, sign_only: false, slot: None });
                }
            }
            let asked = |wanted: Option<usize>| {
                self.compiled.fields.get(&(CollectionIndex(at), id(wanted?))).map(|place| *place as usize)
            };
            let (date, amount, order) = (asked(collection.date()), asked(amount), asked(order));
            if let Some(records) = self.plan.records.get_mut(place as usize) {
                (records.date, records.amount, records.id) = (date, amount, order);
                records.asks_id |= collection.place("id").is_some_and(|at| known.used_fields.get(at) == Some(&true));
                records.used |= known.used;
                records.computed |= known.computed;
            }
        }
    }

    /// The slots that members of a group are asked for: of the fields that are used, and of what these are computed from.
    pub(super) fn members(&mut self) {
        let Some(group) = self.plan.records.iter().position(|records| records.members.is_some()) else { return };
        let fields = self.plan.records.get(group).into_iter().flat_map(|records| &records.fields);
        let mut wanted: Vec<u32> = fields.filter_map(|field| field.slot).collect();
        let mut at = 0;
        while let Some(slot) = wanted.get(at).copied() {
            let computed = self.plan.slots.get(slot as usize).and_then(|slot| slot.computed);
            let (facts, _) = computed.map(|value| self.plan.names_of(super::Root::Value(value))).unwrap_or_default();
            for fact in facts.into_iter().filter(|fact| (*fact as usize) < self.plan.slots.len()) {
                if !wanted.contains(&fact) {
                    wanted.push(fact);
                }
            }
            at += 1;
        }
        wanted.sort_unstable();
        wanted.dedup();
        self.plan.records.iter_mut().skip(group).take(1).for_each(|records| records.members = Some(wanted.clone()));
    }

    fn element_field(
        &mut self,
        place: u32,
        collection: CollectionIndex,
        at: usize,
        field: &Field,
        (used, slot): (bool, Option<u32>),
    ) {
        let Some(records) = self.plan.records.get_mut(place as usize) else { return };
        let found = records.fields.iter().position(|known| known.name == field.name);
        let new = found.unwrap_or(records.fields.len());
        match records.fields.get_mut(new) {
            Some(known) => known.sign_only &= !used,
            None => {
                let sign_only = !used && &*field.name == "amount";
                let qualified = Field { name: format!("{}.{}", records.name, field.name).into(), ..field.clone() };
                records.fields.push(ElementField { field: qualified, name: Arc::clone(&field.name), sign_only, slot });
            }
        }
        self.compiled.fields.insert((collection, id(at)), id(new));
    }

    pub(super) fn element(&self, collection: CollectionIndex, field: u32) -> Expr {
        let records = self.compiled.places.get(&collection).copied().unwrap_or(u32::MAX);
        Expr::Element(records, self.compiled.fields.get(&(collection, field)).copied().unwrap_or(u32::MAX))
    }

    pub(super) fn aggregate(&mut self, aggregate: &check::Aggregate) -> Expr {
        // Conditions inside it are no parts of the one that it stands in.
        let marks = std::mem::take(&mut self.marks);
        let aggregates = self.plan.aggregates.len();
        let outer = std::mem::take(&mut self.holds_aggregate);
        let argument = aggregate.argument.as_ref().map(|argument| self.value(argument));
        let condition = aggregate.condition.as_ref().map(|condition| self.condition(condition));
        let limited = std::mem::replace(&mut self.holds_aggregate, outer) || self.plan.aggregates.len() > aggregates;
        self.holds_aggregate = true;
        self.marks = marks;
        let records = match aggregate.source {
            check::Source::Records(collection) => self.compiled.places.get(&collection).copied(),
            check::Source::Periods(_) => None,
        };
        let source = match aggregate.source {
            check::Source::Periods(period) => Source::Periods(period),
            check::Source::Records(collection) => {
                let kind = self.checked.collections().get(collection.at()).map(|known| known.collection.kind);
                let kind = match kind {
                    Some(CollectionKind::Orders) => Kind::Purchases,
                    Some(CollectionKind::Refunds) => Kind::Refunds,
                    _ => Kind::All,
                };
                Source::Records(records.unwrap_or(u32::MAX), kind)
            }
        };
        let measure = Measure { records, argument, condition, limited };
        let next = id(self.plan.measures.len());
        let measure = *self.compiled.measures.entry(measure).or_insert_with(|| {
            self.plan.measures.push(measure);
            next
        });
        let aggregate_of_plan = Aggregate { fold: aggregate.fold, source, measure, window: aggregate.window };
        let next = id(self.plan.aggregates.len());
        let at = *self.compiled.aggregates.entry(aggregate_of_plan).or_insert_with(|| {
            self.plan.aggregates.push(aggregate_of_plan);
            self.plan.names.aggregates.push(Arc::clone(&aggregate.text));
            next
        });
        Expr::Aggregate(at)
    }
}
