//! The command line.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, Subcommand, ValueEnum};
use tierwise::Lang;

/// Checks and formats customer-tier policies, and classifies customers
///
/// A policy is a text file of rules, such as
///
///     annual_spend > 1M and frequency >= 12 => A
///     annual_spend > 200K                   => B
///     otherwise                             => C
#[derive(Debug, Parser)]
#[command(name = "tierwise", version, verbatim_doc_comment, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// The language of diagnostics, explanations and the reasons why customers are rejected
    #[arg(long, global = true, value_enum, default_value_t = Language::En)]
    pub(crate) lang: Language,
}

/// The languages of the library's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// English
    En,
    /// Chinese
    Zh,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Self {
        match language {
            Language::En => Self::En,
            Language::Zh => Self::Zh,
        }
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0  everything is in order
  1  a policy is wrong, or not formatted
  2  the command line is wrong, or a file cannot be read, used or written
  3  some customers were rejected, all others are classified
  4  tests fail; or nothing was found, and it is not proved that there is nothing
  5  an analysis found errors
  6  two policies differ";

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look for what is wrong with policies for some customer: gaps, rules that never decide, and the like
    Analyze(AnalyzeArgs),
    /// Check policies and say what is wrong with them
    Check(CheckArgs),
    /// Classify the customers of a file
    Classify(ClassifyArgs),
    /// Say whose tier another version of a policy changes
    Diff(DiffArgs),
    /// Say why a customer has its tier, and why no better one
    Explain(ExplainArgs),
    /// Say which customers change their tier between two days if nothing but time passes
    Forecast(ForecastArgs),
    /// Lay policies out in their canonical form
    Fmt(FmtArgs),
    /// Say which mistakes in a policy its tests would not notice
    Mutate(MutateArgs),
    /// Run the tests of policies
    Test(TestArgs),
}

/// `tierwise check`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Errors and warnings go to the standard error, one line per sound policy to the standard output.

Exit codes:
  0  all policies are sound, warnings apart
  1  a policy is wrong
  2  the command line is wrong, or a file cannot be read")]
pub(crate) struct CheckArgs {
    /// Policy files
    #[arg(value_name = "POLICY", required = true)]
    pub(crate) policies: Vec<PathBuf>,
    /// Also show the facts that each policy needs
    #[arg(long)]
    pub(crate) needs: bool,
}

/// How everybody is asked about.
#[derive(Debug, clap::Args)]
pub(crate) struct AskingArgs {
    /// How many steps the search may take for one question; an analysis takes at most four times as many for all
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    pub(crate) steps: u32,
    /// The day as of which it is looked at, as YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<NaiveDate>,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextFormat {
    /// For people
    Text,
    /// One JSON object a line, one for each policy
    Json,
}

/// `tierwise analyze`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Every customer is looked at that there can be: each fact with every value of its declaration, and missing unless it is
required or has a default. Customers who break an `assume` are left out. Where steps run out, the report says what was
not found out. Without --as-of the day is that since when the policy is in force, else 2026-01-01.

Exit codes:
  0  nothing of the weight of an error was found, and everything was found out
  1  a policy is wrong
  2  the command line is wrong, or a file cannot be read
  4  nothing of that weight was found, and not everything was found out
  5  something of the weight of an error was found")]
pub(crate) struct AnalyzeArgs {
    /// Policy files
    #[arg(value_name = "POLICY", required = true)]
    pub(crate) policies: Vec<PathBuf>,
    /// How findings are written
    #[arg(long, value_enum, default_value_t = TextFormat::Text)]
    pub(crate) format: TextFormat,
    /// Also say where two neighbouring rules of different tiers fit one customer, so that their order decides
    #[arg(long)]
    pub(crate) overlaps: bool,
    #[command(flatten)]
    pub(crate) asking: AskingArgs,
}

/// `tierwise test`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A test stands beside the rules, or in a file of tests that names its policy, from its own folder on, by

    use \"key_accounts.tier\"

What fails is shown with what was expected, what was found, the first condition that went another way, and why the
customer has its tier. A file without tests is named; where no file has tests, that is an error.

With --coverage each policy is listed behind the results of its tests, with `+` where they show all that there is to a
line, `!` where something is not shown, `?` where it was not found out whether anybody could show it, and `-` where a
rule, cap or floor, line or bin can do nothing; `3x` are the tests that a rule decides, a cap or floor moves, or a bin or
line of a segment fits. What nobody could show, which is proved, does not count.

Exit codes:
  0  all tests pass
  1  a policy or a test is wrong
  2  the command line is wrong, a file cannot be read, or there are no tests and none are to be suggested
  4  tests fail")]
pub(crate) struct TestArgs {
    /// Policies, files of tests, and folders, in which every .tier file counts
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// How results are written
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub(crate) format: TestFormat,
    /// Also show, beside the lines of each policy, which of its rules, conditions and thresholds the tests do not show
    #[arg(long)]
    pub(crate) coverage: bool,
    /// Write the coverage of all policies into one HTML page
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Write tests for what no test shows, with what the policy says today, for somebody to review; results go to the
    /// standard error
    #[arg(long, conflicts_with_all = ["coverage", "html", "format"])]
    pub(crate) suggest: bool,
    /// How many steps the search may take for a policy to find out whether anybody could show what no test does
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    pub(crate) steps: u32,
}

/// `tierwise mutate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each mutant is the policy with one mistake: a comparison with its threshold left out or taken in, a threshold one step off or
ten-fold, `and` for `or`, a condition left out or negated, a rule left out or behind the next, another tier, a window of
another length, other points, something else made of what is missing. A test that fails for it kills it. Of the others a
search says who tells them from the policy, or proves that nobody does. The score is what is killed of what is killed or survives.

Exit codes:
  0  no mutant survives, and of each that is proved
  1  a policy or a test is wrong
  2  the command line is wrong, or a file cannot be read
  4  mutants survive, or it was not found out; or tests fail as it is")]
pub(crate) struct MutateArgs {
    /// Policies, files of tests, and folders, in which every .tier file counts
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// How results are written
    #[arg(long, value_enum, default_value_t = TextFormat::Text)]
    pub(crate) format: TextFormat,
    /// Also list the mutants that are killed, and by which test, and those that are equivalent; JSON always has them
    #[arg(long)]
    pub(crate) all: bool,
    /// How many steps the search may take for each mutant that no test kills
    #[arg(long, value_name = "N", default_value_t = 5_000)]
    pub(crate) steps: u32,
}

/// How the results of tests are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people
    Text,
    /// One JSON object a line, one for each file
    Json,
    /// One XML document as JUnit writes it, for build servers
    Junit,
}

/// `tierwise diff`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Without customers, all are looked at that there can be: it is proved that nobody's tier differs, or said whose does, in
boxes as wide as they go. With a file of customers, it is said who of them moves, by which rules, and how many go from
which tier to which.

Exit codes:
  0  nothing differs
  1  a policy is wrong
  2  the command line is wrong, or a file cannot be read or used
  3  nothing differs, and some customers were rejected
  4  no difference was found, and none is ruled out
  6  something differs")]
pub(crate) struct DiffArgs {
    /// The policy as it was
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The policy as it is to be
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// File of customers: .csv, .ndjson or .jsonl
    #[arg(value_name = "CUSTOMERS")]
    pub(crate) customers: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
    #[command(flatten)]
    pub(crate) asking: AskingArgs,
}

/// `tierwise classify`.
#[derive(Debug, clap::Args)]
#[command(after_help = CUSTOMERS, after_long_help = CUSTOMERS_LONG)]
pub(crate) struct ClassifyArgs {
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    /// The day as of which customers are classified, as YYYY-MM-DD; today by default
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<NaiveDate>,
    /// List what was noticed about the data, customer by customer, on the standard error
    #[arg(long)]
    pub(crate) findings: bool,
    /// Add these facts and lets to each outcome, as the policy saw them; for --format ndjson
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    pub(crate) show: Vec<String>,
}

/// A policy, the customers of a file, and how what is found of them is written.
#[derive(Debug, clap::Args)]
pub(crate) struct RowsArgs {
    /// Policy file
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// File of customers: .csv, .ndjson or .jsonl; `-` reads NDJSON from the standard input
    #[arg(value_name = "CUSTOMERS")]
    pub(crate) customers: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingArgs,
}

/// How a file of customers is read, and how what is found of them is written.
#[derive(Debug, clap::Args)]
pub(crate) struct ReadingArgs {
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// The column, or key, that tells customers apart
    #[arg(
        long,
        visible_alias = "id-column",
        value_name = "COLUMN",
        default_value = "id",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) orders: OrdersArgs,
}

/// Where the orders come from.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct OrdersArgs {
    /// File of orders: .csv, .ndjson or .jsonl, with the customer and the fields that the policy uses
    #[arg(long, value_name = "ORDERS")]
    pub(crate) orders: Option<PathBuf>,
    /// The column of the orders that names the customer
    #[arg(long, value_name = "COLUMN", default_value = "customer_id", requires = "orders")]
    pub(crate) customer_column: String,
    /// A field of the orders and the column that holds it, as FIELD=COLUMN
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping, requires = "orders")]
    pub(crate) map: Vec<(String, String)>,
    /// Take the column `parent` for the id of each customer's parent: groups, and the tier of the parent
    #[arg(long)]
    pub(crate) portfolio: bool,
    /// File of exchange rates: .csv with the columns from, to, date and rate
    #[arg(long, value_name = "RATES")]
    pub(crate) rates: Option<PathBuf>,
    /// Refuse customers about whose data something is noticed that weighs as a warning, and check facts that the policy
    /// does not use
    #[arg(long)]
    pub(crate) strict: bool,
}

/// `placed_on=order_date`.
fn mapping(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, column)) if !field.is_empty() && !column.is_empty() => Ok((field.to_owned(), column.to_owned())),
        _ => Err("a mapping is written as FIELD=COLUMN".to_owned()),
    }
}

/// `tierwise forecast`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Facts stay as they are, and orders and other records keep their dates: windows let go of them, and dates run out.
One line for each change, in the order of the days, with the rule that then decides and what let go.

Exit codes:
  0  all customers are looked at, whether any changes or not
  1  the policy is wrong
  2  the command line is wrong, or a file cannot be read or used
  3  some customers were rejected, all others are looked at")]
pub(crate) struct ForecastArgs {
    #[command(flatten)]
    pub(crate) rows: RowsArgs,
    /// The day as of which facts are known, as YYYY-MM-DD
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) from: NaiveDate,
    /// The last day that is looked at
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) to: NaiveDate,
}

/// `tierwise fmt`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Rules stand in columns, long conditions are broken at `and` and `or`, and every sign has one spelling.
Comments and blank lines stay where they are, and no policy changes its meaning or its fingerprint.
A file is replaced whole or not at all, and only where it changes.

Exit codes:
  0  all policies are formatted
  1  a policy has errors in its syntax and is left as it is, or with --check, is not formatted
  2  the command line is wrong, or a file cannot be read or written")]
pub(crate) struct FmtArgs {
    /// Policy files; `-` formats the standard input to the standard output
    #[arg(value_name = "POLICY", required = true)]
    pub(crate) policies: Vec<PathBuf>,
    /// Write nothing; name each file that would change, with its first line that would
    #[arg(long)]
    pub(crate) check: bool,
    /// The language of the keywords
    #[arg(long, value_enum, value_name = "LANGUAGE", default_value_t = KeywordLanguage::Keep)]
    pub(crate) keywords: KeywordLanguage,
}

/// The language of keywords.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeywordLanguage {
    /// Each as its author wrote it
    Keep,
    /// All in English
    En,
    /// All in Chinese; comparisons are signs
    Zh,
}

const CUSTOMERS: &str = "\
A row that cannot be taken is rejected with a code and a reason, and the others are classified.

Exit codes:
  0  all customers are classified
  1  the policy is wrong
  2  the command line is wrong, or a file cannot be read or used
  3  some customers were rejected, all others are classified";

const CUSTOMERS_LONG: &str = "\
Customers as CSV: the header names the facts, an empty cell is a missing fact, `true` and `false` are
booleans where the policy needs one, and the members of a set are separated by `;`. Customers as
NDJSON: one object a line; nested facts are reached by dots. Numbers are taken exactly as written.
Facts that the policy does not use are not looked at.

Output as NDJSON and CSV is written while the file is read, so a file may be larger than the memory.

A row that cannot be taken is rejected, and the others are classified:
  R0101  the line is not readable JSON
  R0102  the line is JSON but no object
  R0103  the row has no id
  R0104  the id, or a fact that the policy uses, is given twice
  R0105  the row has more or fewer cells than the header
  R0106  the row is not UTF-8
  R0107  the row is longer than 16 MiB
  R0108  a fact that the policy uses is nested deeper than 64 levels
  R0109  a quote in the row is not closed, which takes rows behind it along, or something stands
         behind a closing quote
  R0110  the id, or with --portfolio the parent, is neither a text nor a number
  D....  a fact cannot be taken, as the library reports it

Exit codes:
  0  all customers are classified
  1  the policy is wrong
  2  the command line is wrong, or a file cannot be read or used
  3  some customers were rejected, all others are classified";

/// `tierwise explain`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The text says which rule decided, by how much the rules of better tiers failed, and what is open.
Facts that the policy calls sensitive, and what follows from them, are not shown.

Exit codes:
  0  the customer is explained
  1  the policy is wrong
  2  the command line is wrong, a file cannot be read or used, or no customer has the id
  3  the customer was rejected")]
pub(crate) struct ExplainArgs {
    /// Policy file
    #[arg(value_name = "POLICY")]
    pub(crate) policy: PathBuf,
    /// File of customers: .csv, .ndjson or .jsonl; `-` reads NDJSON from the standard input
    #[arg(value_name = "CUSTOMERS")]
    pub(crate) customers: PathBuf,
    /// The customer to explain; every row with this id
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) id: String,
    /// Also say the smallest change of numbers that leads to this tier
    #[arg(long, value_name = "TIER", conflicts_with = "portfolio")]
    pub(crate) to: Option<String>,
    /// A fact that may change with `--to` though it is no number: a text, a choice, a set, a date, true or false; repeatable
    #[arg(long, value_name = "FACT", requires = "to")]
    pub(crate) may_change: Vec<String>,
    /// Show every rule, cap, floor, let and fact
    #[arg(long)]
    pub(crate) full: bool,
    /// The day as of which the customer is classified, as YYYY-MM-DD; today by default
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) as_of: Option<NaiveDate>,
    /// How the explanation is written; JSON always holds everything
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(crate) format: ExplainFormat,
    /// The column, or key, that tells customers apart
    #[arg(long, value_name = "COLUMN", default_value = "id", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) id_column: String,
    #[command(flatten)]
    pub(crate) orders: OrdersArgs,
}

/// How an explanation is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// How outcomes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: a table and a summary
    Table,
    /// One JSON object a line, with everything that the outcome says
    Ndjson,
    /// For spreadsheets: a header and one row per customer
    Csv,
}

/// A civil date in the one form in which policies and data have it.
fn date(text: &str) -> Result<NaiveDate, String> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(
            |(at, byte)| {
                if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() }
            },
        );
    if !shape {
        return Err("a date is written as YYYY-MM-DD".to_owned());
    }
    text.parse().map_err(|_| "the calendar has no such day".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_date_has_one_form() {
        assert_eq!(date("2024-02-29"), Ok(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()));
        for wrong in ["2026-02-30", "2026-3-1", "+026-03-01", "20260301", "today", "2026-03-01 ", "٢٠٢٦-٠٣-٠١", ""]
        {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }
}
