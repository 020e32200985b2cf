//! Explanations as people read them: the texts of customers as goldens, and what no reader may see.
//!
//! `TIERWISE_BLESS=1` rewrites the texts.

#[path = "support/bless.rs"]
mod bless;
mod support;
#[path = "support/tested.rs"]
mod tested;

use bless::rewritten;
use chrono::NaiveDate;
use serde_json::Value;
use support::{Case, cases};
use tested::tests;
use tierwise::{Budget, Customer, Detail, Lang, Mutation, Policy, Target};

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn explained() -> Vec<Case> {
    let shown = |head: &str| {
        ["explain", "tested", "covered", "suggested", "mutated"].iter().any(|start| head.starts_with(start))
    };
    let explained = |case: &Case| case.sections.iter().any(|section| shown(&section.head));
    cases().into_iter().filter(explained).collect()
}

/// How much of an explanation a section holds, and in which language.
fn asked(head: &str) -> Option<(Detail, Lang)> {
    Some(match head {
        "explain" => (Detail::Short, Lang::En),
        "explain full" => (Detail::Full, Lang::En),
        "explain zh" => (Detail::Short, Lang::Zh),
        "explain full zh" | "tested zh" | "covered zh" | "suggested zh" | "mutated zh" => (Detail::Full, Lang::Zh),
        "tested" | "covered" | "suggested" | "mutated" => (Detail::Full, Lang::En),
        head => (Detail::Full, target(head)?.2),
    })
}

/// The tier to which a section says the way, which facts may change besides numbers, and in which language:
/// `explain to A may city, vip zh`.
fn target(head: &str) -> Option<(&str, Vec<&str>, Lang)> {
    let asked = head.strip_prefix("explain to ")?;
    let (asked, lang) = asked.strip_suffix(" zh").map_or((asked, Lang::En), |asked| (asked, Lang::Zh));
    let (tier, listed) = asked.split_once(" may ").map_or((asked, ""), |(tier, listed)| (tier, listed));
    Some((tier, listed.split(", ").filter(|name| !name.is_empty()).collect(), lang))
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
        } else if let Some((detail, lang)) = asked(&section.head).filter(|_| section.head.starts_with("tested")) {
            texts.push((detail, lang, tests(case, &policy).run().text(lang)));
        } else if let Some((_, lang)) = asked(&section.head).filter(|_| section.head.starts_with("covered")) {
            texts.push((Detail::Full, lang, tests(case, &policy).run().coverage().text(lang)));
        } else if let Some((_, lang)) = asked(&section.head).filter(|_| section.head.starts_with("suggested")) {
            texts.push((Detail::Full, lang, tests(case, &policy).run().coverage().suggestions().text(lang)));
        } else if let Some((_, lang)) = asked(&section.head).filter(|_| section.head.starts_with("mutated")) {
            let mutation = Mutation::of([&tests(case, &policy)], Budget::of(2_000)).unwrap();
            texts.push((Detail::Full, lang, mutation.text(true, lang)));
        } else if let Some((tier, listed, lang)) = target(&section.head) {
            let recourse = policy.recourse(Target::Tier(tier), &listed).unwrap();
            let far = policy.distance(&customer, as_of(), &recourse, Budget::default()).unwrap();
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
            // A line of coverage that begins with its number is the policy's.
            let source = |line: &str| {
                line.split_once(" | ").is_some_and(|(head, _)| head.ends_with(|last: char| last.is_ascii_digit()))
            };
            // Of suggested tests only the comments are prose.
            let written = |line: &str| text.starts_with("# ") && !line.starts_with("# ");
            let told =
                |line: &str| written(line) || line.contains("）= ") || line.contains("指纹") || line.contains("(if ");
            let quoted = |line: &&str| told(line) || source(line);
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

/// Did that order, that fact, that day, that edit do it.
#[test]
fn two_explanations_are_set_against_each_other() {
    let source = "field income: money sensitive
let spend = sum(orders.amount in last 12 months)
spend > 1_000 and count(orders) >= 2 => A
\"plain\": spend > 100 => B
income > 5 => B
otherwise => C
cap B when overdue_days > 10";
    let policy = Policy::parse(&format!("tiers A > B > C\n{source}")).unwrap();
    let order = |day: &str, amount: i64| Customer::new().with("placed_on", day).with("amount", amount);
    let earns = |income: i64, orders: Vec<Customer>| Customer::new().with("orders", orders).with("income", income);
    let buys = |orders: Vec<Customer>| earns(3, orders);
    let (old, new) = (order("2025-04-10", 900), order("2026-01-10", 200));
    let day = |day: &str| day.parse::<NaiveDate>().unwrap();
    let why = |customer: &Customer, on: &str| policy.explain(customer, day(on)).unwrap();
    let both = why(&buys(vec![old.clone(), new.clone()]), "2026-03-31");
    let without = why(&buys(vec![new.clone()]), "2026-03-31");
    let contrast = both.contrast(&without);
    assert!(contrast.is_another_tier());
    assert_eq!(
        contrast.to_string(),
        "tier: A → B
rule: line 4 → plain
spend > 1_000: true (1100) → false (200)
count(orders) >= 2: true (2) → false (1)
"
    );
    let later = why(&buys(vec![old.clone(), new.clone()]), "2026-04-30");
    assert_eq!(
        both.contrast(&later).to_string(),
        "tier: A → B\nrule: line 4 → plain\nspend > 1_000: true (1100) → false (200)\n"
    );
    let late = why(&buys(vec![old.clone(), new.clone()]).with("overdue_days", 12), "2026-03-31");
    assert_eq!(
        both.contrast(&late).to_string(),
        "tier: A → B\noverdue_days: missing → 12\noverdue_days > 10: unknown → true\n"
    );
    // What follows from sensitive facts is not told.
    let poor = why(&buys(Vec::new()), "2026-03-31");
    let rich = why(&earns(9, Vec::new()), "2026-03-31");
    let told = poor.contrast(&rich);
    assert_eq!(told.to_string(), "tier: C → B\nrule: line 7 → line 6\n");
    assert!(!serde_json::to_string(&told).unwrap().contains('9'));
    let edited = Policy::parse(&format!("tiers A > B > C\n{}", source.replace("1_000", "1_500"))).unwrap();
    let under = edited.explain(&buys(vec![old, new]), day("2026-03-31")).unwrap();
    assert_eq!(both.contrast(&under).to_string(), "tier: A → B\nrule: line 4 → plain\n");
    assert!(both.contrast(&both).to_string().is_empty() && !both.contrast(&both).is_another_tier());
    let json = serde_json::to_value(both.contrast(&without)).unwrap();
    assert_eq!(json["tiers"], serde_json::json!(["A", "B"]));
    assert_eq!(json["conditions"][0]["values"], serde_json::json!(["1100", "200"]));
}
