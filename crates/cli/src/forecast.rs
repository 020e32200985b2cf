//! `tierwise forecast`: which customers change their tier between two days if nothing but time passes.

use std::cell::RefCell;
use std::io::{self, Write};

use serde::Serialize;
use tierwise::{Change, Lang};

use crate::args::{ForecastArgs, Format};
use crate::escape::brief;
use crate::failure::{Exit, Failure, say};
use crate::input::{self, Orders, Row, Rows};
use crate::output::{self, Columns, customers};
use crate::policy;
use crate::portfolio::Member;
use crate::progress::Progress;
use crate::rejected::Rejected;

/// As many characters of a cell are shown.
const SHOWN: usize = 200;

/// Forecasts the changes of the customers of a file.
pub(crate) fn run(args: &ForecastArgs, lang: Lang) -> Result<Exit, Failure> {
    if args.to < args.from {
        let message = format!("`--to {}` lies before `--from {}`", args.to, args.from);
        return Err(Failure::unusable(message).help("give the earlier day as `--from`"));
    }
    if args.rows.reading.orders.portfolio {
        let message = "`--portfolio` is not for forecasts: each customer is looked at alone".to_owned();
        return Err(Failure::unusable(message));
    }
    let policy = policy::load(&args.rows.policy, lang)?;
    let progress = Progress::at_the_end();
    let mut rows =
        input::open(&args.rows.customers, &policy, &args.rows.reading.id, &args.rows.reading.orders, progress)?;
    let orders = input::orders(&args.rows.reading.orders, &policy, progress)?;
    let rates = args.rows.reading.orders.rates.as_deref().map(input::rates::open).transpose()?;
    let at = input::at(args.from, rates.as_ref(), args.rows.reading.orders.strict);
    let reading = Reading { orders: orders.as_ref(), ..Reading::default() };
    let forecast = policy.forecast(std::iter::from_fn(|| reading.next(rows.as_mut())), at, args.to);
    if let Some(error) = reading.failed.into_inner() {
        return Err(Failure::reading(&input::name(&args.rows.customers), &error));
    }
    let (ids, mut rejected) = (reading.ids.into_inner(), reading.rejected.into_inner());
    rejected.extend(forecast.refused().filter_map(|(at, error)| {
        let (id, number) = ids.get(at)?;
        Some(Rejected::customer(id.clone(), *number, error, orders.as_ref(), lang))
    }));
    rejected.sort_by_key(|rejected| rejected.row);
    let changes: Vec<(&str, &Change)> =
        forecast.changes().filter_map(|(at, change)| Some((ids.get(at)?.0.as_str(), change))).collect();
    write(args.rows.reading.format, &changes, lang).map_err(Failure::writing)?;
    for rejected in &rejected {
        let message = brief(&rejected.message_with_row(), SHOWN);
        let id = rejected.id.as_deref().map(|id| format!("{}: ", brief(id, 80))).unwrap_or_default();
        say(&format!("{id}{}: {message}", rejected.code));
    }
    let all = (ids.len() + rejected.len() - forecast.refused().len()) as u64;
    say(&format!("{} of {} by {}", counted(changes.len()), customers(all), args.to));
    Ok(if rejected.is_empty() { Exit::Fine } else { Exit::Rejected })
}

fn counted(changes: usize) -> String {
    if changes == 1 { "1 change".to_owned() } else { format!("{changes} changes") }
}

/// What is read on the way.
#[derive(Default)]
struct Reading<'o> {
    orders: Option<&'o Orders>,
    /// Each customer's id and the number of its row.
    ids: RefCell<Vec<(String, u64)>>,
    rejected: RefCell<Vec<Rejected>>,
    failed: RefCell<Option<io::Error>>,
}

impl<'o> Reading<'o> {
    /// The next customer that can be read.
    fn next(&self, rows: &mut dyn Rows) -> Option<Member<'o>> {
        loop {
            match rows.next() {
                Ok(Some(Ok(Row { id, number, facts, .. }))) => {
                    let facts = match self.orders {
                        Some(orders) => Member::WithOrders(orders.of(&id, facts)),
                        None => Member::Alone(facts),
                    };
                    self.ids.borrow_mut().push((id, number));
                    return Some(facts);
                }
                Ok(Some(Err(rejected))) => self.rejected.borrow_mut().push(rejected),
                Ok(None) => return None,
                Err(error) => {
                    *self.failed.borrow_mut() = Some(error);
                    return None;
                }
            }
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    #[serde(flatten)]
    change: &'a Change,
}

fn write(format: Format, changes: &[(&str, &Change)], lang: Lang) -> io::Result<()> {
    const HEADER: [&str; 6] = ["on", "id", "from", "to", "rule", "why"];
    let mut out = output::stdout();
    match format {
        Format::Ndjson => {
            for (id, change) in changes {
                serde_json::to_writer(&mut out, &Line { id, change })?;
                out.write_all(b"\n")?;
            }
        }
        Format::Csv => {
            let mut csv = csv::Writer::from_writer(&mut out);
            csv.write_record(HEADER).map_err(io::Error::other)?;
            for (id, change) in changes {
                csv.write_record(cells(id, change, "none", lang)).map_err(io::Error::other)?;
            }
            csv.flush()?;
        }
        Format::Table => {
            let mut columns = Columns::new(&HEADER);
            for (id, change) in changes {
                let cells = cells(id, change, "–", lang).iter().map(|cell| brief(cell, SHOWN)).collect();
                columns.stream(&mut out, cells)?;
            }
            columns.write(&mut out)?;
        }
    }
    out.flush()
}

fn cells(id: &str, change: &Change, none: &str, lang: Lang) -> [String; 6] {
    if change.is_hidden() {
        let [on, from, to, rule] = [(); 4].map(|()| String::new());
        return [on, id.to_owned(), from, to, rule, change.reasons(lang).join("; ")];
    }
    let rule = match (change.rule(), change.line()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(line)) => format!("line {line}"),
        (None, None) => String::new(),
    };
    let tier = |tier: Option<&str>| tier.unwrap_or(none).to_owned();
    let (to, why) = match change.refusal() {
        Some(error) => (String::new(), format!("{}: {}", error.code(), error.message(lang))),
        None => (tier(change.to()), change.reasons(lang).join("; ")),
    };
    [change.on().to_string(), id.to_owned(), tier(change.from()), to, rule, why]
}
