//! What the tests of a policy show of it, and what nobody could show.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::report::TestReport;
use crate::diagnostics::Lang;
use crate::eval::{At, with_classified, with_nobody};
use crate::plan::Plan;
use crate::search::{Aim, Attained, Budget, Edge, Held, Site, Spot, Unknown, What, attain, met, settled, spots};
use crate::source::{Lines, Span};

/// The day on which it is asked what anybody could show, where no test and not the policy says one.
const DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 1, 1);

/// What kind of thing a test can show of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ObligationKind {
    /// That a rule decides.
    Rule,
    /// That a cap or floor moves the tier.
    Limit,
    /// That a line of a segment is the one that fits.
    Segment,
    /// That a bin of a score is the one that fits.
    Bin,
    /// That a condition which is asked comes out true, false, or neither of them because something is missing.
    Condition,
    /// That a value lies at the threshold with which it is compared, and one step of its grid beside it: the boundary values
    /// of ISO/IEC/IEEE 29119-4.
    Threshold,
    /// That a condition decides by itself whether the whole holds in which it stands, once by being true and once by being
    /// false: masking MC/DC (Chilenski, *An investigation of three forms of the modified condition decision coverage
    /// criterion*, 2001).
    Mcdc,
}

impl ObligationKind {
    pub(super) const ALL: [Self; 7] =
        [Self::Rule, Self::Limit, Self::Segment, Self::Bin, Self::Condition, Self::Threshold, Self::Mcdc];

    fn of(aim: Aim) -> Self {
        match aim {
            Aim::Decides(_) => Self::Rule,
            Aim::Moves(_) => Self::Limit,
            Aim::Fits(Site::Bin(..)) => Self::Bin,
            Aim::Fits(_) => Self::Segment,
            Aim::Is(..) => Self::Condition,
            Aim::Edge(..) => Self::Threshold,
            Aim::Alone(..) => Self::Mcdc,
        }
    }
}

/// Whether the tests of a policy show something of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObligationState {
    /// Some test does.
    Covered,
    /// No test does, and somebody could.
    Uncovered,
    /// Nobody could: that was proved of everybody who keeps the assumptions of the policy.
    Infeasible,
    /// No test does, and whether anybody could was not found out.
    Unknown(Unknown),
}

impl ObligationState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Uncovered => "uncovered",
            Self::Infeasible => "infeasible",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Something that the tests of a policy should show.
#[derive(Clone, Debug)]
pub struct Obligation {
    pub(super) aim: Aim,
    pub(super) span: Span,
    pub(super) line: u32,
    pub(super) source: String,
    /// Where a value is to lie that is compared with a threshold, as the author wrote the comparison.
    pub(super) edge: Option<&'static str>,
    pub(super) state: ObligationState,
    pub(super) tests: usize,
    pub(super) first: Option<String>,
}

impl Obligation {
    /// What kind of thing it is.
    pub fn kind(&self) -> ObligationKind {
        ObligationKind::of(self.aim)
    }

    /// What is to be seen: `decides`, `moves`, `fits`; of a condition `true`, `false` or `unknown`; of a value `below`, `at`
    /// or `above` the threshold, and of `between` at its `lower` or `upper` end.
    pub fn wanted(&self) -> &'static str {
        match self.aim {
            Aim::Decides(_) => "decides",
            Aim::Moves(_) => "moves",
            Aim::Fits(_) => "fits",
            Aim::Is(_, _, Some(true)) | Aim::Alone(_, _, true) => "true",
            Aim::Is(_, _, Some(false)) | Aim::Alone(_, _, false) => "false",
            Aim::Is(_, _, None) => "unknown",
            Aim::Edge(..) => self.edge.unwrap_or_default(),
        }
    }

    /// The condition, or what decides, moves or fits, as the policy has it; of `otherwise` nothing but the word.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The line on which it begins.
    pub fn line(&self) -> u32 {
        self.line
    }

    /// Whether the tests show it.
    pub fn state(&self) -> ObligationState {
        self.state
    }

    /// How many tests show it.
    pub fn tests(&self) -> usize {
        self.tests
    }

    /// The name of the first test that shows it.
    pub fn first_test(&self) -> Option<&str> {
        self.first.as_deref()
    }
}

/// How many of the things that tests should show they do show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tally {
    /// As many are shown by some test.
    pub covered: usize,
    /// As many by none, though somebody could.
    pub uncovered: usize,
    /// As many could be shown by nobody.
    pub infeasible: usize,
    /// Of as many that was not found out.
    pub unknown: usize,
}

impl Tally {
    fn add(mut self, state: ObligationState) -> Self {
        match state {
            ObligationState::Covered => self.covered += 1,
            ObligationState::Uncovered => self.uncovered += 1,
            ObligationState::Infeasible => self.infeasible += 1,
            ObligationState::Unknown(_) => self.unknown += 1,
        }
        self
    }

    /// Those that count: all but what nobody could show.
    pub fn counted(self) -> usize {
        self.covered + self.uncovered + self.unknown
    }
}

/// Somebody who could show what no test does.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The place of what stands there.
    pub(super) spot: usize,
    pub(super) aim: Aim,
    pub(super) customer: Vec<(What, Held)>,
}

/// What the tests of a policy show of it.
///
/// Failing tests show what they come to like others; a test that expects a refusal shows nothing. `Display` is a listing
/// beside the policy's lines. As JSON it is one object; each of its `obligations` has the keys `kind`, `wanted`, `line`,
/// `source`, `state`, `tests` and `test`, and `reason` where it is unknown.
///
/// ```
/// use tierwise::{ObligationState, Policy};
///
/// let policy = Policy::parse(
///     "field points: integer 0.. required
///      points > 10 => A
///      points > 99 => B
///      otherwise   => C
///      test \"at the threshold\": points = 10 => C
///      test \"above it\":         points = 11 => A",
/// )?;
/// let coverage = policy.run_tests().coverage();
/// assert!(coverage.is_full());
/// // Whoever has more than 99 points is in A already: that the second rule decides, nobody can show.
/// let never = coverage.obligations().iter().find(|it| it.line() == 3 && it.wanted() == "decides").unwrap();
/// assert_eq!(never.state(), ObligationState::Infeasible);
/// # Ok::<(), tierwise::PolicyError>(())
/// ```
#[derive(Clone)]
pub struct Coverage {
    pub(super) source: Arc<str>,
    pub(super) tests: usize,
    pub(super) obligations: Vec<Obligation>,
    pub(super) plan: Arc<Plan>,
    pub(super) spots: Vec<Spot>,
    /// Those who could show what no test does.
    pub(super) found: Vec<Found>,
    /// The names of the tests.
    pub(super) names: Vec<String>,
    pub(super) day: NaiveDate,
    /// Whether a test has to name its day.
    pub(super) dated: bool,
    as_of: Option<NaiveDate>,
    in_minor_units: bool,
    steps: u32,
}

impl Coverage {
    /// What the tests of one policy show together, those beside its rules and those of other files; `None` where there is
    /// no report, or where they are of several policies. What no test shows is looked for within the budget.
    pub fn of<'r>(reports: impl IntoIterator<Item = &'r TestReport>, budget: Budget) -> Option<Self> {
        let reports: Vec<&TestReport> = reports.into_iter().collect();
        let first = *reports.first()?;
        let same = |report: &&TestReport| report.source == first.source && report.fingerprint == first.fingerprint;
        reports.iter().all(same).then(|| Self::measured(first, &reports, budget))
    }

    pub(super) fn measured(policy: &TestReport, reports: &[&TestReport], budget: Budget) -> Self {
        let (plan, source) = (&policy.plan, &policy.source);
        let results = || reports.iter().flat_map(|report| &report.results);
        let day = results().filter_map(|result| result.tested.as_ref().map(|(_, day)| *day)).next_back();
        let day = day.or(plan.names().effective).or(DAY).unwrap_or_default();
        let spots = asked(plan, day);
        let mut seen: BTreeMap<Aim, (usize, String)> = BTreeMap::new();
        for result in results() {
            let Some((customer, day)) = &result.tested else { continue };
            let met = with_classified(plan, customer, At::on(*day), |machine| met(machine, &spots));
            for aim in met.unwrap_or_default() {
                seen.entry(aim).or_insert_with(|| (0, result.full_name())).0 += 1;
            }
        }
        let all = || spots.iter().enumerate().flat_map(|(at, spot)| spot.aims.iter().map(move |aim| (at, *aim)));
        let left: Vec<(usize, Aim)> = all().filter(|(_, aim)| !seen.contains_key(aim)).collect();
        let (found, steps) = with_nobody(plan, day, |machine| attain(machine, (&spots, &left), budget.steps()));
        let mut states: BTreeMap<Aim, ObligationState> = BTreeMap::new();
        let mut people = Vec::new();
        for ((spot, aim), found) in left.iter().zip(found) {
            let state = match found {
                Attained::Somebody(customer) => {
                    people.push(Found { spot: *spot, aim: *aim, customer });
                    ObligationState::Uncovered
                }
                Attained::Nobody => ObligationState::Infeasible,
                Attained::Unknown(unknown) => ObligationState::Unknown(unknown),
            };
            states.insert(*aim, state);
        }
        let lines = Lines::new(source);
        let mut obligations: Vec<Obligation> = all()
            .filter_map(|(at, aim)| {
                let (span, text, edge) = place_of(plan, source, spots.get(at)?, aim);
                let (tests, first) = seen.remove(&aim).map_or((0, None), |(count, first)| (count, Some(first)));
                let state = states.get(&aim).copied().unwrap_or(ObligationState::Covered);
                Some(Obligation { aim, span, line: lines.line(span.start()), source: text, edge, state, tests, first })
            })
            .collect();
        // Of each bin of a line everything stands together.
        let inner =
            |it: &Obligation| it.kind() > ObligationKind::Bin && !matches!(it.aim, Aim::Edge(Site::Bin(..), ..));
        obligations.sort_by_key(|it| (it.line, inner(it), it.span.start()));
        Self {
            source: Arc::clone(source),
            tests: results().count(),
            obligations,
            plan: Arc::clone(plan),
            found: people,
            names: results().map(|result| result.name.clone()).collect(),
            day,
            dated: policy.dated,
            as_of: plan.uses_today().then_some(day),
            in_minor_units: plan.has_plain_money(),
            steps,
            spots,
        }
    }

    /// Everything that the tests should show, in the order of the policy.
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }

    /// How many there are, of one kind or of all.
    pub fn tally(&self, kind: impl Into<Option<ObligationKind>>) -> Tally {
        let kind = kind.into();
        let own = self.obligations.iter().filter(|it| kind.is_none_or(|kind| it.kind() == kind));
        own.fold(Tally::default(), |tally, it| tally.add(it.state))
    }

    /// Whether the tests show everything that anybody could.
    pub fn is_full(&self) -> bool {
        let tally = self.tally(None);
        tally.covered == tally.counted()
    }

    /// The day as of which nobody could show what is infeasible; `None` where no day matters to the policy.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// Whether amounts were taken in whole minor units of their currency, cents mostly, where it is said that nobody could
    /// show something.
    pub fn in_minor_units(&self) -> bool {
        self.in_minor_units
    }

    /// How many steps it took to look for those who could.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// The lines of the policy from the first to the last of which something is to be shown, and what tests show of each.
    pub fn lines(&self) -> impl Iterator<Item = CoveredLine<'_>> {
        super::listing::lines(self)
    }

    /// The listing beside the policy's lines, as text.
    pub fn text(&self, lang: Lang) -> String {
        super::listing::text(self, lang)
    }

    /// How much is covered, as one or two lines of text.
    pub fn summary(&self, lang: Lang) -> String {
        super::listing::summary(self, lang)
    }
}

/// A line of a policy, with what is to be shown of it.
#[derive(Clone, Copy, Debug)]
pub struct CoveredLine<'c> {
    pub(super) number: u32,
    pub(super) text: &'c str,
    pub(super) obligations: &'c [Obligation],
}

impl<'c> CoveredLine<'c> {
    /// Its number, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Its text.
    pub fn text(&self) -> &'c str {
        self.text
    }

    /// What is to be shown of what begins on it.
    pub fn obligations(&self) -> &'c [Obligation] {
        self.obligations
    }

    /// How many tests the rule decides, the cap or floor moves, or the bin or line fits, that stands there; `None` where
    /// none of these does, or several do.
    pub fn tests(&self) -> Option<usize> {
        let mut whole = self.obligations.iter().filter(|it| it.kind() <= ObligationKind::Bin);
        let first = whole.next()?;
        whole.next().is_none().then_some(first.tests)
    }

    /// Whether it was proved of everybody that the rule never decides, the cap or floor moves nobody, or the bin or line never
    /// fits, that stands there.
    pub fn is_idle(&self) -> bool {
        let mut whole = self.obligations.iter().filter(|it| it.kind() <= ObligationKind::Bin).peekable();
        whole.peek().is_some() && whole.all(|it| it.state == ObligationState::Infeasible)
    }

    /// What tests do not show of it, as text: what they could, what nobody could, and of what that was not found out.
    pub fn notes(&self, lang: Lang) -> Vec<(ObligationState, String)> {
        super::listing::notes(self, lang)
    }
}

/// The places of a policy with what is asked of them: that something is missing only where that can be.
fn asked(plan: &Plan, day: NaiveDate) -> Vec<Spot> {
    let mut spots = spots(plan);
    let nodes: Vec<_> = spots.iter().flat_map(|spot| spot.leaves.iter().map(|leaf| leaf.node)).collect();
    let settled = with_nobody(plan, day, |machine| settled(machine, &nodes));
    let always: BTreeSet<_> =
        nodes.iter().zip(settled).filter(|(_, settled)| *settled).map(|(node, _)| *node).collect();
    for spot in &mut spots {
        let Spot { leaves, aims, .. } = spot;
        aims.retain(|aim| match aim {
            Aim::Is(_, at, None) => leaves.get(*at).is_some_and(|leaf| !always.contains(&leaf.node)),
            _ => true,
        });
    }
    spots
}

/// Where something stands, as the policy has it, and where a value is to lie.
fn place_of(plan: &Plan, source: &str, spot: &Spot, aim: Aim) -> (Span, String, Option<&'static str>) {
    let outline = spot.site.outline(plan.names());
    let leaf = match aim {
        Aim::Is(_, at, _) | Aim::Edge(_, at, ..) | Aim::Alone(_, at, _) => spot.leaves.get(at),
        Aim::Decides(_) | Aim::Moves(_) | Aim::Fits(_) => None,
    };
    let mark = |at: usize| outline.and_then(|outline| outline.get(at));
    let span = mark(leaf.map_or(0, |leaf| leaf.mark)).map_or_else(|| whole(plan, spot.site), |mark| mark.span);
    let text = source.get(span.start()..span.end()).unwrap_or_default();
    let text = bare(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let edge = match (aim, leaf) {
        (Aim::Edge(_, _, end, edge), Some(leaf)) => {
            let (_, at) = leaf.ends.get(end).copied().unwrap_or_default();
            // The plan may have turned the comparison round.
            let turned = mark(at).is_some_and(|mark| mark.turned);
            Some(match (edge, leaf.ends.len()) {
                (Edge::Below, _) if turned => "above",
                (Edge::Above, _) if turned => "below",
                (Edge::Below, _) => "below",
                (Edge::Above, _) => "above",
                (Edge::At, 1) => "at",
                (Edge::At, _) if end == 0 => "lower",
                (Edge::At, _) => "upper",
            })
        }
        _ => None,
    };
    (span, text, edge)
}

/// A condition without brackets around the whole.
fn bare(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return text };
    let (mut depth, mut quoted) = (0, false);
    for c in inner.chars() {
        quoted ^= c == '"';
        depth += i32::from(c == '(' && !quoted) - i32::from(c == ')' && !quoted);
        if depth < 0 {
            return text;
        }
    }
    bare(inner.trim())
}

/// Where a rule, a line or a bin stands that has no condition.
fn whole(plan: &Plan, site: Site) -> Span {
    let names = plan.names();
    let found = match site {
        Site::Rule(at) => names.rules.get(at).map(|place| place.span),
        Site::Adjustment(at) => names.adjustments.get(at).map(|place| place.span),
        Site::Let(at) => names.lets.get(at).map(|place| place.span),
        Site::Line(segment, line) => {
            names.segments.get(segment).and_then(|(lines, _)| lines.get(line)).map(|place| place.span)
        }
        Site::Bin(score, line, bin) => {
            names.scores.get(score).and_then(|lines| lines.get(line)?.spans.get(bin)).copied()
        }
    };
    found.unwrap_or_default()
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl fmt::Debug for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Coverage:\n{self}")
    }
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Kinds<'c>(&'c Coverage);
        impl Serialize for Kinds<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self(coverage) = self;
                let tallies = ObligationKind::ALL.map(|kind| (kind, coverage.tally(kind)));
                serializer.collect_map(tallies.into_iter().filter(|(_, tally)| *tally != Tally::default()))
            }
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("full", &self.is_full())?;
        map.serialize_entry("total", &self.tally(None))?;
        map.serialize_entry("kinds", &Kinds(self))?;
        map.serialize_entry("as_of", &self.as_of.map(|day| day.to_string()))?;
        map.serialize_entry("in_minor_units", &self.in_minor_units)?;
        map.serialize_entry("steps", &self.steps)?;
        map.serialize_entry("obligations", &self.obligations)?;
        map.end()
    }
}

impl Serialize for Obligation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reason = match self.state {
            ObligationState::Unknown(unknown) => Some(unknown.as_str()),
            _ => None,
        };
        let mut fields = serializer.serialize_struct("Obligation", 7 + usize::from(reason.is_some()))?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("wanted", self.wanted())?;
        fields.serialize_field("line", &self.line)?;
        fields.serialize_field("source", &self.source)?;
        fields.serialize_field("state", self.state.as_str())?;
        fields.serialize_field("tests", &self.tests)?;
        fields.serialize_field("test", &self.first)?;
        match reason {
            Some(reason) => fields.serialize_field("reason", reason)?,
            None => fields.skip_field("reason")?,
        }
        fields.end()
    }
}
