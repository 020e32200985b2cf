//! What does asking why cost, beside classifying the same customers, with 3 rules and with 1,000?

use chrono::NaiveDate;
use divan::{Bencher, black_box};
use rust_decimal::Decimal;
use tierwise::{Detail, Explanation, Fact, FactError, Facts, FieldRef, Lang, Policy};

fn main() {
    divan::main();
}

const RULES: [usize; 2] = [3, 1_000];
const TIERS: [&str; 5] = ["A", "B", "C", "D", "E"];

/// So many rules over four facts, every other one with three conditions; most customers fall through many of them.
fn policy(rules: usize) -> Policy {
    let mut text = String::from("currency EUR\ntiers A > B > C > D > E\n");
    if rules == 3 {
        text += "annual_spend > 1M and frequency >= 12 => A\nannual_spend > 200K => B\notherwise => C\n";
    } else {
        for at in 1..rules {
            let (spend, orders, nps) = (2_500_000 - at * 2_300, 5 + at * 7 % 19, at * 13 % 90);
            let third = if at % 2 == 0 { format!(" and nps >= {nps}") } else { String::new() };
            text += &format!(
                "annual_spend > {spend} and frequency >= {orders}{third} and overdue_days < 30 => {}\n",
                TIERS[at * 4 / rules]
            );
        }
        text += "otherwise => E\n";
    }
    Policy::parse(&text).expect("the policy is sound")
}

/// A customer as a service has it.
struct Account(i64);

impl Facts for Account {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        let at = self.0;
        Ok(match field.name() {
            "annual_spend" => (at % 11 != 0).then(|| Decimal::new(at * 7_919_003 % 250_000_000, 2)).into(),
            "frequency" => (at % 13 != 0).then_some(at % 24).into(),
            "nps" => (at * 17 % 100).into(),
            _ => 0_i64.into(),
        })
    }
}

fn accounts() -> Vec<Account> {
    (1..=200).map(Account).collect()
}

fn today() -> NaiveDate {
    NaiveDate::default()
}

/// Asking why must not change the answer.
fn checked(rules: usize) -> (Policy, Vec<Account>) {
    let (policy, accounts) = (policy(rules), accounts());
    for account in &accounts {
        let why = policy.explain(account, today()).ok();
        assert_eq!(why.as_ref().map(Explanation::outcome), policy.classify(account, today()).ok().as_ref());
    }
    (policy, accounts)
}

fn run(bencher: Bencher<'_, '_>, rules: usize, work: impl Fn(&Policy, &Account) -> usize + Sync) {
    let (policy, accounts) = checked(rules);
    bencher.bench(|| accounts.iter().map(|account| work(&policy, black_box(account))).sum::<usize>());
}

#[divan::bench(args = RULES)]
fn classify(bencher: Bencher<'_, '_>, rules: usize) {
    run(bencher, rules, |policy, account| {
        usize::from(policy.classify(account, today()).is_ok_and(|outcome| outcome.is_certain()))
    });
}

#[divan::bench(args = RULES)]
fn explain(bencher: Bencher<'_, '_>, rules: usize) {
    run(bencher, rules, |policy, account| {
        usize::from(policy.explain(account, today()).is_ok_and(|why| why.outcome().is_certain()))
    });
}

#[divan::bench(args = RULES)]
fn explain_as_short_text(bencher: Bencher<'_, '_>, rules: usize) {
    run(bencher, rules, |policy, account| {
        policy.explain(account, today()).map_or(0, |why| why.text(Detail::Short, Lang::En).len())
    });
}

#[divan::bench(args = RULES)]
fn explain_as_json(bencher: Bencher<'_, '_>, rules: usize) {
    run(bencher, rules, |policy, account| {
        policy.explain(account, today()).map_or(0, |why| serde_json::to_string(&why).map_or(0, |json| json.len()))
    });
}
