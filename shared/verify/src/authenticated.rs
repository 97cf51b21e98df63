//! Content whose credential matched a key.

use jiff::Timestamp;

use crate::callback::{Callback, ParsedCallback};
use crate::keys::KeyId;
use crate::redact;
use crate::refusal::Refusal;
use crate::secret::Secret;

/// Content that was proved genuine. Only [`Keys::prove`](crate::Keys::prove) makes one, and it is the
/// only thing that a [`Callback`] can be made from.
#[derive(Debug)]
pub struct Authenticated<T> {
    content: T,
    key_id: KeyId,
    secret: Secret,
}

impl<T> Authenticated<T> {
    pub(crate) const fn new(content: T, key_id: KeyId, secret: Secret) -> Self {
        Self { content, key_id, secret }
    }

    /// The key that matched.
    #[must_use]
    pub const fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    /// Reads the content as a callback of `provider`, received at `received_at`. The secret is not kept in
    /// its payload, wherever it stands there.
    ///
    /// # Errors
    ///
    /// Whatever `read` refuses.
    pub fn into_callback(
        self,
        provider: &'static str,
        received_at: Timestamp,
        read: impl FnOnce(T) -> Result<ParsedCallback, Refusal>,
    ) -> Result<Callback, Refusal> {
        let mut facts = read(self.content)?;
        if let Some(without) = redact::secret(&facts.payload, &self.secret) {
            facts.payload = without;
        }
        Ok(Callback::new(provider, self.key_id, received_at, facts))
    }
}
