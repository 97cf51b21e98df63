use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Where the one secret ends in `text`, if it begins at its beginning.
fn end(secret: &str, text: &str) -> Option<usize> {
    Secrets::new(&[secret]).end(text, 0, false)
}

#[test]
fn a_character_is_found_in_every_spelling() {
    for (secret, spellings) in [
        (
            "a+b",
            &[
                "a+b",
                "A+B",
                r"a\u002Bb",
                r"a\u002bb",
                r"\u0061\u002B\u0062",
                r"a\x2Bb",
                "a%2Bb",
                "a%2bb",
                "%61%2B%62",
                "%41+%42",
                "a&#43;b",
                "a&#043;b",
                "a&#x2B;b",
                "a&#X02b;b",
                "a&plus;b",
                "&#97;%2B&#x62;",
                "a%252Bb",
                "a%25252Bb",
                r"a\\u002Bb",
                r"a%5Cu002Bb",
                "a&amp;#43;b",
                "a&amp;plus;b",
                "a&#37;2Bb",
                r"a\u00252Bb",
                r"a\u0026#43;b",
            ][..],
        ),
        ("k/y", &["k/y", r"k\/y", "k%2Fy", "k&sol;y", r"k\\\/y"]),
        ("k y", &["k y", "k+y", "k%20y", r"k\u0020y", "k%2By"]),
        ("<&>", &["<&>", "&lt;&amp;&gt;", "&LT;&AMP;&GT", "%3C%26%3E", "&lt;%26&gt;"]),
        (r#"q"'\"#, &[r#"q"'\"#, r#"q\"'\\"#, "q&quot;&apos;&bsol;", "q%22%27%5C"]),
        // Itself a spelling of something else.
        ("a%2Bb", &["a%2Bb", "%61%2Bb", "a%252Bb", r"a\u00252Bb", "a&percnt;2Bb"]),
        ("a&amp;b", &["a&amp;b", "a&amp;amp;b", "a%26amp%3Bb"]),
        ("é😀", &["é😀", "É😀", "%C3%A9%F0%9F%98%80", r"\u00e9\ud83d\ude00", "&#233;&#x1F600;"]),
        ("É", &["É", "é", "%C3%89", r"\u00c9", "&#201;"]),
    ] {
        for text in spellings {
            assert_eq!(end(secret, text), Some(text.len()), "{secret} in {text}");
            let longer = format!("{text}|");
            assert_eq!(end(secret, &longer), Some(text.len()), "{secret} in {longer}");
        }
    }
}

#[test]
fn nothing_else_is_found() {
    for text in ["", "a", "a+", "a-b", "a%2Cb", "a%2", r"a\u002", "a&#43", "a&plu;b", "ab", " a+b"]
    {
        assert_eq!(end("a+b", text), None, "{text}");
    }
    assert_eq!(Secrets::new(&["", ""]).end("text", 0, true), None);
}

#[test]
fn secrets_that_overlap_go_together() {
    let secrets = Secrets::new(&["abcd", "cdef", "fg"]);
    assert_eq!(secrets.end("abcdefgh", 0, false), Some(7));
    assert_eq!(secrets.end("abcdxfgh", 0, false), Some(4));
}

#[test]
fn what_is_cut_off_ends_the_text() {
    let secrets = Secrets::new(&["abc+def"]);
    for text in ["a", "abc", "abc+", "abc%2", "abc%", r"abc\u002", "abc&pl", "%61%6"] {
        assert_eq!(secrets.end(text, 0, true), Some(text.len()), "{text}");
        assert_eq!(secrets.end(text, 0, false), None, "{text}");
    }
    assert_eq!(secrets.end("abx", 0, true), None);
}

/// The most work there is at one place: every character may begin a spelling.
#[test]
fn no_text_takes_long() {
    for piece in ["&", "%", "\\", "&#", "%2", "%25", "\\u", "&amp;", "\\\\u0026#x"] {
        let text = piece.repeat(4096 / piece.len());
        let secrets = Secrets::new(&["%&\\".repeat(20).as_str()]);
        for at in (0..text.len()).step_by(16) {
            let _ = secrets.end(&text, at, true);
        }
    }
}

#[test]
fn a_text_is_kept_without_them() {
    let secrets = Secrets::new(&["k/y+ABC", "zz"]);
    for (text, kept) in [
        ("", None),
        ("k/y+AB", None),
        ("é%20&amp;é", None),
        ("k/y+ABC", Some("[REDACTED]")),
        ("é k%2Fy%2babc, zz é", Some("é [REDACTED], [REDACTED] é")),
        ("k/y+ABCk/y+ABC%", Some("[REDACTED][REDACTED]%")),
    ] {
        assert_eq!(secrets.redacted(text).as_deref(), kept, "{text}");
        assert!(kept.is_none() || secrets.may_be_in(text), "{text}");
    }
    assert!(!secrets.may_be_in(r#"{"a":"k/y","b":"+ABC"}"#));
    assert_eq!(Secrets::new(&["a b"]).redacted("xa+by").as_deref(), Some("x[REDACTED]y"));
    assert_eq!(format!("{secrets:?}"), "[REDACTED]");
}

/// One of the ways to spell `c`.
fn spelling(c: char) -> impl Strategy<Value = String> {
    let mut bytes = [0; 4];
    let bytes = c.encode_utf8(&mut bytes).as_bytes().to_vec();
    let mut units = [0; 2];
    let units = c.encode_utf16(&mut units).to_vec();
    let upper = bytes.iter().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let mut spellings = vec![
        c.to_string(),
        upper.to_ascii_lowercase(),
        upper,
        units.iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>().concat(),
        units.iter().map(|unit| format!("\\u{unit:04X}")).collect::<Vec<_>>().concat(),
        format!("&#{};", u32::from(c)),
        format!("&#x{:x};", u32::from(c)),
        format!("&#X{:X};", u32::from(c)),
    ];
    if c.is_ascii() {
        spellings.push(c.to_ascii_uppercase().to_string());
        spellings.push(c.to_ascii_lowercase().to_string());
    }
    if c == ' ' {
        spellings.push("+".to_owned());
    }
    if matches!(c, '/' | '"' | '\\') {
        spellings.push(format!("\\{c}"));
    }
    let named = NAMED.iter().filter(|(_, named)| *named == c);
    spellings.extend(named.map(|(name, _)| format!("&{name};")));
    select(spellings)
}

fn spelled(text: &str) -> BoxedStrategy<String> {
    let spellings: Vec<_> = text.chars().map(|c| spelling(c).boxed()).collect();
    spellings.prop_map(|spellings| spellings.concat()).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn a_secret_is_found_however_its_characters_are_spelled(
        (secret, text) in "[ -~é✓😀]{1,24}".prop_flat_map(|secret| (Just(secret.clone()), spelled(&secret)))
    ) {
        let end = end(&secret, &text);
        prop_assert!(end >= Some(text.len()), "{} in {}: {:?}", secret, text, end);
        let within = format!("é{text}é");
        prop_assert!(Secrets::new(&[&secret]).may_be_in(&within), "{} in {}", secret, within);
    }

    #[test]
    fn a_secret_is_found_where_its_spelling_is_spelled(
        (secret, text) in "[!-~]{1,8}".prop_flat_map(|secret| {
            let twice = spelled(&secret).prop_flat_map(|once| spelled(&once));
            (Just(secret), twice)
        })
    ) {
        let end = end(&secret, &text);
        prop_assert!(end >= Some(text.len()), "{} in {}: {:?}", secret, text, end);
    }
}
