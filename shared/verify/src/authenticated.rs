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
    /// its payload, wherever it stands there, nor in its id, which is logged.
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
        let secrets = redact::wanted(&self.secret);
        if let Some(without) = redact::out_of_payload(&facts.payload, &secrets) {
            facts.payload = without;
        }
        if secrets.redacted(facts.key.as_str()).is_some() {
            facts.key = facts.key.hidden();
        }
        Ok(Callback::new(provider, self.key_id, received_at, facts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::Effect;
    use crate::identity::{Fingerprint, IdempotencyKey};
    use crate::keys::Keys;
    use crate::signed_content::{Credential, SignedContent};

    /// What is kept of a callback with the part `part` in its key.
    fn id(part: &str) -> String {
        let keys = Keys::from_json(r#"{"keys":[{"id":"main","secret":"hunter2+hunter2"}]}"#);
        let credential = Credential::SharedKey("hunter2+hunter2".into());
        let genuine = keys.expect("usable").prove(SignedContent { credential, content: part });
        let read = |part: &str| {
            Ok(ParsedCallback {
                kind: "k",
                key: IdempotencyKey::new("p", "c").part("1").part(part),
                fingerprint: Fingerprint::builder().finish(),
                user: "u".to_owned(),
                effect: Effect::Nothing,
                test: false,
                held: None,
                payload: "{}".to_owned(),
            })
        };
        let callback = genuine.expect("proved").into_callback("p", Timestamp::UNIX_EPOCH, read);
        callback.expect("read").parsed().key.to_string()
    }

    #[test]
    fn the_secret_is_in_no_id() {
        assert_eq!(id("hunter2"), "p#c#1#hunter2");
        for part in ["hunter2+hunter2", "x Hunter2%2bhunter2", "hunter2%252Bhunter2"] {
            let id = id(part);
            assert!(id.starts_with("p#c#~") && id.len() == 69, "{id}");
        }
        assert_ne!(id("hunter2+hunter2"), id("hunter2+hunter2."));
        assert_eq!(id("hunter2+hunter2"), id("hunter2+hunter2"));
    }
}
