//! E-mail addresses, in whatever spelling they arrive.
//!
//! One address is written in many ways: in either case, percent-encoded once or twice by whoever put it
//! into a URL, as HTML or quoted-printable by whoever took it from a page or a mail, in the full-width
//! forms of an East Asian keyboard, with blanks around it. Whoever looks for an address in a text, or
//! compares two, has to see through all of them.

use sha2::{Digest as _, Sha256};

/// How many escapes in one another are seen through. Whatever needs more is taken for an address.
const DEEPEST: usize = 8;

/// The HTML names of characters that stand in addresses, or begin an escape (HTML Living Standard,
/// section 13.5).
const NAMED: [(&str, char); 11] = [
    ("commat", '@'),
    ("period", '.'),
    ("plus", '+'),
    ("lowbar", '_'),
    ("hyphen", '-'),
    ("amp", '&'),
    ("num", '#'),
    ("semi", ';'),
    ("percnt", '%'),
    ("equals", '='),
    ("bsol", '\\'),
];

/// What else an `@` may be behind, in lower case. None of it is read, because it may mean something else as
/// well: an encoded word of a mail (RFC 2047), UTF-7 (RFC 2152), UTF-8 that is longer than it may be.
const BEHIND: [&str; 4] = ["=?", "+aea", "%c1%80", "%e0%81%80"];

/// Whether an e-mail address may stand in `text`, in any spelling: whether there is an `@` in it, as it is
/// or escaped.
#[must_use]
pub fn may_be_in(text: &str) -> bool {
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.#:/ ".contains(&b)) {
        return false;
    }
    let (text, whole) = spelled_out(text);
    !whole
        || text.contains('@')
        || BEHIND.iter().any(|sign| text.contains(sign))
        || has_numbered_at(&text)
}

/// The one spelling of `address`: escapes decoded, blanks and invisible characters taken away, in lower
/// case. Two addresses with one such spelling are one person's.
///
/// For comparing, not for keeping or writing to: strictly, the part before the `@` belongs to its server,
/// which may tell `Ann` from `ann` (RFC 5321 section 2.4). None that is in use does.
#[must_use]
pub fn normalized(address: &str) -> String {
    spelled_out(address).0
}

/// What stands for `address` where it must not be read: the same for the same text, and never what an
/// escaped text begins with.
#[must_use]
pub fn hidden(address: &str) -> String {
    format!("~{}", hex::encode(Sha256::digest(address)))
}

/// `text` in its one spelling, and whether that is all: whether there are no more escapes in one another
/// than are seen through.
fn spelled_out(text: &str) -> (String, bool) {
    let mut text = seen(text);
    for _ in 0..DEEPEST {
        let mut decoded = decode(&text);
        // An `=` with two hex digits behind it may be part of an address as it is.
        if !decoded.contains('@') {
            decoded = unescape(&decoded, b'=');
        }
        decoded = seen(&decoded);
        if decoded == text {
            return (text, true);
        }
        text = decoded;
    }
    (text, false)
}

/// What is seen of `text`, in narrow and lower-case letters.
fn seen(text: &str) -> String {
    let narrow: String = text.chars().map(narrow).collect();
    let mut seen = narrow.to_lowercase();
    seen.retain(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c));
    seen
}

/// Whether an `@` is escaped by its number alone: `\40` in a style sheet, `\100` in C.
fn has_numbered_at(text: &str) -> bool {
    text.split('\\').skip(1).any(|rest| {
        let number = rest.trim_start_matches('0');
        number.starts_with("40") || number.starts_with("100")
    })
}

/// Whether nothing of `c` is seen where it is written, and it is no white space: a byte order mark, a
/// space of no width, a mark for the direction of writing.
///
/// Unicode's `Default_Ignorable_Code_Point`, with the marks of annotations and objects, the blank of
/// Braille, and what is no character, such as a byte order mark read the wrong way round.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffc}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || c as u32 & 0xfffe == 0xfffe
}

/// `text` with one layer of escapes taken away. What is no escape stays.
fn decode(text: &str) -> String {
    let percent = unescape(text, b'%');
    let mut decoded = String::with_capacity(percent.len());
    let mut rest = percent.as_str();
    while let Some(c) = rest.chars().next() {
        let (c, length) = escape(rest).unwrap_or((c, c.len_utf8()));
        decoded.push(c);
        rest = rest.get(length..).unwrap_or_default();
    }
    decoded
}

/// The character that an escape at the beginning of `text` stands for, and the length of the escape.
fn escape(text: &str) -> Option<(char, usize)> {
    if let Some(rest) = text.strip_prefix("&#") {
        let (digits, radix, before) = match rest.strip_prefix(['x', 'X']) {
            Some(rest) => (rest, 16, 3),
            None => (rest, 10, 2),
        };
        let length = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let c = char::from_u32(u32::from_str_radix(&digits[..length], radix).ok()?)?;
        let semicolon = usize::from(digits[length..].starts_with(';'));
        return Some((c, before + length + semicolon));
    }
    if let Some(rest) = text.strip_prefix('&') {
        let (name, c) = NAMED.into_iter().find(|(name, _)| rest.starts_with(name))?;
        let semicolon = usize::from(rest[name.len()..].starts_with(';'));
        return Some((c, 1 + name.len() + semicolon));
    }
    // Of C and Python `\U00000040`; of JavaScript `\u0040`, `\x40` and `\u{40}`, and `%u0040` of its function
    // `escape`; of Perl `\x{40}`.
    let marks = [("\\u0000", 4), ("\\u", 4), ("%u", 4), ("\\x", 2)];
    marks.into_iter().find_map(|(mark, digits)| {
        let rest = text.strip_prefix(mark)?;
        let (hex, length) = match rest.strip_prefix('{') {
            // No character has a longer number.
            Some(rest) => (rest.get(..rest.bytes().take(9).position(|b| b == b'}')?)?, 2),
            None => (rest.get(..digits)?, 0),
        };
        let hexadecimal = hex.bytes().all(|b| b.is_ascii_hexdigit());
        let number = hexadecimal.then(|| u32::from_str_radix(hex, 16).ok())??;
        Some((char::from_u32(number)?, mark.len() + hex.len() + length))
    })
}

/// `text` with every `sign` and the two hex digits behind it as the byte that they stand for: `%` in a
/// URL (RFC 3986 section 2.1), `=` in quoted-printable (RFC 2045 section 6.7). Bytes that are no UTF-8
/// stay escaped, so that no two of them are taken for one.
fn unescape(text: &str, sign: u8) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.first_chunk().filter(|_| *first == sign);
        let mut byte = [0];
        let decoded = digits.map(|digits: &[u8; 2]| hex::decode_to_slice(digits, &mut byte));
        if let Some(Ok(())) = decoded {
            bytes.extend(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    let mut unescaped = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        unescaped.push_str(chunk.valid());
        for byte in chunk.invalid() {
            unescaped.push(char::from(sign));
            unescaped.push_str(&hex::encode_upper([*byte]));
        }
    }
    unescaped
}

/// A full-width or small form, or a tag, as the character that it is a form of (Unicode, blocks "Halfwidth
/// and Fullwidth Forms", "Small Form Variants" and "Tags"); any other as it is.
pub(crate) const fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => {
            if let Some(narrow) = char::from_u32(c as u32 - 0xfee0) {
                narrow
            } else {
                c
            }
        }
        '\u{fe6b}' => '@',
        '\u{fe52}' | '\u{3002}' | '\u{ff61}' => '.',
        '\u{fe62}' => '+',
        '\u{fe63}' => '-',
        // Tags are ASCII that is not shown.
        '\u{e0021}'..='\u{e007e}' => {
            if let Some(plain) = char::from_u32(c as u32 - 0xe_0000) {
                plain
            } else {
                c
            }
        }
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ann@example.com` in spellings that were met, or are one step from them.
    const SPELLINGS: [&str; 45] = [
        "ann@example.com",
        "Ann@Example.COM",
        " ann@example.com",
        "ann@example.com\n",
        "\u{feff}ann@example.com\u{200b}",
        "\u{a0}ann@example.com\u{a0}",
        "ann%40example.com",
        "ann%2540example.com",
        "ann%252540example.com",
        "%61nn%40example%2Ecom",
        "%20ann%40example.com%20",
        "ann\u{ff20}example.com",
        "ann\u{fe6b}example.com",
        "ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ",
        "ann%EF%BC%A0example.com",
        "ann&#64;example.com",
        "ann&#064;example.com",
        "ann&#x40;example.com",
        "ann&#X40;example.com",
        "ann&#64example.com",
        "ann&commat;example.com",
        "ann&amp;#64;example.com",
        "ann&amp;commat;example&period;com",
        "ann%26%2364%3Bexample.com",
        "ann=40example.com",
        "ann=40example=2Ecom",
        "ann%3D40example.com",
        r"ann\u0040example.com",
        r"ann\x40example.com",
        "ann%u0040example.com",
        "ann%U0040example.com",
        r"ann\u{40}example.com",
        r"ann\u{000040}example.com",
        r"ann\x{40}example.com",
        r"ann\U00000040example.com",
        "ann&AMP;#64;example.com",
        "ann&amp;&num;64&semi;example.com",
        "ann&#37;40example.com",
        "ann&percnt;40example.com",
        "ann&equals;40example.com",
        "ann&bsol;u0040example.com",
        "ann%4\u{200b}0example.com",
        "ann&#6\u{200b}4;example.com",
        "ann= 40example.com",
        "ann\u{e0040}example.com",
    ];

    #[test]
    fn an_address_is_found_in_every_spelling() {
        for text in SPELLINGS {
            assert!(may_be_in(text), "{text}");
            assert!(may_be_in(&format!("user:{text}/1")), "{text}");
        }
        assert!(may_be_in(&format!("ann%{}40example.com", "25".repeat(50))));
    }

    #[test]
    fn an_address_is_found_behind_what_is_not_read() {
        for text in [
            "ann=?utf-8?B?QA==?=example.com",
            "=?UTF-8?Q?ann=40example.com?=",
            "ann+AEA-example.com",
            "ann%C1%80example.com",
            "ann%e0%81%80example.com",
            r"ann\40 example.com",
            r"ann\000040example.com",
            r"ann\100example.com",
            r"ann\0100example.com",
        ] {
            assert!(may_be_in(text), "{text}");
        }
    }

    #[test]
    fn what_has_no_at_sign_is_no_address() {
        for text in [
            "",
            "u-1",
            "12345_67890",
            "U$MikHklwcY",
            "c55b3483-5755-42f8-9bc5-5c185862e35a",
            "déjà vu ✓",
            "100%",
            "100%25",
            "50%4",
            "a&b",
            "a&#65;b",
            "a=b",
            "a=41",
            "&#xFFFFFFFF;",
            "&#;",
            r"\u00",
            r"\u004é",
            r"\u{41}",
            r"\u{}",
            r"\u{40",
            r"\u{110000}",
            r"SHOP\ann",
            r"SHOP\4",
            "a\u{e0041}b",
            "a+b",
            "%C1%81",
            "%",
            "&",
            "=",
            "\u{ff21}",
        ] {
            assert!(!may_be_in(text), "{text}");
        }
    }

    #[test]
    fn one_address_has_one_spelling() {
        for text in SPELLINGS {
            assert_eq!(normalized(text), "ann@example.com", "{text}");
        }
        assert_eq!(normalized("ＡＮＮ%40ÉXAMPLE.com"), "ann@éxample.com");
    }

    #[test]
    fn two_addresses_stay_two() {
        for (text, spelling) in [
            ("ann+news@example.com", "ann+news@example.com"),
            ("ann%2Bnews@example.com", "ann+news@example.com"),
            // Rewritten by a forwarding server, which is where an `=` stands in an address.
            ("SRS0=40=ab=example.org=ann@example.com", "srs0=40=ab=example.org=ann@example.com"),
            ("a.nn@example.com", "a.nn@example.com"),
            ("ann@example.org", "ann@example.org"),
            ("ann%ff@example.com", "ann%ff@example.com"),
            ("ann%fe@example.com", "ann%fe@example.com"),
            ("ann=ff", "ann=ff"),
            ("ann%=", "ann%="),
        ] {
            assert_eq!(normalized(text), spelling);
        }
    }

    #[test]
    fn the_one_spelling_is_its_own() {
        let more = ["", " ", "%", "=40=40", "&#64;&#64;", "ann%4\u{200b}0x", "a&COMMAT;x"];
        for text in SPELLINGS.into_iter().chain(more) {
            let once = normalized(text);
            assert_eq!(normalized(&once), once, "{text}");
        }
    }

    #[test]
    fn no_text_takes_long() {
        for piece in
            ["%25", "&amp;", "&#38;", "=3D", r"\u005c", r"\u{", "%", "&", "=", "＠", "\u{e0040}"]
        {
            let text = piece.repeat(64 * 1024 / piece.len());
            let _ = (may_be_in(&text), normalized(&text).len());
        }
    }
}
