//! Secrets that were pasted wrongly.
//!
//! A secret that was copied with the line end behind it proves nothing: every genuine callback would be
//! called a forgery, for good. So such a secret is told apart from one that does not match.

use crate::address::is_invisible;

/// What is wrong with a secret. Says nothing of the secret itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasteFlaw {
    /// There is nothing in it that can be seen.
    #[error("it consists of white space or invisible characters alone")]
    Blank,
    /// Something stands before it.
    #[error("it begins with {0}")]
    Before(Stray),
    /// Something stands behind it.
    #[error("it ends with {0}")]
    Behind(Stray),
    /// It has not the form of the provider's secrets, which is this.
    #[error("it is not {0}")]
    NoSuchForm(&'static str),
}

/// A character that nobody means to have at the end of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Stray {
    /// The end of a line.
    #[error("a line end")]
    LineEnd,
    /// A blank of any width, a tab.
    #[error("white space")]
    WhiteSpace,
    /// A byte order mark, a space of no width, a control character.
    #[error("an invisible character")]
    Invisible,
}

impl PasteFlaw {
    /// What is wrong with `secret`, where it was pasted wrongly. A blank inside it may be meant.
    #[must_use]
    pub fn of(secret: &str) -> Option<Self> {
        let (first, last) = (secret.chars().next()?, secret.chars().next_back()?);
        if secret.chars().all(|c| Stray::of(c).is_some()) {
            return Some(Self::Blank);
        }
        let behind = Stray::of(last).map(Self::Behind);
        behind.or_else(|| Stray::of(first).map(Self::Before))
    }
}

impl Stray {
    fn of(c: char) -> Option<Self> {
        match c {
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                Some(Self::LineEnd)
            }
            c if c.is_whitespace() => Some(Self::WhiteSpace),
            c if c.is_control() || is_invisible(c) => Some(Self::Invisible),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What people have pasted with a secret, each by its Unicode name's sake.
    const STRAYS: [(&str, Stray); 22] = [
        ("\n", Stray::LineEnd),
        ("\r\n", Stray::LineEnd),
        ("\r", Stray::LineEnd),
        ("\u{2028}", Stray::LineEnd),
        (" ", Stray::WhiteSpace),
        ("\t", Stray::WhiteSpace),
        ("\u{a0}", Stray::WhiteSpace),
        ("\u{202f}", Stray::WhiteSpace),
        ("\u{3000}", Stray::WhiteSpace),
        ("\u{feff}", Stray::Invisible),
        ("\u{200b}", Stray::Invisible),
        ("\u{200d}", Stray::Invisible),
        ("\u{200e}", Stray::Invisible),
        ("\u{2060}", Stray::Invisible),
        ("\u{ad}", Stray::Invisible),
        ("\0", Stray::Invisible),
        ("\u{fe0f}", Stray::Invisible),
        ("\u{fffc}", Stray::Invisible),
        ("\u{fffe}", Stray::Invisible),
        ("\u{1d173}", Stray::Invisible),
        ("\u{e0001}", Stray::Invisible),
        ("\u{e0100}", Stray::Invisible),
    ];

    #[test]
    fn whatever_stands_around_a_secret_is_seen() {
        for (stray, kind) in STRAYS {
            let flaw = |secret: String| PasteFlaw::of(&secret);
            assert_eq!(flaw(format!("key{stray}")), Some(PasteFlaw::Behind(kind)), "{stray:?}");
            assert_eq!(flaw(format!("{stray}key")), Some(PasteFlaw::Before(kind)), "{stray:?}");
            assert_eq!(flaw(stray.to_owned()), Some(PasteFlaw::Blank), "{stray:?}");
            assert_eq!(flaw(stray.repeat(9)), Some(PasteFlaw::Blank), "{stray:?}");
            assert_eq!(flaw(format!("a{stray}b")), None, "{stray:?}");
        }
    }

    #[test]
    fn a_secret_as_it_was_issued_is_in_order() {
        for secret in
            ["k", "correct horse", "a+b/c==", "zweites Geheimnis ✓", "é", "秘密", "'", "$&"]
        {
            assert_eq!(PasteFlaw::of(secret), None, "{secret}");
        }
    }
}
