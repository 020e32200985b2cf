//! Explanations as people read them: the texts of customers as goldens, and what no reader may see.
//!
//! `TIERWISE_BLESS=1` rewrites the texts.

mod support;

use chrono::NaiveDate;
use serde_json::Value;
use support::{Case, cases};
use tierwise::{Customer, Detail, Lang};

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn explained() -> Vec<Case> {
    let explained = |case: &Case| case.sections.iter().any(|section| section.head.starts_with("explain"));
    cases().into_iter().filter(explained).collect()
}

/// The texts of a case in the order of its `explain` sections.
fn texts(case: &Case) -> Vec<String> {
    let policy = case.parse().unwrap_or_else(|error| panic!("{}:\n{error}", case.name()));
    let mut why = None;
    let mut texts = Vec::new();
    for section in &case.sections {
        match section.head.as_str() {
            "customer" => {
                let facts: Value = serde_json::from_str(&section.body).unwrap();
                why = policy.explain(&Customer::from_serialize(&facts).unwrap(), as_of()).ok();
            }
            "explain" => texts.push(why.as_ref().unwrap().text(Detail::Short, Lang::En)),
            "explain full" => texts.push(why.as_ref().unwrap().text(Detail::Full, Lang::En)),
            _ => {}
        }
    }
    texts
}

#[test]
fn explanations_read_as_the_cases_say() {
    let bless = std::env::var("TIERWISE_BLESS").is_ok();
    let (mut customers, mut wrong, mut lengths) = (0, Vec::new(), Vec::new());
    for case in explained().iter() {
        let mut texts = texts(case).into_iter();
        let mut blessed = false;
        let mut file: String =
            std::fs::read_to_string(&case.path).unwrap().split_inclusive("--- ").next().unwrap().into();
        for section in &case.sections {
            let judged = section.head.starts_with("explain");
            let body = if judged { texts.next().unwrap() } else { section.body.clone() };
            customers += usize::from(section.head == "customer");
            if judged && section.head == "explain" {
                lengths.push(body.lines().count());
                assert!(body.lines().count() <= 16, "{}: the short text is long:\n{body}", case.name());
            }
            if body != section.body {
                blessed = true;
                wrong.push(format!("{}:\n{body}but expected\n{}", case.name(), section.body));
            }
            file += &format!("{}\n{body}--- ", section.head);
        }
        if bless && blessed {
            std::fs::write(&case.path, file.trim_end_matches("--- ")).unwrap();
        }
    }
    lengths.sort_unstable();
    assert!(customers >= 10 && lengths[lengths.len() / 2] <= 10, "{customers} customers, {lengths:?} lines");
    assert!(bless || wrong.is_empty(), "TIERWISE_BLESS=1 rewrites explanations\n{}", wrong.join("\n"));
}

/// A template as an expression that finds it in a text.
fn pattern(template: &str) -> String {
    let mut pattern = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        pattern += &regex_lite::escape(before);
        pattern += ".+";
        rest = behind.split_once('}').unwrap().1;
    }
    pattern + &regex_lite::escape(rest)
}

#[test]
fn every_phrase_is_read_somewhere() {
    let read: String = explained().iter().flat_map(texts).collect();
    let text = read.to_lowercase();
    let found = |template: &&str| {
        text.lines().any(|line| regex_lite::Regex::new(&pattern(&template.to_lowercase())).unwrap().is_match(line))
    };
    let unread: Vec<&str> = tierwise::reference::phrases().into_iter().filter(|template| !found(template)).collect();
    assert!(unread.is_empty(), "phrases that no case shows: {unread:#?}");
}
