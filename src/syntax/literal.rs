//! Numbers, money and durations as they are written: `1_000_000`, `600万元`, `200K USD`, `90 days`, `40%`.

use super::ast::{Literal, Number, Suffix, Unit};

/// Why a run that begins with a digit is no literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// `1,000,000`
    Grouped,
    /// `.5`, `1.`, `1e6`, an unknown suffix; with the text that was meant where that is clear.
    Number(Option<String>),
    /// Lower-case `m` or `b`.
    Ambiguous,
    /// A duration that is not a whole number of units, or too long.
    Duration,
}

/// Units of one duration at the most: beyond this no date is left that it could lead to.
const LONGEST: u32 = 1_000_000;

/// Reads a literal that begins with a digit: the number, its suffix, and a measure (currency or unit) behind it.
pub(super) fn read(text: &str) -> Result<Literal, Malformed> {
    if text.contains(',') {
        return Err(Malformed::Grouped);
    }
    let digits_end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '_' | '.'))).unwrap_or(text.len());
    let (digits, rest) = text.split_at(digits_end);
    let digits = check_digits(digits)?;
    let tight = rest.trim_start_matches(is_blank);
    if let Some(unit) = unit(tight) {
        return duration(&digits, unit);
    }
    let (suffix, measure) = if tight.len() < rest.len() || is_code(tight) { (None, tight) } else { split_suffix(rest) };
    let measure = measure.trim_start_matches(is_blank);
    let number = Number { digits, suffix };
    match measure {
        "" => Ok(Literal::Number(number)),
        "元" => Ok(Literal::Money(number, "CNY".into())),
        code if is_code(code) => Ok(Literal::Money(number, code.into())),
        other => Err(unknown_suffix(&number.digits, other)),
    }
}

fn unknown_suffix(digits: &str, rest: &str) -> Malformed {
    if rest == "m" || rest == "b" {
        return Malformed::Ambiguous;
    }
    let exponent = rest.strip_prefix(['e', 'E']).and_then(|e| e.parse::<usize>().ok()).filter(|e| *e <= 27);
    let meant = exponent.filter(|_| digits.bytes().all(|b| b.is_ascii_digit())).map(|e| with_zeros(digits, e));
    Malformed::Number(meant)
}

/// `digits` with so many zeros behind, in groups of three.
fn with_zeros(digits: &str, zeros: usize) -> String {
    group(&format!("{digits}{}", "0".repeat(zeros)))
}

/// Groups of three digits with dots between them as one number: `1.000.000` is `1_000_000`.
pub(super) fn groups(text: &str) -> Option<String> {
    let mut parts = text.split('.');
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let first = parts.next().filter(|first| (1..=3).contains(&first.len()) && digits(first))?;
    let rest: Vec<&str> = parts.collect();
    let grouped = rest.len() > 1 && rest.iter().all(|part| part.len() == 3 && digits(part));
    grouped.then(|| format!("{first}_{}", rest.join("_")))
}

/// A run of digits in groups of three: `1000000` is `1_000_000`.
pub(super) fn group(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// `1234567.5` as `1_234_567.5`.
pub(crate) fn grouped(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, rest) = digits.find('.').map_or((digits, ""), |dot| digits.split_at(dot));
    format!("{sign}{}{rest}", group(whole))
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{A0}' | '\u{3000}')
}

/// Whether a word has the form of a currency code: three capitals that are no keyword.
pub(super) fn is_code(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_uppercase()) && !matches!(word, "AND" | "NOT")
}

/// The digits without their underscores.
fn check_digits(digits: &str) -> Result<Box<str>, Malformed> {
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, "")) => return Err(Malformed::Number(Some(whole.to_owned()))),
        Some(parts) => parts,
        None => (digits, "0"),
    };
    let lone = |part: &str| part.starts_with('_') || part.ends_with('_') || part.contains("__") || part.contains('.');
    if lone(whole) || lone(fraction) {
        return Err(Malformed::Number(None));
    }
    Ok(digits.replace('_', "").into())
}

fn duration(digits: &str, unit: Unit) -> Result<Literal, Malformed> {
    let count = digits.parse::<u32>().ok().filter(|count| *count <= LONGEST).ok_or(Malformed::Duration)?;
    Ok(Literal::Duration(count, unit))
}

/// The unit of a word, singular or plural.
pub(super) fn unit(word: &str) -> Option<Unit> {
    Some(match word {
        "day" | "days" => Unit::Days,
        "week" | "weeks" => Unit::Weeks,
        "month" | "months" => Unit::Months,
        "quarter" | "quarters" => Unit::Quarters,
        "year" | "years" => Unit::Years,
        "hour" | "hours" => Unit::Hours,
        "minute" | "minutes" => Unit::Minutes,
        _ => return None,
    })
}

/// The suffix at the beginning of `rest`, the longest form first, and what stands behind it.
fn split_suffix(rest: &str) -> (Option<Suffix>, &str) {
    let found = Suffix::ALL.iter().find_map(|(text, suffix)| Some((*suffix, rest.strip_prefix(text)?)));
    match found {
        Some((suffix, behind)) => (Some(suffix), behind),
        None => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<(String, Option<Suffix>)> {
        match read(text) {
            Ok(Literal::Number(number) | Literal::Money(number, _)) => Some((number.digits.into(), number.suffix)),
            _ => None,
        }
    }

    #[test]
    fn suffixes_and_measures() {
        for (text, digits, suffix) in [
            ("1_000_000", "1000000", None),
            ("200K", "200", Some(Suffix::Thousand)),
            ("2千万", "2", Some(Suffix::QianWan)),
            ("600万元", "600", Some(Suffix::Wan)),
            ("5M USD", "5", Some(Suffix::Million)),
            ("5MUSD", "5", Some(Suffix::Million)),
            ("5BRL", "5", None),
            ("1.5亿", "1.5", Some(Suffix::Yi)),
            ("40%", "40", Some(Suffix::Percent)),
        ] {
            assert_eq!(number(text), Some((digits.to_owned(), suffix)), "{text}");
        }
        assert_eq!(read("12months"), Ok(Literal::Duration(12, Unit::Months)));
        assert_eq!(read("2\u{3000}quarters"), Ok(Literal::Duration(2, Unit::Quarters)));
    }

    #[test]
    fn malformed_numbers_say_how() {
        for (text, expected) in [
            ("1,000,000", Malformed::Grouped),
            ("1.", Malformed::Number(Some("1".into()))),
            ("1e6", Malformed::Number(Some("1_000_000".into()))),
            ("5m", Malformed::Ambiguous),
            ("5x", Malformed::Number(None)),
            ("1__0", Malformed::Number(None)),
            ("1.5 months", Malformed::Duration),
            ("1000001 days", Malformed::Duration),
        ] {
            assert_eq!(read(text), Err(expected), "{text}");
        }
    }
}
