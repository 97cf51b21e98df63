//! The identifiers of an install: of the device, or of the user in the game.

use verify::identity::FingerprintBuilder;
use verify::{Field, Object, Refusal};

use crate::fields::{identifier, optional};

/// How an identifier is read; none when it stands for the lack of one.
type Reader = fn(&Field<'_>) -> Result<Option<String>, Refusal>;

/// The identifiers that there are, in the order of the provider's list.
const KNOWN: [(&str, Reader); 6] = [
    ("ios_ifa", uuid),
    ("ios_ifv", uuid),
    ("os_id", opaque),
    ("google_aid", uuid),
    ("windows_aid", uuid),
    ("user_id", opaque),
];

/// The identifiers of one install: at least one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Identifiers {
    /// By name, in the order of the list.
    sent: Vec<(&'static str, String)>,
    /// Whom the install is of: the game's own name for the user, or else the first identifier.
    pub(crate) user: String,
}

impl Identifiers {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// [`Refusal::Malformed`] for one that is not of its form, [`Refusal::Missing`] when there is none.
    pub(crate) fn read(fields: &Object<'_>) -> Result<Self, Refusal> {
        let mut all = Vec::with_capacity(KNOWN.len());
        for (name, read) in KNOWN {
            if let Some(id) = optional(fields, name, read)?.flatten() {
                all.push((name, id));
            }
        }
        let user = all.iter().find(|(name, _)| *name == "user_id").or(all.first());
        let user = user.map(|(_, id)| id.clone()).ok_or_else(|| {
            Refusal::missing(
                "an identifier (ios_ifa, ios_ifv, os_id, google_aid, windows_aid or user_id)",
            )
        })?;
        Ok(Self { sent: all, user })
    }

    /// Adds them to `digest`, each with its name.
    pub(crate) fn write_to(&self, digest: FingerprintBuilder) -> FingerprintBuilder {
        self.sent.iter().fold(digest, |digest, (name, id)| digest.with(name, id))
    }
}

/// An identifier of the platform's or the game's own making.
fn opaque(field: &Field<'_>) -> Result<Option<String>, Refusal> {
    identifier(field).map(Some)
}

/// 32 hex digits in either case, with hyphens anywhere between them: the provider's example,
/// `0123456789ab-cdef-0123-456789abcdef`, has them elsewhere than RFC 9562 does. Given in lower case
/// without them. All zeros is what a device says whose owner does not consent: none.
pub(crate) fn uuid(field: &Field<'_>) -> Result<Option<String>, Refusal> {
    let expected = "32 hex digits, with or without hyphens between them";
    let groups: Vec<&str> = field.as_text().unwrap_or_default().split('-').collect();
    let digits = groups.concat().to_ascii_lowercase();
    let hex = digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if !hex || groups.contains(&"") {
        return Err(field.refuse(expected));
    }
    Ok(digits.bytes().any(|b| b != b'0').then_some(digits))
}

#[cfg(test)]
mod tests {
    use verify::Fingerprint;

    use super::*;

    fn read(json: &str) -> Result<Identifiers, Refusal> {
        Identifiers::read(&Object::parse(json.as_bytes()).expect("an object"))
    }

    fn digest(json: &str) -> Fingerprint {
        read(json).expect(json).write_to(Fingerprint::builder()).finish()
    }

    #[test]
    fn a_uuid_is_32_hex_digits_however_grouped() {
        for uuid in [
            "0123456789ab-cdef-0123-456789abcdef",
            "01234567-89ab-cdef-0123-456789abcdef",
            "01234567-89AB-CDEF-0123-456789ABCDEF",
            "0123456789abcdef0123456789abcdef",
            "0-1-2-3-4-5-6-7-8-9-a-b-c-d-e-f-0-1-2-3-4-5-6-7-8-9-a-b-c-d-e-f",
        ] {
            for name in ["ios_ifa", "ios_ifv", "google_aid", "windows_aid"] {
                let read = read(&format!(r#"{{"{name}":"{uuid}"}}"#)).expect(uuid);
                assert_eq!(read.user, "0123456789abcdef0123456789abcdef");
            }
        }
    }

    #[test]
    fn nothing_else_is_a_uuid() {
        for json in [
            // The template in the provider's list: 31 digits.
            r#""0123456789ab-cdef-0123-456789abcde""#,
            r#""0123456789ab-cdef-0123-456789abcdef0""#,
            r#""0123456789ab-cdef-0123-456789abcdeg""#,
            r#""{01234567-89ab-cdef-0123-456789abcdef}""#,
            r#""-0123456789abcdef0123456789abcdef""#,
            r#""0123456789abcdef0123456789abcdef-""#,
            r#""0123456789abcdef--0123456789abcdef""#,
            r#""0123456789abcdef 0123456789abcdef""#,
            r#"" 0123456789abcdef0123456789abcdef""#,
            r#""０123456789abcdef0123456789abcdef""#,
            r#""{idfa}""#,
            r#"" ""#,
            r#""-""#,
            r#""0""#,
            "12345678901234567890123456789012",
            "[]",
            "false",
        ] {
            for name in ["ios_ifa", "ios_ifv", "google_aid", "windows_aid"] {
                let refusal = read(&format!(r#"{{"user_id":"u","{name}":{json}}}"#));
                assert_eq!(refusal.expect_err(json).field(), Some(name), "{json}");
            }
        }
    }

    #[test]
    fn at_least_one_identifies() {
        let zero = "00000000-0000-0000-0000-000000000000";
        for json in [
            "{}".to_owned(),
            r#"{"ios_ifa":null,"os_id":"","user_id":""}"#.to_owned(),
            format!(r#"{{"ios_ifa":"{zero}","google_aid":"{}"}}"#, zero.replace('-', "")),
        ] {
            assert_eq!(read(&json).expect_err(&json).reason(), "missing", "{json}");
        }
        let beside = format!(r#"{{"ios_ifa":"{zero}","os_id":"x"}}"#);
        assert_eq!(digest(&beside), digest(r#"{"os_id":"x"}"#));
    }

    #[test]
    fn the_user_is_the_games_own_or_the_first() {
        let id = |digit: &str| digit.repeat(32);
        let (a, b) = (id("a"), id("b"));
        for (json, user) in [
            (format!(r#"{{"user_id":"u","ios_ifa":"{a}"}}"#), "u"),
            (format!(r#"{{"google_aid":"{b}","os_id":"o","ios_ifv":"{a}"}}"#), &a),
            (format!(r#"{{"windows_aid":"{a}","google_aid":"{b}"}}"#), &b),
            (format!(r#"{{"google_aid":"{b}","os_id":"o"}}"#), "o"),
            (r#"{"user_id":1234}"#.to_owned(), "1234"),
            (r#"{"user_id":" 001234"}"#.to_owned(), " 001234"),
        ] {
            assert_eq!(read(&json).expect(&json).user, user, "{json}");
        }
        for json in [r#"{"user_id":"a\u0000"}"#, r#"{"user_id":1.5}"#, r#"{"user_id":true}"#] {
            assert_eq!(read(json).expect_err(json).field(), Some("user_id"), "{json}");
        }
    }

    #[test]
    fn an_identifier_counts_with_its_name() {
        assert_ne!(digest(r#"{"os_id":"x"}"#), digest(r#"{"user_id":"x"}"#));
        let one = digest(r#"{"os_id":"x","user_id":"y"}"#);
        assert_eq!(one, digest(r#"{"user_id":"y","os_id":"x"}"#));
        assert_ne!(one, digest(r#"{"os_id":"y","user_id":"x"}"#));
        assert_ne!(one, digest(r#"{"os_id":"xy","user_id":""}"#));
    }
}
