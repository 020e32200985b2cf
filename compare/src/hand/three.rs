//! The three rules by hand.

use std::marker::PhantomData;

use super::{Amount, Profile, counts};
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::policies;
use crate::rules::Rules;

const A: usize = 0;
const B: usize = 1;
const C: usize = 2;

/// On either struct.
pub struct Three<P>(PhantomData<P>);

impl<P: Profile> Engine for Three<P> {
    type Source = ();
    type Input = P;

    const CONVERTS: bool = false;

    fn write(rules: &Rules) -> Result<(), String> {
        let same = rules.rules == policies::three().rules;
        same.then_some(()).ok_or("these are other rules".into())
    }

    fn load((): &()) -> Result<Self, String> {
        Ok(Self(PhantomData))
    }

    fn convert(&self, customer: &Pair) -> P {
        P::of(customer).clone()
    }

    #[inline]
    fn decide(&mut self, account: &P) -> Option<Answer> {
        decide(account)
    }
}

#[inline]
fn decide<P: Profile>(account: &P) -> Option<Answer> {
    if !counts(account.frequency()) {
        return None;
    }
    let (tier, certain) = match (account.annual_spend(), account.frequency()) {
        (Some(spend), Some(frequency)) if spend > P::Amount::K1000 && frequency >= 12 => (A, true),
        (Some(spend), Some(_)) if spend > P::Amount::K200 => (B, true),
        (Some(_), Some(_)) => (C, true),
        (Some(spend), None) if spend > P::Amount::K1000 => (B, false),
        (Some(spend), None) if spend > P::Amount::K200 => (B, true),
        (Some(_), None) => (C, true),
        // Of a spend that is missing nothing is known; a low frequency rules out A, and B stays possible.
        (None, _) => (C, false),
    };
    Some(Answer::with_certainty(tier, certain))
}
