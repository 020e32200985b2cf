//! Whether there is a customer of some kind: regions are looked at one by one until one is found or none is left.

use super::explore::Steps;
use super::linear::narrowed;
use super::point::{Found, Point, point};
use super::possible::Unknown;
use super::probe::Probe;
use super::region::{Kind, Region};
use super::scene::Space;
use super::split::Parts;

/// So many customers are tried in one region.
const TRIES: usize = 16;

/// What one look tells of the customers of a region.
pub(super) enum Judged<S> {
    /// None of them is wanted.
    Never,
    /// All of them are.
    Sure,
    /// Some may be: where to cut, what the parts need not find out again, and whether single customers are worth trying.
    /// Without a cut there is nothing left to cut.
    Open(Option<Parts>, S, bool),
}

/// What is looked for.
pub(super) trait Goal {
    /// What a region hands on to its parts.
    type State: Clone;

    fn begin(&self) -> Self::State;

    fn judge(&self, region: &Region, state: &Self::State) -> Judged<Self::State>;

    /// Whether one customer is wanted, by the evaluation; `None` where that cannot be told.
    fn holds(&self, point: &Point) -> Option<bool>;

    /// Whether it is sure of a region, however conditions come out on which much hangs, that none of its customers is wanted.
    fn rules_out(&self, _: &Region) -> bool {
        false
    }

    /// A part of a region without what stands in the way of one customer of it.
    fn beside(&self, _: &Region, _: &Point) -> Option<Region> {
        None
    }
}

/// A customer who was found.
pub(super) struct Hit {
    pub(super) point: Point,
    pub(super) region: Region,
    /// Whether everybody in the region is wanted.
    pub(super) whole: bool,
}

/// What became of a search.
pub(super) enum Sought {
    Found(Box<Hit>),
    Nobody,
    Unknown(Unknown),
}

/// A search that can go on behind what it has found.
pub(super) struct Seeker<'s, G: Goal> {
    space: &'s Space,
    goal: &'s G,
    waiting: Vec<(Region, G::State)>,
    probe: Option<&'s Probe>,
    /// Why somebody may have been passed over.
    pub(super) unknown: Option<Unknown>,
}

/// Looks for one customer of a region.
pub(super) fn seek<G: Goal>(space: &Space, region: Region, goal: &G, steps: &mut Steps) -> Sought {
    sought(Seeker::new(space, region, goal), steps)
}

/// The same; single customers are tried first.
pub(super) fn probed<G: Goal>((space, probe): (&Space, &Probe), region: Region, goal: &G, steps: &mut Steps) -> Sought {
    let known = probe.find(|point| goal.holds(point) == Some(true));
    steps.take(space);
    if let Some(point) = known {
        return Sought::Found(Box::new(Hit { point, region, whole: false }));
    }
    if goal.rules_out(&region) {
        return Sought::Nobody;
    }
    probe.begin();
    let sought = sought(Seeker { probe: Some(probe), ..Seeker::new(space, region, goal) }, steps);
    if let Sought::Found(hit) = &sought {
        probe.keep(&hit.point);
    }
    sought
}

fn sought<G: Goal>(mut seeker: Seeker<'_, G>, steps: &mut Steps) -> Sought {
    match (seeker.next(steps, &|_| false), seeker.unknown) {
        (Some(hit), _) => Sought::Found(Box::new(hit)),
        (None, Some(unknown)) => Sought::Unknown(unknown),
        (None, None) => Sought::Nobody,
    }
}

impl<'s, G: Goal> Seeker<'s, G> {
    pub(super) fn new(space: &'s Space, region: Region, goal: &'s G) -> Self {
        Self { space, goal, waiting: vec![(region, goal.begin())], probe: None, unknown: None }
    }

    /// The next customer who is wanted, regions left out that are passed over.
    pub(super) fn next(&mut self, steps: &mut Steps, passed: &dyn Fn(&Region) -> bool) -> Option<Hit> {
        while let Some((region, state)) = self.waiting.pop() {
            if passed(&region) {
                continue;
            }
            if !steps.take(self.space) {
                self.unknown = Some(Unknown::Steps);
                self.waiting.clear();
                return None;
            }
            let whole = match self.goal.judge(&region, &state) {
                Judged::Never => continue,
                Judged::Sure => true,
                Judged::Open(Some(parts), state, likely) => {
                    if likely && let Some(point) = self.tried(&region) {
                        return Some(Hit { point, region, whole: false });
                    }
                    let parts = parts.into_iter().rev();
                    let parts = parts.filter_map(|part| narrowed(&part, &self.space.forms.borrow()));
                    self.waiting.extend(parts.map(|part| (part, state.clone())));
                    continue;
                }
                Judged::Open(None, ..) => false,
            };
            let wanted = |at: usize| match self.space.variables.get(at).map(|variable| &variable.kind) {
                Some(Kind::Days) => self.space.today,
                _ => 0,
            };
            match point(self.space, &region, &wanted) {
                Found::Nothing => {}
                Found::Unknown => self.doubt(),
                Found::Point(point) => match self.goal.holds(&point) {
                    Some(true) => {
                        let whole = whole || region.count() == 1;
                        return Some(Hit { point, region, whole });
                    }
                    Some(false) if region.count() == 1 => {}
                    _ => self.doubt(),
                },
            }
        }
        None
    }

    /// Some customer of a region who is wanted.
    fn tried(&self, region: &Region) -> Option<Point> {
        let probe = self.probe?;
        let mut part = region.clone();
        for _ in 0..TRIES {
            let point = probe.point(self.space, &part)?;
            if self.goal.holds(&point) == Some(true) {
                return Some(point);
            }
            let other = self.goal.beside(&part, &point).and_then(|part| narrowed(&part, &self.space.forms.borrow()));
            part = other.unwrap_or_else(|| region.clone());
        }
        None
    }

    fn doubt(&mut self) {
        self.unknown.get_or_insert(Unknown::Opaque);
    }
}
