//! Hand-written Rust and tierwise answer what the oracle says, on every policy, at the cuts and far from them.

use tierwise_compare::account::{Account, CentsAccount};
use tierwise_compare::customers::{Facts, Pair, beside_cuts, customers};
use tierwise_compare::engine::{Answer, Engine};
use tierwise_compare::hand::{CentsScan, DecimalScan, Three, Twelve};
use tierwise_compare::oracle::verdict;
use tierwise_compare::ours::{OwnBound, OwnStruct, Tiers4, Unbound};
use tierwise_compare::policies::{Named, all_policies, generated, three, twelve};
use tierwise_compare::roster::{Kind, roster};
use tierwise_compare::rules::Rules;

fn all_customers(policy: &Named, count: usize) -> Vec<Pair> {
    let mut all = Vec::new();
    for facts in [Facts::Complete, Facts::Gaps] {
        all.extend(customers(count, facts));
        all.extend(beside_cuts(&policy.rules, count, facts));
    }
    all
}

#[test]
fn hand_written_and_tierwise_agree_with_the_oracle() {
    for policy in all_policies() {
        let count = if policy.rules.count() > 1_000 { 250 } else { 1_000 };
        let customers = all_customers(&policy, count);
        let oracle: Vec<Answer> =
            customers.iter().map(|customer| verdict(&policy.rules, &customer.exact).answer).collect();
        assert!(oracle.iter().any(|answer| answer.certain == Some(false)));
        for entrant in roster().into_iter().filter(|entrant| entrant.kind != Kind::Rival) {
            let mut contender = (entrant.enter)(&policy.rules).expect("the rules can be loaded");
            let checked = contender.prepare(&customers, &oracle);
            assert_eq!(checked, Ok(()), "{} with {}", entrant.name, policy.name);
        }
    }
}

#[test]
fn facts_out_of_range_are_refused() {
    let mut early = customers(1, Facts::Complete).remove(0);
    early.cents.frequency = Some(-1);
    let mut delighted = customers(1, Facts::Complete).remove(0);
    delighted.cents.satisfaction = Some(1_001);
    for customer in [&mut early, &mut delighted] {
        customer.exact = customer.cents.exact();
    }
    refused::<Three<Account>>(&three(), &early);
    refused::<Three<CentsAccount>>(&three(), &early);
    refused::<Unbound<OwnStruct>>(&three(), &early);
    for customer in [&early, &delighted] {
        refused::<Twelve<Account>>(&twelve(), customer);
        refused::<Twelve<CentsAccount>>(&twelve(), customer);
        refused::<Unbound<OwnStruct>>(&twelve(), customer);
        refused::<OwnBound<Account, Tiers4>>(&twelve(), customer);
        refused::<OwnBound<CentsAccount, Tiers4>>(&twelve(), customer);
        refused::<DecimalScan>(&generated(1_000), customer);
        refused::<CentsScan>(&generated(1_000), customer);
        refused::<Unbound<OwnStruct>>(&generated(1_000), customer);
    }
}

fn refused<E: Engine>(rules: &Rules, customer: &Pair) {
    let source = E::write(rules).expect("the rules can be written");
    let mut engine = E::load(&source).expect("the rules can be loaded");
    let input = engine.convert(customer);
    assert_eq!(engine.decide(&input), None, "{:?}", customer.cents);
}

#[cfg(feature = "rivals")]
#[test]
fn rivals_agree_with_the_oracle() {
    for policy in all_policies().into_iter().filter(|policy| policy.rules.count() <= 1_000) {
        let customers = all_customers(&policy, if policy.rules.count() < 100 { 150 } else { 25 });
        let oracle: Vec<Answer> =
            customers.iter().map(|customer| verdict(&policy.rules, &customer.exact).answer).collect();
        for entrant in roster().into_iter().filter(|entrant| entrant.kind == Kind::Rival) {
            let mut contender = match (entrant.enter)(&policy.rules) {
                Ok(contender) => contender,
                Err(reason) => panic!("{} with {}: {reason}", entrant.name, policy.name),
            };
            let checked = contender.prepare(&customers, &oracle);
            assert_eq!(checked, Ok(()), "{} with {}", entrant.name, policy.name);
        }
    }
}
