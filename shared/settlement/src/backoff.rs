//! Growing pauses.

use std::time::Duration;

/// The pause after the failed attempt `number` (counted from 1): `base` after the first one, twice as
/// long after each further one, never above `cap`; and of that a part between the half and the whole,
/// which `random` chooses, so that what failed together does not come back together.
#[must_use]
pub fn backoff(number: u32, base: Duration, cap: Duration, random: u64) -> Duration {
    let doublings = number.saturating_sub(1).min(31);
    let whole = base.saturating_mul(1 << doublings).min(cap);
    let half = whole / 2;
    half + fraction(whole.saturating_sub(half), random)
}

/// The part `random` / 2⁶⁴ of `whole`; no whole is longer than 584 years.
fn fraction(whole: Duration, random: u64) -> Duration {
    let nanos = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
    let part = (u128::from(nanos) * u128::from(random)) >> 64;
    Duration::from_nanos(u64::try_from(part).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_secs(2);
    const CAP: Duration = Duration::from_mins(1);

    #[test]
    fn pauses_double_up_to_the_cap() {
        let whole = [2, 4, 8, 16, 32, 60, 60];
        for (number, whole) in (1..).zip(whole) {
            let longest = backoff(number, BASE, CAP, u64::MAX);
            let whole = Duration::from_secs(whole);
            let missing = whole.checked_sub(longest).expect("not above the whole");
            assert!(missing <= Duration::from_nanos(1), "{number}");
            assert_eq!(backoff(number, BASE, CAP, 0), whole / 2, "{number}");
            assert_eq!(backoff(number, BASE, CAP, 1 << 63), whole * 3 / 4, "{number}");
        }
    }

    #[test]
    fn no_number_is_too_large_or_too_small() {
        assert_eq!(backoff(0, BASE, CAP, 0), BASE / 2);
        assert_eq!(backoff(u32::MAX, BASE, CAP, 0), CAP / 2);
        let longest = backoff(u32::MAX, Duration::MAX, Duration::MAX, u64::MAX);
        assert!(longest >= Duration::MAX / 2);
        assert_eq!(backoff(7, Duration::ZERO, CAP, u64::MAX), Duration::ZERO);
        assert_eq!(backoff(7, BASE, Duration::ZERO, u64::MAX), Duration::ZERO);
    }
}
