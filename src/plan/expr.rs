//! The nodes of the plan: value expressions, conditions, and the atoms between them. Equal ones are one.

use std::sync::Arc;

use super::{CellSet, Truth};
use crate::builtins::{Compare, Contains, Op};
use crate::check::Pattern;
use crate::value::Constant;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        $($(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) struct $name(pub(super) u32);

        impl $name {
            pub(crate) fn at(self) -> usize {
                self.0 as usize
            }
        })*
    };
}

ids! {
    /// A value expression.
    ExprId;
    /// A condition.
    NodeId;
    /// A question about one dimension.
    AtomId;
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expr {
    Constant(Constant),
    /// The fact of a slot.
    Fact(u32),
    /// The value of a let, worked out once.
    Let(u32),
    Today,
    /// A column, in the row of the customer's key.
    Lookup(u32),
    /// A field of the element that is looked at, by collection and place.
    Element(u32, u32),
    Aggregate(u32),
    Unary(Op, ExprId),
    /// Operators from left to right.
    Chain(ExprId, Box<[(Op, ExprId)]>),
    Coalesce(Box<[ExprId]>),
    If(Box<[(NodeId, ExprId)]>, ExprId),
    /// A condition as a boolean value.
    Truth(NodeId),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    Constant(bool),
    Atom(AtomId),
    /// The condition of a let, worked out once.
    Let(u32),
    Not(NodeId),
    And(Box<[NodeId]>),
    Or(Box<[NodeId]>),
    AtLeast(u32, Box<[NodeId]>),
    If(Box<[(NodeId, NodeId)]>, NodeId),
    /// Inequalities in one direction, each operand worked out once.
    Chained(ExprId, Box<[(Compare, ExprId)]>),
}

/// What a value is compared with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operand {
    Constant(Constant),
    /// Constant for one as-of date, such as `today - 90 days`.
    Relative(ExprId),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Test {
    /// The value against a constant.
    Compare(Compare, Operand),
    /// The order of the two values of the dimension.
    Order(Compare),
    /// One of a list; the constants are sorted.
    In(Box<[Constant]>),
    /// The boolean value itself.
    Holds,
    Missing,
    SetContains(Contains, Box<[Constant]>),
    /// A text that has a part, or a set that has a member.
    Has(ExprId),
    StartsWith(Arc<str>),
    Matches(Pattern),
    Within(ExprId),
}

/// "The dimension's value passes the test", and for ordered and closed dimensions the cells where it does.
#[derive(Clone, Debug)]
pub(crate) struct Atom {
    pub(crate) dimension: u32,
    pub(crate) test: Test,
    pub(crate) cells: CellSet,
    /// What is left of it while the value is open.
    pub(crate) when_open: Truth,
}
