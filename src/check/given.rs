//! The facts of a test, each of the type of its field.

use std::collections::HashMap;
use std::sync::Arc;

use super::cases::{Facts, Given};
use super::expression::unknown_member;
use super::{Checker, CollectionIndex, Symbol};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::{Field, Type};
use crate::source::Span;
use crate::syntax::ast::{self, Datum, DatumKind, Expr, ExprKind, Literal, Name};
use crate::value::{Constant, parse_date};

impl Checker<'_> {
    /// The facts of a test; one of which it is expected that the customer is refused for it may be of another type.
    pub(super) fn givens(&mut self, given: &[ast::Given], refused: Option<&Name>) -> Option<Facts> {
        let mut seen: HashMap<Arc<str>, Span> = HashMap::new();
        let found: Vec<_> = given.iter().map(|given| self.given(given, refused, &mut seen)).collect();
        found.into_iter().collect()
    }

    fn given(
        &mut self,
        given: &ast::Given,
        refused: Option<&Name>,
        seen: &mut HashMap<Arc<str>, Span>,
    ) -> Option<(Arc<str>, Given)> {
        let symbol = self.fact_of_test(&given.name)?;
        self.once(&given.name, &self.known_name(symbol)?, seen)?;
        self.fact_given(symbol, &given.value, refused)
    }

    /// A fact under the name under which a host supplies it.
    pub(super) fn fact_given(
        &mut self,
        symbol: Symbol,
        value: &Datum,
        refused: Option<&Name>,
    ) -> Option<(Arc<str>, Given)> {
        let name = self.known_name(symbol)?;
        if refused.is_some_and(|field| *field.node == *name) {
            return Some((name, raw(value)));
        }
        let value = match symbol {
            Symbol::Collection(index) => self.given_records(index, &name, value)?,
            Symbol::Field(index) => {
                let field = self.field(index)?.clone();
                self.given_value(&field, value)?
            }
            _ => return None,
        };
        Some((name, value))
    }

    /// Reports a name that stands there a second time.
    pub(super) fn once(&mut self, written: &Name, name: &Arc<str>, seen: &mut HashMap<Arc<str>, Span>) -> Option<()> {
        let first = *seen.entry(Arc::clone(name)).or_insert(written.span);
        if first == written.span {
            return Some(());
        }
        let error = Diagnostic::new(Code::DuplicateStatement, written.span).with("text", &*written.node);
        let once = Note::new(Hint::StateOnce).with("text", &*written.node);
        self.fail(error.label(first, Hint::FirstHere).hint(once))
    }

    /// The field or collection of a name in a test.
    pub(super) fn fact_of_test(&mut self, name: &Name) -> Option<Symbol> {
        let collection = match &*name.node {
            "订单" => "orders",
            "退款" => "refunds",
            "集团" => "group",
            other => other,
        };
        match self.names.get(&*name.node).copied() {
            Some(symbol @ Symbol::Field(_)) => Some(symbol),
            Some(Symbol::Broken) => None,
            None if self.benefit_named(&name.node).is_none() => match self.collection_named(collection) {
                Some(index) => Some(Symbol::Collection(index)),
                None => self.unknown_fact(&name.node, name.span, None),
            },
            // Something else that the policy works out, or a benefit.
            _ => {
                let error = Diagnostic::new(Code::NotAFact, name.span).with("text", &*name.node);
                self.fail(error.hint(Hint::TestFacts))
            }
        }
    }

    /// The name under which a host supplies a fact.
    pub(super) fn known_name(&self, symbol: Symbol) -> Option<Arc<str>> {
        match symbol {
            Symbol::Field(index) => self.field(index).map(|field| Arc::clone(&field.name)),
            Symbol::Collection(index) => self.records(index).map(|records| Arc::clone(&records.collection.name)),
            _ => None,
        }
    }

    fn given_records(&mut self, index: CollectionIndex, name: &str, value: &Datum) -> Option<Given> {
        let records = match &value.node {
            DatumKind::Missing => return Some(Given::Missing),
            DatumKind::Records(records) => records,
            DatumKind::Value(_) | DatumKind::Members(_) => {
                let form = Note::new(Hint::WriteAs).with("text", "[{placed_on: 2026-05-01, amount: 300}]");
                return self.fail(Diagnostic::new(Code::NotRecords, value.span).with("text", name).hint(form));
            }
        };
        let mut found = Vec::with_capacity(records.len());
        for record in records {
            let mut seen = HashMap::new();
            let entries = record.node.iter().map(|entry| self.entry(index, entry, &mut seen));
            found.push(entries.collect::<Vec<_>>().into_iter().collect::<Option<Vec<_>>>());
        }
        found.into_iter().collect::<Option<Vec<_>>>().map(Given::Records)
    }

    fn entry(
        &mut self,
        index: CollectionIndex,
        entry: &ast::Given,
        seen: &mut HashMap<Arc<str>, Span>,
    ) -> Option<(Arc<str>, Given)> {
        let at = self.element_field(index, &entry.name.node);
        let Some(field) = at.and_then(|at| self.records(index)?.collection.fields.get(at)).cloned() else {
            return self.unknown_element(index, &entry.name.node, entry.name.span);
        };
        self.once(&entry.name, &field.name, seen)?;
        let value = self.given_value(&field, &entry.value)?;
        Some((Arc::clone(&field.name), value))
    }

    fn given_value(&mut self, field: &Field, value: &Datum) -> Option<Given> {
        let ty = field.ty();
        match (&value.node, ty) {
            (DatumKind::Missing, _) => Some(Given::Missing),
            (DatumKind::Members(members), Type::SetOf(element)) => {
                let members = members.iter().map(|member| self.literal_of(member, element));
                let members: Vec<_> = members.collect();
                let members = members.into_iter().collect::<Option<Vec<_>>>()?;
                Some(Given::Set(members.into_iter().map(|member| taken(member, element)).collect()))
            }
            (DatumKind::Value(value), _) if !matches!(ty, Type::SetOf(_)) => {
                self.literal_of(value, ty).map(|value| taken(value, ty))
            }
            _ => self.misfit(value.span, ty),
        }
    }

    /// A value of a type: a literal, or a bare member.
    pub(super) fn literal_of(&mut self, value: &Expr, ty: &Type) -> Option<Constant> {
        let ExprKind::Name(member) = &value.node else {
            return self.constant_of(value, ty, Code::WrongTestValue);
        };
        let Type::OneOf(members) = ty else { return self.misfit(value.span, ty) };
        if let Some(member) = ty.member(member) {
            return Some(Constant::Member(member));
        }
        let near = self.did_you_mean(member, members.names());
        let error = Diagnostic::new(Code::UnknownMember, value.span).with("text", &**member);
        self.fail(unknown_member(error, ty, near))
    }

    pub(super) fn misfit<T>(&mut self, span: Span, ty: &Type) -> Option<T> {
        let found = format!("`{}`", self.text_at(span));
        let error = Diagnostic::new(Code::WrongTestValue, span).with("type", ty.clone()).with("found", found);
        let form = match ty {
            Type::SetOf(_) => Note::new(Hint::SuchAs).with("text", "(\"a\", \"b\")"),
            _ => super::fields::example(ty),
        };
        self.fail(error.hint(form))
    }
}

/// A constant of a type as a fact.
fn taken(constant: Constant, ty: &Type) -> Given {
    match (constant, ty) {
        (Constant::Number(number), _) => Given::Number(number),
        (Constant::Boolean(value), _) => Given::Boolean(value),
        (Constant::Date(day), _) => Given::Date(day),
        (Constant::Text(text), _) => Given::Text(text),
        (Constant::Member(member), Type::OneOf(members)) => {
            Given::Text(members.name(member).map_or_else(|| Arc::from(""), Arc::clone))
        }
        // No fact is a duration.
        (Constant::Member(_) | Constant::Duration(_), _) => Given::Missing,
    }
}

/// A value as it is written, of whatever type.
fn raw(value: &Datum) -> Given {
    let literal = |value: &Expr| {
        let (negative, value) = match &value.node {
            ExprKind::Negate(_, inner) => (true, &**inner),
            _ => (false, value),
        };
        match &value.node {
            ExprKind::Name(name) => Given::Text(Arc::from(&**name)),
            ExprKind::Literal(literal) => match &**literal {
                Literal::Number(number) | Literal::Money(number, _) => {
                    let number = super::literal::exact(number);
                    number.map_or(Given::Missing, |number| Given::Number(if negative { -number } else { number }))
                }
                Literal::Date(text) => parse_date(text).map_or_else(|| Given::Text(Arc::from(&**text)), Given::Date),
                Literal::Text(text) => Given::Text(Arc::from(&**text)),
                Literal::Boolean(value) => Given::Boolean(*value),
                Literal::Duration(count, unit) => Given::Text(Arc::from(format!("{count} {}", unit.word()))),
            },
            _ => Given::Missing,
        }
    };
    let entry = |entry: &ast::Given| (Arc::from(&*entry.name.node), raw(&entry.value));
    match &value.node {
        DatumKind::Missing => Given::Missing,
        DatumKind::Value(value) => literal(value),
        DatumKind::Members(members) => Given::Set(members.iter().map(literal).collect()),
        DatumKind::Records(records) => {
            Given::Records(records.iter().map(|record| record.node.iter().map(entry).collect()).collect())
        }
    }
}
