//! Outcomes and rejections, one per row, as NDJSON, CSV or a table.

mod columns;
mod csv;
mod declared;
mod ndjson;
mod table;
mod tally;

use std::io::{self, BufWriter, StdoutLock};

use tierwise::{Outcome, Policy};

use crate::args::Format;
use crate::rejected::Rejected;
use crate::show::Shown;

pub(crate) use columns::Columns;
pub(crate) use tally::{Tally, customers};

/// The standard output, buffered.
pub(crate) type Stdout = BufWriter<StdoutLock<'static>>;

/// The standard output, buffered and ours alone.
pub(crate) fn stdout() -> Stdout {
    BufWriter::with_capacity(64 << 10, io::stdout().lock())
}

/// Where outcomes and rejections go.
pub(crate) trait Sink {
    /// A customer that was classified.
    fn classified(&mut self, id: &str, outcome: &Outcome, facts: Option<&Shown>) -> io::Result<()>;

    /// A row that was not.
    fn rejected(&mut self, rejected: &Rejected) -> io::Result<()>;

    /// Shows what is written so far.
    fn flush(&mut self) -> io::Result<()>;

    /// Writes the rest.
    fn finish(&mut self, tally: &Tally) -> io::Result<()>;

    /// Whether it ends with a summary.
    fn has_summary(&self) -> bool {
        false
    }
}

/// The sink of a format, on the standard output.
pub(crate) fn sink(format: Format, policy: &Policy) -> io::Result<Box<dyn Sink>> {
    Ok(match format {
        Format::Ndjson => Box::new(ndjson::Ndjson::new(stdout())),
        Format::Csv => Box::new(csv::Csv::new(stdout(), policy)?),
        Format::Table => Box::new(table::Table::new(stdout(), policy)),
    })
}

/// What stands in lists for no tier.
const NONE: &str = "none";

/// The cap or floor that moved the tier last: its name, or `line N`; empty where none did.
fn adjusted_by(outcome: &Outcome) -> String {
    outcome.adjusted_by().last().map(|by| by.to_string()).unwrap_or_default()
}
