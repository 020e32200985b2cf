//! Lets taken one value at a time: where a condition hangs on segments alone, no cut through the facts behind them tells more.

use super::kleene::Kleene;
use super::look::{Held, Look};
use super::region::Region;
use super::scene::{Scene, Space};
use super::seen::{Known, Seen};
use crate::plan::Root;

/// So many combinations are looked at, as long as that takes so many values and conditions.
const MOST: usize = 256;
const WORK: usize = 1 << 14;

/// What segments and named conditions are taken for.
pub(super) type World<'l> = Vec<(u32, Held<'l>)>;

/// Whether something is sure to hold in a region because it does however its segments and named conditions come out.
pub(super) fn in_all_worlds<'l, 'm, 'a>(
    space: &'l Space,
    scene: &'l Scene<'m, 'a>,
    region: &'l Region,
    holds: impl Fn(&Look<'_, 'm, 'a>) -> bool,
) -> bool {
    let before = space.work.get();
    let look = Look::new(space, scene, region);
    if holds(&look) {
        return true;
    }
    let worlds = worlds(&look, space.work.get() - before);
    worlds.len() > 1 && worlds.iter().all(|world| holds(&Look::taking(space, scene, region, world)))
}

/// The ways in which segments and named conditions may come out together, as many as can be looked at for so much work each.
pub(super) fn worlds<'l>(look: &Look<'l, '_, '_>, each: u32) -> Vec<World<'l>> {
    let most = MOST.min(WORK / (each as usize).max(1));
    let open = |at: &u32| ways(look, *at).map(|ways| (*at, ways)).filter(|(_, ways)| ways.len() > 1);
    let mut lets: Vec<(u32, Vec<Held<'l>>)> = look.scene.lets.iter().filter_map(open).collect();
    // Those of few ways come first, so that most of them are told apart.
    lets.sort_by_key(|(_, ways)| ways.len());
    let mut worlds: Vec<World<'l>> = vec![Vec::new()];
    for (at, ways) in lets {
        if worlds.len() * ways.len() > most {
            break;
        }
        let with =
            |world: &World<'l>| ways.iter().map(|way| [&world[..], &[(at, way.clone())]].concat()).collect::<Vec<_>>();
        worlds = worlds.iter().flat_map(with).collect();
    }
    worlds
}

/// What a segment or a named condition can be, each way by itself.
fn ways<'l>(look: &Look<'l, '_, '_>, at: u32) -> Option<Vec<Held<'l>>> {
    match (look.scene.plan.lets().get(at as usize)?, look.held(at)?) {
        (Root::Segment(_), Held::Value(seen)) => {
            let Known::Members(members) = &seen.known else { return None };
            let value = |member: usize| Held::Value(Seen::of(Known::Members(members.only(member))));
            let nothing = |missing: bool| Held::Value(Seen { known: Known::Nothing, missing, undefined: !missing });
            let missing = seen.missing.then(|| nothing(true));
            let undefined = seen.undefined.then(|| nothing(false));
            Some(members.iter().map(value).chain(missing).chain(undefined).collect())
        }
        (Root::Condition(_), Held::Truth(truth)) => {
            let all = [Kleene::TRUE, Kleene::FALSE, Kleene::MISSING, Kleene::UNDEFINED];
            Some(all.into_iter().filter(|way| truth.can_be(*way)).map(Held::Truth).collect())
        }
        _ => None,
    }
}
