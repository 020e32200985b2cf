//! What an author should know of a policy before a customer finds out.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Policy;
use super::people::{CustomerBox, Plans, Witness};
use crate::diagnostics::{Code, Diagnostic, Hint, Lang, Note, Report, Severity};
use crate::eval::{RuleId, with_nobody};
use crate::plan::{Place, Plan};
use crate::search::{Asked, Audit, Budget, Flaw, Standing, Unknown, audit};
use crate::source::Span;

/// The day on which a policy is looked at that does not say since when it is in force.
const DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 1, 1);

/// So many more boxes a report shows behind the first.
const SHOWN: usize = 9;

/// How a policy is asked about everybody: by [`Policy::analyze`], [`Policy::monotone`] and [`Policy::diff`]. A [`Budget`] alone
/// will do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inquiry {
    pub(super) budget: Budget,
    pub(super) as_of: Option<NaiveDate>,
    overlaps: bool,
}

impl Inquiry {
    /// With so many steps for one question; an analysis asks many, and takes at most four times as many for all of them.
    pub fn within(budget: Budget) -> Self {
        Self { budget, ..Self::default() }
    }

    /// As of a day; by default that since when the policy is in force, else 2026-01-01. It matters only to policies that ask
    /// for today.
    #[must_use]
    pub fn as_of(self, day: NaiveDate) -> Self {
        Self { as_of: Some(day), ..self }
    }

    /// Also where two neighbouring rules of different tiers both fit a customer, so that their order decides.
    #[must_use]
    pub fn overlaps(self) -> Self {
        Self { overlaps: true, ..self }
    }
}

impl From<Budget> for Inquiry {
    fn from(budget: Budget) -> Self {
        Self::within(budget)
    }
}

impl Policy {
    /// Looks for what is wrong with a policy for some customer, or for all: customers whom no rule fits, rules that never
    /// decide, conditions that change nothing, caps and floors that move nobody, tiers that nobody can have. Each finding
    /// has a proof or a customer, and a stable code; [`language::analysis`](crate::language::analysis) tells of each.
    ///
    /// Every fact may have every value of its declaration, and be missing unless it is required or has a default; aggregates
    /// over a collection are taken one by one. Who breaks an `assume` is left out.
    ///
    /// ```
    /// use tierwise::{Budget, Lang, Policy};
    ///
    /// let policy = Policy::parse(
    ///     "annual_spend > 200K => B
    ///      annual_spend > 1M   => A
    ///      otherwise           => C",
    /// )?;
    /// let analysis = policy.analyze(Budget::default());
    /// assert!(analysis.is_complete());
    /// let codes: Vec<&str> = analysis.findings().iter().map(|finding| finding.code().as_str()).collect();
    /// assert_eq!(codes, ["A0105", "A0109"]);
    /// let never = analysis.findings()[0].diagnostic().message(Lang::En);
    /// assert_eq!(never, "this rule never decides: whomever it fits, a rule ahead of it fits too");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn analyze(&self, inquiry: impl Into<Inquiry>) -> Analysis {
        let Inquiry { budget, as_of, overlaps } = inquiry.into();
        let as_of = day_of(as_of, &[self]);
        let Audit { flaws, open, steps } =
            with_nobody(&self.plan, as_of, |machine| audit(machine, budget.steps(), overlaps));
        let mut findings: Vec<_> = flaws.into_iter().map(|flaw| PolicyFinding::new(&self.plan, flaw)).collect();
        findings.sort_by_key(|finding| (finding.diagnostic.span(), finding.code().as_str()));
        Analysis {
            source: Arc::clone(&self.inner.source),
            as_of: self.plan.uses_today().then_some(as_of),
            in_minor_units: self.plan.has_plain_money(),
            findings,
            open: open.iter().map(|(asked, unknown)| open_question(&self.plan, *asked, *unknown)).collect(),
            steps,
        }
    }
}

/// The day as of which policies are asked: the one that is wanted, else that since when the last of them is in force.
pub(super) fn day_of(wanted: Option<NaiveDate>, policies: &[&Policy]) -> NaiveDate {
    let effective = policies.iter().rev().find_map(|policy| policy.plan.names().effective);
    wanted.or(effective).or(DAY).unwrap_or_default()
}

/// What [`Policy::analyze`] has found.
#[derive(Clone)]
pub struct Analysis {
    source: Arc<str>,
    as_of: Option<NaiveDate>,
    in_minor_units: bool,
    findings: Vec<PolicyFinding>,
    open: Vec<OpenQuestion>,
    steps: u32,
}

/// One thing that an author should know.
#[derive(Clone)]
pub struct PolicyFinding {
    diagnostic: Diagnostic,
    boxes: Vec<CustomerBox>,
    witness: Option<Witness>,
    ahead: Vec<RuleId>,
    fewest: bool,
    together: bool,
}

/// A question that was not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenQuestion {
    code: Code,
    span: Span,
    unknown: Unknown,
}

impl Analysis {
    /// What was found, in the order of the source.
    pub fn findings(&self) -> &[PolicyFinding] {
        &self.findings
    }

    /// Whether every question was answered.
    pub fn is_complete(&self) -> bool {
        self.open.is_empty()
    }

    /// What was not answered.
    pub fn open(&self) -> &[OpenQuestion] {
        &self.open
    }

    /// Whether something was found of the weight of an error.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity() == Severity::Error)
    }

    /// The day for which it holds; `None` where no day matters to the policy.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// Whether amounts were taken in whole minor units of their currency, cents mostly: then nothing is said of customers
    /// with finer ones, such as converted amounts that are not rounded. A field of a declared `scale` is taken at that.
    pub fn in_minor_units(&self) -> bool {
        self.in_minor_units
    }

    /// How many steps it took.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The findings as a person reads them, with the name of the file.
    pub fn report(&self, file: &str, lang: Lang) -> String {
        let diagnostics: Vec<Diagnostic> = self.findings.iter().map(|finding| finding.diagnostic.clone()).collect();
        Report::new(&self.source, file, &diagnostics, 0).lang(lang).to_string()
    }
}

impl PolicyFinding {
    /// The stable code.
    pub fn code(&self) -> Code {
        self.diagnostic.code()
    }

    /// How much it weighs.
    pub fn severity(&self) -> Severity {
        self.code().severity()
    }

    /// The place, the message and what may cure it.
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }

    /// A customer who shows it; where there is none, it was proved of everybody.
    pub fn witness(&self) -> Option<&Witness> {
        self.witness.as_ref()
    }

    /// Of whom it holds, where that is not everybody: each box as wide as it goes, at most a hundred.
    pub fn boxes(&self) -> &[CustomerBox] {
        &self.boxes
    }

    /// Of a rule that never decides, the rules one of which is always ahead of it.
    pub fn ahead(&self) -> &[RuleId] {
        &self.ahead
    }

    /// Whether it holds together with the other findings about the same condition, and not by itself.
    pub fn is_together(&self) -> bool {
        self.together
    }

    /// Whether no fewer rules are always ahead; else that was not found out.
    pub fn is_fewest(&self) -> bool {
        self.fewest
    }

    fn new(plan: &Arc<Plan>, flaw: Flaw) -> Self {
        let decides = matches!(flaw.asked, Asked::Decides(_));
        let ahead = flaw.others.iter().filter(|_| decides).map(|at| RuleId::new(*at)).collect();
        let names = plan.names();
        let contradicts = flaw.others.first().and_then(|at| names.assumptions.get(*at)).map(whole);
        let span =
            contradicts.filter(|_| flaw.asked == Asked::Assumptions).unwrap_or_else(|| span_of(plan, flaw.asked));
        let plans: Plans = [Arc::clone(plan)].into();
        let boxes: Vec<CustomerBox> = flaw.boxes.into_iter().map(|boxed| CustomerBox::new(&plans, boxed)).collect();
        let witness = flaw.person.map(|person| Witness::new(&plans, 0, person));
        let mut diagnostic = Diagnostic::new(code_of(plan, flaw.asked), span);
        if let Some((first, rest)) = boxes.split_first() {
            diagnostic = diagnostic.with("box", first.to_string());
            for more in rest.iter().take(SHOWN) {
                diagnostic = diagnostic.hint(Note::new(Hint::AlsoThese).with("box", more.to_string()));
            }
            if let Some(more) = rest.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                diagnostic = diagnostic.hint(Note::new(Hint::MoreBoxes).with("count", more));
            }
        }
        if let Some(witness) = &witness {
            diagnostic = match witness.facts().next() {
                Some(_) => diagnostic.hint(Note::new(Hint::ForExample).with("person", witness.to_string())),
                None => diagnostic.hint(Hint::NothingKnown),
            };
        }
        let places = match flaw.asked {
            Asked::Assumptions => &names.assumptions,
            _ => &names.rules,
        };
        for place in flaw.others.iter().filter_map(|at| places.get(*at)).filter(|place| whole(place) != span) {
            let hint = if flaw.asked == Asked::Assumptions { Hint::ContradictsThis } else { Hint::IsAhead };
            diagnostic = diagnostic.label(whole(place), hint);
        }
        let diagnostic = match flaw.asked {
            Asked::Assumptions => diagnostic.hint(Hint::CorrectOne),
            Asked::Gap { missing: false } => diagnostic.hint(Hint::RuleForThem),
            Asked::Gap { missing: true } => diagnostic.hint(Hint::StateMissing),
            Asked::True(_) => diagnostic.hint(Hint::ChangeOrRemove),
            Asked::Decides(_) if diagnostic.code() == Code::OtherwiseUnused => diagnostic.hint(Hint::ForSafety),
            Asked::Decides(_) => diagnostic.hint(Hint::MoveAhead),
            Asked::Fits(_) => diagnostic.hint(Hint::MoveAhead),
            Asked::Part(_, _, true) => diagnostic.hint(Hint::AsTrue),
            Asked::Part(_, _, false) => diagnostic.hint(Hint::AsFalse),
            Asked::Moves(_) | Asked::Fallback(_) | Asked::Default(_) => diagnostic.hint(Hint::LeaveOut),
            Asked::Tier(tier) => {
                let tier = names.tier(tier as usize).unwrap_or_default().to_owned();
                diagnostic.with("tier", tier).hint(Hint::GiveTier)
            }
            Asked::Overlap(_) => diagnostic.hint(Hint::OrderDecides),
        };
        let diagnostic = if flaw.together { diagnostic.hint(Hint::Together) } else { diagnostic };
        Self { diagnostic, boxes, witness, ahead, fewest: flaw.fewest, together: flaw.together }
    }
}

impl OpenQuestion {
    /// What would have been found.
    pub fn code(&self) -> Code {
        self.code
    }

    /// Where.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Why it was not answered.
    pub fn unknown(&self) -> Unknown {
        self.unknown
    }
}

fn open_question(plan: &Plan, asked: Asked, unknown: Unknown) -> OpenQuestion {
    OpenQuestion { code: code_of(plan, asked), span: span_of(plan, asked), unknown }
}

fn code_of(plan: &Plan, asked: Asked) -> Code {
    let otherwise = |rule: usize| plan.rules().get(rule).is_some_and(|rule| rule.condition.is_none());
    match asked {
        Asked::Assumptions => Code::Contradiction,
        Asked::Gap { missing: false } => Code::Gap,
        Asked::Gap { missing: true } => Code::GapWhereMissing,
        Asked::True(_) => Code::NeverTrue,
        Asked::Decides(rule) if otherwise(rule) => Code::OtherwiseUnused,
        Asked::Decides(_) => Code::NeverDecides,
        Asked::Fits(_) => Code::NeverFits,
        Asked::Fallback(_) => Code::FallbackUnused,
        Asked::Default(_) => Code::DefaultUnused,
        Asked::Part(_, _, true) => Code::AlwaysTrue,
        Asked::Part(_, _, false) => Code::AlwaysFalse,
        Asked::Tier(_) => Code::TierOfNobody,
        Asked::Moves(_) => Code::MovesNobody,
        Asked::Overlap(_) => Code::Overlap,
    }
}

/// The condition of a place, or the place itself.
fn whole(place: &Place) -> Span {
    place.outline.first().map_or(place.span, |mark| mark.span)
}

fn span_of(plan: &Plan, asked: Asked) -> Span {
    let names = plan.names();
    let place = |places: &[Place], at: usize| places.get(at).map(whole);
    let found = match asked {
        Asked::Assumptions => place(&names.assumptions, 0),
        Asked::Gap { .. } => names.rules.last().map(whole),
        Asked::True(site) | Asked::Fits(site) => {
            site.outline(names).and_then(|outline| outline.first()).map(|mark| mark.span)
        }
        Asked::Fallback(Standing::Let(at)) => place(&names.lets, at),
        Asked::Fallback(Standing::Line(score, line)) => {
            names.scores.get(score).and_then(|lines| lines.get(line)).map(|line| line.place.span)
        }
        Asked::Part(site, mark, _) | Asked::Fallback(Standing::Part(site, mark)) => {
            site.outline(names).and_then(|outline| outline.get(mark)).map(|mark| mark.span)
        }
        Asked::Decides(rule) | Asked::Overlap(rule) => place(&names.rules, rule),
        Asked::Moves(at) => place(&names.adjustments, at),
        Asked::Default(at) => names.idle.get(at).copied(),
        Asked::Tier(tier) => {
            let rule = plan.rules().iter().position(|rule| rule.tier == tier);
            rule.and_then(|rule| place(&names.rules, rule))
        }
    };
    found.unwrap_or_default()
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis")
            .field("findings", &self.findings)
            .field("open", &self.open)
            .field("steps", &self.steps)
            .finish()
    }
}

impl fmt::Debug for PolicyFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}: {}", self.code().as_str(), self.diagnostic.span(), self.diagnostic.message(Lang::En))
    }
}

impl Serialize for Analysis {
    /// `complete`, the day where one matters, the findings, and what is open.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("complete", &self.is_complete())?;
        map.serialize_entry("as_of", &self.as_of.map(|day| day.to_string()))?;
        map.serialize_entry("in_minor_units", &self.in_minor_units)?;
        map.serialize_entry("steps", &self.steps)?;
        let lines = crate::source::Lines::new(&self.source);
        let line = |span: Span| lines.line(span.start());
        let findings: Vec<_> = self.findings.iter().map(|finding| (finding, line(finding.diagnostic.span()))).collect();
        map.serialize_entry(
            "findings",
            &findings.iter().map(|(finding, line)| Told { finding, line: *line }).collect::<Vec<_>>(),
        )?;
        let open: Vec<_> = self.open.iter().map(|open| Asking { open, line: line(open.span) }).collect();
        map.serialize_entry("open", &open)?;
        map.end()
    }
}

/// A finding with its line.
struct Told<'f> {
    finding: &'f PolicyFinding,
    line: u32,
}

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { finding, line } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("code", finding.code().as_str())?;
        map.serialize_entry("severity", finding.severity().as_str())?;
        map.serialize_entry("line", line)?;
        map.serialize_entry("message", &finding.diagnostic.message(Lang::En))?;
        map.serialize_entry("proved", &finding.witness.is_none())?;
        if finding.together {
            map.serialize_entry("together", &true)?;
        }
        map.serialize_entry("boxes", &finding.boxes)?;
        map.serialize_entry("witness", &finding.witness)?;
        map.end()
    }
}

/// An open question with its line.
struct Asking<'q> {
    open: &'q OpenQuestion,
    line: u32,
}

impl Serialize for Asking<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("code", self.open.code.as_str())?;
        map.serialize_entry("line", &self.line)?;
        map.serialize_entry("reason", self.open.unknown.as_str())?;
        map.end()
    }
}
