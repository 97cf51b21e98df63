//! The target `claimr_body` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::targets::claimr_body(input));
