//! Dimensions: what is compared, cut into cells by all the constants that it is compared with.

use std::cmp::Ordering;

use chrono::Days;
use rust_decimal::Decimal;

use super::{ExprId, Operand, Test, Truth};
use crate::builtins::Compare;
use crate::schema::Range;
use crate::value::{Constant, Value, add};

/// What a dimension measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    /// One value. `a - b` and `b - a` are one dimension.
    Value(ExprId),
    /// How two values compare: less, equal, greater.
    Order(ExprId, ExprId),
}

/// The grid on which the values of a dimension lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grid {
    /// Numbers with so many decimal places.
    Places(u32),
    Days,
    /// An order without a grid.
    Dense,
    /// A closed set of so many members.
    Members(u32),
    /// No order: every constant is a cell of its own, and all other values are one.
    Free,
}

/// A boundary between two cells: just below its constant, or just above.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cut {
    pub(crate) at: Constant,
    pub(crate) above: bool,
}

/// A cell by its number; it means something only together with its dimension.
pub(crate) type Cell = usize;

#[derive(Clone, Debug)]
pub(crate) struct Dimension {
    pub(crate) subject: Subject,
    pub(crate) grid: Grid,
    /// Sorted. On a free dimension each is the constant of one cell.
    pub(crate) cuts: Vec<Cut>,
    /// Bounds that every value keeps.
    pub(crate) range: Range,
    /// Whether a value of known facts can be without a result.
    pub(crate) can_be_undefined: bool,
}

/// The cells in which an atom holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CellSet {
    /// Half-open ranges of cells, in order.
    Ranges(Vec<(Cell, Cell)>),
    /// Only evaluation can tell.
    Opaque,
}

impl CellSet {
    /// How many of the cells `from..to` are in the set.
    fn count(&self, from: Cell, to: Cell) -> Option<usize> {
        let overlap = |(a, b): &(Cell, Cell)| (*b).min(to).saturating_sub((*a).max(from));
        match self {
            Self::Ranges(ranges) => Some(ranges.iter().map(overlap).sum()),
            Self::Opaque => None,
        }
    }
}

/// The next value of the grid, where the grid has one.
fn next(value: &Constant, grid: Grid) -> Option<Constant> {
    match (value, grid) {
        (Constant::Number(number), Grid::Places(places)) => add(*number, Decimal::new(1, places)).map(Constant::Number),
        (Constant::Date(date), Grid::Days) => date.checked_add_days(Days::new(1)).map(Constant::Date),
        _ => None,
    }
}

impl Dimension {
    /// How many cells there are.
    pub(crate) fn cells(&self) -> usize {
        match (self.subject, self.grid) {
            (Subject::Order(..), _) => 3,
            (_, Grid::Members(members)) => members as usize,
            // Beside true and false there is nothing.
            _ if matches!(self.cuts.first().map(|cut| &cut.at), Some(Constant::Boolean(_))) => 2,
            _ => self.cuts.len() + 1,
        }
    }

    /// The cell of a value.
    pub(crate) fn rank(&self, value: &Value<'_>) -> Option<Cell> {
        if let (Value::Member(member), Grid::Members(_)) = (value, self.grid) {
            return Some(*member as usize);
        }
        if matches!(self.grid, Grid::Free) {
            let found = self.cuts.iter().position(|cut| cut.at.value().same(value));
            return Some(found.unwrap_or(self.cuts.len()));
        }
        let below = |cut: &Cut| match value.order(&cut.at.value()) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => !cut.above,
            _ => false,
        };
        Some(self.cuts.partition_point(below))
    }

    /// The cuts that a test needs.
    pub(super) fn cuts_of(&self, test: &Test) -> Vec<Cut> {
        match test {
            Test::Compare(op, Operand::Constant(constant)) => match op {
                _ if !self.is_ordered() => vec![Cut { at: constant.clone(), above: false }],
                Compare::Less | Compare::GreaterOrEqual => vec![self.cut(constant, false)],
                Compare::LessOrEqual | Compare::Greater => vec![self.cut(constant, true)],
                Compare::Equal | Compare::NotEqual => vec![self.cut(constant, false), self.cut(constant, true)],
            },
            Test::In(members) => members
                .iter()
                .flat_map(|member| self.cuts_of(&Test::Compare(Compare::Equal, Operand::Constant(member.clone()))))
                .collect(),
            Test::Holds => vec![Cut { at: Constant::Boolean(true), above: false }],
            _ => Vec::new(),
        }
    }

    fn is_ordered(&self) -> bool {
        matches!(self.grid, Grid::Places(_) | Grid::Days | Grid::Dense)
    }

    /// On a grid `> 4` and `>= 5` are the same cut.
    fn cut(&self, at: &Constant, above: bool) -> Cut {
        let at = at.clone();
        match (&at, self.grid) {
            (Constant::Number(number), Grid::Places(places)) if number.normalize().scale() > places => {
                // Between two values of the grid: the upper one begins the cell.
                let down = number.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::ToNegativeInfinity);
                match next(&Constant::Number(down), self.grid) {
                    Some(at) => Cut { at, above: false },
                    None => Cut { at, above },
                }
            }
            _ if above => match next(&at, self.grid) {
                Some(at) => Cut { at, above: false },
                None => Cut { at, above },
            },
            _ => Cut { at, above },
        }
    }

    fn cell_above(&self, constant: &Constant, above: bool) -> Cell {
        let cut = self.cut(constant, above);
        self.cuts.partition_point(|known| *known < cut) + 1
    }

    /// The cells in which a test holds.
    pub(super) fn cells_of(&self, test: &Test) -> CellSet {
        let all = self.cells();
        let ranges = match test {
            Test::Order(op) => {
                let orders = [Ordering::Less, Ordering::Equal, Ordering::Greater];
                orders.iter().enumerate().filter(|(_, order)| op.accepts(**order)).map(|(at, _)| (at, at + 1)).collect()
            }
            Test::Compare(op, Operand::Constant(constant)) => self.compared(*op, constant, all),
            Test::In(members) => {
                let mut ranges: Vec<_> =
                    members.iter().flat_map(|member| self.compared(Compare::Equal, member, all)).collect();
                ranges.sort_unstable();
                ranges
            }
            Test::Holds => self.compared(Compare::Equal, &Constant::Boolean(true), all),
            Test::Missing => Vec::new(),
            _ => return CellSet::Opaque,
        };
        CellSet::Ranges(ranges.into_iter().filter(|(from, to)| from < to).collect())
    }

    fn compared(&self, op: Compare, constant: &Constant, all: usize) -> Vec<(Cell, Cell)> {
        if !self.is_ordered() {
            let cell = match constant {
                Constant::Member(member) => *member as usize,
                _ => self.cuts.binary_search_by(|cut| cut.at.cmp(constant)).unwrap_or(self.cuts.len()),
            };
            return if op == Compare::NotEqual { vec![(0, cell), (cell + 1, all)] } else { vec![(cell, cell + 1)] };
        }
        let (from, to) = (self.cell_above(constant, false), self.cell_above(constant, true));
        match op {
            Compare::Less => vec![(0, from)],
            Compare::LessOrEqual => vec![(0, to)],
            Compare::Greater => vec![(to, all)],
            Compare::GreaterOrEqual => vec![(from, all)],
            Compare::Equal => vec![(from, to)],
            Compare::NotEqual => vec![(0, from), (to, all)],
        }
    }

    /// The cells, half-open, that a value within the range can lie in.
    pub(super) fn open_cells(&self) -> (Cell, Cell) {
        let rank = |end: &Option<Constant>| end.as_ref().and_then(|end| self.rank(&end.value()));
        (rank(&self.range.low).unwrap_or(0), rank(&self.range.high).map_or(self.cells(), |high| high + 1))
    }

    /// What is left of an atom while the value is open: it can hold where a cell within the range is in the set.
    pub(super) fn when_open(&self, test: &Test, cells: &CellSet) -> Truth {
        let settled = match test {
            // In possible mode what is missing becomes known; only what has no result stays missing.
            Test::Missing => {
                return if self.can_be_undefined { Truth::OPEN } else { Truth::FALSE };
            }
            _ => {
                let (low, high) = self.open_cells();
                match cells.count(low, high) {
                    Some(0) => Truth::FALSE,
                    Some(count) if count == high.saturating_sub(low) => Truth::TRUE,
                    _ => Truth::OPEN,
                }
            }
        };
        if self.can_be_undefined { settled.or_else(Truth::UNKNOWN) } else { settled }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPS: [Compare; 6] = [
        Compare::Equal,
        Compare::NotEqual,
        Compare::Less,
        Compare::LessOrEqual,
        Compare::Greater,
        Compare::GreaterOrEqual,
    ];

    /// Every comparison with every constant holds of a value exactly where the value's cell is in the atom's set.
    fn cells_tell_what_comparing_tells(grid: Grid, constants: &[Constant], values: &[Constant]) {
        let subject = Subject::Value(super::super::ExprId(0));
        let mut dimension =
            Dimension { subject, grid, cuts: Vec::new(), range: Range::default(), can_be_undefined: false };
        let ordered = dimension.is_ordered();
        let tests: Vec<(Compare, &Constant)> = OPS
            .into_iter()
            .filter(|op| ordered || op.direction().is_none())
            .flat_map(|op| constants.iter().map(move |constant| (op, constant)))
            .collect();
        let test = |op: Compare, constant: &Constant| Test::Compare(op, Operand::Constant(constant.clone()));
        dimension.cuts = tests.iter().flat_map(|(op, constant)| dimension.cuts_of(&test(*op, constant))).collect();
        dimension.cuts.sort();
        dimension.cuts.dedup();
        for (op, constant) in tests {
            let CellSet::Ranges(ranges) = dimension.cells_of(&test(op, constant)) else { panic!("no cells") };
            for value in values {
                let cell = dimension.rank(&value.value()).unwrap();
                let inside = ranges.iter().any(|(from, to)| (*from..*to).contains(&cell));
                let holds = op.holds(&value.value(), &constant.value());
                assert_eq!(
                    inside,
                    holds,
                    "{value:?} {} {constant:?} on {grid:?}: cell {cell} of {ranges:?}",
                    op.sign()
                );
            }
        }
    }

    fn numbers(texts: &[&str]) -> Vec<Constant> {
        texts.iter().map(|text| Constant::Number(text.parse().unwrap())).collect()
    }

    #[test]
    fn a_value_lies_in_the_cells_of_the_comparisons_that_hold() {
        let constants = numbers(&["-2", "0", "4.5", "5", "5.001", "79228162514264337593543950335"]);
        let whole = numbers(&["-3", "-2", "-1", "0", "4", "5", "6", "79228162514264337593543950335"]);
        let fine = numbers(&["-2.001", "-2", "4.499", "4.5", "4.501", "5", "5.001", "5.0001", "5.0011"]);
        cells_tell_what_comparing_tells(Grid::Places(0), &constants, &whole);
        cells_tell_what_comparing_tells(
            Grid::Places(3),
            &constants,
            &numbers(&["-2.001", "-2", "4.499", "4.5", "4.501", "5.001"]),
        );
        cells_tell_what_comparing_tells(Grid::Dense, &constants, &fine);
        let dates: Vec<Constant> = ["0001-01-01", "2026-02-28", "2026-03-01", "9999-12-31"]
            .iter()
            .map(|date| Constant::Date(date.parse().unwrap()))
            .collect();
        cells_tell_what_comparing_tells(Grid::Days, &dates, &dates);
        let members: Vec<Constant> = (0..4).map(Constant::Member).collect();
        cells_tell_what_comparing_tells(Grid::Members(4), &members[..2], &members);
        let texts: Vec<Constant> = ["", "a", "b"].iter().map(|text| Constant::Text((*text).into())).collect();
        cells_tell_what_comparing_tells(Grid::Free, &texts[..2], &texts);
    }
}
