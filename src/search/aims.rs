//! What the tests of a policy can show of it.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::audit::Site;
use super::tiers::Threshold;
use crate::builtins::Compare;
use crate::eval::{Machine, Val};
use crate::plan::{Atom, Expr, ExprId, Grid, Mark, Node, NodeId, Operand, Plan, Root, Subject, Test};
use crate::schema::Type;
use crate::source::Span;
use crate::value::{Constant, Value, add, shift, subtract};

/// Something that a test can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aim {
    /// A rule decides.
    Decides(usize),
    /// A cap or floor moves the tier.
    Moves(usize),
    /// A bin or a line of a segment is the one that fits.
    Fits(Site),
    /// A condition comes to this; `None` is neither true nor false. By its number among those of its site.
    Is(Site, usize, Option<bool>),
    /// A value lies at the edge of a threshold, that of which end of a range.
    Edge(Site, usize, usize, Edge),
    /// A condition comes to this, and the other way the whole would not hold where it does, or hold where it does not.
    Alone(Site, usize, bool),
}

impl Aim {
    /// Where it stands, where that is not a rule or a limit as a whole.
    pub(crate) fn site(self) -> Option<Site> {
        match self {
            Self::Decides(_) | Self::Moves(_) => None,
            Self::Fits(site) | Self::Is(site, ..) | Self::Edge(site, ..) | Self::Alone(site, ..) => Some(site),
        }
    }
}

/// Where a value lies that is compared with a threshold, one step of its grid away from it at the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Edge {
    Below,
    At,
    Above,
}

/// A condition that is one question, `between`, or the name of a `let`, where it stands in a larger one.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) node: NodeId,
    /// Its place among the marks of the whole.
    pub(crate) mark: usize,
    /// The questions that may have a threshold, each with its place among the marks: one, or both ends of a range.
    pub(crate) ends: Vec<(NodeId, usize)>,
    /// Which part of which part it is, from the whole down; of an `if` conditions and branches in turn.
    pub(super) path: Vec<usize>,
    /// What must have come out for it to be asked: the conditions of an `if`.
    pub(super) gates: Vec<(NodeId, bool)>,
}

/// Everything that stands in one place.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    pub(crate) site: Site,
    pub(crate) root: Option<NodeId>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) aims: Vec<Aim>,
}

/// The places of a policy with what tests can show of them, in no order.
pub(crate) fn spots(plan: &Plan) -> Vec<Spot> {
    let mut spots = Vec::new();
    let mut add = |site: Site, root: Option<NodeId>, first: Option<Aim>| {
        let marks = site.outline(plan.names()).map_or(&[][..], |outline| outline);
        let leaves = root.map(|root| leaves_of((plan, marks), root)).unwrap_or_default();
        let mut aims: Vec<Aim> = first.into_iter().collect();
        let bin = matches!(site, Site::Bin(..));
        let single = leaves.len() == 1;
        for (at, leaf) in leaves.iter().enumerate() {
            // The bins of a line say by themselves which of their conditions are true.
            if !bin {
                aims.extend([Some(true), Some(false), None].map(|truth| Aim::Is(site, at, truth)));
            }
            for (end, (node, _)) in leaf.ends.iter().enumerate() {
                aims.extend(edges(plan, *node).iter().map(|edge| Aim::Edge(site, at, end, *edge)));
            }
            if !bin && !single {
                aims.extend([true, false].map(|truth| Aim::Alone(site, at, truth)));
            }
        }
        spots.push(Spot { site, root, leaves, aims });
    };
    for (at, rule) in plan.rules().iter().enumerate() {
        add(Site::Rule(at), rule.condition, Some(Aim::Decides(at)));
    }
    for (at, adjustment) in plan.adjustments().iter().enumerate() {
        add(Site::Adjustment(at), Some(adjustment.condition), Some(Aim::Moves(at)));
    }
    for (at, root) in plan.lets().iter().enumerate() {
        match root {
            Root::Condition(node) => add(Site::Let(at), Some(*node), None),
            Root::Segment(segment) => {
                for (line, known) in plan.segment(*segment).into_iter().flat_map(|segment| &segment.lines).enumerate() {
                    let site = Site::Line(*segment as usize, line);
                    add(site, known.condition, Some(Aim::Fits(site)));
                }
            }
            Root::Score(score) => {
                for (line, known) in plan.score(*score).into_iter().flat_map(|score| &score.lines).enumerate() {
                    for (bin, known) in known.bins.iter().enumerate() {
                        let site = Site::Bin(*score as usize, line, bin);
                        add(site, known.condition, Some(Aim::Fits(site)));
                    }
                }
            }
            Root::Value(_) => {}
        }
    }
    spots
}

/// The conditions of which one is made up, in written order.
fn leaves_of((plan, spans): (&Plan, &[Mark]), root: NodeId) -> Vec<Leaf> {
    let mut found = Found { plan, spans, marks: 0, leaves: Vec::new() };
    found.collect(root, &mut Vec::new(), &mut Vec::new());
    found.leaves
}

struct Found<'p> {
    plan: &'p Plan,
    spans: &'p [Mark],
    marks: usize,
    leaves: Vec<Leaf>,
}

impl Found<'_> {
    /// The questions of which one condition consists for its author: `is present` and `not in` stand where their part does, and
    /// so do both ends of `between`.
    fn questions(&self, node: NodeId, mark: usize) -> Option<Vec<(NodeId, usize)>> {
        let span = |at: usize| self.spans.get(at).map(|mark| mark.span);
        match self.plan.node(node) {
            Node::Atom(_) | Node::Let(_) | Node::Chained(..) => Some(vec![(node, mark)]),
            Node::Not(inner) if span(mark).is_some() && span(mark) == span(mark + 1) => {
                self.questions(*inner, mark + 1)
            }
            Node::And(parts) => match &**parts {
                [low, high] => {
                    let atoms = [low, high].iter().all(|part| matches!(self.plan.node(**part), Node::Atom(_)));
                    let from = |at: usize| span(at).map(|span| span.start());
                    let together = from(mark + 1).is_some() && from(mark + 1) >= from(mark + 2);
                    (atoms && together).then(|| vec![(*low, mark + 1), (*high, mark + 2)])
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn collect(&mut self, node: NodeId, path: &mut Vec<usize>, gates: &mut Vec<(NodeId, bool)>) {
        let mark = self.marks;
        if let Some(ends) = self.questions(node, mark) {
            self.marks = ends.last().map_or(mark, |(_, last)| *last) + 1;
            self.leaves.push(Leaf { node, mark, ends, path: path.clone(), gates: gates.clone() });
            return;
        }
        self.marks += 1;
        let mut parts = |found: &mut Self, parts: &[NodeId]| {
            for (at, part) in parts.iter().enumerate() {
                path.push(at);
                found.collect(*part, path, gates);
                path.pop();
            }
        };
        match self.plan.node(node) {
            Node::Constant(_) | Node::Atom(_) | Node::Let(_) | Node::Chained(..) => {}
            Node::Not(inner) => parts(self, &[*inner]),
            Node::And(all) | Node::Or(all) | Node::AtLeast(_, all) => parts(self, all),
            Node::If(arms, otherwise) => {
                let before = gates.len();
                for (at, (when, then)) in arms.iter().enumerate() {
                    path.push(2 * at);
                    self.collect(*when, path, gates);
                    path.pop();
                    path.push(2 * at + 1);
                    gates.push((*when, true));
                    self.collect(*then, path, gates);
                    path.pop();
                    gates.pop();
                    gates.push((*when, false));
                }
                path.push(2 * arms.len());
                self.collect(*otherwise, path, gates);
                path.pop();
                gates.truncate(before);
            }
        }
    }
}

/// The edges of the threshold of a question.
fn edges(plan: &Plan, node: NodeId) -> &'static [Edge] {
    let Some((atom, subject)) = asked(plan, node) else { return &[] };
    let on_grid = match threshold(plan, atom, subject) {
        Some(on_grid) => on_grid,
        None => return &[],
    };
    match &atom.test {
        Test::Compare(Compare::Equal | Compare::NotEqual, _) => &[Edge::Below, Edge::At, Edge::Above],
        Test::Compare(..) if !on_grid => &[Edge::Below, Edge::Above],
        Test::Compare(Compare::Less | Compare::GreaterOrEqual, _) => &[Edge::Below, Edge::At],
        _ => &[Edge::At, Edge::Above],
    }
}

/// What a question asks about one value.
fn asked(plan: &Plan, node: NodeId) -> Option<(&Atom, ExprId)> {
    let Node::Atom(atom) = plan.node(node) else { return None };
    let atom = plan.atom(*atom)?;
    match plan.dimension(atom)?.subject {
        Subject::Value(value) => Some((atom, value)),
        Subject::Order(..) => None,
    }
}

/// Whether an atom compares with a threshold that has edges; whether values lie at it.
fn threshold(plan: &Plan, atom: &Atom, subject: ExprId) -> Option<bool> {
    match &atom.test {
        Test::Compare(_, Operand::Constant(Constant::Number(number))) => {
            let places = places(plan, atom, subject, *number)?;
            Some(number.normalize().scale() <= places)
        }
        Test::Compare(_, Operand::Constant(Constant::Date(_)) | Operand::Relative(_)) | Test::Within(_) => {
            matches!(plan.names().types.get(subject.at()), Some(Type::Date)).then_some(true)
        }
        _ => None,
    }
}

/// The decimal places of the grid on which a value lies; where it has none, one more than the numbers have with which it
/// is compared.
fn places(plan: &Plan, atom: &Atom, subject: ExprId, bound: Decimal) -> Option<u32> {
    let own = bound.normalize().scale();
    match (plan.dimension(atom)?.grid, plan.names().types.get(subject.at())?) {
        (Grid::Places(places), _) => Some(places),
        // Points, products and quotients lie where they lie.
        _ if plan.names().sums.get(subject.at()) != Some(&true) => None,
        (_, Type::Money) => Some(plan.currency().map_or(2, |currency| currency.minor_places()).max(own)),
        (_, Type::Number) => {
            let words = match plan.expr(subject) {
                Expr::Fact(slot) => plan.vocabulary(*slot),
                Expr::Aggregate(at) => plan.vocabulary_of_aggregate(*at),
                _ => None,
            };
            Some(words.map_or(0, |words| words.places).max(own) + 1)
        }
        _ => None,
    }
}

/// What must hold of a value that lies at an edge: the value, and how it compares.
pub(super) fn window(
    machine: &Machine<'_, '_>,
    node: NodeId,
    edge: Edge,
) -> Option<(ExprId, Vec<(Compare, Threshold)>)> {
    let plan = machine.plan;
    let (atom, subject) = asked(plan, node)?;
    let (low, at, high) = match &atom.test {
        Test::Compare(_, Operand::Constant(Constant::Number(number))) => {
            let step = Decimal::try_new(1, places(plan, atom, subject, *number)?).ok()?;
            let number = *number;
            let [low, high] = [subtract(number, step)?, add(number, step)?].map(Threshold::Number);
            (low, Threshold::Number(number), high)
        }
        Test::Compare(_, Operand::Constant(Constant::Date(day))) => beside(*day)?,
        Test::Compare(_, Operand::Relative(value)) => match machine.value(*value) {
            Val::Known(Value::Date(day)) => beside(day)?,
            _ => return None,
        },
        Test::Within(length) => match machine.value(*length) {
            Val::Known(Value::Duration(length)) => beside(shift(machine.as_of, length, false)?)?,
            _ => return None,
        },
        _ => return None,
    };
    let all = match edge {
        Edge::Below => vec![(Compare::GreaterOrEqual, low), (Compare::Less, at)],
        Edge::At => vec![(Compare::Equal, at)],
        Edge::Above => vec![(Compare::Greater, at), (Compare::LessOrEqual, high)],
    };
    Some((subject, all))
}

fn beside(day: NaiveDate) -> Option<(Threshold, Threshold, Threshold)> {
    let one = Days::new(1);
    let (before, behind) = (day.checked_sub_days(one)?, day.checked_add_days(one)?);
    Some((Threshold::Day(before), Threshold::Day(day), Threshold::Day(behind)))
}

/// How far one step goes of what conditions compare with numbers, by where the condition stands.
pub(crate) fn steps(plan: &Plan) -> Vec<(Span, Decimal)> {
    let mut steps = Vec::new();
    for spot in spots(plan) {
        let Some(outline) = spot.site.outline(plan.names()) else { continue };
        for leaf in &spot.leaves {
            for (node, mark) in &leaf.ends {
                let number = asked(plan, *node).and_then(|(atom, subject)| match &atom.test {
                    Test::Compare(_, Operand::Constant(Constant::Number(number))) => {
                        Decimal::try_new(1, places(plan, atom, subject, *number)?).ok()
                    }
                    _ => None,
                });
                let spans = [leaf.mark, *mark].into_iter().filter_map(|mark| Some(outline.get(mark)?.span));
                steps.extend(spans.filter_map(|span| Some((span, number?))));
            }
        }
    }
    steps
}
