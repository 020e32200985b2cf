//! The rating of `examples/policies/scorecard_rating.tier`: a scorecard of eight lines with weights and four bands.

use divan::{Bencher, black_box};
use rust_decimal::Decimal;
use tierwise::{Fact, FactError, Facts, FieldRef, Policy};

use crate::today;

const POLICY: &str = include_str!("../../examples/policies/scorecard_rating.tier");

/// The facts, in the order of `needs`.
const FACTS: [&str; 10] = [
    "annual_spend",
    "frequency",
    "satisfaction",
    "customer_since",
    "first_order_on",
    "tenure_months",
    "overdue_days",
    "margin",
    "growth",
    "reference",
];

/// A customer as a service has it.
struct Account {
    annual_spend: Option<Decimal>,
    frequency: Option<i64>,
    satisfaction: Option<Decimal>,
    tenure_months: Option<i64>,
    overdue_days: Option<i64>,
    margin: Option<Decimal>,
    growth: Option<Decimal>,
    reference: Option<bool>,
}

impl Facts for Account {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        Ok(match field.slot() {
            0 => self.annual_spend.into(),
            1 => self.frequency.into(),
            2 => self.satisfaction.into(),
            // From these the tenure would be computed, were it not given.
            3 | 4 => Fact::Missing,
            5 => self.tenure_months.into(),
            6 => self.overdue_days.into(),
            7 => self.margin.into(),
            8 => self.growth.into(),
            _ => self.reference.into(),
        })
    }
}

/// Points that are known, or between which ends they lie.
#[derive(Clone, Copy)]
struct Points {
    low: Decimal,
    high: Decimal,
}

/// The cuts, points and weights of the card, built once.
struct Card {
    turnover: Bins,
    margin: Bins,
    growth: Bins,
    satisfaction: Bins,
    weights: [Decimal; 8],
    bands: [Decimal; 3],
    one: Decimal,
    ten: Decimal,
}

/// Three cuts with their points; below them there are none.
struct Bins([(Decimal, Decimal); 3]);

impl Bins {
    fn new(bins: [(Decimal, i64); 3]) -> Self {
        Self(bins.map(|(cut, points)| (cut, Decimal::from(points))))
    }

    fn points(&self, value: Decimal) -> Decimal {
        self.0.iter().find(|(cut, _)| value >= *cut).map_or(Decimal::ZERO, |(_, points)| *points)
    }
}

impl Card {
    fn new() -> Self {
        let percent = |percent: i64| Decimal::new(percent, 2);
        let whole = |whole: i64| Decimal::from(whole);
        Self {
            turnover: Bins::new([(whole(5_000_000), 100), (whole(2_000_000), 70), (whole(500_000), 30)]),
            margin: Bins::new([(percent(30), 100), (percent(20), 70), (percent(10), 30)]),
            growth: Bins::new([(percent(20), 100), (percent(0), 60), (percent(-10), 20)]),
            satisfaction: Bins::new([(whole(9), 100), (whole(7), 60), (whole(11), 0)]),
            weights: [25, 20, 10, 10, 15, 10, 5, 5].map(percent),
            bands: [80, 60, 40].map(whole),
            one: Decimal::ONE,
            ten: whole(10),
        }
    }

    /// The checks that the policy's fields ask for.
    fn is_sound(&self, account: &Account) -> bool {
        let share = |value: Option<Decimal>, most: Option<Decimal>| {
            value.is_none_or(|value| {
                value >= -self.one && most.is_none_or(|most| value <= most) && value.normalize().scale() <= 4
            })
        };
        let count = |value: Option<i64>| value.is_none_or(|value| value >= 0);
        share(account.margin, Some(self.one))
            && share(account.growth, None)
            && account.satisfaction.is_none_or(|value| value >= Decimal::ZERO && value <= self.ten)
            && count(account.frequency)
            && count(account.tenure_months)
            && count(account.overdue_days)
    }

    /// The points of the lines; of the one with a bin for what is missing, what it could be.
    fn lines(&self, account: &Account) -> [Option<Decimal>; 8] {
        let pick = |value: i64, bins: [(i64, i64); 3]| {
            Decimal::from(bins.iter().find(|(cut, _)| value >= *cut).map_or(0, |(_, points)| *points))
        };
        let paid = |days: i64| match days {
            0 => 100,
            1..=15 => 60,
            16..=30 => 20,
            _ => 0,
        };
        [
            account.annual_spend.map(|value| self.turnover.points(value)),
            account.margin.map(|value| self.margin.points(value)),
            account.growth.map(|value| self.growth.points(value)),
            account.frequency.map(|value| pick(value, [(12, 100), (6, 70), (2, 30)])),
            account.overdue_days.map(|days| Decimal::from(paid(days))),
            account.satisfaction.map(|value| self.satisfaction.points(value)),
            account.tenure_months.map(|value| pick(value, [(60, 100), (24, 60), (12, 30)])),
            Some(Decimal::from(if account.reference.unwrap_or(false) { 100 } else { 0 })),
        ]
    }

    /// The sum of the lines, where one that is missing has the points between two ends.
    fn sum(&self, lines: &[Option<Decimal>; 8]) -> Points {
        let mut sum = Points { low: Decimal::ZERO, high: Decimal::ZERO };
        for (line, weight) in lines.iter().zip(&self.weights) {
            match line {
                Some(points) => {
                    let points = points * weight;
                    sum.low += points;
                    sum.high += points;
                }
                None => sum.high += Decimal::ONE_HUNDRED * weight,
            }
        }
        let clamp = |points: Decimal| points.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED);
        Points { low: clamp(sum.low), high: clamp(sum.high) }
    }

    fn band(&self, points: Decimal) -> char {
        ['A', 'B', 'C'].into_iter().zip(&self.bands).find(|(_, band)| points >= **band).map_or('D', |(tier, _)| tier)
    }

    /// The same policy by hand: the checks, the decision on what is known, and whether it is certain.
    fn rate(&self, account: &Account) -> Option<(char, bool)> {
        if !self.is_sound(account) {
            return None;
        }
        let lines = self.lines(account);
        let possible = self.sum(&lines);
        // Who was not asked has 50 points in the decision.
        let [.., satisfaction, _, _] = lines;
        let neutral = if satisfaction.is_none() { Decimal::from(50) * self.weights[5] } else { Decimal::ZERO };
        let tier = self.band(possible.low + neutral);
        Some((tier, self.band(possible.low) == tier && self.band(possible.high) == tier))
    }
}

fn accounts() -> Vec<Account> {
    let account = |at: i64| {
        let known = |every: i64| at % every != 0;
        Account {
            annual_spend: known(11).then(|| Decimal::new(at * 7_919_003 % 700_000_000, 2)),
            frequency: known(13).then_some(at * 5 % 24),
            satisfaction: known(4).then(|| Decimal::new(at * 37 % 101, 1)),
            tenure_months: known(17).then_some(at * 7 % 90),
            overdue_days: known(19).then_some(if at % 3 == 0 { at % 40 } else { 0 }),
            margin: known(23).then(|| Decimal::new(at * 997 % 5_000 - 500, 4)),
            growth: known(29).then(|| Decimal::new(at * 613 % 6_000 - 2_500, 4)),
            reference: known(31).then_some(at % 2 == 0),
        }
    };
    (1..=1_000).map(account).collect()
}

fn policy() -> Policy {
    let policy = Policy::parse(POLICY).expect("the policy is sound");
    assert!(policy.needs().fields().map(|field| field.name()).eq(FACTS));
    let card = Card::new();
    let mut seen = [0; 8];
    for account in accounts() {
        let decided = policy.decide(&account, today()).ok();
        let decided =
            decided.and_then(|decided| Some((policy.tier_name(decided.tier()?).chars().next()?, decided.is_certain())));
        assert_eq!(decided, card.rate(&account));
        let (tier, certain) = decided.expect("the accounts are sound");
        seen[(tier as usize - 'A' as usize) * 2 + usize::from(certain)] += 1;
    }
    assert!(seen.iter().all(|count| *count > 4), "{seen:?}");
    policy
}

#[divan::bench]
fn hand_written(bencher: Bencher<'_, '_>) {
    let (card, accounts) = (Card::new(), accounts());
    bencher.bench(|| accounts.iter().filter(|account| card.rate(black_box(account)).is_some_and(|d| d.1)).count());
}

#[divan::bench]
fn decide(bencher: Bencher<'_, '_>) {
    let (policy, accounts) = (policy(), accounts());
    bencher.bench(|| {
        accounts
            .iter()
            .filter(|account| policy.decide(black_box(*account), today()).is_ok_and(|d| d.is_certain()))
            .count()
    });
}

#[divan::bench]
fn classify(bencher: Bencher<'_, '_>) {
    let (policy, accounts) = (policy(), accounts());
    bencher.bench(|| {
        accounts
            .iter()
            .filter(|account| policy.classify(black_box(*account), today()).is_ok_and(|o| o.is_certain()))
            .count()
    });
}
