//! `#[derive(Tier)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::attributes::{nothing_on, tier_name};

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "only an enum can be the tiers of a ladder"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new(input.generics.span(), "an enum of tiers has no parameters"));
    }
    nothing_on(&input.attrs, "tier", "`#[tier(rename = \"…\")]` stands at a variant")?;
    if data.variants.is_empty() {
        return Err(Error::new(input.ident.span(), "a ladder has at least one tier"));
    }
    let mut tiers: Vec<(String, TokenStream)> = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(Error::new(variant.fields.span(), "a tier has no fields: leave them out"));
        }
        let rename = tier_name(&variant.attrs)?;
        let (name, span) = match &rename {
            Some(name) => (name.value(), name.span()),
            None => (variant.ident.to_string().trim_start_matches("r#").to_owned(), variant.ident.span()),
        };
        if tiers.iter().any(|(known, _)| *known == name) {
            return Err(Error::new(span, format!("the tier `{name}` is already another variant")));
        }
        let variant = &variant.ident;
        tiers.push((name.clone(), quote! { (#name, Self::#variant) }));
    }
    let (ident, name) = (&input.ident, input.ident.to_string());
    let tiers = tiers.iter().map(|(_, tier)| tier);
    Ok(quote! {
        #[automatically_derived]
        impl ::tierwise::host::Tier for #ident {
            const NAME: &'static str = #name;
            const TIERS: &'static [(&'static str, Self)] = &[#(#tiers),*];
        }
    })
}
