//! `tierwise diff`: whose tier another version of a policy changes: of all customers there can be, or of those of a file.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde::Serialize;
use tierwise::{Budget, Inquiry, Lang, Migration, Outcome, Policy};

use crate::analyze::taken;
use crate::args::{DiffArgs, Format};
use crate::escape::brief;
use crate::failure::{Exit, Failure, say};
use crate::input::{self, Orders, Row, Rows};
use crate::output::{self, Columns, customers};
use crate::policy;
use crate::progress::Progress;
use crate::rejected::Rejected;

/// As many characters of a cell are shown.
const SHOWN: usize = 200;

/// Compares two policies.
pub(crate) fn run(args: &DiffArgs, lang: Lang) -> Result<Exit, Failure> {
    let (old, new) = (policy::load(&args.old, lang)?, policy::load(&args.new, lang)?);
    if args.customers.is_some() { of_customers(args, &old, &new, lang) } else { of_everybody(args, &old, &new) }
}

/// All customers there can be.
fn of_everybody(args: &DiffArgs, old: &Policy, new: &Policy) -> Result<Exit, Failure> {
    if args.reading.format == Format::Csv {
        return Err(Failure::unusable("`--format csv` is for the customers of a file".to_owned())
            .help("use `table` or `ndjson`"));
    }
    if args.reading.orders.orders.is_some() || args.reading.orders.rates.is_some() {
        let message = "orders and rates are for the customers of a file, and none is given".to_owned();
        return Err(Failure::unusable(message).help("name the file of customers behind the policies"));
    }
    let mut inquiry = Inquiry::within(Budget::of(args.asking.steps));
    if let Some(day) = args.asking.as_of {
        inquiry = inquiry.as_of(day);
    }
    let diff = Policy::diff(old, new, inquiry);
    let mut out = output::stdout();
    let written = match args.reading.format {
        Format::Table => write!(out, "{diff}"),
        Format::Ndjson => serde_json::to_writer(&mut out, &diff).map_err(io::Error::other).and_then(|()| writeln!(out)),
        Format::Csv => Ok(()),
    };
    written.and_then(|()| out.flush()).map_err(Failure::writing)?;
    let day = taken(diff.as_of(), diff.in_minor_units());
    say(&match (diff.changes().len(), diff.unknown()) {
        (0, None) => format!("equal: proved for all customers whom both policies take{day}"),
        (0, Some(unknown)) => format!("no difference was found, and none is ruled out ({})", unknown.as_str()),
        (count, None) => format!("{}, complete{day}", boxes(count)),
        (count, Some(unknown)) => format!("{}, there may be more ({})", boxes(count), unknown.as_str()),
    });
    Ok(match (diff.changes().is_empty(), diff.is_complete()) {
        (true, true) => Exit::Fine,
        (true, false) => Exit::Open,
        (false, _) => Exit::Differs,
    })
}

fn boxes(count: usize) -> String {
    if count == 1 { "1 box of customers".to_owned() } else { format!("{count} boxes of customers") }
}

/// A customer whose tier is another.
#[derive(Serialize)]
struct Moved {
    id: String,
    from: Option<String>,
    to: Option<String>,
    old_rule: Option<String>,
    new_rule: Option<String>,
}

/// A side that reads the file for its own policy.
struct Side<'p> {
    policy: &'p Policy,
    rows: Box<dyn Rows>,
    orders: Option<Orders>,
}

impl<'p> Side<'p> {
    fn open(args: &DiffArgs, path: &std::path::Path, policy: &'p Policy) -> Result<Self, Failure> {
        let progress = Progress::at_the_end();
        let rows = input::open(path, policy, &args.reading.id, &args.reading.orders, progress)?;
        Ok(Self { policy, rows, orders: input::orders(&args.reading.orders, policy, progress)? })
    }

    /// The outcome of the next row, with its id.
    fn next(&mut self, at: tierwise::At<'_>, lang: Lang) -> io::Result<Option<Result<(String, Outcome), Rejected>>> {
        let Some(read) = self.rows.next()? else { return Ok(None) };
        let Row { id, number, facts, .. } = match read {
            Ok(row) => row,
            Err(rejected) => return Ok(Some(Err(rejected))),
        };
        let outcome = match &self.orders {
            Some(orders) => self.policy.classify(&orders.of(&id, facts), at),
            None => self.policy.classify(&facts, at),
        };
        Ok(Some(match outcome {
            Ok(outcome) => Ok((id, outcome)),
            Err(error) => Err(Rejected::customer(id, number, &error, self.orders.as_ref(), lang)),
        }))
    }
}

/// The customers of a file.
fn of_customers(args: &DiffArgs, old: &Policy, new: &Policy, lang: Lang) -> Result<Exit, Failure> {
    let Some(path) = args.customers.as_deref() else { return Ok(Exit::Fine) };
    if path == std::path::Path::new("-") || args.reading.orders.portfolio {
        let message = "a difference is read from a file, twice, and each customer is looked at alone".to_owned();
        return Err(Failure::unusable(message).help("name a file of customers, and leave `--portfolio` out"));
    }
    let (mut one, mut two) = (Side::open(args, path, old)?, Side::open(args, path, new)?);
    let rates = args.reading.orders.rates.as_deref().map(input::rates::open).transpose()?;
    let at = input::at(
        args.asking.as_of.unwrap_or_else(|| chrono::Local::now().date_naive()),
        rates.as_ref(),
        args.reading.orders.strict,
    );
    let reading = |error: io::Error| Failure::reading(&input::name(path), &error);
    let (mut migration, mut moved, mut rejected) = (Migration::default(), Vec::new(), Vec::new());
    while let (Some(a), Some(b)) = (one.next(at, lang).map_err(reading)?, two.next(at, lang).map_err(reading)?) {
        match (a, b) {
            (Ok((id, a)), Ok((_, b))) => {
                if migration.add(&a, &b) {
                    let tier = |outcome: &Outcome| outcome.tier().map(str::to_owned);
                    moved.push(Moved { id, from: tier(&a), to: tier(&b), old_rule: rule(&a), new_rule: rule(&b) });
                }
            }
            (Err(error), _) => rejected.push(("old", error)),
            (_, Err(error)) => rejected.push(("new", error)),
        }
    }
    write(args.reading.format, &moved, &migration).map_err(Failure::writing)?;
    for (side, error) in &rejected {
        let id = error.id.as_deref().map(|id| format!("{}: ", brief(id, 80))).unwrap_or_default();
        say(&format!("{id}{} under the {side} policy: {}", error.code, brief(&error.message_with_row(), SHOWN)));
    }
    say(&format!("{} of {} get another tier", migration.moved(), customers(migration.total())));
    Ok(match (migration.moved(), rejected.is_empty()) {
        (0, true) => Exit::Fine,
        (0, false) => Exit::Rejected,
        _ => Exit::Differs,
    })
}

fn rule(outcome: &Outcome) -> Option<String> {
    match (outcome.rule(), outcome.line()) {
        (Some(name), _) => Some(name.to_owned()),
        (None, line) => line.map(|line| format!("line {line}")),
    }
}

fn write(format: Format, moved: &[Moved], migration: &Migration) -> io::Result<()> {
    const HEADER: [&str; 5] = ["id", "from", "to", "old rule", "new rule"];
    let mut out = output::stdout();
    let cells = |each: &Moved, none: &str| {
        let or = |text: &Option<String>, none: &str| text.clone().unwrap_or_else(|| none.to_owned());
        [each.id.clone(), or(&each.from, none), or(&each.to, none), or(&each.old_rule, ""), or(&each.new_rule, "")]
    };
    match format {
        Format::Ndjson => {
            for each in moved {
                serde_json::to_writer(&mut out, each)?;
                out.write_all(b"\n")?;
            }
        }
        Format::Csv => {
            let mut csv = csv::Writer::from_writer(&mut out);
            csv.write_record(["id", "from", "to", "old_rule", "new_rule"]).map_err(io::Error::other)?;
            for each in moved {
                csv.write_record(cells(each, "none")).map_err(io::Error::other)?;
            }
            csv.flush()?;
        }
        Format::Table => {
            let mut columns = Columns::new(&HEADER);
            for each in moved {
                columns.stream(&mut out, cells(each, "–").iter().map(|cell| brief(cell, SHOWN)).collect())?;
            }
            columns.write(&mut out)?;
            writeln!(out)?;
            from_to(&mut out, migration)?;
        }
    }
    out.flush()
}

/// How many go from each tier to each.
fn from_to(out: &mut impl Write, migration: &Migration) -> io::Result<()> {
    let tiers: BTreeSet<Option<&str>> = migration.iter().flat_map(|(from, to, _)| [from, to]).collect();
    let name = |tier: Option<&str>| tier.map_or("–".to_owned(), |tier| brief(tier, 40));
    // No tier stands last.
    let tiers: Vec<Option<&str>> =
        tiers.iter().copied().filter(Option::is_some).chain(tiers.contains(&None).then_some(None)).collect();
    let header: Vec<String> =
        std::iter::once("from \\ to".to_owned()).chain(tiers.iter().map(|tier| name(*tier))).collect();
    let mut columns = Columns::new(&header.iter().map(String::as_str).collect::<Vec<_>>());
    for from in &tiers {
        let counts = tiers.iter().map(|to| migration.count(*from, *to).to_string());
        columns.row(std::iter::once(name(*from)).chain(counts).collect());
    }
    columns.write(out)
}
