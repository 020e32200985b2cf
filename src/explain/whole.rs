//! The full text: every rule, cap, floor, `let` and fact.

use super::actual::{Actual, Amounts};
use super::card_text::Card;
use super::condition::{Condition, State};
use super::lines::{Lines, mark};
use super::parts::{AdjustmentExplanation, LetExplanation, RuleExplanation, Verdict};
use super::sentence::Speaker;
use super::text::capital;
use super::{Explanation, Unproved, names};
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::eval::Benefit;
use crate::plan::Root;
use crate::schema::Type;

pub(super) fn full(why: &Explanation, lang: Lang) -> String {
    let mut page = Whole { speaker: Speaker { why, lang, whole: true }, text: String::new() };
    page.line(0, &page.speaker.headline());
    page.policy();
    let title = if why.plan.match_best() { Phrase::TitleBest } else { Phrase::TitleRules };
    if why.rules().len() > 0 {
        page.title(title);
        why.rules().for_each(|rule| page.rule(&rule));
    }
    if why.adjustments().len() > 0 {
        page.title(Phrase::TitleAdjustments);
        why.adjustments().for_each(|adjustment| page.adjustment(&adjustment));
    }
    if why.lets().next().is_some() {
        page.title(Phrase::TitleLets);
        why.lets().for_each(|bound| page.bound(&bound));
    }
    if why.segments().len() > 0 {
        page.title(Phrase::TitleSegments);
        why.segments().for_each(|segment| page.card(&page.speaker.segment(&segment)));
    }
    if why.scores().len() > 0 {
        page.title(Phrase::TitleScores);
        why.scores().for_each(|score| page.card(&page.speaker.score(&score)));
    }
    page.benefits();
    page.holds();
    page.facts();
    page.findings();
    let legend = page.speaker.say(Phrase::Legend, []);
    page.line(0, "");
    page.line(0, &legend);
    page.text
}

struct Whole<'e> {
    speaker: Speaker<'e>,
    text: String,
}

impl Whole<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.text.push_str(&"  ".repeat(if text.is_empty() { 0 } else { depth }));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn holds(&mut self) {
        let (why, lang) = (self.speaker.why, self.speaker.lang);
        let templates = [(Phrase::NearestWay, Phrase::NearestUnproved), (Phrase::MarginWay, Phrase::MarginUnproved)];
        let ways = why.ways.iter().zip(templates).filter_map(|(way, (template, unproved))| match way {
            Ok(way) => Some(way.as_ref()?.line(template, lang)),
            Err(Unproved) => Some(phrase(unproved, &[], lang)),
        });
        let mut lines: Vec<String> = ways.collect();
        lines.extend(why.holds.iter().flat_map(|holds| holds.lines(lang, usize::MAX)));
        if !lines.is_empty() {
            self.line(0, "");
        }
        lines.iter().for_each(|line| self.line(0, line));
    }

    fn title(&mut self, title: Phrase) {
        let text = self.speaker.say(title, []);
        self.line(0, "");
        self.line(0, &text);
    }

    fn policy(&mut self) {
        let names = self.speaker.why.plan.names();
        let fingerprint = ("fingerprint", names.fingerprint.to_string());
        let text = match (&names.policy, &names.version) {
            (None, _) => self.speaker.say(Phrase::PolicyBare, [fingerprint]),
            (Some(name), None) => self.speaker.say(Phrase::Policy, [("name", name.to_string()), fingerprint]),
            (Some(name), Some(version)) => {
                let pairs = [("name", name.to_string()), ("version", version.to_string()), fingerprint];
                self.speaker.say(Phrase::PolicyVersion, pairs)
            }
        };
        self.line(0, &text);
    }

    fn condition(&mut self, condition: Option<Condition>) {
        let mut lines = Lines::whole();
        if let Some(condition) = condition {
            lines.condition(&self.speaker, &condition, 0);
        }
        for line in &lines.lines {
            self.line(3 + line.depth, &format!("{} {}", line.mark, line.text));
        }
    }

    fn rule(&mut self, rule: &RuleExplanation<'_>) {
        let pairs = [("rule", capital(&self.speaker.rule(rule))), ("tier", self.speaker.tier(rule.tier_at()))];
        let verdict = rule.verdict();
        let (mark, template) = match verdict {
            Verdict::Decides => ('+', Phrase::RuleDecides),
            _ if rule.is_otherwise() => ('.', Phrase::RuleOtherwise),
            Verdict::Holds if rule.is_behind() => ('.', Phrase::RuleBehind),
            Verdict::Holds => ('+', Phrase::RuleHolds),
            Verdict::Fails => ('-', Phrase::RuleFails),
            Verdict::Unknown => ('?', Phrase::RuleUnknown),
            Verdict::Undefined => ('?', Phrase::RuleUndefined),
            Verdict::Masked => ('*', Phrase::RuleHidden),
            Verdict::NotReached => ('.', Phrase::RuleLater),
        };
        let text = self.speaker.say(template, pairs);
        self.line(1, &format!("{mark} {text}"));
        if verdict != Verdict::NotReached {
            self.condition(rule.condition());
        }
    }

    fn adjustment(&mut self, adjustment: &AdjustmentExplanation<'_>) {
        let name = capital(&self.speaker.adjustment(adjustment));
        let mark = match adjustment.state() {
            State::True => '+',
            State::False => '-',
            State::Masked => '*',
            _ => '?',
        };
        let state = match adjustment.state() {
            State::True if adjustment.moved() => Phrase::Moved,
            State::True => Phrase::Applies,
            State::False => Phrase::AppliesNot,
            State::Masked => Phrase::AppliesHidden,
            _ => Phrase::AppliesUnknown,
        };
        let text = match adjustment.tier_at() {
            Some(tier) => {
                let state = ("state", self.speaker.say(state, []));
                self.speaker.say(Phrase::Limits, [("adjustment", name), ("tier", self.speaker.tier(tier)), state])
            }
            None => self.speaker.limits_to(adjustment, name, state),
        };
        self.line(1, &format!("{mark} {text}"));
        // A customer wants to be lifted, and nobody to be capped.
        self.condition(if adjustment.is_cap() { adjustment.neutral() } else { adjustment.condition() });
    }

    fn bound(&mut self, bound: &LetExplanation<'_>) {
        let name = ("name", names::spoken(bound.name()));
        let line = ("line", bound.line().to_string());
        let source = ("source", bound.source());
        let (mark, text) = match (bound.root(), bound.neutral()) {
            _ if source.1.is_empty() => ('*', self.speaker.say(Phrase::LetHiddenLine, [name, line])),
            (Some(Root::Value(value)), _) => {
                let actual = self.speaker.why.found().value(value);
                let mark = if actual.is_known() { '+' } else { '?' };
                let shown = ("value", self.speaker.with_ingredients(&actual, value));
                (mark, self.speaker.say(Phrase::LetLine, [name, line, source, shown]))
            }
            (_, condition) => {
                let mark = condition.as_ref().map_or('?', mark);
                (mark, self.speaker.say(Phrase::LetConditionLine, [name, line, source]))
            }
        };
        self.line(1, &format!("{mark} {text}"));
        self.condition(bound.neutral());
    }

    fn card(&mut self, card: &Card) {
        self.line(1, &card.heading);
        for line in &card.lines {
            self.line(2 + line.depth, &format!("{} {}", line.mark, line.text));
        }
    }

    fn benefits(&mut self) {
        let why = self.speaker.why;
        let amounts = Amounts::of(&why.plan);
        let money = |benefit: &Benefit<'_>| *benefit.ty() == Type::Money;
        let shown = |benefit: &Benefit<'_>| match (benefit.as_decimal(), benefit.as_bool()) {
            _ if benefit.is_sensitive() => self.speaker.shown(&Actual::Masked, false),
            _ if !benefit.is_known() => self.speaker.shown(&Actual::Missing, false),
            (Some(number), _) => amounts.exact(number, money(benefit)),
            (_, Some(boolean)) => self.speaker.shown(&Actual::Boolean(boolean), false),
            _ => match benefit.as_duration() {
                Some(length) => self.speaker.shown(&Actual::Duration(length), false),
                None => benefit.to_string(),
            },
        };
        let all: Vec<_> =
            why.outcome.benefits().map(|b| [("fact", names::spoken(b.name())), ("value", shown(&b))]).collect();
        if !all.is_empty() {
            self.title(Phrase::TitleBenefits);
        }
        for pairs in all {
            let text = self.speaker.say(Phrase::FactLine, pairs);
            self.line(1, &text);
        }
    }

    fn facts(&mut self) {
        self.title(Phrase::TitleFacts);
        let why = self.speaker.why;
        for (at, (slot, (_, actual))) in why.plan.slots().iter().zip(why.facts()).enumerate() {
            // What others are computed from says nothing where it is not there.
            if slot.derived && !actual.is_known() {
                continue;
            }
            let money = *slot.field.ty() == Type::Money;
            let value = match actual {
                Actual::Undefined => self.speaker.say(Phrase::NoneYet, []),
                actual => self.speaker.shown(&actual, money),
            };
            let default = why.record.by_default.contains(&at);
            let value = if default { self.speaker.say(Phrase::ByDefault, [("value", value)]) } else { value };
            let pairs = [("fact", names::label(&slot.field, self.speaker.lang)), ("value", value)];
            let text = self.speaker.say(Phrase::FactLine, pairs);
            self.line(1, &text);
        }
    }

    fn findings(&mut self) {
        let why = self.speaker.why;
        let texts: Vec<String> = why.outcome.findings().map(|finding| finding.message(self.speaker.lang)).collect();
        if !texts.is_empty() {
            self.title(Phrase::TitleFindings);
            texts.iter().for_each(|text| self.line(1, &format!("! {text}")));
        }
    }
}
