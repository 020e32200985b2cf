#![doc = include_str!("../README.md")]
//!
//! # Untrusted input
//!
//! Policies and facts may come from anywhere. No input makes the library panic, recurse past its depth limit or run
//! without bound: the source, its tokens, rules, lists, names and brackets are limited ([`Limits`]), parsing and
//! compiling are linear, regular expressions are matched in linear time, and evaluation costs at most what the policy's
//! size and the customer's facts allow. Messages escape control characters; values of sensitive fields are in no error,
//! finding or `Debug` output.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods
)]

extern crate alloc; // the generated parser names it

mod builtins;
mod check;
mod diagnostics;
mod eval;
pub mod explain;
mod facts;
pub mod host;
pub mod language;
mod limits;
mod model;
#[doc = include_str!("performance.md")]
pub mod performance {}
mod plan;
mod policy;
#[doc(hidden)]
pub mod reference;
mod schema;
mod search;
mod source;
mod syntax;
mod testing;
mod value;

pub use chrono;
pub use rust_decimal;

pub use diagnostics::{Arg, Code, Diagnostic, Label, Lang, Note, Report, Severity, Term};
pub use eval::{
    AdjustedBy, At, Benefit, Completeness, DataFinding, Decided, FieldCompleteness, FindingSeverity, LineOutcome,
    Outcome, RuleId, ScoreOutcome, SegmentOutcome, TierId,
};
pub use explain::{Change, Contrast, Detail, Explanation, FactChange, Holds, Turn, Way};
pub use facts::{CollectionRef, CustomerError, FactError, Facts, FieldRef};
pub use host::{Host, Tier};
pub use limits::Limits;
pub use model::{Customer, Datum, Portfolio, PortfolioFinding};
#[doc(hidden)]
pub use plan::Forced;
pub use plan::Plan;
pub use policy::{
    Analysis, BindError, Bound, CustomerBox, Distance, Forecast, Formatter, Horizon, InPortfolio, Inquiry, Migration,
    Mismatch, MonotoneError, Monotonicity, MutantResult, MutantState, Mutation, MutationError, NeededCollection,
    NeededField, Needs, NotUsed, OpenQuestion, Policy, PolicyBuilder, PolicyDiff, PolicyError, PolicyFinding, Possible,
    Recourse, RecourseError, Target, Telling, TellingDifference, Tests, TierChange, Verdict, Witness, policy_of_tests,
};
pub use schema::{ClosedSet, Collection, Field, Schema, Type};
pub use search::{Budget, Unknown};
pub use source::Span;
pub use syntax::Keywords;
#[cfg(feature = "proptest")]
pub use testing::GeneratedCustomer;
pub use testing::{
    Coverage, CoveredLine, Difference, Mutant, MutantKind, Obligation, ObligationKind, ObligationState, SuggestedTest,
    Suggestions, Tally, TestReport, TestResult,
};
#[cfg(feature = "derive")]
pub use tierwise_derive::{Facts, Tier};
pub use value::{Currency, Duration, Encoding, Fact, Members, Money, Rates, canonical};
