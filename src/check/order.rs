//! Lets, scores, segments and tables in an order in which each uses only earlier ones. Nothing here recurses: a chain of lets may be long.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Checker, Classified, Let, LetIndex, Symbol, TableIndex, User};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::syntax::Ast;
use crate::syntax::ast::{
    Condition, Expr, ExprKind, Name, Score, SegmentLine, Statement, StatementKind, Table, Test, TestKind,
};

/// A statement that gives a name to something worked out.
#[derive(Clone, Copy)]
enum Stated<'a> {
    Let(&'a Name, &'a Expr),
    Score(&'a Score),
    Segment(&'a Name, &'a [SegmentLine]),
    Table(&'a Table),
}

impl<'a> Stated<'a> {
    fn of(statement: &'a Statement) -> Option<Self> {
        Some(match &statement.node {
            StatementKind::Let { name, value } => Self::Let(name, value),
            StatementKind::Score(score) => Self::Score(score),
            StatementKind::Segment { name, lines } => Self::Segment(name, lines),
            StatementKind::Table(table) => Self::Table(table),
            _ => return None,
        })
    }

    fn name(self) -> &'a Name {
        match self {
            Self::Let(name, _) | Self::Segment(name, _) => name,
            Self::Score(score) => &score.name,
            Self::Table(table) => &table.name,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Let(..) => "let",
            Self::Score(_) => "score",
            Self::Segment(..) => "segment",
            Self::Table(_) => "table",
        }
    }

    fn each_name(self, elements: Elements<'_>, visit: &mut dyn FnMut(&str)) {
        let mut condition = |condition: &Condition| {
            if let Condition::When(condition) = condition {
                each_name(condition, elements, visit);
            }
        };
        match self {
            Self::Segment(_, lines) => lines.iter().for_each(|line| condition(&line.node.condition)),
            Self::Score(score) => {
                for line in score.lines.iter().map(|line| &line.node) {
                    line.bins.iter().for_each(|bin| condition(&bin.node.condition));
                }
                for line in score.lines.iter().map(|line| &line.node) {
                    each_name(&line.value, elements, visit);
                    line.bins.iter().for_each(|bin| each_name(&bin.node.points, elements, visit));
                }
            }
            Self::Let(_, value) => each_name(value, elements, visit),
            Self::Table(table) => visit(&table.key.node),
        }
    }

    /// The others that it names, each once. A column of a table is named behind the table and a dot.
    fn uses(self, index: &HashMap<&str, usize>, elements: Elements<'_>) -> Vec<usize> {
        let mut used = Vec::new();
        self.each_name(elements, &mut |name| {
            used.extend(index.get(name));
            used.extend(name.rsplit_once('.').and_then(|(table, _)| index.get(table)));
        });
        used.sort_unstable();
        used.dedup();
        used
    }
}

impl Checker<'_> {
    /// Lets, scores, segments and tables.
    pub(super) fn lets(&mut self, ast: &Ast) {
        let mut stated: Vec<Stated<'_>> = Vec::new();
        let mut index: HashMap<&str, usize> = HashMap::new();
        for new in ast.statements.iter().filter_map(Stated::of) {
            let name = new.name();
            if let Some(first) = index.get(&*name.node).and_then(|at| stated.get(*at)) {
                let error = Diagnostic::new(Code::DuplicateName, name.span).with("text", &*name.node);
                self.report(error.label(first.name().span, Hint::FirstHere).hint(Hint::RenameOne));
            } else if matches!(self.names.get(&*name.node), Some(Symbol::Field(_)))
                || self.collection_named(&name.node).is_some_and(|known| !self.is_group(known))
            {
                let error = Diagnostic::new(Code::LetTakesFieldName, name.span).with("text", &*name.node);
                self.report(error.with("kind", new.word()).hint(Hint::OtherName));
                // Which of the two a use means cannot be told.
                self.names.insert(Arc::from(&*name.node), Symbol::Broken);
            } else {
                index.insert(&name.node, stated.len());
                stated.push(new);
            }
        }
        let elements = |argument: &Expr| self.names_of_elements(argument);
        let uses: Vec<Vec<usize>> = stated.iter().map(|stated| stated.uses(&index, &elements)).collect();
        for stated in &stated {
            self.names.insert(Arc::from(&*stated.name().node), Symbol::Broken);
        }
        for at in self.settle(&stated, &uses) {
            if let Some(stated) = stated.get(at) {
                self.bind(*stated);
            }
        }
        self.out.classified.sort_by_key(|classified| classified.span.start());
    }

    /// Types one of them; everything that it uses is typed already.
    fn bind(&mut self, stated: Stated<'_>) {
        let index = LetIndex(u32::try_from(self.out.lets.len()).unwrap_or(u32::MAX));
        self.user = User::Let(index);
        self.current_uses.clear();
        let name: Arc<str> = Arc::from(&*stated.name().node);
        let span = stated.name().span;
        let typed = match stated {
            Stated::Let(_, value) => self.expr(value, None),
            Stated::Score(score) => self.score(score),
            Stated::Segment(name, lines) => self.segment(name, lines),
            Stated::Table(table) => {
                // What it uses, those use who look something up.
                let (uses, protected) = (self.current_uses.len(), self.protected_uses.len());
                let table = self.table(table);
                let uses = self.current_uses.split_off(uses);
                self.protected_uses.truncate(protected);
                if let Some(table) = table {
                    self.table_uses.push(uses);
                    let index = TableIndex(u32::try_from(self.out.tables.len()).unwrap_or(u32::MAX));
                    self.names.insert(name, Symbol::Table(index));
                    self.out.tables.push(table);
                }
                return;
            }
        };
        let uses = std::mem::take(&mut self.current_uses);
        let line = self.lines.line(span.start());
        if let Some(value) = typed {
            self.names.insert(Arc::clone(&name), Symbol::Let(index));
            self.out.lets.push(Let { name, line, value, used: false });
            self.let_uses.push(uses);
            if !matches!(stated, Stated::Let(..)) {
                // Every outcome tells of them, whether or not a rule asks.
                self.decision_uses.push(Symbol::Let(index));
                self.out.classified.push(Classified::new(index, span));
            }
        }
    }

    /// The order of the lets; those on a cycle are reported and left out.
    fn settle(&mut self, stated: &[Stated<'_>], uses: &[Vec<usize>]) -> Vec<usize> {
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
    fn cycle(&mut self, stated: &[Stated<'_>], uses: &[Vec<usize>], waiting: &[usize]) {
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
        let kind = path.first().and_then(|at| stated.get(*at)).map_or("let", |stated| stated.word());
        let steps: Vec<&Name> = path.iter().filter_map(|at| stated.get(*at)).map(|stated| stated.name()).collect();
        let Some(first) = steps.first() else { return };
        let mut names: Vec<String> = steps.iter().map(|name| name.node.to_string()).collect();
        names.push(first.node.to_string());
        let mut error =
            Diagnostic::new(Code::LetCycle, first.span).with("text", names.join("` → `")).with("kind", kind);
        for step in steps.iter().skip(1).take(8) {
            error = error.label(step.span, Note::new(Hint::CycleStep).with("text", &*step.node));
        }
        self.report(error.hint(Hint::OwnCircle));
    }
}

/// The names that mean fields of the elements, inside an aggregate over this argument.
pub(super) type Elements<'a> = &'a dyn Fn(&Expr) -> HashSet<String>;

pub(super) fn each_name(node: &Expr, elements: Elements<'_>, visit: &mut dyn FnMut(&str)) {
    let mut all = |parts: &[Expr]| parts.iter().for_each(|part| each_name(part, elements, visit));
    match &node.node {
        ExprKind::Name(name) => visit(name),
        ExprKind::Literal(_) | ExprKind::Today | ExprKind::Subject | ExprKind::Window(_) => {}
        ExprKind::Aggregate(aggregate) => {
            // The fields of the element come first.
            let own = elements(&aggregate.argument);
            let mut outer = |name: &str| {
                if !own.contains(name) {
                    visit(name);
                }
            };
            each_name(&aggregate.argument, elements, &mut outer);
            aggregate.condition.iter().for_each(|condition| each_name(condition, elements, &mut outer));
        }
        ExprKind::Group(parts) | ExprKind::And(parts) | ExprKind::Or(parts) | ExprKind::Coalesce(parts) => all(parts),
        ExprKind::AtLeast(_, parts) | ExprKind::Call(_, parts) => all(parts),
        ExprKind::Not(_, inner) | ExprKind::Negate(_, inner) => each_name(inner, elements, visit),
        ExprKind::Chain(first, rest) => {
            each_name(first, elements, visit);
            rest.iter().for_each(|(_, part)| each_name(part, elements, visit));
        }
        ExprKind::Compare(first, rest) => {
            each_name(first, elements, visit);
            rest.iter().for_each(|(_, part)| each_name(part, elements, visit));
        }
        ExprKind::If(arms, otherwise) => {
            for (condition, value) in arms {
                each_name(condition, elements, visit);
                each_name(value, elements, visit);
            }
            each_name(otherwise, elements, visit);
        }
        ExprKind::Test(test) => names_of_test(test, elements, visit),
    }
}

fn names_of_test(test: &Test, elements: Elements<'_>, visit: &mut dyn FnMut(&str)) {
    each_name(&test.subject, elements, visit);
    match &test.kind {
        TestKind::Between(low, high) => {
            each_name(low, elements, visit);
            each_name(high, elements, visit);
        }
        TestKind::In(value)
        | TestKind::Contains(_, value)
        | TestKind::StartsWith(value)
        | TestKind::Matches(value)
        | TestKind::Within(value) => each_name(value, elements, visit),
        TestKind::Missing | TestKind::Present => {}
    }
}
