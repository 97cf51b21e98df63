//! The last of what comes, and no more than there is room for.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// How many are kept, and how many bytes of them.
pub(super) const MOST: usize = 1_000;
pub(super) const MOST_BYTES: usize = 32 * 1024 * 1024;

/// The last of what came.
pub(super) struct Ring<T>(Mutex<Kept<T>>);

struct Kept<T> {
    /// Each with its size in bytes.
    all: VecDeque<(Arc<T>, usize)>,
    bytes: usize,
    number: u64,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { all: VecDeque::new(), bytes: 0, number: 0 }))
    }
}

impl<T> Ring<T> {
    /// Takes what `made` makes of its number, the first of which is 1, and that has so many bytes.
    pub(super) fn push(&self, bytes: usize, made: impl FnOnce(u64) -> T) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.number += 1;
        let new = Arc::new(made(kept.number));
        kept.bytes += bytes;
        kept.all.push_back((Arc::clone(&new), bytes));
        while kept.all.len() > MOST || kept.bytes > MOST_BYTES {
            let Some((_, bytes)) = kept.all.pop_front() else { break };
            kept.bytes -= bytes;
        }
        new
    }

    /// Those that are kept and wanted, the last one first.
    pub(super) fn recent(&self, is_wanted: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = kept.all.iter().rev().map(|(it, _)| it);
        all.filter(|it| is_wanted(it)).cloned().collect()
    }
}
