//! Time limits, each of them here, so that they can be added up.
//!
//! **A receiving function** answers within [`ANSWER`] = 2.7 s, whatever happens, so that with the way there
//! and back the provider waits less than 3 s. A callback costs one write ([`CALLBACKS`], 2.3 s), and where
//! the keys at hand do not prove it one read of a secret before that ([`KEYS`], 1 s). Each alone is done in
//! time with all of its attempts. Where both are slow they are not: after 1 s for the keys 1.7 s are left,
//! which is two of the write's three attempts with the pause between them. A write that [`ANSWER`] cuts off
//! is answered 503, and what it wrote all the same is a duplicate when the provider sends again.
//!
//! **A settling function** works off a batch within [`BATCH`] = 25 s, all messages of it at once, and then
//! tells the queues of each ([`SETTLEMENT`], 2.5 s): 27.5 s of the 30 s that the template lets it run. A
//! delivery is begun and ended on the record (twice [`CALLBACKS`]) and reads its credentials once, and once
//! more after a refusal (twice [`SETTLEMENT`]): 9.6 s, which leaves 15.4 s for the third party.

use std::time::Duration;

/// How long a call to AWS may take: each attempt, and all of them together.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// How long opening a connection may take.
    pub connect: Duration,
    /// How long one attempt may take.
    pub attempt: Duration,
    /// How long all attempts together may take, with the pauses between them.
    pub operation: Duration,
    /// How many attempts there are, the first one counted.
    pub attempts: u32,
}

/// How long a receiving function may take for its answer. The template lets it run for 5 s: the rest is for
/// a cold start.
pub const ANSWER: Duration = Duration::from_millis(2_700);

/// How long a settling function may take for a batch. What is left of the 30 s that the template lets it
/// run is for telling the queues.
pub const BATCH: Duration = Duration::from_secs(25);

/// A provider's keys, read by a receiving function: short, because the write comes on top.
pub const KEYS: Timeouts = Timeouts {
    connect: Duration::from_millis(400),
    attempt: Duration::from_millis(600),
    operation: Duration::from_secs(1),
    attempts: 2,
};

/// A request to the callbacks table. Three attempts and the pauses between them fit.
pub const CALLBACKS: Timeouts = Timeouts {
    connect: Duration::from_millis(500),
    attempt: Duration::from_millis(700),
    operation: Duration::from_millis(2_300),
    attempts: 3,
};

/// What a settling function asks of the ledger, of SQS and of Secrets Manager. Nobody waits for an answer,
/// but the batch has its limit.
pub const SETTLEMENT: Timeouts = Timeouts {
    connect: Duration::from_millis(500),
    attempt: Duration::from_secs(1),
    operation: Duration::from_millis(2_500),
    attempts: 3,
};

/// A call of the function that reads the stream, to SQS or to EventBridge. All calls of a batch stay within
/// the 60 s that the template lets it run, because the first one that fails is its queue's, or the bus's,
/// last one.
pub const DISPATCH: Timeouts = Timeouts {
    connect: Duration::from_millis(500),
    attempt: Duration::from_secs(2),
    operation: Duration::from_secs(5),
    attempts: 3,
};

/// The longest pause before the second attempt; it doubles for each one after that, up to
/// [`LONGEST_BACKOFF`].
pub const FIRST_BACKOFF: Duration = Duration::from_millis(50);

/// The longest pause between two attempts.
pub const LONGEST_BACKOFF: Duration = Duration::from_millis(200);

#[cfg(test)]
mod tests {
    use super::*;

    /// How long `attempts` take at most that all run into their limit, with the pauses between them.
    fn longest(timeouts: Timeouts, attempts: u32) -> Duration {
        let pauses = (1..attempts).map(|n| (FIRST_BACKOFF * 2_u32.pow(n - 1)).min(LONGEST_BACKOFF));
        timeouts.attempt * attempts + pauses.sum::<Duration>()
    }

    #[test]
    fn a_connection_is_given_up_within_its_attempt_and_an_attempt_within_its_operation() {
        for limits in [KEYS, CALLBACKS, SETTLEMENT, DISPATCH] {
            assert!(limits.connect < limits.attempt, "{limits:?}");
            assert!(longest(limits, limits.attempts - 1) <= limits.operation, "{limits:?}");
        }
    }

    #[test]
    fn a_provider_waits_for_less_than_three_seconds() {
        const PROVIDER: Duration = Duration::from_secs(3);
        assert!(ANSWER + Duration::from_millis(200) <= PROVIDER);
        // With all of its attempts.
        assert!(longest(CALLBACKS, CALLBACKS.attempts) <= CALLBACKS.operation);
        assert!(CALLBACKS.operation <= ANSWER);
        // After a slow read of the keys it still has a second attempt.
        assert!(KEYS.operation + longest(CALLBACKS, 2) <= ANSWER);
    }

    #[test]
    fn a_delivery_leaves_the_third_party_at_least_fifteen_seconds() {
        let aws = CALLBACKS.operation * 2 + SETTLEMENT.operation * 2;
        assert!(aws + Duration::from_secs(15) <= BATCH, "{aws:?}");
    }
}
