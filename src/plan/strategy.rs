//! How a plan decides: from a dense table, by bit rows, or one rule after the other; on ordinals alone, or with the whole
//! evaluation. The answer is the same each way.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;

use super::derived::Derived;
use super::formula::{Formula, Formulas, encodings};
use super::program::{Ask, Program, Verdict};
use super::rows::{AXES, Rows, RowsOf};
use super::table::{CellsOf, DenseTable};
use super::{Bound, Plan};
use crate::value::Encoding;

/// From so many rules on, bit rows are worth it, whatever they tell; of fewer rules where one word tells everything.
const MANY: usize = 8;

/// A strategy that tests ask for.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// Every rule by the whole evaluation.
    Whole,
    Straight,
    Rows,
    Table,
}

/// How a plan decides.
#[derive(Debug, Default)]
pub(crate) struct Strategy {
    /// By slot; `None` where a fact has none.
    encodings: Vec<Option<Encoding>>,
    /// The questions whose answers stand behind the facts.
    derived: Vec<Derived>,
    /// `None` where deciding takes more than ordinals.
    scalar: Option<Scalar>,
    rows: Option<Rows>,
    /// What the evaluation is needed for.
    needs: Vec<Need>,
    many: bool,
}

/// What deciding on ordinals takes.
#[derive(Debug)]
pub(crate) struct Scalar {
    /// By slot: the collections from which alone a fact is computed.
    pub(crate) sources: Vec<Option<Vec<u32>>>,
    program: Program,
    table: Option<DenseTable>,
}

/// Why a policy is not decided on ordinals alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Records,
    Slot(u32),
    Rule(u32),
    Adjustment(u32),
    Memory,
    Asked,
}

impl Strategy {
    /// The fastest that takes at most so many bytes, or the one that is asked for.
    pub(crate) fn of(plan: &Plan, most: usize, forced: Option<Forced>) -> Self {
        if forced == Some(Forced::Whole) {
            return Self { needs: vec![Need::Asked], ..Self::default() };
        }
        let encodings = encodings(plan);
        let many = forced.map_or(plan.rules.len() >= MANY, |forced| forced == Forced::Rows);
        let order: Arc<[u32]> = order(plan).into();
        let mut making = Making::new(Arc::clone(&order), most, many || forced.is_none());
        let mut formulas = Formulas::new(plan, &encodings);
        making.adjustments(plan, &mut formulas);
        making.rules(plan, &order, &mut formulas);
        let derived = formulas.derived;
        let Making { program, cells, rows, mut needs } = making;
        let program = program.map(Program::finish);
        if program.is_none() && needs.is_empty() {
            needs.push(Need::Memory);
        }
        needs.extend(plan.records.iter().any(|records| records.used).then_some(Need::Records));
        needs.extend((0..).zip(&encodings).filter(|(_, known)| known.is_none()).map(|(slot, _)| Need::Slot(slot)));
        let bytes = program.as_ref().map_or(0, Program::bytes);
        let scalar = program.filter(|_| needs.is_empty()).map(|program| {
            let named = plan.adjustments.iter().any(|adjustment| matches!(adjustment.bound, Bound::Slot(_)));
            let wanted = forced.is_none_or(|forced| forced == Forced::Table) && !named;
            let table =
                if wanted { DenseTable::new(plan, &program, cells, encodings.len() + derived.len()) } else { None };
            let sources = (0..).zip(&plan.slots).map(|(at, slot)| slot.computed.and_then(|_| only_records(plan, at)));
            let sources = sources.collect();
            Scalar { sources, program, table: table.filter(|table| table.bytes() + bytes <= most) }
        });
        let tabled = scalar.as_ref().is_some_and(|scalar| scalar.table.is_some());
        let is_worth_it = |rows: &Rows| many || scalar.is_some() && rows.in_a_word().is_some();
        let rows = rows.filter(|_| !tabled).and_then(|rows| rows.finish(order, most.saturating_sub(bytes)));
        let rows = rows.filter(is_worth_it);
        Self { encodings, derived, scalar, rows, needs, many }
    }

    /// What it takes to decide on ordinals alone.
    pub(crate) fn scalar(&self) -> Option<&Scalar> {
        self.scalar.as_ref()
    }

    /// How many ordinals there are: of the facts, and of what stands behind them.
    pub(crate) fn ordinals(&self) -> usize {
        self.encodings.len() + self.derived.len()
    }

    /// Adds what stands behind the facts.
    #[inline]
    pub(crate) fn derive(&self, plan: &Plan, as_of: NaiveDate, ordinals: &mut [i64]) {
        for (place, derived) in (self.encodings.len()..).zip(&self.derived) {
            let answer = derived.ordinal(plan, as_of, ordinals);
            ordinals.iter_mut().skip(place).take(1).for_each(|ordinal| *ordinal = answer);
        }
    }

    /// How each fact becomes an ordinal.
    pub(crate) fn encodings(&self) -> &[Option<Encoding>] {
        &self.encodings
    }

    /// The bit rows that tell the rules apart.
    pub(super) fn rows(&self) -> Option<&Rows> {
        self.rows.as_ref()
    }

    /// Whether there are any.
    pub(crate) fn has_rows(&self) -> bool {
        self.rows.is_some()
    }

    /// The rules that bit rows leave of a customer, in the order in which they are asked; of what is missing as it is, or
    /// as it may become known.
    pub(crate) fn candidates(&self, ordinals: &[i64], open: bool) -> impl Iterator<Item = usize> {
        let rows = self.rows.iter();
        rows.flat_map(move |rows| rows.candidates(ordinals, open).filter_map(|(place, _)| rows.rule(place)))
    }

    /// Bytes that it holds beside the plan.
    pub(crate) fn bytes(&self) -> usize {
        let scalar = self.scalar.as_ref();
        let table = scalar.and_then(|scalar| scalar.table.as_ref()).map_or(0, DenseTable::bytes);
        let program = scalar.map_or(0, |scalar| scalar.program.bytes());
        table + program + self.rows.as_ref().map_or(0, Rows::bytes)
    }
}

/// The collections from which a fact is computed, where it is computed from nothing else.
fn only_records(plan: &Plan, slot: u32) -> Option<Vec<u32>> {
    let (slots, records) = plan.computed_from(slot);
    slots.is_empty().then_some(records)
}

/// The order in which rules are asked: as they are written, or for `match best` the best first and `otherwise` last.
fn order(plan: &Plan) -> Vec<u32> {
    let mut order: Vec<u32> = (0..).zip(&plan.rules).map(|(at, _)| at).collect();
    if plan.match_best {
        order.sort_by_key(|at| plan.rules.get(*at as usize).map(|rule| (rule.condition.is_none(), rule.tier)));
    }
    order
}

struct Making {
    /// `None` where a condition is no formula, or they are too large.
    program: Option<Program>,
    cells: CellsOf,
    /// Where they may be worth it.
    rows: Option<RowsOf>,
    needs: Vec<Need>,
}

impl Making {
    fn new(order: Arc<[u32]>, most: usize, with_rows: bool) -> Self {
        let program = Some(Program::new(order, most));
        Self { program, cells: CellsOf::default(), rows: with_rows.then(RowsOf::new), needs: Vec::new() }
    }

    fn adjustments(&mut self, plan: &Plan, formulas: &mut Formulas<'_>) {
        for (at, adjustment) in (0..).zip(&plan.adjustments) {
            let formula = formulas.of(Some(adjustment.condition));
            self.cells.add(&formula);
            self.step(&formula, Need::Adjustment(at), Program::adjustment);
        }
    }

    /// From the last to the first, as steps are made.
    fn rules(&mut self, plan: &Plan, order: &[u32], formulas: &mut Formulas<'_>) {
        for at in order.iter().rev() {
            let formula = formulas.of(plan.rules.get(*at as usize).and_then(|rule| rule.condition));
            self.cells.add(&formula);
            self.rows.iter_mut().for_each(|rows| rows.before(&formula));
            self.step(&formula, Need::Rule(*at), Program::before);
        }
    }

    fn step(&mut self, formula: &Formula, need: Need, add: fn(&mut Program, &Formula) -> Option<()>) {
        if !formula.is_whole() {
            self.needs.push(need);
        }
        self.program = self.program.take().filter(|_| self.needs.is_empty());
        let added = self.program.as_mut().and_then(|program| add(program, formula));
        self.program = self.program.take().filter(|_| added.is_some());
    }
}

impl Scalar {
    pub(super) fn program(&self) -> &Program {
        &self.program
    }

    pub(super) fn table(&self) -> Option<&DenseTable> {
        self.table.as_ref()
    }

    /// The decision on ordinals; `open` is whether a fact is missing.
    #[inline]
    pub(crate) fn decide(&self, plan: &Plan, ordinals: &[i64], open: bool) -> Verdict {
        let decided = self.table.as_ref().and_then(|table| table.verdict(ordinals));
        decided.unwrap_or_else(|| self.decide_by_rules(plan, ordinals, open))
    }

    #[inline(never)]
    fn decide_by_rules(&self, plan: &Plan, ordinals: &[i64], open: bool) -> Verdict {
        let program = &self.program;
        match &plan.strategy.rows {
            Some(rows) => {
                let place = rows.first(ordinals, |place| program.fires(place, Ask::Now, ordinals));
                program.verdict(plan, place, (ordinals, open), || rows.candidates(ordinals, true))
            }
            None => program.verdict(plan, program.first(ordinals), (ordinals, open), || program.places()),
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.scalar.as_ref().and_then(|scalar| scalar.table.as_ref());
        match (table, &self.rows) {
            (Some(table), _) => {
                write!(f, "dense table of {} decisions, ", table.len())?;
                write!(f, "one for each combination of the cells of {} facts", table.facts())?;
            }
            (None, Some(rows)) => {
                let sizes = rows.sizes();
                write!(f, "bit rows, {} cells of {} facts, tell ", sizes.cells, sizes.facts)?;
                write!(f, "{} of {} rules exactly", sizes.exact, sizes.rules)?;
                if sizes.left_out > 0 {
                    write!(f, "; {} facts are left out, beyond {AXES} or the memory allowed", sizes.left_out)?;
                }
            }
            (None, None) if self.many => f.write_str("straight order, no bit rows tell rules apart")?,
            (None, None) if self.scalar.is_none() => write!(f, "straight order, fewer than {MANY} rules")?,
            (None, None) => {
                write!(f, "straight order, fewer than {MANY} rules, and one word of bits does not tell all")?
            }
        }
        if self.scalar.is_some() {
            return write!(f, "; on scaled integers alone, {} bytes", self.bytes());
        }
        f.write_str("; with the whole evaluation, because ")?;
        match self.needs.first() {
            Some(Need::Records) => f.write_str("records are asked for")?,
            Some(Need::Slot(slot)) => write!(f, "fact {slot} has no scaled integers")?,
            Some(Need::Rule(rule)) => write!(f, "rule {rule} asks more than facts against constants")?,
            Some(Need::Adjustment(at)) => write!(f, "cap or floor {at} asks more than facts against constants")?,
            Some(Need::Memory) => f.write_str("its steps would be too many")?,
            Some(Need::Asked) | None => f.write_str("that is asked for")?,
        }
        match self.needs.len() {
            0 | 1 => Ok(()),
            more => write!(f, ", and {} more", more - 1),
        }
    }
}
