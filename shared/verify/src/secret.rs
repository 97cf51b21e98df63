//! Values that must never be shown.

use std::fmt;

use zeroize::Zeroizing;

use crate::signed_content::sha256;

/// A secret: it cannot be printed, and its memory is overwritten when it is dropped. There is no `==` for
/// it, because the time that takes tells how much of it was right; what somebody sent is compared by
/// [`Credential::verify`](crate::Credential::verify), two secrets by [`Secret::matches`].
///
/// ```compile_fail,E0369
/// let [one, other] = ["a", "a"].map(|text| verify::Secret::new(text.to_owned()).unwrap());
/// assert!(one == other);
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the secret in; `None` when it is empty, because an empty secret proves nothing.
    #[must_use]
    pub fn new(secret: String) -> Option<Self> {
        let secret = Zeroizing::new(secret);
        (!secret.is_empty()).then_some(Self(secret))
    }

    /// Whether the two are the same; takes as long whatever the answer.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        sha256(self.expose()).matches(&sha256(other.expose()))
    }

    /// The secret as UTF-8 bytes, for computing or comparing with it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The secret as text, for sending it to whoever issued it.
    #[must_use]
    pub fn expose_text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_not_printed() {
        let secret = Secret::new("hunter2".to_owned()).expect("not empty");
        assert_eq!(format!("{secret:?}"), "[REDACTED]");
        assert_eq!(format!("{secret:#?}"), "[REDACTED]");
    }

    #[test]
    fn is_the_same_only_as_a_whole() {
        let secret = |text: &str| Secret::new(text.to_owned()).expect("not empty");
        assert!(secret("hunter2").matches(&secret("hunter2")));
        for other in ["hunter", "hunter22", "Hunter2", "x"] {
            assert!(!secret("hunter2").matches(&secret(other)), "{other}");
        }
    }

    #[test]
    fn is_never_empty() {
        assert!(Secret::new(String::new()).is_none());
    }
}
