//! How many generated customers had what.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tierwise::reference::Answer;

/// What the customers had that is not vacuous.
#[derive(Default)]
pub(crate) struct Seen {
    counts: RefCell<BTreeMap<&'static str, usize>>,
}

impl Seen {
    pub(crate) fn add(&self, what: &'static str, seen: bool) {
        *self.counts.borrow_mut().entry(what).or_default() += usize::from(seen);
    }

    pub(crate) fn look(&self, naive: &Answer) {
        let value = |(_, value): &(String, String)| value.clone();
        let (scores, segments): (Vec<String>, Vec<String>) =
            (naive.scores.iter().map(value).collect(), naive.segments.iter().map(value).collect());
        self.add("customers", true);
        self.add("with scores", !scores.is_empty());
        self.add("with an open score", scores.iter().any(|score| score.starts_with('{')));
        self.add("with an open score of two ends", scores.iter().any(|s| s.starts_with('{') && !s.contains("null")));
        self.add("with a known score", scores.iter().any(|score| score.starts_with('"')));
        self.add("with a score without result", scores.iter().any(|score| score == "null"));
        self.add("with segments", !segments.is_empty());
        self.add("with a known segment", segments.iter().any(|segment| segment.starts_with('"')));
        self.add("with a segment without value", segments.iter().any(|segment| segment == "null"));
        self.add("with benefits", !naive.benefits.is_empty());
        self.add("with an unknown benefit", naive.benefits.iter().any(|(_, value)| value == "null"));
        for code in ["F0101", "F0107", "F0108", "F0109", "F0110"] {
            self.add(code, naive.findings.iter().any(|(found, _)| found == code));
        }
        self.add("with several tiers reached", naive.reached.len() > 1);
    }

    /// Prints the shares, and holds each of them to its least per thousand.
    pub(crate) fn judge(&self, least: &[(&str, usize)]) {
        let counts = self.counts.borrow();
        let all = counts.get("customers").copied().unwrap_or_default();
        for (what, count) in counts.iter() {
            println!("  {what}: {count} of {all}");
        }
        for (what, share) in least {
            let count = counts.get(what).copied().unwrap_or_default();
            assert!(count * 1000 >= all * share, "{what}: {count} of {all}, too little was looked at");
        }
    }
}
