//! A host's struct with every field that generated policies use, and its tiers.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tierwise::{Datum, Facts, Tier};

use super::generate::Dice;

#[derive(Debug, Default, Facts)]
pub(crate) struct Wide {
    n: Option<Decimal>,
    r: Option<Decimal>,
    i: Option<i64>,
    o: Option<Decimal>,
    #[facts(money)]
    m: Option<Decimal>,
    /// In cents.
    #[facts(money, minor_units = 2, rename = "w")]
    cents: Option<i64>,
    b: Option<bool>,
    c: Option<bool>,
    d: Option<NaiveDate>,
    e: Option<NaiveDate>,
    k: Option<String>,
    t: Option<String>,
    u: Option<String>,
    s: Option<Vec<String>>,
    current: Standing,
    parent: Standing,
}

#[derive(Debug, Default, Facts)]
struct Standing {
    tier: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Tier)]
pub(crate) enum Level {
    A,
    B,
    C,
    D,
}

fn number(datum: &Datum) -> Option<Decimal> {
    match datum {
        Datum::Number(number) => Some(*number),
        _ => None,
    }
}

fn text(datum: &Datum) -> Option<String> {
    match datum {
        Datum::Text(text) => Some(text.clone()),
        _ => None,
    }
}

impl Wide {
    /// The facts of a generated customer as far as the types take them; now and then one that the policy refuses.
    pub(crate) fn new(facts: &[(&'static str, Datum)], dice: &mut Dice<'_>) -> Self {
        let mut wide = Self::default();
        for (name, fact) in facts {
            wide.insert(name, fact);
        }
        match dice.roll(40) {
            39 => wide.i = Some(-1),
            38 => wide.r = Some(Decimal::new(1_001, 1)),
            37 => wide.r = Some(Decimal::new(1_001, 3)),
            36 => wide.cents = Some(-1),
            35 => wide.k = Some("purple".to_owned()),
            34 => wide.e = NaiveDate::from_ymd_opt(2019, 12, 31),
            33 => wide.cents = Some(i64::MAX),
            32 => wide.m = Some(Decimal::MIN),
            31 => wide.n = Some(Decimal::new(10_000_000, 7)),
            _ => {}
        }
        wide
    }

    fn insert(&mut self, name: &str, fact: &Datum) {
        let date = match fact {
            Datum::Date(date) => Some(*date),
            _ => None,
        };
        let boolean = match fact {
            Datum::Boolean(boolean) => Some(*boolean),
            _ => None,
        };
        match name {
            "n" => self.n = number(fact),
            "r" => self.r = number(fact),
            "i" => self.i = number(fact).and_then(|number| number.try_into().ok()),
            "o" => self.o = number(fact),
            "m" => self.m = number(fact),
            "w" => {
                let cents = number(fact).and_then(|number| number.checked_mul(Decimal::ONE_HUNDRED));
                self.cents = cents.and_then(|cents| cents.trunc().try_into().ok());
            }
            "b" => self.b = boolean,
            "c" => self.c = boolean,
            "d" => self.d = date,
            "e" => self.e = date,
            "k" => self.k = text(fact).filter(|text| !text.starts_with("no value")),
            "t" => self.t = text(fact),
            "u" => self.u = text(fact),
            "s" => {
                self.s = match fact {
                    Datum::List(members) => Some(members.iter().filter_map(text).collect()),
                    _ => None,
                }
            }
            "current.tier" => self.current.tier = text(fact),
            _ => self.parent.tier = text(fact),
        }
    }
}
