//! Customers as CSV, and outcomes as CSV.

use crate::run::{Folder, POLICY, error, verdicts};

const HEADER: &str =
    "id,tier,rule,line,certain,possible,missing,as_of,adjusted_by,findings,error_code,error_message,error_field\n";

#[test]
fn cells_become_facts_by_type() {
    let policy = "\
field vip: boolean
field sector: one of (retail, \"heavy industry\")
vip => A
tags contains all (\"a b\", \"c\") => B
sector = \"heavy industry\" => C
frequency >= 12 and last_order_on within 90 days => D
otherwise => E
";
    let rows = "id,vip,tags,sector,frequency,last_order_on,unused
vip,TRUE,,,,,x
tags,false,c; a b ;,,,,x
sector,False,;,heavy industry,,,x
text,false,;,retail,012,2026-03-01,x
wrong,yes,;,retail,,,x
day,false,;,retail,12,2026-02-30,x
half,false,;,retail,12.5,,x
member,false,;,mining,,,x
";
    let expected =
        ["vip: A", "tags: B", "sector: C", "text: D", "wrong: D0101", "day: D0107", "half: D0104", "member: D0108"];
    assert_eq!(verdicts(policy, "c.csv", rows), expected);
}

#[test]
fn an_empty_cell_is_missing() {
    let done = Folder::new(POLICY).with("c.csv", "id,annual_spend\n1,\n2,0\n").classify("c.csv", "ndjson");
    let lines = done.json();
    assert_eq!(lines[0]["missing"], serde_json::json!(["annual_spend"]));
    assert_eq!(lines[1]["certain"], true);
}

#[test]
fn quotes_and_newlines_in_cells_and_leading_zeros_stay() {
    let rows =
        "name,id,annual_spend\r\n\"Smith, \"\"J\"\"\r\nAddress 2\",007,\"1000000.01\"\r\nx,\"a,\"\"b\"\"\nc\",0\r\n";
    assert_eq!(verdicts(POLICY, "c.csv", rows), ["007: A", "a,\"b\"\nc: C"]);
    let done = Folder::new(POLICY).with("c.csv", rows).classify("c.csv", "csv");
    let expected = "007,A,,1,true,A,,2026-03-31,,,,,\n\"a,\"\"b\"\"\nc\",C,,3,true,C,,2026-03-31,,,,,\n";
    assert_eq!(done.stdout, format!("{HEADER}{expected}"));
}

#[test]
fn outcomes_have_their_columns() {
    let policy = "\
tiers A > B > C
\"big\": annual_spend > 1M => A
points / frequency > 3 => B
floor B when complaints > 5
\"late\": cap C when overdue_days > 60
";
    let rows = "id,annual_spend,points,frequency,complaints,overdue_days
1,2000000,1,1,0,61
2,0,1,1,6,0
3,0,1,0,0,0
4,,1,1,,0
5,x,,,,
,0,,,,
";
    let done = Folder::new(policy).with("c.csv", rows).classify("c.csv", "csv");
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(done.code, 3);
    assert_eq!(lines[1], "1,C,big,2,true,C,,2026-03-31,late,,,,");
    assert_eq!(lines[2], "2,B,,,true,B,,2026-03-31,line 4,,,,");
    assert_eq!(lines[3], "3,none,,,true,none,,2026-03-31,,F0101,,,");
    assert_eq!(lines[4], "4,none,,,false,A|B|none,annual_spend|complaints,2026-03-31,,F0105,,,");
    assert!(lines[5].starts_with("5,,,,,,,,,,D0102,") && lines[5].ends_with(",annual_spend"), "{}", lines[5]);
    assert_eq!(lines[6], ",,,,,,,,,,R0103,row 6: `id` is empty,id");
}

#[test]
fn a_ragged_row_is_rejected_alone() {
    let rows = "id,name,annual_spend\n1,Smith, J,5\n2,x\n3,x,0\n";
    assert_eq!(verdicts(POLICY, "c.csv", rows), ["1: R0105", "2: R0105", "3: C"]);
    let error = error(POLICY, "c.csv", "id,annual_spend\n1\n");
    assert_eq!(error["message"], "the row has 1 cell, the header 2");
    // Where the id does not come first, the cells may have moved, so that it could be another's.
    let rows = "name,id,annual_spend\nSmith, J,1,5\nx,2,0\n";
    assert_eq!(verdicts(POLICY, "c.csv", rows), ["row 1: R0105", "2: C"]);
}

#[test]
fn a_quote_that_is_not_closed_is_not_silent() {
    // The columns fit: customer 1 would have the spend of customer 3, and 2 and 3 would be gone.
    let rows = "id,name,annual_spend\n1,\"Smith,5\n2,x,2000000\n3,\"x\",0\n4,\"x\"y,0\n5,x,0\n\"6,x,0\n7,x,0\n";
    let done = Folder::new(POLICY).with("c.csv", rows).classify("c.csv", "ndjson");
    assert_eq!(done.verdicts(), ["1: R0109", "4: R0109", "5: C", "row 4: R0109"]);
    assert_eq!((done.code, done.stderr.as_str()), (3, "3 of 4 customers rejected\n"));
    let lines = done.json();
    let message = |at: usize| lines[at]["error"]["message"].as_str().unwrap();
    let row = |first, end| {
        format!(
            "the quotes of the row that begins at line {first} are not closed; the rows behind it, to {end}, were not read"
        )
    };
    assert_eq!(message(0), row(2, "line 4"));
    assert_eq!(message(1), "something stands behind a closing quote; write a quote in a cell as `\"\"`");
    assert_eq!(message(3), row(7, "the end of the file"));
    // The last cell of the last line.
    assert_eq!(error(POLICY, "c.csv", "id,annual_spend\r\n1,\"0")["message"], row(2, "the end of the file"));
}

#[test]
fn a_long_row_is_rejected_alone() {
    let rows = format!("id,name\n1,{}\n2,x\n", "x".repeat(16 << 20));
    assert_eq!(verdicts(POLICY, "c.csv", rows), ["row 1: R0107", "2: C"]);
}

#[test]
fn a_row_that_is_not_utf8_is_rejected_alone() {
    let rows = b"id,name\n1,caf\xe9\n\xe9,x\n2,x\n".as_slice();
    assert_eq!(verdicts(POLICY, "c.csv", rows), ["1: R0106", "row 2: R0106", "2: C"]);
    let error = error(POLICY, "c.csv", b"id,name\n1,\"a\"\"b\xe9\"\n");
    assert_eq!(error["message"], "the row is not UTF-8 at byte 15 of the file");
    let error = crate::run::error(POLICY, "c.csv", b"\xef\xbb\xbfid,name\r\n\r\n1,\xe9\r\n");
    assert_eq!(error["message"], "the row is not UTF-8 at byte 16 of the file");
}

#[test]
fn a_mark_blank_lines_and_any_line_end_are_fine() {
    let expected = ["1: A", "2: C"];
    for rows in [
        "\u{feff}id,annual_spend\r\n1,2000000\r\n\r\n2,0\r\n",
        "\"id\",annual_spend\r1,2000000\r2,0",
        "\n\nid,annual_spend,,\n1,2000000,x,y\n2,0,,\n\n",
    ] {
        assert_eq!(verdicts(POLICY, "c.CSV", rows), expected);
    }
    let done = Folder::new(POLICY).with("c.csv", "id\n").classify("c.csv", "csv");
    assert_eq!((done.code, done.stdout.as_str()), (0, HEADER));
}

#[test]
fn numbers_are_taken_exactly() {
    let rows = "id,annual_spend\nlong,12345678901234567890123456789012\nhuge,1e400\nnan,NaN\ngrouped,\"1,000\"\nat,1000000.00\nabove,1000000.000000000000000001\n";
    let expected = ["long: D0103", "huge: D0103", "nan: D0102", "grouped: D0102", "at: B", "above: A"];
    assert_eq!(verdicts(POLICY, "c.csv", rows), expected);
}

#[test]
fn dotted_columns_are_nested_facts() {
    let policy = "field address.city: text\naddress.city = \"Ulm\" => A\notherwise => B\n";
    assert_eq!(verdicts(policy, "c.csv", "id,address.city\n1,Ulm\n2,Bonn\n"), ["1: A", "2: B"]);
}

#[test]
fn the_id_may_be_a_fact_too() {
    let policy = "id starts with \"0\" => A\notherwise => B\n";
    assert_eq!(verdicts(policy, "c.csv", "id\n007\n7\n"), ["007: A", "7: B"]);
}

#[test]
fn a_column_that_the_policy_uses_and_the_file_lacks_is_said() {
    let done = Folder::new(POLICY).with("c.csv", "id,Annual Spend\n1,9\n").classify("c.csv", "ndjson");
    assert_eq!(done.code, 0);
    assert!(done.stderr.contains("has no column `annual_spend`, which the policy uses"), "{}", done.stderr);
    let policy = "field hold: boolean default false\nhold => A\notherwise => B\n";
    let done = Folder::new(policy).with("c.csv", "id\n1\n").classify("c.csv", "ndjson");
    assert_eq!((done.code, done.stderr.as_str()), (0, ""), "a default is no gap");
}
