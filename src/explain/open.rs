//! What is open: what a missing fact could still settle, and what rests on the absence of one.

use std::collections::BTreeSet;

use super::condition::{Condition, Shape, State};
use super::parts::{AdjustmentExplanation, RuleExplanation, Verdict};
use super::sentence::Speaker;
use crate::plan::{Expr, ExprId, Root};

/// Lets inside lets that are searched for what a rule rests on.
const OPENED: usize = 3;

impl Speaker<'_> {
    /// Whether a rule is not settled by what is known, and a missing fact on which the tier hangs could settle it.
    pub(super) fn is_open(&self, rule: &RuleExplanation<'_>) -> bool {
        let outcome = &self.why.outcome;
        if outcome.is_certain() || rule.is_behind() {
            return false;
        }
        let matters = |slot: &u32| outcome.hangs_on(*slot);
        let asked = |node| self.why.found().facts_of(Root::Condition(node)).0;
        let asks = || rule.node().map(asked).unwrap_or_default().iter().any(matters);
        // What fails with something else in place of a fact may hold with the fact.
        let replaced = || rule.condition().map(|condition| self.replaced(&condition)).unwrap_or_default();
        match rule.verdict() {
            Verdict::Unknown => asks(),
            Verdict::Masked => self.is_possible(rule.tier_at()) && asks(),
            Verdict::Fails => self.is_possible(rule.tier_at()) && replaced().iter().any(matters),
            _ => false,
        }
    }

    /// The missing facts because of which a condition holds; `None` where it would hold without their absence.
    pub(super) fn absent(&self, condition: &Condition) -> Option<BTreeSet<u32>> {
        self.absent_within(condition, OPENED)
    }

    fn absent_within(&self, condition: &Condition, opened: usize) -> Option<BTreeSet<u32>> {
        let parts = || condition.parts.iter().filter(|part| part.is_met()).map(|part| self.absent_within(part, opened));
        match &condition.shape {
            Shape::Simple if condition.rests_on_absence() => {
                let subject = condition.question.as_ref().map(|question| Root::Value(question.subject))?;
                Some(self.why.found().facts_of(subject).0.into_iter().collect())
            }
            Shape::Simple | Shape::Range => Some(self.replaced(condition)).filter(|slots| !slots.is_empty()),
            Shape::And => {
                let all: BTreeSet<u32> = parts().flatten().flatten().collect();
                Some(all).filter(|slots| !slots.is_empty())
            }
            Shape::Or => parts().collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect()),
            Shape::Let(_) => {
                let inner = condition.bound.and_then(|at| self.why.found().opened(at, Some(true)));
                inner.filter(|_| opened > 0).and_then(|inner| self.absent_within(&inner, opened - 1))
            }
            _ => None,
        }
    }

    /// The missing facts for which `??` puts something else in the calculations of a condition.
    fn replaced(&self, condition: &Condition) -> BTreeSet<u32> {
        let mut slots: BTreeSet<u32> = condition.parts.iter().flat_map(|part| self.replaced(part)).collect();
        if let Some(question) = &condition.question {
            self.replaced_in(question.subject, &mut slots);
        }
        slots
    }

    fn replaced_in(&self, value: ExprId, slots: &mut BTreeSet<u32>) {
        let found = self.why.found();
        match self.why.plan.expr(value) {
            Expr::Coalesce(parts) => {
                let missing = parts.iter().take_while(|part| !found.value(**part).is_known());
                slots.extend(missing.flat_map(|part| found.facts_of(Root::Value(*part)).0));
            }
            Expr::Chain(first, rest) => {
                self.replaced_in(*first, slots);
                rest.iter().for_each(|(_, part)| self.replaced_in(*part, slots));
            }
            Expr::Unary(_, inner) => self.replaced_in(*inner, slots),
            _ => {}
        }
    }
}

impl AdjustmentExplanation<'_> {
    /// Whether it is open because of a missing fact on which the tier hangs.
    pub(super) fn hangs(&self) -> bool {
        if !matches!(self.state(), State::Unknown | State::Masked) {
            return false;
        }
        let plan = &self.why().plan;
        let settled = |node| !plan.sensitive().condition(node) && self.why().found().state(node) == State::False;
        if self.node().is_some_and(settled) {
            return false;
        }
        let asked = self.node().map(|node| self.why().found().facts_of(Root::Condition(node)).0).unwrap_or_default();
        let named = self.missing_bound();
        asked.iter().chain(&named).any(|slot| self.why().outcome.hangs_on(*slot))
    }
}
