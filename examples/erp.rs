//! Customers as an ERP's own code has them, graded into the ERP's own tiers:
//! `cargo run --release --features derive --example erp`.

use std::error::Error;

use tierwise::chrono::NaiveDate;
use tierwise::{At, Facts, Policy, Tier};

/// A row of the customer table: cents, codes, and dates as numbers, with zero for none.
#[derive(Facts)]
struct CustomerRow {
    #[facts(skip)]
    number: u32,
    #[facts(rename = "annual_spend", money, minor_units = 2)]
    revenue_cents: Option<i64>,
    #[facts(rename = "lifetime_value", money, minor_units = 2)]
    revenue_ever_cents: Option<i64>,
    #[facts(rename = "frequency")]
    orders: Option<u32>,
    #[facts(rename = "last_order_on", with = day)]
    last_order: u32,
    nps: Option<i16>,
    #[facts(rename = "overdue_days")]
    days_overdue: u16,
    #[facts(rename = "credit_hold", with = is_held)]
    status: char,
}

/// `20260312` is 12 March 2026; none where there is no order yet, refused where there is no such day.
fn day(yyyymmdd: &u32) -> Result<Option<NaiveDate>, &'static str> {
    if *yyyymmdd == 0 {
        return Ok(None);
    }
    let (year, month, day) = (yyyymmdd / 10_000, yyyymmdd / 100 % 100, yyyymmdd % 100);
    let year = i32::try_from(year).map_err(|_| "no day of the calendar")?;
    NaiveDate::from_ymd_opt(year, month, day).map(Some).ok_or("no day of the calendar")
}

fn is_held(status: &char) -> bool {
    *status == 'H'
}

/// The tiers of the ERP's price lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Tier)]
enum PriceList {
    #[tier(rename = "A")]
    Key,
    #[tier(rename = "B")]
    Growth,
    #[tier(rename = "C")]
    Standard,
}

fn rows() -> Vec<CustomerRow> {
    let row = |number, revenue_cents, orders, last_order, nps, days_overdue, status| CustomerRow {
        number,
        revenue_cents,
        revenue_ever_cents: Some(90_000_000),
        orders,
        last_order,
        nps,
        days_overdue,
        status,
    };
    vec![
        row(10_001, Some(125_000_000), Some(18), 20_260_312, Some(62), 0, ' '),
        row(10_002, Some(100_000_000), Some(14), 20_260_227, Some(10), 5, ' '),
        row(10_003, Some(125_000_000), Some(18), 20_260_312, Some(62), 0, 'H'),
        row(10_004, Some(2_000_000), Some(3), 0, None, 0, ' '),
        row(10_005, None, Some(14), 20_260_227, None, 0, ' '),
        row(10_006, Some(55_000_000), Some(9), 20_261_341, Some(70), 0, ' '),
        row(10_007, Some(55_000_000), Some(9), 20_260_110, Some(700), 0, ' '),
    ]
}

fn main() -> Result<(), Box<dyn Error>> {
    let policy = Policy::parse(include_str!("data/key_accounts.tier"))?;
    // Names, types and tiers are compared here, once; what does not agree is one error.
    let graded = policy.bind::<CustomerRow, PriceList>()?;
    let as_of = At::on(NaiveDate::from_ymd_opt(2026, 3, 31).ok_or("no such day")?);

    for row in rows() {
        let number = row.number;
        match graded.decide(&row, as_of) {
            // Missing facts never decide: what is not certain is for somebody to look at.
            Ok(decided) => match (decided.tier(), decided.is_certain()) {
                (Some(list), true) => println!("{number}: {list:?}"),
                (Some(list), false) => {
                    let outcome = graded.classify(&row, as_of)?;
                    let missing: Vec<&str> = outcome.missing().collect();
                    println!("{number}: {list:?} for now, without {}", missing.join(", "));
                }
                (None, _) => println!("{number}: no price list"),
            },
            // One row's mistake is that row's alone.
            Err(error) => println!("{number}: refused, {error}"),
        }
    }
    let row = &rows()[1];
    print!("\nwhy {} has its price list:\n{}", row.number, graded.explain(row, as_of)?);
    Ok(())
}
