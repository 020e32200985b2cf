//! Whether any customer tells a policy from one that differs from it in a place or two: by the tier, by the name of what decides
//! or moves it, by a segment, or by the points of a score.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::attain::{can_be_loose, widened};
use super::audit::Person;
use super::boxes::{Named, person};
use super::everybody::{Everybody, Side};
use super::explore::Steps;
use super::kleene::Kleene;
use super::look::Look;
use super::parts::Truths as _;
use super::point::{Held, Point, held_in, units_of};
use super::possible::Unknown;
use super::probe::Probe;
use super::region::{Kind, Region, What};
use super::scene::Space;
use super::seek::{Goal, Judged, Sought, probed, seek};
use super::twins::Keeps;
use super::worlds::{World, worlds};
use crate::eval::{Machine, Said, said};
use crate::plan::{Common, NodeId, Numbered, Plan};
use crate::schema::Type;
use crate::value::Extent;

/// What was found out.
pub(crate) enum Told {
    /// One whom each says something else of, with what each policy says.
    Apart(Box<Apart>),
    /// Nobody tells them apart.
    Same,
    Unknown(Unknown),
}

/// One customer under two policies.
pub(crate) struct Apart {
    pub(crate) people: [Person; 2],
    pub(crate) said: [Said; 2],
}

/// Asks whether any customer tells two policies apart.
pub(crate) fn told_apart(machines: [&Machine<'_, '_>; 2], budget: u32) -> (Told, u32) {
    let [old, new] = machines.map(|machine| machine.plan);
    let mut common = Common::default();
    let numbered = [old, new].map(|plan| common.number(plan));
    let shared = |side: usize, at: u32| {
        let own = numbered.get(side).and_then(|numbered| numbered.aggregate(at));
        own.unwrap_or(u32::MAX - at * 2 - u32::from(side == 1))
    };
    let Some(everybody) = Everybody::new(&machines, shared) else { return (Told::Unknown(Unknown::Declarations), 0) };
    let Everybody { space, sides, region } = &everybody;
    let [one, two] = &**sides else { return (Told::Same, 0) };
    let mut steps = Steps(budget);
    // Who there can be says the first policy: in the second an assumption may have come to mean something else.
    let all = [old.assumptions(), &[] as &[NodeId]];
    let keeps = Keeps { space, sides: [one, two], assumptions: all };
    let any = all.iter().any(|nodes| !nodes.is_empty());
    // Assumptions that nobody keeps restrict nothing.
    let free = any && matches!(seek(space, region.clone(), &keeps, &mut steps), Sought::Nobody);
    let assumptions = if free { [&[] as &[NodeId]; 2] } else { all };
    let by_names = [old, new].map(|plan| common.number_by_names(plan));
    let lets = changed([old, new], &numbered);
    let numbers = Numbers { numbered, by_names, lets };
    let tells = Tells { space, sides: [one, two], numbers: &numbers, assumptions, found: RefCell::default() };
    let named = Named::of([old, new].into_iter());
    let probe = Probe::new(space, &named);
    let mut sought = probed((space, &probe), region.clone(), &tells, &mut steps);
    // A count may lie between two ends that decide a question while it is missing for another.
    let counts: Vec<usize> = (0..space.variables.len())
        .filter(|at| {
            let whats = [(old, one), (new, two)].map(|(plan, side)| Some((plan, side.whats.get(*at).copied()??)));
            whats.into_iter().flatten().any(|(plan, what)| can_be_loose(plan, what))
        })
        .collect();
    if matches!(sought, Sought::Nobody) && !counts.is_empty() {
        let wider = widened(region, &counts);
        let [first, second] = [one, two].map(|side| side.loosely(&counts));
        let loosely = Tells { sides: [&first, &second], found: RefCell::default(), ..tells };
        let mut steps = Steps(budget);
        if !loosely.rules_out(&wider) && !matches!(seek(space, wider, &loosely, &mut steps), Sought::Nobody) {
            sought = Sought::Unknown(Unknown::Records);
        }
    }
    // What one of them counts or sums up is not free of what the other one does.
    let own = |side: usize, variable: usize| {
        let what = |side: &Side<'_, '_>| side.whats.get(variable).copied().flatten();
        let whats = [what(one), what(two)];
        let aggregate = matches!(whats.get(side), Some(Some(What::Aggregate(_))));
        aggregate && whats.iter().any(Option::is_none)
    };
    let loose = [0, 1].iter().all(|side| (0..space.variables.len()).any(|variable| own(*side, variable)));
    let told = match sought {
        Sought::Nobody => Told::Same,
        Sought::Found(_) if loose => Told::Unknown(Unknown::Records),
        Sought::Found(hit) => tells.told(hit.point, &named).map_or(Told::Unknown(Unknown::Opaque), Told::Apart),
        Sought::Unknown(_) if loose => Told::Unknown(Unknown::Records),
        Sought::Unknown(unknown) => Told::Unknown(unknown),
    };
    (told, budget - steps.0)
}

/// What two policies have in common.
pub(super) struct Numbers {
    pub(super) numbered: [Numbered; 2],
    /// The same where lets are told apart by their names alone.
    pub(super) by_names: [Numbered; 2],
    /// The lets of one name that are not the same, by their places, in order.
    pub(super) lets: Vec<[u32; 2]>,
}

/// The lets of one name that are not the same.
fn changed([old, new]: [&Plan; 2], [one, two]: &[Numbered; 2]) -> Vec<[u32; 2]> {
    let places =
        |plan: &Plan| (0..).take(plan.lets().len()).map(|at| (plan.names().bound(at).to_owned(), at)).collect();
    let places: BTreeMap<String, u32> = places(new);
    let pairs = (0..).take(old.lets().len()).filter_map(|at| Some([at, *places.get(old.names().bound(at))?]));
    pairs.filter(|[at, twin]| one.lets().get(*at as usize) != two.lets().get(*twin as usize)).collect()
}

/// Two policies that may say different things of somebody.
pub(super) struct Tells<'q, 'm, 'a> {
    space: &'q Space,
    pub(super) sides: [&'q Side<'m, 'a>; 2],
    pub(super) numbers: &'q Numbers,
    pub(super) assumptions: [&'q [NodeId]; 2],
    found: RefCell<Option<[Said; 2]>>,
}

/// Values nearer to 0, or to today, than one is, the nearest first.
fn plainer(space: &Space, named: &Named, at: usize, held: &Held) -> Vec<Held> {
    const FEW: usize = 64;
    let (Some(variable), Some(place)) = (space.variables.get(at), space.start.get(at)) else { return Vec::new() };
    let origin = if matches!(variable.kind, Kind::Days) { space.today } else { 0 };
    let Some(own) = units_of(&variable.kind, held) else { return Vec::new() };
    let near = |units: &i128| units.abs_diff(origin);
    let mut all: Vec<i128> = [0, 100, -100, 1000, -1000]
        .into_iter()
        .map(|beside| origin + beside)
        .chain(named.ends(space, at))
        .filter(|units| near(units) < near(&own))
        .collect();
    all.sort_by_key(near);
    all.dedup();
    all.into_iter().take(FEW).filter_map(|units| held_in(&variable.kind, &place.room, units)).collect()
}

impl Tells<'_, '_, '_> {
    /// As the two policies say it of one customer: the same where the names are.
    fn differ(&self, said: &[Said; 2]) -> bool {
        let named = |side: usize, said: &Said| {
            let names = self.plan(side)?.names();
            let rule = said.rule.and_then(|rule| names.rules.get(rule.index())?.name.as_deref());
            let limit = |at: Option<usize>| names.adjustments.get(at?)?.name.as_deref();
            let member = |(at, member): (usize, &Option<u32>)| {
                let number = self.plan(side)?.segments().nth(at)?.1;
                match names.segments.get(number as usize).map(|(_, ty)| ty) {
                    Some(Type::OneOf(members)) => members.name((*member)?).map(|name| &**name),
                    _ => None,
                }
            };
            let segments: Vec<Option<&str>> = said.segments.iter().enumerate().map(member).collect();
            let tier = said.tier.and_then(|tier| names.tier(tier as usize));
            Some((tier, rule, said.moved.map(limit), segments, said.scores.clone()))
        };
        let [one, two] = said;
        named(0, one) != named(1, two)
    }

    /// A customer as it is told, as much of it missing as goes.
    fn told(&self, mut point: Point, named: &Named) -> Option<Box<Apart>> {
        for at in 0..point.len() {
            let (held, place) = (point.get(at).cloned()?, self.space.start.get(at)?);
            let nothing = [(place.missing, Held::Missing), (place.undefined, Held::Undefined)];
            for (_, other) in nothing.into_iter().filter(|(can, other)| *can && *other != held) {
                point.iter_mut().skip(at).take(1).for_each(|own| *own = other.clone());
                if self.holds(&point) == Some(true) {
                    break;
                }
                point.iter_mut().skip(at).take(1).for_each(|own| *own = held.clone());
            }
        }
        for at in 0..point.len() {
            let held = point.get(at).cloned()?;
            for other in plainer(self.space, named, at, &held) {
                point.iter_mut().skip(at).take(1).for_each(|own| *own = other.clone());
                if self.holds(&point) == Some(true) {
                    break;
                }
                point.iter_mut().skip(at).take(1).for_each(|own| *own = held.clone());
            }
        }
        self.holds(&point).filter(|holds| *holds)?;
        let said = self.found.take()?;
        let [one, two] = self.sides.map(|side| {
            let (tier, rule) = side.decide(self.space, &point)?;
            let mut facts = person(self.space, &point);
            // A fact that has no result is not given.
            facts.retain(|(thing, extent)| !(matches!(thing.what, What::Slot(_)) && *extent == Extent::Undefined));
            Some(Person { facts, tier, rule })
        });
        Some(Box::new(Apart { people: [one?, two?], said }))
    }
}

impl Goal for Tells<'_, '_, '_> {
    type State = ();

    fn begin(&self) {}

    fn judge(&self, region: &Region, (): &()) -> Judged<()> {
        let looks = self.sides.map(|side| Look::new(self.space, &side.scene, region));
        let [one, _] = &looks;
        let Some((open, alone)) = self.open(&looks) else { return Judged::Never };
        // Where segments come to the same, it may not matter to what.
        if alone && self.rules_out(region) {
            return Judged::Never;
        }
        let cut = open.iter().find_map(|(side, open)| looks.get(*side)?.split(&[*open]));
        Judged::Open(cut.or_else(|| one.split_few()), (), true)
    }

    fn rules_out(&self, region: &Region) -> bool {
        let [one, two] = self.sides;
        let before = self.space.work.get();
        let look = Look::new(self.space, &one.scene, region);
        let worlds = worlds(&look, 2 * (self.space.work.get() - before));
        // What is the same let on both sides comes to the same.
        let [own, other] = &self.numbers.numbered;
        let twin = |at: u32| {
            let number = own.lets().get(at as usize)?;
            u32::try_from(other.lets().iter().position(|known| known == number)?).ok()
        };
        worlds.len() > 1
            && worlds.iter().all(|world| {
                let beside: World<'_> =
                    world.iter().filter_map(|(at, held)| Some((twin(*at)?, held.clone()))).collect();
                let looks = [
                    Look::taking(self.space, &one.scene, region, world),
                    Look::taking(self.space, &two.scene, region, &beside),
                ];
                self.open(&looks).is_none()
            })
    }

    fn holds(&self, point: &Point) -> Option<bool> {
        let mut all = Vec::new();
        for (side, nodes) in self.sides.iter().zip(self.assumptions) {
            let (kept, own) = side.with(self.space, point, |machine| {
                (nodes.iter().all(|node| machine.of(*node) != Kleene::FALSE), said(machine))
            })?;
            if !kept {
                return Some(false);
            }
            all.push(own);
        }
        let said: [Said; 2] = all.try_into().ok()?;
        let differ = self.differ(&said);
        if differ {
            self.found.replace(Some(said));
        }
        Some(differ)
    }
}
