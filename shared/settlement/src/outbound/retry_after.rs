//! How long a reply asks to wait, in its `Retry-After` (RFC 9110 section 10.2.3).

use std::time::Duration;

use http::header::{HeaderMap, RETRY_AFTER};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// The longest wait that is taken from a reply. It stands on the record, so that nothing bounds it but that a person
/// should hear of what is not settled for days.
pub const LONGEST: Duration = Duration::from_hours(24);

/// The forms of an HTTP date, all three of which a recipient has to read (RFC 9110 section 5.6.7).
const DATES: [&str; 3] =
    ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"];

/// How long to wait from `now` on, at most [`LONGEST`]; `None` where the reply does not say, or says it
/// in no form of the standard.
#[must_use]
pub fn read(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    seconds(text).or_else(|| until(text, now)).map(|wait| wait.min(LONGEST))
}

/// A number of seconds; more than a number can hold is the longest wait.
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

/// A time; one that has passed is no wait.
fn until(text: &str, now: Timestamp) -> Option<Duration> {
    let date = DATES.iter().find_map(|form| DateTime::strptime(form, text).ok())?;
    let at = Offset::UTC.to_timestamp(date).unwrap_or(Timestamp::MAX);
    Some(Duration::try_from(at.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a minute before the time that RFC 9110 writes in its three forms.
    fn wait(text: &str) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, text.parse().expect("a header value"));
        let now = "1994-11-06T08:49:07Z".parse().expect("a time");
        read(&headers, now).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        for (text, seconds) in [
            ("0", 0),
            ("120", 120),
            ("0120", 120),
            ("Sun, 06 Nov 1994 08:49:37 GMT", 30),
            ("Sunday, 06-Nov-94 08:49:37 GMT", 30),
            ("Sun Nov  6 08:49:37 1994", 30),
            ("Sun, 06 Nov 1994 08:49:07 GMT", 0),
            ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ] {
            assert_eq!(wait(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn no_wait_is_longer_than_a_day() {
        for text in [
            "86400",
            "86401",
            "99999999999999999999999999",
            "Mon, 07 Nov 1994 08:49:37 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            assert_eq!(wait(text), Some(86_400), "{text}");
        }
        assert_eq!(wait("86399"), Some(86_399));
    }

    #[test]
    fn other_forms_say_nothing() {
        for text in [
            "",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "120 s",
            "120, 240",
            "soon",
            "1994-11-06T08:49:37Z",
            "06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 +0100",
            "Sun, 31 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(wait(text), None, "{text}");
        }
        assert_eq!(read(&HeaderMap::new(), Timestamp::UNIX_EPOCH), None);
    }
}
