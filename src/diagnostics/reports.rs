//! Diagnostics as they are found: so many are kept, the rest is counted, so that no source fills the memory with them.

use super::{Diagnostic, Hint, Severity};
use crate::source::Span;

/// More than any limit on what is shown, so that the first in the source are among those kept.
const KEPT: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct Reports {
    kept: Vec<Diagnostic>,
    dropped: usize,
    errors: bool,
}

impl Reports {
    pub(crate) fn push(&mut self, diagnostic: Diagnostic) {
        self.errors |= diagnostic.code().severity() == Severity::Error;
        if self.kept.len() < KEPT {
            self.kept.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// How many were found so far.
    pub(crate) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Adds a second place to the diagnostic that was pushed as number `at`, up to three of them.
    pub(crate) fn label(&mut self, at: usize, span: Span, hint: Hint) {
        if let Some(diagnostic) = self.kept.get_mut(at).filter(|diagnostic| diagnostic.labels().len() < 3) {
            diagnostic.add_label(span, hint);
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.dropped += other.dropped;
        self.errors |= other.errors;
        other.kept.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }

    /// Whether an error is among them, kept or not.
    pub(crate) fn has_errors(&self) -> bool {
        self.errors
    }

    pub(crate) fn as_slice(&self) -> &[Diagnostic] {
        &self.kept
    }

    /// The first `limit` in the order of the source, each once, and how many more there are.
    pub(crate) fn finish(mut self, limit: usize) -> (Vec<Diagnostic>, usize) {
        self.kept.sort_by_key(Diagnostic::span);
        self.kept.dedup();
        let more = self.dropped + self.kept.len().saturating_sub(limit);
        self.kept.truncate(limit);
        (self.kept, more)
    }
}
