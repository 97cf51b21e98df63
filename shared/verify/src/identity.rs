//! What makes a callback this one and no other, and what makes two deliveries of it agree.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::address;
use crate::amount::Amount;

/// What is escaped in a part: the separator, the escape sign itself, and `~`, which begins what only
/// this crate and the store write. Everything outside ASCII is escaped as well.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'#').add(b'%').add(b'~');

/// The longest part that is kept readable, in bytes once escaped; ten of them stay below the 2048
/// bytes of a DynamoDB partition key.
const LONGEST_PART: usize = 190;

/// The idempotency key of a callback: the `id` of its record.
///
/// Parts are escaped before they are joined with `#`, so that no two lists of parts give one key. A
/// part that is long, or that may hold an e-mail address in any spelling (keys are logged), stands there
/// as `~` and its SHA-256 in hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A key of `provider`'s callbacks of one class: callbacks of different classes never meet.
    #[must_use]
    pub fn new(provider: &'static str, class: &'static str) -> Self {
        Self(provider.to_owned()).part(class)
    }

    /// The key with one part more.
    #[must_use]
    pub fn part(mut self, part: &str) -> Self {
        let start = self.0.len();
        self.0.push('#');
        self.0.extend(utf8_percent_encode(part, ESCAPED));
        if self.0.len() - start > LONGEST_PART || address::may_be_in(part) {
            self.0.truncate(start);
            return self.address(part);
        }
        self
    }

    /// The key with one part more that is an e-mail address by what it is called: hidden whatever it
    /// looks like, as it came. Two spellings of one address are two parts, because ids are opaque.
    #[must_use]
    pub fn address(mut self, address: &str) -> Self {
        self.0.push('#');
        self.0.push_str(&address::hidden(address));
        self
    }

    /// The key with nothing but its provider and its class to be read in it: for one with a part that
    /// nobody may read.
    pub(crate) fn hidden(self) -> Self {
        let class = self.0.match_indices('#').nth(1).map_or(self.0.len(), |(end, _)| end);
        let hidden = address::hidden(&self.0[class..]);
        Self(format!("{}#{hidden}", &self.0[..class]))
    }

    /// The key as text: printable ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A digest of the fields in which two deliveries of one callback must agree.
///
/// SHA-256 over every field's name, presence and value, each with its length, so that no two lists of
/// fields are written alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Begins a fingerprint.
    #[must_use]
    pub fn builder() -> FingerprintBuilder {
        FingerprintBuilder(Sha256::new())
    }

    /// 64 lower-case hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes the fields of a [`Fingerprint`] one after the other.
#[derive(Debug)]
pub struct FingerprintBuilder(Sha256);

impl FingerprintBuilder {
    /// A field that is there.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        self.optional_field(name, Some(value))
    }

    /// A field that may be absent; absent is not the same as empty.
    #[must_use]
    pub fn optional_field(mut self, name: &str, value: Option<&str>) -> Self {
        self.write(name);
        self.0.update([u8::from(value.is_some())]);
        self.write(value.unwrap_or_default());
        self
    }

    /// An amount that may be absent, by its value: `1.0` agrees with `1`.
    #[must_use]
    pub fn amount(self, name: &str, amount: Option<Amount>) -> Self {
        self.optional_field(name, amount.map(Amount::normalized).as_deref())
    }

    /// The fingerprint of the fields given.
    #[must_use]
    pub fn finish(self) -> Fingerprint {
        Fingerprint(hex::encode(self.0.finalize()))
    }

    fn write(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(parts: &[&str]) -> String {
        let key = IdempotencyKey::new("p", "c");
        parts.iter().fold(key, |key, part| key.part(part)).to_string()
    }

    #[test]
    fn a_boundary_cannot_be_shifted() {
        let lists: [&[&str]; 12] = [
            &[],
            &[""],
            &["", ""],
            &["ab", "c"],
            &["a", "bc"],
            &["abc"],
            &["ab#c"],
            &["ab%23c"],
            &["ab", "", "c"],
            &["~abc"],
            &["%7Eabc"],
            &["a", "b", "c"],
        ];
        let keys: std::collections::HashSet<_> = lists.iter().map(|parts| key(parts)).collect();
        assert_eq!(keys.len(), lists.len());
    }

    #[test]
    fn keys_are_readable_ascii() {
        assert_eq!(key(&["12345_67890", "a b", "U$M"]), "p#c#12345_67890#a b#U$M");
        assert_eq!(key(&["é"]), "p#c#%C3%A9");
    }

    #[test]
    fn an_address_does_not_show() {
        let key = key(&["ann@example.com"]);
        assert!(!key.contains("ann") && !key.contains('@'), "{key}");
        // `printf ann@example.com | sha256sum`
        assert_eq!(key, "p#c#~71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476");
    }

    #[test]
    fn an_address_does_not_show_in_any_spelling() {
        for part in [
            "ann%40example.com",
            "ann%2540example.com",
            "ann\u{ff20}example.com",
            "ann&#64;example.com",
            "ann&#x40;example.com",
            "ann&commat;example.com",
            "ann=40example.com",
            "1:ann%40example.com",
        ] {
            let hashed = hex::encode(Sha256::digest(part));
            assert_eq!(key(&[part]), format!("p#c#~{hashed}"));
        }
    }

    #[test]
    fn an_address_by_name_does_not_show_whatever_it_looks_like() {
        // `printf ann | sha256sum`
        assert_eq!(
            IdempotencyKey::new("p", "c").address("ann").as_str(),
            "p#c#~49915e0d7d4b402e3017d010bc1c0e83cac6c797d6c16e66340fe3268693a6a1"
        );
    }

    #[test]
    fn keys_stay_short() {
        let long = "é".repeat(3000);
        let parts = [long.as_str(); 10];
        assert!(key(&parts).len() < 2048);
        assert_ne!(key(&[&"a".repeat(500)]), key(&[&"a".repeat(501)]));
    }

    #[test]
    fn fingerprints_keep_fields_apart() {
        let one = |name, value| Fingerprint::builder().optional_field(name, value).finish();
        assert_ne!(one("a", None), one("a", Some("")));
        assert_ne!(one("a", Some("b")), one("ab", Some("")));
        let two = |a, b| Fingerprint::builder().with("x", a).with("y", b).finish();
        assert_ne!(two("ab", "c"), two("a", "bc"));
        assert_eq!(two("ab", "c"), two("ab", "c"));
    }

    #[test]
    fn amounts_agree_by_value() {
        let one = |text| Fingerprint::builder().amount("a", Amount::parse(text)).finish();
        assert_eq!(one("1.00"), one("1"));
        assert_ne!(one("1.01"), one("1"));
    }
}
