//! The event bus.

use aws_sdk_eventbridge::error::ProvideErrorMetadata as _;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use settlement::message_body::SOURCE;

use crate::batches::batches;
use crate::outgoing::{Outgoing, OutgoingEvent, Refusal, Refusals};

/// How many bytes are sent at once.
/// Source: "Calculating `PutEvents` event entry size" in the `EventBridge` user guide: 256 KB in sum, each entry
/// with its source, detail-type and detail.
const BYTES: usize = 256 * 1024;

/// The codes of what is refused however often it is sent. Source: `PutEventsResultEntry` in the API reference.
const NEVER: [&str; 2] = ["InvalidArgument", "MalformedDetail"];

/// The event bus.
#[derive(Debug)]
pub struct Bus {
    client: aws_sdk_eventbridge::Client,
    name: String,
}

impl Bus {
    /// The bus with this name or ARN.
    #[must_use]
    pub const fn new(client: aws_sdk_eventbridge::Client, name: String) -> Self {
        Self { client, name }
    }

    /// Puts the event of each record onto the bus. What a call could not do ends the turn: it would cost the same
    /// time again, and comes again anyway.
    pub(crate) async fn send(&self, records: &[Outgoing]) -> Refusals {
        let events =
            records.iter().filter_map(|record| Some((record.index, record.event.as_ref()?)));
        let size = |(_, event): &(usize, &OutgoingEvent)| {
            SOURCE.len() + event.detail_type.len() + event.detail.len()
        };
        let mut refusals = Refusals::new();
        let mut down = None;
        for batch in batches(events, BYTES, size) {
            if down.is_none() {
                down = self.send_batch(&batch, &mut refusals).await.err();
            }
            if let Some(reason) = &down {
                let again = |(index, _): &(usize, _)| (*index, Refusal::Again(reason.clone()));
                refusals.extend(batch.iter().map(again));
            }
        }
        refusals
    }

    /// Puts a batch and adds what was refused of it; in one word why the bus took nothing.
    async fn send_batch(
        &self,
        batch: &[(usize, &OutgoingEvent)],
        refusals: &mut Refusals,
    ) -> Result<(), String> {
        let entries = batch.iter().map(|(_, event)| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(SOURCE)
                .detail_type(event.detail_type)
                .detail(&event.detail)
                .build()
        });
        let call = self.client.put_events().set_entries(Some(entries.collect()));
        let unavailable = |code: Option<&str>| code.unwrap_or("bus_unavailable").to_owned();
        let put = call.send().await.map_err(|error| unavailable(error.code()))?;
        // The answers are in the order of the entries.
        for (place, (index, _)) in batch.iter().enumerate() {
            if let Some(refusal) = refusal(put.entries().get(place)) {
                refusals.push((*index, refusal));
            }
        }
        Ok(())
    }
}

/// None where the entry was taken.
fn refusal(answer: Option<&PutEventsResultEntry>) -> Option<Refusal> {
    let code = answer.and_then(PutEventsResultEntry::error_code);
    match code {
        Some(code) if NEVER.contains(&code) => Some(Refusal::Never(code.to_owned())),
        Some(code) => Some(Refusal::Again(code.to_owned())),
        None if answer.is_some_and(|answer| answer.event_id().is_some()) => None,
        None => Some(Refusal::Again("unanswered".to_owned())),
    }
}
