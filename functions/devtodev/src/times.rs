//! Times: `2019-01-02 18:01:23`, which is read as UTC, or RFC 3339.

use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use verify::{Field, Refusal};

/// Reads the time that `field` is.
///
/// The form is checked digit by digit, because a lenient reader would also take a leap second for the
/// second before it, and forms that the tracker's and the provider's readers may not agree on.
///
/// # Errors
///
/// [`Refusal::Malformed`] for another form, and for what no calendar or clock shows.
pub(crate) fn read(field: &Field<'_>) -> Result<Timestamp, Refusal> {
    let expected = "a time, YYYY-MM-DD HH:MM:SS in UTC or as in RFC 3339";
    field.as_text().and_then(parse).ok_or_else(|| field.refuse(expected))
}

/// Writes a time as the provider's page does, in UTC; a begun second counts as not begun.
pub(crate) fn write(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn parse(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_at_checked(10)?;
    let (separator, rest) = rest.split_at_checked(1)?;
    let (clock, rest) = rest.split_at_checked(8)?;
    if !" Tt".contains(separator) {
        return None;
    }
    let (nanosecond, zone) = match rest.strip_prefix('.') {
        Some(rest) => fraction(rest)?,
        None => (0, rest),
    };
    let offset = match (separator, rest) {
        (" ", "") => Offset::UTC,
        _ => offset(zone)?,
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let date = Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let [hour, minute, second] = [hour, minute, second].map(i8::try_from);
    let time = Time::new(hour.ok()?, minute.ok()?, second.ok()?, nanosecond).ok()?;
    offset.to_timestamp(DateTime::from_parts(date, time)).ok()
}

/// The digits after the point, as nanoseconds, and what follows them; finer ones are passed over.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    let nanoseconds = digits.chars().chain("000000000".chars()).take(9).collect::<String>();
    Some((nanoseconds.parse().ok()?, rest))
}

/// `Z`, or hours and minutes east or west of UTC.
fn offset(zone: &str) -> Option<Offset> {
    if zone.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, clock) = zone.split_at_checked(1)?;
    let [hours, minutes] = numbers(clock, ':', [2, 2])?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (i32::from(hours) * 60 + i32::from(minutes)) * 60;
    match sign {
        "+" => Offset::from_seconds(seconds).ok(),
        "-" => Offset::from_seconds(-seconds).ok(),
        _ => None,
    }
}

/// Numbers of so many digits each, with `separator` between them.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[i16; N]> {
    let parts: Vec<&str> = text.split(separator).collect();
    let fits = parts.len() == N
        && parts.iter().zip(digits).all(|(part, digits)| part.len() == digits)
        && parts.iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let numbers: Vec<i16> = parts.into_iter().map(i16::from_str).collect::<Result<_, _>>().ok()?;
    numbers.try_into().ok().filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds since 1970, by `date -u -d … +%s`.
    const SEEDED: i64 = 1_546_452_083;

    fn second(text: &str) -> i64 {
        parse(text).expect(text).as_second()
    }

    #[test]
    fn one_moment_has_several_forms() {
        for text in [
            "2019-01-02 18:01:23",
            "2019-01-02T18:01:23Z",
            "2019-01-02t18:01:23z",
            "2019-01-02 18:01:23Z",
            "2019-01-02T18:01:23+00:00",
            "2019-01-02T18:01:23-00:00",
            "2019-01-02T21:01:23+03:00",
            "2019-01-03T02:31:23+08:30",
            "2019-01-01T18:02:23-23:59",
            "2019-01-02T18:01:23.9Z",
            "2019-01-02T18:01:23.123456789Z",
            "2019-01-02T18:01:23.1234567891234Z",
        ] {
            assert_eq!(second(text), SEEDED, "{text}");
        }
        let moment = parse("2019-01-02T18:01:23.045Z").expect("a time");
        assert_eq!(moment.as_millisecond(), SEEDED * 1000 + 45);
    }

    #[test]
    fn one_form_is_written() {
        for (text, written) in [
            ("2019-01-02 18:01:23", "2019-01-02 18:01:23"),
            ("2019-01-02T21:01:23+03:00", "2019-01-02 18:01:23"),
            ("2019-01-02T18:01:23.999999999Z", "2019-01-02 18:01:23"),
            ("2018-12-31T23:30:00.5-01:00", "2019-01-01 00:30:00"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31 23:59:59"),
        ] {
            assert_eq!(write(parse(text).expect(text)), written, "{text}");
        }
    }

    #[test]
    fn the_calendar_is_kept() {
        for (text, seconds) in [
            ("1970-01-01 00:00:00", 0),
            ("1969-12-31 23:59:59", -1),
            ("2024-02-29 00:00:00", 1_709_164_800),
            ("2000-02-29 23:59:59", 951_868_799),
        ] {
            assert_eq!(second(text), seconds, "{text}");
        }
        for text in [
            "2023-02-29 00:00:00",
            "1900-02-29 00:00:00",
            "2023-04-31 00:00:00",
            "2023-00-01 00:00:00",
            "2023-13-01 00:00:00",
            "2023-01-00 00:00:00",
            "2023-01-32 00:00:00",
            "2023-01-01 24:00:00",
            "2023-01-01 23:60:00",
            "2016-12-31 23:59:60",
            "2016-12-31T23:59:60Z",
            "2023-01-01T00:00:00+24:00",
            "2023-01-01T00:00:00+01:60",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            " ",
            "2019-01-02",
            "2019-01-02 18:01",
            "2019-01-02T18:01:23",
            "2019-01-02  18:01:23",
            "2019-01-02_18:01:23",
            "2019-01-02 18:01:23 ",
            " 2019-01-02 18:01:23",
            "2019-01-02 18:01:23.5",
            "2019-01-02T18:01:23.Z",
            "2019-01-02T18:01:23,5Z",
            "2019-01-02T18:01:23+03",
            "2019-01-02T18:01:23+0300",
            "2019-01-02T18:01:23 03:00",
            "2019-01-02T18:01:23+3:00",
            "2019-01-02T18:01:23+03:00:00",
            "2019-01-02T18:01:23Z[UTC]",
            "2019-01-02T18:01:23ZZ",
            "19-01-02 18:01:23",
            "02019-01-02 18:01:23",
            "+2019-01-02 18:01:23",
            "-019-01-02 18:01:23",
            "2019-1-02 18:01:23",
            "2019-+1-02 18:01:23",
            "2019/01/02 18:01:23",
            "02.01.2019 18:01:23",
            "20190102T180123Z",
            "2019-01-02 6:01:23 PM",
            "2019-01-02 18.01.23",
            "2019-01-02 -8:01:23",
            "1546452083",
            "２019-01-02 18:01:23",
            "2019-01-02é18:01:23",
            "2019-01-0é 18:01:23",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
