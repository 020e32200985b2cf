//! Statements with a block: the head, each entry and what stands behind the block are laid out one by one, and what the
//! author put between them stays between them.

use std::ops::Range;

use super::super::ast::{StatementKind, Trivia, TriviaKind};
use super::super::chinese::{self, Found, Role};
use super::super::cut::entries;
use super::super::print::Block;
use super::super::scan::{Kind, Token, scan};
use super::super::twin::Twin;
use super::align::{Class, Item, Line, Row, column, pad};
use super::author::Part;
use super::pieces::{Pieces, token_text, unlimited};
use super::{Keywords, WIDTH, author, comment, layout, speech};
use crate::source::{Span, width};

/// Columns by which an entry is moved in.
const STEP: usize = 4;

/// The lines of a statement with a block. `None` where the source does not go with what is printed.
pub(super) fn items(source: &str, statement: &StatementKind, printed: &Block, keywords: Keywords) -> Option<Vec<Item>> {
    let twin = Twin::new(source);
    let scanned = scan(&twin, &unlimited());
    let parts = parts(&twin, &scanned.tokens, has_commas(statement))?;
    let (head, inner) = parts.split_first()?;
    let (tail, inner) = inner.split_last()?;
    if inner.len() != printed.entries.len() {
        return None;
    }
    let behind = scanned.trivia.partition_point(|trivia| trivia.span.start() < span(&twin, tail).start());
    let commented = has_comment(scanned.trivia.get(behind..).unwrap_or_default());
    let (end, ordered) = limits(&twin, tail, &printed.tail, commented);
    let text = Text::new(printed, &end);
    let counted = scanned.tokens.iter().filter(|token| !matches!(token.kind, Kind::Newline | Kind::Semicolon));
    let ends = counted.map(|token| twin.span(token.start(), token.end()).end()).collect();
    let trivia = &scanned.trivia;
    let matters = author::matters(source, false, keywords);
    let mut writer =
        Writer { keywords, matters, source, twin: &twin, text: &text, trivia, ends, passed: None, items: Vec::new() };
    let first = writer.part(head, 0, text.pieces(0), 0)?;
    writer.items.push(Item::Lines(first.1));
    if matches!(statement, StatementKind::Table(_) | StatementKind::CaseTable(_)) {
        writer.table(inner, &printed.cells)?;
    } else {
        for (at, tokens) in inner.iter().enumerate() {
            writer.between(span(&twin, tokens).start());
            writer.entry(tokens, statement, at)?;
        }
    }
    writer.between(span(&twin, tail).start());
    if let Some(Item::Blank) = writer.items.last() {
        writer.items.pop();
    }
    let at = inner.len() + 1;
    let last = writer.part(&ordered, at, text.pieces(at), 0)?;
    writer.items.push(Item::Lines(last.1));
    let fits = text.widest() <= WIDTH;
    Some(joined(source, statement, writer.items, fits))
}

/// The printed parts of a statement in one text, since keywords have their places there.
struct Text {
    whole: String,
    /// Where each part stands.
    parts: Vec<Range<usize>>,
    found: Vec<Found>,
}

impl Text {
    fn new(printed: &Block, tail: &str) -> Self {
        let mut whole = printed.head.clone();
        let mut parts = Vec::with_capacity(printed.entries.len() + 2);
        parts.push(0..whole.len());
        for (at, part) in printed.entries.iter().map(String::as_str).chain([tail]).enumerate() {
            whole.push_str(if at == 0 || at == printed.entries.len() { " " } else { "; " });
            parts.push(whole.len()..whole.len() + part.len());
            whole.push_str(part);
        }
        let found = chinese::read(&whole);
        Self { whole, parts, found }
    }

    /// Where a part stands: the head, an entry, or the tail.
    fn place(&self, at: usize) -> Range<usize> {
        self.parts.get(at).cloned().unwrap_or_default()
    }

    fn pieces(&self, at: usize) -> Pieces {
        Pieces::new(self.whole.get(self.place(at)).unwrap_or_default(), false)
    }

    /// As many columns are enough on one line in either language, so that both have one layout.
    fn widest(&self) -> usize {
        let more = self.found.iter().filter(|found| speech::is_translated(found)).map(|found| {
            let english = width(self.whole.get(found.start..found.end).unwrap_or_default());
            let inside = if found.row.role == Role::Within { " 内" } else { "" };
            (width(found.row.chinese) + width(inside)).saturating_sub(english)
        });
        width(&self.whole) + more.sum::<usize>()
    }
}

/// Where some tokens stand in the source.
fn span(twin: &Twin<'_>, tokens: &[Token]) -> Span {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => twin.span(first.start(), last.end()),
        _ => Span::of(0, 0),
    }
}

fn has_comment(trivia: &[Trivia]) -> bool {
    trivia.iter().any(|trivia| trivia.kind == TriviaKind::Comment)
}

/// The tokens of the head, the entries and the tail.
fn parts<'t>(twin: &Twin<'_>, tokens: &'t [Token], commas: bool) -> Option<Vec<&'t [Token]>> {
    let is = |token: &Token, sign: &str| token_text(twin, token) == sign;
    let open = tokens.iter().position(|token| is(token, "{"))?;
    let close = tokens.iter().rposition(|token| is(token, "}"))?;
    let trimmed = |tokens: &'t [Token]| {
        let first = tokens.iter().position(|token| token.kind != Kind::Newline)?;
        let last = tokens.iter().rposition(|token| !matches!(token.kind, Kind::Newline | Kind::Comma))?;
        tokens.get(first..=last)
    };
    let mut parts = vec![trimmed(tokens.get(..=open)?)?];
    parts.extend(entries(twin.text(), tokens.get(open + 1..close)?, commas).into_iter().filter_map(trimmed));
    parts.push(trimmed(tokens.get(close..)?)?);
    Some(parts)
}

/// The tail as it is printed, and its tokens in the same order. Comments between the limits of a score need the author's
/// order.
fn limits(twin: &Twin<'_>, tail: &[Token], printed: &str, commented: bool) -> (String, Vec<Token>) {
    let limit = |word: &str| tail.iter().position(|token| token_text(twin, token) == word);
    let both = limit("max").zip(limit("min")).filter(|(max, min)| max < min);
    let values = printed.strip_prefix("} min ").and_then(|limits| limits.split_once(" max "));
    let (Some((max, min)), Some((low, high))) = (both, values) else { return (printed.to_owned(), tail.to_vec()) };
    if commented {
        return (format!("}} max {high} min {low}"), tail.to_vec());
    }
    let order = [0..max, min..tail.len(), max..min];
    let ordered = order.into_iter().flat_map(|range| tail.get(range).unwrap_or_default()).copied();
    (printed.to_owned(), ordered.collect())
}

struct Writer<'t, 's> {
    keywords: Keywords,
    /// The source may say what the tree does not, besides comments.
    matters: bool,
    source: &'s str,
    twin: &'t Twin<'s>,
    text: &'t Text,
    /// What is not yet laid out.
    trivia: &'t [Trivia],
    /// Where each token ends.
    ends: Vec<usize>,
    /// Where a token ends whose line has ended.
    passed: Option<usize>,
    items: Vec<Item>,
}

impl<'t> Writer<'t, '_> {
    /// Takes the comments and blank lines that begin before `to`.
    fn take(&mut self, to: usize) -> &'t [Trivia] {
        let (taken, rest) = self.trivia.split_at(self.trivia.partition_point(|trivia| trivia.span.start() < to));
        self.trivia = rest;
        taken
    }

    /// What stands between two parts.
    fn between(&mut self, to: usize) {
        for trivia in self.take(to) {
            let start = trivia.span.start();
            // Behind the head only comments begin a block.
            if trivia.kind == TriviaKind::BlankLine {
                if self.items.len() > 1 && !matches!(self.items.last(), Some(Item::Blank)) {
                    self.items.push(Item::Blank);
                }
                continue;
            }
            let comment = comment(self.source.get(start..trivia.span.end()).unwrap_or_default());
            let behind = self.same_line(start);
            let blank = behind && matches!(self.items.last(), Some(Item::Blank));
            if blank {
                self.items.pop();
            }
            match self.items.last_mut().and_then(Item::comment) {
                Some(place) if behind && place.is_none() => *place = Some(comment),
                _ => {
                    if blank {
                        self.items.push(Item::Blank);
                    }
                    self.items.push(Item::Comment(format!("{:STEP$}{comment}", "")));
                }
            }
        }
    }

    /// Whether what begins at `start` stands on the line of the token before it.
    fn same_line(&mut self, start: usize) -> bool {
        let before = self.ends.partition_point(|end| *end <= start).checked_sub(1);
        let Some(end) = before.and_then(|before| self.ends.get(before)).copied() else { return false };
        if self.passed != Some(end) && self.source.get(end..start).unwrap_or_default().contains(['\n', '\r']) {
            self.passed = Some(end);
        }
        self.passed != Some(end)
    }

    /// The lines of a part, and its pieces with what the author put between them.
    fn part(&mut self, tokens: &[Token], at: usize, mut pieces: Pieces, base: usize) -> Option<(Pieces, Vec<Line>)> {
        let end = tokens.iter().map(|token| self.twin.span(token.start(), token.end()).end()).max()?;
        let trivia = self.take(end);
        let mut words = Vec::new();
        let commented = has_comment(trivia);
        if commented || self.matters {
            words = author::follow(&mut pieces, &Part { twin: self.twin, tokens, trivia }, commented)?;
        }
        if self.keywords == Keywords::Chinese {
            let place = self.text.place(at);
            words = speech::in_chinese(speech::within(&self.text.found, place.clone()), place.start, &pieces);
        }
        if self.keywords != Keywords::English {
            speech::speak(&mut pieces, words);
        }
        author::keep_breaks(&mut pieces);
        let lines = layout::lines(&pieces, base);
        Some((pieces, lines))
    }

    fn entry(&mut self, tokens: &[Token], statement: &StatementKind, at: usize) -> Option<()> {
        let mut pieces = self.text.pieces(at + 1);
        if let StatementKind::Score(score) = statement {
            let line = &score.lines.get(at)?.node;
            pieces.score(!line.bins.is_empty(), line.weight.is_some());
        }
        let (pieces, lines) = self.part(tokens, at + 1, pieces, STEP)?;
        self.items.push(if lines.len() == 1 { Item::Row(row(&pieces, statement)) } else { Item::Lines(lines) });
        Some(())
    }

    /// The rows of a table, none of which can be broken: numbers end and all else begins in one column.
    fn table(&mut self, parts: &[&[Token]], printed: &[Vec<String>]) -> Option<()> {
        let rows: Vec<Vec<String>> = (parts.iter().zip(printed).enumerate())
            .map(|(at, (tokens, cells))| self.cells(tokens, at, cells))
            .collect::<Option<_>>()?;
        let columns = columns(printed, &rows);
        for (tokens, row) in parts.iter().zip(&rows) {
            let span = span(self.twin, tokens);
            self.between(span.start());
            let mut body = " ".repeat(STEP);
            for (at, (cell, (columns, number))) in row.iter().zip(&columns).enumerate() {
                body.push_str(if at > 0 { "  " } else { "" });
                let blanks = if *number { columns.saturating_sub(width(cell)) } else { 0 };
                body += &pad(&format!("{:blanks$}{cell}", ""), *columns);
            }
            body.truncate(body.trim_end().len());
            if has_comment(self.take(span.end())) {
                return None;
            }
            self.items.push(Item::Row(Row {
                class: Class::Entry,
                lead: String::new(),
                body,
                tail: String::new(),
                comment: None,
            }));
        }
        Some(())
    }

    /// The cells of a row as they are shown.
    fn cells(&self, tokens: &[Token], at: usize, printed: &[String]) -> Option<Vec<String>> {
        let mut shown = printed.to_vec();
        if self.keywords == Keywords::Chinese {
            let mut start = self.text.place(at + 1).start;
            for cell in &mut shown {
                let end = start + cell.len();
                *cell = speech::translated(cell, start, speech::within(&self.text.found, start..end));
                start = end + 1;
            }
        }
        if self.matters {
            // Only blanks separate cells.
            let written: Vec<&[Token]> = tokens.chunk_by(|token, next| token.end == next.start).collect();
            if written.len() != shown.len() {
                return None;
            }
            for (cell, tokens) in shown.iter_mut().zip(written) {
                *cell = speech::cell_of_author(cell, self.twin, tokens, self.keywords);
            }
        }
        Some(shown)
    }
}

/// How wide each column of a table is, and whether all its cells below the header are numbers.
fn columns(printed: &[Vec<String>], rows: &[Vec<String>]) -> Vec<(usize, bool)> {
    let mut widths: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut numbers: Vec<Option<bool>> = Vec::new();
    for (at, (printed, row)) in printed.iter().zip(rows).enumerate() {
        widths.resize(widths.len().max(row.len()), Vec::new());
        numbers.resize(widths.len(), None);
        let columns = widths.iter_mut().zip(&mut numbers);
        for ((cell, shown), (widths, numbers)) in printed.iter().zip(row).zip(columns) {
            widths.push((width(shown), 0));
            if at > 0 && cell != "missing" {
                let number = cell.starts_with(|c: char| c == '-' || c.is_ascii_digit());
                *numbers = Some(number && numbers.unwrap_or(true));
            }
        }
    }
    let widths = widths.into_iter().map(column);
    widths.zip(numbers).map(|(width, numbers)| (width, numbers.unwrap_or_default())).collect()
}

/// An entry on one line, cut where it can be aligned with its neighbours.
fn row(pieces: &Pieces, statement: &StatementKind) -> Row {
    let end = pieces.all.len();
    let (class, lead, tail) = match statement {
        StatementKind::Score(_) => (Class::Score, pieces.bins.unwrap_or(0), pieces.weight.unwrap_or(end)),
        StatementKind::Segment { .. } => {
            let arrow = pieces.all.iter().rposition(|piece| piece.kind == Kind::Arrow);
            (Class::Entry, 0, arrow.unwrap_or(end))
        }
        _ => (Class::Entry, 2.min(end), end),
    };
    let (mut lead, mut body) = (pieces.flat(0, lead), pieces.flat(lead, tail));
    let first = if lead.is_empty() { &mut body } else { &mut lead };
    first.insert_str(0, &" ".repeat(STEP));
    Row { class, lead, body, tail: pieces.flat(tail, end), comment: None }
}

/// Whether entries may be separated by commas.
fn has_commas(statement: &StatementKind) -> bool {
    matches!(statement, StatementKind::Benefits { .. } | StatementKind::Collection(_))
}

/// On one line: an empty block, and benefits and collections that the author wrote so where they fit.
fn joined(source: &str, statement: &StatementKind, items: Vec<Item>, fits: bool) -> Vec<Item> {
    let commas = has_commas(statement);
    let [Item::Lines(head), inner @ .., Item::Lines(tail)] = &*items else { return items };
    let ([head], [tail]) = (&**head, &**tail) else { return items };
    if head.comment.is_some() || !inner.is_empty() && (!commas || source.contains(['\n', '\r'])) {
        return items;
    }
    let mut entries = Vec::new();
    for item in inner {
        let Item::Row(row) = item else { return items };
        entries.push(format!("{} {}", row.lead.trim_start(), row.body));
    }
    let blank = if entries.is_empty() { "" } else { " " };
    let body = format!("{{{blank}{}{blank}{}", entries.join(", "), tail.text);
    let lead = head.text.trim_end_matches('{').trim_end().to_owned();
    if !inner.is_empty() && (!fits || width(&lead) + 1 + width(&body) > WIDTH) {
        return items;
    }
    let (class, lead, body) = match statement {
        StatementKind::Benefits { .. } => (Class::Benefits, lead, body),
        _ => (Class::Other, String::new(), format!("{lead} {body}")),
    };
    vec![Item::Row(Row { class, lead, body, tail: String::new(), comment: None })]
}
