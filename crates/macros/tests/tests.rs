//! Both macros over policies of this folder.

tierwise_macros::policy_tests!("tests/policies/");

mod again {
    tierwise_macros::policy_tests!("tests/policies");
}

#[test]
fn a_policy_is_parsed_once() {
    let of = || tierwise_macros::include_policy!("tests/policies/key_accounts.tier");
    assert!(std::ptr::eq(of(), of()));
    assert_eq!(of().name(), Some("Key accounts"));
}
