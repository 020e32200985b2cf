//! Tables: columns of one type, one row for each key; and the values that are looked up in them.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Checker, Column, Symbol, Table, TableIndex, Typed, TypedKind};
use crate::builtins::Sort;
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{self, At, Cell, Expr, ExprKind, Literal, Row};
use crate::value::Constant;

/// A column of more different members has a closed set of its own.
const MEMBERS: usize = 2_000;

impl Checker<'_> {
    /// Checks a table; the fact or let that its keys are compared with is checked already.
    pub(super) fn table(&mut self, table: &ast::Table) -> Option<Table> {
        if table.columns.is_empty() {
            return self.empty_block("table", &table.name);
        }
        let name = At { span: table.key.span, node: ExprKind::Name(table.key.node.clone()) };
        let key = match self.is_unresolved(&name) {
            true => self.unknown_fact(&table.key.node, table.key.span, Some(&Type::Text)),
            false => self.expr(&name, None),
        };
        let sound = self.heading(table);
        let key = key?;
        let ty = key.sort.settled();
        if !matches!(ty, Type::OneOf(_) | Type::Text | Type::Number | Type::Integer) {
            let error = Diagnostic::new(Code::KeyType, table.key.span).with("type", ty);
            return self.fail(error.hint(Hint::KeysAre));
        }
        let keys = self.keys(table, &ty);
        let columns: Vec<Option<Column>> = (1..table.columns.len()).map(|at| self.column_of(table, at)).collect();
        let columns = columns.into_iter().collect::<Option<Vec<_>>>();
        let places = table.columns.iter().skip(1).zip(0..).map(|(column, at)| (Arc::from(&*column.node), at));
        Some(Table {
            name: Arc::from(&*table.name.node),
            line: self.lines.line(table.name.span.start()),
            key,
            key_name: Arc::from(&*table.key.node),
            keys: keys.filter(|_| sound)?,
            columns: columns?,
            places: places.collect(),
        })
    }

    /// The names of the columns, and rows that have as many cells.
    fn heading(&mut self, table: &ast::Table) -> bool {
        let before = self.diagnostics.len();
        let same = |first: &ast::Name| {
            let named = |name: &ast::Name| self.names.get(&*name.node).copied();
            first.node == table.key.node || (named(first).is_some() && named(first) == named(&table.key))
        };
        if let Some(first) = table.columns.first().filter(|first| !same(first)) {
            let error = Diagnostic::new(Code::KeyColumn, first.span).with("text", &*first.node);
            let error = error.with("key", &*table.key.node);
            self.report(error.hint(Note::new(Hint::KeyFirst).with("text", &*table.key.node)));
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for column in &table.columns {
            let first = *seen.entry(&column.node).or_insert(column.span);
            if first != column.span {
                let error = Diagnostic::new(Code::DuplicateName, column.span).with("text", &*column.node);
                self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
            }
        }
        let wanted = table.columns.len();
        for row in table.rows.iter().filter(|row| row.node.len() != wanted) {
            let error = Diagnostic::new(Code::RowLength, row.span).with("count", row.node.len()).with("wanted", wanted);
            let cells = Note::new(Hint::RowCells).with("count", wanted - 1);
            self.report(error.hint(self.torn_cell(row).unwrap_or(cells)));
        }
        self.diagnostics.len() == before
    }

    /// A number and a unit with a blank between them, which are two cells.
    fn torn_cell(&self, row: &Row) -> Option<Note> {
        let literal = |cell: &Cell| matches!(&cell.node, Some(value) if matches!(value.node, ExprKind::Literal(_)));
        let unit = |cell: &Cell| match &cell.node {
            Some(Expr { node: ExprKind::Name(name), .. }) => {
                ["day", "week", "month", "quarter", "year"].contains(&name.trim_end_matches('s'))
            }
            _ => false,
        };
        let (number, unit) = row.node.iter().zip(row.node.iter().skip(1)).find(|(a, b)| literal(a) && unit(b))?;
        let whole = format!("{}{}", self.text_at(number.span), self.text_at(unit.span));
        Some(Note::new(Hint::WriteAs).with("text", whole))
    }

    /// The keys of all rows, each once.
    fn keys(&mut self, table: &ast::Table, ty: &Type) -> Option<Vec<Constant>> {
        let mut seen: HashMap<Constant, Span> = HashMap::new();
        let mut keys = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let Some(cell) = row.node.first() else { continue };
            let Some(key) = self.key(cell, ty) else { continue };
            let first = *seen.entry(key.clone()).or_insert(cell.span);
            if first != cell.span {
                let error = Diagnostic::new(Code::DuplicateKey, cell.span).with("text", self.text_at(cell.span));
                self.report(error.label(first, Hint::FirstHere).hint(Hint::OneRow));
            }
            keys.push(key);
        }
        (keys.len() == table.rows.len()).then_some(keys)
    }

    /// A literal or a member of the type of the key.
    fn key(&mut self, cell: &Cell, ty: &Type) -> Option<Constant> {
        let Some(value) = &cell.node else {
            let error = Diagnostic::new(Code::NotALiteral, cell.span);
            return self.fail(error.hint(Hint::KeysAre));
        };
        let typed = self.expr(value, Some(ty))?;
        match typed.kind {
            TypedKind::Constant(constant) if Sort::Of(ty.clone()).meet(&typed.sort).is_some() => Some(constant),
            _ => {
                let error = Diagnostic::new(Code::IncomparableTypes, cell.span);
                let error = error.with("left", ty.clone()).with("right", typed.sort.settled());
                self.fail(error.hint(Hint::KeysAre))
            }
        }
    }

    /// The cells of a column, all of one type.
    fn column_of(&mut self, table: &ast::Table, at: usize) -> Option<Column> {
        let name = table.columns.get(at)?;
        let mut sort: Option<(Sort, Span)> = None;
        let mut cells = Vec::with_capacity(table.rows.len());
        let mut members: Vec<Arc<str>> = Vec::new();
        for cell in table.rows.iter().filter_map(|row: &Row| row.node.get(at)) {
            let Some(value) = &cell.node else {
                cells.push(None);
                continue;
            };
            let (own, constant) = self.cell(value)?;
            if let (Sort::Of(Type::OneOf(_)), Constant::Text(member)) = (&own, &constant) {
                members.push(Arc::clone(member));
            }
            sort = Some(match sort {
                None => (own, cell.span),
                Some((sort, first)) => match meet(&sort, &own) {
                    Some(sort) => (sort, first),
                    None => {
                        let error = Diagnostic::new(Code::ColumnTypes, cell.span).with("text", &*name.node);
                        let error = error.with("left", sort.settled()).with("right", own.settled());
                        let this = Note::new(Hint::ThisIs).with("type", sort.settled());
                        let cure = Note::new(Hint::OneTypeEach).with("text", &*name.node);
                        return self.fail(error.label(first, this).hint(cure));
                    }
                },
            });
            cells.push(Some(constant));
        }
        let sort = match sort.map(|(sort, _)| sort) {
            Some(Sort::Of(Type::OneOf(_))) => Sort::Of(Type::one_of(&members)),
            sort => sort.unwrap_or(Sort::Bare { whole: true }),
        };
        Some(Column { name: Arc::from(&*name.node), sort, cells })
    }

    /// A cell: a literal, or a bare member, which is known by its name.
    fn cell(&mut self, value: &Expr) -> Option<(Sort, Constant)> {
        if let ExprKind::Name(member) = &value.node {
            return Some((Sort::Of(Type::one_of([&**member])), Constant::Text(Arc::from(&**member))));
        }
        if let ExprKind::Literal(literal) = &value.node
            && matches!(**literal, Literal::Money(..))
        {
            let error = Diagnostic::new(Code::NotALiteral, value.span);
            return self.fail(error.hint(Hint::CellWithoutCode));
        }
        let typed = self.expr(value, None)?;
        match typed.kind {
            TypedKind::Constant(constant) => Some((typed.sort, constant)),
            _ => self.fail(Diagnostic::new(Code::NotALiteral, value.span).hint(Hint::CellForms)),
        }
    }

    /// The table before the last dot of a name, and what stands behind it.
    fn split<'n>(&self, name: &'n str) -> Option<(Symbol, &'n str, &'n str)> {
        let (table, column) = name.rsplit_once('.')?;
        let symbol = self.names.get(table).copied()?;
        matches!(symbol, Symbol::Table(_) | Symbol::Broken).then_some((symbol, table, column))
    }

    /// Whether a name is a column of a table.
    pub(super) fn is_column(&self, name: &str) -> bool {
        self.split(name).is_some()
    }

    /// A value that is looked up, where the name says so.
    pub(super) fn lookup(&mut self, name: &str, span: Span, hint: Option<&Type>) -> Option<Option<Typed>> {
        let (symbol, table, column) = self.split(name)?;
        let Symbol::Table(index) = symbol else { return Some(None) };
        Some(self.looked_up(index, table, column, span, hint))
    }

    fn looked_up(
        &mut self,
        index: TableIndex,
        table: &str,
        column: &str,
        span: Span,
        hint: Option<&Type>,
    ) -> Option<Typed> {
        let known = self.out.tables.get(index.at())?;
        let Some(at) = known.places.get(column).copied() else {
            let error = Diagnostic::new(Code::UnknownColumn, span).with("text", column).with("table", table);
            let near = self.did_you_mean(column, known.columns.iter().map(|column| &*column.name));
            let all: Vec<String> = known.columns.iter().map(|column| column.name.to_string()).take(12).collect();
            return self.fail(error.hint(near.unwrap_or(Note::new(Hint::KnownColumns).with("list", all))));
        };
        // Bare members are members of what they are compared with.
        let sort = match (&known.columns.get(at as usize)?.sort, hint) {
            (Sort::Of(Type::OneOf(own)), Some(ty @ Type::OneOf(_)))
                if own.names().len() <= MEMBERS && own.names().all(|name| ty.member(name).is_some()) =>
            {
                Sort::Of(ty.clone())
            }
            (sort, _) => sort.clone(),
        };
        for symbol in self.table_uses.get(index.at()).cloned().unwrap_or_default() {
            self.uses(Some(symbol), span);
        }
        Some(Typed { span, sort, kind: TypedKind::Lookup(index, at) })
    }

    /// A table where a value must stand.
    pub(super) fn table_as_fact<T>(&mut self, index: TableIndex, span: Span) -> Option<T> {
        let table = self.out.tables.get(index.at())?;
        let column = table.columns.first().map_or("…", |column| &column.name);
        let whole = format!("{}.{column}", table.name);
        let error = Diagnostic::new(Code::TableAsFact, span).with("text", &*table.name);
        self.fail(error.hint(Note::new(Hint::WriteColumn).with("text", whole)))
    }
}

/// The type of two cells of a column.
fn meet(a: &Sort, b: &Sort) -> Option<Sort> {
    match (a, b) {
        (Sort::Of(Type::OneOf(_)), Sort::Of(Type::OneOf(_))) => Some(a.clone()),
        _ => a.meet(b),
    }
}
