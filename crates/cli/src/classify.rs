//! `tierwise classify`: every row of a file becomes an outcome or a rejection.

use std::io;

use tierwise::{At, CustomerError, Facts, Lang, Outcome, Policy};

use crate::args::ClassifyArgs;
use crate::escape::brief;
use crate::failure::{Exit, Failure, say};
use crate::input::{self, Orders, Read, Row, Rows};
use crate::output::{self, Sink, Tally};
use crate::policy;
use crate::rejected::Rejected;
use crate::show::{Show, Shown};

/// Classifies the customers of a file.
pub(crate) fn run(args: &ClassifyArgs, lang: Lang) -> Result<Exit, Failure> {
    let policy = policy::load(&args.policy, lang)?;
    let mut rows = input::open(&args.customers, &policy, &args.id, &args.orders)?;
    let orders = input::orders(&args.orders, &policy)?;
    let day = args.as_of.unwrap_or_else(|| chrono::Local::now().date_naive());
    let rates = args.orders.rates.as_deref().map(input::rates::open).transpose()?;
    let show = Show::new(&policy, args)?;
    let mut sink = output::sink(args.format, &policy).map_err(Failure::writing)?;
    let mut tally = Tally::new(&policy);

    let at = input::at(day, rates.as_ref(), args.orders.strict);
    let classifier = Classifier { policy: &policy, orders: orders.as_ref(), at, lang, show, list: args.findings };
    let read = classifier.drain(rows.as_mut(), sink.as_mut(), &mut tally);
    if !matches!(read, Err(Stop::Writing(_))) {
        sink.finish(&tally).map_err(Failure::writing)?;
    }
    read.map_err(|stop| match stop {
        Stop::Reading(error) => Failure::reading(&input::name(&args.customers), &error),
        Stop::Writing(error) => Failure::writing(error),
    })?;
    if args.findings {
        tally.noticed().into_iter().for_each(|line| say(&line));
    }
    if let Some(orders) = &orders {
        leftovers(orders, args.findings);
    }
    if tally.rejected() == 0 {
        return Ok(Exit::Fine);
    }
    if !sink.has_summary() {
        say(&format!("{} of {} rejected", tally.rejected(), output::customers(tally.all())));
    }
    Ok(Exit::Rejected)
}

/// Says which orders belong to no customer of the file.
fn leftovers(orders: &Orders, list: bool) {
    let (without, unknown) = orders.left();
    let mut left = Vec::new();
    if !without.is_empty() {
        left.push(format!("{} without a customer", without.len()));
    }
    if !unknown.is_empty() {
        let count: usize = unknown.iter().map(|(_, count)| count).sum();
        left.push(format!("{count} of customers who are not in the file of customers"));
    }
    if !left.is_empty() {
        say(&format!("orders left out: {}", left.join(", ")));
    }
    if list {
        without.iter().for_each(|row| say(&format!("orders row {row}: it names no customer")));
        for (id, count) in unknown {
            say(&format!("orders of `{}`: {count}, and no such customer", brief(id, 80)));
        }
    }
}

/// Which side ended the work.
enum Stop {
    Reading(io::Error),
    Writing(io::Error),
}

/// What every row is classified with.
struct Classifier<'a> {
    policy: &'a Policy,
    orders: Option<&'a Orders>,
    at: At<'a>,
    lang: Lang,
    show: Show,
    list: bool,
}

impl Classifier<'_> {
    fn drain(&self, rows: &mut dyn Rows, sink: &mut dyn Sink, tally: &mut Tally) -> Result<(), Stop> {
        loop {
            if rows.waits() {
                sink.flush().map_err(Stop::Writing)?;
            }
            let Some(row) = rows.next().map_err(Stop::Reading)? else {
                return Ok(());
            };
            self.one(row, sink, tally).map_err(Stop::Writing)?;
        }
    }

    fn one(&self, row: Read, sink: &mut dyn Sink, tally: &mut Tally) -> io::Result<()> {
        let outcome = row.and_then(|Row { id, number, facts }| {
            let outcome = match self.orders {
                Some(orders) => self.assess(&orders.of(&id, &facts)),
                None => self.assess(&facts),
            };
            match outcome {
                Ok(outcome) => Ok((id, outcome)),
                Err(error) => Err(Rejected::customer(id, number, &error, self.lang)),
            }
        });
        match outcome {
            Ok((id, (outcome, shown))) => {
                tally.classified(&outcome);
                if self.list {
                    for finding in outcome.findings() {
                        say(&format!("{}: {}: {}", brief(&id, 80), finding.code(), finding.message(self.lang)));
                    }
                }
                sink.classified(&id, &outcome, shown.as_ref())
            }
            Err(rejected) => {
                if let (Some(orders), Some(id)) = (self.orders, &rejected.id) {
                    orders.seen(id);
                }
                tally.rejects();
                sink.rejected(&rejected)
            }
        }
    }

    /// The outcome, and the facts that are to be shown with it.
    fn assess(&self, facts: &impl Facts) -> Result<(Outcome, Option<Shown>), CustomerError> {
        if self.show.is_empty() {
            return Ok((self.policy.classify(facts, self.at)?, None));
        }
        let why = self.policy.explain(facts, self.at)?;
        Ok((why.outcome().clone(), Some(self.show.of(&why))))
    }
}
