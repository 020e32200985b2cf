//! `rust-rule-engine`: rules in GRL by falling salience, in one activation group, so that the first that fits fires.

use std::fmt::Write;

use rust_rule_engine::engine::EngineConfig;
use rust_rule_engine::{Facts, KnowledgeBase, RustRuleEngine as Grule, Value};

use super::text::{Syntax, conditions, numbers};
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::Rules;

/// A missing fact is null, which is in no order with a number.
struct Text;

impl Syntax for Text {}

pub(super) struct RustRuleEngine {
    engine: Grule,
    otherwise: i64,
}

impl Engine for RustRuleEngine {
    type Source = (String, usize);
    type Input = Facts;

    fn write(rules: &Rules) -> Result<Self::Source, String> {
        let mut text = String::new();
        for (at, (condition, tier)) in conditions::<Text>(rules).into_iter().enumerate() {
            let salience = rules.count() - at;
            let _ = writeln!(
                text,
                "rule \"r{at}\" salience {salience} activation-group \"tier\" {{ when {condition} then tier = {tier}; }}"
            );
        }
        Ok((text, rules.otherwise))
    }

    fn load((text, otherwise): &Self::Source) -> Result<Self, String> {
        let rules = KnowledgeBase::new("tiers");
        rules.add_rules_from_grl(text).map_err(|error| error.to_string())?;
        let once = EngineConfig { max_cycles: 1, timeout: None, enable_stats: false, debug_mode: false };
        Ok(Self { engine: Grule::with_config(rules, once), otherwise: *otherwise as i64 })
    }

    fn convert(&self, customer: &Pair) -> Facts {
        let facts = Facts::new();
        for (name, units) in numbers(&customer.cents).filter_map(|(name, units)| Some((name, units?))) {
            facts.set(name, Value::Integer(units));
        }
        if let Some(region) = &customer.cents.region {
            facts.set("region", Value::String(region.clone()));
        }
        facts
    }

    fn decide(&mut self, facts: &Facts) -> Option<Answer> {
        facts.set("tier", Value::Integer(self.otherwise));
        self.engine.execute(facts).ok()?;
        match facts.get("tier")? {
            Value::Integer(tier) => Some(Answer::tier(tier as usize)),
            Value::Number(tier) => Some(Answer::tier(tier as usize)),
            _ => None,
        }
    }
}
