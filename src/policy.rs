//! The facade: the only place where the whole chain is written.

mod analysis;
mod bind;
mod diff;
mod distance;
mod mismatch;
mod mutation;
mod passing;
mod people;
mod portfolio;
mod recourse;
mod search;
mod tests;

use std::fmt;
use std::sync::Arc;

pub use analysis::{Analysis, Inquiry, OpenQuestion, PolicyFinding};
pub use bind::Bound;
pub use diff::{Migration, MonotoneError, Monotonicity, PolicyDiff, TierChange, Verdict};
pub use distance::Distance;
pub use mismatch::{BindError, Mismatch};
pub use mutation::{MutantResult, MutantState, Mutation, MutationError, Telling, TellingDifference};
pub use passing::{Forecast, Horizon};
pub use people::{CustomerBox, Witness};
pub use portfolio::InPortfolio;
pub use recourse::{NotUsed, Recourse, RecourseError, Target};
pub use search::Possible;
pub use tests::{Tests, policy_of_tests};

use crate::check::{Checked, Permissions, check};
use crate::diagnostics::{Diagnostic, Report};
use crate::eval::{At, Completeness, Decided, Outcome, Recorder, RuleId, TierId};
use crate::explain::Explanation;
use crate::facts::{CustomerError, Facts};
use crate::limits::Limits;
use crate::plan::{Forced, Plan, Records, Root, Slot, lower};
use crate::schema::{Schema, Type};
use crate::syntax::{Ast, Keywords, Parsed, format, keywords, parse, print};

/// A policy that was parsed, checked and compiled. Cheap to clone, and shared freely between threads.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse(
///     "annual_spend > 1M and frequency >= 12 => A
///      annual_spend > 200K                   => B
///      otherwise                             => C",
/// )?;
/// let customer = Customer::new().with("annual_spend", 1_200_000).with("frequency", 15);
/// let outcome = policy.classify(&customer, chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap())?;
/// assert_eq!(outcome.settled(), Some("A"));
/// assert_eq!(outcome.line(), Some(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Policy {
    inner: Arc<Inner>,
    plan: Arc<Plan>,
}

struct Inner {
    source: Arc<str>,
    checked: Checked,
    warnings: Vec<Diagnostic>,
    more: usize,
    /// How it was read, for the tests of other files.
    builder: PolicyBuilder,
}

impl Policy {
    /// Parses, checks and compiles a policy against the standard customer model.
    ///
    /// # Errors
    ///
    /// With everything that is wrong with the text, up to a limit.
    pub fn parse(source: &str) -> Result<Self, PolicyError> {
        Self::builder().parse(source)
    }

    /// A builder, for a host's own schema and limits.
    pub fn builder() -> PolicyBuilder {
        PolicyBuilder {
            schema: Schema::standard(),
            limits: Limits::default(),
            permissions: Permissions::default(),
            forced: None,
        }
    }

    /// Decides one customer: tier, rule and certainty, without the reasons.
    ///
    /// # Errors
    ///
    /// Where a fact that the policy uses cannot be taken: of the wrong type, outside its range, required and missing.
    pub fn decide<'a>(&self, facts: &(impl Facts + ?Sized), at: impl Into<At<'a>>) -> Result<Decided, CustomerError> {
        let at = at.into();
        if at.is_strict() {
            // What is noticed, only the whole outcome tells.
            return Ok(self.classify(facts, at)?.decided());
        }
        crate::eval::decide(&self.plan, facts, at)
    }

    /// Classifies one customer: the tier with everything that is to be said of it.
    ///
    /// # Errors
    ///
    /// Where a fact that the policy uses cannot be taken: of the wrong type, outside its range, required and missing.
    pub fn classify<'a>(&self, facts: &(impl Facts + ?Sized), at: impl Into<At<'a>>) -> Result<Outcome, CustomerError> {
        let at = at.into();
        let outcome = crate::eval::classify(&self.plan, facts, at, &mut ())?;
        self.searched(outcome, facts, at)
    }

    /// Classifies one customer and says why: the same evaluation, recorded.
    ///
    /// # Errors
    ///
    /// As [`classify`](Self::classify).
    pub fn explain<'a>(
        &self,
        facts: &(impl Facts + ?Sized),
        at: impl Into<At<'a>>,
    ) -> Result<Explanation, CustomerError> {
        let mut recorder = Recorder::new(&self.plan);
        let at = at.into();
        let outcome = crate::eval::classify(&self.plan, facts, at, &mut recorder)?;
        let outcome = self.searched(outcome, facts, at)?;
        let (holds, ways) = (self.holds(facts, at)?, self.ways(facts, at)?);
        let (plan, source) = (Arc::clone(&self.plan), Arc::clone(&self.inner.source));
        Ok(Explanation::new(plan, source, outcome, recorder.finish(), holds, ways))
    }

    /// What a host must supply.
    pub fn needs(&self) -> Needs<'_> {
        Needs { plan: &self.plan }
    }

    /// Counts what a batch of customers lacks; nothing is counted yet.
    pub fn completeness(&self) -> Completeness {
        Completeness::new(&self.plan)
    }

    /// The name of a tier of this policy.
    pub fn tier_name(&self, tier: TierId) -> &str {
        self.plan.names().tiers.get(tier.index()).map_or("", |name| name)
    }

    /// The name of a rule of this policy, where it has one.
    pub fn rule_name(&self, rule: RuleId) -> Option<&str> {
        self.plan.names().rules.get(rule.index()).and_then(|place| place.name.as_deref())
    }

    /// The line on which a rule of this policy begins.
    pub fn rule_line(&self, rule: RuleId) -> u32 {
        self.plan.names().rules.get(rule.index()).map_or(0, |place| place.line)
    }

    /// The names of the ladder, the best first.
    pub fn tiers(&self) -> impl Iterator<Item = &str> {
        self.plan.names().tiers.iter().map(|name| &**name)
    }

    /// The names of the lets that are neither segments nor scores, each behind those that it uses.
    pub fn lets(&self) -> impl Iterator<Item = &str> {
        let plain = |at: &usize| matches!(self.plan.lets().get(*at), Some(Root::Value(_) | Root::Condition(_)));
        let names = &self.plan.names().lets;
        (0..names.len()).filter(plain).filter_map(|at| names.get(at)?.name.as_deref())
    }

    /// The names of the segments, in written order.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.plan.segments().map(|(bound, ..)| self.plan.names().bound(bound))
    }

    /// The names of the scores, in written order.
    pub fn scores(&self) -> impl Iterator<Item = &str> {
        self.plan.scores().map(|(bound, ..)| self.plan.names().bound(bound))
    }

    /// The keys of benefits, in the order in which they first stand.
    pub fn benefits(&self) -> impl Iterator<Item = &str> {
        self.plan.names().benefits.iter().map(|(name, _)| &**name)
    }

    /// The policy's own name.
    pub fn name(&self) -> Option<&str> {
        self.plan.names().policy.as_deref()
    }

    /// The policy's own version.
    pub fn version(&self) -> Option<&str> {
        self.plan.names().version.as_deref()
    }

    /// The day from which the policy is in effect, as it states; nothing is decided by it.
    pub fn effective(&self) -> Option<chrono::NaiveDate> {
        self.plan.names().effective
    }

    /// `1:` and 32 hexadecimal digits: the same for policies that mean the same, however they are laid out.
    pub fn fingerprint(&self) -> &str {
        &self.plan.names().fingerprint
    }

    /// What its author should look at.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.inner.warnings
    }

    /// The warnings as a person reads them.
    pub fn warning_report<'a>(&'a self, file: &'a str) -> Report<'a> {
        Report::new(&self.inner.source, file, &self.inner.warnings, self.inner.more)
    }

    /// The text that was parsed.
    pub fn source(&self) -> &str {
        &self.inner.source
    }

    /// What was compiled; its `Display` is a stable dump.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The policy printed from its tree, and whether that parses to an equal tree; for tests of the engine.
    #[doc(hidden)]
    pub fn printed(source: &str) -> (String, bool) {
        let ast = parse(source, &Limits::default()).ast;
        let printed = print(&ast);
        let again = parse(&printed, &Limits::default()).ast;
        let equal = ast == again;
        (printed, equal)
    }

    /// The Chinese keywords of a text that is written without full-width signs, or all; for tests of the engine.
    #[doc(hidden)]
    pub fn chinese_keywords(source: Option<&str>) -> Vec<(&'static str, &'static str)> {
        keywords(source)
    }

    pub(crate) fn checked(&self) -> &Checked {
        &self.inner.checked
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("name", &self.name())
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

/// Builds a [`Policy`] with a host's own schema, limits and permissions.
#[derive(Clone, Debug)]
pub struct PolicyBuilder {
    schema: Schema,
    limits: Limits,
    permissions: Permissions,
    forced: Option<Forced>,
}

impl PolicyBuilder {
    /// The fields that policies may name without declaring them; the standard customer model by default.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = schema;
        self
    }

    /// The limits on the source.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Lets protected fields reach decisions.
    #[must_use]
    pub fn allow_protected(mut self) -> Self {
        self.permissions.protected = true;
        self
    }

    /// The strategy that the plan decides by, where it can; for tests of the engine.
    #[doc(hidden)]
    #[must_use]
    pub fn force(mut self, strategy: Forced) -> Self {
        self.forced = Some(strategy);
        self
    }

    /// Parses, checks and compiles a policy.
    ///
    /// # Errors
    ///
    /// With everything that is wrong with the text, up to a limit.
    pub fn parse(&self, source: &str) -> Result<Policy, PolicyError> {
        let Parsed { ast, mut diagnostics } = parse(source, &self.limits);
        let (checked, found) = check(&ast, source, &self.schema, &self.limits, &self.permissions);
        drop(ast);
        diagnostics.append(found);
        let sound = !diagnostics.has_errors();
        let (diagnostics, more) = diagnostics.finish(self.limits.diagnostics);
        if !sound {
            return Err(PolicyError { text: Arc::from(source), diagnostics, more });
        }
        let plan = Arc::new(lower(&checked).with_strategy(self.limits.plan_bytes, self.forced));
        let builder = self.clone();
        let inner = Inner { source: Arc::from(source), checked, warnings: diagnostics, more, builder };
        Ok(Policy { inner: Arc::new(inner), plan })
    }
}

/// Lays policies out in the one canonical form: rules in columns, long conditions broken at `and` and `or`, one spelling
/// of every sign. Comments and blank lines stay where they are; the tree, and so the fingerprint, stays the same.
///
/// Only the syntax counts: unknown names and wrong types are no obstacle. What is formatted stays as it is when it is
/// formatted again.
///
/// ```
/// use tierwise::Formatter;
///
/// let source = "annual_spend>1000000 AND frequency>=12=>A # large\nannual_spend > 200K => B; otherwise => C";
/// assert_eq!(
///     Formatter::new().format(source)?,
///     "\
/// annual_spend > 1_000_000 and frequency >= 12 => A  # large
/// annual_spend > 200K                          => B
/// otherwise                                    => C
/// "
/// );
/// # Ok::<(), tierwise::PolicyError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Formatter {
    limits: Limits,
    keywords: Keywords,
}

impl Formatter {
    /// A formatter with the default limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// The limits on the source.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The language of the keywords; each as the author wrote it by default.
    #[must_use]
    pub fn keywords(mut self, keywords: Keywords) -> Self {
        self.keywords = keywords;
        self
    }

    /// The canonical text of a policy: lines of at most 100 columns where they can be broken, each ended by a line feed.
    ///
    /// # Errors
    ///
    /// With every mistake in the syntax, up to a limit; a text that cannot be read is not formatted. Also where the
    /// canonical text would pass a limit that the source keeps.
    pub fn format(&self, source: &str) -> Result<String, PolicyError> {
        let ast = self.read(source)?;
        let formatted = format(source, &ast, self.keywords);
        // Whatever happens, a policy must not come to mean something else.
        let same = self.read(&formatted)? == ast;
        Ok(if same { formatted } else { source.to_owned() })
    }

    fn read(&self, source: &str) -> Result<Ast, PolicyError> {
        let Parsed { ast, diagnostics } = parse(source, &self.limits);
        if !diagnostics.has_errors() {
            return Ok(ast);
        }
        let (diagnostics, more) = diagnostics.finish(self.limits.diagnostics);
        Err(PolicyError { text: Arc::from(source), diagnostics, more })
    }
}

/// Everything that is wrong with a policy. `Display` gives the report.
#[derive(Clone, thiserror::Error)]
#[error("{}", self.report("policy"))]
pub struct PolicyError {
    text: Arc<str>,
    diagnostics: Vec<Diagnostic>,
    more: usize,
}

impl PolicyError {
    /// What was found, in the order of the source; errors and warnings.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// How many more there are beyond the limit.
    pub fn more(&self) -> usize {
        self.more
    }

    /// The report as a person reads it, with the name of the file.
    pub fn report<'a>(&'a self, file: &'a str) -> Report<'a> {
        Report::new(&self.text, file, &self.diagnostics, self.more)
    }
}

impl fmt::Debug for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyError:\n{}", self.report("policy"))
    }
}

/// What a host must supply for a policy.
///
/// ```
/// let policy = tierwise::Policy::parse("annual_spend > 1M and last_order_on within 90 days => A").unwrap();
/// let needs = policy.needs();
/// let names: Vec<&str> = needs.fields().map(|field| field.name()).collect();
/// assert_eq!(names, ["annual_spend", "last_order_on"]);
/// assert!(needs.as_of());
/// ```
#[derive(Clone, Copy)]
pub struct Needs<'p> {
    plan: &'p Plan,
}

impl<'p> Needs<'p> {
    /// The fields that the policy uses, in the order of their slots.
    pub fn fields(&self) -> impl Iterator<Item = NeededField<'p>> + use<'p> {
        self.plan.slots().iter().enumerate().map(|(slot, known)| NeededField { slot, known })
    }

    /// The collections that the policy uses, or from which facts are computed that a customer lacks.
    pub fn collections(&self) -> impl Iterator<Item = NeededCollection<'p>> + use<'p> {
        self.plan.records().iter().enumerate().map(|(slot, records)| NeededCollection { slot, records })
    }

    /// The facts that the policy does not use and that are checked in strict mode all the same, if they are given.
    pub fn unused(&self) -> impl Iterator<Item = (&'p str, &'p Type)> + use<'p> {
        self.plan.unused().iter().map(|field| (field.name(), field.ty()))
    }

    /// Whether the outcome depends on the as-of date, also where all facts are given that could be computed.
    pub fn as_of(&self) -> bool {
        self.plan.uses_today()
    }

    /// Whether the customer's standing matters.
    pub fn standing(&self) -> bool {
        self.plan.slots().iter().any(|slot| slot.field.standing)
    }
}

impl fmt::Debug for Needs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields()).finish()
    }
}

/// A collection that a policy uses.
#[derive(Clone, Copy)]
pub struct NeededCollection<'p> {
    slot: usize,
    records: &'p Records,
}

impl<'p> NeededCollection<'p> {
    /// The name under which the records are asked for.
    pub fn name(&self) -> &'p str {
        &self.records.name
    }

    /// The slot under which the records are asked for.
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// The fields that each record is asked for; the slot of a field is its place among them.
    pub fn fields(&self) -> impl Iterator<Item = (&'p str, &'p Type)> + use<'p> {
        self.records.fields.iter().map(|element| (&*element.name, element.field.ty()))
    }

    /// The fields that the policy does not use and that are checked in strict mode all the same. Their slots come behind
    /// those of [`fields`](Self::fields) and that of the currency.
    pub fn unused(&self) -> impl Iterator<Item = (&'p str, &'p Type)> + use<'p> {
        self.records.unused.iter().map(|element| (&*element.name, element.field.ty()))
    }

    /// Whether it only stands in for facts that the customer lacks.
    pub fn is_computed_from(&self) -> bool {
        !self.records.used
    }
}

impl fmt::Debug for NeededCollection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entry(&self.name(), &self.fields().collect::<Vec<_>>()).finish()
    }
}

/// A field that a policy uses.
#[derive(Clone, Copy)]
pub struct NeededField<'p> {
    slot: usize,
    known: &'p Slot,
}

impl<'p> NeededField<'p> {
    /// The name under which the fact is asked for.
    pub fn name(&self) -> &'p str {
        self.known.field.name()
    }

    /// The slot under which the fact is asked for.
    pub fn slot(&self) -> usize {
        self.slot
    }

    /// The type that its values must have.
    pub fn ty(&self) -> &'p Type {
        self.known.field.ty()
    }

    /// The label for readers.
    pub fn label(&self) -> Option<&'p str> {
        self.known.field.label.as_deref()
    }

    /// Whether a customer without it is refused.
    pub fn is_required(&self) -> bool {
        self.known.field.required
    }

    /// Whether its values are masked.
    pub fn is_sensitive(&self) -> bool {
        self.known.field.sensitive
    }

    /// Whether it is computed from orders where the customer lacks it.
    pub fn is_computed(&self) -> bool {
        self.known.computed.is_some()
    }

    /// Whether the policy itself does not use it, and only another fact is computed from it.
    pub fn serves_others(&self) -> bool {
        self.known.derived
    }

    /// Whether a default makes it known where it is missing.
    pub fn has_default(&self) -> bool {
        self.known.field.default.is_some()
    }
}

impl fmt::Debug for NeededField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), self.ty())
    }
}
