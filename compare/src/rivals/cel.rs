//! `cel`: a program per rule, and a resolver that lends the values of a customer.

use std::sync::Arc;

use cel::common::types::{CelInt, CelNull, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};

use super::text::{Syntax, conditions};
use crate::account::Field;
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::Rules;

/// A missing number is null, which has no order: an error, of which `&&` and `||` make what can be made of it.
struct Text;

impl Syntax for Text {}

pub(super) struct Cel {
    env: Arc<Env>,
    programs: Vec<(Program, usize)>,
    otherwise: usize,
}

/// The values of a customer, made once.
pub(super) struct Values([Box<dyn Val>; 9]);

impl VariableResolver for Values {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let field = match variable {
            "annual_spend" => Field::AnnualSpend,
            "lifetime_value" => Field::LifetimeValue,
            "satisfaction" => Field::Satisfaction,
            "frequency" => Field::Frequency,
            "employees" => Field::Employees,
            "overdue_days" => Field::OverdueDays,
            "points" => Field::Points,
            "complaints" => Field::Complaints,
            "region" => Field::Region,
            _ => return None,
        };
        Some(CowVal::Borrowed(self.0[field as usize].as_ref()))
    }
}

impl Engine for Cel {
    type Source = (Vec<(String, usize)>, usize);
    type Input = Values;

    fn write(rules: &Rules) -> Result<Self::Source, String> {
        Ok((conditions::<Text>(rules), rules.otherwise))
    }

    fn load((conditions, otherwise): &Self::Source) -> Result<Self, String> {
        let env = Arc::new(Env::stdlib());
        let compile = |(text, tier): &(String, usize)| Ok((env.compile(text).map_err(|e| e.to_string())?, *tier));
        let programs = conditions.iter().map(compile).collect::<Result<_, String>>()?;
        Ok(Self { env, programs, otherwise: *otherwise })
    }

    fn convert(&self, customer: &Pair) -> Values {
        let account = &customer.cents;
        Values(Field::ALL.map(|field| match (field, account.units(field), &account.region) {
            (Field::Region, _, Some(region)) => Box::new(CelString::from(region.clone())) as Box<dyn Val>,
            (_, Some(units), _) => Box::new(CelInt::from(units)),
            _ => Box::new(CelNull),
        }))
    }

    fn decide(&mut self, values: &Values) -> Option<Answer> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        context.set_variable_resolver(values);
        for (program, tier) in &self.programs {
            if program.execute(&context) == Ok(Value::Bool(true)) {
                return Some(Answer::tier(*tier));
            }
        }
        Some(Answer::tier(self.otherwise))
    }
}
