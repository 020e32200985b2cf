//! Orders as CSV: the header names the customer and the fields.

use std::io;

use tierwise::Type;

use super::super::ROW_LIMIT;
use super::super::bytes::Bytes;
use super::super::csv::{datum, read_header};
use super::super::raw::{Fault, Records};
use super::{Columns, Field, Orders, warn_of_none};
use crate::escape::{brief, escape};
use crate::failure::Failure;

struct Reader<'o> {
    records: Records,
    columns: usize,
    customer: usize,
    /// The column of each field, where there is one, and its type.
    fields: Vec<(Option<usize>, Type)>,
    orders: &'o mut Orders,
}

/// Reads a file.
pub(super) fn read(
    file: &str,
    bytes: Bytes,
    wanted: &[Field],
    columns: &Columns<'_>,
    orders: &mut Orders,
) -> Result<(), Failure> {
    let mut records = Records::new(bytes);
    let header = read_header(file, &mut records)?;
    if let Some((field, column)) = columns.map.iter().find(|(_, column)| !header.contains_key(column.as_str())) {
        let message = format!("the header of `{}` has no column `{}`", escape(file), brief(column, 80));
        return Err(Failure::unusable(message).help(&format!("`--map {field}=…` names a column of that file")));
    }
    let customer = header.get(columns.customer).copied().ok_or_else(|| {
        let message = format!("the header of `{}` has no column `{}`", escape(file), brief(columns.customer, 80));
        Failure::unusable(message).help("name the column of the customers with `--customer-column`")
    })?;
    let mut fields = Vec::new();
    for field in wanted {
        let at = header.get(&field.column).copied();
        if at.is_none() {
            warn_of_none(file, field, "column");
        }
        fields.push((at, field.ty.clone()));
    }
    let columns = records.count();
    let mut reader = Reader { records, columns, customer, fields, orders };
    let (mut number, failed) = (0, |error: io::Error| Failure::reading(file, &error));
    while reader.records.read().map_err(failed)? {
        number += 1;
        reader.row(number)?;
    }
    Ok(())
}

impl Reader<'_> {
    fn row(&mut self, number: u64) -> Result<(), Failure> {
        let records = &self.records;
        let fault = match records.fault() {
            Some(Fault::Open | Fault::Stray) => Some("its quotes are not closed".to_owned()),
            None if records.text().len() > ROW_LIMIT => Some(format!("it is longer than {} MiB", ROW_LIMIT >> 20)),
            None if records.count() != self.columns => {
                Some(format!("it has {} cells, the header {}", records.count(), self.columns))
            }
            None => records.not_utf8().map(|byte| format!("it is not UTF-8 at byte {byte} of the file")),
        };
        let ragged = records.fault().is_some() || records.count() != self.columns;
        let customer = records.cell(self.customer).filter(|id| !id.is_empty() && !ragged);
        let Some(customer) = customer else {
            // Whose order it is cannot be told: nobody may be classified as if it were not there.
            return match fault {
                Some(fault) => Err(Failure::unusable(format!("row {number} of the orders cannot be read: {fault}"))),
                None => {
                    self.orders.without.push(number);
                    Ok(())
                }
            };
        };
        let fault = fault.map(|fault| format!("row {number} of the file of orders: {fault}"));
        self.orders.begin(customer, number, fault)?;
        for (at, ty) in &self.fields {
            let cell = at.and_then(|at| self.records.cell(at)).unwrap_or_default();
            self.orders.push(datum(cell, ty));
        }
        Ok(())
    }
}
