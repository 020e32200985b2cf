//! The reader of case files, shared by the tests that run them.

use std::path::{Path, PathBuf};

use tierwise::{Limits, Policy, PolicyError};

/// A case: a policy, and either what is wrong with it or customers with what is expected of them.
pub(crate) struct Case {
    pub(crate) path: PathBuf,
    /// What the case is there for: codes, `grammar:RULE`, `op:FORM/STATE`.
    pub(crate) covers: Vec<String>,
    pub(crate) sections: Vec<Section>,
}

/// `--- head` and the lines below it.
pub(crate) struct Section {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Case {
    /// The one section of a head.
    pub(crate) fn section(&self, head: &str) -> Option<&str> {
        self.sections.iter().find(|section| section.head == head).map(|section| section.body.as_str())
    }

    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Parses the policy under the limits of the `limits` section, lines such as `rules 1`.
    pub(crate) fn parse(&self) -> Result<Policy, PolicyError> {
        let mut limits = Limits::default();
        for line in self.section("limits").unwrap_or_default().lines() {
            let (name, limit) = line.split_once(' ').unwrap();
            let limit = limit.parse().unwrap();
            limits = match name {
                "source_bytes" => limits.max_source_bytes(limit),
                "tokens" => limits.max_tokens(limit),
                "rules" => limits.max_rules(limit),
                "depth" => limits.max_depth(limit),
                "list_members" => limits.max_list_members(limit),
                "patterns" => limits.max_patterns(limit),
                "name_bytes" => limits.max_name_bytes(limit),
                "diagnostics" => limits.max_diagnostics(limit),
                _ => panic!("{}: unknown limit `{name}`", self.name()),
            };
        }
        let policy = Policy::builder().limits(limits).parse(&self.policy())?;
        self.section("tests").map_or(Ok(()), |tests| policy.tests_in(tests).map(|_| ()))?;
        Ok(policy)
    }

    /// The policy; `\u{…}` outside its own texts cannot be written in a case, so `<U+202E>` stands for the character.
    pub(crate) fn policy(&self) -> String {
        let mut text = self.section("policy").unwrap_or_else(|| panic!("{}: no policy", self.name())).to_owned();
        while let Some(at) = text.find("<U+") {
            let end = at + text[at..].find('>').unwrap();
            let code = u32::from_str_radix(&text[at + 3..end], 16).unwrap();
            text.replace_range(at..=end, &char::from_u32(code).unwrap().to_string());
        }
        text
    }
}

/// Every case below `tests/cases`, in order.
pub(crate) fn cases() -> Vec<Case> {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), &mut files);
    files.sort();
    files.iter().map(|path| read(path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "case") {
            files.push(path);
        }
    }
}

fn read(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).unwrap();
    let mut case = Case { path: path.to_owned(), covers: Vec::new(), sections: Vec::new() };
    for line in text.split_inclusive('\n') {
        if let Some(head) = line.strip_prefix("--- ") {
            case.sections.push(Section { head: head.trim_end().to_owned(), body: String::new() });
        } else if let Some(section) = case.sections.last_mut() {
            section.body.push_str(line);
        } else if let Some(covers) = line.strip_prefix("covers:") {
            case.covers.extend(covers.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()));
        } else {
            assert!(line.starts_with('#') || line.trim().is_empty(), "{}: stray line `{line}`", path.display());
        }
    }
    case
}
