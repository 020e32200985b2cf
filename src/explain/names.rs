//! What things are called: by the names of the policy in the tree, and as a person would say in the text.

use super::actual::{Actual, Amounts};
use super::condition::Question;
use crate::builtins::Op;
use crate::diagnostics::{Lang, Phrase, field_label, function_label, phrase};
use crate::plan::{ElementField, Expr, ExprId, Node, Plan};
use crate::schema::Field;
use crate::value::{Duration, canonical};

/// Which names are wanted.
#[derive(Clone, Copy)]
pub(super) enum Naming {
    /// As the policy writes them.
    Policy,
    /// As a reader says them.
    Reader(Lang),
}

/// A field as a reader calls it: by its label, or by its name without underscores.
pub(super) fn label(field: &Field, lang: Lang) -> String {
    match (&field.label, field_label(field.name(), lang)) {
        (Some(label), _) => label.to_string(),
        (None, Some(label)) => label.to_owned(),
        (None, None) => spoken(field.name()),
    }
}

/// What can be missing, by its number, as a reader calls it: a fact, a collection, a value of its records.
pub(crate) fn fact_label(plan: &Plan, at: u32, lang: Lang) -> String {
    match plan.slots().get(at as usize) {
        Some(slot) => label(&slot.field, lang),
        None => match plan.missing_element(at) {
            Some(element) => element_label(element, lang),
            None => {
                let name = plan.missing_name(at);
                field_label(name, lang).map_or_else(|| spoken(name), str::to_owned)
            }
        },
    }
}

/// A field of records as a reader calls it.
fn element_label(element: &ElementField, lang: Lang) -> String {
    let name = element.field.name();
    match (&element.field.label, field_label(name, lang)) {
        (Some(label), _) => label.to_string(),
        (None, Some(label)) => label.to_owned(),
        (None, None) if element.slot.is_some() => {
            let field = field_label(&element.name, lang).map_or_else(|| spoken(&element.name), str::to_owned);
            phrase(Phrase::OfMember, &[("field", field)], lang)
        }
        (None, None) => spoken(name),
    }
}

/// A name without its underscores and dots.
pub(super) fn spoken(name: &str) -> String {
    name.replace(['_', '.'], " ")
}

/// The value that a question is about, as its author has it.
pub(super) fn subject(plan: &Plan, question: &Question, naming: Naming) -> String {
    match plan.expr(question.subject) {
        Expr::Chain(first, rest) if question.turned => {
            let second = rest.first().map(|(_, part)| expression(plan, *part, naming)).unwrap_or_default();
            format!("{second} - {}", expression(plan, *first, naming))
        }
        _ => expression(plan, question.subject, naming),
    }
}

/// An expression as text.
pub(super) fn expression(plan: &Plan, id: ExprId, naming: Naming) -> String {
    let inner = |id: &ExprId| {
        let text = expression(plan, *id, naming);
        let chained = matches!(plan.expr(*id), Expr::Chain(_, rest) if rest.iter().all(|(op, _)| is_sign(*op)));
        if chained || matches!(plan.expr(*id), Expr::Coalesce(_)) { format!("({text})") } else { text }
    };
    match plan.expr(id) {
        Expr::Constant(constant) => value(plan, &Actual::constant(constant, plan.names().types.get(id.at())), naming),
        Expr::Fact(slot) => match (plan.slots().get(*slot as usize), naming) {
            (Some(slot), Naming::Policy) => slot.field.name().to_owned(),
            (Some(slot), Naming::Reader(lang)) => label(&slot.field, lang),
            (None, _) => String::new(),
        },
        Expr::Let(at) => let_name(plan, *at, naming),
        Expr::Today => match naming {
            Naming::Reader(lang) => phrase(Phrase::Today, &[], lang),
            Naming::Policy => "today".to_owned(),
        },
        Expr::Element(records, field) => match (plan.element(*records, *field), naming) {
            (Some(element), Naming::Policy) => element.field.name().to_owned(),
            (Some(element), Naming::Reader(lang)) => element_label(element, lang),
            (None, _) => String::new(),
        },
        Expr::Aggregate(at) => plan.names().aggregates.get(*at as usize).map(ToString::to_string).unwrap_or_default(),
        Expr::Lookup(column) => column_name(plan, *column, naming),
        Expr::Unary(Op::Negate, part) => format!("-{}", inner(part)),
        Expr::Unary(op, part) => format!("{}({})", function(*op, naming), expression(plan, *part, naming)),
        Expr::Chain(first, rest) => match rest.first() {
            Some((op, _)) if !is_sign(*op) => {
                let parts = std::iter::once(first).chain(rest.iter().map(|(_, part)| part));
                let parts: Vec<String> = parts.map(|part| expression(plan, *part, naming)).collect();
                format!("{}({})", function(*op, naming), parts.join(", "))
            }
            _ => {
                let rest = rest.iter().map(|(op, part)| format!(" {} {}", op.sign(), inner(part)));
                std::iter::once(inner(first)).chain(rest).collect()
            }
        },
        Expr::Coalesce(parts) => parts.iter().map(inner).collect::<Vec<_>>().join(" ?? "),
        Expr::Truth(node) => match (plan.node(*node), naming) {
            (Node::Let(at), _) => let_name(plan, *at, naming),
            (_, Naming::Reader(lang)) => phrase(Phrase::ACondition, &[], lang),
            (_, Naming::Policy) => "(…)".to_owned(),
        },
        Expr::If(..) => match naming {
            Naming::Reader(lang) => phrase(Phrase::AChoice, &[], lang),
            Naming::Policy => "(if …)".to_owned(),
        },
    }
}

/// A column of its table.
fn column_name(plan: &Plan, at: u32, naming: Naming) -> String {
    let Some(column) = plan.column(at) else { return String::new() };
    let Some(table) = plan.names().tables.get(column.table as usize) else { return String::new() };
    let name = table.columns.get(column.place as usize).map_or("", |name| name);
    match naming {
        Naming::Policy => format!("{}.{name}", table.name),
        Naming::Reader(lang) => {
            phrase(Phrase::Column, &[("table", spoken(&table.name)), ("column", spoken(name))], lang)
        }
    }
}

fn let_name(plan: &Plan, at: u32, naming: Naming) -> String {
    let name = plan.names().lets.get(at as usize).and_then(|place| place.name.as_deref()).unwrap_or_default();
    if matches!(naming, Naming::Policy) { name.to_owned() } else { spoken(name) }
}

fn function(op: Op, naming: Naming) -> &'static str {
    let name = op.builtin().name;
    match naming {
        Naming::Reader(lang) => function_label(name, lang).unwrap_or(name),
        Naming::Policy => name,
    }
}

fn is_sign(op: Op) -> bool {
    matches!(op, Op::Add | Op::Subtract | Op::Multiply | Op::Divide)
}

/// A constant inside an expression; it carries no currency there.
pub(super) fn value(plan: &Plan, actual: &Actual, naming: Naming) -> String {
    match (actual, naming) {
        (Actual::Number(number), Naming::Policy) => canonical(*number),
        (Actual::Number(number), Naming::Reader(_)) => Amounts::of(plan).exact(*number, false),
        (Actual::Boolean(true), Naming::Reader(lang)) => phrase(Phrase::True, &[], lang),
        (Actual::Boolean(false), Naming::Reader(lang)) => phrase(Phrase::False, &[], lang),
        (Actual::Boolean(boolean), Naming::Policy) => boolean.to_string(),
        (Actual::Date(date), _) => date.to_string(),
        (Actual::Duration(duration), Naming::Policy) => duration.to_string(),
        (Actual::Duration(duration), Naming::Reader(lang)) => length(*duration, lang),
        (Actual::Text(text), _) => text.clone(),
        _ => String::new(),
    }
}

/// A length of time.
pub(super) fn length(length: Duration, lang: Lang) -> String {
    let (count, one, many) = match length {
        Duration::Days(count) => (count, Phrase::OneDay, Phrase::Days),
        Duration::Months(count) => (count, Phrase::OneMonth, Phrase::Months),
        Duration::Hours(count) => (count, Phrase::OneHour, Phrase::Hours),
        Duration::Minutes(count) => (count, Phrase::OneMinute, Phrase::Minutes),
    };
    if count == 1 { phrase(one, &[], lang) } else { phrase(many, &[("count", count.to_string())], lang) }
}
