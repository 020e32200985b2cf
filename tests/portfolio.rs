//! Portfolios: groups from the ids of parents, tiers of parents first, and what is wrong with either.

#[path = "support/agree.rs"]
mod agree;
#[path = "support/histories.rs"]
mod generate;
#[path = "support/runner.rs"]
mod runner;

use std::cell::Cell;

use agree::{findings, same};
use chrono::NaiveDate;
use generate::{DAYS, Dice, Generator, customer, rates};
use proptest::collection::vec;
use proptest::prelude::{any, prop_assert_eq};
use proptest::test_runner::TestCaseError;
use runner::runner;
use serde_json::{Value, json};
use tierwise::reference::{self, Setting};
use tierwise::{At, Customer, Lang, Policy, Portfolio, PortfolioFinding};

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

/// A portfolio of objects with `id`, `parent` and facts.
fn portfolio(members: &[Value]) -> Portfolio<Customer> {
    let mut portfolio = Portfolio::new();
    for member in members {
        let facts = Customer::from_serialize(member).unwrap();
        portfolio.add(member["id"].as_str().unwrap(), member["parent"].as_str(), facts);
    }
    portfolio
}

const INHERITED: &str = "tiers A > B > C
sum(group.annual_spend) >= 1000 => A
annual_spend >= 100             => B
otherwise                       => C
cap parent.tier when overdue_days > 30
";

/// A member that spends so much and whose bills are overdue for so many days.
fn member(id: &str, parent: Option<&str>, spend: u32, overdue: u32) -> Value {
    json!({ "id": id, "parent": parent, "annual_spend": spend, "overdue_days": overdue })
}

/// Tier, whether it is certain, and findings of each member; the code of the error of one who is refused.
fn outcomes(policy: &str, members: &[Value]) -> Vec<String> {
    let (policy, portfolio) = (Policy::parse(policy).unwrap(), portfolio(members));
    let all = policy.in_portfolio(&portfolio, today());
    let shown = all.outcomes().map(|outcome| match outcome {
        Ok(outcome) => {
            let sure = if outcome.is_certain() { "" } else { "?" };
            let codes: Vec<String> = findings(&outcome).into_iter().map(|(code, _)| code).collect();
            format!("{}{sure} {}", outcome.tier().unwrap_or("none"), codes.join(" ")).trim_end().to_owned()
        }
        Err(error) => error.code().to_owned(),
    });
    shown.collect()
}

#[test]
fn the_group_is_everybody_under_one_head() {
    let members = [
        member("leaf", Some("branch"), 100, 0),
        member("head", None, 500, 0),
        member("branch", Some("head"), 300, 0),
        member("sister", Some("head"), 100, 0),
        member("alone", None, 999, 0),
    ];
    assert_eq!(outcomes(INHERITED, &members), ["A", "A", "A", "A", "B"]);
    let members = [member("leaf", Some("branch"), 99, 0), members[1].clone(), members[2].clone(), members[3].clone()];
    assert_eq!(outcomes(INHERITED, &members), ["C", "B", "B", "B"]);
}

#[test]
fn parents_are_decided_first_whatever_their_place() {
    // Each is capped at the tier of its parent, which is capped in turn.
    let policy = "tiers A > B > C
annual_spend >= 500 => A
annual_spend >= 100 => B
otherwise => C
cap parent.tier when overdue_days > 30";
    let members = [
        member("leaf", Some("branch"), 900, 31),
        member("branch", Some("head"), 900, 31),
        member("other", Some("head"), 900, 30),
        member("head", None, 100, 31),
    ];
    assert_eq!(outcomes(policy, &members), ["B", "B", "A", "B"]);
}

#[test]
fn a_parent_without_a_certain_tier_leaves_the_tier_open() {
    let policy = "tiers A > B > C
annual_spend >= 500 => A
annual_spend >= 100 => B
otherwise => C
cap parent.tier when overdue_days > 30";
    let open = json!({ "id": "open", "overdue_days": 0 });
    let bad = json!({ "id": "bad", "annual_spend": "much", "overdue_days": 0 });
    let members = [
        member("of open", Some("open"), 900, 31),
        member("of bad", Some("bad"), 900, 31),
        member("unmoved", Some("open"), 900, 30),
        open,
        bad,
    ];
    assert_eq!(
        outcomes(policy, &members),
        ["A? F0120 F0104", "A? F0120 F0104", "A F0120", "C?", "D0102"],
        "what the parent's tier is, is not known: it never decides"
    );
}

#[test]
fn a_parent_without_a_tier_and_no_parent_are_nothing_that_could_become_known() {
    let policy = "tiers A > B
annual_spend >= 500 => A
annual_spend >= 100 => B
cap parent.tier when overdue_days > 30
floor parent.tier when annual_spend < 50";
    let members =
        [member("head", None, 99, 0), member("of none", Some("head"), 900, 31), member("poor head", None, 10, 0)];
    assert_eq!(outcomes(policy, &members), ["none", "A", "none"]);
    let asks = "parent.tier is missing => A\notherwise => B";
    let asks = format!("tiers A > B\n{asks}");
    assert_eq!(outcomes(&asks, &members[..2]), ["A", "B"], "the head is B for lack of a parent");
    assert_eq!(outcomes("tiers A > B\nparent.tier = B => A\notherwise => B", &members[..2]), ["B", "A"]);
}

#[test]
fn a_tier_that_the_host_gives_counts_where_the_portfolio_has_no_parent() {
    let policy = "tiers A > B\nparent.tier = A => A\notherwise => B";
    let given = |id: &str, parent: Option<&str>| json!({ "id": id, "parent": parent, "parent.tier": "A" });
    let members = [given("head", None), given("away", Some("elsewhere")), given("below", Some("head"))];
    assert_eq!(outcomes(policy, &members), ["A", "A F0116", "A"]);
    let b = json!({ "id": "head" });
    assert_eq!(outcomes(policy, &[b, given("below", Some("head"))]), ["B", "B"], "the portfolio knows better");
}

#[test]
fn what_the_portfolio_cannot_tell_no_given_tier_replaces() {
    let policy = "tiers A > B > C
annual_spend >= 1000 => A
annual_spend >= 200 => B
otherwise => C
floor parent.tier when overdue_days = 0";
    let given = |id: &str, parent: &str| json!({ "id": id, "parent": parent, "annual_spend": 100, "overdue_days": 0, "parent.tier": "A" });
    let open = json!({ "id": "open", "overdue_days": 30 });
    let members = [given("of open", "open"), open, given("x", "y"), given("y", "x")];
    assert_eq!(outcomes(policy, &members), ["C? F0120 F0105", "C?", "C? F0117 F0105", "C? F0117 F0105"]);
}

#[test]
fn a_field_of_its_own_for_the_tier_of_the_parent_is_set_as_well() {
    let members = [
        json!({ "id": "head", "annual_spend": 2000 }),
        json!({ "id": "below", "parent": "head", "annual_spend": 100 }),
    ];
    for ty in ["one of (C, B, A)", "text"] {
        let equals = if ty == "text" { "\"A\"" } else { "A" };
        let policy = format!(
            "tiers A > B > C\nfield parent.tier: {ty}\nannual_spend >= 1000 => A\nparent.tier = {equals} => B\notherwise => C"
        );
        assert_eq!(outcomes(&policy, &members), ["A", "B"], "{ty}");
    }
}

/// A parent that is not certain may have no tier at all, where the policy can give none.
#[test]
fn a_parent_may_turn_out_to_have_no_tier() {
    let policy = Policy::parse("tiers A > B > C\nparent.tier in (A, B, C) => A\nannual_spend > 100 => B").unwrap();
    let portfolio = portfolio(&[json!({ "id": "p" }), json!({ "id": "k", "parent": "p", "annual_spend": 200 })]);
    let all = policy.in_portfolio(&portfolio, today());
    let outcome = all.classify(1).unwrap().unwrap();
    assert_eq!(outcome.possible().collect::<Vec<_>>(), [Some("A"), Some("B")]);
    assert_eq!((outcome.tier(), outcome.missing().collect::<Vec<_>>()), (Some("B"), vec!["parent.tier"]));
    assert_eq!(all.decide(1).unwrap().unwrap(), outcome.decided());
}

/// That there is no parent is known in a portfolio.
#[test]
fn the_head_of_a_group_has_no_parent_for_certain() {
    let members = [json!({ "id": "head" }), json!({ "id": "below", "parent": "head" })];
    assert_eq!(outcomes("parent is present => A\notherwise => C", &members), ["C", "A"]);
    assert_eq!(outcomes("parent is missing => A\notherwise => C", &members), ["A", "C"]);
}

/// Whom strict mode refuses, it takes for no member of a group.
#[test]
fn strict_mode_refuses_the_group_of_a_customer_whom_it_refuses() {
    let policy = Policy::parse("sum(group.annual_spend) >= 1000 => A\notherwise => C").unwrap();
    let portfolio = portfolio(&[
        json!({ "id": "head", "annual_spend": 400 }),
        json!({ "id": "below", "parent": "head", "annual_spend": 900, "nps": 500 }),
    ]);
    let loose = policy.in_portfolio(&portfolio, today());
    assert!(loose.outcomes().all(|outcome| outcome.unwrap().settled() == Some("A")));
    let strict = policy.in_portfolio(&portfolio, At::on(today()).strict());
    let errors: Vec<String> = strict.outcomes().filter_map(Result::err).map(|error| error.to_string()).collect();
    assert_eq!(errors[0], "member `below` of the group: `group.nps`: `500` is not between -100 and 100");
    assert_eq!(errors[1], "`nps`: `500` is not between -100 and 100");
}

#[test]
fn circles_unknown_parents_and_doubles_are_told_and_nobody_counts_twice() {
    let members = [
        member("a", Some("c"), 300, 31),
        member("b", Some("a"), 300, 31),
        member("c", Some("b"), 399, 31),
        member("under", Some("c"), 1, 31),
        member("own", Some("own"), 1000, 31),
        member("lost", Some("nobody"), 1000, 31),
        member("twice", None, 600, 31),
        member("twice", None, 600, 31),
        member("joint", Some("twice"), 399, 31),
        member("joint", Some("own"), 399, 31),
    ];
    assert_eq!(
        outcomes(INHERITED, &members),
        [
            "A? F0117 F0104",
            "A? F0117 F0104",
            "A? F0117 F0104",
            "A? F0120 F0104",
            "A? F0117 F0104",
            "A? F0116 F0104",
            "B F0119",
            "B F0119",
            "B F0118",
            "B F0118",
        ]
    );
    let portfolio = portfolio(&members);
    assert_eq!(
        portfolio.findings(),
        [
            PortfolioFinding::Circle { customers: vec!["a", "c", "b"] },
            PortfolioFinding::Circle { customers: vec!["own"] },
            PortfolioFinding::UnknownParent { customer: "lost", parent: "nobody" },
            PortfolioFinding::Repeated { customer: "twice" },
            PortfolioFinding::SecondParent { customer: "joint", parent: Some("twice"), other: Some("own") },
        ]
    );
    let codes: Vec<&str> = portfolio.findings().iter().map(PortfolioFinding::code).collect();
    assert_eq!(codes, ["F0117", "F0117", "F0116", "F0119", "F0118"]);
    for finding in portfolio.findings() {
        assert!(finding.message(Lang::En).is_ascii() && !finding.message(Lang::Zh).is_ascii());
    }
    // A policy that looks at neither groups nor parents is not concerned.
    let mut plain = outcomes("annual_spend >= 1000 => A\notherwise => B", &members);
    plain.dedup();
    assert_eq!(plain, ["B", "A", "B"]);
    let policy = Policy::parse(INHERITED).unwrap();
    let strict = policy.in_portfolio(&portfolio, At::on(today()).strict());
    let errors: Vec<String> = strict.outcomes().filter_map(Result::err).map(|error| error.to_string()).collect();
    assert_eq!(errors.len(), 10);
    assert_eq!(errors[0], "`parent` leads back to the customer (F0117, which strict mode takes for an error)");
}

#[test]
fn a_mistake_in_a_member_is_one_in_the_group_and_says_where() {
    let bad = json!({ "id": "plant", "parent": "head", "annual_spend": "much", "overdue_days": 0 });
    let portfolio = portfolio(&[member("head", None, 5, 0), bad, member("alone", None, 5, 0)]);
    let policy = Policy::parse(INHERITED).unwrap();
    let all = policy.in_portfolio(&portfolio, today());
    let errors: Vec<String> = all.outcomes().filter_map(Result::err).map(|error| error.to_string()).collect();
    let of_group = "member `plant` of the group: `group.annual_spend` is money, but `much` is no number";
    assert_eq!(errors, [of_group, "`annual_spend` is money, but `much` is no number"]);
    assert_eq!(all.classify(0).unwrap().unwrap_err().member(), Some("plant"));
    assert_eq!(all.explain(2).unwrap().unwrap().outcome().settled(), Some("C"));
    assert_eq!(all.decide(2).unwrap().unwrap().settled().map(|tier| policy.tier_name(tier)), Some("C"));
    assert!(all.classify(3).is_none());
    // A group that comes with the customer and a portfolio contradict each other.
    let brings = json!({ "id": "x", "annual_spend": 1, "overdue_days": 0, "group": [] });
    assert_eq!(outcomes(INHERITED, &[brings]), ["D0112"]);
}

/// A chain of 100,000 parents, and a circle of as many, are followed without recursion.
#[test]
fn long_chains_and_circles_are_followed() {
    const COUNT: usize = 100_000;
    let policy = Policy::parse("tiers A > B\nparent.tier = A => B\nparent.tier = B => A\notherwise => B").unwrap();
    let mut chain = Portfolio::new();
    let mut circle = Portfolio::new();
    for at in 0..COUNT {
        let (id, next) = (at.to_string(), (at + 1).to_string());
        chain.add(&id, (at + 1 < COUNT).then_some(next.as_str()), Customer::new());
        circle.add(&id, Some(&((at + 1) % COUNT).to_string()), Customer::new());
    }
    let tiers = |portfolio: &Portfolio<Customer>| -> Vec<bool> {
        let all = policy.in_portfolio(portfolio, today());
        all.outcomes().map(|outcome| outcome.unwrap().settled() == Some("A")).collect()
    };
    let found = tiers(&chain);
    assert!((0..COUNT).all(|at| found[at] == ((COUNT - 1 - at) % 2 == 1)));
    assert!(tiers(&circle).iter().all(|settled| !settled));
    assert_eq!(circle.findings().len(), 1);
}

/// What an oracle makes of a member: its group found by walking up from everybody, its parent decided for itself.
struct Oracle<'a> {
    policy: &'a Policy,
    members: &'a [Value],
    as_of: NaiveDate,
}

impl Oracle<'_> {
    fn first(&self, id: &str) -> Option<usize> {
        self.members.iter().position(|member| member["id"] == id)
    }

    fn parent(&self, at: usize) -> Option<usize> {
        self.first(self.members[at]["parent"].as_str()?)
    }

    /// Everybody above a member, itself first, up to the head or once round.
    fn way(&self, at: usize) -> Vec<usize> {
        let mut way = vec![at];
        while let Some(next) = self.parent(way[way.len() - 1]).filter(|next| !way.contains(next)) {
            way.push(next);
        }
        way
    }

    fn in_circle(&self, at: usize) -> bool {
        self.way(at).last().and_then(|last| self.parent(*last)) == Some(at)
    }

    fn facts(&self, at: usize) -> (Value, bool) {
        let id = |at: usize| self.members[at]["id"].as_str().unwrap();
        let first = self.first(id(at)).unwrap();
        let top = |at: usize| self.way(at)[self.way(at).len() - 1];
        let joined = |other: usize| {
            let (mine, theirs) = (self.way(first), self.way(other));
            top(other) == top(first) || mine.contains(&top(other)) && theirs.contains(&top(first))
        };
        let group = (0..self.members.len()).filter(|other| self.first(id(*other)) == Some(*other) && joined(*other));
        let mut facts = self.members[at].clone();
        facts["group"] = group.map(|other| self.members[other].clone()).collect();
        let mut without = self.members[first]["parent"].is_null();
        if let Some(parent) = self.parent(first).filter(|_| !self.in_circle(first)) {
            let portfolio = portfolio(self.members);
            let rates = rates();
            let all = self.policy.in_portfolio(&portfolio, At::on(self.as_of).rates(&rates));
            match all.classify(parent).unwrap() {
                Ok(outcome) if outcome.is_certain() => match outcome.tier() {
                    Some(tier) => facts["parent.tier"] = tier.into(),
                    None => without = true,
                },
                _ => {}
            }
        }
        (facts, without)
    }
}

#[test]
fn a_portfolio_agrees_with_the_reference_member_by_member() {
    let (all, refused, uncertain) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = runner("portfolios", "TIERWISE_PORTFOLIO_CASES");
    let choices = (vec(any::<u16>(), 0..200), vec(any::<u16>(), 0..600));
    let result = runner.run(&choices, |(policy, facts)| {
        let source = Generator { dice: &mut Dice(policy.iter()), lets: 0, parents: true }.policy();
        let policy = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        let mut dice = Dice(facts.iter());
        let as_of: NaiveDate = dice.pick(&DAYS).parse().unwrap();
        let ids = ["a", "b", "c", "d", "e", "f", "zz"];
        let members: Vec<Value> = (0..1 + dice.roll(6))
            .map(|at| {
                let mut member = customer(&mut dice, as_of);
                let id = if dice.roll(9) == 0 { dice.roll(at + 1) } else { at };
                member["id"] = ids[id].into();
                if dice.roll(3) > 0 {
                    member["parent"] = ids[dice.roll(ids.len())].into();
                }
                member
            })
            .collect();
        let oracle = Oracle { policy: &policy, members: &members, as_of };
        let portfolio = portfolio(&members);
        let rates = rates();
        let placed = policy.in_portfolio(&portfolio, At::on(as_of).rates(&rates));
        for (at, outcome) in placed.outcomes().enumerate() {
            let (facts, without_parent) = oracle.facts(at);
            let failed = |error| TestCaseError::fail(format!("{error}\n{source}\nas of {as_of}: {members:#?}: {at}"));
            let naive = Customer::from_serialize(&facts).unwrap();
            let setting = Setting { as_of, rates: Some(&rates), without_parent };
            all.set(all.get() + 1);
            match (outcome, reference::classify_with(&policy, &naive, setting)) {
                (Ok(outcome), Ok(mut naive)) => {
                    // Links are no matter of the reference.
                    let links = findings(&outcome).into_iter().filter(|(code, _)| &**code >= "F0116");
                    naive.findings.splice(0..0, links);
                    same(&outcome, &naive).map_err(failed)?;
                    uncertain.set(uncertain.get() + usize::from(!outcome.is_certain()));
                    let decided = placed.decide(at).unwrap().unwrap();
                    prop_assert_eq!((decided.tier(), decided.rule()), (outcome.tier_id(), outcome.rule_id()));
                    assert!(outcome.is_certain() || !decided.is_certain());
                }
                (Err(error), Err(naive)) => {
                    refused.set(refused.get() + 1);
                    prop_assert_eq!(error.code(), naive.code());
                }
                (plan, naive) => return Err(failed(TestCaseError::fail(format!("{plan:?}, but {naive:?}")))),
            }
        }
        Ok(())
    });
    let (all, refused, uncertain) = (all.get(), refused.get(), uncertain.get());
    println!("{all} members: {refused} refused, {uncertain} uncertain");
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(
        refused * 50 >= all && uncertain * 20 >= all && (uncertain + refused) * 10 < all * 9,
        "{refused} and {uncertain} of {all}"
    );
}
