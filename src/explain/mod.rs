//! A recorded evaluation in, [`Explanation`] out: why this tier, why no better one, what the outcome hangs on. It reads
//! what the evaluation reported and decides nothing itself.
//!
//! ```
//! use tierwise::explain::{Actual, State, Verdict};
//! use tierwise::{Customer, Policy};
//!
//! let policy = Policy::parse("annual_spend > 1M and frequency >= 12 => A\notherwise => B").unwrap();
//! let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
//! let why = policy.explain(&Customer::new().with("annual_spend", 5).with("frequency", 20), today).unwrap();
//! let rule = why.rules().next().unwrap();
//! assert_eq!((rule.verdict(), rule.is_better()), (Verdict::Fails, true));
//! let condition = rule.condition().unwrap();
//! let spend = &condition.parts()[0];
//! assert_eq!((spend.source(), spend.state()), ("annual_spend > 1M", State::False));
//! assert_eq!(spend.value(), Some(&Actual::Number(5.into())));
//! assert_eq!(spend.shortfall().unwrap().amount().to_string(), "999995.01");
//! ```

mod actual;
mod card;
mod card_text;
mod condition;
mod contrast;
mod lines;
mod names;
mod open;
mod parts;
mod passing;
mod sentence;
mod shortfall;
mod text;
mod tree;
mod turn;
mod way;
mod whole;
mod wire;

use std::fmt;
use std::sync::Arc;

pub use actual::Actual;
pub use card::{LineExplanation, ScoreExplanation, SegmentExplanation, SegmentLineExplanation};
pub use condition::{Condition, Shape, State};
pub use contrast::{ConditionContrast, Contrast, FactContrast};
pub(crate) use names::fact_label;
pub use parts::{AdjustmentExplanation, Hang, LetExplanation, RuleExplanation, Verdict};
pub use passing::{Change, Holds};
pub use shortfall::{Move, Shortfall};
pub(crate) use turn::Meant;
pub use turn::Turn;
pub(crate) use way::Mover;
pub use way::{FactChange, Way};

use serde::{Serialize, Serializer};

use crate::diagnostics::Lang;
use crate::eval::{Outcome, Record, TierId};
use crate::plan::{Plan, Root};
use tree::Found;

/// How much of an explanation is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detail {
    /// What decided, what kept the customer from a better tier, what is open: five to ten lines as a rule.
    #[default]
    Short,
    /// Every rule, cap, floor, `let` and fact.
    Full,
}

/// Why a customer has a tier, and why no better one: what the evaluation found, as a tree and as text.
///
/// The text is short by default; `{:#}` shows everything. As JSON it is one object with the keys `format`, `outcome`,
/// `tiers`, `match_best`, `rules`, `adjustments`, `lets`, `segments`, `scores`, `facts`, `by_default`, `hangs_on`, `findings`,
/// `moves`, `holds`, `nearest` and `margin`; the last two are `{"unproved": true}` where a short search does not find out.
/// What depends on a sensitive fact is masked in all of them.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse("currency EUR\nannual_spend > 1M => A\nannual_spend > 200K => B\notherwise => C").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let why = policy.explain(&Customer::new().with("annual_spend", 980_000), today).unwrap();
/// assert_eq!(why.outcome().settled(), Some("B"));
/// assert_eq!(
///     why.to_string(),
///     "Tier B as of 2026-03-31
/// The rule in line 3 decides:
///   + annual spend is 980,000 EUR, more than 200,000 EUR
/// Not A:
///   - the rule in line 2: annual spend is 980,000 EUR; it has to be more than 1,000,000 EUR: short by 20,000.01 EUR
/// "
/// );
/// ```
#[derive(Clone)]
pub struct Explanation {
    plan: Arc<Plan>,
    source: Arc<str>,
    outcome: Outcome,
    record: Record,
    undefined: Vec<bool>,
    holds: Option<Holds>,
    /// The nearest way up, and the nearest way down.
    ways: [Nearby; 2],
}

/// The nearest way; an error where a short search does not find out.
pub(crate) type Nearby = Result<Option<Way>, Unproved>;

/// Nothing is proved.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unproved;

impl Serialize for Unproved {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("unproved", true)])
    }
}

impl Explanation {
    pub(crate) fn new(
        plan: Arc<Plan>,
        source: Arc<str>,
        outcome: Outcome,
        record: Record,
        holds: Option<Holds>,
        ways: [Nearby; 2],
    ) -> Self {
        let undefined = tree::undefined(&plan, &record);
        Self { plan, source, outcome, record, undefined, holds, ways }
    }

    /// Until when the tier holds if no fact changes, after a short look: some hundred days are tried at the most. `None`
    /// where the passing of time changes nothing, or a portfolio tells things that hold on this day alone.
    pub fn holds(&self) -> Option<&Holds> {
        self.holds.as_ref()
    }

    /// The smallest change of facts that leads to a better tier, where a short search proves it the smallest. `None` also
    /// where the tier hangs on sensitive facts.
    pub fn nearest(&self) -> Option<&Way> {
        self.ways.first()?.as_ref().ok()?.as_ref()
    }

    /// The same of a worse tier: so much is left until the customer falls.
    pub fn margin(&self) -> Option<&Way> {
        self.ways.last()?.as_ref().ok()?.as_ref()
    }

    /// The outcome that is explained, the same that [`Policy::classify`](crate::Policy::classify) gives.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Every rule, in written order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = RuleExplanation<'_>> {
        (0..self.plan.rules().len()).map(|at| RuleExplanation::new(self, at))
    }

    /// The rule that decided, before caps and floors.
    pub fn deciding_rule(&self) -> Option<RuleExplanation<'_>> {
        self.outcome.rule_id().map(|rule| RuleExplanation::new(self, rule.index()))
    }

    /// Every cap and floor, in written order.
    pub fn adjustments(&self) -> impl ExactSizeIterator<Item = AdjustmentExplanation<'_>> {
        (0..self.plan.adjustments().len()).map(|at| AdjustmentExplanation::new(self, at))
    }

    /// Every `let` that the policy uses, each behind those it uses.
    pub fn lets(&self) -> impl Iterator<Item = LetExplanation<'_>> {
        let lets = self.plan.lets().iter().enumerate();
        let plain = lets.filter(|(_, root)| matches!(root, Root::Value(_) | Root::Condition(_)));
        plain.map(|(at, _)| LetExplanation::new(self, at))
    }

    /// Every score, in written order.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = ScoreExplanation<'_>> {
        card::scores(self)
    }

    /// Every segment, in written order.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = SegmentExplanation<'_>> {
        card::segments(self)
    }

    /// The facts that the policy uses, as the evaluation took them, defaults filled in.
    pub fn facts(&self) -> impl ExactSizeIterator<Item = (&str, Actual)> {
        let slots = self.plan.slots().iter().enumerate();
        slots.map(|(at, slot)| (slot.field.name(), self.found().fact(u32::try_from(at).unwrap_or(u32::MAX))))
    }

    /// The facts that are missing and taken from the defaults of their fields.
    pub fn by_default(&self) -> impl Iterator<Item = &str> {
        let field = |at: &usize| self.plan.slots().get(*at).map(|slot| slot.field.name());
        self.record.by_default.iter().filter_map(field)
    }

    /// The missing facts on which the tier hangs, and what asks for each; empty where the outcome is certain.
    pub fn hangs_on(&self) -> impl Iterator<Item = Hang<'_>> {
        parts::hangs(self).into_iter()
    }

    /// The better tiers that are still possible, best first.
    pub fn could_rise_to(&self) -> impl Iterator<Item = &str> {
        let tier = self.outcome.tier_id().map_or(usize::MAX, TierId::index);
        self.outcome
            .possible_tiers()
            .flatten()
            .filter(move |other| other.index() < tier)
            .map(|other| self.tier(other.index()))
    }

    /// The worse tiers that are still possible, best first; `None` for no tier, last.
    pub fn could_fall_to(&self) -> impl Iterator<Item = Option<&str>> {
        let tier = self.outcome.tier_id().map(TierId::index);
        let worse = move |other: &Option<TierId>| match (tier, other) {
            (Some(tier), Some(other)) => other.index() > tier,
            (Some(_), None) => true,
            (None, _) => false,
        };
        self.outcome.possible_tiers().filter(worse).map(|other| other.map(|other| self.tier(other.index())))
    }

    /// The explanation as text.
    ///
    /// ```
    /// use tierwise::{Customer, Detail, Lang, Policy};
    ///
    /// let policy = Policy::parse("currency CNY\nannual_spend > 1M => A\notherwise => B").unwrap();
    /// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    /// let why = policy.explain(&Customer::new().with("annual_spend", 980_000), today).unwrap();
    /// assert_eq!(
    ///     why.text(Detail::Short, Lang::Zh),
    ///     "截至 2026-03-31，等级为 B
    /// 前面的规则均不成立，由第 3 行的“否则”决定
    /// 未达到 A：
    ///   - 第 2 行的规则：年消费额为 980,000 CNY，须超过 1,000,000 CNY，还差 20,000.01 CNY
    /// "
    /// );
    /// ```
    pub fn text(&self, detail: Detail, lang: Lang) -> String {
        match detail {
            Detail::Short => text::short(self, lang),
            Detail::Full => whole::full(self, lang),
        }
    }

    fn tier(&self, at: usize) -> &str {
        self.plan.names().tiers.get(at).map_or("", |name| name)
    }

    fn found(&self) -> Found<'_> {
        Found {
            plan: &self.plan,
            source: &self.source,
            as_of: self.outcome.as_of(),
            record: &self.record,
            absent: self.outcome.absent_places(),
            undefined: &self.undefined,
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(if f.alternate() { Detail::Full } else { Detail::Short }, Lang::En))
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Explanation:\n{self}")
    }
}
