//! The reference evaluator: naive on purpose, walks `Checked` directly, with truth tables and a calendar of its own.
//! Tests hold every other evaluator against it; hosts have no use for it.

mod aggregate;
mod calendar;
mod classified;
mod completions;
mod computed;
mod constants;
mod findings;
mod lists;
mod records;
mod score;
mod tries;
mod value;

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::NaiveDate;

use crate::check::{Adjustment, Bound, Checked, CollectionIndex, Typed, TypedKind};
use crate::facts::{Converted, CustomerError, Facts, FieldRef, convert};
use crate::policy::Policy;
use crate::value::{Constant, Rates, Value};
pub use lists::{catalogue, codes, entry, operators, phrases, terms};
use records::{Book, Whose};
use score::Span;
use value::Maybe;

/// One of Kleene's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kleene {
    True,
    False,
    Unknown,
}

/// What the reference evaluator says of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The tier's name.
    pub tier: Option<String>,
    /// The deciding rule's line.
    pub line: Option<u32>,
    /// Lines of the floor and the cap that moved the tier.
    pub adjusted: Vec<u32>,
    /// Code and field of every finding, in order.
    pub findings: Vec<(String, Option<String>)>,
    /// Segments with their values, as JSON.
    pub segments: Vec<(String, String)>,
    /// Scores with their values, as JSON.
    pub scores: Vec<(String, String)>,
    /// Benefits with their values, as JSON.
    pub benefits: Vec<(String, String)>,
    /// The tiers that some of the completions reached which were tried; no tier is `None`.
    pub reached: Vec<Option<String>>,
}

/// Classifies by the book.
///
/// # Errors
///
/// As [`Policy::classify`].
pub fn classify(policy: &Policy, facts: &dyn Facts, as_of: NaiveDate) -> Result<Answer, CustomerError> {
    classify_with(policy, facts, Setting { as_of, rates: None, without_parent: false })
}

/// What a customer without a parent does not have.
const PARENT: [&str; 2] = ["parent", "parent.tier"];

/// What is neither policy nor customer.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The as-of date.
    pub as_of: NaiveDate,
    /// Exchange rates.
    pub rates: Option<&'a Rates>,
    /// The customer has no parent whose tier could become known.
    pub without_parent: bool,
}

/// The same with everything that is neither policy nor customer.
///
/// # Errors
///
/// As [`Policy::classify`].
pub fn classify_with(policy: &Policy, facts: &dyn Facts, setting: Setting<'_>) -> Result<Answer, CustomerError> {
    let Setting { as_of, rates, without_parent } = setting;
    let checked = policy.checked();
    let book = Book { checked, as_of, rates };
    let mut given = vec![Maybe::Missing; checked.fields().len()];
    let (mut ladder, mut absent) = (Vec::new(), Vec::new());
    for (slot, (index, field)) in checked.used_fields().enumerate() {
        let fact = facts.fact(FieldRef::new(field.name(), field.ty(), slot)).map_err(|error| {
            CustomerError::new(crate::diagnostics::Refusal::Unreadable, field.name()).with("reason", error.reason())
        })?;
        let computed = checked.computed().iter().any(|computed| computed.field == index);
        if computed && matches!(fact, crate::value::Fact::Missing) {
            absent.push(index);
            continue;
        }
        let value = match convert(field, book.exchange(), fact)? {
            Converted::Known(value) => Maybe::Known(value),
            Converted::Missing if without_parent && PARENT.contains(&field.name()) => Maybe::Undefined,
            Converted::Missing => Maybe::Missing,
            Converted::Undefined => Maybe::Undefined,
            Converted::NotOnLadder => {
                ladder.push(index);
                Maybe::Missing
            }
        };
        if let Some(place) = given.get_mut(index.at()) {
            *place = value;
        }
    }
    let mut noticed = Vec::new();
    let whose = Whose::Customer { computes: !absent.is_empty() };
    let records = records::load(book, facts, whose, &mut noticed)?;
    let mut opens = vec![None; checked.fields().len()];
    computed::compute(book, &absent, &mut given, &records, &mut opens)?;
    let base = Base { checked, as_of, given: &given, records: &records, opens: &opens };
    let customer = Customer::new(base);
    let (tier, rule, adjusted) = customer.decide();
    let mut findings = Vec::new();
    for (index, field) in checked.used_fields() {
        let code = match given.get(index.at()) {
            _ if ladder.contains(&index) => "F0103",
            Some(Maybe::Undefined) if field.standing => "F0102",
            _ => continue,
        };
        findings.push((code.to_owned(), Some(field.name().to_owned())));
    }
    findings.append(&mut noticed);
    customer.findings(&mut findings);
    let name = |tier: Option<usize>| tier.and_then(|tier| checked.tiers().get(tier)).map(|tier| tier.name.to_string());
    let reached = completions::reached(book, &given, &records, &absent);
    Ok(Answer {
        tier: name(tier),
        line: rule.and_then(|rule| checked.rules().get(rule)).map(|rule| rule.place.line),
        adjusted,
        findings,
        segments: customer.classified(false),
        scores: customer.classified(true),
        benefits: customer.benefits(tier),
        reached: reached.into_iter().map(name).collect(),
    })
}

/// What is known of a customer before anything is worked out.
#[derive(Clone, Copy)]
struct Base<'a> {
    checked: &'a Checked,
    as_of: NaiveDate,
    given: &'a [Maybe<'a>],
    records: &'a [Option<Vec<records::Element>>],
    /// By field: what a computed count can be that is not settled.
    opens: &'a [Option<Span>],
}

struct Customer<'a> {
    checked: &'a Checked,
    as_of: NaiveDate,
    given: &'a [Maybe<'a>],
    records: &'a [Option<Vec<records::Element>>],
    opens: &'a [Option<Span>],
    /// The element that is looked at, and where it is a refund the collection under whose name.
    element: Option<(CollectionIndex, usize)>,
    alias: Option<(CollectionIndex, CollectionIndex)>,
    /// The period that is looked at, by its first and last day.
    limit: Option<(NaiveDate, NaiveDate)>,
    lets: Vec<Maybe<'a>>,
    /// By let: what a score that is not settled can be.
    spans: Vec<Option<Span>>,
    /// By let: what a segment that is not settled can be.
    members: Vec<Option<Vec<u32>>>,
    /// The value of the line whose bins are asked.
    subject: Option<Maybe<'a>>,
    /// What choices came to and what conditions can become, by place: nested ones are worked out once.
    choices: RefCell<HashMap<usize, Choice>>,
    open: RefCell<HashMap<usize, (bool, bool)>>,
}

/// What an `if` comes to.
#[derive(Clone, Copy)]
enum Choice {
    Arm(usize),
    Missing,
    Undefined,
}

impl<'a> Customer<'a> {
    fn new(base: Base<'a>) -> Self {
        Self::with_lets(base, |_| true)
    }

    fn base(&self) -> Base<'a> {
        let Self { checked, as_of, given, records, opens, .. } = *self;
        Base { checked, as_of, given, records, opens }
    }

    /// With some of the lets only; the others are as missing.
    fn with_lets(base: Base<'a>, wanted: impl Fn(usize) -> bool) -> Self {
        let Base { checked, as_of, given, records, opens } = base;
        let (lets, spans, members) = (Vec::new(), Vec::new(), Vec::new());
        let mut customer = Self {
            checked,
            as_of,
            given,
            records,
            opens,
            element: None,
            alias: None,
            limit: None,
            lets,
            spans,
            members,
            subject: None,
            choices: RefCell::default(),
            open: RefCell::default(),
        };
        for (at, bound) in checked.lets().iter().enumerate() {
            let (mut span, mut members) = (None, None);
            let value = match &bound.value.kind {
                _ if !wanted(at) => Maybe::Missing,
                TypedKind::Score(score) => {
                    let all = customer.score(score);
                    match all.single() {
                        Some(points) => Maybe::Known(Value::Number(points)),
                        None if all.never => Maybe::Undefined,
                        None => {
                            span = Some(all);
                            Maybe::Missing
                        }
                    }
                }
                TypedKind::Segment(segment) => {
                    let (value, open) = customer.segment(segment);
                    members = open;
                    value
                }
                _ if bound.used => customer.value(&bound.value),
                _ => Maybe::Missing,
            };
            customer.lets.push(value);
            customer.spans.push(span);
            customer.members.push(members);
        }
        customer
    }

    fn decide(&self) -> (Option<usize>, Option<usize>, Vec<u32>) {
        let holds = |at: &usize| match self.checked.rules().get(*at).and_then(|rule| rule.condition.as_ref()) {
            Some(condition) => self.truth(condition) == Kleene::True,
            None => false,
        };
        let tier_of = |at: &usize| self.checked.rules().get(*at).map(|rule| rule.tier);
        let all = 0..self.checked.rules().len();
        let chosen = if self.checked.match_best() {
            all.clone().filter(holds).min_by_key(tier_of)
        } else {
            all.clone().find(holds)
        };
        let otherwise =
            || all.clone().find(|at| self.checked.rules().get(*at).is_some_and(|rule| rule.condition.is_none()));
        let rule = chosen.or_else(otherwise);
        let mut tier = rule.as_ref().and_then(tier_of);
        let mut moved = Vec::new();
        let floor = self.holding(false).min_by_key(|(tier, _)| *tier);
        if let Some((floor, line)) = floor
            && tier.is_none_or(|tier| floor < tier)
        {
            tier = Some(floor);
            moved.push(line);
        }
        // Of equal caps the first written one is named.
        let cap = self.holding(true).min_by_key(|(tier, _)| std::cmp::Reverse(*tier));
        if let Some((cap, line)) = cap
            && tier.is_some_and(|tier| cap > tier)
        {
            tier = Some(cap);
            moved.push(line);
        }
        (tier, rule, moved)
    }

    /// Caps or floors that hold, with their tier and line.
    fn holding(&self, cap: bool) -> impl Iterator<Item = (usize, u32)> {
        let of_kind = self.checked.adjustments().iter().filter(move |adjustment| adjustment.cap == cap);
        of_kind
            .filter(|adjustment| self.truth(&adjustment.condition) == Kleene::True)
            .filter_map(|adjustment| Some((self.limit(adjustment)?, adjustment.place.line)))
    }

    fn limit(&self, adjustment: &Adjustment) -> Option<usize> {
        match adjustment.bound {
            Bound::Tier(tier) => Some(tier),
            Bound::Field(field) => match self.given.get(field.at()) {
                Some(Maybe::Known(Value::Member(tier))) => Some(*tier as usize),
                _ => None,
            },
        }
    }

    fn value(&self, typed: &'a Typed) -> Maybe<'a> {
        match &typed.kind {
            TypedKind::Constant(constant) => Maybe::Known(constant.value()),
            TypedKind::Field(field) => self.given.get(field.at()).copied().unwrap_or(Maybe::Missing),
            TypedKind::Let(index) => self.lets.get(index.at()).copied().unwrap_or(Maybe::Missing),
            TypedKind::Today => Maybe::Known(Value::Date(self.as_of)),
            TypedKind::Subject => self.subject.unwrap_or(Maybe::Missing),
            TypedKind::Lookup(table, column) => self.looked_up(*table, *column, typed),
            TypedKind::Score(_) | TypedKind::Segment(_) => Maybe::Missing,
            TypedKind::Element(collection, field) => self.element(*collection, *field),
            TypedKind::Aggregate(aggregate) => self.aggregate(aggregate).value,
            TypedKind::Unary(op, inner) => match self.value(inner) {
                Maybe::Known(value) => value::unary(*op, value).map_or(Maybe::Undefined, Maybe::Known),
                unknown => unknown,
            },
            TypedKind::Chain(first, rest) => {
                rest.iter().fold(self.value(first), |left, (op, part)| match (left, self.value(part)) {
                    (Maybe::Undefined, _) | (_, Maybe::Undefined) => Maybe::Undefined,
                    (Maybe::Missing, _) | (_, Maybe::Missing) => Maybe::Missing,
                    (Maybe::Known(left), Maybe::Known(right)) => {
                        value::binary(*op, left, right).map_or(Maybe::Undefined, Maybe::Known)
                    }
                })
            }
            TypedKind::Coalesce(parts) => {
                let mut values = parts.iter().map(|part| self.value(part));
                let known = values.find(|value| matches!(value, Maybe::Known(_)));
                known.or_else(|| parts.last().map(|part| self.value(part))).unwrap_or(Maybe::Missing)
            }
            TypedKind::If(arms, otherwise) => match once(&self.choices, typed, || self.choice(arms)) {
                Choice::Arm(at) => self.value(arms.get(at).map_or(&**otherwise, |(_, value)| value)),
                Choice::Missing => Maybe::Missing,
                Choice::Undefined => Maybe::Undefined,
            },
            _ => match self.truth(typed) {
                Kleene::True => Maybe::Known(Value::Boolean(true)),
                Kleene::False => Maybe::Known(Value::Boolean(false)),
                Kleene::Unknown if self.never(typed) => Maybe::Undefined,
                Kleene::Unknown => Maybe::Missing,
            },
        }
    }

    /// The first arm whose condition holds, behind the last one where none does.
    fn choice(&self, arms: &'a [(Typed, Typed)]) -> Choice {
        for (at, (condition, _)) in arms.iter().enumerate() {
            match self.truth(condition) {
                Kleene::True => return Choice::Arm(at),
                Kleene::Unknown if self.never(condition) => return Choice::Undefined,
                Kleene::Unknown => return Choice::Missing,
                Kleene::False => {}
            }
        }
        Choice::Arm(arms.len())
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of condition")]
    fn truth(&self, typed: &'a Typed) -> Kleene {
        let two = |a: &'a Typed, b: &'a Typed, test: &dyn Fn(Value<'a>, Value<'a>) -> bool| match (
            self.value(a),
            self.value(b),
        ) {
            (Maybe::Known(a), Maybe::Known(b)) => of(test(a, b)),
            _ => Kleene::Unknown,
        };
        let one = |a: &'a Typed, test: &dyn Fn(Value<'a>) -> bool| match self.value(a) {
            Maybe::Known(a) => of(test(a)),
            _ => Kleene::Unknown,
        };
        match &typed.kind {
            TypedKind::Not(inner) => match self.truth(inner) {
                Kleene::True => Kleene::False,
                Kleene::False => Kleene::True,
                Kleene::Unknown => Kleene::Unknown,
            },
            TypedKind::And(parts) => self.count(parts, |trues, falses, all| match (trues, falses) {
                (_, 1..) => Kleene::False,
                (trues, _) if trues == all => Kleene::True,
                _ => Kleene::Unknown,
            }),
            TypedKind::Or(parts) => self.count(parts, |trues, falses, all| match (trues, falses) {
                (1.., _) => Kleene::True,
                (_, falses) if falses == all => Kleene::False,
                _ => Kleene::Unknown,
            }),
            TypedKind::AtLeast(wanted, parts) => self.count(parts, |trues, falses, all| {
                let wanted = *wanted as usize;
                match (trues >= wanted, all - falses < wanted) {
                    (true, _) => Kleene::True,
                    (_, true) => Kleene::False,
                    _ => Kleene::Unknown,
                }
            }),
            TypedKind::Compare(op, a, b) => {
                self.with_open(*op, a, b).unwrap_or_else(|| two(a, b, &|a, b| value::compare(*op, &a, &b)))
            }
            TypedKind::Chained(first, rest) => self.chained(first, rest),
            TypedKind::In(subject, members) if self.open_score(subject).is_some() => {
                let outside = |member: &Constant| self.open_equals(subject, member) == Kleene::False;
                if members.iter().all(outside) { Kleene::False } else { Kleene::Unknown }
            }
            TypedKind::In(subject, members) => {
                one(subject, &|subject| members.iter().any(|member| member.value().same(&subject)))
            }
            TypedKind::Missing(subject) => of(!matches!(self.value(subject), Maybe::Known(_))),
            TypedKind::SetContains(mode, subject, members) => {
                one(subject, &|set| value::contains(*mode, &set, members))
            }
            TypedKind::Has(a, b) => two(a, b, &|a, b| value::has(&a, &b)),
            TypedKind::StartsWith(subject, prefix) => {
                one(subject, &|subject| value::text(&subject).starts_with(&**prefix))
            }
            TypedKind::Matches(subject, pattern) => one(subject, &|subject| pattern.found_in(&value::text(&subject))),
            TypedKind::Within(date, length) => two(date, length, &|date, length| match (date, length) {
                (Value::Date(date), Value::Duration(length)) => calendar::within(date, self.as_of, length),
                _ => false,
            }),
            _ => one(typed, &|value| value.same(&Value::Boolean(true))),
        }
    }

    /// `a < b < c` as the conjunction of its comparisons.
    fn chained(&self, first: &'a Typed, rest: &'a [(crate::builtins::Compare, Typed)]) -> Kleene {
        let parts = std::iter::once(first).chain(rest.iter().map(|(_, part)| part));
        let values: Vec<Maybe<'a>> = parts.map(|part| self.value(part)).collect();
        let mut all = Kleene::True;
        for (pair, (op, _)) in values.windows(2).zip(rest) {
            all = match (pair, all) {
                (_, Kleene::False) => Kleene::False,
                ([Maybe::Known(a), Maybe::Known(b)], all) => {
                    if value::compare(*op, a, b) {
                        all
                    } else {
                        Kleene::False
                    }
                }
                _ => Kleene::Unknown,
            };
        }
        all
    }

    /// Decides by how many parts are true and how many false.
    fn count(&self, parts: &'a [Typed], decide: impl Fn(usize, usize, usize) -> Kleene) -> Kleene {
        let truths: Vec<Kleene> = parts.iter().map(|part| self.truth(part)).collect();
        let count = |wanted| truths.iter().filter(|truth| **truth == wanted).count();
        decide(count(Kleene::True), count(Kleene::False), truths.len())
    }
}

/// Works out what belongs to an expression, once.
fn once<T: Copy>(known: &RefCell<HashMap<usize, T>>, typed: &Typed, work: impl FnOnce() -> T) -> T {
    let place = std::ptr::from_ref(typed).addr();
    let found = known.borrow().get(&place).copied();
    found.unwrap_or_else(|| {
        let value = work();
        known.borrow_mut().insert(place, value);
        value
    })
}

fn of(value: bool) -> Kleene {
    if value { Kleene::True } else { Kleene::False }
}
