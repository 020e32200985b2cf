//! The customers of a file in memory, linked by the ids of their parents.

use tierwise::{CollectionRef, Customer, Fact, FactError, Facts, FieldRef, Policy, Portfolio};

use crate::escape::escape;
use crate::failure::{Failure, say};
use crate::input::{Orders, Read, Row, Rows, WithOrders};
use crate::rejected::Rejected;

/// The collection that is built of linked customers.
const GROUP: &str = "group";

/// A customer with its orders, where a file of them is given.
pub(crate) enum Member<'o> {
    Alone(Customer),
    WithOrders(WithOrders<'o, Customer>),
    /// A row that is rejected: what it would add to its group is not known.
    Unreadable(String),
}

/// A row of the file.
pub(crate) enum Linked {
    /// Its place in the portfolio, and the number of the row.
    Member(usize, u64),
    Rejected(Rejected),
}

/// The rows of a file, and the customers among them.
pub(crate) struct Members<'o> {
    pub(crate) portfolio: Portfolio<Member<'o>>,
    pub(crate) rows: Vec<Linked>,
}

impl<'o> Members<'o> {
    /// Reads all rows of a file.
    pub(crate) fn read(
        policy: &Policy,
        file: &str,
        rows: &mut dyn Rows,
        orders: Option<&'o Orders>,
    ) -> Result<Self, Failure> {
        let groups = policy.needs().collections().any(|collection| collection.name() == GROUP);
        let (mut all, mut linked) = (Self { portfolio: Portfolio::new(), rows: Vec::new() }, false);
        while let Some(row) = rows.next().map_err(|error| Failure::reading(file, &error))? {
            let row = all.add(row, orders, &mut linked);
            if let Linked::Rejected(rejected) = &row
                && rejected.parent.is_none()
                && groups
            {
                // Whose member it is cannot be told: no group may be looked at as if it were not there.
                let message =
                    format!("row {} of `{}` cannot be linked: {}", rejected.row, escape(file), rejected.message);
                return Err(Failure::unusable(message).help(
                    "a policy that looks at groups needs the id and the parent of every row, which may belong to any group",
                ));
            }
            all.rows.push(row);
        }
        if !linked && all.portfolio.len() > 1 {
            say("warning: no customer names a `parent`: each is a group of its own");
        }
        Ok(all)
    }

    fn add(&mut self, row: Read, orders: Option<&'o Orders>, linked: &mut bool) -> Linked {
        let rejected = match row {
            Ok(Row { id, parent, number, facts }) => {
                *linked |= parent.is_some();
                let facts = match orders {
                    Some(orders) => Member::WithOrders(orders.of(&id, facts)),
                    None => Member::Alone(facts),
                };
                return Linked::Member(self.portfolio.add(&id, parent.as_deref(), facts), number);
            }
            Err(rejected) => rejected,
        };
        if let Some(id) = &rejected.id {
            let parent = rejected.parent.as_ref().and_then(Option::as_deref);
            *linked |= parent.is_some();
            let reason = format!("row {} is rejected: {}", rejected.row, rejected.message);
            self.portfolio.add(id, parent, Member::Unreadable(reason));
        }
        Linked::Rejected(rejected)
    }
}

impl Facts for Member<'_> {
    fn fact(&self, field: FieldRef<'_>) -> Result<Fact<'_>, FactError> {
        match self {
            Self::Alone(facts) => facts.fact(field),
            Self::WithOrders(facts) => facts.fact(field),
            Self::Unreadable(reason) => Err(FactError::new(reason)),
        }
    }

    fn records(&self, collection: CollectionRef<'_>, each: &mut dyn FnMut(&dyn Facts)) -> Result<bool, FactError> {
        match self {
            Self::Alone(facts) => facts.records(collection, each),
            Self::WithOrders(facts) => facts.records(collection, each),
            Self::Unreadable(reason) => Err(FactError::new(reason)),
        }
    }
}
