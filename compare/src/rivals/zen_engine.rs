//! `zen-engine`: a decision table that was compiled, the first row that fits decides.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use serde_json::{Map, Value, json};
use zen_engine::model::GraphContent;
use zen_engine::{Decision, Variable};
use zen_expression::variable::VariableMap;

use super::text::{alternatives, numbers};
use crate::account::{CentsAccount, Field};
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::{Condition, Rules, quoted};

pub(super) struct ZenEngine(Decision);

/// A customer as an object; what is missing is null.
pub(super) fn variable(account: &CentsAccount) -> Variable {
    let mut facts = VariableMap::with_capacity(9);
    for (name, units) in numbers(account) {
        facts.insert(Variable::key(name), units.map_or(Variable::Null, |units| Variable::Number(units.into())));
    }
    let region = account.region.as_deref().map_or(Variable::Null, |region| Variable::String(region.into()));
    facts.insert(Variable::key("region"), region);
    Variable::from_object(facts)
}

/// The column and the cell of a comparison. The comparison of null with a number is an error, and a cell that fails
/// does not fit.
fn cell(of: &Condition) -> (Field, String) {
    match of {
        Condition::Compare(field, op, units) => (*field, format!("{} {units}", op.sign())),
        Condition::RegionIn(regions) => (Field::Region, quoted(regions)),
        Condition::Not(inner) => match &**inner {
            Condition::RegionIn(regions) => (Field::Region, format!("$ != null and $ not in [{}]", quoted(regions))),
            other => unreachable!("`not` is pushed down: {other:?}"),
        },
        other => unreachable!("rows are conjunctions: {other:?}"),
    }
}

fn row(parts: &[Condition], tier: usize) -> Result<Value, String> {
    let mut row = Map::new();
    for (field, text) in parts.iter().map(cell) {
        if row.insert(field.name().to_owned(), text.into()).is_some() {
            return Err("a row has two cells in one column".into());
        }
    }
    row.insert("tier".to_owned(), tier.to_string().into());
    Ok(row.into())
}

impl Engine for ZenEngine {
    type Source = String;
    type Input = Variable;

    fn write(rules: &Rules) -> Result<String, String> {
        let mut rows = Vec::new();
        for (condition, tier) in &rules.pushed_down().rules {
            for parts in alternatives(condition) {
                rows.push(row(&parts, *tier)?);
            }
        }
        rows.push(row(&[], rules.otherwise)?);
        let inputs: Vec<Value> = rules
            .fields()
            .into_iter()
            .map(|field| json!({ "id": field.name(), "name": field.name(), "field": field.name() }))
            .collect();
        let table = json!({
            "rules": rows,
            "inputs": inputs,
            "outputs": [{ "id": "tier", "name": "tier", "field": "tier" }],
            "hitPolicy": "first",
        });
        Ok(json!({
            "nodes": [
                { "id": "in", "name": "in", "type": "inputNode" },
                { "id": "table", "name": "table", "type": "decisionTableNode", "content": table },
                { "id": "out", "name": "out", "type": "outputNode" },
            ],
            "edges": [
                { "id": "1", "sourceId": "in", "targetId": "table" },
                { "id": "2", "sourceId": "table", "targetId": "out" },
            ],
        })
        .to_string())
    }

    fn load(text: &String) -> Result<Self, String> {
        let content: GraphContent = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut decision = Decision::from(content);
        decision.compile();
        Ok(Self(decision))
    }

    fn convert(&self, customer: &Pair) -> Variable {
        variable(&customer.cents)
    }

    /// A table waits for nothing, so its future is ready when it is first asked.
    fn decide(&mut self, facts: &Variable) -> Option<Answer> {
        let evaluation = pin!(self.0.evaluate(facts.shallow_clone()));
        let Poll::Ready(Ok(response)) = evaluation.poll(&mut Context::from_waker(Waker::noop())) else { return None };
        let tier = response.result.dot("tier")?.as_number()?;
        Some(Answer::tier(tier.try_into().ok()?))
    }
}
