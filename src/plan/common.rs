//! What two plans have in common: equal values and conditions have one number, whichever plan they are of.

use std::collections::HashMap;

use super::{Aggregate, Atom, Expr, ExprId, Node, NodeId, Operand, Plan, Root, Source, Subject, Test};
use crate::schema::Field;

/// The numbers that have been given.
#[derive(Default)]
pub(crate) struct Common {
    numbers: HashMap<String, u32>,
}

/// What tells the facts of two policies apart: also what a customer who lacks one is taken for.
pub(crate) fn fact(field: &Field) -> String {
    format!("fact {:?}", (field.name(), field.ty(), &field.default, field.standing))
}

/// The numbers of one plan.
pub(crate) struct Numbered {
    exprs: Vec<Option<u32>>,
    nodes: Vec<Option<u32>>,
    lets: Vec<u32>,
    aggregates: Vec<Option<u32>>,
}

impl Numbered {
    /// The numbers of the lets, in their order.
    pub(crate) fn lets(&self) -> &[u32] {
        &self.lets
    }

    /// The number of a value.
    pub(crate) fn expr(&self, id: ExprId) -> Option<u32> {
        self.exprs.get(id.at()).copied().flatten()
    }

    /// The number of a condition.
    pub(crate) fn node(&self, id: NodeId) -> Option<u32> {
        self.nodes.get(id.at()).copied().flatten()
    }

    /// The number of an aggregate.
    pub(crate) fn aggregate(&self, at: u32) -> Option<u32> {
        self.aggregates.get(at as usize).copied().flatten()
    }
}

impl Common {
    /// Numbers everything of a plan; what is equal to something of an earlier one has its number.
    pub(crate) fn number(&mut self, plan: &Plan) -> Numbered {
        self.numbered(plan, |walk, _, root| walk.root(root))
    }

    /// The same where a let is what has its name, whatever that comes to.
    pub(crate) fn number_by_names(&mut self, plan: &Plan) -> Numbered {
        self.numbered(plan, |walk, at, _| walk.intern(format!("let {:?}", plan.names().bound(at))))
    }

    fn numbered(&mut self, plan: &Plan, of_let: impl Fn(&mut Walk<'_, '_>, u32, Root) -> u32) -> Numbered {
        let mut walk = Walk {
            plan,
            common: self,
            exprs: vec![None; plan.exprs.len()],
            nodes: vec![None; plan.nodes.len()],
            lets: Vec::with_capacity(plan.lets.len()),
            aggregates: vec![None; plan.aggregates.len()],
        };
        // A let uses earlier lets only, so that no chain of them is followed.
        for (at, root) in (0..).zip(&plan.lets) {
            let number = of_let(&mut walk, at, *root);
            walk.lets.push(number);
        }
        for id in plan.expr_ids() {
            walk.expr(id);
        }
        for id in plan.node_ids() {
            walk.node(id);
        }
        Numbered { exprs: walk.exprs, nodes: walk.nodes, lets: walk.lets, aggregates: walk.aggregates }
    }
}

struct Walk<'c, 'p> {
    plan: &'p Plan,
    common: &'c mut Common,
    exprs: Vec<Option<u32>>,
    nodes: Vec<Option<u32>>,
    lets: Vec<u32>,
    aggregates: Vec<Option<u32>>,
}

impl Walk<'_, '_> {
    fn intern(&mut self, key: String) -> u32 {
        let next = u32::try_from(self.common.numbers.len()).unwrap_or(u32::MAX);
        *self.common.numbers.entry(key).or_insert(next)
    }

    fn root(&mut self, root: Root) -> u32 {
        let key = match root {
            Root::Value(value) => return self.expr(value),
            Root::Condition(node) => return self.node(node),
            Root::Score(at) => {
                let Some(score) = self.plan.score(at) else { return u32::MAX };
                let mut key = format!("score {:?} {:?}", score.low, score.high);
                for line in &score.lines {
                    key += &format!("; {} {:?}", self.expr(line.value), line.weight);
                    for bin in &line.bins {
                        let condition = bin.condition.map(|node| self.node(node));
                        key += &format!(" [{condition:?} {} {}]", bin.missing, self.expr(bin.points));
                    }
                }
                key
            }
            Root::Segment(at) => {
                let Some(segment) = self.plan.segment(at) else { return u32::MAX };
                let mut key = format!("segment {:?}", self.plan.names.segments.get(at as usize).map(|(_, ty)| ty));
                for line in &segment.lines {
                    let condition = line.condition.map(|node| self.node(node));
                    key += &format!(" [{condition:?} {}]", line.member);
                }
                key
            }
        };
        self.intern(key)
    }

    fn expr(&mut self, id: ExprId) -> u32 {
        if let Some(known) = self.exprs.get(id.at()).copied().flatten() {
            return known;
        }
        let ty = self.plan.names.types.get(id.at());
        let key = match self.plan.expr(id) {
            Expr::Constant(constant) => format!("{constant:?} {ty:?}"),
            Expr::Fact(slot) => self.plan.slots.get(*slot as usize).map(|slot| fact(&slot.field)).unwrap_or_default(),
            Expr::Let(at) => return self.lets.get(*at as usize).copied().unwrap_or(u32::MAX),
            Expr::Today => "today".to_owned(),
            Expr::Lookup(column) => self.lookup(*column),
            Expr::Element(records, field) => {
                let records = self.plan.records.get(*records as usize);
                let field = records.and_then(|records| records.fields.get(*field as usize)).map(|field| &field.field);
                format!("element {:?}", field.map(|field| (field.name(), field.ty(), &field.default)))
            }
            Expr::Aggregate(at) => {
                let number = self.aggregate(*at);
                self.aggregates.iter_mut().skip(*at as usize).take(1).for_each(|known| *known = Some(number));
                return self.known(id, number);
            }
            Expr::Unary(op, inner) => format!("{op:?} {}", self.expr(*inner)),
            Expr::Chain(first, rest) => {
                let first = self.expr(*first);
                let rest: Vec<_> = rest.iter().map(|(op, part)| (op, self.expr(*part))).collect();
                format!("{first} {rest:?}")
            }
            Expr::Coalesce(parts) => format!("first {:?}", self.exprs(parts)),
            Expr::If(arms, otherwise) => {
                let arms: Vec<_> = arms.iter().map(|(when, then)| (self.node(*when), self.expr(*then))).collect();
                format!("if {arms:?} {}", self.expr(*otherwise))
            }
            Expr::Truth(node) => format!("truth {}", self.node(*node)),
        };
        let number = self.intern(key);
        self.known(id, number)
    }

    fn known(&mut self, id: ExprId, number: u32) -> u32 {
        self.exprs.iter_mut().skip(id.at()).take(1).for_each(|known| *known = Some(number));
        number
    }

    fn exprs(&mut self, ids: &[ExprId]) -> Vec<u32> {
        ids.iter().map(|id| self.expr(*id)).collect()
    }

    fn nodes(&mut self, ids: &[NodeId]) -> Vec<u32> {
        ids.iter().map(|id| self.node(*id)).collect()
    }

    fn lookup(&mut self, at: u32) -> String {
        let Some(column) = self.plan.column(at) else { return String::new() };
        let Some(table) = self.plan.tables.get(column.table as usize) else { return String::new() };
        let cells: Vec<_> = table.sorted().into_iter().map(|(key, row)| (key, column.cell(row))).collect();
        format!("column {cells:?} by {}", self.expr(table.key))
    }

    fn aggregate(&mut self, at: u32) -> u32 {
        let plan = self.plan;
        let Some(Aggregate { fold, source, measure, window }) = plan.aggregate(at) else { return u32::MAX };
        let Some(measure) = plan.measure(*measure) else { return u32::MAX };
        let source = match source {
            Source::Records(records, kind) => {
                // Which field dates a record, and what it and the amount are taken for where they are not given.
                let records = plan.records.get(*records as usize);
                let field = |at: Option<usize>| {
                    let field = records.and_then(|records| records.fields.get(at?)).map(|field| &field.field);
                    field.map(|field| (field.name(), field.ty(), &field.default))
                };
                let [date, amount] = [records.and_then(|own| own.date), records.and_then(|own| own.amount)].map(field);
                format!("{:?} {kind:?} {date:?} {amount:?}", records.map(|records| &records.name))
            }
            Source::Periods(period) => format!("{period:?}"),
        };
        let argument = measure.argument.map(|value| self.expr(value));
        let condition = measure.condition.map(|node| self.node(node));
        self.intern(format!("{fold:?} {source} {window:?} {argument:?} {condition:?} {}", measure.limited))
    }

    fn node(&mut self, id: NodeId) -> u32 {
        if let Some(known) = self.nodes.get(id.at()).copied().flatten() {
            return known;
        }
        let number = match self.plan.node(id) {
            Node::Let(at) => self.lets.get(*at as usize).copied().unwrap_or(u32::MAX),
            node => {
                let key = self.condition(node);
                self.intern(key)
            }
        };
        self.nodes.iter_mut().skip(id.at()).take(1).for_each(|known| *known = Some(number));
        number
    }

    fn condition(&mut self, node: &Node) -> String {
        match node {
            Node::Constant(value) => value.to_string(),
            Node::Atom(atom) => self.plan.atom(*atom).map(|atom| self.atom(atom)).unwrap_or_default(),
            Node::Let(_) => String::new(),
            Node::Not(inner) => format!("not {}", self.node(*inner)),
            Node::And(parts) => format!("and {:?}", self.nodes(parts)),
            Node::Or(parts) => format!("or {:?}", self.nodes(parts)),
            Node::AtLeast(wanted, parts) => format!("{wanted} of {:?}", self.nodes(parts)),
            Node::If(arms, otherwise) => {
                let arms: Vec<_> = arms.iter().map(|(when, then)| (self.node(*when), self.node(*then))).collect();
                format!("whether {arms:?} {}", self.node(*otherwise))
            }
            Node::Chained(first, rest) => {
                let first = self.expr(*first);
                let rest: Vec<_> = rest.iter().map(|(op, part)| (op, self.expr(*part))).collect();
                format!("chained {first} {rest:?}")
            }
        }
    }

    fn atom(&mut self, atom: &Atom) -> String {
        let subject = match self.plan.dimension(atom).map(|dimension| dimension.subject) {
            Some(Subject::Value(value)) => format!("ask {}", self.expr(value)),
            Some(Subject::Order(a, b)) => format!("order {} {}", self.expr(a), self.expr(b)),
            None => String::new(),
        };
        match &atom.test {
            Test::Compare(op, Operand::Relative(value)) => format!("{subject} {op:?} value {}", self.expr(*value)),
            Test::Has(value) => format!("{subject} has {}", self.expr(*value)),
            Test::Within(value) => format!("{subject} within {}", self.expr(*value)),
            test => format!("{subject} {test:?}"),
        }
    }
}
