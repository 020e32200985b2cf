//! What may change of a customer: known numbers, as their fields allow, and sums and counts of records.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::linear::Form;
use super::nearest::{Ask, weight};
use super::point::{Held, Point, option};
use super::region::{Bits, Kind, Place, Region, Room, Variable, What, number, number_of, units};
use super::scene::{OPTIONS, OTHERS, PARTS, REACH, Scene, Source, Space, numbers, of_field, places_of};
use super::values::Others;
use crate::builtins::Fold;
use crate::eval::{Folded, Machine, Val};
use crate::plan::{Aggregate, Expr, ExprId, NodeId, Plan, Reached, Root, Slot, Source as Elements, Vocabulary};
use crate::schema::{Direction, Field, Type};
use crate::value::{Constant, Value};

/// A day is measured against so many.
const YEAR: i128 = 365;

/// What a variable is now, and what it costs to move it by one unit: of its grid, a day, a member of a set, or to anything
/// else at all.
pub(super) struct Own {
    pub(super) now: Now,
    pub(super) places: u32,
    pub(super) weight: i128,
    growth: Option<Growth>,
    /// Which texts were made up: the policy does not name them, and the customer has them nowhere.
    made: Vec<bool>,
}

/// What a variable is now.
pub(super) enum Now {
    /// A number in its units, or a day.
    Units(i128),
    /// The place of an option.
    Option(usize),
    /// The places of the members of a set.
    Set(Bits),
}

/// A customer some of whose facts may change.
pub(super) struct Movable<'m, 'a> {
    pub(super) space: Space,
    pub(super) scene: Scene<'m, 'a>,
    pub(super) region: Region,
    /// By variable.
    pub(super) own: Vec<Own>,
}

/// How one fact may change.
enum Moves {
    Not,
    With(ExprId),
    Within(Kind, Place, Own),
}

impl<'m, 'a> Movable<'m, 'a> {
    /// Where records are only added, what is computed from them does not shrink, for nobody takes orders back to get ahead.
    /// `None` where something is larger or finer than what is searched.
    pub(super) fn of(machine: &'m Machine<'m, 'a>, ask: Ask<'_>) -> Option<Self> {
        let plan = Some(machine.plan).filter(|plan| plan.tells_all_apart())?;
        let used = plan.reached(false);
        let (mut space, mut places, mut own) = (Space::default(), Vec::new(), Vec::new());
        let mut add = |what: What, (kind, place, fact): (Kind, Place, Own)| {
            space.variables.push(Variable::of(what, kind));
            places.push(place);
            own.push(fact);
            Source::Variable(own.len() - 1)
        };
        let mut slots = Vec::with_capacity(plan.slots().len());
        for (at, slot) in (0..).zip(plan.slots()) {
            slots.push(match moves(machine, (at, slot), ask)? {
                Moves::Not => Source::Fixed,
                Moves::With(value) => Source::Computed(value),
                Moves::Within(kind, place, own) => add(What::Slot(at), (kind, place, own)),
            });
        }
        let mut aggregates = Vec::with_capacity(plan.aggregates().len());
        for at in (0..).take(plan.aggregates().len()) {
            let open = |_: &(Decimal, &Vocabulary)| !(ask.grows && is_over(machine, at));
            aggregates.push(match aggregate(machine, at, &used).filter(open) {
                Some((now, words)) => {
                    let ty = words.ty.as_ref()?;
                    let finest = places_of(ty, None, words, plan);
                    let count = (*ty == Type::Integer).then_some(Decimal::ZERO);
                    let (kind, place) = numbers(finest, plan.largest_number(), count, None)?;
                    let (kind, mut place, mut fact) = around((kind, place), now, words, (ty, None))?;
                    fact.weight = weight(None, fact.weight);
                    if ask.grows {
                        fact.growth = growth(plan, at);
                        place = fact.narrow(place, Direction::Rising);
                    }
                    add(What::Aggregate(at), (kind, place, fact))
                }
                None => Source::Fixed,
            });
        }
        space.start.clone_from(&places);
        let mut region = Region { places, forms: Vec::new() };
        together(&space, &mut region, &own);
        Some(Self { space, scene: Scene::new(machine, slots, aggregates), region, own })
    }

    /// What it costs at the least to come into a region.
    pub(super) fn least(&self, region: &Region) -> i128 {
        self.least_of(region, |_| true)
    }

    /// The same for the variables of some rooms.
    pub(super) fn least_of(&self, region: &Region, wanted: impl Fn(&Room) -> bool) -> i128 {
        let rooms = region.places.iter().map(|place| &place.room);
        let each = self.own.iter().zip(rooms).filter(|(_, room)| wanted(room)).map(|(own, room)| own.least(room));
        each.fold(0, i128::saturating_add)
    }

    /// The part of a region where no number moves farther than so much allows.
    pub(super) fn near(&self, region: &Region, cost: i128) -> Option<Region> {
        self.own.iter().enumerate().try_fold(region.clone(), |region, (at, own)| match (region.span(at), &own.now) {
            (Some((low, high)), Now::Units(now)) => {
                let far = cost / own.weight;
                let room = Room::Span(low.max(now.saturating_sub(far)), high.min(now.saturating_add(far)));
                region.with_room(at, room)
            }
            _ => Some(region),
        })
    }

    /// The part of a region where everything but numbers and days is as near as it can be.
    pub(super) fn corner(&self, region: &Region) -> Region {
        let mut corner = region.clone();
        let places = corner.places.iter_mut().zip(&self.own).filter(|(_, own)| own.units().is_none());
        places.for_each(|(place, own)| place.room = own.nearest(&place.room));
        corner
    }

    /// The number or day that a variable is now.
    pub(super) fn now(&self, variable: usize) -> i128 {
        self.own.get(variable).and_then(Own::units).unwrap_or(0)
    }

    /// What one customer costs.
    pub(super) fn cost(&self, point: &Point) -> i128 {
        let kinds = self.space.variables.iter().map(|variable| &variable.kind);
        let each = self.own.iter().zip(kinds).zip(point).map(|((own, kind), held)| own.cost(kind, held));
        each.fold(0, i128::saturating_add)
    }
}

impl Own {
    fn of(now: Now, weight: i128) -> Self {
        Self { now, places: 0, weight, growth: None, made: Vec::new() }
    }

    /// One unit of its grid.
    pub(super) fn unit(&self) -> Decimal {
        Decimal::new(1, self.places)
    }

    pub(super) fn units(&self) -> Option<i128> {
        match self.now {
            Now::Units(units) => Some(units),
            Now::Option(_) | Now::Set(_) => None,
        }
    }

    /// What it costs at the least to come into a room.
    fn least(&self, room: &Room) -> i128 {
        let apart = match (&self.now, room) {
            (Now::Units(now), Room::Span(low, high)) if low <= high => (now.clamp(low, high) - now).abs(),
            (Now::Option(now), Room::Options(options)) => i128::from(!options.contains(*now)),
            (Now::Set(has), Room::Within { must, may }) => {
                let added = must.iter().filter(|at| !has.contains(*at)).count();
                (added + has.iter().filter(|at| !may.contains(*at)).count()) as i128
            }
            _ => 0,
        };
        self.weight.saturating_mul(apart)
    }

    /// The part of a room that is nearest.
    pub(super) fn nearest(&self, room: &Room) -> Room {
        match (&self.now, room) {
            (Now::Units(now), Room::Span(low, high)) if low <= high => {
                let near = *now.clamp(low, high);
                Room::Span(near, near)
            }
            (Now::Option(now), Room::Options(options)) if options.contains(*now) => Room::Options(options.only(*now)),
            (Now::Set(has), Room::Within { must, may }) => {
                let mut members = must.clone();
                has.iter().filter(|at| may.contains(*at)).for_each(|at| members.insert(at));
                Room::Within { must: members.clone(), may: members }
            }
            (_, room) => room.clone(),
        }
    }

    fn cost(&self, kind: &Kind, held: &Held) -> i128 {
        let apart = match (&self.now, kind, held) {
            (Now::Units(now), _, Held::One(Constant::Number(number))) => {
                units(*number, self.places).map_or(0, |(units, _)| (units - now).abs())
            }
            (Now::Units(now), _, Held::One(Constant::Date(date))) => (number_of(*date) - now).abs(),
            (Now::Option(now), kind, held) => i128::from(option(kind, *now).as_ref() != Some(held)),
            (Now::Set(has), Kind::Sets(members), Held::Set(to)) => {
                let each = members.iter().enumerate();
                each.filter(|(at, member)| has.contains(*at) != to.contains(member)).count() as i128
            }
            _ => 0,
        };
        self.weight.saturating_mul(apart)
    }

    /// What it is now, and what it is for one customer, where that is something else; and whether that was made up.
    pub(super) fn change(&self, kind: &Kind, held: &Held) -> Option<(Held, Held, bool)> {
        let (from, to) = match (&self.now, kind, held) {
            (Now::Units(now), Kind::Days, to) => (Held::One(Constant::Date(super::region::day(*now)?)), to.clone()),
            (Now::Units(now), _, to) => (Held::One(Constant::Number(number(*now, self.places)?)), to.clone()),
            (Now::Option(now), kind, to) => (option(kind, *now)?, to.clone()),
            (Now::Set(has), Kind::Sets(members), to) => {
                (Held::Set(has.iter().filter_map(|at| members.get(at)).cloned().collect()), to.clone())
            }
            _ => return None,
        };
        let made = (0..).zip(&self.made).any(|(at, made)| *made && option(kind, at).as_ref() == Some(&to));
        (from != to).then_some((from, to, made))
    }

    /// What is left of the room of a number or day that moves one way.
    fn narrow(&self, place: Place, direction: Direction) -> Place {
        let (Room::Span(low, high), Some(now)) = (&place.room, self.units()) else { return place };
        match direction {
            Direction::Rising => Place::of(Room::Span(now.max(*low), *high)),
            Direction::Falling => Place::of(Room::Span(*low, now.min(*high))),
            Direction::Any | Direction::Fixed => place,
        }
    }
}

/// Whether and how a fact may change: known numbers, and everything else that is known where the host says so.
fn moves(machine: &Machine<'_, '_>, (at, slot): (u32, &Slot), ask: Ask<'_>) -> Option<Moves> {
    let (plan, field, computed) = (machine.plan, &slot.field, machine.is_computed(at));
    if let Some(value) = slot.computed.filter(|value| computed && follows(plan, *value)) {
        return Some(Moves::With(value));
    }
    let folded = folded(machine, at).filter(|_| ask.grows);
    let fixed = is_fixed(field) || folded.is_some_and(|at| is_over(machine, at));
    let (Val::Known(value), Some(words), false) = (machine.fact(at), plan.vocabulary(at), fixed) else {
        return Some(Moves::Not);
    };
    let (kind, place, mut own) = match value {
        Value::Number(now) => {
            let found = of_field(field, words, None, plan, &|_| Vec::new())?;
            let (kind, place, mut own) = around(found, now, words, (field.ty(), field.scale))?;
            own.weight = weight(field.cost, own.weight);
            (kind, place, own)
        }
        _ if computed || !ask.listed.contains(&at) => return Some(Moves::Not),
        value => {
            // Nothing that is sensitive is proposed.
            let others = |ty: &Type| machine.known_values(ty, OTHERS, false);
            chosen(value, of_field(field, words, None, plan, &others)?, (field, words), &others)?
        }
    };
    own.growth = folded.and_then(|at| growth(plan, at));
    let place = own.narrow(place, if ask.grows && computed { Direction::Rising } else { field.direction });
    Some(Moves::Within(kind, place, own))
}

/// What is no number: a whole change costs one, a date by the year, a set by the member.
fn chosen(
    value: Value<'_>,
    (kind, place): (Kind, Place),
    (field, words): (&Field, &Vocabulary),
    others: Others<'_>,
) -> Option<(Kind, Place, Own)> {
    let weight = |scale: i128| weight(field.cost, scale);
    let whole = |now: Now| Own::of(now, weight(1));
    Some(match (value, kind) {
        (Value::Date(date), Kind::Days) => (Kind::Days, place, Own::of(Now::Units(number_of(date)), weight(YEAR))),
        (Value::Boolean(now), Kind::Boolean) => (Kind::Boolean, place, whole(Now::Option(now.into()))),
        (Value::Member(now), Kind::Members) => (Kind::Members, place, whole(Now::Option(now as usize))),
        (Value::Text(text), Kind::Texts { texts, rest }) => {
            // Rather what the policy names, or something else at all, than what was made up to look into.
            let own: Arc<str> = text.read().into();
            let mut all: Vec<Arc<str>> = texts.iter().filter(|text| words.names(text)).cloned().collect();
            all.push(words.other());
            let known = others(&Type::Text);
            all.extend(texts.iter().filter(|text| known.iter().any(|own| is_text(own, text))).cloned());
            all.extend(texts.iter().filter(|text| !text.is_empty()).cloned());
            all.push(Arc::clone(&own));
            let mut seen = BTreeSet::new();
            all.retain(|text| seen.insert(Arc::clone(text)));
            let now = all.iter().position(|text| *text == own)?;
            let place = Place::of(Room::Options(Bits::all(all.len() + usize::from(rest))));
            let made = |text: &Arc<str>| !words.names(text) && !known.iter().any(|own| is_text(own, text));
            let made = all.iter().map(made).collect();
            (Kind::Texts { texts: all.into(), rest }, place, Own { made, ..whole(Now::Option(now)) })
        }
        (Value::Set(set), Kind::Sets(members)) => {
            let Type::SetOf(element) = field.ty() else { return None };
            let mut own = BTreeSet::new();
            set.each(&mut |member| own.extend(member.element(element)));
            let all: BTreeSet<&Constant> = members.iter().chain(&own).collect();
            if all.len() > OPTIONS {
                return None;
            }
            let mut has = Bits::none(all.len());
            (0..).zip(&all).filter(|(_, member)| own.contains(**member)).for_each(|(at, _)| has.insert(at));
            let rest = matches!(&place.room, Room::Within { may, .. } if may.contains(members.len()));
            let count = all.len() + usize::from(rest);
            let all: Vec<Constant> = all.into_iter().cloned().collect();
            let room = Room::Within { must: Bits::none(count), may: Bits::all(count) };
            (Kind::Sets(all.into()), Place::of(room), whole(Now::Set(has)))
        }
        _ => return None,
    })
}

fn is_text(constant: &Constant, text: &str) -> bool {
    matches!(constant, Constant::Text(own) if **own == *text)
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
    let own = Own { places, ..Own::of(Now::Units(now), now.abs().max(largest).max(1)) };
    Some((Kind::Numbers(places), place, own))
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
/// their windows; those of some records grow no more than those of all.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Growth {
    fold: Fold,
    source: Elements,
    argument: Option<ExprId>,
    condition: Option<NodeId>,
}

fn growth(plan: &Plan, at: u32) -> Option<Growth> {
    let Aggregate { fold, source, measure, .. } = *plan.aggregate(at)?;
    let grows = matches!((fold, source), (Fold::Sum | Fold::Count, Elements::Records(..)));
    let measure = plan.measure(measure).filter(|_| grows)?;
    Some(Growth { fold, source, argument: measure.argument, condition: measure.condition })
}

/// Whether no record of the as-of day counts.
fn is_over(machine: &Machine<'_, '_>, at: u32) -> bool {
    let window = machine.plan.aggregate(at).and_then(|aggregate| aggregate.window);
    let days = window.map(|window| window.stretch(machine.as_of));
    days.is_some_and(|days| !(days.from..=days.to).contains(&machine.as_of))
}

/// What grows alike keeps its distance; what grows no more than something else falls no less behind.
fn together(space: &Space, region: &mut Region, own: &[Own]) {
    let grown = || own.iter().enumerate().filter_map(|(at, own)| Some((at, own, own.growth?)));
    for (other, b, growth) in grown() {
        let alike = grown().take_while(|(one, ..)| *one < other).find(|(.., more)| *more == growth);
        let more = || grown().find(|(.., more)| *more == Growth { condition: None, ..growth } && *more != growth);
        let most = if alike.is_some() { 0 } else { i128::MAX / 4 };
        let Some((one, a, _)) = alike.or_else(more) else { continue };
        let (Some(now_a), Some(now_b)) = (a.units(), b.units()) else { continue };
        let places = a.places.max(b.places);
        let factors = [a, b].map(|own| 10_i128.checked_pow(places - own.places));
        let [Some(first), Some(second)] = factors else { continue };
        let apart = now_a.saturating_mul(first).saturating_sub(now_b.saturating_mul(second));
        let (terms, low, high) = match one < other {
            true => (vec![(one, first), (other, -second)], apart, apart.saturating_add(most)),
            false => (vec![(other, second), (one, -first)], apart.saturating_neg().saturating_sub(most), -apart),
        };
        region.forms.push((space.forms.borrow_mut().number(Form { terms }), low, high));
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
