//! `#[derive(Facts)]` and `#[derive(Tier)]` for [tierwise](https://docs.rs/tierwise), which re-exports them with its
//! feature `derive`. Their reference is at `tierwise::host`.

mod attributes;
mod facts;
mod tier;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a customer, or a record of one: every field is a fact under its own name.
///
/// | `#[facts(…)]` | |
/// | --- | --- |
/// | `rename = "annual_spend"` | the name that policies use; it may have dots |
/// | `skip` | no fact |
/// | `label = "Turnover"` | for readers |
/// | `money` | amounts in the policy's currency |
/// | `minor_units = 2` | whole numbers of cents, or of so many decimal places |
/// | `with = path` | what `path(&field)` returns is the fact: a number, `&str`, date, boolean, or an `Option` of one; where that fails, a `Result<_, &str>` says why |
/// | `sensitive` | values are masked wherever they could be read |
/// | `dated` | in a record: the date by which windows choose |
#[proc_macro_derive(Facts, attributes(facts))]
pub fn derive_facts(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    facts::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a fieldless enum the tiers of a ladder: each variant is the tier of its name, or of `#[tier(rename = "…")]`.
#[proc_macro_derive(Tier, attributes(tier))]
pub fn derive_tier(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    tier::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
