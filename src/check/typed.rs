//! Typed expressions: names are ids, types are right, and nothing about them can go wrong any more but the data.

use std::cmp::Ordering;
use std::sync::Arc;

use regex_lite::{Regex, RegexBuilder};

use super::{Aggregate, CollectionIndex, Score, ScoreLine, Segment, TableIndex};
use crate::builtins::{Compare, Contains, Op, Sort};
use crate::source::Span;
use crate::value::Constant;

/// A field of the schema or the policy, by its place in validation order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct FieldIndex(pub(crate) u32);

/// A `let`, by its place in dependency order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LetIndex(pub(crate) u32);

impl FieldIndex {
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}

impl LetIndex {
    pub(crate) fn at(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) span: Span,
    pub(crate) sort: Sort,
    pub(crate) kind: TypedKind,
}

#[derive(Clone, Debug)]
pub(crate) enum TypedKind {
    Constant(Constant),
    Field(FieldIndex),
    Let(LetIndex),
    Today,
    /// In a bin: the value of its line.
    Subject,
    /// A column of a table, in the row of the customer's key.
    Lookup(TableIndex, u32),
    /// A field of the element that an aggregate looks at.
    Element(CollectionIndex, u32),
    Aggregate(Box<Aggregate>),
    /// Only the value of a let.
    Score(Box<Score>),
    /// Only the value of a let.
    Segment(Box<Segment>),
    Unary(Op, Box<Typed>),
    /// Operators from left to right.
    Chain(Box<Typed>, Vec<(Op, Typed)>),
    Coalesce(Vec<Typed>),
    If(Vec<(Typed, Typed)>, Box<Typed>),
    Not(Box<Typed>),
    And(Vec<Typed>),
    Or(Vec<Typed>),
    AtLeast(u32, Vec<Typed>),
    Compare(Compare, Box<Typed>, Box<Typed>),
    /// `a < b < c` whose middle holds a condition: each operand is worked out once.
    Chained(Box<Typed>, Vec<(Compare, Typed)>),
    In(Box<Typed>, Vec<Constant>),
    Missing(Box<Typed>),
    SetContains(Contains, Box<Typed>, Vec<Constant>),
    /// A text that has a part, or a set that has a member.
    Has(Box<Typed>, Box<Typed>),
    StartsWith(Box<Typed>, Arc<str>),
    Matches(Box<Typed>, Pattern),
    Within(Box<Typed>, Box<Typed>),
}

impl Typed {
    /// The expressions that it is made of.
    pub(crate) fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            TypedKind::Constant(_) | TypedKind::Field(_) | TypedKind::Let(_) | TypedKind::Today => Vec::new(),
            TypedKind::Subject | TypedKind::Lookup(..) | TypedKind::Element(..) => Vec::new(),
            TypedKind::Aggregate(aggregate) => aggregate.parts().collect(),
            TypedKind::Score(score) => score.lines.iter().flat_map(ScoreLine::parts).collect(),
            TypedKind::Segment(segment) => segment.lines.iter().filter_map(|line| line.condition.as_ref()).collect(),
            TypedKind::Unary(_, inner) | TypedKind::Not(inner) | TypedKind::Missing(inner) => vec![inner],
            TypedKind::In(inner, _) | TypedKind::SetContains(_, inner, _) => vec![inner],
            TypedKind::StartsWith(inner, _) | TypedKind::Matches(inner, _) => vec![inner],
            TypedKind::Compare(_, a, b) | TypedKind::Has(a, b) | TypedKind::Within(a, b) => vec![a, b],
            TypedKind::Chain(first, rest) => {
                std::iter::once(&**first).chain(rest.iter().map(|(_, part)| part)).collect()
            }
            TypedKind::Chained(first, rest) => {
                std::iter::once(&**first).chain(rest.iter().map(|(_, part)| part)).collect()
            }
            TypedKind::And(parts)
            | TypedKind::Or(parts)
            | TypedKind::AtLeast(_, parts)
            | TypedKind::Coalesce(parts) => parts.iter().collect(),
            TypedKind::If(arms, otherwise) => {
                arms.iter().flat_map(|(condition, value)| [condition, value]).chain([&**otherwise]).collect()
            }
        }
    }

    /// Whether a condition stands inside, in which another chain of comparisons could stand.
    pub(super) fn holds_condition(&self) -> bool {
        match &self.kind {
            TypedKind::Constant(_) | TypedKind::Field(_) | TypedKind::Let(_) | TypedKind::Today => false,
            TypedKind::Subject | TypedKind::Lookup(..) | TypedKind::Element(..) => false,
            TypedKind::Unary(_, inner) => inner.holds_condition(),
            TypedKind::Chain(first, rest) => {
                first.holds_condition() || rest.iter().any(|(_, part)| part.holds_condition())
            }
            TypedKind::Coalesce(parts) => parts.iter().any(Self::holds_condition),
            _ => true,
        }
    }
}

/// A compiled regular expression; two are the same when their texts are.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: Arc<str>,
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern of bounded size; matching is linear in the text.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(text).size_limit(1 << 16).build().map_err(|error| error.to_string())?;
        Ok(Self { text: Arc::from(text), regex })
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn found_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

impl PartialOrd for Pattern {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pattern {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}
