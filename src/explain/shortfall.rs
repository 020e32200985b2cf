//! By how much a comparison failed: the step to the nearest value with which it would have held.

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Serialize, Serializer};

use super::actual::{Actual, Amounts};
use super::condition::{Asks, Question};
use super::tree::Found;
use crate::builtins::Compare;
use crate::plan::{Expr, ExprId};
use crate::schema::Type;
use crate::value::{add, canonical, days_between, subtract};

/// Which way a value would have to move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Move {
    /// To a larger number or a later date.
    Up,
    /// To a smaller number or an earlier date.
    Down,
}

/// By how much a comparison of numbers or dates failed.
///
/// A strict bound is reached one step of the grid beyond it: money moves by its minor unit, whole numbers by 1, a field of
/// a declared scale by that, dates by a day. A number without a grid has no next value: then it takes more than the
/// amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    pub(super) amount: Amount,
    pub(super) way: Move,
    pub(super) more_than: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    Number(Decimal),
    Days(i64),
}

impl Shortfall {
    /// How much is missing: a number, or days.
    pub fn amount(&self) -> Decimal {
        match self.amount {
            Amount::Number(number) => number,
            Amount::Days(days) => days.into(),
        }
    }

    /// Whether the amount counts days.
    pub fn is_days(&self) -> bool {
        matches!(self.amount, Amount::Days(_))
    }

    /// Which way the value would have to move.
    pub fn way(&self) -> Move {
        self.way
    }

    /// Whether it takes more than the amount, by however little.
    pub fn is_exclusive(&self) -> bool {
        self.more_than
    }
}

impl Serialize for Shortfall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire {
            amount: String,
            days: bool,
            way: Move,
            more_than: bool,
        }
        let (way, more_than) = (self.way, self.more_than);
        Wire { amount: canonical(self.amount()), days: self.is_days(), way, more_than }.serialize(serializer)
    }
}

/// The shortfall of a question that was not answered as wanted.
pub(super) fn missed(found: &Found<'_>, question: &Question, wanted: bool) -> Option<Shortfall> {
    match (&question.asks, &question.value) {
        (Asks::Compare(op, bound, _), value) => {
            let op = if wanted { *op } else { opposite(*op) };
            match (value, bound) {
                (Actual::Number(value), Actual::Number(bound)) => {
                    numbers(op, *value, *bound, grid(found, question.subject))
                }
                (Actual::Date(value), Actual::Date(bound)) => dates(op, *value, *bound),
                _ => None,
            }
        }
        (Asks::Within(Some(first), _), Actual::Date(date)) if wanted => {
            days(*date, if date < first { *first } else { found.as_of })
        }
        _ => None,
    }
}

/// The comparison that holds where this one does not.
pub(super) fn opposite(op: Compare) -> Compare {
    match op {
        Compare::Equal => Compare::NotEqual,
        Compare::NotEqual => Compare::Equal,
        Compare::Less => Compare::GreaterOrEqual,
        Compare::LessOrEqual => Compare::Greater,
        Compare::Greater => Compare::LessOrEqual,
        Compare::GreaterOrEqual => Compare::Less,
    }
}

/// The steps in which a value can move.
#[derive(Clone, Copy)]
enum Steps {
    Whole,
    /// Nothing finer is taken.
    Scale(u32),
    Places(u32),
    None,
}

impl Steps {
    /// The places of numbers of which finer ones are not taken.
    fn finest(self) -> Option<u32> {
        match self {
            Self::Whole => Some(0),
            Self::Scale(places) => Some(places),
            Self::Places(_) | Self::None => None,
        }
    }
}

fn grid(found: &Found<'_>, subject: ExprId) -> Steps {
    let field = match found.plan.expr(subject) {
        Expr::Fact(slot) => found.plan.slots().get(*slot as usize).map(|slot| &slot.field),
        _ => None,
    };
    match found.ty(subject) {
        Some(Type::Integer) => Steps::Whole,
        _ if field.is_some_and(|field| field.scale.is_some()) => {
            Steps::Scale(field.and_then(|field| field.scale).unwrap_or_default())
        }
        // Sums and differences of amounts lie on the grid of the amounts; quotients and products do not.
        Some(Type::Money) if found.plan.names().sums.get(subject.at()) == Some(&true) => {
            Steps::Places(Amounts::of(found.plan).minor_places())
        }
        _ => Steps::None,
    }
}

fn numbers(op: Compare, value: Decimal, bound: Decimal, steps: Steps) -> Option<Shortfall> {
    let (way, strict) = match op {
        Compare::Greater => (Move::Up, true),
        Compare::GreaterOrEqual => (Move::Up, false),
        Compare::Less => (Move::Down, true),
        Compare::LessOrEqual => (Move::Down, false),
        // No whole number equals one that is not.
        Compare::Equal if steps.finest().is_some_and(|places| bound.normalize().scale() > places) => return None,
        Compare::Equal => (if value < bound { Move::Up } else { Move::Down }, false),
        Compare::NotEqual => return None,
    };
    let (target, more_than) = match steps {
        // A whole number can only reach a whole one.
        Steps::Whole => (taken(bound, 0, way, strict)?, false),
        Steps::Scale(places) => (taken(bound, places, way, strict)?, false),
        Steps::Places(places) if strict => {
            let places = places.max(value.normalize().scale()).max(bound.normalize().scale());
            (step(bound, way, Decimal::new(1, places))?, false)
        }
        _ => (bound, strict),
    };
    let amount = if way == Move::Up { subtract(target, value)? } else { subtract(value, target)? };
    (amount >= Decimal::ZERO).then_some(Shortfall { amount: Amount::Number(amount), way, more_than })
}

fn step(from: Decimal, way: Move, by: Decimal) -> Option<Decimal> {
    if way == Move::Up { add(from, by) } else { subtract(from, by) }
}

/// The nearest number of so many places that a comparison with a bound accepts.
fn taken(bound: Decimal, places: u32, way: Move, strict: bool) -> Option<Decimal> {
    let to = if way == Move::Up { RoundingStrategy::ToPositiveInfinity } else { RoundingStrategy::ToNegativeInfinity };
    let rounded = bound.round_dp_with_strategy(places, to);
    if strict && rounded == bound { step(rounded, way, Decimal::new(1, places)) } else { Some(rounded) }
}

fn dates(op: Compare, value: NaiveDate, bound: NaiveDate) -> Option<Shortfall> {
    let target = match op {
        Compare::Greater => bound.succ_opt()?,
        Compare::Less => bound.pred_opt()?,
        Compare::NotEqual => return None,
        _ => bound,
    };
    days(value, target)
}

fn days(from: NaiveDate, to: NaiveDate) -> Option<Shortfall> {
    let days = days_between(from, to);
    let way = if days >= 0 { Move::Up } else { Move::Down };
    Some(Shortfall { amount: Amount::Days(days.abs()), way, more_than: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_strict_bound_is_reached_one_step_beyond() {
        for (op, value, bound, steps, expected) in [
            (Compare::Greater, "980000", "1000000", Steps::Places(2), ("20000.01", Move::Up, false)),
            (Compare::GreaterOrEqual, "980000", "1000000", Steps::Places(2), ("20000", Move::Up, false)),
            (Compare::Greater, "11", "11", Steps::Whole, ("1", Move::Up, false)),
            (Compare::GreaterOrEqual, "1", "2.5", Steps::Whole, ("2", Move::Up, false)),
            (Compare::Greater, "0.2", "0.25", Steps::Scale(1), ("0.1", Move::Up, false)),
            (Compare::Less, "0.2", "0.1", Steps::Scale(1), ("0.2", Move::Down, false)),
            (Compare::Less, "7", "5", Steps::Whole, ("3", Move::Down, false)),
            (Compare::Greater, "0.1", "0.4", Steps::None, ("0.3", Move::Up, true)),
            (Compare::Greater, "999.995", "1000", Steps::Places(2), ("0.006", Move::Up, false)),
            (Compare::Equal, "5", "3", Steps::None, ("2", Move::Down, false)),
        ] {
            let shortfall = numbers(op, number(value), number(bound), steps).unwrap();
            assert_eq!(
                (shortfall.amount(), shortfall.way, shortfall.more_than),
                (number(expected.0), expected.1, expected.2)
            );
        }
    }

    #[test]
    fn dates_are_short_by_days() {
        let day = |text: &str| text.parse().unwrap();
        let shortfall = dates(Compare::Greater, day("2026-02-27"), day("2026-03-01")).unwrap();
        assert_eq!((shortfall.amount(), shortfall.way, shortfall.is_days()), (3.into(), Move::Up, true));
    }
}
