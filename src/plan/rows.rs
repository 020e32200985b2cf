//! Bit rows: for every fact and cell of its ordinals, which rules may still hold. The rows of a customer's cells are joined
//! word by word, and the first rule that is left decides, or is asked whether it does.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::axis::{Axis, Starts};
use super::formula::{Formula, Literal};
use super::region::Region;
use crate::value::MISSING;

/// Words that are joined at once.
const CHUNK: usize = 8;
/// Facts of which rows are kept at most.
pub(super) const AXES: usize = 32;

/// By cell of a fact, a row; behind them the row of what is missing and may become known.
#[derive(Debug)]
pub(super) struct RowsOfFact {
    pub(super) axis: Axis,
    rows: Vec<u64>,
    /// Whether what holds of a missing fact holds of it in any case.
    settled: bool,
}

/// Bit rows over the rules of a policy, in the order in which they are asked.
#[derive(Debug)]
pub(super) struct Rows {
    facts: Vec<RowsOfFact>,
    /// Words of a row.
    words: usize,
    /// The bits of which the rows tell everything.
    exact: Vec<u64>,
    /// By bit, the place of its rule; one that holds in several ways has several.
    places: Vec<u32>,
    /// The rules by place.
    order: Arc<[u32]>,
    /// Facts that are left out, because their rows would be too many.
    left_out: usize,
}

/// What one fact leaves of a rule.
#[derive(Clone, Debug)]
struct Shadow {
    region: Arc<Region>,
    can: bool,
    sure: bool,
}

/// Rows that are being made.
pub(super) struct RowsOf {
    /// By bit, from the last.
    bits: Vec<Bit>,
    /// How many rules there are.
    rules: u32,
}

/// A rule, or one way in which it holds.
struct Bit {
    shadows: Shadows,
    /// Whether these tell everything.
    exact: bool,
    never: bool,
    /// The rule, from the last.
    rule: u32,
}

impl RowsOf {
    pub(super) fn new() -> Self {
        Self { bits: Vec::new(), rules: 0 }
    }

    /// Puts a rule before those that are known.
    pub(super) fn before(&mut self, formula: &Formula) {
        match ways(formula) {
            Some(ways) => ways.iter().rev().for_each(|way| self.bit(way)),
            None => self.bit(formula),
        }
        self.rules += 1;
    }

    fn bit(&mut self, formula: &Formula) {
        let never = matches!(formula, Formula::Constant(false));
        self.bits.push(Bit { shadows: shadows(formula), exact: is_exact(formula), never, rule: self.rules });
    }

    /// The rows, of at most so many bytes; `None` where no fact tells rules apart.
    pub(super) fn finish(mut self, order: Arc<[u32]>, most: usize) -> Option<Rows> {
        self.bits.reverse();
        let words = match self.bits.len().div_ceil(64) {
            0 | 1 => 1,
            words => words.next_multiple_of(CHUNK),
        };
        let mut starts: BTreeMap<u32, Starts> = BTreeMap::new();
        for (slot, shadow) in self.bits.iter().flat_map(|bit| &bit.shadows) {
            starts.entry(*slot).or_default().add(&shadow.region);
        }
        let mut axes: Vec<Axis> = starts.into_iter().map(|(slot, starts)| starts.finish(slot)).collect();
        let all = axes.len();
        axes.sort_by_key(|axis| (axis.cells(), axis.slot));
        let mut used = 0_usize;
        axes.retain(|axis| {
            used = used.saturating_add((axis.cells() + 1).saturating_mul(words).saturating_mul(8));
            used <= most
        });
        axes.truncate(AXES);
        let left_out = all - axes.len();
        let kept: Vec<u32> = axes.iter().map(|axis| axis.slot).collect();
        let mut facts: Vec<RowsOfFact> = axes.into_iter().map(|axis| self.rows(axis, words)).collect();
        // What leaves the fewest rules comes first.
        facts.sort_by_cached_key(|fact| {
            let ones: usize = fact.rows.iter().map(|word| word.count_ones() as usize).sum();
            ones / (fact.axis.cells() + 1)
        });
        let mut exact = vec![0; words];
        for (at, bit) in self.bits.iter().enumerate() {
            if bit.exact && bit.shadows.keys().all(|slot| kept.contains(slot)) {
                turn(&mut exact, at);
            }
        }
        let places = self.bits.iter().map(|bit| self.rules - 1 - bit.rule).collect();
        (!facts.is_empty()).then_some(Rows { facts, words, exact, places, order, left_out })
    }

    fn rows(&self, axis: Axis, words: usize) -> RowsOfFact {
        let cells = axis.cells();
        let mut rows = vec![0; (cells + 1) * words];
        let (mut anywhere, mut open, mut sure) = (vec![0; words], vec![0; words], vec![0; words]);
        // Where a bit begins to be set, or ceases to be.
        let mut turns: Vec<(usize, usize)> = Vec::new();
        for (at, bit) in self.bits.iter().enumerate() {
            let Some(shadow) = bit.shadows.get(&axis.slot) else {
                if !bit.never {
                    turn(&mut anywhere, at);
                }
                continue;
            };
            let ranges = shadow.region.ranges().iter();
            turns.extend(ranges.flat_map(|(low, high)| [(axis.cell(*low), at), (axis.cell(*high) + 1, at)]));
            if shadow.can {
                turn(&mut open, at);
            }
            if shadow.sure {
                turn(&mut sure, at);
            }
        }
        turns.sort_unstable();
        let (mut now, mut turns) = (vec![0; words], turns.into_iter().peekable());
        for (cell, row) in rows.chunks_exact_mut(words).enumerate() {
            while let Some((_, at)) = turns.next_if(|(from, _)| *from <= cell) {
                turn(&mut now, at);
            }
            let here = if cell == cells { &open } else { &now };
            row.iter_mut().zip(here).zip(&anywhere).for_each(|((word, here), any)| *word = here | any);
        }
        let settled = rows.iter().zip(&sure).zip(&anywhere).all(|((now, sure), any)| *now == sure | any);
        RowsOfFact { axis, rows, settled }
    }
}

/// Sets a bit, or takes it away.
fn turn(row: &mut [u64], at: usize) {
    if let Some(word) = row.get_mut(at / 64) {
        *word ^= 1 << (at % 64);
    }
}

/// As many ways in which a rule holds have bits of their own.
const WAYS: usize = 4;

/// The ways in which a rule holds that is but for one `or` told exactly.
fn ways(formula: &Formula) -> Option<Vec<Formula>> {
    match formula {
        Formula::Any(ways) if !is_exact(formula) && ways.len() <= WAYS && ways.iter().all(is_exact) => {
            Some(ways.clone())
        }
        Formula::All(parts) => {
            let mut open = parts.iter().enumerate().filter(|(_, part)| !is_exact(part));
            let (Some((at, part)), None) = (open.next(), open.next()) else { return None };
            let with = |way: Formula| {
                let others = parts.iter().enumerate().filter(|(other, _)| *other != at);
                Formula::All(others.map(|(_, part)| part.clone()).chain([way]).collect())
            };
            Some(ways(part)?.into_iter().map(with).collect())
        }
        _ => None,
    }
}

/// Whether the shadows of a formula tell everything: it joins questions, or asks of one fact alone.
fn is_exact(formula: &Formula) -> bool {
    fn only_slot(formula: &Formula) -> Option<u32> {
        match formula {
            Formula::Literal(literal) => Some(literal.slot),
            Formula::All(parts) | Formula::Any(parts) => {
                let mut slots = parts.iter().map(only_slot);
                let first = slots.next()??;
                slots.all(|slot| slot == Some(first)).then_some(first)
            }
            _ => None,
        }
    }
    match formula {
        Formula::Constant(value) => *value,
        Formula::Literal(_) => true,
        Formula::All(parts) => parts.iter().all(is_exact),
        Formula::Any(_) => only_slot(formula).is_some(),
        Formula::AtLeast(..) | Formula::Ask => false,
    }
}

/// What each fact alone leaves of a formula; a fact that is not among them leaves everything.
fn shadows(formula: &Formula) -> Shadows {
    match formula {
        Formula::Literal(Literal { slot, region, can, sure }) => {
            Shadows::from([(*slot, Shadow { region: Arc::clone(region), can: *can, sure: *sure })])
        }
        Formula::All(parts) => joined(parts, &both),
        Formula::Any(parts) => joined(parts, &either),
        Formula::Constant(_) | Formula::AtLeast(..) | Formula::Ask => Shadows::new(),
    }
}

/// By slot.
type Shadows = BTreeMap<u32, Shadow>;

/// The parts by halves, so that nothing large is joined with everything small.
fn joined(parts: &[Formula], join: &dyn Fn(Shadows, Shadows) -> Shadows) -> Shadows {
    match parts {
        [] => Shadows::new(),
        [part] => shadows(part),
        _ => {
            let (first, second) = parts.split_at(parts.len() / 2);
            join(joined(first, join), joined(second, join))
        }
    }
}

/// What two conditions leave together.
fn both(mut all: Shadows, part: Shadows) -> Shadows {
    for (slot, shadow) in part {
        all.entry(slot)
            .and_modify(|known: &mut Shadow| {
                known.region = Arc::new(known.region.and(&shadow.region));
                (known.can, known.sure) = (known.can && shadow.can, known.sure && shadow.sure);
            })
            .or_insert(shadow);
    }
    all
}

/// What either of two conditions leaves.
fn either(mut any: Shadows, part: Shadows) -> Shadows {
    any.retain(|slot, known| {
        let Some(shadow) = part.get(slot) else { return false };
        known.region = Arc::new(known.region.or(&shadow.region));
        (known.can, known.sure) = (known.can || shadow.can, known.sure || shadow.sure);
        true
    });
    any
}

/// The rules that rows leave of one customer, in order.
struct Candidates<'r> {
    rows: &'r Rows,
    /// By fact: where the row of the customer's cell begins.
    cells: [u32; AXES],
    chunk: [u64; CHUNK],
    /// The words in front of `next` are joined, those in front of `word` are looked through.
    word: usize,
    next: usize,
    bits: u64,
}

impl RowsOfFact {
    /// The word of an ordinal, where there is one alone.
    pub(super) fn word(&self, ordinal: i64) -> u64 {
        self.rows.get(self.axis.cell(ordinal)).copied().unwrap_or_default()
    }

    /// The words of what is missing and may become known: where rules hold, and where they can; `None` where what holds now
    /// may cease to.
    pub(super) fn open(&self) -> Option<[u64; 2]> {
        let can = self.rows.last().copied().unwrap_or_default();
        self.settled.then_some([self.word(MISSING), can])
    }

    /// Which row is that of a customer; while `open`, what is missing may become known.
    #[inline]
    fn of(&self, ordinals: &[i64], open: bool) -> usize {
        let is_missing = || ordinals.get(self.axis.slot as usize) == Some(&MISSING);
        if open && is_missing() { self.axis.cells() } else { self.axis.of(ordinals) }
    }
}

impl Rows {
    /// The rules that are left where one word holds them all.
    #[inline]
    fn only_word(&self, ordinals: &[i64], open: bool) -> u64 {
        let row = |fact: &RowsOfFact| fact.rows.get(fact.of(ordinals, open)).copied().unwrap_or_default();
        self.facts.iter().map(row).fold(u64::MAX, |all, row| all & row)
    }

    fn cells(&self, ordinals: &[i64], open: bool) -> [u32; AXES] {
        let mut cells = [0; AXES];
        for (fact, place) in self.facts.iter().zip(&mut cells) {
            *place = u32::try_from(fact.of(ordinals, open) * self.words).unwrap_or(u32::MAX);
        }
        cells
    }

    /// Some words of the rows of a customer's cells, joined.
    #[inline]
    fn joined(&self, cells: &[u32; AXES], from: usize) -> [u64; CHUNK] {
        let mut chunk = [u64::MAX; CHUNK];
        for (fact, cell) in self.facts.iter().zip(cells) {
            let words = fact.rows.get(*cell as usize + from..).and_then(|words| words.first_chunk::<CHUNK>());
            for (word, other) in chunk.iter_mut().zip(words.copied().unwrap_or_default()) {
                *word &= other;
            }
        }
        chunk
    }

    /// The place of the first rule that holds; one of which the rows do not tell is asked.
    #[inline]
    pub(super) fn first(&self, ordinals: &[i64], holds: impl Fn(usize) -> bool) -> Option<usize> {
        if self.words == 1 {
            return self.first_of(0, self.only_word(ordinals, false), &holds);
        }
        let cells = self.cells(ordinals, false);
        let mut chunks = (0..self.words).step_by(CHUNK);
        chunks.find_map(|from| {
            let chunk = self.joined(&cells, from);
            (from..).zip(chunk).find_map(|(at, bits)| self.first_of(at, bits, &holds))
        })
    }

    /// The place of the rule of a bit.
    #[inline]
    fn place(&self, word: usize, bit: u64) -> Option<usize> {
        self.places.get(word * 64 + bit.trailing_zeros() as usize).map(|place| *place as usize)
    }

    /// The first of the rules in a word.
    #[inline]
    fn first_of(&self, at: usize, mut bits: u64, holds: &impl Fn(usize) -> bool) -> Option<usize> {
        let exact = if bits == 0 { 0 } else { self.exact.get(at).copied().unwrap_or_default() };
        while bits != 0 {
            let bit = bits & bits.wrapping_neg();
            let place = self.place(at, bit)?;
            if exact & bit != 0 || holds(place) {
                return Some(place);
            }
            bits ^= bit;
        }
        None
    }

    /// The places of the rules that may hold, in order, each with whether it surely may.
    pub(super) fn candidates<'r>(
        &'r self,
        ordinals: &[i64],
        open: bool,
    ) -> impl Iterator<Item = (usize, bool)> + use<'r> {
        let (cells, chunk) = ([0; AXES], [0; CHUNK]);
        match self.words {
            1 => {
                let bits = self.only_word(ordinals, open);
                Candidates { rows: self, cells, chunk, word: 1, next: 1, bits }
            }
            _ => Candidates { rows: self, cells: self.cells(ordinals, open), chunk, word: 0, next: 0, bits: 0 },
        }
    }

    /// The rule of a place.
    pub(super) fn rule(&self, place: usize) -> Option<usize> {
        self.order.get(place).map(|rule| *rule as usize)
    }

    /// The places of the rules by bit, where one word tells everything.
    pub(super) fn in_a_word(&self) -> Option<&[u32]> {
        let told = self.exact.iter().map(|word| word.count_ones() as usize).sum::<usize>();
        (self.words == 1 && told == self.places.len()).then_some(&self.places)
    }

    /// The rows of a fact that tells rules apart.
    pub(super) fn fact(&self, slot: u32) -> Option<&RowsOfFact> {
        self.facts.iter().find(|fact| fact.axis.slot == slot)
    }

    /// The order is the program's.
    pub(super) fn bytes(&self) -> usize {
        self.facts.iter().map(|fact| fact.rows.len() * 8 + fact.axis.bytes()).sum::<usize>()
            + self.exact.len() * 8
            + self.places.len() * 4
    }

    /// How many facts and cells there are, how many rules are told exactly, and how many facts are left out.
    pub(super) fn sizes(&self) -> RowSizes {
        let is_exact = |at: usize| self.exact.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
        let asked = self.places.iter().enumerate().filter(|(at, _)| !is_exact(*at));
        let asked: std::collections::BTreeSet<&u32> = asked.map(|(_, place)| place).collect();
        let cells = self.facts.iter().map(|fact| fact.axis.cells()).sum();
        RowSizes {
            facts: self.facts.len(),
            cells,
            exact: self.order.len() - asked.len(),
            rules: self.order.len(),
            left_out: self.left_out,
        }
    }
}

/// What a dump says of rows.
pub(super) struct RowSizes {
    pub(super) facts: usize,
    pub(super) cells: usize,
    pub(super) exact: usize,
    pub(super) rules: usize,
    pub(super) left_out: usize,
}

impl Iterator for Candidates<'_> {
    type Item = (usize, bool);

    fn next(&mut self) -> Option<(usize, bool)> {
        while self.bits == 0 {
            if self.word == self.next {
                if self.next >= self.rows.words {
                    return None;
                }
                self.chunk = self.rows.joined(&self.cells, self.next);
                self.next += CHUNK;
            }
            self.bits = self.chunk.get(self.word % CHUNK).copied().unwrap_or_default();
            self.word += 1;
        }
        let bit = self.bits & self.bits.wrapping_neg();
        self.bits ^= bit;
        let at = self.word - 1;
        let exact = self.rows.exact.get(at).is_some_and(|exact| exact & bit != 0);
        Some((self.rows.place(at, bit)?, exact))
    }
}
