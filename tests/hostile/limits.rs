//! Every limit of the language and of the host: a policy at it, and one step over it.

use tierwise::{Customer, Lang, Limits, Policy, PolicyError};

use crate::{TURN, codes, nested, today};

const BASE: &str = "frequency > 3 => A\notherwise => B\n";

fn parse(limits: Limits, source: &str) -> Result<Policy, PolicyError> {
    Policy::builder().limits(limits).parse(source)
}

/// Holds `at` for a policy, and `over` for one that is refused for the limit alone, which the message names.
fn limit_is(limits: &Limits, code: &str, limit: usize, at: &str, over: &str) {
    let policy = parse(limits.clone(), at).unwrap_or_else(|error| panic!("{code} at the limit: {error}"));
    policy.classify(&Customer::new(), today()).unwrap();
    let refused = parse(limits.clone(), over);
    assert_eq!(codes(&refused), [code], "one step over {limit}");
    let error = refused.unwrap_err();
    let message = error.diagnostics()[0].message(Lang::En);
    let numbers: Vec<&str> = message.split(|c: char| !c.is_ascii_digit()).collect();
    assert!(numbers.contains(&limit.to_string().as_str()), "{message}");
    assert!(!error.diagnostics()[0].help().is_empty(), "{message}: no help");
}

/// A policy of exactly so many bytes, most of them a comment.
fn sized(bytes: usize) -> String {
    let mut source = format!("{BASE}#");
    source.extend(std::iter::repeat_n('x', bytes - source.len()));
    source
}

/// A policy of exactly so many tokens, line ends included: an even number from 14 on.
fn tokens(tokens: usize) -> String {
    let names = (tokens - 8) / 2;
    let source = format!("field a: number\n{}a > 0 => A", "a + ".repeat(names - 1));
    if tokens.is_multiple_of(2) { source } else { format!("{source}\n") }
}

fn rules(rules: usize) -> String {
    let some: String = (1..rules).map(|at| format!("points = {at} => T{}\n", at % 7)).collect();
    format!("{some}otherwise => Z")
}

fn name(name: &str) -> String {
    format!("field {name}: number\n{name} > 3 => A\notherwise => B")
}

fn patterns(patterns: usize) -> String {
    (0..patterns).map(|at| format!("region matches \"p{at}\" or region matches \"p{at}\" => A\n")).collect()
}

#[test]
fn every_default_limit_holds_at_it_and_one_step_over() {
    let _turn = TURN.lock();
    let limits = Limits::default();
    let bytes = 4 << 20;
    limit_is(&limits, "E0601", bytes, &sized(bytes), &sized(bytes + 1));
    limit_is(&limits, "E0602", 1_000_000, &tokens(1_000_000), &tokens(1_000_001));
    limit_is(&limits, "E0603", 64, &nested(64), &nested(65));
    limit_is(&limits, "E0604", 100_000, &rules(100_000), &rules(100_001));
    limit_is(
        &limits,
        "E0607",
        1_000,
        &patterns(1_000),
        &patterns(1_001).replacen(" or region matches \"p1000\"", "", 1),
    );
    let members = |members: usize, quote: &str| {
        (0..members).map(|at| format!("{quote}m{at}{quote}")).collect::<Vec<_>>().join(", ")
    };
    let numbers = |members: usize| format!("frequency in ({}0) => A", "0, ".repeat(members - 1));
    let closed = |count: usize| format!("field k: one of ({})\nk = m1 => A", members(count, ""));
    let any = |count: usize| format!("tags contains any ({}) => A", members(count, "\""));
    let all = |count: usize| format!("tags contains all ({},) => A", members(count, "\""));
    let forms: [&dyn Fn(usize) -> String; 4] = [&numbers, &closed, &any, &all];
    for form in forms {
        limit_is(&limits, "E0605", 100_000, &form(100_000), &form(100_001));
    }
}

/// Bytes of a name as it is written, dots and backticks included; the name is then reported wherever it stands.
#[test]
fn names_are_limited_in_bytes() {
    let _turn = TURN.lock();
    for (unit, fill) in [("x", 256), ("é", 128), ("年", 85)] {
        let at = unit.repeat(fill) + &"x".repeat(256 - fill * unit.len());
        assert!(Policy::parse(&name(&at)).is_ok(), "{unit}");
        let over = Policy::parse(&name(&format!("{at}x")));
        assert!(!codes(&over).is_empty() && codes(&over).iter().all(|code| *code == "E0606"), "{:?}", codes(&over));
        let message = over.unwrap_err().diagnostics()[0].message(Lang::En);
        assert!(message.contains("256"), "{message}");
    }
    let dotted = format!("{}x", "x.".repeat(127));
    assert_eq!(dotted.len(), 255);
    assert!(Policy::parse(&name(&format!("{dotted}x"))).is_ok());
    assert!(codes(&Policy::parse(&name(&format!("{dotted}xx")))).contains(&"E0606"));
    assert!(Policy::parse(&name(&format!("`{}`", " ".repeat(254)))).is_ok());
    assert!(codes(&Policy::parse(&name(&format!("`{}`", " ".repeat(255))))).contains(&"E0606"));
}

#[test]
fn a_hundred_diagnostics_are_shown_and_the_others_counted() {
    let _turn = TURN.lock();
    let wrong = |rules: usize| "nope > 3 => A\n".repeat(rules);
    assert_eq!(Policy::parse(&wrong(100)).unwrap_err().more(), 0);
    assert!(!Policy::parse(&wrong(100)).unwrap_err().to_string().contains("more"));
    for (rules, more) in [(101, 1), (103, 3), (30_000, 29_900)] {
        let error = Policy::parse(&wrong(rules)).unwrap_err();
        assert_eq!((error.diagnostics().len(), error.more()), (100, more));
        assert!(error.to_string().ends_with(&format!("\nand {more} more\n")));
    }
    // Ten thousand are kept at the most, whatever the host asks for.
    let error = parse(Limits::default().max_diagnostics(usize::MAX), &wrong(10_001)).unwrap_err();
    assert_eq!((error.diagnostics().len(), error.more()), (10_000, 1));
    let error = parse(Limits::default().max_diagnostics(0), &wrong(3)).unwrap_err();
    assert_eq!((error.diagnostics().len(), error.more()), (0, 3));
    assert!(error.to_string().contains("3 more"));
}

#[test]
fn the_host_sets_every_limit() {
    let _turn = TURN.lock();
    let limits = Limits::default;
    limit_is(&limits().max_source_bytes(BASE.len()), "E0601", BASE.len(), BASE, &format!("{BASE} "));
    limit_is(&limits().max_tokens(10), "E0602", 10, BASE, &format!("{BASE}年 > 1 => A"));
    limit_is(&limits().max_rules(2), "E0604", 2, BASE, &format!("tiers A > B\ncap B when nps > 3\n{BASE}"));
    limit_is(&limits().max_depth(1), "E0603", 1, &nested(1), &nested(2));
    limit_is(&limits().max_depth(80), "E0603", 80, &nested(80), &nested(81));
    let members = |members: &str| format!("frequency in ({members}) => A");
    limit_is(&limits().max_list_members(2), "E0605", 2, &members("1, 2,"), &members("1, 2, 3"));
    limit_is(
        &limits().max_patterns(1),
        "E0607",
        1,
        &patterns(1),
        &patterns(2).replacen(" or region matches \"p1\"", "", 1),
    );
    assert!(parse(limits().max_name_bytes(9), BASE).is_ok());
    assert_eq!(codes(&parse(limits().max_name_bytes(8), BASE)), ["E0606", "E0606"]);
}

#[test]
fn a_limit_may_be_nothing_or_everything() {
    let _turn = TURN.lock();
    let none = Limits::default;
    for (limits, source, code) in [
        (none().max_source_bytes(0), " ", "E0601"),
        (none().max_tokens(0), "x", "E0602"),
        (none().max_rules(0), "otherwise => A", "E0604"),
        (none().max_depth(0), "(nps > 1) => A", "E0603"),
        (none().max_list_members(0), "nps in (1) => A", "E0605"),
        (none().max_name_bytes(0), "nps > 1 => A", "E0606"),
        (none().max_patterns(0), "region matches \"x\" => A", "E0607"),
    ] {
        assert!(codes(&parse(limits.clone(), source)).contains(&code), "{code}");
        assert_eq!(codes(&parse(limits, "")), ["E0508"], "{code}");
    }
    let all = none()
        .max_source_bytes(usize::MAX)
        .max_tokens(usize::MAX)
        .max_rules(usize::MAX)
        .max_depth(usize::MAX)
        .max_list_members(usize::MAX)
        .max_name_bytes(usize::MAX)
        .max_patterns(usize::MAX)
        .max_diagnostics(usize::MAX);
    let source = format!("tags contains any (\"a\") and region matches \"x\" and {}", nested(20));
    assert!(parse(all.clone(), &source).is_ok());
    assert_eq!(codes(&parse(all, "nope > 1 => A")), ["E0301"]);
}

#[test]
fn a_hundred_thousand_rules_are_a_policy() {
    let _turn = TURN.lock();
    let rules: String = (0..99_999).map(|at| format!("points = {at} => T{}\n", at % 7)).collect();
    let policy = Policy::parse(&format!("{rules}otherwise => Z")).unwrap();
    let outcome = policy.classify(&Customer::new().with("points", 99_998), today()).unwrap();
    assert_eq!((outcome.settled(), outcome.line()), (Some("T3"), Some(99_999)));
    assert_eq!(codes(&Policy::parse(&format!("{rules}points = 1 => X\notherwise => Z"))), ["E0604"]);
}
