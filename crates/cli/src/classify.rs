//! `tierwise classify`: every row of a file becomes an outcome or a rejection.

use std::io;

use tierwise::{At, Policy};

use crate::args::ClassifyArgs;
use crate::failure::{Exit, Failure, say};
use crate::input::{self, Read, Row, Rows};
use crate::output::{self, Sink, Tally};
use crate::policy;
use crate::rejected::Rejected;

/// Classifies the customers of a file.
pub(crate) fn run(args: &ClassifyArgs) -> Result<Exit, Failure> {
    let policy = policy::load(&args.policy)?;
    let mut rows = input::open(&args.customers, &policy, &args.id)?;
    let day = args.as_of.unwrap_or_else(|| chrono::Local::now().date_naive());
    let mut sink = output::sink(args.format).map_err(Failure::writing)?;
    let mut tally = Tally::new(&policy);

    let read = drain(&policy, At::on(day), rows.as_mut(), sink.as_mut(), &mut tally);
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

fn drain(policy: &Policy, at: At<'_>, rows: &mut dyn Rows, sink: &mut dyn Sink, tally: &mut Tally) -> Result<(), Stop> {
    loop {
        if rows.waits() {
            sink.flush().map_err(Stop::Writing)?;
        }
        let Some(row) = rows.next().map_err(Stop::Reading)? else {
            return Ok(());
        };
        one(policy, at, row, sink, tally).map_err(Stop::Writing)?;
    }
}

fn one(policy: &Policy, at: At<'_>, row: Read, sink: &mut dyn Sink, tally: &mut Tally) -> io::Result<()> {
    let outcome = row.and_then(|Row { id, number, facts }| match policy.classify(&facts, at) {
        Ok(outcome) => Ok((id, outcome)),
        Err(error) => Err(Rejected::customer(id, number, &error)),
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
