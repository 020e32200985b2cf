//! What values and conditions are worked out from.

use std::collections::BTreeSet;

use crate::builtins::Fold;

use super::{Aggregate, Expr, ExprId, Node, NodeId, Plan, Root, Source};

/// A thing that a value or a condition is made of.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// The fact of a slot.
    Fact(u32),
    Let(u32),
    /// Of what is missing, by number: a collection, or a field of its records.
    Records(u32),
    Inner(Root),
}

impl Plan {
    /// Calls `visit` with everything that a value or a condition is made of, in order.
    pub(crate) fn each_part(&self, root: Root, visit: &mut dyn FnMut(Part)) {
        match root {
            Root::Value(value) => self.each_part_of_value(value, visit),
            Root::Condition(node) => self.each_part_of_condition(node, visit),
            Root::Score(score) => {
                for line in self.score(score).into_iter().flat_map(|score| &score.lines) {
                    visit(Part::Inner(Root::Value(line.value)));
                    for bin in &line.bins {
                        bin.condition.into_iter().for_each(|node| visit(Part::Inner(Root::Condition(node))));
                        visit(Part::Inner(Root::Value(bin.points)));
                    }
                }
            }
            Root::Segment(segment) => {
                let lines = self.segment(segment).into_iter().flat_map(|segment| &segment.lines);
                lines.filter_map(|line| line.condition).for_each(|node| visit(Part::Inner(Root::Condition(node))));
            }
        }
    }

    fn each_part_of_value(&self, id: ExprId, visit: &mut dyn FnMut(Part)) {
        let mut value = |id: &ExprId| visit(Part::Inner(Root::Value(*id)));
        match self.expr(id) {
            Expr::Constant(_) | Expr::Today => {}
            Expr::Element(records, field) => visit(Part::Records(self.missing_records(*records) + 1 + field)),
            Expr::Aggregate(at) => {
                let aggregate = self.aggregate(*at);
                let measure = aggregate.and_then(|aggregate| self.measure(aggregate.measure));
                if let (Some(aggregate), Some(measure)) = (aggregate, measure) {
                    let days = self.asks_days(aggregate);
                    if let Some(at) = measure.records {
                        let number = self.missing_records(at);
                        visit(Part::Records(number));
                        let date = self.records().get(at as usize).and_then(|records| records.date);
                        let date = date.filter(|_| days).and_then(|date| u32::try_from(date).ok());
                        date.into_iter().for_each(|date| visit(Part::Records(number + 1 + date)));
                    }
                    measure.argument.into_iter().for_each(|value| visit(Part::Inner(Root::Value(value))));
                    measure.condition.into_iter().for_each(|node| visit(Part::Inner(Root::Condition(node))));
                }
            }
            Expr::Lookup(column) => {
                let table = self.column(*column).and_then(|column| self.tables.get(column.table as usize));
                table.into_iter().for_each(|table| value(&table.key));
            }
            Expr::Fact(slot) => visit(Part::Fact(*slot)),
            Expr::Let(at) => visit(Part::Let(*at)),
            Expr::Unary(_, inner) => value(inner),
            Expr::Chain(first, rest) => {
                value(first);
                rest.iter().for_each(|(_, part)| value(part));
            }
            Expr::Coalesce(parts) => parts.iter().for_each(value),
            Expr::If(arms, otherwise) => {
                for (condition, value) in arms {
                    visit(Part::Inner(Root::Condition(*condition)));
                    visit(Part::Inner(Root::Value(*value)));
                }
                visit(Part::Inner(Root::Value(*otherwise)));
            }
            Expr::Truth(node) => visit(Part::Inner(Root::Condition(*node))),
        }
    }

    fn each_part_of_condition(&self, id: NodeId, visit: &mut dyn FnMut(Part)) {
        let mut condition = |id: &NodeId| visit(Part::Inner(Root::Condition(*id)));
        match self.node(id) {
            Node::Constant(_) => {}
            Node::Let(at) => visit(Part::Let(*at)),
            Node::Not(inner) => condition(inner),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => parts.iter().for_each(condition),
            Node::If(arms, otherwise) => {
                arms.iter().for_each(|(when, then)| [when, then].into_iter().for_each(&mut condition));
                condition(otherwise);
            }
            Node::Chained(first, rest) => {
                let all = std::iter::once(first).chain(rest.iter().map(|(_, part)| part));
                all.for_each(|value| visit(Part::Inner(Root::Value(*value))));
            }
            Node::Atom(atom) => self.values(*atom).for_each(|value| visit(Part::Inner(Root::Value(value)))),
        }
    }

    /// Whether it matters to an aggregate on which days its records are: to windows, to runs, and within periods.
    pub(crate) fn asks_days(&self, aggregate: &Aggregate) -> bool {
        let periods = |aggregate: &Aggregate| matches!(aggregate.source, Source::Periods(_));
        aggregate.window.is_some() || aggregate.fold == Fold::Streak || self.aggregates.iter().any(periods)
    }

    /// The facts on which something depends, lets opened, each once and in order. After so many steps no more are looked
    /// for; also whether these are all.
    pub(crate) fn facts_of(&self, root: Root, steps: usize) -> (Vec<u32>, bool) {
        let mut walk = Walk { plan: self, steps, ..Walk::new(self) };
        walk.visit(root);
        while let Some(root) = walk.waiting.pop().and_then(|at| self.lets().get(at as usize)) {
            walk.visit(*root);
        }
        (walk.slots, walk.steps > 0)
    }

    /// Which lets rules, caps and floors look at, lets opened.
    pub(super) fn deciding_lets(&self) -> Vec<bool> {
        self.reached(false).lets
    }

    /// The facts, by slot, and the collections from which the fact of a slot is computed, through other facts too.
    pub(crate) fn computed_from(&self, slot: u32) -> (Vec<u32>, Vec<u32>) {
        let (mut slots, mut records, mut at) = (Vec::new(), Vec::new(), 0);
        let mut next = Some(slot);
        while let Some(slot) = next {
            let computed = self.slots.get(slot as usize).and_then(|slot| slot.computed);
            let (facts, _) = computed.map(|value| self.names_of(Root::Value(value))).unwrap_or_default();
            for fact in facts {
                let (known, place) = match self.records_of(fact) {
                    Some(place) => (&mut records, place),
                    None => (&mut slots, fact),
                };
                if !known.contains(&place) {
                    known.push(place);
                }
            }
            next = slots.get(at).copied();
            at += 1;
        }
        (slots, records)
    }

    /// The collection that is missing under a number, itself or a field of its records.
    fn records_of(&self, number: u32) -> Option<u32> {
        let count = u32::try_from(self.records.len()).unwrap_or(0);
        (0..count).rev().find(|place| self.missing_records(*place) <= number)
    }

    /// The facts and the lets that something names itself.
    pub(crate) fn names_of(&self, root: Root) -> (Vec<u32>, Vec<u32>) {
        let mut walk = Walk::new(self);
        walk.visit(root);
        (walk.slots, walk.waiting)
    }
}

/// The values and conditions on which something hangs, lets opened.
pub(crate) struct Reached {
    exprs: Vec<bool>,
    nodes: Vec<bool>,
    lets: Vec<bool>,
    slots: Vec<bool>,
}

impl Plan {
    /// On what the tier hangs; `computed` opens the facts that are computed as well.
    pub(crate) fn reached(&self, computed: bool) -> Reached {
        let conditions = self.rules.iter().filter_map(|rule| rule.condition);
        let conditions = conditions.chain(self.adjustments.iter().map(|adjustment| adjustment.condition));
        Reached::of(self, conditions.map(Root::Condition).collect(), computed)
    }

    /// All that rules, caps, floors and assumptions look at, and all lets.
    pub(crate) fn looked_at(&self) -> Reached {
        let conditions = self.rules.iter().filter_map(|rule| rule.condition);
        let conditions = conditions.chain(self.adjustments.iter().map(|adjustment| adjustment.condition));
        let all = conditions.chain(self.assumptions.iter().copied()).map(Root::Condition);
        Reached::of(self, all.chain(self.lets.iter().copied()).collect(), false)
    }

    /// Whether a value hangs on the as-of date itself.
    pub(crate) fn asks_today(&self, value: ExprId) -> bool {
        let reached = Reached::of(self, vec![Root::Value(value)], true);
        self.expr_ids().any(|id| matches!(self.expr(id), Expr::Today) && reached.value(id))
    }
}

impl Reached {
    pub(crate) fn value(&self, id: ExprId) -> bool {
        self.exprs.get(id.at()) == Some(&true)
    }

    pub(super) fn condition(&self, id: NodeId) -> bool {
        self.nodes.get(id.at()) == Some(&true)
    }

    pub(super) fn bound(&self, at: usize) -> bool {
        self.lets.get(at) == Some(&true)
    }

    fn of(plan: &Plan, mut waiting: Vec<Root>, open: bool) -> Self {
        let (exprs, nodes) = plan.sizes();
        let mut reached = Self {
            exprs: vec![false; exprs],
            nodes: vec![false; nodes],
            lets: vec![false; plan.lets.len()],
            slots: vec![false; plan.slots.len()],
        };
        while let Some(root) = waiting.pop() {
            let known = match root {
                Root::Value(value) => reached.exprs.get_mut(value.at()),
                Root::Condition(node) => reached.nodes.get_mut(node.at()),
                // Only a let leads there, and that once.
                Root::Score(_) | Root::Segment(_) => None,
            };
            if known.is_some_and(|known| std::mem::replace(known, true)) {
                continue;
            }
            plan.each_part(root, &mut |part| match part {
                Part::Fact(slot) => {
                    let first =
                        reached.slots.get_mut(slot as usize).is_some_and(|known| !std::mem::replace(known, true));
                    let computed =
                        plan.slots.get(slot as usize).and_then(|slot| slot.computed).filter(|_| first && open);
                    waiting.extend(computed.map(Root::Value));
                }
                Part::Let(at) => {
                    let first = reached.lets.get_mut(at as usize).is_some_and(|known| !std::mem::replace(known, true));
                    waiting.extend(plan.lets.get(at as usize).filter(|_| first));
                }
                Part::Inner(root) => waiting.push(root),
                Part::Records(_) => {}
            });
        }
        reached
    }
}

struct Walk<'p> {
    plan: &'p Plan,
    slots: Vec<u32>,
    /// Lets that are not opened yet: a chain of them may be long, and is followed without recursion.
    waiting: Vec<u32>,
    seen: (BTreeSet<u32>, BTreeSet<u32>),
    /// How many more parts are looked at.
    steps: usize,
}

impl<'p> Walk<'p> {
    fn new(plan: &'p Plan) -> Self {
        Self { plan, slots: Vec::new(), waiting: Vec::new(), seen: Default::default(), steps: usize::MAX }
    }

    fn visit(&mut self, root: Root) {
        if self.steps == 0 {
            return;
        }
        self.steps -= 1;
        self.plan.each_part(root, &mut |part| match part {
            Part::Fact(slot) | Part::Records(slot) if self.seen.0.insert(slot) => self.slots.push(slot),
            Part::Let(at) if self.seen.1.insert(at) => self.waiting.push(at),
            Part::Inner(root) => self.visit(root),
            Part::Fact(_) | Part::Records(_) | Part::Let(_) => {}
        });
    }
}
