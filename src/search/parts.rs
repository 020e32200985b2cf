//! The parts of a condition, each where it stands, and what the whole would be if one of them were always the same.

use super::kleene::Kleene;
use super::look::Look;
use crate::eval::Machine;
use crate::plan::{Mark, Node, NodeId, Plan, Truth};

/// So many parts of one condition are looked at.
const MOST: usize = 10_000;

/// A part of a condition.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// Which part of which part it is, from the whole down.
    pub(super) path: Vec<usize>,
    pub(super) node: NodeId,
    /// Its place among the marks of the whole.
    pub(super) mark: usize,
    /// Whether it is the whole but for a `not` in front.
    pub(super) turned: bool,
}

/// Where the truth of conditions comes from: a look at a region, or one customer.
pub(super) trait Truths {
    fn plan(&self) -> &Plan;
    fn of(&self, node: NodeId) -> Kleene;
}

impl Truths for Look<'_, '_, '_> {
    fn plan(&self) -> &Plan {
        self.scene.plan
    }

    fn of(&self, node: NodeId) -> Kleene {
        self.truth(node)
    }
}

impl Truths for Machine<'_, '_> {
    fn plan(&self) -> &Plan {
        self.plan
    }

    fn of(&self, node: NodeId) -> Kleene {
        match self.truth(node) {
            Truth::TRUE => Kleene::TRUE,
            Truth::FALSE => Kleene::FALSE,
            _ => Kleene::MISSING,
        }
    }
}

/// The parts of a condition, each before its own parts, and of parts beside each other the last first: of two that say the
/// same the later one is left out. What stands inside of `if` is not looked at, nor are the two ends of a range.
pub(super) fn parts_of(plan: &Plan, root: NodeId, marks: &[Mark]) -> Vec<Part> {
    let mut parts = Vec::new();
    collect((plan, marks), root, &mut Vec::new(), &mut 0, &mut parts);
    let place = |at: Option<&usize>| at.map(|at| std::cmp::Reverse(*at));
    parts.sort_by(|a, b| {
        let length = a.path.len().max(b.path.len());
        (0..length)
            .map(|at| place(a.path.get(at)).cmp(&place(b.path.get(at))))
            .find(|order| order.is_ne())
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    parts
}

fn collect(
    (plan, spans): (&Plan, &[Mark]),
    node: NodeId,
    path: &mut Vec<usize>,
    marks: &mut usize,
    parts: &mut Vec<Part>,
) {
    if parts.len() >= MOST {
        return;
    }
    let above = path.split_last().map(|(_, above)| above);
    let whole = |part: &&Part| Some(&*part.path) == above;
    let turned =
        parts.iter().rev().find(whole).is_some_and(|above| {
            (above.turned || above.path.is_empty()) && matches!(plan.node(above.node), Node::Not(_))
        });
    parts.push(Part { path: path.clone(), node, mark: *marks, turned });
    let span = |at: usize| spans.get(at).map(|mark| mark.span);
    // The comparisons of `a <= b < c` and `between` share their middle, and `is present` stands where its part does.
    let next = (span(*marks + 1), span(*marks + 2));
    let shared = match (plan.node(node), next) {
        (Node::Not(_), (Some(inner), _)) => span(*marks) == Some(inner),
        (Node::And(parts), (Some(a), Some(b))) => {
            let atoms = parts.iter().all(|part| matches!(plan.node(*part), Node::Atom(_)));
            atoms && a.end() > b.start()
        }
        _ => false,
    };
    if shared {
        *marks += marks_of(plan, node);
        return;
    }
    *marks += 1;
    let mut inner = |at: usize, inner: NodeId, marks: &mut usize| {
        path.push(at);
        collect((plan, spans), inner, path, marks, parts);
        path.pop();
    };
    match plan.node(node) {
        Node::Not(only) => inner(0, *only, marks),
        Node::And(all) | Node::Or(all) | Node::AtLeast(_, all) => {
            all.iter().enumerate().for_each(|(at, part)| inner(at, *part, marks));
        }
        Node::If(arms, otherwise) => {
            let all = arms.iter().flat_map(|(when, then)| [*when, *then]).chain([*otherwise]);
            all.for_each(|part| *marks += marks_of(plan, part));
        }
        Node::Constant(_) | Node::Atom(_) | Node::Let(_) | Node::Chained(..) => {}
    }
}

/// How many marks a condition and its parts have.
fn marks_of(plan: &Plan, node: NodeId) -> usize {
    let parts = match plan.node(node) {
        Node::Not(inner) => marks_of(plan, *inner),
        Node::And(parts) | Node::Or(parts) | Node::AtLeast(_, parts) => {
            parts.iter().map(|part| marks_of(plan, *part)).sum()
        }
        Node::If(arms, otherwise) => {
            let arms = arms.iter().map(|(when, then)| marks_of(plan, *when) + marks_of(plan, *then));
            arms.sum::<usize>() + marks_of(plan, *otherwise)
        }
        Node::Constant(_) | Node::Atom(_) | Node::Let(_) | Node::Chained(..) => 0,
    };
    1 + parts
}

/// Some parts of a condition, by their paths, and what each is taken for.
pub(super) type Taken<'p> = [(&'p [usize], Kleene)];

/// What a condition can be if some of its parts were always the same.
pub(super) fn forced(truths: &impl Truths, node: NodeId, taken: &Taken<'_>) -> Kleene {
    forced_at(truths, node, 0, taken)
}

fn forced_at(truths: &impl Truths, node: NodeId, depth: usize, taken: &Taken<'_>) -> Kleene {
    if let Some((_, value)) = taken.iter().find(|(path, _)| path.len() == depth) {
        return *value;
    }
    if taken.is_empty() {
        return truths.of(node);
    }
    let part = |(at, part): (usize, &NodeId)| {
        let inner: Vec<_> = taken.iter().filter(|(path, _)| path.get(depth) == Some(&at)).copied().collect();
        forced_at(truths, *part, depth + 1, &inner)
    };
    match truths.plan().node(node) {
        Node::Not(inner) => part((0, inner)).not(),
        Node::And(parts) => parts.iter().enumerate().map(part).fold(Kleene::TRUE, Kleene::and),
        Node::Or(parts) => parts.iter().enumerate().map(part).fold(Kleene::FALSE, Kleene::or),
        Node::AtLeast(wanted, parts) => Kleene::at_least(*wanted as usize, parts.iter().enumerate().map(part)),
        Node::If(arms, otherwise) => {
            let mut rest = part((2 * arms.len(), otherwise));
            for (at, (when, then)) in arms.iter().enumerate().rev() {
                let when = part((2 * at, when));
                let then = part((2 * at + 1, then)).when(when.can_be(Kleene::TRUE));
                rest = then.or_else(rest.when(when.can_be(Kleene::FALSE)));
                rest = rest.or_else(when.only(Kleene::MISSING.or_else(Kleene::UNDEFINED)));
            }
            rest
        }
        Node::Constant(_) | Node::Atom(_) | Node::Let(_) | Node::Chained(..) => truths.of(node),
    }
}
