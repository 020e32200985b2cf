//! Everything that the derives take.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use tierwise::chrono::NaiveDate;
use tierwise::rust_decimal::Decimal;
use tierwise::{Facts, Host, Money, Policy, Tier};

fn initial(name: &String) -> &str {
    name.get(..1).unwrap_or("")
}

fn years(months: &u32) -> Option<Decimal> {
    Decimal::from(*months).checked_div(12.into())
}

#[derive(Facts)]
struct Address<'a> {
    city: &'a str,
}

#[derive(Facts)]
struct Line<T: tierwise::host::HostField> {
    quantity: T,
}

#[derive(Facts)]
struct Account<'a, T>
where
    T: tierwise::host::HostField + Send + 'static,
{
    #[facts(rename = "id", with = initial)]
    name: String,
    #[facts(with = years)]
    tenure: u32,
    #[facts(label = "Turnover", money, sensitive)]
    turnover: Option<Decimal>,
    #[facts(minor_units = 2, money)]
    cents: Option<i64>,
    #[facts(minor_units = 3)]
    grams: u32,
    share: f32,
    r#type: Arc<str>,
    budget: Money,
    since: NaiveDate,
    channels: BTreeSet<String>,
    tags: HashSet<String>,
    labels: Vec<&'static str>,
    address: Option<Address<'a>>,
    lines: Option<Vec<Line<u8>>>,
    other: T,
    #[facts(skip)]
    _skipped: std::cell::RefCell<()>,
}

#[derive(Facts)]
struct Nothing {}

#[derive(Clone, Copy, Tier)]
enum Level {
    #[tier(rename = "Key account")]
    Key,
    #[allow(non_camel_case_types)]
    r#in,
}

fn main() {
    let schema = <Account<'_, bool> as Host>::schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name()).collect();
    assert_eq!(names[..4], ["id", "tenure", "turnover", "cents"]);
    assert_eq!((names[6], names[11]), ("type", "labels"));
    assert!(schema.get("address.city").is_some() && schema.get("other").is_some());
    assert_eq!(schema.collections()[0].name(), "lines");
    let policy = Policy::parse("tiers `Key account` > `in`\notherwise => `in`").unwrap();
    assert!(policy.bind::<Nothing, Level>().is_ok());
}
