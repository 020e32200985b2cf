//! A bar on the standard error while a long file is read, or many mutants are looked at; never but on a terminal.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};

use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Format;

/// A file of fewer bytes is read at once.
const LONG: u64 = 4 << 20;

/// Nothing is drawn before so many bytes are read: what is wrong with the header is said before.
const QUIET: u64 = 1 << 20;

/// Whether a bar may be drawn.
#[derive(Clone, Copy)]
pub(crate) struct Progress(bool);

impl Progress {
    /// Not where lines are written to the same terminal: outcomes as they come, or findings.
    pub(crate) fn new(format: Format, list: bool) -> Self {
        let streams = format != Format::Table && io::stdout().is_terminal();
        Self(io::stderr().is_terminal() && !streams && !list)
    }

    /// Only where outcomes are written at the end.
    pub(crate) fn at_the_end() -> Self {
        Self::new(Format::Table, false)
    }

    /// The bytes of a file, watched where it is long.
    pub(crate) fn file(self, name: &str, file: File) -> Box<dyn Read> {
        let length = file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
        if !self.0 || length.is_some_and(|length| length < LONG) {
            return Box::new(file);
        }
        self.watch(name, length, file)
    }

    /// The bytes of the standard input, watched.
    pub(crate) fn stdin(self) -> Box<dyn Read> {
        if self.0 { self.watch("standard input", None, io::stdin().lock()) } else { Box::new(io::stdin().lock()) }
    }

    /// A bar for things that are counted.
    pub(crate) fn count(self, name: &str) -> Counted {
        let bar = self.0.then(|| ProgressBar::new(0));
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len}, {eta} left");
        let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
        Counted(bar.map(|bar| bar.with_style(style).with_message(name.to_owned())))
    }

    fn watch(self, name: &str, length: Option<u64>, reader: impl Read + 'static) -> Box<dyn Read> {
        let (bar, template) = match length {
            Some(length) => (ProgressBar::new(length), "{msg} {wide_bar} {bytes} of {total_bytes}, {eta} left"),
            None => (ProgressBar::no_length(), "{msg} {spinner} {bytes}"),
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Box::new(Watched { reader, bar: bar.with_style(style).with_message(name.to_owned()), read: 0 })
    }
}

/// A bar that goes when it is dropped.
pub(crate) struct Counted(Option<ProgressBar>);

impl Counted {
    /// So many are done, of so many.
    pub(crate) fn at(&self, done: usize, all: usize) {
        if let Self(Some(bar)) = self {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Self(Some(bar)) = self {
            bar.finish_and_clear();
        }
    }
}

struct Watched<R> {
    reader: R,
    bar: ProgressBar,
    read: u64,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.read += count as u64;
        if count == 0 {
            self.bar.finish_and_clear();
        } else if self.read > QUIET {
            self.bar.set_position(self.read);
        }
        Ok(count)
    }
}

impl<R> Drop for Watched<R> {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
