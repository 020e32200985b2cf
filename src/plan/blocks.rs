//! Scores, segments, tables and benefits as evaluation reads them.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{CellSet, ExprId, Node, NodeId, Plan, Test};
use crate::schema::Range;
use crate::value::{Constant, Interval, Value};

/// A scorecard.
#[derive(Debug)]
pub(crate) struct Score {
    pub(crate) lines: Vec<ScoreLine>,
    pub(crate) low: Option<Decimal>,
    pub(crate) high: Option<Decimal>,
}

#[derive(Debug)]
pub(crate) struct ScoreLine {
    pub(crate) value: ExprId,
    /// Empty where the value gives its own points.
    pub(crate) bins: Box<[Bin]>,
    pub(crate) weight: Option<Decimal>,
    /// What can happen while the value is open.
    pub(crate) open: Open,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Bin {
    /// `None` is `otherwise`.
    pub(crate) condition: Option<NodeId>,
    /// It takes a value that is missing, and no other.
    pub(crate) missing: bool,
    pub(crate) points: ExprId,
    /// The points with the weight of the line, where both are constants.
    pub(crate) folded: Option<Decimal>,
}

/// The bins that the first fitting one can be, for all values that a line can have.
#[derive(Debug, Default)]
pub(crate) struct Open {
    pub(crate) bins: Box<[u32]>,
    /// Whether none may fit.
    pub(crate) none: bool,
    /// Whether the value can be without a result.
    pub(crate) undefined: bool,
    /// The cells of the line's value, where they are few enough to be looked at one by one.
    pub(crate) dimension: Option<u32>,
}

impl Plan {
    /// Calls `fits` with every bin that can be the first to fit a known value in a cell; whether none may fit.
    pub(crate) fn fitting(&self, bins: &[Bin], dimension: u32, cell: usize, mut fits: impl FnMut(u32)) -> bool {
        for (at, bin) in (0..).zip(bins).filter(|(_, bin)| !bin.missing) {
            let holds = bin.condition.map_or(Some(true), |condition| self.holds_in(condition, dimension, cell));
            if holds != Some(false) {
                fits(at);
            }
            if holds == Some(true) {
                return false;
            }
        }
        true
    }

    /// Whether a condition holds of the known values of a cell; `None` where that hangs on something else.
    fn holds_in(&self, node: NodeId, dimension: u32, cell: usize) -> Option<bool> {
        match self.node(node) {
            Node::Constant(value) => Some(*value),
            Node::Not(inner) => self.holds_in(*inner, dimension, cell).map(|holds| !holds),
            Node::And(parts) => {
                let mut all = Some(true);
                for part in parts {
                    match self.holds_in(*part, dimension, cell) {
                        Some(false) => return Some(false),
                        None => all = None,
                        Some(true) => {}
                    }
                }
                all
            }
            Node::Atom(atom) => match self.atom(*atom).filter(|atom| atom.dimension == dimension) {
                Some(atom) if atom.test == Test::Missing => Some(false),
                Some(atom) => match &atom.cells {
                    CellSet::Ranges(ranges) => Some(ranges.iter().any(|(from, to)| (*from..*to).contains(&cell))),
                    CellSet::Opaque => None,
                },
                None => None,
            },
            _ => None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) lines: Box<[SegmentLine]>,
}

impl Segment {
    pub(super) fn has_otherwise(&self) -> bool {
        self.lines.iter().any(|line| line.condition.is_none())
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentLine {
    /// `None` is `otherwise`.
    pub(crate) condition: Option<NodeId>,
    pub(crate) member: u32,
}

/// The rows of a table by their keys.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) key: ExprId,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    /// By the place of the member.
    Members(Box<[Option<u32>]>),
    Texts(HashMap<Arc<str>, u32>),
    Numbers(HashMap<Decimal, u32>),
}

impl Table {
    pub(super) fn new(key: ExprId, members: usize, keys: &[Constant]) -> Self {
        let mut places: Vec<Option<u32>> = vec![None; members];
        let (mut texts, mut numbers) = (HashMap::new(), HashMap::new());
        for (row, key) in (0..).zip(keys) {
            match key {
                Constant::Member(member) => {
                    places.get_mut(*member as usize).into_iter().for_each(|place| *place = Some(row));
                }
                Constant::Text(text) => drop(texts.insert(Arc::clone(text), row)),
                Constant::Number(number) => drop(numbers.insert(*number, row)),
                _ => {}
            }
        }
        let rows = match (members, numbers.is_empty()) {
            (1.., _) => Rows::Members(places.into()),
            (0, true) => Rows::Texts(texts),
            (0, false) => Rows::Numbers(numbers),
        };
        Self { key, rows }
    }

    /// The row of a key: one step, however many rows there are.
    pub(crate) fn row(&self, key: &Value<'_>) -> Option<u32> {
        match (&self.rows, key) {
            (Rows::Members(rows), Value::Member(member)) => rows.get(*member as usize).copied().flatten(),
            (Rows::Texts(rows), Value::Text(text)) => rows.get(&*text.read()).copied(),
            (Rows::Numbers(rows), Value::Number(number)) => rows.get(number).copied(),
            _ => None,
        }
    }

    /// Calls `visit` with the keys that are texts or numbers, in no order.
    pub(crate) fn each_key(&self, mut visit: impl FnMut(Constant)) {
        match &self.rows {
            Rows::Members(_) => {}
            Rows::Texts(rows) => rows.keys().for_each(|text| visit(Constant::Text(Arc::clone(text)))),
            Rows::Numbers(rows) => rows.keys().for_each(|number| visit(Constant::Number(*number))),
        }
    }

    /// The keys with their rows, in order.
    pub(super) fn sorted(&self) -> Vec<(Constant, u32)> {
        let mut all: Vec<(Constant, u32)> = match &self.rows {
            Rows::Members(rows) => {
                (0..).zip(rows.iter()).filter_map(|(key, row)| Some((Constant::Member(key), (*row)?))).collect()
            }
            Rows::Texts(rows) => rows.iter().map(|(key, row)| (Constant::Text(Arc::clone(key)), *row)).collect(),
            Rows::Numbers(rows) => rows.iter().map(|(key, row)| (Constant::Number(*key), *row)).collect(),
        };
        all.sort();
        all
    }

    /// The rows whose keys are numbers from one end to the other.
    pub(crate) fn rows_between(&self, ends: Interval) -> Vec<u32> {
        let inside =
            |key: &Decimal| ends.low.is_none_or(|low| low <= *key) && ends.high.is_none_or(|high| *key <= high);
        match &self.rows {
            Rows::Numbers(rows) => rows.iter().filter(|(key, _)| inside(key)).map(|(_, row)| *row).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether every key that there can be has a row.
    pub(super) fn is_complete(&self) -> bool {
        matches!(&self.rows, Rows::Members(rows) if rows.iter().all(Option::is_some))
    }
}

/// A column of a table, its members those of one closed set.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) table: u32,
    /// Its place in the table.
    pub(crate) place: u32,
    /// By row; `None` is `missing`.
    pub(crate) cells: Box<[Option<Constant>]>,
    /// From the least to the greatest number; whether some key of a known one leads to none.
    pub(crate) interval: Interval,
}

impl Column {
    pub(super) fn new(table: u32, place: u32, cells: Box<[Option<Constant>]>, complete: bool) -> Self {
        let undefined = !complete || cells.iter().any(Option::is_none);
        let mut column = Self { table, place, cells, interval: Interval { undefined, ..Interval::ANY } };
        let rows = 0..column.cells.len();
        if let Some(interval) = column.over(rows) {
            column.interval = Interval { undefined, ..interval };
        }
        column
    }

    /// The ends between which all numbers of the column lie.
    pub(super) fn range(&self) -> Range {
        Range { low: self.interval.low.map(Constant::Number), high: self.interval.high.map(Constant::Number) }
    }

    pub(crate) fn cell(&self, row: u32) -> Option<&Constant> {
        self.cells.get(row as usize)?.as_ref()
    }

    /// From the least to the greatest number of some rows; `None` where they hold no numbers.
    fn over(&self, rows: impl Iterator<Item = usize>) -> Option<Interval> {
        let numbers = rows.filter_map(|row| match self.cells.get(row) {
            Some(Some(Constant::Number(number))) => Some(Interval::point(*number)),
            _ => None,
        });
        numbers.reduce(Interval::hull)
    }
}

/// What a tier brings: a key by its place, and its value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Benefit {
    pub(crate) key: u32,
    pub(crate) value: ExprId,
}
