//! The first condition that went another way than a test expects.

use serde::Serialize;

use super::condition::{Condition, Shape, State};
use super::lines::Lines;
use super::sentence::Speaker;
use super::{AdjustmentExplanation, Explanation, RuleExplanation};
use crate::diagnostics::Lang;

/// As many lines say why a condition is as it is.
const LINES: usize = 4;

/// What was to decide or to move the tier, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meant {
    Rule(usize),
    Adjustment(usize),
}

/// The first condition that went another way than a test expects.
#[derive(Clone, Debug, Serialize)]
pub struct Turn {
    line: u32,
    #[serde(rename = "condition")]
    source: String,
    state: State,
    #[serde(skip)]
    condition: Condition,
}

impl Turn {
    fn new(line: u32, condition: Condition) -> Self {
        Self { line, source: condition.source.clone(), state: condition.state, condition }
    }

    /// The line of the policy on which the rule, cap, floor or line of a segment begins.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The condition as the policy has it; empty where it depends on a sensitive fact.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it came to, which was not what the test needs.
    pub fn state(&self) -> State {
        self.state
    }
}

impl Explanation {
    /// The first condition on the way to a tier that went another way: one that a rule needs which was to decide, or one
    /// of the rule that decided in its place.
    pub(crate) fn turn(&self, tier: Option<usize>, meant: Option<Meant>) -> Option<Turn> {
        if let Some(Meant::Adjustment(at)) = meant {
            let adjustment = AdjustmentExplanation::new(self, at);
            return failed(adjustment.condition()?).map(|leaf| Turn::new(adjustment.line(), leaf));
        }
        let rules = self.plan.rules();
        let leads: Vec<usize> = match meant {
            Some(Meant::Rule(rule)) => vec![rule],
            _ => (0..rules.len()).filter(|at| tier.is_some() && self.rule_tier(*at) == tier).collect(),
        };
        let found = self.outcome.rule_id().map(|rule| rule.index());
        if found.is_some_and(|rule| leads.contains(&rule)) {
            return self.turn_of_limits(tier, found);
        }
        let ahead = |rule: usize| match found {
            None => true,
            Some(found) if self.plan.match_best() => (self.rule_tier(rule), rule) < (self.rule_tier(found), found),
            Some(found) => rule < found,
        };
        let of = |at: usize| RuleExplanation::new(self, at);
        let mut missed = leads.iter().filter(|rule| ahead(**rule));
        let missed = missed.find_map(|at| failed(of(*at).condition()?).map(|leaf| Turn::new(of(*at).line(), leaf)));
        let decided = || {
            let rule = of(found?);
            held(rule.condition()?).map(|leaf| Turn::new(rule.line(), leaf))
        };
        // Where no rule gives the tier, or a limit gave another, it is for the limits.
        let limits = (leads.is_empty() && tier.is_some()) || self.adjustments().any(|limit| limit.moved());
        match limits {
            true => missed.or_else(|| self.turn_of_limits(tier, found)),
            false => missed.or_else(decided),
        }
    }

    /// A cap or floor that does not apply and would give the tier, or else one that does and gave another.
    fn turn_of_limits(&self, tier: Option<usize>, rule: Option<usize>) -> Option<Turn> {
        let from = rule.and_then(|rule| self.rule_tier(rule));
        let lacking = |limit: &AdjustmentExplanation<'_>| {
            let bound = limit.tier_at();
            let moves = if limit.is_cap() { bound > from } else { bound < from };
            bound.is_some() && bound == tier && moves && limit.state() != State::True
        };
        let lacking = self
            .adjustments()
            .filter(lacking)
            .find_map(|limit| failed(limit.condition()?).map(|leaf| Turn::new(limit.line(), leaf)));
        let moved = || {
            let limit = self.adjustments().find(AdjustmentExplanation::moved)?;
            held(limit.condition()?).map(|leaf| Turn::new(limit.line(), leaf))
        };
        lacking.or_else(moved)
    }

    fn rule_tier(&self, at: usize) -> Option<usize> {
        self.plan.rules().get(at).map(|rule| rule.tier as usize)
    }

    /// The same of a segment, whose value was to be another.
    pub(crate) fn turn_of_segment(&self, name: &str, value: Option<&str>) -> Option<Turn> {
        let segment = self.segments().find(|segment| segment.name() == name)?;
        let given = segment.reason().map(|line| line.line());
        let ahead = |line: &u32| given.is_none_or(|given| *line < given);
        let missed = segment
            .lines()
            .filter(|line| Some(line.value()) == value && ahead(&line.line()))
            .find_map(|line| failed(line.condition()?).map(|leaf| Turn::new(line.line(), leaf)));
        missed.or_else(|| {
            let line = segment.reason()?;
            held(line.condition()?).map(|leaf| Turn::new(line.line(), leaf))
        })
    }

    /// Why the condition is as it is, as marked lines.
    pub(crate) fn turn_lines(&self, turn: &Turn, lang: Lang) -> Vec<String> {
        let speaker = Speaker { why: self, lang, whole: false };
        let mut lines = Lines::short(LINES);
        lines.condition(&speaker, &turn.condition, 0);
        lines.lines.iter().map(|line| format!("{:1$}{2} {3}", "", 2 * line.depth, line.mark, line.text)).collect()
    }
}

/// The first part because of which a condition is not as it was to be.
fn failed(condition: Condition) -> Option<Condition> {
    let asked = |part: &Condition| part.state != State::NotEvaluated;
    match inside(&condition, |part| asked(part) && !part.is_met()) {
        Some(part) => failed(part),
        None => (asked(&condition) && !condition.is_met()).then_some(condition),
    }
}

/// The first part of a condition that holds and was not to; what is hidden is not passed over.
fn held(condition: Condition) -> Option<Condition> {
    match inside(&condition, |part| part.is_met() || part.state == State::Masked) {
        Some(part) => held(part),
        None => (condition.state != State::NotEvaluated).then_some(condition),
    }
}

/// The first part of a condition that is one; `not` and a single question are one condition to a reader.
fn inside(condition: &Condition, is: impl Fn(&Condition) -> bool) -> Option<Condition> {
    let several = |shape: &Shape| matches!(shape, Shape::And | Shape::Or | Shape::AtLeast(_) | Shape::Not);
    match (&condition.shape, condition.parts.as_slice()) {
        (Shape::Not, [only]) if !several(&only.shape) => None,
        (shape, parts) if several(shape) => parts.iter().find(|part| is(part)).cloned(),
        _ => None,
    }
}
