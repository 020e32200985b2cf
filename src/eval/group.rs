//! A group of a portfolio: read once for all its members, and so is what it comes to for every one of them alike.

use std::sync::Arc;

use super::At;
use super::history::{Body, Cell, Common, History, Noticed, each_record};
use super::machine::{Known, Pass, with_lets};
use crate::diagnostics::{Arg, Refusal, Term};
use crate::facts::{CustomerError, Facts, Member};
use crate::plan::{Plan, Records, Root, Source};

/// The members of a group, or the mistake in one of them.
pub(crate) struct Group(Result<History, CustomerError>);

impl Group {
    /// Reads the members, each with its id. A mistake in one is a mistake in the group of all.
    pub(crate) fn new<'f, F: Facts + 'f>(
        plan: &Plan,
        at: At<'_>,
        members: impl Iterator<Item = (&'f str, &'f F)>,
    ) -> Option<Self> {
        let place = plan.records().iter().position(|records| records.members.is_some())?;
        let records = plan.records().get(place)?;
        let mut body = Body { width: records.fields.len(), ..Body::default() };
        let mut fields = plan.slots().iter().map(|slot| &slot.field).chain(plan.unused());
        let hidden = fields.any(|field| field.sensitive && ["id", "parent"].contains(&field.name()));
        let mut noticed = Noticed::default();
        for (id, member) in members {
            match body.member(plan, records, member, at) {
                Ok(found) => noticed = noticed.and(found),
                Err(error) => {
                    let member = if hidden { Member::Hidden } else { Member::Id(id.into()) };
                    return Some(Self(Err(error.of_member(member))));
                }
            }
        }
        let open = body.cells.contains(&Cell::Missing);
        let mut histories: Vec<History> = Vec::new();
        histories.resize_with(plan.records().len(), History::default);
        if let Some(history) = histories.get_mut(place) {
            *history = History { supplied: true, own: body, open, noticed, ..History::default() };
        }
        let results = common(plan, at, place, &histories);
        let group = histories.into_iter().nth(place)?;
        let body = &group.own;
        let lacks = |field: usize| body.cells.iter().skip(field).step_by(body.width).any(|cell| *cell == Cell::Missing);
        let lacks = (0..body.width).map(lacks).collect();
        let body = Body { results, lacks, ..group.own };
        Some(Self(Ok(History { shared: Some(Arc::new(body)), own: Body::default(), ..group })))
    }

    /// The group of a customer, who must not bring another one.
    pub(super) fn of<F: Facts + ?Sized>(
        &self,
        records: &Records,
        slot: usize,
        facts: &F,
    ) -> Result<History, CustomerError> {
        if each_record(records, slot, facts, &mut |_| Ok(()))? {
            let reason = Arg::from(Term::GivenTwice);
            return Err(CustomerError::new(Refusal::Unreadable, &records.name).with("reason", reason));
        }
        self.0.clone()
    }
}

/// What aggregates over the group come to that ask for nothing else than its members, and lets of such.
fn common(plan: &Plan, at: At<'_>, group: usize, histories: &[History]) -> Vec<Option<Common>> {
    let known = Known { as_of: at.date(), facts: &[], histories };
    let alike: Vec<bool> = (0..).take(plan.aggregates().len()).map(|at| asks_members_alone(plan, at, group)).collect();
    let each = |pass: Pass| {
        with_lets(plan, known, pass, &mut (), |machine, ()| {
            let result = |(at, alike): (u32, &bool)| alike.then(|| (machine.aggregate(at), machine.has_elements(at)));
            (0..).zip(&alike).map(result).collect::<Vec<_>>()
        })
    };
    let (decided, possible) = (each(Pass::Whole), each(Pass::Possible));
    let mut all = Vec::with_capacity(decided.len());
    for (decided, possible) in decided.into_iter().zip(possible) {
        let both = decided.zip(possible);
        all.push(both.map(|((decided, has_elements), (possible, _))| Common { decided, possible, has_elements }));
    }
    all
}

/// Whether an aggregate over the group gives the same for every member of it.
fn asks_members_alone(plan: &Plan, aggregate: u32, group: usize) -> bool {
    let Some(aggregate) = plan.aggregate(aggregate) else { return false };
    let (Source::Records(records, _), Some(measure)) = (aggregate.source, plan.measure(aggregate.measure)) else {
        return false;
    };
    let first = plan.missing_records(records) as usize;
    let own = first..=first + plan.records().get(group).map_or(0, |records| records.fields.len());
    let roots = measure.argument.map(Root::Value).into_iter().chain(measure.condition.map(Root::Condition));
    let alone = |root| plan.facts_of(root, usize::MAX).0.iter().all(|fact| own.contains(&(*fact as usize)));
    records as usize == group && roots.into_iter().all(alone)
}
