//! The rules that are worth asking: all of them, or those that the plan's bit rows leave.

use super::machine::{Machine, Val, with_scratch};
use crate::plan::Plan;
use crate::value::{LEAST, MISSING, ODD, UNDEFINED};

/// Rules that may hold of a customer.
#[derive(Clone, Copy)]
pub(super) struct Rules<'m> {
    plan: &'m Plan,
    /// By slot, where bit rows tell the rules apart.
    ordinals: Option<&'m [i64]>,
    open: bool,
}

impl Rules<'_> {
    /// The rules as they are written, or in the order in which bit rows ask them.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> {
        let all = if self.ordinals.is_some() { 0 } else { self.plan.rules().len() };
        let few = self.ordinals.map(|ordinals| self.plan.strategy().candidates(ordinals, self.open));
        (0..all).chain(few.into_iter().flatten())
    }
}

/// Runs `work` on the rules that may hold.
pub(super) fn with_rules<R>(machine: &Machine<'_, '_>, work: impl FnOnce(Rules<'_>) -> R) -> R {
    let plan = machine.plan;
    let count = if plan.strategy().has_rows() { plan.strategy().ordinals() } else { 0 };
    with_scratch(
        count,
        || LEAST,
        |ordinals| {
            let told = count > 0 && take(machine, ordinals);
            let ordinals = if told { ordinals.get(..count) } else { None };
            work(Rules { plan, ordinals, open: machine.possible })
        },
    )
}

/// The ordinals of the facts; whether all have some.
fn take(machine: &Machine<'_, '_>, ordinals: &mut [i64]) -> bool {
    let encodings = machine.plan.strategy().encodings();
    for ((encoding, given), place) in encodings.iter().zip(machine.facts).zip(ordinals.iter_mut()) {
        *place = match (given.value, encoding) {
            // What is computed and not settled may decide all the same.
            _ if given.open.is_some() => ODD,
            (_, None) => LEAST,
            (Val::Missing, _) => MISSING,
            (Val::Undefined, _) => UNDEFINED,
            (Val::Known(value), Some(encoding)) => encoding.value(&value),
        };
        if *place == ODD {
            return false;
        }
    }
    machine.plan.strategy().derive(machine.plan, machine.as_of, ordinals);
    true
}
