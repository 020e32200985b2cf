//! Policies with linear forms over facts of large ranges, as text that `z3_oracle.py` reads.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::dice::Dice;

/// The facts: name, declaration without options, least and largest value in units of `scale` decimal places.
pub(crate) const NUMBERS: [(&str, &str, i64, i64, u32); 6] = [
    ("a", "integer -1000..1000", -1_000, 1_000, 0),
    ("b", "integer 0..500", 0, 500, 0),
    ("c", "integer 0..1000000", 0, 1_000_000, 0),
    ("r", "number 0..1 scale 3", 0, 1_000, 3),
    ("m", "money 0..100000 scale 2", 0, 10_000_000, 2),
    ("n", "money 0..500 scale 2", 0, 50_000, 2),
];
const MEMBERS: [&str; 3] = ["red", "green", "blue"];
pub(crate) const TIERS: [&str; 4] = ["A", "B", "C", "D"];

/// A policy as its parts.
#[derive(Clone)]
pub(crate) struct Text {
    pub(crate) head: String,
    pub(crate) rules: Vec<(String, usize)>,
    pub(crate) otherwise: Option<usize>,
    /// Caps, floors and an assumption.
    pub(crate) limits: String,
}

impl Text {
    pub(crate) fn source(&self) -> String {
        let rules = self.rules.iter().map(|(condition, tier)| format!("{condition} => {}\n", TIERS[*tier]));
        let otherwise = self.otherwise.map(|tier| format!("otherwise => {}\n", TIERS[tier]));
        format!("{}{}{}{}", self.head, rules.collect::<String>(), otherwise.unwrap_or_default(), self.limits)
    }
}

pub(crate) struct Writer<'d, 'a> {
    pub(crate) dice: &'d mut Dice<'a>,
    numbers: Vec<usize>,
    head: String,
    scored: bool,
}

impl<'d, 'a> Writer<'d, 'a> {
    pub(crate) fn new(dice: &'d mut Dice<'a>) -> Self {
        let mut numbers: Vec<usize> = (0..NUMBERS.len()).collect();
        for _ in 0..1 + dice.roll(4) {
            let at = dice.roll(numbers.len());
            numbers.remove(at);
        }
        Self { dice, numbers, head: String::from("tiers A > B > C > D\n"), scored: false }
    }

    pub(crate) fn policy(&mut self) -> Text {
        if self.dice.roll(4) == 0 {
            self.head += "match best\n";
        }
        for at in self.numbers.clone() {
            let (name, declared, ..) = NUMBERS[at];
            let default = format!(" default {}", self.value(at));
            let option = self.dice.pick(&["", "", "", " required", &default]).to_owned();
            self.head += &format!("field {name}: {declared}{option}\n");
        }
        self.head += "field f: boolean\nfield k: one of (red, green, blue)\n";
        if self.dice.roll(3) == 0 {
            self.score();
        }
        let mut rules = Vec::new();
        for _ in 0..1 + self.dice.roll(7) {
            let depth = self.dice.roll(3);
            rules.push((self.condition(depth), self.dice.roll(4)));
        }
        let otherwise = [Some(3), Some(2), None][self.dice.roll(3)];
        let mut limits = String::new();
        for _ in 0..self.dice.roll(3) {
            let kind = self.dice.pick(&["cap", "floor"]).to_owned();
            limits += &format!("{kind} {} when {}\n", TIERS[self.dice.roll(3)], self.condition(1));
        }
        if self.dice.roll(4) == 0 {
            limits += &format!("assume {}\n", self.condition(1));
        }
        Text { head: self.head.clone(), rules, otherwise, limits }
    }

    fn value(&mut self, at: usize) -> Decimal {
        let (_, _, low, high, scale) = NUMBERS[at];
        let roll = i64::try_from(self.dice.roll(1 << 16) * (1 << 16) + self.dice.roll(1 << 16)).unwrap_or(0);
        Decimal::new(low + roll % (high - low + 1), scale).normalize()
    }

    fn score(&mut self) {
        let mut lines = String::new();
        for _ in 0..1 + self.dice.roll(3) {
            let at = self.numbers[self.dice.roll(self.numbers.len())];
            let name = NUMBERS[at].0;
            let (one, two) = (self.value(at), self.value(at));
            let op = self.dice.pick(&[">=", ">"]).to_owned();
            let missing = self.dice.pick(&["", "", ", missing => 7"]).to_owned();
            let otherwise = self.dice.pick(&[", otherwise => 1", ", otherwise => 0", ""]).to_owned();
            let weight = self.dice.pick(&["", "", " weight 40%"]).to_owned();
            // Money gives points only by bins.
            lines += &match self.dice.roll(3) {
                0 if at < 4 => format!("0.5 * {name}{weight}\n"),
                _ => format!(
                    "{name}: {op} {} => 40, >= {} => 15{missing}{otherwise}{weight}\n",
                    one.max(two),
                    one.min(two)
                ),
            };
        }
        let clamp = self.dice.pick(&["", " min 0 max 50", " max 30"]).to_owned();
        self.head += &format!("score s {{\n{lines}}}{clamp}\n");
        self.scored = true;
    }

    /// A linear form over numbers of one kind, and what it is for some customer.
    fn form(&mut self) -> (String, Decimal) {
        let money = self.dice.roll(2) == 0;
        let mut own: Vec<usize> = self.numbers.iter().copied().filter(|at| (*at >= 4) == money).collect();
        if own.is_empty() {
            own.clone_from(&self.numbers);
        }
        let (mut text, mut sum) = (String::new(), Decimal::ZERO);
        for _ in 0..1 + self.dice.roll(3) {
            if own.is_empty() {
                break;
            }
            let at = own.remove(self.dice.roll(own.len()));
            let factor = [10, 10, 10, 20, 30, -10, -20, 5, -7][self.dice.roll(9)];
            let (factor, value) = (Decimal::new(factor, 1).normalize(), self.value(at));
            let sign = match (text.is_empty(), factor.is_sign_negative()) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            let name = NUMBERS[at].0;
            let size = factor.abs();
            text += &if size == Decimal::ONE { format!("{sign}{name}") } else { format!("{sign}{size} * {name}") };
            sum += factor * value;
        }
        (text, sum.normalize())
    }

    fn question(&mut self) -> String {
        let op = self.dice.pick(&[">", ">=", "<", "<=", "=", "!="]).to_owned();
        let at = self.numbers[self.dice.roll(self.numbers.len())];
        let (name, one, two) = (NUMBERS[at].0, self.value(at), self.value(at));
        let (low, high) = (one.min(two), one.max(two));
        let of_kind = |other: &usize| *other != at && (*other >= 4) == (at >= 4);
        let other = self.numbers.iter().copied().find(of_kind).map_or(name, |other| NUMBERS[other].0);
        match self.dice.roll(14) {
            0..=3 => {
                let (form, value) = self.form();
                format!("{form} {op} {value}")
            }
            4 => format!("{low} <= {name} < {high}"),
            5 => format!("{name} {}between {low} and {high}", self.dice.pick(&["", "not "])),
            6 => self.dice.pick(&["f", "not f", "(f ?? true)", "f is missing"]).to_owned(),
            7 => {
                let member = MEMBERS[self.dice.roll(3)];
                self.dice.pick(&["k = ", "k != "]).to_owned() + member
            }
            8 => self.dice.pick(&["k in (red, blue)", "k not in (red, green)"]).to_owned(),
            9 => format!("{name} is {}", self.dice.pick(&["missing", "present"])),
            10 => format!("({name} ?? {one}) {op} {two}"),
            11 => format!("{}({name}, {other}) {op} {one}", self.dice.pick(&["min", "max"])),
            12 if self.scored => format!("s {op} {}", self.dice.pick(&["40", "15", "0.5", "55", "80", "6"])),
            12 => format!("abs({name} - {other}) {op} {one}"),
            _ => format!("(if f then {name} else {other}) {op} {one}"),
        }
    }

    pub(crate) fn condition(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.question();
        }
        let mut part = || self.condition(depth - 1);
        let (one, two, three) = (part(), part(), part());
        match self.dice.roll(5) {
            0 | 1 => format!("({one} and {two})"),
            2 => format!("({one} or {two})"),
            3 => format!("not ({one} and {two})"),
            _ => format!("at least 2 of ({one}, {two}, {three})"),
        }
    }

    /// A policy with up to three edits, most of which change nobody's tier.
    pub(crate) fn edited(&mut self, text: &Text) -> Text {
        let mut new = text.clone();
        for _ in 0..1 + self.dice.roll(3) {
            let at = self.dice.roll(new.rules.len());
            let (condition, tier) = new.rules[at].clone();
            let more = self.condition(1);
            match self.dice.roll(9) {
                0 => new.rules[at].0 = format!("not (not ({condition}))"),
                1 => new.rules[at].0 = format!("({condition}) or (({condition}) and ({more}))"),
                2 => new.rules.insert(at + 1, (format!("({condition}) and ({more})"), tier)),
                3 if at > 0 && new.rules[at - 1].1 == tier => new.rules.swap(at - 1, at),
                4 => new.rules[at].0 = format!("at least 1 of ({condition}, ({more}) and ({condition}))"),
                5 => new.rules[at].0 = format!("({condition}) and ({more})"),
                6 => new.rules[at].1 = self.dice.roll(4),
                7 => new.rules.insert(at, (more, tier)),
                _ => new.rules[at].0 = condition.replacen(" > ", " >= ", 1),
            }
        }
        new
    }

    /// Somebody of whom some facts are known.
    pub(crate) fn customer(&mut self) -> Map<String, Value> {
        let mut facts = Map::new();
        for at in self.numbers.clone() {
            let required = self.head.contains(&format!("field {}: {} required", NUMBERS[at].0, NUMBERS[at].1));
            if required || self.dice.roll(4) > 0 {
                facts.insert(NUMBERS[at].0.to_owned(), self.value(at).to_string().into());
            }
        }
        if self.dice.roll(4) > 0 {
            facts.insert("f".to_owned(), (self.dice.roll(2) == 0).into());
        }
        if self.dice.roll(4) > 0 {
            facts.insert("k".to_owned(), MEMBERS[self.dice.roll(3)].into());
        }
        facts
    }

    /// A fact that is a number.
    pub(crate) fn number(&mut self) -> &'static str {
        NUMBERS[self.numbers[self.dice.roll(self.numbers.len())]].0
    }
}
