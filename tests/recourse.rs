//! Distances over what is no number: texts, closed sets and sets, dates and booleans that the host lists, against trying
//! every customer.
//!
//! `TIERWISE_RECOURSE_CASES` sets the number of cases (256 by default).

#[path = "support/dice.rs"]
mod dice;
#[path = "support/runner.rs"]
mod runner;

use std::cell::Cell;

use dice::Dice;
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tierwise::chrono::NaiveDate;
use tierwise::{Budget, Customer, Distance, Lang, Policy, RecourseError, Target};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

/// The facts, what is asked of each, and all values that are tried.
struct Known {
    name: &'static str,
    field: &'static str,
    questions: &'static [&'static str],
    values: Vec<Value>,
}

fn known() -> Vec<Known> {
    let own = |name, field, questions, values| Known { name, field, questions, values };
    let days = |days: std::ops::RangeInclusive<u32>| days.map(|day| json!(format!("2026-03-{day:02}"))).collect();
    let some = |members: [&'static str; 4], at: usize| {
        members.into_iter().enumerate().filter(move |(bit, _)| at >> bit & 1 == 1).map(|(_, member)| member).collect()
    };
    let sets = |members| (0..16).map(|at| some(members, at)).collect();
    let asked_t = &["t = \"a\"", "t != \"b\"", "t in (\"b\", \"c\")", "t not in (\"a\", \"c\")", "t is present"];
    let asked_p = &["p contains \"a\"", "p starts with \"b\"", "p = \"ab\"", "lower(p) = \"b\"", "p matches \"^a+$\""];
    let asked_s = &[
        "s contains \"k\"",
        "s contains any (\"k\", \"l\")",
        "s contains all (\"k\", \"l\")",
        "not s contains \"a\"",
        "s contains t",
        "not s contains p",
    ];
    let asked_n =
        &["n contains 7", "n contains all (7, 8.0)", "not n contains 9", "n contains x", "not n contains 2 * x"];
    let asked_d = &["d >= 2026-03-26", "d < 2026-03-22", "d within 4 days", "d != 2026-03-24", "d > e"];
    let asked_e = &["e > 2026-03-21", "days_between(e, today) < 9", "days_between(e, d) = 4"];
    vec![
        own("t", "text", asked_t, ["a", "b", "c", "ab", "z"].map(Value::from).to_vec()),
        own("p", "text", asked_p, ["a", "b", "B", "ab", "ba", "aa", "z"].map(Value::from).to_vec()),
        own("d", "date 2026-03-20..2026-03-30 cost 2", asked_d, days(20..=30)),
        own("e", "date 2026-03-18..2026-03-24 rising", asked_e, days(18..=24)),
        own("s", "set of text", asked_s, sets(["a", "k", "l", "z"])),
        own("n", "set of integer cost 0.7", asked_n, sets(["1", "7", "8", "9"])),
        own("b", "boolean cost 0.5", &["b", "not b"], vec![json!(true), json!(false)]),
        own(
            "x",
            "integer 0..3",
            &["x >= 2", "x = 1", "x + (if b then 1 else 0) > 2"],
            (0..4).map(Value::from).collect(),
        ),
    ]
}

/// A policy over three of the facts, and one of its customers.
struct Case {
    policy: Policy,
    source: String,
    all: Vec<Known>,
    facts: Vec<usize>,
}

impl Case {
    fn new(dice: &mut Dice<'_>) -> Self {
        let all = known();
        let mut facts: Vec<usize> = (0..all.len()).collect();
        while facts.len() > 3 {
            facts.remove(dice.roll(facts.len()));
        }
        let fields: String = all.iter().map(|own| format!("field {}: {}\n", own.name, own.field)).collect();
        let usable = |question: &&&str| {
            let named = |name: &str| question.split(|other: char| !other.is_alphanumeric()).any(|word| word == name);
            all.iter().enumerate().all(|(at, own)| facts.contains(&at) || !named(own.name))
        };
        let questions: Vec<&str> =
            facts.iter().flat_map(|at| all[*at].questions.iter().filter(usable)).copied().collect();
        let mut source = format!("tiers A > B > C\n{fields}");
        for tier in ["A", "B", "A", "B"] {
            let mut pick = || dice.pick(&questions).to_owned();
            let (one, two, three) = (pick(), pick(), pick());
            let text = match dice.roll(4) {
                0 => one,
                1 => format!("{one} and {two}"),
                2 => format!("{one} and ({two} or {three})"),
                _ => format!("{one} and not ({two} and {three})"),
            };
            source += &format!("{text} => {tier}\n");
        }
        source += "otherwise => C";
        let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{source}\n{error}"));
        Self { policy, source, all, facts }
    }

    fn customer(&self, values: &[usize]) -> Value {
        let fact =
            |(at, value): (&usize, &usize)| (self.all[*at].name.to_owned(), self.all[*at].values[*value].clone());
        Value::Object(self.facts.iter().zip(values).map(fact).collect())
    }

    fn tier(&self, facts: &Value) -> usize {
        let customer = Customer::from_serialize(facts).unwrap();
        self.policy.decide(&customer, today()).unwrap().tier().unwrap().index()
    }

    fn everybody(&self) -> Vec<Vec<usize>> {
        self.facts.iter().fold(vec![Vec::new()], |all, at| {
            let values = 0..self.all[*at].values.len();
            all.iter()
                .flat_map(|start: &Vec<usize>| values.clone().map(move |value| [&start[..], &[value]].concat()))
                .collect()
        })
    }

    /// What it costs to become another customer; `None` where something changes that may not.
    fn cost(&self, from: &[usize], to: &[usize], far: &Distance) -> Option<Decimal> {
        let each =
            self.facts.iter().zip(from.iter().zip(to)).filter(|(_, (from, to))| from != to).map(|(at, (from, to))| {
                let own = &self.all[*at];
                let (_, unit, cost) = far.may_change().find(|(name, ..)| *name == own.name)?;
                let [from, to] = [from, to].map(|value| &own.values[*value]);
                let units = match (from, to) {
                    (Value::Number(from), Value::Number(to)) => (from.as_i64()? - to.as_i64()?).abs(),
                    (Value::Array(from), Value::Array(to)) => {
                        let but = |one: &[Value], other: &[Value]| {
                            one.iter().filter(|member| !other.contains(member)).count()
                        };
                        i64::try_from(but(from, to) + but(to, from)).unwrap()
                    }
                    _ if ["d", "e"].contains(&own.name) => {
                        let [from, to] = [from, to].map(|day| day.as_str().unwrap().parse::<NaiveDate>().unwrap());
                        if own.name == "e" && to < from {
                            return None;
                        }
                        (to - from).num_days().abs()
                    }
                    _ => 1,
                };
                Some(Decimal::from(units) / unit * cost)
            });
        each.sum()
    }
}

#[test]
fn the_nearest_customer_is_the_nearest_of_all() {
    let [asked, reached, unknown, several] = [(); 4].map(|()| Cell::new(0));
    let count = |cell: &Cell<usize>, more: bool| cell.set(cell.get() + usize::from(more));
    let mut runner = runner("recourse", "TIERWISE_RECOURSE_CASES");
    let result = runner.run(&vec(any::<u16>(), 60), |choices| {
        let mut dice = Dice::new(&choices);
        let case = Case::new(&mut dice);
        let from: Vec<usize> = case.facts.iter().map(|at| dice.roll(case.all[*at].values.len())).collect();
        let names = case.facts.iter().map(|at| case.all[*at].name).filter(|_| dice.roll(3) > 0);
        let listed: Vec<&str> = names.filter(|name| case.policy.recourse(Target::Better, &[*name]).is_ok()).collect();
        let facts = case.customer(&from);
        let now = case.tier(&facts);
        for target in [Target::Better, Target::Worse] {
            let recourse = case.policy.recourse(target, &listed).unwrap();
            let customer = Customer::from_serialize(&facts).unwrap();
            let far = case.policy.distance(&customer, today(), &recourse, Budget::default()).unwrap();
            let wanted = |tier: usize| if target == Target::Better { tier < now } else { tier > now };
            let there = case.everybody().into_iter().filter(|to| wanted(case.tier(&case.customer(to))));
            let nearest = there.filter_map(|to| case.cost(&from, &to, &far)).min().map(|cost| cost.normalize());
            let cost = far.ways().first().map(|way| way.cost().normalize());
            let context = format!(
                "{target:?} {listed:?} {facts}\n{}\n{far:?}, and the nearest of all costs {nearest:?}",
                case.source
            );
            count(&asked, true);
            count(&reached, nearest.is_some());
            count(&unknown, far.unknown().is_some());
            count(&several, far.ways().len() > 1);
            // There are more texts to look into than are tried here, and more than the search tries.
            let looked_into = far.may_change().any(|(name, ..)| ["p", "s", "n"].contains(&name))
                || case.source.contains("contains t");
            match (far.unknown(), nearest) {
                (Some(_), _) => prop_assert!(looked_into, "unknown: {context}"),
                (None, Some(nearest)) if looked_into => {
                    prop_assert!(cost.is_some_and(|cost| cost <= nearest), "{context}");
                }
                (None, None) if looked_into => {}
                (None, nearest) => prop_assert_eq!(cost, nearest, "{}", context),
            }
            for way in far.ways() {
                let mut there = facts.clone();
                for change in way.changes() {
                    prop_assert_ne!(change.from(), change.to(), "{}", context);
                    there[change.name()] = serde_json::to_value(change.to()).unwrap();
                }
                prop_assert!(wanted(case.tier(&there)), "{way} leads to {}: {context}", case.tier(&there));
            }
        }
        Ok(())
    });
    let [asked, reached, unknown, several] = [&asked, &reached, &unknown, &several].map(Cell::get);
    println!("{asked} questions, {reached} can be reached, {several} in several ways, {unknown} are not known");
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(reached * 4 >= asked && unknown * 10 <= asked && several * 60 >= asked, "too little was looked at");
}

/// The ways as text.
fn ways(source: &str, facts: Value, target: Target<'_>, listed: &[&str]) -> Vec<String> {
    let policy = Policy::parse(source).unwrap_or_else(|error| panic!("{error}"));
    let customer = Customer::from_serialize(&facts).unwrap();
    let recourse = policy.recourse(target, listed).unwrap();
    let far = policy.distance(&customer, today(), &recourse, Budget::default()).unwrap();
    assert!(far.unknown().is_none(), "{far:?}");
    far.ways().iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_listed_may_change() {
    let policy = "field city \"city\": text
field industry: one of (manufacturing, services, retail)
field contract_ends: date cost 0.1
field badges: set of text
field certified: boolean
city in (\"Bonn\", \"Mainz\") and industry = retail => A
contract_ends > today + 90 days => A
badges contains all (\"gold\", \"iso\") and not badges contains \"late\" => A
certified and annual_spend > 500 => A
otherwise => B";
    let facts = || {
        json!({"city": "Ulm", "industry": "services", "contract_ends": "2026-05-01", "badges": ["iso", "late", "old"],
               "certified": false, "annual_spend": 400})
    };
    let better = |listed: &[&str]| ways(policy, facts(), Target::Better, listed);
    assert_eq!(better(&[]), [""; 0]);
    assert_eq!(better(&["city"]), [""; 0]);
    assert_eq!(
        better(&["city", "industry"]),
        ["industry \"retail\" instead of \"services\" and city \"Bonn\" instead of \"Ulm\""]
    );
    assert_eq!(better(&["contract_ends"]), ["contract ends 2026-06-30 instead of 2026-05-01"]);
    assert_eq!(better(&["badges"]), ["badges with \"gold\" and without \"late\""]);
    assert_eq!(better(&["certified"]), ["annual spend 500.01 (100.01 more) and certified true instead of false"]);
    // A number need not be listed, and what is listed twice is listed.
    assert_eq!(better(&["certified", "annual_spend", "certified"]), better(&["certified"]));
    let all = better(&["city", "industry", "contract_ends", "badges", "certified"]);
    assert_eq!(all.len(), 3, "{all:?}");
    assert_eq!(all[0], "contract ends 2026-06-30 instead of 2026-05-01");
}

#[test]
fn what_is_listed_is_checked() {
    let policy = Policy::parse(
        "field certified: boolean fixed\nfield retained: boolean\ncertified and retained => A\notherwise => B",
    )
    .unwrap();
    let error = |listed: &[&str]| policy.recourse(Target::Better, listed).unwrap_err();
    assert_eq!(error(&["certified"]), RecourseError::Fixed { name: "certified".to_owned() });
    let near = error(&["retained", "retaned"]);
    assert!(
        matches!(&near, RecourseError::NotUsed(name) if (name.name(), name.near()) == ("retaned", Some("retained")))
    );
    assert_eq!(near.to_string(), "the policy uses no fact `retaned`: did you mean `retained`?");
}

#[test]
fn what_is_missing_or_computed_stays() {
    // What is missing stays missing, listed or not.
    let policy = "field certified: boolean\nnot certified => A\notherwise => B";
    assert_eq!(
        ways(policy, json!({"certified": true}), Target::Better, &["certified"]),
        ["certified false instead of true"]
    );
    assert_eq!(ways(policy, json!({}), Target::Better, &["certified"]), [""; 0]);
    // A date that comes from orders does not change by itself; one that is given does.
    let recent = "last_order_on >= 2026-03-01 => A\notherwise => B";
    let orders = json!({"orders": [{"id": "1", "placed_on": "2026-02-01", "amount": 5}]});
    assert_eq!(ways(recent, orders, Target::Better, &["last_order_on"]), [""; 0]);
    let given = json!({"last_order_on": "2026-02-01"});
    assert_eq!(
        ways(recent, given, Target::Better, &["last_order_on"]),
        ["last order date 2026-03-01 instead of 2026-02-01"]
    );
    // Any text does that the policy does not name.
    let other = "field region: text\nregion not in (\"north\", \"?\") => A\notherwise => B";
    assert_eq!(
        ways(other, json!({"region": "north"}), Target::Better, &["region"]),
        ["region something that the policy does not name, instead of \"north\""]
    );
}

/// What is too large to be searched is said to be, and nothing is proved.
#[test]
fn a_large_set_is_not_searched() {
    let policy = Policy::parse("field s: set of integer\ns contains 7 => A\notherwise => B").unwrap();
    let recourse = policy.recourse(Target::Better, &["s"]).unwrap();
    for (members, known) in [(1_000, true), (20_000, false)] {
        let members: Vec<i64> = (10..10 + members).collect();
        let customer = Customer::new().with("s", members);
        let far = policy.distance(&customer, today(), &recourse, Budget::default()).unwrap();
        assert_eq!(
            (far.unknown().is_none(), far.ways().len()),
            (known, usize::from(known)),
            "{}",
            far.text(Lang::En).len()
        );
    }
}
