//! Customers as CSV: the header names the facts, an empty cell is a missing fact.

use std::collections::HashMap;
use std::io;

use tierwise::{Customer, Datum, Type};

use super::bytes::Bytes;
use super::raw::{Fault, Records};
use super::wanted::Wanted;
use super::{ROW_LIMIT, Read, Row, Rows};
use crate::escape::{brief, escape};
use crate::failure::{Failure, say};
use crate::rejected::{Rejected, RowCode};

/// The records of a file behind its header, each a customer.
pub(super) struct Csv {
    records: Records,
    /// The cells of the header.
    columns: usize,
    id: usize,
    id_name: String,
    parent: Option<usize>,
    facts: Vec<Column>,
    number: u64,
}

/// A column that the policy uses.
struct Column {
    at: usize,
    name: String,
    ty: Type,
}

impl Csv {
    /// Reads the header.
    pub(super) fn open(file: &str, reader: Box<dyn io::Read>, wanted: Wanted) -> Result<Box<dyn Rows>, Failure> {
        let failed = |error: io::Error| Failure::reading(file, &error);
        let mut records = Records::new(Bytes::new(reader).map_err(failed)?);
        let header = read_header(file, &mut records)?;
        let id = header.get(wanted.id.as_str()).copied().ok_or_else(|| no_id(file, &wanted.id, &records))?;
        let parent = match wanted.parent {
            Some(name) => Some(header.get(name).copied().ok_or_else(|| no_parent(file, name))?),
            None => None,
        };
        let mut facts: Vec<Column> = header
            .into_iter()
            .filter_map(|(name, at)| wanted.fact(&name).map(|ty| Column { at, ty: ty.clone(), name }))
            .collect();
        facts.sort_by_key(|column| column.at);
        let has = |name: &str| facts.iter().any(|column| column.name == name);
        for name in wanted.hoped_for().iter().filter(|name| !has(name) && !wanted.can_compute(name, has)) {
            let name = escape(name);
            say(&format!(
                "warning: `{}` has no column `{name}`, which the policy uses: it is missing for every customer",
                escape(file)
            ));
        }
        if wanted.lacks_groups() {
            say(
                "warning: the policy looks at the `group` of a customer, which `--portfolio` builds from the column `parent`",
            );
        }
        let columns = records.count();
        Ok(Box::new(Self { records, columns, id, id_name: wanted.id, parent, facts, number: 0 }))
    }

    fn row(&self) -> Read {
        let reject = |code, message: String| Rejected::row(self.number, code, message);
        if let Some(fault) = self.records.fault() {
            let id = if self.records.text().starts_with(b"\"") { None } else { self.first_id() };
            return Err(reject(RowCode::BrokenQuotes, broken(fault, self.records.lines())).of(id));
        }
        if self.records.text().len() > ROW_LIMIT {
            return Err(reject(RowCode::TooLong, format!("the row is longer than {} MiB", ROW_LIMIT >> 20)));
        }
        let (count, columns) = (self.records.count(), self.columns);
        if count != columns {
            let message = format!("the row has {}, the header {columns}", cells(count));
            return Err(reject(RowCode::Ragged, message).of(self.first_id()));
        }
        let id = self.records.cell(self.id).filter(|id| !id.is_empty()).map(str::to_owned);
        if let Some(byte) = self.records.not_utf8() {
            let message = format!("the row is not UTF-8 at byte {byte} of the file");
            return Err(reject(RowCode::NotUtf8, message).of(id));
        }
        let Some(id) = id else {
            let message = format!("`{}` is empty", brief(&self.id_name, 80));
            return Err(reject(RowCode::NoId, message).about(&self.id_name));
        };
        let parent = self.parent.and_then(|at| self.records.cell(at)).filter(|parent| !parent.is_empty());
        Ok(Row { id, parent: parent.map(str::to_owned), number: self.number, facts: self.facts() })
    }

    /// The id of a row whose cells may have moved: only where the id comes first, it is surely the id.
    fn first_id(&self) -> Option<String> {
        let first = if self.id == 0 { self.records.cell(0) } else { None };
        first.filter(|id| !id.is_empty()).map(str::to_owned)
    }

    fn facts(&self) -> Customer {
        let mut facts = Customer::new();
        for column in &self.facts {
            let cell = self.records.cell(column.at).unwrap_or_default();
            facts.insert(&column.name, datum(cell, &column.ty));
        }
        facts
    }
}

/// Reads the header of a file.
pub(super) fn read_header(file: &str, records: &mut Records) -> Result<HashMap<String, usize>, Failure> {
    if !records.read().map_err(|error| Failure::reading(file, &error))? {
        return Err(Failure::unusable(format!("`{}` is empty", escape(file)))
            .help("begin it with a header that names the columns"));
    }
    if let Some(byte) = records.not_utf8() {
        return Err(Failure::not_utf8(file, byte));
    }
    if records.fault().is_some() {
        return Err(Failure::unusable(format!("the header of `{}` has a quote that is not closed", escape(file))));
    }
    header(records).map_err(|column| {
        let message = format!("the header of `{}` names the column `{}` twice", escape(file), brief(&column, 80));
        Failure::unusable(message).help("give each column a name of its own")
    })
}

/// The columns by name, or a name that is given twice. Columns without a name are not used.
fn header(records: &Records) -> Result<HashMap<String, usize>, String> {
    let mut columns = HashMap::new();
    for at in 0..records.count() {
        let name = records.cell(at).unwrap_or_default();
        if !name.is_empty() && columns.insert(name.to_owned(), at).is_some() {
            return Err(name.to_owned());
        }
    }
    Ok(columns)
}

fn no_id(file: &str, id: &str, records: &Records) -> Failure {
    let failure = Failure::unusable(format!("the header of `{}` has no column `{}`", escape(file), brief(id, 80)));
    let first = records.cell(0).unwrap_or_default();
    if records.count() == 1 && first.contains([';', '\t']) {
        return failure.help("separate the cells by commas");
    }
    let names: Vec<String> =
        (0..records.count().min(12)).filter_map(|at| records.cell(at)).map(|name| brief(name, 40)).collect();
    failure.help(&format!("name the column of the ids with `--id-column`; there are `{}`", names.join("`, `")))
}

fn no_parent(file: &str, name: &str) -> Failure {
    Failure::unusable(format!("the header of `{}` has no column `{name}`", escape(file)))
        .help("`--portfolio` links customers by the ids of their parents; at the head of a group the cell is empty")
}

fn broken(fault: Fault, (first, last): (u64, u64)) -> String {
    let end = match fault {
        Fault::Open => "the end of the file".to_owned(),
        Fault::Stray if first < last => format!("line {last}"),
        Fault::Stray => {
            return "something stands behind a closing quote; write a quote in a cell as `\"\"`".to_owned();
        }
    };
    format!(
        "the quotes of the row that begins at line {first} are not closed; the rows behind it, to {end}, were not read"
    )
}

fn cells(count: usize) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") }
}

/// A cell as a fact. The library reads numbers, dates and members from text.
pub(super) fn datum(cell: &str, ty: &Type) -> Datum {
    match ty {
        _ if cell.is_empty() => Datum::Missing,
        Type::Boolean if cell.eq_ignore_ascii_case("true") => Datum::Boolean(true),
        Type::Boolean if cell.eq_ignore_ascii_case("false") => Datum::Boolean(false),
        Type::SetOf(member) => {
            let members = cell.split(';').map(str::trim).filter(|member| !member.is_empty());
            Datum::List(members.map(|text| datum(text, member)).collect())
        }
        _ => Datum::Text(cell.to_owned()),
    }
}

impl Rows for Csv {
    fn next(&mut self) -> io::Result<Option<Read>> {
        if !self.records.read()? {
            return Ok(None);
        }
        self.number += 1;
        Ok(Some(self.row()))
    }
}
