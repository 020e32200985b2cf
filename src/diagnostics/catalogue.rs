//! Which catalogue a text comes from: one per language, with the same entries in each.

use std::borrow::Cow;

use super::{Args, Code, Finding, Frame, Hint, Lang, Phrase, Refusal, Term, chinese, english};

pub(super) const fn message(code: Code, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english::message(code),
        Lang::Zh => chinese::message(code),
    }
}

pub(super) const fn hint(hint: Hint, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english::hint(hint),
        Lang::Zh => chinese::hint(hint),
    }
}

pub(super) const fn refusal(refusal: Refusal, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english::refusal(refusal),
        Lang::Zh => chinese::refusal(refusal),
    }
}

pub(super) const fn finding(finding: Finding, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english::finding(finding),
        Lang::Zh => chinese::finding(finding),
    }
}

pub(super) const fn frame(frame: Frame, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english::frame(frame),
        Lang::Zh => chinese::frame(frame),
    }
}

pub(super) const fn term(term: Term, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english::term(term),
        Lang::Zh => chinese::term(term),
    }
}

pub(super) const fn template(phrase: Phrase, lang: Lang) -> &'static str {
    match lang {
        Lang::En => english::phrase(phrase),
        Lang::Zh => chinese::phrase(phrase),
    }
}

/// What a reader calls a field of the standard model, where its name does not say it.
pub(crate) fn field_label(name: &str, lang: Lang) -> Option<&'static str> {
    match lang {
        Lang::En => english::field_label(name),
        Lang::Zh => chinese::field_label(name),
    }
}

/// What a reader calls a function, where its name does not say it.
pub(crate) fn function_label(name: &str, lang: Lang) -> Option<&'static str> {
    match lang {
        Lang::En => None,
        Lang::Zh => chinese::function_label(name),
    }
}

/// A text that stands in quotes, so written that the quotes cannot be taken to end inside it.
pub(crate) fn inside_quotes(text: &str, lang: Lang) -> String {
    let close = match lang {
        Lang::En => english::QUOTE,
        Lang::Zh => chinese::QUOTE,
    };
    text.replace(close, &format!("\\{close}"))
}

/// Puts arguments into a template of the catalogue: `{name}` is the argument `name`.
pub(super) fn fill(template: &str, args: &Args, lang: Lang) -> String {
    let words = match lang {
        Lang::En => english::words,
        Lang::Zh => chinese::words,
    };
    let arg = |name: &str| args.iter().find(|(known, _)| *known == name);
    fill_with(template, lang, |name| arg(name).map_or(Cow::Borrowed("?"), |(_, arg)| words(arg).into()))
}

/// Puts in what `value` gives for each name.
pub(super) fn fill_with<'v>(template: &str, lang: Lang, value: impl Fn(&str) -> Cow<'v, str>) -> String {
    let spaced = |words: Option<char>, filled: Option<char>| match lang {
        Lang::En => false,
        Lang::Zh => words.zip(filled).is_some_and(|(words, filled)| chinese::is_spaced(words, filled)),
    };
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').unwrap_or((behind, ""));
        text.push_str(before);
        let value = value(name);
        if spaced(text.chars().next_back(), value.chars().next()) {
            text.push(' ');
        }
        text.push_str(&value);
        if spaced(behind.chars().next(), value.chars().next_back()) {
            text.push(' ');
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// The whole catalogue: the code or name of each entry and its template.
pub(crate) fn catalogue(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    let codes = Code::ALL.iter().map(move |code| (code.as_str(), message(*code, lang)));
    let refusals = Refusal::ALL.iter().map(move |entry| (entry.as_str(), refusal(*entry, lang)));
    let findings = Finding::ALL.iter().map(move |entry| (entry.as_str(), finding(*entry, lang)));
    let hints = Hint::ALL.iter().map(move |entry| (entry.as_str(), hint(*entry, lang)));
    codes.chain(refusals).chain(findings).chain(hints)
}

/// What is fixed in reports, and the things that messages name.
pub(crate) fn terms(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    let frames = Frame::ALL.iter().map(move |entry| (entry.as_str(), frame(*entry, lang)));
    frames.chain(Term::ALL.iter().map(move |entry| (entry.as_str(), term(*entry, lang))))
}

/// The phrases of explanations.
pub(crate) fn phrases(lang: Lang) -> impl Iterator<Item = (&'static str, &'static str)> {
    Phrase::ALL.iter().map(move |phrase| (phrase.as_str(), template(*phrase, lang)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_stands_between_chinese_and_what_is_not() {
        let filled = |template: &str, value: &'static str| fill_with(template, Lang::Zh, |_| value.into());
        for (value, expected) in [
            ("x", "等级 x 为"),
            ("甲", "等级甲为"),
            ("-5", "等级 -5 为"),
            ("“x”", "等级“x”为"),
            ("`x`", "等级 `x` 为"),
            ("甲（x）", "等级甲（x）为"),
            ("é", "等级 é 为"),
        ] {
            assert_eq!(filled("等级{value}为", value), expected);
        }
        assert_eq!(filled("`{value}`，", "甲"), "`甲`，");
        assert_eq!(fill_with("at 甲{value}", Lang::En, |_| "x".into()), "at 甲x");
    }

    #[test]
    fn quotes_do_not_end_inside_a_text() {
        assert_eq!(inside_quotes("a\"b”", Lang::En), "a\\\"b”");
        assert_eq!(inside_quotes("a\"b”", Lang::Zh), "a\"b\\”");
    }
}
