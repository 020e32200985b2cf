//! Windows: from which day to which day, and the calendar periods in between.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

use super::Duration;
use super::calendar::{in_range, moved};

/// A calendar period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Period {
    Week,
    Month,
    Quarter,
    Year,
}

/// The month and the day on which a year begins.
pub(crate) type YearStart = (u32, u32);

pub(crate) const JANUARY: YearStart = (1, 1);

/// Days up to the as-of date or before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Window {
    /// `(as_of - length, as_of]`.
    Last(Duration),
    /// From the first day of the current period to the as-of date.
    This(Period, YearStart),
    /// So many whole periods before the current one.
    Previous(u32, Period, YearStart),
    /// `[date, as_of]`.
    Since(NaiveDate),
    /// Both days included.
    Between(NaiveDate, NaiveDate),
}

/// From a day to a day, both included; empty where the first is the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stretch {
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
}

impl Stretch {
    /// Everything up to a day.
    pub(crate) fn until(to: NaiveDate) -> Self {
        Self { from: NaiveDate::MIN, to }
    }

    /// The days that both have.
    pub(crate) fn and(self, other: Self) -> Self {
        Self { from: self.from.max(other.from), to: self.to.min(other.to) }
    }
}

impl Window {
    /// The days of the window; none behind the as-of date.
    pub(crate) fn stretch(self, as_of: NaiveDate) -> Stretch {
        let before = |date: NaiveDate| date.checked_sub_days(Days::new(1)).unwrap_or(NaiveDate::MIN);
        let (from, to) = match self {
            Self::Last(length) => (moved(as_of, length, false).and_then(|excluded| excluded.succ_opt()), as_of),
            Self::This(period, start) => (Some(begin(period, as_of, start)), as_of),
            Self::Previous(count, period, start) => {
                let current = begin(period, as_of, start);
                (back(period, current, count), before(current))
            }
            Self::Since(date) => (Some(date), as_of),
            Self::Between(from, to) => (Some(from), to),
        };
        Stretch { from: from.unwrap_or(NaiveDate::MIN), to: to.min(as_of) }
    }
}

/// The first day of the period in which a day lies.
fn begin(period: Period, date: NaiveDate, (month, day): YearStart) -> NaiveDate {
    let first = match period {
        Period::Week => Some(date.week(Weekday::Mon).first_day()),
        Period::Month => date.with_day(1),
        Period::Quarter => NaiveDate::from_ymd_opt(date.year(), (date.month() - 1) / 3 * 3 + 1, 1),
        Period::Year => {
            let this = NaiveDate::from_ymd_opt(date.year(), month, day);
            match this {
                Some(this) if this > date => NaiveDate::from_ymd_opt(date.year() - 1, month, day),
                this => this,
            }
        }
    };
    first.unwrap_or(date)
}

/// So many periods before the first day of one; `None` before all days.
fn back(period: Period, first: NaiveDate, count: u32) -> Option<NaiveDate> {
    let months = |each: u32| first.checked_sub_months(Months::new(count.checked_mul(each)?));
    match period {
        Period::Week => first.checked_sub_days(Days::new(u64::from(count) * 7)),
        Period::Month => months(1),
        Period::Quarter => months(3),
        Period::Year => months(12),
    }
}

/// The calendar periods that lie wholly inside a stretch, in order.
pub(crate) fn periods(period: Period, stretch: Stretch) -> impl Iterator<Item = Stretch> {
    let first = in_range(stretch.from).unwrap_or(FIRST_DAY);
    let begun = begin(period, first, JANUARY);
    let start = if begun < first { next(period, begun) } else { Some(begun) };
    std::iter::successors(start, move |from| next(period, *from))
        .map(move |from| Stretch { from, to: next(period, from).map_or(NaiveDate::MAX, |next| next - Days::new(1)) })
        .take_while(move |inner| inner.to <= stretch.to)
}

/// From the first day of the first period that begins inside a stretch or behind it to the last day of the last one that
/// has ended by then: both move forward with the stretch. They are the wrong way round where no period lies inside.
pub(crate) fn whole_periods(period: Period, stretch: Stretch) -> Stretch {
    let first = in_range(stretch.from).unwrap_or(FIRST_DAY);
    let begun = begin(period, first, JANUARY);
    let from = if begun < first { next(period, begun).unwrap_or(NaiveDate::MAX) } else { begun };
    let behind = stretch.to.succ_opt().and_then(in_range).unwrap_or(FIRST_DAY);
    Stretch { from, to: begin(period, behind, JANUARY).pred_opt().unwrap_or(NaiveDate::MIN) }
}

/// The first day that there is.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(1, 1, 1).unwrap();

fn next(period: Period, from: NaiveDate) -> Option<NaiveDate> {
    match period {
        Period::Week => from.checked_add_days(Days::new(7)),
        Period::Month => from.checked_add_months(Months::new(1)),
        Period::Quarter => from.checked_add_months(Months::new(3)),
        Period::Year => from.checked_add_months(Months::new(12)),
    }
}
