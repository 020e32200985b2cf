//! Customers as NDJSON: one object a line.

use std::io;

use serde_json::value::RawValue;
use tierwise::Customer;

use super::bytes::Bytes;
use super::json::{Refused, fact};
use super::lines::{self, Entries, Lines, id};
use super::wanted::Wanted;
use super::{Read, Row, Rows};
use crate::escape::brief;
use crate::rejected::{Rejected, RowCode};

/// The lines of a file, each a customer.
pub(super) struct Ndjson {
    lines: Lines,
    wanted: Wanted,
}

impl Ndjson {
    /// Reads nothing yet.
    pub(super) fn new(bytes: Bytes, wanted: Wanted) -> Self {
        Self { lines: Lines::new(bytes), wanted }
    }

    fn row(&self) -> Read {
        let reject = |(code, message)| Rejected::row(self.lines.number(), code, message);
        let Entries(entries) = self.lines.object("one customer").map_err(reject)?;
        let wanted = self.wanted.id.as_str();
        let id = id(&entries, wanted).map_err(|wrong| reject(wrong).about(wanted))?.ok_or_else(|| {
            let key = brief(wanted, 80);
            let given = entries.iter().any(|(name, value)| name.as_ref() == wanted && value.get() != "null");
            let message = if given { format!("`{key}` is empty") } else { format!("the line has no `{key}`") };
            reject((RowCode::NoId, message)).about(wanted)
        })?;
        let parent = match self.wanted.parent {
            Some(key) => lines::id(&entries, key).map_err(|wrong| reject(wrong).about(key).of(Some(id.clone())))?,
            None => None,
        };
        let facts = self.facts(&entries).map_err(|rejected| rejected.linked(&id, parent.as_deref()))?;
        Ok(Row { id, parent, number: self.lines.number(), facts })
    }

    fn facts(&self, entries: &[(impl AsRef<str>, &RawValue)]) -> Result<Customer, Rejected> {
        let mut facts = Customer::new();
        let mut known: Vec<&str> = Vec::new();
        for (name, value) in entries {
            let name = name.as_ref();
            let Some(key) = self.wanted.key(name) else { continue };
            let reject = |code, message| Rejected::row(self.lines.number(), code, message).about(name);
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

impl Rows for Ndjson {
    fn next(&mut self) -> io::Result<Option<Read>> {
        Ok(if self.lines.read()? { Some(self.row()) } else { None })
    }

    fn waits(&self) -> bool {
        self.lines.waits()
    }
}
