//! Benefits: what each tier brings, a key with one type in every tier.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Benefit, BenefitKey, Checker, Typed, User};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::Ast;
use crate::syntax::ast::{self, Expr, Name, StatementKind};

impl Checker<'_> {
    pub(super) fn benefits(&mut self, ast: &Ast) {
        let mut stated: HashMap<usize, Span> = HashMap::new();
        let mut keys: HashMap<Arc<str>, usize> = HashMap::new();
        for statement in &ast.statements {
            let StatementKind::Benefits { tier, entries } = &statement.node else { continue };
            if !self.out.explicit_ladder {
                if !self.ladder_lost {
                    self.needs_tiers(statement.span, "benefits");
                }
                continue;
            }
            let Some(at) = self.tier(tier) else { continue };
            if let Some(first) = stated.insert(at, tier.span) {
                let word = format!("benefits {}", tier.node);
                let error = Diagnostic::new(Code::DuplicateStatement, tier.span).with("text", &*word);
                self.report(error.label(first, Hint::FirstHere).hint(Note::new(Hint::StateOnce).with("text", word)));
                continue;
            }
            self.benefits_of(at, tier, entries, &mut keys);
        }
    }

    fn benefits_of(&mut self, tier: usize, name: &Name, entries: &[ast::Benefit], keys: &mut HashMap<Arc<str>, usize>) {
        if entries.is_empty() {
            let _: Option<()> = self.empty_block("benefits", name);
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for entry in entries {
            let key = &entry.node.key;
            let first = *seen.entry(&key.node).or_insert(key.span);
            if first != key.span {
                let error = Diagnostic::new(Code::DuplicateName, key.span).with("text", &*key.node);
                self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
                continue;
            }
            self.user = User::Benefit;
            self.current_uses.clear();
            let value = self.benefit(&entry.node.value);
            let uses = std::mem::take(&mut self.current_uses);
            self.keep_uses(User::Benefit, uses);
            if let Some(value) = value
                && let Some(key) = self.benefit_key(keys, key, &value)
            {
                self.out.benefits.push(Benefit { tier, key, value });
            }
        }
    }

    /// The value of a benefit; here alone a duration may be hours or minutes.
    fn benefit(&mut self, value: &Expr) -> Option<Typed> {
        self.hours = true;
        let typed = self.expr(value, None);
        self.hours = false;
        let typed = typed?;
        if let ty @ Type::SetOf(_) = typed.sort.settled() {
            let error = Diagnostic::new(Code::WrongArgument, value.span).with("function", "benefits").with("type", ty);
            return self.fail(error.hint(Note::new(Hint::SuchAs).with("text", "10%")));
        }
        Some(typed)
    }

    /// The place of a key among all; its type is that of its values so far.
    fn benefit_key(&mut self, keys: &mut HashMap<Arc<str>, usize>, key: &Name, value: &Typed) -> Option<usize> {
        let next = self.out.benefit_keys.len();
        let at = *keys.entry(Arc::from(&*key.node)).or_insert(next);
        if at == next {
            let new = BenefitKey { name: Arc::from(&*key.node), sort: value.sort.clone(), span: value.span };
            self.out.benefit_keys.push(new);
            return Some(at);
        }
        let known = self.out.benefit_keys.get_mut(at)?;
        if let Some(sort) = known.sort.meet(&value.sort) {
            known.sort = sort;
            return Some(at);
        }
        let (left, first) = (known.sort.settled(), known.span);
        let right = value.sort.settled();
        let error = Diagnostic::new(Code::BenefitTypes, value.span).with("text", &*key.node);
        let error = error.with("left", left.clone()).with("right", right);
        let cure = Note::new(Hint::OneTypeEach).with("text", &*key.node);
        self.fail(error.label(first, Note::new(Hint::ThisIs).with("type", left)).hint(cure))
    }
}
