//! Classifies the sample customers by the sample policy: `cargo run --release --example classify`.

use std::collections::BTreeMap;
use std::error::Error;

use tierwise::chrono::NaiveDate;
use tierwise::{Customer, Outcome, Policy};

fn main() -> Result<(), Box<dyn Error>> {
    let policy = Policy::parse(include_str!("data/key_accounts.tier"))?;
    let as_of = NaiveDate::from_ymd_opt(2026, 3, 31).ok_or("no such day")?;

    let mut rows = csv::Reader::from_reader(include_str!("data/customers.csv").as_bytes());
    let header = rows.headers()?.clone();
    let mut outcomes: Vec<(csv::StringRecord, Outcome)> = Vec::new();
    for row in rows.records() {
        let row = row?;
        let mut customer = Customer::new();
        for (name, cell) in header.iter().zip(&row) {
            // An empty cell is missing, which is never zero.
            customer.insert(name, Some(cell).filter(|cell| !cell.is_empty()));
        }
        let outcome = policy.classify(&customer, as_of)?;
        outcomes.push((row, outcome));
    }

    println!("{:<7} {:<5} {:<8} {:<17} {:<12} possible", "id", "tier", "", "rule", "adjusted by");
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, outcome) in &outcomes {
        let tier = outcome.tier().unwrap_or("none");
        *count.entry(tier).or_default() += 1;
        let certain = if outcome.is_certain() { "certain" } else { "not yet" };
        let possible: Vec<&str> = outcome.possible().map(|tier| tier.unwrap_or("none")).collect();
        let moved = outcome.adjusted_by().last().map(|by| by.to_string()).unwrap_or_default();
        let (id, rule) = (&row[0], outcome.rule().unwrap_or("-"));
        println!("{id:<7} {tier:<5} {certain:<8} {rule:<17} {moved:<12} {}", possible.join(", "));
    }
    println!("\n{}", count.iter().map(|(tier, count)| format!("{tier}: {count}")).collect::<Vec<_>>().join("   "));

    for (id, what) in [("C-001", "sure"), ("C-002", "near miss"), ("C-010", "provisional")] {
        let (row, outcome) = outcomes.iter().find(|(row, _)| &row[0] == id).ok_or(id)?;
        let rule = outcome.rule().unwrap_or("-");
        println!("\n{id} {} ({what}): {} by \"{rule}\"", &row[1], outcome.tier_label().unwrap_or("no tier"));
        // The facts that the policy asks for, as this customer has them.
        for field in policy.needs().fields() {
            let cell = header.iter().position(|name| name == field.name()).map(|at| &row[at]);
            let absent = if field.has_default() { "missing, has a default" } else { "missing" };
            println!("  {:<16} {}", field.name(), cell.filter(|cell| !cell.is_empty()).unwrap_or(absent));
        }
        if !outcome.is_certain() {
            let possible: Vec<&str> = outcome.possible().flatten().collect();
            let missing: Vec<&str> = outcome.missing().collect();
            println!("  hangs on {}: {} are possible", missing.join(", "), possible.join(", "));
        }
    }
    Ok(())
}
