//! A service that classifies JSON from several threads while the policy is replaced: `cargo run --release --example service`.
//!
//! A policy is cheap to clone, so every request takes the one that is current and keeps it to its end; an outcome names the
//! policy that gave it.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tierwise::chrono::NaiveDate;
use tierwise::{Customer, Outcome, Policy};

const SPRING: &str = "policy \"Members\" version \"spring\"
annual_spend > 10_000 => Gold
annual_spend > 1_000 or frequency >= 12 => Silver
otherwise => Bronze";

const AUTUMN: &str = "policy \"Members\" version \"autumn\"
annual_spend > 20_000 => Gold
annual_spend > 1_000 and frequency >= 6 => Silver
otherwise => Bronze";

/// What the service holds: the policy that is current.
struct Service {
    policy: RwLock<Policy>,
}

impl Service {
    /// The policy as it is now; whoever replaces it disturbs nobody who has it.
    fn current(&self) -> Policy {
        self.policy.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Checks a policy and puts it in place; one that is wrong changes nothing.
    fn replace(&self, source: &str) -> Result<(), Box<dyn Error>> {
        let policy = Policy::parse(source)?;
        *self.policy.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = policy;
        Ok(())
    }

    /// One request.
    fn classify(&self, body: &Value, today: NaiveDate) -> Result<Outcome, Box<dyn Error>> {
        let customer = Customer::from_serialize(body)?;
        Ok(self.current().classify(&customer, today)?)
    }
}

/// The tier by spend in hundreds and frequency that each version gives, worked out by hand.
fn expected(version: &str, spend: i64, frequency: i64) -> &'static str {
    match version {
        "spring" if spend > 10_000 => "Gold",
        "spring" if spend > 1_000 || frequency >= 12 => "Silver",
        "autumn" if spend > 20_000 => "Gold",
        "autumn" if spend > 1_000 && frequency >= 6 => "Silver",
        _ => "Bronze",
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let today = NaiveDate::from_ymd_opt(2026, 3, 31).ok_or("no such day")?;
    let service = Service { policy: RwLock::new(Policy::parse(SPRING)?) };
    let done = AtomicBool::new(false);

    let worker = |first: i64| -> Result<BTreeMap<String, usize>, String> {
        let mut answered = BTreeMap::new();
        for at in 0..20_000 {
            let (spend, frequency) = ((first + at * 37) % 300 * 100, (first + at) % 14);
            let body = json!({ "annual_spend": spend, "frequency": frequency });
            let outcome = service.classify(&body, today).map_err(|error| error.to_string())?;
            let version = outcome.policy_version().unwrap_or_default();
            // An outcome is of one policy, whole.
            if outcome.settled() != Some(expected(version, spend, frequency)) {
                return Err(format!("{outcome:?} is torn"));
            }
            *answered.entry(version.to_owned()).or_default() += 1;
        }
        Ok(answered)
    };

    let mut answered: BTreeMap<String, usize> = BTreeMap::new();
    let mut swaps = 0;
    std::thread::scope(|scope| -> Result<(), Box<dyn Error>> {
        let workers: Vec<_> = (0..4).map(|first| scope.spawn(move || worker(first))).collect();
        let swapper = scope.spawn(|| {
            let mut swaps = 0;
            while !done.load(Ordering::Relaxed) {
                let source = if swaps % 2 == 0 { AUTUMN } else { SPRING };
                service.replace(source).map_err(|error| error.to_string())?;
                swaps += 1;
                std::thread::yield_now();
            }
            Ok::<usize, String>(swaps)
        });
        let results: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
        done.store(true, Ordering::Relaxed);
        swaps = swapper.join().map_err(|_| "the swapper stopped")??;
        for result in results {
            for (version, count) in result.map_err(|_| "a worker stopped")?? {
                *answered.entry(version).or_default() += count;
            }
        }
        Ok(())
    })?;
    if let Err(error) = service.replace("annual_spend > 1M => Gold\notherwise Bronze") {
        println!("a wrong policy changes nothing:\n{error}");
    }
    println!(
        "{} outcomes, each of one policy, with the policy replaced {} times meanwhile",
        answered.values().sum::<usize>(),
        swaps
    );
    println!("of every version: {}", answered.len() == 2);
    Ok(())
}
