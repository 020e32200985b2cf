//! What a box of customers has of one thing.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Constant;

/// Which values of one fact there are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Extent {
    /// None: it is missing, or without a result.
    Missing,
    Undefined,
    /// Any, as long as it is known.
    Known,
    /// From one end to the other, both included; an end that is absent is open.
    Numbers(Option<Decimal>, Option<Decimal>),
    Days(Option<NaiveDate>, Option<NaiveDate>),
    Among(Vec<Constant>),
    /// Any text but these.
    Except(Vec<Constant>),
    /// Sets that have some members and lack others; and those besides which there are none.
    Set {
        has: Vec<Constant>,
        lacks: Vec<Constant>,
        only: Option<Vec<Constant>>,
    },
}
