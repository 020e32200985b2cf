//! The three rules by hand.

use super::{Amount, Code, Profile, counts};
use crate::engine::Answer;
use crate::policies;
use crate::rules::Rules;

const A: usize = 0;
const B: usize = 1;
const C: usize = 2;

pub struct Three;

impl Code for Three {
    fn rules() -> Rules {
        policies::three()
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
}
