//! Who listens to an evaluation: nobody, at no cost, or the recorder that explanations are made from.

use std::collections::BTreeMap;

use super::given::Given;
use super::machine::Val;
use crate::plan::{ExprId, NodeId, Plan, Truth};
use crate::schema::Type;
use crate::value::{Duration, Fact, Interval, Value};

/// Told what is evaluated for the decision. Sealed: hosts see explanations, not events.
pub(crate) trait Observer {
    /// Whether it hears of parts that cannot change a result any more; they are evaluated for it alone.
    const WHOLE: bool;

    fn facts(&mut self, facts: &[Given<'_>]);
    fn value(&mut self, id: ExprId, value: Val<'_>);
    /// What a count that is not settled can be; its value follows, and is missing.
    fn between(&mut self, id: ExprId, interval: Interval);
    fn condition(&mut self, id: NodeId, truth: Truth);
    /// What a score that is not settled can be, by its place among the lets.
    fn open(&mut self, bound: u32, interval: Interval);
    fn rule(&mut self, rule: usize, truth: Truth);
    fn adjustment(&mut self, adjustment: usize, truth: Truth, bound: Option<u32>);

    /// Whether it has heard of a condition, and of a value.
    fn heard(&self, _: NodeId) -> bool {
        true
    }

    fn heard_value(&self, _: ExprId) -> bool {
        true
    }
}

impl Observer for () {
    const WHOLE: bool = false;

    fn facts(&mut self, _: &[Given<'_>]) {}
    fn value(&mut self, _: ExprId, _: Val<'_>) {}
    fn between(&mut self, _: ExprId, _: Interval) {}
    fn condition(&mut self, _: NodeId, _: Truth) {}
    fn open(&mut self, _: u32, _: Interval) {}
    fn rule(&mut self, _: usize, _: Truth) {}
    fn adjustment(&mut self, _: usize, _: Truth, _: Option<u32>) {}
}

/// A value as it was seen, owned. What follows from sensitive facts is not kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Missing,
    Undefined,
    Sensitive,
    Number(rust_decimal::Decimal),
    Boolean(bool),
    Date(chrono::NaiveDate),
    Duration(Duration),
    Text(Box<str>),
    Member(u32),
    Set(Vec<Seen>),
    /// From one number to another, each of them possible.
    Between(Option<rust_decimal::Decimal>, Option<rust_decimal::Decimal>),
}

impl Seen {
    /// A value of a type.
    fn of(value: Val<'_>, ty: Option<&Type>) -> Self {
        match value {
            Val::Known(Value::Number(number)) => Self::Number(number),
            Val::Known(Value::Boolean(boolean)) => Self::Boolean(boolean),
            Val::Known(Value::Date(date)) => Self::Date(date),
            Val::Known(Value::Duration(duration)) => Self::Duration(duration),
            Val::Known(Value::Text(text)) => Self::Text(text.read().into()),
            Val::Known(Value::Member(member)) => Self::Member(member),
            Val::Known(Value::Set(members)) => {
                let numeric = matches!(ty, Some(Type::SetOf(element)) if element.is_numeric());
                let mut all = Vec::new();
                members.each(&mut |member| all.extend(Self::member(member, numeric)));
                Self::Set(all)
            }
            Val::Missing => Self::Missing,
            Val::Undefined => Self::Undefined,
        }
    }

    fn member(fact: Fact<'_>, numeric: bool) -> Option<Self> {
        Some(match fact {
            Fact::Text(text) if !numeric => Self::Text(text.into()),
            Fact::Boolean(boolean) => Self::Boolean(boolean),
            Fact::Date(date) => Self::Date(date),
            fact => Self::Number(fact.number()?),
        })
    }
}

/// Keeps what was seen. A condition or a value has one result for one customer, wherever it occurs.
pub(crate) struct Recorder<'p> {
    plan: &'p Plan,
    seen: Record,
}

/// What was seen of one customer.
#[derive(Clone, Default)]
pub(crate) struct Record {
    /// By slot.
    pub(crate) facts: Vec<Seen>,
    /// The slots of facts that were missing and have a default.
    pub(crate) by_default: Vec<usize>,
    /// By value expression; `None` where it was not needed.
    pub(crate) values: Vec<Option<Seen>>,
    /// What open scores can be, by their place among the lets.
    pub(crate) open: BTreeMap<u32, Interval>,
    /// By condition.
    pub(crate) conditions: Vec<Option<Truth>>,
    /// By rule.
    pub(crate) rules: Vec<Option<Truth>>,
    /// By cap or floor, with the tier to which it limits.
    pub(crate) adjustments: Vec<Option<(Truth, Option<u32>)>>,
}

impl<'p> Recorder<'p> {
    pub(crate) fn new(plan: &'p Plan) -> Self {
        let (values, conditions) = plan.sizes();
        let seen = Record {
            facts: Vec::with_capacity(plan.slots().len()),
            by_default: Vec::new(),
            values: vec![None; values],
            open: BTreeMap::new(),
            conditions: vec![None; conditions],
            rules: vec![None; plan.rules().len()],
            adjustments: vec![None; plan.adjustments().len()],
        };
        Self { plan, seen }
    }

    pub(crate) fn finish(self) -> Record {
        self.seen
    }
}

fn set<T>(places: &mut [Option<T>], at: usize, value: T) {
    if let Some(place) = places.get_mut(at) {
        *place = Some(value);
    }
}

impl Observer for Recorder<'_> {
    const WHOLE: bool = true;

    fn facts(&mut self, facts: &[Given<'_>]) {
        for (at, (slot, given)) in self.plan.slots().iter().zip(facts).enumerate() {
            if given.by_default {
                self.seen.by_default.push(at);
            }
            let hidden = slot.field.sensitive && matches!(given.value, Val::Known(_));
            self.seen.facts.push(if hidden { Seen::Sensitive } else { Seen::of(given.value, Some(slot.field.ty())) });
        }
    }

    fn value(&mut self, id: ExprId, value: Val<'_>) {
        if self.seen.values.get(id.at()).is_some_and(Option::is_some) {
            return;
        }
        // Even that a calculation is open can hang on the value of a sensitive fact.
        let hidden = self.plan.sensitive().value(id);
        let ty = self.plan.names().types.get(id.at());
        set(&mut self.seen.values, id.at(), if hidden { Seen::Sensitive } else { Seen::of(value, ty) });
    }

    fn between(&mut self, id: ExprId, interval: Interval) {
        let hidden = self.plan.sensitive().value(id);
        let seen = if hidden { Seen::Sensitive } else { Seen::Between(interval.low, interval.high) };
        set(&mut self.seen.values, id.at(), seen);
    }

    fn condition(&mut self, id: NodeId, truth: Truth) {
        set(&mut self.seen.conditions, id.at(), truth.decided());
    }

    fn heard(&self, id: NodeId) -> bool {
        self.seen.conditions.get(id.at()).is_some_and(Option::is_some)
    }

    fn heard_value(&self, id: ExprId) -> bool {
        self.seen.values.get(id.at()).is_some_and(Option::is_some)
    }

    fn open(&mut self, bound: u32, interval: Interval) {
        self.seen.open.insert(bound, interval);
    }

    fn rule(&mut self, rule: usize, truth: Truth) {
        set(&mut self.seen.rules, rule, truth.decided());
    }

    fn adjustment(&mut self, adjustment: usize, truth: Truth, bound: Option<u32>) {
        set(&mut self.seen.adjustments, adjustment, (truth.decided(), bound));
    }
}
