//! A naive evaluator with three truth values, which says what every contender has to answer.

use crate::account::Account;
use crate::engine::Answer;
use crate::rules::{Condition, Rules};

/// Tier and certainty, and the place of the rule that decided; `None` is `otherwise`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub answer: Answer,
    pub rule: Option<usize>,
}

/// The first rule that is surely true decides. It is certain if no rule before it can be true and gives another tier.
pub fn verdict(rules: &Rules, account: &Account) -> Verdict {
    let mut possible = Vec::new();
    for (at, (condition, tier)) in rules.rules.iter().enumerate() {
        match truth(condition, account) {
            Some(true) => return decided(*tier, &possible, Some(at)),
            Some(false) => {}
            None => possible.push(*tier),
        }
    }
    decided(rules.otherwise, &possible, None)
}

fn decided(tier: usize, possible: &[usize], rule: Option<usize>) -> Verdict {
    let certain = possible.iter().all(|other| *other == tier);
    Verdict { answer: Answer { tier, certain: Some(certain) }, rule }
}

/// `None` where it hangs on what is missing.
fn truth(condition: &Condition, account: &Account) -> Option<bool> {
    match condition {
        Condition::Compare(field, op, units) => {
            account.number(*field).map(|number| op.holds(&number, &field.decimal(*units)))
        }
        Condition::RegionIn(regions) => account.region.as_deref().map(|region| regions.contains(&region)),
        Condition::And(parts) => all(parts, account),
        Condition::Or(parts) => {
            let none = parts.iter().map(|part| truth(part, account).map(|truth| !truth));
            kleene(none).map(|truth| !truth)
        }
        Condition::Not(inner) => truth(inner, account).map(|truth| !truth),
    }
}

fn all(parts: &[Condition], account: &Account) -> Option<bool> {
    kleene(parts.iter().map(|part| truth(part, account)))
}

/// A conjunction: false where one is false, unknown where one is unknown.
fn kleene(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}
