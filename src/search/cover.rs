//! The fewest rules that are always ahead of one that never decides.
//!
//! Every customer whom the rule fits has some rule ahead, so that a set that covers them all has one of each such set: the
//! smallest set that hits the ones that are known is tried, and who slips through is one more (implicit hitting sets:
//! Moreno-Centeno and Karp, *The Implicit Hitting Set Approach*, 2013).

use super::audit::Asker;
use super::explore::Steps;
use super::kleene::Kleene;
use super::parts::Truths;
use super::seek::Sought;

/// So many sets are tried before any that is small enough is taken.
const TRIES: usize = 20_000;

/// So many customers are collected.
const CUSTOMERS: usize = 256;

/// Rules ahead of which one is true wherever `rule` is, and whether no fewer do; `None` where that is not found out.
pub(super) fn covering(asker: &Asker<'_, '_, '_>, rule: usize, steps: &mut Steps) -> Option<(Vec<usize>, bool)> {
    let ahead = asker.ahead(rule);
    let own: Vec<_> = asker.condition(rule).into_iter().collect();
    let mut known: Vec<Vec<usize>> = Vec::new();
    for _ in 0..CUSTOMERS {
        let (chosen, fewest) = hitting(&known);
        let nodes: Vec<_> = chosen.iter().filter_map(|rule| asker.condition(*rule)).collect();
        match asker.all_true(&own, &nodes, steps) {
            Sought::Nobody => return Some((chosen, fewest)),
            Sought::Unknown(_) => return None,
            Sought::Found(hit) => {
                let fits = asker.side.with(asker.space, &hit.point, |machine| {
                    let fits =
                        |rule: &usize| asker.condition(*rule).is_some_and(|node| machine.of(node) == Kleene::TRUE);
                    ahead.iter().copied().filter(fits).collect::<Vec<usize>>()
                });
                known.push(fits.filter(|fits| !fits.is_empty())?);
            }
        }
    }
    None
}

/// The fewest numbers that hit every set, earlier ones first; and whether no fewer do.
fn hitting(sets: &[Vec<usize>]) -> (Vec<usize>, bool) {
    let mut tries = TRIES;
    for most in 0..=sets.len() {
        let mut chosen = Vec::new();
        match hit(sets, most, &mut chosen, &mut tries) {
            Some(true) => {
                chosen.sort_unstable();
                return (chosen, true);
            }
            Some(false) => {}
            None => break,
        }
    }
    // Whatever hits most of those that are left.
    let mut chosen: Vec<usize> = Vec::new();
    let mut left: Vec<&Vec<usize>> = sets.iter().collect();
    while let Some(first) = left.first() {
        let hits =
            |number: &&usize| (left.iter().filter(|set| set.contains(number)).count(), std::cmp::Reverse(**number));
        let Some(best) = first.iter().max_by_key(hits).copied() else { break };
        chosen.push(best);
        left.retain(|set| !set.contains(&best));
    }
    chosen.sort_unstable();
    (chosen, false)
}

/// Whether so many more numbers hit every set; `None` where that takes too long.
fn hit(sets: &[Vec<usize>], most: usize, chosen: &mut Vec<usize>, tries: &mut usize) -> Option<bool> {
    *tries = tries.checked_sub(1)?;
    let Some(open) = sets.iter().find(|set| !set.iter().any(|number| chosen.contains(number))) else {
        return Some(true);
    };
    if most == 0 {
        return Some(false);
    }
    for number in open {
        chosen.push(*number);
        if hit(sets, most - 1, chosen, tries)? {
            return Some(true);
        }
        chosen.pop();
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::hitting;

    #[test]
    fn the_fewest_numbers_hit_every_set() {
        let sets = |sets: &[&[usize]]| sets.iter().map(|set| set.to_vec()).collect::<Vec<_>>();
        assert_eq!(hitting(&[]), (vec![], true));
        assert_eq!(hitting(&sets(&[&[1, 2], &[2, 3], &[3, 4]])), (vec![1, 3], true));
        assert_eq!(hitting(&sets(&[&[1, 2, 5], &[3, 5], &[4, 5]])), (vec![5], true));
        let apart: Vec<Vec<usize>> = (0..12).map(|at| (0..12).map(|other| at * 12 + other).collect()).collect();
        let (chosen, fewest) = hitting(&apart);
        assert!(chosen.len() == 12 && !fewest);
    }
}
