//! Outcomes as a table.

use crate::run::{Folder, POLICY};

#[test]
fn a_table_and_a_summary() {
    let policy = "tiers A > B\n\"big\": annual_spend > 1M => A\nannual_spend > 200K => B\n\"late\": cap B when overdue_days > 60\n";
    let rows = "id,annual_spend,overdue_days\n1,2000000,0\n2,2000000,61\n3,0,0\n客户,,0\n5,x,0\n,0,0\n";
    let done = Folder::new(policy).with("c.csv", rows).classify("c.csv", "table");
    let expected = "\
id    tier  certain  rule  possible    missing       adjusted by  error
───────────────────────────────────────────────────────────────────────
1     A     yes      big
2     B     yes      big                             late
3     –     yes
客户  –     no             A, B, none  annual_spend
5                                                                 D0102: `annual_spend`: `x` is not a number
                                                                  R0103: row 6: `id` is empty

6 customers: A 1, B 1, no tier 2; uncertain 1, rejected 2
";
    let masked: Vec<&str> =
        done.stdout.lines().map(|line| line.split_once("D0102").map_or(line, |(before, _)| before)).collect();
    let expected: Vec<&str> =
        expected.lines().map(|line| line.split_once("D0102").map_or(line, |(before, _)| before)).collect();
    assert_eq!(masked, expected, "{}", done.stdout);
    assert_eq!(done.code, 3);
}

#[test]
fn nothing_is_a_table_too() {
    let done = Folder::new(POLICY).with("c.ndjson", "").classify("c.ndjson", "table");
    assert_eq!(done.code, 0);
    assert!(done.stdout.ends_with("\n\n0 customers: A 0, B 0, C 0; uncertain 0, rejected 0\n"), "{}", done.stdout);
}

#[test]
fn control_characters_are_escaped() {
    let lines = "{\"id\": \"a\\u001b[31m\\n\\u202eb\"}\n{\"id\": \"x\", \"annual_spend\": \"\\u001b[1m\"}\n";
    let done =
        Folder::new("annual_spend > 1 => A\notherwise => B").with("c.ndjson", lines).classify("c.ndjson", "table");
    assert!(done.stdout.contains("a\\u{1b}[31m\\u{a}\\u{202e}b  B"), "{}", done.stdout);
    assert!(!done.stdout.contains(['\u{1b}', '\u{202e}']), "{}", done.stdout);
}

#[test]
fn a_long_id_is_cut() {
    let id = "x".repeat(100_000);
    let done = Folder::new(POLICY).with("c.csv", format!("id\n{id}\n")).classify("c.csv", "table");
    assert!(done.stdout.len() < 2_000);
    assert!(done.stdout.contains('…'));
}
