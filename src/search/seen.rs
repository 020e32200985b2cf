//! What values can be for the customers of a region, and what operators make of them.

use chrono::{Datelike, NaiveDate};

use super::kleene::Kleene;
use super::region::Bits;
use crate::builtins::{Compare, Op};
use crate::eval::{Val, of_one, of_two};
use crate::value::{Constant, Duration, Interval, Value, days_between, months_between, shift};

/// What a value can be: something known, or nothing known.
#[derive(Clone)]
pub(super) struct Seen<'a> {
    pub(super) known: Known<'a>,
    pub(super) missing: bool,
    pub(super) undefined: bool,
}

#[derive(Clone)]
pub(super) enum Known<'a> {
    /// Never anything known.
    Nothing,
    Exact(Value<'a>),
    Number(Interval),
    /// From one day to another.
    Days(NaiveDate, NaiveDate),
    Truth(Kleene),
    Members(Bits),
    /// The text of a variable.
    Text {
        variable: usize,
        lower: bool,
    },
    /// The set of a variable.
    Set(usize),
    /// A value of which nothing is known.
    Anything,
}

impl<'a> Seen<'a> {
    pub(super) const UNDEFINED: Self = Self { known: Known::Nothing, missing: false, undefined: true };
    pub(super) const ANYTHING: Self = Self { known: Known::Anything, missing: true, undefined: true };

    pub(super) fn of(known: Known<'a>) -> Self {
        Self { known, missing: false, undefined: false }
    }

    pub(super) fn exact(value: Val<'a>) -> Self {
        match value {
            Val::Known(value) => Self::of(Known::Exact(value)),
            Val::Missing => Self { known: Known::Nothing, missing: true, undefined: false },
            Val::Undefined => Self::UNDEFINED,
        }
    }

    pub(super) fn truth(truth: Kleene) -> Self {
        let known = truth.only(Kleene::EITHER);
        Self {
            known: if known == Kleene::NOTHING { Known::Nothing } else { Known::Truth(known) },
            missing: truth.can_be(Kleene::MISSING),
            undefined: truth.can_be(Kleene::UNDEFINED),
        }
    }

    pub(super) fn can_be_known(&self) -> bool {
        !matches!(self.known, Known::Nothing)
    }

    pub(super) fn is_known(&self) -> bool {
        self.can_be_known() && !self.missing && !self.undefined
    }

    /// The unknown that a question about it can come to.
    pub(super) fn unknown(&self) -> Kleene {
        Kleene::MISSING.when(self.missing).or_else(Kleene::UNDEFINED.when(self.undefined))
    }

    /// One or the other.
    pub(super) fn join(self, other: Self) -> Self {
        Self {
            known: self.known.join(other.known),
            missing: self.missing || other.missing,
            undefined: self.undefined || other.undefined,
        }
    }

    pub(super) fn number(&self) -> Option<Interval> {
        self.known.number()
    }

    /// What an operator makes of it.
    pub(super) fn unary(self, op: Op) -> Self {
        let known = match (&self.known, self.number()) {
            (Known::Exact(value), _) => op.unary(*value).map_or(Known::Nothing, Known::Exact),
            (Known::Days(low, high), _) => match op {
                Op::Year => whole(low.year().into(), high.year().into()),
                Op::Month if (low.year(), low.month()) == (high.year(), high.month()) => {
                    whole(low.month().into(), high.month().into())
                }
                _ => whole(1, 12),
            },
            (Known::Text { variable, .. }, _) => Known::Text { variable: *variable, lower: true },
            (_, Some(number)) => of_one(op, number).map_or(Known::Anything, Known::Number),
            (Known::Nothing, _) => Known::Nothing,
            _ => Known::Anything,
        };
        Self { known, ..self }
    }

    /// What an operator makes of it and another.
    pub(super) fn binary(self, op: Op, other: Self) -> Self {
        let (missing, undefined) = (self.missing || other.missing, self.undefined || other.undefined);
        let result = match (&self.known, &other.known) {
            (Known::Nothing, _) | (_, Known::Nothing) => Self::of(Known::Nothing),
            (Known::Exact(a), Known::Exact(b)) => {
                op.binary(*a, *b).map_or(Self::UNDEFINED, |value| Self::of(Known::Exact(value)))
            }
            (a, b) => match (a.number(), b.number(), a.days(), b.days()) {
                (Some(a), Some(b), ..) => numbers(op, a, b),
                (_, _, Some(a), Some(b)) => Self::of(days(op, a, b)),
                (_, _, Some((low, high)), _) => match b {
                    Known::Exact(Value::Duration(length)) => shifted(op, low, high, *length),
                    _ => Self::ANYTHING,
                },
                (_, _, _, Some((low, high))) if op == Op::Add => match a {
                    Known::Exact(Value::Duration(length)) => shifted(op, low, high, *length),
                    _ => Self::ANYTHING,
                },
                _ => Self::ANYTHING,
            },
        };
        Self { missing: result.missing || missing, undefined: result.undefined || undefined, ..result }
    }
}

fn whole(low: i64, high: i64) -> Known<'static> {
    Known::Number(Interval { low: Some(low.into()), high: Some(high.into()), undefined: false, places: 0 })
}

fn numbers(op: Op, a: Interval, b: Interval) -> Seen<'static> {
    if let (Some(a), Some(b)) = (a.single(), b.single()) {
        let exact = op.binary(Value::Number(a), Value::Number(b)).and_then(|value| value.constant());
        return match exact {
            Some(Constant::Number(number)) => Seen::of(Known::Exact(Value::Number(number))),
            _ => Seen::UNDEFINED,
        };
    }
    let Some(result) = of_two(op, a, b) else { return Seen::ANYTHING };
    let sum = matches!(op, Op::Add | Op::Subtract | Op::Multiply);
    let undefined = result.undefined || (sum && !result.fits());
    Seen { undefined, ..Seen::of(Known::Number(Interval { undefined: false, ..result })) }
}

fn days(op: Op, a: (NaiveDate, NaiveDate), b: (NaiveDate, NaiveDate)) -> Known<'static> {
    match op {
        Op::Subtract => whole(days_between(b.1, a.0), days_between(b.0, a.1)),
        Op::DaysBetween => whole(days_between(a.1, b.0), days_between(a.0, b.1)),
        Op::MonthsBetween => whole(months_between(a.1, b.0), months_between(a.0, b.1)),
        Op::Min => Known::Days(a.0.min(b.0), a.1.min(b.1)),
        Op::Max => Known::Days(a.0.max(b.0), a.1.max(b.1)),
        _ => Known::Anything,
    }
}

/// Days that are moved; those that leave the calendar have no result.
fn shifted(op: Op, low: NaiveDate, high: NaiveDate, by: Duration) -> Seen<'static> {
    let forward = op == Op::Add;
    let (first, last) = (shift(low, by, forward), shift(high, by, forward));
    let ends = crate::value::days_of_the_calendar();
    match (first, last) {
        (None, None) => Seen::UNDEFINED,
        (first, last) => Seen {
            undefined: first.is_none() || last.is_none(),
            ..Seen::of(Known::Days(first.unwrap_or(ends.0), last.unwrap_or(ends.1)))
        },
    }
}

impl<'a> Known<'a> {
    /// A number as an interval.
    pub(super) fn number(&self) -> Option<Interval> {
        match self {
            Self::Exact(Value::Number(number)) => Some(Interval::point(*number)),
            Self::Number(interval) => Some(*interval),
            _ => None,
        }
    }

    pub(super) fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        match self {
            Self::Exact(Value::Date(date)) => Some((*date, *date)),
            Self::Days(low, high) => Some((*low, *high)),
            _ => None,
        }
    }

    /// Whether it can be true and false.
    fn flags(&self) -> Option<Kleene> {
        match self {
            Self::Exact(Value::Boolean(value)) => Some(Kleene::of(*value)),
            Self::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    fn members(&self) -> Option<Vec<usize>> {
        match self {
            Self::Exact(Value::Member(own)) => Some(vec![*own as usize]),
            Self::Members(members) => Some(members.iter().collect()),
            _ => None,
        }
    }

    fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, known) | (known, Self::Nothing) => known,
            (Self::Exact(a), Self::Exact(b)) if a.same(&b) => Self::Exact(a),
            (a, b) => {
                if let (Some(a), Some(b)) = (a.number(), b.number()) {
                    return Self::Number(a.hull(b));
                }
                if let (Some(a), Some(b)) = (a.days(), b.days()) {
                    return Self::Days(a.0.min(b.0), a.1.max(b.1));
                }
                if let (Some(a), Some(b)) = (a.flags(), b.flags()) {
                    return Self::Truth(a.or_else(b));
                }
                match (a.members(), b.members()) {
                    (Some(a), Some(b)) => {
                        let count = a.iter().chain(&b).max().map_or(0, |most| most + 1);
                        let mut all = Bits::none(count);
                        a.iter().chain(&b).for_each(|member| all.insert(*member));
                        Self::Members(all)
                    }
                    _ => Self::Anything,
                }
            }
        }
    }

    /// Whether a comparison with another known value can be true, and false.
    pub(super) fn compare(&self, op: Compare, other: &Self) -> Kleene {
        if matches!(self, Self::Nothing) || matches!(other, Self::Nothing) {
            return Kleene::NOTHING;
        }
        if let (Self::Exact(a), Self::Exact(b)) = (self, other) {
            return Kleene::of(op.holds(a, b));
        }
        if let (Some(a), Some(b)) = (self.number(), other.number()) {
            let orders = a.orders(b).into_iter().filter(|(_, possible)| *possible);
            return orders.map(|(order, _)| Kleene::of(op.accepts(order))).fold(Kleene::NOTHING, Kleene::or_else);
        }
        if let (Some(a), Some(b)) = (self.days(), other.days()) {
            use std::cmp::Ordering::{Equal, Greater, Less};
            let orders = [(Less, a.0 < b.1), (Equal, a.0 <= b.1 && b.0 <= a.1), (Greater, b.0 < a.1)];
            let possible = orders.into_iter().filter(|(_, possible)| *possible);
            return possible.map(|(order, _)| Kleene::of(op.accepts(order))).fold(Kleene::NOTHING, Kleene::or_else);
        }
        let same = match (self.flags(), other.flags(), self.members(), other.members()) {
            (Some(a), Some(b), ..) => {
                let both = |a: Kleene, b: Kleene| a.can_be(Kleene::TRUE) && b.can_be(Kleene::TRUE);
                let same = both(a, b) || both(a.not(), b.not());
                Some((same, both(a, b.not()) || both(a.not(), b)))
            }
            (_, _, Some(a), Some(b)) => {
                let same = a.iter().any(|member| b.contains(member));
                Some((same, a.len() > 1 || b.len() > 1 || !same))
            }
            _ => None,
        };
        let (same, other) = same.unwrap_or((true, true));
        let equal = Kleene::TRUE.when(same).or_else(Kleene::FALSE.when(other));
        if op == Compare::NotEqual { equal.not() } else { equal }
    }

    /// Whether it can be one of a sorted list, and none of it.
    pub(super) fn is_among(&self, members: &[Constant]) -> Kleene {
        let single = match self {
            Self::Exact(_) => true,
            Self::Number(ends) => ends.single().is_some(),
            Self::Days(low, high) => low == high,
            Self::Truth(truth) => truth.is_settled(),
            Self::Members(members) => members.count() == 1,
            _ => false,
        };
        let can = |member: &&Constant| self.compare(Compare::Equal, &Known::Exact(member.value())).can_be(Kleene::TRUE);
        let found = members.iter().filter(can).count();
        // All that is left of a closed set may be in the list.
        let all = match self {
            Self::Members(own) => found == own.count() as usize,
            Self::Truth(truth) => found == if truth.is_settled() { 1 } else { 2 },
            _ => single && found > 0,
        };
        Kleene::TRUE.when(found > 0).or_else(Kleene::FALSE.when(!all))
    }
}
