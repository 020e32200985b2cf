//! The cells of one fact, as rules tell them apart.

use super::region::Region;
use crate::value::{BEYOND, MISSING};

/// As many cells are looked through without a branch, in three steps or in four.
pub(super) const FEW: usize = 8;
pub(super) const SOME: usize = 16;

/// Where the cells of a fact begin; the first is that of what is missing.
#[derive(Debug)]
pub(super) struct Axis {
    pub(super) slot: u32,
    /// Sorted, of every cell behind the first.
    starts: Vec<i64>,
    search: Search,
}

/// The starts, that of the first cell too, with some behind that no fact reaches.
#[derive(Debug)]
enum Search {
    Few([i64; FEW]),
    Some([i64; SOME]),
    Many,
}

/// The starts of cells that are being gathered.
#[derive(Debug)]
pub(super) struct Starts(Vec<i64>);

impl Default for Starts {
    fn default() -> Self {
        Self(vec![MISSING + 1])
    }
}

impl Starts {
    /// Tells the region apart from the rest.
    pub(super) fn add(&mut self, region: &Region) {
        let ends = region.ranges().iter();
        self.0.extend(ends.flat_map(|(low, high)| [Some(*low), high.checked_add(1)]).flatten());
    }

    /// How many there are so far, some of them twice.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn finish(mut self, slot: u32) -> Axis {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.retain(|start| *start > MISSING && *start < BEYOND);
        let search = match self.0.len() {
            count if count < FEW => Search::Few(padded(&self.0)),
            count if count < SOME => Search::Some(padded(&self.0)),
            _ => Search::Many,
        };
        Axis { slot, starts: self.0, search }
    }
}

impl Axis {
    /// Where the cells behind the first begin.
    pub(super) fn starts(&self) -> &[i64] {
        &self.starts
    }

    /// How many cells there are.
    pub(super) fn cells(&self) -> usize {
        self.starts.len() + 1
    }

    /// The cell of an ordinal.
    #[inline]
    pub(super) fn cell(&self, ordinal: i64) -> usize {
        match &self.search {
            Search::Few(starts) => reached(starts, ordinal),
            Search::Some(starts) => reached(starts, ordinal),
            Search::Many => self.starts.partition_point(|start| *start <= ordinal),
        }
    }

    /// The cell of the fact of a customer.
    #[inline]
    pub(super) fn of(&self, ordinals: &[i64]) -> usize {
        self.cell(ordinals.get(self.slot as usize).copied().unwrap_or(MISSING))
    }

    /// An ordinal of a cell.
    pub(super) fn sample(&self, cell: usize) -> i64 {
        cell.checked_sub(1).and_then(|before| self.starts.get(before)).copied().unwrap_or(MISSING)
    }

    pub(super) fn bytes(&self) -> usize {
        self.starts.len() * 8
    }
}

fn padded<const CELLS: usize>(starts: &[i64]) -> [i64; CELLS] {
    let nth = |before: usize| starts.get(before).copied().unwrap_or(BEYOND);
    std::array::from_fn(|cell| cell.checked_sub(1).map_or(MISSING, nth))
}

/// The last cell that an ordinal reaches, of a power of two, found by halves and without a branch.
#[inline]
pub(super) fn reached<const CELLS: usize>(starts: &[i64; CELLS], ordinal: i64) -> usize {
    let (mut cell, mut half) = (0, CELLS / 2);
    while half > 0 {
        cell += usize::from(starts.get(cell + half).is_some_and(|start| *start <= ordinal)) * half;
        half /= 2;
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_found_however_many_there_are() {
        for count in 0..20 {
            let mut starts = Starts::default();
            (0..count).for_each(|at| starts.add(&Region::range(at * 10, at * 10 + 4)));
            let axis = starts.finish(0);
            for ordinal in (-5..count * 10 + 5).chain([MISSING, MISSING + 1, BEYOND - 1]) {
                let expected = axis.starts.iter().filter(|start| **start <= ordinal).count();
                assert_eq!(axis.cell(ordinal), expected, "{ordinal} of {count}");
                assert_eq!(axis.cell(axis.sample(expected)), expected);
            }
        }
    }
}
