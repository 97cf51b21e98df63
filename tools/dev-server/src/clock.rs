//! The time that the settling functions are told: as many times faster as waits are shortened.
//!
//! A pause of more than a minute stands on its record as a time, and so does for how long a record is leased. Where a
//! machine is told to wait a hundredth of what AWS would, that time has to come a hundred times sooner.

use std::sync::OnceLock;

use jiff::{SignedDuration, Timestamp};

/// When the time began to go faster, and by how much.
static FASTER: OnceLock<(Timestamp, u32)> = OnceLock::new();

/// Has the time go `scale` times faster from now on. Only the first call counts.
pub fn start(scale: u32) {
    FASTER.get_or_init(|| (Timestamp::now(), scale));
}

/// The present.
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    FASTER.get().map_or(now, |(since, scale)| faster(now, *since, *scale))
}

fn faster(now: Timestamp, since: Timestamp, scale: u32) -> Timestamp {
    let passed = now.duration_since(since);
    let more = i32::try_from(scale.saturating_sub(1)).unwrap_or(i32::MAX);
    let ahead = passed.checked_mul(more).unwrap_or(SignedDuration::ZERO);
    now.checked_add(ahead).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_goes_faster_from_its_start_on() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let since = at("2026-11-21T18:00:00Z");
        for (now, scale, told) in [
            ("2026-11-21T18:00:00Z", 100, "2026-11-21T18:00:00Z"),
            ("2026-11-21T18:00:36Z", 100, "2026-11-21T19:00:00Z"),
            ("2026-11-21T18:00:36Z", 1, "2026-11-21T18:00:36Z"),
        ] {
            assert_eq!(faster(at(now), since, scale), at(told), "{now} {scale}");
        }
    }
}
