//! Windows by their first and last day, exact sums, and histories looked at on an earlier day.

#![expect(clippy::unwrap_used, reason = "a test that cannot run has failed")]

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};
use tierwise::{CollectionRef, Customer, Fact, FactError, Facts, FieldRef, Policy};

/// As-of date, window, its first and its last day.
const WINDOWS: [[&str; 4]; 79] = [
    // Days and weeks back from the as-of date.
    ["2026-03-31", "last 1 days", "2026-03-31", "2026-03-31"],
    ["2026-03-31", "last 7 days", "2026-03-25", "2026-03-31"],
    ["2026-03-31", "last 90 days", "2026-01-01", "2026-03-31"],
    ["2026-03-01", "last 30 days", "2026-01-31", "2026-03-01"],
    ["2024-02-29", "last 1 days", "2024-02-29", "2024-02-29"],
    ["2024-03-01", "last 2 days", "2024-02-29", "2024-03-01"],
    ["2026-03-01", "last 2 days", "2026-02-28", "2026-03-01"],
    ["2024-12-31", "last 365 days", "2024-01-02", "2024-12-31"],
    ["2024-12-31", "last 366 days", "2024-01-01", "2024-12-31"],
    ["2025-12-31", "last 365 days", "2025-01-01", "2025-12-31"],
    ["2026-01-01", "last 1 days", "2026-01-01", "2026-01-01"],
    ["2026-03-31", "last 1 weeks", "2026-03-25", "2026-03-31"],
    ["2026-03-31", "last 2 weeks", "2026-03-18", "2026-03-31"],
    ["2024-03-07", "last 1 weeks", "2024-03-01", "2024-03-07"],
    ["2024-03-06", "last 1 weeks", "2024-02-29", "2024-03-06"],
    // Months, quarters and years back: the day before the window is clamped to the end of its month.
    ["2026-03-31", "last 1 months", "2026-03-01", "2026-03-31"],
    ["2026-03-30", "last 1 months", "2026-03-01", "2026-03-30"],
    ["2026-03-29", "last 1 months", "2026-03-01", "2026-03-29"],
    ["2026-03-28", "last 1 months", "2026-03-01", "2026-03-28"],
    ["2026-03-27", "last 1 months", "2026-02-28", "2026-03-27"],
    ["2024-03-31", "last 1 months", "2024-03-01", "2024-03-31"],
    ["2024-03-29", "last 1 months", "2024-03-01", "2024-03-29"],
    ["2024-03-28", "last 1 months", "2024-02-29", "2024-03-28"],
    ["2026-02-28", "last 1 months", "2026-01-29", "2026-02-28"],
    ["2024-02-29", "last 1 months", "2024-01-30", "2024-02-29"],
    ["2026-01-31", "last 1 months", "2026-01-01", "2026-01-31"],
    ["2026-01-01", "last 1 months", "2025-12-02", "2026-01-01"],
    ["2026-05-31", "last 3 months", "2026-03-01", "2026-05-31"],
    ["2026-08-31", "last 6 months", "2026-03-01", "2026-08-31"],
    ["2026-12-31", "last 6 months", "2026-07-01", "2026-12-31"],
    ["2026-03-31", "last 12 months", "2025-04-01", "2026-03-31"],
    ["2024-02-29", "last 12 months", "2023-03-01", "2024-02-29"],
    ["2025-02-28", "last 12 months", "2024-02-29", "2025-02-28"],
    ["2024-02-29", "last 48 months", "2020-03-01", "2024-02-29"],
    ["2026-05-31", "last 1 quarters", "2026-03-01", "2026-05-31"],
    ["2026-06-30", "last 2 quarters", "2025-12-31", "2026-06-30"],
    ["2025-02-28", "last 1 years", "2024-02-29", "2025-02-28"],
    ["2024-02-29", "last 1 years", "2023-03-01", "2024-02-29"],
    ["2026-03-31", "last 3 years", "2023-04-01", "2026-03-31"],
    // The current unit up to the as-of date. 31 March 2026 is a Tuesday.
    ["2026-03-31", "this week", "2026-03-30", "2026-03-31"],
    ["2026-03-30", "this week", "2026-03-30", "2026-03-30"],
    ["2026-03-29", "this week", "2026-03-23", "2026-03-29"],
    ["2026-01-01", "this week", "2025-12-29", "2026-01-01"],
    ["2027-01-03", "this week", "2026-12-28", "2027-01-03"],
    ["2026-03-31", "this month", "2026-03-01", "2026-03-31"],
    ["2026-03-01", "this month", "2026-03-01", "2026-03-01"],
    ["2024-02-29", "this month", "2024-02-01", "2024-02-29"],
    ["2026-03-31", "this quarter", "2026-01-01", "2026-03-31"],
    ["2026-04-01", "this quarter", "2026-04-01", "2026-04-01"],
    ["2026-06-30", "this quarter", "2026-04-01", "2026-06-30"],
    ["2026-12-31", "this quarter", "2026-10-01", "2026-12-31"],
    ["2026-01-01", "this year", "2026-01-01", "2026-01-01"],
    ["2024-12-31", "this year", "2024-01-01", "2024-12-31"],
    // Whole units before the current one.
    ["2026-03-31", "previous week", "2026-03-23", "2026-03-29"],
    ["2026-03-29", "previous week", "2026-03-16", "2026-03-22"],
    ["2026-03-30", "previous 2 weeks", "2026-03-16", "2026-03-29"],
    ["2026-01-01", "previous week", "2025-12-22", "2025-12-28"],
    ["2026-03-31", "previous month", "2026-02-01", "2026-02-28"],
    ["2024-03-01", "previous month", "2024-02-01", "2024-02-29"],
    ["2026-01-15", "previous month", "2025-12-01", "2025-12-31"],
    ["2026-03-31", "previous 3 months", "2025-12-01", "2026-02-28"],
    ["2026-03-31", "previous 12 months", "2025-03-01", "2026-02-28"],
    ["2026-01-31", "previous 2 months", "2025-11-01", "2025-12-31"],
    ["2026-03-31", "previous quarter", "2025-10-01", "2025-12-31"],
    ["2026-04-01", "previous quarter", "2026-01-01", "2026-03-31"],
    ["2026-05-15", "previous 4 quarters", "2025-04-01", "2026-03-31"],
    ["2026-03-31", "previous year", "2025-01-01", "2025-12-31"],
    ["2026-12-31", "previous 2 years", "2024-01-01", "2025-12-31"],
    // Years that begin elsewhere.
    ["2026-03-31", "this year from 04-01", "2025-04-01", "2026-03-31"],
    ["2026-04-01", "this year from 04-01", "2026-04-01", "2026-04-01"],
    ["2026-03-31", "previous year from 04-01", "2024-04-01", "2025-03-31"],
    ["2026-04-01", "previous year from 04-01", "2025-04-01", "2026-03-31"],
    ["2024-02-29", "this year from 03-01", "2023-03-01", "2024-02-29"],
    ["2024-03-01", "previous year from 03-01", "2023-03-01", "2024-02-29"],
    ["2025-03-01", "previous year from 03-01", "2024-03-01", "2025-02-28"],
    // Dates as they stand.
    ["2026-03-31", "since 2024-02-29", "2024-02-29", "2026-03-31"],
    ["2026-03-31", "since 2026-03-31", "2026-03-31", "2026-03-31"],
    ["2026-03-31", "2025-02-01..2025-02-28", "2025-02-01", "2025-02-28"],
    ["2026-03-31", "2026-01-01..2026-12-31", "2026-01-01", "2026-03-31"],
];

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn orders(rows: &[Value]) -> Customer {
    Customer::from_serialize(&json!({ "orders": rows })).unwrap()
}

#[test]
fn windows_begin_and_end_on_their_days() {
    let day = Days::new(1);
    for [as_of, window, first, last] in WINDOWS {
        let policy = Policy::parse(&format!("count(orders in {window}) = 1 => Inside\notherwise => Outside")).unwrap();
        let days = [
            (date(first) - day, "Outside"),
            (date(first), "Inside"),
            (date(last), "Inside"),
            (date(last) + day, "Outside"),
        ];
        for (placed, expected) in days {
            let outcome = policy.classify(&orders(&[json!({ "placed_on": placed })]), date(as_of)).unwrap();
            assert_eq!(outcome.settled(), Some(expected), "{placed} in {window} as of {as_of}");
        }
    }
}

#[test]
fn periods_lie_wholly_inside_their_window() {
    for (as_of, periods, count) in [
        ("2026-03-31", "months in previous 3 months", 3),
        ("2026-03-31", "months in last 3 months", 3),
        ("2026-03-30", "months in last 3 months", 2),
        ("2026-03-31", "months in this year", 3),
        ("2026-03-30", "months in this year", 2),
        ("2026-03-31", "quarters in last 12 months", 4),
        ("2026-03-31", "quarters in previous year", 4),
        ("2026-03-31", "quarters in since 2025-01-02", 4),
        ("2026-03-31", "years in last 24 months", 1),
        ("2026-03-31", "years in 2024-01-01..2025-12-31", 2),
        ("2026-03-31", "years in 2024-01-02..2025-12-30", 0),
        ("2026-03-31", "months in this week", 0),
    ] {
        let policy = Policy::parse(&format!("count({periods}) = {count} => A\notherwise => B")).unwrap();
        assert_eq!(policy.classify(&orders(&[]), date(as_of)).unwrap().settled(), Some("A"), "{periods} as of {as_of}");
    }
}

/// So many orders of one amount, all on one day.
struct Alike(usize, &'static str);

struct Order(&'static str);

impl Facts for Alike {
    fn fact(&self, _: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        Ok(Fact::Missing)
    }

    fn records(&self, _: CollectionRef<'_>, each: &mut dyn FnMut(&dyn Facts)) -> Result<bool, FactError> {
        (0..self.0).for_each(|_| each(&Order(self.1)));
        Ok(true)
    }
}

impl Facts for Order {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        Ok(match field.name() {
            "amount" => Fact::Text(self.0),
            "placed_on" => Fact::Text("2026-03-01"),
            _ => Fact::Missing,
        })
    }
}

#[test]
fn sums_are_exact_where_floats_are_not() {
    let float: f64 = std::iter::repeat_n(0.1, 1_000_000).sum();
    assert!(float > 100_000.0, "{float}");
    for (count, amount, total) in
        [(1_000_000, "0.10", "100_000"), (10_000, "0.0001", "1"), (3, "333.3333", "999.9999"), (7, "1.1", "7.7")]
    {
        let source = format!(
            "sum(orders.amount) > {total} => More\nsum(orders.amount in last 12 months) = {total} => Exact\notherwise => Less"
        );
        let outcome = Policy::parse(&source).unwrap().classify(&Alike(count, amount), date("2026-03-31")).unwrap();
        assert_eq!(outcome.settled(), Some("Exact"), "{count} times {amount}");
    }
}

#[test]
fn a_history_looked_at_on_an_earlier_day_gives_the_earlier_answer() {
    let policy = Policy::parse(
        "sum(orders.amount in last 12 months) >= 1500 and frequency >= 3 => A\n\
         streak(months in previous 6 months where count(orders) > 0) >= 2 => B\n\
         count(refunds in last 60 days) >= 1 => D\n\
         annual_spend > 0 => C\n\
         otherwise => E",
    )
    .unwrap();
    // Days apart and amounts without a pattern, some of them negative.
    let mut day = date("2024-01-15");
    let mut rows = Vec::new();
    for step in 0_u64..60 {
        day = day + Days::new((step * step * 7 + 3) % 41);
        let cents = i64::try_from((step * 7_919) % 20_000).unwrap() - 2_000;
        rows.push((day, json!({ "id": step.to_string(), "placed_on": day, "amount": format!("{}e-2", cents) })));
    }
    let all: Vec<Value> = rows.iter().map(|(_, row)| row.clone()).collect();
    let mut tiers = std::collections::BTreeMap::<String, usize>::new();
    let mut as_of = date("2024-01-01");
    while as_of < day {
        let known: Vec<Value> = rows.iter().filter(|(day, _)| *day <= as_of).map(|(_, row)| row.clone()).collect();
        let [later, then] = [&all, &known].map(|rows| policy.classify(&orders(rows), as_of).unwrap());
        assert_eq!((later.tier(), later.line()), (then.tier(), then.line()), "as of {as_of}");
        assert!(later.is_certain() && then.is_certain(), "as of {as_of}");
        let ahead = later.findings().find(|finding| finding.code() == "F0113").map(|finding| finding.count());
        assert_eq!(ahead.flatten().unwrap_or(0) as usize, rows.len() - known.len(), "what lies ahead is noticed");
        *tiers.entry(then.tier().unwrap().to_owned()).or_default() += 1;
        as_of = as_of + Days::new(3);
    }
    assert_eq!(tiers.len(), 5, "{tiers:?}");
}
