//! Files below the folder of the host's crate.

use std::path::{Path, PathBuf};

use proc_macro2::Span;
use syn::{Error, LitStr, Result};
use walkdir::WalkDir;

/// The folder of the crate that is being compiled.
pub(crate) fn root(at: Span) -> Result<PathBuf> {
    std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .ok_or_else(|| Error::new(at, "the folder of the crate is not known: `CARGO_MANIFEST_DIR` is not set"))
}

/// A path as the author wrote it, below the folder of the crate.
pub(crate) fn path_of(written: &LitStr) -> Result<String> {
    let path = written.value();
    let plain = path.trim_end_matches('/');
    match plain.is_empty() || Path::new(plain).is_absolute() {
        true => Err(Error::new(written.span(), "expected a path below the folder of `Cargo.toml`, such as `policies`")),
        false => Ok(plain.to_owned()),
    }
}

/// The text of a file.
pub(crate) fn read(root: &Path, path: &str, at: Span) -> Result<String> {
    std::fs::read_to_string(root.join(path)).map_err(|error| {
        let below = "paths begin at the folder of `Cargo.toml`";
        Error::new(at, format!("`{path}` cannot be read: {error}\n  = help: {below}"))
    })
}

/// Every `.tier` file of a folder and those inside it, in order of their names, below the folder of the crate.
pub(crate) fn policies(root: &Path, folder: &str, at: Span) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in WalkDir::new(root.join(folder)).sort_by_file_name() {
        let entry = entry.map_err(|error| Error::new(at, format!("`{folder}` cannot be read: {error}")))?;
        let policy = entry.path().extension().is_some_and(|extension| extension == "tier");
        if !policy || !entry.file_type().is_file() {
            continue;
        }
        let below = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let parts: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
        match parts {
            Some(parts) => found.push(parts.join("/")),
            None => return Err(Error::new(at, format!("`{}` is no name that can be written", below.display()))),
        }
    }
    Ok(found)
}
