//! DynamoDB's numbers as plain digits.

/// The longest text that is read as a number. DynamoDB writes 38 digits, and the zeros up to where an
/// exponent would put them.
const LONGEST: usize = 256;

/// The value of `number` without an exponent, and without zeros that say nothing: `1E+2` is `100`,
/// `-0.50` is `-0.5`. `None` for what is no number of DynamoDB's, which are below 10¹²⁶ and above 10⁻¹³⁰.
pub(crate) fn plain(number: &str) -> Option<String> {
    if number.len() > LONGEST {
        return None;
    }
    let (sign, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // Where the point stands, counted from the first digit that is not zero.
    let significant = digits.trim_start_matches('0');
    let leading_zeros = i32::try_from(digits.len() - significant.len()).ok()?;
    let point =
        i32::try_from(whole.len()).ok()?.checked_add(exponent)?.checked_sub(leading_zeros)?;
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return Some("0".to_owned());
    }
    if !(-130..=126).contains(&point) {
        return None;
    }
    let places = usize::try_from(point.unsigned_abs()).ok()?;
    Some(if point <= 0 {
        format!("{sign}0.{}{significant}", "0".repeat(places))
    } else if places >= significant.len() {
        format!("{sign}{significant}{}", "0".repeat(places - significant.len()))
    } else {
        let (whole, fraction) = significant.split_at(places);
        format!("{sign}{whole}.{fraction}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_a_number_is_one_text() {
        for (number, text) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.000", "0"),
            ("0E+10", "0"),
            ("0E-200", "0"),
            ("1", "1"),
            ("+1", "1"),
            ("-1", "-1"),
            ("100", "100"),
            ("007", "7"),
            ("1E+2", "100"),
            ("1e2", "100"),
            ("-1.5E+1", "-15"),
            ("1.50", "1.5"),
            ("-0.50", "-0.5"),
            (".5", "0.5"),
            ("5.", "5"),
            ("25E-3", "0.025"),
            ("0.025E+3", "25"),
            ("0.0025E+3", "2.5"),
            ("12.5", "12.5"),
            ("1E-28", "0.0000000000000000000000000001"),
            ("99999999999999999999999999999999999999", "99999999999999999999999999999999999999"),
            (
                "9.9999999999999999999999999999999999999E+37",
                "99999999999999999999999999999999999999",
            ),
            (
                "0.12345678901234567890123456789012345678",
                "0.12345678901234567890123456789012345678",
            ),
        ] {
            assert_eq!(plain(number).as_deref(), Some(text), "{number}");
        }
        assert_eq!(plain("1E+125").expect("in range").len(), 126);
        assert_eq!(plain("1E-130").expect("in range").len(), 132);
    }

    #[test]
    fn no_number_is_too_long_to_be_refused() {
        for (before, repeated) in [("", "0"), ("", "9"), ("0.", "0"), ("1E", "0"), ("1E", "9")] {
            assert_eq!(plain(&format!("{before}{}", repeated.repeat(60_000))), None);
        }
    }

    #[test]
    fn nothing_else_is_a_number() {
        for number in [
            "",
            "-",
            ".",
            "E5",
            "1E",
            "1E+",
            "1,5",
            "1.2.3",
            "--1",
            "NaN",
            "Infinity",
            " 1",
            "1 ",
            "1E+126",
            "1E-132",
            "1E99999999999",
            "1E2147483647",
            "0x10",
            "\u{661}",
        ] {
            assert_eq!(plain(number), None, "{number}");
        }
        assert_eq!(plain(&format!("{}1", "0".repeat(255))).as_deref(), Some("1"));
        assert_eq!(plain(&format!("{}1", "0".repeat(256))), None);
        assert_eq!(plain(&"9".repeat(60_000)), None);
    }
}
