//! Sends news of records to where they go: messages to the queues of settlers, events to the bus.

use settlement::Detail;

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

    /// The queues.
    #[must_use]
    pub const fn queues(&self) -> &Queues {
        &self.queues
    }

    /// For whom it sends.
    pub(crate) const fn audience(&self) -> Audience {
        if self.bus.is_some() { Audience::Everyone } else { Audience::Settlers }
    }

    /// Sends `news`; what became of each, in their order. None is that both the queue and the bus have it. What is to
    /// come again may have reached one of them: settling is done once however often it is asked for, and an event
    /// that is told again has the same id.
    pub fn send(&self, news: &[&News]) -> impl Future<Output = Vec<Option<Refusal>>> {
        let written =
            |(index, news): (usize, &&News)| Outgoing::of(index, news, self.bus.is_some());
        self.send_all(news.iter().enumerate().map(written).collect())
    }

    /// Sends `messages` to their settlers, and tells nobody else; what became of each, in their order.
    pub fn send_messages(
        &self,
        messages: &[&Detail],
    ) -> impl Future<Output = Vec<Option<Refusal>>> {
        let written = |(index, message): (usize, &&Detail)| Outgoing::message(index, message);
        self.send_all(messages.iter().enumerate().map(written).collect())
    }

    async fn send_all(&self, all: Vec<serde_json::Result<Outgoing>>) -> Vec<Option<Refusal>> {
        let mut results = vec![None; all.len()];
        let mut outgoing = Vec::with_capacity(all.len());
        for (result, written) in results.iter_mut().zip(all) {
            match written {
                Ok(record) => outgoing.push(record),
                Err(_) => *result = Some(Refusal::Never("unwritable".to_owned())),
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
