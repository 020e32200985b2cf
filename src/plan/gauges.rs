//! Gauges: the cells of every fact in the units in which a host's own struct has it, so that what is counted in cents is
//! compared in cents, and what each cell leaves. Where one word holds all rules, or a table all decisions, what the facts
//! of a customer leave together is the decision.

use super::Plan;
use super::axis::{Axis, FEW, SOME, reached};
use super::program::{Program, Verdict};
use super::rows::{Rows, RowsOfFact};
use super::table::DenseTable;
use crate::value::{BEYOND, Encoding, LEAST, MISSING, ODD};

/// How customers of a host's own struct are decided at once; a `P` tells where the host has a fact.
#[derive(Clone, Debug)]
pub(crate) struct Gauges<P> {
    gauges: Widths<P>,
    decisions: Decisions,
}

/// By slot, of facts that have few cells, or some.
#[derive(Clone, Debug)]
enum Widths<P> {
    Few(Vec<Gauge<P, FEW>>),
    Some(Vec<Gauge<P, SOME>>),
}

/// The cells of one fact, the first of what is missing: where each begins, and what it leaves.
#[derive(Clone, Debug)]
struct Gauge<P, const CELLS: usize> {
    starts: [i64; CELLS],
    /// The rules that hold, or how far apart the decisions of the cell lie.
    now: [u64; CELLS],
    /// The rules that can hold.
    can: [u64; CELLS],
    place: P,
}

/// What a cell leaves: `now`, and what `can` be.
type Word = [u64; 2];

/// By the side of rules: the fact is taken.
const TAKEN: u64 = 1 << 63;
/// So many bits have room beside that and the one of no rule.
const BITS: usize = 62;
/// Neither rules nor decisions: the whole evaluation looks at the fact.
const LOOK: Word = [1 << 40; 2];

#[derive(Clone, Debug)]
enum Decisions {
    /// By bit, each with the bits of its tier; the last is that of no rule.
    Rules(Vec<(Verdict, u64)>),
    /// By combination of cells.
    Table(Vec<Verdict>),
}

/// What tells the decisions apart.
enum Source<'p> {
    /// With what every fact leaves beside the rules.
    Rows(&'p Rows, u64),
    Table(&'p DenseTable),
}

/// The same of one fact; none where it tells nothing apart.
enum OfFact<'p> {
    Rows(Option<&'p RowsOfFact>, u64),
    Table(Option<(&'p Axis, usize)>),
}

impl<P: Clone> Gauges<P> {
    /// Of facts by slot, each with its encoding and the decimal places of its units; without any it is measured in ordinals.
    /// `None` where a word does not hold all rules, they ask more than facts against constants, or a fact has many cells.
    pub(crate) fn new(plan: &Plan, places: &[P], measured: impl Fn(&P) -> (&Encoding, Option<u32>)) -> Option<Self> {
        // What stands behind the facts depends on the as-of date.
        let scalar = plan.strategy().scalar().filter(|_| plan.strategy().ordinals() == places.len())?;
        let (source, decisions) = match scalar.table() {
            Some(table) => (Source::Table(table), Decisions::Table(table.verdicts().to_vec())),
            None => {
                let rows = plan.strategy().rows().filter(|_| plan.adjustments.is_empty())?;
                let places = rows.in_a_word().filter(|places| places.len() <= BITS)?;
                (Source::Rows(rows, TAKEN | 1 << places.len()), rules(plan, scalar.program(), places))
            }
        };
        let cells = |(slot, place): (u32, &P)| {
            let (encoding, units) = measured(place);
            source.of(slot).cells(encoding, units)
        };
        let cells = (0..).zip(places).map(cells).collect::<Option<Vec<Cells>>>()?;
        let gauges = match sized(&cells, places) {
            Some(few) => Widths::Few(few),
            None => Widths::Some(sized(&cells, places)?),
        };
        Some(Self { gauges, decisions })
    }
}

impl<P> Gauges<P> {
    /// The decision of a customer, given how a fact is measured; `None` where that takes more.
    #[inline]
    pub(crate) fn verdict(&self, measure: impl Fn(&P) -> i64) -> Option<Verdict> {
        let ([now, can], at) = match &self.gauges {
            Widths::Few(gauges) => left(gauges, measure),
            Widths::Some(gauges) => left(gauges, measure),
        };
        match &self.decisions {
            Decisions::Table(verdicts) => verdicts.get(usize::try_from(at).ok()?).copied(),
            Decisions::Rules(rules) => {
                let (verdict, same) = rules.get(now.trailing_zeros() as usize).filter(|_| now & TAKEN != 0)?;
                // Certain, if nothing that can hold before the first rule that does gives another tier.
                let before = (now & now.wrapping_neg()).wrapping_sub(1);
                Some(if can & before & !same == 0 { *verdict } else { verdict.uncertain() })
            }
        }
    }
}

/// What all facts leave: the rules, and the place of the decision.
#[inline]
fn left<P, const CELLS: usize>(gauges: &[Gauge<P, CELLS>], measure: impl Fn(&P) -> i64) -> (Word, u64) {
    let (mut now, mut can, mut at) = (u64::MAX, u64::MAX, 0_u64);
    for gauge in gauges {
        let [holds, may] = gauge.word(measure(&gauge.place));
        (now, can, at) = (now & holds, can & may, at.wrapping_add(holds));
    }
    ([now, can], at)
}

/// The gauges of facts of at most so many cells.
fn sized<P: Clone, const CELLS: usize>(cells: &[Cells], places: &[P]) -> Option<Vec<Gauge<P, CELLS>>> {
    let gauge = |(cells, place): (&Cells, &P)| {
        let nth = |at: usize| cells.get(at).copied().unwrap_or((BEYOND, LOOK));
        (cells.len() <= CELLS).then(|| Gauge {
            starts: std::array::from_fn(|at| nth(at).0),
            now: std::array::from_fn(|at| nth(at).1[0]),
            can: std::array::from_fn(|at| nth(at).1[1]),
            place: place.clone(),
        })
    };
    cells.iter().zip(places).map(gauge).collect()
}

/// The decision of every rule, and that of none.
fn rules(plan: &Plan, program: &Program, places: &[u32]) -> Decisions {
    let rules = places.iter().map(|place| program.rule(plan, *place as usize)).chain([None]);
    let rules: Vec<Option<(u32, u32)>> = rules.collect();
    let tier = |rule: &Option<(u32, u32)>| rule.map(|(_, tier)| tier);
    let same = |one: &Option<(u32, u32)>| {
        let bits = (0..).zip(&rules).filter(|(_, other)| tier(other) == tier(one));
        bits.fold(0, |same, (bit, _): (u32, _)| same | 1_u64 << bit)
    };
    let decision = |rule: &Option<(u32, u32)>| Verdict::new(rule.map(|(rule, _)| rule), tier(rule), true);
    Decisions::Rules(rules.iter().map(|rule| (decision(rule), same(rule))).collect())
}

impl<P, const CELLS: usize> Gauge<P, CELLS> {
    /// What the cell of a measure leaves.
    #[inline]
    fn word(&self, measure: i64) -> Word {
        let cell = reached(&self.starts, measure);
        match (self.now.get(cell), self.can.get(cell)) {
            (Some(now), Some(can)) => [*now, *can],
            _ => LOOK,
        }
    }
}

impl<'p> Source<'p> {
    fn of(&self, slot: u32) -> OfFact<'p> {
        match self {
            Self::Rows(rows, beside) => OfFact::Rows(rows.fact(slot), *beside),
            Self::Table(table) => OfFact::Table(table.fact(slot)),
        }
    }
}

/// Where the cells of a fact begin, in order, and what each leaves.
type Cells = Vec<(i64, Word)>;

impl OfFact<'_> {
    /// The cells of the fact as it is measured; `None` where they are too many, or constants have no place among its units.
    fn cells(&self, encoding: &Encoding, units: Option<u32>) -> Option<Cells> {
        let cuts = match self {
            Self::Rows(fact, _) => fact.map(|fact| &fact.axis),
            Self::Table(fact) => fact.map(|(axis, _)| axis),
        };
        let cuts = cuts.map_or(&[][..], Axis::starts).iter().copied();
        // An ordinal was held against the range already.
        let ends = units.map(|_| encoding.ends()).into_iter().flatten().flatten();
        let measured = |cut: i64| units.map_or(Some(cut), |places| encoding.least_units(cut, places));
        let mut starts = cuts.chain(ends).chain([LEAST]).map(measured).collect::<Option<Vec<i64>>>()?;
        starts.push(MISSING + 1);
        starts.sort_unstable();
        starts.dedup();
        if starts.len() >= SOME {
            return None;
        }
        let absent = match encoding.absent() {
            MISSING => self.missing(),
            absent => self.word(absent),
        };
        let word = |start: i64| match units {
            Some(_) => self.word(encoding.of_measure(start, units)),
            None => self.word(if start < LEAST { ODD } else { start }),
        };
        let known = starts.into_iter().map(|start| (start, word(start)));
        Some(std::iter::once((MISSING, absent)).chain(known).collect())
    }

    /// What the cell of an ordinal leaves.
    fn word(&self, ordinal: i64) -> Word {
        match self {
            _ if ordinal == ODD => LOOK,
            Self::Rows(fact, beside) => [fact.map_or(u64::MAX, |fact| fact.word(ordinal) | beside); 2],
            Self::Table(fact) => [fact.map_or(0, |(axis, stride)| (axis.cell(ordinal) * stride) as u64); 2],
        }
    }

    /// What is left of a fact that is missing and may become known.
    fn missing(&self) -> Word {
        match self {
            Self::Rows(Some(fact), beside) => fact.open().map_or(LOOK, |open| open.map(|word| word | beside)),
            Self::Rows(None, _) | Self::Table(_) => self.word(MISSING),
        }
    }
}
