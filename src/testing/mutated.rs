//! One mistake in a condition or a value: comparisons, thresholds, connectives, windows, and what is made of missing facts.

use std::str::FromStr as _;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::mutants::MutantKind;
use super::mutator::Mutator;
use crate::builtins::Compare;
use crate::source::Span;
use crate::syntax::ast::{Aggregate, At, Expr, ExprKind, Literal, Name, Number, Test, TestKind, Window};
use crate::syntax::print_expr;
use crate::value::{add, canonical, divide, multiply, parse_date, subtract};

/// The number, the sign counted, of a literal.
pub(super) fn number_of(expr: &Expr) -> Option<Decimal> {
    match &expr.node {
        ExprKind::Literal(literal) => match &**literal {
            Literal::Number(number) | Literal::Money(number, _) => {
                let digits = Decimal::from_str(&number.digits).ok()?;
                let exponent = number.suffix.map_or(0, |suffix| suffix.exponent());
                let power = multiply(Decimal::ONE, Decimal::from(10_u64.checked_pow(exponent.unsigned_abs().into())?))?;
                if exponent < 0 { divide(digits, power) } else { multiply(digits, power) }.map(|n| n.normalize())
            }
            _ => None,
        },
        ExprKind::Negate(times, inner) => number_of(inner).map(|number| if times % 2 == 1 { -number } else { number }),
        ExprKind::Group(members) => match &**members {
            [only] => number_of(only),
            _ => None,
        },
        _ => None,
    }
}

/// The same literal with another number.
pub(super) fn with_number(expr: &Expr, number: Decimal) -> ExprKind {
    fn currency(expr: &Expr) -> Option<Box<str>> {
        match &expr.node {
            ExprKind::Literal(literal) => match &**literal {
                Literal::Money(_, currency) => Some(currency.clone()),
                _ => None,
            },
            ExprKind::Negate(_, inner) => currency(inner),
            ExprKind::Group(members) => members.first().and_then(currency),
            _ => None,
        }
    }
    let digits = Number { digits: canonical(number.abs()).into(), suffix: None };
    let literal = match currency(expr) {
        Some(currency) => Literal::Money(digits, currency),
        None => Literal::Number(digits),
    };
    let literal = ExprKind::Literal(Box::new(literal));
    if number.is_sign_negative() && !number.is_zero() {
        ExprKind::Negate(1, Box::new(At { span: expr.span, node: literal }))
    } else {
        literal
    }
}

/// Whether an expression is a condition for sure.
pub(super) fn is_condition(expr: &Expr) -> bool {
    match &expr.node {
        ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(..) | ExprKind::AtLeast(..) => true,
        ExprKind::Compare(..) | ExprKind::Test(_) => true,
        ExprKind::Group(members) => matches!(&**members, [only] if is_condition(only)),
        ExprKind::If(arms, otherwise) => is_condition(otherwise) || arms.iter().any(|(_, then)| is_condition(then)),
        _ => false,
    }
}

impl Mutator<'_> {
    /// What stands where a condition is asked.
    pub(super) fn condition(&mut self, expr: &mut Expr) {
        if self.done.is_some() {
            return;
        }
        let span = expr.span;
        match &mut expr.node {
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter_mut().for_each(|part| self.condition(part));
                self.connective(expr);
            }
            ExprKind::Not(_, inner) => self.condition(inner),
            ExprKind::Group(members) => members.iter_mut().for_each(|member| self.condition(member)),
            ExprKind::AtLeast(count, parts) => {
                self.threshold(count, None);
                parts.iter_mut().for_each(|part| self.condition(part));
            }
            ExprKind::If(arms, otherwise) => {
                for (when, then) in arms {
                    self.condition(when);
                    self.condition(then);
                }
                self.condition(otherwise);
            }
            ExprKind::Compare(first, links) => {
                let single = links.len() == 1;
                let equal = matches!(&**links, [(Compare::Equal | Compare::NotEqual, _)]);
                self.links(span, first, links);
                if !(single && equal) {
                    self.negate(expr);
                }
            }
            ExprKind::Test(_) => self.test(expr),
            _ => {
                self.value(expr);
                self.negate(expr);
            }
        }
    }

    /// `or` for `and`, and each part left out.
    fn connective(&mut self, expr: &mut Expr) {
        if self.done.is_none() && self.hit() {
            let node = match std::mem::replace(&mut expr.node, ExprKind::Today) {
                ExprKind::And(parts) => ExprKind::Or(parts),
                ExprKind::Or(parts) => ExprKind::And(parts),
                other => other,
            };
            return self.put(MutantKind::Connective, expr, node);
        }
        let (ExprKind::And(parts) | ExprKind::Or(parts)) = &mut expr.node else { return };
        for at in 0..parts.len() {
            if self.done.is_none() && self.hit() {
                let part = parts.remove(at);
                if let [_] = &**parts
                    && let Some(last) = parts.pop()
                {
                    expr.node = last.node;
                }
                return self.record(MutantKind::ConditionDropped, part.span, None);
            }
        }
    }

    fn negate(&mut self, expr: &mut Expr) {
        if self.done.is_none() && self.bin.is_none() && self.hit() {
            let inner = At { span: expr.span, node: std::mem::replace(&mut expr.node, ExprKind::Today) };
            let inner = match &inner.node {
                ExprKind::Name(_) => inner,
                _ => At { span: inner.span, node: ExprKind::Group(vec![inner]) },
            };
            self.put(MutantKind::ConditionNegated, expr, ExprKind::Not(1, Box::new(inner)));
        }
    }

    /// A comparison, or a chain of them.
    fn links(&mut self, span: Span, first: &mut Expr, links: &mut [(Compare, Expr)]) {
        let mut before = first.span.start();
        let single = links.len() == 1;
        let whole = (span.start(), span.end());
        for at in 0..links.len() {
            let Some((op, right)) = links.get_mut(at) else { return };
            let place = match self.bin {
                Some(bin) => (bin.start(), right.span.end()),
                None if single => whole,
                None => (before, right.span.end()),
            };
            let step = self.grid.get(&place).copied();
            before = right.span.start();
            let flipped = match op {
                Compare::Less => Compare::LessOrEqual,
                Compare::LessOrEqual => Compare::Less,
                Compare::Greater => Compare::GreaterOrEqual,
                Compare::GreaterOrEqual => Compare::Greater,
                Compare::Equal => Compare::NotEqual,
                Compare::NotEqual => Compare::Equal,
            };
            if self.done.is_none() && self.hit() {
                *op = flipped;
                let span = self.bin.map_or(span, |bin| Span::of(bin.start(), right.span.end()));
                let node = ExprKind::Compare(Box::new(first.clone()), links.to_vec());
                let text = printed(&At { span, node });
                return self.record(MutantKind::Comparison, span, Some(text.trim().to_owned()));
            }
            self.value(right);
            self.threshold(right, step);
        }
        let step = links.first().and_then(|(_, right)| self.grid.get(&(first.span.start(), right.span.end()))).copied();
        self.value(first);
        self.threshold(first, step.or_else(|| self.grid.get(&whole).copied()));
    }

    fn test(&mut self, expr: &mut Expr) {
        let whole = (expr.span.start(), expr.span.end());
        let step = self.grid.get(&whole).copied();
        let ExprKind::Test(test) = &mut expr.node else { return };
        let Test { subject, negated, kind } = &mut **test;
        self.value(subject);
        match kind {
            TestKind::Between(low, high) => {
                for end in [low, high] {
                    self.value(end);
                    self.threshold(end, step);
                }
            }
            TestKind::Within(length) => self.threshold(length, None),
            _ => {}
        }
        if self.done.is_some() || self.bin.is_some() || !self.hit() {
            return;
        }
        let said = match kind {
            TestKind::Missing => {
                *kind = TestKind::Present;
                MutantKind::Missing
            }
            TestKind::Present => {
                *kind = TestKind::Missing;
                MutantKind::Missing
            }
            _ => {
                *negated = !*negated;
                MutantKind::ConditionNegated
            }
        };
        self.record(said, expr.span, Some(printed(expr)));
    }

    /// A number one step off or ten-fold, a day or a length of time one off.
    pub(super) fn threshold(&mut self, expr: &mut Expr, step: Option<Decimal>) {
        if self.done.is_some() {
            return;
        }
        if let Some(number) = number_of(expr) {
            let step = step.or_else(|| step_of(number));
            let others = [
                step.and_then(|step| add(number, step)),
                step.and_then(|step| subtract(number, step)),
                multiply(number, Decimal::TEN),
                divide(number, Decimal::TEN),
            ];
            for other in others.into_iter().flatten().filter(|other| *other != number) {
                if self.done.is_none() && self.hit() {
                    let node = with_number(expr, other);
                    self.put(MutantKind::Threshold, expr, node);
                }
            }
            return;
        }
        let ExprKind::Literal(literal) = &mut expr.node else { return self.results(expr) };
        let one = Days::new(1);
        match &mut **literal {
            Literal::Date(text) => {
                let day = parse_date(text);
                let others =
                    [day.and_then(|day| day.checked_add_days(one)), day.and_then(|day| day.checked_sub_days(one))];
                for other in others.into_iter().flatten() {
                    if self.done.is_none() && self.hit() {
                        let node = ExprKind::Literal(Box::new(Literal::Date(other.to_string().into())));
                        return self.put(MutantKind::Threshold, expr, node);
                    }
                }
            }
            Literal::Duration(length, unit) => {
                let (length, unit) = (*length, *unit);
                for other in [length.checked_add(1), length.checked_sub(1)].into_iter().flatten() {
                    if self.done.is_none() && self.hit() {
                        let node = ExprKind::Literal(Box::new(Literal::Duration(other, unit)));
                        return self.put(MutantKind::Window, expr, node);
                    }
                }
            }
            _ => {}
        }
    }

    /// The numbers that a value can be: those between which `if` and `??` choose.
    pub(super) fn results(&mut self, expr: &mut Expr) {
        if matches!(expr.node, ExprKind::Literal(_)) || number_of(expr).is_some() {
            return self.threshold(expr, None);
        }
        match &mut expr.node {
            ExprKind::Coalesce(parts) => parts.iter_mut().for_each(|part| self.threshold(part, None)),
            ExprKind::If(arms, otherwise) => {
                arms.iter_mut().for_each(|(_, then)| self.threshold(then, None));
                self.threshold(otherwise, None);
            }
            ExprKind::Group(members) if members.len() == 1 => {
                members.iter_mut().for_each(|member| self.results(member));
            }
            _ => {}
        }
    }

    /// What stands inside of a value: windows, conditions, and what is taken where something is missing.
    pub(super) fn value(&mut self, expr: &mut Expr) {
        if self.done.is_some() {
            return;
        }
        match &mut expr.node {
            ExprKind::Coalesce(parts) => {
                parts.iter_mut().for_each(|part| self.value(part));
                if self.done.is_none() && self.hit() {
                    parts.pop();
                    let rest = match &mut **parts {
                        [_] => parts.pop().map(|only| only.node),
                        _ => None,
                    };
                    let node = rest.unwrap_or_else(|| expr.node.clone());
                    self.put(MutantKind::Missing, expr, node);
                }
            }
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::If(arms, otherwise) => {
                for (when, then) in arms {
                    self.condition(when);
                    self.value(then);
                }
                self.value(otherwise);
            }
            ExprKind::Group(members) | ExprKind::Call(_, members) => {
                members.iter_mut().for_each(|member| self.value(member));
            }
            ExprKind::Negate(_, inner) => self.value(inner),
            ExprKind::Chain(first, rest) => {
                self.value(first);
                rest.iter_mut().for_each(|(_, part)| self.value(part));
            }
            _ => {}
        }
    }

    fn aggregate(&mut self, aggregate: &mut Aggregate) {
        self.value(&mut aggregate.argument);
        if let Some(window) = &mut aggregate.window {
            self.window(window);
        }
        let Some(condition) = &mut aggregate.condition else { return };
        self.condition(condition);
        let span = condition.span;
        if self.done.is_none() && self.hit() {
            aggregate.condition = None;
            self.record(MutantKind::ConditionDropped, span, None);
        }
    }

    /// A unit longer and shorter, a day off at a date.
    fn window(&mut self, window: &mut At<Window>) {
        let one = Days::new(1);
        let off = |day: &Name| -> Vec<Name> {
            let known: Option<NaiveDate> = parse_date(&day.node);
            let both =
                [known.and_then(|day| day.checked_add_days(one)), known.and_then(|day| day.checked_sub_days(one))];
            both.into_iter().flatten().map(|other| At { span: day.span, node: other.to_string().into() }).collect()
        };
        let lengths = |length: u32| [length.checked_add(1), length.checked_sub(1)].into_iter().flatten();
        let others: Vec<Window> = match &window.node {
            Window::Last(length, unit) => lengths(*length).map(|length| Window::Last(length, *unit)).collect(),
            Window::Previous(length, unit, from) => {
                lengths(length.unwrap_or(1)).map(|length| Window::Previous(Some(length), *unit, from.clone())).collect()
            }
            Window::Since(day) => off(day).into_iter().map(Window::Since).collect(),
            Window::Between(from, to) => {
                let first = off(from).into_iter().map(|from| Window::Between(from, to.clone()));
                first.chain(off(to).into_iter().map(|to| Window::Between(from.clone(), to))).collect()
            }
            Window::This(..) => Vec::new(),
        };
        for other in others {
            if self.done.is_none() && self.hit() {
                let expr = At { span: window.span, node: ExprKind::Window(Box::new(other.clone())) };
                window.node = other;
                return self.record(MutantKind::Window, expr.span, Some(printed(&expr)));
            }
        }
    }
}

/// One in the last place of a number.
pub(super) fn step_of(number: Decimal) -> Option<Decimal> {
    Decimal::try_new(1, number.normalize().scale()).ok()
}

pub(super) fn printed(expr: &Expr) -> String {
    let mut text = String::new();
    print_expr(&mut text, expr);
    text
}
