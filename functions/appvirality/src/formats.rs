//! The forms in which the provider writes things.
//!
//! Throughout, null and the empty string both mean that there is nothing.

use verify::{Amount, Field, Object, Refusal};

/// The longest identifier, in characters. An e-mail address may have 64 before its `@` and 255 after.
const LONGEST: usize = 320;

/// The field `name`, where there is something in it.
pub(crate) fn present<'a>(
    object: &Object<'a>,
    name: &'static str,
) -> Result<Option<Field<'a>>, Refusal> {
    Ok(object.optional(name)?.filter(|field| field.as_text() != Some("")))
}

/// The field `name`, in which there has to be something.
pub(crate) fn required<'a>(object: &Object<'a>, name: &'static str) -> Result<Field<'a>, Refusal> {
    present(object, name)?.ok_or_else(|| Refusal::missing(object.name_of(name)))
}

/// An opaque identifier or word: text of up to 320 characters without control characters, or a number
/// without sign, point and exponent, which is the same as the text of its digits.
///
/// # Errors
///
/// When it has another form, or is there twice.
pub fn word(object: &Object<'_>, name: &'static str) -> Result<Option<String>, Refusal> {
    present(object, name)?.map(read_word).transpose()
}

/// A [`word`] that has to be there.
pub(crate) fn required_word(object: &Object<'_>, name: &'static str) -> Result<String, Refusal> {
    read_word(required(object, name)?)
}

fn read_word(field: Field<'_>) -> Result<String, Refusal> {
    let is_text = field.as_text().is_some();
    field.written_matching(
        LONGEST,
        |c| if is_text { !c.is_control() } else { c.is_ascii_digit() },
        "text of up to 320 characters without control characters, or digits",
    )
}

/// An amount of zero or more, written as text or as a number.
///
/// # Errors
///
/// When it has another form, or is there twice.
pub fn amount(object: &Object<'_>, name: &'static str) -> Result<Option<Amount>, Refusal> {
    present(object, name)?.map(Field::amount_not_negative).transpose()
}

/// Yes or no: `"True"` and `"False"` in any case, or the JSON words.
///
/// # Errors
///
/// When it has another form, or is there twice.
pub fn flag(object: &Object<'_>, name: &'static str) -> Result<Option<bool>, Refusal> {
    let Some(field) = present(object, name)? else { return Ok(None) };
    match field.as_text() {
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(_) => Err(field.refuse("True or False")),
        None => field.boolean().map(Some),
    }
}

/// Whether the provider calls it a success. A body that does not say so is one; one that says it in a form
/// that is not known is none, so that a person looks at it and nobody loses a reward.
pub(crate) fn successful(body: &Object<'_>) -> bool {
    matches!(flag(body, "success"), Ok(None | Some(true)))
}

/// What only describes, as it is written: a day, for instance. `3-Aug-2016` is what the provider's page
/// has, and a .NET culture, a setting or the API make it `3-Sept-2026`, `2016-08-03` or one with a time
/// behind it. Nothing follows from it, so that no form of it loses anybody a reward; what is neither text
/// nor a number says nothing here, and stays in the payload.
///
/// # Errors
///
/// When it is there twice.
pub fn description(object: &Object<'_>, name: &'static str) -> Result<Option<String>, Refusal> {
    Ok(present(object, name)?.and_then(|field| field.as_written().map(str::to_owned)))
}

/// What the app had to say about the event, URI-encoded; spelled in two ways.
pub(crate) fn extra_info(body: &Object<'_>) -> Result<Option<String>, Refusal> {
    Ok(description(body, "extraInfo")?.or(description(body, "extrainfo")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `read` makes of a field `a` that holds `json`.
    fn read<T>(
        read: impl Fn(&Object<'_>, &'static str) -> Result<T, Refusal>,
        json: &str,
    ) -> Result<T, Refusal> {
        let body = format!(r#"{{"b":1,"a":{json}}}"#);
        read(&Object::parse(body.as_bytes()).expect(json), "a")
    }

    #[test]
    fn null_and_empty_are_nothing() {
        for json in ["null", r#""""#] {
            assert_eq!(read(word, json), Ok(None));
            assert_eq!(read(amount, json), Ok(None));
            assert_eq!(read(flag, json), Ok(None));
            assert_eq!(read(description, json), Ok(None));
            assert_eq!(read(required_word, json), Err(Refusal::missing("a")));
        }
        assert_eq!(word(&Object::parse(b"{}").expect("an object"), "a"), Ok(None));
    }

    #[test]
    fn words_are_text_or_digits() {
        for (json, text) in [
            (r#""283""#, "283"),
            ("283", "283"),
            (r#""00283""#, "00283"),
            (r#""-1.5e3""#, "-1.5e3"),
            (r#"" ""#, " "),
            (r#""Ren\u00e9 #1""#, "René #1"),
        ] {
            assert_eq!(read(word, json), Ok(Some(text.to_owned())), "{json}");
        }
        for json in ["-1", "1.0", "1e3", "true", "{}", "[]", r#""a\nb""#, r#""\u0000""#] {
            assert_eq!(read(word, json).expect_err(json).field(), Some("a"), "{json}");
        }
        assert!(read(word, &format!("{:?}", "é".repeat(320))).is_ok());
        assert!(read(word, &format!("{:?}", "é".repeat(321))).is_err());
    }

    #[test]
    fn amounts_are_exact_and_not_negative() {
        for (json, text) in [(r#""10""#, "10"), ("10", "10"), (r#""2.50""#, "2.50"), ("0", "0")] {
            assert_eq!(read(amount, json).expect(json).expect(json).to_string(), text);
        }
        for json in [r#""-1""#, "-0.01", r#""ten""#, r#""1,000""#, r#"" 1""#, "true", "[]"] {
            assert_eq!(read(amount, json).expect_err(json).field(), Some("a"), "{json}");
        }
    }

    #[test]
    fn flags_are_words_of_either_kind() {
        for (json, value) in [
            (r#""True""#, true),
            (r#""False""#, false),
            (r#""true""#, true),
            (r#""FALSE""#, false),
            ("true", true),
            ("false", false),
        ] {
            assert_eq!(read(flag, json), Ok(Some(value)), "{json}");
        }
        for json in [r#""yes""#, "1", "0", r#""1""#, r#""True ""#, "{}"] {
            assert_eq!(read(flag, json).expect_err(json).field(), Some("a"), "{json}");
        }
    }

    #[test]
    fn what_is_not_known_to_be_a_success_is_none() {
        for (json, success) in [
            ("null", true),
            (r#""""#, true),
            ("true", true),
            (r#""True""#, true),
            ("false", false),
            (r#""False""#, false),
            ("1", false),
            (r#""yes""#, false),
            (r#""True ""#, false),
            ("[]", false),
            ("{}", false),
        ] {
            let body = format!(r#"{{"success":{json}}}"#);
            let body = Object::parse(body.as_bytes()).expect(json);
            assert_eq!(successful(&body), success, "{json}");
        }
        assert!(successful(&Object::parse(b"{}").expect("an object")));
    }

    #[test]
    fn what_describes_has_no_form() {
        for text in [
            "3-Aug-2016",
            "3-Sept-2026",
            "10-June-2023",
            "2016-08-03",
            "2016-08-03T10:00:00+05:30",
            "3-Aug-2016 10:25:13 AM",
            "3-Aug-2016 ",
            "3. August 2016",
            "31-Apr-2015",
            "never",
            "a\nb",
        ] {
            let json = format!("{text:?}");
            assert_eq!(read(description, &json), Ok(Some(text.to_owned())), "{text}");
        }
        assert_eq!(read(description, "20160803"), Ok(Some("20160803".to_owned())));
        for json in ["true", "{}", "[]", r#"[{"a":1}]"#] {
            assert_eq!(read(description, json), Ok(None), "{json}");
        }
    }

    #[test]
    fn extra_info_has_two_spellings() {
        for (body, info) in [
            (r#"{"extraInfo":"order%3D7"}"#, Some("order%3D7")),
            (r#"{"extrainfo":"order%3D7"}"#, Some("order%3D7")),
            (r#"{"extraInfo":"","extrainfo":"order%3D7"}"#, Some("order%3D7")),
            (r#"{"extraInfo":null}"#, None),
            (r"{}", None),
        ] {
            let object = Object::parse(body.as_bytes()).expect(body);
            assert_eq!(extra_info(&object), Ok(info.map(str::to_owned)), "{body}");
        }
        for body in [r#"{"extraInfo":{}}"#, r#"{"extrainfo":[]}"#] {
            assert_eq!(
                extra_info(&Object::parse(body.as_bytes()).expect(body)),
                Ok(None),
                "{body}"
            );
        }
    }
}
