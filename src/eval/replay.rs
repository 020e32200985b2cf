//! A customer with other facts: what would be decided, by the same evaluation.

use chrono::NaiveDate;

use super::aggregate::{Folds, Result};
use super::given::Given;
use super::history::History;
use super::machine::{Known, Machine, Pass, Val, with_folds, with_lets};
use super::outcome::RuleId;
use crate::plan::{ExprId, Plan};
use crate::value::Value;

/// What is put in the place of what a customer has.
#[derive(Clone, Default)]
pub(crate) struct Instead<'v> {
    /// Facts, by slot.
    pub(crate) facts: Vec<(u32, Val<'v>)>,
    /// What aggregates come to.
    pub(crate) aggregates: Vec<(u32, Result)>,
    /// Numbers that are computed from these, by slot.
    pub(crate) computed: Vec<(u32, ExprId)>,
}

impl Machine<'_, '_> {
    /// The tier and the rule that decides where some facts are others.
    pub(crate) fn decided_with(&self, instead: &Instead<'_>) -> (Option<u32>, Option<RuleId>) {
        self.replayed(instead, Pass::Deciding, |machine| machine.decided())
    }

    /// Runs `work` on the same customer with other facts, everything worked out that the policy names.
    pub(crate) fn with_instead<R>(&self, instead: &Instead<'_>, work: impl FnOnce(&Machine<'_, '_>) -> R) -> R {
        self.replayed(instead, Pass::Whole, work)
    }

    fn replayed<R>(&self, instead: &Instead<'_>, pass: Pass, work: impl FnOnce(&Machine<'_, '_>) -> R) -> R {
        let mut facts = self.facts.to_vec();
        for (slot, value) in &instead.facts {
            let given = Given::of(*value);
            facts.iter_mut().skip(*slot as usize).take(1).for_each(|fact| *fact = given);
        }
        for (slot, value) in &instead.computed {
            let folds = Folds::given(self.plan, &instead.aggregates);
            let known = Known { as_of: self.as_of, facts: &facts, histories: self.histories };
            let computed = match Machine::new(self.plan, known, &folds, &[], false).value(*value) {
                Val::Known(Value::Number(number)) => Val::Known(Value::Number(number)),
                Val::Undefined => Val::Undefined,
                _ => Val::Missing,
            };
            let given = Given::of(computed);
            facts.iter_mut().skip(*slot as usize).take(1).for_each(|fact| *fact = given);
        }
        let known = Known { as_of: self.as_of, facts: &facts, histories: self.histories };
        let folds = Folds::given(self.plan, &instead.aggregates);
        with_folds(self.plan, known, &folds, pass, &mut (), |machine, ()| work(machine))
    }
}

/// Runs `work` on a customer of whom nothing is given: facts are what their fields say of that.
pub(crate) fn with_nobody<R>(plan: &Plan, as_of: NaiveDate, work: impl FnOnce(&Machine<'_, '_>) -> R) -> R {
    let facts: Vec<Given<'_>> = plan.slots().iter().map(Given::absent).collect();
    let mut histories: Vec<History> = Vec::new();
    histories.resize_with(plan.records().len(), History::default);
    let known = Known { as_of, facts: &facts, histories: &histories };
    with_lets(plan, known, Pass::Whole, &mut (), |machine, ()| work(machine))
}
