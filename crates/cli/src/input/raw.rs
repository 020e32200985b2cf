//! Records as the crate `csv` splits them, held against the text they were split from.
//!
//! The crate takes what stands behind a quote that is not closed, up to the next quote or the end of the file, for one
//! cell: customers would disappear without a word. The text shows it.

use std::io::{self, Read};

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

use super::bytes::Bytes;

/// What is wrong with the quotes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The file ends between quotes.
    Open,
    /// Something stands behind a closing quote.
    Stray,
}

/// Reads records, one at a time. Empty lines are none.
pub(super) struct Records {
    reader: Reader<Kept>,
    record: ByteRecord,
    /// Bytes of the file before the first that `reader` sees.
    skipped: u64,
}

/// Keeps what the crate reads, from the start of a record on.
struct Kept {
    bytes: Bytes,
    text: Vec<u8>,
    /// The place of `text`.
    start: u64,
    /// The place of the record, before which nothing is needed.
    record: u64,
}

impl Read for Kept {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.text.drain(..(self.record - self.start) as usize);
        self.start = self.record;
        let count = self.bytes.fill()?.read(buffer)?;
        self.text.extend_from_slice(buffer.get(..count).unwrap_or_default());
        self.bytes.take(count);
        Ok(count)
    }
}

impl Records {
    /// Reads nothing yet.
    pub(super) fn new(bytes: Bytes) -> Self {
        let skipped = bytes.offset();
        let kept = Kept { bytes, text: Vec::new(), start: 0, record: 0 };
        let mut builder = ReaderBuilder::new();
        let reader = builder.flexible(true).has_headers(false).buffer_capacity(64 << 10).from_reader(kept);
        Self { reader, record: ByteRecord::new(), skipped }
    }

    /// Reads the next record; whether there is one.
    pub(super) fn read(&mut self) -> io::Result<bool> {
        self.reader.get_mut().record = self.reader.position().byte();
        self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }

    /// The line ends before the record, and the record as the file has it.
    fn parts(&self) -> (&[u8], &[u8]) {
        let kept = self.reader.get_ref();
        let place = |at: u64| (at - kept.start) as usize;
        let read = kept.text.get(place(kept.record)..place(self.reader.position().byte())).unwrap_or_default();
        read.split_at(read.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count())
    }

    /// The record as the file has it; its line end may be part of it.
    pub(super) fn text(&self) -> &[u8] {
        self.parts().1
    }

    /// The first and the last line of the record, counted from 1.
    pub(super) fn lines(&self) -> (u64, u64) {
        let (before, text) = self.parts();
        let count = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count() as u64;
        let first = self.record.position().map_or(1, csv::Position::line) + count(before);
        (first, first + count(text.trim_ascii_end()))
    }

    /// The byte of the file at which the record is not UTF-8.
    pub(super) fn not_utf8(&self) -> Option<u64> {
        let (before, text) = self.parts();
        let start = self.skipped + self.reader.get_ref().record + before.len() as u64;
        std::str::from_utf8(text).err().map(|error| start + error.valid_up_to() as u64)
    }

    /// What is wrong with its quotes: the cells, quoted again where they were, should be its text.
    pub(super) fn fault(&self) -> Option<Fault> {
        let mut rest = self.text();
        if !rest.contains(&b'"') {
            return None;
        }
        for cell in &self.record {
            let behind = match rest.strip_prefix(b"\"") {
                Some(quoted) => match strip_doubled(quoted, cell) {
                    Some([]) => return Some(Fault::Open),
                    Some(behind) => behind.strip_prefix(b"\""),
                    None => None,
                },
                None => rest.strip_prefix(cell),
            };
            rest = match behind {
                Some([b',' | b'\n' | b'\r', behind @ ..] | behind @ []) => behind,
                _ => return Some(Fault::Stray),
            };
        }
        None
    }

    /// How many cells there are.
    pub(super) fn count(&self) -> usize {
        self.record.len()
    }

    /// A cell; none where it is not UTF-8.
    pub(super) fn cell(&self, at: usize) -> Option<&str> {
        std::str::from_utf8(self.record.get(at)?).ok()
    }
}

/// What stands behind a cell in a text in which its quotes are doubled.
fn strip_doubled<'a>(text: &'a [u8], cell: &[u8]) -> Option<&'a [u8]> {
    let mut parts = cell.split(|byte| *byte == b'"');
    let first = text.strip_prefix(parts.next()?)?;
    parts.try_fold(first, |rest, part| rest.strip_prefix(b"\"\"")?.strip_prefix(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(input: &[u8]) -> Vec<(Option<Fault>, u64, u64)> {
        let mut records = Records::new(Bytes::new(Box::new(io::Cursor::new(input.to_vec()))).unwrap());
        let mut all = Vec::new();
        while records.read().unwrap() {
            let (first, last) = records.lines();
            all.push((records.fault(), first, last));
        }
        all
    }

    #[test]
    fn sound_quotes_have_no_fault() {
        let input = b"\xef\xbb\xbfid,note\r\n\r\n1,\"a, \"\"b\"\"\r\nc\"\r\n2,5\" pipe\n\"\",\"\"\"\"\n,\n\"x\n\"";
        let lines = [(1, 1), (3, 4), (5, 5), (6, 6), (7, 7), (8, 9)];
        assert_eq!(faults(input), lines.map(|(first, last)| (None, first, last)));
        assert_eq!(faults(b"\n\r\n"), []);
    }

    #[test]
    fn what_the_crate_writes_has_no_fault() {
        let long = "\"\n".repeat(70_000);
        let cells = [&long, "", "a", "\"", "a\"b", "\"\"", ",", "\n", "\r\n", "客户", " a ", "a\n\"b\",c", "\","];
        let mut writer = csv::Writer::from_writer(Vec::new());
        for (first, second) in cells.iter().flat_map(|first| cells.map(|second| (*first, second))) {
            writer.write_record([first, second]).unwrap();
        }
        let all = faults(&writer.into_inner().unwrap());
        assert_eq!(all.len(), cells.len() * cells.len());
        assert!(all.iter().all(|(fault, ..)| fault.is_none()));
    }

    #[test]
    fn quotes_that_are_not_closed_show() {
        for open in ["\"", "1,\"", "1,\"a\"\"", "1,\"a,b\r\n2,c\r\n", "\"\n"] {
            assert_eq!(faults(open.as_bytes())[0].0, Some(Fault::Open), "{open:?}");
        }
        for stray in ["1,\"a\"b", "1,\"a\" ,b\n", "1,\"a\n2,\"b\",c\n", "1,\"a\n2,\"b,c\n", "\"a\"\"\"b\"\n"] {
            assert_eq!(faults(stray.as_bytes())[0].0, Some(Fault::Stray), "{stray:?}");
        }
        let expected = [(Some(Fault::Stray), 1, 2), (None, 3, 3), (Some(Fault::Open), 5, 6)];
        assert_eq!(faults(b"1,\"a\r\n2,\"b\"\r\n3,c\r\n\r\n4,\"d\r\n5,e\r\n"), expected);
    }
}
