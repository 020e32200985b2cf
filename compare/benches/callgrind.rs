//! How many instructions does a decision take, hand-written and by tierwise? Counted over 100 customers by callgrind.

use std::hint::black_box;

use gungraun::prelude::*;
use tierwise_compare::account::{Account, CentsAccount};
use tierwise_compare::customers::{Facts, customers};
use tierwise_compare::engine::Engine;
use tierwise_compare::hand::{DecimalScan, Three, Twelve};
use tierwise_compare::ours::{OwnBound, Tiers3, Tiers4, Tiers5};
use tierwise_compare::policies::{generated, three, twelve};
use tierwise_compare::rules::Rules;

const CUSTOMERS: usize = 100;

/// A loaded engine and its customers.
struct Ready<E: Engine> {
    engine: E,
    inputs: Vec<E::Input>,
}

fn ready<E: Engine>(rules: Rules, facts: Facts) -> Ready<E> {
    let source = E::write(&rules).expect("the rules can be written");
    let engine = E::load(&source).expect("the rules can be loaded");
    let inputs = customers(CUSTOMERS, facts).iter().map(|customer| engine.convert(customer)).collect();
    Ready { engine, inputs }
}

// Hands back what it was given, so that dropping it is not counted.
#[library_benchmark]
#[bench::hand_3_rules(args = (three(), Facts::Complete), setup = ready::<Three<Account>>)]
#[bench::hand_3_rules_gaps(args = (three(), Facts::Gaps), setup = ready::<Three<Account>>)]
#[bench::hand_3_rules_cents(args = (three(), Facts::Complete), setup = ready::<Three<CentsAccount>>)]
#[bench::hand_12_rules(args = (twelve(), Facts::Complete), setup = ready::<Twelve<Account>>)]
#[bench::hand_12_rules_gaps(args = (twelve(), Facts::Gaps), setup = ready::<Twelve<Account>>)]
#[bench::hand_12_rules_cents(args = (twelve(), Facts::Complete), setup = ready::<Twelve<CentsAccount>>)]
#[bench::hand_1000_rules(args = (generated(1_000), Facts::Complete), setup = ready::<DecimalScan>)]
#[bench::hand_1000_rules_gaps(args = (generated(1_000), Facts::Gaps), setup = ready::<DecimalScan>)]
#[bench::tierwise_3_rules(args = (three(), Facts::Complete), setup = ready::<OwnBound<Account, Tiers3>>)]
#[bench::tierwise_3_rules_gaps(args = (three(), Facts::Gaps), setup = ready::<OwnBound<Account, Tiers3>>)]
#[bench::tierwise_3_rules_cents(args = (three(), Facts::Complete), setup = ready::<OwnBound<CentsAccount, Tiers3>>)]
#[bench::tierwise_12_rules(args = (twelve(), Facts::Complete), setup = ready::<OwnBound<Account, Tiers4>>)]
#[bench::tierwise_12_rules_gaps(args = (twelve(), Facts::Gaps), setup = ready::<OwnBound<Account, Tiers4>>)]
#[bench::tierwise_12_rules_cents(args = (twelve(), Facts::Complete), setup = ready::<OwnBound<CentsAccount, Tiers4>>)]
#[bench::tierwise_1000_rules(args = (generated(1_000), Facts::Complete), setup = ready::<OwnBound<Account, Tiers5>>)]
#[bench::tierwise_1000_rules_gaps(args = (generated(1_000), Facts::Gaps), setup = ready::<OwnBound<Account, Tiers5>>)]
fn decide<E: Engine>(mut ready: Ready<E>) -> Ready<E> {
    for input in &ready.inputs {
        black_box(ready.engine.decide(black_box(input)));
    }
    ready
}

library_benchmark_group!(name = decisions, benchmarks = [decide]);
main!(library_benchmark_groups = decisions);
