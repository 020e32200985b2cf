//! Customers by chance (feature `proptest`): whoever is made is taken, meets the policy's thresholds from both sides, lacks
//! things, gives no sensitive fact away, and can be written down as a test.

#[path = "support/runner.rs"]
mod runner;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use runner::runner;
use tierwise::chrono::NaiveDate;
use tierwise::{Customer, Explanation, GeneratedCustomer, Policy, explain::Actual, reference};

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 30).unwrap()
}

/// Calls `look` with customers of a policy.
fn customers(policy: &Policy, look: impl Fn(GeneratedCustomer) -> Result<(), TestCaseError>) {
    let result = runner("generated", "PROPTEST_CASES").run(&policy.any_customer(day()), look);
    result.unwrap_or_else(|error| panic!("{error}\n{}", policy.source()));
}

const POLICIES: [&str; 6] = [
    include_str!("../examples/policies/distributor_abcd.tier"),
    include_str!("../examples/policies/enterprise_size.tier"),
    include_str!("../examples/policies/lifecycle.tier"),
    include_str!("../examples/policies/retail_membership_zh.tier"),
    include_str!("../examples/policies/scorecard_rating.tier"),
    include_str!("../examples/policies/twin/key_accounts.tier"),
];

#[test]
fn everybody_is_taken_and_many_rules_have_their_customers() {
    for source in POLICIES {
        let policy = Policy::parse(source).unwrap();
        let lines = RefCell::new(BTreeMap::<Option<u32>, usize>::new());
        let uncertain = RefCell::new(0);
        customers(&policy, |customer| {
            let outcome = policy.classify(&customer, day()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            *lines.borrow_mut().entry(outcome.line()).or_default() += 1;
            *uncertain.borrow_mut() += usize::from(!outcome.is_certain());
            let naive = reference::classify(&policy, &Customer::from(customer), day()).unwrap();
            prop_assert_eq!(naive.tier.as_deref(), outcome.tier());
            Ok(())
        });
        let (lines, uncertain) = (lines.into_inner(), uncertain.into_inner());
        println!("{}: {lines:?}, {uncertain} uncertain", policy.name().unwrap());
        // A lifecycle has no ladder, and most floors of enterprises are those of another sector.
        let many = !matches!(policy.name(), Some("Customer lifecycle" | "Enterprise size"));
        assert!(!many || (lines.len() >= 3 && uncertain > 0), "{lines:?}, {uncertain} uncertain");
    }
}

/// The values of a fact, as explanations tell them.
fn value(why: &Explanation, name: &str) -> Option<Actual> {
    why.facts().find(|(known, _)| *known == name).map(|(_, value)| value)
}

#[test]
fn thresholds_are_met_below_at_and_above() {
    let policy = Policy::parse(
        "field rate: number 0..1 scale 4
         field level: integer 0..10 required
         rate >= 30% and level > 7 and last_order_on within 90 days => A
         annual_spend - lifetime_value > 1M => B
         tags contains \"press\" or region starts with \"north\" => C
         sum(orders.amount in last 30 days) > 500 => D
         otherwise => E",
    )
    .unwrap();
    let seen = RefCell::new(BTreeMap::<(String, String), usize>::new());
    customers(&policy, |customer| {
        let why = policy.explain(&customer, day()).unwrap();
        for name in ["rate", "level", "last_order_on", "annual_spend", "tags", "region"] {
            let told = value(&why, name).map(|value| format!("{value:?}")).unwrap_or_default();
            *seen.borrow_mut().entry((name.to_owned(), told)).or_default() += 1;
        }
        Ok(())
    });
    let seen = seen.into_inner();
    let met = |name: &str, value: &str| {
        let count: usize =
            seen.iter().filter(|((known, told), _)| known == name && told.contains(value)).map(|(_, n)| n).sum();
        assert!(
            count > 0,
            "{name}: {value} is not among {:?}",
            seen.keys().filter(|(known, _)| known == name).collect::<Vec<_>>()
        );
    };
    for value in ["Number(0.3)", "Number(0.2999)", "Number(0.3001)", "Number(0)", "Number(1)", "Missing"] {
        met("rate", value);
    }
    for value in ["Number(6)", "Number(7)", "Number(8)", "Number(0)", "Number(10)"] {
        met("level", value);
    }
    for value in ["2026-04-01", "2026-04-02", "2026-03-31", "2026-06-30", "2026-07-01", "Missing"] {
        met("last_order_on", value);
    }
    for value in ["Number(1000000)", "Number(999999.99)", "Number(1000000.01)"] {
        met("annual_spend", value);
    }
    met("tags", "press");
    met("region", "north-7");
    assert!(!seen.contains_key(&("level".to_owned(), "Missing".to_owned())), "what is required is there");
}

#[test]
fn a_customer_can_be_kept_as_a_test() {
    for source in POLICIES {
        let policy = Policy::parse(source).unwrap();
        customers(&policy, |customer| {
            let outcome = policy.classify(&customer, day()).unwrap();
            let tier = outcome.tier().unwrap_or("none");
            let test = format!("use \"p.tier\"\ntest \"kept\" as of 2026-06-30: {customer:?} => {tier}");
            let tests = policy.tests_in(&test).map_err(|error| TestCaseError::fail(format!("{error}\n{test}")))?;
            prop_assert!(tests.run().is_passed(), "{}\n{}", tests.run(), test);
            Ok(())
        });
    }
}

#[test]
fn sensitive_facts_are_neither_shown_nor_drawn_from_the_policy() {
    let policy = Policy::parse(
        "field income: money sensitive
         field illness: text sensitive
         field orders.note: text sensitive
         income > 12345678.9 or illness = \"gout\" or count(orders where note = \"secret\") > 0 => A
         otherwise => B",
    )
    .unwrap();
    customers(&policy, |customer| {
        let told = format!("{customer:?}");
        prop_assert!(!["123456", "gout", "secret", "elsewhere"].iter().any(|word| told.contains(word)), "{}", told);
        let outcome = policy.classify(&customer, day()).unwrap();
        prop_assert_eq!(outcome.tier(), Some("B"));
        Ok(())
    });
}
