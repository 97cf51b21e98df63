//! What is sent of one record, and what may come of that.

use settlement::Detail;

/// A record on its way out.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// Its place among those that are sent together.
    pub(crate) index: usize,
    /// Who is to settle it; none where there is nothing to settle, or not now.
    pub(crate) settler: Option<String>,
    /// The body of its message.
    pub(crate) message: String,
    /// Its kind, the event's `detail-type`.
    pub(crate) kind: String,
    /// The event's `detail`.
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
    pub(crate) fn of(index: usize, detail: &Detail) -> serde_json::Result<Self> {
        Ok(Self {
            index,
            settler: detail.settler().map(str::to_owned),
            message: detail.to_message()?,
            kind: detail.kind.clone(),
            detail: detail.to_json()?,
        })
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
