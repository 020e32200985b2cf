//! Properties on generated policies and facts: every evaluator agrees, what is possible is never left out, and nothing
//! panics on anything. `PROPTEST_CASES` and `PROPTEST_RNG_SEED` make a run reproducible; nothing is written to the tree.

#[path = "support/agree.rs"]
mod agree;
#[path = "support/generate.rs"]
mod generate;
#[path = "support/half.rs"]
mod half;
#[path = "support/replay.rs"]
mod replay;
#[path = "support/runner.rs"]
mod runner;
#[path = "support/shares.rs"]
mod shares;

use std::cell::Cell;

use agree::{classified, names, same};
use chrono::NaiveDate;
use generate::{Dice, Generator, customer, fact};
use half::half;
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use shares::Seen;
use tierwise::{Customer, Datum, Formatter, Policy, reference};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn shown(facts: &[(&str, Datum)]) -> String {
    facts.iter().map(|(name, fact)| format!("{name} = {}", generate::show(fact))).collect::<Vec<_>>().join(", ")
}

/// Everything that must hold of one customer; `Err` is a refusal that all agree on.
fn agree(
    policy: &Policy,
    printed: &Policy,
    customer: &Customer,
    replayed: &(Cell<usize>, Cell<usize>, Cell<usize>),
    seen: &Seen,
) -> Result<Option<(bool, bool)>, TestCaseError> {
    let naive = reference::classify(policy, customer, today());
    let outcome = match policy.classify(customer, today()) {
        Ok(outcome) => outcome,
        Err(error) => {
            prop_assert_eq!(naive.unwrap_err(), error.clone());
            prop_assert_eq!(policy.decide(customer, today()).unwrap_err(), error);
            return Ok(None);
        }
    };
    let naive = naive.unwrap();
    same(&outcome, &naive)?;
    seen.look(&naive);
    let why = policy.explain(customer, today()).unwrap();
    prop_assert_eq!(why.outcome(), &outcome, "explaining changes the outcome");
    let tiers: Vec<&str> = policy.tiers().collect();
    let count = replay::check(&why, &tiers).map_err(|error| TestCaseError::fail(format!("{error}\n{why:#}")))?;
    replayed.0.set(replayed.0.get() + count.worked_out.get());
    replayed.1.set(replayed.1.get() + count.trusted.get());
    replayed.2.set(replayed.2.get() + count.made_up.get());
    let decided = policy.decide(customer, today()).unwrap();
    prop_assert_eq!((decided.tier(), decided.rule()), (outcome.tier_id(), outcome.rule_id()));
    // A decision takes no search: it may not know that it is certain.
    prop_assert!(outcome.is_certain() || !decided.is_certain());
    seen.add("certain", outcome.is_certain());
    seen.add("certain by search alone", outcome.is_certain() && !decided.is_certain());
    let again = printed.classify(customer, today()).unwrap();
    prop_assert_eq!(again.tier(), outcome.tier());
    prop_assert_eq!(classified(&again), classified(&outcome));
    prop_assert_eq!(naive.findings.len(), agree::findings(&again).len());
    prop_assert_eq!(names(again.possible()), names(outcome.possible()));
    Ok(Some((!outcome.is_certain(), outcome.rule_id().is_none_or(|rule| rule.index() > 0))))
}

/// Of a thousand customers, so many at the least.
const LEAST: [(&str, usize); 12] = [
    ("with scores", 200),
    ("with an open score", 80),
    ("with an open score of two ends", 40),
    ("with a known score", 50),
    ("with a score without result", 30),
    ("with a known segment", 50),
    ("with a segment without value", 50),
    ("with benefits", 80),
    ("with an unknown benefit", 20),
    ("F0107", 10),
    ("F0108", 4),
    ("with several tiers reached", 100),
];

#[test]
fn reference_plan_recorder_and_printed_source_agree() {
    agree_on_half(0);
}

#[test]
fn reference_plan_recorder_and_printed_source_agree_on_others() {
    agree_on_half(1);
}

fn agree_on_half(at: u32) {
    let (all, uncertain, beyond, refused) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let replayed = (Cell::new(0), Cell::new(0), Cell::new(0));
    let seen = Seen::default();
    let mut runner = half("evaluators", "TIERWISE_EVALUATOR_CASES", at);
    let choices = (vec(any::<u16>(), 0..900), vec(any::<u16>(), 0..240));
    let result = runner.run(&choices, |(policy, facts)| {
        let source = Generator::new(&mut Dice::new(&policy)).policy();
        let policy = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        let (printed, equal) = Policy::printed(&source);
        prop_assert!(equal, "{}\nprinted as\n{}", source, printed);
        let printed = Policy::parse(&printed).unwrap();
        prop_assert_eq!(printed.fingerprint(), policy.fingerprint());
        let mut dice = Dice::new(&facts);
        for _ in 0..3 {
            all.set(all.get() + 1);
            let facts = customer(&mut dice);
            let mut customer = Customer::new();
            facts.iter().for_each(|(name, fact)| customer.insert(name, fact.clone()));
            let failed = |error| TestCaseError::fail(format!("{error}\n{source}\n{}", shown(&facts)));
            match agree(&policy, &printed, &customer, &replayed, &seen).map_err(failed)? {
                Some((open, later)) => {
                    uncertain.set(uncertain.get() + usize::from(open));
                    beyond.set(beyond.get() + usize::from(later));
                }
                None => refused.set(refused.get() + 1),
            }
        }
        Ok(())
    });
    let (all, uncertain, beyond, refused) = (all.get(), uncertain.get(), beyond.get(), refused.get());
    println!("{all} customers: {uncertain} uncertain, {beyond} beyond the first rule, {refused} refused");
    let (worked_out, trusted, reached) = (replayed.0.get(), replayed.1.get(), replayed.2.get());
    println!("replayed: {worked_out} questions worked out, {trusted} taken as told, {reached} shortfalls made up");
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(uncertain * 10 >= all && beyond * 10 >= all && refused > 0, "too little was looked at");
    seen.judge(&LEAST);
    assert!(worked_out > 5 * all && trusted * 5 < worked_out && reached * 2 > all, "too little was replayed");
}

#[test]
fn a_fact_that_is_not_missing_in_the_outcome_cannot_change_the_tier() {
    let compared = Cell::new(0);
    let mut runner = runner("missing", "PROPTEST_CASES");
    let choices = (vec(any::<u16>(), 0..900), vec(any::<u16>(), 0..240));
    let result = runner.run(&choices, |(policy, facts)| {
        let source = Generator::new(&mut Dice::new(&policy)).policy();
        let policy = Policy::parse(&source).unwrap();
        let mut dice = Dice::new(&facts);
        // A tier that is not on the ladder would stay missing whatever completes it.
        let known_tier = |name: &str, fact: Datum| match (name, &fact) {
            ("current.tier" | "parent.tier", Datum::Text(tier)) if tier == "Z" => Datum::from("A"),
            _ => fact,
        };
        let fields: Vec<_> = policy.needs().fields().collect();
        let known: Vec<_> = fields
            .iter()
            .map(|field| (field.name(), dice.roll(2) == 0, known_tier(field.name(), fact(&mut dice, field.name()))))
            .collect();
        let mut partial = Customer::new();
        known.iter().filter(|(_, missing, _)| !missing).for_each(|(name, _, fact)| partial.insert(name, fact.clone()));
        let Ok(outcome) = policy.classify(&partial, today()) else { return Ok(()) };
        let matters: Vec<&str> = outcome.missing().collect();
        for (changed, _, _) in known.iter().filter(|(name, missing, _)| *missing && !matters.contains(name)) {
            // A standing's facts are undefined where they are absent; a default makes a fact known.
            let defaulted = |name: &str| fields.iter().any(|field| field.name() == name && field.has_default());
            if defaulted(changed) || *changed == "current.tier" {
                continue;
            }
            let complete = |other: Option<Datum>| {
                let mut full = Customer::new();
                for (name, missing, value) in &known {
                    // What is absent for good stays absent.
                    if !*missing || !(*name == "current.tier" || defaulted(name)) {
                        let value = other.clone().filter(|_| name == changed).unwrap_or(value.clone());
                        full.insert(name, value);
                    }
                }
                policy.classify(&full, today()).ok().map(|outcome| outcome.tier().map(str::to_owned))
            };
            let other = known_tier(changed, fact(&mut dice, changed));
            compared.set(compared.get() + 1);
            let (before, after) = (complete(None), complete(Some(other)));
            let facts: Vec<_> = known
                .iter()
                .map(|(name, missing, fact)| (if *missing { "missing" } else { *name }, fact.clone()))
                .collect();
            prop_assert_eq!(
                before,
                after,
                "{} does not matter in\n{}\n{}\n{:?}",
                changed,
                source,
                shown(&facts),
                outcome
            );
        }
        Ok(())
    });
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(compared.get() > 50, "only {} changes were compared", compared.get());
}

/// The fields that are made sensitive in turn.
const HIDDEN: [&str; 8] = ["n", "i", "m", "b", "d", "k", "t", "s"];

#[test]
fn customers_who_differ_in_sensitive_facts_alone_are_explained_alike() {
    let (compared, differing) = (Cell::new(0), Cell::new(0));
    let mut runner = runner("sensitive", "PROPTEST_CASES");
    let choices = (vec(any::<u16>(), 0..900), vec(any::<u16>(), 0..240), any::<u8>());
    let result = runner.run(&choices, |(policy, facts, hidden)| {
        let mut source = Generator::new(&mut Dice::new(&policy)).policy();
        let hidden: Vec<&str> = (0..8).filter(|at| hidden & (1 << at) != 0).map(|at| HIDDEN[at]).collect();
        for name in &hidden {
            let declared = generate::FIELDS.iter().find(|(field, _)| field == name).map(|(_, ty)| *ty).unwrap();
            let (plain, marked) =
                (format!("field {name}: {declared}\n"), format!("field {name}: {declared} sensitive\n"));
            source = source.replace(&plain, &marked);
        }
        let policy = Policy::parse(&source).unwrap();
        let mut dice = Dice::new(&facts);
        let facts = customer(&mut dice);
        let mut twins = [Customer::new(), Customer::new()];
        for (name, known) in &facts {
            let other = if hidden.contains(name) { fact(&mut dice, name) } else { known.clone() };
            twins[0].insert(name, known.clone());
            twins[1].insert(name, other);
        }
        let [Ok(a), Ok(b)] = twins.each_ref().map(|twin| policy.explain(twin, today())) else { return Ok(()) };
        if a.outcome() != b.outcome() {
            differing.set(differing.get() + 1);
            return Ok(());
        }
        compared.set(compared.get() + 1);
        let seen =
            |why: &tierwise::Explanation| format!("{why}\n{why:#}\n{}", serde_json::to_string_pretty(why).unwrap());
        prop_assert_eq!(seen(&a), seen(&b), "{}", source);
        Ok(())
    });
    let (compared, differing) = (compared.get(), differing.get());
    println!("{compared} pairs compared, {differing} with other outcomes");
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(compared > 100, "too little was compared");
}

/// Pieces of policies, put together at random: most of it is wrong somewhere.
const PIECES: [&str; 72] = [
    "a",
    "annual_spend",
    "frequency",
    "current.tier",
    "`x y`",
    "年消费额",
    "=>",
    ">",
    ">=",
    "=",
    "==",
    "<",
    "<>",
    "!=",
    "+",
    "-",
    "*",
    "/",
    "??",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    ";",
    "\n",
    " ",
    "..",
    "1",
    "1M",
    "200K USD",
    "0.5",
    "1,000",
    "1e6",
    "12m",
    "90 days",
    "2026-03-31",
    "2026-3-1",
    "2026-02-30",
    "\"text\"",
    "\"open",
    "“text”",
    "and",
    "or",
    "not",
    "in",
    "between",
    "is",
    "missing",
    "present",
    "within",
    "contains",
    "any",
    "if",
    "then",
    "else",
    "at least",
    "of",
    "otherwise",
    "cap",
    "floor",
    "when",
    "tiers",
    "field",
    "let",
    "assume",
    "min(",
    "score s {",
    "# comment\n",
];

#[test]
fn nothing_panics_on_anything() {
    let mut runner = runner("hostile", "PROPTEST_CASES");
    let piece = (0..PIECES.len(), any::<bool>());
    let strategy = (vec(piece, 0..60), vec(any::<u8>(), 0..200), any::<String>());
    let result = runner.run(&strategy, |(pieces, bytes, text)| {
        let mut source = String::new();
        for (piece, blank) in pieces {
            source += PIECES.get(piece).copied().unwrap_or_default();
            source += if blank { " " } else { "" };
        }
        for source in [source, String::from_utf8_lossy(&bytes).into_owned(), text] {
            match Policy::parse(&source) {
                Ok(policy) => {
                    let (printed, equal) = Policy::printed(&source);
                    prop_assert!(equal, "{}\nprinted as\n{}", source, printed);
                    let _ = policy.classify(&Customer::new(), today());
                }
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
            if let Ok(formatted) = Formatter::new().format(&source) {
                prop_assert_eq!(Policy::printed(&formatted), Policy::printed(&source), "{}", source);
                prop_assert_eq!(Formatter::new().format(&formatted).unwrap(), formatted);
            }
        }
        Ok(())
    });
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
        Just("1e400".into()),
        Just("NaN".into()),
        Just("2026-02-30".into()),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Into::into),
            vec((name(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect())
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        (0..generate::FIELDS.len()).prop_map(|at| generate::FIELDS[at].0.to_owned()),
        Just("current".into()),
        Just("tier".into())
    ]
}

#[test]
fn any_json_is_taken_or_refused() {
    let taken = Cell::new(0);
    let mut runner = runner("facts", "PROPTEST_CASES");
    let strategy = (vec(any::<u16>(), 0..200), vec((name(), json()), 0..16));
    let result = runner.run(&strategy, |(choices, facts)| {
        let policy = Policy::parse(&Generator::new(&mut Dice::new(&choices)).policy()).unwrap();
        let facts: serde_json::Value = facts.into_iter().collect();
        let customer = Customer::from_serialize(&facts).unwrap();
        match policy.classify(&customer, today()) {
            Ok(_) => taken.set(taken.get() + 1),
            Err(error) => prop_assert!(error.field().is_some()),
        }
        Ok(())
    });
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(taken.get() > 10);
}
