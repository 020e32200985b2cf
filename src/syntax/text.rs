//! Small readers of the scanner: escapes in texts, and the form of a date.

/// The text that an escaped one stands for, or where and how long the wrong escape is.
pub(super) fn unescape(escaped: &str) -> Result<String, (usize, usize)> {
    let mut text = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((plain, behind)) = rest.split_once('\\') {
        text.push_str(plain);
        let at = escaped.len() - behind.len() - 1;
        let (c, length) = escape(behind).ok_or_else(|| (at, 1 + wrong_length(behind)))?;
        text.push(c);
        rest = behind.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    Ok(text)
}

/// How much of what stands behind a backslash belongs to a wrong escape.
fn wrong_length(behind: &str) -> usize {
    let braces = behind.strip_prefix("u{").and_then(|hex| hex.find('}')).filter(|length| *length <= 8);
    braces.map_or_else(|| behind.chars().next().map_or(0, char::len_utf8), |length| length + 3)
}

/// The character of an escape, the backslash taken off, and the length of what stands for it.
fn escape(behind: &str) -> Option<(char, usize)> {
    match behind.chars().next()? {
        '"' => Some(('"', 1)),
        '”' => Some(('”', '”'.len_utf8())),
        '\\' => Some(('\\', 1)),
        'n' => Some(('\n', 1)),
        'u' => {
            let (hex, _) = behind.strip_prefix("u{")?.split_once('}')?;
            let digits = (1..=6).contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
            let c = u32::from_str_radix(hex, 16).ok().filter(|_| digits).and_then(char::from_u32)?;
            Some((c, hex.len() + 3))
        }
        _ => None,
    }
}

/// The literal form of a text, in straight quotes.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c == '\r' || c == '\t' || crate::source::is_forbidden(c) => {
                quoted.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Four digits, `-`, one or two digits, `-`, one or two digits: always meant as a date.
pub(super) fn date_attempt(rest: &str) -> Option<(usize, [&str; 3])> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let (mut parts, mut at) = ([""; 3], 0);
    for (index, part) in parts.iter_mut().enumerate() {
        let length = digits(rest.get(at..)?);
        if length == 0 || (index == 0 && length != 4) || (index > 0 && length > 2) {
            return None;
        }
        *part = rest.get(at..at + length)?;
        at += length;
        if index < 2 {
            rest.get(at..)?.strip_prefix('-')?;
            at += 1;
        }
    }
    Some((at, parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_go_both_ways() {
        let text = "a\"b\\c\nd\u{202e}";
        assert_eq!(quote(text), r#""a\"b\\c\nd\u{202e}""#);
        assert_eq!(unescape(r#"a\"b\\c\nd\u{202e}"#).as_deref(), Ok(text));
        assert_eq!(unescape("ab\\x"), Err((2, 2)));
        assert_eq!(unescape("\\u{110000}"), Err((0, 10)));
        assert_eq!(unescape("\\"), Err((0, 1)));
    }

    #[test]
    fn dates_are_told_from_subtractions() {
        assert_eq!(date_attempt("2026-3-1 x"), Some((8, ["2026", "3", "1"])));
        assert_eq!(date_attempt("2026-03-311"), None);
        assert_eq!(date_attempt("12026-03-01"), None);
        assert_eq!(date_attempt("2026-03"), None);
    }
}
