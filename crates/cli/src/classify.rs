//! `tierwise classify`: every row of a file becomes an outcome or a rejection.

use std::io;

use tierwise::{At, Lang, Policy};

use crate::args::ClassifyArgs;
use crate::failure::{Exit, Failure, say};
use crate::input::{self, Read, Row, Rows};
use crate::output::{self, Sink, Tally};
use crate::policy;
use crate::rejected::Rejected;

/// Classifies the customers of a file.
pub(crate) fn run(args: &ClassifyArgs, lang: Lang) -> Result<Exit, Failure> {
    let policy = policy::load(&args.policy, lang)?;
    let mut rows = input::open(&args.customers, &policy, &args.id)?;
    let day = args.as_of.unwrap_or_else(|| chrono::Local::now().date_naive());
    let mut sink = output::sink(args.format, &policy).map_err(Failure::writing)?;
    let mut tally = Tally::new(&policy);

    let classifier = Classifier { policy: &policy, at: At::on(day), lang };
    let read = classifier.drain(rows.as_mut(), sink.as_mut(), &mut tally);
    if !matches!(read, Err(Stop::Writing(_))) {
        sink.finish(&tally).map_err(Failure::writing)?;
    }
    read.map_err(|stop| match stop {
        Stop::Reading(error) => Failure::reading(&input::name(&args.customers), &error),
        Stop::Writing(error) => Failure::writing(error),
    })?;
    if tally.rejected() == 0 {
        return Ok(Exit::Fine);
    }
    if !sink.has_summary() {
        say(&format!("{} of {} rejected", tally.rejected(), output::customers(tally.all())));
    }
    Ok(Exit::Rejected)
}

/// Which side ended the work.
enum Stop {
    Reading(io::Error),
    Writing(io::Error),
}

/// What every row is classified with.
struct Classifier<'a> {
    policy: &'a Policy,
    at: At<'a>,
    lang: Lang,
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
        let outcome = row.and_then(|Row { id, number, facts }| match self.policy.classify(&facts, self.at) {
            Ok(outcome) => Ok((id, outcome)),
            Err(error) => Err(Rejected::customer(id, number, &error, self.lang)),
        });
        match outcome {
            Ok((id, outcome)) => {
                tally.classified(&outcome);
                sink.classified(&id, &outcome)
            }
            Err(rejected) => {
                tally.rejects();
                sink.rejected(&rejected)
            }
        }
    }
}
