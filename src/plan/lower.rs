//! From typed expressions to the plan. Equal expressions, conditions and atoms are found again by their content.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use super::cells::Grid;
use super::lower_records::Compiled;
use super::{
    Adjustment, Atom, AtomId, Bound, CellSet, Dimension, Expr, ExprId, Mark, Names, Node, NodeId, Outline, Place, Plan,
    Root, Rule, Sensitive, Slot, Subject, Test, Truth,
};

use crate::check::{self, Checked, FieldIndex, TableIndex, Typed, TypedKind};
use crate::schema::{Range, Type};
use crate::value::Constant;

/// Compiles a checked policy.
pub(crate) fn lower(checked: &Checked) -> Plan {
    let mut lowering = Lowering::new(checked);
    lowering.collections();
    for (at, bound) in checked.lets().iter().enumerate().filter(|(_, bound)| bound.used) {
        let root = lowering.root(&bound.value);
        let undefined = match root {
            Root::Value(value) => lowering.can_be_undefined(value),
            // A line that fits always is the last word of a segment.
            Root::Segment(at) => lowering.plan.segment(at).is_none_or(|segment| !segment.has_otherwise()),
            Root::Condition(_) | Root::Score(_) => true,
        };
        lowering.undefined_lets.push(undefined);
        lowering.lets.insert(at, id(lowering.plan.lets.len()));
        lowering.plan.lets.push(root);
        let place = Place::new(Some(Arc::clone(&bound.name)), bound.line, bound.value.span);
        let place = place.outlined(lowering.outline());
        lowering.plan.names.lets.push(place);
    }
    for rule in checked.rules() {
        let condition = rule.condition.as_ref().map(|condition| lowering.condition(condition));
        lowering.plan.rules.push(Rule { condition, tier: id(rule.tier) });
        let outline = lowering.outline();
        lowering.plan.names.rules.push(place(&rule.place).outlined(outline));
    }
    for adjustment in checked.adjustments() {
        let condition = lowering.condition(&adjustment.condition);
        let bound = match adjustment.bound {
            check::Bound::Tier(tier) => Bound::Tier(id(tier)),
            check::Bound::Field(field) => Bound::Slot(lowering.slot(field)),
        };
        lowering.plan.adjustments.push(Adjustment { cap: adjustment.cap, bound, condition });
        let outline = lowering.outline();
        lowering.plan.names.adjustments.push(place(&adjustment.place).outlined(outline));
    }
    for assumption in checked.assumptions() {
        let condition = lowering.condition(&assumption.condition);
        lowering.plan.assumptions.push(condition);
        let outline = lowering.outline();
        lowering.plan.names.assumptions.push(place(&assumption.place).outlined(outline));
    }
    lowering.plan.names.idle = checked.idle_defaults().collect();
    lowering.benefits(checked);
    for computed in checked.computed() {
        let (slot, value) = (lowering.slot(computed.field), lowering.value(&computed.value));
        if let Some(slot) = lowering.plan.slots.get_mut(slot as usize) {
            slot.computed = Some(value);
        }
    }
    lowering.members();
    let bound = |index: &check::Classified| lowering.bound(index.bound.at());
    lowering.plan.classified = checked.classified().iter().map(bound).collect();
    lowering.finish()
}

fn place(place: &check::Place) -> Place {
    Place::new(place.name.clone(), place.line, place.span)
}

pub(super) fn id(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A list as it is searched: in order, without duplicates.
fn sorted(members: &[Constant]) -> Box<[Constant]> {
    let mut members = members.to_vec();
    members.sort();
    members.dedup();
    members.into()
}

pub(super) struct Lowering<'c> {
    pub(super) checked: &'c Checked,
    pub(super) plan: Plan,
    /// The tables and columns that are compiled, the columns with the closed set of their type.
    pub(super) tables: HashMap<TableIndex, u32>,
    pub(super) columns: HashMap<(TableIndex, u32, [u8; 32]), u32>,
    /// The value of the line whose bins are compiled.
    pub(super) subject: Option<ExprId>,
    slots: HashMap<FieldIndex, u32>,
    lets: HashMap<usize, u32>,
    /// Which lets can be without a result, in the order of the plan.
    pub(super) undefined_lets: Vec<bool>,
    exprs: BTreeMap<Expr, ExprId>,
    nodes: BTreeMap<Node, NodeId>,
    atoms: BTreeMap<(u32, Test), AtomId>,
    pub(super) dimensions: BTreeMap<Subject, u32>,
    /// Where the condition that is being lowered and its parts stand.
    pub(super) marks: Vec<Mark>,
    pub(super) compiled: Compiled,
    /// Whether an aggregate stands in what is being lowered.
    pub(super) holds_aggregate: bool,
}

impl<'c> Lowering<'c> {
    fn new(checked: &'c Checked) -> Self {
        let identity = checked.identity();
        let names = Names {
            policy: identity.name.clone(),
            version: identity.version.clone(),
            effective: identity.effective,
            fingerprint: Arc::from(checked.fingerprint()),
            tiers: checked.tiers().iter().map(|tier| Arc::clone(&tier.name)).collect(),
            labels: checked.tiers().iter().map(|tier| tier.label.clone()).collect(),
            ..Names::default()
        };
        let slots = (0..).zip(checked.used_fields()).map(|(slot, (index, _))| (index, slot)).collect();
        let plan = Plan {
            slots: checked
                .used_fields()
                .map(|(at, field)| Slot { field: field.clone(), computed: None, derived: !checked.is_used(at) })
                .collect(),
            unused: checked.unused_fields().cloned().collect(),
            tiers: id(checked.tiers().len()),
            match_best: checked.match_best(),
            currency: checked.currency(),
            names,
            ..Plan::default()
        };
        Self {
            checked,
            plan,
            tables: HashMap::new(),
            columns: HashMap::new(),
            subject: None,
            slots,
            lets: HashMap::new(),
            undefined_lets: Vec::new(),
            exprs: BTreeMap::new(),
            nodes: BTreeMap::new(),
            atoms: BTreeMap::new(),
            dimensions: BTreeMap::new(),
            marks: Vec::new(),
            compiled: Compiled::default(),
            holds_aggregate: false,
        }
    }

    /// Sorts the cuts and numbers the cells, now that every constant is known.
    fn finish(mut self) -> Plan {
        for atom in &self.plan.atoms {
            if let Some(dimension) = self.plan.dimensions.get_mut(atom.dimension as usize) {
                let cuts = dimension.cuts_of(&atom.test);
                dimension.cuts.extend(cuts);
            }
        }
        for dimension in &mut self.plan.dimensions {
            dimension.cuts.sort();
            dimension.cuts.dedup();
        }
        for atom in &mut self.plan.atoms {
            if let Some(dimension) = self.plan.dimensions.get(atom.dimension as usize) {
                atom.cells = dimension.cells_of(&atom.test);
                atom.when_open = dimension.when_open(&atom.test, &atom.cells);
            }
        }
        self.open_lines();
        self.plan.decides = self.plan.deciding_lets();
        self.plan.sensitive = Sensitive::of(&self.plan);
        self.plan.vocabularies = self.plan.vocabularies();
        self.plan.largest = self.plan.largest();
        self.plan.can_be_undefined = self.plan.exprs.iter().any(|expr| match expr {
            Expr::Lookup(_) | Expr::Aggregate(_) => true,
            Expr::Unary(op, _) => !op.builtin().total,
            Expr::Chain(_, rest) => rest.iter().any(|(op, _)| !op.builtin().total),
            _ => false,
        }) || !self.plan.classified.is_empty();
        self.plan.uses_today = self.exprs.contains_key(&Expr::Today)
            || self.plan.records.iter().any(|records| records.used)
            || self.plan.aggregates.iter().any(|aggregate| matches!(aggregate.source, super::Source::Periods(_)))
            || self.plan.atoms.iter().any(|atom| matches!(atom.test, Test::Within(_)));
        self.plan
    }

    /// The value, condition, score or segment of a let.
    fn root(&mut self, value: &Typed) -> Root {
        match &value.kind {
            TypedKind::Score(score) => self.score(score),
            TypedKind::Segment(segment) => self.segment(segment, &value.sort.settled()),
            _ if value.sort.is(&Type::Boolean) => Root::Condition(self.condition(value)),
            _ => Root::Value(self.value(value)),
        }
    }

    pub(super) fn slot(&self, field: FieldIndex) -> u32 {
        self.slots.get(&field).copied().unwrap_or(u32::MAX)
    }

    pub(super) fn expr(&mut self, expr: Expr, typed: &Typed) -> ExprId {
        if let Some(known) = self.exprs.get(&expr) {
            return *known;
        }
        let new = ExprId(id(self.plan.exprs.len()));
        self.plan.exprs.push(expr.clone());
        self.plan.names.types.push(typed.sort.settled());
        self.plan.names.sums.push(self.is_sum(&expr));
        self.exprs.insert(expr, new);
        new
    }

    fn node(&mut self, node: Node) -> NodeId {
        if let Some(known) = self.nodes.get(&node) {
            return *known;
        }
        let new = NodeId(id(self.plan.nodes.len()));
        self.plan.nodes.push(node.clone());
        self.nodes.insert(node, new);
        new
    }

    /// A value expression.
    pub(super) fn value(&mut self, typed: &Typed) -> ExprId {
        if let Some(constant) = self.constant_let(typed) {
            return constant;
        }
        let expr = match &typed.kind {
            TypedKind::Subject => return self.subject(),
            TypedKind::Lookup(table, column) => self.lookup(*table, *column, typed).unwrap_or(Expr::Today),
            TypedKind::Element(collection, field) => self.element(*collection, *field),
            TypedKind::Aggregate(aggregate) => self.aggregate(aggregate),
            TypedKind::Constant(constant) => Expr::Constant(constant.clone()),
            TypedKind::Field(field) => Expr::Fact(self.slot(*field)),
            TypedKind::Let(index) if !typed.sort.is(&Type::Boolean) => Expr::Let(self.bound(index.at())),
            TypedKind::Today => Expr::Today,
            TypedKind::Unary(op, inner) => Expr::Unary(*op, self.value(inner)),
            TypedKind::Chain(first, rest) => {
                let first = self.value(first);
                Expr::Chain(first, rest.iter().map(|(op, part)| (*op, self.value(part))).collect())
            }
            TypedKind::Coalesce(parts) => Expr::Coalesce(parts.iter().map(|part| self.value(part)).collect()),
            TypedKind::If(arms, otherwise) => {
                let arms =
                    arms.iter().map(|(condition, value)| (self.condition(condition), self.value(value))).collect();
                Expr::If(arms, self.value(otherwise))
            }
            _ => Expr::Truth(self.condition(typed)),
        };
        let expr = self.folded(expr);
        self.expr(expr, typed)
    }

    /// A let of a constant is that constant.
    fn constant_let(&self, typed: &Typed) -> Option<ExprId> {
        let TypedKind::Let(index) = &typed.kind else { return None };
        let Some(Root::Value(value)) = self.plan.lets.get(self.bound(index.at()) as usize) else { return None };
        matches!(self.plan.exprs.get(value.at()), Some(Expr::Constant(_))).then_some(*value)
    }

    fn bound(&self, at: usize) -> u32 {
        self.lets.get(&at).copied().unwrap_or(u32::MAX)
    }

    /// A calculation over constants alone is done now; one without a result is left to evaluation.
    fn folded(&self, expr: Expr) -> Expr {
        let constant = |id: ExprId| match self.plan.exprs.get(id.at()) {
            Some(Expr::Constant(constant)) => Some(constant),
            _ => None,
        };
        let Expr::Chain(first, rest) = &expr else { return expr };
        let mut value = constant(*first).map(Constant::value);
        for (op, part) in rest {
            value = match (value, constant(*part)) {
                (Some(left), Some(right)) => op.binary(left, right.value()),
                _ => None,
            };
        }
        match value {
            Some(crate::value::Value::Number(number)) => Expr::Constant(Constant::Number(number)),
            Some(crate::value::Value::Date(date)) => Expr::Constant(Constant::Date(date)),
            _ => expr,
        }
    }

    /// A condition; where it and its parts stand is kept, the whole before its parts.
    pub(super) fn condition(&mut self, typed: &Typed) -> NodeId {
        let at = self.marks.len();
        self.marks.push(Mark { span: typed.span, turned: false });
        if let Some(node) = self.composite(typed) {
            return self.node(node);
        }
        let (node, turned) = self.simple(typed);
        // Conditions inside the values that it compares are no parts of it.
        self.marks.truncate(at);
        self.marks.push(Mark { span: typed.span, turned });
        node
    }

    pub(super) fn outline(&mut self) -> Outline {
        std::mem::take(&mut self.marks).into()
    }

    /// A condition of conditions.
    fn composite(&mut self, typed: &Typed) -> Option<Node> {
        Some(match &typed.kind {
            TypedKind::Not(inner) => Node::Not(self.condition(inner)),
            TypedKind::And(parts) => Node::And(self.conditions(parts)),
            TypedKind::Or(parts) => Node::Or(self.conditions(parts)),
            TypedKind::AtLeast(wanted, parts) => Node::AtLeast(*wanted, self.conditions(parts)),
            TypedKind::If(arms, otherwise) => {
                let arms =
                    arms.iter().map(|(condition, value)| (self.condition(condition), self.condition(value))).collect();
                Node::If(arms, self.condition(otherwise))
            }
            _ => return None,
        })
    }

    /// A condition without parts, and whether it was turned round.
    fn simple(&mut self, typed: &Typed) -> (NodeId, bool) {
        let node = match &typed.kind {
            TypedKind::Constant(Constant::Boolean(value)) => self.node(Node::Constant(*value)),
            TypedKind::Let(index) => self.node(Node::Let(self.bound(index.at()))),
            TypedKind::Compare(op, left, right) => return self.compare(*op, left, right),
            TypedKind::Chained(first, rest) => {
                let first = self.value(first);
                let rest = rest.iter().map(|(op, part)| (*op, self.value(part))).collect();
                self.node(Node::Chained(first, rest))
            }
            TypedKind::In(subject, members) => self.atom_of(subject, Test::In(sorted(members))),
            TypedKind::Missing(subject) => self.atom_of(subject, Test::Missing),
            TypedKind::SetContains(mode, subject, members) => {
                self.atom_of(subject, Test::SetContains(*mode, sorted(members)))
            }
            TypedKind::Has(subject, part) => {
                let part = self.value(part);
                self.atom_of(subject, Test::Has(part))
            }
            TypedKind::StartsWith(subject, prefix) => self.atom_of(subject, Test::StartsWith(Arc::clone(prefix))),
            TypedKind::Matches(subject, pattern) => self.atom_of(subject, Test::Matches(pattern.clone())),
            TypedKind::Within(subject, length) => {
                let length = self.value(length);
                self.atom_of(subject, Test::Within(length))
            }
            _ => self.atom_of(typed, Test::Holds),
        };
        (node, false)
    }

    fn conditions(&mut self, parts: &[Typed]) -> Box<[NodeId]> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    fn atom_of(&mut self, subject: &Typed, test: Test) -> NodeId {
        let value = self.value(subject);
        let dimension = self.dimension_of(value, subject);
        self.atom(dimension, test)
    }

    pub(super) fn atom(&mut self, dimension: u32, test: Test) -> NodeId {
        let key = (dimension, test);
        let atom = match self.atoms.get(&key) {
            Some(known) => *known,
            None => {
                let new = AtomId(id(self.plan.atoms.len()));
                let test = key.1.clone();
                self.plan.atoms.push(Atom { dimension, test, cells: CellSet::Opaque, when_open: Truth::ANY });
                self.atoms.insert(key, new);
                new
            }
        };
        self.node(Node::Atom(atom))
    }

    pub(super) fn dimension_of(&mut self, value: ExprId, typed: &Typed) -> u32 {
        let fact = match self.plan.exprs.get(value.at()) {
            Some(Expr::Fact(slot)) => self.plan.slots.get(*slot as usize).map(|slot| &slot.field),
            Some(Expr::Element(records, field)) => self.plan.element(*records, *field).map(|field| &field.field),
            _ => None,
        };
        let places = fact.and_then(|field| field.scale);
        let grid = match (typed.sort.settled(), places) {
            (Type::Integer, _) => Grid::Places(0),
            (Type::Number | Type::Money, Some(places)) => Grid::Places(places),
            (Type::Number | Type::Money, None) => Grid::Dense,
            (Type::Date, _) => Grid::Days,
            (Type::OneOf(members), _) => Grid::Members(id(members.names().len())),
            _ => Grid::Free,
        };
        let range = match (self.plan.exprs.get(value.at()), fact) {
            (_, Some(field)) => field.range.clone(),
            (Some(Expr::Lookup(column)), None) => {
                self.plan.columns.get(*column as usize).map(super::Column::range).unwrap_or_default()
            }
            (Some(Expr::Aggregate(at)), None) => {
                let aggregate = self.plan.aggregates.get(*at as usize);
                let low = aggregate.and_then(|aggregate| aggregate.interval(None).low).map(Constant::Number);
                Range { low, high: None }
            }
            _ => Range::default(),
        };
        self.dimension(Subject::Value(value), grid, range)
    }

    pub(super) fn dimension(&mut self, subject: Subject, grid: Grid, range: Range) -> u32 {
        if let Some(known) = self.dimensions.get(&subject) {
            return *known;
        }
        let can_be_undefined = match subject {
            Subject::Value(value) => self.can_be_undefined(value),
            Subject::Order(a, b) => self.can_be_undefined(a) || self.can_be_undefined(b),
        };
        let new = id(self.plan.dimensions.len());
        self.plan.dimensions.push(Dimension { subject, grid, cuts: Vec::new(), range, can_be_undefined });
        self.dimensions.insert(subject, new);
        new
    }
}
