//! What came of each detail, as the record keeps it.
//!
//! The note is one word per detail, in the order of the hook's details, so that the next attempt goes
//! on from there: `redeemed redeemed waiting`. Of many details, a number before a word says how often it
//! comes, `230 redeemed waiting`, because the record keeps the first 2 KiB, and an attempt does not get past
//! what it does not know to be settled. It is a help, not the guard: what is credited once, the ledger guards.

use std::iter;

use crate::conclusion::Outcome;

/// How many details have a word each.
const FEW: usize = 100;

/// The note's name: the record's attribute is `step_details`.
pub const NOTE: &str = "details";

/// What came of a detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// No step is done yet.
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
    let mut steps = Vec::with_capacity(count);
    let mut times = 1;
    for word in note.unwrap_or_default().split(' ') {
        if let Ok(number) = word.parse() {
            times = number;
            continue;
        }
        let step = known(word).unwrap_or(Step::Open);
        let room = count.saturating_sub(steps.len());
        steps.extend(iter::repeat_n(step, room.min(times)));
        times = 1;
    }
    steps.resize(count, Step::Open);
    steps
}

/// The note of `steps`.
#[must_use]
pub fn write(steps: &[Step]) -> String {
    let shortest = if steps.len() > FEW { 2 } else { usize::MAX };
    let runs = steps.chunk_by(|a, b| a == b).flat_map(|run| {
        let (number, words) =
            if run.len() < shortest { (None, run) } else { (Some(run.len()), &run[..1]) };
        let words = words.iter().map(|step| step.as_str().to_owned());
        number.map(|number| number.to_string()).into_iter().chain(words)
    });
    runs.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        assert_eq!(read(Some(&write(&Step::ALL)), 8), Step::ALL);
        assert_eq!(read(None, 2), [Step::Open; 2]);
        assert_eq!(read(Some("redeemed nonsense paid"), 2), [Step::Redeemed, Step::Open]);
        assert_eq!(read(Some("9 redeemed 99999999999 paid"), 3), [Step::Redeemed; 3]);
        assert_eq!(read(Some("0 redeemed paid 2"), 2), [Step::Paid, Step::Open]);
    }

    #[test]
    fn a_note_of_many_details_is_kept_whole() {
        // As many as there is room for in the largest body, with the shortest ids.
        let mut steps = vec![Step::Redeemed; 3_000];
        steps[7] = Step::Refused;
        steps[2_000..].fill(Step::Open);
        let note = write(&steps);
        assert_eq!(note, "7 redeemed refused 1992 redeemed 1000 open");
        assert_eq!(read(Some(&note), 3_000), steps);
        for end in 0..note.len() {
            for (kept, step) in read(Some(&note[..end]), 3_000).into_iter().zip(&steps) {
                assert!(kept == *step || kept == Step::Open, "{}", &note[..end]);
            }
        }
        assert_eq!(write(&[Step::Redeemed; 2]), "redeemed redeemed");
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
