//! Ordinals: facts as 64-bit integers that lie among the constants of a policy exactly as the facts themselves do, so that
//! comparing is one instruction and never depends on how a number was written.
//!
//! A number is scaled by a power of ten that makes every constant of its field whole, and doubled: what lies between two
//! neighbours of that grid is odd, and what lies beyond 64 bits stays at the end, where no constant is.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::words::Words;
use super::{Constant, Currency, Fact, Value, from_float, parse_date, parse_number};

/// A fact that is not known.
pub(crate) const MISSING: i64 = i64::MIN;
/// A fact that is absent, and nothing that could become known.
pub(crate) const UNDEFINED: i64 = i64::MIN + 1;
/// A fact that is refused or not taken this way: the whole evaluation looks at it again.
pub(crate) const ODD: i64 = i64::MIN + 2;
/// The ordinals of known facts.
pub(crate) const LEAST: i64 = i64::MIN + 3;
pub(crate) const MOST: i64 = i64::MAX - 1;
/// What no fact has.
pub(crate) const BEYOND: i64 = i64::MAX;

/// Constants stay well inside of what facts can have.
const REACH: i128 = 1 << 61;

/// Places that are kept beyond those of the constants, so that ordinary amounts need no division.
const SPARE_PLACES: u32 = 6;

/// A range in which no product of a whole number and a unit lies.
const NO_NUMBERS: (i64, u64) = (1, 0);

/// As many places as numbers usually have, and one more.
const USUAL: usize = 8;

/// How the facts of one field become ordinals.
#[derive(Clone, Debug)]
pub struct Encoding {
    /// By the places of a number: what its coefficient is multiplied with; where that takes a second look, so much that the
    /// product of any but 0 is out of reach.
    units: [i64; USUAL],
    /// The least, and how far the others reach from there.
    low: i64,
    reach: u64,
    /// The same of numbers; nothing, where the field is none.
    numbers: (i64, u64),
    absent: i64,
    kind: Kind,
    /// The places of the grid.
    places: u32,
    /// Finer numbers are refused.
    finest: u32,
    bare: i64,
    /// The currency that amounts are in, where the field is money.
    currency: Option<Currency>,
    words: Words,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Boolean,
    Date,
    /// A closed set: a text that is none of the words is refused.
    Member,
    /// Any text: one that is none of the words is behind them all.
    Text,
}

/// A field as far as its encoding goes.
pub(crate) struct Encoded<'f> {
    pub(crate) kind: Kind,
    pub(crate) finest: u32,
    pub(crate) currency: Option<Currency>,
    pub(crate) ends: [Option<&'f Constant>; 2],
    /// Everything with which it is compared, its ends and its default too.
    pub(crate) constants: &'f [&'f Constant],
    /// The members of a closed set.
    pub(crate) members: Vec<Arc<str>>,
}

impl Encoding {
    /// What stands for a fact that is missing, before anything else is taken for it.
    pub const MISSING: i64 = MISSING;

    /// `None` where a constant is out of reach of 64 bits.
    pub(crate) fn new(field: Encoded<'_>) -> Option<Self> {
        let numbers = || field.constants.iter().filter_map(|constant| number(constant));
        let needed = numbers().map(|number| number.normalize().scale()).max().unwrap_or(0);
        let fits = |places: &u32| numbers().all(|number| scaled(number, *places).is_some_and(|at| at.abs() < REACH));
        let wanted = needed.max(SPARE_PLACES.min(field.finest));
        let places = (needed..=wanted).rev().find(fits)?;
        let words = match field.kind {
            Kind::Member => Words::new(field.members.iter().cloned()),
            Kind::Text => {
                let text = |constant: &&Constant| match constant {
                    Constant::Text(text) => Some(Arc::clone(text)),
                    _ => None,
                };
                let mut texts: Vec<Arc<str>> = field.constants.iter().filter_map(text).collect();
                texts.sort();
                texts.dedup();
                Words::new(texts.into_iter())
            }
            _ => Words::default(),
        };
        let whole = Self {
            units: std::array::from_fn(|own| unit(own, places, field.finest)),
            low: LEAST,
            reach: MOST.abs_diff(LEAST),
            numbers: NO_NUMBERS,
            absent: MISSING,
            kind: field.kind,
            places,
            finest: field.finest,
            bare: MISSING,
            currency: field.currency,
            words,
        };
        let days = [1, i64::from(NaiveDate::from_ymd_opt(9999, 12, 31)?.num_days_from_ce())];
        let [least, most] = if field.kind == Kind::Date { days } else { [LEAST, MOST] };
        let end = |end: Option<&Constant>, open: i64| end.map_or(Some(open), |end| whole.constant(end));
        let [low, high] = field.ends;
        let (low, high) = (end(low, least)?, end(high, most)?);
        let reach = high.abs_diff(low);
        let numbers = if field.kind == Kind::Number { (low, reach) } else { whole.numbers };
        if low > high { None } else { Some(Self { low, reach, numbers, ..whole }) }
    }

    /// With what stands for a fact that is missing; where it may be computed from others, that is for the whole evaluation.
    pub(crate) fn with_absent(mut self, bare: i64, is_computed: bool) -> Self {
        (self.bare, self.absent) = (bare, if is_computed { ODD } else { bare });
        self
    }

    /// The same where there is nothing that the fact could be computed from.
    pub(crate) fn with_nothing_else(mut self) -> Self {
        self.absent = self.bare;
        self
    }

    /// What stands for a fact that is missing.
    pub(crate) fn absent(&self) -> i64 {
        self.absent
    }

    /// What stands for a fact that is missing and cannot be computed.
    pub(crate) fn bare(&self) -> i64 {
        self.bare
    }

    /// The ordinal of a constant of the field's type.
    pub(crate) fn constant(&self, constant: &Constant) -> Option<i64> {
        match (self.kind, constant) {
            (Kind::Number, Constant::Number(number)) => i64::try_from(scaled(*number, self.places)?).ok(),
            (Kind::Boolean, Constant::Boolean(value)) => Some(i64::from(*value)),
            (Kind::Date, Constant::Date(date)) => Some(i64::from(date.num_days_from_ce())),
            (Kind::Member, Constant::Member(member)) => Some(i64::from(*member)),
            (Kind::Text, Constant::Text(text)) => Some(self.words.find(text, ODD)).filter(|word| *word != ODD),
            _ => None,
        }
    }

    #[inline]
    fn within(&self, ordinal: i64) -> i64 {
        if ordinal.wrapping_sub(self.low).cast_unsigned() <= self.reach { ordinal } else { ODD }
    }

    /// A coefficient of so many places; `None` where that takes a second look.
    #[inline]
    fn usual(&self, coefficient: i64, places: u32) -> Option<i64> {
        let ordinal = coefficient.checked_mul(*self.units.get(places as usize)?)?;
        let (low, reach) = self.numbers;
        (ordinal.wrapping_sub(low).cast_unsigned() <= reach).then_some(ordinal)
    }

    /// A number as so many units of its last decimal place: cents have two.
    #[inline]
    fn minor(&self, value: i64, places: u32) -> i64 {
        match self.usual(value, places) {
            Some(ordinal) => ordinal,
            None => self.uncommon_units(value, places),
        }
    }

    /// The ordinal of what a host measured: in units of so many places, or as an ordinal.
    #[inline]
    pub(crate) fn of_measure(&self, measure: i64, units: Option<u32>) -> i64 {
        match units {
            _ if measure == MISSING => self.absent,
            Some(places) => self.minor(measure, places),
            None => measure,
        }
    }

    /// The least number of units of so many places that reaches an ordinal; `None` where that is out of reach, or whether a
    /// number is too fine would depend on its digits.
    pub(crate) fn least_units(&self, ordinal: i64, places: u32) -> Option<i64> {
        if self.kind != Kind::Number || places > self.finest {
            return None;
        }
        if ordinal <= LEAST {
            return Some(MISSING + 1);
        }
        let units = match places.checked_sub(self.places) {
            None | Some(0) => div_ceil(ordinal.into(), 10_i128.checked_pow(self.places - places)?.checked_mul(2)?),
            Some(finer) => {
                let (whole, behind) = (ordinal.div_euclid(2), ordinal.rem_euclid(2));
                i128::from(whole).checked_mul(10_i128.checked_pow(finer)?)? + i128::from(behind)
            }
        };
        i64::try_from(units).ok().filter(|units| (LEAST..MOST).contains(units))
    }

    /// The ordinals at which known facts begin to be taken, and cease to be.
    pub(crate) fn ends(&self) -> [Option<i64>; 2] {
        let high = self.low.wrapping_add_unsigned(self.reach);
        [Some(self.low).filter(|low| *low > LEAST), Some(high).filter(|high| *high < MOST).map(|high| high + 1)]
    }

    /// A decimal.
    #[inline]
    pub(crate) fn decimal(&self, value: Decimal) -> i64 {
        let usual = i64::try_from(value.mantissa()).ok().and_then(|mantissa| self.usual(mantissa, value.scale()));
        match usual {
            Some(ordinal) => ordinal,
            None => self.uncommon(value),
        }
    }

    #[cold]
    #[inline(never)]
    fn uncommon_units(&self, value: i64, places: u32) -> i64 {
        Decimal::try_from_i128_with_scale(value.into(), places).map_or(ODD, |value| self.uncommon(value))
    }

    /// A number that is finer than the grid, larger than 64 bits, or refused.
    #[cold]
    #[inline(never)]
    fn uncommon(&self, value: Decimal) -> i64 {
        let value = value.normalize();
        if self.kind != Kind::Number || value.scale() > self.finest {
            return ODD;
        }
        let ordinal = match value.scale().checked_sub(self.places) {
            None | Some(0) => scaled(value, self.places),
            Some(finer) => 10_i128.checked_pow(finer).map(|unit| {
                let (whole, rest) = (value.mantissa().div_euclid(unit), value.mantissa().rem_euclid(unit));
                whole * 2 + i128::from(rest != 0)
            }),
        };
        let beyond = if value.is_sign_negative() { i128::MIN } else { i128::MAX };
        let ordinal = ordinal.unwrap_or(beyond).clamp(LEAST.into(), MOST.into());
        self.within(i64::try_from(ordinal).unwrap_or(ODD))
    }

    /// A fact in whatever form, before anything else is taken for one that is missing.
    #[inline]
    pub fn measure(&self, fact: Fact<'_>) -> i64 {
        if matches!(fact, Fact::Missing) { MISSING } else { self.fact(fact) }
    }

    /// True or false.
    #[inline]
    pub(crate) fn boolean(&self, value: bool) -> i64 {
        if self.kind == Kind::Boolean { i64::from(value) } else { ODD }
    }

    /// A civil date.
    #[inline]
    pub(crate) fn date(&self, value: NaiveDate) -> i64 {
        if self.kind == Kind::Date { self.within(value.num_days_from_ce().into()) } else { ODD }
    }

    /// A text, or a member of a closed set.
    #[inline(never)]
    pub(crate) fn text(&self, value: &str) -> i64 {
        match self.kind {
            Kind::Member => self.words.find(value, ODD),
            Kind::Text => self.words.find(value, MOST),
            _ => self.spelt(value),
        }
    }

    /// A number or a date in text form.
    fn spelt(&self, text: &str) -> i64 {
        match self.kind {
            Kind::Number => parse_number(text).map_or(ODD, |number| self.decimal(number)),
            Kind::Date => parse_date(text).map_or(ODD, |date| self.date(date)),
            _ => ODD,
        }
    }

    /// A value that was taken already.
    pub(crate) fn value(&self, value: &Value<'_>) -> i64 {
        match value {
            Value::Number(number) => self.decimal(*number),
            Value::Boolean(value) => self.boolean(*value),
            Value::Date(date) => self.date(*date),
            Value::Text(text) => self.text(&text.read()),
            Value::Member(member) => i64::from(*member),
            Value::Duration(_) | Value::Set(_) => ODD,
        }
    }

    /// A fact in whatever form.
    #[inline]
    pub(crate) fn fact(&self, fact: Fact<'_>) -> i64 {
        match fact {
            Fact::Missing => self.absent,
            Fact::Boolean(value) => self.boolean(value),
            Fact::Integer(value) => self.minor(value, 0),
            Fact::Number(value) => self.decimal(value),
            Fact::Date(date) => self.date(date),
            Fact::Text(text) => self.text(text),
            Fact::Numeral(text) if self.kind == Kind::Number => self.spelt(text),
            Fact::Float(value) => from_float(value).map_or(ODD, |number| self.decimal(number)),
            Fact::Money(money) if self.currency == Some(money.currency()) => self.decimal(money.amount()),
            _ => ODD,
        }
    }
}

fn number(constant: &Constant) -> Option<Decimal> {
    match constant {
        Constant::Number(number) => Some(*number),
        _ => None,
    }
}

/// What the coefficient of a number of `own` places is multiplied with, to be twice as many units of the grid; out of reach
/// where the number may be too fine.
fn unit(own: usize, places: u32, finest: u32) -> i64 {
    let own = u32::try_from(own).unwrap_or(u32::MAX);
    let unit = places.checked_sub(own).filter(|_| own <= finest).and_then(|zeros| 10_i64.checked_pow(zeros));
    unit.and_then(|unit| unit.checked_mul(2)).unwrap_or(BEYOND)
}

/// Twice a number of at most so many places, in units of the last.
fn scaled(number: Decimal, places: u32) -> Option<i128> {
    let number = number.normalize();
    let unit = 10_i128.checked_pow(places.checked_sub(number.scale())?)?;
    number.mantissa().checked_mul(unit)?.checked_mul(2)
}

fn div_ceil(number: i128, unit: i128) -> i128 {
    number.div_euclid(unit) + i128::from(number.rem_euclid(unit) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(constants: &[&str], finest: u32) -> Encoding {
        let constants: Vec<Constant> = constants.iter().map(|text| Constant::Number(text.parse().unwrap())).collect();
        let constants: Vec<&Constant> = constants.iter().collect();
        let field = Encoded {
            kind: Kind::Number,
            finest,
            currency: None,
            ends: [None, None],
            constants: &constants,
            members: Vec::new(),
        };
        Encoding::new(field).unwrap()
    }

    #[test]
    fn an_ordinal_lies_among_the_constants_as_the_number_does() {
        let constants = ["-1000000", "0", "0.5", "12", "1000000.0001", "2000000000000"];
        let numbers = [
            "-79228162514264337593543950335",
            "-1000000.0000000000000000001",
            "-1000000",
            "-999999.99",
            "-0.0000000000000000000000000001",
            "0",
            "0.0000000000000000000000000001",
            "0.49999999999",
            "0.5",
            "0.500",
            "0.5000001",
            "12",
            "12.00000000",
            "1000000.0001",
            "1000000.00010000000001",
            "79228162514264337593543950335",
        ];
        let encoding = encoding(&constants, 28);
        for (number, constant) in numbers.iter().flat_map(|number| constants.iter().map(move |c| (number, c))) {
            let (exact, bound): (Decimal, Decimal) = (number.parse().unwrap(), constant.parse().unwrap());
            let ordinal = encoding.constant(&Constant::Number(bound)).unwrap();
            assert_eq!(encoding.decimal(exact).cmp(&ordinal), exact.cmp(&bound), "{number} and {constant}");
            assert_eq!(encoding.fact(Fact::Text(number)), encoding.decimal(exact), "{number}");
        }
    }

    #[test]
    fn what_a_field_refuses_is_odd() {
        let whole = encoding(&["4.5"], 0);
        assert_eq!(whole.decimal("4.5".parse().unwrap()), ODD);
        assert_eq!(whole.decimal("4.000".parse().unwrap()), whole.minor(4, 0));
        assert_eq!(whole.minor(450, 2), ODD);
        assert_eq!(whole.minor(400, 2), whole.minor(4, 0));
        assert_eq!(whole.boolean(true), ODD);
        let field = Encoded {
            kind: Kind::Text,
            finest: 28,
            currency: None,
            ends: [None, None],
            constants: &[],
            members: Vec::new(),
        };
        let texts = Encoding::new(field).unwrap();
        for (number, places) in
            [0, 1, -1, 7, i64::MAX, i64::MIN].into_iter().flat_map(|number| (0..12).map(move |at| (number, at)))
        {
            assert_eq!((texts.minor(number, places), texts.decimal(Decimal::new(number, places))), (ODD, ODD));
        }
        assert_eq!(whole.fact(Fact::Text("four")), ODD);
        assert_eq!((whole.minor(i64::MAX, 0), whole.minor(i64::MIN, 0)), (MOST, LEAST));
    }

    #[test]
    fn constants_out_of_reach_have_no_encoding() {
        let large = Constant::Number("79228162514264337593543950335".parse().unwrap());
        let constants = [&large];
        let field = Encoded {
            kind: Kind::Number,
            finest: 28,
            currency: None,
            ends: [None, None],
            constants: &constants,
            members: Vec::new(),
        };
        assert!(Encoding::new(field).is_none());
    }
}
