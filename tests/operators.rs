//! Operators against vectors that an independent program computed: `tests/vectors/operators.py`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use tierwise::{Customer, Policy};

/// What a row is in the language: the expression, the types of its arguments and of its result. `None` where the
/// language cannot write it (a negative duration).
fn expression(op: &str, arguments: [&str; 3]) -> Option<(String, [&'static str; 3], &'static str)> {
    let [_, b, c] = arguments;
    let infix = |sign: &str| Some((format!("a {sign} b"), ["number", "number", ""], "number"));
    let call = |text: &str, ty: &'static str, result: &'static str| Some((text.to_owned(), [ty, ty, ty], result));
    let length = |unit: &str, count: &str, sign: &str| {
        let count = count.parse::<u32>().ok().filter(|count| *count <= 1_000_000)?;
        Some((format!("a {sign} {count} {unit}"), ["date", "", ""], "date"))
    };
    match op {
        "add" => infix("+"),
        "sub" => infix("-"),
        "mul" => infix("*"),
        "div" => infix("/"),
        "neg" => call("-a", "number", "number"),
        "abs" => call("abs(a)", "number", "number"),
        "floor" => call("floor(a)", "number", "number"),
        "ceil" => call("ceil(a)", "number", "number"),
        "round" => Some((format!("round(a, {b})"), ["number", "", ""], "number")),
        "min" | "max" if c.is_empty() => call(&format!("{op}(a, b)"), "number", "number"),
        "min" | "max" => call(&format!("{op}(a, b, c)"), "number", "number"),
        "date_add_days" => length("days", b, "+"),
        "date_sub_days" => length("days", b, "-"),
        "date_add_months" => length("months", b, "+"),
        "date_sub_months" => length("months", b, "-"),
        "date_diff" => call("a - b", "date", "number"),
        "days_between" => call("days_between(a, b)", "date", "number"),
        "months_between" => call("months_between(a, b)", "date", "number"),
        "year" => call("year(a)", "date", "number"),
        "month" => call("month(a)", "date", "number"),
        _ => None,
    }
}

/// The policy of an expression: `same` where the result is what the customer's `want` says, `undefined` without one.
fn policy(expression: &str, types: [&str; 3], result: &str) -> Policy {
    let mut source = format!("field want: {result}\n");
    for (name, ty) in ["a", "b", "c"].into_iter().zip(types).filter(|(_, ty)| !ty.is_empty()) {
        source += &format!("field {name}: {ty}\n");
    }
    source += &format!("({expression}) is missing => undefined\n{expression} = want => same\notherwise => other\n");
    Policy::parse(&source).unwrap_or_else(|error| panic!("{error}"))
}

fn within(row: &csv::StringRecord, unit: &str) -> bool {
    let Ok(count) = row[3].parse::<u32>() else { return false };
    if count > 1_000_000 {
        return false;
    }
    let policy =
        Policy::parse(&format!("field a: date\na within {count} {unit} => true_\notherwise => false_")).unwrap();
    let as_of: NaiveDate = row[2].parse().unwrap();
    let outcome = policy.classify(&Customer::new().with("a", &row[1]), as_of).unwrap();
    assert_eq!(outcome.tier(), Some(if &row[4] == "true" { "true_" } else { "false_" }), "{row:?}");
    true
}

fn compare(row: &csv::StringRecord) {
    let policy =
        Policy::parse("field a: number\nfield b: number\na < b => less\na = b => equal\na > b => greater").unwrap();
    let customer = Customer::new().with("a", &row[1]).with("b", &row[2]);
    let today = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    assert_eq!(policy.classify(&customer, today).unwrap().tier(), Some(&row[4]), "{row:?}");
}

#[test]
fn every_operator_computes_what_the_independent_program_computes() {
    let mut policies: BTreeMap<String, Policy> = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut reader = csv::Reader::from_reader(include_str!("vectors/operators.csv").as_bytes());
    let today = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    for row in reader.records() {
        let row = row.unwrap();
        let judged = match &row[0] {
            "within_days" => within(&row, "days"),
            "within_months" => within(&row, "months"),
            "cmp" => {
                compare(&row);
                true
            }
            op => match expression(op, [&row[1], &row[2], &row[3]]) {
                Some((text, types, result)) => {
                    let policy = policies.entry(format!("{op} {text}")).or_insert_with(|| policy(&text, types, result));
                    let want = Some(&row[4]).filter(|expected| *expected != "undefined");
                    let mut customer = Customer::new().with("want", want);
                    for (at, name) in ["a", "b", "c"].into_iter().enumerate().filter(|(at, _)| !row[at + 1].is_empty())
                    {
                        customer.insert(name, &row[at + 1]);
                    }
                    let tier = if want.is_some() { "same" } else { "undefined" };
                    assert_eq!(policy.classify(&customer, today).unwrap().tier(), Some(tier), "{row:?}");
                    true
                }
                None => false,
            },
        };
        *counts.entry(row[0].to_owned()).or_default() += usize::from(judged);
    }
    let judged: usize = counts.values().sum();
    assert!(judged >= 1_500 && counts.values().all(|count| *count >= 20), "{judged} rows: {counts:?}");
}
