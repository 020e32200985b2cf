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
        let all = self.definitions(index).unwrap_or_default();
        for (name, ty, kind) in all {
            if let Some(field) = self.standard(name).filter(|_| self.is_asked(name)) {
                self.out.computed.push(Computed { field, value: typed(ty, kind) });
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

    /// The definitions of the language reference, each behind what it uses.
    fn definitions(&self, orders: CollectionIndex) -> Option<Vec<(&'static str, Type, TypedKind)>> {
        let fields = &self.records(orders)?.collection;
        let element = |name: &str, ty: Type| {
            let at = fields.place(name).filter(|at| fields.fields().get(*at).is_some_and(|field| *field.ty() == ty))?;
            Some(typed(ty, TypedKind::Element(orders, u32::try_from(at).ok()?)))
        };
        let year = Some(Window::Last(Duration::Months(12)));
        let over = |fold: Fold, argument: Option<Typed>, window: Option<Window>, text: &str| {
            let (source, text) = (Source::Records(orders), text.into());
            TypedKind::Aggregate(Box::new(Aggregate { fold, source, argument, window, condition: None, text }))
        };
        let field = |name: &str, ty: Type| {
            let kind = self.standard(name).map_or(TypedKind::Today, TypedKind::Field);
            Box::new(typed(ty, kind))
        };
        let (amount, date) = (element("amount", Type::Money)?, element("placed_on", Type::Date)?);
        let spend = over(Fold::Sum, Some(amount.clone()), year, "sum(orders.amount in last 12 months)");
        let count = over(Fold::Count, None, year, "count(orders in last 12 months)");
        let lifetime = over(Fold::Sum, Some(amount), None, "sum(orders.amount)");
        let first = over(Fold::Min, Some(date.clone()), None, "min(orders.placed_on)");
        let last = over(Fold::Max, Some(date), None, "max(orders.placed_on)");
        let quotient = vec![(Op::Divide, *field("frequency", Type::Integer))];
        let days = vec![(Op::Subtract, *field("last_order_on", Type::Date))];
        let today = typed(Type::Date, TypedKind::Today);
        let since = vec![*field("customer_since", Type::Date), *field("first_order_on", Type::Date)];
        let since = Box::new(typed(Type::Date, TypedKind::Coalesce(since)));
        Some(vec![
            ("annual_spend", Type::Money, spend),
            ("frequency", Type::Integer, count),
            ("lifetime_value", Type::Money, lifetime),
            ("first_order_on", Type::Date, first),
            ("last_order_on", Type::Date, last),
            ("average_order_value", Type::Money, TypedKind::Chain(field("annual_spend", Type::Money), quotient)),
            ("days_since_last_order", Type::Integer, TypedKind::Chain(Box::new(today.clone()), days)),
            ("tenure_months", Type::Integer, TypedKind::Chain(since, vec![(Op::MonthsBetween, today)])),
        ])
    }
}
