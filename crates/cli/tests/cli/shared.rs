//! The tiers of real customers, computed by an independent program. Found by `TIERWISE_SHARED`; without it the test says
//! that it was skipped.

use std::collections::HashMap;
use std::path::PathBuf;

use csv::{Reader, StringRecord};

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
