//! The target `devtodev_query` under libFuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| fuzz::targets::devtodev_query(input));
