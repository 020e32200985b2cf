//! The analysis of policies against trying everything: on small grids every finding is what trying every customer shows, and
//! nothing else is found.
//!
//! `TIERWISE_ANALYSIS_CASES` sets the number of cases (256 by default).

#[path = "support/boxes.rs"]
mod boxes;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/grids.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod grids;
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/runner.rs"]
mod runner;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use boxes::condition_of;
use grids::{Small, today};
use oracle::{Expected, Oracle, Tried, bare, found, idle, unneeded};
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use tierwise::{Budget, Inquiry, Policy, PolicyFinding};

#[test]
fn findings_are_what_trying_everybody_shows() {
    let counts: RefCell<BTreeMap<&'static str, usize>> = RefCell::default();
    let (all, steps, open) = (Cell::new(0_usize), Cell::new(0_u64), Cell::new(0));
    let mut runner = runner("analysis", "TIERWISE_ANALYSIS_CASES");
    let result = runner.run(&vec(any::<u16>(), 0..300), |choices| {
        let small = Small::analysed(&choices)?;
        let tried = Tried::new(&small);
        let mut oracle = Oracle { tried: &tried, expected: Expected::new(), covers: BTreeMap::new() };
        oracle.run();
        let analysis = small.policy.analyze(Inquiry::within(Budget::of(1_000_000)).as_of(today()).overlaps());
        let mut found = found(&small, analysis.findings());
        let fallbacks = found.iter().filter(|(code, _)| *code == "A0113").count();
        let defaults = found.iter().filter(|(code, _)| *code == "A0114").count();
        found.retain(|(code, _)| !["A0113", "A0114"].contains(code));
        let context = format!("{}\n{}", small.source, analysis.report("policy.tier", tierwise::Lang::En));
        let more: Vec<_> = found.difference(&oracle.expected).collect();
        let less: Vec<_> = oracle.expected.difference(&found).collect();
        prop_assert!(more.is_empty() && less.is_empty(), "found {more:?}, not found {less:?}\n{context}");
        prop_assert!(analysis.is_complete(), "{:?}\n{context}", analysis.open());
        prop_assert_eq!(fallbacks, unneeded(&tried), "{}", &context);
        prop_assert_eq!(defaults, idle(&small), "{}", &context);
        for finding in analysis.findings() {
            *counts.borrow_mut().entry(finding.code().as_str()).or_default() += 1;
            let span = finding.diagnostic().span();
            let place = bare(&small.source, span.start(), span.end());
            if let (Some((fewest, ..)), "A0105") = (oracle.covers.get(&place), finding.code().as_str()) {
                let labels = finding.diagnostic().labels();
                prop_assert_eq!(labels.len(), *fewest, "{}", &context);
                let covering: Vec<Vec<bool>> = labels
                    .iter()
                    .map(|label| tried.truths(&small.source[label.span().start()..label.span().end()]))
                    .collect();
                let own = tried.truths(&small.source[span.start()..span.end()]);
                prop_assert!(
                    !tried.anybody(|at| own[at] && !covering.iter().any(|truths| truths[at])),
                    "not covered\n{context}"
                );
            }
            boxes(&tried, finding).map_err(|reason| TestCaseError::fail(format!("{reason}\n{context}")))?;
        }
        open.set(open.get() + usize::from(!analysis.is_complete()));
        steps.set(steps.get() + u64::from(analysis.steps()));
        all.set(all.get() + 1);
        Ok(())
    });
    println!(
        "{} policies, {} steps each, findings: {:?}",
        all.get(),
        steps.get() / all.get().max(1) as u64,
        counts.borrow()
    );
    result.unwrap();
    assert!(counts.borrow().len() == 14, "some codes were never found");
}

/// Everybody in a box of a gap is in the gap, and whoever of whom all is known is in it is in a box.
fn boxes(tried: &Tried<'_>, finding: &PolicyFinding) -> Result<(), String> {
    let texts: Vec<String> = finding.boxes().iter().map(|each| condition_of(&each.to_string())).collect();
    let inside: Vec<Vec<bool>> = texts.iter().map(|text| tried.truths(text)).collect();
    let finals = tried.tiers(&tried.small.policy);
    let none = |at: usize| finals[at].is_none();
    if finding.code().as_str() == "A0102" {
        for (at, (point, _)) in tried.customers.iter().enumerate().filter(|(at, _)| tried.allowed[*at]) {
            if point.iter().all(Option::is_some) && none(at) != inside.iter().any(|truths| truths[at]) {
                return Err(format!("{}: gap {}, boxes {texts:?}", tried.small.json(point), none(at)));
            }
        }
    }
    match (finding.witness(), finding.code().as_str()) {
        (Some(witness), "A0102" | "A0103") => {
            let text = condition_of(&witness.to_string());
            let who = tried.truths(&text);
            if tried.anybody(|at| who[at] && none(at)) { Ok(()) } else { Err(format!("nobody is {text}")) }
        }
        (None, "A0102" | "A0103" | "A0111") => Err("no witness".to_owned()),
        _ => Ok(()),
    }
}

/// What a class asks of a fact: its floors, the largest class first, and their unit.
type Floors<'t> = (&'t str, [u64; 3], &'t str);

/// The classes as they are, by floors, and with both ends of each; from the shared data.
fn size_classes(shared: &str) -> [String; 2] {
    let text = std::fs::read_to_string(format!("{shared}/data/size_classes.csv")).unwrap();
    let mut sectors: Vec<(&str, Vec<Floors<'_>>)> = Vec::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let fact = match cells[2] {
            "从业人员" => "employees",
            "营业收入" => "annual_revenue",
            _ => "total_assets",
        };
        let floors: [u64; 3] = std::array::from_fn(|at| cells[4 + at].parse().unwrap());
        let unit = if cells[3] == "万元" { "万" } else { "" };
        if sectors.last().is_none_or(|(name, _)| *name != cells[0]) {
            sectors.push((cells[0], Vec::new()));
        }
        sectors.last_mut().unwrap().1.push((fact, floors, unit));
    }
    let names: Vec<String> = sectors.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let head = |option: &str| {
        format!(
            "currency CNY\ntiers large > medium > small > micro\nfield sector: one of ({}) required\n\
             field employees: integer 0..{option}\nfield annual_revenue: money 0..{option}\nfield total_assets: money 0..{option}\n",
            names.join(", ")
        )
    };
    let (mut own, mut public) = (head(""), head(" required"));
    for (class, name) in ["large", "medium", "small", "micro"].into_iter().enumerate() {
        for (sector, facts) in &sectors {
            let floors = facts
                .iter()
                .filter(|_| class < 3)
                .map(|(fact, floors, unit)| format!("{fact} >= {}{unit}", floors[class]));
            let floors: Vec<String> = floors.collect();
            if class < 3 {
                own += &format!("sector = \"{sector}\" and {} => {name}\n", floors.join(" and "));
            }
            let both = facts.iter().map(|(fact, floors, unit)| {
                let mut ends =
                    [if class < 3 { floors[class] } else { 0 }, if class > 0 { floors[class - 1] } else { u64::MAX }];
                match (*sector, *fact, name) {
                    ("信息传输业", "annual_revenue", "medium") => ends[1] = 10_000,
                    ("仓储业", "employees", "medium") => ends = [200, 300],
                    ("仓储业", "employees", "small") => ends = [20, 200],
                    _ => {}
                }
                let high = if class > 0 { format!(" and {fact} < {}{unit}", ends[1]) } else { String::new() };
                format!("({fact} >= {}{unit}{high})", ends[0])
            });
            let joined = both.collect::<Vec<_>>().join(if class == 3 { " or " } else { " and " });
            public += &format!("sector = \"{sector}\" and ({joined}) => {name}\n");
        }
    }
    own += "otherwise => micro\n";
    [own, public]
}

/// China's official size classes (2017), by the floors of each class in the shared data: as they are, and as a public
/// implementation of them had them, with both ends of every class, no `otherwise`, and two wrong numbers.
#[test]
fn size_classes_are_analysed() {
    let Ok(shared) = std::env::var("TIERWISE_SHARED") else {
        println!("skipped: TIERWISE_SHARED is not set");
        return;
    };
    let [own, public] = size_classes(&shared);
    let analysis = Policy::parse(&own).unwrap().analyze(Budget::default());
    assert!(analysis.is_complete() && analysis.findings().is_empty(), "{analysis:?}");
    println!("as they are: complete, nothing found, {} steps", analysis.steps());
    let analysis = Policy::parse(&public).unwrap().analyze(Budget::default());
    assert!(analysis.is_complete(), "{analysis:?}");
    let gap = analysis.findings().iter().find(|finding| finding.code().as_str() == "A0102").unwrap();
    let boxes: Vec<String> = gap.boxes().iter().map(ToString::to_string).collect();
    println!("{} steps, a gap in {} boxes, among them", analysis.steps(), boxes.len());
    // Who has 100 staff and more and takes 100 million to a billion should be medium; a warehouse of 100 to 200 staff as well,
    // and of 300 and more.
    for wanted in [
        "employees 10..1_999, annual_revenue >= 100_000_000, sector = 信息传输业",
        "employees 20..199, annual_revenue >= 10_000_000, sector = 仓储业",
        "employees >= 300, annual_revenue 1_000_000..299_999_999.99, sector = 仓储业",
    ] {
        println!("  {wanted}");
        assert!(boxes.iter().any(|text| text == wanted), "{wanted} is not among {boxes:#?}");
    }
}

fn codes(source: &str) -> Vec<&'static str> {
    let policy = Policy::parse(source).unwrap_or_else(|error| panic!("{source}\n{error}"));
    let analysis = policy.analyze(Inquiry::default().as_of(today()));
    assert!(analysis.is_complete(), "{analysis:?}\n{source}");
    analysis.findings().iter().map(|finding| finding.code().as_str()).collect()
}

/// Facts that the small grids do not have: texts, quotients, defaults off the grid, what stands for other texts.
#[test]
fn findings_hold_of_all_facts() {
    // Who has a text in capitals, and an average between two cents.
    let nothing = [
        "let r = lower(region)\nr = \"abc\" and region != \"abc\" => A\notherwise => B",
        "average_order_value > 33.33 and average_order_value < 33.34 => A\notherwise => B",
        "field x: number default 0.00000001\nx > 0 and x < 0.000001 => A\notherwise => B",
        "field x: number\nx > 0 and x < 0.000001 => A\notherwise => B",
        "employees between 0 and 50 => A\notherwise => B",
        "frequency > 5 or frequency <= 10 => A\notherwise => B",
        "tiers A > B\nannual_spend > 100 => A\nfloor B when annual_spend <= 100 or annual_spend is missing",
    ];
    for source in nothing {
        let found = codes(source);
        let told = found.iter().all(|code| ["A0108"].contains(code));
        assert!(told, "{found:?}\n{source}");
    }
    assert_eq!(
        codes("score s { frequency: > 10 => 5, > 20 => 6, otherwise => 0 }\ns > 5 => A\ns > 1 => B\notherwise => C")
            .first(),
        Some(&"A0112")
    );
    let boxes = |source: &str| -> Vec<String> {
        let analysis = Policy::parse(source).unwrap().analyze(Budget::default());
        let gap = analysis.findings().iter().find(|finding| finding.code().as_str() == "A0102");
        gap.into_iter().flat_map(PolicyFinding::boxes).map(ToString::to_string).collect()
    };
    assert_eq!(boxes("industry in (\"a\", \"b\") => A"), ["industry not in (\"a\", \"b\")"]);
    assert_eq!(boxes("region = \"?\" => A\nregion = \"x\" => B"), ["region not in (\"?\", \"x\")"]);
    assert_eq!(boxes("region != \"?\" => A"), ["region = \"?\""]);
}

/// A thousand rules are looked at within the default budget, and each of them.
#[test]
fn a_thousand_rules_are_analysed() {
    let mut source = String::new();
    for at in 0..1_000 {
        source += &format!("annual_spend > {} => T{}\n", 1_000_000 - at * 500, at % 7);
    }
    source += "frequency > 5 and frequency < 3 => T1\notherwise => T8\n";
    let policy = Policy::parse(&source).unwrap();
    let analysis = policy.analyze(Budget::default());
    let found: Vec<_> = analysis.findings().iter().map(|finding| finding.code().as_str()).collect();
    println!("{} steps, {} open", analysis.steps(), analysis.open().len());
    assert!(found.contains(&"A0104"), "{found:?}");
    assert!(!analysis.open().iter().any(|open| open.code().as_str() == "A0105"), "{}", analysis.open().len());
}
