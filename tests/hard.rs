//! Questions that are hard to answer end within their budget, with a right answer or none, and with bounded memory: what is
//! possible, the analysis, more of a fact, and the difference of two versions.

use tierwise::chrono::NaiveDate;
use tierwise::{Budget, Customer, Policy, Unknown, Verdict};

/// A condition that is written so many times, and what trying everything tells of it.
struct Hard {
    what: String,
    fields: String,
    condition: String,
    times: usize,
    /// Whether it is true of somebody, and of everybody of whom all is known.
    any: bool,
    every: bool,
}

/// More bytes are never held at once for one question.
const BYTES: u64 = 16 << 20;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap()
}

fn booleans(count: usize) -> String {
    (0..count).map(|at| format!("field b{at}: boolean{{required}}\n")).collect()
}

type Clause = [(usize, bool); 3];

fn in_clauses(what: &str, count: usize, all: &[Clause], (any, every): (bool, bool)) -> Hard {
    let text = |(at, wanted): &(usize, bool)| if *wanted { format!("b{at}") } else { format!("not b{at}") };
    let clause = |clause: &Clause| format!("({})", clause.iter().map(text).collect::<Vec<_>>().join(" or "));
    let condition = all.iter().map(clause).collect::<Vec<_>>().join(" and ");
    let what = format!("3-SAT{what}, {} clauses of {count}", all.len());
    Hard { what, fields: booleans(count), condition, times: 1, any, every }
}

fn holds(all: &[Clause], bits: u64) -> bool {
    all.iter().all(|clause| clause.iter().any(|(at, wanted)| (bits >> at & 1 == 1) == *wanted))
}

/// Three of so many facts or their opposites in each clause; about 4.3 clauses a fact are the hardest (Mitchell, Selman and
/// Levesque, *Hard and Easy Distributions of SAT Problems*, 1992).
fn clauses(roll: &mut dyn FnMut(usize) -> usize, count: usize, clauses: usize) -> Hard {
    let all: Vec<Clause> = (0..clauses).map(|_| std::array::from_fn(|_| (roll(count), roll(2) == 0))).collect();
    let mut tried = (0..1 << count).map(|bits| holds(&all, bits));
    let (any, every) = (tried.clone().any(|holds| holds), tried.all(|holds| holds));
    in_clauses("", count, &all, (any, every))
}

/// More facts than can be tried, with clauses that are all true of one customer.
fn planted(roll: &mut dyn FnMut(usize) -> usize, count: usize, clauses: usize) -> Hard {
    let bits = (0..count).fold(0, |bits, at| bits | u64::from(roll(2) == 0) << at);
    let mut all: Vec<Clause> = Vec::new();
    while all.len() < clauses {
        let clause = std::array::from_fn(|_| (roll(count), roll(2) == 0));
        if holds(&[clause], bits) {
            all.push(clause);
        }
    }
    in_clauses(" that somebody fulfils", count, &all, (true, false))
}

fn subset(roll: &mut dyn FnMut(usize) -> usize, count: usize, target: usize) -> Hard {
    let weights: Vec<usize> = (0..count).map(|_| 100 + 7 * roll(300)).collect();
    let sum = |bits: usize| weights.iter().enumerate().map(|(at, own)| (bits >> at & 1) * own).sum::<usize>();
    let line = |(at, own): (usize, &usize)| format!("b{at}: = true => {own}, otherwise => 0\n");
    let lines: String = weights.iter().enumerate().map(line).collect();
    Hard {
        what: format!("a subset of {count} with the sum {target}"),
        fields: format!("{}score s {{\n{lines}}}\n", booleans(count)),
        condition: format!("s = {target}"),
        times: 1,
        any: (0..1_usize << count).any(|bits| sum(bits) == target),
        every: false,
    }
}

fn dice() -> impl FnMut(usize) -> usize {
    let mut seed = 20_260_331_u64;
    move |sides: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % sides
    }
}

fn corpus() -> Vec<Hard> {
    let mut roll = dice();
    let mut corpus = Vec::new();
    for (count, all) in [(10, 20), (10, 43), (10, 70), (16, 48), (16, 69), (16, 100)] {
        corpus.push(clauses(&mut roll, count, all));
    }
    for (count, all) in [(40, 120), (40, 172), (60, 258)] {
        corpus.push(planted(&mut roll, count, all));
    }
    for (count, target) in [(10, 1_000), (14, 7_777), (14, 4_321)] {
        corpus.push(subset(&mut roll, count, target));
    }
    let hard = |what: &str, fields: &str, condition: &str, any: bool| Hard {
        what: what.to_owned(),
        fields: fields.to_owned(),
        condition: condition.to_owned(),
        times: 1,
        any,
        every: false,
    };
    let numbers = "field a: number{required}\nfield b: number{required}\nfield c: number{required}\n";
    corpus.push(hard("a > b > c > a", numbers, "a > b and b > c and c > a", false));
    let close = "a > b and b > c and c > a - 0.000002";
    corpus.push(hard("a > b > c, close together", numbers, close, false));
    let list = |not: &str| (0..15).map(|at| format!("{not}b{at}")).collect::<Vec<_>>().join(", ");
    for few in [7, 8] {
        let condition = format!("at least {few} of ({}) and at least 8 of ({})", list(""), list("not "));
        corpus.push(hard(&format!("{few} of 15, and 8 not"), &booleans(15), &condition, few <= 7));
    }
    let standard = "annual_spend > 1M and frequency >= 12";
    corpus.push(Hard { times: 1_000, ..hard("1,000 equal rules", "", standard, true) });
    corpus
}

impl Hard {
    /// The condition gives one tier, what is left the other; with more before the condition of each rule.
    fn policy(&self, more: &str, tiers: [&str; 2], required: &str) -> Policy {
        let Self { fields, condition, times, .. } = self;
        let fields = fields.replace("{required}", required);
        let [own, rest] = tiers;
        let rules = format!("{more}{condition} => {own}\n").repeat(*times);
        let source = format!("tiers A > B\nfield more: integer 0..9\n{fields}{rules}otherwise => {rest}");
        Policy::parse(&source).unwrap_or_else(|error| panic!("{source}\n{error}"))
    }

    fn possible(&self) -> Option<bool> {
        let possible = self.policy("", ["A", "B"], "").possible(&Customer::new(), today(), Budget::default()).unwrap();
        assert!(possible.steps() <= Budget::default().steps(), "{} steps", possible.steps());
        possible.unknown().is_none().then(|| {
            let found: Vec<_> = possible.tiers().collect();
            let expected = [(self.any, Some("A")), (!self.every, Some("B"))].into_iter().filter(|(can, _)| *can);
            found == expected.map(|(_, tier)| tier).collect::<Vec<_>>()
        })
    }

    /// Of each rule, whether it is ever true, and whether it decides; and whether anybody is left.
    fn analysis(&self) -> Option<bool> {
        let analysis = self.policy("", ["A", "B"], " required").analyze(Budget::default());
        assert!(analysis.steps() <= 4 * Budget::default().steps(), "{} steps", analysis.steps());
        let found = |code: &str| analysis.findings().iter().filter(|finding| finding.code().as_str() == code).count();
        let is_open = ["A0104", "A0105", "A0106"]
            .iter()
            .any(|code| analysis.open().iter().any(|open| open.code().as_str() == *code));
        let right = found("A0104") == if self.any { 0 } else { self.times }
            && found("A0105") == if self.any { self.times - 1 } else { 0 }
            && found("A0106") == usize::from(self.every);
        (!is_open).then_some(right)
    }

    /// More of a fact lowers the tier where the condition is true of somebody.
    fn monotone(&self) -> Option<bool> {
        let asked = self.policy("more > 5 and ", ["B", "A"], " required").monotone("more", Budget::default()).unwrap();
        assert!(asked.steps() <= Budget::default().steps(), "{} steps", asked.steps());
        match asked.verdict() {
            Verdict::Proved => Some(!self.any),
            Verdict::Refuted(_) => Some(self.any),
            Verdict::Unknown(_) => None,
        }
    }

    /// Without the condition nobody is A.
    fn diff(&self) -> Option<bool> {
        let [old, new] = [["A", "B"], ["B", "B"]].map(|tiers| self.policy("", tiers, " required"));
        let diff = Policy::diff(&old, &new, Budget::default());
        assert!(diff.steps() <= Budget::default().steps(), "{} steps", diff.steps());
        match diff.changes().is_empty() {
            true => diff.is_complete().then_some(!self.any),
            false => Some(self.any),
        }
    }
}

#[test]
fn hard_questions_end_within_the_budget() {
    type Question = (&'static str, fn(&Hard) -> Option<bool>);
    let questions: [Question; 4] = [
        ("possible", Hard::possible),
        ("analysis", Hard::analysis),
        ("monotone", Hard::monotone),
        ("diff", Hard::diff),
    ];
    let corpus = corpus();
    let mut told = [0_usize; 4];
    for hard in &corpus {
        let mut line = String::new();
        for ((what, ask), told) in questions.iter().zip(&mut told) {
            let mut answer = None;
            let measured = allocation_counter::measure(|| answer = ask(hard));
            assert_ne!(answer, Some(false), "{}: wrong answer of {what}", hard.what);
            assert!(measured.bytes_max <= BYTES, "{}: {what} held {} bytes", hard.what, measured.bytes_max);
            *told += usize::from(answer.is_some());
            let state = if answer.is_some() { "answered" } else { "open" };
            line += &format!(" {what} {state}, {} kB;", measured.bytes_max >> 10);
        }
        println!("{}:{line}", hard.what);
    }
    println!("of {}: {told:?}", corpus.len());
    assert!(told.iter().all(|told| told + 4 >= corpus.len()), "too little was answered: {told:?}");
}

/// What is long is as easy to cut as what is short: nothing of it is called opaque.
#[test]
fn long_conditions_are_cut() {
    let long = planted(&mut dice(), 60, 7_000).policy("", ["A", "B"], " required");
    let analysis = long.analyze(Budget::of(5_000));
    let opaque = analysis.open().iter().filter(|open| open.unknown() == Unknown::Opaque).count();
    println!("{} steps, {} open, {opaque} of them opaque", analysis.steps(), analysis.open().len());
    assert_eq!(opaque, 0);
}
