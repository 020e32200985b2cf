//! A thousand generated sources: every token of the language repeated, and pairs and triples of tokens. Each is parsed,
//! checked, reported and, where it is a policy, compiled and classified, on a stack of 512 KiB.
//!
//! Memory is bounded by the source, and work is linear: twice the source may allocate at most a little more than twice.
//! What allocates nothing is covered by size: at 4 MiB anything quadratic does not come back. `TIERWISE_HOSTILE_BYTES`
//! sets the size, 4194304 for the limit itself.

use std::collections::HashSet;

use tierwise::{Customer, Lang, Policy, PolicyError};

use crate::{TURN, on_half_a_mebibyte, today, tokens};

const SOURCES: usize = 1_000;

/// The memory that parsing, checking, compiling, reporting and classifying may take at once: so many times the source,
/// and 10,000 diagnostics of a kibibyte.
const FACTOR: u64 = 100;
const KEPT: u64 = 10_000 << 10;

/// What one diagnostic may take of a report, in bytes.
const REPORTED: usize = 8 << 10;

/// A source to be: parts that are repeated with something between them, and what stands before and behind.
struct Repetition {
    parts: Vec<&'static str>,
    between: &'static str,
    frame: (&'static str, &'static str),
}

/// What stands around a repetition: nothing, the beginning and end of a rule, of a list, of a closed set, of a block.
const FRAMES: [(&str, &str); 8] = [
    ("", ""),
    ("field a: number\n", " a > 1 => B\notherwise => C"),
    ("frequency > 3 ", " => B\notherwise => C"),
    ("field a: boolean\nnps > 3 => B\n", "\notherwise => C"),
    ("frequency in (", ") => A"),
    ("field k: one of (x, ", ")\nk = x => A"),
    ("score s {\n", "\n}\nnps > 3 => B"),
    ("field a: boolean\n(((((((", "))))))) => A"),
];

/// Whole clauses, each with the frame in which so many of them as one likes are a policy.
const CLAUSES: [(&str, usize); 24] = [
    ("-", 1),
    ("nps > 1 => A\n", 3),
    ("a and not a => A\n", 3),
    ("nps in (1, 2, 3) => A\n", 3),
    ("nps + points * 2 > frequency / 3 => A\n", 3),
    ("nps between 1 and points => A\n", 3),
    ("at least 1 of (a, nps > 3, region is missing) => A\n", 3),
    ("if a then nps > 1 else points > 2 => A\n", 3),
    ("max(nps, points, min(1, frequency)) > 1 => A\n", 3),
    ("tags contains any (\"x\", \"y\") => A\n", 3),
    ("lower(region) matches \"^x+$\" => A\n", 3),
    ("last_order_on + 3 months > today - 6 weeks => A\n", 3),
    ("annual_spend >= 600万 and annual_spend ?? 0 < 2亿 => A\n", 3),
    ("region = \"\\u{41}\" => A\n", 3),
    ("（frequency≥３） => A\n", 3),
    ("(a) = (a) => A; a => C;", 3),
    ("+ nps ", 2),
    ("and nps > 3 ", 2),
    ("and (nps > 3 or frequency < 9) ", 2),
    ("\n# comment\nand nps > 3 ", 2),
    ("+ (-nps ?? 1) ", 2),
    ("1, ", 4),
    ("-2.50, ", 4),
    ("# comment\r\n \t\n", 3),
];

impl Repetition {
    /// At most so many bytes of it. An even number of times, so that quotes and backticks pair as in twice as much.
    fn source(&self, bytes: usize) -> String {
        let unit: String = self.parts.iter().flat_map(|part| [*part, self.between]).collect();
        let (head, tail) = self.frame;
        let times = bytes.saturating_sub(head.len() + tail.len()) / unit.len();
        format!("{head}{}{tail}", unit.repeat(times & !1))
    }
}

/// A thousand of them, the same in every run: clauses; each token alone, tight and with blanks; then pairs and triples,
/// in all frames.
fn repetitions() -> Vec<Repetition> {
    let all = tokens::all();
    let mut seen = HashSet::new();
    let mut repetitions = Vec::new();
    let mut add = |parts: Vec<&'static str>, between: &'static str, frame: usize| {
        if repetitions.len() < SOURCES && seen.insert((parts.join(between) + between, frame)) {
            repetitions.push(Repetition { parts, between, frame: FRAMES[frame] });
        }
    };
    CLAUSES.iter().for_each(|(clause, frame)| add(vec![*clause], "", *frame));
    for between in ["", " "] {
        all.iter().for_each(|token| add(vec![token], between, 0));
    }
    // Steps that share no factor with the number of tokens, so that each stands before and behind many others.
    let at = |number: usize, step: usize| all[number * step % all.len()];
    for number in 0..4 * SOURCES {
        let (between, frame) = (["", " ", "\n", " => A\n"][number % 4], number / 4 % FRAMES.len());
        match number % 5 {
            4 => add(vec![at(number, 89), at(number, 131), at(number, 211)], between, frame),
            3 => add(vec![at(number, 61)], between, frame),
            _ => add(vec![at(number, 101), at(number + 7, 157)], between, frame),
        }
    }
    repetitions
}

/// Everything that a host does with a policy's text.
fn work(source: &str) -> Option<PolicyError> {
    match Policy::parse(source) {
        Ok(policy) => {
            policy.classify(&Customer::new(), today()).unwrap();
            policy.classify(&Customer::new().with("frequency", 3).with("region", "text"), today()).unwrap();
            None
        }
        Err(error) => Some(error),
    }
}

/// What a report says is sound and bounded.
fn judge(source: &str, error: &PolicyError) {
    let within = |span: tierwise::Span| source.get(span.start()..span.end()).is_some();
    assert!(error.diagnostics().len() <= 100 && !error.diagnostics().is_empty());
    for diagnostic in error.diagnostics() {
        assert!(within(diagnostic.span()), "{} at {:?}", diagnostic.code().as_str(), diagnostic.span());
        assert!(diagnostic.labels().iter().all(|label| within(label.span())));
        assert!(!diagnostic.message(Lang::En).is_empty());
    }
    let report = error.report("x").to_string();
    let most = (error.diagnostics().len() + 1) * REPORTED;
    assert!(report.len() <= most, "a report of {} bytes on {} bytes", report.len(), source.len());
}

/// The counts of one source: peak bytes, all bytes, allocations.
fn measured(repetition: &Repetition, bytes: usize) -> (u64, u64, u64) {
    let source = repetition.source(bytes);
    let mut error = None;
    let info = allocation_counter::measure(|| error = work(&source));
    error.iter().for_each(|error| judge(&source, error));
    let most = source.len() as u64 * FACTOR + KEPT;
    assert!(info.bytes_max <= most, "{:?}: {} bytes for {}", repetition.parts, info.bytes_max, source.len());
    (info.bytes_max, info.bytes_total, info.count_total)
}

#[test]
fn a_thousand_hostile_sources_end_in_linear_work_and_bounded_memory() {
    let _turn = TURN.lock();
    let repetitions = repetitions();
    assert_eq!(repetitions.len(), SOURCES);
    for (clause, frame) in CLAUSES {
        let source = Repetition { parts: vec![clause], between: "", frame: FRAMES[frame] }.source(2_000);
        let policy = Policy::parse(&source);
        assert!(policy.is_ok(), "{clause} is no policy: {:?}", crate::codes(&policy));
    }
    let asked = std::env::var("TIERWISE_HOSTILE_BYTES").ok().and_then(|bytes| bytes.parse::<usize>().ok());
    let bytes = asked.unwrap_or(16 << 10);
    // What every policy takes, whatever its size.
    let least = allocation_counter::measure(|| drop(Policy::parse(""))).bytes_total;
    let (mut policies, mut peak, mut ratio) = (0, 0.0_f64, 0.0_f64);
    for repetition in &repetitions {
        let shown = (&repetition.parts, repetition.between, repetition.frame);
        if asked.is_some() {
            println!("{shown:?}");
        }
        let run = || (measured(repetition, bytes / 2), measured(repetition, bytes));
        let (half, whole) = on_half_a_mebibyte(run);
        // Beside what grows there is what every policy takes, and a hundred reported diagnostics.
        let linear = |half: u64, whole: u64, fixed: u64| whole <= half * 23 / 10 + fixed;
        assert!(linear(half.1, whole.1, 256 << 10), "{shown:?}: {} bytes, then {}", half.1, whole.1);
        assert!(linear(half.2, whole.2, 2_000), "{shown:?}: {} allocations, then {}", half.2, whole.2);
        policies += usize::from(Policy::parse(&repetition.source(bytes / 64)).is_ok());
        peak = peak.max(whole.0.saturating_sub(KEPT) as f64 / bytes as f64);
        ratio = ratio.max((whole.1 - least) as f64 / (half.1 - least).max(64 << 10) as f64);
    }
    println!("{SOURCES} sources of {bytes} bytes, {policies} of them policies");
    println!(
        "memory at most {peak:.1} times the source and {KEPT} bytes; twice the source allocates at most {ratio:.2} times as much"
    );
}

#[test]
fn some_of_them_are_as_large_as_a_source_may_be() {
    let _turn = TURN.lock();
    let repetitions = repetitions();
    let mut peak = (0.0, String::new());
    for repetition in repetitions.iter().step_by(SOURCES / 20) {
        let (most, ..) = on_half_a_mebibyte(|| measured(repetition, 4 << 20));
        let factor = most as f64 / f64::from(4 << 20);
        if factor > peak.0 {
            peak = (factor, format!("{:?} in {:?}", repetition.parts, repetition.frame));
        }
    }
    println!("20 sources of 4 MiB: memory at most {:.1} times the source, for {}", peak.0, peak.1);
}
