//! What is computed from sensitive facts: readers of an evaluation are shown none of it.

use super::depends::Part;
use super::{ExprId, NodeId, Plan, Root};

/// Which values and conditions follow from sensitive facts; empty where no field is sensitive.
#[derive(Debug, Default)]
pub(crate) struct Sensitive {
    exprs: Vec<bool>,
    nodes: Vec<bool>,
    lets: Vec<bool>,
}

impl Sensitive {
    pub(super) fn of(plan: &Plan) -> Self {
        let elements = plan.records.iter().flat_map(|records| &records.fields).map(|field| &field.field);
        if !plan.slots.iter().map(|slot| &slot.field).chain(elements).any(|field| field.sensitive) {
            return Self::default();
        }
        let mut search = Search {
            plan,
            exprs: vec![None; plan.exprs.len()],
            nodes: vec![None; plan.nodes.len()],
            lets: Vec::with_capacity(plan.lets.len()),
        };
        // A let uses earlier lets only, so that each is found settled.
        for root in &plan.lets {
            let sensitive = search.settle(*root);
            search.lets.push(sensitive);
        }
        let exprs = (0..).take(plan.exprs.len()).map(|at| search.settle(Root::Value(ExprId(at)))).collect();
        let nodes = (0..).take(plan.nodes.len()).map(|at| search.settle(Root::Condition(NodeId(at)))).collect();
        Self { exprs, nodes, lets: search.lets }
    }

    /// Whether no field is sensitive.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.exprs.is_empty()
    }

    pub(crate) fn bound(&self, at: u32) -> bool {
        self.lets.get(at as usize).copied().unwrap_or(false)
    }

    pub(crate) fn value(&self, id: ExprId) -> bool {
        self.exprs.get(id.at()).copied().unwrap_or(false)
    }

    pub(crate) fn condition(&self, id: NodeId) -> bool {
        self.nodes.get(id.at()).copied().unwrap_or(false)
    }
}

impl Plan {
    /// Whether a rule, cap or floor hangs on a sensitive fact.
    pub(crate) fn decides_in_secret(&self) -> bool {
        let conditions = self.rules.iter().filter_map(|rule| rule.condition);
        let mut all = conditions.chain(self.adjustments.iter().map(|adjustment| adjustment.condition));
        all.any(|condition| self.sensitive.condition(condition))
    }
}

struct Search<'p> {
    plan: &'p Plan,
    exprs: Vec<Option<bool>>,
    nodes: Vec<Option<bool>>,
    /// Those that are settled.
    lets: Vec<bool>,
}

impl Search<'_> {
    fn known(&mut self, root: Root) -> Option<&mut Option<bool>> {
        match root {
            Root::Value(value) => self.exprs.get_mut(value.at()),
            Root::Condition(node) => self.nodes.get_mut(node.at()),
            Root::Score(_) | Root::Segment(_) => None,
        }
    }

    /// Whether something follows from a sensitive fact; found once and kept.
    fn settle(&mut self, root: Root) -> bool {
        if let Some(known) = self.known(root).copied().flatten() {
            return known;
        }
        let (plan, mut sensitive) = (self.plan, false);
        plan.each_part(root, &mut |part| {
            sensitive |= match part {
                Part::Fact(slot) => plan.is_sensitive(slot),
                Part::Records(at) => plan.is_sensitive(at),
                Part::Let(at) => self.lets.get(at as usize).copied().unwrap_or(false),
                Part::Inner(root) => self.settle(root),
            };
        });
        if let Some(known) = self.known(root) {
            *known = Some(sensitive);
        }
        sensitive
    }
}
