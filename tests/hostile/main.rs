//! Hostile input: limits at and over the limit, linear work, bounded memory, bounded stack, data of any shape.
//!
//! Work is counted, not timed: allocations and bytes, and pest's own call counter (which is process-wide, so that only
//! this test binary may set it).

mod blocks;
mod data;
mod limits;
mod shapes;
mod sources;
#[path = "../support/tokens.rs"]
mod tokens;

use std::sync::Mutex;

use tierwise::{Policy, PolicyError};

/// The call counter belongs to the process: tests that parse take turns.
static TURN: Mutex<()> = Mutex::new(());

fn codes(result: &Result<Policy, PolicyError>) -> Vec<&'static str> {
    let error = result.as_ref().err();
    error
        .map(|error| error.diagnostics().iter().map(|diagnostic| diagnostic.code().as_str()).collect())
        .unwrap_or_default()
}

fn nested(depth: usize) -> String {
    format!("{}frequency > 3{} => A\notherwise => B", "(".repeat(depth), ")".repeat(depth))
}

fn today() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

/// Runs on the stack that a host's thread may be expected to have.
fn on_half_a_mebibyte<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(512 << 10).spawn_scoped(scope, work).unwrap();
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
