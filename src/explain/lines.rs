//! A condition tree as marked lines.

use super::condition::{Condition, Shape, State};
use super::names::{fact_label, spoken};
use super::sentence::Speaker;
use crate::diagnostics::Phrase;
use crate::plan::{Node, NodeId, Root};

/// A line with its depth and its mark.
pub(super) struct Line {
    pub(super) depth: usize,
    pub(super) mark: char,
    pub(super) text: String,
}

/// Lines of one condition, up to a number of them.
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    /// How many more there may be.
    left: usize,
    /// How many were left out.
    pub(super) cut: usize,
    /// Whether parts that do not matter are shown as well; lets are then not opened, but have their own place.
    whole: bool,
    /// So many lets inside each other are opened.
    opens: usize,
}

/// Lets inside lets that the short text opens.
const OPENED: usize = 2;

impl Lines {
    /// The parts that matter, at most `most` of them, lets opened.
    pub(super) fn short(most: usize) -> Self {
        Self { lines: Vec::new(), left: most, cut: 0, whole: false, opens: OPENED }
    }

    /// Every part.
    pub(super) fn whole() -> Self {
        Self { lines: Vec::new(), left: usize::MAX, cut: 0, whole: true, opens: 0 }
    }

    fn push(&mut self, depth: usize, mark: char, text: String) -> bool {
        if self.left == 0 {
            self.cut += 1;
            return false;
        }
        self.left -= 1;
        self.lines.push(Line { depth, mark, text });
        true
    }

    pub(super) fn condition(&mut self, speaker: &Speaker<'_>, condition: &Condition, depth: usize) {
        match &condition.shape {
            Shape::Simple if speaker.is_hidden(condition) => self.hidden(speaker, condition, depth),
            Shape::Simple => {
                self.push(depth, mark(condition), speaker.simple(condition));
            }
            Shape::Range => {
                self.push(depth, mark(condition), speaker.range(condition));
            }
            Shape::Not => condition.parts.iter().for_each(|part| self.condition(speaker, part, depth)),
            Shape::And | Shape::Or => self.joined(speaker, condition, depth),
            Shape::AtLeast(wanted) => self.at_least(speaker, condition, *wanted, depth),
            Shape::If => self.choice(speaker, condition, depth),
            Shape::Let(name) => self.bound(speaker, condition, name, depth),
        }
    }

    /// `and` and `or`: one that wants all its parts is a list of them, one that wants a single part says so.
    fn joined(&mut self, speaker: &Speaker<'_>, condition: &Condition, depth: usize) {
        let wanted = condition.wanted.unwrap_or(true);
        if (condition.shape == Shape::And) == wanted {
            // A list of what has to be is read without a heading.
            let all = self.whole || condition.is_met() || condition.state == State::Masked;
            for part in condition.parts.iter().filter(|part| all || !part.is_met()) {
                self.condition(speaker, part, depth);
            }
            return;
        }
        // A reason that rests on a fact is better than one that rests on the absence of one.
        let met = || condition.parts.iter().filter(|part| part.is_met());
        let first = met().find(|part| !part.rests_on_absence()).or_else(|| met().next());
        if let (Some(first), false) = (first, self.whole) {
            return self.condition(speaker, first, depth);
        }
        // Where some alternatives are open, those that fail do not matter.
        let open = !self.whole && condition.is_open();
        let shown: Vec<&Condition> = condition.parts.iter().filter(|part| !open || part.is_open()).collect();
        if let ([only], true) = (shown.as_slice(), open) {
            return self.condition(speaker, only, depth);
        }
        let heading = if condition.wanted.is_some() { Phrase::OneHasTo } else { Phrase::AnyOf };
        if self.heading(depth, mark(condition), speaker.say(heading, [])) {
            shown.iter().for_each(|part| self.part(speaker, part, depth + 1));
        }
    }

    /// A part of a list of alternatives: one that has parts of its own is a list inside it.
    fn part(&mut self, speaker: &Speaker<'_>, part: &Condition, depth: usize) {
        let several = matches!((&part.shape, part.wanted.unwrap_or(true)), (Shape::And, true) | (Shape::Or, false));
        if !several {
            return self.condition(speaker, part, depth);
        }
        if self.heading(depth, mark(part), speaker.say(Phrase::AllOf, [])) {
            self.condition(speaker, part, depth + 1);
        }
    }

    /// `not at least 2 of` three is at least two of the three that do not hold.
    fn at_least(&mut self, speaker: &Speaker<'_>, condition: &Condition, count: u32, depth: usize) {
        let all = condition.parts.len();
        let takes = match condition.wanted {
            Some(false) => (all + 1).saturating_sub(count as usize),
            _ => count as usize,
        };
        let met = condition.parts.iter().filter(|part| part.is_met()).count();
        let hidden = condition.parts.iter().any(|part| part.state == State::Masked);
        let (wanted, all) = (("wanted", takes.to_string()), ("all", all.to_string()));
        let heading = match (hidden || condition.wanted.is_none(), takes == condition.parts.len()) {
            (_, true) => speaker.say(Phrase::AllOf, []),
            (true, false) => speaker.say(Phrase::AtLeastOf, [all, wanted]),
            (false, false) => speaker.say(Phrase::SomeOf, [("count", met.to_string()), all, wanted]),
        };
        if !self.heading(depth, mark(condition), heading) {
            return;
        }
        // In short, what holds where it holds, and what does not where it does not.
        let (met, all) = (condition.is_met(), self.whole || hidden);
        for part in condition.parts.iter().filter(|part| all || part.is_met() == met) {
            self.part(speaker, part, depth + 1);
        }
    }

    /// A heading is worth a line only where another one fits below it.
    fn heading(&mut self, depth: usize, mark: char, text: String) -> bool {
        if self.left < 2 {
            self.cut += 1;
            return false;
        }
        self.push(depth, mark, text)
    }

    /// What follows from the condition that holds; the conditions before it only choose, and are no failures.
    fn choice(&mut self, speaker: &Speaker<'_>, condition: &Condition, depth: usize) {
        for pair in condition.parts.chunks(2) {
            match pair {
                [when, then] => {
                    let settled = matches!(when.state, State::True | State::False);
                    if self.whole || !settled {
                        let from = self.lines.len();
                        self.condition(speaker, when, depth);
                        let lines = self.lines.iter_mut().skip(from).filter(|_| settled);
                        lines.for_each(|line| line.mark = '.');
                    }
                    if when.state == State::True {
                        return self.condition(speaker, then, depth);
                    }
                    if when.state != State::False {
                        return;
                    }
                }
                rest => rest.iter().for_each(|otherwise| self.condition(speaker, otherwise, depth)),
            }
        }
    }

    fn bound(&mut self, speaker: &Speaker<'_>, condition: &Condition, name: &str, depth: usize) {
        let heading = match condition.state {
            State::True => Phrase::LetHolds,
            State::False => Phrase::LetFails,
            State::Masked => Phrase::LetHidden,
            _ => Phrase::LetOpen,
        };
        let text = speaker.say(heading, [("name", spoken(name))]);
        let mut inner = Self { lines: Vec::new(), left: self.left.saturating_sub(1), ..*self };
        if let Some(opened) = inner.opened(speaker, condition) {
            inner.condition(speaker, &opened, depth + 1);
        }
        let several = inner.lines.len() > 1 || inner.cut > self.cut;
        let text = match inner.lines.as_slice() {
            // One reason stands on the same line.
            [only] if !several => speaker.say(Phrase::RuleLine, [("rule", text), ("text", only.text.clone())]),
            [] => text,
            _ => speaker.say(Phrase::Heading, [("text", text)]),
        };
        if self.push(depth, mark(condition), text) && several {
            self.left = self.left.saturating_sub(inner.lines.len());
            self.cut = inner.cut;
            self.lines.append(&mut inner.lines);
        }
    }

    /// What a `let` stands for, where it is shown: why it is as it is, and not what it would have to be.
    fn opened(&mut self, speaker: &Speaker<'_>, condition: &Condition) -> Option<Condition> {
        if self.whole || self.opens == 0 || self.left == 0 {
            return None;
        }
        self.opens -= 1;
        let wanted = match condition.state {
            State::True => true,
            State::False => condition.wanted.unwrap_or(false),
            _ => condition.wanted.unwrap_or(true),
        };
        speaker.why.found().opened(condition.bound?, Some(wanted))
    }

    /// Only the names of the facts are shown of a condition on a sensitive one.
    fn hidden(&mut self, speaker: &Speaker<'_>, condition: &Condition, depth: usize) {
        let facts = facts(speaker, condition.node);
        let template = if condition.is_open() { Phrase::HiddenMissing } else { Phrase::Hidden };
        self.push(depth, mark(condition), speaker.say(template, [("facts", facts)]));
    }
}

fn facts(speaker: &Speaker<'_>, node: NodeId) -> String {
    let found = speaker.why.found();
    let slots = found.facts_of(Root::Condition(node)).0;
    speaker.list_of(slots.into_iter().map(|slot| fact_label(found.plan, slot, speaker.lang)), Phrase::ListAnd)
}

/// `+` for what stands as it has to, `-` for what does not, `?` for what is open.
pub(super) fn mark(condition: &Condition) -> char {
    match (condition.state, condition.wanted.unwrap_or(true)) {
        (State::True, true) | (State::False, false) => '+',
        (State::True, false) | (State::False, true) => '-',
        (State::Unknown | State::Undefined, _) => '?',
        (State::Masked, _) => '*',
        (State::NotEvaluated, _) => '.',
    }
}

/// In how many places a condition would have to change; the fewest where there is a choice.
pub(super) fn misses(why: &super::Explanation, node: NodeId, wanted: bool) -> usize {
    let plan = &why.plan;
    let truth = why.record.conditions.get(node.at()).copied().flatten();
    let met = truth.is_some_and(|truth| if wanted { truth.is_surely_true() } else { truth.is_surely_false() });
    if met && !plan.sensitive().condition(node) {
        return 0;
    }
    let parts = |parts: &[NodeId]| parts.iter().map(|part| misses(why, *part, wanted)).collect::<Vec<_>>();
    match plan.node(node) {
        Node::Not(inner) => misses(why, *inner, !wanted),
        Node::And(all) if wanted => parts(all).into_iter().sum(),
        Node::Or(all) if !wanted => parts(all).into_iter().sum(),
        Node::And(all) | Node::Or(all) => parts(all).into_iter().min().unwrap_or(0),
        Node::AtLeast(count, all) if wanted => {
            let mut each = parts(all);
            each.sort_unstable();
            each.into_iter().take(*count as usize).sum()
        }
        _ => 1,
    }
}
