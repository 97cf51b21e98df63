//! Delivers recorded actions to Giveaway.com.
//!
//! Source: the provider's page "How to Set and Verify Custom App Actions with Callback Verification".
//! An action goes to the provider as the site would have sent it, under the project's API key in the
//! place of the site's: `{track_id, event, value?, remark?, sign}`. Those fields are what tells one
//! action from another, so that one that arrives twice is the same one.

#[cfg(test)]
mod tests;

use giveaway::{Giveaway, Report};
use settlement::Record;
use settlement::outbound::{Delivery, Message, Upstream, Url};
use verify::{Provider as _, Secret};

/// Delivers recorded actions to Giveaway.com.
pub type GiveawayDelivery = Delivery<Actions>;

/// The provider's API.
#[derive(Debug, Clone, Copy)]
pub struct Actions;

impl Upstream for Actions {
    const PROVIDER: &'static str = Giveaway::NAME;
    const CREDENTIAL: &'static str = "api_key";

    fn message(url: &Url, record: &Record, key: &Secret) -> Option<Message> {
        let report = Report::sign(&record.payload, key).ok()?;
        let message = Message::post(url.as_uri().clone(), report.body).with_secret(&report.sign);
        // It is not in the message; but whoever issued it could repeat it all the same.
        Some(message.with_secret(key.expose_text()))
    }
}
