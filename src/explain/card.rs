//! Scores and segments as the evaluation found them: what each line gave, and why.

use super::Explanation;
use super::actual::Actual;
use super::condition::{Condition, State};
use crate::eval::{LineOutcome, ScoreOutcome};
use crate::plan::{ExprId, Plan};

/// A score, and what each of its lines gave.
#[derive(Clone, Copy)]
pub struct ScoreExplanation<'e> {
    why: &'e Explanation,
    outcome: ScoreOutcome<'e>,
    /// Its place among the lets, and among the scores of the plan.
    bound: u32,
    at: u32,
}

pub(super) fn scores(why: &Explanation) -> impl ExactSizeIterator<Item = ScoreExplanation<'_>> {
    let declared: Vec<(u32, u32)> = why.plan.scores().map(|(bound, at, _)| (bound, at)).collect();
    declared.into_iter().zip(why.outcome.scores()).map(move |((bound, at), outcome)| ScoreExplanation {
        why,
        outcome,
        bound,
        at,
    })
}

impl<'e> ScoreExplanation<'e> {
    /// The name.
    pub fn name(&self) -> &'e str {
        self.outcome.name()
    }

    /// The line on which it is stated.
    pub fn line(&self) -> u32 {
        line_of(&self.why.plan, self.bound)
    }

    /// Whether it depends on a sensitive fact: nothing of it is shown then.
    pub fn is_masked(&self) -> bool {
        self.why.plan.sensitive().bound(self.bound)
    }

    /// The points, or the ends between which they lie; `None` where it is masked.
    pub fn outcome(&self) -> Option<ScoreOutcome<'e>> {
        (!self.is_masked()).then_some(self.outcome)
    }

    /// The lines, in written order; none where it is masked.
    pub fn lines(&self) -> impl Iterator<Item = LineExplanation<'e>> + use<'e> {
        let (why, at) = (self.why, self.at);
        let lines = self.outcome().into_iter().flat_map(|outcome| outcome.lines());
        lines.enumerate().map(move |(line, outcome)| LineExplanation { why, outcome, at, line })
    }

    pub(super) fn bound(&self) -> u32 {
        self.bound
    }
}

/// A line of a score: its value, the bin that fitted, and its points.
#[derive(Clone, Copy)]
pub struct LineExplanation<'e> {
    why: &'e Explanation,
    outcome: LineOutcome<'e>,
    at: u32,
    line: usize,
}

impl<'e> LineExplanation<'e> {
    /// The points, the weight, the name and the line of the policy.
    pub fn outcome(&self) -> LineOutcome<'e> {
        self.outcome
    }

    /// The text of its value in the policy.
    pub fn source(&self) -> String {
        let name = self.names().map(|name| name.place.span);
        name.map(|span| self.why.found().snippet(span)).unwrap_or_default()
    }

    /// Its value.
    pub fn value(&self) -> Actual {
        self.subject().map_or(Actual::Missing, |value| self.why.found().value(value))
    }

    /// The condition of the bin that fitted; `None` for `otherwise`, and where no bin fits for sure.
    pub fn condition(&self) -> Option<Condition> {
        let bin = self.outcome.bin()?;
        let node = self.plan_line()?.bins.get(bin)?.condition?;
        let outline = self.names()?.bins.get(bin)?;
        let mut condition = self.why.found().condition(node, outline, Some(true), true);
        // It fitted, also where nobody had to ask: whether it was asked elsewhere is another matter.
        if condition.state != State::Masked {
            condition.state = State::True;
        }
        Some(condition)
    }

    /// Whether it has bins; a line without gives its own value.
    pub fn has_bins(&self) -> bool {
        self.plan_line().is_some_and(|line| !line.bins.is_empty())
    }

    /// The value expression.
    pub(super) fn subject(&self) -> Option<ExprId> {
        self.plan_line().map(|line| line.value)
    }

    fn plan_line(&self) -> Option<&'e crate::plan::ScoreLine> {
        self.why.plan.score(self.at)?.lines.get(self.line)
    }

    fn names(&self) -> Option<&'e crate::plan::LineName> {
        self.why.plan.names().scores.get(self.at as usize)?.get(self.line)
    }
}

/// A segment, and the line that gave its value.
#[derive(Clone, Copy)]
pub struct SegmentExplanation<'e> {
    why: &'e Explanation,
    name: &'e str,
    value: Option<&'e str>,
    bound: u32,
    at: u32,
}

pub(super) fn segments(why: &Explanation) -> impl ExactSizeIterator<Item = SegmentExplanation<'_>> {
    let declared: Vec<(u32, u32)> = why.plan.segments().map(|(bound, at, _)| (bound, at)).collect();
    declared.into_iter().zip(why.outcome.segments()).map(move |((bound, at), outcome)| SegmentExplanation {
        why,
        name: outcome.name(),
        value: outcome.value(),
        bound,
        at,
    })
}

impl<'e> SegmentExplanation<'e> {
    /// The name.
    pub fn name(&self) -> &'e str {
        self.name
    }

    /// The line on which it is stated.
    pub fn line(&self) -> u32 {
        line_of(&self.why.plan, self.bound)
    }

    /// Whether it depends on a sensitive fact: nothing of it is shown then.
    pub fn is_masked(&self) -> bool {
        self.why.plan.sensitive().bound(self.bound)
    }

    /// The value; `None` where it is open, where no line fits, and where it is masked.
    pub fn value(&self) -> Option<&'e str> {
        self.value.filter(|_| !self.is_masked())
    }

    /// The lines, in written order; none where it is masked.
    pub fn lines(&self) -> impl Iterator<Item = SegmentLineExplanation<'e>> + use<'e> {
        let (why, at) = (self.why, self.at);
        let count = why.plan.segment(at).filter(|_| !self.is_masked()).map_or(0, |segment| segment.lines.len());
        (0..count).map(move |line| SegmentLineExplanation { why, at, line })
    }

    /// The line that gave the value, or the first that keeps it open.
    pub(super) fn reason(&self) -> Option<SegmentLineExplanation<'e>> {
        use super::State::{True, Undefined, Unknown};
        let counts = |line: &SegmentLineExplanation<'e>| match line.condition().map(|condition| condition.state()) {
            None | Some(True) => true,
            Some(Unknown) => self.value.is_none(),
            Some(Undefined) => false,
            Some(_) => false,
        };
        self.lines().find(counts)
    }

    pub(super) fn bound(&self) -> u32 {
        self.bound
    }
}

/// A line of a segment.
#[derive(Clone, Copy)]
pub struct SegmentLineExplanation<'e> {
    why: &'e Explanation,
    at: u32,
    line: usize,
}

impl<'e> SegmentLineExplanation<'e> {
    /// The line of the policy.
    pub fn line(&self) -> u32 {
        let lines = self.why.plan.names().segments.get(self.at as usize).map(|(lines, _)| lines);
        lines.and_then(|lines| lines.get(self.line)).map_or(0, |place| place.line)
    }

    /// The value that it gives.
    pub fn value(&self) -> &'e str {
        let member = self.plan_line().map(|line| line.member);
        match (member, self.why.plan.names().segments.get(self.at as usize)) {
            (Some(member), Some((_, crate::schema::Type::OneOf(members)))) => {
                members.name(member).map_or("", |name| name)
            }
            _ => "",
        }
    }

    /// Its condition; `None` for `otherwise`.
    pub fn condition(&self) -> Option<Condition> {
        let node = self.plan_line()?.condition?;
        let place = self.why.plan.names().segments.get(self.at as usize)?.0.get(self.line)?;
        Some(self.why.found().condition(node, &place.outline, Some(true), true))
    }

    fn plan_line(&self) -> Option<&'e crate::plan::SegmentLine> {
        self.why.plan.segment(self.at)?.lines.get(self.line)
    }
}

fn line_of(plan: &Plan, bound: u32) -> u32 {
    plan.names().lets.get(bound as usize).map_or(0, |place| place.line)
}
