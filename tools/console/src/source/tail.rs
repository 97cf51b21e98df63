//! The end of a stack's log, read anew every few seconds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use operator::error::Error;
use operator::log::{Log, Read};
use operator::stack::{Stack, Target};
use tokio::sync::broadcast;

use crate::item::{Item, Logged};

/// How many lines are kept.
const MOST: usize = 1_000;

/// How far somebody who waits may be behind.
const BEHIND: usize = 256;

/// How often the log is read: each time it is one request to CloudWatch Logs for every function that receives, which
/// answers five a second at least ("CloudWatch Logs quotas").
const EVERY: Duration = Duration::from_secs(5);

/// The end of a stack's log.
#[derive(Debug)]
pub struct Tail {
    name: String,
    target: Target,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    next: broadcast::Sender<Item>,
}

#[derive(Debug, Default)]
struct Kept {
    items: VecDeque<Item>,
    number: u64,
    /// Why it cannot be read, or not all of it.
    problem: Option<String>,
}

impl Tail {
    /// That of `stack`, which `target` leads to, from so long ago on.
    ///
    /// # Errors
    ///
    /// What CloudWatch Logs says at the first time; later the page says it.
    pub async fn open(stack: Stack, target: Target, ago: SignedDuration) -> Result<Self, Error> {
        let (next, _) = broadcast::channel(BEHIND);
        let shared = Arc::new(Shared { kept: Mutex::default(), next });
        let now = Timestamp::now();
        let mut log = Log::since(now - ago);
        shared.take(log.next(&stack, now).await?);
        let tail = Self { name: stack.name.clone(), target, shared: Arc::clone(&shared) };
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                match log.next(&stack, Timestamp::now()).await {
                    Ok(read) => shared.take(read),
                    Err(error) => shared.kept().problem = Some(error.to_string()),
                }
            }
        });
        Ok(tail)
    }

    /// The stack's name.
    #[must_use]
    pub fn stack(&self) -> &str {
        &self.name
    }

    /// What leads to the stack.
    #[must_use]
    pub const fn target(&self) -> &Target {
        &self.target
    }

    /// Those that are kept, the last one first.
    #[must_use]
    pub fn recent(&self) -> Vec<Item> {
        self.shared.kept().items.iter().rev().cloned().collect()
    }

    /// What comes from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Item> {
        self.shared.next.subscribe()
    }

    /// Why what is shown is not all that there is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.shared.kept().problem.clone()
    }
}

impl Shared {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, Read { lines, is_cut }: Read) {
        let mut kept = self.kept();
        kept.problem = is_cut.then(|| "more was logged than is shown here".to_owned());
        for line in lines {
            kept.number += 1;
            let item = Item::Logged(Arc::new(Logged { number: kept.number, line }));
            kept.items.push_back(item.clone());
            if kept.items.len() > MOST {
                kept.items.pop_front();
            }
            // Nobody may be waiting.
            let _ = self.next.send(item);
        }
    }
}
