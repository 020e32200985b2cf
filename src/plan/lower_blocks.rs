//! From checked scores, segments, tables and benefits to those of the plan.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::blocks::{Benefit, Bin, Column, Open, Score, ScoreLine, Segment, SegmentLine, Table};
use super::lower::{Lowering, id};
use super::names::{LineName, Place, TableName};
use super::{Expr, ExprId, Root, Subject};
use crate::check::{self, Checked, TableIndex, Typed};
use crate::schema::Type;
use crate::source::Span;
use crate::value::{Constant, multiply};

/// Beyond so many steps the bins of a line are taken as independent of each other.
const STEPS: usize = 1 << 16;

impl Lowering<'_> {
    pub(super) fn score(&mut self, score: &check::Score) -> Root {
        let mut names = Vec::with_capacity(score.lines.len());
        let lines = score.lines.iter().map(|line| self.score_line(line, &mut names)).collect();
        self.plan.scores.push(Score { lines, low: score.low, high: score.high });
        self.plan.names.scores.push(names);
        Root::Score(id(self.plan.scores.len() - 1))
    }

    fn score_line(&mut self, line: &check::ScoreLine, names: &mut Vec<LineName>) -> ScoreLine {
        let value = self.value(&line.value);
        self.subject = Some(value);
        let mut outlines = Vec::with_capacity(line.bins.len());
        let mut bins = Vec::with_capacity(line.bins.len());
        self.outline();
        for bin in &line.bins {
            let condition = bin.condition.as_ref().map(|condition| self.condition(condition));
            let mut outline = self.outline();
            // The conditions of a bin begin with the value of the line, which stands before all bins.
            let from = bin.span.start();
            for mark in &mut outline {
                mark.span = Span::of(mark.span.start().max(from), mark.span.end().max(from));
            }
            outlines.push(outline);
            let points = self.value(&bin.points);
            let folded = match self.plan.expr(points) {
                Expr::Constant(Constant::Number(points)) => multiply(*points, line.weight.unwrap_or(Decimal::ONE)),
                _ => None,
            };
            bins.push(Bin { condition, missing: bin.missing, points, folded });
        }
        self.subject = None;
        let place = Place::new(line.name.clone(), line.line, line.value.span);
        let spans = line.bins.iter().map(|bin| bin.span).collect();
        names.push(LineName { place, bins: outlines, spans });
        ScoreLine { value, bins: bins.into(), weight: line.weight, open: Open::default() }
    }

    pub(super) fn segment(&mut self, segment: &check::Segment, ty: &Type) -> Root {
        self.outline();
        let mut names = Vec::with_capacity(segment.lines.len());
        let mut lines = Vec::with_capacity(segment.lines.len());
        for line in &segment.lines {
            let condition = line.condition.as_ref().map(|condition| self.condition(condition));
            lines.push(SegmentLine { condition, member: line.member });
            let span = line.condition.as_ref().map_or(line.span, |condition| condition.span);
            names.push(Place::new(None, line.line, span).outlined(self.outline()));
        }
        self.plan.segments.push(Segment { lines: lines.into() });
        self.plan.names.segments.push((names, ty.clone()));
        Root::Segment(id(self.plan.segments.len() - 1))
    }

    /// A value that is looked up. Its column is compiled where it is first asked for, with the closed set of its type.
    pub(super) fn lookup(&mut self, table: TableIndex, column: u32, typed: &Typed) -> Option<Expr> {
        let ty = typed.sort.settled();
        let members = match &ty {
            Type::OneOf(members) => members.digest(),
            _ => [0; 32],
        };
        if let Some(known) = self.columns.get(&(table, column, members)) {
            return Some(Expr::Lookup(*known));
        }
        let checked = self.checked.tables().get(table.at())?;
        let place = self.table(table, checked);
        let cells = checked.columns.get(column as usize)?.cells.iter();
        let cell = |cell: &Option<Constant>| match (cell, &ty) {
            (Some(Constant::Text(name)), Type::OneOf(_)) => ty.member(name).map(Constant::Member),
            (cell, _) => cell.clone(),
        };
        let complete = self.plan.tables.get(place as usize).is_some_and(Table::is_complete);
        let new = id(self.plan.columns.len());
        self.plan.columns.push(Column::new(place, column, cells.map(cell).collect(), complete));
        self.columns.insert((table, column, members), new);
        Some(Expr::Lookup(new))
    }

    fn table(&mut self, table: TableIndex, checked: &check::Table) -> u32 {
        if let Some(known) = self.tables.get(&table) {
            return *known;
        }
        let key = self.value(&checked.key);
        let members = match checked.key.sort.settled() {
            Type::OneOf(members) => members.names().len(),
            _ => 0,
        };
        let new = id(self.plan.tables.len());
        self.plan.tables.push(Table::new(key, members, &checked.keys));
        let columns = checked.columns.iter().map(|column| Arc::clone(&column.name)).collect();
        let (name, key) = (Arc::clone(&checked.name), Arc::clone(&checked.key_name));
        self.plan.names.tables.push(TableName { name, line: checked.line, key, columns });
        self.tables.insert(table, new);
        new
    }

    pub(super) fn benefits(&mut self, checked: &Checked) {
        self.plan.benefits = checked.tiers().iter().map(|_| Vec::new()).collect();
        for benefit in checked.benefits() {
            let value = self.value(&benefit.value);
            if let Some(tier) = self.plan.benefits.get_mut(benefit.tier) {
                tier.push(Benefit { key: id(benefit.key), value });
            }
        }
        // The order of keys is the same in every tier.
        self.plan.benefits.iter_mut().for_each(|tier| tier.sort_by_key(|benefit| benefit.key));
        let keys = checked.benefit_keys().iter();
        self.plan.names.benefits = keys.map(|key| (Arc::clone(&key.name), key.sort.settled())).collect();
    }

    /// Which bins of each line can be the first to fit, now that the cells of its values are known.
    pub(super) fn open_lines(&mut self) {
        let mut scores = std::mem::take(&mut self.plan.scores);
        for line in scores.iter_mut().flat_map(|score| &mut score.lines) {
            line.open = self.open_line(line);
        }
        self.plan.scores = scores;
    }

    fn open_line(&self, line: &ScoreLine) -> Open {
        let known = |(_, bin): &(u32, &Bin)| !bin.missing;
        let all: Vec<(u32, &Bin)> = (0..).zip(&line.bins).filter(known).collect();
        let otherwise = all.iter().any(|(_, bin)| bin.condition.is_none());
        let undefined = self.can_be_undefined(line.value);
        let known = self.dimensions.get(&Subject::Value(line.value));
        let dimension = known.and_then(|known| Some((*known, self.plan.dimensions.get(*known as usize)?)));
        let cells = dimension.map(|(_, dimension)| dimension.open_cells());
        let few = cells.is_some_and(|(from, to)| to.saturating_sub(from).saturating_mul(all.len()) <= STEPS);
        let (Some((dimension, _)), Some((from, to)), true) = (dimension, cells, few) else {
            let bins = all.iter().map(|(at, _)| *at).collect();
            return Open { bins, none: !otherwise, undefined, dimension: None };
        };
        let mut reached = vec![false; line.bins.len()];
        let mut none = false;
        for cell in from..to {
            none |= self.plan.fitting(&line.bins, dimension, cell, |at| {
                reached.get_mut(at as usize).into_iter().for_each(|reached| *reached = true);
            });
        }
        let bins = (0..).zip(reached).filter(|(_, reached)| *reached).map(|(at, _)| at).collect();
        Open { bins, none, undefined, dimension: Some(dimension) }
    }

    pub(super) fn subject(&self) -> ExprId {
        self.subject.unwrap_or_default()
    }
}
