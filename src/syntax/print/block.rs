//! Statements with a block as text: the head, each entry, and what stands behind the block.

use std::fmt::Write as _;

use super::{case, expr, member_name, name, print_field};
use crate::syntax::ast::{
    BenefitKind, BinKind, CaseCell, Cell, Condition, Expr, ExprKind, Literal, Name, ScoreLineKind, SegmentLineKind,
    StatementKind,
};
use crate::syntax::text::quote;

/// The parts of a statement with a block; `None` for other statements.
pub(in crate::syntax) struct Block {
    /// Up to the opening bracket.
    pub(in crate::syntax) head: String,
    pub(in crate::syntax) entries: Vec<String>,
    /// The cells of each entry of a table.
    pub(in crate::syntax) cells: Vec<Vec<String>>,
    /// From the closing bracket on.
    pub(in crate::syntax) tail: String,
}

/// Prints the parts of a statement with a block.
pub(in crate::syntax) fn block(statement: &StatementKind) -> Option<Block> {
    let mut tail = String::from("}");
    let mut cells = Vec::new();
    let (head, entries) = match statement {
        StatementKind::Score(score) => {
            limit(&mut tail, "min", score.low.as_ref());
            limit(&mut tail, "max", score.high.as_ref());
            let lines = score.lines.iter().map(|line| score_line(&line.node)).collect();
            (format!("score {} {{", name(&score.name.node)), lines)
        }
        StatementKind::Segment { name: segment, lines } => {
            let lines = lines.iter().map(|line| segment_line(&line.node)).collect();
            (format!("segment {} {{", name(&segment.node)), lines)
        }
        StatementKind::Table(table) => {
            let head = format!("table {} by {} {{", name(&table.name.node), name(&table.key.node));
            cells.push(table.columns.iter().map(|column| name(&column.node)).collect());
            cells.extend(table.rows.iter().map(|row| row.node.iter().map(cell).collect()));
            cells.retain(|row: &Vec<String>| !row.is_empty());
            (head, cells.iter().map(|row| row.join(" ")).collect())
        }
        StatementKind::Benefits { tier, entries } => {
            let entries = entries.iter().map(|entry| benefit(&entry.node)).collect();
            (format!("benefits {} {{", name(&tier.node)), entries)
        }
        StatementKind::Collection(collection) => {
            let label = collection.label.as_ref().map(|label| format!(" {}", quote(&label.node)));
            let fields = collection.fields.iter().map(|field| {
                let mut text = String::new();
                print_field(&mut text, &field.node);
                text
            });
            if let Some(dated) = &collection.dated {
                let _ = write!(tail, " dated by {}", name(&dated.node));
            }
            (format!("collection {}{} {{", name(&collection.name.node), label.unwrap_or_default()), fields.collect())
        }
        StatementKind::CaseTable(table) => {
            let names = |names: &[Name]| names.iter().map(|column| name(&column.node)).collect::<Vec<_>>();
            cells.push([names(&table.facts), vec!["=>".to_owned()], names(&table.values)].concat());
            cells.extend(table.rows.iter().map(|row| row.node.iter().map(case_cell).collect()));
            let head = format!("test table {} {{", case::head(&table.name, table.as_of.as_ref()));
            (head, cells.iter().map(|row| row.join(" ")).collect())
        }
        _ => return None,
    };
    Some(Block { head, entries, cells, tail })
}

fn limit(text: &mut String, word: &str, value: Option<&Expr>) {
    if let Some(value) = value {
        let _ = write!(text, " {word} ");
        expr(text, value);
    }
}

fn score_line(line: &ScoreLineKind) -> String {
    let mut text = line.name.as_ref().map_or_else(String::new, |name| format!("{}: ", quote(&name.node)));
    expr(&mut text, &line.value);
    for (at, bin) in line.bins.iter().enumerate() {
        text.push_str(if at == 0 { ": " } else { ", " });
        print_bin(&mut text, &bin.node);
    }
    if let Some(weight) = &line.weight {
        text.push_str(" weight ");
        expr(&mut text, weight);
    }
    text
}

fn print_bin(text: &mut String, bin: &BinKind) {
    match &bin.condition {
        Condition::Otherwise => text.push_str("otherwise"),
        Condition::When(condition) => {
            let mut whole = String::new();
            expr(&mut whole, condition);
            // A bin begins where its left side would end, and says `is missing` by one word.
            let short = whole.trim_start();
            text.push_str(match short {
                "is missing" => "missing",
                "is present" => "present",
                short => short,
            });
        }
    }
    text.push_str(" => ");
    expr(text, &bin.points);
}

fn segment_line(line: &SegmentLineKind) -> String {
    let mut text = String::new();
    match &line.condition {
        Condition::Otherwise => text.push_str("otherwise"),
        Condition::When(condition) => expr(&mut text, condition),
    }
    text + " => " + &member_name(&line.value.node)
}

/// Cells are separated by blanks, so that none stands inside one.
fn cell(cell: &Cell) -> String {
    let Some(value) = &cell.node else { return "missing".to_owned() };
    let mut text = String::new();
    expr(&mut text, value);
    let spaced = match &value.node {
        ExprKind::Name(_) => true,
        ExprKind::Literal(value) => matches!(**value, Literal::Text(_)),
        _ => false,
    };
    if spaced { text } else { text.replace(' ', "") }
}

fn case_cell(value: &CaseCell) -> String {
    match value {
        CaseCell::Value(value) => cell(value),
        CaseCell::Refused(field) => case::refused(field),
    }
}

fn benefit(benefit: &BenefitKind) -> String {
    let mut text = format!("{}: ", name(&benefit.key.node));
    expr(&mut text, &benefit.value);
    text
}
