//! The records of one customer: converted, in the order of their dates, refunds told from purchases, duplicates and
//! the future taken out and counted.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::At;
use super::given::member_cells;
use super::machine::{Machine, Val};
use crate::diagnostics::{Refusal, Term};
use crate::facts::{CollectionRef, Converted, CustomerError, FactError, Facts, FieldRef, convert};
use crate::plan::{ElementField, Kind, Plan, Records};
use crate::schema::{Field, Type};
use crate::value::{Constant, Currency, Exchange, Fact, Members, Money, Stretch, Value};

/// What a customer has of a collection.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) supplied: bool,
    /// In the order of their dates; those without a date stand last.
    rows: Vec<Row>,
    dated: usize,
    /// Row by row.
    cells: Vec<Cell>,
    width: usize,
    /// Whether some value is missing.
    pub(super) open: bool,
    pub(super) noticed: Noticed,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    date: Option<NaiveDate>,
    refund: bool,
}

/// How many records were noticed, by what was noticed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noticed {
    pub(super) repeated: u32,
    pub(super) conflicting: u32,
    pub(super) future: u32,
    pub(super) unknown_currency: u32,
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

/// Reads the collections of a plan: all, or of a member of a group those from which facts are computed.
pub(super) fn read_histories<F: Facts + ?Sized>(
    plan: &Plan,
    facts: &F,
    at: At<'_>,
    member: bool,
    histories: &mut [History],
) -> Result<(), CustomerError> {
    for (slot, (place, records)) in histories.iter_mut().zip(plan.records()).enumerate() {
        *place = match &records.members {
            _ if member && !records.computed => continue,
            Some(_) => group(plan, slot, records, facts, at)?,
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
    let mut history = History { width: records.fields.len(), ..History::default() };
    let wanted = records.members.as_deref().unwrap_or_default();
    let supplied = each_record(records, slot, facts, &mut |member| {
        let number = history.rows.len() + 1;
        let cells = member_cells(plan, member, at, wanted, &records.fields);
        history.cells.extend(cells.map_err(|error| of_record(error, records, number))?);
        history.rows.push(Row { date: None, refund: false });
        Ok(())
    })?;
    history.supplied = supplied;
    history.open = history.cells.contains(&Cell::Missing);
    Ok(history)
}

/// A mistake in a record: by the name of its field with the collection in front, and the place of the record.
fn of_record(error: CustomerError, records: &Records, number: usize) -> CustomerError {
    let name = error.field().map(|field| format!("{}.{field}", records.name));
    name.map_or(error.clone(), |name| error.within(&name)).with("record", number)
}

fn each_record<F: Facts + ?Sized>(
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

fn history<F: Facts + ?Sized>(
    plan: &Plan,
    slot: usize,
    records: &Records,
    facts: &F,
    at: At<'_>,
) -> Result<History, CustomerError> {
    let history = History { width: records.fields.len(), ..History::default() };
    let exchange = Exchange { own: plan.currency(), rates: at.rates, day: None };
    let mut reader = Reader { exchange, records, history, strict: at.is_strict() };
    reader.history.supplied = each_record(records, slot, facts, &mut |record| reader.record(record))?;
    Ok(reader.finish(at.date()))
}

struct Reader<'r> {
    exchange: Exchange<'r>,
    records: &'r Records,
    history: History,
    strict: bool,
}

impl Reader<'_> {
    fn record(&mut self, record: &dyn Facts) -> Result<(), CustomerError> {
        // Amounts are converted at the rate of the record's day, so that it is read first.
        self.exchange.day = None;
        let date = match self.records.date {
            Some(at) => self.cell(record, at)?,
            None => Cell::Missing,
        };
        let day = match &date {
            Cell::Known(Constant::Date(date)) => Some(*date),
            _ => None,
        };
        self.exchange.day = day;
        let mut date = Some(date);
        for at in 0..self.records.fields.len() {
            let cell = match date.take_if(|_| self.records.date == Some(at)) {
                Some(date) => date,
                None => self.cell(record, at)?,
            };
            self.history.cells.push(cell);
        }
        if self.strict {
            self.unused(record)?;
        }
        let amount = self.records.amount.and_then(|at| self.history.cell(self.history.rows.len(), at));
        let refund = matches!(amount, Some(Cell::Known(Constant::Number(amount))) if *amount < Decimal::ZERO);
        self.history.rows.push(Row { date: day, refund });
        Ok(())
    }

    /// Checks the values that the policy does not use.
    fn unused(&self, record: &dyn Facts) -> Result<(), CustomerError> {
        let number = self.history.rows.len() + 1;
        for (place, element) in self.records.unused.iter().enumerate() {
            let field = &element.field;
            let asked = FieldRef::new(&element.name, field.ty(), self.records.fields.len() + 1 + place);
            let unreadable =
                |error: FactError| CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason());
            let fact = record.fact(asked).map_err(unreadable)?;
            cell(field, self.exchange, fact).map_err(|error| error.with("record", number))?;
        }
        Ok(())
    }

    fn cell(&mut self, record: &dyn Facts, at: usize) -> Result<Cell, CustomerError> {
        let Some(element) = self.records.fields.get(at) else { return Ok(Cell::Missing) };
        let (field, number) = (&element.field, self.history.rows.len() + 1);
        let amount = self.records.amount == Some(at);
        let fact = match record.fact(FieldRef::new(&element.name, field.ty(), at)) {
            Ok(fact) => fact,
            Err(error) if amount && error == FactError::known(Term::CurrencyNoCode) => {
                self.history.noticed.unknown_currency += 1;
                return Ok(Cell::Missing);
            }
            Err(error) => {
                let error = CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason());
                return Err(error.with("record", number));
            }
        };
        let cell = if amount { self.amount(record, fact, element) } else { cell(field, self.exchange, fact) };
        cell.map_err(|error| error.with("record", number))
    }

    /// The amount of an order, whose currency may stand beside it.
    fn amount(&mut self, record: &dyn Facts, fact: Fact<'_>, element: &ElementField) -> Result<Cell, CustomerError> {
        let field = &element.field;
        let code = match fact {
            Fact::Missing | Fact::Money(_) => None,
            _ => match record.fact(FieldRef::new("currency", &Type::Text, self.records.fields.len())) {
                Ok(Fact::Text(code)) => Some(code),
                Ok(Fact::Missing) => None,
                // No currency has that for a code.
                Ok(_) => Some(""),
                Err(error) => {
                    let name = format!("{}.currency", self.records.name);
                    return Err(CustomerError::new(Refusal::Unreadable, &name).with("reason", error.reason()));
                }
            },
        };
        // A number in words of its own tells its currency behind it.
        let code = match (code, fact) {
            (None, Fact::Text(text)) => text.rsplit_once(' ').map(|(_, code)| code).filter(|code| is_code(code)),
            (code, _) => code,
        };
        let Some(code) = code else {
            return match fact {
                Fact::Money(money) if !element.sign_only => self.money(field, money),
                fact if element.sign_only => sign(field, fact),
                fact => cell(field, self.exchange, fact),
            };
        };
        let Some(currency) = Currency::from_code(code) else {
            self.history.noticed.unknown_currency += 1;
            return Ok(Cell::Missing);
        };
        match fact.number() {
            Some(number) if !element.sign_only => self.money(field, Money::new(number, currency)),
            _ => sign(field, fact),
        }
    }

    /// An amount in a currency; in a foreign one it is not known where its day is not.
    fn money(&self, field: &Field, money: Money) -> Result<Cell, CustomerError> {
        let foreign = self.exchange.own.is_some_and(|own| own != money.currency());
        if foreign && self.exchange.rates.is_some() && self.exchange.day.is_none() {
            return Ok(Cell::Missing);
        }
        cell(field, self.exchange, Fact::Money(money))
    }

    /// Takes out what does not count, and puts the others in order.
    fn finish(mut self, as_of: NaiveDate) -> History {
        let keep = self.kept(as_of);
        let history = &mut self.history;
        let mut order: Vec<usize> = (0..history.rows.len()).filter(|row| keep.get(*row) == Some(&true)).collect();
        order.sort_by_key(|row| {
            let date = history.rows.get(*row).and_then(|row| row.date);
            (date.is_none(), date)
        });
        let sorted = order.len() == history.rows.len() && order.is_sorted();
        if !sorted {
            let rows = order.iter().filter_map(|row| history.rows.get(*row)).copied().collect();
            let cells = order.iter().flat_map(|row| {
                let from = row * history.width;
                history.cells.get(from..from + history.width).unwrap_or_default().iter().cloned()
            });
            (history.cells, history.rows) = (cells.collect(), rows);
        }
        history.dated = history.rows.partition_point(|row| row.date.is_some());
        let asked = |at: usize| self.records.id != Some(at % history.width.max(1));
        history.open = history.cells.iter().enumerate().any(|(at, cell)| *cell == Cell::Missing && asked(at));
        self.history
    }

    /// Which records count: the first of an id, and none behind the as-of date.
    fn kept(&mut self, as_of: NaiveDate) -> Vec<bool> {
        let history = &mut self.history;
        let mut keep = vec![true; history.rows.len()];
        let mut first: HashMap<Arc<str>, usize> = HashMap::new();
        for (row, keep) in keep.iter_mut().enumerate() {
            if let Some(Some(Cell::Known(Constant::Text(id)))) = self.records.id.map(|at| history.cell(row, at)) {
                let known = *first.entry(Arc::clone(id)).or_insert(row);
                if known != row {
                    *keep = false;
                    let same = (0..history.width).all(|at| history.cell(known, at) == history.cell(row, at));
                    let count = if same { &mut history.noticed.repeated } else { &mut history.noticed.conflicting };
                    *count += 1;
                    continue;
                }
            }
            if history.rows.get(row).and_then(|row| row.date).is_some_and(|date| date > as_of) {
                *keep = false;
                history.noticed.future += 1;
            }
        }
        keep
    }
}

impl History {
    fn cell(&self, row: usize, at: usize) -> Option<&Cell> {
        self.cells.get(row.checked_mul(self.width)?.checked_add(at)?)
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
        (0..self.rows.len()).any(|row| self.cell(row, at) == Some(&Cell::Missing))
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether a record is a refund.
    pub(super) fn is_refund(&self, row: usize) -> bool {
        self.rows.get(row).is_some_and(|row| row.refund)
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
        let Some(days) = days else { return (0..self.rows.len(), 0..0) };
        let dated = self.rows.get(..self.dated).unwrap_or_default();
        let before = |limit: &dyn Fn(NaiveDate) -> bool| dated.partition_point(|row| row.date.is_some_and(limit));
        let from = before(&|date| date < days.from);
        let to = before(&|date| date <= days.to).max(from);
        (from..to, self.dated..self.rows.len())
    }
}

fn cell(field: &Field, exchange: Exchange<'_>, fact: Fact<'_>) -> Result<Cell, CustomerError> {
    Ok(match convert(field, exchange, fact)? {
        Converted::Known(value) => owned(value),
        Converted::Missing | Converted::Undefined | Converted::NotOnLadder => Cell::Missing,
    })
}

/// What a fact of a member came to.
pub(super) fn of_value(value: Val<'_>) -> Cell {
    match value {
        Val::Known(value) => owned(value),
        Val::Missing => Cell::Missing,
        Val::Undefined => Cell::Undefined,
    }
}

fn owned(value: Value<'_>) -> Cell {
    Cell::Known(match value {
        Value::Number(number) => Constant::Number(number),
        Value::Boolean(boolean) => Constant::Boolean(boolean),
        Value::Date(date) => Constant::Date(date),
        Value::Duration(length) => Constant::Duration(length),
        Value::Text(text) => Constant::Text(Arc::from(&*text.read())),
        Value::Member(member) => Constant::Member(member),
        Value::Set(members) => {
            let mut all = Vec::new();
            members.each(&mut |member| all.extend(member_of(member)));
            return Cell::Set(all);
        }
    })
}

/// A member of a set as it is kept.
fn member_of(member: Fact<'_>) -> Option<Constant> {
    Some(match member {
        Fact::Boolean(boolean) => Constant::Boolean(boolean),
        Fact::Date(date) => Constant::Date(date),
        Fact::Text(text) | Fact::Numeral(text) => Constant::Text(Arc::from(text)),
        member => Constant::Number(member.number()?),
    })
}

/// An amount of which only the sign matters, in whatever currency it is.
fn sign(field: &Field, fact: Fact<'_>) -> Result<Cell, CustomerError> {
    let plain = Field { ty: Type::Number, scale: None, ..field.clone() };
    let number = match fact {
        Fact::Money(money) => Fact::Number(money.amount()),
        Fact::Text(text) => match text.rsplit_once(' ').filter(|(_, code)| is_code(code)) {
            Some((amount, _)) => Fact::Text(amount),
            None => fact,
        },
        fact => fact,
    };
    cell(&plain, Exchange { own: None, rates: None, day: None }, number)
}

fn is_code(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase())
}

impl Machine<'_, '_> {
    /// Everything that is missing and used.
    pub(super) fn absent(&self) -> Vec<u32> {
        let plan = self.plan;
        let slots =
            (0..).zip(plan.slots()).filter(|(at, slot)| !slot.derived && matches!(self.fact(*at), Val::Missing));
        let mut absent: Vec<u32> = slots.map(|(at, _)| at).collect();
        for (at, records) in (0..).zip(plan.records()).filter(|(_, records)| records.used) {
            let number = plan.missing_records(at);
            let own = records.id.and_then(|id| u32::try_from(id + 1).ok());
            let numbers = (0..).take(records.fields.len() + 1).filter(|field| Some(*field) != own);
            absent.extend(numbers.map(|field| number + field).filter(|number| self.lacks(*number)));
        }
        absent
    }

    /// Whether what can be missing under a number is missing: a collection that is not supplied, a value of a record.
    pub(super) fn lacks(&self, at: u32) -> bool {
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
