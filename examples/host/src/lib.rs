//! A host of tierwise: its accounts in, its service levels out. The policy is compiled in, and its tests are among those
//! of `cargo test`.

use std::sync::LazyLock;

use tierwise::chrono::NaiveDate;
use tierwise::rust_decimal::Decimal;
use tierwise::{Bound, CustomerError, Facts, Tier};
use tierwise_macros::include_policy;

/// An account as this host has it.
#[derive(Debug, Facts)]
pub struct Account {
    /// Money of the last twelve months.
    #[facts(rename = "annual_spend", money)]
    pub turnover: Decimal,
    /// The answer to the last survey.
    pub nps: Option<i64>,
    /// Licences in use.
    pub seats: i64,
    /// How late the oldest open invoice is.
    pub overdue_days: i64,
}

/// The service levels of this host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Tier)]
pub enum Level {
    /// A manager, and an answer within two hours.
    Premium,
    /// An answer within eight hours.
    Standard,
    /// An answer.
    Basic,
}

/// The level of an account on a day, where what is missing cannot change it.
///
/// # Errors
///
/// Where a number of the account is none that the policy takes.
pub fn level(account: &Account, day: NaiveDate) -> Result<Option<Level>, CustomerError> {
    static BOUND: LazyLock<Bound<Account, Level>> =
        LazyLock::new(|| match include_policy!("policies/support.tier").bind() {
            Ok(bound) => bound,
            Err(mismatch) => panic!("{mismatch}"),
        });
    Ok(BOUND.decide(account, day)?.settled())
}

mod policies {
    tierwise_macros::policy_tests!("policies");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_level() {
        let day = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
        let account = Account { turnover: 600_000.into(), nps: None, seats: 40, overdue_days: 3 };
        assert_eq!(level(&account, day), Ok(Some(Level::Premium)));
        assert_eq!(level(&Account { turnover: 200_000.into(), ..account }, day), Ok(None));
    }
}
