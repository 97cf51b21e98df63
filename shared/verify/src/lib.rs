//! Proves that a callback is genuine, and reads it.
//!
//! Pure: no AWS, no I/O, no clock and no randomness of its own, so that every rule can be tested
//! with plain values.
//!
//! # Layout
//!
//! A callback passes through these types, in this order; there is no way around any of them.
//!
//! | module | type | what it is |
//! | --- | --- | --- |
//! | [`request`] | [`Request`] | what arrived: route, query, headers, body |
//! | [`signed_content`] | [`SignedContent`] | the content, and the [`Credential`] that came with it |
//! | [`keys`] | [`Keys`] | the provider's secrets, against which a claim is proved |
//! | [`authenticated`] | [`Authenticated`] | the content, once its credential matched a key |
//! | [`callback`] | [`Callback`] | what a provider read in it: identity, user, [`Effect`], [`HeldReason`] |
//!
//! [`provider`] has the trait that a provider implements. It finds a credential in what is still
//! [`unproved`], reads its fields with [`json`], [`form`], [`field`] and [`amount`], and names the callback
//! with [`identity`], which hides every [`address`]; why it is [`held`] for a person is one of a few reasons, a
//! reward above the [`cap`](mod@cap) among them.
//! Signatures are a [`digest`]. Whatever a provider does not accept is a [`Refusal`]. A secret that cannot be
//! the one that was issued is a [`paste`] gone wrong. `redact` takes credentials out of payloads;
//! [`spelling`] finds them, however they are spelled. [`mod@texts`] makes enums that are kept as texts.

pub mod address;
pub mod amount;
pub mod authenticated;
pub mod callback;
pub mod cap;
pub mod digest;
pub mod effect;
pub mod field;
pub mod form;
pub mod held;
pub mod identity;
pub mod json;
pub mod keys;
pub mod paste;
pub mod provider;
mod redact;
pub mod refusal;
pub mod request;
pub mod secret;
pub mod signed_content;
pub mod spelling;
pub mod texts;
pub mod unproved;

pub use amount::Amount;
pub use authenticated::Authenticated;
pub use callback::{Callback, ParsedCallback};
pub use digest::Digest;
pub use effect::{Effect, Reward};
pub use field::Field;
pub use form::Form;
pub use held::HeldReason;
pub use identity::{Fingerprint, IdempotencyKey};
pub use json::Object;
pub use keys::{KeyId, Keys, PastedWrongly, UnusableKeys};
pub use paste::PasteFlaw;
pub use provider::{Caller, Provider, PublicKeys, Reply, Sender, Told, Unsignable};
pub use refusal::Refusal;
pub use request::{Request, Route};
pub use secret::Secret;
pub use signed_content::{Credential, SignedContent};
pub use unproved::{UnprovedField, UnprovedForm, UnprovedObject};
