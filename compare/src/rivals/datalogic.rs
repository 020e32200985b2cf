//! `datalogic-rs`: JSONLogic, one `if` over all rules, on parsed data and a reused arena.

use std::fmt::Write;

use datalogic_rs::bumpalo::Bump;
use datalogic_rs::{Engine as Datalogics, Logic, ParsedData};

use super::text::numbers;
use crate::account::Field;
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::{Condition, Op, Rules, quoted};

pub(super) struct Datalogic {
    engine: Datalogics,
    logic: Logic,
    arena: Bump,
}

fn logic(of: &Condition) -> String {
    match of {
        Condition::Compare(field, op, units) => comparison(*field, *op, *units),
        Condition::RegionIn(regions) => format!(r#"{{"in":[{{"var":"region"}},[{}]]}}"#, quoted(regions)),
        Condition::Not(inner) => format!(r#"{{"and":[{{"var":"region"}},{{"!":[{}]}}]}}"#, logic(inner)),
        Condition::And(parts) => joined("and", parts),
        Condition::Or(parts) => joined("or", parts),
    }
}

/// A missing number counts as zero, which all cuts lie above; only what zero would fulfil is guarded.
fn comparison(field: Field, op: Op, units: i64) -> String {
    let plain = format!(r#"{{"{}":[{{"var":"{}"}},{units}]}}"#, op.sign(), field.name());
    match op {
        Op::Gt | Op::Ge => plain,
        Op::Lt | Op::Le => format!(r#"{{"and":[{{"!==":[{{"var":"{}"}},null]}},{plain}]}}"#, field.name()),
    }
}

fn joined(by: &str, parts: &[Condition]) -> String {
    let parts: Vec<String> = parts.iter().map(logic).collect();
    format!(r#"{{"{by}":[{}]}}"#, parts.join(","))
}

impl Engine for Datalogic {
    type Source = String;
    type Input = ParsedData;

    fn write(rules: &Rules) -> Result<String, String> {
        if rules.cuts().iter().any(|(_, units)| *units <= 0) {
            return Err("a cut is not above zero".into());
        }
        let mut text = r#"{"if":["#.to_owned();
        for (condition, tier) in &rules.pushed_down().rules {
            let _ = write!(text, "{},{tier},", logic(condition));
        }
        let _ = write!(text, "{}]}}", rules.otherwise);
        Ok(text)
    }

    fn load(text: &String) -> Result<Self, String> {
        let engine = Datalogics::new();
        let logic = engine.compile(text.as_str()).map_err(|error| error.to_string())?;
        Ok(Self { engine, logic, arena: Bump::new() })
    }

    fn convert(&self, customer: &Pair) -> ParsedData {
        let mut json = String::with_capacity(256);
        json.push('{');
        for (name, units) in numbers(&customer.cents).filter_map(|(name, units)| Some((name, units?))) {
            let _ = write!(json, r#""{name}":{units},"#);
        }
        let _ = match &customer.cents.region {
            Some(region) => write!(json, r#""region":"{region}"}}"#),
            None => write!(json, r#""region":null}}"#),
        };
        ParsedData::from_json(&json).expect("the JSON is sound")
    }

    fn decide(&mut self, data: &ParsedData) -> Option<Answer> {
        self.arena.reset();
        let tier = self.engine.evaluate(&self.logic, data, &self.arena).ok()?.as_i64()?;
        Some(Answer::tier(tier as usize))
    }
}
