//! Rows under a header, in columns as wide as the rows that come first.

use std::io::{self, Write};

use comfy_table::{ColumnConstraint, Row, Table, TableStyle, Width};

/// As many rows decide how wide the columns are.
const MEASURED: usize = 1_000;

/// Blanks behind a cell.
const GAP: u16 = 2;

/// No lines at all.
const STYLE: TableStyle = TableStyle::new();

/// Collects rows until the columns' widths are known, then writes each row as it comes.
pub(crate) struct Columns {
    count: usize,
    /// The header and the rows that are measured; later rows are written through a table of their own.
    table: Table,
    /// The widths, once they are known.
    widths: Option<Vec<u16>>,
}

impl Columns {
    /// A header, and no rows yet. Cells must be safe to show.
    pub(crate) fn new(header: &[&str]) -> Self {
        let mut table = Table::new();
        table.load_style(STYLE).set_header(header.iter().copied());
        Self { count: header.len(), table, widths: None }
    }

    /// Whether no row is waiting.
    pub(crate) fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// Adds a row that waits until the table is written.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.table.add_row(cells);
    }

    /// Adds a row, and writes it if the widths are known or become known by it.
    pub(crate) fn stream(&mut self, out: &mut impl Write, cells: Vec<String>) -> io::Result<()> {
        if let Some(widths) = &self.widths {
            // A wide cell moves the cells behind it, in its own row alone.
            let mut row = Table::new();
            row.load_style(STYLE).add_row(Row::from(cells));
            row.set_constraints(widths.iter().map(|width| ColumnConstraint::LowerBoundary(Width::Fixed(*width))));
            return write(out, row, self.count);
        }
        self.table.add_row(cells);
        if self.table.row_count() < MEASURED {
            return Ok(());
        }
        self.write(out)
    }

    /// Writes what waits.
    pub(crate) fn write(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.widths.is_some() {
            return Ok(());
        }
        self.widths =
            Some(self.table.column_max_content_widths().iter().map(|width| width.saturating_add(GAP)).collect());
        write(out, std::mem::take(&mut self.table), self.count)
    }
}

fn write(out: &mut impl Write, mut table: Table, columns: usize) -> io::Result<()> {
    for at in 0..columns {
        if let Some(column) = table.column_mut(at) {
            column.set_padding((0, GAP));
        }
    }
    let headed = table.header().is_some();
    for (at, line) in table.lines().enumerate() {
        let line = line.trim_end();
        writeln!(out, "{line}")?;
        if headed && at == 0 {
            writeln!(out, "{}", "─".repeat(line.chars().count()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(rows: &[(&str, &str)], fill: usize) -> Vec<String> {
        let mut out = Vec::new();
        let mut columns = Columns::new(&["id", "tier"]);
        let cells = |(id, tier): &(&str, &str)| vec![(*id).to_owned(), (*tier).to_owned()];
        for row in rows {
            columns.stream(&mut out, cells(row)).unwrap();
        }
        for _ in 0..fill {
            columns.stream(&mut out, cells(&("fill", "F"))).unwrap();
        }
        columns.stream(&mut out, cells(&("longer than the others", "L"))).unwrap();
        columns.stream(&mut out, cells(&("x", "L"))).unwrap();
        columns.write(&mut out).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let lines = lines(&[("客户一", "A"), ("1", "–")], 0);
        assert_eq!(lines[0], "id                      tier");
        assert_eq!(lines[1], "─".repeat(lines[0].len()));
        assert_eq!(lines[2], "客户一                  A");
        assert_eq!(lines[3], "1                       –");
    }

    #[test]
    fn rows_behind_the_measured_ones_keep_their_widths_where_they_fit() {
        let lines = lines(&[("客户一", "A")], MEASURED);
        assert_eq!(lines.len(), MEASURED + 5);
        assert_eq!(lines[2], "客户一  A");
        assert_eq!(lines[MEASURED + 2], "fill    F");
        assert_eq!(lines[MEASURED + 3], "longer than the others  L");
        assert_eq!(lines[MEASURED + 4], "x       L");
    }
}
