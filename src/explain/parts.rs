//! Rules, caps, floors, lets and missing facts, each with what was found of it.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::Explanation;
use super::actual::Actual;
use super::condition::{Condition, State};
use crate::plan::{Bound, NodeId, Place, Root, Truth};

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// It decided.
    Decides,
    /// It holds, but another rule decided: an earlier one, or by `match best` one of a better tier.
    Holds,
    /// It does not hold.
    Fails,
    /// It is unknown whether it holds, because facts are missing, and so it does not decide.
    Unknown,
    /// A calculation in it has no result, and so it does not decide.
    Undefined,
    /// An earlier rule decided before it was looked at.
    NotReached,
    /// Not shown: it depends on a sensitive fact, and did not decide.
    Masked,
}

/// A rule, and why it holds or not.
#[derive(Clone, Copy)]
pub struct RuleExplanation<'e> {
    why: &'e Explanation,
    at: usize,
}

impl<'e> RuleExplanation<'e> {
    pub(super) fn new(why: &'e Explanation, at: usize) -> Self {
        Self { why, at }
    }

    pub(super) fn place(&self) -> Option<&'e Place> {
        self.why.plan.names().rules.get(self.at)
    }

    /// The name, where it has one.
    pub fn name(&self) -> Option<&'e str> {
        self.place().and_then(|place| place.name.as_deref())
    }

    /// The line on which it begins.
    pub fn line(&self) -> u32 {
        self.place().map_or(0, |place| place.line)
    }

    pub(super) fn tier_at(&self) -> usize {
        self.why.plan.rules().get(self.at).map_or(usize::MAX, |rule| rule.tier as usize)
    }

    /// The tier that it gives.
    pub fn tier(&self) -> &'e str {
        self.why.tier(self.tier_at())
    }

    /// Whether it is the `otherwise`.
    pub fn is_otherwise(&self) -> bool {
        self.why.plan.rules().get(self.at).is_some_and(|rule| rule.condition.is_none())
    }

    /// Whether it gives a better tier than the customer has.
    pub fn is_better(&self) -> bool {
        self.why.outcome.tier_id().is_none_or(|tier| self.tier_at() < tier.index())
    }

    /// What became of it.
    pub fn verdict(&self) -> Verdict {
        let truth = self.why.record.rules.get(self.at).copied().flatten();
        match (self.why.outcome.rule_id().map(|rule| rule.index() == self.at), truth) {
            (Some(true), _) => Verdict::Decides,
            (_, Some(_)) if self.is_hidden() => Verdict::Masked,
            (_, Some(Truth::TRUE)) => Verdict::Holds,
            (_, Some(Truth::FALSE)) => Verdict::Fails,
            (_, Some(_)) if self.is_undefined() => Verdict::Undefined,
            (_, Some(_)) => Verdict::Unknown,
            (_, None) => Verdict::NotReached,
        }
    }

    fn is_undefined(&self) -> bool {
        self.node().and_then(|node| self.why.undefined.get(node.at())).copied().unwrap_or(false)
    }

    /// Whether it depends on a sensitive fact.
    fn is_hidden(&self) -> bool {
        self.node().is_some_and(|node| self.why.plan.sensitive().condition(node))
    }

    /// Whether an earlier rule decided, so that it counts for nothing.
    pub fn is_behind(&self) -> bool {
        !self.why.plan.match_best() && self.why.outcome.rule_id().is_some_and(|rule| rule.index() < self.at)
    }

    pub(super) fn why(&self) -> &'e Explanation {
        self.why
    }

    pub(super) fn node(&self) -> Option<NodeId> {
        self.why.plan.rules().get(self.at)?.condition
    }

    /// Its condition; `None` for `otherwise`.
    pub fn condition(&self) -> Option<Condition> {
        let reached = self.why.record.rules.get(self.at).copied().flatten().is_some();
        Some(self.why.found().condition(self.node()?, &self.place()?.outline, Some(true), reached))
    }
}

/// A cap or floor, and whether it applied.
#[derive(Clone, Copy)]
pub struct AdjustmentExplanation<'e> {
    why: &'e Explanation,
    at: usize,
}

impl<'e> AdjustmentExplanation<'e> {
    pub(super) fn new(why: &'e Explanation, at: usize) -> Self {
        Self { why, at }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn place(&self) -> Option<&'e Place> {
        self.why.plan.names().adjustments.get(self.at)
    }

    /// The name, where it has one.
    pub fn name(&self) -> Option<&'e str> {
        self.place().and_then(|place| place.name.as_deref())
    }

    /// The line on which it begins.
    pub fn line(&self) -> u32 {
        self.place().map_or(0, |place| place.line)
    }

    /// Whether it is a cap; else it is a floor.
    pub fn is_cap(&self) -> bool {
        self.why.plan.adjustments().get(self.at).is_some_and(|adjustment| adjustment.cap)
    }

    /// The tier to which it limits; `None` where it names a fact, such as `current.tier`, that is not known.
    pub fn tier(&self) -> Option<&'e str> {
        self.tier_at().map(|tier| self.why.tier(tier))
    }

    pub(super) fn tier_at(&self) -> Option<usize> {
        let (_, tier) = self.why.record.adjustments.get(self.at).copied().flatten()?;
        tier.filter(|_| self.moved() || !self.names_sensitive()).map(|tier| tier as usize)
    }

    /// The fact that it names in place of a tier.
    pub(super) fn bound_slot(&self) -> Option<u32> {
        match self.why.plan.adjustments().get(self.at)?.bound {
            Bound::Slot(slot) => Some(slot),
            Bound::Tier(_) => None,
        }
    }

    /// Whether the tier to which it limits is a sensitive fact.
    fn names_sensitive(&self) -> bool {
        let slot = self.bound_slot().and_then(|slot| self.why.plan.slots().get(slot as usize));
        slot.is_some_and(|slot| slot.field.sensitive)
    }

    /// Whether its condition holds; a cap or floor that is unknown does not apply.
    pub fn state(&self) -> State {
        match self.why.record.adjustments.get(self.at).copied().flatten() {
            Some((Truth::TRUE, Some(_))) if self.moved() => State::True,
            // It would tell what the sensitive fact is.
            Some(_) if self.is_hidden() => State::Masked,
            Some((Truth::TRUE, Some(_))) => State::True,
            Some((Truth::FALSE, _)) => State::False,
            Some(_) => State::Unknown,
            None => State::NotEvaluated,
        }
    }

    fn is_hidden(&self) -> bool {
        self.names_sensitive() || self.node().is_some_and(|node| self.why.plan.sensitive().condition(node))
    }

    /// Whether it moved the tier.
    pub fn moved(&self) -> bool {
        self.why.outcome.adjusted_places().any(|at| at == self.at)
    }

    /// The missing fact that it names in place of a tier.
    pub(super) fn missing_bound(&self) -> Option<u32> {
        self.bound_slot().filter(|slot| self.why.found().fact(*slot) == Actual::Missing)
    }

    pub(super) fn why(&self) -> &'e Explanation {
        self.why
    }

    pub(super) fn node(&self) -> Option<NodeId> {
        self.why.plan.adjustments().get(self.at).map(|adjustment| adjustment.condition)
    }

    /// The condition as it stands, wanted by nobody.
    pub(super) fn neutral(&self) -> Option<Condition> {
        Some(self.why.found().condition(self.node()?, &self.place()?.outline, None, true))
    }

    /// Its condition.
    pub fn condition(&self) -> Option<Condition> {
        Some(self.why.found().condition(self.node()?, &self.place()?.outline, Some(true), true))
    }
}

/// A `let`, and what it was made of.
#[derive(Clone, Copy)]
pub struct LetExplanation<'e> {
    why: &'e Explanation,
    at: usize,
}

impl<'e> LetExplanation<'e> {
    pub(super) fn new(why: &'e Explanation, at: usize) -> Self {
        Self { why, at }
    }

    fn place(&self) -> Option<&'e Place> {
        self.why.plan.names().lets.get(self.at)
    }

    /// The name.
    pub fn name(&self) -> &'e str {
        self.place().and_then(|place| place.name.as_deref()).unwrap_or_default()
    }

    /// The line on which it is stated.
    pub fn line(&self) -> u32 {
        self.place().map_or(0, |place| place.line)
    }

    pub(super) fn root(&self) -> Option<Root> {
        self.why.plan.lets().get(self.at).copied()
    }

    /// What it stands for, in the policy's words; empty where it depends on a sensitive fact.
    pub fn source(&self) -> String {
        let place = self.place().filter(|_| !self.is_masked());
        place.map(|place| self.why.found().snippet(place.span)).unwrap_or_default()
    }

    /// Whether it depends on a sensitive fact.
    pub(super) fn is_masked(&self) -> bool {
        self.why.plan.sensitive().bound(u32::try_from(self.at).unwrap_or(u32::MAX))
    }

    /// Its condition, where it is one; shortfalls say how far it is from holding.
    pub fn condition(&self) -> Option<Condition> {
        self.why.found().opened(u32::try_from(self.at).ok()?, Some(true))
    }

    /// The same as it stands, wanted by nobody.
    pub(super) fn neutral(&self) -> Option<Condition> {
        self.why.found().opened(u32::try_from(self.at).ok()?, None)
    }

    /// Its value, where it is one.
    pub fn value(&self) -> Option<Actual> {
        match self.root()? {
            Root::Value(value) => Some(self.why.found().value(value)),
            Root::Condition(_) | Root::Score(_) | Root::Segment(_) => None,
        }
    }

    /// The facts that it names itself.
    pub fn facts(&self) -> impl Iterator<Item = (&'e str, Actual)> {
        let found = self.why.found();
        let name = move |slot: u32| found.plan.missing_name(slot);
        self.names().0.into_iter().map(move |slot| (name(slot), found.fact(slot)))
    }

    /// The other lets that it names itself.
    pub fn lets(&self) -> impl Iterator<Item = &'e str> {
        let found = self.why.found();
        self.names().1.into_iter().map(move |at| found.let_name(at))
    }

    fn names(&self) -> (Vec<u32>, Vec<u32>) {
        self.root().map(|root| self.why.plan.names_of(root)).unwrap_or_default()
    }
}

/// A missing fact on which the tier hangs, and what is open because of it.
#[derive(Clone, Debug)]
pub struct Hang<'e> {
    fact: &'e str,
    rules: Vec<RuleExplanation<'e>>,
    adjustments: Vec<AdjustmentExplanation<'e>>,
}

impl<'e> Hang<'e> {
    /// The name under which the fact is supplied.
    pub fn fact(&self) -> &'e str {
        self.fact
    }

    /// The rules that ask for it and are not settled by an earlier one.
    pub fn rules(&self) -> &[RuleExplanation<'e>] {
        &self.rules
    }

    /// The caps and floors that ask for it.
    pub fn adjustments(&self) -> &[AdjustmentExplanation<'e>] {
        &self.adjustments
    }
}

/// Which rules, caps and floors ask for which of the missing facts: every condition is walked once.
pub(super) fn hangs(why: &Explanation) -> Vec<Hang<'_>> {
    let plan = &why.plan;
    let slots: Vec<u32> = why.outcome.missing_slots().collect();
    let hang = |slot: &u32| Hang { fact: plan.missing_name(*slot), rules: Vec::new(), adjustments: Vec::new() };
    let mut hangs: Vec<Hang<'_>> = slots.iter().map(hang).collect();
    if slots.is_empty() {
        return hangs;
    }
    // A let uses earlier lets only, so that what they ask for is known.
    let mut lets: Vec<BTreeSet<usize>> = Vec::with_capacity(plan.lets().len());
    let asked = |root: Root, lets: &[BTreeSet<usize>]| {
        let (facts, bound) = plan.names_of(root);
        let own = facts.iter().filter_map(|slot| slots.binary_search(slot).ok());
        let through = bound.iter().filter_map(|at| lets.get(*at as usize)).flatten().copied();
        own.chain(through).collect::<BTreeSet<usize>>()
    };
    for root in plan.lets() {
        let asked = asked(*root, &lets);
        lets.push(asked);
    }
    let open = |rule: &RuleExplanation<'_>| {
        !rule.is_behind() && !matches!(rule.verdict(), Verdict::Fails | Verdict::Undefined | Verdict::NotReached)
    };
    for rule in why.rules().filter(open) {
        let slots = rule.node().map(|node| asked(Root::Condition(node), &lets)).unwrap_or_default();
        for at in slots {
            hangs.iter_mut().skip(at).take(1).for_each(|hang| hang.rules.push(rule));
        }
    }
    for adjustment in why.adjustments() {
        let mut found = adjustment.node().map(|node| asked(Root::Condition(node), &lets)).unwrap_or_default();
        found.extend(adjustment.missing_bound().and_then(|slot| slots.binary_search(&slot).ok()));
        for at in found {
            hangs.iter_mut().skip(at).take(1).for_each(|hang| hang.adjustments.push(adjustment));
        }
    }
    hangs
}

impl fmt::Debug for RuleExplanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RuleExplanation");
        shown.field("name", &self.name()).field("line", &self.line()).field("tier", &self.tier());
        shown.field("verdict", &self.verdict()).finish_non_exhaustive()
    }
}

impl fmt::Debug for AdjustmentExplanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AdjustmentExplanation");
        shown.field("cap", &self.is_cap()).field("name", &self.name()).field("line", &self.line());
        shown.field("state", &self.state()).finish_non_exhaustive()
    }
}

impl fmt::Debug for LetExplanation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LetExplanation").field("name", &self.name()).field("line", &self.line()).finish_non_exhaustive()
    }
}
