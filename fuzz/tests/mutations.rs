//! Every target, for a second: its corpus, and then random mutations of it.
//!
//! `FUZZ_SECONDS` sets another time for each target. Then the mutations are others in every run, unless
//! `FUZZ_SEED` says which; in a normal run they are always the same.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::env;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use fuzz::corpus;
use fuzz::mutation::{Mutator, Random};
use fuzz::targets::{self, Target};
use sha2::{Digest as _, Sha256};

/// How long one input may take, on a machine that has other things to do.
const TIMEOUTS: Duration = Duration::from_secs(5);

fn fuzz(target: Target) {
    let name = target.name();
    let mut inputs = corpus::kept(target);
    inputs.extend(corpus::seeds(target));
    assert!(inputs.len() > 10, "{name} has hardly any corpus");
    for input in &inputs {
        run(target, input);
    }

    let number = |variable: &str| env::var(variable).ok().and_then(|text| text.parse().ok());
    let seconds = number("FUZZ_SECONDS");
    let clock = || u64::try_from(jiff::Timestamp::now().as_nanosecond()).unwrap_or_default();
    let seed = number("FUZZ_SEED").unwrap_or_else(|| seconds.map_or(1, |_| clock()));
    let mut mutator = Mutator::new(inputs, Random::new(seed));
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed() < Duration::from_secs(seconds.unwrap_or(1)) {
        run(target, &mutator.next_input());
        count += 1;
    }
    println!("{name}: {count} inputs from FUZZ_SEED={seed}");
    assert!(count > 50, "only {count} inputs");
}

/// Runs `target`; an input that breaks it is kept in a file.
fn run(target: Target, input: &[u8]) {
    let started = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| target.run(input)));
    if outcome.is_ok() && started.elapsed() < TIMEOUTS {
        return;
    }
    let folder = corpus::artifacts(target);
    let file = folder.join(format!("crash-{}", &hex::encode(Sha256::digest(input))[..16]));
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(&file, input).expect("a file");
    let what = if outcome.is_ok() { "takes too long for" } else { "is broken by" };
    panic!("{} {what} {}", target.name(), file.display());
}

#[test]
fn every_target_holds() {
    let targets = targets::all();
    assert!(targets.iter().any(|target| matches!(target, Target::Query(_))), "{targets:?}");
    for target in targets {
        fuzz(target);
    }
}
