//! Questions about a date that depend on the as-of date. Each is answered before a walk, and its answer stands behind the
//! facts as an ordinal of its own: 1 where it holds, 0 where it does not.

use chrono::{Datelike, NaiveDate};

use super::{Atom, Expr, ExprId, Operand, Plan, Test};
use crate::builtins::Compare;
use crate::schema::Type;
use crate::value::{LEAST, MISSING, UNDEFINED, Value, within};

/// A question about the date of a slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Derived {
    slot: u32,
    asked: Asked,
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    Compare(Compare, ExprId),
    Within(ExprId),
}

impl Derived {
    /// The question that an atom asks of the date of a slot, where it depends on nothing but that and the as-of date.
    pub(super) fn of(plan: &Plan, slot: u32, atom: &Atom) -> Option<Self> {
        let (asked, operand) = match &atom.test {
            Test::Compare(op, Operand::Relative(bound)) => (Asked::Compare(*op, *bound), *bound),
            Test::Within(length) => (Asked::Within(*length), *length),
            _ => return None,
        };
        let is_date = plan.slots.get(slot as usize).is_some_and(|slot| *slot.field.ty() == Type::Date);
        (is_date && plan.is_relative(operand)).then_some(Self { slot, asked })
    }

    /// Its answer as an ordinal, from those of the facts.
    pub(crate) fn ordinal(&self, plan: &Plan, as_of: NaiveDate, ordinals: &[i64]) -> i64 {
        let known = ordinals.get(self.slot as usize).copied().unwrap_or(MISSING);
        let day = |date: NaiveDate| i64::from(date.num_days_from_ce());
        let holds = match self.asked {
            Asked::Compare(op, bound) => match plan.relative(bound, as_of) {
                Some(Value::Date(bound)) => op.accepts(known.cmp(&day(bound))),
                _ => return UNDEFINED,
            },
            Asked::Within(length) => match plan.relative(length, as_of) {
                Some(Value::Duration(length)) => {
                    let date = i32::try_from(known).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
                    date.is_some_and(|date| within(date, as_of, length))
                }
                _ => return UNDEFINED,
            },
        };
        if known < LEAST { known } else { i64::from(holds) }
    }
}

impl Plan {
    /// Whether a value is made of constants and the as-of date alone.
    fn is_relative(&self, value: ExprId) -> bool {
        match self.expr(value) {
            Expr::Constant(_) | Expr::Today => true,
            Expr::Unary(_, part) => self.is_relative(*part),
            Expr::Chain(first, rest) => {
                self.is_relative(*first) && rest.iter().all(|(_, part)| self.is_relative(*part))
            }
            _ => false,
        }
    }

    /// Such a value; `None` where it has no result.
    fn relative(&self, value: ExprId, as_of: NaiveDate) -> Option<Value<'_>> {
        match self.expr(value) {
            Expr::Constant(constant) => Some(constant.value()),
            Expr::Today => Some(Value::Date(as_of)),
            Expr::Unary(op, part) => op.unary(self.relative(*part, as_of)?),
            Expr::Chain(first, rest) => {
                let first = self.relative(*first, as_of)?;
                rest.iter().try_fold(first, |value, (op, part)| op.binary(value, self.relative(*part, as_of)?))
            }
            _ => None,
        }
    }
}
