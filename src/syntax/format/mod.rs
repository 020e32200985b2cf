//! The canonical text of a policy: the printed tree laid out in lines, with the author's comments and blank lines where
//! they were.
//!
//! | module | in | out |
//! | --- | --- | --- |
//! | `pieces` | a printed statement | words and signs |
//! | `author` | pieces, and the statement's source | comments and line breaks between them |
//! | `speech` | pieces | keywords in the language that is wanted |
//! | `layout` | pieces | the lines of one statement |
//! | `block` | a statement with a block | the lines of its parts, and the rows of its entries |
//! | `align` | rows and lines of a block | columns |
//!
//! Everything but the comments, their places and the blank lines comes from the tree, so a formatted text is laid out
//! as it already is. A statement with comments inside also keeps its line breaks.

mod align;
mod author;
mod block;
mod layout;
mod pieces;
mod speech;

use align::{Item, Line};
use author::Part;
use pieces::{Pieces, unlimited};

use super::ast::{Ast, Statement, StatementKind, Trivia, TriviaKind};
use super::chinese;
use super::print::{self, print_statement};
use super::scan::scan;
use super::twin::Twin;

/// Columns of a line, if it can be broken.
const WIDTH: usize = 100;

/// The language of keywords in a formatted policy.
///
/// ```
/// use tierwise::{Formatter, Keywords};
///
/// let formatter = Formatter::new().keywords(Keywords::Chinese);
/// assert_eq!(formatter.format("frequency >= 12 and nps is missing => A")?, "frequency >= 12 且 nps 缺失 => A\n");
/// # Ok::<(), tierwise::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Keywords {
    /// Each as the author wrote it.
    #[default]
    Keep,
    /// All in English.
    English,
    /// All in Chinese that have a Chinese form; comparisons are signs.
    Chinese,
}

/// Lays out the tree of `source`, all of whose statements could be read.
pub(crate) fn format(source: &str, ast: &Ast, keywords: Keywords) -> String {
    let mut writer = Writer { keywords, source, trivia: &ast.trivia, items: Vec::new(), end: None, passed: None };
    for statement in &ast.statements {
        writer.outside(statement.span.start());
        writer.statement(statement);
    }
    writer.outside(source.len());
    align::align(writer.items)
}

struct Writer<'s> {
    keywords: Keywords,
    source: &'s str,
    /// What is not yet laid out.
    trivia: &'s [Trivia],
    items: Vec<Item>,
    /// Where the last statement ends.
    end: Option<usize>,
    /// Where a statement ends whose line has ended.
    passed: Option<usize>,
}

impl<'s> Writer<'s> {
    /// Takes the comments and blank lines that begin before `to`.
    fn take(&mut self, to: usize) -> &'s [Trivia] {
        let (taken, rest) = self.trivia.split_at(self.trivia.partition_point(|trivia| trivia.span.start() < to));
        self.trivia = rest;
        taken
    }

    fn outside(&mut self, to: usize) {
        for trivia in self.take(to) {
            let start = trivia.span.start();
            match (trivia.kind, self.items.last_mut()) {
                (TriviaKind::BlankLine, None | Some(Item::Blank)) => {}
                (TriviaKind::BlankLine, Some(_)) => self.items.push(Item::Blank),
                (TriviaKind::Comment, last) => {
                    let comment = comment(self.source.get(start..trivia.span.end()).unwrap_or_default());
                    if self.passed != self.end {
                        let between = self.end.and_then(|end| self.source.get(end..start)).unwrap_or("\n");
                        self.passed = self.end.filter(|_| between.contains(['\n', '\r']));
                    }
                    match last.and_then(Item::comment).filter(|_| self.passed != self.end) {
                        Some(place) => *place = Some(comment),
                        None => self.items.push(Item::Comment(comment)),
                    }
                }
            }
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let inside = self.take(statement.span.end());
        let source = self.source.get(statement.span.start()..statement.span.end()).unwrap_or_default();
        self.end = Some(statement.span.end());
        if let Some(printed) = print::block(&statement.node) {
            match block::items(source, &statement.node, &printed, self.keywords) {
                Some(items) => self.items.extend(items),
                None => self.items.push(Item::Lines(verbatim(source))),
            }
            return;
        }
        let mut printed = String::new();
        print_statement(&mut printed, statement);
        let mut pieces = Pieces::new(&printed, matches!(statement.node, StatementKind::Let { .. }));
        pieces.case = matches!(statement.node, StatementKind::Case(_));
        let commented = inside.iter().any(|trivia| trivia.kind == TriviaKind::Comment);
        let mut words = Vec::new();
        if author::matters(source, commented, self.keywords) {
            let twin = Twin::new(source);
            let scanned = scan(&twin, &unlimited());
            let part = Part { twin: &twin, tokens: &scanned.tokens, trivia: &scanned.trivia };
            let Some(written) = author::follow(&mut pieces, &part, commented) else {
                self.items.push(Item::Lines(verbatim(source)));
                return;
            };
            words = written;
        }
        match self.keywords {
            Keywords::Keep => speech::speak(&mut pieces, words),
            Keywords::Chinese => {
                let words = speech::in_chinese(&chinese::read(&printed), 0, &pieces);
                speech::speak(&mut pieces, words);
            }
            Keywords::English => {}
        }
        author::keep_breaks(&mut pieces);
        let mut lines = layout::lines(&pieces, 0);
        self.items.push(match lines.pop() {
            Some(_) if lines.is_empty() => Item::Row(pieces.row(&statement.node)),
            last => {
                lines.extend(last);
                Item::Lines(lines)
            }
        });
    }
}

/// A comment in its canonical form: the sign narrow, nothing behind the text.
fn comment(text: &str) -> String {
    let text = text.trim_end();
    text.strip_prefix('＃').map_or_else(|| text.to_owned(), |rest| format!("#{rest}"))
}

/// The author's own lines, for a statement whose comments could not be placed.
fn verbatim(source: &str) -> Vec<Line> {
    source.lines().map(|line| Line::new(line.trim_end().to_owned(), None)).collect()
}
