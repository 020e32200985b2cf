//! Segments, scores and benefits as an outcome carries them.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::score::Line;
use crate::plan::{LineName, Plan};
use crate::schema::Type;
use crate::value::{Constant, Duration, Interval, Money, canonical};

/// What the evaluator found of a score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScoreParts {
    pub(crate) lines: Vec<Line>,
    /// `None` is no result.
    pub(crate) total: Option<Interval>,
}

/// A segment of the customer: its name, and its value where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentOutcome<'o> {
    pub(super) name: &'o str,
    pub(super) value: Option<&'o str>,
}

impl<'o> SegmentOutcome<'o> {
    /// The name that the policy gives to the segmentation.
    pub fn name(&self) -> &'o str {
        self.name
    }

    /// The value; `None` where missing facts leave it open, and where no line fits.
    pub fn value(&self) -> Option<&'o str> {
        self.value
    }
}

/// A score of the customer: the points, or between which ends they lie, and what each line gave.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse(
///     "score value {
///          annual_spend: >= 1M => 40, otherwise => 0
///          satisfaction: >= 8 => 10, otherwise => 0 weight 50%
///      }
///      value >= 40 => A
///      otherwise => B",
/// )
/// .unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let outcome = policy.classify(&Customer::new().with("annual_spend", 2_000_000), today).unwrap();
/// let score = outcome.score("value").unwrap();
/// assert_eq!((score.points(), score.low(), score.high()), (None, Some(40.into()), Some(45.into())));
/// assert_eq!(outcome.settled(), Some("A"));
/// let lines: Vec<_> = score.lines().map(|line| (line.low(), line.high())).collect();
/// assert_eq!(lines, [(Some(40.into()), Some(40.into())), (Some(0.into()), Some(5.into()))]);
/// ```
#[derive(Clone, Copy)]
pub struct ScoreOutcome<'o> {
    pub(super) plan: &'o Plan,
    pub(super) name: &'o str,
    /// Its place among the scores of the plan.
    pub(super) at: u32,
    pub(super) parts: &'o ScoreParts,
}

impl<'o> ScoreOutcome<'o> {
    /// The name.
    pub fn name(&self) -> &'o str {
        self.name
    }

    /// The points; `None` where missing facts leave them open, and where a line has no result.
    pub fn points(&self) -> Option<Decimal> {
        self.parts.total?.single()
    }

    /// The fewest points that it can come to; `None` where that has no bound, and where a line has no result.
    pub fn low(&self) -> Option<Decimal> {
        self.parts.total?.low
    }

    /// The most points that it can come to; `None` where that has no bound, and where a line has no result.
    pub fn high(&self) -> Option<Decimal> {
        self.parts.total?.high
    }

    /// Whether missing facts leave the points open.
    pub fn is_open(&self) -> bool {
        self.parts.total.is_some_and(|total| total.single().is_none())
    }

    /// What each line gave, in written order.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = LineOutcome<'o>> + use<'o> {
        let (plan, at, parts) = (self.plan, self.at, self.parts);
        (0..parts.lines.len()).map(move |line| LineOutcome { plan, score: at, line, parts })
    }
}

impl fmt::Debug for ScoreOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {self}", self.name)
    }
}

/// The points, the ends of an open score as `40..45` with nothing where there is no bound, nothing without a result.
impl fmt::Display for ScoreOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = |end: Option<Decimal>| end.map(canonical).unwrap_or_default();
        match self.points() {
            Some(points) => f.write_str(&canonical(points)),
            None if self.is_open() => write!(f, "{}..{}", end(self.low()), end(self.high())),
            None => Ok(()),
        }
    }
}

/// The points as text, an open score as an object of its two ends, one without a result as null.
impl Serialize for ScoreOutcome<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.points() {
            Some(points) => serializer.serialize_str(&canonical(points)),
            None if self.is_open() => {
                let mut ends = serializer.serialize_map(Some(2))?;
                ends.serialize_entry("min", &self.low().map(canonical))?;
                ends.serialize_entry("max", &self.high().map(canonical))?;
                ends.end()
            }
            None => serializer.serialize_none(),
        }
    }
}

/// What one line of a score gave, its weight counted.
#[derive(Clone, Copy)]
pub struct LineOutcome<'o> {
    plan: &'o Plan,
    score: u32,
    line: usize,
    parts: &'o ScoreParts,
}

impl<'o> LineOutcome<'o> {
    fn names(&self) -> Option<&'o LineName> {
        self.plan.names().scores.get(self.score as usize)?.get(self.line)
    }

    fn seen(&self) -> Option<&'o Line> {
        self.parts.lines.get(self.line)
    }

    fn weighted(&self) -> Option<Interval> {
        self.seen()?.weighted(self.weight())
    }

    /// The name in front of the line, where it has one.
    pub fn name(&self) -> Option<&'o str> {
        self.names()?.place.name.as_deref()
    }

    /// The line of the policy on which it stands.
    pub fn line(&self) -> u32 {
        self.names().map_or(0, |name| name.place.line)
    }

    /// The place of the bin that fitted, counted from 0; `None` where that is open, and for a line without bins.
    pub fn bin(&self) -> Option<usize> {
        self.seen()?.bin.map(|bin| bin as usize)
    }

    /// The weight by which its points are multiplied.
    pub fn weight(&self) -> Option<Decimal> {
        self.plan.score(self.score)?.lines.get(self.line)?.weight
    }

    /// The ends of the points before their weight; `None` without a result.
    pub(crate) fn unweighted(&self) -> Option<(Option<Decimal>, Option<Decimal>)> {
        let points = self.seen()?.points?;
        Some((points.low, points.high))
    }

    /// The points; `None` where they are open, and without a result.
    pub fn points(&self) -> Option<Decimal> {
        self.weighted()?.single()
    }

    /// The fewest points that it can give.
    pub fn low(&self) -> Option<Decimal> {
        self.weighted()?.low
    }

    /// The most points that it can give.
    pub fn high(&self) -> Option<Decimal> {
        self.weighted()?.high
    }
}

impl fmt::Debug for LineOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {:?}..{:?}", self.line(), self.low(), self.high())
    }
}

/// What a tier brings under one key. Its type is the same in every tier; the accessor of another type gives `None`.
///
/// ```
/// use tierwise::{Customer, Policy};
///
/// let policy = Policy::parse(
///     "tiers A > B
///      benefits A { discount: 10%, response: 4 hours, manager: \"dedicated\" }
///      annual_spend > 1M => A
///      otherwise => B",
/// )
/// .unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let outcome = policy.classify(&Customer::new().with("annual_spend", 2_000_000), today).unwrap();
/// assert_eq!(outcome.benefit("discount").and_then(|benefit| benefit.as_decimal()), Some("0.1".parse().unwrap()));
/// assert_eq!(outcome.benefit("response").unwrap().as_duration().unwrap().to_string(), "4 hours");
/// assert_eq!(outcome.benefit("manager").unwrap().as_text(), Some("dedicated"));
/// assert!(outcome.benefit("lounge").is_none());
/// ```
#[derive(Clone, Copy)]
pub struct Benefit<'o> {
    pub(super) plan: &'o Plan,
    pub(super) name: &'o str,
    pub(super) ty: &'o Type,
    pub(super) value: Option<&'o Constant>,
    pub(super) masked: bool,
}

impl<'o> Benefit<'o> {
    /// The key.
    pub fn name(&self) -> &'o str {
        self.name
    }

    /// The type, the same in every tier.
    pub fn ty(&self) -> &'o Type {
        self.ty
    }

    /// Whether it is worked out from a sensitive fact: explanations and `Debug` do not show it then.
    pub fn is_sensitive(&self) -> bool {
        self.masked
    }

    /// Whether it has a value: one that is worked out from missing facts has none.
    pub fn is_known(&self) -> bool {
        self.value.is_some()
    }

    /// A number, or an amount of money in the policy's currency.
    pub fn as_decimal(&self) -> Option<Decimal> {
        match self.value {
            Some(Constant::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// An amount of money with the policy's currency.
    pub fn as_money(&self) -> Option<Money> {
        let money = *self.ty == Type::Money;
        let amount = self.as_decimal().filter(|_| money)?;
        self.plan.currency().map(|currency| Money::new(amount, currency))
    }

    /// True or false.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Some(Constant::Boolean(boolean)) => Some(*boolean),
            _ => None,
        }
    }

    /// A text, or the name of a member.
    pub fn as_text(&self) -> Option<&'o str> {
        match (self.value, self.ty) {
            (Some(Constant::Text(text)), _) => Some(text),
            (Some(Constant::Member(member)), Type::OneOf(members)) => members.name(*member).map(|name| &**name),
            _ => None,
        }
    }

    /// A date.
    pub fn as_date(&self) -> Option<NaiveDate> {
        match self.value {
            Some(Constant::Date(date)) => Some(*date),
            _ => None,
        }
    }

    /// A length of time.
    pub fn as_duration(&self) -> Option<Duration> {
        match self.value {
            Some(Constant::Duration(length)) => Some(*length),
            _ => None,
        }
    }
}

impl fmt::Debug for Benefit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.masked {
            true => write!(f, "{}: masked", self.name),
            false => write!(f, "{}: {self}", self.name),
        }
    }
}

/// The value as it is serialised; empty where it has none.
impl fmt::Display for Benefit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value {
            Some(Constant::Number(number)) => f.write_str(&canonical(*number)),
            Some(Constant::Boolean(boolean)) => write!(f, "{boolean}"),
            Some(Constant::Date(date)) => write!(f, "{date}"),
            Some(Constant::Duration(length)) => write!(f, "{length}"),
            Some(Constant::Text(_) | Constant::Member(_)) => f.write_str(self.as_text().unwrap_or_default()),
            None => Ok(()),
        }
    }
}

/// Numbers, dates and lengths of time as text, booleans as they are, no value as null.
impl Serialize for Benefit<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.value, self.as_bool()) {
            (None, _) => serializer.serialize_none(),
            (_, Some(boolean)) => serializer.serialize_bool(boolean),
            _ => serializer.serialize_str(&self.to_string()),
        }
    }
}
