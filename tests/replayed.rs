//! Every distance is applied: the customer of whom it says so has the tier then, and one step short of it has not.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;
use tierwise::explain::Actual;
use tierwise::{Budget, Customer, FactChange, Policy, Target, policy_of_tests};

/// How much was looked at.
#[derive(Debug, Default)]
struct Seen {
    customers: usize,
    ways: usize,
    several: usize,
    steps: usize,
    /// Ways over facts that were not given as such.
    computed: usize,
    /// Ways over facts that are no numbers.
    listed: usize,
}

fn tier(policy: &Policy, facts: &Value, as_of: NaiveDate) -> Option<String> {
    let customer = Customer::from_serialize(facts).ok()?;
    policy.classify(&customer, as_of).ok()?.tier().map(str::to_owned)
}

/// The same customer with some facts changed; `None` where one of them was not given.
fn changed(facts: &Value, changes: &[(&str, Value)]) -> Option<Value> {
    let mut facts = facts.clone();
    for (name, to) in changes {
        let own = facts.get_mut(*name)?;
        *own = to.clone();
    }
    Some(facts)
}

/// One step back to where the customer is: of the grid, or a day; what is neither a number nor a date stays as it was.
fn one_short(change: &FactChange, unit: Decimal) -> Value {
    match (change.from(), change.to()) {
        (Actual::Number(from), Actual::Number(to)) => {
            let short = if to > from { to - unit } else { to + unit };
            short.normalize().to_string().into()
        }
        (Actual::Date(from), Actual::Date(to)) => {
            let short = if to > from { to.pred_opt() } else { to.succ_opt() };
            short.unwrap().to_string().into()
        }
        (from, _) => serde_json::to_value(from).unwrap(),
    }
}

fn replay(what: &str, policy: &Policy, facts: &Value, as_of: NaiveDate, seen: &mut Seen) {
    let Ok(customer) = Customer::from_serialize(facts) else { return };
    if policy.classify(&customer, as_of).is_err() {
        return;
    }
    seen.customers += 1;
    let ladder: Vec<&str> = policy.tiers().collect();
    let place =
        |tier: Option<&str>| tier.and_then(|tier| ladder.iter().position(|own| *own == tier)).unwrap_or(ladder.len());
    let now = tier(policy, facts, as_of);
    let needs = policy.needs();
    let listed: Vec<&str> = needs
        .fields()
        .map(|field| field.name())
        .filter(|name| policy.recourse(Target::Better, &[*name]).is_ok())
        .collect();
    for (target, listed) in
        [(Target::Better, &[][..]), (Target::Worse, &[]), (Target::Better, &listed), (Target::Worse, &listed)]
    {
        let recourse = policy.recourse(target, listed).unwrap();
        let far = policy.distance(&customer, as_of, &recourse, Budget::default()).unwrap();
        let wanted = |tier: Option<&str>| match target {
            Target::Better => place(tier) < place(now.as_deref()),
            _ => place(tier) > place(now.as_deref()),
        };
        for way in far.ways() {
            let to = |change: &FactChange| serde_json::to_value(change.to()).unwrap();
            let changes: Vec<(&str, Value)> = way.changes().iter().map(|change| (change.name(), to(change))).collect();
            let other = |change: &FactChange| change.to().number().is_none();
            seen.listed += usize::from(way.changes().iter().any(other));
            let Some(there) = changed(facts, &changes) else {
                seen.computed += 1;
                continue;
            };
            let told = format!("{what}, from {now:?}, {target:?}: {way}\n{facts}");
            let reached = tier(policy, &there, as_of);
            assert!(reached.as_deref() == way.tier() && wanted(way.tier()), "{reached:?} {told}");
            seen.ways += 1;
            let [change] = way.changes() else {
                seen.several += 1;
                continue;
            };
            let unit = far.may_change().find(|(name, ..)| *name == change.name()).map(|(_, unit, _)| unit);
            let short = changed(facts, &[(change.name(), one_short(change, unit.unwrap()))]).unwrap();
            let short = tier(policy, &short, as_of);
            assert!(!wanted(short.as_deref()), "one step short it is {short:?} already: {told}");
            seen.steps += 1;
        }
    }
}

fn policies(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "tier")).collect();
    found.sort();
    found
}

fn rows(text: &str) -> Vec<Value> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[test]
fn customers_of_the_sample_policies_reach_what_is_announced() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/policies");
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let mut seen = Seen::default();
    for path in policies(&folder) {
        // A file of tests is no policy.
        if policy_of_tests(&read(&path)).is_some() {
            continue;
        }
        let policy = Policy::parse(&read(&path)).unwrap();
        for customers in ["customers.ndjson", "enterprises.ndjson", "members_zh.ndjson"] {
            for facts in rows(&read(&folder.join(customers))) {
                replay(
                    &path.display().to_string(),
                    &policy,
                    &facts,
                    NaiveDate::from_ymd_opt(2026, 3, 31).unwrap(),
                    &mut seen,
                );
            }
        }
    }
    println!("{seen:?}");
    assert!(seen.ways > 200 && seen.steps > 100 && seen.listed > 50, "too little was looked at: {seen:?}");
}

#[test]
fn customers_of_the_shared_cases_reach_what_is_announced() {
    let Ok(shared) = std::env::var("TIERWISE_SHARED") else {
        println!("skipped: TIERWISE_SHARED is not set");
        return;
    };
    let mut seen = Seen::default();
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(Path::new(&shared).join("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.join("case.json").exists()) {
        let read = |file: &str| std::fs::read_to_string(folder.join(file)).unwrap();
        let case: Value = serde_json::from_str(&read("case.json")).unwrap();
        // Of groups and of orders in files of their own, what one customer does is not all.
        if case.get("portfolio").is_some() || folder.join("orders.csv").exists() {
            continue;
        }
        let Ok(policy) = Policy::parse(&read("policy.tier")) else { continue };
        for facts in rows(&read("customers.ndjson")) {
            replay(
                &folder.display().to_string(),
                &policy,
                &facts,
                case["as_of"].as_str().unwrap().parse().unwrap(),
                &mut seen,
            );
        }
    }
    println!("{seen:?}");
    assert!(seen.ways > 120 && seen.steps > 80 && seen.listed > 30, "too little was looked at: {seen:?}");
}
