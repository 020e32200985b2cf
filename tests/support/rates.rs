//! The exchange rates of a case.

use tierwise::{Currency, Rates};

use crate::support::Case;

/// The rates of the `rates` section, lines such as `USD EUR 2026-01-31 0.9`.
pub(crate) fn rates(case: &Case) -> Option<Rates> {
    let mut rates = Rates::new();
    for line in case.section("rates")?.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let code = |at: usize| Currency::from_code(words[at]).unwrap();
        rates.insert(code(0), code(1), words[2].parse().unwrap(), words[3].parse().unwrap());
    }
    Some(rates)
}
