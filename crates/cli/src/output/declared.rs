//! The segments, scores and benefits that a policy declares, as cells.

use tierwise::{Outcome, Policy};

/// Their names, in written order.
pub(super) struct Declared {
    segments: Vec<String>,
    scores: Vec<String>,
    benefits: Vec<String>,
}

impl Declared {
    pub(super) fn new(policy: &Policy) -> Self {
        let owned = |names: &mut dyn Iterator<Item = &str>| names.map(str::to_owned).collect();
        Self {
            segments: owned(&mut policy.segments()),
            scores: owned(&mut policy.scores()),
            benefits: owned(&mut policy.benefits()),
        }
    }

    /// `segments.stage`, `scores.value`, `benefits.discount`.
    pub(super) fn columns(&self) -> Vec<String> {
        let under =
            |what: &str, names: &[String]| names.iter().map(|name| format!("{what}.{name}")).collect::<Vec<_>>();
        [under("segments", &self.segments), under("scores", &self.scores), under("benefits", &self.benefits)].concat()
    }

    /// The values of an outcome, in the order of the columns; what has no value is empty.
    pub(super) fn cells(&self, outcome: &Outcome) -> Vec<String> {
        let benefit = |key: &String| outcome.benefit(key).map(|benefit| benefit.to_string()).unwrap_or_default();
        let mut cells = self.grades(outcome);
        cells.extend(self.benefits.iter().map(benefit));
        cells
    }

    /// The names of segments and scores.
    pub(super) fn graded(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().chain(&self.scores).map(String::as_str)
    }

    /// The values of segments and scores.
    pub(super) fn grades(&self, outcome: &Outcome) -> Vec<String> {
        let segments = outcome.segments().map(|segment| segment.value().unwrap_or_default().to_owned());
        segments.chain(outcome.scores().map(|score| score.to_string())).collect()
    }
}
