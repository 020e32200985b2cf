//! What a policy compares each fact with, so far as that says which values are worth a look.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::plan::{Expr, ExprId, Node, Operand, Plan, Root, Test};
use crate::value::{Constant, shift};

/// So many parts of a value are looked at for the facts on which it hangs.
const STEPS: usize = 1_000;

/// The constants with which one fact, or what hangs on it, is compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Edges {
    pub(super) numbers: Vec<Decimal>,
    pub(super) dates: Vec<NaiveDate>,
    pub(super) texts: Vec<Arc<str>>,
}

impl Edges {
    fn add(&mut self, constant: &Constant) {
        match constant {
            Constant::Number(number) if !self.numbers.contains(number) => self.numbers.push(*number),
            Constant::Date(day) if !self.dates.contains(day) => self.dates.push(*day),
            Constant::Text(text) if !self.texts.contains(text) => self.texts.push(Arc::clone(text)),
            _ => {}
        }
    }
}

/// By the number of what can be missing: facts, collections, and the fields of their records.
pub(super) fn edges(plan: &Plan, as_of: NaiveDate) -> Vec<Edges> {
    let mut edges = vec![Edges::default(); plan.missing_count()];
    for node in plan.node_ids() {
        let Node::Atom(atom) = plan.node(node) else { continue };
        let constants = plan.atom(*atom).map_or_else(Vec::new, |atom| asked(plan, &atom.test, as_of));
        for value in plan.values(*atom) {
            put(plan, &mut edges, value, &constants);
        }
    }
    for table in plan.tables() {
        let mut keys = Vec::new();
        table.each_key(|key| keys.push(key));
        put(plan, &mut edges, table.key, &keys);
    }
    for aggregate in plan.aggregates() {
        let records = plan.measure(aggregate.measure).and_then(|measure| measure.records);
        let date = records.and_then(|at| plan.records().get(at as usize)?.date);
        let (Some(records), Some(date), Some(window)) = (records, date, aggregate.window) else { continue };
        let stretch = window.stretch(as_of);
        let at = plan.missing_records(records) as usize + 1 + date;
        let place = edges.iter_mut().skip(at).take(1);
        place.for_each(|known| [stretch.from, stretch.to].into_iter().for_each(|day| known.add(&Constant::Date(day))));
    }
    edges
}

fn put(plan: &Plan, edges: &mut [Edges], value: ExprId, constants: &[Constant]) {
    if constants.is_empty() {
        return;
    }
    let (things, _) = plan.facts_of(Root::Value(value), STEPS);
    for at in things {
        let known = edges.iter_mut().skip(at as usize).take(1);
        known.for_each(|known| constants.iter().for_each(|constant| known.add(constant)));
    }
}

/// The constants of a question.
fn asked(plan: &Plan, test: &Test, as_of: NaiveDate) -> Vec<Constant> {
    let constant = |value: &ExprId| match plan.expr(*value) {
        Expr::Constant(constant) => Some(constant.clone()),
        _ => None,
    };
    match test {
        Test::Compare(_, Operand::Constant(constant)) => vec![constant.clone()],
        Test::In(members) | Test::SetContains(_, members) => members.to_vec(),
        Test::StartsWith(prefix) => vec![Constant::Text(Arc::clone(prefix))],
        Test::Has(part) => constant(part).into_iter().collect(),
        Test::Within(length) => match constant(length) {
            Some(Constant::Duration(length)) => {
                let first = shift(as_of, length, false).map(Constant::Date);
                first.into_iter().chain([Constant::Date(as_of)]).collect()
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
