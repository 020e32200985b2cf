#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tierwise_fuzz::print_and_reparse(data));
