//! The tree as text: what is printed parses to an equal tree. Layout and comments are the formatter's.

mod block;
mod case;

use std::fmt::Write as _;

use super::ast::{
    Adjust, Aggregate, Ast, Condition, Expr, ExprKind, Field, FieldOptionKind, FieldTypeKind, Literal, Name, Number,
    Statement, StatementKind, Test, TestKind, Tier, Unit, Window,
};
use super::chinese;
use super::cut::is_reserved;
use super::literal::group;
use super::parser::{is_name_continue, is_name_start};
use super::text::quote;
use crate::builtins::Contains;
pub(super) use block::{Block, block};

/// Prints every statement on a line of its own.
pub(crate) fn print(ast: &Ast) -> String {
    let mut text = String::new();
    for statement in &ast.statements {
        print_statement(&mut text, statement);
        text.push('\n');
    }
    text
}

// Writing to a `String` cannot fail, so its results are dropped.
macro_rules! put {
    ($text:expr, $($arg:tt)*) => { let _ = write!($text, $($arg)*); };
}

/// Prints a statement on one line.
pub(super) fn print_statement(text: &mut String, statement: &Statement) {
    match &statement.node {
        StatementKind::Version(version) => {
            put!(text, "tierwise {}", version.node);
        }
        StatementKind::Policy { name, version, effective } => {
            print_policy(text, name, version.as_ref(), effective.as_ref())
        }
        StatementKind::Currency(code) => {
            put!(text, "currency {}", code.node);
        }
        StatementKind::Tiers(tiers) => print_tiers(text, tiers),
        StatementKind::Field(field) => {
            text.push_str("field ");
            print_field(text, field);
        }
        StatementKind::Let { name: bound, value } => {
            put!(text, "let {} = ", name(&bound.node));
            expr(text, value);
        }
        StatementKind::MatchBest => text.push_str("match best"),
        StatementKind::Adjust { kind, name: label, tier, when } => {
            if let Some(label) = label {
                put!(text, "{}: ", quote(&label.node));
            }
            put!(text, "{} {} when ", if *kind == Adjust::Cap { "cap" } else { "floor" }, name(&tier.node));
            expr(text, when);
        }
        StatementKind::Assume(condition) => {
            text.push_str("assume ");
            expr(text, condition);
        }
        StatementKind::Rule { name: label, condition, tier } => {
            if let Some(label) = label {
                put!(text, "{}: ", quote(&label.node));
            }
            match condition {
                Condition::When(condition) => expr(text, condition),
                Condition::Otherwise => text.push_str("otherwise"),
            }
            put!(text, " => {}", name(&tier.node));
        }
        StatementKind::Case(case) => case::print(text, case),
        StatementKind::Use(file) => {
            put!(text, "use {}", quote(&file.node));
        }
        StatementKind::Score(_)
        | StatementKind::Segment { .. }
        | StatementKind::Table(_)
        | StatementKind::Benefits { .. }
        | StatementKind::Collection(_)
        | StatementKind::CaseTable(_) => {
            if let Some(block) = block(&statement.node) {
                put!(text, "{} {} {}", block.head, block.entries.join("; "), block.tail);
            }
        }
    }
}

fn print_policy(text: &mut String, name: &Name, version: Option<&Name>, effective: Option<&Name>) {
    put!(text, "policy {}", quote(&name.node));
    if let Some(version) = version {
        put!(text, " version {}", quote(&version.node));
    }
    if let Some(date) = effective {
        put!(text, " effective {}", date.node);
    }
}

fn print_tiers(text: &mut String, tiers: &[Tier]) {
    for (at, tier) in tiers.iter().enumerate() {
        put!(text, "{} {}", if at == 0 { "tiers" } else { " >" }, name(&tier.name.node));
        if let Some(label) = &tier.label {
            put!(text, " {}", quote(&label.node));
        }
    }
}

/// A field without the word in front.
fn print_field(text: &mut String, field: &Field) {
    text.push_str(&name(&field.name.node));
    if let Some(label) = &field.label {
        put!(text, " {}", quote(&label.node));
    }
    put!(text, ": {}", field_type(&field.ty.node));
    for option in &field.options {
        text.push(' ');
        match &option.node {
            FieldOptionKind::Range { low, high } => {
                if let Some(low) = low {
                    expr(text, low);
                }
                text.push_str("..");
                if let Some(high) = high {
                    expr(text, high);
                }
            }
            FieldOptionKind::Scale(value) => option_value(text, "scale", value),
            FieldOptionKind::Default(value) => option_value(text, "default", value),
            FieldOptionKind::Cost(value) => option_value(text, "cost", value),
            FieldOptionKind::Required => text.push_str("required"),
            FieldOptionKind::Sensitive => text.push_str("sensitive"),
            FieldOptionKind::Protected => text.push_str("protected"),
            FieldOptionKind::Fixed => text.push_str("fixed"),
            FieldOptionKind::Rising => text.push_str("rising"),
            FieldOptionKind::Falling => text.push_str("falling"),
        }
    }
}

fn option_value(text: &mut String, word: &str, value: &Expr) {
    put!(text, "{word} ");
    expr(text, value);
}

fn field_type(ty: &FieldTypeKind) -> String {
    match ty {
        FieldTypeKind::Plain(word) => word.to_string(),
        FieldTypeKind::OneOf(members) => {
            let members: Vec<String> = members.iter().map(|member| member_name(&member.node)).collect();
            format!("one of ({})", members.join(", "))
        }
        FieldTypeKind::SetOf(element) => format!("set of {}", field_type(&element.node)),
    }
}

/// A member of a closed set: bare where it is a plain name, else quoted.
pub(crate) fn member_name(member: &str) -> String {
    let written = name(member);
    if written.contains('`') { quote(member) } else { written }
}

/// A name as a policy must write it: in backticks where it is no plain identifier.
pub(crate) fn name(name: &str) -> String {
    let part = |(at, part): (usize, &str)| {
        let mut chars = part.chars();
        let plain = chars.next().is_some_and(is_name_start) && chars.all(is_name_continue);
        if plain && (at > 0 || !(is_reserved(part) || chinese::is_reserved(part))) {
            part.to_owned()
        } else {
            format!("`{part}`")
        }
    };
    // A dot inside backticks reads like the dot between parts; an empty part can only stand inside backticks.
    if name.split('.').any(str::is_empty) {
        return format!("`{name}`");
    }
    name.split('.').enumerate().map(part).collect::<Vec<_>>().join(".")
}

/// Prints an expression; parentheses stand where the author put them.
pub(crate) fn expr(text: &mut String, node: &Expr) {
    match &node.node {
        ExprKind::Name(known) => text.push_str(&name(known)),
        ExprKind::Literal(value) => text.push_str(&literal(value)),
        ExprKind::Today => text.push_str("today"),
        ExprKind::Subject => {}
        ExprKind::Group(members) => list(text, "(", members),
        ExprKind::Not(times, inner) => {
            text.push_str(&"not ".repeat(*times as usize));
            expr(text, inner);
        }
        ExprKind::Negate(times, inner) => {
            text.push_str(&"-".repeat(*times as usize));
            expr(text, inner);
        }
        ExprKind::And(parts) => separated(text, parts, " and "),
        ExprKind::Or(parts) => separated(text, parts, " or "),
        ExprKind::Coalesce(parts) => separated(text, parts, " ?? "),
        ExprKind::Chain(first, rest) => {
            expr(text, first);
            for (op, part) in rest {
                put!(text, " {} ", op.sign());
                expr(text, part);
            }
        }
        ExprKind::Compare(first, rest) => {
            expr(text, first);
            for (op, part) in rest {
                put!(text, " {} ", op.sign());
                expr(text, part);
            }
        }
        ExprKind::Test(inner) => test(text, inner),
        ExprKind::AtLeast(count, parts) => {
            text.push_str("at least ");
            expr(text, count);
            list(text, " of (", parts);
        }
        ExprKind::Call(function, arguments) => list(text, &format!("{}(", function.node), arguments),
        ExprKind::Aggregate(inner) => aggregate(text, inner),
        ExprKind::Window(inner) => window(text, inner),
        ExprKind::If(arms, otherwise) => {
            for (condition, value) in arms {
                text.push_str("if ");
                expr(text, condition);
                text.push_str(" then ");
                expr(text, value);
                text.push_str(" else ");
            }
            expr(text, otherwise);
        }
    }
}

fn list(text: &mut String, open: &str, parts: &[Expr]) {
    text.push_str(open);
    separated(text, parts, ", ");
    text.push(')');
}

fn separated(text: &mut String, parts: &[Expr], separator: &str) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            text.push_str(separator);
        }
        expr(text, part);
    }
}

fn test(text: &mut String, test: &Test) {
    expr(text, &test.subject);
    if matches!(test.kind, TestKind::Missing | TestKind::Present) {
        let word = if matches!(test.kind, TestKind::Missing) { "missing" } else { "present" };
        put!(text, " is {}{word}", if test.negated { "not " } else { "" });
        return;
    }
    text.push_str(if test.negated { " not " } else { " " });
    let (word, value) = match &test.kind {
        TestKind::Between(low, high) => {
            text.push_str("between ");
            expr(text, low);
            ("and", high)
        }
        TestKind::In(value) => ("in", value),
        TestKind::Contains(Contains::One, value) => ("contains", value),
        TestKind::Contains(Contains::Any, value) => ("contains any", value),
        TestKind::Contains(Contains::All, value) => ("contains all", value),
        TestKind::StartsWith(value) => ("starts with", value),
        TestKind::Matches(value) => ("matches", value),
        TestKind::Within(value) => ("within", value),
        TestKind::Missing | TestKind::Present => return,
    };
    if matches!(test.kind, TestKind::Between(..)) {
        text.push(' ');
    }
    put!(text, "{word} ");
    expr(text, value);
}

fn aggregate(text: &mut String, aggregate: &Aggregate) {
    put!(text, "{}(", aggregate.function.node);
    expr(text, &aggregate.argument);
    if let Some(inner) = &aggregate.window {
        text.push_str(" in ");
        window(text, &inner.node);
    }
    if let Some(condition) = &aggregate.condition {
        text.push_str(" where ");
        expr(text, condition);
    }
    text.push(')');
}

fn window(text: &mut String, window: &Window) {
    let one = |unit: Unit| unit.word().trim_end_matches('s');
    let start = match window {
        Window::Last(count, unit) => {
            put!(text, "last {}", literal(&Literal::Duration(*count, *unit)));
            return;
        }
        Window::Since(date) => {
            put!(text, "since {}", date.node);
            return;
        }
        Window::Between(from, to) => {
            put!(text, "{}..{}", from.node, to.node);
            return;
        }
        Window::This(unit, start) => {
            put!(text, "this {}", one(*unit));
            start
        }
        Window::Previous(None, unit, start) => {
            put!(text, "previous {}", one(*unit));
            start
        }
        Window::Previous(Some(count), unit, start) => {
            put!(text, "previous {}", literal(&Literal::Duration(*count, *unit)));
            start
        }
    };
    if let Some(start) = start {
        put!(text, " from {}", start.node);
    }
}

fn literal(literal: &Literal) -> String {
    match literal {
        Literal::Number(value) => number(value),
        Literal::Money(value, code) => format!("{} {code}", number(value)),
        Literal::Duration(1, unit) => format!("1 {}", unit.word().trim_end_matches('s')),
        Literal::Duration(count, unit) => format!("{count} {}", unit.word()),
        Literal::Date(date) => date.to_string(),
        Literal::Text(text) => quote(text),
        Literal::Boolean(value) => value.to_string(),
    }
}

fn number(number: &Number) -> String {
    let digits = match number.digits.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", long(whole)),
        None => long(&number.digits),
    };
    digits + number.suffix.map_or("", super::ast::Suffix::text)
}

/// Digits in groups from five on.
fn long(digits: &str) -> String {
    if digits.len() > 4 { group(digits) } else { digits.to_owned() }
}
