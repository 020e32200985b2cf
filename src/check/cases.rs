//! Tests beside the rules: facts of the right types, names that the policy has, results that it can give.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Checker, User};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::source::Span;
use crate::syntax::Ast;
use crate::syntax::ast::{self, Name, StatementKind};
use crate::value::{Constant, parse_date};

/// A test: a customer, a day, and what is expected.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: Arc<str>,
    /// Its row in a table of tests, counted from 1.
    pub(crate) row: Option<usize>,
    pub(crate) line: u32,
    pub(crate) as_of: Option<NaiveDate>,
    pub(crate) given: Facts,
    pub(crate) expected: Expected,
}

/// The facts of a test, or of a record, by the names under which a host supplies them.
pub(crate) type Facts = Vec<(Arc<str>, Given)>;

/// A fact of a test.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Given {
    Missing,
    Boolean(bool),
    Number(Decimal),
    Date(NaiveDate),
    /// A member too.
    Text(Arc<str>),
    Set(Vec<Given>),
    Records(Vec<Facts>),
}

#[derive(Clone, Debug)]
pub(crate) enum Expected {
    /// The field that the message names.
    Refused(Arc<str>),
    Outcome(Wanted),
}

/// What of an outcome is expected; what is not named may be anything.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) tier: Option<usize>,
    pub(crate) by: Option<By>,
    pub(crate) possible: Option<BTreeSet<Option<usize>>>,
    pub(crate) certain: bool,
    pub(crate) values: Vec<(Part, Option<Constant>)>,
}

/// What decides or moves the tier, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    Rule(usize),
    Adjustment(usize),
}

/// A part of an outcome beside the tier.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Score(Arc<str>),
    /// Its value is a member, which is kept as a text.
    Segment(Arc<str>),
    Benefit(Arc<str>),
}

impl Checker<'_> {
    /// Checks a file of tests: it names the policy once, and declares nothing.
    pub(super) fn file_of_tests(&mut self, ast: &Ast) {
        let mut used: Option<Span> = None;
        for statement in &ast.statements {
            match (&statement.node, used) {
                (StatementKind::Use(_), Some(first)) => {
                    let error = Diagnostic::new(Code::DuplicateStatement, statement.span).with("text", "use");
                    let once = Note::new(Hint::StateOnce).with("text", "use");
                    self.report(error.label(first, Hint::FirstHere).hint(once));
                }
                (StatementKind::Use(_), None) => used = Some(statement.span),
                (StatementKind::Case(_) | StatementKind::CaseTable(_) | StatementKind::Version(_), _) => {}
                _ => {
                    self.report(Diagnostic::new(Code::NotATest, statement.span).hint(Hint::RulesElsewhere));
                }
            }
        }
        self.cases(ast);
    }

    /// Checks the tests that stand beside the rules. A text that is a file of tests is told so, and nothing else.
    pub(super) fn own_cases(&mut self, ast: &Ast) {
        let uses = ast.statements.iter().find(|statement| matches!(statement.node, StatementKind::Use(_)));
        let test = |kind: &StatementKind| matches!(kind, StatementKind::Case(_) | StatementKind::CaseTable(_));
        let other = |kind: &StatementKind| !test(kind) && !matches!(kind, StatementKind::Version(_));
        let first = ast.statements.iter().find(|statement| test(&statement.node));
        if let Some(statement) = uses {
            return self.report(Diagnostic::new(Code::UseElsewhere, statement.span).hint(Hint::TestsBeside));
        }
        match first.filter(|_| !ast.damaged && !ast.statements.iter().any(|statement| other(&statement.node))) {
            Some(first) => self.report(Diagnostic::new(Code::NoRules, first.span).hint(Hint::UsePolicy)),
            None => self.cases(ast),
        }
    }

    /// Checks every test; what the policy uses is known by now.
    fn cases(&mut self, ast: &Ast) {
        let sound = !self.has_errors() && !ast.damaged;
        let mut names: HashMap<&str, Span> = HashMap::new();
        self.user = User::Benefit;
        for statement in &ast.statements {
            let (name, as_of) = match &statement.node {
                StatementKind::Case(case) => (&case.name, &case.as_of),
                StatementKind::CaseTable(table) => (&table.name, &table.as_of),
                _ => continue,
            };
            let first = *names.entry(&name.node).or_insert(name.span);
            if first != name.span {
                let error = Diagnostic::new(Code::DuplicateName, name.span).with("text", &*name.node);
                self.report(error.label(first, Hint::FirstHere).hint(Hint::RenameOne));
            }
            let before = self.diagnostics.len();
            let day = self.as_of_day(as_of.as_ref());
            match &statement.node {
                StatementKind::Case(case) => self.case(statement.span, case, day, sound),
                StatementKind::CaseTable(table) => self.case_table(table, day),
                _ => {}
            }
            let dated = self.dated || !self.out.computed.is_empty();
            if as_of.is_none() && sound && dated && self.diagnostics.len() == before {
                let form = Note::new(Hint::WriteAs).with("text", "as of 2026-06-30");
                self.report(Diagnostic::new(Code::TestWithoutDate, name.span).hint(form));
            }
        }
        self.current_uses.clear();
    }

    fn as_of_day(&mut self, as_of: Option<&Name>) -> Option<NaiveDate> {
        let written = as_of?;
        let day = parse_date(&written.node);
        if day.is_none() {
            self.report(super::declare::no_such_day(&written.node, written.span));
        }
        day
    }

    fn case(&mut self, span: Span, case: &ast::Case, as_of: Option<NaiveDate>, sound: bool) {
        let refused = match &case.expected {
            ast::Expected::Refused(field) => Some(field),
            ast::Expected::Outcome(_) => None,
        };
        let given = self.givens(&case.given, refused);
        let expected = match &case.expected {
            ast::Expected::Refused(field) => self.refused(field).map(Expected::Refused),
            ast::Expected::Outcome(wanted) => self.wanted(wanted, sound).map(Expected::Outcome),
        };
        if let (Some(given), Some(expected)) = (given, expected) {
            let line = self.lines.line(span.start());
            let name = Arc::from(&*case.name.node);
            self.out.cases.push(Case { name, row: None, line, as_of, given, expected });
        }
    }
}
