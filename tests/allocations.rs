//! `decide` allocates nothing, `classify` a few times whatever the policy's size.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tierwise::{Fact, FactError, Facts, FieldRef, Policy};

struct Account {
    spend: Option<Decimal>,
    orders: Option<i64>,
    last: Option<NaiveDate>,
    region: Option<&'static str>,
}

impl Facts for Account {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        Ok(match field.name() {
            "annual_spend" => self.spend.into(),
            "frequency" => self.orders.into(),
            "last_order_on" => self.last.into(),
            _ => self.region.into(),
        })
    }
}

/// A policy with caps, floors, a long list and more lets than fit in a small scratch.
fn policy(rules: usize) -> Policy {
    let mut source =
        String::from("tiers A > B > C\nlet v0 = frequency * 2\nlet old = not last_order_on within 12 months\n");
    for at in 1..40 {
        source += &format!("let v{at} = v{} + 1\n", at - 1);
    }
    source += "segment stage { frequency = 0 => new; old => gone; otherwise => regular }\n";
    source += "table bonus by region { region extra; \"north\" 5; \"NORTH\" missing; \"south\" 7 }\n";
    source += "score value { annual_spend: >= 1M => 40, >= 200K => 20, otherwise => v0\n";
    source += "stage: = gone => 0, otherwise => bonus.extra ?? 1 weight 40%\n v1 / 2 } min 0 max 100\n";
    source += "value > 1000 or value in (1000, 1001) or (stage = gone and value < 0) or (bonus.extra > 6 and value < 0) => A\n";
    for at in 0..rules {
        source += &format!(
            "annual_spend > {}M and v39 >= 60 and lower(region) in (\"north\", \"south\") => A\n",
            1_000 - at % 900
        );
    }
    source +=
        "annual_spend > 200K or old => B\notherwise => C\ncap B when frequency < 2\nfloor B when annual_spend > 5M\n";
    Policy::parse(&source).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn deciding_allocates_nothing_and_classifying_a_constant_few() {
    let known = Account {
        spend: Some(Decimal::from(300_000)),
        orders: Some(5),
        last: NaiveDate::from_ymd_opt(2026, 1, 1),
        region: Some("NORTH"),
    };
    let unknown = Account { spend: None, orders: None, last: None, region: None };
    let as_of = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    let mut classified = [Vec::new(), Vec::new()];
    for rules in [3, 300] {
        let policy = policy(rules);
        for account in [&known, &unknown] {
            let mut certain = None;
            let decided = allocation_counter::measure(|| {
                certain = policy.decide(account, as_of).ok().map(|decided| decided.is_certain())
            });
            assert_eq!(certain, Some(account.spend.is_some()));
            assert_eq!(decided.count_total, 0, "allocations to decide");
            let counted = allocation_counter::measure(|| drop(policy.classify(account, as_of)));
            classified[usize::from(account.spend.is_none())].push(counted.count_total);
        }
    }
    let [known, searched] = classified;
    assert_eq!(known[0], known[1], "classifying must not allocate more for more rules");
    assert!(known[0] <= 12, "{known:?}");
    // Where facts are missing the search allocates for what it looks at: no more than there are rules.
    assert!(searched[1] <= searched[0] * 100, "{searched:?}");
}

#[cfg(feature = "derive")]
mod bound {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;
    use tierwise::{Facts, Forced, Policy, Tier};

    #[derive(Facts)]
    struct Account {
        annual_spend: Option<Decimal>,
        frequency: Option<i64>,
        region: Option<String>,
        last_order_on: Option<NaiveDate>,
        points: u32,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Tier)]
    enum Level {
        A,
        B,
        C,
    }

    fn source(rules: usize) -> String {
        let rule = |at: usize| {
            format!("annual_spend > {}K and points < {} and region != \"west\" => A\n", 5_000 - at % 900, at % 64)
        };
        let rules: String = (0..rules).map(rule).collect();
        rules + "annual_spend > 200K or (frequency >= 12 and last_order_on within 90 days) => B\notherwise => C"
    }

    #[test]
    fn a_bound_decision_allocates_nothing() {
        let region = || Some("a region of more than eight letters".to_owned());
        let known = Account {
            annual_spend: Some(Decimal::new(30_000_001, 2)),
            frequency: Some(5),
            region: region(),
            last_order_on: NaiveDate::from_ymd_opt(2026, 1, 1),
            points: 7,
        };
        let unknown = Account { annual_spend: None, frequency: None, region: region(), last_order_on: None, points: 7 };
        let as_of = NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
        for rules in [1, 40, 1_000] {
            for forced in [None, Some(Forced::Straight), Some(Forced::Rows), Some(Forced::Table)] {
                let builder = Policy::builder();
                let builder = forced.into_iter().fold(builder, |builder, forced| builder.force(forced));
                let bound = builder.parse(&source(rules)).unwrap().bind::<Account, Level>().unwrap();
                for (account, settled) in [(&known, Some(Level::B)), (&unknown, None)] {
                    let mut decided = None;
                    let counted = allocation_counter::measure(|| decided = bound.decide(account, as_of).ok());
                    assert_eq!(counted.count_total, 0, "{forced:?}");
                    assert_eq!(decided.and_then(|decided| decided.settled()), settled, "{forced:?}");
                }
            }
        }
    }
}
