//! An outcome held against what a test expects of it.

use std::collections::BTreeSet;

use super::report::{Difference, TestResult, Told};
use crate::check::{By, Case, Expected, Part, Wanted};
use crate::diagnostics::{Phrase, inside_quotes, phrase};
use crate::eval::{Outcome, TierId};
use crate::explain::{Explanation, Meant, Turn, fact_label};
use crate::facts::CustomerError;
use crate::plan::Plan;
use crate::value::{Constant, canonical};

/// How an outcome differs from what is expected; nothing where the test passes.
pub(crate) fn judge(expected: &Expected, plan: &Plan, outcome: &Outcome) -> Vec<Difference> {
    let wanted = match expected {
        Expected::Refused(field) => {
            return vec![Difference::new("error", refusal(Some(field)), tier(plan, found(outcome)))];
        }
        Expected::Outcome(wanted) => wanted,
    };
    let mut differences = of_tier(wanted, plan, outcome);
    for (part, value) in &wanted.values {
        differences.extend(of_part(plan, outcome, part, value.as_ref()));
    }
    differences
}

/// The same where the customer is refused.
pub(crate) fn refused(expected: &Expected, plan: &Plan, error: &CustomerError) -> Vec<Difference> {
    let named = refusal(error.field());
    match expected {
        Expected::Refused(field) if error.field() == Some(&**field) => Vec::new(),
        Expected::Refused(field) => vec![Difference::new("error", refusal(Some(field)), named)],
        Expected::Outcome(wanted) => vec![Difference::new("tier", tier(plan, wanted.tier), named)],
    }
}

impl TestResult {
    /// Adds why a test fails.
    pub(crate) fn explained(mut self, case: &Case, why: Explanation) -> Self {
        self.turn = turn(case, &why, &self.differences);
        self.why = Some(why);
        self
    }
}

fn turn(case: &Case, why: &Explanation, differences: &[Difference]) -> Option<Turn> {
    let Expected::Outcome(wanted) = &case.expected else { return None };
    let first = differences.first()?;
    match first.what() {
        "tier" | "rule" => {
            let meant = wanted.by.map(|by| match by {
                By::Rule(at) => Meant::Rule(at),
                By::Adjustment(at) => Meant::Adjustment(at),
            });
            why.turn(wanted.tier, meant)
        }
        what => wanted.values.iter().find_map(|(part, value)| match part {
            Part::Segment(name) if **name == *what => why.turn_of_segment(name, value.as_ref().and_then(text)),
            _ => None,
        }),
    }
}

fn found(outcome: &Outcome) -> Option<usize> {
    outcome.tier_id().map(TierId::index)
}

fn tier(plan: &Plan, tier: Option<usize>) -> Told {
    let name = tier.and_then(|tier| plan.names().tiers.get(tier));
    name.map_or_else(|| Told::say(Phrase::ToldNone, &[]), |name| Told::plain(&**name))
}

fn refusal(field: Option<&str>) -> Told {
    Told::say(Phrase::ToldRefused, &[("field", field.unwrap_or("…").to_owned())])
}

fn of_tier(wanted: &Wanted, plan: &Plan, outcome: &Outcome) -> Vec<Difference> {
    let mut differences = Vec::new();
    if found(outcome) != wanted.tier {
        differences.push(Difference::new("tier", tier(plan, wanted.tier), tier(plan, found(outcome))));
    }
    differences.extend(wanted.by.and_then(|by| of_rule(by, plan, outcome)));
    let possible: BTreeSet<Option<usize>> = outcome.possible_tiers().map(|tier| tier.map(TierId::index)).collect();
    if let Some(wanted) = wanted.possible.as_ref().filter(|wanted| **wanted != possible) {
        differences.push(Difference::new("possible", list(plan, wanted), list(plan, &possible)));
    }
    if wanted.certain && !outcome.is_certain() {
        let label = |lang| move |slot| fact_label(plan, slot, lang);
        let list = |lang| outcome.missing_slots().map(label(lang)).collect::<Vec<_>>().join(", ");
        let open = Told::each(|lang| phrase(Phrase::ToldOpen, &[("list", list(lang))], lang));
        differences.push(Difference::new("certain", Told::say(Phrase::ToldCertain, &[]), open));
    }
    differences
}

/// The best first, no tier last.
fn list(plan: &Plan, tiers: &BTreeSet<Option<usize>>) -> Told {
    let last = tiers.contains(&None).then_some(&None);
    let told: Vec<Told> =
        tiers.iter().filter(|tier| tier.is_some()).chain(last).map(|known| tier(plan, *known)).collect();
    Told::joined(&told)
}

fn of_rule(by: By, plan: &Plan, outcome: &Outcome) -> Option<Difference> {
    let quoted = |name: &str| Told::each(|lang| phrase(Phrase::Quoted, &[("text", inside_quotes(name, lang))], lang));
    let (is, wanted) = match by {
        By::Rule(at) => (outcome.rule_id().map(|rule| rule.index()) == Some(at), plan.names().rules.get(at)),
        By::Adjustment(at) => (outcome.adjusted_places().any(|place| place == at), plan.names().adjustments.get(at)),
    };
    if is {
        return None;
    }
    let found = match (outcome.rule(), outcome.line()) {
        (Some(rule), _) => quoted(rule),
        (None, Some(line)) => Told::say(Phrase::ToldLine, &[("line", line.to_string())]),
        (None, None) => Told::say(Phrase::ToldNone, &[]),
    };
    Some(Difference::new("rule", quoted(wanted.and_then(|place| place.name.as_deref()).unwrap_or_default()), found))
}

fn of_part(plan: &Plan, outcome: &Outcome, part: &Part, wanted: Option<&Constant>) -> Option<Difference> {
    let (what, found, masked) = match part {
        Part::Score(name) => {
            let score = outcome.score(name)?;
            if score.points().map(Constant::Number).as_ref() == wanted {
                return None;
            }
            (name.to_string(), score.to_string(), is_masked(plan, name))
        }
        Part::Segment(name) => {
            let value = outcome.segment(name)?.value();
            if value == wanted.and_then(text) {
                return None;
            }
            (name.to_string(), value.unwrap_or_default().to_owned(), is_masked(plan, name))
        }
        Part::Benefit(key) => {
            let benefit = outcome.benefit(key).filter(|benefit| benefit.is_known());
            let found = benefit.map(|benefit| benefit.to_string());
            if found == wanted.map(shown) {
                return None;
            }
            let masked = benefit.is_some_and(|benefit| benefit.is_sensitive());
            (format!("benefits.{key}"), found.unwrap_or_default(), masked)
        }
    };
    let told = |text: Option<String>| match text.filter(|text| !text.is_empty()) {
        _ if masked => Told::plain("…"),
        Some(text) => Told::plain(text),
        None => Told::say(Phrase::ToldMissing, &[]),
    };
    Some(Difference::new(&what, told(wanted.map(shown)), told(Some(found))))
}

/// Whether a score or a segment depends on a sensitive fact.
fn is_masked(plan: &Plan, name: &str) -> bool {
    let bounds = plan.scores().map(|(bound, ..)| bound).chain(plan.segments().map(|(bound, ..)| bound));
    bounds.filter(|bound| plan.names().bound(*bound) == name).any(|bound| plan.sensitive().bound(bound))
}

fn text(constant: &Constant) -> Option<&str> {
    match constant {
        Constant::Text(text) => Some(text),
        _ => None,
    }
}

/// A constant as outcomes show it.
fn shown(constant: &Constant) -> String {
    match constant {
        Constant::Number(number) => canonical(*number),
        Constant::Boolean(value) => value.to_string(),
        Constant::Date(day) => day.to_string(),
        Constant::Duration(length) => length.to_string(),
        Constant::Text(text) => text.to_string(),
        Constant::Member(_) => String::new(),
    }
}
