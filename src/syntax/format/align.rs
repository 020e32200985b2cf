//! Columns in blocks of lines: names, `=>`, `=`, types, and the comments behind.

use super::WIDTH;
use crate::source::width;

/// A line may be so much longer than the next one before it is left out of a column.
const OUTLIER: usize = 40;

/// What is laid out, in order.
pub(super) enum Item {
    Blank,
    /// A comment on a line of its own.
    Comment(String),
    /// A statement on one line.
    Row(Row),
    /// A statement on several lines.
    Lines(Vec<Line>),
}

/// Statements that are aligned with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Rule,
    Case,
    Let,
    Field,
    /// Benefits on one line.
    Benefits,
    /// An entry of a block.
    Entry,
    /// A line of a score, whose weight stands behind the bins of all.
    Score,
    Other,
}

impl Item {
    /// The place of a comment behind what was laid out.
    pub(super) fn comment(&mut self) -> Option<&mut Option<String>> {
        match self {
            Self::Row(row) => Some(&mut row.comment),
            Self::Lines(lines) => lines.last_mut().map(|line| &mut line.comment),
            Self::Blank | Self::Comment(_) => None,
        }
    }
}

/// A statement on one line: a name in front, and what stands in a column behind; both may be empty.
pub(super) struct Row {
    pub(super) class: Class,
    pub(super) lead: String,
    pub(super) body: String,
    pub(super) tail: String,
    pub(super) comment: Option<String>,
}

/// A line and the comment behind it.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) comment: Option<String>,
    /// It stands under a part of the line before, so that their comments share a column.
    pub(super) hangs: bool,
}

impl Line {
    pub(super) fn new(text: String, comment: Option<String>) -> Self {
        Self { text, comment, hangs: false }
    }
}

/// The text of all items. A blank line ends a block, and so does a statement on several lines; a comment does not.
pub(super) fn align(items: Vec<Item>) -> String {
    let mut text = String::new();
    let mut block: Vec<Line> = Vec::new();
    let mut rows: Vec<Item> = Vec::new();
    let mut class = None;
    for item in items {
        let next = match &item {
            Item::Row(row) => Some(row.class),
            Item::Comment(_) => class,
            Item::Blank | Item::Lines(_) => None,
        };
        if class.is_some() && class != next {
            columns(&mut block, std::mem::take(&mut rows));
        }
        class = next;
        match item {
            Item::Blank => {
                columns(&mut block, std::mem::take(&mut rows));
                write(&mut text, &mut block);
                text.push('\n');
            }
            Item::Lines(lines) => {
                columns(&mut block, std::mem::take(&mut rows));
                write(&mut text, &mut block);
                write_broken(&mut text, lines);
            }
            row => rows.push(row),
        }
    }
    columns(&mut block, rows);
    write(&mut text, &mut block);
    let end = text.trim_end_matches('\n').len();
    text.truncate(end);
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// Rows of one class, with comments between, as lines.
fn columns(block: &mut Vec<Line>, items: Vec<Item>) {
    let rows = || items.iter().filter_map(|item| if let Item::Row(row) = item { Some(row) } else { None });
    let behind = |text: &str| if text.is_empty() { 0 } else { width(text) + 1 };
    let cells = rows().filter(|row| !row.lead.is_empty());
    let leads = column(cells.map(|row| (width(&row.lead), 1 + width(&row.body) + behind(&row.tail))).collect());
    let front = |row: &Row| {
        let mut text = pad(&row.lead, if row.lead.is_empty() { 0 } else { leads });
        if !text.is_empty() && !row.body.is_empty() {
            text.push(' ');
        }
        text + &row.body
    };
    let cells = rows().filter(|row| !row.tail.is_empty() || row.class == Class::Score);
    let tails = column(cells.map(|row| (width(&front(row)), behind(&row.tail))).collect());
    for item in &items {
        match item {
            Item::Row(row) if row.tail.is_empty() => {
                block.push(Line::new(front(row), row.comment.clone()));
            }
            Item::Row(row) => {
                let text = format!("{} {}", pad(&front(row), tails), row.tail);
                block.push(Line::new(text, row.comment.clone()));
            }
            Item::Comment(comment) => block.push(Line::new(comment.clone(), None)),
            Item::Blank | Item::Lines(_) => {}
        }
    }
}

/// Writes lines, the comments behind them in a column.
fn write(text: &mut String, lines: &mut Vec<Line>) {
    let commented = lines.iter().filter_map(|line| Some((line, line.comment.as_ref()?)));
    let comments = column(commented.map(|(line, comment)| (width(&line.text), 2 + width(comment))).collect());
    for line in lines.drain(..) {
        match &line.comment {
            Some(comment) => *text += &format!("{}  {comment}\n", pad(&line.text, comments)),
            None => *text += &format!("{}\n", line.text),
        }
    }
}

/// Writes the lines of one statement: comments stand in a column where they follow each other, equally far in.
fn write_broken(text: &mut String, lines: Vec<Line>) {
    let indent = |line: &Line| line.text.len() - line.text.trim_start().len();
    let mut together: Vec<Line> = Vec::new();
    for line in lines {
        let fits = together.last().is_none_or(|last| {
            let same = line.hangs || indent(last) == indent(&line);
            last.comment.is_some() && line.comment.is_some() && same
        });
        if !fits {
            write(text, &mut together);
        }
        together.push(line);
    }
    write(text, &mut together);
}

pub(super) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{:blanks$}", "", blanks = columns.saturating_sub(width(text)))
}

/// The width of a column of cells, each with the width of what follows it. Cells that are wider than the column are left
/// out of it: a few that would push all others out, and those that would push a line beyond the width.
pub(super) fn column(mut cells: Vec<(usize, usize)>) -> usize {
    cells.sort_unstable();
    let mut kept = cells.len();
    let wide = |at: usize| cells.get(at).map_or(0, |(width, _)| *width);
    for at in (cells.len() - (cells.len() / 4).max(1).min(cells.len())..cells.len()).rev() {
        if at > 0 && wide(at) - wide(at - 1) > OUTLIER {
            kept = at;
        }
    }
    // A line that is too long by itself has no say.
    let mut rest = 0;
    let rests: Vec<usize> = cells
        .iter()
        .map(|(width, behind)| {
            rest = rest.max(if width + behind <= WIDTH { *behind } else { 0 });
            rest
        })
        .collect();
    while kept > 1 && wide(kept - 1) + rests.get(kept - 1).copied().unwrap_or(0) > WIDTH {
        kept -= 1;
    }
    kept.checked_sub(1).map_or(0, wide)
}
