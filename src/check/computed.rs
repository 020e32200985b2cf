//! Facts of the standard model that are computed from orders where the host does not give them.

use super::aggregate::{Aggregate, Source};
use super::{Checker, CollectionIndex, FieldIndex, Typed, TypedKind};
use crate::builtins::{Fold, Op, Sort};
use crate::schema::{CollectionKind, Field, Type};
use crate::source::Span;
use crate::value::{Duration, Window};

/// How a fact is computed that the host does not give.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub(crate) field: FieldIndex,
    pub(crate) value: Typed,
}

/// Those that are worked out of others; each stands behind what it uses.
const DERIVED: [(&str, &[&str]); 3] = [
    ("average_order_value", &["annual_spend", "frequency"]),
    ("days_since_last_order", &["last_order_on"]),
    ("tenure_months", &["customer_since", "first_order_on"]),
];

/// What the others are worked out of: fields of orders.
const FROM_ORDERS: [(&str, &[&str]); 5] = [
    ("annual_spend", &["amount", "placed_on"]),
    ("frequency", &["placed_on"]),
    ("lifetime_value", &["amount"]),
    ("first_order_on", &["placed_on"]),
    ("last_order_on", &["placed_on"]),
];

fn typed(ty: Type, kind: TypedKind) -> Typed {
    Typed { span: Span::default(), sort: Sort::Of(ty), kind }
}

impl Checker<'_> {
    /// What is worked out of something sensitive is sensitive, and of something protected, protected.
    pub(super) fn inherit(&mut self) {
        let orders = self.out.collections.iter().find(|known| known.collection.kind == CollectionKind::Orders);
        let Some(orders) = orders.map(|known| known.collection.clone()) else { return };
        let of_orders = |name: &&str| orders.place(name).and_then(|at| orders.fields.get(at)).cloned();
        for (name, parts) in FROM_ORDERS {
            let parts: Vec<Field> = parts.iter().filter_map(of_orders).collect();
            self.inherits(name, &parts);
        }
        for (name, parts) in DERIVED {
            let own = |name: &&str| self.out.fields.iter().find(|field| field.name() == *name).cloned();
            let parts: Vec<Field> = parts.iter().filter_map(own).collect();
            self.inherits(name, &parts);
        }
    }

    fn inherits(&mut self, name: &str, parts: &[Field]) {
        let standard = crate::schema::standard_type(name);
        let field = self.out.fields.iter_mut().find(|field| field.name() == name);
        if let Some(field) = field.filter(|field| Some(field.ty()) == standard.as_ref()) {
            field.sensitive |= parts.iter().any(|part| part.sensitive);
            field.protected |= parts.iter().any(|part| part.protected);
        }
    }

    /// The definitions of those that the policy uses.
    pub(super) fn computed(&mut self) {
        self.out.derived = vec![false; self.out.fields.len()];
        let groups = self.out.collections.iter().filter(|known| known.collection.kind == CollectionKind::Group);
        for used in groups.map(|known| &known.used_fields) {
            self.out.derived.iter_mut().zip(used).for_each(|(derived, used)| *derived |= used);
        }
        let orders = self.out.collections.iter().position(|known| known.collection.kind == CollectionKind::Orders);
        let Some(index) = orders.map(|at| CollectionIndex(u32::try_from(at).unwrap_or(u32::MAX))) else { return };
        for (name, parts) in DERIVED {
            if self.is_asked(name) {
                for part in parts {
                    let at = self.standard(part).map(FieldIndex::at);
                    at.and_then(|at| self.out.derived.get_mut(at)).into_iter().for_each(|derived| *derived = true);
                }
            }
        }
        for (name, value) in self.definitions(index) {
            let field = self.standard(name).filter(|_| self.is_asked(name));
            if let (Some(field), Some(value)) = (field, value) {
                self.out.computed.push(Computed { field, value });
                self.out.collections.iter_mut().skip(index.at()).take(1).for_each(|orders| orders.computed = true);
            }
        }
    }

    /// A field that is what the standard model says it is.
    fn standard(&self, name: &str) -> Option<FieldIndex> {
        let at = self.out.fields.iter().position(|field| field.name() == name)?;
        let standard = crate::schema::standard_type(name)?;
        let same = self.out.fields.get(at).is_some_and(|field| *field.ty() == standard);
        same.then_some(FieldIndex(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    /// Whether the policy uses a field, or what is computed from it.
    fn is_asked(&self, name: &str) -> bool {
        let at = self.out.fields.iter().position(|field| field.name() == name);
        at.is_some_and(|at| self.out.used.get(at) == Some(&true) || self.out.derived.get(at) == Some(&true))
    }

    /// The definitions of the language reference, each behind what it uses; none where a part is something else here.
    fn definitions(&self, orders: CollectionIndex) -> Vec<(&'static str, Option<Typed>)> {
        let fields = self.records(orders).map(|known| &known.collection);
        let element = |name: &str, ty: Type| {
            let at = fields?.place(name)?;
            let same = fields?.fields().get(at).is_some_and(|field| *field.ty() == ty);
            same.then_some(typed(ty, TypedKind::Element(orders, u32::try_from(at).ok()?)))
        };
        let year = Some(Window::Last(Duration::Months(12)));
        let over = |ty: Type, fold: Fold, argument: Option<Typed>, window: Option<Window>, text: &str| {
            let (source, text) = (Source::Records(orders), text.into());
            let aggregate = Aggregate { fold, source, argument, window, condition: None, text };
            typed(ty, TypedKind::Aggregate(Box::new(aggregate)))
        };
        let field = |name: &str, ty: Type| Some(typed(ty, TypedKind::Field(self.standard(name)?)));
        let amount = || element("amount", Type::Money);
        let date = || element("placed_on", Type::Date);
        let of_amount = |fold, window, text: &str| Some(over(Type::Money, fold, Some(amount()?), window, text));
        let of_date = |fold, text: &str| Some(over(Type::Date, fold, Some(date()?), None, text));
        let chain = |ty, first: Option<Typed>, op, second: Option<Typed>| {
            Some(typed(ty, TypedKind::Chain(Box::new(first?), vec![(op, second?)])))
        };
        let today = || Some(typed(Type::Date, TypedKind::Today));
        let count = || over(Type::Integer, Fold::Count, None, year, "count(orders in last 12 months)");
        let since = [field("customer_since", Type::Date), field("first_order_on", Type::Date)];
        let mut since: Vec<Typed> = since.into_iter().flatten().collect();
        let since = if since.len() > 1 { Some(typed(Type::Date, TypedKind::Coalesce(since))) } else { since.pop() };
        vec![
            (
                "annual_spend",
                of_amount(Fold::Sum, year, "sum(orders.amount in last 12 months)").filter(|_| date().is_some()),
            ),
            ("frequency", date().map(|_| count())),
            ("lifetime_value", of_amount(Fold::Sum, None, "sum(orders.amount)")),
            ("first_order_on", of_date(Fold::Min, "min(orders.placed_on)")),
            ("last_order_on", of_date(Fold::Max, "max(orders.placed_on)")),
            (
                "average_order_value",
                chain(Type::Money, field("annual_spend", Type::Money), Op::Divide, field("frequency", Type::Integer)),
            ),
            ("days_since_last_order", chain(Type::Integer, today(), Op::Subtract, field("last_order_on", Type::Date))),
            ("tenure_months", chain(Type::Integer, since, Op::MonthsBetween, today())),
        ]
    }
}
