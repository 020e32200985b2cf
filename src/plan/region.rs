//! Sets of ordinals.

use crate::value::{LEAST, MOST};

/// A set of ordinals: ranges, both ends included, in order and apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Region {
    ranges: Vec<(i64, i64)>,
}

impl Region {
    /// The ordinals of every known fact.
    pub(super) fn known() -> Self {
        Self::range(LEAST, MOST)
    }

    pub(super) fn range(low: i64, high: i64) -> Self {
        Self { ranges: if low <= high { vec![(low, high)] } else { Vec::new() } }
    }

    pub(super) fn points(points: impl Iterator<Item = i64>) -> Self {
        Self::of(points.map(|at| (at, at)).collect())
    }

    fn of(mut ranges: Vec<(i64, i64)>) -> Self {
        ranges.sort_unstable();
        let mut joined: Vec<(i64, i64)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match joined.last_mut().filter(|(_, end)| low <= end.saturating_add(1)) {
                Some((_, end)) => *end = high.max(*end),
                None => joined.push((low, high)),
            }
        }
        Self { ranges: joined }
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self::of(self.ranges.iter().chain(&other.ranges).copied().collect())
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        let (mut both, mut a, mut b) = (Vec::new(), self.ranges.iter().peekable(), other.ranges.iter().peekable());
        while let (Some((a_low, a_high)), Some((b_low, b_high))) = (a.peek(), b.peek()) {
            if a_low.max(b_low) <= a_high.min(b_high) {
                both.push((*a_low.max(b_low), *a_high.min(b_high)));
            }
            if a_high < b_high {
                a.next()
            } else {
                b.next()
            };
        }
        Self { ranges: both }
    }

    /// The known facts that are not in it.
    pub(super) fn complement(&self) -> Self {
        let mut rest = Vec::with_capacity(self.ranges.len() + 1);
        let mut from = Some(LEAST);
        for (low, high) in self.ranges.iter().filter(|(_, high)| *high >= LEAST) {
            if let Some(from) = from.filter(|from| from < low) {
                rest.push((from, low - 1));
            }
            from = high.checked_add(1).filter(|from| *from <= MOST);
        }
        rest.extend(from.map(|from| (from, MOST)));
        Self { ranges: rest }
    }

    pub(super) fn ranges(&self) -> &[(i64, i64)] {
        &self.ranges
    }

    pub(super) fn contains(&self, ordinal: i64) -> bool {
        let at = self.ranges.partition_point(|(_, high)| *high < ordinal);
        self.ranges.get(at).is_some_and(|(low, _)| *low <= ordinal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_combine_as_sets_do() {
        let samples = [LEAST, -3, -2, -1, 0, 1, 2, 3, MOST];
        let regions: Vec<Region> = (0..1_u32 << samples.len())
            .step_by(7)
            .map(|bits| {
                Region::points(
                    samples.iter().copied().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, at)| at),
                )
            })
            .collect();
        for (a, b) in regions.iter().flat_map(|a| regions.iter().map(move |b| (a, b))) {
            let (and, or, not) = (a.and(b), a.or(b), a.complement());
            for at in samples {
                assert_eq!(and.contains(at), a.contains(at) && b.contains(at));
                assert_eq!(or.contains(at), a.contains(at) || b.contains(at));
                assert_eq!(not.contains(at), !a.contains(at));
            }
        }
    }
}
