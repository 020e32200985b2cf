#![doc = include_str!("../README.md")]

mod files;
mod include;
mod names;
mod tests;

use proc_macro::TokenStream;
use syn::{LitStr, parse_macro_input};

/// The policy of a file, checked when the host is compiled and parsed once when it runs: a `&'static Policy`.
///
/// The path begins at the folder of the crate's `Cargo.toml`. What is wrong with the policy is an error at the place of
/// the macro, with the policy's own file, line and mark. The file is tracked: when it changes, the host is built again.
///
/// The policy may name the fields of the standard customer model and those that it declares. One that needs a host's own
/// schema, limits or permissions is read by `Policy::builder()` and the standard `include_str!`.
#[proc_macro]
pub fn include_policy(input: TokenStream) -> TokenStream {
    let path = parse_macro_input!(input as LitStr);
    include::expand(&path).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Every test of every policy in a folder, and in those inside it, as a `#[test]` of its own.
///
/// The path begins at the folder of the crate's `Cargo.toml`; each `.tier` file counts, policies and files of tests. A
/// test is a function under its own name, in a module with the name of its file: what is no letter or digit is `_`, and
/// each row of a table is one. One more, `policy_files_are_those_compiled_in`, fails where files were added, changed or
/// taken away since the crate was compiled. What is wrong with a policy or a test is an error at the place of the macro.
#[proc_macro]
pub fn policy_tests(input: TokenStream) -> TokenStream {
    let path = parse_macro_input!(input as LitStr);
    tests::expand(&path).unwrap_or_else(syn::Error::into_compile_error).into()
}
