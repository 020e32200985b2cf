//! The search against trying everything: on small grids every customer is decided, and what the search says is what that
//! tells, no more and no less.
//!
//! `TIERWISE_SEARCH_CASES` sets the number of cases of each test (256 by default).

#[path = "support/dice.rs"]
mod dice;
#[path = "support/grids.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod grids;
#[path = "support/runner.rs"]
mod runner;

use std::cell::Cell;
use std::collections::BTreeSet;

use dice::Dice;
use grids::{GRID, Point, Small, Tier, today};
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use tierwise::{Budget, Customer, Datum, Policy};

impl Small {
    /// Every customer who is like `point` where that is known; where it is not, also those who lack the fact.
    fn like(&self, point: &Point, lacking: bool) -> Vec<Point> {
        let mut all = vec![Vec::new()];
        for (at, value) in point.iter().enumerate() {
            let choices: Vec<Option<usize>> = match value {
                Some(value) => vec![Some(*value)],
                None => (0..self.values(at)).map(Some).chain(lacking.then_some(None)).collect(),
            };
            all = all
                .iter()
                .flat_map(|start: &Point| choices.iter().map(|choice| [&start[..], &[*choice]].concat()))
                .collect();
        }
        all
    }
}

/// What is possible and what matters, by trying everything.
fn tried(small: &Small, point: &Point) -> (BTreeSet<(bool, Tier)>, BTreeSet<String>) {
    let decided = small.tier(point);
    let all: std::collections::BTreeMap<Point, Tier> =
        small.like(point, true).into_iter().map(|point| (point.clone(), small.tier(&point))).collect();
    let reached: BTreeSet<Tier> = all.iter().filter(|(other, _)| is_complete(other)).map(|(_, tier)| *tier).collect();
    let mut matters = BTreeSet::new();
    if reached != BTreeSet::from([decided]) {
        for (at, _) in point.iter().enumerate().filter(|(_, known)| known.is_none()) {
            let changes = all.iter().any(|(one, tier)| {
                let other = |value: Option<usize>| {
                    let mut other = one.clone();
                    other[at] = value;
                    all[&other]
                };
                let full = is_complete(one);
                let differs = full && (0..small.values(at)).any(|value| other(Some(value)) != *tier);
                let lost = one[at].is_some() && *tier != decided && other(None) == decided;
                differs || lost
            });
            if changes {
                matters.insert(GRID[small.fields[at]].0.to_owned());
            }
        }
    }
    (reached.into_iter().map(|tier| (tier.is_none(), tier)).collect(), matters)
}

fn is_complete(point: &Point) -> bool {
    point.iter().all(Option::is_some)
}

/// Half of the facts are missing.
fn point(small: &Small, dice: &mut Dice<'_>) -> Point {
    (0..small.fields.len()).map(|at| (dice.roll(2) == 0).then(|| dice.roll(small.values(at)))).collect()
}

#[test]
fn possible_tiers_are_those_that_completions_reach() {
    let (all, several, superset) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = runner("possible", "TIERWISE_SEARCH_CASES");
    let result = runner.run(&(vec(any::<u16>(), 0..300), vec(any::<u16>(), 8)), |(policy, facts)| {
        let small = Small::new(&policy)?;
        let point = point(&small, &mut Dice::new(&facts));
        let (reached, matters) = tried(&small, &point);
        let customer = small.customer(&point);
        let tiers: Vec<&str> = small.policy.tiers().collect();
        let place = |tier: Option<&str>| tier.map(|tier| tiers.iter().position(|known| *known == tier).unwrap());
        let outcome = small.policy.classify(&customer, today()).unwrap();
        let possible = small.policy.possible(&customer, today(), Budget::default()).unwrap();
        let found: BTreeSet<(bool, Tier)> = possible.tiers().map(|tier| (tier.is_none(), place(tier))).collect();
        let shown = format!("{possible:?}, but tried: {reached:?}, {matters:?}");
        prop_assert!(possible.unknown().is_none() && found == reached, "{}", small.fail(&point, &shown));
        prop_assert_eq!(
            possible.matters().map(str::to_owned).collect::<BTreeSet<_>>(),
            matters,
            "{}",
            small.fail(&point, &shown)
        );
        let short = outcome.findings().any(|finding| finding.code() == "F0121");
        let same = outcome.possible().eq(possible.tiers()) && outcome.missing().eq(possible.matters());
        prop_assert!(same || short, "{}", small.fail(&point, &format!("{outcome:?}")));
        prop_assert_eq!(outcome.is_certain(), possible.is_certain());
        superset.set(superset.get() + usize::from(short));
        settles(&small, &point, &possible.settles().collect::<Vec<_>>())?;
        all.set(all.get() + 1);
        several.set(several.get() + usize::from(reached.len() > 1));
        Ok(())
    });
    let (all, several, superset) = (all.get(), several.get(), superset.get());
    println!("{all} customers, {several} of several tiers; a short search left something open of {superset}");
    result.unwrap();
    assert!(several * 4 >= all && superset * 200 <= all, "too little was looked at");
}

/// For some of their values these facts leave one tier.
fn settles(small: &Small, point: &Point, names: &[&str]) -> Result<(), TestCaseError> {
    let asked: Point = small
        .fields
        .iter()
        .zip(point)
        .map(|(field, value)| if names.contains(&GRID[*field].0) { None } else { value.or(Some(0)) })
        .collect();
    let settled = names.is_empty()
        || small.like(&asked, false).into_iter().any(|values| {
            let given: Point = small
                .fields
                .iter()
                .zip(point)
                .zip(values)
                .map(|((field, known), value)| if names.contains(&GRID[*field].0) { value } else { *known })
                .collect();
            small.like(&given, false).iter().map(|point| small.tier(point)).collect::<BTreeSet<_>>().len() == 1
        });
    if settled { Ok(()) } else { Err(small.fail(point, &format!("{names:?} settle nothing"))) }
}

/// An order may be from the web or not; what the number of them leaves open is not what other facts leave open.
#[test]
fn a_fact_that_no_completion_needs_is_not_missing() {
    let policy = Policy::parse(
        "count(orders where channel = \"web\") >= 4 and points > 10 => A
         count(orders where channel = \"web\") >= 3 => B
         nps > 50 => C
         otherwise => D",
    )
    .unwrap();
    let order = |channel: Option<&str>| Customer::new().with("channel", channel);
    let orders = [Some("web"), Some("web"), Some("web"), None].map(order).to_vec();
    let possible = policy.possible(&Customer::new().with("orders", orders), today(), Budget::default()).unwrap();
    assert_eq!(possible.tiers().collect::<Vec<_>>(), [Some("A"), Some("B")]);
    assert_eq!(possible.matters().collect::<Vec<_>>(), ["points", "orders.channel"]);
}

/// A text in capitals is another than that in small letters, however far behind the question it is made small.
#[test]
fn texts_made_small_behind_a_let_are_told_apart() {
    for source in [
        "let r = lower(region)\nr = \"abc\" and region != \"abc\" => A\notherwise => B",
        "(lower(region) ?? \"x\") = \"abc\" and region != \"abc\" => A\notherwise => B",
        "let r = lower(region)\ntable t by r {\n r points\n \"abc\" 5\n}\nt.points > 3 and region != \"abc\" => A\notherwise => B",
    ] {
        let policy = Policy::parse(source).unwrap_or_else(|error| panic!("{source}\n{error}"));
        let possible = policy.possible(&Customer::new(), today(), Budget::default()).unwrap();
        assert_eq!(possible.tiers().collect::<Vec<_>>(), [Some("A"), Some("B")], "{source}");
    }
}

/// An average lies between amounts: it has no grid, though the amounts have one.
#[test]
fn an_average_of_which_an_amount_is_missing_can_be_between_cents() {
    let amount = |amount: Option<i64>| Customer::new().with("placed_on", "2026-03-30").with("amount", amount);
    let customer = Customer::new().with("orders", [Some(1000), None].map(amount).to_vec());
    let tiers = |source: &str| {
        let policy = Policy::parse(source).unwrap_or_else(|error| panic!("{source}\n{error}"));
        let possible = policy.possible(&customer, today(), Budget::default()).unwrap();
        possible.tiers().map(|tier| tier.unwrap().to_owned()).collect::<Vec<_>>()
    };
    let yen = "currency JPY\ntiers A > B > C\n";
    let rules = "average_order_value >= 1001 => A\naverage_order_value > 1000 => B\notherwise => C";
    assert_eq!(tiers(&format!("{yen}{rules}")), ["A", "B", "C"]);
    let cents = "average_order_value >= 1000.01 => A\naverage_order_value <= 1000 => B\notherwise => C";
    assert_eq!(tiers(&format!("currency EUR\ntiers A > B > C\n{cents}")), ["A", "B", "C"]);
}

/// A quotient has as many places as there is room for, and a sum of it with a larger number may have no result.
#[test]
fn a_quotient_may_not_fit_into_a_sum() {
    let policy = Policy::parse("field i: integer 0..1000\ni / 17.37 + 10.001 > 0 => A").unwrap();
    let tier = |customer: &Customer| policy.classify(customer, today()).unwrap().tier().map(str::to_owned);
    assert_eq!(tier(&Customer::new().with("i", 0)), Some("A".to_owned()));
    assert_eq!(tier(&Customer::new().with("i", 1)), None);
    let possible = policy.possible(&Customer::new(), today(), Budget::default()).unwrap();
    assert_eq!(possible.tiers().collect::<Vec<_>>(), [Some("A"), None]);
}

/// Which text stands for all others is none of those that are named, those too for which another one stands.
#[test]
fn a_question_mark_may_be_named() {
    let policy = Policy::parse("field segment: text\nsegment in (\"!\", \"?\", \"??\") => A\notherwise => B").unwrap();
    let possible = policy.possible(&Customer::new(), today(), Budget::default()).unwrap();
    assert_eq!(possible.tiers().collect::<Vec<_>>(), [Some("A"), Some("B")]);
}

/// A set that is missing may have whatever it is asked for, be that known or missing too.
#[test]
fn a_missing_set_may_have_what_another_fact_is() {
    for (fields, condition, known) in [
        ("field tags: set of text\nfield country: text", "tags contains country", ("country", Datum::from("DE"))),
        ("field numbers: set of integer\nfield own: integer", "numbers contains own", ("own", Datum::from(7))),
        ("field days: set of date\nfield day: date", "days contains day", ("day", Datum::from(today()))),
    ] {
        let policy = Policy::parse(&format!("{fields}\n{condition} => A\notherwise => B")).unwrap();
        let set = policy.needs().fields().map(|field| field.name()).find(|name| *name != known.0).unwrap();
        for (customer, missing) in [
            (Customer::new().with(known.0, known.1.clone()), vec![set]),
            (Customer::new(), policy.needs().fields().map(|field| field.name()).collect()),
        ] {
            let outcome = policy.classify(&customer, today()).unwrap();
            assert!(!outcome.is_certain(), "{condition}: {outcome:?}");
            assert_eq!(outcome.possible().collect::<Vec<_>>(), [Some("A"), Some("B")], "{condition}");
            assert_eq!(outcome.missing().collect::<Vec<_>>(), missing, "{condition}");
            let possible = policy.possible(&customer, today(), Budget::default()).unwrap();
            assert_eq!(possible.tiers().collect::<Vec<_>>(), [Some("A"), Some("B")], "{condition}");
        }
        let empty = Customer::new().with(known.0, known.1.clone()).with(set, Vec::<&str>::new());
        assert!(policy.classify(&empty, today()).unwrap().is_certain());
        assert_eq!(policy.analyze(Budget::default()).findings().len(), 0, "{condition}");
    }
}

/// However long a value is, what it is compared with is told apart of all facts on which it hangs.
#[test]
fn a_fact_behind_a_long_value_is_told_apart() {
    let arms = |count: usize, value: &str| -> String {
        (0..count).map(|at| format!("if x = {at} then {} else ", value.replace('#', &at.to_string()))).collect()
    };
    let fields = "field x: integer\nfield known: money\nfield amount: money\nfield region: text\nfield tags: set of text\nfield none: set of text\n";
    for count in [20, 21, 60, 400] {
        for (value, rule) in [
            (format!("{}region", arms(count, "\"C#\"")), "v = \"world\""),
            (format!("{}region", arms(count, "\"C#\"")), "v starts with \"world\""),
            (format!("{}tags", arms(count, "none")), "v contains \"vip\""),
            (format!("{}amount", arms(count, "known")), "v > 100.001 and v < 100.003"),
        ] {
            let policy = Policy::parse(&format!("{fields}let v = {value}\n{rule} => A\notherwise => B")).unwrap();
            let outcome = policy.classify(&Customer::new().with("x", -1), today()).unwrap();
            assert_eq!(outcome.possible().collect::<Vec<_>>(), [Some("A"), Some("B")], "{count} {rule}");
            assert!(!outcome.is_certain() && outcome.missing().count() == 1, "{count} {rule}: {outcome:?}");
            let found = policy.analyze(Budget::default());
            assert!(
                found.findings().iter().all(|finding| finding.code().as_str() != "A0104"),
                "{count} {rule}: {found:?}"
            );
        }
    }
    let any: Vec<String> = (0..5_000).map(|at| format!("x = {at}")).collect();
    let rule = format!("let w = region = \"world\"\n{} or w => A\nknown > 5 => A\notherwise => B", any.join(" or "));
    let policy = Policy::parse(&format!("{fields}{rule}")).unwrap();
    let outcome = policy.classify(&Customer::new().with("x", -1), today()).unwrap();
    assert_eq!(outcome.missing().collect::<Vec<_>>(), ["region", "known"]);
    // Where there is no room left for all of it, that is said.
    let rules: String = (0..800).map(|at| format!("(if known > {at} then v else region) = \"r{at}\" => A\n")).collect();
    let source = format!("{fields}let v = if {} then region else \"none\"\n{rules}otherwise => B", any.join(" or "));
    let policy = Policy::parse(&source).unwrap();
    let outcome = policy.classify(&Customer::new().with("x", 7).with("known", 5), today()).unwrap();
    assert!(!outcome.is_certain() && outcome.findings().any(|finding| finding.code() == "F0121"), "{outcome:?}");
    assert!(!policy.analyze(Budget::of(100)).is_complete());
}
