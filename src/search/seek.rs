//! Whether there is a customer of some kind: regions are looked at one by one until one is found or none is left.

use super::explore::Steps;
use super::linear::narrowed;
use super::point::{Found, Point, point};
use super::possible::Unknown;
use super::region::{Kind, Region};
use super::scene::Space;
use super::split::Parts;

/// What one look tells of the customers of a region.
pub(super) enum Judged<S> {
    /// None of them is wanted.
    Never,
    /// All of them are.
    Sure,
    /// Some may be: where to cut, and what the parts need not find out again. Without a cut there is nothing left to cut.
    Open(Option<Parts>, S),
}

/// What is looked for.
pub(super) trait Goal {
    /// What a region hands on to its parts.
    type State: Clone;

    fn begin(&self) -> Self::State;

    fn judge(&self, region: &Region, state: &Self::State) -> Judged<Self::State>;

    /// Whether one customer is wanted, by the evaluation; `None` where that cannot be told.
    fn holds(&self, point: &Point) -> Option<bool>;
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
    /// Why somebody may have been passed over.
    pub(super) unknown: Option<Unknown>,
}

/// Looks for one customer of a region.
pub(super) fn seek<G: Goal>(space: &Space, region: Region, goal: &G, steps: &mut Steps) -> Sought {
    let mut seeker = Seeker::new(space, region, goal);
    match (seeker.next(steps, &|_| false), seeker.unknown) {
        (Some(hit), _) => Sought::Found(Box::new(hit)),
        (None, Some(unknown)) => Sought::Unknown(unknown),
        (None, None) => Sought::Nobody,
    }
}

impl<'s, G: Goal> Seeker<'s, G> {
    pub(super) fn new(space: &'s Space, region: Region, goal: &'s G) -> Self {
        Self { space, goal, waiting: vec![(region, goal.begin())], unknown: None }
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
                Judged::Open(Some(parts), state) => {
                    let parts = parts.into_iter().rev();
                    let parts = parts.filter_map(|part| narrowed(&part, &self.space.forms.borrow()));
                    self.waiting.extend(parts.map(|part| (part, state.clone())));
                    continue;
                }
                Judged::Open(None, _) => false,
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

    fn doubt(&mut self) {
        self.unknown.get_or_insert(Unknown::Opaque);
    }
}
