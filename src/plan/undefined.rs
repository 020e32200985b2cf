//! Which values can be without a result although every fact is known.

use super::lower::Lowering;
use super::{Expr, ExprId};

impl Lowering {
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
            Some(Expr::Let(at)) => self.undefined_lets.get(*at as usize).copied().unwrap_or(true),
            _ => false,
        }
    }
}
