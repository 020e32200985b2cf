//! A serialiser whose output is a [`Customer`]: how JSON and any serialisable host value come in.

use std::fmt;

use serde::ser::{self, Impossible, Serialize};

use super::{Customer, Datum, numeral};
use crate::facts::FactError;

/// Nested facts deeper than this are refused.
const DEPTH: usize = 64;

/// The struct by which `serde_json` serialises a number when a host turns on its `arbitrary_precision`.
const JSON_NUMBER: &str = "$serde_json::private::Number";

pub(super) fn customer<T: Serialize + ?Sized>(value: &T) -> Result<Customer, FactError> {
    match value.serialize(Writer { depth: 0 }) {
        Ok(Datum::Object(customer)) => Ok(customer),
        Ok(_) => Err(FactError::new("a customer is an object with named facts")),
        Err(Failed(reason)) => Err(FactError::new(reason)),
    }
}

#[derive(Debug)]
struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

#[derive(Clone, Copy)]
struct Writer {
    depth: usize,
}

impl Writer {
    fn deeper(self) -> Result<Self, Failed> {
        if self.depth >= DEPTH {
            return Err(Failed(format!("it nests deeper than {DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1 })
    }
}

macro_rules! numbers {
    ($($method:ident: $ty:ty)*) => {
        $(fn $method(self, value: $ty) -> Result<Datum, Failed> {
            Ok(numeral(&value.to_string()))
        })*
    };
}

impl ser::Serializer for Writer {
    type Ok = Datum;
    type Error = Failed;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = Impossible<Datum, Failed>;
    type SerializeMap = Object;
    type SerializeStruct = Object;
    type SerializeStructVariant = Impossible<Datum, Failed>;

    numbers! {
        serialize_i8: i8 serialize_i16: i16 serialize_i32: i32 serialize_i64: i64 serialize_i128: i128
        serialize_u8: u8 serialize_u16: u16 serialize_u32: u32 serialize_u64: u64 serialize_u128: u128
    }

    fn serialize_bool(self, value: bool) -> Result<Datum, Failed> {
        Ok(Datum::Boolean(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Datum, Failed> {
        // The shortest text of the single float, not of the double nearest to it.
        Ok(if value.is_finite() { numeral(&format!("{value:e}")) } else { Datum::Float(value.into()) })
    }

    fn serialize_f64(self, value: f64) -> Result<Datum, Failed> {
        Ok(Datum::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<Datum, Failed> {
        Ok(Datum::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Datum, Failed> {
        Ok(Datum::Text(value.to_owned()))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Datum, Failed> {
        Err(Failed("bytes are no fact".to_owned()))
    }

    fn serialize_none(self) -> Result<Datum, Failed> {
        Ok(Datum::Missing)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Datum, Failed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Datum, Failed> {
        Ok(Datum::Missing)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Datum, Failed> {
        Ok(Datum::Missing)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Datum, Failed> {
        Ok(Datum::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Datum, Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: &T,
    ) -> Result<Datum, Failed> {
        Err(variant_with_data(variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Failed> {
        Ok(List { writer: self.deeper()?, members: Vec::new() })
    }

    fn serialize_tuple(self, _: usize) -> Result<List, Failed> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List, Failed> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Failed> {
        Err(variant_with_data(variant))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object, Failed> {
        self.object(false)
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Object, Failed> {
        self.object(name == JSON_NUMBER)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Failed> {
        Err(variant_with_data(variant))
    }
}

impl Writer {
    fn object(self, number: bool) -> Result<Object, Failed> {
        Ok(Object { writer: self.deeper()?, customer: Customer::new(), key: None, number })
    }
}

fn variant_with_data(variant: &str) -> Failed {
    Failed(format!("variant `{variant}` carries data, which is no fact"))
}

struct List {
    writer: Writer,
    members: Vec<Datum>,
}

impl List {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.members.push(value.serialize(self.writer)?);
        Ok(())
    }
}

macro_rules! list {
    ($($as:ident: $method:ident)*) => {
        $(impl ser::$as for List {
            type Ok = Datum;
            type Error = Failed;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.push(value)
            }

            fn end(self) -> Result<Datum, Failed> {
                Ok(Datum::List(self.members))
            }
        })*
    };
}

list! { SerializeSeq: serialize_element SerializeTuple: serialize_element SerializeTupleStruct: serialize_field }

struct Object {
    writer: Writer,
    customer: Customer,
    key: Option<String>,
    number: bool,
}

impl ser::SerializeMap for Object {
    type Ok = Datum;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = match key.serialize(self.writer)? {
            Datum::Text(key) => Some(key),
            Datum::Number(key) => Some(key.to_string()),
            _ => return Err(Failed("the name of a fact is no text".to_owned())),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let key = self.key.take().unwrap_or_default();
        let value = value.serialize(self.writer)?;
        self.customer.insert(&key, value);
        Ok(())
    }

    fn end(self) -> Result<Datum, Failed> {
        Ok(Datum::Object(self.customer))
    }
}

impl ser::SerializeStruct for Object {
    type Ok = Datum;
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Failed> {
        let value = value.serialize(self.writer)?;
        self.customer.insert(key, value);
        Ok(())
    }

    fn end(self) -> Result<Datum, Failed> {
        if self.number
            && let Some(Datum::Text(text)) = self.customer.entries.get(JSON_NUMBER)
        {
            return Ok(numeral(text));
        }
        Ok(Datum::Object(self.customer))
    }
}
