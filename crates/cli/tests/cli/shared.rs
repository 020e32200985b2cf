//! The tiers of real customers, computed by an independent program. Found by `TIERWISE_SHARED`; without it the test says
//! that it was skipped.

use std::collections::HashMap;
use std::path::PathBuf;

use csv::{Reader, StringRecord};
use serde_json::Value;
use tierwise::rust_decimal::Decimal;

use crate::run::Folder;

const POLICY: &str = "\
field orders_12m: integer
annual_spend > 1000 and orders_12m >= 6 => A
annual_spend > 200 and orders_12m >= 2 => B
otherwise => C
";

/// The ids and tiers of a file, in its order.
fn tiers(csv: &[u8], id: &str, tier: &str) -> Vec<(String, String)> {
    let mut reader = Reader::from_reader(csv);
    let header: HashMap<String, usize> =
        reader.headers().unwrap().iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
    let pair = |row: StringRecord| (row[header[id]].to_owned(), row[header[tier]].to_owned());
    reader.records().map(|row| pair(row.unwrap())).collect()
}

#[test]
fn real_customers_have_the_tiers_of_an_independent_program() {
    let Some(shared) = std::env::var_os("TIERWISE_SHARED").map(PathBuf::from) else {
        println!("skipped: TIERWISE_SHARED is not set");
        return;
    };
    let folder = Folder::new(POLICY);
    let mut rows = 0;
    for (name, day) in [("cdnow", "1997-12-31"), ("northwind", "1998-05-06")] {
        let path = shared.join(format!("data/expected/{name}__{day}.csv"));
        let file = path.to_str().unwrap();
        let done = folder.run(&["classify", "p.tier", file, "--as-of", day, "--id", "customer_id", "--format", "csv"]);
        assert_eq!((done.code, done.stderr.as_str()), (0, ""), "{name}");
        let expected = tiers(&std::fs::read(&path).unwrap(), "customer_id", "p3");
        assert_eq!(tiers(done.stdout.as_bytes(), "id", "tier"), expected, "{name}");
        rows += expected.len();
    }
    assert_eq!(rows, 23_661);
}

/// The same tiers from the orders themselves, and every fact that is computed from them.
#[test]
fn what_is_computed_from_real_orders_was_computed_independently() {
    let Some(shared) = std::env::var_os("TIERWISE_SHARED").map(PathBuf::from) else {
        println!("skipped: TIERWISE_SHARED is not set");
        return;
    };
    let show = "annual_spend,frequency,average_order_value,last_order_on,days_since_last_order";
    let policy = "\
annual_spend > 1000 and frequency >= 6 => A
annual_spend > 200 and frequency >= 2 => B
otherwise => C
segment computed {
    average_order_value >= 0 and last_order_on is present and days_since_last_order >= 0 => all
    otherwise => some
}
";
    let folder = Folder::new(policy);
    let (mut customers, mut compared) = (0, 0);
    for (name, day) in [("cdnow", "1997-12-31"), ("northwind", "1997-12-31"), ("northwind", "1998-05-06")] {
        let file = |path: String| shared.join("data").join(path).to_str().unwrap().to_owned();
        let (rows, orders) = (file(format!("{name}/customers.csv")), file(format!("{name}/orders.csv")));
        let head = ["classify", "p.tier", &rows, "--id", "customer_id", "--as-of", day, "--format", "ndjson"];
        let mapped = ["--orders", &orders, "--map", "id=order_id", "--map", "placed_on=order_date", "--show", show];
        let done = folder.run(&[&head[..], &mapped].concat());
        assert_eq!(done.code, 0, "{name}: {}", done.stderr);
        let found: HashMap<String, Value> =
            done.json().into_iter().map(|line| (line["id"].as_str().unwrap().to_owned(), line)).collect();
        let expected = std::fs::read(file(format!("expected/{name}__{day}.csv"))).unwrap();
        let mut reader = Reader::from_reader(expected.as_slice());
        let header = reader.headers().unwrap().clone();
        for row in reader.records() {
            let row: HashMap<&str, String> = header.iter().zip(row.unwrap().iter().map(str::to_owned)).collect();
            let line = &found[&row["customer_id"]];
            assert_eq!((&line["tier"], &line["certain"]), (&Value::from(row["p3"].as_str()), &Value::Bool(true)));
            for (fact, column) in [
                ("annual_spend", "annual_spend"),
                ("frequency", "orders_12m"),
                ("average_order_value", "aov_12m"),
                ("last_order_on", "last_order"),
                ("days_since_last_order", "recency_days"),
            ] {
                let shown = line["facts"][fact].as_str().unwrap_or_default();
                let number = |text: &str| text.parse().map(|number: Decimal| number.round_dp(6).normalize());
                let same = match (number(shown), number(&row[column])) {
                    (Ok(shown), Ok(expected)) => shown == expected,
                    _ => shown == row[column],
                };
                assert!(same, "{name} {} {fact}: {shown}, not {}", row["customer_id"], row[column]);
                compared += 1;
            }
            customers += 1;
        }
        assert_eq!(found.len(), Reader::from_path(&rows).unwrap().records().count(), "{name}");
    }
    println!("{customers} customers, {compared} fields and {customers} tiers");
    assert_eq!(compared, 5 * (23_570 + 2 * 91));
}
