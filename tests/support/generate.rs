//! Well-typed policies and facts from a stream of choices. Half of the values are the policy's own constants, or one
//! step beside one.

#[path = "blocks.rs"]
mod blocks;
#[path = "dice.rs"]
mod dice;

use blocks::{Blocks, Column};
pub(crate) use dice::Dice;
use tierwise::Datum;

/// The fields that generated policies use, with their declaration.
pub(crate) const FIELDS: [(&str, &str); 14] = [
    ("n", "number"),
    ("r", "number -10..100 scale 2"),
    ("i", "integer 0..1000"),
    ("o", "number default 5"),
    ("m", "money"),
    ("w", "money 0.."),
    ("b", "boolean"),
    ("c", "boolean"),
    ("d", "date"),
    ("e", "date 2020-01-01..2027-12-31"),
    ("k", "one of (red, green, \"dark blue\")"),
    ("t", "text"),
    ("u", "text"),
    ("s", "set of text"),
];

const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "2",
    "5",
    "10",
    "99",
    "100",
    "0.5",
    "1.005",
    "2.5",
    "1_000",
    "3",
    "79228162514264337593543950335",
    "0.0000000000000000000000000001",
];
const DATES: [&str; 6] = ["2026-03-31", "2026-02-28", "2024-02-29", "2025-12-31", "2026-04-01", "2020-01-01"];
const LENGTHS: [&str; 6] = ["90 days", "1 month", "12 months", "2 years", "1 day", "3 weeks"];
const TEXTS: [&str; 5] = ["", "vip", "VIP-7", "north", "Straße"];

/// A policy and whether it has a let of each kind.
pub(crate) struct Generator<'d, 'a> {
    pub(crate) dice: &'d mut Dice<'a>,
    numbers: usize,
    conditions: usize,
    blocks: Blocks,
}

impl<'d, 'a> Generator<'d, 'a> {
    pub(crate) fn new(dice: &'d mut Dice<'a>) -> Self {
        Self { dice, numbers: 0, conditions: 0, blocks: Blocks::default() }
    }

    /// The text of a policy of fields, lets, rules, caps and floors, one statement a line.
    pub(crate) fn plain_policy(&mut self) -> String {
        let mut text = String::from("tiers A > B > C > D\n");
        if self.dice.roll(3) == 0 {
            text += "currency EUR\n";
        }
        if self.dice.roll(4) == 0 {
            text += "match best\n";
        }
        for (name, ty) in FIELDS {
            text += &format!("field {name}: {ty}\n");
        }
        let mut lets = Vec::new();
        self.lets(&mut lets);
        text + &lets.concat() + &self.rules()
    }

    /// The text of a policy, mostly with scores, segments, tables and benefits, its statements in any order.
    pub(crate) fn policy(&mut self) -> String {
        if self.dice.roll(8) == 0 {
            return self.plain_policy();
        }
        let mut statements: Vec<String> = FIELDS.iter().map(|(name, ty)| format!("field {name}: {ty}\n")).collect();
        for head in ["currency EUR\n", "match best\n", "tiers A > B > C > D\n"] {
            if head.starts_with("tiers") || self.dice.roll(4) == 0 {
                statements.push(head.to_owned());
            }
        }
        self.lets(&mut statements);
        self.blocks(&mut statements);
        self.lets(&mut statements);
        self.benefits(&mut statements);
        let without_rules = !self.blocks.segments.is_empty() && self.dice.roll(12) == 0;
        let rules = if without_rules { String::new() } else { self.rules() };
        for _ in 0..self.dice.roll(statements.len()) {
            let (a, b) = (self.dice.roll(statements.len()), self.dice.roll(statements.len()));
            statements.swap(a, b);
        }
        let at = self.dice.roll(statements.len() + 1);
        statements.insert(at, rules);
        statements.concat()
    }

    fn lets(&mut self, statements: &mut Vec<String>) {
        for _ in 0..self.dice.roll(3) {
            let value = self.number(2);
            statements.push(format!("let x{} = {value}\n", self.numbers));
            self.numbers += 1;
        }
        for _ in 0..self.dice.roll(3) {
            let value = self.condition(2);
            statements.push(format!("let y{} = {value}\n", self.conditions));
            self.conditions += 1;
        }
    }

    /// Rules, caps, floors and assumptions.
    fn rules(&mut self) -> String {
        let mut text = String::new();
        for at in 0..2 + self.dice.roll(4) {
            let name = if self.dice.roll(2) == 0 { format!("\"rule {at}\": ") } else { String::new() };
            let condition = self.condition(3);
            text += &format!("{name}{condition} => {}\n", self.dice.pick(&["A", "B", "C", "D"]));
        }
        if self.dice.roll(3) > 0 {
            text += &format!("otherwise => {}\n", self.dice.pick(&["D", "C", "B"]));
        }
        for _ in 0..self.dice.roll(3) {
            let kind = self.dice.pick(&["cap", "floor"]);
            let tier = self.dice.pick(&["B", "C", "A", "D", "current.tier", "parent.tier"]);
            let condition = self.condition(2);
            text += &format!("{kind} {tier} when {condition}\n");
        }
        if self.dice.roll(5) == 0 {
            let condition = self.condition(1);
            text += &format!("assume {condition}\n");
        }
        text
    }

    fn literal(&mut self) -> String {
        let number = self.dice.pick(&NUMBERS);
        if self.dice.roll(6) == 0 { format!("-{number}") } else { number.to_owned() }
    }

    fn number(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.roll(3) == 0 {
            return match self.dice.roll(6) {
                0 => "n".into(),
                1 => "i".into(),
                2 => "r".into(),
                3 => "o".into(),
                4 if self.numbers > 0 => format!("x{}", self.dice.roll(self.numbers)),
                4 if !self.blocks.columns.is_empty() => self.column(Column::Number).unwrap_or("n".into()),
                _ => self.literal(),
            };
        }
        let depth = depth - 1;
        match self.dice.roll(12) {
            0..=3 => {
                let (a, b, op) = (self.number(depth), self.number(depth), self.dice.pick(&["+", "-", "*", "/"]));
                format!("({a} {op} {b})")
            }
            4 => format!("{}({}, {})", self.dice.pick(&["min", "max"]), self.number(depth), self.number(depth)),
            5 => format!("{}({})", self.dice.pick(&["abs", "floor", "ceil"]), self.number(depth)),
            6 => format!("round({}, {})", self.number(depth), self.dice.roll(4)),
            7 => format!("(if {} then {} else {})", self.condition(depth), self.number(depth), self.number(depth)),
            8 => format!("({} ?? {})", self.number(0), self.number(0)),
            9 => format!("({})", self.dice.pick(&["today - d", "d - today", "e - d", "m / w", "year(e) - year(d)"])),
            10 => format!(
                "{}(d, {})",
                self.dice.pick(&["days_between", "months_between"]),
                self.dice.pick(&["e", "today"])
            ),
            _ => format!("(-{})", self.number(depth)),
        }
    }

    fn money(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.roll(2) == 0 {
            return self.dice.pick(&["m", "w"]).into();
        }
        let depth = depth - 1;
        match self.dice.roll(6) {
            0 => format!("({} + {})", self.money(depth), self.money(depth)),
            1 => format!("({} - {})", self.money(depth), self.money(depth)),
            2 => format!("({} * {})", self.money(depth), self.number(depth)),
            3 => format!("({} / {})", self.money(depth), self.number(depth)),
            4 => format!("min({}, {})", self.money(depth), self.literal()),
            _ => format!("({} ?? {})", self.money(0), self.literal()),
        }
    }

    fn date(&mut self) -> String {
        match self.dice.roll(6) {
            0 | 1 => "d".into(),
            2 => "e".into(),
            3 => format!("(d + {})", self.dice.pick(&LENGTHS)),
            4 => format!("(e - {})", self.dice.pick(&LENGTHS)),
            _ => format!("(if {} then d else e)", self.condition(0)),
        }
    }

    fn comparison(&mut self, depth: usize) -> String {
        if !self.blocks.is_empty()
            && self.dice.roll(2) == 0
            && let Some(question) = self.block_question()
        {
            return question;
        }
        let inequality = self.dice.pick(&[">=", "<", ">", "<=", "=", "!="]);
        let date = self.date();
        match self.dice.roll(10) {
            0..=2 => format!("{} {inequality} {}", self.number(depth), self.literal()),
            3 => format!("{} {inequality} {}", self.number(depth), self.number(depth)),
            4 => format!("{} {inequality} {}", self.money(depth), self.literal()),
            5 => format!("{} {inequality} {}", self.money(depth), self.money(depth)),
            6 => format!("{date} {inequality} {}", self.dice.pick(&DATES)),
            7 => format!("{date} {inequality} {}", self.dice.pick(&["today", "today - 12 months", "e"])),
            8 => format!("{date} {}within {}", self.dice.pick(&["", "not "]), self.dice.pick(&LENGTHS)),
            _ => format!("{} <= {} < {}", self.number(0), self.number(depth), self.literal()),
        }
    }

    fn words(&mut self, depth: usize) -> String {
        let not = self.dice.pick(&["", "not "]);
        match self.dice.roll(12) {
            0 => format!("{} {not}in ({}, {}, {})", self.number(depth), self.literal(), self.literal(), self.literal()),
            1 => format!("{} {not}between 1 and {}", self.number(depth), self.dice.pick(&["5", "100", "1_000"])),
            2 => format!("k {} {}", self.dice.pick(&["=", "!="]), self.dice.pick(&["red", "green", "\"dark blue\""])),
            3 => format!("k {not}in (red, {})", self.dice.pick(&["green", "\"dark blue\""])),
            4 => format!("t {} {:?}", self.dice.pick(&["=", "!="]), self.dice.pick(&TEXTS)),
            5 => format!("lower(t) {not}contains {}", self.dice.pick(&["\"v\"", "u", "lower(u)"])),
            6 => format!(
                "t {not}{} {:?}",
                self.dice.pick(&["starts with", "matches", "contains"]),
                self.dice.pick(&TEXTS)
            ),
            7 => format!(
                "s {not}contains {}({:?}, {:?})",
                self.dice.pick(&["any ", "all "]),
                self.dice.pick(&TEXTS),
                self.dice.pick(&TEXTS)
            ),
            8 => format!("s {not}contains {:?}", self.dice.pick(&TEXTS)),
            9 => format!("{} is {}missing", self.number(depth), not),
            10 => format!("{} is present", self.dice.pick(&["k", "t", "s", "d", "m", "b", "current.tier"])),
            _ => format!("current.tier {} B", self.dice.pick(&["=", "!="])),
        }
    }

    /// A condition.
    pub(crate) fn condition(&mut self, depth: usize) -> String {
        if depth == 0 || self.dice.roll(3) == 0 {
            return match self.dice.roll(6) {
                0 => self.dice.pick(&["b", "c", "b ?? true", "c ?? false", "b = c"]).into(),
                1 if self.conditions > 0 => format!("y{}", self.dice.roll(self.conditions)),
                2 => self.words(depth.min(1)),
                _ => self.comparison(depth.min(1)),
            };
        }
        let depth = depth - 1;
        match self.dice.roll(8) {
            0..=2 => {
                let word = self.dice.pick(&["and", "or"]);
                format!("({} {word} {})", self.condition(depth), self.condition(depth))
            }
            3 => format!("not ({})", self.condition(depth)),
            4 => format!(
                "at least {} of ({}, {}, {})",
                1 + self.dice.roll(3),
                self.condition(depth),
                self.condition(depth),
                self.condition(depth)
            ),
            5 => {
                format!("(if {} then {} else {})", self.condition(depth), self.condition(depth), self.condition(depth))
            }
            6 => self.comparison(depth.min(2)),
            _ => self.words(depth.min(2)),
        }
    }
}

/// A value that a field could have: half of the time one of the constants, or a step beside one.
pub(crate) fn fact(dice: &mut Dice<'_>, name: &str) -> Datum {
    let near = |dice: &mut Dice<'_>, step: &str| {
        let number = rust_decimal::Decimal::from_str_exact(&dice.pick(&NUMBERS).replace('_', "")).unwrap();
        let step = rust_decimal::Decimal::from_str_exact(step).unwrap();
        let moved = match dice.roll(4) {
            0 => number.checked_add(step),
            1 => number.checked_sub(step),
            _ => Some(number),
        };
        moved.unwrap_or(number)
    };
    let clamp = |value: rust_decimal::Decimal, low: i64, high: i64| value.max(low.into()).min(high.into());
    match name {
        "n" | "o" => near(dice, "0.001").into(),
        "m" => (near(dice, "0.01") * rust_decimal::Decimal::from(if dice.roll(5) == 0 { -1 } else { 1 })).into(),
        "w" => near(dice, "0.01").max(0.into()).into(),
        "r" => clamp(near(dice, "0.01"), -10, 100).round_dp(2).into(),
        "i" => clamp(near(dice, "1"), 0, 1000).floor().into(),
        "b" | "c" => (dice.roll(2) == 0).into(),
        "d" | "e" => {
            let date: chrono::NaiveDate = dice.pick(&DATES).parse().unwrap();
            let moved = match dice.roll(4) {
                0 => date.succ_opt(),
                1 if name == "d" || date > chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() => date.pred_opt(),
                _ => Some(date),
            };
            moved.unwrap().into()
        }
        "k" => dice.pick(&["red", "green", "dark blue"]).into(),
        "s" => (0..dice.roll(3)).map(|_| dice.pick(&TEXTS)).collect::<Vec<_>>().into(),
        "current.tier" | "parent.tier" => dice.pick(&["A", "B", "C", "D", "Z"]).into(),
        _ => dice.pick(&TEXTS).into(),
    }
}

/// A customer of whom about a quarter is missing, of some more than half, and now and then one fact is wrong.
pub(crate) fn customer(dice: &mut Dice<'_>) -> Vec<(&'static str, Datum)> {
    let mut customer = Vec::new();
    let gaps = [10, 10, 22][dice.roll(3)];
    for name in FIELDS.iter().map(|(name, _)| *name).chain(["current.tier", "parent.tier"]) {
        match dice.roll(40) {
            roll if roll < gaps => {}
            39 if dice.roll(3) == 0 => customer.push((name, Datum::from("no value of any type"))),
            _ => customer.push((name, fact(dice, name))),
        }
    }
    customer
}

/// A fact as a reader of a failure needs it.
pub(crate) fn show(datum: &Datum) -> String {
    match datum {
        Datum::Boolean(value) => value.to_string(),
        Datum::Number(value) => value.to_string(),
        Datum::Text(text) => format!("{text:?}"),
        Datum::Date(date) => date.to_string(),
        Datum::List(members) => format!("[{}]", members.iter().map(show).collect::<Vec<_>>().join(", ")),
        _ => "?".to_owned(),
    }
}
