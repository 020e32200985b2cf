//! Side tables: names and places that only readers of an outcome look at.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::diagnostics::{Lang, Phrase, inside_quotes, phrase};
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
            Some(name) => phrase(named, &[("name", inside_quotes(name, lang)), line], lang),
            None => phrase(unnamed, &[line], lang),
        }
    }
}

/// What a line of a score is called, and where its bins stand.
#[derive(Clone, Debug)]
pub(crate) struct LineName {
    pub(crate) place: Place,
    /// By bin.
    pub(crate) bins: Vec<Outline>,
    pub(crate) spans: Vec<Span>,
}

/// What a table and its parts are called.
#[derive(Debug)]
pub(crate) struct TableName {
    pub(crate) name: Arc<str>,
    pub(crate) line: u32,
    pub(crate) key: Arc<str>,
    pub(crate) columns: Vec<Arc<str>>,
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
    /// By score.
    pub(crate) scores: Vec<Vec<LineName>>,
    /// By segment, with its closed set.
    pub(crate) segments: Vec<(Vec<Place>, Type)>,
    pub(crate) tables: Vec<TableName>,
    /// Aggregates as the policy has them.
    pub(crate) aggregates: Vec<Arc<str>>,
    /// The keys of benefits, with their types.
    pub(crate) benefits: Vec<(Arc<str>, Type)>,
    pub(crate) rules: Vec<Place>,
    pub(crate) adjustments: Vec<Place>,
    pub(crate) assumptions: Vec<Place>,
    /// The declared fields with a default at which nothing looks.
    pub(crate) idle: Vec<Span>,
    /// The type of each value expression.
    pub(crate) types: Vec<Type>,
    /// Which value expressions are facts, constants, and sums and differences of these: such lie on a grid.
    pub(crate) sums: Vec<bool>,
}

impl Names {
    /// The name of a tier by its place on the ladder.
    pub(crate) fn tier(&self, at: usize) -> Option<&str> {
        self.tiers.get(at).map(|name| &**name)
    }

    /// The name of a let, score or segment.
    pub(crate) fn bound(&self, at: u32) -> &str {
        self.lets.get(at as usize).and_then(|place| place.name.as_deref()).unwrap_or_default()
    }

    /// A key of benefits, with its type.
    pub(crate) fn benefit(&self, at: u32) -> (&str, &Type) {
        self.benefits.get(at as usize).map_or(("", &Type::Text), |(name, ty)| (name, ty))
    }
}
