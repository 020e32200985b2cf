//! Hand-written Rust, the yardstick: the same checks of ranges, the same handling of missing facts, and certainty.

mod fields;
mod scan;
mod three;
mod twelve;

pub use scan::{CentsScan, DecimalScan};

/// The three rules.
pub type Three<P> = ByHand<three::Three, P>;
/// The twelve rules.
pub type Twelve<P> = ByHand<twelve::Twelve, P>;

use std::marker::PhantomData;

use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::Rules;
pub use fields::{Amount, Profile};

/// A policy written by hand, for either struct.
pub trait Code {
    /// The rules that it is.
    fn rules() -> Rules;

    /// `None` where the account is refused.
    fn decide<P: Profile>(account: &P) -> Option<Answer>;
}

/// Such a policy on a struct.
pub struct ByHand<C, P>(PhantomData<(C, P)>);

impl<C: Code, P: Profile> Engine for ByHand<C, P> {
    type Source = ();
    type Input = P;

    const CONVERTS: bool = false;

    fn write(rules: &Rules) -> Result<(), String> {
        (rules.rules == C::rules().rules).then_some(()).ok_or("these are other rules".into())
    }

    fn load((): &()) -> Result<Self, String> {
        Ok(Self(PhantomData))
    }

    fn convert(&self, customer: &Pair) -> P {
        P::of(customer).clone()
    }

    #[inline]
    fn decide(&mut self, account: &P) -> Option<Answer> {
        C::decide(account)
    }
}

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
