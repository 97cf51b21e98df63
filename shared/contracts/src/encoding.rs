//! How the bytes of a signature are written.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

/// A way to write bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Hex of either case; written in lower case.
    Hex,
    /// Base64 (RFC 4648 section 4), padded.
    Base64,
    /// Base64 without padding.
    Base64Unpadded,
    /// Base64 for URLs (RFC 4648 section 5), padded.
    Base64Url,
    /// Base64 for URLs without padding.
    Base64UrlUnpadded,
}

impl Encoding {
    /// The encoding called `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "hex" => Self::Hex,
            "base64" => Self::Base64,
            "base64-unpadded" => Self::Base64Unpadded,
            "base64url" => Self::Base64Url,
            "base64url-unpadded" => Self::Base64UrlUnpadded,
            _ => return None,
        })
    }

    /// The bytes that `text` stands for; `None` where it is not written so.
    #[must_use]
    pub fn decode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Hex => hex::decode(text).ok(),
            Self::Base64 => STANDARD.decode(text).ok(),
            Self::Base64Unpadded => STANDARD_NO_PAD.decode(text).ok(),
            Self::Base64Url => URL_SAFE.decode(text).ok(),
            Self::Base64UrlUnpadded => URL_SAFE_NO_PAD.decode(text).ok(),
        }
    }

    /// `bytes` as text.
    #[must_use]
    pub fn encode(self, bytes: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(bytes),
            Self::Base64 => STANDARD.encode(bytes),
            Self::Base64Unpadded => STANDARD_NO_PAD.encode(bytes),
            Self::Base64Url => URL_SAFE.encode(bytes),
            Self::Base64UrlUnpadded => URL_SAFE_NO_PAD.encode(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_so_is_read() {
        // `printf '\xfb\xff' | xxd -p`, `| base64`, and by hand from RFC 4648's tables.
        let bytes = [0xfb, 0xff];
        for (name, text) in [
            ("hex", "fbff"),
            ("base64", "+/8="),
            ("base64-unpadded", "+/8"),
            ("base64url", "-_8="),
            ("base64url-unpadded", "-_8"),
        ] {
            let encoding = Encoding::named(name).expect(name);
            assert_eq!(encoding.encode(&bytes), text);
            for other in ["fbff", "+/8=", "+/8", "-_8=", "-_8"] {
                let read = encoding.decode(other) == Some(bytes.to_vec());
                assert_eq!(read, other == text, "{name}: {other}");
            }
        }
        assert_eq!(Encoding::Hex.decode("FBFF"), Some(bytes.to_vec()));
        assert_eq!(Encoding::named("hexadecimal"), None);
    }
}
