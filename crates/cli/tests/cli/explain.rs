//! `tierwise explain`.

use crate::run::Folder;

const CUSTOMERS: &str = "id,annual_spend,frequency\n007,1500000,20\n008,980000,20\n009,much,1\n008,100,2\n010,,3\n";
const AS_OF: [&str; 2] = ["--as-of", "2026-03-31"];

fn explain(args: &[&str]) -> crate::run::Done {
    let folder = Folder::new(
        "currency EUR\ntiers A \"Key account\" > B > C\nannual_spend > 1M => A\nannual_spend > 200K => B\notherwise => C\n",
    );
    let folder = folder.with("c.csv", CUSTOMERS).with("c.ndjson", "{\"id\": \"x\\u001b[1m\", \"annual_spend\": 5}\n");
    folder.run(&[&["explain", "p.tier"], args, &AS_OF].concat())
}

#[test]
fn a_customer_is_explained() {
    let done = explain(&["c.csv", "--id", "007"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    assert_eq!(
        done.stdout,
        "007\nTier A \"Key account\" as of 2026-03-31\nThe rule in line 3 decides:\n  + annual spend is 1,500,000 EUR, more than \
         1,000,000 EUR\n"
    );
}

#[test]
fn every_row_with_the_id_is_explained() {
    let done = explain(&["c.csv", "--id", "008"]);
    assert_eq!(done.code, 0);
    assert!(done.stdout.contains("short by 20,000.01 EUR"), "{}", done.stdout);
    assert_eq!(done.stdout.matches("008\n").count(), 2, "{}", done.stdout);
    assert_eq!(done.stdout.matches("\n\n").count(), 1, "{}", done.stdout);
}

#[test]
fn the_full_text_shows_every_rule_and_fact() {
    let done = explain(&["c.csv", "--id", "010", "--full"]);
    for line in ["Rules; the first that holds decides", "Facts", "annual spend: missing", "+ holds   - does not hold"] {
        assert!(done.stdout.contains(line), "{}", done.stdout);
    }
}

#[test]
fn json_has_the_id_and_the_whole_tree() {
    let done = explain(&["c.csv", "--id", "008", "--format", "json"]);
    let lines: Vec<serde_json::Value> = done.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["id"], &lines[0]["outcome"]["tier"]), (&"008".into(), &"B".into()));
    let shortfall = &lines[0]["rules"][0]["condition"]["shortfall"];
    assert_eq!(shortfall["amount"], "20000.01", "{}", lines[0]);
}

#[test]
fn a_rejected_customer_is_said_and_ends_with_3() {
    let done = explain(&["c.csv", "--id", "009"]);
    assert_eq!((done.code, done.stdout.as_str()), (3, ""));
    assert!(done.stderr.contains("row 3: D0102: `annual_spend`"), "{}", done.stderr);
}

#[test]
fn an_id_that_nobody_has_ends_with_2() {
    let done = explain(&["c.csv", "--id", "7"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("no customer of `c.csv` has the id `7`"), "{}", done.stderr);
    assert!(done.stderr.contains("5 rows were read"), "{}", done.stderr);
}

#[test]
fn an_id_may_begin_with_a_hyphen() {
    let done = explain(&["c.csv", "--id", "-60"]);
    assert!(done.code == 2 && done.stderr.contains("has the id `-60`"), "{}", done.stderr);
}

#[test]
fn an_id_does_nothing_to_the_terminal() {
    let done = explain(&["c.ndjson", "--id", "x\u{1b}[1m"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    assert!(done.stdout.starts_with("x\\u{1b}[1m\nTier C"), "{:?}", done.stdout);
}

#[test]
fn the_way_to_a_tier_is_told() {
    let done = explain(&["c.csv", "--id", "010", "--to", "A"]);
    assert_eq!(done.code, 0);
    // Nothing known leads to A while the spend is missing.
    assert!(done.stdout.ends_with("No change of numbers leads there\n"), "{}", done.stdout);
    let done = explain(&["c.csv", "--id", "008", "--to", "A"]);
    assert_eq!(
        done.stdout.matches("To A: annual spend 1,000,000.01 EUR (20,000.01 EUR more)\n").count(),
        1,
        "{}",
        done.stdout
    );
    let lines = explain(&["c.csv", "--id", "008", "--to", "A", "--format", "json"]).json();
    assert_eq!(lines[0]["to"]["ways"][0]["changes"][0]["to"], "1000000.01", "{}", lines[0]);
    assert_eq!(lines[0]["to"]["exact"], true);
    let done = explain(&["c.csv", "--id", "008", "--to", "X"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("the policy has no tier `X`"), "{}", done.stderr);
    assert!(done.stderr.contains("there are `A`, `B`, `C`"), "{}", done.stderr);
}

#[test]
fn what_is_listed_may_change_on_the_way() {
    let folder = Folder::new(
        "tiers A > B\nfield vip: boolean\nfield home: text fixed\nvip and home = \"DE\" => A\notherwise => B\n",
    );
    let folder = folder.with("c.csv", "id,vip,home\n1,false,DE\n");
    let explain = |args: &[&str]| folder.run(&[&["explain", "p.tier", "c.csv", "--id", "1"], args, &AS_OF].concat());
    let done = explain(&["--to", "A"]);
    assert!(done.stdout.ends_with("\nNo change of numbers leads there\n"), "{}", done.stdout);
    let done = explain(&["--to", "A", "--may-change", "vip"]);
    assert!(done.stdout.ends_with("\nTo A: vip true instead of false\n"), "{}", done.stdout);
    let lines = explain(&["--to", "A", "--may-change", "vip", "--format", "json"]).json();
    assert_eq!(lines[0]["to"]["ways"][0]["changes"][0], serde_json::json!({"name": "vip", "from": false, "to": true}));
    let there = explain(&["--to", "B", "--format", "json"]).json();
    assert_eq!(there[0]["to"], serde_json::json!({"ways": [], "exact": true, "reached": true}));
    let done = explain(&["--to", "A", "--may-change", "vp"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("the policy uses no fact `vp`: did you mean `vip`?"), "{}", done.stderr);
    let done = explain(&["--to", "A", "--may-change", "home"]);
    assert!(done.code == 2 && done.stderr.contains("`home` is declared `fixed`"), "{}", done.stderr);
    assert_eq!(explain(&["--may-change", "vip"]).code, 2);
}
