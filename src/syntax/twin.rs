//! Full-width punctuation, digits and comparison signs as their ASCII twins, and Chinese keywords as their English ones,
//! with the way back to the source.
//!
//! Text, backtick names and comments stay as they are. A source without such characters is borrowed.

use std::borrow::Cow;
use std::iter::Peekable;
use std::slice::Iter;

use super::chinese;
use crate::source::Span;

/// The source as the scanner and the grammar read it.
pub(super) struct Twin<'s> {
    source: &'s str,
    text: Cow<'s, str>,
    /// Which part of the source each part of `text` stands for, in order; empty where the two are the same.
    parts: Vec<Part>,
    /// Some of the parts are keywords.
    keywords: bool,
}

/// A part of the twin: a copy of the source, or a sign or keyword in place of another.
#[derive(Clone, Copy)]
struct Part {
    /// Where it begins in the twin.
    twin: u32,
    /// Where it begins in the source; it ends where the next one begins.
    source: u32,
    kind: PartKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PartKind {
    Copy,
    Sign,
    Keyword,
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

impl<'s> Twin<'s> {
    /// Rewrites `source`, a leading byte order mark skipped.
    pub(super) fn new(source: &'s str) -> Self {
        let bom = if source.starts_with('\u{FEFF}') { 3 } else { 0 };
        let body = source.get(bom..).unwrap_or_default();
        let mut twin = Self { source, text: Cow::Borrowed(body), parts: Vec::new(), keywords: false };
        if bom > 0 {
            twin.parts.push(Part { twin: 0, source: 3, kind: PartKind::Copy });
        }
        if body.is_ascii() {
            return twin;
        }
        if body.chars().any(|c| ascii(c).is_some()) {
            twin.signs(body, bom);
        }
        if chinese::occurs(&twin.text) {
            twin.keywords();
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

    /// A part of the twin as it is shown to the author: keywords in the author's language, signs in their ASCII form.
    pub(super) fn written(&self, start: usize, end: usize) -> &str {
        if self.keywords && self.holds_keyword(start, end) {
            return self.source_text(self.span(start, end));
        }
        self.text.get(start..end).unwrap_or_default()
    }

    /// The keyword that a token of the twin stands for, as the author wrote it in Chinese.
    pub(super) fn keyword(&self, start: usize, end: usize) -> Option<&'s str> {
        (self.keywords && self.holds_keyword(start, end)).then(|| self.source_text(self.span(start, end)))
    }

    /// A span with the `内` behind it.
    pub(super) fn with_inside(&self, span: Span) -> Span {
        let behind = self.source.get(span.end()..).filter(|_| self.keywords).unwrap_or_default();
        let tight = behind.trim_start_matches(super::literal::is_blank);
        let inside = if tight.starts_with('内') { behind.len() - tight.len() + '内'.len_utf8() } else { 0 };
        Span::of(span.start(), span.end() + inside)
    }

    fn holds_keyword(&self, start: usize, end: usize) -> bool {
        let from = self.part_at(start).map_or(0, |(at, _)| at);
        let parts = self.parts.get(from..).unwrap_or_default();
        parts.iter().take_while(|part| (part.twin as usize) < end).any(|part| part.kind == PartKind::Keyword)
    }

    /// The source span of a span of the twin. What stands inside a sign or keyword that was put in the place of another
    /// is moved outwards, so that no span splits a character or word of the source.
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let last = self.end_offset(end);
        Span::of(if start < end { self.start_offset(start) } else { last }, last)
    }

    /// The last part that begins at an offset of the twin or before.
    fn part_at(&self, offset: usize) -> Option<(usize, &Part)> {
        let at = self.parts.partition_point(|part| part.twin as usize <= offset).checked_sub(1)?;
        self.parts.get(at).map(|part| (at, part))
    }

    fn start_offset(&self, offset: usize) -> usize {
        match self.part_at(offset) {
            Some((_, part)) if part.kind == PartKind::Copy => part.source as usize + offset - part.twin as usize,
            Some((_, part)) => part.source as usize,
            None => offset,
        }
    }

    fn end_offset(&self, offset: usize) -> usize {
        match offset.checked_sub(1).and_then(|last| self.part_at(last)) {
            Some((_, part)) if part.kind == PartKind::Copy => part.source as usize + offset - part.twin as usize,
            Some((at, _)) => self.parts.get(at + 1).map_or(self.source.len(), |next| next.source as usize),
            None => self.start_offset(offset),
        }
    }

    fn signs(&mut self, body: &str, bom: usize) {
        let mut text = String::with_capacity(body.len());
        let mut state = State::Code;
        let mut parts = Parts::new(bom);
        for (at, c) in body.char_indices() {
            let twin = if matches!(state, State::Code) { ascii(c) } else { None };
            state = state.after(c);
            match twin {
                Some(twin) => {
                    parts.put(text.len(), bom + at, PartKind::Sign);
                    text.push_str(twin);
                    parts.put(text.len(), bom + at + c.len_utf8(), PartKind::Copy);
                }
                None => text.push(c),
            }
        }
        (self.text, self.parts) = (Cow::Owned(text), parts.all);
    }

    /// Puts English keywords in the place of Chinese ones.
    fn keywords(&mut self) {
        let mut found = chinese::read(&self.text);
        found.retain(|found| found.chinese);
        if found.is_empty() {
            return;
        }
        let mut text = String::with_capacity(self.text.len() + self.text.len() / 4);
        let mut parts = Parts::new(self.start_offset(0));
        let mut old = self.parts.iter().peekable();
        let mut done = 0;
        for keyword in &found {
            self.copy(done, keyword.start, &mut text, &mut parts, &mut old);
            let (before, behind) =
                (text.chars().next_back(), self.text.get(keyword.end..).and_then(|b| b.chars().next()));
            parts.put(text.len(), self.start_offset(keyword.start), PartKind::Keyword);
            let apart = |c: Option<char>, signs: &str| c.is_some_and(|c| !c.is_whitespace() && !signs.contains(c));
            let padded = !keyword.tight && !keyword.english.is_empty();
            if padded && apart(before, "([{") {
                text.push(' ');
            }
            text.push_str(keyword.english);
            if padded && apart(behind, ")]},:;") {
                text.push(' ');
            }
            parts.put(text.len(), self.end_offset(keyword.end), PartKind::Copy);
            done = keyword.end;
        }
        self.copy(done, self.text.len(), &mut text, &mut parts, &mut old);
        (self.text, self.parts, self.keywords) = (Cow::Owned(text), parts.all, true);
    }

    /// Copies a part of the text, and what is known of it.
    fn copy(&self, from: usize, to: usize, text: &mut String, parts: &mut Parts, old: &mut Peekable<Iter<'_, Part>>) {
        while let Some(part) = old.next_if(|part| (part.twin as usize) < to) {
            let twin = part.twin as usize;
            if twin >= from {
                parts.put(text.len() + twin - from, part.source as usize, part.kind);
            }
        }
        text.push_str(self.text.get(from..to).unwrap_or_default());
    }
}

/// Parts that are put together.
struct Parts {
    all: Vec<Part>,
}

impl Parts {
    fn new(source: usize) -> Self {
        Self { all: vec![Part { twin: 0, source: narrow(source), kind: PartKind::Copy }] }
    }

    /// Begins a part. A copy of nothing before it is taken away.
    fn put(&mut self, twin: usize, source: usize, kind: PartKind) {
        let twin = narrow(twin);
        if self.all.last().is_some_and(|last| last.twin == twin && last.kind == PartKind::Copy) {
            self.all.pop();
        }
        self.all.push(Part { twin, source: narrow(source), kind });
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
