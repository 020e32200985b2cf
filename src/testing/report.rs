//! What came of the tests of a policy.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::coverage::Coverage;
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::explain::{Explanation, Turn};
use crate::model::Customer;
use crate::plan::Plan;
use crate::search::Budget;

/// What came of the tests of a policy.
///
/// `Display` shows each test that fails and a line that counts them. As JSON it is one object with the keys `policy`,
/// `version`, `fingerprint`, `passed`, `failed` and `tests`.
///
/// ```
/// use tierwise::Policy;
///
/// let policy = Policy::parse(
///     "field points: integer 0..
///      points > 10 => A
///      otherwise   => B
///      test \"at the threshold\": points = 10 => B
///      test \"above it\":         points = 12 => A
///      test \"a mistake\":        points = 9  => A",
/// )?;
/// let report = policy.run_tests();
/// assert_eq!((report.passed(), report.failed()), (2, 1));
/// let failed = report.results().iter().find(|result| !result.is_passed()).unwrap();
/// assert_eq!(failed.turn().unwrap().source(), "points > 10");
/// # Ok::<(), tierwise::PolicyError>(())
/// ```
#[derive(Clone, Serialize)]
pub struct TestReport {
    pub(crate) policy: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) fingerprint: String,
    #[serde(skip)]
    pub(crate) plan: Arc<Plan>,
    /// Whether a test of the policy has to name its day.
    #[serde(skip)]
    pub(crate) dated: bool,
    /// The text of the policy.
    #[serde(skip)]
    pub(crate) source: Arc<str>,
    #[serde(flatten, serialize_with = "counted")]
    pub(crate) results: Vec<TestResult>,
}

fn counted<S: Serializer>(results: &[TestResult], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Counted<'r> {
        passed: usize,
        failed: usize,
        tests: &'r [TestResult],
    }
    let passed = results.iter().filter(|result| result.is_passed()).count();
    Counted { passed, failed: results.len() - passed, tests: results }.serialize(serializer)
}

impl TestReport {
    /// Every test, in written order.
    pub fn results(&self) -> &[TestResult] {
        &self.results
    }

    /// How many tests pass.
    pub fn passed(&self) -> usize {
        self.results.iter().filter(|result| result.is_passed()).count()
    }

    /// How many tests fail.
    pub fn failed(&self) -> usize {
        self.results.len() - self.passed()
    }

    /// Whether there are tests and all of them pass.
    pub fn is_passed(&self) -> bool {
        !self.results.is_empty() && self.failed() == 0
    }

    /// How many pass and fail, as text.
    pub fn summary(&self, lang: Lang) -> String {
        super::text::summary(self, lang)
    }

    /// What the tests show of their policy. What they do not show is looked for among everybody, within the default budget;
    /// [`Coverage::of`] takes another one, and several reports.
    pub fn coverage(&self) -> Coverage {
        Coverage::measured(self, &[self], Budget::default())
    }

    /// The tests that fail, and how many pass, as text.
    pub fn text(&self, lang: Lang) -> String {
        super::text::report(self, lang)
    }
}

impl fmt::Display for TestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl fmt::Debug for TestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TestReport:\n{self}")
    }
}

/// What came of one test.
#[derive(Clone, Serialize)]
pub struct TestResult {
    pub(crate) name: String,
    pub(crate) row: Option<usize>,
    pub(crate) line: u32,
    pub(crate) passed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) differences: Vec<Difference>,
    /// Why the customer is refused, in English and in Chinese.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "english")]
    pub(crate) refusal: Option<[String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) turn: Option<Turn>,
    #[serde(rename = "explanation", skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<Explanation>,
    /// Who was classified, and as of which day; nobody where the customer is refused.
    #[serde(skip)]
    pub(crate) tested: Option<(Customer, NaiveDate)>,
}

fn english<S: Serializer>(refusal: &Option<[String; 2]>, serializer: S) -> Result<S::Ok, S::Error> {
    refusal.as_ref().map(|[english, _]| english).serialize(serializer)
}

impl TestResult {
    /// The name of the test, or of the table in which it stands.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its row in a table of tests, counted from 1.
    pub fn row(&self) -> Option<usize> {
        self.row
    }

    /// The line of its text on which it begins.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The name, and behind it the row of a table: `boundaries, row 3`.
    pub fn full_name(&self) -> String {
        self.row.map_or_else(|| self.name.clone(), |row| format!("{}, row {row}", self.name))
    }

    /// Whether everything is as expected.
    pub fn is_passed(&self) -> bool {
        self.passed
    }

    /// What is not as expected; nothing where the test passes.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// The first condition that went another way, where one can be told.
    pub fn turn(&self) -> Option<&Turn> {
        self.turn.as_ref()
    }

    /// What was found of the customer; only where the test fails, and not where the customer is refused.
    pub fn explanation(&self) -> Option<&Explanation> {
        self.why.as_ref()
    }

    /// Why the test fails, as text; empty where it passes.
    pub fn text(&self, lang: Lang) -> String {
        super::text::result(self, lang)
    }
}

impl fmt::Debug for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.passed { "passed" } else { "failed" };
        write!(f, "{} (line {}): {verdict}", self.name, self.line)
    }
}

/// One thing that is not as a test expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    what: String,
    expected: Told,
    actual: Told,
}

impl Difference {
    pub(crate) fn new(what: &str, expected: Told, actual: Told) -> Self {
        Self { what: what.to_owned(), expected, actual }
    }

    /// `tier`, `rule`, `possible`, `certain`, `error`, or the name of a segment, a score or a benefit.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What the test expects, as it would be written in a policy; `…` where it depends on a sensitive fact.
    pub fn expected(&self) -> &str {
        self.expected.text(Lang::En)
    }

    /// What was found.
    pub fn actual(&self) -> &str {
        self.actual.text(Lang::En)
    }

    /// What is expected and what was found, in a language.
    pub(super) fn both(&self, lang: Lang) -> [&str; 2] {
        [self.expected.text(lang), self.actual.text(lang)]
    }
}

/// What is expected or was found, in English and in Chinese.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told([String; 2]);

impl Told {
    /// The same in both languages: names and values.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        let text = text.into();
        Self([text.clone(), text])
    }

    pub(super) fn say(template: Phrase, args: &[(&'static str, String)]) -> Self {
        Self::each(|lang| phrase(template, args, lang))
    }

    pub(super) fn each(text: impl Fn(Lang) -> String) -> Self {
        Self([Lang::En, Lang::Zh].map(text))
    }

    /// Several in brackets.
    pub(super) fn joined(parts: &[Self]) -> Self {
        let list = |lang| parts.iter().map(|part| part.text(lang)).collect::<Vec<_>>().join(", ");
        Self::each(|lang| format!("({})", list(lang)))
    }

    pub(super) fn text(&self, lang: Lang) -> &str {
        let Self([english, chinese]) = self;
        if lang == Lang::Zh { chinese } else { english }
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(Lang::En))
    }
}
