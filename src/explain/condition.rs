//! Conditions as the evaluation found them, as a tree that follows the author's text.

use serde::Serialize;

use super::actual::Actual;
use super::shortfall::{Shortfall, missed};
use super::tree::Found;
use crate::builtins::{Compare, Contains};
use crate::eval::Seen;
use crate::plan::{Atom, AtomId, Expr, ExprId, Mark, Node, NodeId, Operand, Subject, Test};
use crate::schema::Type;
use crate::value::{Constant, negate};

/// What a condition came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// A fact that it needs is missing.
    Unknown,
    /// A calculation in it has no result.
    Undefined,
    /// Not shown: it depends on a sensitive fact.
    Masked,
    /// It was not needed.
    NotEvaluated,
}

/// How a condition is made up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shape {
    /// All parts must hold.
    And,
    /// One part must hold.
    Or,
    /// The part must not hold.
    Not,
    /// So many of the parts must hold.
    AtLeast(u32),
    /// Conditions and what holds where they do, in turn; then what holds otherwise.
    If,
    /// Both ends of a range: `200K <= annual_spend < 1M`, `between 1 and 5`.
    Range,
    /// The `let` of this name, which is explained once, among the lets.
    Let(String),
    /// One question about one value, or a constant.
    Simple,
}

/// A condition of a rule, a cap, a floor or a `let`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub(super) source: String,
    pub(super) state: State,
    pub(super) shape: Shape,
    pub(super) parts: Vec<Condition>,
    pub(super) question: Option<Box<Question>>,
    /// Whether it should hold for the rule to hold; `None` where either may do.
    pub(super) wanted: Option<bool>,
    /// The `let` that it names, by its place.
    pub(super) bound: Option<u32>,
    pub(super) node: NodeId,
}

/// What a simple condition asks about which value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) subject: ExprId,
    pub(super) turned: bool,
    pub(super) value: Actual,
    pub(super) asks: Asks,
    pub(super) money: bool,
    pub(super) shortfall: Option<Shortfall>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// The other side: a value, and the expression where it is no constant.
    Compare(Compare, Actual, Option<ExprId>),
    In(Vec<Actual>),
    Holds,
    Missing,
    Contains(Contains, Vec<Actual>),
    StartsWith(Actual),
    Matches(Actual),
    /// The first day that lies within, where it is known, and the length.
    Within(Option<chrono::NaiveDate>, Actual),
}

impl Asks {
    pub(super) fn op(&self) -> &'static str {
        match self {
            Self::Compare(op, ..) => op.sign(),
            Self::In(_) => "in",
            Self::Holds => "is true",
            Self::Missing => "is missing",
            Self::Contains(Contains::One, _) => "contains",
            Self::Contains(Contains::Any, _) => "contains any",
            Self::Contains(Contains::All, _) => "contains all",
            Self::StartsWith(_) => "starts with",
            Self::Matches(_) => "matches",
            Self::Within(..) => "within",
        }
    }

    pub(super) fn bounds(&self) -> &[Actual] {
        match self {
            Self::Compare(_, bound, _) | Self::StartsWith(bound) | Self::Matches(bound) | Self::Within(_, bound) => {
                std::slice::from_ref(bound)
            }
            Self::In(members) | Self::Contains(_, members) => members,
            Self::Holds | Self::Missing => &[],
        }
    }

    /// Whether it asks for a list, even of one.
    pub(super) fn asks_for_list(&self) -> bool {
        matches!(self, Self::In(_) | Self::Contains(Contains::Any | Contains::All, _))
    }
}

impl Condition {
    /// The text of the condition in the policy; empty where it depends on a sensitive fact.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it came to.
    pub fn state(&self) -> State {
        self.state
    }

    /// How it is made up.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The conditions it is made of.
    pub fn parts(&self) -> &[Condition] {
        &self.parts
    }

    /// The value that a simple condition is about.
    pub fn value(&self) -> Option<&Actual> {
        self.question.as_ref().map(|question| &question.value)
    }

    /// What a simple condition asks of the value: a comparison sign, or words such as `in`, `is missing`, `contains any`.
    pub fn op(&self) -> Option<&'static str> {
        self.question.as_ref().map(|question| question.asks.op())
    }

    /// The values with which it is compared, or for which it is searched; of `within` the length of time.
    pub fn bounds(&self) -> &[Actual] {
        self.question.as_ref().map_or(&[], |question| question.asks.bounds())
    }

    /// By how much a comparison of numbers or dates failed.
    pub fn shortfall(&self) -> Option<&Shortfall> {
        self.question.as_ref().and_then(|question| question.shortfall.as_ref())
    }

    /// Whether it stands as the rule wants it.
    pub(super) fn is_met(&self) -> bool {
        matches!((self.state, self.wanted), (State::True, Some(true)) | (State::False, Some(false)))
    }

    /// Whether it holds because a fact is missing.
    pub(super) fn rests_on_absence(&self) -> bool {
        let asks = self.question.as_ref().map(|question| &question.asks);
        matches!(asks, Some(Asks::Missing)) && self.state == State::True
    }

    /// Whether missing facts or calculations without a result keep it open.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.state, State::Unknown | State::Undefined)
    }
}

/// Builds the tree of one condition.
pub(super) struct Builder<'e> {
    pub(super) found: Found<'e>,
    /// The marks of the condition and its parts, in order.
    pub(super) marks: std::slice::Iter<'e, Mark>,
    /// Whether the evaluation came to it; parts of it may have been seen elsewhere.
    pub(super) reached: bool,
    /// Whether the branch of an `if` that is being built is the one that was taken.
    pub(super) taken: bool,
}

impl Builder<'_> {
    pub(super) fn condition(&mut self, id: NodeId, wanted: Option<bool>) -> Condition {
        let mark = self.marks.next().copied();
        let state = if self.reached && self.taken { self.found.state(id) } else { State::NotEvaluated };
        // Of what depends on a sensitive fact neither the value is told nor the bound.
        let masked = self.found.plan.sensitive().condition(id);
        let mut condition = Condition {
            source: mark.map(|mark| self.found.snippet(mark.span)).unwrap_or_default(),
            state,
            shape: Shape::Simple,
            parts: Vec::new(),
            question: None,
            wanted,
            bound: None,
            node: id,
        };
        match self.found.plan.node(id) {
            Node::Constant(_) | Node::Chained(..) => {}
            Node::Atom(atom) if !masked && self.reached => {
                let turned = mark.is_some_and(|mark| mark.turned);
                condition.question = self.question(*atom, turned, state, wanted).map(Box::new);
            }
            Node::Atom(_) => {}
            Node::Let(at) => {
                condition.shape = Shape::Let(self.found.let_name(*at).to_owned());
                condition.bound = Some(*at);
            }
            Node::Not(inner) => {
                condition.shape = Shape::Not;
                condition.parts = vec![self.condition(*inner, wanted.map(|wanted| !wanted))];
            }
            Node::And(parts) => {
                let from = self.marks.as_slice();
                condition.parts = parts.iter().map(|part| self.condition(*part, wanted)).collect();
                let range = is_range(from, &condition.parts) && self.about_the_middle(&mut condition.parts);
                condition.shape = if range { Shape::Range } else { Shape::And };
            }
            Node::Or(parts) => {
                condition.shape = Shape::Or;
                condition.parts = parts.iter().map(|part| self.condition(*part, wanted)).collect();
            }
            Node::AtLeast(count, parts) => {
                condition.shape = Shape::AtLeast(*count);
                condition.parts = parts.iter().map(|part| self.condition(*part, wanted)).collect();
            }
            Node::If(arms, otherwise) => {
                condition.shape = Shape::If;
                condition.parts = self.branches(arms, *otherwise, wanted);
            }
        }
        if masked {
            condition.source.clear();
            if condition.shape == Shape::If {
                // Which branch was taken would tell what the sensitive fact is.
                condition.shape = Shape::Simple;
                condition.parts.clear();
            }
        }
        condition
    }

    /// The questions and answers of an `if`. A branch that is not taken may have been seen elsewhere, for reasons that
    /// are not told.
    fn branches(&mut self, arms: &[(NodeId, NodeId)], otherwise: NodeId, wanted: Option<bool>) -> Vec<Condition> {
        let (mut parts, before) = (Vec::with_capacity(arms.len() * 2 + 1), self.taken);
        for (when, then) in arms {
            let asked = self.condition(*when, None);
            let (holds, fails) = (asked.state == State::True, asked.state == State::False);
            let open = self.taken;
            parts.push(asked);
            self.taken = open && holds;
            parts.push(self.condition(*then, wanted));
            self.taken = open && fails;
        }
        parts.push(self.condition(otherwise, wanted));
        self.taken = before;
        parts
    }

    /// `a < b < c` asks twice about `b`; between facts the first question is turned to ask about it as well.
    fn about_the_middle(&self, parts: &mut [Condition]) -> bool {
        let [low, high] = parts else { return false };
        let (Some(first), Some(second)) = (&mut low.question, &high.question) else { return false };
        if first.subject == second.subject && first.turned == second.turned {
            return true;
        }
        let Asks::Compare(op, bound, Some(other)) = &first.asks else { return false };
        if *other != second.subject || second.turned {
            return false;
        }
        let asks = Asks::Compare(op.mirrored(), first.value.clone(), Some(first.subject));
        let mut turned = Question { subject: *other, value: bound.clone(), asks, ..(**first).clone() };
        if turned.shortfall.is_some() {
            turned.shortfall = missed(&self.found, &turned, low.wanted == Some(true));
        }
        **first = turned;
        true
    }

    fn question(&self, id: AtomId, turned: bool, state: State, wanted: Option<bool>) -> Option<Question> {
        let plan = self.found.plan;
        let atom = plan.atom(id)?;
        let (subject, other) = match plan.dimension(atom)?.subject {
            Subject::Value(value) => (value, None),
            Subject::Order(a, b) if turned => (b, Some(a)),
            Subject::Order(a, b) => (a, Some(b)),
        };
        let turned = turned && other.is_none();
        let mut value = self.value(subject, state);
        if let (Actual::Number(number), true) = (&mut value, turned) {
            *number = negate(*number);
        }
        let asks = self.asks(atom, subject, other, turned, state)?;
        let money = matches!(self.found.ty(subject), Some(Type::Money));
        let mut question = Question { subject, turned, value, asks, money, shortfall: None };
        if matches!((state, wanted), (State::False, Some(true)) | (State::True, Some(false))) {
            question.shortfall = missed(&self.found, &question, wanted == Some(true));
        }
        Some(question)
    }

    /// A value that a condition looks at. Of one that was not evaluated only facts are told: whether a calculation was
    /// seen elsewhere may hang on a sensitive fact.
    fn value(&self, id: ExprId, state: State) -> Actual {
        let told = matches!(self.found.plan.expr(id), Expr::Constant(_) | Expr::Fact(_) | Expr::Today);
        if state == State::NotEvaluated && !told { Actual::Missing } else { self.found.value(id) }
    }

    fn asks(&self, atom: &Atom, subject: ExprId, other: Option<ExprId>, turned: bool, state: State) -> Option<Asks> {
        let found = &self.found;
        let ty = found.ty(subject);
        let constants = |members: &[Constant]| members.iter().map(|member| Actual::constant(member, ty)).collect();
        Some(match &atom.test {
            Test::Order(op) => {
                // The dimension may hold the two sides the other way round than the author.
                let left = found.plan.dimension(atom).map(|dimension| dimension.subject);
                let swapped = !matches!(left, Some(Subject::Order(a, _)) if a == subject);
                let other = other?;
                Asks::Compare(if swapped { op.mirrored() } else { *op }, self.value(other, state), Some(other))
            }
            Test::Compare(op, Operand::Constant(Constant::Number(bound))) if turned => {
                Asks::Compare(op.mirrored(), Actual::Number(negate(*bound)), None)
            }
            Test::Compare(op, Operand::Constant(bound)) => Asks::Compare(*op, Actual::constant(bound, ty), None),
            Test::Compare(op, Operand::Relative(other)) => Asks::Compare(*op, self.value(*other, state), Some(*other)),
            Test::In(members) => Asks::In(constants(members)),
            Test::Holds => Asks::Holds,
            Test::Missing => Asks::Missing,
            Test::SetContains(mode, members) => Asks::Contains(*mode, constants(members)),
            Test::Has(part) => Asks::Contains(Contains::One, vec![self.value(*part, state)]),
            Test::StartsWith(prefix) => Asks::StartsWith(Actual::Text(prefix.to_string())),
            Test::Matches(pattern) => Asks::Matches(Actual::Text(pattern.text().to_owned())),
            Test::Within(length) => Asks::Within(self.window(*length), found.value(*length)),
        })
    }

    /// The first day that lies within a length of time up to the as-of date.
    fn window(&self, length: ExprId) -> Option<chrono::NaiveDate> {
        let length = match (self.found.plan.expr(length), self.found.seen(length)) {
            (Expr::Constant(Constant::Duration(length)), _) | (_, Some(Seen::Duration(length))) => *length,
            _ => return None,
        };
        crate::value::shift(self.found.as_of, length, false)?.succ_opt()
    }
}

/// Whether the comparisons of an `and` share their middle, as those of `a <= b < c` and `between` do: the author's text
/// of one reaches into the next.
fn is_range(marks: &[Mark], parts: &[Condition]) -> bool {
    let simple = parts.iter().all(|part| part.question.is_some());
    let spans = || marks.iter().take(parts.len()).map(|mark| mark.span);
    simple && parts.len() == 2 && spans().zip(spans().skip(1)).all(|(a, b)| a.end() > b.start())
}
