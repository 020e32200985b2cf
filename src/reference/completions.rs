//! Completions of missing facts, tried one by one: values at and beside the policy's constants, within the field's
//! range. What they reach is possible for certain; what they do not reach may be possible all the same.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::constants::constants;
use super::records::{Book, Loaded};
use super::value::Maybe;
use super::{Base, Customer, calendar};
use crate::check::{Checked, FieldIndex};
use crate::schema::{Field, Type};
use crate::value::{Constant, Value};

/// So many completions are tried for one customer.
const TRIES: usize = 600;

/// Numbers of this size and beyond are not tried.
const FAR: i64 = 1_000_000_000_000_000;

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

/// A thing that is missing: a fact, or a value of a record.
#[derive(Clone, Copy)]
enum Place {
    Fact(usize),
    Record(usize, usize, usize),
}

/// The tiers that the completions reach, by place on the ladder; no tier comes first. Facts that are `absent` are computed
/// anew where the records are known.
pub(super) fn reached(
    book: Book<'_>,
    given: &[Maybe<'_>],
    records: &Loaded,
    absent: &[FieldIndex],
) -> BTreeSet<Option<usize>> {
    let checked = book.checked;
    let supplied = checked.collections().iter().zip(records).any(|(known, rows)| known.computed && rows.is_some());
    let computes = |index: &FieldIndex| supplied && absent.contains(index);
    let facts = checked
        .used_fields()
        .filter(|(index, _)| checked.is_used(*index) && matches!(given.get(index.at()), Some(Maybe::Missing)))
        .filter(|(index, _)| !computes(index))
        .map(|(index, field)| (Place::Fact(index.at()), candidates(checked, field, book.as_of)));
    let mut missing: Vec<(Place, Vec<Candidate>)> = facts.collect();
    missing.extend(of_records(book, records));
    // A collection that is not supplied may turn out to be empty.
    let mut supplied_all: Loaded = records.clone();
    let joint = checked.collections().iter().any(|known| known.used && known.collection.kind.is_orders());
    for (known, rows) in checked.collections().iter().zip(&mut supplied_all) {
        if rows.is_none() && (known.used || (joint && known.collection.kind.is_orders())) {
            *rows = Some(Vec::new());
        }
    }
    let all = missing.iter().try_fold(1_usize, |all, (_, candidates)| all.checked_mul(candidates.len()));
    let tries = if records.iter().flatten().any(|rows| !rows.is_empty()) { TRIES / 6 } else { TRIES };
    let mut reached = BTreeSet::new();
    // All of them where they are few, else a spread of them.
    for attempt in 0..all.unwrap_or(tries).min(tries) {
        let few = all.is_some_and(|all| all <= tries);
        let mut rest = if few { attempt } else { attempt * 7_919 + attempt / 3 };
        let (mut completed, mut rows): (Vec<Maybe<'_>>, Loaded) = (given.to_vec(), supplied_all.clone());
        for (place, candidates) in &missing {
            let chosen = candidates.get(rest % candidates.len().max(1));
            rest = rest / candidates.len().max(1) + if few { 0 } else { attempt };
            match (place, chosen) {
                (Place::Fact(at), Some(candidate)) => {
                    completed.iter_mut().skip(*at).take(1).for_each(|fact| *fact = Maybe::Known(candidate.value()));
                }
                (Place::Record(at, row, place), Some(Candidate::One(constant))) => {
                    let element = rows.get_mut(*at).and_then(Option::as_mut).and_then(|rows| rows.get_mut(*row));
                    let dated = checked.collections().get(*at).and_then(|known| known.collection.date());
                    if let Some(element) = element {
                        if let (true, Constant::Date(date)) = (dated == Some(*place), constant) {
                            element.date = Some(*date);
                        }
                        element
                            .values
                            .iter_mut()
                            .skip(*place)
                            .take(1)
                            .for_each(|value| *value = Some(constant.clone()));
                    }
                }
                _ => {}
            }
        }
        rows.iter_mut().flatten().for_each(|rows| rows.sort_by_key(|row| row.date));
        let mut opens = vec![None; completed.len()];
        let anew: Vec<FieldIndex> = absent.iter().copied().filter(computes).collect();
        // What is computed out of range refuses the customer: no completion.
        if super::computed::compute(book, &anew, &mut completed, &rows, &mut opens).is_err() {
            continue;
        }
        let base = Base { checked, as_of: book.as_of, given: &completed, records: &rows, opens: &opens };
        reached.insert(Customer::new(base).decide().0);
    }
    reached
}

/// The values of records that are missing, each with what it could be.
fn of_records(book: Book<'_>, records: &Loaded) -> Vec<(Place, Vec<Candidate>)> {
    let checked = book.checked;
    let mut missing = Vec::new();
    for (at, (known, rows)) in checked.collections().iter().zip(records).enumerate() {
        for (row, element) in rows.iter().flatten().enumerate() {
            for (place, field) in known.collection.fields.iter().enumerate() {
                let same = |other: &&crate::check::Records| {
                    let both = other.collection.kind.is_orders() && known.collection.kind.is_orders();
                    both || other.collection.name() == known.collection.name()
                };
                let mut alike = checked.collections().iter().filter(same);
                let looked = alike.any(|other| other.used_fields.get(place) == Some(&true))
                    || (known.computed && matches!(field.name(), "amount" | "placed_on"));
                let dates = known.collection.date() == Some(place);
                let open = (looked || dates) && (field.name() != "id" || !known.collection.kind.is_orders());
                let missing_here = element.values.get(place).is_some_and(Option::is_none);
                if open && missing_here && !element.undefined.contains(&place) {
                    let mut tried = candidates(checked, field, book.as_of);
                    // An order without an amount is a purchase.
                    tried.retain(|candidate| match candidate {
                        // What is in the history happened.
                        Candidate::One(Constant::Date(date)) => !dates || *date <= book.as_of,
                        Candidate::One(Constant::Number(number)) => {
                            *number >= Decimal::ZERO || !(known.collection.kind.is_orders() && field.name() == "amount")
                        }
                        _ => true,
                    });
                    missing.push((Place::Record(at, row, place), tried));
                }
            }
        }
    }
    missing
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
        // Far out sums do not stay exact: such completions do not count.
        let fine = |number: &Decimal| {
            number.abs() < Decimal::from(FAR) && number.normalize().scale() <= field.scale.unwrap_or(step.scale())
        };
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
