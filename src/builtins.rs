//! Operators and functions as one table of name, signature and pure function, read by the checker and by every
//! evaluator alike.

use std::cmp::Ordering;

use chrono::Datelike;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::schema::Type;
use crate::value::{
    Constant, Fact, Members, Value, add, days_between, divide, months_between, multiply, negate, parse_date, shift,
    subtract,
};

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Compare {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Compare {
    pub(crate) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    /// Which way an inequality points; equality points nowhere.
    pub(crate) const fn direction(self) -> Option<Ordering> {
        match self {
            Self::Less | Self::LessOrEqual => Some(Ordering::Less),
            Self::Greater | Self::GreaterOrEqual => Some(Ordering::Greater),
            Self::Equal | Self::NotEqual => None,
        }
    }

    /// The comparison with its sides exchanged.
    pub(crate) const fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Whether the comparison holds of two known values of one type.
    pub(crate) fn holds(self, left: &Value<'_>, right: &Value<'_>) -> bool {
        match self {
            Self::Equal => left.same(right),
            Self::NotEqual => !left.same(right),
            _ => left.order(right).is_some_and(|order| self.accepts(order)),
        }
    }

    /// Whether the comparison holds of values in this order.
    pub(crate) fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// How many members of a list a set must contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contains {
    One,
    Any,
    All,
}

/// The type of an expression while it is checked: a bare number literal takes the type it meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Bare { whole: bool },
    Of(Type),
}

impl Sort {
    /// The type where nothing else decides it.
    pub(crate) fn settled(&self) -> Type {
        match self {
            Self::Bare { whole: true } => Type::Integer,
            Self::Bare { whole: false } => Type::Number,
            Self::Of(ty) => ty.clone(),
        }
    }

    pub(crate) fn is(&self, ty: &Type) -> bool {
        matches!(self, Self::Of(own) if own == ty)
    }

    pub(crate) fn is_numeric(&self) -> bool {
        self.settled().is_numeric()
    }

    fn is_whole(&self) -> bool {
        self.settled() == Type::Integer
    }

    /// The type of both, where they meet in a comparison, a sum or a branch.
    pub(crate) fn meet(&self, other: &Self) -> Option<Self> {
        if self == other {
            return Some(self.clone());
        }
        let whole = self.is_whole() && other.is_whole();
        match (self, other) {
            (Self::Bare { .. }, Self::Bare { .. }) => Some(Self::Bare { whole }),
            (Self::Bare { .. }, Self::Of(ty)) | (Self::Of(ty), Self::Bare { .. }) if ty.is_numeric() => {
                Some(if *ty == Type::Integer && !whole { Self::Of(Type::Number) } else { Self::Of(ty.clone()) })
            }
            (Self::Of(Type::Integer), Self::Of(Type::Number)) | (Self::Of(Type::Number), Self::Of(Type::Integer)) => {
                Some(Self::Of(Type::Number))
            }
            _ => None,
        }
    }
}

/// An operator or function that makes a value of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Negate,
    Min,
    Max,
    Abs,
    Round,
    Floor,
    Ceil,
    Lower,
    Year,
    Month,
    DaysBetween,
    MonthsBetween,
}

/// A function over the elements of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fold {
    Sum,
    Count,
    Average,
    Min,
    Max,
    Any,
    All,
    Streak,
}

impl Fold {
    pub(crate) const ALL: [Self; 8] =
        [Self::Sum, Self::Count, Self::Average, Self::Min, Self::Max, Self::Any, Self::All, Self::Streak];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Count => "count",
            Self::Average => "average",
            Self::Min => "min",
            Self::Max => "max",
            Self::Any => "any",
            Self::All => "all",
            Self::Streak => "streak",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fold| fold.name() == name)
    }

    /// How it is called, for help.
    pub(crate) const fn form(self) -> &'static str {
        match self {
            Self::Sum => "sum(orders.amount in last 12 months)",
            Self::Count => "count(orders in last 12 months)",
            Self::Average => "average(orders.amount in last 12 months)",
            Self::Min => "min(orders.amount in last 12 months)",
            Self::Max => "max(orders.amount in last 12 months)",
            Self::Any => "any(orders in last 12 months where amount >= 100)",
            Self::All => "all(orders in last 12 months where amount >= 100)",
            Self::Streak => "streak(months in previous 12 months where count(orders) > 0)",
        }
    }

    /// Whether it is a function of several values too.
    pub(crate) const fn takes_many(self) -> bool {
        matches!(self, Self::Min | Self::Max)
    }

    /// Whether its argument is a collection; else it is a value of each element.
    pub(crate) const fn takes_elements(self) -> bool {
        matches!(self, Self::Count | Self::Any | Self::All | Self::Streak)
    }

    /// The type of the result over values of a type; `None` where these cannot be aggregated so.
    pub(crate) fn result(self, argument: &Sort) -> Option<Sort> {
        let numeric = argument.is_numeric();
        match self {
            Self::Count | Self::Streak => Some(Sort::Of(Type::Integer)),
            Self::Any | Self::All => Some(Sort::Of(Type::Boolean)),
            Self::Sum => numeric.then(|| Sort::Of(argument.settled())),
            Self::Average if argument.is(&Type::Money) => Some(Sort::Of(Type::Money)),
            Self::Average => numeric.then_some(Sort::Of(Type::Number)),
            Self::Min | Self::Max => (numeric || argument.is(&Type::Date)).then(|| Sort::Of(argument.settled())),
        }
    }
}

/// A row of the table.
pub(crate) struct Builtin {
    pub(crate) op: Op,
    /// How it is called, or its sign.
    pub(crate) name: &'static str,
    /// The fewest and the most arguments; more than two are taken from left to right.
    pub(crate) arity: (usize, usize),
    /// How it is called, for help.
    pub(crate) form: &'static str,
    /// Whether it has a value for all known arguments.
    pub(crate) total: bool,
    /// The type of the result of one argument, or of what there is so far and the next one.
    pub(crate) signature: fn(&Sort, Option<&Sort>) -> Option<Sort>,
}

const MANY: usize = 1_000_000;

pub(crate) static TABLE: [Builtin; 16] = [
    Builtin { op: Op::Add, name: "+", arity: (2, MANY), form: "a + b", total: false, signature: sum },
    Builtin { op: Op::Subtract, name: "-", arity: (2, MANY), form: "a - b", total: false, signature: difference },
    Builtin { op: Op::Multiply, name: "*", arity: (2, MANY), form: "a * b", total: false, signature: product },
    Builtin { op: Op::Divide, name: "/", arity: (2, MANY), form: "a / b", total: false, signature: quotient },
    Builtin { op: Op::Negate, name: "-", arity: (1, 1), form: "-a", total: true, signature: same_number },
    Builtin { op: Op::Min, name: "min", arity: (2, MANY), form: "min(a, b, …)", total: true, signature: extreme },
    Builtin { op: Op::Max, name: "max", arity: (2, MANY), form: "max(a, b, …)", total: true, signature: extreme },
    Builtin { op: Op::Abs, name: "abs", arity: (1, 1), form: "abs(number)", total: true, signature: same_number },
    Builtin {
        op: Op::Round,
        name: "round",
        arity: (2, 2),
        form: "round(number, places)",
        total: true,
        signature: rounded,
    },
    Builtin { op: Op::Floor, name: "floor", arity: (1, 1), form: "floor(number)", total: true, signature: whole },
    Builtin { op: Op::Ceil, name: "ceil", arity: (1, 1), form: "ceil(number)", total: true, signature: whole },
    Builtin { op: Op::Lower, name: "lower", arity: (1, 1), form: "lower(text)", total: true, signature: lower },
    Builtin { op: Op::Year, name: "year", arity: (1, 1), form: "year(date)", total: true, signature: date_part },
    Builtin { op: Op::Month, name: "month", arity: (1, 1), form: "month(date)", total: true, signature: date_part },
    Builtin {
        op: Op::DaysBetween,
        name: "days_between",
        arity: (2, 2),
        form: "days_between(from, to)",
        total: true,
        signature: dates,
    },
    Builtin {
        op: Op::MonthsBetween,
        name: "months_between",
        arity: (2, 2),
        form: "months_between(from, to)",
        total: true,
        signature: dates,
    },
];

impl Op {
    pub(crate) fn builtin(self) -> &'static Builtin {
        let [first, ..] = &TABLE;
        TABLE.iter().find(|row| row.op == self).unwrap_or(first)
    }

    pub(crate) fn sign(self) -> &'static str {
        self.builtin().name
    }

    /// The function of a name; operators have signs and no names.
    pub(crate) fn function(name: &str) -> Option<&'static Builtin> {
        TABLE.iter().find(|row| row.name == name && row.form.contains('('))
    }

    /// The result for one known value; `None` is undefined.
    pub(crate) fn unary(self, value: Value<'_>) -> Option<Value<'_>> {
        Some(match (self, value) {
            (Self::Negate, Value::Number(a)) => Value::Number(negate(a)),
            (Self::Abs, Value::Number(a)) => Value::Number(a.abs()),
            (Self::Floor, Value::Number(a)) => Value::Number(a.floor()),
            (Self::Ceil, Value::Number(a)) => Value::Number(a.ceil()),
            (Self::Lower, Value::Text(a)) => Value::Text(a.lower()),
            (Self::Year, Value::Date(a)) => Value::Number(a.year().into()),
            (Self::Month, Value::Date(a)) => Value::Number(a.month().into()),
            _ => return None,
        })
    }

    /// The result for two known values; `None` is undefined.
    pub(crate) fn binary<'a>(self, left: Value<'a>, right: Value<'a>) -> Option<Value<'a>> {
        match (left, right) {
            (Value::Number(a), Value::Number(b)) => self.numbers(a, b).map(Value::Number),
            (Value::Date(a), Value::Duration(b)) => match self {
                Self::Add => shift(a, b, true).map(Value::Date),
                Self::Subtract => shift(a, b, false).map(Value::Date),
                _ => None,
            },
            (Value::Duration(_), Value::Date(_)) if self == Self::Add => self.binary(right, left),
            (Value::Date(a), Value::Date(b)) => match self {
                Self::Subtract => Some(Value::Number(days_between(b, a).into())),
                Self::DaysBetween => Some(Value::Number(days_between(a, b).into())),
                Self::MonthsBetween => Some(Value::Number(months_between(a, b).into())),
                Self::Min => Some(Value::Date(a.min(b))),
                Self::Max => Some(Value::Date(a.max(b))),
                _ => None,
            },
            _ => None,
        }
    }

    fn numbers(self, a: Decimal, b: Decimal) -> Option<Decimal> {
        match self {
            Self::Add => add(a, b),
            Self::Subtract => subtract(a, b),
            Self::Multiply => multiply(a, b),
            Self::Divide => divide(a, b),
            Self::Min => Some(a.min(b)),
            Self::Max => Some(a.max(b)),
            Self::Round => {
                let places = u32::try_from(b).ok()?;
                Some(a.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
            }
            _ => None,
        }
    }
}

fn sum(left: &Sort, right: Option<&Sort>) -> Option<Sort> {
    let right = right?;
    match (left.settled(), right.settled()) {
        (Type::Date, Type::Duration) | (Type::Duration, Type::Date) => Some(Sort::Of(Type::Date)),
        _ if left.is_numeric() && right.is_numeric() => left.meet(right),
        _ => None,
    }
}

fn difference(left: &Sort, right: Option<&Sort>) -> Option<Sort> {
    match (left.settled(), right?.settled()) {
        (Type::Date, Type::Date) => Some(Sort::Of(Type::Integer)),
        (Type::Duration, _) => None,
        _ => sum(left, right),
    }
}

fn product(left: &Sort, right: Option<&Sort>) -> Option<Sort> {
    let right = right?;
    let money = Sort::Of(Type::Money);
    match (left.is(&Type::Money), right.is(&Type::Money)) {
        (true, true) => None,
        (true, false) => right.is_numeric().then_some(money),
        (false, true) => left.is_numeric().then_some(money),
        (false, false) => plain(left, right, left.is_whole() && right.is_whole()),
    }
}

fn quotient(left: &Sort, right: Option<&Sort>) -> Option<Sort> {
    let right = right?;
    match (left.is(&Type::Money), right.is(&Type::Money)) {
        (true, true) => Some(Sort::Of(Type::Number)),
        (true, false) => right.is_numeric().then_some(Sort::Of(Type::Money)),
        (false, true) => None,
        (false, false) => plain(left, right, false),
    }
}

/// In `*` and `/` a bare literal is a number.
fn plain(left: &Sort, right: &Sort, whole: bool) -> Option<Sort> {
    let numbers = left.is_numeric() && right.is_numeric();
    numbers.then_some(Sort::Of(if whole { Type::Integer } else { Type::Number }))
}

fn same_number(value: &Sort, _: Option<&Sort>) -> Option<Sort> {
    value.is_numeric().then(|| value.clone())
}

fn extreme(left: &Sort, right: Option<&Sort>) -> Option<Sort> {
    let right = right?;
    let ordered = |sort: &Sort| sort.is_numeric() || sort.is(&Type::Date);
    if ordered(left) && ordered(right) { left.meet(right) } else { None }
}

fn rounded(value: &Sort, places: Option<&Sort>) -> Option<Sort> {
    let places = places?;
    (value.is_numeric() && *places == Sort::Bare { whole: true }).then(|| value.clone())
}

fn whole(value: &Sort, _: Option<&Sort>) -> Option<Sort> {
    match value {
        Sort::Of(Type::Number | Type::Integer) => Some(Sort::Of(Type::Integer)),
        Sort::Bare { .. } => Some(Sort::Bare { whole: true }),
        Sort::Of(Type::Money) => Some(value.clone()),
        Sort::Of(_) => None,
    }
}

fn lower(value: &Sort, _: Option<&Sort>) -> Option<Sort> {
    value.is(&Type::Text).then(|| value.clone())
}

fn date_part(value: &Sort, _: Option<&Sort>) -> Option<Sort> {
    value.is(&Type::Date).then_some(Sort::Of(Type::Integer))
}

fn dates(left: &Sort, right: Option<&Sort>) -> Option<Sort> {
    let date = |sort: &Sort| sort.is(&Type::Date);
    (date(left) && right.is_some_and(date)).then_some(Sort::Of(Type::Integer))
}

/// Whether a set has a member. Members were checked against the element type before.
pub(crate) fn set_has(set: &dyn Members, wanted: &Value<'_>) -> bool {
    let mut found = false;
    set.each(&mut |member| found = found || member_order(member, wanted) == Some(Ordering::Equal));
    found
}

/// Whether a set has any or all of a sorted list without duplicates: one pass over the set.
pub(crate) fn set_contains(set: &dyn Members, mode: Contains, wanted: &[Constant]) -> bool {
    let find = |member: Fact<'_>| {
        wanted
            .binary_search_by(|known| member_order(member, &known.value()).map_or(Ordering::Less, Ordering::reverse))
            .ok()
    };
    if mode != Contains::All {
        let mut found = false;
        set.each(&mut |member| found = found || find(member).is_some());
        return found;
    }
    // Up to 128 wanted members are ticked off without allocating.
    let (mut few, mut many) = (0_u128, vec![false; wanted.len().saturating_sub(128)]);
    set.each(&mut |member| match find(member) {
        Some(at) if at < 128 => few |= 1 << at,
        Some(at) => many.get_mut(at - 128).into_iter().for_each(|found| *found = true),
        None => {}
    });
    few.count_ones() as usize == wanted.len().min(128) && many.iter().all(|found| *found)
}

/// How a member compares with a value of the element type.
fn member_order(member: Fact<'_>, wanted: &Value<'_>) -> Option<Ordering> {
    match (member, wanted) {
        (Fact::Text(text), Value::Text(wanted)) => Some(wanted.compare(text).reverse()),
        (Fact::Text(text), Value::Date(wanted)) => parse_date(text).map(|date| date.cmp(wanted)),
        (Fact::Date(date), Value::Date(wanted)) => Some(date.cmp(wanted)),
        (Fact::Boolean(boolean), Value::Boolean(wanted)) => Some(boolean.cmp(wanted)),
        (member, Value::Number(wanted)) => member.number().map(|number| number.cmp(wanted)),
        _ => None,
    }
}
