//! Sends news of records to where they go: messages to the queues of settlers, events to the bus.

use crate::bus::Bus;
use crate::news::News;
use crate::outgoing::{Outgoing, Refusal};
use crate::queues::Queues;
use crate::stream::Audience;

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

    /// For whom it sends.
    pub(crate) const fn audience(&self) -> Audience {
        if self.bus.is_some() { Audience::Everyone } else { Audience::Settlers }
    }

    /// Sends `news`; what became of each, in their order. None is that both the queue and the bus have it. What is to
    /// come again may have reached one of them: settling is done once however often it is asked for, and an event
    /// that is told again has the same id.
    pub async fn send(&self, news: &[&News]) -> Vec<Option<Refusal>> {
        let mut results = vec![None; news.len()];
        let mut outgoing = Vec::with_capacity(news.len());
        for (index, news) in news.iter().enumerate() {
            match Outgoing::of(index, news, self.bus.is_some()) {
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
