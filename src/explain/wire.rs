//! The serde form of explanations.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Explanation;
use super::actual::Actual;
use super::card::{LineExplanation, ScoreExplanation, SegmentExplanation, SegmentLineExplanation};
use super::condition::{Asks, Condition, Question, State};
use super::names::{Naming, expression, subject};
use super::parts::{AdjustmentExplanation, Hang, LetExplanation, RuleExplanation, Verdict};
use super::tree::Found;
use crate::diagnostics::Lang;
use crate::eval::{DataFinding, Masked, ScoreOutcome};
use crate::plan::{Expr, Plan, Root};
use crate::schema::Type;
use crate::value::canonical;

/// The form of the JSON; a change of what a key means gives it another number.
const FORMAT: u32 = 1;

/// Serialises each part as it is made, so that the tree of one rule is held at a time.
struct Each<I>(std::cell::RefCell<I>);

impl<I: Iterator<Item: Serialize>> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&mut *self.0.borrow_mut())
    }
}

fn each<I: Iterator<Item: Serialize>>(parts: I) -> Each<I> {
    Each(parts.into())
}

#[derive(Serialize)]
struct Moves<U: Serialize, D: Serialize> {
    up: U,
    down: D,
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(17))?;
        map.serialize_entry("format", &FORMAT)?;
        map.serialize_entry("outcome", &Masked(&self.outcome))?;
        let names = self.plan.names();
        let tiers = names.tiers.iter().zip(&names.labels);
        map.serialize_entry("tiers", &each(tiers.map(|(name, label)| WireTier { name, label: label.as_deref() })))?;
        map.serialize_entry("match_best", &self.plan.match_best())?;
        map.serialize_entry("rules", &each(self.rules().map(|rule| WireRule::new(self, &rule))))?;
        let adjustments = self.adjustments().map(|adjustment| WireAdjustment::new(self, &adjustment));
        map.serialize_entry("adjustments", &each(adjustments))?;
        map.serialize_entry("lets", &each(self.lets().map(|bound| WireLet::new(self, &bound))))?;
        map.serialize_entry("segments", &each(self.segments().map(|segment| WireSegment::new(self, &segment))))?;
        map.serialize_entry("scores", &each(self.scores().map(|score| WireScore::new(self, &score))))?;
        map.serialize_entry("facts", &Facts(self.facts().collect()))?;
        map.serialize_entry("by_default", &each(self.by_default()))?;
        map.serialize_entry("hangs_on", &each(self.hangs_on().map(|hang| WireHang::new(&hang))))?;
        map.serialize_entry("findings", &each(self.outcome.findings().map(WireFinding::new)))?;
        let moves = Moves { up: each(self.could_rise_to()), down: each(self.could_fall_to()) };
        map.serialize_entry("moves", &moves)?;
        map.serialize_entry("holds", &self.holds)?;
        for (name, way) in ["nearest", "margin"].into_iter().zip(&self.ways) {
            match way {
                Ok(way) => map.serialize_entry(name, way)?,
                Err(unproved) => map.serialize_entry(name, unproved)?,
            }
        }
        map.end()
    }
}

/// Facts by name.
struct Facts<'e>(Vec<(&'e str, Actual)>);

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, actual)| (name, actual)))
    }
}

#[derive(Serialize)]
struct WireTier<'e> {
    name: &'e str,
    label: Option<&'e str>,
}

/// A finding in words, with its place; the outcome has it by its code.
#[derive(Serialize)]
struct WireFinding<'e> {
    code: &'e str,
    severity: &'e str,
    field: Option<&'e str>,
    line: Option<u32>,
    message: String,
}

impl<'e> WireFinding<'e> {
    fn new(finding: DataFinding<'e>) -> Self {
        Self {
            code: finding.code(),
            severity: finding.severity().as_str(),
            field: finding.field(),
            line: finding.line(),
            message: finding.message(Lang::En),
        }
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
    condition: Option<WireCondition<'e>>,
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
            condition: rule.condition().map(|condition| WireCondition { found: why.found(), condition }),
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
    condition: Option<WireCondition<'e>>,
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
            condition: adjustment.condition().map(|condition| WireCondition { found: why.found(), condition }),
        }
    }
}

#[derive(Serialize)]
struct WireLet<'e> {
    name: &'e str,
    line: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Actual>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<WireCondition<'e>>,
    facts: Vec<&'e str>,
    lets: Vec<&'e str>,
}

impl<'e> WireLet<'e> {
    fn new(why: &'e Explanation, bound: &LetExplanation<'e>) -> Self {
        Self {
            name: bound.name(),
            line: bound.line(),
            source: bound.source(),
            value: bound.value(),
            condition: bound.condition().map(|condition| WireCondition { found: why.found(), condition }),
            facts: bound.facts().map(|(name, _)| name).collect(),
            lets: bound.lets().collect(),
        }
    }
}

#[derive(Serialize)]
struct WireSegment<'e> {
    name: &'e str,
    line: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    value: Option<&'e str>,
    lines: Vec<WireSegmentLine<'e>>,
}

#[derive(Serialize)]
struct WireSegmentLine<'e> {
    line: u32,
    value: &'e str,
    condition: Option<WireCondition<'e>>,
}

impl<'e> WireSegment<'e> {
    fn new(why: &'e Explanation, segment: &SegmentExplanation<'e>) -> Self {
        let line = |line: SegmentLineExplanation<'e>| WireSegmentLine {
            line: line.line(),
            value: line.value(),
            condition: line.condition().map(|condition| WireCondition { found: why.found(), condition }),
        };
        Self {
            name: segment.name(),
            line: segment.line(),
            masked: segment.is_masked(),
            value: segment.value(),
            lines: segment.lines().map(line).collect(),
        }
    }
}

#[derive(Serialize)]
struct WireScore<'e> {
    name: &'e str,
    line: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    points: Option<ScoreOutcome<'e>>,
    lines: Vec<WireLine<'e>>,
}

#[derive(Serialize)]
struct WireLine<'e> {
    name: Option<&'e str>,
    line: u32,
    source: String,
    value: Actual,
    #[serde(skip_serializing_if = "Option::is_none")]
    bin: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<WireCondition<'e>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<String>,
    points: Actual,
}

impl<'e> WireScore<'e> {
    fn new(why: &'e Explanation, score: &ScoreExplanation<'e>) -> Self {
        let line = |line: LineExplanation<'e>| WireLine {
            name: line.outcome().name(),
            line: line.outcome().line(),
            source: line.source(),
            value: line.value(),
            bin: line.outcome().bin(),
            condition: line.condition().map(|condition| WireCondition { found: why.found(), condition }),
            weight: line.outcome().weight().map(canonical),
            points: match (line.outcome().points(), line.outcome().unweighted()) {
                (Some(points), _) => Actual::Number(points),
                (None, Some(_)) => Actual::Between { low: line.outcome().low(), high: line.outcome().high() },
                (None, None) => Actual::Undefined,
            },
        };
        Self {
            name: score.name(),
            line: score.line(),
            masked: score.is_masked(),
            points: score.outcome(),
            lines: score.lines().map(line).collect(),
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
            |rule: &RuleExplanation<'e>| WirePlace { name: rule.name(), line: rule.line(), tier: Some(rule.tier()) };
        let adjustment = |adjustment: &AdjustmentExplanation<'e>| WirePlace {
            name: adjustment.name(),
            line: adjustment.line(),
            tier: adjustment.tier(),
        };
        Self {
            fact: hang.fact(),
            rules: hang.rules().iter().map(rule).collect(),
            adjustments: hang.adjustments().iter().map(adjustment).collect(),
        }
    }
}

/// A condition with what is needed to name its parts.
struct WireCondition<'e> {
    found: Found<'e>,
    condition: Condition,
}

impl Serialize for WireCondition<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Part { found: self.found, condition: &self.condition }.serialize(serializer)
    }
}

struct Part<'e> {
    found: Found<'e>,
    condition: &'e Condition,
}

impl Serialize for Part<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let condition = self.condition;
        let mut map = serializer.serialize_map(None)?;
        if !condition.source.is_empty() {
            map.serialize_entry("source", &condition.source)?;
        }
        map.serialize_entry("state", &condition.state)?;
        map.serialize_entry("shape", &condition.shape)?;
        if !condition.parts.is_empty() {
            let parts = condition.parts.iter().map(|condition| Part { found: self.found, condition });
            map.serialize_entry("parts", &each(parts))?;
        }
        if let Some(question) = &condition.question {
            self.question(&mut map, question)?;
        }
        map.end()
    }
}

impl Part<'_> {
    fn question<M: SerializeMap>(&self, map: &mut M, question: &Question) -> Result<(), M::Error> {
        let plan = self.found.plan;
        match plan.expr(question.subject) {
            Expr::Fact(slot) => map.serialize_entry("subject", field_name(plan, *slot))?,
            _ => map.serialize_entry("subject", &subject(plan, question, Naming::Policy))?,
        }
        map.serialize_entry("type", self.found.ty(question.subject).map_or("", Type::word))?;
        map.serialize_entry("value", &question.value)?;
        map.serialize_entry("op", question.asks.op())?;
        match question.asks.bounds() {
            bounds if question.asks.asks_for_list() => map.serialize_entry("bound", bounds)?,
            [bound] => map.serialize_entry("bound", bound)?,
            _ => {}
        }
        if let Asks::Compare(_, _, Some(other)) = question.asks {
            map.serialize_entry("bound_of", &expression(plan, other, Naming::Policy))?;
        }
        if let Some(currency) = plan.currency().filter(|_| question.money) {
            map.serialize_entry("currency", currency.code())?;
        }
        if !matches!(plan.expr(question.subject), Expr::Fact(_)) {
            let (facts, lets) = plan.names_of(Root::Value(question.subject));
            map.serialize_entry("facts", &each(facts.into_iter().map(|slot| field_name(plan, slot))))?;
            if !lets.is_empty() {
                map.serialize_entry("lets", &each(lets.into_iter().map(|at| self.found.let_name(at))))?;
            }
        }
        if let Some(shortfall) = &question.shortfall {
            map.serialize_entry("shortfall", shortfall)?;
        }
        Ok(())
    }
}

fn field_name(plan: &Plan, slot: u32) -> &str {
    plan.missing_name(slot)
}
