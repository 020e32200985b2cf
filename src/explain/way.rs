//! Ways to another tier, in words.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::actual::{Actual, Amounts};
use super::names::{Naming, fact_label, spoken, value};
use crate::diagnostics::{Lang, Phrase, inside_quotes, phrase};
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
    from: Actual,
    to: Actual,
    unit: Decimal,
    made: bool,
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

    /// Whether the policy looks into a text of it.
    fn is_looked_into(self, plan: &Plan) -> bool {
        matches!(self, Self::Fact(slot) if plan.vocabulary(slot).is_some_and(|words| words.parts))
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
    pub fn from(&self) -> &Actual {
        &self.from
    }

    /// What it has to become.
    pub fn to(&self) -> &Actual {
        &self.to
    }

    /// Whether that is an example: a text that nobody names, where others will do as well.
    pub fn is_example(&self) -> bool {
        self.made
    }
}

impl Way {
    pub(crate) fn new(
        plan: &Arc<Plan>,
        (tier, rule): (Option<TierId>, Option<RuleId>),
        changes: Vec<(Mover, [Actual; 2], Decimal, bool)>,
        cost: Decimal,
    ) -> Self {
        let change = |(mover, [from, to], unit, made): (Mover, [Actual; 2], Decimal, bool)| FactChange {
            name: mover.name(plan),
            mover,
            from,
            to,
            unit,
            made,
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
        phrase(Phrase::ChangesAnd, &[("list", list), ("last", last)], lang)
    }

    pub(crate) fn line(&self, template: Phrase, lang: Lang) -> String {
        let tier = self.tier().map_or_else(|| phrase(Phrase::NoTierName, &[], lang), str::to_owned);
        phrase(template, &[("tier", tier), ("changes", self.text(lang))], lang)
    }
}

impl FactChange {
    fn text(&self, plan: &Plan, lang: Lang) -> String {
        let subject = ("subject", self.mover.label(plan, lang));
        match (&self.from, &self.to) {
            (Actual::Number(from), Actual::Number(to)) => self.number(subject, [*from, *to], plan, lang),
            (Actual::Set(from), Actual::Set(to)) => {
                let but = |all: &[Actual], others: &[Actual]| -> Option<String> {
                    let own = all.iter().filter(|member| !others.contains(member));
                    let own: Vec<String> = own.map(|member| shown(plan, member, lang)).collect();
                    (!own.is_empty()).then(|| own.join(&phrase(Phrase::Comma, &[], lang)))
                };
                match (but(to, from), but(from, to)) {
                    (Some(list), Some(less)) => {
                        phrase(Phrase::ChangeBoth, &[subject, ("list", list), ("less", less)], lang)
                    }
                    (None, Some(list)) => phrase(Phrase::ChangeWithout, &[subject, ("list", list)], lang),
                    (list, None) => phrase(Phrase::ChangeWith, &[subject, ("list", list.unwrap_or_default())], lang),
                }
            }
            (from, to) => {
                let pairs = [subject, ("before", shown(plan, from, lang)), ("value", shown(plan, to, lang))];
                let template = match (self.made, self.mover.is_looked_into(plan)) {
                    (false, _) => Phrase::ChangeTo,
                    (true, false) => Phrase::ChangeOther,
                    (true, true) => Phrase::ChangeSuch,
                };
                phrase(template, &pairs, lang)
            }
        }
    }

    fn number(&self, subject: (&'static str, String), [from, to]: [Decimal; 2], plan: &Plan, lang: Lang) -> String {
        let money = self.mover.ty(plan) == Some(&Type::Money);
        let shown = |number: Decimal| Amounts::of(plan).exact(number, money);
        let more = to > from;
        // A number without a grid lies just beside the bound.
        let bound = if more { to - self.unit } else { to + self.unit };
        let beside = self.mover.places(plan).is_some_and(|places| bound.normalize().scale() <= places);
        if beside && to.normalize().scale() == self.unit.scale() {
            let template = if more { Phrase::ChangeAbove } else { Phrase::ChangeBelow };
            return phrase(template, &[subject, ("bound", shown(bound))], lang);
        }
        let template = if more { Phrase::ChangeMore } else { Phrase::ChangeLess };
        let amount = shown((to - from).abs());
        phrase(template, &[subject, ("value", shown(to)), ("amount", amount)], lang)
    }
}

/// A value that is no number, for the reader.
fn shown(plan: &Plan, actual: &Actual, lang: Lang) -> String {
    match actual {
        Actual::Text(text) => {
            let text = inside_quotes(&text.replace('\\', "\\\\"), lang);
            phrase(Phrase::Quoted, &[("text", text)], lang)
        }
        other => value(plan, other, Naming::Reader(lang)),
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
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", &self.name)?;
        map.serialize_entry("from", &self.from)?;
        map.serialize_entry("to", &self.to)?;
        if self.made {
            map.serialize_entry("example", &true)?;
        }
        map.end()
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
