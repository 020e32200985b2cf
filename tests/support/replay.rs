//! Replays an explanation: from the conditions and values of its JSON alone, by Kleene tables and a calendar of its own,
//! the decision must come out again.

use std::cell::Cell;
use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use rust_decimal::Decimal;
use serde_json::Value;
use tierwise::Explanation;

type Truth = Option<bool>;

/// How many questions were worked out from their values, and how many conditions had to be taken on trust.
#[derive(Default)]
pub(crate) struct Count {
    pub(crate) worked_out: Cell<usize>,
    pub(crate) trusted: Cell<usize>,
    /// Shortfalls with which the comparison came out the other way.
    pub(crate) made_up: Cell<usize>,
}

/// Replays an explanation; `ladder` holds the tiers, best first.
pub(crate) fn check(why: &Explanation, ladder: &[&str]) -> Result<Count, String> {
    let json = serde_json::to_value(why).map_err(|error| error.to_string())?;
    // What is masked cannot be replayed.
    if json.to_string().contains("\"state\":\"masked\"") {
        return Ok(Count::default());
    }
    let replay = Replay::new(&json);
    let (tier, line) = replay.decide(ladder)?;
    let expected = (json["outcome"]["tier"].as_str(), json["outcome"]["line"].as_u64());
    if (tier, line) != expected {
        return Err(format!("replayed as {:?}, decided {expected:?}", (tier, line)));
    }
    Ok(replay.count)
}

struct Replay<'j> {
    json: &'j Value,
    as_of: NaiveDate,
    lets: BTreeMap<&'j str, Truth>,
    count: Count,
}

impl<'j> Replay<'j> {
    fn new(json: &'j Value) -> Self {
        let as_of = json["outcome"]["as_of"].as_str().unwrap().parse().unwrap();
        let mut replay = Self { json, as_of, lets: BTreeMap::new(), count: Count::default() };
        // Each let uses earlier ones only.
        for bound in json["lets"].as_array().unwrap() {
            let truth = bound.get("condition").and_then(|condition| replay.truth(condition).ok()).flatten();
            replay.lets.insert(bound["name"].as_str().unwrap(), truth);
        }
        replay
    }

    fn decide(&self, ladder: &[&str]) -> Result<(Option<&'j str>, Option<u64>), String> {
        let place = |tier: &str| ladder.iter().position(|known| *known == tier).unwrap();
        let mut decided: Option<&Value> = None;
        let mut otherwise = None;
        for rule in self.json["rules"].as_array().unwrap() {
            if rule["condition"].is_null() {
                otherwise = Some(rule);
                continue;
            }
            let better = |old: &Value| place(rule["tier"].as_str().unwrap()) < place(old["tier"].as_str().unwrap());
            let looks = self.json["match_best"] == true || decided.is_none();
            if looks && self.agreed(&rule["condition"])? == Some(true) && decided.is_none_or(better) {
                decided = Some(rule);
            }
        }
        let decided = decided.or(otherwise);
        let mut tier = decided.map(|rule| place(rule["tier"].as_str().unwrap()));
        let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
        for adjustment in self.json["adjustments"].as_array().unwrap() {
            let truth = self.agreed(&adjustment["condition"])?;
            let (kind, limit) = (adjustment["kind"].as_str().unwrap(), adjustment["tier"].as_str().map(place));
            if let (Some(true), Some(limit)) = (truth, limit) {
                let level = levels.entry(kind).or_insert(limit);
                *level = if kind == "cap" { limit.max(*level) } else { limit.min(*level) };
            }
        }
        if let Some(floor) = levels.get("floor") {
            tier = Some(tier.map_or(*floor, |tier| tier.min(*floor)));
        }
        if let (Some(cap), Some(at)) = (levels.get("cap"), tier) {
            tier = Some(at.max(*cap));
        }
        Ok((tier.map(|tier| self.name(ladder[tier])), decided.and_then(|rule| rule["line"].as_u64())))
    }

    fn name(&self, tier: &str) -> &'j str {
        let json = self.json;
        let all = json["rules"].as_array().unwrap().iter().chain(json["adjustments"].as_array().unwrap());
        all.filter_map(|part| part["tier"].as_str()).find(|known| *known == tier).unwrap_or_default()
    }

    /// The truth of a condition, which must be the state that the explanation gives.
    fn agreed(&self, condition: &Value) -> Result<Truth, String> {
        let truth = self.truth(condition)?;
        let state = state(condition);
        let told = match state {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        };
        if told != truth && !matches!(state, "masked" | "not_evaluated") {
            return Err(format!("replayed as {truth:?}: {condition}"));
        }
        Ok(truth)
    }

    fn truth(&self, condition: &Value) -> Result<Truth, String> {
        let parts = || condition["parts"].as_array().map_or(&[][..], Vec::as_slice);
        let all = || parts().iter().map(|part| self.agreed(part)).collect::<Result<Vec<Truth>, String>>();
        Ok(match &condition["shape"] {
            Value::String(shape) => match shape.as_str() {
                "and" | "range" => and(all()?),
                "or" => not(and(all()?.into_iter().map(not))),
                "not" => not(all()?[0]),
                "if" => self.choice(parts())?,
                _ => self.simple(condition)?,
            },
            shape if shape.get("let").is_some() => {
                let name = shape["let"].as_str().unwrap();
                self.lets.get(name).copied().flatten()
            }
            shape => {
                let wanted = usize::try_from(shape["at_least"].as_u64().unwrap()).unwrap();
                let all = all()?;
                let (yes, no) = (
                    all.iter().filter(|t| **t == Some(true)).count(),
                    all.iter().filter(|t| **t == Some(false)).count(),
                );
                if yes >= wanted {
                    Some(true)
                } else if all.len() - no < wanted {
                    Some(false)
                } else {
                    None
                }
            }
        })
    }

    fn choice(&self, parts: &[Value]) -> Result<Truth, String> {
        for pair in parts.chunks(2) {
            match pair {
                [when, then] => match self.agreed(when)? {
                    Some(true) => return self.agreed(then),
                    Some(false) => {}
                    None => return Ok(None),
                },
                rest => return self.agreed(&rest[0]),
            }
        }
        Ok(None)
    }

    fn simple(&self, condition: &Value) -> Result<Truth, String> {
        let trusted = || {
            self.count.trusted.set(self.count.trusted.get() + 1);
            match state(condition) {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            }
        };
        let Some(op) = condition["op"].as_str() else {
            return Ok(trusted());
        };
        // An open score is compared by everything that it can still be.
        let open = unknown(&condition["value"]) || condition.get("bound").is_some_and(unknown);
        if open && op != "is missing" && condition["lets"].as_array().is_some_and(|lets| !lets.is_empty()) {
            return Ok(trusted());
        }
        self.count.worked_out.set(self.count.worked_out.get() + 1);
        let (value, bound) = (&condition["value"], condition.get("bound"));
        if op == "is missing" {
            return Ok(Some(unknown(value)));
        }
        if unknown(value) || bound.is_some_and(unknown) {
            return Ok(None);
        }
        let bound = bound.unwrap_or(&Value::Null);
        let ty = condition["type"].as_str().unwrap();
        let truth = self.question(op, ty, value, bound)?;
        if let Some(shortfall) = condition.get("shortfall") {
            self.make_up(shortfall, truth, |value| self.question(op, ty, value, bound), value)
                .map_err(|error| format!("{error}: {condition}"))?;
        }
        Ok(Some(truth))
    }

    /// With the shortfall made up the comparison comes out the other way, and with a little less it does not.
    fn make_up(
        &self,
        shortfall: &Value,
        truth: bool,
        again: impl Fn(&Value) -> Result<bool, String>,
        value: &Value,
    ) -> Result<(), String> {
        let up = shortfall["way"] == "up";
        let moved = |by: Decimal| -> Option<Value> {
            if shortfall["days"] == true {
                let days = chrono::Days::new(u64::try_from(by).ok()?);
                let date: NaiveDate = value.as_str()?.parse().ok()?;
                let date = if up { date.checked_add_days(days) } else { date.checked_sub_days(days) };
                return date.map(|date| date.to_string().into());
            }
            let value = decimal(value);
            let value = if up { value.checked_add(by) } else { value.checked_sub(by) };
            value.map(|value| value.to_string().into())
        };
        let amount = decimal(&shortfall["amount"]);
        let exclusive = shortfall["more_than"] == true;
        let Some(reached) = moved(amount) else { return Ok(()) };
        self.count.made_up.set(self.count.made_up.get() + 1);
        if again(&reached)? == (truth != exclusive) {
            return Err(format!("with the shortfall made up it is {truth} as before, at {reached}"));
        }
        let less = if shortfall["days"] == true { Decimal::ONE } else { Decimal::new(1, amount.scale()) };
        // Decimals of many places are rounded when they are moved here.
        let exact = amount.scale() <= 12;
        let short = amount.checked_sub(less).filter(|short| exact && !short.is_sign_negative()).and_then(moved);
        match short {
            Some(short) if again(&short)? != truth => Err(format!("a smaller step would do, at {short}")),
            _ => Ok(()),
        }
    }

    fn question(&self, op: &str, ty: &str, value: &Value, bound: &Value) -> Result<bool, String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let has = |wanted: &Value| value.as_array().unwrap().contains(wanted);
        let wanted = || bound.as_array().unwrap().iter();
        Ok(match op {
            "is true" => value.as_bool().unwrap(),
            "in" => wanted().any(|member| same(ty, value, member)),
            "contains" if value.is_array() => has(bound),
            "contains" => text(value).contains(&text(bound)),
            "contains any" => wanted().any(has),
            "contains all" => wanted().all(has),
            "starts with" => text(value).starts_with(&text(bound)),
            "matches" => regex_lite::Regex::new(&text(bound)).unwrap().is_match(&text(value)),
            "within" => self.within(text(value).parse().unwrap(), &text(bound)),
            "=" => same(ty, value, bound),
            "!=" => !same(ty, value, bound),
            op => {
                let order = match ty {
                    "date" => text(value).cmp(&text(bound)),
                    _ => decimal(value).cmp(&decimal(bound)),
                };
                match op {
                    "<" => order.is_lt(),
                    "<=" => order.is_le(),
                    ">" => order.is_gt(),
                    ">=" => order.is_ge(),
                    _ => return Err(format!("unknown op {op}")),
                }
            }
        })
    }

    fn within(&self, date: NaiveDate, length: &str) -> bool {
        let (count, unit) = length.split_once(' ').unwrap();
        let count: u32 = count.parse().unwrap();
        let first = match unit.trim_end_matches('s') {
            "day" => self.as_of.checked_sub_days(chrono::Days::new(count.into())),
            _ => self.as_of.checked_sub_months(Months::new(count)),
        };
        first.is_some_and(|first| date > first) && date <= self.as_of
    }
}

/// Missing, or without a result.
fn unknown(value: &Value) -> bool {
    value.is_null() || value.is_object()
}

fn state(condition: &Value) -> &str {
    condition["state"].as_str().unwrap()
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

fn same(ty: &str, value: &Value, bound: &Value) -> bool {
    match ty {
        "number" | "integer" | "money" => decimal(value) == decimal(bound),
        _ => value == bound,
    }
}

fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}

fn and(parts: impl IntoIterator<Item = Truth>) -> Truth {
    let mut truth = Some(true);
    for part in parts {
        truth = match (truth, part) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        };
    }
    truth
}
