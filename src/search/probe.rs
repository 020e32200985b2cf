//! Single customers who are tried before a region is cut: mostly one of them shows what a search would take long to find.

use std::cell::{Cell, RefCell};

use super::boxes::Named;
use super::point::{Found, Point, point};
use super::region::{Bits, Place, Region, Room};
use super::scene::Space;

/// Chooses customers of a region, the same ones each time.
pub(super) struct Probe {
    /// By variable, the values beside which something changes.
    ends: Vec<Vec<i128>>,
    dice: Cell<u64>,
    /// Who was found of late.
    found: RefCell<Vec<Point>>,
}

/// So many are kept of those who were found.
const KEPT: usize = 8;

impl Probe {
    pub(super) fn new(space: &Space, named: &Named) -> Self {
        let ends = (0..space.variables.len()).map(|at| named.ends(space, at));
        Self { ends: ends.collect(), dice: Cell::new(1), found: RefCell::default() }
    }

    /// Begins from the start, so that what is found does not hang on what was asked before.
    pub(super) fn begin(&self) {
        self.dice.set(1);
    }

    /// Forgets who was found.
    pub(super) fn forget(&self) {
        self.found.borrow_mut().clear();
    }

    pub(super) fn keep(&self, point: &Point) {
        let mut found = self.found.borrow_mut();
        if found.len() < KEPT && !found.contains(point) {
            found.push(point.clone());
        }
    }

    /// Those of them who come first.
    pub(super) fn find(&self, wanted: impl Fn(&Point) -> bool) -> Option<Point> {
        self.found.borrow().iter().find(|point| wanted(point)).cloned()
    }

    /// Some customer of a region.
    pub(super) fn point(&self, space: &Space, region: &Region) -> Option<Point> {
        let mut region = region.clone();
        let wanted: Vec<i128> = region.places.iter().enumerate().map(|(at, place)| self.value(at, place)).collect();
        region.places.iter_mut().for_each(|place| self.narrow(place));
        match point(space, &region, &|at| wanted.get(at).copied().unwrap_or(0)) {
            Found::Point(point) => Some(point),
            Found::Nothing | Found::Unknown => None,
        }
    }

    /// One of the values at which something changes, or an end of the room.
    fn value(&self, variable: usize, place: &Place) -> i128 {
        let Room::Span(low, high) = place.room else { return 0 };
        let ends = self.ends.get(variable).map_or(&[][..], |ends| ends);
        let inner = ends.partition_point(|end| *end < low)..ends.partition_point(|end| *end <= high);
        let at = self.below(inner.len() + 2);
        let inner = ends.get(inner).unwrap_or_default();
        inner.get(at).copied().unwrap_or(if at == inner.len() { low } else { high })
    }

    /// Leaves one thing of a place; which number it is, is chosen by itself.
    fn narrow(&self, place: &mut Place) {
        const MOSTLY: usize = 4;
        if place.is_mixed() {
            let parts: Vec<Place> = place.parts().collect();
            let at = if self.below(MOSTLY) > 0 { 0 } else { self.below(parts.len()) };
            parts.into_iter().skip(at).take(1).for_each(|part| *place = part);
        }
        match &mut place.room {
            Room::Options(options) if options.count() > 1 => {
                let at = self.below(options.count() as usize);
                let count = options.iter().last().map_or(0, |last| last + 1);
                let one = options.iter().nth(at).map(|at| Bits::one(at, count));
                one.into_iter().for_each(|one| *options = one);
            }
            Room::Within { must, may } => {
                let open: Vec<usize> = may.iter().filter(|at| !must.contains(*at)).collect();
                open.into_iter().filter(|_| self.below(2) == 0).for_each(|at| must.insert(at));
            }
            Room::Options(_) | Room::Span(..) | Room::Nothing => {}
        }
    }

    /// A number below another (Marsaglia, *Xorshift RNGs*, 2003).
    fn below(&self, bound: usize) -> usize {
        let mut dice = self.dice.get();
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        self.dice.set(dice);
        usize::try_from((dice >> 16) % (bound.max(1) as u64)).unwrap_or(0)
    }
}
