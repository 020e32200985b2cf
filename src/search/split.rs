//! Which way to cut a region so that more of it is settled.

use super::kleene::Kleene;
use super::linear::Compared;
use super::look::Look;
use super::region::{Bits, Kind, Region, Room};
use super::scene::{PARTS, Source};
use super::seen::Known;
use super::tiers::Open;
use crate::builtins::{Compare, Op};
use crate::plan::{Atom, Expr, ExprId, Node, NodeId, Root, Score, ScoreLine, Segment, Test};

/// Parts of a region that together are the region; where a condition is true comes first.
pub(super) type Parts = Vec<Region>;

/// So many customers are looked at one by one where nothing else tells.
const FEW: u128 = 1_024;

/// So many lets are followed, one behind the other.
const DEPTH: usize = 144;

impl<'a> Look<'_, '_, 'a> {
    /// Cuts a region where something is open; `None` where there is nothing left to cut.
    pub(super) fn split(&self, open: &[Open]) -> Option<Parts> {
        open.iter().find_map(|open| match open {
            Open::Condition(node) => self.split_condition(*node, DEPTH),
            Open::Value(value) => self.split_value(*value, DEPTH),
            Open::Against(op, value, threshold) => {
                let inner = self.split_inside(*value, DEPTH);
                inner.or_else(|| match self.bound_with(*op, *value, &threshold.operand())? {
                    Compared::Where(bound) => proper(bound.split(self.region, &self.space.forms.borrow())),
                    Compared::Always(_) => None,
                })
            }
            Open::Slot(slot) => match self.source(*slot) {
                Source::Variable(variable) | Source::Defaulted(variable) => self.split_variable(variable),
                Source::Fixed | Source::Computed(_) => None,
            },
        })
    }

    /// Cuts what is left of few customers until each stands alone; `None` where they are many, or one.
    pub(super) fn split_few(&self) -> Option<Parts> {
        let few = (2..=FEW).contains(&self.region.count());
        let variables = 0..self.region.places.len();
        variables.filter(|_| few).find_map(|variable| self.split_variable(variable))
    }

    fn split_condition(&self, id: NodeId, depth: usize) -> Option<Parts> {
        let depth = depth.checked_sub(1)?;
        self.burn()?;
        if self.truth(id).is_settled() {
            return None;
        }
        match self.scene.plan.node(id) {
            Node::Constant(_) => None,
            Node::Atom(atom) => self.split_atom(self.scene.plan.atom(*atom)?, depth),
            Node::Let(at) => self.split_let(*at, depth),
            Node::Not(inner) => self.split_condition(*inner, depth),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
                self.by_width(parts).into_iter().find_map(|part| self.split_condition(part, depth))
            }
            Node::If(arms, otherwise) => self
                .taken(arms, *otherwise)
                .map_or_else(|open| self.split_condition(open, depth), |taken| self.split_condition(taken, depth)),
            Node::Chained(first, rest) => {
                let mut left = *first;
                for (op, part) in rest {
                    if !self.compared(*op, left, *part).is_settled()
                        && let Some(parts) = self.split_comparison(*op, left, *part, depth)
                    {
                        return Some(parts);
                    }
                    left = *part;
                }
                None
            }
        }
    }

    /// The parts that are open, the one of which least is open first: what has to follow of one that hangs on a single atom
    /// follows at once.
    fn by_width(&self, parts: &[NodeId]) -> Vec<NodeId> {
        let mut open: Vec<NodeId> = parts.iter().copied().filter(|part| !self.truth(*part).is_settled()).collect();
        let mut fewest = (usize::MAX, 0);
        for (at, part) in open.iter().enumerate() {
            let width = self.width(*part, fewest.0, DEPTH);
            if width < fewest.0 {
                fewest = (width, at);
            }
        }
        open.get_mut(..=fewest.1).into_iter().for_each(|front| front.rotate_right(1));
        open
    }

    /// How many atoms of a condition are open; not counted beyond `most`.
    fn width(&self, id: NodeId, most: usize, depth: usize) -> usize {
        if depth == 0 || most == 0 || self.truth(id).is_settled() {
            return 0;
        }
        match self.scene.plan.node(id) {
            Node::Not(inner) => self.width(*inner, most, depth - 1),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
                parts.iter().fold(0, |count, part| count + self.width(*part, most - count, depth - 1))
            }
            _ => 1,
        }
    }

    /// The arm that is taken, or the condition that leaves it open.
    fn taken<T: Copy>(&self, arms: &[(NodeId, T)], otherwise: T) -> Result<T, NodeId> {
        for (condition, value) in arms {
            match self.truth(*condition) {
                truth if !truth.is_settled() => return Err(*condition),
                Kleene::TRUE => return Ok(*value),
                _ => {}
            }
        }
        Ok(otherwise)
    }

    fn split_let(&self, at: u32, depth: usize) -> Option<Parts> {
        match self.scene.plan.lets().get(at as usize)? {
            Root::Value(value) => self.split_value(*value, depth),
            Root::Condition(node) => self.split_condition(*node, depth),
            Root::Score(score) => self.split_score(self.scene.plan.score(*score)?, depth),
            Root::Segment(segment) => self.split_segment(self.scene.plan.segment(*segment)?, depth),
        }
    }

    /// First what is missing or not, and what values hang on; then where the question changes its answer.
    fn split_atom(&self, atom: &'a Atom, depth: usize) -> Option<Parts> {
        let values: Vec<ExprId> = self.scene.plan.values_of(atom).collect();
        let inner = values.iter().find_map(|value| self.split_inside(*value, depth));
        inner
            .or_else(|| self.bound(atom).and_then(|bound| proper(bound.split(self.region, &self.space.forms.borrow()))))
            .or_else(|| values.iter().find_map(|value| self.split_options(*value, atom)))
            .or_else(|| self.halve(&values))
    }

    fn split_comparison(&self, op: Compare, a: ExprId, b: ExprId, depth: usize) -> Option<Parts> {
        let inner = self.split_inside(a, depth).or_else(|| self.split_inside(b, depth));
        inner
            .or_else(|| match self.bound_between(op, a, b) {
                Some(Compared::Where(bound)) => proper(bound.split(self.region, &self.space.forms.borrow())),
                _ => None,
            })
            .or_else(|| self.halve(&[a, b]))
    }

    /// A value as such: what is open inside of it, then its variables.
    fn split_value(&self, id: ExprId, depth: usize) -> Option<Parts> {
        self.split_inside(id, depth).or_else(|| self.halve(&[id]))
    }

    /// What is open inside of a value: whether facts are there, conditions, keys, and which of two values is less.
    fn split_inside(&self, id: ExprId, depth: usize) -> Option<Parts> {
        let depth = depth.checked_sub(1)?;
        self.burn()?;
        if !self.scene.hangs(id) {
            return None;
        }
        match self.scene.plan.expr(id) {
            Expr::Fact(slot) => match self.source(*slot) {
                Source::Computed(value) => self.split_inside(value, depth),
                source => self.split_mixed(source),
            },
            Expr::Aggregate(at) => self.split_mixed(self.scene.aggregate(*at)),
            Expr::Let(at) => match self.scene.plan.lets().get(*at as usize)? {
                Root::Value(value) => self.split_inside(*value, depth),
                _ => self.split_let(*at, depth),
            },
            Expr::Unary(op, inner) => {
                let parts = self.split_inside(*inner, depth);
                parts.or_else(|| if *op == Op::Abs { self.split_sign(*inner) } else { None })
            }
            Expr::Chain(first, rest) => {
                let inner = self.split_inside(*first, depth);
                let inner = inner.or_else(|| rest.iter().find_map(|(_, part)| self.split_inside(*part, depth)));
                inner.or_else(|| match &**rest {
                    [(Op::Min | Op::Max, other)]
                        if !self.compared(Compare::LessOrEqual, *first, *other).is_settled() =>
                    {
                        match self.bound_between(Compare::LessOrEqual, *first, *other)? {
                            Compared::Where(bound) => proper(bound.split(self.region, &self.space.forms.borrow())),
                            Compared::Always(_) => None,
                        }
                    }
                    _ => None,
                })
            }
            Expr::Coalesce(parts) => {
                for part in parts {
                    let found = self.split_inside(*part, depth);
                    if found.is_some() || self.value(*part).is_known() {
                        return found;
                    }
                }
                None
            }
            Expr::If(arms, otherwise) => self
                .taken(arms, *otherwise)
                .map_or_else(|open| self.split_condition(open, depth), |taken| self.split_inside(taken, depth)),
            Expr::Truth(node) => self.split_condition(*node, depth),
            Expr::Lookup(column) => self.split_key(id, *column, depth),
            Expr::Constant(_) | Expr::Today | Expr::Element(..) => None,
        }
    }

    /// The key by which a column is looked up, where it leads to several cells.
    fn split_key(&self, id: ExprId, column: u32, depth: usize) -> Option<Parts> {
        let plan = self.scene.plan;
        let table = plan.column(column).and_then(|column| plan.tables().get(column.table as usize))?;
        let seen = self.value(id);
        let single = match seen.known {
            Known::Exact(_) => seen.is_known(),
            Known::Nothing => !(seen.missing && seen.undefined),
            _ => false,
        };
        let key = self.split_inside(table.key, depth);
        key.or_else(|| if single { None } else { self.halve(&[table.key]) })
    }

    fn split_sign(&self, value: ExprId) -> Option<Parts> {
        let zero = crate::plan::Operand::Constant(crate::value::Constant::Number(rust_decimal::Decimal::ZERO));
        match self.bound_with(Compare::GreaterOrEqual, value, &zero)? {
            Compared::Where(bound) => proper(bound.split(self.region, &self.space.forms.borrow())),
            Compared::Always(_) => None,
        }
    }

    /// The line of which most hangs comes first.
    fn split_score(&self, score: &Score, depth: usize) -> Option<Parts> {
        let width = |line: &ScoreLine| {
            let total = self.line(line);
            total.high.high.zip(total.low.low).map(|(high, low)| high.checked_sub(low).unwrap_or(high))
        };
        let mut lines: Vec<(Option<rust_decimal::Decimal>, &ScoreLine)> =
            score.lines.iter().map(|line| (width(line), line)).collect();
        lines.sort_by(|(a, _), (b, _)| b.cmp(a));
        lines.into_iter().find_map(|(_, line)| {
            let value = self.split_inside(line.value, depth);
            let conditions = || line.bins.iter().filter_map(|bin| bin.condition);
            let bins = || conditions().find_map(|condition| self.split_condition(condition, depth));
            let points = || line.bins.iter().find_map(|bin| self.split_inside(bin.points, depth));
            value.or_else(bins).or_else(points)
        })
    }

    fn split_segment(&self, segment: &Segment, depth: usize) -> Option<Parts> {
        for condition in segment.lines.iter().filter_map(|line| line.condition) {
            match self.truth(condition) {
                Kleene::TRUE => return None,
                truth if truth.is_settled() => {}
                _ => {
                    if let Some(parts) = self.split_condition(condition, depth) {
                        return Some(parts);
                    }
                }
            }
        }
        None
    }

    /// A variable that may be known or not is cut into what it may be.
    fn split_mixed(&self, source: Source) -> Option<Parts> {
        let (Source::Variable(variable) | Source::Defaulted(variable)) = source else { return None };
        let place = self.region.place(variable).filter(|place| place.is_mixed())?;
        proper(place.parts().filter_map(|part| self.region.with(variable, part)).collect())
    }

    /// A closed set or the texts of a variable are cut into those for which a question is true and the others.
    fn split_options(&self, value: ExprId, atom: &'a Atom) -> Option<Parts> {
        let variable = self.variable_of(value)?;
        let place = self.region.place(variable)?;
        match &place.room {
            Room::Options(options) if options.count() > 1 => {
                let count = options.iter().last()? + 1;
                let holds = |at: usize| {
                    let region = self.region.with_room(variable, Room::Options(Bits::one(at, count)));
                    region.is_some_and(|region| Look::new(self.space, self.scene, &region).atom(atom) == Kleene::TRUE)
                };
                let parts = self.parted(variable, options.parted(holds).map(Room::Options));
                parts.or_else(|| self.split_variable(variable))
            }
            Room::Within { must, may } => {
                let wanted =
                    |at: &usize| match (&atom.test, self.space.variables.get(variable).map(|known| &known.kind)) {
                        (Test::SetContains(_, wanted), Some(Kind::Sets(members))) => {
                            members.get(*at).is_some_and(|member| wanted.contains(member))
                        }
                        (Test::Has(part), Some(Kind::Sets(members))) => match self.value(*part).known {
                            Known::Exact(part) => members.get(*at) == part.constant().as_ref(),
                            _ => true,
                        },
                        _ => true,
                    };
                self.parted(variable, membered(must, may, wanted)?)
            }
            _ => None,
        }
    }

    /// The variable of which a value is the fact, through lets and `lower`.
    fn variable_of(&self, id: ExprId) -> Option<usize> {
        let mut id = id;
        for _ in 0..DEPTH {
            let source = match self.scene.plan.expr(id) {
                Expr::Fact(slot) => match self.source(*slot) {
                    Source::Computed(value) => {
                        id = value;
                        continue;
                    }
                    source => source,
                },
                Expr::Aggregate(at) => self.scene.aggregate(*at),
                Expr::Unary(_, inner) => {
                    id = *inner;
                    continue;
                }
                Expr::Let(at) => match self.scene.plan.lets().get(*at as usize)? {
                    Root::Value(value) => {
                        id = *value;
                        continue;
                    }
                    _ => return None,
                },
                _ => return None,
            };
            return match source {
                Source::Variable(variable) => Some(variable),
                Source::Fixed | Source::Defaulted(_) | Source::Computed(_) => None,
            };
        }
        None
    }

    /// Cuts the widest variable on which values hang in two.
    fn halve(&self, values: &[ExprId]) -> Option<Parts> {
        let mut found: Option<(i128, usize)> = None;
        for value in values {
            let facts = |value: ExprId| self.scene.plan.facts_of(Root::Value(value), PARTS).0;
            let slots = facts(*value).into_iter().flat_map(|slot| match self.source(slot) {
                Source::Computed(value) => facts(value),
                _ => vec![slot],
            });
            let slots = slots.map(|slot| self.source(slot));
            let own = self.variable_of(*value).map(Source::Variable);
            for source in slots.chain(own) {
                let Source::Variable(variable) = source else { continue };
                let width = match self.region.place(variable).map(|place| &place.room) {
                    Some(Room::Span(low, high)) => high - low,
                    Some(Room::Options(options)) => i128::from(options.count()) - 1,
                    Some(Room::Within { must, may }) => i128::from(may.count() - must.count()),
                    _ => 0,
                };
                if width > 0 && found.is_none_or(|(most, _)| width > most) {
                    found = Some((width, variable));
                }
            }
        }
        self.split_variable(found?.1)
    }

    /// Cuts a variable in two.
    pub(super) fn split_variable(&self, variable: usize) -> Option<Parts> {
        let place = self.region.place(variable)?;
        if place.is_mixed() {
            return self.split_mixed(Source::Variable(variable));
        }
        let rooms = match &place.room {
            Room::Span(low, high) if low < high => {
                let middle = middle(*low, *high);
                [Room::Span(*low, middle), Room::Span(middle + 1, *high)]
            }
            Room::Options(options) if options.count() > 1 => {
                let half = options.iter().nth(options.count() as usize / 2)?;
                options.parted(|at| at < half).map(Room::Options)
            }
            Room::Within { must, may } => membered(must, may, |_| true)?,
            _ => return None,
        };
        self.parted(variable, rooms)
    }

    /// Cuts a region by the rooms of a variable.
    fn parted(&self, variable: usize, rooms: [Room; 2]) -> Option<Parts> {
        proper(rooms.into_iter().filter_map(|room| self.region.with_room(variable, room)).collect())
    }
}

/// The sets with some member that is open and wanted, and those without.
fn membered(must: &Bits, may: &Bits, wanted: impl Fn(&usize) -> bool) -> Option<[Room; 2]> {
    let at = may.iter().filter(|at| !must.contains(*at)).find(wanted)?;
    let (mut with, mut without) = (must.clone(), may.clone());
    with.insert(at);
    without.remove(at);
    Some([Room::Within { must: with, may: may.clone() }, Room::Within { must: must.clone(), may: without }])
}

/// A cut that leaves everything in one part is none.
fn proper(parts: Parts) -> Option<Parts> {
    (parts.len() > 1).then_some(parts)
}

/// Between two numbers: at 0 first; far apart ones are cut by their size.
fn middle(low: i128, high: i128) -> i128 {
    const NEAR: i128 = 1 << 20;
    if low < 0 && high >= 0 {
        return if low < -1 && high == 0 { middle(low, -1) } else { -1 };
    }
    if high - low <= NEAR {
        return low + (high - low) / 2;
    }
    if low < 0 {
        return -middle(-high, -low) - 1;
    }
    let bits = |number: i128| 128 - number.max(1).leading_zeros();
    let half = 1_i128 << ((bits(low) + bits(high)) / 2);
    if low < half && half < high { half } else { low + (high - low) / 2 }
}
