//! From what no test shows to tests that do: customers who were found, few of them, as a policy's author would write them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

use super::coverage::{Coverage, Obligation};
use super::edges::{Edges, edges};
use super::given::{record, written};
use super::listing;
use crate::check::{Facts, Given};
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::eval::{At, Outcome, classify, decide, with_both, with_classified};
use crate::facts::CustomerError;
use crate::limits::Limits;
use crate::model::Customer;
use crate::plan::Plan;
use crate::schema::Type;
use crate::search::{Aim, Completed, Held, Site, Spot, What, complete, met};
use crate::syntax::{Keywords, format, parse, print_name, print_text};
use crate::value::{Constant, add, canonical, subtract};

/// So many values and conditions are worked out for all suggestions.
const WORK: usize = 1 << 23;

/// So many other values are tried for a fact that lies at a threshold of its own.
const TRIES: usize = 4;

/// Nobody has so many times what a policy compares with, nor a date so many years away.
const FAR: Decimal = Decimal::TEN;
const YEARS: u64 = 10;

/// The steps that a classification takes for the tiers that are possible, as everywhere.
const STEPS: u32 = 2_000;

/// Tests that show what the tests of a policy do not, with what the policy says today: [`Coverage::suggestions`].
///
/// `Display` is a text that can stand below the policy's rules, or behind the `use` of a file of tests.
#[derive(Clone, Debug)]
pub struct Suggestions {
    tests: Vec<SuggestedTest>,
    left: usize,
}

/// A test that somebody has yet to review.
#[derive(Clone, Debug)]
pub struct SuggestedTest {
    names: [String; 2],
    /// What stands behind the name.
    body: String,
    shows: Vec<Obligation>,
}

impl Suggestions {
    /// The tests, in the order of what they show first.
    pub fn tests(&self) -> &[SuggestedTest] {
        &self.tests
    }

    /// How many obligations no test shows and none is suggested for: those of which it was not found out whether anybody could
    /// show them, those that take records, which are not written, and those of a policy so large that the work for all is spent.
    pub fn left(&self) -> usize {
        self.left
    }

    /// All as the text of a policy, with names and comments in a language.
    pub fn text(&self, lang: Lang) -> String {
        let mut text = laid_out(self.tests.iter().map(|test| test.source(lang)).collect());
        if !self.tests.is_empty() {
            text = format!("# {}\n{text}", phrase(Phrase::SuggestHead, &[], lang));
        }
        if self.left > 0 {
            text += &format!("# {}\n", phrase(Phrase::SuggestLeft, &[("count", self.left.to_string())], lang));
        }
        text
    }
}

impl fmt::Display for Suggestions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl SuggestedTest {
    /// Its name, which says what it shows first.
    pub fn name(&self, lang: Lang) -> &str {
        let [english, chinese] = &self.names;
        if lang == Lang::Zh { chinese } else { english }
    }

    /// What it is suggested for.
    pub fn obligations(&self) -> &[Obligation] {
        &self.shows
    }

    /// The test as a policy has it.
    pub fn text(&self, lang: Lang) -> String {
        laid_out(self.source(lang))
    }

    fn source(&self, lang: Lang) -> String {
        format!("test {}{}\n", print_text(self.name(lang)), self.body)
    }
}

/// Tests as the formatter writes them.
fn laid_out(text: String) -> String {
    let parsed = parse(&text, &Limits::default());
    if parsed.diagnostics.has_errors() { text } else { format(&text, &parsed.ast, Keywords::Keep) }
}

/// Somebody who shows something.
struct Candidate {
    facts: Facts,
    /// What of that no test shows.
    shows: BTreeSet<Aim>,
}

impl Coverage {
    /// Tests for what no test shows though somebody could, few of them: each is somebody whom the search has found, moved
    /// away from thresholds that are not asked about, and taken where it shows most of what is left. Expected is what the
    /// policy says today, which is for somebody to review.
    ///
    /// ```
    /// use tierwise::Policy;
    ///
    /// let policy = Policy::parse(
    ///     "field points: integer 0.. required
    ///      points > 10 => A
    ///      otherwise   => B",
    /// )?;
    /// let suggestions = policy.run_tests().coverage().suggestions();
    /// assert_eq!(
    ///     suggestions.to_string(),
    ///     "# Suggested and not reviewed: what is expected is what the policy says today.
    /// test \"points > 10: deciding\": points = 11 => A certain
    /// test \"points > 10: false\":    points = 10 => B certain
    /// ",
    /// );
    /// # Ok::<(), tierwise::PolicyError>(())
    /// ```
    pub fn suggestions(&self) -> Suggestions {
        Suggester { coverage: self, edges: edges(&self.plan, self.day), left: WORK }.run()
    }
}

struct Suggester<'c> {
    coverage: &'c Coverage,
    edges: Vec<Edges>,
    /// How much may still be worked out.
    left: usize,
}

impl Suggester<'_> {
    fn run(mut self) -> Suggestions {
        let coverage = self.coverage;
        let mut wanted: BTreeSet<Aim> = coverage.found.iter().map(|found| found.aim).collect();
        let places: BTreeMap<Aim, usize> =
            coverage.obligations.iter().enumerate().map(|(at, it)| (it.aim, at)).collect();
        let mut candidates: Vec<Candidate> = Vec::new();
        for found in &coverage.found {
            let Some(facts) = facts_of(&coverage.plan, &found.customer) else { continue };
            let Some(spot) = coverage.spots.get(found.spot) else { continue };
            let facts = self.away(facts, spot, found.aim);
            let Some(mut shows) = self.shown(&facts, &coverage.spots) else { continue };
            shows.retain(|aim| wanted.contains(aim));
            if shows.contains(&found.aim) {
                candidates.push(Candidate { facts, shows });
            }
        }
        let mut chosen: Vec<(Facts, Vec<Obligation>)> = Vec::new();
        // What a candidate shows of what is left only shrinks, so that one stays best that was no worse when last counted.
        let mut counts: Vec<usize> = candidates.iter().map(|candidate| candidate.shows.len()).collect();
        while let Some((at, count)) = counts.iter().copied().enumerate().max_by_key(|(at, n)| (*n, usize::MAX - at)) {
            let Some(candidate) = candidates.get(at).filter(|_| count > 0) else { break };
            let news: BTreeSet<Aim> = candidate.shows.intersection(&wanted).copied().collect();
            counts.iter_mut().skip(at).take(1).for_each(|own| *own = news.len());
            if news.len() < count {
                continue;
            }
            let mut own: Vec<usize> = news.iter().filter_map(|aim| places.get(aim)).copied().collect();
            own.sort_unstable();
            let shows = own.iter().filter_map(|at| coverage.obligations.get(*at)).cloned().collect();
            wanted.retain(|aim| !news.contains(aim));
            counts.iter_mut().skip(at).take(1).for_each(|own| *own = 0);
            chosen.push((self.shorter(candidate.facts.clone(), &news), shows));
        }
        let mut names: BTreeSet<String> = coverage.names.iter().cloned().collect();
        chosen.sort_by_key(|(_, shows)| shows.first().and_then(|it| places.get(&it.aim)));
        let mut left = wanted.len() + coverage.tally(None).unknown;
        let mut tests = Vec::new();
        for (facts, shows) in chosen {
            match self.body(&facts, &shows) {
                Some(body) => {
                    let named = [Lang::En, Lang::Zh].map(|lang| name(coverage, &shows, &names, lang));
                    names.extend(named.clone());
                    tests.push(SuggestedTest { names: named, body, shows });
                }
                None => left += shows.len(),
            }
        }
        Suggestions { tests, left }
    }

    /// Everything that a customer shows; nothing where it is refused, or where too much was worked out.
    fn shown(&mut self, facts: &Facts, spots: &[Spot]) -> Option<BTreeSet<Aim>> {
        let plan = &*self.coverage.plan;
        let leaves: usize = spots.iter().map(|spot| spot.leaves.len() + 1).sum();
        let (values, nodes) = plan.sizes();
        self.left = self.left.checked_sub(values + nodes + leaves)?;
        with_classified(plan, &record(facts), At::on(self.coverage.day), |machine| met(machine, spots)).ok()
    }

    /// The same customer with the facts away from their thresholds that can be without it showing less of what is wanted.
    fn away(&mut self, mut facts: Facts, spot: &Spot, aim: Aim) -> Facts {
        let slots = self.coverage.plan.slots();
        for (at, slot) in slots.iter().enumerate() {
            let Some(place) = facts.iter().position(|(name, _)| *name == slot.field.name) else { continue };
            let Some((_, value)) = facts.get(place) else { continue };
            let others = self.edges.get(at).map(|edges| elsewhere(value, edges, self.coverage.day)).unwrap_or_default();
            for other in others {
                let mut moved = facts.clone();
                moved.iter_mut().skip(place).take(1).for_each(|(_, value)| *value = other.clone());
                let shown = self.shown(&moved, std::slice::from_ref(spot));
                if shown.is_some_and(|shown| shown.contains(&aim)) {
                    facts = moved;
                    break;
                }
            }
        }
        facts
    }

    /// The same customer without the facts that matter neither to what is shown nor to what is decided.
    fn shorter(&mut self, mut facts: Facts, shows: &BTreeSet<Aim>) -> Facts {
        let plan = &*self.coverage.plan;
        let decided = |facts: &Facts| decide(plan, &record(facts), At::on(self.coverage.day)).ok();
        let mut at = 0;
        while at < facts.len() {
            let mut fewer = facts.clone();
            fewer.remove(at);
            let same = decided(&fewer) == decided(&facts);
            if same && self.shown(&fewer, &self.coverage.spots).is_some_and(|shown| shown.is_superset(shows)) {
                facts = fewer;
            } else {
                at += 1;
            }
        }
        facts
    }

    /// What stands behind the name of a test.
    fn body(&self, facts: &Facts, shows: &[Obligation]) -> Option<String> {
        let plan = &*self.coverage.plan;
        let outcome = classified(&self.coverage.plan, &record(facts), At::on(self.coverage.day)).ok()?;
        let names = plan.names();
        // A tier may have the name that means that there is none.
        let unsaid = names.tiers.iter().any(|name| &**name == "none");
        let tier = |tier: Option<&str>| match tier {
            Some(tier) => Some(print_name(tier)),
            None => (!unsaid).then(|| "none".to_owned()),
        };
        let given: Vec<String> =
            facts.iter().map(|(name, value)| format!("{} = {}", print_name(name), written(value))).collect();
        let day = if self.coverage.dated { format!(" as of {}", self.coverage.day) } else { String::new() };
        let mut text = format!("{day}: {} => {}", given.join(", "), tier(outcome.tier())?);
        let rules = || names.rules.iter().filter(|place| place.name.as_deref() == outcome.rule());
        if let Some(rule) = outcome.rule().filter(|_| rules().count() == 1) {
            text += &format!(" by {}", print_text(rule));
        }
        if outcome.is_certain() {
            text += " certain";
        } else {
            let possible: Option<Vec<String>> = outcome.possible().map(tier).collect();
            text += &format!(" possible ({})", possible?.join(", "));
        }
        // What it shows of a segment or a score, it shows by what that comes to.
        let sites: BTreeSet<Site> = shows.iter().filter_map(|it| it.aim.site()).collect();
        let of = |bound: u32, value: String| format!(", {} = {value}", print_name(names.bound(bound)));
        for (bound, at, _) in plan.segments() {
            let shown = sites.iter().any(|site| matches!(site, Site::Line(own, _) if *own == at as usize));
            let value = outcome.segment(names.bound(bound)).and_then(|segment| segment.value());
            text.extend(value.filter(|_| shown).map(|value| of(bound, print_name(value))));
        }
        for (bound, at, _) in plan.scores() {
            let shown = sites.iter().any(|site| matches!(site, Site::Bin(own, ..) if *own == at as usize));
            let points = outcome.score(names.bound(bound)).and_then(|score| score.points());
            text.extend(points.filter(|_| shown).map(|points| of(bound, canonical(points))));
        }
        Some(text)
    }
}

/// What a policy says of a customer, with the tiers that are possible.
pub(crate) fn classified(plan: &Arc<Plan>, customer: &Customer, at: At<'_>) -> Result<Outcome, CustomerError> {
    let outcome = classify(plan, customer, at, &mut ())?;
    if outcome.is_certain() {
        return Ok(outcome);
    }
    let Completed { tiers, unknown, matters, .. } = with_both(plan, customer, at, |decided, open| {
        complete(decided, open, outcome.at_first_look(), (STEPS, false))
    })?;
    Ok(outcome.searched(tiers, matters, unknown.is_some()))
}

/// The facts of somebody who was found; `None` where a text is needed of which only is known which it is not.
fn facts_of(plan: &Plan, customer: &[(What, Held)]) -> Option<Facts> {
    let mut facts = Facts::new();
    for (what, held) in customer {
        let What::Slot(at) = what else { continue };
        let slot = plan.slots().get(*at as usize)?;
        let members = match slot.field.ty() {
            Type::SetOf(element) => &**element,
            own => own,
        };
        let text = |constant: &Constant| match (constant, members) {
            (Constant::Boolean(value), _) => Some(Given::Boolean(*value)),
            (Constant::Number(number), _) => Some(Given::Number(*number)),
            (Constant::Date(day), _) => Some(Given::Date(*day)),
            (Constant::Text(text), _) => Some(Given::Text(Arc::clone(text))),
            (Constant::Member(member), Type::OneOf(members)) => {
                members.name(*member).map(|name| Given::Text(Arc::clone(name)))
            }
            _ => None,
        };
        let value = match held {
            Held::Missing | Held::Undefined => continue,
            Held::One(constant) => text(constant)?,
            Held::Set(members) => Given::Set(members.iter().map(text).collect::<Option<_>>()?),
            Held::Other => Given::Text(Arc::from("elsewhere")),
        };
        facts.push((Arc::clone(&slot.field.name), value));
    }
    Some(facts)
}

/// Values away from the thresholds, the nearest first; none where a value is neither beside a threshold nor far from all.
fn elsewhere(value: &Given, edges: &Edges, today: NaiveDate) -> Vec<Given> {
    match value {
        Given::Number(number) => {
            let mut ends = edges.numbers.clone();
            ends.sort();
            let gap = |a: Decimal, b: Decimal| subtract(a, b).map_or(Decimal::MAX, |gap| gap.abs());
            let is_beside = |number: Decimal| ends.iter().any(|end| gap(number, *end) <= Decimal::ONE);
            let largest = ends.iter().map(Decimal::abs).max().unwrap_or_default();
            let is_far = number.abs() / FAR > largest.max(Decimal::ONE);
            if !is_far && !is_beside(*number) {
                return Vec::new();
            }
            let places = number.normalize().scale();
            let all = between(&ends).into_iter().chain([Decimal::TEN]).map(|other| other.trunc_with_scale(places));
            let mut others: Vec<Decimal> = all.filter(|other| !is_beside(*other)).collect();
            others.sort_by_key(|other| gap(*other, *number));
            others.into_iter().take(TRIES).map(|other| Given::Number(other.normalize())).collect()
        }
        Given::Date(day) => {
            let ends = &edges.dates;
            let gap = |a: NaiveDate, b: NaiveDate| (a - b).num_days().unsigned_abs();
            let is_beside = |day: NaiveDate| ends.iter().any(|end| gap(day, *end) <= 1);
            if gap(*day, today) < YEARS * 366 && !is_beside(*day) {
                return Vec::new();
            }
            let mut all = ends.clone();
            all.extend([today, today.checked_sub_days(Days::new(YEARS * 365)).unwrap_or(today)]);
            all.sort();
            let pairs = all.iter().zip(all.iter().skip(1));
            let middles = pairs.filter_map(|(a, b)| a.checked_add_days(Days::new(gap(*a, *b) / 2)));
            let later = all.last().and_then(|last| last.checked_add_days(Days::new(180)));
            let mut others: Vec<NaiveDate> = middles.chain(later).filter(|other| !is_beside(*other)).collect();
            others.sort_by_key(|other| gap(*other, *day));
            others.into_iter().take(TRIES).map(Given::Date).collect()
        }
        _ => Vec::new(),
    }
}

/// Round numbers between numbers, below the first and above the last.
fn between(ends: &[Decimal]) -> Vec<Decimal> {
    let two = Decimal::TWO;
    let round = |low: Decimal, high: Decimal| {
        let middle = add(low, (subtract(high, low)? / two).round_dp(28))?;
        let digits = (1..=28).filter_map(|digits| middle.round_sf_with_strategy(digits, RoundingStrategy::ToZero));
        let mut inside = digits.filter(|number| low < *number && *number < high);
        inside.next().or(Some(middle))
    };
    let pairs = ends.iter().zip(ends.iter().skip(1)).filter_map(|(low, high)| round(*low, *high));
    let below = ends
        .first()
        .map(|first| if first.is_sign_positive() { first / two } else { add(*first, *first).unwrap_or(*first) });
    let above = ends
        .last()
        .and_then(|last| if *last > Decimal::ZERO { add(*last, *last) } else { add(last.abs(), Decimal::TEN) });
    pairs.chain(below).chain(above).collect()
}

/// A name that says what a test shows first, and that no other test has.
fn name(coverage: &Coverage, shows: &[Obligation], known: &BTreeSet<String>, lang: Lang) -> String {
    let Some(first) = shows.first() else { return String::new() };
    // Of a bin the source says nothing of the line of the score in which it stands.
    let line = match first.aim {
        Aim::Fits(Site::Bin(score, line, _)) | Aim::Edge(Site::Bin(score, line, _), ..) => {
            let place = coverage.plan.names().scores.get(score).and_then(|lines| Some(lines.get(line)?.place.span));
            let text = place.and_then(|span| coverage.source.get(span.start()..span.end())).unwrap_or_default();
            text.split(':').next().map(|text| text.trim().trim_matches('"'))
        }
        _ => None,
    };
    let source = line.map_or_else(|| first.source().to_owned(), |line| format!("{line} {}", first.source()));
    let args = [("source", source), ("way", phrase(listing::way(first), &[], lang))];
    let name = phrase(Phrase::SuggestName, &args, lang);
    let numbered = (2..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.clone()).chain(numbered).find(|name| !known.contains(name)).unwrap_or(name)
}
