//! How many orders a second does the command line classify customers by, and in how much memory, beside the crate `csv`
//! and a loop written by hand?
//!
//! `cargo bench -p tierwise-cli --bench orders` takes 1,000,000 orders of 100,000 customers, in the order in which they were
//! placed; run as a test it takes a hundredth. Both run as processes of their own, in turns; they must give every customer
//! the same tier. The loop by hand knows no findings, no missing amounts, no doubles: it is the floor.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use csv::{ByteRecord, Reader};
use tierwise::chrono::{Days, Months, NaiveDate};
use tierwise::rust_decimal::Decimal;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const POLICY: &str = "\
annual_spend > 1000 and frequency >= 6 => A
annual_spend > 200 and frequency >= 2  => B
otherwise                              => C
";

const AS_OF: &str = "2026-03-31";

/// Runs of each.
const ROUNDS: usize = 5;

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().collect();
    if let [_, by_hand, folder] = args.as_slice()
        && by_hand == "--by-hand"
    {
        return hand_written(Path::new(folder));
    }
    let (customers, rounds) = if args.iter().any(|arg| arg == "--bench") { (100_000, ROUNDS) } else { (1_000, 1) };
    let folder = tempfile::tempdir()?;
    let orders = generate(folder.path(), customers)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tierwise"));
        command.args(["classify", "p.tier", "customers.csv", "--orders", "orders.csv"]);
        command.args(["--as-of", AS_OF, "--format", "csv"]);
        ours.push(run(command, folder.path(), "ours.csv")?);
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--by-hand").arg(folder.path());
        theirs.push(run(command, folder.path(), "theirs.csv")?);
    }
    let found = tiers(&folder.path().join("ours.csv"))?;
    if found.len() != customers as usize || found != tiers(&folder.path().join("theirs.csv"))? {
        return Err("the command line and the loop by hand do not agree".into());
    }
    let bytes = std::fs::metadata(folder.path().join("orders.csv"))?.len();
    println!("{orders} orders of {customers} customers, {:.1} MB; medians of {rounds}", bytes as f64 / 1e6);
    let (ours, theirs) = (median(ours), median(theirs));
    for (name, run) in [("tierwise classify --orders", &ours), ("csv and a loop by hand", &theirs)] {
        let rate = orders as f64 / run.took.as_secs_f64();
        let peak = run.peak.map_or("not known".to_owned(), |peak| format!("{:.1} MB", peak as f64 / 1e3));
        println!("{name:<28}{:>8.3} s {rate:>12.0} orders/s, peak memory {peak}", run.took.as_secs_f64());
    }
    println!("ratio {:.2}", ours.took.as_secs_f64() / theirs.took.as_secs_f64());
    Ok(())
}

/// Writes the policy, the customers, and ten orders for each, by the day; gives how many orders there are.
fn generate(folder: &Path, customers: u64) -> Result<u64> {
    std::fs::write(folder.join("p.tier"), POLICY)?;
    let mut file = BufWriter::new(File::create(folder.join("customers.csv"))?);
    writeln!(file, "id,name")?;
    for at in 0..customers {
        writeln!(file, "C{at:06},Customer {at}")?;
    }
    file.flush()?;
    let mut file = BufWriter::new(File::create(folder.join("orders.csv"))?);
    writeln!(file, "id,customer_id,placed_on,amount,channel")?;
    let first = NaiveDate::from_ymd_opt(2024, 4, 1).ok_or("no such day")?;
    let (orders, mut state) = (customers * 10, 20_260_331_u64);
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    for at in 0..orders {
        let day = first + Days::new(at * 730 / orders);
        // Some order much more than others.
        let widest = 1 + roll(customers);
        let (customer, cents) = (roll(widest), 100 + roll(40_000));
        let channel = ["web", "store", "phone"][roll(3) as usize];
        writeln!(file, "{at},C{customer:06},{day},{}.{:02},{channel}", cents / 100, cents % 100)?;
    }
    file.flush()?;
    Ok(orders)
}

/// What a run took.
struct Run {
    took: Duration,
    /// Kilobytes.
    peak: Option<u64>,
}

fn run(mut command: Command, folder: &Path, output: &str) -> Result<Run> {
    let output = File::create(folder.join(output))?;
    let start = Instant::now();
    let mut child = command.current_dir(folder).stdin(Stdio::null()).stdout(output).spawn()?;
    let mut peak = None;
    let status = loop {
        // The peak so far, where the system tells it.
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    let took = start.elapsed();
    if status.success() { Ok(Run { took, peak }) } else { Err(format!("the run ended with {status}").into()) }
}

fn median(mut runs: Vec<Run>) -> Run {
    runs.sort_by_key(|run| run.took);
    runs.swap_remove(runs.len() / 2)
}

/// The same by hand.
fn hand_written(folder: &Path) -> Result<()> {
    let as_of: NaiveDate = AS_OF.parse()?;
    let from = as_of - Months::new(12);
    let text = |record: &ByteRecord, at: usize| -> Result<String> { Ok(str::from_utf8(&record[at])?.to_owned()) };
    let mut totals: HashMap<String, (Decimal, u32)> = HashMap::new();
    let (mut orders, mut record) = (Reader::from_path(folder.join("orders.csv"))?, ByteRecord::new());
    while orders.read_byte_record(&mut record)? {
        let day: NaiveDate = str::from_utf8(&record[2])?.parse()?;
        if day <= from || day > as_of {
            continue;
        }
        let amount = Decimal::from_str_exact(str::from_utf8(&record[3])?)?;
        let customer = str::from_utf8(&record[1])?;
        if !totals.contains_key(customer) {
            totals.insert(customer.to_owned(), (Decimal::ZERO, 0));
        }
        if let Some((spend, count)) = totals.get_mut(customer) {
            *spend += amount;
            *count += 1;
        }
    }
    let mut customers = Reader::from_path(folder.join("customers.csv"))?;
    let mut output = csv::Writer::from_writer(std::io::stdout().lock());
    output.write_record(["id", "tier"])?;
    while customers.read_byte_record(&mut record)? {
        let id = text(&record, 0)?;
        let (spend, count) = totals.get(&id).copied().unwrap_or_default();
        let tier = if spend > Decimal::from(1000) && count >= 6 {
            "A"
        } else if spend > Decimal::from(200) && count >= 2 {
            "B"
        } else {
            "C"
        };
        output.write_record([&id, tier])?;
    }
    output.flush()?;
    Ok(())
}

/// Every customer's tier.
fn tiers(path: &Path) -> Result<Vec<(String, String)>> {
    let mut reader = Reader::from_path(path)?;
    let header = reader.headers()?.clone();
    let tier = header.iter().position(|name| name == "tier").ok_or("no tiers")?;
    reader.records().map(|row| row.map(|row| (row[0].to_owned(), row[tier].to_owned())).map_err(Into::into)).collect()
}
