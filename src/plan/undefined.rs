//! What is known of values before any customer: whether they can be without a result, whether they are plain sums.

use super::lower::Lowering;
use super::{Expr, ExprId, Root};
use crate::builtins::Op;

impl Lowering<'_> {
    /// Whether known facts can leave a value without a result.
    pub(super) fn can_be_undefined(&self, value: ExprId) -> bool {
        let inner = |id: &ExprId| self.can_be_undefined(*id);
        match self.plan.exprs.get(value.at()) {
            Some(Expr::Unary(op, part)) => !op.builtin().total || inner(part),
            Some(Expr::Chain(first, rest)) => {
                inner(first) || rest.iter().any(|(op, part)| !op.builtin().total || inner(part))
            }
            Some(Expr::Coalesce(parts)) => parts.iter().all(inner),
            Some(Expr::If(..) | Expr::Truth(_)) => true,
            Some(Expr::Lookup(at)) => self.plan.columns.get(*at as usize).is_none_or(|column| {
                let table = self.plan.tables.get(column.table as usize);
                column.interval.undefined || table.is_none_or(|table| inner(&table.key))
            }),
            Some(Expr::Aggregate(at)) => {
                let aggregate = self.plan.aggregates.get(*at as usize);
                let argument = |at: u32| self.plan.measures.get(at as usize).and_then(|measure| measure.argument);
                aggregate.is_none_or(|aggregate| {
                    aggregate.interval(None).undefined || argument(aggregate.measure).is_some_and(|value| inner(&value))
                })
            }
            Some(Expr::Let(at)) => self.undefined_lets.get(*at as usize).copied().unwrap_or(true),
            _ => false,
        }
    }

    /// Whether an expression is a fact, a constant, or made of such by `+` and `-` alone. Its parts come before it.
    pub(super) fn is_sum(&self, expr: &Expr) -> bool {
        let known = |id: &ExprId| self.plan.names.sums.get(id.at()) == Some(&true);
        match expr {
            Expr::Constant(_) | Expr::Fact(_) | Expr::Lookup(_) | Expr::Element(..) | Expr::Aggregate(_) => true,
            Expr::Let(at) => matches!(self.plan.lets.get(*at as usize), Some(Root::Value(root)) if known(root)),
            Expr::Chain(first, rest) => {
                known(first) && rest.iter().all(|(op, part)| matches!(op, Op::Add | Op::Subtract) && known(part))
            }
            _ => false,
        }
    }
}
