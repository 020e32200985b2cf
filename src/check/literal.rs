//! Literals: exact numbers, currencies that agree with the policy's, days that exist.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::expression::unknown_member;
use super::{Checker, Typed, TypedKind};
use crate::builtins::Sort;
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{Literal, Number, Unit};
use crate::value::{Constant, Currency, Duration, multiply, parse_date, parse_number};

impl Checker<'_> {
    pub(super) fn literal(&mut self, literal: &Literal, span: Span, hint: Option<&Type>) -> Option<Typed> {
        let (sort, constant) = match literal {
            Literal::Number(number) => {
                let value = self.number(number, span)?;
                (Sort::Bare { whole: value.fract().is_zero() }, Constant::Number(value))
            }
            Literal::Money(number, code) => {
                let value = self.number(number, span)?;
                self.currency(code, span)?;
                (Sort::Of(Type::Money), Constant::Number(value))
            }
            Literal::Duration(count, unit) => {
                if matches!(unit, Unit::Hours | Unit::Minutes) && !self.hours {
                    let error = Diagnostic::new(Code::HoursElsewhere, span).with("text", self.text_at(span));
                    return self.fail(error.hint(Hint::HoursInBenefits));
                }
                let Some(duration) = duration(*count, *unit) else {
                    let error = Diagnostic::new(Code::BadDuration, span);
                    return self.fail(error.with("text", format!("{count} {}", unit.word())).hint(Hint::WholeDuration));
                };
                (Sort::Of(Type::Duration), Constant::Duration(duration))
            }
            Literal::Date(text) => {
                let Some(date) = parse_date(text) else {
                    return self.fail(super::declare::no_such_day(text, span));
                };
                (Sort::Of(Type::Date), Constant::Date(date))
            }
            Literal::Text(text) => return self.text(text, span, hint),
            Literal::Boolean(value) => (Sort::Of(Type::Boolean), Constant::Boolean(*value)),
        };
        Some(Typed { span, sort, kind: TypedKind::Constant(constant) })
    }

    /// A text, or a quoted member where a closed set is on the other side.
    fn text(&mut self, text: &str, span: Span, hint: Option<&Type>) -> Option<Typed> {
        let constant = |sort, constant| Some(Typed { span, sort, kind: TypedKind::Constant(constant) });
        let Some(ty @ Type::OneOf(members)) = hint else {
            return constant(Sort::Of(Type::Text), Constant::Text(Arc::from(text)));
        };
        if let Some(member) = ty.member(text) {
            return constant(Sort::Of(ty.clone()), Constant::Member(member));
        }
        let near = self.did_you_mean(text, members.names());
        let error = Diagnostic::new(Code::UnknownMember, span).with("text", text);
        self.fail(unknown_member(error, ty, near))
    }

    fn number(&mut self, number: &Number, span: Span) -> Option<Decimal> {
        let value = exact(number);
        if value.is_none() {
            let written = format!("{}{}", number.digits, number.suffix.map_or("", |suffix| suffix.text()));
            let error = Diagnostic::new(Code::NumberDoesNotFit, span).with("text", written);
            return self.fail(error.hint(Hint::LimitsOfNumbers));
        }
        value
    }

    /// A code must be the policy's own: thresholds are in its currency, facts are what is converted.
    fn currency(&mut self, code: &str, span: Span) -> Option<()> {
        if Currency::from_code(code).is_none() {
            let error = Diagnostic::new(Code::UnknownCurrency, span).with("text", code);
            return self.fail(error.hint(Note::new(Hint::ArrowMissingToo).with("text", code)));
        }
        match self.out.currency {
            Some(own) if own.code() == code => Some(()),
            Some(own) => {
                let error = Diagnostic::new(Code::WrongCurrency, span).with("text", code).with("own", own.code());
                self.fail(error.hint(Note::new(Hint::PolicyCurrency).with("own", own.code())))
            }
            None if self.currency_lost => None,
            None => {
                let error = Diagnostic::new(Code::NoCurrency, span).with("text", code);
                self.fail(error.hint(Note::new(Hint::StateCurrency).with("text", code)))
            }
        }
    }
}

/// The number that is written, where it fits.
pub(super) fn exact(number: &Number) -> Option<Decimal> {
    let digits = parse_number(&number.digits).ok()?;
    match number.suffix {
        None => Some(digits),
        Some(suffix) => multiply(digits, power_of_ten(suffix.exponent())),
    }
}

fn power_of_ten(exponent: i8) -> Decimal {
    if exponent < 0 {
        return Decimal::new(1, u32::from(exponent.unsigned_abs()));
    }
    Decimal::from(10_u64.pow(u32::from(exponent.unsigned_abs())))
}

pub(super) fn duration(count: u32, unit: Unit) -> Option<Duration> {
    match unit {
        Unit::Days => Some(Duration::Days(count)),
        Unit::Weeks => count.checked_mul(7).map(Duration::Days),
        Unit::Months => Some(Duration::Months(count)),
        Unit::Quarters => count.checked_mul(3).map(Duration::Months),
        Unit::Years => count.checked_mul(12).map(Duration::Months),
        Unit::Hours => Some(Duration::Hours(count)),
        Unit::Minutes => Some(Duration::Minutes(count)),
    }
}
