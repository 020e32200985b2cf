//! The command `tierwise`: checks and formats policies, classifies customers from files, and says why. It stands on the
//! library's public API alone.
//!
//! | module | in | out |
//! | --- | --- | --- |
//! | `args` | the command line | `Args` |
//! | `policy` | a path | a policy, or why there is none |
//! | `input` | a file of customers | rows, each with an id and facts or a rejection |
//! | `classify` | a policy and rows | an outcome or a rejection per row, and the exit code |
//! | `show` | names on the command line, and an explanation | the values of these facts and lets |
//! | `explain` | a policy, rows and an id | why the customer has its tier |
//! | `forecast` | a policy, rows and two days | which customers change their tier in between, and why |
//! | `analyze` | policies | what an author should know of them |
//! | `diff` | two policies, and perhaps rows | whose tier differs, and how many go from where to where |
//! | `output` | outcomes and rejections | NDJSON, CSV or a table |
//! | `check` | policies | diagnostics, and what the policies need |
//! | `fmt` | policies | their canonical form |
//! | `mutate` | policies, files of tests and folders | which mistakes in a policy its tests do not notice |
//! | `test` | policies, files of tests and folders | which tests fail, and why |

mod analyze;
mod args;
mod check;
mod classify;
mod diff;
mod escape;
mod explain;
mod failure;
mod fmt;
mod forecast;
mod html;
mod input;
mod mutate;
mod output;
mod policy;
mod portfolio;
mod progress;
mod rejected;
mod show;
mod test;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};

fn main() -> ExitCode {
    let Args { command, lang } = Args::parse();
    let done = match command {
        Command::Analyze(args) => analyze::run(&args, lang.into()),
        Command::Check(args) => check::run(&args, lang.into()),
        Command::Classify(args) => classify::run(&args, lang.into()),
        Command::Diff(args) => diff::run(&args, lang.into()),
        Command::Explain(args) => explain::run(&args, lang.into()),
        Command::Forecast(args) => forecast::run(&args, lang.into()),
        Command::Fmt(args) => fmt::run(&args, lang.into()),
        Command::Mutate(args) => mutate::run(&args, lang.into()),
        Command::Test(args) => test::run(&args, lang.into()),
    };
    done.unwrap_or_else(|failure| failure.report()).into()
}
