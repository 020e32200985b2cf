//! What tierwise proves and shows, against z3, which is given nothing but the policies' text.
//!
//! `TIERWISE_ORACLE_CASES` sets the number of policies (256 by default). `TIERWISE_Z3_PYTHON` names a Python that has the
//! packages of `requirements.txt`; without it `python3` is tried, and the test is skipped where that has no z3.

#[path = "../support/boxes.rs"]
mod boxes;
#[path = "../support/dice.rs"]
mod dice;
mod generate;
#[path = "../support/half.rs"]
mod half;
#[path = "../support/runner.rs"]
mod runner;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use boxes::condition_of;
use chrono::NaiveDate;
use dice::Dice;
use generate::{TIERS, Text, Writer};
use half::half;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestError};
use serde_json::{Map, Value, json};
use tierwise::{Budget, Customer, Inquiry, Policy, Target, Verdict};

type Facts = Map<String, Value>;
type Checked = Result<(), TestCaseError>;

/// A tier by its place on the ladder, one more than the last for none, as z3 tells it.
fn place(tier: Option<&str>) -> usize {
    tier.and_then(|tier| TIERS.iter().position(|own| *own == tier)).unwrap_or(TIERS.len())
}

fn today() -> NaiveDate {
    NaiveDate::default()
}

/// A Python that answers with z3.
struct Oracle {
    child: RefCell<(Child, BufReader<ChildStdout>)>,
    counts: RefCell<BTreeMap<&'static str, [u32; 4]>>,
}

impl Oracle {
    /// `None` where there is no z3 and none was asked for.
    fn new() -> Option<Self> {
        let named = std::env::var("TIERWISE_Z3_PYTHON").ok();
        let python = named.as_deref().unwrap_or("python3");
        let has = Command::new(python).args(["-c", "import z3"]).stderr(Stdio::null()).status();
        if !has.is_ok_and(|status| status.success()) {
            assert!(named.is_none(), "{python} has no z3");
            return None;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oracle/z3_oracle.py");
        let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child: RefCell::new((child, answers)), counts: RefCell::default() })
    }

    fn ask(&self, question: &Value) -> Value {
        let (child, answers) = &mut *self.child.borrow_mut();
        writeln!(child.stdin.as_mut().unwrap(), "{question}").unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(answer.get("error").is_none(), "{answer}\n{question}");
        answer
    }

    /// Counts a question, whether there is somebody, and whether tierwise or z3 did not find the answer.
    fn count(&self, what: &'static str, answers: [bool; 3]) {
        let mut counts = self.counts.borrow_mut();
        let counts = counts.entry(what).or_default();
        counts.iter_mut().zip([true].into_iter().chain(answers)).for_each(|(count, one)| *count += u32::from(one));
    }

    /// Fails where z3 says one thing and tierwise another: `said` is that there is somebody, `None` that it is not known.
    fn compare(&self, what: &'static str, said: Option<bool>, somebody: &Value, context: &str) -> Checked {
        let open = somebody == "?";
        self.count(what, [!open && !somebody.is_null(), said.is_none(), open]);
        match said {
            Some(said) if !open => {
                prop_assert_eq!(said, !somebody.is_null(), "{}: z3 finds {}\n{}", what, somebody, context);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        let (child, _) = self.child.get_mut();
        drop(child.stdin.take());
        child.wait().expect("it ends with its input");
    }
}

/// A policy and what it is asked.
struct Case<'o> {
    oracle: &'o Oracle,
    source: String,
    policy: Policy,
}

impl Case<'_> {
    fn decided_and_possible(&self, facts: &Facts) -> Checked {
        let customer = Customer::from_serialize(facts).unwrap();
        let context = format!("{}\n{}", self.source, Value::from(facts.clone()));
        let answer = self.oracle.ask(&json!({"ask": "possible", "policy": self.source, "facts": facts}));
        let decided = self.policy.decide(&customer, today()).unwrap();
        let tier = decided.tier().map(|tier| tier.index());
        prop_assert_eq!(&json!(tier.unwrap_or(TIERS.len())), &answer["decided"], "decided\n{}", &context);
        let possible = self.policy.possible(&customer, today(), Budget::default()).unwrap();
        let mut tiers: Vec<usize> = possible.tiers().map(place).collect();
        tiers.sort_unstable();
        let unknown = possible.unknown().is_some();
        self.oracle.count("possible", [tiers.len() > 1, unknown, false]);
        let theirs: Vec<usize> = serde_json::from_value(answer["possible"].clone()).unwrap();
        let right = if unknown { theirs.iter().all(|tier| tiers.contains(tier)) } else { theirs == tiers };
        prop_assert!(right, "possible: {tiers:?}, but {theirs:?}\n{context}");
        Ok(())
    }

    /// Whether somebody keeps the assumptions is not known: what is said of those who do may be said of nobody.
    fn is_doubtful(&self) -> bool {
        self.policy.analyze(Budget::default()).open().iter().any(|open| open.code().as_str() == "A0101")
    }

    fn analysis(&self) -> Checked {
        let analysis = self.policy.analyze(Budget::default());
        let answer = self.oracle.ask(&json!({"ask": "analysis", "policy": self.source}));
        let told = serde_json::to_value(&analysis).unwrap();
        let context = format!("{}\n{told}", self.source);
        let all = |list: &str| told[list].as_array().unwrap().clone();
        let at = |list: &str, codes: &[&str], line: Option<&Value>| {
            let fits = |one: &Value| {
                codes.contains(&one["code"].as_str().unwrap()) && line.is_none_or(|line| one["line"] == *line)
            };
            all(list).iter().any(fits)
        };
        // Whether there is somebody, by a finding that there is nobody.
        let somebody = |codes: &[&str], line| (!at("open", codes, line)).then(|| !at("findings", codes, line));
        for rule in answer["rules"].as_array().unwrap() {
            let line = Some(&rule["line"]);
            let never_true = at("findings", &["A0104"], line);
            if rule["otherwise"] == false {
                self.oracle.compare("rule true", somebody(&["A0104"], line), &rule["true"], &context)?;
            }
            // Of a rule that is never true it is not asked, and not known of one whose truth is not known.
            if !never_true && !at("open", &["A0104"], line) {
                let codes = ["A0105", "A0106"];
                self.oracle.compare("rule decides", somebody(&codes, line), &rule["decides"], &context)?;
            }
        }
        for (place, somebody) in answer["tiers"].as_array().unwrap().iter().enumerate() {
            let named = |one: &Value| one["message"].as_str().unwrap().contains(&format!("tier `{}`", TIERS[place]));
            let told = all("findings").iter().any(|one| one["code"] == "A0109" && named(one));
            let open = at("open", &["A0109"], None);
            let reached = if told { Some(false) } else { (!open).then_some(true) };
            self.oracle.compare("tier reached", reached, somebody, &context)?;
        }
        let there = |code: &str| (!at("open", &[code], None)).then(|| at("findings", &[code], None));
        self.oracle.compare("gap", there("A0102"), &answer["gap"], &context)?;
        if answer["gap"].is_null() {
            self.oracle.compare("gap where missing", there("A0103"), &answer["gap_missing"], &context)?;
        }
        for finding in analysis.findings().iter().filter(|finding| finding.code().as_str() == "A0102") {
            for boxed in finding.boxes() {
                self.within(&[&self.source], &boxed.to_string(), &[TIERS.len()], &context)?;
            }
        }
        Ok(())
    }

    /// Somebody is in a box, and all who are there have those tiers.
    fn within(&self, policies: &[&str], boxed: &str, tiers: &[usize], context: &str) -> Checked {
        let known = policies.len() == 1;
        let question =
            json!({"ask": "within", "policies": policies, "box": condition_of(boxed), "tiers": tiers, "known": known});
        let answer = self.oracle.ask(&question);
        self.oracle.compare("box with somebody", Some(true), &answer["anybody"], &format!("{boxed}\n{context}"))?;
        self.oracle.compare("box of others", Some(false), &answer["other"], &format!("{boxed}\n{context}"))
    }

    fn difference(&self, new: &Text) -> Checked {
        let source = new.source();
        let other = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        let diff = Policy::diff(&self.policy, &other, Inquiry::within(Budget::default()));
        let boxes: Vec<String> =
            diff.changes().iter().map(|change| condition_of(&change.customers().to_string())).collect();
        let answer = self.oracle.ask(&json!({"ask": "diff", "policies": [self.source, source], "boxes": boxes}));
        let context = format!("{}--- new\n{source}--- diff\n{diff:?}", self.source);
        let said = if diff.changes().is_empty() { diff.is_complete().then_some(false) } else { Some(true) };
        self.oracle.compare("difference", said, &answer["differs"], &context)?;
        let complete = diff.is_complete() && diff.changes().iter().all(|change| change.is_whole());
        self.oracle.compare("difference outside", complete.then_some(false), &answer["outside"], &context)?;
        for change in diff.changes().iter().filter(|change| change.is_whole()) {
            let tiers = [change.from(), change.to()].map(place);
            self.within(&[&self.source, &source], &change.customers().to_string(), &tiers, &context)?;
        }
        Ok(())
    }

    fn monotone(&self, fact: &str) -> Checked {
        let Ok(found) = self.policy.monotone(fact, Budget::default()) else { return Ok(()) };
        let answer = self.oracle.ask(&json!({"ask": "monotone", "policy": self.source, "fact": fact}));
        let said = match found.verdict() {
            Verdict::Proved => Some(false),
            Verdict::Refuted(_) => Some(true),
            Verdict::Unknown(_) => None,
        };
        self.oracle.compare("monotone", said, &answer["lowers"], &format!("{fact} {found:?}\n{}", self.source))
    }

    fn distance(&self, facts: &Facts, named: usize) -> Checked {
        let decided = |facts: &Facts| {
            let customer = Customer::from_serialize(facts).unwrap();
            self.policy
                .decide(&customer, today())
                .map(|decided| decided.tier().map_or(TIERS.len(), |tier| tier.index()))
        };
        let now = decided(facts).unwrap();
        for target in [Target::Better, Target::Worse, Target::Tier(TIERS[named])] {
            let wanted: Vec<usize> = match target {
                Target::Better => (0..now).collect(),
                Target::Worse => (now + 1..=TIERS.len()).collect(),
                _ => [named].into_iter().filter(|tier| *tier != now).collect(),
            };
            let customer = Customer::from_serialize(facts).unwrap();
            let far = self.policy.distance(&customer, today(), target, Budget::default()).unwrap();
            let context = format!("{target:?} {far:?}\n{}\n{}", self.source, Value::from(facts.clone()));
            for way in far.ways() {
                let mut moved = facts.clone();
                for change in way.changes() {
                    moved.insert(change.name().to_owned(), serde_json::to_value(change.to()).unwrap());
                }
                let there = decided(&moved).is_ok_and(|tier| wanted.contains(&tier));
                prop_assert!(there, "{:?} leads to {:?}\n{}", way, decided(&moved), context);
            }
            let cost = far.ways().first().map(|way| way.cost().to_string());
            let may: Vec<Value> =
                far.may_change().map(|(name, unit, cost)| json!([name, unit.to_string(), cost.to_string()])).collect();
            let question = json!({"ask": "nearer", "policy": self.source, "facts": facts, "tiers": wanted, "below": cost, "may_change": may});
            let said = far.unknown().is_none().then_some(false);
            self.oracle.compare("nearer", said, &self.oracle.ask(&question)["nearer"], &context)?;
        }
        Ok(())
    }
}

#[test]
fn z3_finds_nobody_whom_tierwise_says_there_is_not() {
    compare_half(0);
}

#[test]
fn z3_finds_nobody_of_other_policies_whom_tierwise_says_there_is_not() {
    compare_half(1);
}

fn compare_half(at: u32) {
    let Some(oracle) = Oracle::new() else {
        println!("skipped: python3 has no z3 (tests/oracle/requirements.txt)");
        return;
    };
    let run = Cell::new(0);
    let mut runner = half("oracle", "TIERWISE_ORACLE_CASES", at);
    let result = runner.run(&(vec(any::<u16>(), 60..500), vec(any::<u16>(), 120)), |(choices, asked)| {
        let mut dice = Dice::new(&choices);
        let mut writer = Writer::new(&mut dice);
        let text = writer.policy();
        let mut more = Dice::new(&asked);
        writer.dice = &mut more;
        let source = text.source();
        let policy = Policy::parse(&source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
        let case = Case { oracle: &oracle, source, policy };
        let facts = writer.customer();
        case.decided_and_possible(&facts)?;
        case.decided_and_possible(&writer.customer())?;
        case.distance(&facts, writer.dice.roll(TIERS.len()))?;
        let doubtful = case.is_doubtful();
        oracle.count("assumptions", [false, doubtful, false]);
        if !doubtful {
            case.analysis()?;
            case.monotone(writer.number())?;
            case.difference(&writer.edited(&text))?;
        }
        run.set(run.get() + 1);
        Ok(())
    });
    println!("{} policies", run.get());
    println!("| question | asked | somebody | unknown to tierwise | unknown to z3 |\n| --- | --- | --- | --- | --- |");
    for (what, [all, somebody, own, z3]) in oracle.counts.borrow().iter() {
        println!("| {what} | {all} | {somebody} | {own} | {z3} |");
    }
    match result {
        // Seed and choices say less than the policy, which the reason shows.
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        other => other.unwrap(),
    }
}
