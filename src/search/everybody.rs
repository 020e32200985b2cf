//! All customers that there can be, for questions about policies: every fact that can be given is open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::point::{Point, instead};
use super::region::{Kind, Place, Region, Room, Variable, What, number_of};
use super::scene::{PLACES, Scene, Source, Space, numbers, of_any_aggregate, of_field, places_of};
use crate::eval::{Machine, RuleId, Val};
use crate::plan::{Expr, Plan, Vocabulary};
use crate::schema::{Field, Type};
use crate::value::Constant;

/// So many texts of a fact are told apart each by itself.
const TEXTS: usize = 500;

/// What is open of all customers, and each policy that looks at it.
pub(super) struct Everybody<'m, 'a> {
    pub(super) space: Space,
    pub(super) sides: Vec<Side<'m, 'a>>,
    pub(super) region: Region,
}

/// A policy that looks at the variables of a space.
pub(super) struct Side<'m, 'a> {
    pub(super) scene: Scene<'m, 'a>,
    /// What each variable is to the policy; `None` where it does not look at it.
    pub(super) whats: Vec<Option<What>>,
}

/// Under which a fact or aggregate of several policies is one: aggregates by a number that equal ones share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Fact(Arc<str>),
    Aggregate(u32),
}

/// One thing as the policies have it: which of them, and what it is to that one.
type Members = Vec<(usize, What)>;

impl Side<'_, '_> {
    /// Runs `work` on one customer of the space; `None` where some text of it is not told apart.
    pub(super) fn with<R>(&self, space: &Space, point: &Point, work: impl FnOnce(&Machine<'_, '_>) -> R) -> Option<R> {
        // A part of a condition is decided much sooner than it is looked at for a whole region.
        const PARTS: usize = 16;
        let (values, conditions) = self.scene.plan.sizes();
        let parts = u32::try_from((values + conditions) / PARTS).unwrap_or(u32::MAX);
        space.work.set(space.work.get().saturating_add(parts));
        let instead = instead(&self.scene, self.whats.iter().copied(), point)?;
        Some(self.scene.machine.with_instead(&instead, work))
    }

    /// The same where some variables may be known by their ends alone.
    pub(super) fn loosely(&self, loose: &[usize]) -> Self {
        Self { scene: self.scene.with_loose(loose.to_vec()), whats: self.whats.clone() }
    }

    /// The tier and the rule of one customer.
    pub(super) fn decide(&self, space: &Space, point: &Point) -> Option<(Option<u32>, Option<RuleId>)> {
        self.with(space, point, |machine| machine.decided())
    }
}

impl<'m, 'a> Everybody<'m, 'a> {
    /// All customers of one policy.
    pub(super) fn of(machine: &'m Machine<'m, 'a>) -> Option<Self> {
        Self::new(&[machine], |_, at| at)
    }

    /// All customers of several policies; `shared` numbers the aggregates of each so that equal ones have one number. `None`
    /// where something is larger or finer than what is searched, or declared differently.
    pub(super) fn new(machines: &[&'m Machine<'m, 'a>], shared: impl Fn(usize, u32) -> u32) -> Option<Self> {
        if !machines.iter().all(|machine| machine.plan.tells_all_apart()) {
            return None;
        }
        let drafts = drafts(machines, shared);
        let twins = twins(machines, &drafts);
        let secrets: Vec<BTreeSet<u32>> = machines.iter().map(|machine| secrets(machine.plan)).collect();
        let largest = machines.iter().map(|machine| machine.plan.largest_number()).max()?;
        let today = machines.first().map_or(0, |machine| number_of(machine.as_of));
        let mut space = Space { today, ..Space::default() };
        let empty =
            |plan: &Plan| (vec![Source::Fixed; plan.slots().len()], vec![Source::Fixed; plan.aggregates().len()]);
        let mut sources: Vec<_> = machines.iter().map(|machine| empty(machine.plan)).collect();
        let mut whats: Vec<Vec<Option<What>>> = vec![Vec::new(); machines.len()];
        for members in &drafts {
            let (kind, place) = open(machines, members, largest)?;
            let defaulted = place.missing;
            for (side, what) in members {
                let (slots, aggregates) = sources.get_mut(*side)?;
                let variable = space.variables.len();
                match *what {
                    What::Slot(at) => {
                        let by_default = matches!(machines.get(*side)?.fact(at), Val::Known(_)) && defaulted;
                        *slots.get_mut(at as usize)? =
                            if by_default { Source::Defaulted(variable) } else { Source::Variable(variable) };
                    }
                    What::Aggregate(at) => *aggregates.get_mut(at as usize)? = Source::Variable(variable),
                }
            }
            for (side, whats) in whats.iter_mut().enumerate() {
                whats.push(members.iter().find(|(own, _)| *own == side).map(|(_, what)| *what));
            }
            let (side, what) = *members.first()?;
            let secret = |(side, what): &(usize, What)| match what {
                What::Slot(slot) => machines.get(*side).is_none_or(|known| known.plan.is_sensitive(*slot)),
                What::Aggregate(at) => secrets.get(*side).is_none_or(|secrets| secrets.contains(at)),
            };
            let twin = named(machines, members).is_some_and(|name| twins.contains(name));
            let secret = members.iter().any(secret);
            space.variables.push(Variable { what, kind, side, secret, twin });
            space.start.push(place);
        }
        let region = Region { places: space.start.clone(), forms: Vec::new() };
        let sides = machines.iter().zip(sources).zip(whats);
        let sides = sides.map(|((machine, (slots, aggregates)), whats)| Side {
            scene: Scene::whole(machine, slots, aggregates),
            whats,
        });
        Some(Self { space, sides: sides.collect(), region })
    }
}

/// Everything that the policies look at, each with those that do.
fn drafts(machines: &[&Machine<'_, '_>], shared: impl Fn(usize, u32) -> u32) -> Vec<Members> {
    let mut drafts: Vec<Members> = Vec::new();
    let mut known: BTreeMap<Key, usize> = BTreeMap::new();
    let mut draft = |key: Key, member: (usize, What)| {
        let at = *known.entry(key).or_insert(drafts.len());
        if at == drafts.len() {
            drafts.push(Vec::new());
        }
        drafts.get_mut(at).into_iter().for_each(|members| members.push(member));
    };
    for (side, machine) in machines.iter().enumerate() {
        let plan = machine.plan;
        for (at, slot) in (0..).zip(plan.slots()).filter(|(_, slot)| !slot.derived) {
            draft(Key::Fact(slot.field.name().into()), (side, What::Slot(at)));
        }
        let reached = plan.looked_at();
        let used = plan.expr_ids().filter(|id| reached.value(*id)).filter_map(|id| match plan.expr(id) {
            Expr::Aggregate(at) => Some(*at),
            _ => None,
        });
        used.for_each(|at| draft(Key::Aggregate(shared(side, at)), (side, What::Aggregate(at))));
    }
    drafts
}

/// The names of aggregates that are two: what they use is declared differently.
fn twins<'p>(machines: &[&Machine<'_, 'p>], drafts: &[Members]) -> BTreeSet<&'p str> {
    let (mut seen, mut twins) = (BTreeSet::new(), BTreeSet::new());
    for name in drafts.iter().filter_map(|members| named(machines, members)) {
        if !seen.insert(name) {
            twins.insert(name);
        }
    }
    twins
}

/// The name of an aggregate.
fn named<'p>(machines: &[&Machine<'_, 'p>], members: &Members) -> Option<&'p str> {
    let (side, what) = *members.first()?;
    let What::Aggregate(at) = what else { return None };
    machines.get(side)?.plan.names().aggregates.get(at as usize).map(|name| &**name)
}

/// Which aggregates of a policy follow from what is sensitive.
fn secrets(plan: &Plan) -> BTreeSet<u32> {
    let secret = plan.expr_ids().filter(|id| plan.sensitive().value(*id));
    let aggregates = secret.filter_map(|id| match plan.expr(id) {
        Expr::Aggregate(at) => Some(*at),
        _ => None,
    });
    aggregates.collect()
}

/// What one thing can be for customers whom all policies take.
fn open(machines: &[&Machine<'_, '_>], members: &Members, largest: rust_decimal::Decimal) -> Option<(Kind, Place)> {
    let words = |(side, what): &(usize, What)| {
        let plan = machines.get(*side)?.plan;
        match what {
            What::Slot(at) => plan.vocabulary(*at),
            What::Aggregate(at) => plan.vocabulary_of_aggregate(*at),
        }
    };
    let (first, rest) = members.split_first()?;
    let mut joined = words(first)?.whole(TEXTS);
    for member in rest {
        joined = joined.joined(words(member)?);
    }
    let words = &joined;
    if let What::Aggregate(at) = first.1 {
        let (kind, place) = of_any_aggregate(machines.get(first.0)?.plan, at, words, largest)?;
        return Some((kind, Place { missing: true, ..place }));
    }
    let mut facts: Vec<(&Field, &Machine<'_, '_>, Val<'_>)> = Vec::new();
    for (side, what) in members {
        let (What::Slot(at), machine) = (what, machines.get(*side)?) else { return None };
        facts.push((&machine.plan.slots().get(*at as usize)?.field, machine, machine.fact(*at)));
    }
    let (kind, place) = values(&facts, members, words, largest)?;
    let standing = |(field, ..): &(&Field, &Machine<'_, '_>, Val<'_>)| field.standing;
    let mut defaults: Vec<Option<Constant>> = facts
        .iter()
        .map(|(_, _, value)| match value {
            Val::Known(value) => value.constant(),
            _ => None,
        })
        .collect();
    defaults.dedup();
    let always = facts.iter().any(|(field, ..)| field.required) || matches!(*defaults, [Some(_)]);
    let undefined = facts.iter().all(standing);
    if !undefined && facts.iter().any(standing) {
        return None;
    }
    Some((kind, Place { missing: !always && !undefined, undefined, ..place }))
}

/// The grid on which a fact lies: finer than all that it is compared with where it has none of its own, so that there is
/// somebody between any two numbers, and where it may be a quotient.
fn grid(field: &Field, machine: &Machine<'_, '_>, what: What, words: &Vocabulary) -> u32 {
    let places = places_of(field.ty(), field.scale, words, machine.plan);
    let quotient = match what {
        What::Slot(at) => machine.plan.is_quotient(at),
        What::Aggregate(_) => false,
    };
    let default = match &field.default {
        Some(Constant::Number(number)) => number.normalize().scale(),
        _ => 0,
    };
    let dense = match (field.ty(), field.scale) {
        (Type::Number, None) => true,
        (Type::Integer, _) | (_, Some(_)) => false,
        _ => quotient,
    };
    if dense { places.max(PLACES).max(words.places + 1).max(default) } else { places.max(default) }
}

/// The fact as it is where it is computed as a quotient of the customer's records: there is somebody between any two numbers.
pub(super) fn quotient(plan: &Plan, slot: u32, words: &Vocabulary) -> Option<Field> {
    let mut field = plan.slots().get(slot as usize).filter(|_| plan.is_quotient(slot))?.field.clone();
    field.scale.get_or_insert(PLACES.max(words.places + 1));
    Some(field)
}

/// The values that all policies take.
fn values(
    facts: &[(&Field, &Machine<'_, '_>, Val<'_>)],
    members: &Members,
    words: &Vocabulary,
    largest: rust_decimal::Decimal,
) -> Option<(Kind, Place)> {
    let (field, machine, _) = facts.first()?;
    if facts.iter().all(|(field, ..)| field.ty().is_numeric()) {
        // Whom all take lies on the coarsest of the grids.
        let own = facts.iter().zip(members).map(|((field, machine, _), (_, what))| grid(field, machine, *what, words));
        let places = own.min()?;
        let ends = |field: &Field| {
            let end = |end: &Option<Constant>| match end {
                Some(Constant::Number(number)) => Some(*number),
                _ => None,
            };
            numbers(places, largest, end(&field.range.low), end(&field.range.high))
        };
        let mut room = ends(field)?;
        for (field, ..) in facts {
            room = (room.0, shared(room.1, ends(field)?.1)?);
        }
        return Some(room);
    }
    let one = of_field(field, words, None, machine.plan, &|_| Vec::new())?;
    facts.iter().skip(1).try_fold(one, |(kind, place), (field, machine, _)| {
        let (_, more) = of_field(field, words, None, machine.plan, &|_| Vec::new())?;
        let same = match (facts.first().map(|(field, ..)| field.ty()), field.ty()) {
            (Some(Type::OneOf(a)), Type::OneOf(b)) => a.names().zip(b.names()).all(|(a, b)| a == b),
            (Some(a), b) => a == b,
            (None, _) => false,
        };
        Some((kind, shared(place, more).filter(|_| same)?))
    })
}

/// What is left of two places.
fn shared(one: Place, other: Place) -> Option<Place> {
    let room = match (&one.room, &other.room) {
        (Room::Span(a, b), Room::Span(c, d)) => Room::Span(*a.max(c), *b.min(d)),
        (Room::Options(a), Room::Options(b)) => {
            let [both, _] = a.parted(|at| b.contains(at));
            Room::Options(both)
        }
        (a, b) if a == b => a.clone(),
        _ => return None,
    };
    (!room.is_empty()).then(|| Place::of(room))
}
