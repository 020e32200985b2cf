//! Two sides that cannot be compared, and what to write instead.

use super::{Checker, Typed, TypedKind};
use crate::diagnostics::{Code, Diagnostic, Hint, Note, year_first};
use crate::schema::Type;
use crate::source::Span;
use crate::value::{Constant, parse_date};

impl Checker<'_> {
    pub(super) fn incomparable<T>(&mut self, span: Span, left: &Typed, right: &Typed) -> Option<T> {
        let (a, b) = (left.sort.settled(), right.sort.settled());
        let error = Diagnostic::new(Code::IncomparableTypes, span).with("left", a.clone()).with("right", b.clone());
        let error = error.label(left.span, Note::new(Hint::ThisIs).with("type", a));
        let error = error.label(right.span, Note::new(Hint::ThisIs).with("type", b));
        let cure = self.cure(left, right).or_else(|| self.cure(right, left));
        self.fail(error.hint(cure.unwrap_or(Hint::SameType.into())))
    }

    /// The cure for two sides in one order; it is asked for in both.
    fn cure(&self, left: &Typed, right: &Typed) -> Option<Note> {
        let (a, b) = (left.sort.settled(), right.sort.settled());
        let write = |text: String| Note::new(Hint::WriteAs).with("text", text);
        let (this, that) = (self.text_at(left.span), self.text_at(right.span));
        let literal = matches!(right.kind, TypedKind::Constant(_));
        if let Some(cure) = self.unquoted(left, right) {
            return Some(cure);
        }
        Some(match (&a, &b) {
            (Type::Money, Type::Number | Type::Integer) => Hint::MoneyRatio.into(),
            (Type::Date, Type::Duration) => write(format!("{this} within {that}")),
            (Type::Number | Type::Integer, Type::Duration) => {
                let count =
                    that.split(|c: char| !c.is_ascii_digit()).next().filter(|count| literal && !count.is_empty());
                Note::new(Hint::CountAlone).with("text", count.unwrap_or("24"))
            }
            (_, Type::Duration) => Hint::DurationForDate.into(),
            (Type::SetOf(element), ty) => {
                let whole =
                    if **element == *ty { format!("{this} contains {that}") } else { format!("{this} contains …") };
                Note::new(Hint::SetWantsContains).with("text", whole)
            }
            (ty, Type::Text) if ty.is_numeric() => Hint::TextOrNumber.into(),
            (Type::OneOf(_), Type::OneOf(_)) => Hint::SetsDiffer.into(),
            (Type::OneOf(members), _) if literal => {
                Note::new(Hint::KnownMembers).with("list", super::fields::shown(members))
            }
            (Type::Boolean, _) if !matches!(left.kind, TypedKind::Constant(_)) => {
                Note::new(Hint::BooleanAlone).with("text", this)
            }
            (Type::Date, ty) if ty.is_numeric() => self.date_with_number(left, right),
            _ => return None,
        })
    }

    /// A text that would fit without its quotes.
    fn unquoted(&self, fact: &Typed, text: &Typed) -> Option<Note> {
        let TypedKind::Constant(Constant::Text(quoted)) = &text.kind else { return None };
        let ty = fact.sort.settled();
        let number = |c: char| c.is_ascii_digit() || matches!(c, '_' | '.' | 'K' | 'k' | 'M' | 'B' | '%' | '万' | '亿');
        let plain = match ty {
            Type::Date if parse_date(quoted).is_some() => true,
            Type::Date => return year_first(quoted),
            Type::Boolean => {
                let word = quoted.to_lowercase();
                let known = matches!(word.as_str(), "true" | "false" | "yes" | "no" | "y" | "n");
                return known.then(|| Note::new(Hint::BooleanAlone).with("text", self.text_at(fact.span)));
            }
            ty if ty.is_numeric() => quoted.starts_with(|c: char| c.is_ascii_digit()) && quoted.chars().all(number),
            _ => false,
        };
        plain.then(|| Note::new(Hint::WithoutQuotes).with("text", &**quoted))
    }

    /// `last_order_on > 01/02/2026` is a date that was divided, `last_order_on > 2026` a year, and another number a
    /// length of time.
    fn date_with_number(&self, date: &Typed, number: &Typed) -> Note {
        let text = self.text_at(date.span);
        if let Some(note) = year_first(self.text_at(number.span)) {
            return note;
        }
        let year = match &number.kind {
            TypedKind::Constant(Constant::Number(year)) => {
                i64::try_from(*year).is_ok_and(|year| (1900..=2200).contains(&year))
            }
            _ => false,
        };
        Note::new(if year { Hint::YearOf } else { Hint::DateWithDate }).with("text", text)
    }
}
