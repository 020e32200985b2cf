//! Regions: boxes of customers, one room for everything that is open about them.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::value::{Constant, Interval, decimal};

/// Places of a closed set, as bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn none(count: usize) -> Self {
        Self(vec![0; count.div_ceil(64)])
    }

    pub(super) fn all(count: usize) -> Self {
        let mut bits = Self::none(count);
        (0..count).for_each(|at| bits.insert(at));
        bits
    }

    pub(super) fn one(at: usize, count: usize) -> Self {
        let mut bits = Self::none(count);
        bits.insert(at);
        bits
    }

    /// One of them, among as many.
    pub(super) fn only(&self, at: usize) -> Self {
        Self::one(at, self.0.len() * 64)
    }

    pub(super) fn insert(&mut self, at: usize) {
        self.0.get_mut(at / 64).into_iter().for_each(|word| *word |= 1 << (at % 64));
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.0.get_mut(at / 64).into_iter().for_each(|word| *word &= !(1 << (at % 64)));
    }

    pub(super) fn contains(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
    }

    /// Whether another has all of them.
    pub(super) fn is_inside(&self, other: &Self) -> bool {
        self.iter().all(|at| other.contains(at))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    /// Those for which something holds, and the others.
    pub(super) fn parted(&self, holds: impl Fn(usize) -> bool) -> [Self; 2] {
        let (mut yes, mut no) = (Self::none(self.0.len() * 64), Self::none(self.0.len() * 64));
        self.iter().for_each(|at| if holds(at) { yes.insert(at) } else { no.insert(at) });
        [yes, no]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(word, bits)| {
            let rest = |bits: &u64| Some(bits & (bits - 1)).filter(|rest| *rest != 0);
            let each = std::iter::successors(Some(*bits).filter(|bits| *bits != 0), rest);
            each.map(move |bits| word * 64 + bits.trailing_zeros() as usize)
        })
    }
}

/// What a variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The fact of a slot.
    Slot(u32),
    /// An aggregate over a collection of which too little is known.
    Aggregate(u32),
}

/// A thing of one of several policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Thing {
    pub(crate) side: usize,
    pub(crate) what: What,
    /// Whether it is sensitive for one of them.
    pub(crate) secret: bool,
    /// Whether another policy has something else of the same name.
    pub(crate) twin: bool,
}

impl Variable {
    /// Of one policy.
    pub(super) fn of(what: What, kind: Kind) -> Self {
        Self { what, kind, side: 0, secret: false, twin: false }
    }

    pub(super) fn thing(&self) -> Thing {
        let Self { side, what, secret, twin, .. } = *self;
        Thing { side, what, secret, twin }
    }
}

/// The values among which a variable chooses.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// Numbers, in units of so many decimal places.
    Numbers(u32),
    /// Days, counted from the first day of year 1.
    Days,
    Boolean,
    Members,
    /// Texts that conditions tell apart; with `rest` one more place stands for all others.
    Texts {
        texts: Arc<[Arc<str>]>,
        rest: bool,
    },
    /// Sets, by which of these members they have.
    Sets(Arc<[Constant]>),
}

/// Something that is open.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) what: What,
    pub(super) kind: Kind,
    /// Of which policy, where several are looked at.
    pub(super) side: usize,
    /// Whether it is sensitive for one of them.
    pub(super) secret: bool,
    /// Whether another policy has something else of the same name.
    pub(super) twin: bool,
}

/// The known values that are left to a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// From one unit to another, both included.
    Span(i128, i128),
    Options(Bits),
    /// What a set must have, and what it may have.
    Within {
        must: Bits,
        may: Bits,
    },
    /// No known value.
    Nothing,
}

/// What is left to a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) room: Room,
    /// Whether it can be missing, or be without a result.
    pub(super) missing: bool,
    pub(super) undefined: bool,
}

/// A box of customers: a place for every variable, and bounds of sums of variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) places: Vec<Place>,
    /// By the number of the form, in order: from one whole number to another.
    pub(super) forms: Vec<(usize, i128, i128)>,
}

impl Room {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Span(low, high) => low > high,
            Self::Options(options) => options.is_empty(),
            Self::Within { .. } => false,
            Self::Nothing => true,
        }
    }
}

impl Place {
    pub(super) fn of(room: Room) -> Self {
        Self { room, missing: false, undefined: false }
    }

    /// Whether nothing at all is left.
    pub(super) fn is_empty(&self) -> bool {
        self.room.is_empty() && !self.missing && !self.undefined
    }

    /// Whether it is missing for sure.
    pub(super) fn is_missing(&self) -> bool {
        self.missing && !self.undefined && self.room.is_empty()
    }

    /// Whether it holds known values and something else too, or several things else.
    pub(super) fn is_mixed(&self) -> bool {
        u8::from(!self.room.is_empty()) + u8::from(self.missing) + u8::from(self.undefined) > 1
    }

    fn is_inside(&self, other: &Self) -> bool {
        let room = match (&self.room, &other.room) {
            (own, _) if own.is_empty() => true,
            (Room::Span(low, high), Room::Span(least, most)) => least <= low && high <= most,
            (Room::Options(own), Room::Options(other)) => own.is_inside(other),
            (Room::Within { must, may }, Room::Within { must: least, may: most }) => {
                least.is_inside(must) && may.is_inside(most)
            }
            (own, other) => own == other,
        };
        room && (!self.missing || other.missing) && (!self.undefined || other.undefined)
    }

    /// One place for each of the things that it can be.
    pub(super) fn parts(&self) -> impl Iterator<Item = Self> {
        let known = (!self.room.is_empty()).then(|| Self::of(self.room.clone()));
        let nothing = || Self::of(Room::Nothing);
        let missing = self.missing.then(|| Self { missing: true, ..nothing() });
        let undefined = self.undefined.then(|| Self { undefined: true, ..nothing() });
        [known, missing, undefined].into_iter().flatten()
    }
}

impl Region {
    pub(super) fn place(&self, variable: usize) -> Option<&Place> {
        self.places.get(variable)
    }

    /// The same with another place for a variable; `None` where that is empty.
    pub(super) fn with(&self, variable: usize, place: Place) -> Option<Self> {
        if place.is_empty() {
            return None;
        }
        let mut region = self.clone();
        region.places.iter_mut().skip(variable).take(1).for_each(|own| *own = place.clone());
        Some(region)
    }

    /// Whether everybody in it is in another, as far as the places tell.
    pub(super) fn is_inside(&self, other: &Self) -> bool {
        let forms = other
            .forms
            .iter()
            .all(|(form, low, high)| self.bounds(*form).is_some_and(|(least, most)| *low <= least && most <= *high));
        forms && self.places.iter().zip(&other.places).all(|(own, other)| own.is_inside(other))
    }

    /// Leaves only this of a variable; `None` where that is nothing.
    pub(super) fn narrow(&mut self, variable: usize, room: Room) -> Option<()> {
        let place = self.places.get_mut(variable)?;
        *place = Place::of(room);
        (!place.is_empty()).then_some(())
    }

    pub(super) fn with_room(&self, variable: usize, room: Room) -> Option<Self> {
        self.with(variable, Place::of(room))
    }

    /// How many customers there are, as far as they are counted.
    pub(super) fn count(&self) -> u128 {
        let each = self.places.iter().map(|place| {
            let known = match &place.room {
                room if room.is_empty() => 0,
                Room::Span(low, high) => (high - low).unsigned_abs() + 1,
                Room::Options(options) => options.count().into(),
                Room::Within { must, may } => 1_u128.checked_shl(may.count() - must.count()).unwrap_or(u128::MAX),
                Room::Nothing => 0,
            };
            known.saturating_add(u128::from(place.missing)).saturating_add(u128::from(place.undefined))
        });
        each.fold(1, u128::saturating_mul)
    }

    /// The units from which and to which a variable goes.
    pub(super) fn span(&self, variable: usize) -> Option<(i128, i128)> {
        match self.place(variable)?.room {
            Room::Span(low, high) if low <= high => Some((low, high)),
            _ => None,
        }
    }

    /// The bounds of a form that were laid down.
    pub(super) fn bounds(&self, form: usize) -> Option<(i128, i128)> {
        let at = self.forms.binary_search_by_key(&form, |(form, ..)| *form).ok()?;
        self.forms.get(at).map(|(_, low, high)| (*low, *high))
    }

    /// The same with narrower bounds of a form; `None` where nothing is left between them.
    pub(super) fn with_bounds(&self, form: usize, low: i128, high: i128) -> Option<Self> {
        let (known_low, known_high) = self.bounds(form).unwrap_or((i128::MIN, i128::MAX));
        let (low, high) = (low.max(known_low), high.min(known_high));
        if low > high {
            return None;
        }
        let mut region = self.clone();
        match region.forms.binary_search_by_key(&form, |(form, ..)| *form) {
            Ok(at) => region.forms.iter_mut().skip(at).take(1).for_each(|own| *own = (form, low, high)),
            Err(at) => region.forms.insert(at, (form, low, high)),
        }
        Some(region)
    }
}

/// A number of units; `None` where a decimal does not hold it.
pub(super) fn number(units: i128, places: u32) -> Option<Decimal> {
    decimal(units, i64::from(places))
}

/// A day by its number.
pub(super) fn day(number: i128) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(i32::try_from(number).ok()?)
}

pub(super) fn number_of(day: NaiveDate) -> i128 {
    day.num_days_from_ce().into()
}

/// The units of a number, rounded down; and whether it lies on the grid.
pub(super) fn units(number: Decimal, places: u32) -> Option<(i128, bool)> {
    let number = number.normalize();
    match places.checked_sub(number.scale()) {
        Some(more) => Some((number.mantissa().checked_mul(10_i128.checked_pow(more)?)?, true)),
        None => {
            let factor = 10_i128.checked_pow(number.scale() - places)?;
            Some((number.mantissa().div_euclid(factor), false))
        }
    }
}

/// The numbers between two counts of units; an end that no decimal holds is open.
pub(super) fn interval(low: i128, high: i128, places: u32) -> Interval {
    Interval { low: number(low, places), high: number(high, places), undefined: false, places }
}
