//! Operands: literals, names, calls, groups.

use super::ast::{At, Expr, ExprKind, Literal};
use super::expression::{Built, Place};
use super::literal;
use super::parser::{Kind, Node};
use super::text::unescape;
use crate::diagnostics::{Code, Diagnostic};
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
    let name = callee.text().trim_end_matches('(');
    Ok(ExprKind::Call(At { span, node: name.into() }, reader.list()?))
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
