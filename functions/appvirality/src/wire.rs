//! The forms in which the provider writes things.
//!
//! Throughout, null and the empty string both mean that there is nothing.

use jiff::fmt::strtime;
use verify::{Amount, Field, Object, Refusal};

/// The longest identifier, in characters. An e-mail address may have 64 before its `@` and 255 after.
const LONGEST: usize = 320;

/// Days, as on the webhooks' page (`3-Aug-2016`); and with the time of day (`1-Mar-2015 10:25:13`), as
/// the provider's API writes the same fields. Nothing follows from a time, so that it loses nobody a
/// reward.
const DATES: [&str; 3] = ["%d-%b-%Y", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M"];

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

/// A day, with English months, as it is written.
pub(crate) fn date(object: &Object<'_>, name: &'static str) -> Result<Option<String>, Refusal> {
    let Some(field) = present(object, name)? else { return Ok(None) };
    match field.as_text() {
        Some(text) if DATES.into_iter().any(|form| is_date(form, text)) => {
            Ok(Some(text.to_owned()))
        }
        _ => Err(field.refuse("a date such as 3-Aug-2016")),
    }
}

fn is_date(form: &str, text: &str) -> bool {
    strtime::parse(form, text)
        .and_then(|parsed| parsed.to_date())
        // A year of two digits would be read as one in antiquity.
        .is_ok_and(|date| date.year() >= 1000)
}

/// What the app had to say about the event, URI-encoded; spelled in two ways.
pub(crate) fn extra_info(body: &Object<'_>) -> Result<Option<String>, Refusal> {
    let text = |name| present(body, name)?.map(|info| info.text(usize::MAX)).transpose();
    let (info, other) = (text("extraInfo")?, text("extrainfo")?);
    Ok(info.or(other))
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
            assert_eq!(read(date, json), Ok(None));
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
    fn dates_are_days_of_the_calendar() {
        for text in [
            "3-Aug-2016",
            "03-Aug-2016",
            "27-Mar-2015",
            "31-aug-2016",
            "29-Feb-2016",
            "1-Mar-2015 10:25:13",
            "2-Mar-2015 0:2:29",
            "2-Feb-2015 2:13",
        ] {
            let json = format!("{text:?}");
            assert_eq!(read(date, &json), Ok(Some(text.to_owned())), "{text}");
        }
        for json in [
            r#""29-Feb-2015""#,
            r#""31-Apr-2015""#,
            r#""0-Aug-2016""#,
            r#""32-Aug-2016""#,
            r#""3-Aug-16""#,
            r#""3-Aug-20160""#,
            r#""3-Aug--2016""#,
            r#""3-Aout-2016""#,
            r#""3-08-2016""#,
            r#""2016-08-03""#,
            r#""3-Aug-2016 25:00:00""#,
            r#""3-Aug-2016 10:00:00 more""#,
            r#""3-Aug""#,
            "20160803",
            "{}",
        ] {
            let refusal = Refusal::malformed("a", "a date such as 3-Aug-2016");
            assert_eq!(read(date, json), Err(refusal), "{json}");
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
        for (body, name) in
            [(r#"{"extraInfo":7}"#, "extraInfo"), (r#"{"extrainfo":{}}"#, "extrainfo")]
        {
            let object = Object::parse(body.as_bytes()).expect(body);
            assert_eq!(extra_info(&object).expect_err(body).field(), Some(name), "{body}");
        }
    }
}
