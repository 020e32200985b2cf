//! What two policies come to in a region, side by side: the same for everybody, or what that hangs on.

use super::audit::kept;
use super::kleene::Kleene;
use super::look::Look;
use super::tells::Tells;
use super::tiers::Open;
use crate::plan::{Adjusting, Bound, NodeId, Numbered, Plan, Root, Rule, ScoreLine, SegmentLine, adjusted, fact};
use crate::schema::Type;

/// One of two sides.
#[derive(Clone, Copy)]
struct Sided {
    at: usize,
    /// Whether all lets of a name come to the same on both.
    alike: bool,
}

/// What is open, by the side on which it stands.
pub(super) type Opens = Vec<(usize, Open)>;

/// What two sides come to in a region, in one respect: surely the same, or what that hangs on.
enum Pair {
    Same,
    Open(Opens),
}

/// A line of a list of which the first that holds counts.
#[derive(Clone)]
struct Entry<C> {
    /// What it comes to.
    class: C,
    /// What its condition comes to, where that is settled; else its number among those of both policies.
    truth: Result<Kleene, Option<u32>>,
    node: Option<NodeId>,
}

impl<C: PartialEq> Entry<C> {
    fn same(&self, other: &Self) -> bool {
        let truth = match (self.truth, other.truth) {
            (Ok(one), Ok(two)) => one == two,
            (Err(one), Err(two)) => one.is_some() && one == two,
            _ => false,
        };
        truth && self.class == other.class
    }
}

/// Compares two lists, of which the first that holds counts.
fn paired<C: PartialEq>(lists: [Vec<Entry<C>>; 2]) -> Pair {
    let [one, two] = &lists;
    if one.len() == two.len() && one.iter().zip(two).all(|(one, two)| one.same(two)) {
        return Pair::Same;
    }
    // What differs first comes first, then what stands ahead of it, the nearest first.
    let differs = one.iter().zip(two).take_while(|(one, two)| one.same(two)).count();
    let mut open = Opens::new();
    for at in (differs..=differs).chain((0..differs).rev()) {
        for (side, list) in lists.iter().enumerate() {
            let entry = list.get(at).filter(|entry| entry.truth.is_err());
            open.extend(entry.and_then(|entry| entry.node).map(|node| (side, Open::Condition(node))));
        }
    }
    for (side, list) in lists.iter().enumerate() {
        let behind = list.iter().skip(differs + 1).filter(|entry| entry.truth.is_err());
        open.extend(behind.filter_map(|entry| entry.node).map(|node| (side, Open::Condition(node))));
    }
    Pair::Open(open)
}

/// The name of a tier, and of the rule that gives it.
type Decides<'a> = (Option<&'a str>, Option<&'a str>);

impl<'m, 'a> Tells<'_, 'm, 'a> {
    pub(super) fn plan(&self, side: usize) -> Option<&'a Plan> {
        self.sides.get(side).map(|side| side.scene.plan)
    }

    /// The numbers of one side: where all lets come to the same, they are told apart by their names.
    fn numbered(&self, side: Sided) -> Option<&Numbered> {
        let numbered = if side.alike { &self.numbers.by_names } else { &self.numbers.numbered };
        numbered.get(side.at)
    }

    /// What a condition comes to, where that is settled, else its number.
    fn truth(&self, side: Sided, look: &Look<'_, 'm, 'a>, node: NodeId) -> Result<Kleene, Option<u32>> {
        let truth = look.truth(node);
        if truth.is_settled() { Ok(truth) } else { Err(self.numbered(side).and_then(|numbered| numbered.node(node))) }
    }

    /// The rules that can decide, the first of which that holds does.
    fn rules(&self, side: Sided, look: &Look<'_, 'm, 'a>) -> Vec<Entry<Decides<'a>>> {
        let Some(plan) = self.plan(side.at) else { return Vec::new() };
        let mut order: Vec<(usize, &Rule)> = plan.rules().iter().enumerate().collect();
        if plan.match_best() {
            order.sort_by_key(|(at, rule)| (rule.condition.is_none(), rule.tier, *at));
        }
        let mut list: Vec<Entry<Decides<'a>>> = Vec::new();
        let mut whole = false;
        for (at, rule) in order {
            let name = plan.names().rules.get(at).and_then(|place| place.name.as_deref());
            let class = (plan.names().tier(rule.tier as usize), name);
            let truth = rule.condition.map_or(Ok(Kleene::TRUE), |node| self.truth(side, look, node));
            match truth {
                Ok(Kleene::TRUE) => {
                    list.push(Entry { class, truth, node: rule.condition });
                    whole = true;
                    break;
                }
                // A rule of which something is missing does not decide.
                Ok(_) => {}
                Err(_) if rule.condition.is_some_and(|node| !look.truth(node).can_be(Kleene::TRUE)) => {}
                Err(_) => list.push(Entry { class, truth, node: rule.condition }),
            }
        }
        if !whole {
            list.push(Entry { class: (None, None), truth: Ok(Kleene::TRUE), node: None });
        }
        // Whether a rule holds does not matter where what follows comes to the same.
        while let [.., before, last] = &*list
            && before.class == last.class
        {
            let last = list.pop();
            list.pop();
            list.extend(last);
        }
        list
    }

    /// The tier with what gives and moves it.
    fn decision(&self, looks: &[Look<'_, 'm, 'a>; 2], alike: bool) -> Pair {
        let [one, two] = looks;
        let rules = [self.rules(Sided { at: 0, alike }, one), self.rules(Sided { at: 1, alike }, two)];
        let settled = rules.iter().all(|list| list.len() == 1);
        let ahead: Opens = rules
            .iter()
            .enumerate()
            .flat_map(|(side, list)| {
                list.iter().filter(|entry| entry.truth.is_err()).map(move |entry| (side, entry.node))
            })
            .filter_map(|(side, node)| Some((side, Open::Condition(node?))))
            .collect();
        let [own, other] = rules.each_ref().map(|list| list.iter().map(|entry| entry.class).collect::<Vec<_>>());
        let (open_rules, limits) = (paired(rules), self.limits(looks, alike));
        if let (Pair::Same, Pair::Same) = (&open_rules, &limits) {
            return Pair::Same;
        }
        let mut open = Opens::new();
        for pair in [&open_rules, &limits] {
            if let Pair::Open(own) = pair {
                open.extend(own);
            }
        }
        // Caps and floors may leave nothing of the difference, or have nothing to move.
        let paired = matches!(open_rules, Pair::Same) || settled;
        let each = own.iter().zip(&other).map(|(a, b)| Some((self.moved(0, one, *a)?, self.moved(1, two, *b)?)));
        if paired && let Some(all) = each.collect::<Option<Vec<_>>>() {
            open.extend(ahead);
            return if all.iter().all(|(a, b)| a == b) { Pair::Same } else { Pair::Open(open) };
        }
        if settled {
            for (side, look) in looks.iter().enumerate() {
                let adjustments = self.plan(side).map_or(&[][..], Plan::adjustments);
                let mut own = Vec::new();
                adjustments.iter().for_each(|adjustment| {
                    look.adjusting(adjustment, &mut own);
                });
                open.extend(own.into_iter().map(|own| (side, own)));
            }
        }
        Pair::Open(open)
    }

    /// The tier with its rule, and the names of what moves it, where all of that is settled.
    fn moved(&self, side: usize, look: &Look<'_, 'm, 'a>, (tier, rule): Decides<'a>) -> Option<Vec<Option<&'a str>>> {
        let plan = self.plan(side)?;
        let mut open = Vec::new();
        let all: Vec<Adjusting> =
            plan.adjustments().iter().map(|adjustment| look.adjusting(adjustment, &mut open)).collect();
        if !open.is_empty() || all.iter().any(|adjusting| adjusting.is_open) {
            return None;
        }
        let names = plan.names();
        let base = tier.and_then(|tier| names.tiers.iter().position(|known| **known == *tier));
        let (tier, moved) = adjusted(base.and_then(|base| u32::try_from(base).ok()), all.into_iter());
        let name = |at: Option<usize>| names.adjustments.get(at?)?.name.as_deref();
        Some([tier.and_then(|tier| names.tier(tier as usize)), rule].into_iter().chain(moved.map(name)).collect())
    }

    fn limits(&self, looks: &[Look<'_, 'm, 'a>; 2], alike: bool) -> Pair {
        let list = |side: usize, look: &Look<'_, 'm, 'a>| -> Vec<Entry<(bool, String, Option<&'a str>)>> {
            let Some(plan) = self.plan(side) else { return Vec::new() };
            let all = plan.adjustments().iter().enumerate().filter_map(|(at, limit)| {
                let truth = self.truth(Sided { at: side, alike }, look, limit.condition);
                let can = look.truth(limit.condition).can_be(Kleene::TRUE);
                let bound = match limit.bound {
                    Bound::Tier(tier) => plan.names().tier(tier as usize).unwrap_or_default().to_owned(),
                    Bound::Slot(slot) => {
                        plan.slots().get(slot as usize).map(|slot| fact(&slot.field)).unwrap_or_default()
                    }
                };
                let class =
                    (limit.cap, bound, plan.names().adjustments.get(at).and_then(|place| place.name.as_deref()));
                can.then_some(Entry { class, truth, node: Some(limit.condition) })
            });
            all.collect()
        };
        let [one, two] = looks;
        paired([list(0, one), list(1, two)])
    }

    /// One segment, by its number on either side.
    fn segment(&self, numbers: [u32; 2], looks: &[Look<'_, 'm, 'a>; 2], alike: bool) -> Pair {
        let list = |at: usize, number: u32, look: &Look<'_, 'm, 'a>| {
            let mut list = Vec::new();
            let Some(plan) = self.plan(at) else { return list };
            let Some(segment) = plan.segment(number) else { return list };
            let members = plan.names().segments.get(number as usize).map(|(_, ty)| ty);
            let name = |line: &SegmentLine| match members {
                Some(Type::OneOf(members)) => members.name(line.member).map(|name| &**name),
                _ => None,
            };
            for line in &segment.lines {
                let side = Sided { at, alike };
                let truth = line.condition.map_or(Ok(Kleene::TRUE), |node| self.truth(side, look, node));
                let can = line.condition.is_none_or(|node| !look.truth(node).is_within(Kleene::FALSE));
                if can {
                    list.push(Entry { class: name(line), truth, node: line.condition });
                }
                if truth == Ok(Kleene::TRUE) {
                    break;
                }
            }
            list
        };
        let [first, second] = numbers;
        let [one, two] = looks;
        let lists = [list(0, first, one), list(1, second, two)];
        // Behind a line of which something is missing nothing fits for sure.
        let value = |list: &[Entry<Option<&'a str>>]| match list.first() {
            None => Some(None),
            Some(first) if first.truth == Ok(Kleene::MISSING) => Some(None),
            Some(first) => (first.truth == Ok(Kleene::TRUE)).then_some(first.class),
        };
        let [a, b] = &lists;
        match (value(a), value(b)) {
            (Some(a), Some(b)) if a == b => Pair::Same,
            _ => paired(lists),
        }
    }

    /// One score, by its number on either side.
    fn score(&self, [first, second]: [u32; 2], looks: &[Look<'_, 'm, 'a>; 2], alike: bool) -> Pair {
        let score = |side: usize, number: u32| self.plan(side)?.score(number);
        let (Some(a), Some(b)) = (score(0, first), score(1, second)) else { return Pair::Open(Opens::new()) };
        let [one, two] = looks;
        let totals = [one.score(a), two.score(b)];
        let single = totals.map(|total| total.ends());
        if let [Some(a), Some(b)] = single
            && a == b
        {
            return Pair::Same;
        }
        let ends = (a.low, a.high) == (b.low, b.high)
            || [(one, a), (two, b)]
                .iter()
                .all(|(look, score)| [a, b].iter().all(|ends| look.is_uncut(score, (ends.low, ends.high))));
        if !ends || a.lines.len() != b.lines.len() {
            return Pair::Open(self.open_lines([(one, &a.lines), (two, &b.lines)]));
        }
        let (mut open, mut same) = (Opens::new(), true);
        for (a, b) in a.lines.iter().zip(&b.lines) {
            if let Pair::Open(own) = self.line((one, a), (two, b), alike) {
                same = false;
                open.extend(own);
            }
        }
        if same { Pair::Same } else { Pair::Open(open) }
    }

    fn open_lines(&self, sides: [(&Look<'_, 'm, 'a>, &[ScoreLine]); 2]) -> Opens {
        let mut open = Opens::new();
        for (side, (_, lines)) in sides.iter().enumerate() {
            for line in lines.iter() {
                let conditions = line.bins.iter().filter_map(|bin| bin.condition);
                open.extend(conditions.map(|node| (side, Open::Condition(node))));
                open.push((side, Open::Value(line.value)));
            }
        }
        open
    }

    fn line(&self, one: (&Look<'_, 'm, 'a>, &ScoreLine), two: (&Look<'_, 'm, 'a>, &ScoreLine), alike: bool) -> Pair {
        let expr = |at: usize, id| self.numbered(Sided { at, alike }).and_then(|numbered| numbered.expr(id));
        let list = |side: usize, (look, line): (&Look<'_, 'm, 'a>, &ScoreLine)| {
            let mut list = Vec::new();
            let seen = look.value(line.value);
            let mut settled = !seen.can_be_known();
            // Without a bin for it, what is missing leaves open what all bins together do.
            let lacks = (seen.missing || seen.undefined) && !line.bins.iter().any(|bin| bin.missing);
            if lacks && !line.bins.is_empty() {
                for bin in &line.bins {
                    let number = bin.condition.map(|node| self.numbered(Sided { at: side, alike })?.node(node));
                    let class = (Some(number), expr(side, bin.points), line.weight);
                    list.push(Entry { class, truth: Ok(Kleene::MISSING), node: None });
                }
            }
            for bin in &line.bins {
                let class = (None, expr(side, bin.points), line.weight);
                if bin.missing {
                    let can = seen.missing || seen.undefined;
                    list.extend(can.then_some(Entry { class, truth: Ok(Kleene::MISSING), node: None }));
                    continue;
                }
                let truth =
                    bin.condition.map_or(Ok(Kleene::TRUE), |node| self.truth(Sided { at: side, alike }, look, node));
                let can = bin.condition.is_none_or(|node| look.truth(node).can_be(Kleene::TRUE));
                list.extend((can && !settled).then_some(Entry { class, truth, node: bin.condition }));
                settled |= truth == Ok(Kleene::TRUE);
            }
            list
        };
        let same = expr(0, one.1.value).is_some() && expr(0, one.1.value) == expr(1, two.1.value);
        let lists = [list(0, one), list(1, two)];
        let alike = same && one.1.weight == two.1.weight && one.1.bins.is_empty() == two.1.bins.is_empty();
        match paired(lists) {
            Pair::Same if alike => Pair::Same,
            Pair::Same => Pair::Open(vec![(0, Open::Value(one.1.value)), (1, Open::Value(two.1.value))]),
            Pair::Open(mut open) => {
                open.extend([(0, Open::Value(one.1.value)), (1, Open::Value(two.1.value))]);
                Pair::Open(open)
            }
        }
    }

    /// What it hangs on whether somebody tells the two apart, and whether that is the decision alone; `None` where nobody does.
    pub(super) fn open(&self, looks: &[Look<'_, 'm, 'a>; 2]) -> Option<(Opens, bool)> {
        let [one, two] = looks;
        let [first, second] = self.assumptions;
        let kept = [kept(one, first)?, kept(two, second)?];
        let (mut open, mut alike) = (Opens::new(), true);
        for places in &self.numbers.lets {
            if let Pair::Open(own) = self.bound(*places, looks, alike) {
                alike = false;
                open.extend(own);
            }
        }
        let decision = self.decision(looks, alike);
        let same = alike && matches!(decision, Pair::Same);
        if let Pair::Open(own) = decision {
            open.extend(own);
        }
        let kept = kept.into_iter().enumerate();
        open.extend(kept.flat_map(|(side, open)| open.into_iter().map(move |open| (side, open))));
        (!same).then_some((open, alike))
    }

    /// A let that is not the same on both sides, by its places.
    fn bound(&self, [first, second]: [u32; 2], looks: &[Look<'_, 'm, 'a>; 2], alike: bool) -> Pair {
        let root = |side: usize, at: u32| self.plan(side)?.lets().get(at as usize).copied();
        let [one, two] = looks;
        let [own, other] = [Sided { at: 0, alike }, Sided { at: 1, alike }];
        match (root(0, first), root(1, second)) {
            (Some(Root::Segment(a)), Some(Root::Segment(b))) => self.segment([a, b], looks, alike),
            (Some(Root::Score(a)), Some(Root::Score(b))) => self.score([a, b], looks, alike),
            (Some(Root::Condition(a)), Some(Root::Condition(b))) => {
                match (self.truth(own, one, a), self.truth(other, two, b)) {
                    (Ok(a), Ok(b)) if a == b => Pair::Same,
                    (Err(a), Err(b)) if a.is_some() && a == b => Pair::Same,
                    _ => Pair::Open(vec![(0, Open::Condition(a)), (1, Open::Condition(b))]),
                }
            }
            (Some(Root::Value(a)), Some(Root::Value(b))) => {
                let number = |side: Sided, id| self.numbered(side).and_then(|numbered| numbered.expr(id));
                let same = number(own, a).is_some() && number(own, a) == number(other, b);
                if same { Pair::Same } else { Pair::Open(vec![(0, Open::Value(a)), (1, Open::Value(b))]) }
            }
            _ => Pair::Open(Opens::new()),
        }
    }
}
