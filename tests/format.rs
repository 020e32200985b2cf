//! The formatter: goldens, every policy that there is, and generated policies with comments and line breaks at random.
//!
//! `TIERWISE_BLESS=1` rewrites the goldens, `tests/format/*.formatted`.

#[path = "format/blocks.rs"]
mod blocks;
#[path = "support/generate.rs"]
#[expect(dead_code, reason = "facts are for the evaluators")]
mod generate;
#[path = "support/half.rs"]
mod half;
#[path = "support/lexer.rs"]
mod lexer;
#[path = "support/runner.rs"]
mod runner;
#[path = "support/scramble.rs"]
mod scramble;
#[expect(dead_code, reason = "cases are read here, not run")]
mod support;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use blocks::blocks;
use generate::{Dice, Generator};
use half::half;
use lexer::{Kind, comments, lex, may_break};
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use scramble::scramble;
use tierwise::{Formatter, Keywords, Limits, Policy};

fn format(source: &str) -> String {
    Formatter::new().format(source).unwrap_or_else(|error| panic!("{source}\n{error}"))
}

fn format_in(source: &str, keywords: Keywords) -> String {
    let formatter = Formatter::new().keywords(keywords);
    formatter.format(source).unwrap_or_else(|error| panic!("{keywords:?}: {source}\n{error}"))
}

/// What must hold of the keywords in every language; gives the policy in Chinese.
fn sound_in_both(source: &str, name: &str) -> String {
    let (english, chinese) = (format_in(source, Keywords::English), format_in(source, Keywords::Chinese));
    let shown = || format!("{name}:\n{source}\nin English\n{english}\nin Chinese\n{chinese}");
    for (text, own) in [(&english, Keywords::English), (&chinese, Keywords::Chinese)] {
        assert_eq!(&format_in(text, own), text, "not stable: {}", shown());
        assert_eq!(&format_in(text, Keywords::Keep), text, "not kept: {}", shown());
        assert_eq!(Policy::printed(text), Policy::printed(source), "another tree: {}", shown());
        if let Ok(policy) = Policy::parse(source) {
            let again = Policy::parse(text).unwrap_or_else(|error| panic!("{}\n{error}", shown()));
            assert_eq!(again.fingerprint(), policy.fingerprint(), "{}", shown());
        }
    }
    let remarks = |text: &str| comments(text).into_iter().map(|comment| comment.text).collect::<Vec<_>>();
    let round = [format_in(&chinese, Keywords::English), format_in(&english, Keywords::Chinese)];
    for (round, straight) in round.iter().zip([&english, &chinese]) {
        // With comments inside, a statement keeps its line breaks, and the widths of the languages differ.
        if comments(source).is_empty() {
            assert_eq!(round, straight, "by the other language: {}", shown());
        }
        assert_eq!(remarks(round), remarks(source), "comments: {}", shown());
        assert_eq!(Policy::printed(round), Policy::printed(source), "another tree: {}", shown());
    }
    chinese
}

/// Columns, counted apart from the engine: everything beyond the Latin, Greek and Cyrillic blocks of these tests is wide.
fn columns(text: &str) -> usize {
    text.chars().map(|c| if ('\u{2E80}'..='\u{FFE6}').contains(&c) { 2 } else { 1 }).sum()
}

/// What must hold of every formatted text; gives it back.
fn sound(source: &str, name: &str) -> String {
    let formatted = format(source);
    let shown = || format!("{name}:\n{source}\nformatted as\n{formatted}");
    assert_eq!(format(&formatted), formatted, "not stable: {}", shown());
    assert_eq!(comments(&formatted), comments(source), "comments: {}", shown());
    assert_eq!(Policy::printed(&formatted), Policy::printed(source), "another tree: {}", shown());
    if let Ok(policy) = Policy::parse(source) {
        let again = Policy::parse(&formatted).unwrap_or_else(|error| panic!("{}\n{error}", shown()));
        assert_eq!(again.fingerprint(), policy.fingerprint(), "{}", shown());
    }
    assert!(formatted.is_empty() || formatted.ends_with('\n') && !formatted.ends_with("\n\n"), "{}", shown());
    assert!(!formatted.starts_with('\n') && !formatted.contains("\n\n\n") && !formatted.contains('\r'), "{}", shown());
    for token in lex(&formatted) {
        let canonical = matches!(token.kind, Kind::Text | Kind::Comment) || token.text == token.twin;
        assert!(canonical, "`{}` is not canonical: {}", token.text, shown());
    }
    for line in formatted.lines() {
        assert!(line.starts_with('#') || line.trim_end() == line, "blanks at the end of `{line}`: {}", shown());
        let tokens: Vec<_> = lex(line).into_iter().filter(|token| token.kind != Kind::Comment).collect();
        let comment =
            lex(line).into_iter().find(|token| token.kind == Kind::Comment).map_or(0, |token| token.text.len());
        if columns(line[..line.len() - comment].trim_end()) > 100 {
            let gap = tokens.windows(2).find(|pair| pair[1].spaced && may_break(&pair[0], &pair[1]));
            assert!(gap.is_none(), "`{line}` could be broken at {gap:?}: {}", shown());
        }
    }
    formatted
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder that ends so.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn goldens() {
    let bless = std::env::var("TIERWISE_BLESS").is_ok();
    let sources = files(&root().join("tests/format"), "tier");
    assert!(sources.len() >= 8);
    for path in sources {
        let formatted = sound(&std::fs::read_to_string(&path).unwrap(), &path.display().to_string());
        let golden = path.with_extension("formatted");
        if bless {
            std::fs::write(&golden, &formatted).unwrap();
        }
        assert_eq!(formatted, std::fs::read_to_string(&golden).unwrap(), "{}", path.display());
    }
}

#[test]
fn every_policy_that_there_is() {
    let mut sources: Vec<(String, String)> = support::cases().iter().map(|case| (case.name(), case.policy())).collect();
    let mut folders = vec![root().join("tests/format"), root().join("examples"), root().join("crates")];
    folders.extend(std::env::var_os("TIERWISE_SHARED").map(PathBuf::from));
    for path in folders.iter().flat_map(|folder| files(folder, "tier")) {
        let Ok(source) = std::fs::read_to_string(&path) else { continue };
        sources.push((path.display().to_string(), source));
    }
    let (mut formatted, mut commented, mut fingerprints, mut all_comments) = (0, 0, 0, 0);
    for (name, source) in &sources {
        if Formatter::new().format(source).is_err() {
            continue;
        }
        sound(source, name);
        sound_in_both(source, name);
        let comments = comments(source).len();
        formatted += 1;
        commented += usize::from(comments > 0);
        all_comments += comments;
        fingerprints += usize::from(Policy::parse(source).is_ok());
    }
    println!(
        "{} policies, {formatted} formatted, {commented} of them with comments ({all_comments}), {fingerprints} with a fingerprint",
        sources.len()
    );
    assert!(formatted >= 150 && commented >= 10 && fingerprints >= 120);
}

#[test]
fn examples_are_formatted() {
    for path in files(&root().join("examples"), "tier") {
        let source = std::fs::read_to_string(&path).unwrap();
        assert_eq!(format(&source), source, "{}", path.display());
    }
}

#[test]
fn the_readme_shows_formatted_policies() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let between = |open: &str, close: &str| readme.split_once(open).unwrap().1.split_once(close).unwrap().0.to_owned();
    let tour: String = between("r#\"\n", "    \"#").lines().map(|line| format!("{}\n", line.trim_start())).collect();
    for policy in [between("```text\n", "```"), tour] {
        assert_eq!(format(&policy), policy);
    }
}

/// Sources of one policy in English, in Chinese and mixed have one layout in each language, and keep theirs.
#[test]
fn blocks_in_either_language() {
    let bless = std::env::var("TIERWISE_BLESS").is_ok();
    let folder = root().join("tests/format/languages");
    let golden = |name: &str, text: &str| {
        let path = folder.join(name);
        if bless {
            std::fs::write(&path, text).unwrap();
        }
        assert_eq!(text, std::fs::read_to_string(&path).unwrap(), "{}", path.display());
    };
    let mut looked = 0;
    for policy in ["customers", "plain", "inside"] {
        for written in ["en", "zh", "mixed"] {
            let Ok(source) = std::fs::read_to_string(folder.join(format!("{policy}.{written}.policy"))) else {
                continue;
            };
            let kept = format(&source);
            golden(&format!("{policy}.{written}.formatted"), &kept);
            assert_eq!(format(&kept), kept);
            assert_eq!(Policy::printed(&kept), Policy::printed(&source));
            let chinese = sound_in_both(&source, written);
            golden(&format!("{policy}.chinese"), &chinese);
            let english = format_in(&source, Keywords::English);
            golden(&format!("{policy}.english"), &english);
            for text in [&kept, &english, &chinese] {
                let remarks = |text: &str| comments(text).into_iter().map(|comment| comment.text).collect::<Vec<_>>();
                assert_eq!(remarks(text), remarks(&source));
                assert_eq!(format_in(text, Keywords::Chinese), chinese);
                assert_eq!(format_in(text, Keywords::English), english);
            }
            looked += 1;
        }
    }
    assert_eq!(looked, 5);
}

/// Every English keyword that generated policies use has a Chinese form, so that none is left.
#[test]
fn generated_policies_are_the_same_in_chinese() {
    same_in_chinese(0);
}

#[test]
fn other_generated_policies_are_the_same_in_chinese() {
    same_in_chinese(1);
}

fn same_in_chinese(at: u32) {
    let (keywords, commented) = (Cell::new(0), Cell::new(0));
    let mut runner = half("languages", "PROPTEST_CASES", at);
    let choices = (vec(any::<u16>(), 0..300), vec(any::<u16>(), 0..1200));
    let result = runner.run(&choices, |(policy, layout)| {
        let mut dice = Dice::new(&policy);
        let blocks = blocks(&mut dice);
        let policy = Generator::new(&mut dice).plain_policy() + &blocks;
        let chinese = sound_in_both(&policy, "generated");
        let mixed = mix(&policy, &chinese, &mut Dice::new(&layout));
        prop_assert_eq!(Policy::printed(&mixed), Policy::printed(&policy), "{}", mixed);
        prop_assert_eq!(format_in(&mixed, Keywords::Chinese), chinese.clone());
        let kept = format(&mixed);
        prop_assert_eq!(words(&kept), words(&mixed), "kept as\n{}", kept);
        prop_assert_eq!(format(&kept), kept.clone());
        for token in lex(&chinese).iter().filter(|token| token.kind == Kind::Word) {
            prop_assert!(!ENGLISH.split(' ').any(|word| word == token.twin), "{} is left in\n{}", token.twin, chinese);
            keywords.set(keywords.get() + usize::from(!token.twin.is_ascii()));
        }
        for number in lex(&chinese).iter().filter(|token| token.kind == Kind::Number) {
            prop_assert!(!number.twin.contains(|c: char| c.is_ascii_lowercase()), "{}", chinese);
        }
        let (source, counts) = scramble(&policy, &mut Dice::new(&layout), true);
        sound_in_both(&source, "scrambled");
        commented.set(commented.get() + counts.inside);
        Ok(())
    });
    println!("{} Chinese words, {} comments inside", keywords.get(), commented.get());
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(keywords.get() > 1_000 && commented.get() > 250, "too little was looked at");
}

/// Statements and entries of two texts of one policy by turns.
fn mix(english: &str, chinese: &str, dice: &mut Dice<'_>) -> String {
    let english: String = format_in(english, Keywords::English);
    let (english, chinese) = (entries(&english), entries(chinese));
    assert_eq!(english.len(), chinese.len());
    english.iter().zip(&chinese).map(|both| if dice.roll(2) == 0 { both.0 } else { both.1 }.clone() + "\n").collect()
}

/// The statements of a formatted policy; of those with blocks the head, the entries and the tail.
fn entries(text: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    let (mut block, mut table) = (false, false);
    for line in text.lines() {
        let rest = line.trim_start();
        let begins = match line.len() - rest.len() {
            0 => !rest.starts_with(')'),
            4 => block && !rest.starts_with(')'),
            _ => table,
        };
        match entries.last_mut().filter(|_| !begins) {
            Some(last) => *last += &format!("\n{line}"),
            None => entries.push(line.to_owned()),
        }
        if line == rest {
            block = line.ends_with('{');
            table = block && line.starts_with(['t', '表']);
        }
    }
    entries
}

/// What is written, but for layout and commas.
fn words(text: &str) -> Vec<String> {
    let kept = |token: &lexer::Token| !matches!(token.kind, Kind::Comma | Kind::Newline);
    lex(text).into_iter().filter(kept).map(|token| token.twin).collect()
}

/// Keywords that must not be left in a generated policy in Chinese.
const ENGLISH: &str = "\
and or not in between is missing present within contains starts with matches when if then else \
otherwise true false today any all at least of tiers currency field let cap assume match number \
integer money boolean text date one set default score weight min max segment table by benefits";

#[test]
fn comments_stay_with_their_tokens_however_a_policy_is_laid_out() {
    let (inside, behind, own, broken) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let (entries, fingerprints) = (Cell::new(0), Cell::new(0));
    let mut runner = runner("comments", "PROPTEST_CASES");
    let choices = (vec(any::<u16>(), 0..300), vec(any::<u16>(), 0..1200));
    let result = runner.run(&choices, |(policy, layout)| {
        let mut dice = Dice::new(&policy);
        let blocks = blocks(&mut dice);
        let policy = Generator::new(&mut dice).plain_policy() + &blocks;
        let (source, counts) = scramble(&policy, &mut Dice::new(&layout), true);
        let formatted = sound(&source, "generated");
        prop_assert_eq!(Policy::printed(&formatted), Policy::printed(&policy));
        if let Ok(policy) = Policy::parse(&policy) {
            fingerprints.set(fingerprints.get() + 1);
            let again = Policy::parse(&formatted).unwrap();
            prop_assert_eq!(again.fingerprint(), policy.fingerprint());
        }
        entries.set(entries.get() + counts.entries);
        inside.set(inside.get() + counts.inside);
        behind.set(behind.get() + counts.behind);
        own.set(own.get() + counts.own);
        broken.set(broken.get() + counts.breaks);
        Ok(())
    });
    let (inside, behind, own, broken) = (inside.get(), behind.get(), own.get(), broken.get());
    println!("{inside} comments inside statements, {behind} behind, {own} on lines of their own; {broken} line breaks");
    let (entries, fingerprints) = (entries.get(), fingerprints.get());
    println!("{entries} of them between the entries of blocks; {fingerprints} fingerprints");
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(inside > 500 && behind > 200 && own > 200 && broken > 500, "too little was looked at");
    assert!(entries > 200 && fingerprints > 20, "too little was looked at");
}

#[test]
fn layout_and_spelling_without_comments_leave_no_trace() {
    let broken = Cell::new(0);
    let mut runner = runner("layout", "PROPTEST_CASES");
    let choices = (vec(any::<u16>(), 0..300), vec(any::<u16>(), 0..1200));
    let result = runner.run(&choices, |(policy, layout)| {
        let mut dice = Dice::new(&policy);
        let blocks = blocks(&mut dice);
        let policy = Generator::new(&mut dice).plain_policy() + &blocks;
        let (source, counts) = scramble(&policy, &mut Dice::new(&layout), false);
        broken.set(broken.get() + counts.breaks);
        prop_assert_eq!(format(&source), format(&policy), "{}", source);
        Ok(())
    });
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(broken.get() > 500, "too little was looked at");
}

#[test]
fn a_text_with_mistakes_is_reported_and_not_formatted() {
    let error = Formatter::new().format("a > 1 A\n\nb > 1,000 => B").unwrap_err();
    let codes: Vec<_> = error.diagnostics().iter().map(|diagnostic| diagnostic.code().as_str()).collect();
    assert_eq!(codes, ["E0202", "E0105"]);
    assert!(error.report("p.tier").to_string().contains("--> p.tier:3:5"));
    assert!(Formatter::new().limits(Limits::default().max_rules(1)).format("a => A\nb => B").is_err());
    let limits = Limits::default().max_source_bytes(20);
    assert!(Formatter::new().limits(limits).format("a>1 and b>2 => A").is_err(), "22 bytes would come out");
    assert_eq!(format(""), "");
    assert_eq!(format("\u{FEFF}\r\n \n"), "");
}

#[test]
fn large_policies_are_formatted() {
    let rules: String = (0..20_000).map(|at| format!("x{at} > 1 # {at}\n and y = {at} => A\n# {at}\n")).collect();
    assert_eq!(comments(&format(&rules)).len(), 40_000);
    let calls = vec![
        "max(annual_spend, lifetime_value / 5, average_order_value * frequency, annual_revenue, points, 1)";
        10_000
    ];
    for source in [
        format!("country in ({}) => A", vec!["\"AT\""; 100_000].join(",")),
        format!("{} > 1 => A", calls.join("+")),
        format!("{} => A", vec!["a or (b and c)"; 50_000].join(" or ")),
        format!("x = {} => A", vec!["- 1"; 100_000].join(" - ")),
        format!("let x = {} 1", "if a then 2 else ".repeat(50_000)),
        format!("{}a{} => A", "not (".repeat(60), ")".repeat(60)),
        "# c\n".repeat(200_000),
        format!("score s {{ {} }}", "x: >= 1 => 2, otherwise => 0 # c\n".repeat(40_000)),
        format!("score s {{ x: {} weight 4%; y }}", vec!["> 1 => 2"; 50_000].join(",")),
        format!("segment s {{ {} }}", "x > 1 # c\n => y; \n\n# d\n".repeat(30_000)),
        format!("table t by k {{ k v\n{} }}", "\"a\" 1; b 20000 # c\n".repeat(30_000)),
        format!("table t by k {{ {} \n{} }}", "k ".repeat(50_000), "a\n".repeat(50_000)),
        format!("table t by k {{ k v \n a \"{}\"\n{} }}", "x".repeat(500_000), "a 1\n".repeat(50_000)),
        format!("benefits A {{ {} }}", "k: 1 # c\n,\n\n".repeat(50_000)),
        format!("benefits A {{ k: 1 {} {}\n}}", ";".repeat(300_000), "\n# c".repeat(100_000)),
        "score s {};".repeat(50_000),
    ] {
        let formatted = format(&source);
        assert_eq!(format(&formatted), formatted);
        let chinese = format_in(&source, Keywords::Chinese);
        assert_eq!(format(&chinese), chinese);
        assert_eq!(format_in(&chinese, Keywords::English), formatted);
    }
    let commented = format!("let x = {} 1", "if a then 2 # c\nelse ".repeat(20_000));
    let chinese = format_in(&commented, Keywords::Chinese);
    assert_eq!((format(&chinese), comments(&chinese).len()), (chinese.clone(), 20_000));
}
