//! Mutants against trying everybody: on small grids the test that kills one fails for it and passes for the policy, who is said
//! to tell a mutant from the policy does, and of those that are said to be equivalent nobody does.
//!
//! `TIERWISE_MUTATION_CASES` sets the number of policies (256 by default).

#[path = "support/dice.rs"]
mod dice;
#[path = "support/grids.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod grids;
#[path = "support/half.rs"]
mod half;
#[path = "support/oracle.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod oracle;
#[path = "support/runner.rs"]
mod runner;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use dice::Dice;
use grids::{GRID, Point, Small, today};
use oracle::Tried;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use tierwise::{Budget, Customer, MutantKind, MutantResult, MutantState, Mutation, Policy};

/// So many mutants of a policy are looked at.
const LOOKED_AT: usize = 10;

/// A customer as a test gives it.
fn written(small: &Small, point: &Point) -> String {
    let facts = small.fields.iter().zip(point).map(|(field, value)| {
        let (name, _, values) = GRID[*field];
        value.map(|at| format!("{name} = {}", values[at]))
    });
    facts.flatten().collect::<Vec<_>>().join(", ")
}

/// What a test can hold a customer to.
fn said(policy: &Policy, customer: &Customer) -> String {
    let outcome = policy.classify(customer, today()).unwrap();
    let segments: Vec<_> = outcome.segments().map(|segment| segment.value().map(str::to_owned)).collect();
    let scores: Vec<_> = outcome.scores().map(|score| score.points()).collect();
    let limits: Vec<_> = outcome.adjusted_by().map(|by| format!("{by}")).filter(|by| !by.starts_with("line")).collect();
    format!("{:?} {:?} {limits:?} {segments:?} {scores:?}", outcome.tier(), outcome.rule())
}

#[test]
fn verdicts_are_what_trying_everybody_shows() {
    run(half::half("mutation", "TIERWISE_MUTATION_CASES", 0));
}

#[test]
fn verdicts_are_what_trying_everybody_shows_of_others() {
    run(half::half("mutation", "TIERWISE_MUTATION_CASES", 1));
}

fn run(mut runner: TestRunner) {
    let counts: RefCell<BTreeMap<String, usize>> = RefCell::default();
    let result = runner.run(&(vec(any::<u16>(), 0..300), vec(any::<u16>(), 1..30)), |(choices, tests)| {
        let small = Small::analysed(&choices)?;
        let tried = Tried::new(&small);
        let mut dice = Dice::new(&tests);
        let chosen: Vec<usize> = (0..dice.roll(8)).map(|_| dice.roll(tried.customers.len())).collect();
        let test = |(at, customer): (usize, &usize)| {
            let (point, customer) = &tried.customers[*customer];
            let outcome = small.policy.classify(customer, today()).unwrap();
            let certain = if outcome.is_certain() && at % 2 == 0 { " certain" } else { "" };
            format!("test \"t{at}\": {} => {}{certain}\n", written(&small, point), outcome.tier().unwrap_or("none"))
        };
        let text = format!("use \"policy.tier\"\n{}", chosen.iter().enumerate().map(test).collect::<String>());
        let tests = small.policy.tests_in(&text).map_err(|error| small.fail(&Vec::new(), &error.to_string()))?;
        // As many of its mutants are looked at, each by trying everybody.
        let mut rest = LOOKED_AT;
        let chosen = |at: usize, all: usize| {
            let wanted = dice.roll(all - at) < rest;
            rest -= usize::from(wanted);
            wanted
        };
        let mutation = Mutation::watched([&tests], Budget::of(5_000), chosen).unwrap();
        let own: Vec<String> = tried.customers.iter().map(|(_, customer)| said(&small.policy, customer)).collect();
        for result in mutation.results() {
            *counts.borrow_mut().entry(result.state().as_str().to_owned()).or_default() += 1;
            *counts.borrow_mut().entry(format!("{:?}", result.mutant().kind())).or_default() += 1;
        }
        for result in mutation.results() {
            let source = mutation.source_of(result.mutant());
            let context = format!("{}\n{text}\n{}\n{source}", small.source, describe(result));
            look(&tried, (&own, &text), (&source, result), &context)?;
        }
        Ok(())
    });
    println!("{:?}", counts.borrow());
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    let count = |name: &str| counts.borrow().get(name).copied().unwrap_or(0);
    for state in ["killed", "survived", "equivalent"] {
        assert!(count(state) > 0, "nothing {state}");
    }
    assert!(count("unknown") * 50 < count("equivalent") + count("survived"), "too much is not found out");
    use MutantKind::*;
    let kinds = [
        Comparison,
        Threshold,
        Connective,
        ConditionDropped,
        ConditionNegated,
        RuleDropped,
        Swapped,
        Tier,
        Points,
        Missing,
    ];
    for kind in kinds {
        assert!(count(&format!("{kind:?}")) > 0, "no {kind:?}");
    }
}

fn describe(result: &MutantResult) -> String {
    let mutant = result.mutant();
    format!("line {}: {} becomes {:?}: {:?}", mutant.line(), mutant.before(), mutant.after(), result.state())
}

fn look(
    tried: &Tried<'_>,
    (own, tests): (&[String], &str),
    (source, result): (&str, &MutantResult),
    context: &str,
) -> Result<(), TestCaseError> {
    let small = tried.small;
    let mutant = Policy::parse(source).map_err(|error| TestCaseError::fail(format!("{error}\n{context}")))?;
    prop_assert_ne!(mutant.fingerprint(), small.policy.fingerprint(), "nothing is mistaken\n{}", context);
    // A tier that the mutant lacks is expected in vain.
    let failing: Option<BTreeSet<String>> = mutant.tests_in(tests).ok().map(|tests| {
        let report = tests.run();
        report.results().iter().filter(|result| !result.is_passed()).map(|result| result.full_name()).collect()
    });
    let other = |at: usize| said(&mutant, &tried.customers[at].1);
    let tells = |at: usize| tried.allowed[at] && own[at] != other(at);
    match result.state() {
        MutantState::Killed(test) => {
            prop_assert!(failing.is_none_or(|failing| failing.contains(test)), "{test} passes\n{context}");
        }
        MutantState::Survived(telling) => {
            prop_assert_eq!(failing, Some(BTreeSet::new()), "{}", context);
            let facts: BTreeMap<String, String> =
                telling.customer().facts().map(|(name, value)| (name, value.unwrap().replace('_', ""))).collect();
            let customer = facts.iter().fold(Customer::new(), |customer, (name, value)| match &**value {
                "true" | "false" => customer.with(name, value == "true"),
                text => match text.parse::<Decimal>() {
                    Ok(number) => customer.with(name, number),
                    Err(_) => customer.with(name, text),
                },
            });
            let (before, after) = (said(&small.policy, &customer), said(&mutant, &customer));
            prop_assert_ne!(&before, &after, "{:?} does not tell\n{}", facts, context);
            let is = |point: &Point| {
                let mut fields = small.fields.iter().zip(point);
                fields.all(|(field, value)| {
                    let (name, _, values) = GRID[*field];
                    facts.get(name).map(String::as_str) == value.map(|at| values[at].trim_matches('"'))
                })
            };
            let at = tried.customers.iter().position(|(point, _)| is(point));
            // Everybody has a value where a fact has a default.
            let lacks = result.mutant().kind() == MutantKind::Missing && at.is_none();
            prop_assert!(lacks || at.is_some_and(tells), "{:?} breaks an assumption\n{}", facts, context);
            prop_assert!(!telling.differences().is_empty(), "{}", context);
        }
        MutantState::Equivalent => {
            let somebody = (0..own.len()).find(|at| tells(*at));
            let shown = somebody.map(|at| (written(small, &tried.customers[at].0), &own[at], other(at)));
            prop_assert!(somebody.is_none(), "{:?} tells\n{}", shown, context);
        }
        _ => {}
    }
    Ok(())
}
