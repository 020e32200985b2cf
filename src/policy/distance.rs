//! How far a customer is from another tier.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Policy;
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::eval::{At, Machine, TierId, with_decided};
use crate::explain::{Mover, Way};
use crate::facts::{CustomerError, Facts};
use crate::plan::{Plan, TierSet};
use crate::search::{Ask, Budget, Nearest, NearestWay, Unknown, What, nearest};

/// So many ways are told.
const WAYS: usize = 3;

/// Which tier is to be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target<'t> {
    /// Any tier that is better than the one that is decided.
    #[default]
    Better,
    /// The tier of this name; nothing leads to a name that is not on the ladder.
    Tier(&'t str),
    /// Any tier that is worse, or no tier: what is left until then is the margin.
    Worse,
}

impl Policy {
    /// The smallest change of facts that leads to another tier, as it is decided: the first rule that matches, or the best,
    /// caps and floors included. What is missing stays missing.
    ///
    /// Numbers, amounts of money and integers of the customer may change, and sums and counts of its records; towards
    /// another tier than a worse one, what comes from records only grows. One more record counts in every window that holds
    /// the day: sums over the same records, and their counts, grow together, and not where the window is over. What is
    /// `fixed`, and what follows from other facts as an average does, is not changed by itself; `rising` and `falling` facts
    /// move one way. A change is measured against the larger of the fact and the largest number with which it is compared,
    /// times the field's `cost`; the sum over all facts is as small as it can be. Where the tier hangs on sensitive facts,
    /// nothing is told.
    ///
    /// ```
    /// use tierwise::{Budget, Customer, Policy, Target};
    ///
    /// let policy = Policy::parse(
    ///     "annual_spend > 1M and frequency >= 12 => A
    ///      annual_spend > 200K                   => B
    ///      otherwise                             => C",
    /// )?;
    /// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
    /// let customer = Customer::new().with("annual_spend", 980_000).with("frequency", 15);
    /// let far = policy.distance(&customer, today, Target::Better, Budget::default())?;
    /// let way = &far.ways()[0];
    /// assert_eq!(way.tier(), Some("A"));
    /// assert_eq!((way.changes()[0].name(), way.changes()[0].to().to_string()), ("annual_spend", "1000000.01".to_owned()));
    /// let margin = policy.distance(&customer, today, Target::Worse, Budget::default())?;
    /// assert_eq!(margin.ways()[0].changes()[0].to().to_string(), "200000");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`classify`](Self::classify).
    pub fn distance<'a>(
        &self,
        facts: &(impl Facts + ?Sized),
        at: impl Into<At<'a>>,
        target: Target<'_>,
        budget: Budget,
    ) -> Result<Distance, CustomerError> {
        with_decided(&self.plan, facts, at.into(), |machine| {
            let (tier, _) = machine.decided_with(&Default::default());
            let nearest = self.nearest(machine, tier, target, (WAYS, budget.steps()));
            let named = if let Target::Tier(name) = target { Some(name.to_owned()) } else { None };
            Distance::new(Arc::clone(&self.plan), (tier, target == Target::Worse, named), nearest)
        })
    }

    fn nearest(
        &self,
        machine: &Machine<'_, '_>,
        tier: Option<u32>,
        target: Target<'_>,
        (ways, steps): (usize, u32),
    ) -> Nearest {
        let wanted = self.wanted(tier, target);
        match wanted.iter().next() {
            _ if self.plan.decides_in_secret() => Nearest { hidden: true, ..Nearest::default() },
            Some(_) => {
                let place = |tier: Option<u32>| tier.unwrap_or(u32::MAX);
                let grows = wanted.iter().all(|other| place(other) < place(tier));
                nearest(machine, &wanted, Ask { grows, ways, steps })
            }
            None => Nearest::default(),
        }
    }

    /// The nearest way up and the nearest way down, after a short search.
    pub(super) fn ways(&self, facts: &(impl Facts + ?Sized), at: At<'_>) -> Result<[Option<Way>; 2], CustomerError> {
        const STEPS: u32 = 500;
        with_decided(&self.plan, facts, at, |machine| {
            let (tier, _) = machine.decided_with(&Default::default());
            [Target::Better, Target::Worse].map(|target| {
                let nearest = self.nearest(machine, tier, target, (1, STEPS));
                let known = nearest.unknown.is_none();
                nearest.ways.into_iter().next().filter(|_| known).map(|way| told(&self.plan, way))
            })
        })
    }

    fn wanted(&self, tier: Option<u32>, target: Target<'_>) -> TierSet {
        let mut wanted = TierSet::empty(self.plan.tiers());
        let place = |tier: Option<u32>| tier.unwrap_or(u32::MAX);
        let is_wanted = |other: Option<u32>| match target {
            Target::Better => place(other) < place(tier),
            Target::Worse => place(other) > place(tier),
            Target::Tier(name) => other.is_some_and(|other| self.tiers().nth(other as usize) == Some(name)),
        };
        TierSet::full(self.plan.tiers())
            .iter()
            .filter(|other| is_wanted(*other) && *other != tier)
            .for_each(|other| wanted.insert(other));
        wanted
    }
}

/// How far a customer is from another tier.
#[derive(Clone)]
pub struct Distance {
    plan: Arc<Plan>,
    tier: Option<TierId>,
    /// Whether a worse tier is meant, and the name of the tier where one is.
    falls: bool,
    named: Option<String>,
    ways: Vec<Way>,
    unknown: Option<Unknown>,
    steps: u32,
    movable: Vec<(String, Decimal, Decimal)>,
    hidden: bool,
}

impl Distance {
    fn new(plan: Arc<Plan>, (tier, falls, named): (Option<u32>, bool, Option<String>), nearest: Nearest) -> Self {
        let name = |what: What| moved(what).name(&plan);
        let movable = nearest.movable.iter().map(|(what, unit, weight)| (name(*what), *unit, cost(*weight))).collect();
        let ways = nearest.ways.into_iter().map(|way| told(&plan, way)).collect();
        let (tier, hidden) = (tier.map(TierId::new), nearest.hidden);
        Self { ways, movable, unknown: nearest.unknown, steps: nearest.steps, tier, falls, named, plan, hidden }
    }

    /// The tier that is decided now.
    pub fn tier(&self) -> Option<&str> {
        self.plan.names().tier(self.tier?.index())
    }

    /// The nearest way first, then others that change other facts; none is as near in all that it changes as another. Empty
    /// where no change leads there, or none was found.
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    /// Why there may be a nearer way, or one at all; `None` where the first is the nearest, and where none is, that is proved.
    pub fn unknown(&self) -> Option<Unknown> {
        self.unknown
    }

    /// In words: the nearest way, the others below it; or that there is none, or none was found. Empty for the tier that is
    /// decided already.
    pub fn text(&self, lang: Lang) -> String {
        let none = match (self.hidden, self.unknown) {
            (true, _) => Phrase::WaysHidden,
            (false, Some(_)) => Phrase::WayUnknown,
            (false, None) => Phrase::WayNone,
        };
        if self.named.is_some() && self.named.as_deref() == self.tier() {
            return String::new();
        }
        let Some((nearest, others)) = self.ways.split_first() else { return phrase(none, &[], lang) + "\n" };
        let mut text = match &self.named {
            Some(tier) => phrase(Phrase::WayTo, &[("tier", tier.clone()), ("changes", nearest.text(lang))], lang),
            None => nearest.line(if self.falls { Phrase::MarginWay } else { Phrase::NearestWay }, lang),
        };
        for way in others {
            text += "\n  ";
            text += &phrase(Phrase::OtherWay, &[("changes", way.text(lang))], lang);
        }
        text + "\n"
    }

    /// Whether the tier hangs on sensitive facts, so that no distance is told: it could give them away.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// What may change, with one unit of its grid and what that costs.
    pub fn may_change(&self) -> impl Iterator<Item = (&str, Decimal, Decimal)> {
        self.movable.iter().map(|(name, unit, cost)| (name.as_str(), *unit, *cost))
    }

    /// How many steps the search took.
    pub fn steps(&self) -> u32 {
        self.steps
    }
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

/// `{"ways": […], "exact": …}`; `exact` is false where there may be a nearer way, or one at all. Where it is hidden,
/// `{"masked": true}`.
impl Serialize for Distance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.hidden {
            return serializer.collect_map([("masked", true)]);
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("ways", &self.ways)?;
        map.serialize_entry("exact", &self.unknown.is_none())?;
        map.end()
    }
}

impl fmt::Debug for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Distance")
            .field("tier", &self.tier())
            .field("ways", &self.ways)
            .field("unknown", &self.unknown)
            .finish()
    }
}

fn moved(what: What) -> Mover {
    match what {
        What::Slot(slot) => Mover::Fact(slot),
        What::Aggregate(at) => Mover::Aggregate(at),
    }
}

fn cost(cost: i128) -> Decimal {
    let exact = Decimal::try_from_i128_with_scale(cost, 24).ok();
    let rough = || Decimal::try_from_i128_with_scale(cost / 10_i128.pow(12), 12);
    exact.unwrap_or_else(|| rough().unwrap_or(Decimal::MAX)).normalize()
}

fn told(plan: &Arc<Plan>, way: NearestWay) -> Way {
    let changes = way.moved.iter().map(|change| (moved(change.what), [change.from, change.to], change.unit)).collect();
    Way::new(plan, (way.tier.map(TierId::new), way.rule), changes, cost(way.cost))
}
