//! Everything that was measured.

use crate::start::Start;
use crate::stats::{Spread, ms, quantile};
use crate::store::Kind;
use crate::subject::Role;
use crate::verification::Verification;

/// One subject in front of one store.
#[derive(Debug, Clone)]
pub struct Row {
    /// The subject's name.
    pub name: String,
    /// What the subject is for.
    pub role: Role,
    /// Its store.
    pub kind: Kind,
    /// The size of its package, in bytes.
    pub package: u64,
    /// Instructions from start to the first answer.
    pub instructions: Option<u64>,
    /// Its starts.
    pub starts: Vec<Start>,
}

/// Everything.
#[derive(Debug, Clone)]
pub struct Results {
    /// What ran where.
    pub rows: Vec<Row>,
    /// The settling functions, and the sizes of their packages in bytes.
    pub settlers: Vec<(&'static str, u64)>,
    /// Verification against the bare hash.
    pub verification: Vec<Verification>,
    /// The machine, in words.
    pub machine: String,
}

impl Results {
    /// The row of `name` in front of `kind`.
    #[must_use]
    pub fn row(&self, name: &str, kind: Kind) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name && row.kind == kind)
    }
}

impl Row {
    /// Process start to the first request for an event, in milliseconds.
    #[must_use]
    pub fn init(&self) -> Option<Spread> {
        self.spread(|start| ms(start.init))
    }

    /// Process start to the first answer, in milliseconds.
    #[must_use]
    pub fn first_answer(&self) -> Option<Spread> {
        self.spread(|start| ms(start.first_answer))
    }

    /// The callback with this number, from 1, in milliseconds.
    #[must_use]
    pub fn nth(&self, number: usize) -> Option<Spread> {
        let nth = |start: &Start| start.answers.get(number - 1).copied();
        Spread::of(self.starts.iter().filter_map(nth).map(ms))
    }

    /// A quantile of the warm answers per start, in milliseconds.
    #[must_use]
    pub fn warm(&self, percent: usize) -> Option<Spread> {
        Spread::of(self.starts.iter().filter_map(|start| {
            let skipped = start.answers.len() - start.warm_callbacks;
            let mut warm: Vec<_> = start.answers.iter().skip(skipped).copied().map(ms).collect();
            warm.sort_by(f64::total_cmp);
            quantile(&warm, percent)
        }))
    }

    /// Warm callbacks per second, one after another.
    #[must_use]
    pub fn per_second(&self) -> Option<Spread> {
        self.spread(|start| count(start.warm_callbacks) / start.warm.as_secs_f64())
    }

    /// Largest resident size, in MiB.
    #[must_use]
    pub fn peak_mib(&self) -> Option<Spread> {
        self.spread(|start| wide(start.peak_kib) / 1024.0)
    }

    /// DynamoDB requests per callback.
    #[must_use]
    pub fn requests(&self) -> Option<Spread> {
        self.spread(|start| wide(start.requests) / count(start.answers.len()))
    }

    /// The size of an item, in bytes; `None` where none was put.
    #[must_use]
    pub fn item_size(&self) -> Option<usize> {
        let stored = self.starts.iter().filter(|start| start.requests > 0);
        stored.map(|start| start.item_size).max()
    }

    fn spread(&self, of: impl Fn(&Start) -> f64) -> Option<Spread> {
        Spread::of(self.starts.iter().map(of))
    }
}

fn count(number: usize) -> f64 {
    wide(number as u64)
}

/// As a floating point number; what is counted here is far below 2^53.
#[must_use]
pub fn wide(number: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let wide = number as f64;
    wide
}
