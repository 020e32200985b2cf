//! [`Ast`] and [`Schema`] in, [`Checked`] out: every name is known, every type fits, lets stand in an order in which
//! each uses only earlier ones. Behind it no stage has a type error to report.

mod aggregate;
mod benefits;
mod blocks;
mod call;
mod case_table;
mod cases;
mod collections;
mod compare;
mod computed;
mod cure;
mod declare;
mod encode;
mod expression;
mod fields;
mod given;
mod hold;
mod literal;
mod order;
mod rules;
mod score;
mod table;
mod typed;
mod wanted;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;

use crate::diagnostics::{Code, Diagnostic, Hint, Reports};
use crate::limits::Limits;
use crate::schema::{Field, Schema};
use crate::source::{Lines, Span};
use crate::syntax::Ast;
use crate::value::Currency;
pub(crate) use aggregate::{Aggregate, Source};
pub(crate) use blocks::{
    Benefit, BenefitKey, Bin, Classified, Column, Score, ScoreLine, Segment, SegmentLine, Table, TableIndex,
};
pub(crate) use cases::{By, Case, Expected, Facts, Given, Part, Wanted};
pub(crate) use collections::{CollectionIndex, Records};
pub(crate) use computed::Computed;
pub(crate) use typed::{FieldIndex, LetIndex, Pattern, Typed, TypedKind};

/// A tier of the ladder.
#[derive(Clone, Debug)]
pub(crate) struct Tier {
    pub(crate) name: Arc<str>,
    pub(crate) label: Option<Arc<str>>,
}

/// A named value.
#[derive(Clone, Debug)]
pub(crate) struct Let {
    pub(crate) name: Arc<str>,
    pub(crate) line: u32,
    pub(crate) value: Typed,
    /// Whether a rule, cap, floor or assumption depends on it.
    pub(crate) used: bool,
}

/// Where a rule, cap, floor or assumption stands and what it is called.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) line: u32,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) place: Place,
    /// `None` is `otherwise`.
    pub(crate) condition: Option<Typed>,
    /// Place on the ladder, the best first.
    pub(crate) tier: usize,
}

/// What a cap or floor limits the tier to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    Tier(usize),
    /// The tier that a field holds.
    Field(FieldIndex),
}

#[derive(Clone, Debug)]
pub(crate) struct Adjustment {
    pub(crate) place: Place,
    /// A cap, otherwise a floor.
    pub(crate) cap: bool,
    pub(crate) bound: Bound,
    pub(crate) condition: Typed,
}

#[derive(Clone, Debug)]
pub(crate) struct Assumption {
    pub(crate) place: Place,
    pub(crate) condition: Typed,
}

/// What the policy calls itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) version: Option<Arc<str>>,
    pub(crate) effective: Option<NaiveDate>,
}

/// A policy that can be trusted.
#[derive(Debug, Default)]
pub(crate) struct Checked {
    identity: Identity,
    currency: Option<Currency>,
    /// Whether a test has to name its day.
    pub(crate) dated: bool,
    tiers: Vec<Tier>,
    explicit_ladder: bool,
    match_best: bool,
    fields: Vec<Field>,
    declared: Vec<(FieldIndex, Span)>,
    used: Vec<bool>,
    /// What is used only by facts that are computed.
    derived: Vec<bool>,
    collections: Vec<Records>,
    computed: Vec<Computed>,
    lets: Vec<Let>,
    classified: Vec<Classified>,
    tables: Vec<Table>,
    benefit_keys: Vec<BenefitKey>,
    benefits: Vec<Benefit>,
    rules: Vec<Rule>,
    adjustments: Vec<Adjustment>,
    assumptions: Vec<Assumption>,
    cases: Vec<Case>,
}

impl Checked {
    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    pub(crate) fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// The ladder, the best tier first.
    pub(crate) fn tiers(&self) -> &[Tier] {
        &self.tiers
    }

    pub(crate) fn match_best(&self) -> bool {
        self.match_best
    }

    /// Every known field, in validation order.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Whether the policy itself uses a field.
    pub(crate) fn is_used(&self, index: FieldIndex) -> bool {
        self.used.get(index.at()) == Some(&true)
    }

    /// The fields that the policy uses, and those that they are computed from, in validation order.
    pub(crate) fn used_fields(&self) -> impl Iterator<Item = (FieldIndex, &Field)> {
        let used = |at: usize| self.used.get(at) == Some(&true) || self.derived.get(at) == Some(&true);
        let numbered = (0..).zip(self.fields.iter().enumerate());
        numbered.filter(move |(_, (at, _))| used(*at)).map(|(index, (_, field))| (FieldIndex(index), field))
    }

    /// The other fields.
    pub(crate) fn unused_fields(&self) -> impl Iterator<Item = &Field> {
        let used = |at: usize| self.used.get(at) == Some(&true) || self.derived.get(at) == Some(&true);
        self.fields.iter().enumerate().filter(move |(at, _)| !used(*at)).map(|(_, field)| field)
    }

    /// The names of declared fields with a default that nothing uses.
    pub(crate) fn idle_defaults(&self) -> impl Iterator<Item = Span> {
        let used: Vec<FieldIndex> = self.used_fields().map(|(index, _)| index).collect();
        let has_default = |index: FieldIndex| self.fields.get(index.at()).is_some_and(|field| field.default.is_some());
        let declared = self.declared.iter().filter(move |(index, _)| has_default(*index) && !used.contains(index));
        declared.map(|(_, span)| *span)
    }

    /// Every known collection, in the order in which they are read.
    pub(crate) fn collections(&self) -> &[Records] {
        &self.collections
    }

    /// How the facts are computed that the host does not give, each behind what it uses.
    pub(crate) fn computed(&self) -> &[Computed] {
        &self.computed
    }

    /// The lets, each behind those it uses.
    pub(crate) fn lets(&self) -> &[Let] {
        &self.lets
    }

    /// The scores and segments, which are lets too, in written order.
    pub(crate) fn classified(&self) -> &[Classified] {
        &self.classified
    }

    /// The tables, each behind what its keys are compared with.
    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The keys of benefits, in the order in which they first stand.
    pub(crate) fn benefit_keys(&self) -> &[BenefitKey] {
        &self.benefit_keys
    }

    /// What tiers bring, in written order.
    pub(crate) fn benefits(&self) -> &[Benefit] {
        &self.benefits
    }

    /// The rules in written order; `otherwise` is the last.
    pub(crate) fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Caps and floors in written order.
    pub(crate) fn adjustments(&self) -> &[Adjustment] {
        &self.adjustments
    }

    pub(crate) fn assumptions(&self) -> &[Assumption] {
        &self.assumptions
    }

    /// The tests, in written order; they are no part of what the policy means.
    pub(crate) fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// `1:` and 128 bits of SHA-256, in hex, over the meaning of the policy.
    pub(crate) fn fingerprint(&self) -> String {
        encode::fingerprint(self)
    }
}

/// What the checker may do, set by the host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Permissions {
    pub(crate) protected: bool,
}

/// Checks a tree. All that is wrong is in the diagnostics; the policy can be used if none is an error and the tree is
/// not damaged.
pub(crate) fn check(
    ast: &Ast,
    source: &str,
    schema: &Schema,
    limits: &Limits,
    permissions: &Permissions,
) -> (Checked, Reports) {
    let mut checker = checker(ast, source, limits);
    checker.run(ast, schema, permissions);
    checker.out.dated = checker.dated || !checker.out.computed.is_empty();
    if checker.out.rules.is_empty() && checker.out.classified.is_empty() && !ast.damaged && !checker.has_errors() {
        checker.report(Diagnostic::new(Code::NoRules, Span::default()).hint(Hint::WriteRule));
    }
    (checker.out, checker.diagnostics)
}

/// Checks a file of tests against the policy that it is about.
pub(crate) fn check_tests(
    policy: &Ast,
    source: &str,
    tests: &Ast,
    text: &str,
    (schema, limits, permissions): (&Schema, &Limits, &Permissions),
) -> (Vec<Case>, Reports) {
    let mut checker = checker(policy, source, limits);
    checker.run(policy, schema, permissions);
    let mut checker = Checker { source: text, lines: Lines::new(text), diagnostics: Reports::default(), ..checker };
    checker.lacking.clear();
    checker.out.cases.clear();
    checker.file_of_tests(tests);
    (checker.out.cases, checker.diagnostics)
}

fn checker<'a>(ast: &Ast, source: &'a str, limits: &'a Limits) -> Checker<'a> {
    Checker {
        limits,
        source,
        ladder_lost: ast.ladder_lost,
        currency_lost: ast.currency_lost,
        lacking: HashMap::new(),
        lines: Lines::new(source),
        out: Checked::default(),
        names: BTreeMap::new(),
        tier_index: HashMap::new(),
        tier_spans: HashMap::new(),
        patterns: HashMap::new(),
        diagnostics: Reports::default(),
        user: User::Decision,
        subject: None,
        scope: None,
        in_periods: false,
        dated: false,
        hours: false,
        current_uses: Vec::new(),
        let_uses: Vec::new(),
        table_uses: Vec::new(),
        decision_uses: Vec::new(),
        assumption_uses: Vec::new(),
        protected_uses: Vec::new(),
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Field(FieldIndex),
    Let(LetIndex),
    Table(TableIndex),
    /// A collection, and a field of its elements: only what an aggregate uses.
    Collection(CollectionIndex),
    Element(CollectionIndex, u32),
    /// Declared, but in error: uses are not reported again.
    Broken,
}

/// Who uses a field: a let is only asked about when something else uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum User {
    Let(LetIndex),
    Decision,
    Assumption,
    Benefit,
}

struct Checker<'a> {
    limits: &'a Limits,
    source: &'a str,
    /// The ladder or the currency was stated and could not be read: what hangs on it is not reported as well.
    ladder_lost: bool,
    currency_lost: bool,
    /// What the ladder lacks, each with the diagnostic that reported it first.
    lacking: HashMap<(Code, Box<str>), usize>,
    lines: Lines,
    out: Checked,
    /// In alphabetical order, so that proposals do not depend on a hash.
    names: BTreeMap<Arc<str>, Symbol>,
    tier_index: HashMap<Arc<str>, usize>,
    tier_spans: HashMap<Arc<str>, Span>,
    /// Regular expressions by their text, each compiled once, with the reason where that failed.
    patterns: HashMap<Arc<str>, Result<Pattern, String>>,
    diagnostics: Reports,
    /// Who the expression that is being checked belongs to, and what it has used so far.
    user: User,
    /// The value of the line whose bins are checked.
    subject: Option<Typed>,
    /// What the aggregate looks at whose argument and condition are checked.
    scope: Option<Source>,
    /// A period is looked at, to which aggregates are limited.
    in_periods: bool,
    /// The as-of date is asked for.
    dated: bool,
    /// A literal here may be hours or minutes: it is a benefit, as it stands or in a branch.
    hours: bool,
    current_uses: Vec<Symbol>,
    let_uses: Vec<Vec<Symbol>>,
    /// What the key of each table uses; whoever looks something up uses it too.
    table_uses: Vec<Vec<Symbol>>,
    /// What rules, caps and floors use, then what assumptions and benefits use.
    decision_uses: Vec<Symbol>,
    assumption_uses: Vec<Symbol>,
    protected_uses: Vec<(User, Arc<str>, Span)>,
}

impl Checker<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports and gives up on the node.
    fn fail<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.report(diagnostic);
        None
    }

    /// Reports what the ladder lacks where it is wanted first; the next places become labels, since one line is wrong.
    fn report_lacking(&mut self, name: &str, diagnostic: Diagnostic) {
        let known = self.lacking.entry((diagnostic.code(), name.into())).or_insert(usize::MAX);
        if *known != usize::MAX {
            return self.diagnostics.label(*known, diagnostic.span(), Hint::AndHere);
        }
        *known = self.diagnostics.len();
        self.diagnostics.push(diagnostic);
    }

    /// What stands at a place, where it is short enough to be repeated.
    fn text_at(&self, span: Span) -> &str {
        let text = self.source.get(span.start()..span.end()).unwrap_or_default();
        let short = text.char_indices().nth(80).is_none() && !text.contains(['\n', '\r']);
        if short && !text.is_empty() { text } else { "…" }
    }

    fn has_errors(&self) -> bool {
        self.diagnostics.has_errors()
    }

    /// Whether proposals are still worth their time: nobody reads them beyond the limit.
    fn proposes(&self) -> bool {
        self.diagnostics.as_slice().len() < self.limits.diagnostics
    }

    fn field(&self, index: FieldIndex) -> Option<&Field> {
        self.out.fields.get(index.at())
    }
}
