//! How facts come in: by hand, from anything that serialises, and what is refused; and what may cross threads.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Serialize;
use tierwise::{
    Customer, CustomerError, Datum, Fact, FactError, Facts, FieldRef, Outcome, Policy, PolicyError, Schema, Type,
};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

#[test]
fn policies_and_errors_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<Policy>();
    crosses::<PolicyError>();
    crosses::<CustomerError>();
    crosses::<Outcome>();
    crosses::<Customer>();
    crosses::<Schema>();
    let policy = Policy::parse("frequency > 3 => A\notherwise => B").unwrap();
    let work = |frequency: i64| {
        let policy = policy.clone();
        std::thread::spawn(move || policy.classify(&Customer::new().with("frequency", frequency), today()).unwrap())
    };
    let outcomes: Vec<Outcome> = [work(4), work(3)].map(|thread| thread.join().unwrap()).into();
    assert_eq!([outcomes[0].settled(), outcomes[1].settled()], [Some("A"), Some("B")]);
}

#[derive(Serialize)]
enum Sector {
    Retail,
}

#[derive(Serialize)]
struct Address {
    city: &'static str,
}

#[derive(Serialize)]
struct Account {
    annual_spend: Decimal,
    frequency: Option<u8>,
    nps: i8,
    satisfaction: f32,
    last_order_on: NaiveDate,
    industry: Sector,
    channels: BTreeSet<&'static str>,
    address: Address,
    vip: bool,
}

const POLICY: &str = "field address.city: text
field vip: boolean
annual_spend = 12.5 and nps = -3 and satisfaction = 0.1 and last_order_on = 2026-03-01 and industry = \"Retail\"
  and channels contains all (\"web\", \"shop\") and address.city = \"Wien\" and vip and frequency = 7 => A
otherwise => B";

fn account(frequency: Option<u8>) -> Account {
    Account {
        annual_spend: Decimal::new(1250, 2),
        frequency,
        nps: -3,
        satisfaction: 0.1,
        last_order_on: NaiveDate::from_ymd_opt(2026, 3, 1).unwrap(),
        industry: Sector::Retail,
        channels: BTreeSet::from(["shop", "web"]),
        address: Address { city: "Wien" },
        vip: true,
    }
}

#[test]
fn a_hosts_own_struct_comes_in_as_it_is() {
    let policy = Policy::parse(POLICY).unwrap();
    let classify = |frequency| {
        let customer = Customer::from_serialize(&account(frequency)).unwrap();
        policy.classify(&customer, today()).unwrap()
    };
    assert_eq!(classify(Some(7)).settled(), Some("A"));
    assert_eq!(classify(Some(8)).settled(), Some("B"));
    assert_eq!(classify(None).missing().collect::<Vec<_>>(), ["frequency"]);
}

#[test]
fn what_is_no_object_of_facts_is_refused() {
    assert!(Customer::from_serialize(&[1, 2]).unwrap_err().to_string().contains("object"));
    assert!(Customer::from_serialize("x").is_err());
    assert!(Customer::from_serialize(&BTreeMap::from([((1, 2), 3)])).is_err());
    let mut deep = serde_json::json!(1);
    for _ in 0..64 {
        deep = serde_json::json!({ "x": deep });
    }
    assert!(Customer::from_serialize(&deep).is_ok());
    let deeper = serde_json::json!({ "x": deep });
    assert!(Customer::from_serialize(&deeper).unwrap_err().to_string().contains("64"));
}

#[test]
fn a_fact_that_is_given_twice_is_an_error_where_it_is_used() {
    let policy = Policy::parse("frequency > 3 => A\notherwise => B").unwrap();
    let twice = Customer::new().with("frequency", 4).with("frequency", 4).with("nps", 1).with("nps", 2);
    let error = policy.classify(&twice, today()).unwrap_err();
    assert_eq!((error.code(), error.field()), ("D0112", Some("frequency")));
    let unused = Customer::new().with("frequency", 4).with("nps", 1).with("nps", 2);
    assert_eq!(policy.classify(&unused, today()).unwrap().settled(), Some("A"));
}

#[test]
fn a_host_that_cannot_tell_refuses_the_customer() {
    struct Broken;
    impl Facts for Broken {
        fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
            Err(FactError::new(format!("slot {} of type {} is gone", field.slot(), field.ty())))
        }
    }
    let policy = Policy::parse("frequency > 3 => A\notherwise => B").unwrap();
    let error = policy.decide(&Broken, today()).unwrap_err();
    assert_eq!(error.to_string(), "`frequency` cannot be read: slot 0 of type integer is gone");
}

#[test]
fn sensitive_values_are_nowhere_to_be_read() {
    let policy = Policy::parse(
        "field iban: text sensitive
         field salary: integer 0..100 sensitive
         field kind: one of (a, b) sensitive
         iban = \"x\" and salary > 5 and kind = a => A
         otherwise => B",
    )
    .unwrap();
    for customer in [
        Customer::new().with("iban", "DE-SECRET").with("salary", 12).with("kind", "SECRET"),
        Customer::new().with("iban", "DE-SECRET").with("salary", "SECRET"),
        Customer::new().with("iban", "DE-SECRET").with("salary", 77_077),
        Customer::new().with("iban", "DE-SECRET").with("salary", 77.077),
        Customer::new().with("iban", Datum::from(vec!["SECRET"])),
    ] {
        let shown = format!("{customer:?} {:?}", policy.classify(&customer, today()));
        assert!(!shown.contains("SECRET") && !shown.contains("77"), "{shown}");
    }
}

#[test]
fn a_policy_cannot_lay_open_what_the_host_protects() {
    let schema = Schema::standard()
        .field(tierwise::Field::new("gender", Type::Text).protected())
        .field(tierwise::Field::new("salary", Type::Integer).sensitive().required());
    let builder = Policy::builder().schema(schema);
    let error = builder.parse("field gender: text\ngender = \"f\" => A").unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "E0507");
    let policy = builder.parse("field salary: integer 0..10\nsalary > 5 => A").unwrap();
    let refused = |customer: Customer| policy.classify(&customer, today()).unwrap_err().to_string();
    assert_eq!(refused(Customer::new().with("salary", 77)), "`salary`: `(hidden)` is not between 0 and 10");
    assert_eq!(refused(Customer::new()), "required `salary` is missing");
    let error = builder.parse("field salary: integer default 0\nsalary > 5 => A").unwrap_err();
    assert_eq!(error.diagnostics()[0].code().as_str(), "E0510");
    // The last word of a text looks like a currency.
    let money = Policy::parse("field salary: money sensitive\nsalary > 5 => A").unwrap();
    let error = money.classify(&Customer::new().with("salary", "12345 SEC"), today()).unwrap_err();
    assert!(!error.to_string().contains("SEC"), "{error}");
}

#[test]
fn a_field_of_the_host_whose_range_does_not_fit_is_an_error() {
    let fields = [
        tierwise::Field::new("x", Type::Text).between(0, 10),
        tierwise::Field::new("x", Type::Number).between_dates(today(), today()),
        tierwise::Field::new("x", Type::Date).scale(2),
    ];
    for field in fields {
        let error = Policy::builder().schema(Schema::standard().field(field)).parse("frequency > 1 => A").unwrap_err();
        assert_eq!(error.diagnostics()[0].code().as_str(), "E0509");
    }
    let scaled = tierwise::Field::new("x", Type::Number).scale(40);
    let policy = Policy::builder().schema(Schema::standard().field(scaled)).parse("x > 5 => A").unwrap();
    assert_eq!(policy.classify(&Customer::new().with("x", "5.5"), today()).unwrap().settled(), Some("A"));
}

#[test]
fn a_host_may_call_its_own_field_current_tier() {
    let schema = Schema::standard().field(tierwise::Field::new("current.tier", Type::Text));
    let policy = Policy::builder().schema(schema).parse("current.tier = \"gold\" => A\notherwise => B").unwrap();
    let gold = Customer::new().with("current.tier", "gold");
    assert_eq!(policy.classify(&gold, today()).unwrap().settled(), Some("A"));
    // A new customer has no standing, and is not made uncertain by that.
    assert_eq!(policy.classify(&Customer::new(), today()).unwrap().settled(), Some("B"));
}

#[test]
fn rules_have_names_and_lines_behind_their_ids() {
    let policy = Policy::parse("\"big\": frequency > 3 => A\notherwise => B").unwrap();
    let rule =
        |frequency: i64| policy.decide(&Customer::new().with("frequency", frequency), today()).unwrap().rule().unwrap();
    assert_eq!((policy.rule_name(rule(4)), policy.rule_line(rule(4))), (Some("big"), 1));
    assert_eq!((policy.rule_name(rule(3)), policy.rule_line(rule(3))), (None, 2));
}

#[test]
fn a_host_may_bring_its_own_schema() {
    let schema = Schema::empty()
        .field(tierwise::Field::new("sum", Type::Money))
        .field(tierwise::Field::new("sex", Type::Text).protected());
    let builder = Policy::builder().schema(schema);
    assert!(builder.parse("sum > 3 => A").is_ok());
    assert!(builder.parse("frequency > 3 => A").is_err());
    assert!(builder.parse("sex = \"f\" => A").is_err());
    assert!(builder.allow_protected().parse("sex = \"f\" => A").is_ok());
}
