//! What a classification says. Nothing that returns a tier leaves out whether it is certain.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::TierSet;
use crate::diagnostics::{Arg, Args, Finding, Lang, Phrase, finding_text};
use crate::plan::{Place, Plan};

/// A tier of a policy's ladder: the best is 0. It means something only together with its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TierId(u32);

impl TierId {
    pub(crate) fn new(at: u32) -> Self {
        Self(at)
    }

    /// The place on the ladder, the best tier first, counted from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A rule of a policy, in written order. It means something only together with its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(u32);

impl RuleId {
    pub(crate) fn new(at: usize) -> Self {
        Self(u32::try_from(at).unwrap_or(u32::MAX))
    }

    /// The place among the rules, counted from 0; caps and floors are not counted.
    pub fn index(self) -> usize {
        self.0 as usize
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
pub struct Decided {
    tier: Option<TierId>,
    rule: Option<RuleId>,
    certain: bool,
}

impl Decided {
    pub(super) fn new(tier: Option<u32>, rule: Option<RuleId>, certain: bool) -> Self {
        Self { tier: tier.map(TierId::new), rule, certain }
    }

    /// The tier, only where it is certain.
    pub fn settled(&self) -> Option<TierId> {
        self.tier.filter(|_| self.certain)
    }

    /// The tier that the known facts give, which missing facts may still change; `None` where no rule fits.
    pub fn tier(&self) -> Option<TierId> {
        self.tier
    }

    /// The rule that decided, before caps and floors.
    pub fn rule(&self) -> Option<RuleId> {
        self.rule
    }

    /// Whether no completion of the missing facts gives another tier.
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

/// How much a data finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingSeverity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
}

impl FindingSeverity {
    /// `info` or `warning`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
        }
    }
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    Field(usize),
    Let(usize),
    Rule(usize),
    Adjustment(usize),
    Assumption(usize),
}

/// Something that was noticed about a customer's data. The customer is classified all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawFinding {
    pub(crate) finding: Finding,
    pub(crate) place: Whereabouts,
}

impl RawFinding {
    pub(crate) fn new(finding: Finding, place: Whereabouts) -> Self {
        Self { finding, place }
    }
}

/// Something that was noticed about a customer's data. The customer is classified all the same.
///
/// ```
/// use tierwise::{Customer, Lang, Policy};
///
/// let policy = Policy::parse("points / frequency >= 10 => A\notherwise => B").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let customer = Customer::new().with("points", 5).with("frequency", 0);
/// let outcome = policy.classify(&customer, today).unwrap();
/// let finding = outcome.findings().next().unwrap();
/// assert_eq!(finding.code(), "F0101");
/// assert_eq!(finding.message(Lang::En), "the rule in line 1: a calculation has no result");
/// ```
#[derive(Clone, Copy)]
pub struct DataFinding<'o> {
    plan: &'o Plan,
    raw: RawFinding,
}

impl<'o> DataFinding<'o> {
    /// The stable code, `F…`.
    pub fn code(&self) -> &'static str {
        self.raw.finding.as_str()
    }

    /// How much it weighs.
    pub fn severity(&self) -> FindingSeverity {
        match self.raw.finding {
            Finding::NoStanding => FindingSeverity::Info,
            _ => FindingSeverity::Warning,
        }
    }

    /// The field or the `let` that it is about, where there is one.
    pub fn field(&self) -> Option<&'o str> {
        match self.raw.place {
            Whereabouts::Field(at) => self.plan.slots().get(at).map(|slot| slot.field.name()),
            Whereabouts::Let(at) => self.plan.names().lets.get(at).and_then(|place| place.name.as_deref()),
            _ => None,
        }
    }

    /// The statement that it is about, where there is one.
    fn place(&self) -> Option<&'o Place> {
        let names = self.plan.names();
        match self.raw.place {
            Whereabouts::Rule(at) => names.rules.get(at),
            Whereabouts::Adjustment(at) => names.adjustments.get(at),
            Whereabouts::Assumption(at) => names.assumptions.get(at),
            Whereabouts::Let(at) => names.lets.get(at),
            Whereabouts::Field(_) => None,
        }
    }

    /// The line of the statement that it is about, where there is one.
    pub fn line(&self) -> Option<u32> {
        self.place().map(|place| place.line)
    }

    /// The place of the cap or floor of which it says that it is unknown.
    pub(crate) fn open_adjustment(&self) -> Option<usize> {
        match (self.raw.finding, self.raw.place) {
            (Finding::CapUnknown | Finding::FloorUnknown, Whereabouts::Adjustment(at)) => Some(at),
            _ => None,
        }
    }

    /// What was noticed, in one line; values are not in it.
    pub fn message(&self, lang: Lang) -> String {
        let adjustment = |at: usize| match self.plan.adjustments().get(at) {
            Some(adjustment) if adjustment.cap => (Phrase::NamedCap, Phrase::UnnamedCap),
            _ => (Phrase::NamedFloor, Phrase::UnnamedFloor),
        };
        let place = self.place();
        let phrases = match self.raw.place {
            Whereabouts::Adjustment(at) => adjustment(at),
            Whereabouts::Let(_) => (Phrase::NamedLet, Phrase::NamedLet),
            _ => (Phrase::NamedRule, Phrase::UnnamedRule),
        };
        let described = place.map(|place| place.describe(phrases, lang)).unwrap_or_default();
        let line = self.line().map_or(0, |line| line as usize);
        let field = Arg::from(self.field().unwrap_or_default());
        let args: Args = vec![("place", Arg::from(described)), ("line", Arg::from(line)), ("field", field)];
        finding_text(self.raw.finding, &args, lang)
    }
}

impl fmt::Debug for DataFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity().as_str(), self.code(), self.message(Lang::En))
    }
}

impl Serialize for DataFinding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            code: &'a str,
            field: Option<&'a str>,
            severity: &'a str,
        }
        let wire = Wire { code: self.code(), field: self.field(), severity: self.severity().as_str() };
        wire.serialize(serializer)
    }
}

/// The parts that an evaluator hands over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) tier: Option<u32>,
    pub(crate) rule: Option<RuleId>,
    pub(crate) adjusted: Vec<Adjusted>,
    pub(crate) possible: TierSet,
    /// Slots.
    pub(crate) missing: Vec<u32>,
    pub(crate) findings: Vec<RawFinding>,
}

/// Everything that a classification says of one customer. Owned, cheap to clone, the same bytes for the same inputs.
///
/// As JSON it is one object with the keys `tier`, `rule`, `line`, `certain`, `possible`, `missing`, `as_of`,
/// `adjusted_by`, `findings` and `policy`, in this order.
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

    /// The tiers that completions of the missing facts can give, best first, `None` for no tier last. It may hold a
    /// tier too many, never one too few.
    pub fn possible(&self) -> impl Iterator<Item = Option<&str>> {
        self.parts.possible.iter().map(|tier| self.tier_name(tier))
    }

    /// The missing facts on which the tier hangs, by the names under which a host supplies them.
    pub fn missing(&self) -> impl Iterator<Item = &str> {
        self.parts.missing.iter().filter_map(|slot| self.plan.slots().get(*slot as usize)).map(|slot| slot.field.name())
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
            .field("as_of", &self.as_of)
            .field("adjusted_by", &self.adjusted_by().collect::<Vec<_>>())
            .field("findings", &self.findings().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Wire<'o> {
    tier: Option<&'o str>,
    rule: Option<&'o str>,
    line: Option<u32>,
    certain: bool,
    possible: Vec<Option<&'o str>>,
    missing: Vec<&'o str>,
    as_of: String,
    adjusted_by: Option<AdjustedBy<'o>>,
    findings: Vec<DataFinding<'o>>,
    policy: WirePolicy<'o>,
}

#[derive(Serialize)]
struct WirePolicy<'o> {
    name: Option<&'o str>,
    version: Option<&'o str>,
    fingerprint: &'o str,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            tier: self.tier(),
            rule: self.rule(),
            line: self.line(),
            certain: self.is_certain(),
            possible: self.possible().collect(),
            missing: self.missing().collect(),
            as_of: self.as_of.to_string(),
            adjusted_by: self.adjusted_by().last(),
            findings: self.findings().collect(),
            policy: WirePolicy {
                name: self.policy_name(),
                version: self.policy_version(),
                fingerprint: self.fingerprint(),
            },
        };
        wire.serialize(serializer)
    }
}
