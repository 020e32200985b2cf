//! The serde form of explanations.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Explanation;
use super::actual::Actual;
use super::condition::{Asks, Condition, Question, Shape, State};
use super::names::{Naming, expression};
use super::parts::{AdjustmentExplanation, Hang, LetExplanation, RuleExplanation, Verdict};
use super::shortfall::Shortfall;
use super::tree::Found;
use crate::builtins::Contains;
use crate::eval::Outcome;
use crate::plan::Expr;
use crate::schema::Type;

#[derive(Serialize)]
struct Wire<'e> {
    outcome: &'e Outcome,
    match_best: bool,
    rules: Vec<WireRule<'e>>,
    adjustments: Vec<WireAdjustment<'e>>,
    lets: Vec<WireLet<'e>>,
    facts: Facts<'e>,
    by_default: Vec<&'e str>,
    hangs_on: Vec<WireHang<'e>>,
    moves: Moves<'e>,
}

#[derive(Serialize)]
struct Moves<'e> {
    up: Vec<&'e str>,
    down: Vec<Option<&'e str>>,
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            outcome: &self.outcome,
            match_best: self.plan.match_best(),
            rules: self.rules().map(|rule| WireRule::new(self, &rule)).collect(),
            adjustments: self.adjustments().map(|adjustment| WireAdjustment::new(self, &adjustment)).collect(),
            lets: self.lets().map(|bound| WireLet::new(self, &bound)).collect(),
            facts: Facts(self.facts().collect()),
            by_default: self.by_default().collect(),
            hangs_on: self.hangs_on().map(|hang| WireHang::new(&hang)).collect(),
            moves: Moves { up: self.could_rise_to().collect(), down: self.could_fall_to().collect() },
        };
        wire.serialize(serializer)
    }
}

/// Facts by name: a masked one says so, so that it is not taken for missing.
struct Facts<'e>(Vec<(&'e str, Actual)>);

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Masked {
            masked: bool,
        }
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, actual) in &self.0 {
            match actual {
                Actual::Masked => map.serialize_entry(name, &Masked { masked: true })?,
                actual => map.serialize_entry(name, actual)?,
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct WireRule<'e> {
    name: Option<&'e str>,
    line: u32,
    tier: &'e str,
    better: bool,
    verdict: Verdict,
    behind: bool,
    condition: Option<WireCondition>,
}

impl<'e> WireRule<'e> {
    fn new(why: &'e Explanation, rule: &RuleExplanation<'e>) -> Self {
        Self {
            name: rule.name(),
            line: rule.line(),
            tier: rule.tier(),
            better: rule.is_better(),
            verdict: rule.verdict(),
            behind: rule.is_behind(),
            condition: rule.condition().map(|condition| WireCondition::new(why.found(), condition)),
        }
    }
}

#[derive(Serialize)]
struct WireAdjustment<'e> {
    kind: &'static str,
    name: Option<&'e str>,
    line: u32,
    tier: Option<&'e str>,
    state: State,
    moved: bool,
    condition: Option<WireCondition>,
}

impl<'e> WireAdjustment<'e> {
    fn new(why: &'e Explanation, adjustment: &AdjustmentExplanation<'e>) -> Self {
        Self {
            kind: if adjustment.is_cap() { "cap" } else { "floor" },
            name: adjustment.name(),
            line: adjustment.line(),
            tier: adjustment.tier(),
            state: adjustment.state(),
            moved: adjustment.moved(),
            condition: adjustment.condition().map(|condition| WireCondition::new(why.found(), condition)),
        }
    }
}

#[derive(Serialize)]
struct WireLet<'e> {
    name: &'e str,
    line: u32,
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Actual>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<WireCondition>,
    facts: Vec<&'e str>,
}

impl<'e> WireLet<'e> {
    fn new(why: &'e Explanation, bound: &LetExplanation<'e>) -> Self {
        Self {
            name: bound.name(),
            line: bound.line(),
            source: bound.source(),
            value: bound.value(),
            condition: bound.condition().map(|condition| WireCondition::new(why.found(), condition)),
            facts: bound.facts().map(|(name, _)| name).collect(),
        }
    }
}

#[derive(Serialize)]
struct WireHang<'e> {
    fact: &'e str,
    rules: Vec<WirePlace<'e>>,
    adjustments: Vec<WirePlace<'e>>,
}

#[derive(Serialize)]
struct WirePlace<'e> {
    name: Option<&'e str>,
    line: u32,
    tier: Option<&'e str>,
}

impl<'e> WireHang<'e> {
    fn new(hang: &Hang<'e>) -> Self {
        let rule =
            |rule: RuleExplanation<'e>| WirePlace { name: rule.name(), line: rule.line(), tier: Some(rule.tier()) };
        let adjustment = |adjustment: AdjustmentExplanation<'e>| WirePlace {
            name: adjustment.name(),
            line: adjustment.line(),
            tier: adjustment.tier(),
        };
        Self {
            fact: hang.fact(),
            rules: hang.rules().map(rule).collect(),
            adjustments: hang.adjustments().map(adjustment).collect(),
        }
    }
}

#[derive(Serialize)]
struct WireCondition {
    #[serde(skip_serializing_if = "String::is_empty")]
    source: String,
    state: State,
    shape: Shape,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<WireCondition>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    question: Option<WireQuestion>,
}

#[derive(Serialize)]
struct WireQuestion {
    subject: String,
    r#type: &'static str,
    value: Actual,
    op: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<Actual>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    facts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shortfall: Option<Shortfall>,
}

impl WireCondition {
    fn new(found: Found<'_>, condition: Condition) -> Self {
        let Condition { source, state, shape, parts, question, .. } = condition;
        let question = question.map(|question| WireQuestion::new(found, *question));
        let parts = parts.into_iter().map(|part| Self::new(found, part)).collect();
        Self { source, state, shape, parts, question }
    }
}

impl WireQuestion {
    fn new(found: Found<'_>, question: Question) -> Self {
        let (plan, naming) = (found.plan, Naming::Policy);
        let subject = match plan.expr(question.subject) {
            Expr::Chain(first, rest) if question.turned => {
                let second = rest.first().map(|(_, part)| expression(plan, *part, naming)).unwrap_or_default();
                format!("{second} - {}", expression(plan, *first, naming))
            }
            _ => expression(plan, question.subject, naming),
        };
        let plain = matches!(plan.expr(question.subject), Expr::Fact(_));
        let name = |slot: u32| plan.slots().get(slot as usize).map(|slot| slot.field.name().to_owned());
        let facts = if plain { Vec::new() } else { found.facts_of(question.subject) };
        let (op, bound, other) = asked(question.asks);
        Self {
            subject,
            r#type: found.ty(question.subject).map_or("", Type::word),
            value: question.value,
            op,
            bound,
            bound_of: other.map(|other| expression(plan, other, naming)),
            currency: plan.currency().filter(|_| question.money).map(|currency| currency.code().to_owned()),
            facts: facts.into_iter().filter_map(name).collect(),
            shortfall: question.shortfall,
        }
    }
}

fn asked(asks: Asks) -> (&'static str, Option<Actual>, Option<crate::plan::ExprId>) {
    match asks {
        Asks::Compare(op, bound, other) => (op.sign(), Some(bound), other),
        Asks::In(members) => ("in", Some(Actual::Set(members)), None),
        Asks::Holds => ("is true", None, None),
        Asks::Missing => ("is missing", None, None),
        Asks::Contains(Contains::One, mut members) => ("contains", members.pop(), None),
        Asks::Contains(Contains::Any, members) => ("contains any", Some(Actual::Set(members)), None),
        Asks::Contains(Contains::All, members) => ("contains all", Some(Actual::Set(members)), None),
        Asks::StartsWith(prefix) => ("starts with", Some(Actual::Text(prefix)), None),
        Asks::Matches(pattern) => ("matches", Some(Actual::Text(pattern)), None),
        Asks::Within(_, length) => ("within", Some(length), None),
    }
}
