//! However a plan decides - from a table, by bit rows, one rule after the other, on scaled integers or by the whole
//! evaluation - the decision is the one of the reference evaluator: on generated policies, of bad values and missing ones.

#[path = "support/agree.rs"]
mod agree;
#[path = "support/generate.rs"]
mod generate;
#[path = "support/plain.rs"]
mod plain;
#[path = "support/runner.rs"]
mod runner;
#[path = "support/wide.rs"]
mod wide;

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use generate::{Dice, Generator, customer};
use plain::plain_rules;
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use tierwise::{Customer, Forced, Limits, Policy, reference};
use wide::{Level, Wide};

const STRATEGIES: [Forced; 4] = [Forced::Whole, Forced::Straight, Forced::Rows, Forced::Table];

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn strategy(policy: &Policy) -> String {
    let dump = policy.plan().to_string();
    dump.lines().find_map(|line| line.strip_prefix("strategy: ")).unwrap().to_owned()
}

/// How often each strategy decided, and what.
#[derive(Default)]
struct Seen(RefCell<BTreeMap<&'static str, usize>>);

impl Seen {
    fn add(&self, what: &'static str) {
        *self.0.borrow_mut().entry(what).or_default() += 1;
    }

    fn strategy(&self, shown: &str) {
        let heads = ["dense table", "bit rows", "straight order"];
        let head = heads.into_iter().find(|head| shown.starts_with(head)).unwrap_or_else(|| panic!("{shown}"));
        self.add(head);
        self.add(if shown.contains("on scaled integers alone") { "on integers" } else { "by the evaluation" });
        if head == "bit rows" && shown.contains("with the whole evaluation") {
            self.add("bit rows before the evaluation");
        }
    }

    fn least(&self, least: &[(&'static str, usize)]) {
        println!("{:?}", self.0.borrow());
        for (what, least) in least {
            let count = self.0.borrow().get(what).copied().unwrap_or_default();
            assert!(count >= *least, "{what}: {count}, too little was looked at");
        }
    }
}

/// Every strategy decides as the reference does, or refuses with the same error.
fn agree(policies: &[Policy], customer: &Customer, seen: &Seen) -> Result<(), TestCaseError> {
    let first = &policies[0];
    let naive = reference::classify(first, customer, today());
    for policy in policies {
        let (decided, outcome) = (policy.decide(customer, today()), policy.classify(customer, today()));
        let naive = match &naive {
            Ok(naive) => naive,
            Err(error) => {
                seen.add("refused");
                prop_assert_eq!(&decided.unwrap_err(), error);
                prop_assert_eq!(&outcome.unwrap_err(), error);
                continue;
            }
        };
        let (decided, outcome) = (decided.unwrap(), outcome.unwrap());
        agree::same(&outcome, naive).map_err(|error| TestCaseError::fail(format!("{error}\n{}", strategy(policy))))?;
        prop_assert_eq!(
            (decided.tier(), decided.rule(), decided.is_certain()),
            (outcome.tier_id(), outcome.rule_id(), first.decide(customer, today()).unwrap().is_certain()),
            "{}",
            strategy(policy)
        );
        prop_assert!(outcome.is_certain() || !decided.is_certain());
        prop_assert_eq!(
            agree::names(outcome.possible()),
            agree::names(first.classify(customer, today()).unwrap().possible())
        );
        seen.add(if decided.is_certain() { "certain" } else { "uncertain" });
        seen.add(if decided.rule().is_none_or(|rule| rule.index() > 0) {
            "beyond the first rule"
        } else {
            "first rule"
        });
    }
    Ok(())
}

/// A bound struct is decided as the reference decides it, whatever the strategy.
fn agree_bound(policies: &[Policy], wide: &Wide, seen: &Seen) -> Result<(), TestCaseError> {
    let naive = reference::classify(&policies[0], wide, today());
    for policy in policies {
        let bound = policy.bind::<Wide, Level>().map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (decided, outcome) = (bound.decide(wide, today()), bound.classify(wide, today()));
        let strategy = strategy(policy);
        if format!("{bound:?}").contains("at_once: true") {
            seen.add(if strategy.starts_with("bit rows") { "rows at once" } else { "a table at once" });
        }
        match &naive {
            Ok(naive) => {
                let (decided, outcome) = (decided.unwrap(), outcome.unwrap());
                let tier = decided.tier().map(|tier| format!("{tier:?}"));
                prop_assert_eq!(&tier, &naive.tier, "bound, {}", strategy);
                prop_assert_eq!(bound.tier(&outcome), decided.tier());
                prop_assert_eq!(decided.rule().map(|rule| policy.rule_line(rule)), naive.line, "bound, {}", strategy);
                prop_assert!(outcome.is_certain() || !decided.is_certain(), "bound, {}", strategy);
                prop_assert_eq!(policy.decide(wide, today()).unwrap().is_certain(), decided.is_certain());
                agree::same(&outcome, naive)?;
                seen.add("bound");
            }
            Err(error) => {
                prop_assert_eq!(&decided.unwrap_err(), error);
                prop_assert_eq!(&outcome.unwrap_err(), error);
                seen.add("bound and refused");
            }
        }
    }
    Ok(())
}

fn check(name: &str, source: impl Fn(&mut Dice<'_>) -> String, seen: &Seen) {
    let mut runner = runner(name, "PROPTEST_CASES");
    let choices = (vec(any::<u16>(), 0..900), vec(any::<u16>(), 0..240));
    let result = runner.run(&choices, |(policy, facts)| {
        let source = source(&mut Dice::new(&policy));
        let parsed = |forced| Policy::builder().force(forced).parse(&source);
        let sound = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        let tight = Policy::builder().limits(Limits::default().max_plan_bytes(3_000)).parse(&source).unwrap();
        let forced = STRATEGIES.iter().map(|forced| parsed(*forced).unwrap());
        let policies: Vec<Policy> = [sound, tight].into_iter().chain(forced).collect();
        policies.iter().for_each(|policy| seen.strategy(&strategy(policy)));
        let mut dice = Dice::new(&facts);
        for _ in 0..2 {
            let facts = customer(&mut dice);
            let mut customer = Customer::new();
            facts.iter().for_each(|(name, fact)| customer.insert(name, fact.clone()));
            let shown = |(name, fact): &(&str, _)| format!("{name} = {}", generate::show(fact));
            let shown_facts = || facts.iter().map(shown).collect::<Vec<_>>().join(", ");
            let failed = |error| TestCaseError::fail(format!("{error}\n{source}\n{}", shown_facts()));
            agree(&policies, &customer, seen).map_err(failed)?;
            let wide = Wide::new(&facts, &mut dice);
            agree_bound(&policies, &wide, seen)
                .map_err(|error| failed(TestCaseError::fail(format!("{error}\n{wide:?}"))))?;
        }
        Ok(())
    });
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
}

#[test]
fn strategies_agree_with_the_reference_on_rules_over_facts() {
    let seen = Seen::default();
    check("strategies", plain_rules, &seen);
    seen.least(&[
        ("dense table", 20),
        ("bit rows", 100),
        ("straight order", 100),
        ("bit rows before the evaluation", 20),
        ("on integers", 200),
        ("by the evaluation", 100),
        ("bound", 1_000),
        ("bound and refused", 50),
        ("rows at once", 60),
        ("a table at once", 20),
        ("refused", 100),
        ("uncertain", 500),
        ("beyond the first rule", 500),
    ]);
}

#[test]
fn strategies_agree_with_the_reference_on_any_policy() {
    let seen = Seen::default();
    check("strategies of any policy", |dice| Generator::new(dice).policy(), &seen);
    seen.least(&[
        ("bit rows before the evaluation", 20),
        ("straight order", 100),
        ("bound", 500),
        ("refused", 20),
        ("uncertain", 200),
    ]);
}

/// A source of a size.
type Source = fn(usize) -> String;

/// Sources that grow in one way each, and of which nothing may grow faster when they are loaded.
const GROWING: [(&str, Source); 5] = [
    ("constants in `at least`", |n| {
        let nested = (0..n.min(60)).fold("true".to_owned(), |inner, _| format!("at least 2 of (true, false, {inner})"));
        format!("{nested} => A\notherwise => B")
    }),
    ("a chain with a condition in it", |n| {
        let chain: String = (0..n).map(|at| format!("{at} < x < ")).collect();
        format!("field x: number\nfield b: boolean\n{chain}(if b then 1 else 2) < x => A\notherwise => B")
    }),
    ("a long `or` behind a name", |n| {
        let either: Vec<String> = (0..n).map(|at| format!("x = {at}")).collect();
        let rules: String = (0..20).map(|at| format!("big and y > {at} => A\n")).collect();
        format!("field x: number\nfield y: number\nlet big = {}\n{rules}otherwise => B", either.join(" or "))
    }),
    ("a long list behind a name", |n| {
        let list: Vec<String> = (0..n * 10).map(|at| at.to_string()).collect();
        let way = |at: usize| format!("(y > {at} or z > 1 or v > 1) and big => A\n");
        let fields = "field x: number\nfield y: number\nfield z: number\nfield v: number\n";
        format!("{fields}let big = x in ({})\n{}otherwise => B", list.join(", "), (0..20).map(way).collect::<String>())
    }),
    ("texts that begin alike", |n| {
        let list: Vec<String> = (0..n * 10).map(|at| format!("\"CUSTOMER{at:08}\"")).collect();
        format!("field t: text\nt in ({}) => A\notherwise => B", list.join(", "))
    }),
];

#[test]
fn what_makes_deciding_fast_grows_no_faster_than_the_source() {
    for (what, source) in GROWING {
        let measured = |n: usize| {
            let source = source(n);
            let mut sound = false;
            let measured = allocation_counter::measure(|| sound = Policy::parse(&source).is_ok());
            assert!(sound, "{what}");
            (measured.count_total, measured.bytes_max)
        };
        let ((count, bytes), (count_twice, bytes_twice)) = (measured(400), measured(800));
        assert!(count_twice <= count * 5 / 2 + 1_000, "{what}: {count} allocations, then {count_twice}");
        assert!(bytes_twice <= bytes * 5 / 2 + 100_000, "{what}: {bytes} bytes at most, then {bytes_twice}");
    }
}
