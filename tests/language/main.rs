//! The language reference, `src/language/*.md`: every example in it runs, and every code has its entry.
//!
//! What a fenced block is, its info string says:
//!
//! - `tier`: a policy without errors and warnings. `tier,part` is a policy without its last line: `otherwise => C` is
//!   put behind it.
//! - `tier,E0301`, `tier,W0101`: a policy that draws this code and no other. `tier,A0102`: one whose analysis draws this code;
//!   what stands behind it in the same entry without a code does not draw it.
//! - `tier,later`: a policy of parts of the language that are still to come; it is counted and not run.
//! - `tests`: a file of tests of the policy before it; with a code, one that draws it.
//! - The tests of a policy, and of a file of tests, pass; those of `tier,fails` do not, and the `text` behind it is their
//!   report; behind `tier,covered` it is their coverage, behind `tier,mutated` what they would not notice.
//! - `facts`: customers of the policy before it, one on a line, as of 2026-03-31: `{…} => B`. Behind the tier stand, where
//!   there is something to say, `by "rule"` or `by line 2` (may be left out), `possible (A, none) missing (nps)` unless
//!   the tier is certain, and `finding F0101, F0104`; last, where they matter, all segments, scores and benefits:
//!   `with stage = loyal, value = 10..25, benefits.discount = 0.1`, `none` for no value. A customer that is refused is
//!   written `{…} => refused D0105`.
//! - `facts,portfolio`: the same of the members of a portfolio, linked by `id` and `parent`.
//! - `text` behind a policy with a code is its report; behind `facts`, the explanation of the last customer, or the message
//!   of its refusal; in other places it is only text. `TIERWISE_BLESS=1` rewrites these texts and the headings of
//!   entries, and never an outcome.

mod blocks;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use blocks::{Block, Chapter, Piece, chapters};
use chrono::NaiveDate;
use serde_json::Value;
use tierwise::rust_decimal::Decimal;
use tierwise::{
    Budget, Customer, Inquiry, Lang, Mutation, Outcome, Policy, PolicyError, Portfolio, Tests, canonical, reference,
};

/// Codes that no short text draws: limits of size. Their entries name the option of `Limits`.
const NOT_SHOWN: [&str; 7] = ["E0601", "E0602", "E0603", "E0604", "E0605", "E0606", "E0607"];

/// Held while chapters are read and written: tests run beside each other.
static FILES: Mutex<()> = Mutex::new(());

/// What is wrong with the reference, and what blessing would write instead: from, length, text.
#[derive(Default)]
struct Findings {
    wrong: Vec<String>,
    blessed: Vec<(usize, usize, String)>,
}

/// What the blocks of a chapter have shown so far.
#[derive(Default)]
struct Shown {
    policy: Option<Policy>,
    later: bool,
    /// What a `text` block would have to say.
    text: Option<String>,
}

fn parse(block: &Block) -> Result<Policy, PolicyError> {
    let rest = if block.has("part") { "otherwise => C\n" } else { "" };
    // A sign that no reader can see is written as in the cases.
    Policy::parse(&format!("{}{rest}", block.body.replace("<U+202E>", "\u{202e}")))
}

/// Runs a policy: what is wrong with it, and what it shows.
fn run_policy(block: &Block) -> Result<Shown, String> {
    let parsed = parse(block);
    if let (Some(code), Ok(policy)) = (block.code().filter(|code| code.starts_with('A')), &parsed) {
        return analysed(code, policy);
    }
    let (codes, report): (Vec<&str>, String) = match &parsed {
        Ok(policy) => (
            policy.warnings().iter().map(|warning| warning.code().as_str()).collect(),
            policy.warning_report("policy.tier").to_string(),
        ),
        Err(error) => (
            error.diagnostics().iter().map(|diagnostic| diagnostic.code().as_str()).collect(),
            error.report("policy.tier").to_string(),
        ),
    };
    match block.code() {
        None if codes.is_empty() => {
            let policy = parsed.map_err(|error| error.to_string())?;
            let text = run_tests(block, Ok(policy.tests()))?;
            Ok(Shown { policy: Some(policy), text, ..Shown::default() })
        }
        Some(code) if !codes.is_empty() && codes.iter().all(|found| *found == code) => {
            Ok(Shown { policy: parsed.ok(), text: Some(report), ..Shown::default() })
        }
        wanted => Err(format!("wants {}, draws {codes:?}\n{report}", wanted.unwrap_or("no code"))),
    }
}

/// Runs tests, which pass unless the block says that they fail; the text is the report of those that do.
fn run_tests(block: &Block, tests: Result<Tests, PolicyError>) -> Result<Option<String>, String> {
    let report = match (tests, block.code()) {
        (Ok(tests), None) if block.has("mutated") => {
            let mutation = Mutation::of([&tests], Budget::default()).map_err(|error| error.to_string())?;
            return Ok(Some(mutation.to_string()));
        }
        (Ok(tests), None) => tests.run(),
        (Ok(_), Some(code)) => return Err(format!("wants {code}, draws nothing")),
        (Err(error), code) => {
            let own = error.diagnostics().iter().all(|found| Some(found.code().as_str()) == code);
            let report = error.report("policy_tests.tier").to_string();
            return if own { Ok(Some(report)) } else { Err(report) };
        }
    };
    match (block.has("fails"), report.failed() > 0) {
        (false, false) if block.has("covered") => Ok(Some(report.coverage().to_string())),
        (false, false) => Ok(None),
        (true, true) => Ok(Some(report.to_string())),
        (fails, _) => Err(format!("tests {} fail\n{report}", if fails { "do not" } else { "" })),
    }
}

/// Analyzes a policy that has to draw a code, perhaps with others; the report shows what was found of that code.
fn analysed(code: &str, policy: &Policy) -> Result<Shown, String> {
    let analysis = policy.analyze(Inquiry::default().overlaps());
    let report = analysis.report("policy.tier", Lang::En);
    let codes: Vec<&str> = analysis.findings().iter().map(|finding| finding.code().as_str()).collect();
    match codes.contains(&code) && analysis.is_complete() {
        true => {
            let own = report.split("\n\n").filter(|text| text.contains(&format!("[{code}]")));
            let text = own.map(|text| text.trim_end().to_owned() + "\n").collect::<Vec<_>>().join("\n");
            Ok(Shown { policy: Some(policy.clone()), text: Some(text), ..Shown::default() })
        }
        false => Err(format!("wants {code}, draws {codes:?}\n{report}")),
    }
}

/// The outcome in the words of a `facts` block.
fn describe(outcome: &Outcome, with_rule: bool, with_rest: bool) -> String {
    let mut text = outcome.tier().unwrap_or("none").to_owned();
    match (outcome.rule(), outcome.line()) {
        (Some(rule), _) if with_rule => write!(text, " by \"{rule}\"").unwrap(),
        (None, Some(line)) if with_rule => write!(text, " by line {line}").unwrap(),
        _ => {}
    }
    if !outcome.is_certain() {
        let possible: Vec<&str> = outcome.possible().map(|tier| tier.unwrap_or("none")).collect();
        let missing: Vec<&str> = outcome.missing().collect();
        write!(text, " possible ({}) missing ({})", possible.join(", "), missing.join(", ")).unwrap();
    }
    let findings: Vec<&str> = outcome.findings().map(|finding| finding.code()).collect();
    if !findings.is_empty() {
        write!(text, " finding {}", findings.join(", ")).unwrap();
    }
    if with_rest {
        write!(text, " with {}", rest(outcome).join(", ")).unwrap();
    }
    text
}

/// Segments, scores and benefits.
fn rest(outcome: &Outcome) -> Vec<String> {
    let end = |end: Option<Decimal>| end.map_or(String::new(), canonical);
    let segments = outcome.segments().map(|segment| (segment.name(), segment.value().unwrap_or("none").to_owned()));
    let scores = outcome.scores().map(|score| {
        let points = match (score.points(), score.is_open()) {
            (Some(points), _) => end(Some(points)),
            (None, true) => format!("{}..{}", end(score.low()), end(score.high())),
            (None, false) => "none".to_owned(),
        };
        (score.name(), points)
    });
    let all = segments.chain(scores).map(|(name, value)| format!("{name} = {value}"));
    let benefits = outcome.benefits().map(|benefit| {
        let value = if benefit.is_known() { benefit.to_string() } else { "none".to_owned() };
        format!("benefits.{} = {value}", benefit.name())
    });
    all.chain(benefits).collect()
}

/// Runs the customers of a block; the text is what is said of the last one.
fn run_facts(block: &Block, policy: &Policy) -> Result<String, String> {
    let as_of: NaiveDate = "2026-03-31".parse().unwrap();
    let (mut text, mut wrong) = (String::new(), String::new());
    let (mut portfolio, mut all) = (Portfolio::new(), Vec::new());
    for line in block.body.lines() {
        let (facts, wanted) = line.rsplit_once(" => ").ok_or_else(|| format!("no `=>` in {line}"))?;
        let facts: Value = serde_json::from_str(facts).map_err(|error| format!("{error}: {line}"))?;
        let customer = Customer::from_serialize(&facts).map_err(|error| format!("{error}: {line}"))?;
        portfolio.add(facts["id"].as_str().unwrap_or_default(), facts["parent"].as_str(), customer.clone());
        all.push((line, customer, wanted));
    }
    let placed = policy.in_portfolio(&portfolio, as_of);
    for (at, (line, customer, wanted)) in all.into_iter().enumerate() {
        let explained =
            if block.has("portfolio") { placed.explain(at).unwrap() } else { policy.explain(&customer, as_of) };
        let found = match explained {
            Ok(why) => {
                text = why.to_string();
                describe(why.outcome(), wanted.contains(" by "), wanted.contains(" with "))
            }
            Err(error) => {
                text = format!("{error}\n");
                format!("refused {}", error.code())
            }
        };
        if found != wanted {
            writeln!(wrong, "{line}\n  but it is {found}").unwrap();
        }
    }
    if wrong.is_empty() { Ok(text) } else { Err(wrong) }
}

/// Whether the analysis of a policy that should be right finds what the entry is about.
fn draws_still(block: &Block, code: &str) -> bool {
    let policy = parse(block).ok().filter(|_| block.kind() == "tier" && block.code().is_none());
    let analysis = policy.map(|policy| policy.analyze(Inquiry::default().overlaps()));
    analysis.is_some_and(|found| found.findings().iter().any(|finding| finding.code().as_str() == code))
}

/// A word of an info string that means nothing.
fn stray(block: &Block) -> Option<&String> {
    let known = |word: &&String| {
        ["tier", "part", "fails", "covered", "mutated"].contains(&word.as_str()) || block.code() == Some(word)
    };
    block.info.iter().find(|word| !known(word))
}

/// Runs the blocks of a chapter and returns how many policies, customers and texts ran, and how many wait.
fn run(chapter: &Chapter, findings: &mut Findings) -> [usize; 4] {
    let mut counts = [0; 4];
    let mut shown = Shown::default();
    // What the entry that is read is about, where an analysis finds it.
    let mut asked: Option<String> = None;
    for piece in &chapter.pieces {
        let block = match piece {
            Piece::Heading { text, .. } => {
                shown = Shown::default();
                asked =
                    text.split(':').next().filter(|code| code.len() == 5 && code.starts_with('A')).map(str::to_owned);
                continue;
            }
            Piece::Block(block) => block,
        };
        let place = format!("{}:{}", chapter.path.display(), block.line);
        let mut fail = |reason: String| findings.wrong.push(format!("{place}: {reason}"));
        if let Some(code) = asked.as_ref().filter(|code| draws_still(block, code)) {
            fail(format!("draws {code} still"));
        }
        match block.kind() {
            "tier" if block.has("later") => {
                println!("{place}: still to come");
                counts[3] += 1;
                shown = Shown { later: true, ..Shown::default() };
            }
            "tier" => {
                counts[0] += 1;
                stray(block).into_iter().for_each(|word| fail(format!("unknown word `{word}` in the info string")));
                shown = run_policy(block).unwrap_or_else(|reason| {
                    fail(reason);
                    Shown::default()
                });
            }
            "tests" => match &shown.policy {
                Some(policy) => {
                    shown.text = run_tests(block, policy.tests_in(&block.body)).map_err(fail).ok().flatten()
                }
                None => fail("tests without a policy before them".to_owned()),
            },
            "facts" if shown.later => counts[3] += 1,
            "facts" => match &shown.policy {
                Some(policy) => {
                    counts[1] += block.body.lines().count();
                    shown.text = run_facts(block, policy).map_err(fail).ok();
                }
                None => fail("facts without a policy before them".to_owned()),
            },
            "text" => {
                if let Some(text) = shown.text.take() {
                    counts[2] += 1;
                    if text != block.body {
                        findings.blessed.push((block.from, block.body.len(), text.clone()));
                        fail(format!("says\n{}but should say\n{text}", block.body));
                    }
                }
            }
            _ => shown = Shown::default(),
        }
    }
    counts
}

/// Writes what is blessed into the file, from its end to its beginning.
fn bless(chapter: &Chapter, mut blessed: Vec<(usize, usize, String)>) {
    let mut text = chapter.text.clone();
    blessed.sort_by_key(|(from, ..)| std::cmp::Reverse(*from));
    for (from, length, by) in blessed {
        text.replace_range(from..from + length, &by);
    }
    std::fs::write(&chapter.path, text).unwrap();
}

fn finish(chapters: &[(Chapter, Findings)]) {
    if std::env::var("TIERWISE_BLESS").is_ok() {
        for (chapter, findings) in chapters.iter().filter(|(_, findings)| !findings.blessed.is_empty()) {
            bless(chapter, findings.blessed.clone());
        }
    }
    let wrong: Vec<&str> = chapters.iter().flat_map(|(_, findings)| &findings.wrong).map(String::as_str).collect();
    assert!(wrong.is_empty(), "TIERWISE_BLESS=1 rewrites texts and headings\n{}", wrong.join("\n"));
}

#[test]
fn every_example_of_the_reference_runs() {
    let _files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut all = [0; 4];
    let mut seen = Vec::new();
    for chapter in chapters() {
        let mut findings = Findings::default();
        let counts = run(&chapter, &mut findings);
        all.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        seen.push((chapter, findings));
    }
    let [policies, customers, texts, later] = all;
    println!("{policies} policies, {customers} customers, {texts} texts; {later} blocks are still to come");
    finish(&seen);
    assert!(policies > 200 && customers > 80 && texts > 20, "{all:?}");
}

/// The pieces below each heading that begins with a code, by code, in the order of the file.
fn entries(chapter: &Chapter) -> Vec<(String, usize, String, Vec<Block>)> {
    let mut entries: Vec<(String, usize, String, Vec<Block>)> = Vec::new();
    let mut inside = false;
    for piece in &chapter.pieces {
        match piece {
            Piece::Heading { line, text } => {
                let code = text.split([':', ' ']).next().unwrap_or_default();
                inside = code.len() == 5 && code[1..].bytes().all(|byte| byte.is_ascii_digit());
                if inside {
                    entries.push((code.to_owned(), *line, text.clone(), Vec::new()));
                }
            }
            Piece::Block(block) if inside => entries.last_mut().unwrap().3.push(block.clone()),
            Piece::Block(_) => {}
        }
    }
    entries
}

/// The heading of a code's entry: its message, with `…` for what is filled in.
fn heading(code: &str, template: &str) -> String {
    let mut text = format!("{code}: ");
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        text += before;
        text.push('…');
        rest = behind.split_once('}').unwrap().1;
    }
    text + rest
}

/// What an entry lacks: a wrong example that draws the code, and one that is right.
fn lacks(code: &str, blocks: &[Block]) -> Option<&'static str> {
    let draws = |block: &&Block| match &code[..1] {
        // What a host alone can bring about is shown in Rust, and run with the documentation.
        "D" if block.kind() == "rust" => block.body.contains(&format!(".code(), \"{code}\"")),
        "D" => block.kind() == "facts" && block.body.contains(&format!(" => refused {code}")),
        "F" => block.kind() == "facts" && block.body.contains(" finding ") && block.body.contains(code),
        _ => matches!(block.kind(), "tier" | "tests") && block.code() == Some(code),
    };
    let right = |block: &Block| matches!(block.kind(), "tier" | "tests") && block.code().is_none();
    match blocks.iter().position(|block| draws(&block)) {
        None => Some("no example draws it"),
        Some(at) if !code.starts_with(['D', 'F']) && !blocks[at..].iter().any(right) => {
            Some("no example behind the wrong one is right")
        }
        Some(_) => None,
    }
}

#[test]
fn every_code_has_its_entry() {
    let _files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let templates: BTreeMap<&str, &str> = reference::catalogue(tierwise::Lang::En).into_iter().collect();
    let places = [("errors", "E"), ("warnings", "W"), ("refusals", "D"), ("findings", "F"), ("analysis", "A")];
    let mut seen = Vec::new();
    for chapter in chapters() {
        let mut findings = Findings::default();
        let entries = entries(&chapter);
        let kind = places.iter().find(|(name, _)| *name == chapter.name()).map_or("?", |(_, kind)| kind);
        let wanted: Vec<&str> = reference::codes().into_iter().filter(|code| code.starts_with(kind)).collect();
        let found: Vec<&str> = entries.iter().map(|(code, ..)| code.as_str()).collect();
        let mut fail = |reason: String| findings.wrong.push(format!("{}: {reason}", chapter.path.display()));
        let missing: Vec<_> = wanted.iter().filter(|code| !found.contains(code)).collect();
        let strange: Vec<_> = found.iter().filter(|code| !wanted.contains(code)).collect();
        if !missing.is_empty() {
            fail(format!("no entry for {missing:?}"));
        }
        if !strange.is_empty() {
            fail(format!("entries for {strange:?}, which do not belong here"));
        }
        if missing.is_empty() && strange.is_empty() && found != wanted {
            fail(format!("entries are not in order, or twice: {found:?}"));
        }
        for (code, line, text, blocks) in &entries {
            let Some(template) = templates.get(code.as_str()) else { continue };
            let wanted = heading(code, template);
            if *text != wanted {
                let from: usize = chapter.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
                let from = from + chapter.text[from..].find(text.as_str()).unwrap();
                findings.blessed.push((from, text.len(), wanted.clone()));
                findings.wrong.push(format!("{}:{line}: the heading should be `{wanted}`", chapter.path.display()));
            }
            if !chapter.text.contains(&format!("<a id=\"{code}\"></a>\n\n## {code}")) {
                findings.wrong.push(format!("{}:{line}: no `<a id=\"{code}\"></a>` above it", chapter.path.display()));
            }
            let shown = !NOT_SHOWN.contains(&code.as_str());
            if let Some(what) = lacks(code, blocks).filter(|_| shown) {
                findings.wrong.push(format!("{}:{line}: {code}: {what}", chapter.path.display()));
            }
        }
        for code in NOT_SHOWN.iter().filter(|code| code.starts_with(kind)) {
            let shown = chapter.blocks().any(|block| block.code() == Some(code));
            let entry = entries.iter().find(|(known, ..)| known == code);
            let option = entry.is_none_or(|(_, line, ..)| {
                let behind = chapter.text.lines().skip(*line).take_while(|line| !line.starts_with('#'));
                behind.into_iter().any(|line| line.contains("max_"))
            });
            if shown || !option {
                findings.wrong.push(format!("{}: {code} is shown, or names no option", chapter.path.display()));
            }
        }
        seen.push((chapter, findings));
    }
    finish(&seen);
}

/// The module has a submodule for each file, and names it.
#[test]
fn every_chapter_is_in_the_documentation() {
    let module = include_str!("../../src/language.rs");
    for chapter in chapters() {
        let name = chapter.name();
        assert!(module.contains(&format!("include_str!(\"language/{name}.md\")")), "{name} is not included");
        assert!(name == "overview" || module.contains(&format!("pub mod {name} {{}}")), "{name} is no module");
    }
}
