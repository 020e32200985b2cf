//! From the flat list of operands that the grammar recognised to expressions with precedence.
//!
//! The grammar's pairs give the operands; the signs and words between two operands are read from the tokens. Recursion
//! follows brackets only, which the scanner has counted.

use super::ast::{At, Expr, ExprKind, Test, TestKind};
use super::cut::{is_infix, is_not};
use super::operand::{length, primary};
use super::parser::{Kind, Node, Nodes};
use super::scan::{Kind as TokenKind, Token};
use super::twin::Twin;
use crate::builtins::{Compare, Contains, Op};
use crate::diagnostics::{Code, Diagnostic, Hint, Note, Term};
use crate::source::Span;

pub(super) type Built<T> = Result<T, Diagnostic>;

/// A statement's text, its tokens, and where it begins.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) twin: &'a Twin<'a>,
    pub(super) tokens: &'a [Token],
    pub(super) base: usize,
}

impl<'a> Place<'a> {
    pub(super) fn span(&self, node: &Node<'_>) -> Span {
        let (start, end) = node.range();
        self.twin.span(self.base + start, self.base + end)
    }

    fn text(&self, token: &Token) -> &'a str {
        self.twin.text().get(token.start()..token.end()).unwrap_or_default()
    }

    /// The reader of the expressions inside a node, beginning behind its first `skip` bytes.
    pub(super) fn inside<'n>(self, node: &Node<'_>, operands: &'n mut Nodes<'a>, skip: usize) -> Reader<'n, 'a> {
        let (start, end) = node.range();
        Reader::new(self, operands, start + skip, end)
    }
}

/// Reads operands and the signs between them, in order.
pub(super) struct Reader<'n, 'a> {
    place: Place<'a>,
    operands: &'n mut Nodes<'a>,
    at: usize,
    /// Where the text ends, in the twin.
    end: usize,
}

enum Next<'a> {
    Operand,
    Sign(&'a str),
    End,
}

impl<'n, 'a> Reader<'n, 'a> {
    /// A reader of an expression that begins with the next of `operands` and its prefixes, behind byte `from`.
    pub(super) fn new(place: Place<'a>, operands: &'n mut Nodes<'a>, from: usize, end: usize) -> Self {
        let from = place.base + from;
        let at = place.tokens.partition_point(|token| token.start() < from);
        Self { place, operands, at, end: place.base + end }
    }

    fn token(&self) -> Option<&'a Token> {
        let tokens = self.place.tokens.get(self.at..)?;
        tokens.iter().find(|token| token.kind != TokenKind::Newline).filter(|token| token.start() < self.end)
    }

    fn peek(&self) -> Next<'a> {
        let Some(token) = self.token() else { return Next::End };
        let operand = self.operands.peek().map(|node| self.place.base + node.range().0);
        match operand {
            Some(start) if start <= token.start() => Next::Operand,
            _ => Next::Sign(self.place.text(token)),
        }
    }

    fn sign(&self) -> Option<&'a str> {
        match self.peek() {
            Next::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    /// Whether the sign is an `in` with a window behind it.
    fn begins_window(&self) -> bool {
        let words = self.place.tokens.get(self.at..).unwrap_or_default().iter();
        let mut words = words.filter(|token| token.kind != TokenKind::Newline).map(|token| self.place.text(token));
        let begins = ["last", "this", "previous", "since"];
        words.next() == Some("in") && words.next().is_some_and(|word| begins.contains(&word))
    }

    fn skip_sign(&mut self) {
        while self.place.tokens.get(self.at).is_some_and(|token| token.kind == TokenKind::Newline) {
            self.at += 1;
        }
        self.at += 1;
    }

    pub(super) fn accept(&mut self, words: &[&str]) -> bool {
        let found = self.sign().is_some_and(|sign| words.contains(&sign));
        if found {
            self.skip_sign();
        }
        found
    }

    /// The sign that comes next as the author wrote it, where that is a keyword in Chinese.
    fn shown(&self, sign: &'a str) -> &'a str {
        self.token().and_then(|token| self.place.twin.keyword(token.start(), token.end())).unwrap_or(sign)
    }

    fn here(&self) -> Span {
        match self.token() {
            Some(token) => self.place.twin.span(token.start(), token.end()),
            None => self.place.twin.span(self.end, self.end),
        }
    }

    pub(super) fn operand(&mut self) -> Built<Node<'a>> {
        let unexpected = self.here();
        let node = match self.peek() {
            Next::Operand => self.operands.next(),
            _ => None,
        };
        let node = node.ok_or_else(|| self.misplaced(unexpected))?;
        let end = self.place.base + node.range().1;
        let behind = self.place.tokens.get(self.at..).unwrap_or_default();
        self.at += behind.partition_point(|token| token.start() < end);
        Ok(node)
    }

    /// A sign where an operand is wanted: `not` inside arithmetic, for one.
    fn misplaced(&self, span: Span) -> Diagnostic {
        let text = self.shown(self.sign().unwrap_or_default());
        Diagnostic::new(Code::NeedsParentheses, span).with("text", format!("`{text}`")).hint(Hint::Parenthesise)
    }

    /// A whole expression.
    pub(super) fn expr(&mut self) -> Built<Expr> {
        if self.operands.peek().is_some_and(|node| node.kind() == Kind::choice) && matches!(self.peek(), Next::Operand)
        {
            let node = self.operand()?;
            let span = self.place.span(&node);
            return self.place.inside(&node, &mut node.children(), 0).choice().map(|node| At { span, node });
        }
        self.logic()
    }

    /// `if a then b else if c then d else e`, from the inside of a `choice`.
    fn choice(mut self) -> Built<ExprKind> {
        let mut arms = Vec::new();
        while self.accept(&["if"]) {
            let condition = self.logic()?;
            self.accept(&["then"]);
            arms.push((condition, self.logic()?));
            self.accept(&["else"]);
        }
        Ok(ExprKind::If(arms, Box::new(self.logic()?)))
    }

    /// `and` or `or`, never both without parentheses.
    fn logic(&mut self) -> Built<Expr> {
        let first = self.negation()?;
        let mut parts = vec![first];
        let mut words: Vec<bool> = Vec::new();
        let mut written = ["and", "or"];
        while let Some(word) = self.sign().filter(|sign| is_logic(sign)) {
            words.push(word.eq_ignore_ascii_case("and"));
            self.author_writes(&mut written, word);
            self.skip_sign();
            parts.push(self.negation()?);
        }
        let Some(and) = words.first().copied() else {
            return parts.pop().ok_or_else(|| self.misplaced(self.here()));
        };
        if words.iter().any(|word| *word != and) {
            return Err(self.mixed(&parts, &words, written));
        }
        let span = join(&parts);
        let node = if and { ExprKind::And(parts) } else { ExprKind::Or(parts) };
        Ok(At { span, node })
    }

    /// Keeps the word that the author writes for `and` or `or`.
    fn author_writes(&self, written: &mut [&'a str; 2], word: &str) {
        let keyword = self.token().and_then(|token| self.place.twin.keyword(token.start(), token.end()));
        let slot = if word.eq_ignore_ascii_case("and") { written.first_mut() } else { written.last_mut() };
        if let (Some(slot), Some(keyword)) = (slot, keyword) {
            *slot = keyword;
        }
    }

    /// Both readings of a mix: the `and`s grouped, and the `or`s grouped.
    fn mixed(&self, parts: &[Expr], words: &[bool], [and, or]: [&str; 2]) -> Diagnostic {
        let texts: Vec<&str> = parts.iter().map(|part| self.place.twin.source_text(part.span)).collect();
        let short = texts.iter().map(|text| text.chars().count()).sum::<usize>() <= 100;
        let reading = |grouped: bool| {
            let mut text = String::new();
            for (at, part) in texts.iter().enumerate() {
                let before = at.checked_sub(1).and_then(|at| words.get(at)).copied();
                let behind = words.get(at).copied();
                let word = before.map(|before| if before { and } else { or });
                text.push_str(&word.map(|word| format!(" {word} ")).unwrap_or_default());
                if behind == Some(grouped) && before != Some(grouped) {
                    text.push('(');
                }
                text.push_str(if short { part } else { "…" });
                if before == Some(grouped) && behind != Some(grouped) {
                    text.push(')');
                }
            }
            text
        };
        Diagnostic::new(Code::MixedAndOr, join(parts))
            .hint(Note::new(Hint::ReadingAndFirst).with("reading", reading(true)))
            .hint(Note::new(Hint::ReadingOrFirst).with("reading", reading(false)))
    }

    fn negation(&mut self) -> Built<Expr> {
        let start = self.here();
        let mut times = 0;
        while self.accept(&["not", "NOT"]) {
            times += 1;
        }
        let operand = self.comparison()?;
        if times == 0 {
            return Ok(operand);
        }
        let span = start.to(operand.span);
        Ok(At { span, node: ExprKind::Not(times, Box::new(operand)) })
    }

    fn comparison(&mut self) -> Built<Expr> {
        let left = self.sum()?;
        self.compared(left)
    }

    /// A comparison whose left side is left out.
    pub(super) fn comparison_of(&mut self, subject: Expr) -> Built<Expr> {
        let start = self.here();
        let condition = self.compared(subject)?;
        match &condition.node {
            ExprKind::Compare(_, rest) if rest.len() > 1 => {
                let sign = rest.get(1).map_or("", |(op, _)| op.sign());
                Err(Diagnostic::new(Code::ChainedComparison, condition.span).with("text", sign).hint(Hint::BetweenForm))
            }
            ExprKind::Compare(..) | ExprKind::Test(_) => Ok(At { span: start.to(condition.span), ..condition }),
            _ => {
                let found = format!("`{}`", self.place.twin.source_text(start));
                let error = Diagnostic::new(Code::BinForm, start).with("found", found);
                Err(error.hint(Hint::BinForms))
            }
        }
    }

    /// Where the next token stands.
    pub(super) fn behind(&self) -> usize {
        self.token().map_or(self.end, Token::start)
    }

    fn compared(&mut self, left: Expr) -> Built<Expr> {
        let result = match self.sign() {
            Some(sign) if compare(sign).is_some() => self.compare_chain(left)?,
            Some(sign) if is_test(sign) => self.test(left)?,
            _ => return Ok(left),
        };
        match self.sign() {
            Some(sign) if compare(sign).is_some() || is_test(sign) => {
                let error = Diagnostic::new(Code::ChainedComparison, self.here());
                let hint = if self.begins_window() { Hint::WindowFirst } else { Hint::SplitChain };
                Err(error.with("text", self.shown(sign)).hint(hint))
            }
            Some(sign) if arithmetic(sign).is_some() || sign == "??" => {
                let error = Diagnostic::new(Code::NeedsParentheses, result.span).with("text", Term::Comparison);
                Err(error.hint(Hint::Parenthesise))
            }
            _ => Ok(result),
        }
    }

    fn compare_chain(&mut self, left: Expr) -> Built<Expr> {
        let mut rest: Vec<(Compare, Expr)> = Vec::new();
        while let Some(op) = self.sign().and_then(compare) {
            let here = self.here();
            let fits =
                rest.first().is_none_or(|(first, _)| op.direction().is_some() && op.direction() == first.direction());
            if !fits {
                let error = Diagnostic::new(Code::ChainedComparison, here).with("text", self.shown(op.sign()));
                return Err(error.hint(Hint::SplitChain));
            }
            self.skip_sign();
            rest.push((op, self.sum()?));
        }
        let span = rest.last().map_or(left.span, |(_, last)| left.span.to(last.span));
        Ok(At { span, node: ExprKind::Compare(Box::new(left), rest) })
    }

    fn test(&mut self, subject: Expr) -> Built<Expr> {
        let start = subject.span;
        let mut negated = self.accept(&["not", "NOT"]);
        let word = self.sign().unwrap_or_default();
        let mut end = self.here();
        self.skip_sign();
        let kind = match word {
            "is" => {
                negated = self.accept(&["not", "NOT"]);
                end = self.here();
                let missing = self.sign() == Some("missing");
                self.skip_sign();
                if missing { TestKind::Missing } else { TestKind::Present }
            }
            "between" => {
                let low = self.sum()?;
                if !self.accept(&["and", "AND"]) {
                    return Err(Diagnostic::new(Code::BetweenWithoutAnd, self.here()).hint(Hint::BetweenForm));
                }
                TestKind::Between(low, self.sum()?)
            }
            "in" | "IN" => TestKind::In(self.sum()?),
            "contains" => {
                let mode = match self.sign() {
                    Some("any") => Contains::Any,
                    Some("all") => Contains::All,
                    _ => Contains::One,
                };
                if mode != Contains::One {
                    self.skip_sign();
                }
                TestKind::Contains(mode, self.sum()?)
            }
            "starts" => {
                self.skip_sign();
                TestKind::StartsWith(self.sum()?)
            }
            "matches" => TestKind::Matches(self.sum()?),
            _ => TestKind::Within(length(self.place, self.sum()?)?),
        };
        let mut span = start.to(kind.last_span().unwrap_or(end));
        if matches!(kind, TestKind::Within(_)) {
            span = self.place.twin.with_inside(span);
        }
        Ok(At { span, node: ExprKind::Test(Box::new(Test { subject, negated, kind })) })
    }

    fn sum(&mut self) -> Built<Expr> {
        self.chain(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Built<Expr> {
        self.chain(&["*", "/"], Self::unary)
    }

    fn chain(&mut self, signs: &[&str], next: fn(&mut Self) -> Built<Expr>) -> Built<Expr> {
        let first = next(self)?;
        let mut rest = Vec::new();
        while let Some(op) = self.sign().filter(|sign| signs.contains(sign)).and_then(arithmetic) {
            self.skip_sign();
            rest.push((op, next(self)?));
        }
        let Some((_, last)) = rest.last() else { return Ok(first) };
        let span = first.span.to(last.span);
        Ok(At { span, node: ExprKind::Chain(Box::new(first), rest) })
    }

    fn unary(&mut self) -> Built<Expr> {
        let start = self.here();
        let mut times = 0;
        while self.accept(&["-"]) {
            times += 1;
        }
        let operand = self.coalesce()?;
        if times == 0 {
            return Ok(operand);
        }
        let span = start.to(operand.span);
        Ok(At { span, node: ExprKind::Negate(times, Box::new(operand)) })
    }

    fn coalesce(&mut self) -> Built<Expr> {
        let first = self.primary()?;
        if self.sign() != Some("??") {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.accept(&["??"]) {
            let start = self.here();
            let negative = self.accept(&["-"]);
            let part = self.primary()?;
            parts.push(if negative {
                At { span: start.to(part.span), node: ExprKind::Negate(1, Box::new(part)) }
            } else {
                part
            });
        }
        Ok(At { span: join(&parts), node: ExprKind::Coalesce(parts) })
    }

    fn primary(&mut self) -> Built<Expr> {
        let node = self.operand()?;
        primary(self.place, &node)
    }

    /// Expressions with commas between, up to the closing bracket.
    pub(super) fn list(&mut self) -> Built<Vec<Expr>> {
        let mut members = Vec::new();
        while !matches!(self.sign(), Some(")")) {
            members.push(self.expr()?);
            if !self.accept(&[","]) {
                break;
            }
        }
        Ok(members)
    }
}

fn join(parts: &[Expr]) -> Span {
    match parts {
        [first, .., last] => first.span.to(last.span),
        [only] => only.span,
        [] => Span::default(),
    }
}

fn compare(sign: &str) -> Option<Compare> {
    Some(match sign {
        "=" | "==" => Compare::Equal,
        "!=" | "<>" => Compare::NotEqual,
        "<" => Compare::Less,
        "<=" => Compare::LessOrEqual,
        ">" => Compare::Greater,
        ">=" => Compare::GreaterOrEqual,
        _ => return None,
    })
}

fn arithmetic(sign: &str) -> Option<Op> {
    Some(match sign {
        "+" => Op::Add,
        "-" => Op::Subtract,
        "*" => Op::Multiply,
        "/" => Op::Divide,
        _ => return None,
    })
}

fn is_test(sign: &str) -> bool {
    is_not(sign) || (is_infix(sign) && !is_logic(sign))
}

fn is_logic(sign: &str) -> bool {
    matches!(sign, "and" | "AND" | "or" | "OR")
}
