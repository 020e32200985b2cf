//! What an author should know of a policy: each question asked in turn, within a share of the steps.

use std::collections::BTreeSet;

use super::audit::{Asked, Asker, Audit, Flaw, Question, Site, Wanted, moves, true_of};
use super::boxes::{Named, boxed, widened};
use super::cover::covering;
use super::everybody::Everybody;
use super::explore::Steps;
use super::kleene::Kleene;
use super::look::Look;
use super::parts::{Truths, forced, parts_of};
use super::possible::Unknown;
use super::probe::Probe;
use super::region::Region;
use super::seek::{Goal, Seeker, Sought, probed, seek};
use super::shares::Shares;
use super::tiers::Open;
use crate::eval::Machine;
use crate::plan::{Node, NodeId, Plan, Root};

/// So many boxes of customers are told whom no rule fits.
const BOXES: usize = 100;

/// Answers all questions about a policy, those about neighbours where they are wanted.
pub(crate) fn audit(machine: &Machine<'_, '_>, budget: u32, overlaps: bool) -> Audit {
    let Some(everybody) = Everybody::of(machine) else {
        return Audit { open: vec![(Asked::Gap { missing: false }, Unknown::Numbers)], ..Audit::default() };
    };
    let Everybody { space, sides, region } = &everybody;
    let Some(side) = sides.first() else { return Audit::default() };
    let plan = machine.plan;
    let named = Named::of(std::iter::once(plan));
    let assumptions = plan.assumptions().to_vec();
    let probe = Probe::new(space, &named);
    let asker = Asker { plan, space, side, region, named, probe, assumptions };
    let shares = Shares::new(budget, questions(plan));
    let mut auditor = Auditor { asker, shares, audit: Audit::default() };
    auditor.assumptions();
    let never = auditor.never_true();
    auditor.gaps();
    auditor.rules(&never);
    auditor.adjustments();
    auditor.sites();
    auditor.fallbacks();
    (0..plan.names().idle.len()).for_each(|at| auditor.flaw(Asked::Default(at)));
    if overlaps {
        auditor.overlaps();
    }
    auditor.tiers();
    Audit { steps: auditor.shares.taken(), ..auditor.audit }
}

/// About how many questions there are about a policy.
fn questions(plan: &Plan) -> u32 {
    // A condition is asked of as a whole, and so is each of its parts, which are about as many as there are conditions.
    let (_, conditions) = plan.sizes();
    let whole = plan.rules().len() * 2 + plan.adjustments().len() * 2 + plan.tiers() as usize;
    u32::try_from(whole + conditions * 2).unwrap_or(u32::MAX)
}

pub(super) struct Auditor<'s, 'm, 'a> {
    pub(super) asker: Asker<'s, 'm, 'a>,
    shares: Shares,
    audit: Audit,
}

/// What the answer to a question is.
pub(super) enum Answer {
    Yes,
    No,
    Open,
}

impl<'m, 'a> Auditor<'_, 'm, 'a> {
    /// Asks within a share of the steps.
    pub(super) fn ask(&mut self, asked: Asked, work: impl FnOnce(&Asker<'_, 'm, 'a>, &mut Steps) -> Sought) -> Answer {
        match self.within(|asker, steps| work(asker, steps)) {
            Sought::Found(_) => Answer::Yes,
            Sought::Nobody => Answer::No,
            Sought::Unknown(unknown) => {
                self.audit.open.push((asked, unknown));
                Answer::Open
            }
        }
    }

    fn within<T>(&mut self, work: impl FnOnce(&Asker<'_, 'm, 'a>, &mut Steps) -> T) -> T {
        self.shares.one(|steps| work(&self.asker, steps))
    }

    pub(super) fn flaw(&mut self, asked: Asked) {
        self.audit.flaws.push(Flaw::new(asked));
    }

    /// Whether a set of conditions is true of somebody; without a doubt, or not at all.
    fn nobody_keeps(&mut self, nodes: &[NodeId]) -> bool {
        matches!(self.within(|asker, steps| asker.all_true(nodes, &[], steps)), Sought::Nobody)
    }

    /// Assumptions that nobody keeps restrict nothing.
    fn assumptions(&mut self) {
        let all = std::mem::take(&mut self.asker.assumptions);
        if all.is_empty() {
            return;
        }
        if let Answer::No = self.ask(Asked::Assumptions, |asker, steps| asker.all_true(&all, &[], steps)) {
            let mut left: Vec<usize> = (0..all.len()).collect();
            for at in 0..all.len() {
                let fewer: Vec<usize> = left.iter().copied().filter(|other| *other != at).collect();
                let nodes: Vec<NodeId> = fewer.iter().filter_map(|at| all.get(*at).copied()).collect();
                if self.nobody_keeps(&nodes) {
                    left = fewer;
                }
            }
            self.audit.flaws.push(Flaw { others: left, ..Flaw::new(Asked::Assumptions) });
        } else {
            self.asker.assumptions = all;
        }
    }

    /// Tiers that nobody has.
    fn tiers(&mut self) {
        // They come last.
        self.shares.questions = self.asker.plan.tiers();
        for tier in 0..self.asker.plan.tiers() {
            let asked = Asked::Tier(tier);
            let answer = self.ask(asked, |asker, steps| {
                with_tier(asker, Some(tier), |question| {
                    probed((asker.space, &asker.probe), asker.region.clone(), question, steps)
                })
            });
            if let Answer::No = answer {
                self.flaw(asked);
            }
        }
    }

    /// Who gets no tier: first among those of whom all is known.
    fn gaps(&mut self) {
        if self.asker.plan.rules().iter().any(|rule| rule.condition.is_none()) {
            return;
        }
        let mut known = self.asker.region.clone();
        known.places.iter_mut().filter(|place| !place.room.is_empty()).for_each(|place| place.missing = false);
        // That is many answers to one question.
        let (boxes, person, unknown) = self.shares.taking(self.shares.most, |steps| {
            let asker = &self.asker;
            with_tier(asker, None, |question| {
                let (mut regions, mut boxes, mut person): (Vec<Region>, Vec<_>, _) = (Vec::new(), Vec::new(), None);
                let mut seeker = Seeker::new(asker.space, known.clone(), question);
                let mut unknown = None;
                loop {
                    let inside = |region: &Region| regions.iter().any(|known| region.is_inside(known));
                    let Some(hit) = seeker.next(steps, &inside) else { break };
                    if boxes.len() >= BOXES {
                        unknown = Some(Unknown::Boxes);
                        break;
                    }
                    let region = match hit.whole {
                        true => {
                            let alike = |region: &Region| question.is_sure(region);
                            widened(asker.space, (&hit.region, &known), &asker.named, steps, &alike)
                        }
                        false => hit.region.clone(),
                    };
                    person = person.or_else(|| asker.told(&|point| question.holds(point), &hit));
                    boxes.push(boxed(asker.space, (&region, &known)));
                    regions.push(region);
                }
                (boxes, person, unknown.or(seeker.unknown))
            })
        });
        let asked = Asked::Gap { missing: false };
        self.audit.open.extend(unknown.map(|unknown| (asked, unknown)));
        if !boxes.is_empty() {
            self.audit.flaws.push(Flaw { boxes, person, ..Flaw::new(asked) });
            return;
        }
        let asked = Asked::Gap { missing: true };
        let mut person = None;
        let answer = self.ask(asked, |asker, steps| {
            with_tier(asker, None, |question| {
                let sought = seek(asker.space, asker.region.clone(), question, steps);
                if let Sought::Found(hit) = &sought {
                    person = asker.told(&|point| question.holds(point), hit);
                }
                sought
            })
        });
        if let Answer::Yes = answer {
            self.audit.flaws.push(Flaw { person, ..Flaw::new(asked) });
        }
    }

    /// Rules whose condition is never true: what takes fewest steps comes first.
    fn never_true(&mut self) -> BTreeSet<usize> {
        let mut never = BTreeSet::new();
        for (at, node) in (0..self.asker.plan.rules().len())
            .filter_map(|at| Some((at, self.asker.condition(at)?)))
            .collect::<Vec<_>>()
        {
            self.asker.probe.forget();
            let asked = Asked::True(Site::Rule(at));
            if let Answer::No = self.ask(asked, |asker, steps| asker.all_true(&[node], &[], steps)) {
                self.flaw(asked);
                never.insert(at);
            }
        }
        never
    }

    /// Rules that never decide though they are true of somebody.
    fn rules(&mut self, never: &BTreeSet<usize>) {
        for at in (0..self.asker.plan.rules().len()).filter(|at| !never.contains(at)) {
            if self.shares.steps == 0 {
                self.audit.open.push((Asked::Decides(at), Unknown::Steps));
                continue;
            }
            self.asker.probe.forget();
            let own: Vec<NodeId> = self.asker.condition(at).into_iter().collect();
            let ahead = self.ahead(at);
            match self.ask(Asked::Decides(at), |asker, steps| asker.all_true(&own, &ahead, steps)) {
                Answer::No => {
                    let found = self.within(|asker, steps| covering(asker, at, steps));
                    let (others, fewest) = found.unwrap_or_default();
                    self.audit.flaws.push(Flaw { others, fewest, ..Flaw::new(Asked::Decides(at)) });
                }
                _ => self.parts(Site::Rule(at), &own, &ahead),
            }
        }
    }

    fn ahead(&self, rule: usize) -> Vec<NodeId> {
        self.asker.ahead(rule).iter().filter_map(|rule| self.asker.condition(*rule)).collect()
    }

    /// Caps and floors that never hold, or move nobody.
    fn adjustments(&mut self) {
        for (at, adjustment) in self.asker.plan.adjustments().iter().enumerate() {
            self.asker.probe.forget();
            let (site, own) = (Site::Adjustment(at), [adjustment.condition]);
            match self.ask(Asked::True(site), |asker, steps| asker.all_true(&own, &[], steps)) {
                Answer::Open => continue,
                Answer::No => {
                    self.flaw(Asked::True(site));
                    continue;
                }
                Answer::Yes => {}
            }
            let asked = Asked::Moves(at);
            let answer = self.ask(asked, |asker, steps| {
                let question = Question {
                    asker,
                    rules: (0..asker.plan.rules().len()).collect(),
                    look: &|look, stage| moves(look, &stage.rules, (at, own)),
                    ahead: &[],
                    holds: &|machine| machine.decided().0 != machine.decided_without(at),
                };
                probed((asker.space, &asker.probe), asker.region.clone(), &question, steps)
            });
            match answer {
                Answer::No => self.flaw(asked),
                _ => self.parts(site, &own, &[]),
            }
        }
    }

    /// Lets, lines of segments and bins of scores.
    fn sites(&mut self) {
        let plan = self.asker.plan;
        for (at, root) in plan.lets().iter().enumerate() {
            match root {
                Root::Condition(node) => self.site(Site::Let(at), *node, &[]),
                Root::Segment(segment) => {
                    let lines = plan.segment(*segment).into_iter().flat_map(|segment| &segment.lines);
                    let mut ahead = Vec::new();
                    for (line, node) in lines.enumerate().filter_map(|(at, line)| Some((at, line.condition?))) {
                        self.site(Site::Line(*segment as usize, line), node, &ahead);
                        ahead.push(node);
                    }
                }
                Root::Score(score) => {
                    for (line, known) in plan.score(*score).into_iter().flat_map(|score| &score.lines).enumerate() {
                        let mut ahead = Vec::new();
                        for (bin, node) in
                            known.bins.iter().enumerate().filter_map(|(at, bin)| Some((at, bin.condition?)))
                        {
                            self.site(Site::Bin(*score as usize, line, bin), node, &ahead);
                            ahead.push(node);
                        }
                    }
                }
                Root::Value(_) => {}
            }
        }
    }

    fn site(&mut self, site: Site, node: NodeId, ahead: &[NodeId]) {
        self.asker.probe.forget();
        let asked = if ahead.is_empty() { Asked::True(site) } else { Asked::Fits(site) };
        match self.ask(asked, |asker, steps| asker.all_true(&[node], ahead, steps)) {
            Answer::Yes => self.parts(site, &[node], ahead),
            Answer::Open => {}
            Answer::No if ahead.is_empty() => self.flaw(asked),
            // It may be true of nobody, or of those only whom a line ahead takes.
            Answer::No => match self.ask(Asked::True(site), |asker, steps| asker.all_true(&[node], &[], steps)) {
                Answer::No => self.flaw(Asked::True(site)),
                _ => self.flaw(asked),
            },
        }
    }

    /// Parts of a condition that could as well be always true, or always false, for all whom it is asked of.
    fn parts(&mut self, site: Site, root: &[NodeId], ahead: &[NodeId]) {
        let Some(root) = root.first().copied() else { return };
        let names = self.asker.plan.names();
        let parts = parts_of(self.asker.plan, root, site.outline(names).map_or(&[], |outline| outline));
        // What was told is left out when others are asked of, so that all of it can be left out together.
        let mut told: Vec<(&[usize], Kleene)> = Vec::new();
        for part in &parts {
            let known = told.iter().any(|(path, _)| part.path.starts_with(path));
            if known || part.turned || matches!(self.asker.plan.node(part.node), Node::Constant(_)) {
                continue;
            }
            for value in [true, false] {
                // Of a rule as a whole, and of the lines ahead of others, that they take all who are left is no flaw.
                let whole = part.path.is_empty();
                if whole && (!value || matches!(site, Site::Rule(_) | Site::Line(..) | Site::Bin(..))) {
                    continue;
                }
                let asked = Asked::Part(site, part.mark, value);
                let always = Kleene::of(value);
                let also: Vec<(&[usize], Kleene)> = told.iter().copied().chain([(&*part.path, always)]).collect();
                let answer = self.ask(asked, |asker, steps| {
                    let look = |look: &Look<'_, 'm, 'a>| {
                        let (one, two) = (forced(look, root, &told), forced(look, root, &also));
                        let differs = |a: Kleene, b: Kleene| a.can_be(Kleene::TRUE) && b != Kleene::TRUE;
                        let sure = |a: Kleene, b: Kleene| a == Kleene::TRUE && !b.can_be(Kleene::TRUE);
                        let can = look.truth(part.node) != always && (differs(one, two) || differs(two, one));
                        // Where the whole is settled, it may hang on the others what it would be otherwise.
                        let nodes = [part.node, root].into_iter().chain(parts.iter().map(|part| part.node));
                        let open = nodes.map(Open::Condition).collect();
                        Wanted { can, sure: sure(one, two) || sure(two, one), open, ..Wanted::default() }
                    };
                    let holds = |machine: &Machine<'_, '_>| {
                        let is = |truth: Kleene| truth == Kleene::TRUE;
                        is(forced(machine, root, &told)) != is(forced(machine, root, &also))
                    };
                    asker.reaches(ahead, asker.region.clone(), (&look, &holds), steps)
                });
                if let Answer::No = answer {
                    self.audit.flaws.push(Flaw { together: !told.is_empty(), ..Flaw::new(asked) });
                    told.push((&part.path, always));
                    break;
                }
            }
        }
    }

    /// Neighbours of different tiers that both fit one customer, where their order decides.
    fn overlaps(&mut self) {
        if self.asker.plan.match_best() {
            return;
        }
        for (at, pair) in self.asker.plan.rules().windows(2).enumerate() {
            let [one, two] = pair else { continue };
            let (Some(first), Some(second)) = (one.condition, two.condition) else { continue };
            if one.tier == two.tier {
                continue;
            }
            let (asked, ahead) = (Asked::Overlap(at), self.ahead(at));
            let mut found = (Vec::new(), None);
            self.ask(asked, |asker, steps| {
                let nodes = [first, second];
                let holds = |machine: &Machine<'_, '_>| nodes.iter().all(|node| machine.of(*node) == Kleene::TRUE);
                asker.with_reaching(&ahead, (&|look| true_of(look, &nodes), &holds), |question| {
                    let sought = seek(asker.space, asker.region.clone(), question, steps);
                    if let Sought::Found(hit) = &sought {
                        let alike = |region: &Region| question.is_sure(region);
                        let both = (&hit.region, asker.region);
                        let region = if hit.whole {
                            widened(asker.space, both, &asker.named, steps, &alike)
                        } else {
                            hit.region.clone()
                        };
                        let person = asker.told(&|point| question.holds(point), hit);
                        found = (vec![boxed(asker.space, (&region, asker.region))], person);
                    }
                    sought
                })
            });
            if !found.0.is_empty() {
                let (boxes, person) = found;
                self.audit.flaws.push(Flaw { boxes, person, ..Flaw::new(asked) });
            }
        }
    }
}

/// Runs `work` on the question whether somebody has a tier in the end, or none.
fn with_tier<'m, 'a, R>(
    asker: &Asker<'_, 'm, 'a>,
    tier: Option<u32>,
    work: impl FnOnce(&Question<'_, '_, 'm, 'a>) -> R,
) -> R {
    work(&Question {
        asker,
        rules: (0..asker.plan.rules().len()).collect(),
        look: &|look, stage| {
            let seen = look.tiers(&stage.rules);
            let can = seen.tiers.contains(tier);
            Wanted {
                can,
                sure: can && seen.tiers.is_only(tier),
                open: seen.open,
                rules: seen.rules,
                likely: true,
                ..Wanted::default()
            }
        },
        ahead: &[],
        holds: &|machine| machine.decided().0 == tier,
    })
}
