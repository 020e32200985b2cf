//! Customers that a question about a policy has found: one, or a box of them, in the words of a policy.

use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::eval::{RuleId, TierId};
use crate::explain::Mover;
use crate::plan::Plan;
use crate::schema::Type;
use crate::search::{Boxed, PLACES, Person, Sum, Thing, What};
use crate::syntax::{print_member, print_name, print_text};
use crate::value::{Constant, Extent, add, canonical};

/// The policies that were asked: one, or two.
pub(super) type Plans = Arc<[Arc<Plan>]>;

/// What stands for the value of a sensitive fact.
const HIDDEN: &str = "…";

/// A customer that was found to show something of a policy: the policy was asked, and decided as it says. Facts that are not
/// named are missing; those that are sensitive are not shown.
///
/// As text it reads as in a policy's `test`: `annual_spend = 1_000_000.01, frequency = 12`.
#[derive(Clone)]
pub struct Witness {
    plans: Plans,
    /// Of which policy the tier is.
    side: usize,
    person: Person,
}

/// Customers who are alike in some respect: everybody whose facts lie between these bounds.
///
/// As text it reads as in a policy: `annual_spend 200_000.01..1_000_000, frequency >= 12`.
#[derive(Clone)]
pub struct CustomerBox {
    plans: Plans,
    boxed: Boxed,
}

impl Witness {
    pub(super) fn new(plans: &Plans, side: usize, person: Person) -> Self {
        Self { plans: Arc::clone(plans), side, person }
    }

    /// The tier that is decided for this customer.
    pub fn tier(&self) -> Option<&str> {
        self.plans.get(self.side)?.names().tier(self.person.tier? as usize)
    }

    /// The same by its place on the ladder.
    pub fn tier_id(&self) -> Option<TierId> {
        self.person.tier.map(TierId::new)
    }

    /// The line of the rule that decides, before caps and floors; `None` where none does.
    pub fn line(&self) -> Option<u32> {
        let rule = self.person.rule?.index();
        self.plans.get(self.side)?.names().rules.get(rule).map(|place| place.line)
    }

    /// That rule.
    pub fn rule_id(&self) -> Option<RuleId> {
        self.person.rule
    }

    /// The facts that are known, by the names under which a host gives them, or aggregates as the policy has them; each
    /// with its value as a policy writes it, `None` where it is sensitive.
    pub fn facts(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.person.facts.iter().filter_map(|(thing, extent)| {
            let plan = self.plans.get(thing.side)?;
            let value = (!thing.secret).then(|| single(plan, *thing, extent));
            Some((label(plan, *thing), value))
        })
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.person.facts.is_empty() {
            return f.write_str("-");
        }
        for (at, (thing, extent)) in self.person.facts.iter().enumerate() {
            let Some(plan) = self.plans.get(thing.side) else { continue };
            let value = if thing.secret { HIDDEN.to_owned() } else { single(plan, *thing, extent) };
            write!(f, "{}{} = {value}", if at > 0 { ", " } else { "" }, name(plan, *thing))?;
        }
        Ok(())
    }
}

impl CustomerBox {
    pub(super) fn new(plans: &Plans, boxed: Boxed) -> Self {
        Self { plans: Arc::clone(plans), boxed }
    }

    /// What is bounded: each fact or aggregate, by its name, with its bounds as a policy writes them.
    pub fn bounds(&self) -> impl Iterator<Item = (String, String)> {
        let facts = self.boxed.facts.iter().filter_map(|(thing, extent, missing)| {
            let plan = self.plans.get(thing.side)?;
            Some((label(plan, *thing), bounded(plan, *thing, extent, *missing)))
        });
        let sums = self.boxed.sums.iter().map(|sum| (total(&self.plans, sum), summed(&self.plans, sum)));
        facts.chain(sums)
    }

    /// Whether it holds everybody.
    pub fn is_everybody(&self) -> bool {
        self.boxed.facts.is_empty() && self.boxed.sums.is_empty()
    }
}

impl fmt::Display for CustomerBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bounds: Vec<String> = self.bounds().map(|(_, bound)| bound).collect();
        f.write_str(&bounds.join(", "))
    }
}

fn grouped(number: Decimal) -> String {
    crate::syntax::grouped(&canonical(number))
}

fn mover(thing: Thing) -> Mover {
    match thing.what {
        What::Slot(slot) => Mover::Fact(slot),
        What::Aggregate(at) => Mover::Aggregate(at),
    }
}

/// Its name, and of which policy it is where the other has something else of that name.
fn label(plan: &Plan, thing: Thing) -> String {
    marked(mover(thing).name(plan), thing)
}

fn marked(name: String, thing: Thing) -> String {
    match (thing.twin, thing.side) {
        (false, _) => name,
        (true, 0) => name + " (old)",
        (true, _) => name + " (new)",
    }
}

/// The same as a policy writes it.
fn name(plan: &Plan, thing: Thing) -> String {
    let name = mover(thing).name(plan);
    marked(if let What::Slot(_) = thing.what { print_name(&name) } else { name }, thing)
}

/// A value as a policy writes it.
fn constant(plan: &Plan, thing: Thing, constant: &Constant) -> String {
    match (constant, mover(thing).ty(plan)) {
        (Constant::Number(number), _) => grouped(*number),
        (Constant::Member(member), Some(Type::OneOf(members))) => {
            members.name(*member).map(|name| print_member(name)).unwrap_or_default()
        }
        (Constant::Text(text), _) => print_text(text),
        (Constant::Boolean(value), _) => value.to_string(),
        (Constant::Date(day), _) => day.to_string(),
        (Constant::Duration(length), _) => length.to_string(),
        (Constant::Member(member), _) => member.to_string(),
    }
}

fn list(plan: &Plan, thing: Thing, members: &[Constant]) -> String {
    members.iter().map(|member| constant(plan, thing, member)).collect::<Vec<_>>().join(", ")
}

/// The one value of a customer.
fn single(plan: &Plan, thing: Thing, extent: &Extent) -> String {
    match extent {
        Extent::Missing => "missing".to_owned(),
        Extent::Numbers(Some(number), _) => grouped(*number),
        Extent::Days(Some(day), _) => day.to_string(),
        Extent::Among(members) => list(plan, thing, members),
        Extent::Set { has, .. } => format!("({})", list(plan, thing, has)),
        _ => HIDDEN.to_owned(),
    }
}

fn bounded(plan: &Plan, thing: Thing, extent: &Extent, missing: bool) -> String {
    let name = name(plan, thing);
    if thing.secret {
        return format!("{name} {HIDDEN}");
    }
    let text = match extent {
        Extent::Missing => return format!("{name} is missing"),
        Extent::Undefined => return format!("{name} without a result"),
        Extent::Known => format!("{name} is present"),
        Extent::Numbers(low, high) => {
            let beside = [(*low, -1), (*high, 1)].map(|(end, step)| beside(plan, thing, end, step));
            ends(&name, [*low, *high].map(|end| end.map(grouped)), beside)
        }
        Extent::Days(low, high) => ends(&name, [low, high].map(|end| end.map(|day| day.to_string())), [None, None]),
        Extent::Among(members) => match &**members {
            [only] => format!("{name} = {}", constant(plan, thing, only)),
            members => format!("{name} in ({})", list(plan, thing, members)),
        },
        Extent::Except(members) if members.is_empty() => format!("{name} is present"),
        Extent::Except(members) => format!("{name} not in ({})", list(plan, thing, members)),
        Extent::Set { has, only: Some(only), .. } if only == has => format!("{name} = ({})", list(plan, thing, has)),
        Extent::Set { has, lacks, only } => {
            let has = (!has.is_empty()).then(|| format!("{name} contains all ({})", list(plan, thing, has)));
            let lacks = (!lacks.is_empty()).then(|| format!("{name} not contains any ({})", list(plan, thing, lacks)));
            let only = only.as_ref().map(|only| format!("{name} has only ({})", list(plan, thing, only)));
            // Who has nothing else lacks the rest.
            let lacks = lacks.filter(|_| only.is_none());
            has.into_iter().chain(lacks).chain(only).collect::<Vec<_>>().join(", ")
        }
    };
    if missing { format!("{text} or missing") } else { text }
}

/// The number beside which numbers without a grid end, one step beyond.
fn beside(plan: &Plan, thing: Thing, end: Option<Decimal>, step: i64) -> Option<String> {
    let quotient = || match thing.what {
        What::Slot(slot) if plan.is_quotient(slot) => plan.vocabulary(slot).map(|words| words.places),
        _ => None,
    };
    let places = mover(thing).places(plan).or_else(quotient)?;
    let end = end?.normalize();
    let bound = add(end, Decimal::new(step, end.scale()))?;
    (end.scale() >= PLACES && bound.normalize().scale() <= places).then(|| grouped(bound))
}

/// What lies between two ends, which are one step inside of `beside` where that is known.
fn ends(name: &str, [low, high]: [Option<String>; 2], beside: [Option<String>; 2]) -> String {
    match (&low, &high, &beside) {
        (Some(low), Some(high), _) if low == high => return format!("{name} = {low}"),
        (Some(low), Some(high), [None, None]) => return format!("{name} {low}..{high}"),
        (None, None, _) => return format!("{name} is present"),
        _ => {}
    }
    let [above, below] = beside;
    let low = above.map(|above| format!("{name} > {above}")).or_else(|| Some(format!("{name} >= {}", low?)));
    let high = below.map(|below| format!("{name} < {below}")).or_else(|| Some(format!("{name} <= {}", high?)));
    low.into_iter().chain(high).collect::<Vec<_>>().join(", ")
}

/// `x + 2 * y`.
fn total(plans: &Plans, sum: &Sum) -> String {
    let mut text = String::new();
    for (thing, factor) in &sum.terms {
        let Some(plan) = plans.get(thing.side) else { continue };
        let sign = match (text.is_empty(), factor.is_sign_negative()) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        let size = factor.abs().normalize();
        let factor = if size == Decimal::ONE { String::new() } else { format!("{} * ", grouped(size)) };
        text += &format!("{sign}{factor}{}", name(plan, *thing));
    }
    text
}

fn summed(plans: &Plans, sum: &Sum) -> String {
    let hidden = sum.terms.iter().any(|(thing, _)| thing.secret);
    let total = total(plans, sum);
    if hidden {
        format!("{total} {HIDDEN}")
    } else {
        ends(&total, [sum.low, sum.high].map(|end| end.map(grouped)), [None, None])
    }
}

impl Serialize for Witness {
    /// The facts by name, as texts; the tier, and the rule that decides by its place.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        let facts: std::collections::BTreeMap<String, Option<String>> = self.facts().collect();
        map.serialize_entry("facts", &facts)?;
        map.serialize_entry("tier", &self.tier())?;
        map.end()
    }
}

impl Serialize for CustomerBox {
    /// The bounds by name, as texts.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.bounds())
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Witness({self} => {:?})", self.tier())
    }
}

impl fmt::Debug for CustomerBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerBox({self})")
    }
}
