//! `cedar-policy`: a policy per rule; every policy is evaluated, and the first of the reasons decides.

use std::fmt::Write;

use cedar_policy::{Authorizer, Context, Entities, EntityUid, PolicySet, Request, RestrictedExpression};

use super::text::{Syntax, conditions, numbers, plain, regions};
use crate::account::Field;
use crate::customers::Pair;
use crate::engine::{Answer, Engine};
use crate::rules::{Op, Rules, quoted};

struct Text;

impl Syntax for Text {
    fn compare(field: Field, op: Op, units: i64) -> String {
        let name = field.name();
        format!("(context has {name} && {})", plain(&format!("context.{name}"), op, units))
    }

    fn region_in(within: &[&str]) -> String {
        format!("(context has region && [{}].contains(context.region))", quoted(within))
    }

    fn region_not_in(without: &[&str]) -> String {
        format!("(context has region && {})", regions(without, "context.region", "!=", Self::AND))
    }
}

pub(super) struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    /// The principal, the action and the resource, which no policy looks at.
    anyone: EntityUid,
    tiers: Vec<usize>,
    otherwise: usize,
}

impl Engine for Cedar {
    type Source = (String, Vec<usize>, usize);
    type Input = Request;

    fn write(rules: &Rules) -> Result<Self::Source, String> {
        let mut text = String::new();
        for (condition, _) in conditions::<Text>(rules) {
            let _ = writeln!(text, "permit(principal, action, resource) when {{ {condition} }};");
        }
        Ok((text, rules.rules.iter().map(|(_, tier)| *tier).collect(), rules.otherwise))
    }

    fn load((text, tiers, otherwise): &Self::Source) -> Result<Self, String> {
        let policies: PolicySet = text.parse().map_err(|error| format!("{error}"))?;
        let anyone: EntityUid = r#"Customer::"any""#.parse().map_err(|error| format!("{error}"))?;
        let authorizer = Authorizer::new();
        let entities = Entities::empty();
        Ok(Self { authorizer, policies, entities, anyone, tiers: tiers.clone(), otherwise: *otherwise })
    }

    fn convert(&self, customer: &Pair) -> Request {
        let account = &customer.cents;
        let known = numbers(account)
            .filter_map(|(name, units)| Some((name.to_owned(), RestrictedExpression::new_long(units?))));
        let region = account.region.clone().map(RestrictedExpression::new_string);
        let facts = known.chain(region.map(|region| ("region".to_owned(), region)));
        let context = Context::from_pairs(facts).expect("names differ");
        let anyone = || self.anyone.clone();
        Request::new(anyone(), anyone(), anyone(), context, None).expect("no schema refuses it")
    }

    fn decide(&mut self, request: &Request) -> Option<Answer> {
        let response = self.authorizer.is_authorized(request, &self.policies, &self.entities);
        if response.diagnostics().errors().next().is_some() {
            return None;
        }
        let first = response.diagnostics().reason().filter_map(|id| {
            let id: &str = id.as_ref();
            id.strip_prefix("policy")?.parse::<usize>().ok()
        });
        Some(Answer::tier(first.min().map_or(self.otherwise, |rule| self.tiers[rule])))
    }
}
