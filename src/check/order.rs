//! Lets in an order in which each uses only earlier ones. Nothing here recurses: a chain of lets may be long.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Checker, Let, LetIndex, Symbol, User};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::syntax::Ast;
use crate::syntax::ast::{Expr, ExprKind, Name, StatementKind, Test, TestKind};

impl Checker<'_> {
    pub(super) fn lets(&mut self, ast: &Ast) {
        let mut stated: Vec<(&Name, &Expr)> = Vec::new();
        let mut index: HashMap<&str, usize> = HashMap::new();
        for statement in &ast.statements {
            let StatementKind::Let { name, value } = &statement.node else {
                continue;
            };
            if let Some(first) = index.get(&*name.node).and_then(|at| stated.get(*at)) {
                let error = Diagnostic::new(Code::DuplicateName, name.span).with("text", &*name.node);
                self.report(error.label(first.0.span, Hint::FirstHere).hint(Hint::RenameOne));
            } else if matches!(self.names.get(&*name.node), Some(Symbol::Field(_))) {
                let error = Diagnostic::new(Code::LetTakesFieldName, name.span).with("text", &*name.node);
                self.report(error.hint(Hint::OtherName));
            } else {
                index.insert(&name.node, stated.len());
                stated.push((name, value));
            }
        }
        let uses: Vec<Vec<usize>> = stated.iter().map(|(_, value)| used_lets(value, &index)).collect();
        for (name, _) in &stated {
            self.names.insert(Arc::from(&*name.node), Symbol::Broken);
        }
        for at in self.settle(&stated, &uses) {
            if let Some((name, value)) = stated.get(at) {
                self.bind(name, value);
            }
        }
    }

    /// Types one let; everything that it uses is typed already.
    fn bind(&mut self, name: &Name, value: &Expr) {
        let index = LetIndex(u32::try_from(self.out.lets.len()).unwrap_or(u32::MAX));
        self.user = User::Let(index);
        self.current_uses.clear();
        let typed = self.expr(value, None);
        let uses = std::mem::take(&mut self.current_uses);
        let line = self.lines.line(name.span.start());
        let name: Arc<str> = Arc::from(&*name.node);
        if let Some(value) = typed {
            self.names.insert(Arc::clone(&name), Symbol::Let(index));
            self.out.lets.push(Let { name, line, value, used: false });
            self.let_uses.push(uses);
        }
    }

    /// The order of the lets; those on a cycle are reported and left out.
    fn settle(&mut self, stated: &[(&Name, &Expr)], uses: &[Vec<usize>]) -> Vec<usize> {
        let mut waiting: Vec<usize> = uses.iter().map(Vec::len).collect();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); stated.len()];
        for (at, used) in uses.iter().enumerate() {
            for other in used {
                if let Some(users) = users.get_mut(*other) {
                    users.push(at);
                }
            }
        }
        let mut ready: std::collections::BTreeSet<usize> =
            (0..stated.len()).filter(|at| waiting.get(*at) == Some(&0)).collect();
        let mut order = Vec::with_capacity(stated.len());
        while let Some(at) = ready.pop_first() {
            order.push(at);
            for user in users.get(at).into_iter().flatten() {
                if let Some(left) = waiting.get_mut(*user) {
                    *left -= 1;
                    if *left == 0 {
                        ready.insert(*user);
                    }
                }
            }
        }
        if order.len() < stated.len() {
            self.cycle(stated, uses, &waiting);
        }
        order
    }

    /// Reports one cycle among the lets that are still waiting: every step of it with its place.
    fn cycle(&mut self, stated: &[(&Name, &Expr)], uses: &[Vec<usize>], waiting: &[usize]) {
        let stuck = |at: &usize| waiting.get(*at).is_some_and(|left| *left > 0);
        let mut path: Vec<usize> = Vec::new();
        let mut seen: Vec<Option<usize>> = vec![None; stated.len()];
        let mut at = (0..stated.len()).find(stuck);
        // Every stuck let waits for another stuck one, so following them comes round.
        while let Some(step) = at {
            let Some(place) = seen.get_mut(step) else { return };
            if let Some(from) = *place {
                path.drain(..from);
                break;
            }
            *place = Some(path.len());
            path.push(step);
            at = uses.get(step).into_iter().flatten().copied().find(stuck);
        }
        let steps: Vec<&Name> = path.iter().filter_map(|at| stated.get(*at)).map(|(name, _)| *name).collect();
        let Some(first) = steps.first() else { return };
        let mut names: Vec<String> = steps.iter().map(|name| name.node.to_string()).collect();
        names.push(first.node.to_string());
        let mut error = Diagnostic::new(Code::LetCycle, first.span).with("text", names.join("` → `"));
        for step in steps.iter().skip(1).take(8) {
            error = error.label(step.span, Note::new(Hint::CycleStep).with("text", &*step.node));
        }
        self.report(error.hint(Hint::OwnCircle));
    }
}

/// The lets that an expression names, each once.
fn used_lets(value: &Expr, index: &HashMap<&str, usize>) -> Vec<usize> {
    let mut used = Vec::new();
    each_name(value, &mut |name| used.extend(index.get(name)));
    used.sort_unstable();
    used.dedup();
    used
}

fn each_name(node: &Expr, visit: &mut dyn FnMut(&str)) {
    let mut all = |parts: &[Expr]| parts.iter().for_each(|part| each_name(part, visit));
    match &node.node {
        ExprKind::Name(name) => visit(name),
        ExprKind::Literal(_) | ExprKind::Today => {}
        ExprKind::Group(parts) | ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Coalesce(parts) => all(parts),
        ExprKind::AtLeast(_, parts) | ExprKind::Call(_, parts) => all(parts),
        ExprKind::Not(_, inner) | ExprKind::Negate(_, inner) => each_name(inner, visit),
        ExprKind::Chain(first, rest) => {
            each_name(first, visit);
            rest.iter().for_each(|(_, part)| each_name(part, visit));
        }
        ExprKind::Compare(first, rest) => {
            each_name(first, visit);
            rest.iter().for_each(|(_, part)| each_name(part, visit));
        }
        ExprKind::If(arms, otherwise) => {
            for (condition, value) in arms {
                each_name(condition, visit);
                each_name(value, visit);
            }
            each_name(otherwise, visit);
        }
        ExprKind::Test(test) => names_of_test(test, visit),
    }
}

fn names_of_test(test: &Test, visit: &mut dyn FnMut(&str)) {
    each_name(&test.subject, visit);
    match &test.kind {
        TestKind::Between(low, high) => {
            each_name(low, visit);
            each_name(high, visit);
        }
        TestKind::In(value)
        | TestKind::Contains(_, value)
        | TestKind::StartsWith(value)
        | TestKind::Matches(value)
        | TestKind::Within(value) => each_name(value, visit),
        TestKind::Missing | TestKind::Present => {}
    }
}
