//! `#[derive(Facts)]`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, Result, Type};

use crate::attributes::{FieldAttributes, nothing_on};

/// A field that is a fact, or several.
struct Fact<'f> {
    ident: &'f Ident,
    ty: &'f Type,
    /// From 1, as it is told apart in the struct.
    number: u64,
    name: String,
    attributes: FieldAttributes,
}

pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    nothing_on(&input.attrs, "facts", "`#[facts(…)]` stands at a field")?;
    let facts = facts(input)?;
    let (field, named, element) = (host_field(input, &facts), named_facts(input), element(input));
    Ok(quote! {
        const _: () = {
            use ::tierwise::host::{Describe, HostElement, HostField, Marks, Place};

            #field
            #named
            #element
        };
    })
}

/// What every field is, and where its facts are.
fn host_field(input: &DeriveInput, facts: &[Fact<'_>]) -> TokenStream {
    let (describe, fact): (Vec<_>, Vec<_>) = facts.iter().map(|fact| (fact.describe(), fact.fact())).unzip();
    let (measure, find): (Vec<_>, Vec<_>) = facts.iter().map(|fact| (fact.measure(), fact.find())).unzip();
    let (records, checks): (Vec<_>, Vec<_>) = facts.iter().map(|fact| (fact.records(), fact.check())).unzip();
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics HostField for #ident #arguments #bounds {
            fn describe(to: &mut Describe<'_>) {
                #(#checks)*
                #(#describe)*
            }

            #[inline]
            fn fact(&self, place: Place) -> ::tierwise::Fact<'_> {
                match place.number() {
                    #(#fact)*
                    _ => ::tierwise::Fact::Missing,
                }
            }

            #[inline(never)]
            fn measure(&self, place: Place, encoding: &::tierwise::Encoding) -> i64 {
                match place.number() {
                    #(#measure)*
                    _ => ::tierwise::Encoding::MISSING,
                }
            }

            fn find(name: &str) -> ::core::option::Option<Place> {
                #(#find)*
                ::core::option::Option::None
            }

            fn records(&self, place: Place, each: &mut dyn FnMut(&dyn ::tierwise::Facts)) -> bool {
                match place.number() {
                    #(#records)*
                    _ => false,
                }
            }
        }
    }
}

/// The facts by name, for policies that are not bound.
fn named_facts(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics ::tierwise::Facts for #ident #arguments #bounds {
            fn fact(
                &self,
                field: ::tierwise::FieldRef<'_>,
            ) -> ::core::result::Result<::tierwise::Fact<'_>, ::tierwise::FactError> {
                let place = <Self as HostField>::find(field.name());
                ::core::result::Result::Ok(match place {
                    ::core::option::Option::Some(place) => HostField::fact(self, place),
                    ::core::option::Option::None => ::tierwise::Fact::Missing,
                })
            }

            fn records(
                &self,
                collection: ::tierwise::CollectionRef<'_>,
                each: &mut dyn FnMut(&dyn ::tierwise::Facts),
            ) -> ::core::result::Result<bool, ::tierwise::FactError> {
                let place = <Self as HostField>::find(collection.name());
                ::core::result::Result::Ok(match place {
                    ::core::option::Option::Some(place) => HostField::records(self, place, each),
                    ::core::option::Option::None => false,
                })
            }
        }
    }
}

/// A `Vec` of the struct is a collection.
fn element(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #generics HostElement for #ident #arguments #bounds {
            fn describe_list(to: &mut Describe<'_>) {
                to.records::<Self>();
            }

            fn set(_: &::std::vec::Vec<Self>) -> ::tierwise::Fact<'_> {
                ::tierwise::Fact::Other("a list of records")
            }

            fn each(list: &[Self], each: &mut dyn FnMut(&dyn ::tierwise::Facts)) -> bool {
                for record in list {
                    each(record);
                }
                true
            }
        }
    }
}

/// The fields that are facts.
fn facts(input: &DeriveInput) -> Result<Vec<Fact<'_>>> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "only a struct with named fields can be a customer or a record"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new(input.ident.span(), "facts have names: give the struct named fields"));
    };
    let mut facts: Vec<Fact<'_>> = Vec::new();
    let mut errors: Option<Error> = None;
    for (number, field) in (1..).zip(&fields.named) {
        let Some(ident) = &field.ident else { continue };
        let attributes = match FieldAttributes::of(field) {
            Ok(attributes) => attributes,
            Err(error) => {
                collect(&mut errors, error);
                continue;
            }
        };
        if attributes.skip.is_some() {
            continue;
        }
        let (name, span) = match &attributes.rename {
            Some(name) => (name.value(), name.span()),
            None => (ident.to_string().trim_start_matches("r#").to_owned(), ident.span()),
        };
        if facts.iter().any(|known| known.name == name) {
            collect(&mut errors, Error::new(span, format!("`{name}` is already the name of another fact")));
        }
        facts.push(Fact { ident, ty: &field.ty, number, name, attributes });
    }
    errors.map_or(Ok(facts), Err)
}

fn collect(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}

/// Where a mistake is shown; names are those of the derive, also where a macro wrote the struct.
fn at(tokens: &impl Spanned) -> Span {
    tokens.span().resolved_at(Span::call_site())
}

impl Fact<'_> {
    fn marks(&self) -> TokenStream {
        let FieldAttributes { money, sensitive, dated, label, .. } = &self.attributes;
        let mark = |said: &Option<Span>, mark: TokenStream| said.map(|_| quote! { .#mark() });
        let (money, sensitive) = (mark(money, quote! { money }), mark(sensitive, quote! { sensitive }));
        let dated = mark(dated, quote! { dated });
        let label = label.as_ref().map(|label| quote! { .label(#label) });
        quote! { Marks::new() #money #sensitive #dated #label }
    }

    fn describe(&self) -> TokenStream {
        let Self { ty, number, name, attributes, .. } = self;
        let marks = self.marks();
        match (&attributes.with, attributes.minor_units) {
            (Some(with), _) => {
                quote_spanned! { at(with) => to.made(#number, #name, #marks, |value: &#ty| #with(value)); }
            }
            (None, Some((places, _))) => {
                quote_spanned! { at(ty) => to.minor::<#ty>(#number, #name, #marks, #places); }
            }
            (None, None) => quote_spanned! { at(ty) => to.field::<#ty>(#number, #name, #marks); },
        }
    }

    /// `money` stands at something that can be an amount.
    fn check(&self) -> TokenStream {
        let plain = self.attributes.with.is_none() && self.attributes.money.is_some();
        let ty = self.ty;
        if plain {
            quote_spanned! { at(ty) => ::tierwise::host::amount::<#ty>(); }
        } else {
            TokenStream::new()
        }
    }

    fn fact(&self) -> TokenStream {
        let Self { ident, ty, number, attributes, .. } = self;
        let value = match (&attributes.with, attributes.minor_units) {
            (Some(with), _) => {
                quote_spanned! { at(with) => ::tierwise::host::HostFact::into_fact(#with(&self.#ident)) }
            }
            (None, Some((places, _))) => {
                quote_spanned! { at(ty) => ::tierwise::host::minor_fact(&self.#ident, #places) }
            }
            (None, None) => quote_spanned! { at(ty) => <#ty as HostField>::fact(&self.#ident, place.rest()) },
        };
        quote! { #number => #value, }
    }

    fn measure(&self) -> TokenStream {
        let Self { ident, ty, number, attributes, .. } = self;
        let value = match (&attributes.with, attributes.minor_units) {
            (Some(with), _) => {
                quote_spanned! { at(with) =>
                    encoding.measure(::tierwise::host::HostFact::into_fact(#with(&self.#ident)))
                }
            }
            (None, Some(_)) => quote_spanned! { at(ty) => ::tierwise::host::minor_measure(&self.#ident) },
            (None, None) => {
                quote_spanned! { at(ty) => <#ty as HostField>::measure(&self.#ident, place.rest(), encoding) }
            }
        };
        quote! { #number => #value, }
    }

    fn records(&self) -> TokenStream {
        let Self { ident, ty, number, attributes, .. } = self;
        match attributes.with.is_some() || attributes.minor_units.is_some() {
            true => TokenStream::new(),
            false => {
                let records =
                    quote_spanned! { at(ty) => <#ty as HostField>::records(&self.#ident, place.rest(), each) };
                quote! { #number => #records, }
            }
        }
    }

    fn find(&self) -> TokenStream {
        let Self { ty, number, name, attributes, .. } = self;
        let inner = match attributes.with.is_some() || attributes.minor_units.is_some() {
            true => quote! { rest.is_empty().then_some(Place::HERE) },
            false => quote_spanned! { at(ty) => <#ty as HostField>::find(rest) },
        };
        quote! {
            // No chain of `let`s: hosts may be of an older edition.
            if let ::core::option::Option::Some(rest) = ::tierwise::host::behind(name, #name) {
                if let ::core::option::Option::Some(place) = #inner {
                    return ::core::option::Option::Some(place.within(#number));
                }
            }
        }
    }
}
