//! What values and conditions are worked out from.

use std::collections::BTreeSet;

use super::{Expr, ExprId, Node, NodeId, Plan, Root};

impl Root {
    fn visit(self, walk: &mut Walk<'_>) {
        match self {
            Self::Value(value) => walk.value(value),
            Self::Condition(node) => walk.condition(node),
        }
    }
}

impl Plan {
    /// The facts on which something depends, lets opened, each once and in order; after so many steps no more are
    /// looked for.
    pub(crate) fn facts_of(&self, root: Root, steps: usize) -> Vec<u32> {
        let mut walk = Walk::new(self, steps);
        root.visit(&mut walk);
        while let Some(root) = walk.waiting.pop().and_then(|at| self.lets().get(at as usize)) {
            root.visit(&mut walk);
        }
        walk.slots
    }

    /// The facts and the lets that something names itself.
    pub(crate) fn names_of(&self, root: Root) -> (Vec<u32>, Vec<u32>) {
        let mut walk = Walk::new(self, usize::MAX);
        root.visit(&mut walk);
        (walk.slots, walk.waiting)
    }
}

struct Walk<'p> {
    plan: &'p Plan,
    slots: Vec<u32>,
    seen: BTreeSet<u32>,
    lets: BTreeSet<u32>,
    /// Lets that are not opened yet: a chain of them may be long, and is followed without recursion.
    waiting: Vec<u32>,
    /// How many more parts are looked at.
    steps: usize,
}

impl<'p> Walk<'p> {
    fn new(plan: &'p Plan, steps: usize) -> Self {
        Self { plan, slots: Vec::new(), seen: BTreeSet::new(), lets: BTreeSet::new(), waiting: Vec::new(), steps }
    }

    fn step(&mut self) -> bool {
        let goes_on = self.steps > 0;
        self.steps = self.steps.saturating_sub(1);
        goes_on
    }

    fn slot(&mut self, slot: u32) {
        if self.seen.insert(slot) {
            self.slots.push(slot);
        }
    }

    fn bound(&mut self, at: u32) {
        if self.lets.insert(at) {
            self.waiting.push(at);
        }
    }

    fn value(&mut self, id: ExprId) {
        if !self.step() {
            return;
        }
        match self.plan.expr(id) {
            Expr::Constant(_) | Expr::Today => {}
            Expr::Fact(slot) => self.slot(*slot),
            Expr::Let(at) => self.bound(*at),
            Expr::Unary(_, inner) => self.value(*inner),
            Expr::Chain(first, rest) => {
                self.value(*first);
                rest.iter().for_each(|(_, part)| self.value(*part));
            }
            Expr::Coalesce(parts) => parts.iter().for_each(|part| self.value(*part)),
            Expr::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    self.value(*value);
                }
                self.value(*otherwise);
            }
            Expr::Truth(node) => self.condition(*node),
        }
    }

    fn condition(&mut self, id: NodeId) {
        if !self.step() {
            return;
        }
        match self.plan.node(id) {
            Node::Constant(_) => {}
            Node::Let(at) => self.bound(*at),
            Node::Not(inner) => self.condition(*inner),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
                parts.iter().for_each(|part| self.condition(*part))
            }
            Node::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    self.condition(*value);
                }
                self.condition(*otherwise);
            }
            Node::Chained(first, rest) => {
                self.value(*first);
                rest.iter().for_each(|(_, part)| self.value(*part));
            }
            Node::Atom(atom) => self.plan.values(*atom).for_each(|value| self.value(value)),
        }
    }
}
