//! A region in, what values can be out: every value that some customer of the region has is among them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::kleene::Kleene;
use super::region::{Kind, Place, Region, Room, day, interval};
use super::scene::{Scene, Source, Space};
use super::score::Total;
use super::seen::{Known, Seen};
use crate::plan::{Column, Expr, ExprId, Node, NodeId, Root, Score};
use crate::value::{Text, Value};

/// So many lets and operators are followed for one sum.
pub(super) const DEPTH: usize = 64;

/// So many parts are followed for the sums and the cut of one region.
const FUEL: u32 = 16_384;

/// What a let comes to in a region.
#[derive(Clone)]
pub(super) enum Held<'l> {
    Value(Seen<'l>),
    Truth(Kleene),
    Score(Total),
}

/// A plan looked at within a region.
pub(super) struct Look<'l, 'm, 'a> {
    pub(super) space: &'l Space,
    pub(super) scene: &'l Scene<'m, 'a>,
    pub(super) region: &'l Region,
    /// In the order of the scene's lets.
    lets: Vec<Held<'l>>,
    /// How many more parts are followed for sums and cuts.
    fuel: Cell<u32>,
    /// How many sums are being worked out, one for the sake of another.
    nested: Cell<u32>,
    /// What was found, by part and by how many sums were being worked out: nothing is looked at twice on every level.
    values: RefCell<Found<ExprId, Seen<'l>>>,
    truths: RefCell<Found<NodeId, Kleene>>,
}

/// What was found of a part, by how many sums were being worked out.
type Found<K, V> = HashMap<(K, u32), V, BuildHasherDefault<OfIds>>;

/// A hash of ids, which nobody from outside chooses.
#[derive(Default)]
struct OfIds(u64);

impl Hasher for OfIds {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32((*byte).into()));
    }

    fn write_u32(&mut self, id: u32) {
        self.0 = (self.0.rotate_left(5) ^ u64::from(id)).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl<'l, 'm, 'a> Look<'l, 'm, 'a> {
    pub(super) fn new(space: &'l Space, scene: &'l Scene<'m, 'a>, region: &'l Region) -> Self {
        Self::taking(space, scene, region, &[])
    }

    /// The same where some lets are taken for something that they can be.
    pub(super) fn taking(
        space: &'l Space,
        scene: &'l Scene<'m, 'a>,
        region: &'l Region,
        taken: &[(u32, Held<'l>)],
    ) -> Self {
        let lets = Vec::with_capacity(scene.lets.len());
        let (fuel, nested) = (Cell::new(FUEL), Cell::new(0));
        let (values, truths) = (RefCell::default(), RefCell::default());
        let mut look = Self { space, scene, region, lets, fuel, nested, values, truths };
        for at in &scene.lets {
            if let Some((_, held)) = taken.iter().find(|(taken, _)| taken == at) {
                look.lets.push(held.clone());
                continue;
            }
            let held = match scene.plan.lets().get(*at as usize) {
                Some(Root::Value(value)) => match look.total_of(*value) {
                    // But another name for a score.
                    Some(total) => Held::Score(total),
                    None => Held::Value(look.value(*value)),
                },
                Some(Root::Condition(node)) => Held::Truth(look.truth(*node)),
                Some(Root::Score(score)) => {
                    scene.plan.score(*score).map_or(Held::Truth(Kleene::ANY), |score| Held::Score(look.score(score)))
                }
                Some(Root::Segment(segment)) => {
                    Held::Value(scene.plan.segment(*segment).map_or(Seen::ANYTHING, |segment| look.segment(segment)))
                }
                None => Held::Truth(Kleene::ANY),
            };
            look.lets.push(held);
        }
        look
    }

    /// Takes one more part; whether there is fuel left.
    pub(super) fn burn(&self) -> Option<()> {
        self.fuel.set(self.fuel.get().checked_sub(1)?);
        Some(())
    }

    /// Works out a sum; `None` where that is for the sake of too many others.
    pub(super) fn nest<T>(&self, work: impl FnOnce() -> Option<T>) -> Option<T> {
        const NESTED: u32 = 2;
        let before = self.nested.get();
        if before >= NESTED {
            return None;
        }
        self.nested.set(before + 1);
        let result = work();
        self.nested.set(before);
        result
    }

    /// Counts one more value or condition.
    fn work(&self) {
        self.space.work.set(self.space.work.get().saturating_add(1));
    }

    pub(super) fn held(&self, at: u32) -> Option<&Held<'l>> {
        self.lets.get(self.scene.lets.binary_search(&at).ok()?)
    }

    /// The score of which a value is the name.
    pub(super) fn total_of(&self, id: ExprId) -> Option<Total> {
        match self.scene.plan.expr(id) {
            Expr::Let(at) => match self.held(*at) {
                Some(Held::Score(total)) => Some(*total),
                _ => None,
            },
            _ => None,
        }
    }

    /// The score of which a value is the name, through other names too.
    pub(super) fn score_of(&self, id: ExprId) -> Option<&'a Score> {
        let (plan, mut id) = (self.scene.plan, id);
        for _ in 0..DEPTH {
            let Expr::Let(at) = plan.expr(id) else { return None };
            match plan.lets().get(*at as usize)? {
                Root::Score(score) => return plan.score(*score),
                Root::Value(value) => id = *value,
                _ => return None,
            }
        }
        None
    }

    /// Where a fact comes from for all customers of the region.
    pub(super) fn source(&self, slot: u32) -> Source {
        match self.scene.slot(slot) {
            Source::Defaulted(variable) => match self.region.place(variable) {
                Some(place) if place.is_missing() => Source::Fixed,
                Some(place) if !place.missing => Source::Variable(variable),
                _ => Source::Defaulted(variable),
            },
            source => source,
        }
    }

    /// What a fact can be.
    pub(super) fn slot(&self, slot: u32) -> Seen<'l> {
        let own = || Seen::exact(self.scene.machine.fact(slot));
        match self.source(slot) {
            Source::Variable(variable) => self.variable(variable),
            Source::Defaulted(variable) => Seen { missing: false, ..self.variable(variable) }.join(own()),
            Source::Computed(value) => self.value(value),
            Source::Fixed => own(),
        }
    }

    /// What a variable can be.
    pub(super) fn variable(&self, variable: usize) -> Seen<'l> {
        let Some((place, known)) = self.region.place(variable).zip(self.space.variables.get(variable)) else {
            return Seen::ANYTHING;
        };
        let Place { room, missing, undefined } = place;
        let known = match (&known.kind, room) {
            (_, Room::Nothing) => Known::Nothing,
            (_, room) if room.is_empty() => Known::Nothing,
            (Kind::Numbers(places), Room::Span(low, high)) => Known::Number(interval(*low, *high, *places)),
            (Kind::Days, Room::Span(low, high)) => {
                day(*low).zip(day(*high)).map_or(Known::Anything, |(low, high)| Known::Days(low, high))
            }
            (Kind::Boolean, Room::Options(options)) => {
                Known::Truth(Kleene::FALSE.when(options.contains(0)).or_else(Kleene::TRUE.when(options.contains(1))))
            }
            (Kind::Members, Room::Options(options)) => Known::Members(options.clone()),
            (Kind::Texts { texts, .. }, Room::Options(options)) => {
                match options.iter().next().and_then(|at| texts.get(at)) {
                    Some(text) if options.count() == 1 => Known::Exact(Value::Text(Text::new(text))),
                    _ => Known::Text { variable, lower: false },
                }
            }
            (Kind::Sets(_), Room::Within { .. }) => Known::Set(variable),
            _ => Known::Anything,
        };
        let loose = self.scene.is_loose(variable);
        Seen { known, missing: *missing || loose, undefined: *undefined || loose }
    }

    /// What a value can be.
    pub(super) fn value(&self, id: ExprId) -> Seen<'l> {
        self.work();
        if !self.scene.hangs(id) {
            // What lies between two ends decides some comparisons although it is missing.
            let open = self.scene.machine.is_open(id);
            return if open { Seen::ANYTHING } else { Seen::exact(self.scene.machine.value(id)) };
        }
        if let Some(seen) = self.found(&self.values, id) {
            return seen;
        }
        let seen = self.value_anew(id);
        self.values.borrow_mut().insert((id, self.nested.get()), seen.clone());
        seen
    }

    fn value_anew(&self, id: ExprId) -> Seen<'l> {
        match self.scene.plan.expr(id) {
            Expr::Constant(constant) => Seen::of(Known::Exact(constant.value())),
            Expr::Fact(slot) => self.slot(*slot),
            Expr::Aggregate(at) => match self.scene.aggregate(*at) {
                Source::Variable(variable) => self.variable(variable),
                Source::Fixed | Source::Defaulted(_) | Source::Computed(_) => Seen::ANYTHING,
            },
            Expr::Let(at) => match self.held(*at) {
                Some(Held::Value(seen)) => seen.clone(),
                Some(Held::Truth(truth)) => Seen::truth(*truth),
                Some(Held::Score(total)) => total.seen(),
                None => Seen::ANYTHING,
            },
            Expr::Unary(op, inner) => self.value(*inner).unary(*op),
            Expr::Chain(first, rest) => {
                rest.iter().fold(self.value(*first), |value, (op, part)| value.binary(*op, self.value(*part)))
            }
            Expr::Coalesce(parts) => self.coalesce(parts),
            Expr::If(arms, otherwise) => self.choice(arms, *otherwise),
            Expr::Truth(node) => Seen::truth(self.truth(*node)),
            Expr::Lookup(column) => self.lookup(*column),
            Expr::Today | Expr::Element(..) => Seen::ANYTHING,
        }
    }

    /// The first known part; where none is, what the last one lacks.
    fn coalesce(&self, parts: &[ExprId]) -> Seen<'l> {
        let mut known: Option<Seen<'l>> = None;
        for part in parts {
            let mut seen = self.value(*part);
            let (missing, undefined) = (seen.missing, seen.undefined);
            (seen.missing, seen.undefined) = (false, false);
            known = Some(match known {
                Some(known) => known.join(seen),
                None => seen,
            });
            if let Some(known) = &mut known {
                (known.missing, known.undefined) = (missing, undefined);
            }
            if !missing && !undefined {
                break;
            }
        }
        known.unwrap_or(Seen::ANYTHING)
    }

    fn choice(&self, arms: &[(NodeId, ExprId)], otherwise: ExprId) -> Seen<'l> {
        let mut all = Seen::of(Known::Nothing);
        for (condition, value) in arms {
            let truth = self.truth(*condition);
            if truth.can_be(Kleene::TRUE) {
                all = all.join(self.value(*value));
            }
            all.missing |= truth.can_be(Kleene::MISSING);
            all.undefined |= truth.can_be(Kleene::UNDEFINED);
            if !truth.can_be(Kleene::FALSE) {
                return all;
            }
        }
        all.join(self.value(otherwise))
    }

    /// A column in the rows that the keys lead to.
    fn lookup(&self, column: u32) -> Seen<'l> {
        let plan = self.scene.plan;
        let Some((column, table)) =
            plan.column(column).and_then(|column| Some((column, plan.tables().get(column.table as usize)?)))
        else {
            return Seen::UNDEFINED;
        };
        let key = self.value(table.key);
        let row = |value: &Value<'_>| table.row(value);
        let cells = match &key.known {
            Known::Nothing => Seen::of(Known::Nothing),
            Known::Exact(value) => cell(column, row(value)),
            Known::Members(members) => {
                let each = members
                    .iter()
                    .map(|member| cell(column, row(&Value::Member(u32::try_from(member).unwrap_or(u32::MAX)))));
                each.reduce(Seen::join).unwrap_or(Seen::UNDEFINED)
            }
            Known::Number(ends) => {
                let rows = table.rows_between(*ends).into_iter().map(|row| cell(column, Some(row)));
                let found = rows.reduce(Seen::join).unwrap_or(Seen::UNDEFINED);
                Seen { undefined: found.undefined || ends.single().is_none(), ..found }
            }
            Known::Text { variable, lower } => {
                let (texts, rest) = self.texts(*variable, *lower);
                let each = texts.iter().map(|text| cell(column, row(&Value::Text(*text))));
                let found = each.reduce(Seen::join).unwrap_or(Seen::UNDEFINED);
                if rest { found.join(Seen::ANYTHING) } else { found }
            }
            _ => Seen::ANYTHING,
        };
        Seen { missing: cells.missing || key.missing, undefined: cells.undefined || key.undefined, ..cells }
    }

    /// The texts that are left to a variable, and whether others are too.
    pub(super) fn texts(&self, variable: usize, lower: bool) -> (Vec<Text<'l>>, bool) {
        let known = self.space.variables.get(variable).map(|variable| &variable.kind);
        let (Some(Kind::Texts { texts, rest }), Some(Room::Options(options))) =
            (known, self.region.place(variable).map(|place| &place.room))
        else {
            return (Vec::new(), true);
        };
        let each = options.iter().filter_map(|at| texts.get(at)).map(|text| Text::new(text));
        let each = each.map(|text| if lower { text.lower() } else { text });
        (each.collect(), *rest && options.contains(texts.len()))
    }

    /// What a condition can be.
    pub(super) fn truth(&self, id: NodeId) -> Kleene {
        self.work();
        if !self.scene.node_hangs(id) {
            return self.scene.fixed(id);
        }
        if let Some(truth) = self.found(&self.truths, id) {
            return truth;
        }
        let truth = self.truth_anew(id);
        self.truths.borrow_mut().insert((id, self.nested.get()), truth);
        truth
    }

    /// What was found of a part while no more sums were being worked out, which tells at least as much.
    fn found<K: Copy + Eq + Hash, V: Clone>(&self, known: &RefCell<Found<K, V>>, id: K) -> Option<V> {
        let known = known.borrow();
        (0..=self.nested.get()).find_map(|nested| known.get(&(id, nested)).cloned())
    }

    fn truth_anew(&self, id: NodeId) -> Kleene {
        match self.scene.plan.node(id) {
            Node::Constant(value) => Kleene::of(*value),
            Node::Atom(atom) => self.scene.plan.atom(*atom).map_or(Kleene::ANY, |atom| self.atom(atom)),
            Node::Let(at) => match self.held(*at) {
                Some(Held::Truth(truth)) => *truth,
                Some(Held::Value(seen)) => seen.flags(),
                _ => Kleene::ANY,
            },
            Node::Not(inner) => self.truth(*inner).not(),
            Node::And(parts) => {
                let mut truth = Kleene::TRUE;
                for part in parts {
                    truth = truth.and(self.truth(*part));
                    if truth == Kleene::FALSE {
                        break;
                    }
                }
                truth
            }
            Node::Or(parts) => {
                let mut truth = Kleene::FALSE;
                for part in parts {
                    truth = truth.or(self.truth(*part));
                    if truth == Kleene::TRUE {
                        break;
                    }
                }
                truth
            }
            Node::AtLeast(wanted, parts) => {
                Kleene::at_least(*wanted as usize, parts.iter().map(|part| self.truth(*part)))
            }
            Node::If(arms, otherwise) => {
                let mut all = Kleene::NOTHING;
                for (condition, value) in arms {
                    let truth = self.truth(*condition);
                    if truth.can_be(Kleene::TRUE) {
                        all = all.or_else(self.truth(*value));
                    }
                    all = all.or_else(truth.only(Kleene::MISSING.or_else(Kleene::UNDEFINED)));
                    if !truth.can_be(Kleene::FALSE) {
                        return all;
                    }
                }
                all.or_else(self.truth(*otherwise))
            }
            Node::Chained(first, rest) => {
                let (mut truth, mut left) = (Kleene::TRUE, *first);
                for (op, part) in rest {
                    truth = truth.and(self.compared(*op, left, *part));
                    left = *part;
                }
                truth
            }
        }
    }
}

fn cell<'l>(column: &'l Column, row: Option<u32>) -> Seen<'l> {
    let cell = row.and_then(|row| column.cell(row));
    cell.map_or(Seen::UNDEFINED, |cell| Seen::of(Known::Exact(cell.value())))
}
