//! Cases in files, run through every engine: the reference evaluator, the plan, the plan with a recorder, `decide`, and
//! the printed source parsed again.
//!
//! `TIERWISE_BLESS=1` rewrites the `report` and `report zh` sections, which are messages; expected outcomes are never rewritten.

#[path = "support/bless.rs"]
mod bless;
#[path = "support/portfolio.rs"]
mod portfolio;
#[path = "support/rates.rs"]
mod rates;
#[path = "support/replay.rs"]
mod replay;
mod support;
#[path = "support/tested.rs"]
mod tested;

use std::collections::{BTreeMap, BTreeSet};

use bless::rewritten;
use chrono::NaiveDate;
use serde_json::Value;
use support::{Case, Section, cases};
use tested::tests;
use tierwise::reference::{self, Setting};
use tierwise::{At, Customer, Diagnostic, Formatter, Inquiry, Keywords, Lang, Policy, PolicyFinding, TestResult};

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
    text + &classified(outcome)
}

/// Segments, scores and benefits: `segment stage: loyal`, `score value: 10 to 20`, `benefit discount: 0.1`.
fn classified(outcome: &Value) -> String {
    let mut text = String::new();
    let end = |end: &Value| end.as_str().map_or("…".to_owned(), str::to_owned);
    for (key, word, without) in
        [("segments", "segment", "missing"), ("scores", "score", "none"), ("benefits", "benefit", "missing")]
    {
        for (name, value) in outcome[key].as_object().into_iter().flatten() {
            let value = match value {
                Value::String(value) => value.clone(),
                Value::Object(ends) => format!("{} to {}", end(&ends["min"]), end(&ends["max"])),
                Value::Null => without.to_owned(),
                value => value.to_string(),
            };
            text += &format!("{word} {name}: {value}\n");
        }
    }
    text
}

/// Runs one customer through every engine; they must agree, and their answer is given back in words.
fn run(case: &Case, policy: &Policy, customer: &Customer, as_of: NaiveDate) -> String {
    let rates = rates::rates(case);
    let at = rates.iter().fold(At::on(as_of), At::rates);
    let strict = case.section("strict").is_some();
    let at = if strict { at.strict() } else { at };
    let naive =
        || reference::classify_with(policy, customer, Setting { as_of, rates: rates.as_ref(), without_parent: false });
    let outcome = match policy.classify(customer, at) {
        Ok(outcome) => outcome,
        Err(error) => {
            assert_eq!(policy.decide(customer, at).unwrap_err(), error, "{}", case.name());
            // The reference knows no strict mode.
            assert!(strict || naive().unwrap_err().code() == error.code(), "{}", case.name());
            return format!("refused: {} {}\n", error.code(), error.message(Lang::En));
        }
    };
    let json = serde_json::to_value(&outcome).unwrap();
    let why = policy.explain(customer, at).unwrap();
    assert_eq!(why.outcome(), &outcome, "{}", case.name());
    replay::check(&why, &policy.tiers().collect::<Vec<_>>()).unwrap_or_else(|e| panic!("{}: {e}", case.name()));
    let decided = policy.decide(customer, at).unwrap();
    assert_eq!((decided.tier(), decided.rule()), (outcome.tier_id(), outcome.rule_id()));
    assert!(outcome.is_certain() || !decided.is_certain(), "{}", case.name());
    let naive = naive().unwrap();
    assert_eq!(naive.tier.as_deref(), outcome.tier(), "{}: reference", case.name());
    assert_eq!(naive.line, outcome.line(), "{}: reference", case.name());
    let about_data = outcome.findings().filter(|finding| finding.code() != "F0121");
    let findings: Vec<_> = about_data.map(|f| (f.code().to_owned(), f.field().map(str::to_owned))).collect();
    assert_eq!(naive.findings, findings, "{}: reference", case.name());
    let naive_blocks: Vec<_> = [&naive.segments, &naive.scores, &naive.benefits].into_iter().flatten().collect();
    let blocks = ["segments", "scores", "benefits"].map(|key| json[key].as_object().cloned().unwrap_or_default());
    let blocks: Vec<(String, String)> =
        blocks.into_iter().flatten().map(|(name, value)| (name, value.to_string())).collect();
    let sorted = |mut all: Vec<(String, String)>| {
        all.sort();
        all
    };
    let compact = |(name, value): &(String, String)| {
        (name.clone(), serde_json::from_str::<Value>(value).unwrap_or_default().to_string())
    };
    assert_eq!(sorted(naive_blocks.into_iter().map(compact).collect()), sorted(blocks), "{}: reference", case.name());
    let possible: Vec<Option<String>> = outcome.possible().map(|tier| tier.map(str::to_owned)).collect();
    assert!(naive.reached.iter().all(|tier| possible.contains(tier)), "{}: {:?}", case.name(), naive.reached);
    let (printed, equal) = Policy::printed(policy.source());
    assert!(equal, "{}: printed as\n{printed}", case.name());
    let again =
        Policy::parse(&printed).unwrap_or_else(|error| panic!("{}: printed as\n{printed}\n{error}", case.name()));
    assert_eq!(again.fingerprint(), policy.fingerprint(), "{}: printed as\n{printed}", case.name());
    let again = serde_json::to_value(again.classify(customer, at).unwrap()).unwrap();
    for key in ["tier", "rule", "certain", "possible", "missing", "findings", "segments", "scores", "benefits"] {
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
        let mut members = BTreeMap::new();
        for section in &case.sections {
            match section.head.split_once(' ').map_or(section.head.as_str(), |(word, _)| word) {
                "policy" | "limits" | "errors" | "report" | "plan" | "strategy" | "explain" | "rates" | "strict" => {}
                "tests" | "tested" | "covered" | "suggested" | "mutated" => {}
                "verdicts" => verdicts(&case, &section.body, &mut wrong),
                "analysis" => analysis(&case, &section.body, &mut wrong),
                "warnings" => {
                    let policy = parse(&case);
                    let found: Vec<&str> = policy.warnings().iter().map(|warning| warning.code().as_str()).collect();
                    assert_eq!(found.join("\n"), section.body.trim(), "{}", case.name());
                    compare_reports(
                        &case,
                        |lang| policy.warning_report("case.tier").lang(lang).to_string(),
                        &mut wrong,
                    );
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
                "portfolio" => {
                    let policy = policy.get_or_insert_with(|| parse(&case));
                    members = portfolio::members(&section.body, policy, as_of, describe);
                    customers += members.len();
                }
                "member" => {
                    let id = section.head.trim_start_matches("member ");
                    answer = Some(members.remove(id).unwrap_or_else(|| panic!("{}: no `{id}`", case.name())));
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
        assert!(answer.is_none() && members.is_empty(), "{}: an answer was not judged", case.name());
    }
    assert!(customers > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What came of the tests of a case, one on a line: its name, and what is not as it expects.
fn verdicts(case: &Case, expected: &str, wrong: &mut Vec<String>) {
    let policy = parse(case);
    let all = tests(case, &policy);
    let report = all.run();
    let mut found = String::new();
    for (at, result) in report.results().iter().enumerate() {
        let differences: Vec<&str> = result.differences().iter().map(|difference| difference.what()).collect();
        let verdict = if result.is_passed() { "passed".to_owned() } else { differences.join(", ") };
        let turn = result.turn().map(|turn| format!("; {}: {}", turn.line(), turn.source())).unwrap_or_default();
        found += &format!("{}: {verdict}{turn}\n", result.full_name());
        assert_eq!(all.run_one(at).unwrap().differences(), result.differences(), "{}", case.name());
    }
    assert!(all.run_one(report.results().len()).is_none());
    let verdict = (report.failed() == 0 && report.passed() > 0, report.passed() + report.failed());
    assert_eq!((report.is_passed(), all.len()), verdict, "{}", case.name());
    if found.trim() != expected.trim() {
        wrong.push(format!("{}:\n{found}but expected\n{expected}{report}", case.name()));
    }
    // Printed, laid out, and with the keywords of the other language they are the same tests.
    let source = policy.source();
    let chinese = Formatter::new().keywords(Keywords::Chinese).format(source).unwrap();
    for text in [Policy::printed(source).0, Formatter::new().format(source).unwrap(), chinese] {
        let again = Policy::parse(&text).unwrap_or_else(|error| panic!("{}:\n{text}\n{error}", case.name()));
        let again = tests(case, &again).run();
        let same =
            |a: &TestResult, b: &TestResult| (a.full_name(), a.differences()) == (b.full_name(), b.differences());
        let all = again.results().iter().zip(report.results()).all(|(a, b)| same(a, b));
        assert!(all && again.results().len() == report.results().len(), "{}:\n{text}\n{again}", case.name());
    }
}

/// The reports that a case has, in English and perhaps in Chinese, rewritten on demand.
fn compare_reports(case: &Case, report: impl Fn(Lang) -> String, wrong: &mut Vec<String>) {
    let head = |lang| if lang == Lang::Zh { "report zh" } else { "report" };
    let differs = |lang: &Lang| match case.section(head(*lang)) {
        Some(known) => known.trim_end() != report(*lang).trim_end(),
        None => *lang == Lang::En,
    };
    let langs: Vec<Lang> = [Lang::En, Lang::Zh].into_iter().filter(differs).collect();
    if std::env::var("TIERWISE_BLESS").is_err() {
        let known = |lang| case.section(head(lang)).unwrap_or_default();
        let text = |lang| format!("{}:\n{}\nbut expected\n{}", case.name(), report(lang), known(lang));
        wrong.extend(langs.into_iter().map(text));
    } else if !langs.is_empty() {
        let lang = |section: &Section| langs.iter().find(|lang| head(**lang) == section.head);
        let file = rewritten(case, |section| lang(section).map(|lang| report(*lang)));
        let first =
            if case.section("report").is_none() { format!("--- report\n{}", report(Lang::En)) } else { String::new() };
        std::fs::write(&case.path, file + &first).unwrap();
    }
}

/// The codes of diagnostics with their places.
fn placed<'d>(case: &Case, diagnostics: impl Iterator<Item = &'d Diagnostic>) -> String {
    // What is wrong with a file of tests is wrong there.
    let source = case.section("tests").map_or_else(|| case.policy(), str::to_owned);
    let mut found = String::new();
    for diagnostic in diagnostics {
        let before = &source[..diagnostic.span().start()];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        found += &format!("{} {line}:{column}\n", diagnostic.code().as_str());
    }
    found
}

/// What an analysis finds, neighbours that overlap as well, is what a case expects.
fn analysis(case: &Case, expected: &str, wrong: &mut Vec<String>) {
    let analysis = parse(case).analyze(Inquiry::default().overlaps());
    assert!(analysis.is_complete(), "{}: {analysis:?}", case.name());
    let found = placed(case, analysis.findings().iter().map(PolicyFinding::diagnostic));
    if found.trim() != expected.trim() {
        wrong.push(format!(
            "{}:\n{found}but expected\n{expected}\n{}",
            case.name(),
            analysis.report("case.tier", Lang::En)
        ));
        return;
    }
    compare_reports(case, |lang| analysis.report("case.tier", lang), wrong);
}

#[test]
fn every_bad_policy_is_reported_where_it_is_bad() {
    let mut wrong = Vec::new();
    for case in cases() {
        let Some(expected) = case.section("errors") else {
            continue;
        };
        let error = case.parse().expect_err(&case.name());
        let found = placed(&case, error.diagnostics().iter());
        if found.trim() != expected.trim() {
            wrong.push(format!("{}:\n{found}but expected\n{expected}\n{error}", case.name()));
            continue;
        }
        compare_reports(&case, |lang| error.report("case.tier").lang(lang).to_string(), &mut wrong);
    }
    assert!(wrong.is_empty(), "TIERWISE_BLESS=1 rewrites messages\n{}", wrong.join("\n"));
}

/// Whether a case really draws the code that it claims to cover.
fn draws(case: &Case, code: &str) -> bool {
    let sections =
        case.sections.iter().filter(|section| matches!(&*section.head, "errors" | "warnings" | "expect" | "analysis"));
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
    for (thing, asked) in BLOCKS {
        let name = |form: &&str| if form.is_empty() { thing.to_owned() } else { format!("{thing} {form}") };
        for form in asked.iter().map(name) {
            wanted.extend(["known", "missing", "undefined"].iter().map(|state| format!("op:{form}/{state}")));
        }
    }
    for fold in ["sum", "count", "average", "min of", "max of", "any", "all", "streak"] {
        wanted.extend(["known", "missing", "undefined"].iter().map(|state| format!("op:{fold}/{state}")));
    }
    let covered: BTreeSet<String> = cases.iter().flat_map(|case| case.covers.iter().cloned()).collect();
    let unknown: Vec<_> = covered.difference(&wanted).collect();
    assert!(unknown.is_empty(), "covered, but there is no such thing: {unknown:?}");
    let open: Vec<_> = wanted.difference(&covered).collect();
    assert!(open.is_empty(), "{} of {} without a case: {open:?}", open.len(), wanted.len());
}

/// The Chinese keywords of what is not built yet; every other one is used in a case whose policy is sound.
const LATER: [&str; 21] = [
    "状态 status",
    "测试 test",
    "截至 as of",
    "依据 by",
    "可能 possible",
    "确定 certain",
    "无 none",
    "错误 error",
    "有效至今年底 valid until end of this year",
    "有效至明年底 valid until end of next year",
    "有效 valid for",
    "立即升级 upgrade immediately",
    "下月升级 upgrade at next month",
    "下季升级 upgrade at next quarter",
    "明年升级 upgrade at next year",
    "逐级降级 downgrade one tier",
    "降至达标级 downgrade to qualified",
    "降至最低级 downgrade to lowest",
    "保留 keep",
    "连续 after",
    "次未达标 misses",
];

#[test]
fn every_chinese_keyword_has_a_case() {
    let mut used = BTreeSet::new();
    for case in cases().iter().filter(|case| case.section("customer").is_some()) {
        let narrow = case.policy().replace(['，', '、'], ",").replace('：', ":").replace('（', "(").replace('）', ")");
        used.extend(Policy::chinese_keywords(Some(&narrow)));
    }
    let later = |row: &(&str, &str)| LATER.contains(&format!("{} {}", row.0, row.1).as_str());
    let all = Policy::chinese_keywords(None);
    let open: Vec<_> = all.iter().filter(|row| !used.contains(*row) && !later(row)).collect();
    assert!(open.is_empty(), "without a case: {open:?}");
    let built: Vec<_> = all.iter().filter(|row| used.contains(*row) && later(row)).collect();
    assert!(built.is_empty(), "built by now: {built:?}");
    let known = all.iter().filter(|row| later(row)).collect::<BTreeSet<_>>();
    assert_eq!(known.len(), LATER.len(), "there is no such keyword");
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

/// What scores, segments, columns, points and benefits are asked, each with known, missing and undefined values.
const BLOCKS: [(&str, &[&str]); 5] = [
    ("score", &["=", "!=", "<", "<=", ">", ">=", "between", "in", "is missing", "by score"]),
    ("segment", &["=", "in", "is missing"]),
    ("column", &["=", ">=", "within", "is missing", "??"]),
    ("points", &[""]),
    ("benefit", &[""]),
];

#[test]
fn plans_are_dumped_as_the_cases_say() {
    let (mut seen, mut wrong) = (0, Vec::new());
    for case in cases() {
        for section in ["plan", "strategy"] {
            let Some(expected) = case.section(section) else { continue };
            let dump = parse(&case).plan().to_string();
            let strategy = dump.lines().next().and_then(|line| line.strip_prefix("strategy: "));
            let shown = if section == "plan" { Some(&*dump) } else { strategy };
            if shown.map(str::trim) != Some(expected.trim()) {
                wrong.push(format!("{}:\n{}", case.name(), shown.unwrap_or_default()));
            }
            seen += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 0, "no case shows a plan");
}
