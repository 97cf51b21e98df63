//! What one start tells, as a number.

use crate::start::Start;
use crate::stats::{ms, quantile, wide};

/// A number that a start tells, if it does.
pub type Measure = fn(&Start) -> Option<f64>;

/// Process start to the first request for an event, in milliseconds.
#[must_use]
pub fn init(start: &Start) -> Option<f64> {
    Some(ms(start.init))
}

/// Process start to the first answer, in milliseconds.
#[must_use]
pub fn first_answer(start: &Start) -> Option<f64> {
    Some(ms(start.first_answer))
}

/// The second callback, in milliseconds.
#[must_use]
pub fn second(start: &Start) -> Option<f64> {
    start.answers.get(1).copied().map(ms)
}

/// The hundredth callback, in milliseconds.
#[must_use]
pub fn hundredth(start: &Start) -> Option<f64> {
    start.answers.get(99).copied().map(ms)
}

/// The median of the warm callbacks, in milliseconds.
#[must_use]
pub fn warm_p50(start: &Start) -> Option<f64> {
    warm(start, 50)
}

/// What one in a hundred warm callbacks takes longer than, in milliseconds.
#[must_use]
pub fn warm_p99(start: &Start) -> Option<f64> {
    warm(start, 99)
}

fn warm(start: &Start, percent: usize) -> Option<f64> {
    let skipped = start.answers.len().checked_sub(start.warm_callbacks)?;
    let mut warm: Vec<_> = start.answers.iter().skip(skipped).copied().map(ms).collect();
    warm.sort_by(f64::total_cmp);
    quantile(&warm, percent)
}

/// Time on a CPU for a warm callback, in milliseconds.
#[must_use]
pub fn warm_cpu(start: &Start) -> Option<f64> {
    Some(ms(start.warm_cpu) / wide(start.warm_callbacks as u64))
}

/// Warm callbacks per second, one after another.
#[must_use]
pub fn per_second(start: &Start) -> Option<f64> {
    Some(wide(start.warm_callbacks as u64) / start.warm.as_secs_f64())
}

/// Largest resident size, in MiB.
#[must_use]
pub fn peak_mib(start: &Start) -> Option<f64> {
    Some(wide(start.peak_kib) / 1024.0)
}

/// DynamoDB requests per callback.
#[must_use]
pub fn requests(start: &Start) -> Option<f64> {
    Some(wide(start.requests) / wide(start.answers.len() as u64))
}
