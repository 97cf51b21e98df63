//! Digests, which are compared in constant time and in no other way.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq;

/// `N` bytes that prove something. There is no `==` for them, so that nobody learns from the time that a
/// comparison takes how many of the bytes were right.
///
/// ```compile_fail,E0369
/// let [one, other] = [[0_u8; 4]; 2].map(verify::Digest::from);
/// assert!(one == other);
/// ```
#[derive(Clone, Copy)]
pub struct Digest<const N: usize, B = u8>([B; N]);

impl<const N: usize, B: ConstantTimeEq> Digest<N, B> {
    /// Whether the two are the same; takes as long whatever the answer.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl<const N: usize> Digest<N> {
    /// Reads hex in either case; `None` for anything else, and for another length.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; N];
        hex::decode_to_slice(text, &mut bytes).ok().map(|()| Self(bytes))
    }

    /// Reads standard base64 (RFC 4648 section 4), padded; `None` for anything else, and for another
    /// length.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Writes it as lower-case hex.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl<const N: usize, B> From<[B; N]> for Digest<N, B> {
    fn from(bytes: [B; N]) -> Self {
        Self(bytes)
    }
}

impl<const N: usize, B> fmt::Debug for Digest<N, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use subtle::Choice;

    use super::*;

    /// A byte that can be compared in no other way, and counts how often it is.
    struct Counted<'a>(u8, &'a Cell<usize>);

    impl ConstantTimeEq for Counted<'_> {
        fn ct_eq(&self, other: &Self) -> Choice {
            self.1.set(self.1.get() + 1);
            self.0.ct_eq(&other.0)
        }
    }

    #[test]
    fn all_bytes_are_compared_wherever_the_difference_is() {
        for differs in [None, Some(0), Some(5), Some(31)] {
            let compared = Cell::new(0);
            let digest = |differs: Option<usize>| -> Digest<32, Counted<'_>> {
                std::array::from_fn(|n| Counted(u8::from(differs == Some(n)), &compared)).into()
            };
            assert_eq!(digest(None).matches(&digest(differs)), differs.is_none());
            assert_eq!(compared.get(), 32, "{differs:?}");
        }
    }

    #[test]
    fn digests_are_read_in_both_cases_and_no_other_length() {
        let hex = |text| Digest::<2>::from_hex(text).map(|digest| digest.to_hex());
        assert_eq!(hex("aB09").as_deref(), Some("ab09"));
        for text in ["", "ab", "ab0", "ab0900", "ag09", " b09", "ab09 "] {
            assert_eq!(hex(text), None, "{text}");
        }
        let base64 = |text| Digest::<2>::from_base64(text).map(|digest| digest.to_hex());
        assert_eq!(base64("qwk=").as_deref(), Some("ab09"));
        for text in ["qwk", "qwl=", "qwk==", "-wk=", "qwkA", ""] {
            assert_eq!(base64(text), None, "{text}");
        }
    }

    #[test]
    fn digests_are_not_printed() {
        assert_eq!(format!("{:?}", Digest::from([7_u8; 4])), "[REDACTED]");
    }
}
