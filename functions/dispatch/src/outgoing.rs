//! What is sent of one record, and what may come of that.

use settlement::Detail;

use crate::news::News;

/// A record on its way out.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// Its place among those that are sent together.
    pub(crate) index: usize,
    /// Who is to settle it; none where there is nothing to settle, or not now.
    pub(crate) settler: Option<String>,
    /// The body of its message; empty where it has no settler.
    pub(crate) message: String,
    /// Its event; none where nobody is told.
    pub(crate) event: Option<OutgoingEvent>,
}

/// An event on its way out.
#[derive(Debug)]
pub(crate) struct OutgoingEvent {
    /// What happened.
    pub(crate) detail_type: &'static str,
    /// The `detail`, a JSON text.
    pub(crate) detail: String,
}

/// Why a record was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It may be taken another time.
    Again(String),
    /// It is refused however often it is sent.
    Never(String),
}

/// Refusals by the places of their records.
pub(crate) type Refusals = Vec<(usize, Refusal)>;

impl Outgoing {
    /// What is sent of `news`, with its event if it `has_event`.
    pub(crate) fn of(index: usize, news: &News, has_event: bool) -> serde_json::Result<Self> {
        let outgoing = match news.message() {
            Some(message) => Self::message(index, &message)?,
            None => Self { index, settler: None, message: String::new(), event: None },
        };
        if !has_event {
            return Ok(outgoing);
        }
        let detail_type = news.happening().as_str();
        let detail = news.event().to_json()?;
        Ok(Self { event: Some(OutgoingEvent { detail_type, detail }), ..outgoing })
    }

    /// `message`, and no event.
    pub(crate) fn message(index: usize, message: &Detail) -> serde_json::Result<Self> {
        let settler = message.settler().map(str::to_owned);
        let body = if settler.is_some() { message.to_message()? } else { String::new() };
        Ok(Self { index, settler, message: body, event: None })
    }
}

impl Refusal {
    /// Why, in one word.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Again(reason) | Self::Never(reason) => reason,
        }
    }
}
