//! The target `appvirality_body` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::targets::appvirality_body(input));
