//! Sums of many numbers, exact whatever their order: what does not fit on the way may fit in the end.

use rust_decimal::Decimal;

use super::exact::decimal;

const SCALES: usize = 29;

/// A sum: one coefficient for each number of decimal places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Total {
    coefficients: [i128; SCALES],
    /// More numbers than the coefficients hold.
    lost: bool,
}

impl Total {
    pub(crate) const ZERO: Self = Self { coefficients: [0; SCALES], lost: false };

    pub(crate) fn add(&mut self, number: Decimal) {
        let sum = self.coefficients.get_mut(number.scale() as usize);
        match sum.and_then(|sum| Some((sum.checked_add(number.mantissa())?, sum))) {
            Some((more, sum)) => *sum = more,
            None => self.lost = true,
        }
    }

    /// The sum, where it fits exactly.
    pub(crate) fn sum(mut self) -> Option<Decimal> {
        // Digits are carried from the finest place to the whole.
        let mut digits = [0_i128; SCALES];
        for scale in (1..SCALES).rev() {
            let [.., coarse, fine] = self.coefficients.get_mut(..=scale)? else { return None };
            *digits.get_mut(scale)? = *fine % 10;
            *coarse = coarse.checked_add(*fine / 10)?;
        }
        let [mut coefficient, ..] = self.coefficients;
        let places = digits.iter().rposition(|digit| *digit != 0).unwrap_or(0);
        for digit in digits.get(1..=places)? {
            coefficient = coefficient.checked_mul(10)?.checked_add(*digit)?;
        }
        if self.lost { None } else { decimal(coefficient, i64::try_from(places).ok()?) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(numbers: &[&str]) -> Option<String> {
        let mut total = Total::ZERO;
        numbers.iter().for_each(|number| total.add(Decimal::from_str_exact(number).unwrap()));
        total.sum().map(|sum| sum.to_string())
    }

    #[test]
    fn the_order_does_not_matter() {
        let max = "79228162514264337593543950335";
        for (numbers, expected) in [
            (&["0.1", "0.2", "-0.3"][..], Some("0")),
            (&[max, max, "-79228162514264337593543950335"], Some(max)),
            (&[max, "1"], None),
            (&["0.0000000000000000000000000001", "1"], Some("1.0000000000000000000000000001")),
            (&["0.0000000000000000000000000001", "10"], None),
            (&["0.0000000000000000000000000001", "10", "-10"], Some("0.0000000000000000000000000001")),
            (&["-0.5", "1.25", "-7"], Some("-6.25")),
            (&[], Some("0")),
        ] {
            assert_eq!(sum(numbers).as_deref(), expected, "{numbers:?}");
        }
    }
}
