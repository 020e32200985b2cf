//! The canonical text of a policy: the printed tree laid out in lines, with the author's comments and blank lines where
//! they were.
//!
//! | module | in | out |
//! | --- | --- | --- |
//! | `pieces` | a printed statement | words and signs |
//! | `author` | pieces, and the statement's source | comments and line breaks between them |
//! | `layout` | pieces | the lines of one statement |
//! | `align` | rows and lines of a block | columns |
//!
//! Everything but the comments, their places and the blank lines comes from the tree, so a formatted text is laid out
//! as it already is. A statement with comments inside also keeps its line breaks.

mod align;
mod author;
mod layout;
mod pieces;

use align::{Item, Line};
use pieces::Pieces;

use super::ast::{Ast, Statement, StatementKind, Trivia, TriviaKind};
use super::print::print_statement;

/// Columns of a line, if it can be broken.
const WIDTH: usize = 100;

/// Lays out the tree of `source`, all of whose statements could be read.
pub(crate) fn format(source: &str, ast: &Ast) -> String {
    let mut writer = Writer { source, trivia: &ast.trivia, items: Vec::new(), end: None };
    for statement in &ast.statements {
        writer.outside(statement.span.start());
        writer.statement(statement);
    }
    writer.outside(source.len());
    align::align(writer.items)
}

struct Writer<'s> {
    source: &'s str,
    /// What is not yet laid out.
    trivia: &'s [Trivia],
    items: Vec<Item>,
    /// Where the last statement ends.
    end: Option<usize>,
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
                    let between = self.end.and_then(|end| self.source.get(end..start)).unwrap_or("\n");
                    match last {
                        Some(Item::Row(row)) if !between.contains(['\n', '\r']) => row.comment = Some(comment),
                        Some(Item::Lines(lines)) if !between.contains(['\n', '\r']) => {
                            if let Some(last) = lines.last_mut() {
                                last.comment = Some(comment);
                            }
                        }
                        _ => self.items.push(Item::Comment(comment)),
                    }
                }
            }
        }
    }

    fn statement(&mut self, statement: &Statement) {
        let inside = self.take(statement.span.end());
        let source = self.source.get(statement.span.start()..statement.span.end()).unwrap_or_default();
        self.end = Some(statement.span.end());
        let mut printed = String::new();
        print_statement(&mut printed, statement);
        let mut pieces = Pieces::new(&printed, matches!(statement.node, StatementKind::Let { .. }));
        let commented = inside.iter().any(|trivia| trivia.kind == TriviaKind::Comment);
        if (commented || source.contains('元')) && !author::follow(&mut pieces, source, commented) {
            self.items.push(Item::Lines(verbatim(source)));
            return;
        }
        let mut lines = layout::lines(&pieces);
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
    source.lines().map(|line| Line { text: line.trim_end().to_owned(), comment: None }).collect()
}
