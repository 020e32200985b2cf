//! What is decided from day to day while no fact changes and only time passes.

use std::cell::Cell;

use chrono::{Datelike, Days, NaiveDate};

use super::decide::decide;
use super::machine::{Machine, Pass, Val, with_machine};
use super::reasons::{Reason, reasons};
use super::{At, RuleId, apart};
use crate::facts::{CustomerError, Facts};
use crate::plan::{Clock, ExprId, Plan, Source, Watched};
use crate::value::{Value, whole_periods, within};

/// What is decided on one day, and where everything stands that moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) tier: Option<u32>,
    pub(crate) rule: Option<RuleId>,
    /// Whether something that is known of the customer moves.
    pub(crate) moves: bool,
    /// How much there is to read for one look.
    pub(crate) weight: u32,
    marks: Vec<i64>,
}

/// Looks at a customer from day to day.
pub(crate) struct Passing<'p, 'f, F: ?Sized> {
    plan: &'p Plan,
    clock: &'p Clock,
    facts: &'f F,
    at: At<'f>,
    /// So many more days may be looked at.
    left: Cell<u32>,
}

/// What comes behind a day.
pub(crate) enum Next {
    /// On this day it is another tier, or the customer cannot be classified.
    Change(NaiveDate, Result<Day, CustomerError>),
    /// The tier stays up to this day at the least.
    Stays(NaiveDate),
}

impl<'p, 'f, F: Facts + ?Sized> Passing<'p, 'f, F> {
    /// `most` days are looked at.
    pub(crate) fn new(plan: &'p Plan, clock: &'p Clock, facts: &'f F, at: At<'f>, most: u32) -> Self {
        Self { plan, clock, facts, at, left: Cell::new(most) }
    }

    /// Looks at so many days at the most from here on.
    pub(crate) fn limit(&self, most: u32) {
        self.left.set(self.left.get().min(most));
    }

    /// The first change behind one day, and not behind the last.
    pub(crate) fn change(&self, (date, day): (NaiveDate, &Day), last: NaiveDate) -> Next {
        let mut now = (date, day.clone());
        loop {
            match self.moved(&now, last) {
                Next::Change(date, Ok(found)) if found.tier == day.tier => now = (date, found),
                other => return other,
            }
        }
    }

    /// What is decided on a day.
    pub(crate) fn day(&self, date: NaiveDate) -> Result<Day, CustomerError> {
        let at = self.on(date);
        with_machine(self.plan, self.facts, at, Pass::Deciding, &mut (), |machine, ()| {
            let decision = decide(machine, &mut ());
            let mut marks = machine.marks(self.clock);
            marks.extend(at.rates.map(|rates| many(rates.known_until(date))));
            let moves = self.clock.every_day || machine.moves(self.clock);
            Day { tier: decision.tier(), rule: decision.rule, moves, weight: machine.weight(), marks }
        })
    }

    /// Why what is decided on a day is another than on the day before.
    pub(crate) fn reasons(&self, (date, day): (NaiveDate, &Day)) -> Result<Vec<Reason>, CustomerError> {
        let Some(yesterday) = date.pred_opt() else { return Ok(Vec::new()) };
        let on = |date, work: &mut dyn FnMut(&Machine<'_, '_>)| {
            apart::with_machine(self.plan, self.facts, self.on(date), |machine| work(machine))
        };
        let mut found = Ok(Vec::new());
        on(yesterday, &mut |before| {
            let rule = decide(before, &mut ()).rule;
            let inner = on(date, &mut |now| found = Ok(reasons((before, rule), (now, day.rule))));
            if let Err(error) = inner {
                found = Err(error);
            }
        })?;
        found
    }

    fn on(&self, date: NaiveDate) -> At<'f> {
        At { date, ..self.at }
    }

    /// The first day behind one on which something has moved. What has moved never comes back, so that a step too wide is
    /// halved until the day is found.
    fn moved(&self, (date, day): &(NaiveDate, Day), last: NaiveDate) -> Next {
        let (mut same, mut step, mut moved) = (*date, 1, None::<(NaiveDate, Result<Day, CustomerError>)>);
        loop {
            let open = match &moved {
                Some((other, _)) => (*other - same).num_days() - 1,
                None => (last - same).num_days(),
            };
            let probe = match (u64::try_from(open).unwrap_or(0), moved.is_some()) {
                (0, _) => break,
                (open, true) => same.checked_add_days(Days::new(open.div_ceil(2))),
                (open, false) => same.checked_add_days(Days::new(open.min(step))),
            };
            let (Some(probe), Some(left)) = (probe, self.left.get().checked_sub(1)) else { return Next::Stays(same) };
            self.left.set(left);
            let found = self.day(probe);
            let is_same = found.as_ref().is_ok_and(|found| !self.clock.every_day && found.marks == day.marks);
            if is_same {
                (same, step) = (probe, step * 2);
            } else {
                moved = Some((probe, found));
            }
        }
        moved.map_or(Next::Stays(same), |(date, found)| Next::Change(date, found))
    }
}

impl Machine<'_, '_> {
    /// Where everything stands that moves with the as-of date.
    fn marks(&self, clock: &Clock) -> Vec<i64> {
        let mut marks = Vec::with_capacity(clock.watched.len() * 2 + self.histories.len());
        // Records of later days have not come yet.
        marks.extend(self.histories.iter().map(|history| many(history.len())));
        for watched in &clock.watched {
            match watched {
                Watched::Cell(dimension, value) => marks.push(self.known(*value, |value| {
                    let dimension = self.plan.dimension_at(*dimension)?;
                    dimension.rank(&value).map(many)
                })),
                Watched::Order(a, b) => {
                    marks.push(self.known(*a, |a| Some(self.known(*b, |b| a.order(&b).map(|order| order as i64)))))
                }
                Watched::Within(date, length) => marks.push(self.known(*date, |date| {
                    Some(self.known(*length, |length| match (date, length) {
                        (Value::Date(date), Value::Duration(length)) => Some(match date {
                            date if date > self.as_of => 0,
                            date if within(date, self.as_of, length) => 1,
                            _ => 2,
                        }),
                        _ => None,
                    }))
                })),
                Watched::Window(at) => marks.extend(self.window(*at)),
            }
        }
        marks
    }

    /// Whether there are records, or values that move, and not only a policy that would look at them.
    fn moves(&self, clock: &Clock) -> bool {
        let known = |value: &ExprId| matches!(self.value(*value), Val::Known(_));
        clock.watched.iter().any(|watched| match watched {
            Watched::Cell(_, value) => known(value),
            Watched::Order(a, b) | Watched::Within(a, b) => known(a) && known(b),
            Watched::Window(_) => false,
        }) || self.histories.iter().any(|history| history.len() > 0 || history.noticed.future > 0)
    }

    /// A mark of a known value; one of its own where it is missing, and where it has no result.
    fn known<'v>(&self, value: ExprId, mark: impl FnOnce(Value<'v>) -> Option<i64>) -> i64
    where
        Self: 'v,
    {
        match self.value(value) {
            Val::Known(value) => mark(value).unwrap_or(UNMARKED),
            Val::Missing => MISSING,
            Val::Undefined => UNDEFINED,
        }
    }

    /// From which record to which an aggregate looks, or from the first day of which period to the last day of which.
    fn window(&self, at: u32) -> [i64; 2] {
        let Some(aggregate) = self.plan.aggregate(at) else { return [0; 2] };
        match (aggregate.source, self.days(aggregate)) {
            (Source::Records(records, _), days) => self.histories.get(records as usize).map_or([0; 2], |history| {
                let (rows, _) = history.within(days);
                [many(rows.start), many(rows.end)]
            }),
            (Source::Periods(period), Some(days)) => {
                let whole = whole_periods(period, days);
                [whole.from, whole.to].map(|day| day.num_days_from_ce().into())
            }
            (Source::Periods(_), None) => [0; 2],
        }
    }
}

const UNMARKED: i64 = -1;
const MISSING: i64 = -2;
const UNDEFINED: i64 = -3;

fn many(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
