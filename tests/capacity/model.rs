//! The callbacks table as DynamoDB keeps it: partitions of 1,000 write units a second, of the table and of each index. A
//! write that one partition has no room for is refused as a whole, be it the index's ("Understanding Global Secondary
//! Index (GSI) write throttling and back pressure in DynamoDB",
//! `amazondynamodb/latest/developerguide/gsi-throttling.html`).

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};

use crate::figures::{NEW_TABLE, PARTITION};

/// The table or one of its indexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Table,
    ByDay,
    ByAttention,
    ByDue,
}

/// What a write asks of one of them: so many units of a partition key.
pub(crate) type Asked<'a> = (Part, &'a str, u64);

/// The table, in one second after the other.
pub(crate) struct Table {
    /// Over how many partitions each part is spread.
    partitions: HashMap<Part, u64>,
    /// The units that each partition has taken in this second.
    taken: HashMap<(Part, u64), u64>,
    /// How many writes each part refused.
    pub(crate) refused: HashMap<Part, u64>,
}

impl Table {
    /// One that was never written to.
    pub(crate) fn new() -> Self {
        Self::for_writes(NEW_TABLE)
    }

    /// One that has grown to so many write units a second, with its indexes, or was set to (warm throughput).
    pub(crate) fn for_writes(units: u64) -> Self {
        let parts = [Part::Table, Part::ByDay, Part::ByAttention, Part::ByDue];
        let partitions = parts.map(|part| (part, units / PARTITION)).into();
        Self { partitions, taken: HashMap::new(), refused: HashMap::new() }
    }

    /// Which part refused, where one did. It has cost nothing then.
    pub(crate) fn write(&mut self, asked: &[Asked<'_>]) -> Result<(), Part> {
        let mut places: HashMap<_, u64> = HashMap::new();
        for (part, key, units) in asked {
            *places.entry((*part, self.place(*part, key))).or_default() += units;
        }
        let is_full = |(place, units): &(&(Part, u64), &u64)| {
            self.taken.get(place).copied().unwrap_or_default() + **units > PARTITION
        };
        if let Some(((part, _), _)) = places.iter().find(is_full) {
            let part = *part;
            *self.refused.entry(part).or_default() += 1;
            return Err(part);
        }
        for (place, units) in places {
            *self.taken.entry(place).or_default() += units;
        }
        Ok(())
    }

    /// What the hottest partition of `part` has taken in this second.
    pub(crate) fn hottest(&self, part: Part) -> u64 {
        let of = self.taken.iter().filter(|((of, _), _)| *of == part);
        of.map(|(_, units)| *units).max().unwrap_or_default()
    }

    pub(crate) fn next_second(&mut self) {
        self.taken.clear();
    }

    /// Where DynamoDB puts a partition key: a hash that nobody knows, and that spreads.
    fn place(&self, part: Part, key: &str) -> u64 {
        let digest = Sha256::digest(key.as_bytes());
        let first = digest[..8].try_into().expect("eight bytes");
        u64::from_be_bytes(first) % self.partitions[&part]
    }
}
