//! Records of CSV (RFC 4180): quoted cells, doubled quotes and line ends in cells; CR, LF and CRLF end a record.
//!
//! It splits records itself and not with the crate `csv`, which takes everything behind a quote that is never closed for
//! one cell: customers would disappear without a word. Here such a line alone is broken, and the next line is a record.

use std::io;

use super::ROW_LIMIT;
use super::bytes::Bytes;

/// What is wrong with a record as such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quote is not closed, or something stands behind a closing quote.
    Quotes,
    /// It is longer than the limit.
    TooLong,
}

/// Reads records into itself, one at a time.
pub(super) struct Records {
    bytes: Bytes,
    limit: usize,
    /// The record as the file has it, without its line end.
    raw: Vec<u8>,
    /// The cells without quotes, one behind the other, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    start: u64,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the start of a cell.
    Start,
    /// In a cell without quotes.
    Plain,
    /// Between quotes.
    Quoted,
    /// Behind a quote that closes the cell, or is the first of two.
    Closing,
}

/// What a byte does to a record.
enum Step {
    To(State),
    Content(State),
    EndCell,
    EndRecord,
    Stray,
}

fn step(state: State, byte: u8) -> Step {
    match (state, byte) {
        (State::Quoted, b'"') => Step::To(State::Closing),
        (State::Quoted, _) | (State::Closing, b'"') => Step::Content(State::Quoted),
        (_, b',') => Step::EndCell,
        (_, b'\n' | b'\r') => Step::EndRecord,
        (State::Start, b'"') => Step::To(State::Quoted),
        (State::Closing, _) => Step::Stray,
        (State::Start | State::Plain, _) => Step::Content(State::Plain),
    }
}

impl Records {
    /// Reads nothing yet.
    pub(super) fn new(bytes: Bytes) -> Self {
        Self { bytes, limit: ROW_LIMIT, raw: Vec::new(), text: Vec::new(), ends: Vec::new(), start: 0, fault: None }
    }

    /// Reads the next record; whether there is one. Empty lines are none.
    pub(super) fn read(&mut self) -> io::Result<bool> {
        self.raw.clear();
        self.text.clear();
        self.ends.clear();
        self.fault = None;
        if !self.skip_line_ends()? {
            return Ok(false);
        }
        self.start = self.bytes.offset();
        self.fault = self.record()?;
        if self.fault.is_some() {
            self.keep_first_line()?;
        }
        Ok(true)
    }

    /// Whether anything comes behind them.
    fn skip_line_ends(&mut self) -> io::Result<bool> {
        loop {
            let chunk = self.bytes.fill()?;
            let (all, skipped) = (chunk.len(), chunk.iter().take_while(|byte| is_line_end(byte)).count());
            self.bytes.take(skipped);
            if skipped < all || all == 0 {
                return Ok(all > 0);
            }
        }
    }

    /// Reads up to the end of a record, its line end not included, or up to its first fault.
    fn record(&mut self) -> io::Result<Option<Fault>> {
        let mut state = State::Start;
        loop {
            let chunk = self.bytes.fill()?;
            let (mut taken, mut end) = (0, None);
            for byte in chunk {
                match step(state, *byte) {
                    Step::To(next) => state = next,
                    Step::Content(next) => {
                        self.text.push(*byte);
                        state = next;
                    }
                    Step::EndCell => {
                        self.ends.push(self.text.len());
                        state = State::Start;
                    }
                    Step::EndRecord => end = Some(None),
                    Step::Stray => end = Some(Some(Fault::Quotes)),
                }
                if end.is_some() {
                    break;
                }
                taken += 1;
                if self.raw.len() + taken > self.limit {
                    end = Some(Some(if state == State::Quoted { Fault::Quotes } else { Fault::TooLong }));
                    break;
                }
            }
            if chunk.is_empty() {
                end = Some((state == State::Quoted).then_some(Fault::Quotes));
            }
            self.raw.extend_from_slice(chunk.get(..taken).unwrap_or_default());
            self.bytes.take(taken);
            if let Some(fault) = end {
                self.ends.push(self.text.len());
                return Ok(fault);
            }
        }
    }

    /// Of a faulty record, only its first line counts as the record; what was read beyond it is read again.
    fn keep_first_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(end) = self.raw.iter().position(is_line_end) {
                let rest = self.raw.split_off(end);
                self.bytes.give_back(rest);
                return Ok(());
            }
            let chunk = self.bytes.fill()?;
            let end = chunk.iter().position(is_line_end);
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            let room = self.limit.saturating_sub(self.raw.len());
            self.raw.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
            let (skipped, ended) = (part.len(), end.is_some() || chunk.is_empty());
            self.bytes.take(skipped);
            if ended {
                return Ok(());
            }
        }
    }

    /// What is wrong with the record.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The byte of the file at which the record is not UTF-8.
    pub(super) fn not_utf8(&self) -> Option<u64> {
        std::str::from_utf8(&self.raw).err().map(|error| self.start + error.valid_up_to() as u64)
    }

    /// How many cells there are.
    pub(super) fn count(&self) -> usize {
        self.ends.len()
    }

    /// A cell; none where it is not UTF-8.
    pub(super) fn cell(&self, at: usize) -> Option<&str> {
        let start = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        std::str::from_utf8(self.text.get(start..*self.ends.get(at)?)?).ok()
    }

    /// Whether a quote opens the record.
    pub(super) fn opens_with_quote(&self) -> bool {
        self.raw.first() == Some(&b'"')
    }
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(input: &[u8], limit: usize) -> Vec<Result<Vec<String>, Fault>> {
        let mut records = Records::new(Bytes::new(Box::new(io::Cursor::new(input.to_vec()))).unwrap());
        records.limit = limit;
        let mut all = Vec::new();
        while records.read().unwrap() {
            all.push(match records.fault() {
                Some(fault) => Err(fault),
                None => Ok((0..records.count()).map(|at| records.cell(at).unwrap().to_owned()).collect()),
            });
        }
        all
    }

    fn good(cells: &[&str]) -> Result<Vec<String>, Fault> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn cells_are_what_rfc_4180_says() {
        let input = b"id,note\r\n\r\n1,\"a, \"\"b\"\"\r\nc\"\n2,5\" pipe\r\"3\",\"\"\n,";
        let expected = [
            good(&["id", "note"]),
            good(&["1", "a, \"b\"\r\nc"]),
            good(&["2", "5\" pipe"]),
            good(&["3", ""]),
            good(&["", ""]),
        ];
        assert_eq!(records(input, 100), expected);
        assert_eq!(records(b"", 100), []);
        assert_eq!(records(b"\n\r\n", 100), []);
        assert_eq!(records(b"\"\"\n", 100), [good(&[""])]);
    }

    #[test]
    fn a_broken_quote_costs_its_own_line_only() {
        assert_eq!(records(b"1,\"a\n2,b\n", 100), [Err(Fault::Quotes), good(&["2", "b"])]);
        assert_eq!(records(b"1,\"a\n2,b\n3,\"c\"\n", 100), [Err(Fault::Quotes), good(&["2", "b"]), good(&["3", "c"])]);
        assert_eq!(records(b"1,\"a\"b,c\n2,b", 100), [Err(Fault::Quotes), good(&["2", "b"])]);
        assert_eq!(records(b"1,\"a", 100), [Err(Fault::Quotes)]);
        assert_eq!(records(b"\"", 100), [Err(Fault::Quotes)]);
    }

    #[test]
    fn a_long_record_costs_its_own_line_only() {
        assert_eq!(records(b"1,aaaaaaaaaaaaaaa\n2,b\n", 10), [Err(Fault::TooLong), good(&["2", "b"])]);
        assert_eq!(records(b"1,\"aa\naaaaaaaaaaaaaa\n2,b\n", 10)[..2], [Err(Fault::Quotes), Err(Fault::TooLong)]);
    }

    #[test]
    fn what_the_crate_csv_writes_is_read_back() {
        let cells = ["", "a", "\"", "a\"b", "\"\"", ",", "\n", "\r\n", "客户", " a ", "a\n\"b\",c"];
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut expected = Vec::new();
        for first in cells {
            for second in cells {
                writer.write_record([first, second]).unwrap();
                expected.push(good(&[first, second]));
            }
        }
        assert_eq!(records(&writer.into_inner().unwrap(), 100), expected);
    }
}
