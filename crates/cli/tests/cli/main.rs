//! The command as its users meet it: each test runs the binary on files of its own.

mod analyze;
mod check;
mod csv;
mod exit_codes;
mod explain;
mod fmt;
mod forecast;
mod lang;
mod ndjson;
mod orders;
mod policies;
mod portfolio;
mod run;
mod shared;
mod streaming;
mod table;
mod test;
