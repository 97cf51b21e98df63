//! Verification against the bare hash of the same bytes.

use std::borrow::Cow;
use std::hint::black_box;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha2::Sha256;
use verify::{Credential, Keys, Secret, SignedContent, signed_content};

use crate::stats::Spread;

/// How often each side is run per round.
const REPETITIONS: u32 = 20_000;
/// How many rounds there are, the two sides taking turns.
const ROUNDS: usize = 21;

/// A scheme, and how long it takes.
#[derive(Debug, Clone)]
pub struct Verification {
    /// The signature scheme, as the report names it.
    pub scheme: &'static str,
    /// The bare hash, in nanoseconds.
    pub hash: Spread,
    /// The verification, in nanoseconds.
    pub verify: Spread,
}

/// Measures each scheme; nothing where there is no key.
#[must_use]
pub fn measure() -> Vec<Verification> {
    const KEYS: &str = r#"{"keys":[{"id":"main","secret":"a-secret-of-the-usual-length-0000"}]}"#;
    let Ok(keys) = Keys::from_json(KEYS) else { return Vec::new() };
    let secret = keys.first();
    // As long as what the providers sign: two identifiers, or the fields of an action.
    let message = b"6a8c5d53-d8bf-4a3e-ba54-460d00f5caa0c55b3483-5755-42f8-9bc5-5c185862e35a";
    let signature = signed_content::hmac_sha256(message, secret);
    let digest = signed_content::md5(message, secret);
    let shared = String::from_utf8_lossy(secret.expose()).into_owned();
    let prove = |credential| keys.prove(SignedContent { credential, content: () }).is_ok();
    let schemes = [
        pair(
            "HMAC-SHA256",
            || bare_hmac(black_box(message), secret),
            || {
                let message = Cow::Borrowed(black_box(message.as_slice()));
                prove(Credential::HmacSha256 { message, signature })
            },
        ),
        pair(
            "MD5",
            || bare_md5(black_box(message), secret),
            || {
                let message = Cow::Borrowed(black_box(message.as_slice()));
                prove(Credential::Md5 { message, digest })
            },
        ),
        pair(
            "shared key (two SHA-256)",
            || {
                Sha256::digest(black_box(shared.as_bytes()))[0]
                    ^ Sha256::digest(black_box(secret.expose()))[0]
            },
            || prove(Credential::SharedKey(Cow::Borrowed(black_box(shared.as_str())))),
        ),
    ];
    schemes.into_iter().flatten().collect()
}

fn bare_hmac(message: &[u8], secret: &Secret) -> u8 {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose()) else { return 0 };
    mac.update(message);
    mac.finalize().into_bytes()[0]
}

fn bare_md5(message: &[u8], secret: &Secret) -> u8 {
    let mut md5 = Md5::new();
    md5.update(message);
    md5.update(secret.expose());
    md5.finalize()[0]
}

fn pair<A, B>(
    scheme: &'static str,
    hash: impl Fn() -> A,
    verify: impl Fn() -> B,
) -> Option<Verification> {
    let mut hashes = Vec::with_capacity(ROUNDS);
    let mut verifications = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        hashes.push(time(&hash));
        verifications.push(time(&verify));
    }
    Some(Verification { scheme, hash: Spread::of(hashes)?, verify: Spread::of(verifications)? })
}

fn time<T>(work: impl Fn() -> T) -> f64 {
    let started = Instant::now();
    for _ in 0..REPETITIONS {
        black_box(work());
    }
    nanoseconds(started.elapsed())
}

fn nanoseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1e9 / f64::from(REPETITIONS)
}
