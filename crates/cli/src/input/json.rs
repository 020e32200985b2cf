//! From JSON text to facts: numbers keep their digits, and only what the policy uses is looked at.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use tierwise::{Customer, Datum};

use super::wanted::Key;

/// As many levels of lists and objects are taken.
const DEPTH: usize = 64;

/// Why a fact is not taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// A text or key is not readable; the reason.
    Unreadable(String),
    /// It is nested too deeply.
    TooDeep,
}

/// The entries of an object in their order, a key as often as it is given.
pub(super) struct Entries<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((name, value)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    entries.push((name.0, value));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// What is wrong with JSON text, without the place.
pub(super) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

/// The fact under a key, as far as the policy uses it; `None` where it uses nothing of it.
pub(super) fn fact(value: &RawValue, key: &Key) -> Result<Option<Datum>, Refused> {
    part(value.get(), key, DEPTH)
}

fn part(text: &str, key: &Key, depth: usize) -> Result<Option<Datum>, Refused> {
    if key.fact {
        return whole(text, depth).map(Some);
    }
    if !text.starts_with('{') {
        // Something else than nested facts stands there: they are missing.
        return Ok(None);
    }
    let depth = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
    let mut nested = Customer::new();
    for (name, value) in entries(text)? {
        if let Some(key) = key.under(&name)
            && let Some(datum) = part(value.get(), &key, depth)?
        {
            nested.insert(&name, datum);
        }
    }
    Ok(Some(Datum::Object(nested)))
}

fn whole(text: &str, depth: usize) -> Result<Datum, Refused> {
    match text.as_bytes().first() {
        Some(b'"') => string(text).map(Datum::Text),
        Some(b't') => Ok(Datum::Boolean(true)),
        Some(b'f') => Ok(Datum::Boolean(false)),
        Some(b'n') => Ok(Datum::Missing),
        Some(b'[') => {
            let depth = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
            let members: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
            members.into_iter().map(|member| whole(member.get(), depth)).collect::<Result<_, _>>().map(Datum::List)
        }
        Some(b'{') => {
            let depth = depth.checked_sub(1).ok_or(Refused::TooDeep)?;
            let mut nested = Customer::new();
            for (name, value) in entries(text)? {
                nested.insert(&name, whole(value.get(), depth)?);
            }
            Ok(Datum::Object(nested))
        }
        _ => Ok(Datum::Numeral(text.to_owned())),
    }
}

fn entries(text: &str) -> Result<Vec<(Cow<'_, str>, &RawValue)>, Refused> {
    serde_json::from_str(text).map(|Entries(entries)| entries).map_err(|error| unreadable(&error))
}

/// A JSON text without its quotes and escapes.
pub(super) fn string(text: &str) -> Result<String, Refused> {
    serde_json::from_str(text).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Refused {
    Refused::Unreadable(reason(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datum(text: &str) -> Result<Datum, Refused> {
        whole(text, DEPTH)
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["0.10", "-0", "1e400", "12345678901234567890123456789012"] {
            assert!(matches!(datum(text), Ok(Datum::Numeral(kept)) if kept == text), "{text}");
        }
    }

    #[test]
    fn depth_is_counted_in_lists_and_objects() {
        let nest = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
        assert!(datum(&nest(64)).is_ok());
        assert!(matches!(datum(&nest(65)), Err(Refused::TooDeep)));
        assert!(matches!(datum(&nest(10_000)), Err(Refused::TooDeep)));
    }

    #[test]
    fn only_what_is_used_is_looked_at() {
        let key = Key { fact: false, inner: vec!["city".to_owned()] };
        let bad = r#"{"zip": "\ud800", "city": "Ulm"}"#;
        assert!(matches!(part(bad, &key, DEPTH), Ok(Some(Datum::Object(_)))));
        let used = r#"{"city": "\ud800"}"#;
        assert!(matches!(part(used, &key, DEPTH), Err(Refused::Unreadable(_))));
        assert!(matches!(part("[1]", &key, DEPTH), Ok(None)));
    }
}
