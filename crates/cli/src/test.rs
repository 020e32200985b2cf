//! `tierwise test`: the tests of policies, and why those fail that do.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use tierwise::{Budget, Coverage, Lang, Policy, TestReport, TestResult, Tests, policy_of_tests};
use walkdir::WalkDir;

use crate::args::{TestArgs, TestFormat};
use crate::escape::escape;
use crate::failure::{Exit, Failure, file_name, say};
use crate::html;
use crate::output::stdout;
use crate::policy;

/// Runs the tests of every file; the worst of their exit codes.
pub(crate) fn run(args: &TestArgs, lang: Lang) -> Result<Exit, Failure> {
    if args.coverage && args.format == TestFormat::Junit {
        return Err(Failure::unusable("JUnit's format has no place for coverage".to_owned())
            .help("leave `--coverage` out, or write a page by `--html FILE`"));
    }
    let mut exit = Exit::Fine;
    let mut files = Vec::new();
    for path in &args.paths {
        match in_path(path) {
            Ok(found) => files.extend(found.iter().map(|path| File::read(path, lang))),
            Err(failure) => exit = exit.max(failure.report()),
        }
    }
    // A policy whose tests stand in a file of their own does not lack any.
    let used: BTreeSet<PathBuf> = files.iter().filter_map(|file| file.uses.as_deref().map(whole)).collect();
    // Suggested tests can be kept as they are written: the results stand elsewhere.
    let out: Box<dyn Write> = if args.suggest { Box::new(io::stderr().lock()) } else { Box::new(stdout()) };
    let mut page =
        Page { out, lang, format: args.format, suites: Report::new("tierwise"), counts: [0; 2], tested: Vec::new() };
    for file in &files {
        exit = exit.max(page.file(file, &used).map_err(Failure::writing)?);
    }
    page.end(files.len()).map_err(Failure::writing)?;
    if args.coverage || args.suggest || args.html.is_some() {
        let covered = page.covered(Budget::of(args.steps), args.suggest);
        if args.suggest {
            suggest(&mut stdout(), &covered, lang).map_err(Failure::writing)?;
        }
        if args.coverage {
            page.coverage(&covered).map_err(Failure::writing)?;
        }
        if let Some(path) = &args.html {
            let page = html::page(covered.iter().map(|(name, coverage)| (&**name, coverage)), lang);
            std::fs::write(path, page).map_err(|error| {
                Failure::unusable(format!("`{}` cannot be written: {error}", escape(&file_name(path))))
            })?;
        }
    }
    if page.counts == [0, 0] && exit == Exit::Fine && !args.suggest {
        let files = args.paths.iter().map(|path| format!("`{}`", escape(&file_name(path)))).collect::<Vec<_>>();
        return Err(Failure::unusable(format!("there are no tests in {}", files.join(", ")))
            .help("write such as `test \"large\" as of 2026-06-30: annual_spend = 1.2M => A` below the rules"));
    }
    Ok(exit)
}

/// A path by which a file is the same however it is named.
pub(crate) fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// The files of a path: the file itself, or every policy of a folder.
pub(crate) fn in_path(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let file = error.path().unwrap_or(path);
            Failure::reading(&file_name(file), &error.into_io_error().unwrap_or_else(|| io::Error::other("a loop")))
        })?;
        if entry.file_type().is_file() && entry.path().extension().is_some_and(|extension| extension == "tier") {
            files.push(entry.into_path());
        }
    }
    match files.is_empty() {
        true => Err(Failure::unusable(format!("there are no .tier files in `{}`", escape(&file_name(path))))),
        false => Ok(files),
    }
}

/// A policy with the tests beside its rules or a file of tests, or why it is neither.
pub(crate) struct File {
    path: PathBuf,
    /// The policy that a file of tests names.
    pub(crate) uses: Option<PathBuf>,
    pub(crate) tests: Result<Tests, Failure>,
}

impl File {
    /// Reads a file, and the policy that it names.
    pub(crate) fn read(path: &Path, lang: Lang) -> Self {
        let path = path.to_owned();
        let source = match policy::source(&path) {
            Ok(source) => source,
            Err(failure) => return Self { path, uses: None, tests: Err(failure) },
        };
        let Some(name) = policy_of_tests(&source) else {
            let policy = Policy::parse(&source).map_err(|error| wrong(&path, &error, lang));
            return Self { path, uses: None, tests: policy.map(|policy| policy.tests()) };
        };
        let used = path.parent().unwrap_or(Path::new("")).join(name);
        let tests = policy::load(&used, lang)
            .and_then(|policy| policy.tests_in(&source).map_err(|error| wrong(&path, &error, lang)));
        Self { uses: Some(used), path, tests }
    }
}

fn wrong(path: &Path, error: &tierwise::PolicyError, lang: Lang) -> Failure {
    Failure::Policy(error.report(&file_name(path)).lang(lang).to_string())
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    #[serde(flatten)]
    report: &'a TestReport,
}

#[derive(Serialize)]
struct Broken<'a> {
    file: &'a str,
    error: &'a str,
}

#[derive(Serialize)]
struct Covered<'a> {
    file: &'a str,
    coverage: &'a Coverage,
}

/// What is written.
struct Page<W: Write> {
    out: W,
    lang: Lang,
    format: TestFormat,
    suites: Report,
    /// How many passed and failed.
    counts: [usize; 2],
    tested: Vec<Tested>,
}

/// What came of the tests of a file.
struct Tested {
    /// The policy that they are about.
    policy: PathBuf,
    /// Whether they stand beside its rules.
    own: bool,
    report: TestReport,
}

impl<W: Write> Page<W> {
    fn file(&mut self, file: &File, used: &BTreeSet<PathBuf>) -> io::Result<Exit> {
        let name = file_name(&file.path);
        let report = match &file.tests {
            Ok(tests) => tests.run(),
            Err(failure) => {
                self.suites.add_test_suite(broken(&name, failure));
                if self.format == TestFormat::Json {
                    serde_json::to_writer(&mut self.out, &Broken { file: &name, error: &failure.text() })?;
                    writeln!(self.out)?;
                }
                return Ok(failure.report());
            }
        };
        let [passed, failed] = &mut self.counts;
        (*passed, *failed) = (*passed + report.passed(), *failed + report.failed());
        let elsewhere = || file.path.canonicalize().is_ok_and(|path| used.contains(&path));
        if report.results().is_empty() && !elsewhere() {
            say(&format!("{}: no tests", escape(&name)));
        }
        match self.format {
            TestFormat::Json => {
                serde_json::to_writer(&mut self.out, &Line { file: &name, report: &report })?;
                writeln!(self.out)?;
            }
            TestFormat::Junit => {
                self.suites.add_test_suite(suite(&name, &report, self.lang));
            }
            TestFormat::Text if report.results().is_empty() => {}
            TestFormat::Text => {
                for result in report.results().iter().filter(|result| !result.is_passed()) {
                    write!(self.out, "{}: {}", escape(&name), result.text(self.lang))?;
                }
                writeln!(self.out, "{}: {}", escape(&name), report.summary(self.lang))?;
            }
        }
        let exit = if report.failed() > 0 { Exit::Open } else { Exit::Fine };
        let policy = file.uses.clone().unwrap_or_else(|| file.path.clone());
        self.tested.push(Tested { policy, own: file.uses.is_none(), report });
        Ok(exit)
    }

    /// What the tests show of each policy, those of all files together.
    fn covered(&self, budget: Budget, untested: bool) -> Vec<(String, Coverage)> {
        let mut policies: Vec<(PathBuf, &Path, Vec<&TestReport>)> = Vec::new();
        for Tested { policy: path, own, report } in &self.tested {
            let whole = whole(path);
            match policies.iter_mut().find(|(known, ..)| *known == whole) {
                Some((_, name, reports)) => {
                    // As it was named itself, rather than by a file of tests.
                    if *own {
                        *name = path;
                    }
                    reports.push(report);
                }
                None => policies.push((whole, path, vec![report])),
            }
        }
        let covered = policies.into_iter().filter_map(|(_, path, reports)| {
            let some = untested || reports.iter().any(|report| !report.results().is_empty());
            let coverage = Coverage::of(reports, budget).filter(|_| some)?;
            Some((file_name(path).to_string(), coverage))
        });
        covered.collect()
    }

    fn coverage(&mut self, covered: &[(String, Coverage)]) -> io::Result<()> {
        for (name, coverage) in covered {
            match self.format {
                TestFormat::Json => {
                    serde_json::to_writer(&mut self.out, &Covered { file: name, coverage })?;
                    writeln!(self.out)?;
                }
                _ => write!(self.out, "\n{}: {}", escape(name), coverage.text(self.lang))?,
            }
        }
        self.out.flush()
    }

    fn end(&mut self, files: usize) -> io::Result<()> {
        let [passed, failed] = self.counts;
        match self.format {
            TestFormat::Text if files > 1 => {
                let failed = if failed > 0 { format!(", {failed} failed") } else { String::new() };
                writeln!(self.out, "{files} files: {passed} passed{failed}")?;
            }
            TestFormat::Junit => {
                self.suites.serialize(&mut self.out).map_err(io::Error::other)?;
            }
            TestFormat::Text | TestFormat::Json => {}
        }
        self.out.flush()
    }
}

/// Tests for what the tests of policies do not show.
fn suggest(out: &mut impl Write, covered: &[(String, Coverage)], lang: Lang) -> io::Result<()> {
    for (at, (name, coverage)) in covered.iter().enumerate() {
        let suggested = coverage.suggestions().text(lang);
        if covered.len() > 1 {
            writeln!(out, "{}# {}", if at > 0 { "\n" } else { "" }, escape(name))?;
        }
        write!(out, "{suggested}")?;
    }
    out.flush()
}

/// The tests of a file as a suite.
fn suite(name: &str, report: &TestReport, lang: Lang) -> TestSuite {
    let mut suite = TestSuite::new(xml(name));
    suite.add_test_cases(report.results().iter().map(|result| case(name, result, lang)));
    suite
}

fn case(file: &str, result: &TestResult, lang: Lang) -> TestCase {
    let status = match result.is_passed() {
        true => TestCaseStatus::success(),
        false => {
            let differences = result.differences().iter();
            let told =
                differences.map(|it| format!("{}: expected {}, found {}", it.what(), it.expected(), it.actual()));
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(xml(&told.collect::<Vec<_>>().join("; "))).set_description(xml(&result.text(lang)));
            status
        }
    };
    let mut case = TestCase::new(xml(&result.full_name()), status);
    case.set_classname(xml(file));
    case.extra.insert("file".into(), xml(file).into());
    case.extra.insert("line".into(), result.line().to_string().into());
    case
}

/// XML has no way to write two characters; the library for it takes care of the others.
fn xml(text: &str) -> String {
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// A file whose tests cannot be run.
fn broken(file: &str, failure: &Failure) -> TestSuite {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message("the tests cannot be run").set_description(xml(&failure.text()));
    let mut case = TestCase::new("policy", status);
    case.set_classname(xml(file));
    let mut suite = TestSuite::new(xml(file));
    suite.add_test_case(case);
    suite
}
