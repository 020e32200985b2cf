//! For people: a table, and a summary under it.

use std::io::{self, Write};

use tierwise::Outcome;

use super::{Columns, NONE, Sink, Stdout, Tally, adjusted_by};
use crate::escape::brief;
use crate::rejected::Rejected;

const HEADER: [&str; 8] = ["id", "tier", "certain", "rule", "possible", "missing", "adjusted by", "error"];

/// What stands for no tier.
const NO_TIER: &str = "–";

/// As many characters of a cell are shown, so that one row cannot spoil the table.
const SHOWN: usize = 200;

/// Writes a table.
pub(super) struct Table {
    out: Stdout,
    columns: Columns,
}

impl Table {
    /// Writes nothing yet.
    pub(super) fn new(out: Stdout) -> Self {
        Self { out, columns: Columns::new(&HEADER) }
    }

    fn row(&mut self, cells: [&str; HEADER.len()]) -> io::Result<()> {
        self.columns.stream(&mut self.out, cells.map(|cell| brief(cell, SHOWN)).into())
    }
}

impl Sink for Table {
    fn classified(&mut self, id: &str, outcome: &Outcome) -> io::Result<()> {
        let rule = match (outcome.rule(), outcome.line()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(line)) => format!("line {line}"),
            (None, None) => String::new(),
        };
        let certain = outcome.is_certain();
        let possible: Vec<&str> = outcome.possible().map(|tier| tier.unwrap_or(NONE)).collect();
        let possible = if certain { String::new() } else { possible.join(", ") };
        let missing: Vec<&str> = outcome.missing().collect();
        let tier = outcome.tier().unwrap_or(NO_TIER);
        let certain = if certain { "yes" } else { "no" };
        self.row([id, tier, certain, &rule, &possible, &missing.join(", "), &adjusted_by(outcome), ""])
    }

    fn rejected(&mut self, rejected: &Rejected) -> io::Result<()> {
        let error = format!("{}: {}", rejected.code, rejected.message_with_row());
        self.row([rejected.id.as_deref().unwrap_or_default(), "", "", "", "", "", "", &error])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        self.columns.write(&mut self.out)?;
        writeln!(self.out, "\n{}", tally.summary())?;
        self.out.flush()
    }

    fn has_summary(&self) -> bool {
        true
    }
}
