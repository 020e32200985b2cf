//! Ways to another tier, in words.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::actual::Amounts;
use super::names::{fact_label, spoken};
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::eval::{RuleId, TierId};
use crate::plan::{Expr, Plan};
use crate::schema::Type;
use crate::value::canonical;

/// One way to another tier.
#[derive(Clone)]
pub struct Way {
    plan: Arc<Plan>,
    tier: Option<TierId>,
    rule: Option<RuleId>,
    changes: Vec<FactChange>,
    cost: Decimal,
}

/// A fact, or a sum or count of records, that changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactChange {
    name: String,
    mover: Mover,
    from: Decimal,
    to: Decimal,
    unit: Decimal,
}

/// What moves: the fact of a slot, or an aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mover {
    Fact(u32),
    Aggregate(u32),
}

impl Mover {
    pub(crate) fn name(self, plan: &Plan) -> String {
        match self {
            Self::Fact(slot) => plan.missing_name(slot).to_owned(),
            Self::Aggregate(at) => {
                plan.names().aggregates.get(at as usize).map(ToString::to_string).unwrap_or_default()
            }
        }
    }

    fn label(self, plan: &Plan, lang: Lang) -> String {
        match self {
            Self::Fact(slot) => fact_label(plan, slot, lang),
            // A let of its own is easier to read.
            Self::Aggregate(at) => {
                let named = |root: &crate::plan::Root| matches!(root, crate::plan::Root::Value(value) if matches!(plan.expr(*value), Expr::Aggregate(own) if *own == at));
                let bound = plan.lets().iter().position(named).and_then(|bound| plan.names().lets.get(bound));
                let name = bound.and_then(|place| place.name.as_deref()).map(spoken);
                name.unwrap_or_else(|| self.name(plan))
            }
        }
    }

    pub(crate) fn ty(self, plan: &Plan) -> Option<&Type> {
        match self {
            Self::Fact(slot) => plan.slots().get(slot as usize).map(|slot| slot.field.ty()),
            Self::Aggregate(at) => plan.vocabulary_of_aggregate(at).and_then(|words| words.ty.as_ref()),
        }
    }

    /// The places of the numbers with which it is compared, where it has no grid, so that nothing is the next number.
    pub(crate) fn places(self, plan: &Plan) -> Option<u32> {
        let (scale, words) = match self {
            Self::Fact(slot) => {
                (plan.slots().get(slot as usize).and_then(|slot| slot.field.scale), plan.vocabulary(slot))
            }
            Self::Aggregate(at) => (None, plan.vocabulary_of_aggregate(at)),
        };
        let dense = scale.is_none() && self.ty(plan) == Some(&Type::Number);
        words.filter(|_| dense).map(|words| words.places)
    }
}

impl Way {
    /// The tier that is reached.
    pub fn tier(&self) -> Option<&str> {
        self.plan.names().tier(self.tier?.index())
    }

    /// The rule that then decides, before caps and floors.
    pub fn rule_id(&self) -> Option<RuleId> {
        self.rule
    }

    /// What changes.
    pub fn changes(&self) -> &[FactChange] {
        &self.changes
    }

    /// How far it is: 1 is a fact that changes by its own size, or by that of the largest number with which it is compared.
    pub fn cost(&self) -> Decimal {
        self.cost
    }
}

impl FactChange {
    /// The fact, or the sum or count as the policy has it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is now.
    pub fn from(&self) -> Decimal {
        self.from
    }

    /// What it has to become.
    pub fn to(&self) -> Decimal {
        self.to
    }
}

impl Way {
    pub(crate) fn new(
        plan: &Arc<Plan>,
        (tier, rule): (Option<TierId>, Option<RuleId>),
        changes: Vec<(Mover, [Decimal; 2], Decimal)>,
        cost: Decimal,
    ) -> Self {
        let change = |(mover, [from, to], unit): (Mover, [Decimal; 2], Decimal)| FactChange {
            name: mover.name(plan),
            mover,
            from,
            to,
            unit,
        };
        let changes = changes.into_iter().map(change).collect();
        Self { plan: Arc::clone(plan), tier, rule, changes, cost }
    }

    /// What has to change, in words: "annual spend 1,000,000.01 EUR, 20,000.01 EUR more".
    pub fn text(&self, lang: Lang) -> String {
        let mut changes: Vec<String> = self.changes.iter().map(|change| change.text(&self.plan, lang)).collect();
        let last = changes.pop().unwrap_or_default();
        if changes.is_empty() {
            return last;
        }
        let list = changes.join(&phrase(Phrase::FactComma, &[], lang));
        phrase(Phrase::ListAnd, &[("list", list), ("last", last)], lang)
    }

    pub(crate) fn line(&self, template: Phrase, lang: Lang) -> String {
        let tier = self.tier().map_or_else(|| phrase(Phrase::NoTierName, &[], lang), str::to_owned);
        phrase(template, &[("tier", tier), ("changes", self.text(lang))], lang)
    }
}

impl FactChange {
    fn text(&self, plan: &Plan, lang: Lang) -> String {
        let money = self.mover.ty(plan) == Some(&Type::Money);
        let shown = |number: Decimal| Amounts::of(plan).exact(number, money);
        let subject = ("subject", self.mover.label(plan, lang));
        let more = self.to > self.from;
        // A number without a grid lies just beside the bound.
        let bound = if more { self.to - self.unit } else { self.to + self.unit };
        let beside = self.mover.places(plan).is_some_and(|places| bound.normalize().scale() <= places);
        if beside && self.to.normalize().scale() == self.unit.scale() {
            let template = if more { Phrase::ChangeAbove } else { Phrase::ChangeBelow };
            return phrase(template, &[subject, ("bound", shown(bound))], lang);
        }
        let template = if more { Phrase::ChangeMore } else { Phrase::ChangeLess };
        let amount = shown((self.to - self.from).abs());
        phrase(template, &[subject, ("value", shown(self.to)), ("amount", amount)], lang)
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl Serialize for Way {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("tier", &self.tier())?;
        map.serialize_entry("changes", &self.changes)?;
        map.serialize_entry("cost", &canonical(self.cost))?;
        map.end()
    }
}

impl Serialize for FactChange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (from, to) = (canonical(self.from), canonical(self.to));
        serializer.collect_map([("name", &self.name), ("from", &from), ("to", &to)])
    }
}

impl fmt::Debug for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way")
            .field("tier", &self.tier())
            .field("changes", &self.changes)
            .field("cost", &self.cost)
            .finish()
    }
}
