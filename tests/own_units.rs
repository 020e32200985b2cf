//! What a host counts is compared as it is counted, in cents or in whole numbers, and decided as the exact amount is.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tierwise::{Facts, Forced, Policy, Tier};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Tier)]
enum Grade {
    A,
    B,
    X,
}

/// The same amount in many units.
#[derive(Facts)]
struct Counted {
    #[facts(minor_units = 2)]
    cents: Option<i64>,
    #[facts(minor_units = 9)]
    billionths: Option<i64>,
    whole: Option<i64>,
    positive: Option<u64>,
    small: Option<i8>,
    exact: Option<Decimal>,
    #[facts(with = own)]
    made: Option<i64>,
}

fn own(value: &Option<i64>) -> Option<i64> {
    *value
}

impl Counted {
    fn new(value: Option<i64>) -> Self {
        Self {
            cents: value,
            billionths: value,
            whole: value,
            positive: value.map(|value| if value < 0 { u64::MAX - value.unsigned_abs() } else { value.unsigned_abs() }),
            small: value.map(|value| i8::try_from(value).unwrap_or(if value < 0 { i8::MIN } else { i8::MAX })),
            exact: value.map(|value| Decimal::new(value, 1)),
            made: value,
        }
    }

    fn of(&self, field: &str) -> Option<Decimal> {
        match field {
            "cents" => self.cents.map(|value| Decimal::new(value, 2)),
            "billionths" => self.billionths.map(|value| Decimal::new(value, 9)),
            "whole" => self.whole.map(Decimal::from),
            "positive" => self.positive.map(Decimal::from),
            "small" => self.small.map(Decimal::from),
            "made" => self.made.map(Decimal::from),
            _ => self.exact,
        }
    }
}

#[test]
fn whole_numbers_are_compared_in_their_own_units() {
    const NUMBERS: [&str; 10] = [
        "-1000",
        "-0.0000000001",
        "0",
        "0.0000000000000001",
        "0.005",
        "1",
        "1.01",
        "127",
        "92233720368547758.07",
        "1000000000000",
    ];
    const FIELDS: [&str; 7] = ["cents", "billionths", "whole", "positive", "small", "exact", "made"];
    const DECLARED: [&str; 5] = ["", "0..100", "default 1.01", "-1000..1000000", "scale 2"];
    let near = |number: Decimal, places: u32| {
        let units = (number * Decimal::from(10_i64.pow(places))).floor();
        (-2..=2).filter_map(move |by| i64::try_from(units + Decimal::from(by)).ok())
    };
    let (mut at_once, mut checked) = (0, 0);
    for (number, (field, declared)) in NUMBERS
        .iter()
        .flat_map(|number| FIELDS.iter().flat_map(move |field| DECLARED.map(|declared| (number, (field, declared)))))
    {
        let exact: Decimal = number.parse().unwrap();
        let source = format!(
            "tiers A > B > X\nfield {field}: number {declared}\n{field} > {number} => A\n{field} = {number} => B\n{field} < {number} => X"
        );
        let Ok(policy) = Policy::parse(&source) else { continue };
        let bound = policy.bind::<Counted, Grade>().unwrap();
        at_once += usize::from(format!("{bound:?}").contains("at_once: true"));
        let values = [0, 1, 2, 9].into_iter().flat_map(|places| near(exact, places));
        let ends = [i64::MIN, i64::MIN + 1, i64::MIN + 2, i64::MIN + 3, -1, 0, 1, i64::MAX - 1, i64::MAX];
        for value in values.chain(ends).map(Some).chain([None]) {
            let account = Counted::new(value);
            let decided = bound.decide(&account, today());
            assert_eq!(
                decided.as_ref().err(),
                policy.classify(&account, today()).as_ref().err(),
                "{source}\n{value:?}"
            );
            let Ok(decided) = decided else { continue };
            checked += 1;
            let known = account.of(field).or((declared == "default 1.01").then(|| Decimal::new(101, 2)));
            let expected = known.map(|known| match known.cmp(&exact) {
                std::cmp::Ordering::Greater => Grade::A,
                std::cmp::Ordering::Equal => Grade::B,
                std::cmp::Ordering::Less => Grade::X,
            });
            assert_eq!((decided.tier(), decided.is_certain()), (expected, known.is_some()), "{source}\n{value:?}");
        }
    }
    assert!(at_once > 150 && checked > 4_000, "{at_once} policies decided at once, {checked} customers");
}

#[test]
fn what_is_missing_may_become_known() {
    let source = "tiers A > B > X\nfield whole: number\nfield exact: number\nfield made: number
        whole is missing => A
        exact > 1 and made is not missing => B
        otherwise => X";
    for forced in [None, Some(Forced::Rows), Some(Forced::Straight)] {
        let builder = forced.map_or_else(Policy::builder, |forced| Policy::builder().force(forced));
        let bound = builder.parse(source).unwrap().bind::<Counted, Grade>().unwrap();
        assert_eq!(format!("{bound:?}").contains("at_once: true"), forced != Some(Forced::Straight));
        let decide = |whole: Option<i64>, exact: Option<i64>, made: Option<i64>| {
            let exact = exact.map(Decimal::from);
            let decided = bound.decide(&Counted { whole, exact, made, ..Counted::new(None) }, today()).unwrap();
            (decided.tier().unwrap(), decided.is_certain())
        };
        assert_eq!(decide(None, Some(2), Some(1)), (Grade::A, false));
        assert_eq!(decide(Some(1), Some(2), Some(1)), (Grade::B, true));
        assert_eq!(decide(Some(1), None, Some(1)), (Grade::X, false));
        assert_eq!(decide(Some(1), Some(2), None), (Grade::X, false));
        assert_eq!(decide(Some(1), Some(1), None), (Grade::X, true));
    }
}
