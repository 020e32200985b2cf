//! The short text: what decided, what moved it, what is open, what kept the customer from the better tiers.

use std::collections::BTreeMap;

use super::card_text::cards;
use super::condition::{Condition, State};
use super::lines::{Line, Lines, misses};
use super::parts::{AdjustmentExplanation, RuleExplanation, Verdict};
use super::passing::Holds;
use super::sentence::Speaker;
use super::{Explanation, names};
use crate::diagnostics::{Lang, Phrase};
use crate::eval::{DataFinding, TierId};
use crate::plan::Place;

/// Lines of a condition.
const CONDITIONS: usize = 5;
/// Lines of a condition of a tier beyond the next better one.
const FARTHER: usize = 3;
/// Lines behind which no further tier is explained.
const PAGE: usize = 10;
/// Rules of one better tier.
const RULES: usize = 2;
/// Better tiers.
const TIERS: usize = 3;
/// Reasons for which the tier changes with time.
const REASONS: usize = 3;
/// Findings.
const FINDINGS: usize = 2;

pub(super) fn short(why: &Explanation, lang: Lang) -> String {
    let mut page = Page { speaker: Speaker { why, lang, whole: false }, text: String::new() };
    page.line(0, &page.speaker.headline());
    if why.rules().len() > 0 {
        page.decision();
        page.moved();
    }
    page.cards();
    page.open();
    page.worse();
    page.better();
    page.holds();
    page.findings();
    page.text
}

struct Page<'e> {
    speaker: Speaker<'e>,
    text: String,
}

impl<'e> Speaker<'e> {
    /// A tier with its label.
    pub(super) fn tier(&self, at: usize) -> String {
        let names = self.why.plan.names();
        let name = names.tiers.get(at).map_or("", |name| name);
        match names.labels.get(at).and_then(Option::as_ref) {
            Some(label) => self.say(Phrase::TierLabel, [("name", name.to_owned()), ("label", label.to_string())]),
            None => name.to_owned(),
        }
    }

    pub(super) fn headline(&self) -> String {
        let outcome = &self.why.outcome;
        let date = ("date", outcome.as_of().to_string());
        let head = match outcome.tier_id() {
            None if self.why.rules().len() == 0 => self.say(Phrase::AsOf, [date]),
            Some(tier) => self.say(Phrase::Tier, [("tier", self.tier(tier.index())), date]),
            None => self.say(Phrase::NoTier, [date]),
        };
        if outcome.is_certain() {
            return head;
        }
        let slots: Vec<u32> = outcome.missing_slots().collect();
        let missing = if slots.len() == 1 { Phrase::FactIsMissing } else { Phrase::FactsAreMissing };
        let facts = self.say(missing, [("facts", self.slots(&slots))]);
        let none = self.say(Phrase::NoTierName, []);
        // The nearest first.
        let up: Vec<String> = self.why.could_rise_to().map(str::to_owned).collect();
        let up = self.list_of(up.into_iter().rev(), Phrase::ListOr);
        let down = self.why.could_fall_to().map(|tier| tier.unwrap_or(&none).to_owned());
        let down = self.list_of(down, Phrase::ListOr);
        let moves = match (up.is_empty(), down.is_empty()) {
            (false, true) => self.say(Phrase::CouldRise, [("tiers", up)]),
            (true, false) => self.say(Phrase::CouldFall, [("tiers", down)]),
            (false, false) => self.say(Phrase::CouldBoth, [("up", up), ("down", down)]),
            (true, true) => String::new(),
        };
        self.say(Phrase::Provisional, [("head", head), ("facts", facts), ("moves", moves)])
    }

    fn place(&self, place: Option<&Place>, named: Phrase, unnamed: Phrase) -> String {
        place.map(|place| place.describe((named, unnamed), self.lang)).unwrap_or_default()
    }

    pub(super) fn rule(&self, rule: &RuleExplanation<'_>) -> String {
        let (named, unnamed) = match rule.is_otherwise() {
            true => (Phrase::NamedOtherwise, Phrase::UnnamedOtherwise),
            false => (Phrase::NamedRule, Phrase::UnnamedRule),
        };
        self.place(rule.place(), named, unnamed)
    }

    pub(super) fn adjustment(&self, adjustment: &AdjustmentExplanation<'_>) -> String {
        let (named, unnamed) = match adjustment.is_cap() {
            true => (Phrase::NamedCap, Phrase::UnnamedCap),
            false => (Phrase::NamedFloor, Phrase::UnnamedFloor),
        };
        self.place(adjustment.place(), named, unnamed)
    }
}

impl Speaker<'_> {
    pub(super) fn is_possible(&self, tier: usize) -> bool {
        self.why.outcome.is_possible(tier)
    }

    fn slots(&self, slots: &[u32]) -> String {
        self.list_of(slots.iter().map(|slot| names::fact_label(&self.why.plan, *slot, self.lang)), Phrase::ListAnd)
    }

    /// A cap or floor whose tier is a fact that is missing, not shown, or not there.
    pub(super) fn limits_to(&self, adjustment: &AdjustmentExplanation<'_>, name: String, state: Phrase) -> String {
        let slot = adjustment.bound_slot().and_then(|slot| self.why.plan.slots().get(slot as usize));
        let fact = ("fact", slot.map(|slot| names::label(&slot.field, self.lang)).unwrap_or_default());
        match adjustment.missing_bound().filter(|_| state == Phrase::AppliesUnknown) {
            Some(_) => self.say(Phrase::LimitsTo, [("adjustment", name), fact]),
            None => {
                let state = ("state", self.say(state, []));
                self.say(Phrase::LimitsToNothing, [("adjustment", name), fact, state])
            }
        }
    }
}

impl Page<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.text.push_str(&"  ".repeat(depth));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn marked(&mut self, depth: usize, line: &Line) {
        self.line(depth + line.depth, &format!("{} {}", line.mark, line.text));
    }

    fn conditions(&mut self, depth: usize, lines: &Lines) {
        lines.lines.iter().for_each(|line| self.marked(depth, line));
        if lines.cut > 0 {
            let more = self.speaker.say(Phrase::MoreConditions, [("count", lines.cut.to_string())]);
            self.line(depth, &format!("  {more}"));
        }
    }

    fn decision(&mut self) {
        let why = self.speaker.why;
        let unknown = || why.rules().any(|rule| self.speaker.is_open(&rule));
        let Some(rule) = why.deciding_rule() else {
            let text = self.speaker.say(if unknown() { Phrase::NoneKnown } else { Phrase::NoRule }, []);
            return self.line(0, &text);
        };
        let name = ("rule", self.speaker.rule(&rule));
        let Some(condition) = rule.condition() else {
            let template = match (why.plan.match_best(), unknown()) {
                (_, true) => Phrase::OtherwiseForNow,
                (true, false) => Phrase::OtherwiseBest,
                (false, false) => Phrase::OtherwiseDecides,
            };
            let text = self.speaker.say(template, [name]);
            return self.line(0, &capital(&text));
        };
        let tier = ("tier", self.speaker.tier(rule.tier_at()));
        let moved = why.outcome.tier_id().map(|tier| tier.index()) != Some(rule.tier_at());
        let text = if moved {
            self.speaker.say(Phrase::Gives, [name, tier])
        } else {
            self.speaker.say(Phrase::Decides, [name])
        };
        self.line(0, &capital(&text));
        let mut lines = Lines::short(CONDITIONS);
        lines.condition(&self.speaker, &condition, 0);
        self.conditions(1, &lines);
        let absent = self.speaker.absent(&condition).unwrap_or_default();
        let matters: Vec<u32> = absent.into_iter().filter(|slot| why.outcome.hangs_on(*slot)).collect();
        if !matters.is_empty() {
            let template = if matters.len() == 1 { Phrase::CouldFail } else { Phrase::CouldFailMany };
            let pairs = [("rule", self.speaker.rule(&rule)), ("facts", self.speaker.slots(&matters))];
            let text = self.speaker.say(template, pairs);
            self.line(0, &format!("? {}", capital(&text)));
        }
    }

    fn cards(&mut self) {
        for card in cards(&self.speaker) {
            self.line(0, &card.heading);
            card.lines.iter().for_each(|line| self.marked(1, line));
            if card.cut > 0 {
                let more = self.speaker.say(Phrase::MoreConditions, [("count", card.cut.to_string())]);
                self.line(1, &format!("  {more}"));
            }
        }
    }

    /// What floors and caps did, in the order in which they apply.
    fn moved(&mut self) {
        let why = self.speaker.why;
        let mut from = why.deciding_rule().map(|rule| rule.tier_at());
        for at in why.outcome.adjusted_places() {
            let adjustment = AdjustmentExplanation::new(why, at);
            let to = adjustment.tier_at();
            let name = |tier: Option<usize>| match tier {
                Some(tier) => self.speaker.tier(tier),
                None => self.speaker.say(Phrase::NoTierName, []),
            };
            let template = if adjustment.is_cap() { Phrase::Lowers } else { Phrase::Lifts };
            let pairs = [("adjustment", self.speaker.adjustment(&adjustment)), ("from", name(from)), ("to", name(to))];
            let text = self.speaker.say(template, pairs);
            from = to;
            self.line(0, &capital(&text));
            let mut lines = Lines::short(CONDITIONS);
            if let Some(condition) = adjustment.condition() {
                lines.condition(&self.speaker, &condition, 0);
            }
            self.conditions(1, &lines);
        }
    }

    /// Caps and floors that are unknown and could still move the tier, as many as are shown.
    fn open_adjustments(&self) -> Vec<AdjustmentExplanation<'_>> {
        let why = self.speaker.why;
        let tier = why.outcome.tier_id().map(TierId::index);
        let moves = |adjustment: &AdjustmentExplanation<'_>| match (adjustment.tier_at(), tier) {
            (Some(bound), Some(tier)) if adjustment.is_cap() => bound > tier && self.speaker.is_possible(bound),
            (Some(_), None) if adjustment.is_cap() => false,
            (Some(bound), tier) => tier.is_none_or(|tier| bound < tier) && self.speaker.is_possible(bound),
            (None, _) => adjustment.missing_bound().is_some(),
        };
        let open = |adjustment: &AdjustmentExplanation<'_>| moves(adjustment) && adjustment.hangs();
        why.adjustments().filter(|adjustment| !why.outcome.is_certain() && open(adjustment)).take(RULES).collect()
    }

    fn open(&mut self) {
        let why = self.speaker.why;
        for at in self.open_adjustments().iter().map(AdjustmentExplanation::at).collect::<Vec<_>>() {
            let adjustment = AdjustmentExplanation::new(why, at);
            let name = capital(&self.speaker.adjustment(&adjustment));
            let text = match adjustment.tier_at() {
                Some(tier) => {
                    let template = if adjustment.is_cap() { Phrase::CouldLower } else { Phrase::CouldLift };
                    self.speaker.say(template, [("adjustment", name), ("tier", self.speaker.tier(tier))])
                }
                None => self.speaker.limits_to(&adjustment, name, Phrase::AppliesUnknown),
            };
            self.single_or_list(0, text, adjustment.condition().as_ref(), FARTHER);
        }
    }

    /// Open rules that could give a worse tier.
    fn worse(&mut self) {
        let why = self.speaker.why;
        let Some(tier) = why.outcome.tier_id().map(TierId::index) else { return };
        // The best of the rules that hold decides: a worse one changes nothing.
        if why.plan.match_best() && why.deciding_rule().is_some_and(|rule| !rule.is_otherwise()) {
            return;
        }
        let worse = |rule: &RuleExplanation<'_>| {
            rule.tier_at() > tier && !rule.is_behind() && self.speaker.is_possible(rule.tier_at())
        };
        let open = |rule: &RuleExplanation<'_>| worse(rule) && self.speaker.is_open(rule);
        for rule in why.rules().filter(open).take(RULES).collect::<Vec<_>>() {
            let pairs = [("rule", self.speaker.rule(&rule)), ("tier", self.speaker.tier(rule.tier_at()))];
            let text = capital(&self.speaker.say(Phrase::CouldGive, pairs));
            self.single_or_list(0, text, rule.condition().as_ref(), FARTHER);
        }
    }

    /// `head: the one line`, or the head and its lines below it.
    fn single_or_list(&mut self, depth: usize, head: String, condition: Option<&Condition>, most: usize) {
        let mut lines = Lines::short(most);
        if let Some(condition) = condition {
            lines.condition(&self.speaker, condition, 0);
        }
        match lines.lines.as_slice() {
            [] => self.line(depth, &format!("? {head}")),
            [only] => {
                let text = self.speaker.say(Phrase::RuleLine, [("rule", head), ("text", only.text.clone())]);
                self.line(depth, &format!("{} {text}", only.mark));
            }
            _ => {
                let text = self.speaker.say(Phrase::Heading, [("text", head)]);
                self.line(depth, &text);
                self.conditions(depth + 1, &lines);
            }
        }
    }

    /// Why the better tiers were not reached, the next one first.
    fn better(&mut self) {
        let why = self.speaker.why;
        let mut tiers: BTreeMap<usize, Vec<RuleExplanation<'_>>> = BTreeMap::new();
        let end = self.reached().min(why.outcome.tier_id().map_or(usize::MAX, TierId::index));
        for rule in why.rules().filter(|rule| rule.tier_at() < end) {
            tiers.entry(rule.tier_at()).or_default().push(rule);
        }
        let mut left: Vec<usize> = tiers.keys().copied().collect();
        for (at, (tier, rules)) in tiers.iter().rev().take(TIERS).enumerate() {
            if at > 0 && self.text.lines().count() >= PAGE {
                break;
            }
            let (most, lines) = if at == 0 { (RULES, CONDITIONS) } else { (1, FARTHER) };
            self.better_tier(*tier, rules, most, lines);
            left.pop();
        }
        let (open, closed): (Vec<usize>, Vec<usize>) =
            left.into_iter().rev().partition(|tier| self.speaker.is_possible(*tier));
        for (template, tiers) in [(Phrase::AlsoOpen, open), (Phrase::MoreTiers, closed)] {
            if !tiers.is_empty() {
                let names = tiers.iter().map(|tier| self.speaker.tier(*tier));
                let text = self.speaker.say(template, [("tiers", self.speaker.list_of(names, Phrase::ListOr))]);
                self.line(0, &text);
            }
        }
    }

    /// The tier behind the rules and the floors: what a cap took away from it needs no further reason.
    fn reached(&self) -> usize {
        let why = self.speaker.why;
        let rule = why.deciding_rule().map_or(usize::MAX, |rule| rule.tier_at());
        let moved = why.adjustments().filter(|adjustment| adjustment.moved() && !adjustment.is_cap());
        moved.filter_map(|floor| floor.tier_at()).fold(rule, usize::min)
    }

    /// The cap that holds and keeps the customer from a tier, the one that does most.
    fn bar(&self, tier: usize) -> Option<AdjustmentExplanation<'_>> {
        let caps = self.speaker.why.adjustments().filter(|cap| cap.is_cap() && cap.state() == State::True);
        caps.filter(|cap| cap.tier_at().is_some_and(|bound| bound > tier)).max_by_key(|cap| cap.tier_at())
    }

    /// Up to `most` rules of a tier: the open ones where there are some, else the nearest.
    fn better_tier(&mut self, tier: usize, rules: &[RuleExplanation<'_>], most: usize, lines: usize) {
        let possible = self.speaker.is_possible(tier);
        let open: Vec<bool> = rules.iter().map(|rule| possible && self.speaker.is_open(rule)).collect();
        let unknown = open.iter().filter(|open| **open).count();
        let heading = match (possible, unknown) {
            (true, 0) => Phrase::NotByRules,
            (true, _) => Phrase::StillOpen,
            (false, _) => Phrase::NotTier,
        };
        let text = self.speaker.say(heading, [("tier", self.speaker.tier(tier))]);
        self.line(0, &text);
        let mut most = if possible && unknown > 0 { most.min(unknown) } else { most };
        if let Some((cap, bound)) = self.bar(tier).and_then(|cap| Some((cap, cap.tier_at()?))) {
            let pairs = [("cap", self.speaker.adjustment(&cap)), ("tier", self.speaker.tier(bound))];
            let (text, condition) = (self.speaker.say(Phrase::CapBars, pairs), cap.condition());
            self.single_or_list(1, text, condition.as_ref(), FARTHER);
            most = 1;
        }
        let mut nearest: Vec<_> = rules
            .iter()
            .enumerate()
            .map(|(at, rule)| {
                let closed = open.get(at) != Some(&true);
                ((closed, rule.is_otherwise(), rule.is_behind(), rule.distance(), at), rule)
            })
            .collect();
        nearest.sort_by_key(|(rank, _)| *rank);
        for (_, rule) in nearest.iter().take(most) {
            self.better_rule(rule, lines);
        }
        // Under what is open, only rules count that are open.
        let listed = if heading == Phrase::StillOpen { unknown } else { nearest.len() };
        let more = listed.saturating_sub(most);
        if more > 0 {
            let template = if more == 1 { Phrase::MoreRule } else { Phrase::MoreRules };
            let pairs = [("count", more.to_string()), ("tier", self.speaker.tier(tier))];
            let text = self.speaker.say(template, pairs);
            self.line(1, &text);
        }
    }

    fn better_rule(&mut self, rule: &RuleExplanation<'_>, lines: usize) {
        let name = self.speaker.rule(rule);
        if rule.is_otherwise() {
            let text = self.speaker.say(Phrase::CountsOtherwise, [("rule", name)]);
            return self.line(1, &format!(". {text}"));
        }
        let decider = self.speaker.why.deciding_rule().filter(|_| rule.is_behind());
        let Some(decider) = decider.map(|decider| ("decider", self.speaker.rule(&decider))) else {
            return self.single_or_list(1, name, rule.condition().as_ref(), lines);
        };
        let name = ("rule", name);
        match rule.verdict() {
            Verdict::Holds => {
                let text = self.speaker.say(Phrase::EarlierDecides, [name, decider]);
                self.line(1, &format!("- {text}"));
            }
            Verdict::Fails => {
                let text = self.speaker.say(Phrase::ComesAfter, [name, decider]);
                self.single_or_list(1, text, rule.condition().as_ref(), lines);
            }
            _ => {
                let text = self.speaker.say(Phrase::ComesAfterOpen, [name, decider]);
                self.line(1, &format!(". {text}"));
            }
        }
    }

    fn holds(&mut self) {
        let told = |holds: &&Holds| holds.change().is_some() && !holds.is_hidden();
        let Some(holds) = self.speaker.why.holds.as_ref().filter(told) else { return };
        holds.lines(self.speaker.lang, REASONS).iter().for_each(|line| self.line(0, line));
    }

    fn findings(&mut self) {
        let why = self.speaker.why;
        // An open cap or floor that the tier hangs on was shown with its reason.
        let shown: Vec<usize> = self.open_adjustments().iter().map(AdjustmentExplanation::at).collect();
        let told = |finding: &DataFinding<'_>| finding.open_adjustment().is_some_and(|at| shown.contains(&at));
        let findings: Vec<DataFinding<'_>> = why.outcome.findings().filter(|finding| !told(finding)).collect();
        for finding in findings.iter().take(FINDINGS) {
            self.line(0, &format!("! {}", finding.message(self.speaker.lang)));
        }
        if let Some(more) = findings.len().checked_sub(FINDINGS).filter(|more| *more > 0) {
            let text = self.speaker.say(Phrase::MoreConditions, [("count", more.to_string())]);
            self.line(0, &format!("! {text}"));
        }
    }
}

impl RuleExplanation<'_> {
    /// How far the rule is from holding, in conditions that would have to change; an open one is nearest.
    fn distance(&self) -> usize {
        match self.verdict() {
            Verdict::Holds => 0,
            _ => self.node().map_or(0, |node| misses(self.why(), node, true)),
        }
    }
}

/// A sentence begins with a capital, unless with a name or a quote.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}
