//! Customers who belong together: groups built from the ids of parents.

use std::collections::HashMap;
use std::fmt;

use crate::diagnostics::{Finding, Lang, finding_text};

/// Customers of whom some are the parents of others: a corporate group, a head office and its branches.
///
/// The members of a customer's group are everybody under the same ultimate parent, that parent included. Whatever is
/// wrong with the parents is told by [`findings`](Self::findings) and by the outcome of the customer; nobody counts twice.
/// What a group comes to is worked out once for all its members; an aggregate that asks a `let` which rests on the
/// customer's own facts, for each anew.
///
/// ```
/// use tierwise::{Customer, Policy, Portfolio};
///
/// let policy = Policy::parse(
///     "tiers A > B > C
///      sum(group.annual_spend) >= 1M => A
///      annual_spend >= 200K          => B
///      otherwise                     => C
///      cap parent.tier when overdue_days > 30",
/// )?;
/// let mut portfolio = Portfolio::new();
/// portfolio.add("holding", None, Customer::new().with("annual_spend", 700_000).with("overdue_days", 0));
/// portfolio.add("plant", Some("holding"), Customer::new().with("annual_spend", 300_000).with("overdue_days", 0));
/// portfolio.add("alone", None, Customer::new().with("annual_spend", 300_000).with("overdue_days", 0));
///
/// let classified = policy.in_portfolio(&portfolio, chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap());
/// let tiers: Vec<_> = classified.outcomes().map(|outcome| outcome.unwrap().settled().map(str::to_owned)).collect();
/// assert_eq!(tiers, [Some("A".to_owned()), Some("A".to_owned()), Some("B".to_owned())]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Portfolio<F> {
    members: Vec<Member<F>>,
    /// The first of an id.
    places: HashMap<String, usize>,
}

#[derive(Clone)]
struct Member<F> {
    id: String,
    parent: Option<String>,
    facts: F,
}

impl<F> Portfolio<F> {
    /// Without members.
    pub fn new() -> Self {
        Self { members: Vec::new(), places: HashMap::new() }
    }

    /// Adds a customer with the id of the parent, who may be added before or behind it. The place among the members,
    /// counted from 0, is given back. Of several with one id the first is the member; the others are classified too,
    /// but count in no group.
    pub fn add(&mut self, id: &str, parent: Option<&str>, facts: F) -> usize {
        let place = self.members.len();
        self.places.entry(id.to_owned()).or_insert(place);
        self.members.push(Member { id: id.to_owned(), parent: parent.map(str::to_owned), facts });
        place
    }

    /// How many were added.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether nobody was added.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The id of a member.
    pub fn id(&self, member: usize) -> Option<&str> {
        self.members.get(member).map(|member| member.id.as_str())
    }

    /// The place of the member of an id.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.places.get(id).copied()
    }

    /// The facts of a member, without those that the portfolio adds.
    pub fn facts(&self, member: usize) -> Option<&F> {
        self.members.get(member).map(|member| &member.facts)
    }

    /// What is wrong with the parents and ids, in the order of the members.
    pub fn findings(&self) -> Vec<PortfolioFinding<'_>> {
        let links = Links::new(self);
        let id = |at: usize| self.id(at).unwrap_or_default();
        let mut findings = Vec::new();
        let mut told = vec![false; links.groups.len()];
        for (at, member) in self.members.iter().enumerate() {
            let parent = member.parent.as_deref().unwrap_or_default();
            let first = links.first.get(at).copied().unwrap_or(at);
            match links.links.get(at) {
                _ if first != at => {
                    let kept = self.members.get(first).and_then(|first| first.parent.as_deref());
                    let customer = id(at);
                    findings.push(if kept == member.parent.as_deref() {
                        PortfolioFinding::Repeated { customer }
                    } else {
                        PortfolioFinding::SecondParent { customer, parent: kept, other: member.parent.as_deref() }
                    });
                }
                Some(Link::Unknown) => findings.push(PortfolioFinding::UnknownParent { customer: id(at), parent }),
                Some(Link::Circle) => {
                    // A group has one circle at most.
                    let told = links.group.get(at).and_then(|group| told.get_mut(*group));
                    if told.is_some_and(|told| !std::mem::replace(told, true)) {
                        let customers = links.circle(self, at).into_iter().map(id).collect();
                        findings.push(PortfolioFinding::Circle { customers });
                    }
                }
                _ => {}
            }
        }
        findings
    }

    fn parent(&self, member: usize) -> Option<usize> {
        self.place(self.members.get(member)?.parent.as_deref()?)
    }
}

impl<F> Default for Portfolio<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F> fmt::Debug for Portfolio<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Portfolio of {}", self.members.len())
    }
}

/// What is wrong with the parents and ids of a portfolio. The customers are classified all the same; the outcome of
/// each has a finding of the same code where the policy looks at groups or at the tier of the parent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortfolioFinding<'p> {
    /// `F0116`: the parent is not in the portfolio; the customer is taken for the head of a group.
    UnknownParent {
        /// The customer.
        customer: &'p str,
        /// The id that nobody has.
        parent: &'p str,
    },
    /// `F0117`: each is the parent of the next, and the last of the first. They are one group; in the circle the tier of
    /// the parent counts as missing.
    Circle {
        /// Those in the circle, each before its parent.
        customers: Vec<&'p str>,
    },
    /// `F0118`: the customer was added again, under another parent. The first counts, so that nobody counts twice.
    SecondParent {
        /// The customer.
        customer: &'p str,
        /// The parent that counts.
        parent: Option<&'p str>,
        /// The one that does not.
        other: Option<&'p str>,
    },
    /// `F0119`: the customer was added again. The first counts in the group.
    Repeated {
        /// The customer.
        customer: &'p str,
    },
}

impl PortfolioFinding<'_> {
    fn finding(&self) -> Finding {
        match self {
            Self::UnknownParent { .. } => Finding::UnknownParent,
            Self::Circle { .. } => Finding::Circle,
            Self::SecondParent { .. } => Finding::SecondParent,
            Self::Repeated { .. } => Finding::RepeatedCustomer,
        }
    }

    /// The stable code, `F…`.
    pub fn code(&self) -> &'static str {
        self.finding().as_str()
    }

    /// What is wrong, in one line; ids are not in it.
    pub fn message(&self, lang: Lang) -> String {
        finding_text(self.finding(), &Vec::new(), lang)
    }
}

/// Where the parent of a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    /// There is none.
    Head,
    Parent(usize),
    /// The portfolio does not have it.
    Unknown,
    /// It leads back to the member.
    Circle,
}

/// The parents of a portfolio, followed.
pub(crate) struct Links {
    pub(crate) links: Vec<Link>,
    /// By member, the first of its id.
    pub(crate) first: Vec<usize>,
    /// By member, whether it was added again under another parent, or under the same.
    pub(crate) again: Vec<Option<Finding>>,
    /// By member, its group.
    pub(crate) group: Vec<usize>,
    /// The members of each group, in the order of the portfolio.
    pub(crate) groups: Vec<Vec<usize>>,
    /// Parents first.
    pub(crate) order: Vec<usize>,
}

/// How far a member is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walked {
    Not,
    /// On the way that is being followed.
    Now,
    Done,
}

impl Links {
    /// Follows every parent once.
    pub(crate) fn new<F>(portfolio: &Portfolio<F>) -> Self {
        let count = portfolio.members.len();
        let member = |(at, member): (usize, &Member<F>)| portfolio.place(&member.id).unwrap_or(at);
        let first: Vec<usize> = portfolio.members.iter().enumerate().map(member).collect();
        let mut links = Self {
            links: vec![Link::Head; count],
            first,
            again: vec![None; count],
            group: vec![0; count],
            groups: Vec::new(),
            order: Vec::with_capacity(count),
        };
        let mut walked = vec![Walked::Not; count];
        for at in 0..count {
            links.follow(portfolio, at, &mut walked);
        }
        for at in 0..count {
            links.join(portfolio, at);
        }
        links
    }

    /// Follows the parents of a member up to one that was followed before, or to the head.
    fn follow<F>(&mut self, portfolio: &Portfolio<F>, from: usize, walked: &mut [Walked]) {
        let mut way = Vec::new();
        let mut next = self.first.get(from).copied();
        while let Some(at) = next {
            match walked.get(at).copied() {
                Some(Walked::Not) => {
                    walked.iter_mut().skip(at).take(1).for_each(|walked| *walked = Walked::Now);
                    way.push(at);
                    next = portfolio.parent(at);
                }
                Some(Walked::Now) => {
                    let circle = way.iter().position(|other| *other == at).unwrap_or(way.len());
                    way.iter().skip(circle).for_each(|member| self.set(*member, Link::Circle));
                    break;
                }
                _ => break,
            }
        }
        // The way leads up: parents come first from its end, and so does a circle.
        let end = way.last().copied();
        for at in way.into_iter().rev() {
            walked.iter_mut().skip(at).take(1).for_each(|walked| *walked = Walked::Done);
            self.order.push(at);
            let named = portfolio.members.get(at).is_some_and(|member| member.parent.is_some());
            let link = match portfolio.parent(at) {
                _ if self.links.get(at) == Some(&Link::Circle) => Link::Circle,
                Some(parent) => Link::Parent(parent),
                None if named => Link::Unknown,
                None => Link::Head,
            };
            self.set(at, link);
            let group = match link {
                Link::Parent(parent) => self.group.get(parent).copied().unwrap_or_default(),
                Link::Circle if end != Some(at) => self.groups.len().saturating_sub(1),
                _ => {
                    self.groups.push(Vec::new());
                    self.groups.len() - 1
                }
            };
            self.group.iter_mut().skip(at).take(1).for_each(|place| *place = group);
        }
    }

    fn set(&mut self, at: usize, link: Link) {
        self.links.iter_mut().skip(at).take(1).for_each(|place| *place = link);
    }

    /// Puts a member into its group; one that was added again is linked as the first is, and counts in no group.
    fn join<F>(&mut self, portfolio: &Portfolio<F>, at: usize) {
        let first = self.first.get(at).copied().unwrap_or(at);
        let group = self.group.get(first).copied().unwrap_or_default();
        if first == at {
            self.groups.iter_mut().skip(group).take(1).for_each(|members| members.push(at));
            return;
        }
        let parent = |at: usize| portfolio.members.get(at).and_then(|member| member.parent.as_deref());
        let noticed = if parent(first) == parent(at) { Finding::RepeatedCustomer } else { Finding::SecondParent };
        for place in [first, at] {
            let known = self.again.iter_mut().skip(place).take(1);
            known.filter(|known| **known != Some(Finding::SecondParent)).for_each(|known| *known = Some(noticed));
        }
        self.set(at, self.links.get(first).copied().unwrap_or(Link::Head));
        self.group.iter_mut().skip(at).take(1).for_each(|place| *place = group);
        self.order.push(at);
    }

    /// The circle in which a member stands, each before its parent.
    fn circle<F>(&self, portfolio: &Portfolio<F>, from: usize) -> Vec<usize> {
        let next = |at: &usize| portfolio.parent(*at).filter(|next| *next != from);
        std::iter::successors(Some(from), next).take(self.links.len()).collect()
    }
}
