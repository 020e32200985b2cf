//! A calendar that counts days one by one: slow, and hard to get wrong.

use chrono::NaiveDate;

use crate::value::Duration;

fn leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in(year: i32, month: u32) -> u32 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month and day, read off the date's text.
pub(super) fn parts(date: NaiveDate) -> (i32, u32, u32) {
    let text = date.format("%Y %m %d").to_string();
    let mut numbers = text.split(' ');
    let mut next = || numbers.next().and_then(|part| part.parse::<i64>().ok()).unwrap_or(0);
    let (year, month, day) = (next(), next(), next());
    (i32::try_from(year).unwrap_or(0), u32::try_from(month).unwrap_or(0), u32::try_from(day).unwrap_or(0))
}

fn date((year, month, day): (i32, u32, u32)) -> Option<NaiveDate> {
    if (1..=9999).contains(&year) { NaiveDate::from_ymd_opt(year, month, day) } else { None }
}

fn tomorrow((year, month, day): (i32, u32, u32)) -> (i32, u32, u32) {
    if day < days_in(year, month) {
        (year, month, day + 1)
    } else if month < 12 {
        (year, month + 1, 1)
    } else {
        (year + 1, 1, 1)
    }
}

fn yesterday((year, month, day): (i32, u32, u32)) -> (i32, u32, u32) {
    if day > 1 {
        (year, month, day - 1)
    } else if month > 1 {
        (year, month - 1, days_in(year, month - 1))
    } else {
        (year - 1, 12, 31)
    }
}

/// `date` moved by a duration; `None` outside the years 1 to 9999.
pub(super) fn shift(from: NaiveDate, by: Duration, forward: bool) -> Option<NaiveDate> {
    let mut at = parts(from);
    match by {
        Duration::Days(days) => {
            for _ in 0..days {
                at = if forward { tomorrow(at) } else { yesterday(at) };
                if !(1..=9999).contains(&at.0) {
                    return None;
                }
            }
        }
        Duration::Hours(_) | Duration::Minutes(_) => return None,
        Duration::Months(months) => {
            for _ in 0..months {
                let (year, month, day) = at;
                at = match (forward, month) {
                    (true, 12) => (year + 1, 1, day),
                    (true, _) => (year, month + 1, day),
                    (false, 1) => (year - 1, 12, day),
                    (false, _) => (year, month - 1, day),
                };
                if !(1..=9999).contains(&at.0) {
                    return None;
                }
            }
            at.2 = at.2.min(days_in(at.0, at.1));
        }
    }
    date(at)
}

/// The days from `a` to `b`.
pub(super) fn days_between(a: NaiveDate, b: NaiveDate) -> i64 {
    if b < a {
        return -days_between(b, a);
    }
    let (mut at, end, mut days) = (parts(a), parts(b), 0);
    // Whole years at a time while the day is safe, then day by day.
    while at.0 + 1 < end.0 && at.1 < 3 && at.2 < 29 {
        days += if leap(at.0) { 366 } else { 365 };
        at.0 += 1;
    }
    while at != end {
        at = tomorrow(at);
        days += 1;
    }
    days
}

/// The most whole months from `a` that do not pass `b`.
pub(super) fn months_between(a: NaiveDate, b: NaiveDate) -> i64 {
    if b < a {
        return -months_between(b, a);
    }
    let mut months = 0;
    while shift(a, Duration::Months(months + 1), true).is_some_and(|next| next <= b) {
        months += 1;
    }
    i64::from(months)
}

/// Whether `date` is one of the days of `(as_of - length, as_of]`.
pub(super) fn within(date: NaiveDate, as_of: NaiveDate, length: Duration) -> bool {
    date <= as_of && shift(as_of, length, false).is_none_or(|first_out| first_out < date)
}
