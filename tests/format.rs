//! The formatter: goldens, every policy that there is, and generated policies with comments and line breaks at random.
//!
//! `TIERWISE_BLESS=1` rewrites the goldens, `tests/format/*.formatted`.

#[path = "support/generate.rs"]
#[expect(dead_code, reason = "facts are for the evaluators")]
mod generate;
#[path = "support/lexer.rs"]
mod lexer;
#[path = "support/scramble.rs"]
mod scramble;
#[expect(dead_code, reason = "cases are read here, not run")]
mod support;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use generate::{Dice, Generator};
use lexer::{Kind, comments, lex, may_break};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scramble::scramble;
use tierwise::{Formatter, Limits, Policy};

fn format(source: &str) -> String {
    Formatter::new().format(source).unwrap_or_else(|error| panic!("{source}\n{error}"))
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

fn runner(name: &str) -> TestRunner {
    let config = Config { failure_persistence: None, ..Config::default() };
    println!("{name}: {} cases, seed {}", config.cases, std::env::var("PROPTEST_RNG_SEED").unwrap_or("random".into()));
    TestRunner::new(config)
}

#[test]
fn comments_stay_with_their_tokens_however_a_policy_is_laid_out() {
    let (inside, behind, own, broken) = (Cell::new(0), Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = runner("comments");
    let choices = (vec(any::<u16>(), 0..300), vec(any::<u16>(), 0..1200));
    let result = runner.run(&choices, |(policy, layout)| {
        let policy = Generator::new(&mut Dice::new(&policy)).policy();
        let (source, counts) = scramble(&policy, &mut Dice::new(&layout), true);
        let formatted = sound(&source, "generated");
        prop_assert_eq!(Policy::printed(&formatted), Policy::printed(&policy));
        let (again, policy) = (Policy::parse(&formatted).unwrap(), Policy::parse(&policy).unwrap());
        prop_assert_eq!(again.fingerprint(), policy.fingerprint());
        inside.set(inside.get() + counts.inside);
        behind.set(behind.get() + counts.behind);
        own.set(own.get() + counts.own);
        broken.set(broken.get() + counts.breaks);
        Ok(())
    });
    let (inside, behind, own, broken) = (inside.get(), behind.get(), own.get(), broken.get());
    println!("{inside} comments inside statements, {behind} behind, {own} on lines of their own; {broken} line breaks");
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    assert!(inside > 500 && behind > 200 && own > 200 && broken > 500, "too little was looked at");
}

#[test]
fn layout_and_spelling_without_comments_leave_no_trace() {
    let broken = Cell::new(0);
    let mut runner = runner("layout");
    let choices = (vec(any::<u16>(), 0..300), vec(any::<u16>(), 0..1200));
    let result = runner.run(&choices, |(policy, layout)| {
        let policy = Generator::new(&mut Dice::new(&policy)).policy();
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
    ] {
        let formatted = format(&source);
        assert_eq!(format(&formatted), formatted);
    }
}
