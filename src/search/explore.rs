//! The search itself: regions are looked at one by one and cut where they are not settled.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::linear::narrowed;
use super::look::Look;
use super::point::{Found, Point, decide, point};
use super::region::{Region, What};
use super::scene::{Scene, Space};
use super::tiers::Tiers;
use crate::plan::TierSet;

/// How many regions may still be looked at.
pub(super) struct Steps(pub(super) u32);

/// So many values and conditions are as much as one more region.
const WORK: u32 = 256;

impl Steps {
    /// Takes a step for the next region, and those for the work that the last one took; whether there was one left.
    pub(super) fn take(&mut self, space: &Space) -> bool {
        let step = 1 + space.work.take() / WORK;
        let is_left = self.0 > 0;
        self.0 = self.0.saturating_sub(step);
        is_left
    }
}

/// The tiers that were found.
pub(super) struct Reached {
    /// Each has a customer, who was decided.
    pub(super) found: TierSet,
    /// Those that were neither found nor ruled out.
    pub(super) open: TierSet,
    /// Some of these customers, each with its tier.
    pub(super) customers: Vec<(Option<u32>, Point)>,
}

/// So many customers are kept.
const KEPT: usize = 4;

struct Waiting {
    region: Region,
    rules: Rc<[usize]>,
}

/// The tiers of all customers of a region.
pub(super) fn reached(
    (space, scene): (&Space, &Scene<'_, '_>),
    region: Region,
    rules: Rc<[usize]>,
    steps: &mut Steps,
    mut certificates: Option<&mut Certificates<'_, '_, '_>>,
) -> Reached {
    let tiers = scene.plan.tiers();
    let mut reached = Reached { found: TierSet::empty(tiers), open: TierSet::empty(tiers), customers: Vec::new() };
    let mut waiting = vec![Waiting { region, rules }];
    // What is left when the steps are used up is looked at once, and not cut.
    while let Some(Waiting { region, rules }) = waiting.pop() {
        let taken = steps.take(space);
        let look = Look::new(space, scene, &region);
        let seen = look.tiers(&rules);
        let single = seen.tiers.iter().nth(1).is_none();
        if single && let Some(certificates) = &mut certificates {
            certificates.add(&region);
        }
        if seen.tiers.iter().all(|tier| reached.found.contains(tier)) {
            continue;
        }
        let cut = || look.split(&seen.open).or_else(|| look.split_few());
        let parts = if taken && !single { cut() } else { None };
        match parts {
            Some(parts) => {
                let rules = &seen.rules;
                let inner = parts.into_iter().rev().filter_map(|part| narrowed(&part, &space.forms.borrow()));
                waiting.extend(inner.map(|region| Waiting { region, rules: Rc::clone(rules) }));
            }
            None => settle(space, scene, &region, &seen, &mut reached),
        }
    }
    let found: Vec<Option<u32>> = reached.found.iter().collect();
    found.into_iter().for_each(|tier| reached.open.remove(tier));
    reached
}

/// A region that is not cut any further: the tier of one customer of it is found, the others stay open.
fn settle(space: &Space, scene: &Scene<'_, '_>, region: &Region, seen: &Tiers, reached: &mut Reached) {
    match point(space, region, &|_| 0) {
        Found::Nothing => return,
        Found::Point(point) => {
            if let Some((tier, _)) = decide(space, scene, &point) {
                reached.found.insert(tier);
                if reached.customers.len() < KEPT && reached.customers.iter().all(|(known, _)| *known != tier) {
                    reached.customers.push((tier, point));
                }
                if region.count() == 1 {
                    return;
                }
            }
        }
        Found::Unknown => {}
    }
    let open: Vec<Option<u32>> = seen.tiers.iter().filter(|tier| !reached.found.contains(*tier)).collect();
    open.into_iter().for_each(|tier| reached.open.insert(tier));
}

/// Regions of one tier: what is known there settles it. Facts that can be left out are.
pub(super) struct Certificates<'s, 'm, 'a> {
    space: &'s Space,
    scene: &'s Scene<'m, 'a>,
    whole: &'s Region,
    rules: Rc<[usize]>,
    /// So many regions are still looked at.
    left: u32,
    /// The slots of each, and how often they were found.
    found: BTreeMap<Vec<u32>, u32>,
}

/// So many regions are looked at for few facts.
const CERTIFICATES: u32 = 64;

impl<'s, 'm, 'a> Certificates<'s, 'm, 'a> {
    pub(super) fn new(space: &'s Space, scene: &'s Scene<'m, 'a>, whole: &'s Region, rules: Rc<[usize]>) -> Self {
        Self { space, scene, whole, rules, left: CERTIFICATES, found: BTreeMap::new() }
    }

    /// Takes facts out of what is known as long as the tier stays settled.
    fn add(&mut self, region: &Region) {
        let slot = |at: usize| match self.space.variables.get(at).map(|variable| variable.what) {
            Some(What::Slot(slot)) => Some(slot),
            _ => None,
        };
        if !region.forms.is_empty() || self.left == 0 {
            return;
        }
        self.left -= 1;
        let mut region = region.clone();
        let mut kept = Vec::new();
        for (at, whole) in self.whole.places.iter().enumerate() {
            if region.place(at) == Some(whole) {
                continue;
            }
            let wider = region.with(at, whole.clone()).filter(|wider| {
                Look::new(self.space, self.scene, wider).tiers(&self.rules).tiers.iter().nth(1).is_none()
            });
            match (wider, slot(at)) {
                (Some(wider), _) => region = wider,
                (None, Some(slot)) => kept.push(slot),
                (None, None) => return,
            }
        }
        if !kept.is_empty() {
            *self.found.entry(kept).or_default() += 1;
        }
    }

    /// Few facts that can settle the tier, the most useful of them first; else all that matter.
    pub(super) fn best(&self, matters: &[u32]) -> Vec<u32> {
        let useful = |slot: &u32| -> u32 {
            self.found.iter().filter(|(slots, _)| slots.contains(slot)).map(|(_, count)| *count).sum()
        };
        let known = self.found.keys().filter(|slots| slots.iter().all(|slot| matters.contains(slot)));
        let mut best = known.min_by_key(|slots| slots.len()).cloned().unwrap_or_else(|| matters.to_vec());
        best.sort_by_key(|slot| (std::cmp::Reverse(useful(slot)), *slot));
        best
    }
}
