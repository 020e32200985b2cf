//! Statements with a block: the head, the entries and what stands behind the block are parsed one by one, so that each
//! has its own error.

use super::ast::{
    At, Benefit, BenefitKind, Bin, BinKind, Cell, Collection, Condition, Expr, ExprKind, Row, Score, ScoreLineKind,
    SegmentLine, SegmentLineKind, Statement, StatementKind, Table, Test, TestKind,
};
use super::case::case_table;
use super::cut::entries;
use super::expression::{Built, Place, Reader};
use super::operand::name;
use super::parser::{Kind, Node, parse_statement};
use super::scan::{Kind as TokenKind, Token};
use super::statement::{Parts, field, quoted_or_bare, signed, signed_value, statement_span};
use super::{diagnose, write_as};
use crate::diagnostics::{Code, Diagnostic, Hint, Term};

/// The words that begin a table of tests.
pub(super) const TEST_TABLE: &str = "test table";

/// The parts of a statement with a block.
pub(super) struct Block<'a> {
    pub(super) head: Place<'a>,
    pub(super) entries: Vec<Place<'a>>,
    /// What stands behind the closing bracket.
    tail: Place<'a>,
}

/// Whether a statement that begins with this word has a block.
pub(super) fn has_block(word: &str) -> bool {
    matches!(word, "score" | "segment" | "table" | "benefits" | "collection" | TEST_TABLE)
}

/// Reads a statement with a block; every entry that cannot be read has a diagnostic.
pub(super) fn block<'a>(place: Place<'a>, word: &str) -> Result<Statement, Vec<Diagnostic>> {
    let span = statement_span(place);
    let block = cut(place, matches!(word, "benefits" | "collection")).ok_or_else(|| vec![no_block(place, word)])?;
    let mut errors = Vec::new();
    let kind = match word {
        "score" => score(&block, &mut errors),
        "segment" => segment(&block, &mut errors),
        "table" => table(&block, &mut errors),
        "collection" => collection(&block, &mut errors),
        TEST_TABLE => case_table(&block, &mut errors),
        _ => benefits(&block, &mut errors),
    };
    match kind {
        Some(node) if errors.is_empty() => Ok(At { span, node }),
        _ => Err(errors),
    }
}

/// The scanner has seen that brackets are closed, so that the first `{` has its `}`.
fn cut(place: Place<'_>, commas: bool) -> Option<Block<'_>> {
    let text = place.twin.text();
    let is = |token: &Token, sign: &str| text.get(token.start()..token.end()) == Some(sign);
    let open = place.tokens.iter().position(|token| is(token, "{"))?;
    let mut depth = 0_usize;
    let close = place.tokens.iter().enumerate().skip(open).find_map(|(at, token)| {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(at)
    })?;
    let part = |tokens| Place { tokens, base: tokens.first().map_or(0, Token::start), ..place };
    let inner = place.tokens.get(open + 1..close)?;
    Some(Block {
        head: part(place.tokens.get(..open)?),
        entries: entries(text, inner, commas).into_iter().map(part).collect(),
        tail: part(place.tokens.get(close + 1..)?),
    })
}

fn no_block(place: Place<'_>, word: &str) -> Diagnostic {
    let form = match word {
        "score" => "score value { annual_spend: >= 1M => 40, otherwise => 0 }",
        "segment" => "segment stage { frequency = 0 => prospect; otherwise => customer }",
        "table" => "table size by sector { … }",
        "collection" => "collection stays { nights: integer 0.., on: date }",
        TEST_TABLE => "test table \"boundaries\" as of 2026-06-30 { … }",
        _ => "benefits A { discount: 10% }",
    };
    let end = place.tokens.last().map_or(place.base, Token::end);
    let error = Diagnostic::new(Code::Expected, place.twin.span(end, end));
    error.with("expected", "`{`").with("found", Term::EndOfLine).hint(write_as(form))
}

/// Parses one part of a block and builds from it; an error is kept.
pub(super) fn part<'a, T>(
    place: Place<'a>,
    kind: Kind,
    errors: &mut Vec<Diagnostic>,
    build: impl FnOnce(&mut Parts<'a>) -> Built<T>,
) -> Option<T> {
    let end = place.tokens.last().map_or(place.base, Token::end);
    let text = place.twin.text().get(place.base..end).unwrap_or_default();
    let built = match parse_statement(kind, text) {
        Some(node) => build(&mut Parts::of(place, &node)),
        None => Err(diagnose::diagnose(place, kind)),
    };
    built.map_err(|error| errors.push(error)).ok()
}

/// Every entry, where all could be read.
pub(super) fn all<'b, 'a: 'b, T>(
    entries: impl IntoIterator<Item = &'b Place<'a>>,
    kind: Kind,
    errors: &mut Vec<Diagnostic>,
    build: impl Fn(&mut Parts<'a>) -> Built<T>,
) -> Vec<At<T>> {
    let mut built = Vec::new();
    for place in entries {
        if let Some(node) = part(*place, kind, errors, &build) {
            built.push(At { span: statement_span(*place), node });
        }
    }
    built
}

/// A block with nothing behind it.
pub(super) fn ends(block: &Block<'_>, errors: &mut Vec<Diagnostic>) {
    if let Some(first) = block.tail.tokens.iter().find(|token| token.kind != TokenKind::Newline) {
        let span = block.tail.twin.span(first.start(), first.end());
        let text = block.tail.twin.source_text(span);
        let error = Diagnostic::new(Code::Expected, span).with("expected", Term::EndOfLine);
        errors.push(error.with("found", format!("`{text}`")).hint(Hint::RemoveIt));
    }
}

fn score(block: &Block<'_>, errors: &mut Vec<Diagnostic>) -> Option<StatementKind> {
    let name = part(block.head, Kind::score, errors, Parts::name);
    let lines = all(&block.entries, Kind::score_line, errors, score_line);
    let limits = if block.tail.tokens.is_empty() {
        Some((None, None))
    } else {
        part(block.tail, Kind::score_end, errors, limits)
    };
    let (low, high) = limits?;
    Some(StatementKind::Score(Box::new(Score { name: name?, lines, low, high })))
}

fn limits(parts: &mut Parts<'_>) -> Built<(Option<Expr>, Option<Expr>)> {
    let (mut low, mut high) = (None, None);
    while let Some(node) = parts.next_if(Kind::limit) {
        let end = if node.text().starts_with("min") { &mut low } else { &mut high };
        if end.is_some() {
            let word = node.text().get(..3).unwrap_or_default();
            let error = Diagnostic::new(Code::OptionTwice, parts.place.span(&node)).with("text", word);
            return Err(error.hint(Hint::RemoveIt));
        }
        *end = Some(signed(parts.place, Some(node))?);
    }
    Ok((low, high))
}

fn score_line(parts: &mut Parts<'_>) -> Built<ScoreLineKind> {
    let named = parts.place.tokens.get(1).is_some_and(|token| token.kind == TokenKind::Colon);
    let name = if named { parts.text() } else { None };
    let value = parts.expr(usize::from(name.is_some()))?;
    let mut bins = Vec::new();
    while let Some(node) = parts.next_if(Kind::bin) {
        bins.push(bin(parts.place, &node, &value).map_err(one_comparison)?);
    }
    let weight = match parts.next_if(Kind::weight) {
        Some(node) => Some(signed(parts.place, Some(node))?),
        None => None,
    };
    Ok(ScoreLineKind { name, value, bins, weight })
}

/// A comparison without its left side, and the points behind `=>`.
fn bin<'a>(place: Place<'a>, node: &Node<'a>, value: &Expr) -> Built<Bin> {
    let span = place.span(node);
    let mut operands = node.children();
    let subject = At { span: value.span, node: ExprKind::Subject };
    let first = operands.peek().map(|first| (first.kind(), first.clone()));
    let (start, end) = node.range();
    let (condition, from) = match first {
        Some((Kind::otherwise, first)) => {
            operands.next();
            (Condition::Otherwise, first.range().1)
        }
        Some((Kind::absence, first)) => {
            operands.next();
            let words: Vec<&str> = first.text().split_whitespace().collect();
            let present = words.last() == Some(&"present");
            let negated = words.iter().any(|word| matches!(*word, "not" | "NOT"));
            let kind = if present != negated { TestKind::Present } else { TestKind::Missing };
            let test = Test { subject, negated: false, kind };
            let span = place.span(&first);
            (Condition::When(At { span, node: ExprKind::Test(Box::new(test)) }), first.range().1)
        }
        _ => {
            let mut reader = Reader::new(place, &mut operands, start, end);
            let condition = reader.comparison_of(subject)?;
            (Condition::When(condition), reader.behind() - place.base)
        }
    };
    let mut reader = Reader::new(place, &mut operands, from, end);
    reader.accept(&["=>"]);
    let points = reader.expr()?;
    Ok(At { span, node: BinKind { condition, points } })
}

/// A bin that joins comparisons is told so; parentheses would not help.
fn one_comparison(error: Diagnostic) -> Diagnostic {
    if error.code() != Code::NeedsParentheses {
        return error;
    }
    Diagnostic::new(Code::BinForm, error.span()).with("found", "`and`").hint(Hint::OneComparison)
}

fn segment(block: &Block<'_>, errors: &mut Vec<Diagnostic>) -> Option<StatementKind> {
    let name = part(block.head, Kind::segment, errors, Parts::name);
    let lines: Vec<SegmentLine> = all(&block.entries, Kind::segment_line, errors, |parts| {
        let condition = match parts.next_if(Kind::otherwise) {
            Some(_) => Condition::Otherwise,
            None => Condition::When(parts.expr(0)?),
        };
        Ok(SegmentLineKind { condition, value: quoted_or_bare(parts)? })
    });
    ends(block, errors);
    Some(StatementKind::Segment { name: name?, lines })
}

fn table(block: &Block<'_>, errors: &mut Vec<Diagnostic>) -> Option<StatementKind> {
    let head = part(block.head, Kind::table, errors, |parts| Ok((parts.name()?, parts.name()?)));
    let mut lines = block.entries.iter();
    let names = |parts: &mut Parts<'_>| {
        let mut names = Vec::new();
        while parts.nodes.peek().is_some_and(|node| node.kind() == Kind::name) {
            names.push(parts.name()?);
        }
        Ok(names)
    };
    let columns = lines.next().map(|line| part(*line, Kind::table_head, errors, names));
    let rows: Vec<Row> = all(lines, Kind::table_row, errors, cells);
    ends(block, errors);
    let ((name, key), columns) = (head?, columns.unwrap_or(Some(Vec::new()))?);
    Some(StatementKind::Table(Box::new(Table { name, key, columns, rows })))
}

fn cells(parts: &mut Parts<'_>) -> Built<Vec<Cell>> {
    let mut cells = Vec::new();
    while let Some(node) = parts.next_if(Kind::cell) {
        cells.push(cell(parts.place, &node)?);
    }
    Ok(cells)
}

pub(super) fn cell<'a>(place: Place<'a>, node: &Node<'a>) -> Built<Cell> {
    let absent = node.children().next().is_none_or(|first| first.kind() == Kind::absent);
    let value = if absent { None } else { Some(signed_value(place, node)?) };
    Ok(At { span: place.span(node), node: value })
}

fn benefits(block: &Block<'_>, errors: &mut Vec<Diagnostic>) -> Option<StatementKind> {
    let tier = part(block.head, Kind::benefits, errors, Parts::name);
    let entries: Vec<Benefit> = all(&block.entries, Kind::benefit, errors, |parts| {
        let node = parts.next_if(Kind::name).ok_or_else(|| parts.broken())?;
        let key = At { span: parts.place.span(&node), node: name(node.text()).into() };
        Ok(BenefitKind { key, value: parts.expr(1)? })
    });
    ends(block, errors);
    Some(StatementKind::Benefits { tier: tier?, entries })
}

fn collection(block: &Block<'_>, errors: &mut Vec<Diagnostic>) -> Option<StatementKind> {
    let head = part(block.head, Kind::collection, errors, |parts| Ok((parts.name()?, parts.text())));
    let fields = all(&block.entries, Kind::member_field, errors, field);
    let dated = if block.tail.tokens.iter().all(|token| token.kind == TokenKind::Newline) {
        Some(None)
    } else {
        part(block.tail, Kind::dated_by, errors, |parts| parts.name().map(Some))
    };
    let ((name, label), dated) = (head?, dated?);
    Some(StatementKind::Collection(Box::new(Collection { name, label, fields, dated })))
}
