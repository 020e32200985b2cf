//! A file of orders, held in memory by customer: the cells that are looked at, and no more.

mod csv;
mod ndjson;
mod store;

use std::cell::Cell as Flag;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::Path;

use tierwise::{CollectionRef, CustomerError, Datum, Fact, FactError, Facts, FieldRef, Policy, Type};

use store::Store;

use super::bytes::Bytes;
use crate::escape::{brief, escape};
use crate::failure::{Failure, file_name, say};
use crate::progress::Progress;

/// The collection that the file holds.
const ORDERS: &str = "orders";

/// Beside the fields of an order: the currency of its amount.
const CURRENCY: &str = "currency";

/// By which an order is known that is given twice.
const ID: &str = "id";

/// How the columns, or keys, of the file are found.
pub(crate) struct Columns<'a> {
    /// The one that names the customer.
    pub(crate) customer: &'a str,
    /// Those of a field by its name.
    pub(crate) map: &'a [(String, String)],
    /// Whether fields are read as well that the policy does not use.
    pub(crate) strict: bool,
}

/// A field of an order.
struct Field {
    name: String,
    ty: Type,
    /// Its column or key.
    column: String,
    /// Whether the policy uses it.
    used: bool,
}

impl Columns<'_> {
    /// The fields of an order in the order of their slots: those that the policy uses, the currency, in strict mode the
    /// others. Nothing but these may be mapped.
    fn fields(&self, policy: &Policy) -> Result<Vec<Field>, Failure> {
        let needs = policy.needs();
        let orders = needs.collections().find(|collection| collection.name() == ORDERS);
        let used = orders.iter().flat_map(|orders| orders.fields()).map(|(name, ty)| (name, ty, true));
        let unused = orders.iter().flat_map(|orders| orders.unused()).map(|(name, ty)| (name, ty, false));
        let all: Vec<(&str, &Type, bool)> = used.chain([(CURRENCY, &Type::Text, false)]).chain(unused).collect();
        for (at, (field, _)) in self.map.iter().enumerate() {
            let shown = brief(field, 80);
            if self.map.iter().take(at).any(|(other, _)| other == field) {
                return Err(Failure::unusable(format!("`--map` gives two columns for `{shown}`")));
            }
            if orders.is_some() && !all.iter().any(|(name, ..)| name == field) {
                let names = all.iter().map(|(name, ..)| brief(name, 40)).collect::<Vec<_>>().join("`, `");
                return Err(Failure::unusable(format!("`--map` names the field `{shown}`, which orders do not have"))
                    .help(&format!("there are `{names}`")));
            }
        }
        let mapped = |name: &str| self.map.iter().find(|(field, _)| field == name).map(|(_, column)| column.as_str());
        let wanted = all.into_iter().filter(|(name, _, used)| *used || *name == CURRENCY || self.strict);
        // The column of the customer holds no id of an order, unless the caller says so.
        let column = |name: &str| match mapped(name) {
            None if name == ID && self.customer == ID => String::new(),
            column => column.unwrap_or(name).to_owned(),
        };
        let field = |(name, ty, used): (&str, &Type, bool)| {
            let (column, name, ty) = (column(name), name.to_owned(), ty.clone());
            Field { name, ty, column, used }
        };
        Ok(wanted.map(field).collect())
    }
}

/// Warns that no order has a field that the policy uses.
fn warn_of_none(file: &str, field: &Field, what: &str) {
    let file = escape(file);
    if field.name == ID {
        say(&format!("warning: `{file}` has no {what} for the id of an order: one that is given twice counts twice"));
    } else if field.used {
        let column = brief(&field.column, 80);
        say(&format!(
            "warning: `{file}` has no {what} `{column}`, which the policy uses: it is missing for every order"
        ));
    }
}

/// The orders of all customers.
pub(crate) struct Orders {
    /// How many fields an order has.
    width: usize,
    store: Store,
    customers: HashMap<Box<str>, Chain>,
    /// What a place in the file is called.
    place_is: &'static str,
    /// The rows without a customer.
    without: Vec<u64>,
}

/// The orders of one customer.
struct Chain {
    first: u32,
    last: u32,
    /// A row that cannot be read.
    fault: Option<Box<str>>,
    seen: Flag<bool>,
}

impl Orders {
    /// Reads a file.
    pub(crate) fn open(
        path: &Path,
        policy: &Policy,
        columns: &Columns<'_>,
        progress: Progress,
    ) -> Result<Self, Failure> {
        let file = file_name(path);
        let failed = |error: io::Error| Failure::reading(&file, &error);
        let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
        let is_csv = match extension.as_deref() {
            Some("csv") => true,
            Some("ndjson" | "jsonl") => false,
            _ => {
                let message = format!("`{}` is no file of orders by its name", escape(&file));
                return Err(Failure::unusable(message).help("give a file that ends with `.csv`, `.ndjson` or `.jsonl`"));
            }
        };
        let bytes = Bytes::new(progress.file(&file, File::open(path).map_err(failed)?)).map_err(failed)?;
        let fields = columns.fields(policy)?;
        if !policy.needs().collections().any(|collection| collection.name() == ORDERS) {
            say(&format!("warning: the policy does not look at orders: nothing of `{}` is used", escape(&file)));
        }
        let mut orders = Self {
            width: fields.len(),
            store: Store::default(),
            customers: HashMap::new(),
            place_is: if is_csv { "row" } else { "line" },
            without: Vec::new(),
        };
        if is_csv {
            csv::read(&file, bytes, &fields, columns, &mut orders)?;
        } else {
            ndjson::read(&file, bytes, &fields, columns, &mut orders)?;
        }
        Ok(orders)
    }

    /// Begins an order, the next of its customer; or notes why it cannot be read.
    fn begin(&mut self, customer: &str, place: u64, fault: Option<String>) -> Result<(), Failure> {
        let order = self.store.begin(place)?;
        let chain = match self.customers.get_mut(customer) {
            Some(known) => {
                self.store.link(known.last, order);
                known.last = order;
                known
            }
            None => {
                let first = Chain { first: order, last: order, fault: None, seen: Flag::new(false) };
                self.customers.entry(customer.into()).or_insert(first)
            }
        };
        if let Some(fault) = fault {
            chain.fault.get_or_insert(fault.into());
        }
        Ok(())
    }

    /// Adds the value of the next field.
    fn push(&mut self, value: Datum) {
        self.store.push(value);
    }

    /// A customer with its orders.
    pub(crate) fn of<F>(&self, id: &str, facts: F) -> WithOrders<'_, F> {
        self.seen(id);
        WithOrders { orders: self, chain: self.customers.get(id), facts }
    }

    /// Where in the file the order is of which an error of a customer speaks: `row 17 of the orders`.
    pub(crate) fn place(&self, customer: &str, error: &CustomerError) -> Option<String> {
        let field = error.field()?;
        let (customer, field) = match field.strip_prefix("group.") {
            Some(field) => (error.member()?, field),
            None => (customer, field),
        };
        let of_orders = field.split_once('.').is_some_and(|(name, _)| name == ORDERS);
        let record = error.record().filter(|_| of_orders)?;
        let order = self.rows(self.customers.get(customer)?).nth(record.checked_sub(1)?)?;
        Some(format!("{} {} of the file of orders", self.place_is, self.store.row(order)?))
    }

    /// Notes that the file of customers has one.
    pub(crate) fn seen(&self, id: &str) {
        self.customers.get(id).into_iter().for_each(|chain| chain.seen.set(true));
    }

    /// The rows without a customer, and the orders of customers that were never asked for.
    pub(crate) fn left(&self) -> (&[u64], Vec<(&str, usize)>) {
        let unknown = self.customers.iter().filter(|(_, chain)| !chain.seen.get());
        let mut unknown: Vec<(&str, usize)> = unknown.map(|(id, chain)| (&**id, self.rows(chain).count())).collect();
        unknown.sort_unstable();
        (&self.without, unknown)
    }

    fn rows(&self, chain: &Chain) -> impl Iterator<Item = u32> {
        std::iter::successors(Some(chain.first), |order| self.store.next(*order))
    }
}

/// A customer with the orders of a file.
pub(crate) struct WithOrders<'o, F> {
    orders: &'o Orders,
    chain: Option<&'o Chain>,
    facts: F,
}

struct Order<'o> {
    orders: &'o Orders,
    order: u32,
}

impl Facts for Order<'_> {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        let within = field.slot() < self.orders.width;
        Ok(if within { self.orders.store.value(self.order, field.slot()) } else { Fact::Missing })
    }
}

impl<F: Facts> Facts for WithOrders<'_, F> {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        self.facts.fact(field)
    }

    fn records(&self, collection: CollectionRef<'_>, each: &mut dyn FnMut(&dyn Facts)) -> Result<bool, FactError> {
        if collection.name() != ORDERS {
            return self.facts.records(collection, each);
        }
        if self.facts.records(collection, &mut |_| {})? {
            return Err(FactError::new("they are given in the row and in the file of orders"));
        }
        let Some(chain) = self.chain else { return Ok(true) };
        if let Some(fault) = &chain.fault {
            return Err(FactError::new(&**fault));
        }
        self.orders.rows(chain).for_each(|order| each(&Order { orders: self.orders, order }));
        Ok(true)
    }
}
