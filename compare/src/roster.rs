//! Who takes part.

use crate::account::{Account, CentsAccount};
use crate::engine::Engine;
use crate::hand::{CentsScan, DecimalScan, Three, Twelve};
use crate::loading::{Cost, cost};
use crate::measure::{Contender, Runner};
use crate::ours::{ByName, FromJson, OwnBound, OwnStruct, Tiers3, Tiers4, Tiers5, Unbound};
use crate::rules::Rules;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Hand,
    Ours,
    Rival,
}

type Enter = fn(&Rules) -> Result<Box<dyn Contender>, String>;
type LoadCost = fn(&Rules) -> Result<Cost, String>;

/// One way to decide customers, before it has loaded any rules.
#[derive(Clone, Copy)]
pub struct Entrant {
    pub name: &'static str,
    pub kind: Kind,
    pub enter: Enter,
    pub cost: LoadCost,
}

impl Entrant {
    pub fn new<E: Engine + 'static>(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, enter: enter::<E>, cost: cost::<E> }
    }
}

fn enter<E: Engine + 'static>(rules: &Rules) -> Result<Box<dyn Contender>, String> {
    Ok(Box::new(Runner::new(E::load(&E::write(rules)?)?)))
}

/// The hand-written form that fits the rules.
fn by_hand<Three, Twelve, Scan>(rules: &Rules) -> Result<Box<dyn Contender>, String>
where
    Three: Engine + 'static,
    Twelve: Engine + 'static,
    Scan: Engine + 'static,
{
    enter::<Three>(rules).or_else(|_| enter::<Twelve>(rules)).or_else(|_| enter::<Scan>(rules))
}

/// The bound form of which the tiers fit the rules.
fn bound<Three, Four, Five>(name: &'static str) -> Entrant
where
    Three: Engine + 'static,
    Four: Engine + 'static,
    Five: Engine + 'static,
{
    let enter: Enter =
        |rules| enter::<Three>(rules).or_else(|_| enter::<Four>(rules)).or_else(|_| enter::<Five>(rules));
    let cost: LoadCost = |rules| cost::<Three>(rules).or_else(|_| cost::<Four>(rules)).or_else(|_| cost::<Five>(rules));
    Entrant { name, kind: Kind::Ours, enter, cost }
}

/// Hand-written Rust on decimals first, then tierwise bound to the same struct: the two that others are divided by.
pub fn roster() -> Vec<Entrant> {
    let hand = |name, enter, cost| Entrant { name, kind: Kind::Hand, enter, cost };
    let mut all = vec![
        hand(
            "hand-written, Decimal",
            by_hand::<Three<Account>, Twelve<Account>, DecimalScan> as Enter,
            cost::<DecimalScan> as LoadCost,
        ),
        bound::<OwnBound<Account, Tiers3>, OwnBound<Account, Tiers4>, OwnBound<Account, Tiers5>>("tierwise, bound"),
        hand("hand-written, cents", by_hand::<Three<CentsAccount>, Twelve<CentsAccount>, CentsScan>, cost::<CentsScan>),
        bound::<OwnBound<CentsAccount, Tiers3>, OwnBound<CentsAccount, Tiers4>, OwnBound<CentsAccount, Tiers5>>(
            "tierwise, bound, cents",
        ),
        Entrant::new::<Unbound<OwnStruct>>("tierwise, own struct by slot", Kind::Ours),
        Entrant::new::<Unbound<ByName>>("tierwise, `Customer`", Kind::Ours),
        Entrant::new::<Unbound<FromJson>>("tierwise, `Customer` from JSON", Kind::Ours),
    ];
    all.extend(rivals());
    all
}

#[cfg(feature = "rivals")]
fn rivals() -> Vec<Entrant> {
    crate::rivals::all()
}

#[cfg(not(feature = "rivals"))]
fn rivals() -> Vec<Entrant> {
    Vec::new()
}
