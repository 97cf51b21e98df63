//! Everything that was measured.

use crate::measure::Measure;
use crate::start::Start;
use crate::stats::Spread;
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
    /// The provider whose callbacks it takes.
    pub provider: &'static str,
    /// The kind of its store.
    pub kind: Kind,
    /// The size of its package, in bytes.
    pub package: u64,
    /// Instructions from start to the first answer.
    pub instructions: Option<u64>,
    /// Its starts, in the order of the rounds.
    pub starts: Vec<Start>,
}

/// The results of all measurements of one run.
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
    /// What the starts tell.
    #[must_use]
    pub fn spread(&self, of: Measure) -> Option<Spread> {
        Spread::of(self.starts.iter().filter_map(of))
    }

    /// What the starts tell, each in proportion to the start of `other` in the same round: what the
    /// machine does from one round to the next falls out.
    #[must_use]
    pub fn ratio(&self, other: &Self, of: Measure) -> Option<Spread> {
        let rounds = self.starts.iter().zip(&other.starts);
        Spread::of(rounds.filter_map(|(own, other)| Some(of(own)? / of(other)?)))
    }

    /// The size of an item, in bytes; `None` where none was put.
    #[must_use]
    pub fn item_size(&self) -> Option<usize> {
        let stored = self.starts.iter().filter(|start| start.requests > 0);
        stored.map(|start| start.item_size).max()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::measure;

    fn row(init: [u64; 3]) -> Row {
        let start = |ms| Start {
            init: Duration::from_millis(ms),
            first_answer: Duration::ZERO,
            answers: Vec::new(),
            warm: Duration::ZERO,
            warm_cpu: Duration::ZERO,
            warm_callbacks: 0,
            peak_kib: 0,
            requests: 0,
            item_size: 0,
        };
        Row {
            name: String::new(),
            role: Role::Function,
            provider: "inbrain",
            kind: Kind::Stub,
            package: 0,
            instructions: None,
            starts: init.map(start).into(),
        }
    }

    #[test]
    fn a_round_is_compared_with_itself() {
        let ratio = row([1, 20, 300]).ratio(&row([2, 40, 100]), measure::init);
        assert_eq!(ratio, Some(Spread { lower: 0.5, median: 0.5, upper: 1.75 }));
        let nothing = Row { starts: Vec::new(), ..row([1, 2, 3]) };
        assert_eq!(row([1, 2, 3]).ratio(&nothing, measure::init), None);
    }
}
