//! Scores and segments: what their lines give, and what they can still give while facts are missing.

use std::cell::Cell;
use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::machine::{Bound, Machine, Val};
use super::{Observer, aggregate, ends};
use crate::builtins::Compare;
use crate::plan::{Atom, Dimension, Expr, ExprId, Operand, Score, ScoreLine, Segment, Test, Truth};
use crate::value::{Constant, Interval, Value, add, multiply};

/// What a line of a score gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The bin that fits, where one does for sure.
    pub(crate) bin: Option<u32>,
    /// The points before the weight; `None` is no result.
    pub(crate) points: Option<Interval>,
}

/// The members that an open segment can still have, as bits; and whether it may have none.
#[derive(Clone, Copy)]
pub(super) struct Members {
    pub(crate) set: u128,
    pub(crate) undefined: bool,
}

impl Line {
    /// The points with their weight.
    pub(crate) fn weighted(&self, weight: Option<Decimal>) -> Option<Interval> {
        let points = self.points?;
        let Some(weight) = weight else { return Some(points) };
        if let Some(only) = points.low.filter(|low| points.high == Some(*low)) {
            multiply(only, weight)?;
        }
        // What does not fit has no result.
        Some(points.multiply(Interval::point(weight)))
    }
}

impl<'a> Machine<'_, 'a> {
    /// What a score comes to.
    pub(super) fn score<O: Observer>(&self, score: &Score, observer: &mut O) -> Bound<'a> {
        if let Some(points) = (!O::WHOLE).then(|| self.plain_sum(score)).flatten() {
            return Bound::Value(Val::Known(Value::Number(points)));
        }
        let large = Cell::new(false);
        let lines = score.lines.iter().map(|line| self.line(line, observer).weighted(line.weight));
        // An open end of another line hides how large this one is.
        let lines = lines.inspect(|points| large.set(large.get() || points.is_some_and(is_large)));
        match total(lines, score) {
            None => Bound::Value(Val::Undefined),
            // Between ends so large a sum may not fit exactly: what is possible counts that in.
            Some(total) if self.possible && total.single().is_none() && (large.get() || is_large(total)) => {
                Bound::Open(Interval { undefined: true, ..total })
            }
            Some(total) => match total.single() {
                Some(points) => Bound::Value(Val::Known(Value::Number(points))),
                None => Bound::Open(total),
            },
        }
    }

    /// The total where every value is known and leads to constant points: the common case, without intervals.
    fn plain_sum(&self, score: &Score) -> Option<Decimal> {
        let mut total = Decimal::ZERO;
        for line in &score.lines {
            let value = self.value(line.value);
            let points = match value {
                Val::Known(Value::Number(points)) if line.bins.is_empty() => match line.weight {
                    Some(weight) => multiply(points, weight)?,
                    None => points,
                },
                Val::Known(_) => self.plain_points(line, value)?,
                Val::Missing if !self.possible => line.bins.iter().find(|bin| bin.missing)?.folded?,
                Val::Missing | Val::Undefined => return None,
            };
            total = add(total, points)?;
        }
        let total = score.low.map_or(total, |low| total.max(low));
        Some(score.high.map_or(total, |high| total.min(high)))
    }

    fn plain_points(&self, line: &ScoreLine, value: Val<'a>) -> Option<Decimal> {
        let inner = self.with_subject(line.value, value);
        for bin in line.bins.iter().filter(|bin| !bin.missing) {
            match bin.condition.map_or(Truth::TRUE, |condition| inner.truth(condition)) {
                Truth::TRUE => return bin.folded,
                Truth::FALSE => {}
                _ => return None,
            }
        }
        None
    }

    /// What each line of a score gives, and the total.
    pub(super) fn lines(&self, score: &Score) -> (Vec<Line>, Option<Interval>) {
        let lines: Vec<Line> = score.lines.iter().map(|line| self.line(line, &mut ())).collect();
        let weighted = lines.iter().zip(&score.lines).map(|(line, plan)| line.weighted(plan.weight));
        let total = total(weighted, score);
        (lines, total)
    }

    pub(crate) fn line(&self, line: &ScoreLine, observer: &mut impl Observer) -> Line {
        let value = self.value_of(line.value, observer);
        if line.bins.is_empty() {
            return Line { bin: None, points: self.points_of(line.value, value) };
        }
        let missing = || (0..).zip(&line.bins).find(|(_, bin)| bin.missing).map(|(at, _)| at);
        match value {
            Val::Known(_) => self.first_fitting(line, value, observer),
            Val::Undefined => self.points(line, missing(), observer),
            Val::Missing if !self.possible && missing().is_some() => self.points(line, missing(), observer),
            Val::Missing => match (self.open_bound(line.value), line.open.dimension) {
                (Some(bound), Some(dimension)) => self.open_line(line, bound, dimension, observer),
                (Some(bound), None) => {
                    let fitting = self.first_fitting(line, value, observer);
                    let none = matches!(bound, Bound::Loose(_) | Bound::Open(Interval { undefined: true, .. }))
                        || matches!(bound, Bound::Members(Members { undefined: true, .. }));
                    let missing = missing().filter(|_| none).map(|bin| self.points(line, Some(bin), observer));
                    one_of(Some(missing.map_or(fitting, |missing| self.either(fitting, missing))), none)
                }
                // A value that comes out without a result is taken by `missing`.
                (None, _) => {
                    let none = line.open.none || (line.open.undefined && ends::may_lack(self, line.value));
                    let bins = line.open.bins.iter().copied().chain(missing().filter(|_| none));
                    let hull = bins.map(|bin| self.points(line, Some(bin), observer)).reduce(|a, b| self.either(a, b));
                    one_of(hull, none)
                }
            },
        }
    }

    /// A line over a score or a segment that is not settled: what each value gives that it can still have.
    fn open_line(&self, line: &ScoreLine, bound: Bound<'a>, dimension: u32, observer: &mut impl Observer) -> Line {
        let known = self.plan.dimension_at(dimension);
        let rank = |end: Option<Decimal>| end.and_then(|end| known?.rank(&Value::Number(end)));
        let (from, to, set, mut none) = match bound {
            Bound::Members(members) => (0, 128, members.set, members.undefined),
            Bound::Open(interval) | Bound::Loose(interval) => {
                let all = known.map_or(0, Dimension::cells);
                let to = rank(interval.high).map_or(all, |high| high + 1);
                let loose = matches!(bound, Bound::Loose(_));
                (rank(interval.low).unwrap_or(0), to, u128::MAX, interval.undefined || loose)
            }
            _ => return self.first_fitting(line, Val::Missing, observer),
        };
        let (mut hull, mut last): (Option<Line>, _) = (None, None);
        let mut add = |bin: Option<u32>| {
            // Neighbouring cells mostly lead to the same bin.
            if last != Some(bin) {
                let points = self.points(line, bin, observer);
                hull = Some(hull.map_or(points, |hull| self.either(hull, points)));
                last = Some(bin);
            }
        };
        for cell in (from..to).filter(|cell| set == u128::MAX || set & (1 << cell) != 0) {
            none |= self.plan.fitting(&line.bins, dimension, cell, |bin| add(Some(bin)));
        }
        if none && let Some((at, _)) = (0..).zip(&line.bins).find(|(_, bin)| bin.missing) {
            add(Some(at));
        }
        one_of(hull, none)
    }

    /// The points of a bin; no bin gives no result.
    fn points(&self, line: &ScoreLine, bin: Option<u32>, observer: &mut impl Observer) -> Line {
        let points = bin.and_then(|bin| line.bins.get(bin as usize)).map(|bin| bin.points);
        let points = points.and_then(|points| self.points_of(points, self.value_of(points, observer)));
        Line { bin, points }
    }

    /// One line or another; that one of them is so large that it may not fit into a sum, the other may hide.
    fn either(&self, a: Line, b: Line) -> Line {
        let lacks = |line: Line| line.points.is_none_or(|points| self.possible && is_large(points));
        let undefined = lacks(a) || lacks(b);
        let hull = match (a.points, b.points) {
            (Some(a), Some(b)) => Some(a.hull(b)),
            (a, b) => a.or(b),
        };
        let points = hull.map(|hull| Interval { undefined: hull.undefined || undefined, ..hull });
        Line { bin: None, points }
    }

    fn points_of(&self, id: ExprId, value: Val<'_>) -> Option<Interval> {
        match value {
            Val::Known(Value::Number(number)) => Some(Interval::point(number)),
            Val::Known(_) | Val::Undefined => None,
            Val::Missing => Some(self.interval(id).unwrap_or(Interval { undefined: true, ..Interval::ANY })),
        }
    }

    /// The first bin that holds; a bin before it that is open may be it as well.
    fn first_fitting(&self, line: &ScoreLine, value: Val<'a>, observer: &mut impl Observer) -> Line {
        let inner = self.with_subject(line.value, value);
        let mut found: Option<Line> = None;
        for (at, bin) in (0..).zip(&line.bins).filter(|(_, bin)| !bin.missing) {
            let truth = bin.condition.map_or(Truth::TRUE, |condition| inner.truth_of(condition, observer));
            if !truth.can_be(Truth::TRUE) {
                continue;
            }
            let points = self.points(line, Some(at), observer);
            found = Some(found.map_or(points, |found| self.either(found, points)));
            if truth.is_surely_true() {
                return found.unwrap_or(points);
            }
        }
        let points = found.and_then(|line| line.points).map(|points| Interval { undefined: true, ..points });
        Line { bin: None, points }
    }

    /// Whether every bin of a line is sure not to fit, for a value that is known.
    pub(super) fn fits_no_bin(&self, line: &ScoreLine) -> bool {
        let inner = self.with_subject(line.value, self.value(line.value));
        let fits = |condition: Option<_>| condition.map_or(Truth::TRUE, |condition| inner.truth(condition));
        let bins = line.bins.iter().filter(|bin| !bin.missing);
        bins.map(|bin| fits(bin.condition)).all(|truth| !truth.can_be(Truth::TRUE))
    }

    /// What a segment comes to: the first line that is true. A line without a result does not fit.
    pub(super) fn segment(&self, segment: &Segment, observer: &mut impl Observer) -> Bound<'a> {
        let mut open = Members { set: 0, undefined: false };
        let mut known = true;
        let mut wide = false;
        for line in &segment.lines {
            let truth = line.condition.map_or(Truth::TRUE, |condition| self.truth_of(condition, observer));
            if !truth.can_be(Truth::TRUE) {
                continue;
            }
            if truth.is_surely_true() && known {
                return Bound::Value(Val::Known(Value::Member(line.member)));
            }
            known = false;
            match 1_u128.checked_shl(line.member) {
                Some(bit) => open.set |= bit,
                None => wide = true,
            }
            if truth.is_surely_true() {
                return self.open_segment(open, wide);
            }
        }
        if known {
            return Bound::Value(Val::Undefined);
        }
        open.undefined = true;
        self.open_segment(open, wide)
    }

    fn open_segment(&self, open: Members, wide: bool) -> Bound<'a> {
        match open.set.is_power_of_two() && !open.undefined && self.possible && !wide {
            true => Bound::Value(Val::Known(Value::Member(open.set.trailing_zeros()))),
            // Beyond 128 members each one counts as possible.
            false if wide => Bound::Value(Val::Missing),
            false => Bound::Members(open),
        }
    }

    /// Whether a value that is missing lies between known ends, which may decide a comparison.
    pub(crate) fn is_open(&self, id: ExprId) -> bool {
        self.open_bound(id).is_some()
    }

    /// What a value can still be, where it is a score, a segment or a count.
    pub(super) fn open_bound(&self, id: ExprId) -> Option<Bound<'a>> {
        match self.plan.expr(id) {
            Expr::Let(at) => {
                let bound = self.bound(*at);
                matches!(bound, Bound::Open(_) | Bound::Loose(_) | Bound::Lost(_) | Bound::Members(_)).then_some(bound)
            }
            Expr::Fact(slot) => self.open_fact(*slot).map(Bound::Open),
            Expr::Aggregate(at) => match self.aggregate(*at) {
                aggregate::Result::Open(interval) => Some(Bound::Open(interval)),
                aggregate::Result::Loose(interval) => Some(Bound::Loose(interval)),
                aggregate::Result::Lost(interval) => Some(Bound::Lost(interval)),
                _ => None,
            },
            _ => None,
        }
    }

    /// A question about an open score or segment.
    pub(super) fn test_open(&self, bound: Bound<'a>, atom: &'a Atom, observer: &mut impl Observer) -> Truth {
        let truth = match (bound, &atom.test) {
            (Bound::Open(Interval { undefined, .. }) | Bound::Members(Members { undefined, .. }), Test::Missing) => {
                return match (self.possible, undefined) {
                    (false, _) => Truth::TRUE,
                    (true, true) => Truth::OPEN,
                    (true, false) => Truth::FALSE,
                };
            }
            (Bound::Loose(_), Test::Missing) => return if self.possible { Truth::OPEN } else { Truth::TRUE },
            (Bound::Lost(_), Test::Missing) => return Truth::TRUE,
            (Bound::Lost(interval), test) => {
                return lost(self.test_interval(interval, test, observer));
            }
            (Bound::Open(interval), test) => self.test_interval(interval, test, observer),
            (Bound::Loose(interval), test) => match self.test_interval(interval, test, observer) {
                truth if truth.is_settled() => truth,
                truth => truth.or_else(Truth::UNKNOWN),
            },
            (Bound::Members(members), _) if self.possible => {
                let all = (0..128).filter(|member| members.set & (1 << member) != 0);
                let tested = all.map(|member| self.test(Val::Known(Value::Member(member)), atom, observer));
                let truth = tested.reduce(Truth::or_else).unwrap_or(Truth::UNKNOWN);
                if members.undefined { truth.or_else(Truth::UNKNOWN) } else { truth }
            }
            _ => Truth::OPEN,
        };
        self.settled(truth)
    }

    /// In the decision what is not settled is unknown.
    pub(super) fn settled(&self, truth: Truth) -> Truth {
        if self.possible || truth.is_settled() { truth } else { truth.or_else(Truth::OPEN) }
    }

    fn test_interval(&self, interval: Interval, test: &'a Test, observer: &mut impl Observer) -> Truth {
        match test {
            Test::Compare(op, operand) => {
                let bound = match operand {
                    Operand::Constant(constant) => Val::Known(constant.value()),
                    Operand::Relative(value) => self.value_of(*value, observer),
                };
                match bound {
                    Val::Known(Value::Number(bound)) => compare(*op, interval, Interval::point(bound)),
                    _ => Truth::UNKNOWN,
                }
            }
            Test::In(members) => {
                let number = |member: &Constant| match member {
                    Constant::Number(number) => Some(compare(Compare::Equal, interval, Interval::point(*number))),
                    _ => None,
                };
                let found = members.iter().filter_map(number).reduce(Truth::or).unwrap_or(Truth::FALSE);
                if interval.undefined { found.or_else(Truth::UNKNOWN) } else { found }
            }
            _ => Truth::ANY,
        }
    }

    /// How two values compare of which one is not known: by what they can be, where one is a score or, in possible mode,
    /// where both are numbers.
    pub(super) fn compare_open(&self, op: Compare, a: ExprId, b: ExprId) -> Option<Truth> {
        let scored = |id| matches!(self.open_bound(id), Some(Bound::Open(_) | Bound::Loose(_)));
        if !self.possible && !scored(a) && !scored(b) {
            return None;
        }
        let known = |id| self.possible || scored(id) || matches!(self.value(id), Val::Known(_));
        if !known(a) || !known(b) {
            return None;
        }
        Some(self.settled(compare(op, self.interval(a)?, self.interval(b)?)))
    }

    /// The same where one of them has no result: of a count the ends may decide all the same.
    pub(super) fn compare_lost(&self, op: Compare, a: ExprId, b: ExprId) -> Truth {
        let ends = |id| match (self.value(id), self.open_bound(id)) {
            (Val::Known(Value::Number(number)), _) => Some((Interval::point(number), true)),
            (_, Some(Bound::Lost(interval))) => Some((interval, true)),
            (Val::Missing, Some(_)) => Some((self.interval(id)?, false)),
            (Val::Missing, None) if self.possible => Some((self.interval(id)?, false)),
            (Val::Missing, None) => Some((Interval::ANY, false)),
            _ => None,
        };
        match (ends(a), ends(b)) {
            (Some((a, true)), Some((b, true))) => lost(compare(op, a, b)),
            (Some((a, _)), Some((b, _))) => self.settled(compare(op, a, b).or_else(Truth::UNKNOWN)),
            _ => Truth::UNKNOWN,
        }
    }

    /// What a number can be; `None` for what is no number.
    pub(crate) fn interval(&self, id: ExprId) -> Option<Interval> {
        ends::of(self, id)
    }
}

/// What a line gives of which it is open which bin fits; `none` is whether it may be none.
fn one_of(hull: Option<Line>, none: bool) -> Line {
    let points = hull.and_then(|line| line.points);
    Line { bin: None, points: points.map(|points| Interval { undefined: points.undefined || none, ..points }) }
}

/// What is not decided has no result.
fn lost(truth: Truth) -> Truth {
    if truth.is_settled() { truth } else { Truth::UNKNOWN }
}

/// Whether a number between the ends may have so many digits that it does not fit into a sum.
fn is_large(ends: Interval) -> bool {
    const LARGE: i64 = 1_000_000_000_000_000;
    const FINE: u32 = 12;
    if ends.places > FINE {
        return true;
    }
    [ends.low, ends.high].into_iter().flatten().any(|end| end.abs() >= Decimal::from(LARGE))
}

/// The sum of all lines between its ends; `None` is no result.
fn total(lines: impl Iterator<Item = Option<Interval>>, score: &Score) -> Option<Interval> {
    let mut total = Some(Interval::point(Decimal::ZERO));
    for line in lines {
        total = match (total, line) {
            (Some(total), Some(line)) => {
                let sum = total.add(line);
                let exact = total.single().is_none() || line.single().is_none() || sum.single().is_some();
                exact.then_some(sum)
            }
            _ => None,
        };
    }
    Some(total?.clamp(score.low, score.high))
}

/// The outcomes that a comparison can have.
fn compare(op: Compare, a: Interval, b: Interval) -> Truth {
    let orders = a.orders(b).into_iter().filter(|(_, possible)| *possible);
    let truths = orders.map(|(order, _): (Ordering, bool)| Truth::of(op.accepts(order)));
    let truth = truths.reduce(Truth::or_else).unwrap_or(Truth::UNKNOWN);
    if a.undefined || b.undefined { truth.or_else(Truth::UNKNOWN) } else { truth }
}
