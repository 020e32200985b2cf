//! The architecture, enforced: which stage may use which, how long a file may be, and who may name pest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const GROUND: [&str; 6] = ["source", "diagnostics", "limits", "value", "schema", "builtins"];

/// What each stage may use besides itself.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let with_ground = |more: &[&'static str]| GROUND.iter().chain(more).copied().collect::<Vec<_>>();
    BTreeMap::from([
        // The language reference: pages of text.
        ("language", Vec::new()),
        ("source", GROUND.to_vec()),
        ("diagnostics", GROUND.to_vec()),
        ("limits", GROUND.to_vec()),
        ("value", GROUND.to_vec()),
        ("schema", GROUND.to_vec()),
        ("builtins", GROUND.to_vec()),
        ("syntax", vec!["source", "diagnostics", "limits", "builtins"]),
        ("check", with_ground(&["syntax"])),
        ("plan", with_ground(&["check"])),
        ("model", with_ground(&["facts"])),
        ("host", with_ground(&["facts"])),
        ("facts", with_ground(&[])),
        ("eval", with_ground(&["plan", "model", "facts"])),
        ("explain", with_ground(&["plan", "eval"])),
        ("search", with_ground(&["plan", "eval", "facts"])),
        ("reference", with_ground(&["check", "model", "facts", "policy"])),
        ("testing", with_ground(&["syntax", "check", "plan", "model", "facts", "eval", "explain", "search"])),
        (
            "policy",
            with_ground(&["syntax", "check", "plan", "model", "facts", "host", "eval", "explain", "search", "testing"]),
        ),
        (
            "lib",
            with_ground(&[
                "syntax",
                "check",
                "plan",
                "model",
                "facts",
                "host",
                "eval",
                "explain",
                "reference",
                "search",
                "testing",
                "policy",
            ]),
        ),
    ])
}

fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&root).unwrap();
            let stage = inside.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
            let text = std::fs::read_to_string(&path).unwrap();
            (stage, path, text)
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The code of a file: without its tests and without comment lines.
fn code(text: &str) -> Vec<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect()
}

#[test]
fn imports_point_down_only() {
    let allowed = allowed();
    let mut wrong = Vec::new();
    for (stage, path, text) in sources() {
        let may = allowed.get(stage.as_str()).unwrap_or_else(|| panic!("stage `{stage}` is not in the table"));
        for line in code(&text) {
            for used in line.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if used != stage && !may.contains(&used.as_str()) {
                    wrong.push(format!("{}: {stage} uses {used}: {}", path.display(), line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_stay_within_reach_of_a_reader() {
    for (_, path, text) in sources() {
        let lines = code(&text).iter().filter(|line| !line.trim().is_empty()).count();
        assert!(lines <= 400, "{} has {lines} lines of code", path.display());
    }
}

#[test]
fn only_the_parser_names_pest() {
    for (_, path, text) in sources().iter().filter(|(_, path, _)| !path.ends_with("syntax/parser.rs")) {
        assert!(
            !code(text).iter().any(|line| line.contains("pest::") || line.contains("pest_derive")),
            "{}",
            path.display()
        );
    }
}

#[test]
fn every_error_code_is_explained_once() {
    let mut codes = tierwise::reference::codes();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all, "a code is used twice");
}
