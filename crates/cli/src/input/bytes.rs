//! Bytes of a file, and where in it they stand.

use std::io::{self, BufRead as _, BufReader, Cursor, Read};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A buffered reader behind the byte order mark, if there is one.
pub(super) struct Bytes {
    reader: BufReader<Box<dyn Read>>,
    offset: u64,
}

impl Bytes {
    /// Skips a byte order mark.
    pub(super) fn new(mut reader: Box<dyn Read>) -> io::Result<Self> {
        let mut first = Vec::new();
        reader.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut first)?;
        let offset = if first == BYTE_ORDER_MARK { first.len() as u64 } else { 0 };
        let mut first = Cursor::new(first);
        first.set_position(offset);
        Ok(Self { reader: BufReader::with_capacity(64 << 10, Box::new(first.chain(reader))), offset })
    }

    /// The next bytes; none at the end of the file.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        while let Err(error) = self.reader.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        Ok(self.reader.buffer())
    }

    /// Takes so many of the bytes that `fill` showed.
    pub(super) fn take(&mut self, count: usize) {
        self.offset += count as u64;
        self.reader.consume(count);
    }

    /// How many bytes of the file lie before the next one.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether nothing is at hand without reading on.
    pub(super) fn is_drained(&self) -> bool {
        self.reader.buffer().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &mut Bytes) -> Vec<u8> {
        let mut all = Vec::new();
        while let chunk @ [_, ..] = bytes.fill().unwrap() {
            let count = chunk.len();
            all.extend_from_slice(chunk);
            bytes.take(count);
        }
        all
    }

    #[test]
    fn a_mark_is_skipped_and_counted() {
        for (input, expected) in [("\u{feff}ab", "ab"), ("ab", "ab"), ("", ""), ("abcdef", "abcdef"), ("\u{feff}", "")]
        {
            let mut bytes = Bytes::new(Box::new(input.as_bytes())).unwrap();
            assert_eq!(all(&mut bytes), expected.as_bytes());
            assert_eq!(bytes.offset(), input.len() as u64);
            assert!(bytes.is_drained());
        }
    }
}
