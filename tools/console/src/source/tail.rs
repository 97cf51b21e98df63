//! The end of a stack's log, read anew every few seconds.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use operator::error::Error;
use operator::log::{Log, Read};
use operator::stack::Stack;
use tokio::sync::broadcast;

use crate::item::{Item, Logged};
use crate::source::News;

/// How many lines are kept.
const MOST: usize = 1_000;

/// How far somebody who waits may be behind.
const BEHIND: usize = 256;

/// The pause between two looks at the logs, each of which takes a second and more.
const EVERY: Duration = Duration::from_secs(5);

/// The end of a stack's log.
#[derive(Debug)]
pub struct Tail {
    stack: Arc<Stack>,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    next: broadcast::Sender<News>,
}

#[derive(Debug, Default)]
struct Kept {
    items: VecDeque<Item>,
    number: u64,
    /// Whether there are older lines since the time that was asked for.
    is_cut: bool,
    /// Why the logs cannot be read now.
    problem: Option<String>,
}

impl Tail {
    /// That of `stack`, from so long ago on.
    ///
    /// # Errors
    ///
    /// What CloudWatch Logs says at the first time; later the page says it.
    pub async fn open(stack: Stack, ago: SignedDuration) -> Result<Self, Error> {
        let (next, _) = broadcast::channel(BEHIND);
        let shared = Arc::new(Shared { kept: Mutex::default(), next });
        let now = Timestamp::now();
        let mut log = Log::of(&stack, now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH));
        let first = log.next(&stack, now).await;
        if let Some(problem) = first.problem {
            return Err(problem);
        }
        shared.take(first);
        let tail = Self { stack: Arc::new(stack), shared };
        let (stack, shared) = (Arc::clone(&tail.stack), Arc::clone(&tail.shared));
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                shared.take(log.next(&stack, Timestamp::now()).await);
            }
        });
        Ok(tail)
    }

    /// The stack.
    #[must_use]
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Those that are kept, the last one first.
    #[must_use]
    pub fn recent(&self) -> Vec<Item> {
        self.shared.kept().items.iter().rev().cloned().collect()
    }

    /// What comes from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.shared.next.subscribe()
    }

    /// Why what is shown is not all that there is.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        let kept = self.shared.kept();
        let cut = || kept.is_cut.then(|| "Older requests than these are not shown.".to_owned());
        kept.problem.clone().or_else(cut)
    }
}

impl Shared {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, Read { lines, is_cut, problem }: Read) {
        let mut kept = self.kept();
        kept.is_cut |= is_cut;
        let problem = problem.map(|error| format!("The logs cannot be read now: {error}"));
        if kept.problem != problem {
            kept.problem = problem;
            // Nobody may be waiting, here and below.
            let _ = self.next.send(News::Problem);
        }
        for line in lines {
            kept.number += 1;
            let item = Item::Logged(Arc::new(Logged { number: kept.number, line }));
            kept.items.push_back(item.clone());
            if kept.items.len() > MOST {
                kept.items.pop_front();
                kept.is_cut = true;
            }
            let _ = self.next.send(News::Request(item));
        }
    }
}
