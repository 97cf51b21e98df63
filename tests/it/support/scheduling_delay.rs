//! How late this machine is with everything, because it has too much to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long the clock sleeps that is asked how late it woke.
const TICK: Duration = Duration::from_millis(20);

/// A clock that runs until the process ends.
#[derive(Debug, Clone)]
pub(crate) struct SchedulingDelay(Arc<AtomicU64>);

impl SchedulingDelay {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let late = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&late);
        thread::spawn(move || {
            loop {
                let begun = Instant::now();
                thread::sleep(TICK);
                let overslept = begun.elapsed().saturating_sub(TICK).as_micros();
                clock.fetch_add(overslept.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
            }
        });
        Self(late)
    }

    /// By how much it was late in all since it was started.
    pub(crate) fn so_far(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }
}
