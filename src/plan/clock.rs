//! What moves while only time passes: windows let go of records, lengths of time run out, values rise or fall with the
//! as-of date past what they are compared with.

use super::{Atom, Expr, ExprId, Node, NodeId, Operand, Part, Plan, Root, Source, Subject, Test};
use crate::builtins::Op;
use crate::value::{Constant, Value};

/// Something that never comes back to where it was once it has moved, as long as all else stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Watched {
    /// The cell of a value in a dimension.
    Cell(u32, ExprId),
    /// How two values compare.
    Order(ExprId, ExprId),
    /// Whether a date lies ahead, within a length of time, or behind it.
    Within(ExprId, ExprId),
    /// The days at which an aggregate looks.
    Window(u32),
}

/// Everything that decides and moves with the as-of date.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    pub(crate) watched: Vec<Watched>,
    /// Something moves in a way that only a look at every day tells.
    pub(crate) every_day: bool,
    /// The tier hangs on sensitive facts, so that no reader is told of days.
    pub(crate) sensitive: bool,
}

impl Clock {
    /// Whether nothing moves, not even records that are dated later.
    pub(crate) fn is_still(&self, plan: &Plan) -> bool {
        self.watched.is_empty() && !self.every_day && plan.records.is_empty()
    }
}

/// How a value moves with the as-of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trend {
    /// Not, or together with something that is watched.
    Still,
    Rises,
    Falls,
    Any,
}

impl Trend {
    fn turned(self) -> Self {
        match self {
            Self::Rises => Self::Falls,
            Self::Falls => Self::Rises,
            other => other,
        }
    }

    /// Of what rises with both, or is one of both.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Still, other) | (other, Self::Still) => other,
            (one, other) if one == other => one,
            _ => Self::Any,
        }
    }
}

impl Plan {
    /// What the tier hangs on and moves with the as-of date.
    pub(crate) fn clock(&self) -> Clock {
        let reached = self.reached(true);
        let mut trends = Trends { plan: self, lets: Vec::new(), slots: vec![None; self.slots.len()] };
        for at in 0..self.lets.len() {
            let trend = if reached.bound(at) { trends.of_let(at) } else { Trend::Still };
            trends.lets.push(trend);
        }
        let mut clock = Clock::default();
        for id in self.expr_ids().filter(|id| reached.value(*id)) {
            match self.expr(id) {
                Expr::Aggregate(at) => trends.aggregate(*at, &mut clock),
                Expr::Lookup(column) => {
                    let table = self.column(*column).and_then(|column| self.tables.get(column.table as usize));
                    clock.every_day |= table.is_some_and(|table| trends.of(table.key) != Trend::Still);
                }
                _ => {}
            }
        }
        for id in self.node_ids().filter(|id| reached.condition(*id)) {
            match self.node(id) {
                Node::Atom(atom) => self.atom(*atom).into_iter().for_each(|atom| trends.atom(atom, &mut clock)),
                Node::Chained(first, rest) => {
                    let mut left = *first;
                    for (_, part) in rest {
                        trends.order(left, *part, &mut clock);
                        left = *part;
                    }
                }
                _ => {}
            }
        }
        // Those of whom facts are computed on every day.
        let computes = |slot: &u32| self.slots.get(*slot as usize).is_some_and(|slot| slot.computed.is_some());
        let members = self.records.iter().filter(|records| records.used).filter_map(|records| records.members.as_ref());
        clock.every_day |= members.flatten().any(computes);
        clock.watched.sort_unstable();
        clock.watched.dedup();
        clock.sensitive = self.decides_in_secret();
        clock
    }
}

/// Products with numbers up to this fit, for values that count days.
const LONG: i128 = 10_i128.pow(18);

struct Trends<'p> {
    plan: &'p Plan,
    /// Of the lets so far: each uses earlier ones only.
    lets: Vec<Trend>,
    /// Of computed facts, as far as they are known.
    slots: Vec<Option<Trend>>,
}

impl Trends<'_> {
    fn of_let(&mut self, at: usize) -> Trend {
        match self.plan.lets.get(at) {
            Some(Root::Value(value)) => self.of(*value),
            Some(Root::Score(score)) => {
                let lines = self.plan.score(*score).into_iter().flat_map(|score| &score.lines);
                let mut all = lines.flat_map(|line| match &*line.bins {
                    [] => vec![line.value],
                    bins => bins.iter().map(|bin| bin.points).collect(),
                });
                // What rises on one line may fall on another.
                if all.all(|value| self.of(value) == Trend::Still) { Trend::Still } else { Trend::Any }
            }
            _ => Trend::Still,
        }
    }

    fn of(&mut self, id: ExprId) -> Trend {
        let plan = self.plan;
        match plan.expr(id) {
            // The days of an aggregate are watched, and so are conditions.
            Expr::Constant(_) | Expr::Element(..) | Expr::Aggregate(_) | Expr::Truth(_) | Expr::Lookup(_) => {
                Trend::Still
            }
            Expr::Today => Trend::Rises,
            Expr::Let(at) => self.lets.get(*at as usize).copied().unwrap_or(Trend::Any),
            Expr::Fact(slot) => self.fact(*slot),
            Expr::Unary(op, inner) => match (op, self.of(*inner)) {
                (_, Trend::Still) => Trend::Still,
                (Op::Negate, trend) => trend.turned(),
                (Op::Floor | Op::Ceil | Op::Year, trend) => trend,
                _ => Trend::Any,
            },
            Expr::Chain(first, rest) => {
                rest.iter().fold(self.of(*first), |trend, (op, part)| self.chained(*op, trend, *part))
            }
            Expr::Coalesce(parts) => parts.iter().fold(Trend::Still, |trend, part| trend.and(self.of(*part))),
            Expr::If(arms, otherwise) => {
                let arms = arms.iter().map(|(_, value)| *value).chain([*otherwise]);
                arms.fold(Trend::Still, |trend, part| trend.and(self.of(part)))
            }
        }
    }

    fn chained(&mut self, op: Op, trend: Trend, part: ExprId) -> Trend {
        let other = self.of(part);
        let constant = match self.plan.expr(part) {
            Expr::Constant(constant @ Constant::Number(_)) => Some(constant.value()),
            _ => None,
        };
        match op {
            _ if trend == Trend::Still && other == Trend::Still => Trend::Still,
            Op::Add | Op::Min | Op::Max => trend.and(other),
            Op::Subtract => trend.and(other.turned()),
            Op::DaysBetween | Op::MonthsBetween => trend.turned().and(other),
            Op::Round if other == Trend::Still => trend,
            Op::Multiply | Op::Divide => match constant {
                // A product with more digits than fit is without a result on some days, and not on others.
                Some(Value::Number(number)) if number.normalize().mantissa().abs() > LONG => Trend::Any,
                Some(Value::Number(number)) if number.is_sign_negative() => trend.turned(),
                Some(_) => trend,
                None => Trend::Any,
            },
            _ => Trend::Any,
        }
    }

    fn fact(&mut self, slot: u32) -> Trend {
        let place = slot as usize;
        let Some(computed) = self.plan.slots.get(place).and_then(|slot| slot.computed) else { return Trend::Still };
        if let Some(trend) = self.slots.get(place).copied().flatten() {
            return trend;
        }
        // Nothing is computed from itself.
        self.slots.iter_mut().skip(place).take(1).for_each(|known| *known = Some(Trend::Any));
        let trend = self.of(computed);
        self.slots.iter_mut().skip(place).take(1).for_each(|known| *known = Some(trend));
        trend
    }

    fn atom(&mut self, atom: &Atom, clock: &mut Clock) {
        let value = match self.plan.dimension(atom).map(|dimension| dimension.subject) {
            Some(Subject::Value(value)) => value,
            Some(Subject::Order(a, b)) => return self.order(a, b, clock),
            None => return,
        };
        let trend = self.of(value);
        match &atom.test {
            Test::Compare(_, Operand::Relative(operand)) => self.order(value, *operand, clock),
            Test::Within(length) if trend == Trend::Still && self.of(*length) == Trend::Still => {
                clock.watched.push(Watched::Within(value, *length));
            }
            Test::Within(_) => clock.every_day = true,
            Test::Has(part) => clock.every_day |= trend != Trend::Still || self.of(*part) != Trend::Still,
            _ => match trend {
                Trend::Still => {}
                Trend::Rises | Trend::Falls => clock.watched.push(Watched::Cell(atom.dimension, value)),
                Trend::Any => clock.every_day = true,
            },
        }
    }

    fn order(&mut self, a: ExprId, b: ExprId, clock: &mut Clock) {
        match (self.of(a), self.of(b)) {
            (Trend::Still, Trend::Still) => {}
            (Trend::Still, Trend::Rises | Trend::Falls)
            | (Trend::Rises | Trend::Falls, Trend::Still)
            | (Trend::Rises, Trend::Falls)
            | (Trend::Falls, Trend::Rises) => clock.watched.push(Watched::Order(a, b)),
            _ => clock.every_day = true,
        }
    }

    fn aggregate(&mut self, at: u32, clock: &mut Clock) {
        let Some(aggregate) = self.plan.aggregate(at) else { return };
        if aggregate.window.is_some() || matches!(aggregate.source, Source::Periods(_)) {
            clock.watched.push(Watched::Window(at));
        }
        if let Some(measure) = self.plan.measure(aggregate.measure).filter(|_| !clock.every_day) {
            let roots = measure.argument.map(Root::Value).into_iter().chain(measure.condition.map(Root::Condition));
            clock.every_day |= self.moves(roots.collect());
        }
    }

    /// Whether what is asked of each record moves.
    fn moves(&mut self, mut waiting: Vec<Root>) -> bool {
        let plan = self.plan;
        let mut moves = false;
        while let Some(root) = waiting.pop().filter(|_| !moves) {
            moves |= match root {
                Root::Value(value) => matches!(plan.expr(value), Expr::Today),
                Root::Condition(node) => plan.asks_length(node),
                Root::Score(_) | Root::Segment(_) => false,
            };
            plan.each_part(root, &mut |part| match part {
                Part::Fact(slot) => moves |= self.fact(slot) != Trend::Still,
                Part::Let(at) => moves |= self.lets.get(at as usize) != Some(&Trend::Still),
                Part::Inner(root) => waiting.push(root),
                Part::Records(_) => {}
            });
        }
        moves
    }
}

impl Plan {
    fn asks_length(&self, node: NodeId) -> bool {
        match self.node(node) {
            Node::Atom(atom) => matches!(self.atom(*atom).map(|atom| &atom.test), Some(Test::Within(_))),
            _ => false,
        }
    }
}
