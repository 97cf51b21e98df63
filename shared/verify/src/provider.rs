//! What a provider is: how its requests are authenticated and what they mean.

use std::borrow::Cow;
use std::time::Duration;

use jiff::Timestamp;
use settings::{ConfigError, Settings};

use crate::callback::ParsedCallback;
use crate::paste::PasteFlaw;
use crate::refusal::Refusal;
use crate::request::{Request, Route};
use crate::secret::Secret;
use crate::signed_content::SignedContent;

/// A third party that calls back. Everything that is its own is behind this trait; everything that is
/// the same for all of them is not.
pub trait Provider: Sized + Send + Sync + 'static {
    /// Its name: lower case, the first segment of its routes.
    const NAME: &'static str;

    /// Who sends the requests, which decides how a conflict is told.
    const CALLER: Caller;

    /// Which of its callbacks a route is for.
    type Hook: Copy + Send + Sync + 'static;

    /// What it reads before the request is authenticated: no more than authentication needs.
    type Content<'a>: Send;

    /// [`Provider::NAME`], but for a provider that is described by a file and has its name from there.
    fn name(&self) -> &'static str {
        Self::NAME
    }

    /// [`Provider::CALLER`], likewise.
    fn caller(&self) -> Caller {
        Self::CALLER
    }

    /// The routes of the HTTP API that it calls, each with what it is for.
    fn routes(&self) -> &'static [(Route, Self::Hook)];

    /// The networks that it calls from, where it is held to them and no setting says otherwise.
    fn networks(&self) -> Option<&'static [Cow<'static, str>]> {
        None
    }

    /// The keys that everybody knows, of a provider that signs with private ones; they are in place of the
    /// secrets.
    fn public_keys(&self) -> Option<PublicKeys> {
        None
    }

    /// What says what is wrong with a secret that cannot be one of this provider's, whatever it was made from.
    fn secret_flaw(&self) -> fn(&Secret) -> Option<PasteFlaw> {
        |_| None
    }

    /// What it wants to read, where that is other than what everybody is answered.
    fn reply(&self, _: Told<'_>) -> Option<Reply> {
        None
    }

    /// Takes its own of the function's settings, each of which has a default.
    fn configure(settings: &Settings) -> Result<Self, ConfigError>;

    /// Finds the credential and what it is to prove.
    ///
    /// # Errors
    ///
    /// A request whose credential cannot be found is [`Refusal::Unauthenticated`]; one that cannot be
    /// decoded as far as the credential is whatever is wrong with it.
    fn signed_content<'a>(
        &self,
        hook: Self::Hook,
        request: &'a Request,
    ) -> Result<SignedContent<'a, Self::Content<'a>>, Refusal>;

    /// Reads what was authenticated.
    ///
    /// # Errors
    ///
    /// The first rule of the provider's contract that the content breaks.
    fn read(
        &self,
        hook: Self::Hook,
        content: Self::Content<'_>,
        received_at: Timestamp,
    ) -> Result<ParsedCallback, Refusal>;
}

/// Who sends a provider's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// The provider's own servers, which send again whatever is not answered 200: for them a conflict,
    /// which is kept and which a second sending cannot mend, is a success.
    Provider,
    /// A team's own site or tracker, whose developers are to see a conflict as the error that it is.
    OwnCode,
}

/// Keys that everybody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKeys {
    /// These: a list such as [`Keys::from_json`](crate::Keys::from_json) takes.
    Fixed(String),
    /// Those of a list that the provider publishes, as [`Keys::published`](crate::Keys::published) reads it.
    Published {
        /// Where it is.
        url: &'static str,
        /// How long it may be used.
        oldest: Duration,
    },
}

/// What became of a request, as far as the provider is told.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// It is stored.
    Recorded(&'a ParsedCallback),
    /// It was stored before.
    Duplicate(&'a ParsedCallback),
    /// Its identity is taken by another content.
    Conflict(&'a ParsedCallback),
    /// It is not a callback that may be stored.
    Refused,
    /// It may be one, and cannot be stored now.
    Unavailable,
}

/// An answer of a provider's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status, where it is other than usual.
    pub status: Option<u16>,
    /// The body, plain text, where it is other than usual.
    pub body: Option<String>,
}

/// The provider's own side: what it would send. For samples, tests and trying out a deployed stack;
/// nothing of it is in a deployed function.
pub trait Sender: Provider {
    /// Sample callbacks, a JSON array of `{"name","route","payload"}`; with `"forged":true` the sample
    /// is to be signed with a key that is not the provider's.
    const SAMPLES: &'static str;

    /// The request that the provider would send for `payload`, a JSON object without its credential.
    ///
    /// # Errors
    ///
    /// [`Unsignable`] when `payload` lacks what the signature covers.
    fn sign(&self, hook: Self::Hook, payload: &str, secret: &Secret)
    -> Result<Request, Unsignable>;
}

/// A payload that cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the payload cannot be signed: {0}")]
pub struct Unsignable(#[from] pub Refusal);
