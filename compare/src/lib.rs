//! tierwise beside hand-written Rust and beside other rules engines, on the same customers, with checked answers.

pub mod account;
pub mod customers;
pub mod engine;
pub mod hand;
pub mod loading;
pub mod measure;
pub mod oracle;
pub mod ours;
pub mod policies;
pub mod questions;
pub mod random;
pub mod report;
#[cfg(feature = "rivals")]
pub mod rivals;
pub mod roster;
pub mod rules;
