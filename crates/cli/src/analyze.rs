//! `tierwise analyze`: what an author should know of policies before a customer finds out.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use chrono::NaiveDate;
use serde::Serialize;
use tierwise::{Analysis, Budget, Inquiry, Lang, Severity};

use crate::args::{AnalyzeArgs, TextFormat};
use crate::escape::escape;
use crate::failure::{Exit, Failure, file_name};
use crate::output::stdout;
use crate::policy;

/// Analyzes every policy; the worst of their exit codes.
pub(crate) fn run(args: &AnalyzeArgs, lang: Lang) -> Result<Exit, Failure> {
    let mut out = stdout();
    let mut exit = Exit::Fine;
    for path in &args.policies {
        let policy = match policy::load(path, lang) {
            Ok(policy) => policy,
            Err(failure) => {
                exit = exit.max(failure.report());
                continue;
            }
        };
        let mut inquiry = Inquiry::within(Budget::of(args.asking.steps));
        if let Some(day) = args.asking.as_of {
            inquiry = inquiry.as_of(day);
        }
        if args.overlaps {
            inquiry = inquiry.overlaps();
        }
        let analysis = policy.analyze(inquiry);
        write(&mut out, path, &analysis, args.format, lang).map_err(Failure::writing)?;
        if analysis.has_errors() {
            exit = exit.max(Exit::Findings);
        } else if !analysis.is_complete() {
            exit = exit.max(Exit::Open);
        }
    }
    Ok(exit)
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    analysis: &'a Analysis,
}

fn write(out: &mut impl Write, path: &Path, analysis: &Analysis, format: TextFormat, lang: Lang) -> io::Result<()> {
    let file = file_name(path);
    match format {
        TextFormat::Json => {
            serde_json::to_writer(&mut *out, &Line { file: &file, analysis })?;
            writeln!(out)?;
        }
        TextFormat::Text => {
            let report = analysis.report(&file, lang);
            if !report.is_empty() {
                writeln!(out, "{report}")?;
            }
            let mut open: BTreeMap<(&str, &str), usize> = BTreeMap::new();
            for question in analysis.open() {
                *open.entry((question.code().as_str(), question.unknown().as_str())).or_default() += 1;
            }
            for ((code, reason), count) in open {
                let times = if count > 1 { format!(", {count} times") } else { String::new() };
                writeln!(out, "{}: not found out: {code} ({reason}){times}", escape(&file))?;
            }
            writeln!(out, "{}: {}", escape(&file), summary(analysis))?;
        }
    }
    out.flush()
}

/// How customers were taken.
pub(crate) fn taken(as_of: Option<NaiveDate>, in_minor_units: bool) -> String {
    let day = as_of.map(|day| format!(", as of {day}")).unwrap_or_default();
    if in_minor_units { format!("{day}, amounts in whole minor units") } else { day }
}

fn summary(analysis: &Analysis) -> String {
    let of = |severity: Severity| analysis.findings().iter().filter(|finding| finding.severity() == severity).count();
    let counted = |severity: Severity| match of(severity) {
        0 => None,
        1 => Some(format!("1 {}", severity.as_str())),
        count => Some(format!("{count} {}s", severity.as_str())),
    };
    let found: Vec<String> =
        [Severity::Error, Severity::Warning, Severity::Note].into_iter().filter_map(counted).collect();
    let found = if found.is_empty() { "nothing found".to_owned() } else { found.join(", ") };
    let complete = if analysis.is_complete() { "complete" } else { "not complete" };
    let day = taken(analysis.as_of(), analysis.in_minor_units());
    format!("{complete}, {found}{day}")
}
