//! How long does a policy take to load? Parsing, checking and compiling of 3 and of 1,000 rules, sound and in error.

use divan::{Bencher, black_box};
use tierwise::Policy;

fn main() {
    divan::main();
}

/// Rules over eight fields with conjunctions of two to four conditions.
fn rules(count: usize) -> String {
    let fields = [
        "annual_spend",
        "frequency",
        "lifetime_value",
        "employees",
        "points",
        "overdue_days",
        "complaints",
        "satisfaction",
    ];
    let mut source = String::from("tiers A > B > C > D\n");
    for at in 0..count.saturating_sub(1) {
        let parts = (0..2 + at % 3).map(|part| {
            let field = fields.get((at * 3 + part * 5) % fields.len()).unwrap_or(&"points");
            format!("{field} {} {}", if part % 2 == 0 { ">=" } else { "<" }, (at * 37 + part * 11) % 64)
        });
        source += &format!(
            "{} => {}\n",
            parts.collect::<Vec<_>>().join(" and "),
            ["A", "B", "C"].get(at % 3).unwrap_or(&"A")
        );
    }
    source + "otherwise => D\n"
}

#[divan::bench(args = [3, 1_000])]
fn sound(bencher: Bencher<'_, '_>, count: usize) {
    let source = rules(count);
    assert!(Policy::parse(&source).is_ok_and(|policy| policy.tiers().count() == 4));
    bencher.bench(|| Policy::parse(black_box(&source)).is_ok());
}

#[divan::bench(args = [3, 1_000])]
fn in_error(bencher: Bencher<'_, '_>, count: usize) {
    // A misspelt name in some rules of each size.
    let source = rules(count).replace("overdue_days", "overdue_day");
    assert!(Policy::parse(&source).is_err());
    bencher.bench(|| Policy::parse(black_box(&source)).is_err());
}
