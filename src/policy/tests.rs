//! Tests of a policy: those beside its rules, and those of files of their own.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{Policy, PolicyError};
use crate::check::{Case, check_tests};
use crate::diagnostics::{Lang, Reports};
use crate::eval::At;
use crate::syntax::{Parsed, parse, used_policy};
#[cfg(feature = "proptest")]
use crate::testing::GeneratedCustomer;
use crate::testing::{TestReport, TestResult, customer, judge, refused};

impl Policy {
    /// Runs the tests that stand beside the rules.
    ///
    /// ```
    /// let policy = tierwise::Policy::parse(
    ///     "annual_spend > 1M => A
    ///      otherwise         => B
    ///      test \"large\" as of 2026-06-30: annual_spend = 1.2M => A certain",
    /// )?;
    /// assert!(policy.run_tests().is_passed());
    /// # Ok::<(), tierwise::PolicyError>(())
    /// ```
    pub fn run_tests(&self) -> TestReport {
        self.tests().run()
    }

    /// Customers by chance as of a day, for property tests of a host's own (feature `proptest`).
    ///
    /// Every fact and every collection that the policy uses has a value of its field, or is missing where that may be, so that
    /// nobody is refused. What matters about a policy lies at its thresholds and in what is missing: three numbers and dates
    /// of four are those with which the policy compares, or one step beside them, texts and members are mostly those that it
    /// names, and a quarter of what may be missing is missing. Customers who break an `assume` are among them.
    ///
    /// ```
    /// use proptest::prelude::*;
    /// use tierwise::{Policy, chrono::NaiveDate};
    ///
    /// let policy = Policy::parse("annual_spend > 1M and frequency >= 12 => A\notherwise => B").unwrap();
    /// let day = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    /// let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    /// proptest!(config, |(customer in policy.any_customer(day))| {
    ///     // Whatever a host wants to be sure of.
    ///     let outcome = policy.classify(&customer, day).unwrap();
    ///     prop_assert!(outcome.tier().is_some());
    /// });
    /// ```
    #[cfg(feature = "proptest")]
    pub fn any_customer(&self, as_of: NaiveDate) -> proptest::strategy::BoxedStrategy<GeneratedCustomer> {
        crate::testing::customers(&self.plan, as_of)
    }

    /// The tests that stand beside the rules.
    pub fn tests(&self) -> Tests {
        Tests { policy: self.clone(), own: None }
    }

    /// The tests of a file of tests, checked against this policy. Which policy a file is meant for says
    /// [`policy_of_tests`]; whether this is it, is for the host to see to.
    ///
    /// # Errors
    ///
    /// With everything that is wrong with the text, up to a limit; a test that is malformed is an error.
    pub fn tests_in(&self, source: &str) -> Result<Tests, PolicyError> {
        let builder = &self.inner.builder;
        let Parsed { ast, mut diagnostics } = parse(source, &builder.limits);
        let own = parse(self.source(), &builder.limits).ast;
        let (cases, found): (Vec<Case>, Reports) =
            check_tests(&own, self.source(), &ast, source, (&builder.schema, &builder.limits, &builder.permissions));
        diagnostics.append(found);
        let sound = !diagnostics.has_errors();
        let (diagnostics, more) = diagnostics.finish(builder.limits.diagnostics);
        if !sound {
            return Err(PolicyError { text: Arc::from(source), diagnostics, more });
        }
        Ok(Tests { policy: self.clone(), own: Some(Arc::from(cases)) })
    }
}

/// The policy that a file of tests is about, as its `use` names it; `None` where the text is a policy itself.
///
/// The library reads no files: the host looks for the name, from the folder of the file on.
///
/// ```
/// let tests = "use \"key_accounts.tier\"\ntest \"nothing known\" as of 2026-06-30: => C";
/// assert_eq!(tierwise::policy_of_tests(tests).as_deref(), Some("key_accounts.tier"));
/// ```
pub fn policy_of_tests(source: &str) -> Option<String> {
    used_policy(source)
}

/// The tests of a policy; cheap to clone.
#[derive(Clone)]
pub struct Tests {
    policy: Policy,
    /// Those of a file of their own.
    own: Option<Arc<[Case]>>,
}

impl Tests {
    pub(super) fn cases(&self) -> &[Case] {
        self.own.as_deref().unwrap_or_else(|| self.policy.checked().cases())
    }

    /// The policy that they are about.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// How many tests there are; each row of a table is one.
    pub fn len(&self) -> usize {
        self.cases().len()
    }

    /// The name of a test, with its row where it stands in a table.
    pub(super) fn full_name(case: &Case) -> String {
        case.row.map_or_else(|| case.name.to_string(), |row| format!("{}, row {row}", case.name))
    }

    /// Whether there is no test.
    pub fn is_empty(&self) -> bool {
        self.cases().is_empty()
    }

    /// The name of each test, and its row where it stands in a table, counted from 1.
    pub fn names(&self) -> impl ExactSizeIterator<Item = (&str, Option<usize>)> {
        self.cases().iter().map(|case| (&*case.name, case.row))
    }

    /// Runs all.
    pub fn run(&self) -> TestReport {
        TestReport {
            policy: self.policy.name().map(str::to_owned),
            version: self.policy.version().map(str::to_owned),
            fingerprint: self.policy.fingerprint().to_owned(),
            plan: Arc::clone(&self.policy.plan),
            dated: self.policy.checked().dated,
            source: Arc::clone(&self.policy.inner.source),
            results: self.cases().iter().map(|case| self.result(case)).collect(),
        }
    }

    /// Runs the test at a place; `None` where there is none.
    pub fn run_one(&self, at: usize) -> Option<TestResult> {
        self.cases().get(at).map(|case| self.result(case))
    }

    /// The day of a test. Without one nothing depends on it; an explanation shows one all the same.
    pub(super) fn day(&self, case: &Case) -> NaiveDate {
        case.as_of.or(self.policy.effective()).or(NaiveDate::from_ymd_opt(2026, 1, 1)).unwrap_or_default()
    }

    fn result(&self, case: &Case) -> TestResult {
        let policy = &self.policy;
        let at = At::on(self.day(case));
        let customer = customer(case);
        let mut result = TestResult {
            name: case.name.to_string(),
            row: case.row,
            line: case.line,
            passed: false,
            differences: Vec::new(),
            refusal: None,
            turn: None,
            why: None,
            tested: None,
        };
        let outcome = policy.classify(&customer, at);
        result.differences = match &outcome {
            Ok(outcome) => judge(&case.expected, &policy.plan, outcome),
            Err(error) => refused(&case.expected, &policy.plan, error),
        };
        result.passed = result.differences.is_empty();
        if !result.passed {
            result.refusal = outcome.as_ref().err().map(|error| [Lang::En, Lang::Zh].map(|lang| error.message(lang)));
            if let Ok(why) = policy.explain(&customer, at) {
                result = result.explained(case, why);
            }
        }
        result.tested = outcome.is_ok().then(|| (customer, at.date()));
        result
    }
}

impl fmt::Debug for Tests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}
