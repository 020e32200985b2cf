//! Operands: literals, names, calls, groups.

use super::ast::{Aggregate, At, Expr, ExprKind, Literal, Name, Test, TestKind, Unit, Window};
use super::expression::{Built, Place};
use super::literal;
use super::parser::{Kind, Node};
use super::text::unescape;
use crate::builtins::Fold;
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};
use crate::source::Span;

pub(super) fn primary<'a>(place: Place<'a>, node: &Node<'a>) -> Built<Expr> {
    let span = place.span(node);
    let literal = |literal| ExprKind::Literal(Box::new(literal));
    let kind = match node.kind() {
        Kind::group => ExprKind::Group(place.inside(node, &mut node.children(), 1).list()?),
        Kind::quantity | Kind::tight => literal(quantity(node.text(), span)?),
        Kind::date => literal(Literal::Date(node.text().into())),
        Kind::text => literal(Literal::Text(text(node).into())),
        Kind::truth => literal(Literal::Boolean(node.text() == "true")),
        Kind::today => ExprKind::Today,
        Kind::call => call(place, node)?,
        Kind::window => ExprKind::Window(Box::new(window(place, node)?)),
        Kind::at_least => at_least(place, node)?,
        _ => ExprKind::Name(name(node.text()).into()),
    };
    Ok(At { span, node: kind })
}

fn call<'a>(place: Place<'a>, node: &Node<'a>) -> Built<ExprKind> {
    let mut operands = node.children();
    let mut reader = place.inside(node, &mut operands, 0);
    let callee = reader.operand()?;
    let (start, end) = callee.range();
    let span = place.twin.span(place.base + start, place.base + end - 1);
    let function: Name = At { span, node: callee.text().trim_end_matches('(').into() };
    let mut arguments = reader.list()?;
    let condition = if reader.accept(&["where"]) { Some(reader.expr()?) } else { None };
    let fold = Fold::of_name(&function.node);
    let one = arguments.len() == 1;
    let windowed = arguments.first().is_some_and(|argument| window_of(argument).is_some());
    if !(condition.is_some() || windowed || fold.is_some_and(|fold| one || !fold.takes_many())) {
        return Ok(ExprKind::Call(function, arguments));
    }
    if !one {
        let form = fold.unwrap_or(Fold::Sum).form();
        let error = Diagnostic::new(Code::ArgumentCount, place.span(node)).with("count", arguments.len());
        let error = error.with("function", &*function.node);
        return Err(error.hint(Note::new(Hint::WriteAs).with("text", form)));
    }
    let (argument, window) = match arguments.pop().map(split_window) {
        Some(parts) => parts,
        None => return Ok(ExprKind::Call(function, arguments)),
    };
    Ok(ExprKind::Aggregate(Box::new(Aggregate { function, argument, window, condition })))
}

/// A duration; `within last 90 days` is a mix of two forms.
pub(super) fn length(place: Place<'_>, length: Expr) -> Built<Expr> {
    let ExprKind::Window(window) = &length.node else { return Ok(length) };
    let error = Diagnostic::new(Code::Expected, length.span).with("expected", Term::Duration);
    let error = error.with("found", format!("`{}`", place.twin.source_text(length.span)));
    Err(match **window {
        Window::Last(count, unit) => {
            let text = format!("within {count} {}", unit.word());
            error.hint(Note::new(Hint::WriteAs).with("text", text))
        }
        _ => error.hint(Hint::WithinForm),
    })
}

fn window_of(argument: &Expr) -> Option<&Window> {
    match &argument.node {
        ExprKind::Test(test) if !test.negated => match &test.kind {
            TestKind::In(Expr { node: ExprKind::Window(window), .. }) => Some(window),
            _ => None,
        },
        _ => None,
    }
}

/// What is aggregated, and the window behind its `in`.
fn split_window(argument: Expr) -> (Expr, Option<At<Window>>) {
    if window_of(&argument).is_none() {
        return (argument, None);
    }
    let ExprKind::Test(test) = argument.node else { return (argument, None) };
    let Test { subject, kind, .. } = *test;
    match kind {
        TestKind::In(At { span, node: ExprKind::Window(window) }) => (subject, Some(At { span, node: *window })),
        _ => (subject, None),
    }
}

fn window<'a>(place: Place<'a>, node: &Node<'a>) -> Built<Window> {
    let word = node.text().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let mut parts = node.children();
    let first = parts.next().ok_or_else(|| no_unit(place, node, word))?;
    let second = parts.next();
    let named = |node: &Node<'a>| At { span: place.span(node), node: node.text().into() };
    let start = second.as_ref().map(named);
    let counted = match first.kind() {
        Kind::quantity => match quantity(first.text(), place.span(&first))? {
            Literal::Duration(count, unit) if !matches!(unit, Unit::Hours | Unit::Minutes) => Some((count, unit)),
            _ => return Err(no_unit(place, node, word)),
        },
        _ => None,
    };
    let unit = super::literal::unit(first.text());
    match (word, counted, unit) {
        ("last", Some((count, unit)), _) => Ok(Window::Last(count, unit)),
        ("previous", Some((count, unit)), _) => Ok(Window::Previous(Some(count), unit, start)),
        ("this", _, Some(unit)) => Ok(Window::This(unit, start)),
        ("previous", _, Some(unit)) => Ok(Window::Previous(None, unit, start)),
        ("since", ..) => Ok(Window::Since(named(&first))),
        ("", ..) => Ok(Window::Between(named(&first), start.ok_or_else(|| no_unit(place, node, word))?)),
        _ => Err(no_unit(place, node, word)),
    }
}

/// A window without a number or without a unit.
fn no_unit(place: Place<'_>, node: &Node<'_>, word: &str) -> Diagnostic {
    let text = place.twin.source_text(place.span(node));
    let digits = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let written = match node.children().next().map(|first| first.text().trim_end_matches('s').to_owned()) {
        Some(unit) if digits.is_empty() => format!("{word} 1 {unit}"),
        _ => format!("{word} {digits} {}", if word == "last" { "days" } else { "months" }),
    };
    let error = Diagnostic::new(Code::WindowUnit, place.span(node)).with("text", text);
    error.hint(Note::new(Hint::WriteAs).with("text", written))
}

fn at_least<'a>(place: Place<'a>, node: &Node<'a>) -> Built<ExprKind> {
    let mut parts = node.children();
    let (Some(count), Some(group)) = (parts.next(), parts.next()) else {
        return Err(Diagnostic::new(Code::AtLeastCount, place.span(node)));
    };
    let span = place.span(&count);
    let literal = quantity(count.text(), span)?;
    let count = At { span, node: ExprKind::Literal(Box::new(literal)) };
    Ok(ExprKind::AtLeast(Box::new(count), place.inside(&group, &mut group.children(), 1).list()?))
}

/// A literal that begins with a digit; the scanner has read it before.
pub(super) fn quantity(text: &str, span: Span) -> Built<Literal> {
    literal::read(text).map_err(|_| Diagnostic::new(Code::BadNumber, span).with("text", text))
}

/// The text of a `text` node, quotes and escapes taken off.
pub(super) fn text(node: &Node<'_>) -> String {
    let quoted = node.text();
    let first = quoted.chars().next().map_or(0, char::len_utf8);
    let last = quoted.chars().next_back().map_or(0, char::len_utf8);
    let inner = quoted.get(first..quoted.len().saturating_sub(last)).unwrap_or_default();
    unescape(inner).unwrap_or_default()
}

/// A name as the host knows it, backticks taken off.
pub(super) fn name(text: &str) -> String {
    text.replace('`', "")
}
