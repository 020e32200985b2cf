//! Explanations as people read them: the texts of customers as goldens, and what no reader may see.
//!
//! `TIERWISE_BLESS=1` rewrites the texts.

#[path = "support/bless.rs"]
mod bless;
mod support;

use bless::rewritten;
use chrono::NaiveDate;
use serde_json::Value;
use support::{Case, cases};
use tierwise::{Budget, Customer, Detail, Lang, Target};

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn explained() -> Vec<Case> {
    let explained = |case: &Case| case.sections.iter().any(|section| section.head.starts_with("explain"));
    cases().into_iter().filter(explained).collect()
}

/// How much of an explanation a section holds, and in which language.
fn asked(head: &str) -> Option<(Detail, Lang)> {
    Some(match head {
        "explain" => (Detail::Short, Lang::En),
        "explain full" => (Detail::Full, Lang::En),
        "explain zh" => (Detail::Short, Lang::Zh),
        "explain full zh" => (Detail::Full, Lang::Zh),
        head => (Detail::Full, target(head)?.1),
    })
}

/// The tier to which a section says the way, and in which language.
fn target(head: &str) -> Option<(&str, Lang)> {
    let tier = head.strip_prefix("explain to ")?;
    Some(tier.strip_suffix(" zh").map_or((tier, Lang::En), |tier| (tier, Lang::Zh)))
}

/// The texts of a case in the order of its `explain` sections.
fn texts(case: &Case) -> Vec<(Detail, Lang, String)> {
    let policy = case.parse().unwrap_or_else(|error| panic!("{}:\n{error}", case.name()));
    let (mut why, mut customer) = (None, Customer::new());
    let mut texts = Vec::new();
    for section in &case.sections {
        if section.head == "customer" {
            let facts: Value = serde_json::from_str(&section.body).unwrap();
            customer = Customer::from_serialize(&facts).unwrap();
            why = policy.explain(&customer, as_of()).ok();
        } else if let Some((tier, lang)) = target(&section.head) {
            let far = policy.distance(&customer, as_of(), Target::Tier(tier), Budget::default()).unwrap();
            texts.push((Detail::Full, lang, far.text(lang)));
        } else if let Some((detail, lang)) = asked(&section.head) {
            texts.push((detail, lang, why.as_ref().unwrap().text(detail, lang)));
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
        let file = rewritten(case, |section| {
            customers += usize::from(section.head == "customer");
            asked(&section.head)?;
            let (detail, lang, body) = texts.next().unwrap();
            if detail == Detail::Short {
                lengths.extend((lang == Lang::En).then(|| body.lines().count()));
                assert!(body.lines().count() <= 16, "{}: the short text is long:\n{body}", case.name());
            }
            if body != section.body {
                blessed = true;
                wrong.push(format!("{}:\n{body}but expected\n{}", case.name(), section.body));
            }
            Some(body)
        });
        if bless && blessed {
            std::fs::write(&case.path, file).unwrap();
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
        pattern += " ?.+ ?";
        rest = behind.split_once('}').unwrap().1;
    }
    pattern + &regex_lite::escape(rest)
}

#[test]
fn every_phrase_is_read_somewhere() {
    let all: Vec<_> = explained().iter().flat_map(texts).collect();
    for lang in [Lang::En, Lang::Zh] {
        let read: String =
            all.iter().filter(|(_, own, _)| *own == lang).map(|(_, _, text)| text.to_lowercase()).collect();
        let found = |template: &str| {
            let pattern = regex_lite::Regex::new(&pattern(&template.to_lowercase())).unwrap();
            read.lines().any(|line| pattern.is_match(line))
        };
        let phrases = tierwise::reference::phrases(lang).into_iter();
        let unread: Vec<_> = phrases.filter(|(_, template)| !found(template)).collect();
        assert!(unread.is_empty(), "phrases that no case shows: {unread:#?}");
    }
}

/// Words of a policy that are no names.
const KEYWORDS: [&str; 34] = [
    "and",
    "or",
    "not",
    "in",
    "between",
    "is",
    "missing",
    "present",
    "within",
    "contains",
    "any",
    "all",
    "starts",
    "with",
    "matches",
    "when",
    "if",
    "then",
    "else",
    "otherwise",
    "true",
    "false",
    "today",
    "let",
    "cap",
    "floor",
    "field",
    "rule",
    "days",
    "day",
    "months",
    "month",
    "has",
    "have",
];

/// What is left of a Chinese text without the policy's own words: its texts and names, and conditions that are quoted.
#[test]
fn no_english_word_stands_in_a_chinese_text() {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 1);
        words.map(str::to_owned).collect()
    };
    for case in explained() {
        let own: Vec<String> = case
            .sections
            .iter()
            .filter(|section| asked(&section.head).is_none())
            .flat_map(|section| words(&section.body))
            .collect();
        let own = |word: &String| own.contains(word) && !KEYWORDS.contains(&word.as_str());
        for (_, _, text) in texts(&case).into_iter().filter(|(_, lang, _)| *lang == Lang::Zh) {
            let quoted = |line: &&str| line.contains("）= ") || line.contains("指纹") || line.contains("(if ");
            for line in text.lines().filter(|line| !quoted(line)) {
                // A name stands in quotes.
                let line: String = line.split('“').map(|part| part.rsplit('”').next().unwrap()).collect();
                let line: String = line.split('`').step_by(2).collect();
                let foreign: Vec<String> = words(&line).into_iter().filter(|word| !own(word)).collect();
                assert!(foreign.is_empty(), "{}: {foreign:?} in: {line}", case.name());
            }
        }
    }
}
