//! The short text: what decided, what moved it, what is open, what kept the customer from the better tiers.

use std::collections::BTreeMap;

use super::condition::State;
use super::lines::{Line, Lines, misses};
use super::parts::{AdjustmentExplanation, RuleExplanation, Verdict};
use super::sentence::Speaker;
use super::{Explanation, names};
use crate::diagnostics::{Lang, Phrase};
use crate::eval::DataFinding;
use crate::plan::Place;

/// Lines of a condition.
const CONDITIONS: usize = 5;
/// Lines of a condition of a tier beyond the next better one.
const FARTHER: usize = 3;
/// Rules of one better tier.
const RULES: usize = 2;
/// Better tiers.
const TIERS: usize = 3;
/// Findings.
const FINDINGS: usize = 2;

pub(super) fn short(why: &Explanation, lang: Lang) -> String {
    let mut page = Page { speaker: Speaker { why, lang }, text: String::new() };
    page.line(0, &page.speaker.headline());
    page.decision();
    page.moved();
    page.open();
    page.better();
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
            Some(label) => format!("{name} \"{label}\""),
            None => name.to_owned(),
        }
    }

    pub(super) fn headline(&self) -> String {
        let outcome = &self.why.outcome;
        let date = ("date", outcome.as_of().to_string());
        let head = match outcome.tier_id() {
            Some(tier) => self.say(Phrase::Tier, [("tier", self.tier(tier.index())), date]),
            None => self.say(Phrase::NoTier, [date]),
        };
        if outcome.is_certain() {
            return head;
        }
        let slots = outcome.missing_slots().filter_map(|slot| self.why.plan.slots().get(slot as usize));
        let facts = slots.map(|slot| names::label(&slot.field, self.lang));
        let missing =
            if outcome.missing_slots().count() == 1 { Phrase::FactIsMissing } else { Phrase::FactsAreMissing };
        let facts = self.say(missing, [("facts", self.list_of(facts, Phrase::ListAnd))]);
        let none = self.say(Phrase::NoTierName, []);
        let up = self.list_of(self.why.could_rise_to().map(str::to_owned), Phrase::ListOr);
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
        let line = ("line", place.map_or(0, |place| place.line).to_string());
        match place.and_then(|place| place.name.as_deref()) {
            Some(name) => self.say(named, [("name", name.to_owned()), line]),
            None => self.say(unnamed, [line]),
        }
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
    /// A cap or floor whose tier is a fact that is missing.
    pub(super) fn limits_to(&self, adjustment: &AdjustmentExplanation<'_>, name: String) -> String {
        let slot = adjustment.missing_bound().and_then(|slot| self.why.plan.slots().get(slot as usize));
        let fact = slot.map(|slot| names::label(&slot.field, self.lang)).unwrap_or_default();
        self.say(Phrase::LimitsTo, [("adjustment", name), ("fact", fact)])
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
        let Some(rule) = why.deciding_rule() else {
            let text = self.speaker.say(Phrase::NoRule, []);
            return self.line(0, &text);
        };
        let name = ("rule", self.speaker.rule(&rule));
        let Some(condition) = rule.condition() else {
            let template = if why.plan.match_best() { Phrase::OtherwiseBest } else { Phrase::OtherwiseDecides };
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

    /// Caps and floors that are unknown, where the tier hangs on them.
    fn open(&mut self) {
        let why = self.speaker.why;
        if why.outcome.is_certain() {
            return;
        }
        let slots: Vec<u32> = why.outcome.missing_slots().collect();
        for adjustment in why.adjustments().filter(|adjustment| adjustment.hangs_on(&slots)).take(RULES) {
            let name = capital(&self.speaker.adjustment(&adjustment));
            let text = match adjustment.tier_at() {
                Some(tier) => {
                    let template = if adjustment.is_cap() { Phrase::CouldLower } else { Phrase::CouldLift };
                    self.speaker.say(template, [("adjustment", name), ("tier", self.speaker.tier(tier))])
                }
                None => self.speaker.limits_to(&adjustment, name),
            };
            self.single_or_list(0, text, adjustment.condition().as_ref(), FARTHER);
        }
    }

    /// `head: the one line`, or the head and its lines below it.
    fn single_or_list(&mut self, depth: usize, head: String, condition: Option<&super::Condition>, most: usize) {
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
        // What a cap took away needs no further reason.
        let base = why.deciding_rule().map_or(usize::MAX, |rule| rule.tier_at());
        let end = why.outcome.tier_id().map_or(usize::MAX, |tier| tier.index()).min(base);
        for rule in why.rules().filter(|rule| rule.tier_at() < end) {
            tiers.entry(rule.tier_at()).or_default().push(rule);
        }
        let rest = tiers.len().saturating_sub(TIERS);
        for (at, (tier, rules)) in tiers.iter().rev().take(TIERS).enumerate() {
            let (most, lines) = if at == 0 { (RULES, CONDITIONS) } else { (1, FARTHER) };
            self.better_tier(*tier, rules, most, lines);
        }
        if rest > 0 {
            let names = tiers.keys().take(rest).rev().map(|tier| self.speaker.tier(*tier));
            let text = self.speaker.say(Phrase::MoreTiers, [("tiers", self.speaker.list_of(names, Phrase::ListOr))]);
            self.line(0, &text);
        }
    }

    /// Up to `most` rules of a tier: the open ones where there are some, else the nearest.
    fn better_tier(&mut self, tier: usize, rules: &[RuleExplanation<'_>], most: usize, lines: usize) {
        let open = self.speaker.why.outcome.possible_tiers().flatten().any(|possible| possible.index() == tier);
        let heading = if open { Phrase::StillOpen } else { Phrase::NotTier };
        let text = self.speaker.say(heading, [("tier", self.speaker.tier(tier))]);
        self.line(0, &text);
        let mut nearest: Vec<(usize, usize, &RuleExplanation<'_>)> =
            rules.iter().enumerate().map(|(at, rule)| (rule.distance(), at, rule)).collect();
        nearest.sort_by_key(|(distance, at, _)| (*distance, *at));
        let unknown = nearest.iter().filter(|(_, _, rule)| rule.verdict() == Verdict::Unknown).count();
        let shown = if open && unknown > 0 { most.min(unknown) } else { most };
        for (_, _, rule) in nearest.iter().take(shown) {
            self.better_rule(rule, lines);
        }
        let more = nearest.len().saturating_sub(shown);
        if more > 0 {
            let template = if more == 1 { Phrase::MoreRule } else { Phrase::MoreRules };
            let pairs = [("count", more.to_string()), ("tier", self.speaker.tier(tier))];
            let text = self.speaker.say(template, pairs);
            self.line(1, &format!("  {text}"));
        }
    }

    fn better_rule(&mut self, rule: &RuleExplanation<'_>, lines: usize) {
        let name = self.speaker.rule(rule);
        match (rule.verdict(), rule.condition()) {
            (Verdict::Holds, _) if rule.is_behind() => {
                let text = self.speaker.say(Phrase::EarlierDecides, [("rule", name)]);
                self.line(1, &format!("- {text}"));
            }
            (_, condition) => self.single_or_list(1, name, condition.as_ref(), lines),
        }
    }

    fn findings(&mut self) {
        let why = self.speaker.why;
        // An open cap or floor was shown with its reason where the tier hangs on it.
        let told = |finding: &DataFinding<'_>| finding.is_open_adjustment() && !why.outcome.is_certain();
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
            Verdict::Unknown | Verdict::Holds => 0,
            _ => self.node().map_or(0, |node| misses(self.why(), node, true)),
        }
    }
}

impl AdjustmentExplanation<'_> {
    /// Whether it is open because of one of the facts.
    fn hangs_on(&self, slots: &[u32]) -> bool {
        if !matches!(self.state(), State::Unknown | State::Masked) {
            return false;
        }
        let asked = self.node().map(|node| self.why().found().facts_of_condition(node)).unwrap_or_default();
        self.missing_bound().is_some_and(|slot| slots.contains(&slot)) || asked.iter().any(|slot| slots.contains(slot))
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
