//! The texts and members of a fact that are told apart.

use std::sync::Arc;

use super::region::{Bits, Kind, Room};
use crate::plan::Vocabulary;
use crate::schema::Type;
use crate::value::Constant;

/// Values of a type that the customer has elsewhere.
pub(super) type Others<'o> = &'o dyn Fn(&Type) -> Vec<Constant>;

/// Texts that are tried where a pattern or a part is looked for.
const PROBES: [&str; 6] = ["", "0", "7", "a", "A", "A7"];

/// So many texts are made of the parts that are looked for.
const TEXTS: usize = 256;

/// The texts that are told apart, those made of the parts that are looked for, other texts of the customer, and one that is
/// none of them.
pub(super) fn texts(words: &Vocabulary, others: Others<'_>) -> (Kind, Room) {
    let mut texts: Vec<Arc<str>> = words.texts.clone();
    if words.parts {
        texts.extend(PROBES.iter().map(|text| Arc::from(*text)));
        texts.extend(words.texts.iter().map(|text| Arc::from(text.to_uppercase())));
        let pairs = words.texts.iter().flat_map(|a| words.texts.iter().map(move |b| (a, b)));
        texts.extend(pairs.filter(|(a, b)| a != b).take(TEXTS).map(|(a, b)| Arc::from(format!("{a}{b}"))));
        texts.extend(others(&Type::Text).into_iter().filter_map(|other| match other {
            Constant::Text(text) => Some(text),
            _ => None,
        }));
    }
    texts.push(words.other());
    texts.sort();
    texts.dedup();
    let count = texts.len() + usize::from(words.parts);
    (Kind::Texts { texts: texts.into(), rest: words.parts }, Room::Options(Bits::all(count)))
}

/// The members that are told apart; where others may be looked for, one more place stands for them.
pub(super) fn members(words: &Vocabulary, element: &Type, others: Others<'_>) -> (Kind, Room) {
    let mut members = words.members.clone();
    // Of some there are no others.
    let few: Option<Vec<Constant>> = match element {
        Type::Boolean => Some([false, true].map(Constant::Boolean).to_vec()),
        Type::OneOf(names) => Some(names.names().map(|name| Constant::Text(name.into())).collect()),
        _ => None,
    };
    if words.beyond {
        members.extend(few.unwrap_or_else(|| others(element)));
    }
    members.retain(|member| is_of(member, element));
    members.sort();
    members.dedup();
    let rest = words.beyond && !matches!(element, Type::Boolean | Type::OneOf(_));
    let count = members.len() + usize::from(rest);
    (Kind::Sets(members.into()), Room::Within { must: Bits::none(count), may: Bits::all(count) })
}

/// Whether a set of a type can have a member: words of other facts are among those that are told apart.
fn is_of(member: &Constant, element: &Type) -> bool {
    match (member, element) {
        (Constant::Number(number), Type::Integer) => number.fract().is_zero(),
        (Constant::Text(text), Type::OneOf(names)) => names.place(text).is_some(),
        (Constant::Number(_), element) => element.is_numeric(),
        (Constant::Text(_), element) => *element == Type::Text,
        (Constant::Date(_), element) => *element == Type::Date,
        (Constant::Boolean(_), element) => *element == Type::Boolean,
        (Constant::Member(_) | Constant::Duration(_), _) => false,
    }
}
