//! What is known about customers before any policy: fields with their types, and the standard customer model.

mod collection;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

use crate::diagnostics::Term;
use crate::value::Constant;

pub use collection::Collection;
pub(crate) use collection::CollectionKind;

/// The type of a field or an expression.
///
/// ```
/// use tierwise::Type;
///
/// assert_eq!(Type::one_of(["retail", "services"]).to_string(), "one of (retail, services)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// An exact decimal.
    Number,
    /// A whole number.
    Integer,
    /// A decimal in the policy's currency.
    Money,
    /// True or false.
    Boolean,
    /// A Unicode text, compared as given.
    Text,
    /// A civil date.
    Date,
    /// Days or months.
    Duration,
    /// One of a closed set of names.
    OneOf(Arc<ClosedSet>),
    /// An unordered set of values of one type.
    SetOf(Arc<Type>),
}

/// A closed set of names, in the order in which they were declared.
#[derive(Clone)]
pub struct ClosedSet {
    names: Vec<Arc<str>>,
    /// Places in `names`, in the order of the names.
    sorted: Vec<u32>,
    /// A hash over the names, so that comparing two large sets costs the same as comparing two small ones.
    digest: [u8; 32],
}

impl PartialEq for ClosedSet {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for ClosedSet {}

impl fmt::Debug for ClosedSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.names).finish()
    }
}

impl ClosedSet {
    /// The names, in order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    pub(crate) fn name(&self, place: u32) -> Option<&Arc<str>> {
        self.names.get(place as usize)
    }

    /// What tells it from other sets.
    pub(crate) fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The place of a name.
    pub(crate) fn place(&self, name: &str) -> Option<u32> {
        let name_at = |place: &u32| self.name(*place).map_or("", |name| name);
        let found = self.sorted.binary_search_by(|place| name_at(place).cmp(name)).ok()?;
        self.sorted.get(found).copied()
    }
}

impl Type {
    /// A closed set of names.
    pub fn one_of<S: AsRef<str>>(members: impl IntoIterator<Item = S>) -> Self {
        let mut seen = std::collections::HashSet::new();
        let all = members.into_iter().map(|member| Arc::<str>::from(member.as_ref()));
        let names: Vec<Arc<str>> = all.filter(|name| seen.insert(Arc::clone(name))).collect();
        let mut sorted: Vec<(&Arc<str>, u32)> = names.iter().zip(0..).collect();
        sorted.sort();
        let sorted = sorted.into_iter().map(|(_, place)| place).collect();
        let mut hash = Sha256::new();
        for name in &names {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
        }
        Self::OneOf(Arc::new(ClosedSet { names, sorted, digest: hash.finalize().into() }))
    }

    /// The place of a member in a closed set.
    pub(crate) fn member(&self, name: &str) -> Option<u32> {
        let Self::OneOf(members) = self else { return None };
        members.place(name)
    }

    /// The type in a word or two, without what it is of.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Money => "money",
            Self::Boolean => "boolean",
            Self::Text => "text",
            Self::Date => "date",
            Self::Duration => "duration",
            Self::OneOf(_) => "one of",
            Self::SetOf(_) => "set of",
        }
    }

    /// Whether values are numbers: these have an order, arithmetic and a range.
    pub(crate) fn is_numeric(&self) -> bool {
        matches!(self, Self::Number | Self::Integer | Self::Money)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Self::OneOf(members) => write!(f, " ({})", members.names.join(", ")),
            Self::SetOf(element) => write!(f, " {element}"),
            _ => Ok(()),
        }
    }
}

/// Both ends of a range are included; an end that is absent is open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) low: Option<Constant>,
    pub(crate) high: Option<Constant>,
}

impl Range {
    pub(crate) fn is_open(&self) -> bool {
        self.low.is_none() && self.high.is_none()
    }

    pub(crate) fn contains(&self, value: &Constant) -> bool {
        self.low.as_ref().is_none_or(|low| low <= value) && self.high.as_ref().is_none_or(|high| value <= high)
    }
}

/// How a field may be proposed as something to change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    #[default]
    Any,
    Fixed,
    Rising,
    Falling,
}

/// A field of the customer: its name, type and what holds of every value.
///
/// ```
/// use tierwise::{Field, Schema, Type};
///
/// let schema = Schema::standard()
///     .field(Field::new("seats", Type::Integer).between(1, 5_000).label("Seats"))
///     .field(Field::new("iban", Type::Text).sensitive());
/// assert_eq!(schema.get("seats").unwrap().ty(), &Type::Integer);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub(crate) name: Arc<str>,
    pub(crate) label: Option<Arc<str>>,
    pub(crate) ty: Type,
    pub(crate) range: Range,
    pub(crate) scale: Option<u32>,
    pub(crate) default: Option<Constant>,
    pub(crate) required: bool,
    pub(crate) sensitive: bool,
    pub(crate) protected: bool,
    pub(crate) direction: Direction,
    pub(crate) cost: Option<Decimal>,
    /// Undefined, not missing, where it is absent.
    pub(crate) standing: bool,
    /// Holds a tier of the policy's ladder; one that is not on it is missing, with a finding.
    pub(crate) ladder: bool,
}

impl Field {
    /// An optional field of a type.
    pub fn new(name: &str, ty: Type) -> Self {
        Self {
            name: Arc::from(name),
            label: None,
            ty,
            range: Range::default(),
            scale: None,
            default: None,
            required: false,
            sensitive: false,
            protected: false,
            direction: Direction::default(),
            cost: None,
            standing: STANDING_FIELDS.contains(&name),
            ladder: false,
        }
    }

    /// The name that policies and facts use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The type of its values.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// Whether a customer without it is rejected.
    pub fn is_required(&self) -> bool {
        self.required
    }

    /// Whether its values appear in no explanation, error or finding.
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
    }

    /// Numbers from `low` to `high`, both included.
    #[must_use]
    pub fn between(mut self, low: impl Into<Decimal>, high: impl Into<Decimal>) -> Self {
        self.range = Range { low: Some(Constant::Number(low.into())), high: Some(Constant::Number(high.into())) };
        self
    }

    /// Numbers from `low` on.
    #[must_use]
    pub fn at_least(mut self, low: impl Into<Decimal>) -> Self {
        self.range.low = Some(Constant::Number(low.into()));
        self
    }

    /// Dates from `low` to `high`, both included.
    #[must_use]
    pub fn between_dates(mut self, low: NaiveDate, high: NaiveDate) -> Self {
        self.range = Range { low: Some(Constant::Date(low)), high: Some(Constant::Date(high)) };
        self
    }

    /// A label for readers.
    #[must_use]
    pub fn label(mut self, label: &str) -> Self {
        self.label = Some(Arc::from(label));
        self
    }

    /// At most this many decimal places, of which a decimal has 28; finer data is an error.
    #[must_use]
    pub fn scale(mut self, places: u32) -> Self {
        self.scale = Some(places.min(28));
        self
    }

    /// A customer without it is rejected.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Values are masked wherever they could be read.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// Using it in a rule is an error.
    #[must_use]
    pub fn protected(mut self) -> Self {
        self.protected = true;
        self
    }

    fn of_the_ladder(mut self) -> Self {
        self.ladder = true;
        self
    }

    /// What of its range or scale does not fit its type.
    pub(crate) fn misfit(&self) -> Option<Term> {
        let end = |end: &Option<Constant>| match (end, &self.ty) {
            (None, _) | (Some(Constant::Date(_)), Type::Date) => true,
            (Some(Constant::Number(_)), ty) => ty.is_numeric(),
            _ => false,
        };
        if !end(&self.range.low) || !end(&self.range.high) {
            return Some(Term::Range);
        }
        (self.scale.is_some() && !matches!(self.ty, Type::Number | Type::Money)).then_some(Term::Scale)
    }
}

/// The fields that policies may name without declaring them, in the order in which facts are validated, and the
/// collections of records.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    fields: Vec<Field>,
    index: HashMap<Arc<str>, usize>,
    collections: Vec<Collection>,
}

impl Schema {
    /// No fields at all: the policy or the host declares each.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The standard customer model: `annual_spend`, `frequency`, `nps` and the others of the language reference.
    pub fn standard() -> Self {
        let mut schema = Self::default();
        for field in standard_fields() {
            schema = schema.field(field);
        }
        let mut orders = Collection::new("orders").dated_by("placed_on");
        for (name, ty) in ORDER_FIELDS {
            orders = orders.field(Field::new(name, ty));
        }
        schema.collections.push(Collection { kind: CollectionKind::Orders, ..orders });
        schema
    }

    /// Adds a collection; one of the same name is replaced.
    #[must_use]
    pub fn collection(mut self, collection: Collection) -> Self {
        match self.collections.iter_mut().find(|known| known.name == collection.name) {
            // Orders stay what they are, also with other fields.
            Some(known) => *known = Collection { kind: known.kind, ..collection },
            None => self.collections.push(collection),
        }
        self
    }

    /// All collections in order.
    pub fn collections(&self) -> &[Collection] {
        &self.collections
    }

    /// Adds a field; one of the same name is replaced in its place.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        match self.index.get(&field.name).and_then(|at| self.fields.get_mut(*at)) {
            Some(known) => *known = field,
            None => {
                self.index.insert(Arc::clone(&field.name), self.fields.len());
                self.fields.push(field);
            }
        }
        self
    }

    /// The field of a name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.index.get(name).and_then(|at| self.fields.get(*at))
    }

    /// All fields in order.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// With the ladder's own fields as members of a policy's ladder.
    pub(crate) fn with_ladder(&self, ladder: &Type) -> Self {
        let mut schema = self.clone();
        schema.fields.iter_mut().filter(|field| field.ladder).for_each(|field| field.ty = ladder.clone());
        schema
    }
}

/// The fields that may bound a cap or floor, where they hold tiers of the policy's own ladder.
pub(crate) const LADDER_FIELDS: [&str; 2] = [PARENT_TIER, "current.tier"];

/// The field by which a portfolio is linked.
pub(crate) const PARENT: &str = "parent";

/// The one of them that a portfolio sets.
pub(crate) const PARENT_TIER: &str = "parent.tier";

/// What policies in Chinese call the standard fields; the keys of data are the English names.
pub(crate) const CHINESE_NAMES: [(&str, &str); 18] = [
    ("年消费额", "annual_spend"),
    ("购买频率", "frequency"),
    ("客单价", "average_order_value"),
    ("累计消费", "lifetime_value"),
    ("满意度", "satisfaction"),
    ("净推荐值", "nps"),
    ("员工数", "employees"),
    ("营业额", "annual_revenue"),
    ("行业", "industry"),
    ("地区", "region"),
    ("国家", "country"),
    ("逾期天数", "overdue_days"),
    ("积分", "points"),
    ("未结投诉", "complaints"),
    ("最近下单日", "last_order_on"),
    ("首次下单日", "first_order_on"),
    ("距上次下单天数", "days_since_last_order"),
    ("合作月数", "tenure_months"),
];

/// The type of a field of the standard model.
pub(crate) fn standard_type(name: &str) -> Option<Type> {
    standard_fields().into_iter().find(|field| field.name() == name).map(|field| field.ty)
}

/// The fields of an order.
const ORDER_FIELDS: [(&str, Type); 5] = [
    ("id", Type::Text),
    ("placed_on", Type::Date),
    ("amount", Type::Money),
    ("channel", Type::Text),
    ("category", Type::Text),
];

/// What policies in Chinese call the fields of an order.
pub(crate) const CHINESE_ORDER_NAMES: [(&str, &str); 4] =
    [("下单日", "placed_on"), ("金额", "amount"), ("渠道", "channel"), ("品类", "category")];

/// The fields of the customer's standing: a new customer has none, which is nothing that could become known.
const STANDING_FIELDS: [&str; 2] = ["current.tier", "current.since"];

fn standard_fields() -> Vec<Field> {
    let field = Field::new;
    let count = |name| Field::new(name, Type::Integer).at_least(0);
    let texts = |name| Field::new(name, Type::SetOf(Arc::new(Type::Text)));
    let ladder = |name| Field::new(name, Type::one_of::<&str>([])).of_the_ladder();
    vec![
        field("id", Type::Text),
        field("name", Type::Text).sensitive(),
        field("annual_spend", Type::Money),
        count("frequency"),
        field("average_order_value", Type::Money),
        field("lifetime_value", Type::Money),
        field("satisfaction", Type::Number).between(0, 10),
        field("nps", Type::Integer).between(-100, 100),
        count("employees"),
        field("annual_revenue", Type::Money),
        field("industry", Type::Text),
        field("region", Type::Text),
        field("country", Type::Text),
        field("customer_since", Type::Date),
        field("first_order_on", Type::Date),
        field("last_order_on", Type::Date),
        count("days_since_last_order"),
        count("tenure_months"),
        texts("channels"),
        texts("tags"),
        count("complaints"),
        count("overdue_days"),
        count("points"),
        field("parent", Type::Text),
        ladder("parent.tier"),
        ladder("current.tier"),
        field("current.since", Type::Date),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redeclared_field_keeps_its_place() {
        let schema = Schema::standard().field(Field::new("frequency", Type::Number));
        let at = schema.fields().iter().position(|field| field.name() == "frequency");
        assert_eq!(at, Some(3));
        assert_eq!(schema.get("frequency").map(Field::ty), Some(&Type::Number));
    }
}
