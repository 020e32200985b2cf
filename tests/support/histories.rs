//! Policies over order histories, and customers with such, by chance.

use chrono::{Days, NaiveDate};
use serde_json::{Map, Value};
use tierwise::{Currency, Rates};

/// Choices that a test draws; when they run out every choice is the first.
pub(crate) struct Dice<'a>(pub(crate) std::slice::Iter<'a, u16>);

impl Dice<'_> {
    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % sides
    }

    pub(crate) fn pick<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[self.roll(choices.len())]
    }
}

const WINDOWS: [&str; 20] = [
    "last 30 days",
    "last 90 days",
    "last 1 day",
    "last 2 weeks",
    "last 1 month",
    "last 3 months",
    "last 12 months",
    "last 2 quarters",
    "last 2 years",
    "this week",
    "this month",
    "this quarter",
    "this year",
    "this year from 04-01",
    "previous week",
    "previous 6 months",
    "previous quarter",
    "previous 2 years from 03-01",
    "since 2026-01-31",
    "2025-03-01..2026-02-28",
];

pub(crate) const DAYS: [&str; 6] = ["2026-03-31", "2024-02-29", "2025-12-31", "2026-01-01", "2026-05-15", "2025-03-01"];

const HEAD: &str = "\
tiers A > B > C > D
currency EUR
field basket: money
field region: text
field vip: boolean
field orders.brand: text
field orders.pieces: number 0..
collection stays \"Stays\" { nights: integer 0..30, spend: money, kind: one of (room, suite), on: date }
";

pub(crate) struct Generator<'d, 'a> {
    pub(crate) dice: &'d mut Dice<'a>,
    pub(crate) lets: usize,
    /// Whether the tier of the parent is asked for.
    pub(crate) parents: bool,
}

impl Generator<'_, '_> {
    pub(crate) fn policy(&mut self) -> String {
        let mut text = HEAD.to_owned();
        for _ in 0..self.dice.roll(3) {
            let value = self.number();
            text += &format!("let x{} = {value}\n", self.lets);
            self.lets += 1;
        }
        if self.dice.roll(3) == 0 {
            text += "segment stage {\n";
            for member in ["new", "regular"] {
                text += &format!("    {} => {member}\n", self.condition(1));
            }
            text += "    otherwise => lost\n}\n";
            text += "stage = regular => B\n";
        }
        if self.dice.roll(3) == 0 {
            text += &self.score();
        }
        for _ in 0..1 + self.dice.roll(4) {
            text += &format!("{} => {}\n", self.condition(2), self.dice.pick(&["A", "B", "C", "D"]));
        }
        if self.dice.roll(3) > 0 {
            text += "otherwise => D\n";
        }
        if self.dice.roll(4) == 0 {
            text += &format!("cap C when {}\n", self.condition(1));
        }
        if self.parents {
            text += &format!("{} parent.tier when {}\n", self.dice.pick(&["cap", "floor"]), self.condition(1));
        }
        if self.dice.roll(3) == 0 {
            let value = self.number();
            text += &format!("benefits A {{ worth: {value}, rate: 5% }}\nbenefits C {{ worth: {value} }}\n");
        }
        text
    }

    /// A score over aggregates, with the rule that looks at it.
    fn score(&mut self) -> String {
        let mut text = "score worth_all {\n".to_owned();
        for _ in 0..1 + self.dice.roll(2) {
            let value = self.number();
            let otherwise = self.dice.pick(&["otherwise => 0", "missing => 5, otherwise => 1", ">= 0 => 2"]);
            text += &format!("    {value}: >= 100 => 30, >= 2 => 10, {otherwise}\n");
        }
        if self.dice.roll(3) == 0 {
            let (window, condition) = (self.window(), self.wherever(|g| g.of_order(1)));
            text += &format!("    count(orders{window}{condition})\n");
        }
        text + "}\nworth_all >= 30 => A\n"
    }

    /// What the members of the group come to.
    fn of_group(&mut self) -> String {
        let condition = self.wherever(|g| {
            let mine = ["annual_spend > basket", "frequency >= 2", "region = \"north\"", "vip", "tenure_months > 12"];
            let also = "lifetime_value is missing";
            g.dice.pick(&[&mine[..], &[also]].concat()).into()
        });
        if self.dice.roll(4) == 0 {
            return format!("count(group{condition})");
        }
        let fold = self.dice.pick(&["sum", "sum", "average", "min", "max"]);
        let value = ["annual_spend", "frequency", "lifetime_value", "average_order_value", "basket"];
        format!("{fold}(group.{}{condition})", self.dice.pick(&value))
    }

    fn window(&mut self) -> String {
        if self.dice.roll(4) == 0 { String::new() } else { format!(" in {}", self.dice.pick(&WINDOWS)) }
    }

    /// A condition on an order.
    fn of_order(&mut self, depth: usize) -> String {
        if depth > 0 && self.dice.roll(3) == 0 {
            let word = self.dice.pick(&["and", "or"]);
            return format!("({} {word} {})", self.of_order(depth - 1), self.of_order(depth - 1));
        }
        match self.dice.roll(12) {
            0 => "channel = \"web\"".into(),
            1 => "amount >= 100".into(),
            2 => "amount >= basket".into(),
            3 => "brand is missing".into(),
            4 => "category in (\"x\", \"y\")".into(),
            5 => "pieces between 1 and 5".into(),
            6 => "placed_on within 30 days".into(),
            7 => "amount / pieces > 10".into(),
            8 => "not (channel = \"store\")".into(),
            9 => format!("count(stays{}) > 0", self.window()),
            10 => "vip".into(),
            _ => "(brand ?? \"own\") = \"own\"".into(),
        }
    }

    fn of_stay(&mut self) -> String {
        self.dice.pick(&["nights > 2", "kind = suite", "spend > 100", "spend > basket", "region = \"north\""]).into()
    }

    fn wherever(&mut self, condition: impl FnOnce(&mut Self) -> String) -> String {
        if self.dice.roll(2) == 0 { String::new() } else { format!(" where {}", condition(self)) }
    }

    /// What is asked of a calendar period.
    fn of_period(&mut self) -> String {
        match self.dice.roll(4) {
            0 => "count(orders) > 0".into(),
            1 => format!("sum(orders.amount) >= {}", self.dice.pick(&["10", "100", "250"])),
            2 => format!("count(orders where {}) >= 1", self.of_order(0)),
            _ => "count(stays) = 0 or vip".into(),
        }
    }

    fn periods(&mut self) -> String {
        let periods = self.dice.pick(&["months", "quarters", "years"]);
        let window =
            self.dice.pick(&["previous 6 months", "last 12 months", "this year", "previous 2 years", "last 3 years"]);
        let condition = self.of_period();
        format!("{periods} in {window} where {condition}")
    }

    fn number(&mut self) -> String {
        match self.dice.roll(14) {
            12 | 13 => self.of_group(),
            0..=3 => {
                let fold = self.dice.pick(&["sum", "sum", "average", "min", "max"]);
                let value = self.dice.pick(&["orders.amount", "orders.amount * orders.pieces", "refunds.amount"]);
                let (window, condition) = (self.window(), self.wherever(|g| g.of_order(1)));
                format!("{fold}({value}{window}{condition})")
            }
            4 | 5 => {
                let what = self.dice.pick(&["orders", "orders", "refunds"]);
                let (window, condition) = (self.window(), self.wherever(|g| g.of_order(1)));
                format!("count({what}{window}{condition})")
            }
            6 => format!("count(stays{}{})", self.window(), self.wherever(Self::of_stay)),
            7 => {
                let fold = self.dice.pick(&["sum", "average", "max"]);
                let value = self.dice.pick(&["stays.nights", "stays.spend", "stays.nights * 2"]);
                format!("{fold}({value}{}{})", self.window(), self.wherever(Self::of_stay))
            }
            8 => format!("streak({})", self.periods()),
            9 => format!("count({})", self.periods()),
            10 if self.lets > 0 => format!("x{}", self.dice.roll(self.lets)),
            _ => self
                .dice
                .pick(&["annual_spend", "frequency", "average_order_value", "lifetime_value", "days_since_last_order"])
                .into(),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        if depth > 0 && self.dice.roll(4) == 0 {
            let word = self.dice.pick(&["and", "or"]);
            return format!("({} {word} {})", self.condition(depth - 1), self.condition(depth - 1));
        }
        let op = self.dice.pick(&[">=", ">", "<", "<=", "=", "!="]);
        match self.dice.roll(13) {
            12 if self.parents => {
                format!("parent.tier {}", self.dice.pick(&["= A", "= B", "in (A, B)", "is missing", "!= C"]))
            }
            12 => format!(
                "{}(group where {})",
                self.dice.pick(&["any", "all"]),
                self.dice.pick(&["vip", "annual_spend >= basket"])
            ),
            0..=5 => format!("{} {op} {}", self.number(), self.dice.pick(&["0", "1", "2", "3", "100", "250.5"])),
            6 => {
                let (fold, condition) = (self.dice.pick(&["any", "all"]), self.of_order(1));
                format!("{fold}(orders{} where {condition})", self.window())
            }
            7 => format!("{}({})", self.dice.pick(&["any", "all"]), self.periods()),
            8 => format!("{} is {}missing", self.number(), self.dice.pick(&["", "not "])),
            9 => format!("({} ?? 7) {op} 5", self.number()),
            10 => {
                let date =
                    self.dice.pick(&["last_order_on", "max(orders.placed_on)", "min(stays.on)", "first_order_on"]);
                format!("{date} {}within 90 days", self.dice.pick(&["", "not "]))
            }
            _ => self.dice.pick(&["vip", "tenure_months >= 12", "not vip", "basket > 50"]).into(),
        }
    }
}

fn day(dice: &mut Dice<'_>, as_of: NaiveDate) -> NaiveDate {
    let back = [0, 1, 13, 14, 28, 30, 31, 59, 89, 90, 91, 180, 364, 365, 366, 730, 731][dice.roll(17)];
    match dice.roll(24) {
        0 => as_of + Days::new(1),
        _ => as_of - Days::new(back),
    }
}

fn order(dice: &mut Dice<'_>, as_of: NaiveDate) -> Value {
    let mut order = Map::new();
    if dice.roll(8) > 0 {
        order.insert("id".into(), dice.pick(&["1", "2", "3", "4", "5", "6", "7", "8"]).into());
    }
    if dice.roll(14) > 0 {
        order.insert("placed_on".into(), day(dice, as_of).to_string().into());
    }
    if dice.roll(9) > 0 {
        order.insert(
            "amount".into(),
            dice.pick(&["0", "9.99", "10", "100", "100.01", "250.5", "-10", "-99.99", "0.0001"]).into(),
        );
    }
    for (name, values) in [
        ("channel", ["web", "store", "phone"]),
        ("category", ["x", "y", "z"]),
        ("brand", ["own", "other", ""]),
        ("pieces", ["0", "1", "3"]),
    ] {
        if dice.roll(6) > 0 {
            order.insert(name.into(), dice.pick(&values).into());
        }
    }
    match dice.roll(16) {
        0 => drop(order.insert("currency".into(), "USD".into())),
        1 => drop(order.insert("currency".into(), "EUR".into())),
        2 if dice.roll(2) == 0 => drop(order.insert("currency".into(), "XXQ".into())),
        3 if dice.roll(6) == 0 => drop(order.insert("currency".into(), "JPY".into())),
        4 if dice.roll(6) == 0 => drop(order.insert("pieces".into(), "many".into())),
        _ => {}
    }
    order.into()
}

fn stay(dice: &mut Dice<'_>, as_of: NaiveDate) -> Value {
    let mut stay = Map::new();
    for (name, values) in
        [("nights", ["0", "2", "7"]), ("spend", ["100", "100.01", "0"]), ("kind", ["room", "suite", "room"])]
    {
        if dice.roll(7) > 0 {
            stay.insert(name.into(), dice.pick(&values).into());
        }
    }
    if dice.roll(12) > 0 {
        stay.insert("on".into(), day(dice, as_of).to_string().into());
    }
    stay.into()
}

pub(crate) fn customer(dice: &mut Dice<'_>, as_of: NaiveDate) -> Value {
    let mut customer = Map::new();
    if dice.roll(6) > 0 {
        let orders: Vec<Value> = (0..dice.roll(7)).map(|_| order(dice, as_of)).collect();
        customer.insert("orders".into(), orders.into());
    }
    if dice.roll(4) > 0 {
        let stays: Vec<Value> = (0..dice.roll(4)).map(|_| stay(dice, as_of)).collect();
        customer.insert("stays".into(), stays.into());
    }
    for (name, value) in
        [("annual_spend", "120.5"), ("frequency", "2"), ("tenure_months", "14"), ("lifetime_value", "99")]
    {
        if dice.roll(5) == 0 {
            customer.insert(name.into(), value.into());
        }
    }
    if dice.roll(3) > 0 {
        customer.insert("basket".into(), dice.pick(&["10", "99.99", "100"]).into());
    }
    if dice.roll(3) > 0 {
        customer.insert("vip".into(), (dice.roll(2) == 0).into());
    }
    if dice.roll(3) > 0 {
        customer.insert("region".into(), dice.pick(&["north", "south"]).into());
    }
    if dice.roll(4) == 0 {
        customer.insert("customer_since".into(), (as_of - Days::new(400)).to_string().into());
    }
    customer.into()
}

pub(crate) fn rates() -> Rates {
    let [usd, eur] = ["USD", "EUR"].map(|code| Currency::from_code(code).unwrap());
    let day = |text: &str| text.parse().unwrap();
    Rates::new().with(usd, eur, day("2024-01-31"), "0.9".parse().unwrap()).with(
        usd,
        eur,
        day("2025-12-31"),
        "0.8765".parse().unwrap(),
    )
}
