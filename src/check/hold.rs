//! Comparisons of a plain fact with constants that its declared range or type decides for every customer.

use super::{Checker, Typed, TypedKind, User};
use crate::builtins::Compare;
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::{Field, Type};
use crate::source::Span;
use crate::value::Constant;

/// What the declaration of a fact says of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Never,
    Always,
    Open,
}

impl Checker<'_> {
    /// The field that a value is, by its own name or that of a `let`.
    fn plain_field(&self, value: &Typed) -> Option<&Field> {
        match value.kind {
            TypedKind::Field(index) => self.field(index),
            TypedKind::Let(index) => match self.out.lets.get(index.at())?.value.kind {
                TypedKind::Field(index) => self.field(index),
                _ => None,
            },
            TypedKind::Subject => match self.subject.as_ref()?.kind {
                TypedKind::Subject => None,
                _ => self.plain_field(self.subject.as_ref()?),
            },
            _ => None,
        }
    }

    fn verdict(&self, left: &Typed, op: Compare, right: &Typed) -> Verdict {
        let judged = match (&left.kind, &right.kind) {
            (_, TypedKind::Constant(constant)) => self.plain_field(left).map(|field| judge(field, op, constant)),
            (TypedKind::Constant(constant), _) => {
                self.plain_field(right).map(|field| judge(field, op.mirrored(), constant))
            }
            _ => None,
        };
        judged.unwrap_or(Verdict::Open)
    }

    /// Warns of a comparison, or of the parts of a chain, that the fact's range or type decides. That one end of
    /// `0 <= x < 5` says nothing new is no mistake: a chain always holds only where all of its parts do.
    pub(super) fn decided(&mut self, span: Span, first: &Typed, rest: &[(Compare, Typed)]) {
        let lefts = std::iter::once(first).chain(rest.iter().map(|(_, part)| part));
        let verdicts: Vec<Verdict> =
            lefts.clone().zip(rest).map(|(left, (op, right))| self.verdict(left, *op, right)).collect();
        if verdicts.iter().all(|verdict| *verdict == Verdict::Always) {
            // A bin that takes all known values is a way to write `otherwise`.
            if std::iter::once(first)
                .chain(rest.iter().map(|(_, part)| part))
                .any(|v| matches!(v.kind, TypedKind::Subject))
            {
                return;
            }
            if let Some(field) =
                lefts.into_iter().chain(rest.last().map(|(_, last)| last)).find_map(|v| self.plain_field(v))
            {
                let constant = constants(first, rest);
                let mut warning = Diagnostic::new(Code::AlwaysHolds, span);
                warning = reasons(warning, field, constant.as_slice());
                let name = field.name().to_owned();
                // An assumption asks nothing.
                let asks = self.user != User::Assumption;
                let present = Note::new(Hint::AskPresent).with("field", name);
                self.report(if asks { warning.hint(present) } else { warning });
            }
            return;
        }
        let mut warnings = Vec::new();
        for ((left, (_, right)), verdict) in lefts.zip(rest).zip(&verdicts) {
            let field = self.plain_field(left).or_else(|| self.plain_field(right));
            if let (Verdict::Never, Some(field)) = (verdict, field) {
                let warning = Diagnostic::new(Code::NeverHolds, left.span.to(right.span));
                let both = [left, right];
                let constant: Vec<&Constant> = both.iter().filter_map(|value| constant(value)).collect();
                warnings.push(reasons(warning, field, &constant));
            }
        }
        warnings.into_iter().for_each(|warning| self.report(warning));
    }

    /// Warns of members of a list that the fact can never be.
    pub(super) fn decided_members(&mut self, subject: &Typed, members: &[Constant], spans: impl Iterator<Item = Span>) {
        let Some(field) = self.plain_field(subject).cloned() else { return };
        // One by one: a list may be long, and only so many warnings are kept.
        for (member, span) in members.iter().zip(spans) {
            if judge(&field, Compare::Equal, member) == Verdict::Never {
                self.report(reasons(Diagnostic::new(Code::NeverHolds, span), &field, &[member]));
            }
        }
    }
}

fn constant(value: &Typed) -> Option<&Constant> {
    match &value.kind {
        TypedKind::Constant(constant) => Some(constant),
        _ => None,
    }
}

fn constants<'t>(first: &'t Typed, rest: &'t [(Compare, Typed)]) -> Vec<&'t Constant> {
    std::iter::once(first).chain(rest.iter().map(|(_, part)| part)).filter_map(constant).collect()
}

/// Why: the range in words, or the places that a value of the field has.
fn reasons(warning: Diagnostic, field: &Field, constants: &[&Constant]) -> Diagnostic {
    let note = |hint| Note::new(hint).with("field", field.name());
    if constants.iter().any(|constant| !is_whole(constant)) && field.ty == Type::Integer {
        return warning.hint(note(Hint::WholeNumber));
    }
    match field.scale {
        Some(scale) if constants.iter().any(|constant| places(constant) > scale) => {
            warning.hint(note(Hint::ScalePlaces).with("scale", scale as usize))
        }
        _ => warning.hint(note(Hint::AlwaysRange).with("range", &field.range)),
    }
}

fn is_whole(constant: &Constant) -> bool {
    places(constant) == 0
}

fn places(constant: &Constant) -> u32 {
    match constant {
        Constant::Number(number) => number.normalize().scale(),
        _ => 0,
    }
}

/// Whether a value of the field can make the comparison true, and whether one can make it false.
fn judge(field: &Field, op: Compare, constant: &Constant) -> Verdict {
    if !matches!(constant, Constant::Number(_) | Constant::Date(_)) {
        return Verdict::Open;
    }
    let (low, high) = (field.range.low.as_ref(), field.range.high.as_ref());
    let off_grid =
        (field.ty == Type::Integer && !is_whole(constant)) || field.scale.is_some_and(|scale| places(constant) > scale);
    let outside = !field.range.contains(constant) || off_grid;
    let only = low == Some(constant) && high == Some(constant);
    let below = |inclusive: bool| high.is_some_and(|high| high < constant || (inclusive && high == constant));
    let above = |inclusive: bool| low.is_some_and(|low| low > constant || (inclusive && low == constant));
    let (never, always) = match op {
        Compare::Equal => (outside, only),
        Compare::NotEqual => (only, outside),
        Compare::Less => (above(true), below(false)),
        Compare::LessOrEqual => (above(false), below(true)),
        Compare::Greater => (below(true), above(false)),
        Compare::GreaterOrEqual => (below(false), above(true)),
    };
    match (never, always) {
        (true, _) => Verdict::Never,
        (_, true) => Verdict::Always,
        _ => Verdict::Open,
    }
}
