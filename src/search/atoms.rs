//! Questions about one value, asked of all customers of a region.

use super::kleene::Kleene;
use super::linear::{Bound, Compared, Linear};
use super::look::Look;
use super::ratio::Ratio;
use super::region::{Kind, Room, number_of};
use super::scene::OTHERS;
use super::score::Total;
use super::seen::{Known, Seen};
use crate::builtins::{Compare, Contains, set_contains, set_has};
use rust_decimal::Decimal;

use crate::plan::{Atom, Expr, ExprId, Operand, Score, Subject, Test};
use crate::value::{Constant, Fact, Members, Text, Value, shift, within};

impl<'l, 'a> Look<'l, '_, 'a> {
    /// What a question can come to.
    pub(super) fn atom(&self, atom: &'a Atom) -> Kleene {
        let subject = self.scene.plan.dimension(atom).map(|dimension| dimension.subject);
        match (subject, &atom.test) {
            (Some(Subject::Order(a, b)), Test::Order(op)) => self.compared(*op, a, b),
            (Some(Subject::Value(value)), Test::Compare(op, operand)) => self.compared_with(*op, value, operand),
            (Some(Subject::Value(value)), test) => match self.total_of(value) {
                Some(total) => total.test(test),
                None => self.test(&self.value(value), test),
            },
            _ => Kleene::ANY,
        }
    }

    /// How a value compares with a constant, or with what is constant on one day.
    pub(super) fn compared_with(&self, op: Compare, value: ExprId, operand: &Operand) -> Kleene {
        let other = match operand {
            Operand::Constant(constant) => Seen::of(Known::Exact(constant.value())),
            Operand::Relative(value) => self.value(*value),
        };
        if let Some(total) = self.total_of(value) {
            let truth = other.number().map_or(Kleene::ANY, |bound| total.compare(op, Total::of(bound)));
            return match self.bound_with(op, value, operand) {
                Some(bound) if truth.is_within(Kleene::EITHER) && !truth.is_settled() => self.settle(truth, bound),
                _ => truth,
            };
        }
        let seen = self.value(value);
        let text = match operand {
            Operand::Constant(constant) => self.equals(op, &seen.known, constant),
            Operand::Relative(_) => None,
        };
        let mut truth = text.unwrap_or_else(|| seen.known.compare(op, &other.known));
        if !truth.is_settled()
            && let Some(bound) = self.bound_with(op, value, operand)
        {
            truth = self.settle(truth, bound);
        }
        truth.or_else(seen.unknown()).or_else(other.unknown())
    }

    /// How two values compare.
    pub(super) fn compared(&self, op: Compare, a: ExprId, b: ExprId) -> Kleene {
        let (left, right) = (self.value(a), self.value(b));
        let scored = self.total_of(a).is_some() || self.total_of(b).is_some();
        if let (true, Some(left), Some(right)) = (scored, self.total(a, &left), self.total(b, &right)) {
            let truth = left.compare(op, right);
            return match self.bound_between(op, a, b) {
                Some(bound) if truth.is_within(Kleene::EITHER) && !truth.is_settled() => self.settle(truth, bound),
                _ => truth,
            };
        }
        let mut truth = left.known.compare(op, &right.known);
        if !truth.is_settled()
            && let Some(bound) = self.bound_between(op, a, b)
        {
            truth = self.settle(truth, bound);
        }
        truth.or_else(left.unknown()).or_else(right.unknown())
    }

    /// Where one of two values is a score, both as scores.
    fn total(&self, id: ExprId, seen: &Seen<'l>) -> Option<Total> {
        self.total_of(id)
            .or_else(|| Some(Total { known: seen.can_be_known(), ..Total::of(seen.number()?) }.lacking(seen)))
    }

    fn settle(&self, truth: Kleene, bound: Compared) -> Kleene {
        match bound {
            Compared::Always(holds) => Kleene::of(holds),
            Compared::Where(bound) => {
                bound.within(self.region, &self.space.forms.borrow()).map_or(truth, |found| truth.only(found))
            }
        }
    }

    /// Where a comparison with a constant holds, for values that are sums of variables.
    pub(super) fn bound_with(&self, op: Compare, value: ExprId, operand: &Operand) -> Option<Compared> {
        self.nest(|| self.sums_with(op, value, operand))
    }

    fn sums_with(&self, op: Compare, value: ExprId, operand: &Operand) -> Option<Compared> {
        let other = match operand {
            Operand::Constant(Constant::Number(number)) => Linear::constant(Ratio::of(*number)?),
            Operand::Constant(Constant::Date(date)) => Linear::constant(Ratio::whole(number_of(*date))),
            Operand::Constant(_) => return None,
            Operand::Relative(value) => self.linear(*value)?,
        };
        let (op, sum) = match (self.score_of(value), operand) {
            (Some(score), Operand::Constant(Constant::Number(bound))) => {
                (cut_off(op, score, *bound), self.sum_of_lines(score, super::look::DEPTH)?)
            }
            _ => (op, self.linear(value)?),
        };
        sum.subtract(&other)?.compared(op, &mut self.space.forms.borrow_mut())
    }

    /// Where a comparison of two values holds, for values that are sums of variables.
    pub(super) fn bound_between(&self, op: Compare, a: ExprId, b: ExprId) -> Option<Compared> {
        self.nest(|| self.linear(a)?.subtract(&self.linear(b)?)?.compared(op, &mut self.space.forms.borrow_mut()))
    }

    /// Where a question about a sum of variables holds.
    pub(super) fn bound(&self, atom: &'a Atom) -> Option<Bound> {
        let subject = self.scene.plan.dimension(atom).map(|dimension| dimension.subject)?;
        let compared = match (subject, &atom.test) {
            (Subject::Order(a, b), Test::Order(op)) => self.bound_between(*op, a, b),
            (Subject::Value(value), Test::Compare(op, operand)) => self.bound_with(*op, value, operand),
            (Subject::Value(value), Test::Within(length)) => return self.bound_within(value, *length),
            (Subject::Value(value), Test::In(members)) => {
                let open = |member: &&Constant| {
                    let operand = Operand::Constant((*member).clone());
                    !self.compared_with_constant(value, &operand).is_settled()
                };
                let member = members.iter().find(open)?;
                self.bound_with(Compare::Equal, value, &Operand::Constant(member.clone()))
            }
            _ => None,
        };
        match compared? {
            Compared::Where(bound) => Some(bound),
            Compared::Always(_) => None,
        }
    }

    /// The days that lie within a length of time, for a date that is a variable.
    fn bound_within(&self, value: ExprId, length: ExprId) -> Option<Bound> {
        let as_of = self.scene.machine.as_of;
        let Known::Exact(Value::Duration(length)) = self.value(length).known else { return None };
        let last = Linear::constant(Ratio::whole(number_of(as_of)));
        let compared =
            self.linear(value)?.subtract(&last)?.compared(Compare::LessOrEqual, &mut self.space.forms.borrow_mut());
        let Some(Compared::Where(bound)) = compared else { return None };
        let days = shift(as_of, length, false).map_or(bound.low, |excluded| number_of(excluded) + 1);
        // Only of the plain date of a variable, whose units are days.
        let plain = matches!(self.scene.plan.expr(value), Expr::Fact(_) | Expr::Aggregate(_));
        plain.then_some(Bound { low: days, ..bound })
    }

    fn compared_with_constant(&self, value: ExprId, operand: &Operand) -> Kleene {
        let Operand::Constant(constant) = operand else { return Kleene::ANY };
        let truth = self.value(value).known.compare(Compare::Equal, &Known::Exact(constant.value()));
        match self.bound_with(Compare::Equal, value, operand) {
            Some(bound) if !truth.is_settled() => self.settle(truth, bound),
            _ => truth,
        }
    }

    /// What a question about a value can come to, comparisons apart.
    fn test(&self, seen: &Seen<'l>, test: &'a Test) -> Kleene {
        if *test == Test::Missing {
            let lacks = seen.missing || seen.undefined;
            return Kleene::TRUE.when(lacks).or_else(Kleene::FALSE.when(seen.can_be_known()));
        }
        let unknown = seen.unknown();
        let known = match test {
            _ if !seen.can_be_known() => Kleene::NOTHING,
            Test::Holds => return seen.flags(),
            Test::In(members) => match &seen.known {
                Known::Text { variable, lower } => {
                    self.of_texts(*variable, *lower, |text| is_one(text, members), *lower)
                }
                known => known.is_among(members),
            },
            Test::SetContains(mode, wanted) => match &seen.known {
                Known::Set(variable) => self.of_set(*variable, *mode, wanted),
                Known::Exact(Value::Set(set)) => Kleene::of(set_contains(*set, *mode, wanted)),
                _ => Kleene::EITHER,
            },
            Test::Has(part) => return self.has(&seen.known, *part).or_else(unknown),
            Test::StartsWith(prefix) => self.of_text(&seen.known, |text| text.read().starts_with(&**prefix)),
            Test::Matches(pattern) => self.of_text(&seen.known, |text| pattern.found_in(&text.read())),
            Test::Within(length) => return self.within(seen, *length),
            Test::Compare(..) | Test::Order(_) | Test::Missing => Kleene::EITHER,
        };
        known.or_else(unknown)
    }

    fn within(&self, seen: &Seen<'l>, length: ExprId) -> Kleene {
        let length = self.value(length);
        let known = match (seen.known.days(), &length.known) {
            (Some((low, high)), Known::Exact(Value::Duration(length))) => {
                let as_of = self.scene.machine.as_of;
                let inside = |date| within(date, as_of, *length);
                let (first, last) = (inside(low), inside(high));
                let between = low <= as_of && as_of <= high && inside(as_of);
                Kleene::TRUE.when(first || last || between).or_else(Kleene::FALSE.when(!(first && last)))
            }
            _ => Kleene::EITHER,
        };
        known.or_else(seen.unknown()).or_else(length.unknown())
    }

    /// Whether a text has a part, or a set a member.
    fn has(&self, known: &Known<'l>, part: ExprId) -> Kleene {
        let part = self.value(part);
        let found = match (known, &part.known) {
            (Known::Nothing, _) | (_, Known::Nothing) => Kleene::NOTHING,
            (Known::Exact(Value::Set(set)), Known::Exact(part)) => Kleene::of(set_has(*set, part)),
            (Known::Exact(Value::Set(set)), Known::Text { variable, lower }) => self.is_in(*set, *variable, *lower),
            (Known::Set(variable), Known::Exact(part)) => {
                let wanted: Vec<Constant> = part.constant().into_iter().collect();
                self.of_set(*variable, Contains::One, &wanted)
            }
            (known, Known::Exact(Value::Text(part))) => {
                let part = part.read();
                self.of_text(known, |text| text.read().contains(&*part))
            }
            _ => Kleene::EITHER,
        };
        found.or_else(part.unknown())
    }

    /// Whether a set has the text of a variable as a member.
    fn is_in(&self, set: &dyn Members, variable: usize, lower: bool) -> Kleene {
        let (mut count, mut others) = (0, false);
        set.each(&mut |_| count += 1);
        if count > OTHERS {
            return Kleene::EITHER;
        }
        let texts = self.texts(variable, false).0;
        set.each(&mut |member| {
            others |= !matches!(member, Fact::Text(own) if texts.iter().any(|text| *text == Text::new(own)));
        });
        self.of_texts(variable, lower, |text| set_has(set, &Value::Text(text)), others || lower)
    }

    /// Whether a property of texts holds.
    fn of_text(&self, known: &Known<'l>, holds: impl Fn(Text<'_>) -> bool) -> Kleene {
        match known {
            Known::Exact(Value::Text(text)) => Kleene::of(holds(*text)),
            Known::Text { variable, lower } => self.of_texts(*variable, *lower, holds, true),
            _ => Kleene::EITHER,
        }
    }

    fn of_texts(&self, variable: usize, lower: bool, holds: impl Fn(Text<'_>) -> bool, open: bool) -> Kleene {
        let (texts, rest) = self.texts(variable, lower);
        let each = texts.into_iter().map(|text| Kleene::of(holds(text))).fold(Kleene::NOTHING, Kleene::or_else);
        // Texts that are not told apart are none of those that are named.
        let others = if open { Kleene::EITHER } else { Kleene::FALSE };
        each.or_else(others.when(rest))
    }

    fn of_set(&self, variable: usize, mode: Contains, wanted: &[Constant]) -> Kleene {
        let kind = self.space.variables.get(variable).map(|variable| &variable.kind);
        let room = self.region.place(variable).map(|place| &place.room);
        let (Some(Kind::Sets(members)), Some(Room::Within { must, may })) = (kind, room) else { return Kleene::EITHER };
        // Behind the members that are told apart, one place stands for all others.
        let others = match self.space.start.get(variable).map(|place| &place.room) {
            Some(Room::Within { may: all, .. }) if all.contains(members.len()) && !may.contains(members.len()) => {
                Kleene::FALSE
            }
            _ => Kleene::EITHER,
        };
        let each = wanted.iter().map(|wanted| match members.binary_search(wanted) {
            Ok(at) => Kleene::TRUE.when(may.contains(at)).or_else(Kleene::FALSE.when(!must.contains(at))),
            Err(_) => others,
        });
        match mode {
            Contains::All => each.fold(Kleene::TRUE, Kleene::and),
            _ => each.fold(Kleene::FALSE, Kleene::or),
        }
    }

    /// Whether a text equals a constant, where it is the text of a variable.
    fn equals(&self, op: Compare, known: &Known<'l>, constant: &Constant) -> Option<Kleene> {
        match (known, constant) {
            (Known::Text { variable, lower }, Constant::Text(wanted)) => {
                let same = |text: Text<'_>| text.compare(wanted).is_eq();
                let equal = self.of_texts(*variable, *lower, same, *lower);
                Some(if op == Compare::NotEqual { equal.not() } else { equal })
            }
            _ => None,
        }
    }
}

/// A comparison with a score as one with the sum of its lines: what lies beyond an end is cut off there.
fn cut_off(op: Compare, score: &Score, bound: Decimal) -> Compare {
    match op {
        Compare::Equal if score.high == Some(bound) => Compare::GreaterOrEqual,
        Compare::Equal if score.low == Some(bound) => Compare::LessOrEqual,
        Compare::NotEqual if score.high == Some(bound) => Compare::Less,
        Compare::NotEqual if score.low == Some(bound) => Compare::Greater,
        op => op,
    }
}

impl Seen<'_> {
    /// What it is as a condition.
    pub(super) fn flags(&self) -> Kleene {
        let known = match &self.known {
            Known::Nothing => Kleene::NOTHING,
            Known::Exact(value) => Kleene::of(value.same(&Value::Boolean(true))),
            Known::Truth(truth) => *truth,
            _ => Kleene::EITHER,
        };
        known.or_else(self.unknown())
    }
}

fn is_one(text: Text<'_>, members: &[Constant]) -> bool {
    members.iter().any(|member| matches!(member, Constant::Text(member) if text.compare(member).is_eq()))
}
