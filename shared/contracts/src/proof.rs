//! What proves a request: a scheme, where its credential stands, and what that is over.

use http::HeaderName;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, EcdsaVerificationAlgorithm, UnparsedPublicKey,
};
use subtle::ConstantTimeEq as _;
use verify::{Credential, PasteFlaw, Refusal, Secret, UnprovedForm};

use crate::algorithm::Hash;
use crate::encoding::Encoding;
use crate::file::{SecretSpec, Text};
use crate::message::{Called, Message, Over, split};
use crate::unproved::{Body, Unproved};

/// The name of the parameter with the token of the URL.
pub const TOKEN: &str = "token";

/// The most signatures that are looked at in one request.
const MOST_SIGNATURES: usize = 8;

/// What a `SubjectPublicKeyInfo` (RFC 5480) of a P-256 key begins with, before the 65 bytes of its
/// uncompressed point.
const P256_SPKI: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// What proves a request.
#[derive(Debug, Clone)]
pub struct Proof {
    /// The scheme.
    pub scheme: Scheme,
    /// Where the credential stands; nowhere, where nothing is signed.
    pub at: Option<At>,
    /// How it may be written.
    pub encodings: Vec<Encoding>,
    /// What may stand before it; empty text for nothing.
    pub prefixes: &'static [Text],
    /// What stands between several.
    pub separator: Option<&'static str>,
    /// How the key's text becomes bytes.
    pub secret: SecretSpec,
    /// What is signed.
    pub over: Over,
    /// Whether the URL has to carry the token.
    pub token: bool,
}

/// A scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// A digest of a text with the secret in it.
    Digest(Hash),
    /// An HMAC.
    Hmac(Hash),
    /// The secret itself.
    Key,
    /// ECDSA over P-256 with SHA-256 (FIPS 186-5), the signature in ASN.1.
    Ecdsa,
    /// A JWS in compact form (RFC 7515) with ES256 (RFC 7518), whose payload is the content.
    Jws,
    /// Nothing.
    None,
}

/// Where the credential stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// A parameter of the query.
    Query(&'static str),
    /// A parameter of the form.
    Form(&'static str),
    /// A member of the JSON object.
    Body(&'static str),
    /// A header.
    Header(HeaderName),
}

impl Scheme {
    /// The scheme called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "key" => Self::Key,
            "ecdsa-p256" => Self::Ecdsa,
            "jws-es256" => Self::Jws,
            "none" => Self::None,
            _ => match name.strip_prefix("hmac-") {
                Some(hash) => Self::Hmac(Hash::named(hash)?),
                None => Self::Digest(Hash::named(name)?),
            },
        })
    }

    /// Whether its keys are public.
    #[must_use]
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Ecdsa | Self::Jws)
    }
}

impl Proof {
    /// The credential of a request, with what it covers.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] where it cannot be found.
    pub fn credential(
        &self,
        called: Called<'_>,
        unproved: &Unproved<'_>,
    ) -> Result<Credential<'static>, Refusal> {
        let candidates = match &self.at {
            Some(at) => self.candidates(&self.written(at, called, unproved)?)?,
            None => Vec::new(),
        };
        let message = match (self.scheme, candidates.as_slice()) {
            // Of a JWS, what is signed stands in it.
            (Scheme::Jws, [jws]) => Message { before: jws.clone(), behind: Vec::new() },
            _ => self.over.message(called, unproved)?,
        };
        let token = if self.token { Some(token_of(called)?) } else { None };
        let Self { scheme, secret, .. } = *self;
        Ok(Credential::By(Box::new(move |key| {
            let proved = scheme.proves(&message, &candidates, secret, key);
            let admitted = token
                .as_ref()
                .is_none_or(|token| bool::from(token.as_bytes().ct_eq(url_token(key).as_bytes())));
            proved && admitted
        })))
    }

    /// The payload of the JWS in a request, which nobody has proved.
    ///
    /// # Errors
    ///
    /// [`Refusal::Unauthenticated`] where there is none.
    pub(crate) fn payload(
        &self,
        called: Called<'_>,
        envelope: &Unproved<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        let at = self.at.as_ref().ok_or(Refusal::Unauthenticated)?;
        jws_payload(&self.written(at, called, envelope)?).ok_or(Refusal::Unauthenticated)
    }

    /// The text at `at`.
    fn written(
        &self,
        at: &At,
        called: Called<'_>,
        unproved: &Unproved<'_>,
    ) -> Result<String, Refusal> {
        let parameter = |text: &str, name: &str| {
            let form = UnprovedForm::parse(text, "the query string");
            form.get(name).map(|text| text.map(str::to_owned))
        };
        let text = match (at, &self.over, &unproved.body) {
            (At::Query(name), Over::Before { marker, .. }, _) => {
                let (_, behind) = split(&called.request.query, marker)?;
                parameter(behind, name)?
            }
            (At::Query(name), ..) => parameter(&called.request.query, name)?,
            (At::Form(name), _, Body::Parameters(form)) => form.get(name)?.map(str::to_owned),
            (At::Body(name), _, Body::Json(object)) => {
                object.get(name)?.and_then(|field| field.as_text().map(str::to_owned))
            }
            (At::Header(name), ..) => unproved.header(name)?.map(std::borrow::Cow::into_owned),
            (At::Form(_) | At::Body(_), ..) => None,
        };
        text.ok_or(Refusal::Unauthenticated)
    }

    /// The signatures in a text, decoded in each way that they may be written in.
    fn candidates(&self, text: &str) -> Result<Vec<Vec<u8>>, Refusal> {
        if matches!(self.scheme, Scheme::Key | Scheme::Jws) {
            return Ok(vec![text.as_bytes().to_vec()]);
        }
        let texts: Vec<_> = match &self.separator {
            Some(separator) => text.split(separator).take(MOST_SIGNATURES).collect(),
            None => vec![text],
        };
        let bare = texts.iter().flat_map(|text| {
            self.prefixes.iter().filter_map(|prefix| text.strip_prefix(&**prefix))
        });
        let decoded = bare
            .flat_map(|text| self.encodings.iter().filter_map(|encoding| encoding.decode(text)));
        let decoded: Vec<_> = decoded.collect();
        if decoded.is_empty() { Err(Refusal::Unauthenticated) } else { Ok(decoded) }
    }

    /// What says what is wrong with a secret that is not of the form of this contract's.
    #[must_use]
    pub fn secret_flaw(&self) -> fn(&Secret) -> Option<PasteFlaw> {
        fn unless(form: SecretSpec, secret: &Secret, expected: &'static str) -> Option<PasteFlaw> {
            key_bytes(form, secret).is_none().then_some(PasteFlaw::NoSuchForm(expected))
        }
        match (self.scheme, self.secret) {
            (Scheme::Digest(_) | Scheme::Hmac(_), SecretSpec::Hex) => {
                |secret| unless(SecretSpec::Hex, secret, "hex")
            }
            (Scheme::Digest(_) | Scheme::Hmac(_), SecretSpec::Base64) => {
                |secret| unless(SecretSpec::Base64, secret, "base64")
            }
            (Scheme::Digest(_) | Scheme::Hmac(_), SecretSpec::Whsec) => {
                |secret| unless(SecretSpec::Whsec, secret, "\"whsec_\" and base64")
            }
            _ => |_| None,
        }
    }

    /// The credential that a sender with `secret` puts in for `message`; none where only the provider can.
    #[must_use]
    pub fn sign(&self, message: &Message, secret: &Secret) -> Option<String> {
        let bytes = match self.scheme {
            Scheme::Key => return Some(secret.expose_text().to_owned()),
            scheme => scheme.made(message, &key_bytes(self.secret, secret)?)?,
        };
        let encoding = self.encodings.first()?;
        let prefix = self.prefixes.first().map(|prefix| &**prefix).unwrap_or_default();
        Some(format!("{prefix}{}", encoding.encode(&bytes)))
    }
}

impl Scheme {
    /// Whether one of `candidates` was made for `message` with the key.
    fn proves(
        self,
        message: &Message,
        candidates: &[Vec<u8>],
        form: SecretSpec,
        secret: &Secret,
    ) -> bool {
        match self {
            Self::None => true,
            Self::Key => {
                let key = Hash::Sha256.digest(&[secret.expose()]);
                let is_key = |sent: &Vec<u8>| Hash::Sha256.digest(&[sent]).ct_eq(&key).into();
                candidates.iter().any(is_key)
            }
            Self::Ecdsa => candidates.iter().any(|signature| {
                verifies(&ECDSA_P256_SHA256_ASN1, secret, &message.before, signature)
            }),
            Self::Jws => jws_is_genuine(&message.before, secret),
            Self::Digest(_) | Self::Hmac(_) => {
                let Some(key) = key_bytes(form, secret) else { return false };
                let Some(made) = self.made(message, &key) else { return false };
                // Each of them is compared, so that the time says nothing of which one it is.
                let same = |sent: &Vec<u8>| sent.len() == made.len() && sent.ct_eq(&made).into();
                candidates.iter().filter(|sent| same(sent)).count() > 0
            }
        }
    }

    fn made(self, message: &Message, key: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Digest(hash) => Some(hash.digest(&[&message.before, key, &message.behind])),
            Self::Hmac(hash) => Some(hash.hmac(key, &message.before)),
            _ => None,
        }
    }
}

/// A key's bytes; none where its text is not of the form.
fn key_bytes(form: SecretSpec, secret: &Secret) -> Option<zeroize::Zeroizing<Vec<u8>>> {
    let text = secret.expose_text();
    let base64 = |text: &str| {
        Encoding::Base64.decode(text).or_else(|| Encoding::Base64Unpadded.decode(text))
    };
    let bytes = match form {
        SecretSpec::Text => Some(text.as_bytes().to_vec()),
        SecretSpec::Hex => Encoding::Hex.decode(text),
        SecretSpec::Base64 => base64(text),
        SecretSpec::Whsec => base64(text.strip_prefix("whsec_").unwrap_or(text)),
    };
    // With a key of no bytes, anyone can sign.
    bytes.filter(|bytes| !bytes.is_empty()).map(zeroize::Zeroizing::new)
}

/// The token of the URL, of a key: 32 hex digits that tell nothing of it.
#[must_use]
pub fn url_token(secret: &Secret) -> String {
    let mac = Hash::Sha256.hmac(secret.expose(), b"the token of the callback URL");
    Encoding::Hex.encode(&mac[..16])
}

fn token_of(called: Called<'_>) -> Result<String, Refusal> {
    let form = UnprovedForm::parse(&called.request.query, "the query string");
    form.get(TOKEN)?.map(str::to_owned).ok_or(Refusal::Unauthenticated)
}

/// The point of a public key that is written as base64 of its `SubjectPublicKeyInfo`.
pub(crate) fn public_point(text: &str) -> Option<Vec<u8>> {
    let der = Encoding::Base64.decode(text)?;
    let point = der.strip_prefix(&P256_SPKI)?;
    (point.len() == 65 && point[0] == 4).then(|| point.to_vec())
}

fn verifies(
    algorithm: &'static EcdsaVerificationAlgorithm,
    key: &Secret,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let Some(point) = public_point(key.expose_text()) else { return false };
    UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok()
}

/// Whether a JWS is one of ES256 and of this key. Its header decides nothing: the algorithm is the contract's.
fn jws_is_genuine(jws: &[u8], key: &Secret) -> bool {
    #[derive(serde::Deserialize)]
    struct Header {
        alg: String,
        #[serde(default)]
        crit: Option<serde::de::IgnoredAny>,
    }
    let parts = || {
        let text = std::str::from_utf8(jws).ok()?;
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, _) = signed.split_once('.')?;
        let header = Encoding::Base64UrlUnpadded.decode(header)?;
        let header: Header = serde_json::from_slice(&header).ok()?;
        // What is critical is not understood here (RFC 7515 section 4.1.11).
        if header.alg != "ES256" || header.crit.is_some() {
            return None;
        }
        Some((signed, Encoding::Base64UrlUnpadded.decode(signature)?))
    };
    let Some((signed, signature)) = parts() else { return false };
    verifies(&ECDSA_P256_SHA256_FIXED, key, signed.as_bytes(), &signature)
}

/// The payload of a JWS in compact form, which nobody has proved.
fn jws_payload(jws: &str) -> Option<Vec<u8>> {
    let mut parts = jws.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    parts.next().is_none().then(|| Encoding::Base64UrlUnpadded.decode(payload))?
}

#[cfg(test)]
mod tests {
    /// A comparison of texts or bytes gives its answer sooner the sooner they differ. Lengths are no secret: a
    /// scheme's digests all have one.
    #[test]
    fn every_scheme_that_compares_does_so_in_constant_time() {
        let source = include_str!("proof.rs");
        let (_, function) = source.split_once("    fn proves(").expect("the function");
        let (function, _) = function.split_once("\n    }\n").expect("its end");
        assert_eq!(function.matches(".ct_eq(").count(), 2, "{function}");
        let without_lengths = function.replace("sent.len() == made.len()", "");
        for other in ["==", "!=", ".eq(", "to_hex", "cmp(", "starts_with", "matches!", "contains"] {
            assert!(!without_lengths.contains(other), "{other} in {function}");
        }
    }
}
