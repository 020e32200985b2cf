//! How the command ends: its exit codes, and what ends it early.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use crate::escape::escape;

/// The exit code, documented in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything is in order.
    Fine = 0,
    /// A policy is wrong, or not formatted.
    Policy = 1,
    /// The command line is wrong, or a file cannot be read, used or written.
    Unusable = 2,
    /// Some customers were rejected.
    Rejected = 3,
    /// Tests fail; or nothing was found, and it is not proved that there is nothing.
    Open = 4,
    /// An analysis found errors.
    Findings = 5,
    /// Two policies differ.
    Differs = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why the command, or its work on one file, ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of the output went away, as `head` does; nothing is to be said.
    ClosedPipe,
    /// The policy is wrong; the report of its diagnostics.
    Policy(String),
    /// A file cannot be read or used: the cause, and the cure where there is one.
    Unusable { message: String, help: Option<String> },
}

impl Failure {
    /// A file that cannot be used.
    pub(crate) fn unusable(message: String) -> Self {
        Self::Unusable { message, help: None }
    }

    /// With the cure.
    pub(crate) fn help(self, cure: &str) -> Self {
        match self {
            Self::Unusable { message, .. } => Self::Unusable { message, help: Some(cure.to_owned()) },
            other => other,
        }
    }

    /// A file that cannot be read.
    pub(crate) fn reading(file: &str, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "there is no such file".to_owned(),
            io::ErrorKind::PermissionDenied => "its permissions do not allow it".to_owned(),
            io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
            _ => error.to_string(),
        };
        Self::unusable(format!("`{}` cannot be read: {}", escape(file), escape(&reason)))
    }

    /// A file that cannot be replaced; it is as it was.
    pub(crate) fn replacing(file: &str, error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::PermissionDenied => "the permissions do not allow it".to_owned(),
            _ => error.to_string(),
        };
        Self::unusable(format!("`{}` cannot be written: {}", escape(file), escape(&reason)))
    }

    /// Output that cannot be written.
    pub(crate) fn writing(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::unusable(format!("the output cannot be written: {error}")),
        }
    }

    /// A file that is not UTF-8, from a byte on.
    pub(crate) fn not_utf8(file: &str, byte: u64) -> Self {
        Self::unusable(format!("`{}` is not UTF-8 at byte {byte}", escape(file))).help("save it as UTF-8")
    }

    /// What the user is told; empty where there is nothing to tell.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::ClosedPipe => String::new(),
            Self::Policy(report) => report.trim_end().to_owned(),
            Self::Unusable { message, help: None } => format!("error: {message}"),
            Self::Unusable { message, help: Some(help) } => format!("error: {message}\n  = help: {help}"),
        }
    }

    /// Tells the user, and how the command ends.
    pub(crate) fn report(&self) -> Exit {
        let exit = match self {
            Self::ClosedPipe => return Exit::Fine,
            Self::Policy(_) => Exit::Policy,
            Self::Unusable { .. } => Exit::Unusable,
        };
        say(&self.text());
        exit
    }
}

/// A message on the standard error; where that is closed, nobody wants to know.
pub(crate) fn say(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}

/// The name of a file as messages show it.
pub(crate) fn file_name(path: &Path) -> String {
    path.display().to_string()
}
