//! Secrets are planted in sensitive facts, and every rendering is searched for them, for the bounds they are compared
//! with, and for what is worked out from them.

use chrono::NaiveDate;
use tierwise::{Customer, CustomerError, Datum, Detail, Lang, Policy};

const POLICY: &str = r#"
currency EUR
tiers A "Best" > B > C > D
field income "Income": money 0..99999999 sensitive
field debts: money sensitive
field born: date sensitive
field iban: text sensitive
field score: integer 0..999 sensitive
field faith: one of (north, "south-secret-member", east) sensitive
field clubs: set of text sensitive
field married: boolean sensitive default true
field savings: money
field grade: number

let wealthy = income > 73_100
let free = income - debts
let ratio = free / savings
let reader = if income > 73_200 then 1 else 2
let both = wealthy and savings > 5
let named = lower(iban)

"one": income > 73_300 and savings > 12_345_678 => A
"two": free between 61_000 and 61_500 and savings > 12_345_679 => A
"three": wealthy and both and savings > 12_345_680 => A
"four": ratio > 6.54321 and savings > 12_345_681 => A
"five": at least 2 of (score >= 777, savings > 12_345_682, faith = "south-secret-member") => A
"six": born > 1971-02-03 and born within 400 months and savings > 12_345_683 => A
"seven": (iban starts with "AT4711" or named contains "at4711" or iban matches "^AT47") and savings > 12_345_684 => A
"eight": clubs contains "secret-club" and clubs contains any ("club-b", "secret-club") and savings > 12_345_685 => A
"nine": (if married then savings > 12_345_686 else income = 73_123.45) => A
"ten": reader + savings > 12_345_687 and (income ?? 73_400) > 73_500 => A
"eleven": grade > debts / income and savings > 12_345_688 => A
"twelve": 73_000 <= income < 73_600 and not (score < 778) and savings > 12_345_689 => A
"decides": savings > 100 => B
"behind": income > 73_700 => A
otherwise => C
cap D when income < 73_050
floor B when score > 779
assume income > debts
"#;

/// Values, bounds and differences that would give a sensitive value away. Dates and numbers also as readers group them.
const SECRETS: &[&str] = &[
    "73123",
    "73,123",
    "73_123",
    "11999",
    "11,999",
    "61123",
    "61,123",
    "1971",
    "AT4711",
    "at4711",
    "AT47",
    "778",
    "777",
    "779",
    "south-secret",
    "secret-club",
    "club-b",
    "73100",
    "73,100",
    "73_100",
    "73200",
    "73,200",
    "73300",
    "73,300",
    "73_300",
    "61000",
    "61,000",
    "61500",
    "6.543",
    "73400",
    "73,400",
    "73500",
    "73,500",
    "73600",
    "73,600",
    "73_600",
    "73000",
    "73,000",
    "73700",
    "73,700",
    "73050",
    "73,050",
    "176.55",
    "376.55",
    "476.55",
    "400 months",
    "0.164",
    "305.6",
];

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn secrets() -> Vec<(&'static str, Datum)> {
    vec![
        ("income", "73123.45".into()),
        ("debts", "11999.77".into()),
        ("born", "1971-02-04".into()),
        ("iban", "AT4711-0815".into()),
        ("score", 778.into()),
        ("faith", "south-secret-member".into()),
        ("clubs", vec!["secret-club", "other"].into()),
        ("married", false.into()),
    ]
}

fn customer(savings: Option<&str>, without: Option<&str>) -> Customer {
    let mut customer = Customer::new();
    secrets()
        .into_iter()
        .filter(|(name, _)| Some(*name) != without)
        .for_each(|(name, fact)| customer.insert(name, fact));
    savings.into_iter().for_each(|savings| customer.insert("savings", savings));
    customer.insert("grade", "0.5");
    customer
}

#[track_caller]
fn clean(rendering: &str) {
    for secret in SECRETS {
        assert!(!rendering.contains(secret), "`{secret}` is given away:\n{rendering}");
    }
}

#[test]
fn no_rendering_gives_a_sensitive_value_away() {
    let policy = Policy::parse(POLICY).unwrap();
    let mut shown = 0;
    let savings = [None, Some("200"), Some("99999999"), Some("0"), Some("50")];
    let without = [None].into_iter().chain(secrets().into_iter().map(|(name, _)| Some(name)));
    for (savings, without) in savings.into_iter().flat_map(|s| without.clone().map(move |w| (s, w))) {
        let customer = customer(savings, without);
        let why = policy.explain(&customer, as_of()).unwrap();
        let renderings = [
            why.text(Detail::Short, Lang::En),
            why.text(Detail::Full, Lang::En),
            why.text(Detail::Short, Lang::Zh),
            why.text(Detail::Full, Lang::Zh),
            serde_json::to_string(&why).unwrap(),
            format!("{why:?} {why:#?}"),
            format!("{:?} {:#?}", why.outcome(), why.outcome()),
            serde_json::to_string(why.outcome()).unwrap(),
            why.rules().map(|rule| format!("{:?} {:?}", rule.verdict(), rule.condition())).collect(),
            why.adjustments()
                .map(|adjustment| format!("{:?} {:?}", adjustment.state(), adjustment.condition()))
                .collect(),
            why.lets().map(|bound| format!("{} {:?} {:?}", bound.source(), bound.value(), bound.condition())).collect(),
            why.facts().map(|fact| format!("{fact:?}")).collect(),
            why.outcome().findings().map(|finding| format!("{finding:?} {}", finding.message(Lang::Zh))).collect(),
            format!("{customer:?} {policy:?}"),
        ];
        renderings.iter().for_each(|rendering| clean(rendering));
        // What is not sensitive is shown all the same.
        shown += usize::from(renderings[1].contains("savings is 200 EUR"));
    }
    assert!(shown > 0, "nothing is shown at all");
}

#[test]
fn no_error_gives_a_sensitive_value_away() {
    let policy = Policy::parse(POLICY).unwrap();
    let wrong: [(&str, Datum); 8] = [
        ("income", "-73123".into()),
        ("income", "73123 USD".into()),
        ("debts", "11999x".into()),
        ("born", "1971-02-30".into()),
        ("score", "778.5".into()),
        ("faith", "south-secret-memberx".into()),
        ("clubs", vec![Datum::from(true), Datum::from("secret-club")].into()),
        ("married", "AT4711".into()),
    ];
    for (name, fact) in wrong {
        let mut customer = customer(Some("1"), Some(name));
        customer.insert(name, fact);
        let errors: [CustomerError; 3] = [
            policy.explain(&customer, as_of()).unwrap_err(),
            policy.classify(&customer, as_of()).unwrap_err(),
            policy.decide(&customer, as_of()).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.field(), Some(name));
            let text = format!("{error} {error:?} {error:#?} {}", error.message(Lang::Zh));
            // The members of a closed set are the policy's, and so no secret; which one is near the value would be.
            assert!(!text.contains("did you mean") && !text.contains("是否应为"), "{text}");
            clean(&text.replace("`south-secret-member`", ""));
        }
    }
}

#[test]
fn whether_a_sensitive_condition_holds_is_told_only_by_the_outcome() {
    let policy = Policy::parse(
        "tiers A > B\nfield income: money sensitive\nfield n: integer\n\"first\": n > 5 => B\n\"behind\": income > 73 => A\n\
         otherwise => B\n\"cap\": cap B when income > 74\nlet rich = income > 75\nassume rich",
    )
    .unwrap();
    let json = |income: &str| {
        let customer = Customer::new().with("income", income).with("n", 6);
        let why = policy.explain(&customer, as_of()).unwrap();
        let mut json = serde_json::to_value(&why).unwrap();
        // A broken assumption is a finding: it names the line and no more.
        json["outcome"]["findings"].take();
        let before = |lang, ends: [&str; 2]| {
            let text = why.text(Detail::Full, lang);
            ends.into_iter().fold(text, |text, end| text.split(end).next().unwrap().to_owned())
        };
        (json, before(Lang::En, ["\nNoticed", "\n+ holds"]), before(Lang::Zh, ["\n数据提示", "\n+ 成立"]))
    };
    assert_eq!(json("10"), json("100000"), "the explanation differs by a sensitive fact alone");
}

/// What is computed from sensitive values of orders, of the customer or of a member of its group, is sensitive.
#[test]
fn what_is_computed_from_sensitive_facts_is_nowhere_to_be_read() {
    let orders = serde_json::json!([{ "id": "1", "placed_on": "2025-11-17", "amount": "7313.37" }]);
    let mut facts = serde_json::json!({ "orders": orders, "group": [{ "orders": orders }] });
    let recent = Customer::from_serialize(&facts).unwrap();
    facts["customer_since"] = "2019-08-13".into();
    let old = Customer::from_serialize(&facts).unwrap();
    for (declared, condition) in [
        ("field orders.amount: money sensitive", "annual_spend >= 9000"),
        ("field orders.amount: money sensitive", "average_order_value >= 9000"),
        ("field orders.amount: money sensitive", "lifetime_value >= 9000"),
        ("field orders.amount: money sensitive", "sum(group.annual_spend) >= 9000"),
        ("field orders.placed_on: date sensitive", "last_order_on >= 2026-01-01"),
        ("field orders.placed_on: date sensitive", "days_since_last_order <= 3"),
        ("field orders.placed_on: date sensitive", "tenure_months < 3"),
        ("field customer_since: date sensitive", "tenure_months < 3"),
        ("field annual_spend: money sensitive", "average_order_value >= 9000"),
    ] {
        let policy = Policy::parse(&format!("{declared}\n{condition} => A\notherwise => B")).unwrap();
        let customer = if declared.contains("since") { &old } else { &recent };
        let why = policy.explain(customer, as_of()).unwrap();
        let mut all = serde_json::to_string(&why).unwrap();
        for (detail, lang) in [(Detail::Full, Lang::En), (Detail::Short, Lang::En), (Detail::Full, Lang::Zh)] {
            all += &why.text(detail, lang);
        }
        // The values themselves, and the days and months between them and the as-of date.
        let secrets = match declared {
            "field orders.placed_on: date sensitive" => ["2025-11", "134", "is 4"],
            "field customer_since: date sensitive" => ["2019", "79", "is 79"],
            _ => ["7313", "7,313", "1686"],
        };
        for secret in secrets {
            let fingerprint = all.replace(policy.fingerprint(), "");
            assert!(!fingerprint.contains(secret), "{declared}, {condition}: {secret}\n{all}");
        }
        let protected = declared.replace("sensitive", "protected");
        let error = Policy::parse(&format!("{protected}\n{condition} => A\notherwise => B")).unwrap_err();
        assert_eq!(error.diagnostics()[0].code().as_str(), "E0507", "{protected}, {condition}: {error}");
    }
    let ranged =
        "field orders.amount: money sensitive\nfield annual_spend: money 0..100\nsum(group.annual_spend) > 5 => A";
    let error = Policy::parse(ranged).unwrap().classify(&recent, as_of()).unwrap_err();
    assert!(error.code() == "D0105" && !error.to_string().contains("7313"), "{error}");
}
