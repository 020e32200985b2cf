//! Order histories by chance: the plan agrees with the reference evaluator, which looks at every element, every day and
//! every completion for itself.

#[path = "support/agree.rs"]
mod agree;
#[path = "support/histories.rs"]
mod generate;
#[path = "support/half.rs"]
mod half;
#[path = "support/runner.rs"]
mod runner;

use std::cell::Cell;

use agree::same;
use chrono::NaiveDate;
use generate::{DAYS, Dice, Generator, customer, rates};
use half::half;
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use serde_json::Value;
use tierwise::reference::{self, Setting};
use tierwise::{At, Customer, Policy};

#[derive(Default)]
struct Seen {
    all: Cell<usize>,
    refused: Cell<usize>,
    uncertain: Cell<usize>,
    reached: Cell<usize>,
    noticed: Cell<usize>,
}

fn agree(policy: &Policy, customer: &Customer, as_of: NaiveDate, seen: &Seen) -> Result<(), TestCaseError> {
    let count = |cell: &Cell<usize>, more: bool| cell.set(cell.get() + usize::from(more));
    let rates = rates();
    let at = At::on(as_of).rates(&rates);
    let naive =
        reference::classify_with(policy, customer, Setting { as_of, rates: Some(&rates), without_parent: false });
    count(&seen.all, true);
    let outcome = match (policy.classify(customer, at), naive) {
        (Ok(outcome), Ok(naive)) => (outcome, naive),
        (Err(error), Err(naive)) => {
            count(&seen.refused, true);
            prop_assert_eq!(error.code(), naive.code());
            prop_assert_eq!(policy.decide(customer, at).unwrap_err(), error);
            return Ok(());
        }
        (plan, naive) => {
            return Err(TestCaseError::fail(format!("the plan says {plan:?}, the reference {naive:?}")));
        }
    };
    let (outcome, naive) = outcome;
    same(&outcome, &naive)?;
    count(
        &seen.noticed,
        naive.findings.iter().any(|(code, _)| matches!(&**code, "F0111" | "F0112" | "F0113" | "F0114")),
    );
    count(&seen.reached, naive.reached.len() > 1);
    count(&seen.uncertain, !outcome.is_certain());
    let decided = policy.decide(customer, at).unwrap();
    prop_assert_eq!((decided.tier(), decided.rule()), (outcome.tier_id(), outcome.rule_id()));
    prop_assert!(outcome.is_certain() || !decided.is_certain());
    let why = policy.explain(customer, at).unwrap();
    prop_assert_eq!(why.outcome(), &outcome, "explaining changes the outcome");
    prop_assert!(!why.to_string().is_empty() && serde_json::to_string(&why).is_ok());
    Ok(())
}

#[test]
fn plan_and_reference_agree_on_histories() {
    agree_on_half(0);
}

#[test]
fn plan_and_reference_agree_on_other_histories() {
    agree_on_half(1);
}

fn agree_on_half(at: u32) {
    let seen = Seen::default();
    let mut runner = half("histories", "TIERWISE_HISTORY_CASES", at);
    let choices = (vec(any::<u16>(), 0..200), vec(any::<u16>(), 0..400));
    let result = runner.run(&choices, |(policy, facts)| {
        let source = Generator { dice: &mut Dice(policy.iter()), lets: 0, parents: false }.policy();
        let policy = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        let (printed, equal) = Policy::printed(&source);
        prop_assert!(equal, "{}\nprinted as\n{}", source, printed);
        let printed = Policy::parse(&printed).unwrap();
        prop_assert_eq!(printed.fingerprint(), policy.fingerprint());
        let mut dice = Dice(facts.iter());
        for _ in 0..3 {
            let as_of: NaiveDate = dice.pick(&DAYS).parse().unwrap();
            let mut facts = customer(&mut dice, as_of);
            if dice.roll(3) > 0 {
                let group: Vec<Value> = (0..dice.roll(4)).map(|_| customer(&mut dice, as_of)).collect();
                facts["group"] = group.into();
            }
            let failed = |error| TestCaseError::fail(format!("{error}\n{source}\nas of {as_of}: {facts:#}"));
            let customer = Customer::from_serialize(&facts).unwrap();
            agree(&policy, &customer, as_of, &seen).map_err(failed)?;
        }
        Ok(())
    });
    let [all, refused, uncertain, reached, noticed] =
        [&seen.all, &seen.refused, &seen.uncertain, &seen.reached, &seen.noticed].map(Cell::get);
    println!(
        "{all} customers: {refused} refused, {uncertain} uncertain, {reached} of several tiers, {noticed} noticed"
    );
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    for (what, count) in [("refused", refused), ("uncertain", uncertain), ("reached", reached), ("noticed", noticed)] {
        assert!(count * 50 >= all, "{what}: {count} of {all}");
    }
}
