//! What holds for every callback, tried on random ones.
//!
//! A normal run tries a few dozen of each; `PROPTEST_CASES=10000 cargo test -p tests --test properties`
//! tries more. What fails is made as small as it can be, and kept in `regressions.txt` beside this file,
//! to be tried first from then on: commit it with the fix.
//!
//! # Layout
//!
//! | module | what holds |
//! | --- | --- |
//! | [`signing`] | what is signed is genuine, and nothing of it can be changed |
//! | [`identities`] | two callbacks have one key only if they have one identity |
//! | [`amounts`] | an amount is stored digit for digit |
//! | [`no_panics`] | whatever is sent, nothing panics |
//!
//! [`strategies`] has the random values, [`pipeline`] the way from a payload to what is read in it.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod amounts;
mod no_panics;
// The same function behind the same API as for the conformance corpus.
#[path = "../conformance/deployment.rs"]
mod deployment;
mod identities;
mod pipeline;
mod signing;
mod strategies;

use proptest::test_runner::{Config, FileFailurePersistence};

/// How often a property is tried: `cases` times, or as `PROPTEST_CASES` says.
fn tried(cases: u32) -> Config {
    let set = std::env::var_os("PROPTEST_CASES").is_some();
    let default = Config::default();
    Config {
        cases: if set { default.cases } else { cases },
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(
            "properties/regressions.txt",
        ))),
        ..default
    }
}
