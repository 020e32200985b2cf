//! How far a customer is from another tier, against trying every customer of a small grid.
//!
//! `TIERWISE_DISTANCE_CASES` sets the number of cases (256 by default).

#[path = "support/dice.rs"]
mod dice;
#[path = "support/grids.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod grids;
#[path = "support/runner.rs"]
mod runner;

use std::cell::Cell;
use std::collections::BTreeMap;

use dice::Dice;
use grids::{GRID, Point, Small, Tier, today};
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use rust_decimal::Decimal;
use serde_json::Value;
use tierwise::{Budget, Customer, Distance, FactChange, Policy, Target};

impl Small {
    /// How many units lie between two values: of its grid between numbers, one between others.
    fn apart(&self, at: usize, values: [usize; 2], unit: Decimal) -> Decimal {
        let [one, other] = values.map(|value| GRID[self.fields[at]].2[value]);
        match (one.parse::<Decimal>(), other.parse::<Decimal>()) {
            (Ok(one), Ok(other)) => (one - other).abs() / unit,
            _ => Decimal::from(u8::from(one != other)),
        }
    }

    /// Every customer whose facts are others, as far as they may change, with what that costs.
    fn moved(&self, point: &Point, far: &Distance) -> Vec<(Point, Decimal)> {
        let costs: BTreeMap<&str, (Decimal, Decimal)> =
            far.may_change().map(|(name, unit, cost)| (name, (unit, cost))).collect();
        let mut all = vec![(Vec::new(), Decimal::ZERO)];
        for (at, value) in point.iter().enumerate() {
            let name = GRID[self.fields[at]].0;
            let choices: Vec<(Option<usize>, Decimal)> = match (value, costs.get(name)) {
                (Some(now), Some((unit, cost))) => (0..self.values(at))
                    .map(|other| (Some(other), self.apart(at, [*now, other], *unit) * cost))
                    .collect(),
                _ => vec![(*value, Decimal::ZERO)],
            };
            all = all
                .iter()
                .flat_map(|(start, so_far): &(Point, Decimal)| {
                    choices.iter().map(move |(choice, cost)| ([&start[..], &[*choice]].concat(), so_far + cost))
                })
                .collect();
        }
        all
    }

    /// Some of the booleans and closed sets that the policy uses.
    fn listed(&self, dice: &mut Dice<'_>) -> Vec<&'static str> {
        let names = self.fields.iter().map(|field| GRID[*field].0).filter(|name| ["b", "k"].contains(name));
        let used = |name: &&str| self.policy.recourse(Target::Better, &[*name]).is_ok();
        names.filter(used).filter(|_| dice.roll(2) == 0).collect()
    }
}

impl Small {
    /// Whether the evaluator decides the tiers that are announced, and no way changes all that a nearer one does.
    fn leads_there(&self, point: &Point, far: &Distance, wanted: &dyn Fn(Tier) -> bool) -> bool {
        let tiers: Vec<&str> = self.policy.tiers().collect();
        let mut sets: Vec<Vec<&str>> = Vec::new();
        far.ways().iter().all(|way| {
            let mut facts = self.json(point);
            for change in way.changes() {
                facts[change.name()] = serde_json::to_value(change.to()).unwrap();
            }
            let tier = self.tier_of(&Customer::from_serialize(&facts).unwrap());
            let set: Vec<&str> = way.changes().iter().map(|change| change.name()).collect();
            let again = sets.iter().any(|known| known.iter().all(|name| set.contains(name)));
            sets.push(set);
            !again && tier.map(|tier| tiers[tier]) == way.tier() && wanted(tier)
        })
    }
}

#[test]
fn the_nearest_customer_is_the_nearest_of_all() {
    let [asked, reached, several, two, others] = [(); 5].map(|()| Cell::new(0));
    let count = |cell: &Cell<usize>, more: bool| cell.set(cell.get() + usize::from(more));
    let mut runner = runner("distance", "TIERWISE_DISTANCE_CASES");
    let result = runner.run(&(vec(any::<u16>(), 0..300), vec(any::<u16>(), 12)), |(policy, facts)| {
        let small = Small::new(&policy)?;
        let mut dice = Dice::new(&facts);
        let point: Point =
            (0..small.fields.len()).map(|at| (dice.roll(6) > 0).then(|| dice.roll(small.values(at)))).collect();
        let now = small.tier(&point);
        let tiers: Vec<&str> = small.policy.tiers().collect();
        let place = |tier: Tier| tier.unwrap_or(tiers.len());
        let (named, customer) = (dice.roll(tiers.len()), small.customer(&point));
        let listed = small.listed(&mut dice);
        for target in [Target::Better, Target::Worse, Target::Tier(tiers[named])] {
            let recourse = small.policy.recourse(target, &listed).unwrap();
            let far = small.policy.distance(&customer, today(), &recourse, Budget::default()).unwrap();
            let wanted = |tier: Tier| match target {
                Target::Better => place(tier) < place(now),
                Target::Worse => place(tier) > place(now),
                _ => place(tier) == named && tier != now,
            };
            let all = small.moved(&point, &far);
            let nearest = all.iter().filter(|(point, _)| wanted(small.tier(point))).map(|(_, cost)| *cost).min();
            let failed = |what: &str| {
                let shown = format!("{what} {target:?}: {far:?} but the nearest of all costs {nearest:?}");
                small.fail(&point, &shown)
            };
            count(&asked, true);
            count(&reached, nearest.is_some());
            count(&several, far.ways().len() > 1);
            prop_assert!(far.unknown().is_none(), "{}", failed("unknown"));
            prop_assert_eq!(
                far.ways().first().map(|way| way.cost().normalize()),
                nearest.map(|cost| cost.normalize()),
                "{}",
                failed("cost")
            );
            count(&two, far.ways().iter().any(|way| way.changes().len() > 1));
            let other = |change: &FactChange| listed.contains(&change.name());
            count(&others, far.ways().iter().any(|way| way.changes().iter().any(other)));
            prop_assert!(small.leads_there(&point, &far, &wanted), "{}", failed("ways"));
            prop_assert!(far.ways().is_sorted_by_key(|way| way.cost()), "{}", failed("order"));
        }
        Ok(())
    });
    let [asked, reached, several, two, others] = [&asked, &reached, &several, &two, &others].map(Cell::get);
    println!(
        "{asked} questions, {reached} can be reached, {several} in several ways, {two} where several facts change, \
         {others} over facts that are no numbers"
    );
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(
        reached * 5 >= asked && several * 60 >= asked && two * 60 >= asked && others * 60 >= asked,
        "too little was looked at"
    );
}

/// The nearest way as text, and what is proved.
fn way(source: &str, facts: Value, target: Target<'_>) -> String {
    let policy = Policy::parse(source).unwrap_or_else(|error| panic!("{error}"));
    let customer = Customer::from_serialize(&facts).unwrap();
    let far = policy.distance(&customer, today(), target, Budget::default()).unwrap();
    let ways: Vec<String> = far.ways().iter().map(ToString::to_string).collect();
    let end = match (far.is_hidden(), far.unknown()) {
        (true, _) => " (hidden)".to_owned(),
        (_, Some(unknown)) => format!(" ({unknown:?})"),
        _ => String::new(),
    };
    ways.join(" | ") + &end
}

fn orders(amounts: &[&str]) -> Value {
    let order = |(at, amount): (usize, &&str)| serde_json::json!({"id": at.to_string(), "placed_on": "2026-03-01", "amount": amount});
    serde_json::json!({ "orders": amounts.iter().enumerate().map(order).collect::<Vec<_>>() })
}

#[test]
fn what_is_computed_from_orders_is_what_to_do() {
    let spend = "currency EUR\nannual_spend > 1000 => A\notherwise => B";
    assert_eq!(
        way(spend, orders(&["400.50", "199.50"]), Target::Better),
        "annual spend 1,000.01 EUR (400.01 EUR more)"
    );
    let sum = "currency EUR\nsum(orders.amount in last 12 months) >= 1000 or count(orders) >= 5 => A\notherwise => B";
    assert_eq!(
        way(sum, orders(&["400.50", "199.50"]), Target::Better),
        "sum(orders.amount in last 12 months) 1,000 EUR (400 EUR more) | count(orders) 5 (3 more)"
    );
    // An average is not offered: it follows from what is.
    let average = "currency EUR\naverage_order_value > 150 => A\notherwise => B";
    assert_eq!(way(average, orders(&["100", "100"]), Target::Better), "annual spend 300.01 EUR (100.01 EUR more)");
}

#[test]
fn fields_say_what_may_change() {
    let policy = |options: &str| {
        format!(
            "field seats: integer 0..100{options}\nfield fee: money 0..\nseats >= 10 or fee > 90 => A\notherwise => B"
        )
    };
    let facts = || serde_json::json!({"seats": 5, "fee": 60});
    let better = |options: &str| way(&policy(options), facts(), Target::Better);
    assert_eq!(better(""), "fee 90.01 (30.01 more) | seats 10 (5 more)");
    assert_eq!(better(" cost 0.1"), "seats 10 (5 more) | fee 90.01 (30.01 more)");
    assert_eq!(better(" rising"), "fee 90.01 (30.01 more) | seats 10 (5 more)");
    assert_eq!(better(" falling"), "fee 90.01 (30.01 more)");
    assert_eq!(better(" fixed"), "fee 90.01 (30.01 more)");
    assert_eq!(better(" sensitive"), " (hidden)");
    // Nothing leads to what no rule gives, and that is proved; nor to a name that is not on the ladder.
    let narrow = "tiers A > B > C\nfield seats: integer 0..9\nseats >= 10 => A\nseats >= 5 => B\notherwise => C";
    assert_eq!(way(narrow, serde_json::json!({"seats": 5}), Target::Better), "");
    assert_eq!(way(narrow, serde_json::json!({"seats": 5}), Target::Tier("D")), "");
    assert_eq!(way(narrow, serde_json::json!({"seats": 5}), Target::Worse), "seats 4 (1 less)");
}

#[test]
fn size_and_digits_make_no_difference() {
    let volume = "field volume: number\nvolume >= 50M or points >= 100 => A\notherwise => B";
    let facts = serde_json::json!({"volume": 49_000_000, "points": 90});
    assert_eq!(way(volume, facts, Target::Better), "volume 50,000,000 (1,000,000 more) | points 100 (10 more)");
    // What lies between two whole numbers, or finer than a field takes, is nobody's number.
    let seats = "field seats: integer 0..500\n0.2 * seats > 30.3 => A\notherwise => B";
    assert_eq!(way(seats, serde_json::json!({"seats": 55}), Target::Better), "seats 152 (97 more)");
    let fee = "field fee: money 0..100 scale 2\nfee * 2 > 50.001 => A\notherwise => B";
    assert_eq!(way(fee, serde_json::json!({"fee": 20}), Target::Better), "fee 25.01 (5.01 more)");
    let product = "field x: number\nfield y: number\nx * y > 5 => A\notherwise => B";
    let long = way(product, serde_json::json!({"x": "0.30000000000000004", "y": 1}), Target::Better);
    assert!(!long.is_empty());
    let third = "field x: number\nx * 3 > 1 => A\notherwise => B";
    assert_eq!(way(third, serde_json::json!({"x": 0}), Target::Better), "x 0.333334 (0.333334 more)");
    let sum = "field x: number 0..2000\nfield y: number 0..2000\nx + y > 1000 and x - y < 10 => A\notherwise => B";
    assert_eq!(way(sum, serde_json::json!({"x": 0, "y": 0}), Target::Better), "y above 1,000");
}

#[test]
fn what_is_given_or_by_default_is_taken_so() {
    let average = "average_order_value > 500 => A\notherwise => B";
    assert_eq!(
        way(average, serde_json::json!({"average_order_value": 480}), Target::Better),
        "average order value 500.01 (20.01 more)"
    );
    let default = "field average_order_value: money default 100\naverage_order_value > 50 and frequency >= 12 => A\notherwise => B";
    assert_eq!(way(default, serde_json::json!({"frequency": 5}), Target::Better), "frequency 12 (7 more)");
    // One order may be from the web or not: three or four of them are.
    let web = "points >= count(orders where channel = \"web\") => A\notherwise => B";
    let orders = serde_json::json!([
        {"id": "1", "channel": "web"}, {"id": "2", "channel": "web"}, {"id": "3", "channel": "web"}, {"id": "4"}
    ]);
    assert_ne!(way(web, serde_json::json!({"points": 1, "orders": orders}), Target::Better), "");
    // Down to a named tier orders may go away; the tier that is decided already is no distance away.
    let spend = "annual_spend > 500 => A\notherwise => B";
    assert_eq!(way(spend, orders_of_600(), Target::Tier("B")), way(spend, orders_of_600(), Target::Worse));
    assert_eq!(way(spend, orders_of_600(), Target::Tier("A")), "");
}

fn orders_of_600() -> Value {
    orders(&["400.50", "199.50"])
}

/// One more order counts in every window that holds the day, and in none that is over.
#[test]
fn sums_over_the_same_orders_grow_together() {
    let dated = |orders: &[(&str, &str)]| {
        let order = |(at, (day, amount)): (usize, &(&str, &str))| serde_json::json!({"id": at.to_string(), "placed_on": day, "amount": amount});
        serde_json::json!({ "orders": orders.iter().enumerate().map(order).collect::<Vec<_>>() })
    };
    let life = "currency EUR\nannual_spend >= 1000 and lifetime_value < 1500 => A\notherwise => B";
    assert_eq!(way(life, dated(&[("2024-01-05", "500"), ("2026-03-30", "900")]), Target::Tier("A")), "");
    assert_eq!(
        way(life, dated(&[("2024-01-05", "300"), ("2026-03-30", "900")]), Target::Tier("A")),
        "annual spend 1,000 EUR (100 EUR more) and lifetime value 1,300 EUR (100 EUR more)"
    );
    let nested = "sum(orders.amount in last 30 days) >= 500 and sum(orders.amount in last 12 months) <= 1000 => A\notherwise => B";
    assert_eq!(way(nested, dated(&[("2025-09-05", "900"), ("2026-03-30", "50")]), Target::Better), "");
    let over = "sum(orders.amount in previous year) >= 500 => A\notherwise => B";
    assert_eq!(way(over, dated(&[("2025-09-05", "100"), ("2026-03-30", "50")]), Target::Better), "");
}

/// What counts some of the orders grows no more than what counts all of them.
#[test]
fn sums_over_some_orders_grow_with_those_over_all() {
    let web = |at: usize, amount: i64, channel: &str| serde_json::json!({"id": at.to_string(), "placed_on": "2026-03-01", "amount": amount, "channel": channel});
    let facts = |other: i64| serde_json::json!({"orders": [web(1, 60, "web"), web(2, other, "shop")]});
    for (most, least) in [
        ("lifetime_value", "sum(orders.amount where channel = \"web\")"),
        ("sum(orders.amount)", "sum(orders.amount in last 12 months where channel = \"web\")"),
    ] {
        let policy = format!("{least} >= 100 and {most} < 200 => A\notherwise => B");
        let told = way(&policy, facts(90), Target::Better);
        assert!(told.contains("100 (40 more)") && told.contains("190 (40 more)"), "{told}");
        assert_eq!(way(&policy, facts(100), Target::Better), "");
    }
}
