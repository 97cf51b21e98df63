//! CPU instructions from process start to the first answer, counted by callgrind: they are the same
//! however busy the machine is.

use std::ffi::OsString;
use std::process::Command;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::AsyncReadExt as _;
use tokio::process::ChildStderr;

use crate::error::Error;
use crate::start::Launch;

/// Whether callgrind is there.
#[must_use]
pub fn available() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Counts the instructions of one start.
///
/// # Errors
///
/// When the function does not answer, or callgrind says nothing.
pub async fn count(launch: &mut Launch<'_>) -> Result<u64, Error> {
    let callgrind = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let mut running = launch.start(&callgrind.map(OsString::from)).await?;
    running.asked().await?;
    running.answer(launch.callbacks.next_event()?).await?;
    let silent = || Error::Function {
        subject: launch.subject.name.clone(),
        what: "callgrind counted nothing".to_owned(),
    };
    let process = Pid::from_child(&running.process);
    kill_process(process, Signal::TERM).map_err(|error| Error::machine("callgrind")(&error))?;
    let stderr = running.process.stderr.take().ok_or_else(silent)?;
    let mut text = Vec::new();
    let mut stderr =
        ChildStderr::from_std(stderr).map_err(|error| Error::machine("callgrind")(&error))?;
    stderr.read_to_end(&mut text).await.map_err(|error| Error::machine("callgrind")(&error))?;
    collected(&String::from_utf8_lossy(&text)).ok_or_else(silent)
}

/// The total in what callgrind says at the end.
fn collected(text: &str) -> Option<u64> {
    let total = text.lines().rev().find_map(|line| line.split_once("Collected :"))?.1;
    total.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_found() {
        let text = "==7== Events    : Ir\n==7== Collected : 12345\n==7==\n";
        assert_eq!(collected(text), Some(12_345));
        assert_eq!(collected("nothing"), None);
    }
}
