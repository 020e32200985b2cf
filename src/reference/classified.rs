//! Segments, scores and benefits as their JSON.

use super::Customer;
use super::value::{self, Maybe};
use crate::check::TypedKind;
use crate::schema::Type;
use crate::value::{Value, canonical};

impl Customer<'_> {
    /// The scores, or the segments, in written order, each value as JSON.
    pub(super) fn classified(&self, scores: bool) -> Vec<(String, String)> {
        let quoted = |text: &str| serde_quoted(text);
        let end = |end: Option<rust_decimal::Decimal>| end.map_or("null".to_owned(), |end| quoted(&canonical(end)));
        let mut found = Vec::new();
        for bound in self.checked.classified().iter().map(|classified| classified.bound.at()) {
            let Some(known) = self.checked.lets().get(bound) else { continue };
            if matches!(known.value.kind, TypedKind::Score(_)) != scores {
                continue;
            }
            let value = match (self.lets.get(bound), self.spans.get(bound)) {
                (Some(Maybe::Known(Value::Number(number))), _) => quoted(&canonical(*number)),
                (Some(Maybe::Known(Value::Member(member))), _) => match known.value.sort.settled() {
                    Type::OneOf(members) => quoted(members.name(*member).map_or("", |name| name)),
                    _ => String::new(),
                },
                (_, Some(Some(span))) => format!("{{\"min\":{},\"max\":{}}}", end(span.low), end(span.high)),
                _ => "null".to_owned(),
            };
            found.push((known.name.to_string(), value));
        }
        found
    }

    pub(super) fn benefits(&self, tier: Option<usize>) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (at, key) in self.checked.benefit_keys().iter().enumerate() {
            let own = |benefit: &&crate::check::Benefit| Some(benefit.tier) == tier && benefit.key == at;
            let Some(benefit) = self.checked.benefits().iter().find(own) else { continue };
            let value = match (self.value(&benefit.value), key.sort.settled()) {
                (Maybe::Known(Value::Boolean(boolean)), _) => boolean.to_string(),
                (Maybe::Known(Value::Duration(length)), _) => serde_quoted(&length.to_string()),
                (Maybe::Known(Value::Member(member)), Type::OneOf(members)) => {
                    serde_quoted(members.name(member).map_or("", |name| name))
                }
                (Maybe::Known(value), _) => serde_quoted(&value::spelling(&value)),
                _ => "null".to_owned(),
            };
            found.push((key.name.to_string(), value));
        }
        found
    }
}

/// A text as JSON writes it, as far as tests go.
fn serde_quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
