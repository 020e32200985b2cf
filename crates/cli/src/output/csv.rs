//! A header and one row per customer.

use std::io;

use csv::{ErrorKind, Writer};
use tierwise::{Outcome, Policy};

use super::declared::Declared;
use super::{NONE, Sink, Stdout, Tally, adjusted_by};
use crate::rejected::Rejected;
use crate::show::Shown;

/// The columns before those that the policy declares.
const BEFORE: [&str; 7] = ["id", "tier", "rule", "line", "certain", "possible", "missing"];

/// The columns behind them.
const BEHIND: [&str; 6] = ["as_of", "adjusted_by", "findings", "error_code", "error_message", "error_field"];

/// Writes CSV.
pub(super) struct Csv {
    out: Writer<Stdout>,
    declared: Declared,
}

impl Csv {
    /// Writes the header.
    pub(super) fn new(out: Stdout, policy: &Policy) -> io::Result<Self> {
        let mut csv = Self { out: Writer::from_writer(out), declared: Declared::new(policy) };
        let columns = csv.declared.columns();
        csv.record(BEFORE, &columns, BEHIND)?;
        Ok(csv)
    }

    fn record(&mut self, before: [&str; 7], declared: &[String], behind: [&str; 6]) -> io::Result<()> {
        let cells = before.into_iter().chain(declared.iter().map(String::as_str)).chain(behind);
        self.out.write_record(cells).map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }
}

impl Sink for Csv {
    fn classified(&mut self, id: &str, outcome: &Outcome, _: Option<&Shown>) -> io::Result<()> {
        let join = |names: Vec<&str>| names.join("|");
        let line = outcome.line().map(|line| line.to_string()).unwrap_or_default();
        let before = [
            id,
            outcome.tier().unwrap_or(NONE),
            outcome.rule().unwrap_or_default(),
            &line,
            if outcome.is_certain() { "true" } else { "false" },
            &join(outcome.possible().map(|tier| tier.unwrap_or(NONE)).collect()),
            &join(outcome.missing().collect()),
        ];
        let behind = [
            &*outcome.as_of().to_string(),
            &adjusted_by(outcome),
            &join(outcome.findings().map(|finding| finding.code()).collect()),
            "",
            "",
            "",
        ];
        let declared = self.declared.cells(outcome);
        self.record(before, &declared, behind)
    }

    fn rejected(&mut self, rejected: &Rejected) -> io::Result<()> {
        let (id, field) = (rejected.id.as_deref().unwrap_or_default(), rejected.field.as_deref().unwrap_or_default());
        let empty = vec![String::new(); self.declared.columns().len()];
        let behind = ["", "", "", rejected.code, &rejected.message_with_row(), field];
        self.record([id, "", "", "", "", "", ""], &empty, behind)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, _: &Tally) -> io::Result<()> {
        self.out.flush()
    }
}
