//! Fuzzing: what anybody may send must neither panic nor break a rule.
//!
//! A target takes bytes, makes of them what it is about, and asserts whatever has to hold for every
//! input: that nobody without the key is let in, that what is let in has the form that everything
//! behind relies on, that it means the same when it arrives a second time.
//!
//! Each target runs in two ways:
//!
//! * With every `cargo test`, for a second (`FUZZ_SECONDS=600 cargo test -p fuzz` for longer): random
//!   mutations of the corpus, by [`mutation`]. Nothing there is guided by coverage; what makes it find
//!   things is that the corpus has every kind of request in it and the mutations know the syntax.
//! * By `fuzz/guided TARGET [SECONDS]`: libFuzzer, guided by coverage, on the stable toolchain and
//!   without any tool but a C++ compiler. Where `cargo fuzz` is at hand,
//!   `FUZZ_TARGET=TARGET cargo fuzz run -s none --features guided target` does the same.
//!
//! # Corpus
//!
//! The samples in `events/` and the requests of the conformance corpus, and the files in
//! `fuzz/corpus/TARGET/`, or `functions/PROVIDER/fuzz/`, which libFuzzer adds to. An input that breaks a target is written to
//! `fuzz/artifacts/TARGET/` in both ways and is part of every run from then on; commit it with the fix.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`targets`] | the targets |
//! | [`corpus`] | the inputs that a target starts from |
//! | [`mutation`] | random changes to them |

#![expect(clippy::missing_panics_doc, reason = "a target panics where a rule is broken")]

pub mod corpus;
pub mod mutation;
pub mod targets;
