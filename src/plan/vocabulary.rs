//! What a policy tells apart of a fact: how fine and how large the numbers are with which it is compared, and which texts
//! and members. It is all that a search has to try.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::{Cut, Expr, ExprId, Operand, Part, Plan, Root, Subject, Test};
use crate::schema::Type;
use crate::value::Constant;

/// So many parts of a value are looked at to find out whether it is made small.
const STEPS: usize = 64;

/// So many parts of all values are looked at, and so many words put down, one by one.
const ROOM: usize = 1 << 21;

/// The facts and the aggregates on which a value hangs.
type Things = Rc<[Vec<u32>; 2]>;

/// What is told apart, while it is collected.
struct Collected<'p> {
    plan: &'p Plan,
    slots: Vec<Vocabulary>,
    aggregates: Vec<Vocabulary>,
    known: HashMap<ExprId, Things>,
    room: usize,
}

impl<'p> Collected<'p> {
    fn new(plan: &'p Plan) -> Self {
        let slots = plan.slots.iter().map(|_| Vocabulary::default()).collect();
        let aggregates = plan.aggregates.iter().map(|_| Vocabulary::default()).collect();
        Self { plan, slots, aggregates, known: HashMap::new(), room: ROOM }
    }

    /// Adds to what is told apart of everything that a value hangs on, as long as there is room.
    fn add(&mut self, value: ExprId, visit: &dyn Fn(&mut Vocabulary)) {
        let things = match self.known.get(&value) {
            Some(things) => Some(Rc::clone(things)),
            None => self.plan.things_of(value, &mut self.room),
        };
        let things = things.filter(|things| things.iter().map(Vec::len).sum::<usize>() < self.room);
        let Some(things) = things else {
            self.room = 0;
            return;
        };
        self.known.insert(value, Rc::clone(&things));
        let [facts, aggregates] = &*things;
        self.room -= facts.len() + aggregates.len();
        facts.iter().for_each(|at| self.slots.iter_mut().skip(*at as usize).take(1).for_each(visit));
        aggregates.iter().for_each(|at| self.aggregates.iter_mut().skip(*at as usize).take(1).for_each(visit));
    }
}

/// Adds to what is told apart of everything that a value hangs on.
type Add<'a> = dyn FnMut(ExprId, &dyn Fn(&mut Vocabulary)) + 'a;

/// What is told apart of one fact or aggregate.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    /// The most decimal places of a number with which it, or what hangs on it, is compared.
    pub(crate) places: u32,
    /// The largest of these numbers, without its sign.
    pub(crate) largest: Decimal,
    /// The texts that it is compared with, and parts that are looked for in it; sorted.
    pub(crate) texts: Vec<Arc<str>>,
    /// All texts that are named, those too for which another one stands.
    all: Vec<Arc<str>>,
    /// Those that it is compared with as a whole, or that are keys of a row.
    whole: Vec<Arc<str>>,
    /// The same while they are collected, each with the questions in which it stands.
    named: Vec<(Arc<str>, u32)>,
    /// Whether more is asked of a text than which it is.
    pub(crate) parts: bool,
    /// The members that are looked for in a set, sorted.
    pub(crate) members: Vec<Constant>,
    /// Whether members are looked for that are not listed, and by which values.
    pub(crate) beyond: bool,
    asked: Vec<ExprId>,
    /// Of an aggregate: its type.
    pub(crate) ty: Option<Type>,
}

impl Vocabulary {
    fn constant(&mut self, constant: &Constant) {
        match constant {
            Constant::Number(number) => {
                self.places = self.places.max(number.normalize().scale());
                self.largest = self.largest.max(number.abs());
            }
            Constant::Text(text) => self.texts.push(Arc::clone(text)),
            _ => {}
        }
    }

    /// A text that stands in a question, or as the key of a row.
    fn name(&mut self, constant: &Constant, place: u32) {
        if let Constant::Text(text) = constant {
            self.named.push((Arc::clone(text), place));
        }
    }

    /// The same where each text stands for itself, unless there are too many.
    pub(crate) fn whole(&self, most: usize) -> Self {
        let texts = if self.all.len() <= most { self.all.clone() } else { self.texts.clone() };
        Self {
            places: self.places,
            largest: self.largest,
            texts,
            all: self.all.clone(),
            whole: self.whole.clone(),
            named: Vec::new(),
            parts: self.parts,
            members: self.members.clone(),
            beyond: self.beyond,
            asked: Vec::new(),
            ty: self.ty.clone(),
        }
    }

    /// A text that is none of those that are named, and no part of them.
    pub(crate) fn other(&self) -> Arc<str> {
        let mut other = String::from("?");
        while self.all.iter().any(|text| text.contains(&other)) {
            other.push('?');
        }
        other.into()
    }

    /// Whether the policy names a text as a whole.
    pub(crate) fn names(&self, text: &str) -> bool {
        self.whole.binary_search_by(|named| (**named).cmp(text)).is_ok()
    }

    /// What it and another tell apart together.
    pub(crate) fn joined(&self, other: &Self) -> Self {
        fn union<T: Ord + Clone>(a: &[T], b: &[T]) -> Vec<T> {
            let mut all = [a, b].concat();
            all.sort();
            all.dedup();
            all
        }
        let all = union(&self.all, &other.all);
        Self {
            places: self.places.max(other.places),
            largest: self.largest.max(other.largest),
            texts: all.clone(),
            all,
            whole: union(&self.whole, &other.whole),
            named: Vec::new(),
            parts: self.parts || other.parts,
            members: union(&self.members, &other.members),
            beyond: self.beyond || other.beyond,
            asked: Vec::new(),
            ty: self.ty.clone(),
        }
    }

    fn sort(&mut self) {
        self.texts.sort();
        self.texts.dedup();
        self.whole = self.named.iter().map(|(text, _)| Arc::clone(text)).collect();
        self.whole.sort();
        self.whole.dedup();
        self.all = self.texts.iter().chain(&self.whole).cloned().collect();
        self.all.sort();
        self.all.dedup();
        if !self.parts {
            // Texts that are named in the same places are not told apart: the first of them stands for all.
            self.named.sort();
            let mut places: Vec<(Vec<u32>, Arc<str>)> = Vec::new();
            for group in self.named.chunk_by(|(a, _), (b, _)| a == b) {
                let own: Vec<u32> = group.iter().map(|(_, place)| *place).collect();
                places.extend(group.first().map(|(text, _)| (own, Arc::clone(text))));
            }
            places.sort();
            places.dedup_by(|(a, _), (b, _)| a == b);
            self.texts = places.into_iter().map(|(_, text)| text).collect();
            self.texts.sort();
        }
        self.named = Vec::new();
        self.members.sort();
        self.members.dedup();
    }
}

impl Plan {
    /// The largest number that the policy names, without its sign.
    pub(super) fn largest(&self) -> Decimal {
        let mut largest = Decimal::ZERO;
        self.each_constant(&mut |constant| {
            if let Constant::Number(number) = constant {
                largest = largest.max(number.abs());
            }
        });
        largest
    }

    /// Calls `visit` with every constant that something is compared with or computed from.
    pub(crate) fn each_constant(&self, visit: &mut dyn FnMut(&Constant)) {
        self.dimensions.iter().flat_map(|dimension| &dimension.cuts).for_each(|cut| visit(&cut.at));
        self.exprs.iter().for_each(|expr| {
            if let Expr::Constant(constant) = expr {
                visit(constant);
            }
        });
        self.columns.iter().flat_map(|column| column.cells.iter().flatten()).for_each(visit);
    }

    /// Collects what is told apart of every slot and every aggregate; and whether that is all.
    pub(super) fn vocabularies(&self) -> (Vec<Vocabulary>, Vec<Vocabulary>, bool) {
        let mut collected = Collected::new(self);
        let mut add = |value: ExprId, visit: &dyn Fn(&mut Vocabulary)| collected.add(value, visit);
        for dimension in &self.dimensions {
            let values = match dimension.subject {
                Subject::Value(value) => [Some(value), None],
                Subject::Order(a, b) => [Some(a), Some(b)],
            };
            for value in values.into_iter().flatten() {
                add(value, &|known| dimension.cuts.iter().for_each(|Cut { at, .. }| known.constant(at)));
            }
        }
        for (at, atom) in (0..).zip(&self.atoms) {
            let dimension = self.dimensions.get(atom.dimension as usize);
            let Some(Subject::Value(value)) = dimension.map(|dimension| dimension.subject) else { continue };
            self.words_of(&atom.test, value, &mut add);
            let named: Vec<&Constant> = match &atom.test {
                Test::Compare(_, Operand::Constant(constant)) => vec![constant],
                Test::In(members) => members.iter().collect(),
                _ => continue,
            };
            add(value, &|known| named.iter().for_each(|constant| known.name(constant, at)));
        }
        for dimension in self.dimensions.iter().filter(|dimension| matches!(dimension.subject, Subject::Order(..))) {
            if let Subject::Order(a, b) = dimension.subject {
                let text = |value: &ExprId| self.names.types.get(value.at()) == Some(&Type::Text);
                [a, b].into_iter().filter(text).for_each(|value| add(value, &|known| known.parts = true));
            }
        }
        let mut place = u32::try_from(self.atoms.len()).unwrap_or(u32::MAX);
        for table in &self.tables {
            let lower = self.lowers(table.key);
            add(table.key, &|known| {
                known.parts |= lower;
                let mut place = place;
                table.each_key(|key| {
                    known.constant(&key);
                    known.name(&key, place);
                    place = place.saturating_add(1);
                });
            });
            table.each_key(|_| place = place.saturating_add(1));
        }
        let Collected { mut slots, mut aggregates, room, .. } = collected;
        for (expr, ty) in self.exprs.iter().zip(&self.names.types) {
            if let Expr::Aggregate(at) = expr {
                aggregates.iter_mut().skip(*at as usize).take(1).for_each(|known| known.ty = Some(ty.clone()));
            }
        }
        slots.iter_mut().chain(&mut aggregates).for_each(Vocabulary::sort);
        self.ask(&mut slots);
        (slots, aggregates, room > 0)
    }

    /// The facts and the aggregates on which a value hangs, lets opened; `None` where there is no room left for all.
    fn things_of(&self, value: ExprId, room: &mut usize) -> Option<Things> {
        let (mut slots, mut aggregates, mut lets) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut waiting = vec![Root::Value(value)];
        while let Some(root) = waiting.pop() {
            *room = room.checked_sub(1)?;
            if let Root::Value(value) = root
                && let Expr::Aggregate(at) = self.expr(value)
            {
                aggregates.insert(*at);
            }
            self.each_part(root, &mut |part| match part {
                Part::Fact(slot) => slots.extend([slot]),
                Part::Let(at) => waiting.extend(self.lets.get(at as usize).filter(|_| lets.insert(at))),
                Part::Inner(root) => waiting.push(root),
                Part::Records(_) => {}
            });
        }
        Some(Rc::new([slots, aggregates].map(|all| all.into_iter().collect())))
    }

    /// A set that is asked for the text of a fact is asked for what that may be.
    fn ask(&self, slots: &mut [Vocabulary]) {
        let texts = |part: &ExprId| match self.expr(*part) {
            Expr::Fact(slot) => slots.get(*slot as usize).map(|words| [&words.texts[..], &[words.other()]].concat()),
            _ => None,
        };
        let text = |part: &&ExprId| self.names.types.get(part.at()) == Some(&Type::Text);
        let asked = |words: &Vocabulary| {
            words.asked.iter().filter(text).filter_map(texts).flatten().map(Constant::Text).collect()
        };
        let asked: Vec<Vec<Constant>> = slots.iter().map(asked).collect();
        for (words, asked) in slots.iter_mut().zip(asked) {
            words.beyond = !words.asked.is_empty();
            words.members.extend(asked);
            words.members.sort();
            words.members.dedup();
        }
    }

    /// Whether a text is turned into lower case on the way to a value: then more texts are alike than are named.
    fn lowers(&self, value: ExprId) -> bool {
        let mut waiting = vec![Root::Value(value)];
        let mut lowers = false;
        for _ in 0..STEPS {
            let Some(root) = waiting.pop() else { return lowers };
            if let Root::Value(value) = root {
                lowers |= matches!(self.expr(value), Expr::Unary(crate::builtins::Op::Lower, _));
            }
            self.each_part(root, &mut |part| match part {
                Part::Let(at) => waiting.extend(self.lets.get(at as usize)),
                Part::Inner(root @ Root::Value(_)) => waiting.push(root),
                _ => {}
            });
        }
        // What is too large to be looked through may.
        true
    }

    fn constant_of(&self, value: ExprId) -> Option<&Constant> {
        match self.expr(value) {
            Expr::Constant(constant) => Some(constant),
            _ => None,
        }
    }

    /// What a question about a text or a set tells apart.
    fn words_of(&self, test: &Test, value: ExprId, add: &mut Add<'_>) {
        let lower = self.lowers(value);
        match test {
            Test::SetContains(_, wanted) => add(value, &|known| known.members.extend(wanted.iter().cloned())),
            Test::Has(part) => {
                let constant = self.constant_of(*part);
                add(value, &|known| {
                    known.parts = true;
                    match constant {
                        Some(constant) => {
                            known.constant(constant);
                            known.members.push(constant.clone());
                        }
                        None => known.asked.push(*part),
                    }
                });
                add(*part, &|known| known.parts = true);
            }
            Test::StartsWith(prefix) => add(value, &|known| {
                known.parts = true;
                known.texts.push(Arc::clone(prefix));
            }),
            Test::Matches(_) => add(value, &|known| known.parts = true),
            Test::Compare(_, Operand::Constant(Constant::Text(_))) | Test::In(_) if lower => {
                add(value, &|known| known.parts = true);
            }
            _ => {}
        }
    }
}
