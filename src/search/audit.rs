//! Questions about everybody, as a look at a region answers them and as the evaluation of one customer does.

use std::rc::Rc;

use super::boxes::{Boxed, Named, person};
use super::everybody::Side;
use super::explore::Steps;
use super::kleene::Kleene;
use super::look::Look;
use super::parts::Truths;
use super::point::{Held, Point};
use super::possible::Unknown;
use super::probe::Probe;
use super::region::{Region, Thing};
use super::scene::Space;
use super::seek::{Goal, Hit, Judged, Sought, probed};
use super::tiers::Open;
use super::worlds::in_all_worlds;
use crate::eval::{Machine, RuleId};
use crate::plan::{Names, NodeId, Outline, Plan};
use crate::value::Extent;

/// What is asked of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
    /// Whether some customer keeps all assumptions.
    Assumptions,
    /// Whether a rule fits everybody; or everybody of whom all is known.
    Gap { missing: bool },
    /// Whether a condition is ever true.
    True(Site),
    /// Whether a rule ever decides.
    Decides(usize),
    /// Whether a line or bin ever fits that is true of somebody.
    Fits(Site),
    /// Whether a part of a condition, by its mark, could as well be always true, or always false.
    Part(Site, usize, bool),
    /// Whether anybody has a tier.
    Tier(u32),
    /// Whether the right side of a `??` is ever needed.
    Fallback(Standing),
    /// Whether a cap or floor moves anybody.
    Moves(usize),
    /// Whether anything looks at the fact of which a default is declared.
    Default(usize),
    /// Whether two neighbouring rules of different tiers fit one customer.
    Overlap(usize),
}

/// Where a condition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Site {
    Rule(usize),
    Adjustment(usize),
    Let(usize),
    /// A line of a segment.
    Line(usize, usize),
    /// A bin of a line of a score.
    Bin(usize, usize, usize),
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Standing {
    /// In a part of a condition, by its mark.
    Part(Site, usize),
    Let(usize),
    /// A line of a score.
    Line(usize, usize),
}

impl Site {
    /// Where the parts of the condition stand.
    pub(crate) fn outline(self, names: &Names) -> Option<&Outline> {
        Some(match self {
            Self::Rule(at) => &names.rules.get(at)?.outline,
            Self::Adjustment(at) => &names.adjustments.get(at)?.outline,
            Self::Let(at) => &names.lets.get(at)?.outline,
            Self::Line(segment, line) => &names.segments.get(segment)?.0.get(line)?.outline,
            Self::Bin(score, line, bin) => names.scores.get(score)?.get(line)?.bins.get(bin)?,
        })
    }
}

/// One customer.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) facts: Vec<(Thing, Extent)>,
    pub(crate) tier: Option<u32>,
    pub(crate) rule: Option<RuleId>,
}

/// Something that the author should know.
#[derive(Clone, Debug)]
pub(crate) struct Flaw {
    pub(crate) asked: Asked,
    /// The rules that are always ahead of one that never decides, or the assumptions that contradict one another.
    pub(crate) others: Vec<usize>,
    /// Whether there is no smaller set of these.
    pub(crate) fewest: bool,
    /// Whether it was proved of the condition as it is where others of its parts are replaced too.
    pub(crate) together: bool,
    pub(crate) boxes: Vec<Boxed>,
    pub(crate) person: Option<Person>,
}

impl Flaw {
    pub(super) fn new(asked: Asked) -> Self {
        Self { asked, others: Vec::new(), fewest: true, together: false, boxes: Vec::new(), person: None }
    }
}

/// What was found, and what was not found out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Audit {
    pub(crate) flaws: Vec<Flaw>,
    pub(crate) open: Vec<(Asked, Unknown)>,
    pub(crate) steps: u32,
}

/// Everybody whom the assumptions allow.
pub(super) struct Asker<'s, 'm, 'a> {
    pub(super) plan: &'a Plan,
    pub(super) space: &'s Space,
    pub(super) side: &'s Side<'m, 'a>,
    pub(super) region: &'s Region,
    pub(super) named: Named,
    pub(super) probe: Probe,
    /// Those that restrict who is looked at.
    pub(super) assumptions: Vec<NodeId>,
}

/// What a look tells of what is asked; by default that nobody is wanted.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) can: bool,
    pub(super) sure: bool,
    pub(super) open: Vec<Open>,
    /// Whether single customers are worth trying.
    pub(super) likely: bool,
    /// Whether they are tried before more is looked at.
    pub(super) first: bool,
    /// What the parts of a region still look at: rules, by number.
    pub(super) rules: Rc<[usize]>,
}

/// What a look tells, and what one customer does.
pub(super) type LookFor<'q, 'm, 'a> = &'q dyn Fn(&Look<'_, 'm, 'a>) -> Wanted;
pub(super) type Holds<'q> = &'q dyn Fn(&Machine<'_, '_>) -> bool;

/// Whether some conditions are true.
pub(super) fn true_of(look: &Look<'_, '_, '_>, nodes: &[NodeId]) -> Wanted {
    let mut open = Vec::new();
    for node in nodes {
        match look.truth(*node) {
            Kleene::TRUE => {}
            truth if truth.can_be(Kleene::TRUE) => open.push(Open::Condition(*node)),
            _ => return Wanted::default(),
        }
    }
    Wanted { can: true, sure: open.is_empty(), open, ..Wanted::default() }
}

/// Whether a cap or floor moves somebody: whether tiers with it and without it differ.
pub(super) fn moves(look: &Look<'_, '_, '_>, rules: &[usize], (at, own): (usize, [NodeId; 1])) -> Wanted {
    let holds = true_of(look, &own);
    if !holds.can || !holds.sure {
        return Wanted { rules: rules.into(), ..holds };
    }
    let (with, without) = (look.tiers(rules), look.tiers_by(rules, |other, _| other != at));
    let same = |tier: Option<u32>| without.tiers.contains(tier);
    let alike =
        without.tiers.iter().nth(1).is_none() && with.tiers.iter().nth(1).is_none() && with.tiers.iter().all(same);
    let sure = !with.tiers.iter().any(same);
    Wanted { can: !alike, sure, open: with.open, rules: with.rules, likely: true, ..Wanted::default() }
}

/// The assumptions that a region may break; `None` where it breaks one for sure.
pub(super) fn kept(look: &Look<'_, '_, '_>, assumptions: &[NodeId]) -> Option<Vec<Open>> {
    let mut open = Vec::new();
    for node in assumptions {
        match look.truth(*node) {
            Kleene::FALSE => return None,
            truth if truth.can_be(Kleene::FALSE) => open.push(Open::Condition(*node)),
            _ => {}
        }
    }
    Some(open)
}

/// A question about everybody, as a look and as the evaluation of one customer answer it.
pub(super) struct Question<'q, 's, 'm, 'a> {
    pub(super) asker: &'q Asker<'s, 'm, 'a>,
    pub(super) rules: Rc<[usize]>,
    pub(super) look: &'q dyn Fn(&Look<'_, 'm, 'a>, &Stage) -> Wanted,
    pub(super) holds: &'q dyn Fn(&Machine<'_, '_>) -> bool,
    /// What must not be true.
    pub(super) ahead: &'q [NodeId],
}

/// How far a region was looked at.
#[derive(Clone)]
pub(super) struct Stage {
    /// The rules that may still matter, by number.
    pub(super) rules: Rc<[usize]>,
    /// Whether customers were tried.
    pub(super) tried: bool,
}

impl Question<'_, '_, '_, '_> {
    /// Whether everybody of a region is wanted.
    pub(super) fn is_sure(&self, region: &Region) -> bool {
        matches!(self.judge(region, &Stage { tried: true, ..self.begin() }), Judged::Sure)
    }
}

impl<'m, 'a> Goal for Question<'_, '_, 'm, 'a> {
    type State = Stage;

    fn begin(&self) -> Self::State {
        Stage { rules: Rc::clone(&self.rules), tried: false }
    }

    fn judge(&self, region: &Region, stage: &Self::State) -> Judged<Self::State> {
        let look = Look::new(self.asker.space, &self.asker.side.scene, region);
        let wanted = (self.look)(&look, stage);
        if !wanted.can {
            return Judged::Never;
        }
        let Some(open) = kept(&look, &self.asker.assumptions) else { return Judged::Never };
        if wanted.sure && open.is_empty() {
            return Judged::Sure;
        }
        let stage = Stage { rules: wanted.rules, tried: wanted.first || stage.tried };
        if wanted.first {
            return Judged::Open(Some(vec![region.clone()]), stage, true);
        }
        let cut = look.split(&wanted.open).or_else(|| look.split(&open)).or_else(|| look.split_few());
        Judged::Open(cut, stage, wanted.likely)
    }

    fn holds(&self, point: &Point) -> Option<bool> {
        let asker = self.asker;
        asker.side.with(asker.space, point, |machine| {
            let kept = asker.assumptions.iter().all(|node| machine.of(*node) != Kleene::FALSE);
            kept && (self.holds)(machine)
        })
    }

    fn rules_out(&self, region: &Region) -> bool {
        let (asker, stage) = (self.asker, Stage { tried: true, ..self.begin() });
        let never =
            |look: &Look<'_, 'm, 'a>| !(self.look)(look, &stage).can || kept(look, &asker.assumptions).is_none();
        in_all_worlds(asker.space, &asker.side.scene, region, never)
    }

    fn beside(&self, region: &Region, point: &Point) -> Option<Region> {
        let asker = self.asker;
        let is_true =
            |machine: &Machine<'_, '_>| self.ahead.iter().rev().copied().find(|node| machine.of(*node) == Kleene::TRUE);
        let node = asker.side.with(asker.space, point, is_true)??;
        // Where it is not true comes last.
        Look::new(asker.space, &asker.side.scene, region).split(&[Open::Condition(node)])?.pop()
    }
}

impl<'m, 'a> Asker<'_, 'm, 'a> {
    /// The rules that come before one where both are true: those before it, or those that give better tiers.
    pub(super) fn ahead(&self, rule: usize) -> Vec<usize> {
        let rules = self.plan.rules();
        let Some(own) = rules.get(rule) else { return Vec::new() };
        let best = self.plan.match_best();
        let is_ahead = |(at, other): (usize, &crate::plan::Rule)| {
            let ahead = match (best, own.condition) {
                (false, _) => at < rule,
                (true, None) => at != rule,
                (true, Some(_)) => other.tier < own.tier || (other.tier == own.tier && at < rule),
            };
            (ahead && other.condition.is_some()).then_some(at)
        };
        rules.iter().enumerate().filter_map(is_ahead).collect()
    }

    pub(super) fn condition(&self, rule: usize) -> Option<NodeId> {
        self.plan.rules().get(rule)?.condition
    }

    /// Whether somebody is as `wanted` says, and none of the conditions ahead is true.
    pub(super) fn reaches(
        &self,
        ahead: &[NodeId],
        region: Region,
        wanted: (LookFor<'_, 'm, 'a>, Holds<'_>),
        steps: &mut Steps,
    ) -> Sought {
        self.with_reaching(ahead, wanted, |question| probed((self.space, &self.probe), region, question, steps))
    }

    /// Runs `work` on that question.
    pub(super) fn with_reaching<R>(
        &self,
        ahead: &[NodeId],
        (look, holds): (LookFor<'_, 'm, 'a>, Holds<'_>),
        work: impl FnOnce(&Question<'_, '_, 'm, 'a>) -> R,
    ) -> R {
        let question = Question {
            asker: self,
            rules: (0..ahead.len()).collect(),
            look: &|seen, stage| {
                let left = &stage.rules;
                let own = look(seen);
                if !own.can || !own.sure {
                    return Wanted { rules: Rc::clone(left), ..own };
                }
                if !stage.tried && !left.is_empty() {
                    return Wanted { can: true, first: true, rules: Rc::clone(left), ..Wanted::default() };
                }
                let (mut rules, mut open) = (Vec::new(), Vec::new());
                for (at, node) in left.iter().filter_map(|at| Some((*at, *ahead.get(*at)?))) {
                    match seen.truth(node) {
                        Kleene::TRUE => return Wanted::default(),
                        truth if truth.can_be(Kleene::TRUE) => {
                            rules.push(at);
                            open.push(Open::Condition(node));
                        }
                        _ => {}
                    }
                }
                // The nearest mostly tells most.
                open.reverse();
                Wanted {
                    can: true,
                    sure: open.is_empty(),
                    open,
                    likely: true,
                    rules: rules.into(),
                    ..Wanted::default()
                }
            },
            ahead,
            holds: &|machine| holds(machine) && ahead.iter().all(|node| machine.of(*node) != Kleene::TRUE),
        };
        work(&question)
    }

    /// Whether some conditions are true of one customer, and none of those ahead is.
    pub(super) fn all_true(&self, nodes: &[NodeId], ahead: &[NodeId], steps: &mut Steps) -> Sought {
        let holds = |machine: &Machine<'_, '_>| nodes.iter().all(|node| machine.of(*node) == Kleene::TRUE);
        self.reaches(ahead, self.region.clone(), (&|look| true_of(look, nodes), &holds), steps)
    }

    /// A customer as it is told, as much of it missing as goes.
    pub(super) fn told(&self, holds: &dyn Fn(&Point) -> Option<bool>, hit: &Hit) -> Option<Person> {
        let mut point = hit.point.clone();
        for (at, (place, whole)) in hit.region.places.iter().zip(&self.space.start).enumerate() {
            let missing = whole.missing && place.missing;
            let held = point.get(at).cloned()?;
            if missing && held != Held::Missing {
                point.iter_mut().skip(at).take(1).for_each(|own| *own = Held::Missing);
                if holds(&point) != Some(true) {
                    point.iter_mut().skip(at).take(1).for_each(|own| *own = held.clone());
                }
            }
        }
        let (tier, rule) = self.side.decide(self.space, &point)?;
        Some(Person { facts: person(self.space, &point), tier, rule })
    }
}
