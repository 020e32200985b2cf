//! Completions of missing facts, tried one by one: values at and beside the policy's constants, within the field's
//! range. What they reach is possible for certain; what they do not reach may be possible all the same.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::constants::constants;
use super::value::Maybe;
use super::{Customer, calendar};
use crate::check::Checked;
use crate::schema::{Field, Type};
use crate::value::{Constant, Value};

/// So many completions are tried for one customer.
const TRIES: usize = 600;

/// A value that a missing fact could have.
#[derive(Clone)]
pub(super) enum Candidate {
    One(Constant),
    Set(Vec<String>),
}

impl Candidate {
    pub(super) fn value(&self) -> Value<'_> {
        match self {
            Self::One(constant) => constant.value(),
            Self::Set(members) => Value::Set(members),
        }
    }
}

/// The tiers that the completions reach, by place on the ladder; no tier comes first.
pub(super) fn reached<'a>(checked: &'a Checked, as_of: NaiveDate, given: &'a [Maybe<'a>]) -> BTreeSet<Option<usize>> {
    let missing: Vec<(usize, Vec<Candidate>)> = checked
        .used_fields()
        .filter(|(index, _)| matches!(given.get(index.at()), Some(Maybe::Missing)))
        .map(|(index, field)| (index.at(), candidates(checked, field, as_of)))
        .collect();
    let all = missing.iter().try_fold(1_usize, |all, (_, candidates)| all.checked_mul(candidates.len()));
    let mut reached = BTreeSet::new();
    // All of them where they are few, else a spread of them.
    for attempt in 0..all.unwrap_or(TRIES).min(TRIES) {
        let mut rest = if all.is_some_and(|all| all <= TRIES) { attempt } else { attempt * 7_919 + attempt / 3 };
        let mut completed: Vec<Maybe<'_>> = given.to_vec();
        for (at, candidates) in &missing {
            let chosen = candidates.get(rest % candidates.len().max(1));
            rest = rest / candidates.len().max(1) + if all.is_some_and(|all| all <= TRIES) { 0 } else { attempt };
            if let (Some(place), Some(candidate)) = (completed.get_mut(*at), chosen) {
                *place = Maybe::Known(candidate.value());
            }
        }
        reached.insert(tier(checked, as_of, &completed));
    }
    reached
}

fn tier<'a>(checked: &'a Checked, as_of: NaiveDate, given: &'a [Maybe<'a>]) -> Option<usize> {
    Customer::new(checked, as_of, given).decide().0
}

fn candidates(checked: &Checked, field: &Field, as_of: NaiveDate) -> Vec<Candidate> {
    let known = constants(checked);
    let ones = |constants: Vec<Constant>| constants.into_iter().map(Candidate::One).collect::<Vec<_>>();
    let found = match field.ty() {
        Type::Boolean => ones(vec![Constant::Boolean(true), Constant::Boolean(false)]),
        Type::OneOf(members) => ones((0..).take(members.names().len()).map(Constant::Member).collect()),
        Type::Number | Type::Integer | Type::Money => ones(numbers(&known, field)),
        Type::Date => ones(dates(&known, field, as_of)),
        Type::SetOf(_) => sets(&known),
        _ => {
            let texts = known.iter().filter(|constant| matches!(constant, Constant::Text(_))).cloned();
            ones(texts.chain([Constant::Text("?".into()), Constant::Text("".into())]).collect())
        }
    };
    let fits = |candidate: &Candidate| match candidate {
        Candidate::One(constant) => field.range.contains(constant),
        Candidate::Set(_) => true,
    };
    found.into_iter().filter(fits).collect()
}

fn numbers(known: &[Constant], field: &Field) -> Vec<Constant> {
    let step = match (field.ty(), field.scale) {
        (Type::Integer, _) => Decimal::ONE,
        (_, Some(places)) => Decimal::new(1, places),
        (Type::Money, None) => Decimal::new(1, 2),
        _ => Decimal::new(1, 6),
    };
    let ends = [&field.range.low, &field.range.high].into_iter().flatten();
    let zero = Constant::Number(Decimal::ZERO);
    let mut found = BTreeSet::new();
    for constant in known.iter().chain(ends).chain([&zero]) {
        let Constant::Number(number) = constant else { continue };
        let around = [number.checked_sub(step), Some(*number), number.checked_add(step)];
        let on_grid = |number: &Decimal| *field.ty() != Type::Integer || number.fract().is_zero();
        let fine = |number: &Decimal| field.scale.is_none_or(|scale| number.normalize().scale() <= scale);
        found.extend(
            around.into_iter().flatten().filter(|number| on_grid(number) && fine(number)).map(Constant::Number),
        );
    }
    found.into_iter().collect()
}

fn dates(known: &[Constant], field: &Field, as_of: NaiveDate) -> Vec<Constant> {
    let mut middle = vec![as_of];
    for constant in known.iter().chain([&field.range.low, &field.range.high].into_iter().flatten()) {
        match constant {
            Constant::Date(date) => middle.push(*date),
            Constant::Duration(length) => middle.extend(calendar::shift(as_of, *length, false)),
            _ => {}
        }
    }
    let day = Days::new(1);
    let around = |date: NaiveDate| [date.checked_sub_days(day), Some(date), date.checked_add_days(day)];
    let found: BTreeSet<Constant> = middle.into_iter().flat_map(around).flatten().map(Constant::Date).collect();
    found.into_iter().collect()
}

pub(super) fn sets(known: &[Constant]) -> Vec<Candidate> {
    let texts = known.iter().filter_map(|constant| match constant {
        Constant::Text(text) => Some(text.to_string()),
        _ => None,
    });
    let texts: Vec<String> = texts.collect();
    let mut found = vec![Candidate::Set(Vec::new()), Candidate::Set(texts.clone())];
    found.extend(texts.into_iter().map(|text| Candidate::Set(vec![text])));
    found
}
