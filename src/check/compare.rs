//! Comparisons and the conditions that are spelt with words.

use std::sync::Arc;

use super::expression::boolean;
use super::{Checker, Pattern, Symbol, Typed, TypedKind};
use crate::builtins::{Compare, Contains, Sort};
use crate::diagnostics::{Code, Diagnostic, Hint, Note};
use crate::schema::Type;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind, Literal, Test, TestKind};
use crate::value::Constant;

impl Checker<'_> {
    /// `a < b`, and `a <= b < c` as `a <= b and b < c`.
    pub(super) fn compare(&mut self, first: &Expr, rest: &[(Compare, Expr)], span: Span) -> Option<Typed> {
        if let [(op, right)] = rest {
            return self.comparison(first, *op, right);
        }
        let first = self.expr(first, None);
        let mut typed = Vec::with_capacity(rest.len());
        for (op, part) in rest {
            typed.extend(self.expr(part, None).map(|part| (*op, part)));
        }
        if typed.len() < rest.len() {
            return None;
        }
        self.chained(span, first?, typed)
    }

    /// Inequalities in one direction. A middle that holds no condition is repeated, so that each comparison is one of its
    /// own; another one would double with every level.
    fn chained(&mut self, span: Span, first: Typed, rest: Vec<(Compare, Typed)>) -> Option<Typed> {
        let mut sound = true;
        for (left, (op, right)) in std::iter::once(&first).chain(rest.iter().map(|(_, part)| part)).zip(&rest) {
            sound &= self.comparable(left, *op, right).is_some();
        }
        if !sound {
            return None;
        }
        self.decided(span, &first, &rest);
        let middle = rest.split_last().map_or(&[][..], |(_, middle)| middle);
        if middle.iter().any(|(_, part)| part.holds_condition()) {
            return Some(boolean(span, TypedKind::Chained(Box::new(first), rest)));
        }
        let mut left = first;
        let part = |(op, right): (Compare, Typed)| {
            let left = std::mem::replace(&mut left, right.clone());
            boolean(left.span.to(right.span), TypedKind::Compare(op, Box::new(left), Box::new(right)))
        };
        // Collecting from a vector by value reuses its memory.
        let parts = rest.into_iter().map(part).collect();
        Some(boolean(span, TypedKind::And(parts)))
    }

    fn comparison(&mut self, left: &Expr, op: Compare, right: &Expr) -> Option<Typed> {
        let span = left.span.to(right.span);
        if let Some(cure) = self.asks_whether_known(left, op, right) {
            let error = Diagnostic::new(Code::UnknownName, right.span).with("text", self.text_at(right.span));
            return self.fail(error.hint(cure));
        }
        if let ExprKind::Name(name) = &left.node
            && op.direction().is_none()
            && self.is_unresolved(left)
            && self.is_unresolved(right)
        {
            return self.unknown_fact(name, left.span, Some(&Type::Text));
        }
        let (left, right) = self.pair(left, right)?;
        self.comparable(&left, op, &right)?;
        let rest = [(op, right)];
        self.decided(span, &left, &rest);
        let [(_, right)] = rest;
        Some(boolean(span, TypedKind::Compare(op, Box::new(left), Box::new(right))))
    }

    /// `industry = null`, as other languages ask whether a fact is missing.
    fn asks_whether_known(&self, left: &Expr, op: Compare, right: &Expr) -> Option<Note> {
        const NOTHING: [&str; 7] = ["null", "none", "nil", "nothing", "empty", "undefined", "unknown"];
        let ExprKind::Name(name) = &right.node else { return None };
        let asks = op.direction().is_none() && NOTHING.contains(&name.to_lowercase().as_str());
        let member = self.closed_set(left).is_some_and(|set| set.member(name).is_some());
        if !asks || member || !self.is_unresolved(right) {
            return None;
        }
        let word = if op == Compare::Equal { "missing" } else { "present" };
        Some(Note::new(Hint::WriteAs).with("text", format!("{} is {word}", self.text_at(left.span))))
    }

    /// Reports where two sides cannot be compared.
    fn comparable(&mut self, left: &Typed, op: Compare, right: &Typed) -> Option<()> {
        let span = left.span.to(right.span);
        let Some(meeting) = left.sort.meet(&right.sort) else {
            return self.incomparable(span, left, right);
        };
        let ty = meeting.settled();
        let comparable = match op.direction() {
            Some(_) => is_ordered(&ty),
            None => !matches!(ty, Type::SetOf(_) | Type::Duration),
        };
        if !comparable {
            let hint = if matches!(ty, Type::SetOf(_)) {
                let whole = format!("{} contains any (…)", self.text_at(left.span));
                Note::new(Hint::SetWantsContains).with("text", whole)
            } else {
                Hint::TextNeedsNoOrder.into()
            };
            let error = Diagnostic::new(Code::NoOrder, span).with("op", op.sign()).with("type", ty);
            return self.fail(error.hint(hint));
        }
        Some(())
    }

    /// Types two sides that meet. A bare name is a member where the other side's type has one of that name.
    fn pair(&mut self, left: &Expr, right: &Expr) -> Option<(Typed, Typed)> {
        let member = |node: &Expr, other: &Expr| match (&node.node, self.closed_set(other)) {
            (ExprKind::Name(name), Some(set)) => set.member(name).is_some(),
            _ => false,
        };
        let column = |node: &Expr| matches!(&node.node, ExprKind::Name(name) if self.is_column(name));
        let members = column(left) && !column(right) && !self.is_unresolved(right);
        if member(left, right) || members || (self.is_unresolved(left) && !self.is_unresolved(right)) {
            let right = self.expr(right, None)?;
            let ty = right.sort.settled();
            // Beside a literal only a fact can stand, beside a fact also a member or a text without its quotes.
            let literal = matches!(right.kind, TypedKind::Constant(_));
            let left = match &left.node {
                ExprKind::Name(name) if literal && self.is_unresolved(left) && ty.member(name).is_none() => {
                    self.unknown_fact(name, left.span, Some(&ty))?
                }
                _ => self.expr(left, Some(&ty))?,
            };
            return Some((left, right));
        }
        let typed = self.expr(left, None);
        // What a bare name means beside a side that is in error cannot be told.
        if typed.is_none() && self.is_unresolved(right) {
            return None;
        }
        let hint = typed.as_ref().map(|typed| typed.sort.settled());
        let literal = typed.as_ref().is_some_and(|typed| matches!(typed.kind, TypedKind::Constant(_)));
        let right = match (&right.node, &hint) {
            (ExprKind::Name(name), Some(ty)) if literal && self.is_unresolved(right) && ty.member(name).is_none() => {
                self.unknown_fact(name, right.span, Some(ty))
            }
            _ => self.expr(right, hint.as_ref()),
        };
        Some((typed?, right?))
    }

    /// The closed set that a plain name holds a member of.
    pub(super) fn closed_set(&self, node: &Expr) -> Option<Type> {
        if let ExprKind::Subject = &node.node {
            return self
                .subject
                .as_ref()
                .map(|subject| subject.sort.settled())
                .filter(|ty| matches!(ty, Type::OneOf(_)));
        }
        let ExprKind::Name(name) = &node.node else { return None };
        if let Some(ty) = self.element_type(name) {
            return Some(ty.clone()).filter(|ty| matches!(ty, Type::OneOf(_)));
        }
        let ty = match self.names.get(&**name)? {
            Symbol::Field(field) => self.field(*field)?.ty().clone(),
            Symbol::Let(index) => self.out.lets.get(index.at())?.value.sort.settled(),
            _ => return None,
        };
        matches!(ty, Type::OneOf(_)).then_some(ty)
    }

    /// `subject between …`, `in`, `is missing`, `contains`, `starts with`, `matches`, `within`.
    pub(super) fn test(&mut self, test: &Test, span: Span) -> Option<Typed> {
        let typed = match &test.kind {
            TestKind::Between(low, high) => self.between(&test.subject, low, high, span),
            TestKind::Missing => self.expr(&test.subject, None).map(|subject| missing(span, subject)),
            TestKind::Present => {
                let subject = self.expr(&test.subject, None)?;
                Some(boolean(span, TypedKind::Not(Box::new(missing(span, subject)))))
            }
            TestKind::In(list) => self.within_list(&test.subject, list, span),
            TestKind::Contains(mode, wanted) => self.contains(&test.subject, *mode, wanted, span),
            TestKind::StartsWith(prefix) => {
                let subject = self.text_subject(&test.subject, "starts with");
                let prefix = self.text_literal(prefix);
                Some(boolean(span, TypedKind::StartsWith(Box::new(subject?), Arc::from(prefix?))))
            }
            TestKind::Matches(pattern) => self.matches(&test.subject, pattern, span),
            TestKind::Within(length) => self.within(&test.subject, length, span),
        }?;
        Some(if test.negated { boolean(span, TypedKind::Not(Box::new(typed))) } else { typed })
    }

    fn between(&mut self, subject: &Expr, low: &Expr, high: &Expr, span: Span) -> Option<Typed> {
        let (subject, low) = self.pair(subject, low)?;
        let ty = subject.sort.settled();
        if subject.sort.meet(&low.sort).is_some() && !is_ordered(&ty) {
            let error = Diagnostic::new(Code::NoOrder, span).with("op", "between").with("type", ty);
            return self.fail(error.hint(Hint::TextNeedsNoOrder));
        }
        let (low_span, high_span) = (low.span, high.span);
        let high = self.expr(high, Some(&ty))?;
        if let (TypedKind::Constant(low), TypedKind::Constant(high)) = (&low.kind, &high.kind)
            && low > high
        {
            let (low, high) = (self.text_at(low_span).to_owned(), self.text_at(high_span));
            let swapped = Note::new(Hint::WriteAs).with("text", format!("between {high} and {low}"));
            return self.fail(Diagnostic::new(Code::ReversedRange, low_span.to(high_span)).hint(swapped));
        }
        let ends = vec![(Compare::LessOrEqual, subject), (Compare::LessOrEqual, high)];
        self.chained(span, low, ends)
    }

    fn within_list(&mut self, subject: &Expr, list: &Expr, span: Span) -> Option<Typed> {
        let subject = self.expr(subject, None);
        if let ExprKind::Window(_) = &list.node {
            return self.expr(list, None);
        }
        let ExprKind::Group(members) = &list.node else {
            return self.list_expected(list, subject.as_ref());
        };
        let subject = subject?;
        let ty = subject.sort.settled();
        if matches!(ty, Type::SetOf(_) | Type::Duration) {
            let whole = format!("{} contains any {}", self.text_at(subject.span), self.text_at(list.span));
            let error = Diagnostic::new(Code::NoOrder, span).with("op", "in").with("type", ty);
            return self.fail(error.hint(Note::new(Hint::SetWantsContains).with("text", whole)));
        }
        let spans = members.iter().map(|member| member.span);
        let members = self.members(members, &ty, list.span)?;
        self.decided_members(&subject, &members, spans);
        Some(boolean(span, TypedKind::In(Box::new(subject), members)))
    }

    /// Something else where a list must stand; a set of the customer's is asked the other way round.
    fn list_expected<T>(&mut self, list: &Expr, subject: Option<&Typed>) -> Option<T> {
        let set = match &list.node {
            ExprKind::Name(name) => match self.names.get(&**name) {
                Some(Symbol::Field(field)) => self.field(*field).is_some_and(|f| matches!(f.ty(), Type::SetOf(_))),
                Some(Symbol::Let(index)) => {
                    let bound = self.out.lets.get(index.at());
                    bound.is_some_and(|bound| matches!(bound.value.sort.settled(), Type::SetOf(_)))
                }
                _ => false,
            },
            _ => false,
        };
        let text = self.text_at(list.span);
        let note = match subject.filter(|_| set) {
            Some(subject) => {
                let whole = format!("{text} contains {}", self.text_at(subject.span));
                Note::new(Hint::SetWantsContains).with("text", whole)
            }
            None => Note::new(Hint::WriteAs).with("text", format!("({text})")),
        };
        self.fail(Diagnostic::new(Code::ListExpected, list.span).hint(note))
    }

    /// The members of a list: literals of a type, or bare names of a closed set.
    fn members(&mut self, members: &[Expr], ty: &Type, span: Span) -> Option<Vec<Constant>> {
        if members.len() > self.limits.list_members {
            let limit = self.limits.list_members;
            let error = Diagnostic::new(Code::ListTooLong, span).with("count", members.len()).with("limit", limit);
            return self.fail(error.hint(Hint::HostLimit));
        }
        let sort = Sort::Of(ty.clone());
        let mut constants = Vec::with_capacity(members.len());
        for member in members {
            let Some(typed) = self.expr(member, Some(ty)) else {
                continue;
            };
            let TypedKind::Constant(constant) = typed.kind else {
                self.report(Diagnostic::new(Code::NotALiteral, member.span).hint(Hint::ListOfLiterals));
                continue;
            };
            if sort.meet(&typed.sort).is_some() {
                constants.push(constant);
                continue;
            }
            let error = Diagnostic::new(Code::IncomparableTypes, member.span);
            let error = error.with("left", ty.clone()).with("right", typed.sort.settled());
            self.report(error.hint(Hint::ListAlike));
        }
        (constants.len() == members.len()).then_some(constants)
    }

    fn contains(&mut self, subject: &Expr, mode: Contains, wanted: &Expr, span: Span) -> Option<Typed> {
        if let ExprKind::Name(name) = &subject.node
            && self.is_unresolved(subject)
        {
            let set = Type::SetOf(Arc::new(Type::Text));
            return self.unknown_fact(name, subject.span, Some(&set));
        }
        let subject = self.expr(subject, None)?;
        match (subject.sort.settled(), mode) {
            (Type::SetOf(element), Contains::One) if !matches!(*element, Type::OneOf(_)) => {
                let wanted = self.expr(wanted, Some(&element))?;
                if Sort::Of((*element).clone()).meet(&wanted.sort).is_none() {
                    return self.incomparable(span, &subject, &wanted);
                }
                Some(boolean(span, TypedKind::Has(Box::new(subject), Box::new(wanted))))
            }
            (Type::SetOf(element), Contains::One) => {
                let members = self.set_members(std::slice::from_ref(wanted), &element, span)?;
                Some(boolean(span, TypedKind::SetContains(mode, Box::new(subject), members)))
            }
            (Type::SetOf(element), _) => {
                let ExprKind::Group(list) = &wanted.node else {
                    return self.list_expected(wanted, None);
                };
                let members = self.set_members(list, &element, span)?;
                Some(boolean(span, TypedKind::SetContains(mode, Box::new(subject), members)))
            }
            (Type::Text, Contains::One) => {
                let part = self.text_subject_hinted(wanted, "contains", Some(&Type::Text))?;
                Some(boolean(span, TypedKind::Has(Box::new(subject), Box::new(part))))
            }
            (ty, _) => {
                let error = Diagnostic::new(Code::WrongArgument, span).with("function", "contains").with("type", ty);
                self.fail(error.hint(Hint::SetOnly))
            }
        }
    }

    /// Members of a set are compared by their text where the set is closed.
    fn set_members(&mut self, members: &[Expr], element: &Type, span: Span) -> Option<Vec<Constant>> {
        let constants = self.members(members, element, span)?;
        let text = |constant| match (constant, element) {
            (Constant::Member(at), Type::OneOf(names)) => {
                names.name(at).map_or(Constant::Member(at), |name| Constant::Text(Arc::clone(name)))
            }
            (constant, _) => constant,
        };
        Some(constants.into_iter().map(text).collect())
    }

    fn text_subject(&mut self, subject: &Expr, word: &str) -> Option<Typed> {
        self.text_subject_hinted(subject, word, None)
    }

    fn text_subject_hinted(&mut self, subject: &Expr, word: &str, hint: Option<&Type>) -> Option<Typed> {
        if let ExprKind::Name(name) = &subject.node
            && hint.is_none()
            && self.is_unresolved(subject)
        {
            return self.unknown_fact(name, subject.span, Some(&Type::Text));
        }
        let subject = self.expr(subject, hint)?;
        if subject.sort.is(&Type::Text) {
            return Some(subject);
        }
        let error = Diagnostic::new(Code::WrongArgument, subject.span).with("function", word);
        self.fail(error.with("type", subject.sort.settled()).hint(Note::new(Hint::TextOnly).with("function", word)))
    }

    fn text_literal<'e>(&mut self, node: &'e Expr) -> Option<&'e str> {
        if let ExprKind::Literal(literal) = &node.node
            && let Literal::Text(text) = &**literal
        {
            return Some(text);
        }
        self.fail(Diagnostic::new(Code::NotALiteral, node.span).hint(Note::new(Hint::WriteAs).with("text", "\"…\"")))
    }

    fn matches(&mut self, subject: &Expr, pattern: &Expr, span: Span) -> Option<Typed> {
        let subject = self.text_subject(subject, "matches");
        let text = self.text_literal(pattern)?;
        // One that does not compile costs as much as one that does, and counts as much.
        let known = match self.patterns.get(text) {
            Some(known) => known.clone(),
            None if self.patterns.len() >= self.limits.patterns => {
                let limit = self.limits.patterns;
                let error = Diagnostic::new(Code::TooManyPatterns, pattern.span).with("limit", limit);
                return self.fail(error.hint(Hint::HostLimit));
            }
            None => {
                let compiled = Pattern::new(text);
                self.patterns.insert(Arc::from(text), compiled.clone());
                compiled
            }
        };
        match known {
            Ok(compiled) => Some(boolean(span, TypedKind::Matches(Box::new(subject?), compiled))),
            Err(reason) => {
                let error = Diagnostic::new(Code::BadRegex, pattern.span).with("text", text);
                self.fail(error.hint(Note::new(Hint::RegexReason).with("reason", reason)))
            }
        }
    }

    fn within(&mut self, subject: &Expr, length: &Expr, span: Span) -> Option<Typed> {
        let subject = self.expr(subject, Some(&Type::Date));
        let length = self.expr(length, None);
        let (subject, length) = (subject?, length?);
        let fits = [(&subject, Type::Date), (&length, Type::Duration)];
        if let Some((typed, _)) = fits.iter().find(|(typed, wanted)| !typed.sort.is(wanted)) {
            let error = Diagnostic::new(Code::WrongArgument, typed.span);
            let error = error.with("function", "within").with("type", typed.sort.settled());
            return self.fail(error.hint(Hint::WithinForm));
        }
        self.dated = true;
        Some(boolean(span, TypedKind::Within(Box::new(subject), Box::new(length))))
    }
}

fn is_ordered(ty: &Type) -> bool {
    ty.is_numeric() || *ty == Type::Date
}

fn missing(span: Span, subject: Typed) -> Typed {
    boolean(span, TypedKind::Missing(Box::new(subject)))
}
