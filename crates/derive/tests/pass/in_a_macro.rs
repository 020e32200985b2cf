//! A struct that a macro writes, its fields token by token.

use tierwise::{Facts, Host, Tier};

macro_rules! written {
    ($name:ident { $($fields:tt)* } $tiers:ident { $($tier:tt)* }) => {
        #[derive(Facts)]
        struct $name { $($fields)* }

        #[derive(Clone, Copy, Debug, PartialEq, Tier)]
        enum $tiers { $($tier)* }
    };
}

fn double(value: &i64) -> i64 {
    value * 2
}

written! {
    Account {
        annual_spend: i64,
        #[facts(money, minor_units = 2)] cents: Option<i64>,
        #[facts(with = double)] twice: i64,
        held: Vec<Held>,
    }
    Level { A, B }
}

written! { Held { amount: i32 } Other { X } }

fn main() {
    let source = "annual_spend > 5 and cents > 1 and twice = 6 and sum(held.amount) = 4 => A\notherwise => B";
    let policy = tierwise::Policy::builder().schema(Account::schema()).parse(source).unwrap();
    let bound = policy.bind::<Account, Level>().unwrap();
    let account = Account { annual_spend: 6, cents: Some(101), twice: 3, held: vec![Held { amount: 4 }] };
    let today = tierwise::chrono::NaiveDate::default();
    assert_eq!(bound.decide(&account, today).unwrap().settled(), Some(Level::A));
    assert_eq!(Other::X, Other::X);
}
