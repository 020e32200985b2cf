//! Comparisons as questions about one dimension, wherever what is compared stands.

use super::cells::Grid;
use super::lower::Lowering;
use super::{Expr, ExprId, NodeId, Operand, Subject, Test};
use crate::builtins::{Compare, Op};
use crate::check::Typed;
use crate::schema::Range;
use crate::value::{Constant, negate};

impl Lowering<'_> {
    pub(super) fn compare(&mut self, op: Compare, left: &Typed, right: &Typed) -> (NodeId, bool) {
        let (a, b) = (self.value(left), self.value(right));
        if let Some(operand) = self.operand(b) {
            return self.compared_with(op, a, left, operand);
        }
        if let Some(operand) = self.operand(a) {
            return self.compared_with(op.mirrored(), b, right, operand);
        }
        let turned = a > b;
        let (op, a, b) = if turned { (op.mirrored(), b, a) } else { (op, a, b) };
        let dimension = self.dimension(Subject::Order(a, b), Grid::Dense, Range::default());
        (self.atom(dimension, Test::Order(op)), turned)
    }

    fn compared_with(&mut self, op: Compare, value: ExprId, typed: &Typed, operand: Operand) -> (NodeId, bool) {
        // `b - a` is the same dimension as `a - b`, looked at from the other side.
        if let (Some(turned), Operand::Constant(Constant::Number(bound))) = (self.turned(value), &operand) {
            let bound = Operand::Constant(Constant::Number(negate(*bound)));
            let turned = self.expr(turned, typed);
            let dimension = self.dimension_of(turned, typed);
            return (self.atom(dimension, Test::Compare(op.mirrored(), bound)), true);
        }
        let dimension = self.dimension_of(value, typed);
        (self.atom(dimension, Test::Compare(op, operand)), false)
    }

    /// `a - b` for `b - a` where `a` comes first; exact in the same cases, and of opposite sign.
    fn turned(&self, value: ExprId) -> Option<Expr> {
        let Expr::Chain(first, rest) = self.plan.exprs.get(value.at())? else {
            return None;
        };
        let [(Op::Subtract, second)] = &**rest else { return None };
        let plain =
            |id: &ExprId| matches!(self.plan.exprs.get(id.at()), Some(Expr::Fact(_) | Expr::Today | Expr::Let(_)));
        (plain(first) && plain(second) && second < first).then(|| Expr::Chain(*second, [(Op::Subtract, *first)].into()))
    }

    /// What needs no fact: a constant, or constant for one as-of date.
    fn operand(&self, id: ExprId) -> Option<Operand> {
        match self.plan.exprs.get(id.at())? {
            Expr::Constant(constant) => Some(Operand::Constant(constant.clone())),
            expr => self.is_relative(expr).then_some(Operand::Relative(id)),
        }
    }

    fn is_relative(&self, expr: &Expr) -> bool {
        let inner = |id: &ExprId| self.plan.exprs.get(id.at()).is_some_and(|expr| self.is_relative(expr));
        match expr {
            Expr::Constant(_) | Expr::Today => true,
            Expr::Unary(_, part) => inner(part),
            Expr::Chain(first, rest) => inner(first) && rest.iter().all(|(_, part)| inner(part)),
            _ => false,
        }
    }
}
