//! Tables of tests: a test in each row.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::cases::{Case, Expected, Facts, Given, Part, Wanted};
use super::{Checker, Symbol};
use crate::diagnostics::{Code, Diagnostic, Hint, Term};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, At, CaseCell, DatumKind, Expr, ExprKind, Name};
use crate::value::Constant;

/// What the columns of a table of tests hold.
struct Columns {
    facts: Vec<Option<Symbol>>,
    values: Vec<Option<(Part, Type)>>,
}

impl Checker<'_> {
    pub(super) fn case_table(&mut self, table: &ast::CaseTable, as_of: Option<NaiveDate>) {
        let mut seen = HashMap::new();
        let facts = table.facts.iter().map(|name| {
            let symbol = self.fact_of_test(name)?;
            let known = self.known_name(symbol)?;
            self.once(name, &known, &mut seen)?;
            Some(symbol)
        });
        let facts: Vec<_> = facts.collect();
        let values = table.values.iter().map(|name| {
            self.once(name, &Arc::from(&*name.node), &mut seen)?;
            self.part(name)
        });
        let columns = Columns { facts, values: values.collect() };
        if table.rows.is_empty() {
            let _: Option<()> = self.empty_block("test table", &table.name);
        }
        let wanted = table.facts.len() + 1 + table.values.len();
        for (row, at) in table.rows.iter().zip(1..) {
            // What comes of a customer who is refused has no segments, scores and benefits.
            let refused = matches!(row.node.last(), Some(CaseCell::Refused(_)));
            if row.node.len() != wanted && !(refused && row.node.len() == table.facts.len() + 1) {
                let error = Diagnostic::new(Code::RowLength, row.span).with("count", row.node.len());
                self.report(error.with("wanted", wanted).hint(Hint::TestRowCells));
                continue;
            }
            let Some((given, expected)) = self.case_row(&columns, row) else { continue };
            let (name, line) = (Arc::from(&*table.name.node), self.lines.line(row.span.start()));
            self.out.cases.push(Case { name, row: Some(at), line, as_of, given, expected });
        }
    }

    fn case_row(&mut self, columns: &Columns, row: &At<Vec<CaseCell>>) -> Option<(Facts, Expected)> {
        let (facts, results) = row.node.split_at_checked(columns.facts.len())?;
        let (tier, values) = results.split_first()?;
        let refused = match tier {
            CaseCell::Refused(field) => Some(field),
            CaseCell::Value(_) => None,
        };
        let given: Vec<_> =
            columns.facts.iter().zip(facts).map(|(symbol, cell)| self.fact_cell(*symbol, cell, refused)).collect();
        let expected = match tier {
            CaseCell::Refused(field) => self.refused(field).map(Expected::Refused),
            CaseCell::Value(cell) => {
                let values: Vec<_> =
                    columns.values.iter().zip(values).map(|(part, cell)| self.part_cell(part, cell)).collect();
                let tier = match &cell.node {
                    Some(Expr { node: ExprKind::Name(name), span }) => {
                        self.tier_or_none(&At { span: *span, node: name.clone() })
                    }
                    _ => self.no_tier(cell.span),
                };
                let values = values.into_iter().collect::<Option<Vec<_>>>();
                tier.zip(values).map(|(tier, values)| {
                    Expected::Outcome(Wanted { tier, by: None, possible: None, certain: false, values })
                })
            }
        };
        Some((given.into_iter().collect::<Option<Vec<_>>>()?, expected?))
    }

    fn no_tier<T>(&mut self, span: Span) -> Option<T> {
        let text = self.text_at(span).to_owned();
        let name = At { span, node: text.into_boxed_str() };
        self.tier(&name);
        None
    }

    fn fact_cell(
        &mut self,
        symbol: Option<Symbol>,
        cell: &CaseCell,
        refused: Option<&Name>,
    ) -> Option<(Arc<str>, Given)> {
        let value = match cell {
            CaseCell::Value(At { node: Some(value), .. }) => {
                At { span: value.span, node: DatumKind::Value(value.clone()) }
            }
            CaseCell::Value(cell) => At { span: cell.span, node: DatumKind::Missing },
            CaseCell::Refused(field) => {
                let error = Diagnostic::new(Code::Expected, field.span).with("expected", Term::Cell);
                let found = format!("`{}`", self.text_at(field.span));
                return self.fail(error.with("found", found).hint(Hint::CellForms));
            }
        };
        self.fact_given(symbol?, &value, refused)
    }

    fn part_cell(&mut self, part: &Option<(Part, Type)>, cell: &CaseCell) -> Option<(Part, Option<Constant>)> {
        let (part, ty) = part.as_ref()?;
        let value = match cell {
            CaseCell::Value(At { node: Some(value), .. }) => Some(self.part_value(value, ty)?),
            CaseCell::Value(_) => None,
            CaseCell::Refused(field) => return self.misfit(field.span, ty),
        };
        Some((part.clone(), value))
    }
}
