//! The policies in `examples/policies` of the library, as the command sees them.

use std::path::{Path, PathBuf};

use crate::run::{Done, Folder};

/// The Chinese names of standard fields in the twin, and the English ones.
const FIELDS: [(&str, &str); 13] = [
    ("年消费额", "annual_spend"),
    ("员工数", "employees"),
    ("合作月数", "tenure_months"),
    ("购买频率", "frequency"),
    ("逾期天数", "overdue_days"),
    ("满意度", "satisfaction"),
    ("国家", "country"),
    ("最近下单日", "last_order_on"),
    ("首次下单日", "first_order_on"),
    ("净推荐值", "nps"),
    ("地区", "region"),
    ("未结投诉", "complaints"),
    ("累计消费", "lifetime_value"),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/policies")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn classify(policy: &str, customers: &str) -> Done {
    let path = |name: &str| folder().join(name).to_str().unwrap().to_owned();
    let (policy, customers) = (path(policy), path(customers));
    Folder::new("").run(&["classify", &policy, &customers, "--as-of", "2026-03-31", "--format", "ndjson"])
}

/// A policy as `fmt` writes it.
fn formatted(source: &str, keywords: &str) -> String {
    let folder = Folder::new(source);
    let done = folder.run(&["fmt", "--keywords", keywords, "p.tier"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    std::fs::read_to_string(folder.path().join("p.tier")).unwrap()
}

/// Without the lines that are comments only.
fn statements(source: &str) -> Vec<&str> {
    source.lines().filter(|line| !line.trim_start().starts_with('#')).collect()
}

#[test]
fn every_policy_is_sound_and_takes_its_customers() {
    for (policy, customers, rejected) in [
        ("distributor_abcd.tier", "customers.ndjson", 0),
        ("enterprise_size.tier", "enterprises.ndjson", 1),
        ("enterprise_size_zh.tier", "enterprises.ndjson", 1),
        ("lifecycle.tier", "customers.ndjson", 0),
        ("retail_membership_zh.tier", "members_zh.ndjson", 0),
        ("scorecard_rating.tier", "customers.ndjson", 0),
        ("twin/key_accounts.tier", "customers.ndjson", 0),
        ("value_potential.tier", "customers.ndjson", 0),
    ] {
        let path = folder().join(policy);
        let done = Folder::new("").run(&["check", path.to_str().unwrap()]);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{policy}");
        let done = classify(policy, customers);
        assert_eq!(done.code, if rejected == 0 { 0 } else { 3 }, "{policy}: {}", done.stderr);
        assert_eq!(done.json().iter().filter(|row| row.get("error").is_some()).count(), rejected, "{policy}");
    }
}

#[test]
fn twins_give_the_same_bytes() {
    let english = classify("twin/key_accounts.tier", "customers.ndjson");
    let chinese = classify("twin/key_accounts_zh.tier", "customers.ndjson");
    assert_eq!((english.code, english.stdout.lines().count()), (0, text("customers.ndjson").lines().count()));
    assert_eq!(english.stdout, chinese.stdout);
}

#[test]
fn twins_differ_in_keywords_names_of_fields_and_comments_only() {
    let twins = ["twin/key_accounts.tier", "twin/key_accounts_zh.tier"];
    let [english, mut chinese] = twins.map(text);
    assert_eq!(english.lines().count(), chinese.lines().count());
    for (zh, en) in FIELDS {
        chinese = chinese.replace(zh, en);
    }
    // Other names, other columns.
    let (english, chinese) = (formatted(&english, "zh"), formatted(&chinese, "zh"));
    assert_eq!(statements(&english), statements(&chinese));
}

#[test]
fn keywords_go_there_and_back() {
    for (name, there, back) in [
        ("distributor_abcd.tier", "zh", "en"),
        ("enterprise_size.tier", "zh", "en"),
        ("enterprise_size_zh.tier", "en", "zh"),
        ("lifecycle.tier", "zh", "en"),
        ("retail_membership_zh.tier", "en", "zh"),
        ("scorecard_rating.tier", "zh", "en"),
        ("twin/key_accounts.tier", "zh", "en"),
        ("twin/key_accounts_zh.tier", "en", "zh"),
        ("value_potential.tier", "zh", "en"),
    ] {
        let other = formatted(&text(name), there);
        assert_ne!(other, text(name), "{name}");
        assert_eq!(formatted(&other, back), text(name), "{name}");
    }
}
