//! What a test expects, as far as the policy can give it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::cases::{By, Part, Wanted};
use super::{BenefitKey, Checker, Symbol, TypedKind};
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, DatumKind, Expr, Name};
use crate::value::Constant;

impl Checker<'_> {
    pub(super) fn wanted(&mut self, wanted: &ast::Wanted, sound: bool) -> Option<Wanted> {
        let tier = self.tier_or_none(&wanted.tier);
        let by = match &wanted.rule {
            Some(name) => self.by(name, sound).map(Some),
            None => Some(None),
        };
        let possible = wanted.possible.as_ref().map(|tiers| {
            let tiers: Vec<_> = tiers.iter().map(|tier| self.tier_or_none(tier)).collect();
            tiers.into_iter().collect::<Option<BTreeSet<_>>>()
        });
        let mut seen = HashMap::new();
        let values: Vec<_> = wanted.values.iter().map(|given| self.wanted_value(given, &mut seen)).collect();
        let (tier, by, values) = (tier?, by?, values.into_iter().collect::<Option<Vec<_>>>()?);
        let possible = match possible {
            Some(possible) => Some(possible?),
            None => None,
        };
        if let (Some(possible), Some(word)) = (&possible, &wanted.certain)
            && *possible != BTreeSet::from([tier])
        {
            return self.fail(Diagnostic::new(Code::NeverPasses, word.span).hint(Hint::PossibleHolds));
        }
        Some(Wanted { tier, by, possible, certain: wanted.certain.is_some(), values })
    }

    /// A tier of the ladder, or none, which a tier of that name hides.
    pub(super) fn tier_or_none(&mut self, name: &Name) -> Option<Option<usize>> {
        let none = matches!(&*name.node, "none" | "无") && !self.tier_index.contains_key(&*name.node);
        if &*name.node == "error" && !self.tier_index.contains_key("error") {
            let error =
                Diagnostic::new(Code::Expected, name.span).with("expected", Term::Tier).with("found", "`error`");
            return self.fail(error.hint(Note::new(Hint::WriteAs).with("text", "error \"vat_id\"")));
        }
        if none { Some(None) } else { self.tier(name).map(Some) }
    }

    fn by(&mut self, name: &Name, sound: bool) -> Option<By> {
        let is = |place: &super::Place| place.name.as_deref() == Some(&*name.node);
        if let Some(at) = self.out.rules.iter().position(|rule| is(&rule.place)) {
            return Some(By::Rule(at));
        }
        if let Some(at) = self.out.adjustments.iter().position(|limit| is(&limit.place)) {
            return Some(By::Adjustment(at));
        }
        if !sound {
            return None;
        }
        let rules = self.out.rules.iter().filter_map(|rule| rule.place.name.clone());
        let limits = self.out.adjustments.iter().filter_map(|limit| limit.place.name.clone());
        let known: Vec<Arc<str>> = rules.chain(limits).collect();
        self.unknown(Code::UnknownRule, name, &known)
    }

    fn unknown<T>(&mut self, code: Code, name: &Name, known: &[Arc<str>]) -> Option<T> {
        let near = self.did_you_mean(&name.node, known.iter().map(|known| &**known));
        let list: Vec<String> = known.iter().take(12).map(|known| known.to_string()).collect();
        let error = Diagnostic::new(code, name.span).with("text", &*name.node);
        self.fail(match near {
            Some(near) => error.hint(near),
            None if list.is_empty() => error.hint(Hint::RemoveIt),
            None => error.hint(Note::new(Hint::KnownNames).with("list", list)),
        })
    }

    fn wanted_value(
        &mut self,
        given: &ast::Given,
        seen: &mut HashMap<Arc<str>, Span>,
    ) -> Option<(Part, Option<Constant>)> {
        self.once(&given.name, &Arc::from(&*given.name.node), seen)?;
        let (part, ty) = self.part(&given.name)?;
        let value = match &given.value.node {
            DatumKind::Missing => None,
            DatumKind::Value(value) => Some(self.part_value(value, &ty)?),
            DatumKind::Members(_) | DatumKind::Records(_) => return self.misfit(given.value.span, &ty),
        };
        Some((part, value))
    }

    pub(super) fn part_value(&mut self, value: &Expr, ty: &Type) -> Option<Constant> {
        self.hours = true;
        let found = self.literal_of(value, ty);
        self.hours = false;
        Some(match (found?, ty) {
            (Constant::Member(member), Type::OneOf(members)) => {
                Constant::Text(members.name(member).map_or_else(|| Arc::from(""), Arc::clone))
            }
            (constant, _) => constant,
        })
    }

    /// The benefit of a name with `benefits.` in front.
    pub(super) fn benefit_named(&self, name: &str) -> Option<&BenefitKey> {
        let key = name.strip_prefix("benefits.").or_else(|| name.strip_prefix("权益."))?;
        self.out.benefit_keys.iter().find(|known| &*known.name == key)
    }

    /// A segment, a score, or a benefit with `benefits.` in front.
    pub(super) fn part(&mut self, name: &Name) -> Option<(Part, Type)> {
        let own = Arc::<str>::from(&*name.node);
        if let Some(known) = self.benefit_named(&name.node) {
            return Some((Part::Benefit(Arc::clone(&known.name)), known.sort.settled()));
        }
        if let Some(Symbol::Let(index)) = self.names.get(&own)
            && let Some(bound) = self.out.lets.get(index.at())
        {
            match &bound.value.kind {
                TypedKind::Score(_) => return Some((Part::Score(own), Type::Number)),
                TypedKind::Segment(_) => return Some((Part::Segment(own), bound.value.sort.settled())),
                _ => {}
            }
        }
        if self.names.get(&own) == Some(&Symbol::Broken) {
            return None;
        }
        let lets = self.out.classified.iter().filter_map(|known| self.out.lets.get(known.bound.at()));
        let keys = self.out.benefit_keys.iter().map(|key| Arc::from(format!("benefits.{}", key.name)));
        let known: Vec<Arc<str>> = lets.map(|bound| Arc::clone(&bound.name)).chain(keys).collect();
        self.unknown(Code::UnknownResult, name, &known)
    }

    /// The field that a refusal names.
    pub(super) fn refused(&mut self, field: &Name) -> Option<Arc<str>> {
        let name =
            match field.node.split_once('.').and_then(|(first, rest)| Some((self.collection_named(first)?, rest))) {
                Some((index, rest)) if self.element_field(index, rest).is_some() => {
                    return Some(Arc::from(&*field.node));
                }
                _ => self.fact_of_test(field)?,
            };
        self.known_name(name)
    }
}
