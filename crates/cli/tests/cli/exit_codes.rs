//! The exit codes, and what is said with them.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use crate::run::{Folder, POLICY};

#[test]
fn all_classified_is_0_and_some_rejected_is_3() {
    let folder = Folder::new(POLICY)
        .with("good.ndjson", "{\"id\": \"1\"}\n")
        .with("bad.ndjson", "{\"id\": \"1\"}\n{}\n{\"id\": \"2\"}\n");
    for (format, note) in
        [("ndjson", "1 of 3 customers rejected\n"), ("csv", "1 of 3 customers rejected\n"), ("table", "")]
    {
        let good = folder.classify("good.ndjson", format);
        assert_eq!((good.code, good.stderr.as_str()), (0, ""));
        let bad = folder.classify("bad.ndjson", format);
        assert_eq!((bad.code, bad.stderr.as_str()), (3, note));
    }
}

#[test]
fn a_wrong_policy_is_1() {
    let done =
        Folder::new("anual_spend > 1M => A\n").with("c.ndjson", "{\"id\": \"1\"}\n").classify("c.ndjson", "ndjson");
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert!(done.stderr.contains("error[E0301]: unknown name `anual_spend`\n --> p.tier:1:1\n"), "{}", done.stderr);
}

fn unusable(folder: &Folder, policy: &str, customers: &str, expected: &str) {
    let done = folder.run(&["classify", policy, customers]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{policy} {customers}");
    assert_eq!(done.stderr, format!("error: {expected}\n"), "{policy} {customers}");
}

#[test]
fn a_file_that_cannot_be_read_is_2() {
    let folder = Folder::new(POLICY)
        .with("latin1.tier", b"# caf\xe9\notherwise => A\n")
        .with("c.ndjson", "{\"id\": \"1\"}\n")
        .with("c.json", "{\"id\": \"1\"}\n");
    let no_file = "cannot be read: there is no such file";
    unusable(&folder, "p.tier", "none.csv", &format!("`none.csv` {no_file}"));
    unusable(&folder, "p.tier", "none.ndjson", &format!("`none.ndjson` {no_file}"));
    unusable(&folder, "none.tier", "c.ndjson", &format!("`none.tier` {no_file}"));
    let save = "\n  = help: save it as UTF-8";
    unusable(&folder, "latin1.tier", "c.ndjson", &format!("`latin1.tier` is not UTF-8 at byte 5{save}"));
    let give = "give a file that ends with `.csv`, `.ndjson` or `.jsonl`, or `-` for NDJSON on the standard input";
    unusable(&folder, "p.tier", "c.json", &format!("`c.json` is no file of customers by its name\n  = help: {give}"));
}

#[test]
fn a_header_that_cannot_be_used_is_2() {
    let folder = Folder::new(POLICY)
        .with("no_id.csv", "key,annual_spend\n1,2\n")
        .with("semicolons.csv", "id;annual_spend\n1;2\n")
        .with("twice.csv", "id,annual_spend,annual_spend\n1,2,3\n")
        .with("latin1.csv", b"id,caf\xe9\n1,2\n")
        .with("utf16.csv", b"\xff\xfei\0d\0\n\0")
        .with("empty.csv", "")
        .with("quote.csv", "id,\"annual_spend\n1,2\n");
    let save = "\n  = help: save it as UTF-8";
    for (file, expected) in [
        (
            "no_id",
            "has no column `id`\n  = help: name the column of the ids with `--id-column`; there are `key`, `annual_spend`",
        ),
        ("semicolons", "has no column `id`\n  = help: separate the cells by commas"),
        ("twice", "names the column `annual_spend` twice\n  = help: give each column a name of its own"),
        ("quote", "has a quote that is not closed"),
    ] {
        let file = format!("{file}.csv");
        unusable(&folder, "p.tier", &file, &format!("the header of `{file}` {expected}"));
    }
    unusable(&folder, "p.tier", "latin1.csv", &format!("`latin1.csv` is not UTF-8 at byte 6{save}"));
    unusable(&folder, "p.tier", "utf16.csv", &format!("`utf16.csv` is not UTF-8 at byte 0{save}"));
    let begin = "begin it with a header that names the columns";
    unusable(&folder, "p.tier", "empty.csv", &format!("`empty.csv` is empty\n  = help: {begin}"));
}

#[test]
fn a_wrong_command_line_is_2() {
    let folder = Folder::new(POLICY).with("c.ndjson", "{\"id\": \"1\"}\n");
    for (args, expected) in [
        (&["classify", "p.tier", "c.ndjson", "--as-of", "2026-02-30"][..], "the calendar has no such day"),
        (&["classify", "p.tier", "c.ndjson", "--as-of", "31.3.2026"], "a date is written as YYYY-MM-DD"),
        (&["classify", "p.tier", "c.ndjson", "--format", "xml"], "xml"),
        (&["classify", "p.tier", "c.ndjson", "--id", ""], "--id"),
        (&["classify", "p.tier"], "CUSTOMERS"),
        (&["check"], "POLICY"),
        (&["frobnicate"], "frobnicate"),
        (&[], "Usage"),
    ] {
        let done = folder.run(args);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{args:?}");
        assert!(done.stderr.contains(expected), "{}", done.stderr);
    }
}

#[test]
fn help_names_the_codes() {
    let folder = Folder::new(POLICY);
    let help = folder.run(&["classify", "--help"]);
    assert_eq!(help.code, 0);
    for code in 101..=110 {
        assert!(help.stdout.contains(&format!("R0{code}")), "R0{code}");
    }
    assert!(folder.run(&["--help"]).stdout.contains("Exit codes:"));
}

#[test]
fn a_closed_pipe_ends_it_quietly() {
    let rows = "{\"id\": \"a customer with a rather long id\"}\n".repeat(20_000);
    let folder = Folder::new(POLICY).with("c.ndjson", rows);
    for format in ["ndjson", "csv", "table"] {
        let mut command = folder.command(&["classify", "p.tier", "c.ndjson", "--format", format]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let done = child.wait_with_output().unwrap();
        assert_eq!((done.status.code(), done.stderr.as_slice()), (Some(0), &b""[..]), "{format}");
    }
}
