//! A policy over the customers of a portfolio: groups, and tiers of parents.

use std::fmt;
use std::sync::OnceLock;

use super::Policy;
use crate::diagnostics::Finding;
use crate::eval::{At, Decided, Group, Outcome, Parent, Place};
use crate::explain::Explanation;
use crate::facts::{CustomerError, Facts};
use crate::model::{Link, Links, Portfolio};

impl Policy {
    /// The policy over a portfolio: `group` are the members of each customer's group, and `parent.tier` is the tier of
    /// its parent, which is decided first. Groups are read when they are first asked for, each once.
    ///
    /// A portfolio sets `parent.tier` where it has the parent; else what the customer gives counts, and a customer
    /// without a parent is not made uncertain by it. Members of a group are looked at by their own facts: a
    /// `group.parent.tier` is what they give.
    pub fn in_portfolio<'a, F: Facts>(
        &'a self,
        portfolio: &'a Portfolio<F>,
        at: impl Into<At<'a>>,
    ) -> InPortfolio<'a, F> {
        InPortfolio::new(self, portfolio, at.into())
    }
}

/// The customers of a [`Portfolio`] before a policy. See there for an example.
pub struct InPortfolio<'a, F> {
    policy: &'a Policy,
    portfolio: &'a Portfolio<F>,
    at: At<'a>,
    links: Links,
    /// By member that is a parent.
    tiers: Vec<Parent>,
    noticed: Vec<Vec<Finding>>,
    /// By group; `None` where the policy does not look at them.
    groups: Vec<OnceLock<Option<Group>>>,
}

impl<'a, F: Facts> InPortfolio<'a, F> {
    fn new(policy: &'a Policy, portfolio: &'a Portfolio<F>, at: At<'a>) -> Self {
        let links = Links::new(portfolio);
        let groups = links.groups.iter().map(|_| OnceLock::new()).collect();
        let (tiers, noticed) = (vec![Parent::Unknown; portfolio.len()], vec![Vec::new(); portfolio.len()]);
        let mut all = Self { policy, portfolio, at, links, tiers, noticed, groups };
        let inherits = policy.plan.slots().iter().any(|slot| slot.is_parent_tier() && !slot.derived);
        if inherits || policy.plan.looks_at_groups() {
            all.notice();
        }
        if inherits {
            all.decide_parents();
        }
        all
    }

    /// What is wrong with the place of each member.
    fn notice(&mut self) {
        for ((noticed, link), again) in self.noticed.iter_mut().zip(&self.links.links).zip(&self.links.again) {
            noticed.extend(again);
            noticed.extend(match link {
                Link::Unknown => Some(Finding::UnknownParent),
                Link::Circle => Some(Finding::Circle),
                Link::Head | Link::Parent(_) => None,
            });
            noticed.sort_unstable_by_key(|finding| finding.as_str());
        }
    }

    /// Decides those who are parents, theirs before them.
    fn decide_parents(&mut self) {
        let mut is_parent = vec![false; self.portfolio.len()];
        for link in &self.links.links {
            if let Link::Parent(parent) = link {
                is_parent.iter_mut().skip(*parent).take(1).for_each(|place| *place = true);
            }
        }
        for at in 0..self.links.order.len() {
            let Some(member) = self.links.order.get(at).copied() else { continue };
            if let Link::Parent(parent) = self.link(member)
                && self.tiers.get(parent) == Some(&Parent::Unknown)
            {
                self.noticed.iter_mut().skip(member).take(1).for_each(|noticed| noticed.push(Finding::ParentOpen));
            }
            if is_parent.get(member) == Some(&true) {
                let decided =
                    self.decide(member).filter(|decided| matches!(decided, Ok(decided) if decided.is_certain()));
                // A search may prove what a decision leaves open.
                let outcome = || Some(self.classify(member)?.map(|outcome| outcome.decided()));
                let tier = match decided.or_else(outcome) {
                    Some(Ok(decided)) if decided.is_certain() => Parent::Tier(decided.tier()),
                    _ => Parent::Unknown,
                };
                self.tiers.iter_mut().skip(member).take(1).for_each(|place| *place = tier);
            }
        }
    }

    fn link(&self, member: usize) -> Link {
        self.links.links.get(member).copied().unwrap_or(Link::Head)
    }

    /// The as-of date and the like, with the place of a member.
    fn at(&self, member: usize) -> At<'_> {
        let parent = match self.link(member) {
            Link::Head => Parent::Nobody,
            Link::Parent(parent) => self.tiers.get(parent).copied().unwrap_or(Parent::Unknown),
            Link::Unknown => Parent::Outside,
            Link::Circle => Parent::Unknown,
        };
        let noticed = self.noticed.get(member).map(Vec::as_slice).unwrap_or_default();
        let at = self.links.group.get(member).copied().unwrap_or_default();
        let group = self.groups.get(at).and_then(|group| group.get_or_init(|| self.group(at)).as_ref());
        self.at.place(Place { parent, noticed, group })
    }

    fn group(&self, at: usize) -> Option<Group> {
        let members = self.links.groups.get(at).map(Vec::as_slice).unwrap_or_default();
        let member = |at: &usize| Some((self.portfolio.id(*at)?, self.portfolio.facts(*at)?));
        Group::new(&self.policy.plan, self.at, members.iter().filter_map(member))
    }

    /// Decides a member by its place; `None` where there is no such member. See [`Policy::decide`].
    pub fn decide(&self, member: usize) -> Option<Result<Decided, CustomerError>> {
        Some(self.policy.decide(self.portfolio.facts(member)?, self.at(member)))
    }

    /// Classifies a member by its place; `None` where there is no such member. See [`Policy::classify`].
    pub fn classify(&self, member: usize) -> Option<Result<Outcome, CustomerError>> {
        Some(self.policy.classify(self.portfolio.facts(member)?, self.at(member)))
    }

    /// Classifies a member by its place and says why; `None` where there is no such member. See [`Policy::explain`].
    pub fn explain(&self, member: usize) -> Option<Result<Explanation, CustomerError>> {
        Some(self.policy.explain(self.portfolio.facts(member)?, self.at(member)))
    }

    /// Classifies all members, in the order in which they were added.
    pub fn outcomes(&self) -> impl Iterator<Item = Result<Outcome, CustomerError>> {
        (0..self.portfolio.len()).filter_map(|member| self.classify(member))
    }
}

impl<F> fmt::Debug for InPortfolio<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPortfolio")
            .field("policy", self.policy)
            .field("portfolio", self.portfolio)
            .finish_non_exhaustive()
    }
}
