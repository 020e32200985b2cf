//! One condition as a sentence: which value it is about, what it has to be, and by how much it is not.

use rust_decimal::Decimal;

use super::Explanation;
use super::actual::{Actual, Amounts};
use super::condition::{Asks, Condition, Question, State};
use super::names::{Naming, expression, fact_label, label, length, spoken, subject};
use super::shortfall::{Amount, Move, Shortfall, opposite};
use crate::builtins::{Compare, Contains};
use crate::diagnostics::{Lang, Phrase, inside_quotes, phrase};
use crate::plan::{Expr, ExprId, Root};
use crate::schema::Type;

/// A text longer than this is cut for the reader.
const LONGEST: usize = 60;
/// A calculation longer than this is cut for the reader.
const FORMULA: usize = 120;
/// So many of a list are named.
const LISTED: usize = 8;
/// So many facts of a calculation are named.
const NAMED: usize = 4;

/// Puts sentences together in a language.
#[derive(Clone, Copy)]
pub(super) struct Speaker<'e> {
    pub(super) why: &'e Explanation,
    pub(super) lang: Lang,
    /// Whether nothing may be cut.
    pub(super) whole: bool,
}

/// What a value has to be, or has to do.
struct Relation {
    /// As it stands: "more than 5", "contains x".
    stands: String,
    /// What it takes, behind "it has to be" or "it has to".
    takes: String,
    does: bool,
}

impl Relation {
    /// One that reads the same as it stands and as it has to be.
    fn be(text: String) -> Self {
        Self { stands: text.clone(), takes: text, does: false }
    }
}

impl Speaker<'_> {
    pub(super) fn say<const N: usize>(&self, template: Phrase, pairs: [(&'static str, String); N]) -> String {
        phrase(template, &pairs, self.lang)
    }

    /// Whether the condition depends on a sensitive fact.
    pub(super) fn is_hidden(&self, condition: &Condition) -> bool {
        self.why.plan.sensitive().condition(condition.node)
    }

    pub(super) fn formula(&self, text: &str) -> String {
        cut(text, if self.whole { usize::MAX } else { FORMULA })
    }

    /// "a, b and c"; of many only the first.
    pub(super) fn list_of(&self, names: impl Iterator<Item = String>, join: Phrase) -> String {
        let mut names = self.first_of(names, LISTED);
        let last = names.pop().unwrap_or_default();
        if names.is_empty() {
            return last;
        }
        self.say(join, [("list", self.joined(&names)), ("last", last)])
    }

    /// "a, b, c".
    fn joined(&self, names: &[String]) -> String {
        names.join(&self.say(Phrase::Comma, []))
    }

    /// A condition without parts.
    pub(super) fn simple(&self, condition: &Condition) -> String {
        let Some(question) = &condition.question else {
            let text = ("text", self.formula(&condition.source));
            return match condition.state {
                State::True => self.say(Phrase::TextHolds, [text]),
                State::False => self.say(Phrase::TextFails, [text]),
                _ => self.say(Phrase::TextOpen, [text]),
            };
        };
        let relation = |wanted| self.relation(question, wanted);
        self.sentence(condition, question, relation)
    }

    /// Both ends of a range in one sentence.
    pub(super) fn range(&self, condition: &Condition) -> String {
        let [low, high] = condition.parts.as_slice() else { return condition.source.clone() };
        let (Some(first), Some(second)) = (&low.question, &high.question) else { return condition.source.clone() };
        let short = condition.parts.iter().filter(|part| part.shortfall().is_some());
        let nearest = short.min_by_key(|part| part.shortfall().map(Shortfall::amount));
        let failing = nearest.unwrap_or(if low.is_met() || low.is_open() { low } else { high });
        // The value is on the right side of the first comparison.
        let Some(question) = &failing.question else { return condition.source.clone() };
        let join = |wanted: bool| {
            let (a, b) = (self.relation(first, wanted), self.relation(second, wanted));
            let template = if wanted { Phrase::BothEnds } else { Phrase::EitherEnd };
            let text = self.say(template, [("low", a.takes), ("high", b.takes)]);
            Relation::be(text)
        };
        let whole = Condition { state: condition.state, ..failing.clone() };
        self.sentence(&whole, question, join)
    }

    fn sentence(&self, condition: &Condition, question: &Question, relation: impl Fn(bool) -> Relation) -> String {
        let fact = self.fact(question);
        let wanted = condition.wanted.unwrap_or(true);
        match (&question.asks, condition.state) {
            (Asks::Missing, State::True) if wanted => fact,
            (Asks::Missing, State::False) if !wanted => fact,
            (Asks::Holds, State::True | State::False) if condition.is_met() || condition.wanted.is_none() => fact,
            (Asks::Compare(op, ..), State::True | State::False)
                if self.says_all(*op, condition.state) && (condition.is_met() || condition.wanted.is_none()) =>
            {
                fact
            }
            (_, state @ (State::True | State::False)) if condition.is_met() || condition.wanted.is_none() => {
                let relation = relation(state == State::True);
                let template = if relation.does { Phrase::AndDoes } else { Phrase::With };
                self.say(template, [("fact", fact), ("relation", relation.stands)])
            }
            // A condition that only chooses has no side on which it has to be.
            _ if condition.wanted.is_none() => fact,
            _ => {
                let relation = relation(wanted);
                let template = if relation.does { Phrase::HasTo } else { Phrase::HasToBe };
                let text = self.say(template, [("fact", fact), ("relation", relation.takes)]);
                match &question.shortfall {
                    // A value that lies on a strict bound lacks nothing that could be named.
                    Some(shortfall) if !shortfall.amount().is_zero() => self.shortfall(text, shortfall, question.money),
                    _ => text,
                }
            }
        }
    }

    /// Whether naming the value says all: it is the one that was asked for.
    fn says_all(&self, op: Compare, state: State) -> bool {
        matches!((op, state), (Compare::Equal, State::True) | (Compare::NotEqual, State::False))
    }

    /// "annual spend is 980,000 EUR".
    fn fact(&self, question: &Question) -> String {
        let subject = self.subject(question);
        let plain = matches!(self.why.plan.expr(question.subject), Expr::Fact(_));
        match &question.value {
            Actual::Between { low, high } => {
                let value = ("value", self.between(*low, *high));
                match self.lacking(question.subject) {
                    Some(facts) => self.say(Phrase::PlainMade, [("subject", subject), value, ("facts", facts)]),
                    None => self.say(Phrase::Plain, [("subject", subject), value]),
                }
            }
            Actual::Missing if plain => self.say(Phrase::Missing, [("subject", subject)]),
            Actual::Missing => match self.lacking(question.subject) {
                Some(facts) => self.say(Phrase::Unknown, [("subject", subject), ("facts", facts)]),
                None => self.say(Phrase::TextOpen, [("text", subject)]),
            },
            Actual::Undefined if plain => self.say(Phrase::NotThere, [("subject", subject)]),
            Actual::Undefined => match self.ingredients(question.subject) {
                facts if facts.is_empty() => self.say(Phrase::HasNone, [("subject", subject)]),
                facts => self.say(Phrase::Undefined, [("subject", subject), ("facts", facts)]),
            },
            value => {
                let beside = match &question.asks {
                    Asks::Compare(_, Actual::Number(bound), _) => Some(*bound),
                    _ => None,
                };
                let shown = self.value(value, question.subject, question.money, beside);
                let facts = if plain { String::new() } else { self.ingredients(question.subject) };
                let template = match value {
                    Actual::Set(_) => Phrase::PlainSet,
                    Actual::Boolean(_) if facts.is_empty() => Phrase::PlainTruth,
                    _ if facts.is_empty() => Phrase::Plain,
                    _ => Phrase::PlainMade,
                };
                self.say(template, [("subject", subject), ("value", shown), ("facts", facts)])
            }
        }
    }

    /// A condition without parts, or one range.
    pub(super) fn whole_condition(&self, condition: &Condition) -> String {
        match condition.shape() {
            super::Shape::Range => self.range(condition),
            super::Shape::Not => condition.parts.first().map_or_else(String::new, |part| self.whole_condition(part)),
            _ => self.simple(condition),
        }
    }

    pub(super) fn valued(&self, value: &Actual, of: ExprId, money: bool) -> String {
        self.value(value, of, money, None)
    }

    /// The value of an expression: a fact or a constant as it is, a calculation as far as a reader wants it.
    fn value(&self, value: &Actual, of: ExprId, money: bool, beside: Option<Decimal>) -> String {
        match value {
            Actual::Number(number) if self.is_calculated(of) => self.calculated(*number, money, beside),
            value => self.shown(value, money),
        }
    }

    fn is_calculated(&self, value: ExprId) -> bool {
        !matches!(self.why.plan.expr(value), Expr::Fact(_) | Expr::Constant(_))
    }

    fn calculated(&self, number: Decimal, money: bool, beside: Option<Decimal>) -> String {
        let amounts = Amounts::of(&self.why.plan);
        let rounded = amounts.round(number, money, beside);
        let text = amounts.exact(rounded, money);
        if rounded == number { text } else { self.say(Phrase::About, [("number", text)]) }
    }

    fn subject(&self, question: &Question) -> String {
        self.formula(&subject(&self.why.plan, question, Naming::Reader(self.lang)))
    }

    /// The facts that a calculation lacks, where some are found.
    fn lacking(&self, value: ExprId) -> Option<String> {
        let found = self.why.found();
        let missing = |slot: &u32| found.fact(*slot) == Actual::Missing;
        let (slots, complete) = found.facts_of(Root::Value(value));
        let slots: Vec<u32> = slots.into_iter().filter(missing).collect();
        let names = slots.iter().map(|slot| fact_label(&self.why.plan, *slot, self.lang));
        // Where there is more than was looked at, nobody knows how much.
        let names = self.list_of(names.take(if complete { usize::MAX } else { LISTED }), Phrase::ListAnd);
        let template = if slots.len() == 1 { Phrase::FactIsMissing } else { Phrase::FactsAreMissing };
        (!slots.is_empty()).then(|| self.say(template, [("facts", names)]))
    }

    /// A calculation's value, and what it is made of.
    pub(super) fn with_ingredients(&self, actual: &Actual, of: ExprId) -> String {
        let money = matches!(self.why.found().ty(of), Some(Type::Money));
        let value = match actual {
            Actual::Undefined => self.say(Phrase::NoResult, []),
            Actual::Missing => self.say(Phrase::NotKnown, []),
            actual => self.value(actual, of, money, None),
        };
        match self.ingredients(of) {
            facts if facts.is_empty() => value,
            facts => self.say(Phrase::ValueMade, [("value", value), ("facts", facts)]),
        }
    }

    /// What a calculation is made of, with values: the facts and the lets that it names.
    pub(super) fn ingredients(&self, value: ExprId) -> String {
        let found = self.why.found();
        // A let that is compared by its name is opened once.
        let root = match (self.why.plan.expr(value), self.why.plan.lets()) {
            (Expr::Let(at), lets) => lets.get(*at as usize).copied().unwrap_or(Root::Value(value)),
            _ => Root::Value(value),
        };
        // The lines of a score or a segment are told apart.
        if matches!(root, Root::Score(_) | Root::Segment(_)) {
            return String::new();
        }
        let (slots, lets) = self.why.plan.names_of(root);
        let facts = slots.iter().filter_map(|slot| {
            let field = &self.why.plan.slots().get(*slot as usize)?.field;
            let money = *field.ty() == Type::Money;
            Some((label(field, self.lang), self.known(&found.fact(*slot), money)))
        });
        let lets = lets.iter().filter_map(|at| match self.why.plan.lets().get(*at as usize)? {
            Root::Value(root) => {
                let money = matches!(found.ty(*root), Some(Type::Money));
                let text = match found.value(*root) {
                    Actual::Undefined => Some(self.say(Phrase::WithoutResult, [])),
                    Actual::Missing => None,
                    actual => Some(self.value(&actual, *root, money, None)),
                };
                Some((spoken(found.let_name(*at)), text))
            }
            Root::Condition(_) | Root::Score(_) | Root::Segment(_) => None,
        });
        let all = facts.chain(lets).map(|(subject, value)| match value {
            Some(value) => self.say(Phrase::FactValue, [("subject", subject), ("value", value)]),
            None => self.say(Phrase::FactMissing, [("subject", subject)]),
        });
        let all = self.first_of(all, if self.whole { usize::MAX } else { NAMED });
        all.join(&self.say(Phrase::FactComma, []))
    }

    fn known(&self, actual: &Actual, money: bool) -> Option<String> {
        let shown = || self.shown(actual, money);
        (actual.is_known() || *actual == Actual::Masked).then(shown)
    }

    /// "a", "b", "3 more".
    fn first_of(&self, mut texts: impl Iterator<Item = String>, most: usize) -> Vec<String> {
        let mut first: Vec<String> = texts.by_ref().take(most).collect();
        let more = texts.count();
        if more > 0 {
            first.push(self.say(Phrase::Others, [("count", more.to_string())]));
        }
        first
    }

    /// A value for the reader.
    pub(super) fn shown(&self, value: &Actual, money: bool) -> String {
        match value {
            Actual::Missing | Actual::Undefined => self.say(Phrase::IsMissing, []),
            Actual::Masked => self.say(Phrase::HiddenValue, []),
            Actual::Number(number) => Amounts::of(&self.why.plan).exact(*number, money),
            Actual::Between { low, high } => self.between(*low, *high),
            Actual::Boolean(true) => self.say(Phrase::True, []),
            Actual::Boolean(false) => self.say(Phrase::False, []),
            Actual::Date(date) => date.to_string(),
            Actual::Duration(duration) => length(*duration, self.lang),
            Actual::Text(text) => self.quoted(text),
            Actual::Set(members) if members.is_empty() => self.say(Phrase::EmptySet, []),
            Actual::Set(members) => self.list(members, money),
        }
    }

    fn list(&self, members: &[Actual], money: bool) -> String {
        let texts = members.iter().map(|member| self.shown(member, money));
        self.joined(&self.first_of(texts, if self.whole { usize::MAX } else { LISTED }))
    }

    /// A text in quotes, so written that it cannot be taken for more than a text.
    fn quoted(&self, text: &str) -> String {
        let text = cut(text, if self.whole { usize::MAX } else { LONGEST });
        self.say(Phrase::Quoted, [("text", inside_quotes(&text.replace('\\', "\\\\"), self.lang))])
    }

    /// What the value has to be, or must not be.
    fn relation(&self, question: &Question, wanted: bool) -> Relation {
        let money = question.money;
        let be = |template, name: &'static str, text: String| Relation::be(self.say(template, [(name, text)]));
        let either = |text: Phrase| Relation::be(self.say(text, []));
        match &question.asks {
            Asks::Compare(op, bound, other) => {
                let op = if wanted { *op } else { opposite(*op) };
                let date = matches!(self.why.found().ty(question.subject), Some(Type::Date));
                be(comparison(op, date), "bound", self.bound(question, bound, *other))
            }
            Asks::In(members) => {
                be(if wanted { Phrase::OneOf } else { Phrase::NoneOf }, "list", self.list(members, money))
            }
            Asks::Holds => either(if wanted { Phrase::BeTrue } else { Phrase::BeFalse }),
            Asks::Missing => either(if wanted { Phrase::BeMissing } else { Phrase::Known }),
            Asks::Contains(mode, members) => self.does(contained(*mode, wanted), self.list(members, money)),
            Asks::StartsWith(prefix) => {
                let yes = (Phrase::Starts, Phrase::Start);
                self.does(if wanted { yes } else { (Phrase::StartsNot, Phrase::StartNot) }, self.shown(prefix, false))
            }
            Asks::Matches(pattern) => {
                let yes = (Phrase::Matches, Phrase::Match);
                self.does(if wanted { yes } else { (Phrase::MatchesNot, Phrase::MatchNot) }, self.shown(pattern, false))
            }
            Asks::Within(first, length) => self.window(*first, length, wanted),
        }
    }

    fn does(&self, (stands, takes): (Phrase, Phrase), list: String) -> Relation {
        let stands = self.say(stands, [("list", list.clone())]);
        Relation { stands, takes: self.say(takes, [("list", list)]), does: true }
    }

    fn window(&self, first: Option<chrono::NaiveDate>, length: &Actual, wanted: bool) -> Relation {
        let length = self.shown(length, false);
        let text = match first {
            Some(first) => {
                let template = if wanted { Phrase::Within } else { Phrase::NotWithin };
                let last = self.why.outcome.as_of().to_string();
                self.say(template, [("length", length), ("first", first.to_string()), ("last", last)])
            }
            None => {
                let template = if wanted { Phrase::WithinLength } else { Phrase::NotWithinLength };
                self.say(template, [("length", length)])
            }
        };
        Relation::be(text)
    }

    /// The other side of a comparison: a constant, or an expression with its value.
    fn bound(&self, question: &Question, bound: &Actual, other: Option<ExprId>) -> String {
        let money = question.money;
        let Some(other) = other else { return self.shown(bound, money) };
        let subject = self.formula(&expression(&self.why.plan, other, Naming::Reader(self.lang)));
        let plain = matches!(self.why.plan.expr(other), Expr::Fact(_));
        match bound {
            Actual::Undefined => self.say(Phrase::BoundUndefined, [("subject", subject)]),
            Actual::Missing if plain => self.say(Phrase::BoundMissing, [("subject", subject)]),
            Actual::Missing => match self.lacking(other) {
                Some(facts) => self.say(Phrase::BoundUnknown, [("subject", subject), ("facts", facts)]),
                None => self.say(Phrase::BoundMissing, [("subject", subject)]),
            },
            bound => {
                let shown = match (&question.value, bound) {
                    (Actual::Number(value), Actual::Number(bound)) => Some(if self.is_calculated(question.subject) {
                        Amounts::of(&self.why.plan).round(*value, money, Some(*bound))
                    } else {
                        *value
                    }),
                    _ => None,
                };
                let value = self.value(bound, other, money, shown);
                self.say(Phrase::BoundValue, [("subject", subject), ("value", value)])
            }
        }
    }

    fn shortfall(&self, text: String, shortfall: &Shortfall, money: bool) -> String {
        let (amount, days) = match &shortfall.amount {
            Amount::Number(number) => (self.calculated(*number, money, Some(Decimal::ZERO)), false),
            Amount::Days(1) => (self.say(Phrase::OneDay, []), true),
            Amount::Days(days) => {
                (self.say(Phrase::Days, [("count", self.shown(&Actual::Number((*days).into()), false))]), true)
            }
        };
        let template = match (shortfall.way, shortfall.more_than) {
            (Move::Up, _) if days => Phrase::TooEarly,
            (Move::Down, _) if days => Phrase::TooLate,
            (Move::Up, false) => Phrase::ShortBy,
            (Move::Up, true) => Phrase::ShortByMore,
            (Move::Down, false) => Phrase::OverBy,
            (Move::Down, true) => Phrase::OverByMore,
        };
        self.say(template, [("text", text), ("amount", amount)])
    }
}

fn comparison(op: Compare, date: bool) -> Phrase {
    match (op, date) {
        (Compare::Equal, _) => Phrase::Equal,
        (Compare::NotEqual, _) => Phrase::NotEqual,
        (Compare::Greater, false) => Phrase::MoreThan,
        (Compare::GreaterOrEqual, false) => Phrase::AtLeast,
        (Compare::Less, false) => Phrase::LessThan,
        (Compare::LessOrEqual, false) => Phrase::AtMost,
        (Compare::Greater, true) => Phrase::After,
        (Compare::GreaterOrEqual, true) => Phrase::OnOrAfter,
        (Compare::Less, true) => Phrase::Before,
        (Compare::LessOrEqual, true) => Phrase::OnOrBefore,
    }
}

/// How a set or text that contains something is said: as it stands, and behind "it has to".
fn contained(mode: Contains, wanted: bool) -> (Phrase, Phrase) {
    match (mode, wanted) {
        (Contains::One, true) => (Phrase::Contains, Phrase::Contain),
        (Contains::One, false) => (Phrase::ContainsNot, Phrase::ContainNot),
        (Contains::Any, true) => (Phrase::ContainsAny, Phrase::ContainAny),
        (Contains::Any, false) => (Phrase::ContainsNone, Phrase::ContainNone),
        (Contains::All, true) => (Phrase::ContainsAll, Phrase::ContainAll),
        (Contains::All, false) => (Phrase::ContainsNotAll, Phrase::ContainNotAll),
    }
}

/// The beginning of a text that is longer than a reader wants it.
fn cut(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
