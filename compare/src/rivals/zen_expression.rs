//! `zen-expression`: a compiled expression per rule on a reused machine, which is faster than one nested expression.

use zen_expression::expression::Standard;
use zen_expression::vm::VM;
use zen_expression::{Expression, Scope, Variable, compile_expression};

use super::text::{Syntax, condition};
use super::zen_engine::variable;
use crate::account::Field;
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::{Condition, Op, Rules};

/// With a guard against null at each comparison.
struct Guarded;

/// A comparison of null with a number is an error, and a conjunction that fails does not fit: no guard is needed.
struct Plain;

impl Syntax for Plain {
    const AND: &'static str = " and ";
    const OR: &'static str = " or ";
}

impl Syntax for Guarded {
    const AND: &'static str = Plain::AND;
    const OR: &'static str = Plain::OR;

    fn compare(field: Field, op: Op, units: i64) -> String {
        format!("({} != null and {})", field.name(), Plain::compare(field, op, units))
    }
}

pub(super) struct ZenExpression {
    expressions: Vec<(Expression<Standard>, usize)>,
    otherwise: usize,
    vm: VM,
}

impl Engine for ZenExpression {
    type Source = (Vec<(String, usize)>, usize);
    type Input = Scope;

    fn write(rules: &Rules) -> Result<Self::Source, String> {
        let text = |(of, tier): &(Condition, usize)| {
            (if of.has_or() { condition::<Guarded>(of) } else { condition::<Plain>(of) }, *tier)
        };
        Ok((rules.pushed_down().rules.iter().map(text).collect(), rules.otherwise))
    }

    fn load((texts, otherwise): &Self::Source) -> Result<Self, String> {
        let compile =
            |(text, tier): &(String, usize)| Ok((compile_expression(text).map_err(|error| error.to_string())?, *tier));
        let expressions = texts.iter().map(compile).collect::<Result<_, String>>()?;
        Ok(Self { expressions, otherwise: *otherwise, vm: VM::new() })
    }

    fn convert(&self, customer: &Pair) -> Scope {
        Scope::new(variable(&customer.cents))
    }

    fn decide(&mut self, scope: &Scope) -> Option<Answer> {
        for (expression, tier) in &self.expressions {
            if let Ok(Variable::Bool(true)) = expression.evaluate_with_scope(scope, &mut self.vm) {
                return Some(Answer::tier(*tier));
            }
        }
        Some(Answer::tier(self.otherwise))
    }
}
