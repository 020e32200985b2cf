//! The twelve rules by hand: plain booleans where every fact is known, three truth values where one is missing.

use super::{Amount, Code, Profile, answer, counts};
use crate::engine::Answer;
use crate::policies;
use crate::rules::Rules;

const A: usize = 0;
const B: usize = 1;
const C: usize = 2;
const D: usize = 3;

pub struct Twelve;

impl Code for Twelve {
    fn rules() -> Rules {
        policies::twelve()
    }

    #[inline]
    fn decide<P: Profile>(account: &P) -> Option<Answer> {
        let counted = [account.frequency(), account.employees(), account.overdue_days(), account.points()];
        let (zero, ten) = (P::Amount::ZERO, P::Amount::POINTS_10);
        let satisfied = account.satisfaction().is_none_or(|points| points >= zero && points <= ten);
        if !satisfied || !counted.into_iter().all(counts) {
            return None;
        }
        Some(Known::of(account).map_or_else(|| open(account), |known| answer(closed(&known), 0)))
    }
}

/// An account of whom every fact is known.
struct Known<'a, M> {
    spend: M,
    lifetime: M,
    satisfaction: M,
    frequency: i64,
    employees: i64,
    overdue: i64,
    points: i64,
    region: &'a str,
}

impl<'a, M: Amount> Known<'a, M> {
    #[inline]
    fn of(account: &'a impl Profile<Amount = M>) -> Option<Self> {
        Some(Self {
            spend: account.annual_spend()?,
            lifetime: account.lifetime_value()?,
            satisfaction: account.satisfaction()?,
            frequency: account.frequency()?,
            employees: account.employees()?,
            overdue: account.overdue_days()?,
            points: account.points()?,
            region: account.region()?,
        })
    }
}

#[inline]
fn closed<M: Amount>(known: &Known<'_, M>) -> usize {
    let Known { spend, lifetime, satisfaction, frequency, employees, overdue, points, region } = *known;
    if overdue > 90 && spend < M::K500 {
        D
    } else if spend > M::K1000 && frequency >= 12 && satisfaction >= M::POINTS_7
        || lifetime > M::K5000 && overdue <= 30
        || spend > M::K500 && (employees >= 1_000 || points >= 50_000)
    {
        A
    } else if matches!(region, "north" | "east") && spend > M::K400 && satisfaction >= M::POINTS_5
        || frequency >= 24 && overdue <= 14 && lifetime > M::K1000
        || employees >= 2_500 && (spend > M::K200 || lifetime > M::K2000)
        || !matches!(region, "south" | "west") && points >= 20_000 && satisfaction >= M::POINTS_6_5
        || spend > M::K200 && overdue <= 60
    {
        B
    } else if (frequency >= 6 || points >= 10_000) && overdue <= 45
        || lifetime > M::K250
        || region == "north" && frequency >= 3
    {
        C
    } else {
        D
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    or(left.map(|left| !left), right.map(|right| !right)).map(|neither| !neither)
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

fn open<P: Profile>(account: &P) -> Answer {
    let spend = |cut: P::Amount| account.annual_spend().map(|spend| spend > cut);
    let lifetime = |cut: P::Amount| account.lifetime_value().map(|value| value > cut);
    let satisfied = |cut: P::Amount| account.satisfaction().map(|points| points >= cut);
    let frequency = |cut: i64| account.frequency().map(|frequency| frequency >= cut);
    let employees = |cut: i64| account.employees().map(|employees| employees >= cut);
    let overdue = |cut: i64| account.overdue_days().map(|days| days <= cut);
    let late = |cut: i64| account.overdue_days().map(|days| days > cut);
    let points = |cut: i64| account.points().map(|points| points >= cut);
    let region = |regions: &[&str]| account.region().map(|region| regions.contains(&region));
    let elsewhere = |regions: &[&str]| account.region().map(|region| !regions.contains(&region));

    let small = |cut: P::Amount| account.annual_spend().map(|spend| spend < cut);

    let mut open = 0;
    // A conjunction, which ends at its first false part.
    macro_rules! rule {
        ($($part:expr),+ => $tier:ident) => {{
            let (mut possible, mut sure) = (true, true);
            $(if possible {
                let truth: Option<bool> = $part;
                possible = truth != Some(false);
                sure &= truth.is_some();
            })+
            if possible && sure {
                return answer($tier, open);
            }
            open |= u8::from(possible) << $tier;
        }};
    }
    rule!(late(90), small(P::Amount::K500) => D);
    rule!(spend(P::Amount::K1000), frequency(12), satisfied(P::Amount::POINTS_7) => A);
    rule!(lifetime(P::Amount::K5000), overdue(30) => A);
    rule!(spend(P::Amount::K500), or(employees(1_000), points(50_000)) => A);
    rule!(region(&["north", "east"]), spend(P::Amount::K400), satisfied(P::Amount::POINTS_5) => B);
    rule!(frequency(24), overdue(14), lifetime(P::Amount::K1000) => B);
    rule!(employees(2_500), or(spend(P::Amount::K200), lifetime(P::Amount::K2000)) => B);
    rule!(elsewhere(&["south", "west"]), points(20_000), satisfied(P::Amount::POINTS_6_5) => B);
    rule!(spend(P::Amount::K200), overdue(60) => B);
    rule!(or(frequency(6), points(10_000)), overdue(45) => C);
    rule!(or(lifetime(P::Amount::K250), and(region(&["north"]), frequency(3))) => C);
    answer(D, open)
}
