//! [`Checked`] in, [`Plan`] out: the Cell-DAG. Dimensions with sorted cuts, atoms that ask in which cells a value lies,
//! and hash-consed conditions over atoms; immutable, and the only thing that evaluation reads.

mod axis;
mod blocks;
mod cells;
mod clock;
mod common;
mod depends;
mod derived;
mod dump;
mod expr;
mod formula;
mod gauges;
mod lower;
mod lower_blocks;
mod lower_compare;
mod lower_records;
mod names;
mod program;
mod records;
mod region;
mod rows;
mod sensitive;
mod strategy;
mod table;
mod tiers;
mod truth;
mod undefined;
mod vocabulary;

pub(crate) use blocks::{Benefit, Bin, Column, Score, ScoreLine, Segment, SegmentLine, Table};
use cells::Cut;
pub(crate) use cells::{CellSet, Dimension, Grid, Subject};
pub(crate) use clock::{Clock, Watched};
pub(crate) use common::{Common, Numbered, fact};
pub(crate) use depends::{Part, Reached};
pub(crate) use expr::{Atom, AtomId, Expr, ExprId, Node, NodeId, Operand, Test};
pub(crate) use formula::ORDINALS;
pub(crate) use gauges::Gauges;
pub(crate) use lower::lower;
pub(crate) use names::{LineName, Mark, Names, Outline, Place, TableName};
pub(crate) use program::Verdict;
pub(crate) use records::{Aggregate, ElementField, Kind, Measure, Records, Source};
pub(crate) use sensitive::Sensitive;
#[doc(hidden)]
pub use strategy::Forced;
pub(crate) use strategy::{Scalar, Strategy};
pub(crate) use tiers::{Adjusting, Adjustments, TierSet, adjusted};
pub(crate) use truth::Truth;
pub(crate) use vocabulary::Vocabulary;

use rust_decimal::Decimal;

use crate::builtins::Op;
use crate::schema::{Field, PARENT, PARENT_TIER, Type};
use crate::value::Currency;

/// A field that the policy uses; its place is the slot by which facts are asked for.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) field: Field,
    /// What it is where the host does not give it.
    pub(crate) computed: Option<ExprId>,
    /// Only other facts are computed from it.
    pub(crate) derived: bool,
}

impl Slot {
    /// Whether a portfolio puts the tier of the parent there.
    pub(crate) fn is_parent_tier(&self) -> bool {
        self.field.name() == PARENT_TIER && matches!(self.field.ty(), Type::OneOf(_) | Type::Text)
    }

    /// Whether it is the id of the parent.
    pub(crate) fn is_parent(&self) -> bool {
        self.field.name() == PARENT
    }
}

/// What a `let` is: a value, a condition, a score or a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Root {
    Value(ExprId),
    Condition(NodeId),
    Score(u32),
    Segment(u32),
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
    /// What the schema knows and the policy does not use.
    unused: Vec<Field>,
    exprs: Vec<Expr>,
    nodes: Vec<Node>,
    atoms: Vec<Atom>,
    dimensions: Vec<Dimension>,
    lets: Vec<Root>,
    scores: Vec<Score>,
    segments: Vec<Segment>,
    /// The lets that are scores and segments, in written order.
    classified: Vec<u32>,
    /// Which lets rules, caps and floors look at, through other lets too.
    decides: Vec<bool>,
    records: Vec<Records>,
    measures: Vec<Measure>,
    aggregates: Vec<Aggregate>,
    tables: Vec<Table>,
    columns: Vec<Column>,
    /// By tier.
    benefits: Vec<Vec<Benefit>>,
    rules: Vec<Rule>,
    adjustments: Vec<Adjustment>,
    assumptions: Vec<NodeId>,
    tiers: u32,
    match_best: bool,
    currency: Option<Currency>,
    uses_today: bool,
    can_be_undefined: bool,
    sensitive: Sensitive,
    /// What is told apart of each slot, and of each aggregate.
    vocabularies: (Vec<Vocabulary>, Vec<Vocabulary>, bool),
    largest: Decimal,
    names: Names,
    strategy: Strategy,
}

impl Plan {
    /// The same, with what it takes to decide fast: in so much memory, or as it is asked for.
    pub(crate) fn with_strategy(mut self, most: usize, forced: Option<Forced>) -> Self {
        self.strategy = Strategy::of(&self, most, forced);
        self
    }

    /// How it decides.
    pub(crate) fn strategy(&self) -> &Strategy {
        &self.strategy
    }

    /// The fields to ask for, in validation order.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Whether the policy looks at the members of the customer's group.
    pub(crate) fn looks_at_groups(&self) -> bool {
        self.records.iter().any(|records| records.members.is_some())
    }

    /// The fields that the policy does not use.
    pub(crate) fn unused(&self) -> &[Field] {
        &self.unused
    }

    /// The lets that something uses, each behind those it uses.
    pub(crate) fn lets(&self) -> &[Root] {
        &self.lets
    }

    /// The lets that are scores, in written order, each with the score.
    pub(crate) fn scores(&self) -> impl Iterator<Item = (u32, u32, &Score)> {
        self.classified.iter().filter_map(|at| match self.lets.get(*at as usize) {
            Some(Root::Score(score)) => Some((*at, *score, self.scores.get(*score as usize)?)),
            _ => None,
        })
    }

    /// The lets that are segments, in written order, each with the segment.
    pub(crate) fn segments(&self) -> impl Iterator<Item = (u32, u32, &Segment)> {
        self.classified.iter().filter_map(|at| match self.lets.get(*at as usize) {
            Some(Root::Segment(segment)) => Some((*at, *segment, self.segments.get(*segment as usize)?)),
            _ => None,
        })
    }

    /// Whether a rule, cap or floor looks at a let.
    pub(crate) fn decides(&self, at: usize) -> bool {
        self.decides.get(at).copied().unwrap_or(true)
    }

    pub(crate) fn score(&self, at: u32) -> Option<&Score> {
        self.scores.get(at as usize)
    }

    pub(crate) fn segment(&self, at: u32) -> Option<&Segment> {
        self.segments.get(at as usize)
    }

    pub(crate) fn column(&self, at: u32) -> Option<&Column> {
        self.columns.get(at as usize)
    }

    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The collections to ask for.
    pub(crate) fn records(&self) -> &[Records] {
        &self.records
    }

    pub(crate) fn measures(&self) -> &[Measure] {
        &self.measures
    }

    pub(crate) fn measure(&self, at: u32) -> Option<&Measure> {
        self.measures.get(at as usize)
    }

    pub(crate) fn aggregates(&self) -> &[Aggregate] {
        &self.aggregates
    }

    pub(crate) fn aggregate(&self, at: u32) -> Option<&Aggregate> {
        self.aggregates.get(at as usize)
    }

    pub(crate) fn element(&self, records: u32, field: u32) -> Option<&ElementField> {
        self.records.get(records as usize)?.fields.get(field as usize)
    }

    /// What can be missing, by number: the fact of a slot, then each collection followed by the fields of its records.
    pub(crate) fn missing_name(&self, at: u32) -> &str {
        if let Some(slot) = self.slots.get(at as usize) {
            return slot.field.name();
        }
        if let Some(element) = self.missing_element(at) {
            return element.field.name();
        }
        let whole = (0..).zip(&self.records).find(|(place, _)| self.missing_records(*place) == at);
        whole.map_or("", |(_, records)| &records.name)
    }

    /// Whether what can be missing under a number is sensitive.
    pub(crate) fn is_sensitive(&self, at: u32) -> bool {
        if let Some(slot) = self.slots.get(at as usize) {
            return slot.field.sensitive;
        }
        let mut rest = at as usize - self.slots.len();
        for records in &self.records {
            if rest <= records.fields.len() {
                let field = rest.checked_sub(1).and_then(|field| records.fields.get(field));
                return field.is_some_and(|field| field.field.sensitive);
            }
            rest -= records.fields.len() + 1;
        }
        false
    }

    /// The field of records that is missing under a number.
    pub(crate) fn missing_element(&self, at: u32) -> Option<&ElementField> {
        let mut rest = (at as usize).checked_sub(self.slots.len())?;
        for records in &self.records {
            if rest <= records.fields.len() {
                return records.fields.get(rest.checked_sub(1)?);
            }
            rest -= records.fields.len() + 1;
        }
        None
    }

    /// The number under which a collection is missing; those of its fields follow.
    pub(crate) fn missing_records(&self, records: u32) -> u32 {
        let before = self.records.iter().take(records as usize).map(|records| records.fields.len() + 1);
        u32::try_from(self.slots.len() + before.sum::<usize>()).unwrap_or(u32::MAX)
    }

    /// The numbers of what a customer should have: the facts that the policy uses, collections and their fields; the ids of
    /// orders only tell which are given twice.
    pub(crate) fn expected(&self) -> impl Iterator<Item = u32> {
        let slots = (0..).zip(&self.slots).filter(|(_, slot)| !slot.derived).map(|(at, _)| at);
        let used = (0..).zip(&self.records).filter(|(_, records)| records.used);
        let numbers = used.flat_map(|(at, records)| {
            let own = records.id.filter(|_| !records.asks_id).and_then(|id| u32::try_from(id + 1).ok());
            let number = self.missing_records(at);
            (0..)
                .take(records.fields.len() + 1)
                .filter(move |field| Some(*field) != own)
                .map(move |field| number + field)
        });
        slots.chain(numbers)
    }

    /// How many things can be missing.
    pub(crate) fn missing_count(&self) -> usize {
        self.slots.len() + self.records.iter().map(|records| records.fields.len() + 1).sum::<usize>()
    }

    /// What a tier brings.
    pub(crate) fn benefits(&self, tier: u32) -> &[Benefit] {
        self.benefits.get(tier as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether some tier brings something.
    pub(crate) fn has_benefits(&self) -> bool {
        self.benefits.iter().any(|tier| !tier.is_empty())
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

    /// The largest number that the policy names, without its sign.
    pub(crate) fn largest_number(&self) -> Decimal {
        self.largest
    }

    /// Whether a fact that is not given is computed as a quotient, which lies on no grid.
    pub(crate) fn is_quotient(&self, slot: u32) -> bool {
        let computed = self.slots.get(slot as usize).and_then(|slot| slot.computed);
        computed.is_some_and(|value| match self.expr(value) {
            Expr::Chain(_, rest) => rest.iter().any(|(op, _)| *op == Op::Divide),
            _ => false,
        })
    }

    /// Whether it looks at money of no declared scale.
    pub(crate) fn has_plain_money(&self) -> bool {
        let plain = |slot: &Slot| *slot.field.ty() == Type::Money && slot.field.scale.is_none();
        let facts = (0..).zip(&self.slots).any(|(at, slot)| plain(slot) && !self.is_quotient(at));
        facts || self.vocabularies.1.iter().any(|words| words.ty == Some(Type::Money))
    }

    /// What is told apart of the fact of a slot.
    pub(crate) fn vocabulary(&self, slot: u32) -> Option<&Vocabulary> {
        self.vocabularies.0.get(slot as usize)
    }

    /// Whether what is told apart is known of all facts.
    pub(crate) fn tells_all_apart(&self) -> bool {
        self.vocabularies.2
    }

    /// What is told apart of an aggregate.
    pub(crate) fn vocabulary_of_aggregate(&self, at: u32) -> Option<&Vocabulary> {
        self.vocabularies.1.get(at as usize)
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

    /// Every value, its parts before it.
    pub(crate) fn expr_ids(&self) -> impl Iterator<Item = ExprId> + use<> {
        (0..u32::try_from(self.exprs.len()).unwrap_or(u32::MAX)).map(ExprId)
    }

    pub(crate) fn atom(&self, id: AtomId) -> Option<&Atom> {
        self.atoms.get(id.at())
    }

    /// Every value that an atom looks at.
    pub(crate) fn values(&self, atom: AtomId) -> impl Iterator<Item = ExprId> {
        self.atom(atom).into_iter().flat_map(|atom| self.values_of(atom))
    }

    /// The same of an atom itself.
    pub(crate) fn values_of(&self, atom: &Atom) -> impl Iterator<Item = ExprId> + use<> {
        let atom = Some(atom);
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

    pub(crate) fn dimension_at(&self, at: u32) -> Option<&Dimension> {
        self.dimensions.get(at as usize)
    }

    pub(crate) fn dimension(&self, atom: &Atom) -> Option<&Dimension> {
        self.dimensions.get(atom.dimension as usize)
    }
}
