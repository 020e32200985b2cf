//! The records of one customer, in the order of their dates, refunds told from purchases; and the members of its group.

use std::sync::Arc;

use chrono::NaiveDate;

use super::At;
use super::aggregate::Result as Folded;
use super::given::{check_unused, member_cells};
use super::machine::{Machine, Val};
use super::reader::history;
use crate::diagnostics::Refusal;
use crate::facts::{CollectionRef, CustomerError, FactError, Facts, Member};
use crate::plan::{Kind, Plan, Records};
use crate::value::{Constant, Fact, Members, Stretch, Value};

/// What a customer has of a collection.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) supplied: bool,
    pub(super) own: Body,
    /// What the members of a group have in common, in place of the own.
    pub(super) shared: Option<Arc<Body>>,
    /// Whether some value is missing.
    pub(super) open: bool,
    pub(super) noticed: Noticed,
}

/// The records themselves.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    /// In the order of their dates; those without a date stand last.
    pub(super) rows: Vec<Row>,
    pub(super) dated: usize,
    /// Row by row.
    pub(super) cells: Vec<Cell>,
    pub(super) width: usize,
    /// Of a group of a portfolio, by field: whether some member lacks it.
    pub(super) lacks: Vec<bool>,
    /// Of a group of a portfolio, by aggregate: what it comes to for every member.
    pub(super) results: Vec<Option<Common>>,
}

/// What an aggregate comes to for every member of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Common {
    pub(super) decided: Folded,
    pub(super) possible: Folded,
    pub(super) has_elements: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) date: Option<NaiveDate>,
    pub(super) refund: bool,
}

/// How many records were noticed, by what was noticed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noticed {
    pub(super) repeated: u32,
    pub(super) conflicting: u32,
    pub(super) future: u32,
    pub(super) unknown_currency: u32,
}

impl Noticed {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            repeated: self.repeated.saturating_add(other.repeated),
            conflicting: self.conflicting.saturating_add(other.conflicting),
            future: self.future.saturating_add(other.future),
            unknown_currency: self.unknown_currency.saturating_add(other.unknown_currency),
        }
    }
}

/// A value of a record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Known(Constant),
    Set(Vec<Constant>),
    Missing,
    Undefined,
}

impl Members for Vec<Constant> {
    fn each(&self, visit: &mut dyn FnMut(Fact<'_>)) {
        for member in self {
            visit(match member {
                Constant::Number(number) => Fact::Number(*number),
                Constant::Boolean(boolean) => Fact::Boolean(*boolean),
                Constant::Date(date) => Fact::Date(*date),
                Constant::Text(text) => Fact::Text(text),
                Constant::Duration(_) | Constant::Member(_) => Fact::Missing,
            });
        }
    }
}

/// Whose records are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The customer's, and whether facts are computed from them.
    Customer { computes: bool },
    /// Those of a member of the group, from which facts are computed.
    Member,
}

/// Reads the collections of a plan that are used, or from which facts are computed.
pub(super) fn read_histories<F: Facts + ?Sized>(
    plan: &Plan,
    facts: &F,
    at: At<'_>,
    whose: Whose,
    histories: &mut [History],
) -> Result<(), CustomerError> {
    for (slot, (place, records)) in histories.iter_mut().zip(plan.records()).enumerate() {
        let computes = records.computed && whose != Whose::Customer { computes: false };
        *place = match &records.members {
            _ if !computes && (whose == Whose::Member || !records.used) => continue,
            Some(_) => match at.place.and_then(|place| place.group) {
                Some(group) => group.of(records, slot, facts)?,
                None => group(plan, slot, records, facts, at)?,
            },
            None => history(plan, slot, records, facts, at)?,
        };
    }
    Ok(())
}

/// The members of a group: customers themselves.
fn group<F: Facts + ?Sized>(
    plan: &Plan,
    slot: usize,
    records: &Records,
    facts: &F,
    at: At<'_>,
) -> Result<History, CustomerError> {
    let mut body = Body { width: records.fields.len(), ..Body::default() };
    let mut noticed = Noticed::default();
    let supplied = each_record(records, slot, facts, &mut |member| {
        let number = body.rows.len() + 1;
        let found = body.member(plan, records, member, at).map_err(|error| error.of_member(Member::Place(number)))?;
        noticed = noticed.and(found);
        Ok(())
    })?;
    let open = body.cells.contains(&Cell::Missing);
    Ok(History { supplied, own: body, open, noticed, ..History::default() })
}

pub(super) fn each_record<F: Facts + ?Sized>(
    records: &Records,
    slot: usize,
    facts: &F,
    take: &mut dyn FnMut(&dyn Facts) -> Result<(), CustomerError>,
) -> Result<bool, CustomerError> {
    let mut failed = None;
    let supplied = facts.records(CollectionRef::new(&records.name, slot), &mut |record| {
        if failed.is_none() {
            failed = take(record).err();
        }
    });
    let unreadable =
        |error: FactError| CustomerError::new(Refusal::Unreadable, &records.name).with("reason", error.reason());
    let supplied = supplied.map_err(unreadable)?;
    failed.map_or(Ok(supplied), Err)
}

impl Body {
    fn cell(&self, row: usize, at: usize) -> Option<&Cell> {
        self.cells.get(row.checked_mul(self.width)?.checked_add(at)?)
    }

    /// Adds a member of a group; gives what was noticed about its records.
    pub(super) fn member(
        &mut self,
        plan: &Plan,
        records: &Records,
        member: &dyn Facts,
        at: At<'_>,
    ) -> Result<Noticed, CustomerError> {
        let wanted = records.members.as_deref().unwrap_or_default();
        let at = At { place: None, ..at };
        // Whom strict mode refuses, it takes for no member.
        let unused = if at.is_strict() { check_unused(plan, member, at) } else { Ok(()) };
        let cells = unused.and_then(|()| member_cells(plan, member, at, wanted, &records.fields));
        let (cells, noticed) = cells.map_err(|error| {
            let name = error.field().map(|field| format!("{}.{field}", records.name));
            name.map_or(error.clone(), |name| error.within(&name))
        })?;
        self.cells.extend(cells);
        self.rows.push(Row { date: None, refund: false });
        Ok(noticed)
    }
}

impl History {
    fn body(&self) -> &Body {
        self.shared.as_deref().unwrap_or(&self.own)
    }

    pub(super) fn cell(&self, row: usize, at: usize) -> Option<&Cell> {
        self.body().cell(row, at)
    }

    /// What an aggregate comes to for every member of a group.
    pub(super) fn common(&self, aggregate: u32) -> Option<Common> {
        *self.body().results.get(aggregate as usize)?
    }

    /// A value of a record.
    pub(super) fn value(&self, row: usize, at: u32) -> Val<'_> {
        match self.cell(row, at as usize) {
            Some(Cell::Known(constant)) => Val::Known(constant.value()),
            Some(Cell::Set(members)) => Val::Known(Value::Set(members)),
            Some(Cell::Undefined) => Val::Undefined,
            _ => Val::Missing,
        }
    }

    /// Whether some record lacks a value.
    fn lacks(&self, at: usize) -> bool {
        if let Some(shared) = &self.shared {
            return shared.lacks.get(at) == Some(&true);
        }
        (0..self.len()).any(|row| self.cell(row, at) == Some(&Cell::Missing))
    }

    pub(super) fn len(&self) -> usize {
        self.body().rows.len()
    }

    /// How many records were read and do not count.
    pub(super) fn left_out(&self) -> usize {
        let Noticed { repeated, conflicting, future, .. } = self.noticed;
        [repeated, conflicting, future].into_iter().map(|count| count as usize).sum()
    }

    /// The day of a record.
    pub(super) fn date(&self, row: usize) -> Option<NaiveDate> {
        self.body().rows.get(row)?.date
    }

    /// Whether a record is a refund.
    pub(super) fn is_refund(&self, row: usize) -> bool {
        self.body().rows.get(row).is_some_and(|row| row.refund)
    }

    /// Whether a record is one of a kind.
    pub(super) fn is(&self, row: usize, kind: Kind) -> bool {
        match kind {
            Kind::All => true,
            Kind::Purchases => !self.is_refund(row),
            Kind::Refunds => self.is_refund(row),
        }
    }

    /// The records of some days, and behind them those of which the day is not known.
    pub(super) fn within(&self, days: Option<Stretch>) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let body = self.body();
        let Some(days) = days else { return (0..body.rows.len(), 0..0) };
        let dated = body.rows.get(..body.dated).unwrap_or_default();
        let before = |limit: &dyn Fn(NaiveDate) -> bool| dated.partition_point(|row| row.date.is_some_and(limit));
        let from = before(&|date| date < days.from);
        let to = before(&|date| date <= days.to).max(from);
        (from..to, body.dated..body.rows.len())
    }
}

/// What a fact of a member came to.
pub(super) fn of_value(value: Val<'_>) -> Cell {
    match value {
        Val::Known(value) => owned(value),
        Val::Missing => Cell::Missing,
        Val::Undefined => Cell::Undefined,
    }
}

pub(super) fn owned(value: Value<'_>) -> Cell {
    let mut all = Vec::new();
    match (value.constant(), value) {
        (Some(constant), _) => return Cell::Known(constant),
        (None, Value::Set(members)) => members.each(&mut |member| all.extend(member.constant())),
        (None, _) => {}
    }
    Cell::Set(all)
}

impl Machine<'_, '_> {
    /// Everything that is missing and used.
    pub(super) fn absent(&self) -> Vec<u32> {
        let slots = self.plan.slots().len();
        let absent = |number: &u32| match (*number as usize) < slots {
            true => matches!(self.fact(*number), Val::Missing),
            false => self.lacks(*number),
        };
        self.plan.expected().filter(absent).collect()
    }

    /// Whether what can be missing under a number is missing: a collection that is not supplied, a value of a record.
    pub(crate) fn lacks(&self, at: u32) -> bool {
        let mut rest = (at as usize).saturating_sub(self.plan.slots().len());
        for (at, records) in self.plan.records().iter().enumerate() {
            if rest <= records.fields.len() {
                let history = self.histories.get(at);
                return match rest.checked_sub(1) {
                    None => history.is_none_or(|history| !history.supplied),
                    Some(field) => history.is_some_and(|history| history.lacks(field)),
                };
            }
            rest -= records.fields.len() + 1;
        }
        false
    }
}
