//! For people: a table, and a summary under it.

use std::io::{self, Write};

use tierwise::{Outcome, Policy};

use super::declared::Declared;
use super::{Columns, NONE, Sink, Stdout, Tally, adjusted_by};
use crate::escape::brief;
use crate::rejected::Rejected;
use crate::show::Shown;

/// The columns that tell of the tier; a policy without tiers has none of them.
const TIER: [&str; 3] = ["tier", "certain", "rule"];
const REASONS: [&str; 3] = ["possible", "missing", "adjusted by"];

/// What stands for no tier.
const NO_TIER: &str = "–";

/// As many characters of a cell are shown, so that one row cannot spoil the table.
const SHOWN: usize = 200;

/// As many characters of the name of a column.
const NAME: usize = 40;

/// Writes a table.
pub(super) struct Table {
    out: Stdout,
    columns: Columns,
    declared: Declared,
    has_tiers: bool,
}

impl Table {
    /// Writes nothing yet.
    pub(super) fn new(out: Stdout, policy: &Policy) -> Self {
        let (declared, has_tiers) = (Declared::new(policy), policy.tiers().next().is_some());
        let shown = |columns: [&'static str; 3]| if has_tiers { columns.to_vec() } else { Vec::new() };
        let mut header = vec!["id".to_owned()];
        header.extend(
            shown(TIER).into_iter().chain(declared.graded()).chain(shown(REASONS)).map(|name| brief(name, NAME)),
        );
        header.push("error".to_owned());
        let columns = Columns::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
        Self { out, columns, declared, has_tiers }
    }

    /// A row: what is said of the tier, the segments and scores, why, and what is wrong.
    fn row(
        &mut self,
        id: &str,
        tier: [&str; 3],
        grades: Vec<String>,
        reasons: [&str; 3],
        error: &str,
    ) -> io::Result<()> {
        let shown =
            |cells: [&str; 3]| cells.into_iter().filter(|_| self.has_tiers).map(str::to_owned).collect::<Vec<_>>();
        let cells = [vec![id.to_owned()], shown(tier), grades, shown(reasons), vec![error.to_owned()]].concat();
        self.columns.stream(&mut self.out, cells.iter().map(|cell| brief(cell, SHOWN)).collect())
    }
}

impl Sink for Table {
    fn classified(&mut self, id: &str, outcome: &Outcome, _: Option<&Shown>) -> io::Result<()> {
        let rule = match (outcome.rule(), outcome.line()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(line)) => format!("line {line}"),
            (None, None) => String::new(),
        };
        let certain = outcome.is_certain();
        let possible: Vec<&str> = outcome.possible().map(|tier| tier.unwrap_or(NONE)).collect();
        let possible = if certain { String::new() } else { possible.join(", ") };
        let missing: Vec<&str> = outcome.missing().collect();
        let tier = outcome.tier().unwrap_or(NO_TIER);
        let certain = if certain { "yes" } else { "no" };
        let grades = self.declared.grades(outcome);
        self.row(id, [tier, certain, &rule], grades, [&possible, &missing.join(", "), &adjusted_by(outcome)], "")
    }

    fn rejected(&mut self, rejected: &Rejected) -> io::Result<()> {
        let error = format!("{}: {}", rejected.code, rejected.message_with_row());
        let grades = vec![String::new(); self.declared.graded().count()];
        self.row(rejected.id.as_deref().unwrap_or_default(), [""; 3], grades, [""; 3], &error)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(&mut self, tally: &Tally) -> io::Result<()> {
        self.columns.write(&mut self.out)?;
        writeln!(self.out, "\n{}", tally.summary())?;
        self.out.flush()
    }

    fn has_summary(&self) -> bool {
        true
    }
}
