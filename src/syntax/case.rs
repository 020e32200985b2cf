//! Tests beside the rules: one customer and what is expected of it, or a table of many.

use super::ast::{At, Case, CaseCell, CaseTable, Datum, DatumKind, Expected, Expr, Given, Name, StatementKind, Wanted};
use super::block::{Block, all, cell, ends, part};
use super::expression::Built;
use super::parser::{Kind, Node};
use super::statement::{Parts, signed_value};
use crate::diagnostics::Diagnostic;

/// Builds `test "NAME" as of DATE: FACTS => EXPECTED`.
pub(super) fn case(parts: &mut Parts<'_>) -> Built<StatementKind> {
    let (name, as_of) = head(parts)?;
    let mut case = Case { name, as_of, given: givens(parts)?, expected: expected(parts)? };
    if let Expected::Outcome(wanted) = &mut case.expected {
        wanted.values = givens(parts)?;
    }
    Ok(StatementKind::Case(Box::new(case)))
}

/// Builds `use "FILE"`.
pub(super) fn use_file(parts: &mut Parts<'_>) -> Built<StatementKind> {
    Ok(StatementKind::Use(parts.text().ok_or_else(|| parts.broken())?))
}

/// Builds `test table "NAME" as of DATE { … }`.
pub(super) fn case_table(block: &Block<'_>, errors: &mut Vec<Diagnostic>) -> Option<StatementKind> {
    let begin = part(block.head, Kind::case_table, errors, head);
    let mut lines = block.entries.iter();
    let columns = lines.next().map(|line| part(*line, Kind::case_head, errors, columns));
    let rows = all(lines, Kind::case_row, errors, cells);
    ends(block, errors);
    let ((name, as_of), columns) = (begin?, columns);
    let Some(columns) = columns else {
        errors.push(super::diagnose::no_heading(block.head));
        return None;
    };
    let (facts, arrow, values) = columns?;
    Some(StatementKind::CaseTable(Box::new(CaseTable { name, as_of, facts, arrow, values, rows })))
}

/// The name, and the day.
fn head(parts: &mut Parts<'_>) -> Built<(Name, Option<Name>)> {
    let name = parts.text().ok_or_else(|| parts.broken())?;
    let as_of = parts.next_if(Kind::date).map(|node| At { span: parts.place.span(&node), node: node.text().into() });
    Ok((name, as_of))
}

fn givens(parts: &mut Parts<'_>) -> Built<Vec<Given>> {
    let mut givens = Vec::new();
    while let Some(node) = parts.next_if(Kind::given) {
        givens.push(given(&mut Parts::of(parts.place, &node))?);
    }
    Ok(givens)
}

/// A name and its value.
fn given(parts: &mut Parts<'_>) -> Built<Given> {
    let name = parts.name()?;
    let node = parts.next().ok_or_else(|| parts.broken())?;
    Ok(Given { name, value: datum(parts, &node)? })
}

fn datum<'a>(parts: &Parts<'a>, node: &Node<'a>) -> Built<Datum> {
    let place = parts.place;
    let kind = match node.kind() {
        Kind::absent => DatumKind::Missing,
        Kind::members => {
            let members = node.children().map(|member| signed_value(place, &member));
            DatumKind::Members(members.collect::<Built<Vec<Expr>>>()?)
        }
        Kind::records => {
            let records = node.children().map(|record| {
                let entries = record.children().map(|entry| given(&mut Parts::of(place, &entry)));
                Ok(At { span: place.span(&record), node: entries.collect::<Built<Vec<Given>>>()? })
            });
            DatumKind::Records(records.collect::<Built<Vec<_>>>()?)
        }
        _ => DatumKind::Value(signed_value(place, node)?),
    };
    Ok(At { span: place.span(node), node: kind })
}

/// What stands behind `=>`, up to the values.
fn expected(parts: &mut Parts<'_>) -> Built<Expected> {
    if let Some(node) = parts.next_if(Kind::refusal) {
        return Ok(Expected::Refused(quoted(parts, &node)?));
    }
    let tier = parts.name()?;
    let rule = match parts.next_if(Kind::by_rule) {
        Some(node) => Some(quoted(parts, &node)?),
        None => None,
    };
    let possible = match parts.next_if(Kind::possible) {
        Some(node) => {
            let mut inner = Parts::of(parts.place, &node);
            let mut tiers = Vec::new();
            while inner.nodes.peek().is_some() {
                tiers.push(inner.name()?);
            }
            Some(tiers)
        }
        None => None,
    };
    let certain = parts.next_if(Kind::certain).map(|node| At { span: parts.place.span(&node), node: () });
    Ok(Expected::Outcome(Wanted { tier, rule, possible, certain, values: Vec::new() }))
}

/// The text inside a clause.
fn quoted<'a>(parts: &Parts<'a>, node: &Node<'a>) -> Built<Name> {
    Parts::of(parts.place, node).text().ok_or_else(|| parts.broken())
}

type Columns = (Vec<Name>, At<()>, Vec<Name>);

fn columns(parts: &mut Parts<'_>) -> Built<Columns> {
    let mut names = [Vec::new(), Vec::new()];
    let mut arrow = None;
    while let Some(kind) = parts.nodes.peek().map(|node| node.kind()) {
        match kind {
            Kind::arrow => arrow = parts.next().map(|node| At { span: parts.place.span(&node), node: () }),
            Kind::name => {
                let name = parts.name()?;
                let [facts, values] = &mut names;
                if arrow.is_none() { facts } else { values }.push(name);
            }
            _ => break,
        }
    }
    let [facts, values] = names;
    Ok((facts, arrow.ok_or_else(|| parts.broken())?, values))
}

fn cells(parts: &mut Parts<'_>) -> Built<Vec<CaseCell>> {
    let mut cells = Vec::new();
    while let Some(node) = parts.next() {
        match node.kind() {
            Kind::refusal => cells.push(CaseCell::Refused(quoted(parts, &node)?)),
            Kind::cell => cells.push(CaseCell::Value(cell(parts.place, &node)?)),
            _ => break,
        }
    }
    Ok(cells)
}
