//! What a number can be while facts are missing: from one end to the other.

use std::cell::Cell;

use rust_decimal::Decimal;

use super::aggregate;
use super::machine::{Bound, Machine, Val};
use crate::builtins::Op;
use crate::plan::{Column, Expr, ExprId, Root};
use crate::schema::{Field, Type};
use crate::value::{Constant, Interval, Value};

/// Values that are looked at to find out what another one can be; beyond them it can be anything.
const STEPS: u32 = 4_096;

/// What a number can be; `None` for what is no number.
pub(super) fn of(machine: &Machine<'_, '_>, id: ExprId) -> Option<Interval> {
    Ends { machine, steps: Cell::new(STEPS) }.of(id)
}

/// Whether a value that is missing may turn out to have no result.
pub(super) fn may_lack(machine: &Machine<'_, '_>, id: ExprId) -> bool {
    Ends { machine, steps: Cell::new(STEPS) }.may_lack(id)
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
            Expr::Element(records, field) => self.element(*records, *field, machine.value(id)),
            Expr::Aggregate(at) => self.aggregate(*at, id),
            Expr::Let(at) => match machine.bound(*at) {
                Bound::Value(Val::Known(Value::Number(number))) => Some(Interval::point(number)),
                Bound::Open(interval) => Some(interval),
                Bound::Loose(interval) | Bound::Lost(interval) => Some(Interval { undefined: true, ..interval }),
                Bound::Value(Val::Missing) => match machine.plan.lets().get(*at as usize) {
                    Some(Root::Value(root)) => self.of(*root),
                    _ => None,
                },
                Bound::Value(Val::Undefined) => Some(anything),
                _ => None,
            },
            Expr::Lookup(column) => match machine.value(id) {
                Val::Known(Value::Number(number)) => Some(Interval::point(number)),
                Val::Known(_) => None,
                Val::Undefined => Some(anything),
                Val::Missing => {
                    let column = machine.plan.column(*column)?;
                    Some(Interval { undefined: self.lookup_lacks(column), ..column.interval })
                }
            },
            Expr::Unary(op, inner) => of_one(*op, self.of(*inner)?),
            Expr::Chain(first, rest) => {
                let mut interval = self.of(*first)?;
                for (op, part) in rest {
                    let part = self.of(*part)?;
                    let whole = machine.possible && overflows(*op, interval, part);
                    interval = of_two(*op, interval, part)?;
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

    /// Whether a value that is missing may turn out to have no result.
    fn may_lack(&self, id: ExprId) -> bool {
        let Some(steps) = self.steps.get().checked_sub(1) else { return true };
        self.steps.set(steps);
        let plan = self.machine.plan;
        match plan.expr(id) {
            Expr::Constant(_) | Expr::Fact(_) | Expr::Element(..) | Expr::Today => false,
            Expr::Unary(op, inner) => !op.builtin().total || self.may_lack(*inner),
            Expr::Chain(first, rest) => {
                self.may_lack(*first) || rest.iter().any(|(op, part)| !op.builtin().total || self.may_lack(*part))
            }
            Expr::Coalesce(parts) => parts.iter().all(|part| self.may_lack(*part)),
            Expr::If(..) | Expr::Truth(_) => true,
            Expr::Lookup(column) => plan.column(*column).is_none_or(|column| self.lookup_lacks(column)),
            Expr::Aggregate(at) => plan.aggregate(*at).is_none_or(|aggregate| {
                let argument = plan.measure(aggregate.measure).and_then(|measure| measure.argument);
                let none = aggregate.interval(None).undefined && !self.machine.has_elements(*at);
                none || argument.is_some_and(|argument| self.may_lack(argument))
            }),
            Expr::Let(at) => match self.machine.bound(*at) {
                Bound::Value(Val::Known(_)) => false,
                Bound::Open(interval) => interval.undefined,
                Bound::Members(members) => members.undefined,
                Bound::Value(Val::Missing) => match plan.lets().get(*at as usize) {
                    Some(Root::Value(root)) => self.may_lack(*root),
                    _ => true,
                },
                _ => true,
            },
        }
    }

    /// The same of what is looked up: some key has no row, or the key has no result.
    fn lookup_lacks(&self, column: &Column) -> bool {
        let table = self.machine.plan.tables().get(column.table as usize);
        column.interval.undefined || table.is_none_or(|table| self.may_lack(table.key))
    }

    fn fact(&self, slot: u32) -> Option<Interval> {
        let field = &self.machine.plan.slots().get(slot as usize)?.field;
        match self.machine.fact(slot) {
            Val::Known(Value::Number(number)) => Some(Interval::point(number)),
            Val::Missing => self.machine.open_fact(slot).or_else(|| of_field(field)),
            _ => None,
        }
    }

    fn aggregate(&self, at: u32, id: ExprId) -> Option<Interval> {
        let plan = self.machine.plan;
        let ty = plan.names().types.get(id.at());
        match self.machine.aggregate(at) {
            aggregate::Result::Number(number) => Some(Interval::point(number)),
            aggregate::Result::Open(interval) => Some(interval),
            aggregate::Result::Loose(interval) | aggregate::Result::Lost(interval) => {
                Some(Interval { undefined: true, ..interval })
            }
            aggregate::Result::Missing if ty != Some(&Type::Date) => {
                let aggregate = plan.aggregate(at)?;
                Some(Interval { undefined: self.may_lack(id), ..aggregate.interval(ty) })
            }
            aggregate::Result::Undefined => Some(Interval { undefined: true, ..Interval::ANY }),
            aggregate::Result::Missing | aggregate::Result::Date(_) | aggregate::Result::Truth(_) => None,
        }
    }

    /// A value of the element that is looked at. An order without an amount is a purchase.
    fn element(&self, records: u32, field: u32, value: Val<'_>) -> Option<Interval> {
        let known = self.machine.plan.records().get(records as usize)?;
        match value {
            Val::Known(Value::Number(number)) => Some(Interval::point(number)),
            Val::Missing => {
                let open = of_field(&known.fields.get(field as usize)?.field)?;
                let purchase = known.amount == Some(field as usize);
                let low = open.low.or_else(|| purchase.then_some(Decimal::ZERO));
                Some(Interval { low, ..open })
            }
            _ => None,
        }
    }
}

/// What a number of a field can be.
fn of_field(field: &Field) -> Option<Interval> {
    if !field.ty().is_numeric() {
        return None;
    }
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

/// Whether a sum, product or quotient can be too large or too fine for a number: what is possible counts that in.
fn overflows(op: Op, a: Interval, b: Interval) -> bool {
    let open = |ends: Interval| ends.low.is_none() || ends.high.is_none();
    match op {
        Op::Multiply if a.places + b.places > Decimal::MAX_SCALE => true,
        Op::Add | Op::Subtract | Op::Multiply => {
            open(a) || open(b) || of_two(op, a, b).is_some_and(|result| !result.fits())
        }
        Op::Divide => open(a) && b.single().is_none_or(|divisor| divisor.abs() < Decimal::ONE),
        _ => false,
    }
}

/// What an operator can come to for two numbers, each between two ends; `None` where it does not go from number to number.
pub(crate) fn of_two(op: Op, a: Interval, b: Interval) -> Option<Interval> {
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

/// The same for one.
pub(crate) fn of_one(op: Op, a: Interval) -> Option<Interval> {
    Some(match op {
        Op::Negate => a.negate(),
        Op::Abs => a.abs(),
        Op::Floor => a.floor(),
        Op::Ceil => a.ceil(),
        _ => return None,
    })
}
