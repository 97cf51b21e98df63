//! What is said where a file is not of the form of a contract: line, column, and what is expected there.

use crate::safe::changed;

/// What is said about the safe contract with a change in it.
fn said(from: &str, to: &str) -> String {
    let text = changed(&[(from, to)]);
    contracts::check("example", &text).expect_err(to).to_string()
}

/// Asserts that something is said about the line on which `wrong` stands, and what.
#[track_caller]
fn assert_said(from: &str, to: &str, wrong: &str, expected: &[&str]) {
    let said = said(from, to);
    let text = changed(&[(from, to)]);
    let before = &text[..text.find(wrong).expect("it is there")];
    let line = before.lines().count() + usize::from(before.ends_with('\n'));
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    let place = format!("line {line}, column {column}");
    for part in [&[&*place], expected].concat() {
        assert!(said.contains(part), "{to}: {part} is not in: {said}");
    }
    assert!(!said.contains("untagged"), "{said}");
}

#[test]
fn a_key_that_there_is_not_is_told_with_those_that_there_are() {
    for (from, to, wrong, known) in [
        ("title = ", "titel = \"x\"\ntitle = ", "titel", "title"),
        ("get = \"/example\"", "get = \"/example\"\nbodie = \"json\"", "bodie", "body"),
        (
            "is = \"hmac-sha256\"",
            "is = \"hmac-sha256\"\nencodings = \"hex\"",
            "encodings",
            "encoding",
        ),
        ("required = false", "require = false", "require ", "required"),
        ("fingerprint = [\"user\", \"points\"]", "finger = []", "finger", "fingerprint"),
        ("cap = \"1000\"", "maximum = \"1000\"", "maximum", "cap"),
        ("class = \"reversal\"", "klass = \"reversal\"", "klass", "class"),
        ("recorded = { status = 200, body", "recorded = { code = 200, body", "code", "status"),
        ("secret = \"example key\"", "secrets = \"example key\"", "secrets", "secret"),
        ("forged = true", "forge = true", "forge ", "forged"),
        ("without = \":\" }\nuser", "with = \":\" }\nuser", "with = ", "without"),
    ] {
        assert_said(from, to, wrong, &["unknown field", known]);
    }
}

#[test]
fn a_value_of_another_type_is_told_with_what_is_expected() {
    for (from, to, wrong, expected) in [
        ("contract = 1", "contract = \"1\"", "\"1\"\ntitle", "expected u8"),
        ("time = \"epoch-s?\"", "time = 5", "5\n\n[cred", "expected a type, such as \"id(64)\""),
        (
            "time = \"epoch-s?\"",
            "time = [\"epoch-s\"]",
            "[\"epoch-s\"]",
            "expected a type, such as",
        ),
        ("time = \"epoch-s?\"", "time = { is = 5 }", "5 }", "expected a string"),
        (
            "over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"",
            "over = 7",
            "7\n\n[networks]",
            "expected a template such as",
        ),
        (
            "over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"",
            "over = { fields = [\"id\"], separator = \":\" }",
            "separator",
            "`join`",
        ),
        (
            "over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"",
            "over = { fields = [\"id\"] }",
            "{ fields",
            "`fields` and `join` (and `skip_empty`)",
        ),
        (
            "over = \"{id}:{user}:{points}:{currency}:{status}:{debug}\"",
            "over = { sorted = \"body\", join = \",\", encode = \"none\" }",
            "\"body\"",
            "expected `query` or `form`",
        ),
        (
            "at = \"query.hash\"",
            "at = \"query.hash\"\nencoding = 16",
            "16",
            "a text or a list of texts",
        ),
        (
            "at = \"query.hash\"",
            "at = \"query.hash\"\nencoding = { is = \"hex\" }",
            "{ is = \"hex\" }",
            "a text or a list of texts stands here",
        ),
        (
            "at = \"query.hash\"",
            "at = \"query.hash\"\nkeys = \"MFkw\"",
            "\"MFkw\"",
            "a list of public keys",
        ),
        (
            "at = \"query.hash\"",
            "at = \"query.hash\"\nkeys = { fetch = \"https://provider.example/keys\", max_age = 24 }",
            "max_age",
            "`max_age_hours`",
        ),
        ("user = \"user\"\n", "user = true\n", "true", "a text or a list of texts"),
        ("of = \"id\"", "of = [\"id\"]", "[\"id\"]\n\n[answers]", "expected a field, or { field"),
        ("of = \"id\"", "of = { field = \"id\" }", "{ field", "missing field `without_prefix`"),
        (
            "when = { status = \"2\" }",
            "when = { status = 2 }",
            "2 }\nclass",
            "a text or a list of texts",
        ),
        ("when = { status = \"2\" }", "when = { status = [\"2\", 3] }", "3]", "expected a string"),
        ("effect = \"reverse\"", "effect = \"revert\"", "\"revert\"", "`reverse`"),
        ("required = false", "required = \"no\"", "\"no\"", "expected a boolean"),
    ] {
        assert_said(from, to, wrong, &[expected]);
    }
}

#[test]
fn what_is_no_toml_is_told_by_line_and_column() {
    assert_said("title = \"Example\"", "title = \"Example", "\nsources", &[]);
    assert_said(
        "title = \"Example\"",
        "title = \"Example\"\ntitle = \"Again\"",
        "title = \"Again\"",
        &["duplicate key"],
    );
}
