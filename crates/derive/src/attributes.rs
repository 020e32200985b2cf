//! What stands in `#[facts(…)]` and `#[tier(…)]`.

use proc_macro2::Span;
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Field, LitInt, LitStr, Path, Result};

/// An attribute that means nothing where it stands is not passed over.
pub(crate) fn nothing_on(attributes: &[Attribute], name: &str, cure: &str) -> Result<()> {
    match attributes.iter().find(|attribute| attribute.path().is_ident(name)) {
        Some(attribute) => Err(Error::new(attribute.path().span(), format!("it says nothing here: {cure}"))),
        None => Ok(()),
    }
}

/// What is said of a field.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) rename: Option<LitStr>,
    pub(crate) label: Option<LitStr>,
    pub(crate) with: Option<Path>,
    pub(crate) minor_units: Option<(u32, Span)>,
    pub(crate) money: Option<Span>,
    pub(crate) skip: Option<Span>,
    pub(crate) sensitive: Option<Span>,
    pub(crate) dated: Option<Span>,
}

const KNOWN: &str = "known are `rename`, `skip`, `label`, `money`, `minor_units`, `with`, `sensitive` and `dated`";

impl FieldAttributes {
    pub(crate) fn of(field: &Field) -> Result<Self> {
        let mut known = Self::default();
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("facts")) {
            attribute.parse_nested_meta(|meta| known.take(&meta))?;
        }
        known.check()?;
        Ok(known)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match name.as_str() {
            "rename" => once(&mut self.rename, text(meta)?, meta),
            "label" => once(&mut self.label, text(meta)?, meta),
            "with" => once(&mut self.with, meta.value()?.parse()?, meta),
            "minor_units" => once(&mut self.minor_units, places(meta)?, meta),
            "money" => once(&mut self.money, meta.path.span(), meta),
            "skip" => once(&mut self.skip, meta.path.span(), meta),
            "sensitive" => once(&mut self.sensitive, meta.path.span(), meta),
            "dated" => once(&mut self.dated, meta.path.span(), meta),
            _ => Err(meta.error(format!("no such attribute; {KNOWN}"))),
        }
    }

    /// What does not go together.
    fn check(&self) -> Result<()> {
        let others = [
            self.rename.as_ref().map(Spanned::span),
            self.label.as_ref().map(Spanned::span),
            self.with.as_ref().map(Spanned::span),
            self.minor_units.as_ref().map(|(_, span)| *span),
            self.money,
            self.sensitive,
            self.dated,
        ];
        if let (Some(_), Some(other)) = (self.skip, others.into_iter().flatten().next()) {
            return Err(Error::new(other, "a field that is skipped has nothing else to say"));
        }
        if let (Some(_), Some((_, span))) = (&self.with, self.minor_units) {
            return Err(Error::new(span, "`with` returns the fact itself: let it return a decimal"));
        }
        Ok(())
    }
}

/// The name of a variant's tier.
pub(crate) fn tier_name(attributes: &[Attribute]) -> Result<Option<LitStr>> {
    let mut rename = None;
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("tier")) {
        attribute.parse_nested_meta(|meta| match meta.path.is_ident("rename") {
            true => once(&mut rename, text(&meta)?, &meta),
            false => Err(meta.error("no such attribute; known is `rename`")),
        })?;
    }
    Ok(rename)
}

fn once<T>(known: &mut Option<T>, value: T, meta: &ParseNestedMeta<'_>) -> Result<()> {
    match known.replace(value) {
        Some(_) => Err(meta.error("said twice")),
        None => Ok(()),
    }
}

fn text(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    let text: LitStr = meta.value()?.parse()?;
    if text.value().trim().is_empty() {
        return Err(Error::new(text.span(), "an empty name: give the one that policies use"));
    }
    Ok(text)
}

fn places(meta: &ParseNestedMeta<'_>) -> Result<(u32, Span)> {
    let places: LitInt = meta.value()?.parse()?;
    match places.base10_parse() {
        Ok(number @ 0..=18) => Ok((number, places.span())),
        _ => Err(Error::new(places.span(), "from 0 to 18 decimal places: cents have 2")),
    }
}
