//! Exact decimal amounts.

use std::fmt;

use rust_decimal::Decimal;

/// How many significant digits an amount can have.
const DIGITS: u32 = 28;

/// The longest text that is read, in bytes: room for the digits on both sides of the point, some zeros
/// that say nothing, and an exponent. `Decimal` takes a step of its stack for each digit.
const LONGEST: usize = 64;

/// An exact decimal, from the digits on the wire; never a float on the way.
///
/// At most 28 significant digits, of which at most 28 after the point: what a DynamoDB number (38
/// digits) can hold with room for sums. Keeps its trailing zeros (`1.50` stays `1.50`); two amounts
/// are equal when their values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(Decimal);

impl Amount {
    /// Reads digits with an optional sign, point and exponent, as in a JSON number (RFC 8259 section
    /// 6) but with leading zeros allowed; `None` for anything else, out of range, or longer than 64
    /// bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let digits = mantissa.strip_prefix('-').unwrap_or(mantissa);
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (digits, ""),
        };
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let decimal = Decimal::from_str_exact(mantissa).ok()?;
        Self::bounded(shift(decimal, exponent)?)
    }

    /// `decimal` without a sign before zero, unless it has more digits than an amount can have.
    fn bounded(decimal: Decimal) -> Option<Self> {
        // `Decimal` itself holds some numbers of 29 digits and others not.
        let fits = decimal.mantissa().unsigned_abs() < 10_u128.pow(DIGITS);
        fits.then(|| Self(without_negative_zero(decimal)))
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0.is_sign_negative()
    }

    /// The same amount with the other sign.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(without_negative_zero(-self.0))
    }

    /// The exact sum, or `None` when it has more digits than an amount can have.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        // Where the digits do not fit, `Decimal` would round.
        let scale = self.0.scale().max(other.0.scale());
        let scaled = |decimal: Decimal| {
            let power = 10_i128.checked_pow(scale - decimal.scale())?;
            decimal.mantissa().checked_mul(power)
        };
        let sum = scaled(self.0)?.checked_add(scaled(other.0)?)?;
        Self::bounded(Decimal::try_from_i128_with_scale(sum, scale).ok()?)
    }

    /// The one text of its value, without trailing zeros: for comparing, not for keeping.
    #[must_use]
    pub fn normalized(self) -> String {
        self.0.normalize().to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `decimal` times ten to the power of `exponent`, exactly.
fn shift(decimal: Decimal, exponent: i32) -> Option<Decimal> {
    let scale = i64::from(decimal.scale()) - i64::from(exponent);
    if scale >= 0 {
        return Decimal::try_from_i128_with_scale(decimal.mantissa(), u32::try_from(scale).ok()?)
            .ok();
    }
    let power = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
    Decimal::try_from_i128_with_scale(decimal.mantissa().checked_mul(power)?, 0).ok()
}

fn without_negative_zero(decimal: Decimal) -> Decimal {
    if decimal.is_zero() { decimal.abs() } else { decimal }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_survive() {
        for text in [
            "0",
            "1",
            "1.00",
            "0.02",
            "99.99",
            "100",
            "0.1",
            "-5",
            "-0.50",
            "123456789012345678.90",
            "9999999999999999999999999999",
            "0.0000000000000000000000000001",
        ] {
            assert_eq!(Amount::parse(text).expect(text).to_string(), text);
        }
    }

    #[test]
    fn exponents_are_exact() {
        for (text, plain) in [
            ("1e2", "100"),
            ("1E+2", "100"),
            ("1.5e1", "15"),
            ("1.50e1", "15.0"),
            ("25e-3", "0.025"),
            ("1e-28", "0.0000000000000000000000000001"),
            ("0e5", "0"),
            ("-1e1", "-10"),
        ] {
            assert_eq!(Amount::parse(text).expect(text).to_string(), plain, "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            " ",
            "-",
            "+1",
            "1.",
            ".5",
            "1,000",
            "1_000",
            "0x10",
            "NaN",
            "Infinity",
            "1e",
            "e1",
            "1e1.5",
            "--1",
            "1.2.3",
            " 1",
            "1 ",
            "\u{661}",
            "1e29",
            "1e-29",
            "1e999999999",
            "1e99999999999",
            "10000000000000000000000000000",
            "1000000000000000000000000000.0",
            "79228162514264337593543950335",
            "79228162514264337593543950336",
            "0.00000000000000000000000000001",
        ] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
    }

    #[test]
    fn no_text_is_too_long_to_be_refused() {
        for (before, repeated, behind) in [
            ("", "0", ""),
            ("-", "0", "1"),
            ("0.", "0", ""),
            ("1.", "0", ""),
            ("", "9", ""),
            ("0e", "0", ""),
            ("1e-", "0", "1"),
            ("1e", "9", ""),
            ("", "0", ".5"),
        ] {
            let text = format!("{before}{}{behind}", repeated.repeat(60_000));
            assert_eq!(Amount::parse(&text), None, "{before}{repeated}…{behind}");
        }
        let longest = format!("{}1.50", "0".repeat(60));
        assert_eq!(Amount::parse(&longest).expect("64 bytes").to_string(), "1.50");
        assert_eq!(Amount::parse(&format!("0{longest}")), None);
    }

    #[test]
    fn equal_values_are_equal() {
        let amount = |text| Amount::parse(text).expect(text);
        assert_eq!(amount("1.0"), amount("1"));
        assert_eq!(amount("1.0").normalized(), amount("1.00").normalized());
        assert_eq!(amount("-0").normalized(), "0");
        assert!(!amount("-0.0").is_negative());
        assert!(amount("-0.01").is_negative());
    }

    #[test]
    fn the_other_sign_is_that_of_the_same_number() {
        for (amount, other) in [("1.50", "-1.50"), ("-7", "7"), ("0", "0"), ("0.00", "0.00")] {
            let amount = Amount::parse(amount).expect("an amount");
            assert_eq!(amount.negated().to_string(), other);
        }
    }

    #[test]
    fn sums_are_exact_or_none() {
        let amount = |text| Amount::parse(text).expect(text);
        assert_eq!(amount("0.1").plus(amount("0.2")), Some(amount("0.3")));
        assert_eq!(amount("1.50").plus(amount("-1.5")).expect("exact").to_string(), "0.00");
        assert_eq!(amount("1000000000000000000.25").plus(amount("0.0000000000001")), None);
        assert_eq!(amount("9999999999999999999999999999").plus(amount("1")), None);
    }
}
