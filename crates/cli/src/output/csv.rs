//! A header and one row per customer.

use std::io;

use csv::{ErrorKind, Writer};
use tierwise::Outcome;

use super::{NONE, Sink, Stdout, Tally, adjusted_by};
use crate::rejected::Rejected;

const HEADER: [&str; 13] = [
    "id",
    "tier",
    "rule",
    "line",
    "certain",
    "possible",
    "missing",
    "as_of",
    "adjusted_by",
    "findings",
    "error_code",
    "error_message",
    "error_field",
];

/// Writes CSV.
pub(super) struct Csv {
    out: Writer<Stdout>,
}

impl Csv {
    /// Writes the header.
    pub(super) fn new(out: Stdout) -> io::Result<Self> {
        let mut csv = Self { out: Writer::from_writer(out) };
        csv.record(HEADER)?;
        Ok(csv)
    }

    fn record<const N: usize>(&mut self, cells: [&str; N]) -> io::Result<()> {
        self.out.write_record(cells).map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}

impl Sink for Csv {
    fn classified(&mut self, id: &str, outcome: &Outcome) -> io::Result<()> {
        let join = |names: Vec<&str>| names.join("|");
        let line = outcome.line().map(|line| line.to_string()).unwrap_or_default();
        self.record([
            id,
            outcome.tier().unwrap_or(NONE),
            outcome.rule().unwrap_or_default(),
            &line,
            if outcome.is_certain() { "true" } else { "false" },
            &join(outcome.possible().map(|tier| tier.unwrap_or(NONE)).collect()),
            &join(outcome.missing().collect()),
            &outcome.as_of().to_string(),
            &adjusted_by(outcome),
            &join(outcome.findings().map(|finding| finding.code()).collect()),
            "",
            "",
            "",
        ])
    }

    fn rejected(&mut self, rejected: &Rejected) -> io::Result<()> {
        let (id, field) = (rejected.id.as_deref().unwrap_or_default(), rejected.field.as_deref().unwrap_or_default());
        self.record([id, "", "", "", "", "", "", "", "", "", rejected.code, &rejected.message_with_row(), field])
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, _: &Tally) -> io::Result<()> {
        self.out.flush()
    }
}
