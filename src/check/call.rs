//! Calls of functions: how many arguments, and of which types.

use super::{Checker, Typed, TypedKind};
use crate::builtins::{Fold, Op};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::source::Span;
use crate::syntax::ast::{Expr, Name};
use crate::value::Constant;

/// What other languages call our functions.
const FUNCTIONS: [(&str, &str); 13] = [
    ("avg", "average"),
    ("mean", "average"),
    ("total", "sum"),
    ("exists", "any"),
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

/// What we call a function of another language.
pub(super) fn other_name(name: &str) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(other, _)| *other == name.to_lowercase()).map(|(_, own)| *own)
}

impl Checker<'_> {
    pub(super) fn call(&mut self, name: &Name, arguments: &[Expr], span: Span) -> Option<Typed> {
        let Some(row) = Op::function(&name.node) else {
            let error = Diagnostic::new(Code::UnknownFunction, name.span).with("text", &*name.node);
            let plain = crate::builtins::TABLE.iter().filter(|row| row.form.contains('(')).map(|row| row.name);
            let known =
                Fold::ALL.iter().map(|fold| fold.name()).filter(|name| Op::function(name).is_none()).chain(plain);
            let note = match other_name(&name.node) {
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
