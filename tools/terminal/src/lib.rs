//! What is printed where a person reads it, or copies it into a shell.
//!
//! Users, kinds, payloads and replies are whatever somebody else sent. Nothing of them may steer a
//! terminal, hide or reorder what stands beside it, or be more than one word of a command line.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};
use std::io::{ErrorKind, IsTerminal as _, Write as _};

use serde::Serialize;

mod fitting;

pub use fitting::{Column, fitting_table};

/// `text` on one line, with an escape (`\u{9b}`) in the place of every character that does not show as
/// itself.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().all(shows) {
        return Cow::Borrowed(text);
    }
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        if shows(character) {
            visible.push(character);
        } else {
            visible.extend(character.escape_unicode());
        }
    }
    Cow::Owned(visible)
}

/// `text` in at most `width` characters: with `…` in the place of its middle, where it has more. Its ends tell it from
/// others sooner than its beginning would: ids of one provider begin alike.
#[must_use]
pub fn shortened(text: &str, width: usize) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= width || width == 0 {
        return Cow::Borrowed(text);
    }
    let kept = width - 1;
    let behind = kept / 2;
    let begin: String = text.chars().take(kept - behind).collect();
    let end: String = text.chars().skip(length - behind).collect();
    Cow::Owned(format!("{begin}…{end}"))
}

/// `value` as JSON for reading: the same value, with an escape (`\u009b`) for every character that does
/// not show as itself.
///
/// # Errors
///
/// What `serde_json` says.
pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(value).map(|json| shown(&json))
}

/// The same on one line.
///
/// # Errors
///
/// What `serde_json` says.
pub fn json_line<T: Serialize + ?Sized>(value: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(value).map(|json| shown(&json))
}

fn shown(json: &str) -> String {
    let mut visible = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            // Within a text JSON has these as escapes already: here they stand between values.
            '\n' => visible.push('\n'),
            '\t' | '\r' => visible.push(' '),
            character if shows(character) => visible.push(character),
            character => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    let _ = write!(visible, "\\u{unit:04x}");
                }
            }
        }
    }
    visible
}

/// `text` as one word for a POSIX shell. What does not show as itself is an escape in it, as in
/// [`visible`]: the id of a record has nothing of that kind.
#[must_use]
pub fn word(text: &str) -> String {
    let text = visible(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text.into_owned() } else { quoted(&text) }
}

/// `text`, exactly, in quotes for a POSIX shell.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Columns as wide as their widest cell, without colours; the one headed `numbers` is set to the right. What
/// a cell could do to a terminal is an escape in it.
#[must_use]
pub fn table<const N: usize>(
    headings: [&str; N],
    numbers: Option<&str>,
    rows: &[[String; N]],
) -> String {
    let head = headings.map(Cow::Borrowed);
    let rows = rows.iter().map(|row| row.each_ref().map(|cell| visible(cell)));
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    });
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for ((cell, width), heading) in row.iter().zip(widths).zip(headings) {
            let _ = if numbers == Some(heading) {
                write!(line, "{cell:>width$}  ")
            } else {
                write!(line, "{cell:<width$}  ")
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// How many columns a person sees at once; none where the output is no terminal.
#[must_use]
pub fn width() -> Option<usize> {
    let is_terminal = std::io::stdout().is_terminal();
    is_terminal.then(|| terminal_size::terminal_size().map_or(80, |(width, _)| width.0.into()))
}

/// Whether colours are wanted: on a terminal that has them, unless `NO_COLOR` says otherwise (no-color.org).
#[must_use]
pub fn is_coloured() -> bool {
    let unset = |name: &str| std::env::var_os(name).is_none_or(|value| value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && unset("NO_COLOR") && !dumb
}

/// Prints `text` and a line end. Whoever reads it may have seen enough and gone (`| head -1`): that is
/// no failure. What cannot be written, as on a full disk, is one.
pub fn print(text: impl Display) -> Result<(), PrintError> {
    let mut stdout = std::io::stdout();
    read_or_left(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// What is printed cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the output cannot be written: {0}")]
pub struct PrintError(std::io::Error);

/// What it means that a write came to `written`.
fn read_or_left(written: std::io::Result<()>) -> Result<(), PrintError> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(PrintError(error)),
        _ => Ok(()),
    }
}

/// Tells of an error or of progress, on the standard error, with nothing in it that does not show.
pub fn tell(text: impl Display) {
    let _ = writeln!(std::io::stderr(), "{}", visible(&text.to_string()));
}

/// Whether a character shows as itself and leaves its neighbours where they are. Control characters do
/// not (C1 among them), nor do those that set a direction, have no width, end a line or are not
/// assigned: the standard library's own table says which.
fn shows(character: char) -> bool {
    match character {
        ' '..='~' => true,
        // Letters and marks by their class, and yet nothing is to be seen of them.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{2800}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{ffa0}'
        | '\u{e0100}'..='\u{e01ef}' => false,
        // After a letter, because an accent is one of its own only there.
        other => format!("a{other}").escape_debug().nth(1) == Some(other),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::*;

    /// Each kind of what must not reach a terminal as it is.
    const UNSEEN: &str = "\0\u{7}\u{8}\t\n\r\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9f}\u{a0}\u{ad}\u{61c}\
        \u{115f}\u{180e}\u{200b}\u{200c}\u{200d}\u{200e}\u{200f}\u{2028}\u{2029}\u{202a}\u{202b}\u{202c}\
        \u{202d}\u{202e}\u{2060}\u{2066}\u{2067}\u{2068}\u{2069}\u{3000}\u{3164}\u{fe0f}\u{feff}\u{fff9}\
        \u{e0001}\u{e0041}\u{e0100}\u{e000}\u{f0000}\u{10ffff}";

    #[test]
    fn what_does_not_show_is_an_escape() {
        assert_eq!(visible("a\u{1b}[31m\nb\u{202e}c\u{9b}"), r"a\u{1b}[31m\u{a}b\u{202e}c\u{9b}");
        for character in UNSEEN.chars() {
            let escape = format!("a\\u{{{:x}}}b", u32::from(character));
            assert_eq!(visible(&format!("a{character}b")), escape);
        }
    }

    #[test]
    fn what_is_too_long_loses_its_middle() {
        for (text, width, expected) in [
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abc…fg"),
            ("abcdefg", 5, "ab…fg"),
            ("äöüßé", 3, "ä…é"),
            ("abc", 1, "…"),
            ("", 3, ""),
        ] {
            assert_eq!(shortened(text, width), expected, "{text} {width}");
        }
    }

    #[test]
    fn what_shows_stays_as_it_is() {
        for text in [
            "",
            "a b#~'\"\\$`",
            "Zoë",
            "Zoe\u{308}",
            "Łódź",
            "日本語",
            "हिन्दी",
            "عربي",
            "ไทย",
            "🎉",
        ] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn json_says_the_same_without_a_character_that_does_not_show() {
        let value = json!({ UNSEEN: [UNSEEN, "Zoë \\ \" '", {"a": 1.50}] });
        let text = json(&value).expect("JSON");
        let between = |c: char| c == '\n' || shows(c);
        assert!(text.chars().all(between), "{text:?}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
        assert!(text.contains("Zoë"), "{text}");
        // As somebody else wrote it, white space included.
        let raw = RawValue::from_string("{\"a\"\t:\r\n 1.10}".to_owned()).expect("JSON");
        assert_eq!(json(&raw).expect("JSON"), "{\"a\" : \n 1.10}");
    }

    #[test]
    fn who_has_seen_enough_is_no_failure_and_a_full_disk_is() {
        assert!(read_or_left(Err(ErrorKind::BrokenPipe.into())).is_ok());
        let full = read_or_left(Err(ErrorKind::StorageFull.into())).expect_err("not written");
        assert!(full.to_string().contains("cannot be written"), "{full}");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["a".to_owned(), "longer".to_owned()], ["wide".to_owned(), String::new()]];
        assert_eq!(table(["X", "Y"], None, &rows), "X     Y\na     longer\nwide\n");
        let right = "   X  Y\n   a  longer\nwide\n";
        assert_eq!(table(["X", "Y"], Some("X"), &rows), right);
    }

    #[test]
    fn a_cell_does_nothing_to_the_terminal_nor_to_its_column() {
        let rows = [["a\u{9b}1m".to_owned(), "b".to_owned()]];
        assert_eq!(table(["X", "Y"], None, &rows), "X          Y\na\\u{9b}1m  b\n");
    }

    #[test]
    fn a_word_is_one_word_for_a_shell() {
        for (text, expected) in [
            ("--local", "--local"),
            ("", "''"),
            ("provider#kind#$(touch pwned)", "'provider#kind#$(touch pwned)'"),
            ("it's", r"'it'\''s'"),
            ("`id`;\\", r"'`id`;\'"),
            ("a\nb", r"'a\u{a}b'"),
            ("~", "'~'"),
        ] {
            assert_eq!(word(text), expected);
        }
    }
}
