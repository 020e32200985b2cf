//! What is computed from sensitive facts: readers of an evaluation are shown none of it.

use super::{Expr, ExprId, Node, NodeId, Plan, Root};

/// Which values and conditions follow from sensitive facts; empty where no field is sensitive.
#[derive(Debug, Default)]
pub(crate) struct Sensitive {
    exprs: Vec<bool>,
    nodes: Vec<bool>,
}

impl Sensitive {
    pub(super) fn of(plan: &Plan) -> Self {
        if !plan.slots.iter().any(|slot| slot.field.sensitive) {
            return Self::default();
        }
        let mut search = Search { plan, exprs: vec![None; plan.exprs.len()], nodes: vec![None; plan.nodes.len()] };
        // A let uses earlier lets only, so that each is found settled.
        for root in &plan.lets {
            search.root(*root);
        }
        let exprs = (0..).take(plan.exprs.len()).map(|at| search.value(ExprId(at))).collect();
        let nodes = (0..).take(plan.nodes.len()).map(|at| search.condition(NodeId(at))).collect();
        Self { exprs, nodes }
    }

    pub(crate) fn value(&self, id: ExprId) -> bool {
        self.exprs.get(id.at()).copied().unwrap_or(false)
    }

    pub(crate) fn condition(&self, id: NodeId) -> bool {
        self.nodes.get(id.at()).copied().unwrap_or(false)
    }
}

struct Search<'p> {
    plan: &'p Plan,
    exprs: Vec<Option<bool>>,
    nodes: Vec<Option<bool>>,
}

impl Search<'_> {
    fn slot(&self, slot: u32) -> bool {
        self.plan.slots.get(slot as usize).is_some_and(|slot| slot.field.sensitive)
    }

    fn root(&mut self, root: Root) -> bool {
        match root {
            Root::Value(value) => self.value(value),
            Root::Condition(node) => self.condition(node),
        }
    }

    fn bound(&mut self, at: u32) -> bool {
        self.plan.lets.get(at as usize).is_some_and(|root| self.root(*root))
    }

    fn value(&mut self, id: ExprId) -> bool {
        if let Some(known) = self.exprs.get(id.at()).copied().flatten() {
            return known;
        }
        let plan = self.plan;
        let sensitive = match plan.expr(id) {
            Expr::Constant(_) | Expr::Today => false,
            Expr::Fact(slot) => self.slot(*slot),
            Expr::Let(at) => self.bound(*at),
            Expr::Unary(_, inner) => self.value(*inner),
            Expr::Chain(first, rest) => self.value(*first) || rest.iter().any(|(_, part)| self.value(*part)),
            Expr::Coalesce(parts) => parts.iter().any(|part| self.value(*part)),
            Expr::If(arms, otherwise) => {
                arms.iter().any(|(condition, value)| self.condition(*condition) || self.value(*value))
                    || self.value(*otherwise)
            }
            Expr::Truth(node) => self.condition(*node),
        };
        self.exprs.iter_mut().skip(id.at()).take(1).for_each(|known| *known = Some(sensitive));
        sensitive
    }

    fn condition(&mut self, id: NodeId) -> bool {
        if let Some(known) = self.nodes.get(id.at()).copied().flatten() {
            return known;
        }
        let plan = self.plan;
        let sensitive = match plan.node(id) {
            Node::Constant(_) => false,
            Node::Atom(atom) => plan.values(*atom).any(|value| self.value(value)),
            Node::Let(at) => self.bound(*at),
            Node::Not(inner) => self.condition(*inner),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
                parts.iter().any(|part| self.condition(*part))
            }
            Node::If(arms, otherwise) => {
                arms.iter().any(|(condition, value)| self.condition(*condition) || self.condition(*value))
                    || self.condition(*otherwise)
            }
            Node::Chained(first, rest) => self.value(*first) || rest.iter().any(|(_, part)| self.value(*part)),
        };
        self.nodes.iter_mut().skip(id.at()).take(1).for_each(|known| *known = Some(sensitive));
        sensitive
    }
}
