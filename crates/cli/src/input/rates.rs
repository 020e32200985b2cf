//! A file of exchange rates: `from,to,date,rate`, one unit of the first is so many of the second from that day on.

use std::fs::File;
use std::io;
use std::path::Path;

use tierwise::chrono::NaiveDate;
use tierwise::rust_decimal::Decimal;
use tierwise::{Currency, Rates};

use super::bytes::Bytes;
use super::csv;
use super::raw::Records;
use crate::escape::{brief, escape};
use crate::failure::{Failure, file_name};

const COLUMNS: [&str; 4] = ["from", "to", "date", "rate"];

/// Reads a file.
pub(crate) fn open(path: &Path) -> Result<Rates, Failure> {
    let file = file_name(path);
    let failed = |error: io::Error| Failure::reading(&file, &error);
    let mut records = Records::new(Bytes::new(Box::new(File::open(path).map_err(failed)?)).map_err(failed)?);
    let header = csv::read_header(&file, &mut records)?;
    let mut columns = [0; COLUMNS.len()];
    for (place, name) in columns.iter_mut().zip(COLUMNS) {
        *place = header.get(name).copied().ok_or_else(|| {
            let message = format!("the header of `{}` has no column `{name}`", escape(&file));
            Failure::unusable(message).help("a file of rates has the columns `from`, `to`, `date` and `rate`")
        })?;
    }
    let (mut rates, mut number, count) = (Rates::new(), 0_u64, records.count());
    while records.read().map_err(failed)? {
        number += 1;
        let wrong = |what: &str, text: &str| {
            let message = format!("row {number} of `{}`: `{}` is no {what}", escape(&file), brief(text, 40));
            Failure::unusable(message).help("a row reads `USD,CNY,2026-01-31,7.1`")
        };
        if records.count() != count || records.fault().is_some() || records.not_utf8().is_some() {
            return Err(wrong("readable row", &String::from_utf8_lossy(records.text())));
        }
        let [from, to, day, rate] = columns.map(|at| records.cell(at).unwrap_or_default());
        let currency = |code: &str| Currency::from_code(code).ok_or_else(|| wrong("currency code of ISO 4217", code));
        let date = day.parse::<NaiveDate>().ok().filter(|_| day.len() == 10).ok_or_else(|| wrong("date", day))?;
        let positive = |rate: &Decimal| *rate > Decimal::ZERO;
        let parsed = Decimal::from_str_exact(rate).ok().filter(positive).ok_or_else(|| wrong("rate above 0", rate))?;
        let (from, to) = (currency(from)?, currency(to)?);
        if rates.insert(from, to, date, parsed).is_some_and(|known| known != parsed) {
            let message = format!("row {number} of `{}`: {from} to {to} has two rates on {date}", escape(&file));
            return Err(Failure::unusable(message).help("keep one rate for each pair and day"));
        }
    }
    Ok(rates)
}
