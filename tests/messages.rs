//! The catalogue of messages, kept honest: every entry is drawn by a case, no text breaks the law of messages, and the
//! messages that are not yet good are listed.

mod support;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;
use support::{Case, cases};
use tierwise::{Customer, Diagnostic, Field, Lang, Policy, Schema, Type, reference};

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
        if section.head != "customer" {
            continue;
        }
        let facts: Value = serde_json::from_str(&section.body).unwrap();
        match policy.classify(&Customer::from_serialize(&facts).unwrap(), as_of) {
            Ok(outcome) => seen.extend(outcome.findings().map(|finding| finding.code())),
            Err(error) => {
                seen.insert(error.code());
                seen.extend(error.help().map(reference::entry));
            }
        }
    }
}

/// The cases compare reports and messages to the letter, so an entry that a case draws is an entry that is read.
#[test]
fn every_entry_of_the_catalogue_is_drawn_by_a_case() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        match case.parse() {
            Ok(policy) => {
                policy.warnings().iter().for_each(|warning| entries(warning, &mut seen));
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
        reference::catalogue().into_iter().map(|(entry, _)| entry).filter(|e| !seen.contains(e)).collect();
    assert!(open.is_empty(), "drawn by no case: {open:?}");
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

#[test]
fn no_message_names_a_type_of_the_implementation() {
    let phrases = reference::phrases().into_iter().map(|phrase| ("explanation", phrase));
    for (entry, template) in reference::catalogue().into_iter().chain(phrases) {
        let words: Vec<&str> = template.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        for word in INTERNAL {
            assert!(!words.contains(&word), "{entry}: `{word}` in: {template}");
        }
        assert!(!template.contains("::") && !template.contains("&str"), "{entry}: {template}");
    }
}

#[test]
fn messages_keep_the_law() {
    for (entry, template) in reference::catalogue() {
        let first = template.chars().next().unwrap_or('A');
        assert!(first.is_lowercase() || first == '`' || first == '{', "{entry} begins large: {template}");
        assert!(!template.ends_with(['.', '!', ',', ' ']), "{entry} ends with a stop: {template}");
        assert_eq!(template.matches('`').count() % 2, 0, "{entry} has a lone backtick: {template}");
        assert!(!template.contains("  "), "{entry} has two blanks: {template}");
        let exclaims = ["please", "sorry", "oops", "invalid", "illegal"];
        assert!(!exclaims.iter().any(|word| template.to_lowercase().contains(word)), "{entry}: {template}");
    }
}

#[test]
fn entries_of_the_catalogue_differ() {
    let all = reference::catalogue();
    let texts: BTreeSet<&str> = all.iter().map(|(_, template)| *template).collect();
    let names: BTreeSet<&str> = all.iter().map(|(entry, _)| *entry).collect();
    assert_eq!((texts.len(), names.len()), (all.len(), all.len()), "two entries say the same");
}

#[test]
fn every_error_says_how_to_cure_it() {
    for case in cases() {
        let Err(error) = case.parse() else { continue };
        for diagnostic in error.diagnostics() {
            let message = diagnostic.message(Lang::En);
            assert!(!diagnostic.help().is_empty(), "{}: no help for: {message}", case.name());
            let texts = diagnostic.help().iter().map(|help| help.text(Lang::En));
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
