//! A provider as one file: reads its contract, checks that it is safe, and receives by it.
//!
//! # Layout
//!
//! | module | what it is |
//! | --- | --- |
//! | [`file`](mod@file) | what `contracts/NAME.toml` says, part by part |
//! | [`contract`] | the same with every name looked up, by [`compile`] |
//! | [`fields`], [`field_type`] | the fields, where each stands and how it is read |
//! | [`proof`], [`message`] | the credential, and the text that it is over |
//! | [`algorithm`], [`encoding`], [`template`] | what those are made of |
//! | [`coverage`] | which fields the credential covers |
//! | [`lint`](mod@lint), [`finding`] | what is wrong with a contract, in names and sentences |
//! | [`served`] | a contract as the receiver takes it |
//! | `unproved`, `claim` | what a request says, and what is to prove it |
//! | `values`, `reading` | its fields once it is proved, and what they mean |
//! | `configured` | what the settings of a function change |
//! | `sender` | the provider's side |

pub mod algorithm;
mod claim;
pub mod compile;
mod configured;
pub mod contract;
pub mod coverage;
mod credential;
pub mod encoding;
pub mod field_type;
pub mod fields;
pub mod file;
pub mod finding;
pub mod lint;
pub mod message;
pub mod proof;
mod reading;
mod sender;
pub mod served;
mod signed;
pub mod template;
mod unproved;
mod values;

pub use configured::PUBLIC_URL;
pub use contract::Contract;
pub use file::ContractFile;
pub use finding::{Finding, Rule};
pub use lint::{Checked, check};
pub use served::{CONTRACT, Catalogue, NoCatalogue, Served};
