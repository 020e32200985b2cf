//! Sums of variables with exact coefficients, and what a comparison of such a sum leaves of its variables.

use std::collections::HashMap;
use std::rc::Rc;

use super::kleene::Kleene;
use super::ratio::{Ratio, common};
use super::region::{Region, Room};
use crate::builtins::Compare;

/// A sum of variables, each counted in units, with coefficients, and a constant.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    /// By variable, in order; none has the coefficient 0.
    terms: Vec<(usize, Ratio)>,
    constant: Ratio,
}

/// A sum of variables with whole coefficients that have no common factor, the first above 0.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub(super) terms: Vec<(usize, i128)>,
}

/// All forms that were met.
#[derive(Debug, Default)]
pub(super) struct Forms {
    forms: Vec<Rc<Form>>,
    numbers: HashMap<Rc<Form>, usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Variable(usize),
    Form(usize),
}

/// A comparison holds where its target lies between two whole numbers, both included; or outside of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) target: Target,
    pub(super) low: i128,
    pub(super) high: i128,
    pub(super) outside: bool,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Compared {
    Always(bool),
    Where(Bound),
}

/// Ends that no bound reaches.
const LEAST: i128 = i128::MIN / 4;
const MOST: i128 = i128::MAX / 4;

impl Linear {
    pub(super) fn constant(constant: Ratio) -> Self {
        Self { terms: Vec::new(), constant }
    }

    pub(super) fn variable(variable: usize, unit: Ratio) -> Self {
        Self { terms: vec![(variable, unit)], constant: Ratio::ZERO }
    }

    /// The constant, where there is nothing else.
    pub(super) fn single(&self) -> Option<Ratio> {
        self.terms.is_empty().then_some(self.constant)
    }

    pub(super) fn add(&self, other: &Self) -> Option<Self> {
        let mut terms = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.iter().peekable(), other.terms.iter().peekable());
        loop {
            let (term, both) = match (left.peek(), right.peek()) {
                (None, None) => break,
                (Some(a), Some(b)) if a.0 == b.0 => ((a.0, a.1.add(b.1)?), 3),
                (Some(a), Some(b)) if a.0 < b.0 => (**a, 1),
                (Some(a), None) => (**a, 1),
                (_, Some(b)) => (**b, 2),
            };
            if both & 1 != 0 {
                left.next();
            }
            if both & 2 != 0 {
                right.next();
            }
            if !term.1.is_zero() {
                terms.push(term);
            }
        }
        Some(Self { terms, constant: self.constant.add(other.constant)? })
    }

    pub(super) fn scale(&self, factor: Ratio) -> Option<Self> {
        if factor.is_zero() {
            return Some(Self::constant(Ratio::ZERO));
        }
        let terms: Option<Vec<_>> =
            self.terms.iter().map(|(variable, own)| Some((*variable, own.multiply(factor)?))).collect();
        Some(Self { terms: terms?, constant: self.constant.multiply(factor)? })
    }

    pub(super) fn subtract(&self, other: &Self) -> Option<Self> {
        self.add(&other.scale(Ratio::whole(-1))?)
    }

    /// Where the sum compares with 0.
    pub(super) fn compared(&self, op: Compare, forms: &mut Forms) -> Option<Compared> {
        let Some((_, first)) = self.terms.first() else {
            return Some(Compared::Always(op.accepts(self.constant.compare(Ratio::ZERO)?)));
        };
        let under = self
            .terms
            .iter()
            .try_fold(1_i128, |under, (_, own)| (under / common(under, own.under())).checked_mul(own.under()))?;
        let whole = |own: &Ratio| own.multiply(Ratio::whole(under)).map(Ratio::floor);
        let mut terms = Vec::with_capacity(self.terms.len());
        for (variable, own) in &self.terms {
            terms.push((*variable, whole(own)?));
        }
        let shared = terms.iter().fold(0, |shared, (_, own)| common(shared, *own));
        let sign = if first.is_negative() { -1 } else { 1 };
        terms.iter_mut().for_each(|(_, own)| *own = *own / shared * sign);
        let op = if sign < 0 { op.mirrored() } else { op };
        // form * shared * sign / under + constant op 0
        let bound = self.constant.negate().multiply(Ratio::new(under, shared.checked_mul(sign)?)?)?;
        let (low, high, outside) = match op {
            Compare::Less => (LEAST, bound.ceil() - 1, false),
            Compare::LessOrEqual => (LEAST, bound.floor(), false),
            Compare::Greater => (bound.floor() + 1, MOST, false),
            Compare::GreaterOrEqual => (bound.ceil(), MOST, false),
            Compare::Equal | Compare::NotEqual if !bound.is_whole() => {
                return Some(Compared::Always(op == Compare::NotEqual));
            }
            Compare::Equal => (bound.floor(), bound.floor(), false),
            Compare::NotEqual => (bound.floor(), bound.floor(), true),
        };
        let target = match &*terms {
            [(variable, _)] => Target::Variable(*variable),
            _ => Target::Form(forms.number(Form { terms })),
        };
        Some(Compared::Where(Bound { target, low, high, outside }))
    }
}

impl Forms {
    pub(super) fn number(&mut self, form: Form) -> usize {
        if let Some(number) = self.numbers.get(&form) {
            return *number;
        }
        let (form, number) = (Rc::new(form), self.forms.len());
        self.forms.push(Rc::clone(&form));
        self.numbers.insert(form, number);
        number
    }

    pub(super) fn get(&self, number: usize) -> Option<Rc<Form>> {
        self.forms.get(number).cloned()
    }
}

impl Form {
    /// Between which numbers its variables let it lie.
    pub(super) fn range(&self, region: &Region) -> Option<(i128, i128)> {
        self.terms.iter().try_fold((0_i128, 0_i128), |(low, high), (variable, own)| {
            let (from, to) = region.span(*variable)?;
            let (a, b) = (own.checked_mul(from)?, own.checked_mul(to)?);
            Some((low.checked_add(a.min(b))?, high.checked_add(a.max(b))?))
        })
    }
}

impl Bound {
    /// Whether it can hold, and not hold, of a target between two numbers.
    fn between(&self, from: i128, to: i128) -> Kleene {
        let inside = self.low <= to && from <= self.high;
        let beside = from < self.low || self.high < to;
        let truth = Kleene::TRUE.when(inside).or_else(Kleene::FALSE.when(beside));
        if self.outside { truth.not() } else { truth }
    }

    /// Whether it can hold, and not hold, in a region.
    pub(super) fn within(&self, region: &Region, forms: &Forms) -> Option<Kleene> {
        let (low, high) = match self.target {
            Target::Variable(variable) => region.span(variable)?,
            Target::Form(number) => {
                let own = forms.get(number)?.range(region);
                let (low, high) = region.bounds(number).unwrap_or((i128::MIN, i128::MAX));
                own.map_or((low, high), |(from, to)| (low.max(from), high.min(to)))
            }
        };
        Some(self.between(low, high))
    }

    /// The parts of a region where it holds, and those where it does not, first.
    pub(super) fn split(&self, region: &Region, forms: &Forms) -> Vec<Region> {
        // What is missing has no sum.
        let known = |form: usize| {
            forms.get(form).is_some_and(|form| form.terms.iter().all(|(variable, _)| region.span(*variable).is_some()))
        };
        if matches!(self.target, Target::Form(form) if !known(form)) {
            return Vec::new();
        }
        let part = |low: i128, high: i128| match self.target {
            Target::Variable(variable) => {
                let (from, to) = region.span(variable)?;
                let room = super::region::Room::Span(from.max(low), to.min(high));
                region.with_room(variable, room)
            }
            Target::Form(form) => region.with_bounds(form, low, high),
        };
        let inside = part(self.low, self.high);
        let below = (self.low > LEAST).then(|| part(LEAST, self.low - 1)).flatten();
        let above = (self.high < MOST).then(|| part(self.high + 1, MOST)).flatten();
        let parts = if self.outside { [above, below, inside] } else { [inside, above, below] };
        parts.into_iter().flatten().collect()
    }
}

/// Narrows what the variables of the bounded forms can be until nothing changes, or often enough; `None` where nothing is
/// left.
pub(super) fn narrowed(region: &Region, forms: &Forms) -> Option<Region> {
    const ROUNDS: usize = 8;
    let mut region = region.clone();
    for _ in 0..ROUNDS {
        let mut changed = false;
        for at in 0..region.forms.len() {
            let Some((number, low, high)) = region.forms.get(at).copied() else { continue };
            let Some(form) = forms.get(number) else { continue };
            changed |= narrow(&mut region, &form, low, high)?;
        }
        if !changed {
            break;
        }
    }
    Some(region)
}

/// The same for one form: each variable by what the others leave it; whether something changed.
fn narrow(region: &mut Region, form: &Form, low: i128, high: i128) -> Option<bool> {
    let Some((least, most)) = form.range(region) else { return Some(false) };
    let mut changed = false;
    if most < low || high < least {
        return None;
    }
    for (variable, own) in &form.terms {
        let (from, to) = region.span(*variable)?;
        let Some((a, b)) = own.checked_mul(from).zip(own.checked_mul(to)) else { continue };
        // What the others give at the least and at the most.
        let (others_least, others_most) = (least - a.min(b), most - a.max(b));
        let Some((lowest, highest)) = low.checked_sub(others_most).zip(high.checked_sub(others_least)) else {
            continue;
        };
        let (lowest, highest) = if *own > 0 { (lowest, highest) } else { (-highest, -lowest) };
        let step = own.abs();
        let (lowest, highest) = (-(-lowest).div_euclid(step), highest.div_euclid(step));
        if lowest > from || highest < to {
            region.narrow(*variable, Room::Span(from.max(lowest), to.min(highest)))?;
            changed = true;
        }
    }
    Some(changed)
}
