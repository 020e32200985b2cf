//! Collections of records: those of the schema and those that the policy declares, with the fields of each record.

use std::collections::HashMap;
use std::sync::Arc;

use super::Checker;
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::{CHINESE_NAMES, CHINESE_ORDER_NAMES, Collection, CollectionKind, Field, Schema, Type};
use crate::source::Span;
use crate::syntax::Ast;
use crate::syntax::ast::{At, Collection as Declared, Field as DeclaredField, Name, StatementKind};

/// A collection, by its place in the order in which collections are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct CollectionIndex(pub(crate) u32);

impl CollectionIndex {
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}

/// A collection, and what of it the policy uses.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    pub(crate) collection: Collection,
    /// Whether the policy itself declares it, or a field of it.
    pub(crate) declared: bool,
    pub(crate) used: bool,
    /// Whether facts that the host does not give are computed from it.
    pub(crate) computed: bool,
    /// By field.
    pub(crate) used_fields: Vec<bool>,
}

impl Records {
    fn new(collection: Collection, declared: bool) -> Self {
        let used_fields = vec![false; collection.fields.len()];
        Self { used_fields, collection, declared, used: false, computed: false }
    }
}

impl Checker<'_> {
    /// The collections of the schema, then those of the policy, then the fields that the policy adds to them.
    pub(super) fn collections(&mut self, ast: &Ast, schema: &Schema) {
        self.out.collections = schema.collections().iter().map(|known| Records::new(known.clone(), false)).collect();
        let refunds = |known: &&Collection| known.kind == CollectionKind::Orders;
        if let Some(orders) = schema.collections().iter().find(refunds)
            && self.collection_named("refunds").is_none()
        {
            let refunds = Collection { name: Arc::from("refunds"), kind: CollectionKind::Refunds, ..orders.clone() };
            self.out.collections.push(Records::new(refunds, false));
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for statement in &ast.statements {
            let StatementKind::Collection(node) = &statement.node else { continue };
            let first = seen.get(&*node.name.node).copied();
            if first.is_some() || self.collection_named(&node.name.node).is_some() {
                let error = Diagnostic::new(Code::DuplicateName, node.name.span).with("text", &*node.name.node);
                let error = first.map_or(error.clone(), |first| error.label(first, Hint::FirstHere));
                self.report(error.hint(Hint::RenameOne));
                continue;
            }
            seen.insert(&node.name.node, node.name.span);
            let collection = self.declare_collection(node);
            self.out.collections.push(Records::new(collection, true));
        }
    }

    /// The members of the customer's group have the fields of a customer.
    pub(super) fn group(&mut self) {
        if self.collection_named("group").is_none() {
            let group = Collection { kind: CollectionKind::Group, ..Collection::new("group") };
            let group = Collection { fields: self.out.fields.clone(), ..group };
            self.out.collections.push(Records::new(group, false));
        }
    }

    fn declare_collection(&mut self, node: &Declared) -> Collection {
        let mut collection = Collection::new(&node.name.node);
        collection.label = node.label.as_ref().map(|label| Arc::from(&*label.node));
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for At { node: field, .. } in &node.fields {
            if let Some(first) = seen.insert(&field.name.node, field.name.span) {
                let error = Diagnostic::new(Code::DuplicateName, field.name.span).with("text", &*field.name.node);
                self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
                continue;
            }
            collection.fields.extend(self.declare(field));
        }
        if node.fields.is_empty() {
            let error = Diagnostic::new(Code::EmptyBlock, node.name.span).with("text", &*node.name.node);
            self.report(error.hint(Hint::FillBlock));
        }
        if let Some(dated) = &node.dated {
            collection.dated_by = self.date_of(&collection, dated);
        }
        collection
    }

    fn date_of(&mut self, collection: &Collection, dated: &Name) -> Option<Arc<str>> {
        let field = collection.place(&dated.node).and_then(|at| collection.fields.get(at));
        if field.is_some_and(|field| *field.ty() == Type::Date) {
            return Some(Arc::from(&*dated.node));
        }
        let error = Diagnostic::new(Code::NotADateField, dated.span).with("text", &*dated.node);
        let dates = dates(collection);
        let hint = match dates.first() {
            Some(date) => Note::new(Hint::DatedBy).with("text", date.as_str()),
            None => Hint::DeclareDate.into(),
        };
        self.fail(error.with("collection", &*collection.name).hint(hint))
    }

    /// The place of a collection.
    pub(super) fn collection_named(&self, name: &str) -> Option<CollectionIndex> {
        let at = self.out.collections.iter().position(|known| &*known.collection.name == name)?;
        Some(CollectionIndex(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    pub(super) fn records(&self, index: CollectionIndex) -> Option<&Records> {
        self.out.collections.get(index.at())
    }

    /// The collection before the first dot of a name, and the name of its field.
    pub(super) fn element<'n>(&self, name: &'n str) -> Option<(CollectionIndex, &'n str)> {
        let (collection, field) = name.split_once('.')?;
        Some((self.collection_named(collection)?, field))
    }

    /// The place of a field of an element, by its own name or its Chinese one.
    pub(super) fn element_field(&self, index: CollectionIndex, name: &str) -> Option<usize> {
        let collection = &self.records(index)?.collection;
        let chinese = || {
            let names: &[(&str, &str)] = match collection.kind {
                CollectionKind::Orders | CollectionKind::Refunds => &CHINESE_ORDER_NAMES,
                CollectionKind::Group => &CHINESE_NAMES,
                CollectionKind::Plain => &[],
            };
            let known = names.iter().find(|(chinese, _)| *chinese == name);
            known.and_then(|(_, name)| collection.place(name))
        };
        collection.place(name).or_else(chinese)
    }

    /// Adds a field such as `orders.brand` to its collection; `None` where the name has no collection in front.
    pub(super) fn field_of_collection(&mut self, node: &DeclaredField) -> Option<()> {
        let (index, name) = self.element(&node.name.node)?;
        let declared = DeclaredField { name: At { span: node.name.span, node: name.into() }, ..node.clone() };
        let Some(field) = self.declare(&declared) else { return Some(()) };
        let kind = self.records(index)?.collection.kind;
        for records in &mut self.out.collections {
            let own = &*records.collection.name == node.name.node.split('.').next().unwrap_or_default();
            // What orders have, refunds have too.
            if own || (kind.is_orders() && records.collection.kind.is_orders()) {
                let collection = records.collection.clone();
                let known = collection.place(name).and_then(|at| collection.fields.get(at)).cloned();
                *records = Records::new(collection.field(protecting(field.clone(), known)), true);
            }
        }
        Some(())
    }
}

/// What the schema protects, a policy cannot lay open by declaring it again.
pub(super) fn protecting(mut field: Field, known: Option<Field>) -> Field {
    if let Some(known) = known {
        field.sensitive |= known.sensitive;
        field.protected |= known.protected;
        field.required |= known.required;
    }
    field
}

/// The names of the dates of a collection.
pub(super) fn dates(collection: &Collection) -> Vec<String> {
    let dates = collection.fields.iter().filter(|field| *field.ty() == Type::Date);
    dates.map(|field| field.name().to_owned()).collect()
}
