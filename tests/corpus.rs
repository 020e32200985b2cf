//! The corpus of the fuzz targets, checked in under `fuzz/corpus`, run through the targets' own checks: what the fuzzer
//! has found stays covered without it.

#[path = "../fuzz/src/checks.rs"]
mod checks;
#[path = "support/generate.rs"]
mod generate;
#[path = "support/tokens.rs"]
mod tokens;

use std::path::Path;

/// Runs every file of a target's corpus; a panic names the file.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let (mut files, mut bytes) = (0, 0);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let data = std::fs::read(&path).unwrap();
        let result = std::panic::catch_unwind(|| check(&data));
        assert!(result.is_ok(), "{}", path.display());
        (files, bytes) = (files + 1, bytes + data.len());
    }
    println!("{target}: {files} files, {bytes} bytes");
    assert!((20..=150).contains(&files) && bytes <= 200 << 10, "{target}: {files} files of {bytes} bytes");
}

#[test]
fn parse() {
    replay("parse", checks::parse);
}

#[test]
fn check() {
    replay("check", checks::check);
}

#[test]
fn classify() {
    replay("classify", checks::classify);
}

#[test]
fn print_and_reparse() {
    replay("print_and_reparse", checks::print_and_reparse);
}

/// The dictionary has every token, as the tests know them.
#[test]
fn the_dictionary_is_that_of_the_tokens() {
    let quoted = |token: &&str| {
        let byte = |byte: u8| match byte {
            b' '..=b'~' if !matches!(byte, b'"' | b'\\') => char::from(byte).to_string(),
            _ => format!("\\x{byte:02X}"),
        };
        format!("\"{}\"", token.bytes().map(byte).collect::<String>())
    };
    let dictionary = include_str!("../fuzz/tierwise.dict");
    let known: Vec<&str> = dictionary.lines().filter(|line| line.starts_with('"')).collect();
    assert_eq!(known, tokens::all().iter().map(quoted).collect::<Vec<_>>());
}
