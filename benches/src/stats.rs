//! Medians and spreads.

use std::time::Duration;

/// A median with the quartiles around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// A quarter of the values is below it.
    pub lower: f64,
    /// Half of the values is below it.
    pub median: f64,
    /// A quarter of the values is above it.
    pub upper: f64,
}

impl Spread {
    /// The spread of `values`; `None` without any.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Some(Self {
            lower: quantile(&values, 25)?,
            median: quantile(&values, 50)?,
            upper: quantile(&values, 75)?,
        })
    }
}

/// The value below which `percent` of the `sorted` values are, between neighbours in proportion.
#[must_use]
pub fn quantile(sorted: &[f64], percent: usize) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let (below, rest) = (last * percent / 100, last * percent % 100);
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    let share = f64::from(u8::try_from(rest).ok()?) / 100.0;
    Some(low + (high - low) * share)
}

/// Milliseconds.
#[must_use]
pub fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// As a floating point number; what is counted here is far below 2^53.
#[must_use]
pub fn wide(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let wide = number as f64;
    wide
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_between_neighbours() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(quantile(&values, 0), Some(1.0));
        assert_eq!(quantile(&values, 50), Some(3.0));
        assert_eq!(quantile(&values, 99), Some(4.96));
        assert_eq!(quantile(&values, 100), Some(5.0));
        assert_eq!(quantile(&[7.0], 99), Some(7.0));
        assert_eq!(quantile(&[], 50), None);
    }

    #[test]
    fn a_spread_needs_no_order() {
        let spread = Spread::of([5.0, 1.0, 4.0, 2.0, 3.0]);
        assert_eq!(spread, Some(Spread { lower: 2.0, median: 3.0, upper: 4.0 }));
    }
}
