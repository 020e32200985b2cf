//! How far a customer is from another tier.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::Policy;
use super::recourse::{Recourse, Target};
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::eval::{At, Machine, TierId, with_decided};
use crate::explain::{Actual, Mover, Nearby, Unproved, Way};
use crate::facts::{CustomerError, Facts};
use crate::plan::{Plan, TierSet};
use crate::schema::Type;
use crate::search::{Ask, Budget, Held, Nearest, NearestWay, Unknown, What, nearest};

/// So many ways are told.
const WAYS: usize = 3;

impl Policy {
    /// The smallest change of facts that leads to another tier, as it is decided: the first rule that matches, or the best,
    /// caps and floors included. What is missing stays missing.
    ///
    /// Numbers, amounts of money and integers of the customer may change, and sums and counts of its records; texts, closed
    /// sets, sets, dates and booleans only where a [`recourse`](Self::recourse) lists them and they are given as such.
    /// What is `fixed`, and what follows from other facts as an average does, is not changed by itself; `rising` and
    /// `falling` facts move one way.
    ///
    /// Towards another tier than a worse one, what comes from records only grows. One more record counts in every window
    /// that holds the day: sums over the same records, and their counts, grow together, those over some of them no more
    /// than those over all, and those whose window is over not at all.
    ///
    /// A change of a number is measured against the larger of the fact and the largest number with which it is compared, a
    /// change of a date against 365 days; a member more or less of a set, and any other change of what is listed, is 1. That
    /// times the field's `cost`, summed up over all facts, is as small as it can be. Where the tier hangs on sensitive
    /// facts, nothing is told.
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
    /// assert_eq!((way.changes()[0].name(), way.to_string()), ("annual_spend", "annual spend 1,000,000.01 (20,000.01 more)".to_owned()));
    /// let margin = policy.distance(&customer, today, Target::Worse, Budget::default())?;
    /// assert_eq!(margin.ways()[0].changes()[0].to().number(), Some(200_000.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`classify`](Self::classify).
    pub fn distance<'a, 't>(
        &self,
        facts: &(impl Facts + ?Sized),
        at: impl Into<At<'a>>,
        target: impl Into<Recourse<'t>>,
        budget: Budget,
    ) -> Result<Distance, CustomerError> {
        let recourse = target.into();
        with_decided(&self.plan, facts, at.into(), |machine| {
            let (tier, _) = machine.decided_with(&Default::default());
            let nearest = self.nearest(machine, tier, &recourse, (WAYS, budget.steps()));
            Distance::new(Arc::clone(&self.plan), tier, &recourse, nearest)
        })
    }

    fn nearest(
        &self,
        machine: &Machine<'_, '_>,
        tier: Option<u32>,
        recourse: &Recourse<'_>,
        (ways, steps): (usize, u32),
    ) -> Nearest {
        let wanted = self.wanted(tier, recourse.target);
        match wanted.iter().next() {
            _ if self.plan.decides_in_secret() => Nearest { hidden: true, ..Nearest::default() },
            Some(_) => {
                let place = |tier: Option<u32>| tier.unwrap_or(u32::MAX);
                let grows = wanted.iter().all(|other| place(other) < place(tier));
                nearest(machine, &wanted, Ask { listed: &recourse.slots(&self.plan), grows, ways, steps })
            }
            None => Nearest::default(),
        }
    }

    /// The nearest way up and the nearest way down, after a short search.
    pub(super) fn ways(&self, facts: &(impl Facts + ?Sized), at: At<'_>) -> Result<[Nearby; 2], CustomerError> {
        const STEPS: u32 = 500;
        with_decided(&self.plan, facts, at, |machine| {
            let (tier, _) = machine.decided_with(&Default::default());
            [Target::Better, Target::Worse].map(|target| {
                let nearest = self.nearest(machine, tier, &target.into(), (1, STEPS));
                match nearest.unknown {
                    Some(_) => Err(Unproved),
                    None => Ok(nearest.ways.into_iter().next().map(|way| told(&self.plan, way))),
                }
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
    /// Whether more may change than numbers.
    lists: bool,
    ways: Vec<Way>,
    unknown: Option<Unknown>,
    steps: u32,
    movable: Vec<(String, Decimal, Decimal)>,
    hidden: bool,
}

impl Distance {
    fn new(plan: Arc<Plan>, tier: Option<u32>, recourse: &Recourse<'_>, nearest: Nearest) -> Self {
        let name = |what: What| moved(what).name(&plan);
        let movable = nearest.movable.iter().map(|(what, unit, weight)| (name(*what), *unit, cost(*weight))).collect();
        let ways = nearest.ways.into_iter().map(|way| told(&plan, way)).collect();
        let named = if let Target::Tier(name) = recourse.target { Some(name.to_owned()) } else { None };
        Self {
            tier: tier.map(TierId::new),
            falls: recourse.target == Target::Worse,
            named,
            lists: recourse.lists(),
            ways,
            unknown: nearest.unknown,
            steps: nearest.steps,
            movable,
            hidden: nearest.hidden,
            plan,
        }
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

    /// In words: the nearest way, the others below it; or that there is none, or none was found; or that the tier is the one
    /// that is decided already.
    pub fn text(&self, lang: Lang) -> String {
        let none = match (self.hidden, self.unknown) {
            (true, _) => Phrase::WaysHidden,
            (false, Some(_)) => Phrase::WayUnknown,
            (false, None) if self.lists => Phrase::WayNoneListed,
            (false, None) => Phrase::WayNone,
        };
        if let Some(tier) = self.tier().filter(|_| self.is_reached()) {
            return phrase(Phrase::WayHere, &[("tier", tier.to_owned())], lang) + "\n";
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
        if self.unknown.is_some() {
            text += "\n  ";
            text += &phrase(Phrase::WayNearer, &[], lang);
        }
        text + "\n"
    }

    /// Whether the tier of this name is the one that is decided already.
    pub fn is_reached(&self) -> bool {
        self.named.is_some() && self.named.as_deref() == self.tier()
    }

    /// Whether the tier hangs on sensitive facts, so that no distance is told: it could give them away.
    pub fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// What may change, with one unit of its grid, or one day, and what that costs; of what is neither a number nor a date,
    /// what a change costs, of a set one member.
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

/// `{"ways": […], "exact": …}`; `exact` is false where there may be a nearer way, or one at all. With `"reached": true` where
/// the tier is the one that is decided already; where it is hidden, `{"masked": true}`.
impl Serialize for Distance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.hidden {
            return serializer.collect_map([("masked", true)]);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ways", &self.ways)?;
        map.serialize_entry("exact", &self.unknown.is_none())?;
        if self.is_reached() {
            map.serialize_entry("reached", &true)?;
        }
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
    let changes = way.moved.iter().map(|change| {
        let mover = moved(change.what);
        (mover, [&change.from, &change.to].map(|held| actual(plan, mover, held)), change.unit, change.made)
    });
    Way::new(plan, (way.tier.map(TierId::new), way.rule), changes.collect(), cost(way.cost))
}

fn actual(plan: &Plan, mover: Mover, held: &Held) -> Actual {
    match (held, mover.ty(plan)) {
        (Held::One(constant), ty) => Actual::constant(constant, ty),
        (Held::Set(members), Some(Type::SetOf(ty))) => {
            Actual::Set(members.iter().map(|member| Actual::constant(member, Some(ty))).collect())
        }
        _ => Actual::Missing,
    }
}
