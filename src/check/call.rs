//! Calls of functions: how many arguments, and of which types.

use super::{Checker, Typed, TypedKind};
use crate::builtins::Op;
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::source::Span;
use crate::syntax::ast::{Expr, Name};
use crate::value::Constant;

/// What other languages call our functions.
const FUNCTIONS: [(&str, &str); 9] = [
    ("maximum", "max"),
    ("minimum", "min"),
    ("ceiling", "ceil"),
    ("lowercase", "lower"),
    ("datediff", "days_between"),
    ("coalesce", "??"),
    ("ifnull", "??"),
    ("isnull", "??"),
    ("nvl", "??"),
];

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &Name, arguments: &[Expr], span: Span) -> Option<Typed> {
        let Some(row) = Op::function(&name.node) else {
            let error = Diagnostic::new(Code::UnknownFunction, name.span).with("text", &*name.node);
            let known = crate::builtins::TABLE.iter().filter(|row| row.form.contains('(')).map(|row| row.name);
            let other = FUNCTIONS.iter().find(|(other, _)| *other == name.node.to_lowercase()).map(|(_, own)| *own);
            let note = match other {
                Some("??") => Some(Hint::WriteCoalesce.into()),
                Some(own) => Some(Note::new(Hint::DidYouMean).with("text", own)),
                None => self.did_you_mean(&name.node, known.clone()),
            };
            let known = known.map(str::to_owned).collect::<Vec<_>>();
            return self.fail(error.hint(note.unwrap_or(Note::new(Hint::KnownFunctions).with("list", known))));
        };
        let typed: Vec<Option<Typed>> = arguments.iter().map(|argument| self.expr(argument, None)).collect();
        let (fewest, most) = row.arity;
        if !(fewest..=most).contains(&arguments.len()) {
            let error =
                Diagnostic::new(Code::ArgumentCount, span).with("function", row.name).with("count", arguments.len());
            return self.fail(error.hint(Note::new(Hint::WriteAs).with("text", row.form)));
        }
        let mut typed = typed.into_iter().collect::<Option<Vec<_>>>()?.into_iter();
        let first = typed.next()?;
        if fewest == 1 {
            let sort = (row.signature)(&first.sort, None);
            let Some(sort) = sort else {
                return self.wrong_argument(row, &first);
            };
            return Some(Typed { span, sort, kind: TypedKind::Unary(row.op, Box::new(first)) });
        }
        let mut sort = first.sort.clone();
        let mut rest = Vec::new();
        for argument in typed {
            let Some(next) = (row.signature)(&sort, Some(&argument.sort)) else {
                return self.wrong_argument(row, &argument);
            };
            if row.op == Op::Round && !is_places(&argument) {
                return self.wrong_argument(row, &argument);
            }
            sort = next;
            rest.push((row.op, argument));
        }
        Some(Typed { span, sort, kind: TypedKind::Chain(Box::new(first), rest) })
    }

    fn wrong_argument(&mut self, row: &crate::builtins::Builtin, argument: &Typed) -> Option<Typed> {
        let error = Diagnostic::new(Code::WrongArgument, argument.span);
        let error = error.with("function", row.name).with("type", argument.sort.settled());
        let places = row.op == Op::Round && argument.sort.is_numeric();
        self.fail(error.hint(if places {
            Hint::Places.into()
        } else {
            Note::new(Hint::WriteAs).with("text", row.form)
        }))
    }
}

/// Decimal places that a number can have.
fn is_places(argument: &Typed) -> bool {
    matches!(&argument.kind, TypedKind::Constant(Constant::Number(places)) if (0..=28).contains(&i64::try_from(*places).unwrap_or(-1)))
}
