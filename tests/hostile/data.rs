//! Hostile customers: numbers, texts, sets and objects of any size and form are taken or refused, never a panic.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tierwise::{Customer, Datum, Policy, reference};

use crate::{TURN, on_half_a_mebibyte, today};

const POLICY: &str = "
currency EUR
tiers A > B > C
field n: number
field i: integer 0..100
field m: money scale 2
field k: one of (red, green)
field b: boolean
field d: date
field t: text
field s: set of text
field q: set of number
field deep.er.est: text
field secret: number 0..10 sensitive
let sum = n * n + i - m / 3 EUR
sum > 1M or n / i > 2 or m * n < 0 => A
t matches \"(a|aa)+[^b]{3}$\" or t contains \"needle\" or lower(t) starts with \"\u{df}\" => A
(t in (\"x\", \"y\") and not s contains any (\"x\", \"y\")) or s contains t or q contains n => B
d within 12 months or d + 99 years > today or year(d) = 1 => C
b and k = red and deep.er.est != \"\" and secret > 3 => A
otherwise => C
cap B when days_between(d, today) > 3 or round(n, 2) = floor(n)
";

const FIELDS: [&str; 11] = ["n", "i", "m", "k", "b", "d", "t", "s", "q", "deep.er.est", "secret"];

fn policy() -> Policy {
    Policy::parse(POLICY).unwrap_or_else(|error| panic!("{error}"))
}

/// Classifies and decides, and says whether the customer was taken.
fn taken(policy: &Policy, customer: &Customer) -> bool {
    let decided = policy.decide(customer, today());
    match policy.classify(customer, today()) {
        Ok(outcome) => {
            assert_eq!(decided.unwrap().tier(), outcome.tier_id());
            true
        }
        Err(error) => {
            assert_eq!(decided.unwrap_err(), error);
            let message = error.to_string();
            assert!(message.len() < 2_000, "{message}");
            assert!(!message.contains(|c: char| c.is_control() || c == '\u{202E}'), "{message:?}");
            false
        }
    }
}

/// The naive reference takes the same customers and gives them the same tier.
fn confirmed(policy: &Policy, customer: &Customer) {
    let outcome = policy.classify(customer, today()).map(|outcome| outcome.tier().map(str::to_owned));
    assert_eq!(reference::classify(policy, customer, today()).map(|answer| answer.tier), outcome);
}

/// Texts that are nearly a number, an amount, a date, a member, or that a terminal would obey.
const TEXTS: [&str; 38] = [
    "",
    " ",
    "0",
    "-0",
    "1e400",
    "-1e-400",
    "1e999999999999999999999",
    "0e999999999",
    "79228162514264337593543950336",
    "NaN",
    "١",
    "１",
    "1 EUR",
    "1 USD",
    "1 XXQ",
    " EUR",
    "1  EUR",
    "2026-02-30",
    "2024-02-29",
    "+2026-01-01",
    "02026-01-01",
    "2026-1-1",
    "9999-12-31",
    "red",
    "RED",
    "\u{0}",
    "\u{1B}[31m",
    "\u{202E}evil",
    "İ",
    "ẞ",
    "ﬁ",
    "Σς",
    "e\u{301}",
    "\u{1F468}\u{200D}\u{1F469}",
    "needle",
    "x",
    "\u{10FFFF}",
    "\u{FEFF}red",
];

/// Values of every kind, the extremes of each.
fn values() -> Vec<Datum> {
    let mut values: Vec<Datum> = vec![
        Datum::Missing,
        Datum::Twice,
        true.into(),
        Decimal::MAX.into(),
        Decimal::MIN.into(),
        Decimal::new(1, 28).into(),
        Decimal::new(-1, 28).into(),
        i64::MIN.into(),
        u64::MAX.into(),
        NaiveDate::MIN.into(),
        NaiveDate::MAX.into(),
        NaiveDate::from_ymd_opt(9999, 12, 31).unwrap().into(),
        NaiveDate::from_ymd_opt(1, 1, 1).unwrap().into(),
        NaiveDate::from_ymd_opt(0, 12, 31).unwrap().into(),
        Customer::new().into(),
        Customer::new().with("amount", "1").with("currency", "EUR").into(),
        Customer::new().with("amount", Datum::Twice).with("currency", "EUR").into(),
        Customer::new().with("amount", "1").with("currency", "\u{202E}").into(),
        Vec::<Datum>::new().into(),
        vec![Datum::Missing].into(),
        vec![Datum::Twice, true.into()].into(),
        vec![Datum::List(vec![Datum::List(Vec::new())])].into(),
    ];
    let floats = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE, 5e-324, f64::MAX, 1e28, 0.1];
    values.extend(floats.map(Datum::from));
    values.extend(TEXTS.iter().map(|text| Datum::from(*text)));
    values.extend(TEXTS.iter().map(|text| Datum::Numeral((*text).to_owned())));
    values.extend(TEXTS.iter().map(|text| Datum::from(vec![*text, *text, "y"])));
    values
}

#[test]
fn every_value_in_every_field_is_taken_or_refused() {
    let policy = policy();
    let values = values();
    let (mut fits, mut all) = (0, 0);
    for (at, value) in values.iter().enumerate() {
        for (place, field) in FIELDS.iter().enumerate() {
            let other = &values[(at * 31 + place * 17) % values.len()];
            let alone = Customer::new().with(field, value.clone());
            let both = alone.clone().with(FIELDS[(place + 4) % FIELDS.len()], other.clone());
            fits += usize::from(taken(&policy, &alone)) + usize::from(taken(&policy, &both));
            all += 2;
            if all % 16 == 0 {
                confirmed(&policy, &both);
            }
        }
    }
    println!("{all} customers, {fits} taken");
    assert!(fits * 20 > all && fits < all);
}

#[test]
fn long_texts_and_large_sets_take_memory_in_proportion() {
    let _turn = TURN.lock();
    let policy = policy();
    let long = |unit: &str| unit.repeat((1 << 18) / unit.len());
    for text in
        [long("a"), long("İ"), long("needl"), long("\u{202E}"), long("1"), long(" "), long("a\u{301}"), long("🦀")]
    {
        for field in ["t", "n", "i", "m", "k", "d", "deep.er.est", "secret"] {
            let fact = if field == "n" { Datum::Numeral(text.clone()) } else { text.clone().into() };
            let customer = Customer::new().with(field, fact);
            let measured = allocation_counter::measure(|| drop(policy.classify(&customer, today())));
            assert!(measured.bytes_max <= 2 << 20, "{field}: {} bytes", measured.bytes_max);
            taken(&policy, &customer);
        }
    }
    let members: Vec<String> = (0..200_000).map(|at| format!("m{at}")).collect();
    let customer = Customer::new().with("s", members).with("t", "m199999");
    let measured = allocation_counter::measure(|| drop(policy.classify(&customer, today())));
    assert!(measured.bytes_max <= 32 << 20, "{} bytes", measured.bytes_max);
    let outcome = policy.classify(&customer, today()).unwrap();
    assert_eq!(outcome.tier(), Some("B"));
    let numbers: Vec<Decimal> = (0..200_000).map(Decimal::from).collect();
    assert!(taken(&policy, &Customer::new().with("q", numbers.clone()).with("n", 199_999)));
    assert!(!taken(&policy, &Customer::new().with("s", numbers)));
}

/// The as-of date is the host's, and may be any that its calendar knows.
#[test]
fn every_as_of_date_is_taken() {
    let policy = policy();
    let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
    let days = [NaiveDate::MIN, day(0, 12, 31), day(1, 1, 1), day(2024, 2, 29), day(9999, 12, 31), NaiveDate::MAX];
    for as_of in days {
        for date in days {
            let customer = Customer::new().with("d", date).with("n", 3).with("m", "2.50").with("b", false);
            let outcome = policy.classify(&customer, as_of);
            assert_eq!(outcome.is_ok(), (1..=9999).contains(&date.year()), "{date} as of {as_of}");
            assert!(policy.classify(&Customer::new().with("n", 3), as_of).is_ok());
        }
    }
}

fn tower(levels: usize, list: bool) -> Value {
    (0..levels).fold(json!("x"), |inner, _| if list { json!([inner]) } else { json!({ "deep": inner }) })
}

#[test]
fn deep_data_is_refused_at_its_limit_and_not_by_the_stack() {
    on_half_a_mebibyte(|| {
        for list in [false, true] {
            for (levels, fits) in [(1, true), (62, true), (63, true), (64, false), (200, false), (1_000, false)] {
                let customer = Customer::from_serialize(&json!({ "t": tower(levels, list) }));
                assert_eq!(customer.is_ok(), fits, "{levels} levels");
                match customer {
                    Ok(customer) => assert!(!taken(&policy(), &customer)),
                    Err(error) => assert!(error.to_string().contains("64"), "{error}"),
                }
            }
        }
    });
    // Lists that a host nests by hand are looked at one level deep.
    let deep = (0..100).fold(Datum::from("x"), |inner, _| vec![inner].into());
    assert!(!taken(&policy(), &Customer::new().with("s", deep)));
}

/// A name with dots may be found on as many ways as it has dots; each is looked at once.
#[test]
fn dotted_names_cost_what_the_data_holds() {
    let name = vec!["a"; 120].join(".");
    let policy = Policy::parse(&format!("field {name}: number\n{name} > 1 => A\notherwise => B")).unwrap();
    let mut facts = json!(5);
    for level in 0..60 {
        // Two ways down on every level: `a`, and `a.a`, which leads to nothing.
        let mut object = serde_json::Map::new();
        object.insert("a.a".to_owned(), facts);
        object.insert("a".to_owned(), json!({ "b": level }));
        facts = object.into();
    }
    let customer = Customer::from_serialize(&facts).unwrap();
    assert_eq!(policy.classify(&customer, today()).unwrap().tier(), Some("A"));
    let twice = json!({ "a": { "a.a": 1 }, "a.a": { "a": 1 } });
    let short = Policy::parse("field a.a.a: number\na.a.a > 0 => A").unwrap();
    assert_eq!(short.classify(&Customer::from_serialize(&twice).unwrap(), today()).unwrap_err().code(), "D0112");
    let wide: BTreeMap<String, u32> = (0..100_000).map(|at| (format!("a.{at}"), at)).collect();
    assert!(taken(&short, &Customer::from_serialize(&wide).unwrap()));
}
