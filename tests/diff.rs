//! The difference of two policies, and whether more of a fact can lower the tier, against trying everybody.
//!
//! `TIERWISE_ANALYSIS_CASES` sets the number of cases of each test (256 by default).

#[path = "support/boxes.rs"]
mod boxes;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/grids.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod grids;
#[path = "support/runner.rs"]
mod runner;

use std::cell::Cell;

use boxes::condition_of;
use dice::Dice;
use grids::{GRID, Kind, Point, Small, Tier, today};
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use tierwise::{Budget, Customer, Inquiry, Policy, Verdict};

type Everybody = Vec<(Point, Customer)>;

fn tiers(policy: &Policy, everybody: &Everybody) -> Vec<Option<Tier>> {
    let tier = |(_, customer): &(Point, Customer)| {
        policy.decide(customer, today()).ok().map(|decided| decided.tier().map(|tier| tier.index()))
    };
    everybody.iter().map(tier).collect()
}

/// Who keeps the assumptions of some policies, each by what stands before its rules: everybody, where nobody keeps them all.
fn kept(policies: &[(&str, &str)], everybody: &Everybody, counts: impl Fn(usize) -> bool) -> Vec<bool> {
    let (mut kept, mut all) = (vec![true; everybody.len()], vec![true; everybody.len()]);
    for (head, source) in policies {
        for assumption in source.lines().filter_map(|line| line.strip_prefix("assume ")) {
            let broken = truths(head, &format!("not ({assumption})"), everybody);
            kept.iter_mut().zip(broken).for_each(|(kept, broken)| *kept &= !broken);
            let holds = truths(head, assumption, everybody);
            all.iter_mut().zip(holds).for_each(|(all, holds)| *all &= holds);
        }
    }
    if (0..all.len()).any(|at| all[at] && counts(at)) { kept } else { vec![true; everybody.len()] }
}

/// Of whom a condition is true, which uses what stands before the rules of a policy.
fn truths(head: &str, condition: &str, everybody: &Everybody) -> Vec<bool> {
    let source = format!("{head}{condition} => A\n").replace("match best\n", "");
    let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{source}\n{error}"));
    tiers(&policy, everybody).iter().map(|tier| matches!(tier, Some(Some(_)))).collect()
}

/// Of whom a box is true: what a customer lacks counts, not what a policy takes it for.
fn inside(small: &Small, text: &str, everybody: &Everybody) -> Vec<bool> {
    let bare = |line: &str| line.split(" default ").next().unwrap().replace(" required", "");
    let fields: Vec<String> = small.source.lines().filter(|line| line.starts_with("field ")).map(bare).collect();
    truths(&format!("tiers A > B > C > D\n{}\n", fields.join("\n")), &condition_of(text), everybody)
}

/// The source with one to three edits: rules and limits changed, moved, added or taken out, a default or range changed.
fn edited(small: &Small, dice: &mut Dice<'_>) -> [String; 2] {
    let (head, body) = small.source.split_at(small.preamble);
    let mut head = head.to_owned();
    let mut lines: Vec<String> = body.lines().map(str::to_owned).collect();
    for _ in 0..1 + dice.roll(3) {
        let rules: Vec<usize> = (0..lines.len()).filter(|at| !lines[*at].starts_with("otherwise")).collect();
        let at = rules[dice.roll(rules.len())];
        let tier = ["A", "B", "C", "D"][dice.roll(4)];
        match dice.roll(8) {
            0 if rules.len() > 1 => drop(lines.remove(at)),
            1 if rules.len() > 1 => {
                let line = lines.remove(at);
                let to = dice.roll(rules.len() - 1);
                lines.insert(to, line);
            }
            2 => {
                let conditions: Vec<&str> =
                    small.spots.iter().filter(|spot| spot.kind != Kind::Bin).map(|spot| &*spot.cond.text).collect();
                let condition = conditions[dice.roll(conditions.len())];
                // A let, a line of a segment, uses no more than what stands before them.
                lines.insert(dice.roll(rules.len()), format!("{condition} => {tier}"));
            }
            3 | 4 => {
                let (from, to) =
                    [(" 1", " 2"), (" 2", " 1"), (" > ", " >= "), (" < ", " <= "), ("red", "blue")][dice.roll(5)];
                lines[at] = lines[at].replacen(from, to, 1);
            }
            5 => {
                if let Some((condition, _)) = lines[at].rsplit_once(" => ") {
                    lines[at] = format!("{condition} => {tier}");
                }
            }
            6 => {
                let (from, to) = [
                    (" required", ""),
                    (" default 0", ""),
                    ("integer 0..5", "integer 0..4"),
                    ("integer 0..5\n", "integer 0..5 default 3\n"),
                    ("match best\n", ""),
                ][dice.roll(5)];
                head = head.replacen(from, to, 1);
            }
            _ => head = head.replacen(" => 3", " => 2", 1),
        }
    }
    let source = format!("{head}{}\n", lines.join("\n"));
    [head, source]
}

/// Whether a customer lacks a fact for which both policies have the same default: it is told as who has that.
fn lacks_default(small: &Small, new: &str, point: &Point) -> bool {
    let default = |source: &str, field: usize| {
        let start = format!("field {}:", GRID[small.fields[field]].0);
        let line = source.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
        line.split(" default ").nth(1).map(str::to_owned)
    };
    let alike = |field: usize| default(&small.source, field).is_some_and(|own| default(new, field) == Some(own));
    (0..point.len()).any(|field| point[field].is_none() && alike(field))
}

#[test]
fn differences_are_what_trying_everybody_shows() {
    let (all, equal, boxes, steps) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0_u64));
    let mut runner = runner("diff", "TIERWISE_ANALYSIS_CASES");
    let result = runner.run(&(vec(any::<u16>(), 0..300), vec(any::<u16>(), 24)), |(policy, edits)| {
        let small = Small::analysed(&policy)?;
        let [head, source] = edited(&small, &mut Dice::new(&edits));
        let Ok(new) = Policy::parse(&source) else { return Err(TestCaseError::reject("no policy")) };
        let everybody = small.everybody();
        let diff = Policy::diff(&small.policy, &new, Inquiry::within(Budget::of(1_000_000)).as_of(today()));
        let context = format!("{}\n--- new\n{source}\n--- diff\n{diff:?}", small.source);
        let (old_tiers, new_tiers) = (tiers(&small.policy, &everybody), tiers(&new, &everybody));
        let taken = |at: usize| old_tiers[at].is_some() && new_tiers[at].is_some();
        let both = [(&small.source[..small.preamble], &*small.source), (&*head, &*source)];
        let kept = kept(&both, &everybody, taken);
        let counts = |at: usize| kept[at] && taken(at);
        let moves: Vec<usize> =
            (0..everybody.len()).filter(|at| counts(*at) && old_tiers[*at] != new_tiers[*at]).collect();
        let told = diff.unknown().is_none_or(|unknown| unknown.as_str() == "boxes");
        prop_assert!(told, "{}", &context);
        prop_assert_eq!(diff.is_equal(), moves.is_empty(), "{}", &context);
        let place =
            |tier: Option<&str>| tier.map(|tier| ["A", "B", "C", "D"].iter().position(|own| *own == tier).unwrap());
        let mut covered = vec![false; everybody.len()];
        for change in diff.changes() {
            prop_assert!(change.is_whole(), "{}", &context);
            let within = inside(&small, &change.customers().to_string(), &everybody);
            let mut someone = false;
            for at in (0..everybody.len()).filter(|at| within[*at] && counts(*at)) {
                let as_told = old_tiers[at] == Some(place(change.from())) && new_tiers[at] == Some(place(change.to()));
                prop_assert!(as_told, "{change}: {}\n{}", small.json(&everybody[at].0), &context);
                covered[at] = true;
                someone = true;
            }
            prop_assert!(someone, "nobody is in {change}\n{}", &context);
            let who = inside(&small, &change.witness()[0].to_string(), &everybody);
            prop_assert!((0..everybody.len()).any(|at| who[at] && within[at]), "{}", &context);
        }
        if diff.is_complete() {
            let told = |at: usize| covered[at] || lacks_default(&small, &source, &everybody[at].0);
            let left = moves.iter().find(|at| !told(**at));
            prop_assert!(left.is_none(), "not told: {}\n{}", small.json(&everybody[*left.unwrap()].0), &context);
        }
        all.set(all.get() + 1);
        equal.set(equal.get() + usize::from(moves.is_empty()));
        boxes.set(boxes.get() + diff.changes().len());
        steps.set(steps.get() + u64::from(diff.steps()));
        Ok(())
    });
    let (all, equal) = (all.get(), equal.get());
    println!("{all} pairs, {equal} equal, {} boxes, {} steps each", boxes.get(), steps.get() / all.max(1) as u64);
    result.unwrap();
    assert!(equal * 10 >= all && equal * 10 <= all * 9, "too little was looked at");
}

#[test]
fn monotone_facts_are_those_that_trying_everybody_shows() {
    let (all, proved, steps) = (Cell::new(0), Cell::new(0), Cell::new(0_u64));
    let mut runner = runner("monotone", "TIERWISE_ANALYSIS_CASES");
    let result = runner.run(&vec(any::<u16>(), 0..300), |policy| {
        let small = Small::analysed(&policy)?;
        let everybody = small.everybody();
        let decided = tiers(&small.policy, &everybody);
        let kept = kept(&[(&small.source[..small.preamble], &*small.source)], &everybody, |_| true);
        let rank = |at: usize| decided[at].unwrap().unwrap_or(usize::MAX);
        for (field, name) in small.fields.iter().enumerate().map(|(at, field)| (at, GRID[*field].0)) {
            let inquiry = Inquiry::within(Budget::of(1_000_000)).as_of(today());
            let Ok(found) = small.policy.monotone(name, inquiry) else { continue };
            let alike = |a: &Point, b: &Point| (0..a.len()).all(|at| at == field || a[at] == b[at]);
            let lowers = (0..everybody.len()).any(|less| {
                (0..everybody.len()).any(|more| {
                    let (a, b) = (&everybody[less].0, &everybody[more].0);
                    kept[less]
                        && kept[more]
                        && a[field].is_some()
                        && a[field] < b[field]
                        && rank(more) > rank(less)
                        && alike(a, b)
                })
            });
            let verdict = found.verdict();
            let context = format!("{name}: {verdict:?}\n{}", small.source);
            match verdict {
                Verdict::Proved => prop_assert!(!lowers, "{}", context),
                Verdict::Refuted([less, more]) => {
                    prop_assert!(lowers, "{}", context);
                    let place = |tier: Option<&str>| ["A", "B", "C", "D"].iter().position(|own| Some(*own) == tier);
                    let rank = |tier: Option<&str>| place(tier).unwrap_or(usize::MAX);
                    prop_assert!(rank(more.tier()) > rank(less.tier()), "{}", context);
                }
                Verdict::Unknown(_) => prop_assert!(false, "{}", context),
            }
            all.set(all.get() + 1);
            proved.set(proved.get() + usize::from(!lowers));
        }
        steps.set(steps.get() + 1);
        Ok(())
    });
    let (all, proved) = (all.get(), proved.get());
    println!("{all} facts, {proved} monotone");
    result.unwrap();
    assert!(proved * 10 >= all && proved * 10 <= all * 9, "too little was looked at");
}

/// Facts that the small grids do not have.
#[test]
fn differences_are_found_in_all_facts() {
    let stays = "collection stays { on: date, booked: date, spend: money } dated by on\n";
    let pairs = [
        (
            format!("{stays}sum(stays.spend in last 12 months) > 10 => A\notherwise => B"),
            format!("{}sum(stays.spend in last 12 months) > 10 => A\notherwise => B", stays.replace("by on", "by booked")),
        ),
        (
            format!("{}sum(stays.spend in last 12 months) > 10 => A\notherwise => B", stays.replace("on: date,", "on: date default 2026-01-01,")),
            format!("{}sum(stays.spend in last 12 months) > 10 => A\notherwise => B", stays.replace("on: date,", "on: date default 2020-01-01,")),
        ),
        (
            "let r = lower(region)\nr = \"abc\" => A\notherwise => B".to_owned(),
            "region = \"abc\" => A\notherwise => B".to_owned(),
        ),
        (
            "tiers A > B\nfield parent.tier: one of (A, B) default A\nnps > 5 => A\ncap parent.tier when nps > 7".to_owned(),
            "tiers A > B\nfield parent.tier: one of (A, B) default B\nnps > 5 => A\ncap parent.tier when nps > 7".to_owned(),
        ),
        (
            "average_order_value > 33.33 => A\notherwise => B".to_owned(),
            "average_order_value >= 33.34 => A\notherwise => B".to_owned(),
        ),
        (
            "assume frequency is present and frequency > 3\nfrequency is present and annual_spend > 100 => A\notherwise => B".to_owned(),
            "assume frequency is present and frequency < 2\nfrequency is present and annual_spend > 500 => A\notherwise => B".to_owned(),
        ),
    ];
    for (old, new) in pairs {
        let diff = Policy::diff(&Policy::parse(&old).unwrap(), &Policy::parse(&new).unwrap(), Budget::default());
        assert!(!diff.changes().is_empty(), "{diff:?}\n{old}\n{new}");
    }
    let parse = |source: &str| Policy::parse(source).unwrap();
    let diff = |old: &str, new: &str| Policy::diff(&parse(old), &parse(new), Budget::default());
    let texts = diff("tiers A > C\notherwise => C", "tiers A > C\nindustry in (\"a\", \"b\") => A\notherwise => C");
    assert_eq!(texts.to_string(), "industry in (\"a\", \"b\"): C → A\n");
    // What is sensitive for one of them is shown of neither.
    let secret = diff(
        "field pin: integer 0..10\npin > 5 => A\notherwise => B",
        "field pin: integer 0..10 sensitive\npin > 7 => A\notherwise => B",
    );
    let json = serde_json::to_string(&secret).unwrap();
    assert_eq!(secret.to_string(), "pin …: A → B\n");
    assert!(!format!("{secret:?}{json}").contains(['6', '7']), "{secret:?}{json}");
    let today = diff("last_order_on <= today => A\notherwise => B", "last_order_on <= 2026-01-01 => A\notherwise => B");
    assert!(today.is_equal() && today.as_of().is_some_and(|day| day.to_string() == "2026-01-01"));
    let large = |last: u32| {
        let rules: String =
            (0..8_000).map(|at| format!("annual_spend > {} => T{}\n", 9_000_000 - at * 1_000, at % 5)).collect();
        parse(&format!("{rules}annual_spend > {last} => T9\notherwise => T10\n"))
    };
    let edited = Policy::diff(&large(1_000), &large(1_500), Budget::default());
    assert!(edited.is_complete(), "{edited:?}");
    assert_eq!(edited.to_string(), "annual_spend 1_000.01..1_500: T9 → T10\n");
    // An aggregate that looks at a fact moves with it.
    let within = parse("field limit: money\nsum(orders.amount where amount > limit) >= 100 => A\notherwise => B");
    assert!(matches!(within.monotone("limit", Budget::default()).unwrap().verdict(), Verdict::Unknown(_)));
    let nobody = parse("tiers A > B\nassume frequency > 3 and frequency < 2\ncomplaints > 3 => B\notherwise => A");
    assert!(matches!(nobody.monotone("complaints", Budget::default()).unwrap().verdict(), Verdict::Refuted(_)));
}

/// A box says no more than was found out: texts that were made up stand for themselves, and a set may be limited to some members.
#[test]
fn boxes_say_no_more_than_is_known() {
    let gaps = |source: &str| -> Vec<String> {
        let policy = Policy::parse(source).unwrap_or_else(|error| panic!("{error}"));
        let analysis = policy.analyze(Budget::default());
        analysis.findings().iter().flat_map(|finding| finding.boxes().iter().map(ToString::to_string)).collect()
    };
    let text = gaps("tiers A > B\nfield t: text\nt starts with \"a\" => A\nt matches \"^[b-z]\" => B");
    assert_eq!(text, ["t in (\"\", \"0\", \"7\", \"?\", \"A\", \"A7\")"]);
    let set = gaps("tiers A\nfield s: set of text\nfield t: text\ns contains t => A");
    assert_eq!(set[0], "s has only (\"?\"), t = \"\"");
    assert_eq!(set.len(), set.iter().collect::<std::collections::BTreeSet<_>>().len(), "{set:?}");
    // Members of another type are nobody's members.
    let numbers =
        gaps("tiers A\nfield n: set of number\nfield x: integer 0..3\nn contains 1 and not n contains x => A");
    assert!(numbers.iter().all(|own| !own.contains('?')), "{numbers:?}");
    let booleans = |tier: &str| {
        Policy::parse(&format!(
            "tiers A > B\nfield s: set of boolean\nfield b: boolean\ns contains b => A\nb => {tier}"
        ))
        .unwrap()
    };
    let diff = Policy::diff(&booleans("B"), &booleans("A"), Budget::default());
    let boxes: Vec<String> = diff.changes().iter().map(|change| change.customers().to_string()).collect();
    assert!(diff.is_complete() && boxes.contains(&"s is missing, b = true".to_owned()), "{boxes:?}");
    assert!(boxes.iter().all(|own| !own.contains('?')), "{boxes:?}");
}
