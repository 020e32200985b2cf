//! A checked test and what the policy gave in, a verdict out: what differs, and where it went another way. It reads
//! outcomes and explanations and evaluates nothing itself.

mod coverage;
mod edges;
mod given;
mod judge;
mod listing;
mod mutants;
mod mutated;
mod mutator;
mod report;
#[cfg(feature = "proptest")]
mod strategies;
mod suggest;
mod text;

pub use coverage::{Coverage, CoveredLine, Obligation, ObligationKind, ObligationState, Tally};
pub(crate) use given::customer;
pub(crate) use judge::{judge, refused};
pub(crate) use mutants::Mutants;
pub use mutants::{Mutant, MutantKind};
pub use report::{Difference, TestReport, TestResult};
#[cfg(feature = "proptest")]
pub use strategies::GeneratedCustomer;
#[cfg(feature = "proptest")]
pub(crate) use strategies::customers;
pub(crate) use suggest::classified;
pub use suggest::{SuggestedTest, Suggestions};
