//! Both macros in a crate that is compiled as a host's is: what passes, what does not, and what is built again when.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const POLICY: &str = "\
points > 10 => A
otherwise   => B

test \"above\" as of 2026-06-30:     points = 11 => A
test \"threshold\" as of 2026-06-30: points = 10 => B
";

const LIB: &str = "\
pub fn policy() -> &'static tierwise::Policy {
    tierwise_macros::include_policy!(\"policies/members.tier\")
}

mod policies {
    tierwise_macros::policy_tests!(\"policies\");
}
";

/// A crate of its own, with the versions of this workspace and its build artefacts.
struct Host {
    folder: tempfile::TempDir,
    target: PathBuf,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let macros = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tierwise = macros.join("../..");
        let manifest = format!(
            "[package]\nname = \"host\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             tierwise = {{ path = {tierwise:?} }}\ntierwise-macros = {{ path = {macros:?} }}\n\n\
             [profile.dev]\nopt-level = 1\ndebug = \"line-tables-only\"\n\n[workspace]\n",
        );
        let host = Self { folder, target: Path::new(env!("CARGO_TARGET_TMPDIR")).join("..") };
        host.write("Cargo.toml", &manifest);
        fs::copy(tierwise.join("Cargo.lock"), host.folder.path().join("Cargo.lock")).unwrap();
        host.write("src/lib.rs", LIB);
        host.write("policies/members.tier", POLICY);
        host
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn cargo(&self, command: &str) -> Output {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([command, "--offline", "--quiet"])
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", &self.target);
        cargo.env_remove("RUSTFLAGS").output().unwrap()
    }

    /// The lines of the tests, and whether all passed.
    fn tests(&self) -> (Vec<String>, bool) {
        let output = self.cargo("test");
        let text = String::from_utf8(output.stdout).unwrap();
        let compiled = text.contains("test result") || output.status.success();
        assert!(compiled, "{text}{}", String::from_utf8_lossy(&output.stderr));
        (text.lines().map(str::to_owned).collect(), output.status.success())
    }

    /// What the compiler says.
    fn errors(&self) -> String {
        let output = self.cargo("check");
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

#[test]
fn a_host_is_compiled_with_its_policies() {
    let host = Host::new();
    let (lines, passed) = host.tests();
    assert!(passed && lines.iter().any(|line| line.starts_with("test result: ok. 3 passed")), "{lines:#?}");

    // An edited policy is compiled in again, and its tests with it.
    host.write("policies/members.tier", &POLICY.replace("points > 10", "points > 11"));
    let (lines, passed) = host.tests();
    let text = lines.join("\n");
    assert!(!passed);
    says(
        &text,
        &["policies::members::above", "policies/members.tier: FAILED \"above\", line 4", "tier: expected A, found B"],
    );
    says(&text, &["2 passed; 1 failed", "points is 11; it has to be more than 11"]);
    host.write("policies/members.tier", &POLICY.replace("\"threshold\"", "\"at the threshold\""));
    assert!(host.tests().1);

    // A file that is added is noticed, whether or not the compiler saw it.
    host.write("policies/more/partners.tier", &format!("{POLICY}test \"known\" as of 2026-06-30: points = 0 => B\n"));
    let (lines, passed) = host.tests();
    assert!(!passed);
    let new = format!("policies{0}more{0}partners.tier is new", std::path::MAIN_SEPARATOR);
    says(&lines.join("\n"), &["policies::policy_files_are_those_compiled_in", &new, "rerun-if-changed=policies"]);
    host.write("src/lib.rs", &format!("{LIB}\n"));
    let (lines, passed) = host.tests();
    assert!(passed, "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("test result: ok. 6 passed")), "{lines:#?}");

    // One that is taken away makes the compiler look again.
    fs::remove_file(host.folder.path().join("policies/more/partners.tier")).unwrap();
    let (lines, passed) = host.tests();
    assert!(passed && lines.iter().any(|line| line.starts_with("test result: ok. 3 passed")), "{lines:#?}");

    mistakes(&host);
}

/// What is wrong with a policy or a path is an error at the place of the macro.
fn mistakes(host: &Host) {
    host.write("policies/members.tier", &POLICY.replace("points > 10", "pionts > 10"));
    let place = ["src/lib.rs:2:38", "include_policy!(\"policies/members.tier\")"];
    let report =
        ["unknown name `pionts`", "policies/members.tier:1:1", "1 | pionts > 10 => A", "did you mean `points`?"];
    says(&host.errors(), &[place, ["^^^^^^", "src/lib.rs:6:36"]].concat());
    says(&host.errors(), &report);

    host.write("policies/members.tier", &POLICY.replace("points = 10 => B", "points = ten => B"));
    says(&host.errors(), &["the test needs a value of type integer here, found `ten`", "policies/members.tier:5"]);

    host.write("policies/members.tier", "points > 10 => A");
    says(&host.errors(), &["there are no tests in `policies`"]);

    host.write("policies/members.tier", POLICY);
    host.write("src/lib.rs", &LIB.replace("policies/members.tier", "policies/membres.tier"));
    says(&host.errors(), &["`policies/membres.tier` cannot be read", "paths begin at the folder of `Cargo.toml`"]);
    host.write("src/lib.rs", &LIB.replace("\"policies\"", "\"/policies\""));
    says(&host.errors(), &["expected a path below the folder of `Cargo.toml`"]);
}
