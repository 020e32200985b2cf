//! The tiers that the customers of a region can have.

use std::rc::Rc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::kleene::Kleene;
use super::look::Look;
use super::seen::Known;
use crate::builtins::Compare;
use crate::plan::{Adjusting, Adjustment, Adjustments, Bound, ExprId, NodeId, Operand, TierSet, Truth};
use crate::value::{Constant, Value};

/// What is known of the tiers of a region.
pub(super) struct Tiers {
    /// Every tier that some customer of the region has; perhaps others.
    pub(super) tiers: TierSet,
    /// What to settle next.
    pub(super) open: Vec<Open>,
    /// The rules that can decide.
    pub(super) rules: Rc<[usize]>,
}

/// Something that is not settled and on which the tier hangs.
#[derive(Clone, Copy, Debug)]
pub(super) enum Open {
    Condition(NodeId),
    /// The tier that a cap or floor takes from a fact.
    Slot(u32),
    Value(ExprId),
    /// How a value compares with a number or a day.
    Against(Compare, ExprId, Threshold),
}

/// What a value is compared with beside the questions of a policy.
#[derive(Clone, Copy, Debug)]
pub(super) enum Threshold {
    Number(Decimal),
    Day(NaiveDate),
}

impl Threshold {
    pub(super) fn operand(self) -> Operand {
        Operand::Constant(match self {
            Self::Number(number) => Constant::Number(number),
            Self::Day(day) => Constant::Date(day),
        })
    }
}

impl Look<'_, '_, '_> {
    /// The tiers of the region, by the rules that can decide.
    pub(super) fn tiers(&self, rules: &[usize]) -> Tiers {
        self.tiers_by(rules, |_, _| true)
    }

    /// The same where only some caps and floors count.
    pub(super) fn tiers_by(&self, rules: &[usize], counts: impl Fn(usize, &Adjustment) -> bool) -> Tiers {
        let plan = self.scene.plan;
        let (mut bases, mut open, mut left) =
            (TierSet::empty(plan.tiers()), Vec::new(), Vec::with_capacity(rules.len()));
        match plan.match_best() {
            true => self.best(rules, &mut bases, &mut open, &mut left),
            false => self.first(rules, &mut bases, &mut open, &mut left),
        }
        let tiers = match plan.adjustments() {
            [] => bases,
            adjustments => {
                let all = adjustments.iter().enumerate().filter(|(at, adjustment)| counts(*at, adjustment));
                let all = all.map(|(_, adjustment)| self.adjusting(adjustment, &mut open));
                let all: Vec<Adjusting> = all.collect();
                Adjustments::new(plan.tiers(), all.into_iter()).finals(&bases)
            }
        };
        Tiers { tiers, open, rules: left.into() }
    }

    fn first(&self, rules: &[usize], bases: &mut TierSet, open: &mut Vec<Open>, left: &mut Vec<usize>) {
        for (at, rule) in rules.iter().filter_map(|at| Some((*at, self.scene.plan.rules().get(*at)?))) {
            let truth = rule.condition.map_or(Kleene::TRUE, |condition| self.truth(condition));
            if truth.can_be(Kleene::TRUE) {
                bases.insert(Some(rule.tier));
                left.push(at);
                if truth == Kleene::TRUE {
                    return;
                }
                open.extend(rule.condition.map(Open::Condition));
            }
        }
        bases.insert(None);
    }

    fn best(&self, rules: &[usize], bases: &mut TierSet, open: &mut Vec<Open>, left: &mut Vec<usize>) {
        let mut sure: Option<u32> = None;
        let mut can = Vec::new();
        for (at, rule) in rules.iter().filter_map(|at| Some((*at, self.scene.plan.rules().get(*at)?))) {
            let Some(condition) = rule.condition else {
                left.push(at);
                continue;
            };
            let truth = self.truth(condition);
            if truth == Kleene::TRUE {
                sure = Some(sure.map_or(rule.tier, |sure| sure.min(rule.tier)));
            }
            if truth.can_be(Kleene::TRUE) {
                left.push(at);
                can.push((rule.tier, condition, truth));
            }
        }
        for (tier, condition, truth) in can {
            if sure.is_none_or(|sure| tier < sure) {
                bases.insert(Some(tier));
                if truth != Kleene::TRUE {
                    open.push(Open::Condition(condition));
                }
            }
        }
        match sure {
            Some(sure) => bases.insert(Some(sure)),
            None => {
                let otherwise = self.scene.plan.rules().iter().find(|rule| rule.condition.is_none());
                bases.insert(otherwise.map(|rule| rule.tier));
            }
        }
    }

    pub(super) fn adjusting(&self, adjustment: &Adjustment, open: &mut Vec<Open>) -> Adjusting {
        let truth = self.truth(adjustment.condition);
        let can = truth.can_be(Kleene::TRUE);
        if can && truth != Kleene::TRUE {
            open.push(Open::Condition(adjustment.condition));
        }
        let (tier, is_open) = match adjustment.bound {
            Bound::Tier(tier) => (Some(tier), false),
            Bound::Slot(slot) => self.tier_of(slot, can, open),
        };
        let truth = match truth {
            Kleene::TRUE => Truth::TRUE,
            _ if can => Truth::OPEN,
            _ => Truth::FALSE,
        };
        Adjusting { cap: adjustment.cap, truth, tier, is_open }
    }

    /// The tier that a fact holds, and whether that is open.
    fn tier_of(&self, slot: u32, can: bool, open: &mut Vec<Open>) -> (Option<u32>, bool) {
        let seen = self.slot(slot);
        let known = match &seen.known {
            Known::Nothing => return (None, false),
            Known::Exact(Value::Member(tier)) => Some(*tier),
            Known::Members(members) if members.count() == 1 => {
                members.iter().next().and_then(|member| u32::try_from(member).ok())
            }
            _ => None,
        };
        if seen.is_known() && known.is_some() {
            return (known, false);
        }
        if can {
            open.push(Open::Slot(slot));
        }
        (None, true)
    }
}
