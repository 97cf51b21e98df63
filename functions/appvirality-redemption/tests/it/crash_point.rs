//! Ends an attempt at any request, as a killed process does.

use std::sync::Mutex;

use test_support::Answer;
use tokio::sync::Notify;

/// Where an attempt ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    /// Before the request with this number, counted from 1, is carried out.
    Before(usize),
    /// After it is carried out, before its reply.
    After(usize),
}

/// Every request of the function passes through.
#[derive(Debug, Default)]
pub(crate) struct CrashPoint {
    /// How many have passed, and where the attempt ends.
    state: Mutex<(usize, Option<Crash>)>,
    crashed: Notify,
}

impl CrashPoint {
    /// Ends the attempt at `crash`, counted from the next request on.
    pub(crate) fn crash_at(&self, crash: Option<Crash>) {
        *self.state.lock().expect("no panic") = (0, crash);
    }

    /// Lets a request through, which `work` carries out. Where the attempt ends at it, nothing is heard of
    /// it any more.
    pub(crate) async fn pass(&self, work: impl Future<Output = Answer>) -> Answer {
        let crash = {
            let mut state = self.state.lock().expect("no panic");
            state.0 += 1;
            let (number, crash) = *state;
            crash.filter(|(Crash::Before(at) | Crash::After(at))| *at == number)
        };
        if let Some(Crash::Before(_)) = crash {
            self.end().await;
        }
        let answer = work.await;
        if crash.is_some() {
            self.end().await;
        }
        answer
    }

    async fn end(&self) {
        self.crashed.notify_one();
        std::future::pending::<()>().await;
    }

    /// Waits until the attempt ends.
    pub(crate) async fn crashed(&self) {
        self.crashed.notified().await;
    }
}
