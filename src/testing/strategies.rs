//! Customers by chance, for property tests of a host's own.
//!
//! What matters about a policy lies at its thresholds and in what is missing, where values that are drawn evenly hardly
//! ever come. So most numbers and dates are those with which the policy compares, or one step beside them; texts and members
//! are those that it names, and others; and a quarter of what may be missing is missing.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Just, Strategy, Union};
use rust_decimal::Decimal;

use super::edges::{Edges, edges};
use super::given::{record, written};
use crate::check::{Facts, Given};
use crate::facts::{CollectionRef, FactError, Facts as FactsOf, FieldRef};
use crate::model::Customer;
use crate::plan::{Plan, Records};
use crate::schema::{Field, Type};
use crate::value::{Constant, Fact, add, subtract};

/// A collection holds at most so many records.
const RECORDS: usize = 12;

/// Of what may be missing, so much is there.
const THERE: f64 = 0.75;

/// Days before the as-of date, and behind it.
const BEFORE: u64 = 1_200;
const BEHIND: u64 = 40;

/// So many decimal places have the numbers that are drawn evenly, at the most.
const PLACES: u32 = 4;

/// A customer by chance. `Debug` shows its facts as a test of the policy gives them, so that a failure can be kept as one;
/// values of sensitive facts are masked, and drawn without a look at the policy.
#[derive(Clone)]
pub struct GeneratedCustomer {
    customer: Customer,
    shown: String,
}

impl Deref for GeneratedCustomer {
    type Target = Customer;

    fn deref(&self) -> &Customer {
        &self.customer
    }
}

impl From<GeneratedCustomer> for Customer {
    fn from(generated: GeneratedCustomer) -> Self {
        generated.customer
    }
}

impl FactsOf for GeneratedCustomer {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        self.customer.fact(field)
    }

    fn records(&self, collection: CollectionRef<'_>, each: &mut dyn FnMut(&dyn FactsOf)) -> Result<bool, FactError> {
        self.customer.records(collection, each)
    }
}

impl fmt::Debug for GeneratedCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

type Named = (Arc<str>, Given);

/// Customers of a plan, as of a day.
pub(crate) fn customers(plan: &Plan, as_of: NaiveDate) -> BoxedStrategy<GeneratedCustomer> {
    let edges = edges(plan, as_of);
    let of = |at: usize| edges.get(at).cloned().unwrap_or_default();
    let (mut parts, mut hidden): (Vec<BoxedStrategy<Named>>, Vec<Arc<str>>) = (Vec::new(), Vec::new());
    // What is computed from a day that lies ahead may be negative, and then the customer is refused.
    let sources: BTreeSet<u32> = (0..).zip(plan.slots()).flat_map(|(at, _)| plan.computed_from(at).0).collect();
    for (at, slot) in (0..).zip(plan.slots()) {
        let mut field = slot.field.clone();
        if sources.contains(&at) && *field.ty() == Type::Date {
            let last = field.range.high.take().map_or(Constant::Date(as_of), |high| high.min(Constant::Date(as_of)));
            field.range.high = Some(last);
        }
        parts.push(named(&field.name, fact(&field, &of(at as usize), as_of)));
        hidden.extend(slot.field.sensitive.then(|| Arc::clone(&slot.field.name)));
    }
    for (at, records) in (0..).zip(plan.records()) {
        let first = plan.missing_records(at) as usize;
        parts.push(named(&records.name, collection(records, |place| of(first + place), as_of)));
        // One part of a record that is sensitive hides the records.
        let sensitive = records.fields.iter().any(|element| element.field.sensitive);
        hidden.extend(sensitive.then(|| Arc::clone(&records.name)));
    }
    let generated = move |facts: Facts| {
        let facts = known(facts);
        let value = |name: &Arc<str>, value| if hidden.contains(name) { "…".to_owned() } else { written(value) };
        let each =
            facts.iter().map(|(name, given)| format!("{} = {}", crate::syntax::print_name(name), value(name, given)));
        let shown = each.collect::<Vec<_>>().join(", ");
        GeneratedCustomer { customer: record(&facts), shown }
    };
    parts.prop_map(generated).boxed()
}

/// What is not missing.
fn known(facts: Facts) -> Facts {
    facts.into_iter().filter(|(_, value)| *value != Given::Missing).collect()
}

fn named(name: &Arc<str>, value: BoxedStrategy<Given>) -> BoxedStrategy<Named> {
    let name = Arc::clone(name);
    value.prop_map(move |value| (Arc::clone(&name), value)).boxed()
}

/// A value of a field, or nothing where that may be.
fn fact(field: &Field, edges: &Edges, as_of: NaiveDate) -> BoxedStrategy<Given> {
    let nothing = Edges::default();
    let edges = if field.sensitive { &nothing } else { edges };
    let value = value(field, field.ty(), edges, as_of);
    if field.required { value } else { maybe(value) }
}

fn maybe(value: BoxedStrategy<Given>) -> BoxedStrategy<Given> {
    weighted(THERE, value).prop_map(|value| value.unwrap_or(Given::Missing)).boxed()
}

fn value(field: &Field, ty: &Type, edges: &Edges, as_of: NaiveDate) -> BoxedStrategy<Given> {
    match ty {
        Type::Boolean => proptest::bool::ANY.prop_map(Given::Boolean).boxed(),
        Type::Number | Type::Integer | Type::Money => numbers(field, ty, edges),
        Type::Date => dates(field, edges, as_of),
        Type::Text => texts(edges),
        Type::OneOf(members) => {
            let names: Vec<Arc<str>> = members.names().map(Arc::from).collect();
            one_of(names.into_iter().map(Given::Text).collect())
        }
        Type::SetOf(element) => vec(value(field, element, edges, as_of), 0..=3).prop_map(Given::Set).boxed(),
        // No fact is a length of time.
        Type::Duration => Just(Given::Missing).boxed(),
    }
}

/// One of some values; nothing where there is none.
fn one_of(values: Vec<Given>) -> BoxedStrategy<Given> {
    if values.is_empty() { Just(Given::Missing).boxed() } else { select(values).boxed() }
}

/// Mostly what lies at the edges, where there are some.
fn mostly(near: Vec<Given>, wide: BoxedStrategy<Given>) -> BoxedStrategy<Given> {
    if near.is_empty() { wide } else { Union::new_weighted(vec![(3, one_of(near)), (1, wide)]).boxed() }
}

fn texts(edges: &Edges) -> BoxedStrategy<Given> {
    let named = edges.texts.iter().cloned();
    let longer = edges.texts.iter().map(|text| Arc::from(format!("{text}-7")));
    let others = ["elsewhere", "Ötztal 中"].map(Arc::from);
    let all: Vec<Arc<str>> = named.clone().chain(named).chain(longer).chain(others).collect();
    one_of(all.into_iter().map(Given::Text).collect())
}

fn numbers(field: &Field, ty: &Type, edges: &Edges) -> BoxedStrategy<Given> {
    let finest = edges.numbers.iter().map(|number| number.normalize().scale()).max().unwrap_or(0);
    let places = match (field.scale, ty) {
        (_, Type::Integer) => 0,
        (Some(scale), _) => scale,
        (None, _) => finest.max(2),
    };
    let end = |end: &Option<Constant>| match end {
        Some(Constant::Number(number)) => Some(*number),
        _ => None,
    };
    let (low, high) = (end(&field.range.low), end(&field.range.high));
    let fits = |number: &Decimal| low.is_none_or(|low| low <= *number) && high.is_none_or(|high| *number <= high);
    let step = Decimal::new(1, places.min(28));
    let own = edges.numbers.iter().chain(low.iter()).chain(high.iter());
    let beside = own.flat_map(|edge| {
        let edge = edge.trunc_with_scale(places);
        [Some(edge), add(edge, step), subtract(edge, step)]
    });
    let mut near: Vec<Decimal> = beside.flatten().filter(fits).collect();
    near.sort();
    near.dedup();
    let largest = edges.numbers.iter().map(Decimal::abs).max().unwrap_or_else(|| Decimal::from(100));
    let double = add(largest, largest).unwrap_or(largest);
    let below = if edges.numbers.iter().any(Decimal::is_sign_negative) { double } else { largest / Decimal::from(10) };
    let (from, to) = (low.unwrap_or(-below), high.unwrap_or_else(|| low.map_or(double, |low| low.max(double))));
    let coarse = places.min(PLACES);
    let scaled = |number: Decimal| {
        let number = number.trunc_with_scale(coarse);
        number.mantissa().saturating_mul(10_i128.saturating_pow(coarse.saturating_sub(number.scale())))
    };
    let (from, to) = (scaled(from), scaled(to));
    let number = move |units: i128| Decimal::try_from_i128_with_scale(units, coarse).ok();
    let clamped = move |number: Decimal| low.map_or(number, |low| number.max(low)).min(high.unwrap_or(Decimal::MAX));
    let wide = (from.min(to)..=to.max(from))
        .prop_map(move |units| number(units).map_or(Given::Missing, |n| Given::Number(clamped(n).normalize())));
    mostly(near.into_iter().map(|number| Given::Number(number.normalize())).collect(), wide.boxed())
}

fn dates(field: &Field, edges: &Edges, as_of: NaiveDate) -> BoxedStrategy<Given> {
    let end = |end: &Option<Constant>| match end {
        Some(Constant::Date(day)) => Some(*day),
        _ => None,
    };
    let (low, high) = (end(&field.range.low), end(&field.range.high));
    let fits = |day: &NaiveDate| low.is_none_or(|low| low <= *day) && high.is_none_or(|high| *day <= high);
    let own = edges.dates.iter().chain(low.iter()).chain(high.iter());
    let beside = own.flat_map(|day| [Some(*day), day.succ_opt(), day.pred_opt()]);
    let mut near: Vec<NaiveDate> = beside.flatten().filter(fits).collect();
    near.sort();
    near.dedup();
    let wide = (0..=BEFORE + BEHIND).prop_map(move |days| {
        let day = as_of.checked_add_days(Days::new(BEHIND)).and_then(|last| last.checked_sub_days(Days::new(days)));
        let day = day.unwrap_or(as_of);
        Given::Date(low.map_or(day, |low| day.max(low)).min(high.unwrap_or(NaiveDate::MAX)))
    });
    mostly(near.into_iter().map(Given::Date).collect(), wide.boxed())
}

/// Records, each with an id of its own where they have one.
fn collection(records: &Records, edges: impl Fn(usize) -> Edges, as_of: NaiveDate) -> BoxedStrategy<Given> {
    let fields = records
        .fields
        .iter()
        .enumerate()
        .map(|(at, element)| named(&element.name, fact(&element.field, &edges(at + 1), as_of)));
    let fields: Vec<BoxedStrategy<Named>> = fields.collect();
    let id = records.id.and_then(|at| records.fields.get(at)).map(|element| Arc::clone(&element.name));
    let counts = edges(0).numbers;
    let most = counts.iter().filter_map(|count| usize::try_from(*count).ok()).max().unwrap_or(0);
    let all = vec(fields.prop_map(known), 0..=(most + 1).clamp(4, RECORDS)).prop_map(move |mut all| {
        for (at, record) in all.iter_mut().enumerate() {
            let own = record.iter_mut().filter(|(name, _)| Some(name) == id.as_ref());
            own.for_each(|(_, value)| *value = Given::Text(Arc::from(format!("{}", at + 1))));
        }
        Given::Records(all)
    });
    maybe(all.boxed())
}
