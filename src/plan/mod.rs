//! [`Checked`] in, [`Plan`] out: the Cell-DAG. Dimensions with sorted cuts, atoms that ask in which cells a value lies,
//! and hash-consed conditions over atoms; immutable, and the only thing that evaluation reads.

mod cells;
mod depends;
mod dump;
mod expr;
mod lower;
mod names;
mod sensitive;
mod truth;
mod undefined;

pub(crate) use cells::{CellSet, Dimension, Subject};
pub(crate) use expr::{Atom, AtomId, Expr, ExprId, Node, NodeId, Operand, Test};
pub(crate) use lower::lower;
pub(crate) use names::{Mark, Names, Outline, Place};
pub(crate) use sensitive::Sensitive;
pub(crate) use truth::Truth;

use crate::schema::Field;
use crate::value::Currency;

/// A field that the policy uses; its place is the slot by which facts are asked for.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) field: Field,
}

/// The value or condition of a `let`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root {
    Value(ExprId),
    Condition(NodeId),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// `None` is `otherwise`.
    pub(crate) condition: Option<NodeId>,
    pub(crate) tier: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    Tier(u32),
    /// The tier that a fact holds.
    Slot(u32),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Adjustment {
    pub(crate) cap: bool,
    pub(crate) bound: Bound,
    pub(crate) condition: NodeId,
}

/// A compiled policy.
#[derive(Debug, Default)]
pub struct Plan {
    slots: Vec<Slot>,
    exprs: Vec<Expr>,
    nodes: Vec<Node>,
    atoms: Vec<Atom>,
    dimensions: Vec<Dimension>,
    lets: Vec<Root>,
    rules: Vec<Rule>,
    adjustments: Vec<Adjustment>,
    assumptions: Vec<NodeId>,
    tiers: u32,
    match_best: bool,
    currency: Option<Currency>,
    uses_today: bool,
    can_be_undefined: bool,
    sensitive: Sensitive,
    names: Names,
}

impl Plan {
    /// The fields to ask for, in validation order.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The lets that something uses, each behind those it uses.
    pub(crate) fn lets(&self) -> &[Root] {
        &self.lets
    }

    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }

    pub(crate) fn assumptions(&self) -> &[NodeId] {
        &self.assumptions
    }

    /// How many tiers the ladder has; the best is 0.
    pub(crate) fn tiers(&self) -> u32 {
        self.tiers
    }

    pub(crate) fn match_best(&self) -> bool {
        self.match_best
    }

    pub(crate) fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Whether the as-of date matters.
    pub(crate) fn uses_today(&self) -> bool {
        self.uses_today
    }

    /// Whether some calculation can be without a result.
    pub(crate) fn can_be_undefined(&self) -> bool {
        self.can_be_undefined
    }

    /// What follows from sensitive facts.
    pub(crate) fn sensitive(&self) -> &Sensitive {
        &self.sensitive
    }

    /// How many value expressions and conditions there are.
    pub(crate) fn sizes(&self) -> (usize, usize) {
        (self.exprs.len(), self.nodes.len())
    }

    /// Names and places, for those who read an outcome.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    // Ids are made by lowering alone, so that the fallbacks below are never taken.

    pub(crate) fn expr(&self, id: ExprId) -> &Expr {
        self.exprs.get(id.at()).unwrap_or(&Expr::Today)
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.nodes.get(id.at()).unwrap_or(&Node::Constant(false))
    }

    /// Every condition, its parts before it.
    pub(crate) fn node_ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    pub(crate) fn atom(&self, id: AtomId) -> Option<&Atom> {
        self.atoms.get(id.at())
    }

    /// Every value that an atom looks at.
    pub(crate) fn values(&self, atom: AtomId) -> impl Iterator<Item = ExprId> {
        let atom = self.atom(atom);
        let subject = atom.and_then(|atom| self.dimension(atom)).map(|dimension| dimension.subject);
        let (first, second) = match subject {
            Some(Subject::Value(value)) => (Some(value), None),
            Some(Subject::Order(a, b)) => (Some(a), Some(b)),
            None => (None, None),
        };
        let operand = match atom.map(|atom| &atom.test) {
            Some(Test::Compare(_, Operand::Relative(value)) | Test::Has(value) | Test::Within(value)) => Some(*value),
            _ => None,
        };
        [first, second, operand].into_iter().flatten()
    }

    pub(crate) fn dimension(&self, atom: &Atom) -> Option<&Dimension> {
        self.dimensions.get(atom.dimension as usize)
    }
}
