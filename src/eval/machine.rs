//! The evaluator: values and conditions of one customer, in decision mode or in possible mode.

use chrono::NaiveDate;

use super::aggregate::Folds;
use super::given::{Given, NOTHING, compute, given, lacks_computed};
use super::history::{History, Whose, read_histories};
use super::score::Members;
use super::{At, Observer};
use crate::builtins::Compare;
use crate::facts::{CustomerError, Facts};
use crate::plan::{Expr, ExprId, Node, NodeId, Plan, Root, Truth};
use crate::schema::Type;
use crate::value::{Constant, Interval, Stretch, Value};

/// A value, or why there is none.
#[derive(Clone, Copy)]
pub(crate) enum Val<'a> {
    Known(Value<'a>),
    /// Not known; in possible mode it stands for every value it could have.
    Missing,
    /// Without a result, and nothing that could become known.
    Undefined,
}

/// What a let came to.
#[derive(Clone, Copy)]
pub(super) enum Bound<'a> {
    Value(Val<'a>),
    Truth(Truth),
    /// A score or a count that is not settled.
    Open(Interval),
    /// A count that may stay unknown where its ends do not decide.
    Loose(Interval),
    /// A count that has no result where its ends do not decide.
    Lost(Interval),
    /// A segment that is not settled.
    Members(Members),
}

pub(super) const UNBOUND: Bound<'static> = Bound::Value(Val::Missing);

/// One customer before a plan: facts validated and converted, lets worked out.
pub(crate) struct Machine<'m, 'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) as_of: NaiveDate,
    pub(super) facts: &'a [Given<'a>],
    pub(super) lets: &'m [Bound<'a>],
    pub(super) possible: bool,
    /// The value of the line of a score whose bins are asked.
    pub(super) subject: Option<(ExprId, Val<'a>)>,
    /// By collection; empty where none was asked for.
    pub(super) histories: &'a [History],
    pub(super) folds: &'m Folds,
    /// The element that is looked at: its collection, and its place there.
    pub(super) element: Option<(u32, usize)>,
    /// The period that is looked at.
    pub(super) limit: Option<Stretch>,
}

/// Runs `work` on scratch for so many values: on the stack up to 512 of them.
pub(super) fn with_scratch<T, R>(count: usize, value: impl Fn() -> T, work: impl FnOnce(&mut [T]) -> R) -> R {
    match count {
        0 => work(&mut []),
        1..=8 => work(&mut std::array::from_fn::<T, 8, _>(|_| value())),
        9..=64 => work(&mut std::array::from_fn::<T, 64, _>(|_| value())),
        65..=512 => work(&mut std::array::from_fn::<T, 512, _>(|_| value())),
        _ => work(&mut (0..count).map(|_| value()).collect::<Vec<T>>()),
    }
}

/// What lets are worked out for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    /// Everything that an outcome says.
    Whole,
    /// The decision alone: lets, scores and segments that no rule, cap or floor looks at are left out.
    Deciding,
    /// The same, with every missing fact open.
    Possible,
}

/// What is known of one customer.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) as_of: NaiveDate,
    pub(super) facts: &'a [Given<'a>],
    pub(super) histories: &'a [History],
}

/// Validates the facts and runs `work` on the machine.
pub(super) fn with_machine<F: Facts + ?Sized, O: Observer, R>(
    plan: &Plan,
    facts: &F,
    at: At<'_>,
    pass: Pass,
    observer: &mut O,
    work: impl FnOnce(&Machine<'_, '_>, &mut O) -> R,
) -> Result<R, CustomerError> {
    with_scratch(
        plan.slots().len(),
        || NOTHING,
        |scratch| {
            for (slot, place) in scratch.iter_mut().enumerate().take(plan.slots().len()) {
                *place = given(plan, facts, slot, at)?;
            }
            let computes = lacks_computed(plan, scratch);
            let asks = plan.records().iter().any(|records| records.used) || computes;
            let count = if asks { plan.records().len() } else { 0 };
            with_scratch(count, History::default, |histories| {
                read_histories(plan, facts, at, Whose::Customer { computes }, histories)?;
                compute(plan, at, scratch, histories)?;
                observer.facts(scratch);
                let known = Known { as_of: at.date(), facts: scratch, histories };
                Ok(with_lets(plan, known, pass, observer, work))
            })
        },
    )
}

/// Works out the lets and runs `work` on the machine. A let uses earlier lets only, so that one pass is enough and none
/// is worked out twice.
pub(super) fn with_lets<O: Observer, R>(
    plan: &Plan,
    known: Known<'_>,
    pass: Pass,
    observer: &mut O,
    work: impl FnOnce(&Machine<'_, '_>, &mut O) -> R,
) -> R {
    with_folds(plan, known, &Folds::of(plan, known.histories), pass, observer, work)
}

/// The same where some aggregates are worked out already.
pub(super) fn with_folds<O: Observer, R>(
    plan: &Plan,
    known: Known<'_>,
    folds: &Folds,
    pass: Pass,
    observer: &mut O,
    work: impl FnOnce(&Machine<'_, '_>, &mut O) -> R,
) -> R {
    let possible = pass == Pass::Possible;
    with_scratch(
        plan.lets().len(),
        || UNBOUND,
        |lets| {
            let wanted = |at: &usize| pass == Pass::Whole || plan.decides(*at);
            for (at, root) in plan.lets().iter().enumerate().filter(|(at, _)| wanted(at)) {
                let (bound, rest) = lets.split_at_mut(at);
                let machine = Machine::new(plan, known, folds, bound, possible);
                let bound = machine.root(root, observer);
                if let Bound::Open(interval) | Bound::Lost(interval) = bound {
                    observer.open(u32::try_from(at).unwrap_or(u32::MAX), interval);
                }
                rest.iter_mut().take(1).for_each(|place| *place = bound);
            }
            work(&Machine::new(plan, known, folds, lets, possible), observer)
        },
    )
}

impl<'m, 'a> Machine<'m, 'a> {
    pub(super) fn new(
        plan: &'a Plan,
        known: Known<'a>,
        folds: &'m Folds,
        lets: &'m [Bound<'a>],
        possible: bool,
    ) -> Self {
        let Known { as_of, facts, histories } = known;
        Self { plan, as_of, facts, lets, possible, subject: None, histories, folds, element: None, limit: None }
    }

    /// What a let comes to.
    pub(super) fn root(&self, root: &Root, observer: &mut impl Observer) -> Bound<'a> {
        match root {
            // A let that is but another name for a score is compared as the score is.
            Root::Value(value) => match self.value_of(*value, observer) {
                known @ Val::Known(_) => Bound::Value(known),
                open => self.open_bound(*value).unwrap_or(Bound::Value(open)),
            },
            Root::Condition(node) => Bound::Truth(self.truth_of(*node, observer)),
            Root::Score(score) => self.plan.score(*score).map_or(UNBOUND, |score| self.score(score, observer)),
            Root::Segment(at) => self.plan.segment(*at).map_or(UNBOUND, |segment| self.segment(segment, observer)),
        }
    }

    /// Runs `work` on the same customer with every missing fact open.
    pub(crate) fn in_possible_mode<R>(&self, work: impl FnOnce(&Machine<'_, '_>) -> R) -> R {
        let known = Known { as_of: self.as_of, facts: self.facts, histories: self.histories };
        with_lets(self.plan, known, Pass::Possible, &mut (), |open, ()| work(open))
    }

    pub(super) fn any_missing(&self) -> bool {
        let open = |history: &History| !history.supplied || history.open;
        self.facts.iter().take(self.plan.slots().len()).any(|given| matches!(given.value, Val::Missing))
            || (self.histories.iter().any(open) && self.plan.records().iter().any(|records| records.used))
    }

    pub(crate) fn fact(&self, slot: u32) -> Val<'a> {
        self.facts.get(slot as usize).map_or(Val::Missing, |given| given.value)
    }

    /// Whether a fact is computed, and not given.
    pub(crate) fn is_computed(&self, slot: u32) -> bool {
        self.facts.get(slot as usize).is_some_and(|given| given.computed && !given.by_default)
    }

    /// The same customer while the bins of a line are asked: what they compare is worked out once.
    pub(super) fn with_subject(&self, id: ExprId, value: Val<'a>) -> Self {
        Self { subject: Some((id, value)), ..*self }
    }

    pub(super) fn is_subject(&self, id: ExprId) -> bool {
        self.subject.is_some_and(|(subject, _)| subject == id)
    }

    pub(super) fn bound(&self, at: u32) -> Bound<'a> {
        self.lets.get(at as usize).copied().unwrap_or(UNBOUND)
    }

    /// The value of an expression.
    pub(crate) fn value(&self, id: ExprId) -> Val<'a> {
        self.value_of(id, &mut ())
    }

    /// The same, with an observer who hears of every calculation.
    pub(super) fn value_of(&self, id: ExprId, observer: &mut impl Observer) -> Val<'a> {
        if let Some((subject, value)) = self.subject
            && subject == id
        {
            return value;
        }
        let value = match self.plan.expr(id) {
            Expr::Constant(constant) => return Val::Known(constant.value()),
            Expr::Fact(slot) => return self.fact(*slot),
            Expr::Let(at) => match self.bound(*at) {
                Bound::Value(value) => value,
                Bound::Truth(truth) => Self::as_value(truth),
                Bound::Open(_) | Bound::Loose(_) | Bound::Members(_) => Val::Missing,
                Bound::Lost(_) => Val::Undefined,
            },
            Expr::Element(records, field) => return self.element_value(*records, *field),
            Expr::Aggregate(at) => {
                self.tell(id, *at, observer);
                self.aggregated(*at)
            }
            Expr::Lookup(column) => self.lookup(*column, observer),
            Expr::Today => return Val::Known(Value::Date(self.as_of)),
            Expr::Unary(op, inner) => match self.value_of(*inner, observer) {
                Val::Known(value) => op.unary(value).map_or(Val::Undefined, Val::Known),
                unknown => unknown,
            },
            Expr::Chain(first, rest) => {
                let mut value = self.value_of(*first, observer);
                for (op, part) in rest {
                    value = match (value, self.value_of(*part, observer)) {
                        (Val::Known(left), Val::Known(right)) => {
                            op.binary(left, right).map_or(Val::Undefined, Val::Known)
                        }
                        (Val::Undefined, _) | (_, Val::Undefined) => Val::Undefined,
                        _ => Val::Missing,
                    };
                }
                value
            }
            Expr::Coalesce(parts) => self.coalesce(parts, observer),
            Expr::If(arms, otherwise) => self.choice(arms, *otherwise, observer),
            Expr::Truth(node) => Self::as_value(self.truth_of(*node, observer)),
        };
        observer.value(id, value);
        value
    }

    /// A value of the element that is looked at.
    fn element_value(&self, records: u32, field: u32) -> Val<'a> {
        let history = self.histories.get(records as usize);
        match (self.element, history) {
            (Some((own, row)), Some(history)) if own == records => history.value(row, field),
            _ => Val::Missing,
        }
    }

    /// What a fact can be that is computed and not settled.
    pub(super) fn open_fact(&self, slot: u32) -> Option<Interval> {
        let (open, decides) = self.facts.get(slot as usize)?.open?;
        (decides || self.possible).then_some(open)
    }

    /// Between which ends a computed fact lies that is not settled.
    pub(crate) fn computed_ends(&self, slot: u32) -> Option<Interval> {
        self.facts.get(slot as usize)?.open.map(|(ends, _)| ends)
    }

    /// How much there is to read about the customer: texts by the 16 bytes, members of sets, records, those that do not
    /// count among them.
    pub(crate) fn weight(&self) -> u32 {
        let mut weight = self.histories.iter().map(|history| history.len() + history.left_out()).sum::<usize>();
        for given in self.facts.iter().take(self.plan.slots().len()) {
            match given.value {
                Val::Known(Value::Text(text)) => weight += text.read().len() / 16,
                Val::Known(Value::Set(set)) => set.each(&mut |_| weight += 1),
                _ => {}
            }
        }
        u32::try_from(weight).unwrap_or(u32::MAX)
    }

    /// Some values of a type that the customer has, and members of its sets; what is sensitive only where that is wanted.
    pub(crate) fn known_values(&self, ty: &Type, most: usize, sensitive: bool) -> Vec<Constant> {
        const LONGEST: usize = 256;
        let mut values: Vec<Constant> = Vec::new();
        let short = |value: &Constant| !matches!(value, Constant::Text(text) if text.len() > LONGEST);
        let alike = |own: &Type| own == ty || (own.is_numeric() && ty.is_numeric());
        for (slot, given) in self.plan.slots().iter().zip(self.facts.iter()) {
            match (given.value, slot.field.ty()) {
                _ if slot.field.sensitive && !sensitive => {}
                (Val::Known(Value::Set(set)), Type::SetOf(element)) if alike(element) => {
                    set.each(&mut |member| {
                        if values.len() < most {
                            values.extend(member.element(element).filter(short));
                        }
                    });
                }
                (Val::Known(value), own) if alike(own) && values.len() < most => {
                    values.extend(value.constant().filter(short));
                }
                _ => {}
            }
        }
        values
    }

    /// Whether some records of a collection are known.
    pub(crate) fn has_records(&self, records: u32) -> bool {
        self.histories.get(records as usize).is_some_and(|history| history.supplied)
    }

    /// A column in the row of the customer's key. A key without a row, and a cell `missing`, have no result.
    fn lookup(&self, column: u32, observer: &mut impl Observer) -> Val<'a> {
        let Some(column) = self.plan.column(column) else { return Val::Undefined };
        let Some(table) = self.plan.tables().get(column.table as usize) else { return Val::Undefined };
        match self.value_of(table.key, observer) {
            Val::Known(key) => {
                let cell = table.row(&key).and_then(|row| column.cell(row));
                cell.map_or(Val::Undefined, |cell| Val::Known(cell.value()))
            }
            unknown => unknown,
        }
    }

    /// The first known part; in possible mode a missing one will be known and so decides.
    fn coalesce(&self, parts: &[ExprId], observer: &mut impl Observer) -> Val<'a> {
        let mut last = Val::Missing;
        for part in parts {
            last = self.value_of(*part, observer);
            match last {
                Val::Known(_) => return last,
                Val::Missing if self.possible => return last,
                _ => {}
            }
        }
        last
    }

    fn choice(&self, arms: &[(NodeId, ExprId)], otherwise: ExprId, observer: &mut impl Observer) -> Val<'a> {
        for (condition, value) in arms {
            let truth = self.truth_of(*condition, observer);
            if truth.is_surely_true() {
                return self.value_of(*value, observer);
            }
            if !truth.is_surely_false() {
                return as_unknown(truth);
            }
        }
        self.value_of(otherwise, observer)
    }

    pub(super) fn as_value(truth: Truth) -> Val<'a> {
        match truth {
            Truth::TRUE => Val::Known(Value::Boolean(true)),
            Truth::FALSE => Val::Known(Value::Boolean(false)),
            truth => as_unknown(truth),
        }
    }

    /// The outcomes that a condition can still have.
    pub(crate) fn truth(&self, id: NodeId) -> Truth {
        self.truth_of(id, &mut ())
    }

    /// The same, with an observer who hears of every condition and calculation.
    pub(super) fn truth_of<O: Observer>(&self, id: NodeId, observer: &mut O) -> Truth {
        let truth = match self.plan.node(id) {
            Node::Constant(value) => Truth::of(*value),
            Node::Atom(atom) => self.plan.atom(*atom).map_or(Truth::UNKNOWN, |atom| self.atom(atom, observer)),
            Node::Let(at) => match self.bound(*at) {
                Bound::Truth(truth) => truth,
                Bound::Value(Val::Known(Value::Boolean(value))) => Truth::of(value),
                _ => Truth::UNKNOWN,
            },
            Node::Not(inner) => self.truth_of(*inner, observer).not(),
            Node::And(parts) => {
                let mut truth = Truth::TRUE;
                for part in parts {
                    truth = truth.and(self.truth_of(*part, observer));
                    if truth.is_surely_false() && !O::WHOLE {
                        break;
                    }
                }
                truth
            }
            Node::Or(parts) => {
                let mut truth = Truth::FALSE;
                for part in parts {
                    truth = truth.or(self.truth_of(*part, observer));
                    if truth.is_surely_true() && !O::WHOLE {
                        break;
                    }
                }
                truth
            }
            Node::AtLeast(wanted, parts) => {
                Truth::at_least(*wanted as usize, parts.iter().map(|part| self.truth_of(*part, observer)))
            }
            Node::If(arms, otherwise) => self.truth_choice(arms, *otherwise, observer),
            Node::Chained(first, rest) => self.chained(*first, rest, observer),
        };
        observer.condition(id, truth);
        truth
    }

    fn chained(&self, first: ExprId, rest: &[(Compare, ExprId)], observer: &mut impl Observer) -> Truth {
        let mut truth = Truth::TRUE;
        let mut left = self.value_of(first, observer);
        for (op, part) in rest {
            let right = self.value_of(*part, observer);
            truth = truth.and(match (left, right) {
                (Val::Known(left), Val::Known(right)) => Truth::of(op.holds(&left, &right)),
                (Val::Undefined, _) | (_, Val::Undefined) => Truth::UNKNOWN,
                _ => Truth::ANY,
            });
            left = right;
        }
        truth
    }

    fn truth_choice(&self, arms: &[(NodeId, NodeId)], otherwise: NodeId, observer: &mut impl Observer) -> Truth {
        for (condition, value) in arms {
            let truth = self.truth_of(*condition, observer);
            if truth.is_surely_true() {
                return self.truth_of(*value, observer);
            }
            if !truth.is_surely_false() {
                return if truth == Truth::UNKNOWN { truth } else { Truth::ANY };
            }
        }
        self.truth_of(otherwise, observer)
    }
}

/// A condition that is not settled, as a value: one that no missing fact could settle has no result.
fn as_unknown<'a>(truth: Truth) -> Val<'a> {
    if truth == Truth::UNKNOWN { Val::Undefined } else { Val::Missing }
}
