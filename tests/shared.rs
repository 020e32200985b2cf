//! The shared conformance cases and data: groups that use only what is built, bad policies likewise, and real customers.
//! Found by `TIERWISE_SHARED`; without it the tests say that they were skipped.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::NaiveDate;
use serde_json::Value;
use tierwise::{Customer, Lang, Policy};

fn shared() -> Option<PathBuf> {
    let path = std::env::var_os("TIERWISE_SHARED").map(PathBuf::from);
    if path.is_none() {
        println!("skipped: TIERWISE_SHARED is not set");
    }
    path
}

/// Parts of the language and the model that are not built yet, told by what a case contains.
fn needs_more(policy: &str, case: &Value, customers: &str, has_orders: bool) -> Option<&'static str> {
    let code: String =
        policy.lines().map(|line| line.split('#').next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    if has_orders || customers.contains("\"orders\"") {
        return Some("orders");
    }
    if case.get("fit").is_some() || case.get("portfolio").is_some() {
        return Some("population or portfolio");
    }
    let statement = |word: &str| code.lines().any(|line| line.trim_start().starts_with(word));
    let words = ["status {", "test ", "collection ", "use "];
    let chinese = ["状态 {", "测试 ", "明细 "];
    words.into_iter().chain(chinese).find(|word| statement(word))
}

fn names(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().map(|name| name.as_str().map_or("none".into(), str::to_owned)).collect()
}

/// Compares one customer with what is expected; `possible` may be a superset until the exact search exists, and
/// `certain` and `missing` follow it.
fn judge(expected: &Value, outcome: &Value, group: &str, exact: &mut usize) {
    let id = &expected["id"];
    for key in ["tier", "rule", "line"] {
        if let Some(wanted) = expected.get(key) {
            assert_eq!(&outcome[key], wanted, "{group} {id} {key}");
        }
    }
    let possible = names(&outcome["possible"]);
    let wanted = expected.get("possible").map(names);
    if let Some(wanted) = &wanted {
        assert!(possible.is_superset(wanted), "{group} {id}: possible {possible:?} lacks some of {wanted:?}");
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
    if wanted.is_none_or(|wanted| wanted == possible) {
        *exact += 1;
        assert!(
            expected.get("possible").is_none() || expected["possible"] == outcome["possible"],
            "{group} {id} order"
        );
        if let Some(certain) = expected.get("certain") {
            assert_eq!(&outcome["certain"], certain, "{group} {id} certain");
        }
        if let Some(missing) = expected.get("missing") {
            assert_eq!(names(&outcome["missing"]), names(missing), "{group} {id} missing");
        }
    } else {
        println!("{group} {id}: possible is a superset: {possible:?}");
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

#[test]
fn groups() {
    let Some(shared) = shared() else { return };
    let (mut ran, mut customers_seen, mut exact) = (0, 0, 0);
    let mut folders: Vec<_> =
        std::fs::read_dir(shared.join("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join("case.json").exists()) {
        let group = folder.file_name().unwrap().to_string_lossy().into_owned();
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
        let (source, lines) = (read("policy.tier"), read("customers.ndjson"));
        let case: Value = serde_json::from_str(&read("case.json")).unwrap();
        if let Some(what) = needs_more(&source, &case, &lines, folder.join("orders.csv").exists()) {
            println!("{group}: needs {what}");
            continue;
        }
        ran += 1;
        let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{group}:\n{error}"));
        let as_of: NaiveDate = case["as_of"].as_str().unwrap().parse().unwrap();
        let rows: Vec<Option<Value>> = lines.lines().map(|line| serde_json::from_str(line).ok()).collect();
        for expected in case["expected"].as_array().unwrap() {
            customers_seen += 1;
            let row = match expected.get("row").and_then(Value::as_u64) {
                Some(row) => rows[usize::try_from(row).unwrap() - 1].as_ref(),
                None => rows.iter().flatten().find(|row| row.get("id") == expected.get("id")),
            };
            let customer = row.map(|row| Customer::from_serialize(row).map_err(|error| error.to_string()));
            let result = match customer {
                None => Err(("the line cannot be read".to_owned(), None)),
                Some(Err(reason)) => Err((reason, None)),
                Some(Ok(customer)) => policy
                    .classify(&customer, as_of)
                    .map_err(|error| (error.message(Lang::En), error.field().map(str::to_owned))),
            };
            match (expected.get("error"), result) {
                (None, Ok(outcome)) => judge(expected, &serde_json::to_value(&outcome).unwrap(), &group, &mut exact),
                (Some(_), Err((message, field))) => judge_error(expected, &message, field.as_deref(), &group),
                (_, result) => panic!("{group} {}: {result:?}", expected["id"]),
            }
        }
    }
    println!("{ran} groups, {customers_seen} customers, {exact} with exactly the expected possible tiers");
    assert!(
        ran >= 20 && exact * 10 >= customers_seen * 9,
        "too little was judged: {ran} groups, {exact} of {customers_seen}"
    );
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
        if unsupported || needs_more(&source, &Value::Null, "", false).is_some() {
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

#[test]
fn real_customers_get_the_tiers_that_were_computed_independently() {
    let Some(shared) = shared() else { return };
    let policy = Policy::parse(
        "field orders_12m: integer
         annual_spend > 1000 and orders_12m >= 6 => A
         annual_spend > 200 and orders_12m >= 2 => B
         otherwise => C",
    )
    .unwrap();
    let mut compared = 0;
    for (file, as_of) in [("cdnow__1997-12-31.csv", "1997-12-31"), ("northwind__1998-05-06.csv", "1998-05-06")] {
        let as_of: NaiveDate = as_of.parse().unwrap();
        let mut reader = csv::Reader::from_path(shared.join("data/expected").join(file)).unwrap();
        let header = reader.headers().unwrap().clone();
        let column = |name: &str| header.iter().position(|known| known == name).unwrap();
        let (spend, orders, tier) = (column("annual_spend"), column("orders_12m"), column("p3"));
        for row in reader.records() {
            let row = row.unwrap();
            let cell = |at: usize| Some(&row[at]).filter(|cell| !cell.is_empty());
            let customer = Customer::new().with("annual_spend", cell(spend)).with("orders_12m", cell(orders));
            assert_eq!(policy.classify(&customer, as_of).unwrap().tier(), Some(&row[tier]), "{file} {}", &row[0]);
            compared += 1;
        }
    }
    assert_eq!(compared, 23_661);
}
