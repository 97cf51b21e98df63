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
//! | [`dev_server`] | `cargo run` and its commands |
//! | [`access`] | who may ask its ports: no web page, no foreign host |
//! | [`contracts`] | the providers that files describe: served, settled, edited, tried by command |
//! | [`operator`] | the operator's command: what is wrong with a bundle, explained and mended |
//! | [`faults`] | DynamoDB stopped, slow, throttling, talking nonsense; the function killed |
//! | [`drawn_faults`] | the same at random, from seeds |
//! | [`load`] | `cargo run` under load, as a table |
//! | [`malformed`] | events that are no request, or none that can be read |
//! | [`networks`] | where requests may come from |
//! | [`keys`] | several keys, none, unusable ones, Secrets Manager out of reach |
//! | [`rotation`] | keys that change while callbacks flow |
//! | [`settled`] | the settling functions' files in `events/` |
//! | [`settling`] | from the queues to ledger and providers: every path through the four functions |
//! | [`queued`] | what the template's rules and queues promise |
//! | [`chaos`] | both halves under faults and kills: every effect once, none lost |
//! | [`console`] | the page that shows what comes |
//! | [`consumers`] | the consumers of `docs/events/`, with its examples |
//! | [`costs`] | what `docs/costs.md` counts on |
//! | [`told`] | what subscribers of the bus are told, beside the schemas of `docs/events/` |
//! | [`emulator`] | the functions that `sam build` built, under AWS's emulator |
//! | [`log`] | the one line per callback |
//! | [`triggers`] | states that are brought about by a word |
//! | [`timeouts`] | the functions are done before Lambda stops them |
//! | [`crates`] | which crate uses which |
//! | [`secrecy`] | what is never logged |
//! | [`metrics`] | what is counted and measured |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

mod access;
mod chaos;
mod console;
mod console_of_stack;
mod consumers;
mod contracts;
mod costs;
mod crates;
mod dev_server;
mod drawn_faults;
mod emulator;
mod faults;
mod keys;
mod load;
mod log;
mod malformed;
mod metrics;
mod networks;
mod operator;
mod outcomes;
mod published;
mod queued;
mod rotation;
mod samples;
mod secrecy;
mod settled;
mod settling;
mod simultaneous;
mod timeouts;
mod told;
mod triggers;
