//! The difference of two explanations: whether one fact, one order, one day or one edit of the policy did it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use serde::Serialize;

use super::actual::Actual;
use super::condition::{Condition, State};
use super::{Explanation, RuleExplanation};
use crate::value::canonical;

/// What differs between two explanations. As text it is the same in all languages: what was, an arrow, and what is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Contrast {
    tiers: [Option<String>; 2],
    rules: [Option<String>; 2],
    facts: Vec<FactContrast>,
    conditions: Vec<ConditionContrast>,
}

/// A fact that is another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactContrast {
    name: String,
    values: [Actual; 2],
}

/// A condition that came out otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConditionContrast {
    #[serde(rename = "condition")]
    source: String,
    states: [State; 2],
    values: [Option<Actual>; 2],
}

impl Explanation {
    /// What is other than in another explanation: of the same customer without one fact or one order, on another day, or
    /// under another policy. Conditions are the same where the policies write them alike; what hangs on sensitive facts
    /// is left out.
    ///
    /// ```
    /// use tierwise::{Customer, Policy};
    ///
    /// let policy = Policy::parse("annual_spend > 1M => A\nannual_spend > 200K => B\notherwise => C")?;
    /// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    /// let spends = |spend: i64| Customer::new().with("annual_spend", spend);
    /// let (with, without) = (policy.explain(&spends(1_200_000), today)?, policy.explain(&spends(300_000), today)?);
    /// let contrast = with.contrast(&without);
    /// assert!(contrast.is_another_tier());
    /// assert_eq!(
    ///     contrast.to_string(),
    ///     "tier: A → B
    /// rule: line 1 → line 2
    /// annual_spend: 1200000 → 300000
    /// annual_spend > 1M: true → false
    /// "
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn contrast(&self, other: &Self) -> Contrast {
        let both = [self, other];
        let known = |why: &Self| -> BTreeMap<String, Actual> {
            why.facts().map(|(name, value)| (name.to_owned(), value)).collect()
        };
        let [mut before, mut after] = both.map(known);
        let names: Vec<String> = self.facts().chain(other.facts()).map(|(name, _)| name.to_owned()).collect();
        let facts = names.into_iter().filter_map(|name| {
            let values = [before.remove(&name)?, after.remove(&name)?];
            let differ = !values.contains(&Actual::Masked) && values.first() != values.last();
            differ.then_some(FactContrast { name, values })
        });
        let facts = facts.collect();
        let [was, is] = both.map(asked);
        let mut is: HashMap<String, Answer> = is.into_iter().collect();
        let conditions = was.into_iter().filter_map(|(source, (state, value))| {
            let (other, now) = is.remove(&source).filter(|(other, _)| *other != state)?;
            Some(ConditionContrast { source, states: [state, other], values: [value, now] })
        });
        Contrast {
            tiers: both.map(|why| why.outcome.tier().map(str::to_owned)),
            rules: both.map(|why| why.deciding_rule().map(|rule| named(&rule))),
            facts,
            conditions: conditions.collect(),
        }
    }
}

fn named(rule: &RuleExplanation<'_>) -> String {
    rule.name().map_or_else(|| format!("line {}", rule.line()), str::to_owned)
}

/// What a condition came to, and the value that it asks about.
type Answer = (State, Option<Actual>);

/// The simple conditions that were asked, in written order, each once.
fn asked(why: &Explanation) -> Vec<(String, Answer)> {
    let rules = why.rules().filter_map(|rule| rule.condition());
    let lets = why.lets().filter_map(|own| own.condition());
    let limits = why.adjustments().filter_map(|limit| limit.condition());
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for condition in lets.chain(rules).chain(limits) {
        collect(&condition, &mut found, &mut seen);
    }
    found
}

fn collect(condition: &Condition, found: &mut Vec<(String, Answer)>, seen: &mut HashSet<String>) {
    condition.parts().iter().for_each(|part| collect(part, found, seen));
    let told = matches!(condition.state(), State::True | State::False | State::Unknown | State::Undefined);
    let simple = condition.parts().is_empty() && !condition.source().is_empty();
    if told && simple && seen.insert(condition.source().to_owned()) {
        found.push((condition.source().to_owned(), (condition.state(), condition.value().cloned())));
    }
}

impl Contrast {
    /// The tier before and after.
    pub fn tiers(&self) -> [Option<&str>; 2] {
        self.tiers.each_ref().map(Option::as_deref)
    }

    /// Whether the tier is another.
    pub fn is_another_tier(&self) -> bool {
        self.tiers.first() != self.tiers.last()
    }

    /// The rules that decide before and after, by name, or by line as `line 3`.
    pub fn rules(&self) -> [Option<&str>; 2] {
        self.rules.each_ref().map(Option::as_deref)
    }

    /// The facts that are others.
    pub fn facts(&self) -> &[FactContrast] {
        &self.facts
    }

    /// The conditions that were asked both times and came out otherwise.
    pub fn conditions(&self) -> &[ConditionContrast] {
        &self.conditions
    }
}

impl FactContrast {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value before and after.
    pub fn values(&self) -> &[Actual; 2] {
        &self.values
    }
}

impl ConditionContrast {
    /// The condition as the policy has it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it came to before and after.
    pub fn states(&self) -> [State; 2] {
        self.states
    }

    /// The value that it asks about, before and after; `None` where it asks about none.
    pub fn values(&self) -> [Option<&Actual>; 2] {
        self.values.each_ref().map(Option::as_ref)
    }

    /// Whether the value says more than the condition, which may ask about a fact.
    fn told(&self) -> Option<[String; 2]> {
        let [Some(before), Some(after)] = self.values() else { return None };
        (before != after).then(|| [shown(before), shown(after)])
    }
}

fn shown(value: &Actual) -> String {
    let end = |end: &Option<rust_decimal::Decimal>| end.map(canonical).unwrap_or_default();
    match value {
        Actual::Missing => "missing".to_owned(),
        Actual::Undefined => "undefined".to_owned(),
        Actual::Masked => "…".to_owned(),
        Actual::Number(number) => canonical(*number),
        Actual::Between { low, high } => format!("{}..{}", end(low), end(high)),
        Actual::Boolean(value) => value.to_string(),
        Actual::Date(day) => day.to_string(),
        Actual::Duration(length) => length.to_string(),
        Actual::Text(text) => text.clone(),
        Actual::Set(members) => format!("({})", members.iter().map(shown).collect::<Vec<_>>().join(", ")),
    }
}

fn state(state: State) -> &'static str {
    match state {
        State::True => "true",
        State::False => "false",
        State::Unknown => "unknown",
        State::Undefined => "undefined",
        State::Masked => "…",
        State::NotEvaluated => "not asked",
    }
}

impl fmt::Display for Contrast {
    /// A line for each thing that differs; nothing where nothing does.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |what: &str, [before, after]: [&str; 2]| {
            if before == after { Ok(()) } else { writeln!(f, "{what}: {before} → {after}") }
        };
        line("tier", self.tiers().map(|tier| tier.unwrap_or("none")))?;
        line("rule", self.rules().map(|rule| rule.unwrap_or("none")))?;
        for FactContrast { name, values } in &self.facts {
            let [before, after] = values.each_ref().map(shown);
            line(name, [&before, &after])?;
        }
        let facts: Vec<&[Actual; 2]> = self.facts.iter().map(FactContrast::values).collect();
        for condition in &self.conditions {
            let [before, after] = condition.states.map(state);
            // What a fact was is said already.
            let known = facts.iter().any(|values| condition.values() == values.each_ref().map(Some));
            match condition.told().filter(|_| !known) {
                Some([was, is]) => line(&condition.source, [&format!("{before} ({was})"), &format!("{after} ({is})")])?,
                None => line(&condition.source, [before, after])?,
            }
        }
        Ok(())
    }
}
