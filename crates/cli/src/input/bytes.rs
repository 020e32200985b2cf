//! Bytes of a file, which are given back where a row turns out to have taken too many.

use std::io::{self, BufRead as _, BufReader, Read};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A buffered reader behind the byte order mark, if there is one.
pub(super) struct Bytes {
    reader: BufReader<Box<dyn Read>>,
    /// What was given back, from `at` on.
    back: Vec<u8>,
    at: usize,
    offset: u64,
}

impl Bytes {
    /// Skips a byte order mark.
    pub(super) fn new(reader: Box<dyn Read>) -> io::Result<Self> {
        let mut reader = BufReader::with_capacity(64 << 10, reader);
        let mut back = Vec::new();
        reader.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut back)?;
        let marked = back == BYTE_ORDER_MARK;
        let at = if marked { back.len() } else { 0 };
        Ok(Self { reader, back, at, offset: at as u64 })
    }

    /// The next bytes; none at the end of the file.
    pub(super) fn fill(&mut self) -> io::Result<&[u8]> {
        if self.at < self.back.len() {
            return Ok(self.back.get(self.at..).unwrap_or_default());
        }
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
        if self.at < self.back.len() {
            self.at += count;
        } else {
            self.reader.consume(count);
        }
    }

    /// Gives bytes back that were the last to be taken.
    pub(super) fn give_back(&mut self, mut bytes: Vec<u8>) {
        self.offset -= bytes.len() as u64;
        bytes.extend_from_slice(self.back.get(self.at..).unwrap_or_default());
        self.back = bytes;
        self.at = 0;
    }

    /// How many bytes of the file lie before the next one.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Whether nothing is at hand without reading on.
    pub(super) fn is_drained(&self) -> bool {
        self.at >= self.back.len() && self.reader.buffer().is_empty()
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

    #[test]
    fn what_is_given_back_comes_again() {
        let mut bytes = Bytes::new(Box::new(&b"abcdef"[..])).unwrap();
        assert_eq!(bytes.fill().unwrap(), b"abc");
        bytes.take(3);
        bytes.give_back(b"bc".to_vec());
        bytes.take(1);
        bytes.give_back(b"b".to_vec());
        assert_eq!(bytes.offset(), 1);
        assert_eq!(all(&mut bytes), b"bcdef");
    }
}
