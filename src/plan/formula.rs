//! Conditions as formulas over questions about single facts, each asked of the fact's ordinal.
//!
//! Negations stand at the questions, so that a formula holds the more, the more of its questions do. Whether it is surely
//! true of what is known, whether it can be true of what may become known, and whether it is surely true then, differ only
//! in what is asked of each question.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::derived::Derived;
use super::region::Region;
use super::{Atom, AtomId, Expr, ExprId, Node, NodeId, Operand, Plan, Root, Subject, Test, Truth};
use crate::builtins::Compare;
use crate::schema::Type;
use crate::value::{Constant, Encoded, EncodedAs, Encoding, MISSING, ODD, UNDEFINED};

/// So deep a condition may nest, through lets too, and so many parts it may have, to be taken as a formula.
const DEPTH: usize = 200;
const PARTS: usize = 1 << 12;
/// So many parts all formulas of a policy may have, and as many times its conditions; so many ranges long lists may have in
/// all that ask for them.
const ALL_PARTS: usize = 1 << 16;
const TIMES: usize = 16;
const ALL_RANGES: usize = 1 << 18;
/// A list of so few ranges is no long one.
const FEW_RANGES: usize = 8;

/// So many ordinals have room without an allocation; where facts need them, no answers stand behind them.
pub(crate) const ORDINALS: usize = 512;

/// A question about one fact.
#[derive(Clone, Debug)]
pub(super) struct Literal {
    pub(super) slot: u32,
    /// Of which facts it is surely true, as they are known.
    pub(super) region: Arc<Region>,
    /// Whether it can be, and is, true of a fact that is missing and may become known.
    pub(super) can: bool,
    pub(super) sure: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Formula {
    Constant(bool),
    Literal(Literal),
    All(Vec<Formula>),
    Any(Vec<Formula>),
    AtLeast(usize, Vec<Formula>),
    /// Something that only the evaluation of the condition tells.
    Ask,
}

impl Formula {
    /// All of the parts; what is constant among them is left out, or decides.
    fn all(mut parts: Vec<Self>) -> Self {
        if parts.iter().any(|part| matches!(part, Self::Constant(false))) {
            return Self::Constant(false);
        }
        parts.retain(|part| !matches!(part, Self::Constant(true)));
        if parts.is_empty() { Self::Constant(true) } else { Self::All(parts) }
    }

    /// Any of the parts.
    fn any(mut parts: Vec<Self>) -> Self {
        if parts.iter().any(|part| matches!(part, Self::Constant(true))) {
            return Self::Constant(true);
        }
        parts.retain(|part| !matches!(part, Self::Constant(false)));
        if parts.is_empty() { Self::Constant(false) } else { Self::Any(parts) }
    }

    fn at_least(wanted: usize, mut parts: Vec<Self>) -> Self {
        let sure = parts.iter().filter(|part| matches!(part, Self::Constant(true))).count();
        parts.retain(|part| !matches!(part, Self::Constant(_)));
        match wanted.saturating_sub(sure) {
            0 => Self::Constant(true),
            wanted if wanted > parts.len() => Self::Constant(false),
            1 => Self::Any(parts),
            wanted if wanted == parts.len() => Self::All(parts),
            wanted => Self::AtLeast(wanted, parts),
        }
    }

    /// How many parts it has.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Constant(_) | Self::Ask => 1,
            Self::Literal(literal) => 1 + literal.region.ranges().len(),
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                1 + parts.iter().map(Self::size).sum::<usize>()
            }
        }
    }

    /// Whether no part of it has to be asked of the evaluation.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Constant(_) | Self::Literal(_) => true,
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => parts.iter().all(Self::is_whole),
            Self::Ask => false,
        }
    }
}

/// The encodings of the facts that a policy uses, by slot; `None` where a fact has none.
pub(super) fn encodings(plan: &Plan) -> Vec<Option<Encoding>> {
    let mut constants: Vec<Vec<&Constant>> = plan.slots.iter().map(|_| Vec::new()).collect();
    for atom in &plan.atoms {
        if let Some(Subject::Value(value)) = plan.dimension(atom).map(|dimension| dimension.subject)
            && let Some((slot, default)) = plan.asked(value)
        {
            add(&mut constants, slot, default);
            match &atom.test {
                Test::Compare(_, Operand::Constant(constant)) => add(&mut constants, slot, [constant]),
                Test::In(members) => add(&mut constants, slot, members.iter()),
                _ => {}
            }
        }
    }
    for node in &plan.nodes {
        let Node::Chained(first, rest) = node else { continue };
        let operands = || std::iter::once(*first).chain(rest.iter().map(|(_, part)| *part));
        let slots: BTreeSet<u32> = operands().filter_map(|part| Some(plan.asked(part)?.0)).collect();
        for slot in slots {
            add(&mut constants, slot, operands().filter_map(|part| plan.constant(part)));
        }
    }
    plan.slots.iter().zip(constants).map(|(slot, constants)| encoding(plan, slot, constants)).collect()
}

fn add<'p>(known: &mut [Vec<&'p Constant>], slot: u32, more: impl IntoIterator<Item = &'p Constant>) {
    if let Some(known) = known.get_mut(slot as usize) {
        known.extend(more);
    }
}

fn encoding<'p>(plan: &'p Plan, slot: &'p super::Slot, mut constants: Vec<&'p Constant>) -> Option<Encoding> {
    let field = &slot.field;
    let kind = match field.ty() {
        Type::Number | Type::Integer | Type::Money => EncodedAs::Number,
        Type::Boolean => EncodedAs::Boolean,
        Type::Date => EncodedAs::Date,
        Type::OneOf(_) => EncodedAs::Member,
        Type::Text => EncodedAs::Text,
        Type::SetOf(_) | Type::Duration => return None,
    };
    let ends = [field.range.low.as_ref(), field.range.high.as_ref()];
    constants.extend(ends.into_iter().flatten().chain(&field.default));
    let finest = match field.ty() {
        Type::Integer => 0,
        _ => field.scale.unwrap_or(28),
    };
    let members = match field.ty() {
        Type::OneOf(members) => members.names().map(Into::into).collect(),
        _ => Vec::new(),
    };
    let currency = plan.currency.filter(|_| *field.ty() == Type::Money);
    let encoding = Encoding::new(Encoded { kind, finest, currency, ends, constants: &constants, members })?;
    // As a fact is taken that the host does not give.
    let bare = match &field.default {
        Some(default) => encoding.constant(default)?,
        None if field.required => ODD,
        None if field.standing => UNDEFINED,
        None => MISSING,
    };
    Some(encoding.with_absent(bare, slot.computed.is_some()))
}

impl Plan {
    /// The fact that a value is, with what it is taken for where it is missing.
    fn asked(&self, value: ExprId) -> Option<(u32, Option<&Constant>)> {
        match self.expr(value) {
            Expr::Fact(slot) => Some((*slot, None)),
            Expr::Let(at) => match self.lets.get(*at as usize)? {
                Root::Value(value) => match self.expr(*value) {
                    Expr::Fact(slot) => Some((*slot, None)),
                    _ => None,
                },
                _ => None,
            },
            Expr::Coalesce(parts) => match **parts {
                [value, default] => match self.expr(value) {
                    Expr::Fact(slot) => Some((*slot, Some(self.constant(default)?))),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn constant(&self, value: ExprId) -> Option<&Constant> {
        match self.expr(value) {
            Expr::Constant(constant) => Some(constant),
            _ => None,
        }
    }
}

/// Makes formulas of conditions.
pub(super) struct Formulas<'p> {
    plan: &'p Plan,
    encodings: &'p [Option<Encoding>],
    /// How many parts the formula, and all formulas, may still have.
    left: usize,
    all_left: usize,
    /// The questions whose answers stand behind the facts, and where that of an atom is.
    pub(super) derived: Vec<Derived>,
    places: BTreeMap<AtomId, u32>,
    /// What is asked, or its opposite, by atom; `None` where that is for the evaluation.
    literals: BTreeMap<(AtomId, bool), Option<Literal>>,
    ranges_left: usize,
}

impl<'p> Formulas<'p> {
    pub(super) fn new(plan: &'p Plan, encodings: &'p [Option<Encoding>]) -> Self {
        Self {
            plan,
            encodings,
            left: 0,
            all_left: ALL_PARTS + plan.nodes.len().saturating_mul(TIMES),
            derived: Vec::new(),
            places: BTreeMap::new(),
            literals: BTreeMap::new(),
            ranges_left: ALL_RANGES,
        }
    }

    /// The formula of a condition; none is what always holds.
    pub(super) fn of(&mut self, condition: Option<NodeId>) -> Formula {
        let Some(condition) = condition else { return Formula::Constant(true) };
        self.left = PARTS.min(self.all_left);
        let before = self.left;
        let formula = self.node(condition, true, DEPTH);
        self.all_left -= before - self.left;
        formula
    }

    fn node(&mut self, id: NodeId, positive: bool, depth: usize) -> Formula {
        let (Some(left), Some(depth)) = (self.left.checked_sub(1), depth.checked_sub(1)) else { return Formula::Ask };
        self.left = left;
        match self.plan.node(id) {
            Node::Constant(value) => Formula::Constant(*value == positive),
            Node::Atom(atom) => self.literal(*atom, positive).map_or(Formula::Ask, Formula::Literal),
            Node::Let(at) => match self.plan.lets.get(*at as usize) {
                Some(Root::Condition(node)) => self.node(*node, positive, depth),
                _ => Formula::Ask,
            },
            Node::Not(inner) => self.node(*inner, !positive, depth),
            Node::And(parts) if positive => Formula::all(self.parts(parts, positive, depth)),
            Node::Or(parts) if !positive => Formula::all(self.parts(parts, positive, depth)),
            Node::And(parts) | Node::Or(parts) => Formula::any(self.parts(parts, positive, depth)),
            Node::AtLeast(wanted, parts) => {
                let wanted = *wanted as usize;
                let wanted = if positive { wanted } else { (parts.len() + 1).saturating_sub(wanted) };
                Formula::at_least(wanted, self.parts(parts, positive, depth))
            }
            Node::Chained(first, rest) => self.chained(*first, rest, positive).map_or(Formula::Ask, Formula::Literal),
            Node::If(..) => Formula::Ask,
        }
    }

    fn parts(&mut self, parts: &[NodeId], positive: bool, depth: usize) -> Vec<Formula> {
        parts.iter().map(|part| self.node(*part, positive, depth)).collect()
    }

    /// The question of an atom, made once; a long list has room only so often.
    fn literal(&mut self, id: AtomId, positive: bool) -> Option<Literal> {
        if !self.literals.contains_key(&(id, positive)) {
            let made = self.atom(id, positive);
            self.literals.insert((id, positive), made);
        }
        let literal = self.literals.get(&(id, positive))?.clone()?;
        let ranges = literal.region.ranges().len();
        if ranges > FEW_RANGES {
            self.ranges_left = self.ranges_left.checked_sub(ranges)?;
        }
        Some(literal)
    }

    fn atom(&mut self, id: AtomId, positive: bool) -> Option<Literal> {
        let atom = self.plan.atom(id)?;
        let Subject::Value(value) = self.plan.dimension(atom)?.subject else { return None };
        let (slot, default) = self.plan.asked(value)?;
        let encoding = self.encodings.get(slot as usize)?.as_ref()?;
        let absent = Region::range(MISSING, UNDEFINED);
        let (can, sure) = open(atom.when_open, positive);
        let Some(region) = region(encoding, atom) else {
            let slot = self.derived(id, atom, slot).filter(|_| default.is_none())?;
            let region = Arc::new(Region::points(std::iter::once(i64::from(positive))));
            return Some(Literal { slot, region, can, sure });
        };
        let region = match (region, positive) {
            (None, true) if default.is_none() => absent,
            (None, true) => Region::default(),
            (None, false) if default.is_none() => Region::known(),
            (None, false) => Region::known().or(&absent),
            (Some(region), _) => {
                // What is missing or undefined is taken for the default; without one, no question is answered by it.
                let by_default = match default {
                    Some(default) => region.contains(encoding.constant(default)?) == positive,
                    None => false,
                };
                let region = if positive { region } else { region.complement() };
                if by_default { region.or(&absent) } else { region }
            }
        };
        Some(Literal { slot, region: Arc::new(region), can, sure })
    }

    /// The place of the answer to a question that depends on the as-of date.
    fn derived(&mut self, id: AtomId, atom: &Atom, slot: u32) -> Option<u32> {
        if let Some(known) = self.places.get(&id) {
            return Some(*known);
        }
        let place = self.encodings.len() + self.derived.len();
        let place = u32::try_from(place).ok().filter(|_| place < ORDINALS)?;
        self.derived.push(Derived::of(self.plan, slot, atom)?);
        self.places.insert(id, place);
        Some(place)
    }

    /// Inequalities that hold a fact between constants.
    fn chained(&mut self, first: ExprId, rest: &[(Compare, ExprId)], positive: bool) -> Option<Literal> {
        self.left = self.left.checked_sub(rest.len())?;
        let (mut found, mut region, mut left) = (None, Region::known(), first);
        for (op, right) in rest {
            let (fact, constant, op) = match (self.plan.constant(left), self.plan.constant(*right)) {
                (None, Some(constant)) => (left, constant, *op),
                (Some(constant), None) => (*right, constant, op.mirrored()),
                _ => return None,
            };
            let (slot, None) = self.plan.asked(fact)? else { return None };
            if *found.get_or_insert(slot) != slot {
                return None;
            }
            let encoding = self.encodings.get(slot as usize)?.as_ref()?;
            region = region.and(&compared(op, encoding.constant(constant)?));
            left = *right;
        }
        let region = if positive { region } else { region.complement() };
        Some(Literal { slot: found?, region: Arc::new(region), can: true, sure: false })
    }
}

/// Whether a question, or its opposite, can be and is true of a fact that is missing and may become known.
fn open(open: Truth, positive: bool) -> (bool, bool) {
    match positive {
        true => (open.can_be(Truth::TRUE), open.is_surely_true()),
        false => (open.can_be(Truth::FALSE), open.is_surely_false()),
    }
}

/// The known facts that pass a test; `Some(None)` is the test whether it is missing.
fn region(encoding: &Encoding, atom: &Atom) -> Option<Option<Region>> {
    let ordinal = |constant| encoding.constant(constant);
    Some(Some(match &atom.test {
        Test::Compare(op, Operand::Constant(constant)) => compared(*op, ordinal(constant)?),
        Test::In(members) => {
            let points: Option<Vec<i64>> = members.iter().map(ordinal).collect();
            Region::points(points?.into_iter())
        }
        Test::Holds => compared(Compare::Equal, ordinal(&Constant::Boolean(true))?),
        Test::Missing => return Some(None),
        _ => return None,
    }))
}

fn compared(op: Compare, bound: i64) -> Region {
    use crate::value::{LEAST, MOST};
    match op {
        Compare::Equal => Region::range(bound, bound),
        Compare::NotEqual => Region::range(bound, bound).complement(),
        Compare::Less => Region::range(LEAST, bound - 1),
        Compare::LessOrEqual => Region::range(LEAST, bound),
        Compare::Greater => Region::range(bound + 1, MOST),
        Compare::GreaterOrEqual => Region::range(bound, MOST),
    }
}
