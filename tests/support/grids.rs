//! Policies over a few facts of a few values each, so that every customer there can be is tried.

use std::ops::Range;

use chrono::NaiveDate;
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value};
use tierwise::{Customer, Policy};

use super::dice::Dice;

pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

/// A tier by its place on the ladder.
pub(crate) type Tier = Option<usize>;

/// A customer by its values; `None` is missing.
pub(crate) type Point = Vec<Option<usize>>;

/// A policy of which every customer can be tried.
pub(crate) struct Small {
    pub(crate) source: String,
    pub(crate) policy: Policy,
    pub(crate) fields: Vec<usize>,
    /// How many bytes of the source stand before the rules: what conditions use.
    pub(crate) preamble: usize,
    pub(crate) spots: Vec<Spot>,
}

/// A condition, and where its parts stand in its text: the whole first, each before its own parts.
#[derive(Clone)]
pub(crate) struct Cond {
    pub(crate) text: String,
    pub(crate) parts: Vec<Range<usize>>,
}

/// A condition of a policy.
pub(crate) struct Spot {
    pub(crate) kind: Kind,
    /// Where its text begins.
    pub(crate) at: usize,
    pub(crate) cond: Cond,
    /// The lines of a segment or bins ahead of it.
    pub(crate) ahead: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rule(usize),
    Adjustment,
    Line,
    Bin,
    Let,
    Assume,
}

impl Cond {
    fn atom(text: String) -> Self {
        Self { parts: std::iter::once(0..text.len()).collect(), text }
    }

    /// Conditions between texts, `start`, `between` and `end`.
    fn of(start: &str, parts: &[Self], between: &str, end: &str) -> Self {
        let mut whole = Self { text: start.to_owned(), parts: std::iter::once(0..0).collect() };
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                whole.text += between;
            }
            let from = whole.text.len();
            whole.parts.extend(part.parts.iter().map(|part| part.start + from..part.end + from));
            whole.text += &part.text;
        }
        whole.text += end;
        whole.parts[0] = 0..whole.text.len();
        whole
    }

    /// The text with some parts replaced, none of them inside of another.
    pub(crate) fn with(&self, parts: &[(Range<usize>, &str)]) -> String {
        let mut parts = parts.to_vec();
        parts.sort_by_key(|(part, _)| std::cmp::Reverse(part.start));
        parts.iter().fold(self.text.clone(), |mut text, (part, by)| {
            text.replace_range(part.clone(), by);
            text
        })
    }
}

impl Small {
    pub(crate) fn new(choices: &[u16]) -> Result<Self, TestCaseError> {
        Self::of(choices, 4, false)
    }

    /// A policy to be analysed: over fewer facts, some of them required, with lets and assumptions.
    pub(crate) fn analysed(choices: &[u16]) -> Result<Self, TestCaseError> {
        Self::of(choices, 3, true)
    }

    fn of(choices: &[u16], most: usize, analysed: bool) -> Result<Self, TestCaseError> {
        let mut dice = Dice::new(choices);
        let mut grid = Grid::new(&mut dice, most, analysed);
        grid.policy();
        let (source, preamble) = (grid.text, grid.preamble);
        let policy = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        Ok(Self { source, policy, fields: grid.fields, preamble, spots: grid.spots })
    }

    pub(crate) fn json(&self, point: &Point) -> Value {
        let mut facts = Map::new();
        for (field, value) in self.fields.iter().zip(point) {
            let (name, _, values) = GRID[*field];
            if let Some(at) = value {
                facts.insert(name.to_owned(), serde_json::from_str(values[*at]).unwrap());
            }
        }
        facts.into()
    }

    pub(crate) fn customer(&self, point: &Point) -> Customer {
        Customer::from_serialize(&self.json(point)).unwrap()
    }

    pub(crate) fn tier(&self, point: &Point) -> Tier {
        self.tier_of(&self.customer(point))
    }

    pub(crate) fn tier_of(&self, customer: &Customer) -> Tier {
        self.policy.decide(customer, today()).unwrap().tier().map(|tier| tier.index())
    }

    /// Everybody there can be; who lacks a required fact is no customer.
    pub(crate) fn everybody(&self) -> Vec<(Point, Customer)> {
        let mut points: Vec<Point> = vec![Vec::new()];
        for at in 0..self.fields.len() {
            let choices: Vec<Option<usize>> = (0..self.values(at)).map(Some).chain([None]).collect();
            points = points
                .iter()
                .flat_map(|start| choices.iter().map(|choice| [&start[..], &[*choice]].concat()))
                .collect();
        }
        let customers = points.into_iter().map(|point| (point.clone(), self.customer(&point)));
        customers.filter(|(_, customer)| self.policy.decide(customer, today()).is_ok()).collect()
    }

    pub(crate) fn values(&self, at: usize) -> usize {
        GRID[self.fields[at]].2.len()
    }

    pub(crate) fn fail(&self, point: &Point, what: &str) -> TestCaseError {
        TestCaseError::fail(format!("{what}\n{}\n{}", self.source, self.json(point)))
    }
}

/// The facts, each with its declaration and every value that it can have, as JSON.
pub(crate) const GRID: [(&str, &str, &[&str]); 5] = [
    ("x", "integer 0..5", &["0", "1", "2", "3", "4", "5"]),
    ("y", "integer -2..2", &["-2", "-1", "0", "1", "2"]),
    ("m", "money 0..0.05 scale 2", &["0", "0.01", "0.02", "0.03", "0.04", "0.05"]),
    ("b", "boolean", &["true", "false"]),
    ("k", "one of (red, green, blue)", &["\"red\"", "\"green\"", "\"blue\""]),
];

/// Which facts a policy uses: at most four, so that all customers are few.
struct Grid<'d, 'a> {
    dice: &'d mut Dice<'a>,
    fields: Vec<usize>,
    analysed: bool,
    scores: usize,
    segments: usize,
    lets: usize,
    text: String,
    preamble: usize,
    spots: Vec<Spot>,
}

impl<'d, 'a> Grid<'d, 'a> {
    fn new(dice: &'d mut Dice<'a>, most: usize, analysed: bool) -> Self {
        let mut fields: Vec<usize> = (0..5).collect();
        while fields.len() > most {
            let at = dice.roll(fields.len());
            fields.remove(at);
        }
        let (text, spots) = (String::from("tiers A > B > C > D\n"), Vec::new());
        Self { dice, fields, analysed, scores: 0, segments: 0, lets: 0, text, preamble: 0, spots }
    }

    fn pick<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        self.dice.pick(choices)
    }

    fn add(&mut self, choices: &[&str]) {
        let text = self.pick(choices).to_owned();
        self.text += &text;
    }

    fn has(&self, at: usize) -> bool {
        self.fields.contains(&at)
    }

    /// Writes a condition, and remembers where.
    fn spot(&mut self, kind: Kind, cond: Cond, ahead: Vec<String>) {
        let at = self.text.len();
        self.text += &cond.text;
        self.spots.push(Spot { kind, at, cond, ahead });
    }

    fn policy(&mut self) {
        if self.dice.roll(4) == 0 {
            self.text += "match best\n";
        }
        for at in self.fields.clone() {
            let known = format!(" default {}", GRID[at].2[0].replace('"', ""));
            let option =
                if self.analysed { self.pick(&["", "", "", " required", &known]).to_owned() } else { String::new() };
            self.text += &format!("field {}: {}{option}\n", GRID[at].0, GRID[at].1);
        }
        for _ in 0..self.dice.roll(2) {
            self.score();
            self.scores += 1;
        }
        if self.dice.roll(3) == 0 {
            self.text += "segment s0 {\n";
            let (one, two) = (self.condition(1), self.condition(1));
            let ahead = vec![one.text.clone()];
            self.spot(Kind::Line, one, Vec::new());
            self.text += " => one\n";
            self.spot(Kind::Line, two, ahead);
            self.text += " => two\n";
            self.add(&["otherwise => three\n", ""]);
            self.text += "}\n";
            self.segments = 1;
        }
        if self.analysed && self.dice.roll(3) == 0 {
            self.text += "let l0 = ";
            let cond = self.condition(2);
            self.spot(Kind::Let, cond, Vec::new());
            self.text += "\n";
            self.lets = 1;
        }
        self.preamble = self.text.len();
        for _ in 0..1 + self.dice.roll(9) {
            let depth = 1 + self.dice.roll(3);
            let (cond, tier) = (self.condition(depth), self.dice.roll(4));
            self.spot(Kind::Rule(tier), cond, Vec::new());
            self.text += &format!(" => {}\n", ["A", "B", "C", "D"][tier]);
        }
        self.add(&["otherwise => D\n", "otherwise => C\n", ""]);
        for _ in 0..self.dice.roll(3) {
            let limit = self.pick(&["cap", "floor"]);
            let limit = format!("{limit} {} when ", self.pick(&["B", "C", "A"]));
            self.text += &limit;
            let cond = self.condition(1);
            self.spot(Kind::Adjustment, cond, Vec::new());
            self.text += "\n";
        }
        let assumptions = if self.analysed { [0, 0, 1, 2][self.dice.roll(4)] } else { 0 };
        for _ in 0..assumptions {
            self.text += "assume ";
            let cond = self.condition(1);
            self.spot(Kind::Assume, cond, Vec::new());
            self.text += "\n";
        }
    }

    fn score(&mut self) {
        self.text += &format!("score p{} {{\n", self.scores);
        for _ in 0..1 + self.dice.roll(3) {
            let value = self.number();
            let missing = self.pick(&["", "2"]);
            let (bins, otherwise, end): (&[(&str, &str)], _, _) = match self.dice.roll(4) {
                0 => (&[], "", ""),
                1 => (&[(">= 2", "3")], "1", ""),
                2 => (&[(">= 1", "5"), ("= 0", "-1")], "0", " weight 50%"),
                _ => (&[("< 1", "2")], "", ""),
            };
            self.text += &value;
            let mut ahead: Vec<String> = Vec::new();
            let missing = (!missing.is_empty() && !bins.is_empty()).then_some(("missing", missing));
            for (bin, points) in bins.iter().copied().chain(missing) {
                self.text += if ahead.is_empty() { ": " } else { ", " };
                let whole = if bin == "missing" { format!("{value} is missing") } else { format!("{value} {bin}") };
                let (at, from) = (self.text.len(), whole.len() - bin.len());
                let cond = Cond { text: whole.clone(), parts: std::iter::once(0..whole.len()).collect() };
                self.spots.push(Spot { kind: Kind::Bin, at: at - from, cond, ahead: ahead.clone() });
                self.text += &format!("{bin} => {points}");
                ahead.push(whole);
            }
            if !otherwise.is_empty() {
                self.text += &format!(", otherwise => {otherwise}");
            }
            self.text += &format!("{end}\n");
        }
        self.text += "}";
        self.add(&["", " min 0 max 4"]);
        self.text += "\n";
    }

    /// A sum of facts, or something that follows from one.
    fn number(&mut self) -> String {
        let mut known: Vec<&str> = Vec::new();
        if self.has(0) {
            known.extend(["x", "2 * x", "x - 3", "(x ?? 1)"]);
        }
        if self.has(1) {
            known.extend(["y", "abs(y)", "-y"]);
        }
        if self.has(0) && self.has(1) {
            known.extend(["x - y", "x + 2 * y", "max(x, y)", "2 * x - 3 * y", "x * y"]);
        }
        if self.scores > 0 {
            known.push("p0");
        }
        if self.has(3) && self.has(0) {
            known.push("(if b then x else 1)");
        }
        if known.is_empty() { "1".to_owned() } else { self.pick(&known).to_owned() }
    }

    fn question(&mut self) -> Cond {
        let op = self.pick(&[">", ">=", "<", "<=", "=", "!="]);
        Cond::atom(match self.dice.roll(9) {
            0..=2 => format!("{} {op} {}", self.number(), self.pick(&["0", "1", "2", "3", "4", "-1"])),
            3 if self.has(2) => format!("m {op} {}", self.pick(&["0.02", "0.03", "0.05", "0"])),
            4 if self.has(3) => match self.pick(&["b", "not b", "b ?? false"]) {
                "not b" => return Cond { text: "not b".to_owned(), parts: vec![0..5, 4..5] },
                text => text.to_owned(),
            },
            5 if self.has(4) && self.analysed => self
                .pick(&["k = red", "k != green", "k in (red, blue)", "k not in (red, blue)", "k is missing"])
                .to_owned(),
            5 if self.has(4) => self.pick(&["k = red", "k != green", "k in (red, blue)", "k is missing"]).to_owned(),
            6 if self.analysed => {
                let range = ["missing", "present"].map(|is| format!("is {is}"));
                let range = range.iter().map(String::as_str).chain(["between 1 and 3", "not between 0 and 2"]);
                let value = self.number();
                // A constant has no ends.
                let few = if value == "1" { 2 } else { 4 };
                format!("{value} {}", self.pick(&range.take(few).collect::<Vec<_>>()))
            }
            6 => format!("{} is {}", self.number(), self.pick(&["missing", "present"])),
            7 if self.segments > 0 => self.pick(&["s0 = one", "s0 != two", "s0 is missing"]).to_owned(),
            8 if self.has(0) && self.has(1) => format!("x {op} y"),
            8 if self.lets > 0 => "l0".to_owned(),
            _ => format!("{} {op} {}", self.number(), self.pick(&["1", "2"])),
        })
    }

    fn condition(&mut self, depth: usize) -> Cond {
        if depth == 0 {
            return self.question();
        }
        let depth = depth - 1;
        match self.dice.roll(7) {
            0 | 1 => Cond::of("(", &[self.condition(depth), self.condition(depth)], " and ", ")"),
            2 | 3 => Cond::of("(", &[self.condition(depth), self.condition(depth)], " or ", ")"),
            4 => Cond::of("not (", &[self.condition(depth)], "", ")"),
            5 => {
                let parts = [self.condition(depth), self.condition(depth), self.condition(depth)];
                Cond::of("at least 2 of (", &parts, ", ", ")")
            }
            _ => self.question(),
        }
    }
}
