//! The tests of the policy of a case.

use tierwise::{Policy, Tests};

use super::support::Case;

/// Those of the `tests` section, which is a file of tests, or those beside the rules.
pub(crate) fn tests(case: &Case, policy: &Policy) -> Tests {
    case.section("tests").map_or_else(|| policy.tests(), |tests| policy.tests_in(tests).unwrap())
}
