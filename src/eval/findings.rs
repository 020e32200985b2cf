//! What is noticed about a customer's data: calculations without a result, tiers that are not on the ladder, caps and
//! floors that could not be applied, assumptions that do not hold.
//!
//! A calculation is reported once per let, rule, cap, floor or assumption in whose own text it stands, whether or not
//! the decision came to it; the branch of an `if` and the right side of `??` only where it is taken. Nothing is reported
//! that would tell of the value of a sensitive fact.

use super::decide::bound;
use super::machine::{Machine, Val};
use super::outcome::{RawFinding, Whereabouts};
use crate::diagnostics::Finding;
use crate::plan::{Expr, ExprId, Node, NodeId, Root};

pub(super) fn findings(machine: &Machine<'_, '_>) -> Vec<RawFinding> {
    let mut findings = Vec::new();
    facts(machine, &mut findings);
    if machine.plan.can_be_undefined() {
        calculations(machine, &mut findings);
    }
    adjustments(machine, &mut findings);
    for (at, assumption) in machine.plan.assumptions().iter().enumerate() {
        if machine.truth(*assumption).is_surely_false() && !tells(machine, Root::Condition(*assumption)) {
            findings.push(RawFinding::new(Finding::AssumptionBroken, Whereabouts::Assumption(at)));
        }
    }
    findings
}

/// Whether a finding about something would tell of the value of a sensitive fact. That a fact is missing is no secret.
fn tells(machine: &Machine<'_, '_>, root: Root) -> bool {
    let plan = machine.plan;
    let sensitive = match root {
        Root::Value(value) => plan.sensitive().value(value),
        Root::Condition(node) => plan.sensitive().condition(node),
    };
    let secret = |slot: &u32| {
        let field = plan.slots().get(*slot as usize).map(|slot| &slot.field);
        field.is_some_and(|field| field.sensitive) && matches!(machine.fact(*slot), Val::Known(_))
    };
    sensitive && plan.facts_of(root, usize::MAX).0.iter().any(secret)
}

fn facts(machine: &Machine<'_, '_>, findings: &mut Vec<RawFinding>) {
    for (at, (given, _)) in machine.facts.iter().zip(machine.plan.slots()).enumerate() {
        let finding = match given.value {
            _ if given.not_on_ladder => Finding::UnknownTier,
            Val::Undefined => Finding::NoStanding,
            _ => continue,
        };
        findings.push(RawFinding::new(finding, Whereabouts::Field(at)));
    }
}

fn adjustments(machine: &Machine<'_, '_>, findings: &mut Vec<RawFinding>) {
    for (at, adjustment) in machine.plan.adjustments().iter().enumerate() {
        let truth = machine.truth(adjustment.condition);
        let unknown = !truth.is_settled() || truth == crate::plan::Truth::UNKNOWN;
        let open = unknown || (truth.is_surely_true() && bound(machine, adjustment).is_none());
        if open && !tells(machine, Root::Condition(adjustment.condition)) {
            let finding = if adjustment.cap { Finding::CapUnknown } else { Finding::FloorUnknown };
            findings.push(RawFinding::new(finding, Whereabouts::Adjustment(at)));
        }
    }
}

fn calculations(machine: &Machine<'_, '_>, findings: &mut Vec<RawFinding>) {
    let plan = machine.plan;
    let mut walk = |root: Root, place: Whereabouts| {
        let mut walk = Walk { machine, undefined: false };
        match root {
            Root::Value(value) => walk.value(value),
            Root::Condition(node) => walk.condition(node),
        }
        if walk.undefined && !tells(machine, root) {
            findings.push(RawFinding::new(Finding::Undefined, place));
        }
    };
    plan.lets().iter().enumerate().for_each(|(at, root)| walk(*root, Whereabouts::Let(at)));
    for (at, rule) in plan.rules().iter().enumerate() {
        if let Some(condition) = rule.condition {
            walk(Root::Condition(condition), Whereabouts::Rule(at));
        }
    }
    for (at, adjustment) in plan.adjustments().iter().enumerate() {
        walk(Root::Condition(adjustment.condition), Whereabouts::Adjustment(at));
    }
    for (at, assumption) in plan.assumptions().iter().enumerate() {
        walk(Root::Condition(*assumption), Whereabouts::Assumption(at));
    }
}

/// Looks at every calculation of one statement, lets not opened.
struct Walk<'m, 'a> {
    machine: &'m Machine<'m, 'a>,
    undefined: bool,
}

impl Walk<'_, '_> {
    fn condition(&mut self, id: NodeId) {
        let plan = self.machine.plan;
        match plan.node(id) {
            Node::Constant(_) | Node::Let(_) => {}
            Node::Not(inner) => self.condition(*inner),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
                parts.iter().for_each(|part| self.condition(*part))
            }
            Node::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    let truth = self.machine.truth(*condition);
                    if truth.is_surely_true() {
                        self.condition(*value);
                    }
                    if !truth.is_surely_false() {
                        return;
                    }
                }
                self.condition(*otherwise);
            }
            Node::Chained(first, rest) => {
                self.value(*first);
                rest.iter().for_each(|(_, part)| self.value(*part));
            }
            Node::Atom(atom) => plan.values(*atom).for_each(|value| self.value(value)),
        }
    }

    fn value(&mut self, id: ExprId) {
        match self.machine.plan.expr(id) {
            Expr::Constant(_) | Expr::Fact(_) | Expr::Let(_) | Expr::Today => {}
            Expr::Unary(op, inner) => {
                self.value(*inner);
                if let Val::Known(value) = self.machine.value(*inner) {
                    self.undefined |= op.unary(value).is_none();
                }
            }
            Expr::Chain(first, rest) => {
                self.value(*first);
                let mut so_far = self.machine.value(*first);
                for (op, part) in rest {
                    self.value(*part);
                    so_far = match (so_far, self.machine.value(*part)) {
                        (Val::Known(left), Val::Known(right)) => match op.binary(left, right) {
                            Some(value) => Val::Known(value),
                            None => {
                                self.undefined = true;
                                Val::Undefined
                            }
                        },
                        _ => Val::Missing,
                    };
                }
            }
            Expr::Coalesce(parts) => {
                for part in parts {
                    self.value(*part);
                    if matches!(self.machine.value(*part), Val::Known(_)) {
                        break;
                    }
                }
            }
            Expr::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    let truth = self.machine.truth(*condition);
                    if truth.is_surely_true() {
                        self.value(*value);
                    }
                    if !truth.is_surely_false() {
                        return;
                    }
                }
                self.value(*otherwise);
            }
            Expr::Truth(node) => self.condition(*node),
        }
    }
}
