//! A provider's secrets, several of which may be valid at once.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;

use crate::authenticated::Authenticated;
use crate::paste::PasteFlaw;
use crate::secret::Secret;
use crate::signed_content::SignedContent;

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

/// The keys of one provider: at least one that can be used, none of them empty, no two of one name.
#[derive(Debug, Clone)]
pub struct Keys {
    usable: Vec<(KeyId, Secret)>,
    pasted_wrongly: Vec<PastedWrongly>,
}

/// A key that is not used, because its secret cannot be the one that was issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret of the key {key_id} was pasted wrongly: {flaw}")]
pub struct PastedWrongly {
    /// The key's name.
    pub key_id: KeyId,
    /// What is wrong with its secret.
    pub flaw: PasteFlaw,
}

/// Why a key list cannot be used. Never shows any secret of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    /// There are keys, and each of them was pasted wrongly. This is the first one.
    #[error("no key can be used: {0}")]
    PastedWrongly(PastedWrongly),
}

impl Keys {
    /// Reads `{"keys":[{"id":"…","secret":"…"}],…}`; other members are left alone.
    ///
    /// A key that was pasted wrongly (white space, a line end or an invisible character at either end of
    /// its secret, or nothing else in it) is not used; [`Keys::pasted_wrongly`] names it.
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
        let mut ids = HashSet::with_capacity(document.keys.len());
        let (mut usable, mut pasted_wrongly) = (Vec::new(), Vec::new());
        for Entry { id, secret } in document.keys {
            let secret = Secret::new(secret).ok_or(UnusableKeys::EmptySecret)?;
            if !(1..=64).contains(&id.chars().count()) || id.chars().any(char::is_control) {
                return Err(UnusableKeys::BadId);
            }
            if !ids.insert(id.clone()) {
                return Err(UnusableKeys::RepeatedId);
            }
            let key_id = KeyId(id);
            match PasteFlaw::of(secret.expose_text()) {
                None => usable.push((key_id, secret)),
                Some(flaw) => pasted_wrongly.push(PastedWrongly { key_id, flaw }),
            }
        }
        if usable.is_empty() {
            let first = pasted_wrongly.into_iter().next();
            return Err(first.map_or(UnusableKeys::Empty, UnusableKeys::PastedWrongly));
        }
        Ok(Self { usable, pasted_wrongly })
    }

    /// The list, as [`Keys::from_json`] takes it, of one that a provider publishes: `{"keys":[{"keyId":1,
    /// "base64":"…"}]}`, the keys as `SubjectPublicKeyInfo` (RFC 5480); `None` where `json` is no such list. See
    /// "Validate server-side verification (SSV) callbacks" in the documentation of Google AdMob.
    #[must_use]
    pub fn published(json: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Published>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Published {
            key_id: serde_json::Value,
            base64: String,
        }
        let document: Document = serde_json::from_str(json).ok()?;
        let entry = |key: Published| {
            let id = match key.key_id {
                serde_json::Value::String(id) => id,
                serde_json::Value::Number(id) => id.to_string(),
                _ => return None,
            };
            Some(serde_json::json!({ "id": id, "secret": key.base64 }))
        };
        let keys: Vec<_> = document.keys.into_iter().map(entry).collect::<Option<_>>()?;
        (!keys.is_empty()).then(|| serde_json::json!({ "keys": keys }).to_string())
    }

    /// The keys that are not used, because they were pasted wrongly. While there are any, a credential
    /// that matches no other key may be made with one of them, and is not to be called wrong.
    #[must_use]
    pub fn pasted_wrongly(&self) -> &[PastedWrongly] {
        &self.pasted_wrongly
    }

    /// The keys with whose secrets `flaw` finds something wrong: they prove nothing, and what is said of
    /// [`Keys::pasted_wrongly`] holds for them as well.
    pub fn flawed(
        &self,
        flaw: impl Fn(&Secret) -> Option<PasteFlaw>,
    ) -> impl Iterator<Item = PastedWrongly> {
        self.usable.iter().filter_map(move |(key_id, secret)| {
            flaw(secret).map(|flaw| PastedWrongly { key_id: key_id.clone(), flaw })
        })
    }

    /// Proves `signed_content`: its content, authenticated, when its credential was made with one of these
    /// keys; otherwise the claim as it was.
    ///
    /// # Errors
    ///
    /// The claim itself, so that it can be tried again against fresher keys.
    pub fn prove<'a, T>(
        &self,
        claim: SignedContent<'a, T>,
    ) -> Result<Authenticated<T>, SignedContent<'a, T>> {
        match self.usable.iter().find(|(_, secret)| claim.credential.verify(secret)) {
            Some((id, secret)) => Ok(Authenticated::new(claim.content, id.clone(), secret.clone())),
            None => Err(claim),
        }
    }

    /// The first key, which is the one to sign with.
    #[must_use]
    pub fn first(&self) -> &Secret {
        &self.usable[0].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed_content::Credential;

    #[test]
    fn any_of_several_keys_proves_a_claim_and_is_named() {
        let keys = Keys::from_json(
            r#"{"keys":[{"id":"old","secret":"one"},{"id":"new","secret":"two"}],"api_key":"x"}"#,
        )
        .expect("usable");
        for (secret, id) in [("one", "old"), ("two", "new")] {
            let claim =
                SignedContent { credential: Credential::SharedKey(secret.into()), content: () };
            assert_eq!(keys.prove(claim).expect("proved").key_id().as_str(), id);
        }
        let claim = SignedContent { credential: Credential::SharedKey("three".into()), content: 7 };
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
    fn a_key_that_was_pasted_wrongly_is_named_and_not_used() {
        let list = |secrets: [&str; 2]| {
            let keys = ["old", "new"].into_iter().zip(secrets);
            let keys = keys.map(|(id, secret)| serde_json::json!({"id": id, "secret": secret}));
            let keys: Vec<_> = keys.collect();
            Keys::from_json(&serde_json::json!({ "keys": keys }).to_string())
        };
        for (stray, flaw) in [
            ("\n", "it ends with a line end"),
            (" ", "it ends with white space"),
            ("\u{a0}", "it ends with white space"),
            ("\t", "it ends with white space"),
            ("\u{feff}", "it ends with an invisible character"),
            ("\u{200b}", "it ends with an invisible character"),
        ] {
            let pasted = format!("one{stray}");
            let keys = list([&pasted, "two"]).expect("one is usable");
            let [wrong] = keys.pasted_wrongly() else { panic!("{stray:?}: {keys:?}") };
            let told = format!("the secret of the key old was pasted wrongly: {flaw}");
            assert_eq!(wrong.to_string(), told);
            assert_eq!(keys.first().expose_text(), "two");
            for secret in [&pasted, "one"] {
                let claim =
                    SignedContent { credential: Credential::SharedKey(secret.into()), content: () };
                assert!(keys.prove(claim).is_err(), "{stray:?}");
            }
            let claim =
                SignedContent { credential: Credential::SharedKey("two".into()), content: () };
            assert_eq!(keys.prove(claim).expect("proved").key_id().as_str(), "new");

            let none = list([stray, &pasted]).expect_err("none is usable");
            let UnusableKeys::PastedWrongly(first) = &none else { panic!("{stray:?}: {none:?}") };
            assert_eq!((first.key_id.as_str(), first.flaw), ("old", PasteFlaw::Blank));
        }
        assert!(list(["one", "two"]).expect("usable").pasted_wrongly().is_empty());
    }

    #[test]
    fn keys_are_not_printed() {
        let keys = Keys::from_json(r#"{"keys":[{"id":"a","secret":"hunter2"}]}"#).expect("usable");
        assert!(!format!("{keys:?}").contains("hunter2"));
    }
}
