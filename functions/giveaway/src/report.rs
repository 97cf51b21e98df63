//! A recorded action, signed again for the provider.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use verify::{Refusal, Secret, UnprovedObject};

use crate::action;

/// What is reported to the provider: the signed fields, each as it was received, and a signature made
/// with the API key. The same action under the same key is always the same report.
///
/// Not to be printed, because of the signature in it.
pub struct Report {
    /// The JSON body.
    pub body: String,
    /// The signature that is in it.
    pub sign: String,
}

/// The fields of a report. A number is passed on by its own digits, because those are signed.
#[derive(Deserialize, Serialize)]
struct Fields<'a> {
    #[serde(borrow)]
    track_id: &'a RawValue,
    #[serde(borrow)]
    event: &'a RawValue,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    value: Option<&'a RawValue>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    remark: Option<&'a RawValue>,
    #[serde(skip_deserializing)]
    sign: &'a str,
}

impl Report {
    /// The report of the action that `payload`, a JSON object, is.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when it is not one that was recorded.
    pub fn sign(payload: &str, api_key: &Secret) -> Result<Self, Refusal> {
        let not_recorded = || Refusal::malformed("payload", "a recorded action");
        let action = UnprovedObject::parse(payload.as_bytes())?;
        for name in ["track_id", "event"] {
            action.get(name)?.ok_or(Refusal::missing(name))?;
        }
        let sign = action::sign(&action, api_key)?;
        let fields: Fields<'_> = serde_json::from_str(payload).map_err(|_| not_recorded())?;
        let body = serde_json::to_string(&Fields { sign: &sign, ..fields });
        Ok(Self { body: body.map_err(|_| not_recorded())?, sign })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(payload: &str) -> Result<Report, Refusal> {
        let key = Secret::new("test-api-key-0000".to_owned()).expect("not empty");
        Report::sign(payload, &key)
    }

    /// The signatures of the first four agree with crypto-js, node:crypto and Python's hmac; the last
    /// is by `printf %s 'track_id=…' | openssl dgst -sha256 -hmac test-api-key-0000`.
    #[test]
    fn the_report_is_the_signed_fields_and_their_signature() {
        for (payload, fields, sign) in [
            (
                r#"{"track_id":"12345_67890","event":"send","value":"1","remark":"hello"}"#,
                r#""track_id":"12345_67890","event":"send","value":"1","remark":"hello""#,
                "fa13752bf46207d428337f8f6061ebfd54d5b26a45223a189913d3eb8f7aabae",
            ),
            (
                r#"{"track_id":"12345_67890","event":"send","remark":"hello"}"#,
                r#""track_id":"12345_67890","event":"send","remark":"hello""#,
                "661c3219c295d2ffc290ab084eed0e07451f46459dc7496cc8a88b8cc6c66557",
            ),
            (
                r#"{"event":"send","more":[1],"track_id":"12345_67890","value":null}"#,
                r#""track_id":"12345_67890","event":"send""#,
                "2a11200b5ce50458af78b49733121c6160cf2de5265367dafe37d4bf36300945",
            ),
            (
                "{\"track_id\":\"U$MikHklwcY\",\"event\":\"sign_up\",\"value\":3,\
                 \"remark\":\"d\\u00e9jà vu ✓ & more=1\"}",
                "\"track_id\":\"U$MikHklwcY\",\"event\":\"sign_up\",\"value\":3,\
                 \"remark\":\"d\\u00e9jà vu ✓ & more=1\"",
                "189e70b4e1a26adb5ac087672574b6035a6c705622c5cd656aa0438ab0097c62",
            ),
            (
                r#"{"track_id":"t","event":"e","value": 1.50 ,"remark":""}"#,
                r#""track_id":"t","event":"e","value":1.50,"remark":"""#,
                "c734be99b2d94cee7a21b2193bd437e1b804937f50f6a6b0021ee18e98bcb5d6",
            ),
        ] {
            let report = report(payload).expect(payload);
            assert_eq!(report.sign, sign, "{payload}");
            assert_eq!(report.body, format!(r#"{{{fields},"sign":"{sign}"}}"#));
        }
    }

    #[test]
    fn what_was_never_recorded_is_not_signed() {
        for payload in [
            "",
            "[]",
            r#"{"track_id":"t"}"#,
            r#"{"track_id":"t","event":null}"#,
            r#"{"track_id":"t","event":"e","event":"f"}"#,
            r#"{"track_id":"t","event":"e","value":[1]}"#,
        ] {
            assert!(report(payload).is_err(), "{payload}");
        }
    }
}
