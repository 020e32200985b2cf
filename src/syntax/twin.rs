//! Full-width punctuation, digits and comparison signs as their ASCII twins, with the way back to the source.
//!
//! Text, backtick names and comments stay as they are. A source without such characters is borrowed.

use std::borrow::Cow;

use crate::source::Span;

/// The source as the scanner and the grammar read it.
pub(super) struct Twin<'s> {
    source: &'s str,
    text: Cow<'s, str>,
    /// Where an offset in `text` begins to be so many bytes further in the source.
    shifts: Vec<(u32, u32)>,
}

impl<'s> Twin<'s> {
    /// Rewrites `source`, a leading byte order mark skipped.
    pub(super) fn new(source: &'s str) -> Self {
        let bom = if source.starts_with('\u{FEFF}') { 3 } else { 0 };
        let body = source.get(bom..).unwrap_or_default();
        let mut twin = Self { source, text: Cow::Borrowed(body), shifts: Vec::new() };
        if bom > 0 {
            twin.shifts.push((0, 3));
        }
        if body.chars().any(|c| ascii(c).is_some()) {
            twin.rewrite(body, bom);
        }
        twin
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span as the author wrote it.
    pub(super) fn source_text(&self, span: Span) -> &'s str {
        self.source.get(span.start()..span.end()).unwrap_or_default()
    }

    /// The source span of a span of the twin. An end between the two signs of `≥` is moved outwards, so that no span
    /// splits a character of the source.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let (mut start, mut end) = (self.source_offset(start), self.source_offset(end));
        while !self.source.is_char_boundary(start) {
            start -= 1;
        }
        while end < self.source.len() && !self.source.is_char_boundary(end) {
            end += 1;
        }
        Span::of(start, end)
    }

    fn source_offset(&self, offset: usize) -> usize {
        let behind = self.shifts.partition_point(|(from, _)| *from as usize <= offset);
        let shift = behind.checked_sub(1).and_then(|at| self.shifts.get(at));
        offset + shift.map_or(0, |(_, shift)| *shift as usize)
    }

    fn rewrite(&mut self, body: &str, bom: usize) {
        let mut text = String::with_capacity(body.len());
        let mut state = State::Code;
        let mut shift = bom;
        for c in body.chars() {
            let twin = if matches!(state, State::Code) { ascii(c) } else { None };
            state = state.after(c);
            match twin {
                Some(twin) => {
                    text.push_str(twin);
                    shift += c.len_utf8() - twin.len();
                    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                    self.shifts.push((narrow(text.len()), narrow(shift)));
                }
                None => text.push(c),
            }
        }
        self.text = Cow::Owned(text);
    }
}

/// What the next character stands in.
#[derive(Clone, Copy)]
enum State {
    Code,
    Comment,
    Backtick,
    /// A text that closes with the character; `true` behind a backslash.
    Text(char, bool),
}

impl State {
    fn after(self, c: char) -> Self {
        if matches!(c, '\n' | '\r') {
            return Self::Code;
        }
        match (self, c) {
            (Self::Code, '#' | '＃') => Self::Comment,
            (Self::Code, '`') => Self::Backtick,
            (Self::Code, '"') => Self::Text('"', false),
            (Self::Code, '“') => Self::Text('”', false),
            (Self::Backtick, '`') => Self::Code,
            (Self::Text(close, false), c) if c == close => Self::Code,
            (Self::Text(close, escaped), c) => Self::Text(close, !escaped && c == '\\'),
            (state, _) => state,
        }
    }
}

fn ascii(c: char) -> Option<&'static str> {
    Some(match c {
        '（' => "(",
        '）' => ")",
        '，' | '、' => ",",
        '：' => ":",
        '；' => ";",
        '＞' => ">",
        '＜' => "<",
        '＝' => "=",
        '！' => "!",
        '？' => "?",
        '＃' => "#",
        '．' => ".",
        '％' => "%",
        '＋' => "+",
        '－' => "-",
        '×' => "*",
        '÷' => "/",
        '｛' => "{",
        '｝' => "}",
        '［' => "[",
        '］' => "]",
        '≥' => ">=",
        '≤' => "<=",
        '≠' => "!=",
        '０'..='９' => digit(c)?,
        _ => return None,
    })
}

fn digit(c: char) -> Option<&'static str> {
    let at = usize::try_from(u32::from(c) - u32::from('０')).ok()?;
    "0123456789".get(at..=at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_signs_are_read_as_ascii_and_lead_back() {
        let source = "\u{FEFF}x ＞＝ １２ and “＞” ≠ `＞` ＃ ＞\n＞";
        let twin = Twin::new(source);
        assert_eq!(twin.text(), "x >= 12 and “＞” != `＞` # ＞\n>");
        let last = twin.text().len();
        let span = twin.span(last - 1, last);
        assert_eq!(&source[span.start()..span.end()], "＞");
        let number = twin.text().find("12").unwrap();
        let span = twin.span(number, number + 2);
        assert_eq!(&source[span.start()..span.end()], "１２");
    }

    #[test]
    fn ascii_is_borrowed() {
        assert!(matches!(Twin::new("a > 1 => A").text, Cow::Borrowed(_)));
    }
}
