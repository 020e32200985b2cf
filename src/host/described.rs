//! What a host's struct has: names, types and places, told once.

use std::sync::Arc;

use super::{HostElement, HostFact, HostField, MinorUnits, Place};
use crate::schema::{Collection, CollectionKind, Field, Schema, Type};

/// What a field of a host's struct gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shape {
    /// Whole numbers.
    Integer,
    /// Decimals or floats.
    Number,
    /// Amounts with their currency.
    Money,
    /// True or false.
    Boolean,
    /// Texts, of members of a closed set too.
    Text,
    /// Civil dates.
    Date,
    /// Sets of texts.
    Set,
}

impl Shape {
    /// The type of a field that has no other.
    fn ty(self) -> Type {
        match self {
            Self::Integer => Type::Integer,
            Self::Number => Type::Number,
            Self::Money => Type::Money,
            Self::Boolean => Type::Boolean,
            Self::Text => Type::Text,
            Self::Date => Type::Date,
            Self::Set => Type::SetOf(Arc::new(Type::Text)),
        }
    }

    /// Whether its values can be of a type; each is checked all the same.
    pub(crate) fn fits(self, ty: &Type) -> bool {
        match ty {
            Type::Number | Type::Integer => matches!(self, Self::Integer | Self::Number),
            Type::Money => matches!(self, Self::Integer | Self::Number | Self::Money),
            Type::Text | Type::OneOf(_) => self == Self::Text,
            Type::SetOf(element) => self == Self::Set && Self::Text.fits(element),
            ty => self.ty() == *ty,
        }
    }

    /// What it is called in a message.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Integer => "whole numbers",
            Self::Number => "decimals",
            Self::Money => "amounts with their currency",
            Self::Boolean => "booleans",
            Self::Text => "texts",
            Self::Date => "dates",
            Self::Set => "sets of texts",
        }
    }
}

/// What attributes say of a field.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    pub(crate) money: bool,
    pub(crate) sensitive: bool,
    pub(crate) dated: bool,
    pub(crate) label: Option<&'static str>,
}

impl Marks {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// It holds amounts of money.
    #[must_use]
    pub fn money(self) -> Self {
        Self { money: true, ..self }
    }

    /// Its values are masked wherever they could be read.
    #[must_use]
    pub fn sensitive(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// Windows choose records by it.
    #[must_use]
    pub fn dated(self) -> Self {
        Self { dated: true, ..self }
    }

    /// A label for readers.
    #[must_use]
    pub fn label(self, label: &'static str) -> Self {
        Self { label: Some(label), ..self }
    }
}

/// A fact of a host's struct.
#[derive(Clone, Debug)]
pub(crate) struct DescribedField {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) shape: Shape,
    /// The decimal places of a whole number, where the field is measured in units of its own.
    pub(crate) units: Option<u32>,
    pub(crate) marks: Marks,
}

/// A collection of a host's struct.
#[derive(Clone, Debug)]
pub(crate) struct DescribedCollection {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) label: Option<&'static str>,
    pub(crate) fields: Vec<DescribedField>,
}

/// Everything that a host's struct has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    pub(crate) fields: Vec<DescribedField>,
    pub(crate) collections: Vec<DescribedCollection>,
}

/// To whom a struct tells what it has.
#[derive(Debug)]
pub struct Describe<'d> {
    described: &'d mut Described,
    name: String,
    place: Place,
    /// The numbers on the way, the outermost first.
    way: Vec<u64>,
    /// Whether it is a record that tells, of which collections of its own count for nothing.
    is_record: bool,
    marks: Marks,
}

impl Described {
    pub(crate) fn of<T: HostField>() -> Self {
        Self::told::<T>(false)
    }

    fn told<T: HostField>(is_record: bool) -> Self {
        let mut described = Self::default();
        let (name, place, marks) = (String::new(), Place::HERE, Marks::new());
        T::describe(&mut Describe { described: &mut described, name, place, way: Vec::new(), is_record, marks });
        described
    }

    pub(crate) fn schema(&self) -> Schema {
        let standard = Schema::standard();
        let mut schema = Schema::empty();
        for known in &self.fields {
            schema = schema.field(known.field(standard.get(&known.name)));
        }
        for known in &self.collections {
            let same = standard.collections().iter().find(|collection| collection.name() == known.name);
            schema = schema.collection(known.collection(same));
        }
        schema
    }
}

impl DescribedField {
    fn text(self) -> Self {
        Self { shape: Shape::Text, ..self }
    }

    fn field(&self, standard: Option<&Field>) -> Field {
        let own = || Field::new(&self.name, if self.marks.money { Type::Money } else { self.shape.ty() });
        let mut field = match standard.filter(|field| self.shape.fits(field.ty())) {
            Some(field) => field.clone(),
            None => own(),
        };
        field.sensitive |= self.marks.sensitive;
        match self.marks.label {
            Some(label) => field.label(label),
            None => field,
        }
    }
}

impl DescribedCollection {
    /// Whether a field is the id of orders, which may be numbers.
    fn is_order_id(&self, field: &DescribedField) -> bool {
        self.name == "orders" && field.name == "id" && field.shape == Shape::Integer
    }

    fn collection(&self, standard: Option<&Collection>) -> Collection {
        let mut collection = Collection::new(&self.name);
        for known in &self.fields {
            let same = standard.and_then(|standard| standard.fields().iter().find(|field| field.name() == known.name));
            let known = if self.is_order_id(known) { known.clone().text() } else { known.clone() };
            collection = collection.field(known.field(same));
        }
        if let Some(dated) = self.fields.iter().find(|field| field.marks.dated) {
            collection = collection.dated_by(&dated.name);
        } else if standard.is_some_and(|standard| standard.kind == CollectionKind::Orders) {
            collection = collection.dated_by("placed_on");
        }
        if let Some(label) = self.label {
            collection = collection.label(label);
        }
        Collection { kind: standard.map_or(CollectionKind::Plain, |standard| standard.kind), ..collection }
    }
}

impl Describe<'_> {
    /// A field of a struct, by its number from 1.
    pub fn field<T: HostField + ?Sized>(&mut self, number: u64, name: &str, marks: Marks) {
        self.at(number, name, marks, |inner| T::describe(inner));
    }

    /// A field that a function makes a fact of.
    pub fn made<'s, S: ?Sized + 's, T: HostFact<'s>>(
        &mut self,
        number: u64,
        name: &str,
        marks: Marks,
        _: fn(&'s S) -> T,
    ) {
        self.at(number, name, marks, |inner| inner.shape(T::SHAPE));
    }

    /// A field whose whole numbers count units of a decimal place.
    pub fn minor<T: MinorUnits>(&mut self, number: u64, name: &str, marks: Marks, places: u32) {
        self.at(number, name, marks, |inner| inner.told(Shape::Number, Some(places)));
    }

    fn at(&mut self, number: u64, name: &str, marks: Marks, work: impl FnOnce(&mut Describe<'_>)) {
        // Nothing reaches further; a struct may hold itself.
        if self.place == Place::NOWHERE {
            return;
        }
        let dot = if self.name.is_empty() { "" } else { "." };
        let mut way = self.way.clone();
        way.push(number);
        let place = way.iter().rev().fold(Place::HERE, |place, number| place.within(*number));
        // What is sensitive stays so inside.
        let marks = Marks { sensitive: marks.sensitive || self.marks.sensitive, ..marks };
        let name = format!("{}{dot}{name}", self.name);
        work(&mut Describe { described: self.described, name, place, way, is_record: self.is_record, marks });
    }

    /// What the field gives that is described.
    pub fn shape(&mut self, shape: Shape) {
        self.told(shape, None);
    }

    /// The same of a field that is what it gives.
    pub(crate) fn own(&mut self, shape: Shape) {
        self.told(shape, (shape == Shape::Integer).then_some(0));
    }

    fn told(&mut self, shape: Shape, units: Option<u32>) {
        let (name, place, marks) = (self.name.clone(), self.place, self.marks);
        self.described.fields.push(DescribedField { name, place, shape, units, marks });
    }

    /// The field that is described is a collection of records.
    pub fn records<T: HostElement + HostField>(&mut self) {
        if self.is_record {
            return;
        }
        let fields = Described::told::<T>(true).fields;
        let (name, place, label) = (self.name.clone(), self.place, self.marks.label);
        self.described.collections.push(DescribedCollection { name, place, label, fields });
    }
}
