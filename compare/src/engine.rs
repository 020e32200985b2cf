//! What every contender does: load the rules, convert a customer to its input, decide a converted customer.

use crate::customers::Pair;
use crate::rules::Rules;

/// A tier, counted from 0 for the best, and whether it is certain; rivals cannot say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    pub tier: usize,
    pub certain: Option<bool>,
}

impl Answer {
    pub fn tier(tier: usize) -> Self {
        Self { tier, certain: None }
    }

    pub fn with_certainty(tier: usize, certain: bool) -> Self {
        Self { tier, certain: Some(certain) }
    }

    /// Whether it says nothing that the oracle does not.
    pub fn agrees(self, oracle: Self) -> bool {
        self.tier == oracle.tier && self.certain.is_none_or(|certain| Some(certain) == oracle.certain)
    }
}

pub trait Engine: Sized {
    /// What is loaded: the rules as the engine's users write them.
    type Source;
    /// A customer as the engine takes it.
    type Input;

    /// Whether [`convert`](Self::convert) is work, and not only a copy of the service's own struct.
    const CONVERTS: bool = true;

    /// Writes the rules in the engine's language.
    ///
    /// # Errors
    ///
    /// Why the engine cannot take these rules.
    fn write(rules: &Rules) -> Result<Self::Source, String>;

    /// Parses, checks and compiles, as far as the engine does.
    ///
    /// # Errors
    ///
    /// Where the engine refuses the source.
    fn load(source: &Self::Source) -> Result<Self, String>;

    fn convert(&self, customer: &Pair) -> Self::Input;

    /// `None` where the customer is refused.
    fn decide(&mut self, input: &Self::Input) -> Option<Answer>;
}
