//! The lines of a file, each one JSON object.

use std::borrow::Cow;
use std::io;
use std::str;

use serde_json::value::RawValue;

use super::ROW_LIMIT;
use super::bytes::Bytes;
pub(super) use super::json::Entries;
use super::json::{reason, string};
use crate::escape::brief;
use crate::rejected::RowCode;

/// Why a line is not taken.
pub(super) type Wrong = (RowCode, String);

/// The lines of a file that are not blank, one at a time.
pub(super) struct Lines {
    bytes: Bytes,
    line: Vec<u8>,
    number: u64,
    /// Where in the file the line begins.
    start: u64,
    /// Whether it keeps within the limit.
    fits: bool,
}

/// What JSON takes for blank.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

impl Lines {
    /// Reads nothing yet.
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes, line: Vec::new(), number: 0, start: 0, fits: true }
    }

    /// The number of the line that was read, counted from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Whether the next line may have to be waited for.
    pub(super) fn waits(&self) -> bool {
        self.bytes.is_drained()
    }

    /// Reads the next line; whether there is one.
    pub(super) fn read(&mut self) -> io::Result<bool> {
        loop {
            self.start = self.bytes.offset();
            let Some(fits) = self.any_line()? else { return Ok(false) };
            self.number += 1;
            self.fits = fits;
            if !fits || !self.line.iter().all(|byte| BLANKS.contains(&char::from(*byte))) {
                return Ok(true);
            }
        }
    }

    /// Reads a line; whether there was one, and whether it kept within the limit.
    fn any_line(&mut self) -> io::Result<Option<bool>> {
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

    /// The entries of the object in the line, with the facts of what is named.
    pub(super) fn object(&self, of: &str) -> Result<Entries<'_>, Wrong> {
        if !self.fits {
            return Err((RowCode::TooLong, format!("the line is longer than {} MiB", ROW_LIMIT >> 20)));
        }
        let text = str::from_utf8(&self.line).map_err(|error| {
            let byte = self.start + error.valid_up_to() as u64;
            (RowCode::NotUtf8, format!("the line is not UTF-8 at byte {byte} of the file"))
        })?;
        let text = text.trim_matches(BLANKS);
        let unreadable = |error: &serde_json::Error| {
            let message =
                format!("the line is not readable JSON at character {}: {}", place(text, error), reason(error));
            (RowCode::Unreadable, message)
        };
        if !text.starts_with('{') {
            serde_json::from_str::<&RawValue>(text).map_err(|error| unreadable(&error))?;
            return Err((RowCode::NoObject, format!("the line is no object; write `{{…}}` with the facts of {of}")));
        }
        serde_json::from_str(text).map_err(|error| unreadable(&error))
    }
}

/// The text or number under the key of an id; `None` where there is none, or an empty one.
pub(super) fn id(entries: &[(Cow<'_, str>, &RawValue)], wanted: &str) -> Result<Option<String>, Wrong> {
    let key = brief(wanted, 80);
    let mut given = entries.iter().filter(|(name, _)| name.as_ref() == wanted);
    let value = given.next().map_or("null", |(_, value)| value.get());
    if given.next().is_some() {
        return Err((RowCode::Twice, format!("`{key}` is given twice")));
    }
    match value.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => match string(value) {
            Ok(id) => Ok(Some(id).filter(|id| !id.is_empty())),
            Err(_) => Err((RowCode::Unreadable, format!("`{key}` is no readable text"))),
        },
        Some(b'-' | b'0'..=b'9') => Ok(Some(value.to_owned())),
        _ => Err((RowCode::WrongId, format!("`{key}` is neither a text nor a number"))),
    }
}

/// The character of a one-line text at which an error stands, counted from 1.
fn place(text: &str, error: &serde_json::Error) -> usize {
    let before = text.as_bytes().get(..error.column().saturating_sub(1)).unwrap_or(text.as_bytes());
    String::from_utf8_lossy(before).chars().count() + 1
}
