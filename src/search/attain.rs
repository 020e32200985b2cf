//! Whether any customer can show something of a policy that its tests do not.

use super::aims::{Aim, Leaf, Spot, window};
use super::audit::{Asker, Question, Site, Wanted, true_of};
use super::boxes::Named;
use super::everybody::Everybody;
use super::explore::Steps;
use super::kleene::Kleene;
use super::linear::Compared;
use super::look::Look;
use super::parts::forced;
use super::point::Held;
use super::possible::Unknown;
use super::probe::Probe;
use super::region::{Place, Region, What};
use super::seek::{Sought, probed};
use super::shares::Shares;
use super::shown::shows;
use super::tiers::{Open, Threshold};
use crate::builtins::Compare;
use crate::eval::Machine;
use crate::plan::{Adjusting, ExprId, NodeId, Operand, Plan, ScoreLine, Truth};
use crate::schema::Type;

/// So many conditions beside one take a step.
const OTHERS: usize = 32;

/// What is known of somebody who could show something.
#[derive(Clone, Debug)]
pub(crate) enum Attained {
    /// This customer can.
    Somebody(Vec<(What, Held)>),
    /// Nobody can.
    Nobody,
    Unknown(Unknown),
}

/// Asks of each whether somebody can show it; the steps that it took. Each has the same share of them, however many there are.
pub(crate) fn attain(
    machine: &Machine<'_, '_>,
    (spots, aims): (&[Spot], &[(usize, Aim)]),
    budget: u32,
) -> (Vec<Attained>, u32) {
    let Some(everybody) = Everybody::of(machine) else {
        return (aims.iter().map(|_| Attained::Unknown(Unknown::Numbers)).collect(), 0);
    };
    let Everybody { space, sides, region } = &everybody;
    let Some(side) = sides.first() else { return (Vec::new(), 0) };
    // A count may lie between two ends that decide a question while it is missing for another.
    let whats = space.variables.iter().map(|variable| variable.what).enumerate();
    let loose: Vec<usize> = whats.filter(|(_, what)| can_be_loose(machine.plan, *what)).map(|(at, _)| at).collect();
    let (wider, loosely) = (widened(region, &loose), side.loosely(&loose));
    let asker = |side, region| Asker {
        plan: machine.plan,
        space,
        side,
        region,
        named: Named::of(std::iter::once(machine.plan)),
        probe: Probe::new(space, &Named::of(std::iter::once(machine.plan))),
        assumptions: Vec::new(),
    };
    let (mut asker, mut doubter) = (asker(side, region), asker(&loosely, &wider));
    let all: usize = spots.iter().map(|spot| spot.aims.len()).sum();
    let mut shares = Shares::equal(budget, u32::try_from(all + 1).unwrap_or(u32::MAX));
    // Assumptions that nobody keeps restrict nothing.
    let assumptions = machine.plan.assumptions();
    if !aims.is_empty() && !matches!(shares.one(|steps| asker.all_true(assumptions, &[], steps)), Sought::Nobody) {
        asker.assumptions = assumptions.to_vec();
        doubter.assumptions = assumptions.to_vec();
    }
    let (mut known, mut ahead) = (None, Vec::new());
    let found = aims.iter().map(|(at, aim)| {
        let Some(spot) = spots.get(*at).filter(|_| shares.steps > 0) else {
            return Attained::Unknown(Unknown::Steps);
        };
        if known != Some(*at) {
            (known, ahead) = (Some(*at), ahead_of(&asker, spot.site));
            asker.probe.forget();
        }
        if let Aim::Alone(..) = aim {
            // All other conditions of the whole are looked at for each.
            shares.charge(spot.leaves.len() / OTHERS);
        }
        let mut attained =
            |asker| shares.one(|steps| Reach { asker, machine, spot, ahead: &ahead }.attained(*aim, steps));
        match attained(&asker) {
            Attained::Nobody if !loose.is_empty() => match attained(&doubter) {
                Attained::Nobody => Attained::Nobody,
                _ => Attained::Unknown(Unknown::Records),
            },
            attained => attained,
        }
    });
    let found = found.collect();
    (found, shares.taken())
}

/// Whether a variable is a count of records, or a fact that is one where the host does not give it.
pub(super) fn can_be_loose(plan: &Plan, what: What) -> bool {
    let whole = |ty: Option<&Type>| matches!(ty, Some(Type::Integer));
    match what {
        What::Aggregate(at) => whole(plan.vocabulary_of_aggregate(at).and_then(|words| words.ty.as_ref())),
        What::Slot(at) => plan
            .slots()
            .get(at as usize)
            .and_then(|slot| slot.computed)
            .is_some_and(|value| whole(plan.names().types.get(value.at()))),
    }
}

/// A region where some variables may be known by their ends alone.
pub(super) fn widened(region: &Region, loose: &[usize]) -> Region {
    let mut wider = region.clone();
    let places = wider.places.iter_mut().enumerate().filter(|(at, _)| loose.contains(at));
    places.for_each(|(_, place)| *place = Place::of(place.room.clone()));
    wider
}

/// Which conditions are open for nobody at all: those that always come to something.
pub(crate) fn settled(machine: &Machine<'_, '_>, nodes: &[NodeId]) -> Vec<bool> {
    let Some(Everybody { space, sides, region }) = Everybody::of(machine) else { return vec![false; nodes.len()] };
    let Some(side) = sides.first() else { return Vec::new() };
    let look = Look::new(&space, &side.scene, &region);
    nodes.iter().map(|node| look.truth(*node).is_within(Kleene::EITHER)).collect()
}

/// What must not be true for a condition to be asked for.
fn ahead_of(asker: &Asker<'_, '_, '_>, site: Site) -> Vec<NodeId> {
    let plan = asker.plan;
    match site {
        Site::Rule(at) => asker.ahead(at).iter().filter_map(|rule| asker.condition(*rule)).collect(),
        Site::Line(segment, line) => {
            let segment = u32::try_from(segment).ok().and_then(|segment| plan.segment(segment));
            let lines = segment.into_iter().flat_map(|segment| segment.lines.iter().take(line));
            lines.filter_map(|line| line.condition).collect()
        }
        Site::Bin(_, _, bin) => {
            let bins = line_of(asker, site).into_iter().flat_map(|line| line.bins.iter().take(bin));
            bins.filter(|bin| !bin.missing).filter_map(|bin| bin.condition).collect()
        }
        Site::Let(_) | Site::Adjustment(_) => Vec::new(),
    }
}

/// The line of a score to which a bin belongs.
fn line_of<'a>(asker: &Asker<'_, '_, 'a>, site: Site) -> Option<&'a ScoreLine> {
    let Site::Bin(score, line, _) = site else { return None };
    asker.plan.score(u32::try_from(score).ok()?)?.lines.get(line)
}

/// One place of a policy, and what is asked of it.
struct Reach<'q, 's, 'm, 'a> {
    asker: &'q Asker<'s, 'm, 'a>,
    /// Somebody of whom nothing is known.
    machine: &'q Machine<'m, 'a>,
    spot: &'q Spot,
    ahead: &'q [NodeId],
}

impl<'m, 'a> Reach<'_, '_, 'm, 'a> {
    fn attained(&self, aim: Aim, steps: &mut Steps) -> Attained {
        match aim {
            Aim::Decides(_) => {
                let own: Vec<NodeId> = self.spot.root.into_iter().collect();
                self.sought(aim, (self.ahead, self.asker.region), &|look| true_of(look, &own), steps)
            }
            Aim::Moves(at) => self.moved(aim, at, steps),
            Aim::Fits(site) => self.fitting(aim, site, steps),
            Aim::Is(_, at, truth) => {
                let Some(leaf) = self.spot.leaves.get(at) else { return Attained::Nobody };
                let look = |look: &Look<'_, 'm, 'a>| {
                    let seen = look.truth(leaf.node);
                    let wanted = match truth {
                        Some(truth) => Kleene::of(truth),
                        None => Kleene::MISSING.or_else(Kleene::UNDEFINED),
                    };
                    let (can, sure) = (seen.can_be(wanted), seen.is_within(wanted));
                    self.asked(look, leaf, Wanted { can, sure, open: vec![Open::Condition(leaf.node)], ..no() })
                };
                self.sought(aim, (self.ahead, self.asker.region), &look, steps)
            }
            Aim::Edge(_, at, end, edge) => {
                let Some(leaf) = self.spot.leaves.get(at) else { return Attained::Nobody };
                let node = leaf.ends.get(end).map(|(node, _)| *node);
                let Some((subject, all)) = node.and_then(|node| window(self.machine, node, edge)) else {
                    return Attained::Nobody;
                };
                self.edged(aim, leaf, (subject, &all), steps)
            }
            Aim::Alone(_, at, truth) => {
                let Some(leaf) = self.spot.leaves.get(at) else { return Attained::Nobody };
                self.alone(aim, leaf, truth, steps)
            }
        }
    }

    /// Looks for somebody for whom none of the conditions ahead is true.
    fn sought(
        &self,
        aim: Aim,
        (ahead, region): (&[NodeId], &Region),
        look: &dyn Fn(&Look<'_, 'm, 'a>) -> Wanted,
        steps: &mut Steps,
    ) -> Attained {
        let holds = |machine: &Machine<'_, '_>| shows(machine, self.spot, aim);
        self.asker.with_reaching(ahead, (look, &holds), |question| self.answered(question, region, steps))
    }

    fn answered(&self, question: &Question<'_, '_, 'm, 'a>, region: &Region, steps: &mut Steps) -> Attained {
        let asker = self.asker;
        match probed((asker.space, &asker.probe), region.clone(), question, steps) {
            Sought::Found(hit) => {
                let whats = asker.space.variables.iter().map(|variable| variable.what);
                Attained::Somebody(whats.zip(hit.point).collect())
            }
            Sought::Nobody => Attained::Nobody,
            Sought::Unknown(unknown) => Attained::Unknown(unknown),
        }
    }

    fn moved(&self, aim: Aim, at: usize, steps: &mut Steps) -> Attained {
        let question = Question {
            asker: self.asker,
            rules: (0..self.asker.plan.rules().len()).collect(),
            look: &|look, stage| credited(look, &stage.rules, at),
            holds: &|machine| shows(machine, self.spot, aim),
            ahead: &[],
        };
        self.answered(&question, self.asker.region, steps)
    }

    /// A bin or a line of a segment: its own condition is true, and its value is there, or is not where it is for that.
    fn fitting(&self, aim: Aim, site: Site, steps: &mut Steps) -> Attained {
        let own: Vec<NodeId> = self.spot.root.into_iter().collect();
        let line = line_of(self.asker, site);
        let missing = match (site, line) {
            (Site::Bin(_, _, bin), Some(line)) => line.bins.get(bin).is_some_and(|bin| bin.missing),
            _ => false,
        };
        let look = |look: &Look<'_, 'm, 'a>| {
            let mut wanted = if missing { Wanted { can: true, sure: true, ..no() } } else { true_of(look, &own) };
            let Some(line) = line else {
                // A line ahead that may turn out true leaves it open which of them fits.
                for node in self.ahead {
                    let truth = look.truth(*node);
                    wanted.can &= !truth.is_within(Kleene::TRUE.or_else(Kleene::MISSING));
                    wanted.sure &= truth == Kleene::FALSE;
                    wanted.open.push(Open::Condition(*node));
                }
                return wanted;
            };
            let seen = look.value(line.value);
            let (can, sure) = match missing {
                true => (seen.missing || seen.undefined, !seen.can_be_known()),
                false => (seen.can_be_known(), seen.is_known()),
            };
            let open = wanted.open.into_iter().chain([Open::Value(line.value)]).collect();
            Wanted { can: wanted.can && can, sure: wanted.sure && sure, open, ..no() }
        };
        self.sought(aim, (if missing { &[] } else { self.ahead }, self.asker.region), &look, steps)
    }

    /// A value at the edge of a threshold.
    fn edged(
        &self,
        aim: Aim,
        leaf: &Leaf,
        (subject, all): (ExprId, &[(Compare, Threshold)]),
        steps: &mut Steps,
    ) -> Attained {
        let asker = self.asker;
        let mut region = asker.region.clone();
        for (op, threshold) in all {
            let operand = threshold.operand();
            let look = Look::new(asker.space, &asker.side.scene, &region);
            if !look.compared_with(*op, subject, &operand).can_be(Kleene::TRUE) {
                return Attained::Nobody;
            }
            let Some(Compared::Where(bound)) = look.bound_with(*op, subject, &operand) else { continue };
            let forms = asker.space.forms.borrow();
            if bound.within(&region, &forms).is_some_and(|within| !within.is_settled()) {
                let inside = bound.split(&region, &forms).into_iter().next();
                drop(forms);
                region = inside.unwrap_or(region);
            }
        }
        let operands: Vec<(Compare, Operand)> = all.iter().map(|(op, at)| (*op, at.operand())).collect();
        let against = all.iter().map(|(op, at)| Open::Against(*op, subject, *at));
        let all_open: Vec<Open> = against.chain([Open::Condition(leaf.node), Open::Value(subject)]).collect();
        let look = |look: &Look<'_, 'm, 'a>| {
            let each = operands.iter().map(|(op, operand)| look.compared_with(*op, subject, operand));
            let truth = each.fold(Kleene::TRUE, Kleene::and);
            let (can, sure) = (truth.can_be(Kleene::TRUE), truth == Kleene::TRUE);
            let mut wanted = self.asked(look, leaf, Wanted { can, sure, open: all_open.clone(), ..no() });
            // The conditions of a bin are asked of a value that is there.
            let known = line_of(asker, self.spot.site).is_none_or(|line| look.value(line.value).is_known());
            wanted.sure &= known;
            wanted
        };
        self.sought(aim, (self.ahead, &region), &look, steps)
    }

    /// A condition that decides by itself whether the whole holds.
    fn alone(&self, aim: Aim, leaf: &Leaf, truth: bool, steps: &mut Steps) -> Attained {
        let Some(root) = self.spot.root else { return Attained::Nobody };
        let nodes = [leaf.node, root].into_iter().chain(self.spot.leaves.iter().map(|leaf| leaf.node));
        let open: Vec<Open> = nodes.map(Open::Condition).collect();
        let look = |look: &Look<'_, 'm, 'a>| {
            let with = |truth: bool| forced(look, root, &[(&*leaf.path, Kleene::of(truth))]);
            let (one, two) = (with(true), with(false));
            let differs = |a: Kleene, b: Kleene| a.can_be(Kleene::TRUE) && b != Kleene::TRUE;
            let surely = |a: Kleene, b: Kleene| a == Kleene::TRUE && !b.can_be(Kleene::TRUE);
            let own = look.truth(leaf.node);
            let can = own.can_be(Kleene::of(truth)) && (differs(one, two) || differs(two, one));
            let sure = own == Kleene::of(truth) && (surely(one, two) || surely(two, one));
            self.asked(look, leaf, Wanted { can, sure, open: open.clone(), ..no() })
        };
        self.sought(aim, (self.ahead, self.asker.region), &look, steps)
    }

    /// What is wanted of a condition that is asked for only where the conditions of an `if` come out so.
    fn asked(&self, look: &Look<'_, 'm, 'a>, leaf: &Leaf, mut wanted: Wanted) -> Wanted {
        for (node, value) in &leaf.gates {
            let (seen, value) = (look.truth(*node), Kleene::of(*value));
            wanted.can &= seen.can_be(value);
            wanted.sure &= seen == value;
            wanted.open.push(Open::Condition(*node));
        }
        wanted
    }
}

/// Whether a cap or floor is the one that moves the tier: it holds, does more than the others that hold, or as much and stands
/// before them, and there is something to move.
fn credited(look: &Look<'_, '_, '_>, rules: &[usize], at: usize) -> Wanted {
    let mut open = Vec::new();
    let adjustments = look.scene.plan.adjustments();
    let all: Vec<Adjusting> = adjustments.iter().map(|adjustment| look.adjusting(adjustment, &mut open)).collect();
    let Some(own) = all.get(at).copied() else { return no() };
    let more = |other: usize, tier: u32, own_tier: u32| match (tier == own_tier, own.cap) {
        (true, _) => other < at,
        (false, cap) => (tier > own_tier) == cap,
    };
    let (mut can, mut sure) = (own.truth.can_be(Truth::TRUE), own.truth.is_surely_true() && own.tier.is_some());
    can &= own.tier.is_some() || own.is_open;
    for (other, adjusting) in all.iter().enumerate().filter(|(other, it)| *other != at && it.cap == own.cap) {
        let does_more = match (adjusting.tier, own.tier) {
            (Some(tier), Some(own_tier)) => Some(more(other, tier, own_tier)),
            _ => None,
        };
        can &= !(does_more == Some(true) && adjusting.truth.is_surely_true());
        sure &= does_more == Some(false) || !adjusting.truth.can_be(Truth::TRUE);
    }
    // Floors move what the rules give, caps what the floors leave of it.
    let bases = look.tiers_by(rules, |_, adjustment| own.cap && !adjustment.cap);
    let movable = |tier: Option<u32>| match (own.tier, own.cap) {
        (None, _) => true,
        (Some(level), true) => tier.is_some_and(|tier| level > tier),
        (Some(level), false) => tier.is_none_or(|tier| level < tier),
    };
    can &= bases.tiers.iter().any(movable);
    sure &= bases.tiers.iter().all(movable);
    open.extend(bases.open);
    Wanted { can, sure, open, rules: bases.rules, likely: true, ..no() }
}

fn no() -> Wanted {
    Wanted::default()
}
