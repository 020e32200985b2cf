//! The serde form of outcomes.

use serde::{Serialize, Serializer};

use super::classified::{Benefit, ScoreOutcome};
use super::finding::DataFinding;
use super::outcome::{AdjustedBy, Outcome};

/// Values by name, in order; `None` is masked.
struct Named<'o, V>(Vec<(&'o str, Option<V>)>);

impl<V: Serialize> Serialize for Named<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Shown(value.as_ref()))))
    }
}

/// A value, or that it is not shown.
struct Shown<T>(Option<T>);

impl<T: Serialize> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Some(value) => value.serialize(serializer),
            None => serializer.collect_map([("masked", true)]),
        }
    }
}

/// What a policy declares; nothing where it declares none.
fn declared<'o, V>(all: Vec<(&'o str, Option<V>)>) -> Option<Named<'o, V>> {
    (!all.is_empty()).then_some(Named(all))
}

/// The serde form for explanations: what depends on a sensitive fact is masked.
pub(crate) struct Masked<'o>(pub(crate) &'o Outcome);

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.wire(true).serialize(serializer)
    }
}

#[derive(Serialize)]
struct Wire<'o> {
    tier: Option<&'o str>,
    rule: Option<&'o str>,
    line: Option<u32>,
    certain: bool,
    possible: Vec<Option<&'o str>>,
    missing: Vec<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<Named<'o, Option<&'o str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scores: Option<Named<'o, ScoreOutcome<'o>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    benefits: Option<Named<'o, Benefit<'o>>>,
    as_of: String,
    adjusted_by: Option<AdjustedBy<'o>>,
    findings: Vec<DataFinding<'o>>,
    policy: WirePolicy<'o>,
}

#[derive(Serialize)]
struct WirePolicy<'o> {
    name: Option<&'o str>,
    version: Option<&'o str>,
    fingerprint: &'o str,
}

impl Outcome {
    fn wire(&self, mask: bool) -> Wire<'_> {
        let plan = self.plan();
        let masked = |bound: u32| mask && plan.sensitive().bound(bound);
        let segments = plan.segments().zip(self.segments());
        let segments =
            segments.map(|((bound, ..), segment)| (segment.name(), (!masked(bound)).then_some(segment.value())));
        let scores = plan.scores().zip(self.scores());
        let scores = scores.map(|((bound, ..), score)| (score.name(), (!masked(bound)).then_some(score)));
        let benefits = self.benefits().map(|benefit| {
            let hidden = mask && benefit.is_sensitive();
            (benefit.name(), (!hidden).then_some(benefit))
        });
        Wire {
            tier: self.tier(),
            rule: self.rule(),
            line: self.line(),
            certain: self.is_certain(),
            possible: self.possible().collect(),
            missing: self.missing().collect(),
            segments: declared(segments.collect()),
            scores: declared(scores.collect()),
            benefits: plan.has_benefits().then(|| Named(benefits.collect())),
            as_of: self.as_of().to_string(),
            adjusted_by: self.adjusted_by().last(),
            findings: self.findings().collect(),
            policy: WirePolicy {
                name: self.policy_name(),
                version: self.policy_version(),
                fingerprint: self.fingerprint(),
            },
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.wire(false).serialize(serializer)
    }
}
