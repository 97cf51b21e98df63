//! Times and spans on the command line.

use jiff::{SignedDuration, Timestamp};

/// A span: a whole number and `s`, `m`, `h` or `d`.
///
/// # Errors
///
/// What it should have been.
pub fn span(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text} is no span such as 90s, 15m, 24h or 7d");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i32 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    if number < 0 {
        return Err(wrong());
    }
    Ok(SignedDuration::from_secs(i64::from(number) * seconds))
}

/// A point in time: RFC 3339, or a span ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At that time.
    At(Timestamp),
    /// So long ago.
    Ago(SignedDuration),
}

impl When {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// What it should have been.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Ok(at) = text.parse() {
            return Ok(Self::At(at));
        }
        let wrong = |_| {
            format!("{text} is neither a time such as 2026-11-21T18:00:00Z nor a span such as 24h")
        };
        span(text).map(Self::Ago).map_err(wrong)
    }

    /// The time, in the form of `received_at`.
    #[must_use]
    pub fn as_seen(self, now: Timestamp) -> String {
        tables::callbacks::record::time(match self {
            Self::At(at) => at,
            Self::Ago(span) => now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

/// A span in words, in its largest unit.
#[must_use]
pub fn in_words(span: SignedDuration) -> String {
    match span.as_secs().max(0) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_whole_numbers_with_a_unit() {
        for (text, seconds) in
            [("0s", 0), ("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)]
        {
            assert_eq!(span(text), Ok(SignedDuration::from_secs(seconds)), "{text}");
        }
        for text in ["", "5", "m", "-5m", "1.5h", "5 m", "5w", "5µ", "99999999999d"] {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_is_one_or_so_long_ago() {
        let now: Timestamp = "2026-11-21T18:00:00Z".parse().expect("a time");
        for (text, seen) in [
            ("2026-11-20T00:00:00+01:00", "2026-11-19T23:00:00.000Z"),
            ("24h", "2026-11-20T18:00:00.000Z"),
        ] {
            assert_eq!(When::parse(text).map(|when| when.as_seen(now)), Ok(seen.to_owned()));
        }
        assert!(When::parse("yesterday").is_err());
    }
}
