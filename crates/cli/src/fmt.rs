//! `tierwise fmt`: policies in their canonical form.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::Builder;
use tierwise::{Formatter, Keywords, Lang};

use crate::args::{FmtArgs, KeywordLanguage};
use crate::escape::{brief, escape};
use crate::failure::{Exit, Failure, file_name};
use crate::input;
use crate::output::stdout;
use crate::policy;

/// As many characters of a line are shown.
const SHOWN: usize = 120;

/// Formats every policy; the worst of their exit codes.
pub(crate) fn run(args: &FmtArgs, lang: Lang) -> Result<Exit, Failure> {
    let mut out = stdout();
    let mut exit = Exit::Fine;
    let formatter = Formatter::new().keywords(match args.keywords {
        KeywordLanguage::Keep => Keywords::Keep,
        KeywordLanguage::En => Keywords::English,
        KeywordLanguage::Zh => Keywords::Chinese,
    });
    for path in &args.policies {
        match one(&mut out, path, &formatter, args.check, lang) {
            Ok(done) => exit = exit.max(done),
            Err(failure @ Failure::ClosedPipe) => return Err(failure),
            Err(failure) => exit = exit.max(failure.report()),
        }
    }
    Ok(exit)
}

fn one(out: &mut impl Write, path: &Path, formatter: &Formatter, check: bool, lang: Lang) -> Result<Exit, Failure> {
    let name = input::name(path);
    let source = policy::source(path)?;
    let formatted =
        formatter.format(&source).map_err(|error| Failure::Policy(error.report(&name).lang(lang).to_string()))?;
    if check && formatted == source {
        return Ok(Exit::Fine);
    }
    if check {
        return differs(out, &name, &source, &formatted).map(|()| Exit::Policy).map_err(Failure::writing);
    }
    if path == Path::new("-") {
        out.write_all(formatted.as_bytes()).and_then(|()| out.flush()).map_err(Failure::writing)?;
    } else if formatted != source {
        replace(path, &formatted).map_err(|error| Failure::replacing(&file_name(path), &error))?;
    }
    Ok(Exit::Fine)
}

/// Names the file, and shows the first line that would change.
fn differs(out: &mut impl Write, name: &str, source: &str, formatted: &str) -> io::Result<()> {
    let (mut old, mut new) = (source.split_inclusive('\n'), formatted.split_inclusive('\n'));
    let mut line = 1;
    let (old, new) = loop {
        match (old.next(), new.next()) {
            (old, new) if old == new && old.is_some() => line += 1,
            lines => break lines,
        }
    };
    writeln!(out, "{}:{line}: not formatted", escape(name))?;
    for (sign, text) in [('-', old), ('+', new)] {
        let Some(text) = text else { continue };
        let whole = text.strip_suffix('\n');
        let shown = brief(whole.unwrap_or(text), SHOWN).replace('\u{FEFF}', "\\u{feff}");
        writeln!(out, "  {sign} {shown}{}", if whole.is_some() { "" } else { " (no line feed)" })?;
    }
    out.flush()
}

/// Puts a text in the place of a file, whole or not at all: it is written beside it and then renamed.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // Behind a symbolic link it is the file that changes.
    let path = fs::canonicalize(path)?;
    // Renaming would also replace a file that may not be written.
    let permissions = File::options().append(true).open(&path)?.metadata()?.permissions();
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    let mut beside = Builder::new().prefix(".tierwise-").suffix(".tmp").tempfile_in(folder)?;
    beside.write_all(text.as_bytes())?;
    beside.as_file().set_permissions(permissions)?;
    beside.as_file().sync_all()?;
    beside.persist(&path)?;
    Ok(())
}
