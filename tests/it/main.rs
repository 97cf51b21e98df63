//! Drives the built binaries of the functions as Lambda does, with the embedded DynamoDB behind them.
//!
//! # Layout
//!
//! | module | what is tested |
//! | --- | --- |
//! | [`samples`] | every file in `events/`: answers and stored items |
//! | [`published`] | the examples on the providers' own pages |
//! | [`outcomes`] | recorded, duplicate, conflict, refused: answers, items, requests to DynamoDB |
//! | [`simultaneous`] | many deliveries of one callback at once |
//! | [`one_machine`] | `cargo run` and its commands |
//! | [`faults`] | DynamoDB stopped, slow, throttling, talking nonsense; the function killed |
//! | [`malformed`] | events that are no request, or none that can be read |
//! | [`keys`] | several keys, none, unusable ones, Secrets Manager out of reach |
//! | [`rotation`] | keys that change while callbacks flow |
//! | [`settling`] | from the queues to ledger and providers: every path through the four functions |
//! | [`chaos`] | both halves under faults and kills: every effect once, none lost |
//! | [`emulator`] | the functions that `sam build` built, under AWS's emulator |
//! | [`secrecy`] | what is logged |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

mod chaos;
mod emulator;
mod faults;
mod keys;
mod malformed;
mod one_machine;
mod outcomes;
mod published;
mod rotation;
mod samples;
mod secrecy;
mod settling;
mod simultaneous;
