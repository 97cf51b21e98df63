//! What a genuine request means.

use jiff::Timestamp;

use crate::effect::Effect;
use crate::held::HeldReason;
use crate::identity::{Fingerprint, IdempotencyKey};
use crate::keys::KeyId;

/// What a provider reads in an authenticated request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedCallback {
    /// What kind of callback it is: the `detail-type` of its event, in `snake_case`.
    pub kind: &'static str,
    /// What makes it this callback and no other.
    pub key: IdempotencyKey,
    /// What a second delivery must agree with to be a duplicate.
    pub fingerprint: Fingerprint,
    /// Whom it is about, in the provider's own terms.
    pub user: String,
    /// What it does, and the reward where it pays.
    pub effect: Effect,
    /// Whether the provider calls it a test; a test never pays.
    pub test: bool,
    /// Why a person has to look at it before it pays, where that is so.
    pub held: Option<HeldReason>,
    /// The payload as received, a JSON object, without its credentials.
    pub payload: String,
}

/// A genuine callback, ready to be recorded.
///
/// Made only by [`Authenticated::into_callback`](crate::Authenticated::into_callback).
#[derive(Debug, Clone)]
pub struct Callback {
    provider: &'static str,
    key_id: KeyId,
    received_at: Timestamp,
    parsed: ParsedCallback,
}

impl Callback {
    pub(crate) const fn new(
        provider: &'static str,
        key_id: KeyId,
        received_at: Timestamp,
        parsed: ParsedCallback,
    ) -> Self {
        Self { provider, key_id, received_at, parsed }
    }

    /// The provider's name, as in its route.
    #[must_use]
    pub const fn provider(&self) -> &'static str {
        self.provider
    }

    /// The settling function that makes its effect; see [`Effect::settler`].
    #[must_use]
    pub fn settler(&self) -> std::borrow::Cow<'static, str> {
        self.parsed.effect.settler(self.provider)
    }

    /// The key that proved it.
    #[must_use]
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// When it was received.
    #[must_use]
    pub const fn received_at(&self) -> Timestamp {
        self.received_at
    }

    /// What the provider read in it.
    #[must_use]
    pub const fn parsed(&self) -> &ParsedCallback {
        &self.parsed
    }
}
