//! `tierwise fmt`.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::run::{Done, Folder};

const ROUGH: &str = "# the best\nannual_spend>1000000 AND frequency>=12=>A#large\notherwise=>B";
const SMOOTH: &str = "\
# the best
annual_spend > 1_000_000 and frequency >= 12 => A  #large
otherwise                                    => B
";

fn text(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn nothing_beside(folder: &Path, count: usize) {
    let names: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), count, "{names:?}");
}

fn from_standard_input(folder: &Folder, args: &[&str], source: &str) -> Done {
    let mut command = folder.command(args);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(source.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Done { code: done.status.code().unwrap(), stdout: text(done.stdout), stderr: text(done.stderr) }
}

#[test]
fn files_are_formatted_in_place() {
    let folder = Folder::new(ROUGH).with("smooth.tier", SMOOTH).with("unknown.tier", "nobody>1=>A\n");
    let before = std::fs::metadata(folder.path().join("smooth.tier")).unwrap().modified().unwrap();
    let done = folder.run(&["fmt", "p.tier", "smooth.tier", "unknown.tier"]);
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, "", ""));
    assert_eq!(text(&folder, "p.tier"), SMOOTH);
    assert_eq!(text(&folder, "smooth.tier"), SMOOTH);
    assert_eq!(text(&folder, "unknown.tier"), "nobody > 1 => A\n");
    let after = std::fs::metadata(folder.path().join("smooth.tier")).unwrap().modified().unwrap();
    assert_eq!(before, after, "a formatted file is not written");
    nothing_beside(folder.path(), 3);
}

#[test]
fn check_writes_nothing_and_names_what_would_change() {
    let folder = Folder::new(ROUGH).with("smooth.tier", SMOOTH).with("end.tier", "otherwise => A");
    let done = folder.run(&["fmt", "--check", "p.tier", "smooth.tier", "end.tier"]);
    let expected = "\
p.tier:2: not formatted
  - annual_spend>1000000 AND frequency>=12=>A#large
  + annual_spend > 1_000_000 and frequency >= 12 => A  #large
end.tier:1: not formatted
  - otherwise => A (no line feed)
  + otherwise => A
";
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (1, expected, ""));
    assert_eq!(text(&folder, "p.tier"), ROUGH);
    let done = folder.run(&["fmt", "--check", "smooth.tier"]);
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, "", ""));
}

#[test]
fn line_ends_and_marks_are_named() {
    let folder = Folder::new("otherwise => A\r\n").with("mark.tier", "\u{FEFF}otherwise => A\n");
    let done = folder.run(&["fmt", "--check", "p.tier", "mark.tier"]);
    assert_eq!(done.code, 1);
    assert!(done.stdout.starts_with("p.tier:1: not formatted\n  - otherwise => A\\u{d}\n  + otherwise => A\n"));
    assert!(done.stdout.contains("mark.tier:1: not formatted\n  - \\u{feff}otherwise => A\n"), "{}", done.stdout);
    assert_eq!(folder.run(&["fmt", "p.tier", "mark.tier"]).code, 0);
    assert_eq!(text(&folder, "p.tier"), text(&folder, "mark.tier"));
}

#[test]
fn a_file_with_mistakes_is_left_as_it_is_and_the_others_are_formatted() {
    let folder = Folder::new(ROUGH).with("wrong.tier", "a>1=>A\nb > 1,000 => B\n").with("latin1.tier", b"\xe9");
    let done = folder.run(&["fmt", "wrong.tier", "p.tier"]);
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert!(done.stderr.starts_with("error[E0105]: ") && done.stderr.contains("--> wrong.tier:2:5"), "{}", done.stderr);
    assert_eq!(text(&folder, "p.tier"), SMOOTH);
    assert_eq!(text(&folder, "wrong.tier"), "a>1=>A\nb > 1,000 => B\n");
    let done = folder.run(&["fmt", "wrong.tier", "none.tier", "latin1.tier", "."]);
    assert_eq!(done.code, 2);
    for expected in ["`none.tier` cannot be read", "`latin1.tier` is not UTF-8 at byte 0", "`.` cannot be read"] {
        assert!(done.stderr.contains(expected), "{expected}: {}", done.stderr);
    }
}

#[test]
fn the_standard_input_goes_to_the_standard_output() {
    let folder = Folder::new(ROUGH);
    let done = from_standard_input(&folder, &["fmt", "-"], ROUGH);
    assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, SMOOTH, ""));
    let done = from_standard_input(&folder, &["fmt", "-"], SMOOTH);
    assert_eq!((done.code, done.stdout.as_str()), (0, SMOOTH));
    let done = from_standard_input(&folder, &["fmt", "-", "--check"], ROUGH);
    assert!(done.code == 1 && done.stdout.starts_with("standard input:2: not formatted\n"), "{}", done.stdout);
    let done = from_standard_input(&folder, &["fmt", "-"], "a > 1,000 => A");
    assert_eq!((done.code, done.stdout.as_str()), (1, ""));
    assert!(done.stderr.contains("--> standard input:1:5"), "{}", done.stderr);
}

#[test]
fn keywords_are_written_in_the_language_that_is_asked_for() {
    let mixed = "\
tiers A > B
\"large\": frequency >= 12 且 nps 缺失 => A
否则                                 => B
";
    let chinese = "\
等级 A > B
\"large\": frequency >= 12 且 nps 缺失 => A
否则                                 => B
";
    let english = "\
tiers A > B
\"large\": frequency >= 12 and nps is missing => A
otherwise                                   => B
";
    let folder = Folder::new(mixed);
    for (args, expected) in [
        (&["fmt", "-"][..], mixed),
        (&["fmt", "--keywords", "keep", "-"], mixed),
        (&["fmt", "--keywords", "zh", "-"], chinese),
        (&["fmt", "--keywords=en", "-"], english),
    ] {
        for source in [mixed, expected] {
            let done = from_standard_input(&folder, args, source);
            assert_eq!((done.code, done.stdout.as_str(), done.stderr.as_str()), (0, expected, ""), "{args:?}");
        }
    }
    let done = folder.run(&["fmt", "--check", "--keywords", "en", "p.tier"]);
    let shown = done.stdout.starts_with("p.tier:2: not formatted") && done.stdout.contains("and nps is missing");
    assert!(done.code == 1 && shown, "{}", done.stdout);
    assert_eq!(folder.run(&["fmt", "--keywords", "zh", "p.tier"]).code, 0);
    assert_eq!(text(&folder, "p.tier"), chinese);
    let done = folder.run(&["fmt", "--keywords", "fr", "p.tier"]);
    assert!(done.code == 2 && done.stderr.contains("keep, en, zh"), "{}", done.stderr);
}

#[test]
fn blocks_are_written_in_the_language_that_is_asked_for() {
    let languages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/format/languages/");
    let read = |name: &str| std::fs::read_to_string(format!("{languages}{name}")).unwrap();
    let (english, chinese) = (read("plain.english"), read("plain.chinese"));
    let (written, kept) = (read("plain.zh.policy"), read("plain.zh.formatted"));
    let folder = Folder::new("");
    for (language, expected, sources) in [
        ("keep", &kept, [&written, &kept, &kept]),
        ("zh", &chinese, [&written, &english, &chinese]),
        ("en", &english, [&written, &chinese, &english]),
    ] {
        for source in sources {
            let done = from_standard_input(&folder, &["fmt", "--keywords", language, "-"], source);
            assert_eq!((done.code, &done.stdout, done.stderr.as_str()), (0, expected, ""), "{language}");
        }
    }
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new(ROUGH).with("locked.tier", ROUGH);
    let (file, locked) = (folder.path().join("p.tier"), folder.path().join("locked.tier"));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("p.tier", folder.path().join("link.tier")).unwrap();
    assert_eq!(folder.run(&["fmt", "link.tier"]).code, 0);
    assert_eq!((text(&folder, "p.tier").as_str(), mode(&file)), (SMOOTH, 0o640));
    assert!(std::fs::symlink_metadata(folder.path().join("link.tier")).unwrap().is_symlink());

    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o440)).unwrap();
    // Who may write everything is not kept out by permissions.
    let expected = std::fs::File::options().append(true).open(&locked).map_or((2, ROUGH), |_| (0, SMOOTH));
    let done = folder.run(&["fmt", "locked.tier"]);
    assert_eq!((done.code, text(&folder, "locked.tier").as_str(), mode(&locked)), (expected.0, expected.1, 0o440));
    let refused = "error: `locked.tier` cannot be written: the permissions do not allow it\n";
    assert_eq!(done.stderr, if expected.0 == 2 { refused } else { "" });
    nothing_beside(folder.path(), 3);
}
