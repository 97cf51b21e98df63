//! What proves a request to a route, and what it signs in it.

use std::fmt;
use std::sync::Arc;

use verify::{Credential, Provider, Request, Secret};

/// In the place of the secret in a text that is signed.
const SECRET: &str = "{secret}";

/// What a credential is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedText {
    /// How, in the words of a contract's `credential.is`: `hmac-sha256`, `md5`.
    pub scheme: String,
    /// Of what; `{secret}` stands where a digest has the secret in it. What is no UTF-8 is replaced.
    pub text: String,
}

impl SignedText {
    /// What a key signs.
    pub(crate) fn keyed(scheme: &str, text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text).into_owned();
        Self { scheme: scheme.to_owned(), text }
    }

    /// What a digest is of: `before`, the secret, and `behind`.
    pub(crate) fn digest(scheme: &str, before: &[u8], behind: &[u8]) -> Self {
        let [before, behind] = [before, behind].map(String::from_utf8_lossy);
        Self { scheme: scheme.to_owned(), text: format!("{before}{SECRET}{behind}") }
    }

    /// What `credential` is made of; none where it is the key itself, or does not tell.
    pub(crate) fn of(credential: &Credential<'_>) -> Option<Self> {
        match credential {
            Credential::HmacSha256 { message, .. } => Some(Self::keyed("hmac-sha256", message)),
            Credential::Md5 { message, .. } => Some(Self::digest("md5", message, b"")),
            Credential::SharedKey(_) | Credential::By(_) => None,
        }
    }
}

type Proves = dyn Fn(&Request, &Secret) -> bool + Send + Sync;
type Signs = dyn Fn(&Request) -> Option<SignedText> + Send + Sync;

/// Says what proves a request to one route.
pub struct Prover {
    proves: Box<Proves>,
    signs: Box<Signs>,
}

impl fmt::Debug for Prover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prover").finish_non_exhaustive()
    }
}

impl Prover {
    /// That of requests to the route `hook` of `provider`; `signs` says what is signed in one.
    pub(crate) fn new<P: Provider>(
        provider: P,
        hook: P::Hook,
        signs: impl Fn(&P, &Request) -> Option<SignedText> + Send + Sync + 'static,
    ) -> Self {
        let provider = Arc::new(provider);
        let signer = Arc::clone(&provider);
        Self {
            proves: Box::new(move |request, secret| {
                let claim = provider.signed_content(hook, request);
                claim.is_ok_and(|claim| claim.credential.verify(secret))
            }),
            signs: Box::new(move |request| signs(&signer, request)),
        }
    }

    /// Whether `secret` proves `request`.
    #[must_use]
    pub fn proves(&self, request: &Request, secret: &Secret) -> bool {
        (self.proves)(request, secret)
    }

    /// What a credential of `request` is made of; none where it is the key itself, or the request lacks what is signed.
    #[must_use]
    pub fn signed_text(&self, request: &Request) -> Option<SignedText> {
        (self.signs)(request)
    }
}
