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
    /// What `scheme` signs: `before`, and where it is a digest the secret and `behind`.
    pub(crate) fn new(scheme: &str, before: &[u8], behind: &[u8]) -> Self {
        let (before, behind) = (String::from_utf8_lossy(before), String::from_utf8_lossy(behind));
        let is_keyed = ["hmac-", "ecdsa-"].iter().any(|keyed| scheme.starts_with(keyed));
        let secret = if is_keyed { "" } else { SECRET };
        Self { scheme: scheme.to_owned(), text: format!("{before}{secret}{behind}") }
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
    /// That of requests to the route `hook` of `provider`.
    pub(crate) fn of<P: Provider>(provider: P, hook: P::Hook) -> Self {
        let provider = Arc::new(provider);
        let signer = Arc::clone(&provider);
        Self {
            proves: Box::new(move |request, secret| {
                let claim = provider.signed_content(hook, request);
                claim.is_ok_and(|claim| claim.credential.verify(secret))
            }),
            signs: Box::new(move |request| {
                match signer.signed_content(hook, request).ok()?.credential {
                    Credential::HmacSha256 { message, .. } => {
                        Some(SignedText::new("hmac-sha256", &message, b""))
                    }
                    Credential::Md5 { message, .. } => Some(SignedText::new("md5", &message, b"")),
                    Credential::SharedKey(_) | Credential::By(_) => None,
                }
            }),
        }
    }

    /// The same, which signs what `signs` says.
    pub(crate) fn signing(
        self,
        signs: impl Fn(&Request) -> Option<SignedText> + Send + Sync + 'static,
    ) -> Self {
        Self { signs: Box::new(signs), ..self }
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
