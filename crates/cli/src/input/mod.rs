//! Files of customers: rows with an id and the facts that the policy uses, or the reason why a row is none.

mod bytes;
mod csv;
mod json;
mod lines;
mod ndjson;
mod orders;
pub(crate) mod rates;
mod raw;
mod wanted;

use std::fs::File;
use std::io;
use std::path::Path;

use tierwise::{At, Customer, Policy, Rates};

use crate::args::OrdersArgs;
use crate::escape::escape;
use crate::failure::{Failure, file_name};
use crate::progress::Progress;
use crate::rejected::Rejected;

use orders::Columns;
pub(crate) use orders::{Orders, WithOrders};

use bytes::Bytes;
use wanted::Wanted;

/// Bytes that one row may have.
pub(crate) const ROW_LIMIT: usize = 16 << 20;

/// A customer of a file.
pub(crate) struct Row {
    /// As the file has it; of a number, its digits.
    pub(crate) id: String,
    /// The id of the parent, where customers are linked.
    pub(crate) parent: Option<String>,
    /// The line of NDJSON or the record of CSV, counted from 1.
    pub(crate) number: u64,
    /// The facts that the policy uses.
    pub(crate) facts: Customer,
}

/// A row, or why it is none.
pub(crate) type Read = Result<Row, Rejected>;

/// The rows of a file, one after the other.
pub(crate) trait Rows {
    /// The next row; `None` behind the last.
    fn next(&mut self) -> io::Result<Option<Read>>;

    /// Whether the next row may have to be waited for, so that what is written should be shown before.
    fn waits(&self) -> bool {
        false
    }
}

/// Opens a file of customers, of which the facts are read that the policy uses; in strict mode all that it knows.
pub(crate) fn open(
    path: &Path,
    policy: &Policy,
    id: &str,
    orders: &OrdersArgs,
    progress: Progress,
) -> Result<Box<dyn Rows>, Failure> {
    let wanted = Wanted::new(policy, id, orders);
    if path == Path::new("-") {
        return ndjson(path, progress.stdin(), wanted);
    }
    let file = file_name(path);
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let open = || match File::open(path) {
        Ok(open) => Ok(progress.file(&file, open)),
        Err(error) => Err(Failure::reading(&file, &error)),
    };
    match extension.as_deref() {
        Some("csv") => csv::Csv::open(&file, open()?, wanted),
        Some("ndjson" | "jsonl") => ndjson(path, open()?, wanted),
        _ => Err(Failure::unusable(format!("`{}` is no file of customers by its name", escape(&file)))
            .help("give a file that ends with `.csv`, `.ndjson` or `.jsonl`, or `-` for NDJSON on the standard input")),
    }
}

/// Reads the orders, where a file of them is given.
pub(crate) fn orders(args: &OrdersArgs, policy: &Policy, progress: Progress) -> Result<Option<Orders>, Failure> {
    let columns = Columns { customer: &args.customer_column, map: &args.map, strict: args.strict };
    args.orders.as_deref().map(|path| Orders::open(path, policy, &columns, progress)).transpose()
}

/// What is neither policy nor customer.
pub(crate) fn at(day: chrono::NaiveDate, rates: Option<&Rates>, strict: bool) -> At<'_> {
    let at = At::on(day);
    let at = rates.map_or(at, |rates| at.rates(rates));
    if strict { at.strict() } else { at }
}

fn ndjson(path: &Path, reader: Box<dyn io::Read>, wanted: Wanted) -> Result<Box<dyn Rows>, Failure> {
    let bytes = Bytes::new(reader).map_err(|error| Failure::reading(&name(path), &error))?;
    Ok(Box::new(ndjson::Ndjson::new(bytes, wanted)))
}

/// The name of a file of customers as messages show it.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { file_name(path) }
}
