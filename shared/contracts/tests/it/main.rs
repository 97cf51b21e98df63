//! The linter, and what is received by a contract: each rule by a contract that breaks it and no other.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`safe`] | a contract that nothing is said about, and how it is changed |
//! | [`rules`] | every rule of the linter |
//! | [`splitting`] | whether a signed text can be read in two ways, against all texts of small fields |
//! | [`uses`] | what a field is used for, and where it has to stand for that |
//! | [`received`] | a contract as a function serves it |
//! | [`proofs`] | what proves a request, and what it means, at the limits of both |
//! | [`keys`] | how a secret becomes bytes, and which cannot be one |
//! | [`field_types`] | every type of field at its limits |
//! | [`catalogue`] | the catalogue, made unsafe in every way that there is a rule against |
//! | [`robustness`] | that nothing panics and nothing that nobody signed is proved |
//! | [`form`] | what is said where a file is not of the form of a contract |

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod catalogue;
mod field_types;
mod form;
mod keys;
mod proofs;
mod received;
mod robustness;
mod rules;
mod safe;
mod splitting;
mod uses;
