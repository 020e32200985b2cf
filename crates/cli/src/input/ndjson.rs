//! Customers as NDJSON: one object a line.

use std::io;
use std::str;

use serde_json::value::RawValue;
use tierwise::Customer;

use super::bytes::Bytes;
use super::json::{Entries, Refused, fact, reason, string};
use super::wanted::Wanted;
use super::{ROW_LIMIT, Read, Row, Rows};
use crate::escape::brief;
use crate::rejected::{Rejected, RowCode};

/// The lines of a file, each a customer.
pub(super) struct Ndjson {
    bytes: Bytes,
    wanted: Wanted,
    line: Vec<u8>,
    number: u64,
}

impl Ndjson {
    /// Reads nothing yet.
    pub(super) fn new(bytes: Bytes, wanted: Wanted) -> Self {
        Self { bytes, wanted, line: Vec::new(), number: 0 }
    }

    /// Reads a line; whether there was one, and whether it kept within the limit.
    fn read_line(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let (mut any, mut fits) = (false, true);
        loop {
            let chunk = self.bytes.fill()?;
            if chunk.is_empty() {
                return Ok(any.then_some(fits));
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            fits = fits && self.line.len() + part.len() <= ROW_LIMIT;
            if fits {
                self.line.extend_from_slice(part);
            }
            let taken = part.len() + usize::from(end.is_some());
            self.bytes.take(taken);
            if end.is_some() {
                return Ok(Some(fits));
            }
        }
    }

    fn row(&self, start: u64, fits: bool) -> Read {
        let reject = |code, message: String| Rejected::row(self.number, code, message);
        if !fits {
            return Err(reject(RowCode::TooLong, format!("the line is longer than {} MiB", ROW_LIMIT >> 20)));
        }
        let text = str::from_utf8(&self.line).map_err(|error| {
            let byte = start + error.valid_up_to() as u64;
            reject(RowCode::NotUtf8, format!("the line is not UTF-8 at byte {byte} of the file"))
        })?;
        let text = text.trim_matches(BLANKS);
        let unreadable = |error: &serde_json::Error| {
            let message =
                format!("the line is not readable JSON at character {}: {}", place(text, error), reason(error));
            reject(RowCode::Unreadable, message)
        };
        if !text.starts_with('{') {
            serde_json::from_str::<&RawValue>(text).map_err(|error| unreadable(&error))?;
            return Err(reject(
                RowCode::NoObject,
                "the line is no object; write `{…}` with the facts of one customer".into(),
            ));
        }
        let Entries(entries) = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
        let id = self.id(&entries)?;
        let facts = self.facts(&entries).map_err(|rejected| rejected.of(Some(id.clone())))?;
        Ok(Row { id, number: self.number, facts })
    }

    fn id(&self, entries: &[(impl AsRef<str>, &RawValue)]) -> Result<String, Rejected> {
        let wanted = self.wanted.id.as_str();
        let key = brief(wanted, 80);
        let reject = |code, message| Err(Rejected::row(self.number, code, message).about(wanted));
        let mut given = entries.iter().filter(|(name, _)| name.as_ref() == wanted);
        let value = given.next().map_or("null", |(_, value)| value.get());
        if given.next().is_some() {
            return reject(RowCode::Twice, format!("`{key}` is given twice"));
        }
        match value.as_bytes().first() {
            Some(b'n') => reject(RowCode::NoId, format!("the line has no `{key}`")),
            Some(b'"') => match string(value) {
                Ok(id) if id.is_empty() => reject(RowCode::NoId, format!("`{key}` is empty")),
                Ok(id) => Ok(id),
                Err(_) => reject(RowCode::Unreadable, format!("`{key}` is no readable text")),
            },
            Some(b'-' | b'0'..=b'9') => Ok(value.to_owned()),
            _ => reject(RowCode::WrongId, format!("`{key}` is neither a text nor a number")),
        }
    }

    fn facts(&self, entries: &[(impl AsRef<str>, &RawValue)]) -> Result<Customer, Rejected> {
        let mut facts = Customer::new();
        let mut known: Vec<&str> = Vec::new();
        for (name, value) in entries {
            let name = name.as_ref();
            let Some(key) = self.wanted.key(name) else { continue };
            let reject = |code, message| Rejected::row(self.number, code, message).about(name);
            let shown = || brief(name, 80);
            if known.contains(&name) {
                return Err(reject(RowCode::Twice, format!("`{}` is given twice", shown())));
            }
            known.push(name);
            let datum = fact(value, key).map_err(|refused| match refused {
                Refused::TooDeep => reject(RowCode::TooDeep, format!("`{}` is nested deeper than 64 levels", shown())),
                Refused::Unreadable(why) => {
                    reject(RowCode::Unreadable, format!("`{}` is not readable: {why}", shown()))
                }
            })?;
            if let Some(datum) = datum {
                facts.insert(name, datum);
            }
        }
        Ok(facts)
    }
}

/// What JSON takes for blank.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// The character of a one-line text at which an error stands, counted from 1.
fn place(text: &str, error: &serde_json::Error) -> usize {
    let before = text.as_bytes().get(..error.column().saturating_sub(1)).unwrap_or(text.as_bytes());
    String::from_utf8_lossy(before).chars().count() + 1
}

impl Rows for Ndjson {
    fn next(&mut self) -> io::Result<Option<Read>> {
        loop {
            let start = self.bytes.offset();
            let Some(fits) = self.read_line()? else { return Ok(None) };
            self.number += 1;
            if !fits || !self.line.iter().all(|byte| BLANKS.contains(&char::from(*byte))) {
                return Ok(Some(self.row(start, fits)));
            }
        }
    }

    fn waits(&self) -> bool {
        self.bytes.is_drained()
    }
}
