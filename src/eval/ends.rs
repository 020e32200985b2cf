//! What a number can be while facts are missing: from one end to the other.

use std::cell::Cell;

use rust_decimal::Decimal;

use super::machine::{Bound, Machine, Val};
use crate::builtins::Op;
use crate::plan::{Expr, ExprId};
use crate::schema::Type;
use crate::value::{Constant, Interval, Value};

/// Values that are looked at to find out what another one can be; beyond them it can be anything.
const STEPS: u32 = 4_096;

/// What a number can be; `None` for what is no number.
pub(super) fn of(machine: &Machine<'_, '_>, id: ExprId) -> Option<Interval> {
    Ends { machine, steps: Cell::new(STEPS) }.of(id)
}

/// Finds out what a number can be.
struct Ends<'m, 'a> {
    machine: &'m Machine<'m, 'a>,
    steps: Cell<u32>,
}

impl Ends<'_, '_> {
    fn of(&self, id: ExprId) -> Option<Interval> {
        let anything = Interval { undefined: true, ..Interval::ANY };
        let Some(steps) = self.steps.get().checked_sub(1) else { return Some(anything) };
        self.steps.set(steps);
        let machine = self.machine;
        match machine.plan.expr(id) {
            Expr::Constant(Constant::Number(number)) => Some(Interval::point(*number)),
            Expr::Constant(_) | Expr::Today | Expr::Truth(_) => None,
            Expr::Fact(slot) => self.fact(*slot),
            Expr::Let(at) => match machine.bound(*at) {
                Bound::Value(Val::Known(Value::Number(number))) => Some(Interval::point(number)),
                Bound::Open(interval) => Some(interval),
                Bound::Value(Val::Missing) => match machine.plan.lets().get(*at as usize) {
                    Some(crate::plan::Root::Value(root)) => self.of(*root),
                    _ => None,
                },
                Bound::Value(Val::Undefined) => Some(anything),
                _ => None,
            },
            Expr::Lookup(column) => match machine.value(id) {
                Val::Known(Value::Number(number)) => Some(Interval::point(number)),
                Val::Known(_) => None,
                Val::Undefined => Some(anything),
                Val::Missing => machine.plan.column(*column).map(|column| column.interval),
            },
            Expr::Unary(op, inner) => {
                let inner = self.of(*inner)?;
                match op {
                    Op::Negate => Some(inner.negate()),
                    Op::Abs => Some(inner.abs()),
                    Op::Floor => Some(inner.floor()),
                    Op::Ceil => Some(inner.ceil()),
                    _ => None,
                }
            }
            Expr::Chain(first, rest) => {
                let mut interval = self.of(*first)?;
                for (op, part) in rest {
                    let part = self.of(*part)?;
                    let whole = machine.possible && overflows(*op, interval, part);
                    interval = binary(*op, interval, part)?;
                    interval.undefined |= whole;
                }
                Some(interval)
            }
            Expr::Coalesce(_) | Expr::If(..) => match machine.value(id) {
                Val::Known(Value::Number(number)) => Some(Interval::point(number)),
                Val::Known(_) => None,
                _ => Some(anything),
            },
        }
    }

    fn fact(&self, slot: u32) -> Option<Interval> {
        let field = &self.machine.plan.slots().get(slot as usize)?.field;
        match self.machine.fact(slot) {
            Val::Known(Value::Number(number)) => Some(Interval::point(number)),
            Val::Missing if field.ty().is_numeric() => {
                let end = |end: &Option<Constant>| match end {
                    Some(Constant::Number(number)) => Some(*number),
                    _ => None,
                };
                let places = match (field.ty(), field.scale) {
                    (Type::Integer, _) => 0,
                    (_, Some(scale)) => scale,
                    _ => Interval::ANY.places,
                };
                Some(Interval { low: end(&field.range.low), high: end(&field.range.high), undefined: false, places })
            }
            _ => None,
        }
    }
}

/// Whether a sum, product or quotient can be too large for a number: what is possible counts that in.
fn overflows(op: Op, a: Interval, b: Interval) -> bool {
    let open = |ends: Interval| ends.low.is_none() || ends.high.is_none();
    match op {
        Op::Add | Op::Subtract | Op::Multiply => open(a) || open(b),
        Op::Divide => open(a) && b.single().is_none_or(|divisor| divisor.abs() < Decimal::ONE),
        _ => false,
    }
}

fn binary(op: Op, a: Interval, b: Interval) -> Option<Interval> {
    Some(match op {
        Op::Add => a.add(b),
        Op::Subtract => a.add(b.negate()),
        Op::Multiply => a.multiply(b),
        Op::Divide => a.divide(b),
        Op::Min => a.min(b),
        Op::Max => a.max(b),
        Op::Round => a.round(u32::try_from(b.single()?).ok()?),
        _ => return None,
    })
}
