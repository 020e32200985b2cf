//! `rhai`: one optimised script of `if` statements, and a scope per customer.

use std::cell::RefCell;

use rhai::{AST, Dynamic, Engine as RhaiEngine, INT, OptimizationLevel, Scope};

use super::text::{Syntax, conditions, numbers};
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::Rules;

/// An order between `()` and a number is false already.
struct Text;

impl Syntax for Text {
    const NULL: &'static str = "()";
}

pub(super) struct Rhai {
    engine: RhaiEngine,
    script: AST,
}

impl Engine for Rhai {
    type Source = String;
    type Input = RefCell<Scope<'static>>;

    fn write(rules: &Rules) -> Result<String, String> {
        let statements = conditions::<Text>(rules).into_iter();
        let mut script: String =
            statements.map(|(condition, tier)| format!("if {condition} {{ return {tier}; }}\n")).collect();
        script.push_str(&format!("{}\n", rules.otherwise));
        Ok(script)
    }

    fn load(script: &String) -> Result<Self, String> {
        let mut engine = RhaiEngine::new();
        engine.set_optimization_level(OptimizationLevel::Full).set_max_expr_depths(0, 0);
        let script = engine.compile(script).map_err(|error| error.to_string())?;
        Ok(Self { engine, script })
    }

    fn convert(&self, customer: &Pair) -> RefCell<Scope<'static>> {
        let account = &customer.cents;
        let mut scope = Scope::with_capacity(9);
        for (name, units) in numbers(account) {
            scope.push_dynamic(name, units.map_or(Dynamic::UNIT, Dynamic::from_int));
        }
        scope.push_dynamic("region", account.region.clone().map_or(Dynamic::UNIT, Dynamic::from));
        RefCell::new(scope)
    }

    fn decide(&mut self, scope: &RefCell<Scope<'static>>) -> Option<Answer> {
        let tier: INT = self.engine.eval_ast_with_scope(&mut scope.borrow_mut(), &self.script).ok()?;
        Some(Answer::tier(tier as usize))
    }
}
