//! Boxes of customers: regions made as large as they go, and what they say of each fact.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::explore::Steps;
use super::point::{Held, Point};
use super::region::{Bits, Kind, Place, Region, Room, Thing, Variable, day, number, number_of, units};
use super::scene::{REACH, Space};
use crate::plan::Plan;
use crate::value::{Constant, Extent};

/// A box of customers, of whom all are alike in one respect.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Boxed {
    /// What is bounded; whether it may be missing too.
    pub(crate) facts: Vec<(Thing, Extent, bool)>,
    pub(crate) sums: Vec<Sum>,
}

/// A sum of facts that lies between two numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sum {
    pub(crate) terms: Vec<(Thing, Decimal)>,
    pub(crate) low: Option<Decimal>,
    pub(crate) high: Option<Decimal>,
}

/// Makes a region larger as long as everybody in it is sure to be alike: first whole facts, then ends.
pub(super) fn widened(
    space: &Space,
    (region, whole): (&Region, &Region),
    named: &Named,
    steps: &mut Steps,
    alike: &dyn Fn(&Region) -> bool,
) -> Region {
    let mut widen = Widen { space, steps, alike };
    let mut region = region.clone();
    // From behind, so that the places of the others stay.
    for at in (0..region.forms.len()).rev() {
        let mut wider = region.clone();
        wider.forms.remove(at);
        if widen.may(&wider) {
            region = wider;
        }
    }
    for (at, whole) in whole.places.iter().enumerate() {
        let Some(own) = region.place(at).filter(|own| *own != whole).cloned() else { continue };
        let known = Place { missing: own.missing, undefined: own.undefined, room: whole.room.clone() };
        let wider = [whole.clone(), known].into_iter().filter_map(|place| region.with(at, place));
        let wider = wider.into_iter().find(|wider| widen.may(wider));
        region = match wider {
            Some(wider) => wider,
            None => widen.room(region, at, &own, whole, named),
        };
    }
    region
}

struct Widen<'s> {
    space: &'s Space,
    steps: &'s mut Steps,
    alike: &'s dyn Fn(&Region) -> bool,
}

impl Widen<'_> {
    fn may(&mut self, region: &Region) -> bool {
        self.steps.take(self.space) && (self.alike)(region)
    }

    /// As much of a room as goes.
    fn room(&mut self, mut region: Region, at: usize, own: &Place, whole: &Place, named: &Named) -> Region {
        let place = |room: Room| Place { room, ..own.clone() };
        match (&own.room, &whole.room) {
            (Room::Span(low, high), Room::Span(least, most)) => {
                let ends = named.ends(self.space, at);
                let inside = |end: &i128| (least..=most).contains(&end);
                let below: Vec<i128> = ends.iter().copied().filter(|end| inside(end) && end < low).rev().collect();
                let low = self.farthest(*low, &below, &|end| region.with(at, place(Room::Span(end, *high))));
                let above: Vec<i128> = ends.iter().copied().filter(|end| inside(end) && end > high).collect();
                let high = self.farthest(*high, &above, &|end| region.with(at, place(Room::Span(low, end))));
                region.with(at, place(Room::Span(low, high))).unwrap_or(region)
            }
            (Room::Options(options), Room::Options(all)) if all.count() <= 64 => {
                let mut options = options.clone();
                for option in all.iter().filter(|option| !own_has(own, *option)) {
                    let mut more = options.clone();
                    more.insert(option);
                    if let Some(wider) =
                        region.with(at, place(Room::Options(more.clone()))).filter(|wider| self.may(wider))
                    {
                        (region, options) = (wider, more);
                    }
                }
                region
            }
            (Room::Within { must, may }, Room::Within { may: all, .. }) => {
                let (mut must, mut may) = (must.clone(), may.clone());
                for member in all.iter() {
                    let (mut less, mut more) = (must.clone(), may.clone());
                    less.remove(member);
                    more.insert(member);
                    let wider = region.with(at, place(Room::Within { must: less.clone(), may: more.clone() }));
                    if let Some(wider) = wider.filter(|wider| self.may(wider)) {
                        (region, must, may) = (wider, less, more);
                    }
                }
                region
            }
            _ => region,
        }
    }

    /// The farthest of some ends, the nearest first, up to which everybody is alike.
    fn farthest(&mut self, own: i128, ends: &[i128], with: &dyn Fn(i128) -> Option<Region>) -> i128 {
        let (mut known, mut left) = (own, ends);
        while let Some(middle) = left.len().checked_sub(1).map(|last| last.div_ceil(2)) {
            let Some(end) = left.get(middle).copied() else { break };
            let alike = with(end).is_some_and(|wider| self.may(&wider));
            let (before, behind) = left.split_at(middle);
            if alike {
                known = end;
                left = behind.get(1..).unwrap_or_default();
            } else {
                left = before;
            }
        }
        known
    }
}

fn own_has(own: &Place, option: usize) -> bool {
    matches!(&own.room, Room::Options(options) if options.contains(option))
}

/// What policies name: where the cells of facts end.
#[derive(Default)]
pub(super) struct Named {
    numbers: Vec<Decimal>,
    days: Vec<NaiveDate>,
}

impl Named {
    pub(super) fn of<'p>(plans: impl Iterator<Item = &'p Plan>) -> Self {
        let mut named = Self::default();
        plans.for_each(|plan| {
            plan.each_constant(&mut |constant| match constant {
                Constant::Number(number) => named.numbers.push(*number),
                Constant::Date(day) => named.days.push(*day),
                _ => {}
            });
        });
        named.numbers.sort_unstable();
        named.numbers.dedup();
        named.days.sort_unstable();
        named.days.dedup();
        named
    }

    /// Where the cells of a variable may end: at the numbers that the policies name, and beside them.
    pub(super) fn ends(&self, space: &Space, at: usize) -> Vec<i128> {
        let mut ends = vec![-REACH, -1, 0, 1, REACH];
        if let Some(Room::Span(low, high)) = space.start.get(at).map(|place| &place.room) {
            ends.extend([*low, *high]);
        }
        let beside = |units: i128| [units - 1, units, units + 1];
        match space.variables.get(at).map(|variable| &variable.kind) {
            Some(Kind::Numbers(places)) => {
                let units = self.numbers.iter().filter_map(|number| units(*number, *places));
                ends.extend(units.flat_map(|(units, _)| beside(units)));
            }
            Some(Kind::Days) => ends.extend(self.days.iter().flat_map(|day| beside(number_of(*day)))),
            _ => {}
        }
        ends.sort_unstable();
        ends.dedup();
        ends
    }
}

/// What a region says, without what it does not bound.
pub(super) fn boxed(space: &Space, (region, whole): (&Region, &Region)) -> Boxed {
    let facts =
        space.variables.iter().zip(&region.places).zip(&whole.places).filter(|((_, place), whole)| place != whole);
    let facts = facts.map(|((variable, place), whole)| {
        let known = place.room == whole.room && !place.room.is_empty();
        let extent = if known { Extent::Known } else { extent(variable, place, whole) };
        (variable.thing(), extent, !place.room.is_empty() && (place.missing || place.undefined))
    });
    let sums = region.forms.iter().filter_map(|(number, low, high)| sum(space, *number, *low, *high));
    Boxed { facts: facts.collect(), sums: sums.collect() }
}

/// One customer, without what is missing.
pub(super) fn person(space: &Space, point: &Point) -> Vec<(Thing, Extent)> {
    let each = space.variables.iter().zip(point).filter_map(|(variable, held)| {
        let extent = match held {
            Held::Missing => return None,
            Held::Undefined => Extent::Undefined,
            Held::One(Constant::Number(number)) => Extent::Numbers(Some(*number), Some(*number)),
            Held::One(Constant::Date(day)) => Extent::Days(Some(*day), Some(*day)),
            Held::One(constant) => Extent::Among(vec![constant.clone()]),
            Held::Set(members) => Extent::Set { has: members.clone(), lacks: Vec::new(), only: None },
            Held::Other => Extent::Known,
        };
        Some((variable.thing(), extent))
    });
    each.collect()
}

fn extent(variable: &Variable, place: &Place, whole: &Place) -> Extent {
    let ends = |end: i128, whole: Option<i128>| (Some(end) != whole && end.abs() < REACH).then_some(end);
    match (&place.room, &variable.kind) {
        (room, _) if room.is_empty() => {
            if place.missing {
                Extent::Missing
            } else {
                Extent::Undefined
            }
        }
        (Room::Span(low, high), kind) => {
            let own = match whole.room {
                Room::Span(low, high) => (Some(low), Some(high)),
                _ => (None, None),
            };
            // A single value is said as it is.
            let (low, high) =
                if low == high { (Some(*low), Some(*high)) } else { (ends(*low, own.0), ends(*high, own.1)) };
            match kind {
                Kind::Numbers(places) => {
                    let number =
                        |end: Option<i128>| end.and_then(|end| number(end, *places)).map(|end| end.normalize());
                    Extent::Numbers(number(low), number(high))
                }
                _ => Extent::Days(low.and_then(day), high.and_then(day)),
            }
        }
        (Room::Options(options), kind) => among(options, kind, whole),
        (Room::Within { must, may }, Kind::Sets(members)) => {
            let member = |at: usize| members.get(at).cloned();
            let lacks = (0..members.len()).filter(|at| !may.contains(*at));
            // Behind the members that are told apart, one place stands for all others.
            let others = |room: &Room| matches!(room, Room::Within { may, .. } if may.contains(members.len()));
            Extent::Set {
                has: must.iter().filter_map(member).collect(),
                lacks: lacks.filter_map(member).collect(),
                only: (others(&whole.room) && !others(&place.room)).then(|| may.iter().filter_map(member).collect()),
            }
        }
        _ => Extent::Known,
    }
}

fn among(options: &Bits, kind: &Kind, whole: &Place) -> Extent {
    let constant = |at: usize| match kind {
        Kind::Boolean => Some(Constant::Boolean(at == 1)),
        Kind::Members => u32::try_from(at).ok().map(Constant::Member),
        Kind::Texts { texts, .. } => texts.get(at).map(|text| Constant::Text(text.clone())),
        _ => None,
    };
    let Room::Options(all) = &whole.room else { return Extent::Known };
    match kind {
        // What stands for all texts that are not named is the last place, where texts are looked into, else a text of its own.
        Kind::Texts { texts, rest } if options.iter().any(|at| at >= texts.len() || (!rest && is_other(texts, at))) => {
            let named = |at: &usize| *at < texts.len() && (*rest || !is_other(texts, *at));
            let gone = all.iter().filter(|at| !options.contains(*at)).filter(named);
            Extent::Except(gone.filter_map(constant).collect())
        }
        _ => Extent::Among(options.iter().filter_map(constant).collect()),
    }
}

/// The text that stands for others is of more question marks than any that a policy names.
fn is_other(texts: &[Arc<str>], at: usize) -> bool {
    let marks = |text: &Arc<str>| !text.is_empty() && text.chars().all(|c| c == '?');
    let longest = texts.iter().filter(|text| marks(text)).map(|text| text.len()).max();
    texts.get(at).is_some_and(|text| marks(text) && Some(text.len()) == longest)
}

fn sum(space: &Space, number: usize, low: i128, high: i128) -> Option<Sum> {
    let form = space.forms.borrow().get(number)?;
    let places = |variable: usize| match space.variables.get(variable).map(|variable| &variable.kind) {
        Some(Kind::Numbers(places)) => *places,
        _ => 0,
    };
    // All in units of the finest of its facts.
    let finest = form.terms.iter().map(|(variable, _)| places(*variable)).min()?;
    let mut terms = Vec::with_capacity(form.terms.len());
    for (variable, own) in &form.terms {
        let factor = own.checked_mul(10_i128.checked_pow(places(*variable) - finest)?)?;
        terms.push((space.variables.get(*variable)?.thing(), super::region::number(factor, 0)?));
    }
    let end =
        |end: i128| (end.abs() < REACH.saturating_mul(1_000)).then(|| super::region::number(end, finest)).flatten();
    Some(Sum { terms, low: end(low), high: end(high) })
}
