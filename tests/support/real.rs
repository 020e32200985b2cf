//! The shared folder, found by `TIERWISE_SHARED`, and its files of customers and orders.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tierwise::Customer;

/// Where the shared folder is; says so where it is skipped.
pub(crate) fn shared() -> Option<PathBuf> {
    let path = std::env::var_os("TIERWISE_SHARED").map(PathBuf::from);
    if path.is_none() {
        println!("skipped: TIERWISE_SHARED is not set");
    }
    path
}

/// The rows of a file, by the names of their columns.
pub(crate) fn rows(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let header = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| -> BTreeMap<String, String> {
        header.iter().map(str::to_owned).zip(row.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// The orders of real customers up to a day, by customer.
pub(crate) fn orders(shared: &Path, data: &str, last: &str) -> BTreeMap<String, Vec<Customer>> {
    let mut orders: BTreeMap<String, Vec<Customer>> = BTreeMap::new();
    for row in rows(&shared.join("data").join(data).join("orders.csv")) {
        if *row["order_date"] > *last {
            continue;
        }
        let cell = |name: &str| Some(row[name].as_str()).filter(|cell| !cell.is_empty());
        let order = Customer::new().with("id", cell("order_id")).with("placed_on", cell("order_date"));
        orders.entry(row["customer_id"].clone()).or_default().push(order.with("amount", cell("amount")));
    }
    orders
}
