//! The section `portfolio` of a case: an object a line with `id`, `parent` and facts.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;
use tierwise::{Customer, Policy, Portfolio};

pub(crate) fn portfolio(body: &str) -> Portfolio<Customer> {
    let mut portfolio = Portfolio::new();
    for line in body.lines() {
        let member: Value = serde_json::from_str(line).unwrap();
        let facts = Customer::from_serialize(&member).unwrap();
        portfolio.add(member["id"].as_str().unwrap(), member["parent"].as_str(), facts);
    }
    portfolio
}

/// What each member comes to, by its id; of one that stands there again, by `ID again`.
pub(crate) fn members(
    body: &str,
    policy: &Policy,
    as_of: NaiveDate,
    describe: fn(&Value) -> String,
) -> BTreeMap<String, String> {
    let portfolio = portfolio(body);
    let all = policy.in_portfolio(&portfolio, as_of);
    let mut members = BTreeMap::new();
    for (at, outcome) in all.outcomes().enumerate() {
        let id = portfolio.id(at).unwrap().to_owned();
        let id = if members.contains_key(&id) { format!("{id} again") } else { id };
        let text = match outcome {
            Ok(outcome) => {
                assert_eq!(all.decide(at).unwrap().unwrap(), outcome.decided());
                assert_eq!(all.explain(at).unwrap().unwrap().outcome(), &outcome);
                describe(&serde_json::to_value(&outcome).unwrap())
            }
            Err(error) => format!("refused: {} {error}\n", error.code()),
        };
        members.insert(id, text);
    }
    members
}
