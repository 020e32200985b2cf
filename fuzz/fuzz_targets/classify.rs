#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tierwise_fuzz::classify(data));
