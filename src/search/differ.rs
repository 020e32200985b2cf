//! Where two policies differ, and whether more of a fact can lower the tier.

use std::collections::{HashMap, HashSet};

use super::audit::Person;
use super::boxes::{Boxed, Named, boxed, person, widened};
use super::everybody::{Everybody, Side};
use super::explore::Steps;
use super::linear::{Form, narrowed};
use super::point::{Held, Point};
use super::possible::Unknown;
use super::region::{Place, Region, What};
use super::scene::{PARTS, Space};
use super::seek::{Seeker, Sought, seek};
use super::twins::{Keeps, Own, Twins};
use crate::eval::Machine;
use crate::plan::{Bound, Common, Expr, NodeId, Numbered, Plan, Root, fact};

/// So many boxes are told.
const BOXES: usize = 20;

/// As many rules on each side are set against one another for what they have in common.
const TABLE: usize = 1 << 22;

/// Customers whose tier is another under another policy.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) boxed: Boxed,
    /// As each policy has it.
    pub(crate) people: [Person; 2],
    /// Whether everybody in the box moves like this.
    pub(crate) whole: bool,
}

/// Where two policies differ.
#[derive(Clone, Debug, Default)]
pub(crate) struct Differences {
    pub(crate) moved: Vec<Moved>,
    /// Why there may be more.
    pub(crate) unknown: Option<Unknown>,
    pub(crate) steps: u32,
}

/// Finds the customers whose tiers differ under two policies.
pub(crate) fn differences(machines: [&Machine<'_, '_>; 2], budget: u32) -> Differences {
    let unknown = |unknown: Unknown| Differences { unknown: Some(unknown), ..Differences::default() };
    let [old, new] = machines.map(|machine| machine.plan);
    if old.currency() != new.currency() {
        return unknown(Unknown::Declarations);
    }
    let mut common = Common::default();
    let numbered = [old, new].map(|plan| common.number(plan));
    let shared = |side: usize, at: u32| {
        let own = numbered.get(side).and_then(|numbered| numbered.aggregate(at));
        own.unwrap_or(u32::MAX - at * 2 - u32::from(side == 1))
    };
    let Some(everybody) = Everybody::new(&machines, shared) else { return unknown(Unknown::Declarations) };
    let Everybody { space, sides, region } = &everybody;
    let [one, two] = &**sides else { return Differences::default() };
    // Tiers of the same name are the same.
    let place: HashMap<&str, u32> = (0..).zip(&old.names().tiers).map(|(at, name)| (&**name, at)).collect();
    let same: Vec<Option<u32>> = new.names().tiers.iter().map(|name| place.get(&**name).copied()).collect();
    let of_new = |tier: Option<u32>| tier.map(|tier| same.get(tier as usize).copied().flatten());
    let mut steps = Steps(budget);
    let all = [old.assumptions(), new.assumptions()];
    let assumptions = if contradicts(space, [one, two], all, region, &mut steps) { [&[] as &[NodeId]; 2] } else { all };
    let own = Some(edited([old, new], &numbered));
    let pair = |a: Option<u32>, b: Option<u32>| a.map(Some) != of_new(b);
    let twins = Twins { space, sides: [one, two], assumptions, pair: &pair, alike: true, own };
    let named = Named::of([old, new].into_iter());
    let mut seeker = Seeker::new(space, region.clone(), &twins);
    let (mut found, mut told): (Vec<Moved>, Vec<Region>) = (Vec::new(), Vec::new());
    while let Some(hit) = seeker.next(&mut steps, &|region| told.iter().any(|known| region.is_inside(known))) {
        if found.len() >= BOXES {
            seeker.unknown = Some(Unknown::Boxes);
            break;
        }
        let single = twins.decided(&hit.point).filter(|_| hit.whole);
        let alike = |wider: &Region| single.is_some() && twins.single(wider) == single && is_kept(&twins, wider);
        let wide = if single.is_some() {
            widened(space, (&hit.region, region), &named, &mut steps, &alike)
        } else {
            hit.region.clone()
        };
        let people = [one, two].map(|side| told_as(space, side, &hit.point));
        if let [Some(old), Some(new)] = people {
            found.push(Moved { boxed: boxed(space, (&wide, region)), people: [old, new], whole: single.is_some() });
        }
        told.extend(single.map(|_| wide));
    }
    Differences { moved: found, unknown: seeker.unknown, steps: budget - steps.0 }
}

/// Whether the assumptions contradict one another: nobody keeps them all. Then they are left aside, as an analysis does.
fn contradicts(
    space: &Space,
    sides: [&Side<'_, '_>; 2],
    assumptions: [&[NodeId]; 2],
    region: &Region,
    steps: &mut Steps,
) -> bool {
    let some = assumptions.iter().any(|nodes| !nodes.is_empty());
    some && matches!(seek(space, region.clone(), &Keeps { space, sides, assumptions }, steps), Sought::Nobody)
}

/// Whether everybody in a region keeps the assumptions.
fn is_kept(twins: &Twins<'_, '_, '_>, region: &Region) -> bool {
    let looks = twins.sides.map(|side| super::look::Look::new(twins.space, &side.scene, region));
    twins.kept(&looks).is_some_and(|open| open.iter().all(Vec::is_empty))
}

fn told_as(space: &Space, side: &Side<'_, '_>, point: &Point) -> Option<Person> {
    let (tier, rule) = side.decide(space, point)?;
    Some(Person { facts: person(space, point), tier, rule })
}

/// The rules that only one of two policies has, where the others stand in the same order; and whether caps and floors differ.
fn edited(plans: [&Plan; 2], numbered: &[Numbered; 2]) -> [Own; 2] {
    let [old, new] = plans;
    let keys = |at: usize| -> Vec<(Option<u32>, bool, &str)> {
        let (Some(plan), Some(numbered)) = (plans.get(at), numbered.get(at)) else { return Vec::new() };
        let each = plan.rules().iter().map(|rule| {
            let tier = plan.names().tier(rule.tier as usize).unwrap_or_default();
            (rule.condition.and_then(|node| numbered.node(node)), rule.condition.is_none(), tier)
        });
        each.collect()
    };
    let limits = |at: usize| {
        let (Some(plan), Some(numbered)) = (plans.get(at), numbered.get(at)) else { return Vec::new() };
        let each = plan.adjustments().iter().map(|limit| {
            let bound = match limit.bound {
                Bound::Tier(tier) => plan.names().tier(tier as usize).unwrap_or_default().to_owned(),
                Bound::Slot(slot) => plan.slots().get(slot as usize).map(|slot| fact(&slot.field)).unwrap_or_default(),
            };
            (limit.cap, bound, numbered.node(limit.condition))
        });
        each.collect::<Vec<_>>()
    };
    // Another ladder, or another choice among the rules, makes the same rules something else.
    let alike = old.names().tiers == new.names().tiers && old.match_best() == new.match_best();
    let limits = !alike || limits(0) != limits(1);
    let kept = if alike { in_common(&keys(0), &keys(1)) } else { Vec::new() };
    let rest = |side: usize, count: usize| {
        let kept: HashSet<usize> = kept.iter().filter_map(|pair| pair.get(side).copied()).collect();
        (0..count).filter(|rule| !kept.contains(rule)).collect()
    };
    [Own { rules: rest(0, old.rules().len()), limits }, Own { rules: rest(1, new.rules().len()), limits }]
}

/// The longest sequence that two lists have in common, as pairs of places.
fn in_common<T: PartialEq>(old: &[T], new: &[T]) -> Vec<[usize; 2]> {
    let start = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let inner = |list: &[T], rest: &[T]| start..list.len().saturating_sub(end.min(rest.len()));
    let (rows, columns) = (inner(old, old_rest), inner(new, new_rest));
    let mut pairs: Vec<[usize; 2]> = (0..start).map(|at| [at, at]).collect();
    if rows.len().saturating_mul(columns.len()) <= TABLE {
        pairs.extend(longest(old, new, rows.clone(), columns.clone()));
    }
    pairs.extend((0..end).rev().map(|at| [old.len() - 1 - at, new.len() - 1 - at]));
    pairs
}

fn longest<T: PartialEq>(
    old: &[T],
    new: &[T],
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
) -> Vec<[usize; 2]> {
    let width = columns.len() + 1;
    let mut lengths = vec![0_u32; width * (rows.len() + 1)];
    let at = |row: usize, column: usize| row * width + column;
    let same = |row: usize, column: usize| old.get(rows.start + row) == new.get(columns.start + column);
    let length = |lengths: &[u32], row: usize, column: usize| lengths.get(at(row, column)).copied().unwrap_or(0);
    for row in (0..rows.len()).rev() {
        for column in (0..columns.len()).rev() {
            let best = if same(row, column) {
                length(&lengths, row + 1, column + 1) + 1
            } else {
                length(&lengths, row + 1, column).max(length(&lengths, row, column + 1))
            };
            lengths.iter_mut().skip(at(row, column)).take(1).for_each(|own| *own = best);
        }
    }
    let (mut pairs, mut row, mut column) = (Vec::new(), 0, 0);
    while row < rows.len() && column < columns.len() {
        if same(row, column) {
            pairs.push([rows.start + row, columns.start + column]);
            (row, column) = (row + 1, column + 1);
        } else if length(&lengths, row + 1, column) >= length(&lengths, row, column + 1) {
            row += 1;
        } else {
            column += 1;
        }
    }
    pairs
}

/// Whether more of a fact can lower the tier.
pub(crate) enum Monotone {
    Never,
    /// Two customers who differ in the fact alone; the second has more of it, and a lower tier.
    Lowers(Box<[Person; 2]>),
    Unknown(Unknown),
}

/// Whether an aggregate looks at a fact: it moves with it, in a way that is not searched.
fn is_aggregated(plan: &Plan, slot: u32) -> bool {
    let looked_at = plan.looked_at();
    plan.expr_ids().any(|id| {
        let aggregate = matches!(plan.expr(id), Expr::Aggregate(_)) && looked_at.value(id);
        aggregate && {
            let (facts, all) = plan.facts_of(Root::Value(id), PARTS);
            !all || facts.contains(&slot)
        }
    })
}

/// Asks of the fact of a slot, which is a number or a date; with the steps that it took.
pub(crate) fn monotone(machine: &Machine<'_, '_>, slot: u32, budget: u32) -> (Monotone, u32) {
    let Some(mut everybody) = Everybody::of(machine) else { return (Monotone::Unknown(Unknown::Numbers), 0) };
    let space = &mut everybody.space;
    let found = space.variables.iter().position(|variable| variable.what == What::Slot(slot));
    let Some((variable, side)) = found.zip(everybody.sides.first()) else { return (Monotone::Never, 0) };
    let more = space.variables.len();
    if is_aggregated(machine.plan, slot) {
        return (Monotone::Unknown(Unknown::Opaque), 0);
    }
    let known = |place: &Place| Place { missing: false, undefined: false, ..place.clone() };
    let (Some(own), Some(place)) = (space.variables.get(variable), space.start.get(variable).map(known)) else {
        return (Monotone::Never, 0);
    };
    let own = own.clone();
    space.variables.push(own);
    let mut whole = Region { places: space.start.clone(), forms: Vec::new() };
    whole.places.push(place.clone());
    space.start.iter_mut().skip(variable).take(1).for_each(|start| *start = place.clone());
    space.start.push(place);
    let form = space.forms.borrow_mut().number(Form { terms: vec![(variable, 1), (more, -1)] });
    let region = Region { places: space.start.clone(), forms: vec![(form, i128::MIN / 4, -1)] };
    let first = Side { scene: side.scene.clone(), whats: side.whats.iter().copied().chain([None]).collect() };
    let mut whats = side.whats.clone();
    whats.iter_mut().skip(variable).take(1).for_each(|what| *what = None);
    whats.push(Some(What::Slot(slot)));
    let second = Side { scene: side.scene.with(What::Slot(slot), variable, more), whats };
    let space = &everybody.space;
    let rank = |tier: Option<u32>| tier.unwrap_or(u32::MAX);
    let pair = |a: Option<u32>, b: Option<u32>| rank(b) > rank(a);
    let mut steps = Steps(budget);
    // One customer has to keep them, whatever another one does.
    let all = machine.plan.assumptions();
    let contradict = contradicts(space, [&first, &second], [all, &[]], &whole, &mut steps);
    let assumptions = if contradict { [&[] as &[NodeId]; 2] } else { [all; 2] };
    let twins = Twins { space, sides: [&first, &second], assumptions, pair: &pair, alike: false, own: None };
    let region = narrowed(&region, &space.forms.borrow());
    let sought = region.map_or(Sought::Nobody, |region| seek(space, region, &twins, &mut steps));
    let result = match sought {
        Sought::Nobody => Monotone::Never,
        Sought::Unknown(unknown) => Monotone::Unknown(unknown),
        Sought::Found(hit) => {
            let mut point = hit.point;
            let held = point.get(more).cloned().unwrap_or(Held::Missing);
            let people = [&first, &second].map(|side| side.decide(space, &point));
            let last = point.len() - 1;
            point.truncate(last);
            let one = person(space, &point);
            point.iter_mut().skip(variable).take(1).for_each(|own| *own = held.clone());
            let two = person(space, &point);
            match people {
                [Some(a), Some(b)] => Monotone::Lowers(Box::new([
                    Person { facts: one, tier: a.0, rule: a.1 },
                    Person { facts: two, tier: b.0, rule: b.1 },
                ])),
                _ => Monotone::Unknown(Unknown::Opaque),
            }
        }
    };
    (result, budget - steps.0)
}
