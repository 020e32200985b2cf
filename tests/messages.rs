//! The catalogue of messages, kept honest: every entry is drawn by a case, no text breaks the law of messages, and the
//! messages that are not yet good are listed.

#[path = "support/portfolio.rs"]
#[expect(dead_code, reason = "cases.rs uses the rest")]
mod portfolio;
#[path = "support/rates.rs"]
mod rates;
mod support;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;
use support::{Case, cases};
use tierwise::{Analysis, At, Customer, Datum, Diagnostic, Field, Inquiry, Lang, Policy, Schema, Type, reference};

/// What a reader could not use, with the reason: a case of `tests/cases` and what is poor about its message.
const NOT_YET_GOOD: [(&str, &str); 9] = [
    ("gallery/circles_of_lets", "only the first of two circles is reported, the second one by the next run"),
    ("gallery/unclosed_text", "the mark runs to the end of the line, not to where the text was meant to end"),
    ("gallery/dates_in_other_orders", "a date that is read as a division is reported as a number"),
    ("gallery/regex_that_does_not_compile", "the reason comes from the pattern's compiler, in its own words"),
    ("gallery/misspelt_field", "a name that is misspelt everywhere is reported at each use, not once"),
    ("gallery/field_with_hyphen_or_blank", "two words may be one name or lack an operator, so both cures are shown"),
    ("gallery/sides_that_never_meet", "closed sets are shown as `one of (…)`, which does not tell two of them apart"),
    ("gallery/days_and_dates", "sums of dates and counts propose an example, not the author's own numbers"),
    ("gallery/nothing_behind_an_operator", "`> and` is reported as two operators, though a value may be missing"),
];

/// Every entry of the catalogue that a diagnostic shows.
fn entries(diagnostic: &Diagnostic, seen: &mut BTreeSet<&'static str>) {
    seen.insert(diagnostic.code().as_str());
    seen.extend(diagnostic.labels().iter().map(|label| reference::entry(label.note())));
    seen.extend(diagnostic.help().iter().map(reference::entry));
}

/// Every entry that a customer of the case draws.
fn of_customers(case: &Case, policy: &Policy, seen: &mut BTreeSet<&'static str>) {
    let mut as_of: NaiveDate = "2026-03-31".parse().unwrap();
    for section in &case.sections {
        if let Some(date) = section.head.strip_prefix("as of ") {
            as_of = date.parse().unwrap();
        }
        if section.head == "portfolio" {
            let portfolio = portfolio::portfolio(&section.body);
            for outcome in policy.in_portfolio(&portfolio, as_of).outcomes().flatten() {
                seen.extend(outcome.findings().map(|finding| finding.code()));
            }
        }
        if section.head != "customer" {
            continue;
        }
        let facts: Value = serde_json::from_str(&section.body).unwrap();
        let rates = rates::rates(case);
        let at = rates.iter().fold(At::on(as_of), At::rates);
        let at = if case.section("strict").is_some() { at.strict() } else { at };
        match policy.classify(&Customer::from_serialize(&facts).unwrap(), at) {
            Ok(outcome) => seen.extend(outcome.findings().map(|finding| finding.code())),
            Err(error) => {
                seen.insert(error.code());
                seen.extend(error.help().map(reference::entry));
            }
        }
    }
}

/// What an analysis finds, of the cases that say what that is.
fn analysis(case: &Case, policy: &Policy) -> Option<Analysis> {
    case.section("analysis").map(|_| policy.analyze(Inquiry::default().overlaps()))
}

/// The cases compare reports and messages to the letter, so an entry that a case draws is an entry that is read.
#[test]
fn every_entry_of_the_catalogue_is_drawn_by_a_case() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        match case.parse() {
            Ok(policy) => {
                policy.warnings().iter().for_each(|warning| entries(warning, &mut seen));
                if let Some(analysis) = analysis(&case, &policy) {
                    analysis.findings().iter().for_each(|finding| entries(finding.diagnostic(), &mut seen));
                }
                of_customers(&case, &policy, &mut seen);
            }
            Err(error) => error.diagnostics().iter().for_each(|diagnostic| entries(diagnostic, &mut seen)),
        }
    }
    // What only a host can do wrong.
    let schema = Schema::standard().field(Field::new("region", Type::Text).between(0, 5));
    let error = Policy::builder().schema(schema).parse("frequency > 3 => A").unwrap_err();
    error.diagnostics().iter().for_each(|diagnostic| entries(diagnostic, &mut seen));
    let open: Vec<_> =
        reference::catalogue(Lang::En).into_iter().map(|(entry, _)| entry).filter(|e| !seen.contains(e)).collect();
    assert!(open.is_empty(), "drawn by no case: {open:?}");
}

/// What is fixed in reports, and the words that are arguments of messages, are read in the messages of the cases.
#[test]
fn every_term_is_read_in_a_message_of_a_case() {
    let mut read = String::new();
    for case in cases() {
        match case.parse() {
            Ok(policy) => {
                read += &policy.warning_report("case.tier").to_string();
                read += &analysis(&case, &policy).map(|found| found.report("case.tier", Lang::En)).unwrap_or_default();
            }
            Err(error) => read += &error.report("case.tier").to_string(),
        }
        case.sections.iter().filter(|section| section.head == "expect").for_each(|section| read += &section.body);
    }
    // What JSON has no value for.
    let policy = Policy::parse("tags contains \"x\" => A").unwrap();
    let day = Datum::Date(NaiveDate::MIN);
    let error = policy.classify(&Customer::new().with("tags", vec![day]), NaiveDate::MIN).unwrap_err();
    read += &error.message(Lang::En);
    let parts = |template: &str| -> Vec<String> {
        template.split('{').map(|part| part.split_once('}').map_or(part, |(_, text)| text).to_owned()).collect()
    };
    let read = |template: &str| parts(template).iter().all(|part| read.contains(part));
    let unread: Vec<_> = reference::terms(Lang::En).into_iter().filter(|(_, template)| !read(template)).collect();
    assert!(unread.is_empty(), "terms that no case shows: {unread:#?}");
}

/// Words of the implementation, which mean nothing to the author of a policy.
const INTERNAL: [&str; 44] = [
    "String",
    "str",
    "Decimal",
    "Option",
    "Vec",
    "NaiveDate",
    "HashMap",
    "Result",
    "Box",
    "Arc",
    "Rc",
    "i64",
    "i32",
    "u32",
    "u64",
    "u8",
    "usize",
    "f64",
    "f32",
    "bool",
    "char",
    "struct",
    "enum",
    "trait",
    "fn",
    "impl",
    "Ast",
    "AST",
    "token",
    "tokens",
    "span",
    "node",
    "parser",
    "parse",
    "lexer",
    "None",
    "Some",
    "unwrap",
    "panic",
    "null",
    "NaN",
    "pest",
    "serde",
    "chrono",
];

/// All templates of a language.
fn everything(lang: Lang) -> Vec<(&'static str, &'static str)> {
    [reference::catalogue(lang), reference::terms(lang), reference::phrases(lang)].concat()
}

#[test]
fn no_message_names_a_type_of_the_implementation() {
    for (entry, template) in everything(Lang::En).into_iter().chain(everything(Lang::Zh)) {
        let words: Vec<&str> = template.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for word in INTERNAL {
            assert!(!words.contains(&word), "{entry}: `{word}` in: {template}");
        }
        assert!(!template.contains("::") && !template.contains("&str"), "{entry}: {template}");
    }
}

#[test]
fn messages_keep_the_law() {
    for (entry, template) in reference::catalogue(Lang::En) {
        let first = template.chars().next().unwrap_or('A');
        assert!(first.is_lowercase() || first == '`' || first == '{', "{entry} begins large: {template}");
        assert!(!template.ends_with(['.', '!', ',', ' ']), "{entry} ends with a stop: {template}");
        assert_eq!(template.matches('`').count() % 2, 0, "{entry} has a lone backtick: {template}");
        assert!(!template.contains("  "), "{entry} has two blanks: {template}");
        let exclaims = ["please", "sorry", "oops", "invalid", "illegal"];
        assert!(!exclaims.iter().any(|word| template.to_lowercase().contains(word)), "{entry}: {template}");
    }
}

/// The names in `{…}`, each once.
fn placeholders(template: &str) -> BTreeSet<&str> {
    template.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0).collect()
}

/// A template without what is filled in, and with a backtick in place of the code in backticks.
fn prose(template: &str) -> String {
    let mut text = String::new();
    let mut code = None;
    let mut rest = template;
    while let Some(c) = rest.chars().next() {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        match (code, ticks) {
            (None, 0) if c == '{' => rest = rest.split_once('}').unwrap().1,
            (None, 0) => {
                text.push(c);
                rest = &rest[c.len_utf8()..];
            }
            (Some(_), 0) => rest = &rest[c.len_utf8()..],
            (None, _) => {
                text.push('`');
                (code, rest) = (Some(ticks), &rest[ticks..]);
            }
            (Some(open), _) => (code, rest) = (code.filter(|_| open != ticks), &rest[ticks..]),
        }
    }
    text
}

fn is_chinese(c: char) -> bool {
    ('\u{2E80}'..='\u{9FFF}').contains(&c) || ('\u{FF00}'..='\u{FFEF}').contains(&c)
}

#[test]
fn both_languages_have_the_same_entries_with_the_same_placeholders() {
    let (english, chinese) = (everything(Lang::En), everything(Lang::Zh));
    assert_eq!(english.len(), chinese.len());
    for ((name, english), (other, chinese)) in english.into_iter().zip(chinese) {
        assert_eq!((name, placeholders(english)), (other, placeholders(chinese)), "{english} | {chinese}");
    }
}

#[test]
fn each_language_keeps_to_itself() {
    for (entry, template) in everything(Lang::En) {
        assert!(!prose(template).contains(is_chinese), "{entry}: {template}");
    }
    let allowed = ["tierwise", "JSON", "ISO"];
    for (entry, template) in everything(Lang::Zh) {
        let prose = prose(template);
        let words = prose.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        for word in words {
            assert!(allowed.contains(&word), "{entry}: `{word}` in: {template}");
        }
    }
}

/// Full-width punctuation; a blank between Chinese and Latin, which the catalogue sets around what is filled in.
#[test]
fn chinese_texts_keep_the_law() {
    for (entry, template) in reference::catalogue(Lang::Zh).into_iter().chain(reference::terms(Lang::Zh)) {
        assert!(!template.ends_with(['。', '！', '，', ' ', '.', ',']), "{entry} ends with a stop: {template}");
        assert_eq!(template.matches('`').count() % 2, 0, "{entry} has a lone backtick: {template}");
        assert!(
            !["请", "抱歉", "无效", "非法", "您"].iter().any(|word| template.contains(word)),
            "{entry}: {template}"
        );
    }
    for (entry, template) in everything(Lang::Zh) {
        let legend = entry == "Legend";
        assert!(legend || !template.contains("  "), "{entry} has two blanks: {template}");
        assert!(legend || !prose(template).contains([',', ';', ':', '(', ')', '?', '!', '"']), "{entry}: {template}");
        let prose: Vec<char> = prose(template).chars().collect();
        let latin = |c: char| c.is_ascii_alphanumeric() || c == '`';
        let word = |c: char| is_chinese(c) && c.is_alphanumeric();
        let joined =
            prose.windows(2).any(|pair| (latin(pair[0]) && word(pair[1])) || (word(pair[0]) && latin(pair[1])));
        assert!(!joined, "{entry} lacks a blank: {template}");
    }
}

#[test]
fn entries_of_the_catalogue_differ() {
    for all in [Lang::En, Lang::Zh].map(reference::catalogue) {
        let texts: BTreeSet<&str> = all.iter().map(|(_, template)| *template).collect();
        let names: BTreeSet<&str> = all.iter().map(|(entry, _)| *entry).collect();
        assert_eq!((texts.len(), names.len()), (all.len(), all.len()), "two entries say the same");
    }
}

#[test]
fn every_error_says_how_to_cure_it() {
    for case in cases() {
        let Err(error) = case.parse() else { continue };
        for (diagnostic, lang) in error.diagnostics().iter().flat_map(|each| [(each, Lang::En), (each, Lang::Zh)]) {
            let message = diagnostic.message(lang);
            assert!(!diagnostic.help().is_empty(), "{}: no help for: {message}", case.name());
            let texts = diagnostic.help().iter().map(|help| help.text(lang));
            for text in texts.chain([message]) {
                assert!(!text.contains("`?`") && !text.is_empty(), "{}: an argument is missing: {text}", case.name());
            }
        }
    }
}

#[test]
fn a_run_shows_a_hundred_and_says_how_many_more() {
    let source: String = (0..103).map(|at| format!("unheard_{at} > 5 => A\n")).collect();
    let error = Policy::parse(&source).unwrap_err();
    let report = error.report("long.tier").to_string();
    assert_eq!((report.matches("error[E0301]").count(), error.more()), (100, 3));
    assert!(report.contains("`unheard_99`") && report.ends_with("\nand 3 more\n"), "{report}");
}

#[test]
fn the_list_of_poor_messages_names_cases() {
    let names: Vec<String> = cases().iter().map(Case::name).collect();
    for (case, reason) in NOT_YET_GOOD {
        assert!(names.iter().any(|name| name.ends_with(&format!("tests/cases/{case}.case"))), "no case {case}");
        assert!(reason.len() > 20, "{case}: why?");
    }
}

#[test]
fn the_gallery_is_large_enough() {
    let gallery = cases().iter().filter(|case| case.name().contains("tests/cases/gallery/")).count();
    assert!(gallery >= 50, "{gallery} mistakes");
}
