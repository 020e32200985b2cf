//! What may change of a customer: known numbers, as their fields allow, and sums and counts of records.

use rust_decimal::Decimal;

use super::linear::Form;
use super::nearest::weight;
use super::region::{Kind, Place, Region, Room, Variable, What, units};
use super::scene::{PARTS, REACH, Scene, Source, Space, numbers, of_field, places_of};
use crate::builtins::Fold;
use crate::eval::{Folded, Machine, Val};
use crate::plan::{Expr, ExprId, Plan, Reached, Root, Source as Elements, Vocabulary};
use crate::schema::{Direction, Field, Type};
use crate::value::Value;

/// What a variable is now, and what it costs to move it by one unit.
pub(super) struct Own {
    pub(super) now: i128,
    pub(super) places: u32,
    pub(super) weight: i128,
}

/// A customer some of whose facts may change.
pub(super) struct Movable<'m, 'a> {
    pub(super) space: Space,
    pub(super) scene: Scene<'m, 'a>,
    pub(super) region: Region,
    /// By variable.
    pub(super) own: Vec<Own>,
}

impl<'m, 'a> Movable<'m, 'a> {
    /// `grows`: what is computed from records does not shrink, for nobody takes orders back to get ahead. `None` where
    /// something is larger or finer than what is searched.
    pub(super) fn of(machine: &'m Machine<'m, 'a>, grows: bool) -> Option<Self> {
        let plan = machine.plan;
        let used = plan.reached(false);
        let (mut space, mut places, mut own) = (Space::default(), Vec::new(), Vec::new());
        let mut add = |what: What, (kind, place, fact): (Kind, Place, Own)| {
            space.variables.push(Variable::of(what, kind));
            places.push(place);
            own.push(fact);
            Source::Variable(own.len() - 1)
        };
        let (mut slots, mut grown) = (Vec::with_capacity(plan.slots().len()), Vec::new());
        for (at, slot) in (0..).zip(plan.slots()) {
            let computed = slot.computed.filter(|value| machine.is_computed(at) && follows(plan, *value));
            let number = match machine.fact(at) {
                Val::Known(Value::Number(number)) => Some(number),
                _ => None,
            };
            let folded = folded(machine, at).filter(|_| grows);
            let fixed = is_fixed(&slot.field) || folded.is_some_and(|at| is_over(machine, at));
            let words = plan.vocabulary(at).filter(|_| slot.field.ty().is_numeric() && computed.is_none() && !fixed);
            slots.push(match (number.zip(words), computed) {
                (Some((now, words)), _) => {
                    let (kind, place) = of_field(&slot.field, words, None, plan, &[])?;
                    let (kind, place, mut fact) =
                        around((kind, place), now, words, (slot.field.ty(), slot.field.scale))?;
                    let place = match slot.field.direction {
                        _ if grows && machine.is_computed(at) => narrow(place, fact.now, i128::MAX),
                        Direction::Rising => narrow(place, fact.now, i128::MAX),
                        Direction::Falling => narrow(place, i128::MIN, fact.now),
                        Direction::Any | Direction::Fixed => place,
                    };
                    fact.weight = weight(slot.field.cost, fact.weight);
                    grown.push(folded.and_then(|at| growth(plan, at)));
                    add(What::Slot(at), (kind, place, fact))
                }
                (None, Some(computed)) => Source::Computed(computed),
                _ => Source::Fixed,
            });
        }
        let mut aggregates = Vec::with_capacity(plan.aggregates().len());
        for at in (0..).take(plan.aggregates().len()) {
            let open = |_: &(Decimal, &Vocabulary)| !(grows && is_over(machine, at));
            aggregates.push(match aggregate(machine, at, &used).filter(open) {
                Some((now, words)) => {
                    let ty = words.ty.as_ref()?;
                    let finest = places_of(ty, None, words, plan);
                    let count = (*ty == Type::Integer).then_some(Decimal::ZERO);
                    let (kind, place) = numbers(finest, plan.largest_number(), count, None)?;
                    let (kind, place, mut fact) = around((kind, place), now, words, (ty, None))?;
                    fact.weight = weight(None, fact.weight);
                    let place = if grows { narrow(place, fact.now, i128::MAX) } else { place };
                    grown.push(growth(plan, at).filter(|_| grows));
                    add(What::Aggregate(at), (kind, place, fact))
                }
                None => Source::Fixed,
            });
        }
        space.start.clone_from(&places);
        let mut region = Region { places, forms: Vec::new() };
        together(&space, &mut region, &own, &grown);
        Some(Self { space, scene: Scene::new(machine, slots, aggregates), region, own })
    }

    /// What it costs at the least to come into a region.
    pub(super) fn least(&self, region: &Region) -> i128 {
        self.least_of(region, |_| true)
    }

    /// The same for the variables of some spans.
    pub(super) fn least_of(&self, region: &Region, wanted: impl Fn((i128, i128)) -> bool) -> i128 {
        let each = self.own.iter().enumerate().map(|(at, own)| match region.span(at) {
            Some(span) if wanted(span) => own.weight.saturating_mul((own.now.clamp(span.0, span.1) - own.now).abs()),
            _ => 0,
        });
        each.fold(0, i128::saturating_add)
    }

    /// The part of a region where no variable moves farther than so much allows.
    pub(super) fn near(&self, region: &Region, cost: i128) -> Option<Region> {
        self.own.iter().enumerate().try_fold(region.clone(), |region, (at, own)| match region.span(at) {
            Some((low, high)) => {
                let far = cost / own.weight;
                let room = Room::Span(low.max(own.now.saturating_sub(far)), high.min(own.now.saturating_add(far)));
                region.with_room(at, room)
            }
            None => Some(region),
        })
    }

    pub(super) fn now(&self, variable: usize) -> i128 {
        self.own.get(variable).map_or(0, |own| own.now)
    }
}

fn narrow(place: Place, low: i128, high: i128) -> Place {
    match place.room {
        Room::Span(from, to) => Place::of(Room::Span(from.max(low), to.min(high))),
        _ => place,
    }
}

/// The grid with what is now on it, and the size against which a change is measured: the larger of what is now and the
/// largest number with which it is compared.
fn around(
    (kind, place): (Kind, Place),
    now: Decimal,
    words: &Vocabulary,
    (ty, scale): (&Type, Option<u32>),
) -> Option<(Kind, Place, Own)> {
    let (Kind::Numbers(places), Room::Span(low, high)) = (&kind, &place.room) else { return None };
    let (own, finer) = (*places, now.normalize().scale());
    let places = match (ty, scale) {
        // Nothing finer is taken, whatever it is compared with.
        (Type::Integer, _) | (_, Some(_)) => own,
        // Beside a number without a grid there is room for another.
        _ => own.max(finer).max(words.places + u32::from(*ty == Type::Number)),
    };
    let factor = 10_i128.checked_pow(places - own)?;
    let wide = |end: i128| end.checked_mul(factor).map(|end| end.clamp(-REACH, REACH));
    let (low, high) = (wide(*low)?, wide(*high)?);
    let (now, _) = units(now, places).filter(|(now, _)| now.abs() <= REACH)?;
    let (largest, _) = units(words.largest, places)?;
    let place = Place::of(Room::Span(low.min(now), high.max(now)));
    Some((Kind::Numbers(places), place, Own { now, places, weight: now.abs().max(largest).max(1) }))
}

/// Whether a computed fact follows from other facts, as an average does, or from the as-of date: it is not changed by itself.
fn follows(plan: &Plan, value: ExprId) -> bool {
    let (facts, _) = plan.names_of(Root::Value(value));
    facts.iter().any(|fact| (*fact as usize) < plan.slots().len()) || plan.asks_today(value)
}

fn is_fixed(field: &Field) -> bool {
    field.direction == Direction::Fixed || field.sensitive
}

/// The aggregate that a fact is computed as, where it is.
fn folded(machine: &Machine<'_, '_>, slot: u32) -> Option<u32> {
    let computed = machine.plan.slots().get(slot as usize)?.computed.filter(|_| machine.is_computed(slot))?;
    match machine.plan.expr(computed) {
        Expr::Aggregate(at) => Some(*at),
        _ => None,
    }
}

/// What grows with a record of the as-of day: sums of the same values and counts of the same records grow alike, whatever
/// their windows.
type Growth = (Fold, Elements, u32);

fn growth(plan: &Plan, at: u32) -> Option<Growth> {
    let aggregate = plan.aggregate(at)?;
    let grows = matches!((aggregate.fold, aggregate.source), (Fold::Sum | Fold::Count, Elements::Records(..)));
    grows.then_some((aggregate.fold, aggregate.source, aggregate.measure))
}

/// Whether no record of the as-of day counts.
fn is_over(machine: &Machine<'_, '_>, at: u32) -> bool {
    let window = machine.plan.aggregate(at).and_then(|aggregate| aggregate.window);
    let days = window.map(|window| window.stretch(machine.as_of));
    days.is_some_and(|days| !(days.from..=days.to).contains(&machine.as_of))
}

/// What grows alike keeps its distance.
fn together(space: &Space, region: &mut Region, own: &[Own], grown: &[Option<Growth>]) {
    let alike = |one: usize, other: usize| {
        grown.get(one).is_some_and(|growth| growth.is_some() && grown.get(other) == Some(growth))
    };
    for other in 0..own.len() {
        let Some(one) = (0..other).find(|one| alike(*one, other)) else { continue };
        let (Some(a), Some(b)) = (own.get(one), own.get(other)) else { continue };
        let places = a.places.max(b.places);
        let factors = [a, b].map(|own| 10_i128.checked_pow(places - own.places));
        let [Some(first), Some(second)] = factors else { continue };
        let form = space.forms.borrow_mut().number(Form { terms: vec![(one, first), (other, -second)] });
        let apart = a.now.saturating_mul(first).saturating_sub(b.now.saturating_mul(second));
        region.forms.push((form, apart, apart));
    }
    region.forms.sort_unstable();
}

/// A sum or count of records that is settled, and what is told apart of it.
fn aggregate<'a>(machine: &Machine<'_, 'a>, at: u32, used: &Reached) -> Option<(Decimal, &'a Vocabulary)> {
    let plan = machine.plan;
    let aggregate = plan.aggregate(at)?;
    let records = matches!(aggregate.source, Elements::Records(..));
    let words = plan.vocabulary_of_aggregate(at).filter(|words| words.ty.is_some());
    let value = plan.expr_ids().find(|id| matches!(plan.expr(*id), Expr::Aggregate(own) if *own == at))?;
    let decides = used.value(value);
    let (facts, all) = plan.facts_of(Root::Value(value), PARTS);
    let hangs = facts.iter().any(|fact| (*fact as usize) < plan.slots().len());
    let hidden = plan.sensitive().value(value);
    match (aggregate.fold, machine.aggregate(at)) {
        (Fold::Sum | Fold::Count, Folded::Number(now)) if records && decides && all && !hangs && !hidden => {
            Some((now, words?))
        }
        _ => None,
    }
}
