//! Classifies the sample customers by the sample policy, and says why: `cargo run --release --example classify`.

use std::collections::BTreeMap;
use std::error::Error;

use tierwise::chrono::NaiveDate;
use tierwise::{Customer, Policy};

fn main() -> Result<(), Box<dyn Error>> {
    let policy = Policy::parse(include_str!("data/key_accounts.tier"))?;
    let as_of = NaiveDate::from_ymd_opt(2026, 3, 31).ok_or("no such day")?;

    let mut reader = csv::Reader::from_reader(include_str!("data/customers.csv").as_bytes());
    let header = reader.headers()?.clone();
    let mut rows: Vec<(csv::StringRecord, Customer)> = Vec::new();
    for row in reader.records() {
        let row = row?;
        let mut customer = Customer::new();
        for (name, cell) in header.iter().zip(&row) {
            // An empty cell is missing, which is never zero.
            customer.insert(name, Some(cell).filter(|cell| !cell.is_empty()));
        }
        rows.push((row, customer));
    }

    println!("{:<7} {:<5} {:<8} {:<17} {:<12} possible", "id", "tier", "", "rule", "adjusted by");
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for (row, customer) in &rows {
        let outcome = policy.classify(customer, as_of)?;
        let tier = outcome.tier().unwrap_or("none");
        *count.entry(tier.to_owned()).or_default() += 1;
        let certain = if outcome.is_certain() { "certain" } else { "not yet" };
        let possible: Vec<&str> = outcome.possible().map(|tier| tier.unwrap_or("none")).collect();
        let moved = outcome.adjusted_by().last().map(|by| by.to_string()).unwrap_or_default();
        let (id, rule) = (&row[0], outcome.rule().unwrap_or("-"));
        println!("{id:<7} {tier:<5} {certain:<8} {rule:<17} {moved:<12} {}", possible.join(", "));
    }
    println!("\n{}", count.iter().map(|(tier, count)| format!("{tier}: {count}")).collect::<Vec<_>>().join("   "));

    for (id, what) in [("C-001", "sure"), ("C-002", "near miss"), ("C-010", "provisional")] {
        let (row, customer) = rows.iter().find(|(row, _)| &row[0] == id).ok_or(id)?;
        print!("\n{id} {} ({what})\n{}", &row[1], policy.explain(customer, as_of)?);
    }
    Ok(())
}
