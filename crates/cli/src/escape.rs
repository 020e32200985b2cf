//! Text that is safe to show on a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Control and bidirectional-format characters as `\u{…}`, so that they can do nothing to the reader's terminal.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// Safe to show, and cut behind so many characters.
pub(crate) fn brief(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", escape(text.get(..at).unwrap_or_default())),
        None => escape(text).into_owned(),
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_unescaped() {
        assert_eq!(escape("a\u{202e}b\u{0}\u{1b}[1m\n\t"), "a\\u{202e}b\\u{0}\\u{1b}[1m\\u{a}\\u{9}");
        assert!(matches!(escape("客户 1"), Cow::Borrowed("客户 1")));
        assert_eq!(brief("客户一\u{7}", 3), "客户一…");
        assert_eq!(brief("客户一", 3), "客户一");
    }
}
