//! Coverage against trying everybody: on small grids what tests are said to show is what they show, counted by conditions
//! worked out one by one, what nobody could show nobody does, and what somebody could somebody does.
//!
//! `TIERWISE_COVERAGE_CASES` sets the number of policies (256 by default).

#[path = "support/dice.rs"]
mod dice;
#[path = "support/grids.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod grids;
#[path = "support/half.rs"]
mod half;
#[path = "support/oracle.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod oracle;
#[path = "support/runner.rs"]
mod runner;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use dice::Dice;
use grids::{GRID, Kind, Point, Small, Spot, today};
use oracle::Tried;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tierwise::{
    AdjustedBy, Budget, Coverage, Customer, Formatter, Lang, Obligation, ObligationKind, ObligationState, TestReport,
};

/// What is to be shown: its kind, what is wanted, and where it stands.
type Key = (ObligationKind, &'static str, (usize, usize));

/// Who shows what, by the place among everybody.
type Shown = BTreeMap<Key, Vec<bool>>;

/// Everybody, and what each of them shows.
struct Watch<'t, 's> {
    tried: &'t Tried<'s>,
    shown: Shown,
}

fn all(lists: &[&[bool]]) -> Vec<bool> {
    (0..lists[0].len()).map(|at| lists.iter().all(|list| list[at])).collect()
}

fn none(lists: &[Vec<bool>], len: usize) -> Vec<bool> {
    (0..len).map(|at| !lists.iter().any(|list| list[at])).collect()
}

impl Watch<'_, '_> {
    fn new<'t, 's>(tried: &'t Tried<'s>) -> Watch<'t, 's> {
        let mut watch = Watch { tried, shown: Shown::new() };
        watch.rules();
        watch.adjustments();
        watch.segment();
        watch.bins();
        let lets = tried.small.spots.iter().filter(|spot| spot.kind == Kind::Let);
        // A let that nothing uses is not there.
        for spot in lets.filter(|spot| tried.small.source[spot.at + spot.cond.text.len()..].contains("l0")) {
            watch.conditions(spot, &watch.everybody());
        }
        watch
    }

    fn everybody(&self) -> Vec<bool> {
        vec![true; self.tried.customers.len()]
    }

    fn add(&mut self, kind: ObligationKind, wanted: &'static str, place: (usize, usize), who: Vec<bool>) {
        self.shown.insert((kind, wanted, oracle::bare(&self.tried.small.source, place.0, place.1)), who);
    }

    fn spots(&self, wanted: impl Fn(&Kind) -> bool) -> Vec<&'_ Spot> {
        self.tried.small.spots.iter().filter(|spot| wanted(&spot.kind)).collect()
    }

    fn rules(&mut self) {
        let (small, len) = (self.tried.small, self.tried.customers.len());
        let rules: Vec<Spot> = self.spots(|kind| matches!(kind, Kind::Rule(_))).into_iter().map(clone).collect();
        let best = small.source.contains("match best");
        let truths: Vec<Vec<bool>> = rules.iter().map(|rule| self.tried.truths(&rule.cond.text)).collect();
        let tier = |rule: &Spot| if let Kind::Rule(tier) = rule.kind { tier } else { 0 };
        for (own, rule) in rules.iter().enumerate() {
            let ahead = (0..rules.len()).filter(|other| match best {
                false => *other < own,
                true => (tier(&rules[*other]), *other) < (tier(rule), own),
            });
            let ahead: Vec<Vec<bool>> = ahead.map(|other| truths[other].clone()).collect();
            let reached = none(&ahead, len);
            self.add(ObligationKind::Rule, "decides", span(rule), all(&[&reached, &truths[own]]));
            self.conditions(rule, &reached);
        }
        let behind = small.source[small.preamble..].find("\notherwise => ").map(|at| at + small.preamble + 1);
        if let Some(at) =
            behind.or_else(|| small.source[small.preamble..].starts_with("otherwise").then_some(small.preamble))
        {
            self.add(ObligationKind::Rule, "decides", (at, at + 14), none(&truths, len));
        }
    }

    fn adjustments(&mut self) {
        let small = self.tried.small;
        let spots: Vec<Spot> = self.spots(|kind| *kind == Kind::Adjustment).into_iter().map(clone).collect();
        for spot in &spots {
            let line = u32::try_from(small.source[..spot.at].matches('\n').count() + 1).unwrap();
            let moved = |(_, customer): &(Point, Customer)| {
                let outcome = small.policy.classify(customer, today()).unwrap();
                outcome.adjusted_by().any(|by| matches!(by, AdjustedBy::Line(own) if own == line))
            };
            let who = self.tried.customers.iter().map(moved).collect();
            self.add(ObligationKind::Limit, "moves", span(spot), who);
            self.conditions(spot, &self.everybody());
        }
    }

    fn segment(&mut self) {
        let (small, len) = (self.tried.small, self.tried.customers.len());
        let spots: Vec<Spot> = self.spots(|kind| *kind == Kind::Line).into_iter().map(clone).collect();
        for (spot, name) in spots.iter().zip(["one", "two"]) {
            self.add(ObligationKind::Segment, "fits", span(spot), self.tried.truths(&format!("s0 = {name}")));
            let ahead: Vec<Vec<bool>> = spot.ahead.iter().map(|text| self.tried.truths(text)).collect();
            self.conditions(spot, &none(&ahead, len));
        }
        if let Some(at) = small.source.find("otherwise => three") {
            let who = self.tried.truths("s0 = three");
            self.add(ObligationKind::Segment, "fits", (at, at + "otherwise => three".len()), who);
        }
    }

    fn bins(&mut self) {
        let (small, len) = (self.tried.small, self.tried.customers.len());
        let spots: Vec<Spot> = self.spots(|kind| *kind == Kind::Bin).into_iter().map(clone).collect();
        for spot in &spots {
            let text = &spot.cond.text;
            let start = spot.at + ["missing", " >", " <", " ="].iter().find_map(|mark| text.rfind(mark)).unwrap();
            let start = start + usize::from(!text.ends_with("missing"));
            let value = text[..start - spot.at].trim().trim_end_matches(" is").trim().to_owned();
            let place = (start, spot.at + text.len());
            let mut own = self.tried.truths(text);
            if !text.ends_with("missing") {
                let ahead = spot.ahead.iter().filter(|text| !text.ends_with("missing"));
                let ahead: Vec<Vec<bool>> = ahead.map(|text| self.tried.truths(text)).collect();
                let reached = all(&[&none(&ahead, len), &self.tried.truths(&format!("({value}) is present"))]);
                own = all(&[&own, &reached]);
                self.edges(text, place, &reached);
            }
            let line = small.source[start..].find('\n').unwrap() + start;
            let until = |at: usize| at + small.source[at..line].find([',', '\n']).unwrap_or(line - at);
            let until = |at: usize| small.source[at..until(at)].find(" weight").map_or(until(at), |weight| at + weight);
            self.add(ObligationKind::Bin, "fits", place, own);
            let otherwise = small.source[start..line].find("otherwise");
            if let Some(at) = otherwise.map(|at| at + start) {
                let conditions = spot.ahead.iter().chain([text]).filter(|text| !text.ends_with("missing"));
                let lists: Vec<Vec<bool>> = conditions.map(|text| self.tried.truths(text)).collect();
                let who = all(&[&none(&lists, len), &self.tried.truths(&format!("({value}) is present"))]);
                self.add(ObligationKind::Bin, "fits", (at, until(at)), who);
            }
        }
    }

    /// The conditions of which one is made up.
    fn conditions(&mut self, spot: &Spot, reached: &[bool]) {
        let parts = &spot.cond.parts;
        let inner = |own: usize| {
            let holds = |(at, part): (usize, &Range<usize>)| {
                at != own && parts[own].start <= part.start && part.end <= parts[own].end && at > own
            };
            parts.iter().enumerate().any(holds)
        };
        let leaves: Vec<Range<usize>> = (0..parts.len()).filter(|at| !inner(*at)).map(|at| parts[at].clone()).collect();
        for leaf in &leaves {
            let text = spot.cond.text[leaf.clone()].to_owned();
            let place = (spot.at + leaf.start, spot.at + leaf.end);
            let (holds, fails) = (self.tried.truths(&text), self.tried.truths(&format!("not ({text})")));
            let open: Vec<bool> = holds.iter().zip(&fails).map(|(holds, fails)| !holds && !fails).collect();
            self.add(ObligationKind::Condition, "true", place, all(&[reached, &holds]));
            self.add(ObligationKind::Condition, "false", place, all(&[reached, &fails]));
            self.add(ObligationKind::Condition, "unknown", place, all(&[reached, &open]));
            self.edges(&text, place, reached);
            if leaves.len() > 1 {
                let with = |by: &str| self.tried.truths(&spot.cond.with(&[(leaf.clone(), by)]));
                let (one, two) = (with("true"), with("false"));
                let matters: Vec<bool> = one.iter().zip(two).map(|(one, two)| *one != two).collect();
                self.add(ObligationKind::Mcdc, "true", place, all(&[reached, &holds, &matters]));
                self.add(ObligationKind::Mcdc, "false", place, all(&[reached, &fails, &matters]));
            }
        }
    }

    /// The edges of the threshold of a comparison with a number.
    fn edges(&mut self, text: &str, place: (usize, usize), reached: &[bool]) {
        let between = text.replace(" not between ", " between ");
        if let Some((value, ends)) = between.split_once(" between ") {
            // Points have no grid, and a range over an `if` is asked in one.
            if value.contains("p0") || value.contains("if ") {
                return;
            }
            let (low, high) = ends.split_once(" and ").unwrap();
            for (way, text) in [
                ("below", format!("{value} < {low} and {value} >= {low} - 1")),
                ("lower", format!("{value} = {low}")),
                ("upper", format!("{value} = {high}")),
                ("above", format!("{value} > {high} and {value} <= {high} + 1")),
            ] {
                let who = all(&[reached, &self.tried.truths(&text)]);
                self.add(ObligationKind::Threshold, way, place, who);
            }
            return;
        }
        let Some((value, rest)) = [" >= ", " <= ", " != ", " > ", " < ", " = "].iter().find_map(|op| {
            let (value, rest) = text.split_once(op)?;
            Some(((value, *op), rest))
        }) else {
            return;
        };
        let ((value, op), bound) = (value, rest);
        let Ok(number) = bound.parse::<f64>() else { return };
        // Points have no grid.
        if value.contains("p0") || value.contains("s0") {
            return;
        }
        let step = if value == "m" { "0.01" } else { "1" };
        let below = format!("{value} < {bound} and {value} >= {bound} - {step}");
        let above = format!("{value} > {bound} and {value} <= {bound} + {step}");
        let at = format!("{value} = {bound}");
        let wanted: &[(&'static str, &String)] = match op.trim() {
            "=" | "!=" => &[("below", &below), ("at", &at), ("above", &above)],
            "<" | ">=" => &[("below", &below), ("at", &at)],
            _ => &[("at", &at), ("above", &above)],
        };
        assert!(number.is_finite());
        for (way, text) in wanted {
            let who = all(&[reached, &self.tried.truths(text)]);
            self.add(ObligationKind::Threshold, way, place, who);
        }
    }
}

fn clone(spot: &Spot) -> Spot {
    Spot { kind: spot.kind, at: spot.at, cond: spot.cond.clone(), ahead: spot.ahead.clone() }
}

fn span(spot: &Spot) -> (usize, usize) {
    (spot.at, spot.at + spot.cond.text.len())
}

/// A customer as a test gives it.
fn written(small: &Small, point: &Point) -> String {
    let facts = small.fields.iter().zip(point).map(|(field, value)| {
        let (name, _, values) = GRID[*field];
        value.map(|at| format!("{name} = {}", values[at]))
    });
    facts.flatten().collect::<Vec<_>>().join(", ")
}

fn key(small: &Small, it: &Obligation) -> Key {
    (it.kind(), it.wanted(), oracle::bare(&small.source, it.span().start(), it.span().end()))
}

#[test]
fn coverage_is_what_trying_everybody_shows() {
    run(half::half("coverage", "TIERWISE_COVERAGE_CASES", 0));
}

#[test]
fn coverage_is_what_trying_everybody_shows_of_others() {
    run(half::half("coverage", "TIERWISE_COVERAGE_CASES", 1));
}

/// Suggested tests can be read, pass, show what they say, and leave nothing uncovered.
fn suggested(small: &Small, report: &TestReport, coverage: &Coverage, context: &str) -> Result<(), TestCaseError> {
    let suggestions = coverage.suggestions();
    let context = format!("{context}\n{suggestions}");
    let (uncovered, unknown) = (coverage.tally(None).uncovered, coverage.tally(None).unknown);
    let shown: usize = suggestions.tests().iter().map(|test| test.obligations().len()).sum();
    prop_assert_eq!((shown, suggestions.left()), (uncovered, unknown), "{}", context);
    let text = format!("use \"policy.tier\"\n\n{suggestions}");
    if !suggestions.tests().is_empty() {
        prop_assert_eq!(&Formatter::new().format(&text).unwrap(), &text, "{}", context);
    }
    for lang in [Lang::En, Lang::Zh] {
        let text = format!("use \"policy.tier\"\n\n{}", suggestions.text(lang));
        let tests = small.policy.tests_in(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{context}")))?;
        let more = tests.run();
        prop_assert_eq!((more.passed(), more.failed()), (suggestions.tests().len(), 0), "{}\n{}", more, context);
        let whole = Coverage::of([report, &more], Budget::of(0)).unwrap();
        for it in whole.obligations() {
            let before = coverage.obligations().iter().find(|own| key(small, own) == key(small, it)).unwrap();
            let open = matches!(before.state(), ObligationState::Infeasible | ObligationState::Unknown(_));
            prop_assert!(open || it.state() == ObligationState::Covered, "{it:?}\n{context}");
        }
        for (test, result) in suggestions.tests().iter().zip(more.results()) {
            let alone = small.policy.tests_in(&format!("use \"policy.tier\"\n{}", test.text(lang))).unwrap().run();
            let alone = Coverage::of([&alone], Budget::of(0)).unwrap();
            prop_assert_eq!(test.name(lang), result.name(), "{}", context);
            for own in test.obligations() {
                let it = alone.obligations().iter().find(|it| key(small, it) == key(small, own)).unwrap();
                prop_assert_eq!(it.state(), ObligationState::Covered, "{:?}\n{}", own, context);
            }
        }
    }
    Ok(())
}

fn run(mut runner: TestRunner) {
    let counts: RefCell<BTreeMap<String, usize>> = RefCell::default();
    let result = runner.run(&(vec(any::<u16>(), 0..300), vec(any::<u16>(), 1..20)), |(choices, tests)| {
        let small = Small::analysed(&choices)?;
        let tried = Tried::new(&small);
        let mut dice = Dice::new(&tests);
        let chosen: Vec<usize> = (0..dice.roll(12)).map(|_| dice.roll(tried.customers.len())).collect();
        let tests = chosen
            .iter()
            .enumerate()
            .map(|(at, customer)| format!("test \"t{at}\": {} => A\n", written(&small, &tried.customers[*customer].0)));
        let tests = format!("use \"policy.tier\"\n{}", tests.collect::<String>());
        let report = small.policy.tests_in(&tests).map_err(|error| small.fail(&Vec::new(), &error.to_string()))?.run();
        let coverage = Coverage::of([&report], Budget::of(20_000)).unwrap();
        let watch = Watch::new(&tried);
        let context = format!("{}\n{tests}\n{coverage}", small.source);
        let found: BTreeSet<Key> = coverage.obligations().iter().map(|it| key(&small, it)).collect();
        for (key, who) in &watch.shown {
            // That something is missing is asked only where that can be.
            let can = (0..who.len()).any(|at| who[at]);
            prop_assert!(found.contains(key) || (key.1 == "unknown" && !can), "{key:?} is not asked\n{context}");
        }
        for it in coverage.obligations() {
            let Some(who) = watch.shown.get(&key(&small, it)) else {
                return Err(TestCaseError::fail(format!("{:?} is no obligation\n{context}", key(&small, it))));
            };
            let count = chosen.iter().filter(|at| who[**at]).count();
            prop_assert_eq!(it.tests(), count, "{:?}\n{}", it, context);
            let first = chosen.iter().position(|at| who[*at]).map(|at| format!("t{at}"));
            prop_assert_eq!(it.first_test(), first.as_deref(), "{:?}\n{}", it, context);
            let somebody = tried.anybody(|at| who[at]);
            let state = match it.state() {
                ObligationState::Covered => {
                    prop_assert!(count > 0, "{:?}\n{}", it, context);
                    "covered"
                }
                ObligationState::Uncovered => {
                    prop_assert!(count == 0 && somebody, "nobody: {:?}\n{}", it, context);
                    "uncovered"
                }
                ObligationState::Infeasible => {
                    prop_assert!(count == 0 && !somebody, "somebody: {:?}\n{}", it, context);
                    "infeasible"
                }
                ObligationState::Unknown(_) => "unknown",
                _ => "another state",
            };
            *counts.borrow_mut().entry(format!("{:?} {state}", it.kind())).or_default() += 1;
        }
        suggested(&small, &report, &coverage, &context)
    });
    println!("{:?}", counts.borrow());
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    for kind in ["Rule", "Limit", "Segment", "Bin", "Condition", "Threshold", "Mcdc"] {
        for state in ["covered", "uncovered", "infeasible"] {
            assert!(counts.borrow().contains_key(&format!("{kind} {state}")), "no {kind} is {state}");
        }
    }
}
