//! The forms of the fields: identifiers, countries.
//!
//! A query string and a form have text only, so that a field reads the same however it came: an empty
//! value is an absent one, and a whole number in JSON is its digits.

use celes::Country;
use verify::{Field, Object, Refusal};

/// The longest identifier, in characters. The provider names no limit.
const LONGEST: usize = 256;

/// The field `name`, unless it is absent, null or empty: trackers send the macros that they cannot
/// fill in as nothing. Anything else, a space for instance, is a value.
pub(crate) fn sent<'a>(
    fields: &Object<'a>,
    name: &'static str,
) -> Result<Option<Field<'a>>, Refusal> {
    Ok(fields.optional(name)?.filter(|field| field.as_text() != Some("")))
}

/// What `read` makes of the field `name`, where it was sent.
pub(crate) fn optional<T>(
    fields: &Object<'_>,
    name: &'static str,
    read: impl FnOnce(&Field<'_>) -> Result<T, Refusal>,
) -> Result<Option<T>, Refusal> {
    sent(fields, name)?.as_ref().map(read).transpose()
}

/// An opaque identifier of up to 256 characters, none of them a control character.
pub(crate) fn identifier(field: &Field<'_>) -> Result<String, Refusal> {
    // JSON that was made from a table of values may have `3310` for `"3310"`. A number is read by its
    // digits, and only where there is one way to write them.
    let whole = |number: &&str| number.bytes().all(|b| b.is_ascii_digit());
    field
        .as_text()
        .or_else(|| field.as_written().filter(whole))
        .filter(|text| text.chars().count() <= LONGEST && !text.chars().any(char::is_control))
        .map(str::to_owned)
        .ok_or_else(|| {
            field.refuse("an identifier of at most 256 characters without control characters")
        })
}

/// A country that ISO 3166-1 lists, by its alpha-2 code in either case; given in upper case. `XK`,
/// which the standard leaves to its users, is what they all call Kosovo, and is taken as well.
pub(crate) fn country(field: &Field<'_>) -> Result<String, Refusal> {
    field
        .as_text()
        // The list is looked through in lower case, which is ASCII for some letters that are not.
        .filter(|code| code.is_ascii())
        .and_then(|code| Country::from_alpha2(code).ok())
        .map(|country| country.alpha2.to_owned())
        .ok_or_else(|| field.refuse("an ISO 3166-1 alpha-2 country code"))
}

/// The name of the event, which can only be an install.
pub(crate) fn event(field: &Field<'_>) -> Result<(), Refusal> {
    if field.as_text() == Some("install") { Ok(()) } else { Err(field.refuse("install")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field `a` of a JSON object, whose value is `json`.
    fn field(json: &str) -> Option<Field<'static>> {
        let body = format!("{{\"a\":{json}}}").leak().as_bytes();
        sent(&Object::parse(body).expect("an object"), "a").expect("read")
    }

    fn there(json: &str) -> Field<'static> {
        field(json).expect("there")
    }

    #[test]
    fn nothing_is_absent_and_a_space_is_not() {
        for json in ["null", r#""""#] {
            assert!(field(json).is_none(), "{json}");
        }
        for json in [r#"" ""#, r#""\n""#, "0", "false", "[]", "{}", r#""null""#] {
            assert!(field(json).is_some(), "{json}");
        }
    }

    #[test]
    fn a_whole_number_is_its_digits() {
        for (json, digits) in [("3310", "3310"), ("0", "0"), (r#""001234""#, "001234")] {
            assert_eq!(identifier(&there(json)).expect(json), digits);
        }
        // Past what a float or an integer type holds.
        let digits = "12345678901234567890123456789";
        assert_eq!(identifier(&there(digits)).expect("digits"), digits);
        for json in ["-1", "1.0", "1e3", "-0", "true", "[]", "{}", r#"["a"]"#] {
            assert!(identifier(&there(json)).is_err(), "{json}");
        }
    }

    #[test]
    fn identifiers_have_their_limits() {
        let long = |n| format!("\"{}\"", "é".repeat(n));
        assert!(identifier(&there(&long(256))).is_ok());
        assert!(identifier(&there(&long(257))).is_err());
        assert!(identifier(&there(&"1".repeat(257))).is_err());
        for json in [r#""a\u0000""#, r#""a\nb""#, r#""\u007f""#, r#""\u0085""#] {
            assert!(identifier(&there(json)).is_err(), "{json}");
        }
    }

    /// Every code of the `iso3166.tab` of the tz database.
    const CODES: &str = "\
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM \
        BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX \
        CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG \
        GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR \
        IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV \
        LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE \
        NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO \
        RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF \
        TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF \
        WS YE YT ZA ZM ZW";

    #[test]
    fn countries_are_those_of_the_standard() {
        let known: Vec<&str> = CODES.split_whitespace().collect();
        assert_eq!(known.len(), 249);
        for (a, b) in ('A'..='Z').flat_map(|a| ('A'..='Z').map(move |b| (a, b))) {
            let code = format!("{a}{b}");
            let mixed = format!("{a}{}", b.to_ascii_lowercase());
            for written in [code.clone(), code.to_lowercase(), mixed] {
                let read = country(&there(&format!("\"{written}\"")));
                let expected = known.contains(&code.as_str()) || code == "XK";
                let expected = expected.then_some(&code);
                assert_eq!(read.ok().as_ref(), expected, "{written}");
            }
        }
    }

    #[test]
    fn nothing_else_is_a_country() {
        // The last is a Kelvin sign, whose lower case is the letter k.
        for json in [r#""USA""#, r#""U""#, r#"" US""#, r#""840""#, "840", r#""  ""#, r#""\u212aE""#]
        {
            assert!(country(&there(json)).is_err(), "{json}");
        }
    }

    #[test]
    fn the_event_is_an_install() {
        assert_eq!(event(&there(r#""install""#)), Ok(()));
        for json in [r#""Install""#, r#""install ""#, r#""purchase""#, "1", "true"] {
            assert!(event(&there(json)).is_err(), "{json}");
        }
    }
}
