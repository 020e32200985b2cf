//! The right sides of `??`: whether they are ever needed.

use std::collections::BTreeSet;

use super::audit::{Asked, Site, Standing, Wanted};
use super::auditor::{Answer, Auditor};
use super::look::Look;
use super::parts::parts_of;
use super::tiers::Open;
use crate::eval::{Machine, Val};
use crate::plan::{Expr, ExprId, NodeId, Part, Plan, Root};

impl<'m, 'a> Auditor<'_, 'm, 'a> {
    /// Each `??` once, where it stands first.
    pub(super) fn fallbacks(&mut self) {
        let plan = self.asker.plan;
        let mut seen = BTreeSet::new();
        let rules = plan.rules().iter().enumerate().filter_map(|(at, rule)| Some((Site::Rule(at), rule.condition?)));
        let limits = plan.adjustments().iter().enumerate().map(|(at, limit)| (Site::Adjustment(at), limit.condition));
        for (site, node) in rules.chain(limits) {
            self.in_condition(site, node, &mut seen);
        }
        for (at, root) in plan.lets().iter().enumerate() {
            match root {
                Root::Value(value) => self.in_value(Standing::Let(at), Root::Value(*value), &mut seen),
                Root::Condition(node) => self.in_condition(Site::Let(at), *node, &mut seen),
                Root::Segment(segment) => {
                    let lines = plan.segment(*segment).into_iter().flat_map(|segment| &segment.lines);
                    for (line, node) in lines.enumerate().filter_map(|(at, line)| Some((at, line.condition?))) {
                        self.in_condition(Site::Line(*segment as usize, line), node, &mut seen);
                    }
                }
                Root::Score(score) => {
                    for (at, line) in plan.score(*score).into_iter().flat_map(|score| &score.lines).enumerate() {
                        let standing = Standing::Line(*score as usize, at);
                        self.in_value(standing, Root::Value(line.value), &mut seen);
                    }
                }
            }
        }
    }

    fn in_condition(&mut self, site: Site, node: NodeId, seen: &mut BTreeSet<ExprId>) {
        let plan = self.asker.plan;
        let parts = parts_of(plan, node, site.outline(plan.names()).map_or(&[], |outline| outline));
        // Parts that have parts come before them; what stands in a part is told there.
        for part in parts.iter().rev() {
            self.in_value(Standing::Part(site, part.mark), Root::Condition(part.node), seen);
        }
    }

    /// What stands in a value or condition, not behind a let or inside of an aggregate.
    fn in_value(&mut self, standing: Standing, root: Root, seen: &mut BTreeSet<ExprId>) {
        for id in coalesced(self.asker.plan, root) {
            if seen.insert(id) {
                self.needed(Asked::Fallback(standing), id);
            }
        }
    }

    fn needed(&mut self, asked: Asked, id: ExprId) {
        let Expr::Coalesce(parts) = self.asker.plan.expr(id) else { return };
        let Some((_, left)) = parts.split_last() else { return };
        let look = |look: &Look<'_, 'm, 'a>| {
            let mut open = Vec::new();
            for part in left {
                let seen = look.value(*part);
                if seen.is_known() {
                    return Wanted::default();
                }
                if seen.can_be_known() {
                    open.push(Open::Value(*part));
                }
            }
            Wanted { can: true, sure: open.is_empty(), open, ..Wanted::default() }
        };
        let holds = |machine: &Machine<'_, '_>| !left.iter().any(|part| matches!(machine.value(*part), Val::Known(_)));
        let answer = self.ask(asked, |asker, steps| asker.reaches(&[], asker.region.clone(), (&look, &holds), steps));
        if let Answer::No = answer {
            self.flaw(asked);
        }
    }
}

/// Every `??` that a value or condition is made of.
fn coalesced(plan: &Plan, root: Root) -> Vec<ExprId> {
    let (mut found, mut waiting) = (Vec::new(), vec![root]);
    while let Some(root) = waiting.pop() {
        if let Root::Value(id) = root {
            match plan.expr(id) {
                Expr::Aggregate(_) => continue,
                Expr::Coalesce(_) => found.push(id),
                _ => {}
            }
        }
        plan.each_part(root, &mut |part| {
            if let Part::Inner(inner) = part {
                waiting.push(inner);
            }
        });
    }
    found
}
