//! The policies that are compared: 3 rules, 12 rules, and thousands that are generated from a seed.

use std::collections::BTreeMap;

use crate::account::Field;
use crate::random::Random;
use crate::rules::{Condition, Op, Rules};

pub const SEED: u64 = 7;

/// How many rules the generated policies have, `otherwise` included.
pub const SIZES: [usize; 2] = [1_000, 10_000];

const A: usize = 0;
const B: usize = 1;
const C: usize = 2;
const D: usize = 3;

fn above(field: Field, units: i64) -> Condition {
    Condition::Compare(field, Op::Gt, units)
}

fn least(field: Field, units: i64) -> Condition {
    Condition::Compare(field, Op::Ge, units)
}

fn below(field: Field, units: i64) -> Condition {
    Condition::Compare(field, Op::Lt, units)
}

fn most(field: Field, units: i64) -> Condition {
    Condition::Compare(field, Op::Le, units)
}

fn within(regions: &[&'static str]) -> Condition {
    Condition::RegionIn(regions.to_vec())
}

fn all(parts: impl Into<Vec<Condition>>) -> Condition {
    Condition::And(parts.into())
}

fn any(parts: impl Into<Vec<Condition>>) -> Condition {
    Condition::Or(parts.into())
}

fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

/// Cents of so many thousands.
const fn thousands(thousands: i64) -> i64 {
    thousands * 100_000
}

/// Spend and frequency: the policy of the README.
pub fn three() -> Rules {
    use Field::{AnnualSpend as Spend, Frequency};
    Rules {
        rules: vec![
            (all([above(Spend, thousands(1_000)), least(Frequency, 12)]), A),
            (above(Spend, thousands(200)), B),
        ],
        otherwise: C,
    }
}

/// Twelve rules over eight facts, with brackets and negations.
pub fn twelve() -> Rules {
    use Field::{
        AnnualSpend as Spend, Employees, Frequency, LifetimeValue as Lifetime, OverdueDays as Overdue, Points,
        Satisfaction,
    };
    let rules = vec![
        (all([above(Overdue, 90), below(Spend, thousands(500))]), D),
        (all([above(Spend, thousands(1_000)), least(Frequency, 12), least(Satisfaction, 700)]), A),
        (all([above(Lifetime, thousands(5_000)), most(Overdue, 30)]), A),
        (all([above(Spend, thousands(500)), any([least(Employees, 1_000), least(Points, 50_000)])]), A),
        (all([within(&["north", "east"]), above(Spend, thousands(400)), not(below(Satisfaction, 500))]), B),
        (all([least(Frequency, 24), most(Overdue, 14), above(Lifetime, thousands(1_000))]), B),
        (all([least(Employees, 2_500), any([above(Spend, thousands(200)), above(Lifetime, thousands(2_000))])]), B),
        (all([not(within(&["south", "west"])), least(Points, 20_000), least(Satisfaction, 650)]), B),
        (all([above(Spend, thousands(200)), most(Overdue, 60)]), B),
        (all([any([least(Frequency, 6), least(Points, 10_000)]), not(above(Overdue, 45))]), C),
        (any([above(Lifetime, thousands(250)), all([within(&["north"]), least(Frequency, 3)])]), C),
    ];
    Rules { rules, otherwise: D }
}

/// Cuts of a field lie closer together towards both ends of its range; half as many as there are on each side.
const CUTS_PER_SIDE: i64 = 32;

/// The share of customers that rules would take if they never overlapped.
const SHARE: f64 = 2.0;

/// Conjunctions of two to four comparisons with different numeric facts. Rules match the more customers the later they
/// stand, so that a first match is deep.
pub fn generated(count: usize) -> Rules {
    let mut random = Random::new(SEED + count as u64);
    let cuts: BTreeMap<Field, Vec<i64>> = Field::numeric().iter().map(|field| (*field, cuts(*field))).collect();
    let rules = (1..count)
        .map(|at| {
            let depth = at as f64 / count as f64;
            let share = SHARE * 4.0 * depth.powi(3) / count as f64;
            (conjunction(share.max(1e-9), &cuts, &mut random), random.below(4))
        })
        .collect();
    Rules { rules, otherwise: 4 }
}

/// Units at which a generated rule may cut the range of a field; at most 64.
fn cuts(field: Field) -> Vec<i64> {
    let round = if field.most() > 1_000_000 { 100 } else { 1 };
    let side = |step: i64| {
        let share = 0.5 * (step as f64 / (CUTS_PER_SIDE + 1) as f64).powi(2);
        ((share * field.most() as f64) as i64 / round * round).max(round)
    };
    let low = (1..=CUTS_PER_SIDE).map(side);
    let mut cuts: Vec<i64> = low.clone().chain(low.map(|units| field.most() - units)).collect();
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// A conjunction that about `share` of all customers fulfil.
fn conjunction(share: f64, cuts: &BTreeMap<Field, Vec<i64>>, random: &mut Random) -> Condition {
    let mut fields = Field::numeric().to_vec();
    let parts = 2 + random.below(3);
    let mut left = share;
    let comparisons = (0..parts).map(|at| {
        let field = fields.swap_remove(random.below(fields.len()));
        let even = 1.0 / (parts - at) as f64;
        let aim = left.powf(if at + 1 == parts { 1.0 } else { even * (0.6 + 0.8 * random.fraction()) });
        let high = random.below(2) == 0;
        let strict = random.below(2) == 0;
        let tail = |units: i64| (if high { field.most() - units } else { units }) as f64 / field.most() as f64;
        let distance = |units: i64| (tail(units).ln() - aim.ln()).abs();
        let units =
            *cuts[&field].iter().min_by(|a, b| distance(**a).total_cmp(&distance(**b))).expect("there are cuts");
        left = (left / tail(units)).min(0.9);
        let op = match (high, strict) {
            (true, true) => Op::Gt,
            (true, false) => Op::Ge,
            (false, true) => Op::Lt,
            (false, false) => Op::Le,
        };
        Condition::Compare(field, op, units)
    });
    Condition::And(comparisons.collect())
}

/// A policy and what the tables call it.
pub struct Named {
    pub name: String,
    pub rules: Rules,
}

/// The policies of a run, the small ones first.
pub fn all_policies() -> Vec<Named> {
    let small = [three(), twelve()].into_iter();
    small.chain(SIZES.map(generated)).map(|rules| Named { name: format!("{} rules", rules.count()), rules }).collect()
}
