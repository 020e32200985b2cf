//! Case files with what was found in place of what was expected.

use super::support::{Case, Section};

/// The file of a case with other bodies for some of its sections.
pub(crate) fn rewritten(case: &Case, mut body: impl FnMut(&Section) -> Option<String>) -> String {
    let text = std::fs::read_to_string(&case.path).unwrap();
    let mut file = text.split("--- ").next().unwrap().to_owned();
    for section in &case.sections {
        let body = body(section).unwrap_or_else(|| section.body.clone());
        file += &format!("--- {}\n{body}", section.head);
    }
    file
}
