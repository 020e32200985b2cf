//! Civil dates: month arithmetic that clamps to the end of the month, within the years 1 to 9999.

use chrono::{Datelike, Days, Months, NaiveDate};

use super::Duration;

/// Dates lie in the years 1 to 9999.
pub(crate) fn in_range(date: NaiveDate) -> Option<NaiveDate> {
    (1..=9999).contains(&date.year()).then_some(date)
}

/// The first and the last day that a date can be.
pub(crate) fn days_of_the_calendar() -> (NaiveDate, NaiveDate) {
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
    (day(1, 1, 1).unwrap_or_default(), day(9999, 12, 31).unwrap_or_default())
}

/// `date` later (`forward`) or earlier by a duration; `None` outside the years 1 to 9999.
pub(crate) fn shift(date: NaiveDate, by: Duration, forward: bool) -> Option<NaiveDate> {
    moved(date, by, forward).and_then(in_range)
}

pub(super) fn moved(date: NaiveDate, by: Duration, forward: bool) -> Option<NaiveDate> {
    match (by, forward) {
        (Duration::Days(days), true) => date.checked_add_days(Days::new(days.into())),
        (Duration::Days(days), false) => date.checked_sub_days(Days::new(days.into())),
        (Duration::Months(months), true) => date.checked_add_months(Months::new(months)),
        (Duration::Months(months), false) => date.checked_sub_months(Months::new(months)),
        (Duration::Hours(_) | Duration::Minutes(_), _) => None,
    }
}

/// The days from `a` to `b`, negative where `b` is earlier.
pub(crate) fn days_between(a: NaiveDate, b: NaiveDate) -> i64 {
    b.signed_duration_since(a).num_days()
}

/// The most whole months that, added to `a`, do not pass `b`; negative downwards.
pub(crate) fn months_between(a: NaiveDate, b: NaiveDate) -> i64 {
    if b < a {
        return -months_between(b, a);
    }
    let months = (i64::from(b.year()) - i64::from(a.year())) * 12 + i64::from(b.month()) - i64::from(a.month());
    let reached = u32::try_from(months).ok().and_then(|m| a.checked_add_months(Months::new(m)));
    if reached.is_some_and(|reached| reached <= b) { months } else { months - 1 }
}

/// Whether `date` lies in `(as_of - span, as_of]`. A span that reaches before the year 1 has no lower end.
pub(crate) fn within(date: NaiveDate, as_of: NaiveDate, span: Duration) -> bool {
    date <= as_of && moved(as_of, span, false).is_none_or(|excluded| date > excluded)
}

/// Reads `YYYY-MM-DD`, padded, of a day that exists in the years 1 to 9999.
pub(crate) fn parse_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(
            |(at, byte)| {
                if at == 4 || at == 7 { *byte == b'-' } else { byte.is_ascii_digit() }
            },
        );
    if !shaped {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<u32>().ok();
    let year = i32::try_from(part(0..4)?).ok()?;
    in_range(NaiveDate::from_ymd_opt(year, part(5..7)?, part(8..10)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        parse_date(text).unwrap()
    }

    #[test]
    fn months_clamp_to_the_end_of_the_month() {
        assert_eq!(shift(day("2026-01-31"), Duration::Months(1), true), Some(day("2026-02-28")));
        assert_eq!(shift(day("2024-03-31"), Duration::Months(1), false), Some(day("2024-02-29")));
        assert_eq!(shift(day("9999-12-31"), Duration::Days(1), true), None);
        assert_eq!(months_between(day("2026-01-31"), day("2026-02-28")), 1);
        assert_eq!(months_between(day("2026-02-28"), day("2026-01-31")), -1);
        assert_eq!(months_between(day("2026-01-31"), day("2026-02-27")), 0);
    }

    #[test]
    fn only_padded_dates_of_real_days_are_read() {
        for text in ["2026-3-01", "2026-02-30", "0000-01-01", "2026/03/01", "2026-03-01T00:00:00", "２026-03-1"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }
}
