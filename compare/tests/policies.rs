//! The generated policies are what they are said to be.

use std::collections::BTreeMap;

use tierwise_compare::account::Field;
use tierwise_compare::customers::{Facts, customers};
use tierwise_compare::oracle::verdict;
use tierwise_compare::policies::{SIZES, generated, three, twelve};

#[test]
fn the_small_policies_have_their_rules_and_facts() {
    assert_eq!((three().count(), three().fields().len()), (3, 2));
    assert_eq!((twelve().count(), twelve().fields().len()), (12, 8));
}

#[test]
fn generated_rules_are_conjunctions_with_few_cuts_that_match_late() {
    for size in SIZES {
        let rules = generated(size);
        assert_eq!(rules.count(), size);
        assert_eq!(rules.fields().into_iter().collect::<Vec<_>>(), Field::numeric());
        for (condition, _) in &rules.rules {
            let parts = condition.conjunction().expect("a conjunction of comparisons");
            assert!((2..=4).contains(&parts.len()));
        }
        let mut cuts: BTreeMap<Field, usize> = BTreeMap::new();
        rules.cuts().into_iter().for_each(|(field, _)| *cuts.entry(field).or_default() += 1);
        assert!(cuts.values().all(|count| *count <= 64), "{cuts:?}");
        matches_late(&rules, size);
    }
}

fn matches_late(rules: &tierwise_compare::rules::Rules, size: usize) {
    let customers = customers(1_500, Facts::Complete);
    let decided = |customer: &tierwise_compare::customers::Pair| verdict(rules, &customer.exact).rule;
    let mut depths: Vec<usize> = customers.iter().filter_map(decided).collect();
    depths.sort_unstable();
    let through = 1.0 - depths.len() as f64 / customers.len() as f64;
    let median = depths[depths.len() / 2] as f64 / size as f64;
    println!("{size} rules: {:.0} % fall through, median depth {:.0} %", through * 100.0, median * 100.0);
    assert!((0.4..0.75).contains(&through), "{through}");
    assert!(median >= 0.6, "{median}");
}
