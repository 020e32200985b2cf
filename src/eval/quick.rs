//! Decisions on ordinals alone: every fact that the policy uses is taken and checked first, then the plan decides. What
//! cannot be taken this way is left to the whole evaluation, which also says what is wrong.

use chrono::NaiveDate;

use super::At;
use crate::facts::{CollectionRef, Facts, FieldRef};
use crate::plan::{ORDINALS, Plan, Scalar, Verdict};
use crate::value::{Encoding, Fact, LEAST, MISSING, ODD};

/// As many ordinals as small and usual policies have, and as many as are kept on the stack.
const FEW: usize = 4;
const USUAL: usize = 16;

/// Decides a customer whose facts are asked for by slot; `None` where that takes more.
pub(super) fn decide<F: Facts + ?Sized>(plan: &Plan, facts: &F, at: At<'_>) -> Option<Verdict> {
    let scalar = plan.strategy().scalar()?;
    let ordinal = |slot: usize, encoding: &Encoding| {
        let Some(known) = plan.slots().get(slot) else { return ODD };
        match facts.fact(FieldRef::new(known.field.name(), known.field.ty(), slot)) {
            Ok(Fact::Missing) if known.computed.is_some() && has_none(plan, scalar, slot, facts) => encoding.bare(),
            Ok(fact) => encoding.fact(fact),
            Err(_) => ODD,
        }
    };
    let facts = plan.strategy().encodings().iter().enumerate();
    let facts = facts.map(|(slot, encoding)| encoding.as_ref().map_or(ODD, |encoding| ordinal(slot, encoding)));
    decide_by(plan, scalar, at, facts)
}

/// Whether the host supplies nothing from which the fact of a slot could be computed.
fn has_none<F: Facts + ?Sized>(plan: &Plan, scalar: &Scalar, slot: usize, facts: &F) -> bool {
    let Some(Some(sources)) = scalar.sources.get(slot) else { return false };
    let lacks = |records: &u32| {
        let known = plan.records().get(*records as usize);
        let collection = known.map(|known| CollectionRef::new(&known.name, *records as usize));
        collection.is_some_and(|collection| matches!(facts.records(collection, &mut |_| ()), Ok(false)))
    };
    sources.iter().all(lacks)
}

/// The same, of a host that gives the ordinals of its facts by slot.
#[inline]
pub(crate) fn decide_by(plan: &Plan, scalar: &Scalar, at: At<'_>, facts: impl Iterator<Item = i64>) -> Option<Verdict> {
    // What a portfolio knows of a parent counts more than facts.
    if at.place.is_some() {
        return None;
    }
    let count = plan.strategy().ordinals();
    if count <= FEW {
        within(plan, scalar, at.date, [LEAST; FEW].get_mut(..count)?, facts)
    } else if count <= USUAL {
        within(plan, scalar, at.date, [LEAST; USUAL].get_mut(..count)?, facts)
    } else {
        many(plan, scalar, at.date, count, facts)
    }
}

#[cold]
#[inline(never)]
fn many(
    plan: &Plan,
    scalar: &Scalar,
    date: NaiveDate,
    count: usize,
    facts: impl Iterator<Item = i64>,
) -> Option<Verdict> {
    let (mut some, mut more) = ([LEAST; ORDINALS], Vec::new());
    let ordinals = match some.get_mut(..count) {
        Some(ordinals) => ordinals,
        None => {
            more.resize(count, LEAST);
            &mut more
        }
    };
    within(plan, scalar, date, ordinals, facts)
}

/// Decides where no fact is odd: that, undefined and missing are less than what is known.
#[inline]
fn within(
    plan: &Plan,
    scalar: &Scalar,
    date: NaiveDate,
    ordinals: &mut [i64],
    facts: impl Iterator<Item = i64>,
) -> Option<Verdict> {
    let mut least = LEAST;
    for (place, ordinal) in ordinals.iter_mut().zip(facts) {
        *place = ordinal;
        least = least.min(ordinal);
    }
    if least < LEAST && is_odd(ordinals) {
        return None;
    }
    plan.strategy().derive(plan, date, ordinals);
    Some(scalar.decide(plan, ordinals, least == MISSING))
}

#[inline(never)]
fn is_odd(ordinals: &[i64]) -> bool {
    ordinals.contains(&ODD)
}
