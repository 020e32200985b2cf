//! Side tables: names and places that only readers of an outcome look at.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::diagnostics::{Lang, Phrase, phrase};
use crate::schema::Type;
use crate::source::Span;

/// Where a condition stands. Equal conditions are one node, so that each occurrence has its own mark.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub(crate) span: Span,
    /// The comparison was turned round to share a dimension: `b - a > 5` is `a - b < -5`.
    pub(crate) turned: bool,
}

/// The marks of a condition and its parts, the whole before its parts.
pub(crate) type Outline = Box<[Mark]>;

/// What a rule, cap, floor, let or assumption is called, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) line: u32,
    pub(crate) span: Span,
    pub(crate) outline: Outline,
}

impl Place {
    pub(super) fn new(name: Option<Arc<str>>, line: u32, span: Span) -> Self {
        Self { name, line, span, outline: Box::default() }
    }

    pub(super) fn outlined(self, outline: Outline) -> Self {
        Self { outline, ..self }
    }

    /// How a reader calls it: by its name and line, or by its line alone.
    pub(crate) fn describe(&self, (named, unnamed): (Phrase, Phrase), lang: Lang) -> String {
        let line = ("line", self.line.to_string());
        match &self.name {
            Some(name) => phrase(named, &[("name", name.replace('"', "\\\"")), line], lang),
            None => phrase(unnamed, &[line], lang),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) policy: Option<Arc<str>>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) effective: Option<NaiveDate>,
    pub(crate) fingerprint: Arc<str>,
    pub(crate) tiers: Vec<Arc<str>>,
    pub(crate) labels: Vec<Option<Arc<str>>>,
    pub(crate) lets: Vec<Place>,
    pub(crate) rules: Vec<Place>,
    pub(crate) adjustments: Vec<Place>,
    pub(crate) assumptions: Vec<Place>,
    /// The type of each value expression.
    pub(crate) types: Vec<Type>,
    /// Which value expressions are facts, constants, and sums and differences of these: such lie on a grid.
    pub(crate) sums: Vec<bool>,
}
