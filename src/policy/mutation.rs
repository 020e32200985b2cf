//! Whether tests notice that a policy is another: mutants of it, each with one mistake.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::people::{Plans, Witness};
use super::tests::Tests;
use super::{Inner, Policy};
use crate::check::{By, Case, Expected, Wanted, check};
use crate::diagnostics::{Lang, Phrase, inside_quotes, phrase};
use crate::eval::{At, Said, classify, with_nobody};
use crate::model::Customer;
use crate::plan::{Names, Plan, lower};
use crate::search::{Budget, Told, Unknown, steps, told_apart};
use crate::syntax::{Ast, parse, print};
use crate::testing::{Mutant, Mutants, classified, customer, judge, refused};
use crate::value::canonical;

/// Why nothing can be said of tests: [`Mutation::of`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MutationError {
    /// There are no tests, or those of several policies.
    #[error("there are no tests of one policy")]
    NoPolicy,
    /// Some tests fail as it is, so that they cannot tell whether it is another.
    #[error("{count} of the tests fail, the first of them \"{first}\"; only tests that pass can notice a mistake")]
    Failing {
        /// How many.
        count: usize,
        /// The name of the first.
        first: String,
    },
}

/// What became of a mutant.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MutantState {
    /// This test fails.
    Killed(String),
    /// No test fails, and this customer tells it from the policy.
    Survived(Box<Telling>),
    /// Nobody tells it from the policy: that was proved of everybody who keeps the assumptions.
    Equivalent,
    /// No test fails, and whether anybody tells it from the policy was not found out.
    Unknown(Unknown),
}

/// A customer of whom a policy and its mutant say different things.
#[derive(Clone, Debug)]
pub struct Telling {
    witness: Witness,
    differences: Vec<TellingDifference>,
}

/// One thing that a policy and its mutant say differently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TellingDifference {
    what: String,
    policy: Option<String>,
    mutant: Option<String>,
}

impl Telling {
    /// The customer, with what the policy decides.
    pub fn customer(&self) -> &Witness {
        &self.witness
    }

    /// What is said differently; at least one thing.
    pub fn differences(&self) -> &[TellingDifference] {
        &self.differences
    }
}

impl TellingDifference {
    /// `tier`, `rule`, `floor`, `cap`, or the name of a segment or a score.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What the policy says; `None` where there is nothing, or nothing settled.
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// What the mutant says.
    pub fn mutant(&self) -> Option<&str> {
        self.mutant.as_deref()
    }
}

/// A mutant, and what became of it.
#[derive(Clone, Debug)]
pub struct MutantResult {
    mutant: Mutant,
    state: MutantState,
}

impl MutantResult {
    /// The mutant.
    pub fn mutant(&self) -> &Mutant {
        &self.mutant
    }

    /// What became of it.
    pub fn state(&self) -> &MutantState {
        &self.state
    }
}

/// Whether the tests of a policy notice mistakes: each mutant of the policy has one, and a test that fails for it kills it.
///
/// Comparisons and thresholds, `and` and `or`, conditions, rules and their order, tiers, windows, points, and what is made of
/// missing facts are mistaken, one at a time ([`MutantKind`](crate::MutantKind)). Of those that no test kills a search says
/// whether somebody tells them from the policy: by the tier, by the name of the rule, cap or floor, by a segment, or by points.
/// Looked at are customers whom both take. `Display` lists those that are not killed.
///
/// ```
/// use tierwise::{Budget, MutantState, Mutation, Policy};
///
/// let policy = Policy::parse(
///     "field points: integer 0.. required
///      points > 10 => A
///      otherwise   => B
///      test \"at the threshold\": points = 10 => B
///      test \"far above it\":     points = 99 => A",
/// )?;
/// let mutation = Mutation::of([&policy.tests()], Budget::default())?;
/// let (survived, killed) = (mutation.survived().next().unwrap(), mutation.killed());
/// assert_eq!(survived.mutant().after(), Some("11"));
/// let MutantState::Survived(telling) = survived.state() else { panic!() };
/// assert_eq!(telling.customer().to_string(), "points = 11");
/// assert_eq!(mutation.score(), Some((killed, killed + 1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Mutation {
    policy: Policy,
    results: Vec<MutantResult>,
    invalid: usize,
    steps: u64,
    as_of: Option<NaiveDate>,
}

/// A test with its customer.
struct Trial<'t> {
    case: &'t Case,
    customer: Customer,
    day: NaiveDate,
}

/// A policy that is mistaken over and over.
struct Bench<'t> {
    policy: &'t Policy,
    trials: Vec<Trial<'t>>,
    /// The day on which nobody is asked about everybody else.
    day: NaiveDate,
    budget: Budget,
}

impl Mutation {
    /// What the tests of one policy notice, those beside its rules and those of other files. For each mutant that no test kills
    /// the search takes as many steps as the budget has.
    ///
    /// # Errors
    ///
    /// Where there are no tests of one policy, and where some fail.
    pub fn of<'t>(tests: impl IntoIterator<Item = &'t Tests>, budget: Budget) -> Result<Self, MutationError> {
        Self::watched(tests, budget, |_, _| true)
    }

    /// The same, where somebody watches: told is, before each mutant, how many are passed of how many; one that is not wanted
    /// is left out.
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn watched<'t>(
        tests: impl IntoIterator<Item = &'t Tests>,
        budget: Budget,
        mut watch: impl FnMut(usize, usize) -> bool,
    ) -> Result<Self, MutationError> {
        let tests: Vec<&Tests> = tests.into_iter().collect();
        let policy = tests.first().ok_or(MutationError::NoPolicy)?.policy();
        if tests.iter().any(|tests| tests.policy().source() != policy.source()) {
            return Err(MutationError::NoPolicy);
        }
        let trial = |tests: &&'t Tests, case: &'t Case| Trial { case, customer: customer(case), day: tests.day(case) };
        let mut trials: Vec<Trial<'t>> =
            tests.iter().flat_map(|tests| tests.cases().iter().map(move |case| trial(tests, case))).collect();
        let effective = policy.effective().or(NaiveDate::from_ymd_opt(2026, 1, 1));
        let day = trials.last().map(|trial| trial.day).or(effective).unwrap_or_default();
        // What is possible takes a search: mostly another test kills a mutant first.
        trials.sort_by_key(|trial| is_exact(&trial.case.expected));
        let bench = Bench { policy, trials, day, budget };
        let failing: Vec<&Trial<'_>> = bench.failing(&policy.plan).collect();
        if let Some(first) = failing.first() {
            return Err(MutationError::Failing { count: failing.len(), first: Tests::full_name(first.case) });
        }
        let plan = &policy.plan;
        let ast = policy.tree();
        let mutants = policy.mutants(&ast);
        let count = mutants.count();
        let as_of = plan.uses_today().then_some(day);
        let mut mutation = Self { policy: policy.clone(), results: Vec::new(), invalid: 0, steps: 0, as_of };
        for number in 0..count {
            if !watch(number, count) {
                continue;
            }
            let Some((mutant, ast)) = mutants.nth(number) else { break };
            match bench.mistaken(&ast) {
                Some((state, steps)) => {
                    mutation.steps += u64::from(steps);
                    mutation.results.push(MutantResult { mutant, state });
                }
                None => mutation.invalid += 1,
            }
        }
        Ok(mutation)
    }

    /// The policy with the mistake of a mutant, as text, without its tests; empty for one of another policy.
    pub fn source_of(&self, mutant: &Mutant) -> String {
        let ast = self.policy.tree();
        let found = self.policy.mutants(&ast).nth(mutant.number());
        found.filter(|(own, _)| own.span() == mutant.span()).map(|(_, ast)| print(&ast)).unwrap_or_default()
    }

    /// Every mutant, in the order of the policy.
    pub fn results(&self) -> &[MutantResult] {
        &self.results
    }

    /// Those that no test kills though somebody tells them from the policy.
    pub fn survived(&self) -> impl Iterator<Item = &MutantResult> {
        self.results.iter().filter(|result| matches!(result.state, MutantState::Survived(_)))
    }

    /// How many a test kills.
    pub fn killed(&self) -> usize {
        self.count(|state| matches!(state, MutantState::Killed(_)))
    }

    /// How many nobody tells from the policy.
    pub fn equivalent(&self) -> usize {
        self.count(|state| matches!(state, MutantState::Equivalent))
    }

    /// Of how many that was not found out.
    pub fn unknown(&self) -> usize {
        self.count(|state| matches!(state, MutantState::Unknown(_)))
    }

    fn count(&self, wanted: impl Fn(&MutantState) -> bool) -> usize {
        self.results.iter().filter(|result| wanted(&result.state)).count()
    }

    /// How many are killed, of how many that are killed or survive; `None` where there are none of these.
    pub fn score(&self) -> Option<(usize, usize)> {
        let killed = self.killed();
        let all = killed + self.survived().count();
        (all > 0).then_some((killed, all))
    }

    /// Whether the tests notice every mistake that there is to notice.
    pub fn is_full(&self) -> bool {
        self.survived().next().is_none() && self.unknown() == 0
    }

    /// How many mistakes were passed over because they leave no policy: its own checks find them.
    pub fn invalid(&self) -> usize {
        self.invalid
    }

    /// The day as of which nobody tells apart what is equivalent; `None` where no day matters to the policy.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// How many steps the searches took.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// How many were killed, survive, are equivalent and unknown, as a line of text.
    pub fn summary(&self, lang: Lang) -> String {
        // Rounded down: only all is everything.
        let percent = self.score().map(|(killed, all)| format!("{}%", killed * 100 / all));
        let args = [
            ("killed", self.killed().to_string()),
            ("survived", self.survived().count().to_string()),
            ("equivalent", self.equivalent().to_string()),
            ("unknown", self.unknown().to_string()),
            ("score", percent.unwrap_or_else(|| "-".to_owned())),
        ];
        phrase(Phrase::MutantsOf, &args, lang)
    }

    /// The summary, and the mutants that are not killed, or all.
    pub fn text(&self, all: bool, lang: Lang) -> String {
        let mut text = self.summary(lang) + "\n";
        for result in &self.results {
            let quiet = matches!(result.state, MutantState::Killed(_) | MutantState::Equivalent);
            if all || !quiet {
                text += &format!("{}\n  {}\n", result.mutant.text(lang), result.state.text(lang));
            }
        }
        text
    }
}

impl Policy {
    fn tree(&self) -> Ast {
        parse(self.source(), &self.inner.builder.limits).ast
    }

    fn mutants<'p>(&'p self, ast: &'p Ast) -> Mutants<'p> {
        let grid = steps(&self.plan).into_iter().map(|(span, step)| ((span.start(), span.end()), step)).collect();
        Mutants::new(ast, self.source(), &self.plan, grid)
    }
}

impl MutantState {
    /// `killed`, `survived`, `equivalent` or `unknown`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Killed(_) => "killed",
            Self::Survived(_) => "survived",
            Self::Equivalent => "equivalent",
            Self::Unknown(_) => "unknown",
        }
    }

    fn text(&self, lang: Lang) -> String {
        match self {
            Self::Killed(test) => phrase(Phrase::MutantKilled, &[("test", inside_quotes(test, lang))], lang),
            Self::Survived(telling) => {
                let comma = if lang == Lang::En { ", " } else { "，" };
                let list: Vec<String> = telling.differences.iter().map(|it| it.text(lang)).collect();
                let args = [("customer", telling.witness.to_string()), ("list", list.join(comma))];
                phrase(Phrase::MutantTold, &args, lang)
            }
            Self::Equivalent => phrase(Phrase::MutantEquivalent, &[], lang),
            Self::Unknown(Unknown::Steps) => phrase(Phrase::MutantSteps, &[], lang),
            Self::Unknown(Unknown::Records) => phrase(Phrase::MutantRecords, &[], lang),
            Self::Unknown(_) => phrase(Phrase::MutantUnknown, &[], lang),
        }
    }
}

impl TellingDifference {
    fn text(&self, lang: Lang) -> String {
        let what = match &*self.what {
            "tier" => phrase(Phrase::WhatTier, &[], lang),
            "rule" => phrase(Phrase::WhatRule, &[], lang),
            "cap" => phrase(Phrase::WhatCap, &[], lang),
            "floor" => phrase(Phrase::WhatFloor, &[], lang),
            other => other.to_owned(),
        };
        let told = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        let args = [("what", what), ("before", told(&self.policy)), ("after", told(&self.mutant))];
        phrase(Phrase::MutantDiffers, &args, lang)
    }
}

impl<'t> Bench<'t> {
    /// The tests that fail under a plan.
    fn failing<'b>(&'b self, plan: &'b Arc<Plan>) -> impl Iterator<Item = &'b Trial<'t>> {
        let old = self.policy.plan.names();
        self.trials.iter().filter(move |trial| {
            let expected = translated(&trial.case.expected, old, plan.names());
            let at = At::on(trial.day);
            let outcome = match is_exact(&expected) {
                true => classified(plan, &trial.customer, at),
                false => classify(plan, &trial.customer, at, &mut ()),
            };
            let differences = match &outcome {
                Ok(outcome) => judge(&expected, plan, outcome),
                Err(error) => refused(&expected, plan, error),
            };
            !differences.is_empty()
        })
    }

    /// What becomes of a mutant; `None` where it is no policy.
    fn mistaken(&self, ast: &Ast) -> Option<(MutantState, u32)> {
        let Inner { builder, source, .. } = &*self.policy.inner;
        let (checked, found) = check(ast, source, &builder.schema, &builder.limits, &builder.permissions);
        if found.has_errors() {
            return None;
        }
        let plan = Arc::new(lower(&checked));
        if let Some(killer) = self.failing(&plan).next() {
            return Some((MutantState::Killed(Tests::full_name(killer.case)), 0));
        }
        let old = &self.policy.plan;
        let (told, steps) = with_nobody(old, self.day, |one| {
            with_nobody(&plan, self.day, |two| told_apart([one, two], self.budget.steps()))
        });
        let state = match told {
            Told::Same => MutantState::Equivalent,
            Told::Unknown(unknown) => MutantState::Unknown(unknown),
            Told::Apart(apart) => {
                let [one, _] = apart.people;
                let differences = differences([old, &plan], &apart.said);
                // The plan of each mutant would be kept for nothing.
                let own = one.facts.iter().all(|(thing, _)| thing.side == 0);
                let plans: Plans = if own { [Arc::clone(old)].into() } else { [Arc::clone(old), plan].into() };
                MutantState::Survived(Box::new(Telling { witness: Witness::new(&plans, 0, one), differences }))
            }
        };
        Some((state, steps))
    }
}

/// Whether a test expects something of what is possible.
fn is_exact(expected: &Expected) -> bool {
    matches!(expected, Expected::Outcome(wanted) if wanted.certain || wanted.possible.is_some())
}

/// What is said differently, by name.
fn differences([old, new]: [&Plan; 2], [before, after]: &[Said; 2]) -> Vec<TellingDifference> {
    let both = named(old, before).into_iter().zip(named(new, after)).filter(|((_, one), (_, two))| one != two);
    both.map(|((what, policy), (_, mutant))| TellingDifference { what, policy, mutant }).collect()
}

fn named(plan: &Plan, said: &Said) -> Vec<(String, Option<String>)> {
    let names = plan.names();
    let owned = |name: Option<&str>| name.map(str::to_owned);
    let limit = |at: Option<usize>| owned(names.adjustments.get(at?)?.name.as_deref());
    let [floor, cap] = said.moved;
    let mut all = vec![
        ("tier".to_owned(), owned(said.tier.and_then(|tier| names.tier(tier as usize)))),
        ("rule".to_owned(), said.rule.and_then(|rule| owned(names.rules.get(rule.index())?.name.as_deref()))),
        ("floor".to_owned(), limit(floor)),
        ("cap".to_owned(), limit(cap)),
    ];
    for ((bound, at, _), member) in plan.segments().zip(&said.segments) {
        let ty = names.segments.get(at as usize).map(|(_, ty)| ty);
        let name = match ty {
            Some(crate::schema::Type::OneOf(members)) => {
                member.and_then(|member| owned(members.name(member).map(|it| &**it)))
            }
            _ => None,
        };
        all.push((names.bound(bound).to_owned(), name));
    }
    for ((bound, ..), points) in plan.scores().zip(&said.scores) {
        all.push((names.bound(bound).to_owned(), points.map(canonical)));
    }
    all
}

/// What is expected, by the places that names have in another plan; what is not there can never be.
fn translated(expected: &Expected, old: &Names, new: &Names) -> Expected {
    let Expected::Outcome(wanted) = expected else { return expected.clone() };
    const NOWHERE: usize = usize::MAX;
    let tier = |tier: Option<usize>| {
        let name = old.tiers.get(tier?);
        Some(new.tiers.iter().position(|known| Some(known) == name).unwrap_or(NOWHERE))
    };
    let by = |by: By| match by {
        By::Rule(at) => {
            let name = old.rules.get(at).and_then(|place| place.name.as_ref());
            By::Rule(new.rules.iter().position(|place| place.name.as_ref() == name).unwrap_or(NOWHERE))
        }
        By::Adjustment(at) => {
            let name = old.adjustments.get(at).and_then(|place| place.name.as_ref());
            By::Adjustment(new.adjustments.iter().position(|place| place.name.as_ref() == name).unwrap_or(NOWHERE))
        }
    };
    let possible: Option<BTreeSet<Option<usize>>> =
        wanted.possible.as_ref().map(|all| all.iter().map(|own| tier(*own)).collect());
    Expected::Outcome(Wanted { tier: tier(wanted.tier), by: wanted.by.map(by), possible, ..wanted.clone() })
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(false, Lang::En))
    }
}

impl fmt::Debug for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mutation:\n{self}")
    }
}

impl Serialize for Mutation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("full", &self.is_full())?;
        map.serialize_entry("killed", &self.killed())?;
        map.serialize_entry("survived", &self.survived().count())?;
        map.serialize_entry("equivalent", &self.equivalent())?;
        map.serialize_entry("unknown", &self.unknown())?;
        map.serialize_entry("invalid", &self.invalid)?;
        map.serialize_entry("as_of", &self.as_of.map(|day| day.to_string()))?;
        map.serialize_entry("steps", &self.steps)?;
        map.serialize_entry("mutants", &self.results)?;
        map.end()
    }
}

impl Serialize for MutantResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("kind", &self.mutant.kind())?;
        map.serialize_entry("line", &self.mutant.line())?;
        map.serialize_entry("before", self.mutant.before())?;
        map.serialize_entry("after", &self.mutant.after())?;
        map.serialize_entry("state", self.state.as_str())?;
        match &self.state {
            MutantState::Killed(test) => map.serialize_entry("test", test)?,
            MutantState::Survived(telling) => {
                map.serialize_entry("customer", &telling.witness)?;
                map.serialize_entry("differences", &telling.differences)?;
            }
            MutantState::Unknown(unknown) => map.serialize_entry("reason", unknown.as_str())?,
            MutantState::Equivalent => {}
        }
        map.end()
    }
}
