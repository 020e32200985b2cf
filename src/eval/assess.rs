//! Everything that an outcome says: the decision, what is possible, what is missing, what was noticed.

use super::machine::Machine;
use super::outcome::{Adjusted, Parts};
use super::{Observer, decide, findings, missing, possible};
use crate::eval::TierSet;

pub(super) fn assess(machine: &Machine<'_, '_>, observer: &mut impl Observer) -> Parts {
    let decision = decide::decide(machine, observer);
    let only = || {
        let mut only = TierSet::empty(machine.plan.tiers());
        only.insert(decision.tier());
        only
    };
    let (possible, missing) = if machine.any_missing() {
        machine.in_possible_mode(|open| {
            let possible = possible::possible(open);
            let certain = possible.is_only(decision.tier());
            let missing = if certain { Vec::new() } else { missing::missing(machine, open) };
            (possible, missing)
        })
    } else {
        (only(), Vec::new())
    };
    let adjusted = decision.moved.iter().flatten().map(|at| Adjusted::new(*at)).collect();
    Parts {
        tier: decision.tier(),
        rule: decision.rule,
        adjusted,
        possible,
        missing,
        findings: findings::findings(machine),
    }
}
