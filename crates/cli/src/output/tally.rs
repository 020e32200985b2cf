//! How many customers went where.

use std::collections::{BTreeMap, BTreeSet};

use tierwise::{Completeness, Lang, Outcome, Policy};

use crate::escape::brief;

/// As many characters of a tier's name are shown.
const SHOWN: usize = 60;

/// Counts of a run.
pub(crate) struct Tally {
    /// Per tier, the best first: its name and its customers.
    tiers: Vec<(String, u64)>,
    no_tier: u64,
    uncertain: u64,
    rejected: u64,
    /// By the code of what was noticed: how many customers it concerns, and what it says of the first.
    noticed: BTreeMap<&'static str, (u64, String)>,
    lang: Lang,
    completeness: Completeness,
}

impl Tally {
    /// Nothing counted yet.
    pub(crate) fn new(policy: &Policy, lang: Lang) -> Self {
        let tiers = policy.tiers().map(|name| (brief(name, SHOWN), 0)).collect();
        Self {
            tiers,
            no_tier: 0,
            uncertain: 0,
            rejected: 0,
            noticed: BTreeMap::new(),
            lang,
            completeness: policy.completeness(),
        }
    }

    /// Counts a customer that was classified.
    pub(crate) fn classified(&mut self, id: &str, outcome: &Outcome) {
        match outcome.tier_id().and_then(|tier| self.tiers.get_mut(tier.index())) {
            Some((_, count)) => *count += 1,
            None => self.no_tier += 1,
        }
        self.uncertain += u64::from(!outcome.is_certain());
        self.completeness.add(outcome);
        let mut seen = BTreeSet::new();
        for finding in outcome.findings().filter(|finding| seen.insert(finding.code())) {
            let first = || (0, format!("`{}`: {}", brief(id, SHOWN), finding.message(self.lang)));
            self.noticed.entry(finding.code()).or_insert_with(first).0 += 1;
        }
    }

    /// Counts a row that was not.
    pub(crate) fn rejects(&mut self) {
        self.rejected += 1;
    }

    /// How many were rejected.
    pub(crate) fn rejected(&self) -> u64 {
        self.rejected
    }

    /// What was noticed, a line for each code.
    pub(crate) fn noticed(&self) -> impl Iterator<Item = String> {
        self.noticed.iter().map(|(code, (count, first))| match count {
            1 => format!("noticed: {code} of {first}"),
            _ => format!("noticed: {code} of {}, such as {first}", customers(*count)),
        })
    }

    /// What is missing, a line for each fact.
    pub(crate) fn absent(&self) -> impl Iterator<Item = String> {
        let all = format!("{} classified", customers(self.completeness.customers()));
        self.completeness.fields().filter(|field| field.absent() > 0).map(move |field| {
            let (name, absent) = (brief(field.name(), SHOWN), field.absent());
            let decides = match field.decisive() {
                0 => "no tier hangs on it".to_owned(),
                count => format!("the tier of {count} hangs on it"),
            };
            format!("missing: `{name}` of {absent} of {all}; {decides}")
        })
    }

    /// How many there were.
    pub(crate) fn all(&self) -> u64 {
        self.tiers.iter().map(|(_, count)| count).sum::<u64>() + self.no_tier + self.rejected
    }

    /// One line, such as `5 customers: A 2, B 1, no tier 1; uncertain 1, rejected 1`.
    pub(crate) fn summary(&self) -> String {
        let mut parts: Vec<String> = self.tiers.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if self.tiers.is_empty() {
            return format!("{}: rejected {}", customers(self.all()), self.rejected);
        }
        if self.no_tier > 0 {
            parts.push(format!("no tier {}", self.no_tier));
        }
        format!(
            "{}: {}; uncertain {}, rejected {}",
            customers(self.all()),
            parts.join(", "),
            self.uncertain,
            self.rejected
        )
    }
}

/// `1 customer`, `2 customers`.
pub(crate) fn customers(count: u64) -> String {
    if count == 1 { "1 customer".to_owned() } else { format!("{count} customers") }
}
