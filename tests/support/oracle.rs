//! What an analysis should find, by trying everybody.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use tierwise::{Customer, Policy, PolicyFinding};

use super::grids::{Kind, Point, Small, Spot, Tier, today};

/// Everybody there can be, and what is true of whom.
pub(crate) struct Tried<'s> {
    pub(crate) small: &'s Small,
    pub(crate) customers: Vec<(Point, Customer)>,
    /// What was worked out of a condition: whether it is true of each.
    known: RefCell<HashMap<String, Vec<bool>>>,
    /// Who keeps the assumptions.
    pub(crate) allowed: Vec<bool>,
    /// Whether the assumptions contradict one another.
    pub(crate) contradiction: bool,
}

impl<'s> Tried<'s> {
    pub(crate) fn new(small: &'s Small) -> Self {
        let customers = small.everybody();
        let allowed = vec![true; customers.len()];
        let mut tried = Self { small, customers, known: RefCell::default(), allowed, contradiction: false };
        let assumptions: Vec<&Spot> = small.spots.iter().filter(|spot| spot.kind == Kind::Assume).collect();
        if !assumptions.is_empty() {
            let all: Vec<Vec<bool>> = assumptions.iter().map(|spot| tried.truths(&spot.cond.text)).collect();
            let broken: Vec<Vec<bool>> =
                assumptions.iter().map(|spot| tried.truths(&format!("not ({})", spot.cond.text))).collect();
            let every = |at: usize| all.iter().all(|truths| truths[at]);
            tried.contradiction = !(0..tried.customers.len()).any(every);
            if !tried.contradiction {
                tried.allowed = (0..tried.customers.len()).map(|at| !broken.iter().any(|truths| truths[at])).collect();
            }
        }
        tried
    }

    /// Of whom a condition is true.
    pub(crate) fn truths(&self, condition: &str) -> Vec<bool> {
        if let Some(known) = self.known.borrow().get(condition) {
            return known.clone();
        }
        // All fields stay used, so that the same customers are refused.
        let mut source = format!("{}{condition} => A\n", &self.small.source[..self.small.preamble]);
        source = source.replace("match best\n", "");
        let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{source}\n{error}"));
        let of = |(_, customer): &(Point, Customer)| policy.decide(customer, today()).unwrap().tier().is_some();
        let truths: Vec<bool> = self.customers.iter().map(of).collect();
        self.known.borrow_mut().insert(condition.to_owned(), truths.clone());
        truths
    }

    pub(crate) fn tiers(&self, policy: &Policy) -> Vec<Tier> {
        let tier = |(_, customer): &(Point, Customer)| {
            policy.decide(customer, today()).unwrap().tier().map(|tier| tier.index())
        };
        self.customers.iter().map(tier).collect()
    }

    pub(crate) fn anybody(&self, holds: impl Fn(usize) -> bool) -> bool {
        (0..self.customers.len()).any(|at| self.allowed[at] && holds(at))
    }
}

/// A span without the brackets and blanks at its ends, so that it does not matter whether they count.
pub(crate) fn bare(source: &str, mut from: usize, mut to: usize) -> (usize, usize) {
    let is_edge = |byte: u8| matches!(byte, b'(' | b')' | b' ');
    while from < to && is_edge(source.as_bytes()[from]) {
        from += 1;
    }
    while from < to && is_edge(source.as_bytes()[to - 1]) {
        to -= 1;
    }
    (from, to)
}

pub(crate) type Expected = BTreeSet<(&'static str, (usize, usize))>;

pub(crate) struct Oracle<'t, 's> {
    pub(crate) tried: &'t Tried<'s>,
    pub(crate) expected: Expected,
    /// How many rules are needed to cover one that never decides, by its place.
    pub(crate) covers: BTreeMap<(usize, usize), (usize, Vec<usize>, usize)>,
}

impl Oracle<'_, '_> {
    fn add(&mut self, code: &'static str, from: usize, to: usize) {
        self.expected.insert((code, bare(&self.tried.small.source, from, to)));
    }

    fn whole(&mut self, code: &'static str, spot: &Spot) {
        let skip = if spot.kind == Kind::Bin { bin_start(spot) } else { 0 };
        self.add(code, spot.at + skip, spot.at + spot.cond.text.len());
    }

    pub(crate) fn run(&mut self) {
        self.contradiction();
        self.rules();
        self.limits();
        self.sites();
    }

    fn contradiction(&mut self) {
        let (small, tried) = (self.tried.small, self.tried);
        let spots = |wanted: fn(&Kind) -> bool| small.spots.iter().filter(move |spot| wanted(&spot.kind));
        if tried.contradiction {
            let all: Vec<&Spot> = spots(|kind| *kind == Kind::Assume).collect();
            let contradict = |set: &[&Spot]| {
                let truths: Vec<Vec<bool>> = set.iter().map(|spot| tried.truths(&spot.cond.text)).collect();
                !(0..tried.customers.len()).any(|at| truths.iter().all(|truths| truths[at]))
            };
            let mut left = all.clone();
            for spot in all {
                let fewer: Vec<&Spot> = left.iter().copied().filter(|other| other.at != spot.at).collect();
                if contradict(&fewer) {
                    left = fewer;
                }
            }
            self.whole("A0101", left[0]);
        }
    }

    fn rules(&mut self) {
        let (small, tried) = (self.tried.small, self.tried);
        let spots = |wanted: fn(&Kind) -> bool| small.spots.iter().filter(move |spot| wanted(&spot.kind));
        let rules: Vec<&Spot> = spots(|kind| matches!(kind, Kind::Rule(_))).collect();
        let best = small.source.contains("match best");
        let behind = &small.source[small.preamble - 1..];
        let otherwise = behind.find("\notherwise => ").map(|at| at + small.preamble - 1);
        let truths: Vec<Vec<bool>> = rules.iter().map(|rule| tried.truths(&rule.cond.text)).collect();
        let finals = tried.tiers(&small.policy);
        for tier in 0..4 {
            if !tried.anybody(|at| finals[at] == Some(tier)) {
                let given = rules.iter().find(|rule| rule.kind == Kind::Rule(tier));
                match given {
                    Some(rule) => self.whole("A0109", rule),
                    None if otherwise
                        .is_some_and(|at| small.source[at + 14..].starts_with(["A", "B", "C", "D"][tier])) =>
                    {
                        let at = otherwise.unwrap() + 1;
                        self.add("A0109", at, at + 14);
                    }
                    None => self.add("A0109", 0, 0),
                };
            }
        }
        if otherwise.is_none() {
            let none = |at: usize| finals[at].is_none();
            let last = rules.last().unwrap();
            if tried.anybody(|at| none(at) && self.tried.customers[at].0.iter().all(Option::is_some)) {
                self.whole("A0102", last);
            } else if tried.anybody(none) {
                self.whole("A0103", last);
            }
        }
        let tier = |rule: &Spot| if let Kind::Rule(tier) = rule.kind { tier } else { 0 };
        for (own, rule) in rules.iter().enumerate() {
            let ahead: Vec<usize> = (0..rules.len())
                .filter(|other| match best {
                    false => *other < own,
                    true => tier(rules[*other]) < tier(rule) || (tier(rules[*other]) == tier(rule) && *other < own),
                })
                .collect();
            let reaches = |at: usize| !ahead.iter().any(|other| truths[*other][at]);
            if tried.anybody(|at| truths[own][at] && reaches(at)) {
                self.parts(rule, &ahead.iter().map(|other| &truths[*other]).collect::<Vec<_>>());
            } else if tried.anybody(|at| truths[own][at]) {
                self.whole("A0105", rule);
                self.cover(rule, &ahead, &truths, &truths[own]);
            } else {
                self.whole("A0104", rule);
            }
            if let Some(next) = rules.get(own + 1).filter(|next| !best && tier(next) != tier(rule))
                && tried.anybody(|at| truths[own][at] && reaches(at) && tried.truths(&next.cond.text)[at])
            {
                self.whole("A0111", rule);
            }
        }
        if let Some(at) = otherwise
            && !tried.anybody(|at| !truths.iter().any(|truths| truths[at]))
        {
            self.add("A0106", at + 1, at + 15);
        }
    }

    fn limits(&mut self) {
        let (small, tried) = (self.tried.small, self.tried);
        let spots = |wanted: fn(&Kind) -> bool| small.spots.iter().filter(move |spot| wanted(&spot.kind));
        let finals = tried.tiers(&small.policy);
        for spot in spots(|kind| matches!(kind, Kind::Adjustment)) {
            let truths = tried.truths(&spot.cond.text);
            if !tried.anybody(|at| truths[at]) {
                self.whole("A0104", spot);
                continue;
            }
            let from = small.source[..spot.at].rfind('\n').unwrap() + 1;
            let mut without = small.source.clone();
            without.replace_range(from..=from + small.source[from..].find('\n').unwrap(), "");
            let without = tried.tiers(&Policy::parse(&without).unwrap());
            if tried.anybody(|at| without[at] != finals[at]) {
                self.parts(spot, &[]);
            } else {
                self.whole("A0110", spot);
            }
        }
    }

    fn sites(&mut self) {
        let (small, tried) = (self.tried.small, self.tried);
        let spots = |wanted: fn(&Kind) -> bool| small.spots.iter().filter(move |spot| wanted(&spot.kind));
        for spot in spots(|kind| matches!(kind, Kind::Line | Kind::Bin | Kind::Let)) {
            if !is_used(small, spot) {
                continue;
            }
            let ahead: Vec<Vec<bool>> = spot.ahead.iter().map(|ahead| tried.truths(ahead)).collect();
            let truths = tried.truths(&spot.cond.text);
            if tried.anybody(|at| truths[at] && !ahead.iter().any(|ahead| ahead[at])) {
                self.parts(spot, &ahead.iter().collect::<Vec<_>>());
            } else if tried.anybody(|at| truths[at]) {
                self.whole("A0112", spot);
            } else {
                self.whole("A0104", spot);
            }
        }
    }

    /// Parts that change nothing, not those inside of others.
    fn parts(&mut self, spot: &Spot, ahead: &[&Vec<bool>]) {
        let tried = self.tried;
        let own = tried.truths(&spot.cond.text);
        let mut told: Vec<(std::ops::Range<usize>, &str)> = Vec::new();
        // Each before its own parts, and of parts beside each other the last first.
        let mut order: Vec<(usize, &std::ops::Range<usize>)> = spot.cond.parts.iter().enumerate().collect();
        order.sort_by(|(_, a), (_, b)| {
            let holds = |a: &std::ops::Range<usize>, b: &std::ops::Range<usize>| a.start <= b.start && b.end <= a.end;
            if holds(a, b) || holds(b, a) { b.len().cmp(&a.len()) } else { b.start.cmp(&a.start) }
        });
        // What is the whole but for a `not` in front.
        let text = &spot.cond.text;
        let not = |part: &std::ops::Range<usize>| text[part.clone()].starts_with("not ");
        let turned = spot.cond.parts.iter().take_while(|part| not(part)).count();
        for (at, part) in order {
            if (1..=turned).contains(&at) {
                continue;
            }
            if told.iter().any(|(told, _)| told.start <= part.start && part.end <= told.end) {
                continue;
            }
            for (value, code) in [("true", "A0107"), ("false", "A0108")] {
                let whole = at == 0;
                if whole && (value == "false" || !matches!(spot.kind, Kind::Adjustment | Kind::Let)) {
                    continue;
                }
                let mut replaced = told.clone();
                replaced.push((part.clone(), value));
                let other = tried.truths(&spot.cond.with(&replaced));
                if !tried.anybody(|at| own[at] != other[at] && !ahead.iter().any(|ahead| ahead[at])) {
                    self.add(code, spot.at + part.start, spot.at + part.end);
                    told.push((part.clone(), value));
                    break;
                }
            }
        }
    }

    /// How few rules cover one that never decides.
    fn cover(&mut self, rule: &Spot, ahead: &[usize], truths: &[Vec<bool>], own: &[bool]) {
        let covers = |set: usize| {
            !self.tried.anybody(|at| {
                own[at] && !ahead.iter().enumerate().any(|(bit, other)| set >> bit & 1 == 1 && truths[*other][at])
            })
        };
        let fewest = (0..1_usize << ahead.len()).filter(|set| covers(*set)).map(usize::count_ones).min().unwrap();
        let place = bare(&self.tried.small.source, rule.at, rule.at + rule.cond.text.len());
        self.covers.insert(place, (fewest as usize, ahead.to_vec(), rule.at));
    }
}

fn bin_start(spot: &Spot) -> usize {
    let text = &spot.cond.text;
    let by = [" is missing", " >= ", " = ", " < "].iter().filter_map(|by| text.rfind(by)).next().unwrap();
    if text.ends_with(" is missing") { by + 4 } else { by + 1 }
}

/// Whether a plan has it: what nothing uses is left out.
fn is_used(small: &Small, spot: &Spot) -> bool {
    let behind = &small.source[small.preamble..];
    spot.kind != Kind::Let || behind.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == "l0")
}

/// What nothing uses is left out.
fn without_idle_let(small: &Small, text: String) -> String {
    let idle = small.spots.iter().find(|spot| spot.kind == Kind::Let).filter(|spot| !is_used(small, spot));
    idle.map_or(text.clone(), |spot| text.replacen(&format!("let l0 = {}", spot.cond.text), "", 1))
}

/// How many different `??` stand left of which there is always a value.
pub(crate) fn unneeded(tried: &Tried<'_>) -> usize {
    let small = tried.small;
    let text: String = small.source.lines().filter(|line| !line.starts_with("assume ")).collect::<Vec<_>>().join("\n");
    let text = without_idle_let(small, text);
    let never = |fact: &str| !tried.anybody(|at| tried.truths(&format!("{fact} is missing"))[at]);
    [("x ?? 1", "x"), ("b ?? false", "b")].into_iter().filter(|(form, fact)| text.contains(form) && never(fact)).count()
}

/// How many defaults are of facts that are named nowhere else.
pub(crate) fn idle(small: &Small) -> usize {
    let text = without_idle_let(small, small.source.clone());
    let (fields, rest): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("field "));
    let words: Vec<&str> =
        rest.iter().flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).collect();
    let name = |line: &&&str| line.split([' ', ':']).nth(1).is_some_and(|name| !words.contains(&name));
    fields.iter().filter(|line| line.contains(" default ")).filter(name).count()
}

pub(crate) fn found(small: &Small, findings: &[PolicyFinding]) -> Expected {
    let place = |finding: &PolicyFinding| {
        let span = finding.diagnostic().span();
        (finding.code().as_str(), bare(&small.source, span.start(), span.end()))
    };
    findings.iter().map(place).collect()
}
