//! What the elements of a collection give: the values and conditions that aggregates share, with running totals.

use std::ops::Range;
use std::rc::Rc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::history::History;
use super::machine::{Machine, Val};
use crate::plan::{Kind, Measure, Truth};
use crate::value::Value;

/// The value of an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Given {
    Number(Decimal),
    Date(NaiveDate),
    Missing,
    Undefined,
}

/// What a measure gives for every element, and running totals.
pub(super) struct Measured {
    pub(super) truths: Vec<Truth>,
    /// Empty without an argument.
    pub(super) values: Vec<Given>,
    /// Behind each element: how many so far surely count, how many may, how many leave a sum open or without a result.
    pub(super) counts: Vec<Counts>,
    /// Behind each element: the sum so far, as a coefficient of so many places.
    pub(super) sums: Option<(Vec<i128>, u32)>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Counts {
    /// Of purchases, or all.
    sure: u32,
    maybe: u32,
    sure_refunds: u32,
    maybe_refunds: u32,
    pub(super) spoilt: u32,
    pub(super) undefined: u32,
    /// How many of those that may count can stay without a result.
    pub(super) loose: u32,
    /// How many of those that may count have no result, whatever becomes known: of purchases, or all.
    lost: u32,
    lost_refunds: u32,
}

impl Counts {
    fn minus(self, other: Self) -> Self {
        Self {
            sure: self.sure - other.sure,
            maybe: self.maybe - other.maybe,
            sure_refunds: self.sure_refunds - other.sure_refunds,
            maybe_refunds: self.maybe_refunds - other.maybe_refunds,
            spoilt: self.spoilt - other.spoilt,
            undefined: self.undefined - other.undefined,
            loose: self.loose - other.loose,
            lost: self.lost - other.lost,
            lost_refunds: self.lost_refunds - other.lost_refunds,
        }
    }

    pub(super) fn lost(self, kind: Kind) -> u32 {
        match kind {
            Kind::All => self.lost + self.lost_refunds,
            Kind::Purchases => self.lost,
            Kind::Refunds => self.lost_refunds,
        }
    }

    fn of(self, kind: Kind) -> (u32, u32) {
        match kind {
            Kind::All => (self.sure + self.sure_refunds, self.maybe + self.maybe_refunds),
            Kind::Purchases => (self.sure, self.maybe),
            Kind::Refunds => (self.sure_refunds, self.maybe_refunds),
        }
    }
}

impl<'a> Machine<'_, 'a> {
    /// What the elements of a collection give, worked out once.
    pub(super) fn measured(&self, at: u32, measure: &Measure, history: &'a History) -> Rc<Measured> {
        let limit = self.limit.filter(|_| measure.limited);
        let known = self.folds.measures.get(at as usize);
        if let Some(known) = known
            && let Some((own, measured)) = &*known.borrow()
            && *own == limit
        {
            return Rc::clone(measured);
        }
        let measured = Rc::new(self.measure(measure, history));
        if let Some(known) = known {
            *known.borrow_mut() = Some((limit, Rc::clone(&measured)));
        }
        measured
    }

    /// The same customer while an element is looked at.
    pub(super) fn at_element(&self, measure: &Measure, row: usize) -> Self {
        Machine { element: measure.records.map(|records| (records, row)), subject: None, ..*self }
    }

    fn measure(&self, measure: &Measure, history: &History) -> Measured {
        let rows = history.len();
        let mut truths = Vec::with_capacity(rows);
        let mut values = Vec::with_capacity(if measure.argument.is_some() { rows } else { 0 });
        let mut counts = Vec::with_capacity(rows + 1);
        let mut so_far = Counts::default();
        counts.push(so_far);
        for row in 0..rows {
            let element = self.at_element(measure, row);
            let truth = measure.condition.map_or(Truth::TRUE, |condition| element.truth(condition));
            let value = measure.argument.map(|argument| match element.value(argument) {
                Val::Known(Value::Number(number)) => Given::Number(number),
                Val::Known(Value::Date(date)) => Given::Date(date),
                Val::Known(_) | Val::Undefined => Given::Undefined,
                Val::Missing => Given::Missing,
            });
            so_far.add(truth, value, history.is_refund(row));
            truths.push(truth);
            values.extend(value);
            counts.push(so_far);
        }
        let sums = running(&truths, &values);
        Measured { truths, values, counts, sums }
    }
}

impl Given {
    pub(super) fn beyond(self, other: Self, max: bool) -> Self {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => Self::Number(if max { a.max(b) } else { a.min(b) }),
            (Self::Date(a), Self::Date(b)) => Self::Date(if max { a.max(b) } else { a.min(b) }),
            (known, _) => known,
        }
    }
}

impl Counts {
    fn add(&mut self, truth: Truth, value: Option<Given>, refund: bool) {
        let (sure, maybe, lost) = match refund {
            true => (&mut self.sure_refunds, &mut self.maybe_refunds, &mut self.lost_refunds),
            false => (&mut self.sure, &mut self.maybe, &mut self.lost),
        };
        match truth {
            Truth::FALSE => return,
            Truth::TRUE => *sure += 1,
            _ => *maybe += 1,
        }
        *lost += u32::from(truth == Truth::UNKNOWN);
        self.loose += u32::from(truth.can_be(Truth::UNKNOWN));
        match (truth, value) {
            (_, None) | (Truth::TRUE, Some(Given::Number(_) | Given::Date(_))) => {}
            (Truth::UNKNOWN, _) | (Truth::TRUE, Some(Given::Undefined)) => self.undefined += 1,
            _ => self.spoilt += 1,
        }
    }
}

impl Measured {
    pub(super) fn between(&self, rows: Range<usize>) -> Counts {
        let behind = |at: usize| self.counts.get(at).copied().unwrap_or_default();
        behind(rows.end).minus(behind(rows.start))
    }

    /// How many elements surely count, and how many may.
    pub(super) fn count(&self, rows: Range<usize>, kind: Kind) -> (u32, u32) {
        self.between(rows).of(kind)
    }

    /// Whether an element leaves a sum open, or without a result.
    pub(super) fn state(&self, row: usize) -> [bool; 2] {
        let counts = self.between(row..row + 1);
        [counts.spoilt > 0, counts.undefined > 0]
    }
}

/// Running sums of what surely counts, where all coefficients fit.
fn running(truths: &[Truth], values: &[Given]) -> Option<(Vec<i128>, u32)> {
    const LARGE: i128 = 1 << 96;
    let counted = || {
        truths.iter().zip(values).map(|(truth, value)| match (truth, value) {
            (&Truth::TRUE, Given::Number(number)) => number.normalize(),
            _ => Decimal::ZERO,
        })
    };
    if values.is_empty() {
        return None;
    }
    let places = counted().map(|number| number.scale()).max().unwrap_or_default();
    let (mut sums, mut sum) = (Vec::with_capacity(values.len() + 1), 0_i128);
    sums.push(sum);
    for number in counted() {
        let factor = 10_i128.checked_pow(places - number.scale())?;
        let aligned = number.mantissa().checked_mul(factor).filter(|aligned| aligned.abs() < LARGE)?;
        sum = sum.checked_add(aligned)?;
        sums.push(sum);
    }
    Some((sums, places))
}
