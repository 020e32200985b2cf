//! Until when a tier holds, against walking every day.
//!
//! `TIERWISE_PASSING_CASES` sets the number of cases (256 by default).

#[path = "support/histories.rs"]
mod generate;
#[path = "support/runner.rs"]
mod runner;

use std::cell::Cell;

use chrono::{Days, NaiveDate};
use generate::{DAYS, Dice, Generator, customer, rates};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use runner::runner;
use serde_json::{Value, json};
use tierwise::{At, Customer, Horizon, Policy};

/// So many days are walked.
const WALKED: u64 = 420;

/// What decides a day: the tier by its place and the rule, or the code of the refusal.
type OnDay = Result<(Option<usize>, Option<usize>), String>;

/// Every change of tier by looking at every day; a refusal ends it.
fn walked(decide: impl Fn(NaiveDate) -> OnDay, from: NaiveDate, last: NaiveDate) -> Vec<(NaiveDate, OnDay)> {
    let mut changes = Vec::new();
    let mut now = decide(from);
    for date in from.iter_days().skip(1).take_while(|date| *date <= last) {
        let next = decide(date);
        let same = matches!((&now, &next), (Ok((a, _)), Ok((b, _))) if a == b);
        let refused = next.is_err();
        if !same {
            changes.push((date, next.clone()));
        }
        now = next;
        if refused {
            break;
        }
    }
    changes
}

/// The same as the policy forecasts it.
fn forecast(policy: &Policy, customer: &Customer, at: At<'_>, last: NaiveDate) -> Vec<(NaiveDate, OnDay)> {
    let tiers: Vec<&str> = policy.tiers().collect();
    let place = |tier: Option<&str>| tier.map(|tier| tiers.iter().position(|known| *known == tier).unwrap());
    let forecast = policy.forecast([customer], at, last);
    let changes = forecast.changes().map(|(_, change)| {
        let day = match change.refusal() {
            Some(error) => Err(error.code().to_owned()),
            None => Ok((place(change.to()), change.rule_id().map(|rule| rule.index()))),
        };
        (change.on(), day)
    });
    changes.collect()
}

/// Questions about the passing of time that the generator of histories does not ask.
const QUESTIONS: [&str; 17] = [
    "last_order_on within 45 days",
    "days_since_last_order > 30",
    "tenure_months >= 14",
    "today - last_order_on >= 60",
    "months_between(customer_since, today) between 13 and 16",
    "customer_since + 13 months <= today",
    "last_order_on < today - 2 months",
    "year(today) = 2026",
    "month(today) in (1, 2, 12)",
    "floor(tenure_months / 3) = 5",
    "max(first_order_on, customer_since) within 400 days",
    "today > 2026-08-01",
    "count(orders where placed_on within 30 days) > 0",
    "any(orders where today - placed_on < 20)",
    "-days_since_last_order < -40 and today - customer_since > 500",
    "abs(today - current.since) > 100",
    "days_between(last_order_on, today) * 0.1234567890123456789012345678 > 5",
];

fn policy(dice: &mut Dice<'_>) -> String {
    let mut source = Generator { dice, lets: 0, parents: false }.policy();
    let mut rules = String::new();
    for _ in 0..1 + dice.roll(3) {
        rules += &format!("{} => {}\n", dice.pick(&QUESTIONS), dice.pick(&["A", "B", "C", "D"]));
    }
    if dice.roll(3) == 0 {
        rules += &format!("{} and {} => B\n", dice.pick(&QUESTIONS), dice.pick(&QUESTIONS));
    }
    // Rules are asked in the order in which they stand, wherever other statements do.
    let at = source.find("collection stays").unwrap();
    source.insert_str(at, &rules);
    source
}

#[test]
fn a_tier_holds_until_the_day_that_walking_finds() {
    let (all, changed, refused, several) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let count = |cell: &Cell<usize>, more: bool| cell.set(cell.get() + usize::from(more));
    let mut runner = runner("passing", "TIERWISE_PASSING_CASES");
    let choices = (vec(any::<u16>(), 0..200), vec(any::<u16>(), 0..400));
    let result = runner.run(&choices, |(policy_choices, facts)| {
        let source = policy(&mut Dice(policy_choices.iter()));
        let policy = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        let mut dice = Dice(facts.iter());
        let as_of: NaiveDate = dice.pick(&DAYS).parse().unwrap();
        let mut facts = customer(&mut dice, as_of);
        // Orders of the future come in on their days.
        let future = as_of + Days::new(dice.roll(90) as u64);
        if let Some(order) = facts["orders"].as_array_mut().and_then(|orders| orders.first_mut())
            && dice.roll(3) == 0
        {
            order["placed_on"] = json!(future.to_string());
        }
        if dice.roll(3) == 0 {
            let group: Vec<Value> = (0..dice.roll(3)).map(|_| customer(&mut dice, as_of)).collect();
            facts["group"] = group.into();
        }
        let since = as_of - Days::new(300 + dice.roll(200) as u64);
        facts["customer_since"] = json!(since.to_string());
        facts["current"] = json!({ "since": since.to_string() });
        let customer = Customer::from_serialize(&facts).unwrap();
        let rates = rates();
        let at = |date: NaiveDate| At::on(date).rates(&rates);
        let decide = |date: NaiveDate| match policy.decide(&customer, at(date)) {
            Ok(decided) => Ok((decided.tier().map(|tier| tier.index()), decided.rule().map(|rule| rule.index()))),
            Err(error) => Err(error.code().to_owned()),
        };
        let failed = |error: String| TestCaseError::fail(format!("{error}\n{source}\nas of {as_of}: {facts:#}"));
        let last = as_of + Days::new(WALKED);
        count(&all, true);
        let holds = policy.holds_until(&customer, at(as_of), Horizon::until(last));
        if decide(as_of).is_err() {
            count(&refused, true);
            prop_assert_eq!(holds.map(|_| ()).map_err(|error| error.code().to_owned()), decide(as_of).map(|_| ()));
            return Ok(());
        }
        let walked = walked(decide, as_of, last);
        let until = walked.first().map(|(date, _)| *date - Days::new(1));
        count(&changed, until.is_some());
        count(&several, walked.len() > 2);
        let holds = holds.map_err(|error| failed(error.to_string()))?;
        if holds.until() != until || forecast(&policy, &customer, at(as_of), last) != walked {
            let forecast = forecast(&policy, &customer, at(as_of), last);
            return Err(failed(format!("{holds:?}\n{forecast:?}, but every day: {walked:?}")));
        }
        Ok(())
    });
    let [all, changed, refused, several] = [&all, &changed, &refused, &several].map(Cell::get);
    println!("{all} customers: {refused} refused, {changed} change, {several} more than twice");
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(changed * 3 >= all && several * 20 >= all, "too little was looked at");
}
