//! The text of a reply, made fit to be kept and to be shown to a person.

use tables::callbacks::progress::LONGEST_REPLY;
use verify::spelling::{REDACTED, Secrets};

use crate::outbound::client::LARGEST_REPLY;

/// The beginning of the text of `body`, at most [`LONGEST_REPLY`] bytes of it.
///
/// What is not UTF-8, and what would do something to a terminal or to the order of the text, becomes
/// U+FFFD; line ends and tabs become spaces. A third party may repeat what it was sent, hence the
/// `secrets`: they are taken out, however they are spelled, and also where the body was cut off in the
/// middle of one.
#[must_use]
pub fn excerpt(body: &[u8], secrets: &[&str]) -> String {
    let secrets = Secrets::new(secrets);
    let cut_off = body.len() >= LARGEST_REPLY;
    let text = String::from_utf8_lossy(body);
    let mut text = text.trim();
    if cut_off {
        // Half a character may follow the half of a secret.
        text = text.trim_end_matches(char::REPLACEMENT_CHARACTER);
    }
    let mut kept = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next().filter(|_| kept.len() < LONGEST_REPLY) {
        if let Some(end) = secrets.end(text, at, cut_off) {
            kept.push_str(REDACTED);
            at = end;
        } else {
            kept.push(harmless(c));
            at += c.len_utf8();
        }
    }
    kept.truncate(kept.floor_char_boundary(LONGEST_REPLY));
    kept
}

/// A character that does nothing but stand there.
fn harmless(c: char) -> char {
    match c {
        '\n' | '\r' | '\t' => ' ',
        // The controls, and those that change the direction of what follows (Unicode annex 9).
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            char::REPLACEMENT_CHARACTER
        }
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_as_it_is() {
        for text in ["", r#"{"success":true,"message":"déjà vu ✓ 😀"}"#, "a [REDACTED] b"] {
            assert_eq!(excerpt(text.as_bytes(), &["key"]), text);
        }
    }

    #[test]
    fn what_does_something_stands_still() {
        for (body, text) in [
            (&b" {\r\n\t\"a\":1\r\n}\n"[..], "{   \"a\":1  }"),
            (b"a\x1b[2Jb\0c\x7f", "a\u{fffd}[2Jb\u{fffd}c\u{fffd}"),
            (b"a\xff\xc3b", "a\u{fffd}\u{fffd}b"),
            ("a\u{85}b\u{202e}c\u{2067}".as_bytes(), "a\u{fffd}b\u{fffd}c\u{fffd}"),
        ] {
            assert_eq!(excerpt(body, &[]), text);
        }
    }

    #[test]
    fn secrets_are_taken_out_in_every_form() {
        let secret = "k/y+ABC";
        for body in [
            "no key k/y+ABC here, nor k/y+ABC",
            r#"{"path":"\/v1?apikey=k\/y+ABC"}"#,
            "<a href=\"/v1?apikey=k%2Fy%2BABC\">",
            "<a href=\"/v1?apikey=k%2fy%2bABC\">",
        ] {
            let text = excerpt(body.as_bytes(), &[secret, ""]);
            assert!(text.contains(REDACTED), "{text}");
            assert!(!text.contains("ABC"), "{text}");
        }
        assert_eq!(excerpt(b"a b", &["a", "b"]), "[REDACTED] [REDACTED]");
    }

    #[test]
    fn a_secret_that_was_cut_off_is_taken_out() {
        // So long that the end of what is read is in the excerpt.
        let more: Vec<_> = (0..150).map(|i| format!("{i:x}.")).collect();
        let secret = &format!("key-é%2F/{}", more.concat());
        let half = secret.find('é').expect("there") + 1;
        for kept in [1, 4, half, half + 1, half + 2, secret.len() - 1] {
            let (whole, dots) = ((LARGEST_REPLY - kept) / secret.len(), LARGEST_REPLY - kept);
            let dots = ".".repeat(dots % secret.len());
            let mut body = format!("{dots}{}", secret.repeat(whole + 1)).into_bytes();
            body.truncate(LARGEST_REPLY);
            let text = excerpt(&body, &[secret]);
            assert_eq!(text, format!("{dots}{}", REDACTED.repeat(whole + 1)), "{kept}");
        }
        // A reply that came whole may end as a secret begins.
        assert_eq!(excerpt(b"ok, key", &[secret]), "ok, key");
    }

    #[test]
    fn no_more_is_kept_than_may_be() {
        let longest = |body: &[u8], secrets: &[&str]| {
            let text = excerpt(body, secrets);
            assert!(text.len() <= 2048, "{}", text.len());
            text.len()
        };
        assert_eq!(longest(&[b'a'; 2047], &[]), 2047);
        assert_eq!(longest(&[b'a'; 2048], &[]), 2048);
        assert_eq!(longest(&vec![b'a'; LARGEST_REPLY], &[]), 2048);
        assert_eq!(longest(&vec![b'a'; LARGEST_REPLY], &["a"]), 2048);
        // Replacement characters have three bytes each.
        assert_eq!(longest(&vec![b'\0'; LARGEST_REPLY], &[]), 2048 / 3 * 3);
        assert_eq!(longest(&vec![0xff; LARGEST_REPLY - 1], &[]), 2048 / 3 * 3);
    }

    #[test]
    fn a_secret_behind_what_is_kept_is_looked_for_no_further() {
        let body = format!("{}key", ".".repeat(2046));
        assert_eq!(excerpt(body.as_bytes(), &["key"]), format!("{}[R", ".".repeat(2046)));
    }
}
