//! What is wanted, and whether it is met.

use crate::measure::{self, Measure};
use crate::results::{Results, Row};
use crate::stats::wide;
use crate::store::Kind;
use crate::subject::{JITTER_FREE, PLAIN, Role, Subject};

/// The function that the one of contracts is held against.
const INBRAIN: &str = "inbrain";

/// The largest package of a function that receives, in bytes.
const LARGEST_RECEIVER: f64 = 3.0e6;

/// The same of one that settles, for whose start nobody waits.
const LARGEST_SETTLER: f64 = 3.5e6;

/// Something that is wanted of every function.
#[derive(Debug, Clone)]
pub struct Target {
    /// What is measured, as the report names it.
    pub what: &'static str,
    /// How much at most.
    pub at_most: f64,
    /// What was measured, of the function that is furthest from it.
    pub measured: f64,
    /// Which function that is.
    pub worst: String,
}

impl Target {
    /// Whether it is met.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.measured <= self.at_most
    }
}

/// What a function is compared with.
#[derive(Debug, Clone, Copy)]
pub enum Reference {
    /// The tuned floor, with the same provider's callbacks and items.
    Tuned,
    /// The subject of this name.
    Subject(&'static str),
}

impl Reference {
    /// Its row beside `row`.
    #[must_use]
    pub fn of<'a>(self, results: &'a Results, row: &Row) -> Option<&'a Row> {
        match self {
            Self::Tuned => results.row(&Subject::tuned(row.provider), row.kind),
            Self::Subject(name) => results.row(name, row.kind),
        }
    }
}

/// A ratio: what, at most, in front of which store, to what, of what.
type Ratio = (&'static str, f64, Kind, Reference, Measure);

/// Of every function.
const RATIOS: [Ratio; 12] = [
    (
        "start to first answer over HTTP / tuned floor",
        0.6,
        Kind::Stub,
        Reference::Tuned,
        measure::first_answer,
    ),
    (
        "start to first answer over TLS / tuned floor",
        0.8,
        Kind::StubOverTls,
        Reference::Tuned,
        measure::first_answer,
    ),
    ("warm answer, p50 / tuned floor", 1.05, Kind::Stub, Reference::Tuned, measure::warm_p50),
    ("CPU of a warm callback / tuned floor", 1.05, Kind::Stub, Reference::Tuned, measure::warm_cpu),
    (
        "CPU of a warm callback over TLS / tuned floor",
        1.05,
        Kind::StubOverTls,
        Reference::Tuned,
        measure::warm_cpu,
    ),
    ("peak memory / tuned floor", 1.0, Kind::Stub, Reference::Tuned, measure::peak_mib),
    (
        "start to first answer over HTTP / plain Rust function",
        0.6,
        Kind::Stub,
        Reference::Subject(PLAIN),
        measure::first_answer,
    ),
    (
        "start to first answer over TLS / plain Rust function without jitter entropy",
        0.8,
        Kind::StubOverTls,
        Reference::Subject(JITTER_FREE),
        measure::first_answer,
    ),
    (
        "warm answer, p50 / plain Rust function",
        1.15,
        Kind::Stub,
        Reference::Subject(PLAIN),
        measure::warm_p50,
    ),
    (
        "warm answer, p99 / plain Rust function",
        1.15,
        Kind::Stub,
        Reference::Subject(PLAIN),
        measure::warm_p99,
    ),
    (
        "peak memory / plain Rust function",
        1.2,
        Kind::Stub,
        Reference::Subject(PLAIN),
        measure::peak_mib,
    ),
    (
        "peak memory over TLS / plain Rust function without jitter entropy",
        1.2,
        Kind::StubOverTls,
        Reference::Subject(JITTER_FREE),
        measure::peak_mib,
    ),
];

/// Of the function of contracts.
const BY_CONTRACT: [Ratio; 4] = [
    (
        "function of contracts, start to first answer over HTTP / inbrain",
        1.15,
        Kind::Stub,
        Reference::Subject(INBRAIN),
        measure::first_answer,
    ),
    (
        "function of contracts, start to first answer over TLS / inbrain",
        1.15,
        Kind::StubOverTls,
        Reference::Subject(INBRAIN),
        measure::first_answer,
    ),
    (
        "function of contracts, warm answer, p50 / inbrain",
        1.15,
        Kind::Stub,
        Reference::Subject(INBRAIN),
        measure::warm_p50,
    ),
    (
        "function of contracts, CPU of a warm callback / inbrain",
        1.15,
        Kind::Stub,
        Reference::Subject(INBRAIN),
        measure::warm_cpu,
    ),
];

/// The targets whose subjects were measured.
#[must_use]
pub fn targets(results: &Results) -> Vec<Target> {
    let rows = |role, kind| {
        let rows = results.rows.iter();
        rows.filter(move |row| row.role == role && row.kind == kind)
    };
    let worst = |what, at_most, measured: Vec<(f64, &str)>| {
        let (measured, worst) = measured.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Target { what, at_most, measured, worst: worst.to_owned() })
    };
    let mut targets = Vec::new();
    let of_functions = RATIOS.map(|ratio| (Role::Function, ratio));
    let by_contract = BY_CONTRACT.map(|ratio| (Role::Contract, ratio));
    for (role, (what, at_most, kind, reference, measure)) in
        of_functions.into_iter().chain(by_contract)
    {
        let ratio = |row: &Row| row.ratio(reference.of(results, row)?, measure);
        let measured = rows(role, kind)
            .filter_map(|row| Some((ratio(row)?.median, row.name.as_str())))
            .collect();
        targets.extend(worst(what, at_most, measured));
    }
    let stub = || rows(Role::Function, Kind::Stub).chain(rows(Role::Contract, Kind::Stub));
    let sizes = stub().map(|row| (wide(row.package), row.name.as_str())).collect();
    targets.extend(worst("package, zipped, in bytes", LARGEST_RECEIVER, sizes));
    let sizes = results.settlers.iter().map(|(name, size)| (wide(*size), *name)).collect();
    targets.extend(worst("package that settles, zipped, in bytes", LARGEST_SETTLER, sizes));
    let requests =
        stub().filter_map(|row| Some((row.spread(measure::requests)?.median, row.name.as_str())));
    targets.extend(worst("DynamoDB requests per callback", 1.0, requests.collect()));
    let units = stub().filter_map(|row| {
        let units = row.item_size()?.div_ceil(1024);
        Some((wide(units as u64), row.name.as_str()))
    });
    targets.extend(worst("write units of the table per callback", 1.0, units.collect()));
    let verification = results.verification.iter();
    let verification = verification.map(|of| (of.verify.median / of.hash.median, of.scheme));
    targets.extend(worst("verification / the bare hash", 1.5, verification.collect()));
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_is_met_by_as_much() {
        let target = |measured| Target { what: "", at_most: 1.0, measured, worst: String::new() };
        assert!(target(1.0).is_met());
        assert!(!target(1.01).is_met());
    }
}
