//! `tierwise classify`: every row of a file becomes an outcome or a rejection.

use std::io;

use tierwise::{At, CustomerError, Explanation, Facts, InPortfolio, Lang, Outcome, Policy};

use crate::args::ClassifyArgs;
use crate::escape::brief;
use crate::failure::{Exit, Failure, say};
use crate::input::{self, Orders, Row, Rows};
use crate::output::{self, Sink, Tally};
use crate::policy;
use crate::portfolio::{Linked, Member, Members};
use crate::progress::Progress;
use crate::rejected::Rejected;
use crate::show::{Show, Shown};

/// Classifies the customers of a file.
pub(crate) fn run(args: &ClassifyArgs, lang: Lang) -> Result<Exit, Failure> {
    let policy = policy::load(&args.rows.policy, lang)?;
    let progress = Progress::new(args.rows.reading.format, args.findings);
    let mut rows =
        input::open(&args.rows.customers, &policy, &args.rows.reading.id, &args.rows.reading.orders, progress)?;
    let orders = input::orders(&args.rows.reading.orders, &policy, progress)?;
    let day = args.as_of.unwrap_or_else(|| chrono::Local::now().date_naive());
    let rates = args.rows.reading.orders.rates.as_deref().map(input::rates::open).transpose()?;
    let show = Show::new(&policy, args)?;
    let mut sink = output::sink(args.rows.reading.format, &policy).map_err(Failure::writing)?;
    let mut tally = Tally::new(&policy, lang);

    let at = input::at(day, rates.as_ref(), args.rows.reading.orders.strict);
    let file = input::name(&args.rows.customers);
    let orders_of = orders.as_ref();
    let classifier =
        Classifier { policy: &policy, orders: orders_of, at, file: &file, lang, show, list: args.findings };
    let linked = args.rows.reading.orders.portfolio;
    let drain = if linked { Classifier::drain_linked } else { Classifier::drain };
    let read = drain(&classifier, rows.as_mut(), sink.as_mut(), &mut tally);
    if !matches!(read, Err(Stop::Writing(_) | Stop::Failing(_))) {
        sink.finish(&tally).map_err(Failure::writing)?;
    }
    read.map_err(|stop| match stop {
        Stop::Failing(failure) => failure,
        Stop::Reading(error) => Failure::reading(&file, &error),
        Stop::Writing(error) => Failure::writing(error),
    })?;
    drop(rows);
    tally.noticed().for_each(|line| say(&line));
    if args.findings {
        tally.absent().for_each(|line| say(&line));
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
    Failing(Failure),
    Reading(io::Error),
    Writing(io::Error),
}

/// What every row is classified with.
struct Classifier<'a> {
    policy: &'a Policy,
    orders: Option<&'a Orders>,
    at: At<'a>,
    /// The name of the file of customers.
    file: &'a str,
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
            let row = row.map(|Row { id, number, facts, .. }| {
                let assessed = match self.orders {
                    Some(orders) => self.assess(&orders.of(&id, &facts)),
                    None => self.assess(&facts),
                };
                (id, number, assessed)
            });
            self.one(row, sink, tally).map_err(Stop::Writing)?;
        }
    }

    /// The same of customers who are linked: all are read before the first is classified.
    fn drain_linked(&self, rows: &mut dyn Rows, sink: &mut dyn Sink, tally: &mut Tally) -> Result<(), Stop> {
        let members = Members::read(self.policy, self.file, rows, self.orders).map_err(Stop::Failing)?;
        let placed = self.policy.in_portfolio(&members.portfolio, self.at);
        for row in members.rows {
            let row = match row {
                Linked::Member(at, number) => {
                    let id = members.portfolio.id(at).unwrap_or_default().to_owned();
                    let Some(assessed) = self.assess_linked(&placed, at) else { continue };
                    Ok((id, number, assessed))
                }
                Linked::Rejected(rejected) => Err(rejected),
            };
            self.one(row, sink, tally).map_err(Stop::Writing)?;
        }
        Ok(())
    }

    fn one(&self, row: Result<Classified, Rejected>, sink: &mut dyn Sink, tally: &mut Tally) -> io::Result<()> {
        let outcome = row.and_then(|(id, number, assessed)| match assessed {
            Ok(assessed) => Ok((id, assessed)),
            Err(error) => Err(Rejected::customer(id, number, &error, self.orders, self.lang)),
        });
        match outcome {
            Ok((id, (outcome, shown))) => {
                tally.classified(&id, &outcome);
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

    fn assess(&self, facts: &impl Facts) -> Assessed {
        if self.show.is_empty() {
            return Ok((self.policy.classify(facts, self.at)?, None));
        }
        Ok(self.shown(&self.policy.explain(facts, self.at)?))
    }

    fn assess_linked(&self, placed: &InPortfolio<'_, Member<'_>>, at: usize) -> Option<Assessed> {
        if self.show.is_empty() {
            return placed.classify(at).map(|outcome| Ok((outcome?, None)));
        }
        placed.explain(at).map(|why| Ok(self.shown(&why?)))
    }

    fn shown(&self, why: &Explanation) -> (Outcome, Option<Shown>) {
        (why.outcome().clone(), Some(self.show.of(why)))
    }
}

/// An outcome, and the facts that are to be shown with it.
type Assessed = Result<(Outcome, Option<Shown>), CustomerError>;

/// The id, the number of the row, and what came of it.
type Classified = (String, u64, Assessed);
