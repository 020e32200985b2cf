//! What does a decision cost, beside hand-written Rust on the same struct with the same missing checks? Asked of three
//! rules, and of a scorecard of eight lines.

use chrono::NaiveDate;
use divan::{Bencher, black_box};
use rust_decimal::Decimal;
use tierwise::{Customer, Fact, FactError, Facts, FieldRef, Policy};

fn main() {
    divan::main();
}

#[path = "decide/scorecard.rs"]
mod scorecard;

const POLICY: &str = "annual_spend > 1M and frequency >= 12 => A
annual_spend > 200K                   => B
otherwise                             => C";

/// A customer as a service has it.
struct Account {
    annual_spend: Option<Decimal>,
    frequency: Option<i64>,
}

impl Facts for Account {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        // Slots are in the order of `needs`: spend, then frequency.
        Ok(match field.slot() {
            0 => self.annual_spend.into(),
            _ => self.frequency.into(),
        })
    }
}

/// The same policy by hand, with the same validation, the same handling of what is missing, and certainty.
fn by_hand(account: &Account) -> Option<(char, bool)> {
    let (million, big) = (Decimal::from(1_000_000), Decimal::from(200_000));
    if account.frequency.is_some_and(|frequency| frequency < 0) {
        return None;
    }
    Some(match (account.annual_spend, account.frequency) {
        (Some(spend), Some(frequency)) if spend > million && frequency >= 12 => ('A', true),
        (Some(spend), Some(_)) if spend > big => ('B', true),
        (Some(_), Some(_)) => ('C', true),
        (Some(spend), None) if spend > million => ('B', false),
        (Some(spend), None) if spend > big => ('B', true),
        (Some(_), None) => ('C', true),
        (None, _) => ('C', false),
    })
}

fn today() -> NaiveDate {
    NaiveDate::default()
}

fn accounts() -> Vec<Account> {
    let account = |at: i64| Account {
        annual_spend: (at % 11 != 0).then(|| Decimal::new(at * 7_919_003 % 250_000_000, 2)),
        frequency: (at % 13 != 0).then_some(at % 24),
    };
    (1..=1_000).map(account).collect()
}

fn policy() -> Policy {
    let policy = Policy::parse(POLICY).expect("the policy is sound");
    for account in accounts() {
        let decided = policy.decide(&account, today()).ok();
        let decided =
            decided.and_then(|decided| Some((policy.tier_name(decided.tier()?).chars().next()?, decided.is_certain())));
        assert_eq!(decided, by_hand(&account));
    }
    policy
}

#[divan::bench]
fn hand_written(bencher: Bencher<'_, '_>) {
    let accounts = accounts();
    bencher.bench(|| accounts.iter().filter(|account| by_hand(black_box(account)) == Some(('B', true))).count());
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

#[divan::bench]
fn classify_customer(bencher: Bencher<'_, '_>) {
    let policy = policy();
    let customer = |account: &Account| {
        Customer::new().with("annual_spend", account.annual_spend).with("frequency", account.frequency)
    };
    let customers: Vec<Customer> = accounts().iter().map(customer).collect();
    bencher.bench(|| {
        customers
            .iter()
            .filter(|customer| policy.classify(black_box(*customer), today()).is_ok_and(|o| o.is_certain()))
            .count()
    });
}
