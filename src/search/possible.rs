//! The tiers that completions of the missing facts reach, exactly where the search can tell; which missing facts matter, the
//! fewest that can settle the tier, and the one to ask for first.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::explore::{Certificates, Steps, reached};
use super::linear::narrowed;
use super::look::Look;
use super::point::{Found, Held, Point, decide, point, samples};
use super::region::{Place, Region, Room, Variable, What};
use super::scene::{PARTS, Scene, Source, Space, completions};
use crate::eval::Machine;
use crate::plan::{Bound, Expr, Root, Source as Elements, TierSet};

/// Why a search could not tell everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unknown {
    /// The budget of steps was used up.
    Steps,
    /// Numbers are larger or finer than what is searched.
    Numbers,
    /// A product of facts, a pattern or the like hides which values there can be.
    Opaque,
    /// Records of which only a part is known hang together.
    Records,
    /// Two policies declare the same fact differently, or are in different currencies.
    Declarations,
    /// There are more boxes of customers than are told.
    Boxes,
}

impl Unknown {
    /// `steps`, `numbers`, `opaque`, `records`, `declarations` or `boxes`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Steps => "steps",
            Self::Numbers => "numbers",
            Self::Opaque => "opaque",
            Self::Records => "records",
            Self::Declarations => "declarations",
            Self::Boxes => "boxes",
        }
    }
}

/// What the missing facts leave open.
#[derive(Clone)]
pub(crate) struct Completed {
    pub(crate) tiers: TierSet,
    /// Why a tier, or a fact that matters, may be one too many.
    pub(crate) unknown: Option<Unknown>,
    /// What matters, by number: slots, then collections with their fields.
    pub(crate) matters: Vec<u32>,
    /// A few of them that can settle the tier, none of which can be left out, the one to ask for first in front; empty where
    /// nobody asked.
    pub(crate) settles: Vec<u32>,
    pub(crate) steps: u32,
}

/// Searches the completions of what is missing. One look has told `tiers`, a superset, and what may matter. What settles the
/// tier is found where `ask` says so.
pub(crate) fn complete(
    decided: &Machine<'_, '_>,
    open: &Machine<'_, '_>,
    (tiers, matters): (&TierSet, &[u32]),
    (budget, ask): (u32, bool),
) -> Completed {
    let mut steps = Steps(budget);
    let unsearched = || Completed {
        tiers: tiers.clone(),
        unknown: Some(Unknown::Numbers),
        matters: matters.to_vec(),
        settles: matters.to_vec(),
        steps: 0,
    };
    let Some((space, scene, region)) = completions(decided, open) else { return unsearched() };
    let rules: Rc<[usize]> = (0..decided.plan.rules().len()).collect();
    let mut certificates = ask.then(|| Certificates::new(&space, &scene, &region, Rc::clone(&rules)));
    let found = reached((&space, &scene), region.clone(), Rc::clone(&rules), &mut steps, certificates.as_mut());
    let mut all = found.found.clone();
    found.open.iter().filter(|tier| tiers.contains(*tier)).for_each(|tier| all.insert(tier));
    let more = found.open.iter().any(|tier| tiers.contains(tier));
    let variable = |at: &u32| scene.aggregate(*at) != Source::Fixed;
    let aggregates = (0..).take(decided.plan.aggregates().len()).filter(variable);
    let mut partly: Vec<u32> = aggregates.filter_map(|at| partly_known(decided, at)).collect();
    partly.sort_unstable();
    let joined = partly.windows(2).any(|pair| pair.first() == pair.last());
    let several = all.iter().nth(1).is_some();
    let unknown = match (more, steps.0) {
        (true, 0) => Some(Unknown::Steps),
        (true, _) => Some(Unknown::Opaque),
        (false, _) if several && joined => Some(Unknown::Records),
        _ => None,
    };
    let (tier, _) = decided.decided_with(&Default::default());
    let question =
        Question { space: &space, scene: &scene, region: &region, rules: &rules, tier, known: &found.customers };
    let matters = match (all.is_only(tier), unknown) {
        (true, _) => Vec::new(),
        (false, Some(Unknown::Steps | Unknown::Opaque)) => matters.to_vec(),
        (false, _) => question.that_matter(&found.found, matters, &mut steps),
    };
    // A fact too many is left where the steps ran out.
    let unknown = unknown.or_else(|| (steps.0 == 0 && !matters.is_empty()).then_some(Unknown::Steps));
    let certificates = certificates.filter(|_| !matters.is_empty());
    let settles = certificates.map_or_else(Vec::new, |certificates| certificates.best(&matters));
    Completed { tiers: all, unknown, matters, settles, steps: budget - steps.0 }
}

/// Which missing facts matter.
struct Question<'s, 'm, 'a> {
    space: &'s Space,
    scene: &'s Scene<'m, 'a>,
    region: &'s Region,
    rules: &'s Rc<[usize]>,
    /// The tier that is decided while all is missing.
    tier: Option<u32>,
    /// Customers of several tiers.
    known: &'s [(Option<u32>, Point)],
}

/// What is asked of two customers who differ in one fact.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pair {
    /// Both know it, and their tiers differ.
    Differ,
    /// One lacks it, perhaps as well as others, and has the tier that is decided; the other has another.
    Lost,
}

impl Question<'_, '_, '_> {
    /// What can change the tier: between two completions, or from what is decided. `known` names what one look finds.
    fn that_matter(&self, found: &TierSet, known: &[u32], steps: &mut Steps) -> Vec<u32> {
        let several = found.iter().nth(1).is_some();
        let (mut matters, mut searched) = (Vec::new(), Vec::new());
        let used = self.used();
        for (at, variable) in self.space.variables.iter().enumerate() {
            let names = self.names(variable.what, &used);
            searched.extend_from_slice(&names);
            let mut differs = || several && self.ask(at, Pair::Differ, steps) != Some(false);
            if !names.is_empty()
                && (self.shows(at, several) || differs() || self.ask(at, Pair::Lost, steps) != Some(false))
            {
                matters.extend(names);
            }
        }
        // Fields of records that are there are no variables.
        let slots = self.scene.plan.slots().len();
        matters.extend(known.iter().copied().filter(|at| *at as usize >= slots && !searched.contains(at)));
        matters.sort_unstable();
        matters.dedup();
        if matters.is_empty() { known.to_vec() } else { matters }
    }

    /// The facts on which rules hang that can decide where some or all of what is open stays missing.
    fn used(&self) -> Vec<u32> {
        let mut region = self.region.clone();
        region.places.iter_mut().for_each(|place| place.missing = true);
        let look = Look::new(self.space, self.scene, &region);
        let plan = self.scene.plan;
        let rules = look.tiers(self.rules).rules;
        let rules = rules.iter().filter_map(|at| plan.rules().get(*at)?.condition);
        let conditions = rules.chain(plan.adjustments().iter().map(|adjustment| adjustment.condition));
        let conditions: BTreeSet<_> = conditions.filter(|node| self.scene.node_hangs(*node)).collect();
        let mut facts = BTreeSet::new();
        for node in conditions {
            let (found, all) = plan.facts_of(Root::Condition(node), PARTS);
            facts.extend(found);
            // What is too large to be looked through may hang on anything.
            facts.extend(plan.expected().filter(|_| !all));
        }
        let slots = plan.adjustments().iter().filter_map(|adjustment| match adjustment.bound {
            Bound::Slot(slot) => Some(slot),
            Bound::Tier(_) => None,
        });
        facts.extend(slots);
        facts.into_iter().collect()
    }

    /// The numbers under which what a variable stands for is missing, among those that are used.
    fn names(&self, what: What, used: &[u32]) -> Vec<u32> {
        let plan = self.scene.plan;
        match what {
            What::Slot(slot) => used.iter().copied().filter(|number| *number == slot).collect(),
            What::Aggregate(at) => {
                let value = plan.expr_ids().find(|id| matches!(plan.expr(*id), Expr::Aggregate(own) if *own == at));
                let (facts, all) = value.map(|value| plan.facts_of(Root::Value(value), PARTS)).unwrap_or_default();
                let lacks = |number: &u32| *number as usize >= plan.slots().len() && self.scene.machine.lacks(*number);
                used.iter().copied().filter(|number| lacks(number) && (!all || facts.contains(number))).collect()
            }
        }
    }

    /// Whether the customers that are known show already that something matters.
    fn shows(&self, variable: usize, several: bool) -> bool {
        let tier = |point: &Point| decide(self.space, self.scene, point).map(|(tier, _)| tier);
        let with = |point: &Point, held: &Held| {
            let mut point = point.clone();
            point.iter_mut().skip(variable).take(1).for_each(|own| *own = held.clone());
            point
        };
        let nothing: Point = self.space.variables.iter().map(|_| Held::Missing).collect();
        let mut values: Vec<Held> = self.known.iter().filter_map(|(_, point)| point.get(variable).cloned()).collect();
        values.extend(samples(self.space, variable));
        self.known.iter().any(|(own, point)| {
            let Some(held) = point.get(variable) else { return false };
            let mut others = values.iter().filter(|other| several && *other != held);
            others.any(|other| tier(&with(point, other)).is_some_and(|tier| tier != *own))
                || (*own != self.tier && tier(&with(point, &Held::Missing)) == Some(self.tier))
                || (tier(&nothing) == Some(self.tier)
                    && tier(&with(&nothing, held)).is_some_and(|tier| tier != self.tier))
        })
    }

    /// Whether there are two such customers; `None` where that cannot be told.
    fn ask(&self, variable: usize, pair: Pair, steps: &mut Steps) -> Option<bool> {
        let own = self.space.variables.get(variable)?;
        let mut variables = self.space.variables.clone();
        variables.push(Variable::of(own.what, own.kind.clone()));
        let mut start = self.space.start.clone();
        start.extend(self.space.start.get(variable).cloned());
        let space = Space { variables, start, ..Space::default() };
        let mut region = self.region.clone();
        let lost = Place { room: Room::Nothing, missing: true, undefined: false };
        if pair == Pair::Lost {
            let others = region.places.iter_mut().enumerate().filter(|(at, _)| *at != variable);
            others.for_each(|(_, place)| place.missing = true);
        }
        region.places.push(if pair == Pair::Lost { lost } else { self.region.place(variable)?.clone() });
        let other = self.scene.with(own.what, variable, space.variables.len() - 1);
        let (mut waiting, mut unsure) = (vec![region], false);
        while let Some(region) = waiting.pop() {
            if !steps.take(&space) {
                return None;
            }
            let looks = [Look::new(&space, self.scene, &region), Look::new(&space, &other, &region)];
            let tiers = looks.each_ref().map(|look| look.tiers(self.rules));
            let [one, two] = &tiers;
            if !self.can_be(pair, &one.tiers, &two.tiers) {
                continue;
            }
            let cut = looks.iter().zip(&tiers).find_map(|(look, tiers)| {
                let several = tiers.tiers.iter().nth(1).is_some();
                if several { look.split(&tiers.open) } else { None }
            });
            let [look, _] = &looks;
            let cut = cut.or_else(|| look.split_few());
            match cut {
                Some(parts) => {
                    waiting.extend(parts.into_iter().rev().filter_map(|part| narrowed(&part, &space.forms.borrow())));
                }
                None => match self.decided(&space, &region, variable) {
                    Some((one, two)) if self.is(pair, one, two) => return Some(true),
                    Some(_) if region.count() == 1 => {}
                    Some(_) if tiers.iter().all(|tiers| tiers.tiers.iter().nth(1).is_none()) => {}
                    None if matches!(point(&space, &region, &|_| 0), Found::Nothing) => {}
                    _ => unsure = true,
                },
            }
        }
        if unsure { None } else { Some(false) }
    }

    /// The tiers of both customers of a region.
    fn decided(&self, space: &Space, region: &Region, variable: usize) -> Option<(Option<u32>, Option<u32>)> {
        let Found::Point(mut point) = point(space, region, &|_| 0) else { return None };
        let changed = point.pop()?;
        let one = decide(self.space, self.scene, &point)?;
        point.iter_mut().skip(variable).take(1).for_each(|held| *held = changed.clone());
        let two = decide(self.space, self.scene, &point)?;
        Some((one.0, two.0))
    }

    fn can_be(&self, pair: Pair, one: &TierSet, two: &TierSet) -> bool {
        one.iter().any(|one| two.iter().any(|two| self.is(pair, one, two)))
    }

    fn is(&self, pair: Pair, one: Option<u32>, two: Option<u32>) -> bool {
        match pair {
            Pair::Differ => one != two,
            Pair::Lost => one != self.tier && two == self.tier,
        }
    }
}

/// The collection of which a variable aggregate looks at records that are there, so that what is open about them hangs
/// together; periods look at several.
fn partly_known(machine: &Machine<'_, '_>, at: u32) -> Option<u32> {
    let known = |records: &u32| machine.has_records(*records);
    match machine.plan.aggregate(at)?.source {
        Elements::Records(records, _) => Some(records).filter(known),
        Elements::Periods(_) => (0..).take(machine.plan.records().len()).find(known),
    }
}
