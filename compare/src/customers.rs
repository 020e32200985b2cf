//! The customers of a run: from a seed, in random order, with or without missing facts.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::account::{Account, CentsAccount, Field};
use crate::random::Random;
use crate::rules::Rules;

pub const SEED: u64 = 20_260_331;
pub const REGIONS: [&str; 6] = ["north", "south", "east", "west", "central", "overseas"];

/// One in so many facts is missing where facts may be.
const ONE_MISSING_IN: usize = 25;

/// One customer in every form that conversions start from.
#[derive(Clone, Debug)]
pub struct Pair {
    pub exact: Account,
    pub cents: CentsAccount,
    /// Amounts are texts, so that they stay exact.
    pub json: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Facts {
    Complete,
    /// 4 % of the facts are missing.
    Gaps,
}

/// Customers all over the ranges of their facts.
pub fn customers(count: usize, facts: Facts) -> Vec<Pair> {
    let mut random = Random::new(SEED);
    (0..count)
        .map(|_| {
            let mut cents = CentsAccount { region: Some(random.pick(&REGIONS).to_owned()), ..CentsAccount::default() };
            for field in Field::numeric() {
                cents.set(*field, Some(random.up_to(field.most())));
            }
            finished(cents, facts, &mut random)
        })
        .collect()
}

/// Customers whose numbers are constants of the rules, or one unit beside them.
pub fn beside_cuts(rules: &Rules, count: usize, facts: Facts) -> Vec<Pair> {
    let mut random = Random::new(SEED ^ 1);
    let cuts = rules.cuts();
    let mut customers = customers(count, Facts::Complete);
    for customer in &mut customers {
        for field in Field::numeric() {
            let own: Vec<i64> = cuts.iter().filter(|(of, _)| of == field).map(|(_, units)| *units).collect();
            if !own.is_empty() && random.below(4) > 0 {
                let units = random.pick(&own) + random.up_to(2) - 1;
                customer.cents.set(*field, Some(units.clamp(0, field.most())));
            }
        }
        *customer = finished(customer.cents.clone(), facts, &mut random);
    }
    customers
}

fn finished(mut cents: CentsAccount, facts: Facts, random: &mut Random) -> Pair {
    if facts == Facts::Gaps {
        for field in Field::numeric() {
            if random.below(ONE_MISSING_IN) == 0 {
                cents.set(*field, None);
            }
        }
        if random.below(ONE_MISSING_IN) == 0 {
            cents.region = None;
        }
    }
    let exact = cents.exact();
    let json = json(&exact);
    Pair { exact, cents, json }
}

fn json(account: &Account) -> Value {
    let text = |amount: Option<Decimal>| amount.map(|amount| amount.to_string());
    json!({
        "annual_spend": text(account.annual_spend),
        "lifetime_value": text(account.lifetime_value),
        "satisfaction": text(account.satisfaction),
        "frequency": account.frequency,
        "employees": account.employees,
        "overdue_days": account.overdue_days,
        "points": account.points,
        "complaints": account.complaints,
        "region": account.region,
    })
}
