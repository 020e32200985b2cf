//! Until when a tier holds, what changes then and why, in words.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::actual::{Actual, Amounts};
use super::names::{Naming, expression, fact_label, length, value};
use crate::diagnostics::{Lang, Phrase, phrase};
use crate::eval::{CustomerError, Reason, Recorded, RuleId, TierId};
use crate::plan::{ExprId, Plan, Source};
use crate::schema::Type;
use crate::value::{Constant, Period, Window};

/// Until when a tier holds.
///
/// `Display` is the English text, one line and below it the reasons.
#[derive(Clone)]
pub struct Holds {
    plan: Arc<Plan>,
    tier: Option<TierId>,
    last: NaiveDate,
    change: Option<Change>,
    hidden: bool,
}

impl Holds {
    pub(crate) fn new(
        plan: Arc<Plan>,
        tier: Option<TierId>,
        last: NaiveDate,
        change: Option<Change>,
        hidden: bool,
    ) -> Self {
        Self { plan, tier, last, change, hidden }
    }

    /// The tier that is decided as of the date; provisional where the outcome is.
    pub fn tier(&self) -> Option<&str> {
        self.plan.names().tier(self.tier?.index())
    }

    /// The last day, included, on which the tier stays; `None` where it stays up to the last day that was looked at.
    pub fn until(&self) -> Option<NaiveDate> {
        self.change.as_ref().and_then(|change| change.on.pred_opt())
    }

    /// The last day that was looked at.
    pub fn horizon(&self) -> NaiveDate {
        self.last
    }

    /// What comes on the day after.
    pub fn change(&self) -> Option<&Change> {
        self.change.as_ref()
    }

    /// Whether days hang on sensitive facts, so that no text tells of them.
    pub fn is_hidden(&self) -> bool {
        self.hidden || self.change.as_ref().is_some_and(Change::is_hidden)
    }

    /// In words: until when the tier stays, what comes then, and below it why. What hangs on a sensitive fact is not shown.
    pub fn text(&self, lang: Lang) -> String {
        self.lines(lang, usize::MAX).iter().fold(String::new(), |text, line| text + line + "\n")
    }

    /// The same as lines, with so many reasons.
    pub(super) fn lines(&self, lang: Lang, most: usize) -> Vec<String> {
        let mut reasons = match &self.change {
            Some(change) if !self.is_hidden() => change.reasons(lang),
            _ => Vec::new(),
        };
        let more = reasons.len().saturating_sub(most);
        reasons.truncate(most);
        if more > 0 {
            reasons.push(phrase(Phrase::MoreConditions, &[("count", more.to_string())], lang));
        }
        let reasons = reasons.into_iter().map(|reason| format!("  - {reason}"));
        std::iter::once(self.line(lang)).chain(reasons).collect()
    }

    fn line(&self, lang: Lang) -> String {
        let say = |template: Phrase, pairs: &[(&'static str, String)]| phrase(template, pairs, lang);
        if self.is_hidden() {
            return say(Phrase::StaysHidden, &[]);
        }
        let Some(change) = &self.change else {
            return say(Phrase::StaysOn, &[("date", self.last.to_string())]);
        };
        let date = ("date", self.until().unwrap_or(change.on).to_string());
        if let Some(error) = &change.refusal {
            return say(Phrase::StaysRefused, &[date, ("error", error.message(lang))]);
        }
        let none = || say(Phrase::NoTierName, &[]);
        let to = ("tier", change.to().map_or_else(none, str::to_owned));
        let place = change.rule.and_then(|rule| self.plan.names().rules.get(rule.index()));
        match place {
            Some(place) => {
                let otherwise = change.rule.and_then(|rule| self.plan.rules().get(rule.index()));
                let names = match otherwise.is_some_and(|rule| rule.condition.is_none()) {
                    true => (Phrase::NamedOtherwise, Phrase::UnnamedOtherwise),
                    false => (Phrase::NamedRule, Phrase::UnnamedRule),
                };
                say(Phrase::StaysUntil, &[date, to, ("rule", place.describe(names, lang))])
            }
            None => say(Phrase::StaysUntilNone, &[date, to]),
        }
    }
}

/// `{"until": …, "horizon": …, "change": …}`; where it hangs on a sensitive fact, `{"masked": true}`.
impl Serialize for Holds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_hidden() {
            return serializer.collect_map([("masked", true)]);
        }
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("until", &self.until())?;
        map.serialize_entry("horizon", &self.last)?;
        map.serialize_entry("change", &self.change)?;
        map.end()
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_hidden() {
            return serializer.collect_map([("masked", true)]);
        }
        let mut map = serializer.serialize_map(Some(7))?;
        map.serialize_entry("on", &self.on)?;
        map.serialize_entry("from", &self.from())?;
        map.serialize_entry("to", &self.to())?;
        map.serialize_entry("rule", &self.rule())?;
        map.serialize_entry("line", &self.line())?;
        map.serialize_entry("refusal", &self.refusal.as_ref().map(CustomerError::code))?;
        map.serialize_entry("reasons", &self.reasons(Lang::En))?;
        map.end()
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl fmt::Debug for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Holds");
        shown.field("tier", &self.tier());
        if self.is_hidden() {
            return shown.finish_non_exhaustive();
        }
        shown.field("until", &self.until()).field("change", &self.change).finish()
    }
}

/// A change of tier that comes with a day.
#[derive(Clone)]
pub struct Change {
    plan: Arc<Plan>,
    on: NaiveDate,
    from: Option<TierId>,
    to: Option<TierId>,
    rule: Option<RuleId>,
    refusal: Option<CustomerError>,
    reasons: Vec<Reason>,
    hidden: bool,
}

impl Change {
    pub(crate) fn new(plan: &Arc<Plan>, on: NaiveDate, from: Option<TierId>, hidden: bool) -> Self {
        Self { plan: Arc::clone(plan), on, from, to: None, rule: None, refusal: None, reasons: Vec::new(), hidden }
    }

    pub(crate) fn becomes(self, to: Option<TierId>, rule: Option<RuleId>, reasons: Vec<Reason>) -> Self {
        Self { to, rule, reasons, ..self }
    }

    pub(crate) fn refused(self, error: CustomerError) -> Self {
        Self { refusal: Some(error), ..self }
    }

    /// The first day of the new tier.
    pub fn on(&self) -> NaiveDate {
        self.on
    }

    /// The tier on the day before.
    pub fn from(&self) -> Option<&str> {
        self.plan.names().tier(self.from?.index())
    }

    /// The tier on the day.
    pub fn to(&self) -> Option<&str> {
        self.plan.names().tier(self.to?.index())
    }

    /// The rule that then decides, before caps and floors.
    pub fn rule_id(&self) -> Option<RuleId> {
        self.rule
    }

    /// The name of that rule, where it has one.
    pub fn rule(&self) -> Option<&str> {
        self.plan.names().rules.get(self.rule?.index())?.name.as_deref()
    }

    /// The line on which that rule begins.
    pub fn line(&self) -> Option<u32> {
        self.plan.names().rules.get(self.rule?.index()).map(|place| place.line)
    }

    /// Why the customer cannot be classified from that day on, where that is so.
    pub fn refusal(&self) -> Option<&CustomerError> {
        self.refusal.as_ref()
    }

    /// Whether it hangs on a sensitive fact, so that no text tells of it.
    pub fn is_hidden(&self) -> bool {
        self.hidden || self.reasons.contains(&Reason::Hidden)
    }

    /// What lets go of the old tier or brings the new one, in words: records that leave a window or come into it, dates
    /// that run out, values that pass what they are compared with.
    pub fn reasons(&self, lang: Lang) -> Vec<String> {
        if self.is_hidden() {
            return vec![phrase(Phrase::StaysHidden, &[], lang)];
        }
        self.reasons.iter().map(|reason| Speaker { plan: &self.plan, lang }.reason(reason)).collect()
    }
}

/// Puts the reasons in words.
struct Speaker<'p> {
    plan: &'p Plan,
    lang: Lang,
}

impl Speaker<'_> {
    fn say<const N: usize>(&self, template: Phrase, pairs: [(&'static str, String); N]) -> String {
        phrase(template, &pairs, self.lang)
    }

    fn reason(&self, reason: &Reason) -> String {
        match reason {
            Reason::Record { aggregate, comes, record } => {
                let template = if *comes { Phrase::RecordComes } else { Phrase::RecordLeaves };
                let record = ("record", self.record(*aggregate, record));
                self.say(template, [("records", self.records(*aggregate)), record, ("window", self.window(*aggregate))])
            }
            Reason::More { aggregate, comes, count } => {
                let template = if *comes { Phrase::RecordsCome } else { Phrase::RecordsLeave };
                let count = ("count", count.to_string());
                self.say(template, [("records", self.records(*aggregate)), count, ("window", self.window(*aggregate))])
            }
            Reason::Window { aggregate, days } => {
                let (from, to) = (("from", days.from.to_string()), ("to", days.to.to_string()));
                self.say(Phrase::WindowMoves, [("window", self.window(*aggregate)), from, to])
            }
            Reason::Date { value, date, length: within, comes } => {
                let template = if *comes { Phrase::DateComes } else { Phrase::DateRunsOut };
                let length = ("length", length(*within, self.lang));
                self.say(template, [("subject", self.subject(*value)), ("date", date.to_string()), length])
            }
            Reason::Value { value, before, now } => {
                let shown = |constant: &Option<Constant>| match constant {
                    Some(constant) => self.shown(constant, *value),
                    None => self.say(Phrase::WithoutResult, []),
                };
                let pairs = [("subject", self.subject(*value)), ("before", shown(before)), ("value", shown(now))];
                self.say(Phrase::ValuePasses, pairs)
            }
            Reason::Hidden => self.say(Phrase::StaysHidden, []),
        }
    }

    fn subject(&self, value: ExprId) -> String {
        expression(self.plan, value, Naming::Reader(self.lang))
    }

    fn shown(&self, constant: &Constant, of: ExprId) -> String {
        let ty = self.plan.names().types.get(of.at());
        match Actual::constant(constant, ty) {
            Actual::Number(number) => self.number(number, ty),
            other => value(self.plan, &other, Naming::Reader(self.lang)),
        }
    }

    fn number(&self, number: Decimal, ty: Option<&Type>) -> String {
        let (amounts, money) = (Amounts::of(self.plan), ty == Some(&Type::Money));
        amounts.exact(amounts.round(number, money, None), money)
    }

    fn records(&self, aggregate: u32) -> String {
        match self.plan.aggregate(aggregate).map(|aggregate| aggregate.source) {
            Some(Source::Records(records, _)) => fact_label(self.plan, self.plan.missing_records(records), self.lang),
            _ => String::new(),
        }
    }

    /// Its id, what it adds, its day, as far as they are known.
    fn record(&self, aggregate: u32, record: &Recorded) -> String {
        let measure = self.plan.aggregate(aggregate).and_then(|aggregate| self.plan.measure(aggregate.measure));
        let ty = measure.and_then(|measure| self.plan.names().types.get(measure.argument?.at()));
        let id = record.id.as_ref().map(|id| match Actual::constant(id, None) {
            Actual::Text(text) => text,
            Actual::Number(number) => Amounts::of(self.plan).exact(number, false),
            _ => String::new(),
        });
        let adds = record.adds.map(|number| self.number(number, ty));
        let on = record.on.map(|date| date.to_string());
        let parts: Vec<String> = [id, adds, on].into_iter().flatten().collect();
        parts.join(&self.say(Phrase::Comma, []))
    }

    fn window(&self, aggregate: u32) -> String {
        let units = |count: u32, period: Period| {
            let (one, many) = match period {
                Period::Week => (Phrase::UnitWeek, Phrase::Weeks),
                Period::Month => (Phrase::UnitMonth, Phrase::Months),
                Period::Quarter => (Phrase::UnitQuarter, Phrase::Quarters),
                Period::Year => (Phrase::UnitYear, Phrase::Years),
            };
            if count == 1 { self.say(one, []) } else { self.say(many, [("count", count.to_string())]) }
        };
        match self.plan.aggregate(aggregate).and_then(|aggregate| aggregate.window) {
            Some(Window::Last(span)) => self.say(Phrase::WindowLast, [("length", length(span, self.lang))]),
            Some(Window::This(period, _)) => match period {
                Period::Week => self.say(Phrase::WindowWeek, []),
                Period::Month => self.say(Phrase::WindowMonth, []),
                Period::Quarter => self.say(Phrase::WindowQuarter, []),
                Period::Year => self.say(Phrase::WindowYear, []),
            },
            Some(Window::Previous(count, period, _)) => {
                self.say(Phrase::WindowPrevious, [("length", units(count, period))])
            }
            Some(Window::Since(date)) => self.say(Phrase::WindowSince, [("date", date.to_string())]),
            Some(Window::Between(from, to)) => {
                self.say(Phrase::WindowBetween, [("from", from.to_string()), ("to", to.to_string())])
            }
            None => self.say(Phrase::WindowNone, []),
        }
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_hidden() {
            return f.debug_struct("Change").finish_non_exhaustive();
        }
        f.debug_struct("Change")
            .field("on", &self.on)
            .field("from", &self.from())
            .field("to", &self.to())
            .field("line", &self.line())
            .field("refusal", &self.refusal)
            .finish()
    }
}
