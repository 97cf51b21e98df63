//! The target that the environment variable `FUZZ_TARGET` names, under libFuzzer.

#![no_main]

use std::sync::LazyLock;

use fuzz::targets::Target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let mut targets = fuzz::targets::all();
    let names: Vec<_> = targets.iter().map(Target::name).collect();
    let at = names.iter().position(|known| *known == name);
    targets.swap_remove(at.unwrap_or_else(|| panic!("FUZZ_TARGET is to be one of {names:?}")))
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| TARGET.run(input));
