//! Facts and lets that are shown with each outcome.

use serde::{Serialize, Serializer};
use tierwise::explain::{Actual, State};
use tierwise::{Explanation, Policy};

use crate::args::{ClassifyArgs, Format};
use crate::escape::brief;
use crate::failure::Failure;

/// The names that are wanted, in their order.
pub(crate) struct Show(Vec<String>);

/// Their values.
pub(crate) struct Shown(Vec<(String, Actual)>);

impl Show {
    /// What the command line asks for; every name is a fact or a `let` that the policy uses.
    pub(crate) fn new(policy: &Policy, args: &ClassifyArgs) -> Result<Self, Failure> {
        if !args.show.is_empty() && args.rows.reading.format != Format::Ndjson {
            return Err(Failure::unusable("`--show` adds to the outcomes of `--format ndjson` alone".to_owned()));
        }
        let facts = policy.needs().fields().map(|field| field.name().to_owned());
        let known: Vec<String> = facts.chain(policy.lets().map(str::to_owned)).collect();
        match args.show.iter().find(|name| !known.contains(name)) {
            Some(name) => {
                let names = known.iter().map(|name| brief(name, 40)).collect::<Vec<_>>().join("`, `");
                let message = format!("the policy uses no fact and no `let` that is called `{}`", brief(name, 80));
                Err(Failure::unusable(message).help(&format!("there are `{names}`")))
            }
            None => {
                let mut names = args.show.clone();
                let mut seen = std::collections::HashSet::new();
                names.retain(|name| seen.insert(name.clone()));
                Ok(Self(names))
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values that an evaluation saw.
    pub(crate) fn of(&self, why: &Explanation) -> Shown {
        let bound = |name: &str| {
            let found = why.lets().find(|bound| bound.name() == name)?;
            let truth = |state| match state {
                State::True => Actual::Boolean(true),
                State::False => Actual::Boolean(false),
                State::Masked => Actual::Masked,
                State::Undefined => Actual::Undefined,
                _ => Actual::Missing,
            };
            found.value().or_else(|| Some(truth(found.condition()?.state())))
        };
        let value = |name: &String| {
            let fact = why.facts().find(|(fact, _)| fact == name).map(|(_, value)| value);
            (name.clone(), fact.or_else(|| bound(name)).unwrap_or(Actual::Missing))
        };
        Shown(self.0.iter().map(value).collect())
    }
}

impl Serialize for Shown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
