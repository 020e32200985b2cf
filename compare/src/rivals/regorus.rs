//! `regorus`: Rego, on its virtual machine and in its interpreter; the first match is a chain of `else`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::num::{NonZeroU32, NonZeroUsize};

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::utils::limits::PolicyLengthConfig;
use regorus::{CompiledPolicy, Engine as RegoEngine, Rc, Value};

use super::text::{alternatives, numbers, plain};
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::{Condition, Rules, quoted};

const ENTRY: &str = "data.customers.tier";

/// The virtual machine has 255 registers for a rule, so longer chains of `else` become chains of chains.
const CHAIN: usize = 16;

fn chains(mut branches: Vec<String>) -> String {
    let mut text = String::new();
    let mut level = 0;
    while branches.len() > CHAIN {
        level += 1;
        let chain = |(at, part): (usize, &[String])| {
            let name = format!("chain_{level}_{at}");
            let _ = writeln!(text, "{name} {}", part.join(" else "));
            format!(":= {name} if {{ {name} >= 0 }}")
        };
        branches = branches.chunks(CHAIN).enumerate().map(chain).collect();
    }
    let _ = writeln!(text, "tier {}", branches.join(" else "));
    text
}

/// A statement that is undefined where the fact is missing.
fn statement(of: &Condition) -> String {
    match of {
        Condition::Compare(field, op, units) => plain(&format!("input.{}", field.name()), *op, *units),
        Condition::RegionIn(regions) => format!("input.region in {{{}}}", quoted(regions)),
        Condition::Not(inner) => match &**inner {
            Condition::RegionIn(regions) => {
                let each: Vec<String> = regions.iter().map(|region| format!("input.region != \"{region}\"")).collect();
                each.join("; ")
            }
            other => unreachable!("`not` is pushed down: {other:?}"),
        },
        other => unreachable!("bodies are conjunctions: {other:?}"),
    }
}

fn text(rules: &Rules) -> String {
    let mut branches = Vec::new();
    for (condition, tier) in &rules.pushed_down().rules {
        for parts in alternatives(condition) {
            let body: Vec<String> = parts.iter().map(statement).collect();
            branches.push(format!(":= {tier} if {{ {} }}", body.join("; ")));
        }
    }
    branches.push(format!(":= {}", rules.otherwise));
    format!("package customers\nimport rego.v1\n{}", chains(branches))
}

fn compiled(text: &str) -> Result<CompiledPolicy, String> {
    let mut engine = RegoEngine::new();
    engine.set_policy_length_config(PolicyLengthConfig {
        max_col: NonZeroU32::MAX,
        max_file_bytes: NonZeroUsize::MAX,
        max_lines: NonZeroUsize::MAX,
    });
    engine.add_policy("tier.rego".to_owned(), text.to_owned()).map_err(|error| error.to_string())?;
    engine.compile_with_entrypoint(&Rc::from(ENTRY)).map_err(|error| error.to_string())
}

/// A customer as an object without what is missing.
fn object(customer: &Pair) -> Value {
    let account = &customer.cents;
    let known = numbers(account).filter_map(|(name, units)| Some((Value::from(name), Value::from(units?))));
    let region = account.region.as_deref().map(|region| (Value::from("region"), Value::from(region)));
    Value::from(known.chain(region).collect::<BTreeMap<_, _>>())
}

/// A program for the virtual machine.
pub(super) struct Machine(RegoVM);

impl Engine for Machine {
    type Source = String;
    type Input = Value;

    fn write(rules: &Rules) -> Result<String, String> {
        Ok(text(rules))
    }

    fn load(text: &String) -> Result<Self, String> {
        let program = Compiler::compile_from_policy(&compiled(text)?, &[ENTRY]).map_err(|error| error.to_string())?;
        let mut vm = RegoVM::new();
        vm.load_program(program);
        vm.set_max_instructions(usize::MAX);
        Ok(Self(vm))
    }

    fn convert(&self, customer: &Pair) -> Value {
        object(customer)
    }

    fn decide(&mut self, input: &Value) -> Option<Answer> {
        self.0.set_input(input.clone());
        let tier = self.0.execute().ok()?.as_i64().ok()?;
        Some(Answer::tier(tier as usize))
    }
}

/// A compiled policy that is interpreted.
pub(super) struct Interpreter(CompiledPolicy);

impl Engine for Interpreter {
    type Source = String;
    type Input = Value;

    fn write(rules: &Rules) -> Result<String, String> {
        Ok(text(rules))
    }

    fn load(text: &String) -> Result<Self, String> {
        compiled(text).map(Self)
    }

    fn convert(&self, customer: &Pair) -> Value {
        object(customer)
    }

    fn decide(&mut self, input: &Value) -> Option<Answer> {
        let tier = self.0.eval_with_input(input.clone()).ok()?.as_i64().ok()?;
        Some(Answer::tier(tier as usize))
    }
}
