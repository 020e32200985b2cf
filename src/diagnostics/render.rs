//! The text of diagnostics: code, message, place, the source line with carets, labels and help.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use super::{Diagnostic, Frame, Lang, Severity, catalogue, fill_with};
use crate::source::{Lines, Span, width};

/// As many characters of a line are echoed around the place.
const ECHO: usize = 120;

/// Diagnostics of one source, ready to be read. `Display` gives the text.
///
/// ```
/// let error = tierwise::Policy::parse("frequency > \"x\" => A").unwrap_err();
/// let text = error.report("key.tier").to_string();
/// assert!(text.starts_with("error[E0401]: "), "{text}");
/// assert!(text.contains("--> key.tier:1:1"), "{text}");
/// ```
#[derive(Debug)]
pub struct Report<'a> {
    source: &'a str,
    file: &'a str,
    diagnostics: &'a [Diagnostic],
    more: usize,
    lang: Lang,
}

impl<'a> Report<'a> {
    pub(crate) fn new(source: &'a str, file: &'a str, diagnostics: &'a [Diagnostic], more: usize) -> Self {
        Self { source, file, diagnostics, more, lang: Lang::default() }
    }

    /// In a language.
    ///
    /// ```
    /// use tierwise::{Lang, Policy};
    ///
    /// let error = Policy::parse("anual_spend > 1M => A").unwrap_err();
    /// let text = error.report("key.tier").lang(Lang::Zh).to_string();
    /// assert!(text.starts_with("错误[E0301]：未知的名称 `anual_spend`"), "{text}");
    /// ```
    #[must_use]
    pub fn lang(self, lang: Lang) -> Self {
        Self { lang, ..self }
    }

    fn say(&self, frame: Frame, values: &[(&str, &str)]) -> String {
        let value = |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        fill_with(catalogue::frame(frame, self.lang), self.lang, |name| value(name).into())
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = Lines::new(self.source);
        for (at, diagnostic) in self.diagnostics.iter().enumerate() {
            if at > 0 {
                f.write_char('\n')?;
            }
            self.one(f, &lines, diagnostic)?;
        }
        if self.more > 0 {
            writeln!(f, "\n{}", self.say(Frame::More, &[("count", &self.more.to_string())]))?;
        }
        Ok(())
    }
}

impl Report<'_> {
    fn one(&self, f: &mut fmt::Formatter<'_>, lines: &Lines, diagnostic: &Diagnostic) -> fmt::Result {
        let code = diagnostic.code();
        let frame = match code.severity() {
            Severity::Error => Frame::Error,
            Severity::Warning => Frame::Warning,
            Severity::Note => Frame::Note,
        };
        let message = diagnostic.message(self.lang);
        writeln!(f, "{}", self.say(frame, &[("code", code.as_str()), ("message", &message)]))?;
        let line = lines.line(diagnostic.span().start());
        let mut last = line;
        for label in diagnostic.labels() {
            last = last.max(lines.line(label.span().start()));
        }
        let gutter = last.to_string().len();
        let (start, text) = lines.text(self.source, line);
        let column = column(text, diagnostic.span().start().saturating_sub(start));
        writeln!(f, "{:gutter$}--> {}:{line}:{column}", "", escape(self.file))?;
        writeln!(f, "{:gutter$} |", "")?;
        let labels = diagnostic.labels().iter().map(|label| (label.span(), Some(label.note().text(self.lang))));
        let mut marks: Vec<(Span, Option<String>)> = std::iter::once((diagnostic.span(), None)).chain(labels).collect();
        marks.sort_by_key(|(span, _)| lines.line(span.start()));
        let mut shown = 0;
        for (span, label) in marks {
            shown = self.echo(f, lines, gutter, span, label, shown)?;
        }
        for help in diagnostic.help() {
            writeln!(f, "{:gutter$} = {}", "", self.say(Frame::Help, &[("text", &help.text(self.lang))]))?;
        }
        Ok(())
    }

    /// A line with the mark under it; a line that was shown just before is not shown again.
    fn echo(
        &self,
        f: &mut fmt::Formatter<'_>,
        lines: &Lines,
        gutter: usize,
        span: Span,
        label: Option<String>,
        shown_before: u32,
    ) -> Result<u32, fmt::Error> {
        let number = lines.line(span.start());
        let (start, text) = lines.text(self.source, number);
        let from = span.start().saturating_sub(start).min(text.len());
        let to = span.end().saturating_sub(start).clamp(from, text.len());
        let (shown, before, marked) = window(text, from, to);
        if number != shown_before {
            writeln!(f, "{number:>gutter$} | {shown}")?;
        }
        let mark = if label.is_some() { "-" } else { "^" };
        let note = label.map(|label| format!(" {label}")).unwrap_or_default();
        writeln!(f, "{:gutter$} | {:before$}{}{note}", "", "", mark.repeat(marked.max(1)))?;
        Ok(number)
    }
}

/// The part of a line around `from..to`, with the columns before the mark and under it.
fn window(line: &str, from: usize, to: usize) -> (String, usize, usize) {
    let head = line.get(..from).unwrap_or_default();
    let marked = line.get(from..to).unwrap_or_default();
    let tail = line.get(to..).unwrap_or_default();
    let skipped = head.chars().count().saturating_sub(ECHO);
    let mut before = if skipped > 0 { "…".to_owned() } else { String::new() };
    before.push_str(&escape(&head.chars().skip(skipped).collect::<String>()));
    let (marked, tail) = (cut(marked), cut(tail));
    let (middle, behind) = (escape(&marked), escape(&tail));
    let columns = (width(&before), width(&middle));
    (format!("{before}{middle}{behind}").trim_end().to_owned(), columns.0, columns.1)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(ECHO) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn column(line: &str, offset: usize) -> usize {
    line.get(..offset).unwrap_or(line).chars().count() + 1
}

/// Control and bidirectional-format characters as `\u{…}`, so that they can do nothing to the reader's terminal.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\t' {
            safe.push(' ');
        } else if crate::source::is_forbidden(c) || c == '\n' || c == '\r' {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_under_wide_characters_and_long_lines_are_cut() {
        let (shown, before, marked) = window("年消费额 > 5 => A", 0, 12);
        assert_eq!((shown.as_str(), before, marked), ("年消费额 > 5 => A", 0, 8));
        let line = "x".repeat(500);
        let (shown, before, marked) = window(&line, 300, 301);
        assert_eq!((before, marked), (121, 1));
        assert!(shown.chars().count() < 260);
    }

    #[test]
    fn nothing_reaches_the_terminal_unescaped() {
        assert_eq!(escape("a\u{202e}b\u{0}\u{1b}[1m\n"), "a\\u{202e}b\\u{0}\\u{1b}[1m\\u{a}");
    }
}
