//! Numbers as text: an own lexical check and an exact conversion in, canonical text out.

use rust_decimal::Decimal;

/// Why a text is no number that can be taken exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotExact {
    /// It is not written as a number.
    NotANumber,
    /// It has more digits than 96 bits and 28 places hold.
    DoesNotFit,
}

/// Reads a JSON number, leading zeros allowed, exactly.
pub(crate) fn parse_number(text: &str) -> Result<Decimal, NotExact> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((_, "")) => return Err(NotExact::NotANumber),
        Some(parts) => parts,
        None => (mantissa, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(NotExact::NotANumber);
    }
    let exponent = exponent.map_or(Ok(0), parse_exponent)?;
    let value = assemble(whole, fraction, exponent)?;
    Ok(if negative && !value.is_zero() { -value } else { value })
}

/// An exponent; one beyond any decimal is clamped, so that `0e999999999` is zero and `1e999999999` does not fit.
fn parse_exponent(text: &str) -> Result<i64, NotExact> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotExact::NotANumber);
    }
    let size = digits.trim_start_matches('0').parse::<i64>().map_or_else(|e| size_of(&e), |n| n.min(1_000_000_000));
    Ok(if text.starts_with('-') { -size } else { size })
}

fn size_of(error: &std::num::ParseIntError) -> i64 {
    if *error.kind() == std::num::IntErrorKind::Empty { 0 } else { 1_000_000_000 }
}

fn assemble(whole: &str, fraction: &str, exponent: i64) -> Result<Decimal, NotExact> {
    let mut digits: String = [whole, fraction].concat();
    let significant = digits.trim_end_matches('0').len();
    let dropped = digits.len() - significant;
    digits.truncate(significant);
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let length = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let scale = length(fraction.len()).saturating_sub(length(dropped)).saturating_sub(exponent);
    if digits.len() > 29 || !(-29..=28).contains(&scale) {
        return Err(NotExact::DoesNotFit);
    }
    let zeros = usize::try_from(-scale).unwrap_or(0);
    let coefficient = format!("{digits}{}", "0".repeat(zeros));
    let coefficient = coefficient.parse::<i128>().map_err(|_| NotExact::DoesNotFit)?;
    let scale = u32::try_from(scale.max(0)).unwrap_or(0);
    Decimal::try_from_i128_with_scale(coefficient, scale).map_err(|_| NotExact::DoesNotFit)
}

/// Reads a float by its shortest text that reads back as the same float.
pub(crate) fn from_float(value: f64) -> Result<Decimal, NotExact> {
    if !value.is_finite() {
        return Err(NotExact::NotANumber);
    }
    parse_number(&format!("{value:e}"))
}

/// The canonical text of a decimal: no exponent, no zeros at the end behind the point, no minus zero.
///
/// ```
/// # use tierwise::canonical;
/// assert_eq!(canonical("12.50".parse().unwrap()), "12.5");
/// assert_eq!(canonical("-0.00".parse().unwrap()), "0");
/// ```
#[must_use]
pub fn canonical(value: Decimal) -> String {
    small(value).unwrap_or_else(|| value.normalize().to_string())
}

/// The same for numbers of up to 18 digits, which nearly all are, without arithmetic on 96 bits.
fn small(value: Decimal) -> Option<String> {
    let (mut digits, mut scale) = (i64::try_from(value.mantissa()).ok()?, value.scale());
    while scale > 0 && digits % 10 == 0 {
        (digits, scale) = (digits / 10, scale - 1);
    }
    if scale == 0 || digits == 0 {
        return Some(digits.to_string());
    }
    let unit = 10_u64.checked_pow(scale)?;
    let (whole, fraction) = (digits.unsigned_abs() / unit, digits.unsigned_abs() % unit);
    let sign = if digits < 0 { "-" } else { "" };
    Some(format!("{sign}{whole}.{fraction:0>places$}", places = scale as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_written_as_large_ones_are() {
        for digits in [0, 1, 10, 12_345, 100_000, 1_000_000_000_000_000_000, i64::MAX, -1, -7, -1_200, i64::MIN] {
            for scale in 0..=28 {
                let value = Decimal::from_i128_with_scale(digits.into(), scale);
                let normal = value.normalize();
                let expected = if normal.is_zero() { "0".to_owned() } else { normal.to_string() };
                assert_eq!(canonical(value), expected, "{digits} at {scale}");
            }
        }
    }

    #[test]
    fn numbers_are_read_exactly_or_refused() {
        let text = |input: &str| parse_number(input).map(canonical);
        for (input, expected) in [
            ("007", "7"),
            ("-0", "0"),
            ("12.3400", "12.34"),
            ("1e3", "1000"),
            ("1.5E-3", "0.0015"),
            ("0e999999999999999999", "0"),
            ("79228162514264337593543950335.000", "79228162514264337593543950335"),
            ("1.0000000000000000000000000000000000000000", "1"),
            ("0.00000000000000000000000000000000001e10", "0.0000000000000000000000001"),
        ] {
            assert_eq!(text(input), Ok(expected.to_owned()), "{input}");
        }
        for input in ["", "-", "+1", ".5", "1.", "1e", "NaN", "0x10", "1_000", "1,000", " 1", "١"] {
            assert_eq!(text(input), Err(NotExact::NotANumber), "{input}");
        }
        for input in ["1e400", "1e-400", "79228162514264337593543950336", "12345678901234567890123456789012", "1e-29"] {
            assert_eq!(text(input), Err(NotExact::DoesNotFit), "{input}");
        }
    }

    #[test]
    fn floats_come_in_by_their_shortest_text() {
        assert_eq!(from_float(0.1).map(canonical), Ok("0.1".to_owned()));
        assert_eq!(from_float(99_999_999_999_999.98).map(canonical), Ok("99999999999999.98".to_owned()));
        assert_eq!(from_float(f64::NAN), Err(NotExact::NotANumber));
        assert_eq!(from_float(1e300), Err(NotExact::DoesNotFit));
        assert_eq!(from_float(-0.0).map(canonical), Ok("0".to_owned()));
    }
}
