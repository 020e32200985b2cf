//! How generated tests are run: reproducibly, and without files.

use proptest::test_runner::{Config, TestRunner};

/// A runner for so many cases as an environment variable of this name says, by default as proptest does.
pub(crate) fn runner(name: &str, share: &str) -> TestRunner {
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if let Some(cases) = std::env::var(share).ok().and_then(|cases| cases.parse().ok()) {
        config.cases = cases;
    }
    println!("{name}: {} cases, seed {}", config.cases, std::env::var("PROPTEST_RNG_SEED").unwrap_or("random".into()));
    TestRunner::new(config)
}
