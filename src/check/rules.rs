//! Rules, caps, floors and assumptions.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Adjustment, Assumption, Bound, Checker, Place, Rule, Symbol, User};
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};
use crate::schema::LADDER_FIELDS;
use crate::source::Span;
use crate::syntax::Ast;
use crate::syntax::ast::{Adjust, Condition, Expr, ExprKind, Name, Statement, StatementKind};

impl Checker<'_> {
    pub(super) fn rules(&mut self, ast: &Ast) {
        let mut names: HashMap<&str, Span> = HashMap::new();
        let mut otherwise: Option<(Span, bool)> = None;
        for statement in &ast.statements {
            match &statement.node {
                StatementKind::Rule { name, condition, tier } => {
                    self.rule_name(name.as_ref(), &mut names);
                    self.order_of_otherwise(statement, condition, &mut otherwise);
                    self.rule(statement.span, name.as_ref(), condition, tier);
                }
                StatementKind::Adjust { kind, name, tier, when } => {
                    self.rule_name(name.as_ref(), &mut names);
                    self.adjustment(statement.span, *kind, name.as_ref(), tier, when);
                }
                StatementKind::Assume(condition) => self.assumption(statement.span, condition),
                StatementKind::MatchBest if !self.out.explicit_ladder && !self.ladder_lost => {
                    self.needs_tiers(statement.span, "match best")
                }
                _ => {}
            }
        }
        self.unreached_tiers(ast);
    }

    fn rule_name<'n>(&mut self, name: Option<&'n Name>, names: &mut HashMap<&'n str, Span>) {
        let Some(name) = name else { return };
        let first = *names.entry(&name.node).or_insert(name.span);
        if first != name.span {
            let error = Diagnostic::new(Code::DuplicateName, name.span).with("text", &*name.node);
            self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
        }
    }

    fn order_of_otherwise(&mut self, statement: &Statement, condition: &Condition, seen: &mut Option<(Span, bool)>) {
        let last = matches!(condition, Condition::Otherwise);
        match seen {
            // One `otherwise` that stands too early is one mistake, however many rules stand behind it.
            Some((_, true)) if !last => {}
            Some((first, reported)) => {
                *reported |= !last;
                let code = if last { Code::OtherwiseTwice } else { Code::OtherwiseNotLast };
                let error =
                    Diagnostic::new(code, statement.span).with("kind", Term::ARule).label(*first, Hint::OtherwiseHere);
                self.report(error.hint(Hint::OtherwiseLast));
            }
            None if last => *seen = Some((statement.span, false)),
            None => {}
        }
    }

    fn place(&self, span: Span, name: Option<&Name>) -> Place {
        Place { name: name.map(|name| Arc::from(&*name.node)), line: self.lines.line(span.start()), span }
    }

    fn rule(&mut self, span: Span, name: Option<&Name>, condition: &Condition, tier: &Name) {
        let place = self.place(span, name);
        let condition = match condition {
            Condition::Otherwise => Some(None),
            Condition::When(condition) if self.means_otherwise(condition) => {
                let error =
                    Diagnostic::new(Code::UnknownName, condition.span).with("text", self.text_at(condition.span));
                self.fail(error.hint(Note::new(Hint::WriteOtherwise).with("tier", &*tier.node)))
            }
            Condition::When(condition) => self.decision(User::Decision, condition).map(Some),
        };
        let tier = self.tier(tier);
        if let (Some(condition), Some(tier)) = (condition, tier) {
            self.out.rules.push(Rule { place, condition, tier });
        }
    }

    /// A whole condition that is no known name, but a word for `otherwise`.
    fn means_otherwise(&self, condition: &Expr) -> bool {
        const WORDS: [&str; 8] = ["default", "otherwise", "else", "other", "others", "rest", "always", "_"];
        matches!(&condition.node, ExprKind::Name(name)
            if !self.names.contains_key(&**name) && WORDS.contains(&name.to_lowercase().as_str()))
    }

    /// Types a condition and keeps what it uses.
    fn decision(&mut self, user: User, condition: &Expr) -> Option<super::Typed> {
        self.user = user;
        self.current_uses.clear();
        let typed = self.condition(condition);
        let uses = std::mem::take(&mut self.current_uses);
        self.keep_uses(user, uses);
        typed
    }

    pub(super) fn keep_uses(&mut self, user: User, uses: Vec<Symbol>) {
        let decides = !matches!(user, User::Assumption | User::Benefit);
        let kept = if decides { &mut self.decision_uses } else { &mut self.assumption_uses };
        kept.extend(uses);
    }

    fn adjustment(&mut self, span: Span, kind: Adjust, name: Option<&Name>, tier: &Name, when: &Expr) {
        let place = self.place(span, name);
        let condition = self.decision(User::Decision, when);
        if self.ladder_lost {
            return;
        }
        if !self.out.explicit_ladder {
            return self.needs_tiers(span, if kind == Adjust::Cap { "cap" } else { "floor" });
        }
        let bound = self.bound(tier);
        if let (Some(condition), Some(bound)) = (condition, bound) {
            self.out.adjustments.push(Adjustment { place, cap: kind == Adjust::Cap, bound, condition });
        }
    }

    /// A tier of the ladder, or `current.tier` or `parent.tier`.
    fn bound(&mut self, tier: &Name) -> Option<Bound> {
        if LADDER_FIELDS.contains(&&*tier.node)
            && let Some(Symbol::Field(field)) = self.names.get(&*tier.node).copied()
            && self.field(field).is_some_and(|field| field.ladder)
        {
            self.user = User::Decision;
            self.current_uses.clear();
            self.uses(Some(Symbol::Field(field)), tier.span);
            let uses = std::mem::take(&mut self.current_uses);
            self.keep_uses(User::Decision, uses);
            return Some(Bound::Field(field));
        }
        self.tier(tier).map(Bound::Tier)
    }

    fn assumption(&mut self, span: Span, condition: &Expr) {
        let place = self.place(span, None);
        if let Some(condition) = self.decision(User::Assumption, condition) {
            self.out.assumptions.push(Assumption { place, condition });
        }
    }

    pub(super) fn needs_tiers(&mut self, span: Span, word: &str) {
        let error = Diagnostic::new(Code::NeedsTiers, span).with("text", word);
        let ladder: Vec<&str> = self.out.tiers.iter().take(12).map(|tier| &*tier.name).collect();
        let whole = ladder.len() > 1 && ladder.len() == self.out.tiers.len();
        let these = || Note::new(Hint::StateThese).with("ladder", ladder.join(" > "));
        let hint = if whole { these() } else { Hint::StateTiers.into() };
        // One statement is missing, however many others want it.
        self.report_lacking("tiers", error.hint(hint));
    }

    /// A tier of the `tiers` statement that nothing gives.
    fn unreached_tiers(&mut self, ast: &Ast) {
        if ast.damaged || !self.out.explicit_ladder || self.out.rules.is_empty() || self.has_errors() {
            return;
        }
        let mut given = vec![false; self.out.tiers.len()];
        let bounds = self.out.adjustments.iter().map(|adjustment| adjustment.bound);
        let mut any = false;
        for tier in self.out.rules.iter().map(|rule| Bound::Tier(rule.tier)).chain(bounds) {
            match tier {
                Bound::Tier(tier) => given.get_mut(tier).into_iter().for_each(|given| *given = true),
                Bound::Field(_) => any = true,
            }
        }
        for statement in &ast.statements {
            let StatementKind::Tiers(tiers) = &statement.node else {
                continue;
            };
            for tier in tiers {
                let at = self.tier_index.get(&*tier.name.node).copied();
                if !any && at.is_some_and(|at| given.get(at) == Some(&false)) {
                    let warning = Diagnostic::new(Code::TierNeverGiven, tier.name.span).with("text", &*tier.name.node);
                    self.report(warning.hint(Hint::RemoveTier));
                }
            }
        }
    }
}
