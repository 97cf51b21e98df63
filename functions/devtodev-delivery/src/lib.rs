//! Delivers recorded installs to devtodev.
//!
//! Source: the provider's page "Custom postback API". An install goes to the provider as a `POST`, with
//! the app's API key in the query and the fields as a JSON object. It has an `id` in any case, by
//! which the provider knows an install that arrives twice: the tracker's own, or what the record's key
//! was made of.

#[cfg(test)]
mod tests;

use devtodev::{Devtodev, postback};
use settlement::Record;
use settlement::outbound::{Delivery, Message, Upstream, Url};
use verify::{Provider as _, Secret};

/// Delivers recorded installs to devtodev.
pub type DevtodevDelivery = Delivery<Installs>;

/// The provider's API.
#[derive(Debug, Clone, Copy)]
pub struct Installs;

impl Upstream for Installs {
    const PROVIDER: &'static str = Devtodev::NAME;
    const CREDENTIAL: &'static str = "api_key";

    fn message(url: &Url, record: &Record, key: &Secret) -> Option<Message> {
        let key = key.expose_text();
        let received_at = record.received_at.parse().ok()?;
        // The last part of a key is a hash of the install where the tracker gave it no id.
        let (_, own_id) = record.id.rsplit_once('#')?;
        let body = postback(&record.payload, received_at, own_id).ok()?;
        Some(Message::post(url.with_parameter("apikey", key)?, body).with_secret(key))
    }
}
