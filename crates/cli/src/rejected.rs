//! Rows that are not classified, and why.

use tierwise::{CustomerError, Lang};

use crate::input::Orders;

/// What can be wrong with a row before the policy looks at its facts. A code keeps its meaning for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowCode {
    /// The line is not readable JSON.
    Unreadable,
    /// The line is JSON but no object.
    NoObject,
    /// The row has no id.
    NoId,
    /// The id, or a fact that the policy uses, is given twice.
    Twice,
    /// The row has more or fewer cells than the header.
    Ragged,
    /// The row is not UTF-8.
    NotUtf8,
    /// The row is longer than the limit.
    TooLong,
    /// A fact that the policy uses is nested too deeply.
    TooDeep,
    /// A quote in the row is not closed, which takes rows behind it along, or something stands behind a closing quote.
    BrokenQuotes,
    /// The id is neither a text nor a number.
    WrongId,
}

impl RowCode {
    /// The code as it is printed.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "R0101",
            Self::NoObject => "R0102",
            Self::NoId => "R0103",
            Self::Twice => "R0104",
            Self::Ragged => "R0105",
            Self::NotUtf8 => "R0106",
            Self::TooLong => "R0107",
            Self::TooDeep => "R0108",
            Self::BrokenQuotes => "R0109",
            Self::WrongId => "R0110",
        }
    }
}

/// A row that is not classified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    /// The id, where it is readable.
    pub(crate) id: Option<String>,
    /// The parent, where customers are linked and id and parent are readable.
    pub(crate) parent: Option<Option<String>>,
    /// The line of NDJSON or the record of CSV, counted from 1.
    pub(crate) row: u64,
    /// `R…` for the row, `D…` for a fact.
    pub(crate) code: &'static str,
    /// What is wrong.
    pub(crate) message: String,
    /// The fact that it is about, where there is one.
    pub(crate) field: Option<String>,
}

impl Rejected {
    /// A row of a file, not yet known by its id.
    pub(crate) fn row(row: u64, code: RowCode, message: impl Into<String>) -> Self {
        Self { id: None, parent: None, row, code: code.as_str(), message: message.into(), field: None }
    }

    /// A customer that the policy cannot classify.
    pub(crate) fn customer(id: String, row: u64, error: &CustomerError, orders: Option<&Orders>, lang: Lang) -> Self {
        let place = orders.and_then(|orders| orders.place(&id, error));
        let message = error.message(lang);
        Self {
            id: Some(id),
            parent: None,
            row,
            code: error.code(),
            message: place.map_or(message.clone(), |place| format!("{place}: {message}")),
            field: error.field().map(str::to_owned),
        }
    }

    /// With the fact that it is about.
    pub(crate) fn about(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// With the id and the parent, both of which are readable.
    pub(crate) fn linked(self, id: &str, parent: Option<&str>) -> Self {
        Self { id: Some(id.to_owned()), parent: Some(parent.map(str::to_owned)), ..self }
    }

    /// With the id, where it is readable.
    pub(crate) fn of(mut self, id: Option<String>) -> Self {
        self.id = id;
        self
    }

    /// The message for output that has no place for the row: it names the row where there is no id.
    pub(crate) fn message_with_row(&self) -> String {
        match &self.id {
            Some(_) => self.message.clone(),
            None => format!("row {}: {}", self.row, self.message),
        }
    }
}
