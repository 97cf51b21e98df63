//! Records that have a dead letter and do not say so.
//!
//! SQS moves a message to the dead letters on its own, after the last attempt that its queue allows, and
//! the record is not told. Whoever asks for dead letters looks into their queues first, and marks
//! the records as dead; then the same commands work whoever moved the message there.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use tables::callbacks::progress::UNSETTLED;
use tables::callbacks::{Reason, State, Stored};

use crate::dead_letters::{self, Cause, DeadLetter, LOOKED_AT};
use crate::error::Error;
use crate::record::{self, Item};
use crate::stack::Stack;

/// The reason on a record whose message its queue moved to the dead letters.
const REASON: Reason = Reason::BuriedByQueue;

/// A dead letter of a record.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The logical id of its dead-letter queue.
    pub queue: String,
    /// Why it is there.
    pub reason: Cause,
}

/// The dead letter that tells of the record `id`, among the first of the dead letters of each of `queues`.
pub async fn find(stack: &Stack, queues: &[&str], id: &str) -> Result<Option<Found>, Error> {
    for queue in queues.iter().filter_map(|queue| dead_letters::of_queue(stack, queue)) {
        let letters = dead_letters::look(stack, queue).await?;
        let letter = letters.into_iter().find(|letter| letter.record.as_deref() == Some(id));
        if let Some(letter) = letter {
            let reason = letter.cause;
            return Ok(Some(Found { queue: queue.to_owned(), reason }));
        }
    }
    Ok(None)
}

/// Says on every record that has a dead letter and does not know of it that it is dead, as far as
/// [`dead_letters::look`] sees; those records, as they are now. An index may need a moment to hold them.
pub async fn mark_all(stack: &Stack) -> Result<Vec<Item>, Error> {
    let mut marked = Vec::new();
    for queue in stack.resources("AWS::SQS::Queue") {
        if dead_letters::source(stack, queue).is_some() {
            let letters = dead_letters::look(stack, queue).await?;
            if letters.len() >= LOOKED_AT {
                terminal::tell(format_args!(
                    "only the first {LOOKED_AT} of {queue} were looked at"
                ));
            }
            marked.extend(mark(stack, &letters).await?);
        }
    }
    Ok(marked)
}

/// Says on the records that `letters` tell of that they are dead; those that did not say so, as they are now.
pub async fn mark(stack: &Stack, letters: &[DeadLetter]) -> Result<Vec<Item>, Error> {
    let ids: BTreeSet<_> = letters.iter().filter_map(|letter| letter.record.as_deref()).collect();
    let mut marked = Vec::new();
    for id in ids {
        marked.extend(mark_one(stack, id).await?);
    }
    Ok(marked)
}

/// Says on the record `id`, of which there is a dead letter, that it is dead, where it does not say so
/// and is not settled; the record as it is then.
pub async fn mark_one(stack: &Stack, id: &str) -> Result<Option<Item>, Error> {
    let Some(mut item) = record::find(stack, id).await? else { return Ok(None) };
    match record::state(&item) {
        Stored::Known(state) if UNSETTLED.contains(&state) => {}
        _ => return Ok(None),
    }
    match stack.store()?.mark_dead(id, Timestamp::now(), REASON).await {
        Ok(true) => {
            // What was written, which needs no second read.
            let dead = State::Dead.as_str();
            for (name, value) in [("state", dead), ("attention", dead), ("reason", REASON.as_str())]
            {
                item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
            }
            Ok(Some(item))
        }
        Ok(false) => Ok(None),
        // Who may only read is shown what is there.
        Err(unavailable) => {
            terminal::tell(format_args!(
                "{id} has a dead letter and does not say so, and could not be marked: {unavailable}"
            ));
            Ok(None)
        }
    }
}
