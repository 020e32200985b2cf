//! What a policy says of a customer, a test of it expects and nothing else: on generated policies each outcome is written
//! as a test, which passes, and with one expectation changed, which fails for that and for nothing else; also when the
//! whole is laid out anew, in either language.

#[path = "support/generate.rs"]
mod generate;
#[path = "support/histories.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod histories;
#[path = "support/runner.rs"]
mod runner;
#[path = "support/shares.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod shares;

use std::fmt::Write as _;

use chrono::NaiveDate;
use generate::Dice;
use proptest::collection::vec;
use proptest::prelude::*;
use runner::runner;
use serde_json::{Value, json};
use shares::Seen;
use tierwise::{Customer, Datum, Formatter, Keywords, Outcome, Policy, Type};

/// A text in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A value as it would be written in a test; `None` where it has no such form.
fn literal(value: &Value, ty: &Type) -> Option<String> {
    Some(match (value, ty) {
        (Value::Null, _) => "missing".to_owned(),
        (Value::Bool(value), Type::Boolean) => value.to_string(),
        (Value::String(text), Type::Number | Type::Integer | Type::Money) => {
            text.parse::<tierwise::rust_decimal::Decimal>().ok()?;
            text.clone()
        }
        (Value::String(text), Type::Date) => text.parse::<NaiveDate>().ok()?.to_string(),
        (Value::String(text), Type::Text) => quoted(text),
        (Value::String(text), Type::OneOf(members)) if members.names().any(|name| name == text) => quoted(text),
        (Value::Array(members), Type::SetOf(element)) => {
            let members: Option<Vec<String>> = members.iter().map(|member| literal(member, element)).collect();
            format!("({})", members?.join(", "))
        }
        _ => return None,
    })
}

/// The records of a collection.
fn records(value: &Value, fields: &[(String, Type)]) -> Option<String> {
    let record = |record: &Value| {
        let entries = record.as_object()?.iter().map(|(name, value)| {
            let (_, ty) = fields.iter().find(|(known, _)| known == name)?;
            Some(format!("{name}: {}", literal(value, ty)?))
        });
        Some(format!("{{{}}}", entries.collect::<Option<Vec<_>>>()?.join(", ")))
    };
    let records: Option<Vec<String>> = value.as_array()?.iter().map(record).collect();
    Some(format!("[{}]", records?.join(", ")))
}

/// The facts of a customer as a test gives them; those that the policy does not use are left out. The one for which it is
/// refused may be anything.
fn given(policy: &Policy, facts: &Value, refused: Option<&str>) -> Option<String> {
    let needs = policy.needs();
    let mut given = Vec::new();
    for field in needs.fields() {
        if let Some(value) = facts.get(field.name()) {
            let raw = value.as_str().filter(|_| refused == Some(field.name())).map(quoted);
            given.push(format!("{} = {}", field.name(), raw.or_else(|| literal(value, field.ty()))?));
        }
    }
    for collection in needs.collections() {
        let fields = collection.fields().chain(collection.unused());
        let fields: Vec<_> = fields.map(|(name, ty)| (name.to_owned(), ty.clone())).collect();
        if let Some(value) = facts.get(collection.name()) {
            given.push(format!("{} = {}", collection.name(), records(value, &fields)?));
        }
    }
    Some(given.join(", "))
}

/// What can be expected of an outcome, and what it is.
#[derive(Clone)]
struct Expected {
    tier: String,
    by: Option<String>,
    possible: Vec<String>,
    certain: bool,
    /// Segments, scores and benefits by name; their values as they are written, and of which kind.
    values: Vec<(String, String)>,
}

impl Expected {
    fn of(outcome: &Outcome) -> Self {
        let name = |tier: Option<&str>| tier.unwrap_or("none").to_owned();
        let segments = outcome.segments().map(|segment| (segment.name(), segment.value().map(quoted)));
        let scores = outcome.scores().map(|score| (score.name(), score.points().map(tierwise::canonical)));
        let values = segments.chain(scores).map(|(name, value)| (name.to_owned(), value));
        let benefits = outcome.benefits().map(|benefit| {
            let plain = benefit.to_string();
            let text = benefit.as_text().map(quoted).unwrap_or(plain);
            (format!("benefits.{}", benefit.name()), Some(text).filter(|_| benefit.is_known()))
        });
        let values = values.chain(benefits).map(|(name, value)| (name, value.unwrap_or("missing".to_owned())));
        Self {
            tier: name(outcome.tier()),
            by: outcome.rule().map(quoted),
            possible: outcome.possible().map(name).collect(),
            certain: outcome.is_certain(),
            values: values.collect(),
        }
    }

    fn text(&self) -> String {
        let mut text = self.tier.clone();
        if let Some(by) = &self.by {
            write!(text, " by {by}").unwrap();
        }
        if !self.possible.is_empty() {
            write!(text, " possible ({})", self.possible.join(", ")).unwrap();
        }
        if self.certain {
            text += " certain";
        }
        self.values.iter().for_each(|(name, value)| write!(text, ", {name} = {value}").unwrap());
        text
    }

    /// The same with one thing changed, and what a report must name, alone.
    fn changed(&self, outcome: &Outcome, tiers: &[&str], dice: &mut Dice<'_>) -> Vec<(Self, String)> {
        let mut all = Vec::new();
        let other = tiers[dice.roll(tiers.len())];
        if other != self.tier {
            // Whether it is certain is asked of the tier that it has.
            let changed = Self { tier: other.to_owned(), possible: Vec::new(), certain: false, ..self.clone() };
            all.push((changed, "tier".to_owned()));
        }
        let possible = match self.possible.iter().any(|tier| tier == other) {
            true => self.possible.iter().filter(|tier| *tier != other).cloned().collect(),
            false => [self.possible.clone(), vec![other.to_owned()]].concat(),
        };
        if !possible.is_empty() {
            all.push((Self { possible, certain: false, ..self.clone() }, "possible".to_owned()));
        }
        if !self.certain {
            all.push((Self { certain: true, possible: Vec::new(), ..self.clone() }, "certain".to_owned()));
        }
        for (at, (name, value)) in self.values.iter().enumerate() {
            let number = outcome.scores().any(|score| score.name() == name);
            let wrong = match (value.as_str(), number) {
                ("missing", true) => "7".to_owned(),
                ("missing", false) => continue,
                ("0", true) => "1".to_owned(),
                (value, true) => value.strip_prefix('-').map_or(format!("-{value}"), str::to_owned),
                _ => "missing".to_owned(),
            };
            let mut changed = self.clone();
            changed.values[at].1 = wrong;
            all.push((changed, name.clone()));
        }
        all
    }
}

/// Writes each outcome as a test, and tests that differ from it in one thing; what must come of each.
fn look(source: &str, facts: &[(Value, NaiveDate)], dice: &mut Dice<'_>, seen: &Seen) -> Result<(), TestCaseError> {
    let policy = Policy::parse(source).map_err(|error| TestCaseError::fail(format!("{source}\n{error}")))?;
    let tiers: Vec<&str> = policy.tiers().chain(["none"]).collect();
    let (mut text, mut wanted) = (source.to_owned(), Vec::new());
    for (facts, day) in facts {
        seen.add("customers", true);
        let customer = Customer::from_serialize(facts).unwrap();
        let outcome = policy.classify(&customer, *day);
        let refused = outcome.as_ref().err().and_then(|error| error.field());
        let Some(given) = given(&policy, facts, refused) else { continue };
        seen.add("written as tests", true);
        let mut test = |expected: String, what: Option<String>| {
            text += &format!("test \"t{}\" as of {day}: {given} => {expected}\n", wanted.len());
            wanted.push(what);
        };
        match &outcome {
            Ok(outcome) => {
                seen.add("uncertain", !outcome.is_certain());
                seen.add(
                    "with values",
                    outcome.scores().len() + outcome.segments().len() + outcome.benefits().len() > 0,
                );
                let expected = Expected::of(outcome);
                test(expected.text(), None);
                for (changed, what) in expected.changed(outcome, &tiers, dice) {
                    test(changed.text(), Some(what));
                }
            }
            Err(error) => {
                seen.add("refused", true);
                if let Some(field) = error.field() {
                    test(format!("error {}", quoted(field)), None);
                }
            }
        }
    }
    let mut texts = vec![text.clone()];
    let formatted = Formatter::new().format(&text).map_err(|error| TestCaseError::fail(format!("{text}\n{error}")))?;
    let chinese = Formatter::new().keywords(Keywords::Chinese).format(&formatted).unwrap();
    prop_assert_eq!(Formatter::new().format(&formatted).unwrap(), formatted.clone(), "laid out twice");
    prop_assert_eq!(Formatter::new().keywords(Keywords::English).format(&chinese).unwrap(), formatted.clone());
    texts.extend([formatted, chinese, Policy::printed(&text).0]);
    for text in texts {
        let tested = Policy::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}\n{error}")))?;
        prop_assert_eq!(tested.fingerprint(), policy.fingerprint(), "tests are no part of what a policy means");
        let report = tested.run_tests();
        prop_assert_eq!(report.results().len(), wanted.len());
        for (result, wanted) in report.results().iter().zip(&wanted) {
            let found: Vec<&str> = result.differences().iter().map(|difference| difference.what()).collect();
            let right: Vec<&str> = wanted.iter().map(String::as_str).collect();
            prop_assert_eq!(found, right, "{}: {:?}\n{}", result.name(), result.text(tierwise::Lang::En), text);
            seen.add("a condition that went another way", result.turn().is_some());
        }
    }
    Ok(())
}

fn run(name: &str, least: &[(&str, usize)], one: impl Fn(&[u16], &[u16], &Seen) -> Result<(), TestCaseError>) {
    let seen = Seen::default();
    let mut runner = runner(name, "TIERWISE_TESTING_CASES");
    let choices = (vec(any::<u16>(), 0..600), vec(any::<u16>(), 0..400));
    let result = runner.run(&choices, |(policy, facts)| one(&policy, &facts, &seen));
    result.unwrap_or_else(|error| std::panic::panic_any(error.to_string()));
    seen.judge(least);
}

/// What a customer of the generator has, as JSON.
fn value(datum: &Datum) -> Value {
    match datum {
        Datum::Boolean(value) => json!(value),
        Datum::Number(_) | Datum::Date(_) => json!(generate::show(datum)),
        Datum::Text(text) => json!(text),
        Datum::List(members) => members.iter().map(value).collect(),
        _ => Value::Null,
    }
}

#[test]
fn tests_of_facts_hold_what_is_so() {
    let least = [("written as tests", 500), ("uncertain", 200), ("with values", 200), ("refused", 1)];
    run("tests of facts", &least, |policy, facts, seen| {
        let source = generate::Generator::new(&mut Dice::new(policy)).policy();
        let (mut dice, day) = (Dice::new(facts), "2026-03-31".parse().unwrap());
        let customers = (0..2).map(|_| {
            let facts = generate::customer(&mut dice);
            (facts.iter().map(|(name, fact)| ((*name).to_owned(), value(fact))).collect::<Value>(), day)
        });
        let customers: Vec<(Value, NaiveDate)> = customers.collect();
        look(&source, &customers, &mut dice, seen)
    });
}

#[test]
fn tests_of_records_hold_what_is_so() {
    let least = [("written as tests", 50), ("uncertain", 20), ("a condition that went another way", 50)];
    run("tests of records", &least, |policy, facts, seen| {
        let mut own = histories::Dice(policy.iter());
        let source = histories::Generator { dice: &mut own, lets: 0, parents: false }.policy();
        let mut dice = histories::Dice(facts.iter());
        let day: NaiveDate = dice.pick(&histories::DAYS).parse().unwrap();
        let customers: Vec<_> = (0..2).map(|_| (histories::customer(&mut dice, day), day)).collect();
        look(&source, &customers, &mut Dice::new(facts), seen)
    });
}

/// The tour of the README: a policy with its tests, what is printed of the one that fails, of their coverage, and what is suggested.
#[test]
fn the_readme_shows_what_is_printed() {
    let blocks: Vec<&str> = include_str!("../README.md").split("```text\n").skip(1).collect();
    let texts: Vec<&str> = blocks.iter().map(|block| block.split("```").next().unwrap()).collect();
    let at = texts.iter().position(|text| text.contains("test \"long gone\"")).unwrap();
    let report = Policy::parse(texts[at]).unwrap().run_tests();
    assert_eq!(report.to_string(), texts[at + 1]);
    assert_eq!(report.coverage().to_string(), texts[at + 2]);
    assert_eq!(report.coverage().suggestions().to_string(), texts[at + 3]);
}
