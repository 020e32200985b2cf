//! What asking more costs: what is possible, how far, until when and why beside `classify`, and what is asked of a whole
//! policy beside parsing it.

use std::hint::black_box;
use std::time::Instant;

use comfy_table::Table;
use tierwise::chrono::{Days, NaiveDate};
use tierwise::{Budget, Customer, Horizon, Policy, Target, Verdict};

use crate::account::{Account, Field};
use crate::customers::{Facts, customers};
use crate::measure::quantile;
use crate::policies::{generated, three, twelve};
use crate::report::{Options, markdown, ratio};
use crate::rules::{Condition, Rules};

const THOUSAND: usize = 1_000;

/// So many customers of each kind are asked about, fewer where there are many rules.
const CUSTOMERS: usize = 120;
const FEW: usize = 12;

/// How many rules of the new version are other ones.
const EDITS: usize = 5;

const ORDERS: u64 = 20;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap_or_default()
}

/// Something that is asked of a customer. The answer is whether it was found out.
type Question<C> = (&'static str, fn(&Policy, &C) -> bool);

fn questions<C: tierwise::Facts>() -> Vec<Question<C>> {
    vec![
        ("classify", |policy, customer| policy.classify(customer, today()).is_ok()),
        ("explain", |policy, customer| policy.explain(customer, today()).is_ok()),
        ("until when", |policy, customer| policy.holds_until(customer, today(), Horizon::default()).is_ok()),
        ("how far", |policy, customer| {
            policy
                .distance(customer, today(), Target::Better, Budget::default())
                .is_ok_and(|far| far.unknown().is_none())
        }),
        ("margin", |policy, customer| {
            policy
                .distance(customer, today(), Target::Worse, Budget::default())
                .is_ok_and(|far| far.unknown().is_none())
        }),
        ("possible", |policy, customer| {
            policy.possible(customer, today(), Budget::default()).is_ok_and(|possible| possible.unknown().is_none())
        }),
    ]
}

/// Medians of interleaved rounds over those of `classify`, and how many questions stayed open.
fn row<C: tierwise::Facts>(name: &str, policy: &Policy, customers: &[C], rounds: usize) -> Vec<String> {
    let questions = questions();
    let mut taken = vec![Vec::new(); questions.len()];
    let mut open = vec![0; questions.len()];
    for round in 0..=rounds {
        for ((_, ask), (taken, open)) in questions.iter().zip(taken.iter_mut().zip(&mut open)) {
            let begin = Instant::now();
            *open = customers.iter().filter(|customer| !black_box(ask(policy, black_box(customer)))).count();
            if round > 0 {
                taken.push(begin.elapsed().as_nanos() as f64);
            }
        }
    }
    let medians: Vec<f64> = taken.iter_mut().map(|taken| quantile(taken, 0.5).unwrap_or(f64::NAN)).collect();
    let cell = |(median, open): (&f64, &usize)| match open {
        0 => ratio(median / medians[0]),
        open => format!("{} ({open} open)", ratio(median / medians[0])),
    };
    std::iter::once(format!("{name}, {} customers", customers.len()))
        .chain(medians.iter().zip(&open).skip(1).map(cell))
        .collect()
}

fn parsed(rules: &Rules) -> Policy {
    Policy::parse(&rules.policy_text()).expect("the policy is sound")
}

fn accounts(count: usize) -> Vec<Account> {
    customers(count, Facts::Complete).into_iter().map(|pair| pair.exact).collect()
}

/// Customers each of whom lacks one of the facts that the rules use.
fn lacking(rules: &Rules, count: usize) -> Vec<Account> {
    let used: Vec<Field> = rules.fields().into_iter().filter(|field| *field != Field::Region).collect();
    let lack = |(at, pair): (usize, crate::customers::Pair)| {
        let mut cents = pair.cents;
        cents.set(used[at % used.len()], None);
        cents.exact()
    };
    customers(count, Facts::Complete).into_iter().enumerate().map(lack).collect()
}

/// Customers whose facts are computed from orders of the last years.
fn with_orders(count: usize) -> Vec<Customer> {
    let order = |customer: u64, order: u64| {
        let age = (customer * 37 + order * 53) % 700;
        let amount = (customer * 7_919 + order * 104_729) % 60_000;
        Customer::new()
            .with("id", order.to_string())
            .with("placed_on", today() - Days::new(age))
            .with("amount", i64::try_from(amount).unwrap_or(0))
    };
    let orders = |customer| (0..ORDERS).map(|at| order(customer, at)).collect::<Vec<_>>();
    (0..count as u64).map(|customer| Customer::new().with("orders", orders(customer))).collect()
}

/// The table of what is asked of a customer.
fn of_customers(rounds: usize) -> Table {
    let names: Vec<&str> = questions::<Account>().iter().map(|(name, _)| *name).skip(1).collect();
    let headings: Vec<String> = names.iter().map(|name| format!("{name} ÷ classify")).collect();
    let mut table = markdown(
        &std::iter::once("policy and customers").chain(headings.iter().map(|name| &**name)).collect::<Vec<_>>(),
    );
    for (rules, count) in [(three(), CUSTOMERS), (twelve(), CUSTOMERS), (generated(THOUSAND), FEW)] {
        let policy = parsed(&rules);
        let name = format!("{} rules", rules.count());
        table.add_row(row(&format!("{name}, all known"), &policy, &accounts(count), rounds));
        table.add_row(row(&format!("{name}, one fact missing"), &policy, &lacking(&rules, count), rounds));
    }
    let orders = format!("3 rules over {ORDERS} orders");
    table.add_row(row(&orders, &parsed(&three()), &with_orders(CUSTOMERS), rounds));
    table
}

/// The policy with some rules that ask for a little more or less.
fn edited(rules: &Rules) -> Rules {
    let mut new = rules.clone();
    let every = new.rules.len() / EDITS;
    for (condition, _) in new.rules.iter_mut().skip(every / 2).step_by(every) {
        let Condition::And(parts) = condition else { continue };
        if let Some(Condition::Compare(_, _, units)) = parts.first_mut() {
            *units += (*units / 10).max(1);
        }
    }
    new
}

/// The table of what is asked of a whole policy: steps, and times beside that of parsing it.
fn of_policies(rounds: usize) -> Table {
    let rules = generated(THOUSAND);
    let (text, policy, new) = (rules.policy_text(), parsed(&rules), parsed(&edited(&rules)));
    let mut asked: Vec<(String, Box<dyn Fn() -> (u32, String)>)> = Vec::new();
    asked.push(("parse".to_owned(), Box::new(|| (u32::from(Policy::parse(&text).is_err()), String::new()))));
    asked.push((
        "analyze".to_owned(),
        Box::new(|| {
            let found = policy.analyze(Budget::default());
            (found.steps(), format!("{} findings, {} questions open", found.findings().len(), found.open().len()))
        }),
    ));
    for field in rules.fields() {
        let policy = &policy;
        asked.push((
            format!("monotone: {}", field.name()),
            Box::new(move || {
                let found = policy.monotone(field.name(), Budget::default()).expect("the policy uses it");
                let verdict = match found.verdict() {
                    Verdict::Proved => "proved",
                    Verdict::Refuted(_) => "refuted",
                    Verdict::Unknown(_) => "unknown",
                };
                (found.steps(), verdict.to_owned())
            }),
        ));
    }
    asked.push((
        format!("diff: {EDITS} edits"),
        Box::new(|| {
            let diff = Policy::diff(&policy, &new, Budget::default());
            let complete = if diff.is_complete() { "" } else { ", not complete" };
            (diff.steps(), format!("{} boxes{complete}", diff.changes().len()))
        }),
    ));
    let mut table = markdown(&["asked of 1,000 rules over 8 facts", "answer", "steps", "÷ parse"]);
    let rounds = rounds.min(3);
    let mut taken = vec![Vec::new(); asked.len()];
    let mut answers = vec![(0, String::new()); asked.len()];
    for _ in 0..rounds {
        for ((_, ask), (taken, answer)) in asked.iter().zip(taken.iter_mut().zip(&mut answers)) {
            let begin = Instant::now();
            *answer = black_box(ask());
            taken.push(begin.elapsed().as_nanos() as f64);
        }
    }
    let medians: Vec<f64> = taken.iter_mut().map(|taken| quantile(taken, 0.5).unwrap_or(f64::NAN)).collect();
    for (((name, _), (steps, answer)), median) in asked.iter().zip(&answers).zip(&medians).skip(1) {
        table.add_row([name.clone(), answer.clone(), steps.to_string(), ratio(median / medians[0])]);
    }
    table
}

/// Prints both tables.
pub fn run(options: Options) {
    println!("Medians of {} interleaved rounds.\n", options.rounds);
    println!("### Questions about a customer\n\n{}", of_customers(options.rounds));
    println!("\n### Questions about a policy\n\n{}", of_policies(options.rounds));
}
