//! What happened to a callback, by what the stream tells of its record.

use tables::callbacks::State;

verify::texts! {
    /// What happened to a callback: the `detail-type` of its event.
    pub enum Happening {
        /// It came, and counts.
        Recorded = "recorded",
        /// It came, and waits for a person.
        Held = "held",
        /// It came under the identity of another one with another content, and waits for a person.
        Conflict = "conflict",
        /// A person accepted what was held or a conflict: it counts from now on.
        Accepted = "accepted",
        /// The user's balance was credited.
        Credited = "credited",
        /// The user's balance was debited.
        Debited = "debited",
        /// What another callback had credited was taken back.
        Reversed = "reversed",
        /// The reward was credited, and the provider told so.
        Redeemed = "redeemed",
        /// The third party took it.
        Delivered = "delivered",
        /// The third party refused it for good.
        Refused = "refused",
        /// The provider rejected the reward.
        Rejected = "rejected",
        /// A person accepted it, and it has no effect.
        WithoutEffect = "without_effect",
        /// It was given up, until a person has looked at it.
        Dead = "dead",
        /// A person closed it.
        Closed = "closed",
    }
}

impl Happening {
    /// What it means that a record came that is in `state`. None where none comes so.
    pub(crate) const fn of_new(state: State) -> Option<Self> {
        match state {
            State::Recorded => Some(Self::Recorded),
            State::Held => Some(Self::Held),
            State::Conflict => Some(Self::Conflict),
            _ => None,
        }
    }

    /// What it means that a record was changed and is in `state`; `is_accepted` says whether a person accepted it
    /// and nobody has attempted to settle it. None where it means nothing new.
    pub(crate) const fn of_changed(state: State, is_accepted: bool) -> Option<Self> {
        match state {
            State::Recorded if is_accepted => Some(Self::Accepted),
            State::Recorded | State::Held | State::Conflict | State::Retrying | State::Waiting => {
                None
            }
            State::Credited => Some(Self::Credited),
            State::Debited => Some(Self::Debited),
            State::Reversed => Some(Self::Reversed),
            State::Redeemed => Some(Self::Redeemed),
            State::Delivered => Some(Self::Delivered),
            State::Refused => Some(Self::Refused),
            State::Rejected => Some(Self::Rejected),
            State::WithoutEffect => Some(Self::WithoutEffect),
            State::Dead => Some(Self::Dead),
            State::Closed => Some(Self::Closed),
        }
    }

    /// Whether nothing has been settled yet: then the event says what was received, and no balance.
    pub(crate) const fn is_unsettled(self) -> bool {
        matches!(self, Self::Recorded | Self::Held | Self::Conflict | Self::Accepted)
    }

    /// Whether the record has a message, which goes to its settler if it has one now.
    pub(crate) const fn has_message(self) -> bool {
        matches!(self, Self::Recorded | Self::Held | Self::Accepted)
    }
}
