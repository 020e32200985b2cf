//! From names in policies to names of functions and modules.

use std::collections::BTreeSet;

use proc_macro2::Span;
use syn::Ident;

/// The name as an identifier that none before it has; letters stay, what is no letter or digit is `_`.
pub(crate) fn identifier(name: &str, taken: &mut BTreeSet<String>) -> Ident {
    let mut text = String::new();
    for c in name.to_lowercase().chars() {
        if c.is_alphanumeric() {
            text.push(c);
        } else if !text.ends_with('_') && !text.is_empty() {
            text.push('_');
        }
    }
    let plain = text.trim_end_matches('_');
    let word = match syn::parse_str::<Ident>(plain) {
        Ok(_) => plain.to_owned(),
        // A digit in front, a keyword, or nothing that can be written.
        Err(_) => {
            let kept: String = plain.chars().filter(|c| syn::parse_str::<Ident>(&format!("t{c}")).is_ok()).collect();
            format!("test_{kept}")
        }
    };
    let mut free = word.clone();
    let mut count = 1;
    while !taken.insert(free.clone()) {
        count += 1;
        free = format!("{word}_{count}");
    }
    Ident::new(&free, Span::call_site())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tests_are_names_of_functions() {
        let mut taken = BTreeSet::new();
        let mut name = |text: &str| identifier(text, &mut taken).to_string();
        assert_eq!(name("Big and frequent"), "big_and_frequent");
        assert_eq!(name("big & frequent!"), "big_frequent");
        assert_eq!(name("Big, and frequent"), "big_and_frequent_2");
        assert_eq!(name("2026: nothing"), "test_2026_nothing");
        assert_eq!(name("match"), "test_match");
        assert_eq!(name("大客户 不足"), "大客户_不足");
        assert_eq!(name("…"), "test_");
        assert_eq!(name("²"), "test__2");
    }
}
