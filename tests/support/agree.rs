//! What must hold of an outcome of the plan and an answer of the reference evaluator.

use proptest::prelude::{prop_assert, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use tierwise::Outcome;
use tierwise::reference::Answer;

pub(crate) fn names<'a>(tiers: impl Iterator<Item = Option<&'a str>>) -> Vec<Option<String>> {
    tiers.map(|tier| tier.map(str::to_owned)).collect()
}

/// Code and field of every finding about the data; that a search did not tell everything apart is none.
pub(crate) fn findings(outcome: &Outcome) -> Vec<(String, Option<String>)> {
    let about_data = outcome.findings().filter(|finding| finding.code() != "F0121");
    about_data.map(|finding| (finding.code().to_owned(), finding.field().map(str::to_owned))).collect()
}

/// Segments, scores and benefits by name, each value as JSON.
pub(crate) fn classified(outcome: &Outcome) -> [Vec<(String, String)>; 3] {
    fn json(name: &str, value: impl serde::Serialize) -> (String, String) {
        (name.to_owned(), serde_json::to_string(&value).unwrap())
    }
    [
        outcome.segments().map(|segment| json(segment.name(), segment.value())).collect(),
        outcome.scores().map(|score| json(score.name(), score)).collect(),
        outcome.benefits().map(|benefit| json(benefit.name(), benefit)).collect(),
    ]
}

/// The plan says what the reference says, and leaves no tier out that a completion reaches.
pub(crate) fn same(outcome: &Outcome, naive: &Answer) -> Result<(), TestCaseError> {
    prop_assert_eq!((naive.tier.as_deref(), naive.line), (outcome.tier(), outcome.line()), "reference and plan");
    prop_assert_eq!(&naive.findings, &findings(outcome));
    prop_assert_eq!(naive.adjusted.len(), outcome.adjusted_by().count());
    let blocks = [naive.segments.clone(), naive.scores.clone(), naive.benefits.clone()];
    prop_assert_eq!(blocks, classified(outcome), "segments, scores and benefits");
    let possible = names(outcome.possible());
    for tier in &naive.reached {
        prop_assert!(possible.contains(tier), "a completion reaches {:?}, possible is {:?}", tier, possible);
    }
    prop_assert_eq!(outcome.missing().next().is_none(), outcome.is_certain());
    prop_assert!(!outcome.is_certain() || possible == [naive.tier.clone()], "certain of {:?}", possible);
    Ok(())
}
