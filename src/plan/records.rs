//! Collections and what is aggregated over them.

use std::sync::Arc;

use super::{ExprId, NodeId};
use crate::builtins::Fold;
use crate::schema::{Field, Type};
use crate::value::{Interval, Period, Window};

/// A collection as it is asked for: orders and refunds are one.
#[derive(Debug, Default)]
pub(crate) struct Records {
    pub(crate) name: Arc<str>,
    /// The fields that are asked for.
    pub(crate) fields: Vec<ElementField>,
    /// The others that are known.
    pub(crate) unused: Vec<ElementField>,
    /// The place of the date by which windows choose.
    pub(crate) date: Option<usize>,
    /// Of orders: the places of the amount, which tells refunds, and of the id, which tells duplicates.
    pub(crate) amount: Option<usize>,
    pub(crate) id: Option<usize>,
    /// Whether the policy itself looks at that id.
    pub(crate) asks_id: bool,
    /// Whether rules and the like look at it; else only facts that are computed from it.
    pub(crate) used: bool,
    /// Whether facts that are not given are computed from it.
    pub(crate) computed: bool,
    /// Of a group, whose members are customers: the slots that each member is asked for.
    pub(crate) members: Option<Vec<u32>>,
}

/// A field of each record.
#[derive(Debug)]
pub(crate) struct ElementField {
    /// Its name with the collection in front, as messages say it.
    pub(crate) field: Field,
    /// Its own name, as the host is asked.
    pub(crate) name: Arc<str>,
    /// Only its sign matters.
    pub(crate) sign_only: bool,
    /// Of a member of a group: the slot of the fact.
    pub(crate) slot: Option<u32>,
}

/// Which of the records count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    All,
    /// What is not a refund; its sums take in the refunds.
    Purchases,
    Refunds,
}

/// What an aggregate looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    Records(u32, Kind),
    Periods(Period),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Aggregate {
    pub(crate) fold: Fold,
    pub(crate) source: Source,
    pub(crate) measure: u32,
    pub(crate) window: Option<Window>,
}

/// A value and a condition of each element: aggregates over several windows share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Measure {
    /// `None` looks at periods.
    pub(crate) records: Option<u32>,
    pub(crate) argument: Option<ExprId>,
    pub(crate) condition: Option<NodeId>,
    /// It holds aggregates, which are limited to the period that is looked at.
    pub(crate) limited: bool,
}

impl Aggregate {
    /// What it can be where nothing is known of it.
    pub(crate) fn interval(&self, ty: Option<&Type>) -> Interval {
        let undefined = matches!(self.fold, Fold::Average | Fold::Min | Fold::Max);
        let places = if ty == Some(&Type::Integer) { 0 } else { Interval::ANY.places };
        let low = matches!(self.fold, Fold::Count | Fold::Streak).then_some(rust_decimal::Decimal::ZERO);
        Interval { low, undefined, places, ..Interval::ANY }
    }
}
