//! The syntax tree: what the author wrote, with a span on every node. Two trees are equal when they say the same,
//! wherever it stands.

use crate::builtins::{Compare, Contains, Op};
use crate::source::Span;

/// A whole policy text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ast {
    pub(crate) statements: Vec<Statement>,
    /// Comments and blank lines, in order; the formatter puts them back where they were.
    pub(crate) trivia: Vec<Trivia>,
    /// Some statement could not be read.
    pub(crate) damaged: bool,
    /// Names that statements which could not be read would have declared.
    pub(crate) promised: Vec<Box<str>>,
    /// A `tiers` statement could not be read.
    pub(crate) ladder_lost: bool,
    /// A `currency` statement could not be read.
    pub(crate) currency_lost: bool,
}

impl PartialEq for Ast {
    fn eq(&self, other: &Self) -> bool {
        self.statements == other.statements
    }
}

/// What the grammar does not see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Trivia {
    /// Where it stands.
    pub(crate) span: Span,
    /// What it is.
    pub(crate) kind: TriviaKind,
}

/// The kinds of trivia.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriviaKind {
    /// From `#` to the end of the line.
    Comment,
    /// A line with nothing on it.
    BlankLine,
}

/// A node with its place; the place does not count for equality.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) span: Span,
    pub(crate) node: T,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

pub(crate) type Name = At<Box<str>>;
pub(crate) type Statement = At<StatementKind>;
pub(crate) type Expr = At<ExprKind>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StatementKind {
    Version(Name),
    Policy {
        name: Name,
        version: Option<Name>,
        effective: Option<Name>,
    },
    Currency(Name),
    Tiers(Vec<Tier>),
    Field(Box<Field>),
    Let {
        name: Name,
        value: Expr,
    },
    MatchBest,
    Adjust {
        kind: Adjust,
        name: Option<Name>,
        tier: Name,
        when: Expr,
    },
    Assume(Expr),
    Rule {
        name: Option<Name>,
        condition: Condition,
        tier: Name,
    },
    Score(Box<Score>),
    Segment {
        name: Name,
        lines: Vec<SegmentLine>,
    },
    Table(Box<Table>),
    Benefits {
        tier: Name,
        entries: Vec<Benefit>,
    },
    Collection(Box<Collection>),
    Case(Box<Case>),
    CaseTable(Box<CaseTable>),
    /// The policy that a file of tests is about.
    Use(Name),
}

/// `test "NAME" as of DATE: FACTS => EXPECTED`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) name: Name,
    pub(crate) as_of: Option<Name>,
    pub(crate) given: Vec<Given>,
    pub(crate) expected: Expected,
}

/// `NAME = VALUE`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Given {
    pub(crate) name: Name,
    pub(crate) value: Datum,
}

pub(crate) type Datum = At<DatumKind>;

/// A value of a fact, or one that is expected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DatumKind {
    Missing,
    /// A literal, perhaps with `-`, or a bare name.
    Value(Expr),
    Members(Vec<Expr>),
    Records(Vec<At<Vec<Given>>>),
}

/// What stands behind `=>`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expected {
    /// `error "FIELD"`.
    Refused(Name),
    Outcome(Wanted),
}

/// A tier or `none`, and what else is to hold.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wanted {
    pub(crate) tier: Name,
    pub(crate) rule: Option<Name>,
    pub(crate) possible: Option<Vec<Name>>,
    pub(crate) certain: Option<At<()>>,
    pub(crate) values: Vec<Given>,
}

/// `test table "NAME" as of DATE { … }`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CaseTable {
    pub(crate) name: Name,
    pub(crate) as_of: Option<Name>,
    /// The facts of the heading.
    pub(crate) facts: Vec<Name>,
    pub(crate) arrow: At<()>,
    /// Segments, scores and benefits of the heading, behind the `=>` whose column holds the tier.
    pub(crate) values: Vec<Name>,
    pub(crate) rows: Vec<At<Vec<CaseCell>>>,
}

/// A cell of a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CaseCell {
    Value(Cell),
    /// `error "FIELD"`.
    Refused(Name),
}

/// `collection NAME "label" { … } dated by FIELD`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Collection {
    pub(crate) name: Name,
    pub(crate) label: Option<Name>,
    pub(crate) fields: Vec<At<Field>>,
    pub(crate) dated: Option<Name>,
}

/// `score NAME { … } min 0 max 100`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Score {
    pub(crate) name: Name,
    pub(crate) lines: Vec<ScoreLine>,
    pub(crate) low: Option<Expr>,
    pub(crate) high: Option<Expr>,
}

pub(crate) type ScoreLine = At<ScoreLineKind>;

/// A value with bins, or one that gives its own points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ScoreLineKind {
    pub(crate) name: Option<Name>,
    pub(crate) value: Expr,
    pub(crate) bins: Vec<Bin>,
    pub(crate) weight: Option<Expr>,
}

pub(crate) type Bin = At<BinKind>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BinKind {
    /// A comparison whose left side is [`ExprKind::Subject`].
    pub(crate) condition: Condition,
    pub(crate) points: Expr,
}

pub(crate) type SegmentLine = At<SegmentLineKind>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SegmentLineKind {
    pub(crate) condition: Condition,
    pub(crate) value: Name,
}

/// `table NAME by KEY { … }`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) name: Name,
    pub(crate) key: Name,
    /// The first is the column of the keys.
    pub(crate) columns: Vec<Name>,
    pub(crate) rows: Vec<Row>,
}

pub(crate) type Row = At<Vec<Cell>>;

/// A literal, a bare name, or `None` for `missing`.
pub(crate) type Cell = At<Option<Expr>>;

pub(crate) type Benefit = At<BenefitKind>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BenefitKind {
    pub(crate) key: Name,
    pub(crate) value: Expr,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tier {
    pub(crate) name: Name,
    pub(crate) label: Option<Name>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Adjust {
    Cap,
    Floor,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    When(Expr),
    Otherwise,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) label: Option<Name>,
    pub(crate) ty: FieldType,
    pub(crate) options: Vec<FieldOption>,
}

pub(crate) type FieldType = At<FieldTypeKind>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldTypeKind {
    /// `number`, `money`, …, or a word that is no type.
    Plain(Box<str>),
    OneOf(Vec<Name>),
    SetOf(Box<FieldType>),
}

pub(crate) type FieldOption = At<FieldOptionKind>;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FieldOptionKind {
    Range { low: Option<Expr>, high: Option<Expr> },
    Scale(Expr),
    Default(Expr),
    Cost(Expr),
    Required,
    Sensitive,
    Protected,
    Fixed,
    Rising,
    Falling,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ExprKind {
    Name(Box<str>),
    Literal(Box<Literal>),
    Today,
    /// What a bin leaves out: the value of its line.
    Subject,
    /// `(…)` as the author put it; several members are a list.
    Group(Vec<Expr>),
    /// One or more `not` in front.
    Not(u32, Box<Expr>),
    /// One or more `-` in front.
    Negate(u32, Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// Operators of one precedence, from left to right.
    Chain(Box<Expr>, Vec<(Op, Expr)>),
    Coalesce(Vec<Expr>),
    /// `a < b`, or inequalities in one direction: `a <= b < c`.
    Compare(Box<Expr>, Vec<(Compare, Expr)>),
    Test(Box<Test>),
    AtLeast(Box<Expr>, Vec<Expr>),
    Call(Name, Vec<Expr>),
    Aggregate(Box<Aggregate>),
    /// Only behind the `in` of an aggregate.
    Window(Box<Window>),
    /// `if a then b else if c then d else e`.
    If(Vec<(Expr, Expr)>, Box<Expr>),
}

/// `sum(ARGUMENT in WINDOW where CONDITION)`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Aggregate {
    pub(crate) function: Name,
    pub(crate) argument: Expr,
    pub(crate) window: Option<At<Window>>,
    pub(crate) condition: Option<Expr>,
}

/// Days up to the as-of date, or before the current period.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Window {
    /// `last 12 months`.
    Last(u32, Unit),
    /// `this year from 03-01`.
    This(Unit, Option<Name>),
    /// `previous 6 months`, `previous quarter`.
    Previous(Option<u32>, Unit, Option<Name>),
    /// `since 2026-01-01`.
    Since(Name),
    /// `2026-01-01..2026-03-31`.
    Between(Name, Name),
}

/// A condition on one value that is spelt with words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) subject: Expr,
    pub(crate) negated: bool,
    pub(crate) kind: TestKind,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TestKind {
    Between(Expr, Expr),
    In(Expr),
    Missing,
    Present,
    Contains(Contains, Expr),
    StartsWith(Expr),
    Matches(Expr),
    Within(Expr),
}

impl TestKind {
    pub(super) fn last_span(&self) -> Option<Span> {
        match self {
            Self::Missing | Self::Present => None,
            Self::Between(_, last)
            | Self::In(last)
            | Self::Contains(_, last)
            | Self::StartsWith(last)
            | Self::Matches(last)
            | Self::Within(last) => Some(last.span),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Number(Number),
    Money(Number, Box<str>),
    Duration(u32, Unit),
    Date(Box<str>),
    Text(Box<str>),
    Boolean(bool),
}

/// A number as it was written: its digits without underscores, its suffix apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) digits: Box<str>,
    pub(crate) suffix: Option<Suffix>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Days,
    Weeks,
    Months,
    Quarters,
    Years,
    /// In benefits only, as minutes are.
    Hours,
    Minutes,
}

impl Unit {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Weeks => "weeks",
            Self::Months => "months",
            Self::Quarters => "quarters",
            Self::Years => "years",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suffix {
    Thousand,
    Million,
    Billion,
    Percent,
    Qian,
    Wan,
    BaiWan,
    QianWan,
    Yi,
}

impl Suffix {
    /// Every written form, the longest first.
    pub(crate) const ALL: [(&str, Self); 10] = [
        ("千万", Self::QianWan),
        ("百万", Self::BaiWan),
        ("千", Self::Qian),
        ("万", Self::Wan),
        ("亿", Self::Yi),
        ("K", Self::Thousand),
        ("k", Self::Thousand),
        ("M", Self::Million),
        ("B", Self::Billion),
        ("%", Self::Percent),
    ];

    /// The power of ten that the suffix stands for.
    pub(crate) const fn exponent(self) -> i8 {
        match self {
            Self::Percent => -2,
            Self::Thousand | Self::Qian => 3,
            Self::Wan => 4,
            Self::Million | Self::BaiWan => 6,
            Self::QianWan => 7,
            Self::Yi => 8,
            Self::Billion => 9,
        }
    }

    pub(crate) fn text(self) -> &'static str {
        Self::ALL.iter().find(|(_, suffix)| *suffix == self).map_or("", |(text, _)| text)
    }
}
