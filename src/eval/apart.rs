//! A customer before a plan with everything on the heap, for those who look at two of them at a time.

use super::At;
use super::aggregate::Folds;
use super::given::{compute, given, lacks_computed};
use super::history::{History, Whose, read_histories};
use super::machine::{Known, Machine, UNBOUND};
use crate::facts::{CustomerError, Facts};
use crate::plan::Plan;

/// Validates the facts and runs `work` on the machine, for the decision alone.
pub(super) fn with_machine<F: Facts + ?Sized, R>(
    plan: &Plan,
    facts: &F,
    at: At<'_>,
    work: impl FnOnce(&Machine<'_, '_>) -> R,
) -> Result<R, CustomerError> {
    let mut all = Vec::with_capacity(plan.slots().len());
    for slot in 0..plan.slots().len() {
        all.push(given(plan, facts, slot, at)?);
    }
    let mut histories: Vec<History> = plan.records().iter().map(|_| History::default()).collect();
    let computes = lacks_computed(plan, &all);
    read_histories(plan, facts, at, Whose::Customer { computes }, &mut histories)?;
    compute(plan, at, &mut all, &histories)?;
    let known = Known { as_of: at.date(), facts: &all, histories: &histories };
    let folds = Folds::of(plan, &histories);
    let mut lets = vec![UNBOUND; plan.lets().len()];
    for (place, root) in plan.lets().iter().enumerate().filter(|(place, _)| plan.decides(*place)) {
        let bound = Machine::new(plan, known, &folds, lets.get(..place).unwrap_or_default(), false).root(root, &mut ());
        lets.iter_mut().skip(place).take(1).for_each(|own| *own = bound);
    }
    Ok(work(&Machine::new(plan, known, &folds, &lets, false)))
}
