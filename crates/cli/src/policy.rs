//! From a path to a policy.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use tierwise::{Lang, Policy};

use crate::failure::{Failure, file_name};
use crate::input;

/// As many bytes are read of a policy: more than the library takes, so that it is the library that says so.
const LIMIT: usize = 8 << 20;

/// Reads and parses a policy.
pub(crate) fn load(path: &Path, lang: Lang) -> Result<Policy, Failure> {
    let file = file_name(path);
    let bytes = File::open(path).and_then(read).map_err(|error| Failure::reading(&file, &error))?;
    let source = text(bytes).map_err(|byte| Failure::not_utf8(&file, byte))?;
    Policy::parse(&source).map_err(|error| Failure::Policy(error.report(&file).lang(lang).to_string()))
}

/// The text of a policy; `-` reads it from the standard input.
pub(crate) fn source(path: &Path) -> Result<String, Failure> {
    let standard = path == Path::new("-");
    let bytes = if standard { read(io::stdin().lock()) } else { File::open(path).and_then(read) };
    let name = input::name(path);
    let bytes = bytes.map_err(|error| Failure::reading(&name, &error))?;
    text(bytes).map_err(|byte| Failure::not_utf8(&name, byte))
}

fn read(file: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(LIMIT as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file, or the byte at which it is none; a character that the limit cut is left out.
fn text(bytes: Vec<u8>) -> Result<String, u64> {
    let cut = bytes.len() == LIMIT;
    String::from_utf8(bytes).or_else(|error| {
        let (fault, valid) = (error.utf8_error(), error.utf8_error().valid_up_to());
        if cut && fault.error_len().is_none() {
            let mut bytes = error.into_bytes();
            bytes.truncate(valid);
            return String::from_utf8(bytes).map_err(|_| valid as u64);
        }
        Err(valid as u64)
    })
}
