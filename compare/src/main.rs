//! Prints the comparison as Markdown: `cargo run --release --manifest-path compare/Cargo.toml`.

use lexopt::Arg::{Long, Short};
use lexopt::ValueExt;
use tierwise_compare::questions;
use tierwise_compare::report::{Options, run};

const USAGE: &str = "tierwise-compare [--rounds N] [--customers N] [--rules N]
tierwise-compare --questions [--rounds N]";

fn main() -> Result<(), lexopt::Error> {
    let mut options = Options::default();
    let mut asked = false;
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("rounds") => options.rounds = parser.value()?.parse()?,
            Long("customers") => options.customers = parser.value()?.parse()?,
            Long("rules") => options.rules = Some(parser.value()?.parse()?),
            Long("questions") => asked = true,
            Long("help") | Short('h') => {
                println!("{USAGE}");
                return Ok(());
            }
            other => return Err(other.unexpected()),
        }
    }
    if asked {
        questions::run(options)
    } else {
        run(options)
    }
    Ok(())
}
