//! The tables, in Markdown.

use allocation_counter::opt_out;
use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::customers::{Facts, Pair, customers};
use crate::engine::Answer;
use crate::loading::Cost;
use crate::measure::{Contender, Medians, rounds};
use crate::oracle::verdict;
use crate::policies::{Named, all_policies};
use crate::roster::{Entrant, Kind, roster};

/// A pass over the customers asks about so many rules, so that slow contenders end; it has at least so many customers.
const RULES_PER_PASS: usize = 400_000;
const FEWEST: usize = 48;

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub rounds: usize,
    pub customers: usize,
    /// Only the policy with so many rules.
    pub rules: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self { rounds: 11, customers: 4_000, rules: None }
    }
}

/// Prints every table.
pub fn run(options: Options) {
    let mut policies = all_policies();
    policies.retain(|policy| options.rules.is_none_or(|only| policy.rules.count() == only));
    println!("Medians of {} interleaved rounds, of every third for contenders that take long.", options.rounds);
    let mut ours = Vec::new();
    for policy in &policies {
        opt_out(|| ours.push(decisions(policy, options)));
    }
    if let [.., thousand, ten_thousand] = ours[..] {
        println!("\nA bound decision over 10,000 rules takes {:.1} times one over 1,000.", ten_thousand / thousand);
    }
    loading(&policies);
}

/// Both tables of a policy: complete facts, and facts with gaps. How long tierwise takes on complete facts.
fn decisions(policy: &Named, options: Options) -> f64 {
    let (mut notes, mut first) = (Vec::new(), f64::NAN);
    let mut entered: Vec<(Entrant, Box<dyn Contender>)> = Vec::new();
    for entrant in roster() {
        match (entrant.enter)(&policy.rules) {
            Ok(contender) => entered.push((entrant, contender)),
            Err(reason) => notes.push(format!("{}: {reason}", entrant.name)),
        }
    }
    let count = (RULES_PER_PASS / policy.rules.count()).max(FEWEST).min(options.customers);
    for (facts, title) in [(Facts::Complete, "complete facts"), (Facts::Gaps, "4 % of the facts missing")] {
        let customers = customers(count, facts);
        let oracle: Vec<Answer> =
            customers.iter().map(|customer| verdict(&policy.rules, &customer.exact).answer).collect();
        for (entrant, contender) in &mut entered {
            let checked = contender.prepare(&customers, &oracle);
            assert_eq!(checked, Ok(()), "{} answers otherwise than the oracle", entrant.name);
        }
        println!("\n### {}, {title}, {count} customers\n", policy.name);
        let (table, ours) = decision_table(&mut entered, &customers, options.rounds);
        println!("{table}");
        if facts == Facts::Complete {
            first = ours;
        }
    }
    print_notes(&notes);
    first
}

fn print_notes(notes: &[String]) {
    for (at, note) in notes.iter().enumerate() {
        println!("{}- {note}", if at == 0 { "\n" } else { "" });
    }
}

/// The table, and how long tierwise takes.
fn decision_table(entered: &mut [(Entrant, Box<dyn Contender>)], customers: &[Pair], count: usize) -> (Table, f64) {
    let taken = rounds(entered.iter_mut().map(|(_, contender)| contender).collect(), customers, count);
    let median = |kind: Kind| {
        let at = entered.iter().position(|(entrant, _)| entrant.kind == kind);
        at.map_or(f64::NAN, |at| taken[at].decide)
    };
    let (hand, ours) = (median(Kind::Hand), median(Kind::Ours));
    let mut table = markdown(&[
        "contender",
        "decide ÷ hand",
        "convert ÷ hand",
        "both ÷ hand",
        "decide ÷ tierwise",
        "both ÷ tierwise",
        "spread",
        "rounds",
    ]);
    for ((entrant, _), medians) in entered.iter().zip(&taken) {
        table.add_row(decision_row(*entrant, medians, hand, ours));
    }
    (table, ours)
}

fn decision_row(entrant: Entrant, medians: &Medians, hand: f64, ours: f64) -> Vec<String> {
    let over = |time: Option<f64>, by: f64| time.map_or("–".to_owned(), |time| ratio(time / by));
    vec![
        entrant.name.to_owned(),
        over(Some(medians.decide), hand),
        over(medians.convert, hand),
        over(medians.whole, hand),
        over(Some(medians.decide), ours),
        over(medians.whole, ours),
        format!("±{:.0} %", medians.spread * 100.0),
        medians.rounds.to_string(),
    ]
}

/// Loading times and held bytes of every policy.
fn loading(policies: &[Named]) {
    let mut notes = Vec::new();
    let mut costs: Vec<(Entrant, Vec<Option<Cost>>)> = Vec::new();
    let mut loaders = roster();
    loaders.retain(|entrant| entrant.kind != Kind::Hand);
    // Every way to ask tierwise loads the same policy.
    loaders.dedup_by_key(|entrant| if entrant.kind == Kind::Ours { "tierwise" } else { entrant.name });
    for entrant in loaders {
        let of = |policy: &Named| {
            (entrant.cost)(&policy.rules).map_err(|reason| notes.push(format!("{}: {reason}", entrant.name))).ok()
        };
        costs.push((entrant, policies.iter().map(of).collect()));
    }
    println!("\n### Loading: parse, check and compile, ÷ tierwise\n");
    println!("{}", loading_table(policies, &costs));
    if let Some((_, ours)) = costs.first()
        && let [.., Some(thousand), Some(ten_thousand)] = ours[..]
    {
        let growth = ten_thousand.time / thousand.time;
        println!("\ntierwise loads 10,000 rules in {growth:.1} times the time of 1,000.");
    }
    println!("\n### Memory: KiB that a loaded policy holds\n");
    println!("{}", memory_table(policies, &costs));
    print_notes(&notes);
}

fn loading_table(policies: &[Named], costs: &[(Entrant, Vec<Option<Cost>>)]) -> Table {
    let mut table = markdown(&headings("engine", policies));
    for (entrant, own) in costs {
        let ours = costs.first().map(|(_, ours)| ours.iter());
        let cell = |(own, ours): (&Option<Cost>, &Option<Cost>)| match (own, ours) {
            (Some(own), Some(ours)) => ratio(own.time / ours.time),
            _ => "–".to_owned(),
        };
        let cells = own.iter().zip(ours.into_iter().flatten()).map(cell);
        table.add_row(std::iter::once(engine_name(entrant)).chain(cells));
    }
    table
}

fn memory_table(policies: &[Named], costs: &[(Entrant, Vec<Option<Cost>>)]) -> Table {
    let mut table = markdown(&headings("engine", policies));
    for (entrant, own) in costs {
        let cell = |cost: &Option<Cost>| cost.map_or("–".to_owned(), |cost| ratio(cost.bytes as f64 / 1024.0));
        table.add_row(std::iter::once(engine_name(entrant)).chain(own.iter().map(cell)));
    }
    table
}

/// However it is asked.
fn engine_name(entrant: &Entrant) -> String {
    let ours = entrant.kind == Kind::Ours;
    if ours { "tierwise".to_owned() } else { entrant.name.to_owned() }
}

fn headings<'a>(first: &'a str, policies: &'a [Named]) -> Vec<&'a str> {
    std::iter::once(first).chain(policies.iter().map(|policy| &*policy.name)).collect()
}

pub(crate) fn markdown(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(headings);
    table.column_iter_mut().skip(1).for_each(|column| {
        column.set_cell_alignment(CellAlignment::Right);
    });
    table
}

/// Three digits.
pub(crate) fn ratio(value: f64) -> String {
    match value {
        value if value < 10.0 => format!("{value:.2}"),
        value if value < 100.0 => format!("{value:.1}"),
        value => format!("{value:.0}"),
    }
}
