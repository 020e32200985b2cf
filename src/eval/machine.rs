//! The evaluator: values and conditions of one customer, in decision mode or in possible mode.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::{At, Observer};
use crate::builtins::{Compare, set_contains, set_has};
use crate::diagnostics::Refusal;
use crate::facts::{Converted, CustomerError, Facts, FieldRef, convert};
use crate::plan::{Atom, Expr, ExprId, Node, NodeId, Operand, Plan, Root, Subject, Test, Truth};
use crate::value::{Constant, Value, within};

/// A value, or why there is none.
#[derive(Clone, Copy)]
pub(crate) enum Val<'a> {
    Known(Value<'a>),
    /// Not known; in possible mode it stands for every value it could have.
    Missing,
    /// Without a result, and nothing that could become known.
    Undefined,
}

/// What a let came to.
#[derive(Clone, Copy)]
pub(super) enum Bound<'a> {
    Value(Val<'a>),
    Truth(Truth),
}

/// A fact of a slot; a tier that is not on the ladder is missing, and remembered.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(super) value: Val<'a>,
    pub(super) not_on_ladder: bool,
    /// The fact is missing, and the field has a default.
    pub(super) by_default: bool,
}

const NOTHING: Given<'static> = Given { value: Val::Missing, not_on_ladder: false, by_default: false };
const UNBOUND: Bound<'static> = Bound::Value(Val::Missing);

/// One customer before a plan: facts validated and converted, lets worked out.
pub(super) struct Machine<'m, 'a> {
    pub(super) plan: &'a Plan,
    pub(super) as_of: NaiveDate,
    pub(super) facts: &'a [Given<'a>],
    lets: &'m [Bound<'a>],
    possible: bool,
}

/// Runs `work` on scratch for so many values: on the stack up to 512 of them.
fn with_scratch<T, R>(count: usize, value: impl Fn() -> T, work: impl FnOnce(&mut [T]) -> R) -> R {
    match count {
        0 => work(&mut []),
        1..=8 => work(&mut std::array::from_fn::<T, 8, _>(|_| value())),
        9..=64 => work(&mut std::array::from_fn::<T, 64, _>(|_| value())),
        65..=512 => work(&mut std::array::from_fn::<T, 512, _>(|_| value())),
        _ => work(&mut (0..count).map(|_| value()).collect::<Vec<T>>()),
    }
}

/// Validates the facts and runs `work` on the machine.
pub(super) fn with_machine<F: Facts + ?Sized, O: Observer, R>(
    plan: &Plan,
    facts: &F,
    at: At<'_>,
    observer: &mut O,
    work: impl FnOnce(&Machine<'_, '_>, &mut O) -> R,
) -> Result<R, CustomerError> {
    with_scratch(
        plan.slots().len(),
        || NOTHING,
        |scratch| {
            for (slot, place) in scratch.iter_mut().enumerate().take(plan.slots().len()) {
                *place = given(plan, facts, slot)?;
            }
            observer.facts(scratch);
            Ok(with_lets(plan, at.date(), scratch, false, observer, work))
        },
    )
}

/// Works out the lets and runs `work` on the machine. A let uses earlier lets only, so that one pass is enough and none
/// is worked out twice.
fn with_lets<O: Observer, R>(
    plan: &Plan,
    as_of: NaiveDate,
    facts: &[Given<'_>],
    possible: bool,
    observer: &mut O,
    work: impl FnOnce(&Machine<'_, '_>, &mut O) -> R,
) -> R {
    with_scratch(
        plan.lets().len(),
        || UNBOUND,
        |lets| {
            for (at, root) in plan.lets().iter().enumerate() {
                let (known, rest) = lets.split_at_mut(at);
                let machine = Machine { plan, as_of, facts, lets: known, possible };
                let bound = match root {
                    Root::Value(value) => Bound::Value(machine.value_of(*value, observer)),
                    Root::Condition(node) => Bound::Truth(machine.truth_of(*node, observer)),
                };
                rest.iter_mut().take(1).for_each(|place| *place = bound);
            }
            work(&Machine { plan, as_of, facts, lets, possible }, observer)
        },
    )
}

fn given<'p, F: Facts + ?Sized>(plan: &'p Plan, facts: &'p F, at: usize) -> Result<Given<'p>, CustomerError> {
    let Some(slot) = plan.slots().get(at) else {
        return Ok(NOTHING);
    };
    let field = &slot.field;
    let fact = facts
        .fact(FieldRef::new(field.name(), field.ty(), at))
        .map_err(|error| CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.to_string()))?;
    let by_default = matches!(fact, crate::value::Fact::Missing);
    let converted = convert(field, plan.currency(), fact)?;
    Ok(match converted {
        Converted::Known(value) => Given { value: Val::Known(value), by_default, ..NOTHING },
        Converted::Missing => NOTHING,
        Converted::Undefined => Given { value: Val::Undefined, ..NOTHING },
        Converted::NotOnLadder => Given { not_on_ladder: true, ..NOTHING },
    })
}

impl<'a> Machine<'_, 'a> {
    /// Runs `work` on the same customer with every missing fact open.
    pub(super) fn in_possible_mode<R>(&self, work: impl FnOnce(&Machine<'_, '_>) -> R) -> R {
        with_lets(self.plan, self.as_of, self.facts, true, &mut (), |open, ()| work(open))
    }

    pub(super) fn any_missing(&self) -> bool {
        self.facts.iter().take(self.plan.slots().len()).any(|given| matches!(given.value, Val::Missing))
    }

    pub(super) fn fact(&self, slot: u32) -> Val<'a> {
        self.facts.get(slot as usize).map_or(Val::Missing, |given| given.value)
    }

    fn bound(&self, at: u32) -> Bound<'a> {
        self.lets.get(at as usize).copied().unwrap_or(UNBOUND)
    }

    /// The value of an expression.
    pub(super) fn value(&self, id: ExprId) -> Val<'a> {
        self.value_of(id, &mut ())
    }

    /// The same, with an observer who hears of every calculation.
    fn value_of(&self, id: ExprId, observer: &mut impl Observer) -> Val<'a> {
        let value = match self.plan.expr(id) {
            Expr::Constant(constant) => return Val::Known(constant.value()),
            Expr::Fact(slot) => return self.fact(*slot),
            Expr::Let(at) => match self.bound(*at) {
                Bound::Value(value) => value,
                Bound::Truth(truth) => self.as_value(truth),
            },
            Expr::Today => return Val::Known(Value::Date(self.as_of)),
            Expr::Unary(op, inner) => match self.value_of(*inner, observer) {
                Val::Known(value) => op.unary(value).map_or(Val::Undefined, Val::Known),
                unknown => unknown,
            },
            Expr::Chain(first, rest) => {
                let mut value = self.value_of(*first, observer);
                for (op, part) in rest {
                    value = match (value, self.value_of(*part, observer)) {
                        (Val::Known(left), Val::Known(right)) => {
                            op.binary(left, right).map_or(Val::Undefined, Val::Known)
                        }
                        (Val::Undefined, _) | (_, Val::Undefined) => Val::Undefined,
                        _ => Val::Missing,
                    };
                }
                value
            }
            Expr::Coalesce(parts) => self.coalesce(parts, observer),
            Expr::If(arms, otherwise) => self.choice(arms, *otherwise, observer),
            Expr::Truth(node) => self.as_value(self.truth_of(*node, observer)),
        };
        observer.value(id, value);
        value
    }

    /// The first known part; in possible mode a missing one will be known and so decides.
    fn coalesce(&self, parts: &[ExprId], observer: &mut impl Observer) -> Val<'a> {
        let mut last = Val::Missing;
        for part in parts {
            last = self.value_of(*part, observer);
            match last {
                Val::Known(_) => return last,
                Val::Missing if self.possible => return last,
                _ => {}
            }
        }
        last
    }

    fn choice(&self, arms: &[(NodeId, ExprId)], otherwise: ExprId, observer: &mut impl Observer) -> Val<'a> {
        for (condition, value) in arms {
            let truth = self.truth_of(*condition, observer);
            if truth.is_surely_true() {
                return self.value_of(*value, observer);
            }
            if !truth.is_surely_false() {
                return self.as_unknown(truth);
            }
        }
        self.value_of(otherwise, observer)
    }

    /// A condition that is not settled, as a value: in possible mode one that stays unknown has no result.
    fn as_unknown(&self, truth: Truth) -> Val<'a> {
        if self.possible && truth == Truth::UNKNOWN { Val::Undefined } else { Val::Missing }
    }

    fn as_value(&self, truth: Truth) -> Val<'a> {
        match truth {
            Truth::TRUE => Val::Known(Value::Boolean(true)),
            Truth::FALSE => Val::Known(Value::Boolean(false)),
            truth => self.as_unknown(truth),
        }
    }

    /// The outcomes that a condition can still have.
    pub(super) fn truth(&self, id: NodeId) -> Truth {
        self.truth_of(id, &mut ())
    }

    /// The same, with an observer who hears of every condition and calculation.
    pub(super) fn truth_of<O: Observer>(&self, id: NodeId, observer: &mut O) -> Truth {
        let truth = match self.plan.node(id) {
            Node::Constant(value) => Truth::of(*value),
            Node::Atom(atom) => self.plan.atom(*atom).map_or(Truth::UNKNOWN, |atom| self.atom(atom, observer)),
            Node::Let(at) => match self.bound(*at) {
                Bound::Truth(truth) => truth,
                Bound::Value(Val::Known(Value::Boolean(value))) => Truth::of(value),
                Bound::Value(_) => Truth::UNKNOWN,
            },
            Node::Not(inner) => self.truth_of(*inner, observer).not(),
            Node::And(parts) => {
                let mut truth = Truth::TRUE;
                for part in parts {
                    truth = truth.and(self.truth_of(*part, observer));
                    if truth.is_surely_false() && !O::WHOLE {
                        break;
                    }
                }
                truth
            }
            Node::Or(parts) => {
                let mut truth = Truth::FALSE;
                for part in parts {
                    truth = truth.or(self.truth_of(*part, observer));
                    if truth.is_surely_true() && !O::WHOLE {
                        break;
                    }
                }
                truth
            }
            Node::AtLeast(wanted, parts) => {
                Truth::at_least(*wanted as usize, parts.iter().map(|part| self.truth_of(*part, observer)))
            }
            Node::If(arms, otherwise) => self.truth_choice(arms, *otherwise, observer),
            Node::Chained(first, rest) => self.chained(*first, rest, observer),
        };
        observer.condition(id, truth);
        truth
    }

    fn chained(&self, first: ExprId, rest: &[(Compare, ExprId)], observer: &mut impl Observer) -> Truth {
        let mut truth = Truth::TRUE;
        let mut left = self.value_of(first, observer);
        for (op, part) in rest {
            let right = self.value_of(*part, observer);
            truth = truth.and(match (left, right) {
                (Val::Known(left), Val::Known(right)) => Truth::of(op.holds(&left, &right)),
                (Val::Undefined, _) | (_, Val::Undefined) => Truth::UNKNOWN,
                _ if self.possible => Truth::ANY,
                _ => Truth::UNKNOWN,
            });
            left = right;
        }
        truth
    }

    fn truth_choice(&self, arms: &[(NodeId, NodeId)], otherwise: NodeId, observer: &mut impl Observer) -> Truth {
        for (condition, value) in arms {
            let truth = self.truth_of(*condition, observer);
            if truth.is_surely_true() {
                return self.truth_of(*value, observer);
            }
            if !truth.is_surely_false() {
                return if truth == Truth::UNKNOWN { truth } else { Truth::ANY };
            }
        }
        self.truth_of(otherwise, observer)
    }

    /// The outcomes that one question can still have.
    fn atom(&self, atom: &Atom, observer: &mut impl Observer) -> Truth {
        let Some(dimension) = self.plan.dimension(atom) else {
            return Truth::UNKNOWN;
        };
        match dimension.subject {
            Subject::Value(value) => self.test(self.value_of(value, observer), atom, observer),
            Subject::Order(a, b) => match (self.value_of(a, observer), self.value_of(b, observer)) {
                (Val::Known(a), Val::Known(b)) => match &atom.test {
                    Test::Order(op) => Truth::of(op.holds(&a, &b)),
                    _ => Truth::UNKNOWN,
                },
                (Val::Undefined, _) | (_, Val::Undefined) => Truth::UNKNOWN,
                _ => self.open(atom),
            },
        }
    }

    fn test(&self, value: Val<'a>, atom: &Atom, observer: &mut impl Observer) -> Truth {
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
        if self.possible { atom.when_open } else { Truth::UNKNOWN }
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
