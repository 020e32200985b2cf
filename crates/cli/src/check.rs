//! `tierwise check`: what is wrong with policies, and what they need.

use std::io::{self, Write};
use std::path::Path;

use tierwise::{Lang, NeededField, Policy, Tests};

use crate::args::CheckArgs;
use crate::escape::{brief, escape};
use crate::failure::{Exit, Failure, file_name, say};
use crate::output::{Columns, stdout};
use crate::test;

/// As many characters of a type or a label are shown.
const SHOWN: usize = 60;

/// Checks every policy; the worst of their exit codes.
pub(crate) fn run(args: &CheckArgs, lang: Lang) -> Result<Exit, Failure> {
    let mut out = stdout();
    let mut exit = Exit::Fine;
    for path in &args.policies {
        let done = match test::File::read(path, lang) {
            test::File { uses: Some(_), tests: Ok(tests), .. } => {
                writeln!(out, "{}: ok, {}", escape(&file_name(path)), counted(tests.len(), "test"))
            }
            test::File { tests: Ok(tests), .. } => sound(&mut out, path, &tests, lang, args.needs),
            test::File { tests: Err(failure), .. } => {
                exit = exit.max(failure.report());
                Ok(())
            }
        };
        done.map_err(Failure::writing)?;
    }
    Ok(exit)
}

fn sound(out: &mut impl Write, path: &Path, tests: &Tests, lang: Lang, needs: bool) -> io::Result<()> {
    let policy = tests.policy();
    let file = file_name(path);
    if !policy.warnings().is_empty() {
        say(policy.warning_report(&file).lang(lang).to_string().trim_end());
    }
    let counts = [
        (policy.tiers().count(), "tier"),
        (policy.segments().count(), "segment"),
        (policy.scores().count(), "score"),
        (tests.len(), "test"),
    ];
    let counted = counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(count, what));
    let counted = counted.collect::<Vec<_>>().join(", ");
    writeln!(out, "{}: ok, {counted}, fingerprint {}", escape(&file), policy.fingerprint())?;
    if needs {
        table(out, policy)?;
    }
    out.flush()
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn table(out: &mut impl Write, policy: &Policy) -> io::Result<()> {
    let needs = policy.needs();
    let mut columns = Columns::new(&["name", "type", "presence", "sensitive", "label"]);
    for field in needs.fields() {
        columns.row(vec![
            brief(field.name(), SHOWN),
            brief(&field.ty().to_string(), SHOWN),
            presence(&field).to_owned(),
            yes(field.is_sensitive()).to_owned(),
            brief(field.label().unwrap_or_default(), SHOWN),
        ]);
    }
    match columns.is_empty() {
        false => columns.write(out)?,
        true if needs.collections().next().is_none() => writeln!(out, "no facts are needed")?,
        true => {}
    }
    for collection in needs.collections() {
        let fields =
            collection.fields().map(|(name, ty)| format!("{} {}", brief(name, SHOWN), brief(&ty.to_string(), SHOWN)));
        let purpose = if collection.is_computed_from() { ", to compute absent facts" } else { "" };
        let fields = fields.collect::<Vec<_>>().join(", ");
        writeln!(out, "records of {}{purpose}: {fields}", brief(collection.name(), SHOWN))?;
    }
    writeln!(out, "the as-of date matters: {}", yes(needs.as_of()))?;
    writeln!(out, "the standing matters: {}", yes(needs.standing()))
}

fn presence(field: &NeededField<'_>) -> &'static str {
    match (field.has_default(), field.is_required()) {
        (true, _) => "default",
        (_, true) => "required",
        _ => "optional",
    }
}

fn yes(answer: bool) -> &'static str {
    if answer { "yes" } else { "no" }
}
