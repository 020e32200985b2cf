//! What a classification says. Nothing that returns a tier leaves out whether it is certain.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;

use super::classified::{Benefit, ScoreOutcome, ScoreParts, SegmentOutcome};
use super::finding::{DataFinding, RawFinding, Whereabouts};
use crate::diagnostics::Finding;
use crate::plan::{Place, Plan, TierSet, Verdict};
use crate::schema::Type;
use crate::value::Constant;

/// A tier of a policy's ladder: the best is 0. It means something only together with its policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TierId(NonZeroU32);

impl TierId {
    pub(crate) fn new(at: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(at))
    }

    /// The place on the ladder, the best tier first, counted from 0.
    #[inline]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A rule of a policy, in written order. It means something only together with its policy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(NonZeroU32);

impl RuleId {
    pub(crate) fn new(at: usize) -> Self {
        Self(NonZeroU32::MIN.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    /// The place among the rules, counted from 0; caps and floors are not counted.
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Debug for TierId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TierId").field(&self.index()).finish()
    }
}

impl fmt::Debug for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RuleId").field(&self.index()).finish()
    }
}

/// A decision in a few words: which tier, by which rule, and whether missing facts could change it.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse("annual_spend > 200K => A\notherwise => B").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let decided = policy.decide(&Customer::new(), today).unwrap();
/// assert_eq!(decided.tier().map(|tier| policy.tier_name(tier)), Some("B"));
/// assert!(!decided.is_certain());
/// assert_eq!(decided.settled(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided<T = TierId> {
    tier: Option<T>,
    rule: Option<RuleId>,
    certain: bool,
}

impl Decided {
    #[inline]
    pub(super) fn new(tier: Option<u32>, rule: Option<RuleId>, certain: bool) -> Self {
        Self { tier: tier.map(TierId::new), rule, certain }
    }

    #[inline]
    pub(super) fn of(verdict: Verdict) -> Self {
        Self { tier: verdict.tier().map(TierId), rule: verdict.rule().map(RuleId), certain: verdict.is_certain() }
    }

    /// Certain only where another decision, of what may be as well, is the same and certain.
    pub(super) fn certain_if(self, other: Self) -> Self {
        Self { certain: self.certain && other.certain && self.tier == other.tier, ..self }
    }

    /// In one word.
    pub(crate) fn verdict(self) -> Verdict {
        let index = |at: usize| u32::try_from(at).ok();
        let (rule, tier) = (self.rule.map(RuleId::index), self.tier.map(TierId::index));
        Verdict::new(rule.and_then(index), tier.and_then(index), self.certain)
    }
}

impl<T: Copy> Decided<T> {
    /// A decision with the host's own tiers, in the order of the ladder.
    #[inline]
    pub(crate) fn with_tiers(verdict: Verdict, tiers: &[T]) -> Self {
        let tier = verdict.tier().and_then(|tier| tiers.get(tier.get() as usize - 1)).copied();
        Self { tier, rule: verdict.rule().map(RuleId), certain: verdict.is_certain() }
    }
}

impl<T: Copy> Decided<T> {
    /// The tier, only where it is certain.
    pub fn settled(&self) -> Option<T> {
        self.tier.filter(|_| self.certain)
    }

    /// The tier that the known facts give, which missing facts may still change; `None` where no rule fits.
    pub fn tier(&self) -> Option<T> {
        self.tier
    }

    /// The rule that decided, before caps and floors.
    pub fn rule(&self) -> Option<RuleId> {
        self.rule
    }

    /// Whether no completion of the missing facts gives another tier. A decision takes no search: it may be false where
    /// [`Outcome::is_certain`] proves true, never the other way round.
    pub fn is_certain(&self) -> bool {
        self.certain
    }
}

/// A cap or floor that moved the tier, by its place among caps and floors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Adjusted(usize);

impl Adjusted {
    pub(crate) fn new(at: usize) -> Self {
        Self(at)
    }
}

/// The parts that an evaluator hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) tier: Option<u32>,
    pub(crate) rule: Option<RuleId>,
    pub(crate) adjusted: Vec<Adjusted>,
    pub(crate) possible: TierSet,
    /// By number: slots, then collections with their fields.
    pub(crate) missing: Vec<u32>,
    /// The same, whether or not it matters.
    pub(crate) absent: Vec<u32>,
    pub(crate) findings: Vec<RawFinding>,
    /// Members, in the order of the plan's segments.
    pub(crate) segments: Vec<Option<u32>>,
    /// In the order of the plan's scores.
    pub(crate) scores: Vec<ScoreParts>,
    /// Places of keys, and values.
    pub(crate) benefits: Vec<(u32, Option<Constant>)>,
}

impl Parts {
    /// Adds what is possible where the fact of a slot turns out to be nothing at all.
    pub(super) fn may_be(&mut self, other: Self, slot: Option<usize>) {
        other.possible.iter().for_each(|tier| self.possible.insert(tier));
        let slot = slot.and_then(|slot| u32::try_from(slot).ok());
        if !self.possible.is_only(self.tier) {
            self.missing.extend(other.missing.into_iter().chain(slot));
            self.missing.sort_unstable();
            self.missing.dedup();
        }
    }
}

/// Everything that a classification says of one customer. Owned, cheap to clone, the same bytes for the same inputs.
///
/// As JSON it is one object with the keys `tier`, `rule`, `line`, `certain`, `possible`, `missing`, then `segments`,
/// `scores` and `benefits` where the policy declares some, `as_of`, `adjusted_by`, `findings` and `policy`, in this order.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse("\"big\": annual_spend > 200K => A\notherwise => B").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let outcome = policy.classify(&Customer::new(), today).unwrap();
/// assert_eq!(outcome.tier(), Some("B"));
/// assert_eq!(outcome.possible().collect::<Vec<_>>(), [Some("A"), Some("B")]);
/// assert_eq!(outcome.missing().collect::<Vec<_>>(), ["annual_spend"]);
/// assert_eq!(outcome.settled(), None);
/// ```
#[derive(Clone)]
pub struct Outcome {
    plan: Arc<Plan>,
    as_of: NaiveDate,
    parts: Parts,
}

impl Outcome {
    pub(crate) fn new(plan: Arc<Plan>, as_of: NaiveDate, parts: Parts) -> Self {
        Self { plan, as_of, parts }
    }

    /// For `Debug`: what depends on a sensitive fact is masked.
    fn shown(&self, values: impl Iterator<Item = String>, scores: bool) -> Vec<String> {
        let masked = |bound: u32| self.plan.sensitive().bound(bound);
        let bounds: Vec<u32> = match scores {
            true => self.plan.scores().map(|(bound, ..)| bound).collect(),
            false => self.plan.segments().map(|(bound, ..)| bound).collect(),
        };
        let name = |bound: u32| self.plan.names().bound(bound);
        let shown = bounds.iter().zip(values).map(|(bound, value)| match (masked(*bound), scores) {
            (true, _) => format!("{}: masked", name(*bound)),
            (false, true) => value,
            (false, false) => format!("{}: {value}", name(*bound)),
        });
        shown.collect()
    }

    /// The same after a search: what is possible, what matters, and whether a tier may be one too many.
    pub(crate) fn searched(mut self, possible: TierSet, missing: Vec<u32>, superset: bool) -> Self {
        (self.parts.possible, self.parts.missing) = (possible, missing);
        if superset {
            self.parts.findings.push(RawFinding::new(Finding::PossibleSuperset, Whereabouts::Possible));
        }
        self
    }

    /// What one look at the missing facts tells.
    pub(crate) fn at_first_look(&self) -> (&TierSet, &[u32]) {
        (&self.parts.possible, &self.parts.missing)
    }

    pub(super) fn is_of(&self, plan: &Arc<Plan>) -> bool {
        Arc::ptr_eq(&self.plan, plan)
    }

    pub(super) fn plan(&self) -> &Plan {
        &self.plan
    }

    fn tier_name(&self, tier: Option<u32>) -> Option<&str> {
        tier.and_then(|tier| self.plan.names().tiers.get(tier as usize)).map(|name| &**name)
    }

    fn place(&self) -> Option<&Place> {
        self.parts.rule.and_then(|rule| self.plan.names().rules.get(rule.index()))
    }

    /// The tier, only where it is certain.
    pub fn settled(&self) -> Option<&str> {
        self.tier().filter(|_| self.is_certain())
    }

    /// The tier that the known facts give, which missing facts may still change; `None` where no rule fits.
    pub fn tier(&self) -> Option<&str> {
        self.tier_name(self.parts.tier)
    }

    /// The tier as an id.
    pub fn tier_id(&self) -> Option<TierId> {
        self.parts.tier.map(TierId::new)
    }

    /// The label of the tier, where the ladder gives one.
    pub fn tier_label(&self) -> Option<&str> {
        let labels = &self.plan.names().labels;
        self.parts.tier.and_then(|tier| labels.get(tier as usize)).and_then(|label| label.as_deref())
    }

    /// The deciding rule as an id; caps and floors come behind it.
    pub fn rule_id(&self) -> Option<RuleId> {
        self.parts.rule
    }

    /// The name of the deciding rule, where it has one.
    pub fn rule(&self) -> Option<&str> {
        self.place().and_then(|place| place.name.as_deref())
    }

    /// The line of the deciding rule.
    pub fn line(&self) -> Option<u32> {
        self.place().map(|place| place.line)
    }

    /// Whether no completion of the missing facts gives another tier.
    pub fn is_certain(&self) -> bool {
        self.parts.possible.is_only(self.parts.tier)
    }

    /// The tiers that completions of the missing facts can give, best first, `None` for no tier last: none is left out,
    /// and where a short search cannot tell whether one is too many, the finding F0121 says so.
    pub fn possible(&self) -> impl Iterator<Item = Option<&str>> {
        self.parts.possible.iter().map(|tier| self.tier_name(tier))
    }

    /// The missing facts on which the tier hangs, by the names under which a host supplies them.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.parts.missing.iter().map(|at| self.plan.missing_name(*at))
    }

    /// What the policy uses and the customer lacks, whether or not the tier hangs on it; defaults make a fact known.
    pub fn absent(&self) -> impl Iterator<Item = &str> {
        self.parts.absent.iter().map(|at| self.plan.missing_name(*at))
    }

    /// The decision alone.
    pub fn decided(&self) -> Decided {
        Decided { tier: self.parts.tier.map(TierId::new), rule: self.parts.rule, certain: self.is_certain() }
    }

    pub(crate) fn absent_places(&self) -> &[u32] {
        &self.parts.absent
    }

    pub(crate) fn possible_tiers(&self) -> impl Iterator<Item = Option<TierId>> {
        self.parts.possible.iter().map(|tier| tier.map(TierId::new))
    }

    pub(crate) fn is_possible(&self, tier: usize) -> bool {
        self.parts.possible.contains(u32::try_from(tier).ok())
    }

    /// Whether the tier hangs on the fact of a slot.
    pub(crate) fn hangs_on(&self, slot: u32) -> bool {
        self.parts.missing.binary_search(&slot).is_ok()
    }

    pub(crate) fn missing_slots(&self) -> impl Iterator<Item = u32> {
        self.parts.missing.iter().copied()
    }

    /// The places of the floor and the cap that moved the tier, in this order.
    pub(crate) fn adjusted_places(&self) -> impl Iterator<Item = usize> {
        self.parts.adjusted.iter().map(|adjusted| adjusted.0)
    }

    /// The as-of date.
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The floors and caps that moved the tier, in this order: by name, or by line.
    pub fn adjusted_by(&self) -> impl Iterator<Item = AdjustedBy<'_>> {
        let places = &self.plan.names().adjustments;
        self.parts.adjusted.iter().filter_map(|adjusted| places.get(adjusted.0)).map(|place| match &place.name {
            Some(name) => AdjustedBy::Name(name),
            None => AdjustedBy::Line(place.line),
        })
    }

    /// What was noticed about the data.
    pub fn findings(&self) -> impl Iterator<Item = DataFinding<'_>> {
        self.parts.findings.iter().map(|raw| DataFinding { plan: &self.plan, raw: *raw })
    }

    /// The segments that the policy declares, in written order.
    pub fn segments(&self) -> impl ExactSizeIterator<Item = SegmentOutcome<'_>> {
        let names = self.plan.names();
        let declared: Vec<(u32, u32)> = self.plan.segments().map(|(bound, at, _)| (bound, at)).collect();
        declared.into_iter().zip(&self.parts.segments).map(|((bound, at), member)| {
            let value = member.and_then(|member| match names.segments.get(at as usize) {
                Some((_, Type::OneOf(members))) => members.name(member).map(|name| &**name),
                _ => None,
            });
            SegmentOutcome { name: names.bound(bound), value }
        })
    }

    /// A segment by its name; `None` where the policy declares no such.
    pub fn segment(&self, name: &str) -> Option<SegmentOutcome<'_>> {
        self.segments().find(|segment| segment.name == name)
    }

    /// The scores that the policy declares, in written order.
    pub fn scores(&self) -> impl ExactSizeIterator<Item = ScoreOutcome<'_>> {
        let plan = &*self.plan;
        let declared: Vec<(u32, u32)> = plan.scores().map(|(bound, at, _)| (bound, at)).collect();
        declared.into_iter().zip(&self.parts.scores).map(move |((bound, at), parts)| {
            let name = plan.names().bound(bound);
            ScoreOutcome { plan, name, at, parts }
        })
    }

    /// A score by its name; `None` where the policy declares no such.
    pub fn score(&self, name: &str) -> Option<ScoreOutcome<'_>> {
        self.scores().find(|score| score.name == name)
    }

    /// What the tier brings, in the order in which the policy first names the keys. A provisional tier brings what it
    /// would bring if it were certain.
    pub fn benefits(&self) -> impl ExactSizeIterator<Item = Benefit<'_>> {
        let plan = &*self.plan;
        self.parts.benefits.iter().map(move |(key, value)| {
            let (name, ty) = plan.names().benefit(*key);
            let own = self.parts.tier.and_then(|tier| plan.benefits(tier).iter().find(|benefit| benefit.key == *key));
            let masked = own.is_some_and(|benefit| plan.sensitive().value(benefit.value));
            Benefit { plan, name, ty, value: value.as_ref(), masked }
        })
    }

    /// What the tier brings under a key; `None` where it brings nothing under it.
    pub fn benefit(&self, key: &str) -> Option<Benefit<'_>> {
        self.benefits().find(|benefit| benefit.name() == key)
    }

    /// The policy's name.
    pub fn policy_name(&self) -> Option<&str> {
        self.plan.names().policy.as_deref()
    }

    /// The policy's version.
    pub fn policy_version(&self) -> Option<&str> {
        self.plan.names().version.as_deref()
    }

    /// The policy's fingerprint.
    pub fn fingerprint(&self) -> &str {
        &self.plan.names().fingerprint
    }
}

/// A cap or floor: its name, or its line where it has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AdjustedBy<'o> {
    /// The name in front of it.
    Name(&'o str),
    /// The line of its first token.
    Line(u32),
}

impl fmt::Display for AdjustedBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

impl PartialEq for Outcome {
    fn eq(&self, other: &Self) -> bool {
        self.as_of == other.as_of && self.parts == other.parts && self.fingerprint() == other.fingerprint()
    }
}

impl Eq for Outcome {}

impl fmt::Debug for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcome")
            .field("tier", &self.tier())
            .field("rule", &self.rule())
            .field("line", &self.line())
            .field("certain", &self.is_certain())
            .field("possible", &self.possible().collect::<Vec<_>>())
            .field("missing", &self.missing().collect::<Vec<_>>())
            .field(
                "segments",
                &self.shown(self.segments().map(|segment| segment.value.unwrap_or("?").to_owned()), false),
            )
            .field("scores", &self.shown(self.scores().map(|score| format!("{score:?}")), true))
            .field("benefits", &self.benefits().collect::<Vec<_>>())
            .field("as_of", &self.as_of)
            .field("adjusted_by", &self.adjusted_by().collect::<Vec<_>>())
            .field("findings", &self.findings().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
