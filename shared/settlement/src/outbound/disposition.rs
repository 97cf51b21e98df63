//! What an answer means for whoever sent the request.

use std::time::Duration;

use jiff::Timestamp;
use tables::callbacks::Reason;

use crate::outbound::client::{Reply, SendError};
use crate::outbound::retry_after;

/// What the status of an answer means. A body may still say otherwise: see [`mod@crate::outbound::declined`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It was taken: 2xx.
    Taken,
    /// It may be taken later: 408, 425, 429, 5xx, no reply; or it is not known whether it was taken,
    /// because the body of a 2xx is longer than can be read.
    Later {
        /// How long the reply asks to wait.
        wait: Option<Duration>,
        /// Why.
        reason: Reason,
    },
    /// It will not be taken, however often it is sent: any other 4xx, and 3xx, because what carries a
    /// key or a signature is not sent where a reply points to.
    Refused,
}

impl Disposition {
    /// What `answer` means, at the time `now`.
    #[must_use]
    pub fn of(answer: &Result<Reply, SendError>, now: Timestamp) -> Self {
        let reply = match answer {
            Ok(reply) => reply,
            Err(no_reply) => return Self::Later { wait: None, reason: no_reply.reason() },
        };
        let reason = match reply.status {
            200..=299 if reply.cut_off => Reason::UpstreamReplyTooLong,
            200..=299 => return Self::Taken,
            408 => Reason::UpstreamTimedOut,
            // What was sent is not processed because it might be a replay (RFC 8470 section 5.2).
            425 => Reason::UpstreamFailed,
            429 => Reason::UpstreamThrottled,
            300..=499 => return Self::Refused,
            // Past 599 there is no status; what is no status is read as a 5xx (RFC 9110 section 15).
            _ => Reason::UpstreamFailed,
        };
        Self::Later { wait: retry_after::read(&reply.headers, now), reason }
    }
}

impl SendError {
    /// Why there is no answer.
    #[must_use]
    pub const fn reason(self) -> Reason {
        match self {
            Self::TimedOut => Reason::UpstreamTimedOut,
            Self::Unreachable => Reason::UpstreamUnreachable,
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::RETRY_AFTER;

    use super::*;

    fn of(status: u16, retry_after: Option<&str>) -> Disposition {
        let mut headers = HeaderMap::new();
        if let Some(value) = retry_after {
            headers.insert(RETRY_AFTER, value.parse().expect("a header value"));
        }
        let now = "1994-11-06T08:49:07Z".parse().expect("a time");
        Disposition::of(&Ok(Reply { status, headers, body: Vec::new(), cut_off: false }), now)
    }

    #[test]
    fn a_body_that_is_too_long_says_nothing() {
        let of = |status| {
            let reply =
                Reply { status, headers: HeaderMap::new(), body: Vec::new(), cut_off: true };
            Disposition::of(&Ok(reply), Timestamp::UNIX_EPOCH)
        };
        let later = |reason| Disposition::Later { wait: None, reason };
        assert_eq!(of(200), later(Reason::UpstreamReplyTooLong));
        assert_eq!(of(500), later(Reason::UpstreamFailed));
        assert_eq!(of(404), Disposition::Refused);
    }

    #[test]
    fn every_status_has_a_meaning() {
        for status in 100..=999 {
            let is_as_documented = match of(status, None) {
                Disposition::Taken => (200..300).contains(&status),
                Disposition::Later { wait: None, .. } => {
                    [408, 425, 429].contains(&status) || !(200..500).contains(&status)
                }
                Disposition::Later { .. } => false,
                Disposition::Refused => {
                    (300..500).contains(&status) && ![408, 425, 429].contains(&status)
                }
            };
            assert!(is_as_documented, "{status}");
        }
    }

    #[test]
    fn a_wait_is_taken_from_what_may_be_sent_again() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        for (status, reason) in [
            (408, Reason::UpstreamTimedOut),
            (425, Reason::UpstreamFailed),
            (429, Reason::UpstreamThrottled),
            (500, Reason::UpstreamFailed),
            (503, Reason::UpstreamFailed),
        ] {
            assert_eq!(of(status, Some("7")), Disposition::Later { wait: seconds(7), reason });
            let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
            assert_eq!(of(status, date), Disposition::Later { wait: seconds(30), reason });
        }
        assert_eq!(of(200, Some("7")), Disposition::Taken);
        assert_eq!(of(301, Some("7")), Disposition::Refused);
        assert_eq!(of(400, Some("7")), Disposition::Refused);
    }

    #[test]
    fn no_reply_may_be_one_later() {
        for (no_reply, reason) in [
            (SendError::TimedOut, Reason::UpstreamTimedOut),
            (SendError::Unreachable, Reason::UpstreamUnreachable),
        ] {
            let meaning = Disposition::of(&Err(no_reply), Timestamp::UNIX_EPOCH);
            assert_eq!(meaning, Disposition::Later { wait: None, reason });
        }
    }
}
