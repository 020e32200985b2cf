//! Policies over a few facts of a few values each, so that every customer there can be is tried.

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
}

impl Small {
    pub(crate) fn new(choices: &[u16]) -> Result<Self, TestCaseError> {
        let mut dice = Dice::new(choices);
        let mut grid = Grid::new(&mut dice);
        let source = grid.policy();
        let policy = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        Ok(Self { source, policy, fields: grid.fields })
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
    scores: usize,
    segments: usize,
}

impl<'d, 'a> Grid<'d, 'a> {
    fn new(dice: &'d mut Dice<'a>) -> Self {
        let mut fields: Vec<usize> = (0..5).collect();
        while fields.len() > 4 {
            let at = dice.roll(fields.len());
            fields.remove(at);
        }
        Self { dice, fields, scores: 0, segments: 0 }
    }

    fn pick<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        self.dice.pick(choices)
    }

    fn has(&self, at: usize) -> bool {
        self.fields.contains(&at)
    }

    fn policy(&mut self) -> String {
        let mut text = String::from("tiers A > B > C > D\n");
        if self.dice.roll(4) == 0 {
            text += "match best\n";
        }
        for at in &self.fields {
            text += &format!("field {}: {}\n", GRID[*at].0, GRID[*at].1);
        }
        for _ in 0..self.dice.roll(2) {
            text += &self.score();
            self.scores += 1;
        }
        if self.dice.roll(3) == 0 {
            text += &format!(
                "segment s0 {{\n{} => one\n{} => two\n{}}}\n",
                self.condition(1),
                self.condition(1),
                self.pick(&["otherwise => three\n", ""])
            );
            self.segments = 1;
        }
        for _ in 0..1 + self.dice.roll(9) {
            let depth = 1 + self.dice.roll(3);
            text += &format!("{} => {}\n", self.condition(depth), self.pick(&["A", "B", "C", "D"]));
        }
        text += self.pick(&["otherwise => D\n", "otherwise => C\n", ""]);
        for _ in 0..self.dice.roll(3) {
            text += &format!(
                "{} {} when {}\n",
                self.pick(&["cap", "floor"]),
                self.pick(&["B", "C", "A"]),
                self.condition(1)
            );
        }
        text
    }

    fn score(&mut self) -> String {
        let mut text = format!("score p{} {{\n", self.scores);
        for _ in 0..1 + self.dice.roll(3) {
            let value = self.number();
            let missing = self.pick(&["", ", missing => 2"]);
            text += &match self.dice.roll(4) {
                0 => format!("{value}\n"),
                1 => format!("{value}: >= 2 => 3{missing}, otherwise => 1\n"),
                2 => format!("{value}: >= 1 => 5, = 0 => -1{missing}, otherwise => 0 weight 50%\n"),
                _ => format!("{value}: < 1 => 2{missing}\n"),
            };
        }
        text + "}" + self.pick(&["", " min 0 max 4"]) + "\n"
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

    fn question(&mut self) -> String {
        let op = self.pick(&[">", ">=", "<", "<=", "=", "!="]);
        match self.dice.roll(9) {
            0..=2 => format!("{} {op} {}", self.number(), self.pick(&["0", "1", "2", "3", "4", "-1"])),
            3 if self.has(2) => format!("m {op} {}", self.pick(&["0.02", "0.03", "0.05", "0"])),
            4 if self.has(3) => self.pick(&["b", "not b", "b ?? false"]).to_owned(),
            5 if self.has(4) => self.pick(&["k = red", "k != green", "k in (red, blue)", "k is missing"]).to_owned(),
            6 => format!("{} is {}", self.number(), self.pick(&["missing", "present"])),
            7 if self.segments > 0 => self.pick(&["s0 = one", "s0 != two", "s0 is missing"]).to_owned(),
            8 if self.has(0) && self.has(1) => format!("x {op} y"),
            _ => format!("{} {op} {}", self.number(), self.pick(&["1", "2"])),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.question();
        }
        let depth = depth - 1;
        match self.dice.roll(7) {
            0 | 1 => format!("({} and {})", self.condition(depth), self.condition(depth)),
            2 | 3 => format!("({} or {})", self.condition(depth), self.condition(depth)),
            4 => format!("not ({})", self.condition(depth)),
            5 => format!(
                "at least 2 of ({}, {}, {})",
                self.condition(depth),
                self.condition(depth),
                self.condition(depth)
            ),
            _ => self.question(),
        }
    }
}
