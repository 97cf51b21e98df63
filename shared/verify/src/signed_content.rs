//! What a request says of itself: its content, and the credential that is to prove it.

use std::borrow::Cow;

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;

use crate::digest::Digest;
use crate::secret::Secret;

/// Content that nobody has proved yet, with the credential that came with it.
#[derive(Debug)]
pub struct SignedContent<'a, T> {
    /// What is to be matched against the provider's keys.
    pub credential: Credential<'a>,
    /// What the credential is to prove.
    pub content: T,
}

/// A credential of one of the schemes in use.
pub enum Credential<'a> {
    /// HMAC-SHA256 (RFC 2104, FIPS 180-4) of `message`, keyed with the secret.
    HmacSha256 {
        /// The bytes that were signed.
        message: Cow<'a, [u8]>,
        /// The signature that came with them.
        signature: Digest<32>,
    },
    /// MD5 (RFC 1321) of `message` followed by the secret.
    Md5 {
        /// The bytes before the secret.
        message: Cow<'a, [u8]>,
        /// The digest that came with them.
        digest: Digest<16>,
    },
    /// The secret itself.
    SharedKey(Cow<'a, str>),
    /// One of a scheme that a provider describes: says whether it was made with a secret, and takes as long
    /// whatever it says.
    By(Box<dyn Fn(&Secret) -> bool + Send + 'a>),
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Credential<'_> {
    /// Whether this credential was made with `secret`; takes as long whatever the answer.
    #[must_use]
    pub fn verify(&self, secret: &Secret) -> bool {
        match self {
            Self::HmacSha256 { message, signature } => {
                hmac_sha256(message, secret).matches(signature)
            }
            Self::Md5 { message, digest } => md5(message, secret).matches(digest),
            // Hashed first, so that the comparison does not tell the secret's length.
            Self::SharedKey(key) => sha256(key.as_bytes()).matches(&sha256(secret.expose())),
            Self::By(verify) => verify(secret),
        }
    }
}

pub(crate) fn sha256(message: &[u8]) -> Digest<32> {
    <[u8; 32]>::from(Sha256::digest(message)).into()
}

/// HMAC-SHA256 of `message` under `secret`.
#[must_use]
pub fn hmac_sha256(message: &[u8], secret: &Secret) -> Digest<32> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(message);
    <[u8; 32]>::from(mac.finalize().into_bytes()).into()
}

/// MD5 of `message` followed by `secret`.
#[must_use]
pub fn md5(message: &[u8], secret: &Secret) -> Digest<16> {
    let mut md5 = Md5::new();
    md5.update(message);
    md5.update(secret.expose());
    <[u8; 16]>::from(md5.finalize()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned()).expect("not empty")
    }

    #[test]
    fn hmac_sha256_agrees_with_rfc_4231_test_case_2() {
        let mac = hmac_sha256(b"what do ya want for nothing?", &secret("Jefe"));
        assert_eq!(
            mac.to_hex(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn md5_agrees_with_rfc_1321() {
        // "message digest", cut between the message and the secret.
        assert_eq!(
            md5(b"message ", &secret("digest")).to_hex(),
            "f96b697d7cb7938d525a2f31aaf161d0"
        );
    }

    #[test]
    fn a_shared_key_matches_only_the_whole_secret() {
        let secret = secret("correct horse");
        for (key, matches) in [
            ("correct horse", true),
            ("correct hors", false),
            ("correct horse ", false),
            ("Correct horse", false),
            ("", false),
        ] {
            let credential = Credential::SharedKey(key.into());
            assert_eq!(credential.verify(&secret), matches, "{key}");
        }
    }

    /// A comparison of texts or bytes gives its answer sooner the sooner they differ. What is compared
    /// here is digests, which have no `==` and one way to be compared.
    #[test]
    fn every_scheme_compares_digests_and_nothing_else() {
        let source = include_str!("signed_content.rs");
        let (_, function) = source.split_once("pub fn verify(").expect("the function");
        let (function, _) = function.split_once("\n    }\n").expect("its end");
        // What a contract describes is compared where its scheme is known: `contracts::proof`.
        let (own, described) = function.split_once("Self::By(").expect("the last scheme");
        assert!(described.starts_with("verify) => verify(secret),"), "{described}");
        let schemes = own.matches("Self::").count();
        assert_eq!(schemes, 3, "{function}");
        assert_eq!(function.matches(".matches(").count(), schemes, "{function}");
        for other in ["==", "!=", ".eq(", "to_hex", "cmp(", "starts_with", "if let", "matches!"] {
            assert!(!function.contains(other), "{other} in {function}");
        }
    }

    #[test]
    fn credentials_are_not_printed() {
        let credential = Credential::SharedKey("hunter2".into());
        assert_eq!(format!("{credential:?}"), "[REDACTED]");
    }
}
