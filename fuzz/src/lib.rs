//! What the fuzz targets run: the checks, and the generators that they share with the tests of the library.

mod checks;
#[path = "../../tests/support/generate.rs"]
mod generate;
#[path = "../../tests/support/tokens.rs"]
mod tokens;

macro_rules! targets {
    ($($target:ident)*) => {
        $(#[doc = concat!("The target `", stringify!($target), "`.")]
        pub fn $target(data: &[u8]) {
            checks::$target(data);
        })*
    };
}

targets! { parse check classify print_and_reparse }
