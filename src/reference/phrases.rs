//! What explanations are put together from, for the tests.

/// The phrases that explanations are put together from, with `{…}` for what is filled in.
pub fn phrases() -> Vec<&'static str> {
    crate::diagnostics::phrase_templates(crate::diagnostics::Lang::En).collect()
}
