//! How far a callback has come: the attributes `state` and `attention` of its record.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

verify::texts! {
    /// How far a callback has come: the attribute `state` of its record.
    pub enum State {
        /// It is recorded, or was accepted, and has yet to be settled; or there is nothing to settle.
        Recorded = "recorded",
        /// It waits for a person, and has no effect until then.
        Held = "held",
        /// A record with its identity and another content came first; this one was put aside.
        Conflict = "conflict",
        /// An attempt failed, and there will be another one.
        Retrying = "retrying",
        /// It waits for something that others have to do: a review, or the completion of a reversal.
        Waiting = "waiting",
        /// The user's balance was credited, and nothing more is to do. A redemption that has credited and
        /// has yet to redeem is not there: it keeps what it did with
        /// [`Store::note`](crate::callbacks::Store::note).
        Credited = "credited",
        /// The user's balance was debited, and nothing more is to do.
        Debited = "debited",
        /// What another record had credited is taken back, and nothing more is to do.
        Reversed = "reversed",
        /// The reward was credited and the provider told so.
        Redeemed = "redeemed",
        /// The third party took it.
        Delivered = "delivered",
        /// The third party refused it for good; what it answered is in `reply`.
        Refused = "refused",
        /// The provider rejected the reward; nothing is credited.
        Rejected = "rejected",
        /// A person accepted it, and it has no effect: a test for instance.
        WithoutEffect = "without_effect",
        /// Trying again does not help; a person has to look at it. Not closed: once its dead letter is put
        /// back into the queue, the next attempt begins.
        Dead = "dead",
        /// A person closed it: it has no effect, or no further one.
        Closed = "closed",
    }
}

impl State {
    /// Whether a person has to look at the record.
    #[must_use]
    pub const fn needs_attention(self) -> bool {
        match self {
            Self::Held | Self::Conflict | Self::Refused | Self::Dead => true,
            Self::Recorded
            | Self::Retrying
            | Self::Waiting
            | Self::Credited
            | Self::Debited
            | Self::Reversed
            | Self::Redeemed
            | Self::Delivered
            | Self::Rejected
            | Self::WithoutEffect
            | Self::Closed => false,
        }
    }

    /// Whether the settlement has ended, well or not, as far as can be known without a person.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Recorded | Self::Held | Self::Conflict | Self::Retrying | Self::Waiting => false,
            Self::Credited
            | Self::Debited
            | Self::Reversed
            | Self::Redeemed
            | Self::Delivered
            | Self::Refused
            | Self::Rejected
            | Self::WithoutEffect
            | Self::Dead
            | Self::Closed => true,
        }
    }
}

/// Where a record stands: in its state, or in its place that a person accepted it and it is not settled
/// since; its state is `recorded` then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A person accepted it, and it waits for its settlement.
    Accepted,
    /// It is in this state.
    In(State),
}

impl Standing {
    /// Its name: what `attention` says of a record that stands there, if it says anything.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::In(state) => state.as_str(),
        }
    }

    /// What the attribute `attention` of a record that stands there begins with: the index of those that a
    /// person has to look at, or has accepted. None for a record that is not in that index.
    #[must_use]
    pub const fn attention(self) -> Option<&'static str> {
        match self {
            Self::Accepted => Some(self.as_str()),
            Self::In(state) if state.needs_attention() => Some(state.as_str()),
            Self::In(_) => None,
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What an item says: one of `T`, or a text that this version does not know, because a newer one wrote it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stored<T> {
    /// One that is known here.
    Known(T),
    /// Another text.
    Unknown(String),
}

impl<T: PartialEq> Stored<T> {
    /// Whether it is one of `these`; what is not known here is none of them.
    #[must_use]
    pub fn is_one_of(&self, these: &[T]) -> bool {
        matches!(self, Self::Known(known) if these.contains(known))
    }
}

impl<T: FromStr> From<&str> for Stored<T> {
    fn from(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::Unknown(text.to_owned()), Self::Known)
    }
}

impl<T: PartialEq> PartialEq<T> for Stored<T> {
    fn eq(&self, other: &T) -> bool {
        matches!(self, Self::Known(known) if known == other)
    }
}

impl<T: fmt::Display> fmt::Display for Stored<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(known) => known.fmt(f),
            Self::Unknown(text) => f.write_str(text),
        }
    }
}

impl<T: fmt::Display> Serialize for Stored<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What records of deployed versions say, and the docs name. Not to be changed: what was written once is
    /// still there.
    const STORED: [&str; 15] = [
        "recorded",
        "held",
        "conflict",
        "retrying",
        "waiting",
        "credited",
        "debited",
        "reversed",
        "redeemed",
        "delivered",
        "refused",
        "rejected",
        "without_effect",
        "dead",
        "closed",
    ];

    #[test]
    fn every_state_is_read_as_it_was_written() {
        assert!(State::all().map(State::as_str).eq(STORED));
        // Two of one text would be read as the first.
        for state in State::all() {
            assert_eq!(Stored::<State>::from(state.as_str()), Stored::Known(state));
        }
    }

    #[test]
    fn what_a_newer_version_wrote_stays_what_it_is() {
        for text in ["", "Recorded", "accepted", "escalated"] {
            let stored = Stored::<State>::from(text);
            assert_eq!((stored.to_string().as_str(), stored == State::Recorded), (text, false));
        }
    }

    #[test]
    fn attention_is_what_a_person_has_to_look_at() {
        let standings = State::all().map(Standing::In).chain([Standing::Accepted]);
        let attention: Vec<_> = standings.filter_map(Standing::attention).collect();
        assert_eq!(attention, ["held", "conflict", "refused", "dead", "accepted"]);
    }
}
