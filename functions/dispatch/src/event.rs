//! What subscribers of the bus are told: the `detail` of an event. `docs/events/` has the schemas.

use serde::Serialize;
use settlement::message_body::printable;
use verify::Fingerprint;

use crate::happening::Happening;
use crate::image::{Image, Text};

/// The `detail` of an event. Amounts are exact decimals as texts.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "`id` is the record's, as everywhere")]
pub struct Event<'a> {
    /// The same each time the same happening is told, and of no other: 64 hex digits.
    event_id: String,
    /// When it happened, RFC 3339 in UTC with milliseconds.
    happened_at: &'a str,
    id: &'a str,
    provider: &'a str,
    kind: &'a str,
    user: &'a str,
    effect: &'a str,
    effect_of: &'a str,
    settler: &'a str,
    /// What was booked; else what the callback says.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    balance: Option<Balance<'a>>,
    test: bool,
    received_at: &'a str,
    key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts_with: Option<&'a str>,
    /// Only while nothing is settled: whoever needs it has it by then, and it is most of the bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<&'a str>,
}

/// A user's balance in one unit, as it was read after booking.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Balance<'a> {
    amount: &'a str,
    /// Of how many entries it is made.
    entries: u64,
}

impl<'a> Event<'a> {
    pub(crate) fn new(happening: Happening, image: &'a Image, happened_at: &'a str) -> Self {
        let text = |text: &'a Option<Text>| text.as_ref().map(|text| text.text.as_str());
        let booked = text(&image.booked_amount).zip(text(&image.booked_unit));
        let said = text(&image.amount).zip(text(&image.unit));
        let balance = image.balance.as_ref().zip(image.balance_entries);
        let is_unsettled = happening.is_unsettled();
        let reward = if is_unsettled { said } else { booked.or(said) };
        let reason = match happening {
            Happening::Held => text(&image.held),
            // The record keeps the reason of the state before; that of the person who closed it is in free words,
            // which may be about anybody.
            Happening::Closed => None,
            _ if is_unsettled => None,
            _ => text(&image.reason),
        };
        Self {
            event_id: event_id(&image.id.text, happening, happened_at),
            happened_at,
            id: &image.id.text,
            provider: &image.provider.text,
            kind: &image.kind.text,
            user: &image.user.text,
            effect: &image.effect.text,
            effect_of: &image.effect_of.text,
            settler: &image.settler.text,
            amount: reward.map(|(amount, _)| amount),
            unit: reward.map(|(_, unit)| unit),
            balance: balance.filter(|_| !is_unsettled).map(|(amount, entries)| Balance {
                amount: &amount.digits,
                entries: entries.count,
            }),
            test: image.test.flag,
            received_at: &image.received_at.text,
            key_id: &image.key_id.text,
            reason,
            conflicts_with: text(&image.conflicts_with),
            payload: is_unsettled.then_some(&image.payload.text),
        }
    }

    /// A JSON text.
    pub fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(printable)
    }
}

/// Of a record that was dead, put back and died again there are two happenings, of different times.
fn event_id(id: &str, happening: Happening, happened_at: &str) -> String {
    let fields = Fingerprint::builder().with("id", id).with("happening", happening.as_str());
    fields.with("happened_at", happened_at).finish().as_str().to_owned()
}
