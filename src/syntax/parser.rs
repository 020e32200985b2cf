//! The only file that names pest: the grammar's rules, and a node type that the tree is built from.

use pest::Parser;
use pest::iterators::{Pair, Pairs};
use pest_derive::Parser;

#[derive(Parser)]
#[grammar = "../grammar/tier.pest"]
struct Grammar;

pub(super) use Rule as Kind;

/// One named part of a parsed statement.
#[derive(Clone)]
pub(super) struct Node<'a>(Pair<'a, Rule>);

impl<'a> Node<'a> {
    pub(super) fn kind(&self) -> Kind {
        self.0.as_rule()
    }

    pub(super) fn text(&self) -> &'a str {
        self.0.as_str()
    }

    /// Offsets within the text that was parsed.
    pub(super) fn range(&self) -> (usize, usize) {
        let span = self.0.as_span();
        (span.start(), span.end())
    }

    pub(super) fn children(&self) -> Nodes<'a> {
        Nodes(self.0.clone().into_inner())
    }
}

/// The parts of a node, in order.
pub(super) struct Nodes<'a>(Pairs<'a, Rule>);

impl<'a> Nodes<'a> {
    pub(super) fn peek(&self) -> Option<Node<'a>> {
        self.0.peek().map(Node)
    }
}

impl<'a> Iterator for Nodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.0.next().map(Node)
    }
}

/// Parses one statement as `kind`; `None` where it has another form.
pub(super) fn parse_statement(kind: Kind, text: &str) -> Option<Node<'_>> {
    Grammar::parse(kind, text).ok()?.next().map(Node)
}

pub(super) fn is_name_start(c: char) -> bool {
    c == '_' || pest::unicode::XID_START(c)
}

pub(super) fn is_name_continue(c: char) -> bool {
    pest::unicode::XID_CONTINUE(c)
}
