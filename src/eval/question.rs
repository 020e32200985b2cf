//! Atoms: one question about one value, known or open.

use std::borrow::Cow;

use super::Observer;
use super::machine::{Bound, Machine, Val};
use crate::builtins::{set_contains, set_has};
use crate::plan::{Atom, Operand, Subject, Test, Truth};
use crate::value::{Constant, Value, within};

impl<'a> Machine<'_, 'a> {
    /// The outcomes that one question can still have.
    pub(super) fn atom(&self, atom: &'a Atom, observer: &mut impl Observer) -> Truth {
        let Some(dimension) = self.plan.dimension(atom) else {
            return Truth::UNKNOWN;
        };
        match dimension.subject {
            Subject::Value(value) if matches!(atom.test, Test::Holds) => {
                let known = self.value_of(value, observer);
                self.held(value).unwrap_or_else(|| self.test(known, atom, observer))
            }
            Subject::Value(value) => match (self.value_of(value, observer), self.open_bound(value)) {
                (Val::Missing, Some(bound)) | (Val::Undefined, Some(bound @ Bound::Lost(_))) => {
                    self.test_open(bound, atom, observer)
                }
                (value, _) => self.test(value, atom, observer),
            },
            Subject::Order(a, b) => match (self.value_of(a, observer), self.value_of(b, observer)) {
                (Val::Known(left), Val::Known(right)) => match &atom.test {
                    Test::Order(op) => Truth::of(op.holds(&left, &right)),
                    _ => Truth::UNKNOWN,
                },
                (Val::Undefined, _) | (_, Val::Undefined) => match &atom.test {
                    Test::Order(op) => self.compare_lost(*op, a, b),
                    _ => Truth::UNKNOWN,
                },
                _ => match &atom.test {
                    Test::Order(op) => self.compare_open(*op, a, b).unwrap_or_else(|| self.open(atom)),
                    _ => self.open(atom),
                },
            },
        }
    }

    pub(super) fn test(&self, value: Val<'a>, atom: &'a Atom, observer: &mut impl Observer) -> Truth {
        let known = match (value, &atom.test) {
            (Val::Known(_), Test::Missing) => return Truth::FALSE,
            (Val::Undefined, Test::Missing) => return Truth::TRUE,
            (Val::Missing, Test::Missing) if !self.possible => return Truth::TRUE,
            (Val::Undefined, _) => return Truth::UNKNOWN,
            // What it is compared with may have no result, whatever the value will be.
            (Val::Missing, test) => {
                return if self.has_operand(test) { self.open(atom) } else { Truth::UNKNOWN };
            }
            (Val::Known(known), _) => known,
        };
        match &atom.test {
            Test::Compare(op, operand) => match self.operand(operand, observer) {
                Val::Known(bound) => Truth::of(op.holds(&known, &bound)),
                _ => Truth::UNKNOWN,
            },
            Test::In(members) => Truth::of(is_among(&known, members)),
            Test::Holds => Truth::of(known.same(&Value::Boolean(true))),
            Test::SetContains(mode, wanted) => match known {
                Value::Set(set) => Truth::of(set_contains(set, *mode, wanted)),
                _ => Truth::UNKNOWN,
            },
            Test::Has(part) => match self.value_of(*part, observer) {
                Val::Known(part) => Truth::of(has(&known, part)),
                Val::Missing => self.open(atom),
                Val::Undefined => Truth::UNKNOWN,
            },
            Test::StartsWith(prefix) => Truth::of(text(&known).starts_with(&**prefix)),
            Test::Matches(pattern) => Truth::of(pattern.found_in(&text(&known))),
            Test::Within(length) => match (known, self.value_of(*length, observer)) {
                (Value::Date(date), Val::Known(Value::Duration(length))) => Truth::of(within(date, self.as_of, length)),
                (_, Val::Missing) => self.open(atom),
                _ => Truth::UNKNOWN,
            },
            Test::Order(_) | Test::Missing => Truth::UNKNOWN,
        }
    }

    fn open(&self, atom: &Atom) -> Truth {
        if self.possible { atom.when_open } else { Truth::OPEN }
    }

    fn operand(&self, operand: &'a Operand, observer: &mut impl Observer) -> Val<'a> {
        match operand {
            Operand::Constant(constant) => Val::Known(constant.value()),
            Operand::Relative(value) => self.value_of(*value, observer),
        }
    }

    fn has_operand(&self, test: &Test) -> bool {
        match test {
            Test::Compare(_, Operand::Relative(value)) | Test::Has(value) | Test::Within(value) => {
                !matches!(self.value(*value), Val::Undefined)
            }
            _ => true,
        }
    }
}

/// Whether a text has a part, or a set a member.
fn has(value: &Value<'_>, part: Value<'_>) -> bool {
    match value {
        Value::Set(set) => set_has(*set, &part),
        value => text(value).contains(&*text(&part)),
    }
}

fn text<'a>(value: &Value<'a>) -> Cow<'a, str> {
    match value {
        Value::Text(text) => text.read(),
        _ => Cow::Borrowed(""),
    }
}

/// Whether a value is one of a sorted list.
fn is_among(value: &Value<'_>, members: &[Constant]) -> bool {
    let found = match value {
        Value::Text(text) => members.binary_search_by(|member| match member {
            Constant::Text(member) => text.compare(member).reverse(),
            _ => std::cmp::Ordering::Less,
        }),
        Value::Member(at) => members.binary_search(&Constant::Member(*at)),
        Value::Number(number) => members.binary_search(&Constant::Number(*number)),
        Value::Date(date) => members.binary_search(&Constant::Date(*date)),
        Value::Boolean(boolean) => members.binary_search(&Constant::Boolean(*boolean)),
        Value::Duration(_) | Value::Set(_) => return false,
    };
    found.is_ok()
}
