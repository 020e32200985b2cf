//! `policy_tests!`.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};
use tierwise::{Policy, Tests, policy_of_tests};

use crate::files::{path_of, policies, read, root};
use crate::include::{included, wrong};
use crate::names::identifier;

/// A file, what its tests are called, and how they are made again when the host runs.
struct File {
    path: String,
    names: Vec<String>,
    tests: TokenStream,
}

pub(crate) fn expand(written: &LitStr) -> Result<TokenStream> {
    let at = written.span();
    let (root, folder) = (root(at)?, path_of(written)?);
    let paths = policies(&root, &folder, at)?;
    let files = paths.iter().map(|path| file(&root, path, at)).collect::<Result<Vec<File>>>()?;
    if files.iter().all(|file| file.names.is_empty()) {
        let cure =
            "a test stands beside the rules, such as `test \"large\" as of 2026-06-30: annual_spend = 1.2M => A`";
        return Err(Error::new(at, format!("there are no tests in `{folder}`\n  = help: {cure}")));
    }
    let mut taken = BTreeSet::new();
    let modules = files.iter().map(|file| module(file, &folder, &mut taken));
    let modules: Vec<TokenStream> = modules.collect();
    let texts = files.iter().map(|file| included(&file.path));
    Ok(quote! {
        #(#modules)*

        /// The files of the folder are those whose tests were compiled in.
        #[cfg(test)]
        #[test]
        fn policy_files_are_those_compiled_in() {
            let compiled: &[(&str, &str)] = &[#((#paths, #texts)),*];
            let root = ::std::path::Path::new(::std::env!("CARGO_MANIFEST_DIR"));
            let mut differ: ::std::vec::Vec<::std::string::String> = ::std::vec::Vec::new();
            for (path, text) in compiled {
                match ::std::fs::read_to_string(root.join(path)) {
                    ::std::result::Result::Ok(now) if now == *text => {}
                    ::std::result::Result::Ok(_) => differ.push(::std::format!("{path} has changed")),
                    ::std::result::Result::Err(_) => differ.push(::std::format!("{path} is gone")),
                }
            }
            let mut folders = ::std::vec![root.join(#folder)];
            while let ::std::option::Option::Some(folder) = folders.pop() {
                for entry in ::std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                    let path = entry.path();
                    if path.is_dir() {
                        folders.push(path);
                        continue;
                    }
                    let known = compiled.iter().any(|(known, _)| root.join(known) == path);
                    if !known && path.extension().is_some_and(|extension| extension == "tier") {
                        let below = path.strip_prefix(root).unwrap_or(&path);
                        differ.push(::std::format!("{} is new", below.display()));
                    }
                }
            }
            differ.sort();
            ::std::assert!(
                differ.is_empty(),
                "{}\n  = help: the tests of these files are not compiled in: save the file with `policy_tests!` again, \
                 or print `cargo::rerun-if-changed={}` in a build script",
                differ.join("\n"),
                #folder,
            );
        }
    })
}

fn file(root: &Path, path: &str, at: Span) -> Result<File> {
    let source = read(root, path, at)?;
    let text = included(path);
    let parsed = |text: &TokenStream| {
        quote! {
            match ::tierwise::Policy::parse(#text) {
                ::std::result::Result::Ok(policy) => policy,
                ::std::result::Result::Err(error) => ::std::panic!("{error}"),
            }
        }
    };
    let (tests, code): (Tests, TokenStream) = match policy_of_tests(&source) {
        None => {
            let policy = Policy::parse(&source).map_err(|error| wrong(&error, path, at))?;
            let policy_code = parsed(&text);
            (policy.tests(), quote! { #policy_code.tests() })
        }
        Some(name) => {
            let used = path.rsplit_once('/').map_or(name.clone(), |(folder, _)| format!("{folder}/{name}"));
            let policy = Policy::parse(&read(root, &used, at)?).map_err(|error| wrong(&error, &used, at))?;
            let tests = policy.tests_in(&source).map_err(|error| wrong(&error, path, at))?;
            let policy_code = parsed(&included(&used));
            let code = quote! {
                match #policy_code.tests_in(#text) {
                    ::std::result::Result::Ok(tests) => tests,
                    ::std::result::Result::Err(error) => ::std::panic!("{error}"),
                }
            };
            (tests, code)
        }
    };
    let names = tests.names().map(|(name, row)| row.map_or(name.to_owned(), |row| format!("{name} row {row}")));
    Ok(File { path: path.to_owned(), names: names.collect(), tests: code })
}

/// The tests of a file, in a module with its name.
fn module(file: &File, folder: &str, taken: &mut BTreeSet<String>) -> TokenStream {
    let below = file.path.strip_prefix(folder).unwrap_or(&file.path).trim_start_matches('/');
    let name = identifier(below.strip_suffix(".tier").unwrap_or(below), taken);
    let (path, tests) = (&file.path, &file.tests);
    let mut own = BTreeSet::from(["result_of".to_owned()]);
    let functions: Vec<TokenStream> =
        file.names.iter().enumerate().map(|(at, name)| function(at, name, &mut own)).collect();
    if functions.is_empty() {
        return quote! {
            #[cfg(test)]
            mod #name {
                #[test]
                #[ignore = "the file has no tests"]
                fn has_no_tests() {}
            }
        };
    }
    quote! {
        #[cfg(test)]
        mod #name {
            fn result_of(at: usize) {
                static TESTS: ::std::sync::OnceLock<::tierwise::Tests> = ::std::sync::OnceLock::new();
                let tests = TESTS.get_or_init(|| #tests);
                match tests.run_one(at) {
                    ::std::option::Option::Some(result) => {
                        ::std::assert!(result.is_passed(), "{}: {}", #path, result.text(::tierwise::Lang::En))
                    }
                    ::std::option::Option::None => ::std::panic!("{}: there is no such test", #path),
                }
            }
            #(#functions)*
        }
    }
}

fn function(at: usize, name: &str, own: &mut BTreeSet<String>) -> TokenStream {
    let name = identifier(name, own);
    quote! {
        #[test]
        fn #name() {
            result_of(#at)
        }
    }
}
