//! Cases in files, run through every engine: the reference evaluator, the plan, the plan with a recorder, `decide`, and
//! the printed source parsed again.
//!
//! `TIERWISE_BLESS=1` rewrites the `report` sections, which are messages; expected outcomes are never rewritten.

#[path = "support/replay.rs"]
mod replay;
mod support;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;
use support::{Case, cases};
use tierwise::{Customer, Lang, Policy, reference};

fn parse(case: &Case) -> Policy {
    case.parse().unwrap_or_else(|error| panic!("{}:\n{error}", case.name()))
}

/// The outcome in the words of a case.
fn describe(outcome: &Value) -> String {
    let name = |value: &Value| value.as_str().map_or("none".to_owned(), str::to_owned);
    let list = |value: &Value| value.as_array().unwrap().iter().map(name).collect::<Vec<_>>().join(", ");
    let mut text = format!("tier: {}\n", name(&outcome["tier"]));
    if let Some(rule) = outcome["rule"].as_str() {
        text += &format!("rule: {rule}\n");
    } else if let Some(line) = outcome["line"].as_u64() {
        text += &format!("rule: line {line}\n");
    }
    if outcome["certain"] == false {
        text += &format!("possible: {}\nmissing: {}\n", list(&outcome["possible"]), list(&outcome["missing"]));
    }
    if !outcome["adjusted_by"].is_null() {
        text += &format!("adjusted by: {}\n", outcome["adjusted_by"].to_string().trim_matches('"'));
    }
    for finding in outcome["findings"].as_array().unwrap() {
        let field = finding["field"].as_str().map(|field| format!(" {field}")).unwrap_or_default();
        text += &format!("finding: {}{field}\n", finding["code"].as_str().unwrap());
    }
    text
}

/// Runs one customer through every engine; they must agree, and their answer is given back in words.
fn run(case: &Case, policy: &Policy, customer: &Customer, as_of: NaiveDate) -> String {
    let outcome = match policy.classify(customer, as_of) {
        Ok(outcome) => outcome,
        Err(error) => {
            assert_eq!(policy.decide(customer, as_of).unwrap_err(), error, "{}", case.name());
            assert_eq!(reference::classify(policy, customer, as_of).unwrap_err(), error, "{}", case.name());
            return format!("refused: {} {}\n", error.code(), error.message(Lang::En));
        }
    };
    let json = serde_json::to_value(&outcome).unwrap();
    let why = policy.explain(customer, as_of).unwrap();
    assert_eq!(why.outcome(), &outcome, "{}", case.name());
    replay::check(&why, &policy.tiers().collect::<Vec<_>>()).unwrap_or_else(|e| panic!("{}: {e}", case.name()));
    let decided = policy.decide(customer, as_of).unwrap();
    assert_eq!(
        (decided.tier(), decided.rule(), decided.is_certain()),
        (outcome.tier_id(), outcome.rule_id(), outcome.is_certain())
    );
    let naive = reference::classify(policy, customer, as_of).unwrap();
    assert_eq!(naive.tier.as_deref(), outcome.tier(), "{}: reference", case.name());
    assert_eq!(naive.line, outcome.line(), "{}: reference", case.name());
    let findings: Vec<_> = outcome.findings().map(|f| (f.code().to_owned(), f.field().map(str::to_owned))).collect();
    assert_eq!(naive.findings, findings, "{}: reference", case.name());
    let possible: Vec<Option<String>> = outcome.possible().map(|tier| tier.map(str::to_owned)).collect();
    assert!(naive.reached.iter().all(|tier| possible.contains(tier)), "{}: {:?}", case.name(), naive.reached);
    let (printed, equal) = Policy::printed(policy.source());
    assert!(equal, "{}: printed as\n{printed}", case.name());
    let again =
        Policy::parse(&printed).unwrap_or_else(|error| panic!("{}: printed as\n{printed}\n{error}", case.name()));
    assert_eq!(again.fingerprint(), policy.fingerprint(), "{}: printed as\n{printed}", case.name());
    let again = serde_json::to_value(again.classify(customer, as_of).unwrap()).unwrap();
    for key in ["tier", "rule", "certain", "possible", "missing", "findings"] {
        assert_eq!(again[key], json[key], "{}: printed as\n{printed}", case.name());
    }
    describe(&json)
}

#[test]
fn every_case_gives_what_it_expects() {
    let (mut customers, mut wrong) = (0, Vec::new());
    for case in cases() {
        let mut as_of: NaiveDate = "2026-03-31".parse().unwrap();
        let mut policy = None;
        let mut answer = None;
        for section in &case.sections {
            match section.head.split_once(' ').map_or(section.head.as_str(), |(word, _)| word) {
                "policy" | "limits" | "errors" | "report" | "plan" | "explain" => {}
                "warnings" => {
                    let policy = parse(&case);
                    let found: Vec<&str> = policy.warnings().iter().map(|warning| warning.code().as_str()).collect();
                    assert_eq!(found.join("\n"), section.body.trim(), "{}", case.name());
                    let report = policy.warning_report("case.tier").to_string();
                    compare_report(&case, &report, &mut wrong);
                }
                "as" => as_of = section.head.trim_start_matches("as of ").parse().unwrap(),
                "customer" => {
                    assert!(answer.is_none(), "{}: an answer was not judged", case.name());
                    let facts: Value =
                        serde_json::from_str(&section.body).unwrap_or_else(|e| panic!("{}: {e}", case.name()));
                    let customer = Customer::from_serialize(&facts).unwrap();
                    answer = Some(run(&case, policy.get_or_insert_with(|| parse(&case)), &customer, as_of));
                    customers += 1;
                }
                "expect" => {
                    let answer = answer.take().unwrap_or_else(|| panic!("{}: nothing to expect of", case.name()));
                    if answer.trim() != section.body.trim() {
                        wrong.push(format!("{}:\n{answer}but expected\n{}", case.name(), section.body));
                    }
                }
                other => panic!("{}: unknown section `{other}`", case.name()),
            }
        }
        assert!(answer.is_none(), "{}: an answer was not judged", case.name());
    }
    assert!(customers > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The report that a case has, rewritten on demand.
fn compare_report(case: &Case, report: &str, wrong: &mut Vec<String>) {
    let known = case.section("report").unwrap_or_default();
    if known.trim_end() == report.trim_end() {
        return;
    }
    if std::env::var("TIERWISE_BLESS").is_ok() {
        let text = std::fs::read_to_string(&case.path).unwrap();
        let head = text.split("--- report\n").next().unwrap();
        std::fs::write(&case.path, format!("{head}--- report\n{report}")).unwrap();
    } else {
        wrong.push(format!("{}:\n{report}\nbut expected\n{known}", case.name()));
    }
}

#[test]
fn every_bad_policy_is_reported_where_it_is_bad() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Some(expected) = case.section("errors") else {
            continue;
        };
        let source = case.policy();
        let error = case.parse().expect_err(&case.name());
        let place = |offset: usize| {
            let before = &source[..offset];
            let line = before.matches('\n').count() + 1;
            (line, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
        };
        let mut found = String::new();
        for diagnostic in error.diagnostics() {
            let (line, column) = place(diagnostic.span().start());
            found += &format!("{} {line}:{column}\n", diagnostic.code().as_str());
        }
        if found.trim() != expected.trim() {
            wrong.push(format!("{}:\n{found}but expected\n{expected}\n{error}", case.name()));
            continue;
        }
        compare_report(&case, &error.report("case.tier").to_string(), &mut wrong);
    }
    assert!(wrong.is_empty(), "TIERWISE_BLESS=1 rewrites messages\n{}", wrong.join("\n"));
}

/// Whether a case really draws the code that it claims to cover.
fn draws(case: &Case, code: &str) -> bool {
    let sections =
        case.sections.iter().filter(|section| matches!(section.head.as_str(), "errors" | "warnings" | "expect"));
    sections.into_iter().any(|section| section.body.contains(code))
}

#[test]
fn everything_that_there_is_has_a_case() {
    let cases = cases();
    let mut wanted: BTreeSet<String> = reference::codes().into_iter().map(str::to_owned).collect();
    for case in &cases {
        for code in case.covers.iter().filter(|item| wanted.contains(*item) && !item.contains(':')) {
            assert!(draws(case, code), "{} claims {code} and does not draw it", case.name());
        }
    }
    let grammar = include_str!("../grammar/tier.pest");
    let rules =
        grammar.lines().filter(|line| !line.starts_with([' ', '/', '}'])).filter_map(|line| line.split_once('='));
    wanted.extend(rules.map(|(name, _)| format!("grammar:{}", name.trim())));
    for (form, can_be_undefined) in reference::operators() {
        let states: &[&str] = if can_be_undefined { &["known", "missing", "undefined"] } else { &["known", "missing"] };
        wanted.extend(states.iter().map(|state| format!("op:{}/{state}", form.replace(", ", " "))));
    }
    for condition in CONDITIONS {
        wanted.extend(["known", "missing", "undefined"].iter().map(|state| format!("op:{condition}/{state}")));
    }
    let covered: BTreeSet<String> = cases.iter().flat_map(|case| case.covers.iter().cloned()).collect();
    let unknown: Vec<_> = covered.difference(&wanted).collect();
    assert!(unknown.is_empty(), "covered, but there is no such thing: {unknown:?}");
    let open: Vec<_> = wanted.difference(&covered).collect();
    assert!(open.is_empty(), "{} of {} without a case: {open:?}", open.len(), wanted.len());
}

/// The conditions of the language, each with known, missing and undefined operands.
const CONDITIONS: [&str; 22] = [
    "=",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "between",
    "in",
    "is missing",
    "is present",
    "contains",
    "contains any",
    "contains all",
    "starts with",
    "matches",
    "within",
    "and",
    "or",
    "not",
    "at least",
    "if",
    "??",
];

#[test]
fn plans_are_dumped_as_the_cases_say() {
    let mut seen = 0;
    for case in cases() {
        if let Some(expected) = case.section("plan") {
            assert_eq!(parse(&case).plan().to_string().trim(), expected.trim(), "{}", case.name());
            seen += 1;
        }
    }
    assert!(seen > 0, "no case shows a plan");
}
