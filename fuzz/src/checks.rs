//! What every target checks, one function each. `tests/corpus.rs` runs the same functions over the checked-in corpus, so
//! that a stable toolchain covers what the fuzzer has found.
//!
//! A function panics where something is wrong; whatever it is given, it must return otherwise.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tierwise::{Customer, Datum, Formatter, Lang, Limits, Policy, PolicyError, Type, reference};

use crate::generate::{self, Dice, Generator};
use crate::tokens;

/// As much of a report as one diagnostic may take, in bytes.
const REPORTED: usize = 16 << 10;

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap_or_default()
}

/// Any text is a policy or draws a report that is sound: places within the source, messages complete.
pub(crate) fn parse(data: &[u8]) {
    let source = String::from_utf8_lossy(data);
    examine(&source, Policy::parse(&source));
}

/// Policies of tokens, so that most statements have a form, under limits that the first bytes choose.
pub(crate) fn check(data: &[u8]) {
    let (head, rest) = data.split_at(data.len().min(2));
    let limit = |at: usize, otherwise: usize| match head.get(at) {
        Some(byte @ 0..64) => usize::from(*byte),
        _ => otherwise,
    };
    let limits = Limits::default()
        .max_rules(limit(0, 100))
        .max_depth(limit(0, 64))
        .max_tokens(limit(1, 100_000).saturating_mul(16))
        .max_list_members(limit(1, 1_000))
        .max_name_bytes(limit(0, 256))
        .max_patterns(limit(1, 10))
        .max_diagnostics(limit(0, 100));
    let all = tokens::all();
    let mut source =
        String::from("currency EUR\ntiers A > B > C\nfield k: one of (A, B, \"x y\")\nfield s: set of text\n");
    for pair in rest.chunks(2) {
        let choice = pair.iter().fold(0, |choice, byte| choice << 8 | usize::from(*byte));
        source.push_str(all[(choice >> 1) % all.len()]);
        source.push_str(if choice & 1 == 0 { " " } else { "" });
    }
    let result = Policy::builder().limits(limits).allow_protected().parse(&source);
    if let Some(policy) = examine(&source, result) {
        for facts in [Customer::new(), Customer::new().with("frequency", 3).with("region", "x").with("s", vec!["x"])] {
            drop(policy.classify(&facts, as_of()));
        }
    }
}

/// A policy and a customer: every evaluator gives the same answer. What begins with an even byte chooses a well-typed
/// policy, anything else is a policy's text, up to a zero byte; what is behind chooses the facts.
pub(crate) fn classify(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    if kind % 2 == 0 {
        let choices: Vec<u16> = data.chunks(2).map(word).collect();
        let source = Generator::new(&mut Dice::new(&choices)).policy();
        let policy = Policy::parse(&source).unwrap_or_else(|error| panic!("{source}\n{error}"));
        // Facts are chosen from the end, so that a change of the policy leaves them alone.
        let facts: Vec<u16> = data.rchunks(2).map(word).collect();
        return agree(&policy, &generate::customer(&mut Dice::new(&facts)));
    }
    let (text, facts) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap_or(data.len()));
    let Ok(source) = std::str::from_utf8(text) else { return };
    let Ok(policy) = Policy::parse(source) else { return };
    let facts: Vec<u16> = facts.chunks(2).map(word).collect();
    let mut dice = Dice::new(&facts);
    let facts = policy.needs().fields().filter_map(|field| Some((field.name(), fact(&mut dice, field.ty(), source)?)));
    agree(&policy, &facts.collect::<Vec<_>>());
}

/// A policy prints as a text that parses to an equal tree, means the same and prints as itself; and so does its
/// canonical layout.
pub(crate) fn print_and_reparse(data: &[u8]) {
    let source = String::from_utf8_lossy(data);
    if let Ok(formatted) = Formatter::new().format(&source) {
        let again = Formatter::new().format(&formatted);
        assert_eq!(again.ok().as_deref(), Some(formatted.as_str()), "{source}\nis not laid out as it is laid out");
        let fingerprint = |text: &str| Policy::parse(text).ok().map(|policy| policy.fingerprint().to_owned());
        assert_eq!(fingerprint(&source), fingerprint(&formatted), "{source}\nis laid out as\n{formatted}");
    }
    let (printed, equal) = Policy::printed(&source);
    let Ok(policy) = Policy::parse(&source) else { return };
    assert!(equal, "{source}\nis printed as\n{printed}");
    let again = Policy::parse(&printed).unwrap_or_else(|error| panic!("{source}\nis printed as\n{printed}\n{error}"));
    assert_eq!(policy.fingerprint(), again.fingerprint(), "{source}\nis printed as\n{printed}");
    assert_eq!(Policy::printed(&printed), (printed.clone(), true), "{source}\nis not printed as itself");
}

/// Looks at everything that parsing gives.
pub(crate) fn examine(source: &str, result: Result<Policy, PolicyError>) -> Option<Policy> {
    match result {
        Ok(policy) => {
            sound(source, policy.warnings(), &policy.warning_report("x").to_string());
            assert!(policy.fingerprint().len() == 34 && !policy.plan().to_string().is_empty());
            drop(policy.classify(&Customer::new(), as_of()));
            Some(policy)
        }
        Err(error) => {
            sound(source, error.diagnostics(), &error.report("x").to_string());
            None
        }
    }
}

/// Places lie between characters of the source, in order; no text has a gap in it; nothing is endless.
fn sound(source: &str, diagnostics: &[tierwise::Diagnostic], report: &str) {
    let within = |span: tierwise::Span| source.get(span.start()..span.end()).is_some();
    for diagnostic in diagnostics {
        let message = diagnostic.message(Lang::En);
        assert!(within(diagnostic.span()), "{}: {:?}", diagnostic.code().as_str(), diagnostic.span());
        assert!(diagnostic.labels().iter().all(|label| within(label.span())), "{message}");
        assert!(!message.is_empty());
    }
    assert!(diagnostics.is_sorted_by_key(|diagnostic| diagnostic.span().start()));
    assert!(report.len() <= diagnostics.len() * REPORTED + 64, "a report of {} bytes", report.len());
    assert!(!report.contains(unsafe_for_terminals), "{report:?}");
}

fn unsafe_for_terminals(c: char) -> bool {
    c.is_control() && c != '\n'
}

fn word(pair: &[u8]) -> u16 {
    pair.iter().fold(0, |word, byte| word << 8 | u16::from(*byte))
}

/// A value for a field, half of the time one that the policy's own text holds; or none, or one that does not fit.
fn fact(dice: &mut Dice<'_>, ty: &Type, source: &str) -> Option<Datum> {
    let own = |pattern: fn(char) -> bool, dice: &mut Dice<'_>| {
        let found: Vec<&str> = source.split(pattern).filter(|part| !part.is_empty()).take(64).collect();
        found.get(dice.roll(found.len() + 1)).map(|text| (*text).to_owned())
    };
    let fact = match (dice.roll(8), ty) {
        (0 | 1, _) => return None,
        (2, _) => Datum::from("no value of any type"),
        (_, Type::Number | Type::Integer | Type::Money) => {
            let text = own(|c| !c.is_ascii_digit() && c != '.', dice).unwrap_or("-1".into());
            let step = [Decimal::ZERO, Decimal::ONE, Decimal::NEGATIVE_ONE, Decimal::new(1, 2)][dice.roll(4)];
            Decimal::from_str_exact(&text).ok()?.checked_add(step)?.into()
        }
        (_, Type::Boolean) => (dice.roll(2) == 0).into(),
        (_, Type::Date) => {
            let texts = ["2026-03-31", "2024-02-29", "0001-01-01", "9999-12-31", "2025-12-31", "2026-01-01"];
            let known = own(|c| !c.is_ascii_digit() && c != '-', dice).filter(|text| text.len() == 10);
            known.unwrap_or(texts[dice.roll(6)].into()).into()
        }
        (_, Type::OneOf(members)) => members.names().nth(dice.roll(members.names().len().max(1)))?.into(),
        (_, Type::SetOf(element)) => {
            (0..dice.roll(4)).filter_map(|_| fact(dice, element, source)).collect::<Vec<Datum>>().into()
        }
        _ => own(|c| matches!(c, '"' | '\n'), dice).unwrap_or_default().into(),
    };
    Some(fact)
}

/// The plan, the plan with a recorder, `decide`, the printed policy and the naive reference say the same.
fn agree(policy: &Policy, facts: &[(&str, Datum)]) {
    let shown: Vec<String> = facts.iter().map(|(name, fact)| format!("{name}: {}", generate::show(fact))).collect();
    let source = &format!("{}\n{}", policy.source(), shown.join(", "));
    let mut customer = Customer::new();
    facts.iter().for_each(|(name, fact)| customer.insert(name, fact.clone()));
    let customer = &customer;
    let naive = reference::classify(policy, customer, as_of());
    let outcome = match policy.classify(customer, as_of()) {
        Ok(outcome) => outcome,
        Err(error) => {
            assert_eq!(naive.as_ref().err(), Some(&error), "{source}");
            assert_eq!(policy.decide(customer, as_of()).err(), Some(error), "{source}");
            return;
        }
    };
    let naive = naive.unwrap_or_else(|error| panic!("only the reference refuses: {error}\n{source}"));
    assert_eq!(naive.tier.as_deref(), outcome.tier(), "{source}\n{outcome:?}");
    assert_eq!(naive.line, outcome.line(), "{source}\n{outcome:?}");
    let about_data = outcome.findings().filter(|finding| finding.code() != "F0121");
    let findings: Vec<_> = about_data.map(|f| (f.code().to_owned(), f.field().map(str::to_owned))).collect();
    assert_eq!(naive.findings, findings, "{source}");
    assert_eq!(naive.adjusted.len(), outcome.adjusted_by().count(), "{source}");
    let decided = policy.decide(customer, as_of()).unwrap_or_else(|error| panic!("{error}\n{source}"));
    assert_eq!((decided.tier(), decided.rule()), (outcome.tier_id(), outcome.rule_id()), "{source}");
    // A decision takes no search: it may not know that it is certain.
    assert!(outcome.is_certain() || !decided.is_certain(), "{source}");
    let why = policy.explain(customer, as_of()).unwrap_or_else(|error| panic!("{error}\n{source}"));
    assert_eq!(why.outcome(), &outcome, "{source}");
    let text = format!("{why}\n{why:#}");
    assert!(!text.contains(unsafe_for_terminals), "{text:?}\n{source}");
    let possible: Vec<Option<String>> = outcome.possible().map(|tier| tier.map(str::to_owned)).collect();
    for tier in &naive.reached {
        assert!(possible.contains(tier), "a completion reaches {tier:?}, possible is {possible:?}\n{source}");
    }
    assert_eq!(outcome.missing().next().is_none(), outcome.is_certain(), "{source}");
    if outcome.is_certain() {
        assert_eq!(possible, [naive.tier], "{source}");
    }
    let (printed, _) = Policy::printed(policy.source());
    let again = Policy::parse(&printed).unwrap_or_else(|error| panic!("{source}\nis printed as\n{printed}\n{error}"));
    let again = again.classify(customer, as_of()).unwrap_or_else(|error| panic!("{error}\n{printed}"));
    assert_eq!((again.tier(), again.is_certain()), (outcome.tier(), outcome.is_certain()), "{source}\n{printed}");
}
