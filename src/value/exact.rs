//! Exact decimal arithmetic: a result that does not fit in 96 bits and 28 places is `None`, never rounded.
//!
//! `rust_decimal`'s operators panic and its checked operations round silently, so sums, products and quotients are
//! worked out here on the integer coefficients.

use rust_decimal::Decimal;

const MAX_COEFFICIENT: i128 = (1 << 96) - 1;
const MAX_SCALE: u32 = 28;

/// A decimal as coefficient and scale without trailing zeros.
fn parts(value: Decimal) -> (i128, u32) {
    let value = value.normalize();
    (value.mantissa(), value.scale())
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10_i128.checked_pow(exponent)
}

/// The decimal `coefficient / 10^scale`, if it fits exactly.
pub(crate) fn decimal(mut coefficient: i128, mut scale: i64) -> Option<Decimal> {
    while scale > 0 && coefficient % 10 == 0 {
        coefficient /= 10;
        scale -= 1;
    }
    if scale < 0 {
        coefficient = coefficient.checked_mul(power_of_ten(u32::try_from(-scale).ok()?)?)?;
        scale = 0;
    }
    let scale = u32::try_from(scale).ok().filter(|scale| *scale <= MAX_SCALE)?;
    if coefficient.abs() > MAX_COEFFICIENT {
        return None;
    }
    Decimal::try_from_i128_with_scale(coefficient, scale).ok()
}

/// `a + b`, exactly.
pub(crate) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let scale = a_scale.max(b_scale);
    // A summand that outgrows 127 bits when it is aligned is out of reach of the other one's 96 bits.
    let a = a.checked_mul(power_of_ten(scale - a_scale)?)?;
    let b = b.checked_mul(power_of_ten(scale - b_scale)?)?;
    decimal(a.checked_add(b)?, i64::from(scale))
}

/// `a - b`, exactly.
pub(crate) fn subtract(a: Decimal, b: Decimal) -> Option<Decimal> {
    add(a, negate(b))
}

/// `-a`; there is no minus zero.
pub(crate) fn negate(a: Decimal) -> Decimal {
    if a.is_zero() { Decimal::ZERO } else { -a }
}

/// `a * b`, exactly. Factors of two and five that meet are taken out first, so that a product which fits is found even
/// where the raw one does not.
pub(crate) fn multiply(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((mut a, a_scale), (mut b, b_scale)) = (parts(a), parts(b));
    if a == 0 || b == 0 {
        return Some(Decimal::ZERO);
    }
    let mut scale = i64::from(a_scale) + i64::from(b_scale);
    for coefficient in [&mut a, &mut b] {
        while *coefficient % 10 == 0 {
            (*coefficient, scale) = (*coefficient / 10, scale - 1);
        }
    }
    while a % 2 == 0 && b % 5 == 0 {
        (a, b, scale) = (a / 2, b / 5, scale - 1);
    }
    while a % 5 == 0 && b % 2 == 0 {
        (a, b, scale) = (a / 5, b / 2, scale - 1);
    }
    decimal(a.checked_mul(b)?, scale)
}

/// `a / b`, rounded half-even to 28 places or as many as the coefficient holds; `None` where `b` is zero or the
/// quotient is too large.
pub(crate) fn divide(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    if b == 0 {
        return None;
    }
    let negative = (a < 0) != (b < 0);
    let (a, b) = (a.abs(), b.abs());
    let (mut quotient, mut rest) = (a / b, a % b);
    let mut scale = i64::from(a_scale) - i64::from(b_scale);
    // One more decimal digit per step, as in long division by hand.
    while scale < i64::from(MAX_SCALE) && (rest != 0 || scale < 0) {
        let (digit, next) = (rest * 10 / b, rest * 10 % b);
        let longer = quotient * 10 + digit;
        if longer > MAX_COEFFICIENT {
            break;
        }
        (quotient, rest, scale) = (longer, next, scale + 1);
    }
    let (mut rounded, mut rounded_scale) = (round_rest(quotient, rest, b), scale);
    if rounded > MAX_COEFFICIENT || scale > i64::from(MAX_SCALE) {
        (rounded, rounded_scale) = drop_places(quotient, rest, scale)?;
    }
    if rounded_scale < 0 {
        return None;
    }
    decimal(if negative { -rounded } else { rounded }, rounded_scale)
}

fn round_rest(quotient: i128, rest: i128, divisor: i128) -> i128 {
    let up = match (rest * 2).cmp(&divisor) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => quotient % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    quotient + i128::from(up)
}

/// The quotient rounded to fewer places: to 28, or to one fewer where rounding up outgrew the coefficient.
fn drop_places(quotient: i128, rest: i128, scale: i64) -> Option<(i128, i64)> {
    let dropped = (scale - i64::from(MAX_SCALE)).max(1);
    let divisor = power_of_ten(u32::try_from(dropped).ok()?)?;
    let (kept, tail) = (quotient / divisor, quotient % divisor);
    // Whatever is left of the division stands behind the tail: it breaks a tie upwards.
    let up = tail * 2 > divisor || (tail * 2 == divisor && (rest != 0 || kept % 2 == 1));
    Some((kept + i128::from(up), scale - dropped))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    /// Why this module exists: each line shows what `rust_decimal` does instead.
    #[test]
    fn rust_decimal_rounds_where_we_are_undefined() {
        let fine = d("0.0000000000000000000000000001");
        let large = d("10000000000000000000000000000");
        assert_eq!(large.checked_add(fine), Some(large));
        assert_eq!(add(large, fine), None);
        assert_eq!(fine.checked_mul(d("0.1")), Some(Decimal::ZERO));
        assert_eq!(multiply(fine, d("0.1")), None);
        assert_eq!(
            "1.00000000000000000000000000001".parse::<Decimal>().unwrap().to_string(),
            "1.0000000000000000000000000000"
        );
        assert!(Decimal::from_str_exact("1.00000000000000000000000000001").is_err());
    }

    #[test]
    fn sums_and_products_that_fit_are_found() {
        assert_eq!(add(d("7922816251426433759354395033.5"), d("0.5")), Some(d("7922816251426433759354395034")));
        let a = multiply(d("35184372088832"), d("35184372088832")).unwrap(); // 2^45 * 2^45
        let a = multiply(a, d("0.0000000000000000001")).unwrap();
        let b = d("36379788.0709171295166015625"); // 5^38 / 10^19 has 27 digits
        assert_eq!(multiply(a, b).map(|p| p.to_string()), Some("4503599627370496".into()));
    }

    #[test]
    fn quotients_are_rounded_half_even_once() {
        assert_eq!(divide(d("1"), d("3")), Some(d("0.3333333333333333333333333333")));
        assert_eq!(divide(d("2"), d("3")), Some(d("0.6666666666666666666666666667")));
        assert_eq!(divide(d("1"), Decimal::ZERO), None);
        assert_eq!(divide(Decimal::MAX, d("0.1")), None);
        assert_eq!(divide(Decimal::MAX, d("10")), Some(d("7922816251426433759354395033.5")));
        assert_eq!(divide(d("0.0000000000000000000000000001"), d("2")), Some(Decimal::ZERO));
        assert_eq!(divide(d("0.0000000000000000000000000003"), d("2")), Some(d("0.0000000000000000000000000002")));
    }
}
