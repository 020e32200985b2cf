//! A [`Plan`](crate::Plan) and what is open about a customer in, the tiers that are possible out, each with a customer who was
//! decided. One bounded search over regions, which are boxes of customers.

mod aims;
mod atoms;
mod attain;
mod audit;
mod auditor;
mod boxes;
mod cover;
mod differ;
mod everybody;
mod explore;
mod fallback;
mod kleene;
mod linear;
mod look;
mod movable;
mod nearest;
mod pairs;
mod parts;
mod point;
mod possible;
mod probe;
mod ratio;
mod region;
mod scene;
mod score;
mod seek;
mod seen;
mod shares;
mod shown;
mod simplex;
mod split;
mod sums;
mod tells;
mod tiers;
mod twins;
mod values;
mod worlds;

pub(crate) use aims::{Aim, Edge, Spot, spots, steps};
pub(crate) use attain::{Attained, attain, settled};
pub(crate) use audit::{Asked, Audit, Flaw, Person, Site, Standing};
pub(crate) use auditor::audit;
pub(crate) use boxes::{Boxed, Sum};
pub(crate) use differ::{Differences, Monotone, Moved, differences, monotone};
pub(crate) use nearest::{Ask, Nearest, Way as NearestWay, nearest};
pub(crate) use point::Held;
pub use possible::Unknown;
pub(crate) use possible::{Completed, complete};
pub(crate) use region::{Thing, What};
pub(crate) use scene::PLACES;
pub(crate) use shown::met;
pub(crate) use tells::{Told, told_apart};

/// How many steps a search may take for one question. A step looks at one region of customers; time is not counted, so that
/// answers are the same on every machine.
///
/// ```
/// use tierwise::Budget;
///
/// assert_eq!(Budget::default().steps(), 50_000);
/// assert_eq!(Budget::of(200).steps(), 200);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget(u32);

impl Budget {
    /// So many steps.
    pub fn of(steps: u32) -> Self {
        Self(steps)
    }

    /// How many steps.
    pub fn steps(self) -> u32 {
        self.0
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self(50_000)
    }
}
