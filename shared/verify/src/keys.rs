//! A provider's secrets, several of which may be valid at once.

use std::fmt;

use serde::Deserialize;

use crate::authenticated::Authenticated;
use crate::claim::Claim;
use crate::secret::Secret;

/// The name of a key: what logs and records say instead of the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyId(String);

impl KeyId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The keys of one provider: at least one, none of them empty, no two of one name.
#[derive(Debug, Clone)]
pub struct Keys(Vec<(KeyId, Secret)>);

/// Why a key list cannot be used. Never shows any of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableKeys {
    /// Not JSON, or not of the form `{"keys":[{"id":"…","secret":"…"}]}`.
    #[error("the key list is not of the form {{\"keys\":[{{\"id\":\"…\",\"secret\":\"…\"}}]}}")]
    Malformed,
    /// The list has no key.
    #[error("the key list is empty")]
    Empty,
    /// A key has an empty secret.
    #[error("a key has an empty secret")]
    EmptySecret,
    /// A key has an empty name, or one longer than 64 characters or with a control character.
    #[error("a key id is not 1 to 64 characters without control characters")]
    BadId,
    /// Two keys have the same name.
    #[error("two keys have the same id")]
    RepeatedId,
}

impl Keys {
    /// Reads `{"keys":[{"id":"…","secret":"…"}],…}`; other members are left alone.
    ///
    /// # Errors
    ///
    /// [`UnusableKeys`], without any part of `json`.
    pub fn from_json(json: &str) -> Result<Self, UnusableKeys> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            id: String,
            secret: String,
        }
        let document: Document = serde_json::from_str(json).map_err(|_| UnusableKeys::Malformed)?;
        let mut keys: Vec<(KeyId, Secret)> = Vec::with_capacity(document.keys.len());
        for Entry { id, secret } in document.keys {
            let secret = Secret::new(secret).ok_or(UnusableKeys::EmptySecret)?;
            if !(1..=64).contains(&id.chars().count()) || id.chars().any(char::is_control) {
                return Err(UnusableKeys::BadId);
            }
            if keys.iter().any(|(known, _)| known.as_str() == id) {
                return Err(UnusableKeys::RepeatedId);
            }
            keys.push((KeyId(id), secret));
        }
        if keys.is_empty() {
            return Err(UnusableKeys::Empty);
        }
        Ok(Self(keys))
    }

    /// Proves `claim`: its content, authenticated, when its credential was made with one of these
    /// keys; otherwise the claim as it was.
    ///
    /// # Errors
    ///
    /// The claim itself, so that it can be tried again against fresher keys.
    pub fn prove<'a, T>(&self, claim: Claim<'a, T>) -> Result<Authenticated<T>, Claim<'a, T>> {
        match self.0.iter().find(|(_, secret)| claim.credential.is_made_with(secret)) {
            Some((id, _)) => Ok(Authenticated::new(claim.content, id.clone())),
            None => Err(claim),
        }
    }

    /// The first key, which is the one to sign with.
    #[must_use]
    pub fn first(&self) -> &Secret {
        &self.0[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::Credential;

    #[test]
    fn any_of_several_keys_proves_a_claim_and_is_named() {
        let keys = Keys::from_json(
            r#"{"keys":[{"id":"old","secret":"one"},{"id":"new","secret":"two"}],"api_key":"x"}"#,
        )
        .expect("usable");
        for (secret, id) in [("one", "old"), ("two", "new")] {
            let claim = Claim { credential: Credential::SharedKey(secret.into()), content: () };
            assert_eq!(keys.prove(claim).expect("proved").key_id().as_str(), id);
        }
        let claim = Claim { credential: Credential::SharedKey("three".into()), content: 7 };
        assert_eq!(keys.prove(claim).expect_err("not proved").content, 7);
    }

    #[test]
    fn unusable_lists_are_told_apart() {
        use UnusableKeys::{BadId, Empty, EmptySecret, Malformed, RepeatedId};
        for (json, error) in [
            ("", Malformed),
            ("{}", Malformed),
            ("[]", Malformed),
            (r#"{"keys":{}}"#, Malformed),
            (r#"{"keys":[{"id":"a"}]}"#, Malformed),
            (r#"{"keys":[{"id":"a","secret":null}]}"#, Malformed),
            (r#"{"keys":[]}"#, Empty),
            (r#"{"keys":[{"id":"a","secret":""}]}"#, EmptySecret),
            (r#"{"keys":[{"id":"a","secret":"s"},{"id":"b","secret":""}]}"#, EmptySecret),
            (r#"{"keys":[{"id":"","secret":"s"}]}"#, BadId),
            (r#"{"keys":[{"id":"a\nb","secret":"s"}]}"#, BadId),
            (r#"{"keys":[{"id":"a","secret":"s"},{"id":"a","secret":"t"}]}"#, RepeatedId),
        ] {
            assert_eq!(Keys::from_json(json).expect_err(json), error, "{json}");
        }
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = Keys::from_json(r#"{"keys":[{"id":"a","secret":"hunter2"}]}"#).expect("usable");
        assert!(!format!("{keys:?}").contains("hunter2"));
    }
}
