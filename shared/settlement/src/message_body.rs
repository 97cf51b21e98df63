//! The body of a settler's message: what the function that reads the stream writes, and what a settling function
//! reads, `{"source":"callbacks","detail-type":KIND,"detail":{…}}`.
//!
//! It is between functions of one version of the bundle, or of two while one is deployed. What subscribers of the
//! bus are told is another form, and `dispatch` alone makes it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use tables::callbacks::record::absent;

/// The `source` of every message, and of every event on the bus.
pub const SOURCE: &str = "callbacks";

/// The `detail` of a message: a record as it was recorded, or accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// The key of the record, the `id` of its item.
    pub id: String,
    /// Who called.
    pub provider: String,
    /// Which callback it is.
    pub kind: String,
    /// Whom it is about.
    pub user: String,
    /// What it does: the text of an [`Effect`](verify::Effect).
    #[serde(default)]
    pub effect: String,
    /// The id of what it completes or reverses; empty for any other effect.
    #[serde(default)]
    pub effect_of: String,
    /// The settling function that makes the effect; `none` where there is nothing to settle.
    #[serde(default)]
    pub settler: String,
    /// The reward, an exact decimal as a text; absent where nothing is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Its unit; absent where nothing is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether the provider calls it a test.
    pub test: bool,
    /// `recorded` or `held`.
    pub state: String,
    /// When it was received, RFC 3339 in UTC with milliseconds.
    pub received_at: String,
    /// Which key proved it.
    #[serde(default)]
    pub key_id: String,
    /// The payload as received, a JSON text without credentials.
    pub payload: String,
}

/// A message's body.
#[derive(Deserialize)]
struct Received {
    detail: Detail,
}

#[derive(Serialize)]
struct Sent<'a> {
    source: &'static str,
    #[serde(rename = "detail-type")]
    detail_type: &'a str,
    detail: &'a Detail,
}

impl Detail {
    /// Who is to settle the record now: nobody where there is nothing to settle, for a test, and for what waits for a
    /// person.
    #[must_use]
    pub fn settler(&self) -> Option<&str> {
        let is_due = self.state == "recorded" && !self.test && self.settler != "none";
        is_due.then_some(self.settler.as_str())
    }

    /// What the item of a record says, as if it were `recorded`; none where it is no item of one.
    #[must_use]
    pub fn of_item(item: &HashMap<String, AttributeValue>) -> Option<Self> {
        let text = |name: &str| Some(item.get(name)?.as_s().ok()?.clone());
        Some(Self {
            id: text("id")?,
            provider: text("provider")?,
            kind: text("kind")?,
            user: text("user")?,
            effect: text("effect").unwrap_or_else(|| absent::EFFECT.to_owned()),
            effect_of: text("effect_of").unwrap_or_else(|| absent::EFFECT_OF.to_owned()),
            settler: text("settler").unwrap_or_else(|| absent::SETTLER.to_owned()),
            amount: text("amount"),
            unit: text("unit"),
            test: *item.get("test")?.as_bool().ok()?,
            state: "recorded".to_owned(),
            received_at: text("received_at")?,
            key_id: text("key_id").unwrap_or_default(),
            payload: text("payload")?,
        })
    }

    /// The body of the message.
    pub fn to_message(&self) -> serde_json::Result<String> {
        let sent = Sent { source: SOURCE, detail_type: &self.kind, detail: self };
        serde_json::to_string(&sent).map(printable)
    }

    /// Reads the body of a message.
    pub fn parse(message: &str) -> serde_json::Result<Self> {
        serde_json::from_str(message).map(|Received { detail }| detail)
    }
}

/// The JSON text with the two characters escaped that SQS takes in no message and JSON leaves as they are.
/// Source: `SendMessage` in the SQS API reference.
#[must_use]
pub fn printable(json: String) -> String {
    const REFUSED: [char; 2] = ['\u{fffe}', '\u{ffff}'];
    if json.contains(REFUSED) {
        json.replace(REFUSED[0], "\\ufffe").replace(REFUSED[1], "\\uffff")
    } else {
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(payload: &str, amount: Option<&str>) -> Detail {
        Detail {
            id: "p#reward#1".to_owned(),
            provider: "p".to_owned(),
            kind: "ad_hoc".to_owned(),
            user: "u".to_owned(),
            effect: "credit".to_owned(),
            effect_of: String::new(),
            settler: "ledger".to_owned(),
            amount: amount.map(str::to_owned),
            unit: amount.map(|_| "coins".to_owned()),
            test: false,
            state: "recorded".to_owned(),
            received_at: "2026-11-21T18:00:00.000Z".to_owned(),
            key_id: "k".to_owned(),
            payload: payload.to_owned(),
        }
    }

    #[test]
    fn a_message_is_what_its_settler_was_always_sent() {
        let message = detail(r#"{"a":"\n"}"#, Some("12.50")).to_message().expect("written");
        let expected = r#"{"source":"callbacks","detail-type":"ad_hoc","detail":{"id":"p#reward#1","provider":"p","kind":"ad_hoc","user":"u","effect":"credit","effect_of":"","settler":"ledger","amount":"12.50","unit":"coins","test":false,"state":"recorded","received_at":"2026-11-21T18:00:00.000Z","key_id":"k","payload":"{\"a\":\"\\n\"}"}}"#;
        assert_eq!(message, expected);
    }

    #[test]
    fn what_is_written_is_read_to_the_last_character() {
        let control: String = (0..=0x20_u8).map(char::from).collect();
        for payload in [
            "",
            r#"{"a":"\\\"\/\b\f\n\r\t\u0000\ud83d\ude00"}"#,
            &control,
            "\u{7f}\u{80}\u{2028}\u{fffd}\u{fffe}\u{ffff}\u{1f4a5}\u{10ffff}",
            "\\ufffe\u{fffe}",
        ] {
            for amount in [None, Some("0.10"), Some("-1"), Some("123456789012345678901234.5600")] {
                let detail = detail(payload, amount);
                let message = detail.to_message().expect("written");
                // The characters that SQS takes; JSON leaves no others below the space.
                let is_taken = |c: char| c >= ' ' && c != '\u{fffe}' && c != '\u{ffff}';
                assert!(message.chars().all(is_taken), "{message:?}");
                assert_eq!(Detail::parse(&message).expect("read"), detail);
            }
        }
    }

    #[test]
    fn a_record_from_before_there_were_effects_is_the_ledgers() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let mut item: HashMap<_, _> = ["id", "provider", "kind", "user", "received_at", "payload"]
            .map(|name| (name.to_owned(), text(name)))
            .into();
        item.insert("test".to_owned(), AttributeValue::Bool(false));
        let detail = Detail::of_item(&item).expect("a record");
        assert_eq!((detail.settler(), detail.effect.as_str()), (Some("ledger"), "unknown"));
        item.insert("settler".to_owned(), text("none"));
        assert_eq!(Detail::of_item(&item).expect("a record").settler(), None);
    }

    #[test]
    fn only_what_is_recorded_and_no_test_has_a_settler() {
        let mut detail = detail("{}", None);
        assert_eq!(detail.settler(), Some("ledger"));
        for (state, test, settler) in
            [("held", false, "ledger"), ("recorded", true, "ledger"), ("recorded", false, "none")]
        {
            detail.state = state.to_owned();
            detail.test = test;
            detail.settler = settler.to_owned();
            assert_eq!(detail.settler(), None, "{state} {test} {settler}");
        }
    }
}
