//! The dense table: the decision of every combination of cells, made once.

use std::collections::BTreeMap;

use super::Plan;
use super::axis::{Axis, Starts};
use super::formula::Formula;
use super::program::{Program, Verdict};
use crate::value::{LEAST, MISSING};

/// So many combinations a table has at most.
const MOST: usize = 1 << 12;
/// So many steps are walked at most to make one, and as many again where facts are missing.
const STEPS: usize = 1 << 21;

#[derive(Debug)]
pub(super) struct DenseTable {
    /// Each with how far apart its cells lie.
    axes: Vec<(Axis, usize)>,
    verdicts: Vec<Verdict>,
}

/// The cells that formulas tell apart.
#[derive(Default)]
pub(super) struct CellsOf {
    too_many: bool,
    starts: BTreeMap<u32, Starts>,
}

impl CellsOf {
    pub(super) fn add(&mut self, formula: &Formula) {
        match formula {
            Formula::Literal(literal) => {
                let starts = self.starts.entry(literal.slot).or_default();
                // Beyond so many it is no table.
                if starts.len() < MOST * 4 && literal.region.ranges().len() < MOST {
                    starts.add(&literal.region);
                } else {
                    self.too_many = true;
                }
            }
            Formula::All(parts) | Formula::Any(parts) | Formula::AtLeast(_, parts) => {
                parts.iter().for_each(|part| self.add(part));
            }
            Formula::Constant(_) | Formula::Ask => {}
        }
    }

    /// The axes of a table, and how many combinations they have; `None` where these are too many.
    fn axes(self) -> Option<(Vec<(Axis, usize)>, usize)> {
        let mut size = 1_usize;
        let mut axes = Vec::with_capacity(self.starts.len());
        for (slot, starts) in self.starts {
            let axis = starts.finish(slot);
            let cells = axis.cells();
            axes.push((axis, size));
            size = size.checked_mul(cells).filter(|size| *size <= MOST)?;
        }
        (!self.too_many).then_some((axes, size))
    }
}

impl DenseTable {
    /// Decides every combination of cells, of so many ordinals.
    pub(super) fn new(plan: &Plan, program: &Program, cells: CellsOf, ordinals: usize) -> Option<Self> {
        let (axes, size) = cells.axes().filter(|(_, size)| size.saturating_mul(program.steps()) <= STEPS)?;
        let mut ordinals = vec![LEAST; ordinals];
        let mut verdicts = Vec::with_capacity(size);
        for at in 0..size {
            for (axis, stride) in &axes {
                let cell = at / stride % axis.cells();
                if let Some(ordinal) = ordinals.get_mut(axis.slot as usize) {
                    *ordinal = axis.sample(cell);
                }
            }
            verdicts.push(program.verdict(
                plan,
                program.first(&ordinals),
                (&ordinals, ordinals.contains(&MISSING)),
                || program.places(),
            ));
        }
        Some(Self { axes, verdicts })
    }

    #[inline]
    pub(super) fn verdict(&self, ordinals: &[i64]) -> Option<Verdict> {
        let at = self.axes.iter().map(|(axis, stride)| axis.of(ordinals) * stride).sum::<usize>();
        self.verdicts.get(at).copied()
    }

    /// The decisions by combination.
    pub(super) fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The cells of a fact that decides, with how far they lie apart.
    pub(super) fn fact(&self, slot: u32) -> Option<(&Axis, usize)> {
        self.axes.iter().find(|(axis, _)| axis.slot == slot).map(|(axis, stride)| (axis, *stride))
    }

    pub(super) fn facts(&self) -> usize {
        self.axes.len()
    }

    pub(super) fn len(&self) -> usize {
        self.verdicts.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.verdicts.len() * size_of::<Verdict>() + self.axes.iter().map(|(axis, _)| axis.bytes()).sum::<usize>()
    }
}
