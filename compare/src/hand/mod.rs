//! Hand-written Rust, the yardstick: the same checks of ranges, the same handling of missing facts, and certainty.

mod fields;
mod scan;
mod three;
mod twelve;

pub use scan::{CentsScan, DecimalScan};
pub use three::Three;
pub use twelve::Twelve;

use crate::engine::Answer;
pub use fields::{Amount, Profile};

/// The answer, where `open` has a bit for each tier that an undecided rule could give.
#[inline]
fn answer(tier: usize, open: u8) -> Answer {
    Answer::with_certainty(tier, open & !(1 << tier) == 0)
}

/// Whether a count is in its range; a missing one is.
#[inline]
fn counts(count: Option<i64>) -> bool {
    count.is_none_or(|count| count >= 0)
}
