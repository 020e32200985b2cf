//! Generated statements with blocks, each on one line with `;` between its entries.

use crate::generate::{Dice, Generator};

fn pick<'c>(dice: &mut Dice<'_>, choices: &[&'c str]) -> &'c str {
    choices[dice.roll(choices.len())]
}

const VALUES: [&str; 9] = [
    "n",
    "i",
    "o + 1",
    "m",
    "max(n, r, 2.5)",
    "m / w",
    "(n - 1) * 2",
    "min(o, round(n / 3 + abs(r) * 1_000, 2), floor(i / 7), 79228162514264337593543950335)",
    "n ?? -1",
];
const BINS: [&str; 10] = [
    ">= 100",
    "> 1_000",
    "= 2.5",
    "< -1",
    "in (1, 2, 3)",
    "not in (1, 2)",
    "between 3 and 5",
    "missing",
    "present",
    "between min(1, 2, 0.5) and max(1_000, 2, 3)",
];
const POINTS: [&str; 6] = ["1", "-10", "0.5", "n / 2", "(if n > 1 then 2 else 3)", "1_000"];
const NAMES: [&str; 4] = ["", "", "\"word of mouth\": ", "\"客户价值\": "];
const MEMBERS: [&str; 4] = ["prospect", "churned", "\"first time\"", "忠诚"];
const CELLS: [&str; 9] = ["1", "-5", "400M", "12months", "10%", "2026-03-31", "\"north  west\"", "missing", "retail"];
const BENEFITS: [&str; 7] = [
    "discount: 10%",
    "response: 4 hours",
    "manager: \"dedicated\"",
    "bonus: -1_000",
    "free: true",
    "since: 2026-01-01",
    "`a b`: 2",
];

/// A few statements with blocks.
pub(crate) fn blocks(dice: &mut Dice<'_>) -> String {
    let mut text = String::new();
    for at in 0..dice.roll(4) {
        let entries = dice.roll(5);
        let statement = match dice.roll(4) {
            0 => {
                let lines: Vec<String> = (0..entries).map(|_| score_line(dice)).collect();
                let end = pick(dice, &["", " min 0", " min 0 max 100", " max 1_000 min -5"]);
                format!("score score{at} {{ {} }}{end}", lines.join("; "))
            }
            1 => {
                let mut lines = Vec::new();
                for _ in 0..entries {
                    let condition = Generator::new(dice).condition(2);
                    lines.push(format!("{condition} => {}", pick(dice, &MEMBERS)));
                }
                lines.extend((dice.roll(2) == 1).then(|| "otherwise => other".to_owned()));
                format!("segment segment{at} {{ {} }}", lines.join("; "))
            }
            2 => {
                let columns = 1 + dice.roll(4);
                let mut rows = vec![["sector", "large", "`by revenue`", "营业额"][..columns].join(" ")];
                for _ in 0..entries {
                    rows.push((0..columns).map(|_| pick(dice, &CELLS)).collect::<Vec<_>>().join(" "));
                }
                format!("table table{at} by t {{ {} }}", rows.join("; "))
            }
            _ => {
                let first = dice.roll(BENEFITS.len());
                let entries: Vec<&str> = BENEFITS.iter().cycle().skip(first).take(entries).copied().collect();
                format!("benefits {} {{ {} }}", pick(dice, &["A", "B", "C", "D"]), entries.join("; "))
            }
        };
        text += &statement;
        text.push('\n');
    }
    text
}

fn score_line(dice: &mut Dice<'_>) -> String {
    let mut text = format!("{}{}", pick(dice, &NAMES), pick(dice, &VALUES));
    let mut bins: Vec<String> = Vec::new();
    for _ in 0..dice.roll(6) {
        bins.push(format!("{} => {}", pick(dice, &BINS), pick(dice, &POINTS)));
    }
    if !bins.is_empty() && dice.roll(2) == 1 {
        bins.push(format!("otherwise => {}", pick(dice, &POINTS)));
    }
    if !bins.is_empty() {
        text += &format!(": {}", bins.join(", "));
    }
    if dice.roll(3) == 1 {
        let comma = if bins.is_empty() { "" } else { pick(dice, &["", ","]) };
        text += &format!("{comma} weight {}", pick(dice, &["40%", "2", "-1", "0.25"]));
    }
    text
}
