//! `tierwise test`.

use std::fs;

use serde_json::Value;

use crate::run::{Done, Folder, as_the_readme_says};

const MEMBERS: &str = "\
tiers gold > silver
count(orders in last 12 months) >= 2 or tags contains \"friend\" => gold
otherwise => silver

test \"two orders\" as of 2026-06-30:
    orders = [{placed_on: 2026-05-01, amount: 300}, {placed_on: 2025-07-01, amount: 20}] => gold certain
test \"long gone\" as of 2026-06-30: orders = [{placed_on: 2024-01-05, amount: 300}], tags = () => silver certain
test \"a friend\" as of 2026-06-30: orders = [{placed_on: 2026-05-01, amount: 3}, {placed_on: 2026-05-02, amount: 2}] => silver
";

const THRESHOLDS: &str = "\
field points: integer 0.. required
\"many\": points > 100 and points < 500 => A
points >= 500                         => B
points > 800                          => A
otherwise                             => C
test \"at the threshold\": points = 100 => C
test \"above it\":         points = 101 => A by \"many\"
test \"far above it\":     points = 500 => B
";

#[test]
fn failing_tests_and_coverage_are_as_the_readme_says() {
    let folder = Folder::new("otherwise => A\n").with("members.tier", MEMBERS);
    as_the_readme_says("Tests", &folder.with("thresholds.tier", THRESHOLDS));
}

const PLAIN: &str = "frequency >= 12 => A\notherwise => B\n";
const GOOD: &str = "use \"p.tier\"\ntest \"regular\" as of 2026-06-30: frequency = 12 => A\n";
const BAD: &str = "use \"p.tier\"\ntest table \"steps & <more>\" as of 2026-06-30 {\n frequency =>\n 12 A\n 11 A\n}\n";

/// A policy, and files of tests beside it: one that passes, one that fails, one that is wrong.
fn folder() -> Folder {
    let wrong = "use \"p.tier\"\ntest \"x\" as of 2026-06-30: frequenzy = 12 => A\n";
    let folder = Folder::new(PLAIN).with("good.tier", GOOD).with("bad.tier", BAD).with("wrong.tier", wrong);
    let folder = folder.with("lost.tier", "use \"nowhere.tier\"\ntest \"x\": => A\n");
    fs::create_dir_all(folder.path().join("all/more")).unwrap();
    fs::create_dir(folder.path().join("none")).unwrap();
    let inner = |name: &str, text: &str| fs::write(folder.path().join("all").join(name), text).unwrap();
    inner("p.tier", PLAIN);
    inner("notes.txt", "no policy");
    inner("more/p_tests.tier", &GOOD.replace("p.tier", "../p.tier"));
    inner("own.tier", &format!("{PLAIN}test \"none known\" as of 2026-06-30: => B possible (A, B)\n"));
    folder
}

#[test]
fn exit_codes_tell_what_passed_failed_and_was_wrong() {
    let folder = folder();
    let run = |args: &[&str]| folder.run(&[&["test"], args].concat());
    let said = |done: Done, code: i32, out: &[&str], err: &[&str]| {
        assert_eq!(done.code, code, "{}{}", done.stdout, done.stderr);
        out.iter().for_each(|part| assert!(done.stdout.contains(part), "{part}: {}", done.stdout));
        err.iter().for_each(|part| assert!(done.stderr.contains(part), "{part}: {}", done.stderr));
        assert!(!out.is_empty() || done.stdout.is_empty(), "{}", done.stdout);
        assert!(!err.is_empty() || done.stderr.is_empty(), "{}", done.stderr);
    };
    said(run(&["good.tier"]), 0, &["good.tier: 1 passed\n"], &[]);
    // Files in order of their names; a policy whose tests stand elsewhere lacks none.
    let all = run(&["all"]);
    let files: Vec<&str> = all.stdout.lines().map(|line| line.rsplit(['/', '\\']).next().unwrap()).collect();
    assert_eq!(files, ["p_tests.tier: 1 passed", "own.tier: 1 passed", "3 files: 2 passed"]);
    said(all, 0, &["3 files: 2 passed\n"], &[]);
    said(run(&["good.tier", "p.tier"]), 0, &["2 files: 1 passed\n"], &[]);
    said(run(&["all/own.tier", "p.tier"]), 0, &["2 files: 1 passed\n"], &["p.tier: no tests\n"]);
    said(run(&["bad.tier", "good.tier"]), 4, &["bad.tier: 1 passed, 1 failed", "2 files: 2 passed, 1 failed\n"], &[]);
    said(
        run(&["bad.tier"]),
        4,
        &["bad.tier: FAILED \"steps & <more>\", row 2, line 5", "tier: expected A, found B"],
        &[],
    );
    let unknown = ["unknown name `frequenzy`", " --> wrong.tier:2:28", "did you mean `frequency`?"];
    said(run(&["wrong.tier"]), 1, &[], &unknown);
    said(run(&["wrong.tier", "bad.tier"]), 4, &["2 files: 1 passed, 1 failed"], &unknown);
    said(run(&["lost.tier"]), 2, &[], &["error: `nowhere.tier` cannot be read: there is no such file"]);
    said(run(&["good.tier", "gone.tier"]), 2, &["good.tier: 1 passed"], &["error: `gone.tier` cannot be read"]);
    said(run(&["p.tier"]), 2, &[], &["p.tier: no tests\n", "error: there are no tests in `p.tier`\n  = help: write"]);
    said(run(&["none"]), 2, &[], &["error: there are no .tier files in `none`"]);
    said(
        run(&["--lang", "zh", "bad.tier"]),
        4,
        &["未通过：“steps & <more>”，第 2 例，第 5 行", "通过 1 例，未通过 1 例"],
        &[],
    );
}

#[test]
fn files_of_tests_are_checked_too() {
    let folder = folder();
    let done = folder.run(&["check", "good.tier", "bad.tier", "all/own.tier"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(lines[..2], ["good.tier: ok, 1 test", "bad.tier: ok, 2 tests"]);
    assert!(lines[2].starts_with("all/own.tier: ok, 2 tiers, 1 test, fingerprint 1:"), "{}", lines[2]);
    let done = folder.run(&["classify", "good.tier", "c.ndjson"]);
    assert_eq!(done.code, 1);
    assert!(
        done.stderr.contains("`use` makes this a file of tests") && !done.stderr.contains("E03018"),
        "{}",
        done.stderr
    );
}

#[test]
fn json_has_an_object_for_each_file() {
    let done = folder().run(&["test", "good.tier", "bad.tier", "wrong.tier", "--format", "json"]);
    assert_eq!(done.code, 4);
    let [good, bad, wrong]: [Value; 3] = done.json().try_into().unwrap();
    assert_eq!((&good["file"], &good["passed"], &good["failed"]), (&"good.tier".into(), &1.into(), &0.into()));
    let tests = bad["tests"].as_array().unwrap();
    assert_eq!((&tests[0]["passed"], &tests[0]["row"], &tests[0]["line"]), (&true.into(), &1.into(), &4.into()));
    let failed = &tests[1];
    let difference = &failed["differences"][0];
    assert_eq!((&difference["what"], &difference["expected"]), (&"tier".into(), &"A".into()));
    assert_eq!((&difference["actual"], &failed["turn"]["condition"]), (&"B".into(), &"frequency >= 12".into()));
    assert_eq!(failed["explanation"]["outcome"]["tier"], "B");
    assert!(wrong["error"].as_str().unwrap().contains("unknown name `frequenzy`") && wrong["tests"].is_null());
}

#[test]
fn junit_is_read_by_a_parser_of_others() {
    let odd = format!("{PLAIN}test \"\u{fffe}]]> 大\" as of 2026-06-30: => A\n");
    let folder = folder().with("odd.tier", odd);
    let done = folder.run(&["test", "good.tier", "bad.tier", "wrong.tier", "odd.tier", "--format", "junit"]);
    assert_eq!(done.code, 4);
    let report = junit_parser::from_reader(done.stdout.as_bytes()).unwrap();
    assert_eq!((report.tests, report.failures, report.errors, report.skipped), (5, 2, 1, 0));
    let names: Vec<&str> = report.suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names, ["good.tier", "bad.tier", "wrong.tier", "odd.tier"]);
    let [passes, fails] = &report.suites[1].cases[..] else { panic!("{:?}", report.suites[1].cases) };
    assert_eq!(passes.name, "bad.tier::steps & <more>, row 1");
    assert_eq!(fails.name, "bad.tier::steps & <more>, row 2");
    assert!(passes.status.is_success() && fails.status.is_failure());
    let failure = fails.status.failure_as_ref();
    assert_eq!(failure.message, "tier: expected A, found B");
    assert!(
        failure.text.contains(
            "  tier: expected A, found B
"
        ),
        "{}",
        failure.text
    );
    assert!(report.suites[2].cases[0].status.is_error());
    assert!(report.suites[3].cases[0].name.contains("]]> 大"), "{}", report.suites[3].cases[0].name);
}

#[test]
fn coverage_is_that_of_all_files_of_a_policy_together() {
    let folder =
        folder().with("odd.tier", "frequency > 1 => A # <b>&\notherwise => B\ntest \"x\" as of 2026-06-30: => B\n");
    let done =
        folder.run(&["test", "--coverage", "--format", "json", "good.tier", "p.tier", "all/own.tier", "bad.tier"]);
    assert_eq!((done.code, done.stderr.as_str()), (4, ""));
    let objects: Vec<Value> = done.json();
    let coverage: Vec<&Value> = objects.iter().filter(|object| object.get("coverage").is_some()).collect();
    assert_eq!((objects.len(), coverage.len()), (6, 2));
    let files: Vec<&str> = coverage.iter().map(|object| object["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["p.tier", "all/own.tier"]);
    let of = |at: usize, line: u64, wanted: &str, kind: &str| {
        let all = coverage[at]["coverage"]["obligations"].as_array().unwrap();
        let found = all.iter().find(|it| it["line"] == line && it["wanted"] == wanted && it["kind"] == kind);
        let it = found.unwrap_or_else(|| panic!("{wanted} in line {line} of {all:?}"));
        (
            it["state"].as_str().unwrap().to_owned(),
            it["tests"].as_u64().unwrap(),
            it["test"].as_str().map(str::to_owned),
        )
    };
    // Two tests of other files have 12 orders, and one 11.
    assert_eq!(of(0, 1, "at", "threshold"), ("covered".to_owned(), 2, Some("regular".to_owned())));
    assert_eq!(of(0, 1, "below", "threshold"), ("covered".to_owned(), 1, Some("steps & <more>, row 2".to_owned())));
    assert_eq!(of(0, 1, "unknown", "condition"), ("uncovered".to_owned(), 0, None));
    assert_eq!(of(1, 1, "unknown", "condition"), ("covered".to_owned(), 1, Some("none known".to_owned())));
    assert_eq!(coverage[0]["coverage"]["total"]["covered"], 6);
    assert_eq!(coverage[0]["coverage"]["full"], false);
    assert_eq!(coverage[0]["coverage"]["kinds"]["condition"]["uncovered"], 1);
    let text = folder.run(&["--lang", "zh", "test", "--coverage", "good.tier", "bad.tier"]);
    assert!(
        text.stdout.contains("\n\np.tier: 覆盖：6/7\n规则 2/2，条件 2/3，阈值 2/2\n! 2x 1 | frequency >= 12 => A\n"),
        "{}",
        text.stdout
    );
    // A folder, and a page: no name of a policy and no text of it can leave its place.
    let done = folder.run(&["test", "all", "odd.tier", "--html", "page.html"]);
    assert_eq!((done.code, done.stdout.contains("coverage")), (0, false));
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">"), "{page}");
    assert!(page.contains("frequency &gt; 1 =&gt; A # &lt;b&gt;&amp;") && !page.contains("<b>"), "{page}");
    assert!(
        page.contains("<li class=\"uncovered\">not seen: deciding; `frequency &gt; 1` true, false, at the threshold"),
        "{page}"
    );
    let names: Vec<&str> = page.split("<h2>").skip(1).map(|rest| rest.split("</h2>").next().unwrap()).collect();
    assert_eq!(names, ["all/p.tier", "all/own.tier", "odd.tier"]);
    assert!(!page.contains("http") && !page.contains("src="), "{page}");
    let done = folder.run(&["test", "good.tier", "--coverage", "--format", "junit"]);
    assert_eq!((done.code, done.stdout.as_str()), (2, ""));
    assert!(done.stderr.contains("JUnit's format has no place for coverage"), "{}", done.stderr);
    let done = folder.run(&["test", "good.tier", "--html", "nowhere/page.html"]);
    assert!(done.code == 2 && done.stderr.contains("`nowhere/page.html` cannot be written"), "{}", done.stderr);
}

#[test]
fn suggested_tests_can_be_kept_as_they_are_written() {
    let folder = folder();
    // Without any test too.
    let done = folder.run(&["test", "--suggest", "p.tier"]);
    assert_eq!((done.code, done.stdout.lines().count()), (0, 4), "{}{}", done.stdout, done.stderr);
    assert_eq!(done.stderr, "p.tier: no tests\n");
    let tests = format!("use \"p.tier\"\n\n{}", done.stdout);
    let folder = folder.with("more.tier", &tests);
    let done = folder.run(&["test", "--coverage", "--format", "json", "more.tier"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let coverage: Value = serde_json::from_str(done.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(coverage["coverage"]["full"], true);
    let done = folder.run(&["test", "--suggest", "more.tier"]);
    assert_eq!((done.code, &*done.stdout, &*done.stderr), (0, "", "more.tier: 3 passed\n"));
    // Of several policies it is said which are whose.
    let done = folder.run(&["--lang", "zh", "test", "--suggest", "good.tier", "all/own.tier"]);
    let heads: Vec<&str> =
        done.stdout.lines().filter(|line| line.starts_with("# ") && line.ends_with(".tier")).collect();
    assert_eq!(heads, ["# p.tier", "# all/own.tier"]);
    assert!(done.stdout.contains("test \"frequency >= 12：未知\""), "{}", done.stdout);
    assert_eq!(folder.run(&["test", "--suggest", "--coverage", "p.tier"]).code, 2);
}

#[test]
fn mutants_are_as_the_readme_says() {
    let folder = Folder::new("otherwise => A\n").with("thresholds.tier", THRESHOLDS);
    as_the_readme_says("Mistakes that no test would notice", &folder);
}

#[test]
fn mutants_are_those_of_all_tests_of_a_policy_together() {
    let folder = folder();
    let done = folder.run(&["mutate", "--format", "json", "good.tier", "p.tier"]);
    assert_eq!((done.code, &*done.stderr), (4, ""));
    let [alone] = &done.json()[..] else { panic!("{}", done.stdout) };
    assert_eq!((&alone["file"], &alone["full"]), (&Value::from("p.tier"), &Value::from(false)));
    let of = |json: &Value, state: &str| {
        let all = json["mutants"].as_array().unwrap().iter();
        all.filter(|mutant| mutant["state"] == state).cloned().collect::<Vec<_>>()
    };
    let survived = of(alone, "survived");
    assert!(survived.iter().any(|mutant| mutant["before"] == "12" && mutant["after"] == "11"), "{survived:?}");
    assert!(of(alone, "killed").iter().all(|mutant| mutant["test"] == "regular"));
    let told = survived.iter().find(|mutant| mutant["after"] == "11").unwrap();
    assert_eq!(told["customer"]["facts"]["frequency"], "11");
    assert_eq!(told["differences"][0]["what"], "tier");
    // What one file does not notice another does.
    let more =
        "use \"p.tier\"\ntest table \"sides\" as of 2026-06-30 {\n frequency =>\n 11 B\n 12 A\n 13 A\n missing B\n}\n";
    let folder = folder.with("more.tier", more);
    let done = folder.run(&["mutate", "good.tier", "more.tier"]);
    let full = "p.tier: mutants: 10 killed, 0 survived, 0 equivalent, 0 not found out; score 100%\n";
    assert_eq!((done.code, &*done.stdout), (0, full), "{}", done.stderr);
    let all = folder.run(&["--lang", "zh", "mutate", "--all", "more.tier"]);
    assert_eq!(all.stdout.matches("杀死").count(), 11, "{}", all.stdout);
    // Tests that fail as it is tell nothing, and files that are wrong are said so.
    let done = folder.run(&["mutate", "bad.tier"]);
    assert_eq!((done.code, &*done.stdout), (4, ""));
    let expected = "error: p.tier: 1 of the tests fail, the first of them \"steps & <more>, row 2\"; only tests that pass can \
                    notice a mistake\n";
    assert_eq!(done.stderr, expected);
    assert_eq!(folder.run(&["mutate", "wrong.tier"]).code, 1);
    assert_eq!(folder.run(&["mutate", "nothing.tier"]).code, 2);
    let done = folder.run(&["mutate", "p.tier"]);
    assert_eq!((done.code, &*done.stderr), (4, "p.tier: no tests\n"));
}
