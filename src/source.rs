//! Places in a policy text: byte spans, and lines and columns for the reader.

use std::fmt;

/// A half-open range of bytes in the policy's source, `start..end`.
///
/// Spans are what diagnostics and the syntax tree carry; a line and a column are worked out only when a person reads.
///
/// ```
/// let policy = tierwise::Policy::parse("frequency > 3 => A\notherwise => B").unwrap();
/// assert_eq!(policy.warnings().len(), 0);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// A span from byte `start` up to, not including, byte `end`.
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end: if end < start { start } else { end } }
    }

    /// A span of source offsets; the source limit keeps them within 32 bits.
    pub(crate) fn of(start: usize, end: usize) -> Self {
        let narrow = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self::new(narrow(start), narrow(end))
    }

    /// The first byte.
    pub const fn start(self) -> usize {
        self.start as usize
    }

    /// The byte behind the last one.
    pub const fn end(self) -> usize {
        self.end as usize
    }

    /// The smallest span that holds both.
    pub(crate) fn to(self, other: Self) -> Self {
        Self::new(self.start.min(other.start), self.end.max(other.end))
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

/// Where each line of a source begins: one pass over the text, then every look-up is a binary search.
#[derive(Debug)]
pub(crate) struct Lines {
    starts: Vec<u32>,
}

impl Lines {
    pub(crate) fn new(source: &str) -> Self {
        let bytes = source.as_bytes();
        // A byte order mark is no column.
        let mut starts = vec![if source.starts_with('\u{FEFF}') { 3 } else { 0 }];
        for (at, byte) in bytes.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> u32 {
        let line = self.starts.partition_point(|start| *start as usize <= offset);
        u32::try_from(line).unwrap_or(u32::MAX).max(1)
    }

    /// The bytes of a line (counted from 1), its line end not included.
    pub(crate) fn text<'s>(&self, source: &'s str, line: u32) -> (usize, &'s str) {
        let index = (line as usize).saturating_sub(1);
        let start = self.starts.get(index).map_or(source.len(), |s| *s as usize);
        let end = self.starts.get(index + 1).map_or(source.len(), |s| *s as usize);
        let text = source.get(start..end).unwrap_or_default();
        (start, text.trim_end_matches(['\n', '\r']))
    }
}

/// Control and bidirectional-format characters, which no policy needs and which can make a text look like another.
pub(crate) fn is_forbidden(c: char) -> bool {
    let bidirectional =
        matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || bidirectional
}

/// Columns on a terminal: ideographs, full-width forms and emoji take two, combining marks and joiners none.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    let columns = |c: char| match u32::from(c) {
        0x300..=0x36F | 0x200B..=0x200D | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F => 0,
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7A3 => 2,
        0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 => 2,
        0x1F300..=0x1F64F | 0x1F680..=0x1F6FF | 0x1F900..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    };
    text.chars().map(columns).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_counts_once() {
        let source = "a\nb\r\nc\rd";
        let lines = Lines::new(source);
        let at = |c: char| lines.line(source.find(c).unwrap());
        assert_eq!([at('a'), at('b'), at('c'), at('d')], [1, 2, 3, 4]);
        assert_eq!(lines.text(source, 2), (2, "b"));
        assert_eq!(lines.text(source, 9).1, "");
    }

    #[test]
    fn ideographs_take_two_columns() {
        assert_eq!([width("a > 1"), width("年消费额"), width("，é"), width("e\u{301}")], [5, 8, 3, 1]);
    }
}
