//! The records of a collection as they are read: converted at the rates of their days, duplicates and the future taken out
//! and counted.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::At;
use super::history::{Body, Cell, History, Row, each_record, owned};
use crate::diagnostics::{Arg, Refusal, Term};
use crate::facts::{Converted, CustomerError, FactError, Facts, FieldRef, convert};
use crate::plan::{ElementField, Plan, Records};
use crate::schema::{Field, Type};
use crate::value::{Constant, Currency, Exchange, Fact, Money, amount_and_code, canonical};

/// Reads a collection.
pub(super) fn history<F: Facts + ?Sized>(
    plan: &Plan,
    slot: usize,
    records: &Records,
    facts: &F,
    at: At<'_>,
) -> Result<History, CustomerError> {
    let own = Body { width: records.fields.len(), ..Body::default() };
    let history = History { own, ..History::default() };
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
            self.history.own.cells.push(cell);
        }
        if self.strict {
            self.unused(record)?;
        }
        let amount = self.records.amount.and_then(|at| self.history.cell(self.history.own.rows.len(), at));
        let refund = matches!(amount, Some(Cell::Known(Constant::Number(amount))) if *amount < Decimal::ZERO);
        self.history.own.rows.push(Row { date: day, refund });
        Ok(())
    }

    /// Checks the values that the policy does not use.
    fn unused(&self, record: &dyn Facts) -> Result<(), CustomerError> {
        let number = self.history.own.rows.len() + 1;
        for (place, element) in self.records.unused.iter().enumerate() {
            let field = &element.field;
            let asked = FieldRef::new(&element.name, field.ty(), self.records.fields.len() + 1 + place);
            let unreadable =
                |error: FactError| CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason());
            let fact = record.fact(asked).map_err(unreadable)?;
            cell(field, self.exchange, fact).map_err(|error| error.in_record(number))?;
        }
        Ok(())
    }

    fn cell(&mut self, record: &dyn Facts, at: usize) -> Result<Cell, CustomerError> {
        let Some(element) = self.records.fields.get(at) else { return Ok(Cell::Missing) };
        let (field, number) = (&element.field, self.history.own.rows.len() + 1);
        let amount = self.records.amount == Some(at);
        let fact = match record.fact(FieldRef::new(&element.name, field.ty(), at)) {
            Ok(fact) => fact,
            Err(error) if amount && error == FactError::known(Term::CurrencyNoCode) => {
                self.history.noticed.unknown_currency += 1;
                return Ok(Cell::Missing);
            }
            Err(error) => {
                let error = CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason());
                return Err(error.in_record(number));
            }
        };
        if self.records.id == Some(at)
            && *field.ty() == Type::Text
            && let Some(id) = digits(fact)
        {
            return Ok(Cell::Known(Constant::Text(id)));
        }
        let cell = if amount { self.amount(record, fact, element) } else { cell(field, self.exchange, fact) };
        cell.map_err(|error| error.in_record(number))
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
        let (plain, own) = match fact {
            Fact::Text(text) => match amount_and_code(text) {
                Some((amount, own)) => (Fact::Text(amount), Some(own)),
                None => (fact, None),
            },
            _ => (fact, None),
        };
        if let (Some(code), Some(own)) = (code, own)
            && code != own
        {
            let reason = Arg::from(Term::TwoCurrencies);
            return Err(CustomerError::new(Refusal::Unreadable, field.name()).with("reason", reason));
        }
        let Some(code) = code.or(own) else {
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
        match plain.number() {
            Some(number) if !element.sign_only => self.money(field, Money::new(number, currency)),
            _ if element.sign_only => sign(field, plain),
            _ => cell(field, self.exchange, plain),
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
        let mut order: Vec<usize> = (0..history.own.rows.len()).filter(|row| keep.get(*row) == Some(&true)).collect();
        order.sort_by_key(|row| {
            let date = history.own.rows.get(*row).and_then(|row| row.date);
            (date.is_none(), date)
        });
        let sorted = order.len() == history.own.rows.len() && order.is_sorted();
        if !sorted {
            let rows = order.iter().filter_map(|row| history.own.rows.get(*row)).copied().collect();
            let cells = order.iter().flat_map(|row| {
                let from = row * history.own.width;
                history.own.cells.get(from..from + history.own.width).unwrap_or_default().iter().cloned()
            });
            (history.own.cells, history.own.rows) = (cells.collect(), rows);
        }
        history.own.dated = history.own.rows.partition_point(|row| row.date.is_some());
        let asked = |at: usize| self.records.asks_id || self.records.id != Some(at % history.own.width.max(1));
        history.open = history.own.cells.iter().enumerate().any(|(at, cell)| *cell == Cell::Missing && asked(at));
        self.history
    }

    /// Which records count: the first of an id, and none behind the as-of date.
    fn kept(&mut self, as_of: NaiveDate) -> Vec<bool> {
        let history = &mut self.history;
        let mut keep = vec![true; history.own.rows.len()];
        let mut first: HashMap<Arc<str>, usize> = HashMap::new();
        for (row, keep) in keep.iter_mut().enumerate() {
            if let Some(Some(Cell::Known(Constant::Text(id)))) = self.records.id.map(|at| history.cell(row, at)) {
                let known = *first.entry(Arc::clone(id)).or_insert(row);
                if known != row {
                    *keep = false;
                    let same = (0..history.own.width).all(|at| history.cell(known, at) == history.cell(row, at));
                    let count = if same { &mut history.noticed.repeated } else { &mut history.noticed.conflicting };
                    *count += 1;
                    continue;
                }
            }
            if history.own.rows.get(row).and_then(|row| row.date).is_some_and(|date| date > as_of) {
                *keep = false;
                history.noticed.future += 1;
            }
        }
        keep
    }
}

fn cell(field: &Field, exchange: Exchange<'_>, fact: Fact<'_>) -> Result<Cell, CustomerError> {
    Ok(match convert(field, exchange, fact)? {
        Converted::Known(value) => owned(value),
        Converted::Missing | Converted::Undefined | Converted::NotOnLadder => Cell::Missing,
    })
}

/// The id of an order that is a number, as a text.
fn digits(fact: Fact<'_>) -> Option<Arc<str>> {
    let is_number = matches!(fact, Fact::Integer(_) | Fact::Number(_) | Fact::Float(_) | Fact::Numeral(_));
    match fact {
        Fact::Numeral(text) => Some(Arc::from(text)),
        fact => fact.number().filter(|_| is_number).map(|number| Arc::from(canonical(number))),
    }
}

/// An amount of which only the sign matters, in whatever currency it is.
fn sign(field: &Field, fact: Fact<'_>) -> Result<Cell, CustomerError> {
    let plain = Field { scale: None, ..field.clone() };
    let number = match fact {
        Fact::Money(money) => Fact::Number(money.amount()),
        fact => fact,
    };
    cell(&plain, Exchange { own: None, rates: None, day: None }, number)
}
