//! Half of the cases of a test that takes long, so that both halves run beside one another.

use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::runner::runner;

/// A runner for one half, `0` or `1`, of so many cases as `runner` would take.
pub(crate) fn half(name: &str, share: &str, half: u32) -> TestRunner {
    let all = runner(&format!("{name}, half of"), share).config().clone();
    let rng_seed = match all.rng_seed {
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed.wrapping_add(half.into())),
        RngSeed::Random => RngSeed::Random,
    };
    TestRunner::new(Config { cases: (all.cases + half) / 2, rng_seed, ..all })
}
