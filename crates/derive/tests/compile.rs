//! A derive that cannot be is refused with a message of its own, at the word that is wrong.

#[test]
fn wrong_derives_say_what_is_wrong() {
    let tests = trybuild::TestCases::new();
    tests.pass("tests/pass/*.rs");
    tests.compile_fail("tests/fail/*.rs");
}
