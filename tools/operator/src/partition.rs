//! The partitions of the indexes that hold the records that are looked for.
//!
//! | index | a partition | which records |
//! | --- | --- | --- |
//! | `by_day` | a provider's of one day, in one shard | all |
//! | `by_attention` | those that stand at one place, in one shard | those that a person has to look at |
//! | `by_due` | one shard, of all settlers or of one | those that the schedule looks at: retries of the first minute are not among them |

use jiff::{SignedDuration, Timestamp};
use tables::callbacks::{Shards, Standing, State, keys};

/// How far back is looked where nobody says since when.
pub const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A partition of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The index.
    pub index: &'static str,
    /// Its partition key.
    pub key: &'static str,
    /// Its sort key.
    pub sort_key: &'static str,
    /// The partition's value of it.
    pub value: String,
}

/// Where records that stand at `standings` are found: in partitions that are known beforehand; none where every day
/// has its own.
#[must_use]
pub fn of_standings<'a>(
    standings: &[Standing],
    shards: Shards,
    settlers: impl Iterator<Item = &'a str>,
) -> Option<Vec<Partition>> {
    if standings.is_empty() {
        return None;
    }
    let attention: Option<Vec<_>> = standings.iter().map(|standing| standing.attention()).collect();
    if let Some(attention) = attention {
        let of = |standing| {
            let value = move |shard| keys::attention(standing, shard);
            shards.wide().all().map(move |shard| Partition {
                index: "by_attention",
                key: "attention",
                sort_key: "received_at",
                value: value(shard),
            })
        };
        return Some(attention.into_iter().flat_map(of).collect());
    }
    let is_due =
        |standing: &Standing| matches!(standing, Standing::In(State::Retrying | State::Waiting));
    standings.iter().all(is_due).then(|| due(shards, settlers))
}

/// All that the schedule looks at: what is due, and what is parked for one of `settlers`.
fn due<'a>(shards: Shards, settlers: impl Iterator<Item = &'a str>) -> Vec<Partition> {
    let shards = || shards.wide().all();
    let parked = settlers.flat_map(|settler| shards().map(|shard| keys::parked(settler, shard)));
    let of = |value| Partition { index: "by_due", key: "due", sort_key: "due_at", value };
    shards().map(keys::due).chain(parked).map(of).collect()
}

/// The records of `providers` that were received on `day`.
#[must_use]
pub fn of_day(providers: &[&str], day: &str, shards: Shards) -> Vec<Partition> {
    let of = |provider| {
        shards.all().map(move |shard| Partition {
            index: "by_day",
            key: "day",
            sort_key: "received_at",
            value: keys::day(provider, day, shard),
        })
    };
    providers.iter().flat_map(|provider| of(*provider)).collect()
}

/// The days from `until` back to `since`, such as `2026-11-21`, the newest first.
#[must_use]
pub fn days(since: Timestamp, until: Timestamp) -> Vec<String> {
    let mut days = keys::days(since, until);
    days.reverse();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_back_from_one_end_to_the_other() {
        let at = |text: &str| text.parse::<Timestamp>().expect("a time");
        let days = |since, until| super::days(at(since), at(until));
        assert_eq!(
            days("2026-12-30T23:59:59Z", "2027-01-01T00:00:00Z"),
            ["2027-01-01", "2026-12-31", "2026-12-30"]
        );
        assert!(days("2026-12-30T00:00:00Z", "2026-12-29T23:59:59Z").is_empty());
    }

    #[test]
    fn what_needs_a_person_or_is_due_is_not_looked_for_among_all() {
        let shards = Shards::new(2).expect("in range");
        let values = |standings: &[Standing]| -> Option<Vec<String>> {
            let partitions = of_standings(standings, shards, ["ledger", "x"].into_iter())?;
            Some(partitions.into_iter().map(|it| format!("{} {}", it.index, it.value)).collect())
        };
        let of_attention = |value: &str| format!("by_attention {value}");
        let is = |state| Standing::In(state);
        let held: Vec<String> = values(&[is(State::Held), Standing::Accepted]).expect("partitions");
        let ends = [&held[0], &held[31], &held[32], &held[63]];
        assert_eq!(
            ends,
            ["held#0", "held#31", "accepted#0", "accepted#31"].map(of_attention).each_ref()
        );
        assert_eq!(held.len(), 64);
        let due = values(&[is(State::Retrying)]).expect("partitions");
        assert_eq!((due.len(), due[31].as_str()), (96, "by_due 31"));
        assert_eq!([&due[32], &due[95]], ["by_due ledger#0", "by_due x#31"]);
        for standings in [&[][..], &[is(State::Credited)], &[is(State::Held), is(State::Waiting)]] {
            assert_eq!(values(standings), None, "{standings:?}");
        }
    }
}
