//! Scores and segments: lines of conditions that give points, or a member of a closed set.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Bin, Checker, Score, ScoreLine, Segment, SegmentLine, Typed, TypedKind};
use crate::builtins::Sort;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, Condition, Expr, ExprKind, Name, TestKind};
use crate::value::Constant;

impl Checker<'_> {
    pub(super) fn score(&mut self, score: &ast::Score) -> Option<Typed> {
        if score.lines.is_empty() {
            return self.empty_block("score", &score.name);
        }
        let lines: Vec<Option<ScoreLine>> = score.lines.iter().map(|line| self.score_line(line)).collect();
        let low = self.limit(score.low.as_ref());
        let high = self.limit(score.high.as_ref());
        let (low, high) = (low?, high?);
        if let (Some(from), Some(to)) = (low, high)
            && from > to
        {
            let span = |end: &Option<Expr>| end.as_ref().map_or(score.name.span, |end| end.span);
            let span = span(&score.low).to(span(&score.high));
            let swapped = Note::new(Hint::WriteAs).with("text", format!("min {to} max {from}"));
            return self.fail(Diagnostic::new(Code::ReversedRange, span).hint(swapped));
        }
        let lines = lines.into_iter().collect::<Option<Vec<_>>>()?;
        let kind = TypedKind::Score(Box::new(Score { lines, low, high }));
        Some(Typed { span: score.name.span, sort: Sort::Of(Type::Number), kind })
    }

    /// Reports a block without entries.
    pub(super) fn empty_block<T>(&mut self, word: &str, name: &Name) -> Option<T> {
        let error = Diagnostic::new(Code::EmptyBlock, name.span).with("text", format!("{word} {}", name.node));
        self.fail(error.hint(Hint::FillBlock))
    }

    /// A number written out: an end of a score, or a weight.
    fn limit(&mut self, value: Option<&Expr>) -> Option<Option<Decimal>> {
        let Some(value) = value else { return Some(None) };
        let typed = self.points(value)?;
        match typed.kind {
            TypedKind::Constant(Constant::Number(number)) => Some(Some(number)),
            _ => self
                .fail(Diagnostic::new(Code::NotALiteral, value.span).hint(Note::new(Hint::SuchAs).with("text", "100"))),
        }
    }

    fn score_line(&mut self, line: &ast::ScoreLine) -> Option<ScoreLine> {
        let node = &line.node;
        let value = if node.bins.is_empty() { self.points(&node.value) } else { self.expr(&node.value, None) };
        self.subject = value;
        let bins: Vec<Option<Bin>> = node.bins.iter().map(|bin| self.bin(bin)).collect();
        self.order_of_bins(&node.bins);
        let value = self.subject.take();
        let weight = self.limit(node.weight.as_ref());
        Some(ScoreLine {
            name: node.name.as_ref().map(|name| Arc::from(&*name.node)),
            line: self.lines.line(line.span.start()),
            value: value?,
            bins: bins.into_iter().collect::<Option<_>>()?,
            weight: weight?,
        })
    }

    /// A value that counts as points.
    fn points(&mut self, node: &Expr) -> Option<Typed> {
        let typed = self.expr(node, None)?;
        let ty = typed.sort.settled();
        if matches!(ty, Type::Number | Type::Integer) {
            return Some(typed);
        }
        let error = Diagnostic::new(Code::PointsType, node.span).with("type", ty.clone());
        self.fail(match ty {
            Type::Money => {
                let code = self.out.currency.map_or("EUR".to_owned(), |currency| currency.to_string());
                let amount = format!("{} / 10K {code}", self.text_at(node.span));
                error.hint(Note::new(Hint::MoneyPoints).with("text", amount))
            }
            _ => error.hint(Hint::BinForms),
        })
    }

    fn bin(&mut self, bin: &ast::Bin) -> Option<Bin> {
        // Without a left side that is right, a comparison cannot be looked at.
        let condition = match &bin.node.condition {
            Condition::Otherwise => Some(None),
            Condition::When(condition) if self.subject.is_some() => self.condition(condition).map(Some),
            Condition::When(_) => None,
        };
        let points = self.points(&bin.node.points);
        let missing = matches!(&bin.node.condition, Condition::When(condition)
            if matches!(&condition.node, ExprKind::Test(test) if test.kind == TestKind::Missing && !test.negated));
        Some(Bin { condition: condition?, missing, points: points?, span: bin.span })
    }

    /// `otherwise` stands last, and once.
    fn order_of_bins(&mut self, bins: &[ast::Bin]) {
        self.otherwise_last(
            Term::ABin,
            bins.iter().map(|bin| (bin.span, matches!(bin.node.condition, Condition::Otherwise))),
        );
    }

    fn otherwise_last(&mut self, kind: Term, entries: impl Iterator<Item = (Span, bool)>) {
        let mut first: Option<Span> = None;
        for (span, otherwise) in entries {
            let Some(seen) = first else {
                first = otherwise.then_some(span);
                continue;
            };
            let code = if otherwise { Code::OtherwiseTwice } else { Code::OtherwiseNotLast };
            self.report(
                Diagnostic::new(code, span)
                    .with("kind", kind)
                    .label(seen, Hint::OtherwiseHere)
                    .hint(Hint::OtherwiseEnd),
            );
            return;
        }
    }

    pub(super) fn segment(&mut self, name: &Name, lines: &[ast::SegmentLine]) -> Option<Typed> {
        if lines.is_empty() {
            return self.empty_block("segment", name);
        }
        let entries = lines.iter().map(|line| (line.span, matches!(line.node.condition, Condition::Otherwise)));
        self.otherwise_last(Term::ALine, entries);
        let mut members: HashMap<&str, u32> = HashMap::new();
        let mut names: Vec<&str> = Vec::new();
        let mut typed = Vec::with_capacity(lines.len());
        for line in lines {
            let value: &str = &line.node.value.node;
            let next = u32::try_from(names.len()).unwrap_or(u32::MAX);
            let member = *members.entry(value).or_insert_with(|| {
                names.push(value);
                next
            });
            let condition = match &line.node.condition {
                Condition::Otherwise => Some(None),
                Condition::When(condition) => self.condition(condition).map(Some),
            };
            let number = self.lines.line(line.span.start());
            typed.extend(condition.map(|condition| SegmentLine { span: line.span, line: number, condition, member }));
        }
        let sound = typed.len() == lines.len();
        let kind = TypedKind::Segment(Box::new(Segment { lines: typed }));
        sound.then(|| Typed { span: name.span, sort: Sort::Of(Type::one_of(&names)), kind })
    }
}
