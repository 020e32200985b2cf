//! `tierwise check`.

use crate::run::{Folder, POLICY};

#[test]
fn a_sound_policy_is_one_line() {
    let folder = Folder::new(POLICY).with("one.tier", "otherwise => A\n");
    let done = folder.run(&["check", "p.tier", "one.tier"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("p.tier: ok, 3 tiers, fingerprint 1:"), "{}", lines[0]);
    assert!(lines[1].starts_with("one.tier: ok, 1 tier, fingerprint 1:"), "{}", lines[1]);
}

#[test]
fn every_file_is_checked_and_the_worst_decides() {
    let folder = Folder::new(POLICY)
        .with("wrong.tier", "annual_spend > 1M A\n\nanual_spend > 1M => A\n")
        .with("latin1.tier", b"\xe9");
    let done = folder.run(&["check", "wrong.tier", "p.tier"]);
    assert_eq!(done.code, 1);
    assert!(done.stdout.starts_with("p.tier: ok, 3 tiers"), "{}", done.stdout);
    assert!(done.stderr.contains("--> wrong.tier:1:"), "{}", done.stderr);
    assert!(done.stderr.contains("--> wrong.tier:3:1\n"), "{}", done.stderr);
    let done = folder.run(&["check", "wrong.tier", "latin1.tier", "none.tier", "."]);
    assert_eq!(done.code, 2);
    for expected in
        ["wrong.tier:1:", "`latin1.tier` is not UTF-8 at byte 0", "`none.tier` cannot be read", "`.` cannot be read"]
    {
        assert!(done.stderr.contains(expected), "{expected}: {}", done.stderr);
    }
}

#[test]
fn needs_are_a_table() {
    let policy = "\
field vat_id \"VAT number\": text required sensitive
field region: text default \"unknown\"
vat_id starts with \"DE\" and region = \"north\" and last_order_on within 90 days => A
current.tier = A => A
otherwise => B
";
    let done = Folder::new(policy).run(&["check", "p.tier", "--needs"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let table = done.stdout.split_once('\n').unwrap().1;
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["name", "type", "presence", "sensitive", "label"]);
    for row in [
        &["vat_id", "text", "required", "yes", "VAT", "number"][..],
        &["region", "text", "default", "no"],
        &["last_order_on", "date", "optional", "no"],
        &["current.tier", "one", "of", "(A,", "B)", "optional", "no"],
    ] {
        assert!(rows.iter().any(|found| found == row), "{row:?} in {table}");
    }
    assert!(table.ends_with("the as-of date matters: yes\nthe standing matters: yes\n"), "{table}");
}

#[test]
fn nothing_needed_is_said() {
    let done = Folder::new("otherwise => A").run(&["check", "--needs", "p.tier"]);
    let table = done.stdout.split_once('\n').unwrap().1;
    assert_eq!(table, "no facts are needed\nthe as-of date matters: no\nthe standing matters: no\n");
}

#[test]
fn control_characters_are_escaped() {
    let done =
        Folder::new(POLICY).with("x\u{1b}[1m.tier", "# \u{202e}\notherwise => A\n").run(&["check", "x\u{1b}[1m.tier"]);
    assert_eq!(done.code, 1);
    assert!(!done.stderr.contains(['\u{1b}', '\u{202e}']), "{}", done.stderr);
    assert!(done.stderr.contains("x\\u{1b}[1m.tier:1:3"), "{}", done.stderr);
}

#[test]
fn a_large_file_is_refused_by_the_library() {
    let policy = format!("otherwise => A\n# {}", "ä".repeat(5 << 20));
    let done = Folder::new(&policy).run(&["check", "p.tier"]);
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert!(done.stderr.starts_with("error[E"), "{}", done.stderr);
}
