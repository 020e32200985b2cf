//! `include_policy!`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, LitStr, Result};
use tierwise::{Policy, PolicyError};

use crate::files::{path_of, read, root};

pub(crate) fn expand(written: &LitStr) -> Result<TokenStream> {
    let (root, path) = (root(written.span())?, path_of(written)?);
    let source = read(&root, &path, written.span())?;
    Policy::parse(&source).map_err(|error| wrong(&error, &path, written.span()))?;
    let text = included(&path);
    Ok(quote! {{
        static POLICY: ::std::sync::OnceLock<::tierwise::Policy> = ::std::sync::OnceLock::new();
        POLICY.get_or_init(|| match ::tierwise::Policy::parse(#text) {
            ::std::result::Result::Ok(policy) => policy,
            // It was checked when this was compiled.
            ::std::result::Result::Err(error) => ::std::panic!("{error}"),
        })
    }})
}

/// What is wrong with a policy, at the place of the macro.
pub(crate) fn wrong(error: &PolicyError, path: &str, at: Span) -> Error {
    Error::new(at, error.report(path).to_string().trim_end())
}

/// The text of a file at the time of compilation, which makes the compiler look at it again when it changes.
pub(crate) fn included(path: &str) -> TokenStream {
    quote! { ::std::include_str!(::std::concat!(::std::env!("CARGO_MANIFEST_DIR"), "/", #path)) }
}
