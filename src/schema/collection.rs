//! Collections of records: orders, and whatever else a host or a policy declares.

use std::sync::Arc;

use super::{Field, Type};

/// A collection of records that belong to a customer, such as orders or tickets: its name and the fields of each record.
///
/// ```
/// use tierwise::{Collection, Field, Policy, Schema, Type};
///
/// let tickets = Collection::new("tickets")
///     .field(Field::new("opened_on", Type::Date))
///     .field(Field::new("severity", Type::Integer).between(1, 5));
/// let schema = Schema::standard().collection(tickets);
/// let policy = "count(tickets in last 90 days where severity >= 4) = 0 => A\notherwise => B";
/// assert!(Policy::builder().schema(schema).parse(policy).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    pub(crate) name: Arc<str>,
    pub(crate) label: Option<Arc<str>>,
    pub(crate) fields: Vec<Field>,
    pub(crate) dated_by: Option<Arc<str>>,
    pub(crate) kind: CollectionKind,
}

/// What is special about a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CollectionKind {
    Plain,
    /// Purchases, and where their amount is negative, refunds.
    Orders,
    /// The orders with a negative amount.
    Refunds,
    /// The members of the customer's group.
    Group,
}

impl CollectionKind {
    /// Orders and refunds are asked for as one.
    pub(crate) fn is_orders(self) -> bool {
        matches!(self, Self::Orders | Self::Refunds)
    }
}

impl Collection {
    /// A collection without fields.
    pub fn new(name: &str) -> Self {
        let (name, kind) = (Arc::from(name), CollectionKind::Plain);
        Self { name, label: None, fields: Vec::new(), dated_by: None, kind }
    }

    /// The name that policies and facts use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The fields of each record.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Adds a field of each record; one of the same name is replaced in its place.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        match self.fields.iter_mut().find(|known| known.name == field.name) {
            Some(known) => *known = field,
            None => self.fields.push(field),
        }
        self
    }

    /// The date by which windows choose records; it need not be said where there is one date.
    #[must_use]
    pub fn dated_by(mut self, field: &str) -> Self {
        self.dated_by = Some(Arc::from(field));
        self
    }

    /// A label for readers.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(Arc::from(label));
        self
    }

    /// The place of a field.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name() == name)
    }

    /// The place of the date by which windows choose.
    pub(crate) fn date(&self) -> Option<usize> {
        if self.kind == CollectionKind::Group {
            return None;
        }
        if let Some(name) = &self.dated_by {
            return self.place(name);
        }
        let mut dates = self.fields.iter().enumerate().filter(|(_, field)| *field.ty() == Type::Date);
        let first = dates.next().map(|(at, _)| at);
        first.filter(|_| dates.next().is_none())
    }
}
