//! The attempts that did not settle a record, as the record keeps them.
//!
//! Each is one attribute, a text: which attempt it was, when it began, the HTTP status of the third party's answer or
//! `-` where none came, and the reason, as `27 2026-11-21T18:00:00.000Z 503 upstream_failed` in `attempt_07`. It is
//! written together with what came of the attempt: no write more, and none at all of the attempt that settles the
//! record. The attributes are a ring: each attempt's is its number modulo [`MOST_KEPT`], so that it takes the place of
//! the one that was so many before it, and nothing has to be read or made beforehand. All of them are about 1.2 KB, of the
//! 400 KB of an item.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::callbacks::reason::Reason;
use crate::callbacks::record::{Item, time};
use crate::callbacks::state::Stored;

/// How many of the last attempts a record keeps: at the longest pauses of a delivery, one to two hours each, those of
/// the last day.
pub const MOST_KEPT: u32 = 20;

/// What the attributes begin with.
const ATTEMPT: &str = "attempt_";

/// What stands in the place of a status where no answer came.
const NO_STATUS: &str = "-";

/// Which attempt something came of, counted on the record from 1, and whether the record has counted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptNumber {
    /// [`Store::begin`](crate::callbacks::Store::begin) has counted it.
    Counted(u32),
    /// Nothing has: it is counted with what came of it.
    Uncounted(u32),
}

impl AttemptNumber {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        match self {
            Self::Counted(number) | Self::Uncounted(number) => number,
        }
    }
}

/// An attempt that did not settle its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Which one it was, counted on the record from 1.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// The HTTP status of the third party's answer, where one came.
    pub status: Option<u16>,
    /// Why it did not settle the record.
    pub reason: Stored<Reason>,
}

impl Tried {
    /// The name of its attribute.
    pub(crate) fn name(&self) -> String {
        format!("{ATTEMPT}{:02}", self.number % MOST_KEPT)
    }
}

/// As its attribute says it.
impl fmt::Display for Tried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.number, time(self.at))?;
        match self.status {
            Some(status) => write!(f, "{status} ")?,
            None => write!(f, "{NO_STATUS} ")?,
        }
        self.reason.fmt(f)
    }
}

/// A text that tells of no attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text tells of no attempt")]
pub struct NotTried;

impl FromStr for Tried {
    type Err = NotTried;

    fn from_str(text: &str) -> Result<Self, NotTried> {
        let mut parts = text.splitn(4, ' ');
        let mut part = || parts.next().ok_or(NotTried);
        let number = part()?.parse().map_err(|_| NotTried)?;
        let at = part()?.parse().map_err(|_| NotTried)?;
        let status = match part()? {
            NO_STATUS => None,
            status => Some(status.parse().map_err(|_| NotTried)?),
        };
        Ok(Self { number, at, status, reason: part()?.into() })
    }
}

/// The attempts that the record `item` keeps, the first one first.
#[must_use]
pub fn tried(item: &Item) -> Vec<Tried> {
    let texts = item.iter().filter(|(name, _)| name.starts_with(ATTEMPT));
    let texts = texts.filter_map(|(_, value)| value.as_s().ok());
    let mut tried: Vec<Tried> = texts.filter_map(|text| text.parse().ok()).collect();
    tried.sort_by_key(|tried| (tried.at, tried.number));
    tried
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_read_as_it_was_written() {
        let at = "2026-11-21T18:00:00.5Z".parse().expect("a time");
        let stored = |text: &str| Stored::<Reason>::from(text);
        for (number, status, reason, text, name) in [
            (
                7,
                Some(503),
                "upstream_failed",
                "7 2026-11-21T18:00:00.500Z 503 upstream_failed",
                "attempt_07",
            ),
            (20, None, "store_failed", "20 2026-11-21T18:00:00.500Z - store_failed", "attempt_00"),
            // A reason that a newer version wrote.
            (39, None, "eclipse", "39 2026-11-21T18:00:00.500Z - eclipse", "attempt_19"),
        ] {
            let tried = Tried { number, at, status, reason: stored(reason) };
            assert_eq!((tried.to_string().as_str(), tried.name().as_str()), (text, name));
            assert_eq!(text.parse(), Ok(tried));
        }
    }

    #[test]
    fn anything_else_tells_of_no_attempt() {
        for text in [
            "",
            "7",
            "7 2026-11-21T18:00:00.500Z",
            "7 2026-11-21T18:00:00.500Z 503",
            "x 2026-11-21T18:00:00.500Z 503 upstream_failed",
            "7 yesterday 503 upstream_failed",
            "7 2026-11-21T18:00:00.500Z 5xx upstream_failed",
        ] {
            assert_eq!(text.parse::<Tried>(), Err(NotTried), "{text}");
        }
    }

    /// At most 1.6 KB for all of them, with the longest reason and a number of two digits; mostly 1.2 KB.
    #[test]
    fn a_record_grows_by_little() {
        let reasons = Reason::all().map(|reason| reason.as_str().len());
        let longest = reasons.max().expect("reasons");
        let text = "27 2026-11-21T18:00:00.500Z 503 ";
        assert!("attempt_07".len() + text.len() + longest <= 80, "{longest}");
    }
}
