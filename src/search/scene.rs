//! What a search looks at: a plan, a customer, and what is open about it.

use std::cell::{Cell, RefCell};

use rust_decimal::Decimal;

use super::everybody::quotient;
use super::kleene::Kleene;
use super::linear::Forms;
use super::region::{Bits, Kind, Place, Region, Room, Variable, What, number_of, units};
use super::values::{Others, members, texts};
use crate::eval::{Folded, Machine, Val};
use crate::plan::{Expr, ExprId, NodeId, Part, Plan, Root, Truth, Vocabulary};
use crate::schema::{Field, Type};
use crate::value::{Constant, Interval, days_of_the_calendar};

/// The units that an open number has at the most, either way: sums of them are exact.
pub(super) const REACH: i128 = 10_i128.pow(27);

/// The decimal places of a number that has no grid of its own.
pub(crate) const PLACES: u32 = 6;

/// The finest grid that is searched.
const FINEST: u32 = 12;

/// So many parts of a value or a condition are looked at for the facts on which it hangs.
pub(super) const PARTS: usize = 4_096;

/// So many members and texts of a fact are told apart.
pub(super) const OPTIONS: usize = 1_024;

/// So many values of the customer are tried for another one.
pub(super) const OTHERS: usize = 64;

/// Everything that is open about a customer.
#[derive(Debug, Default)]
pub(super) struct Space {
    pub(super) variables: Vec<Variable>,
    /// What each can be to begin with.
    pub(super) start: Vec<Place>,
    pub(super) forms: RefCell<Forms>,
    /// How many values and conditions were looked at since the last step.
    pub(super) work: Cell<u32>,
    /// The day near which dates are chosen, by its number.
    pub(super) today: i128,
}

/// Where a fact or an aggregate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Fixed,
    Variable(usize),
    /// A variable; where that is missing, what the customer has.
    Defaulted(usize),
    /// Computed from others that are variables.
    Computed(ExprId),
}

/// A plan with one customer, some of whose facts are variables.
#[derive(Clone)]
pub(super) struct Scene<'m, 'a> {
    pub(super) plan: &'a Plan,
    pub(super) machine: &'m Machine<'m, 'a>,
    slots: Vec<Source>,
    aggregates: Vec<Source>,
    hangs: Hangs,
    /// What one decision costs beyond the rules: long texts and histories are read again.
    pub(super) weight: u32,
    /// The lets that are looked at and that hang on a variable, in order.
    pub(super) lets: Vec<u32>,
    /// Variables of which only the ends may be known, so that they decide some questions and are missing for others.
    loose: Vec<usize>,
}

/// Which parts of a plan hang on a variable; found out where it is asked for.
#[derive(Clone, Default)]
struct Hangs {
    values: Vec<Cell<Option<bool>>>,
    nodes: Vec<Cell<Option<bool>>>,
    lets: Vec<Cell<Option<bool>>>,
    /// What conditions are that hang on none, by node: they may look at long texts, and once is enough.
    fixed: Vec<Cell<Option<Kleene>>>,
}

impl<'m, 'a> Scene<'m, 'a> {
    /// Where rules, caps and floors are looked at.
    pub(super) fn new(machine: &'m Machine<'m, 'a>, slots: Vec<Source>, aggregates: Vec<Source>) -> Self {
        Self::of(machine, slots, aggregates, |at| machine.plan.decides(at))
    }

    /// Where everything is looked at that the policy names.
    pub(super) fn whole(machine: &'m Machine<'m, 'a>, slots: Vec<Source>, aggregates: Vec<Source>) -> Self {
        Self::of(machine, slots, aggregates, |_| true)
    }

    fn of(
        machine: &'m Machine<'m, 'a>,
        slots: Vec<Source>,
        aggregates: Vec<Source>,
        wanted: impl Fn(usize) -> bool,
    ) -> Self {
        let plan = machine.plan;
        let (values, nodes) = plan.sizes();
        let hangs = Hangs {
            values: vec![Cell::new(None); values],
            nodes: vec![Cell::new(None); nodes],
            lets: vec![Cell::new(None); plan.lets().len()],
            fixed: vec![Cell::new(None); nodes],
        };
        let weight = machine.weight();
        let mut scene = Self { plan, machine, slots, aggregates, hangs, weight, lets: Vec::new(), loose: Vec::new() };
        // A let uses earlier lets only, so that no chain of them is followed far.
        for at in (0..).take(plan.lets().len()).filter(|at| wanted(*at as usize)) {
            if scene.hangs_let(at) {
                scene.lets.push(at);
            }
        }
        scene
    }

    /// The same where one thing is another variable.
    pub(super) fn with(&self, what: What, variable: usize, other: usize) -> Self {
        let mut scene = self.clone();
        let (sources, at) = match what {
            What::Slot(slot) => (&mut scene.slots, slot),
            What::Aggregate(at) => (&mut scene.aggregates, at),
        };
        let own = sources.iter_mut().skip(at as usize).take(1).filter(|own| **own == Source::Variable(variable));
        own.for_each(|own| *own = Source::Variable(other));
        scene
    }

    /// The same where of some variables only the ends may be known.
    pub(super) fn with_loose(&self, loose: Vec<usize>) -> Self {
        Self { loose, ..self.clone() }
    }

    pub(super) fn is_loose(&self, variable: usize) -> bool {
        self.loose.contains(&variable)
    }

    pub(super) fn slot(&self, slot: u32) -> Source {
        self.slots.get(slot as usize).copied().unwrap_or(Source::Fixed)
    }

    pub(super) fn aggregate(&self, at: u32) -> Source {
        self.aggregates.get(at as usize).copied().unwrap_or(Source::Fixed)
    }

    /// Whether a value hangs on a variable.
    pub(super) fn hangs(&self, id: ExprId) -> bool {
        let known = self.hangs.values.get(id.at());
        if let Some(hangs) = known.and_then(Cell::get) {
            return hangs;
        }
        let hangs = match self.plan.expr(id) {
            Expr::Fact(slot) => self.fact_hangs(*slot),
            Expr::Aggregate(at) => self.aggregate_hangs(*at, id),
            _ => self.any_part(Root::Value(id)),
        };
        known.into_iter().for_each(|known| known.set(Some(hangs)));
        hangs
    }

    fn fact_hangs(&self, slot: u32) -> bool {
        match self.slot(slot) {
            Source::Fixed => false,
            Source::Variable(_) | Source::Defaulted(_) => true,
            Source::Computed(value) => self.hangs(value),
        }
    }

    fn fact_varies(&self, slot: u32) -> bool {
        matches!(self.slot(slot), Source::Variable(_) | Source::Defaulted(_))
    }

    /// The facts that are computed from variables.
    pub(super) fn computed(&self) -> impl Iterator<Item = (u32, ExprId)> {
        (0..).zip(&self.slots).filter_map(|(slot, source)| match source {
            Source::Computed(value) => Some((slot, *value)),
            _ => None,
        })
    }

    /// The elements of an aggregate may be compared with facts of the customer; where these are missing and it is settled
    /// all the same, they do not matter.
    fn aggregate_hangs(&self, at: u32, id: ExprId) -> bool {
        let (facts, all) = self.plan.facts_of(Root::Value(id), PARTS);
        let settled = is_settled(self.machine.aggregate(at));
        let matters = |slot: &u32| !(settled && matches!(self.machine.fact(*slot), Val::Missing));
        let mut variable = facts.iter().filter(|slot| self.fact_varies(**slot));
        self.aggregate(at) != Source::Fixed || variable.any(matters) || !all
    }

    /// Whether a condition hangs on a variable.
    pub(super) fn node_hangs(&self, id: NodeId) -> bool {
        let known = self.hangs.nodes.get(id.at());
        if let Some(hangs) = known.and_then(Cell::get) {
            return hangs;
        }
        let hangs = self.any_part(Root::Condition(id));
        known.into_iter().for_each(|known| known.set(Some(hangs)));
        hangs
    }

    /// What a condition is that hangs on no variable.
    pub(super) fn fixed(&self, id: NodeId) -> Kleene {
        let known = self.hangs.fixed.get(id.at());
        if let Some(truth) = known.and_then(Cell::get) {
            return truth;
        }
        let truth = match self.machine.truth(id) {
            Truth::TRUE => Kleene::TRUE,
            Truth::FALSE => Kleene::FALSE,
            Truth::UNKNOWN => Kleene::UNDEFINED,
            _ => Kleene::MISSING,
        };
        known.into_iter().for_each(|known| known.set(Some(truth)));
        truth
    }

    pub(super) fn hangs_let(&self, at: u32) -> bool {
        let known = self.hangs.lets.get(at as usize);
        if let Some(hangs) = known.and_then(Cell::get) {
            return hangs;
        }
        let hangs = self.plan.lets().get(at as usize).is_some_and(|root| match root {
            Root::Value(value) => self.hangs(*value),
            Root::Condition(node) => self.node_hangs(*node),
            root => self.any_part(*root),
        });
        known.into_iter().for_each(|known| known.set(Some(hangs)));
        hangs
    }

    fn any_part(&self, root: Root) -> bool {
        let mut any = false;
        self.plan.each_part(root, &mut |part| {
            any = any
                || match part {
                    Part::Fact(slot) => self.fact_hangs(slot),
                    Part::Let(at) => self.hangs_let(at),
                    Part::Inner(Root::Value(value)) => self.hangs(value),
                    Part::Inner(Root::Condition(node)) => self.node_hangs(node),
                    Part::Inner(root) => self.any_part(root),
                    Part::Records(_) => false,
                };
        });
        any
    }
}

/// Opens everything that is missing; `None` where something of it is finer or larger than what is searched.
pub(super) fn completions<'m, 'a>(
    decided: &'m Machine<'m, 'a>,
    open: &Machine<'_, '_>,
) -> Option<(Space, Scene<'m, 'a>, Region)> {
    let plan = Some(decided.plan).filter(|plan| plan.tells_all_apart())?;
    let (mut space, mut places) = (Space::default(), Vec::new());
    let mut add = |what: What, found: Option<(Kind, Place)>| {
        let (kind, place) = found?;
        space.variables.push(Variable::of(what, kind));
        places.push(place);
        Some(Source::Variable(space.variables.len() - 1))
    };
    let others = |ty: &Type| decided.known_values(ty, OTHERS, true);
    let mut slots = Vec::with_capacity(plan.slots().len());
    for (at, slot) in (0..).zip(plan.slots()) {
        let open = matches!(decided.fact(at), Val::Missing) && !slot.derived;
        slots.push(match (open, plan.vocabulary(at)) {
            (true, Some(words)) => {
                let ends = decided.computed_ends(at);
                let field = ends.and_then(|_| quotient(plan, at, words));
                let field = field.as_ref().unwrap_or(&slot.field);
                add(What::Slot(at), of_field(field, words, ends, plan, &others))?
            }
            _ => Source::Fixed,
        });
    }
    let mut aggregates = Vec::with_capacity(plan.aggregates().len());
    for at in (0..).take(plan.aggregates().len()) {
        aggregates.push(match (of_aggregate(decided, open, at), plan.vocabulary_of_aggregate(at)) {
            (Some(found), Some(words)) => add(What::Aggregate(at), found.kind(words, plan.largest_number()))?,
            _ => Source::Fixed,
        });
    }
    space.start.clone_from(&places);
    let region = Region { places, forms: Vec::new() };
    Some((space, Scene::new(decided, slots, aggregates), region))
}

/// The first and the last day that there can be, as numbers.
fn days() -> (i128, i128) {
    let (first, last) = days_of_the_calendar();
    (number_of(first), number_of(last))
}

/// What a fact can be.
pub(super) fn of_field(
    field: &Field,
    words: &Vocabulary,
    ends: Option<Interval>,
    plan: &Plan,
    others: Others<'_>,
) -> Option<(Kind, Place)> {
    let number = |end: &Option<Constant>| match end {
        Some(Constant::Number(number)) => Some(*number),
        _ => None,
    };
    let known = match field.ty() {
        Type::Number | Type::Integer | Type::Money => {
            let own = places_of(field.ty(), field.scale, words, plan);
            let ends = ends.unwrap_or(Interval::ANY);
            let low = [number(&field.range.low), ends.low].into_iter().flatten().max();
            let high = [number(&field.range.high), ends.high].into_iter().flatten().min();
            let (kind, mut place) = numbers(own, plan.largest_number(), low, high)?;
            place.undefined = ends.undefined;
            return Some((kind, place));
        }
        Type::Boolean => (Kind::Boolean, Room::Options(Bits::all(2))),
        Type::OneOf(names) => {
            let count = names.names().len();
            if count > OPTIONS {
                return None;
            }
            (Kind::Members, Room::Options(Bits::all(count)))
        }
        Type::Date => {
            let day = |end: &Option<Constant>, open: i128| match end {
                Some(Constant::Date(date)) => number_of(*date),
                _ => open,
            };
            let (first, last) = days();
            (Kind::Days, Room::Span(day(&field.range.low, first), day(&field.range.high, last)))
        }
        Type::Text if words.texts.len() > OPTIONS => return None,
        Type::Text => texts(words, others),
        Type::SetOf(_) if words.members.len() > OPTIONS => return None,
        Type::SetOf(element) => members(words, element, others),
        Type::Duration => return None,
    };
    Some((known.0, Place::of(known.1)))
}

/// The places of the grid on which numbers of a type lie.
pub(super) fn places_of(ty: &Type, scale: Option<u32>, words: &Vocabulary, plan: &Plan) -> u32 {
    match (ty, scale) {
        (Type::Integer, _) => 0,
        (_, Some(places)) => places,
        (Type::Money, None) => plan.currency().map_or(2, |own| own.minor_places()).max(words.places),
        _ => PLACES.max(words.places),
    }
}

/// Numbers on a grid, between two ends.
pub(super) fn numbers(
    places: u32,
    largest: Decimal,
    low: Option<Decimal>,
    high: Option<Decimal>,
) -> Option<(Kind, Place)> {
    if places > FINEST {
        return None;
    }
    units(largest, places).filter(|(units, _)| units.abs() < REACH / 1_000)?;
    let end = |end: Option<Decimal>, up: bool, open: i128| match end.map(|end| (end, units(end, places))) {
        None => Some(open),
        Some((end, units)) if up => units.map(|(units, exact)| units + i128::from(!exact && !end.is_zero())),
        Some((_, units)) => units.map(|(units, _)| units),
    };
    let (low, high) = (end(low, true, -REACH)?, end(high, false, REACH)?);
    let room = Room::Span(low.max(-REACH), high.min(REACH));
    Some((Kind::Numbers(places), Place::of(room)))
}

/// What is known of an aggregate that is open.
enum Open {
    Between(Interval, u32),
    Days { undefined: bool },
    Truth(Truth),
}

impl Open {
    fn anything(plan: &Plan, at: u32, undefined: bool) -> Option<Self> {
        let (ty, aggregate) = (plan.vocabulary_of_aggregate(at)?.ty.as_ref(), plan.aggregate(at)?);
        Some(match ty {
            Some(Type::Date) => Self::Days { undefined },
            _ => Self::Between(Interval { undefined, ..aggregate.interval(ty) }, places_between(Interval::ANY, ty)),
        })
    }

    fn kind(self, words: &Vocabulary, largest: Decimal) -> Option<(Kind, Place)> {
        match self {
            Self::Between(ends, places) => {
                let (kind, mut place) = numbers(places.max(words.places), largest, ends.low, ends.high)?;
                place.undefined = ends.undefined;
                Some((kind, place))
            }
            Self::Days { undefined } => {
                let (first, last) = days();
                Some((Kind::Days, Place { undefined, ..Place::of(Room::Span(first, last)) }))
            }
            Self::Truth(truth) => {
                let mut options = Bits::none(2);
                [Truth::FALSE, Truth::TRUE].into_iter().enumerate().for_each(|(at, each)| {
                    if truth.can_be(each) {
                        options.insert(at);
                    }
                });
                let undefined = truth.can_be(Truth::UNKNOWN);
                Some((Kind::Boolean, Place { undefined, ..Place::of(Room::Options(options)) }))
            }
        }
    }
}

/// What an aggregate can be of which too little is known; `None` where it is settled, or looks at elements of a period.
fn of_aggregate(decided: &Machine<'_, '_>, open: &Machine<'_, '_>, at: u32) -> Option<Open> {
    let plan = decided.plan;
    let aggregate = plan.aggregate(at)?;
    let ty = plan.vocabulary_of_aggregate(at)?.ty.clone();
    let undefined = aggregate.interval(None).undefined && !decided.has_elements(at);
    let nothing = Interval { low: Some(Decimal::ONE), high: Some(Decimal::ZERO), undefined: true, places: 0 };
    Some(match (decided.aggregate(at), open.aggregate(at)) {
        (Folded::Number(a), Folded::Number(b)) if a == b => return None,
        (Folded::Date(a), Folded::Date(b)) if a == b => return None,
        (Folded::Truth(a), Folded::Truth(b)) if a == b && a.is_settled() => return None,
        (Folded::Lost(_), Folded::Lost(_)) | (Folded::Undefined, Folded::Undefined) => return None,
        (_, Folded::Number(number)) => Open::Between(Interval::point(number), 0),
        (_, Folded::Open(ends)) => Open::Between(ends, places_between(ends, ty.as_ref())),
        (_, Folded::Loose(ends)) => Open::Between(Interval { undefined: true, ..ends }, 0),
        (_, Folded::Truth(truth)) => Open::Truth(truth),
        (_, Folded::Undefined | Folded::Lost(_)) => Open::Between(nothing, 0),
        (_, Folded::Date(_)) => Open::Days { undefined },
        (_, Folded::Missing) => Open::anything(plan, at, undefined)?,
    })
}

/// What an aggregate can be over a collection of which nothing is known.
pub(super) fn of_any_aggregate(plan: &Plan, at: u32, words: &Vocabulary, largest: Decimal) -> Option<(Kind, Place)> {
    let undefined = plan.aggregate(at)?.interval(None).undefined;
    let open = match plan.vocabulary_of_aggregate(at)?.ty {
        Some(Type::Boolean) => Open::Truth(Truth::OPEN),
        _ => Open::anything(plan, at, undefined)?,
    };
    open.kind(words, largest)
}

fn is_settled(folded: Folded) -> bool {
    match folded {
        Folded::Number(_) | Folded::Date(_) | Folded::Lost(_) | Folded::Undefined => true,
        Folded::Truth(truth) => truth.is_settled(),
        Folded::Open(_) | Folded::Loose(_) | Folded::Missing => false,
    }
}

fn places_between(ends: Interval, ty: Option<&Type>) -> u32 {
    if ty == Some(&Type::Integer) { 0 } else { ends.places.min(PLACES) }
}
