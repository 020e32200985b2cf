//! Scores and segments as text: a heading, and a line for each line.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Explanation;
use super::actual::{Actual, Amounts};
use super::card::{LineExplanation, ScoreExplanation, SegmentExplanation, SegmentLineExplanation};
use super::condition::State;
use super::lines::{Line, Lines};
use super::names::{self, Naming, spoken};
use super::parts::{AdjustmentExplanation, RuleExplanation, Verdict};
use super::sentence::Speaker;
use crate::diagnostics::Phrase;
use crate::eval::TierId;
use crate::plan::{Expr, Root};
use crate::schema::Type;
use crate::value::{add, canonical};

/// So many lines of a score are shown in short.
const LINES: usize = 12;
/// Segments, and scores, of a policy with rules.
const CARDS: usize = 2;

/// Lines with a heading.
pub(super) struct Card {
    pub(super) heading: String,
    pub(super) lines: Vec<Line>,
    /// How many were left out.
    pub(super) cut: usize,
}

impl Speaker<'_> {
    /// Numbers from one end to the other.
    pub(super) fn between(&self, low: Option<Decimal>, high: Option<Decimal>) -> String {
        let number = |end: Decimal| Amounts::of(&self.why.plan).exact(end, false);
        match (low, high) {
            (Some(low), Some(high)) if low == high => number(low),
            (Some(low), Some(high)) => self.say(Phrase::Between, [("low", number(low)), ("high", number(high))]),
            (Some(low), None) => self.say(Phrase::AtLeast, [("bound", number(low))]),
            (None, Some(high)) => self.say(Phrase::AtMost, [("bound", number(high))]),
            (None, None) => self.say(Phrase::AnyNumber, []),
        }
    }

    /// The missing facts on which something depends.
    pub(super) fn missing_of(&self, root: Root) -> Option<String> {
        let found = self.why.found();
        let slots: Vec<u32> = found.facts_of(root).0;
        let slots: Vec<u32> = slots.into_iter().filter(|slot| found.fact(*slot) == Actual::Missing).collect();
        let names = slots.iter().map(|slot| names::fact_label(&self.why.plan, *slot, self.lang));
        let names = self.list_of(names, Phrase::ListAnd);
        let template = if slots.len() == 1 { Phrase::FactIsMissing } else { Phrase::FactsAreMissing };
        (!slots.is_empty()).then(|| self.say(template, [("facts", names)]))
    }

    /// A score with all its lines.
    pub(super) fn score(&self, score: &ScoreExplanation<'_>) -> Card {
        let name = ("name", spoken(score.name()));
        let Some(outcome) = score.outcome() else {
            return Card { heading: self.say(Phrase::ScoreHidden, [name]), lines: Vec::new(), cut: 0 };
        };
        let points = score.lines().map(|line| line.outcome().points());
        let sum = points.into_iter().try_fold(Decimal::ZERO, |sum, points| add(sum, points?));
        let number = |number: Decimal| Amounts::of(&self.why.plan).exact(number, false);
        let heading = match (outcome.points(), sum) {
            (Some(points), Some(sum)) if sum != points => {
                self.say(Phrase::ScoreLimited, [name, ("points", number(points)), ("sum", number(sum))])
            }
            (Some(points), _) => self.say(Phrase::ScoreIs, [name, ("points", number(points))]),
            (None, _) if outcome.is_open() => {
                let points = ("points", self.between(outcome.low(), outcome.high()));
                let plan = &self.why.plan;
                let root = plan.lets().get(score.bound() as usize).copied();
                match root.and_then(|root| self.missing_of(root)) {
                    Some(facts) => self.say(Phrase::ScoreOpen, [name, points, ("facts", facts)]),
                    None => self.say(Phrase::ScoreIs, [name, points]),
                }
            }
            (None, _) => self.say(Phrase::ScoreNone, [name]),
        };
        let most = if self.whole { usize::MAX } else { LINES };
        let all = score.lines().count();
        let lines = score.lines().take(most).map(|line| self.score_line(&line)).collect();
        Card { heading, lines, cut: all.saturating_sub(most) }
    }

    fn score_line(&self, line: &LineExplanation<'_>) -> Line {
        let outcome = line.outcome();
        let mut text = self.line_text(line);
        if let Some(name) = outcome.name() {
            text = self.say(Phrase::NamedText, [("name", name.to_owned()), ("text", text)]);
        }
        let unweighted = outcome.unweighted();
        let (mark, points) = match unweighted {
            None => ('?', self.say(Phrase::NoResult, [])),
            Some((low, high)) => {
                let known = low == high && low.is_some();
                let mark = match (known, line.condition().is_none() && line.has_bins()) {
                    (false, _) => '?',
                    (true, true) => '.',
                    (true, false) => '+',
                };
                (mark, self.between(low, high))
            }
        };
        let pairs = [("text", text), ("points", points)];
        let text = match (outcome.weight(), unweighted) {
            (Some(weight), Some(_)) => {
                let percent = format!("{}%", canonical(weight * Decimal::ONE_HUNDRED));
                let weighted = self.between(outcome.low(), outcome.high());
                let [text, points] = pairs;
                let template = if mark == '?' { Phrase::LineWeightedOpen } else { Phrase::LineWeighted };
                self.say(template, [text, points, ("weight", percent), ("weighted", weighted)])
            }
            _ => self.say(Phrase::LinePoints, pairs),
        };
        Line { depth: 0, mark, text }
    }

    /// What a line is about: the value, and what the bin asks of it.
    fn line_text(&self, line: &LineExplanation<'_>) -> String {
        // The bin `missing` asks nothing of a value.
        if let Some(condition) = line.condition().filter(|_| !matches!(line.value(), Actual::Missing)) {
            return self.whole_condition(&condition);
        }
        let Some(subject) = line.subject() else { return line.source() };
        let plan = &self.why.plan;
        let name = self.formula(&names::expression(plan, subject, Naming::Reader(self.lang)));
        let value = line.value();
        let money = matches!(self.why.found().ty(subject), Some(Type::Money));
        let fact = match &value {
            Actual::Missing => match self.missing_of(Root::Value(subject)) {
                Some(_) if matches!(plan.expr(subject), Expr::Fact(_)) => {
                    self.say(Phrase::Missing, [("subject", name)])
                }
                Some(facts) => self.say(Phrase::Unknown, [("subject", name), ("facts", facts)]),
                None => self.say(Phrase::TextOpen, [("text", name)]),
            },
            Actual::Undefined => self.say(Phrase::HasNone, [("subject", name)]),
            value => {
                let shown = self.valued(value, subject, money);
                self.say(Phrase::Plain, [("subject", name), ("value", shown)])
            }
        };
        let otherwise = line.has_bins() && line.outcome().bin().is_some() && value.is_known();
        if otherwise { self.say(Phrase::LineOtherwise, [("fact", fact)]) } else { fact }
    }

    /// A segment with the line that gave its value, in short, or all its lines.
    pub(super) fn segment(&self, segment: &SegmentExplanation<'_>) -> Card {
        let name = ("name", spoken(segment.name()));
        if segment.is_masked() {
            return Card { heading: self.say(Phrase::SegmentHidden, [name]), lines: Vec::new(), cut: 0 };
        }
        let reason = segment.reason();
        let heading = match (segment.value(), &reason) {
            (Some(value), _) => self.say(Phrase::SegmentIs, [name, ("value", value.to_owned())]),
            (None, Some(_)) => self.say(Phrase::SegmentOpen, [name]),
            (None, None) => self.say(Phrase::SegmentNone, [name]),
        };
        let mut lines = Vec::new();
        if self.whole {
            let mut decided = false;
            for line in segment.lines() {
                self.segment_line(&line, &mut decided, &mut lines);
            }
        } else if let Some(condition) = reason.and_then(|reason| reason.condition()) {
            let mut found = Lines::short(3);
            found.condition(self, &condition, 0);
            lines = found.lines;
        }
        Card { heading, lines, cut: 0 }
    }

    fn segment_line(&self, line: &SegmentLineExplanation<'_>, decided: &mut bool, lines: &mut Vec<Line>) {
        let condition = line.condition();
        let state = condition.as_ref().map(|condition| condition.state());
        let (mark, state) = match state {
            _ if *decided => ('.', Phrase::NotNeeded),
            // What an open line before it leaves to the others.
            None if lines.iter().any(|line| line.depth == 0 && line.mark == '?') => ('?', Phrase::NotKnown),
            None | Some(State::True) => ('+', Phrase::Applies),
            Some(State::False) => ('-', Phrase::AppliesNot),
            Some(State::Undefined) => ('?', Phrase::NoResult),
            Some(State::Masked) => ('*', Phrase::AppliesHidden),
            Some(_) => ('?', Phrase::NotKnown),
        };
        let shown = !*decided;
        *decided |= mark == '+';
        let pairs = [("value", line.value().to_owned()), ("line", line.line().to_string())];
        let [value, number] = pairs;
        let text = self.say(Phrase::SegmentLine, [value, number, ("state", self.say(state, []))]);
        lines.push(Line { depth: 0, mark, text });
        if let Some(condition) = condition.filter(|_| shown) {
            let mut found = Lines::whole();
            found.condition(self, &condition, 1);
            lines.append(&mut found.lines);
        }
    }
}

/// The segments and scores at which the rules that the short text shows look; all of a policy without rules.
pub(super) fn cards(speaker: &Speaker<'_>) -> Vec<Card> {
    let why = speaker.why;
    if why.segments().len() + why.scores().len() == 0 {
        return Vec::new();
    }
    let all = why.rules().len() == 0;
    let tier = why.outcome.tier_id().map_or(usize::MAX, TierId::index);
    let shown =
        |rule: &RuleExplanation<'_>| rule.is_better() || rule.tier_at() == tier || rule.verdict() == Verdict::Decides;
    let rules = why.rules().filter(shown).filter_map(|rule| rule.node());
    let moved = why.outcome.adjusted_places().filter_map(|at| AdjustmentExplanation::new(why, at).node());
    let looked = looked_at(why, rules.chain(moved).map(Root::Condition));
    let wanted = |bound: u32| all || looked.contains(&bound);
    let segments = why.segments().filter(|segment| wanted(segment.bound())).map(|segment| speaker.segment(&segment));
    let scores = why.scores().filter(|score| wanted(score.bound())).map(|score| speaker.score(&score));
    segments.take(if all { usize::MAX } else { CARDS }).chain(scores.take(CARDS)).collect()
}

/// The lets at which conditions look, lets opened.
fn looked_at(why: &Explanation, roots: impl Iterator<Item = Root>) -> BTreeSet<u32> {
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    let mut waiting: Vec<u32> = roots.flat_map(|root| why.plan.names_of(root).1).collect();
    while let Some(at) = waiting.pop() {
        if seen.insert(at)
            && let Some(root) = why.plan.lets().get(at as usize)
        {
            waiting.extend(why.plan.names_of(*root).1);
        }
    }
    seen
}
