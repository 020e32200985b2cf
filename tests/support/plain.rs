//! Policies of rules over facts and constants: what a plan decides on scaled integers. Now and then a condition asks for
//! more.

use super::generate::{Dice, FIELDS};

/// The text of a policy of a few rules, or of many.
pub(crate) fn plain_rules(dice: &mut Dice<'_>) -> String {
    let opaque = if dice.roll(3) == 2 { 12 } else { 0 };
    let mut rules = Rules { opaque, lets: false, joined: opaque == 0 && dice.roll(2) == 1, dice };
    rules.policy()
}

struct Rules<'d, 'a> {
    dice: &'d mut Dice<'a>,
    /// One of so many conditions asks for more than facts and constants; 0 is none.
    opaque: usize,
    /// Whether the lets are known.
    lets: bool,
    /// Every rule joins questions to which the as-of date is nothing.
    joined: bool,
}

impl Rules<'_, '_> {
    fn pick<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[self.dice.roll(choices.len())]
    }

    fn policy(&mut self) -> String {
        let mut text = String::from("tiers A > B > C > D\n");
        for head in ["currency EUR\n", "match best\n", "field s: set of text\n"] {
            // Sets have no scaled integers, but nobody asks for this one.
            if self.dice.roll(4) == 0 && !text.contains(head) {
                text += head;
            }
        }
        for (name, ty) in FIELDS.iter().filter(|(name, _)| *name != "s") {
            let required = if self.dice.roll(60) == 59 && !ty.contains("default") { " required" } else { "" };
            text += &format!("field {name}: {ty}{required}\n");
        }
        text += &format!("let x = n\nlet y = {}\n", self.condition(1));
        self.lets = true;
        text += &format!("let z = not y or {}\n", self.simple());
        let count = [1, 2, 3, 5, 18, 40][self.dice.roll(6)];
        let depth = if self.joined { 0 } else { 2 };
        for _ in 0..count {
            // Rules that hold of few leave the others something to do.
            let parts = if count > 10 { 1 + self.dice.roll(3) } else { self.dice.roll(2) };
            let condition =
                (0..parts).fold(self.condition(depth), |all, _| format!("{all} and {}", self.condition(depth / 2)));
            text += &format!("{condition} => {}\n", self.pick(&["A", "B", "C", "D"]));
        }
        if self.dice.roll(3) > 0 {
            text += &format!("otherwise => {}\n", self.pick(&["D", "C"]));
        }
        let adjustments = if self.joined { 2 } else { 3 };
        for _ in 0..self.dice.roll(adjustments) {
            let (kind, condition) = (self.pick(&["cap", "floor"]), self.condition(1));
            text +=
                &format!("{kind} {} when {condition}\n", self.pick(&["B", "C", "A", "current.tier", "parent.tier"]));
        }
        text
    }

    fn number(&mut self) -> &'static str {
        let numbers = ["0", "1", "2", "5", "10", "99", "100", "0.5", "1.005", "2.5", "1_000", "3", "-2", "-0.001"];
        let huge = ["79228162514264337593543950335", "0.0000000000000000000000000001", "2_000_000_000_000_000_000"];
        if self.dice.roll(400) == 399 { self.pick(&huge) } else { self.pick(&numbers) }
    }

    fn simple(&mut self) -> String {
        let (a, b, c) = (self.number(), self.number(), self.number());
        let op = self.pick(&[">=", "<", ">", "<=", "=", "!="]);
        let not = self.pick(&["", "not "]);
        let field = self.pick(&["n", "i", "r", "o", "m", "w", "i", "r", if self.lets { "x" } else { "n" }]);
        let date = self.pick(&["2026-03-31", "2026-02-28", "2024-02-29", "2025-12-31"]);
        match self.dice.roll(if self.joined { 13 } else { 16 }) {
            0..=3 => format!("{field} {op} {a}"),
            4 => format!("{} <= {field} < {}", self.pick(&["-2", "0", "2"]), self.pick(&["2.5", "10", "99"])),
            5 => format!("{field} {not}in ({a}, {b}, {c}, 7, 8, 9, 11, 12)"),
            6 => format!("{field} {not}between {} and 7.5", self.pick(&["-2", "0.5", "5"])),
            7 => format!("({field} ?? {a}) {op} {b}"),
            8 => format!("{} {op} {date}", self.pick(&["d", "e"])),
            9 => format!("{} is {not}missing", self.pick(&["n", "k", "t", "d", "b", "current.tier", "o"])),
            10 => format!("k {} {}", self.pick(&["=", "!="]), self.pick(&["red", "green", "\"dark blue\""])),
            11 => {
                format!("t {not}in (\"vip\", \"VIP-7\", {:?})", self.pick(&["", "north", "a text that is not short"]))
            }
            12 if self.lets => self
                .pick(&[
                    "b",
                    "c",
                    "not b",
                    "b ?? true",
                    "c ?? false",
                    "b = true",
                    if self.joined { "not c" } else { "y" },
                ])
                .into(),
            13 => {
                format!("{} {not}within {}", self.pick(&["d", "e"]), self.pick(&["90 days", "1 month", "3000 years"]))
            }
            14 => format!(
                "{} {op} {}",
                self.pick(&["d", "e"]),
                self.pick(&["today", "today - 12 months", "today - 3000 years"])
            ),
            _ => format!("current.tier {} B", self.pick(&["=", "!="])),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        if self.opaque > 0 && self.dice.roll(self.opaque) == 0 {
            let asked = ["n + r > 5", "t contains \"v\"", "(if b then c else not c)", "m > w", "today - d > 30"];
            return self.pick(&asked).into();
        }
        if depth == 0 || self.dice.roll(3) == 0 {
            return self.simple();
        }
        let depth = depth - 1;
        match self.dice.roll(5) {
            0 => format!("({} and {})", self.condition(depth), self.condition(depth)),
            1 => format!("({} or {})", self.condition(depth), self.condition(depth)),
            2 => format!("not ({})", self.condition(depth)),
            3 => {
                let (wanted, a) = (1 + self.dice.roll(3), self.condition(depth));
                format!("at least {wanted} of ({a}, {}, {})", self.condition(depth), self.condition(depth))
            }
            _ => self.simple(),
        }
    }
}
