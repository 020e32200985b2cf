//! Real customers: the changes of tier that are announced come, and no others.

#[path = "support/real.rs"]
mod real;

use chrono::NaiveDate;
use real::{orders, shared};
use tierwise::{Customer, Lang, Policy};

/// Every so many customers are looked at on every day; `TIERWISE_FORECAST_EVERY` sets it.
const EVERY: usize = 10;

#[test]
fn cd_buyers_change_on_the_announced_days_alone() {
    let Some(shared) = shared() else { return };
    let policy = Policy::parse(
        "annual_spend > 1000 and frequency >= 6 => A\n\
         annual_spend > 200 and frequency >= 2 => B\n\
         otherwise => C",
    )
    .unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let (as_of, last) = (day("1997-12-31"), day("1998-06-30"));
    // Facts are frozen: what was bought later is not known.
    let customers: Vec<Customer> = orders(&shared, "cdnow", "1997-12-31")
        .into_values()
        .map(|orders| Customer::new().with("orders", orders))
        .collect();
    let forecast = policy.forecast(&customers, as_of, last);
    assert_eq!((forecast.customers(), forecast.refused().len(), customers.len()), (23_570, 0, 23_570));
    assert!(forecast.changes().map(|(_, change)| change.on()).is_sorted());

    let tier = |customer: usize, date: NaiveDate| {
        let decided = policy.decide(&customers[customer], date).unwrap();
        decided.tier().map(|tier| policy.tier_name(tier).to_owned())
    };
    let mut without_reason = 0;
    for (customer, change) in forecast.changes() {
        assert_eq!(tier(customer, change.on().pred_opt().unwrap()).as_deref(), change.from());
        assert_eq!(tier(customer, change.on()).as_deref(), change.to());
        without_reason += usize::from(change.reasons(Lang::En).is_empty());
    }
    assert_eq!(without_reason, 0);

    let every = std::env::var("TIERWISE_FORECAST_EVERY").ok().and_then(|every| every.parse().ok()).unwrap_or(EVERY);
    let (mut looked_at, mut found) = (0, 0);
    for customer in (0..customers.len()).step_by(every) {
        let announced: Vec<NaiveDate> =
            forecast.changes().filter(|(at, _)| *at == customer).map(|(_, change)| change.on()).collect();
        let mut before = tier(customer, as_of);
        let mut changed = Vec::new();
        for date in as_of.iter_days().skip(1).take_while(|date| *date <= last) {
            let now = tier(customer, date);
            if now != before {
                changed.push(date);
            }
            before = now;
            looked_at += 1;
        }
        assert_eq!(changed, announced, "customer {customer}");
        found += changed.len();
    }
    let all = forecast.changes().len();
    println!("{all} changes announced; {looked_at} days looked at, {found} changes there");
    assert!(all > 1_000 && found * every > all / 2);
}
