//! The partition keys of the indexes, each spread over shards.
//!
//! A partition takes 1,000 write units a second, and an index that is throttled throttles its table ("Best
//! practices for designing and using partition keys effectively" and "GSI throttling" in the `DynamoDB` developer
//! guide). So what many records share, a provider, a day, a state, is no key by itself.

use std::num::NonZeroU16;

use jiff::Timestamp;
use jiff::tz::Offset;
use settings::{ConfigError, Settings};

/// Over how many partitions the records of one provider and day are spread, and those that wait for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards(NonZeroU16);

/// How many there are at most.
const MOST: u16 = 2048;

/// Over how many the indexes `by_due` and `by_attention` are spread at least. What is due, or needs a person, comes in
/// floods: a limit that is set wrongly holds all that all providers send, 2,200 a second by the template's defaults; after a third party was down for a
/// day, or a stream was not read, thousands of records a second are moved in it, of up to three write units each. To
/// look at all shards is thirty-two queries a minute, and as many for each settler.
const FEWEST: NonZeroU16 = NonZeroU16::new(32).unwrap();

impl Shards {
    /// All in one.
    pub const ONE: Self = Self(NonZeroU16::MIN);

    /// So many, from 1 to 2,048.
    #[must_use]
    pub fn new(count: u16) -> Option<Self> {
        NonZeroU16::new(count).filter(|count| count.get() <= MOST).map(Self)
    }

    /// Takes the setting `INDEX_SHARDS`; one where it is absent. It may become more at any time; what is in the
    /// last shards is not found once it is less.
    pub fn configure(settings: &Settings) -> Result<Self, ConfigError> {
        let count = |text: &str| text.parse().ok().and_then(Self::new);
        let shards = settings.parsed("INDEX_SHARDS", "a whole number from 1 to 2048", count)?;
        Ok(shards.unwrap_or(Self::ONE))
    }

    /// Those of the indexes `by_due` and `by_attention`.
    #[must_use]
    pub fn wide(self) -> Self {
        Self(self.0.max(FEWEST))
    }

    /// The shard of the record `id`: the same one wherever and whenever it is asked for.
    #[must_use]
    pub fn of(self, id: &str) -> u16 {
        // The remainder is below a u16.
        u16::try_from(fnv1a(id) % u64::from(self.0.get())).unwrap_or_default()
    }

    /// All of them.
    pub fn all(self) -> impl Iterator<Item = u16> + Clone {
        0..self.0.get()
    }

    /// How many there are.
    #[must_use]
    pub const fn count(self) -> u16 {
        self.0.get()
    }
}

/// The key in the index `by_day` of `provider`'s records that were received on `day`, such as `2026-11-21`.
#[must_use]
pub fn day(provider: &str, day: &str, shard: u16) -> String {
    format!("{provider}#{day}#{shard}")
}

/// The days of UTC from that of `since` to that of `until`, such as `2026-11-21`, the oldest first.
#[must_use]
pub fn days(since: Timestamp, until: Timestamp) -> Vec<String> {
    let date = |at: Timestamp| Offset::UTC.to_datetime(at).date();
    let (first, last) = (date(since), date(until));
    let all = first.series(jiff::Span::new().days(1)).take_while(|day| *day <= last);
    all.map(|day| day.to_string()).collect()
}

/// The key in the index `by_attention` of what stands at `attention`, of a shard of [`Shards::wide`].
#[must_use]
pub fn attention(attention: &str, shard: u16) -> String {
    format!("{attention}#{shard}")
}

/// The key in the index `by_due`, of a shard of [`Shards::wide`].
#[must_use]
pub fn due(shard: u16) -> String {
    shard.to_string()
}

/// The key in the index `by_due` of what waits until `settler` takes it, of a shard of [`Shards::wide`]: apart from
/// what is due at a time, so that it is not gone through to find that. The schedule looks there for the settlers that
/// have a queue: one that is taken away leaves what is parked for it unfound.
#[must_use]
pub fn parked(settler: &str, shard: u16) -> String {
    format!("{settler}#{shard}")
}

/// FNV-1a, 64 bits (RFC 9923): cheap, and spreads ids that differ in their last digits alone.
fn fnv1a(text: &str) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    text.bytes().fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // Test vectors of the FNV specification.
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn ids_that_count_up_are_spread_evenly() {
        let shards = Shards::new(256).expect("in range");
        let mut counts = vec![0_u32; 256];
        for number in 0..256_000 {
            counts[usize::from(shards.of(&format!("inbrain#reward#{number}")))] += 1;
        }
        // Of 1,000 each; five standard deviations of an even spread are 158.
        assert!(counts.iter().all(|count| (842..=1158).contains(count)), "{counts:?}");
    }

    #[test]
    fn days_are_those_of_both_ends_and_in_between() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let days = |since, until| super::days(at(since), at(until));
        assert_eq!(days("2026-11-21T00:00:00Z", "2026-11-21T23:59:59Z"), ["2026-11-21"]);
        assert_eq!(
            days("2026-12-30T23:59:59Z", "2027-01-01T00:00:00Z"),
            ["2026-12-30", "2026-12-31", "2027-01-01"]
        );
        assert!(days("2026-12-30T00:00:00Z", "2026-12-29T23:59:59Z").is_empty());
    }

    #[test]
    fn shards_are_counted_from_zero_and_bounded() {
        assert_eq!(Shards::new(0), None);
        assert_eq!(Shards::new(2049), None);
        let shards = Shards::new(3).expect("in range");
        assert_eq!(shards.all().collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(Shards::ONE.of("anything"), 0);
        let due = |count| Shards::new(count).expect("in range").wide().count();
        assert_eq!([1, 31, 32, 33, 2048].map(due), [32, 32, 32, 33, 2048]);
        let configured = |text: &str| {
            let settings: Settings = [("INDEX_SHARDS", text)].into_iter().collect();
            Shards::configure(&settings).map(Shards::count).map_err(|error| error.variable)
        };
        assert_eq!(configured("16"), Ok(16));
        for wrong in ["0", "2049", "-1", "one"] {
            assert_eq!(configured(wrong), Err("INDEX_SHARDS"), "{wrong}");
        }
    }
}
