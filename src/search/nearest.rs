//! The nearest customer with another tier: the smallest change of known facts that leads there. Regions are looked at in the
//! order of what it costs at the least to come into them, so that the first customer who is found is the nearest.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::explore::Steps;
use super::linear::{Form, narrowed};
use super::look::Look;
use super::movable::Movable;
use super::point::{Found, Held, Point, decide, point};
use super::possible::Unknown;
use super::ratio::common;
use super::region::{Region, Room, What};
use crate::eval::{Machine, RuleId};
use crate::plan::TierSet;

/// What a change by the whole scale costs.
pub(crate) const WHOLE: i128 = 10_i128.pow(24);

/// So many searches look for ways.
const SEARCHES: usize = 8;

/// A change of one fact, or of what is aggregated.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub(crate) what: What,
    pub(crate) from: Held,
    pub(crate) to: Held,
    /// One unit of the grid on which a number was looked for.
    pub(crate) unit: Decimal,
    /// Whether it is a text that was made up, and others will do as well.
    pub(crate) made: bool,
}

/// A customer of a wanted tier.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) moved: Vec<Moved>,
    pub(crate) tier: Option<u32>,
    pub(crate) rule: Option<RuleId>,
    /// In parts of [`WHOLE`].
    pub(crate) cost: i128,
}

/// The nearest customers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nearest {
    /// The nearest first; none changes all that one before it does.
    pub(crate) ways: Vec<Way>,
    /// Why there may be a nearer one.
    pub(crate) unknown: Option<Unknown>,
    pub(crate) steps: u32,
    /// What may change, and what one unit of it costs.
    pub(crate) movable: Vec<(What, Decimal, i128)>,
    /// Nothing was looked for, since it would tell of sensitive facts.
    pub(crate) hidden: bool,
}

/// What is asked of a search.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'l> {
    /// The slots of facts that may change although they are no numbers.
    pub(crate) listed: &'l [u32],
    /// Records are added, and none is taken away.
    pub(crate) grows: bool,
    /// So many ways are told.
    pub(crate) ways: usize,
    pub(crate) steps: u32,
}

/// Finds the nearest customers of wanted tiers.
pub(crate) fn nearest(machine: &Machine<'_, '_>, wanted: &TierSet, ask: Ask<'_>) -> Nearest {
    let Some(movable) = Movable::of(machine, ask) else {
        return Nearest { unknown: Some(Unknown::Numbers), ..Nearest::default() };
    };
    let mut search = Search { movable: &movable, wanted, steps: Steps(ask.steps), unknown: None, order: 0 };
    let (mut ways, mut changed): (Vec<Way>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    // What each search may not change: something of every way that is known.
    let mut waiting = vec![Vec::new()];
    let mut searched: Vec<Vec<usize>> = Vec::new();
    let mut unknown = None;
    while let Some(fixed) = (!waiting.is_empty()).then(|| waiting.remove(0)) {
        if searched.contains(&fixed) || searched.len() >= SEARCHES || ways.len() >= ask.ways {
            continue;
        }
        let found = search.way(&fixed);
        // Whether the nearest is the nearest, the first search tells; the others may end without one.
        if searched.is_empty() {
            unknown = search.unknown.map(|(unknown, _)| unknown);
        }
        searched.push(fixed.clone());
        let Some((way, variables)) = found else { continue };
        if !changed.contains(&variables) {
            changed.push(variables.clone());
            ways.push(way);
        }
        for variable in variables {
            let mut more = fixed.clone();
            more.push(variable);
            more.sort_unstable();
            waiting.push(more);
        }
    }
    ways.sort_by_key(|way| (way.cost, way.moved.len()));
    // Who changes more facts than on a nearer way, and these too, is not told.
    let mut told: Vec<Way> = Vec::new();
    for way in ways {
        let has = |what: What| way.moved.iter().any(|moved| moved.what == what);
        if !told.iter().any(|known| known.moved.iter().all(|moved| has(moved.what))) {
            told.push(way);
        }
    }
    let facts = movable.own.iter().zip(&movable.space.variables);
    Nearest {
        ways: told,
        unknown,
        steps: ask.steps - search.steps.0,
        movable: facts.map(|(own, variable)| (variable.what, own.unit(), own.weight)).collect(),
        hidden: false,
    }
}

struct Search<'s, 'm, 'a> {
    movable: &'s Movable<'m, 'a>,
    wanted: &'s TierSet,
    steps: Steps,
    /// Why there may be others, who cost at the least so much.
    unknown: Option<(Unknown, i128)>,
    order: u32,
}

/// A region that may hold a nearer customer, or a customer, by what it costs at the least.
struct Waiting {
    cost: i128,
    order: u32,
    what: Candidate,
}

/// A customer, and what is decided.
type Customer = (Point, Option<u32>, Option<RuleId>);

enum Candidate {
    Customer(Box<Customer>),
    Region(Region, Rc<[usize]>),
}

impl Waiting {
    /// A customer comes before regions that are as near; else what waits longest.
    fn rank(&self) -> (i128, bool, u32) {
        (self.cost, matches!(self.what, Candidate::Region(..)), self.order)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

type Heap = BinaryHeap<Reverse<Waiting>>;

impl Search<'_, '_, '_> {
    /// The nearest customer who has some facts as they are, and the variables that change.
    fn way(&mut self, fixed: &[usize]) -> Option<(Way, Vec<usize>)> {
        let movable = self.movable;
        let mut region = movable.region.clone();
        for at in fixed {
            region = region.with_room(*at, movable.own.get(*at)?.nearest(&region.place(*at)?.room))?;
        }
        let mut heap = Heap::new();
        let rules: Rc<[usize]> = (0..movable.scene.plan.rules().len()).collect();
        self.push(&mut heap, region, &rules);
        while let Some(Reverse(Waiting { cost, what, .. })) = heap.pop() {
            match what {
                Candidate::Customer(found) => {
                    // What is as far is no nearer.
                    self.unknown = self.unknown.filter(|(_, least)| *least < cost);
                    return Some(self.told(*found, cost));
                }
                Candidate::Region(region, rules) if self.steps.take(&movable.space) => {
                    self.look(&mut heap, &region, &rules);
                }
                Candidate::Region(..) => self.doubt(Unknown::Steps, cost),
            }
        }
        None
    }

    fn doubt(&mut self, unknown: Unknown, least: i128) {
        self.unknown.get_or_insert((unknown, least));
    }

    fn push(&mut self, heap: &mut Heap, region: Region, rules: &Rc<[usize]>) {
        let cost = self.movable.least(&region);
        self.add(heap, cost, Candidate::Region(region, Rc::clone(rules)));
    }

    fn add(&mut self, heap: &mut Heap, cost: i128, what: Candidate) {
        self.order += 1;
        heap.push(Reverse(Waiting { cost, order: self.order, what }));
    }

    /// Takes the nearest customer of a region where that is of a wanted tier, else cuts the region.
    fn look(&mut self, heap: &mut Heap, region: &Region, rules: &Rc<[usize]>) {
        let Movable { space, scene, .. } = self.movable;
        let look = Look::new(space, scene, region);
        let seen = look.tiers(rules);
        if !seen.tiers.iter().any(|tier| self.wanted.contains(tier)) {
            return;
        }
        if region.forms.is_empty() {
            // The nearest corner costs as little as anything there.
            let customer = self.customer(region);
            if customer.as_ref().is_some_and(|(_, tier, _)| self.wanted.contains(*tier)) {
                return self.found(heap, customer);
            }
        } else if seen.tiers.iter().all(|tier| self.wanted.contains(tier)) {
            return self.cheapest(heap, region, &seen.rules);
        }
        let parts = look.split(&seen.open).or_else(|| look.split_few()).or_else(|| self.beside(region));
        match parts {
            Some(parts) => {
                for part in parts {
                    if let Some(part) = narrowed(&part, &space.forms.borrow()) {
                        self.push(heap, part, &seen.rules);
                    }
                }
            }
            None => {
                let customer = self.customer(region);
                if region.count() > 1 || (customer.is_none() && !self.is_nobody(region)) {
                    self.doubt(Unknown::Opaque, self.movable.least(region));
                }
                self.found(heap, customer);
            }
        }
    }

    /// Takes a customer where that is of a wanted tier.
    fn found(&mut self, heap: &mut Heap, customer: Option<Customer>) {
        if let Some(customer) = customer.filter(|(_, tier, _)| self.wanted.contains(*tier)) {
            self.add(heap, self.movable.cost(&customer.0), Candidate::Customer(Box::new(customer)));
        }
    }

    fn is_nobody(&self, region: &Region) -> bool {
        matches!(point(&self.movable.space, region, &|at| self.movable.now(at)), Found::Nothing)
    }

    /// Cuts a region so that each of its numbers and days lies on one side of what it is now.
    fn beside(&self, region: &Region) -> Option<Vec<Region>> {
        self.movable.own.iter().enumerate().find_map(|(at, own)| {
            let now = own.units()?;
            let (low, high) = region.span(at).filter(|(low, high)| *low < now && now < *high)?;
            let rooms = [Room::Span(low, now), Room::Span(now + 1, high)];
            Some(rooms.into_iter().filter_map(|room| region.with_room(at, room)).collect())
        })
    }

    /// The nearest customer of a region of wanted tiers where sums are bounded.
    fn cheapest(&mut self, heap: &mut Heap, region: &Region, rules: &Rc<[usize]>) {
        if let Some(parts) = self.beside(region) {
            return parts.into_iter().for_each(|part| self.push(heap, part, rules));
        }
        let (space, region) = (&self.movable.space, &self.movable.corner(region));
        // On one side of what is now, what it costs is a sum.
        let (mut terms, mut from_now) = (Vec::new(), 0_i128);
        for (at, own) in self.movable.own.iter().enumerate() {
            let Some((low, high)) = region.span(at).filter(|(low, high)| low < high) else { continue };
            let Some(now) = own.units() else { continue };
            let sign = if low >= now { 1 } else { -1 };
            debug_assert!(low >= now || high <= now);
            terms.push((at, sign * own.weight));
            from_now = from_now.saturating_add((sign * own.weight).saturating_mul(now));
        }
        let fixed = self.movable.least(region)
            - self.movable.least_of(region, |room| matches!(room, Room::Span(low, high) if low < high));
        let (mut low, mut best) = (self.movable.least(region), self.customer(region));
        let Some(high) = best.as_ref().map(|found| self.movable.cost(&found.0)) else {
            if !self.is_nobody(region) {
                self.doubt(Unknown::Opaque, low);
            }
            return;
        };
        // No variable moves farther than all that the customer who is known costs, so that numbers stay small.
        let Some(region) = &self.movable.near(region, high) else { return };
        // Common factors only make numbers long.
        let shared = terms.iter().fold(0, |shared, (_, weight)| common(shared, *weight)).max(1);
        terms.iter_mut().for_each(|(_, weight)| *weight /= shared);
        let form = space.forms.borrow_mut().number(Form { terms });
        while let Some(high) = best.as_ref().map(|found| self.movable.cost(&found.0)).filter(|high| low < *high) {
            if !self.steps.take(space) {
                self.doubt(Unknown::Steps, low);
                break;
            }
            let middle = low + (high - low) / 2;
            let bound = (middle - fixed).saturating_add(from_now).div_euclid(shared);
            let part = region.with_bounds(form, i128::MIN / 4, bound);
            let part = part.and_then(|part| narrowed(&part, &space.forms.borrow()));
            match part.map(|part| point(space, &part, &|at| self.movable.now(at))) {
                None | Some(Found::Nothing) => low = middle + 1,
                Some(Found::Unknown) => {
                    self.doubt(Unknown::Opaque, low);
                    break;
                }
                Some(Found::Point(point)) => {
                    let decided = decide(space, &self.movable.scene, &point);
                    best = decided.map(|(tier, rule)| (point, tier, rule));
                }
            }
        }
        self.found(heap, best);
    }

    /// A customer of a region near to what is now, and what is decided.
    fn customer(&self, region: &Region) -> Option<Customer> {
        let Movable { space, scene, .. } = self.movable;
        let corner = self.movable.corner(region);
        let Found::Point(point) = point(space, &corner, &|at| self.movable.now(at)) else { return None };
        let (tier, rule) = decide(space, scene, &point)?;
        Some((point, tier, rule))
    }

    fn told(&self, (point, tier, rule): Customer, cost: i128) -> (Way, Vec<usize>) {
        let (mut moved, mut variables) = (Vec::new(), Vec::new());
        let facts = self.movable.own.iter().zip(&self.movable.space.variables);
        for (at, ((own, variable), held)) in facts.zip(&point).enumerate() {
            if let Some((from, to, made)) = own.change(&variable.kind, held) {
                moved.push(Moved { what: variable.what, from, to, unit: own.unit(), made });
                variables.push(at);
            }
        }
        (Way { moved, tier, rule, cost }, variables)
    }
}

/// A weight for one unit, so that a change by the scale costs as much as the field says.
pub(super) fn weight(cost: Option<Decimal>, scale: i128) -> i128 {
    let cost = cost.unwrap_or(Decimal::ONE).abs().min(Decimal::from(1_000_000));
    let whole = (cost * Decimal::from(1_000_000)).round().to_i128().unwrap_or(1_000_000);
    (whole.saturating_mul(WHOLE / 1_000_000) / scale.max(1)).max(1)
}
