//! What scores, segments, tables and benefits are once they are checked.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{LetIndex, Typed};
use crate::builtins::Sort;
use crate::source::Span;
use crate::value::Constant;

/// A table, by its place in dependency order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TableIndex(pub(crate) u32);

impl TableIndex {
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}

/// A scorecard: the value of a let.
#[derive(Clone, Debug)]
pub(crate) struct Score {
    pub(crate) lines: Vec<ScoreLine>,
    pub(crate) low: Option<Decimal>,
    pub(crate) high: Option<Decimal>,
}

#[derive(Clone, Debug)]
pub(crate) struct ScoreLine {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) line: u32,
    pub(crate) value: Typed,
    /// Empty where the value gives its own points.
    pub(crate) bins: Vec<Bin>,
    pub(crate) weight: Option<Decimal>,
}

impl ScoreLine {
    /// The expressions that it is made of.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Typed> {
        let bins = self.bins.iter().flat_map(|bin| bin.condition.iter().chain([&bin.points]));
        std::iter::once(&self.value).chain(bins)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Bin {
    /// A condition on the value of the line; `None` is `otherwise`.
    pub(crate) condition: Option<Typed>,
    /// It is the bin `missing`.
    pub(crate) missing: bool,
    pub(crate) points: Typed,
    /// Where it stands, without the value of the line.
    pub(crate) span: Span,
}

/// A segmentation: the value of a let, whose type is the closed set of its values.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) lines: Vec<SegmentLine>,
}

#[derive(Clone, Debug)]
pub(crate) struct SegmentLine {
    pub(crate) span: Span,
    pub(crate) line: u32,
    /// `None` is `otherwise`.
    pub(crate) condition: Option<Typed>,
    /// The place of its value in the closed set.
    pub(crate) member: u32,
}

/// A table of values by key.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: Arc<str>,
    pub(crate) line: u32,
    pub(crate) key: Typed,
    pub(crate) key_name: Arc<str>,
    /// The key of each row: members by their place, texts and numbers.
    pub(crate) keys: Vec<Constant>,
    pub(crate) columns: Vec<Column>,
    /// The place of each column.
    pub(super) places: HashMap<Arc<str>, u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: Arc<str>,
    pub(crate) sort: Sort,
    /// By row; `None` is `missing`. Bare members stand as texts here: what they are a member of is told by what they are
    /// compared with.
    pub(crate) cells: Vec<Option<Constant>>,
}

/// What a tier brings.
#[derive(Clone, Debug)]
pub(crate) struct Benefit {
    /// Place on the ladder.
    pub(crate) tier: usize,
    /// Place among the keys.
    pub(crate) key: usize,
    pub(crate) value: Typed,
}

/// A key of benefits: one type in every tier.
#[derive(Clone, Debug)]
pub(crate) struct BenefitKey {
    pub(crate) name: Arc<str>,
    pub(crate) sort: Sort,
    pub(super) span: Span,
}

/// A score or a segment, in the order in which the policy states them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Classified {
    pub(crate) bound: LetIndex,
    pub(super) span: Span,
}

impl Classified {
    pub(super) fn new(bound: LetIndex, span: Span) -> Self {
        Self { bound, span }
    }
}
