//! Aggregates: the collection that they look at, the window, and the values and conditions of its elements.

use std::collections::HashSet;
use std::sync::Arc;

use super::call::other_name;
use super::collections::dates;
use super::{Checker, CollectionIndex, Symbol, Typed, TypedKind};
use crate::builtins::{Fold, Sort};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::{CollectionKind, Type};
use crate::source::Span;
use crate::syntax::ast::{self, At, Expr, ExprKind, Name, Unit};
use crate::value::{Duration, JANUARY, Period, Window, YearStart, parse_date};

/// What an aggregate looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Records(CollectionIndex),
    /// The calendar periods of the window.
    Periods(Period),
}

/// A function over the elements of a collection.
#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) fold: Fold,
    pub(crate) source: Source,
    pub(crate) argument: Option<Typed>,
    pub(crate) window: Option<Window>,
    pub(crate) condition: Option<Typed>,
    /// As the policy has it.
    pub(crate) text: Arc<str>,
}

impl Aggregate {
    /// The expressions that it is made of.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Typed> {
        self.argument.iter().chain(&self.condition)
    }
}

/// Whether a value is made of fields of the elements that are looked at.
fn looks_at_elements(typed: &Typed) -> bool {
    match &typed.kind {
        TypedKind::Element(..) => true,
        TypedKind::Aggregate(_) => false,
        _ => typed.parts().into_iter().any(looks_at_elements),
    }
}

/// The collections of calendar periods.
const PERIODS: [(&str, Period); 3] =
    [("months", Period::Month), ("quarters", Period::Quarter), ("years", Period::Year)];

impl Checker<'_> {
    pub(super) fn aggregate(&mut self, node: &ast::Aggregate, span: Span) -> Option<Typed> {
        let Some(fold) = Fold::of_name(&node.function.node) else {
            let error = Diagnostic::new(Code::UnknownFunction, node.function.span).with("text", &*node.function.node);
            let folds = Fold::ALL.iter().map(|fold| fold.name());
            let note = match other_name(&node.function.node) {
                Some(own) => Some(Note::new(Hint::DidYouMean).with("text", own)),
                None => self.did_you_mean(&node.function.node, folds.clone()),
            };
            let known = folds.map(str::to_owned).collect::<Vec<_>>();
            return self.fail(error.hint(note.unwrap_or(Note::new(Hint::KnownFunctions).with("list", known))));
        };
        let plain = fold.takes_many() && node.window.is_none() && node.condition.is_none();
        if plain && self.names_of_elements(&node.argument).is_empty() && !self.names_collection(&node.argument) {
            let error = Diagnostic::new(Code::ArgumentCount, span).with("function", fold.name()).with("count", 1_usize);
            let form = crate::builtins::Op::function(fold.name()).map_or("", |row| row.form);
            return self.fail(error.hint(Note::new(Hint::WriteAs).with("text", form)));
        }
        let source = self.source(fold, &node.argument)?;
        let window = match &node.window {
            Some(window) => Some(self.window(&window.node, window.span)?),
            None => None,
        };
        self.fits(source, node, window)?;
        self.dated |= window.is_some() || self.is_dated(source);
        let outer = self.scope.replace(source);
        let periods = self.in_periods;
        self.in_periods |= matches!(source, Source::Periods(_));
        let argument =
            if fold.takes_elements() { Ok(None) } else { self.expr(&node.argument, None).map(Some).ok_or(()) };
        let condition = node.condition.as_ref().map(|condition| self.condition(condition));
        self.scope = outer;
        self.in_periods = periods;
        if let Source::Records(collection) = source {
            self.uses(Some(Symbol::Collection(collection)), span);
        }
        let (argument, condition) = (argument.ok()?, condition.map_or(Some(None), |typed| typed.map(Some))?);
        if argument.as_ref().is_some_and(|argument| !looks_at_elements(argument)) {
            // Aggregates inside have elements of their own.
            let text = self.text_at(node.argument.span).to_owned();
            self.no_collection(fold, &text, node.argument.span);
            return None;
        }
        let given = argument.as_ref().map_or(Sort::Of(Type::Boolean), |argument| argument.sort.clone());
        let Some(sort) = fold.result(&given) else {
            let error = Diagnostic::new(Code::WrongArgument, node.argument.span).with("function", fold.name());
            let text = self.text_at(node.argument.span);
            let hint = match given.is(&Type::Boolean) {
                true => Note::new(Hint::CountWhere).with("text", text),
                false => Note::new(Hint::WriteAs).with("text", fold.form()),
            };
            return self.fail(error.with("type", given.settled()).hint(hint));
        };
        let text = self.source.get(span.start()..span.end()).unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ").into();
        let aggregate = Aggregate { fold, source, argument, window, condition, text };
        Some(Typed { span, sort, kind: TypedKind::Aggregate(Box::new(aggregate)) })
    }

    /// The one collection that an argument names.
    fn source(&mut self, fold: Fold, argument: &Expr) -> Option<Source> {
        let period = |name: &str| PERIODS.iter().find(|(word, _)| *word == name).map(|(_, period)| *period);
        let error = |code| Diagnostic::new(code, argument.span);
        let text = self.text_at(argument.span).to_owned();
        if fold.takes_elements() {
            let name = match &argument.node {
                ExprKind::Name(name) => name,
                _ => return self.no_collection(fold, &text, argument.span),
            };
            if let Some(collection) = self.collection_named(name) {
                return Some(Source::Records(collection));
            }
            return match period(name) {
                Some(period) => Some(Source::Periods(period)),
                None => self.no_collection(fold, &text, argument.span),
            };
        }
        if let ExprKind::Name(name) = &argument.node
            && (self.collection_named(name).is_some() || period(name).is_some())
        {
            let field = self.collection_named(name).and_then(|index| self.records(index)).and_then(|records| {
                let numeric = |field: &&crate::schema::Field| field.ty().is_numeric();
                records.collection.fields.iter().find(numeric).map(|field| format!("{name}.{}", field.name()))
            });
            let form = field.map_or("sum(orders.amount)".to_owned(), |field| format!("{}({field})", fold.name()));
            let error = error(Code::CollectionAsFact).with("text", &**name);
            return self.fail(error.hint(Note::new(Hint::WriteAs).with("text", form)));
        }
        let mut named: Vec<String> = Vec::new();
        super::order::each_name(argument, &|_| HashSet::new(), &mut |name| {
            if let Some((collection, _)) = name.split_once('.')
                && self.collection_named(collection).is_some()
                && !named.iter().any(|known| known == collection)
            {
                named.push(collection.to_owned());
            }
        });
        match named.as_slice() {
            [one] => self.collection_named(one).map(Source::Records),
            [] => self.no_collection(fold, &text, argument.span),
            [left, right, ..] => {
                let error = error(Code::TwoCollections).with("left", left.as_str()).with("right", right.as_str());
                self.fail(error.hint(Hint::OneCollection))
            }
        }
    }

    /// Whether records are left out that lie ahead of the as-of date.
    fn is_dated(&self, source: Source) -> bool {
        match source {
            Source::Records(index) => self.records(index).is_some_and(|records| records.collection.date().is_some()),
            Source::Periods(_) => true,
        }
    }

    fn no_collection(&mut self, fold: Fold, text: &str, span: Span) -> Option<Source> {
        let known: Vec<&str> = self.out.collections.iter().map(|known| &*known.collection.name).collect();
        let near = self.did_you_mean(text.split('.').next().unwrap_or_default(), known.iter().copied());
        let of_field = self.element(text).map(|(index, _)| index).and_then(|index| self.records(index));
        let hint = match of_field {
            Some(records) if fold.takes_elements() => {
                let form = format!("{}({})", fold.name(), records.collection.name);
                Note::new(Hint::WriteAs).with("text", form)
            }
            _ => near.unwrap_or(Note::new(Hint::AggregateForm).with("text", fold.form())),
        };
        self.fail(Diagnostic::new(Code::NotACollection, span).with("text", text).hint(hint))
    }

    /// Whether windows and periods go with what is looked at.
    fn fits(&mut self, source: Source, node: &ast::Aggregate, window: Option<Window>) -> Option<()> {
        match source {
            Source::Periods(period) => {
                let Some(window) = window else {
                    let text = self.text_at(node.argument.span).to_owned();
                    let note = Note::new(Hint::PeriodWindow).with("text", format!("{text} in previous 6 {text}"));
                    let error = Diagnostic::new(Code::PeriodWithoutWindow, node.argument.span);
                    return self.fail(error.with("text", text).hint(note));
                };
                if let (Window::Last(length), Some(written)) = (window, &node.window) {
                    let text = self.text_at(written.span).to_owned();
                    let cure = whole_periods(&text, period, length);
                    let lint = Diagnostic::new(Code::PeriodsInLast, written.span).with("text", text);
                    self.report(lint.hint(Note::new(Hint::WriteAs).with("text", cure)));
                }
                Some(())
            }
            Source::Records(index) => {
                let collection = &self.records(index)?.collection;
                let span = match &node.window {
                    Some(written) => written.span,
                    None if self.in_periods => node.argument.span,
                    None => return Some(()),
                };
                if collection.date().is_some() {
                    return Some(());
                }
                let error = Diagnostic::new(Code::NoDateField, span).with("text", &*collection.name);
                let hint = match dates(collection).as_slice() {
                    _ if collection.kind == CollectionKind::Group => Hint::GroupUndated.into(),
                    [] => Hint::DeclareDate.into(),
                    [first, ..] => Note::new(Hint::DatedBy).with("text", first.as_str()),
                };
                self.fail(error.hint(hint))
            }
        }
    }

    fn window(&mut self, node: &ast::Window, span: Span) -> Option<Window> {
        let unit = |unit: Unit| match unit {
            Unit::Weeks => Some(Period::Week),
            Unit::Months => Some(Period::Month),
            Unit::Quarters => Some(Period::Quarter),
            Unit::Years => Some(Period::Year),
            _ => None,
        };
        Some(match node {
            ast::Window::Last(count, unit) => match super::literal::duration(*count, *unit) {
                Some(Duration::Days(0) | Duration::Months(0)) => return self.empty_window(span),
                Some(length) => Window::Last(length),
                None => {
                    let text = format!("{count} {}", unit.word());
                    let error = Diagnostic::new(Code::BadDuration, span).with("text", text);
                    return self.fail(error.hint(Hint::WholeDuration));
                }
            },
            ast::Window::This(of, start) => match unit(*of) {
                Some(period) => Window::This(period, self.year_start(period, start.as_ref())?),
                None => return self.no_period(span),
            },
            ast::Window::Previous(Some(0), ..) => return self.empty_window(span),
            ast::Window::Previous(count, of, start) => match unit(*of) {
                Some(period) => Window::Previous(count.unwrap_or(1), period, self.year_start(period, start.as_ref())?),
                None => return self.no_period(span),
            },
            ast::Window::Since(date) => Window::Since(self.day(date)?),
            ast::Window::Between(from, to) => {
                let (first, last) = (self.day(from)?, self.day(to)?);
                if first > last {
                    let swapped = Note::new(Hint::WriteAs).with("text", format!("{}..{}", to.node, from.node));
                    return self.fail(Diagnostic::new(Code::ReversedRange, span).hint(swapped));
                }
                Window::Between(first, last)
            }
        })
    }

    fn empty_window(&mut self, span: Span) -> Option<Window> {
        let text = self.text_at(span).to_owned();
        let cure = of_one(&text);
        let error = Diagnostic::new(Code::EmptyWindow, span).with("text", text);
        self.fail(error.hint(Note::new(Hint::WriteAs).with("text", cure)))
    }

    fn no_period(&mut self, span: Span) -> Option<Window> {
        let error = Diagnostic::new(Code::WindowUnit, span).with("text", self.text_at(span));
        self.fail(error.hint(Note::new(Hint::WriteAs).with("text", "last 7 days")))
    }

    fn day(&mut self, date: &Name) -> Option<chrono::NaiveDate> {
        let day = parse_date(&date.node);
        if day.is_none() {
            self.report(super::declare::no_such_day(&date.node, date.span));
        }
        day
    }

    /// The first day of a year that does not begin in January: a day that every year has.
    fn year_start(&mut self, period: Period, start: Option<&At<Box<str>>>) -> Option<YearStart> {
        let Some(start) = start else { return Some(JANUARY) };
        // The year 2025 has no 29 February.
        let day = parse_date(&format!("2025-{}", start.node)).filter(|_| period == Period::Year);
        match day {
            Some(day) => Some((chrono::Datelike::month(&day), chrono::Datelike::day(&day))),
            None => {
                let error = Diagnostic::new(Code::YearStart, start.span).with("text", &*start.node);
                self.fail(error.hint(Hint::YearStartForm))
            }
        }
    }

    /// A field of the element that is looked at: `amount`, or `orders.amount`.
    pub(super) fn of_element(&mut self, name: &str, span: Span) -> Option<Option<Typed>> {
        let qualified = self.element(name);
        let Some(Source::Records(scope)) = self.scope else {
            let (index, field) = qualified?;
            return Some(self.outside(index, field, name, span));
        };
        let (index, field) = match qualified {
            Some((index, field)) if index == scope => (index, field),
            Some((index, field)) => return Some(self.outside(index, field, name, span)),
            None => (scope, name),
        };
        let Some(at) = self.element_field(index, field) else {
            qualified?;
            return Some(self.unknown_element(index, field, span));
        };
        let field = self.records(index)?.collection.fields.get(at)?;
        let (sort, at) = (Sort::Of(field.ty().clone()), u32::try_from(at).unwrap_or(u32::MAX));
        self.uses(Some(Symbol::Element(index, at)), span);
        Some(Some(Typed { span, sort, kind: TypedKind::Element(index, at) }))
    }

    pub(super) fn unknown_element<T>(&mut self, index: CollectionIndex, field: &str, span: Span) -> Option<T> {
        let collection = &self.records(index)?.collection;
        let error = Diagnostic::new(Code::UnknownElement, span).with("text", field);
        let error = error.with("collection", &*collection.name);
        let known: Vec<String> = collection.fields.iter().map(|field| field.name().to_owned()).collect();
        let near = self.did_you_mean(field, known.iter().map(String::as_str));
        let shown = known.into_iter().take(12).collect::<Vec<_>>();
        self.fail(error.hint(near.unwrap_or(Note::new(Hint::KnownFields).with("list", shown))))
    }

    /// A value of each element where one value must stand.
    pub(super) fn outside<T>(&mut self, index: CollectionIndex, field: &str, name: &str, span: Span) -> Option<T> {
        if self.element_field(index, field).is_none() {
            return self.unknown_element(index, field, span);
        }
        let error = Diagnostic::new(Code::ElementOutside, span).with("text", name);
        self.fail(error.hint(Note::new(Hint::WriteAs).with("text", format!("sum({name} in last 12 months)"))))
    }

    /// A collection where a value must stand.
    pub(super) fn collection_as_fact<T>(&mut self, name: &str, span: Span) -> Option<T> {
        let error = Diagnostic::new(Code::CollectionAsFact, span).with("text", name);
        self.fail(error.hint(Note::new(Hint::WriteAs).with("text", format!("count({name})"))))
    }

    pub(super) fn is_group(&self, index: CollectionIndex) -> bool {
        self.records(index).is_some_and(|records| records.collection.kind == CollectionKind::Group)
    }

    /// Whether an argument is a collection by itself.
    fn names_collection(&self, argument: &Expr) -> bool {
        matches!(&argument.node, ExprKind::Name(name) if self.collection_named(name).is_some())
    }

    /// The names that mean fields of the elements of what an argument names.
    pub(super) fn names_of_elements(&self, argument: &Expr) -> HashSet<String> {
        let mut found = None;
        super::order::each_name(argument, &|_| HashSet::new(), &mut |name| {
            let collection = name.split('.').next().unwrap_or_default();
            found = found.or_else(|| self.collection_named(collection));
        });
        let records = found.and_then(|index: CollectionIndex| self.records(index));
        let fields = records.into_iter().flat_map(|records| &records.collection.fields);
        fields.map(|field| field.name().to_owned()).collect()
    }

    /// A name as a field would have to be declared for it here.
    pub(super) fn scoped(&self, name: &str) -> String {
        let Some(Source::Records(scope)) = self.scope else { return name.to_owned() };
        self.records(scope).map_or_else(|| name.to_owned(), |known| format!("{}.{name}", known.collection.name))
    }

    /// The fields of the element that is looked at.
    pub(super) fn element_names(&self) -> impl Iterator<Item = &str> {
        let scope = match self.scope {
            Some(Source::Records(scope)) => self.records(scope),
            _ => None,
        };
        scope.into_iter().flat_map(|known| known.collection.fields.iter().map(crate::schema::Field::name))
    }

    /// The type of a field of the element that is looked at.
    pub(super) fn element_type(&self, name: &str) -> Option<&Type> {
        let Some(Source::Records(scope)) = self.scope else { return None };
        let field = match self.element(name) {
            Some((index, field)) => Some(field).filter(|_| index == scope)?,
            None => name,
        };
        let at = self.element_field(scope, field)?;
        self.records(scope)?.collection.fields.get(at).map(crate::schema::Field::ty)
    }
}

/// A window with 1 in place of its number, and its unit in the singular.
fn of_one(text: &str) -> String {
    let from = text.find(char::is_numeric).unwrap_or(text.len());
    let (before, behind) = text.split_at(from);
    let behind = behind.trim_start_matches(char::is_numeric);
    let word = behind
        .trim_start()
        .find(char::is_whitespace)
        .map_or(behind.len(), |end| end + behind.len() - behind.trim_start().len());
    let (unit, rest) = behind.split_at(word);
    format!("{before}1{}{rest}", unit.strip_suffix('s').unwrap_or(unit))
}

/// The window of whole periods that is about as long as one that ends today: `previous 3 months` for `last 3 months`, and
/// for `last 90 days`.
fn whole_periods(text: &str, period: Period, length: Duration) -> String {
    let (days, months, [english, chinese]) = match period {
        Period::Week => (7, 1, ["week", "周"]),
        Period::Month => (30, 1, ["month", "个月"]),
        Period::Quarter => (91, 3, ["quarter", "季度"]),
        Period::Year => (365, 12, ["year", "年"]),
    };
    let count = match length {
        Duration::Days(count) => count / days,
        Duration::Months(count) => count / months,
        Duration::Hours(_) | Duration::Minutes(_) => 1,
    };
    match (text.is_ascii(), count.max(1)) {
        (true, 1) => format!("previous {english}"),
        (true, count) => format!("previous {count} {english}s"),
        (false, count) => format!("上 {count} {chinese}"),
    }
}
