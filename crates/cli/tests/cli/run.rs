//! Runs the binary in a folder of its own.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot run has failed")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// The policy that most tests use.
pub(crate) const POLICY: &str = "annual_spend > 1M => A\nannual_spend > 200K => B\notherwise => C\n";

/// A folder with files.
pub(crate) struct Folder(TempDir);

/// What a run gave.
pub(crate) struct Done {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Folder {
    /// With the policy `p.tier`.
    pub(crate) fn new(policy: &str) -> Self {
        Self(tempfile::tempdir().unwrap()).with("p.tier", policy)
    }

    /// With a file.
    pub(crate) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.path().join(name), content).unwrap();
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The command in this folder.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierwise"));
        command.current_dir(self.path()).args(args);
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        let Output { status, stdout, stderr } = self.command(args).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Done { code: status.code().unwrap(), stdout: text(stdout), stderr: text(stderr) }
    }

    /// Classifies with `p.tier` as of 2026-03-31.
    pub(crate) fn classify(&self, customers: &str, format: &str) -> Done {
        self.run(&["classify", "p.tier", customers, "--as-of", "2026-03-31", "--format", format])
    }
}

impl Done {
    /// The standard output as JSON values.
    pub(crate) fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Per row what matters most: the id, or `row N`, and the tier or the error's code.
    pub(crate) fn verdicts(&self) -> Vec<String> {
        let verdict = |value: &Value| {
            let id = value["id"].as_str().map_or_else(|| format!("row {}", value["row"]), str::to_owned);
            let tier = value["tier"].as_str().or(value["error"]["code"].as_str()).unwrap_or("none");
            format!("{id}: {tier}")
        };
        self.json().iter().map(verdict).collect()
    }
}

/// The verdicts for a file of one name and content.
pub(crate) fn verdicts(policy: &str, customers: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    Folder::new(policy).with(customers, content).classify(customers, "ndjson").verdicts()
}

/// The only error for a file of one row.
pub(crate) fn error(policy: &str, customers: &str, content: impl AsRef<[u8]>) -> Value {
    let done = Folder::new(policy).with(customers, content).classify(customers, "ndjson");
    let lines = done.json();
    assert_eq!((done.code, lines.len()), (3, 1), "{}{}", done.stdout, done.stderr);
    lines[0]["error"].clone()
}

/// Runs the console blocks of a chapter of the README on some files, and compares what comes out.
pub(crate) fn as_the_readme_says(chapter: &str, folder: &Folder) {
    let readme = include_str!("../../README.md");
    let text = readme.split(&format!("## {chapter}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let consoles: Vec<&str> =
        text.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!consoles.is_empty(), "no console in {chapter}");
    for block in consoles.iter().flat_map(|console| console.split("$ tierwise ").skip(1)) {
        let (command, expected) = block.split_once('\n').unwrap();
        // What goes to the standard error is shown behind the rest, or sent elsewhere.
        let (command, apart) = command.split_once(" 2>").map_or((command, false), |(command, _)| (command, true));
        let done = folder.run(&command.split(' ').collect::<Vec<_>>());
        let shown = if apart { done.stdout } else { done.stdout + &done.stderr };
        assert_eq!(shown, expected, "{command}");
    }
}
