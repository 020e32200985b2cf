//! Field declarations: types, ranges, defaults, and the order in which facts are validated.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::collections::protecting;
use super::{Checker, FieldIndex, Symbol, TypedKind};
use crate::builtins::Sort;
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::{CHINESE_NAMES, ClosedSet, Direction, Field, LADDER_FIELDS, Range, Schema, Type};
use crate::source::Span;
use crate::syntax::Ast;
use crate::syntax::ast::{
    Expr, Field as Declared, FieldOption, FieldOptionKind, FieldType, FieldTypeKind, StatementKind,
};
use crate::value::Constant;

const TYPES: [&str; 8] = ["number", "integer", "money", "boolean", "text", "date", "one", "set"];

/// What other languages call our types.
const SYNONYMS: [(&str, &str); 18] = [
    ("string", "text"),
    ("str", "text"),
    ("bool", "boolean"),
    ("int", "integer"),
    ("float", "number"),
    ("decimal", "number"),
    ("currency", "money"),
    ("enum", "one of (…)"),
    ("varchar", "text"),
    ("double", "number"),
    ("numeric", "number"),
    ("percent", "number"),
    ("percentage", "number"),
    ("datetime", "date"),
    ("timestamp", "date"),
    ("list", "set of text"),
    ("amount", "money"),
    ("flag", "boolean"),
];

impl Checker<'_> {
    /// The fields of the schema, then those of the policy; one that redeclares another keeps its place.
    pub(super) fn fields(&mut self, ast: &Ast, schema: &Schema) {
        let tiers: Vec<Arc<str>> = self.out.tiers.iter().map(|tier| Arc::clone(&tier.name)).collect();
        let ladder = Type::one_of(&tiers);
        let mut schema = schema.with_ladder(&ladder);
        for field in schema.fields() {
            if let Some(misfit) = field.misfit() {
                let error = Diagnostic::new(Code::WrongRange, Span::default()).with("text", misfit);
                let host = Note::new(Hint::HostField).with("field", field.name());
                self.report(error.with("type", field.ty().clone()).hint(host).hint(Hint::RangeOnlyNumbers));
            }
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut broken = Vec::new();
        let mut declared = Vec::new();
        for statement in &ast.statements {
            let StatementKind::Field(node) = &statement.node else {
                continue;
            };
            if let Some(first) = seen.insert(&node.name.node, node.name.span) {
                let error = Diagnostic::new(Code::DuplicateName, node.name.span).with("text", &*node.name.node);
                self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
                continue;
            }
            if self.field_of_collection(node).is_some() {
                continue;
            }
            match self.declare(node) {
                Some(field) => {
                    let known = schema.get(field.name()).cloned();
                    let mut field = protecting(field, known);
                    if field.required && field.default.is_some() {
                        let error =
                            Diagnostic::new(Code::RequiredWithDefault, node.name.span).with("text", field.name());
                        self.report(error.hint(Hint::DefaultOrRequired));
                    }
                    field.ladder = LADDER_FIELDS.contains(&field.name()) && *field.ty() == ladder;
                    declared.push((Arc::clone(&field.name), node.name.span));
                    schema = schema.field(field);
                }
                None => broken.push(Arc::<str>::from(&*node.name.node)),
            }
        }
        self.out.fields = schema.fields().to_vec();
        self.inherit();
        self.group();
        for (at, field) in (0..).zip(&self.out.fields) {
            self.names.insert(Arc::clone(&field.name), Symbol::Field(FieldIndex(at)));
        }
        if self.ladder_lost {
            broken.extend(LADDER_FIELDS.into_iter().map(Arc::from));
        }
        for name in broken {
            self.names.insert(name, Symbol::Broken);
        }
        self.chinese_names();
        let index = |(name, span): &(Arc<str>, Span)| match self.names.get(name) {
            Some(Symbol::Field(index)) => Some((*index, *span)),
            _ => None,
        };
        self.out.declared = declared.iter().filter_map(index).collect();
    }

    /// The Chinese names of standard fields, where nothing else has them.
    fn chinese_names(&mut self) {
        for (chinese, name) in CHINESE_NAMES {
            if let Some(symbol) = self.names.get(name).copied() {
                self.names.entry(Arc::from(chinese)).or_insert(symbol);
            }
        }
    }

    pub(super) fn declare(&mut self, node: &Declared) -> Option<Field> {
        let ty = self.field_type(&node.ty)?;
        let mut field = Field::new(&node.name.node, ty);
        field.label = node.label.as_ref().map(|label| Arc::from(&*label.node));
        let mut seen: Vec<std::mem::Discriminant<FieldOptionKind>> = Vec::new();
        let mut sound = true;
        for option in &node.options {
            let kind = std::mem::discriminant(&option.node);
            if seen.contains(&kind) {
                let first = node.options.iter().find(|first| std::mem::discriminant(&first.node) == kind);
                let word = option_word(option);
                let error = Diagnostic::new(Code::OptionTwice, option.span).with("text", word);
                let error = error.label(first.map_or(option.span, |first| first.span), Hint::FirstHere);
                self.report(error.hint(Note::new(Hint::StateOnce).with("text", word)));
                sound = false;
                continue;
            }
            seen.push(kind);
            sound &= self.option(&mut field, option).is_some();
        }
        if let Some(problem) = field.default.as_ref().and_then(|default| misfit(&field, default)) {
            let option = node.options.iter().find(|option| matches!(option.node, FieldOptionKind::Default(_)));
            let span = option.map_or(node.name.span, |option| option.span);
            let text = match option.map(|option| &option.node) {
                Some(FieldOptionKind::Default(value)) => self.text_at(value.span).to_owned(),
                _ => String::new(),
            };
            self.report(problem.at(span, &field, &text));
            sound = false;
        }
        sound.then_some(field)
    }

    fn field_type(&mut self, node: &FieldType) -> Option<Type> {
        match &node.node {
            FieldTypeKind::Plain(word) => match &**word {
                "number" => Some(Type::Number),
                "integer" => Some(Type::Integer),
                "money" => Some(Type::Money),
                "boolean" => Some(Type::Boolean),
                "text" => Some(Type::Text),
                "date" => Some(Type::Date),
                _ => {
                    let error = Diagnostic::new(Code::UnknownType, node.span).with("text", &**word);
                    let other = SYNONYMS.iter().find(|(other, _)| other == &&**word).map(|(_, own)| *own);
                    let near = match other {
                        Some(own) => Some(Note::new(Hint::DidYouMean).with("text", own)),
                        None => self.did_you_mean(word, TYPES.into_iter()),
                    };
                    self.fail(error.hint(near.unwrap_or(Hint::KnownTypes.into())))
                }
            },
            FieldTypeKind::OneOf(members) => {
                if members.len() > self.limits.list_members {
                    let limit = self.limits.list_members;
                    let error = Diagnostic::new(Code::ListTooLong, node.span).with("count", members.len());
                    return self.fail(error.with("limit", limit).hint(Hint::HostLimit));
                }
                let mut seen: HashMap<&str, Span> = HashMap::new();
                for member in members {
                    let first = *seen.entry(&member.node).or_insert(member.span);
                    if first != member.span {
                        let error = Diagnostic::new(Code::DuplicateName, member.span).with("text", &*member.node);
                        self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
                    }
                }
                Some(Type::one_of(members.iter().map(|member| &*member.node)))
            }
            FieldTypeKind::SetOf(element) => self.field_type(element).map(|element| Type::SetOf(Arc::new(element))),
        }
    }

    fn option(&mut self, field: &mut Field, option: &FieldOption) -> Option<()> {
        match &option.node {
            FieldOptionKind::Range { low, high } => {
                field.range = self.range(field, low.as_ref(), high.as_ref(), option.span)?
            }
            FieldOptionKind::Scale(value) => field.scale = Some(self.scale(field, value)?),
            FieldOptionKind::Default(value) => {
                field.default = Some(self.constant_of(value, &field.ty, Code::WrongDefault)?)
            }
            FieldOptionKind::Cost(value) => {
                let cost = self.constant_of(value, &Type::Number, Code::WrongDefault)?;
                field.cost = match cost {
                    Constant::Number(cost) if cost >= Decimal::ZERO => Some(cost),
                    _ => {
                        let error = Diagnostic::new(Code::OptionValue, value.span).with("text", "cost");
                        return self.fail(error.hint(Hint::CostValue));
                    }
                };
            }
            FieldOptionKind::Required => field.required = true,
            FieldOptionKind::Sensitive => field.sensitive = true,
            FieldOptionKind::Protected => field.protected = true,
            FieldOptionKind::Fixed => field.direction = Direction::Fixed,
            FieldOptionKind::Rising => field.direction = Direction::Rising,
            FieldOptionKind::Falling => field.direction = Direction::Falling,
        }
        Some(())
    }

    fn range(&mut self, field: &Field, low: Option<&Expr>, high: Option<&Expr>, span: Span) -> Option<Range> {
        if !field.ty.is_numeric() && field.ty != Type::Date {
            let text = format!("`{}`", self.text_at(span));
            let error = Diagnostic::new(Code::WrongRange, span).with("text", text).with("type", field.ty.clone());
            return self.fail(error.hint(Hint::RangeOnlyNumbers));
        }
        let mut end = |node: Option<&Expr>| match node {
            Some(node) => self.constant_of(node, &field.ty, Code::WrongDefault).map(Some),
            None => Some(None),
        };
        let range = Range { low: end(low)?, high: end(high)? };
        if let (Some(from), Some(to)) = (&range.low, &range.high)
            && from > to
        {
            let ends = [high, low].map(|end| end.map_or("", |end| self.text_at(end.span)));
            let swapped = Note::new(Hint::WriteAs).with("text", ends.join(".."));
            return self.fail(Diagnostic::new(Code::ReversedRange, span).hint(swapped));
        }
        Some(range)
    }

    fn scale(&mut self, field: &Field, value: &Expr) -> Option<u32> {
        let places = match self.constant_of(value, &Type::Integer, Code::WrongDefault)? {
            Constant::Number(places) => u32::try_from(places).ok().filter(|places| *places <= 28),
            _ => None,
        };
        let typed = matches!(field.ty, Type::Number | Type::Money);
        if places.is_none() || !typed {
            let error = Diagnostic::new(Code::OptionValue, value.span).with("text", "scale");
            return self.fail(error.hint(if typed { Hint::ScaleValue } else { Hint::OptionType }));
        }
        places
    }

    /// A literal of a type.
    pub(super) fn constant_of(&mut self, node: &Expr, ty: &Type, code: Code) -> Option<Constant> {
        let typed = self.expr(node, Some(ty))?;
        let fits = Sort::Of(ty.clone()).meet(&typed.sort).is_some_and(|sort| sort.is(ty));
        match typed.kind {
            TypedKind::Constant(constant) if fits => Some(constant),
            _ => {
                let error =
                    Diagnostic::new(code, node.span).with("type", ty.clone()).with("found", typed.sort.settled());
                self.fail(error.hint(example(ty)))
            }
        }
    }
}

fn option_word(option: &FieldOption) -> &'static str {
    match option.node {
        FieldOptionKind::Range { .. } => "range",
        FieldOptionKind::Scale(_) => "scale",
        FieldOptionKind::Default(_) => "default",
        FieldOptionKind::Cost(_) => "cost",
        FieldOptionKind::Required => "required",
        FieldOptionKind::Sensitive => "sensitive",
        FieldOptionKind::Protected => "protected",
        FieldOptionKind::Fixed => "fixed",
        FieldOptionKind::Rising => "rising",
        FieldOptionKind::Falling => "falling",
    }
}

/// What a default does not keep to.
enum Misfit {
    Scale(u32),
    Range,
}

fn misfit(field: &Field, default: &Constant) -> Option<Misfit> {
    match (default, field.scale) {
        (Constant::Number(number), Some(scale)) if number.normalize().scale() > scale => Some(Misfit::Scale(scale)),
        _ if !field.range.contains(default) => Some(Misfit::Range),
        _ => None,
    }
}

impl Misfit {
    fn at(self, span: Span, field: &Field, text: &str) -> Diagnostic {
        let error = match self {
            Self::Scale(scale) => Diagnostic::new(Code::DefaultTooFine, span).with("scale", scale as usize),
            Self::Range => Diagnostic::new(Code::DefaultOutOfRange, span).with("range", &field.range),
        };
        error.with("text", text).hint(Hint::InsideRange)
    }
}

/// A literal of a type, to be written in the place of a wrong one.
pub(super) fn example(ty: &Type) -> Note {
    let literal = match ty {
        Type::Number => "0.5",
        Type::Integer => "5",
        Type::Money => "200K",
        Type::Boolean => "true",
        Type::Text => "\"…\"",
        Type::Date => "2026-01-31",
        Type::Duration => "90 days",
        Type::OneOf(members) => return Note::new(Hint::KnownMembers).with("list", shown(members)),
        Type::SetOf(_) => return Hint::NoSetDefault.into(),
    };
    Note::new(Hint::SuchAs).with("text", literal)
}

/// The first members of a closed set, as many as a message shows.
pub(super) fn shown(members: &ClosedSet) -> Vec<String> {
    members.names().take(12).map(str::to_owned).collect()
}
