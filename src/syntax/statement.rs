//! From the parts of a parsed statement to its node in the tree.

use super::ast::{
    Adjust, At, Condition, Expr, ExprKind, Field, FieldOption, FieldOptionKind, FieldType, FieldTypeKind, Literal,
    Name, Statement, StatementKind, Tier,
};
use super::case::{case, use_file};
use super::expression::{Built, Place, Reader};
use super::operand::{name, primary, quantity, text};
use super::parser::{Kind, Node, Nodes};
use super::scan::Kind as TokenKind;
use crate::diagnostics::{Code, Diagnostic, Hint, Term};
use crate::source::Span;

/// Builds the statement of a parsed node.
pub(super) fn statement<'a>(place: Place<'a>, node: &Node<'a>) -> Built<Statement> {
    let span = statement_span(place);
    let mut parts = Parts::of(place, node);
    let kind = match node.kind() {
        Kind::version => StatementKind::Version(parts.any()?),
        Kind::policy => policy(&mut parts)?,
        Kind::currency => StatementKind::Currency(parts.name()?),
        Kind::tiers => StatementKind::Tiers(tiers(&mut parts)?),
        Kind::field => StatementKind::Field(Box::new(field(&mut parts)?)),
        Kind::binding => StatementKind::Let { name: parts.name()?, value: parts.expr(1)? },
        Kind::best => StatementKind::MatchBest,
        Kind::adjust => adjust(&mut parts)?,
        Kind::assume => StatementKind::Assume(parts.expr(1)?),
        Kind::case => case(&mut parts)?,
        Kind::use_file => use_file(&mut parts)?,
        _ => rule(&mut parts)?,
    };
    Ok(At { span, node: kind })
}

pub(super) fn statement_span(place: Place<'_>) -> Span {
    match place.tokens {
        [first, .., last] => place.twin.span(first.start(), last.end()),
        [only] => place.twin.span(only.start(), only.end()),
        [] => Span::default(),
    }
}

pub(super) struct Parts<'a> {
    pub(super) place: Place<'a>,
    pub(super) nodes: Nodes<'a>,
    /// Where the last part that was taken ends.
    behind: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn of(place: Place<'a>, node: &Node<'a>) -> Self {
        Self { place, nodes: node.children(), behind: 0 }
    }

    pub(super) fn next_if(&mut self, kind: Kind) -> Option<Node<'a>> {
        let fits = self.nodes.peek().is_some_and(|node| node.kind() == kind);
        if fits { self.next() } else { None }
    }

    pub(super) fn next(&mut self) -> Option<Node<'a>> {
        let node = self.nodes.next()?;
        self.behind = node.range().1;
        Some(node)
    }

    /// The next part as it was written.
    fn any(&mut self) -> Built<Name> {
        let node = self.next().ok_or_else(|| self.broken())?;
        Ok(At { span: self.place.span(&node), node: node.text().into() })
    }

    pub(super) fn name(&mut self) -> Built<Name> {
        let At { span, node } = self.any()?;
        Ok(At { span, node: name(&node).into() })
    }

    pub(super) fn text(&mut self) -> Option<Name> {
        let node = self.next_if(Kind::text)?;
        Some(At { span: self.place.span(&node), node: text(&node).into() })
    }

    /// The next expression, which begins `signs` tokens behind the part before it.
    pub(super) fn expr(&mut self, signs: usize) -> Built<Expr> {
        let tokens = self.place.tokens;
        let at = tokens.partition_point(|token| token.start() < self.place.base + self.behind);
        let behind = tokens.get(at..).unwrap_or_default();
        let first = behind.iter().filter(|token| token.kind != TokenKind::Newline).nth(signs);
        let from = first.map_or(self.behind, |token| token.start() - self.place.base);
        let end = tokens.last().map_or(from, |token| token.end() - self.place.base);
        Reader::new(self.place, &mut self.nodes, from, end).expr()
    }

    pub(super) fn broken(&self) -> Diagnostic {
        Diagnostic::new(Code::Expected, statement_span(self.place))
            .with("expected", Term::RuleForm)
            .with("found", Term::SomethingElse)
            .hint(Hint::WriteRule)
    }
}

fn policy(parts: &mut Parts<'_>) -> Built<StatementKind> {
    let name = parts.text().ok_or_else(|| parts.broken())?;
    let version = parts.text();
    let effective = parts.next_if(Kind::date);
    let effective = effective.map(|node| At { span: parts.place.span(&node), node: node.text().into() });
    Ok(StatementKind::Policy { name, version, effective })
}

fn tiers(parts: &mut Parts<'_>) -> Built<Vec<Tier>> {
    let mut tiers = Vec::new();
    while let Some(node) = parts.next_if(Kind::tier) {
        let mut inner = Parts::of(parts.place, &node);
        tiers.push(Tier { name: inner.name()?, label: inner.text() });
    }
    Ok(tiers)
}

fn adjust(parts: &mut Parts<'_>) -> Built<StatementKind> {
    let name = parts.text();
    // The first word is `cap` or `floor`, behind `"name":` or at the beginning.
    let word = parts.place.tokens.iter().find(|token| token.kind == TokenKind::Word);
    let text = parts.place.twin.text();
    let cap = word.and_then(|token| text.get(token.start()..token.end())) == Some("cap");
    let tier = parts.name()?;
    let when = parts.expr(1)?;
    Ok(StatementKind::Adjust { kind: if cap { Adjust::Cap } else { Adjust::Floor }, name, tier, when })
}

fn rule(parts: &mut Parts<'_>) -> Built<StatementKind> {
    let colon = parts.place.tokens.get(1).is_some_and(|token| token.kind == TokenKind::Colon);
    let name = if colon { parts.text() } else { None };
    let condition = match parts.next_if(Kind::otherwise) {
        Some(_) => Condition::Otherwise,
        None => Condition::When(parts.expr(usize::from(colon))?),
    };
    Ok(StatementKind::Rule { name, condition, tier: parts.name()? })
}

pub(super) fn field(parts: &mut Parts<'_>) -> Built<Field> {
    let name = parts.name()?;
    let label = parts.text();
    let node = parts.next().ok_or_else(|| parts.broken())?;
    let ty = field_type(parts.place, &node)?;
    let mut options = Vec::new();
    if let Some(node) = parts.next_if(Kind::range) {
        options.push(range(parts.place, &node)?);
    }
    while let Some(node) = parts.next_if(Kind::option) {
        options.push(option(parts.place, &node)?);
    }
    Ok(Field { name, label, ty, options })
}

fn field_type<'a>(place: Place<'a>, node: &Node<'a>) -> Built<FieldType> {
    let span = place.span(node);
    let broken = || Parts::of(place, node).broken();
    // A `type_of` holds one of the forms; behind `set of` the form itself stands.
    let inner = match node.kind() {
        Kind::type_of => node.children().next().ok_or_else(broken)?,
        _ => node.clone(),
    };
    let kind = match inner.kind() {
        Kind::one_of => {
            let mut members = Parts::of(place, &inner);
            let mut names = Vec::new();
            while members.nodes.peek().is_some() {
                names.push(quoted_or_bare(&mut members)?);
            }
            FieldTypeKind::OneOf(names)
        }
        Kind::set_of => {
            let element = inner.children().next().ok_or_else(broken)?;
            FieldTypeKind::SetOf(Box::new(field_type(place, &element)?))
        }
        _ => FieldTypeKind::Plain(inner.text().into()),
    };
    Ok(At { span, node: kind })
}

/// A member of a closed set: quoted, or a bare name.
pub(super) fn quoted_or_bare(parts: &mut Parts<'_>) -> Built<Name> {
    match parts.text() {
        Some(quoted) => Ok(quoted),
        None => parts.name(),
    }
}

fn range(place: Place<'_>, node: &Node<'_>) -> Built<FieldOption> {
    let span = place.span(node);
    let (mut low, mut high) = (None, None);
    for bound in node.children() {
        let end = if node.text().starts_with("..") || low.is_some() { &mut high } else { &mut low };
        *end = Some(signed_text(bound.text(), place.span(&bound))?);
    }
    Ok(At { span, node: FieldOptionKind::Range { low, high } })
}

fn signed_text(text: &str, span: Span) -> Built<Expr> {
    let digits = text.trim_start_matches('-');
    let literal = match super::text::date_attempt(digits) {
        Some(_) => Literal::Date(digits.into()),
        None => quantity(digits, span)?,
    };
    let expr = At { span, node: ExprKind::Literal(Box::new(literal)) };
    Ok(if digits.len() < text.len() { negated(span, expr) } else { expr })
}

fn negated(span: Span, expr: Expr) -> Expr {
    At { span, node: ExprKind::Negate(1, Box::new(expr)) }
}

fn option<'a>(place: Place<'a>, node: &Node<'a>) -> Built<FieldOption> {
    let span = place.span(node);
    let inner = node.children().next();
    let kind = match inner.as_ref().map(|inner| (inner.kind(), inner.text())) {
        Some((Kind::scale, _)) => FieldOptionKind::Scale(signed(place, inner)?),
        Some((Kind::default, _)) => FieldOptionKind::Default(signed(place, inner)?),
        Some((Kind::cost, _)) => FieldOptionKind::Cost(signed(place, inner)?),
        Some((_, "required")) => FieldOptionKind::Required,
        Some((_, "sensitive")) => FieldOptionKind::Sensitive,
        Some((_, "protected")) => FieldOptionKind::Protected,
        Some((_, "fixed")) => FieldOptionKind::Fixed,
        Some((_, "rising")) => FieldOptionKind::Rising,
        Some((_, "falling")) => FieldOptionKind::Falling,
        _ => {
            return Err(Diagnostic::new(Code::BadFieldOption, span)
                .with("text", node.text())
                .hint(super::diagnose::option_hint(node.text())));
        }
    };
    Ok(At { span, node: kind })
}

/// The value of an option: a literal, perhaps with `-`, or a bare member.
pub(super) fn signed<'a>(place: Place<'a>, node: Option<Node<'a>>) -> Built<Expr> {
    let broken =
        || Diagnostic::new(Code::BadFieldOption, statement_span(place)).with("text", "…").hint(Hint::FieldOptions);
    signed_value(place, &node.and_then(|node| node.children().next()).ok_or_else(broken)?)
}

/// A literal, perhaps with `-`, or a bare member.
pub(super) fn signed_value<'a>(place: Place<'a>, signed: &Node<'a>) -> Built<Expr> {
    let span = place.span(signed);
    let mut inner = signed.children();
    let minus = inner.peek().is_some_and(|node| node.kind() == Kind::minus);
    if minus {
        inner.next();
    }
    let value = inner.next().ok_or_else(|| Parts::of(place, signed).broken())?;
    let expr = primary(place, &value)?;
    Ok(if minus { negated(span, expr) } else { expr })
}
