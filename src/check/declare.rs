//! The order of checking: what must be known before the next thing can be looked at.

use std::sync::Arc;

use super::{Checker, Permissions, Symbol, User};
use crate::diagnostics::{Code, Diagnostic, Hint, Near, Note, nearest};
use crate::schema::Schema;
use crate::source::Span;
use crate::syntax::Ast;
use crate::syntax::ast::{Condition, Name, Statement, StatementKind};
use crate::value::{Currency, parse_date};

/// Names nearest to a wrong one are looked for among so many.
const CANDIDATES: usize = 2_000;

impl Checker<'_> {
    pub(super) fn run(&mut self, ast: &Ast, schema: &Schema, permissions: &Permissions) {
        for name in &ast.promised {
            self.names.insert(Arc::from(&**name), Symbol::Broken);
        }
        self.identity(ast);
        self.ladder(ast);
        self.collections(ast, schema);
        self.fields(ast, schema);
        self.lets(ast);
        self.rules(ast);
        self.benefits(ast);
        self.mark_used(permissions);
        self.own_cases(ast);
    }

    /// `tierwise 1`, `policy`, `currency` and `match best`: each stands once.
    fn identity(&mut self, ast: &Ast) {
        let mut first: [Option<Span>; 4] = [None; 4];
        for statement in &ast.statements {
            let (slot, word) = match &statement.node {
                StatementKind::Policy { .. } => (0, "policy"),
                StatementKind::Currency(_) => (1, "currency"),
                StatementKind::MatchBest => (2, "match best"),
                StatementKind::Tiers(_) => (3, "tiers"),
                StatementKind::Version(version) => {
                    self.version(version);
                    continue;
                }
                _ => continue,
            };
            let Some(seen) = first.get_mut(slot) else { continue };
            if let Some(seen) = *seen {
                let error = Diagnostic::new(Code::DuplicateStatement, statement.span).with("text", word);
                self.report(error.label(seen, Hint::FirstHere).hint(Note::new(Hint::StateOnce).with("text", word)));
                continue;
            }
            *seen = Some(statement.span);
            self.identify(statement);
        }
    }

    fn identify(&mut self, statement: &Statement) {
        match &statement.node {
            StatementKind::Policy { name, version, effective } => {
                self.out.identity.name = Some(Arc::from(&*name.node));
                self.out.identity.version = version.as_ref().map(|version| Arc::from(&*version.node));
                if let Some(date) = effective {
                    self.out.identity.effective = parse_date(&date.node);
                    if self.out.identity.effective.is_none() {
                        self.report(no_such_day(&date.node, date.span));
                    }
                }
            }
            StatementKind::Currency(code) => {
                self.out.currency = Currency::from_code(&code.node);
                if self.out.currency.is_none() {
                    self.currency_lost = true;
                    let error = Diagnostic::new(Code::UnknownCurrency, code.span).with("text", &*code.node);
                    self.report(error.hint(currency_meant(&code.node)));
                }
            }
            StatementKind::MatchBest => self.out.match_best = true,
            _ => {}
        }
    }

    fn version(&mut self, version: &Name) {
        if &*version.node != "1" {
            let error = Diagnostic::new(Code::UnknownVersion, version.span).with("text", &*version.node);
            self.report(error.hint(Hint::OnlyVersionOne));
        }
    }

    /// The `tiers` statement, or the tiers in the order in which the rules first name them, the one of `otherwise` last.
    fn ladder(&mut self, ast: &Ast) {
        let stated = ast.statements.iter().find_map(|statement| match &statement.node {
            StatementKind::Tiers(tiers) => Some(tiers),
            _ => None,
        });
        if let Some(tiers) = stated {
            self.out.explicit_ladder = true;
            for tier in tiers {
                self.declare_tier(&tier.name, tier.label.as_ref());
            }
            return;
        }
        let mut last = None;
        let mut known = std::collections::HashSet::new();
        let mut named: Vec<&Name> = Vec::new();
        for statement in &ast.statements {
            let StatementKind::Rule { condition, tier, .. } = &statement.node else {
                continue;
            };
            if matches!(condition, Condition::Otherwise) && last.is_none() {
                last = Some(tier);
            } else if known.insert(&tier.node) {
                named.push(tier);
            }
        }
        named.retain(|tier| last.is_none_or(|last: &Name| last.node != tier.node));
        for tier in named.into_iter().chain(last) {
            self.declare_tier(tier, None);
        }
    }

    fn declare_tier(&mut self, name: &Name, label: Option<&Name>) {
        let tier = super::Tier { name: Arc::from(&*name.node), label: label.map(|label| Arc::from(&*label.node)) };
        if self.tier_index.contains_key(&tier.name) {
            let error = Diagnostic::new(Code::DuplicateName, name.span).with("text", &*name.node);
            let first = self.tier_spans.get(&tier.name).copied().unwrap_or(name.span);
            return self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
        }
        self.tier_spans.insert(Arc::clone(&tier.name), name.span);
        self.tier_index.insert(Arc::clone(&tier.name), self.out.tiers.len());
        self.out.tiers.push(tier);
    }

    /// Marks what the decision uses, through lets; a protected field may not be among it. Then what assumptions use.
    fn mark_used(&mut self, permissions: &Permissions) {
        self.out.used = self.out.fields.iter().map(|field| field.required).collect();
        let uses = std::mem::take(&mut self.decision_uses);
        self.mark_through_lets(&uses);
        if !permissions.protected {
            self.protected();
        }
        let uses = std::mem::take(&mut self.assumption_uses);
        self.mark_through_lets(&uses);
        self.computed();
    }

    /// Later lets use earlier ones only: one pass from the end reaches all.
    fn mark_through_lets(&mut self, uses: &[Symbol]) {
        self.mark(uses);
        for at in (0..self.out.lets.len()).rev() {
            if self.out.lets.get(at).is_some_and(|bound| bound.used) {
                let uses = self.let_uses.get_mut(at).map(std::mem::take).unwrap_or_default();
                self.mark(&uses);
            }
        }
    }

    fn mark(&mut self, uses: &[Symbol]) {
        for symbol in uses {
            match symbol {
                Symbol::Field(field) => {
                    if let Some(used) = self.out.used.get_mut(field.at()) {
                        *used = true;
                    }
                }
                Symbol::Let(index) => {
                    if let Some(bound) = self.out.lets.get_mut(index.at()) {
                        bound.used = true;
                    }
                }
                Symbol::Collection(index) => {
                    if let Some(records) = self.out.collections.get_mut(index.at()) {
                        records.used = true;
                    }
                }
                Symbol::Element(index, field) => {
                    if let Some(records) = self.out.collections.get_mut(index.at())
                        && let Some(used) = records.used_fields.get_mut(*field as usize)
                    {
                        *used = true;
                    }
                }
                Symbol::Table(_) | Symbol::Broken => {}
            }
        }
    }

    /// A protected field may reach no decision, not even through a let.
    fn protected(&mut self) {
        for (user, name, span) in std::mem::take(&mut self.protected_uses) {
            let reached = match user {
                User::Decision => true,
                User::Assumption | User::Benefit => false,
                User::Let(index) => self.out.lets.get(index.at()).is_some_and(|bound| bound.used),
            };
            if reached {
                let error = Diagnostic::new(Code::ProtectedField, span).with("text", &*name);
                self.report(error.hint(Hint::ProtectedHere));
            }
        }
    }

    /// The known name nearest to a wrong one, as a hint.
    pub(super) fn did_you_mean<'k>(&self, wrong: &str, known: impl Iterator<Item = &'k str>) -> Option<Note> {
        if !self.proposes() {
            return None;
        }
        proposal(&nearest(wrong, known.take(CANDIDATES)))
    }

    /// The known fact or `let` nearest to a wrong name, and whether the spelling says so.
    pub(super) fn near_fact(&self, wrong: &str) -> Option<(Note, bool)> {
        if !self.proposes() {
            return None;
        }
        // Inside an aggregate the fields of the element come first.
        let near = nearest(wrong, self.element_names().take(CANDIDATES));
        if near.by_spelling {
            return proposal(&near).map(|note| (note, true));
        }
        let near = nearest(wrong, self.names.keys().map(|known| &**known).take(CANDIDATES));
        proposal(&near).map(|note| (note, near.by_spelling))
    }

    /// The place of a tier on the ladder.
    pub(super) fn tier(&mut self, name: &Name) -> Option<usize> {
        if let Some(at) = self.tier_index.get(&*name.node) {
            return Some(*at);
        }
        if self.ladder_lost {
            return None;
        }
        let mut error = Diagnostic::new(Code::UnknownTier, name.span).with("text", &*name.node);
        let near = self.did_you_mean(&name.node, self.out.tiers.iter().map(|tier| &*tier.name));
        if matches!(self.names.get(&*name.node), Some(Symbol::Field(_) | Symbol::Let(_))) {
            error = error.hint(Note::new(Hint::FactNoTier).with("text", &*name.node));
        }
        error = match near {
            Some(near) => error.hint(near),
            None => {
                let known = self.out.tiers.iter().take(12).map(|tier| tier.name.to_string()).collect::<Vec<_>>();
                error.hint(Note::new(Hint::KnownTiers).with("list", known))
            }
        };
        self.report_lacking(&name.node, error);
        None
    }
}

fn proposal(near: &Near<'_>) -> Option<Note> {
    match near.names.as_slice() {
        [] => None,
        [only] => Some(Note::new(Hint::DidYouMean).with("text", *only)),
        [first, second, ..] => Some(Note::new(Hint::DidYouMeanEither).with("first", *first).with("second", *second)),
    }
}

/// A date that the calendar does not have, with the last day of its month.
pub(super) fn no_such_day(text: &str, span: Span) -> Diagnostic {
    let error = Diagnostic::new(Code::NoSuchDay, span).with("text", text);
    let month = text.get(..7).unwrap_or_default();
    let last = (28..=31).rev().map(|day| format!("{month}-{day}")).find(|date| parse_date(date).is_some());
    match last {
        Some(date) => error.hint(Note::new(Hint::LastDay).with("date", date)),
        None => error.hint(Hint::DateParts),
    }
}

/// The code of a currency that is called by its name, or written in small letters.
fn currency_meant(text: &str) -> Note {
    const NAMES: [(&str, &str); 9] = [
        ("euro", "EUR"),
        ("euros", "EUR"),
        ("dollar", "USD"),
        ("dollars", "USD"),
        ("pound", "GBP"),
        ("yen", "JPY"),
        ("yuan", "CNY"),
        ("rmb", "CNY"),
        ("renminbi", "CNY"),
    ];
    let named = NAMES.iter().find(|(name, _)| *name == text.to_lowercase()).map(|(_, code)| (*code).to_owned());
    match named.or_else(|| Some(text.to_uppercase()).filter(|code| Currency::from_code(code).is_some())) {
        Some(code) => Note::new(Hint::DidYouMean).with("text", code),
        None => Hint::CurrencyWord.into(),
    }
}
