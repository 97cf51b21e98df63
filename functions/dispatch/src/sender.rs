//! Sends records to where they go: the queues of their settlers, and the event bus.

use settlement::Detail;

use crate::bus::Bus;
use crate::outgoing::{Outgoing, Refusal};
use crate::queues::Queues;

/// Where records go.
#[derive(Debug)]
pub struct Sender {
    queues: Queues,
    bus: Option<Bus>,
}

impl Sender {
    /// Sends to these queues, and to the bus where there is one.
    #[must_use]
    pub const fn new(queues: Queues, bus: Option<Bus>) -> Self {
        Self { queues, bus }
    }

    /// The queues.
    #[must_use]
    pub const fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Sends `details`; what became of each, in their order. None is that both the queue and the bus have it. What
    /// is to come again may have reached one of them: settling is done once however often it is asked for.
    pub async fn send(&self, details: &[&Detail]) -> Vec<Option<Refusal>> {
        let mut results = vec![None; details.len()];
        let mut outgoing = Vec::with_capacity(details.len());
        for (index, detail) in details.iter().enumerate() {
            match Outgoing::of(index, detail) {
                Ok(record) => outgoing.push(record),
                Err(_) => results[index] = Some(Refusal::Never("unwritable".to_owned())),
            }
        }
        let publish = async {
            match &self.bus {
                Some(bus) => bus.send(&outgoing).await,
                None => Vec::new(),
            }
        };
        let (queued, published) = tokio::join!(self.queues.send(&outgoing), publish);
        for (index, refusal) in queued.into_iter().chain(published) {
            // What may still be taken is not given up.
            if !matches!(results[index], Some(Refusal::Again(_))) {
                results[index] = Some(refusal);
            }
        }
        results
    }
}
