//! The shared conformance cases and data: groups that use only what is built, bad policies likewise, and real customers.
//! Found by `TIERWISE_SHARED`; without it the tests say that they were skipped.

#[path = "support/real.rs"]
mod real;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use real::{rows, shared};
use serde_json::Value;
use tierwise::explain::Actual;
use tierwise::{Customer, Lang, Policy, Portfolio, canonical};

/// Parts of the language and the model that are not built yet, told by what a case contains.
fn needs_more(policy: &str, case: &Value) -> Option<&'static str> {
    let code: String =
        policy.lines().map(|line| line.split('#').next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    if case.get("fit").is_some() {
        return Some("population functions");
    }
    let statement = |word: &str| code.lines().any(|line| line.trim_start().starts_with(word));
    let words = ["status {", "test ", "use "];
    let chinese = ["状态 {", "测试 "];
    words.into_iter().chain(chinese).find(|word| statement(word))
}

/// The orders of a file by customer; its cells have no quotes.
fn orders(text: &str) -> BTreeMap<String, Vec<Value>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut orders: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells.len(), header.len(), "{line}");
        let given = header.iter().zip(cells).filter(|(_, cell)| !cell.is_empty());
        let mut order: serde_json::Map<String, Value> =
            given.map(|(name, cell)| ((*name).to_owned(), cell.into())).collect();
        if let Some(Value::String(customer)) = order.remove("customer_id") {
            orders.entry(customer).or_default().push(order.into());
        }
    }
    orders
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(|name| name.as_str().map_or("none".into(), str::to_owned)).collect()
}

/// Compares one customer with what is expected.
fn judge(expected: &Value, outcome: &Value, group: &str) {
    let id = &expected["id"];
    for key in ["tier", "rule", "line"] {
        if let Some(wanted) = expected.get(key) {
            assert_eq!(&outcome[key], wanted, "{group} {id} {key}");
        }
    }
    // Every search of these cases comes to its end: nothing possible is one too many.
    for key in ["possible", "certain"] {
        if let Some(wanted) = expected.get(key) {
            assert_eq!(&outcome[key], wanted, "{group} {id} {key}");
        }
    }
    if let Some(missing) = expected.get("missing") {
        assert_eq!(names(&outcome["missing"]), names(missing), "{group} {id} missing");
    }
    for (name, wanted) in expected["segments"].as_object().into_iter().flatten() {
        assert_eq!(&outcome["segments"][name], wanted, "{group} {id} segment {name}");
    }
    for (name, wanted) in expected["scores"].as_object().into_iter().flatten() {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let found = &outcome["scores"][name];
        let open = wanted.is_null() && found.is_object();
        assert!(open || text(found) == text(wanted), "{group} {id} score {name}: {found} is not {wanted}");
    }
}

fn judge_error(expected: &Value, message: &str, field: Option<&str>, group: &str) {
    let error = &expected["error"];
    if let Some(wanted) = error.get("field").and_then(Value::as_str) {
        assert_eq!(field, Some(wanted), "{group} {}", expected["id"]);
    }
    for text in error["must_mention"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(message.contains(text), "{group} {}: `{message}` does not mention `{text}`", expected["id"]);
    }
    for text in error["must_not_mention"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(!message.contains(text), "{group} {}: `{message}` mentions `{text}`", expected["id"]);
    }
}

/// The rows as a portfolio, and the place of each.
fn link(rows: &[Option<Value>]) -> (Portfolio<Customer>, Vec<Option<usize>>) {
    let mut portfolio = Portfolio::new();
    let mut place = |row: &Option<Value>| {
        let row = row.as_ref()?;
        let facts = Customer::from_serialize(row).ok()?;
        Some(portfolio.add(row["id"].as_str().unwrap_or_default(), row["parent"].as_str(), facts))
    };
    let places = rows.iter().map(&mut place).collect();
    (portfolio, places)
}

#[test]
fn groups() {
    let Some(shared) = shared() else { return };
    let (mut ran, mut customers_seen) = (0, 0);
    let mut folders: Vec<_> =
        std::fs::read_dir(shared.join("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join("case.json").exists()) {
        let group = folder.file_name().unwrap().to_string_lossy().into_owned();
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
        let (source, lines) = (read("policy.tier"), read("customers.ndjson"));
        let case: Value = serde_json::from_str(&read("case.json")).unwrap();
        if let Some(what) = needs_more(&source, &case) {
            println!("{group}: needs {what}");
            continue;
        }
        ran += 1;
        let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{group}:\n{error}"));
        let as_of: NaiveDate = case["as_of"].as_str().unwrap().parse().unwrap();
        let mut rows: Vec<Option<Value>> = lines.lines().map(|line| serde_json::from_str(line).ok()).collect();
        if folder.join("orders.csv").exists() {
            let orders = orders(&read("orders.csv"));
            for row in rows.iter_mut().flatten() {
                let id = row["id"].as_str().unwrap_or_default();
                row["orders"] = orders.get(id).cloned().unwrap_or_default().into();
            }
        }
        let (portfolio, places) = link(&rows);
        let linked = policy.in_portfolio(&portfolio, as_of);
        let in_portfolio = case.get("portfolio") == Some(&Value::Bool(true));
        for expected in case["expected"].as_array().unwrap() {
            customers_seen += 1;
            let at = match expected.get("row").and_then(Value::as_u64) {
                Some(row) => Some(usize::try_from(row).unwrap() - 1),
                None => rows.iter().position(|row| row.as_ref().is_some_and(|row| row.get("id") == expected.get("id"))),
            };
            let row = at.and_then(|at| rows[at].as_ref());
            let member = at.and_then(|at| places[at]).filter(|_| in_portfolio);
            let customer = row.map(|row| Customer::from_serialize(row).map_err(|error| error.to_string()));
            let result = match customer {
                None => Err(("the line cannot be read".to_owned(), None)),
                Some(Err(reason)) => Err((reason, None)),
                Some(Ok(customer)) => member
                    .and_then(|member| linked.classify(member))
                    .unwrap_or_else(|| policy.classify(&customer, as_of))
                    .map_err(|error| (error.message(Lang::En), error.field().map(str::to_owned))),
            };
            match (expected.get("error"), result) {
                (None, Ok(outcome)) => judge(expected, &serde_json::to_value(&outcome).unwrap(), &group),
                (Some(_), Err((message, field))) => judge_error(expected, &message, field.as_deref(), &group),
                (_, result) => panic!("{group} {}: {result:?}", expected["id"]),
            }
        }
    }
    println!("{ran} groups, {customers_seen} customers");
    assert!(ran >= 42 && customers_seen >= 300, "too little was judged: {ran} groups, {customers_seen} customers");
}

#[test]
fn bad_policies() {
    let Some(shared) = shared() else { return };
    let (mut ran, mut later) = (0, 0);
    let mut files: Vec<_> =
        std::fs::read_dir(shared.join("cases/bad")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "tier")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let source = std::fs::read_to_string(file).unwrap();
        let expected: Value =
            serde_json::from_str(&std::fs::read_to_string(file.with_extension("json")).unwrap()).unwrap();
        let error = Policy::parse(&source).expect_err(&name);
        let line_of =
            |diagnostic: &tierwise::Diagnostic| source[..diagnostic.span().start()].matches('\n').count() as u64 + 1;
        let unsupported = error.diagnostics().iter().any(|diagnostic| diagnostic.code().as_str() == "E0212");
        if unsupported || needs_more(&source, &Value::Null).is_some() {
            println!("{name}: needs what is not built yet");
            later += 1;
            continue;
        }
        ran += 1;
        let mut lines = names(
            &expected["also_lines"]
                .as_array()
                .map_or(Value::Null, |lines| lines.iter().map(|line| Value::from(line.to_string())).collect()),
        );
        lines.insert(expected["line"].to_string());
        let found: BTreeSet<String> = error.diagnostics().iter().map(|d| line_of(d).to_string()).collect();
        assert!(!found.is_disjoint(&lines), "{name}: reported at {found:?}, not at {lines:?}\n{error}");
        let mut text = String::new();
        for diagnostic in error.diagnostics() {
            text += &diagnostic.message(Lang::En);
            diagnostic.labels().iter().for_each(|label| text += &label.note().text(Lang::En));
            diagnostic.help().iter().for_each(|help| text += &help.text(Lang::En));
        }
        let text = text.to_lowercase();
        for wanted in expected["must_mention"].as_array().unwrap().iter().filter_map(Value::as_str) {
            let either = wanted.split('|').any(|wanted| text.contains(&wanted.to_lowercase()));
            assert!(either, "{name}: no mention of `{wanted}`:\n{error}");
        }
    }
    println!("{ran} bad policies, {later} for later");
    assert!(ran >= 30, "only {ran} bad policies were judged");
}

/// A policy that uses every fact that is computed from orders.
const COMPUTED: &str = "\
annual_spend > 1000 and frequency >= 6 => A
annual_spend > 200 and frequency >= 2  => B
otherwise                              => C
segment computed {
    average_order_value >= 0   => one
    lifetime_value >= 0        => one
    first_order_on is present  => one
    last_order_on is present   => one
    days_since_last_order >= 0 => one
    otherwise                  => other
}";

#[test]
fn what_is_computed_from_real_orders_was_computed_independently() {
    let Some(shared) = shared() else { return };
    let policy = Policy::parse(COMPUTED).unwrap();
    let (mut customers, mut compared) = (0, 0);
    for (data, as_of) in [("cdnow", "1997-12-31"), ("northwind", "1997-12-31"), ("northwind", "1998-05-06")] {
        let orders = real::orders(&shared, data, "9999-12-31");
        for row in rows(&shared.join(format!("data/expected/{data}__{as_of}.csv"))) {
            let id = &row["customer_id"];
            let customer = Customer::new().with("orders", orders.get(id).cloned().unwrap_or_default());
            let why = policy.explain(&customer, as_of.parse::<NaiveDate>().unwrap()).unwrap();
            assert_eq!(why.outcome().tier(), Some(row["p3"].as_str()), "{data} {id}");
            let facts: BTreeMap<&str, Actual> = why.facts().collect();
            let text = |name: &str| match &facts[name] {
                Actual::Number(number) => canonical(number.round_dp(6)),
                Actual::Date(date) => date.to_string(),
                Actual::Undefined => String::new(),
                other => panic!("{data} {id} {name}: {other:?}"),
            };
            let known = |cell: &str| cell.parse().map_or_else(|_| cell.to_owned(), canonical);
            for (name, column) in [
                ("annual_spend", "annual_spend"),
                ("frequency", "orders_12m"),
                ("average_order_value", "aov_12m"),
                ("first_order_on", "first_order"),
                ("last_order_on", "last_order"),
                ("days_since_last_order", "recency_days"),
                ("lifetime_value", "spend_life"),
            ] {
                assert_eq!(text(name), known(&row[column]), "{data} {id} {name}");
                compared += 1;
            }
            customers += 1;
        }
    }
    println!("{customers} customers, {compared} fields");
    assert_eq!(compared, 7 * (23_570 + 2 * 91));
}
