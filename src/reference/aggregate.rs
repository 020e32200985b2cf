//! Aggregates by the book: every element for every aggregate, every day for every window.

use std::cell::RefCell;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::score::Span;
use super::value::{self, Maybe};
use super::{Customer, Kleene, calendar};
use crate::builtins::{Compare, Fold, Op};
use crate::check::{Aggregate, CollectionIndex, Source, Typed, TypedKind};
use crate::schema::CollectionKind;
use crate::value::{Period, Value, Window};

/// What an aggregate comes to.
pub(super) struct Folded<'a> {
    pub(super) value: Maybe<'a>,
    /// Of a count that is not settled.
    pub(super) span: Option<Span>,
    /// Of `any` and `all`: whether it can become true, and whether false.
    pub(super) outcomes: (bool, bool),
}

impl<'a> Folded<'a> {
    fn value(value: Maybe<'a>) -> Self {
        Self { value, span: None, outcomes: (true, true) }
    }
}

/// An element of what is aggregated, and whether its day is not known although days matter.
struct Looked<'a> {
    truth: Kleene,
    outcomes: (bool, bool),
    argument: Maybe<'a>,
    floating: bool,
    purchase: bool,
}

impl<'a> Customer<'a> {
    pub(super) fn element(&self, collection: CollectionIndex, field: u32) -> Maybe<'a> {
        // A refund is looked at under the name of an order.
        let asked = match self.alias {
            Some((orders, refunds)) if orders == collection => refunds,
            _ => collection,
        };
        let Some((own, row)) = self.element.filter(|(own, _)| *own == asked) else { return Maybe::Missing };
        let rows = self.records.get(own.at()).and_then(Option::as_ref);
        let row = rows.and_then(|rows| rows.get(row));
        match row.and_then(|row| row.values.get(field as usize)) {
            Some(Some(constant)) => Maybe::Known(constant.value()),
            _ if row.is_some_and(|row| row.undefined.contains(&(field as usize))) => Maybe::Undefined,
            _ => Maybe::Missing,
        }
    }

    /// Whether a day lies in a window, found by counting.
    fn in_window(&self, window: Window, day: NaiveDate) -> bool {
        let as_of = self.as_of;
        let count = |period: Period, start: (u32, u32), day: NaiveDate| -> i64 {
            let (year, month, date) = calendar::parts(day);
            let year = i64::from(year);
            match period {
                // The first of January of the year 1 was a Monday.
                Period::Week => {
                    let monday = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(day);
                    calendar::days_between(monday, day).div_euclid(7)
                }
                Period::Month => year * 12 + i64::from(month),
                Period::Quarter => year * 4 + i64::from(month.div_ceil(3)),
                Period::Year => year - i64::from((month, date) < start),
            }
        };
        day <= as_of
            && match window {
                Window::Last(length) => calendar::within(day, as_of, length),
                Window::This(period, start) => count(period, start, day) == count(period, start, as_of),
                Window::Previous(many, period, start) => {
                    let back = count(period, start, as_of) - count(period, start, day);
                    (1..=i64::from(many)).contains(&back)
                }
                Window::Since(from) => from <= day,
                Window::Between(from, to) => from <= day && day <= to,
            }
    }

    /// The calendar periods of which every day lies in the window and in the period that is looked at, the oldest first.
    fn periods(&self, period: Period, window: Option<Window>) -> Vec<(NaiveDate, NaiveDate)> {
        let months = match period {
            Period::Month => 1,
            Period::Quarter => 3,
            _ => 12,
        };
        let (mut year, month, _) = calendar::parts(self.as_of);
        let mut first = (month - 1) / months * months + 1;
        let mut found = Vec::new();
        for _ in 0..150 {
            let last_month = first + months - 1;
            let from = NaiveDate::from_ymd_opt(year, first, 1);
            let to = NaiveDate::from_ymd_opt(year, last_month, calendar::days_in(year, last_month));
            if let (Some(from), Some(to)) = (from, to) {
                let mut days = from.iter_days().take_while(|day| *day <= to);
                let inside = |day: NaiveDate| {
                    window.is_none_or(|window| self.in_window(window, day))
                        && self.limit.is_none_or(|(from, to)| from <= day && day <= to)
                };
                if days.all(inside) {
                    found.push((from, to));
                }
            }
            (year, first) = if first > months { (year, first - months) } else { (year - 1, 13 - months) };
        }
        found.reverse();
        found
    }

    /// The same customer while an element or a period is looked at.
    fn looking(&self, element: Option<(CollectionIndex, usize)>, limit: Option<(NaiveDate, NaiveDate)>) -> Self {
        Self {
            lets: self.lets.clone(),
            spans: self.spans.clone(),
            members: self.members.clone(),
            subject: None,
            element,
            alias: None,
            limit,
            choices: RefCell::default(),
            open: RefCell::default(),
            ..*self
        }
    }

    fn looked(&self, aggregate: &'a Aggregate) -> Option<Vec<Looked<'a>>> {
        let condition = aggregate.condition.as_ref();
        let of = |customer: &Self, floating: bool, purchase: bool| Looked {
            truth: condition.map_or(Kleene::True, |condition| customer.truth(condition)),
            outcomes: condition.map_or((true, false), |condition| customer.outcomes(condition)),
            argument: aggregate.argument.as_ref().map_or(Maybe::Missing, |argument| customer.value(argument)),
            floating,
            purchase,
        };
        let collection = match aggregate.source {
            Source::Periods(period) => {
                let periods = self.periods(period, aggregate.window);
                return Some(
                    periods.into_iter().map(|days| of(&self.looking(None, Some(days)), false, true)).collect(),
                );
            }
            Source::Records(collection) => collection,
        };
        let known = self.checked.collections();
        let kind = known.get(collection.at()).map(|known| known.collection.kind);
        // Sums over orders take in the refunds.
        let nets = kind == Some(CollectionKind::Orders) && matches!(aggregate.fold, Fold::Sum | Fold::Average);
        let refunds = known.iter().position(|known| known.collection.kind == CollectionKind::Refunds);
        let refunds = refunds.filter(|_| nets).map(|at| (at, false));
        let mut all = Vec::new();
        for (at, purchase) in [(collection.at(), true)].into_iter().chain(refunds) {
            let rows = self.records.get(at).and_then(Option::as_ref)?;
            for (row, element) in rows.iter().enumerate() {
                // A run follows the days: an undated element may stand anywhere in it.
                let dated = known.get(at).is_some_and(|known| known.collection.date().is_some());
                let runs = aggregate.fold == Fold::Streak && dated;
                let windowed = aggregate.window.is_some() || self.limit.is_some() || runs;
                let inside = element.date.map(|day| {
                    aggregate.window.is_none_or(|window| self.in_window(window, day))
                        && self.limit.is_none_or(|(from, to)| from <= day && day <= to)
                });
                if inside == Some(false) {
                    continue;
                }
                let index = CollectionIndex(u32::try_from(at).unwrap_or(u32::MAX));
                // Refunds are looked at as if they were orders.
                let customer = if purchase {
                    self.looking(Some((collection, row)), self.limit)
                } else {
                    self.as_order(collection, index, row)
                };
                all.push(of(&customer, inside.is_none() && windowed, purchase));
            }
        }
        Some(all)
    }

    /// Whether some element surely counts.
    pub(super) fn has_elements(&self, aggregate: &'a Aggregate) -> bool {
        let all = self.looked(aggregate).unwrap_or_default();
        all.iter().any(|looked| looked.truth == Kleene::True && !looked.floating && looked.purchase)
    }

    /// A refund while it is looked at under the name of an order.
    fn as_order(&self, orders: CollectionIndex, refunds: CollectionIndex, row: usize) -> Self {
        Self { alias: Some((orders, refunds)), ..self.looking(Some((refunds, row)), self.limit) }
    }

    pub(super) fn aggregate(&self, aggregate: &'a Aggregate) -> Folded<'a> {
        let Some(all) = self.looked(aggregate) else { return Folded::value(Maybe::Missing) };
        let never = |looked: &&Looked<'_>| looked.truth == Kleene::Unknown && looked.outcomes == (false, false);
        let known = |number: Decimal| Folded::value(Maybe::Known(Value::Number(number)));
        let counts = |looked: &&Looked<'_>| looked.truth == Kleene::True && !looked.floating;
        let open = |looked: &&Looked<'_>| {
            looked.truth == Kleene::Unknown || (looked.floating && looked.truth != Kleene::False)
        };
        match aggregate.fold {
            Fold::Count => {
                let sure = Decimal::from(all.iter().filter(counts).count());
                let most = sure + Decimal::from(all.iter().filter(open).count());
                if sure == most {
                    return known(sure);
                }
                // Elements without a result leave it between its ends for good.
                let lost = all.iter().all(|looked| !open(&looked) || (never(&looked) && !looked.floating));
                let span = Span { low: Some(sure), high: Some(most), undefined: false, never: lost };
                Folded { span: Some(span), ..Folded::value(if lost { Maybe::Undefined } else { Maybe::Missing }) }
            }
            Fold::Any | Fold::All => self.any_or_all(aggregate.fold == Fold::Any, &all),
            Fold::Streak if all.iter().any(|looked| looked.floating) => Folded::value(Maybe::Missing),
            Fold::Streak => {
                if all.iter().any(|looked| open(&looked)) {
                    let lost = all.iter().all(|looked| !open(&looked) || (never(&looked) && !looked.floating));
                    return Folded::value(if lost { Maybe::Undefined } else { Maybe::Missing });
                }
                let run = all.iter().rev().take_while(|looked| looked.truth == Kleene::True).count();
                known(run.into())
            }
            Fold::Sum | Fold::Average | Fold::Min | Fold::Max => self.amounts(aggregate.fold, &all),
        }
    }

    fn any_or_all(&self, any: bool, all: &[Looked<'a>]) -> Folded<'a> {
        let decisive = if any { Kleene::True } else { Kleene::False };
        let settled = all.iter().any(|looked| looked.truth == decisive && !looked.floating);
        let neutral = all.iter().all(|looked| looked.truth != decisive && looked.truth != Kleene::Unknown);
        let boolean = |value| Maybe::Known(Value::Boolean(value));
        // Of a floating one it is not known whether it counts.
        let can = |looked: &Looked<'_>| {
            let (holds, fails) = match looked.truth {
                Kleene::True => (true, false),
                Kleene::False => (false, true),
                Kleene::Unknown => looked.outcomes,
            };
            if any { (holds, fails || looked.floating) } else { (holds || looked.floating, fails) }
        };
        let outcomes = if any {
            (all.iter().any(|looked| can(looked).0), all.iter().all(|looked| can(looked).1))
        } else {
            (all.iter().all(|looked| can(looked).0), all.iter().any(|looked| can(looked).1))
        };
        let value = match (settled, neutral) {
            (true, _) => boolean(any),
            (_, true) => boolean(!any),
            _ if outcomes == (false, false) => Maybe::Undefined,
            _ => Maybe::Missing,
        };
        Folded { outcomes, ..Folded::value(value) }
    }

    fn amounts(&self, fold: Fold, all: &[Looked<'a>]) -> Folded<'a> {
        let never = |looked: &Looked<'_>| {
            (looked.truth == Kleene::Unknown && looked.outcomes == (false, false))
                || (looked.truth == Kleene::True && matches!(looked.argument, Maybe::Undefined))
        };
        let open = |looked: &Looked<'_>| {
            looked.truth != Kleene::False
                && (looked.floating || looked.truth == Kleene::Unknown || matches!(looked.argument, Maybe::Missing))
        };
        if all.iter().any(|looked| never(looked) && !(looked.floating && matches!(fold, Fold::Sum | Fold::Average))) {
            return Folded::value(Maybe::Undefined);
        }
        if all.iter().any(open) {
            return Folded::value(Maybe::Missing);
        }
        let values = all.iter().filter(|looked| looked.truth == Kleene::True).map(|looked| looked.argument);
        let mut values = values.filter_map(|value| match value {
            Maybe::Known(value) => Some(value),
            _ => None,
        });
        let result = match fold {
            Fold::Min => values.reduce(|a, b| if value::compare(Compare::Less, &b, &a) { b } else { a }),
            Fold::Max => values.reduce(|a, b| if value::compare(Compare::Greater, &b, &a) { b } else { a }),
            _ => {
                let zero = Value::Number(Decimal::ZERO);
                let sum = values.try_fold(zero, |sum, value| Op::Add.binary(sum, value));
                let purchases = all.iter().filter(|looked| looked.truth == Kleene::True && looked.purchase).count();
                match fold {
                    Fold::Average => sum.and_then(|sum| Op::Divide.binary(sum, Value::Number(purchases.into()))),
                    _ => sum,
                }
            }
        };
        Folded::value(result.map_or(Maybe::Undefined, Maybe::Known))
    }

    /// What an aggregate or a computed fact can still be, where it is a count.
    pub(super) fn open_count(&self, typed: &'a Typed) -> Option<Span> {
        match &typed.kind {
            TypedKind::Aggregate(aggregate) => self.aggregate(aggregate).span,
            TypedKind::Field(field) => self.opens.get(field.at()).copied().flatten(),
            _ => None,
        }
    }
}
