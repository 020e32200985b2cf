//! What was found of one customer, by the ids of the plan.

use chrono::NaiveDate;

use super::actual::Actual;
use super::condition::{Builder, Condition, State};
use crate::eval::{Record, Seen};
use crate::plan::{Expr, ExprId, Node, NodeId, Outline, Plan, Root, Truth};
use crate::schema::Type;
use crate::source::Span;

/// The record of an evaluation, read by the ids of its plan.
#[derive(Clone, Copy)]
pub(super) struct Found<'e> {
    pub(super) plan: &'e Plan,
    pub(super) source: &'e str,
    pub(super) as_of: NaiveDate,
    pub(super) record: &'e Record,
    /// What is used and missing, by number.
    pub(super) absent: &'e [u32],
    /// Conditions that are unknown because a calculation has no result.
    pub(super) undefined: &'e [bool],
}

impl<'e> Found<'e> {
    pub(super) fn ty(&self, value: ExprId) -> Option<&'e Type> {
        match self.plan.expr(value) {
            Expr::Fact(slot) => self.plan.slots().get(*slot as usize).map(|slot| slot.field.ty()),
            _ => self.plan.names().types.get(value.at()),
        }
    }

    pub(super) fn state(&self, id: NodeId) -> State {
        let truth = self.record.conditions.get(id.at()).copied().flatten();
        let undefined = self.undefined.get(id.at()).copied().unwrap_or(false);
        match truth {
            None => State::NotEvaluated,
            Some(_) if self.plan.sensitive().condition(id) && !self.asks_missing_fact(id) => State::Masked,
            Some(Truth::TRUE) => State::True,
            Some(Truth::FALSE) => State::False,
            Some(_) if undefined => State::Undefined,
            Some(_) => State::Unknown,
        }
    }

    /// Whether a question about a fact itself is open because the fact is missing, which is no secret. That a calculation
    /// or a condition is open can hang on the values of other facts.
    fn asks_missing_fact(&self, id: NodeId) -> bool {
        let Node::Atom(atom) = self.plan.node(id) else { return false };
        let unknown = self.record.conditions.get(id.at()).copied().flatten() == Some(Truth::UNKNOWN);
        let mut values = self.plan.values(*atom);
        unknown
            && values
                .any(|value| matches!(self.plan.expr(value), Expr::Fact(_)) && self.value(value) == Actual::Missing)
    }

    pub(super) fn value(&self, id: ExprId) -> Actual {
        match self.plan.expr(id) {
            Expr::Constant(constant) => Actual::constant(constant, self.ty(id)),
            Expr::Today => Actual::Date(self.as_of),
            Expr::Fact(slot) => self.fact(*slot),
            Expr::Let(at) if !self.plan.sensitive().bound(*at) => match self.record.open.get(at) {
                Some(interval) => Actual::Between { low: interval.low, high: interval.high },
                None => self.seen(id).map_or(Actual::Missing, |seen| Actual::of(seen, self.ty(id))),
            },
            _ => self.seen(id).map_or(Actual::Missing, |seen| Actual::of(seen, self.ty(id))),
        }
    }

    /// What was seen of a calculation.
    pub(super) fn seen(&self, id: ExprId) -> Option<&'e Seen> {
        self.record.values.get(id.at()).and_then(Option::as_ref)
    }

    pub(super) fn fact(&self, slot: u32) -> Actual {
        // Of a collection it is known whether something of it is missing.
        if slot as usize >= self.plan.slots().len() {
            return if self.absent.binary_search(&slot).is_ok() { Actual::Missing } else { Actual::Set(Vec::new()) };
        }
        let ty = self.plan.slots().get(slot as usize).map(|slot| slot.field.ty());
        self.record.facts.get(slot as usize).map_or(Actual::Missing, |seen| Actual::of(seen, ty))
    }

    /// The facts on which something depends, lets opened, and whether these are all: a reader is told of a few, and so
    /// only so many parts are looked at.
    pub(super) fn facts_of(&self, root: Root) -> (Vec<u32>, bool) {
        const STEPS: usize = 1_000;
        self.plan.facts_of(root, STEPS)
    }

    pub(super) fn let_name(&self, at: u32) -> &'e str {
        self.plan.names().lets.get(at as usize).and_then(|place| place.name.as_deref()).unwrap_or_default()
    }

    /// The author's text of a place on one line, without comments.
    pub(super) fn snippet(&self, span: Span) -> String {
        one_line(self.source.get(span.start()..span.end()).unwrap_or_default())
    }

    /// The tree of a condition.
    pub(super) fn condition(
        self,
        node: NodeId,
        outline: &'e Outline,
        wanted: Option<bool>,
        reached: bool,
    ) -> Condition {
        Builder { found: self, marks: outline.iter(), reached, taken: true }.condition(node, wanted)
    }

    /// The tree of a `let` that is a condition.
    pub(super) fn opened(self, at: u32, wanted: Option<bool>) -> Option<Condition> {
        let place = self.plan.names().lets.get(at as usize)?;
        match self.plan.lets().get(at as usize)? {
            Root::Condition(node) => Some(self.condition(*node, &place.outline, wanted, true)),
            Root::Value(_) | Root::Score(_) | Root::Segment(_) => None,
        }
    }
}

/// Which conditions are unknown only because calculations have no result. A condition's parts come before it.
pub(super) fn undefined(plan: &Plan, record: &Record) -> Vec<bool> {
    let unknown = |at: usize| record.conditions.get(at).copied().flatten() == Some(Truth::UNKNOWN);
    let mut undefined = vec![false; record.conditions.len()];
    if !(0..undefined.len()).any(unknown) {
        return Vec::new();
    }
    for (at, id) in plan.node_ids().enumerate().filter(|(at, _)| unknown(*at)) {
        let found = |id: &NodeId| !unknown(id.at()) || undefined.get(id.at()) == Some(&true);
        let all = match plan.node(id) {
            Node::Atom(atom) => plan.values(*atom).any(|value| is_undefined(plan, record, value)),
            Node::Chained(first, rest) => {
                std::iter::once(first).chain(rest.iter().map(|(_, part)| part)).any(|v| is_undefined(plan, record, *v))
            }
            Node::Let(bound) => match plan.lets().get(*bound as usize) {
                Some(Root::Condition(root)) => found(root),
                Some(Root::Value(root)) => is_undefined(plan, record, *root),
                Some(Root::Score(_) | Root::Segment(_)) | None => false,
            },
            Node::Not(inner) => found(inner),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => parts.iter().all(found),
            Node::If(arms, otherwise) => arms.iter().all(|(when, then)| found(when) && found(then)) && found(otherwise),
            Node::Constant(_) => false,
        };
        undefined.iter_mut().skip(at).take(1).for_each(|place| *place = all);
    }
    undefined
}

fn is_undefined(plan: &Plan, record: &Record, id: ExprId) -> bool {
    let seen = match plan.expr(id) {
        Expr::Fact(slot) => record.facts.get(*slot as usize),
        _ => record.values.get(id.at()).and_then(Option::as_ref),
    };
    matches!(seen, Some(Seen::Undefined))
}

/// A text on one line: comments and line ends are blanks.
fn one_line(text: &str) -> String {
    let plain = |byte: u8| byte > b' ' && byte != b'#' && byte.is_ascii();
    if !text.contains("  ") && text.bytes().all(|byte| byte == b' ' || plain(byte)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut quote = None;
    let mut comment = false;
    let mut escaped = false;
    for c in text.chars() {
        let line_end = matches!(c, '\n' | '\r');
        comment = !line_end && (comment || (quote.is_none() && matches!(c, '#' | '＃')));
        if comment || (quote.is_none() && c.is_whitespace()) {
            if !out.ends_with(' ') {
                out.push(' ');
            }
            continue;
        }
        match (quote, c) {
            (None, '"') => quote = Some('"'),
            (None, '“') => quote = Some('”'),
            (None, '`') => quote = Some('`'),
            (Some(close), c) if c == close && !escaped => quote = None,
            _ => {}
        }
        escaped = quote.is_some() && c == '\\' && !escaped;
        out.push(c);
    }
    out.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_condition_over_lines_reads_on_one() {
        let text = "a > 1 # more than one\n    and b = \"x  # y\"\r\n and `c  d` > 2";
        assert_eq!(one_line(text), "a > 1 and b = \"x  # y\" and `c  d` > 2");
    }
}
