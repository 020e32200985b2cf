//! Outcomes are written while customers still come.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use crate::run::{Folder, POLICY};

#[test]
fn a_waiting_customer_is_answered_before_the_next_one_comes() {
    let folder = Folder::new(POLICY);
    for format in ["ndjson", "csv"] {
        let mut command = folder.command(&["classify", "p.tier", "-", "--format", format]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        for id in ["first", "second"] {
            writeln!(stdin, "{{\"id\": \"{id}\"}}").unwrap();
            stdin.flush().unwrap();
            let mut line = stdout.next().unwrap().unwrap();
            if line.starts_with("id,") {
                line = stdout.next().unwrap().unwrap();
            }
            assert!(line.contains(id), "{line}");
        }
        drop(stdin);
        assert!(stdout.next().is_none());
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn many_customers_pass_through() {
    const ROWS: usize = 200_000;
    let folder = Folder::new(POLICY);
    let mut command = folder.command(&["classify", "p.tier", "-", "--format", "csv"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let mut rows = String::new();
        for row in 0..ROWS {
            rows.push_str(&format!("{{\"id\": {row}, \"annual_spend\": {}}}\n", row * 10));
            if rows.len() > 60_000 || row + 1 == ROWS {
                stdin.write_all(rows.as_bytes()).unwrap();
                rows.clear();
            }
        }
        stdin
    });
    // The input stays open until all but the header is counted: nothing waits for its end.
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let read: Vec<String> = lines.by_ref().take(ROWS + 1).map(Result::unwrap).collect();
    drop(writer.join().unwrap());
    assert_eq!(read.len(), ROWS + 1);
    assert!(read[ROWS].starts_with("199999,A,"), "{}", read[ROWS]);
    assert!(lines.next().is_none());
    assert!(child.wait().unwrap().success());
}
