//! Two decisions about one customer, or one about two: whether they can differ in some way.

use std::rc::Rc;

use super::audit::{kept, true_of};
use super::everybody::Side;
use super::kleene::Kleene;
use super::look::Look;
use super::parts::Truths;
use super::point::Point;
use super::region::Region;
use super::scene::Space;
use super::seek::{Goal, Judged};
use super::tiers::{Open, Tiers};
use crate::plan::NodeId;

/// Two sides that decide, and which pairs of tiers are wanted.
pub(super) struct Twins<'q, 'm, 'a> {
    pub(super) space: &'q Space,
    pub(super) sides: [&'q Side<'m, 'a>; 2],
    /// Both have to keep these, each its own.
    pub(super) assumptions: [&'q [NodeId]; 2],
    pub(super) pair: &'q dyn Fn(Option<u32>, Option<u32>) -> bool,
    /// Whether everybody who is found together has to have the same pair.
    pub(super) alike: bool,
    /// By side, what the other does not have; the rest is the same in the same order. `None` where nothing is known of that.
    pub(super) own: Option<[Own; 2]>,
}

/// What only one of two policies has.
#[derive(Default)]
pub(super) struct Own {
    /// Rules, by number, in order.
    pub(super) rules: Vec<usize>,
    /// Whether caps and floors differ.
    pub(super) limits: bool,
}

/// The rules that can decide, by side.
pub(super) type Rules = [Rc<[usize]>; 2];

impl Twins<'_, '_, '_> {
    /// The tiers of both for everybody in a region, if all pairs are the same.
    pub(super) fn single(&self, region: &Region) -> Option<[Option<u32>; 2]> {
        let rules = self.begin();
        let tier = |at: usize| {
            let (side, rules) = (self.sides.get(at)?, rules.get(at)?);
            let tiers = Look::new(self.space, &side.scene, region).tiers(rules).tiers;
            let mut all = tiers.iter();
            all.next().filter(|_| all.next().is_none())
        };
        Some([tier(0)?, tier(1)?])
    }

    /// The tiers of one customer.
    pub(super) fn decided(&self, point: &Point) -> Option<[Option<u32>; 2]> {
        let [one, two] = self.sides;
        Some([one.decide(self.space, point)?.0, two.decide(self.space, point)?.0])
    }

    /// The assumptions that a region may break, by side; `None` where it breaks one for sure.
    pub(super) fn kept(&self, looks: &[Look<'_, '_, '_>; 2]) -> Option<[Vec<Open>; 2]> {
        let ([one, two], [first, second]) = (looks, self.assumptions);
        Some([kept(one, first)?, kept(two, second)?])
    }

    /// What only one side has and may be true of somebody: `None` where nothing is, and so no difference.
    fn edited(&self, looks: &[Look<'_, '_, '_>; 2]) -> Option<[Vec<Open>; 2]> {
        let mut open = [Vec::new(), Vec::new()];
        let Some(own) = &self.own else { return Some(open) };
        let mut any = false;
        for ((look, own), open) in looks.iter().zip(own).zip(&mut open) {
            any |= own.limits;
            for rule in own.rules.iter().filter_map(|rule| look.scene.plan.rules().get(*rule)) {
                let truth = rule.condition.map_or(Kleene::TRUE, |node| look.truth(node));
                any |= truth.can_be(Kleene::TRUE);
                if truth.can_be(Kleene::TRUE) && truth != Kleene::TRUE {
                    open.extend(rule.condition.map(Open::Condition));
                }
            }
        }
        any.then_some(open)
    }

    /// Whether a rule that only one side has can decide.
    fn can_differ(&self, tiers: &[Tiers; 2]) -> bool {
        let Some(own) = &self.own else { return true };
        own.iter().zip(tiers).any(|(own, tiers)| {
            own.limits
                || own.rules.iter().any(|rule| tiers.rules.binary_search(rule).is_ok() || self.is_otherwise(*rule))
        })
    }

    /// Of the best match, `otherwise` stands beside the rules that can decide.
    fn is_otherwise(&self, rule: usize) -> bool {
        self.sides.iter().any(|side| {
            let plan = side.scene.plan;
            plan.match_best() && plan.rules().get(rule).is_some_and(|rule| rule.condition.is_none())
        })
    }
}

/// Who keeps the assumptions of two sides for sure.
pub(super) struct Keeps<'q, 'm, 'a> {
    pub(super) space: &'q Space,
    pub(super) sides: [&'q Side<'m, 'a>; 2],
    pub(super) assumptions: [&'q [NodeId]; 2],
}

impl Goal for Keeps<'_, '_, '_> {
    type State = ();

    fn begin(&self) {}

    fn judge(&self, region: &Region, (): &()) -> Judged<()> {
        let looks = self.sides.map(|side| Look::new(self.space, &side.scene, region));
        let mut open = [Vec::new(), Vec::new()];
        for ((look, nodes), open) in looks.iter().zip(self.assumptions).zip(&mut open) {
            let wanted = true_of(look, nodes);
            if !wanted.can {
                return Judged::Never;
            }
            *open = wanted.open;
        }
        if open.iter().all(Vec::is_empty) {
            return Judged::Sure;
        }
        let [one, _] = &looks;
        let cut = looks.iter().zip(&open).find_map(|(look, open)| look.split(open));
        Judged::Open(cut.or_else(|| one.split_few()), (), false)
    }

    fn holds(&self, point: &Point) -> Option<bool> {
        let mut kept = true;
        for (side, nodes) in self.sides.iter().zip(self.assumptions) {
            kept &=
                side.with(self.space, point, |machine| nodes.iter().all(|node| machine.of(*node) == Kleene::TRUE))?;
        }
        Some(kept)
    }
}

impl Goal for Twins<'_, '_, '_> {
    type State = Rules;

    fn begin(&self) -> Rules {
        self.sides.map(|side| (0..side.scene.plan.rules().len()).collect())
    }

    fn judge(&self, region: &Region, rules: &Rules) -> Judged<Rules> {
        let looks = self.sides.map(|side| Look::new(self.space, &side.scene, region));
        let Some(kept) = self.kept(&looks) else { return Judged::Never };
        let Some(edited) = self.edited(&looks) else { return Judged::Never };
        let cut = |open: &[Vec<Open>; 2]| looks.iter().zip(open).find_map(|(look, open)| look.split(open));
        // Whether what only one side has is true comes first: the rest need not be looked at where it is not.
        if let Some(parts) = cut(&edited) {
            return Judged::Open(Some(parts), rules.clone(), false);
        }
        let [one, two] = &looks;
        let [first, second] = rules;
        let tiers = [one.tiers(first), two.tiers(second)];
        let [a, b] = &tiers;
        let wanted = |wants: bool| a.tiers.iter().any(|a| b.tiers.iter().any(|b| (self.pair)(a, b) == wants));
        if !wanted(true) || !self.can_differ(&tiers) {
            return Judged::Never;
        }
        let single = || tiers.iter().all(|tiers| tiers.tiers.iter().nth(1).is_none());
        if !wanted(false) && (!self.alike || single()) && kept.iter().all(Vec::is_empty) {
            return Judged::Sure;
        }
        let several = looks.iter().zip(&tiers).filter(|(_, tiers)| tiers.tiers.iter().nth(1).is_some());
        // The rule ahead that is nearest mostly tells most.
        let nearest = |open: &[Open]| open.iter().rev().copied().collect::<Vec<_>>();
        let parts = several
            .map(|(look, tiers)| look.split(&nearest(&tiers.open)))
            .find(Option::is_some)
            .flatten()
            .or_else(|| cut(&kept))
            .or_else(|| one.split_few());
        let next = tiers.map(|tiers| tiers.rules);
        Judged::Open(parts, next, false)
    }

    fn holds(&self, point: &Point) -> Option<bool> {
        let [one, two] = self.decided(point)?;
        let mut kept = true;
        for (side, nodes) in self.sides.iter().zip(self.assumptions) {
            kept &= nodes.is_empty()
                || side
                    .with(self.space, point, |machine| nodes.iter().all(|node| machine.of(*node) != Kleene::FALSE))?;
        }
        Some(kept && (self.pair)(one, two))
    }
}
