//! `tierwise forecast`.

use crate::run::{Done, Folder};

const POLICY: &str =
    "tiers A > B\n\"spend\": annual_spend >= 1000 => A\nlast_order_on within 30 days => A\notherwise => B\n";
const CUSTOMERS: &str = "id\n001\n002\n003\n004\n";
const ORDERS: &str = "customer_id,id,placed_on,amount\n001,11,2025-05-01,600\n001,12,2026-01-15,500\n002,21,2026-03-20,5\n\
                      003,31,2024-01-01,9\n004,41,someday,1\n";
const DAYS: [&str; 4] = ["--from", "2026-03-31", "--to", "2026-06-30"];

fn forecast(args: &[&str]) -> Done {
    let folder = Folder::new(POLICY).with("c.csv", CUSTOMERS).with("o.csv", ORDERS);
    folder.run(&[&["forecast", "p.tier", "c.csv", "--orders", "o.csv"], &DAYS[..], args].concat())
}

#[test]
fn changes_stand_in_the_order_of_the_days() {
    let done = forecast(&["--format", "csv"]);
    assert_eq!(done.code, 3);
    assert_eq!(
        done.stdout,
        "on,id,from,to,rule,why\n\
         2026-04-19,002,A,B,line 4,\"last order date, 2026-03-20, no longer lies within 30 days\"\n\
         2026-05-01,001,A,B,line 4,\"orders: 11, 600, 2025-05-01 leaves the last 12 months\"\n"
    );
    assert!(done.stderr.starts_with("004: D0107: "), "{}", done.stderr);
    assert!(done.stderr.ends_with("2 changes of 4 customers by 2026-06-30\n"), "{}", done.stderr);
}

#[test]
fn a_table_is_for_people_and_ndjson_for_programs() {
    let done = forecast(&["--lang", "zh"]);
    assert!(
        done.stdout.contains("2026-05-01  001  A     B   line 4  订单：11、600、2025-05-01 移出最近 12 个月"),
        "{}",
        done.stdout
    );
    let lines = forecast(&["--format", "ndjson"]).json();
    assert_eq!((&lines[0]["id"], &lines[0]["on"], &lines[0]["to"]), (&"002".into(), &"2026-04-19".into(), &"B".into()));
    assert_eq!(lines[1]["reasons"][0], "orders: 11, 600, 2025-05-01 leaves the last 12 months");
}

#[test]
fn what_cannot_be_forecast_is_said() {
    let folder = Folder::new(POLICY).with("c.csv", CUSTOMERS);
    let run = |args: &[&str]| folder.run(&[&["forecast", "p.tier", "c.csv"], args].concat());
    let done = run(&["--from", "2026-03-31", "--to", "2026-03-30"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("`--to 2026-03-30` lies before `--from 2026-03-31`"), "{}", done.stderr);
    assert!(done.stderr.contains("give the earlier day as `--from`"), "{}", done.stderr);
    let done = run(&["--from", "2026-03-31", "--to", "2026-04-30", "--portfolio"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    let done = run(&["--from", "2026-03-31", "--to", "2026-04-30"]);
    assert_eq!(done.code, 0);
    assert!(done.stderr.ends_with("0 changes of 4 customers by 2026-04-30\n"), "{}", done.stderr);
}

#[test]
fn days_that_hang_on_sensitive_facts_are_not_told() {
    let policy =
        "tiers A > B\nfield born_on: date sensitive\ndays_between(born_on, today) >= 6570 => A\notherwise => B\n";
    let folder = Folder::new(policy).with("c.csv", "id,born_on\n001,2008-06-01\n");
    for format in ["csv", "table", "ndjson"] {
        let done = folder.run(&[
            "forecast",
            "p.tier",
            "c.csv",
            "--from",
            "2026-03-31",
            "--to",
            "2027-03-31",
            "--format",
            format,
        ]);
        assert_eq!(done.code, 0);
        assert!(!done.stdout.contains("2026") && !done.stdout.contains("2008"), "{}", done.stdout);
    }
}
