//! Lists of what there is, for the tests that demand a case of each.

/// Every code that a policy, a customer or a finding can draw.
pub fn codes() -> Vec<&'static str> {
    use crate::diagnostics::{Code, Finding, Refusal};
    let policy = Code::ALL.iter().map(|code| code.as_str());
    let customer = Refusal::ALL.iter().map(|refusal| refusal.as_str());
    policy.chain(customer).chain(Finding::ALL.iter().map(|finding| finding.as_str())).collect()
}

/// The catalogue of messages in a language: the code or name of each entry and its template.
pub fn catalogue(lang: crate::diagnostics::Lang) -> Vec<(&'static str, &'static str)> {
    crate::diagnostics::catalogue(lang).collect()
}

/// What is fixed in reports, and the things that messages name, in a language.
pub fn terms(lang: crate::diagnostics::Lang) -> Vec<(&'static str, &'static str)> {
    crate::diagnostics::terms(lang).collect()
}

/// The entry of the catalogue that a help line or a label comes from.
pub fn entry(note: &crate::diagnostics::Note) -> &'static str {
    note.entry().as_str()
}

/// Every operator and function of the table, by its form; with whether it can be without a result.
pub fn operators() -> Vec<(&'static str, bool)> {
    crate::builtins::TABLE.iter().map(|row| (row.form, !row.total)).collect()
}

/// The phrases that explanations in a language are put together from, with `{…}` for what is filled in.
pub fn phrases(lang: crate::diagnostics::Lang) -> Vec<(&'static str, &'static str)> {
    crate::diagnostics::phrases(lang).collect()
}
