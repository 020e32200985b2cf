//! What one customer shows of a policy: which rule decides, what fits, and what the conditions come to that are asked.

use std::collections::BTreeSet;

use super::aims::{Aim, Edge, Leaf, Spot, window};
use super::audit::Site;
use super::kleene::Kleene;
use super::parts::Truths;
use super::tiers::Threshold;
use crate::eval::{Machine, Val};
use crate::plan::{Node, NodeId, Plan, Rule, Truth};
use crate::value::Value;

/// Whether a value of one customer lies at an edge.
fn lies(machine: &Machine<'_, '_>, node: NodeId, edge: Edge) -> bool {
    let Some((subject, all)) = window(machine, node, edge) else { return false };
    let Val::Known(value) = machine.value(subject) else { return false };
    all.iter().all(|(op, threshold)| match threshold {
        Threshold::Number(number) => op.holds(&value, &Value::Number(*number)),
        Threshold::Day(day) => op.holds(&value, &Value::Date(*day)),
    })
}

/// Everything that one customer shows.
pub(crate) fn met(machine: &Machine<'_, '_>, spots: &[Spot]) -> BTreeSet<Aim> {
    let mut met = BTreeSet::new();
    let best = first_rule(machine);
    let decided = machine.decided();
    let reached = |rule: usize| match best {
        None => true,
        Some(best) => rank(machine.plan, rule) <= rank(machine.plan, best),
    };
    for spot in spots {
        let (reached, fits) = match spot.site {
            Site::Rule(at) => (reached(at), decided.1.map(|rule| rule.index()) == Some(at)),
            Site::Adjustment(at) => (true, machine.moved().contains(&Some(at))),
            site => (is_reached(machine, site), is_fitting(machine, site)),
        };
        let first =
            spot.aims.first().filter(|aim| fits && matches!(aim, Aim::Decides(_) | Aim::Moves(_) | Aim::Fits(_)));
        met.extend(first);
        if reached {
            shown(machine, spot, &mut met);
        }
    }
    met
}

/// Whether one customer shows one thing.
pub(super) fn shows(machine: &Machine<'_, '_>, spot: &Spot, aim: Aim) -> bool {
    match aim {
        Aim::Decides(at) => machine.decided().1.map(|rule| rule.index()) == Some(at),
        Aim::Moves(at) => machine.moved().contains(&Some(at)),
        Aim::Fits(site) => is_fitting(machine, site),
        Aim::Is(site, at, truth) => {
            is_asked(machine, spot, site, at).is_some_and(|leaf| truth_of(machine, leaf) == truth)
        }
        Aim::Edge(site, at, end, edge) => {
            let leaf = is_asked(machine, spot, site, at);
            leaf.and_then(|leaf| leaf.ends.get(end)).is_some_and(|(node, _)| lies(machine, *node, edge))
        }
        Aim::Alone(site, at, truth) => {
            let Some(leaf) = is_asked(machine, spot, site, at) else { return false };
            let mut met = BTreeSet::new();
            if truth_of(machine, leaf) == Some(truth) {
                shown(machine, spot, &mut met);
            }
            met.contains(&aim)
        }
    }
}

/// A condition that is asked of a customer.
fn is_asked<'s>(machine: &Machine<'_, '_>, spot: &'s Spot, site: Site, at: usize) -> Option<&'s Leaf> {
    let leaf = spot.leaves.get(at)?;
    let gates = leaf.gates.iter().all(|(node, value)| machine.of(*node) == Kleene::of(*value));
    let reached = || match site {
        Site::Rule(at) => first_rule(machine).is_none_or(|best| rank(machine.plan, at) <= rank(machine.plan, best)),
        Site::Adjustment(_) => true,
        site => is_reached(machine, site),
    };
    (gates && reached()).then_some(leaf)
}

/// What a condition comes to, where that is true or false.
fn truth_of(machine: &Machine<'_, '_>, leaf: &Leaf) -> Option<bool> {
    match machine.of(leaf.node) {
        Kleene::TRUE => Some(true),
        Kleene::FALSE => Some(false),
        _ => None,
    }
}

/// The rule that fits and comes first.
fn first_rule(machine: &Machine<'_, '_>) -> Option<usize> {
    let holds = |rule: &Rule| rule.condition.is_none_or(|condition| machine.of(condition) == Kleene::TRUE);
    let mut fitting = machine.plan.rules().iter().enumerate().filter(|(_, rule)| holds(rule)).map(|(at, _)| at);
    match machine.plan.match_best() {
        false => fitting.next(),
        true => fitting.min_by_key(|at| rank(machine.plan, *at)),
    }
}

/// Which of two rules that fit comes first.
fn rank(plan: &Plan, rule: usize) -> (u32, usize) {
    let known = plan.rules().get(rule);
    match known.filter(|_| plan.match_best()) {
        // Among the best `otherwise` is for those whom no other rule fits.
        Some(known) => (if known.condition.is_none() { u32::MAX } else { known.tier }, rule),
        None => (0, rule),
    }
}

/// Whether a condition of a `let`, a segment or a score is asked for.
fn is_reached(machine: &Machine<'_, '_>, site: Site) -> bool {
    let plan = machine.plan;
    match site {
        Site::Line(segment, line) => {
            let lines = u32::try_from(segment).ok().and_then(|segment| plan.segment(segment));
            let mut ahead = lines.into_iter().flat_map(|segment| segment.lines.iter().take(line));
            ahead.all(|line| line.condition.is_some_and(|node| machine.of(node) != Kleene::TRUE))
        }
        Site::Bin(score, line, bin) => {
            let line = u32::try_from(score).ok().and_then(|score| plan.score(score)?.lines.get(line));
            line.is_some_and(|line| {
                let mut ahead = line.bins.iter().take(bin).filter(|bin| !bin.missing);
                matches!(machine.value(line.value), Val::Known(_))
                    && ahead.all(|bin| bin.condition.is_some_and(|node| machine.of(node) != Kleene::TRUE))
            })
        }
        Site::Let(_) | Site::Rule(_) | Site::Adjustment(_) => true,
    }
}

/// Whether a line of a segment or a bin is the one that fits, without a doubt.
fn is_fitting(machine: &Machine<'_, '_>, site: Site) -> bool {
    let plan = machine.plan;
    match site {
        Site::Line(segment, at) => {
            let lines = u32::try_from(segment).ok().and_then(|segment| plan.segment(segment)).map(|it| &it.lines);
            let Some((ahead, rest)) = lines.and_then(|lines| lines.split_at_checked(at)) else { return false };
            let own =
                rest.first().is_some_and(|line| line.condition.is_none_or(|node| machine.of(node) == Kleene::TRUE));
            own && ahead.iter().all(|line| line.condition.is_some_and(|node| !machine.truth(node).can_be(Truth::TRUE)))
        }
        Site::Bin(score, line, bin) => {
            let line = u32::try_from(score).ok().and_then(|score| plan.score(score)?.lines.get(line));
            line.is_some_and(|line| machine.line(line, &mut ()).bin.is_some_and(|fits| fits as usize == bin))
        }
        Site::Let(_) | Site::Rule(_) | Site::Adjustment(_) => false,
    }
}

/// What the conditions of one place show, which are asked for.
fn shown(machine: &Machine<'_, '_>, spot: &Spot, met: &mut BTreeSet<Aim>) {
    let Some(root) = spot.root else { return };
    let mut walk = Walk { machine, spot, next: 0, met };
    walk.part(root, Fires::WHOLE, true);
}

/// Whether the whole holds where a part of it is true, false, or neither.
#[derive(Clone, Copy)]
struct Fires([bool; 3]);

impl Fires {
    const WHOLE: Self = Self([true, false, false]);

    fn at(self, truth: Kleene) -> bool {
        let Self([holds, fails, open]) = self;
        match truth {
            Kleene::TRUE => holds,
            Kleene::FALSE => fails,
            _ => open,
        }
    }

    /// The same of a part of the part.
    fn through(self, part: impl Fn(Kleene) -> Kleene) -> Self {
        Self([Kleene::TRUE, Kleene::FALSE, Kleene::MISSING].map(|truth| self.at(part(truth))))
    }
}

struct Walk<'w, 'm, 'a> {
    machine: &'w Machine<'m, 'a>,
    spot: &'w Spot,
    next: usize,
    met: &'w mut BTreeSet<Aim>,
}

impl Walk<'_, '_, '_> {
    /// Looks at a part; each leaf comes in turn, whether it is asked for or not.
    fn part(&mut self, node: NodeId, fires: Fires, asked: bool) {
        let machine = self.machine;
        // What is one condition to its author may be made up of several.
        if self.spot.leaves.get(self.next).is_some_and(|leaf| leaf.node == node) {
            return self.leaf(fires, asked);
        }
        match machine.plan.node(node) {
            Node::Constant(_) | Node::Atom(_) | Node::Let(_) | Node::Chained(..) => {}
            Node::Not(inner) => self.part(*inner, fires.through(Kleene::not), asked),
            Node::And(parts) => self.beside(parts, fires, asked, Kleene::TRUE, Kleene::and),
            Node::Or(parts) => self.beside(parts, fires, asked, Kleene::FALSE, Kleene::or),
            Node::AtLeast(wanted, parts) => {
                let all: Vec<Kleene> = parts.iter().map(|part| machine.of(*part)).collect();
                let count = |truth: Kleene| all.iter().filter(|own| **own == truth).count();
                let (sure, open) = (count(Kleene::TRUE), count(Kleene::MISSING));
                for (part, own) in parts.iter().zip(&all) {
                    let others =
                        (sure - usize::from(*own == Kleene::TRUE), open - usize::from(*own == Kleene::MISSING));
                    self.part(*part, fires.through(|truth| counted(*wanted as usize, others, truth)), asked);
                }
            }
            Node::If(arms, otherwise) => self.branches(arms, *otherwise, fires, asked),
        }
    }

    /// Parts of `and` or `or`: what the others come to, those ahead and those behind.
    fn beside(
        &mut self,
        parts: &[NodeId],
        fires: Fires,
        asked: bool,
        neutral: Kleene,
        join: fn(Kleene, Kleene) -> Kleene,
    ) {
        let own: Vec<Kleene> = parts.iter().map(|part| self.machine.of(*part)).collect();
        let mut behind = vec![neutral];
        for truth in own.iter().rev() {
            behind.push(join(*truth, behind.last().copied().unwrap_or(neutral)));
        }
        let mut ahead = neutral;
        behind.pop();
        for (part, own) in parts.iter().zip(own) {
            let others = join(ahead, behind.pop().unwrap_or(neutral));
            self.part(*part, fires.through(|truth| join(truth, others)), asked);
            ahead = join(ahead, own);
        }
    }

    fn branches(&mut self, arms: &[(NodeId, NodeId)], otherwise: NodeId, fires: Fires, asked: bool) {
        let machine = self.machine;
        // What comes out from each arm on.
        let mut rest = vec![machine.of(otherwise)];
        for (when, then) in arms.iter().rev() {
            let last = rest.last().copied().unwrap_or(Kleene::MISSING);
            rest.push(chosen(machine.of(*when), machine.of(*then), last));
        }
        rest.pop();
        let mut open = true;
        for (when, then) in arms {
            let behind = rest.pop().unwrap_or(Kleene::MISSING);
            let (own, taken) = (machine.of(*when), machine.of(*then));
            self.part(*when, fires.through(|truth| chosen(truth, taken, behind)), asked && open);
            self.part(*then, fires, asked && open && own == Kleene::TRUE);
            open &= own == Kleene::FALSE;
        }
        self.part(otherwise, fires, asked && open);
    }

    fn leaf(&mut self, fires: Fires, asked: bool) {
        let at = self.next;
        self.next += 1;
        let Some(leaf) = self.spot.leaves.get(at).filter(|_| asked) else { return };
        let site = self.spot.site;
        let truth = truth_of(self.machine, leaf);
        self.met.insert(Aim::Is(site, at, truth));
        if let Some(truth) = truth.filter(|_| fires.at(Kleene::TRUE) != fires.at(Kleene::FALSE)) {
            self.met.insert(Aim::Alone(site, at, truth));
        }
        for (end, (node, _)) in leaf.ends.iter().enumerate() {
            let edges = [Edge::Below, Edge::At, Edge::Above].into_iter();
            let edges = edges.filter(|edge| lies(self.machine, *node, *edge));
            self.met.extend(edges.map(|edge| Aim::Edge(site, at, end, edge)));
        }
    }
}

/// Whether at least so many are true: of the others so many are true and so many are open.
fn counted(wanted: usize, (sure, open): (usize, usize), own: Kleene) -> Kleene {
    let (sure, open) = (sure + usize::from(own == Kleene::TRUE), open + usize::from(own == Kleene::MISSING));
    match (sure >= wanted, sure + open >= wanted) {
        (true, _) => Kleene::TRUE,
        (_, false) => Kleene::FALSE,
        _ => Kleene::MISSING,
    }
}

/// What an arm of an `if` comes to.
fn chosen(when: Kleene, then: Kleene, behind: Kleene) -> Kleene {
    match when {
        Kleene::TRUE => then,
        Kleene::FALSE => behind,
        open => open,
    }
}
