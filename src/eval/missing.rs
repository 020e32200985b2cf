//! The missing facts that matter: those on which a condition hangs that can still change the tier.

use super::machine::{Machine, Val};
use super::possible::{adjustments, bases, best_sure, is_open};
use crate::plan::{Adjustments, Bound, Expr, ExprId, Node, NodeId, Root, Rule, Truth};

/// The slots of the missing facts that matter, in order. `open` is the machine in possible mode, and the customer is
/// not certain.
pub(super) fn missing(decided: &Machine<'_, '_>, open: &Machine<'_, '_>) -> Vec<u32> {
    let mut search = Search::new(decided, open);
    let adjustments = adjustments(open);
    if decided.plan.match_best() {
        search.best_rules();
    } else {
        search.first_rules(&adjustments);
    }
    search.adjustments(&adjustments);
    search.through_lets();
    if search.found.iter().any(|found| *found) {
        search.slots(|slot| search.found.get(slot) == Some(&true))
    } else {
        search.slots(|_| true)
    }
}

struct Search<'m, 'a> {
    decided: &'m Machine<'m, 'a>,
    open: &'m Machine<'m, 'a>,
    found: Vec<bool>,
    lets: Vec<bool>,
    waiting: Vec<u32>,
}

/// The tiers that later rules can give, as far as it matters: none, one that caps and floors leave, or several.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    One(Class),
    Several,
}

/// Tiers that end in the same one whatever caps and floors do; any other tier is alone in its class.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Ends(Option<u32>),
    Alone(Option<u32>),
}

impl<'m, 'a> Search<'m, 'a> {
    fn new(decided: &'m Machine<'m, 'a>, open: &'m Machine<'m, 'a>) -> Self {
        let plan = decided.plan;
        let (found, lets) = (vec![false; plan.missing_count()], vec![false; plan.lets().len()]);
        Self { decided, open, found, lets, waiting: Vec::new() }
    }

    fn slots(&self, wanted: impl Fn(usize) -> bool) -> Vec<u32> {
        let missing = |slot: &u32| self.is_missing(*slot) && wanted(*slot as usize);
        (0..).take(self.found.len()).filter(missing).collect()
    }

    /// Whether a fact, a collection or a field of its records is missing.
    fn is_missing(&self, at: u32) -> bool {
        let plan = self.decided.plan;
        if (at as usize) < plan.slots().len() {
            return matches!(self.decided.fact(at), Val::Missing);
        }
        self.decided.lacks(at)
    }

    /// A rule matters while it is open and what it gives differs from what comes behind it.
    fn first_rules(&mut self, adjustments: &Adjustments) {
        let rules = self.decided.plan.rules();
        let truth = |rule: &Rule| rule.condition.map_or(Truth::TRUE, |condition| self.open.truth(condition));
        let truths: Vec<Truth> = rules.iter().map(truth).collect();
        let reached = truths.iter().position(|truth| truth.is_surely_true()).map_or(rules.len(), |at| at + 1);
        let mut behind = Behind::One(class(adjustments, None));
        for (rule, truth) in rules.iter().zip(&truths).take(reached).rev() {
            let own = Behind::One(class(adjustments, Some(rule.tier)));
            if let Some(condition) = rule.condition.filter(|_| own != behind) {
                self.condition(condition);
            }
            behind = match truth {
                truth if truth.is_surely_true() => own,
                truth if !truth.can_be(Truth::TRUE) || own == behind => behind,
                _ => Behind::Several,
            };
        }
    }

    fn best_rules(&mut self) {
        let sure = best_sure(self.open);
        for rule in self.decided.plan.rules() {
            if let Some(condition) = rule.condition.filter(|_| sure.is_none_or(|sure| rule.tier <= sure)) {
                self.condition(condition);
            }
        }
    }

    /// A cap or floor matters where it can move a tier that is possible without it.
    fn adjustments(&mut self, levels: &Adjustments) {
        let mut bases = bases(self.open);
        // The decision may lie outside of what is possible, and a cap or floor may move it all the same.
        let decided = super::decide::decide(self.decided, &mut ()).rule;
        bases.insert(decided.and_then(|rule| self.decided.plan.rules().get(rule.index())).map(|rule| rule.tier));
        let best = bases.iter().flatten().chain(levels.floors.all()).min();
        let worst = bases.iter().last().flatten();
        for adjustment in self.decided.plan.adjustments() {
            let tier = super::decide::bound(self.decided, adjustment);
            let moves = if adjustment.cap {
                tier.is_none_or(|cap| levels.caps.reaches(cap) && best.is_some_and(|best| cap > best))
            } else {
                tier.is_none_or(|floor| levels.floors.reaches(floor) && worst.is_none_or(|worst| floor < worst))
            };
            if !moves {
                continue;
            }
            self.condition(adjustment.condition);
            if let Bound::Slot(slot) = adjustment.bound
                && is_open(self.decided, adjustment)
                && self.open.truth(adjustment.condition).can_be(Truth::TRUE)
            {
                self.fact(slot);
            }
        }
    }

    fn through_lets(&mut self) {
        while let Some(at) = self.waiting.pop() {
            match self.decided.plan.lets().get(at as usize) {
                Some(Root::Value(value)) => self.value(*value),
                Some(Root::Condition(node)) => self.condition(*node),
                Some(Root::Score(score)) => self.score(*score),
                Some(Root::Segment(segment)) => self.segment(*segment),
                None => {}
            }
        }
    }

    /// The lines of a score that are not settled.
    fn score(&mut self, at: u32) {
        for line in self.decided.plan.score(at).into_iter().flat_map(|score| &score.lines) {
            self.value(line.value);
            for bin in &line.bins {
                bin.condition.into_iter().for_each(|condition| self.condition(condition));
                self.value(bin.points);
            }
        }
    }

    /// The lines of a segment up to the first that surely fits.
    fn segment(&mut self, at: u32) {
        for line in self.decided.plan.segment(at).into_iter().flat_map(|segment| &segment.lines) {
            let Some(condition) = line.condition else { return };
            self.condition(condition);
            if self.open.truth(condition).is_surely_true() {
                return;
            }
        }
    }

    /// What of a collection is missing and keeps an aggregate open.
    fn aggregate(&mut self, at: u32) {
        let plan = self.decided.plan;
        let Some(aggregate) = plan.aggregate(at) else { return };
        let Some(measure) = plan.measure(aggregate.measure) else { return };
        if let Some(records) = measure.records {
            let number = plan.missing_records(records);
            self.records(number);
            if self.found.get(number as usize) == Some(&true) {
                return;
            }
            let date = plan.records().get(records as usize).and_then(|records| records.date);
            if let Some(date) = date.filter(|_| plan.asks_days(aggregate)) {
                self.records(number + 1 + u32::try_from(date).unwrap_or(u32::MAX));
            }
        }
        let roots = measure.argument.map(Root::Value).into_iter();
        for root in roots.chain(measure.condition.map(Root::Condition)) {
            let (facts, lets) = plan.names_of(root);
            for fact in facts {
                if (fact as usize) < plan.slots().len() { self.fact(fact) } else { self.records(fact) }
            }
            lets.into_iter().for_each(|at| self.bound(at));
        }
    }

    fn records(&mut self, at: u32) {
        if self.decided.lacks(at)
            && let Some(found) = self.found.get_mut(at as usize)
        {
            *found = true;
        }
    }

    fn fact(&mut self, slot: u32) {
        if matches!(self.decided.fact(slot), Val::Missing)
            && let Some(found) = self.found.get_mut(slot as usize)
        {
            *found = true;
        }
    }

    fn bound(&mut self, at: u32) {
        if let Some(seen) = self.lets.get_mut(at as usize).filter(|seen| !**seen) {
            *seen = true;
            self.waiting.push(at);
        }
    }

    /// Follows a condition as far as it is open, or differs between the decision and what is possible.
    fn condition(&mut self, id: NodeId) {
        let open = self.open.truth(id);
        if open.is_settled() && open == self.decided.truth(id).decided() {
            return;
        }
        match self.decided.plan.node(id) {
            Node::Constant(_) => {}
            Node::Let(at) => self.bound(*at),
            Node::Not(inner) => self.condition(*inner),
            Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
                parts.iter().for_each(|part| self.condition(*part))
            }
            Node::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    self.condition(*value);
                }
                self.condition(*otherwise);
            }
            Node::Chained(first, rest) => {
                self.value(*first);
                rest.iter().for_each(|(_, part)| self.value(*part));
            }
            Node::Atom(atom) => self.decided.plan.values(*atom).for_each(|value| self.value(value)),
        }
    }

    fn value(&mut self, id: ExprId) {
        if matches!(self.open.value(id), Val::Known(_)) && matches!(self.decided.value(id), Val::Known(_)) {
            return;
        }
        match self.decided.plan.expr(id) {
            Expr::Constant(_) | Expr::Today => {}
            Expr::Lookup(column) => {
                let plan = self.decided.plan;
                let table = plan.column(*column).and_then(|column| plan.tables().get(column.table as usize));
                table.into_iter().for_each(|table| self.value(table.key));
            }
            Expr::Fact(slot) => self.fact(*slot),
            Expr::Element(records, field) => self.records(self.decided.plan.missing_records(*records) + 1 + field),
            Expr::Aggregate(at) => self.aggregate(*at),
            Expr::Let(at) => self.bound(*at),
            Expr::Unary(_, inner) => self.value(*inner),
            Expr::Chain(first, rest) => {
                self.value(*first);
                rest.iter().for_each(|(_, part)| self.value(*part));
            }
            Expr::Coalesce(parts) => {
                // The parts behind one that is known are never looked at.
                for part in parts {
                    self.value(*part);
                    if matches!(self.decided.value(*part), Val::Known(_)) {
                        break;
                    }
                }
            }
            Expr::If(arms, otherwise) => {
                for (condition, value) in arms {
                    self.condition(*condition);
                    self.value(*value);
                }
                self.value(*otherwise);
            }
            Expr::Truth(node) => self.condition(*node),
        }
    }
}

fn class(adjustments: &Adjustments, tier: Option<u32>) -> Class {
    adjustments.end(tier).map_or(Class::Alone(tier), Class::Ends)
}
