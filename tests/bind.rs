//! A host's own structs and tiers: what the derives tell, what binding checks, and that a bound policy decides as the
//! unbound one does, from many threads at once.

use std::fmt::Debug;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tierwise::{At, Bound, Customer, Facts, Host, Policy, Tier, Type};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

enum Region {
    North,
    South,
}

impl Region {
    fn name(&self) -> &'static str {
        match self {
            Self::North => "north",
            Self::South => "south",
        }
    }
}

/// In thousands, as some systems keep it.
fn whole(thousands: &f64) -> Option<f64> {
    thousands.is_finite().then_some(thousands * 1000.0)
}

#[derive(Facts)]
struct Address {
    country: String,
    city: Option<String>,
}

#[derive(Facts)]
struct Purchase {
    #[facts(rename = "id")]
    number: u64,
    placed_on: NaiveDate,
    #[facts(money, minor_units = 2)]
    amount: i64,
}

#[derive(Facts)]
struct Ticket {
    opened_on: NaiveDate,
    #[facts(dated)]
    closed_on: Option<NaiveDate>,
    severity: u8,
}

#[derive(Facts)]
struct Account {
    #[facts(rename = "annual_revenue", label = "Turnover", with = whole)]
    revenue: f64,
    #[facts(money, minor_units = 2)]
    credit: Option<i64>,
    #[facts(with = Region::name)]
    region: Region,
    address: Address,
    branch: Option<Box<Address>>,
    tags: Vec<String>,
    orders: Vec<Purchase>,
    tickets: Vec<Ticket>,
    #[facts(sensitive)]
    iban: &'static str,
    active: bool,
    #[facts(skip)]
    _lock: std::sync::Mutex<()>,
}

#[derive(Clone, Copy, Debug, PartialEq, Tier)]
enum Level {
    #[tier(rename = "Key account")]
    Key,
    Standard,
}

fn account() -> Account {
    let order = |number, placed_on, amount| Purchase { number, placed_on: day(placed_on), amount };
    Account {
        revenue: 1_200.5,
        credit: Some(5_000_001),
        region: Region::North,
        address: Address { country: "DE".into(), city: None },
        branch: Some(Box::new(Address { country: "FR".into(), city: Some("Lyon".into()) })),
        tags: vec!["vip".into()],
        orders: vec![order(1, "2026-01-05", 120_050), order(2, "2026-02-05", 99), order(2, "2026-02-05", 99)],
        tickets: vec![Ticket { opened_on: day("2026-01-01"), closed_on: Some(day("2026-03-01")), severity: 3 }],
        iban: "DE00",
        active: true,
        _lock: std::sync::Mutex::new(()),
    }
}

fn policy(rules: &str) -> Policy {
    let source = format!("tiers `Key account` > Standard\n{rules}\notherwise => Standard");
    Policy::builder().schema(Account::schema()).parse(&source).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether the account reaches the better tier under a condition, bound; unbound it does too.
fn holds(condition: &str, account: &Account) -> bool {
    let policy = policy(&format!("{condition} => `Key account`"));
    let bound: Bound<Account, Level> = policy.bind().unwrap_or_else(|error| panic!("{error}"));
    let decided = bound.decide(account, today()).unwrap();
    assert_eq!(bound.policy().decide(account, today()).unwrap().rule(), decided.rule(), "{condition}");
    let outcome = bound.classify(account, today()).unwrap();
    assert_eq!((bound.tier(&outcome), outcome.is_certain()), (decided.tier(), decided.is_certain()), "{condition}");
    assert_eq!(bound.explain(account, today()).unwrap().outcome(), &outcome);
    decided.tier().unwrap() == Level::Key
}

#[test]
fn every_kind_of_field_is_a_fact() {
    let account = account();
    let hold = [
        "annual_revenue = 1_200_500",
        "credit > 50_000 and credit = 50_000.01",
        "region = \"north\" and region != \"south\"",
        "address.country = \"DE\" and branch.city = \"Lyon\"",
        "tags contains \"vip\"",
        "count(orders) = 2 and sum(orders.amount) = 1_201.49",
        "count(tickets in last 60 days where severity >= 3) = 1",
        "active and iban starts with \"DE\"",
    ];
    for condition in hold {
        assert!(holds(condition, &account), "{condition}");
    }
    assert!(!holds("credit > 50_000.01", &account));
    let south = Account { region: Region::South, branch: None, credit: None, ..account };
    assert!(holds("region = \"south\" and branch.country is missing and credit is missing", &south));
}

#[test]
fn a_struct_has_a_schema() {
    let schema = Account::schema();
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name()).collect();
    let expected = [
        "annual_revenue",
        "credit",
        "region",
        "address.country",
        "address.city",
        "branch.country",
        "branch.city",
        "tags",
        "iban",
        "active",
    ];
    assert_eq!(names, expected);
    // A name of the standard model is that field, where the values can be.
    let ty = |name: &str| schema.get(name).unwrap().ty().clone();
    assert_eq!((ty("annual_revenue"), ty("credit"), ty("active")), (Type::Money, Type::Money, Type::Boolean));
    assert!(schema.get("iban").unwrap().is_sensitive());
    let collections: Vec<(&str, usize)> =
        schema.collections().iter().map(|known| (known.name(), known.fields().len())).collect();
    assert_eq!(collections, [("orders", 3), ("tickets", 3)]);
    // Of two dates, windows choose by the one that is marked.
    let closed = "count(tickets in 2026-02-01..2026-03-31) = 1";
    assert!(holds(closed, &account()));
}

#[derive(Clone, Copy, Debug, PartialEq, Tier)]
enum Grade {
    A,
    B,
    X,
}

#[derive(Facts)]
struct Narrow {
    satisfation: Decimal,
    frequency: String,
    #[facts(sensitive)]
    region: String,
    orders: Vec<Line>,
}

#[derive(Facts)]
struct Line {
    placed_on: String,
}

#[test]
fn everything_that_does_not_agree_is_one_error() {
    let source = "tiers A > B > C
        satisfaction > 8 and frequency >= 12 and nps > 5 => A
        region = \"north\" and sum(orders.amount in last 30 days) > 5 => B
        otherwise => C";
    let policy = Policy::parse(source).unwrap();
    let error = policy.bind::<Narrow, Grade>().unwrap_err();
    let expected = "\
the policy does not fit `bind::Narrow`:
  `frequency` is integer for the policy, and the struct has texts; convert it with `#[facts(with = …)]`
  the policy uses `satisfaction`, which the struct does not have; where its `satisfation` is meant, give that the name with \
`#[facts(rename = \"satisfaction\")]`
  the policy uses `nps`, which the struct does not have; add it, or give it the name with `#[facts(rename = \"nps\")]`
  `region` is sensitive in the struct and not for the policy; parse the policy with the schema of the struct, or declare \
the field `sensitive`
  `orders.placed_on` is date for the policy, and the struct has texts; convert it with `#[facts(with = …)]`
  the policy uses `orders.amount`, which the struct does not have; add it, or give it the name with `#[facts(rename = \"amount\")]`
  the ladder has the tier `C`, which `Grade` does not have; add a variant, with `#[tier(rename = \"C\")]` where it has \
another name
  `Grade` has the tier `X`, which is not on the ladder A > B > C; the enum has the tiers of the ladder and no others";
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.mismatches().len(), 8);
}

#[test]
fn a_struct_may_hold_itself() {
    #[derive(Facts)]
    struct Company {
        annual_spend: i64,
        holding: Option<Box<Company>>,
        orders: Vec<Order>,
    }
    #[derive(Facts)]
    struct Order {
        placed_on: NaiveDate,
        #[facts(money)]
        amount: i64,
        replaces: Vec<Order>,
    }
    let policy = |rules: &str| {
        let source = format!("tiers A > B > X\n{rules} => A\notherwise => X");
        Policy::builder().schema(Company::schema()).parse(&source).unwrap()
    };
    let reaching = "holding.holding.holding.annual_spend > 5 or sum(orders.amount in last 30 days) > 5";
    let bound = policy(reaching).bind::<Company, Grade>().unwrap();
    let order = |amount| Order { placed_on: today(), amount, replaces: Vec::new() };
    let company = |annual_spend, holding, orders| Company { annual_spend, holding, orders };
    let held = (0..4).fold(None, |inner, at| Some(Box::new(company(8 - at, inner, Vec::new()))));
    let replaced = Order { replaces: vec![order(100)], ..order(3) };
    let decide = |company: &Company| bound.decide(company, today()).unwrap().tier();
    assert_eq!(decide(&company(0, held, Vec::new())), Some(Grade::A));
    assert_eq!(decide(&company(0, None, vec![order(3), replaced])), Some(Grade::A));
    assert_eq!(decide(&company(0, None, Vec::new())), Some(Grade::X));
    let too_far = "holding.holding.holding.holding.annual_spend > 5";
    let error = policy(too_far).bind::<Company, Grade>().unwrap_err();
    assert!(error.to_string().contains("stands in more than four structs"), "{error}");
}

#[test]
fn a_name_stands_for_one_field() {
    #[derive(Facts)]
    struct Inner {
        spend: i64,
    }
    #[derive(Facts)]
    struct Outer {
        x: Inner,
        #[facts(rename = "x.spend")]
        other: i64,
    }
    let policy = Policy::builder().schema(Outer::schema()).parse("x.spend > 5 => A\notherwise => B").unwrap();
    let error = policy.bind::<Outer, Grade>().unwrap_err();
    assert_eq!(error.mismatches()[0].message(), "several fields of the struct have the name `x.spend`");
}

#[test]
fn a_policy_without_tiers_is_bound_to_nothing() {
    let policy = Policy::parse("segment size {\n  annual_spend > 1M => Large\n  otherwise => Small\n}").unwrap();
    let error = policy.bind::<Given, Grade>().unwrap_err();
    assert!(
        error.to_string().contains("`Grade` has the tier `A`, and the policy has no tiers; bind it to `()`"),
        "{error}"
    );
    let bound = policy.bind::<Given, ()>().unwrap();
    let given = Given { annual_spend: Decimal::from(2_000_000), nps: 0 };
    assert_eq!(bound.decide(&given, today()).unwrap().tier(), None);
    let outcome = bound.classify(&given, today()).unwrap();
    assert_eq!(outcome.segments().next().unwrap().name(), "size");
}

#[derive(Facts)]
struct Given {
    annual_spend: Decimal,
    nps: i32,
}

#[test]
fn what_is_computed_needs_no_field_of_its_own() {
    #[derive(Facts)]
    struct Shop {
        orders: Vec<Purchase>,
        annual_spend: Option<Decimal>,
    }
    let policy = Policy::parse("tiers `Key account` > Standard\nannual_spend > 1_000 and frequency = 1 => `Key account`\notherwise => Standard").unwrap();
    let bound = policy.bind::<Shop, Level>().unwrap();
    let decide = |annual_spend: Option<i64>| {
        let orders = vec![Purchase { number: 1, placed_on: day("2026-01-05"), amount: 120_050 }];
        bound.decide(&Shop { orders, annual_spend: annual_spend.map(Decimal::from) }, today()).unwrap().settled()
    };
    assert_eq!(decide(None), Some(Level::Key));
    assert_eq!(decide(Some(900)), Some(Level::Standard));
}

#[test]
fn refusals_are_the_same_bound_and_unbound() {
    let source =
        "tiers `Key account` > Standard\nannual_spend > 1M and nps > 5 => `Key account`\notherwise => Standard";
    let policy = Policy::parse(source).unwrap();
    let bound = policy.bind::<Given, Level>().unwrap();
    let given = Given { annual_spend: Decimal::ONE, nps: 900 };
    let error = bound.decide(&given, today()).unwrap_err();
    let customer = Customer::new().with("annual_spend", given.annual_spend).with("nps", given.nps);
    assert_eq!(error, policy.decide(&customer, today()).unwrap_err());
    assert_eq!(error.code(), "D0105");
    assert_eq!(bound.decide(&given, At::on(today()).strict()).unwrap_err(), error);
}

#[test]
fn policies_are_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + Debug + 'static>(_: &T) {}
    #[derive(Facts)]
    struct Customer {
        annual_spend: Option<Decimal>,
        frequency: Option<i64>,
    }
    let source =
        "tiers `Key account` > Standard\nannual_spend > 1M and frequency >= 12 => `Key account`\notherwise => Standard";
    let policy = Policy::parse(source).unwrap();
    let bound = policy.bind::<Customer, Level>().unwrap();
    shared(&policy);
    shared(&bound);
    let customer = |at: i64| Customer {
        annual_spend: (at % 7 != 0).then(|| Decimal::new(at * 7_919_003 % 250_000_000, 2)),
        frequency: (at % 5 != 0).then_some(at % 24 - 1),
    };
    let one = |at: i64| (bound.decide(&customer(at), today()), policy.classify(&customer(at), today()));
    let expected: Vec<_> = (0..2_000).map(one).collect();
    assert!(expected.iter().any(|(decided, _)| decided.is_err()));
    let (one, expected) = (&one, &expected);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for at in 0..expected.len() {
                    let at = (at * 17 + thread * 251) % expected.len();
                    assert_eq!(&one(at.try_into().unwrap()), &expected[at]);
                }
            });
        }
    });
}

const _: () = {
    const fn shared<T: Send + Sync + 'static>() {}
    shared::<Policy>();
    shared::<Bound<Account, Level>>();
};
