//! Scores, segments and tables by the book: what an open line can give is found by trying values, one by one.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::value::{self, Maybe};
use super::{Customer, Kleene, once};
use crate::builtins::{Compare, Fold};
use crate::check::{Bin, Score, ScoreLine, Segment, TableIndex, Typed, TypedKind};
use crate::schema::Type;
use crate::value::{Constant, Value, add, multiply};

/// A number beyond this stands for one without bound.
const FAR: i64 = 1_000_000_000;

/// From the least to the greatest of what something can give; an end that is absent is without bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: Option<Decimal>,
    pub(super) high: Option<Decimal>,
    /// Some of what it can be has no result.
    pub(super) undefined: bool,
    /// Nothing of what it can be has a result.
    pub(super) never: bool,
}

impl Span {
    fn of(results: &[Option<Decimal>]) -> Self {
        let known: Vec<Decimal> = results.iter().flatten().copied().collect();
        let far = |end: Option<&Decimal>| end.copied().filter(|end| end.abs() < Decimal::from(FAR));
        Self {
            low: far(known.iter().min()),
            high: far(known.iter().max()),
            undefined: known.len() < results.len(),
            never: known.is_empty(),
        }
    }

    fn point(number: Decimal) -> Self {
        Self { low: Some(number), high: Some(number), undefined: false, never: false }
    }

    fn join(self, other: Self) -> Self {
        match (self.never, other.never) {
            (true, _) => Self { undefined: true, ..other },
            (_, true) => Self { undefined: true, ..self },
            _ => Self {
                low: Some(self.low).zip(Some(other.low)).and_then(|(a, b)| Some(a?.min(b?))),
                high: Some(self.high).zip(Some(other.high)).and_then(|(a, b)| Some(a?.max(b?))),
                undefined: self.undefined || other.undefined,
                never: false,
            },
        }
    }

    pub(super) fn single(self) -> Option<Decimal> {
        self.low.filter(|low| self.high == Some(*low) && !self.undefined && !self.never)
    }

    pub(super) fn holds(self, number: Decimal) -> bool {
        self.low.is_none_or(|low| low <= number) && self.high.is_none_or(|high| number <= high)
    }

    /// An end that does not fit exactly has no result.
    fn each(self, end: impl Fn(Decimal) -> Option<Decimal>) -> Self {
        let (low, high) = (self.low.and_then(&end), self.high.and_then(&end));
        if low.is_some() == self.low.is_some() && high.is_some() == self.high.is_some() {
            return Self { low, high, ..self };
        }
        let never = self.never || self.low == self.high;
        Self { low: None, high: None, undefined: true, never }
    }

    fn plus(self, other: Self) -> Self {
        let both = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).map(|(a, b)| add(a, b));
        let (low, high) = (both(self.low, other.low), both(self.high, other.high));
        let inexact = low == Some(None) || high == Some(None);
        let ends = if inexact { (None, None) } else { (low.flatten(), high.flatten()) };
        Self {
            low: ends.0,
            high: ends.1,
            undefined: self.undefined || other.undefined || inexact,
            never: self.never || other.never || (inexact && self.single().is_some() && other.single().is_some()),
        }
    }
}

const NEVER: Span = Span { low: None, high: None, undefined: true, never: true };

impl<'a> Customer<'a> {
    /// What a score comes to.
    pub(super) fn score(&self, score: &'a Score) -> Span {
        let mut total = Span::of(&[Some(Decimal::ZERO)]);
        for line in &score.lines {
            let points = self.line(line);
            let weight = line.weight.unwrap_or(Decimal::ONE);
            let mut weighted = points.each(|end| multiply(end, weight));
            if weight < Decimal::ZERO {
                (weighted.low, weighted.high) = (weighted.high, weighted.low);
            }
            if weight.is_zero() && !points.never {
                (weighted.low, weighted.high) = (Some(Decimal::ZERO), Some(Decimal::ZERO));
            }
            total = total.plus(weighted);
        }
        let bound = |end: Option<Decimal>, open: Option<Decimal>| match end {
            Some(end) => Some(end.max(score.low.unwrap_or(end)).min(score.high.unwrap_or(Decimal::MAX))),
            None => open,
        };
        Span { low: bound(total.low, score.low), high: bound(total.high, score.high), ..total }
    }

    fn line(&self, line: &'a ScoreLine) -> Span {
        if line.bins.is_empty() {
            return self.points(&line.value);
        }
        let missing = line.bins.iter().find(|bin| bin.missing);
        let known: Vec<&'a Bin> = line.bins.iter().filter(|bin| !bin.missing).collect();
        match (self.value(&line.value), missing) {
            (Maybe::Known(value), _) => self.first(&known, value),
            (Maybe::Undefined | Maybe::Missing, Some(bin)) => self.points(&bin.points),
            (Maybe::Undefined, None) => NEVER,
            (Maybe::Missing, None) => {
                let tried = self.tries(&line.value, &known);
                let all = tried.iter().map(|value| self.first(&known, value.value()));
                let all = all.reduce(Span::join).unwrap_or(NEVER);
                Span { undefined: all.undefined || self.may_lack(&line.value), ..all }
            }
        }
    }

    /// The first bin that fits a value; one before it that is unknown may be it as well.
    fn first(&self, bins: &[&'a Bin], value: Value<'_>) -> Span {
        let mut found: Option<Span> = None;
        for bin in bins {
            let can = match &bin.condition {
                None => (true, false),
                // The borrow of a tried value ends with this call.
                Some(condition) => with_subject(self, value, |customer| customer.can(condition)),
            };
            if !can.0 {
                continue;
            }
            let points = self.points(&bin.points);
            let joined = found.map_or(points, |found| found.join(points));
            if !can.1 {
                return joined;
            }
            found = Some(joined);
        }
        found.map_or(NEVER, |found| Span { undefined: true, ..found })
    }

    /// What points can be: the missing facts in them tried at the ends of their ranges, and far out.
    fn points(&self, typed: &'a Typed) -> Span {
        match self.value(typed) {
            Maybe::Known(Value::Number(number)) => return Span::point(number),
            Maybe::Known(_) | Maybe::Undefined => return NEVER,
            Maybe::Missing => {}
        }
        if let Some(span) = self.open_score(typed) {
            return span;
        }
        if let Some(span) = self.by_form(typed) {
            return span;
        }
        if let TypedKind::Lookup(table, column) = &typed.kind {
            let cells = self.checked.tables().get(table.at()).and_then(|table| table.columns.get(*column as usize));
            let numbers = cells.into_iter().flat_map(|column| &column.cells).flatten().map(|cell| match cell {
                Constant::Number(number) => Some(*number),
                _ => None,
            });
            let all = Span::of(&numbers.collect::<Vec<_>>());
            return Span { undefined: all.undefined || self.may_lack(typed), ..all };
        }
        let (mut facts, mut lets) = (Vec::new(), BTreeSet::new());
        self.open_facts(typed, &mut facts, &mut lets);
        let mut results = Vec::new();
        for choice in 0..3_usize.pow(facts.len().min(6) as u32) {
            let mut given = self.given.to_vec();
            let mut rest = choice;
            for field in &facts {
                let number = self.end(*field, rest % 3);
                rest /= 3;
                given.iter_mut().skip(*field).take(1).for_each(|place| *place = Maybe::Known(Value::Number(number)));
            }
            let base = super::Base { given: &given, ..self.base() };
            let tried = Customer::with_lets(base, |at| lets.contains(&at));
            results.push(match tried.value(typed) {
                Maybe::Known(Value::Number(number)) => Some(number),
                _ => None,
            });
        }
        Span::of(&results)
    }

    /// One end of the range of a field, the other, and zero where it lies between.
    fn end(&self, field: usize, which: usize) -> Decimal {
        let range = self.checked.fields().get(field).map(|field| &field.range);
        let end = |end: Option<&Option<Constant>>, open: i64| match end {
            Some(Some(Constant::Number(number))) => *number,
            _ => Decimal::from(open),
        };
        let (low, high) =
            (end(range.map(|range| &range.low), -FAR * 1000), end(range.map(|range| &range.high), FAR * 1000));
        match which {
            0 => low,
            1 => high,
            _ => Decimal::ZERO.clamp(low, high),
        }
    }

    /// The missing facts that a value rests on, and the lets between.
    fn open_facts(&self, typed: &Typed, found: &mut Vec<usize>, lets: &mut BTreeSet<usize>) {
        match &typed.kind {
            TypedKind::Field(field) => {
                if matches!(self.given.get(field.at()), Some(Maybe::Missing)) && !found.contains(&field.at()) {
                    found.push(field.at());
                }
            }
            TypedKind::Let(at) => {
                if lets.insert(at.at())
                    && let Some(bound) = self.checked.lets().get(at.at())
                {
                    self.open_facts(&bound.value, found, lets);
                }
            }
            _ => typed.parts().into_iter().for_each(|part| self.open_facts(part, found, lets)),
        }
    }

    /// What an aggregate can be of which nothing is known: a count is not less than nothing, and there may be nothing to
    /// take the least of.
    pub(super) fn by_form(&self, typed: &'a Typed) -> Option<Span> {
        let TypedKind::Aggregate(aggregate) = &typed.kind else { return None };
        let low = matches!(aggregate.fold, Fold::Count | Fold::Streak).then_some(Decimal::ZERO);
        Some(Span { low, high: None, undefined: self.may_lack(typed), never: false })
    }

    /// The place of the first line of a segment that is true; `Missing` where one before it could be.
    pub(super) fn segment(&self, segment: &'a Segment) -> (Maybe<'a>, Option<Vec<u32>>) {
        let mut open = Vec::new();
        for line in &segment.lines {
            let can = line.condition.as_ref().map_or((true, false), |condition| self.can(condition));
            match can {
                (true, false) if open.is_empty() => return (Maybe::Known(Value::Member(line.member)), None),
                (true, false) => {
                    open.push(line.member);
                    return (Maybe::Missing, Some(open));
                }
                (true, true) => open.push(line.member),
                (false, _) => {}
            }
        }
        if open.is_empty() { (Maybe::Undefined, None) } else { (Maybe::Missing, Some(open)) }
    }

    /// Whether a condition can become true, and whether it can become anything else, when all facts are known. What has
    /// no result never holds.
    pub(super) fn can(&self, typed: &'a Typed) -> (bool, bool) {
        let (holds, fails) = self.outcomes(typed);
        (holds, fails || !holds || self.truth(typed) != Kleene::True)
    }

    /// Whether an unknown condition has no result at all: nothing that is missing could settle it.
    pub(super) fn never(&self, condition: &'a Typed) -> bool {
        self.outcomes(condition) == (false, false)
    }

    /// Whether it can become true, and whether it can become false.
    pub(super) fn outcomes(&self, typed: &'a Typed) -> (bool, bool) {
        once(&self.open, typed, || self.find_outcomes(typed))
    }

    fn find_outcomes(&self, typed: &'a Typed) -> (bool, bool) {
        let each = |parts: &'a [Typed]| parts.iter().map(|part| self.outcomes(part)).collect::<Vec<_>>();
        match (&typed.kind, self.truth(typed)) {
            (_, Kleene::True) => (true, false),
            (_, Kleene::False) => (false, true),
            (TypedKind::Not(inner), _) => {
                let (holds, fails) = self.outcomes(inner);
                (fails, holds)
            }
            (TypedKind::And(parts), _) => {
                let parts = each(parts);
                (parts.iter().all(|part| part.0), parts.iter().any(|part| part.1))
            }
            (TypedKind::Or(parts), _) => {
                let parts = each(parts);
                (parts.iter().any(|part| part.0), parts.iter().all(|part| part.1))
            }
            (TypedKind::AtLeast(wanted, parts), _) => {
                let parts = each(parts);
                let count = |side: fn(&&(bool, bool)) -> bool| parts.iter().filter(side).count();
                let (can, cannot) = (count(|part| part.0), count(|part| part.1));
                (can >= *wanted as usize, cannot > parts.len() - *wanted as usize)
            }
            (TypedKind::If(arms, otherwise), _) => {
                for (condition, value) in arms {
                    match self.truth(condition) {
                        Kleene::True => return self.outcomes(value),
                        Kleene::False => {}
                        Kleene::Unknown => {
                            let (holds, fails) = self.outcomes(condition);
                            return (holds || fails, holds || fails);
                        }
                    }
                }
                self.outcomes(otherwise)
            }
            (TypedKind::Let(at), _) => match self.checked.lets().get(at.at()) {
                Some(bound) if bound.value.sort.is(&Type::Boolean) => self.outcomes(&bound.value),
                _ => (true, true),
            },
            (TypedKind::Aggregate(aggregate), _) => self.aggregate(aggregate).outcomes,
            _ => {
                let own = matches!(typed.kind, TypedKind::Lookup(..) | TypedKind::Field(_));
                // A count without a result is compared by its ends with what will be known.
                let meets = || typed.parts().iter().any(|part| matches!(self.value(part), Maybe::Missing));
                let counted = |part| self.open_score(part).is_some() && meets();
                let lacks = |part: &'a Typed| matches!(self.value(part), Maybe::Undefined) && !counted(part);
                let undefined = typed.parts().into_iter().any(lacks) || (own && lacks(typed));
                (!undefined, !undefined)
            }
        }
    }

    /// A column in the row of the customer's key.
    pub(super) fn looked_up(&self, table: TableIndex, column: u32, typed: &'a Typed) -> Maybe<'a> {
        let Some(known) = self.checked.tables().get(table.at()) else { return Maybe::Undefined };
        let key = match self.value(&known.key) {
            Maybe::Known(key) => key,
            unknown => return unknown,
        };
        let row = known.keys.iter().position(|row| value::compare(Compare::Equal, &row.value(), &key));
        let cells = known.columns.get(column as usize).map(|column| &column.cells);
        let cell = row.and_then(|row| cells?.get(row)?.as_ref());
        match (cell, typed.sort.settled()) {
            (None, _) => Maybe::Undefined,
            (Some(Constant::Text(name)), ty @ Type::OneOf(_)) => {
                ty.member(name).map_or(Maybe::Undefined, |member| Maybe::Known(Value::Member(member)))
            }
            (Some(cell), _) => Maybe::Known(cell.value()),
        }
    }

    /// What a score that is not settled can be, where an expression is the name of one.
    pub(super) fn open_score(&self, typed: &'a Typed) -> Option<Span> {
        let TypedKind::Let(at) = &typed.kind else { return self.open_count(typed) };
        if let Some(Some(span)) = self.spans.get(at.at()) {
            return Some(*span);
        }
        let bound = self.checked.lets().get(at.at())?;
        matches!(bound.value.kind, TypedKind::Let(_) | TypedKind::Aggregate(_) | TypedKind::Field(_))
            .then(|| self.open_score(&bound.value))
            .flatten()
    }

    pub(super) fn open_equals(&self, subject: &'a Typed, member: &Constant) -> Kleene {
        let (Some(span), Constant::Number(number)) = (self.open_score(subject), member) else { return Kleene::Unknown };
        let inside = span.low.is_none_or(|low| low <= *number) && span.high.is_none_or(|high| *number <= high);
        if inside || span.undefined { Kleene::Unknown } else { Kleene::False }
    }

    /// A comparison with an open score: true or false where all that it can be say so.
    pub(super) fn with_open(&self, op: Compare, a: &'a Typed, b: &'a Typed) -> Option<Kleene> {
        let (left, right) = (self.open_score(a), self.open_score(b));
        if left.is_none() && right.is_none() {
            return None;
        }
        let side = |open: Option<Span>, typed: &'a Typed| match (open, self.value(typed)) {
            (Some(span), _) => Some(span),
            (None, Maybe::Known(Value::Number(number))) => Some(Span::point(number)),
            _ => None,
        };
        let (Some(left), Some(right)) = (side(left, a), side(right, b)) else { return Some(Kleene::Unknown) };
        if left.undefined || right.undefined {
            return Some(Kleene::Unknown);
        }
        let ends: Vec<Decimal> = [left.low, left.high, right.low, right.high].into_iter().flatten().collect();
        let inside = |span: Span| {
            let mut all: Vec<Decimal> = Vec::new();
            for end in ends.iter().copied().chain([Decimal::ZERO]) {
                let steps = [Decimal::ZERO, Decimal::ONE, -Decimal::ONE, Decimal::new(1, 9), Decimal::new(-1, 9)];
                all.extend(steps.iter().filter_map(|step| end.checked_add(*step)));
            }
            all.retain(|n| span.low.is_none_or(|low| low <= *n) && span.high.is_none_or(|high| *n <= high));
            all
        };
        let mut results = Vec::new();
        for x in inside(left) {
            for y in inside(right) {
                results.push(value::compare(op, &Value::Number(x), &Value::Number(y)));
            }
        }
        Some(match (results.contains(&true), results.contains(&false)) {
            (true, false) => Kleene::True,
            (false, true) => Kleene::False,
            _ => Kleene::Unknown,
        })
    }
}

/// Runs `work` on the same customer while a line's value is `value`.
pub(super) fn with_subject<R>(customer: &Customer<'_>, value: Value<'_>, work: impl FnOnce(&Customer<'_>) -> R) -> R {
    let subject = Cell::new(Some(Maybe::Known(value)));
    work(&Customer {
        checked: customer.checked,
        as_of: customer.as_of,
        given: customer.given,
        records: customer.records,
        opens: customer.opens,
        element: customer.element,
        alias: customer.alias,
        limit: customer.limit,
        lets: customer.lets.clone(),
        spans: customer.spans.clone(),
        members: customer.members.clone(),
        subject: subject.get(),
        choices: RefCell::default(),
        open: RefCell::default(),
    })
}
