//! Whole numbers that keep bounds of sums: the simplex method on exact fractions, with branching where it ends between
//! whole numbers (Dutertre and de Moura, *A Fast Linear-Arithmetic Solver for DPLL(T)*, 2006). No floating point, and
//! Bland's rule, so that it ends.

use std::cmp::Ordering;

use super::linear::Forms;
use super::ratio::Ratio;
use super::region::Region;

/// So many times are two variables exchanged for one question, and so deep are whole numbers looked for.
const PIVOTS: usize = 2_000;
const BRANCHES: usize = 64;

/// Whether there are whole numbers that keep all bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Solved {
    /// By variable of the region; those in no form are left out.
    Point(Vec<(usize, i128)>),
    Nothing,
    Unknown,
}

/// A number too large, or too many steps.
struct GaveUp;

type Result<T> = std::result::Result<T, GaveUp>;

trait OrGiveUp<T> {
    fn fits(self) -> Result<T>;
}

impl<T> OrGiveUp<T> for Option<T> {
    fn fits(self) -> Result<T> {
        self.ok_or(GaveUp)
    }
}

#[derive(Clone)]
struct Tableau {
    /// Of all variables, first those of the region, then one for each form: their bounds and values.
    bounds: Vec<(Ratio, Ratio)>,
    values: Vec<Ratio>,
    /// The variables that the rows express, and those in which they do.
    basic: Vec<usize>,
    free: Vec<usize>,
    rows: Vec<Vec<Ratio>>,
}

/// Finds whole numbers for the variables of the forms that a region bounds, near to `wanted` to begin with.
pub(super) fn solve(region: &Region, forms: &Forms, wanted: impl Fn(usize) -> i128) -> Solved {
    let mut names: Vec<usize> = Vec::new();
    for (number, low, high) in &region.forms {
        let apart = |(least, most): (i128, i128)| most < *low || *high < least;
        if forms.get(*number).and_then(|form| form.range(region)).is_some_and(apart) {
            return Solved::Nothing;
        }
        names.extend(forms.get(*number).iter().flat_map(|form| form.terms.iter().map(|(variable, _)| *variable)));
    }
    names.sort_unstable();
    names.dedup();
    let Some(tableau) = Tableau::new(region, forms, &names, wanted) else { return Solved::Unknown };
    let mut pivots = PIVOTS;
    match whole(tableau, names.len(), &mut pivots, BRANCHES) {
        Ok(Some(values)) => Solved::Point(names.into_iter().zip(values).collect()),
        Ok(None) => Solved::Nothing,
        Err(GaveUp) => Solved::Unknown,
    }
}

/// Whole numbers for the first variables; `None` where there are none.
fn whole(mut tableau: Tableau, count: usize, pivots: &mut usize, depth: usize) -> Result<Option<Vec<i128>>> {
    if !tableau.settle(pivots)? {
        return Ok(None);
    }
    let Some(broken) = tableau.values.iter().take(count).position(|value| !value.is_whole()) else {
        return Ok(Some(tableau.values.iter().take(count).map(|value| value.floor()).collect()));
    };
    let depth = depth.checked_sub(1).fits()?;
    let value = tableau.values.get(broken).copied().fits()?;
    let mut gave_up = false;
    for (low, high) in [(None, Some(value.floor())), (Some(value.ceil()), None)] {
        let mut part = tableau.clone();
        if !part.narrow(broken, low.map(Ratio::whole), high.map(Ratio::whole))? {
            continue;
        }
        match whole(part, count, pivots, depth) {
            Ok(Some(values)) => return Ok(Some(values)),
            Ok(None) => {}
            Err(GaveUp) => gave_up = true,
        }
    }
    if gave_up { Err(GaveUp) } else { Ok(None) }
}

impl Tableau {
    fn new(region: &Region, forms: &Forms, names: &[usize], wanted: impl Fn(usize) -> i128) -> Option<Self> {
        let (mut bounds, mut values, mut rows) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let (low, high) = region.span(*name)?;
            bounds.push((Ratio::whole(low), Ratio::whole(high)));
            values.push(Ratio::whole(wanted(*name).clamp(low, high)));
        }
        for (number, low, high) in &region.forms {
            let form = forms.get(*number)?;
            let mut row = vec![Ratio::ZERO; names.len()];
            let mut value = Ratio::ZERO;
            for (variable, own) in &form.terms {
                let at = names.binary_search(variable).ok()?;
                let own = Ratio::whole(*own);
                row.iter_mut().skip(at).take(1).for_each(|cell| *cell = own);
                value = value.add(own.multiply(*values.get(at)?)?)?;
            }
            // Open ends are those that the variables leave: smaller numbers fit more often.
            let (least, most) = form.range(region)?;
            let (low, high) = ((*low).max(least), (*high).min(most));
            bounds.push((Ratio::whole(low), Ratio::whole(high)));
            values.push(value);
            rows.push(row);
        }
        let basic = (names.len()..names.len() + rows.len()).collect();
        Some(Self { bounds, values, basic, free: (0..names.len()).collect(), rows })
    }

    fn bound(&self, variable: usize) -> Result<(Ratio, Ratio)> {
        self.bounds.get(variable).copied().fits()
    }

    fn value(&self, variable: usize) -> Result<Ratio> {
        self.values.get(variable).copied().fits()
    }

    /// Moves all variables between their bounds; whether that can be done.
    fn settle(&mut self, pivots: &mut usize) -> Result<bool> {
        loop {
            let Some((row, target)) = self.broken()? else { return Ok(true) };
            *pivots = pivots.checked_sub(1).fits()?;
            let basic = self.basic.get(row).copied().fits()?;
            let rises = target.compare(self.value(basic)?).fits()? == Ordering::Greater;
            let Some(column) = self.entering(row, rises)? else { return Ok(false) };
            self.pivot(row, column, target)?;
        }
    }

    /// The first basic variable outside of its bounds, by its row, and the bound that it has to reach.
    fn broken(&self) -> Result<Option<(usize, Ratio)>> {
        let mut found: Option<(usize, usize, Ratio)> = None;
        for (row, variable) in self.basic.iter().enumerate() {
            let ((low, high), value) = (self.bound(*variable)?, self.value(*variable)?);
            let target = if value.compare(low).fits()? == Ordering::Less {
                low
            } else if value.compare(high).fits()? == Ordering::Greater {
                high
            } else {
                continue;
            };
            if found.is_none_or(|(first, ..)| *variable < first) {
                found = Some((*variable, row, target));
            }
        }
        Ok(found.map(|(_, row, target)| (row, target)))
    }

    /// The first free variable that can move a row up, or down.
    fn entering(&self, row: usize, rises: bool) -> Result<Option<usize>> {
        let mut found: Option<(usize, usize)> = None;
        let cells = self.rows.get(row).fits()?;
        for (column, (variable, own)) in self.free.iter().zip(cells).enumerate() {
            if own.is_zero() {
                continue;
            }
            let ((low, high), value) = (self.bound(*variable)?, self.value(*variable)?);
            let room = if own.is_negative() == rises {
                value.compare(low).fits()? == Ordering::Greater
            } else {
                value.compare(high).fits()? == Ordering::Less
            };
            if room && found.is_none_or(|(first, _)| *variable < first) {
                found = Some((*variable, column));
            }
        }
        Ok(found.map(|(_, column)| column))
    }

    /// Exchanges a basic variable for a free one and moves it to its bound.
    fn pivot(&mut self, row: usize, column: usize, target: Ratio) -> Result<()> {
        let (leaving, entering) = (self.basic.get(row).copied().fits()?, self.free.get(column).copied().fits()?);
        let own = self.rows.get(row).and_then(|cells| cells.get(column)).copied().fits()?;
        let step = target.subtract(self.value(leaving)?).and_then(|gap| gap.divide(own)).fits()?;
        // Values first: every row moves with the entering variable.
        for at in 0..self.rows.len() {
            let (basic, cell) =
                (self.basic.get(at).copied().fits()?, self.rows.get(at).and_then(|c| c.get(column)).copied().fits()?);
            let moved = if at == row {
                target
            } else {
                cell.multiply(step).and_then(|by| self.values.get(basic)?.add(by)).fits()?
            };
            self.values.iter_mut().skip(basic).take(1).for_each(|value| *value = moved);
        }
        let moved = self.value(entering)?.add(step).fits()?;
        self.values.iter_mut().skip(entering).take(1).for_each(|value| *value = moved);
        // Then the row is solved for it, and put into the others.
        let cells = self.rows.get(row).fits()?.clone();
        let mut solved = Vec::with_capacity(cells.len());
        for (at, cell) in cells.iter().enumerate() {
            let numerator = if at == column { Ratio::ONE } else { cell.negate() };
            solved.push(numerator.divide(own).fits()?);
        }
        for at in (0..self.rows.len()).filter(|at| *at != row) {
            let cells = self.rows.get(at).fits()?;
            let factor = cells.get(column).copied().fits()?;
            let mut next = Vec::with_capacity(cells.len());
            for (place, (cell, own)) in cells.iter().zip(&solved).enumerate() {
                let kept = if place == column { Ratio::ZERO } else { *cell };
                next.push(factor.multiply(*own).and_then(|more| kept.add(more)).fits()?);
            }
            self.rows.iter_mut().skip(at).take(1).for_each(|cells| cells.clone_from(&next));
        }
        self.rows.iter_mut().skip(row).take(1).for_each(|cells| cells.clone_from(&solved));
        self.basic.iter_mut().skip(row).take(1).for_each(|basic| *basic = entering);
        self.free.iter_mut().skip(column).take(1).for_each(|free| *free = leaving);
        Ok(())
    }

    /// Narrows the bounds of a variable and moves a free one between them; whether anything is left.
    fn narrow(&mut self, variable: usize, low: Option<Ratio>, high: Option<Ratio>) -> Result<bool> {
        let (known_low, known_high) = self.bound(variable)?;
        let (low, high) = (low.unwrap_or(known_low), high.unwrap_or(known_high));
        if low.compare(high).fits()? == Ordering::Greater {
            return Ok(false);
        }
        self.bounds.iter_mut().skip(variable).take(1).for_each(|bounds| *bounds = (low, high));
        let Some(column) = self.free.iter().position(|free| *free == variable) else { return Ok(true) };
        let value = self.value(variable)?;
        let target = match (value.compare(low).fits()?, value.compare(high).fits()?) {
            (Ordering::Less, _) => low,
            (_, Ordering::Greater) => high,
            _ => return Ok(true),
        };
        let step = target.subtract(value).fits()?;
        self.values.iter_mut().skip(variable).take(1).for_each(|value| *value = target);
        for at in 0..self.rows.len() {
            let basic = self.basic.get(at).copied().fits()?;
            let cell = self.rows.get(at).and_then(|cells| cells.get(column)).copied().fits()?;
            let moved = cell.multiply(step).and_then(|by| self.values.get(basic)?.add(by)).fits()?;
            self.values.iter_mut().skip(basic).take(1).for_each(|value| *value = moved);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::linear::{Compared, Linear, Target};
    use super::super::region::{Place, Room};
    use super::*;
    use crate::builtins::Compare;

    /// Sums over three variables from -3 to 3 with random coefficients: whole numbers are found exactly where trying all
    /// finds some.
    #[test]
    fn finds_whole_numbers_where_there_are_some() {
        let mut seed = 7_u64;
        let mut roll = |sides: i128| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i128::from(seed >> 33) % sides
        };
        let (mut found, mut none) = (0, 0);
        for _ in 0..4_000 {
            let mut forms = Forms::default();
            let span = || Place::of(Room::Span(-3, 3));
            let mut region = Some(Region { places: vec![span(), span(), span()], forms: Vec::new() });
            let mut kept: Vec<(Vec<i128>, i128, i128)> = Vec::new();
            for _ in 0..3 {
                let own: Vec<i128> = (0..3).map(|_| roll(9) - 4).collect();
                let (low, width) = (roll(21) - 10, roll(4));
                let sum = own.iter().enumerate().fold(Linear::constant(Ratio::ZERO), |sum, (at, own)| {
                    sum.add(&Linear::variable(at, Ratio::ONE).scale(Ratio::whole(*own)).unwrap()).unwrap()
                });
                for (op, end) in [(Compare::GreaterOrEqual, low), (Compare::LessOrEqual, low + width)] {
                    let bound = sum.subtract(&Linear::constant(Ratio::whole(end))).unwrap();
                    region = region.and_then(|region| match bound.compared(op, &mut forms).unwrap() {
                        Compared::Always(holds) => holds.then_some(region),
                        Compared::Where(bound) => match bound.target {
                            Target::Variable(variable) => {
                                let (from, to) = region.span(variable)?;
                                region.with_room(variable, Room::Span(from.max(bound.low), to.min(bound.high)))
                            }
                            Target::Form(form) => region.with_bounds(form, bound.low, bound.high),
                        },
                    });
                }
                kept.push((own, low, low + width));
            }
            let all = (-3..=3).flat_map(|x| (-3..=3).flat_map(move |y| (-3..=3).map(move |z| [x, y, z])));
            let keeps = |point: &[i128; 3]| {
                kept.iter().all(|(own, low, high)| {
                    let sum: i128 = own.iter().zip(point).map(|(own, value)| own * value).sum();
                    (*low..=*high).contains(&sum)
                })
            };
            let any = all.clone().any(|point| keeps(&point));
            let solved = region.map_or(Solved::Nothing, |region| solve(&region, &forms, |_| 0));
            match solved {
                Solved::Nothing => assert!(!any, "{kept:?}"),
                Solved::Point(_) => assert!(any, "{kept:?}"),
                Solved::Unknown => panic!("{kept:?}"),
            }
            (found, none) = (found + usize::from(any), none + usize::from(!any));
        }
        assert!(found > 500 && none > 500, "{found} and {none}");
    }
}
