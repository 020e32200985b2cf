//! Side tables: names and places that only readers of an outcome look at.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::source::Span;

/// What a rule, cap, floor, let or assumption is called, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) line: u32,
    pub(crate) span: Span,
}

impl Place {
    /// The name in quotes, or the line.
    pub(crate) fn describe(&self) -> String {
        match &self.name {
            Some(name) => format!("\"{name}\""),
            None => format!("line {}", self.line),
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
    pub(crate) lets: Vec<Arc<str>>,
    pub(crate) rules: Vec<Place>,
    pub(crate) adjustments: Vec<Place>,
    pub(crate) assumptions: Vec<Place>,
}
