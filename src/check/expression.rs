//! Expressions: names to ids, operators to types.

use std::sync::Arc;

use super::{Checker, Symbol, Typed, TypedKind};
use crate::builtins::{Op, Sort};
use crate::diagnostics::{Arg, Code, Diagnostic, Hint, Note};
use crate::schema::{LADDER_FIELDS, Type};
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Literal};
use crate::syntax::spaced;
use crate::value::{Constant, negate};

impl Checker<'_> {
    /// Types an expression. `hint` is the type of what it meets: bare members of a closed set are known by it.
    pub(super) fn expr(&mut self, node: &Expr, hint: Option<&Type>) -> Option<Typed> {
        let hours = std::mem::take(&mut self.hours);
        if matches!(node.node, ExprKind::Literal(_) | ExprKind::Group(_) | ExprKind::If(..) | ExprKind::Coalesce(_)) {
            self.hours = hours;
        }
        let typed = self.typed(node, hint);
        self.hours = hours;
        typed
    }

    fn typed(&mut self, node: &Expr, hint: Option<&Type>) -> Option<Typed> {
        let span = node.span;
        match &node.node {
            ExprKind::Name(name) => self.name(name, span, hint),
            ExprKind::Literal(literal) => self.literal(literal, span, hint),
            ExprKind::Today => {
                self.dated = true;
                Some(Typed { span, sort: Sort::Of(Type::Date), kind: TypedKind::Today })
            }
            ExprKind::Subject => {
                let sort = self.subject.as_ref()?.sort.clone();
                Some(Typed { span, sort, kind: TypedKind::Subject })
            }
            ExprKind::Group(parts) => match parts.as_slice() {
                // `not in`, `is present` and the like stand where what they turn round stands.
                [only] => self.expr(only, hint).map(|typed| match &typed.kind {
                    TypedKind::Not(inner) if inner.span == typed.span => typed,
                    _ => Typed { span, ..typed },
                }),
                _ => self.fail(Diagnostic::new(Code::ListNotAllowed, span).hint(Hint::OneValue)),
            },
            ExprKind::Not(times, inner) => {
                let inner = self.condition(inner)?;
                let twice = times.is_multiple_of(2);
                Some(if twice { inner } else { boolean(span, TypedKind::Not(Box::new(inner))) })
            }
            ExprKind::Negate(times, inner) => self.negate(*times, inner, span, hint),
            ExprKind::And(parts) => self.conditions(parts).map(|parts| boolean(span, TypedKind::And(parts))),
            ExprKind::Or(parts) => self.conditions(parts).map(|parts| boolean(span, TypedKind::Or(parts))),
            ExprKind::Chain(first, _) if self.hyphenated(first, span).is_some() => {
                let name = self.hyphenated(first, span)?;
                let error = Diagnostic::new(Code::UnknownName, span).with("text", self.text_at(span));
                self.fail(error.hint(Note::new(Hint::DidYouMean).with("text", name)))
            }
            ExprKind::Chain(first, rest) => self.chain(first, rest),
            ExprKind::Coalesce(parts) => self.coalesce(parts, span, hint),
            ExprKind::Compare(first, rest) => self.compare(first, rest, span),
            ExprKind::Test(test) => self.test(test, span),
            ExprKind::AtLeast(count, parts) => self.at_least(count, parts, span),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, span),
            ExprKind::Window(_) => {
                let error = Diagnostic::new(Code::WindowElsewhere, span).with("text", self.text_at(span));
                self.fail(error.hint(Hint::WindowInAggregate))
            }
            ExprKind::Call(name, arguments) => self.call(name, arguments, span),
            ExprKind::If(arms, otherwise) => self.choice(arms, otherwise, span, hint),
        }
    }

    /// The known name that a difference of unknown ones spells: `annual-spend`.
    fn hyphenated(&self, first: &Expr, span: Span) -> Option<String> {
        let name = self.text_at(span);
        let spells = name.contains('-') && !name.contains(char::is_whitespace) && self.is_unresolved(first);
        let name = Some(name.replace('-', "_")).filter(|_| spells)?;
        self.names.contains_key(&*name).then_some(name)
    }

    /// Types an expression that must be true or false.
    pub(super) fn condition(&mut self, node: &Expr) -> Option<Typed> {
        let typed = self.expr(node, Some(&Type::Boolean))?;
        if typed.sort.is(&Type::Boolean) {
            return Some(typed);
        }
        let note = self.condition_of(&typed);
        self.fail(Diagnostic::new(Code::NotACondition, node.span).with("type", typed.sort.settled()).hint(note))
    }

    /// What an author may have wanted to ask of a value that is no condition.
    fn condition_of(&self, typed: &Typed) -> Note {
        let text = self.text_at(typed.span);
        let literal = matches!(typed.kind, TypedKind::Constant(_));
        let condition = match typed.sort.settled() {
            ty if ty.is_numeric() && literal => format!("frequency > {text}"),
            ty if ty.is_numeric() => format!("{text} > 0"),
            Type::Text if literal => format!("region = {text}"),
            Type::Text => format!("{text} = \"…\""),
            Type::Date if literal => format!("last_order_on > {text}"),
            Type::Date => format!("{text} > 2026-01-31"),
            Type::Duration => format!("last_order_on within {text}"),
            Type::SetOf(_) => format!("{text} contains \"…\""),
            Type::OneOf(members) => format!("{text} = {}", members.names().next().unwrap_or("…")),
            _ => format!("{text} is present"),
        };
        Note::new(Hint::Conditions).with("text", condition)
    }

    fn conditions(&mut self, parts: &[Expr]) -> Option<Vec<Typed>> {
        // Every part is looked at, so that all errors are found at once.
        let mut typed = Vec::with_capacity(parts.len());
        let mut compared: Option<(&Expr, &str)> = None;
        for part in parts {
            let lone = compared.and_then(|(fact, sign)| self.lone_value(part, fact, sign));
            match lone {
                Some(error) => self.report(error),
                None => typed.extend(self.condition(part)),
            }
            if let ExprKind::Compare(fact, rest) = &part.node
                && let [(op, _)] = rest.as_slice()
            {
                compared = Some((&**fact, op.sign()));
            }
        }
        (typed.len() == parts.len()).then_some(typed)
    }

    /// The second value in `region = "north" or "south"`, where a whole condition must stand.
    fn lone_value(&mut self, part: &Expr, fact: &Expr, sign: &str) -> Option<Diagnostic> {
        let ty = match &part.node {
            ExprKind::Literal(literal) if !matches!(**literal, Literal::Boolean(_)) => {
                self.expr(part, None)?.sort.settled()
            }
            ExprKind::Name(name) if self.is_unresolved(part) => {
                self.closed_set(fact).filter(|set| set.member(name).is_some())?
            }
            _ => return None,
        };
        let whole = format!("{} {sign} {}", self.text_at(fact.span), self.text_at(part.span));
        let error = Diagnostic::new(Code::NotACondition, part.span).with("type", ty);
        Some(error.hint(Note::new(Hint::RepeatComparison).with("text", whole)))
    }

    fn name(&mut self, name: &str, span: Span, hint: Option<&Type>) -> Option<Typed> {
        if let Some(ty) = hint
            && let Some(member) = ty.member(name)
        {
            return Some(Typed {
                span,
                sort: Sort::Of(ty.clone()),
                kind: TypedKind::Constant(Constant::Member(member)),
            });
        }
        if let Some(of_element) = self.of_element(name, span) {
            return of_element;
        }
        let symbol = self.names.get(name).copied();
        let (sort, kind) = match symbol {
            Some(Symbol::Field(field)) => (Sort::Of(self.field(field)?.ty().clone()), TypedKind::Field(field)),
            Some(Symbol::Let(index)) => (self.out.lets.get(index.at())?.value.sort.clone(), TypedKind::Let(index)),
            Some(Symbol::Table(table)) => return self.table_as_fact(table, span),
            Some(Symbol::Broken | Symbol::Collection(_) | Symbol::Element(..)) => return None,
            None => match self.lookup(name, span, hint) {
                Some(found) => return found,
                None => return self.unknown_name(name, span, hint),
            },
        };
        self.uses(symbol, span);
        Some(Typed { span, sort, kind })
    }

    pub(super) fn uses(&mut self, symbol: Option<Symbol>, span: Span) {
        self.current_uses.extend(symbol);
        let field = match symbol {
            Some(Symbol::Field(field)) => self.field(field),
            Some(Symbol::Element(index, field)) => {
                self.records(index).and_then(|records| records.collection.fields.get(field as usize))
            }
            _ => None,
        };
        if let Some(name) = field.filter(|field| field.protected).map(|field| Arc::clone(&field.name)) {
            self.protected_uses.push((self.user, name, span));
        }
    }

    fn unknown_name(&mut self, name: &str, span: Span, hint: Option<&Type>) -> Option<Typed> {
        let error = |code| Diagnostic::new(code, span).with("text", name);
        match hint {
            Some(Type::Text) => {
                let error = error(Code::BareText).hint(Note::new(Hint::QuoteText).with("text", name));
                if let Some(apart) = self.apart(name) {
                    return self.fail(error.hint(apart));
                }
                let near = self.near_fact(name).filter(|(_, by_spelling)| *by_spelling);
                return self.fail(match near {
                    Some((near, _)) => error.hint(near),
                    None => error,
                });
            }
            Some(ty @ Type::OneOf(members)) => {
                let near = self.did_you_mean(name, members.names());
                return self.fail(unknown_member(error(Code::UnknownMember), ty, near));
            }
            _ => {}
        }
        self.unknown_fact(name, span, hint)
    }

    /// A name that nothing has, where only a fact or a `let` of a type can stand.
    pub(super) fn unknown_fact<T>(&mut self, name: &str, span: Span, ty: Option<&Type>) -> Option<T> {
        let error = |code| Diagnostic::new(code, span).with("text", name);
        if self.tier_index.contains_key(name) {
            return self.fail(error(Code::TierAsField).hint(Hint::TierBehindArrow));
        }
        if self.collection_named(name).is_some() {
            return self.collection_as_fact(name, span);
        }
        if let Some((index, field)) = self.element(name) {
            return self.outside(index, field, name, span);
        }
        let truth = match name.to_lowercase().as_str() {
            "true" | "yes" => Some("true"),
            "false" | "no" => Some("false"),
            _ => None,
        };
        if let (Some(truth), Some(Type::Boolean)) = (truth, ty) {
            return self.fail(error(Code::UnknownName).hint(Note::new(Hint::WriteAs).with("text", truth)));
        }
        let ty = ty.cloned().filter(|ty| !matches!(ty, Type::Duration | Type::Integer)).unwrap_or(Type::Number);
        let form = Arg::from(ty).to_string();
        // Inside an aggregate it is most likely one more field of the element.
        let declared = self.scoped(name);
        let declare = |hint| Note::new(hint).with("text", declared).with("type", form);
        let error = error(Code::UnknownName);
        if let Some(apart) = self.apart(name) {
            return self.fail(error.hint(apart));
        }
        let error = match self.near_fact(name) {
            Some((near, true)) => error.hint(near),
            Some((near, false)) => error.hint(near).hint(declare(Hint::OrDeclare)),
            None => error.hint(declare(Hint::DeclareField)),
        };
        self.fail(error)
    }

    /// The spaced form of a name that holds a Chinese keyword, which needs blanks there.
    fn apart(&self, name: &str) -> Option<Note> {
        if name.is_ascii() || !self.proposes() {
            return None;
        }
        let apart = spaced(name, |part| self.names.contains_key(part))?;
        Some(Note::new(Hint::WriteAs).with("text", apart))
    }

    fn negate(&mut self, times: u32, inner: &Expr, span: Span, hint: Option<&Type>) -> Option<Typed> {
        let inner = self.expr(inner, hint)?;
        if !inner.sort.is_numeric() {
            let error = Diagnostic::new(Code::WrongArgument, span).with("function", "-");
            let note = Note::new(Hint::SameKind).with("op", "-");
            return self.fail(error.with("type", inner.sort.settled()).hint(note));
        }
        if times.is_multiple_of(2) {
            return Some(inner);
        }
        let sort = inner.sort.clone();
        let kind = match inner.kind {
            TypedKind::Constant(Constant::Number(number)) => TypedKind::Constant(Constant::Number(negate(number))),
            _ => TypedKind::Unary(Op::Negate, Box::new(inner)),
        };
        Some(Typed { span, sort, kind })
    }

    fn chain(&mut self, first: &Expr, rest: &[(Op, Expr)]) -> Option<Typed> {
        let mut left = self.expr(first, None);
        let mut parts = Vec::with_capacity(rest.len());
        let mut so_far = left.as_ref().map(|left| (left.span, left.sort.clone()));
        for (op, part) in rest {
            let right = self.expr(part, None);
            let (Some((span, sort)), Some(right)) = (so_far.take(), right) else {
                continue;
            };
            match (op.builtin().signature)(&sort, Some(&right.sort)) {
                Some(sort) => {
                    so_far = Some((span.to(right.span), sort));
                    parts.push((*op, right));
                }
                None => self.wrong_operand(*op, (span, &sort), &right),
            }
        }
        let (span, sort) = so_far?;
        let left = left.take()?;
        Some(Typed { span, sort, kind: TypedKind::Chain(Box::new(left), parts) })
    }

    fn wrong_operand(&mut self, op: Op, (span, left): (Span, &Sort), right: &Typed) {
        let (a, b) = (left.settled(), right.sort.settled());
        let sum = matches!(op, Op::Add | Op::Subtract);
        let note = match (&a, &b) {
            _ if !sum => Note::new(Hint::SameKind).with("op", op.sign()),
            (Type::Date, Type::Integer | Type::Number) | (Type::Integer | Type::Number, Type::Date) => {
                Hint::DaysForDuration.into()
            }
            (Type::Date, Type::Date) => Hint::DatesSubtract.into(),
            (Type::Money, Type::Integer | Type::Number) | (Type::Integer | Type::Number, Type::Money) => {
                Hint::MoneyRatio.into()
            }
            _ => Note::new(Hint::SameKind).with("op", op.sign()),
        };
        let error = Diagnostic::new(Code::WrongOperand, span.to(right.span));
        let error = error.with("op", op.sign()).with("left", a.clone()).with("right", b.clone());
        let error = error.label(span, Note::new(Hint::ThisIs).with("type", a));
        self.report(error.label(right.span, Note::new(Hint::ThisIs).with("type", b)).hint(note));
    }

    fn coalesce(&mut self, parts: &[Expr], span: Span, hint: Option<&Type>) -> Option<Typed> {
        let mut typed: Vec<Typed> = Vec::with_capacity(parts.len());
        let mut sort: Option<Sort> = None;
        for part in parts {
            let settled = sort.as_ref().map(Sort::settled);
            let part = self.expr(part, settled.as_ref().or(hint))?;
            sort = match sort {
                None => Some(part.sort.clone()),
                Some(sort) => Some(self.meet(&sort, &part.sort, span)?),
            };
            typed.push(part);
        }
        Some(Typed { span, sort: sort?, kind: TypedKind::Coalesce(typed) })
    }

    fn choice(&mut self, arms: &[(Expr, Expr)], otherwise: &Expr, span: Span, hint: Option<&Type>) -> Option<Typed> {
        let mut typed = Vec::with_capacity(arms.len());
        let mut sort: Option<Sort> = None;
        for (condition, value) in arms {
            let condition = self.condition(condition);
            let value = self.expr(value, hint)?;
            sort = match sort {
                None => Some(value.sort.clone()),
                Some(sort) => Some(self.meet(&sort, &value.sort, value.span)?),
            };
            typed.push((condition?, value));
        }
        let otherwise = self.expr(otherwise, hint)?;
        let sort = self.meet(&sort?, &otherwise.sort, otherwise.span)?;
        Some(Typed { span, sort, kind: TypedKind::If(typed, Box::new(otherwise)) })
    }

    /// The type of two branches.
    fn meet(&mut self, left: &Sort, right: &Sort, span: Span) -> Option<Sort> {
        if let Some(sort) = left.meet(right) {
            return Some(sort);
        }
        let error =
            Diagnostic::new(Code::BranchTypes, span).with("left", left.settled()).with("right", right.settled());
        self.fail(error.hint(Hint::BranchesAlike))
    }

    fn at_least(&mut self, count: &Expr, parts: &[Expr], span: Span) -> Option<Typed> {
        let typed = self.conditions(parts);
        let number = match &count.node {
            ExprKind::Literal(literal) => match &**literal {
                Literal::Number(number) if number.suffix.is_none() => number.digits.parse::<u32>().ok(),
                _ => None,
            },
            _ => None,
        };
        let fits = number.filter(|number| *number >= 1 && *number as usize <= parts.len());
        let Some(number) = fits else {
            let error = Diagnostic::new(Code::AtLeastCount, count.span).with("count", parts.len());
            return self.fail(error.hint(Note::new(Hint::AtLeastRange).with("count", parts.len())));
        };
        Some(boolean(span, TypedKind::AtLeast(number, typed?)))
    }

    /// Whether a name at this place could only be a member of the set on the other side.
    pub(super) fn is_unresolved(&self, node: &Expr) -> bool {
        matches!(&node.node, ExprKind::Name(name) if !self.names.contains_key(&**name)
            && !LADDER_FIELDS.contains(&&**name)
            && !self.is_column(name)
            && self.element_type(name).is_none())
    }
}

pub(super) fn boolean(span: Span, kind: TypedKind) -> Typed {
    Typed { span, sort: Sort::Of(Type::Boolean), kind }
}

pub(super) fn unknown_member(error: Diagnostic, ty: &Type, near: Option<Note>) -> Diagnostic {
    match (near, ty) {
        (Some(near), _) => error.hint(near),
        (None, Type::OneOf(members)) => {
            error.hint(Note::new(Hint::KnownMembers).with("list", super::fields::shown(members)))
        }
        (None, _) => error,
    }
}
