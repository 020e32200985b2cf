#![doc = include_str!("language/overview.md")]

#[doc = include_str!("language/policies.md")]
pub mod policies {}

#[doc = include_str!("language/lexical.md")]
pub mod lexical {}

#[doc = include_str!("language/types.md")]
pub mod types {}

#[doc = include_str!("language/fields.md")]
pub mod fields {}

#[doc = include_str!("language/rules.md")]
pub mod rules {}

#[doc = include_str!("language/expressions.md")]
pub mod expressions {}

#[doc = include_str!("language/missing.md")]
pub mod missing {}

#[doc = include_str!("language/scores.md")]
pub mod scores {}

#[doc = include_str!("language/segments.md")]
pub mod segments {}

#[doc = include_str!("language/tables.md")]
pub mod tables {}

#[doc = include_str!("language/benefits.md")]
pub mod benefits {}

#[doc = include_str!("language/collections.md")]
pub mod collections {}

#[doc = include_str!("language/tests.md")]
pub mod tests {}

#[doc = include_str!("language/outcome.md")]
pub mod outcome {}

#[doc = include_str!("language/chinese.md")]
pub mod chinese {}

#[doc = include_str!("language/limits.md")]
pub mod limits {}

#[doc = include_str!("language/errors.md")]
pub mod errors {}

#[doc = include_str!("language/warnings.md")]
pub mod warnings {}

#[doc = include_str!("language/analysis.md")]
pub mod analysis {}

#[doc = include_str!("language/refusals.md")]
pub mod refusals {}

#[doc = include_str!("language/findings.md")]
pub mod findings {}
