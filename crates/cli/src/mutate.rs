//! `tierwise mutate`: which mistakes in a policy its tests would not notice.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use tierwise::{Budget, Lang, Mutation, MutationError, Tests};

use crate::args::{MutateArgs, TextFormat};
use crate::escape::escape;
use crate::failure::{Exit, Failure, file_name, say};
use crate::output::stdout;
use crate::progress::Progress;
use crate::test::{File, in_path, whole};

/// The tests of one policy.
struct Tested {
    path: PathBuf,
    tests: Vec<Tests>,
}

/// Mistakes every policy over and over; the worst of their exit codes.
pub(crate) fn run(args: &MutateArgs, lang: Lang) -> Result<Exit, Failure> {
    let mut exit = Exit::Fine;
    let mut policies: Vec<(PathBuf, Tested)> = Vec::new();
    for path in &args.paths {
        let files = match in_path(path) {
            Ok(files) => files,
            Err(failure) => {
                exit = exit.max(failure.report());
                continue;
            }
        };
        for path in files {
            let File { uses, tests, .. } = File::read(&path, lang);
            let tests = match tests {
                Ok(tests) => tests,
                Err(failure) => {
                    exit = exit.max(failure.report());
                    continue;
                }
            };
            let (own, path) = (uses.is_none(), uses.unwrap_or(path));
            let key = whole(&path);
            match policies.iter_mut().find(|(known, _)| *known == key) {
                Some((_, tested)) => {
                    // As it was named itself, rather than by a file of tests.
                    if own {
                        tested.path = path;
                    }
                    tested.tests.push(tests);
                }
                None => policies.push((key, Tested { path, tests: vec![tests] })),
            }
        }
    }
    let mut out = stdout();
    for (_, Tested { path, tests }) in &policies {
        let name = file_name(path);
        if tests.iter().all(Tests::is_empty) {
            say(&format!("{}: no tests", escape(&name)));
        }
        let bar = Progress::at_the_end().count(&name);
        let mutation = Mutation::watched(tests, Budget::of(args.steps), |done, all| {
            bar.at(done, all);
            true
        });
        drop(bar);
        exit = exit.max(match mutation {
            Ok(mutation) => {
                write(&mut out, path, &mutation, (args.format, args.all), lang).map_err(Failure::writing)?;
                if mutation.is_full() { Exit::Fine } else { Exit::Open }
            }
            Err(error) => {
                if args.format == TextFormat::Json {
                    broken(&mut out, path, &error).map_err(Failure::writing)?;
                }
                say(&format!("error: {}: {error}", escape(&name)));
                Exit::Open
            }
        });
    }
    Ok(exit)
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    mutation: &'a Mutation,
}

#[derive(Serialize)]
struct Broken<'a> {
    file: &'a str,
    error: &'a str,
}

fn broken(out: &mut impl Write, path: &Path, error: &MutationError) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Broken { file: &file_name(path), error: &error.to_string() })?;
    writeln!(out)?;
    out.flush()
}

fn write(
    out: &mut impl Write,
    path: &Path,
    mutation: &Mutation,
    (format, all): (TextFormat, bool),
    lang: Lang,
) -> io::Result<()> {
    let file = file_name(path);
    match format {
        TextFormat::Json => {
            serde_json::to_writer(&mut *out, &Line { file: &file, mutation })?;
            writeln!(out)?;
        }
        TextFormat::Text => write!(out, "{}: {}", escape(&file), mutation.text(all, lang))?,
    }
    out.flush()
}
