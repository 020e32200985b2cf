//! Customers as NDJSON, and outcomes as NDJSON.

use std::io::Write as _;
use std::process::Stdio;

use crate::run::{Folder, POLICY, error, verdicts};

const PROFILE: &str =
    "field address.city: text\naddress.city = \"Ulm\" => A\n\"tagged\": tags contains \"x\" => B\notherwise => C\n";

#[test]
fn keys_have_their_order() {
    let folder = Folder::new("policy \"Key\" version \"2\"\n\"big\": annual_spend > 1M => A\notherwise => B\n").with(
        "c.ndjson",
        "{\"id\": \"a\", \"annual_spend\": 2000000}\n{\"id\": \"b\"}\n{\"id\": \"c\", \"annual_spend\": []}\n[]\n",
    );
    let done = folder.classify("c.ndjson", "ndjson");
    let fingerprint = done.json()[0]["policy"]["fingerprint"].as_str().unwrap().to_owned();
    let policy = format!("{{\"name\":\"Key\",\"version\":\"2\",\"fingerprint\":\"{fingerprint}\"}}");
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(
        lines[0],
        format!(
            "{{\"id\":\"a\",\"tier\":\"A\",\"rule\":\"big\",\"line\":2,\"certain\":true,\"possible\":[\"A\"],\"missing\":[],\"as_of\":\"2026-03-31\",\"adjusted_by\":null,\"findings\":[],\"policy\":{policy}}}"
        )
    );
    assert_eq!(
        lines[1],
        format!(
            "{{\"id\":\"b\",\"tier\":\"B\",\"rule\":null,\"line\":3,\"certain\":false,\"possible\":[\"A\",\"B\"],\"missing\":[\"annual_spend\"],\"as_of\":\"2026-03-31\",\"adjusted_by\":null,\"findings\":[],\"policy\":{policy}}}"
        )
    );
    assert!(
        lines[2].starts_with("{\"id\":\"c\",\"error\":{\"code\":\"D0101\",\"message\":\"`annual_spend`"),
        "{}",
        lines[2]
    );
    assert!(lines[2].ends_with(",\"field\":\"annual_spend\"}}"), "{}", lines[2]);
    assert!(
        lines[3].starts_with("{\"id\":null,\"row\":4,\"error\":{\"code\":\"R0102\",\"message\":\""),
        "{}",
        lines[3]
    );
    assert!(lines[3].ends_with(",\"field\":null}}"), "{}", lines[3]);
}

#[test]
fn ids_stay_as_they_are() {
    let lines = "{\"id\": \"007\"}\n{\"id\": 7}\n{\"id\": 7.50}\n{\"id\": 12345678901234567890123456789012}\n{\"id\": \"客户\\u0031\"}\n{\"id\": \"007\"}\n";
    let expected = ["007: C", "7: C", "7.50: C", "12345678901234567890123456789012: C", "客户1: C", "007: C"];
    assert_eq!(verdicts("otherwise => C", "c.ndjson", lines), expected);
}

#[test]
fn a_row_without_a_readable_id_is_known_by_its_line() {
    let lines = "{\"id\": null}\n\n  \r\n{}\n{\"id\": \"\"}\n{\"id\": true}\n{\"id\": [1]}\n{\"id\": 1, \"id\": 2}\n{\"id\": \"\\ud800\"}\n{\"id\": 1}\n";
    let expected = [
        "row 1: R0103",
        "row 4: R0103",
        "row 5: R0103",
        "row 6: R0110",
        "row 7: R0110",
        "row 8: R0104",
        "row 9: R0101",
        "1: C",
    ];
    assert_eq!(verdicts(POLICY, "c.ndjson", lines), expected);
}

#[test]
fn lines_that_are_no_customer_do_not_stop_the_others() {
    let lines = b"{\"id\": \"a\", \"annual_spend\": NaN}\n{\"id\": \"b\"\n[1]\n\"x\"\nx\n{} {}\n{\"id\": \"c\\xff\"}\n{\"id\": \"\xff\"}\n{\"id\": \"d\"}".as_slice();
    let expected = [
        "row 1: R0101",
        "row 2: R0101",
        "row 3: R0102",
        "row 4: R0102",
        "row 5: R0101",
        "row 6: R0101",
        "row 7: R0101",
        "row 8: R0106",
        "d: C",
    ];
    assert_eq!(verdicts(POLICY, "c.ndjson", lines), expected);
}

#[test]
fn the_place_is_named_where_a_line_is_not_utf8() {
    let error = error(POLICY, "c.ndjson", b"\xef\xbb\xbf{\"id\": \"\xe9\"}\n");
    assert_eq!(error["message"], "the line is not UTF-8 at byte 11 of the file");
}

#[test]
fn numbers_are_taken_exactly() {
    let lines = "{\"id\": \"at\", \"annual_spend\": 1000000}
{\"id\": \"above\", \"annual_spend\": 1000000.00000000000000000001}
{\"id\": \"power\", \"annual_spend\": 1.0000001e6}
{\"id\": \"text\", \"annual_spend\": \"1000000.01\"}
{\"id\": \"huge\", \"annual_spend\": 1e400}
{\"id\": \"long\", \"annual_spend\": 12345678901234567890123456789012}
{\"id\": \"long text\", \"annual_spend\": \"12345678901234567890123456789012\"}
{\"id\": \"fine\", \"annual_spend\": 0.12345678901234567890123456789012}
";
    let expected =
        ["at: B", "above: A", "power: A", "text: A", "huge: D0103", "long: D0103", "long text: D0103", "fine: D0103"];
    assert_eq!(verdicts(POLICY, "c.ndjson", lines), expected);
}

#[test]
fn a_day_that_does_not_exist_is_refused() {
    let policy = "last_order_on within 90 days => A\notherwise => B\n";
    let lines = "{\"id\": \"1\", \"last_order_on\": \"2026-02-30\"}\n";
    let error = error(policy, "c.ndjson", lines);
    assert_eq!((&error["code"], &error["field"]), (&"D0107".into(), &"last_order_on".into()));
}

#[test]
fn only_facts_that_are_used_are_looked_at() {
    let lines = "{\"id\": \"1\", \"nps\": 900, \"frequency\": \"often\", \"x\": [1, {\"y\": \"\\ud800\"}], \"n\": 1, \"n\": 2}\n";
    assert_eq!(verdicts(POLICY, "c.ndjson", lines), ["1: C"]);
}

#[test]
fn a_used_fact_is_given_once() {
    let flat = error(POLICY, "c.ndjson", "{\"id\": \"1\", \"annual_spend\": 1, \"annual_spend\": 2}\n");
    assert_eq!(flat["message"], "`annual_spend` is given twice");
    assert_eq!((&flat["code"], &flat["field"]), (&"R0104".into(), &"annual_spend".into()));
    for address in ["{\"city\": \"Ulm\", \"city\": \"Bonn\"}", "{\"city\": \"Ulm\"}, \"address.city\": \"Bonn\""] {
        let nested = error(PROFILE, "c.ndjson", format!("{{\"id\": \"1\", \"address\": {address}}}\n"));
        assert_eq!(nested["field"], "address.city");
    }
}

#[test]
fn nested_facts_and_sets_are_found() {
    let lines = "{\"id\": \"nested\", \"address\": {\"zip\": 1, \"city\": \"Ulm\"}}
{\"id\": \"dotted\", \"address.city\": \"Ulm\"}
{\"id\": \"set\", \"tags\": [\"x\", \"y\"]}
{\"id\": \"empty\", \"tags\": [], \"address\": null}
{\"id\": \"no object\", \"tags\": [], \"address\": \"Ulm\"}
{\"id\": \"no set\", \"tags\": \"x\"}
";
    let expected = ["nested: A", "dotted: A", "set: B", "empty: C", "no object: C", "no set: D0101"];
    assert_eq!(verdicts(PROFILE, "c.ndjson", lines), expected);
}

#[test]
fn deep_nesting_is_refused_where_it_is_used() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let unused = format!("{{\"id\": \"1\", \"x\": {deep}, \"address\": {{\"zip\": {deep}}}}}\n");
        assert_eq!(verdicts(PROFILE, "c.ndjson", unused), ["1: C"]);
        let used = error(PROFILE, "c.ndjson", format!("{{\"id\": \"1\", \"tags\": {deep}}}\n"));
        assert_eq!((&used["code"], &used["field"]), (&"R0108".into(), &"tags".into()));
        let nested = error(PROFILE, "c.ndjson", format!("{{\"id\": \"1\", \"address\": {{\"city\": {deep}}}}}\n"));
        assert_eq!((&nested["code"], &nested["field"]), (&"R0108".into(), &"address".into()));
    }
}

#[test]
fn a_mark_and_any_line_end_are_fine() {
    assert_eq!(verdicts(POLICY, "c.jsonl", "\u{feff}{\"id\": \"1\"}\r\n\r\n{\"id\": \"2\"}"), ["1: C", "2: C"]);
    for empty in ["", "\n", "\u{feff}", "\r\n \t\n"] {
        let done = Folder::new(POLICY).with("c.NDJSON", empty).classify("c.NDJSON", "ndjson");
        assert_eq!((done.code, done.stdout.as_str()), (0, ""));
    }
}

#[test]
fn a_long_line_is_refused() {
    let lines = format!("{{\"id\": \"1\", \"x\": \"{}\"}}\n{{\"id\": \"2\"}}\n", "x".repeat(16 << 20));
    assert_eq!(verdicts(POLICY, "c.ndjson", lines), ["row 1: R0107", "2: C"]);
}

#[test]
fn another_key_may_hold_the_id() {
    let folder = Folder::new(POLICY).with("c.ndjson", "{\"id\": \"x\", \"customer\": \"1\"}\n{\"id\": \"y\"}\n");
    let done = folder.run(&["classify", "p.tier", "c.ndjson", "--id", "customer", "--format", "ndjson"]);
    assert_eq!(done.verdicts(), ["1: C", "row 2: R0103"]);
}

#[test]
fn the_standard_input_is_ndjson() {
    let folder = Folder::new(POLICY);
    let mut command = folder.command(&["classify", "p.tier", "-", "--format", "ndjson"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let before = chrono::Local::now().date_naive();
    child.stdin.take().unwrap().write_all(b"{\"id\": \"1\", \"annual_spend\": 300000}\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let after = chrono::Local::now().date_naive();
    let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), outcome["tier"].as_str()), (Some(0), Some("B")));
    let as_of = outcome["as_of"].as_str().unwrap();
    assert!([before.to_string(), after.to_string()].contains(&as_of.to_owned()), "{as_of}");
}
