//! Aggregates: what the elements of a collection come to, over a window and within the period that is looked at.
//!
//! The values and conditions of a collection's elements are worked out once for all aggregates that share them, with
//! running totals, so that a windowed sum or count is two searches and a difference.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Observer;
use super::history::History;
use super::machine::{Machine, Val};
use super::measure::{Given, Measured};
use crate::builtins::Fold;
use crate::plan::{Aggregate, Expr, ExprId, Kind, Plan, Source, Truth};
use crate::value::{Interval, Period, Stretch, Total, Value, decimal, divide, periods};

/// What an aggregate comes to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Result {
    Number(Decimal),
    Date(NaiveDate),
    Truth(Truth),
    /// A number that is not settled, where its ends say more than nothing.
    Open(Interval),
    /// The same where elements may be without a result: what its ends do not decide may stay unknown.
    Loose(Interval),
    /// A count that stays between its ends whatever becomes known: the other elements have no result.
    Lost(Interval),
    Missing,
    Undefined,
}

/// What was found within a period, or without one.
type Limited<T> = (Option<Stretch>, T);

/// What was worked out already.
#[derive(Default)]
pub(super) struct Folds {
    results: Vec<Cell<Option<Limited<Result>>>>,
    pub(super) measures: Vec<RefCell<Option<Limited<Rc<Measured>>>>>,
}

impl Folds {
    /// Room for what a customer's collections come to; none where no collection is looked at.
    pub(super) fn of(plan: &Plan, histories: &[History]) -> Self {
        let periods = |aggregate: &Aggregate| matches!(aggregate.source, Source::Periods(_));
        let supplied = histories.iter().any(|history| history.supplied);
        if !supplied && (histories.is_empty() || !plan.aggregates().iter().any(periods)) {
            return Self::default();
        }
        let (aggregates, measures) = (plan.aggregates().len(), plan.measures().len());
        Self {
            results: (0..aggregates).map(|_| Cell::new(None)).collect(),
            measures: (0..measures).map(|_| RefCell::new(None)).collect(),
        }
    }
}

impl Folds {
    /// What some aggregates are taken for, whatever the collections hold.
    pub(super) fn given(plan: &Plan, given: &[(u32, Result)]) -> Self {
        let folds = Self {
            results: plan.aggregates().iter().map(|_| Cell::new(None)).collect(),
            measures: plan.measures().iter().map(|_| RefCell::new(None)).collect(),
        };
        for (at, result) in given {
            folds.results.get(*at as usize).into_iter().for_each(|known| known.set(Some((None, *result))));
        }
        folds
    }
}

impl<'a> Machine<'_, 'a> {
    /// The value of an aggregate; what is open is missing.
    pub(super) fn aggregated(&self, at: u32) -> Val<'a> {
        match self.aggregate(at) {
            Result::Number(number) => Val::Known(Value::Number(number)),
            Result::Date(date) => Val::Known(Value::Date(date)),
            Result::Truth(truth) => Self::as_value(truth),
            Result::Open(_) | Result::Loose(_) | Result::Missing => Val::Missing,
            Result::Lost(_) | Result::Undefined => Val::Undefined,
        }
    }

    /// Tells a listener what a count can be that is not settled.
    pub(super) fn tell<O: Observer>(&self, id: ExprId, at: u32, observer: &mut O) {
        if O::WHOLE
            && let Result::Open(interval) = self.aggregate(at)
        {
            observer.between(id, interval);
        }
    }

    /// Whether the records of a customer hold to a condition, any or all of them: more than a value tells.
    pub(super) fn held(&self, id: ExprId) -> Option<Truth> {
        match self.plan.expr(id) {
            Expr::Aggregate(at) => match self.aggregate(*at) {
                Result::Truth(truth) => Some(truth),
                _ => None,
            },
            _ => None,
        }
    }

    /// What an aggregate comes to, within the period that is looked at.
    pub(crate) fn aggregate(&self, at: u32) -> Result {
        let Some(aggregate) = self.plan.aggregate(at) else { return Result::Undefined };
        let known = self.folds.results.get(at as usize);
        if let Some((limit, result)) = known.and_then(Cell::get)
            && limit == self.limit
        {
            return result;
        }
        let result = match aggregate.source {
            Source::Records(records, kind) => {
                let history = self.histories.get(records as usize).filter(|_| self.limit.is_none());
                match history.and_then(|history| history.common(at)) {
                    Some(common) if self.possible => common.possible,
                    Some(common) => common.decided,
                    None => self.of_records(aggregate, records, kind),
                }
            }
            Source::Periods(period) => self.of_periods(aggregate, period),
        };
        known.into_iter().for_each(|known| known.set(Some((self.limit, result))));
        result
    }

    /// The days that an aggregate looks at.
    pub(super) fn days(&self, aggregate: &Aggregate) -> Option<Stretch> {
        let window = aggregate.window.map(|window| window.stretch(self.as_of));
        match (window, self.limit) {
            (Some(window), Some(limit)) => Some(window.and(limit)),
            (window, limit) => window.or(limit),
        }
    }

    fn of_periods(&self, aggregate: &Aggregate, period: Period) -> Result {
        let measure = self.plan.measure(aggregate.measure);
        let condition = measure.and_then(|measure| measure.condition);
        let days = self.days(aggregate).unwrap_or(Stretch::until(self.as_of));
        let inside = |limit| Machine { limit: Some(limit), element: None, ..*self };
        let truth = |limit| condition.map_or(Truth::TRUE, |condition| inside(limit).truth(condition));
        let truths: Vec<Truth> = periods(period, days).map(truth).collect();
        self.of_truths(aggregate.fold, &truths, &[])
    }

    fn of_records(&self, aggregate: &Aggregate, records: u32, kind: Kind) -> Result {
        let history = self.histories.get(records as usize).filter(|history| history.supplied);
        let (Some(history), Some(measure)) = (history, self.plan.measure(aggregate.measure)) else {
            return self.open_number(aggregate);
        };
        let measured = self.measured(aggregate.measure, measure, history);
        let dated = self.plan.records().get(records as usize).is_some_and(|records| records.date.is_some());
        // A run follows the days, so that an undated element may stand anywhere in it.
        let always = (aggregate.fold == Fold::Streak && dated).then(|| Stretch::until(self.as_of));
        let (rows, undated) = history.within(self.days(aggregate).or(always));
        match aggregate.fold {
            Fold::Count => {
                let loose = measured.between(rows.clone()).loose + measured.between(undated.clone()).loose > 0;
                let lost = measured.between(rows.clone()).lost(kind);
                let (sure, maybe) = measured.count(rows, kind);
                let (more, open) = measured.count(undated, kind);
                let floating = more + open;
                self.count(sure, maybe + floating, loose, lost == maybe && floating == 0)
            }
            Fold::Any | Fold::All | Fold::Streak => {
                let truths = |rows: Range<usize>| -> Vec<Truth> {
                    let wanted = rows.filter(|row| history.is(*row, kind));
                    wanted.filter_map(|row| measured.truths.get(row)).copied().collect()
                };
                self.of_truths(aggregate.fold, &truths(rows), &truths(undated))
            }
            Fold::Sum | Fold::Average => self.sum(aggregate, history, &measured, (rows, undated), kind),
            Fold::Min | Fold::Max => self.extreme(aggregate, history, &measured, (rows, undated), kind),
        }
    }

    /// Whether some element surely counts, so that there is a least one, and something to divide by.
    pub(crate) fn has_elements(&self, at: u32) -> bool {
        let Some(aggregate) = self.plan.aggregate(at) else { return false };
        let Source::Records(records, kind) = aggregate.source else { return false };
        let history = self.histories.get(records as usize).filter(|history| history.supplied);
        if let Some(common) = history.and_then(|history| history.common(at)) {
            return common.has_elements;
        }
        let (Some(history), Some(measure)) = (history, self.plan.measure(aggregate.measure)) else { return false };
        let (rows, _) = history.within(self.days(aggregate));
        self.measured(aggregate.measure, measure, history).count(rows, kind).0 > 0
    }

    /// So many, and so many more that may count; `loose` where some, `lost` where all of these have no result.
    fn count(&self, sure: u32, maybe: u32, loose: bool, lost: bool) -> Result {
        let (low, high) = (Decimal::from(sure), Decimal::from(sure + maybe));
        let ends = Interval { low: Some(low), high: Some(high), undefined: false, places: 0 };
        match maybe {
            0 => Result::Number(low),
            _ if lost => Result::Lost(ends),
            _ if loose && self.possible => Result::Loose(ends),
            _ => Result::Open(ends),
        }
    }

    /// An aggregate of which nothing is known: what is possible may still know its ends.
    fn open_number(&self, aggregate: &Aggregate) -> Result {
        match aggregate.fold {
            Fold::Any | Fold::All => Result::Truth(Truth::OPEN),
            Fold::Min | Fold::Max => Result::Missing,
            _ if self.possible => Result::Open(aggregate.interval(None)),
            _ => Result::Missing,
        }
    }

    /// Counts, runs, and whether any or all hold. Of the undated ones it is not known whether they belong to it.
    fn of_truths(&self, fold: Fold, truths: &[Truth], undated: &[Truth]) -> Result {
        let either = |other: Truth| move |truth: &Truth| truth.or_else(other);
        match fold {
            Fold::Any => {
                let all = truths.iter().copied().chain(undated.iter().map(either(Truth::FALSE)));
                Result::Truth(all.fold(Truth::FALSE, Truth::or))
            }
            Fold::All => {
                let all = truths.iter().copied().chain(undated.iter().map(either(Truth::TRUE)));
                Result::Truth(all.fold(Truth::TRUE, Truth::and))
            }
            Fold::Streak => {
                let run = |counts: &dyn Fn(&&Truth) -> bool| truths.iter().rev().take_while(|t| counts(t)).count();
                let settled = |truth: &Truth| matches!(*truth, Truth::TRUE | Truth::FALSE);
                let least = run(&|truth| **truth == Truth::TRUE);
                if undated.is_empty() && truths.iter().all(settled) {
                    return Result::Number(least.into());
                }
                if truths.iter().chain(undated).all(|truth| truth.is_settled()) && undated.is_empty() {
                    return Result::Undefined;
                }
                if !self.possible {
                    return Result::Missing;
                }
                let least = if undated.is_empty() { least } else { 0 };
                let more = undated.iter().filter(|truth| truth.can_be(Truth::TRUE)).count();
                let most = run(&|truth| truth.can_be(Truth::TRUE)) + more;
                let (low, high) = (Some(least.into()), Some(most.into()));
                let undefined = truths.iter().chain(undated).any(|truth| truth.can_be(Truth::UNKNOWN));
                Result::Open(Interval { low, high, undefined, places: 0 })
            }
            _ => {
                let unsettled = |truth: &&Truth| !matches!(**truth, Truth::TRUE | Truth::FALSE);
                let many = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
                let sure = truths.iter().filter(|truth| **truth == Truth::TRUE).count();
                let loose = truths.iter().filter(unsettled).any(|truth| truth.can_be(Truth::UNKNOWN));
                let lost = truths.iter().filter(unsettled).all(|truth| *truth == Truth::UNKNOWN);
                self.count(many(sure), many(truths.iter().filter(unsettled).count()), loose, lost)
            }
        }
    }

    /// The sum over the records of some days, refunds taken in; or the average over the purchases.
    fn sum(
        &self,
        aggregate: &Aggregate,
        history: &History,
        measured: &Measured,
        (rows, undated): (Range<usize>, Range<usize>),
        kind: Kind,
    ) -> Result {
        let wanted = |row: &usize| kind != Kind::Refunds || history.is(*row, kind);
        let counts = measured.between(rows.clone());
        let refunds = kind == Kind::Refunds;
        let (mut spoilt, mut undefined) = (counts.spoilt, counts.undefined);
        if refunds {
            // Only refunds matter: they are few, and looked at one by one.
            (spoilt, undefined) = rows.clone().filter(wanted).fold((0, 0), |(spoilt, undefined), row| {
                let [open, none] = measured.state(row);
                (spoilt + u32::from(open), undefined + u32::from(none))
            });
        }
        let open = undated.clone().filter(wanted).any(|row| measured.truths.get(row) != Some(&Truth::FALSE));
        if undefined > 0 {
            return Result::Undefined;
        }
        let (number, maybe) = measured.count(rows.clone(), kind);
        if spoilt > 0 || open {
            return match aggregate.fold {
                Fold::Sum if self.possible => {
                    Result::Open(self.open_sum(aggregate, measured, rows.filter(wanted), undated.filter(wanted)))
                }
                _ => Result::Missing,
            };
        }
        let total = match &measured.sums {
            Some((sums, places)) if !refunds => {
                let behind = |at: usize| sums.get(at).copied().unwrap_or_default();
                decimal(behind(rows.end) - behind(rows.start), i64::from(*places))
            }
            _ => {
                let mut total = Total::ZERO;
                for row in rows.filter(wanted).filter(|row| measured.truths.get(*row) == Some(&Truth::TRUE)) {
                    if let Some(Given::Number(number)) = measured.values.get(row) {
                        total.add(*number);
                    }
                }
                total.sum()
            }
        };
        let result = match (aggregate.fold, total) {
            (Fold::Average, Some(total)) if number > 0 && maybe == 0 => divide(total, Decimal::from(number)),
            (Fold::Average, _) => None,
            (_, total) => total,
        };
        result.map_or(Result::Undefined, Result::Number)
    }

    /// What a sum can be: every element that may count with every value that it can have.
    fn open_sum(
        &self,
        aggregate: &Aggregate,
        measured: &Measured,
        rows: impl Iterator<Item = usize>,
        undated: impl Iterator<Item = usize>,
    ) -> Interval {
        let nothing = Interval::point(Decimal::ZERO);
        let measure = self.plan.measure(aggregate.measure);
        let part = |row: usize, surely: bool| {
            let truth = measured.truths.get(row).copied().unwrap_or(Truth::FALSE);
            let value = match measured.values.get(row) {
                _ if truth == Truth::FALSE => return nothing,
                Some(Given::Number(number)) => Interval::point(*number),
                Some(Given::Missing) => measure
                    .and_then(|measure| Some((measure, measure.argument?)))
                    .and_then(|(measure, argument)| self.at_element(measure, row).interval(argument))
                    .unwrap_or(Interval { undefined: true, ..Interval::ANY }),
                _ => Interval { undefined: true, ..Interval::ANY },
            };
            let value = Interval { undefined: value.undefined || truth.can_be(Truth::UNKNOWN), ..value };
            if surely && truth == Truth::TRUE { value } else { value.hull(nothing) }
        };
        let sure = rows.map(|row| part(row, true));
        let all = sure.chain(undated.map(|row| part(row, false)));
        all.fold(nothing, Interval::add)
    }

    /// The least or the most of the values.
    fn extreme(
        &self,
        aggregate: &Aggregate,
        history: &History,
        measured: &Measured,
        (rows, undated): (Range<usize>, Range<usize>),
        kind: Kind,
    ) -> Result {
        let mut found: Option<Given> = None;
        let mut open = false;
        let all = rows.map(|row| (row, true)).chain(undated.map(|row| (row, false)));
        for (row, surely) in all.filter(|(row, _)| history.is(*row, kind)) {
            let truth = measured.truths.get(row).copied().unwrap_or(Truth::FALSE);
            let value = measured.values.get(row).copied().unwrap_or(Given::Undefined);
            match (truth, value) {
                (Truth::FALSE, _) => {}
                (Truth::UNKNOWN, _) | (Truth::TRUE, Given::Undefined) => return Result::Undefined,
                (Truth::TRUE, Given::Number(_) | Given::Date(_)) if surely => {
                    found = Some(found.map_or(value, |found| found.beyond(value, aggregate.fold == Fold::Max)));
                }
                _ => open = true,
            }
        }
        match found {
            _ if open => Result::Missing,
            Some(Given::Number(number)) => Result::Number(number),
            Some(Given::Date(date)) => Result::Date(date),
            _ => Result::Undefined,
        }
    }
}
