//! The facts of one customer: asked for, checked, and computed where the host does not give them.

use super::aggregate::Folds;
use super::history::{Cell, History, Noticed, Whose, of_value, read_histories};
use super::machine::{Bound, Known, Machine, Val};
use super::{At, Parent, TierId};
use crate::diagnostics::{Hint, Note, Refusal};
use crate::facts::{Converted, CustomerError, Facts, FieldRef, convert};
use crate::plan::{ElementField, ExprId, Plan, Root, Slot};
use crate::value::{Exchange, Fact, Interval, Value};

/// A fact of a slot; a tier that is not on the ladder is missing, and remembered.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(super) value: Val<'a>,
    pub(super) not_on_ladder: bool,
    /// The fact is missing, and the field has a default.
    pub(super) by_default: bool,
    /// It is to be computed.
    absent: bool,
    /// It was computed.
    pub(super) computed: bool,
    /// What a fact can be that is computed and not settled; and whether the decision looks at that too.
    pub(super) open: Option<(Interval, bool)>,
}

impl<'a> Given<'a> {
    /// A fact as it is.
    pub(super) fn of(value: Val<'a>) -> Self {
        Self { value, ..NOTHING }
    }

    /// What a fact is that is not given; one that is required is missing.
    pub(super) fn absent(slot: &'a Slot) -> Self {
        let exchange = Exchange { own: None, rates: None, day: None };
        let given = convert(&slot.field, exchange, Fact::Missing).map_or(NOTHING, converted);
        Self { by_default: matches!(given.value, Val::Known(_)), ..given }
    }

    fn is_absent(&self) -> bool {
        self.absent
    }
}

pub(super) const NOTHING: Given<'static> =
    Given { value: Val::Missing, not_on_ladder: false, by_default: false, absent: false, computed: false, open: None };

/// Checks the facts that the policy does not use.
pub(super) fn check_unused<F: Facts + ?Sized>(plan: &Plan, facts: &F, at: At<'_>) -> Result<(), CustomerError> {
    for (place, field) in plan.unused().iter().enumerate() {
        let fact = facts
            .fact(FieldRef::new(field.name(), field.ty(), plan.slots().len() + place))
            .map_err(|error| CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason()))?;
        convert(field, exchange(plan, at), fact)?;
    }
    Ok(())
}

/// Whether a fact is to be computed from a collection.
pub(super) fn lacks_computed(plan: &Plan, facts: &[Given<'_>]) -> bool {
    !plan.records().is_empty() && facts.iter().any(Given::is_absent)
}

/// What a member of a group has of the fields that are asked for, those among it that are computed; and what was
/// noticed about the records from which they are.
pub(super) fn member_cells(
    plan: &Plan,
    member: &dyn Facts,
    at: At<'_>,
    wanted: &[u32],
    fields: &[ElementField],
) -> Result<(Vec<Cell>, Noticed), CustomerError> {
    let mut facts = vec![NOTHING; plan.slots().len()];
    for slot in wanted {
        let given = given(plan, member, *slot as usize, at)?;
        facts.iter_mut().skip(*slot as usize).take(1).for_each(|place| *place = given);
    }
    let mut histories: Vec<History> = Vec::new();
    if lacks_computed(plan, &facts) {
        histories.resize_with(plan.records().len(), History::default);
        read_histories(plan, member, at, Whose::Member, &mut histories)?;
    }
    compute(plan, at, &mut facts, &histories)?;
    let value = |field: &ElementField| field.slot.and_then(|slot| facts.get(slot as usize)).map(|given| given.value);
    let cells = fields.iter().map(|field| of_value(value(field).unwrap_or(Val::Missing))).collect();
    Ok((cells, histories.iter().fold(Noticed::default(), |all, history| all.and(history.noticed))))
}

/// Computes the facts that the host does not give.
pub(super) fn compute<'a>(
    plan: &'a Plan,
    at_date: At<'_>,
    facts: &mut [Given<'a>],
    histories: &[History],
) -> Result<(), CustomerError> {
    let as_of = at_date.date();
    let exchange = exchange(plan, at_date);
    for (at, slot) in plan.slots().iter().enumerate() {
        let Some(value) = slot.computed.filter(|_| facts.get(at).is_some_and(Given::is_absent)) else { continue };
        let folds = Folds::of(plan, histories);
        let decided = Machine::new(plan, Known { as_of, facts, histories }, &folds, &[], false);
        let folds = Folds::of(plan, histories);
        let open = Machine { possible: true, folds: &folds, ..decided };
        // What cannot be finer than the policy wants is no mistake of the data.
        let field = crate::schema::Field { scale: None, ..slot.field.clone() };
        let checked = |fact| match convert(&field, exchange, fact) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.hint(computed_from(plan, value))),
        };
        let (known, open) = match (decided.value(value), open.value(value)) {
            (Val::Known(Value::Number(number)), _) => {
                checked(Fact::Number(number))?;
                (Val::Known(Value::Number(number)), None)
            }
            (Val::Known(Value::Date(date)), _) => {
                checked(Fact::Date(date))?;
                (Val::Known(Value::Date(date)), None)
            }
            (Val::Undefined, Val::Undefined) => (Val::Undefined, None),
            _ => {
                let counted = matches!(decided.open_bound(value), Some(Bound::Open(_)));
                let supplied = histories.iter().any(|history| history.supplied);
                (Val::Missing, open.interval(value).filter(|_| supplied).map(|open| (open, counted)))
            }
        };
        let converted = match known {
            Val::Missing => {
                let given = converted(convert(&slot.field, exchange, Fact::Missing)?);
                let by_default = matches!(given.value, Val::Known(_));
                Given { by_default, open: open.filter(|_| !by_default), ..given }
            }
            value => Given { value, ..NOTHING },
        };
        let converted = Given { computed: true, ..converted };
        facts.iter_mut().skip(at).take(1).for_each(|given| *given = converted);
    }
    Ok(())
}

/// What a fact is computed from that the host does not give.
fn computed_from(plan: &Plan, value: ExprId) -> Note {
    let (facts, _) = plan.names_of(Root::Value(value));
    let names: Vec<String> = facts.iter().map(|fact| plan.missing_name(*fact).to_owned()).collect();
    Note::new(Hint::ComputedFrom).with("list", names)
}

/// Money in another currency is converted as of the date.
fn exchange<'r>(plan: &Plan, at: At<'r>) -> Exchange<'r> {
    Exchange { own: plan.currency(), rates: at.rates, day: Some(at.date()) }
}

pub(super) fn given<'p, F: Facts + ?Sized>(
    plan: &'p Plan,
    facts: &'p F,
    at: usize,
    at_date: At<'_>,
) -> Result<Given<'p>, CustomerError> {
    let Some(slot) = plan.slots().get(at) else {
        return Ok(NOTHING);
    };
    let field = &slot.field;
    let fact = facts
        .fact(FieldRef::new(field.name(), field.ty(), at))
        .map_err(|error| CustomerError::new(Refusal::Unreadable, field.name()).with("reason", error.reason()))?;
    if let Some(place) = at_date.place.filter(|_| slot.is_parent_tier() || slot.is_parent()) {
        return parent(plan, slot, place.parent, fact, at_date);
    }
    let missing = matches!(fact, Fact::Missing);
    if missing && slot.computed.is_some() {
        return Ok(Given { absent: true, ..NOTHING });
    }
    let given = converted(convert(field, exchange(plan, at_date), fact)?);
    Ok(Given { by_default: missing && matches!(given.value, Val::Known(_)), ..given })
}

/// The id of the parent, or its tier: what the portfolio knows, else what the host gives. Where there is no parent, there
/// is nothing that could become known.
fn parent<'p>(
    plan: &'p Plan,
    slot: &'p Slot,
    parent: Parent,
    fact: Fact<'p>,
    at_date: At<'_>,
) -> Result<Given<'p>, CustomerError> {
    let known = |fact| convert(&slot.field, exchange(plan, at_date), fact).map(converted);
    let given = known(fact)?;
    if slot.is_parent() {
        let nobody = parent == Parent::Nobody && matches!(given.value, Val::Missing);
        return Ok(if nobody { Given { value: Val::Undefined, ..NOTHING } } else { given });
    }
    let name = |tier: TierId| plan.names().tiers.get(tier.index()).map_or(Fact::Missing, |name| Fact::Text(name));
    match parent {
        Parent::Tier(Some(tier)) => known(name(tier)),
        Parent::Tier(None) => Ok(Given { value: Val::Undefined, ..NOTHING }),
        Parent::Nobody if matches!(given.value, Val::Missing) && !given.not_on_ladder => {
            Ok(Given { value: Val::Undefined, ..NOTHING })
        }
        Parent::Nobody | Parent::Outside => Ok(given),
        Parent::Unknown => known(Fact::Missing),
    }
}

fn converted(converted: Converted<'_>) -> Given<'_> {
    match converted {
        Converted::Known(value) => Given { value: Val::Known(value), ..NOTHING },
        Converted::Missing => NOTHING,
        Converted::Undefined => Given { value: Val::Undefined, ..NOTHING },
        Converted::NotOnLadder => Given { not_on_ladder: true, ..NOTHING },
    }
}
