//! Values as sums of variables, within a region that settles everything else about them.

use super::kleene::Kleene;
use super::linear::Linear;
use super::look::{DEPTH, Look};
use super::ratio::Ratio;
use super::region::{Kind, number_of};
use super::scene::Source;
use super::seen::{Known, Seen};
use crate::builtins::Op;
use crate::eval::Val;
use crate::plan::{Expr, ExprId, Root};
use crate::value::{Duration, Value};

impl<'l> Look<'l, '_, '_> {
    /// A value as a sum of variables, as far as everything else about it is settled.
    pub(super) fn linear(&self, id: ExprId) -> Option<Linear> {
        self.linear_at(id, DEPTH)
    }

    pub(super) fn linear_at(&self, id: ExprId, depth: usize) -> Option<Linear> {
        let depth = depth.checked_sub(1)?;
        self.burn()?;
        if !self.scene.hangs(id) {
            return constant(self.scene.machine.value(id));
        }
        let plan = self.scene.plan;
        match plan.expr(id) {
            Expr::Fact(slot) => self.linear_fact(*slot, depth),
            Expr::Aggregate(at) => self.linear_variable(self.scene.aggregate(*at)),
            Expr::Let(at) => match plan.lets().get(*at as usize)? {
                Root::Value(value) => self.linear_at(*value, depth),
                Root::Score(score) => self.linear_score(plan.score(*score)?, depth),
                _ => None,
            },
            Expr::Unary(op, inner) => {
                let sum = self.linear_at(*inner, depth)?;
                let ends = || self.value(*inner).number();
                match op {
                    Op::Negate => sum.scale(Ratio::whole(-1)),
                    Op::Abs if ends()?.low.is_some_and(|low| low.is_sign_positive()) => Some(sum),
                    Op::Abs if ends()?.high.is_some_and(|high| high.is_sign_negative() || high.is_zero()) => {
                        sum.scale(Ratio::whole(-1))
                    }
                    Op::Floor | Op::Ceil if ends()?.places == 0 => Some(sum),
                    _ => None,
                }
            }
            Expr::Chain(first, rest) => {
                let mut sum = self.linear_at(*first, depth)?;
                let mut so_far = self.value(*first);
                for (op, part) in rest {
                    let other = self.value(*part);
                    sum = self.linear_binary(*op, (sum, &so_far), (*part, &other), depth)?;
                    so_far = so_far.binary(*op, other);
                }
                Some(sum)
            }
            Expr::Coalesce(parts) => {
                // The first part that is known for sure, where those before it surely are not.
                let known = parts.iter().find(|part| self.value(**part).can_be_known())?;
                if self.value(*known).is_known() { self.linear_at(*known, depth) } else { None }
            }
            Expr::If(arms, otherwise) => {
                for (condition, value) in arms {
                    match self.truth(*condition) {
                        Kleene::TRUE => return self.linear_at(*value, depth),
                        Kleene::FALSE => {}
                        _ => return None,
                    }
                }
                self.linear_at(*otherwise, depth)
            }
            Expr::Lookup(_) => match self.value(id).known {
                Known::Exact(value) => constant(Val::Known(value)),
                _ => None,
            },
            _ => None,
        }
    }

    fn linear_fact(&self, slot: u32, depth: usize) -> Option<Linear> {
        match self.source(slot) {
            Source::Computed(value) => self.linear_at(value, depth),
            Source::Fixed => constant(self.scene.machine.fact(slot)),
            source => self.linear_variable(source),
        }
    }

    fn linear_variable(&self, source: Source) -> Option<Linear> {
        let Source::Variable(variable) = source else { return None };
        let unit = match self.space.variables.get(variable)?.kind {
            Kind::Numbers(places) => Ratio::new(1, 10_i128.checked_pow(places)?)?,
            Kind::Days => Ratio::ONE,
            _ => return None,
        };
        Some(Linear::variable(variable, unit))
    }

    fn linear_binary(
        &self,
        op: Op,
        (left, left_seen): (Linear, &Seen<'l>),
        (right, right_seen): (ExprId, &Seen<'l>),
        depth: usize,
    ) -> Option<Linear> {
        if let Known::Exact(Value::Duration(length)) = right_seen.known {
            let Duration::Days(days) = length else { return None };
            let days = if op == Op::Add { i128::from(days) } else { -i128::from(days) };
            return left.add(&Linear::constant(Ratio::whole(days)));
        }
        let right = self.linear_at(right, depth)?;
        match op {
            Op::Add => left.add(&right),
            Op::Subtract => left.subtract(&right),
            Op::DaysBetween => right.subtract(&left),
            Op::Multiply => match (left.single(), right.single()) {
                (Some(factor), _) => right.scale(factor),
                (_, Some(factor)) => left.scale(factor),
                _ => None,
            },
            Op::Divide => left.scale(Ratio::ONE.divide(right.single()?)?),
            Op::Min | Op::Max => {
                let less = left_seen.known.compare(crate::builtins::Compare::LessOrEqual, &right_seen.known);
                match (less, op) {
                    (Kleene::TRUE, Op::Min) | (Kleene::FALSE, Op::Max) => Some(left),
                    (Kleene::FALSE, Op::Min) | (Kleene::TRUE, Op::Max) => Some(right),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn constant(value: Val<'_>) -> Option<Linear> {
    match value {
        Val::Known(Value::Number(number)) => Ratio::of(number).map(Linear::constant),
        Val::Known(Value::Date(date)) => Some(Linear::constant(Ratio::whole(number_of(date)))),
        _ => None,
    }
}
