//! What came of each detail, as the record keeps it.
//!
//! The note is one word per detail, in the order of the hook's details, so that the next attempt goes
//! on from there. It is a help, not the guard: what is credited once, the ledger guards.

use crate::conclusion::Outcome;

/// The note's name: the record's attribute is `step_details`.
pub const NOTE: &str = "details";

/// What came of a detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing yet.
    Open,
    /// It waits for the provider.
    Waiting,
    /// It is credited, where there is something to credit. Whether the provider knows is not known.
    Credited,
    /// It is credited, and the provider was told.
    Redeemed,
    /// It is credited, and the provider need not be told.
    Paid,
    /// It is a coupon, which the provider hands out.
    Delivered,
    /// The provider rejected it.
    Rejected,
    /// A person has to look at it.
    Refused,
}

impl Step {
    const ALL: [Self; 8] = [
        Self::Open,
        Self::Waiting,
        Self::Credited,
        Self::Redeemed,
        Self::Paid,
        Self::Delivered,
        Self::Rejected,
        Self::Refused,
    ];

    /// Its word. None begins with another one, so that a note that was cut off says nothing wrong.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Credited => "credited",
            Self::Redeemed => "redeemed",
            Self::Paid => "paid",
            Self::Delivered => "delivered",
            Self::Rejected => "rejected",
            Self::Refused => "refused",
        }
    }

    /// The outcome of a detail of which nothing more is to be done. What was refused is looked at again,
    /// once a person has put the dead letter back.
    #[must_use]
    pub const fn outcome(self) -> Option<Outcome> {
        match self {
            Self::Redeemed => Some(Outcome::Redeemed),
            Self::Paid => Some(Outcome::Paid),
            Self::Delivered => Some(Outcome::Delivered),
            Self::Rejected => Some(Outcome::Rejected),
            Self::Open | Self::Waiting | Self::Credited | Self::Refused => None,
        }
    }

    /// The step after `outcome`. That a detail is credited is not forgotten.
    #[must_use]
    pub const fn after(self, outcome: &Outcome) -> Self {
        match (outcome, self) {
            (Outcome::Redeemed, _) => Self::Redeemed,
            (Outcome::Paid, _) => Self::Paid,
            (Outcome::Delivered, _) => Self::Delivered,
            (_, Self::Credited) => Self::Credited,
            (Outcome::Rejected, _) => Self::Rejected,
            (Outcome::Refused(_), _) => Self::Refused,
            (Outcome::Waiting(_), _) => Self::Waiting,
            (Outcome::Troubled { .. }, step) => step,
        }
    }
}

/// The steps of `count` details, as `note` says them; what it does not say is open.
#[must_use]
pub fn read(note: Option<&str>, count: usize) -> Vec<Step> {
    let known = |word| Step::ALL.into_iter().find(|step| step.as_str() == word);
    let words = note.unwrap_or_default().split(' ').map(|word| known(word).unwrap_or(Step::Open));
    words.chain(std::iter::repeat(Step::Open)).take(count).collect()
}

/// The note of `steps`.
#[must_use]
pub fn write(steps: &[Step]) -> String {
    steps.iter().map(|step| step.as_str()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        assert_eq!(read(Some(&write(&Step::ALL)), 8), Step::ALL);
        assert_eq!(read(None, 2), [Step::Open; 2]);
        assert_eq!(read(Some("redeemed nonsense paid"), 2), [Step::Redeemed, Step::Open]);
    }

    #[test]
    fn a_note_that_was_cut_off_says_nothing_wrong() {
        let whole = write(&Step::ALL);
        for end in 0..whole.len() {
            for (step, kept) in Step::ALL.into_iter().zip(read(Some(&whole[..end]), 8)) {
                assert!(kept == step || kept == Step::Open, "{}", &whole[..end]);
            }
        }
    }
}
