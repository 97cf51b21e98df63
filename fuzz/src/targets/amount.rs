//! Amounts: exact, or refused.

use verify::Amount;

/// A number is read as the decimal that its digits say, worked out here once more.
pub fn amount(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let read = Amount::parse(text);
    let Some(expected) = Decimal::parse(text) else {
        assert_eq!(read, None, "{text} is no number");
        return;
    };
    // An exponent may bring digits back that alone would be too many.
    if !text.contains(['e', 'E']) {
        assert_eq!(read.is_some(), expected.is_small() && text.len() <= 64, "{text}");
    }
    let Some(read) = read else { return };
    let shown = read.to_string();
    assert!(Decimal::parse(&shown).is_some_and(|shown| shown.is_small()), "{shown}");
    assert_eq!(Decimal::parse(&shown).map(Decimal::normal), Some(expected.normal()), "{text}");
    assert_eq!(Amount::parse(&shown), Some(read), "{text}");
    assert_eq!(Amount::parse(&read.normalized()), Some(read), "{text}");
    assert!(!shown.contains(['e', 'E', '+']), "{shown}");
    assert_eq!(read.is_negative(), shown.starts_with('-'), "{shown}");
    assert!(!read.is_zero() || !read.is_negative(), "{shown}");
    assert_eq!(read.negated().negated(), read, "{text}");
    if let Some(sum) = read.plus(read.negated()) {
        assert!(sum.is_zero(), "{text}");
    }
}

/// A decimal by its digits: `digits` times ten to the power of `-scale`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    scale: i64,
}

impl Decimal {
    /// Reads what JSON calls a number, with leading zeros allowed.
    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], &text[at + 1..]),
            None => (text, "0"),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(unsigned) || !fraction.is_none_or(digits) {
            return None;
        }
        let fraction = fraction.unwrap_or_default();
        // An exponent that is no number of ours is out of range whatever it says.
        let exponent: i64 = exponent.parse().unwrap_or(i64::MIN / 2);
        let scale = i64::try_from(fraction.len()).ok()? - exponent;
        Some(Self { negative, digits: format!("{whole}{fraction}"), scale })
    }

    /// The one way to write its value.
    fn normal(self) -> Self {
        let digits = self.digits.trim_start_matches('0');
        let short = digits.trim_end_matches('0');
        if short.is_empty() {
            return Self { negative: false, digits: String::new(), scale: 0 };
        }
        let zeros = i64::try_from(digits.len() - short.len()).unwrap_or_default();
        Self { negative: self.negative, digits: short.to_owned(), scale: self.scale - zeros }
    }

    /// Whether it is an amount: 28 digits, none of them further than 28 behind the point.
    fn is_small(&self) -> bool {
        let digits = self.digits.trim_start_matches('0').len();
        let digits = i64::try_from(digits).unwrap_or(i64::MAX);
        (0..=28).contains(&self.scale) && digits <= 28
    }
}
