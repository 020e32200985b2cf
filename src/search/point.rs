//! One customer of a region, and what is decided for it.

use std::sync::Arc;

use super::region::{Kind, Region, Room, What, day, number, number_of, units};
use super::scene::{Scene, Source, Space};
use super::simplex::{Solved, solve};
use crate::eval::{Folded, Instead, RuleId, Val};
use crate::plan::Truth;
use crate::value::{Constant, Text, Value};

/// What a variable is for one customer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Held {
    Missing,
    Undefined,
    One(Constant),
    Set(Vec<Constant>),
    /// A text that is not told apart, or a set with a member that is not.
    Other,
}

/// One customer: a value for every variable.
pub(super) type Point = Vec<Held>;

/// A customer of a region, if there is one.
pub(super) enum Found {
    Point(Point),
    Nothing,
    Unknown,
}

/// A customer of a region as near to `wanted` as each variable alone can be.
pub(super) fn point(space: &Space, region: &Region, wanted: &dyn Fn(usize) -> i128) -> Found {
    let solved = match region.forms.is_empty() {
        true => Solved::Point(Vec::new()),
        false => {
            // A tableau of so many rows is worked through several times.
            let work = u32::try_from(4 * region.forms.len().pow(2)).unwrap_or(u32::MAX);
            space.work.set(space.work.get().saturating_add(work));
            solve(region, &space.forms.borrow(), wanted)
        }
    };
    let bound = match solved {
        Solved::Point(bound) => bound,
        Solved::Nothing => return Found::Nothing,
        Solved::Unknown => return Found::Unknown,
    };
    let each = space.variables.iter().zip(&region.places).enumerate().map(|(at, (variable, place))| {
        let solved = bound.iter().find(|(variable, _)| *variable == at).map(|(_, value)| *value);
        match &place.room {
            room if room.is_empty() => Some(if place.missing { Held::Missing } else { Held::Undefined }),
            Room::Span(low, high) => {
                let units = solved.unwrap_or_else(|| wanted(at).clamp(*low, *high));
                held(&variable.kind, units)
            }
            Room::Options(options) => option(&variable.kind, options.iter().next()?),
            Room::Within { must, .. } => match &variable.kind {
                Kind::Sets(members) if must.contains(members.len()) => Some(Held::Other),
                Kind::Sets(members) => Some(Held::Set(must.iter().filter_map(|at| members.get(at)).cloned().collect())),
                _ => None,
            },
            Room::Nothing => None,
        }
    });
    each.collect::<Option<Point>>().map_or(Found::Unknown, Found::Point)
}

/// Some values that a variable can have: near to 0, or a few of a set.
pub(super) fn samples(space: &Space, variable: usize) -> Vec<Held> {
    const FEW: usize = 8;
    let Some((known, place)) = space.variables.get(variable).zip(space.start.get(variable)) else { return Vec::new() };
    match (&place.room, &known.kind) {
        (Room::Span(low, high), kind) if low <= high => held(kind, 0.clamp(*low, *high)).into_iter().collect(),
        (Room::Options(options), kind) => options.iter().take(FEW).filter_map(|at| option(kind, at)).collect(),
        (Room::Within { .. }, Kind::Sets(members)) => vec![Held::Set(Vec::new()), Held::Set(members.to_vec())],
        _ => Vec::new(),
    }
}

/// A number or a day by its units, where there is room for it.
pub(super) fn held_in(kind: &Kind, room: &Room, wanted: i128) -> Option<Held> {
    let Room::Span(low, high) = room else { return None };
    (*low <= wanted && wanted <= *high).then(|| held(kind, wanted))?
}

/// How many units of its grid a number or a day has.
pub(super) fn units_of(kind: &Kind, held: &Held) -> Option<i128> {
    match (kind, held) {
        (Kind::Numbers(places), Held::One(Constant::Number(number))) => Some(units(*number, *places)?.0),
        (Kind::Days, Held::One(Constant::Date(day))) => Some(number_of(*day)),
        _ => None,
    }
}

fn held(kind: &Kind, units: i128) -> Option<Held> {
    match kind {
        Kind::Numbers(places) => number(units, *places).map(|number| Held::One(Constant::Number(number))),
        Kind::Days => day(units).map(|day| Held::One(Constant::Date(day))),
        _ => None,
    }
}

pub(super) fn option(kind: &Kind, at: usize) -> Option<Held> {
    Some(match kind {
        Kind::Boolean => Held::One(Constant::Boolean(at == 1)),
        Kind::Members => Held::One(Constant::Member(u32::try_from(at).ok()?)),
        Kind::Texts { texts, .. } => {
            texts.get(at).map_or(Held::Other, |text| Held::One(Constant::Text(Arc::clone(text))))
        }
        _ => return None,
    })
}

/// The tier and the rule of one customer, by the evaluation; `None` where some text of it is not told apart.
pub(super) fn decide(space: &Space, scene: &Scene<'_, '_>, point: &Point) -> Option<(Option<u32>, Option<RuleId>)> {
    space.work.set(space.work.get().saturating_add(scene.weight));
    let whats = space.variables.iter().map(|variable| Some(variable.what));
    Some(scene.machine.decided_with(&instead(scene, whats, point)?))
}

/// What a plan has of one customer, by what each variable is to it.
pub(super) fn instead<'p>(
    scene: &Scene<'_, '_>,
    whats: impl Iterator<Item = Option<What>>,
    point: &'p Point,
) -> Option<Instead<'p>> {
    let mut instead = Instead::default();
    for (what, held) in whats.zip(point) {
        match what {
            Some(What::Slot(slot)) => {
                let value = value(held)?;
                if *held != Held::Missing || !matches!(scene.slot(slot), Source::Defaulted(_)) {
                    instead.facts.push((slot, value));
                }
            }
            Some(What::Aggregate(at)) => instead.aggregates.push((at, folded(held)?)),
            None => {}
        }
    }
    instead.computed.extend(scene.computed());
    Some(instead)
}

fn value(held: &Held) -> Option<Val<'_>> {
    Some(match held {
        Held::Missing => Val::Missing,
        Held::Undefined => Val::Undefined,
        Held::One(Constant::Text(text)) => Val::Known(Value::Text(Text::new(text))),
        Held::One(constant) => Val::Known(constant.value()),
        Held::Set(members) => Val::Known(Value::Set(members)),
        Held::Other => return None,
    })
}

fn folded(held: &Held) -> Option<Folded> {
    Some(match held {
        Held::Missing => Folded::Missing,
        Held::Undefined => Folded::Undefined,
        Held::One(Constant::Number(number)) => Folded::Number(*number),
        Held::One(Constant::Date(date)) => Folded::Date(*date),
        Held::One(Constant::Boolean(value)) => Folded::Truth(Truth::of(*value)),
        _ => return None,
    })
}
