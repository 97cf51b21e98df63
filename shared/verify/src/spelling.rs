//! Takes secrets out of a text, however they are spelled in it.
//!
//! A third party may repeat what it was sent inside JSON, HTML or a URL, and inside one of them in
//! another. So a text is not compared with spellings that one thought of: at each place it is asked which
//! characters can be meant there, and each character of the secret may be spelled in a way of its own.
//!
//! | spelling of `+` | where from |
//! | --- | --- |
//! | `+` | as it is; a letter in either case |
//! | `%2B`, `%2b` | URLs, byte by byte of UTF-8; `+` may also mean a blank |
//! | `\u002B`, `\x2b`, and `\/` for `/` and the like | JSON and JavaScript |
//! | `&#43;`, `&#x2B;`, `&plus;`, with or without the `;` | HTML and XML |
//!
//! The characters of a spelling may themselves be spelled (`%252B`, `&#37;2B`, `\\u002b`), up to
//! three times.

use std::collections::BTreeSet;
use std::fmt;

/// How often a spelling may be spelled.
const DEEPEST: u32 = 3;

/// The most digits of a number in HTML; more than these are leading zeros.
const MOST_DIGITS: usize = 10;

/// The longest spelling of one character that may have been cut off at the end of a text, in bytes.
const LONGEST_SPELLING: usize = 32;

/// The longest name in [`NAMED`].
const LONGEST_NAME: usize = 16;

/// The names that HTML has for characters that a key could have (HTML, section 13.5).
const NAMED: [(&str, char); 43] = [
    ("Tab", '\t'),
    ("NewLine", '\n'),
    ("nbsp", '\u{a0}'),
    ("excl", '!'),
    ("quot", '"'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("amp", '&'),
    ("apos", '\''),
    ("lpar", '('),
    ("rpar", ')'),
    ("ast", '*'),
    ("midast", '*'),
    ("plus", '+'),
    ("comma", ','),
    ("hyphen", '\u{2010}'),
    ("dash", '\u{2010}'),
    ("period", '.'),
    ("sol", '/'),
    ("colon", ':'),
    ("semi", ';'),
    ("lt", '<'),
    ("equals", '='),
    ("gt", '>'),
    ("quest", '?'),
    ("commat", '@'),
    ("lsqb", '['),
    ("lbrack", '['),
    ("bsol", '\\'),
    ("rsqb", ']'),
    ("rbrack", ']'),
    ("Hat", '^'),
    ("lowbar", '_'),
    ("UnderBar", '_'),
    ("grave", '`'),
    ("DiacriticalGrave", '`'),
    ("lcub", '{'),
    ("lbrace", '{'),
    ("verbar", '|'),
    ("vert", '|'),
    ("rcub", '}'),
    ("rbrace", '}'),
];

/// What stands in a text where a secret stood.
pub const REDACTED: &str = "[REDACTED]";

/// What a spelling begins with: of a URL, of JSON, of HTML.
const MARKS: &[u8] = b"%\\&";

/// Secrets to be found in a text.
pub struct Secrets(Vec<Vec<u8>>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl Secrets {
    /// Those of `secrets` that are not empty.
    #[must_use]
    pub fn new(secrets: &[&str]) -> Self {
        let cases =
            |secret: &&str| [(*secret).to_owned(), secret.to_lowercase(), secret.to_uppercase()];
        let mut forms: Vec<_> = secrets
            .iter()
            .filter(|secret| !secret.is_empty())
            .flat_map(cases)
            // ASCII letters are compared in lower case.
            .map(|secret| secret.to_ascii_lowercase().into_bytes())
            .collect();
        forms.sort_unstable();
        forms.dedup();
        Self(forms)
    }

    /// Where the secret ends that begins at `start` of `text`, and those that begin within it; `None` where
    /// none begins there. If `cut_off`, the text may end in the middle of one.
    #[must_use]
    pub fn end(&self, text: &str, start: usize, cut_off: bool) -> Option<usize> {
        let first = text.as_bytes().get(start)?.to_ascii_lowercase();
        // A `+` may be a blank.
        let begins = MARKS.contains(&first)
            || self
                .0
                .iter()
                .any(|secret| secret[0] == first || (secret[0] == b' ' && first == b'+'));
        if !begins {
            return None;
        }
        let longest = |start| {
            let may_begin =
                self.0.iter().filter(|secret| may_begin(secret, &text.as_bytes()[start..]));
            may_begin.filter_map(|secret| end_of(secret, text, start, cut_off)).max()
        };
        let mut end = longest(start)?;
        let mut inside = start + 1;
        while inside < end {
            if text.is_char_boundary(inside) {
                end = end.max(longest(inside).unwrap_or(end));
            }
            inside += 1;
        }
        Some(end)
    }

    /// `text` with [`REDACTED`] in the place of each of them; `None` where there is none.
    #[must_use]
    pub fn redacted(&self, text: &str) -> Option<String> {
        // No spelling is shorter than what it spells.
        if self.0.iter().all(|secret| text.len() < secret.len()) {
            return None;
        }
        let (mut kept, mut from, mut at) = (String::new(), 0, 0);
        while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
            if let Some(end) = self.end(text, at, false) {
                kept.push_str(&text[from..at]);
                kept.push_str(REDACTED);
                (from, at) = (end, end);
            } else {
                at += c.len_utf8();
            }
        }
        kept.push_str(&text[from..]);
        (from > 0).then_some(kept)
    }

    /// Whether one of them may stand in a text that is written as JSON in `json`: sooner than looking for
    /// it, and never wrongly no. Where nothing is spelled, a secret has its own length.
    #[must_use]
    pub(crate) fn may_be_in(&self, json: &str) -> bool {
        let json = json.as_bytes();
        let stands =
            |secret: &Vec<u8>| json.windows(secret.len()).any(|text| may_begin(secret, text));
        !self.0.is_empty() && (json.iter().any(|b| MARKS.contains(b)) || self.0.iter().any(stands))
    }
}

/// Whether `secret` may stand where `text` begins: sooner than looking for it, and never wrongly no. Up to the first
/// character that may begin a spelling, each is itself, or a `+` for a blank.
fn may_begin(secret: &[u8], text: &[u8]) -> bool {
    let is = |wanted: u8, b: u8| b.eq_ignore_ascii_case(&wanted) || (b == b'+' && wanted == b' ');
    let plain = text.iter().take_while(|b| !MARKS.contains(b));
    secret.iter().zip(plain).all(|(wanted, b)| is(*wanted, *b))
}

/// Where `secret` ends in `text`, if it begins at `start`.
fn end_of(secret: &[u8], text: &str, start: usize, cut_off: bool) -> Option<usize> {
    // How much of the secret is read, and up to where in the text. The least that is read comes first, and
    // more is read each time, so that this ends.
    let mut open = BTreeSet::from([(0, start)]);
    let mut end = None;
    while let Some((read, at)) = open.pop_first() {
        let Some(rest) = secret.get(read..).filter(|rest| !rest.is_empty()) else {
            end = end.max(Some(at));
            continue;
        };
        if cut_off && read > 0 && may_be_cut_off(&text[at..]) {
            return Some(text.len());
        }
        for meant in meanings(text, at, DEEPEST) {
            if rest.starts_with(meant.bytes()) {
                open.insert((read + meant.bytes().len(), meant.end));
            }
        }
    }
    end
}

/// Whether `rest` may be the beginning of a spelling.
fn may_be_cut_off(rest: &str) -> bool {
    rest.is_empty() || (rest.len() < LONGEST_SPELLING && rest.starts_with(['%', '\\', '&']))
}

/// What can be meant at a place of a text: a character in UTF-8, or one byte of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Meaning {
    bytes: [u8; 4],
    length: usize,
    /// Where its spelling ends.
    end: usize,
}

impl Meaning {
    fn character(c: char, end: usize) -> Self {
        let mut bytes = [0; 4];
        let length = c.to_ascii_lowercase().encode_utf8(&mut bytes).len();
        Self { bytes, length, end }
    }

    const fn byte(byte: u8, end: usize) -> Self {
        Self { bytes: [byte.to_ascii_lowercase(), 0, 0, 0], length: 1, end }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// The ASCII character that is meant, in lower case.
    fn ascii(&self) -> Option<char> {
        let byte = self.bytes[0];
        (self.length == 1 && byte.is_ascii()).then_some(char::from(byte))
    }
}

/// All that can be meant at `at` of `text`, where spellings are spelled up to `depth` times.
fn meanings(text: &str, at: usize, depth: u32) -> Vec<Meaning> {
    let Some(c) = text[at..].chars().next() else { return Vec::new() };
    let end = at + c.len_utf8();
    let mut found = vec![Meaning::character(c, end)];
    let Some(depth) = depth.checked_sub(1) else { return found };
    for lead in meanings(text, at, depth) {
        let place = Place { text, at: lead.end, depth };
        match lead.ascii() {
            Some('%') => place.in_url(&mut found),
            Some('\\') => place.in_json(&mut found),
            Some('&') => place.in_html(&mut found),
            Some('+') => found.push(Meaning::character(' ', lead.end)),
            _ => {}
        }
    }
    found
}

/// A place behind the character that a spelling begins with.
#[derive(Clone, Copy)]
struct Place<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl Place<'_> {
    const fn to(self, at: usize) -> Self {
        Self { at, ..self }
    }

    /// The ASCII characters that can be meant here, each with the place behind it.
    fn ascii(self) -> impl Iterator<Item = (char, Self)> {
        let meant = meanings(self.text, self.at, self.depth);
        meant.into_iter().filter_map(move |meant| Some((meant.ascii()?, self.to(meant.end))))
    }

    /// Whether `wanted`, which is in lower case, can be meant here, and the place behind it.
    fn is(self, wanted: char) -> Option<Self> {
        self.ascii().find(|(c, _)| *c == wanted).map(|(_, place)| place)
    }

    /// The number that the digits here are, at least one of them and at most `most`, and the place
    /// behind them.
    fn number(self, radix: u32, most: usize) -> Option<(u32, Self, usize)> {
        let (mut value, mut place, mut digits) = (0u32, self, 0);
        while digits < most {
            let digit = place.ascii().find_map(|(c, next)| Some((c.to_digit(radix)?, next)));
            let Some((digit, next)) = digit else { break };
            value = value.saturating_mul(radix).saturating_add(digit);
            (place, digits) = (next, digits + 1);
        }
        (digits > 0).then_some((value, place, digits))
    }

    /// The number that exactly `digits` hexadecimal digits are.
    fn hex(self, digits: usize) -> Option<(u32, Self)> {
        let (value, place, read) = self.number(16, digits)?;
        (read == digits).then_some((value, place))
    }

    /// `2B`, after the `%`.
    fn in_url(self, found: &mut Vec<Meaning>) {
        if let Some((byte, place)) = self.hex(2) {
            found.extend(u8::try_from(byte).ok().map(|byte| Meaning::byte(byte, place.at)));
        }
    }

    /// `u002B`, `x2B`, `/`, after the backslash.
    fn in_json(self, found: &mut Vec<Meaning>) {
        for (c, place) in self.ascii() {
            let meant = match c {
                'u' => place.utf16(),
                'x' => place.hex(2),
                _ => None,
            };
            if let Some((value, place)) = meant {
                found.extend(char::from_u32(value).map(|c| Meaning::character(c, place.at)));
            }
            let plain = match c {
                'n' => Some('\n'),
                'r' => Some('\r'),
                't' => Some('\t'),
                'b' => Some('\u{8}'),
                'f' => Some('\u{c}'),
                c if c.is_ascii_punctuation() => Some(c),
                _ => None,
            };
            found.extend(plain.map(|c| Meaning::character(c, place.at)));
        }
    }

    /// Four digits of UTF-16, or twice four (RFC 8259 section 7).
    fn utf16(self) -> Option<(u32, Self)> {
        let (first, place) = self.hex(4)?;
        if !(0xD800..0xDC00).contains(&first) {
            return Some((first, place));
        }
        let (second, place) = place.is('\\')?.is('u')?.hex(4)?;
        let low = second.checked_sub(0xDC00).filter(|low| *low < 0x400)?;
        Some((0x1_0000 + ((first - 0xD800) << 10) + low, place))
    }

    /// `#43;`, `#x2B;`, `plus;`, after the `&`.
    fn in_html(self, found: &mut Vec<Meaning>) {
        // Where there is a `;` it belongs to the spelling, so that this comes first.
        let mut push = |c: char, place: Self| {
            found.extend(place.is(';').map(|place| Meaning::character(c, place.at)));
            found.push(Meaning::character(c, place.at));
        };
        if let Some(place) = self.is('#') {
            let number = match place.is('x') {
                Some(place) => place.number(16, MOST_DIGITS),
                None => place.number(10, MOST_DIGITS),
            };
            let number = number.and_then(|(value, place, _)| Some((char::from_u32(value)?, place)));
            if let Some((c, place)) = number {
                push(c, place);
            }
            return;
        }
        let mut letters = String::new();
        let mut places = vec![self];
        while letters.len() < LONGEST_NAME {
            let mut ascii = places[letters.len()].ascii();
            let Some((letter, place)) = ascii.find(|(c, _)| c.is_ascii_alphabetic()) else { break };
            letters.push(letter);
            places.push(place);
        }
        for (name, c) in NAMED {
            let begins = letters.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(name));
            if begins {
                push(c, places[name.len()]);
            }
        }
    }
}

#[cfg(test)]
mod tests;
