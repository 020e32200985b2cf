//! One JSON object a line.

use std::io::{self, Write};

use serde::Serialize;
use tierwise::Outcome;

use super::{Sink, Stdout, Tally};
use crate::rejected::Rejected;
use crate::show::Shown;

/// Writes NDJSON.
pub(super) struct Ndjson {
    out: Stdout,
}

#[derive(Serialize)]
struct Classified<'a> {
    id: &'a str,
    #[serde(flatten)]
    outcome: &'a Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    facts: Option<&'a Shown>,
}

#[derive(Serialize)]
struct Refused<'a> {
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    error: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    code: &'a str,
    message: &'a str,
    field: Option<&'a str>,
}

impl Ndjson {
    /// Writes nothing yet.
    pub(super) fn new(out: Stdout) -> Self {
        Self { out }
    }

    fn line(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

impl Sink for Ndjson {
    fn classified(&mut self, id: &str, outcome: &Outcome, facts: Option<&Shown>) -> io::Result<()> {
        self.line(&Classified { id, outcome, facts })
    }

    fn rejected(&mut self, rejected: &Rejected) -> io::Result<()> {
        let id = rejected.id.as_deref();
        let row = if id.is_none() { Some(rejected.row) } else { None };
        let error = Error { code: rejected.code, message: &rejected.message, field: rejected.field.as_deref() };
        self.line(&Refused { id, row, error })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, _: &Tally) -> io::Result<()> {
        self.out.flush()
    }
}
