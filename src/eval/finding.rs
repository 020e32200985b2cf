//! What was noticed about a customer's data, with its place and its words.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::diagnostics::{Arg, Args, Finding, Lang, Phrase, finding_text};
use crate::facts::CustomerError;
use crate::plan::{Place, Plan, Root, TableName};
use crate::schema::PARENT;

/// How much a data finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingSeverity {
    /// Worth knowing.
    Info,
    /// Worth a look.
    Warning,
}

impl FindingSeverity {
    /// `info` or `warning`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
        }
    }
}

/// The orders of the members of a group, from which their facts are computed.
const GROUP_ORDERS: &str = "group.orders";

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    Field(usize),
    Let(usize),
    Rule(usize),
    Adjustment(usize),
    Assumption(usize),
    /// A table, by its place in the plan.
    Table(u32),
    /// A column, by its place in the plan.
    Column(u32),
    /// A collection, by its place in the plan, and how many of its records it is about.
    Records(u32, u32),
    /// The customer's place in a portfolio.
    Parent,
    /// The tiers that are possible.
    Possible,
    /// A line of the score that is a let.
    Line(usize, usize),
}

/// Something that was noticed about a customer's data. The customer is classified all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawFinding {
    pub(crate) finding: Finding,
    pub(crate) place: Whereabouts,
}

impl RawFinding {
    pub(crate) fn new(finding: Finding, place: Whereabouts) -> Self {
        Self { finding, place }
    }
}

/// Something that was noticed about a customer's data. The customer is classified all the same.
///
/// ```
/// use tierwise::{Customer, Lang, Policy};
///
/// let policy = Policy::parse("points / frequency >= 10 => A\notherwise => B").unwrap();
/// let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 31).unwrap();
/// let customer = Customer::new().with("points", 5).with("frequency", 0);
/// let outcome = policy.classify(&customer, today).unwrap();
/// let finding = outcome.findings().next().unwrap();
/// assert_eq!(finding.code(), "F0101");
/// assert_eq!(finding.message(Lang::En), "the rule in line 1: a calculation has no result");
/// ```
#[derive(Clone, Copy)]
pub struct DataFinding<'o> {
    pub(super) plan: &'o Plan,
    pub(super) raw: RawFinding,
}

impl<'o> DataFinding<'o> {
    /// The stable code, `F…`.
    pub fn code(&self) -> &'static str {
        self.raw.finding.as_str()
    }

    /// How much it weighs.
    pub fn severity(&self) -> FindingSeverity {
        match self.raw.finding {
            Finding::NoStanding
            | Finding::EmptyCell
            | Finding::NoRecords
            | Finding::RepeatedRecord
            | Finding::ParentOpen
            | Finding::PossibleSuperset => FindingSeverity::Info,
            _ => FindingSeverity::Warning,
        }
    }

    /// The field or the `let` that it is about, where there is one.
    pub fn field(&self) -> Option<&'o str> {
        match self.raw.place {
            Whereabouts::Field(at) => self.plan.slots().get(at).map(|slot| slot.field.name()),
            Whereabouts::Let(at) | Whereabouts::Line(at, _) => {
                self.plan.names().lets.get(at).and_then(|place| place.name.as_deref())
            }
            Whereabouts::Records(at, _) => self.plan.records().get(at as usize).map(|records| match records.members {
                Some(_) => GROUP_ORDERS,
                None => &*records.name,
            }),
            Whereabouts::Table(_) | Whereabouts::Column(_) => self.table().map(|(table, _)| &*table.name),
            Whereabouts::Parent => Some(PARENT),
            _ => None,
        }
    }

    /// The statement that it is about, where there is one.
    fn place(&self) -> Option<&'o Place> {
        let names = self.plan.names();
        match self.raw.place {
            Whereabouts::Rule(at) => names.rules.get(at),
            Whereabouts::Adjustment(at) => names.adjustments.get(at),
            Whereabouts::Assumption(at) => names.assumptions.get(at),
            Whereabouts::Let(at) => names.lets.get(at),
            Whereabouts::Line(at, line) => match self.plan.lets().get(at) {
                Some(Root::Score(score)) => names.scores.get(*score as usize)?.get(line).map(|line| &line.place),
                _ => None,
            },
            Whereabouts::Field(_) | Whereabouts::Records(..) | Whereabouts::Parent | Whereabouts::Possible => None,
            Whereabouts::Table(_) | Whereabouts::Column(_) => None,
        }
    }

    /// The table that it is about, and the column.
    fn table(&self) -> Option<(&'o TableName, Option<&'o str>)> {
        let column = match self.raw.place {
            Whereabouts::Table(at) => return self.plan.names().tables.get(at as usize).map(|table| (table, None)),
            Whereabouts::Column(at) => self.plan.column(at)?,
            _ => return None,
        };
        let table = self.plan.names().tables.get(column.table as usize)?;
        Some((table, table.columns.get(column.place as usize).map(|name| &**name)))
    }

    /// How many records it is about, where it is about records.
    pub fn count(&self) -> Option<u32> {
        match self.raw.place {
            Whereabouts::Records(_, count) => Some(count),
            _ => None,
        }
    }

    /// The line of the statement that it is about, where there is one.
    pub fn line(&self) -> Option<u32> {
        self.place().map(|place| place.line).or_else(|| self.table().map(|(table, _)| table.line))
    }

    /// The place of the cap or floor of which it says that it is unknown.
    pub(crate) fn open_adjustment(&self) -> Option<usize> {
        match (self.raw.finding, self.raw.place) {
            (Finding::CapUnknown | Finding::FloorUnknown, Whereabouts::Adjustment(at)) => Some(at),
            _ => None,
        }
    }

    /// Why the customer is refused where findings are errors.
    pub(super) fn refusal(&self) -> CustomerError {
        CustomerError::noticed(self.field(), self.code(), [Lang::En, Lang::Zh].map(|lang| self.message(lang)))
    }

    /// What was noticed, in one line; values are not in it.
    pub fn message(&self, lang: Lang) -> String {
        let adjustment = |at: usize| match self.plan.adjustments().get(at) {
            Some(adjustment) if adjustment.cap => (Phrase::NamedCap, Phrase::UnnamedCap),
            _ => (Phrase::NamedFloor, Phrase::UnnamedFloor),
        };
        let place = self.place();
        let phrases = match self.raw.place {
            Whereabouts::Adjustment(at) => adjustment(at),
            Whereabouts::Let(_) => (Phrase::NamedLet, Phrase::NamedLet),
            _ => (Phrase::NamedRule, Phrase::UnnamedRule),
        };
        let described = place.map(|place| place.describe(phrases, lang)).unwrap_or_default();
        let line = self.line().map_or(0, |line| line as usize);
        let field = Arg::from(self.field().unwrap_or_default());
        let mut args: Args = vec![("place", Arg::from(described)), ("line", Arg::from(line)), ("field", field)];
        if let Whereabouts::Records(_, count) = self.raw.place {
            args.push(("count", Arg::from(count as usize)));
        }
        if let Some((table, column)) = self.table() {
            args.push(("key", Arg::from(&*table.key)));
            args.push(("column", Arg::from(column.unwrap_or_default())));
        }
        finding_text(self.raw.finding, &args, lang)
    }
}

impl fmt::Debug for DataFinding<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity().as_str(), self.code(), self.message(Lang::En))
    }
}

impl Serialize for DataFinding<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            code: &'a str,
            field: Option<&'a str>,
            severity: &'a str,
        }
        let wire = Wire { code: self.code(), field: self.field(), severity: self.severity().as_str() };
        wire.serialize(serializer)
    }
}
