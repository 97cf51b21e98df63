//! The function on one CPU, everything else on another: neither waits for the other's.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::error::Error;

/// The two CPUs.
#[derive(Debug, Clone, Copy)]
pub struct Cpus {
    /// Of the driver and the stores.
    pub driver: usize,
    /// Of the function.
    pub function: usize,
}

impl Cpus {
    /// The first and the last CPU that this process may use, which are the same one where there is no
    /// other.
    ///
    /// # Errors
    ///
    /// Where there are no CPUs to choose from.
    pub fn choose() -> Result<Self, Error> {
        let allowed =
            sched_getaffinity(None).map_err(|error| Error::machine("CPU affinity")(&error))?;
        let mut allowed = (0..CpuSet::MAX_CPU).filter(|&cpu| allowed.is_set(cpu));
        let driver = allowed.next().ok_or_else(|| Error::Machine("no CPU".to_owned()))?;
        Ok(Self { driver, function: allowed.next_back().unwrap_or(driver) })
    }
}

/// Keeps the calling thread, and what it starts, on `cpu`.
///
/// # Errors
///
/// Where the system refuses.
pub fn stay_on(cpu: usize) -> Result<(), Error> {
    let mut set = CpuSet::new();
    set.set(cpu);
    sched_setaffinity(None, &set).map_err(|error| Error::machine("CPU affinity")(&error))
}
